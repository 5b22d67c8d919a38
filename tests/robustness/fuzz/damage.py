# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damage responses: values drawn from the client's schemas with changes in data, text or headers."""

from __future__ import annotations

import copy
import json
import random
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import Schema
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse

ODD: list[t.Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    "",
    " ",
    "x",
    "é😀",
    "\ud800",
    "0",
    "null",
    "a" * 5000,
]
ODD += [[], {}, [[]], [None], {"": None}, [{}] * 3]
TEXTS = [
    "demo",
    "team",
    "canary",
    "m-1",
    "shop",
    "NORMAL",
    "Running",
    "Finished",
    "DELETING",
    "2026-01-02T03:04:05Z",
    "default",
    "public",
    "",
    "x",
    "1e9",
    "é",
]
STATUSES = [
    100,
    101,
    200,
    201,
    202,
    204,
    206,
    299,
    300,
    301,
    304,
    400,
    401,
    403,
    404,
    405,
    409,
    410,
    418,
    422,
    429,
    451,
    500,
    501,
    502,
    503,
    504,
    599,
    999,
]
# Statuses that a service may return although it processed the request. The client cannot detect other wrong statuses.
STATUSES_OF_DONE = [200, 201, 202, 204, 500, 502, 503, 504]
HEADERS = [
    ("retry-after", "-1"),
    ("retry-after", "1e9"),
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("retry-after", "Mon, 99 Foo 2026"),
    ("retry-after", "９"),
    ("date", "never"),
    ("x-request-id", ""),
    ("x-request-id", "x" * 3000),
    ("x-request-id", "é\x00"),
    ("content-type", "text/html; charset=nonsense"),
    ("content-type", ""),
    ("content-length", "-5"),
    ("location", "http://[::1"),
    ("x-subject-token", ""),
]


def draw_value(schema: Schema, chance: random.Random, depth: int = 0) -> t.Any:
    """Draw a value that approximately fits ``schema``."""
    if schema.get("const") is not None:
        return schema["const"]
    if schema.get("enum"):
        return chance.choice(schema["enum"])
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return draw_value(
            {
                **{key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")},
                **chance.choice(branches),
            },
            chance,
            depth,
        )
    kinds = schema.get("type", "object" if "properties" in schema else ["string", "null", "object"])
    kind = chance.choice(kinds) if isinstance(kinds, list) else kinds
    if kind == "object":
        return _object(schema, chance, depth)
    if kind == "array":
        return [
            draw_value(schema.get("items") or {}, chance, depth + 1)
            for _number in range(chance.choice([0, 1, 1, 2, 5]))
        ]
    simple: dict[str, t.Callable[[], t.Any]] = {
        "string": lambda: chance.choice(TEXTS),
        "integer": lambda: chance.choice([0, 1, 2, 100, -1, 10**12]),
        "number": lambda: chance.choice([0, 1, 2.5, 1767322000000]),
        "boolean": lambda: chance.choice([True, False]),
    }
    return simple.get(kind, lambda: None)()


def _object(schema: Schema, chance: random.Random, depth: int) -> dict[str, t.Any]:
    required, known = schema.get("required", []), schema.get("properties", {})
    names = (
        [*required, *(name for name in known if name not in required and chance.random() < 0.7)]
        if depth < 12
        else required
    )
    return {name: draw_value(known.get(name, {}), chance, depth + 1) for name in names}


def damage_value(value: t.Any, chance: random.Random) -> t.Any:
    """Return a copy of ``value`` with one to three parts replaced, removed, duplicated or added."""
    holder = [copy.deepcopy(value)]
    for _number in range(chance.randint(1, 3)):
        place, key = chance.choice(_list_parts(holder))
        what = chance.randrange(5)
        if what == 0 and place is not holder:
            del place[key]
        elif what == 1 and isinstance(place, list) and place is not holder:
            place.append(copy.deepcopy(place[key]))
        elif what == 2 and isinstance(place[key], dict):
            place[key][chance.choice(["error_code", "errorMsg", "code", "items", "", "name", "metadata"])] = (
                copy.deepcopy(chance.choice(ODD))
            )
        elif what == 3:
            place[key] = [place[key]] if chance.random() < 0.5 else {"items": place[key]}
        else:
            place[key] = copy.deepcopy(chance.choice(ODD))
    return holder[0]


def _list_parts(value: t.Any) -> list[tuple[t.Any, t.Any]]:
    """Return the container and the key of each part of a value."""
    found: list[tuple[t.Any, t.Any]] = []
    waiting = [value]
    while waiting:
        place = waiting.pop()
        for key in place if isinstance(place, dict) else range(len(place)):
            found.append((place, key))
            if isinstance(place[key], (dict, list)):
                waiting.append(place[key])
    return found


def to_damaged_bytes(value: t.Any, chance: random.Random) -> bytes:
    """Return ``value`` as JSON, which is sometimes truncated or damaged."""
    text = json.dumps(value).encode("ascii")
    where = chance.randrange(len(text) + 1)
    break_connection: list[t.Callable[[], bytes]] = [
        lambda: text[:where],
        lambda: text[:where] + bytes([chance.randrange(256)]) + text[where + 1 :],
        lambda: b"\xef\xbb\xbf" + text,
        lambda: text.decode("ascii").encode("utf-16"),
        lambda: b"[" * 100_000 + text,
        lambda: b'{"a":' * 5_000 + text + b"}" * 5_000,
        lambda: text + text,
        lambda: b"",
        lambda: b"NaN",
        lambda: b"1" * 6_000,
        lambda: b"<html><body>" + text,
        lambda: bytes(chance.randrange(256) for _number in range(200)),
    ]
    return chance.choice(break_connection)() if chance.random() < 0.25 else text


def damage_response(reply: HttpResponse, schema: Schema | None, chance: random.Random, *, done: bool) -> HttpResponse:
    """Return a damaged response. ``done``: the service processed the request."""
    status, headers, body = reply.status, dict(reply.headers), reply.body
    what = chance.randrange(6)
    if what <= 3:
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        invented = what == 0 and schema is not None
        value = draw_value(t.cast("Schema", schema), chance) if invented else given
        body = to_damaged_bytes(value if invented and chance.random() < 0.5 else damage_value(value, chance), chance)
    elif what == 4:
        status = chance.choice(STATUSES_OF_DONE if done else STATUSES)
    if what == 5 or chance.random() < 0.2:
        name, value = chance.choice(HEADERS)
        headers[name] = value
    return HttpResponse(status, headers, body)
