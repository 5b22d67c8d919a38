# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    ConflictError,
    DriftError,
    ForbiddenError,
    NotFoundError,
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.modules import asm_workshop
from diffs import diff
from simulated_cloud import CREATED, EXISTS, INTERNAL, NOT_FOUND, Cloud, fail, mesh, run, workshop

DESIRED = {
    "mesh_name": "shop",
    "name": "bookinfo",
    "description": "for show",
    "primary_cluster": "c-1",
    "ingress": {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80},
}
BODY = {
    "description": "for show",
    "metadata": {"name": "bookinfo"},
    "spec": {"primaryCluster": "c-1", "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.1", "port": 80}},
}
WRITTEN = ["description", "primary_cluster", "ingress.elb_id", "ingress.elb_ip", "ingress.port"]
RESULT = {
    "id": "ws-1",
    "name": "bookinfo",
    "mesh_id": "m-1",
    "description": "for show",
    "primary_cluster": "c-1",
    "ingress": {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80, "image_address": None},
    "created_at": CREATED,
    "updated_at": CREATED,
}

MESHES = "GET /v1/p-1/meshes"
LIST = "GET /v2/meshes/m-1/workshops"
POST = "POST /v2/meshes/m-1/workshops"
BY_NAME = "DELETE /v2/meshes/m-1/workshops/bookinfo"
BY_UID = "DELETE /v2/meshes/m-1/workshops/ws-1"


def make_desired(**changes):
    return dict(DESIRED, **changes)


def put(cloud: Cloud, uid: str = "ws-1", **changes):
    body = copy.deepcopy(BODY)
    body["spec"]["ingress"].update(changes.pop("ingress", {}))
    cloud.workshops.append(workshop(uid, **dict(body, **changes)))


# The steps: create, remove, each as check, for real, and both again


def test_check_mode_predicts_the_creation(cloud):
    ran = run(cloud, asm_workshop, check=True, **DESIRED)
    predicted = dict(RESULT, id=None, created_at=None, updated_at=None)
    assert ran.result == {
        "workshop": predicted,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": None}],
        "changed_fields": WRITTEN,
        "diff": diff(None, predicted),
        "request_ids": ["req-1", "req-2"],
    }
    assert ran.request_log == [MESHES, LIST]


def test_creation(cloud):
    ran = run(cloud, asm_workshop, **DESIRED)
    assert ran.result == {
        "workshop": RESULT,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": "req-3"}],
        "changed_fields": WRITTEN,
        "diff": diff(None, dict(RESULT, id=None)),
        "request_ids": ["req-1", "req-2", "req-3", "req-4"],
    }
    assert ran.request_log == [MESHES, LIST, POST, LIST]
    assert ran.bodies == [BODY]
    assert ran.warnings == []
    assert ran.sleeps == []


@pytest.mark.parametrize("check", [True, False])
def test_second_creation_changes_nothing(cloud, check):
    put(cloud)
    ran = run(cloud, asm_workshop, check=check, **DESIRED)
    assert ran.result == {
        "workshop": RESULT,
        "changed": False,
        "actions": [],
        "changed_fields": [],
        "diff": diff(RESULT, RESULT),
        "request_ids": ["req-1", "req-2"],
    }
    assert ran.request_log == [MESHES, LIST]


def test_check_of_a_deletion(cloud):
    put(cloud)
    ran = run(cloud, asm_workshop, check=True, mesh_id="m-1", name="bookinfo", state="absent")
    assert ran.result == {
        "workshop": None,
        "changed": True,
        "actions": [{"action": "delete", "fields": [], "request_id": None}],
        "changed_fields": [],
        "diff": diff(RESULT, None),
        "request_ids": ["req-1", "req-2"],
    }
    assert ran.request_log == [MESHES, LIST]


def test_deletion(cloud):
    put(cloud)
    ran = run(cloud, asm_workshop, mesh_id="m-1", name="bookinfo", state="absent")
    assert (ran["workshop"], ran["changed"], ran["changed_fields"]) == (None, True, [])
    assert ran.actions == [("delete", [], "req-3")]
    assert ran["diff"] == diff(RESULT, None)
    assert ran.request_log == [MESHES, LIST, BY_NAME, LIST]
    assert ran.bodies == []


@pytest.mark.parametrize("check", [True, False])
def test_second_deletion_changes_nothing(cloud, check):
    ran = run(cloud, asm_workshop, check=check, mesh_id="m-1", name="bookinfo", state="absent")
    assert (ran["workshop"], ran["changed"], ran.actions) == (None, False, [])
    assert ran["diff"] == diff()
    assert ran.request_log == [MESHES, LIST]


def test_deletion_compares_nothing(cloud):
    put(cloud)
    assert run(cloud, asm_workshop, **make_desired(state="absent", description="another"))["changed"] is True


