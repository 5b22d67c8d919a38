# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import re
import threading
import typing as t

import pytest
import simulated_cloud
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk import run as _run
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.run import run as run_apply
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    OptionError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.module_utils._results import build_result
from ansible_collections.community.huaweicloud.plugins.module_utils._task import RunContext, run_task
from ansible_collections.community.huaweicloud.plugins.modules import apply, asm_release, modelarts_workspace
from diffs import diff
from simulated_cloud import (
    INTERNAL,
    Cloud,
    fail,
    mesh,
    observed,
    open_session,
    parameters,
    quota,
    release,
    run,
    workshop,
    workspace,
)

ROOT = "/v1/p-1/workspaces"
WORKSPACES = f"GET {ROOT}?limit=1000&offset=0&order=asc&sort_by=name"
MESHES = "GET /v1/p-1/meshes"
WORKSHOPS = "GET /v2/meshes/m-1/workshops"
RELEASES = "GET /v2/meshes/m-1/releases"
POST = f"POST {ROOT}"
FORBIDDEN = (403, {"error_code": "ModelArts.0108", "error_msg": "not authorized"})

INGRESS = {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80}


class Guarded(Cloud):
    """Services that can be asked by many threads. The Deployments of releases come up with their phase, not before."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.RLock()

    def __call__(self, call):
        with self._guard:
            return super().__call__(call)

    def _new_release(self, body):
        answer = super()._new_release(body)
        self.releases[-1]["status"]["grayDeployments"] = [observed("gray", available=0)]
        return answer


@pytest.fixture
def cloud():
    return Guarded()


def template(name: str, image: str = "example.com/app:2") -> dict[str, t.Any]:
    labels = {"app": name, "version": "v2"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{name}-v2", "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": image}]}},
        },
    }


def a_release(service: str, image: str = "example.com/app:2", **more: t.Any) -> dict[str, t.Any]:
    return {
        "namespace": "default",
        "name": f"{service}-v2",
        "service_name": service,
        "cluster_id": "c-1",
        "deployment_name": f"{service}-v1",
        "version": "v2",
        "gray_deployments": [{"template": template(service, image)}],
        **more,
    }


def port_for(name: str) -> int:
    """Return another port for each name, because two workshops cannot share one."""
    return 80 if name == "demo" else 8000 + sum(name.encode())


def a_workshop(name: str, **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "primary_cluster": "c-1", "ingress": dict(INGRESS, port=port_for(name)), **more}


def put_release(cloud: Cloud, service: str, uid: str, name: str | None = None, **more: t.Any) -> t.Any:
    spec = {
        "type": "canary",
        "serviceName": service,
        "clusterID": "c-1",
        "deploymentName": f"{service}-v1",
        "version": "v2",
        "grayDeployments": [{"clusterID": "c-1", "template": template(service)}],
    }
    cloud.releases.append(release(uid, {"name": name or f"{service}-v2", "namespace": "default"}, spec, **more))
    return cloud.releases[-1]


def put_workshop(cloud: Cloud, name: str, uid: str) -> None:
    cloud.workshops.append(
        workshop(
            uid,
            {"name": name},
            {"primaryCluster": "c-1", "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.1", "port": port_for(name)}},
        )
    )


def put(cloud: Cloud, *names: str, **fields: t.Any) -> None:
    for name in names:
        cloud.workspaces.append(workspace(f"id-{name}", name, **fields))
        cloud.quotas[f"id-{name}"] = [quota("gpu", -1), quota("cpu", 10)]


def named(*names: str, **fields: t.Any) -> list[dict[str, t.Any]]:
    return [dict(fields, name=name) for name in names]


def many(count: int, prefix: str = "team") -> list[str]:
    return [f"{prefix}-{number:03}" for number in range(count)]


def brief(ran: t.Any) -> list[tuple[str, str | None, bool, bool]]:
    return [(result["name"], result["action"], result["changed"], result["failed"]) for result in ran["results"]]


def plan(ran: t.Any) -> dict[str, int]:
    return {name: number for name, number in ran["plan"].items() if number and name != "hash"}


def request_log(path: t.Any) -> list[tuple[str, str, str | None]]:
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
    return [(line["event"], line["name"], line["action"]) for line in lines]


# All kinds, end to end


def everything() -> dict[str, t.Any]:
    return {
        "mesh_name": "shop",
        "workspaces": named("team-a", "team-b", description="x"),
        "workshops": [a_workshop("demo-a"), a_workshop("demo-b")],
        "releases": [a_release("reviews"), a_release("ratings")],
    }


def test_create_of_each_kind_reads_each_list_twice(cloud):
    predicted = run(cloud, apply, check=True, parallel=1, **everything())
    ran = run(cloud, apply, parallel=1, **everything())
    names = ["team-a", "team-b", "demo-a", "demo-b", "default/reviews-v2", "default/ratings-v2"]
    assert brief(ran) == [(name, "create", True, False) for name in names]
    assert [result["kind"] for result in ran["results"]] == ["workspace"] * 2 + ["workshop"] * 2 + ["release"] * 2
    assert (ran["changed"], plan(ran)) == (True, {"to_create": 6})
    lists = [WORKSPACES, WORKSHOPS, RELEASES]
    assert ran.request_log == [MESHES, *lists, *ran.writes, *lists]
    assert len(ran.writes) == 6
    assert "failed" not in ran.result
    kinds = [result["kind"] for result in ran["results"]]
    wanted = [{"before_header": f"{kind} {name}", "after_header": f"{kind} {name}"} for kind, name in zip(kinds, names)]
    assert ran["diff"] == [
        {**heads, **diff(None, result["resource"])} for heads, result in zip(wanted, predicted["results"])
    ]
    assert ran["diff"] == predicted["diff"]
    assert [result["resource"]["name"] for result in ran["results"]] == [
        "team-a",
        "team-b",
        "demo-a",
        "demo-b",
        "reviews-v2",
        "ratings-v2",
    ]
    assert len(ran["request_ids"]) == len(ran.request_log)


@pytest.mark.parametrize("check", [True, False])
def test_second_run_reads_each_list_once(cloud, check):
    run(cloud, apply, **everything())
    ran = run(cloud, apply, check=check, **everything())
    assert ran.request_log == [MESHES, WORKSPACES, WORKSHOPS, RELEASES]
    assert (ran["changed"], plan(ran)) == (False, {"unchanged": 6})
    assert ran["diff"] == []
    assert all(result["resource"] and not result["changed"] and result["action"] is None for result in ran["results"])


@pytest.mark.parametrize("parallel", [1, 8, 100])
def test_unchanged_items_need_no_further_requests(cloud, parallel):
    put(cloud, *many(300))
    ran = run(cloud, apply, parallel=parallel, workspaces=named(*many(300), description=""))
    assert ran.request_log == [WORKSPACES]
    assert plan(ran) == {"unchanged": 300}


def test_results_are_in_input_order(cloud):
    put(cloud, *many(60)[::2], description="old")
    names = many(60)[::-1]
    ran = run(cloud, apply, parallel=16, workspaces=named(*names, description="new"))
    assert [result["name"] for result in ran["results"]] == names
    assert plan(ran) == {"to_create": 30, "to_update": 30}
    assert sorted(each["description"] for each in cloud.workspaces if each["name"] != "default") == ["new"] * 60
    assert len([line for line in ran.request_log if line == POST]) == 30


ENDPOINTS = {
    "asm_endpoint": "https://asm.example.com",
    "modelarts_endpoint": "https://modelarts.example.com",
    "auth_url": "https://iam.example.com",
}


@pytest.mark.parametrize("check", [True, False])
def test_target_is_returned(cloud, check):
    cloud.meshes.append(mesh("m-2", "depot"))
    place = {"project_id": "p-1", "region": None, **ENDPOINTS}
    demos = [a_workshop("demo-a"), a_workshop("demo-b", mesh_id="m-1"), a_workshop("demo-c", mesh_id="m-2")]
    ran = run(cloud, apply, check=check, mesh_name="shop", workshops=demos)
    # The same mesh by its name and by its id is one.
    assert ran["target"] == {**place, "meshes": [{"id": "m-1", "name": "shop"}, {"id": "m-2", "name": "depot"}]}
    # A mesh without items is not looked up, and an unknown mesh is not in the target.
    assert run(cloud, apply, check=check, mesh_name="shop", workspaces=named("a"))["target"]["meshes"] == []
    failed = run(cloud, apply, check=check, mesh_name="none", workshops=demos[:1], on_error="continue")
    assert (failed["failed"], failed["target"]) == (True, {**place, "meshes": []})


@pytest.mark.parametrize("workspaces, project", [([], None), (named("team-a"), "p-9")])
def test_project_id_is_returned_if_it_was_looked_up(cloud, monkeypatch, workspaces, project):
    monkeypatch.setattr(
        simulated_cloud, "CONNECTION", dataclasses.replace(simulated_cloud.CONNECTION, project_id=None, region="eu-de")
    )
    monkeypatch.setattr(ProjectIdentity, "project_id", lambda self, client: "p-9")
    found = run(cloud, apply, check=True, workspaces=workspaces)["target"]
    assert (found["project_id"], found["region"]) == (project, "eu-de")


def test_target_has_no_password():
    options = {
        "auth_token": "a-token-of-mine",
        "project_id": "p-1",
        "asm_endpoint": "https://me:CANARY@asm.example.com",
        "workspaces": named("a"),
    }
    for given in (options, dict(options, asm_endpoint="https://asm.example.com/?token=CANARY")):
        failed, result = run_task(
            apply.TASK, parameters(apply, given), RunContext({}, True, False, 0, print, lambda secrets: None)
        )
        assert (failed, result["error"]["kind"], "target" in result) == (True, "options", False)
        assert "CANARY" not in json.dumps(result)


@pytest.mark.parametrize("check", [True, False])
def test_results_have_actual_state_and_differences(cloud, check):
    put(cloud, "same", "other")
    put_workshop(cloud, "demo", "w-1")
    put_release(cloud, "reviews", "r-1")
    options = {
        "mesh_name": "shop",
        "workspaces": named("same", description="") + named("other", "new", description="x"),
        "workshops": [a_workshop("demo", description="other"), a_workshop("new")],
        "releases": [a_release("reviews", "example.com/app:3")],
        "on_error": "continue",
    }
    same, other, new, demo, _new, reviews = run(cloud, apply, check=check, **options)["results"]
    # What is unchanged is the object.
    assert (same["before"], same["differences"], same["error"]) == (None, [], None)
    assert (other["before"]["id"], other["before"]["description"]) == ("id-other", "")
    assert other["differences"] == [
        {"field": "description", "actual": "", "desired": "x", "changeable": True, "private": False}
    ]
    assert (new["before"], new["differences"]) == (None, [])
    # Immutable differences are returned as well.
    assert (demo["failed"], demo["before"]["id"], demo["resource"], demo["error"]["kind"]) == (
        True,
        "w-1",
        None,
        "drift",
    )
    assert demo["differences"] == [
        {"field": "description", "actual": "", "desired": "other", "changeable": False, "private": False}
    ]
    assert [difference["actual"] for difference in reviews["differences"]] == ["example.com/app:2"]


def test_differences_omit_private_values(cloud):
    put_release(cloud, "reviews", "r-1")
    desired = template("reviews")
    desired["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "value": "CANARY"}]
    options = {
        "mesh_name": "shop",
        "releases": [a_release("reviews", gray_deployments=[{"template": desired}])],
        "on_error": "continue",
    }
    (result,) = run(cloud, apply, check=True, **options)["results"]
    (difference,) = result["differences"]
    assert difference["field"].endswith(".env[PASSWORD]") or difference["field"].endswith(".env")
    assert (difference["actual"], difference["desired"], difference["private"]) == (None, None, True)
    assert "CANARY" not in json.dumps(result)


def test_tolerated_differences_are_returned(cloud):
    put_workshop(cloud, "demo", "w-1")
    put_release(cloud, "reviews", "r-1")
    releases = [
        {"namespace": "default", "name": "reviews-v2", "version": "v9", "state": "canceled", "on_drift": "warn"}
    ]
    options = {
        "mesh_name": "shop",
        "workshops": [a_workshop("demo", description="other", on_drift="warn")],
        "releases": releases,
    }
    demo, reviews = run(cloud, apply, check=True, **options)["results"]
    assert (demo["action"], [difference["field"] for difference in demo["differences"]]) == (None, ["description"])
    assert (reviews["action"], [difference["field"] for difference in reviews["differences"]]) == (
        "cancel",
        ["version"],
    )


def test_check_mode_predicts_the_run(cloud):
    put(cloud, "team-b", "team-c", "old-1")
    put_workshop(cloud, "demo-old", "w-1")
    put_release(cloud, "reviews", "r-1")
    put_release(cloud, "ratings", "r-2")
    options = {
        "mesh_name": "shop",
        "workspaces": named("team-a", "team-b", "team-c", description="x") + [{"name": "team-c", "new_name": "team-d"}],
        "workshops": [a_workshop("demo-new"), a_workshop("demo-old", description="other", on_drift="replace")],
        "releases": [
            a_release("reviews", "example.com/app:3"),
            {"namespace": "default", "name": "ratings-v2", "state": "canceled"},
        ],
        "prune": {"workspaces": ["^old-"]},
    }
    options["workspaces"].pop(2)
    predicted = run(cloud, apply, check=True, **options)
    assert predicted.writes == []
    applied = run(cloud, apply, **options)
    assert (predicted["changed"], predicted["plan"]) == (applied["changed"], applied["plan"])
    assert plan(applied) == {"to_create": 2, "to_update": 3, "to_replace": 1, "to_delete": 1, "to_cancel": 1}
    assert brief(predicted) == brief(applied)
    for expected, real in zip(predicted["results"], applied["results"]):
        assert [{**action, "request_id": None} for action in real["actions"]] == expected["actions"]
        assert {**expected, "resource": None} == {**real, "resource": None, "actions": expected["actions"]}
        assert (expected["resource"] is None) == (real["resource"] is None)
        if real["resource"]:
            assert expected["resource"].keys() == real["resource"].keys()
    assert [{**diff, "after": None} for diff in predicted["diff"]] == [
        {**diff, "after": None} for diff in applied["diff"]
    ]
    assert [diff["after"].keys() for diff in predicted["diff"]] == [diff["after"].keys() for diff in applied["diff"]]
    again = run(cloud, apply, **options)
    # The pruned workspaces and the release are deleted.
    assert (again["changed"], plan(again)) == (False, {"unchanged": 7})


# Lean reads


@pytest.mark.parametrize("check", [True, False])
def test_grants_are_read_only_if_specified(cloud, check):
    grants = [{"user_id": "u-1", "user_name": "ann"}]
    put(cloud, *many(20), auth_type="internal", grants=grants)
    items = named(*many(18), description="") + named(*many(20)[18:], grants=[{"user_name": "ann"}])
    ran = run(cloud, apply, check=check, workspaces=items)
    assert sorted(ran.request_log) == sorted([WORKSPACES, f"GET {ROOT}/id-team-018", f"GET {ROOT}/id-team-019"])
    assert plan(ran) == {"unchanged": 20}
    assert [result["resource"]["grants"] for result in ran["results"]][17:] == [None] + [
        [{**grants[0], "user_type": None}]
    ] * 2


def test_update_keeps_unspecified_grants(cloud):
    grants = [{"user_id": "u-1", "user_name": "ann"}, {"user_id": "u-2", "user_name": "bob"}]
    put(cloud, "team-a", auth_type="internal", grants=grants)
    predicted = run(cloud, apply, check=True, workspaces=named("team-a", description="new"))
    ran = run(cloud, apply, workspaces=named("team-a", description="new"))
    assert cloud.workspaces[-1]["grants"] == grants
    assert ran.bodies == [{"name": "team-a", "description": "new", "auth_type": "internal", "grants": grants}]
    # Read once for the update, and not for the result: nobody asked for them.
    assert ran.request_log == [WORKSPACES, f"GET {ROOT}/id-team-a", f"PUT {ROOT}/id-team-a", WORKSPACES]
    for each in (predicted, ran):
        assert each["results"][0]["resource"]["grants"] is None
        assert each["diff"][0]["before"]["grants"] is None


def test_internal_workspace_without_grants_is_predicted(cloud):
    desired = named("team-a", auth_type="internal")
    predicted, ran = run(cloud, apply, check=True, workspaces=desired), run(cloud, apply, workspaces=desired)
    assert predicted["results"][0]["resource"]["grants"] is None is ran["results"][0]["resource"]["grants"]


def test_grants_of_a_new_workspace_are_verified(cloud):
    ran = run(
        cloud,
        apply,
        parallel=1,
        workspaces=named("team-a", auth_type="internal", grants=[{"user_name": "ann"}]) + named("team-b"),
    )
    assert ran.request_log == [WORKSPACES, POST, POST, WORKSPACES, f"GET {ROOT}/wks-1"]
    assert ran["results"][0]["resource"]["grants"] == [{"user_id": None, "user_name": "ann", "user_type": None}]


def test_quotas_are_set_after_the_create(cloud):
    desired = named("team-a", "team-b", quotas=[{"resource": "cpu", "quota": 5}])
    ran = run(cloud, apply, parallel=1, workspaces=desired)
    assert [line for line in ran.writes if line != POST] == [f"PUT {ROOT}/wks-1/quotas", f"PUT {ROOT}/wks-2/quotas"]
    assert [
        next(each["quota"] for each in result["resource"]["quotas"] if each["resource"] == "cpu")
        for result in ran["results"]
    ] == [5, 5]
    assert brief(ran) == [("team-a", "create", True, False), ("team-b", "create", True, False)]
    again = run(cloud, apply, workspaces=desired)
    assert (again["changed"], again.writes) == (False, [])


def test_refused_quota_after_create_fails_its_item(cloud, tmp_path):
    path = tmp_path / "audit_log"
    cloud.respond(f"PUT {ROOT}/wks-1/quotas", *FORBIDDEN)
    ran = run(
        cloud,
        apply,
        parallel=1,
        audit_log=str(path),
        workspaces=named("team-a", quotas=[{"resource": "cpu", "quota": 5}]) + named("team-b"),
    )
    assert brief(ran) == [("team-a", "create", True, True), ("team-b", "create", True, False)]
    assert (ran["failed"], ran["changed"], ran["error"]["kind"]) == (True, True, "forbidden")
    assert ran["results"][0]["resource"] is None
    assert request_log(path)[-2:] == [("failed", "team-a", "create"), ("done", "team-b", "create")]


# Invalid items


WRONG = [
    ({"name": "team-b", "auth_type": "secret"}, "workspaces[1] ('team-b'): Invalid options: auth_type must be one of"),
    ({"name": "default"}, "workspaces[1] ('default'): The default workspace"),
    ({"name": "team-b", "descr": "x"}, "workspaces[1] ('team-b'): unsupported parameters: descr"),
    ({"name": "team-b", "access_key": "x"}, "workspaces[1] ('team-b'): unsupported parameters: access_key"),
    ({"name": "team-b", "wait_timeout": 0}, "workspaces[1] ('team-b'): wait_timeout must be greater than 0"),
    ({"description": "x"}, "workspaces[1] ('?'): one of the following is required: id, name"),
    ({"name": "team-a"}, "workspace 'team-a' is listed more than once"),
    ({"name": "team-x", "new_name": "team-a"}, "workspace 'team-a' is listed more than once"),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wrong, words", WRONG)
def test_invalid_item_stops_everything(cloud, wrong, words, check):
    ran = run(cloud, apply, check=check, workspaces=[{"name": "team-a"}, wrong, {"name": "team-c"}])
    assert ran["msg"].startswith(f"Nothing was sent: {words}"), ran["msg"]
    assert ran["msg"].endswith("Correct the items, or set on_error to continue.")
    assert (ran["failed"], ran["changed"], ran["error"]["kind"], ran.writes) == (True, False, "options", [])


def test_all_mistakes_are_reported_immediately(cloud):
    """Those of the items themselves, those that only a comparison shows, and all of each item."""
    put(cloud, "team-b", enterprise_project_id="e-1")
    items = [
        {"name": "team-a", "auth_type": "secret", "colour": "red", "quotas": [{"resource": "gpu", "quota": 0}]},
        {"name": "team-b", "enterprise_project_id": "e-2"},
        {"name": "team-c", "grants": [{"user_name": "ann"}]},
        {"name": "team-d", "quotas": [{"resource": "tpu", "quota": 1}]},
    ]
    ran = run(cloud, apply, mesh_name="shop", workspaces=items, workshops=[a_workshop("demo", on_drift="maybe")])
    assert [result["failed"] for result in ran["results"]] == [True] * 5
    for words in (
        "unsupported parameters: colour",
        "auth_type must be one of",
        "quotas[0].quota must be a positive number, or -1 for unlimited",
        "workspace 'team-b': Workspace 'team-b' differs in fields that cannot be changed",
        "workspace 'team-c': Failed to create workspace 'team-c': grants require auth_type internal",
        "quotas[0].resource 'tpu' is not a quota of the workspace",
        "workshops[0] ('demo'): value of on_drift must be one of",
    ):
        assert ran["msg"].count(words) == 1, words
    assert ran.writes == []


def test_message_joins_sentences_without_period_before_semicolon(cloud):
    items = [{"name": name, "quotas": [{"resource": name, "quota": 1}]} for name in ("tpu-a", "tpu-b")]
    ran = run(cloud, apply, workspaces=items)
    assert "is not a quota of the workspace. Its quotas are: " in ran["msg"]
    assert "; workspace 'tpu-b': " in ran["msg"]
    assert ".;" not in ran["msg"]


def test_mistakes_are_reported_with_those_of_the_task(cloud):
    error, ran = fail(
        cloud, apply, workspaces=[{"name": "default"}, {"nome": "x"}], parallel=0, prune={"workspaces": ["", "("]}
    )
    for words in ("parallel must be", "prune: workspaces[0]", "workspaces[0] ('default')", "workspaces[1] ('?')"):
        assert words in str(error), words
    assert ran.request_log == []


def test_mistakes_are_reported_where_the_lists_cannot_be_read(cloud):
    cloud.respond(MESHES, *INTERNAL, times=9)
    error, ran = fail(cloud, apply, mesh_name="shop", workspaces=[{"name": "default"}], workshops=[a_workshop("demo")])
    assert "workspaces[0] ('default')" in str(error)
    assert "Failed to list the meshes" in str(error)
    assert ran.writes == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wrong, words", WRONG)
def test_invalid_item_fails_alone_with_continue(cloud, wrong, words, check):
    ran = run(
        cloud, apply, check=check, on_error="continue", workspaces=[{"name": "team-a"}, wrong, {"name": "team-c"}]
    )
    assert [(result["action"], result["changed"], result["failed"]) for result in ran["results"]] == [
        ("create", True, False),
        (None, False, True),
        ("create", True, False),
    ]
    assert ran["results"][1]["msg"].startswith(words)
    assert ran["msg"].startswith(f"1 of 3 failed: {words}")
    assert (ran["failed"], ran["changed"], ran["error"]["kind"], plan(ran)) == (
        True,
        True,
        "options",
        {"to_create": 2, "failed": 1},
    )
    assert sorted(each["name"] for each in cloud.workspaces) == ["default"] + ([] if check else ["team-a", "team-c"])


def test_errors_of_many_items_are_shortened(cloud):
    ran = run(cloud, apply, workspaces=[{"name": "default"}] + [{"nome": number} for number in range(23)])
    assert ran["msg"].count("workspaces[") == 20
    assert "; and 4 more. Correct the items" in ran["msg"]


@pytest.mark.parametrize(
    "options, words",
    [
        ({"parallel": 0}, "parallel must be at least 1, not 0"),
        ({"max_failures": 0}, "max_failures must be at least 1, not 0"),
        ({"timeout": 0}, "timeout must be greater than 0, not 0"),
        ({"timeout": float("nan")}, "timeout must be greater than 0, not nan"),
        ({"rate_limit": -1}, "rate_limit must be greater than 0, not -1"),
        ({"rate_limit": float("inf")}, "rate_limit must be greater than 0, not inf"),
        ({"rate_limit": 1e-320}, "rate_limit must be at least 0.001, not 9.99989e-321"),
        (
            {"prune": {"workspace": ["x"]}},
            f"prune: the key must be one of {', '.join(kind.plural for kind in RESOURCE_TYPES)}, but it is 'workspace'",
        ),
        ({"prune": {"workspaces": None}}, "prune: workspaces must be a list of regular expressions"),
        ({"prune": {"workspaces": "x"}}, "prune: workspaces must be a list of regular expressions"),
        ({"prune": {"workspaces": [""]}}, "prune: workspaces[0] '' matches the empty text."),
        ({"prune": {"workspaces": [None]}}, "prune: workspaces must be a list of regular expressions"),
        ({"prune": {"workspaces": ["x", "("]}}, "prune: workspaces[1] is not a regular expression: missing )"),
        (
            {"prune": {"workspaces": ["a{99999999999}"]}},
            "prune: workspaces[0] is not a regular expression: the repetition number is too large",
        ),
        ({"prune": {"releases": ["x"]}}, "prune: releases needs mesh_id or mesh_name"),
        ({"audit_log": "/no/such/directory/audit_log"}, "audit_log: '/no/such/directory/audit_log' cannot be written"),
    ],
)
def test_invalid_options_fail(cloud, options, words):
    error, ran = fail(cloud, apply, workspaces=named("team-a"), **options)
    assert str(error).startswith(words)
    assert ran.writes == []


def test_result_without_items(cloud):
    ran = run(cloud, apply)
    place = {"project_id": "p-1", "region": None, **ENDPOINTS, "meshes": []}
    nothing = {
        "plan": {**dict.fromkeys(ran["plan"], 0), "hash": ran["plan"]["hash"]},
        "results": [],
        "diff": [],
        "prune_skipped": [],
        "request_ids": [],
    }
    assert ran.result == {"changed": False, "target": place, **nothing}


def test_secrets_in_item_options_are_redacted(cloud):
    hidden = []
    params = parameters(
        apply, {"workspaces": [{"name": "team-a", "secret_key": "CANARY-key", "password": "CANARY-word"}]}
    )
    run_task(apply.TASK, params, RunContext({}, False, False, 0, print, hidden.extend))
    assert {"CANARY-key", "CANARY-word"} <= set(hidden)


# What the lists show to be wrong


@pytest.mark.parametrize("most, begun", [(1, 0), (2, 1), (None, 1)])
def test_check_mode_respects_max_failures(cloud, most, begun):
    options = {"on_error": "continue", "max_failures": most, "workspaces": named("default", "team-a")}
    predicted = run(cloud, apply, check=True, **options)
    applied = run(cloud, apply, **options)
    assert brief(predicted) == brief(applied)
    assert (len(applied.writes), predicted["changed"], applied["changed"]) == (begun, bool(begun), bool(begun))


@pytest.mark.parametrize("check", [True, False])
def test_contradicting_items_are_refused(cloud, check):
    """Also where the mesh is named in two ways, and nothing is there yet."""
    items = [a_workshop("demo", mesh_id="m-1"), {"name": "demo", "mesh_name": "shop", "state": "absent"}]
    ran = run(cloud, apply, check=check, workshops=items)
    assert (
        ran["results"][0]["msg"]
        == "workshop 'demo' (workshops[0]) and workshop 'demo' (workshops[1]) both use the name 'demo'. List it once."
    )
    assert ran.writes == []


@pytest.mark.parametrize("on_error, written", [("stop", []), ("continue", [POST])])
def test_resource_that_cannot_be_pruned_fails_alone(cloud, on_error, written):
    put(cloud, "x" * 70)
    ran = run(cloud, apply, on_error=on_error, workspaces=named("team-a"), prune={"workspaces": ["^x"]})
    assert ran.writes == written
    failed = ran["results"][1]
    assert (failed["name"], failed["failed"]) == ("x" * 70, True)
    assert failed["msg"].startswith(f"prune matches workspace '{'x' * 70}', which cannot be deleted in this way: ")


def test_plan_uses_one_list_for_all_items(cloud):
    put(cloud, *many(12), auth_type="internal", grants=[{"user_id": "u-1", "user_name": "ann"}])

    def slow(do):
        cloud.clock.passed += 1
        return do()

    cloud.rule(f"GET {ROOT}/id-", slow, times=99)
    ran = run(cloud, apply, parallel=1, workspaces=named(*many(12), grants=[{"user_name": "ann"}]))
    assert (plan(ran), ran.request_log.count(WORKSPACES)) == ({"unchanged": 12}, 1)


def test_failing_list_is_not_read_again_by_each_item(cloud):
    """The list fails during the creates, after which each item would read it again."""

    def slow(do):
        cloud.clock.passed += 6
        cloud.respond(WORKSPACES, *INTERNAL, times=1000)
        return do()

    cloud.rule(POST, slow)
    ran = run(cloud, apply, parallel=1, on_error="continue", workspaces=named(*many(50)))
    assert [result["failed"] for result in ran["results"]] == [True] * 50
    assert len(ran.writes) == 1
    assert ran.request_log.count(WORKSPACES) < 15


def test_immutable_difference_stops_everything(cloud):
    put(cloud, "team-b", enterprise_project_id="e-1")
    ran = run(cloud, apply, workspaces=named("team-a", "team-b", "team-c", enterprise_project_id="e-2"))
    assert ran.writes == []
    assert brief(ran) == [
        ("team-a", "create", False, False),
        ("team-b", None, False, True),
        ("team-c", "create", False, False),
    ]
    assert [result["msg"] for result in ran["results"]][::2] == ["not started"] * 2
    assert (ran["failed"], ran["changed"], ran["error"]["kind"], plan(ran)) == (
        True,
        False,
        "drift",
        {"to_create": 2, "failed": 1},
    )
    assert ran["msg"].startswith("Nothing was sent. 1 of 3 failed: workspace 'team-b': ")
    assert ran["msg"].endswith(". 2 of 3 were not started.")


def test_immutable_difference_fails_alone_with_continue(cloud):
    put(cloud, "team-b", enterprise_project_id="e-1")
    ran = run(
        cloud, apply, on_error="continue", workspaces=named("team-a", "team-b", "team-c", enterprise_project_id="e-2")
    )
    assert brief(ran) == [
        ("team-a", "create", True, False),
        ("team-b", None, False, True),
        ("team-c", "create", True, False),
    ]


@pytest.mark.parametrize("check", [True, False])
def test_two_items_about_one_resource_are_refused(cloud, check):
    put(cloud, "team-a")
    items = [{"id": "id-team-a", "description": "one"}, {"name": "team-a", "description": "two"}]
    ran = run(cloud, apply, check=check, workspaces=items)
    assert ran.writes == []
    assert (
        ran["results"][1]["msg"]
        == "workspace 'team-a' (workspaces[1]) and workspace 'id-team-a' (workspaces[0]) both use the one with the id "
        "'id-team-a'. List it once."
    )
    assert ran["error"]["kind"] == "options"
    assert plan(ran) == {"to_update": 1, "failed": 1}


@pytest.mark.parametrize("there", [True, False])
def test_mesh_by_id_and_by_name_is_the_same(cloud, there):
    if there:
        put_release(cloud, "reviews", "r-1")
    ran = run(cloud, apply, releases=[a_release("reviews", mesh_id="m-1"), a_release("reviews", mesh_name="shop")])
    assert ran.writes == []
    assert "(releases[1]) and release 'default/reviews-v2' (releases[0]) both use " in ran["results"][1]["msg"]


def test_same_name_in_two_meshes_is_accepted(cloud):
    cloud.meshes.append(mesh("m-2", "other"))
    ran = run(
        cloud,
        apply,
        check=True,
        workshops=[
            a_workshop("demo", mesh_name="shop"),
            a_workshop("demo", mesh_id="m-2", ingress=dict(INGRESS, port=81)),
        ],
    )
    assert plan(ran) == {"to_create": 2}
    assert [diff["before_header"] for diff in ran["diff"]] == ["workshop demo in mesh m-1", "workshop demo in mesh m-2"]


def test_two_releases_of_one_service_are_refused(cloud):
    ran = run(cloud, apply, mesh_name="shop", releases=[a_release("reviews"), a_release("reviews", name="reviews-v3")])
    assert ran.writes == []
    assert ran["results"][1]["msg"] == (
        "release 'default/reviews-v3' (releases[1]) and release 'default/reviews-v2' (releases[0]) both use Service 'reviews' "
        "in namespace 'default', which takes one release at a time. Change or delete one of the two items."
    )


@pytest.mark.parametrize("check", [True, False])
def test_two_workshops_on_one_port_are_refused(cloud, check):
    items = [a_workshop("demo-a", ingress=INGRESS), a_workshop("demo-b", ingress=INGRESS)]
    ran = run(cloud, apply, check=check, mesh_name="shop", workshops=items)
    assert ran["results"][1]["msg"] == (
        "workshop 'demo-b' (workshops[1]) and workshop 'demo-a' (workshops[0]) both use port 80 of load balancer 'elb-1'. "
        "Change or delete one of the two items."
    )
    assert ran.writes == []


@pytest.mark.parametrize("first", [True, False])
def test_port_of_a_workshop_in_another_mesh_is_refused(cloud, first):
    """The new one fails, wherever it is listed."""
    cloud.meshes.append(mesh("m-2", "other"))
    cloud.respond("GET /v2/meshes/m-2/workshops", 200, [], times=9)
    put_workshop(cloud, "demo-a", "w-1")
    there = a_workshop("demo-a", mesh_name="shop", ingress={"port": port_for("demo-a")})
    new = a_workshop("demo-b", mesh_name="other", ingress=dict(INGRESS, port=port_for("demo-a")))
    ran = run(cloud, apply, on_error="continue", workshops=[new, there] if first else [there, new])
    failed = {result["name"]: result["failed"] for result in ran["results"]}
    assert failed == {"demo-a": False, "demo-b": True}
    assert f" both use port {port_for('demo-a')} of load balancer 'elb-1'" in ran["msg"]
    assert ran.writes == []


def test_two_existing_workshops_on_one_port_are_unchanged(cloud):
    """The service has accepted them."""
    put_workshop(cloud, "demo-a", "w-1")
    put_workshop(cloud, "demo-b", "w-2")
    cloud.workshops[1]["spec"] = cloud.workshops[0]["spec"]
    ran = run(cloud, apply, mesh_name="shop", workshops=named("demo-a", "demo-b"))
    assert plan(ran) == {"unchanged": 2}


def test_port_of_a_deleted_workshop_is_free_in_the_next_run(cloud):
    put_workshop(cloud, "demo-a", "w-1")
    new = a_workshop("demo-b", ingress=dict(INGRESS, port=port_for("demo-a")))
    ran = run(cloud, apply, mesh_name="shop", workshops=[{"name": "demo-a", "state": "absent"}, new])
    assert "delete workshop 'demo-a' first" in ran["msg"]
    assert ran.writes == []


@pytest.mark.parametrize("check", [True, False])
def test_clusters_outside_of_the_mesh_are_warnings(cloud, check):
    gray = [{"cluster_id": cluster, "template": template(f"app-{cluster}")} for cluster in ("c-1", "c-8")]
    items = [a_release("reviews", cluster_id="c-9", lint="ignore", gray_deployments=gray), a_release("ratings")]
    ran = run(cloud, apply, check=check, mesh_name="shop", releases=items)
    assert [text.partition(" is not a cluster of mesh 'shop' (m-1)")[0] for text in ran.warnings] == [
        "Release 'default/reviews-v2': gray_deployments[1].cluster_id 'c-8'",
        "Release 'default/reviews-v2': cluster_id 'c-9'",
    ]


def test_unknown_mesh_fails_its_item(cloud):
    cloud.meshes += [mesh("m-2", "same"), mesh("m-3", "same")]
    items = [
        a_workshop("demo-a", mesh_name="shop"),
        a_workshop("demo-b", mesh_name="same"),
        a_workshop("demo-c", mesh_name="no"),
    ]
    ran = run(cloud, apply, on_error="continue", workshops=items, workspaces=named("team-a"))
    assert brief(ran) == [
        ("team-a", "create", True, False),
        ("demo-a", "create", True, False),
        ("demo-b", None, False, True),
        ("demo-c", None, False, True),
    ]
    assert ran["results"][2]["msg"].startswith("Several meshes have the name 'same': m-2, m-3.")
    assert ran["results"][3]["msg"].startswith("No mesh has the name 'no' in project p-1.")
    stopped = run(cloud, apply, workshops=items, workspaces=named("team-b"))
    assert (stopped["failed"], stopped.writes) == (True, [])


def test_meshes_are_read_once(cloud):
    put_workshop(cloud, "demo-00", "w-1")
    meshes = [{"mesh_id": "m-1"}, {"mesh_name": "shop"}] * 15
    ran = run(
        cloud, apply, check=True, workshops=[a_workshop(f"demo-{number:02}", **of) for number, of in enumerate(meshes)]
    )
    assert ran.request_log == [MESHES, WORKSHOPS]


@pytest.mark.parametrize("on_error", ["stop", "continue"])
def test_unreadable_list_is_read_once(cloud, on_error):
    cloud.respond("GET /v1/p-1/workspaces", *FORBIDDEN, times=100)
    ran = run(
        cloud, apply, on_error=on_error, mesh_name="shop", workspaces=named(*many(20)), workshops=[a_workshop("demo-a")]
    )
    assert ran.request_log.count(WORKSPACES) == 1
    assert plan(ran) == {"to_create": 1, "failed": 20}
    assert (ran["failed"], ran["error"]["kind"]) == (True, "forbidden")
    assert ran["results"][-1]["changed"] == (on_error == "continue")
    # The same for all, so told once.
    assert ran["msg"].count("Failed to list the workspaces") == 1
    assert (
        "20 of 21 failed: workspace 'team-000' and 19 more: Failed to list the workspaces: not authorized" in ran["msg"]
    )


def test_unreadable_meshes_fail_the_task(cloud):
    cloud.respond("GET /v1/p-1/meshes", 403, {"errorCode": "ASM.01000002", "errorMsg": "Forbidden."})
    error, ran = fail(cloud, apply, mesh_name="shop", workspaces=named("team-a"), workshops=[a_workshop("demo")])
    assert (error.kind, ran.writes) == ("forbidden", [])


# Failures on the way


@pytest.mark.parametrize("parallel", [1, 4])
def test_no_action_starts_after_a_failed_one(cloud, parallel, tmp_path):
    path = tmp_path / "audit_log"
    cloud.respond(POST, *FORBIDDEN)
    ran = run(cloud, apply, parallel=parallel, audit_log=str(path), workspaces=named(*many(50)))
    failed = [result for result in ran["results"] if result["failed"]]
    begun = [name for event, name, action in request_log(path) if event == "began"]
    assert len(failed) == 1
    assert len(begun) < 50
    assert (ran.writes.count(POST), ran["failed"], ran["error"]["kind"]) == (len(begun), True, "forbidden")
    assert sum(result["msg"] == "not started" for result in ran["results"]) == 50 - len(begun)
    assert sum(result["changed"] for result in ran["results"]) == len(begun) - 1 == len(cloud.workspaces) - 1
    assert ran["changed"] == (len(begun) > 1)
    if parallel == 1:
        assert len(begun) == 1
        assert ran["msg"].startswith(
            "1 of 50 failed: workspace 'team-000': Failed to create workspace 'team-000': not authorized"
        )
        assert ran["msg"].endswith("49 of 50 were not started.")


def test_on_error_continue_applies_the_other_items(cloud):
    cloud.respond(POST, *FORBIDDEN, times=3)
    ran = run(cloud, apply, parallel=1, on_error="continue", workspaces=named(*many(10)))
    assert [result["failed"] for result in ran["results"]] == [True] * 3 + [False] * 7
    assert ran["msg"].startswith("3 of 10 failed: ")
    assert "not started" not in ran["msg"]


@pytest.mark.parametrize("refused, wrong", [(5, 0), (4, 1), (3, 2)])
def test_max_failures_stops_further_actions(cloud, refused, wrong):
    cloud.respond(POST, *FORBIDDEN, times=5)
    items = named(*many(10)) + [{"name": "no"}] * 0 + [{"name": f"{number}"} for number in range(wrong)]
    ran = run(cloud, apply, parallel=1, on_error="continue", max_failures=5, workspaces=items)
    assert [result["failed"] for result in ran["results"]] == [True] * refused + [False] * (10 - refused) + [
        True
    ] * wrong
    assert ran.writes.count(POST) == refused


def test_resource_created_concurrently_is_unchanged(cloud):
    cloud.before(POST, lambda: put(cloud, "team-a"))
    ran = run(cloud, apply, workspaces=named("team-a"))
    assert ran.writes == [POST]
    assert brief(ran) == [("team-a", None, False, False)]
    assert (ran["changed"], ran["diff"], ran["results"][0]["resource"]["id"]) == (False, [], "id-team-a")
    # The plan has the state before the run.
    assert plan(ran) == {"to_create": 1}


@pytest.mark.parametrize("parallel", [1, 8])
def test_create_without_response_is_not_sent_again(cloud, parallel):
    cloud.drop_response(POST, times=3)
    ran = run(cloud, apply, parallel=parallel, workspaces=named(*many(5)))
    assert ran.writes.count(POST) == 5
    assert brief(ran) == [(name, "create", True, False) for name in many(5)]


def test_unreadable_list_fails_started_items(cloud):
    def break_lists():
        cloud.respond(WORKSPACES, *INTERNAL, times=2)

    cloud.before(POST, break_lists)
    ran = run(cloud, apply, parallel=1, workspaces=named(*many(20)))
    assert ran.request_log.count(WORKSPACES) == 3
    assert [(result["changed"], result["failed"]) for result in ran["results"]] == [(True, True)] * 20
    assert (ran["changed"], ran["error"]["kind"]) == (True, "server")


def test_list_is_read_again_after_five_seconds(cloud):
    """Somebody is quicker while we are busy with others: it is found before a POST, not by one."""
    slow(cloud, POST, 3)
    cloud.rule(WORKSPACES, lambda do: do(), times=2)
    cloud.before(WORKSPACES, lambda: put(cloud, "team-005"))
    ran = run(cloud, apply, parallel=1, workspaces=named(*many(8)))
    assert brief(ran)[5] == ("team-005", None, False, False)
    assert ran.writes.count(POST) == 7
    positions = [index for index, line in enumerate(ran.request_log) if line == WORKSPACES]
    # A create takes three seconds, so the list is read again after two of them.
    assert max(after - before for before, after in zip(positions, positions[1:])) <= 3, ran.request_log


def test_second_release_of_a_service_is_refused_before_create(cloud):
    slow(cloud, "POST /v2", 3)
    cloud.rule(RELEASES, lambda do: do())
    cloud.before(RELEASES, lambda: put_release(cloud, "app-3", "r-9", name="another"))
    ran = run(
        cloud,
        apply,
        parallel=1,
        on_error="continue",
        mesh_name="shop",
        releases=[a_release(f"app-{number}") for number in range(5)],
    )
    assert [result["failed"] for result in ran["results"]] == [False, False, False, True, False]
    assert "already has the active release 'another'" in ran["results"][3]["msg"]
    assert len(ran.writes) == 4


def test_old_plan_is_computed_again(cloud):
    put(cloud, *many(4), description="old")
    slow(cloud, f"PUT {ROOT}", 3)
    cloud.rule(WORKSPACES, lambda do: do())

    def somebody():
        cloud.workspaces[3].update(description="new")
        cloud.workspaces[4].update(description="another", auth_type="private")

    cloud.before(WORKSPACES, somebody)
    ran = run(cloud, apply, parallel=1, workspaces=named(*many(4), description="new"))
    assert brief(ran)[2:] == [("team-002", None, False, False), ("team-003", "update", True, False)]
    assert ran.bodies[-1] == {"name": "team-003", "description": "new", "auth_type": "private"}


# Waiting


def test_waiting_reads_one_list_per_poll(cloud):
    cloud.phases = ["", "Creating", "Creating", "Running"]
    ran = run(
        cloud, apply, mesh_name="shop", wait_interval=1, releases=[a_release(f"app-{number}") for number in range(10)]
    )
    # Before anything, and three looks.
    assert ran.request_log.count(RELEASES) == 4
    assert ran.sleeps == [1, 1.5]
    assert {result["resource"]["status"]["phase"] for result in ran["results"]} == {"Running"}
    assert not any(result["failed"] for result in ran["results"])


@pytest.mark.parametrize("check", [True, False])
def test_unchanged_pending_resource_is_waited_for(cloud, check):
    put_release(cloud, "reviews", "r-1", phase="Creating")["status"]["grayDeployments"] = [
        observed("gray", available=0)
    ]
    cloud.phases = ["Creating", "Creating", "Running"]
    ran = run(cloud, apply, check=check, mesh_name="shop", wait_interval=1, releases=[a_release("reviews")])
    assert (ran["changed"], brief(ran)) == (False, [("default/reviews-v2", None, False, False)])
    assert ran["results"][0]["resource"]["status"]["phase"] == ("Creating" if check else "Running")
    assert ran.sleeps == ([] if check else [1])


def test_without_wait_the_current_release_is_returned(cloud):
    cloud.phases = ["Creating"] * 9
    ran = run(cloud, apply, mesh_name="shop", wait=False, releases=[a_release(f"app-{number}") for number in range(5)])
    assert ran.request_log.count(RELEASES) == 2
    assert ran.sleeps == []
    assert [
        (result["changed"], result["failed"], result["resource"]["status"]["phase"]) for result in ran["results"]
    ] == [(True, False, "Creating")] * 5


def test_without_wait_the_create_response_is_returned(cloud):
    hidden = []

    def hide(do):
        answer = do()
        hidden.append(cloud.workshops.pop())
        return answer

    cloud.rule("POST /v2/meshes/m-1/workshops", hide)
    ran = run(cloud, apply, mesh_name="shop", wait=False, workshops=[a_workshop("demo")])
    assert (brief(ran), ran["results"][0]["resource"]["id"]) == ([("demo", "create", True, False)], "ws-1")


def test_without_wait_a_terminating_resource_is_deleted(cloud):
    put(cloud, "team-a", "team-b")
    cloud.reads_of_deleting = 9
    ran = run(cloud, apply, wait=False, workspaces=named("team-a", "team-b", state="absent"))
    assert brief(ran) == [("team-a", "delete", True, False), ("team-b", "delete", True, False)]
    assert [result["resource"] for result in ran["results"]] == [None, None]
    assert ran.request_log.count(WORKSPACES) == 2


def test_deletion_by_another_client_is_waited_for(cloud):
    put(cloud, "team-a", status="DELETING")
    ran = run(cloud, apply, wait_interval=1, workspaces=named("team-a", state="absent"))
    assert (ran["changed"], ran.writes, brief(ran)) == (False, [], [("team-a", None, False, False)])
    assert [each["name"] for each in cloud.workspaces] == ["default"]


def test_terminal_failure_phase_fails_only_its_item(cloud):
    def fail_first(do):
        cloud.releases[0]["status"]["phase"] = "CreateFailed"
        return do()

    cloud.before("GET /v2/meshes/m-1/releases", lambda: None)
    cloud.rule("GET /v2/meshes/m-1/releases", fail_first)
    ran = run(cloud, apply, parallel=1, mesh_name="shop", releases=[a_release("reviews"), a_release("ratings")])
    assert brief(ran) == [("default/reviews-v2", "create", True, True), ("default/ratings-v2", "create", True, False)]
    assert ran["results"][0]["msg"].startswith("Release 'default/reviews-v2' is in phase 'CreateFailed'.")
    assert (ran["failed"], ran["changed"]) == (True, True)


def test_wait_timeout_fails_with_the_last_state(cloud):
    cloud.phases = ["Creating"] * 99
    ran = run(cloud, apply, mesh_name="shop", wait_timeout=10, wait_interval=3, releases=[a_release("reviews")])
    assert ran["results"][0]["msg"].startswith(
        "Timed out after 10 s waiting for release 'default/reviews-v2' to be ready: its last phase was 'Creating'"
    )
    assert (brief(ran), ran["error"]["kind"]) == ([("default/reviews-v2", "create", True, True)], "wait")
    # The last pause ends with the time.
    assert sum(ran.sleeps) == 10


# The time of the task


def slow(cloud: Cloud, start: str, seconds: float, times: int = 1000) -> None:
    def slowly(do):
        cloud.clock.passed += seconds
        return do()

    cloud.rule(start, slowly, times)


def test_timeout_returns_a_complete_result(cloud, tmp_path):
    path = tmp_path / "audit_log"
    slow(cloud, POST, 1)
    ran = run(cloud, apply, parallel=1, timeout=4.5, audit_log=str(path), workspaces=named(*many(20)))
    applied = [result["name"] for result in ran["results"] if result["changed"]]
    assert applied == many(5) == [each["name"] for each in cloud.workspaces[1:]]
    assert [result["msg"] for result in ran["results"]] == [None] * 5 + ["not started"] * 15
    assert all(result["resource"]["id"] for result in ran["results"][:5])
    assert (ran["failed"], ran["changed"], ran["error"]["kind"]) == (True, True, "wait")
    assert ran["msg"] == "Not done within 4.5 s (timeout). 15 of 20 were not started."
    assert [event for event, name, action in request_log(path)] == ["began", "sent"] * 5 + ["done"] * 5


def test_timeout_during_planning_sends_nothing(cloud):
    put(cloud, *many(10), auth_type="internal", grants=[{"user_name": "ann"}])
    slow(cloud, f"GET {ROOT}/", 1)
    ran = run(cloud, apply, parallel=1, timeout=3, workspaces=named(*many(10), grants=[{"user_name": "bob"}]))
    assert (ran.writes, ran["changed"], ran["failed"]) == ([], False, True)
    # The plan does not count items that were not planned.
    assert plan(ran) == {"to_update": 3}
    assert ran["msg"] == "Not done within 3 s (timeout). 10 of 10 were not started."


def test_task_timeout_ends_waiting(cloud):
    cloud.phases = ["Creating"] * 99
    ran = run(cloud, apply, mesh_name="shop", timeout=7, wait_interval=2, releases=[a_release("reviews")])
    assert sum(ran.sleeps) == 7
    assert brief(ran) == [("default/reviews-v2", "create", True, True)]


def test_task_timeout_ends_waiting_for_a_deletion(cloud):
    put_workshop(cloud, "demo", "w-1")
    keep = cloud.workshops[0]
    cloud.rule("DELETE /v2/meshes/m-1/workshops", lambda do: (200, None), 9)
    ran = run(
        cloud,
        apply,
        mesh_name="shop",
        timeout=7,
        workshops=[a_workshop("demo", description="new", on_drift="replace")],
    )
    assert cloud.workshops == [keep]
    assert sum(ran.sleeps) == 7
    assert brief(ran) == [("demo", "replace", True, True)]


def test_quotas_are_not_sent_after_the_timeout(cloud):
    slow(cloud, POST, 10)
    ran = run(cloud, apply, parallel=1, timeout=5, workspaces=named("team-a", quotas=[{"resource": "cpu", "quota": 5}]))
    assert ran.writes == [POST]
    assert brief(ran) == [("team-a", "create", True, True)]


def test_failing_service_is_not_retried_after_the_timeout(cloud):
    cloud.respond(f"PUT {ROOT}", *INTERNAL, times=1000)
    put(cloud, *many(10), description="old")
    ran = run(cloud, apply, parallel=1, timeout=2, on_error="continue", workspaces=named(*many(10), description="new"))
    assert cloud.clock.passed <= 2
    assert ran["failed"]


# Interruptions


class Alarm(BaseException):
    """As Ansible raises it in the middle of anything when the time of a task is over."""


@pytest.mark.parametrize("parallel", [1, 4])
def test_alarm_of_the_task_returns_a_result(cloud, parallel):
    def ring(do):
        do()
        raise Alarm("Timed out after 5 second(s).")

    cloud.rule(POST, lambda do: do(), 3)
    cloud.rule(POST, ring)
    ran = run(cloud, apply, parallel=parallel, workspaces=named(*many(40)))
    messages = [result["msg"] for result in ran["results"]]
    interrupted = [
        message
        for message in messages
        if message and message.startswith("Interrupted (Timed out after 5 second(s)), so ")
    ]
    assert interrupted
    assert "not started" in messages
    assert len(cloud.workspaces) - 1 < 40
    assert (ran["failed"], ran["error"]["kind"]) == (True, "wait")
    if parallel == 1:
        assert [result["changed"] for result in ran["results"]] == [True] * 3 + [False] * 37
        assert (
            interrupted[3]
            == "Interrupted (Timed out after 5 second(s)), so whether the request was applied is unknown. Rerun the task: it checks the actual state first."
        )


def test_alarm_without_message_is_named(cloud):
    def ring(do):
        raise Alarm

    cloud.rule(POST, ring)
    ran = run(cloud, apply, workspaces=named("team-a"))
    assert (
        ran["results"][0]["msg"]
        == "Interrupted (Alarm), so whether the request was applied is unknown. Rerun the task: it checks the actual state first."
    )


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("parallel", [1, 4])
def test_no_action_starts_after_an_interruption(cloud, parallel, interruption, tmp_path):
    path = tmp_path / "audit_log"

    def interrupt(do):
        raise interruption

    cloud.rule(POST, lambda do: do(), 2)
    cloud.rule(POST, interrupt)
    with pytest.raises(interruption):
        run(cloud, apply, parallel=parallel, audit_log=str(path), workspaces=named(*many(200)))
    begun = sum(event == "began" for event, name, action in request_log(path))
    # Those under way, and what they took before the word went round.
    assert begun < 20
    assert sum(event == "sent" for event, name, action in request_log(path)) >= 2
    assert len(cloud.workspaces) - 1 <= begun


# Pruning


@pytest.mark.parametrize("check", [True, False])
def test_matching_unlisted_resources_are_deleted(cloud, check):
    put(cloud, "team-a", "team-b", "other", "old-team-c")
    ran = run(cloud, apply, check=check, workspaces=named("team-a"), prune={"workspaces": ["^team-", "^default$"]})
    assert brief(ran) == [("team-a", None, False, False), ("team-b", "delete", True, False)]
    assert [each["name"] for each in cloud.workspaces] == ["default", "team-a"] + (["team-b"] if check else []) + [
        "other",
        "old-team-c",
    ]


@pytest.mark.parametrize("prune", [None, {}, {"workspaces": []}, {"workspaces": ["^no-such"]}])
def test_nothing_is_deleted_without_a_pattern(cloud, prune):
    put(cloud, "team-a", "team-b")
    ran = run(cloud, apply, workspaces=[], prune=prune)
    assert (ran["results"], ran["changed"]) == ([], False)


@pytest.mark.parametrize("uid, name", [("0", "default"), (0, "default"), ("0", "renamed"), ("x", "default")])
def test_default_workspace_is_never_deleted(cloud, uid, name):
    cloud.workspaces = [workspace(uid, name)]
    ran = run(cloud, apply, prune={"workspaces": [".*"]})
    assert (ran["results"], ran.writes) == ([], [])


@pytest.mark.parametrize(
    "item",
    [
        {"name": "team-a"},
        {"id": "id-team-a"},
        {"name": "team-a", "new_name": "other"},
        {"id": "id-team-a", "new_name": "other"},
        {"name": "gone", "new_name": "team-a"},
        {"name": "team-a", "state": "absent"},
    ],
)
def test_resource_listed_by_id_or_name_is_not_pruned(cloud, item):
    put(cloud, "team-a")
    ran = run(cloud, apply, check=True, workspaces=[item], prune={"workspaces": ["team"]})
    assert len(ran["results"]) == 1
    assert "failed" not in ran.result


@pytest.mark.parametrize("own", [{"mesh_id": "m-1"}, {"mesh_name": "shop"}])
@pytest.mark.parametrize("items", [{"mesh_id": "m-1"}, {"mesh_name": "shop"}, {}])
def test_prune_accepts_mesh_by_id_or_name(cloud, own, items):
    put_release(cloud, "reviews", "r-1")
    put_release(cloud, "ratings", "r-2")
    put_workshop(cloud, "demo-a", "w-1")
    put_workshop(cloud, "demo-b", "w-2")
    listed = {"releases": [a_release("reviews", **items)], "workshops": [a_workshop("demo-a", **items)]}
    ran = run(cloud, apply, **own, **listed, prune={"releases": ["."], "workshops": ["^demo"]})
    removed = [("demo-b", "delete", True, False), ("default/ratings-v2", "cancel", True, False)]
    assert brief(ran) == [("demo-a", None, False, False), ("default/reviews-v2", None, False, False), *removed]
    assert [each["metadata"]["name"] for each in cloud.releases + cloud.workshops] == ["reviews-v2", "demo-a"]


def test_pruned_releases_are_canceled(cloud):
    put_release(cloud, "reviews", "r-1")
    cloud.keeps_ended = True
    ran = run(cloud, apply, mesh_name="shop", prune={"releases": ["reviews"]})
    assert ran.writes == ["DELETE /v2/meshes/m-1/namespaces/default/releases/r-1?action=cancel"]
    assert brief(ran) == [("default/reviews-v2", "cancel", True, False)]
    again = run(cloud, apply, mesh_name="shop", prune={"releases": ["reviews"]})
    assert (again["changed"], again.writes) == (False, [])


@pytest.mark.parametrize("check", [True, False])
def test_ended_releases_are_not_pruned(cloud, check):
    for number, phase in enumerate(("Finished", "Canceled", "Terminated")):
        put_release(cloud, f"app{number}", f"rel-{number}", phase=phase)
    put_release(cloud, "reviews", "rel-9")
    ran = run(cloud, apply, check=check, mesh_name="shop", prune={"releases": ["."]})
    assert [(item["name"], item["action"]) for item in ran["results"]] == [("default/reviews-v2", "cancel")]
    assert ran.warnings == []


# Releases that have ended, or are not listed


def one_release(state: str, service: str = "reviews", **more: t.Any) -> dict[str, t.Any]:
    return {"namespace": "default", "name": f"{service}-v2", "state": state, **more}


@pytest.mark.parametrize("check", [True, False])
def test_missing_release_fails_alone_in_a_list(cloud, check):
    put_release(cloud, "ratings", "rel-8", phase="Failed")
    put_release(cloud, "details", "rel-9", phase="Canceled")
    items = [
        one_release("promoted", on_missing="fail"),
        one_release("canceled", "other"),
        one_release("promoted", "details"),
        one_release("canceled", "ratings", name="ratings-v3", service_name="ratings"),
    ]
    ran = run(cloud, apply, check=check, mesh_name="shop", releases=items, on_error="continue")
    assert [item["failed"] for item in ran["results"]] == [True, False, True, True]
    messages = [str(item["msg"]) for item in ran["results"]]
    assert "Active releases in namespace 'default': 'ratings-v2'" in messages[0]
    assert "it was canceled (phase 'Canceled')" in messages[2]
    assert "Service 'ratings' has the active release 'ratings-v2'" in messages[3]
    assert ["'default/other-v2' was not canceled by this task" in text for text in ran.warnings] == [True]
    assert ran["results"][2]["differences"] == [
        {"field": "state", "actual": "canceled", "desired": "promoted", "changeable": False, "private": False}
    ]
    assert (ran["changed"], ran.writes) == (False, [])


@pytest.mark.parametrize("check", [True, False])
def test_promoted_release_in_a_list_is_refused_before_requests(cloud, check):
    put_release(cloud, "reviews", "rel-1", phase="Finished")
    ran = run(cloud, apply, check=check, mesh_name="shop", releases=[a_release("reviews"), a_release("ratings")])
    refused, other = ran["results"]
    assert (refused["failed"], refused["error"]["kind"], other["action"]) == (True, "drift", "create")
    assert (ran["changed"], ran.writes) == (False, [])


def test_release_ended_differently_by_another_client(cloud):
    put_release(cloud, "reviews", "rel-1")
    cloud.receives_traffic = "gray"
    cloud.rule("DELETE", lambda do: do() and (200, put_release(cloud, "reviews", "rel-1", phase="Canceled") and None))
    ran = run(cloud, apply, mesh_name="shop", releases=[one_release("promoted")])
    (item,) = ran["results"]
    assert (item["failed"], "it was canceled (phase 'Canceled')" in item["msg"]) == (True, True)


@pytest.mark.parametrize("wait", [True, False])
def test_release_that_ends_during_its_create(cloud, wait):
    cloud.phases = ["Running", "Canceled", "Canceled", "Canceled"]
    ran = run(cloud, apply, mesh_name="shop", releases=[a_release("reviews")], wait=wait)
    (item,) = ran["results"]
    assert (item["failed"], "has ended (phase 'Canceled')" in item["msg"], ran["changed"]) == (True, True, True)


@pytest.mark.parametrize("phase", ["Ending", "Canceling"])
def test_release_deleted_during_its_end(cloud, phase):
    put_release(cloud, "reviews", "rel-1", phase=phase)
    for _read in range(2):
        cloud.rule(RELEASES, lambda do: do())
    cloud.before(RELEASES, cloud.releases.clear)
    ran = run(cloud, apply, mesh_name="shop", releases=[one_release("canceled", on_missing="fail")])
    (item,) = ran["results"]
    # Of a release in phase Ending, the list does not show which way it goes.
    assert (item["failed"], ran["changed"], ran.writes) == (phase == "Ending", False, [])


def test_release_that_receives_traffic_is_not_pruned(cloud):
    put_release(cloud, "reviews", "r-1")
    cloud.receives_traffic = "gray"
    ran = run(cloud, apply, mesh_name="shop", prune={"releases": ["reviews"]})
    assert brief(ran) == [("default/reviews-v2", "cancel", False, True)]
    assert "first move all traffic" in ran["msg"]


def test_prune_affects_only_named_meshes(cloud):
    cloud.meshes.append(mesh("m-2", "other"))
    put_workshop(cloud, "demo-b", "w-2")
    ran = run(
        cloud, apply, check=True, workshops=[a_workshop("demo-a", mesh_name="shop")], prune={"workshops": ["demo"]}
    )
    assert ran.request_log == [MESHES, WORKSHOPS]
    assert brief(ran) == [("demo-a", "create", True, False), ("demo-b", "delete", True, False)]


def test_invalid_item_skips_pruning_of_its_kind(cloud):
    """It may be meant to keep what would be removed."""
    put(cloud, "team-a")
    put_workshop(cloud, "demo", "w-1")
    ran = run(
        cloud,
        apply,
        on_error="continue",
        mesh_name="shop",
        workspaces=[{"nome": "team-a"}],
        prune={"workspaces": ["team"], "workshops": ["demo"]},
    )
    assert brief(ran) == [("?", None, False, True), ("demo", "delete", True, False)]
    assert ran.warnings == ["No workspaces are pruned, because an item is invalid."]
    assert ran["prune_skipped"] == ["workspaces"]


def test_unknown_mesh_skips_pruning_of_its_kind(cloud):
    put_workshop(cloud, "demo", "w-1")
    items = [a_workshop("demo", mesh_name="shp"), a_workshop("other", mesh_name="shop")]
    ran = run(cloud, apply, on_error="continue", workshops=items, prune={"workshops": ["demo"]})
    assert [each["metadata"]["name"] for each in cloud.workshops] == ["demo", "other"]
    assert ran["failed"]


EMPTY = [
    "",
    "team-old|",
    "|team-old",
    "(team-old)?",
    "x*",
    "^",
    "$",
    "^$",
    r"\b",
    r"\B",
    "(?=t)",
    "(?!x)",
    "(?i)",
    "a{0,5}",
    "(?s).*",
]


@pytest.mark.parametrize("pattern", EMPTY)
@pytest.mark.parametrize("check", [True, False])
def test_patterns_that_match_the_empty_text_are_refused(cloud, pattern, check):
    put(cloud, "team-old", "keep-me")
    error, ran = fail(cloud, apply, check, prune={"workspaces": ["^no", pattern]})
    assert isinstance(error, OptionError)
    assert error.message.startswith(f"prune: workspaces[1] '{pattern}' matches the empty text")
    assert error.hint is not None and "Write .* if that is meant." in error.hint
    assert ran.request_log == []


@pytest.mark.parametrize("pattern", ["(?=q)", "(?<=q)", "q|(?=z)"])
def test_empty_matches_in_names_are_refused(cloud, pattern):
    """No sample shows them."""
    put(cloud, "team-a", "xqzzz", "zoom")
    error, ran = fail(cloud, apply, prune={"workspaces": [pattern]})
    assert error.message.startswith(f"prune: workspaces[0] '{pattern}' matches the empty text in '")
    assert ran.writes == []


@pytest.mark.parametrize("pattern", [".*", "^.*", ".*$", "^.*$", ".+", "."])
def test_everything_is_pruned_with_an_explicit_pattern(cloud, pattern):
    put(cloud, "team-old", "keep-me")
    ran = run(cloud, apply, check=True, prune={"workspaces": [pattern]})
    assert plan(ran) == {"to_delete": 2}


@pytest.mark.parametrize("pattern", ["old", "-o", "team-old*", "^(?!keep-).+$", "(?i)TEAM", "^team-(old|new)$"])
def test_patterns_match_anywhere_in_the_name(cloud, pattern):
    put(cloud, "team-old", "keep-me")
    ran = run(cloud, apply, check=True, prune={"workspaces": [pattern]})
    assert brief(ran) == [("team-old", "delete", True, False)]


# The audit log


def test_audit_log_has_each_event(cloud, tmp_path):
    path = tmp_path / "audit_log"
    put(cloud, "team-b", "team-c", description="old")
    put_workshop(cloud, "demo", "w-1")
    ran = run(
        cloud,
        apply,
        parallel=1,
        mesh_name="shop",
        audit_log=str(path),
        workspaces=named("team-a") + named("team-b", description="new") + named("team-c", state="absent"),
        workshops=[a_workshop("demo", description="new", on_drift="replace")],
    )
    assert request_log(path) == [
        ("began", "team-a", "create"),
        ("sent", "team-a", "create"),
        ("began", "team-b", "update"),
        ("sent", "team-b", "update"),
        ("began", "team-c", "delete"),
        ("sent", "team-c", "delete"),
        ("began", "demo", "replace"),
        ("sent", "demo", "delete"),
        ("sent", "demo", "create"),
        ("done", "team-a", "create"),
        ("done", "team-b", "update"),
        ("done", "demo", "replace"),
        ("done", "team-c", "delete"),
    ]
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
    assert [line["request_id"] for line in lines if line["event"] == "sent"] == [
        f"req-{1 + ran.request_log.index(line)}" for line in ran.writes
    ]
    assert {frozenset(line) for line in lines} == {
        frozenset(["time", "event", "kind", "name", "action", "request_id", "msg"])
    }
    assert "CANARY" not in path.read_text(encoding="ascii")


def test_audit_log_has_failures_with_messages(cloud, tmp_path):
    path = tmp_path / "audit_log"
    cloud.respond(POST, *FORBIDDEN)
    run(cloud, apply, audit_log=str(path), workspaces=named("team-a"))
    last = json.loads(path.read_text(encoding="ascii").splitlines()[-1])
    assert (last["event"], last["action"]) == ("failed", "create")
    assert last["msg"].startswith("Failed to create workspace 'team-a': not authorized (HTTP 403")


def test_check_mode_writes_no_audit_log(cloud, tmp_path):
    run(cloud, apply, check=True, audit_log=str(tmp_path / "audit_log"), workspaces=named("team-a"))
    assert not (tmp_path / "audit_log").exists()


# Many threads


class Gate(Cloud):
    """Services that answer a POST only when so many are on their way, and count how many there were at most."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self.together = threading.Barrier(together, timeout=300)
        self.under_way = self.most = 0
        self._guard = threading.RLock()

    def __call__(self, call):
        if call.method != "POST":
            with self._guard:
                return super().__call__(call)
        with self._guard:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self.together.wait()
        with self._guard:
            self.under_way -= 1
            return super().__call__(call)


