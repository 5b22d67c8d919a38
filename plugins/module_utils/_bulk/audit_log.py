# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The audit log of a task: a line for each event as it happens, in case the task ends without a result."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError


class AuditLog:
    """JSON lines in a file that only its owner can read. Each line is written before the next step, so it survives the process."""

    def __init__(self, path: str | None, warn: t.Callable[[str], None] = lambda text: None) -> None:
        """Open the file at ``path``, if there is one. Raise OptionError if it cannot be opened. ``warn`` receives later errors."""
        self._lock = threading.Lock()
        self._path = path
        self._warn = warn
        self._file = _open_private(path) if path else None

    def write(self, **facts: t.Any) -> None:
        """Append one line with the time and ``facts``."""
        if self._path is None:
            return
        now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = (json.dumps(dict(time=now, **facts)) + "\n").encode("ascii")
        with self._lock:
            if self._file is None:
                return
            try:
                os.write(self._file, line)
            except OSError as problem:
                os.close(self._file)
                self._file = None
                self._warn(f"The audit log '{self._path}' is incomplete: {problem.strerror}.")

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = None


def _open_private(path: str) -> int:
    try:
        # Without the last flag, opening a pipe would wait for its reader.
        found = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as problem:
        raise OptionError(f"audit_log: '{path}' cannot be written: {problem.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(found).st_mode):
            raise OptionError(f"audit_log: '{path}' is not a file")
        os.fchmod(found, 0o600)
    except OSError as problem:
        os.close(found)
        raise OptionError(f"audit_log: the mode of '{path}' cannot be set to 0600: {problem.strerror}") from None
    except OptionError:
        os.close(found)
        raise
    return found
