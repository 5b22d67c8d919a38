# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
import xml.etree.ElementTree as ET

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import build_drift_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import build_plan, compute_checksum
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import render_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import format_report, summarize
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    TargetResult,
    build_statistics,
    combine_reports,
    combine_runs,
    find_plan,
)

NOW = "2026-03-01T12:00:00Z"
TARGET = {"project_id": "p-1", "region": None, "asm_endpoint": None, "modelarts_endpoint": None, "auth_url": None}
HOSTILE = "</td><script>alert(1)</script>`|x`"
STOPPED = "Stopped, because another target has failed (huaweicloud_fail_fast is set)."


def result(name="team", action="create", **more):
    actions = [{"action": action, "fields": ["description"], "request_id": None}] if action else []
    return {
        **{"kind": "workspace", "name": name, "action": action, "actions": actions, "changed": bool(action)},
        **{"failed": False, "msg": None, "resource": None, "before": None, "differences": [], "error": None},
        "not_compared": [],
        **more,
    }


def comparison(*results, skipped=()):
    plan_hash = f"sha256:{len(results)}"
    target = {**TARGET, "meshes": []}
    return {"results": list(results), "plan": {"hash": plan_hash}, "prune_skipped": list(skipped), "target": target}


def plan(*results):
    desired = {"workspaces": [{"name": each["name"], "description": "New"} for each in results]}
    return build_plan(comparison(*results), desired, "site.yml", NOW)


def drift(*results, skipped=()):
    desired = {"workspaces": [{"name": each["name"]} for each in results]}
    return build_drift_report(comparison(*results, skipped=skipped), desired, "site.yml", NOW)


PLANS = [
    TargetResult("shop-eu", report=plan(result(), result("crew", None))),
    TargetResult("shop-nl", failure="Failed to list the meshes: no connection."),
    TargetResult("shop-ch", is_selected=False),
]


@pytest.fixture(name="combined")
def _combined():
    return copy.deepcopy(combine_reports("plan", PLANS, NOW))


def test_every_target_is_listed(combined):
    assert [(entry["name"], entry["status"], entry["msg"]) for entry in combined["targets"]] == [
        ("shop-eu", "changes", None),
        ("shop-nl", "unknown", "Failed to list the meshes: no connection."),
        ("shop-ch", "not_selected", None),
    ]
    assert combined["target_counts"] == {"unknown": 1, "invalid": 0, "changes": 1, "no_changes": 0, "not_selected": 1}
    assert (combined["status"], combined["has_changes"]) == ("unknown", True)
    assert (combined["counts"]["create"], combined["counts"]["unchanged"]) == (1, 1)
    assert combined["checksum"] == compute_checksum(combined)


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([TargetResult("a", report=plan(result("x", None))), TargetResult("b", is_selected=False)], "no_changes"),
        ([TargetResult("a", report=plan(result())), TargetResult("b", report=plan())], "changes"),
        # A target without a result is never in sync.
        ([TargetResult("a", report=plan()), TargetResult("b")], "unknown"),
    ],
)
def test_status_is_the_most_important_one(results, status):
    assert combine_reports("plan", results, NOW)["status"] == status


def test_hash_depends_on_the_plans_of_all_targets(combined):
    others = [
        [PLANS[0]._replace(report=plan(result())), *PLANS[1:]],
        [PLANS[0], TargetResult("shop-nl", report=plan()), PLANS[2]],
        PLANS[:2],
    ]
    hashes = {combine_reports("plan", results, NOW)["hash"] for results in others}
    assert len(hashes | {combined["hash"]}) == 4
    assert combine_reports("plan", PLANS, "2026-03-02T12:00:00Z")["hash"] == combined["hash"]


