# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError, ProtocolError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.raw import ARGUMENTS, parse_request, run
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Session
from simulated_cloud import CONNECTION, NOW

DEFAULTS = {name: option.get("default") for name, option in ARGUMENTS.argument_spec.items()}


def params(**given):
    return {**DEFAULTS, "service": "modelarts", "path": "v1/{project_id}/workspaces", **given}


def asked(cloud, *, check_mode=False, **given):
    options = params(**given)
    session = Session(Client(CONNECTION, cloud, ProjectIdentity(CONNECTION), now=lambda: NOW), check_mode=check_mode)
    return run(session, options, parse_request(options))


def test_project_takes_its_place(cloud):
    result = asked(cloud, query={"name": "a b", "limit": [1, 2], "filter_accessible": True})
    assert cloud.request_log == ["GET /v1/p-1/workspaces?filter_accessible=true&limit=1&limit=2&name=a%20b"]
    assert (result["changed"], result["request_sent"], result["status"], result["error"], result["auth_method"]) == (
        False,
        True,
        200,
        None,
        "token",
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_check_mode_sends_no_write(cloud, method):
    assert asked(cloud, check_mode=True, method=method)["request_sent"] is False
    assert cloud.request_log == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"path": "v1/workspaces?limit=1"}, "path contains a query or a fragment."),
        ({"path": "v1/workspaces#top"}, "path contains a query or a fragment."),
        ({"path": "v1//workspaces"}, "path contains an empty segment, or a segment such as '..'."),
        ({"path": "v1/../v3/auth/tokens"}, "path contains an empty segment, or a segment such as '..'."),
        ({"path": ""}, "path contains an empty segment, or a segment such as '..'."),
        ({"query": {"name": {"like": "a"}}}, "query.name must be a string, a number, a boolean or a list of these."),
        ({"query": {"name": None}}, "query.name must be a string, a number, a boolean or a list of these."),
        ({"query": {"name": [["a"]]}}, "query.name must be a string, a number, a boolean or a list of these."),
        ({"body": "{"}, "body is a string that is not valid JSON."),
        ({"body": 3}, "body is neither a mapping nor a list."),
        ({"body": "[" * 100_000}, "body is a string that is not valid JSON."),
        ({"body": '{"a": NaN}'}, "body contains a value that JSON cannot represent."),
        ({"body": '{"a": [1e999]}'}, "body contains a value that JSON cannot represent."),
        ({"body": {"a": float("-inf")}}, "body contains a value that JSON cannot represent."),
    ],
)
def test_invalid_requests(given, message):
    with pytest.raises(OptionError) as caught:
        parse_request(params(**given))
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("given", "body"), [(None, None), ("", None), ({}, {}), ([1], [1]), ('{"a": 1}', {"a": 1}), ("[]", [])]
)
def test_bodies(given, body):
    assert parse_request(params(body=given)).body == body


def test_path_cannot_leave_the_endpoint(cloud):
    """A quoted slash does not split a part of the path."""
    asked(cloud, path="v1/{project_id}/workspaces/a%2F..%2Fb", fail_on_error=False)
    assert cloud.request_log == ["GET /v1/p-1/workspaces/a%252F..%252Fb"]


@pytest.mark.parametrize(
    ("body", "code"), [(b"<html>Log in</html>", None), ({"error_code": "X.1", "error_msg": "refused"}, "X.1")]
)
@pytest.mark.parametrize("fails", [True, False])
def test_foreign_response_is_not_a_change(cloud, body, code, fails):
    cloud.respond("PUT /v1/p-1/workspaces", 200, body)
    if fails:
        with pytest.raises(ProtocolError):
            asked(cloud, method="PUT", body={})
        return
    result = asked(cloud, method="PUT", body={}, fail_on_error=False)
    assert (result["changed"], result["status"], result["error"]["code"]) == (False, 200, code)


