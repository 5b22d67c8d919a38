# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import hints

PLACE = "The request was sent for project p-1 to https://asm.example.com."
CLOCKS = "The local time is 2026-01-02T03:04:05Z, the server reports Fri, 02 Jan 2026 04:04:05 GMT."
STALE = "The token has expired or belongs to another region or cloud: request a new one there."
ADDRESS = f"The URL does not belong to the service: check region and the endpoint options. {PLACE}"


def hint(error, permission="asm:mesh:createWorkshop"):
    return hints.find_hint(error, permission=permission, target=PLACE, clocks=CLOCKS)


TOKEN_REFUSALS = [
    ("APIGW.0301", "Incorrect IAM authentication information: decrypt token fail"),
    ("APIGW.0301", "Incorrect IAM authentication information: token expires, expires_at: 2026-01-01"),
    ("APIG.0307", "The token must be updated."),
    ("APIGW.0307", None),
    ("IAM.0066", "The token has expired."),
    ("IAM.0067", None),
    ("ModelArts.0202", None),
    ("ModelArts.0203", None),
    ("ModelArts.4127", None),
    (None, "Token is invalid"),
]
OTHER_REFUSALS = [
    ("APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail"),
    ("APIGW.0301", "Incorrect IAM authentication information: x-auth-token not found"),
    ("APIGW.0303", "app authentication failed"),
    ("IAM.0001", "not allowed"),
    ("IAM.0061", "locked"),
    ("ModelArts.0207", None),
    ("ModelArts.0212", None),
    ("ModelArts.4119", None),
    ("ASM.01000001", "Authenticate error."),
    (None, None),
]


@pytest.mark.parametrize("code, said", TOKEN_REFUSALS)
def test_rejected_token_is_recognized(code, said):
    assert hints.is_token_rejected(AuthError("x", code=code, service_message=said)) is True
    assert hints.is_token_rejected(ForbiddenError("x", code=code, service_message=said)) is False
    assert hint(AuthError("x", status=401, code=code, service_message=said)) == STALE


@pytest.mark.parametrize("code, said", OTHER_REFUSALS)
def test_other_auth_error_is_not_a_rejected_token(code, said):
    assert hints.is_token_rejected(AuthError("x", code=code, service_message=said)) is False


@pytest.mark.parametrize(
    "code, said, words",
    [
        (
            "APIGW.0301",
            "AK access failed to reach the limit,forbidden",
            "The access key is locked for five minutes after several failures in a row: correct the secret key, then wait.",
        ),
        (
            "APIGW.0301",
            "calc ak sk signature fail:signature expired",
            f"The clock of this machine is wrong, or the temporary keys have expired. {CLOCKS}",
        ),
        (
            "APIGW.0301",
            "verify aksk signature fail",
            "The secret key does not belong to the access key, or it contains a blank or a line break.",
        ),
        (
            "APIGW.0301",
            "Signature does not match",
            "The secret key does not belong to the access key, or it contains a blank or a line break.",
        ),
        (
            "APIGW.0301",
            "ak ACCESSKEY0001 not exist",
            "The cloud does not know the access key: check it, and that the endpoint belongs to the same cloud.",
        ),
        (
            "APIGW.0301",
            "Get secretKey failed",
            "The cloud does not know the access key: check it, and that the endpoint belongs to the same cloud.",
        ),
        (
            "ModelArts.0207",
            None,
            "The token has no project: request one with the scope of a project (project_id or project_name).",
        ),
        (
            "ModelArts.0212",
            None,
            "The token has no project: request one with the scope of a project (project_id or project_name).",
        ),
        (
            "ModelArts.4119",
            None,
            "The token has no project: request one with the scope of a project (project_id or project_name).",
        ),
        (
            "ModelArts.0206",
            "Invalid AK/SK.",
            "The access key and the secret key do not belong together, or the cloud does not know them: check both, and the endpoint.",
        ),
        (
            None,
            "Could not find project: shop.",
            "Check project_name and project_id, or region if neither is set: the user has no such project in this cloud.",
        ),
        ("IAM.0061", "locked", "Check the credentials, and that they belong to this cloud and region."),
        (None, None, "Check the credentials, and that they belong to this cloud and region."),
    ],
)
def test_hint_for_401(code, said, words):
    assert hint(AuthError("x", status=401, code=code, service_message=said)) == words


