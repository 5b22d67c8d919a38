# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    BadRequestError,
    ForbiddenError,
    ProtocolError,
)
from ansible_collections.community.huaweicloud.plugins.modules import (
    asm_mesh_info,
    asm_release,
    asm_release_info,
    asm_workshop,
    asm_workshop_info,
    modelarts_workspace,
    modelarts_workspace_info,
)
from simulated_cloud import NO_WORKSPACE, Cloud, fail, observed, quota, release, run, workshop, workspace

MESHES = "GET /v1/p-1/meshes"
ALL = "GET /v1/p-1/workspaces?limit=1000&offset=0&order=asc&sort_by=name"
TEMPLATE = {
    "metadata": {"name": "x"},
    "spec": {
        "selector": {"matchLabels": {"app": "x"}},
        "template": {"spec": {"containers": [{"name": "x", "image": "x"}]}},
    },
}


@pytest.fixture
def cloud():
    cloud = Cloud()
    ingress = {"elbId": "elb-1", "elbIp": "192.0.2.1", "port": 80}
    for number, cluster in (("1", "c-1"), ("2", "c-1"), ("3", "c-2")):
        cloud.workshops.append(
            workshop(f"ws-{number}", {"name": f"demo-{number}"}, {"primaryCluster": cluster, "ingress": ingress})
        )
    for number, namespace, service, phase in (
        ("1", "a", "reviews", "Running"),
        ("2", "a", "ratings", "Finished"),
        ("3", "b", "reviews", "RUNNING"),
    ):
        spec = {
            "serviceName": service,
            "clusterID": f"c-{number}",
            "deploymentName": "x",
            "version": "v2",
            "type": "canary",
        }
        spec["grayDeployments"] = [{"clusterID": "c-1", "template": TEMPLATE}]
        cloud.releases.append(release(f"rel-{number}", {"name": f"{service}-v2", "namespace": namespace}, spec, phase))
    cloud.workspaces.append(
        workspace("wks-1", "team-a", auth_type="INTERNAL", owner="bob", grants=[{"user_id": "u-1", "user_name": "ann"}])
    )
    cloud.workspaces.append(workspace("wks-2", "team-b", status="DELETE_FAILED", enterprise_project_id="ep-1"))
    cloud.quotas = {uid: [quota("gpu", 5)] for uid in ("0", "wks-1", "wks-2")}
    return cloud


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["ws-1", "ws-2", "ws-3"]),
        ({"id": "ws-2"}, ["ws-2"]),
        ({"name": "demo-3"}, ["ws-3"]),
        ({"name": "demo"}, []),
        ({"name_regex": "demo-[12]"}, ["ws-1", "ws-2"]),
        ({"cluster_id": "c-2"}, ["ws-3"]),
        ({"cluster_id": "c-1", "name_regex": "2"}, ["ws-2"]),
    ],
)
def test_workshops(cloud, filters, ids):
    ran = run(cloud, asm_workshop_info, mesh_name="shop", **filters)
    assert [found["id"] for found in ran["workshops"]] == ids
    assert (ran["changed"], ran["request_ids"], ran.request_log) == (
        False,
        ["req-1", "req-2"],
        [MESHES, "GET /v2/meshes/m-1/workshops"],
    )


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["rel-1", "rel-2", "rel-3"]),
        ({"id": "rel-2"}, ["rel-2"]),
        ({"name": "reviews-v2"}, ["rel-1", "rel-3"]),
        ({"name_regex": "^ra"}, ["rel-2"]),
        ({"namespace": "a"}, ["rel-1", "rel-2"]),
        ({"service_name": "reviews"}, ["rel-1", "rel-3"]),
        ({"cluster_id": "c-3"}, ["rel-3"]),
        ({"phase": "running"}, ["rel-1", "rel-3"]),
        ({"phase": "RUNNING", "namespace": "a", "service_name": "reviews"}, ["rel-1"]),
        ({"phase": "Paused"}, []),
    ],
)
def test_releases(cloud, filters, ids):
    ran = run(cloud, asm_release_info, mesh_id="m-1", **filters)
    assert [found["id"] for found in ran["releases"]] == ids
    assert (ran["changed"], ran.request_log) == (False, [MESHES, "GET /v2/meshes/m-1/releases"])


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["0", "wks-1", "wks-2"]),
        ({"id": "0"}, ["0"]),
        ({"name": "team-b"}, ["wks-2"]),
        ({"name": "team"}, []),
        ({"name_regex": "team-[ab]"}, ["wks-1", "wks-2"]),
        ({"status": "delete_failed"}, ["wks-2"]),
        ({"owner": "bob"}, ["wks-1"]),
        ({"enterprise_project_id": "ep-1"}, ["wks-2"]),
        ({"enterprise_project_id": "0", "owner": "alice"}, ["0"]),
    ],
)
def test_workspaces(cloud, filters, ids):
    ran = run(cloud, modelarts_workspace_info, **filters)
    assert [found["id"] for found in ran["workspaces"]] == ids
    assert (ran["changed"], ran.request_log) == (False, [ALL])


