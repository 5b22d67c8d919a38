# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of meshes and workshops, and of their behaviors."""

from __future__ import annotations

import typing as t

import pytest
from emulator_bodies import workshop_body


def _names(response: t.Any) -> list[str]:
    return [element["workshop"]["metadata"]["name"] for element in response.json]


# -- meshes


def test_default_mesh_exists(emulator: t.Any) -> None:
    response = emulator("GET", f"/v1/{emulator.project}/meshes").json
    assert response["kind"] == "MeshList"
    (mesh,) = response["items"]
    assert (mesh["metadata"]["name"], mesh["status"]["phase"]) == ("demo-mesh", "Running")
    assert mesh["spec"]["extendParams"]["clusters"] == [{"clusterID": "demo-cluster"}]
    assert emulator("GET", f"/v1/{emulator.project}/meshes/{emulator.mesh}").json == mesh


def test_meshes_of_seed_replace_default_mesh(make: t.Any) -> None:
    meshes = [
        {"name": "twin", "id": "m-1"},
        {"name": "twin", "phase": "Upgrading", "clusters": ["a", "b"], "version": "v1.15"},
    ]
    emulator = make(seed={"meshes": meshes})
    items = emulator("GET", f"/v1/{emulator.project}/meshes").json["items"]
    assert [(mesh["metadata"]["name"], mesh["status"]["phase"], mesh["spec"]["version"]) for mesh in items] == [
        ("twin", "Running", "v1.18"),
        ("twin", "Upgrading", "v1.15"),
    ]


def _mesh_body(name: str = "mesh-b") -> dict[str, t.Any]:
    selector = {"fieldSelector": {"key": "UID", "operator": "In", "values": ["n-1"]}}
    cluster = {"clusterID": "c-1", "installation": {"nodes": selector}, "injection": {"namespaces": selector}}
    spec = {
        "type": "InCluster",
        "version": "v1.15",
        "tags": [{"key": "a", "value": "b"}],
        "extendParams": {"clusters": [cluster]},
    }
    return {"apiVersion": "v1", "kind": "Mesh", "metadata": {"name": name, "labels": {"x": "y"}}, "spec": spec}


@pytest.mark.parametrize("creation, last", [("works", "Running"), ("fails", "CreateFailed")])
def test_mesh_creation_is_asynchronous(make: t.Any, creation: str, last: str) -> None:
    emulator = make(mesh_creation=creation)
    created = emulator("POST", f"/v1/{emulator.project}/meshes", _mesh_body())
    assert (created.status, created.json["status"]["phase"]) == (201, "Creating")
    assert "tags" not in created.json["spec"] and "labels" not in created.json["metadata"]
    assert created.json["spec"]["extendParams"]["clusters"] == [{"clusterID": "c-1"}]
    target = f"/v1/{emulator.project}/meshes/{created.json['metadata']['uid']}"
    assert [emulator("GET", target).json["status"]["phase"] for unused in range(3)] == ["Creating", "Creating", last]


def test_emulator_without_meshes(make: t.Any) -> None:
    emulator = make(seed={"meshes": []})
    assert emulator("GET", f"/v1/{emulator.project}/meshes").json["items"] == []


@pytest.mark.parametrize(
    ("config", "version", "sent", "expected"),
    [
        ("returned", "as_sent", "v1.15", (True, "v1.15")),
        ("omitted", "completed", "v1.15", (False, "v1.15.7-r1")),
        ("omitted", "completed", "v1.15.3", (False, "v1.15.3-r1")),
        ("returned", "completed", "v1.15.3-r2", (True, "v1.15.3-r2")),
    ],
)
def test_what_responses_contain_of_a_mesh(
    make: t.Any, config: str, version: str, sent: str, expected: tuple[bool, str]
) -> None:
    emulator = make(mesh_config_readback=config, mesh_version_readback=version)
    body = _mesh_body()
    body["spec"].update(version=sent, config={"proxyConfig": {"includeIPRanges": "10.0.0.0/8"}})
    spec = emulator("POST", f"/v1/{emulator.project}/meshes", body).json["spec"]
    assert ("config" in spec, spec["version"]) == expected


