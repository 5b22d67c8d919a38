# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.slices import (
    SLICED_STATES,
    build_combined_statistics,
    combine_statistics,
    find_conflicts,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import format_report

NOW = "2026-01-02T03:04:05Z"
SUMMARY = {
    "resources": [],
    "target": {"project_id": "p-1", "region": "eu-de", "meshes": []},
    "counts": {"create": 1, "unchanged": 2},
}
# The statistics of two slices, merged by their keys. Those of the whole are from the last slice.
PLANS = {
    "plan_status": "no_changes",
    "plan_status_shop_eu": "changes",
    "plan_has_changes_shop_eu": True,
    "plan_hash_shop_eu": "sha256:1",
    "plan_counts_shop_eu": {"create": 1, "unchanged": 2},
    "plan_summary_shop_eu": SUMMARY,
    "plan_status_bank": "no_changes",
    "plan_has_changes_bank": False,
    "plan_hash_bank": "sha256:2",
    "plan_counts_bank": {"create": 0, "unchanged": 5},
}


def test_plans_of_all_slices_are_one_plan():
    report = combine_statistics("plan", ["bank", "shop-eu"], PLANS, NOW)
    assert report == {
        "format": "community.huaweicloud.plan-targets-summary/1",
        "generated_at": NOW,
        "status": "changes",
        "target_counts": {"unknown": 0, "invalid": 0, "changes": 1, "no_changes": 1, "not_selected": 0},
        "counts": {"create": 1, "unchanged": 7},
        "has_changes": True,
        "hash": compute_digest({"bank": "sha256:2", "shop-eu": "sha256:1"}),
        "targets": [
            {
                "name": "bank",
                "status": "no_changes",
                "msg": None,
                "hash": "sha256:2",
                "counts": {"create": 0, "unchanged": 5},
                "report": None,
            },
            {
                "name": "shop-eu",
                "status": "changes",
                "msg": None,
                "hash": "sha256:1",
                "counts": {"create": 1, "unchanged": 2},
                "report": SUMMARY,
            },
        ],
    }
    assert format_report(report) == [
        "host       bank: no changes",
        "host       shop-eu: changes",
        "target     project p-1, region eu-de",
        "total      create: 1, unchanged: 2",
        "targets    unknown: 0, invalid: 0, changes: 1, no changes: 1, not selected: 0",
        "total      create: 1, unchanged: 7",
    ]


def test_plans_of_two_slices_with_the_same_mesh():
    scope = {"project": {"key": None, "label": "x"}, "workspaces": False, "declared_meshes": [], "prunes": []}
    target = {"project_id": "p-1", "meshes": [{"id": "m-1", "name": "shop"}]}
    variables = {f"plan_summary_{key}": {"target": target} for key in ("a", "b_x")}
    variables["plan_scope_a"] = {**scope, "mesh": {}, "meshes": [{"key": "mesh_name shop", "label": "shop"}]}
    variables["plan_scope_b_x"] = {**scope, "mesh": {}, "meshes": [{"key": "mesh_id m-1", "label": "m-1"}]}
    message = "The targets 'a' and 'b.x' both declare workshops or releases of mesh shop (m-1)"
    assert find_conflicts(["a", "b.x", "c"], variables) == [message]
    assert find_conflicts(["a", "c"], variables) == []
    # The second target has no plan, so its meshes are unknown.
    assert find_conflicts(["a", "b.x"], {**variables, "plan_summary_b_x": None}) == []


@pytest.mark.parametrize("summary", [{"target": None}, {"target": {}}, {"targets": []}, "x"])
def test_summary_without_a_target_is_a_conflict(summary):
    scope = {"project": {"key": None, "label": "x"}, "workspaces": False, "declared_meshes": [], "prunes": []}
    variables = {"plan_scope_b_x": {**scope, "mesh": {}, "meshes": []}, "plan_summary_b_x": summary}
    assert find_conflicts(["a", "b.x"], variables) == [
        "The summary of the plan of the target 'b.x' has no target, so it cannot be compared: create a new plan"
    ]


def test_statistics_of_the_whole_have_no_details():
    report = combine_statistics("plan", ["bank", "shop-eu"], PLANS, NOW)
    statistics = build_combined_statistics("plan", report)
    summary = statistics.pop("plan_summary")
    assert statistics == {
        "plan_status": "changes",
        "plan_counts": {"create": 1, "unchanged": 7},
        "plan_hash": report["hash"],
        "plan_has_changes": True,
    }
    assert [set(entry) for entry in summary["targets"]] == [{"name", "status", "msg", "hash", "counts"}] * 2
    assert format_report(summary)[:2] == ["host       bank: no changes", "host       shop-eu: changes"]


@pytest.mark.parametrize("type_", SLICED_STATES)
@pytest.mark.parametrize("status", [None, "", "perfect", ["changes"]])
def test_target_without_a_known_status_is_never_in_order(type_, status):
    variables = {f"{type_}_status_a": SLICED_STATES[type_][-1], f"{type_}_status_b": status}
    report = combine_statistics(type_, ["a", "b"], variables, NOW)
    assert report["status"] == SLICED_STATES[type_][0]
    assert [(entry["status"], entry["msg"]) for entry in report["targets"]] == [
        (SLICED_STATES[type_][-1], None),
        (SLICED_STATES[type_][0], "No job has passed a result for this target."),
    ]


@pytest.mark.parametrize("type_", SLICED_STATES)
def test_no_targets_are_not_in_order(type_):
    assert combine_statistics(type_, [], PLANS, NOW)["status"] == SLICED_STATES[type_][0]


def test_unknown_counts_stay_unknown():
    variables = {
        "drift_status_a": "no_drift",
        "drift_counts_a": {"in_sync": 3, "unmanaged": None},
        "drift_status_b": "drift",
        "drift_has_drift_b": "True",
        "drift_counts_b": {"in_sync": 1, "unmanaged": 2},
    }
    report = combine_statistics("drift", ["a", "b"], variables, NOW)
    assert report["counts"] == {"in_sync": 4, "unmanaged": None}
    assert build_combined_statistics("drift", report) == {
        "drift_status": "drift",
        "drift_counts": {"in_sync": 4, "unmanaged": None},
        "drift_has_drift": True,
    }


def test_run_with_a_failed_slice_has_failed():
    variables = {"site_status_a": "changed", "site_counts_a": {"create": 1}, "site_status_b": "stopped"}
    report = combine_statistics("site", ["a", "b", "c"], variables, NOW)
    assert report["target_counts"] == {"failed": 1, "stopped": 1, "changed": 1, "no_changes": 0, "not_selected": 0}
    assert build_combined_statistics("site", report) == {"site_status": "failed", "site_counts": {"create": 1}}
