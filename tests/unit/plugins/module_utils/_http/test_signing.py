# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import time
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import signing
from ansible_collections.community.huaweicloud.plugins.module_utils._values import host_header

VECTORS_FILE = pathlib.Path(__file__).parent / "data" / "signing.json"
VECTORS = [
    vector
    for vector in json.loads(VECTORS_FILE.read_text("utf-8"))["vectors"]
    if vector["algorithm"] == signing.ALGORITHM
]

# The library signs these headers if a caller requests it; sign() omits them on purpose.
OTHER_HEADERS = {
    "project_lookup_as_the_library_does_it",
    "header_value_is_trimmed",
    "header_value_inner_spaces_kept",
    "header_value_with_unicode",
    "header_name_with_underscore_is_not_signed",
    "header_names_in_lower_case",
    "header_names_sorted_lower_case",
    "header_set_of_a_full_client",
}

WHEN = datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
URL = "https://asm.region-1.example.com/v2/meshes"

# -- signature --------------------------------------------------------------------------------------------------------


def read_body(vector):
    return None if vector["body"] is None else vector["body"].encode("utf-8")


def read_time(vector):
    return datetime.strptime(vector["date"], signing.DATE_FORMAT).replace(tzinfo=timezone.utc)


def test_number_of_vectors():
    assert len(VECTORS) == 99
    assert {vector["name"] for vector in VECTORS} > OTHER_HEADERS


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_with_pure_functions(vector):
    request = signing.canonical_request(vector["method"], vector["url"], vector["headers"], read_body(vector))
    assert request == vector["expected_canonical_request"]
    assert request.splitlines()[-2:] == [vector["signed_headers"], vector["expected_body_hash"]]
    assert signing.string_to_sign(request, vector["date"]) == vector["expected_string_to_sign"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_is_signed(vector):
    added = signing.sign(
        vector["method"],
        vector["url"],
        vector["headers"],
        read_body(vector),
        vector["ak"],
        vector["sk"],
        read_time(vector),
    )
    assert added["X-Sdk-Date"] == vector["date"]
    assert (added["Authorization"] == vector["expected_authorization"]) is (vector["name"] not in OTHER_HEADERS)


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["name"] in OTHER_HEADERS], ids=lambda vector: vector["name"]
)
def test_vector_with_other_headers_is_signed(vector, monkeypatch):
    """sign() computes the same signature if it signs the same headers."""
    monkeypatch.setattr(signing, "SIGNED_NAMES", tuple(vector["signed_headers"].split(";")))
    added = signing.sign(
        vector["method"],
        vector["url"],
        vector["headers"],
        read_body(vector),
        vector["ak"],
        vector["sk"],
        read_time(vector),
    )
    assert added["Authorization"] == vector["expected_authorization"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_of_a_query(vector):
    before, dummy, query = vector["url"].partition("?")
    wire = before + (f"?{signing.canonical_query(query)}" if query else "")
    assert wire == vector["expected_wire_url"]
    assert signing.canonical_query([tuple(pair) for pair in vector["query"]]) == signing.canonical_query(query)


def test_sign_adds_host_and_omits_changeable_headers():
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "a",
        "Accept": "b",
        "Content-Length": "2",
        "Connection": "close",
        "X-Project-Id": "p",
    }
    added = signing.sign("POST", URL, headers, b"{}", "AK", "SK", WHEN)
    assert set(added) == {"X-Sdk-Date", "Authorization"}
    assert "SignedHeaders=content-type;host;x-project-id;x-sdk-date," in added["Authorization"]
    same = signing.sign(
        "POST",
        URL,
        {"Host": "asm.region-1.example.com", "content-type": "application/json", "x-project-id": "p"},
        b"{}",
        "AK",
        "SK",
        WHEN,
    )
    assert added == same


def test_second_signature_ignores_the_first():
    headers = {"X-Project-Id": "p"}
    fresh = signing.sign("GET", URL, headers, None, "AK", "SK", WHEN + timedelta(seconds=7))
    again = signing.sign(
        "GET",
        URL,
        {**headers, **signing.sign("GET", URL, headers, None, "AK", "SK", WHEN)},
        None,
        "AK",
        "SK",
        WHEN + timedelta(seconds=7),
    )
    assert again == fresh
    assert again["X-Sdk-Date"] == "20250102T030412Z"


def test_sign_does_not_change_the_headers():
    headers = {"X-Project-Id": "p"}
    signing.sign("GET", URL, headers, None, "AK", "SK", WHEN)
    assert headers == {"X-Project-Id": "p"}


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"url": URL + "/x"},
        {"url": URL + "?a=1"},
        {"body": b"{ }"},
        {"headers": {"X-Project-Id": "q"}},
        {"secret_key": "SL"},
    ],
)
def test_every_part_changes_the_signature(change):
    call = {
        "method": "POST",
        "url": URL,
        "headers": {"X-Project-Id": "p"},
        "body": b"{}",
        "access_key": "AK",
        "secret_key": "SK",
        "when": WHEN,
    }
    assert signing.sign(**call) != signing.sign(**{**call, **change})


