# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Many things in one task: from a document to items, from items to a result."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._journal import Journal
from ansible_collections.community.huaweicloud.plugins.module_utils._many import Fleet, Item, Limits, counted
from ansible_collections.community.huaweicloud.plugins.module_utils._module import validated
from ansible_collections.community.huaweicloud.plugins.module_utils._rate import RateBudget
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile import Shown
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._kinds import KINDS, Kind
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._session import KEPT, Params, Session

_MOST_NAMED = 5


class Wanted(t.NamedTuple):
    """One item of the document: its checked options and what was made of them, or what is wrong with it."""

    kind: Kind
    label: str
    options: t.Dict[str, t.Any]
    wish: t.Any = None
    error: t.Optional[OptionError] = None


def prepare(params: Params) -> list[Wanted]:
    """The items of a document, in its order. Raises OptionError when one is wrong in itself, unless such an item is to fail alone."""
    _check(params)
    wanted = [_prepared(kind, index, options, params) for kind in KINDS for index, options in enumerate(params[kind.plural] or [])]
    wanted = _without_twins(wanted)
    wrong = [item.error for item in wanted if item.error]
    if wrong and params["on_error"] == "stop":
        raise OptionError("Nothing was sent: " + _first(str(error) for error in wrong), hint="Correct the items, or set on_error to continue.")
    return wanted


def run(session: Session, params: Params, wanted: list[Wanted]) -> dict[str, t.Any]:
    """Plans all, shows the plan, acts, and tells of each item what came of it."""
    session.lean, session.max_age = True, KEPT
    session.client.budget = RateBudget(params["rate_limit"], session.clock)
    journal = Journal(None if session.check_mode else params["journal"])
    try:
        items = [_item(session, item) for item in wanted]
        items += _pruned(session, params, wanted)
        fleet = Fleet(items, _limits(session, params), session.clock, _Scribe(session, journal))
        return _carried_out(session, params, fleet)
    finally:
        journal.close()


class _Scribe:
    """Writes down what happens."""

    def __init__(self, session: Session, journal: Journal) -> None:
        self._session = session
        self._journal = journal

    def noted(self, item: Item, event: str) -> None:
        last = item.done[-1].request_id if item.done else None
        message = str(item.error) if item.error else None
        self._journal.write(event=event, kind=item.kind, name=item.name, action=item.action, request_id=last, msg=message)

    def said(self, text: str) -> None:
        self._session.progress(text)


def _carried_out(session: Session, params: Params, fleet: Fleet) -> dict[str, t.Any]:
    fleet.plan()
    for warning in (warning for item in fleet.items if item.plan for warning in item.plan.warnings):
        session.warn(warning)
    plan = counted(fleet.items)
    session.progress("plan: " + ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in plan.items() if number))
    refused = [item for item in fleet.items if item.error]
    if refused and params["on_error"] == "stop":
        # Wrong in itself, as the lists show now; nothing was sent yet.
        return _result(fleet, plan, "Nothing was sent")
    if session.check_mode:
        fleet.predict()
    else:
        fleet.act()
    return _result(fleet, plan, f"Not done within {params['timeout']:g} s (timeout)" if fleet.is_late else None)


def _result(fleet: Fleet, plan: dict[str, int], reason: str | None) -> dict[str, t.Any]:
    failed = [item for item in fleet.items if item.error]
    left = [item for item in fleet.items if item.is_open]
    result = {
        "changed": any(item.done or (item.outcome and item.outcome.changed) for item in fleet.items),
        "plan": plan,
        "results": [_shown(item) for item in fleet.items],
        "diff": _diff(fleet.items),
    }
    if failed or left:
        first = failed[0].error if failed else None
        result.update(failed=True, msg=_message(fleet.items, failed, left, reason), error=first.facts() if first else _late(reason).facts())
    return result


def _late(reason: str | None) -> HuaweiCloudError:
    return HuaweiCloudError(reason or "Not everything was begun.")


def _message(items: t.Sequence[Item], failed: t.Sequence[Item], left: t.Sequence[Item], reason: str | None) -> str:
    parts = [reason] if reason else []
    if failed:
        parts.append(f"{len(failed)} of {len(items)} failed: " + _first(f"{item.kind} '{item.name}': {item.error}" for item in failed))
    if left:
        parts.append(f"{len(left)} were not begun")
    return ". ".join(parts)