def test_grants_and_quotas_are_read_for_matches_only(cloud):
    ran = run(cloud, modelarts_workspace_info, include_grants=True, include_quotas=True, name_regex="team")
    assert [found["grants"] for found in ran["workspaces"]] == [
        [{"user_id": "u-1", "user_name": "ann", "user_type": None}],
        [],
    ]
    assert [found["quotas"][0]["quota"] for found in ran["workspaces"]] == [5, 5]
    assert ran.request_log == [
        ALL,
        "GET /v1/p-1/workspaces/wks-1",
        "GET /v1/p-1/workspaces/wks-1/quotas",
        "GET /v1/p-1/workspaces/wks-2/quotas",
    ]


def test_grants_and_quotas_are_returned_on_request_only(cloud):
    ran = run(cloud, modelarts_workspace_info, id="wks-1")
    assert (ran["workspaces"][0]["grants"], "quotas" in ran["workspaces"][0]) == (None, False)
    assert run(cloud, modelarts_workspace_info, include_grants=True, name="team-z")["workspaces"] == []


@pytest.mark.parametrize("details", ["", "/quotas"])
def test_workspace_deleted_during_the_read_is_omitted(cloud, details):
    first = next(each for each in cloud.workspaces if each["id"] == "wks-1")
    cloud.before(f"GET /v1/p-1/workspaces/wks-1{details}", lambda: cloud.workspaces.remove(first))
    ran = run(cloud, modelarts_workspace_info, include_grants=True, include_quotas=True, name_regex="team")
    assert [found["id"] for found in ran["workspaces"]] == ["wks-2"]
    assert ran.request_log.count(ALL) == 2


def test_listed_workspace_that_cannot_be_read_is_an_error(cloud):
    cloud.respond("GET /v1/p-1/workspaces/wks-1", *NO_WORKSPACE)
    error, ran = fail(cloud, modelarts_workspace_info, include_grants=True)
    assert (type(error), ran.request_log) == (BadRequestError, [ALL, "GET /v1/p-1/workspaces/wks-1", ALL])
    cloud.respond("GET /v1/p-1/workspaces/wks-1", 403, {"error_code": "ModelArts.0112"})
    error, ran = fail(cloud, modelarts_workspace_info, include_grants=True)
    assert (type(error), ran.request_log) == (ForbiddenError, [ALL, "GET /v1/p-1/workspaces/wks-1"])


def test_failed_list_does_not_prove_deletion(cloud):
    cloud.respond("GET /v1/p-1/workspaces/wks-1", *NO_WORKSPACE)
    cloud.rule(ALL, lambda do: do())
    cloud.respond(ALL, 403, {"error_code": "ModelArts.0112"})
    error, ran = fail(cloud, modelarts_workspace_info, include_grants=True)
    assert (type(error), error.message[:29]) == (ForbiddenError, "Failed to list the workspaces")


def test_number_as_id(cloud):
    cloud.workspaces[0]["id"] = 0
    assert run(cloud, modelarts_workspace_info, id="0")["workspaces"][0]["id"] == "0"


@pytest.mark.parametrize("module", [asm_workshop_info, asm_release_info, modelarts_workspace_info])
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(403, {"errorCode": "ASM.01000002", "error_code": "ModelArts.0112"}, ForbiddenError), (200, b"[", ProtocolError)],
)
def test_null_instead_of_a_list_is_an_error(cloud, module, status, body, kind):
    who = {"mesh_name": "shop"} if module is not modelarts_workspace_info else {}
    cloud.respond("GET /v2" if who else ALL, status, body)
    error, ran = fail(cloud, module, **who)
    assert error.__class__ is kind
    assert error.message.startswith("Failed to list the ")


