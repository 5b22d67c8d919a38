# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import build_drift_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import build_plan
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan_diff import find_plan_changes
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import (
    format_report,
    format_resources,
    format_results,
    summarize,
)

TARGET = {
    "project_id": "p-1",
    "region": None,
    "asm_endpoint": None,
    "modelarts_endpoint": None,
    "auth_url": None,
    "meshes": [{"id": "m-1", "name": "shop"}],
}


def result(action=None, **more):
    return {
        "kind": "workspace",
        "name": "team",
        "action": action,
        "actions": [{"action": action, "fields": ["quotas.gpu"], "request_id": None}] if action else [],
        "changed": bool(action),
        "failed": False,
        "msg": None,
        "resource": None,
        "before": None,
        "not_compared": [],
        "differences": [],
        "error": None,
        **more,
    }


def quota(actual, desired, **more):
    difference = {
        "field": "quotas.gpu",
        "actual": actual,
        "desired": desired,
        "changeable": True,
        "private": False,
        **more,
    }
    return result("update", before={"id": "1", "name": "team", "gpu": actual}, differences=[difference])


def plan(*results, target=None, **document):
    document = document or {"workspaces": [{"name": "team"}] * len(results)}
    return build_plan(comparison(results, document, target or TARGET), document, "site.yml", "now")


def comparison(results, document, target=None, **more):
    """Return a result of apply, with a hash of what apply gets from the document."""
    target = target or TARGET
    items = [document.get(key) for key in ("workspaces", "workshops", "releases")]
    plan_hash = compute_digest([results, items, target])
    return {"results": list(results), "target": target, "plan": {"hash": plan_hash}, "prune_skipped": [], **more}


def test_lines_of_a_plan_have_both_values():
    assert format_report(plan(quota(6000, 7000))) == [
        "workspace  team: update",
        "    quotas.gpu: 6000 -> 7000",
        "target     project p-1, region not set, mesh shop",
        "total      invalid: 0, create: 0, update: 1, replace: 0, delete: 0, promote: 0, cancel: 0, unchanged: 0",
    ]


def test_new_resource_has_one_value_per_field():
    desired = {"name": "team", "description": "A team", "quotas": [{"resource": "gpu", "quota": 5}], "wait": False}
    lines = format_report(plan(result("create"), workspaces=[desired]))
    assert lines[:3] == [
        "workspace  team: create",
        "    description: 'A team'",
        '    quotas: [{"resource": "gpu", "quota": 5}]',
    ]
    assert not [line for line in lines if "wait" in line]


def test_missing_value_is_not_set():
    assert "    quotas.gpu: 5 -> not set" in format_report(plan(quota(5, None)))
    assert "    quotas.gpu: not set -> 5" in format_report(plan(quota(None, 5)))


def test_private_values_are_omitted():
    lines = format_report(plan(quota(None, None, private=True)))
    assert "    quotas.gpu: (not shown) -> (not shown)" in lines
    assert format_results([quota(None, None, private=True)])[1] == "    quotas.gpu: (not shown) -> (not shown)"


def test_lines_of_drift_have_the_reason():
    stuck = result(resource={"status": "DELETE_FAILED", "status_info": "left over"})
    document = {"workspaces": [{"name": "team"}]}
    report = build_drift_report(comparison([stuck], document, prune_skipped=["workspaces"]), document, "f", "now")
    lines = format_report(report)
    assert lines[:2] == ["workspace  team: failed", "    status DELETE_FAILED: left over"]
    assert "unmanaged: not known" in lines[-1]


def test_results_have_the_states_of_a_plan():
    """A create with a second request for quotas is a create, as in the plan."""
    actions = [
        {"action": "create", "fields": ["description"], "request_id": None},
        {"action": "update", "fields": ["quotas.gpu"], "request_id": None},
    ]
    cases = [
        result("create", actions=actions),
        quota(1, 2),
        result("replace"),
        result(),
        result("update", failed=True, msg="It is broken.", actions=[]),
        result("update", msg="not started", actions=[]),
    ]
    lines = format_results(cases)
    assert [line.partition(": ")[2] for line in lines if not line.startswith(" ")] == [
        "create",
        "update",
        "replace",
        "unchanged",
        "failed",
        "not started",
    ]
    assert lines[:3] == ["workspace  team: create", "    description", "    quotas.gpu"]
    assert "    It is broken." in lines
    assert format_results([]) == ["nothing"]


def test_summary_is_short_json():
    made = plan(result("create"), workspaces=[{"name": "team", "description": "x" * 5000}])
    summary = summarize(made)
    assert json.loads(json.dumps(summary)) == summary
    assert len(json.dumps(summary)) < 2000
    assert format_report(summary) == format_report(made)


def test_long_summary_omits_unchanged_resources():
    summary = summarize(plan(*[result(resource={"id": "1"})] * 600, quota(1, 2)))
    assert ([observed["state"] for observed in summary["resources"]], summary["is_complete"]) == (["update"], False)


