# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies for invalid options: values that nearly fit an argument spec, and values that do not fit."""

from __future__ import annotations

import functools
import typing as t

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Anything = SearchStrategy[t.Any]

ODD_TEXTS = [
    "",
    " ",
    "\n",
    "\t x \r\n",
    "\0",
    "a\0b",
    "\u202eevil",
    "\ufeffbom",
    "\ud800",
    "é" * 40,
    "😀" * 300,
    "../..",
    ".",
    "%2e%2e/",
    "a/b?c=d&e#f",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "'\"\\",
    "-1",
    "1e400",
    "nan",
    "inf",
    "yes",
    "null",
    "[]",
    "{}",
    '{"a": 1}',
    "0" * 5000,
    "a" * 100_000,
    "https://",
    "http://[::1",
    "http://user:pass@host:99999/",
    "https://host:port",
    "//host",
    "file:///etc/passwd",
    "default",
    "0",
    "${HOME}",
    "~root/x",
]
ODD_NUMBERS = [
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**300,
    10**4000,
    0.0,
    -0.0,
    1e-320,
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
]

texts: Anything = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=70))
numbers: Anything = st.one_of(st.sampled_from(ODD_NUMBERS), st.integers(), st.floats())
scalars: Anything = st.one_of(st.none(), st.booleans(), numbers, texts)


def _nest(inner: Anything) -> Anything:
    return st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4))


def build_nested(depth: int) -> t.Any:
    """Return nested lists and mappings."""
    value: t.Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"items": value}
    return value


anything: Anything = st.one_of(
    scalars, st.recursive(scalars, _nest, max_leaves=12), st.sampled_from([20, 150]).map(build_nested)
)


def draw_by_spec(spec: t.Mapping[str, t.Any]) -> Anything:
    """Draw values for an option, mostly of its type."""
    return st.one_of(_draw_typed(spec), _draw_typed(spec), _draw_typed(spec), anything)


def _draw_typed(spec: t.Mapping[str, t.Any]) -> Anything:
    if "choices" in spec:
        return st.one_of(st.sampled_from(list(spec["choices"])), texts)
    if spec.get("options"):
        return (
            draw_options_of(spec["options"])
            if spec.get("type") != "list"
            else st.lists(draw_options_of(spec["options"]), max_size=3)
        )
    if spec.get("type") == "list":
        return st.lists(draw_by_spec({"type": spec.get("elements", "str")}), max_size=5)
    return _BY_TYPE.get(spec.get("type", "str"), anything)


_BY_TYPE: dict[str, Anything] = {
    "str": texts,
    # Never draw paths that may exist.
    "path": st.sampled_from(
        ["", ".", "nothing-there", "a\0b", "é" * 300, "$NOTHING", "folder/nothing-there", "\ud800"]
    ),
    "bool": st.one_of(st.booleans(), st.sampled_from(["yes", "no", "maybe", 0, 1, 2])),
    "int": st.one_of(numbers, st.integers(-5, 100_000), texts),
    "float": st.one_of(numbers, st.floats(0, 100), texts),
    "dict": st.one_of(st.dictionaries(texts, scalars, max_size=4), texts),
}


def draw_options_of(specs: t.Mapping[str, t.Mapping[str, t.Any]]) -> Anything:
    """Draw a mapping of some options, sometimes with an unknown one."""
    return st.one_of(
        st.fixed_dictionaries({}, optional=dict(_strategies(_make_key(specs)))),
        st.dictionaries(texts, scalars, max_size=3),
    )


_known: dict[int, t.Mapping[str, t.Mapping[str, t.Any]]] = {}


def _make_key(specs: t.Mapping[str, t.Mapping[str, t.Any]]) -> int:
    _known[id(specs)] = specs
    return id(specs)


@functools.cache
def _strategies(key: int) -> dict[str, Anything]:
    return {name: draw_by_spec(spec) for name, spec in _known[key].items()}


def changed(base: t.Mapping[str, t.Any], specs: t.Mapping[str, t.Mapping[str, t.Any]]) -> Anything:
    """Draw valid options with one to four of them replaced, sometimes with an unknown one."""
    names = sorted(specs)
    strategies = _strategies(_make_key(specs))

    @st.composite
    def draw_options(draw: t.Any) -> dict[str, t.Any]:
        apply_filters = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
        options = {**base, **{name: draw(strategies[name]) for name in apply_filters}}
        if draw(st.integers(0, 19)) == 0:
            options[draw(texts)] = draw(scalars)
        return options

    return draw_options()
