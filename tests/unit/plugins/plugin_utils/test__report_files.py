# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils import _report_files
from ansible_collections.community.huaweicloud.plugins.plugin_utils._report_files import (
    ReportFileError,
    WriteOptions,
    find_paths,
    write_reports,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import CANARY
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    TargetResult,
    combine_reports,
)

REPORT = combine_reports("drift", [TargetResult("shop", failure="No connection.")], "2026-03-01T12:00:00Z")
JSON = WriteOptions(formats=["json"])
FILES = ("drift.html", "drift.json", "drift.md", "drift.xml")


def list_names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def get_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refuse(path: t.Any, options: WriteOptions = JSON, report: t.Any = REPORT) -> str:
    with pytest.raises(ReportFileError) as refusal:
        write_reports({str(path): report}, options)
    return str(refusal.value)


def test_paths_have_the_name_of_the_target_before_the_extension():
    assert find_paths("/x/plan.json", "shop.eu") == {
        "json": "/x/plan.shop.eu.json",
        "md": "/x/plan.shop.eu.md",
        "html": "/x/plan.shop.eu.html",
        "xml": "/x/plan.shop.eu.xml",
    }
    assert find_paths("plan")["json"] == "plan"


def test_first_format_has_the_path_and_the_others_are_beside_it():
    assert find_paths("/x/canary.htm", formats=["html", "md"]) == {"html": "/x/canary.htm", "md": "/x/canary.md"}


@pytest.mark.parametrize(
    ("mode", "bits"), [("0640", 0o640), (0o600, 0o600), ("u=rw,g=r,o=", 0o640), ("g+r", 0o640), ("1604", 0o1604)]
)
def test_all_formats_are_written_with_the_mode(tmp_path, mode, bits):
    path, options = tmp_path / "drift.json", WriteOptions(mode=mode)
    assert write_reports({str(path): REPORT}, options) is True
    assert json.loads(path.read_text(encoding="utf-8")) == REPORT
    assert {file.name: get_mode(file) for file in tmp_path.iterdir()} == dict.fromkeys(FILES, bits)
    assert write_reports({str(path): REPORT}, options) is False


def test_symbolic_mode_changes_that_of_an_existing_file(tmp_path):
    path = tmp_path / "drift.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o604)
    assert write_reports({str(path): REPORT}, JSON._replace(mode="g+r")) is True
    assert get_mode(path) == 0o644


def test_other_mode_is_a_change(tmp_path):
    path = tmp_path / "drift.json"
    write_reports({str(path): REPORT}, JSON)
    assert write_reports({str(path): REPORT}, JSON._replace(mode="0640")) is True
    assert get_mode(path) == 0o640


@pytest.mark.parametrize("mode", ["rw", "0999", "u=q", "preserve", "", None, True, -1, 0o10000, "10000"])
def test_invalid_mode_is_refused(tmp_path, mode):
    message = refuse(tmp_path / "drift.json", JSON._replace(mode=mode))
    assert message == "mode must be a file mode, for example '0640' or u=rw,g=r."
    assert list_names(tmp_path) == []


def test_check_mode_predicts_change_without_writing(tmp_path):
    path, options = tmp_path / "drift.json", WriteOptions(predicts=True)
    assert write_reports({str(path): REPORT}, options) is True
    assert list_names(tmp_path) == []
    write_reports({str(path): REPORT}, WriteOptions())
    assert write_reports({str(path): REPORT}, options) is False
    assert write_reports({str(path): REPORT}, options._replace(mode="0644")) is True
    assert get_mode(path) == 0o600


def test_unchanged_file_is_not_replaced(tmp_path):
    path = tmp_path / "drift.json"
    write_reports({str(path): REPORT}, WriteOptions())
    (tmp_path / "drift.md").write_text("Edited", encoding="utf-8")
    before = {name: (tmp_path / name).stat().st_ino for name in FILES}
    assert write_reports({str(path): REPORT}, WriteOptions()) is True
    after = {name: (tmp_path / name).stat().st_ino for name in FILES}
    assert [name for name in FILES if before[name] != after[name]] == ["drift.md"]
    assert list_names(tmp_path) == sorted(FILES)


def test_json_keeps_values_and_order(tmp_path):
    values = {"z": None, "a": [1, 1.5, True, "true", "1", "\u00e4"], "m": {"b": {}, "a": []}}
    write_reports({str(tmp_path / "status"): values}, JSON)
    assert (tmp_path / "status").read_text(encoding="utf-8") == (
        '{\n  "z": null,\n  "a": [\n    1,\n    1.5,\n    true,\n    "true",\n    "1",\n    "\u00e4"\n  ],\n'
        '  "m": {\n    "b": {},\n    "a": []\n  }\n}\n'
    )


def test_owner_of_existing_file_is_kept(tmp_path, monkeypatch):
    path, owners = tmp_path / "drift.json", []
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(os, "chown", lambda file, user, group: owners.append((Path(file).parent, user, group)))
    before = path.stat()
    assert write_reports({str(path): REPORT}, JSON) is True
    assert owners == [(tmp_path, before.st_uid, before.st_gid)]


