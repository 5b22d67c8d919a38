# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT, build_drift_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    PLAN,
    build_plan,
    compute_checksum,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import REDACTED

MADE = "2026-01-02T03:04:05Z"
TARGET = {
    "project_id": "p-1",
    "region": "eu-de",
    "asm_endpoint": "https://asm",
    "modelarts_endpoint": None,
    "auth_url": "https://iam",
}
TARGET["meshes"] = [{"id": "m-1", "name": "shop"}]


def result(kind="workspace", name="team", action=None, **more):
    found = {
        "kind": kind,
        "name": name,
        "action": action,
        "changed": bool(action),
        "failed": False,
        "msg": None,
        "resource": None,
        "before": None,
    }
    found.update(
        actions=[{"action": action, "fields": ["description"], "request_id": None}] if action else [],
        differences=[],
        not_compared=[],
        error=None,
    )
    return {**found, **more}


def refused(kind="drift", msg="It is impossible.", **more):
    return result(failed=True, msg=msg, error={"kind": kind}, **more)


def workspace(**more):
    base = {
        "id": "1",
        "name": "team",
        "description": "",
        "status": "NORMAL",
        "status_info": "",
        "created_at": "then",
        "updated_at": "then",
    }
    return {**base, "grants": None, **more}


def release(phase, **more):
    status = {
        "phase": phase,
        "start_time": "then",
        "updated_at": "then",
        "deployment": {"status": {"replicas": 1}},
        "gray_deployments": [],
    }
    return {
        "id": "2",
        "name": "r",
        "namespace": "n",
        "mesh_id": "m-1",
        "gray_deployments": [],
        "status": status,
        **more,
    }


def plan(*results, **document):
    return build_plan(
        {"results": list(results), "target": TARGET, "plan": {"hash": "sha256:1"}},
        document or {"workspaces": [{"name": "team"}] * len(results)},
        "site.yml",
        MADE,
    )


def drift(*results, **document):
    applied = {"results": list(results), "target": TARGET, "prune_skipped": []}
    return build_drift_report(applied, document or {"workspaces": [{"name": "team"}] * len(results)}, "site.yml", MADE)


def states(report):
    return [observed["state"] for observed in report["resources"]]


def test_plan_has_states_counts_and_fields():
    made = plan(
        result(action="create"), result(resource=workspace()), refused(), result(action="update", before=workspace())
    )
    assert (made["format"], made["generated_at"], made["desired_state"]["path"]) == (PLAN, MADE, "site.yml")
    assert states(made) == ["create", "unchanged", "invalid", "update"]
    assert made["counts"] == {
        "invalid": 1,
        "create": 1,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "promote": 0,
        "cancel": 0,
        "unchanged": 1,
    }
    assert made["has_changes"] is True
    assert [observed["msg"] for observed in made["resources"]] == [None, None, "It is impossible.", None]
    assert [observed["fields"] for observed in made["resources"]] == [["description"], [], [], ["description"]]


def test_checksum_covers_the_whole_plan():
    made = plan(result(action="create"))
    assert made["checksum"] == compute_checksum(json.loads(json.dumps(made)))
    assert (
        len(
            {
                made["checksum"],
                compute_checksum(dict(made, generated_at="x")),
                compute_checksum(dict(made, counts={})),
                compute_checksum(dict(made, hash="x")),
            }
        )
        == 4
    )


def test_plan_without_changes_has_no_changes():
    made = plan(result(resource=workspace()))
    assert (made["has_changes"], made["counts"]["unchanged"]) == (False, 1)
    # An invalid item is not a change.
    assert plan(refused())["has_changes"] is False


def test_actual_state_omits_volatile_fields():
    (observed,) = plan(
        result(resource=workspace(quotas=[{"resource": "gpu", "quota": 5, "used_quota": 3, "updated_at": "now"}]))
    )["resources"]
    assert observed["actual"] == {
        "id": "1",
        "name": "team",
        "description": "",
        "status": "NORMAL",
        "status_info": "",
        "quotas": {"gpu": 5},
    }


def test_actual_release_has_its_template_and_phase():
    observed = {
        "metadata": {"name": "x", "resourceVersion": "9"},
        "spec": {"replicas": 1},
        "status": {"availableReplicas": 1},
    }
    status = {"phase": "Running", "gray_deployments": [observed]}
    (observed,) = plan(
        result(kind="release", resource=release("Running", status=status)), releases=[{}], mesh_name="shop"
    )["resources"]
    template = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"replicas": 1}}
    assert (observed["actual"]["gray_deployments"], observed["actual"]["status"]) == (
        [{"template": template}],
        {"phase": "Running"},
    )


