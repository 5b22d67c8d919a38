# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Many things in one task: from a document to items, from items to a result."""

from __future__ import annotations

import collections
import dataclasses
import functools
import math
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    ITEM_WAIT,
    MESH,
    check_at_most_one_of,
    check_wait,
    compile_regex,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.audit_log import AuditLog
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.executor import (
    BulkExecutor,
    ExecutionPolicy,
    Item,
    format_plan,
    plan_summary,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.plan_hash import hash_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    DriftError,
    HuaweiCloudError,
    OptionError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.rate_limiter import AdaptiveRateLimiter
from ansible_collections.community.huaweicloud.plugins.module_utils._module import (
    ARGSPEC_ERRORS,
    actions_to_result,
    make_diff,
    validate_params,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    find_shape_mistakes,
    format_path,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Difference,
    ResourceResult,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all, join_errors
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import (
    RESOURCE_TYPES,
    ResourceType,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    ListCache,
    Params,
    Session,
)

# Enough to correct a desired-state file in one round. The results have all of them.
_MOST_NAMED = 20
_NOTHING_SENT = "Nothing was sent"
_CORRECT = "Correct the items, or set on_error to continue."
# Requests a second; the pauses of a lower rate would be beyond what clocks count.
_SLOWEST = 0.001
# Matches every name, also one with line breaks.
_EVERY_NAME = "(?s)."
# Patterns of prune that match everything on purpose.
_EVERYTHING = (".*", "^.*", ".*$", "^.*$")
# What a pattern must not have an empty match in: (team-old)?, x*, ^, \b and lookaheads have one.
_SAMPLES = ("", "a", "team-old", "Team_1")


class RequestedItem(t.NamedTuple):
    """One item of the document: its checked options and what was made of them, or what is wrong with it."""

    kind: ResourceType
    label: str
    options: t.Dict[str, t.Any]
    desired: t.Any = None
    error: t.Optional[OptionError] = None
    # Where it is in the task: workspaces[0].
    place: str = ""


def validate_options(params: Params) -> list[RequestedItem]:
    """Return the items of a task in its order, each with what is invalid in it. Raise OptionError for invalid options of the task.

    Invalid items fail later, together with those that turn out to be invalid only when they are compared.
    """
    wanted = [
        _prepared(kind, index, options, params)
        for kind in RESOURCE_TYPES
        for index, options in enumerate(params[kind.plural] or [])
    ]
    wanted = _without_duplicates(wanted)
    try:
        check_settings(params)
    except OptionError as error:
        raise _with_mistakes(error, wanted) from None
    return wanted


def _with_mistakes(error: HuaweiCloudError, wanted: t.Sequence[RequestedItem]) -> HuaweiCloudError:
    """Return one error for ``error`` and all invalid items."""
    mistakes = [str(item.error) for item in wanted if item.error]
    if not mistakes:
        return error
    return OptionError("Nothing was sent: " + _first([str(error), *mistakes]), hint=_CORRECT)


def run(session: Session, params: Params, wanted: list[RequestedItem]) -> dict[str, t.Any]:
    """Plans all, shows the plan, acts, and tells of each item what came of it."""
    deadline = None if params["timeout"] is None else session.clock.monotonic() + params["timeout"]
    session.skip_details, session.cache_policy.max_age = True, LIST_MAX_AGE
    t.cast(ListCache, session.list_cache).failure_max_age = LIST_MAX_AGE
    session.wait_policy = session.wait_policy._replace(deadline=deadline)
    session.client.rate_limiter = AdaptiveRateLimiter(params["rate_limit"], session.clock, deadline)
    journal = AuditLog(None if session.check_mode else params["audit_log"], session.warn)
    try:
        meshes = _Meshes(session)
        try:
            patterns = _find_patterns(params, session.check_mode)
            items = [_item(session, item, meshes) for item in wanted]
            kinds, left_alone = _kinds_to_prune(session, patterns, items)
            items += _pruned(session, kinds, patterns, params, wanted, meshes)
        except HuaweiCloudError as error:
            raise (_with_mistakes(error, wanted) if params["on_error"] == "stop" else error) from None
        executor = BulkExecutor(items, _limits(session, params), session.clock, _AuditLogger(session, journal))
        execution = _Execution(session, params, executor, wanted, meshes)
        return dict(execution.run(), target=_target(session, meshes), prune_skipped=left_alone)
    finally:
        journal.close()


class _AuditLogger:
    """Writes down what happens."""

    def __init__(self, session: Session, journal: AuditLog) -> None:
        self._session = session
        self._journal = journal

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        name, request_id = (action.action, action.request_id) if action else (item.action, None)
        message = str(item.error) if item.error else None
        self._journal.write(
            event=event, kind=item.kind, name=item.name, action=name, request_id=request_id, msg=message
        )

    def on_message(self, text: str) -> None:
        self._session.progress(text)


class PlanChangedError(HuaweiCloudError):
    kind = "plan_changed"


class _Execution:
    """Plan the items of one task, compare the plan with the expected one, and apply it."""

    def __init__(
        self,
        session: Session,
        params: Params,
        executor: BulkExecutor,
        wanted: t.Sequence[RequestedItem],
        meshes: _Meshes,
    ) -> None:
        self._session = session
        self._params = params
        self._executor = executor
        self._wanted = wanted
        self._meshes = meshes

    def run(self) -> dict[str, t.Any]:
        session, params, executor = self._session, self._params, self._executor
        # All items are planned with the lists that were read at the start, however long that takes. Before a create, the list is read again.
        session.cache_policy.max_age = math.inf
        executor.plan()
        session.cache_policy.max_age = LIST_MAX_AGE
        for warning in (warning for item in executor.items if item.plan for warning in item.plan.warnings):
            session.warn(warning)
        target = _target(session, self._meshes)
        plan = {
            **plan_summary(executor.items),
            "hash": hash_plan(executor.items, [item.options for item in self._wanted], target),
        }
        session.progress(f"plan: {format_plan(executor.items)}")
        expected = (params["expected_plan_hash"] or "").strip()
        if expected and expected != plan["hash"]:
            return self._refuse(plan, target, expected)
        if params["on_error"] == "stop" and any(item.error for item in executor.items):
            return _result(executor, plan, _NOTHING_SENT)
        if session.check_mode:
            executor.predict()
        else:
            executor.apply_plan()
        timed_out = f"Not done within {params['timeout']:g} s (timeout)" if executor.is_past_deadline else None
        return _result(executor, plan, timed_out)

    def _refuse(self, plan: dict[str, t.Any], target: dict[str, t.Any], expected: str) -> dict[str, t.Any]:
        """Return the failure for a plan that is not the expected one."""
        where = ", ".join(
            f"{word} {target[key]}" for word, key in (("project", "project_id"), ("region", "region")) if target[key]
        )
        changes = [
            f"the hash of the plan was {expected} and is now {plan['hash']} ({where or 'no project'})",
            *(_describe_planned(item) for item in self._executor.items if item.action or item.error),
        ]
        error = PlanChangedError(
            f"{_NOTHING_SENT}. The plan is not the expected one: {_first(changes)}.",
            hint="Run the task in check mode to get the current plan and its hash.",
        )
        result = _result(self._executor, plan, None)
        return {**result, "failed": True, "msg": str(error), "error": error.facts(), "plan_changes": changes}


def _describe_planned(item: Item) -> str:
    if item.error:
        return f"{item.subject} is now invalid ({str(item.error).rstrip('.')})"
    fields = ", ".join(item.plan.fields) if item.plan else ""
    return f"{item.subject} is now planned as {item.action}" + (f" ({fields})" if fields else "")


def _result(executor: BulkExecutor, plan: dict[str, t.Any], reason: str | None) -> dict[str, t.Any]:
    failed = [item for item in executor.items if item.error]
    left = [item for item in executor.items if item.is_open]
    result = {
        "changed": any(item.applied or (item.outcome and item.outcome.changed) for item in executor.items),
        "plan": plan,
        "results": [_shown(item) for item in executor.items],
        "diff": _diff(executor.items),
    }
    if failed or left:
        first = failed[0].error if failed else None
        result.update(
            failed=True,
            msg=_message(executor.items, failed, left, reason),
            error=first.facts() if first else _late(reason).facts(),
        )
    return result


def _late(reason: str | None) -> HuaweiCloudError:
    return WaitError(reason or "Not everything was begun.")


def _message(items: t.Sequence[Item], failed: t.Sequence[Item], left: t.Sequence[Item], reason: str | None) -> str:
    if reason == _NOTHING_SENT and any(_is_mistake(item) for item in failed):
        return f"{reason}: {_first(_told(failed)).rstrip('.')}. {_CORRECT}"
    parts = [reason] if reason else []
    if failed:
        parts.append(f"{len(failed)} of {len(items)} failed: " + _first(_told(failed)))
    if left:
        parts.append(f"{len(left)} of {len(items)} were not started")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _is_mistake(item: Item) -> bool:
    """Return whether the item is invalid whatever exists."""
    return item.resource is None and item.names_itself


def _told(failed: t.Sequence[Item]) -> list[str]:
    """What went wrong with whom; what is the same for many is told once."""
    alike: dict[str, list[Item]] = {}
    for item in failed:
        alike.setdefault(str(item.error), []).append(item)
    return [
        text
        if items[0].names_itself
        else items[0].subject + (f" and {len(items) - 1} more" if len(items) > 1 else "") + f": {text}"
        for text, items in alike.items()
    ]


def _first(texts: t.Iterable[str]) -> str:
    listed = list(texts)
    more = len(listed) - _MOST_NAMED
    return "; ".join(text.rstrip(".") for text in listed[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _shown(item: Item) -> dict[str, t.Any]:
    outcome = item.outcome
    message = str(item.error) if item.error else None
    if item.is_open:
        message = "not started"
    return {
        "kind": item.kind,
        "name": item.name,
        "action": item.action,
        "actions": actions_to_result(outcome.actions if outcome else item.applied),
        "changed": bool(item.applied) or bool(outcome and outcome.changed),
        "failed": item.error is not None,
        "msg": message,
        "resource": outcome.after if outcome else None,
        "before": _before(item),
        "differences": [_difference(difference) for difference in _differences(item)],
        "error": item.error.facts() if item.error else None,
    }


def _before(item: Item) -> ResourceResult | None:
    """The thing as it was found; not where nothing is to be done, since the result shows just that."""
    if item.plan is not None:
        return item.plan.before if item.plan.action or item.error else None
    return item.resource.to_result(item.observed) if item.resource is not None and item.observed is not None else None


def _differences(item: Item) -> t.Sequence[Difference]:
    if item.plan is not None:
        return [*item.plan.differences, *item.plan.tolerated]
    return item.error.differences if isinstance(item.error, DriftError) else ()


def _difference(difference: Difference) -> dict[str, t.Any]:
    actual, desired = (None, None) if difference.private else (difference.actual, difference.desired)
    return {
        "field": difference.field,
        "actual": actual,
        "desired": desired,
        "changeable": difference.changeable,
        "private": difference.private,
    }


def _diff(items: t.Sequence[Item]) -> list[dict[str, t.Any]]:
    """Return one diff for each item that changed, under the name of the item."""
    changed = [(item, item.outcome) for item in items if item.outcome and item.outcome.changed]
    names = [f"{item.kind} {item.name}" for item, outcome in changed]
    counts = collections.Counter(names)
    found = []
    for name, (item, outcome) in zip(names, changed):
        header = name if counts[name] == 1 else name + _mesh_of(outcome)
        found.append({"before_header": header, "after_header": header, **make_diff(item.planned()[0], outcome)})
    return found


def _mesh_of(outcome: Outcome) -> str:
    return f" in mesh {(outcome.before or outcome.after or {}).get('mesh_id')}"


def check_settings(params: Params) -> None:
    """Raise OptionError with everything that is invalid in the options of the task itself. Options that are missing are not set."""
    check_all(
        lambda: check_at_most_one_of(params, *MESH.argument_spec),
        lambda: _check_numbers(params),
        *(functools.partial(_patterns, kind, patterns) for kind, patterns in (params.get("prune") or {}).items()),
    )


def _check_numbers(params: Params) -> None:
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


def _patterns(plural: str, patterns: t.Any) -> list[re.Pattern[str]]:
    """Return the compiled patterns of a kind. Raise OptionError for those that are invalid, or match without using a character."""
    plurals = [kind.plural for kind in RESOURCE_TYPES]
    if plural not in plurals:
        raise OptionError(f"prune: '{plural}' is none of {', '.join(plurals)}")
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise OptionError(f"prune: {plural} must be a list of regular expressions")
    return [_pattern(pattern, f"prune: {plural}[{index}]") for index, pattern in enumerate(patterns)]


def _pattern(pattern: str, what: str) -> re.Pattern[str]:
    found = compile_regex(pattern, what)
    for sample in _SAMPLES if pattern not in _EVERYTHING else ():
        _check_match(found.search(sample), what)
    return found


def _check_match(match: re.Match[str] | None, what: str) -> None:
    """Raise OptionError for an empty match. A pattern with empty matches usually matches every name, and seldom on purpose."""
    if match is not None and not match.group():
        text = f" in '{match.string}'" if match.string else ""
        raise OptionError(
            f"{what} '{match.re.pattern}' matches the empty text{text}. Such a pattern can match every name and delete everything that is not listed.",
            hint="Write .* if that is meant. Otherwise, write a pattern that matches at least one character of each name to delete.",
        )


def _prepared(kind: ResourceType, index: int, options: t.Any, params: Params) -> RequestedItem:
    given = dict(options) if isinstance(options, dict) else {}
    if kind.in_mesh and not given.get("mesh_id") and not given.get("mesh_name"):
        # That both are set is a mistake of the task, and not of its items.
        own = [name for name in ("mesh_id", "mesh_name") if params[name]]
        given.update({name: params[name] for name in own[:1]})
    label = kind.label(given)
    place = f"{kind.plural}[{index}]"
    arguments = kind.arguments.merge(ITEM_WAIT)
    mistakes = find_shape_mistakes(arguments.argument_spec, given)
    if mistakes:
        message = "; ".join(f"{place} ('{label}').{format_path(path)}: {text}" for path, text in mistakes)
        return RequestedItem(kind, label, given, error=OptionError(message), place=place)
    checked, problem = validate_params(arguments, given)
    try:
        if problem:
            raise join_errors([OptionError(problem), *_further_mistakes(kind, checked)])
        desired_states: list[t.Any] = []
        check_all(lambda: check_wait(checked), lambda: desired_states.append(kind.validate_options(checked)))
        return RequestedItem(kind, label, checked, desired_states[0], place=place)
    except OptionError as error:
        error.message = f"{place} ('{label}'): {error.message}"
        return RequestedItem(kind, label, given, error=error, place=place)


def _further_mistakes(kind: ResourceType, options: Params) -> list[OptionError]:
    """Return what else is invalid in options that do not fit the argument spec, as far as they can be checked anyway."""
    try:
        kind.validate_options(options)
    except OptionError as error:
        return [error]
    except (KeyError, *ARGSPEC_ERRORS):
        # Values of a wrong type, which are reported already.
        return []
    return []


def _without_duplicates(wanted: list[RequestedItem]) -> list[RequestedItem]:
    """Return the items, each with an error if an earlier one has its name."""
    first: dict[tuple[str, ...], RequestedItem] = {}
    result = []
    for item in wanted:
        mesh = str(item.options.get("mesh_id") or item.options.get("mesh_name"))
        other = first.setdefault((item.kind.kind_name, mesh, item.label), item)
        twin = OptionError(
            f"{item.kind.kind_name} '{item.label}' is listed more than once: {other.place} and {item.place}",
        )
        result.append(item if other is item or item.error else item._replace(error=twin))
    return result


class _Meshes:
    """Meshes by what items call them, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[t.Any, t.Any], ResourceResult] = {}

    def find(self, options: Params) -> ResourceResult:
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


def _target(session: Session, meshes: _Meshes) -> dict[str, t.Any]:
    """Where all of this was found: what is true of one project, service or mesh is so of no other."""
    connection = session.client.connection
    return {
        "project_id": session.client.known_project_id,
        "region": connection.region,
        **connection.endpoints(),
        "meshes": meshes.found(),
    }


def _patience(session: Session, options: Params) -> WaitPolicy:
    """How long to wait for one item: as for all, but for what it says itself."""
    own = {field: options.get(f"wait_{field}") for field in ("timeout", "interval")}
    own["wait"] = options.get("wait")
    return session.wait_policy._replace(**{field: value for field, value in own.items() if value is not None})


def _item(session: Session, wanted: RequestedItem, meshes: _Meshes) -> Item:
    item = Item(wanted.kind.kind_name, wanted.label, error=wanted.error, place=wanted.place)
    if item.error is None:
        try:
            mesh = meshes.find(wanted.options) if wanted.kind.in_mesh else None
            item.wait_policy = _patience(session, wanted.options)
            item.resource = wanted.kind.make(
                dataclasses.replace(session, wait_policy=item.wait_policy), wanted.options, wanted.desired, mesh
            )
        except (OptionError, AmbiguousError) as error:
            # No such mesh, or several: this item's fault. A list that can not be read is everybody's.
            item.error = error
    return item


def _find_patterns(params: Params, check_mode: bool) -> dict[str, list[str]]:
    """Return the patterns of the names to prune by the plural of their kind.

    With ``detect_unmanaged``, they match every name of the kinds that the task lists or prunes.
    """
    prune = params["prune"] or {}
    if not params["detect_unmanaged"]:
        return {plural: patterns for plural, patterns in prune.items() if patterns}
    if not check_mode:
        raise OptionError(
            "detect_unmanaged requires check mode: otherwise, the task would delete all resources that it does not list.",
            hint="Set check_mode: true, or use prune.",
        )
    has_mesh = bool(params["mesh_id"] or params["mesh_name"])
    kinds = [kind for kind in RESOURCE_TYPES if params[kind.plural] is not None or prune.get(kind.plural)]
    return {kind.plural: [_EVERY_NAME] for kind in kinds if not kind.in_mesh or has_mesh or params[kind.plural]}


def _kinds_to_prune(
    session: Session, patterns: t.Mapping[str, list[str]], items: list[Item]
) -> tuple[list[ResourceType], list[str]]:
    """Return the kinds to prune, and the plurals of those that are skipped."""
    requested = [kind for kind in RESOURCE_TYPES if kind.plural in patterns]
    # It is unknown which resource an invalid item is about. It may be one that would be deleted.
    skipped = [kind for kind in requested if any(item.error for item in items if item.kind == kind.kind_name)]
    for kind in skipped:
        session.warn(f"No {kind.plural} are pruned, because an item is invalid.")
    return [kind for kind in requested if kind not in skipped], [kind.plural for kind in skipped]


def _pruned(
    session: Session,
    kinds: t.Sequence[ResourceType],
    patterns: t.Mapping[str, list[str]],
    params: Params,
    wanted: list[RequestedItem],
    meshes: _Meshes,
) -> list[Item]:
    """Return the items that delete what matches and is not listed."""
    found: list[Item] = []
    for kind in kinds:
        listed = [item for item in wanted if item.kind is kind]
        for mesh in _meshes(params, kind, listed, meshes):
            found += _removals(
                session,
                kind,
                _patterns(kind.plural, patterns[kind.plural]),
                mesh,
                [item for item in listed if mesh is None or meshes.find(item.options) == mesh],
                meshes,
            )
    return found


def _removals(
    session: Session,
    kind: ResourceType,
    patterns: list[re.Pattern[str]],
    mesh: ResourceResult | None,
    listed: list[RequestedItem],
    meshes: _Meshes,
) -> list[Item]:
    client_cache = {name for item in listed for name in kind.names(item.options)}
    place = {"mesh_id": mesh["id"]} if mesh else {}
    items = []
    for name, options in kind.removals(session, mesh):
        if client_cache.isdisjoint(name) and _is_matched(options["name"], patterns, kind):
            items.append(_item(session, _removal(kind, dict(options, **place)), meshes))
    return items


def _is_matched(name: str, patterns: t.Sequence[re.Pattern[str]], kind: ResourceType) -> bool:
    """Return whether one of the patterns matches somewhere in the name. Raise OptionError for an empty match."""
    matches = [pattern.search(name) for pattern in patterns]
    for index, match in enumerate(matches):
        _check_match(match, f"prune: {kind.plural}[{index}]")
    return any(matches)


def _removal(kind: ResourceType, options: dict[str, t.Any]) -> RequestedItem:
    label = kind.label(options)
    checked = validate_params(kind.arguments, options)[0]
    try:
        return RequestedItem(kind, label, checked, kind.validate_options(checked))
    except OptionError as error:
        # The service lists what it would not let anybody create now.
        error.message = (
            f"prune matches {kind.kind_name} '{label}', which can not be removed in this way: {error.message}"
        )
        return RequestedItem(kind, label, checked, error=error)


def _meshes(
    params: Params, kind: ResourceType, listed: list[RequestedItem], meshes: _Meshes
) -> list[ResourceResult | None]:
    """Where a kind is pruned: the task's own mesh, and those its items name."""
    if not kind.in_mesh:
        return [None]
    named: list[Params] = [item.options for item in listed]
    named += [params] if params["mesh_id"] or params["mesh_name"] else []
    if not named:
        raise OptionError(f"prune: {kind.plural} needs mesh_id or mesh_name")
    return list({mesh["id"]: mesh for mesh in map(meshes.find, named)}.values())


def _limits(session: Session, params: Params) -> ExecutionPolicy:
    parallel, rate = params["parallel"], params["rate_limit"]
    if rate:
        # More would only wait for their turn, and what they have looked at would be old by then.
        parallel = min(parallel, max(1, int(rate * LIST_MAX_AGE / 2)))
    most_failures = 1 if params["on_error"] == "stop" else params["max_failures"]
    return ExecutionPolicy(parallel, most_failures, session.wait_policy)
