# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Share issued tokens and temporary keys between the processes of one user, in a directory.

Anyone who can read a file in the directory has the access of the user for up to one day. Therefore, the directory and its files must belong to the
user, and others must have no access to them. If this is not certain, the process gets its own token, as without the cache.
"""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import fcntl
import hashlib
import hmac
import json
import math
import os
import re
import stat
import time
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment

Entry = t.Dict[str, t.Optional[str]]

# An entry must be valid for at least this time, because the task may take some time. Keys of an agency can have a shorter life from the start, so
# half of their life is enough. Both are longer than the time before the expiration at which a task renews an entry.
MIN_LIFE = dt.timedelta(minutes=15)
# IAM issues no tokens or keys that are valid for more than one day. The additional hour allows for inexact clocks.
MAX_LIFE = dt.timedelta(hours=25)
_MAX_BYTES = 64 * 1024
# The suffixes of the files of an entry. The file "retry" exists after a failed renewal, and contains no secret.
_ENTRY, _RETRY = "json", "retry"
_OTHERS = 0o077
_WRITABLE_BY_OTHERS = 0o022
# Maximum time to wait for another process that gets the token, in seconds. That process may be slow or stopped, so the task then gets its own token.
_LOCK_TIMEOUT, _LOCK_INTERVAL = 20.0, 0.05
_FILE_NAME = re.compile(
    r"(?P<name>[0-9a-f]{64})\.(?:(?P<lock>lock)|(?:json|retry)(?P<unfinished>\.[0-9]+\.[0-9a-f]{16})?)"
)
# Writing a file takes much less time than this. A process that was killed leaves an unfinished file.
_MAX_WRITE_TIME = dt.timedelta(hours=1)
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class TokenCache:
    """Reads and stores the entry of one identity in the directory."""

    def __init__(
        self,
        directory: str,
        connection: Connection,
        keys: t.Sequence[str],
        *,
        sleep: t.Callable[[float], None] = time.sleep,
        monotonic: t.Callable[[], float] = time.monotonic,
    ) -> None:
        """Initialize the cache without requests. ``keys`` are the keys of an entry. The value of the first one identifies an entry."""
        self._directory = _resolve_directory(directory)
        self._connection = connection
        self._name = name_entry(connection)
        self._keys = tuple(keys)
        self._min_life = _calculate_min_life(connection)
        self._sleep = sleep
        self._monotonic = monotonic

    def for_server(self, access_key: str) -> TokenCache:
        """Return the entry for a server whose metadata service provides an access key. The connection alone does not identify the server."""
        cache = copy.copy(self)
        cache._name = name_entry(self._connection, access_key)
        return cache

    def get_or_create(
        self,
        now: t.Callable[[], dt.datetime],
        create: t.Callable[[], Entry],
        rejected: str | None = None,
        time_left: float = math.inf,
    ) -> Entry:
        """Return the stored entry, or create and store a new one. Raise only the errors of ``create``.

        If several processes need a new entry at the same time, one creates it for all. The others wait for it, for at most 20 seconds and half of
        ``time_left``. Then they create their own entries, which is safe and needs a request each. ``rejected`` is the value of the first key that
        the service has rejected. An entry with this value is deleted.
        """
        if not self.is_safe():
            return create()

        def find() -> Entry | None:
            entry = self._read(now())
            return None if entry is None or entry[self._keys[0]] == rejected else entry

        entry = find()
        if entry is not None:
            return entry
        with self._locked(lambda: find() is not None, min(_LOCK_TIMEOUT, time_left / 2)):
            # Another process may have stored a new entry during the wait for the lock.
            return find() or self._replace(now, create, is_rejected=rejected is not None)

    def _replace(self, now: t.Callable[[], dt.datetime], create: t.Callable[[], Entry], *, is_rejected: bool) -> Entry:
        if is_rejected:
            self._delete(_ENTRY)
        entry = create()
        self.store(entry, now())
        return entry

    def store(self, entry: Entry, now: dt.datetime) -> None:
        """Store a new entry if it is fresh, and delete old files. If the file cannot be written, store nothing."""
        if self.is_fresh(entry, now):
            self._write(_ENTRY, entry)
            self._delete(_RETRY)
        delete_old_files(self._directory, now)

    @contextlib.contextmanager
    def _locked(self, is_stored: t.Callable[[], bool], timeout: float) -> t.Iterator[None]:
        """Hold the lock of the entry. Continue without the lock after a timeout, if the entry is stored, or if the file system has no locks."""
        with self.open_lock() as descriptor:
            if descriptor is not None:
                self._wait_for_lock(descriptor, is_stored, timeout)
            yield

    @contextlib.contextmanager
    def open_lock(self) -> t.Iterator[int | None]:
        """Open the file for the lock, without waiting for the lock. The descriptor is ``None`` if this is not possible."""
        try:
            descriptor = os.open(self._path("lock"), _LOCK, 0o600)
        except OSError:
            yield None
            return
        try:
            yield descriptor
        finally:
            # This releases the lock.
            os.close(descriptor)

    def _wait_for_lock(self, descriptor: int, is_stored: t.Callable[[], bool], timeout: float) -> None:
        deadline = self._monotonic() + timeout
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                # A process that stopped waiting may have stored an entry while another process still holds the lock.
                if self._monotonic() >= deadline or is_stored():
                    return
            except OSError:
                return
            self._sleep(_LOCK_INTERVAL)

    def find_valid(self, now: dt.datetime) -> Entry | None:
        """Return the stored entry even if it expires soon, or ``None``. An entry that is not fresh must be renewed."""
        return self._read(now, dt.timedelta(0)) if self.is_safe() else None

    def is_safe(self) -> bool:
        """Return whether the directory is safe. Otherwise, do not use it."""
        return explain_unsafe_directory(self._directory) is None

    def is_fresh(self, entry: Entry, now: dt.datetime) -> bool:
        """Return whether an entry is complete and valid for so long that tasks can share it."""
        return self._is_usable(entry, now, self._min_life)

    def find_retry_time(self) -> dt.datetime | None:
        """Return when to renew the entry after a failed renewal of any process, or ``None`` if no failure is recorded."""
        record = _read_private_json(self._path(_RETRY))
        value = record.get("retry_at") if isinstance(record, dict) else None
        return parse_moment(value) if isinstance(value, str) else None

    def store_retry_time(self, retry_at: dt.datetime) -> None:
        """Record a failed renewal, so that no process renews the entry before a time. The next stored entry deletes the record."""
        self._write(_RETRY, {"retry_at": f"{retry_at:%Y-%m-%dT%H:%M:%S.%fZ}"})

    def _path(self, suffix: str) -> str:
        return os.path.join(self._directory, f"{self._name}.{suffix}")

    def _read(self, now: dt.datetime, min_life: dt.timedelta | None = None) -> Entry | None:
        """Return the stored entry if it is safe, complete and valid for at least ``min_life``, or else ``None``."""
        entry = _read_private_json(self._path(_ENTRY))
        return entry if self._is_usable(entry, now, self._min_life if min_life is None else min_life) else None

    def _is_usable(self, entry: t.Any, now: dt.datetime, min_life: dt.timedelta) -> bool:
        """Return whether an entry is complete and valid for at least ``min_life``."""
        if not isinstance(entry, dict) or set(entry) != {*self._keys, "expires_at"}:
            return False
        if not all(_is_header_value(value) or (key, value) == ("project_id", None) for key, value in entry.items()):
            return False
        expiration = parse_moment(entry["expires_at"] or "")
        return expiration is not None and now + min_life < expiration < now + MAX_LIFE

    def _write(self, suffix: str, content: Entry) -> None:
        """Store a content in a new file, and then rename the file. If this fails, for example because the disk is full, store nothing."""
        path = self._path(suffix)
        temporary = f"{path}.{os.getpid()}.{os.urandom(8).hex()}"
        with contextlib.suppress(OSError):
            with open(os.open(temporary, _CREATE, 0o600), "w", encoding="utf-8") as file:
                json.dump(content, file)
            os.rename(temporary, path)
            return
        with contextlib.suppress(OSError):
            os.unlink(temporary)

    def _delete(self, suffix: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._path(suffix))


def delete_old_files(directory: str, now: dt.datetime) -> None:
    """Delete expired entries, old records of failures, unfinished files, and old locks without an entry. Leave all other files unchanged."""
    with contextlib.suppress(OSError), os.scandir(directory) as found:
        files = {item.name: item for item in found}
        for item in files.values():
            match = _FILE_NAME.fullmatch(item.name)
            # Other processes delete files at the same time.
            with contextlib.suppress(OSError):
                if match and _is_old(item, match, f"{match['name']}.json" in files, now):
                    os.unlink(item.path)


def _is_old(item: os.DirEntry[str], match: re.Match[str], has_entry: bool, now: dt.datetime) -> bool:
    age = dt.timedelta(seconds=time.time() - item.stat(follow_symlinks=False).st_mtime)
    if match["unfinished"]:
        return age > _MAX_WRITE_TIME
    if match["lock"]:
        # A process may still use the lock. It then creates an entry at the same time as another process, which is safe.
        return age > MAX_LIFE and not has_entry
    return age > MAX_LIFE or _is_expired(item.path, now)


def _is_expired(path: str, now: dt.datetime) -> bool:
    """Return whether a file is an entry that has certainly expired."""
    entry = _read_private_json(path)
    expiration = parse_moment(str(entry.get("expires_at"))) if isinstance(entry, dict) else None
    return expiration is not None and expiration <= now


def _calculate_min_life(connection: Connection) -> dt.timedelta:
    if connection.agency is None:
        return MIN_LIFE
    return min(MIN_LIFE, dt.timedelta(seconds=connection.agency.duration / 2))


def name_entry(connection: Connection, server_key: str = "") -> str:
    """Return the name of the entry of an identity, which is a hash of all facts that the entry depends on. The name contains no secret.

    ``server_key`` is the access key that the metadata service provides, if the connection uses it.
    """
    credentials, agency = connection.credentials, connection.agency
    proofs = [
        hmac.new(secret.encode(), b"community.huaweicloud token cache", hashlib.sha256).hexdigest()
        for secret in credentials.secrets()
    ]
    facts = [
        connection.endpoint("iam"),
        credentials.kind,
        credentials.username,
        credentials.access_key,
        credentials.domain_name,
        credentials.domain_id,
        connection.metadata_url,
        server_key,
        list(agency) if agency else [connection.project_id, connection.project_scope_name()],
        proofs,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def explain_unsafe_directory(directory: str) -> str | None:
    """Return why the directory is not safe, or ``None`` for a safe directory. Create a missing directory."""
    if os.getuid() != os.geteuid() or os.environ.get("SUDO_UID"):
        return "tasks with become do not use it"
    directory = _resolve_directory(directory)
    reason = _explain_unsafe_parents(os.path.dirname(directory))
    if reason:
        return reason
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(directory, 0o700)
        status = os.lstat(directory)
    except OSError as error:
        return f"it cannot be created or read: {error.strerror}"
    if not stat.S_ISDIR(status.st_mode):
        return "it is not a directory"
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & _OTHERS:
        return f"other users have access to it (mode {stat.S_IMODE(status.st_mode):04o}, 0700 is required)"
    return None if os.access(directory, os.W_OK | os.X_OK) else "it is not writable"


def _resolve_directory(directory: str) -> str:
    """Return the absolute path of a directory without links in its parents. The directory itself can be a link.

    The system follows a link whose path ends with ``/`` or ``/.``. Therefore, all checks and files use the resolved path.
    """
    parent, name = os.path.split(os.path.abspath(directory))
    return os.path.join(os.path.realpath(parent), name)


def _explain_unsafe_parents(parent: str) -> str | None:
    """Return why other users could replace a directory in ``parent``, or ``None`` if they cannot."""
    path, is_first = parent, True
    while True:
        try:
            status = os.stat(path)
        except OSError as error:
            return f"'{path}' cannot be read: {error.strerror}"
        is_writable = status.st_mode & _WRITABLE_BY_OTHERS
        # In a directory such as /tmp, others can create the directory first, but cannot rename existing subdirectories.
        if is_writable and (is_first or not status.st_mode & stat.S_ISVTX):
            return f"other users can write to '{path}'"
        if status.st_uid not in (0, os.geteuid()):
            return f"'{path}' belongs to another user"
        if path == os.path.dirname(path):
            return None
        path, is_first = os.path.dirname(path), False


def _read_private_json(path: str) -> t.Any:
    """Return the content of a JSON file that only its owner can access, or ``None``."""
    content = _read_private_file(path)
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        return None


def _read_private_file(path: str) -> str | None:
    """Return the text of a regular file that only its owner can access, or ``None``."""
    try:
        with open(os.open(path, _READ), "rb") as file:
            status = os.fstat(file.fileno())
            is_private = status.st_uid == os.geteuid() and not status.st_mode & _OTHERS and status.st_nlink == 1
            if not stat.S_ISREG(status.st_mode) or not is_private or status.st_size > _MAX_BYTES:
                return None
            return file.read(_MAX_BYTES).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None


def _is_header_value(value: t.Any) -> bool:
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()