@pytest.mark.parametrize("parallel", [2, 5])
def test_requests_run_in_parallel_up_to_the_limit(parallel):
    cloud = Gate(parallel)
    ran = run(cloud, apply, parallel=parallel, workspaces=named(*many(parallel * 4)))
    assert cloud.most == parallel
    assert plan(ran) == {"to_create": parallel * 4}
    assert not any(result["failed"] for result in ran["results"])
    assert sorted(ran["request_ids"], key=lambda text: int(text[4:])) == [
        f"req-{number + 1}" for number in range(len(ran.request_log))
    ]


@pytest.mark.parametrize("rate, threads", [(None, 8), (100, 8), (1, 2), (0.1, 1)])
def test_rate_limit_reduces_the_number_of_workers(rate, threads, monkeypatch):
    """With more workers, lists would be outdated when their requests are sent."""
    seen = []
    real = _run.Engine

    def executor(items, policy, *rest):
        seen.append(policy.parallel)
        return real(items, policy, *rest)

    monkeypatch.setattr(_run, "Engine", executor)
    run(Guarded(), apply, check=True, workspaces=named("team-a"), **({"rate_limit": rate} if rate else {}))
    assert seen == [threads]


def test_rate_limit_applies_to_all_threads(cloud):
    moments = []
    answer = cloud.__call__

    class Timed:
        def __call__(self, call):
            moments.append(cloud.clock.monotonic())
            return answer(call)

    params = parameters(apply, {"workspaces": named(*many(30)), "rate_limit": 10.0, "parallel": 1})
    session = open_session(cloud, False, params, [])
    session.client._transport = Timed()
    run_apply(session, params, apply.TASK.validate_options(params))
    gaps = [after - before for before, after in zip(moments, moments[1:])]
    assert min(gaps) >= 0.1 - 1e-6