def _first(texts: t.Iterable[str]) -> str:
    listed = list(texts)
    more = len(listed) - _MOST_NAMED
    return "; ".join(listed[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _shown(item: Item) -> dict[str, t.Any]:
    outcome = item.outcome
    message = str(item.error) if item.error else None
    if item.is_open:
        message = "not begun"
    return {
        "kind": item.kind,
        "name": item.name,
        "action": item.action,
        "changed": bool(item.done) or bool(outcome and outcome.changed),
        "failed": item.error is not None,
        "msg": message,
        "object": outcome.after if outcome else None,
    }


def _diff(items: t.Sequence[Item]) -> dict[str, t.Any]:
    changed = [(f"{item.kind} {item.name}", item.outcome) for item in items if item.outcome and item.outcome.changed]
    return {
        "before": {name: outcome.before for name, outcome in changed if outcome.before},
        "after": {name: outcome.after for name, outcome in changed if outcome.after},
    }


def _check(params: Params) -> None:
    for option, least in (("parallel", 1), ("max_failures", 1)):
        if params[option] is not None and params[option] < least:
            raise OptionError(f"{option} must be at least {least}: {params[option]} is not")
    for option in ("rate_limit", "timeout"):
        if params[option] is not None and params[option] <= 0:
            raise OptionError(f"{option} must be greater than 0: {params[option]:g} is not")
    plurals = [kind.plural for kind in KINDS]
    for plural, patterns in (params["prune"] or {}).items():
        if plural not in plurals:
            raise OptionError(f"prune: '{plural}' is none of {', '.join(plurals)}")
        _patterns(plural, patterns)


def _patterns(plural: str, patterns: t.Any) -> list[re.Pattern[str]]:
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) and pattern for pattern in patterns):
        raise OptionError(f"prune: {plural} must be a list of regular expressions")
    try:
        return [re.compile(pattern) for pattern in patterns]
    except re.error as problem:
        raise OptionError(f"prune: {plural} holds what is not a regular expression: {problem}") from None


def _prepared(kind: Kind, index: int, options: t.Any, params: Params) -> Wanted:
    given = dict(options) if isinstance(options, dict) else {}
    if kind.in_mesh and not given.get("mesh_id") and not given.get("mesh_name"):
        given.update({name: params[name] for name in ("mesh_id", "mesh_name") if params[name]})
    label = kind.label(given)
    checked, problem = validated(kind.arguments, given)
    try:
        if problem:
            raise OptionError(problem)
        return Wanted(kind, label, checked, kind.prepare(checked))
    except OptionError as error:
        error.message = f"{kind.plural}[{index}] ('{label}'): {error.message}"
        return Wanted(kind, label, given, error=error)


def _without_twins(wanted: list[Wanted]) -> list[Wanted]:
    seen: set[tuple[str, ...]] = set()
    result = []
    for item in wanted:
        mesh = str(item.options.get("mesh_id") or item.options.get("mesh_name"))
        identity = (item.kind.noun, mesh, item.label)
        twin = OptionError(f"{item.kind.noun} '{item.label}' is listed more than once") if identity in seen else None
        seen.add(identity)
        result.append(item._replace(error=item.error or twin))
    return result


def _item(session: Session, wanted: Wanted) -> Item:
    item = Item(wanted.kind.noun, wanted.label, error=wanted.error)
    if item.error is None:
        try:
            mesh = resolve_mesh(session, wanted.options) if wanted.kind.in_mesh else None
            item.resource = wanted.kind.make(session, wanted.options, wanted.wish, mesh)
        except OptionError as error:
            # No such mesh, or several: this item's fault. A list that can not be read is everybody's.
            item.error = error
    return item


def _pruned(session: Session, params: Params, wanted: list[Wanted]) -> list[Item]:
    items: list[Item] = []
    for kind in KINDS:
        patterns = _patterns(kind.plural, (params["prune"] or {}).get(kind.plural) or [])
        if not patterns:
            continue
        for mesh in _meshes(session, params, kind, wanted):
            listed = {item.label for item in wanted if item.kind is kind and _is_in(item, mesh)}
            for options in kind.removals(session, mesh):
                if kind.label(options) not in listed and any(pattern.search(options["name"]) for pattern in patterns):
                    checked = validated(kind.arguments, dict(options, **({"mesh_id": mesh["id"]} if mesh else {})))[0]
                    items.append(_item(session, Wanted(kind, kind.label(options), checked, kind.prepare(checked))))
    return items


def _meshes(session: Session, params: Params, kind: Kind, wanted: list[Wanted]) -> list[Shown | None]:
    """Where a kind is pruned: the task's own mesh, and those its items name."""
    if not kind.in_mesh:
        return [None]
    named = [item.options for item in wanted if item.kind is kind and item.error is None]
    named += [dict(params)] if params["mesh_id"] or params["mesh_name"] else []
    if not named:
        raise OptionError(f"prune: {kind.plural} needs mesh_id or mesh_name")
    meshes = {mesh["id"]: mesh for mesh in (resolve_mesh(session, options) for options in named)}
    return list(meshes.values())


def _is_in(item: Wanted, mesh: Shown | None) -> bool:
    return mesh is None or mesh["id"] == item.options.get("mesh_id") or mesh["name"] == item.options.get("mesh_name")


def _limits(session: Session, params: Params) -> Limits:
    deadline = None if params["timeout"] is None else session.clock.monotonic() + params["timeout"]
    most_failures = 1 if params["on_error"] == "stop" else params["max_failures"]
    return Limits(params["parallel"], most_failures, deadline, session.patience)