def test_date_is_utc():
    berlin = timezone(timedelta(hours=1))
    assert signing.sign("GET", URL, {}, None, "AK", "SK", WHEN.astimezone(berlin)) == signing.sign(
        "GET", URL, {}, None, "AK", "SK", WHEN
    )


def test_time_without_zone_is_rejected():
    with pytest.raises(ValueError, match="the time of a signature needs a time zone"):
        signing.sign("GET", URL, {}, None, "AK", "SK", WHEN.replace(tzinfo=None))


def test_secret_key_is_not_sent():
    assert "CANARY" not in str(signing.sign("GET", URL, {}, None, "AK", "CANARY-secret-key", WHEN))


def test_empty_path_is_signed_as_slash():
    assert signing.canonical_request("GET", "https://h.example.com", {}, None).split("\n")[1] == "/"


def test_declared_body_hash_is_used_if_not_signed():
    request = signing.canonical_request(
        "PUT", URL, {"x-sdk-content-sha256": "UNSIGNED-PAYLOAD", "host": "h"}, b"body", ["host"]
    )
    assert request.split("\n")[-2:] == ["host", "UNSIGNED-PAYLOAD"]


def test_missing_header_is_not_signed():
    assert signing.canonical_request("GET", URL, {"Host": "h"}, None, ["host", "content-type"]).split("\n")[3:6] == [
        "host:h",
        "",
        "host",
    ]


# -- URLs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base, segments, query, url",
    [
        ("https://h", ["v2", "meshes"], None, "https://h/v2/meshes"),
        ("https://h/", ["v2"], {}, "https://h/v2"),
        ("https://h/prefix", ["v2"], [], "https://h/prefix/v2"),
        ("https://h", [], None, "https://h"),
        (
            "https://h",
            ["a b", "100%", "a/b", "ü", "a+b", "%2E%2E", "..."],
            None,
            "https://h/a%20b/100%25/a%2Fb/%C3%BC/a%2Bb/%252E%252E/...",
        ),
        (
            "https://h",
            ["v"],
            {"offset": 0, "limit": 100, "name": None, "a": "b C", "flag": True},
            "https://h/v?a=b%20C&flag=true&limit=100&offset=0",
        ),
        ("https://h", ["v"], {"name": ""}, "https://h/v?name="),
        ("https://h", ["v"], {"name": None}, "https://h/v"),
        (
            "https://h",
            ["v"],
            [("tag", "z"), ("tag", "a"), ("q", "a&b=c+d~")],
            "https://h/v?q=a%26b%3Dc%2Bd~&tag=a&tag=z",
        ),
    ],
)
def test_canonical_url(base, segments, query, url):
    assert signing.canonical_url(base, segments, query) == url


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_dot_and_empty_segments_are_rejected(segment):
    with pytest.raises(OptionError) as caught:
        signing.canonical_url("https://h", ["v2", "meshes", segment, "workshops"])
    assert str(caught.value) == f"'{segment}' cannot be part of a request path"


def test_requests_sends_the_signed_url():
    requests = pytest.importorskip("requests")
    url = signing.canonical_url(
        "https://h.example.com",
        ["v2", "a b", "100%", "a/b", "ü~!'()*", "..."],
        {"q": "ü &=+/~'()*!", "B": "1", "a": ""},
    )
    assert requests.Request("GET", url).prepare().url == url


@pytest.mark.parametrize(
    "url, host",
    [
        ("https://h.example.com/v2", "h.example.com"),
        ("https://H.Example.com:8443/v2", "h.example.com:8443"),
        ("https://h.example.com:443/v2", "h.example.com"),
        ("http://h.example.com:80", "h.example.com"),
        ("http://h.example.com:443", "h.example.com:443"),
        ("https://h.example.com:80", "h.example.com:80"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_host_header(url, host):
    assert host_header(url) == host


def test_only_trailing_slash_of_an_endpoint_is_removed():
    assert signing.canonical_url("https://asm.example.com/X/", ["v1"]) == "https://asm.example.com/X/v1"


def test_url_without_host_has_no_host_header():
    assert host_header("/v1/things") == ""


def test_signature_is_independent_of_local_time_zone(monkeypatch):
    asked = (
        "GET",
        "https://asm.example.com/v1",
        {},
        None,
        "key",
        "secret",
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    )
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert signing.sign(*asked)["X-Sdk-Date"] == "20260102T030405Z"
    finally:
        monkeypatch.undo()
        time.tzset()
