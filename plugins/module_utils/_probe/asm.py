# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The probe of ASM. Without a workshop or a release to create, it only reads and tries to delete resources that do not exist."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._probe import releases
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import (
    Data,
    ProbeResponse,
    is_same_refusal,
    name_refusal,
)

DESCRIPTION = "Created by service_probe. Can be deleted."
# By whether the list is an array, and whether its elements are wrapped.
_LIST_SHAPES = {
    (True, True): "bare",
    (False, True): "items",
    (True, False): "unwrapped",
    (False, False): "items_unwrapped",
}
_REQUIRE_WORKSHOP = (
    "workshop_list_shape",
    "workshop_listed_after",
    "workshop_delete_key",
    "duplicate_asm_name",
    "asm_time_format",
)
_REQUIRE_MESH = (
    "unknown_mesh",
    "asm_error_body",
    "missing_object",
    "missing_release",
    "release_list_shape",
    *_REQUIRE_WORKSHOP,
    *releases.REQUIRE_RELEASE,
)


def build_request(purpose: str, method: str, path: str, **more: t.Any) -> ProbeRequest:
    """Return a request to ASM."""
    return ProbeRequest(purpose, "asm", method, path, **more)


def build_mesh_list() -> ProbeRequest:
    """Return the request for the list of meshes."""
    return build_request("list the meshes", "GET", "v1/{project_id}/meshes")


def get_workshops_path(mesh_id: str) -> str:
    """Return the path of the workshops of a mesh."""
    return f"v2/meshes/{mesh_id}/workshops"


def is_list(response: ProbeResponse) -> bool:
    """Return whether this is a complete list of named objects. An empty list can be null."""
    if not response.accepted:
        return False
    found = response.json
    if isinstance(found, dict) and "items" in found:
        found = [] if found["items"] is None else found["items"]
    return isinstance(found, list) and all(
        isinstance(element, dict) and _is_named(element.get("workshop", element)) for element in found
    )


def find_workshop(response: ProbeResponse, name: str) -> Data:
    """Return the metadata of the listed workshop ``name``, or an empty mapping."""
    return next((metadata for metadata in _list_metadata(response) if metadata.get("name") == name), {})


def find_created(response: ProbeResponse, base: str) -> list[Data]:
    """Return the metadata of the listed workshops that this run created."""
    return [metadata for metadata in _list_metadata(response) if str(metadata.get("name")).startswith(f"{base}-")]


def find_mesh_id(response: ProbeResponse, name: str) -> str:
    """Return the ID of the listed mesh ``name``, or of the only mesh. Return an empty text without such a mesh, or with several."""
    found = [
        str(element["metadata"].get("uid") or "")
        for element in _get_elements(response)
        if isinstance(element, dict)
        and isinstance(element.get("metadata"), dict)
        and name in ("", element["metadata"].get("name"))
    ]
    return found[0] if response.accepted and len(found) == 1 else ""


def wait_until_listed(prober: Prober, mesh_id: str, name: str) -> ProbeResponse:
    """Wait until a workshop is listed. Return the last list."""
    request = build_request("wait until it is listed", "GET", get_workshops_path(mesh_id))
    return prober.poll(request, lambda response: bool(find_workshop(response, name)))


def wait_until_deleted(prober: Prober, mesh_id: str, name: str) -> ProbeResponse:
    """Wait until a workshop is no longer listed. Return the last list."""
    request = build_request("wait until it is deleted", "GET", get_workshops_path(mesh_id))
    return prober.poll(request, lambda response: is_list(response) and not find_workshop(response, name))


def probe(prober: Prober, options: ProbeOptions, findings: Findings) -> None:
    """Probe all assumptions about ASM. Raises HuaweiCloudError if a request gets no response."""
    meshes = prober.send(build_mesh_list())
    if meshes.accepted and meshes.json is not None:
        is_documented = isinstance(meshes.json, dict) and isinstance(meshes.json.get("items"), list)
        evidence = f"{len(_get_elements(meshes))} meshes"
        findings.record("mesh_list_shape", "documented" if is_documented else "other", evidence)
    else:
        findings.mark_inconclusive(meshes, "mesh_list_shape")
    mesh_id = find_mesh_id(meshes, options.mesh_name)
    if not mesh_id:
        reason = (
            f"the mesh {options.mesh_name} does not exist"
            if options.mesh_name
            else "mesh_name is required unless one mesh exists"
        )
        findings.mark_inconclusive(reason if meshes.accepted else meshes, *_REQUIRE_MESH)
        return
    _probe_existing(prober, options, mesh_id, findings)
    if options.workshop:
        _probe_workshop(prober, options, mesh_id, findings)
    findings.mark_inconclusive("this requires a workshop, set workshop", *_REQUIRE_WORKSHOP)
    if options.release:
        releases.probe(prober, options, mesh_id, findings)
    findings.mark_inconclusive("this requires a release, set release", *releases.REQUIRE_RELEASE)