def test_failed_deletion_of_a_mesh_can_be_repeated(make: t.Any) -> None:
    emulator = make(mesh_deletion="fails")
    target = f"/v1/{emulator.project}/meshes/{emulator.mesh}"
    emulator("DELETE", target)
    assert [emulator("GET", target).json["status"]["phase"] for unused in range(3)][-1] == "DeleteFailed"
    emulator.set(mesh_deletion="works")
    emulator("DELETE", target)
    assert [emulator("GET", target).status for unused in range(3)] == [200, 200, 404]


def test_mesh_with_contents_is_not_deleted(make: t.Any) -> None:
    emulator = make(mesh_with_contents="refuse")
    target = f"/v1/{emulator.project}/meshes/{emulator.mesh}"
    emulator("POST", emulator.workshops(), workshop_body())
    assert emulator("DELETE", target).status == 400
    emulator("DELETE", emulator.workshops("/demo"))
    for unused in range(3):
        emulator("GET", emulator.workshops())
    assert emulator("DELETE", target).status == 200


def test_mesh_deletion_removes_its_resources(emulator: t.Any) -> None:
    emulator("POST", emulator.workshops(), workshop_body())
    target = f"/v1/{emulator.project}/meshes/{emulator.mesh}"
    assert emulator("DELETE", target).json["status"]["phase"] == "Deleting"
    assert emulator("DELETE", target).code == "ASM.01010001"
    assert [emulator("GET", target).status for unused in range(3)] == [200, 200, 404]
    assert emulator.state.stores.workshops.records == {}


def test_invalid_meshes_are_rejected(emulator: t.Any) -> None:
    target = f"/v1/{emulator.project}/meshes"
    without_nodes = _mesh_body("mesh-c")
    del without_nodes["spec"]["extendParams"]["clusters"][0]["installation"]
    bodies = [_mesh_body("demo-mesh"), _mesh_body("Demo"), without_nodes]
    assert [emulator("POST", target, body).status for body in bodies] == [409, 400, 400]
    assert emulator("GET", f"{target}/nothing").code == "ASM.01010002"


# -- workshops


def test_workshop_create_list_delete(emulator: t.Any) -> None:
    created = emulator("POST", emulator.workshops(), workshop_body(extra="ignored"))
    assert created.status == 200
    assert (
        created.json["metadata"]["creationTimestamp"] == created.json["status"]["updateTime"] == "2027-01-15T08:00:00Z"
    )
    assert created.json["spec"] == workshop_body()["spec"]
    assert set(created.json) == {"description", "metadata", "spec", "status"}
    assert emulator("GET", emulator.workshops()).json == [{"workshop": created.json}]
    deletion = emulator("DELETE", emulator.workshops("/demo"))
    assert (deletion.status, deletion.body) == (200, b"")
    assert [len(emulator("GET", emulator.workshops()).json) for unused in range(3)] == [1, 1, 0]


def test_uid_in_request_is_ignored(emulator: t.Any) -> None:
    body = workshop_body(metadata={"name": "demo", "uid": "mine"})
    assert emulator("POST", emulator.workshops(), body).json["metadata"]["uid"] != "mine"


@pytest.mark.parametrize(
    "shape, unwrap",
    [
        ("bare", lambda body: body[0]["workshop"]),
        ("items", lambda body: body["items"][0]["workshop"]),
        ("unwrapped", lambda body: body[0]),
        ("items_unwrapped", lambda body: body["items"][0]),
    ],
)
def test_workshop_list_shapes(make: t.Any, shape: str, unwrap: t.Callable[[t.Any], t.Any]) -> None:
    emulator = make(workshop_list_shape=shape)
    created = emulator("POST", emulator.workshops(), workshop_body()).json
    assert unwrap(emulator("GET", emulator.workshops()).json) == created


