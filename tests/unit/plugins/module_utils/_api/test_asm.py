# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
)

BASE = "https://asm.example.com"
TARGET = "The request was sent for project p-1 to https://asm.example.com."


def workshop(name):
    return {
        "metadata": {"name": name, "uid": f"uid-{name}"},
        "spec": {"primaryCluster": "c-1", "ingress": {"port": 80}},
    }


def release(name, namespace="demo"):
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {}}


ONE, TWO = workshop("one"), workshop("two")
BODY = {"metadata": {"name": "demo"}, "spec": {"x": 1}}
RELEASE_BODY = {"metadata": {"name": "reviews-v2", "namespace": "demo"}, "spec": {"x": 1}}

# Name -> function, arguments, the only request, its body, the response, the action in messages, and the permission.
OPERATIONS = {
    "list_meshes": (
        asm.list_meshes,
        (),
        "GET /v1/p-1/meshes",
        None,
        {"items": []},
        "list the meshes",
        "asm:mesh:list and asm:mesh:get",
    ),
    "list_workshops": (
        asm.list_workshops,
        ("m-1",),
        "GET /v2/meshes/m-1/workshops",
        None,
        [],
        "list the workshops of mesh 'm-1'",
        "asm:mesh:listWorkshops",
    ),
    "create_workshop": (
        asm.create_workshop,
        ("m-1", BODY),
        "POST /v2/meshes/m-1/workshops",
        BODY,
        ONE,
        "create workshop 'demo'",
        "asm:mesh:createWorkshop",
    ),
    "delete_workshop": (
        asm.delete_workshop,
        ("m-1", "demo", "uid-1"),
        "DELETE /v2/meshes/m-1/workshops/uid-1",
        None,
        None,
        "delete workshop 'demo'",
        "asm:mesh:deleteWorkshop",
    ),
    "list_releases": (
        asm.list_releases,
        ("m-1",),
        "GET /v2/meshes/m-1/releases",
        None,
        {"items": []},
        "list the releases of mesh 'm-1'",
        "asm:mesh:listReleases",
    ),
    "create_release": (
        asm.create_release,
        ("m-1", RELEASE_BODY),
        "POST /v2/meshes/m-1/namespaces/demo/releases",
        RELEASE_BODY,
        release("reviews-v2"),
        "create release 'demo/reviews-v2'",
        "asm:mesh:createRelease",
    ),
    "update_release": (
        asm.update_release,
        ("m-1", "r-1", RELEASE_BODY),
        "PUT /v2/meshes/m-1/namespaces/demo/releases/r-1",
        RELEASE_BODY,
        None,
        "change the image of release 'demo/reviews-v2'",
        "asm:mesh:updateRelease",
    ),
    "promote": (
        lambda *args: asm.end_release(*args, verb="promote", action="end"),
        ("m-1", "demo", "reviews-v2", "r-1"),
        "DELETE /v2/meshes/m-1/namespaces/demo/releases/r-1?action=end",
        None,
        None,
        "promote release 'demo/reviews-v2'",
        "asm:mesh:deleteRelease",
    ),
    "cancel": (
        lambda *args: asm.end_release(*args, verb="cancel", action="Abbruch & Ende"),
        ("m-1", "demo", "reviews-v2", "r-1"),
        "DELETE /v2/meshes/m-1/namespaces/demo/releases/r-1?action=Abbruch%20%26%20Ende",
        None,
        None,
        "cancel release 'demo/reviews-v2'",
        "asm:mesh:deleteRelease",
    ),
}


