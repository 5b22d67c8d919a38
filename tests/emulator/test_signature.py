# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of all signature vectors, with the functions and with complete requests."""

from __future__ import annotations

import datetime
import json
import pathlib
import typing as t
import urllib.parse

import pytest
from huaweicloud_emulator import signature

VECTORS = pathlib.Path(__file__).parents[1] / "unit" / "plugins" / "module_utils" / "_http" / "data" / "signing.json"
CASES = [
    case
    for case in json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    if case["algorithm"] == signature.ALGORITHM
]
IDS = [case["name"] for case in CASES]


def _lower(case: dict[str, t.Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in case["headers"].items()}


def test_vectors_exist() -> None:
    assert len(CASES) == 99


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_signature_of_vector(case: dict[str, t.Any]) -> None:
    authorization = signature.parse_authorization(case["expected_authorization"])
    assert authorization is not None
    wire = urllib.parse.urlsplit(case["expected_wire_url"])
    body = (case["body"] or "").encode()
    canonical = signature.build_canonical_request(
        case["method"], wire.path, wire.query, _lower(case), authorization.signed, body
    )
    assert canonical == case["expected_canonical_request"]
    assert signature.sign(case["sk"], case["date"], canonical) == authorization.signature


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_vector_is_accepted_from_the_request_line(make: t.Any, case: dict[str, t.Any]) -> None:
    """After the verification, the request fails because of an unknown route or another project."""
    key = {"access_key": case["ak"], "secret_key": case["sk"], "security_token": case["security_token"]}
    emulator = make(seed={"keys": [key]}, clock_skew=0)
    date = datetime.datetime.strptime(case["date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    emulator.state.clock.advance(date.timestamp() - emulator.state.clock.now())
    wire = urllib.parse.urlsplit(case["expected_wire_url"])
    headers = dict(case["headers"], Authorization=case["expected_authorization"])
    # Add an operation for each path, because the test is about authentication only.
    operation = emulator.state.openapi.by_id["KeystoneListAuthProjects"]
    emulator.state.openapi.match = lambda method, path: (operation, {})
    response = emulator.raw(
        case["method"].upper(),
        wire.path + (f"?{wire.query}" if wire.query else ""),
        headers,
        (case["body"] or "").encode(),
    )
    assert response.status == 200, response.body
    assert [project["id"] for project in response.json["projects"]] == [emulator.project]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 Access=A, SignedHeaders=host",
        "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=xyz",
        "Basic QTpC",
    ],
)
def test_other_headers_are_not_parsed(header: str) -> None:
    assert signature.parse_authorization(header) is None


def test_body_hash_ignores_declared_hash() -> None:
    declared = {"x-sdk-content-sha256": "0" * 64}
    assert signature.hash_body(declared, b"x") == signature.hash_body({}, b"x") != "0" * 64
    assert signature.hash_body({"x-sdk-content-sha256": "UNSIGNED-PAYLOAD"}, b"x") == "UNSIGNED-PAYLOAD"
