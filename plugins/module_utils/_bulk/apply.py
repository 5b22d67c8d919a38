# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Manage many resources in one task: validate the items, plan and apply them, and build the result."""

from __future__ import annotations

import collections
import functools
import math
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    ITEM_WAIT,
    MESH,
    ArgumentSpec,
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
from ansible_collections.community.huaweicloud.plugins.module_utils._results import actions_to_result, make_diff
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._task import ARGSPEC_ERRORS, validate_params

APPLY = ArgumentSpec(
    argument_spec={
        "mesh_id": {"type": "str"},
        "mesh_name": {"type": "str"},
        "workspaces": {"type": "list", "elements": "dict"},
        "workshops": {"type": "list", "elements": "dict"},
        "releases": {"type": "list", "elements": "dict"},
        "prune": {"type": "dict"},
        "parallel": {"type": "int", "default": 8},
        "rate_limit": {"type": "float"},
        "on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
        "max_failures": {"type": "int"},
        "timeout": {"type": "float"},
        "audit_log": {"type": "path"},
        "expected_plan_hash": {"type": "str"},
        "detect_unmanaged": {"type": "bool", "default": False},
    }
)

_ITEM_ARGUMENTS = {kind.plural: kind.arguments.merge(ITEM_WAIT) for kind in RESOURCE_TYPES}

# The maximum number of errors in a message. The results have all of them.
_MAX_LISTED = 20
_NOTHING_SENT = "Nothing was sent"
_CORRECT = "Correct the items, or set on_error to continue."
# In requests a second. The pauses of a lower rate exceed the range of clocks.
_MIN_RATE = 0.001
# Matches every name, also one with line breaks.
_EVERY_NAME = "(?s)."
# Patterns that are meant to match every name.
_EVERY_NAME_PATTERNS = (".*", "^.*", ".*$", "^.*$")
# Other patterns must not match the empty text in any of these samples, as (team-old)?, x*, ^, \b and lookaheads do.
_EMPTY_MATCH_SAMPLES = ("", "a", "team-old", "Team_1")


class RequestedItem(t.NamedTuple):
    """One item of the task: its validated options and its desired state, or its error."""

    kind: ResourceType
    label: str
    options: t.Dict[str, t.Any]
    desired: t.Any = None
    error: t.Optional[OptionError] = None
    # Its path in the task, for example workspaces[0].
    place: str = ""


def validate_options(params: Params) -> list[RequestedItem]:
    """Return the items of a task in their order. Raise OptionError for invalid options of the task.

    Invalid items have an error. They fail later, together with items whose desired state cannot be reached.
    """
    requested = [
        _validate_item(kind, index, options, params)
        for kind in RESOURCE_TYPES
        for index, options in enumerate(params[kind.plural] or [])
    ]
    requested = _mark_duplicates(requested)
    try:
        check_settings(params)
    except OptionError as error:
        raise _add_item_errors(error, requested) from None
    return requested


def _add_item_errors(error: HuaweiCloudError, requested: t.Sequence[RequestedItem]) -> HuaweiCloudError:
    """Return one error for ``error`` and all invalid items."""
    mistakes = [str(item.error) for item in requested if item.error]
    if not mistakes:
        return error
    return OptionError("Nothing was sent: " + _join_first([str(error), *mistakes]), hint=_CORRECT)


def run(session: Session, params: Params, requested: list[RequestedItem]) -> dict[str, t.Any]:
    """Plan all items, print the plan, apply it, and return the result of each item."""
    deadline = None if params["timeout"] is None else session.clock.monotonic() + params["timeout"]
    session.skip_details, session.cache_policy.max_age = True, LIST_MAX_AGE
    session.list_cache.failure_max_age = LIST_MAX_AGE
    session.wait_policy = session.wait_policy._replace(deadline=deadline)
    session.client.rate_limiter = AdaptiveRateLimiter(params["rate_limit"], session.clock, deadline)
    audit_log = AuditLog(None if session.check_mode else params["audit_log"], session.warn)
    try:
        meshes = _MeshLookup(session)
        try:
            patterns = _find_patterns(params, session.check_mode)
            items = [_build_item(session, item, meshes) for item in requested]
            kinds, skipped = _kinds_to_prune(session, patterns, items)
            items += _build_prune_items(session, kinds, patterns, params, requested, meshes)
        except HuaweiCloudError as error:
            raise (_add_item_errors(error, requested) if params["on_error"] == "stop" else error) from None
        executor = BulkExecutor(items, _build_policy(session, params), session.clock, _AuditLogger(session, audit_log))
        execution = _Execution(session, params, executor, requested, meshes)
        return dict(execution.run(), target=_describe_target(session, meshes), prune_skipped=skipped)
    finally:
        audit_log.close()