@pytest.mark.parametrize(
    "item, mesh",
    [({"mesh_id": "own"}, "own"), ({"mesh_name": "named"}, "named"), ({"mesh_id": ""}, "shop"), ({}, "shop")],
)
def test_mesh_of_the_item_precedes_that_of_the_file(item, mesh):
    (observed,) = plan(result(kind="release", resource=release("Running")), releases=[item], mesh_name="shop")[
        "resources"
    ]
    assert observed["mesh"] == mesh


def test_hash_is_that_of_apply():
    assert plan(result(resource=workspace()))["hash"] == "sha256:1"


def test_target_is_in_both_reports():
    assert plan()["target"] == drift()["target"] == TARGET


@pytest.mark.parametrize("place", ["document", "item"])
def test_vaulted_mesh_is_redacted_in_the_target(vaulted, place):
    named = {"mesh_name": vaulted("shop")}
    document = (
        {"workshops": [{"name": "w"}], **named} if place == "document" else {"workshops": [{"name": "w", **named}]}
    )
    for made in (plan(result("workshop", "w"), **document), drift(result("workshop", "w"), **document)):
        assert made["target"]["meshes"] == [{"id": "m-1", "name": REDACTED}]
        assert made["resources"][0]["mesh"] == REDACTED
        assert "'shop'" not in str(made)


def test_secrets_are_redacted_in_the_plan():
    secret = "hunter2-of-the-shop"
    differences = [
        {
            "field": "gray_deployments[0]",
            "actual": {"env": [{"name": "A", "value": secret}]},
            "desired": None,
            "changeable": False,
            "private": False,
        },
        {"field": "x", "actual": "another-secret", "desired": None, "changeable": False, "private": True},
    ]
    gray = [{"template": {"env": [{"name": "PASSWORD", "value": secret}]}}]
    made = plan(
        refused(msg=f"'{secret}' is wrong", before=workspace(description=secret), differences=differences),
        workspaces=[{"name": "team", "gray_deployments": gray}],
        services={"reviews": {"password": secret}},
    )
    assert secret not in str(made) and "another-secret" not in str(made)
    assert made["resources"][0]["msg"] == "'(not shown)' is wrong"


def test_actual_value_of_a_vaulted_field_is_redacted(vaulted):
    new, old = "hunter3-of-the-shop", "hunter2-of-the-shop"
    found = workspace(name="secret-team", description=old)
    difference = {"field": "description", "actual": old, "desired": new, "changeable": True, "private": False}
    update = result(
        action="update",
        name="secret-team",
        before=found,
        resource=dict(found, description=new),
        differences=[difference],
    )
    failed = refused(
        name="secret-team", msg=f"description is '{old}', desired is '{new}'", before=found, differences=[difference]
    )
    declared = {"name": vaulted("secret-team"), "description": vaulted(new)}
    for make in (plan, drift):
        made = make(update, failed, workspaces=[declared, declared])
        assert not [secret for secret in (new, old, "secret-team") if secret in str(made)]
        first, second = made["resources"]
        assert first["name"] == first["actual"]["name"] == REDACTED
        assert first["differences"] == [
            {"field": "description", "actual": REDACTED, "desired": REDACTED, "changeable": True}
        ]
        assert second["msg"] == f"{REDACTED}, because it may contain a vaulted value: description, name"
    # The digest shows a change by another client.
    update["before"] = dict(found, description="hunter4-of-the-shop")
    digests = [plan(one, workspaces=[declared])["resources"] for one in (update, dict(update, before=found))]
    assert digests[0][0]["redacted_digest"] != digests[1][0]["redacted_digest"]


@pytest.mark.parametrize("secret", ['it\'s the "secret" text', "line one\nline two", "ba\\ck", "abc", "x" * 300])
def test_message_that_may_quote_a_vaulted_value_is_omitted(vaulted, secret):
    """However a message quotes it, however short it is, and what it was before."""
    failed = refused(
        msg=f"description is {'old ' + secret!r}, desired is {secret!r} or {json.dumps(secret)}",
        before=workspace(description="old " + secret),
    )
    for make in (plan, drift):
        made = make(failed, workspaces=[{"name": "team", "description": vaulted(secret)}])
        assert made["resources"][0]["msg"] == f"{REDACTED}, because it may contain a vaulted value: description"


