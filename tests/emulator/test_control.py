# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the control plane: behaviors, seeds, snapshots, faults without a socket, and the request log."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from emulator_bodies import release_body, workshop_body
from huaweicloud_emulator import app, behaviors, serving


def test_control_plane_disabled_by_default(make: t.Any) -> None:
    assert make(control=False).raw("GET", "/_emulator/health").code == "APIGW.0101"


def test_control_plane_rejects_remote_requests(emulator: t.Any) -> None:
    assert emulator.raw("GET", "/_emulator/health", peer="192.0.2.7").status == 403
    assert emulator.raw("GET", "/_emulator/health", peer="testclient").status == 403
    assert emulator.raw("GET", "/_emulator/health", peer="::1").json["status"] == "ok"


def test_openapi_document_is_served(emulator: t.Any) -> None:
    emulator.state.url = "http://127.0.0.1:1"
    document = emulator.raw("GET", "/openapi.json").json
    assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": "http://127.0.0.1:1"}])
    operations = {
        node["operationId"]
        for item in document["paths"].values()
        for name, node in item.items()
        if name != "parameters"
    }
    assert operations == set(app.HANDLERS)
    assert len(operations) == 29


# -- behaviors


def test_behaviors_are_described(emulator: t.Any) -> None:
    described = emulator.control("GET", "behaviors")["behaviors"]
    assert len(described) == len(behaviors.ALL) == 74
    shape = next(entry for entry in described if entry["name"] == "workshop_list_shape")
    assert shape == {
        "name": "workshop_list_shape",
        "kind": "choice",
        "default": "bare",
        "value": "bare",
        "alternatives": ["bare", "items", "unwrapped", "items_unwrapped"],
        "description": "Whether the list of workshops is an array or an object with items, and whether its elements are {workshop: ...}",
    }


@pytest.mark.parametrize("behavior", behaviors.ALL, ids=lambda behavior: behavior.name)
def test_each_value_of_each_behavior_is_accepted(emulator: t.Any, behavior: t.Any) -> None:
    """With each value, the services respond as documented."""
    for value in (*behavior.alternatives, behavior.default):
        emulator.control("PATCH", "behaviors", {behavior.name: value})
        assert emulator.control("GET", "behaviors")["behaviors"][behaviors.ALL.index(behavior)]["value"] == value
    last = behavior.alternatives[-1] if behavior.alternatives else behavior.default
    emulator.control("PATCH", "behaviors", {behavior.name: last, "rate_limit": 0, "latency": 0})
    assert emulator("POST", emulator.workshops(), workshop_body()).status == 200
    assert emulator("POST", emulator.releases(), release_body()).status == 200
    assert (
        emulator(
            "POST",
            emulator.workspaces(),
            {"name": "team-a", "auth_type": "internal", "grants": [{"user_name": "alice"}]},
        ).status
        == 200
    )
    assert emulator("GET", emulator.workshops()).status == emulator("GET", emulator.workspaces()).status == 200
    assert emulator("GET", f"/v2/meshes/{emulator.mesh}/releases").status == 200


@pytest.mark.parametrize(
    "change, text",
    [
        ({"nothing": 1}, "unknown behavior: nothing"),
        ({"workshop_list_shape": "round"}, "'round' must be one of bare, items, unwrapped, items_unwrapped"),
        ({"latency": -1}, "must be a number that is not negative"),
        ({"latency": "soon"}, "must be a number"),
        ({"workspace_limit": True}, "must be a number that is not negative"),
        ({"action_end": ["end"]}, "must be a string"),
        ([], "the body must be a mapping of names to values"),
    ],
)
def test_invalid_behaviors_are_rejected(emulator: t.Any, change: t.Any, text: str) -> None:
    before = emulator.state.behaviors.values()
    expected = dict(change, workshop_delete_key="uid") if isinstance(change, dict) else change
    assert text in emulator.control("PATCH", "behaviors", expected, status=400)["error"]
    assert emulator.state.behaviors.values() == before


def test_null_restores_initial_value_of_behavior(make: t.Any) -> None:
    emulator = make(gone_after=9)
    emulator.control("PATCH", "behaviors", {"gone_after": 1, "traffic_precondition": False})
    assert emulator.state.behaviors["traffic_precondition"] == "no"
    emulator.control("PATCH", "behaviors", {"traffic_precondition": "True"})
    assert emulator.state.behaviors["traffic_precondition"] == "yes"
    emulator.control("PATCH", "behaviors", {"gone_after": None})
    assert emulator.state.behaviors["gone_after"] == 9


