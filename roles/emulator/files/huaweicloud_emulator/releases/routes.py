# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on releases."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.meshes import routes as meshes
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.releases import deployments, errors, models, phases, templates

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def _get(emulator: EmulatorState, call: HttpRequest, writing: bool) -> Record:
    mesh = meshes.of_call(emulator, call, writing)
    key = call.path_values["release_id"]
    record = models.find(emulator, mesh["uid"], call.path_values["namespace"], key)
    if record is None:
        raise errors.missing(emulator.behaviors, key)
    return record


def _shown(emulator: EmulatorState, record: Record) -> Record:
    shown = models.view(emulator, record)
    models.observe(emulator, record)
    return shown


def _check_place(call: HttpRequest, metadata: t.Mapping[str, t.Any]) -> None:
    """Namespace and mesh of the body, where they are given, are those of the path."""
    for field, name in (("namespace", "namespace"), ("meshID", "mesh_id")):
        if metadata.get(field) not in (None, "", call.path_values[name]):
            raise errors.mismatch(f"metadata.{field}", call.path_values[name])


def _check_new(metadata: t.Mapping[str, t.Any], namespace: str, place: str) -> None:
    """Refuse what the Kubernetes API server refuses in the metadata of an object to be created."""
    if metadata.get("namespace") not in (None, "", namespace):
        raise errors.mismatch(f"{place}.namespace", namespace)
    if metadata.get("resourceVersion") not in (None, "", "0"):
        raise errors.has_version(f"{place}.resourceVersion")


def create_release(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    mesh = meshes.of_call(emulator, call, writing=True)
    body, namespace = call.content, call.path_values["namespace"]
    _check_place(call, body["metadata"])
    for index, entry in enumerate(body["spec"]["grayDeployments"]):
        _check_new(entry["template"]["metadata"], namespace, f"spec.grayDeployments[{index}].template.metadata")
    templates.check(body["spec"]["grayDeployments"])
    name, service = body["metadata"]["name"], body["spec"]["serviceName"]
    if any(
        record["name"] == name and record["namespace"] == namespace for record in models.of_mesh(emulator, mesh["uid"])
    ):
        raise errors.taken(emulator.behaviors, name)
    holder = models.holder(emulator, mesh["uid"], namespace, service)
    if holder is not None:
        raise errors.service_busy(service, holder["name"])
    _check_original(emulator, mesh["uid"], namespace, body["spec"])
    return HttpResponse(200, models.view(emulator, models.create(emulator, mesh["uid"], body)))


def _check_original(emulator: EmulatorState, mesh_id: str, namespace: str, spec: t.Mapping[str, t.Any]) -> None:
    """Refuse an original Deployment that a promotion took offline, or one that runs the version already."""
    original = deployments.find(emulator, mesh_id, namespace, spec)
    if original is None:
        return
    if not original["exists"]:
        raise errors.no_deployment(spec["deploymentName"])
    if original["service"] == spec["serviceName"] and original["version"] == spec["version"]:
        raise errors.version_runs(spec["serviceName"], spec["version"])


def list_releases(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    mesh = meshes.of_call(emulator, call, writing=False)
    found = [_shown(emulator, record) for record in models.of_mesh(emulator, mesh["uid"])]
    return HttpResponse(200, {"kind": "ReleaseList", "apiVersion": "asm/v2", "items": found})


def show_release(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    return HttpResponse(200, _shown(emulator, _get(emulator, call, writing=False)))


def update_release(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record = _get(emulator, call, writing=True)
    if record["state"] in phases.LEAVING or record["state"] in phases.OVER:
        raise errors.being_finished(record["name"])
    _check_unchanged(call, record)
    templates.check(call.content["spec"]["grayDeployments"])
    models.change_images(emulator, record, call.content["spec"]["grayDeployments"])
    return HttpResponse(200)


def _check_unchanged(call: HttpRequest, record: Record) -> None:
    """What is named beside the templates must be as it was."""
    metadata, spec = call.content.get("metadata", {}), call.content["spec"]
    _check_place(call, metadata)
    for field in ("name", "uid"):
        if metadata.get(field) not in (None, "", record[field]):
            raise errors.only_images(f"metadata.{field}")
    for field in models.IDENTITY:
        if spec.get(field) not in (None, record["spec"][field]):
            raise errors.only_images(f"spec.{field}")


def delete_release(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    """Ends or cancels. The Service's traffic has to stand on the side that stays."""
    record, action, behaviors = _get(emulator, call, writing=True), call.query["action"], emulator.behaviors
    if action not in (behaviors["action_end"], behaviors["action_cancel"]):
        raise errors.unknown_action(action)
    if record["state"] in phases.LEAVING:
        raise errors.being_finished(record["name"])
    if record["state"] in phases.OVER:
        # The console can remove tasks from its list of terminated ones.
        models.remove(emulator, record)
        return HttpResponse(200)
    ending = action == behaviors["action_end"]
    share, needed = models.gray_share(emulator, record), 100 if ending else 0
    if behaviors["traffic_precondition"] == "yes" and share != needed:
        raise errors.traffic(action, "grayscale" if ending else "original")
    models.terminate(emulator, record, "ending" if ending else "canceling")
    return HttpResponse(200)


HANDLERS = {
    "CreateRelease": create_release,
    "GetAllReleases": list_releases,
    "GetReleaseByName": show_release,
    "UpdateRelease": update_release,
    "DeleteRelease": delete_release,
}