@pytest.mark.parametrize("empty", [None, []])
def test_empty_lists(cloud, empty):
    cloud.respond("GET /v2", 200, {"items": empty}, times=2)
    assert run(cloud, asm_workshop_info, mesh_name="shop")["workshops"] == []
    assert run(cloud, asm_release_info, mesh_name="shop")["releases"] == []
    cloud.respond(ALL, 200, {"total_count": 0, "count": 0, "workspaces": empty})
    assert run(cloud, modelarts_workspace_info)["workspaces"] == []


def test_same_shape_as_the_module(cloud):
    before = copy.deepcopy((cloud.workshops, cloud.releases, cloud.workspaces))
    same = run(cloud, asm_workshop, mesh_name="shop", name="demo-1")["workshop"]
    assert run(cloud, asm_workshop_info, mesh_name="shop", name="demo-1")["workshops"] == [same]
    same = run(cloud, asm_release, mesh_name="shop", namespace="a", name="reviews-v2")["release"]
    assert run(cloud, asm_release_info, mesh_name="shop", id="rel-1")["releases"] == [same]
    same = run(cloud, modelarts_workspace, name="team-a", quotas=[])["workspace"]
    assert run(cloud, modelarts_workspace_info, name="team-a", include_grants=True, include_quotas=True)[
        "workspaces"
    ] == [same]
    assert before == (cloud.workshops, cloud.releases, cloud.workspaces)


def test_minimal_response_has_all_keys(cloud):
    cloud.respond("GET /v2", 200, [{"metadata": {"name": "demo"}, "spec": {"ingress": {}}}])
    ingress = dict.fromkeys(("elb_id", "elb_ip", "port", "image_address"))
    nothing = dict.fromkeys(("id", "primary_cluster", "created_at", "updated_at"))
    assert run(cloud, asm_workshop_info, mesh_name="shop")["workshops"] == [
        {**nothing, "name": "demo", "mesh_id": "m-1", "description": "", "ingress": ingress}
    ]
    cloud.respond(
        "GET /v2", 200, {"items": [{"metadata": {"name": "r", "namespace": "a"}, "spec": {}, "status": None}]}
    )
    nothing = dict.fromkeys(("id", "service_name", "cluster_id", "deployment_name", "version", "type"))
    status = {**dict.fromkeys(("phase", "start_time", "updated_at", "deployment")), "gray_deployments": []}
    assert run(cloud, asm_release_info, mesh_name="shop")["releases"] == [
        {**nothing, "name": "r", "namespace": "a", "mesh_id": "m-1", "gray_deployments": [], "status": status}
    ]


def test_times_and_deployments_of_a_release(cloud):
    cloud.releases[0]["status"].update(startTime="2026-01-02 05:04:05 +0200", updateTime="soon", deployment=None)
    result = run(cloud, asm_release_info, mesh_name="shop", id="rel-1")["releases"][0]
    assert result["status"] == {
        "phase": "Running",
        "start_time": "2026-01-02T03:04:05Z",
        "updated_at": "soon",
        "deployment": None,
        "gray_deployments": [observed("x")],
    }
    assert result["gray_deployments"][0]["template"]["spec"]["revisionHistoryLimit"] == 10


def test_ids_and_versions_may_come_as_numbers(cloud):
    cloud.releases[0]["metadata"]["uid"] = 7
    cloud.releases[0]["spec"].update(version=2, clusterID=1.0)
    cloud.releases[0]["spec"]["grayDeployments"][0]["clusterID"] = 1
    result = run(cloud, asm_release_info, mesh_name="shop", id="7")["releases"][0]
    assert (result["id"], result["version"], result["cluster_id"], result["gray_deployments"][0]["cluster_id"]) == (
        "7",
        "2",
        "1",
        "1",
    )
    cloud.workshops[0]["metadata"]["uid"] = 8
    cloud.workshops[0]["spec"].update(primaryCluster=1, ingress={"elbId": 9, "port": 80})
    result = run(cloud, asm_workshop_info, mesh_name="shop", id="8")["workshops"][0]
    assert (result["primary_cluster"], result["ingress"]["elb_id"]) == ("1", "9")
    cloud.workspaces[0].update(owner=5, quotas=None)
    assert [found["id"] for found in run(cloud, modelarts_workspace_info, owner="5")["workspaces"]] == ["0"]


def test_version_of_a_mesh_may_come_as_a_number(cloud):
    cloud.meshes[0]["spec"].update(version=1.18, extendParams={"clusters": [{"clusterID": 1}]})
    result = run(cloud, asm_mesh_info, cluster_id="1")["meshes"][0]
    assert (result["version"], result["clusters"]) == ("1.18", ["1"])