# Comparison


@pytest.mark.parametrize(
    "options",
    [
        {"mesh_id": "m-1", "name": "bookinfo"},
        {"mesh_id": "m-1", "name": "bookinfo", "ingress": {"port": 80}},
        make_desired(ingress={"elb_id": "elb-1", "image_address": ""}),
    ],
)
def test_only_specified_fields_are_compared(cloud, options):
    put(cloud)
    assert run(cloud, asm_workshop, **options)["changed"] is False


@pytest.mark.parametrize("description", [None, ""])
def test_no_description_equals_an_empty_one(cloud, description):
    put(cloud, description=description)
    ran = run(cloud, asm_workshop, **make_desired(description=""))
    assert (ran["changed"], ran["workshop"]["description"]) == (False, "")


def test_names_are_compared_with_case(cloud):
    put(cloud, metadata={"name": "Bookinfo"}, ingress={"port": 81})
    assert run(cloud, asm_workshop, **DESIRED)["changed"] is True
    assert [each["metadata"]["name"] for each in cloud.workshops] == ["Bookinfo", "bookinfo"]


@pytest.mark.parametrize("check", [True, False])
def test_difference_error_names_the_field_and_both_values(cloud, check):
    put(cloud, ingress={"port": 81})
    error, ran = fail(cloud, asm_workshop, check, **make_desired(description="another"))
    assert isinstance(error, DriftError)
    assert str(error) == (
        "Workshop 'bookinfo' differs in fields that cannot be changed: description is 'for show', desired is 'another'; ingress.port is 81, desired is 80. "
        "A workshop cannot be changed. Correct the task, or set on_drift to replace to delete it and create it again."
    )
    assert (ran["changed"], ran["actions"]) == (False, [])
    assert ran.request_log == [MESHES, LIST]


@pytest.mark.parametrize("check", [True, False])
def test_difference_can_be_a_warning(cloud, check):
    put(cloud, ingress={"port": 81})
    ran = run(cloud, asm_workshop, check=check, **make_desired(on_drift="warn"))
    assert ran.warnings == [
        "Workshop 'bookinfo' differs in fields that cannot be changed: ingress.port is 81, desired is 80"
    ]
    assert (ran["changed"], ran["workshop"]["ingress"]["port"], ran["changed_fields"]) == (False, 81, [])
    assert ran.request_log == [MESHES, LIST]


RECREATED = {"mesh_id": "m-1", "name": "bookinfo", "ingress": {"port": 8080}, "on_drift": "replace"}


def test_check_of_a_replacement(cloud):
    put(cloud)
    ran = run(cloud, asm_workshop, check=True, **RECREATED)
    after = dict(RESULT, id=None, created_at=None, updated_at=None, ingress=dict(RESULT["ingress"], port=8080))
    assert (ran["changed"], ran["workshop"], ran["changed_fields"]) == (True, after, ["ingress.port"])
    assert ran.actions == [("delete", [], None), ("create", ["ingress.port"], None)]
    assert ran["diff"] == diff(RESULT, after)
    assert ran.writes == []


def test_replacement_keeps_unspecified_fields(cloud):
    put(cloud, "ws-0")
    ran = run(cloud, asm_workshop, **RECREATED)
    after = dict(RESULT, ingress=dict(RESULT["ingress"], port=8080))
    assert (ran["changed"], ran["workshop"], ran["changed_fields"]) == (True, after, ["ingress.port"])
    assert ran.actions == [("delete", [], "req-3"), ("create", ["ingress.port"], "req-5")]
    assert ran["diff"] == diff(dict(RESULT, id="ws-0"), dict(after, id=None))
    assert ran.request_log == [MESHES, LIST, BY_NAME, LIST, POST, LIST]
    assert ran.bodies == [dict(BODY, spec=dict(BODY["spec"], ingress=dict(BODY["spec"]["ingress"], port=8080)))]


def test_check_mode_predicts_the_replacement(cloud):
    put(cloud)
    both = [run(cloud, asm_workshop, check=check, **RECREATED) for check in (True, False)]
    said = [(ran["changed"], ran["changed_fields"], [action[:2] for action in ran.actions]) for ran in both]
    assert said[0] == said[1]


def test_replace_waits_for_deletion_without_wait(cloud):
    put(cloud)
    left = list(cloud.workshops)
    cloud.rule("GET /v2", lambda do: do())
    cloud.rule("GET /v2", lambda do: (200, left))
    assert run(cloud, asm_workshop, **dict(RECREATED, wait=False)).request_log == [
        MESHES,
        LIST,
        BY_NAME,
        LIST,
        LIST,
        POST,
        LIST,
    ]