def test_unmanaged_resources_are_unknown_if_one_target_skipped_them():
    results = [
        TargetResult("a", report=drift(result("x", None))),
        TargetResult("b", report=drift(skipped=["workspaces"])),
    ]
    report = combine_reports("drift", results, NOW)
    assert (report["counts"]["in_sync"], report["counts"]["unmanaged"], report["has_drift"]) == (1, None, False)
    assert (report["status"], "hash" in report) == ("unknown", False)


def test_plan_of_a_target_is_found(combined):
    own = combined["targets"][0]["report"]
    assert find_plan(combined, "shop-eu") == (own, "")
    # The hash of the whole is verified, so the plan of the target needs none.
    assert find_plan(combined, "shop-eu", combined["hash"]) == (own, "")
    assert find_plan(combined, "shop-eu", own["hash"]) == (own, own["hash"])
    assert find_plan(own, "shop-eu", "sha256:1") == (own, "sha256:1")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("shop-nl", "the target 'shop-nl' is unknown in the plan"),
        ("shop-ch", "the target 'shop-ch' is not selected in the plan"),
        ("shop-us", "the plan has no target 'shop-us'"),
    ],
)
def test_missing_plan_of_a_target_is_an_error_with_the_reason(combined, target, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        find_plan(combined, target)


def test_edited_combined_plan_is_an_error(combined):
    combined["targets"][0]["report"]["resources"] = []
    with pytest.raises(ValueError, match="was edited"):
        find_plan(combined, "shop-eu")


def test_statistics_have_keys_for_each_target(combined):
    own = combined["targets"][0]["report"]
    statistics = build_statistics("plan", combined)
    summary = statistics.pop("plan_summary")
    assert statistics == {
        "plan_status": "unknown",
        "plan_has_changes": True,
        "plan_hash": combined["hash"],
        "plan_counts": combined["counts"],
        "plan_status_shop_eu": "changes",
        "plan_has_changes_shop_eu": True,
        "plan_hash_shop_eu": own["hash"],
        "plan_counts_shop_eu": own["counts"],
        "plan_summary_shop_eu": summarize(own, with_unchanged=False),
        "plan_status_shop_nl": "unknown",
        "plan_has_changes_shop_nl": None,
        "plan_hash_shop_nl": None,
        "plan_counts_shop_nl": None,
    }
    assert [resource["name"] for resource in statistics["plan_summary_shop_eu"]["resources"]] == ["team"]
    assert [(entry["name"], entry["hash"]) for entry in summary["targets"]] == [
        ("shop-eu", own["hash"]),
        ("shop-nl", None),
        ("shop-ch", None),
    ]
    assert json.loads(render_report(combined, "summary")) == summary


def test_lines_of_a_combined_plan_name_every_target(combined):
    lines = format_report(combined)
    assert lines[:4] == ["host       shop-eu: changes", "workspace  team: create", "    description: 'New'", lines[3]]
    assert lines[-5:-1] == [
        "host       shop-nl: unknown",
        "    Failed to list the meshes: no connection.",
        "host       shop-ch: not selected",
        "targets    unknown: 1, invalid: 0, changes: 1, no changes: 0, not selected: 1",
    ]
    assert format_report(build_statistics("plan", combined)["plan_summary"])[-5:] == lines[-5:]


def test_markdown_has_a_table_and_a_section_for_each_report(combined):
    text = render_report(combined, "md")
    assert text.splitlines()[0] == "# Plan of 3 targets (unknown: 1, changes: 1, not selected: 1)"
    assert "| `shop-nl` | unknown | `Failed to list the meshes: no connection.` |" in text
    headings = [line for line in text.splitlines() if line.startswith("##")]
    assert headings == ["## Target `shop-eu`: Plan: 1 change", "### workspace `team`: to create"]


def test_html_has_all_targets_and_escapes_values():
    results = [*PLANS, TargetResult(HOSTILE, failure=HOSTILE)]
    page = render_report(combine_reports("plan", results, NOW), "html")
    assert page.count('<section class="target">') == 4
    assert page.count('<table class="resources">') == 1
    assert "<script>alert(1)" not in page
    assert page.count("&lt;/td&gt;&lt;script&gt;alert(1)") == 2


def test_junit_has_a_suite_of_targets_and_suites_for_each_target(combined):
    root = ET.fromstring(render_report(combined, "xml"))
    assert dict(root.attrib, name="") == {"name": "", "tests": "5", "failures": "0", "errors": "1", "skipped": "2"}
    assert [suite.get("name") for suite in root] == ["Plan: targets", "Plan: shop-eu: workspaces"]
    assert [(case.get("name"), [child.tag for child in case]) for case in root[0]] == [
        ("shop-eu", []),
        ("shop-nl", ["error"]),
        ("shop-ch", ["skipped"]),
    ]


def test_each_target_of_a_run_has_its_status_and_counts():
    runs = {
        "a": [result(), result("crew", "update")],
        "b": [result("x", None)],
        "c": [result("y", None, failed=True, msg="Failed.")],
    }
    results = [
        TargetResult(name, report={"results": each, "failures": [], "is_stopped": False}) for name, each in runs.items()
    ]
    results += [
        TargetResult("d", report={"results": [], "failures": ["Failed to list."], "is_stopped": True}),
        TargetResult("e", report={"results": [result()], "failures": [], "is_stopped": True}),
        TargetResult("f"),
        TargetResult("g", failure="The file is invalid."),
        TargetResult("h", is_selected=False),
    ]
    report = combine_runs("site", results, NOW)
    assert [(entry["name"], entry["status"], entry["msg"], entry["counts"]) for entry in report["targets"]] == [
        ("a", "changed", None, {"create": 1, "update": 1}),
        ("b", "no_changes", None, {}),
        ("c", "failed", "Failed: workspace y.", {}),
        ("d", "failed", "Failed to list.", {}),
        ("e", "stopped", STOPPED, {"create": 1}),
        ("f", "stopped", STOPPED, {}),
        ("g", "failed", "The file is invalid.", {}),
        ("h", "not_selected", None, {}),
    ]
    assert (report["status"], report["counts"]) == ("failed", {"create": 2, "update": 1})
    assert report["target_counts"] == {"failed": 3, "stopped": 2, "changed": 1, "no_changes": 1, "not_selected": 1}
    statistics = build_statistics("site", report)
    assert (statistics["site_status_a"], statistics["site_counts_a"]) == ("changed", {"create": 1, "update": 1})
    assert "site_status_h" not in statistics


def test_different_outcomes_of_rollouts_are_mixed():
    waiting = {"state": "waiting", "message": "Step 1 waits.", "waiting_step": 1}
    results = [TargetResult("a", report=waiting), TargetResult("b", report={**waiting, "state": "promoted"})]
    assert combine_runs("canary", results[:1], NOW)["status"] == "waiting"
    report = combine_runs("canary", [*results, TargetResult("c", failure="No file.")], NOW)
    assert [(entry["status"], entry["waiting_step"]) for entry in report["targets"]] == [
        ("waiting", 1),
        ("promoted", 1),
        ("failed", None),
    ]
    statistics = build_statistics("canary", report)
    assert (statistics["canary_state"], statistics["canary_state_a"], statistics["canary_waiting_step_a"]) == (
        "mixed",
        "waiting",
        1,
    )


def test_lists_of_resources_name_their_target():
    lists = {"meshes": None, "workshops": None, "releases": None, "workspaces": []}
    results = [TargetResult("a", report=lists), TargetResult("b", failure="No connection.")]
    report = combine_runs("info", results, NOW)
    assert (report["status"], report["target_counts"]) == ("unknown", {"unknown": 1, "listed": 1, "not_selected": 0})
    assert format_report(report) == [
        "host       a: listed",
        "total      meshes: not read, workshops: not read, releases: not read, workspaces: 0",
        "host       b: unknown",
        "    No connection.",
        "targets    unknown: 1, listed: 1, not selected: 0",
    ]