def test_throttling_slows_down_and_fails_nothing(cloud):
    cloud.respond(
        POST, 429, {"error_code": "APIGW.0308", "error_msg": "The throttling threshold has been reached"}, times=4
    )
    ran = run(cloud, apply, parallel=1, workspaces=named(*many(12)))
    assert ran.writes.count(POST) == 12 + 4
    assert not any(result["failed"] for result in ran["results"])


# Loops: lists that outlive an item


def test_failed_list_is_read_again_by_the_next_loop_item(cloud):
    """The answer to a creation was lost and so was the list after it: the next item must not believe the old list."""
    params = parameters(modelarts_workspace, {"name": "team-a"})
    session = open_session(cloud, False, params, [])
    session.cache_policy.max_age = 5.0
    desired = modelarts_workspace.TASK.validate_options(params)

    def lost(do):
        do()
        cloud.respond(WORKSPACES, *INTERNAL, times=2)
        raise TransportError("the connection broke", request_sent=True)

    cloud.rule(POST, lost)
    with pytest.raises(Exception, match="It is unknown whether the request was applied"):
        modelarts_workspace.TASK.run(session, params, desired)
    again = modelarts_workspace.TASK.run(session, params, desired)
    assert (again["changed"], [line for line in cloud.request_log if line == POST]) == (False, [POST])


