# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import CheckModeError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import (
    DEPLOYMENT,
    DESTINATION_RULE,
    LEASE,
    POD,
    REPLICA_SET,
    SERVICE,
    VIRTUAL_SERVICE,
    Cluster,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from fake_clock import FakeClock
from fake_cluster import FakeCluster, make_reply
from istio_objects import make_pod, make_rule, make_service, make_virtual_service

SHOP = "/apis/networking.istio.io/v1/namespaces/shop/virtualservices"
UNREACHABLE = ClusterError("No complete response.", "unreachable")
NOT_SENT = ClusterError("No complete response.", "unreachable", request_sent=False)


def status(code, reason=None, message="refused", **details):
    return make_reply(
        code, {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "details": details}
    )


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def connect(clock):
    return lambda api, check_mode=False: Cluster(ClusterSettings(), check_mode, transport=api, clock=clock)


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (SERVICE, "/api/v1/namespaces/shop/services"),
        (POD, "/api/v1/namespaces/shop/pods"),
        (DEPLOYMENT, "/apis/apps/v1/namespaces/shop/deployments"),
        (REPLICA_SET, "/apis/apps/v1/namespaces/shop/replicasets"),
        (LEASE, "/apis/coordination.k8s.io/v1/namespaces/shop/leases"),
    ],
)
def test_list_reads_the_path_of_the_kind(connect, resource, path):
    api = FakeCluster()
    assert connect(api).list(resource, "shop") == []
    assert api.sent == [f"GET {path}"]


@pytest.mark.parametrize(
    ("served", "used"), [(("v1", "v1beta1"), "v1"), (("v1beta1",), "v1beta1"), (("v1alpha3", "v1beta1"), "v1beta1")]
)
def test_istio_version_is_discovered_once(connect, served, used):
    api = FakeCluster(istio_versions=served)
    cluster = connect(api)
    cluster.list(VIRTUAL_SERVICE)
    cluster.list(DESTINATION_RULE, "shop")
    assert api.sent == [
        "GET /apis/networking.istio.io",
        f"GET /apis/networking.istio.io/{used}/virtualservices",
        f"GET /apis/networking.istio.io/{used}/namespaces/shop/destinationrules",
    ]
    assert cluster.api_version(VIRTUAL_SERVICE) == f"networking.istio.io/{used}"


def test_unknown_istio_versions_are_an_error(connect):
    with pytest.raises(ClusterError) as failure:
        connect(FakeCluster(istio_versions=("v2",))).list(VIRTUAL_SERVICE)
    assert failure.value.kind == "not_found"
    assert "only v2. This collection supports v1, v1beta1" in str(failure.value)


def test_cluster_without_istio_is_an_error(connect):
    api = FakeCluster()
    api.responses = [status(404, "NotFound", "the server could not find the requested resource")]
    with pytest.raises(ClusterError) as failure:
        connect(api).list(VIRTUAL_SERVICE)
    assert failure.value.kind == "not_found"


def test_list_reads_all_pages_and_adds_the_kind(connect):
    api = FakeCluster(*(make_pod(f"p{number}", "v1") for number in range(5)))
    api.page_size = 2
    found = connect(api).list(POD, "shop", "app=reviews,version=v1")
    assert [pod["metadata"]["name"] for pod in found] == ["p0", "p1", "p2", "p3", "p4"]
    assert {(pod["apiVersion"], pod["kind"]) for pod in found} == {("v1", "Pod")}
    assert [request.query for request in api.requests] == [
        {"limit": "500", "labelSelector": "app=reviews,version=v1"},
        {"limit": "500", "labelSelector": "app=reviews,version=v1", "continue": "2"},
        {"limit": "500", "labelSelector": "app=reviews,version=v1", "continue": "4"},
    ]


def test_expired_list_starts_again(connect):
    api = FakeCluster(*(make_pod(f"p{number}", "v1") for number in range(3)))
    api.page_size = 2
    api.responses = [api.respond, status(410, "Expired")]
    pages = connect(api).list(POD, "shop")
    assert len(pages) == 3
    assert [request.query.get("continue") for request in api.requests] == [None, "2", None, "2"]


def test_list_that_always_expires_is_an_error(connect):
    api = FakeCluster()
    api.responses = [status(410, "Expired")] * 3
    with pytest.raises(ClusterError) as failure:
        connect(api).list(POD, "shop")
    assert (failure.value.kind, len(api.requests)) == ("expired", 3)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "PodList", "apiVersion": "v1", "metadata": {}},
        {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": None},
        {"kind": "ServiceList", "apiVersion": "v1", "metadata": {}, "items": []},
        {"items": []},
        [],
        b"<html></html>",
        b"",
    ],
)
def test_incomplete_list_is_an_error(connect, body):
    api = FakeCluster()
    api.responses = [make_reply(200, body)]
    with pytest.raises(ClusterError) as failure:
        connect(api).list(POD, "shop")
    assert failure.value.kind == "protocol"


