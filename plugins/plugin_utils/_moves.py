# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What has moved between a plan and now: in the document, in the world, or in what follows from both."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._text import child, shorten
from ansible_collections.community.huaweicloud.plugins.plugin_utils._things import PLAN, Data, Thing, hash_of, seal_of

NO_PLAN = "that is no plan file of this collection"

_Key = t.Tuple[str, str, str, int]


def plan_moves(then: t.Any, now: Data, wanted: str = "") -> list[str]:
    """In words, each thing that keeps the plan ``then`` from being carried out: ``now`` is the same plan made anew. Empty when nothing does.

    ``wanted`` is the hash of the plan that is meant, where that is known. Without a plan, it has to do.
    """
    if not then and wanted:
        return (
            _refusals(now)
            if wanted == now["hash"]
            else [f"its hash was {wanted}, now it would be {now['hash']} ({_stated(now['place'])})"]
        )
    broken = _broken(then)
    if broken:
        return [broken]
    if wanted and wanted != then["hash"]:
        return [f"the plan file is not the plan with the hash {wanted}"]
    moved = [f"place: {line}" for line in _changes(_where(then["place"]), _where(now["place"]))]
    if moved:
        # All else is another one there.
        return moved
    lines = [f"document: {line}" for line in _changes(_heading(then), _heading(now))]
    before, after = _keyed(then["things"]), _keyed(now["things"])
    for key in dict.fromkeys([*before, *after]):
        lines += _moves_of(before.get(key), after.get(key))
    if not lines and then["hash"] != now["hash"]:
        lines = ["the plan was made by another version of the collection, or of a document in another order"]
    return lines or _refusals(now)


def _refusals(plan: Data) -> list[str]:
    return [f"{_subject(thing)}: {thing['msg'].rstrip('.')}" for thing in plan["things"] if thing["state"] == "refused"]


def _broken(plan: t.Any) -> str:
    """Why this is no plan that can be trusted, if so."""
    if not isinstance(plan, dict) or plan.get("format") != PLAN:
        return NO_PLAN
    try:
        return (
            ""
            if (hash_of(plan), seal_of(plan)) == (plan["hash"], plan["seal"])
            else "the plan file was changed after it was made"
        )
    except (AttributeError, KeyError, TypeError):
        return "the plan file is damaged"


def _heading(plan: Data) -> dict[str, t.Any]:
    return {key: value for key, value in plan["document"].items() if key != "file"}


def _where(place: Data) -> dict[str, t.Any]:
    """A place as one can compare it: its meshes by their names."""
    meshes: dict[str, str] = {}
    for mesh in place["meshes"]:
        meshes[mesh["name"]] = ", ".join(filter(None, [meshes.get(mesh["name"]), mesh["id"]]))
    return {**{key: value for key, value in place.items() if key != "meshes"}, **({"mesh": meshes} if meshes else {})}


def _stated(place: Data) -> str:
    """The two words by which most people know where they are."""
    return (
        ", ".join(
            f"{word} {place[key]}" for word, key in (("project", "project_id"), ("region", "region")) if place[key]
        )
        or "in no project"
    )


def _keyed(things: t.Sequence[Thing]) -> dict[_Key, Thing]:
    """Things by what they are called; those of one name are told apart by their order."""
    found: dict[_Key, Thing] = {}
    for thing in things:
        number = 0
        while (thing["kind"], thing["name"], thing["mesh"] or "", number) in found:
            number += 1
        found[thing["kind"], thing["name"], thing["mesh"] or "", number] = thing
    return found


def _moves_of(then: Thing | None, now: Thing | None) -> list[str]:
    if then is None or now is None:
        thing = t.cast(Thing, then or now)
        return [f"document: {_subject(thing)} {'is new in it' if then is None else 'is not in it any more'}"]
    subject = _subject(now)
    lines = [f"document: {subject}: {line}" for line in _sides(then, now, "declared")]
    lines += [f"{subject}: {line}" for line in _found(then, now)]
    if not lines and _verdict(then) != _verdict(now):
        lines = [
            f"{subject}: planned was {_verdict(then)}, now it is {_verdict(now)}"
            + (f" ({now['msg']})" if now["msg"] else "")
        ]
    return lines


def _found(then: Thing, now: Thing) -> list[str]:
    before, after = then["found"], now["found"]
    if before is None or after is None:
        if before is after:
            return []
        there = before or after
        named = f" (id {there['id']})" if there.get("id") else ""
        return [
            f"it was not there, and is there now{named}"
            if before is None
            else f"it was there{named}, and is not there any more"
        ]
    return _sides(then, now, "found")


def _sides(then: Thing, now: Thing, side: str) -> list[str]:
    lines = _changes(then[side] or {}, now[side] or {})
    if not lines and then["hidden"][side] != now["hidden"][side]:
        lines = [
            "gray_deployments: values that are not shown have changed"
            if now["kind"] == "release"
            else "values that are not shown have changed"
        ]
    return lines


def _changes(then: Data, now: Data) -> list[str]:
    before, after = dict(_leaves(then)), dict(_leaves(now))
    paths = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]
    return [f"{path} was {_value(before.get(path))}, is {_value(after.get(path))}" for path in paths]


def _leaves(value: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """All values by their paths; elements of lists by their names where each has one of its own."""
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            yield from _leaves(entry, child(path, key))
    elif isinstance(value, list) and value:
        names = [entry.get("name") if isinstance(entry, dict) else None for entry in value]
        labels = names if None not in names and len(set(map(str, names))) == len(names) else range(len(value))
        for label, entry in zip(labels, value):
            yield from _leaves(entry, f"{path}[{label}]")
    else:
        yield path, value


def _value(value: t.Any) -> str:
    return "nothing" if value is None else shorten(value) if isinstance(value, str) else json.dumps(value)


def _verdict(thing: Thing) -> str:
    return " ".join([thing["state"], *([f"({', '.join(thing['fields'])})"] if thing["fields"] else [])])


def _subject(thing: Thing) -> str:
    return f"{thing['kind']} '{thing['name']}'"