def test_braces_in_clocks_stay_unchanged():
    error = AuthError("x", service_message="signature expired")
    assert hints.find_hint(error, permission=None, target=PLACE, clocks="the server says {0}") == (
        "The clock of this machine is wrong, or the temporary keys have expired. the server says {0}"
    )


@pytest.mark.parametrize(
    "code, permission, words",
    [
        (
            "APIGW.0302",
            "asm:mesh:createWorkshop",
            f"Grant the identity the IAM action asm:mesh:createWorkshop. {PLACE}",
        ),
        (None, "modelarts:workspace:list", f"Grant the identity the IAM action modelarts:workspace:list. {PLACE}"),
        (
            None,
            "asm:mesh:list and asm:mesh:get",
            f"Grant the identity the IAM actions asm:mesh:list and asm:mesh:get. {PLACE}",
        ),
        ("IAM.0003", None, PLACE),
        (
            "ModelArts.0210",
            "modelarts:workspace:list",
            f"The credentials are for another project: correct project_id, or use credentials of that project. {PLACE}",
        ),
        ("APIGW.0402", "asm:mesh:createWorkshop", f"The IP address of this request is not allowed. {PLACE}"),
    ],
)
def test_hint_for_403(code, permission, words):
    assert hint(ForbiddenError("x", status=403, code=code), permission) == words


@pytest.mark.parametrize(
    "said, is_other_project",
    [
        ("Forbidden. The project of the request and that of the credentials differ.", True),
        ("project_id does not match the token", True),
        ("Project mismatch", True),
        ("Forbidden.", False),
        ("The user has no permission in this project", False),
        (None, False),
    ],
)
def test_hint_for_another_project(said, is_other_project):
    error = ForbiddenError("x", status=403, code="ASM.01000002", service_message=said)
    assert hint(error).startswith(
        "The credentials are for another project: correct project_id" if is_other_project else "Grant the identity "
    )


@pytest.mark.parametrize(
    "error, words",
    [
        (
            BadRequestError("x", status=400, code="ModelArts.7002"),
            f"Workspaces are not enabled for this account: ask the vendor to enable them. {PLACE}",
        ),
        (BadRequestError("x", status=404, code="APIGW.0101"), ADDRESS),
        (BadRequestError("x", status=404), ADDRESS),
        (BadRequestError("x", status=400, code="APIGW.0105"), ADDRESS),
        (
            NotFoundError("x", status=404, code="ASM.01010002"),
            f"Check the name or ID, and that it belongs to this project. {PLACE}",
        ),
        (BadRequestError("x", status=400, code="ASM.01010001"), None),
        (BadRequestError("x", status=413, code="APIGW.0201"), None),
        (ConflictError("x", status=409), None),
        (RateLimitError("x", status=429), "Run fewer tasks at once, or increase max_retries or retry_max_delay."),
        (
            ServerError("x", status=500),
            "Run the task again. If the error persists, give the request ID to the vendor's support.",
        ),
        (
            ServerError("x", status=502, code="APIGW.0201"),
            "Run the task again. If the error persists, give the request ID to the vendor's support.",
        ),
        (
            ProtocolError("x", status=200),
            "The module ignored the response. Check that the endpoint is the service itself and not a proxy in front of it.",
        ),
        (
            TransportError("x"),
            "Run the task again. If the error persists, check the connection to the service: http or https, proxies, firewalls, timeouts.",
        ),
    ],
)
def test_hint_for_other_errors(error, words):
    assert hint(error) == words


def test_existing_hint_is_kept():
    assert hint(AuthError("x", service_message="verify aksk signature fail", hint="Do that.")) == "Do that."
