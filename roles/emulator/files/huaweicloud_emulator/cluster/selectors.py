# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Label selectors and field selectors of lists."""

from __future__ import annotations

import re
import typing as t

from huaweicloud_emulator.cluster import errors

Labels = t.Mapping[str, str]
Predicate = t.Callable[[Labels], bool]

_KEY = r"[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_EQUALITY = re.compile(rf"({_KEY})\s*(==|=|!=)\s*({_VALUE})")
_SET = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)")
_PRESENCE = re.compile(rf"(!?)\s*({_KEY})")


def parse_labels(text: str) -> Predicate:
    """Return the predicate of a label selector. Raises StatusError if it is not valid."""
    predicates = [_parse_requirement(part.strip()) for part in _split(text)]
    return lambda labels: all(predicate(labels) for predicate in predicates)


def _split(text: str) -> list[str]:
    """Split at the commas outside of parentheses."""
    return re.split(r",(?![^(]*\))", text) if text.strip() else []


def _parse_requirement(text: str) -> Predicate:
    match = _SET.fullmatch(text)
    if match:
        return _in_set(match[1], match[3], [value.strip() for value in match[4].split(",")])
    match = _EQUALITY.fullmatch(text)
    if match:
        return _equals(match[1], match[3], match[4])
    match = _PRESENCE.fullmatch(text)
    if match:
        return _is_present(match[2], not match[1])
    raise errors.bad_request(f"unable to parse requirement: found '{text}', expected: a valid requirement")


def _in_set(key: str, operator: str, values: t.Collection[str]) -> Predicate:
    if operator == "in":
        return lambda labels: labels.get(key) in values
    return lambda labels: labels.get(key) not in values


def _equals(key: str, operator: str, value: str) -> Predicate:
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    return lambda labels: labels.get(key) == value


def _is_present(key: str, expected: bool) -> Predicate:
    return lambda labels: (key in labels) is expected


def matches(labels: Labels, selector: Labels) -> bool:
    """Return whether the labels contain all of the selector."""
    return all(labels.get(key) == value for key, value in selector.items())


def parse_fields(text: str) -> t.Callable[[t.Mapping[str, t.Any]], bool]:
    """Return the predicate of a field selector on name and namespace. Raises StatusError for other fields."""
    wanted: list[tuple[str, bool, str]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([\w.]+)\s*(==|=|!=)\s*(.*)", part)
        if match is None:
            raise errors.bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        if match[1] not in ("metadata.name", "metadata.namespace", "status.phase"):
            raise errors.bad_request(f"field label not supported: {match[1]}")
        wanted.append((match[1], match[2] != "!=", match[3]))

    def accepts(item: t.Mapping[str, t.Any]) -> bool:
        return all((_get(item, field) == value) is equal for field, equal, value in wanted)

    return accepts


def _get(item: t.Mapping[str, t.Any], field: str) -> t.Any:
    section, unused, name = field.partition(".")
    return item.get(section, {}).get(name, "")
