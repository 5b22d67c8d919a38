#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_release_info
short_description: List the grayscale (canary) releases of a mesh
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Lists the grayscale releases of a mesh in Huawei Cloud's Application Service Mesh (ASM), in all namespaces.
  - The list contains ended releases if the service keeps them.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.mesh
  - community.huaweicloud.redact
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
  - community.huaweicloud.attributes.info_module
options:
  id:
    description:
      - Only the release with this ID.
    type: str
  name:
    description:
      - Only the release with exactly this name.
    type: str
  name_regex:
    description:
      - Only releases whose names match this Python regular expression anywhere. Write C(^) and C($) to match the whole name.
    type: str
  namespace:
    description:
      - Only releases in this namespace.
    type: str
  service_name:
    description:
      - Only releases of this Service.
    type: str
  phase:
    description:
      - Only releases in this phase. The comparison ignores case.
    type: str
  cluster_id:
    description:
      - Only releases with the original Deployment in this cluster.
    type: str
seealso:
  - module: community.huaweicloud.asm_release
"""

EXAMPLES = r"""
- name: List the running releases of a Service
  community.huaweicloud.asm_release_info:
    mesh_name: shop-mesh
    namespace: default
    service_name: reviews
    phase: Running
  register: found

- name: Cancel them
  community.huaweicloud.asm_release:
    mesh_name: shop-mesh
    namespace: default
    name: "{{ item.name }}"
    state: canceled
  loop: "{{ found.releases }}"
  loop_control:
    label: "{{ item.name }}"

- name: Read a release by its name
  community.huaweicloud.asm_release_info:
    mesh_id: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    namespace: default
    name: ratings-v2

- name: List all releases of a cluster whose names end with -v2
  community.huaweicloud.asm_release_info:
    mesh_name: shop-mesh
    cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    name_regex: -v2$

- name: Read a release by its ID
  community.huaweicloud.asm_release_info:
    mesh_name: shop-mesh
    id: 0a6b3c1e-8f5d-11ef-9b1c-0255ac100036
    redact: true
"""

RETURN = r"""
releases:
  description: All releases that match the filters. V([]) if none matches.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the release.
      type: str
      sample: 0a6b3c1e-8f5d-11ef-9b1c-0255ac100036
    name:
      description: Name of the release.
      type: str
      sample: reviews-v2
    namespace:
      description: Namespace of the Service.
      type: str
      sample: default
    mesh_id:
      description: ID of the mesh of the release.
      type: str
      sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    service_name:
      description: Name of the Service.
      type: str
      sample: reviews
    cluster_id:
      description: ID of the cluster of the original Deployment.
      type: str
      sample: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    deployment_name:
      description: Name of the original Deployment.
      type: str
      sample: reviews-v1
    version:
      description: Version of the gray version, the value of the label C(version).
      type: str
      sample: v2
    type:
      description: Type of the release, as the service returns it.
      type: str
      sample: canary
    gray_deployments:
      description: Deployments of the gray version, as specified.
      type: list
      elements: dict
      contains:
        cluster_id:
          description: ID of the cluster of the Deployment.
          type: str
          sample: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
        template:
          description: The Kubernetes Deployment as the service returns it, usually with the defaults of Kubernetes.
          type: dict
          sample: {apiVersion: apps/v1, kind: Deployment, metadata: {name: reviews-v2}}
    status:
      description: State that the service observes.
      type: dict
      contains:
        phase:
          description: Phase of the release, as the service returns it. The vendor does not publish the phases.
          type: str
          sample: Running
        start_time:
          description: Start time of the release (RFC 3339, UTC).
          type: str
          sample: "2026-06-25T08:30:00Z"
        updated_at:
          description: Time of the last change (RFC 3339, UTC).
          type: str
          sample: "2026-06-25T08:31:00Z"
        deployment:
          description: The original Deployment as observed.
          type: dict
          sample: {metadata: {name: reviews-v1}, status: {availableReplicas: 1}}
        gray_deployments:
          description: The gray Deployments as observed.
          type: list
          elements: dict
          sample: [{metadata: {name: reviews-v2}, status: {availableReplicas: 1}}]
redacted:
  description: Whether values that can be secret were redacted. See O(redact).
  returned: O(redact) or the variable C(huaweicloud_redact) is set
  type: bool
  sample: true
request_ids:
  description: IDs of all requests in their order.
  returned: always
  type: list
  elements: str
  sample: [7d2f4b1a9c8e4f6db0a1c2d3e4f50617]
auth_source:
  description: Kind and source of the credentials. Never contains the credentials.
  returned: success and a verbosity of 3 or more
  type: dict
  contains:
    kind:
      description: Kind of the credentials, V(aksk), V(token), V(password) or V(metadata).
      type: str
      sample: aksk
    source:
      description: Where the credentials are set or selected, V(task) or V(environment).
      type: str
      sample: environment
    origin:
      description: Names of the options or variables, the file and profile that they select, and the assumed agency.
      type: str
      sample: The credentials come from the environment variables HW_ACCESS_KEY and HW_SECRET_KEY.
actions:
  description: Always V([]), because the module changes nothing.
  returned: failure
  type: list
  elements: dict
  sample: []
error:
  description:
    - The error of the task.
  returned: failure
  type: dict
  contains:
    kind:
      description: Kind of the error, for example V(options), V(drift), V(forbidden), V(conflict), V(transport) or V(wait).
      type: str
      sample: forbidden
    status:
      description: HTTP status of the response, if there was one.
      type: int
      sample: 403
    code:
      description: Error code of the service.
      type: str
      sample: ASM.01000002
    message:
      description: The error message of the service or of the module.
      type: str
      sample: Forbidden.
    request_id:
      description: ID of the request that failed.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
    method:
      description: HTTP method of that request.
      type: str
      sample: POST
    path:
      description: Path of that request.
      type: str
      sample: /v2/meshes/2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c/workshops
    attempts:
      description: Number of attempts.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: Grant the identity the IAM action asm:mesh:createWorkshop.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, MESH, REDACT
from ansible_collections.community.huaweicloud.plugins.module_utils._module import (
    Params,
    Result,
    Session,
    Task,
    run_module,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.info_filters import (
    apply_filters,
    check_filters,
    filters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    get_release_list,
    release_to_result,
)

EXACT = {name: name for name in ("id", "name", "namespace", "service_name", "cluster_id")}


def run(session: Session, params: Params, desired: None) -> Result:
    mesh = resolve_mesh(session, params)
    results = [release_to_result(raw, mesh["id"]) for raw in get_release_list(session, mesh["id"]).refresh().all()]
    return {"releases": apply_filters(results, params, exact=EXACT, words={"phase": "status.phase"}), "changed": False}


TASK = Task(
    CONNECTION.merge(MESH, filters("namespace", "service_name", "phase", "cluster_id"), REDACT), check_filters, run
)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