@pytest.mark.parametrize(
    ("method", "status", "body", "is_open"),
    [
        ("POST", 502, None, True),
        ("POST", 200, b"<html>Log in</html>", True),
        ("DELETE", 500, None, True),
        ("POST", 400, {"error_code": "X.1"}, False),
        ("POST", 429, {"error_code": "X.1"}, False),
        ("GET", 500, None, False),
    ],
)
def test_error_reports_whether_the_outcome_is_unknown(cloud, method, status, body, is_open):
    cloud.respond(method, status, body, times=9)
    refusal = asked(cloud, method=method, fail_on_error=False)["error"]
    assert refusal["outcome_unknown"] is is_open
    assert (
        str(refusal["hint"]).startswith(
            "The outcome is unknown: check the actual state before you send the request again."
        )
        is is_open
    )


def test_content_type_shows_no_secret(cloud):
    cloud.respond("GET", 200, {}, content_type="text/x; CANARY-given-token")
    assert asked(cloud)["content_type"] == "text/x; ********"


@pytest.mark.parametrize(
    ("body", "content_type", "data"),
    [
        ({"a": [1, None]}, "application/json", {"a": [1, None]}),
        ({"a": 1}, "text/plain", {"a": 1}),
        ([1], None, [1]),
        (b' {"a": 1}', "application/octet-stream", {"a": 1}),
        (b"3", "application/problem+JSON; charset=utf-8", 3),
        (b"null", "application/json", None),
        (b"3", "text/plain", None),
        (b"", "application/json", None),
        (b"{", "application/json", None),
        (b"[1] and more", "text/plain", None),
        (b'{"a": NaN}', "application/json", None),
        (b'{"a": 1e999}', "application/json", None),
        (b'{"a": "\\ud800"}', "application/json", None),
        (b'{"a": "\xff"}', "application/json", {"a": "\ufffd"}),
        (b"1" * 5000, "application/json", None),
        (b"[" * 100 + b"]" * 100, "application/json", "deepest"),
        (b"[" * 101 + b"]" * 101, "application/json", None),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", None),
    ],
)
def test_json_body_is_returned_as_data(cloud, body, content_type, data):
    cloud.respond("GET", 200, body, **({"content_type": content_type} if content_type else {}))
    found = asked(cloud)["json"]
    assert json.dumps(found) == "[" * 100 + "]" * 100 if data == "deepest" else found == data


def test_data_shows_no_secret(cloud):
    cloud.respond("GET", 200, {"token": "CANARY-given-token"}, content_type="application/json")
    assert asked(cloud)["json"] == {"token": "********"}


def test_refusal_has_its_data_too(cloud):
    cloud.respond("GET", 404, {"error_code": "X.1"}, content_type="application/json")
    assert asked(cloud, fail_on_error=False)["json"] == {"error_code": "X.1"}


@pytest.mark.parametrize(
    ("service", "given", "sent"),
    [("iam", None, False), ("iam", True, True), ("modelarts", None, True), ("modelarts", False, False)],
)
def test_project_is_sent_by_default_except_to_iam(service, given, sent):
    calls = []

    def transport(call):
        calls.append(call)
        return HttpResponse(200, {}, b"{}")

    asked(transport, service=service, path="v3/projects", send_project=given)
    assert ("X-Project-Id" in calls[0].headers) is sent


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"path": "v1/a\udcff"}, "path is not valid text in UTF-8"),
        ({"query": {"name": "a\udcff"}}, "query.name is not valid text in UTF-8"),
        ({"query": {"a\udcff": "b"}}, "query.a? is not valid text in UTF-8"),
        ({"body": {"a": ["\udcff"]}}, "body is not valid text in UTF-8"),
    ],
)
def test_text_that_cannot_be_encoded_is_refused_by_name(given, message):
    with pytest.raises(OptionError) as caught:
        parse_request(params(**given))
    assert caught.value.message == message
