# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the signature with a second implementation, which follows only the description of the vendor."""

from __future__ import annotations

import hashlib
import hmac
import string
import typing as t
from datetime import datetime, timedelta, timezone

from ansible_collections.community.huaweicloud.plugins.module_utils._http import signing
from ansible_collections.community.huaweicloud.plugins.module_utils._values import host_header
from hypothesis import strategies as st
from propositions import holds

UNRESERVED = frozenset((string.ascii_letters + string.digits + "-_.~").encode())
SIGNED = (
    "content-type",
    "host",
    "x-domain-id",
    "x-project-id",
    "x-sdk-content-sha256",
    "x-sdk-date",
    "x-security-token",
)
HOSTS = ("asm.eu-de.otc.t-systems.com", "ASM.Example.COM", "127.0.0.1", "[2001:db8::1]")
PORTS = ("", ":80", ":443", ":8080")

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)
# Characters between the blanks around a value.
VALUE = st.builds(
    lambda before, text, after: before * " " + text + after * " ",
    st.integers(0, 2),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12),
    st.integers(0, 2),
)
OTHER_NAMES = st.sampled_from(["User-Agent", "Accept", "Connection", "Content-Length", "X_Under_Score", "X-Request-Id"])
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31)).flatmap(
    lambda moment: st.integers(-14, 14).map(lambda hours: moment.replace(tzinfo=timezone(timedelta(hours=hours))))
)


# -- the reference


def encode(text: str) -> str:
    return "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in text.encode("utf-8"))


def decode(raw: str) -> str:
    found, place = bytearray(), 0
    while place < len(raw):
        if raw[place] == "%":
            found.append(int(raw[place + 1 : place + 3], 16))
            place += 3
        else:
            found += raw[place].encode("utf-8")
            place += 1
    return found.decode("utf-8")


def canonical_path(path: str) -> str:
    parts = "/".join(encode(part) for part in decode(path).split("/"))
    return parts if parts.endswith("/") else parts + "/"


def canonical_query(query: str) -> str:
    pairs = [part.replace("+", " ").partition("=") for part in query.split("&") if part]
    return "&".join(
        f"{encode(name)}={encode(value)}"
        for name, value in sorted((decode(name), decode(value)) for name, dummy, value in pairs)
    )


def build_canonical_request(
    method: str, url: str, headers: t.Mapping[str, str], body: bytes | None, names: t.Iterable[str]
) -> str:
    """Return the canonical request. ``headers`` have lower-case names, ``names`` are those of the signed headers."""
    rest = url.partition("://")[2]
    path, dummy, query = rest.partition("?")
    path = path[path.index("/") :] if "/" in path else ""
    signed = sorted(name for name in names if name in headers)
    content = headers.get("x-sdk-content-sha256", "").strip() or hashlib.sha256(body or b"").hexdigest()
    block = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    return f"{method.upper()}\n{canonical_path(path)}\n{canonical_query(query)}\n{block}\n{';'.join(signed)}\n{content}"


def expected(
    method: str, url: str, headers: t.Mapping[str, str], body: bytes | None, key: tuple[str, str], when: datetime
) -> dict[str, str]:
    date = (when - t.cast(timedelta, when.utcoffset())).strftime("%Y%m%dT%H%M%SZ")
    known = {"host": get_host(url), **{name.lower(): value for name, value in headers.items()}, "x-sdk-date": date}
    request = build_canonical_request(method, url, known, body, SIGNED)
    text = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(request.encode()).hexdigest()}"
    proof = hmac.new(key[1].encode(), text.encode(), hashlib.sha256).hexdigest()
    names = ";".join(sorted(name for name in SIGNED if name in known))
    return {
        "X-Sdk-Date": date,
        "Authorization": f"SDK-HMAC-SHA256 Access={key[0]}, SignedHeaders={names}, Signature={proof}",
    }


def get_host(url: str) -> str:
    scheme, dummy, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].lower()
    return host.removesuffix({"http": ":80", "https": ":443"}[scheme])


# -- strategies