@pytest.mark.parametrize("key, by_name, by_uid", [("name", 200, 404), ("uid", 404, 200), ("both", 200, 200)])
def test_workshop_delete_keys(make: t.Any, key: str, by_name: int, by_uid: int) -> None:
    emulator = make(workshop_delete_key=key)
    uid = emulator("POST", emulator.workshops(), workshop_body("one")).json["metadata"]["uid"]
    emulator("POST", emulator.workshops(), workshop_body("two"))
    assert emulator("DELETE", emulator.workshops(f"/{uid}")).status == by_uid
    assert emulator("DELETE", emulator.workshops("/two")).status == by_name


@pytest.mark.parametrize(
    "setting, status, code",
    [
        ("404", 404, "ASM.01010002"),
        ("400", 400, "ASM.01010001"),
        ("500", 500, "ASM.01040001"),
        ("404_old", 404, "ASM.01404001"),
    ],
)
def test_missing(make: t.Any, setting: str, status: int, code: str) -> None:
    emulator = make(missing_object=setting)
    response = emulator("DELETE", emulator.workshops("/nothing"))
    assert (response.status, response.code) == (status, code)
    release = emulator("GET", emulator.releases("/nothing"))
    assert release.status == (404 if setting == "500" else status)


@pytest.mark.parametrize(
    "setting, status, code",
    [
        ("409", 409, "ASM.01010003"),
        ("400", 400, "ASM.01010001"),
        ("409_old", 409, "ASM.01409001"),
        ("400_old", 400, "ASM.01400001"),
    ],
)
def test_duplicate_workshop_is_rejected(make: t.Any, setting: str, status: int, code: str) -> None:
    emulator = make(duplicate_asm_name=setting)
    emulator("POST", emulator.workshops(), workshop_body())
    response = emulator("POST", emulator.workshops(), workshop_body())
    assert (response.status, response.code) == (status, code)
    assert len(emulator("GET", emulator.workshops()).json) == 1


def test_workshop_name_in_use_until_deletion_ends(emulator: t.Any) -> None:
    emulator("POST", emulator.workshops(), workshop_body())
    emulator("DELETE", emulator.workshops("/demo"))
    assert emulator("POST", emulator.workshops(), workshop_body()).status == 409
    for unused in range(2):
        emulator("GET", emulator.workshops())
    assert emulator("POST", emulator.workshops(), workshop_body()).status == 200


def test_second_delete_does_not_restart_deletion(emulator: t.Any) -> None:
    emulator("POST", emulator.workshops(), workshop_body())
    emulator("DELETE", emulator.workshops("/demo"))
    emulator("GET", emulator.workshops())
    assert emulator("DELETE", emulator.workshops("/demo")).status == 200
    assert [len(emulator("GET", emulator.workshops()).json) for unused in range(2)] == [1, 0]


def test_deletion_advances_with_clock(make: t.Any) -> None:
    emulator = make(advance_by="seconds", gone_after=10)
    emulator("POST", emulator.workshops(), workshop_body())
    emulator("DELETE", emulator.workshops("/demo"))
    assert [len(emulator("GET", emulator.workshops()).json) for unused in range(5)] == [1] * 5
    emulator.control("POST", "clock", {"advance": 10})
    assert emulator("GET", emulator.workshops()).json == []


def test_deletion_can_be_immediate(make: t.Any) -> None:
    emulator = make(gone_after=0)
    emulator("POST", emulator.workshops(), workshop_body())
    emulator("DELETE", emulator.workshops("/demo"))
    assert emulator("GET", emulator.workshops()).json == []


def test_workshop_listing_delay(make: t.Any) -> None:
    emulator = make(workshop_listed_after=2)
    emulator("POST", emulator.workshops(), workshop_body())
    assert [len(emulator("GET", emulator.workshops()).json) for unused in range(3)] == [0, 0, 1]


