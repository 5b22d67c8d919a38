# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rollout of a Deployment: how many of its pods are ready, and its status as the Deployment controller reports it."""

from __future__ import annotations

import hashlib
import json
import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import format_rfc3339

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Record = t.Dict[str, t.Any]

# States of a release in which its grayscale Deployments do not run: not yet, or no longer.
NOT_AVAILABLE = ("starting", "failed", "canceling", "canceled")
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def get_replicas(record: Record) -> int:
    return record["object"]["spec"].get("replicas", 1)


def count_ready(emulator: EmulatorState, record: Record) -> int:
    """Return the number of ready pods. Those of a release become ready after the release is running."""
    replicas = get_replicas(record)
    if is_terminating(record):
        return 0
    if record["ready"] is not None:
        return min(record["ready"], replicas)
    release = find_release(emulator, record)
    if release is not None:
        if release["state"] in NOT_AVAILABLE or emulator.behaviors["gray_pods"] != "ready":
            return 0
        start(emulator, record)
    return replicas if record["since"] is None else min(replicas, _count_started(emulator, record, replicas))


def start(emulator: EmulatorState, record: Record) -> None:
    """Start to count the time until the pods are ready, if it does not run yet."""
    if not record["started"]:
        record["started"] = True
        progress.start(emulator, record)


def _count_started(emulator: EmulatorState, record: Record, replicas: int) -> int:
    """Return how many pods are ready by now. They become ready one after the other."""
    duration = emulator.behaviors["pods_ready_after"]
    seconds = emulator.behaviors["advance_by"] == "seconds"
    elapsed = emulator.clock.now() - record["since"] if seconds else record["reads"]
    return replicas if elapsed >= duration else int(replicas * elapsed / duration)


def find_release(emulator: EmulatorState, record: Record) -> Record | None:
    return emulator.stores.releases.get(record["release"]) if record["release"] else None


def is_terminating(record: Record) -> bool:
    return "deletionTimestamp" in record["object"]["metadata"]


def hash_template(emulator: EmulatorState, record: Record) -> str:
    """Return the hash of the pod template, in the alphabet of Kubernetes. A template object never changes."""
    uid, template = record["object"]["metadata"]["uid"], record["object"]["spec"]["template"]
    cached = emulator.template_hashes.get(uid)
    if cached is None or cached[0] is not template:
        cached = emulator.template_hashes[uid] = template, _hash_template(template)
    return cached[1]


def _hash_template(template: Object) -> str:
    text = json.dumps(template, sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])


def build_status(emulator: EmulatorState, record: Record, ready: int) -> Object:
    """Return the status of a Deployment. Counts of zero are omitted, as in Kubernetes."""
    replicas = get_replicas(record)
    status = {
        "observedGeneration": record["object"]["metadata"]["generation"],
        "replicas": replicas,
        "updatedReplicas": replicas,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": replicas - ready,
    }
    result: Object = {name: value for name, value in status.items() if value}
    before = {entry["type"]: entry for entry in record["object"].get("status", {}).get("conditions", [])}
    conditions = [_build_available(record, ready), _build_progressing(emulator, record, ready, before)]
    now = format_rfc3339(emulator.clock.now())
    result["conditions"] = [_add_times(condition, before.get(condition["type"]), now) for condition in conditions]
    return result


def _build_available(record: Record, ready: int) -> Object:
    if ready >= get_replicas(record) - _get_max_unavailable(record):
        message = "Deployment has minimum availability."
        return {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": message}
    message = "Deployment does not have minimum availability."
    return {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable", "message": message}


def _get_max_unavailable(record: Record) -> int:
    """Return the number of pods that can be unavailable. Percentages are rounded down."""
    strategy = record["object"]["spec"].get("strategy", {})
    value = strategy.get("rollingUpdate", {}).get("maxUnavailable", "25%")
    if strategy.get("type") == "Recreate":
        return 0
    return get_replicas(record) * int(value[:-1]) // 100 if isinstance(value, str) else value


def _build_progressing(emulator: EmulatorState, record: Record, ready: int, before: Object) -> Object:
    name = f'ReplicaSet "{record["name"]}-{hash_template(emulator, record)}"'
    complete = f"{name} has successfully progressed."
    # A rollout that was complete stays complete when its pods fail later.
    if ready == get_replicas(record) or before.get("Progressing", {}).get("message") == complete:
        return {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": complete}
    if _is_deadline_exceeded(emulator, record):
        message = f"{name} has timed out progressing."
        return {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": message}
    message = f"{name} is progressing."
    return {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": message}


def _is_deadline_exceeded(emulator: EmulatorState, record: Record) -> bool:
    if record["release"] and emulator.behaviors["gray_pods"] == "deadline_exceeded":
        return True
    deadline = record["object"]["spec"].get("progressDeadlineSeconds", 600)
    return emulator.clock.now() - record["changed"] > deadline


def _add_times(condition: Object, before: Object | None, now: str) -> Object:
    if before is not None and all(before.get(name) == value for name, value in condition.items()):
        return before
    same = before is not None and before["status"] == condition["status"]
    transition = before["lastTransitionTime"] if before is not None and same else now
    return {**condition, "lastUpdateTime": now, "lastTransitionTime": transition}