class TestHashAndSummary:
    THEN = plan(quota(6000, 7000))

    def moves(self, now, summary=None):
        """Return the differences, except for the line with both hashes."""
        changes = find_plan_changes("", now, self.THEN["hash"], summarize(self.THEN) if summary is None else summary)
        return changes[1:] if now["hash"] != self.THEN["hash"] else changes

    def test_nothing_differs(self):
        assert find_plan_changes("", self.THEN, self.THEN["hash"], summarize(self.THEN)) == []

    def test_desired_state(self):
        now = plan(quota(6000, 8000), workspaces=[{"name": "team", "quotas": [{"resource": "gpu", "quota": 8000}]}])
        assert self.moves(now) == [
            "workspace 'team': the desired state changed, the plan was update (quotas.gpu: 6000 -> 7000) "
            "and is now update (quotas.gpu: 6000 -> 8000)"
        ]

    def test_actual_state(self):
        assert self.moves(plan(quota(5000, 7000))) == [
            "workspace 'team': the actual state changed, the plan was update (quotas.gpu: 6000 -> 7000) "
            "and is now update (quotas.gpu: 5000 -> 7000)"
        ]

    def test_target(self):
        now = plan(quota(6000, 7000), target={**TARGET, "project_id": "p-2"})
        assert self.moves(now) == ["target: project_id was 'p-1', is 'p-2'"]

    def test_added_and_removed_items(self):
        now = plan(result("create", name="other"), workspaces=[{"name": "other"}])
        assert self.moves(now) == [
            "desired-state file: workspace 'team' was removed",
            "desired-state file: workspace 'other' was added",
        ]

    def test_rest_of_the_file(self):
        now = plan(quota(6000, 7000), workspaces=[{"name": "team"}], services={"reviews": {}})
        assert now["hash"] == self.THEN["hash"]
        assert self.moves(now) == ["desired-state file: keys other than its lists have changed"]

    @pytest.mark.parametrize("summary", [{}, "text", [], {"format": "other"}, {"resources": None}])
    def test_other_summaries_are_ignored(self, summary):
        assert self.moves(plan(quota(5000, 7000)), summary) == []
        other = copy.deepcopy(summarize(self.THEN))
        other["hash"] = "sha256:other"
        assert self.moves(plan(quota(5000, 7000)), other) == []
        del other["resources"]
        assert self.moves(plan(quota(5000, 7000)), {**other, "hash": self.THEN["hash"]}) == []


def test_plan_with_other_redaction_is_refused():
    then = plan(quota(6000, 7000))
    now = build_plan(
        comparison([quota(6000, 7000)], {}, redacted=False),
        {"workspaces": [{"name": "team"}]},
        "site.yml",
        "now",
    )
    assert find_plan_changes(then, now) == ["the plan was created with another value of huaweicloud_redact"]


@pytest.mark.parametrize(
    "results, status",
    [
        ([result()], "no_changes"),
        ([quota(1, 2)], "changes"),
        ([quota(1, 2), result(failed=True, msg="no", error={"kind": "drift"})], "invalid"),
    ],
)
def test_status_of_a_plan(results, status):
    assert plan(*results)["status"] == status


@pytest.mark.parametrize(
    "results, prune_skipped, status",
    [
        ([result()], [], "no_drift"),
        ([quota(1, 2)], [], "drift"),
        ([quota(1, 2), result(failed=True, msg="no", error={"kind": "forbidden"})], [], "unknown"),
        ([result()], ["workspaces"], "unknown"),
    ],
)
def test_status_of_drift(results, prune_skipped, status):
    document = {"workspaces": [{"name": "team"}] * len(results)}
    compared = comparison(results, document, prune_skipped=prune_skipped)
    assert build_drift_report(compared, document, "f", "now")["status"] == status


def test_resources_are_listed_below_their_mesh():
    found = {
        "meshes": [{"id": "m-1", "name": "shop", "phase": "Running", "version": "v1.18"}, {"id": "m-2", "name": "new"}],
        "workshops": [
            {"name": "demo", "mesh_id": "m-1", "ingress": {"elb_ip": "192.0.2.10", "port": 80}},
            {"name": "empty", "mesh_id": "m-2", "ingress": None},
        ],
        "releases": [
            {
                "namespace": "shop",
                "name": "reviews-v2",
                "mesh_id": "m-1",
                "status": {"phase": "Running"},
                "version": "v2",
                "service_name": "reviews",
                "deployment_name": "reviews-v1",
            }
        ],
        "workspaces": [
            {"name": "default", "status": "NORMAL", "auth_type": "public", "grants": None, "quotas": None},
            {
                "name": "team",
                "status": None,
                "auth_type": "internal",
                "grants": [{"user_name": "anna"}, {"user_name": "bob"}],
                "quotas": [{"resource": "gpu", "quota": 5}, {"resource": "cpu", "quota": -1}],
            },
        ],
    }
    assert format_resources(found) == [
        "mesh       shop                     Running    v1.18",
        "  workshop demo                     http://192.0.2.10:80",
        "  release  shop/reviews-v2          Running    v2 of reviews beside reviews-v1",
        "mesh       new                      ?          ",
        "  workshop empty                    http://?:?",
        "workspace  default                  NORMAL     public",
        "workspace  team                     ?          internal, anna bob, gpu",
        "total      meshes: 2, workshops: 2, releases: 1, workspaces: 2",
    ]


def test_kinds_that_were_not_read_are_named():
    found = {"meshes": None, "workshops": None, "releases": None, "workspaces": []}
    assert format_resources(found) == [
        "total      meshes: not read, workshops: not read, releases: not read, workspaces: 0"
    ]