def test_owner_that_cannot_be_kept_is_no_failure(tmp_path, monkeypatch):
    def chown(*arguments):
        raise PermissionError(1, "Operation not permitted")

    path = tmp_path / "drift.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(os, "chown", chown)
    assert write_reports({str(path): REPORT}, JSON) is True
    assert list_names(tmp_path) == ["drift.json"]


def test_desired_state_file_is_not_replaced(tmp_path):
    state, link, options = tmp_path / "shop.yml", tmp_path / "drift.md", WriteOptions()
    state.write_text("workspaces: []", encoding="utf-8")
    link.hardlink_to(state)
    options = options._replace(protected_paths=["", str(tmp_path / "other.yml"), str(state)])
    for path, replacing in ((state, state), (tmp_path / "drift.json", link)):
        assert refuse(path, options) == (
            f"Nothing was written: {replacing} is the desired-state file {state}. Write to another file."
        )
    assert refuse(state, options._replace(conflict_message="Write elsewhere.")) == "Write elsewhere."
    assert list_names(tmp_path) == ["drift.md", "shop.yml"]
    assert state.read_text(encoding="utf-8") == "workspaces: []"


@pytest.mark.parametrize("name", ["../there/./shop.yml", "link.json", "elsewhere/shop.yml"])
def test_other_notation_of_a_protected_path_is_recognized(tmp_path, name):
    directory = tmp_path / "there"
    directory.mkdir()
    state, path = directory / "shop.yml", f"{directory}/{name}"
    (directory / "link.json").symlink_to("shop.yml")
    (directory / "elsewhere").symlink_to(directory)
    for _exists in (False, True):
        message = refuse(path, JSON._replace(protected_paths=[str(state)]))
        assert message == f"Nothing was written: {path} is the desired-state file {state}. Write to another file."
        state.write_text("workspaces: []", encoding="utf-8")


def test_files_that_cannot_be_compared_are_not_written(tmp_path, monkeypatch):
    def samefile(*paths):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os.path, "samefile", samefile)
    path, state = tmp_path / "drift.json", tmp_path / "shop.yml"
    message = refuse(path, JSON._replace(protected_paths=[str(state)]))
    assert message == f"Failed to compare {path} with {state}: Permission denied."


@pytest.mark.parametrize(
    ("name", "formats", "message"),
    [
        ("drift.html", ["json", "html"], "cannot be the JSON report, {} Use another one, such as .json."),
        ("drift.md", ["html", "md"], "cannot be the HTML report, {} Use another one, such as .html."),
    ],
)
def test_extension_of_another_report_is_refused(tmp_path, name, formats, message):
    message = message.format("because other reports beside it have this extension.")
    assert refuse(tmp_path / name, WriteOptions(formats=formats)) == f"{tmp_path / name} {message}"
    assert write_reports({str(tmp_path / name): REPORT}, WriteOptions(formats=formats[:1])) is True


@pytest.mark.parametrize("predicts", [False, True])
def test_path_that_cannot_be_a_file_is_refused(tmp_path, predicts):
    (tmp_path / "file").write_text("", encoding="utf-8")
    os.mkfifo(tmp_path / "fifo")
    causes = {
        ".": "it is a directory. Set the path of a file.",
        "fifo": "it is not a regular file. Set the path of a file.",
        "nowhere/drift.json": f"the directory {tmp_path}/nowhere does not exist.",
        "file/drift.json": "Not a directory.",
    }
    for name, cause in causes.items():
        path = f"{tmp_path}/{name}"
        assert refuse(path, JSON._replace(predicts=predicts)) == f"Failed to write {path}: {cause}"
    assert list_names(tmp_path) == ["fifo", "file"]


@pytest.mark.parametrize("predicts", [False, True])
def test_directory_without_permission_is_refused(tmp_path, monkeypatch, predicts):
    path = tmp_path / "drift.json"
    write_reports({str(path): REPORT}, JSON)
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    message = refuse(path, JSON._replace(predicts=predicts), {})
    assert message == f"Failed to write {path}: no permission to create files in the directory {tmp_path}."
    # An unchanged file is not written.
    assert write_reports({str(path): REPORT}, JSON) is False


def test_failed_replacement_keeps_existing_file(tmp_path, monkeypatch):
    def replace(*paths):
        raise OSError(28, "No space left on device")

    path = tmp_path / "drift.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(os, "replace", replace)
    assert refuse(path) == f"Failed to write {path}: No space left on device."
    assert (list_names(tmp_path), path.read_text(encoding="utf-8")) == (["drift.json"], "{}")


def test_unreadable_file_is_not_replaced(tmp_path, monkeypatch):
    def read(path):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "drift.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setattr(_report_files, "_read", read)
    assert refuse(path) == f"Failed to write {path}: Permission denied."
    assert path.read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize(
    ("report", "formats", "message"),
    [
        (
            {"status": "failed"},
            ["json", "html"],
            "The format html requires a report of create_report or combine_targets. Write other values with formats=json.",
        ),
        ({"format": CANARY}, ["json", "xml"], "The report of a rollout does not have the format xml."),
        (
            {"format": DRIFT, "resources": "hunter2"},
            ["json", "md"],
            "The report does not have the expected content for the format md.",
        ),
    ],
)
def test_report_without_a_format_is_not_written(tmp_path, report, formats, message):
    assert refuse(tmp_path / "drift.json", WriteOptions(formats=formats), report) == message
    assert list_names(tmp_path) == []