@pytest.mark.parametrize(
    "change, path",
    [
        ({"metadata": {}}, "metadata: name is required"),
        ({"spec": {"primaryCluster": "c"}}, "spec: ingress is required"),
        (
            {"spec": {"primaryCluster": "c", "ingress": {"elbId": "e", "elbIp": "i", "port": "80"}}},
            "spec.ingress.port: violates type integer",
        ),
    ],
)
def test_invalid_bodies_are_rejected(emulator: t.Any, change: dict[str, t.Any], path: str) -> None:
    response = emulator("POST", emulator.workshops(), workshop_body(**change))
    assert (response.status, response.code) == (400, "ASM.01010001")
    assert path in response.message
    assert emulator("GET", emulator.workshops()).json == []


@pytest.mark.parametrize(
    "content_type, status",
    [("application/json", 200), ("application/json;charset=utf-8", 200), ("text/plain", 400), (None, 400)],
)
def test_content_type(emulator: t.Any, content_type: str | None, status: int) -> None:
    headers = {"Content-Type": content_type}
    assert emulator("POST", emulator.workshops(), workshop_body(), headers=headers).status == status
    emulator.set(content_type="optional")
    assert emulator("POST", emulator.workshops(), workshop_body("other"), headers=headers).status == 200


def test_write_rejected_if_mesh_not_running(emulator: t.Any) -> None:
    emulator.control("POST", "transitions", {"kind": "mesh", "name": "demo-mesh", "phase": "Upgrading"})
    response = emulator("POST", emulator.workshops(), workshop_body())
    assert (response.status, "Upgrading" in response.message) == (400, True)
    assert emulator("GET", emulator.workshops()).status == 200


@pytest.mark.parametrize("setting, code", [("404", "ASM.01010002"), ("400", "ASM.01010001")])
def test_unknown_mesh(make: t.Any, setting: str, code: str) -> None:
    emulator = make(unknown_mesh=setting)
    responses = [emulator("GET", f"/v2/meshes/nothing/{kind}") for kind in ("workshops", "releases")]
    assert [(response.status, response.code) for response in responses] == [(int(setting), code)] * 2


# -- error bodies


@pytest.mark.parametrize(
    "shape, expected",
    [
        (
            "code_and_message",
            {"errorCode": "ASM.01010002", "errorMsg": "Resource not found. The release x does not exist."},
        ),
        ("code_only", {"errorCode": "ASM.01010002"}),
        ("array", [{"errorCode": "ASM.01010002", "errorMsg": "Resource not found. The release x does not exist."}]),
        (
            "snake_case",
            {"error_code": "ASM.01010002", "error_msg": "Resource not found. The release x does not exist."},
        ),
    ],
)
def test_error_bodies(make: t.Any, shape: str, expected: t.Any) -> None:
    emulator = make(asm_error_body=shape)
    assert emulator("GET", emulator.releases("/x")).json == expected


def test_workshop_list_has_error_array_for_500(emulator: t.Any) -> None:
    emulator.control("POST", "faults", {"kind": "status", "status": 500, "path_regex": "/workshops$"})
    response = emulator("GET", emulator.workshops())
    assert (response.status, response.json) == (500, [{"errorCode": "ASM.01040001", "errorMsg": "Internal error."}])


@pytest.mark.parametrize(
    "form, expected",
    [
        ("rfc3339", "2027-01-15T08:00:00Z"),
        ("rfc3339_fraction", "2027-01-15T08:00:00.000000Z"),
        ("epoch_ms", 1800000000000),
    ],
)
def test_asm_time_formats(make: t.Any, form: str, expected: t.Any) -> None:
    emulator = make(asm_time_format=form)
    assert emulator("POST", emulator.workshops(), workshop_body()).json["status"]["updateTime"] == expected