def test_unverified_create_is_looked_up_by_the_next_loop_item(cloud):
    params = parameters(modelarts_workspace, {"name": "team-a"})
    absent = parameters(modelarts_workspace, {"name": "team-a", "state": "absent", "wait": False})
    session = open_session(cloud, False, params, [])
    session.cache_policy.max_age = 5.0
    cloud.respond(f"GET {ROOT}/wks-1", *FORBIDDEN)
    with pytest.raises(Exception, match="not authorized"):
        modelarts_workspace.TASK.run(session, params, None)
    assert modelarts_workspace.TASK.run(session, absent, None)["changed"]


def test_next_loop_item_uses_the_changes_of_this_one(cloud):
    session = open_session(cloud, False, parameters(modelarts_workspace, {"name": "team-a"}), [])
    session.cache_policy.max_age = 5.0

    def one(**options):
        params = parameters(modelarts_workspace, options)
        return modelarts_workspace.TASK.run(session, params, modelarts_workspace.TASK.validate_options(params))[
            "changed"
        ]

    assert [
        one(name="team-a"),
        one(name="team-a"),
        one(name="team-b"),
        one(name="team-b", description="new"),
        one(name="team-b", description="new"),
    ] == [True, False, True, True, False]
    # One list for all items. Each change is verified on its own.
    assert cloud.request_log.count(WORKSPACES) == 1
    assert [one(name="team-a", state="absent"), one(name="team-a", state="absent"), one(name="team-a")] == [
        True,
        False,
        True,
    ]
    assert [
        one(name="team-b", new_name="team-c"),
        one(name="team-c", description="new"),
        one(name="team-b", state="absent"),
    ] == [True, False, False]