@st.composite
def draw_encoded(draw: st.DrawFn, text: str, plus: bool = False) -> str:
    """Draw an encoding of ``text`` in a URL. Safe characters may be encoded, with digits in any case."""
    found = []
    for character in text:
        bare = character.isascii() and ord(character) in UNRESERVED
        if bare and draw(st.booleans()):
            found.append(character)
        elif plus and character == " " and draw(st.booleans()):
            found.append("+")
        else:
            digits = "%02x" if draw(st.booleans()) else "%02X"
            found.append("".join("%" + digits % byte for byte in character.encode("utf-8")))
    return "".join(found)


@st.composite
def urls(draw: st.DrawFn) -> str:
    base = (
        draw(st.sampled_from(["http", "https"])) + "://" + draw(st.sampled_from(HOSTS)) + draw(st.sampled_from(PORTS))
    )
    path = "".join("/" + draw(draw_encoded(part)) for part in draw(st.lists(TEXT, max_size=4))) + draw(
        st.sampled_from(["", "/"])
    )
    pairs = [
        draw(draw_encoded(name, plus=True))
        + draw(st.sampled_from(["=", "="] if value or not name else ["=", ""]))
        + draw(draw_encoded(value, plus=True))
        for name, value in draw(st.lists(st.tuples(TEXT, TEXT), max_size=4))
    ]
    return base + path + ("?" + "&".join(pairs) if pairs else "")


@st.composite
def header_sets(draw: st.DrawFn) -> dict[str, str]:
    """Draw signed headers with names in any case, and unsigned ones."""
    names = draw(
        st.lists(st.one_of(st.sampled_from(SIGNED[:-2] + SIGNED[-1:]), OTHER_NAMES), unique_by=str.lower, max_size=6)
    )
    return {draw(st.sampled_from([name, name.upper(), name.title(), name.lower()])): draw(VALUE) for name in names}


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "get", "Options"])
BODIES = st.one_of(st.none(), st.binary(max_size=40))
ACCESS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)
SECRET = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20)


@holds(
    weight=4,
    method=METHODS,
    url=urls(),
    headers=header_sets(),
    body=BODIES,
    key=st.tuples(ACCESS, SECRET),
    when=MOMENTS,
)
def test_signature_equals_reference(
    method: str, url: str, headers: dict[str, str], body: bytes | None, key: tuple[str, str], when: datetime
) -> None:
    assert signing.sign(method, url, headers, body, *key, when) == expected(method, url, headers, body, key, when)


@holds(method=METHODS, url=urls(), headers=header_sets(), body=BODIES)
def test_headers_with_underscore_are_not_signed(
    method: str, url: str, headers: dict[str, str], body: bytes | None
) -> None:
    known = {name.lower(): value for name, value in headers.items()}
    assert signing.canonical_request(method, url, headers, body) == build_canonical_request(
        method, url, known, body, [name for name in known if "_" not in name]
    )


@holds(method=METHODS, url=urls(), headers=header_sets(), body=BODIES, key=st.tuples(ACCESS, SECRET), when=MOMENTS)
def test_second_signature_replaces_the_first(
    method: str, url: str, headers: dict[str, str], body: bytes | None, key: tuple[str, str], when: datetime
) -> None:
    once = {name: value for name, value in headers.items() if name.lower() not in ("authorization", "x-sdk-date")}
    old = dict(once, **signing.sign(method, url, once, body, *key, when - timedelta(hours=1)))
    assert signing.sign(method, url, old, body, *key, when) == signing.sign(method, url, once, body, *key, when)


SEGMENTS = st.lists(TEXT.filter(lambda text: text not in ("", ".", "..")), max_size=4)


@holds(
    weight=2,
    segments=SEGMENTS,
    query=st.lists(st.tuples(TEXT, st.one_of(TEXT, st.none(), st.booleans(), st.integers())), max_size=4),
)
def test_url_is_sent_as_signed(segments: list[str], query: list[tuple[str, t.Any]]) -> None:
    """The path keeps its segments, the query is sorted, and both decode to the original values."""
    url = signing.canonical_url("https://asm.example.com/", segments, query)
    path, dummy, text = url.removeprefix("https://asm.example.com").partition("?")
    assert [decode(part) for part in path.split("/")[1:]] == segments
    expected = sorted(
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in query
        if value is not None
    )
    assert [tuple(decode(side) for side in pair.split("=")) for pair in text.split("&") if pair] == expected
    assert signing.canonical_query(text) == text == canonical_query(text)


@holds(url=urls())
def test_signed_host_equals_sent_host(url: str) -> None:
    assert host_header(url) == get_host(url)