def test_impossible_replacement_deletes_nothing(cloud):
    put(cloud)
    cloud.workshops[0]["spec"]["ingress"].pop("elbIp")
    error, ran = fail(cloud, asm_workshop, **RECREATED)
    assert isinstance(error, OptionError)
    assert str(error) == "To create workshop 'bookinfo', these options are missing: ingress.elb_ip"
    assert ran.writes == []


def test_failed_replacement_reports_the_deletion(cloud):
    put(cloud)
    cloud.respond("POST", 403, {"errorCode": "ASM.01000002", "errorMsg": "Forbidden."})
    error, ran = fail(cloud, asm_workshop, **RECREATED)
    assert isinstance(error, ForbiddenError)
    assert str(error) == (
        "Failed to create workshop 'bookinfo': Forbidden (HTTP 403, ASM.01000002, request id req-5). Grant the identity the IAM action "
        "asm:mesh:createWorkshop. The request was sent for project p-1 to https://asm.example.com."
    )
    assert (ran["changed"], ran.actions) == (True, [("delete", [], "req-3")])


def test_another_client_creates_it_during_replacement(cloud):
    put(cloud, "ws-0")
    cloud.before("POST", lambda: put(cloud, "ws-9", ingress={"port": 8080}))
    ran = run(cloud, asm_workshop, **RECREATED)
    assert (ran["changed"], ran["workshop"]["id"], ran.actions) == (True, "ws-9", [("delete", [], "req-3")])
    assert ran.writes == [BY_NAME, POST]


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ""}, "Invalid options: name must not be empty"),
        ({"ingress": {"port": 0}}, "Invalid options: ingress.port must be a port from 1 to 65535"),
        ({"ingress": {"port": 65536}}, "Invalid options: ingress.port must be a port from 1 to 65535"),
        ({"primary_cluster": ""}, "Invalid options: primary_cluster must not be empty"),
        ({"primary_cluster": "c 1"}, "Invalid options: primary_cluster must not contain whitespace or line breaks"),
        (
            {"ingress": {"elb_id": "elb-1\n"}},
            "Invalid options: ingress.elb_id must not contain whitespace or line breaks",
        ),
        ({"name": "demo "}, "Invalid options: name must not begin or end with whitespace, or contain line breaks"),
        (
            {"ingress": {"port": 0, "elb_ip": "192.0.2.300"}},
            "Invalid options: ingress.port must be a port from 1 to 65535; ingress.elb_ip must be an IP address, not '192.0.2.300'. "
            "Set it to the address of the load balancer, for example 192.0.2.10.",
        ),
        (
            {"ingress": {"elb_id": "", "elb_ip": ""}},
            "Invalid options: ingress.elb_id must not be empty; ingress.elb_ip must not be empty",
        ),
    ],
)
def test_bad_options_are_refused_before_any_call(cloud, options, message):
    error, ran = fail(cloud, asm_workshop, **make_desired(**options))
    assert (type(error), str(error), ran.request_log) == (OptionError, message, [])


@pytest.mark.parametrize(
    "address",
    ["192.0.2.300", "192.0.2", "192.0.2.1/24", "elb.example.com", "0.0.0.0", "::", "224.0.0.1", "192.0.2.1:80"],
)
def test_elb_ip_must_be_an_ip_address(cloud, address):
    error, ran = fail(cloud, asm_workshop, **make_desired(ingress=dict(DESIRED["ingress"], elb_ip=address)))
    assert (type(error), ran.request_log) == (OptionError, [])
    assert str(error).startswith("Invalid options: ingress.elb_ip must be ")
    assert f"not '{address}'." in str(error)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_elb_ip_may_have_either_version(cloud, address):
    ran = run(cloud, asm_workshop, **make_desired(ingress=dict(DESIRED["ingress"], elb_ip=address)))
    assert ran["workshop"]["ingress"]["elb_ip"] == address


@pytest.mark.parametrize("address", ["http://swr.example.com/demo", "swr.example.com/a b", "/demo", "demo/", " "])
def test_image_address_must_be_one_of_an_image(cloud, address):
    error, ran = fail(cloud, asm_workshop, **make_desired(ingress=dict(DESIRED["ingress"], image_address=address)))
    assert (type(error), ran.request_log) == (OptionError, [])
    assert str(error) == (
        "Invalid options: ingress.image_address must be an image address such as swr.example.com/mesh-demo, without a scheme and blanks"
    )


