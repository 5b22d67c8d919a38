# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Many things in one task: from a document to items, from items to a result."""

from __future__ import annotations

import collections
import dataclasses
import math
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    DriftError,
    HuaweiCloudError,
    OptionError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._journal import Journal
from ansible_collections.community.huaweicloud.plugins.module_utils._many import Fleet, Item, Limits, counted, in_words
from ansible_collections.community.huaweicloud.plugins.module_utils._module import shown_actions, shown_diff, validated
from ansible_collections.community.huaweicloud.plugins.module_utils._options._arguments import (
    ITEM_WAIT,
    MESH,
    check_at_most_one_of,
    check_wait,
    compiled,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._options._mistakes import (
    find_shape_mistakes,
    format_path,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._rate import RateBudget
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._converge import FRESH, Outcome
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import (
    Difference,
    Receipt,
    Shown,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._kinds import KINDS, Kind
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._session import KEPT, Params, Session, Shelf
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import Patience

_MOST_NAMED = 5
# Requests a second; the pauses of a lower rate would be beyond what clocks count.
_SLOWEST = 0.001


class Wanted(t.NamedTuple):
    """One item of the document: its checked options and what was made of them, or what is wrong with it."""

    kind: Kind
    label: str
    options: t.Dict[str, t.Any]
    wish: t.Any = None
    error: t.Optional[OptionError] = None


def prepare(params: Params) -> list[Wanted]:
    """The items of a document, in its order. Raises OptionError when one is wrong in itself, unless such an item is to fail alone."""
    check_settings(params)
    wanted = [
        _prepared(kind, index, options, params)
        for kind in KINDS
        for index, options in enumerate(params[kind.plural] or [])
    ]
    wanted = _without_twins(wanted)
    wrong = [item.error for item in wanted if item.error]
    if wrong and params["on_error"] == "stop":
        raise OptionError(
            "Nothing was sent: " + _first(str(error) for error in wrong),
            hint="Correct the items, or set on_error to continue.",
        )
    return wanted


def run(session: Session, params: Params, wanted: list[Wanted]) -> dict[str, t.Any]:
    """Plans all, shows the plan, acts, and tells of each item what came of it."""
    deadline = None if params["timeout"] is None else session.clock.monotonic() + params["timeout"]
    session.lean, session.ages.most = True, KEPT
    t.cast(Shelf, session.shelf).failures_last = KEPT
    session.patience = session.patience._replace(deadline=deadline)
    session.client.budget = RateBudget(params["rate_limit"], session.clock, deadline)
    journal = Journal(None if session.check_mode else params["journal"], session.warn)
    try:
        meshes = _Meshes(session)
        items = [_item(session, item, meshes) for item in wanted]
        kinds, left_alone = _kinds_to_prune(session, params, items)
        items += _pruned(session, kinds, params, wanted, meshes)
        fleet = Fleet(items, _limits(session, params), session.clock, _Scribe(session, journal))
        return dict(_carried_out(session, params, fleet), place=_place(session, meshes), not_pruned=left_alone)
    finally:
        journal.close()


class _Scribe:
    """Writes down what happens."""

    def __init__(self, session: Session, journal: Journal) -> None:
        self._session = session
        self._journal = journal

    def noted(self, item: Item, event: str, receipt: Receipt | None = None) -> None:
        action, request_id = (receipt.action, receipt.request_id) if receipt else (item.action, None)
        message = str(item.error) if item.error else None
        self._journal.write(
            event=event, kind=item.kind, name=item.name, action=action, request_id=request_id, msg=message
        )

    def said(self, text: str) -> None:
        self._session.progress(text)


def _carried_out(session: Session, params: Params, fleet: Fleet) -> dict[str, t.Any]:
    # All is planned on what the lists showed at the same moment, however long that takes. What is to be created is looked for again.
    session.ages.most = math.inf
    fleet.plan()
    session.ages.most = KEPT
    for warning in (warning for item in fleet.items if item.plan for warning in item.plan.warnings):
        session.warn(warning)
    plan = counted(fleet.items)
    session.progress(f"plan: {in_words(fleet.items)}")
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
        result.update(
            failed=True,
            msg=_message(fleet.items, failed, left, reason),
            error=first.facts() if first else _late(reason).facts(),
        )
    return result


def _late(reason: str | None) -> HuaweiCloudError:
    return WaitError(reason or "Not everything was begun.")


def _message(items: t.Sequence[Item], failed: t.Sequence[Item], left: t.Sequence[Item], reason: str | None) -> str:
    parts = [reason] if reason else []
    if failed:
        parts.append(f"{len(failed)} of {len(items)} failed: " + _first(_told(failed)))
    if left:
        parts.append(f"{len(left)} of {len(items)} were not begun")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _told(failed: t.Sequence[Item]) -> list[str]:
    """What went wrong with whom; what is the same for many is told once."""
    alike: dict[str, list[Item]] = {}
    for item in failed:
        alike.setdefault(str(item.error), []).append(item)
    return [
        items[0].subject + (f" and {len(items) - 1} more" if len(items) > 1 else "") + f": {text}"
        for text, items in alike.items()
    ]


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
        "actions": shown_actions(outcome.actions if outcome else item.done),
        "changed": bool(item.done) or bool(outcome and outcome.changed),
        "failed": item.error is not None,
        "msg": message,
        "object": outcome.after if outcome else None,
        "before": _before(item),
        "differences": [_difference(difference) for difference in _differences(item)],
        "error": item.error.facts() if item.error else None,
    }


def _before(item: Item) -> Shown | None:
    """The thing as it was found; not where nothing is to be done, since the result shows just that."""
    if item.plan is not None:
        return item.plan.before if item.plan.action or item.error else None
    return item.resource.shown(item.seen) if item.resource is not None and item.seen is not None else None


def _differences(item: Item) -> t.Sequence[Difference]:
    if item.plan is not None:
        return [*item.plan.differences, *item.plan.tolerated]
    return item.error.differences if isinstance(item.error, DriftError) else ()


def _difference(difference: Difference) -> dict[str, t.Any]:
    have, want = (None, None) if difference.private else (difference.have, difference.want)
    return {
        "field": difference.field,
        "have": have,
        "want": want,
        "changeable": difference.changeable,
        "private": difference.private,
    }


def _diff(items: t.Sequence[Item]) -> list[dict[str, t.Any]]:
    """One for each item that changed, so that it is shown under its name."""
    changed = [(f"{item.kind} {item.name}", item.outcome) for item in items if item.outcome and item.outcome.changed]
    counts = collections.Counter(name for name, outcome in changed)
    named = [(name if counts[name] == 1 else name + _mesh_of(outcome), outcome) for name, outcome in changed]
    return [{"before_header": name, "after_header": name, **shown_diff(outcome)} for name, outcome in named]


def _mesh_of(outcome: Outcome) -> str:
    return f" in mesh {(outcome.before or outcome.after or {}).get('mesh_id')}"


def check_settings(params: Params) -> None:
    """Raise OptionError for a setting of the whole task that cannot be right. A missing one is not set."""
    check_at_most_one_of(params, *MESH.argument_spec)
    for option, least in (("parallel", 1), ("max_failures", 1)):
        given = params.get(option)
        if given is not None and given < least:
            raise OptionError(f"{option} must be at least {least}: {given} is not")
    for option in ("rate_limit", "timeout"):
        given = params.get(option)
        if given is not None and not 0 < given < math.inf:
            raise OptionError(f"{option} must be greater than 0: {given:g} is not")
    rate = params.get("rate_limit")
    if rate is not None and rate < _SLOWEST:
        raise OptionError(f"rate_limit must be at least {_SLOWEST}: {rate:g} is not")
    plurals = [kind.plural for kind in KINDS]
    for plural, patterns in (params.get("prune") or {}).items():
        if plural not in plurals:
            raise OptionError(f"prune: '{plural}' is none of {', '.join(plurals)}")
        _patterns(plural, patterns)


def _patterns(plural: str, patterns: t.Any) -> list[re.Pattern[str]]:
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) and pattern for pattern in patterns):
        raise OptionError(f"prune: {plural} must be a list of regular expressions")
    return [compiled(pattern, f"prune: {plural}[{index}]") for index, pattern in enumerate(patterns)]


