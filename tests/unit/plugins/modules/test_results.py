# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.modules import (
    api_request,
    asm_mesh_info,
    asm_release,
    asm_release_info,
    asm_workshop,
    asm_workshop_info,
    iam_token,
    modelarts_workspace,
    modelarts_workspace_info,
)
from diffs import diff

ACCESS = {
    "access_key": "ACCESSKEY0001",
    "secret_key": "CANARY-secret-key",
    "project_id": "p-1",
    "asm_endpoint": "https://asm.example.com",
    "modelarts_endpoint": "https://modelarts.example.com",
}
USER = {"username": "alice", "password": "CANARY-password", "domain_name": "OTC00000001", "region": "eu-de"}
LABELS = {"app": "reviews", "version": "v2"}
TEMPLATE = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "reviews-v2"},
    "spec": {
        "selector": {"matchLabels": LABELS},
        "template": {
            "metadata": {"labels": LABELS},
            "spec": {"containers": [{"name": "reviews", "image": "example.com/reviews:1"}]},
        },
    },
}
WORKSHOP = {
    "mesh_name": "shop",
    "name": "bookinfo",
    "primary_cluster": "c-1",
    "ingress": {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80},
}
RELEASE = {
    "mesh_id": "m-1",
    "namespace": "bookinfo",
    "name": "reviews-v2",
    "service_name": "reviews",
    "cluster_id": "c-1",
    "deployment_name": "reviews-v1",
    "version": "v2",
    "gray_deployments": [{"template": TEMPLATE}],
}
WORKSPACE = {
    "name": "team-a",
    "auth_type": "internal",
    "grants": [{"user_name": "ann"}],
    "quotas": [{"resource": "gpu", "quota": 5}],
}
RESOURCE_MODULES = [
    (asm_workshop, WORKSHOP, "workshop"),
    (asm_release, RELEASE, "release"),
    (modelarts_workspace, WORKSPACE, "workspace"),
]
INFO_MODULES = [
    (asm_mesh_info, {}, "meshes"),
    (asm_workshop_info, {"mesh_name": "shop"}, "workshops"),
    (asm_release_info, {"mesh_name": "shop"}, "releases"),
    (modelarts_workspace_info, {"include_grants": True, "include_quotas": True}, "workspaces"),
]
# Keys that Ansible adds, and keys of every result.
ADDED_KEYS = {"invocation", "changed", "failed", "msg", "diff", "warnings", "auth_source", "deprecations"}


def undocumented(value, described, path=""):
    """Where a result and its documentation differ, in keys, at any depth."""
    if isinstance(value, list):
        return [text for entry in value for text in undocumented(entry, described, path)]
    if not isinstance(value, dict) or not described.get("contains"):
        return []
    keys = described["contains"]
    found = [f"{path}.{key}" for key in sorted(value.keys() ^ keys.keys())]
    return found + [
        text for key in value.keys() & keys.keys() for text in undocumented(value[key], keys[key], f"{path}.{key}")
    ]


def assert_documented(module, result, *but):
    documented = yaml.safe_load(module.RETURN)
    wanted = {key for key, entry in documented.items() if entry["returned"] in ("always", "success")}
    assert {key for key in result if key not in ADDED_KEYS} == wanted - set(but)
    assert (
        undocumented(
            {key: result[key] for key in documented if key in result},
            {"contains": {k: v for k, v in documented.items() if k in result}},
        )
        == []
    )


@pytest.mark.parametrize(("module", "options", "key"), RESOURCE_MODULES, ids=[case[2] for case in RESOURCE_MODULES])
def test_results_of_modules_that_change_something(main, cloud, module, options, key):
    check = main(module, {**ACCESS, **options}, check_mode=True, diff=True)
    assert not [line for line in cloud.request_log if not line.startswith("GET ")]
    real = main(module, {**ACCESS, **options}, check_mode=False, diff=True)
    again = main(module, {**ACCESS, **options})
    assert [result["changed"] for result in (check, real, again)] == [True, True, False]
    for result in (check, real, again):
        assert "failed" not in result
        assert_documented(module, result, "error")
        assert "CANARY" not in json.dumps(result)
    assert check[key].keys() == real[key].keys() == again[key].keys()
    assert (check[key]["id"], real[key]["id"] is None) == (None, False)
    assert check["diff"] == real["diff"] == diff(None, check[key])
    assert "diff" not in again
    assert again["actions"] == []
    assert again[key] == real[key]


