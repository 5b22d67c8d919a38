# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diffs as modules return them, made of results."""

from __future__ import annotations

import copy
import typing as t

SERVICE_FIELDS = ("owner", "status", "status_info", "created_at", "updated_at")
SERVER_FIELDS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")
REVISION = "deployment.kubernetes.io/revision"


def diff(before: t.Any = None, after: t.Any = None) -> dict[str, t.Any]:
    """Return the diff between two results. ``after`` is the prediction; an unknown field of a new object is not in it."""
    old, new = _without_service_fields(before or {}), _without_service_fields(after or {})
    is_new = new.get("id") is None
    return {"before": old, "after": {field: value for field, value in new.items() if value is not None or not is_new}}


def _without_service_fields(result: dict[str, t.Any]) -> dict[str, t.Any]:
    kept = {field: copy.deepcopy(value) for field, value in result.items() if field not in SERVICE_FIELDS}
    if kept.get("grants"):
        kept["grants"] = [{key: value for key, value in one.items() if value is not None} for one in kept["grants"]]
    for item in kept.get("gray_deployments", []):
        item["template"].pop("status", None)
        metadata = item["template"].get("metadata", {})
        for field in SERVER_FIELDS:
            metadata.pop(field, None)
        if metadata.get("annotations", {}).pop(REVISION, None) and not metadata["annotations"]:
            del metadata["annotations"]
    return kept
