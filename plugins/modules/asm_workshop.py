#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_workshop
short_description: Manage one-click demo applications of Application Service Mesh
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Creates and deletes workshops (one-click experience tasks) in Huawei Cloud's Application Service Mesh (ASM).
    A workshop installs a demo application in a mesh, behind a load balancer.
  - The module identifies a workshop by its mesh and name. It compares only options that are set.
  - The service cannot update a workshop. A difference is an error by default, see O(on_drift).
  - The service does not report the state of a workshop. The module waits until the workshop is listed, or no longer listed.
    The pods of the demo may take longer.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.mesh
  - community.huaweicloud.wait
  - community.huaweicloud.redact
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - Name of the workshop.
    type: str
    required: true
  description:
    description:
      - Description of the workshop. An empty and a missing description are the same.
    type: str
  primary_cluster:
    description:
      - ID of the CCE cluster for the demo. Required to create a workshop.
      - The module prints a warning if the service lists the clusters of the mesh without this cluster.
    type: str
  ingress:
    description:
      - Address of the demo.
    type: dict
    suboptions:
      elb_id:
        description:
          - ID of the load balancer. Required to create a workshop.
        type: str
      elb_ip:
        description:
          - IP address of the load balancer. Required to create a workshop.
        type: str
      port:
        description:
          - Port on the load balancer, from 1 to 65535. Required to create a workshop.
          - Only one workshop can use a port of a load balancer.
            If another workshop of the mesh uses the port, the module fails before it sends a request that changes something.
        type: int
      image_address:
        description:
          - Registry or path of the images of the demo, without a scheme, for example V(swr.example.com/mesh-demo).
        type: str
  state:
    description:
      - Whether the workshop must exist.
      - The service does not report that a workshop is being deleted. If the workshop is still listed after a deletion with O(wait=false),
        another task with V(absent) sends the request again and reports a change.
    type: str
    choices: [present, absent]
    default: present
  on_drift:
    description:
      - What to do if the workshop exists and differs from the task.
      - V(fail) fails with an error that names each field with both values.
      - V(warn) prints the same text as a warning and does not change the workshop.
      - V(replace) deletes the workshop and creates it again. Options that are not set keep their values.
        The demo is not available during the replacement.
    type: str
    choices: [fail, warn, replace]
    default: fail
seealso:
  - module: community.huaweicloud.asm_workshop_info
  - module: community.huaweicloud.asm_mesh_info
"""

EXAMPLES = r"""
- name: Create the demo of Bookinfo
  community.huaweicloud.asm_workshop:
    mesh_name: shop-mesh
    name: bookinfo-demo
    description: For the training on Thursday
    primary_cluster: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    ingress:
      elb_id: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
      elb_ip: 192.0.2.10
      port: 8080
      image_address: swr.example.com/mesh-demo

- name: Replace the demo to change its port
  community.huaweicloud.asm_workshop:
    mesh_name: shop-mesh
    name: bookinfo-demo
    ingress:
      port: 8081
    on_drift: replace

- name: Delete the demo without waiting
  community.huaweicloud.asm_workshop:
    mesh_id: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    name: bookinfo-demo
    state: absent
    wait: false
    redact: true
"""

RETURN = r"""
workshop:
  description:
    - The workshop. V(null) after its deletion. In check mode, values that only the service can assign are V(null).
  returned: success
  type: dict
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
actions:
  description:
    - The actions in their order, predicted in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(create) or V(delete).
      type: str
      sample: create
    fields:
      description: Fields that the action sets.
      type: list
      elements: str
      sample: [primary_cluster, ingress.port]
    request_id:
      description: ID of the request, for the support of the vendor. V(null) in check mode.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
changed_fields:
  description: Fields that differed. All fields that the task sets if the workshop was created.
  returned: success
  type: list
  elements: str
  sample: [ingress.port]
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

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    MESH,
    REDACT,
    WAIT,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._module import (
    Params,
    Result,
    Session,
    Task,
    run_module,
    run_resource,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop.resource import (
    WORKSHOP,
    Workshop,
    check_workshop,
    get_workshop_list,
)


def run(session: Session, params: Params, desired: None) -> Result:
    mesh = resolve_mesh(session, params)
    return run_resource(session, Workshop(session, params, mesh, get_workshop_list(session, mesh["id"])), "workshop")


TASK = Task(CONNECTION.merge(MESH, WAIT, WORKSHOP, REDACT), check_workshop, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