def test_list_that_repeats_a_page_is_an_error(connect):
    api = FakeCluster()
    page = {"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": "x"}, "items": []}
    api.responses = [make_reply(200, page)] * 2
    with pytest.raises(ClusterError, match="the list does not end"):
        connect(api).list(POD, "shop")


def test_get_returns_an_object_and_none(connect):
    api = FakeCluster(make_service())
    assert connect(api).get(SERVICE, "shop", "reviews") == api.find("Service", "shop", "reviews")
    assert connect(api).get(SERVICE, "shop", "ratings") is None


@pytest.mark.parametrize(
    "reply",
    [
        status(404, "NotFound", "the server could not find the requested resource"),
        status(404, "NotFound", name="other", kind="services"),
        status(404, None, name="reviews"),
        make_reply(404, b"<html>not found</html>"),
        make_reply(404, {"message": "no such route"}),
    ],
)
def test_404_that_does_not_name_the_object_is_an_error(connect, reply):
    api = FakeCluster()
    api.responses = [reply]
    with pytest.raises(ClusterError):
        connect(api).get(SERVICE, "shop", "reviews")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(400, "BadRequest"), "bad_request"),
        (status(401, "Unauthorized"), "unauthorized"),
        (status(403, "Forbidden"), "forbidden"),
        (status(409, "Conflict"), "conflict"),
        (status(422, "Invalid", name="x"), "invalid"),
        (status(418, None), "protocol"),
        (make_reply(302, b"", location="https://elsewhere"), "protocol"),
        (make_reply(401, b"<html></html>"), "unauthorized"),
        (make_reply(409, b"<html></html>"), "protocol"),
    ],
)
def test_failed_read_has_a_kind_and_is_not_repeated(connect, reply, kind):
    api = FakeCluster()
    api.responses = [reply]
    with pytest.raises(ClusterError) as failure:
        connect(api).get(SERVICE, "shop", "reviews")
    assert (failure.value.kind, len(api.requests)) == (kind, 1)


def test_error_has_the_facts_of_the_response(connect):
    api = FakeCluster()
    api.responses = [status(403, "Forbidden", 'pods is forbidden: User "x" cannot list resource "pods"')]
    with pytest.raises(ClusterError) as failure:
        connect(api).list(POD, "shop")
    assert failure.value.facts() == {
        "kind": "forbidden",
        "status": 403,
        "code": "Forbidden",
        "message": 'pods is forbidden: User "x" cannot list resource "pods"',
        "request_id": None,
        "method": "GET",
        "path": "/api/v1/namespaces/shop/pods",
        "attempts": 1,
        "hint": "Grant the identity this permission with a Role or ClusterRole",
    }
    assert str(failure.value) == (
        'GET /api/v1/namespaces/shop/pods failed: pods is forbidden: User "x" cannot list resource "pods" (HTTP 403, Forbidden).'
        " Grant the identity this permission with a Role or ClusterRole"
    )


@pytest.mark.parametrize("failure", [UNREACHABLE, NOT_SENT, status(503, "ServiceUnavailable"), make_reply(502, b"x")])
def test_read_is_repeated_after_a_temporary_failure(connect, clock, failure):
    api = FakeCluster(make_service())
    api.responses = [failure, failure]
    assert connect(api).get(SERVICE, "shop", "reviews") is not None
    assert (len(api.requests), clock.sleeps) == (3, [0.5, 2.0])


def test_read_waits_as_long_as_the_server_asks(connect, clock):
    api = FakeCluster(make_service())
    api.responses = [make_reply(429, b"slow down", **{"retry-after": "7"})]
    connect(api).get(SERVICE, "shop", "reviews")
    assert clock.sleeps == [7.0]


@pytest.mark.parametrize(
    ("replies", "requests"), [([UNREACHABLE] * 3, 3), ([make_reply(429, b"", **{"retry-after": "60"})], 1)]
)
def test_read_gives_up(connect, replies, requests):
    api = FakeCluster()
    api.responses = list(replies)
    with pytest.raises(ClusterError) as failure:
        connect(api).get(SERVICE, "shop", "reviews")
    assert len(api.requests) == failure.value.attempts == requests