class _AuditLogger:
    """Write events to the audit log and messages to the progress output."""

    def __init__(self, session: Session, audit_log: AuditLog) -> None:
        self._session = session
        self._audit_log = audit_log

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        name, request_id = (action.action, action.request_id) if action else (item.action, None)
        message = str(item.error) if item.error else None
        self._audit_log.write(
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
        requested: t.Sequence[RequestedItem],
        meshes: _MeshLookup,
    ) -> None:
        self._session = session
        self._params = params
        self._executor = executor
        self._requested = requested
        self._meshes = meshes

    def run(self) -> dict[str, t.Any]:
        session, params, executor = self._session, self._params, self._executor
        # All items are planned with the lists that were read at the start, however long that takes. Before a create, the list is read again.
        session.cache_policy.max_age = math.inf
        executor.plan()
        session.cache_policy.max_age = LIST_MAX_AGE
        for warning in (warning for item in executor.items if item.plan for warning in item.plan.warnings):
            session.warn(warning)
        target = _describe_target(session, self._meshes)
        plan = {
            **plan_summary(executor.items),
            "hash": hash_plan(executor.items, [item.options for item in self._requested], target),
        }
        session.progress(f"plan: {format_plan(executor.items)}")
        expected = (params["expected_plan_hash"] or "").strip()
        if expected and expected != plan["hash"]:
            return self._refuse(plan, target, expected)
        if params["on_error"] == "stop" and any(item.error for item in executor.items):
            return _build_result(executor, plan, _NOTHING_SENT)
        if session.check_mode:
            executor.predict()
        else:
            executor.apply_plan()
        timed_out = f"Not done within {params['timeout']:g} s (timeout)" if executor.is_past_deadline else None
        return _build_result(executor, plan, timed_out)

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
            f"{_NOTHING_SENT}. The plan is not the expected one: {_join_first(changes)}.",
            hint="Run the task in check mode to get the current plan and its hash.",
        )
        result = _build_result(self._executor, plan, None)
        return {**result, "failed": True, "msg": str(error), "error": error.facts(), "plan_changes": changes}


def _describe_planned(item: Item) -> str:
    if item.error:
        return f"{item.subject} is now invalid ({str(item.error).rstrip('.')})"
    fields = ", ".join(item.plan.fields) if item.plan else ""
    return f"{item.subject} is now planned as {item.action}" + (f" ({fields})" if fields else "")


def _build_result(executor: BulkExecutor, plan: dict[str, t.Any], reason: str | None) -> dict[str, t.Any]:
    failed = [item for item in executor.items if item.error]
    left = [item for item in executor.items if item.is_open]
    result = {
        "changed": any(item.applied or (item.outcome and item.outcome.changed) for item in executor.items),
        "plan": plan,
        "results": [_to_result(item) for item in executor.items],
        "diff": _build_diffs(executor.items),
    }
    if failed or left:
        first = failed[0].error if failed else None
        result.update(
            failed=True,
            msg=_build_message(executor.items, failed, left, reason),
            error=first.facts() if first else WaitError(reason or "Some items were not started.").facts(),
        )
    return result


def _build_message(
    items: t.Sequence[Item], failed: t.Sequence[Item], left: t.Sequence[Item], reason: str | None
) -> str:
    if reason == _NOTHING_SENT and any(_is_invalid(item) for item in failed):
        return f"{reason}: {_join_first(_group_errors(failed)).rstrip('.')}. {_CORRECT}"
    parts = [reason] if reason else []
    if failed:
        parts.append(f"{len(failed)} of {len(items)} failed: " + _join_first(_group_errors(failed)))
    if left:
        parts.append(f"{len(left)} of {len(items)} were not started")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _is_invalid(item: Item) -> bool:
    """Return whether the item is invalid whatever exists."""
    return item.resource is None and item.names_itself


