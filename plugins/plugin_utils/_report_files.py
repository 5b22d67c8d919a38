# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Write reports on the controller: in several formats, atomically, and only if something changes."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import typing as t

import jinja2
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import CANARY
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import PLAN
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import list_formats, render_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import DRIFT_TARGETS, PLAN_TARGETS

# The formats with their names. Each format is also the extension of its files.
FORMAT_NAMES = {"json": "JSON", "md": "Markdown", "html": "HTML", "xml": "JUnit XML"}
# Other mappings can only be written as JSON.
_REPORTS = (PLAN, DRIFT, PLAN_TARGETS, DRIFT_TARGETS, CANARY)
# A symbolic mode changes this mode if the file is new, because reports can be confidential.
_NEW_FILE = os.stat_result((stat.S_IFREG | 0o600, *[0] * 9))


class ReportFileError(Exception):
    """A report cannot be written."""


class WriteOptions(t.NamedTuple):
    """How to write reports.

    formats: The formats. The first one is written to the path of the report, the others beside it.
    mode: The mode of the files: octal digits as text, a number, or symbolic.
    protected_paths: Paths of files that no report may replace. Blank paths are ignored.
    conflict_message: The message if a report would replace one of them, instead of one that names both files.
    predicts: Whether to write nothing, as in check mode.
    """

    formats: t.Sequence[str] = tuple(FORMAT_NAMES)
    mode: t.Any = "0600"
    protected_paths: t.Sequence[str] = ()
    conflict_message: str = ""
    predicts: bool = False


class _File(t.NamedTuple):
    """One file to write."""

    path: str
    data: bytes
    mode: int
    # The existing file, if there is one.
    before: t.Optional[os.stat_result]
    is_changed: bool


def find_paths(path: str, target: str = "", formats: t.Sequence[str] = tuple(FORMAT_NAMES)) -> dict[str, str]:
    """Return the paths of a report by format: the first format at ``path``, and the others beside it.

    Arguments:
        path: The path of the combined report.
        target: The name of a target, for the paths of the report of that target. The name is inserted before the extension.
        formats: The formats.
    """
    stem, extension = os.path.splitext(path)
    stem = f"{stem}.{target}" if target else stem
    return {**{name: f"{stem}.{name}" for name in formats}, formats[0]: f"{stem}{extension}"}


def write_reports(reports: t.Mapping[str, t.Any], options: WriteOptions) -> bool:
    """Write reports, or predict whether they change. Return whether the content or the mode of a file changes.

    Checks all paths before the first file is written.

    Arguments:
        reports: The reports, of plain data, by the paths of their first format.
        options: How to write them.

    Raise ReportFileError if a file cannot be written. Its message has no values of the reports.
    """
    for path in reports:
        _check_extension(path, options.formats)
    paths = {path: find_paths(path, formats=options.formats) for path in reports}
    for file in (file for found in paths.values() for file in found.values()):
        _check_protected(file, options)
    changes = [_write_report(reports[path], found, options) for path, found in paths.items()]
    return any(changes)


def _check_extension(path: str, formats: t.Sequence[str]) -> None:
    first, *others = formats
    if os.path.splitext(path)[1] in [f".{name}" for name in others]:
        raise ReportFileError(
            f"{path} cannot be the {FORMAT_NAMES[first]} report, because other reports beside it have this extension."
            f" Use another one, such as .{first}."
        )


def _check_protected(path: str, options: WriteOptions) -> None:
    for protected in filter(None, options.protected_paths):
        if _is_same_file(path, protected):
            raise ReportFileError(
                options.conflict_message
                or f"Nothing was written: {path} is the desired-state file {protected}. Write to another file."
            )


def _is_same_file(path: str, other: str) -> bool:
    """Return whether two paths lead to the same file, with other notations, symbolic links and hard links."""
    if os.path.realpath(path) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(path, other)
    except (FileNotFoundError, NotADirectoryError):
        # If one of them does not exist, they are different files.
        return False
    except OSError as error:
        raise ReportFileError(f"Failed to compare {path} with {other}: {error.strerror}.") from None


