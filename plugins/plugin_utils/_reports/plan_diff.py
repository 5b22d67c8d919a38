# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What has moved between a plan and now: in the document, in the world, or in what follows from both."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, shorten
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    PLAN,
    Data,
    Observed,
    checksum_of,
    hash_plan,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import (
    PLAN_SUMMARY,
    format_change,
    summarize,
)

NO_PLAN = "that is no plan file of this collection"

_Key = t.Tuple[str, str, str, int]


def compare_plans(then: t.Any, now: Data, wanted: str = "", summary: t.Any = None) -> list[str]:
    """Return each reason why the plan ``then`` cannot be applied any more. ``now`` is the same plan as it would be created now.

    ``wanted`` is the hash of the approved plan, if it is known. It is enough without the plan itself. ``summary`` is the summary of that plan, from
    which the differences are found then.
    """
    if not then and wanted:
        return _refusals(now) if wanted == now["hash"] else _moves_of_hash(now, wanted, summary)
    broken = _broken(then)
    if broken:
        return [broken]
    if wanted and wanted != then["hash"]:
        return [f"the plan file is not the plan with the hash {wanted}"]
    moved = [f"target: {line}" for line in _changes(_where(then["target"]), _where(now["target"]))]
    if moved:
        # All else is another one there.
        return moved
    if then.get("redacted") != now.get("redacted"):
        return ["the plan was created with another value of huaweicloud_redact"]
    lines = [f"desired-state file: {line}" for line in _changes(_heading(then), _heading(now))]
    before, after = _keyed(then["resources"]), _keyed(now["resources"])
    for key in dict.fromkeys([*before, *after]):
        lines += _moves_of(before.get(key), after.get(key))
    if not lines and then["hash"] != now["hash"]:
        lines = ["the plan was made by another version of the collection, or of a document in another order"]
    return lines or _refusals(now)


def _moves_of_hash(now: Data, wanted: str, summary: t.Any) -> list[str]:
    """Return what differs from a plan of which only the hash and perhaps a summary are known."""
    lines = [f"its hash was {wanted}, now it would be {now['hash']} ({_stated(now['target'])})"]
    try:
        is_usable = summary["format"] == PLAN_SUMMARY and summary["hash"] == wanted
        return lines + _moves_of_summary(plain(summary), summarize(now)) if is_usable else lines
    except (AttributeError, KeyError, TypeError):
        # It explains a refusal, and decides nothing.
        return lines


def _moves_of_summary(then: Data, now: Data) -> list[str]:
    moved = [f"target: {line}" for line in _changes(_where(then["target"]), _where(now["target"]))]
    if moved:
        return moved
    lines = ["desired-state file: keys beside its lists have changed"] if then["heading"] != now["heading"] else []
    before, after = _keyed(then["resources"]), _keyed(now["resources"])
    for key in dict.fromkeys([*before, *after]):
        lines += _moves_of_summaries(before.get(key), after.get(key), bool(then["is_complete"] and now["is_complete"]))
    return lines


def _moves_of_summaries(then: Observed | None, now: Observed | None, is_complete: bool) -> list[str]:
    subject = _subject(t.cast(Observed, now or then))
    if then is None or now is None:
        if is_complete:
            return [f"desired-state file: {subject} {'is new in it' if then is None else 'is not in it any more'}"]
        return [f"{subject}: {_planned(then)} was approved, now it is {_planned(now)}"]
    sides = [("desired", "its desired state"), ("actual", "its actual state")]
    moved = [words for side, words in sides if then[side] != now[side]]
    if not moved and _planned(then) == _planned(now):
        return []
    why = f"{' and '.join(moved)} changed: " if moved else ""
    return [f"{subject}: {why}{_planned(then)} was approved, now it is {_planned(now)}"]


def _planned(observed: Observed | None) -> str:
    """Return what a plan does with a resource, with its fields and their values."""
    if observed is None:
        return "unchanged"
    changes = ", ".join(format_change(change, observed["state"]) for change in observed["changes"])
    return f"{observed['state']}{f' ({changes})' if changes else ''}"


def _refusals(plan: Data) -> list[str]:
    return [
        f"{_subject(observed)}: {observed['msg'].rstrip('.')}"
        for observed in plan["resources"]
        if observed["state"] == "invalid"
    ]


def _broken(plan: t.Any) -> str:
    """Why this is no plan that can be trusted, if so."""
    if not isinstance(plan, dict) or plan.get("format") != PLAN:
        return NO_PLAN
    try:
        return (
            ""
            if (hash_plan(plan), checksum_of(plan)) == (plan["hash"], plan["checksum"])
            else "the plan file was changed after it was made"
        )
    except (AttributeError, KeyError, TypeError):
        return "the plan file is damaged"


def _heading(plan: Data) -> dict[str, t.Any]:
    return {key: value for key, value in plan["desired_state"].items() if key != "path"}


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


def _keyed(resources: t.Sequence[Observed]) -> dict[_Key, Observed]:
    """Things by what they are called; those of one name are told apart by their order."""
    found: dict[_Key, Observed] = {}
    for observed in resources:
        number = 0
        while (observed["kind"], observed["name"], observed["mesh"] or "", number) in found:
            number += 1
        found[observed["kind"], observed["name"], observed["mesh"] or "", number] = observed
    return found


def _moves_of(then: Observed | None, now: Observed | None) -> list[str]:
    if then is None or now is None:
        observed = t.cast(Observed, then or now)
        return [
            f"desired-state file: {_subject(observed)} {'is new in it' if then is None else 'is not in it any more'}"
        ]
    subject = _subject(now)
    lines = [f"desired-state file: {subject}: {line}" for line in _sides(then, now, "desired")]
    lines += [f"{subject}: {line}" for line in _found(then, now)]
    if not lines and _verdict(then) != _verdict(now):
        lines = [
            f"{subject}: planned was {_verdict(then)}, now it is {_verdict(now)}"
            + (f" ({now['msg']})" if now["msg"] else "")
        ]
    return lines


def _found(then: Observed, now: Observed) -> list[str]:
    before, after = then["actual"], now["actual"]
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
    return _sides(then, now, "actual")


def _sides(then: Observed, now: Observed, side: str) -> list[str]:
    lines = _changes(then[side] or {}, now[side] or {})
    if not lines and then["redacted_digest"][side] != now["redacted_digest"][side]:
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
            yield from _leaves(entry, join_path(path, key))
    elif isinstance(value, list) and value:
        names = [entry.get("name") if isinstance(entry, dict) else None for entry in value]
        labels = names if None not in names and len(set(map(str, names))) == len(names) else range(len(value))
        for label, entry in zip(labels, value):
            yield from _leaves(entry, f"{path}[{label}]")
    else:
        yield path, value


def _value(value: t.Any) -> str:
    return "nothing" if value is None else shorten(value) if isinstance(value, str) else json.dumps(value)


def _verdict(observed: Observed) -> str:
    return " ".join([observed["state"], *([f"({', '.join(observed['fields'])})"] if observed["fields"] else [])])


def _subject(observed: Observed) -> str:
    return f"{observed['kind']} '{observed['name']}'"
