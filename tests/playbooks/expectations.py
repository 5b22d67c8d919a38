# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expectations of several suites: the content of predictions, and the requests of a task."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import parse_quantity
from harness import Record

# Every write changes these values, so check mode cannot predict them.
OF_THE_SERVICE = (
    "updated_at",
    "status",
    "status_info",
    "used_quota",
    "generation",
    "resourceVersion",
    "deployment.kubernetes.io/revision",
)
IDEMPOTENCY_STEPS = ("{0} in check mode", "{0}", "{0} again in check mode", "{0} again")


def find_wrong_predictions(predicted: t.Any, real: t.Any, path: str = "") -> list[str]:
    """Return the paths where a prediction differs from the result.

    ``None`` predicts nothing. A Deployment is returned with the defaults of Kubernetes and perhaps an Istio sidecar, a workspace with all its quotas.
    """
    if predicted is None:
        return []
    # A Kubernetes API server leaves out fields that are empty.
    if ".template" in path and real is None and not predicted:
        return []
    if isinstance(predicted, dict) and isinstance(real, dict):
        loose = ".template" in path or ".quotas" in path or ".grants" in path
        keys = (
            []
            if loose or predicted.keys() == real.keys()
            else [f"{path}: the keys differ: {sorted(predicted)}, {sorted(real)}"]
        )
        common = [key for key in predicted if key not in OF_THE_SERVICE]
        return keys + [
            found for key in common for found in find_wrong_predictions(predicted[key], real.get(key), f"{path}.{key}")
        ]
    if isinstance(predicted, list) and isinstance(real, list):
        if path.endswith(".quotas"):
            real = [entry for entry in real if entry["resource"] in {quota["resource"] for quota in predicted}]
        if path.endswith((".containers", ".volumes")) and len(predicted) < len(real):
            real = [entry for entry in real if not entry["name"].startswith("istio-")]
        if len(predicted) != len(real):
            return [f"{path}: {len(predicted)} and {len(real)} entries"]
        return [
            found
            for index, pair in enumerate(zip(predicted, real))
            for found in find_wrong_predictions(*pair, f"{path}[{index}]")
        ]
    if ".resources." in path and parse_quantity(real) is not None and parse_quantity(predicted) == parse_quantity(real):
        return []
    return [] if predicted == real else [f"{path}: {predicted!r} and {real!r}"]


def actions(record: Record) -> list[tuple[str, list[str]]]:
    return [(action["action"], action["fields"]) for action in record.result["actions"]]


def diffs(record: Record) -> list[dict[str, t.Any]]:
    """Return the diffs of a task."""
    diff = record.result["diff"]
    return diff if isinstance(diff, list) else [diff]


def check_prediction(predicted: Record, real: Record, key: str) -> None:
    """Check that check mode predicted changed, keys, actions, fields, object and diff."""
    assert predicted.changed == real.changed
    assert predicted.result.keys() - {"warnings"} == real.result.keys() - {"warnings"}
    assert actions(predicted) == actions(real)
    assert predicted.result.get("changed_fields") == real.result.get("changed_fields")
    assert all(action["request_id"] is None for action in predicted.result["actions"])
    assert find_wrong_predictions(predicted.result[key], real.result[key], key) == []
    if "diff" in real.result:
        assert diffs(predicted) == diffs(real)


def check_quiet(record: Record) -> None:
    """Check that the task reported no change and sent no write."""
    assert not record.failed, record.msg
    assert not record.changed
    assert record.writes == []
    assert record.result.get("actions", []) == []
    assert record.result.get("changed_fields", []) == []


def check_request_ids(record: Record) -> None:
    """Check that the result has the IDs of all requests in order, and that each action has one of them."""
    made = [call["request_id"] for call in record.requests]
    assert record.result["request_ids"] == made
    assert {action["request_id"] for action in record.result.get("actions", [])} <= {None, *made}