def _render(report: t.Any, format: str) -> bytes:
    if format != "json":
        _check_format(report, format)
    try:
        return render_report(report, format).encode("utf-8")
    except (AttributeError, KeyError, TypeError, ValueError, jinja2.TemplateError):
        # The message of the exception can quote the report.
        raise ReportFileError(f"The report does not have the expected content for the format {format}.") from None


def _check_format(report: t.Mapping[str, t.Any], format: str) -> None:
    if report.get("format") not in _REPORTS:
        raise ReportFileError(
            f"The format {format} requires a report of create_report or combine_targets. Write other values with formats=json."
        )
    if format not in list_formats(report):
        raise ReportFileError(f"The report of a rollout does not have the format {format}.")


def _write_report(report: t.Any, paths: t.Mapping[str, str], options: WriteOptions) -> bool:
    """Write one report after it is rendered in all formats. Return whether a file changes."""
    files = [_prepare(path, _render(report, name), options.mode) for name, path in paths.items()]
    changed = [file for file in files if file.is_changed]
    for file in [] if options.predicts else changed:
        _replace(file)
    return bool(changed)


def _prepare(path: str, data: bytes, mode: t.Any) -> _File:
    """Return the file to write, compared with the existing file."""
    try:
        before = _find_existing(path)
        bits = _parse_mode(mode, before or _NEW_FILE)
        is_changed = before is None or stat.S_IMODE(before.st_mode) != bits or _read(path) != data
    except OSError as error:
        raise ReportFileError(f"Failed to write {path}: {error.strerror}.") from None
    directory = os.path.dirname(path) or "."
    if is_changed and not os.access(directory, os.W_OK | os.X_OK):
        raise ReportFileError(f"Failed to write {path}: no permission to create files in the directory {directory}.")
    return _File(path, data, bits, before, is_changed)


def _find_existing(path: str) -> os.stat_result | None:
    """Return the existing file, or None. Raise ReportFileError if it is not a regular file, or without a directory for it."""
    directory = os.path.dirname(path) or "."
    try:
        os.stat(directory)
    except FileNotFoundError:
        raise ReportFileError(f"Failed to write {path}: the directory {directory} does not exist.") from None
    try:
        before = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(before.st_mode):
        kind = "a directory" if stat.S_ISDIR(before.st_mode) else "not a regular file"
        raise ReportFileError(f"Failed to write {path}: it is {kind}. Set the path of a file.")
    return before


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _parse_mode(mode: t.Any, before: os.stat_result) -> int:
    """Return the bits of a mode. A symbolic mode changes the mode of ``before``."""
    bits, text = -1, str(mode)
    with contextlib.suppress(ValueError):
        if isinstance(mode, int) and not isinstance(mode, bool):
            bits = int(mode)
        elif text.isdigit():
            bits = int(text, 8)
        elif set(text) & set("+-="):
            bits = int(AnsibleModule._symbolic_mode_to_octal(before, text))
    if not 0 <= bits <= 0o7777:
        raise ReportFileError("mode must be a file mode, for example '0640' or u=rw,g=r.")
    return bits


def _replace(file: _File) -> None:
    """Replace a file atomically, and keep its owner if possible."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(file.path) or ".", prefix=".report.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(file.data)
            if file.before:
                _keep_owner(temporary, file.before)
            os.chmod(temporary, file.mode)
            os.replace(temporary, file.path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise ReportFileError(f"Failed to write {file.path}: {error.strerror}.") from None


def _keep_owner(path: str, before: os.stat_result) -> None:
    # Only root can give a file to another user. Otherwise, the new file belongs to the user of Ansible.
    with contextlib.suppress(PermissionError):
        os.chown(path, before.st_uid, before.st_gid)