@pytest.mark.parametrize("secret", ['it\'s the "secret" text', "line one\nline two", "ba\\ck", "t\u00ebxt"])
def test_secret_is_redacted_in_any_quoting_of_a_message(secret):
    failed = refused(msg=f"{secret} is {secret!r}, {json.dumps(secret)}, {json.dumps(secret, ensure_ascii=False)}")
    made = plan(failed, workspaces=[{"name": "team", "api_key": secret}])
    assert made["resources"][0]["msg"] == '{0} is {1}{0}{1}, "{0}", "{0}"'.format(REDACTED, repr(secret)[0])


def test_vaulted_name_of_a_release_is_redacted(vaulted):
    made = plan(
        result("release", "shop/hidden"),
        mesh_name="m",
        releases=[{"namespace": "shop", "name": vaulted("hidden")}],
    )
    assert made["resources"][0]["name"] == f"shop/{REDACTED}"


def test_drift_states():
    there = workspace()
    difference = {"field": "description", "actual": "a", "desired": "b", "changeable": False, "private": False}
    cases = {
        "in_sync": result(resource=there),
        "changed": result(action="update", before=there, differences=[difference]),
        "missing": result(action="create"),
        "failed": refused("wait", before=workspace(status="DELETE_FAILED", status_info="left over")),
        "unknown": refused("forbidden"),
    }
    report = drift(*cases.values())
    assert (report["format"], states(report)) == (DRIFT, list(cases))
    assert report["resources"][3]["failure"] == "status DELETE_FAILED: left over"
    more = [
        refused(differences=[difference], before=there),
        result(action="delete", before=there),
        refused(),
        refused("options"),
    ]
    assert states(drift(*more)) == ["changed", "changed", "missing", "unknown"]
    assert drift(cases["in_sync"])["has_drift"] is False
    assert [drift(cases[state])["has_drift"] for state in ("changed", "missing", "failed", "unknown")] == [
        True,
        True,
        True,
        False,
    ]


def test_tolerated_difference_is_drift():
    difference = {"field": "description", "actual": "a", "desired": "b", "changeable": False, "private": False}
    assert states(drift(result(resource=workspace(), differences=[difference]))) == ["changed"]


def test_unmanaged_resources_are_listed_last():
    others = [
        result(action="delete", before=workspace(name="other")),
        result(kind="release", action="cancel", before=release("CreateFailed")),
        # Only the record of something that has ended.
        result(kind="release", resource=release("Finished")),
        refused(before=workspace(), kind="drift"),
    ]
    report = drift(result(resource=workspace()), *others, workspaces=[{"name": "team"}])
    assert states(report) == ["in_sync", "unmanaged", "failed", "unmanaged"]
    assert report["resources"][2]["failure"] == "phase CreateFailed"


def test_unmanaged_count_is_null_if_pruning_was_skipped():
    wrong, other = refused("options"), result("workshop", "other", action="delete", before={"id": "1", "name": "other"})
    applied = {"results": [wrong, other], "target": TARGET, "prune_skipped": ["workspaces"]}
    report = build_drift_report(applied, {"workspaces": [{"name": "team"}], "workshops": []}, "site.yml", MADE)
    assert (report["counts"]["unmanaged"], report["undetermined_kinds"], report["has_drift"]) == (
        None,
        ["workspaces"],
        True,
    )
    # Unmanaged resources of other kinds are reported.
    assert states(report) == ["unknown", "unmanaged"]
    known = drift(wrong, other, workspaces=[{"name": "team"}], workshops=[])
    assert (known["counts"]["unmanaged"], known["undetermined_kinds"]) == (1, [])


def test_failed_phases_of_the_item_apply():
    found = result(kind="release", resource=release("Broken"))
    assert states(drift(found, releases=[{"failed_phases": ["Broken"]}], mesh_name="m")) == ["failed"]
    assert states(drift(found, releases=[{}], mesh_name="m")) == ["in_sync"]


def test_failed_workspace_without_a_reason():
    (observed,) = drift(refused("wait", before=workspace(status="CREATE_FAILED")))["resources"]
    assert observed["failure"] == "status CREATE_FAILED: the service gives no reason"


@pytest.mark.parametrize(
    ("phase", "state"), [("CreateFailed", "failed"), ("Running", "in_sync"), ("Creating", "in_sync")]
)
def test_mesh_in_drift_report(phase, state):
    fields = ["clusters[].installation_nodes"]
    found = {"id": "m-1", "name": "lab-mesh", "phase": phase, "updated_at": "then"}
    report = drift(result("mesh", "lab-mesh", resource=found, not_compared=fields), meshes=[{"name": "lab-mesh"}])
    (mesh,) = report["resources"]
    assert (mesh["state"], mesh["not_compared"], mesh["mesh"]) == (state, fields, None)
    assert mesh["actual"] == {"id": "m-1", "name": "lab-mesh", "phase": phase}
