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
import stat
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError


class AuditLog:
    """JSON lines appended to a file that only its owner can read. Each is handed to the system before the next step, so that it outlives us."""

    def __init__(self, path: str | None, warn: t.Callable[[str], None] = lambda text: None) -> None:
        """Opens the file at ``path``, or none. Raises OptionError when that can not be done; ``warn`` hears when it can not go on."""
        self._lock = threading.Lock()
        self._path = path
        self._warn = warn
        self._file = _opened(path) if path else None

    def write(self, **facts: t.Any) -> None:
        """Appends one line with the time and ``facts``."""
        now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = (json.dumps(dict(time=now, **facts)) + "\n").encode("ascii")
        with self._lock:
            if self._file is None:
                return
            try:
                os.write(self._file, line)
            except OSError as problem:
                _closed(self._file)
                self._file = None
                self._warn(f"The audit log '{self._path}' ends too early: {problem.strerror}.")

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                _closed(self._file)
            self._file = None


def _opened(path: str) -> int:
    try:
        # Without the last flag a pipe would wait for its reader.
        found = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as problem:
        raise OptionError(f"audit_log: '{path}' can not be written: {problem.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(found).st_mode):
            raise OptionError(f"audit_log: '{path}' is not a file")
        os.fchmod(found, 0o600)
    except OSError as problem:
        os.close(found)
        raise OptionError(
            f"audit_log: '{path}' can not be made readable for its owner only: {problem.strerror}"
        ) from None
    except OptionError:
        os.close(found)
        raise
    return found


def _closed(file: int) -> None:
    os.close(file)