@pytest.mark.parametrize(("module", "options", "key"), INFO_MODULES, ids=[case[2] for case in INFO_MODULES])
@pytest.mark.parametrize("check_mode", [True, False])
def test_results_of_modules_that_read(main, cloud, module, options, key, check_mode):
    for changer, desired, dummy in RESOURCE_MODULES:
        main(changer, {**ACCESS, **desired})
    before = len(cloud.request_log)
    result = main(module, {**ACCESS, **options}, check_mode=check_mode, diff=True)
    assert (result["changed"], "diff" in result) == (False, False)
    assert len(result[key]) >= 1
    assert_documented(module, result, "error")
    assert not [line for line in cloud.request_log[before:] if not line.startswith("GET ")]


@pytest.mark.parametrize("check_mode", [True, False])
def test_token(main, cloud, check_mode):
    result = main(iam_token, USER, check_mode=check_mode)
    assert_documented(iam_token, result, "error")
    assert (result["token"], result["expires_at"], result["project_id"]) == (
        "CANARY-issued-token",
        "2026-01-03T03:04:05Z",
        "p-1",
    )
    assert (result["changed"], result["request_ids"]) == (False, ["req-1"])
    assert cloud.request_log == ["POST /v3/auth/tokens?nocatalog=true"]
    assert "CANARY-password" not in json.dumps(result)


@pytest.mark.parametrize("options", [ACCESS, {"auth_token": "CANARY-given-token", "region": "eu-de"}])
def test_token_needs_a_user(main, cloud, options):
    result = main(iam_token, options)
    given = "option auth_token" if "auth_token" in options else "options access_key and secret_key"
    assert result["msg"] == (
        "A token is issued for a user name and a password, and none are given. Set username, password and domain_name. "
        f"The credentials come from the task {given}."
    )
    assert (result["failed"], result["error"]["kind"], cloud.request_log) == (True, "options", [])


def test_refused_token(main, cloud):
    cloud.respond("POST", 401, {"error": {"code": 401, "message": "The username or password is wrong."}})
    result = main(iam_token, USER)
    assert (result["failed"], result["error"]["kind"], result["error"]["status"]) == (True, "auth", 401)
    assert result["msg"].startswith(
        "Failed to get a token for user 'alice': The username or password is wrong (HTTP 401"
    )
    assert "CANARY" not in json.dumps(result)


CREATION = {"service": "modelarts", "method": "POST", "path": "v1/{project_id}/workspaces", "body": {"name": "team-a"}}


@pytest.mark.parametrize("check_mode", [True, False])
def test_request(main, cloud, check_mode):
    result = main(api_request, {**ACCESS, **CREATION}, check_mode=check_mode)
    assert_documented(api_request, result)
    assert (result["changed"], result["request_sent"], result["status"]) == (
        True,
        not check_mode,
        None if check_mode else 200,
    )
    assert cloud.request_log == ([] if check_mode else ["POST /v1/p-1/workspaces"])
    assert "CANARY" not in json.dumps({key: value for key, value in result.items() if key != "invocation"})


def test_request_that_was_refused(main, cloud):
    cloud.respond("POST", 403, {"error_code": "APIGW.0302", "error_msg": "Not allowed with CANARY-secret-key."})
    result = main(api_request, {**ACCESS, **CREATION, "fail_on_error": False})
    assert_documented(api_request, result)
    assert (result["changed"], result["status"], result["auth_method"]) == (False, 403, "aksk")
    hint = "The request was sent for project p-1 to https://modelarts.example.com."
    assert result["error"] == {
        "kind": "forbidden",
        "status": 403,
        "code": "APIGW.0302",
        "message": "Not allowed with ********.",
        "request_id": "req-1",
        "method": "POST",
        "path": "/v1/p-1/workspaces",
        "attempts": 1,
        "outcome_unknown": False,
        "hint": hint,
    }
    assert result["content"] == '{"error_code": "APIGW.0302", "error_msg": "Not allowed with ********."}'
    cloud.respond("POST", 403, {"error_code": "APIGW.0302", "error_msg": "Not allowed with CANARY-secret-key."})
    failed = main(api_request, {**ACCESS, **CREATION})
    assert (failed["failed"], failed["changed"], failed["error"]["kind"], failed["actions"]) == (
        True,
        False,
        "forbidden",
        [],
    )
    assert failed["msg"].startswith("Failed to POST v1/{project_id}/workspaces: Not allowed with ********")
    assert "CANARY" not in json.dumps(failed)


