# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    ServerError,
    ServiceError,
)

BASE = "https://modelarts.example.com/v1/p-1/workspaces"
LIST = f"GET {BASE}?limit=1000&offset={{}}&order=asc&sort_by=name"
TARGET = "The request was sent for project p-1 to https://modelarts.example.com."
BODY = {"name": "team-a", "description": ""}
QUOTAS = {"quotas": [{"resource": "r", "quota": 5}]}


def entry(number):
    return {"id": f"id-{number}", "name": f"ws-{number}"}


def page(total, *numbers):
    return 200, {"total_count": total, "count": len(numbers), "workspaces": [entry(number) for number in numbers]}


# Name -> function, arguments, the only request, its body, the response, the action in messages, and the permission.
OPERATIONS = {
    "list": (
        modelarts.list_workspaces,
        (),
        LIST.format(0),
        None,
        {"total_count": 0, "workspaces": []},
        "list the workspaces",
        "modelarts:workspace:list",
    ),
    "show": (
        modelarts.get_workspace,
        ("id-1", "team-a"),
        f"GET {BASE}/id-1",
        None,
        {"id": "id-1", "name": "team-a"},
        "read workspace 'team-a'",
        "modelarts:workspace:get",
    ),
    "create": (
        modelarts.create_workspace,
        (BODY,),
        f"POST {BASE}",
        BODY,
        {"id": "id-1"},
        "create workspace 'team-a'",
        "modelarts:workspace:create",
    ),
    "update": (
        modelarts.update_workspace,
        ("id-1", "team-a", BODY),
        f"PUT {BASE}/id-1",
        BODY,
        {"workspace_id": "id-1"},
        "update workspace 'team-a'",
        "modelarts:workspace:update",
    ),
    "delete": (
        modelarts.delete_workspace,
        ("id-1", "team-a"),
        f"DELETE {BASE}/id-1",
        None,
        {"workspace_id": "id-1"},
        "delete workspace 'team-a'",
        "modelarts:workspace:delete",
    ),
    "list quotas": (
        modelarts.list_quotas,
        ("id-1", "team-a"),
        f"GET {BASE}/id-1/quotas",
        None,
        QUOTAS,
        "read the quotas of workspace 'team-a'",
        "modelarts:workspace:getQuotas",
    ),
    "update quotas": (
        modelarts.update_quotas,
        ("id-1", "team-a", QUOTAS),
        f"PUT {BASE}/id-1/quotas",
        QUOTAS,
        QUOTAS,
        "update the quotas of workspace 'team-a'",
        "modelarts:workspace:updateQuotas",
    ),
}
RESULTS = {"list": [], "show": {"id": "id-1", "name": "team-a"}, "list quotas": QUOTAS["quotas"]}


