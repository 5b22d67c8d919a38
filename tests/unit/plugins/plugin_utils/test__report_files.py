# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._report_files import (
    ReportFileError,
    find_paths,
    write_reports,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    TargetResult,
    combine_reports,
)

REPORT = combine_reports("drift", [TargetResult("shop", failure="No connection.")], "2026-03-01T12:00:00Z")


def test_paths_have_the_name_of_the_target_before_the_extension():
    assert find_paths("/x/plan.json", "shop.eu") == {
        "json": "/x/plan.shop.eu.json",
        "md": "/x/plan.shop.eu.md",
        "html": "/x/plan.shop.eu.html",
        "xml": "/x/plan.shop.eu.xml",
    }
    assert find_paths("plan")["json"] == "plan"


@pytest.mark.parametrize(("mode", "bits"), [("0640", 0o640), (0o600, 0o600), ("u=rw,g=r,o=", 0o640)])
def test_all_formats_are_written_with_the_mode(tmp_path, mode, bits):
    path = tmp_path / "drift.json"
    assert write_reports({str(path): REPORT}, mode, []) is True
    assert json.loads(path.read_text(encoding="utf-8")) == REPORT
    assert {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == dict.fromkeys(
        ("drift.json", "drift.md", "drift.html", "drift.xml"), bits
    )
    assert write_reports({str(path): REPORT}, mode, []) is False


def test_desired_state_file_is_not_replaced(tmp_path):
    state, link = tmp_path / "shop.yml", tmp_path / "drift.md"
    state.write_text("workspaces: []", encoding="utf-8")
    link.hardlink_to(state)
    for path in (state, tmp_path / "drift.json"):
        with pytest.raises(ReportFileError, match="is the desired-state file"):
            write_reports({str(path): REPORT}, "0600", [str(state)])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["drift.md", "shop.yml"]


def test_extension_of_another_report_is_refused(tmp_path):
    with pytest.raises(ReportFileError, match="cannot be the JSON report"):
        write_reports({str(tmp_path / "drift.html"): REPORT}, "0600", [])


def test_directory_does_not_exist(tmp_path):
    path = tmp_path / "nowhere" / "drift.json"
    with pytest.raises(ReportFileError, match=f"^Failed to write {path}: No such file or directory\\.$"):
        write_reports({str(path): REPORT}, "0600", [])