@pytest.mark.parametrize(
    "address",
    ["", "swr/demo", "swr.example.com:5000/Org_1/mesh-demo:1.2", f"demo@sha256:{'a' * 64}", "swr.example.com"],
)
def test_image_addresses_that_are_accepted(cloud, address):
    ran = run(cloud, asm_workshop, **make_desired(ingress=dict(DESIRED["ingress"], image_address=address)))
    assert ran["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_port_of_another_workshop_is_refused(cloud, check):
    put(cloud, metadata={"name": "other"})
    error, ran = fail(cloud, asm_workshop, check, **DESIRED)
    assert isinstance(error, OptionError)
    assert str(error) == (
        "Failed to create workshop 'bookinfo': workshop 'other' already has port 80 of load balancer 'elb-1'. "
        "Choose another port, or delete workshop 'other' first and rerun the task."
    )
    assert ran.writes == []


@pytest.mark.parametrize("check", [True, False])
def test_port_of_another_workshop_is_refused_on_replace(cloud, check):
    put(cloud, "ws-9", metadata={"name": "other"}, ingress={"port": 8080})
    put(cloud)
    error, ran = fail(cloud, asm_workshop, check, **RECREATED)
    assert "workshop 'other' already has port 8080 of load balancer 'elb-1'" in str(error)
    assert ran.writes == []


def test_one_port_of_two_load_balancers(cloud):
    put(cloud, metadata={"name": "other"}, ingress={"elbId": "elb-2"})
    assert run(cloud, asm_workshop, **DESIRED)["changed"] is True


@pytest.mark.parametrize("check", [True, False])
def test_cluster_outside_of_the_mesh_is_a_warning(cloud, check):
    ran = run(cloud, asm_workshop, check=check, **make_desired(primary_cluster="c-9"))
    assert ran.warnings == [
        "Workshop 'bookinfo': primary_cluster 'c-9' is not a cluster of mesh 'shop' (m-1). Its clusters are: c-1."
    ]
    assert ran["changed"] is True


def test_no_cluster_warning_for_a_mesh_without_clusters(cloud):
    cloud.meshes = [mesh("m-1", "shop", clusters=())]
    assert run(cloud, asm_workshop, **make_desired(primary_cluster="c-9")).warnings == []


def test_no_cluster_warning_for_an_existing_workshop(cloud):
    cloud.meshes = [mesh("m-1", "shop", clusters=("c-2",))]
    put(cloud)
    assert run(cloud, asm_workshop, **DESIRED).warnings == []


@pytest.mark.parametrize("check", [True, False])
def test_missing_options_are_reported_for_a_creation(cloud, check):
    error, ran = fail(cloud, asm_workshop, check, mesh_id="m-1", name="bookinfo", ingress={"port": 80})
    assert isinstance(error, OptionError)
    assert (
        str(error)
        == "To create workshop 'bookinfo', these options are missing: ingress.elb_id, ingress.elb_ip, primary_cluster"
    )
    assert ran.writes == []


def test_unavailable_mesh_is_an_error(cloud):
    cloud.meshes = [mesh("m-1", "shop", "Upgrading")]
    message = "mesh 'shop' (m-1) is in phase 'Upgrading', not 'Running'. Wait until the mesh is Running, or repair it."
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert (type(error), str(error), ran.writes) == (OptionError, f"Cannot create workshop 'bookinfo': {message}", [])
    # A deletion that needs no request is possible.
    assert run(cloud, asm_workshop, **make_desired(state="absent"))["changed"] is False
    put(cloud)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert (str(error), ran.writes) == (f"Cannot delete workshop 'bookinfo': {message}", [])
    assert run(cloud, asm_workshop, **DESIRED)["changed"] is False


def test_several_of_one_name(cloud):
    put(cloud, "ws-2")
    put(cloud, "ws-1")
    for state in ("present", "absent"):
        error, ran = fail(cloud, asm_workshop, **make_desired(state=state))
        assert isinstance(error, AmbiguousError)
        assert (
            str(error)
            == "Several workshops of mesh 'shop' have the name 'bookinfo': ws-1, ws-2. Delete all but one in the console."
        )
        assert ran.writes == []


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, [{"errorCode": "ASM.01040001", "errorMsg": "Internal error."}], ServerError),
        (403, {"errorCode": "ASM.01000002"}, ForbiddenError),
        (404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}, BadRequestError),
        (404, {"errorCode": "ASM.01010002", "errorMsg": "Resource not found."}, NotFoundError),
        (200, b"<html></html>", ProtocolError),
        (200, b"[{", ProtocolError),
        (200, {"workshops": []}, ProtocolError),
        (200, [{"workshop": {}}], ProtocolError),
    ],
)
def test_invalid_list_response_is_an_error(cloud, state, status, body, kind):
    cloud.respond(LIST, status, body, times=2)
    error, ran = fail(cloud, asm_workshop, **make_desired(state=state))
    assert error.__class__ is kind
    assert error.message.startswith("Failed to list the workshops of mesh 'm-1': ")
    assert (ran.writes, ran["changed"]) == ([], False)