def test_seed_sets_behaviors(make: t.Any) -> None:
    emulator = make(seed={"behaviors": {"gone_after": 1, "running_after": 1}}, running_after=3)
    assert (emulator.state.behaviors["gone_after"], emulator.state.behaviors["running_after"]) == (1, 3)


# -- reset, seed, snapshot


def _fill(emulator: t.Any) -> None:
    emulator("POST", emulator.workshops(), workshop_body())
    emulator("POST", emulator.releases(), release_body())
    emulator("POST", emulator.workspaces(), {"name": "team-a"})


def _count_records(emulator: t.Any) -> tuple[int, int, int]:
    stores = emulator.state.stores
    return len(stores.workshops.records), len(stores.releases.records), len(stores.workspaces.records)


def test_reset(emulator: t.Any) -> None:
    mesh = emulator.mesh
    token = emulator.password_login().headers["x-subject-token"]
    _fill(emulator)
    emulator.control("PATCH", "behaviors", {"workshop_list_shape": "items"})
    emulator.control("POST", "faults", {"kind": "status", "times": None})
    emulator.control("POST", "clock", {"advance": 100})
    assert emulator.control("POST", "reset") == {}
    assert (_count_records(emulator), emulator.mesh) == ((0, 0, 1), mesh)
    assert emulator.control("GET", "request_log") == {"requests": []}
    assert emulator("GET", emulator.workshops()).json == []
    assert emulator.raw("GET", emulator.workspaces(), {"X-Auth-Token": token}).status == 401


def test_reset_restores_seed(make: t.Any) -> None:
    emulator = make(seed={"workspaces": [{"name": "team-a"}]})
    emulator("DELETE", emulator.workspaces("/" + emulator.state.stores.workspaces.find(name="team-a")[0]["id"]))
    emulator.control("POST", "reset")
    assert emulator.state.stores.workspaces.find(name="team-a")[0]["status"] == "NORMAL"


def test_seed_in_bulk(emulator: t.Any) -> None:
    seed = {
        "workspaces": {"count": 1000, "prefix": "ws-", "auth_type": "private"},
        "workshops": {"count": 2},
        "releases": {"count": 3, "prefix": "release-", "namespace": "shop", "first": 5},
    }
    created = emulator.control("POST", "seed", seed)["created"]
    assert {kind: len(ids) for kind, ids in created.items()} == {"workspaces": 1000, "workshops": 2, "releases": 3}
    response = emulator("GET", emulator.workspaces("?name=ws-&limit=1&order=asc")).json
    assert (response["total_count"], response["workspaces"][0]["name"], response["workspaces"][0]["auth_type"]) == (
        1000,
        "ws-00001",
        "private",
    )
    items = emulator("GET", f"/v2/meshes/{emulator.mesh}/releases").json["items"]
    assert [(item["metadata"]["namespace"], item["metadata"]["name"], item["status"]["phase"]) for item in items] == [
        ("shop", f"release-0000{number}", "Running") for number in (5, 6, 7)
    ]


def test_seed_with_all_kinds(emulator: t.Any) -> None:
    seed = {
        "projects": ["region-1_team"],
        "users": [{"name": "dora", "password": "p" * 24}],
        "keys": [{"user": "dora", "access_key": "DORADORADORADORADORA", "secret_key": "d" * 40}],
        "meshes": [{"name": "other", "project_name": "region-1_team", "clusters": ["c-1", {"clusterID": "c-2"}]}],
        "workspaces": [
            {
                "name": "full",
                "status": "DELETE_FAILED",
                "status_info": "why",
                "quotas": [{"resource": "service.gpu_num", "quota": 3}],
            }
        ],
        "workshops": [
            {"name": "duplicate", "mesh_name": "other"},
            {"name": "duplicate", "mesh_name": "other", "spec": {"primaryCluster": "c-2"}},
        ],
        "releases": [
            {"name": "held", "phase": "Odd", "gray": 100, "service_name": "cart"},
            dict(release_body("raw-body"), mesh_name="other"),
        ],
    }
    created = emulator.control("POST", "seed", seed)["created"]
    assert created["keys"] == [{"access_key": "DORADORADORADORADORA", "secret_key": "d" * 40, "security_token": None}]
    assert emulator.password_login(name="dora", password="p" * 24).status == 201
    assert emulator("GET", emulator.workspaces(f"/{created['workspaces'][0]}")).json["status_info"] == "why"
    items = {
        item["metadata"]["name"]: item for item in emulator("GET", f"/v2/meshes/{emulator.mesh}/releases").json["items"]
    }
    assert (items["held"]["status"]["phase"], items["held"]["spec"]["deploymentName"]) == ("Odd", "cart-v1")
    assert emulator("DELETE", emulator.releases("/held?action=end")).status == 200
    project = emulator.state.stores.projects.find(name="region-1_team")[0]["id"]
    duplicates = emulator("GET", f"/v2/meshes/{created['meshes'][0]}/workshops", headers={"X-Project-Id": project}).json
    assert [duplicate["workshop"]["metadata"]["name"] for duplicate in duplicates] == ["duplicate", "duplicate"]