@pytest.mark.parametrize("seconds, reads", [(4.9, 1), (5.0, 2), (7.0, 2)])
def test_loop_item_reads_list_again_before_create(cloud, seconds, reads):
    session = open_session(cloud, False, parameters(modelarts_workspace, {"name": "team-a"}), [])
    session.cache_policy.max_age = 5.0

    def one(name):
        params = parameters(modelarts_workspace, {"name": name})
        return modelarts_workspace.TASK.run(session, params, None)["changed"]

    assert one("team-a")
    cloud.clock.passed += seconds
    put(cloud, "team-b")
    one("team-b")
    assert cloud.request_log.count(WORKSPACES) == reads + (seconds < 5)
    assert cloud.request_log.count(POST) == (2 if seconds < 5 else 1)
    assert sum(each["name"] == "team-b" for each in cloud.workspaces) == 1


def test_apply_in_a_loop_leaves_no_outdated_list(cloud):
    params = parameters(apply, {"workspaces": named("team-a"), "parallel": 1})
    session = open_session(cloud, False, params, [])
    cloud.respond(f"{POST}", *FORBIDDEN)
    first = run_apply(session, params, apply.TASK.validate_options(params))
    put(cloud, "team-a")
    second = run_apply(session, params, apply.TASK.validate_options(params))
    assert (first["failed"], second["changed"], cloud.request_log.count(POST)) == (True, False, 1)