@pytest.mark.parametrize("answer", [[], {"items": []}, {"items": None}])
def test_every_empty_list_is_one(cloud, answer):
    cloud.respond(LIST, 200, answer)
    assert run(cloud, asm_workshop, check=True, **DESIRED)["changed"] is True


# Lost answers of a creation


@pytest.mark.parametrize(
    "lose",
    [
        lambda cloud: cloud.drop_response("POST"),
        lambda cloud: cloud.corrupt_response("POST", *INTERNAL),
        lambda cloud: cloud.corrupt_response("POST", 504, b""),
        lambda cloud: cloud.corrupt_response("POST", 200, b"no json"),
        lambda cloud: cloud.corrupt_response("POST", 200, {"metadata": {}}),
    ],
    ids=["reset", "500", "504", "garbage", "shape"],
)
@pytest.mark.parametrize("wait", [True, False])
def test_lost_response_is_followed_by_a_list(cloud, lose, wait):
    lose(cloud)
    ran = run(cloud, asm_workshop, **make_desired(wait=wait))
    assert (ran["changed"], ran["workshop"], ran["changed_fields"]) == (True, RESULT, WRITTEN)
    assert [action[:2] for action in ran.actions] == [("create", WRITTEN)]
    assert ran.request_log == [MESHES, LIST, POST, LIST, LIST]
    assert len(cloud.workshops) == 1


def test_lost_response_without_object_is_an_error(cloud):
    cloud.break_connection("POST")
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, TransportError)
    assert (
        error.message
        == "Failed to create workshop 'bookinfo': the connection to the service broke: Connection reset by peer"
    )
    assert error.hint.startswith(
        "It is unknown whether the request was applied: no list shows its effect yet. Rerun the task: it checks the actual state first."
    )
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST, POST, LIST, LIST, LIST, LIST])
    assert ran.sleeps == [2, 2, 2]


def test_lost_response_without_object_and_without_wait(cloud):
    cloud.break_connection("POST")
    error, ran = fail(cloud, asm_workshop, **DESIRED, wait=False)
    assert error.hint.startswith(
        "It is unknown whether the request was applied: no list shows its effect yet. Rerun the task: it checks the actual state first."
    )
    assert (ran["changed"], ran.request_log, ran.sleeps) == (False, [MESHES, LIST, POST, LIST], [])


def test_lost_response_and_late_list_entry(cloud):
    cloud.drop_response("POST")
    cloud.respond(LIST, 200, [], times=4)
    ran = run(cloud, asm_workshop, **DESIRED)
    assert (ran["changed"], ran["workshop"]["id"], ran.writes) == (True, "ws-1", [POST])
    assert ran.request_log == [MESHES, LIST, POST, LIST, LIST, LIST, LIST, LIST]


@pytest.mark.parametrize("status", [429, 503])
def test_create_throttled_for_long_is_resent_after_a_list(cloud, status):
    cloud.respond("POST", status, retry_after="10")
    ran = run(cloud, asm_workshop, **DESIRED)
    # It may have been applied anyway and be listed late.
    looks = 3 if status == 503 else 0
    assert (ran["changed"], ran.request_log, ran.sleeps) == (
        True,
        [MESHES, LIST, POST, LIST, *[LIST] * looks, POST, LIST],
        [10, *[2] * looks],
    )


def test_create_not_resent_if_object_appeared_after_429(cloud):
    cloud.respond("POST", 429, retry_after="10")
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, lambda: put(cloud, "ws-9"))
    ran = run(cloud, asm_workshop, **DESIRED)
    assert (ran["changed"], ran["workshop"]["id"], ran.request_log) == (False, "ws-9", [MESHES, LIST, POST, LIST])


def test_create_that_is_refused_for_long_again_and_again_fails(cloud):
    cloud.respond("POST", 429, {"error_code": "APIGW.0308", "error_msg": "throttled"}, times=2, retry_after="10")
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, RateLimitError)
    # As often as max_retries says.
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST, POST, LIST, POST])


def test_create_that_is_refused_too_long_fails_immediately(cloud):
    cloud.respond("POST", 429, retry_after="120")
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert (
        error.hint
        == "The service asks to wait 120 s, retry_max_delay is 30. Run the task again later, or increase retry_max_delay."
    )
    assert (ran["changed"], ran.request_log, ran.sleeps) == (False, [MESHES, LIST, POST], [])


@pytest.mark.parametrize("status", [429, 500, 502])
def test_temporary_poll_failure_does_not_end_the_wait(cloud, status):
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, status, times=6)
    ran = run(cloud, asm_workshop, **DESIRED)
    assert (ran["changed"], ran.writes, ran.request_log.count(LIST)) == (True, [POST], 8)