@pytest.mark.parametrize("credentials", ["aksk", "token"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_sends_one_documented_request(make_client, name, credentials):
    function, args, request, body, answer, *dummy = OPERATIONS[name]
    fixture = make_client([(200, answer, {"X-Request-Id": "r-9"})], credentials=credentials)
    result = function(fixture.client, *args)
    method, path = request.split(" ")
    assert fixture.sent == [f"{method} {BASE}{path}"]
    assert fixture.body() == body
    headers = fixture.calls[0].headers
    assert headers["X-Project-Id"] == "p-1"
    assert headers.get("Content-Type") == (None if method == "GET" else "application/json")
    assert ("X-Auth-Token" in headers, "Authorization" in headers) == (credentials == "token", credentials == "aksk")
    assert result == [] if method == "GET" else result.request_id == "r-9"


@pytest.mark.parametrize("name", OPERATIONS)
def test_forbidden_error_has_the_missing_action(make_client, name):
    function, args, *dummy, action, permission = OPERATIONS[name]
    fixture = make_client([(403, {"error_code": "APIGW.0302", "error_msg": "IAM user not allowed"})])
    with pytest.raises(ForbiddenError) as caught:
        function(fixture.client, *args)
    kind_name = "actions" if " and " in permission else "action"
    assert str(caught.value) == (
        f"Failed to {action}: IAM user not allowed (HTTP 403, APIGW.0302). Grant the identity the IAM {kind_name} {permission}. {TARGET}"
    )
    assert len(fixture.calls) == 1


@pytest.mark.parametrize("name", ["create_workshop", "create_release"])
@pytest.mark.parametrize("answer", ["", "<html>", "{}", '{"metadata": {"name": ""}}', "[]"])
def test_create_requires_the_resource_in_the_response(make_client, name, answer):
    function, args, *dummy = OPERATIONS[name]
    fixture = make_client([(200, answer)])
    with pytest.raises(ProtocolError, match="^Failed to create "):
        function(fixture.client, *args)
    assert len(fixture.calls) == 1


def test_response_of_a_create_is_returned(make_client):
    fixture = make_client([(200, ONE), (200, release("reviews-v2"))])
    assert asm.create_workshop(fixture.client, "m-1", BODY).data == ONE
    assert asm.create_release(fixture.client, "m-1", RELEASE_BODY).data == release("reviews-v2")


@pytest.mark.parametrize(
    "answer, found",
    [
        ([{"workshop": ONE}, {"workshop": TWO}], [ONE, TWO]),
        ([ONE, TWO], [ONE, TWO]),
        ([{"workshop": ONE}, TWO], [ONE, TWO]),
        ({"items": [{"workshop": ONE}, {"workshop": TWO}]}, [ONE, TWO]),
        ({"kind": "List", "items": [ONE]}, [ONE]),
        ([], []),
        ({"items": []}, []),
        ({"items": None}, []),
    ],
)
def test_workshops_have_several_formats(make_client, answer, found):
    assert asm.list_workshops(make_client([(200, answer)]).client, "m-1") == found


@pytest.mark.parametrize("answer", [{"items": None}, {"items": []}, {"kind": "ReleaseList", "items": []}])
@pytest.mark.parametrize(
    "read", [asm.list_meshes, lambda client: asm.list_releases(client, "m-1")], ids=["meshes", "releases"]
)
def test_empty_list_has_two_formats(make_client, read, answer):
    assert read(make_client([(200, answer)]).client) == []


def test_releases_of_all_namespaces_are_listed(make_client):
    entries = [release("reviews-v2"), release("reviews-v2", "other")]
    fixture = make_client([(200, {"kind": "ReleaseList", "apiVersion": "asm/v2", "items": entries})])
    assert asm.list_releases(fixture.client, "m-1") == entries


def test_meshes_are_listed(make_client):
    entries = [{"metadata": {"name": "shop", "uid": "m-1"}, "status": {"phase": "Running"}}]
    assert asm.list_meshes(make_client([(200, {"items": entries})]).client) == entries


READS = [
    asm.list_meshes,
    lambda client: asm.list_workshops(client, "m-1"),
    lambda client: asm.list_releases(client, "m-1"),
]


@pytest.mark.parametrize("read", READS, ids=["meshes", "workshops", "releases"])
@pytest.mark.parametrize(
    "answer",
    [
        (200, ""),
        (200, "null"),
        (200, "<html></html>"),
        (200, '[{"workshop": {"metadata"'),
        (200, {"message": "try later"}),
        (200, {"items": {}}),
        (200, {"items": ["x"]}),
        (200, {"items": [{}]}),
        (200, {"items": [{"workshop": None}]}),
        (204, ""),
        (302, ""),
        (403, {"error_code": "APIGW.0302"}),
        (404, {"error_code": "APIGW.0101", "error_msg": "no such API"}),
        (404, ""),
        (404, {"errorCode": "ASM.01010002"}),
        (401, {"error_code": "APIGW.0301"}),
    ],
)
def test_failed_list_is_an_error(make_client, read, answer):
    fixture = make_client([answer])
    with pytest.raises(ServiceError, match="^Failed to list the "):
        read(fixture.client)
    assert len(fixture.calls) == 1


def test_list_with_500_is_retried_and_fails(make_client):
    fixture = make_client(
        [(500, [{"errorCode": "ASM.01040001", "errorMsg": "Internal error."}], {"X-Request-Id": "r-9"})] * 6
    )
    with pytest.raises(ServerError) as caught:
        asm.list_workshops(fixture.client, "m-1")
    assert str(caught.value) == (
        "Failed to list the workshops of mesh 'm-1': Internal error (HTTP 500, ASM.01040001, request id r-9, 6 attempts). "
        "Run the task again. If the error persists, give the request ID to the vendor's support."
    )
    assert len(fixture.calls) == 6


def test_deleted_workshop_with_500_is_not_retried(make_client):
    fixture = make_client([500])
    with pytest.raises(ServerError) as caught:
        asm.delete_workshop(fixture.client, "m-1", "demo", "demo")
    assert caught.value.attempts == 1


def test_end_of_release_with_500_is_retried(make_client):
    fixture = make_client([500, 404])
    with pytest.raises(ServiceError):
        asm.end_release(fixture.client, "m-1", "demo", "reviews-v2", "r-1", verb="promote", action="end")
    assert len(fixture.calls) == 2


def test_deleted_resource_is_not_found(make_client):
    fixture = make_client([(404, {"errorCode": "ASM.01010002", "errorMsg": "Resource not found."})])
    with pytest.raises(NotFoundError, match="^Failed to delete workshop 'demo': Resource not found"):
        asm.delete_workshop(fixture.client, "m-1", "demo", "demo")


def test_names_in_paths_are_encoded(make_client):
    fixture = make_client([200])
    asm.delete_workshop(fixture.client, "m/1", "a b", "a b?x")
    assert fixture.sent == [f"DELETE {BASE}/v2/meshes/m%2F1/workshops/a%20b%3Fx"]


@pytest.mark.parametrize(
    ("error", "release", "workshop"),
    [
        (NotFoundError("x", status=404, code="ASM.01010002"), True, True),
        (BadRequestError("x", status=400, code="ASM.01010001"), True, True),
        (BadRequestError("x", status=400), False, False),
        (BadRequestError("x", status=400, code="APIGW.0106"), False, False),
        (BadRequestError("x", status=404), False, False),
        (ConflictError("x", status=409, code="ASM.01010003"), False, False),
        (ServerError("x", status=500), False, True),
        (ServerError("x", status=500, code="APIGW.0201"), False, False),
        (ServerError("x", status=502), False, False),
        (NotFoundError("x", status=404, code="ASM.1", previous_attempts=(ServerError("x", status=502),)), False, True),
        (
            NotFoundError("x", status=404, code="ASM.1", previous_attempts=(RateLimitError("x", status=429),)),
            True,
            True,
        ),
    ],
)
def test_unknown_release_and_workshop_are_recognized(error, release, workshop):
    assert (asm.is_unknown_release(error), asm.is_unknown_workshop(error)) == (release, workshop)
