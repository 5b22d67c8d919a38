# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters: what Ansible finds, and that their documentation says what they take."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

FILTERS = Path(__file__).resolve().parents[4] / "plugins" / "filter"
NAMES = sorted(path.stem for path in FILTERS.glob("*.py"))
DOCUMENT = {"workspaces": [{"name": "team", "description": "New"}]}
APPLIED = {
    "results": [
        {
            "kind": "workspace",
            "name": "team",
            "action": "create",
            "actions": [{"action": "create", "fields": ["description"], "request_id": None}],
            "changed": True,
            "failed": False,
            "msg": None,
            "resource": None,
            "before": None,
            "differences": [],
            "error": None,
        }
    ],
    "prune_skipped": [],
    "target": {
        "project_id": "p-1",
        "region": "eu-de",
        "asm_endpoint": None,
        "modelarts_endpoint": None,
        "auth_url": None,
        "meshes": [],
    },
}


def plugin(name):
    module = importlib.import_module(f"ansible_collections.community.huaweicloud.plugins.filter.{name}")
    (found,) = module.FilterModule().filters().items()
    assert found[0] == name
    return module, found[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_holds_the_filter_it_is_called_after(name):
    module, function = plugin(name)
    documented = yaml.safe_load(module.DOCUMENTATION)
    assert documented["name"] == name
    assert documented["short_description"] and documented["description"]
    positional = [word.strip() for word in documented.get("positional", "").split(",") if word]
    assert positional == [option for option in documented["options"] if option != "_input"]
    assert all(f"community.huaweicloud.{name}" in example for example in [module.EXAMPLES])
    assert yaml.safe_load(module.RETURN)["_value"]["type"] in ("bool", "dict", "list", "str")


def test_there_are_seven():
    assert (
        sorted(
            [
                "build_drift_report",
                "build_plan",
                "compare_plans",
                "contract_next",
                "contract_settled",
                "render_report",
                "unmanaged",
            ]
        )
        == NAMES
    )


def test_from_a_comparison_to_files_and_back():
    made = plugin("build_plan")[1](APPLIED, DOCUMENT, "site.yml")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["generated_at"])
    text = plugin("render_report")[1](made, "json")
    moves = plugin("compare_plans")[1]
    assert moves(text, made) == moves(json.loads(text), made) == []
    assert moves("---\nno: JSON", made) == [
        "that is no plan file of this collection, it is not JSON: Expecting value: line 1 column 1 (char 0)"
    ]
    assert moves('["JSON"]', made) == ["that is no plan file of this collection"]
    assert moves("", made, made["hash"]) == []
    assert moves("", made) == ["that is no plan file of this collection"]


def test_drift_and_what_to_look_for():
    report = plugin("build_drift_report")[1](APPLIED, DOCUMENT)
    assert (report["has_drift"], report["counts"]["missing"], report["desired_state"]["path"]) == (True, 1, "")
    assert plugin("unmanaged")[1](DOCUMENT) == {"workspaces": ["(?s)."]}


def test_an_unknown_form():
    with pytest.raises(AnsibleFilterError, match="render_report: 'pdf' is none of json, md, html, xml"):
        plugin("render_report")[1]({}, "pdf")


@pytest.mark.parametrize("name", ["build_plan", "build_drift_report"])
def test_redacted_results_need_digests(name):
    with pytest.raises(AnsibleFilterError, match=f"{name}: the results are redacted and have no digests"):
        plugin(name)[1]({**APPLIED, "redacted": True}, DOCUMENT)
    results = [{**APPLIED["results"][0], "redacted_digest": None}]
    assert plugin(name)[1]({**APPLIED, "redacted": True, "results": results}, DOCUMENT)["resources"]
