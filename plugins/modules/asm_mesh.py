#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_mesh
short_description: Manage meshes of Application Service Mesh
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Creates and deletes meshes in Huawei Cloud's Application Service Mesh (ASM). The module waits until the mesh is running or deleted.
  - The name identifies a mesh in its project. The module compares only options that are set.
  - The service cannot update a mesh. A difference is an error by default, see O(on_drift). The module never replaces a mesh.
  - The service does not return all fields, for example not the node selectors of O(clusters). The module uses such fields only to create a mesh.
    It does not compare them, prints a warning, and lists them in RV(not_compared).
extends_documentation_fragment:
  - community.huaweicloud.connection
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
      - Name of the mesh.
      - The name of a new mesh has 4 to 64 characters, only lower-case letters, digits and hyphens. It begins with a letter and does not end
        with a hyphen.
    type: str
    required: true
  version:
    description:
      - Version of the mesh in the format C(vX.Y[.Z[-rN]]), for example V(v1.18). By default, the service uses the newest version.
      - V(v1.18) is the same as each of its patch versions, for example V(v1.18.7-r1).
    type: str
  clusters:
    description:
      - Clusters of the mesh. Required to create a mesh.
    type: list
    elements: dict
    suboptions:
      cluster_id:
        description:
          - ID of the CCE cluster.
        type: str
        required: true
      installation_nodes:
        description:
          - Nodes on which the service installs the components of the mesh. Required to create a mesh. Not compared.
        type: dict
        suboptions: &selector
          key:
            description:
              - Field to select by. For nodes, V(UID) is the ID of the node.
            type: str
            required: true
          operator:
            description:
              - Operator of the selection. The API reference contains only V(In).
            type: str
            default: In
          values:
            description:
              - Values to select.
            type: list
            elements: str
            required: true
      injection_namespaces:
        description:
          - Namespaces into whose pods the service injects sidecars. Not compared.
        type: dict
        suboptions: *selector
  proxy_config:
    description:
      - Traffic that the sidecars intercept. The module sends an empty list as an empty value. Compared only if the service returns it.
    type: dict
    suboptions:
      include_ip_ranges:
        description:
          - IP ranges whose outbound traffic is intercepted.
        type: list
        elements: str
      exclude_ip_ranges:
        description:
          - IP ranges whose outbound traffic is not intercepted.
        type: list
        elements: str
      include_inbound_ports:
        description:
          - Ports whose inbound traffic is intercepted.
        type: list
        elements: str
      exclude_inbound_ports:
        description:
          - Ports whose inbound traffic is not intercepted.
        type: list
        elements: str
      include_outbound_ports:
        description:
          - Ports whose outbound traffic is intercepted.
        type: list
        elements: str
      exclude_outbound_ports:
        description:
          - Ports whose outbound traffic is not intercepted.
        type: list
        elements: str
  telemetry_config:
    description:
      - Metrics, access logs and traces of the mesh. Compared only if the service returns it.
    type: dict
    suboptions:
      metrics:
        description:
          - Destination of metrics.
        type: dict
        suboptions:
          aom:
            description:
              - Instances of Application Operations Management (AOM).
            type: list
            elements: dict
            suboptions:
              instance_id:
                description:
                  - ID of the instance.
                type: str
                required: true
      access_logging:
        description:
          - Destination of access logs.
        type: dict
        suboptions:
          lts:
            description:
              - Log streams of Log Tank Service (LTS).
            type: list
            elements: dict
            suboptions:
              log_group_id:
                description:
                  - ID of the log group.
                type: str
                required: true
              log_stream_id:
                description:
                  - ID of the log stream.
                type: str
                required: true
      tracing:
        description:
          - Sampling and destination of traces.
        type: dict
        suboptions:
          random_sampling_percentage:
            description:
              - Percentage of requests to trace, from 0 to 100.
            type: float
          default_providers:
            description:
              - Names of the providers that receive the traces, from O(telemetry_config.tracing.extension_providers), or V(apm-otel).
            type: list
            elements: str
          extension_providers:
            description:
              - Additional providers.
            type: list
            elements: dict
            suboptions:
              name:
                description:
                  - Name of the provider.
                type: str
                required: true
              zipkin:
                description:
                  - Zipkin server of the provider.
                type: dict
                required: true
                suboptions:
                  service:
                    description:
                      - Address of the server.
                    type: str
                    required: true
                  port:
                    description:
                      - Port of the server, from 1 to 65535.
                    type: int
                    required: true
  state:
    description:
      - Whether the mesh must exist.
      - With V(absent), the task fails while the mesh contains workshops or active releases, or if the module cannot list them. See O(force).
    type: str
    choices: [present, absent]
    default: present
  on_drift:
    description:
      - What to do if the mesh exists and differs. V(fail) reports the differences as an error, and V(warn) as a warning.
    type: str
    choices: [fail, warn]
    default: fail
  force:
    description:
      - Whether to delete the mesh with the workshops and releases in it.
    type: bool
    default: false
