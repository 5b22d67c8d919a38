# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of releases: phases, traffic, updates, promotion and cancellation."""

from __future__ import annotations

import copy
import typing as t

import pytest
from emulator_bodies import OWN_PARTS, release_body, template, with_own_part


@pytest.fixture
def running(emulator: t.Any) -> t.Any:
    """Return an emulator with a running release."""
    emulator.set(running_after=0)
    emulator("POST", emulator.releases(), release_body())
    return emulator


def _phases(emulator: t.Any, times: int, name: str = "reviews-v2") -> list[str]:
    return [emulator("GET", emulator.releases(f"/{name}")).json["status"]["phase"] for unused in range(times)]


def _list_names(emulator: t.Any) -> list[str]:
    return [item["status"]["phase"] for item in emulator("GET", f"/v2/meshes/{emulator.mesh}/releases").json["items"]]


def _image(body: dict[str, t.Any], image: str) -> dict[str, t.Any]:
    changed = copy.deepcopy(body)
    changed["spec"]["grayDeployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return changed


def _with_template(deployment: dict[str, t.Any]) -> dict[str, t.Any]:
    body = release_body()
    body["spec"]["grayDeployments"][0]["template"] = deployment
    return body


def _shift(emulator: t.Any, gray: int) -> t.Any:
    return emulator.control(
        "PUT", "traffic", {"mesh_id": emulator.mesh, "namespace": "default", "service": "reviews", "gray": gray}
    )


# -- creation


def test_release_create_and_read(emulator: t.Any) -> None:
    created = emulator("POST", emulator.releases(), release_body()).json
    assert created["metadata"]["meshID"] == emulator.mesh
    assert {
        name: created["spec"][name] for name in ("serviceName", "clusterID", "deploymentName", "version", "type")
    } == {
        "serviceName": "reviews",
        "clusterID": "demo-cluster",
        "deploymentName": "reviews-v1",
        "version": "v2",
        "type": "canary",
    }
    assert created["status"]["phase"] == "Creating"
    assert created["status"]["deployment"]["metadata"]["name"] == "reviews-v1"
    assert created["status"]["deployment"]["spec"]["template"]["metadata"]["labels"] == {
        "app": "reviews",
        "version": "v1",
    }
    assert emulator("GET", emulator.releases(f"/{created['metadata']['uid']}")).json["metadata"] == created["metadata"]


@pytest.mark.parametrize("key, by_uid, by_name", [("both", 200, 200), ("uid", 200, 404), ("name", 404, 200)])
def test_release_keys(make: t.Any, key: str, by_uid: int, by_name: int) -> None:
    emulator = make(release_key=key)
    uid = emulator("POST", emulator.releases(), release_body()).json["metadata"]["uid"]
    assert emulator("GET", emulator.releases(f"/{uid}")).status == by_uid
    assert emulator("GET", emulator.releases("/reviews-v2")).status == by_name
    assert emulator("GET", emulator.releases(f"/{uid}", namespace="other")).status == 404


def test_phases_advance_with_list_and_show(emulator: t.Any) -> None:
    emulator("POST", emulator.releases(), release_body())
    assert _list_names(emulator) + _phases(emulator, 2) + _list_names(emulator) == [
        "Creating",
        "Creating",
        "Running",
        "Running",
    ]


def test_phase_names_are_behaviors(make: t.Any) -> None:
    emulator = make(release_phases="Pending,Deploying,Serving", running_after=1)
    emulator("POST", emulator.releases(), release_body())
    assert _phases(emulator, 4) == ["Pending", "Deploying", "Serving", "Serving"]


def test_phases_advance_with_clock(make: t.Any) -> None:
    emulator = make(advance_by="seconds", running_after=30)
    emulator("POST", emulator.releases(), release_body())
    assert _phases(emulator, 4) == ["Creating"] * 4
    emulator.state.clock.advance(30)
    assert _phases(emulator, 1) == ["Running"]


def test_replicas_match_phase(make: t.Any) -> None:
    emulator = make(running_after=1)
    emulator("POST", emulator.releases(), release_body())
    first, second = [
        emulator("GET", emulator.releases("/reviews-v2")).json["status"]["grayDeployments"][0]["status"]
        for unused in range(2)
    ]
    assert (first.get("availableReplicas"), first["unavailableReplicas"]) == (None, 1)
    assert (second["availableReplicas"], second.get("unavailableReplicas")) == (1, None)


def test_release_creation_fails_if_configured(make: t.Any) -> None:
    emulator = make(release_creation="fails", release_failed_phase="ReleaseError")
    emulator("POST", emulator.releases(), release_body())
    assert _phases(emulator, 3) == ["Creating", "Creating", "ReleaseError"]


@pytest.mark.parametrize("name", ["abc", "Reviews", "1reviews", "reviews-", "r" * 65, "reviews_v2"])
def test_invalid_names_are_rejected(emulator: t.Any, name: str) -> None:
    response = emulator("POST", emulator.releases(), release_body(name))
    assert (response.status, response.code) == (400, "ASM.01010001")
    assert "metadata.name" in response.message


@pytest.mark.parametrize("name", ["abcd", "r" * 64])
def test_valid_names_are_accepted(emulator: t.Any, name: str) -> None:
    assert emulator("POST", emulator.releases(), release_body(name)).status == 200


def test_namespace_mismatch_is_rejected(emulator: t.Any) -> None:
    body = release_body(namespace="other")
    assert "metadata.namespace must be default" in emulator("POST", emulator.releases(), body).message
    body = release_body()
    body["spec"]["grayDeployments"][0]["template"]["metadata"]["namespace"] = "other"
    assert (
        "spec.grayDeployments[0].template.metadata.namespace must be default"
        in emulator("POST", emulator.releases(), body).message
    )
    body = release_body()
    body["metadata"]["meshID"] = "other"
    assert "metadata.meshID must be" in emulator("POST", emulator.releases(), body).message


def _export_release(**metadata: t.Any) -> dict[str, t.Any]:
    deployment = template()
    deployment["metadata"].update(metadata)
    return _with_template(deployment)


def test_resource_version_in_new_template_is_rejected(emulator: t.Any) -> None:
    response = emulator("POST", emulator.releases(), _export_release(resourceVersion="77"))
    assert (response.status, response.code) == (400, "ASM.01010001")
    assert "resourceVersion should not be set on objects to be created" in response.message
    assert "spec.grayDeployments[0].template.metadata.resourceVersion" in response.message
    assert _list_names(emulator) == []


@pytest.mark.parametrize("version", [None, "", "0"])
def test_empty_resource_version_is_accepted(emulator: t.Any, version: str | None) -> None:
    assert emulator("POST", emulator.releases(), _export_release(resourceVersion=version)).status == 200


def test_other_server_fields_are_replaced(emulator: t.Any) -> None:
    written = {"uid": "u-1", "generation": 9, "managedFields": [{"manager": "x"}], "selfLink": "/x"}
    created = emulator("POST", emulator.releases(), _export_release(**written)).json
    metadata = created["spec"]["grayDeployments"][0]["template"]["metadata"]
    assert metadata["uid"] != "u-1"
    assert (metadata["generation"], {"managedFields", "selfLink"} & set(metadata)) == (1, set())


@pytest.mark.parametrize("field", ["serviceName", "clusterID", "deploymentName", "version", "type", "grayDeployments"])
def test_missing_release_fields_are_rejected(emulator: t.Any, field: str) -> None:
    body = release_body()
    del body["spec"][field]
    assert f"spec: {field} is required" in emulator("POST", emulator.releases(), body).message


def test_second_active_release_of_service_is_rejected(running: t.Any) -> None:
    response = running("POST", running.releases(), release_body("second"))
    assert (response.status, response.code) == (400, "ASM.01010001")
    assert "already has the running release reviews-v2" in response.message
    assert running("POST", running.releases(), release_body("second", service="ratings")).status == 200
    assert running("POST", running.releases(namespace="other"), release_body("second", namespace="other")).status == 200


def test_release_name_is_unique_in_its_namespace(running: t.Any) -> None:
    assert running("POST", running.releases(), release_body(service="ratings")).code == "ASM.01010003"
    assert running("POST", running.releases(namespace="other"), release_body(namespace="other")).status == 200


# -- templates


def test_template_readback_has_kubernetes_defaults(running: t.Any) -> None:
    read_back = running("GET", running.releases("/reviews-v2")).json["spec"]["grayDeployments"][0]["template"]
    assert read_back["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
    }
    assert read_back["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "1"}
    assert read_back["metadata"]["namespace"] == "default"
    assert read_back["spec"]["template"]["spec"]["containers"][0]["ports"] == [
        {"containerPort": 9080, "protocol": "TCP"}
    ]


def test_template_readback_can_be_verbatim(make: t.Any) -> None:
    emulator = make(template_readback="verbatim")
    created = emulator("POST", emulator.releases(), release_body()).json
    assert created["spec"] == release_body()["spec"]
    assert "strategy" in created["status"]["grayDeployments"][0]["spec"]


def test_template_readback_with_sidecar(make: t.Any) -> None:
    emulator = make(sidecar_injection="yes")
    pod = emulator("POST", emulator.releases(), release_body()).json["spec"]["grayDeployments"][0]["template"]["spec"][
        "template"
    ]
    assert [container["name"] for container in pod["spec"]["containers"]] == ["reviews", "istio-proxy"]
    assert [container["name"] for container in pod["spec"]["initContainers"]] == ["istio-init"]
    assert "sidecar.istio.io/status" in pod["metadata"]["annotations"]
    assert "istio-envoy" in [volume["name"] for volume in pod["spec"]["volumes"]]


# -- updates


def test_image_tag_can_be_updated(running: t.Any) -> None:
    before = running("GET", running.releases("/reviews-v2")).json
    running.set(running_after=1)
    response = running(
        "PUT", running.releases("/reviews-v2"), _image(release_body(), "registry.example.com/reviews:2.1")
    )
    assert (response.status, response.body) == (200, b"")
    after = running("GET", running.releases("/reviews-v2")).json
    container = after["spec"]["grayDeployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "registry.example.com/reviews:2.1"
    assert after["spec"]["grayDeployments"][0]["template"]["metadata"]["generation"] == 2
    assert after["status"]["updateTime"] > before["status"]["updateTime"]
    assert (after["status"]["phase"], _phases(running, 1)) == ("Creating", ["Running"])


@pytest.mark.parametrize("sidecar", ["no", "yes"])
def test_read_release_can_be_sent_back(running: t.Any, sidecar: str) -> None:
    running.set(sidecar_injection=sidecar)
    read = running("GET", running.releases("/reviews-v2")).json
    assert running("PUT", running.releases("/reviews-v2"), read).status == 200
    assert running("GET", running.releases("/reviews-v2")).json == read
    assert (
        running("PUT", running.releases("/reviews-v2"), _image(read, "registry.example.com/reviews:2.1")).status == 200
    )
    read_back = running("GET", running.releases("/reviews-v2")).json
    assert read_back["spec"] == _image(read, "registry.example.com/reviews:2.1")["spec"] | {
        "grayDeployments": read_back["spec"]["grayDeployments"]
    }


@pytest.mark.parametrize("sidecar", ["no", "yes"])
@pytest.mark.parametrize("readback", ["defaulted", "verbatim"])
@pytest.mark.parametrize("part", OWN_PARTS)
def test_images_change_beside_parts_that_look_injected(make: t.Any, part: str, readback: str, sidecar: str) -> None:
    emulator = make(running_after=0, sidecar_injection=sidecar, template_readback=readback)
    emulator("POST", emulator.releases(), _with_template(with_own_part(part)))
    read = emulator("GET", emulator.releases("/reviews-v2")).json
    for number, body in enumerate((read, _with_template(with_own_part(part)))):
        image = f"registry.example.com/reviews:2.{number + 1}"
        assert emulator("PUT", emulator.releases("/reviews-v2"), _image(body, image)).status == 200
    read_back = emulator("GET", emulator.releases("/reviews-v2")).json
    assert read_back["spec"] == _image(read, image)["spec"] | {"grayDeployments": read_back["spec"]["grayDeployments"]}


@pytest.mark.parametrize("sidecar", ["no", "yes"])
@pytest.mark.parametrize("part", OWN_PARTS)
def test_injected_looking_parts_cannot_be_changed(make: t.Any, part: str, sidecar: str) -> None:
    emulator = make(running_after=0, sidecar_injection=sidecar)
    emulator("POST", emulator.releases(), _with_template(with_own_part(part)))
    response = emulator(
        "PUT", emulator.releases("/reviews-v2"), _image(release_body(), "registry.example.com/reviews:3")
    )
    assert (response.status, "Only the image version can be changed" in response.message) == (400, True)


@pytest.mark.parametrize("sidecar", ["no", "yes"])
@pytest.mark.parametrize("name", ["istio-proxy", "istio-init"])
def test_only_container_can_have_name_of_sidecar(make: t.Any, name: str, sidecar: str) -> None:
    emulator = make(running_after=0, sidecar_injection=sidecar)
    body = release_body()
    body["spec"]["grayDeployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]["name"] = name
    assert emulator("POST", emulator.releases(), body).status == 200
    changed = _image(body, "registry.example.com/reviews:2.1")
    assert emulator("PUT", emulator.releases("/reviews-v2"), changed).status == 200


def test_sidecar_cannot_be_added_without_injection(running: t.Any) -> None:
    read = running("GET", running.releases("/reviews-v2")).json
    running.set(sidecar_injection="yes")
    injected = running("GET", running.releases("/reviews-v2")).json
    running.set(sidecar_injection="no")
    assert running("PUT", running.releases("/reviews-v2"), read).status == 200
    assert running("PUT", running.releases("/reviews-v2"), injected).status == 400


def test_update_with_templates_only_is_accepted(running: t.Any) -> None:
    gray = _image(release_body(), "registry.example.com/reviews:latest")["spec"]["grayDeployments"]
    assert running("PUT", running.releases("/reviews-v2"), {"spec": {"grayDeployments": gray}}).status == 200


def _with(path: str, value: t.Any) -> t.Callable[[dict[str, t.Any]], None]:
    def change(body: dict[str, t.Any]) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        place: t.Any = body
        for part in parents:
            place = place[part]
        place[last] = value

    return change


GRAY = "spec/grayDeployments/0"


@pytest.mark.parametrize(
    "path, value, named",
    [
        ("spec/version", "v3", "spec.version"),
        ("spec/serviceName", "ratings", "spec.serviceName"),
        ("spec/clusterID", "other", "spec.clusterID"),
        ("spec/deploymentName", "other", "spec.deploymentName"),
        ("spec/type", "blueGreen", "spec.type"),
        ("metadata/name", "other-name", "metadata.name"),
        (f"{GRAY}/clusterID", "other", "grayDeployments[0].clusterID"),
        (f"{GRAY}/template/spec/replicas", 3, "grayDeployments[0].template.spec.replicas"),
        (
            f"{GRAY}/template/spec/template/spec/containers/0/image",
            "elsewhere.example.com/reviews:2.0",
            "containers[0].image",
        ),
        (f"{GRAY}/template/spec/template/spec/containers/0/env", [], "containers[0].env"),
        (
            f"{GRAY}/template/spec/template/spec/containers/0/imagePullPolicy",
            "Never",
            "imagePullPolicy of container reviews",
        ),
        (f"{GRAY}/template/metadata/labels/team", "x", "metadata.labels.team"),
        (
            "spec/grayDeployments",
            [{"clusterID": "demo-cluster", "template": template()}] * 2,
            "number of grayDeployments",
        ),
    ],
)
def test_other_changes_are_rejected(running: t.Any, path: str, value: t.Any, named: str) -> None:
    before = running("GET", running.releases("/reviews-v2")).json
    body = copy.deepcopy(_image(release_body(), "registry.example.com/reviews:2.1"))
    _with(path, value)(body)
    response = running("PUT", running.releases("/reviews-v2"), body)
    assert (response.status, response.code) == (400, "ASM.01010001")
    assert named in response.message
    assert running("GET", running.releases("/reviews-v2")).json == before


def test_update_of_missing_release_is_rejected(emulator: t.Any) -> None:
    assert emulator("PUT", emulator.releases("/nothing"), release_body()).code == "ASM.01010002"


# -- promotion and cancellation


@pytest.mark.parametrize(
    "action, gray, status",
    [
        ("end", 0, 400),
        ("end", 50, 400),
        ("end", 100, 200),
        ("cancel", 0, 200),
        ("cancel", 1, 400),
        ("cancel", 100, 400),
    ],
)
def test_remaining_version_must_receive_all_traffic(running: t.Any, action: str, gray: int, status: int) -> None:
    _shift(running, gray)
    response = running("DELETE", running.releases(f"/reviews-v2?action={action}"))
    assert (response.status, bool(response.body)) == (status, status == 400)
    if status == 400:
        assert "to carry all traffic" in response.message


@pytest.mark.parametrize("carrier, action", [("original", "cancel"), ("gray", "end"), ("split", None)])
def test_initial_traffic_of_release(make: t.Any, carrier: str, action: str | None) -> None:
    emulator = make(release_traffic=carrier, running_after=0)
    emulator("POST", emulator.releases(), release_body())
    done = [
        name
        for name in ("cancel", "end")
        if emulator("DELETE", emulator.releases(f"/reviews-v2?action={name}")).status == 200
    ]
    assert done == ([action] if action else [])


def test_traffic_precondition_can_be_disabled(running: t.Any) -> None:
    running.set(traffic_precondition="no")
    assert running("DELETE", running.releases("/reviews-v2?action=end")).status == 200


@pytest.mark.parametrize("gray, carrier", [(0, "original"), (100, "gray"), (30, "split")])
def test_control_plane_sets_traffic(running: t.Any, gray: int, carrier: str) -> None:
    assert _shift(running, gray)["receiver"] == carrier
    where = {"mesh_id": running.mesh, "namespace": "default", "release": "reviews-v2", "gray": gray}
    assert running.control("PUT", "traffic", where)["receiver"] == carrier


@pytest.mark.parametrize(
    "invalid",
    [
        {"gray": 101},
        {"gray": -1},
        {"gray": True},
        {"gray": "all"},
        {"service": "nothing"},
        {"mesh_id": "nothing"},
        {"namespace": "nothing"},
    ],
)
def test_invalid_traffic_is_rejected(running: t.Any, invalid: dict[str, t.Any]) -> None:
    where = {"mesh_id": running.mesh, "namespace": "default", "service": "reviews", "gray": 100}
    running.control("PUT", "traffic", dict(where, **invalid), status=400)


@pytest.mark.parametrize("action, gray, phase", [("end", 100, "Ending"), ("cancel", 0, "Canceling")])
def test_terminated_release_is_removed(running: t.Any, action: str, gray: int, phase: str) -> None:
    _shift(running, gray)
    running("DELETE", running.releases(f"/reviews-v2?action={action}"))
    assert [_list_names(running) for unused in range(3)] == [[phase], [phase], []]
    assert running("GET", running.releases("/reviews-v2")).code == "ASM.01010002"
    # The release is removed, but its promotion has taken the original Deployment offline.
    assert running("POST", running.releases(), release_body()).status == (400 if action == "end" else 200)


@pytest.mark.parametrize("action, gray, phase", [("end", 100, "Finished"), ("cancel", 0, "Canceled")])
def test_terminated_release_is_kept(running: t.Any, action: str, gray: int, phase: str) -> None:
    running.set(terminated_releases="stay", gone_after=0)
    _shift(running, gray)
    running("DELETE", running.releases(f"/reviews-v2?action={action}"))
    assert [_list_names(running) for unused in range(3)] == [[phase]] * 3
    after = _next_body("next-one") if action == "end" else release_body("next-one")
    assert running("POST", running.releases(), after).status == 200
    assert running("PUT", running.releases("/reviews-v2"), release_body()).status == 400
    original = running("GET", running.releases("/reviews-v2")).json["status"]["deployment"]["status"]
    assert original.get("availableReplicas") == (None if action == "end" else 1)
    assert running("DELETE", running.releases(f"/reviews-v2?action={action}")).status == 200
    assert running("GET", running.releases("/reviews-v2")).status == 404


def _next_body(name: str, number: int = 3, **spec: t.Any) -> dict[str, t.Any]:
    """Return a release of the next version."""
    gray = [{"clusterID": "demo-cluster", "template": template(f"v{number}")}]
    base = {"deploymentName": f"reviews-v{number - 1}", "version": f"v{number}", "grayDeployments": gray}
    return release_body(name, **dict(base, **spec))


def _promote(running: t.Any, name: str) -> None:
    _shift(running, 100)
    assert running("DELETE", running.releases(f"/{name}?action=end")).status == 200


@pytest.mark.parametrize("terminated", ["vanish", "stay"])
def test_original_of_promoted_release_is_offline(running: t.Any, terminated: str) -> None:
    running.set(terminated_releases=terminated, gone_after=0, running_after=0)
    _promote(running, "reviews-v2")
    for body, text in (
        (release_body("again"), "The deployment reviews-v1 does not exist."),
        (_next_body("again", version="v2"), "The version v2 is already the original version of the service reviews."),
        (_next_body("again", deploymentName="reviews-v1"), "The deployment reviews-v1 does not exist."),
    ):
        response = running("POST", running.releases(), body)
        assert (response.status, response.code, text in response.message) == (400, "ASM.01010001", True)
    elsewhere = release_body("elsewhere", clusterID="other-cluster")
    for namespace, body in (("default", elsewhere), ("shop", release_body(namespace="shop"))):
        assert running("POST", running.releases(namespace=namespace), body).status == 200, namespace


def test_promotion_back_restores_deployment(running: t.Any) -> None:
    running.set(gone_after=0, running_after=0)
    _promote(running, "reviews-v2")
    read_back = {"version": "v1", "grayDeployments": [{"clusterID": "demo-cluster", "template": template("v1")}]}
    assert running("POST", running.releases(), _next_body("back", **read_back)).status == 200
    _promote(running, "back")
    assert running("POST", running.releases(), _next_body("again")).status == 400
    assert running("POST", running.releases(), release_body("again")).status == 200


def test_canceled_release_has_no_gray_deployment(running: t.Any) -> None:
    running.set(terminated_releases="stay", gone_after=0)
    running("DELETE", running.releases("/reviews-v2?action=cancel"))
    (gray,) = running("GET", running.releases("/reviews-v2")).json["status"]["grayDeployments"]
    assert gray["status"].get("availableReplicas") is None


def test_terminating_release_cannot_be_changed(running: t.Any) -> None:
    running("DELETE", running.releases("/reviews-v2?action=cancel"))
    assert "being ended or canceled" in running("DELETE", running.releases("/reviews-v2?action=cancel")).message
    assert running("PUT", running.releases("/reviews-v2"), release_body()).status == 400
    assert running("POST", running.releases(), release_body("second")).status == 400


def test_action_names_are_behaviors(make: t.Any) -> None:
    emulator = make(action_cancel="terminate", action_end="finish", running_after=0)
    emulator("POST", emulator.releases(), release_body())
    assert (
        "The action cancel is not supported"
        in emulator("DELETE", emulator.releases("/reviews-v2?action=cancel")).message
    )
    assert emulator("DELETE", emulator.releases("/reviews-v2?action=terminate")).status == 200


@pytest.mark.parametrize("query", ["", "?action=", "?other=end"])
def test_missing_action_is_rejected(running: t.Any, query: str) -> None:
    response = running("DELETE", running.releases(f"/reviews-v2{query}"))
    assert (response.status, "action" in response.message) == (400, True)


def test_delete_release_requires_content_type(running: t.Any) -> None:
    response = running("DELETE", running.releases("/reviews-v2?action=cancel"), headers={"Content-Type": None})
    assert (response.status, "Content-Type" in response.message) == (400, True)


# -- transitions


@pytest.mark.parametrize("phase, available", [("Failed", None), ("Running", 1), ("Whatever", 1)])
def test_phase_of_transition_is_kept(running: t.Any, phase: str, available: int | None) -> None:
    running.control(
        "POST", "transitions", {"kind": "release", "name": "reviews-v2", "namespace": "default", "phase": phase}
    )
    assert _phases(running, 3) == [phase] * 3
    status = running("GET", running.releases("/reviews-v2")).json["status"]["grayDeployments"][0]["status"]
    assert status.get("availableReplicas") == available
    # A failed release can be canceled.
    assert running("DELETE", running.releases("/reviews-v2?action=cancel")).status == 200


def test_invalid_transition_is_rejected(running: t.Any) -> None:
    for invalid in (
        {"kind": "release", "name": "nothing", "phase": "Failed"},
        {"kind": "release", "name": "reviews-v2"},
        {"kind": "planet"},
        [],
    ):
        running.control("POST", "transitions", invalid, status=400)
