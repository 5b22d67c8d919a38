# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run ``apply``: plan all items, print the plan, compare it with the expected one, and apply it."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.audit_log import AuditLog
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.items import (
    RequestedItem,
    add_item_errors,
    build_item,
    join_first,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.meshes import MeshLookup
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.plan_hash import hash_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.progress import (
    ProgressListener,
    format_plan,
    plan_summary,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.prune import (
    build_prune_items,
    find_kinds_to_prune,
    find_patterns,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.result import NOTHING_SENT, build_result
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.rate_limiter import AdaptiveRateLimiter
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import Engine
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import ExecutionPolicy, Item
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session


class PlanChangedError(HuaweiCloudError):
    kind = "plan_changed"


def run(session: Session, params: Params, requested: list[RequestedItem]) -> dict[str, t.Any]:
    """Plan all items, print the plan, apply it, and return the result of each item."""
    deadline = None if params["timeout"] is None else session.clock.monotonic() + params["timeout"]
    # In a loop, the next item may use the lists.
    keeps_lists = session.keeps_lists
    session.skip_details, session.cache_policy.max_age = True, LIST_MAX_AGE
    session.list_cache.failure_max_age = LIST_MAX_AGE
    session.wait_policy = session.wait_policy._replace(deadline=deadline)
    session.client.rate_limiter = AdaptiveRateLimiter(params["rate_limit"], session.clock, deadline)
    audit_log = AuditLog(None if session.check_mode else params["audit_log"], session.warn)
    try:
        meshes = _build_mesh_lookup(session, params, requested)
        try:
            patterns = find_patterns(params, session.check_mode)
            items = [build_item(session, item, meshes) for item in requested]
            kinds, skipped = find_kinds_to_prune(session, patterns, items)
            items += build_prune_items(session, kinds, patterns, params, requested, meshes)
            _check_unused_mesh(params, requested, meshes)
        except HuaweiCloudError as error:
            raise (add_item_errors(error, requested) if params["on_error"] == "stop" else error) from None
        engine = Engine(items, _build_policy(session, params), session.clock, ProgressListener(session, audit_log))
        execution = _Execution(session, params, engine, requested, meshes, keeps_lists=keeps_lists)
        return dict(execution.run(), target=_describe_target(session, meshes), prune_skipped=skipped)
    finally:
        audit_log.close()


class _Execution:
    """Plan the items of one task, compare the plan with the expected one, and apply it."""

    def __init__(
        self,
        session: Session,
        params: Params,
        engine: Engine,
        requested: t.Sequence[RequestedItem],
        meshes: MeshLookup,
        *,
        keeps_lists: bool,
    ) -> None:
        self._keeps_lists = keeps_lists
        self._session = session
        self._params = params
        self._engine = engine
        self._requested = requested
        self._meshes = meshes

    def run(self) -> dict[str, t.Any]:
        session, params, engine = self._session, self._params, self._engine
        # All items are planned with the lists that were read at the start, however long that takes. Before a create, the list is read again.
        session.cache_policy.max_age = math.inf
        engine.plan()
        session.cache_policy.max_age = LIST_MAX_AGE
        for warning in (warning for item in engine.items if item.plan for warning in item.plan.warnings):
            session.warn(warning)
        target = _describe_target(session, self._meshes)
        plan = {
            **plan_summary(engine.items),
            "hash": hash_plan(engine.items, [item.options for item in self._requested], target),
        }
        session.progress(f"plan: {format_plan(engine.items)}")
        expected = (params["expected_plan_hash"] or "").strip()
        if expected and expected != plan["hash"]:
            return self._refuse(plan, target, expected)
        if params["on_error"] == "stop" and any(item.error for item in engine.items):
            return build_result(engine, plan, NOTHING_SENT)
        if session.check_mode:
            engine.predict()
        else:
            engine.apply_plan()
        self._release_unchanged()
        timed_out = f"Not done within {params['timeout']:g} s (timeout)" if engine.is_past_deadline else None
        return build_result(engine, plan, timed_out)

    def _release_unchanged(self) -> None:
        """Free what the results of unchanged items do not need. With thousands of items, the results then take the same memory."""
        for item in self._engine.items:
            if item.plan is not None and item.outcome is not None and not item.outcome.changed:
                item.resource = item.observed = None
                item.plan = item.plan._replace(observed=None)
        if not self._keeps_lists:
            self._session.list_cache.clear()

    def _refuse(self, plan: dict[str, t.Any], target: dict[str, t.Any], expected: str) -> dict[str, t.Any]:
        """Return the failure for a plan that is not the expected one."""
        where = ", ".join(
            f"{word} {target[key]}" for word, key in (("project", "project_id"), ("region", "region")) if target[key]
        )
        changes = [
            f"the hash of the plan was {expected} and is now {plan['hash']} ({where or 'no project'})",
            *(_describe_planned(item) for item in self._engine.items if item.action or item.error),
        ]
        error = PlanChangedError(
            f"{NOTHING_SENT}. The plan is not the expected one: {join_first(changes)}.",
            hint="Run the task in check mode to get the current plan and its hash.",
        )
        result = build_result(self._engine, plan, None)
        return {**result, "failed": True, "msg": str(error), "error": error.facts(), "plan_changes": changes}


def _build_mesh_lookup(session: Session, params: Params, requested: t.Sequence[RequestedItem]) -> MeshLookup:
    managed = [item.options for item in requested if item.kind.contains_others and item.error is None]
    return MeshLookup(session, managed, params["optional_meshes"] or ())


def _check_unused_mesh(params: Params, requested: t.Sequence[RequestedItem], meshes: MeshLookup) -> None:
    """Raise the errors of resolve_mesh for the mesh of a task whose lists of workshops and releases are empty. Items check their own meshes."""
    has_lists = any(kind.in_mesh and params[kind.plural] is not None for kind in RESOURCE_TYPES)
    if has_lists and (params["mesh_id"] or params["mesh_name"]) and not any(item.kind.in_mesh for item in requested):
        meshes.find(params)


def _describe_planned(item: Item) -> str:
    if item.error:
        return f"{item.subject} is now invalid ({str(item.error).rstrip('.')})"
    fields = ", ".join(item.plan.fields) if item.plan else ""
    return f"{item.subject} is now planned as {item.action}" + (f" ({fields})" if fields else "")


def _describe_target(session: Session, meshes: MeshLookup) -> dict[str, t.Any]:
    """Return the project, region, endpoints and meshes that the results refer to."""
    connection = session.client.connection
    return {
        "project_id": session.client.known_project_id,
        "region": connection.region,
        **connection.endpoints(),
        "meshes": meshes.found(),
    }


def _build_policy(session: Session, params: Params) -> ExecutionPolicy:
    parallel, rate = params["parallel"], params["rate_limit"]
    if rate:
        # More workers would only wait for the rate limiter, and their lists would be outdated by then.
        parallel = min(parallel, max(1, int(rate * LIST_MAX_AGE / 2)))
    most_failures = 1 if params["on_error"] == "stop" else params["max_failures"]
    return ExecutionPolicy(parallel, most_failures, session.wait_policy)