def test_wait_ends_in_time_if_all_polls_fail(cloud):
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, *INTERNAL, times=99)
    error, ran = fail(cloud, asm_workshop, **DESIRED, wait_timeout=8)
    assert isinstance(error, WaitError)
    assert error.message == (
        "Timed out after 8 s waiting for workshop 'bookinfo' to be listed: the last attempt failed: Failed to list the workshops of mesh 'm-1': "
        "Internal error (HTTP 500, ASM.01040001, request id req-10)"
    )
    assert (sum(ran.sleeps), ran["changed"]) == (8, True)


@pytest.mark.parametrize("status", [429, 500])
def test_first_lookup_is_strict(cloud, status):
    cloud.respond(LIST, status, times=2)
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert (error.status, ran.writes, ran.request_log.count(LIST)) == (status, [], 2)


def test_lost_response_with_different_object_is_an_error(cloud):
    cloud.break_connection("POST")
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, lambda: put(cloud, ingress={"port": 81}))
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, DriftError)
    assert str(error) == (
        "Failed to create workshop 'bookinfo': the connection to the service broke: Connection reset by peer. "
        "Meanwhile workshop 'bookinfo' exists and differs: ingress.port is 81, desired is 80. "
        "It is unknown who created it: the service may have changed what was sent, or another client created it. "
        "Agree on one desired state, then rerun the task."
    )
    assert (ran["changed"], ran.writes) == (False, [POST])


def test_lost_response_and_failed_list_are_unknown(cloud):
    cloud.drop_response("POST")
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, *INTERNAL, times=2)
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, TransportError)
    assert str(error) == (
        "Failed to create workshop 'bookinfo': the connection to the service broke: Connection reset by peer. It is unknown whether the request was applied, "
        "because the check failed too: Failed to list the workshops of mesh 'm-1': Internal error (HTTP 500, ASM.01040001, request id req-5, 2 attempts). "
        "Rerun the task: it checks the actual state first."
    )
    assert (ran["changed"], ran.writes) == (False, [POST])
    assert run(cloud, asm_workshop, **DESIRED)["changed"] is False


def test_unsent_request_is_resent(cloud):
    cloud.break_connection("POST", sent=False)
    ran = run(cloud, asm_workshop, **DESIRED)
    assert (ran["changed"], ran.request_log) == (True, [MESHES, LIST, POST, POST, LIST])
    assert len(cloud.workshops) == 1


def test_request_that_cannot_be_sent_is_an_error(cloud):
    cloud.break_connection("POST", sent=False, times=2)
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, TransportError)
    assert ran.request_log == [MESHES, LIST, POST, POST]


# Somebody else is quicker


REFUSALS = pytest.mark.parametrize(
    "refusal", [EXISTS, (400, {"errorCode": "ASM.01010001", "errorMsg": "Invalid request."})], ids=["409", "400"]
)


@REFUSALS
def test_equal_object_of_another_client_is_adopted(cloud, refusal):
    cloud.rule("POST", lambda do: put(cloud, "ws-7") or refusal)
    ran = run(cloud, asm_workshop, **DESIRED)
    assert (ran["changed"], ran["workshop"]["id"], ran.actions, ran["changed_fields"]) == (False, "ws-7", [], [])
    assert ran.request_log == [MESHES, LIST, POST, LIST]


@REFUSALS
def test_different_object_of_another_client_is_an_error(cloud, refusal):
    cloud.rule("POST", lambda do: put(cloud, "ws-7", description="theirs") or refusal)
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, DriftError)
    assert error.message.endswith(
        ". Meanwhile workshop 'bookinfo' exists and differs: description is 'theirs', desired is 'for show'"
    )
    assert (ran["changed"], ran.writes) == (False, [POST])


@REFUSALS
def test_refusal_without_object_is_reported_unchanged(cloud, refusal):
    cloud.respond("POST", *refusal)
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert error.__class__ is (ConflictError if refusal[0] == 409 else BadRequestError)
    assert error.message == (
        f"Failed to create workshop 'bookinfo': {refusal[1]['errorMsg'].rstrip('.')} (HTTP {refusal[0]}, {refusal[1]['errorCode']}, request id req-3)"
    )
    assert ran.request_log == [MESHES, LIST, POST, LIST]


def slow_list(cloud, seconds, then=lambda: None):
    def slowly(do):
        answer = do()
        cloud.clock.passed += seconds
        then()
        return answer

    cloud.rule(LIST, slowly)


@pytest.mark.parametrize(
    ("seconds", "request_log"), [(5, [MESHES, LIST, POST, LIST]), (5.1, [MESHES, LIST, LIST, POST, LIST])]
)
def test_list_older_than_five_seconds_is_read_again(cloud, seconds, request_log):
    slow_list(cloud, seconds)
    assert run(cloud, asm_workshop, **DESIRED).request_log == request_log