# Progress


def collect_progress(cloud: Cloud, **options: t.Any) -> list[str]:
    params = parameters(apply, options)
    progress: list[str] = []
    session = open_session(cloud, False, params, [])
    session.progress = progress.append
    build_result(run_apply(session, params, apply.TASK.validate_options(params)), session, diff_mode=False, verbosity=0)
    return progress


def test_progress_has_counts_every_few_seconds(cloud):
    put(cloud, "team-x", "team-y")
    slow(cloud, POST, 0.5)
    progress = collect_progress(cloud, parallel=1, workspaces=named("team-x", "team-y", *many(20)))
    assert progress[:2] == ["plan: 20 to create, 2 unchanged", "6 of 22: 4 created, 2 unchanged, 2/s, about 8 s left"]
    assert len(progress) == 6
    assert progress[-1] == "22 of 22: 20 created, 2 unchanged, 2/s"


def test_progress_is_reported_while_planning(cloud):
    put(cloud, *many(10), auth_type="internal", grants=[{"user_name": "ann"}])
    slow(cloud, f"GET {ROOT}/", 1)
    progress = collect_progress(cloud, parallel=1, workspaces=named(*many(10), grants=[{"user_name": "ann"}]))
    assert progress == [*[f"planned {number} of 10, {number} s" for number in (2, 4, 6, 8, 10)], "plan: 10 unchanged"]