def _group_errors(failed: t.Sequence[Item]) -> list[str]:
    """Return the errors with their items. The same error of several items is listed once."""
    alike: dict[str, list[Item]] = {}
    for item in failed:
        alike.setdefault(str(item.error), []).append(item)
    return [
        text
        if items[0].names_itself
        else items[0].subject + (f" and {len(items) - 1} more" if len(items) > 1 else "") + f": {text}"
        for text, items in alike.items()
    ]


def _join_first(texts: t.Iterable[str]) -> str:
    listed = list(texts)
    more = len(listed) - _MAX_LISTED
    return "; ".join(text.rstrip(".") for text in listed[:_MAX_LISTED]) + (f"; and {more} more" if more > 0 else "")


def _to_result(item: Item) -> dict[str, t.Any]:
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
        "before": _find_before(item),
        "differences": [_describe_difference(difference) for difference in _list_differences(item)],
        "error": item.error.facts() if item.error else None,
    }


def _find_before(item: Item) -> ResourceResult | None:
    """Return the resource before the change. None if nothing changes, because the result is the same then."""
    if item.plan is not None:
        return item.plan.before if item.plan.action or item.error else None
    return item.resource.to_result(item.observed) if item.resource is not None and item.observed is not None else None


def _list_differences(item: Item) -> t.Sequence[Difference]:
    if item.plan is not None:
        return [*item.plan.differences, *item.plan.tolerated]
    return item.error.differences if isinstance(item.error, DriftError) else ()


def _describe_difference(difference: Difference) -> dict[str, t.Any]:
    actual, desired = (None, None) if difference.private else (difference.actual, difference.desired)
    return {
        "field": difference.field,
        "actual": actual,
        "desired": desired,
        "changeable": difference.changeable,
        "private": difference.private,
    }


def _build_diffs(items: t.Sequence[Item]) -> list[dict[str, t.Any]]:
    """Return one diff for each item that changed, under the name of the item."""
    changed = [(item, item.outcome) for item in items if item.outcome and item.outcome.changed]
    names = [f"{item.kind} {item.name}" for item, outcome in changed]
    counts = collections.Counter(names)
    found = []
    for name, (item, outcome) in zip(names, changed):
        header = name if counts[name] == 1 else name + _name_mesh(outcome)
        found.append({"before_header": header, "after_header": header, **make_diff(item.planned()[0], outcome)})
    return found


def _name_mesh(outcome: Outcome) -> str:
    return f" in mesh {(outcome.before or outcome.after or {}).get('mesh_id')}"


