# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Write the reports of several targets in all formats."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import render_report

# The formats with their extensions. The JSON report has the extension that the user has chosen.
_OTHER_FORMATS = ("md", "html", "xml")


class ReportFileError(Exception):
    """A report cannot be written."""


def find_paths(path: str, target: str = "") -> dict[str, str]:
    """Return the paths of a report by format: the JSON report at ``path``, and the others beside it.

    Arguments:
        path: The path of the combined report.
        target: The name of a target, for the paths of the report of that target. The name is inserted before the extension.
    """
    stem, extension = os.path.splitext(path)
    stem = f"{stem}.{target}" if target else stem
    return {"json": f"{stem}{extension}", **{name: f"{stem}.{name}" for name in _OTHER_FORMATS}}


def write_reports(reports: t.Mapping[str, t.Any], mode: t.Any, protected: t.Sequence[str]) -> bool:
    """Write reports in all formats. Return whether a file has changed.

    Arguments:
        reports: The reports by the paths of their JSON files.
        mode: The mode of the files, as for the module copy.
        protected: Paths of files that no report may replace. Nothing is written if one of them would be replaced.

    Raise ReportFileError if a file cannot be written.
    """
    for path in reports:
        if Path(path).suffix in [f".{name}" for name in _OTHER_FORMATS]:
            raise ReportFileError(
                f"{path} cannot be the JSON report, because other reports beside it have this extension."
                " Use another one, such as .json."
            )
    files = [(report, name, Path(file)) for path, report in reports.items() for name, file in find_paths(path).items()]
    for _report, _name, file in files:
        _check_path(file, protected)
    changed = [_write(file, render_report(report, name), mode) for report, name, file in files]
    return any(changed)


def _check_path(file: Path, protected: t.Sequence[str]) -> None:
    for path in map(Path, protected):
        if file.resolve() == path.resolve() or (file.exists() and path.exists() and file.samefile(path)):
            raise ReportFileError(
                f"Nothing was written: {file} is the desired-state file {path}. Write to another file."
            )


def _write(file: Path, text: str, mode: t.Any) -> bool:
    """Replace a file atomically. Return whether its content or its mode has changed."""
    data = text.encode("utf-8")
    try:
        before = (file.read_bytes(), file.stat().st_mode & 0o7777) if file.exists() else None
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            bits = _parse_mode(temporary, mode)
            os.chmod(temporary, bits)
            os.replace(temporary, file)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise ReportFileError(f"Failed to write {file}: {error.strerror or error}.") from None
    return before != (data, bits)


def _parse_mode(path: str, mode: t.Any) -> int:
    if isinstance(mode, int):
        return mode
    try:
        return int(str(mode), 8)
    except ValueError:
        return int(AnsibleModule._symbolic_mode_to_octal(os.lstat(path), str(mode)))