def test_writes_are_sent_with_the_field_manager(connect):
    api = FakeCluster(make_virtual_service())
    cluster = connect(api)
    found = cluster.get(VIRTUAL_SERVICE, "shop", "reviews")
    created = cluster.create(DESTINATION_RULE, "shop", {key: make_rule()[key] for key in ("metadata", "spec")})
    patch = [{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]
    patched = cluster.json_patch(VIRTUAL_SERVICE, "shop", "reviews", patch)
    replaced = cluster.replace(VIRTUAL_SERVICE, "shop", "reviews", patched)
    cluster.delete(VIRTUAL_SERVICE, "shop", "reviews", replaced["metadata"]["resourceVersion"])
    assert [(str(write), write.query, write.content_type) for write in api.writes] == [
        (
            f"POST {SHOP.replace('virtualservices', 'destinationrules')}",
            {"fieldManager": "community.huaweicloud"},
            "application/json",
        ),
        (f"PATCH {SHOP}/reviews", {"fieldManager": "community.huaweicloud"}, "application/json-patch+json"),
        (f"PUT {SHOP}/reviews", {"fieldManager": "community.huaweicloud"}, "application/json"),
        (f"DELETE {SHOP}/reviews", {}, "application/json"),
    ]
    assert [write.body for write in api.writes[1:]] == [
        patch,
        patched,
        {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"resourceVersion": replaced["metadata"]["resourceVersion"]},
        },
    ]
    assert (created["apiVersion"], created["kind"]) == ("networking.istio.io/v1", "DestinationRule")
    assert patched["metadata"]["labels"] == {"a": "b"}
    assert found is not None
    assert cluster.get(VIRTUAL_SERVICE, "shop", "reviews") is None


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(409, "Conflict", name="reviews"), "conflict"),
        (status(422, "Invalid", "the server rejected our request due to an error in our request"), "conflict"),
        (status(422, "Invalid", name="reviews", causes=[{"field": "spec.http"}]), "invalid"),
        (status(400, "BadRequest", "admission webhook denied the request"), "bad_request"),
    ],
)
def test_failed_test_operation_is_a_conflict(connect, reply, kind):
    api = FakeCluster(make_virtual_service())
    cluster = connect(api)
    cluster.api_version(VIRTUAL_SERVICE)
    api.responses = [reply]
    with pytest.raises(ClusterError) as failure:
        cluster.json_patch(VIRTUAL_SERVICE, "shop", "reviews", [])
    assert (failure.value.kind, failure.value.outcome_unknown) == (kind, False)


@pytest.mark.parametrize(
    ("failure", "unknown"),
    [
        (UNREACHABLE, True),
        (NOT_SENT, False),
        (status(500, "InternalError"), True),
        (make_reply(200, b"x"), True),
        (status(429, "TooManyRequests"), False),
    ],
)
def test_failed_write_is_not_repeated_and_says_if_it_may_be_applied(connect, failure, unknown):
    api = FakeCluster()
    api.responses = [failure]
    with pytest.raises(ClusterError) as raised:
        connect(api).create(LEASE, "shop", {"metadata": {"name": "x"}})
    assert len(api.requests) == 1
    assert raised.value.outcome_unknown is unknown
    assert ("may have been applied" in str(raised.value)) is unknown


def test_check_mode_sends_no_write(connect):
    api = FakeCluster(make_virtual_service())
    cluster = connect(api, check_mode=True)
    for write in (
        lambda: cluster.create(LEASE, "shop", {}),
        lambda: cluster.json_patch(LEASE, "shop", "x", []),
        lambda: cluster.replace(LEASE, "shop", "x", {}),
        lambda: cluster.delete(LEASE, "shop", "x", "1"),
    ):
        with pytest.raises(CheckModeError):
            write()
    assert api.requests == []


def test_server_time_is_that_of_the_last_response(connect):
    api = FakeCluster(make_service())
    cluster = connect(api)
    assert cluster.server_time is None
    cluster.get(SERVICE, "shop", "reviews")
    assert cluster.server_time.isoformat() == "2026-01-02T03:04:05+00:00"
    body = api.find("Service", "shop", "reviews")
    api.responses = [
        make_reply(200, body, date="nonsense"),
        make_reply(200, body, date="Fri, 02 Jan 2026 03:05:00 GMT"),
    ]
    cluster.get(SERVICE, "shop", "reviews")
    assert cluster.server_time.isoformat() == "2026-01-02T03:04:05+00:00"
    cluster.get(SERVICE, "shop", "reviews")
    assert cluster.server_time.isoformat() == "2026-01-02T03:05:00+00:00"


def test_names_are_quoted_in_paths(connect):
    api = FakeCluster()
    api.responses = [status(404, "NotFound", name="a/b")]
    connect(api).get(SERVICE, "shop", "a/b")
    assert api.sent == ["GET /api/v1/namespaces/shop/services/a%2Fb"]


def test_cluster_knows_its_host(connect):
    assert connect(FakeCluster()).host == "https://cluster.example.com"