def test_object_missing_in_an_old_list_is_not_created_twice(cloud):
    slow_list(cloud, 6, lambda: put(cloud, "ws-7"))
    ran = run(cloud, asm_workshop, **DESIRED)
    assert (ran["changed"], ran["workshop"]["id"], ran.writes) == (False, "ws-7", [])


# Removal: name or uid, lost answers


@pytest.mark.parametrize(
    "missing", [NOT_FOUND, (400, {"errorCode": "ASM.01010001"}), (500, {"errorCode": "ASM.01040001"}), (500, None)]
)
def test_deletion_by_uid_where_the_name_is_not_known(cloud, missing):
    put(cloud)
    cloud.workshop_key, cloud.no_workshop = "uid", missing
    ran = run(cloud, asm_workshop, **make_desired(state="absent"))
    assert (ran["changed"], ran.actions) == (True, [("delete", [], "req-4")])
    assert ran.request_log == [MESHES, LIST, BY_NAME, BY_UID, LIST]


def test_deletion_by_another_client_is_not_a_change(cloud):
    put(cloud)
    cloud.before("DELETE", cloud.workshops.clear)
    ran = run(cloud, asm_workshop, **make_desired(state="absent"))
    assert (ran["changed"], ran["workshop"], ran.actions, ran["diff"]) == (False, None, [], diff())
    assert ran.request_log == [MESHES, LIST, BY_NAME, BY_UID, LIST, LIST]


def test_deletion_by_id_without_response_is_a_change(cloud):
    put(cloud)
    cloud.workshop_key = "uid"
    cloud.drop_response(BY_UID)
    ran = run(cloud, asm_workshop, **make_desired(state="absent"))
    assert (ran["changed"], len(ran.actions)) == (True, 1)
    assert ran.request_log == [MESHES, LIST, BY_NAME, BY_UID, BY_UID, LIST, LIST]


def test_deletion_refused_twice_reports_the_first_error(cloud):
    put(cloud)
    cloud.respond(BY_NAME, 400, {"errorCode": "ASM.01010001", "errorMsg": "It is in use."})
    cloud.respond(BY_UID, *NOT_FOUND)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert isinstance(error, BadRequestError)
    assert (
        error.message == "Failed to delete workshop 'bookinfo': It is in use (HTTP 400, ASM.01010001, request id req-3)"
    )
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST, BY_NAME, BY_UID, LIST])


@pytest.mark.parametrize(
    "answer",
    [
        (400, None),
        (404, None),
        (404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}),
        (400, {"error_code": "APIG.0106", "error_msg": "Orchestration error"}),
        (500, {"error_code": "APIGW.0606", "error_msg": "Internal error"}),
        (405, {"errorCode": "ASM.01010001"}),
        (401, {"errorCode": "ASM.01000001"}),
        (409, {"errorCode": "ASM.01010003"}),
        (501, {"errorCode": "ASM.01040001"}),
    ],
)
def test_uid_is_not_tried_after_unrelated_errors(cloud, answer):
    put(cloud)
    cloud.respond(BY_NAME, *answer)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert error.status == answer[0]
    assert (ran.request_log.count(BY_NAME), BY_UID in ran.request_log, ran["changed"]) == (1, False, False)


@pytest.mark.parametrize("status", [429, 502])
def test_resent_request_is_not_repeated_by_id(cloud, status):
    put(cloud)
    cloud.respond(BY_NAME, status, times=2)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert error.status == status
    assert (ran.request_log.count(BY_NAME), BY_UID in ran.request_log) == (2, False)


def test_name_that_equals_the_id_is_tried_once(cloud):
    put(cloud, "bookinfo")
    cloud.respond(BY_NAME, *NOT_FOUND)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert isinstance(error, NotFoundError)
    assert ran.request_log == [MESHES, LIST, BY_NAME, LIST]


def test_forbidden_deletion_is_tried_once(cloud):
    put(cloud)
    cloud.respond("DELETE", 403, {"errorCode": "ASM.01000002", "errorMsg": "Forbidden."})
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert isinstance(error, ForbiddenError)
    assert ran.request_log == [MESHES, LIST, BY_NAME]


def test_lost_deletion_is_resent_and_then_looked_up(cloud):
    put(cloud)
    cloud.drop_response("DELETE")
    ran = run(cloud, asm_workshop, **make_desired(state="absent"))
    assert (ran["changed"], [action[:2] for action in ran.actions]) == (True, [("delete", [])])
    assert ran.request_log == [MESHES, LIST, BY_NAME, BY_NAME, BY_UID, LIST, LIST]


