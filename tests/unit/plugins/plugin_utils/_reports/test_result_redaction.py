# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import types

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import build_plan, stable_fields
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import REDACTED, REDACTED_CHANGED
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.result_redaction import ResultRedactor

NEW, OLD, ENV = "new words of the vault", "old words of the team", "value-of-a-variable"
TOKEN = "CANARY-0123456789abcdef"
PLACE = {
    "project_id": "p",
    "region": "eu-de",
    "asm_endpoint": None,
    "modelarts_endpoint": None,
    "auth_url": None,
    "meshes": [],
}


@pytest.mark.parametrize("option", ["credentials_file", "token_cache"])
def test_paths_of_files_with_secrets_are_not_redacted(option):
    path = "/home/anna/secrets"
    redactor = ResultRedactor({option: path, "auth_token": TOKEN}, dict)
    result = redactor.redact({"failed": True, "msg": f"'{path}' cannot be read with {TOKEN}"})
    assert result["msg"] == f"'{path}' cannot be read with {REDACTED}"
    assert redactor.redact_arguments({option: path}) == {option: path}


def test_keys_of_items_with_the_names_of_paths_are_redacted():
    value = {"annotations": {"credentials_file": TOKEN}}
    assert ResultRedactor({}, dict).redact_arguments(value) == {"annotations": {"credentials_file": REDACTED}}


def workspace(description, **more):
    return {"id": "1", "name": "team", "description": description, "status": "NORMAL", **more}


def update(**more):
    """Return what apply returns for a workspace with another description."""
    before, after = workspace(OLD), workspace(NEW)
    return {
        "kind": "workspace",
        "name": "team",
        "action": "update",
        "actions": [{"action": "update", "fields": ["description"], "request_id": "r"}],
        "changed": True,
        "failed": False,
        "msg": None,
        "resource": after,
        "before": before,
        "not_compared": [],
        "differences": [
            {"field": "description", "actual": OLD, "desired": NEW, "changeable": True, "private": False},
        ],
        "error": None,
        **more,
    }


def applied(*results, **more):
    diff = [
        {
            "before_header": "workspace team",
            "after_header": "workspace team",
            "before": one["before"],
            "after": one["resource"],
        }
        for one in results
        if one["msg"] is None
    ]
    return {
        "results": list(results),
        "diff": diff,
        "changed": True,
        "plan": {"hash": "sha256:1"},
        "target": PLACE,
        "request_ids": ["r"],
        **more,
    }


def redact(result, sources=(), **arguments):
    given = copy.deepcopy(result)
    redacted = ResultRedactor(arguments, stable_fields, sources).redact(result)
    assert result == given, "the result itself is left alone"
    return redacted


def test_old_and_new_vaulted_values_are_redacted(vaulted):
    items = [{"name": "team", "description": vaulted(NEW)}]
    result = applied(update(), warnings=[f"description is {OLD!r}"], invocation={"module_args": {"workspaces": items}})
    redacted = redact(result, workspaces=items)
    assert NEW not in str(redacted) and OLD not in str(redacted)
    (one,), (diff,) = redacted["results"], redacted["diff"]
    assert (one["before"]["description"], one["resource"]["description"]) == (REDACTED, REDACTED_CHANGED)
    assert (diff["before"]["description"], diff["after"]["description"]) == (REDACTED, REDACTED_CHANGED)
    assert (one["resource"]["name"], one["actions"][0]["fields"], redacted["request_ids"]) == (
        "team",
        ["description"],
        ["r"],
    )


def test_plan_is_the_same_for_a_redacted_result(vaulted):
    document = {"workspaces": [{"name": "team", "description": vaulted(NEW)}]}
    for result in (update(), update(before=workspace(OLD, api_key="k-1"))):
        plain = build_plan(applied(result), document, "f", "now")
        redacted = build_plan({**redact(applied(result), **document), "redacted": True}, document, "f", "now")
        assert plain["resources"] == redacted["resources"]
    # The digest covers redacted values.
    other = update(before=workspace("another old text"))
    differing = build_plan(redact(applied(other), **document), document, "f", "now")["resources"]
    assert differing[0]["redacted_digest"] != redacted["resources"][0]["redacted_digest"]


def test_plan_is_not_redacted_if_redaction_is_off(vaulted):
    document = {"workspaces": [{"name": "team", "description": vaulted(NEW)}]}
    (observed,) = build_plan({**applied(update()), "redacted": False}, document, "f", "now")["resources"]
    assert (observed["desired"]["description"], observed["actual"]["description"]) == (NEW, OLD)