def _prepared(kind: Kind, index: int, options: t.Any, params: Params) -> Wanted:
    given = dict(options) if isinstance(options, dict) else {}
    if kind.in_mesh and not given.get("mesh_id") and not given.get("mesh_name"):
        given.update({name: params[name] for name in ("mesh_id", "mesh_name") if params[name]})
    label = kind.label(given)
    arguments = kind.arguments.merged(ITEM_WAIT)
    mistakes = find_shape_mistakes(arguments.argument_spec, given)
    if mistakes:
        place = f"{kind.plural}[{index}] ('{label}')"
        message = "; ".join(f"{place}.{format_path(path)}: {text}" for path, text in mistakes)
        return Wanted(kind, label, given, error=OptionError(message))
    checked, problem = validated(arguments, given)
    try:
        if problem:
            raise OptionError(problem)
        check_wait(checked)
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


class _Meshes:
    """Meshes by what items call them, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[t.Any, t.Any], Shown] = {}

    def find(self, options: Params) -> Shown:
        """As resolve_mesh."""
        key = options.get("mesh_id"), options.get("mesh_name")
        if key not in self._known:
            self._known[key] = resolve_mesh(self._session, options)
        return self._known[key]

    def found(self) -> list[dict[str, t.Any]]:
        """Which they were, each once, whatever items called it."""
        return [
            {"id": id_, "name": name}
            for id_, name in sorted({(mesh["id"], mesh["name"]) for mesh in self._known.values()})
        ]


def _place(session: Session, meshes: _Meshes) -> dict[str, t.Any]:
    """Where all of this was found: what is true of one project, service or mesh is so of no other."""
    connection = session.client.connection
    return {
        "project_id": session.client.known_project_id,
        "region": connection.region,
        **connection.addresses(),
        "meshes": meshes.found(),
    }


def _patience(session: Session, options: Params) -> Patience:
    """How long to wait for one item: as for all, but for what it says itself."""
    own = {field: options.get(f"wait_{field}") for field in ("timeout", "interval")}
    own["wait"] = options.get("wait")
    return session.patience._replace(**{field: value for field, value in own.items() if value is not None})


def _item(session: Session, wanted: Wanted, meshes: _Meshes) -> Item:
    item = Item(wanted.kind.noun, wanted.label, error=wanted.error)
    if item.error is None:
        try:
            mesh = meshes.find(wanted.options) if wanted.kind.in_mesh else None
            item.patience = _patience(session, wanted.options)
            item.resource = wanted.kind.make(
                dataclasses.replace(session, patience=item.patience), wanted.options, wanted.wish, mesh
            )
        except (OptionError, AmbiguousError) as error:
            # No such mesh, or several: this item's fault. A list that can not be read is everybody's.
            item.error = error
    return item


def _kinds_to_prune(session: Session, params: Params, items: list[Item]) -> tuple[list[Kind], list[str]]:
    """The kinds that are to be pruned, and the plurals of those that are left alone all the same."""
    asked = [kind for kind in KINDS if (params["prune"] or {}).get(kind.plural)]
    # Nobody knows what an item means that is wrong in itself, and it may be what would be removed.
    left_alone = [kind for kind in asked if any(item.error for item in items if item.kind == kind.noun)]
    for kind in left_alone:
        session.warn(f"Nothing is pruned of the {kind.plural}, because an item is wrong in itself.")
    return [kind for kind in asked if kind not in left_alone], [kind.plural for kind in left_alone]


def _pruned(session: Session, kinds: list[Kind], params: Params, wanted: list[Wanted], meshes: _Meshes) -> list[Item]:
    """The items that remove what matches and is not listed."""
    found: list[Item] = []
    for kind in kinds:
        patterns = _patterns(kind.plural, params["prune"][kind.plural])
        listed = [item for item in wanted if item.kind is kind]
        for mesh in _meshes(params, kind, listed, meshes):
            found += _removals(
                session,
                kind,
                patterns,
                mesh,
                [item for item in listed if mesh is None or meshes.find(item.options) == mesh],
                meshes,
            )
    return found


def _removals(
    session: Session,
    kind: Kind,
    patterns: list[re.Pattern[str]],
    mesh: Shown | None,
    listed: list[Wanted],
    meshes: _Meshes,
) -> list[Item]:
    kept = {name for item in listed for name in kind.names(item.options)}
    place = {"mesh_id": mesh["id"]} if mesh else {}
    items = []
    for name, options in kind.removals(session, mesh):
        if kept.isdisjoint(name) and any(pattern.search(options["name"]) for pattern in patterns):
            items.append(_item(session, _removal(kind, dict(options, **place)), meshes))
    return items


def _removal(kind: Kind, options: dict[str, t.Any]) -> Wanted:
    label = kind.label(options)
    checked = validated(kind.arguments, options)[0]
    try:
        return Wanted(kind, label, checked, kind.prepare(checked))
    except OptionError as error:
        # The service lists what it would not let anybody create now.
        error.message = f"prune matches {kind.noun} '{label}', which can not be removed in this way: {error.message}"
        return Wanted(kind, label, checked, error=error)


def _meshes(params: Params, kind: Kind, listed: list[Wanted], meshes: _Meshes) -> list[Shown | None]:
    """Where a kind is pruned: the task's own mesh, and those its items name."""
    if not kind.in_mesh:
        return [None]
    named: list[Params] = [item.options for item in listed]
    named += [params] if params["mesh_id"] or params["mesh_name"] else []
    if not named:
        raise OptionError(f"prune: {kind.plural} needs mesh_id or mesh_name")
    return list({mesh["id"]: mesh for mesh in map(meshes.find, named)}.values())


def _limits(session: Session, params: Params) -> Limits:
    parallel, rate = params["parallel"], params["rate_limit"]
    if rate:
        # More would only wait for their turn, and what they have looked at would be old by then.
        parallel = min(parallel, max(1, int(rate * FRESH / 2)))
    most_failures = 1 if params["on_error"] == "stop" else params["max_failures"]
    return Limits(parallel, most_failures, session.patience)