@pytest.mark.parametrize(
    "seed, text",
    [
        (
            {"planets": []},
            "seed: unknown key planets (known: agencies, applications, behaviors, cluster_objects, cluster_tokens, ",
        ),
        ({"workspaces": "all"}, "workspaces: must be a list or a mapping with a count"),
        ({"workspaces": [{"description": "nameless"}]}, "workspaces[0]: name is required"),
        ({"workspaces": [5]}, "workspaces[0]: must be a mapping or a name"),
        ({"credentials": "me"}, "credentials: must be a mapping"),
        ({"workspaces": [{"name": "good"}, {"nam": "bad"}]}, "workspaces[1]: unknown key nam (known: auth_type, "),
        (
            {"meshes": [{"name": "a", "cluster": []}]},
            "meshes[0]: unknown key cluster (known: clusters, id, name, phase, project_id, project_name, spec, version)",
        ),
        (
            {"workspaces": [{"name": "good", "grants": [{"user": "alice"}]}]},
            "workspaces[0].grants[0]: unknown key user (known: user_id, user_name, user_type)",
        ),
        (
            {"users": [{"name": "dora", "keys": {"access": "x"}}]},
            "users[0].keys: unknown key access (known: access_key, ",
        ),
        ({"workshops": {"count": 2, "mesh": "demo-mesh"}}, "workshops[0]: unknown key mesh (known: description, "),
        ({"releases": [{"name": "cart-v2", "mesh_id": "m-1"}]}, "releases[0]: m-1 does not exist in meshes"),
        (
            {"workspaces": [{"name": "good"}], "workshops": [{"name": "lost", "mesh_name": "nowhere"}]},
            "workshops[0]: nowhere does not exist in meshes",
        ),
        ({"workspaces": [{"name": "good", "quotas": [{"resource": "none", "quota": 1}]}]}, "does not exist"),
        ([], "the body must be a mapping of kinds to resources"),
        ({"meshes": [{"name": "a", "id": int("1" * 32)}]}, "meshes[0].id: must be text, so write the value in quotes"),
        ({"meshes": [{"name": "a", "clusters": ["c", 7]}]}, "meshes[0].clusters[1]: must be text"),
        ({"workspaces": [{"name": True}]}, "workspaces[0].name: must be text"),
        ({"workspaces": {"count": 2, "project_id": 1}}, "workspaces[0].project_id: must be text"),
        ({"workspaces": [{"name": "a", "grants": [{"user_id": 1}]}]}, "workspaces[0].grants[0].user_id: must be text"),
        (
            {"workshops": [{"name": "a", "spec": {"primaryCluster": 5}}]},
            "workshops[0].spec.primaryCluster: must be text",
        ),
        ({"users": [{"name": "a", "id": 8}]}, "users[0].id: must be text"),
        ({"credentials": {"project_id": 9}}, "credentials.project_id: must be text"),
    ],
)
def test_invalid_seed_does_not_change_state(emulator: t.Any, seed: t.Any, text: str) -> None:
    assert text in emulator.control("POST", "seed", seed, status=400)["error"]
    assert _count_records(emulator) == (0, 0, 1)


