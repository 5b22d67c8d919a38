# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A record of what is done, line by line as it happens, for the case that nobody is left to say it."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError


class Journal:
    """JSON lines appended to a file that only its owner can read; each is on disk before the next step."""

    def __init__(self, path: str | None) -> None:
        """Opens the file at ``path``, or none. Raises OptionError when that can not be done."""
        self._lock = threading.Lock()
        self._file: int | None = None
        if path:
            try:
                self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
                os.fchmod(self._file, 0o600)
            except OSError as problem:
                raise OptionError(f"journal: '{path}' can not be written: {problem.strerror}") from None

    def write(self, **facts: t.Any) -> None:
        """Appends one line with the time and ``facts``."""
        if self._file is None:
            return
        now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._lock:
            os.write(self._file, (json.dumps(dict(time=now, **facts)) + "\n").encode("ascii"))
            os.fsync(self._file)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