@pytest.mark.parametrize(
    ("module", "options", "key"),
    [*RESOURCE_MODULES, *INFO_MODULES],
    ids=[case[2] for case in [*RESOURCE_MODULES, *INFO_MODULES]],
)
def test_failures_are_documented(main, cloud, module, options, key):
    cloud.respond("GET", 403, {"error_code": "APIGW.0302", "error_msg": "Not allowed with CANARY-secret-key."})
    result = main(module, {**ACCESS, **options}, diff=True, verbosity=4)
    described = yaml.safe_load(module.RETURN)
    assert result["failed"] is True
    assert (result["changed"], result["actions"], result["request_ids"]) == (False, [], ["req-1"])
    assert result["error"].keys() == described["error"]["contains"].keys()
    assert (result["error"]["kind"], result["error"]["status"], result["error"]["code"]) == (
        "forbidden",
        403,
        "APIGW.0302",
    )
    assert result["error"]["message"] == "Not allowed with ********."
    assert "CANARY" not in json.dumps(result)
    assert "Traceback" not in json.dumps(result)


SAMPLES = {
    "asm": (r"ASM\.\d{8}", r"/v2/meshes/[0-9a-f-]{36}/workshops", "asm:mesh:createWorkshop"),
    "modelarts": (r"ModelArts\.\d{4}", r"/v1/[0-9a-f]{32}/workspaces", "modelarts:workspace:(create|list)"),
    "iam": (r"IAM\.\d{4}", r"/v3/auth/tokens", None),
}
RESOURCE_TYPES = {401: "auth", 403: "forbidden"}


@pytest.mark.parametrize(
    "module",
    [*(case[0] for case in (*RESOURCE_MODULES, *INFO_MODULES)), iam_token],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_samples_of_an_error_are_those_of_the_service(module):
    described = yaml.safe_load(module.RETURN)["error"]["contains"]
    sample = {key: entry["sample"] for key, entry in described.items()}
    code, path, action = SAMPLES[module.__name__.rpartition(".")[2].partition("_")[0]]
    assert re.fullmatch(code, sample["code"])
    assert re.fullmatch(path, sample["path"])
    granted = re.search(r"IAM action (\S+)\.$", sample["hint"])
    assert re.fullmatch(action, granted[1]) if action else granted is None
    assert sample["kind"] == RESOURCE_TYPES[sample["status"]]


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (asm_workshop, dict(WORKSHOP, mesh_id="m-1"), "parameters are mutually exclusive: mesh_id|mesh_name"),
        (asm_workshop, {"name": "bookinfo"}, "one of the following is required: mesh_id, mesh_name"),
        (asm_release, {"mesh_id": "m-1", "name": "reviews-v2"}, "missing required arguments: namespace"),
        (
            asm_release,
            dict(RELEASE, gray_deployments=[{"cluster_id": "c-1"}]),
            "missing required arguments: template found in gray_deployments",
        ),
        (
            asm_release,
            dict(RELEASE, state="absent"),
            "value of state must be one of: present, promoted, canceled, got: absent",
        ),
        (
            asm_release,
            dict(RELEASE, on_drift="replace"),
            "value of on_drift must be one of: fail, warn, got: replace",
        ),
        (modelarts_workspace, {"id": "x", "name": "y"}, "parameters are mutually exclusive: id|name"),
        (modelarts_workspace, {}, "one of the following is required: id, name"),
        (
            modelarts_workspace,
            {"name": "team-a", "quotas": [{"resource": "gpu"}]},
            "missing required arguments: quota found in quotas",
        ),
    ],
)
def test_options_ansible_refuses(main, cloud, module, options, message):
    result = main(module, {**ACCESS, **options})
    assert (result["failed"], result["msg"], cloud.request_log) == (True, message, [])


@pytest.mark.parametrize("module", [asm_workshop, asm_release, modelarts_workspace])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"secret_key": None}, "Incomplete credentials in the task options: "),
        (
            {"access_key": None, "secret_key": None},
            "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name",
        ),
        ({"wait_timeout": 0}, "wait_timeout must be greater than 0, not 0.0"),
        ({"wait_interval": -1}, "wait_interval must be greater than 0, not -1.0"),
    ],
)
def test_bad_connection_and_wait(main, cloud, module, changes, message):
    options = next(options for changer, options, dummy in RESOURCE_MODULES if changer is module)
    result = main(module, {**ACCESS, **options, **changes})
    assert result["msg"].startswith(message)
    assert (result["failed"], result["changed"], result["request_ids"], cloud.request_log) == (True, False, [], [])
    assert "CANARY" not in json.dumps(result)