def test_snapshot_can_be_restored(emulator: t.Any) -> None:
    _fill(emulator)
    emulator.set(gone_after=7)
    snapshot = emulator.control("GET", "snapshot")
    text = json.dumps(snapshot)
    assert not any(secret in text for secret in emulator.state.list_secrets())
    emulator.control("POST", "reset")
    emulator.control("PUT", "snapshot", snapshot)
    assert (_count_records(emulator), emulator.state.behaviors["gone_after"]) == ((1, 1, 2), 7)
    assert emulator.control("GET", "snapshot") == snapshot
    assert "the body must be a snapshot" in emulator.control("PUT", "snapshot", [], status=400)["error"]


def test_invalid_json_is_rejected_by_control_plane(emulator: t.Any) -> None:
    assert emulator.raw("POST", "/_emulator/seed", {}, b"{").status == 400
    assert emulator.raw("POST", "/_emulator/clock", {}, b"{}").status == 400


# -- faults


def _fault(emulator: t.Any, **fault: t.Any) -> None:
    emulator.control("POST", "faults", fault)


def test_faults_affect_matching_requests_only(emulator: t.Any) -> None:
    _fault(emulator, kind="status", status=503, method="GET", path_regex="/workshops$", times=2, skip=1)
    assert [emulator("GET", emulator.workshops()).status for unused in range(5)] == [200, 503, 503, 200, 200]
    _fault(emulator, kind="status", status=503, method="POST", path_regex="/workshops$")
    assert emulator("GET", emulator.workshops()).status == 200
    assert emulator.control("GET", "faults")["faults"][0]["times"] == 1
    assert emulator("POST", emulator.workshops(), workshop_body()).status == 503
    assert emulator.control("GET", "faults") == {"faults": []}
    assert emulator("GET", emulator.workshops()).json == []


def test_unlimited_fault_lasts_until_deleted(emulator: t.Any) -> None:
    _fault(emulator, kind="html", times=None)
    assert [emulator.raw("GET", emulator.workspaces()).status for unused in range(3)] == [502] * 3
    emulator.control("DELETE", "faults")
    assert emulator("GET", emulator.workspaces()).status == 200


@pytest.mark.parametrize(
    "status, asm, modelarts",
    [
        (500, "ASM.01040001", "ModelArts.0010"),
        (503, "APIGW.0201", "APIGW.0201"),
        (429, "APIGW.0308", "APIGW.0308"),
        (403, "ASM.01000002", "ModelArts.0112"),
        (401, "ASM.01000001", "ModelArts.0203"),
    ],
)
def test_status_fault_has_error_body_of_service(emulator: t.Any, status: int, asm: str, modelarts: str) -> None:
    _fault(emulator, kind="status", status=status, times=2, headers={"Retry-After": "3"})
    responses = [emulator("GET", f"/v2/meshes/{emulator.mesh}/releases"), emulator("GET", emulator.workspaces())]
    assert [(response.status, response.code, response.headers["retry-after"]) for response in responses] == [
        (status, asm, "3"),
        (status, modelarts, "3"),
    ]


@pytest.mark.parametrize("body, raw", [({"a": [1]}, b'{"a":[1]}'), ("plain", b"plain"), ("", b"")])
def test_status_fault_with_body(emulator: t.Any, body: t.Any, raw: bytes) -> None:
    emulator.check_responses = False
    _fault(emulator, kind="status", status=418, body=body)
    response = emulator("GET", emulator.workspaces())
    assert (response.status, response.body) == (418, raw)


@pytest.mark.parametrize(
    "kind, status, media_type",
    [
        ("invalid_json", 200, "application/json"),
        ("html", 502, "text/html"),
        ("redirect", 302, "text/html"),
        ("schema_mismatch", 200, "application/json"),
    ],
)
def test_faults_that_replace_responses(emulator: t.Any, kind: str, status: int, media_type: str) -> None:
    emulator.check_responses = False
    _fault(emulator, kind=kind)
    response = emulator("POST", emulator.workspaces(), {"name": "team-a"})
    assert (response.status, response.headers["content-type"]) == (status, media_type)
    assert ("location" in response.headers) is (kind == "redirect")
    # Without apply_first, the request has no effect.
    assert len(emulator.state.stores.workspaces.records) == 1
    _fault(emulator, kind=kind, apply_first=True)
    emulator("POST", emulator.workspaces(), {"name": "team-a"})
    assert len(emulator.state.stores.workspaces.records) == 2