def check_settings(params: Params) -> None:
    """Raise OptionError with everything that is invalid in the options of the task itself. Options that are missing are not set."""
    check_all(
        lambda: check_at_most_one_of(params, *MESH.argument_spec),
        lambda: _check_numbers(params),
        *(
            functools.partial(_compile_patterns, kind, patterns)
            for kind, patterns in (params.get("prune") or {}).items()
        ),
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
    if rate is not None and rate < _MIN_RATE:
        raise OptionError(f"rate_limit must be at least {_MIN_RATE}: {rate:g} is not")


def _compile_patterns(plural: str, patterns: t.Any) -> list[re.Pattern[str]]:
    """Return the compiled patterns of a kind. Raise OptionError for those that are invalid, or match without using a character."""
    plurals = [kind.plural for kind in RESOURCE_TYPES]
    if plural not in plurals:
        raise OptionError(f"prune: the key must be one of {', '.join(plurals)}, but it is '{plural}'")
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise OptionError(f"prune: {plural} must be a list of regular expressions")
    return [_compile_pattern(pattern, f"prune: {plural}[{index}]") for index, pattern in enumerate(patterns)]


def _compile_pattern(pattern: str, what: str) -> re.Pattern[str]:
    found = compile_regex(pattern, what)
    for sample in _EMPTY_MATCH_SAMPLES if pattern not in _EVERY_NAME_PATTERNS else ():
        _check_match(found.search(sample), what)
    return found


def _check_match(match: re.Match[str] | None, what: str) -> None:
    """Raise OptionError for an empty match. Such a pattern matches every name, which is seldom intended."""
    if match is not None and not match.group():
        text = f" in '{match.string}'" if match.string else ""
        raise OptionError(
            f"{what} '{match.re.pattern}' matches the empty text{text}. Such a pattern can match every name and delete everything that is not listed.",
            hint="Write .* if that is meant. Otherwise, write a pattern that matches at least one character of each name to delete.",
        )


def _validate_item(kind: ResourceType, index: int, options: t.Any, params: Params) -> RequestedItem:
    given = dict(options) if isinstance(options, dict) else {}
    if kind.in_mesh and not given.get("mesh_id") and not given.get("mesh_name"):
        # If both are set, the error is reported once for the task, and not for each item.
        own = [name for name in ("mesh_id", "mesh_name") if params[name]]
        given.update({name: params[name] for name in own[:1]})
    label = kind.label(given)
    place = f"{kind.plural}[{index}]"
    arguments = _ITEM_ARGUMENTS[kind.plural]
    mistakes = find_shape_mistakes(arguments.argument_spec, given)
    if mistakes:
        message = "; ".join(f"{place} ('{label}').{format_path(path)}: {text}" for path, text in mistakes)
        return RequestedItem(kind, label, given, error=OptionError(message), place=place)
    checked, problem = validate_params(arguments, given)
    try:
        if problem:
            raise join_errors([OptionError(problem), *_find_further_errors(kind, checked)])
        desired_states: list[t.Any] = []
        check_all(lambda: check_wait(checked), lambda: desired_states.append(kind.validate_options(checked)))
        # With thousands of items, options that are not set take much memory.
        options = {option: value for option, value in checked.items() if value is not None}
        return RequestedItem(kind, label, options, desired_states[0], place=place)
    except OptionError as error:
        error.message = f"{place} ('{label}'): {error.message}"
        return RequestedItem(kind, label, given, error=error, place=place)


def _find_further_errors(kind: ResourceType, options: Params) -> list[OptionError]:
    """Return further errors in options that do not match the argument spec, as far as they can be validated."""
    try:
        kind.validate_options(options)
    except OptionError as error:
        return [error]
    except (KeyError, *ARGSPEC_ERRORS):
        # The argument spec has already reported values with a wrong type.
        return []
    return []


def _mark_duplicates(requested: list[RequestedItem]) -> list[RequestedItem]:
    """Return the items, each with an error if an earlier one has its name."""
    first: dict[tuple[str, ...], RequestedItem] = {}
    result = []
    for item in requested:
        mesh = str(item.options.get("mesh_id") or item.options.get("mesh_name"))
        other = first.setdefault((item.kind.kind_name, mesh, item.label), item)
        duplicate = OptionError(
            f"{item.kind.kind_name} '{item.label}' is listed more than once: {other.place} and {item.place}",
        )
        result.append(item if other is item or item.error else item._replace(error=duplicate))
    return result


class _MeshLookup:
    """Look up the mesh of each item, and each mesh only once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[t.Any, t.Any], ResourceResult] = {}

    def find(self, options: Params) -> ResourceResult:
        """Return the mesh of an item. Raises the errors of resolve_mesh."""
        key = options.get("mesh_id"), options.get("mesh_name")
        if key not in self._known:
            self._known[key] = resolve_mesh(self._session, options)
        return self._known[key]

    def found(self) -> list[dict[str, t.Any]]:
        """Return the ID and the name of each mesh that was found."""
        return [
            {"id": id_, "name": name}
            for id_, name in sorted({(mesh["id"], mesh["name"]) for mesh in self._known.values()})
        ]


def _describe_target(session: Session, meshes: _MeshLookup) -> dict[str, t.Any]:
    """Return the project, region, endpoints and meshes that the results refer to."""
    connection = session.client.connection
    return {
        "project_id": session.client.known_project_id,
        "region": connection.region,
        **connection.endpoints(),
        "meshes": meshes.found(),
    }


def _build_wait_policy(session: Session, options: Params) -> WaitPolicy:
    """Return the wait policy of one item. Its own options take precedence over those of the task."""
    own = {field: options.get(f"wait_{field}") for field in ("timeout", "interval")}
    own["wait"] = options.get("wait")
    return session.wait_policy._replace(**{field: value for field, value in own.items() if value is not None})


def _build_item(session: Session, requested: RequestedItem, meshes: _MeshLookup) -> Item:
    item = Item(requested.kind.kind_name, requested.label, error=requested.error, place=requested.place)
    if item.error is None:
        try:
            mesh = meshes.find(requested.options) if requested.kind.in_mesh else None
            item.wait_policy = _build_wait_policy(session, requested.options)
            item.resource = requested.kind.make(
                session.with_wait_policy(item.wait_policy), requested.options, requested.desired, mesh
            )
        except (OptionError, AmbiguousError) as error:
            # An unknown or ambiguous mesh fails this item only. A list that cannot be read fails the task.
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


def _build_prune_items(
    session: Session,
    kinds: t.Sequence[ResourceType],
    patterns: t.Mapping[str, list[str]],
    params: Params,
    requested: list[RequestedItem],
    meshes: _MeshLookup,
) -> list[Item]:
    """Return items that delete the resources that match and are not listed."""
    found: list[Item] = []
    for kind in kinds:
        listed = [item for item in requested if item.kind is kind]
        for mesh in _list_meshes(params, kind, listed, meshes):
            found += _prune_mesh(
                session,
                kind,
                _compile_patterns(kind.plural, patterns[kind.plural]),
                mesh,
                [item for item in listed if mesh is None or meshes.find(item.options) == mesh],
                meshes,
            )
    return found


def _prune_mesh(
    session: Session,
    kind: ResourceType,
    patterns: list[re.Pattern[str]],
    mesh: ResourceResult | None,
    listed: list[RequestedItem],
    meshes: _MeshLookup,
) -> list[Item]:
    listed_names = {name for item in listed for name in kind.names(item.options)}
    place = {"mesh_id": mesh["id"]} if mesh else {}
    items = []
    for name, options in kind.removals(session, mesh):
        if listed_names.isdisjoint(name) and _is_matched(options["name"], patterns, kind):
            items.append(_build_item(session, _prepare_deletion(kind, dict(options, **place)), meshes))
    return items


def _is_matched(name: str, patterns: t.Sequence[re.Pattern[str]], kind: ResourceType) -> bool:
    """Return whether one of the patterns matches somewhere in the name. Raise OptionError for an empty match."""
    matches = [pattern.search(name) for pattern in patterns]
    for index, match in enumerate(matches):
        _check_match(match, f"prune: {kind.plural}[{index}]")
    return any(matches)


def _prepare_deletion(kind: ResourceType, options: dict[str, t.Any]) -> RequestedItem:
    label = kind.label(options)
    checked = validate_params(kind.arguments, options)[0]
    try:
        return RequestedItem(kind, label, checked, kind.validate_options(checked))
    except OptionError as error:
        # The service can list resources with names that it does not accept any more.
        error.message = (
            f"prune matches {kind.kind_name} '{label}', which cannot be deleted in this way: {error.message}"
        )
        return RequestedItem(kind, label, checked, error=error)


def _list_meshes(
    params: Params, kind: ResourceType, listed: list[RequestedItem], meshes: _MeshLookup
) -> list[ResourceResult | None]:
    """Return the meshes in which a kind is pruned: that of the task, and those of its items."""
    if not kind.in_mesh:
        return [None]
    named: list[Params] = [item.options for item in listed]
    named += [params] if params["mesh_id"] or params["mesh_name"] else []
    if not named:
        raise OptionError(f"prune: {kind.plural} needs mesh_id or mesh_name")
    return list({mesh["id"]: mesh for mesh in map(meshes.find, named)}.values())


def _build_policy(session: Session, params: Params) -> ExecutionPolicy:
    parallel, rate = params["parallel"], params["rate_limit"]
    if rate:
        # More workers would only wait for the rate limiter, and their lists would be outdated by then.
        parallel = min(parallel, max(1, int(rate * LIST_MAX_AGE / 2)))
    most_failures = 1 if params["on_error"] == "stop" else params["max_failures"]
    return ExecutionPolicy(parallel, most_failures, session.wait_policy)