# Lists, and requests for objects that do not exist


def _probe_existing(prober: Prober, options: ProbeOptions, mesh_id: str, findings: Findings) -> None:
    path = get_workshops_path(mesh_id)
    namespace = options.release.get("namespace", "default")
    release = f"v2/meshes/{mesh_id}/namespaces/{namespace}/releases/{options.unknown_uid}"
    cancel = {"action": options.cancel_actions[0]}
    workshops, known, unknown_mesh, missing_workshop, missing_release, canceled, bare = prober.send_all(
        [
            build_request("list the workshops", "GET", path),
            build_request("list the releases", "GET", f"v2/meshes/{mesh_id}/releases"),
            build_request(
                "list the workshops of a mesh that does not exist", "GET", get_workshops_path(options.unknown_uid)
            ),
            build_request("delete a workshop that does not exist", "DELETE", f"{path}/{options.base}-nothing"),
            build_request("get a release that does not exist", "GET", release),
            build_request("cancel a release that does not exist", "DELETE", release, query=cancel),
            build_request("cancel it without a Content-Type", "DELETE", release, query=cancel, send_content_type=False),
        ]
    )
    _evaluate_workshop_list(workshops, findings)
    _evaluate_release_list(known, findings)
    findings.record("unknown_mesh", unknown_mesh.status, unknown_mesh)
    findings.record("missing_object", name_refusal(missing_workshop), missing_workshop)
    findings.record("missing_release", name_refusal(missing_release), missing_release)
    _evaluate_error_body([missing_workshop, missing_release, canceled], findings)
    if is_same_refusal(bare, canceled):
        findings.mark_inconclusive(f"it is refused in the same way with and without: {bare}", "content_type")
    else:
        findings.record("content_type", "required", bare, canceled)
    metadata = [*_list_metadata(workshops), *(release["metadata"] for release in releases.get_entries(known))]
    findings.record_time_format(entry.get("creationTimestamp") for entry in metadata)


def _evaluate_error_body(responses: t.Sequence[ProbeResponse], findings: Findings) -> None:
    refusals = [response for response in responses if not response.accepted and not response.is_inconclusive]
    if not refusals:
        findings.mark_inconclusive("ASM refused no request", "asm_error_body")
        return
    response = refusals[0]
    shapes = {
        "array": isinstance(response.json, list),
        "snake_case": "error_code" in response.error,
        "code_and_message": "errorMsg" in response.error and "errorCode" in response.error,
        "code_only": "errorCode" in response.error,
    }
    shape = next((name for name, fits in shapes.items() if fits), "other")
    findings.record("asm_error_body", shape, response.text[:160])


def _evaluate_workshop_list(response: ProbeResponse, findings: Findings) -> None:
    elements = _get_elements(response)
    # An empty list does not show the shape of its elements.
    if not is_list(response) or not elements:
        reason = "no workshop is listed, set workshop" if response.accepted else response
        findings.mark_inconclusive(reason, "workshop_list_shape")
        return
    is_array, is_wrapped = isinstance(response.json, list), "workshop" in elements[0]
    evidence = f"an {'array' if is_array else 'object'} of {'wrapped' if is_wrapped else 'plain'} workshops"
    findings.record("workshop_list_shape", _LIST_SHAPES[is_array, is_wrapped], evidence)


def _evaluate_release_list(response: ProbeResponse, findings: Findings) -> None:
    if response.accepted and response.json is not None:
        is_documented = response.body.get("kind") == "ReleaseList" and isinstance(response.body.get("items"), list)
        evidence = f"{len(_get_elements(response))} releases"
        findings.record("release_list_shape", "documented" if is_documented else "other", evidence)
    else:
        findings.mark_inconclusive(response, "release_list_shape")


# A workshop


