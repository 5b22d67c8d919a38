# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases and their traffic."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import asm_time
from huaweicloud_emulator.releases import deployments, phases, templates
from huaweicloud_emulator.world import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Record = t.Dict[str, t.Any]

CARRIERS = {"original": 0, "gray": 100, "split": 50}
IDENTITY = ("serviceName", "clusterID", "deploymentName", "version", "type")


def _put(world: World, record: Record) -> Record:
    return world.stores.releases.put(record["uid"], record)


def create(world: World, mesh_id: str, body: t.Mapping[str, t.Any]) -> Record:
    """Names and services are not compared here: the seed may want what a client may not."""
    now, metadata, spec = world.clock.now(), body["metadata"], body["spec"]
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
    phases.begin(world, record)
    return _put(world, record)


def run(world: World, record: Record) -> None:
    """Up at once, as a seeded one is."""
    phases.enter(world, record, "running")
    _put(world, record)


def _settle(world: World, record: Record) -> bool:
    ends = record["state"] == "ending"
    stays = phases.settle(world, record)
    if ends and (not stays or record["state"] == "ended"):
        deployments.promote(world, record)
    if stays:
        return True
    world.stores.releases.remove(record["uid"])
    return False


def of_mesh(world: World, mesh_id: str) -> list[Record]:
    return [record for record in world.stores.releases.find(mesh_id=mesh_id) if _settle(world, record)]


def find(world: World, mesh_id: str, namespace: str, key: str) -> Record | None:
    """By uid, by name or by either, as the switch ``release_key`` says."""
    fields = {"both": ("uid", "name"), "uid": ("uid",), "name": ("name",)}[world.switches["release_key"]]
    found = [record for record in of_mesh(world, mesh_id) if record["namespace"] == namespace]
    return next((record for field in fields for record in found if record[field] == key), None)


def holder(world: World, mesh_id: str, namespace: str, service: str) -> Record | None:
    """The release that is under way for a Service: there can be one."""
    for record in of_mesh(world, mesh_id):
        if (
            record["namespace"] == namespace
            and record["spec"]["serviceName"] == service
            and record["state"] not in phases.OVER
        ):
            return record
    return None


def observe(world: World, record: Record) -> None:
    if record["state"] == "starting" or record["state"] in phases.LEAVING:
        progress.observe(record)
        _put(world, record)


def gray_share(world: World, record: Record) -> int:
    """Percent of the traffic the grayscale version carries."""
    return CARRIERS[world.switches["release_traffic"]] if record["traffic"] is None else record["traffic"]


def shift(world: World, record: Record, gray: int) -> None:
    record["traffic"] = gray
    _put(world, record)


def change_images(world: World, record: Record, sent: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Refused when anything else differs. New pods have to come up."""
    entries = templates.updated(world, record, sent)
    if entries != record["gray"]:
        before = record["updated"]
        record["gray"] = entries
        phases.begin(world, record)
        # Times are written in whole seconds: two updates within one must still differ.
        record["updated"] = max(record["updated"], before + 1)
        _put(world, record)


def leave(world: World, record: Record, state: str) -> None:
    """``ending`` or ``canceling``."""
    phases.enter(world, record, state)
    _put(world, record)
    _settle(world, record)


def remove(world: World, record: Record) -> None:
    world.stores.releases.remove(record["uid"])


def force(world: World, record: Record, phase: str, state: str | None) -> None:
    """Put a release into a phase, in which it stays until something else happens."""
    phases.enter(world, record, state or phases.state_of(world, record, phase), forced=phase)
    if record["state"] == "ended":
        deployments.promote(world, record)
    _put(world, record)


def view(world: World, record: Record) -> Record:
    form = world.switches["asm_time_format"]
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
            record["spec"], grayDeployments=[templates.read_back(world, record, entry) for entry in record["gray"]]
        ),
        "status": {
            "phase": phases.word(world, record),
            "startTime": asm_time(record["created"], form),
            "updateTime": asm_time(record["updated"], form),
            "deployment": templates.original(world, record),
            "grayDeployments": [templates.running(world, record, entry) for entry in record["gray"]],
        },
    }