def test_deletion_without_response(cloud):
    put(cloud)
    cloud.break_connection("DELETE", times=2)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert isinstance(error, TransportError)
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST, BY_NAME, BY_NAME, LIST, LIST, LIST, LIST])


def test_unclear_deletion_is_found_in_a_later_list(cloud):
    put(cloud)
    left = list(cloud.workshops)
    cloud.corrupt_response("DELETE", 200, b"<html>")
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, left, times=2)
    ran = run(cloud, asm_workshop, **make_desired(state="absent"))
    assert (ran["changed"], ran["workshop"], ran.writes) == (True, None, [BY_NAME])


def test_deletion_without_response_and_failed_list(cloud):
    put(cloud)
    cloud.drop_response("DELETE")
    cloud.break_connection("DELETE")
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, *INTERNAL, times=2)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent"))
    assert isinstance(error, TransportError)
    assert (
        error.message
        == "Failed to delete workshop 'bookinfo': the connection to the service broke: Connection reset by peer (2 attempts)"
    )
    assert error.hint == (
        "It is unknown whether the request was applied, because the check failed too: Failed to list the workshops of mesh 'm-1': Internal error "
        "(HTTP 500, ASM.01040001, request id req-6, 2 attempts). Rerun the task: it checks the actual state first."
    )
    assert ran["changed"] is False


# Waiting


def test_creation_waits_until_listed(cloud):
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, [], times=2)
    ran = run(cloud, asm_workshop, **make_desired(wait_interval=2))
    assert ran.request_log == [MESHES, LIST, POST, LIST, LIST, LIST]
    assert ran.sleeps == [2, 3]
    assert ran["workshop"] == RESULT


def test_creation_without_wait_returns_the_response(cloud):
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, [])
    ran = run(cloud, asm_workshop, **make_desired(wait=False))
    assert (ran["workshop"], ran.sleeps, ran.request_log) == (RESULT, [], [MESHES, LIST, POST, LIST])


def test_creation_that_is_never_listed(cloud):
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, [], times=9)
    error, ran = fail(cloud, asm_workshop, **make_desired(wait_timeout=10))
    assert isinstance(error, WaitError)
    assert str(error) == (
        "Timed out after 10 s waiting for workshop 'bookinfo' to be listed: it is not listed. "
        "Check it in the console, raise wait_timeout, or rerun the task to continue waiting."
    )
    assert (ran["changed"], ran.actions) == (True, [("create", WRITTEN, "req-3")])
    assert sum(ran.sleeps) == 10


def test_delete_waits_for_deletion(cloud):
    put(cloud)
    left = [{"workshop": each} for each in cloud.workshops]
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, left)
    ran = run(cloud, asm_workshop, **make_desired(state="absent"))
    assert (ran.request_log, ran.sleeps) == ([MESHES, LIST, BY_NAME, LIST, LIST], [2])


def test_deletion_that_never_completes(cloud):
    put(cloud)
    cloud.respond("DELETE", 200)
    error, ran = fail(cloud, asm_workshop, **make_desired(state="absent", wait_timeout=5))
    assert isinstance(error, WaitError)
    assert error.message == "Timed out after 5 s waiting for workshop 'bookinfo' to be deleted: it is listed"
    assert (ran["changed"], ran.actions) == (True, [("delete", [], "req-3")])


def test_deletion_without_wait(cloud):
    put(cloud)
    ran = run(cloud, asm_workshop, **make_desired(state="absent", wait=False))
    assert (ran["workshop"], ran.request_log) == (None, [MESHES, LIST, BY_NAME])


def test_different_value_after_the_write_is_an_error(cloud):
    def changed(do):
        answer = do()
        cloud.workshops[0]["spec"]["ingress"]["port"] = 8080
        return answer

    cloud.rule("POST", changed)
    error, ran = fail(cloud, asm_workshop, **DESIRED)
    assert isinstance(error, DriftError)
    assert str(error) == (
        "Failed to create workshop 'bookinfo': the request was accepted, but these values still differ: ingress.port is 8080, desired is 80. "
        "The service changed or ignored what was sent, or another client changed it at the same time."
    )
    assert (ran["changed"], ran.actions) == (True, [("create", WRITTEN, "req-3")])


def test_workshop_deleted_after_creation_is_an_error(cloud):
    cloud.drop_response("POST")
    cloud.rule(LIST, lambda do: do())
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, [])
    error, ran = fail(cloud, asm_workshop, **make_desired(wait=False))
    assert isinstance(error, WaitError)
    assert (
        str(error)
        == "Failed to create workshop 'bookinfo': the request was accepted, but the resource is not listed. Set wait to true to wait for it."
    )
    assert ran["changed"] is True
