# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read files with credentials, and convert their values to credentials. Messages contain no values of the files, except names of profiles."""

from __future__ import annotations

import os
import stat
import typing as t
from dataclasses import dataclass, field

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    Credentials,
    Kind,
    Selector,
    Value,
    describe_incomplete,
    find_complete_kinds,
    join_names,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

MAX_BYTES = 1024 * 1024
# Bits of the mode that let the group or others read or change a file.
_OPEN_TO_OTHERS = 0o066
# Messages do not name more profiles than this.
_MAX_NAMES = 20
_HINT_INCOMPLETE = "Set all credentials in one source: other sources do not complete a file"


@dataclass(frozen=True)
class SecretFile:
    """The text of a file, its path for messages, and its mode."""

    path: str
    text: str = field(repr=False)
    mode: int

    def find_warnings(self) -> tuple[str, ...]:
        """Return a warning if other users can read or change the file. Call this only for files that contain secrets."""
        if not self.mode & _OPEN_TO_OTHERS:
            return ()
        return (
            f"'{self.path}' contains secrets, and its mode {self.mode:04o} lets other users read or change it. "
            f"Run: chmod 600 '{self.path}'",
        )


def expand_path(path: str) -> str:
    """Return the absolute path of a file, with the home directory and variables expanded."""
    return os.path.abspath(os.path.expanduser(os.path.expandvars(path)))


def read_secret_file(path: str, origin: str = "") -> SecretFile:
    """Return a text file. ``origin`` is the option or variable with its path, for messages.

    Raise OptionError if it does not exist, cannot be read, is not a regular file, is too large or is not UTF-8.
    """
    hint = f"Check {origin}" if origin else None
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for a writer.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OptionError(f"'{path}' is not a regular file", hint=hint)
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise OptionError(f"'{path}' cannot be read: {error.strerror}", hint=hint) from None
    if len(content) > MAX_BYTES:
        raise OptionError(f"'{path}' is larger than {MAX_BYTES // 1024} KiB", hint=hint)
    try:
        return SecretFile(path, content.decode("utf-8-sig"), stat.S_IMODE(status.st_mode))
    except UnicodeDecodeError:
        raise OptionError(f"'{path}' is not valid text in UTF-8", hint=hint) from None


def read_values(path: str, entries: t.Mapping[str, t.Any], keys: t.Mapping[str, t.Sequence[str]]) -> dict[str, Value]:
    """Return the values of options. ``keys`` are the keys in the file for each option.

    Values that are null or empty are not set. Raise OptionError for a value that is not text, and for two keys with different values.
    """
    values: dict[str, Value] = {}
    for option, names in keys.items():
        for name in names:
            value = _read_text(path, name, entries.get(name))
            if value and option in values and values[option].value != value:
                raise OptionError(f"'{path}' sets both {values[option].variable} and {name}", hint="Keep one of them")
            if value:
                values.setdefault(option, Value(value, name))
    return values


def _read_text(path: str, name: str, value: t.Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OptionError(f"'{path}': the value of {name} is not text", hint="Put the value in quotes")
    return value.strip("\r\n") if name in ("username", "password") else value.strip()


def build_credentials(
    selector: Selector,
    location: str,
    values: t.Mapping[str, Value],
    keys: t.Mapping[str, t.Sequence[str]],
    kinds: t.Sequence[str] = (),
) -> Credentials:
    """Return the first complete set of the ``kinds`` (by default, of all kinds), without settings. Raise OptionError if none is complete."""
    complete = [kind for kind in find_complete_kinds(values) if not kinds or kind.name in kinds]
    if not complete:
        incomplete = describe_incomplete(values, lambda option: (*keys.get(option, ()), option)[0])
        message = f"Incomplete credentials in {location}: {'; '.join(incomplete)}" if incomplete else ""
        raise OptionError(message or f"No credentials in {location}", hint=_HINT_INCOMPLETE)
    return _build(complete[0], selector, location, values)


def _build(kind: Kind, selector: Selector, location: str, values: t.Mapping[str, Value]) -> Credentials:
    labelled = {option: Value(value.value, f"{value.variable} in {location}") for option, value in values.items()}
    fields = vars(kind.build(labelled, selector.source))
    return Credentials(**{**fields, "origins": selector.origins, "location": location})


def unknown_name(what: str, name: str, path: str, names: t.Iterable[str], hint: str) -> OptionError:
    """Return the error for a profile or cloud that is not in a file, or that is not selected (``name`` is empty). The error lists the names in the file."""
    known = [f"'{one}'" for one in names]
    label = f"the {what} '{name}'" if name else f"a {what}"
    if not known:
        return OptionError(f"'{path}' contains no {what}", hint=f"Add {label} to the file, or select another file")
    more = f" and {len(known) - _MAX_NAMES} more" if len(known) > _MAX_NAMES else ""
    message = f"'{path}' does not contain {label}" if name else f"No {what} of '{path}' is selected"
    return OptionError(f"{message}. Available: {join_names(known[:_MAX_NAMES])}{more}", hint=hint)