def test_delay(emulator: t.Any) -> None:
    _fault(emulator, kind="delay", seconds=0)
    assert emulator("GET", emulator.workspaces()).status == 200
    assert emulator.control("GET", "request_log")["requests"][-1]["fault"] == "delay"


@pytest.mark.parametrize("kind, done", [("reset", False), ("stall", False), ("response_dropped", True)])
def test_faults_that_cut_connections(emulator: t.Any, kind: str, done: bool) -> None:
    _fault(emulator, kind=kind, seconds=0)
    with pytest.raises(ConnectionResetError):
        emulator("POST", emulator.workspaces(), {"name": "team-a"})
    assert bool(emulator.state.stores.workspaces.find(name="team-a")) is done
    call = emulator.control("GET", "request_log")["requests"][-1]
    assert (call["status"], call["fault"]) == (None, kind)


def test_response_dropped_for_rejected_request(emulator: t.Any) -> None:
    _fault(emulator, kind="response_dropped")
    with pytest.raises(ConnectionResetError):
        emulator("POST", emulator.workspaces(), {"name": "default"})
    assert emulator.control("GET", "request_log")["requests"][-1]["fault"] == "response_dropped"


@pytest.mark.parametrize(
    "fault, text",
    [
        ({"kind": "flood"}, "'flood' must be one of status, "),
        ({}, "kind is required"),
        ({"kind": "reset", "path": "/"}, "fault: unknown key path (known: apply_first, body, "),
        ({"kind": "reset", "path_regex": "("}, "path_regex is not a valid regular expression"),
    ],
)
def test_invalid_faults_are_rejected(emulator: t.Any, fault: dict[str, t.Any], text: str) -> None:
    assert text in emulator.control("POST", "faults", [{"kind": "status"}, fault], status=400)["error"]
    assert emulator.control("GET", "faults") == {"faults": []}


def test_unexpected_error_returns_500_of_service(emulator: t.Any) -> None:
    emulator.state.stores.workspaces.put("broken", {"project_id": emulator.project, "status": "NORMAL"})
    response = emulator("GET", emulator.workspaces())
    assert (response.status, response.code) == (500, "ModelArts.0010")