def test_progress_counts_failures_separately(cloud):
    cloud.rule(POST, lambda do: (cloud.clock.sleep(3), FORBIDDEN)[1], 2)
    progress = collect_progress(cloud, parallel=1, on_error="continue", workspaces=named(*many(3)))
    assert progress[1].startswith("1 of 3: 1 failed")
    assert progress[2].startswith("2 of 3: 2 failed")


def test_progress_is_not_repeated_without_changes(cloud):
    cloud.phases = ["Creating"] * 9 + ["Preparing"] * 3 + ["Running"]
    progress = collect_progress(
        cloud, mesh_name="shop", wait_interval=2, releases=[a_release("reviews"), a_release("ratings")]
    )
    assert progress == [
        "plan: 2 to create",
        "waiting for release default/reviews-v2 and 1 more: Creating, 2 s",
        "waiting for release default/reviews-v2 and 1 more: Preparing, 56 s",
    ]


def test_empty_plan_is_reported(cloud):
    assert collect_progress(cloud) == ["plan: nothing"]


def test_releases_with_warnings_warn(cloud):
    found = a_release("reviews", lint="warn")
    found["gray_deployments"][0]["template"]["metadata"]["name"] = "Reviews_V2"
    ran = run(cloud, apply, check=True, mesh_name="shop", releases=[found])
    alone = run(cloud, asm_release, check=True, mesh_name="shop", **found)
    assert ran.warnings == alone.warnings != []


