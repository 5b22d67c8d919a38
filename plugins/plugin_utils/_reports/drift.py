# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Build a drift report from what apply returns in check mode."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    ENDING_ACTIONS,
    Data,
    Report,
    ReportedResource,
    count_states,
    describe_resources,
    describe_source,
    is_redacted,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.result_redaction import find_actual

DRIFT = "community.huaweicloud.drift/1"

# The states of a resource in a drift report, the most important first.
DRIFT_STATES = ("failed", "changed", "missing", "unmanaged", "unknown", "in_sync")
DRIFTED_STATES = ("failed", "changed", "missing", "unmanaged")

# The only kind whose resources in one project can belong to several targets.
_MESH, _MESHES = "mesh", "meshes"

# For these errors, the actual state of the resource is known.
_ERRORS_AFTER_LOOKUP = ("drift", "wait")


def build_drift_report(comparison: Data, desired_state: Data, path: str, generated_at: str) -> Report:
    """Return where the actual state differs from a desired state.

    Arguments:
        comparison: What apply has returned in check mode, with ``on_error`` set to ``continue``.
            With ``detect_unmanaged``, the report has unmanaged resources as well.
        desired_state: The content of the desired-state file.
        path: The path of that file.
        generated_at: The current time, in the format of RFC 3339.
    """
    resources = [
        resource
        for resource in describe_resources(comparison, desired_state)
        if resource["desired"] is not None or resource["action"] or resource["msg"]
    ]
    for resource in resources:
        resource["state"] = _find_state(resource)
    counts: dict[str, int | None] = {**count_states(resources, DRIFT_STATES)}
    undetermined = to_plain(comparison["prune_skipped"])
    is_unknown = bool(counts["unknown"] or undetermined)
    has_drift = any(resource["state"] in DRIFTED_STATES for resource in resources)
    if undetermined:
        # There may be more unmanaged resources than were found.
        counts["unmanaged"] = None
    return {
        "format": DRIFT,
        "generated_at": generated_at,
        **describe_source(comparison, desired_state, path),
        "resources": resources,
        "counts": counts,
        "undetermined_kinds": undetermined,
        "has_drift": has_drift,
        "status": "unknown" if is_unknown else "drift" if has_drift else "no_drift",
        "redacted": is_redacted(comparison),
    }


def drop_meshes(
    comparison: Data, desired_state: Data, belongs_elsewhere: t.Callable[[Data], bool], *, may_belong_elsewhere: bool
) -> Data:
    """Return a comparison without the unmanaged meshes that belong to other targets.

    Arguments:
        comparison: See build_drift_report.
        desired_state: See build_drift_report.
        belongs_elsewhere: Return whether a mesh with this ``id`` and ``name`` belongs to another target.
        may_belong_elsewhere: Whether the meshes of another target are unknown. Then all unmanaged meshes are removed, and their kind is undetermined.
    """
    listed = sum(len(desired_state.get(kind.plural) or []) for kind in RESOURCE_TYPES)
    # Unmanaged resources come last.
    kept = [
        result
        for result in comparison["results"][listed:]
        if result["kind"] != _MESH or not belongs_elsewhere({"name": result["name"], **(find_actual(result) or {})})
    ]
    skipped = [*comparison["prune_skipped"]]
    if may_belong_elsewhere and any(result["kind"] == _MESH for result in kept):
        kept = [result for result in kept if result["kind"] != _MESH]
        skipped = list(dict.fromkeys([*skipped, _MESHES]))
    return {**comparison, "results": [*comparison["results"][:listed], *kept], "prune_skipped": skipped}


def describe_unknown_states(report: Data) -> str | None:
    """Return which states a drift report does not contain, and why. None if it contains all."""
    resources, undetermined = report["resources"], report["undetermined_kinds"]
    messages = [resource["msg"] for resource in resources if resource["state"] == "unknown"]
    texts = []
    if messages:
        reasons = "; ".join(message.rstrip(".") for message in messages)
        texts.append(f"The state of {len(messages)} of {len(resources)} resources is unknown: {reasons}.")
    if undetermined:
        texts.append(f"Unmanaged {' and '.join(undetermined)} are unknown{', too' if messages else ''}.")
    return " ".join(texts) or None


def _find_state(resource: ReportedResource) -> str:
    if resource["failure"]:
        return "failed"
    if resource["desired"] is None:
        return "unmanaged"
    if resource["differences"] or resource["action"] in ("update", "replace", *ENDING_ACTIONS):
        return "changed"
    if resource["action"] == "create" or (resource["error"] in _ERRORS_AFTER_LOOKUP and resource["actual"] is None):
        return "missing"
    return "unknown" if resource["msg"] else "in_sync"
