# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""From a comparison (what apply says in check mode) to a plan, and to a report of drift: what is to be said of each thing.

Both hold nothing that may be secret, and of what was found only what does not move by itself.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import (
    normalize_deployment,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import (
    REDACTED,
    Redactor,
    digest_of,
    plain,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.result_redaction import (
    ItemRedactor,
    find_actual,
    find_mesh_secrets,
)

Data = t.Mapping[str, t.Any]
Observed = t.Dict[str, t.Any]
Report = t.Dict[str, t.Any]

PLAN = "community.huaweicloud.plan/1"
DRIFT = "community.huaweicloud.drift/1"

NO_DIGESTS = "the results are redacted and have no digests: run apply without redact, or set the variable huaweicloud_redact_digests to true"

# What can be said of a thing, the most important first.
PLAN_STATES = ("invalid", "create", "update", "replace", "delete", "promote", "cancel", "unchanged")
DRIFT_STATES = ("failed", "changed", "missing", "unmanaged", "unknown", "in_sync")
DRIFTED = ("failed", "changed", "missing", "unmanaged")
REMOVING = ("delete", "promote", "cancel")

# Of what was found, these move without anybody's doing, or only repeat what was done.
_RESTLESS = frozenset(("created_at", "updated_at"))
_STUCK = ("CREATE_FAILED", "DELETE_FAILED")
_PLURALS = [kind.plural for kind in RESOURCE_TYPES]
# Errors that a complete look at the service has led to.
_LOOKED_AT = ("drift", "wait")


def build_plan(applied: Data, desired_state: Data, path: str, generated_at: str) -> Report:
    """What would be done to each thing that ``desired_state`` declares, with the hash of all that this was computed from."""
    resources = _list_resources(applied, desired_state)
    for observed in resources:
        observed["state"] = "invalid" if observed["msg"] else observed["action"] or "unchanged"
    counts = _counts(resources, PLAN_STATES)
    report: Report = {
        "format": PLAN,
        "generated_at": generated_at,
        **_heading(applied, desired_state, path),
        "resources": resources,
        "counts": counts,
    }
    report["has_changes"] = any(observed["action"] for observed in resources)
    report["status"] = "invalid" if counts["invalid"] else "changes" if report["has_changes"] else "no_changes"
    report["redacted"] = _redacts(applied)
    report["hash"] = hash_plan(report)
    report["checksum"] = checksum_of(report)
    return report


def build_drift_report(applied: Data, desired_state: Data, path: str, generated_at: str) -> Report:
    """Where the world is not as ``desired_state`` declares: what differs, is missing, is there and not declared, or is stuck."""
    resources = [
        observed
        for observed in _list_resources(applied, desired_state)
        if observed["desired"] is not None or observed["action"] or observed["msg"]
    ]
    for observed in resources:
        observed["state"] = _drift_state(observed)
    counts: dict[str, int | None] = {**_counts(resources, DRIFT_STATES)}
    left_alone = plain(applied["prune_skipped"])
    if left_alone:
        # There may be more than was found: no number is the right one.
        counts["unmanaged"] = None
    has_drift = any(observed["state"] in DRIFTED for observed in resources)
    report: Report = {
        "format": DRIFT,
        "generated_at": generated_at,
        **_heading(applied, desired_state, path),
        "resources": resources,
        "counts": counts,
    }
    is_unknown = bool(counts["unknown"] or left_alone)
    status = "unknown" if is_unknown else "drift" if has_drift else "no_drift"
    return {
        **report,
        "undetermined_kinds": left_alone,
        "has_drift": has_drift,
        "status": status,
        "redacted": _redacts(applied),
    }


def hash_plan(plan: Data) -> str:
    """The hash of what a plan was computed from: the desired_state, where it is about, what was found, and what follows from all that."""
    desired_state = {key: value for key, value in plan["desired_state"].items() if key != "path"}
    keys = ("kind", "name", "mesh", "desired", "actual", "redacted_digest", "state", "fields")
    return digest_of(
        {
            "desired_state": desired_state,
            "target": plan["target"],
            "resources": [{key: observed[key] for key in keys} for observed in plan["resources"]],
        }
    )


def checksum_of(plan: Data) -> str:
    """A digest of all that a plan says, also of what is only for people. It shows what was changed by accident: anybody can compute it."""
    return digest_of({key: value for key, value in plan.items() if key != "checksum"})


def kinds_to_list(desired_state: Data) -> dict[str, list[str]]:
    """Return the patterns with which apply lists all undeclared resources: of the kinds that the file lists or prunes, if it names a mesh."""
    has_mesh = bool(desired_state.get("mesh_id") or desired_state.get("mesh_name"))
    prune = desired_state.get("prune") or {}
    kinds = [kind for kind in RESOURCE_TYPES if kind.plural in desired_state or prune.get(kind.plural)]
    return {kind.plural: ["(?s)."] for kind in kinds if not kind.in_mesh or has_mesh or desired_state.get(kind.plural)}


def _list_resources(applied: Data, desired_state: Data) -> list[Observed]:
    declared: list[tuple[t.Any, Data]] = [
        (item, desired_state) for kind in RESOURCE_TYPES for item in desired_state.get(kind.plural) or []
    ]
    results = applied["results"]
    if applied.get("redacted") and any("redacted_digest" not in result for result in results):
        raise ValueError(NO_DIGESTS)
    known = find_mesh_secrets(desired_state, _redacts(applied))
    # What is not declared comes last.
    declared += [(None, {})] * (len(results) - len(declared))
    return [_describe_resource(result, item, said, known) for result, (item, said) in zip(results, declared)]


def _describe_resource(result: Data, item: t.Any, desired_state: Data, known: Redactor) -> Observed:
    # A redacted result shows no changes of redacted values, except by its digest.
    is_redacted = "redacted_digest" in result
    redactor = ItemRedactor(item, known, f"{result['kind']} {plain(result['name'])}")
    found = find_actual(result)
    shown, digest = redactor.actual(None if found is None else stable_fields(found))
    # If the module has redacted its result, only the module knew what was redacted.
    found_digest = plain(result["redacted_digest"]) if is_redacted else digest()
    hidden = {"desired": redactor.digest_desired(), "actual": found_digest}
    mesh = None
    if result["kind"] != "workspace":
        places = [item or {}, desired_state, found or {}]
        mesh = next((place[key] for place in places for key in ("mesh_id", "mesh_name") if place.get(key)), None)
    failed = bool(result["failed"])
    return {
        "kind": plain(result["kind"]),
        "name": redactor.name(plain(result["name"])),
        "mesh": redactor.mesh(mesh),
        "state": "",
        "action": None if failed else plain(result["action"]),
        "fields": [] if failed else plain([field for action in result["actions"] for field in action["fields"]]),
        "msg": redactor.text(plain(result["msg"]), result["error"]["kind"]) if failed else None,
        "error": plain(result["error"]["kind"]) if failed else None,
        "failure": redactor.text(plain(_failure(result["kind"], found or {}, item or {})), "wait") or None,
        "differences": [_difference(difference, redactor) for difference in result["differences"]],
        "desired": redactor.desired,
        "actual": shown,
        "redacted_digest": hidden,
    }


def stable_fields(found: Data) -> dict[str, t.Any]:
    """Return the fields of an actual state that do not change on their own."""
    kept = {key: value for key, value in found.items() if key not in _RESTLESS and value is not None}
    if "quotas" in kept:
        kept["quotas"] = {quota["resource"]: quota["quota"] for quota in kept["quotas"]}
    if "gray_deployments" in kept:
        status = kept.get("status") or {}
        # A service that does not repeat what it was told shows at least what it observes.
        gray = kept["gray_deployments"] or [{"template": observed} for observed in status.get("gray_deployments") or []]
        kept["gray_deployments"] = [dict(each, template=normalize_deployment(each["template"] or {})) for each in gray]
        kept["status"] = {"phase": status.get("phase")}
    return kept


def _difference(difference: Data, redactor: ItemRedactor) -> dict[str, t.Any]:
    field = plain(difference["field"])
    hidden = difference["private"]
    actual, desired = (
        REDACTED if hidden else redactor.field(field, difference[side]) for side in ("actual", "desired")
    )
    return {"field": field, "actual": actual, "desired": desired, "changeable": bool(difference["changeable"])}


def _failure(kind: str, found: Data, item: Data) -> str:
    """In words, why nothing but somebody's hand leads out of the state a thing is in; empty when it is in no such state."""
    if kind == "workspace" and any(equals_ignore_case(found.get("status"), word) for word in _STUCK):
        return f"status {found['status']}: {found.get('status_info') or 'the service gives no reason'}"
    if kind == "release":
        lists = {field: item[f"{field}_phases"] for field in Phases._fields if item.get(f"{field}_phases")}
        status = found.get("status") or {}
        return f"phase {status.get('phase')}" if Phases(**lists).is_failed(status) else ""
    return ""


def _drift_state(observed: Observed) -> str:
    if observed["failure"]:
        return "failed"
    if observed["desired"] is None:
        return "unmanaged"
    if observed["differences"] or observed["action"] in ("update", "replace", *REMOVING):
        return "changed"
    if observed["action"] == "create" or (observed["error"] in _LOOKED_AT and observed["actual"] is None):
        return "missing"
    return "unknown" if observed["msg"] else "in_sync"


def _redacts(applied: Data) -> bool:
    """Whether reports are redacted: unless the user has switched that off for the task that they are made from."""
    return applied.get("redacted") is not False


def _counts(resources: t.Sequence[Observed], states: t.Sequence[str]) -> dict[str, int]:
    counts = dict.fromkeys(states, 0)
    for observed in resources:
        counts[observed["state"]] += 1
    return counts


def _heading(applied: Data, desired_state: Data, path: str) -> dict[str, t.Any]:
    """What the desired_state says beside its lists, and where it was compared."""
    veil = find_mesh_secrets(desired_state, _redacts(applied))
    stated = veil.plain({key: value for key, value in desired_state.items() if key not in _PLURALS and value})
    return {"desired_state": {"path": plain(path), **stated}, "target": veil.plain(applied["target"])}