@pytest.mark.parametrize("kind, is_contained", [("drift", False), ("options", False), ("forbidden", True)])
def test_message_that_may_quote_a_vaulted_value_is_omitted(vaulted, kind, is_contained):
    error = {"kind": kind, "message": "The user anna may not do this.", "status": 403}
    failed = update(failed=True, resource=None, msg=error["message"], error=error, differences=[])
    message = f"1 of 1 failed: workspace 'team': {error['message']}"
    redacted = redact(
        applied(failed, msg=message, error=error), workspaces=[{"name": "team", "description": vaulted(NEW)}]
    )
    texts = [redacted["msg"], redacted["error"]["message"], redacted["results"][0]["msg"]]
    assert ["anna" in text for text in texts] == [is_contained] * 3
    assert redacted["msg"].startswith("1 of 1 failed: workspace 'team': ")
    assert redacted["error"]["status"] == 403


@pytest.mark.parametrize("secret", ["q#7", "x" * 300])
def test_short_and_shortened_values_are_found_in_messages(vaulted, secret):
    error = {"kind": "server", "message": f"cannot store '{secret[:100]}...'"}
    redacted = redact({"failed": True, "msg": error["message"], "error": error}, name="t", description=vaulted(secret))
    assert secret[:100] not in str(redacted)


def test_result_of_a_module_for_one_resource(vaulted):
    environment = [{"name": "GREETING", "value": ENV}]
    release = {"name": "r", "gray_deployments": [{"template": {"env": environment}}]}
    result = {"changed": True, "release": release, "diff": {"before": {}, "after": release}, "exception": ENV}
    redacted = redact(
        result, name="r", gray_deployments=[{"template": {"env": [{"name": "GREETING", "value": vaulted(ENV)}]}}]
    )
    assert ENV not in str(redacted)
    assert redacted["release"]["gray_deployments"][0]["template"]["env"][0]["name"] == "GREETING"


def test_lists_of_info_modules():
    found = [{"name": "r", "gray_deployments": [{"template": {"env": [{"name": "A", "value": ENV}]}}]}]
    redacted = redact({"changed": False, "releases": found}, mesh_id="m")
    assert ENV not in str(redacted) and redacted["releases"][0]["name"] == "r"


def test_secrets_of_fields_missing_in_the_task_are_redacted(vaulted):
    """A task that deletes resources has no description of theirs."""
    desired = {"workspaces": [{"name": "team", "description": vaulted(NEW)}]}
    deletion = update(action="delete", resource=None, differences=[], before=workspace(OLD))
    for source in (desired, desired["workspaces"]):
        redacted = redact(applied(deletion), [None, "text", source], workspaces=[{"name": "team", "state": "absent"}])
        assert OLD not in str(redacted) and NEW not in str(redacted)


def test_only_the_item_with_a_vaulted_value_is_redacted(vaulted):
    """The options of a task do not have the marks of the vault before ansible-core 2.19."""
    items = [{"name": "team", "description": NEW}, {"name": "other", "description": "open words"}]
    source = [{"name": "team", "description": vaulted(NEW)}, items[1]]
    other = update(name="other", before=workspace("older words"), resource=workspace("open words"), differences=[])
    redacted = redact(applied(update(), other), [{"workspaces": source}], workspaces=items)
    assert OLD not in str(redacted) and NEW not in str(redacted)
    assert redacted["results"][1]["resource"]["description"] == "open words"


@pytest.mark.parametrize("items", [5, "name=team", None, {"name": "team"}])
def test_items_of_another_type(vaulted, items):
    error = {"kind": "options", "message": "workspaces must be a list"}
    redacted = redact({"failed": True, "msg": error["message"], "error": error}, workspaces=items)
    assert redacted["msg"] == "workspaces must be a list"
    assert len(redact(applied(update()), workspaces=items, mesh_name=vaulted(NEW))["results"]) == 1
    assert NEW not in str(redact(applied(update()), workspaces="name=team", mesh_name=vaulted(NEW)))


def test_warnings_may_be_objects(vaulted):
    warning = types.SimpleNamespace(event=types.SimpleNamespace(msg=f"{NEW} is odd"))
    redacted = redact({"changed": False, "warnings": [warning]}, name="t", description=vaulted(NEW))
    assert len(redacted["warnings"]) == 1 and NEW not in redacted["warnings"][0]
