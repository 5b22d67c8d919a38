#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_mesh_info
short_description: List the meshes of Application Service Mesh
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Lists the meshes of a project in Huawei Cloud's Application Service Mesh (ASM).
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.redact
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
  - community.huaweicloud.attributes.info_module
options:
  id:
    description:
      - Only the mesh with this ID.
    type: str
  name:
    description:
      - Only the mesh with exactly this name.
    type: str
  name_regex:
    description:
      - Only meshes whose names match this Python regular expression anywhere. Write C(^) and C($) to match the whole name.
    type: str
  phase:
    description:
      - Only meshes in this phase, for example V(Running). The comparison ignores case.
    type: str
  cluster_id:
    description:
      - Only meshes that contain this cluster.
    type: str
seealso:
  - module: community.huaweicloud.asm_mesh
  - module: community.huaweicloud.asm_workshop
  - module: community.huaweicloud.asm_release
"""

EXAMPLES = r"""
- name: List the running meshes of a cluster
  community.huaweicloud.asm_mesh_info:
    cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    phase: Running
  register: found

- name: List the workshops of the mesh if there is only one
  community.huaweicloud.asm_workshop_info:
    mesh_id: "{{ found.meshes[0].id }}"
  when: found.meshes | length == 1

- name: List all meshes whose names begin with shop-
  community.huaweicloud.asm_mesh_info:
    name_regex: ^shop-

- name: Read a mesh by its name
  community.huaweicloud.asm_mesh_info:
    name: shop-mesh

- name: Read a mesh by its ID
  community.huaweicloud.asm_mesh_info:
    id: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    redact: true
"""

RETURN = r"""
meshes:
  description: All meshes that match the filters. V([]) if none matches.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the mesh.
      type: str
      sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    name:
      description: Name of the mesh.
      type: str
      sample: shop-mesh
    type:
      description: Type of the mesh.
      type: str
      sample: InCluster
    version:
      description: Version of the mesh.
      type: str
      sample: v1.18
    phase:
      description: Phase of the mesh. Workshops and releases can only be changed in the phase V(Running).
      type: str
      sample: Running
    clusters:
      description: IDs of the clusters of the mesh.
      type: list
      elements: str
      sample: [5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b]
    proxy_config:
      description: Traffic that the sidecars intercept. It is V(null) if the service does not return it. The same applies to each of its values.
      type: dict
      sample: {include_ip_ranges: [10.0.0.0/8], exclude_ip_ranges: null, include_inbound_ports: null, exclude_inbound_ports: null,
               include_outbound_ports: null, exclude_outbound_ports: ["3306"]}
    telemetry_config:
      description: Metrics, access logs and traces of the mesh, with the keys of the option of M(community.huaweicloud.asm_mesh) that the service
        returns. V(null) if it returns none.
      type: dict
      sample: {tracing: {random_sampling_percentage: 1.5, default_providers: [apm-otel]}}
    created_at:
      description: Creation time (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:30:00Z"
    updated_at:
      description: Time of the last change (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:45:00Z"
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

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, REDACT
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import list_mesh_results


def run(session: Session, params: Params, desired: None) -> Result:
    meshes = apply_filters(
        list_mesh_results(session),
        params,
        exact={"id": "id", "name": "name", "cluster_id": "clusters"},
        words={"phase": "phase"},
    )
    return {"meshes": meshes, "changed": False}


TASK = Task(CONNECTION.merge(filters("phase", "cluster_id"), REDACT), check_filters, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
