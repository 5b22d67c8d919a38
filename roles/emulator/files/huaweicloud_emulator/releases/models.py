# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases and their traffic."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import asm_time
from huaweicloud_emulator.releases import deployments, phases, templates
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

CARRIERS = {"original": 0, "gray": 100, "split": 50}
IDENTITY = ("serviceName", "clusterID", "deploymentName", "version", "type")


def _put(emulator: EmulatorState, record: Record) -> Record:
    return emulator.stores.releases.put(record["uid"], record)


def create(emulator: EmulatorState, mesh_id: str, body: t.Mapping[str, t.Any]) -> Record:
    """Names and services are not compared here: the seed may want what a client may not."""
    now, metadata, spec = emulator.clock.now(), body["metadata"], body["spec"]
    record: Record = {
        "uid": new_uid(),
        "mesh_id": mesh_id,
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "spec": {name: spec[name] for name in IDENTITY},
        "gray": [templates.gray(entry["clusterID"], entry["template"]) for entry in spec["grayDeployments"]],
        "original_uid": new_uid(),
        "traffic": None,
        "created": now,
        "updated": now,
    }
    phases.begin(emulator, record)
    return _put(emulator, record)


def run(emulator: EmulatorState, record: Record) -> None:
    """Up at once, as a seeded one is."""
    phases.enter(emulator, record, "running")
    _put(emulator, record)


def _advance(emulator: EmulatorState, record: Record) -> bool:
    ends = record["state"] == "ending"
    stays = phases.advance(emulator, record)
    if ends and (not stays or record["state"] == "ended"):
        deployments.promote(emulator, record)
    if stays:
        return True
    emulator.stores.releases.remove(record["uid"])
    return False


def of_mesh(emulator: EmulatorState, mesh_id: str) -> list[Record]:
    return [record for record in emulator.stores.releases.find(mesh_id=mesh_id) if _advance(emulator, record)]


def find(emulator: EmulatorState, mesh_id: str, namespace: str, key: str) -> Record | None:
    """By uid, by name or by either, as the behavior ``release_key`` says."""
    fields = {"both": ("uid", "name"), "uid": ("uid",), "name": ("name",)}[emulator.behaviors["release_key"]]
    found = [record for record in of_mesh(emulator, mesh_id) if record["namespace"] == namespace]
    return next((record for field in fields for record in found if record[field] == key), None)


def holder(emulator: EmulatorState, mesh_id: str, namespace: str, service: str) -> Record | None:
    """The release that is under way for a Service: there can be one."""
    for record in of_mesh(emulator, mesh_id):
        if (
            record["namespace"] == namespace
            and record["spec"]["serviceName"] == service
            and record["state"] not in phases.OVER
        ):
            return record
    return None


def observe(emulator: EmulatorState, record: Record) -> None:
    if record["state"] == "starting" or record["state"] in phases.LEAVING:
        progress.observe(record)
        _put(emulator, record)


def gray_share(emulator: EmulatorState, record: Record) -> int:
    """Percent of the traffic the grayscale version carries."""
    return CARRIERS[emulator.behaviors["release_traffic"]] if record["traffic"] is None else record["traffic"]


def shift(emulator: EmulatorState, record: Record, gray: int) -> None:
    record["traffic"] = gray
    _put(emulator, record)


def change_images(emulator: EmulatorState, record: Record, sent: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Refused when anything else differs. New pods have to come up."""
    entries = templates.updated(emulator, record, sent)
    if entries != record["gray"]:
        before = record["updated"]
        record["gray"] = entries
        phases.begin(emulator, record)
        # Times are written in whole seconds: two updates within one must still differ.
        record["updated"] = max(record["updated"], before + 1)
        _put(emulator, record)


def terminate(emulator: EmulatorState, record: Record, state: str) -> None:
    """``ending`` or ``canceling``."""
    phases.enter(emulator, record, state)
    _put(emulator, record)
    _advance(emulator, record)


def remove(emulator: EmulatorState, record: Record) -> None:
    emulator.stores.releases.remove(record["uid"])


def force(emulator: EmulatorState, record: Record, phase: str, state: str | None) -> None:
    """Put a release into a phase, in which it stays until something else happens."""
    phases.enter(emulator, record, state or phases.state_of(emulator, record, phase), forced=phase)
    if record["state"] == "ended":
        deployments.promote(emulator, record)
    _put(emulator, record)


def view(emulator: EmulatorState, record: Record) -> Record:
    form = emulator.behaviors["asm_time_format"]
    return {
        "kind": "Release",
        "apiVersion": "asm/v2",
        "metadata": {
            "name": record["name"],
            "namespace": record["namespace"],
            "meshID": record["mesh_id"],
            "uid": record["uid"],
            "creationTimestamp": asm_time(record["created"], form),
        },
        "spec": dict(
            record["spec"], grayDeployments=[templates.read_back(emulator, record, entry) for entry in record["gray"]]
        ),
        "status": {
            "phase": phases.word(emulator, record),
            "startTime": asm_time(record["created"], form),
            "updateTime": asm_time(record["updated"], form),
            "deployment": templates.original(emulator, record),
            "grayDeployments": [templates.running(emulator, record, entry) for entry in record["gray"]],
        },
    }
