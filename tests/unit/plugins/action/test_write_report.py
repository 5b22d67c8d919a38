# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import types

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.community.huaweicloud.plugins.action.write_report import ActionModule
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    TargetResult,
    combine_reports,
)

REPORT = combine_reports("drift", [TargetResult("shop", failure="hunter2")], "2026-03-01T12:00:00Z")
STATUS = {"status": "hunter2", "counts": {"create": 1}, "step": None}


@pytest.fixture(name="run")
def _run(monkeypatch):
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})

    def run(*, check_mode=False, **options):
        task = types.SimpleNamespace(args=options, check_mode=check_mode, diff=True)
        return ActionModule(task, None, None, None, None, None).run(None, {})

    return run


def test_all_formats_are_written_without_content_in_result(run, tmp_path):
    stem = tmp_path / "drift"
    options = {"report": REPORT, "path": f"{stem}.json"}
    paths = [f"{stem}.{name}" for name in ("json", "md", "html", "xml")]
    assert run(check_mode=True, **options) == {"changed": True, "paths": paths}
    assert list(tmp_path.iterdir()) == []
    assert run(**options) == {"changed": True, "paths": paths}
    assert sorted(str(path) for path in tmp_path.iterdir()) == sorted(paths)
    assert json.loads((tmp_path / "drift.json").read_text(encoding="utf-8")) == REPORT
    assert run(**options) == {"changed": False, "paths": paths}
    assert run(check_mode=True, **options) == {"changed": False, "paths": paths}


def test_mapping_is_written_as_json(run, tmp_path):
    path = tmp_path / "status.json"
    options = {"report": STATUS, "path": str(path), "formats": ["json"], "mode": "u=rw,g=r"}
    assert run(**options) == {"changed": True, "paths": [str(path)]}
    assert path.read_text(encoding="utf-8") == json.dumps(STATUS, indent=2) + "\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_failures_have_no_content(run, tmp_path):
    path = tmp_path / "status.json"
    failed = {"failed": True, "changed": False}
    for check_mode in (True, False):
        assert run(report=STATUS, path=str(path), check_mode=check_mode) == {
            **failed,
            "msg": "The format md requires a report of create_report or combine_targets. Write other values with formats=json.",
        }
        assert run(
            report=STATUS, path=str(path), formats=["json"], protected_paths=[str(path)], conflict_msg="No."
        ) == {
            **failed,
            "msg": "No.",
        }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "x"}, "missing required arguments: report"),
        ({"report": {}}, "missing required arguments: path"),
        ({"report": ["hunter2"], "path": "x"}, "argument 'report' is of type"),
        (
            {"report": {}, "path": "x", "formats": ["pdf"]},
            "value of formats must be one or more of: json, md, html, xml",
        ),
    ],
)
def test_invalid_options_are_refused(run, options, message):
    with pytest.raises(AnsibleError, match=message) as refusal:
        run(**options)
    assert "hunter2" not in str(refusal.value)