def test_latency(emulator: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("huaweicloud_emulator.middleware.delay.asyncio.sleep", sleep)
    emulator.set(latency=0.25)
    assert emulator("GET", emulator.workspaces()).status == 200
    assert waited == [0.25]


# -- request log


def test_request_log(emulator: t.Any) -> None:
    emulator.control("DELETE", "request_log")
    created = emulator("POST", emulator.workspaces(), {"name": "team-a"})
    emulator("GET", emulator.workspaces("?name=team&limit=5"))
    emulator.raw("GET", "/nowhere")
    calls = emulator.control("GET", "request_log")["requests"]
    assert [
        (call["number"], call["method"], call["operation"], call["status"], call["error_code"], call["auth_method"])
        for call in calls
    ] == [
        (1, "POST", "CreateWorkspace", 200, None, "signature"),
        (2, "GET", "ListWorkspace", 200, None, "signature"),
        (3, "GET", None, 404, "APIGW.0101", "none"),
    ]
    assert calls[0]["request_id"] == created.headers["x-request-id"]
    assert (calls[0]["body"], calls[0]["project_id"]) == ({"name": "team-a"}, emulator.project)
    assert (calls[1]["path"], calls[1]["query"], calls[1]["body"]) == (
        emulator.workspaces(),
        {"name": "team", "limit": "5"},
        None,
    )


def test_error_code_in_request_log_is_masked(emulator: t.Any) -> None:
    """The body of a fault can contain anything."""
    secret = emulator.control("POST", "seed", {"keys": [{}]})["created"]["keys"][0]["secret_key"]
    _fault(emulator, kind="status", status=400, body={"error_code": f"ModelArts.{secret}", "error_msg": "no"})
    emulator("POST", emulator.workspaces(), {"name": "team-a"})
    call = emulator.control("GET", "request_log")["requests"][-1]
    assert (call["status"], call["error_code"]) == (400, "ModelArts.********")


def test_request_log_has_no_secrets(emulator: t.Any) -> None:
    credentials = emulator.credentials
    token = emulator.password_login().headers["x-subject-token"]
    emulator.raw("GET", emulator.workspaces(f"?name={token[:64]}&token=abc"), {"X-Auth-Token": token})
    emulator.password_login(password="a wrong password")
    emulator(
        "POST", emulator.workspaces(), {"name": "team-a", "description": f"the key is {credentials['secret_key']}!"}
    )
    emulator("POST", emulator.workspaces(), {"name": "team-b", "description": token})
    emulator.raw("GET", f"/v1/{credentials['password']}/workspaces")
    emulator.raw("POST", "/v3/auth/tokens", {}, b"password=" + credentials["password"].encode())
    created = emulator.control("POST", "seed", {"keys": [{"security_token": True}]})["created"]["keys"][0]
    emulator("GET", emulator.workshops(), headers={"X-Security-Token": created["security_token"]})
    calls = emulator.control("GET", "request_log")["requests"]
    text = json.dumps(calls)
    for secret in (
        credentials["secret_key"],
        credentials["password"],
        token,
        "a wrong password",
        created["secret_key"],
        created["security_token"],
        "Signature=",
    ):
        assert secret not in text
    assert calls[0]["body"]["auth"]["identity"]["password"]["user"]["password"] == "********"
    assert calls[0]["body"]["auth"]["identity"]["password"]["user"]["name"] == "emulator-user"
    assert calls[1]["query"]["token"] == "********"
    assert calls[3]["body"]["description"] == "the key is ********!"
    assert calls[6]["body"].endswith("bytes that are not JSON")


def test_token_as_login_method_is_masked(emulator: t.Any) -> None:
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": "somebody's token", "duration_seconds": 900}}}}
    emulator.raw("POST", "/v3/auth/tokens", {}, json.dumps(body).encode())
    logged = emulator.control("GET", "request_log")["requests"][-1]["body"]["auth"]["identity"]
    assert logged["token"]["id"] == "********"


# -- the file


def test_database_keeps_state(make: t.Any, tmp_path: t.Any) -> None:
    path = tmp_path / "state.db"
    first = make(database=path)
    _fill(first)
    first(
        "PUT",
        first.workspaces("/" + first.state.stores.workspaces.find(name="team-a")[0]["id"]),
        {"description": "kept"},
    )
    first("POST", first.workshops(), workshop_body("deleted"))
    first.set(gone_after=0)
    first("DELETE", first.workshops("/deleted"))
    assert path.stat().st_mode & 0o777 == 0o600
    first.state.persistence.close()
    second = make(database=path)
    assert second.credentials == first.credentials
    assert _count_records(second) == (1, 1, 2)
    assert second.state.stores.workspaces.find(name="team-a")[0]["description"] == "kept"
    # Keys and tokens are also restored, so that clients can continue.
    assert second("GET", second.workspaces()).status == 200
    assert [record["name"] for record in second.state.stores.workspaces.records.values()] == ["default", "team-a"]


def test_database_has_precedence_over_seed(make: t.Any, tmp_path: t.Any) -> None:
    make(database=tmp_path / "state.db").state.persistence.close()
    again = make(database=tmp_path / "state.db", seed={"workspaces": [{"name": "team-a"}]})
    assert _count_records(again) == (0, 0, 1)


def test_seed_sets_credentials(make: t.Any) -> None:
    credentials = {"access_key": "A" * 20, "secret_key": "s" * 40, "region": "eu-de", "project_id": "p-1"}
    emulator = make(seed={"credentials": credentials})
    assert {name: emulator.credentials[name] for name in credentials} == credentials
    assert emulator.credentials["project_name"] == "eu-de"
    assert emulator("GET", "/v1/p-1/workspaces").status == 200


def test_generated_credentials_are_long_and_unique(make: t.Any) -> None:
    first, second = make().credentials, make().credentials
    for name in ("access_key", "secret_key", "password"):
        assert len(first[name]) >= 20 and first[name] != second[name]


def test_unknown_credential_is_rejected() -> None:
    with pytest.raises(ValueError, match="credentials: unknown key acces_key [(]known: access_key, domain_id, "):
        serving.build_state({}, {"credentials": {"acces_key": "x"}})


def test_readme_lists_current_behaviors() -> None:
    text = (pathlib.Path(behaviors.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = text.partition("compared by a test -->\n")[2].partition("\n<!-- end of behaviors -->")[0]
    assert table == behaviors.render_table()