notes:
  - The creation and the deletion of a mesh can take longer than the default of O(wait_timeout). Set it to V(1800).
  - New meshes have the type V(InCluster), the only type in the API reference.
seealso:
  - module: community.huaweicloud.asm_mesh_info
  - module: community.huaweicloud.asm_workshop
  - module: community.huaweicloud.asm_release
"""

EXAMPLES = r"""
- name: Create a mesh with one cluster
  community.huaweicloud.asm_mesh:
    name: lab-mesh
    version: v1.18
    clusters:
      - cluster_id: 9c8b7a6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d
        installation_nodes:
          key: UID
          operator: In
          values: [3d2c1b0a-9f8e-4d7c-8b6a-5f4e3d2c1b0a]
        injection_namespaces:
          key: UID
          operator: In
          values: [default]
    wait_timeout: 1800

- name: Create a mesh with configuration of its sidecars and its telemetry
  community.huaweicloud.asm_mesh:
    name: edge-mesh
    clusters:
      - cluster_id: 1a2b3c4d-5e6f-4708-9a0b-1c2d3e4f5a6b
        installation_nodes:
          key: UID
          values: [4e3d2c1b-0a9f-4e8d-8c7b-6a5f4e3d2c1b]
    proxy_config:
      include_ip_ranges: [10.0.0.0/8, 192.168.0.0/16]
      exclude_ip_ranges: [10.1.0.0/16]
      include_inbound_ports: ["8080"]
      exclude_inbound_ports: ["15090"]
      include_outbound_ports: ["443"]
      exclude_outbound_ports: ["3306", "6379"]
    telemetry_config:
      metrics:
        aom:
          - instance_id: 6f5e4d3c-2b1a-4098-8765-4321fedcba98
      access_logging:
        lts:
          - log_group_id: 7a6b5c4d-3e2f-4a1b-9c0d-8e7f6a5b4c3d
            log_stream_id: 8b7c6d5e-4f3a-4b2c-8d1e-9f8a7b6c5d4e
      tracing:
        random_sampling_percentage: 1.5
        default_providers: [zipkin-lab]
        extension_providers:
          - name: zipkin-lab
            zipkin:
              service: zipkin.observability.svc.cluster.local
              port: 9411
    wait_timeout: 1800
    wait_interval: 10

- name: Check that the mesh exists, and only warn if it has another version
  community.huaweicloud.asm_mesh:
    name: shop-mesh
    version: v1.15
    on_drift: warn
  check_mode: true

- name: Delete a mesh that contains no workshops or releases
  community.huaweicloud.asm_mesh:
    name: lab-mesh
    state: absent
    wait_timeout: 1800

- name: Delete a mesh with its workshops and releases, and do not wait
  community.huaweicloud.asm_mesh:
    name: edge-mesh
    state: absent
    force: true
    wait: false
    redact: true
"""

RETURN = r"""
mesh:
  description:
    - The mesh. V(null) if it does not exist after the task.
    - In check mode, the predicted mesh. Values that only the service can set are V(null).
  returned: success
  type: dict
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
      description: Traffic that the sidecars intercept. V(null) if the service does not return it. The same applies to each of its values.
      type: dict
      sample: {include_ip_ranges: [10.0.0.0/8], exclude_ip_ranges: null, include_inbound_ports: null, exclude_inbound_ports: null,
               include_outbound_ports: null, exclude_outbound_ports: ["3306"]}
    telemetry_config:
      description: Metrics, access logs and traces of the mesh, with the keys of the option of M(community.huaweicloud.asm_mesh) that the service
        returns. V(null) if the service returns none of them.
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
      sample: [version, clusters]
    request_id:
      description: ID of the request, for the support of the vendor. V(null) in check mode.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
changed_fields:
  description: Fields that differed. All fields that the task sets if the mesh was created.
  returned: success
  type: list
  elements: str
  sample: [version, clusters]
not_compared:
  description:
    - Fields that the task sets and that the service does not return, so their actual values are unknown.
    - V([]) after the creation or deletion of the mesh.
  returned: success
  type: list
  elements: str
  sample: ["clusters[].installation_nodes"]
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
      sample: /v1/7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b/meshes
    attempts:
      description: Number of attempts.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: Grant the identity the IAM action asm:mesh:create.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, REDACT, WAIT
from ansible_collections.community.huaweicloud.plugins.module_utils._module import (
    Params,
    Result,
    Session,
    Task,
    run_module,
    run_resource,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.options import (
    MANAGED_MESH,
    check_managed_mesh,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.resource import Mesh


def run(session: Session, params: Params, desired: None) -> Result:
    return run_resource(session, Mesh(session, params), "mesh", lists_not_compared=True)


TASK = Task(CONNECTION.merge(WAIT, MANAGED_MESH, REDACT), check_managed_mesh, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