# The hash of a plan


class TestExpectedPlanHash:
    def test_applied_if_the_plan_is_the_same(self, cloud):
        put(cloud, "team-b", description="old")
        planned = run(cloud, apply, check=True, workspaces=named("team-a") + named("team-b", description="new"))
        assert re.fullmatch("sha256:[0-9a-f]{64}", planned["plan"]["hash"])
        ran = run(
            cloud,
            apply,
            workspaces=named("team-a") + named("team-b", description="new"),
            expected_plan_hash=planned["plan"]["hash"],
        )
        assert brief(ran) == [("team-a", "create", True, False), ("team-b", "update", True, False)]
        assert ran["plan"] == planned["plan"]

    @pytest.mark.parametrize("check", [True, False])
    def test_refused_if_the_actual_state_has_changed(self, cloud, check):
        put(cloud, "team-b", description="old")
        wanted = named("team-a") + named("team-b", description="new")
        planned = run(cloud, apply, check=True, workspaces=wanted)
        cloud.workspaces[-1]["description"] = "of another client"
        expected = planned["plan"]["hash"]
        ran = run(cloud, apply, check=check, workspaces=wanted, expected_plan_hash=expected)
        assert (ran.writes, ran["changed"], ran["error"]["kind"]) == ([], False, "plan_changed")
        assert ran["plan_changes"] == [
            f"the hash of the plan was {expected} and is now {ran['plan']['hash']} (project p-1)",
            "workspace 'team-a' is now planned as create",
            "workspace 'team-b' is now planned as update (description)",
        ]
        assert ran["msg"].startswith(f"Nothing was sent. The plan is not the expected one: {ran['plan_changes'][0]}; ")

    def test_hash_differs_if_the_plan_differs(self, cloud):
        put(cloud, "team-b", description="old")
        hashes = {
            run(cloud, apply, check=True, **options)["plan"]["hash"]
            for options in (
                {"workspaces": named("team-b")},
                {"workspaces": named("team-b", description="old")},
                {"workspaces": named("team-b", description="new")},
                {"workspaces": named("team-b", description="other")},
                {"workspaces": [], "prune": {"workspaces": ["^team-"]}},
                {"workspaces": named("team-b") + named("team-c", id="no-such-id")},
            )
        }
        assert len(hashes) == 6

    def test_ignores_execution_options_and_times(self, cloud):
        put(cloud, "team-b")
        first = run(cloud, apply, check=True, workspaces=named("team-b"))
        cloud.workspaces[-1]["update_time"] = 2
        second = run(cloud, apply, check=True, workspaces=named("team-b"), parallel=1, expected_plan_hash=" ")
        assert first["plan"] == second["plan"]

    def test_ignores_the_order_of_the_items(self, cloud):
        plans = [
            run(cloud, apply, check=True, workspaces=named(*names))["plan"]
            for names in (("team-a", "team-b"), ("team-b", "team-a"))
        ]
        assert plans[0] == plans[1]

    def test_covers_secrets(self, cloud):
        hashes = set()
        for secret in ("hunter2", "hunter3"):
            item = a_release("reviews")
            container = item["gray_deployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]
            container["env"] = [{"name": "PASSWORD", "value": secret}]
            hashes.add(run(cloud, apply, check=True, mesh_name="shop", releases=[item])["plan"]["hash"])
        assert len(hashes) == 2


class TestMeshOfEmptyLists:
    """The mesh of a task exists, although its lists of workshops and releases are empty."""

    @pytest.mark.parametrize("check", [True, False])
    @pytest.mark.parametrize("lists", [{"workshops": []}, {"releases": []}])
    def test_mesh_that_does_not_exist_is_an_error(self, cloud, check, lists):
        error, ran = fail(cloud, apply, check=check, mesh_name="shpo", **lists)
        assert str(error).startswith("No mesh has the name 'shpo' in project")
        run(cloud, apply, check=check, mesh_name="shpo", optional_meshes=["shpo"], **lists)

    def test_target_has_the_mesh(self, cloud):
        ran = run(cloud, apply, check=True, mesh_name="shop", workshops=[])
        assert ran["target"]["meshes"] == [{"id": "m-1", "name": "shop"}]


class TestDetectUnmanaged:
    def test_lists_all_resources_of_the_listed_kinds(self, cloud):
        put(cloud, "team-a", "team-b")
        put_workshop(cloud, "demo", "w-1")
        ran = run(cloud, apply, check=True, workspaces=named("team-a"), workshops=[], detect_unmanaged=True)
        assert [(one["name"], one["action"]) for one in ran["results"]] == [("team-a", None), ("team-b", "delete")]
        ran = run(cloud, apply, check=True, mesh_name="shop", workshops=[], detect_unmanaged=True)
        assert [(one["name"], one["action"]) for one in ran["results"]] == [("demo", "delete")]

    def test_refused_without_check_mode(self, cloud):
        put(cloud, "team-a")
        error, ran = fail(cloud, apply, workspaces=[], detect_unmanaged=True)
        assert str(error).startswith("detect_unmanaged requires check mode: ")
        assert ran.writes == []

    def test_includes_pruned_kinds_and_needs_a_mesh(self, cloud):
        put(cloud, "other")
        prune = {"workspaces": ["^team-"]}
        ran = run(cloud, apply, check=True, releases=[], prune=prune, detect_unmanaged=True)
        assert [one["name"] for one in ran["results"]] == ["other"]
