# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on releases."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import workloads
from huaweicloud_emulator.meshes import routes as meshes
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.releases import deployments, errors, models, phases, templates

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def _get(emulator: EmulatorState, request: HttpRequest, writing: bool) -> Record:
    mesh = meshes.get_mesh(emulator, request, writing)
    key = request.path_values["release_id"]
    record = models.find(emulator, mesh["uid"], request.path_values["namespace"], key)
    if record is None:
        raise errors.not_found(emulator.behaviors, key)
    return record


def _read(emulator: EmulatorState, record: Record) -> Record:
    body = models.view(emulator, record)
    models.count_read(emulator, record)
    return body


def _check_path_matches(request: HttpRequest, metadata: t.Mapping[str, t.Any]) -> None:
    """Check that namespace and mesh of the body, if present, are those of the path."""
    for field, name in (("namespace", "namespace"), ("meshID", "mesh_id")):
        if metadata.get(field) not in (None, "", request.path_values[name]):
            raise errors.path_mismatch(f"metadata.{field}", request.path_values[name])


def _check_new(metadata: t.Mapping[str, t.Any], namespace: str, path: str) -> None:
    """Reject metadata that the Kubernetes API server rejects for a new object."""
    if metadata.get("namespace") not in (None, "", namespace):
        raise errors.path_mismatch(f"{path}.namespace", namespace)
    if metadata.get("resourceVersion") not in (None, "", "0"):
        raise errors.unexpected_resource_version(f"{path}.resourceVersion")


def create_release(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    mesh = meshes.get_mesh(emulator, request, writing=True)
    body, namespace = request.content, request.path_values["namespace"]
    _check_path_matches(request, body["metadata"])
    for index, entry in enumerate(body["spec"]["grayDeployments"]):
        _check_new(entry["template"]["metadata"], namespace, f"spec.grayDeployments[{index}].template.metadata")
    templates.validate_templates(body["spec"]["grayDeployments"])
    name, service = body["metadata"]["name"], body["spec"]["serviceName"]
    if any(
        record["name"] == name and record["namespace"] == namespace
        for record in models.list_by_mesh(emulator, mesh["uid"])
    ):
        raise errors.name_in_use(emulator.behaviors, name)
    find_active_release = models.find_active_release(emulator, mesh["uid"], namespace, service)
    if find_active_release is not None:
        raise errors.service_in_use(service, find_active_release["name"])
    _check_original(emulator, mesh["uid"], namespace, body["spec"])
    return HttpResponse(200, models.view(emulator, models.create(emulator, mesh["uid"], body)))


def _check_original(emulator: EmulatorState, mesh_id: str, namespace: str, spec: t.Mapping[str, t.Any]) -> None:
    """Reject an original Deployment that is offline after a promotion, or already runs the version."""
    original = deployments.find(emulator, mesh_id, namespace, spec)
    if original is None:
        return
    recreated = workloads.find(emulator, spec["clusterID"], namespace, spec["deploymentName"]) is not None
    if not original["exists"] and not recreated:
        raise errors.deployment_not_found(spec["deploymentName"])
    if original["service"] == spec["serviceName"] and original["version"] == spec["version"]:
        raise errors.version_in_use(spec["serviceName"], spec["version"])


def list_releases(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    mesh = meshes.get_mesh(emulator, request, writing=False)
    records = [_read(emulator, record) for record in models.list_by_mesh(emulator, mesh["uid"])]
    return HttpResponse(200, {"kind": "ReleaseList", "apiVersion": "asm/v2", "items": records})


def show_release(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, _read(emulator, _get(emulator, request, writing=False)))


def update_release(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record = _get(emulator, request, writing=True)
    if record["state"] in phases.TERMINATING or record["state"] in phases.TERMINATED:
        raise errors.termination_in_progress(record["name"])
    _check_unchanged(request, record)
    templates.validate_templates(request.content["spec"]["grayDeployments"])
    models.change_images(emulator, record, request.content["spec"]["grayDeployments"])
    return HttpResponse(200)


def _check_unchanged(request: HttpRequest, record: Record) -> None:
    """Check that all fields other than the templates are unchanged."""
    metadata, spec = request.content.get("metadata", {}), request.content["spec"]
    _check_path_matches(request, metadata)
    for field in ("name", "uid"):
        if metadata.get(field) not in (None, "", record[field]):
            raise errors.immutable_field(f"metadata.{field}")
    for field in models.IDENTITY:
        if spec.get(field) not in (None, record["spec"][field]):
            raise errors.immutable_field(f"spec.{field}")


def delete_release(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """End or cancel a release. The remaining version must receive all traffic."""
    record, action, behaviors = _get(emulator, request, writing=True), request.query["action"], emulator.behaviors
    if action not in (behaviors["action_end"], behaviors["action_cancel"]):
        raise errors.unknown_action(action)
    if record["state"] in phases.TERMINATING:
        raise errors.termination_in_progress(record["name"])
    if record["state"] in phases.TERMINATED:
        # The console can delete tasks from its list of terminated tasks.
        models.remove(emulator, record)
        return HttpResponse(200)
    ends = action == behaviors["action_end"]
    if behaviors["traffic_precondition"] == "yes" and not models.receives_all_traffic(emulator, record, gray=ends):
        raise errors.wrong_traffic(action, "grayscale" if ends else "original")
    models.terminate(emulator, record, "ending" if ends else "canceling")
    return HttpResponse(200)


HANDLERS = {
    "CreateRelease": create_release,
    "GetAllReleases": list_releases,
    "GetReleaseByName": show_release,
    "UpdateRelease": update_release,
    "DeleteRelease": delete_release,
}