@pytest.mark.parametrize("credentials", ["aksk", "token"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_sends_one_documented_request(make_client, name, credentials):
    function, args, request, body, answer, *dummy = OPERATIONS[name]
    fixture = make_client([(200, answer, {"X-Request-Id": "r-9"})], credentials=credentials)
    result = function(fixture.client, *args)
    assert fixture.sent == [request]
    assert fixture.body() == body
    headers = fixture.calls[0].headers
    assert headers["X-Project-Id"] == "p-1"
    assert headers.get("Content-Type") == (None if request.startswith("GET") else "application/json")
    assert ("X-Auth-Token" in headers, "Authorization" in headers) == (credentials == "token", credentials == "aksk")
    assert result == RESULTS[name] if name in RESULTS else result.request_id == "r-9"


@pytest.mark.parametrize("name", OPERATIONS)
def test_forbidden_error_has_the_missing_action(make_client, name):
    function, args, *dummy, action, permission = OPERATIONS[name]
    fixture = make_client([(403, {"error_code": "ModelArts.0112", "error_msg": "Policy doesn't allow it."})])
    with pytest.raises(ForbiddenError) as caught:
        function(fixture.client, *args)
    assert str(caught.value) == (
        f"Failed to {action}: Policy doesn't allow it (HTTP 403, ModelArts.0112). Grant the identity the IAM action {permission}. {TARGET}"
    )


@pytest.mark.parametrize("name", ["show", "create", "list quotas"])
@pytest.mark.parametrize("answer", ["", "<html>", "{}", "[]", "null"])
def test_required_fields_of_responses_are_checked(make_client, name, answer):
    function, args, *dummy = OPERATIONS[name]
    with pytest.raises(ProtocolError, match="^Failed to "):
        function(make_client([(200, answer)]).client, *args)


def test_create_requires_only_the_id(make_client):
    assert modelarts.create_workspace(make_client([(200, {"id": 7})]).client, BODY).data == {"id": 7}


@pytest.mark.parametrize("name", ["create", "delete", "update"])
def test_project_is_looked_up_first(make_client, name):
    function, args, request, *dummy = OPERATIONS[name]
    found = {"projects": [{"id": "p-1", "name": "eu-de"}]}
    fixture = make_client([(200, found), (200, {"id": "id-1"})], project_id=None)
    function(fixture.client, *args)
    assert fixture.sent == ["GET https://iam.example.com/v3/projects?name=eu-de", request]
    assert fixture.calls[1].headers["X-Project-Id"] == "p-1"


# -- the list and its pages -------------------------------------------------------------------------------------------


def list_ids(workspaces):
    return [workspace["id"] for workspace in workspaces]


def list_offsets(fixture):
    return [int(dict(parse_qsl(urlsplit(call.url).query))["offset"]) for call in fixture.calls]


class PagedList:
    """A list of ``total`` workspaces with pages of at most ``cap`` entries; ``offset`` counts records or pages."""

    def __init__(self, total, cap=1000, by_page=False):
        self.total, self.cap, self.by_page = total, cap, by_page

    def __call__(self, call):
        query = dict(parse_qsl(urlsplit(call.url).query))
        size = min(self.cap, int(query["limit"]))
        start = int(query["offset"]) * (size if self.by_page else 1)
        return page(self.total, *range(start, min(self.total, start + size)))


@pytest.mark.parametrize(
    "pages, asked",
    [
        (PagedList(0), [0]),
        (PagedList(1), [0]),
        (PagedList(1000), [0]),
        (PagedList(1001), [0, 1000]),
        (PagedList(2500), [0, 1000, 2000]),
        # The service returns smaller pages than requested.
        (PagedList(7, cap=3), [0, 3, 6]),
        # The offset counts pages, so counting records finds no more workspaces.
        (PagedList(1001, by_page=True), [0, 1000, 1]),
        (PagedList(2500, by_page=True), [0, 1000, 1, 2]),
        (PagedList(7, cap=3, by_page=True), [0, 3, 1, 2]),
        # Counting records returns some of the pages, which contain nothing new the second time.
        (PagedList(30, cap=3, by_page=True), [0, 3, 6, 9, 12, 1, 2, 3, 4, 5, 6, 7, 8]),
    ],
    ids=lambda value: f"{value.total}-{value.cap}-{value.by_page}" if isinstance(value, PagedList) else None,
)
def test_each_workspace_is_listed_once(make_client, pages, asked):
    fixture = make_client([pages] * len(asked))
    assert sorted(list_ids(modelarts.list_workspaces(fixture.client))) == sorted(
        f"id-{number}" for number in range(pages.total)
    )
    assert list_offsets(fixture) == asked
    assert fixture.sent == [LIST.format(offset) for offset in asked]


def test_overlapping_pages_do_not_count_twice(make_client):
    fixture = make_client([page(4, 0, 1), page(4, 1, 2), page(4, 2, 3)])
    assert list_ids(modelarts.list_workspaces(fixture.client)) == ["id-0", "id-1", "id-2", "id-3"]
    assert list_offsets(fixture) == [0, 2, 4]


def test_incomplete_list_is_an_error(make_client):
    fixture = make_client([page(5, 0, 1), page(5, 1), page(5, 0, 1), page(5, 1)])
    with pytest.raises(ProtocolError) as caught:
        modelarts.list_workspaces(fixture.client)
    assert str(caught.value) == (
        "Failed to list the workspaces: the service announced 5 workspaces and returned 2. "
        "The module ignored the list. Another client may be changing it, so run the task again."
    )
    assert caught.value.method == "GET"
    assert list_offsets(fixture) == [0, 2, 1, 2]


def test_list_that_grows_with_each_page_is_an_error(make_client):
    fixture = make_client([page(3 + number, number) for number in range(5)])
    with pytest.raises(ProtocolError) as caught:
        modelarts.list_workspaces(fixture.client)
    assert str(caught.value) == (
        "Failed to list the workspaces: the service announced 3 workspaces at first, and 7 after 5 pages. "
        "The module ignored the list. Another client may be changing it, so run the task again."
    )
    assert caught.value.method == "GET"


def test_workspace_created_meanwhile_is_listed(make_client):
    fixture = make_client([page(2, 1), page(3, 2), page(3, 3)])
    assert [found["id"] for found in modelarts.list_workspaces(fixture.client)] == ["id-1", "id-2", "id-3"]


@pytest.mark.parametrize("workspaces", [[], None])
def test_empty_page_with_larger_total_is_an_error(make_client, workspaces):
    empty = (200, {"total_count": 3, "workspaces": workspaces})
    fixture = make_client([empty, empty])
    with pytest.raises(ProtocolError, match="announced 3 workspaces and returned 0"):
        modelarts.list_workspaces(fixture.client)
    assert list_offsets(fixture) == [0, 1]


def test_empty_list_may_be_null(make_client):
    assert modelarts.list_workspaces(make_client([(200, {"total_count": 0, "workspaces": None})]).client) == []


def test_lower_total_is_accepted(make_client):
    fixture = make_client([page(3, 0, 1), page(2, 1)])
    assert list_ids(modelarts.list_workspaces(fixture.client)) == ["id-0", "id-1"]


def test_number_and_text_are_the_same_id(make_client):
    answer = {"total_count": 1, "workspaces": [{"id": 0, "name": "default"}, {"id": "0", "name": "default"}]}
    assert list_ids(modelarts.list_workspaces(make_client([(200, answer)]).client)) == ["0"]


@pytest.mark.parametrize("status_info, kept", [("", {}), (None, {}), ("full", {"status_info": "full"})])
def test_only_used_fields_are_kept(make_client, status_info, kept):
    found = {"id": "id-1", "name": "team-a", "grants": [], "owner": None, "create_time": 1}
    more = {"status_info": status_info, "quotas": "of another kind", "tags": ["a"]}
    client = make_client(
        [(200, {"total_count": 1, "workspaces": [{**found, **more}]}), (200, {**found, **more})]
    ).client
    assert modelarts.list_workspaces(client) == [{**found, **kept}]
    assert modelarts.get_workspace(client, "id-1", "team-a") == {**found, **kept}


@pytest.mark.parametrize(
    "name, query", [("team a", "&name=team%20a"), ("\u56e2", "&name=%E5%9B%A2"), ("", ""), (None, "")]
)
def test_name_filters_the_list(make_client, name, query):
    fixture = make_client([page(2, 0), page(2, 1)])
    modelarts.list_workspaces(fixture.client, name)
    assert fixture.sent == [f"GET {BASE}?limit=1000{query}&offset={offset}&order=asc&sort_by=name" for offset in (0, 1)]


@pytest.mark.parametrize(
    "answer",
    [
        (200, ""),
        (200, "null"),
        (200, "<html>"),
        (200, '{"total_count": 2, "workspaces": [{"id"'),
        (200, []),
        (200, {"workspaces": []}),
        (200, {"total_count": 0}),
        (200, {"total_count": 1, "workspaces": [None]}),
        (200, {"total_count": 1, "workspaces": [{"name": "x"}]}),
        (302, ""),
        (401, {"error_code": "APIGW.0301"}),
        (403, "Forbidden"),
        (404, {"error_code": "APIGW.0101"}),
        (404, ""),
        (400, {"error_code": "ModelArts.7002", "error_msg": "not a gray user"}),
    ],
)
@pytest.mark.parametrize("second", [False, True], ids=["first page", "second page"])
def test_failed_page_is_an_error(make_client, answer, second):
    fixture = make_client([page(3, 0, 1), answer] if second else [answer])
    with pytest.raises(ServiceError, match="^Failed to list the workspaces: "):
        modelarts.list_workspaces(fixture.client)


def test_account_without_workspaces_is_reported(make_client):
    with pytest.raises(BadRequestError) as caught:
        modelarts.list_workspaces(
            make_client([(400, {"error_code": "ModelArts.7002", "error_msg": "not a gray user"})]).client
        )
    assert caught.value.hint == f"Workspaces are not enabled for this account: ask the vendor to enable them. {TARGET}"


# -- what is deleted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error, absent",
    [
        (NotFoundError("x", status=404, code="ModelArts.7005"), True),
        (BadRequestError("x", status=400, code="ModelArts.7005", service_message="workspace:x not existed"), True),
        (BadRequestError("x", status=400, code="ModelArts.0102"), True),
        (BadRequestError("x", status=400, code="ModelArts.0104", service_message="workspace: x not exist."), True),
        (BadRequestError("x", status=400, code="ModelArts.0104", service_message="Invalid parameter."), False),
        (BadRequestError("x", status=400, code="ModelArts.0104"), False),
        (BadRequestError("x", status=400, code="ModelArts.7004"), False),
        (BadRequestError("x", status=400, service_message="workspace:x not existed"), False),
        (BadRequestError("x", status=404), False),
        (BadRequestError("x", status=404, code="APIGW.0101", service_message="The API does not exist"), False),
        (BadRequestError("x", status=409, code="ModelArts.7005"), False),
        (ForbiddenError("x", status=403, code="ModelArts.7005"), False),
        (AuthError("x", status=401, code="ModelArts.0102"), False),
        (ServerError("x", status=500, code="ModelArts.7005"), False),
        (ProtocolError("x", status=200), False),
    ],
)
def test_unknown_workspace_is_recognized(error, absent):
    assert modelarts.is_unknown_workspace(error) is absent


@pytest.mark.parametrize("status", [400, 404])
def test_missing_workspace_is_recognized_in_a_response(make_client, status):
    fixture = make_client([(status, {"error_code": "ModelArts.7005", "error_msg": "workspace:id-1 not existed"})])
    with pytest.raises(ServiceError) as caught:
        modelarts.get_workspace(fixture.client, "id-1", "team-a")
    assert modelarts.is_unknown_workspace(caught.value) is True
    assert (
        caught.value.message
        == f"Failed to read workspace 'team-a': workspace:id-1 not existed (HTTP {status}, ModelArts.7005)"
    )
