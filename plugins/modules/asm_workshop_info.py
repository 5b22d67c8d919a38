#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_workshop_info
short_description: List the one-click demo applications of a mesh
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Lists the workshops (one-click experience tasks) of a mesh in Huawei Cloud's Application Service Mesh (ASM).
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
      - Only the workshop with this ID.
    type: str
  name:
    description:
      - Only the workshop with exactly this name.
    type: str
  name_regex:
    description:
      - Only workshops whose names match this Python regular expression anywhere. Write C(^) and C($) to match the whole name.
    type: str
  cluster_id:
    description:
      - Only workshops with this primary cluster.
    type: str
seealso:
  - module: community.huaweicloud.asm_workshop
"""

EXAMPLES = r"""
- name: List the demos of a cluster
  community.huaweicloud.asm_workshop_info:
    mesh_name: shop-mesh
    cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
  register: found

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ item.name }} at http://{{ item.ingress.elb_ip }}:{{ item.ingress.port }}"
  loop: "{{ found.workshops }}"
  loop_control:
    label: "{{ item.name }}"

- name: Read a workshop by its name
  community.huaweicloud.asm_workshop_info:
    mesh_id: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    name: bookinfo-demo

- name: List all workshops whose names end with -demo
  community.huaweicloud.asm_workshop_info:
    mesh_name: shop-mesh
    name_regex: -demo$

- name: Read a workshop by its ID
  community.huaweicloud.asm_workshop_info:
    mesh_name: shop-mesh
    id: 6f0d4c3e-8f55-11ef-9b1c-0255ac100036
    redact: true
"""

RETURN = r"""
workshops:
  description: All workshops that match the filters. V([]) if none matches.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the workshop.
      type: str
      sample: 6f0d4c3e-8f55-11ef-9b1c-0255ac100036
    name:
      description: Name of the workshop.
      type: str
      sample: bookinfo-demo
    mesh_id:
      description: ID of the mesh of the workshop.
      type: str
      sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    description:
      description: Description of the workshop. V("") without a description.
      type: str
      sample: For the training on Thursday
    primary_cluster:
      description: ID of the cluster of the demo.
      type: str
      sample: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    ingress:
      description: Address of the demo.
      type: dict
      contains:
        elb_id:
          description: ID of the load balancer.
          type: str
          sample: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
        elb_ip:
          description: IP address of the load balancer.
          type: str
          sample: 192.0.2.10
        port:
          description: Port on the load balancer.
          type: int
          sample: 8080
        image_address:
          description: Registry or path of the images of the demo.
          type: str
          sample: swr.example.com/mesh-demo
    created_at:
      description: Creation time (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:30:00Z"
    updated_at:
      description: Time of the last change (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:30:00Z"
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop.resource import (
    get_workshop_list,
    workshop_to_result,
)


def run(session: Session, params: Params, desired: None) -> Result:
    mesh = resolve_mesh(session, params)
    results = [workshop_to_result(raw, mesh["id"]) for raw in get_workshop_list(session, mesh["id"]).refresh().all()]
    return {
        "workshops": apply_filters(
            results, params, exact={"id": "id", "name": "name", "cluster_id": "primary_cluster"}
        ),
        "changed": False,
    }


TASK = Task(CONNECTION.merge(MESH, filters("cluster_id"), REDACT), check_filters, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