def _build_workshop(purpose: str, options: ProbeOptions, path: str, name: str) -> ProbeRequest:
    given = options.workshop
    ingress = {"elbId": given["elb_id"], "elbIp": given["elb_ip"], "port": given["port"]}
    if given.get("image_address"):
        ingress["imageAddress"] = given["image_address"]
    body = {
        "description": DESCRIPTION,
        "metadata": {"name": name},
        "spec": {"primaryCluster": given["primary_cluster"], "ingress": ingress},
    }
    return build_request(purpose, "POST", path, body=body)


def _probe_workshop(prober: Prober, options: ProbeOptions, mesh_id: str, findings: Findings) -> None:
    name, path = f"{options.base}-w", get_workshops_path(mesh_id)
    created, first, again = prober.send_all(
        [
            _build_workshop(f"create workshop {name}", options, path, name),
            build_request("list the workshops", "GET", path),
            _build_workshop("create it again", options, path, name),
        ]
    )
    if not created.accepted:
        findings.mark_inconclusive(f"a workshop could not be created: {created}", *_REQUIRE_WORKSHOP)
        return
    findings.record_time_format([created.metadata.get("creationTimestamp")])
    findings.record("duplicate_asm_name", name_refusal(again), again)
    is_in_first = bool(find_workshop(first, name).get("uid"))
    listed = first if is_in_first else wait_until_listed(prober, mesh_id, name)
    _evaluate_workshop_list(listed, findings)
    uid = find_workshop(listed, name).get("uid")
    if not uid:
        reason = f"the workshop was not listed: {listed}"
        findings.mark_inconclusive(reason, "workshop_listed_after", "workshop_delete_key")
        return
    if is_list(first):
        evidence = f"the first list {'contains' if is_in_first else 'does not contain'} the workshop"
        findings.record("workshop_listed_after", 0 if is_in_first else 1, evidence)
    findings.mark_inconclusive(f"the first list could not be read: {first}", "workshop_listed_after")
    _probe_delete_key(prober, options, mesh_id, str(uid), findings)


def _probe_delete_key(prober: Prober, options: ProbeOptions, mesh_id: str, uid: str, findings: Findings) -> None:
    name, path = f"{options.base}-w", get_workshops_path(mesh_id)
    by_name_request = build_request("delete it by its name", "DELETE", f"{path}/{name}")
    by_uid, by_name = prober.send_all(
        [build_request("delete it by its ID", "DELETE", f"{path}/{uid}"), by_name_request]
    )
    if by_uid.accepted:
        # The ID has deleted the workshop, so the name needs another one.
        problem = _recreate_workshop(prober, options, mesh_id)
        if problem:
            findings.mark_inconclusive(problem, "workshop_delete_key")
            return
        by_name = prober.send(by_name_request)
    keys = {(True, True): "both", (True, False): "uid", (False, True): "name"}
    key = keys.get((by_uid.accepted, by_name.accepted), "neither")
    findings.record("workshop_delete_key", key, f"by ID: {by_uid}, by name: {by_name}", by_uid, by_name)


def _recreate_workshop(prober: Prober, options: ProbeOptions, mesh_id: str) -> str:
    """Create the deleted workshop again. Return why that failed, or an empty text."""
    name, path = f"{options.base}-w", get_workshops_path(mesh_id)
    left = wait_until_deleted(prober, mesh_id, name)
    if find_workshop(left, name) or not is_list(left):
        return f"the request with the ID was accepted, but the workshop was not deleted: {left}"
    created = prober.send(_build_workshop(f"create workshop {name} again", options, path, name))
    if not created.accepted:
        return f"it is deleted by its ID, but a second workshop could not be created: {created}"
    listed = wait_until_listed(prober, mesh_id, name)
    if not find_workshop(listed, name):
        return f"it is deleted by its ID, but a second workshop was not listed: {listed}"
    return ""


def _get_elements(response: ProbeResponse) -> list[t.Any]:
    """Return the elements of a list in any of its shapes."""
    found = response.json.get("items") if isinstance(response.json, dict) else response.json
    return found if isinstance(found, list) else []


def _list_metadata(response: ProbeResponse) -> list[Data]:
    """Return the metadata of the listed workshops, with or without their wrappers."""
    found = [element.get("workshop", element) for element in _get_elements(response) if isinstance(element, dict)]
    return [
        workshop["metadata"]
        for workshop in found
        if isinstance(workshop, dict) and isinstance(workshop.get("metadata"), dict)
    ]


def _is_named(workshop: t.Any) -> bool:
    return (
        isinstance(workshop, dict)
        and isinstance(workshop.get("metadata"), dict)
        and bool(workshop["metadata"].get("name"))
    )
