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
  - Creates and removes workshops (one-click experience tasks) of Huawei Cloud's Application Service Mesh (ASM).
    A workshop puts a demo application behind a load balancer into a mesh.
  - A workshop is identified by its mesh and its name. The service knows no update, so a workshop that differs from the task is an error,
    unless O(on_drift) says otherwise. Only the options that are set are compared.
  - The service reports no state of a workshop. Waiting means waiting until it is listed, or no longer listed; the pods of the demo may take longer.
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
      - A text about the workshop. Empty and missing are the same.
    type: str
  primary_cluster:
    description:
      - ID of the CCE cluster that the demo runs in. Required to create a workshop.
      - The module warns if the service lists the clusters of the mesh and this one is not among them.
    type: str
  ingress:
    description:
      - Where the demo is reached from outside.
    type: dict
    suboptions:
      elb_id:
        description:
          - ID of the load balancer. Needed to create a workshop.
        type: str
      elb_ip:
        description:
          - IP address of the load balancer. Required to create a workshop.
        type: str
      port:
        description:
          - Port on the load balancer, from 1 to 65535. Required to create a workshop.
          - A port of a load balancer can belong to only one workshop. The module fails before it sends anything if another workshop of the mesh has it.
        type: int
      image_address:
        description:
          - Registry or path that the images of the demo are pulled from, without a scheme, for example V(swr.example.com/mesh-demo).
        type: str
  state:
    description:
      - Whether the workshop is to be there.
      - The service does not say that a workshop is being removed. Another removal while it is still listed, after one with O(wait=false),
        is sent again and counts as a change.
    type: str
    choices: [present, absent]
    default: present
  on_drift:
    description:
      - What to do when the workshop is there and differs from the task.
      - V(fail) ends the task with an error that names each field with both values.
      - V(warn) says the same as a warning and leaves the workshop as it is.
      - V(replace) removes the workshop and creates it as the task says. What the task does not say is carried over. The demo is gone in between.
    type: str
    choices: [fail, warn, recreate]
    default: fail
seealso:
  - module: community.huaweicloud.asm_workshop_info
  - module: community.huaweicloud.asm_mesh_info
"""

EXAMPLES = r"""
- name: Put the bookinfo demo into a mesh
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

- name: Serve the demo on another port, which takes removing it and creating it anew
  community.huaweicloud.asm_workshop:
    mesh_name: shop-mesh
    name: bookinfo-demo
    ingress:
      port: 8081
    on_drift: recreate

- name: Remove the demo without waiting
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
    - The workshop. V(null) after it was removed. In check mode, what only the service knows is V(null).
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
      description: ID of the mesh the workshop is in.
      type: str
      sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    description:
      description: The text about the workshop, V("") when there is none.
      type: str
      sample: For the training on Thursday
    primary_cluster:
      description: ID of the cluster the demo runs in.
      type: str
      sample: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    ingress:
      description: Where the demo is reached from outside.
      type: dict
      contains:
        elb_id:
          description: ID of the load balancer.
          type: str
          sample: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
        elb_ip:
          description: Address of the load balancer.
          type: str
          sample: 192.0.2.10
        port:
          description: Port on the load balancer.
          type: int
          sample: 8080
        image_address:
          description: Where the images of the demo are pulled from.
          type: str
          sample: swr.example.com/mesh-demo
    created_at:
      description: When the workshop was created, RFC 3339 in UTC.
      type: str
      sample: "2026-06-25T08:30:00Z"
    updated_at:
      description: When the workshop last changed, RFC 3339 in UTC.
      type: str
      sample: "2026-06-25T08:30:00Z"
actions:
  description:
    - What was sent to change something, in that order, or in check mode would be.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(create) or V(delete).
      type: str
      sample: create
    fields:
      description: The fields it is about.
      type: list
      elements: str
      sample: [primary_cluster, ingress.port]
    request_id:
      description: ID of the request, for the vendor's support. V(null) in check mode.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
changed_fields:
  description: The fields that differed; all that the task sets when the workshop was created.
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
  description: IDs of all requests made, in that order.
  returned: always
  type: list
  elements: str
  sample: [7d2f4b1a9c8e4f6db0a1c2d3e4f50617]
auth_source:
  description: Which credentials were used. Never shows the credentials themselves.
  returned: success and a verbosity of 3 or more
  type: dict
  contains:
    kind:
      description: V(aksk), V(token) or V(password).
      type: str
      sample: aksk
    source:
      description: V(task) or V(environment).
      type: str
      sample: environment
error:
  description:
    - What went wrong, for playbooks to decide on.
  returned: failure
  type: dict
  contains:
    kind:
      description: The kind of error, for example V(options), V(drift), V(forbidden), V(conflict), V(transport) or V(wait).
      type: str
      sample: forbidden
    status:
      description: HTTP status of the answer, if there was one.
      type: int
      sample: 403
    code:
      description: The service's own code.
      type: str
      sample: ASM.01000002
    message:
      description: What the service said, or what is wrong.
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
      description: How often it was sent.
      type: int
      sample: 1
    hint:
      description: What to do about it.
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.specs import WORKSHOP
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop import (
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
