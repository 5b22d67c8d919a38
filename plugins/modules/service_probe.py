#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_probe
short_description: Check assumptions about ModelArts and ASM in a project
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Checks assumptions about the services that the API references leave open, for example whether the offset of a list counts records or pages.
    The modules of this collection also work if an assumption is refuted.
  - In ModelArts, the module creates up to four workspaces, changes them and deletes them. They are free of charge.
  - In ASM, the module reads, and tries to delete resources that do not exist. It only creates a workshop or a release if you set O(workshop) or O(release),
    because these use resources that cost money.
  - The module deletes all resources that it created, also after a failure. It reports resources that it could not delete in RV(leftovers), and fails.
  - The module never repeats a create request.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
attributes:
  check_mode:
    support: partial
    details:
      - In check mode, the module only sends requests that read. Assumptions that require other requests are inconclusive.
  diff_mode:
    support: none
    details:
      - The module deletes all resources that it creates.
  idempotent:
    support: none
    details:
      - The module creates and deletes resources on each run.
options:
  services:
    description:
      - Services to probe.
    type: list
    elements: str
    choices: [modelarts, asm]
    default: [modelarts, asm]
  prefix:
    description:
      - Prefix of the names of all resources that the module creates. Eight hexadecimal digits of the run follow.
      - It has 3 to 32 lower-case letters, digits and hyphens, and begins with a letter.
    type: str
    default: probe
  mesh_name:
    description:
      - Name of the mesh to probe.
      - Required if there are several meshes. Otherwise, all assumptions about workshops and releases are inconclusive.
    type: str
  user_name:
    description:
      - Name of the IAM user that gets a grant.
      - The default is the first user that ModelArts lists.
    type: str
  workshop:
    description:
      - Workshop to create. Without it, the module creates none.
    type: dict
    suboptions:
      primary_cluster:
        description: ID of the primary cluster.
        type: str
        required: true
      elb_id:
        description: ID of the load balancer.
        type: str
        required: true
      elb_ip:
        description: IP address of the load balancer.
        type: str
        required: true
      port:
        description: Port of the load balancer.
        type: int
        required: true
      image_address:
        description: Address of the image of the gateway.
        type: str
  release:
    description:
      - Release to create. Without it, the module creates none.
      - The module promotes or cancels releases of this Service, whichever the traffic allows. Use a Service that nobody needs.
    type: dict
    suboptions:
      namespace:
        description: Namespace of the Service.
        type: str
        required: true
      service_name:
        description: Name of the Service.
        type: str
        required: true
      cluster_id:
        description: ID of the cluster.
        type: str
        required: true
      deployment_name:
        description: Name of the Deployment of the original version.
        type: str
        required: true
      version:
        description: Name of the gray version.
        type: str
        required: true
      template:
        description: Deployment of the gray version.
        type: dict
        required: true
      type:
        description: Type of the release.
        type: str
        default: canary
      new_image:
        description:
          - Another image for the first container. If you set it, the module also updates the release.
        type: str
  istio_connection:
    description:
      - Connection options of M(community.huaweicloud.asm_traffic) for the cluster that contains the Istio objects.
      - With O(release), the module reads the VirtualServices and DestinationRules of the Service before and after the creation of a release, and reports their
        names and what has changed. It never changes them. Without this option, the assumption C(release_edits) is inconclusive.
      - The module does not read environment variables for this connection. If only time limits are set, it is not used.
    type: dict
    suboptions:
      host:
        description: URL of the Kubernetes API.
        type: str
      api_key:
        description: Token for the Kubernetes API.
        type: str
      kubeconfig:
        description: Path of a kubeconfig file, or its content as a mapping.
        type: raw
      context:
        description: Name of the context of the kubeconfig. The default is its current context.
        type: str
      username:
        description: User name for basic authentication. O(istio_connection.password) is required as well.
        type: str
      password:
        description: Password for basic authentication.
        type: str
      client_cert:
        description: Path of the client certificate in PEM format. O(istio_connection.client_key) is required as well.
        type: path
        aliases: [cert_file]
      client_key:
        description: Path of the key of O(istio_connection.client_cert) in PEM format.
        type: path
        aliases: [key_file]
      ca_cert:
        description: Path of a file with the CA certificates to trust, in PEM format.
        type: path
        aliases: [ssl_ca_cert]
      validate_certs:
        description: Whether to verify the TLS certificate of the Kubernetes API. The default is the setting of the kubeconfig, or V(true).
        type: bool
        aliases: [verify_ssl]
      proxy:
        description: URL of the HTTP proxy to use.
        type: str
      no_proxy:
        description: Comma-separated list of hosts for which the proxy is not used.
        type: str
      proxy_headers:
        description: Headers for the proxy.
        type: dict
        suboptions:
          proxy_basic_auth:
            description: User and password for the proxy, separated by a colon.
            type: str
          basic_auth:
            description: User and password for the header C(authorization), separated by a colon.
            type: str
          user_agent:
            description: The header C(user-agent).
            type: str
      persist_config:
        description: Whether to write renewed tokens to the kubeconfig file. The default is V(false).
        type: bool
      impersonate_user:
        description: Name of the user to impersonate.
        type: str
      impersonate_groups:
        description: Names of the groups to impersonate.
        type: list
        elements: str
      connect_timeout:
        description: Maximum time to wait for a connection, in seconds.
        type: float
        default: 5
      read_timeout:
        description: Maximum time to wait for the next part of a response, in seconds.
        type: float
        default: 30
  cancel_actions:
    description:
      - Names of the action that cancels a release, in the order in which the module tries them.
    type: list
    elements: str
    default: [cancel, terminate, rollback]
  end_actions:
    description:
      - Names of the action that promotes a release, in the order in which the module tries them.
    type: list
    elements: str
    default: [end, finish, complete]
  interval:
    description:
      - Seconds between two checks while the module waits for a resource.
    type: float
    default: 5.0
  tries:
    description:
      - Maximum number of checks while the module waits for a resource, from 1 to 10000.
      - If a resource is not ready after the last check, the assumption is inconclusive.
    type: int
    default: 120
  fail_on_difference:
    description:
      - Whether the task fails if an assumption is refuted.
    type: bool
    default: false
seealso:
  - module: community.huaweicloud.api_request
notes:
  - If you authenticate with a token or a password, the assumptions about signed requests are inconclusive.
"""

EXAMPLES = r"""
- name: Probe ModelArts
  community.huaweicloud.service_probe:
    services: [modelarts]
    user_name: alice
  register: probe

- name: Show the assumptions that are refuted
  ansible.builtin.debug:
    msg: "{{ probe.assumptions | selectattr('state', '==', 'refuted') | map(attribute='name') }}"

- name: Probe ASM with a workshop and a release
  community.huaweicloud.service_probe:
    services: [asm]
    prefix: probe
    mesh_name: shop-mesh
    workshop:
      primary_cluster: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
      elb_id: 3e9f6c1b-0d47-4f2a-8b65-a1c4d7e90f23
      elb_ip: 192.0.2.24
      port: 8080
      image_address: swr.eu-de.example.com/shop/gateway:1.18
    release:
      namespace: sandbox
      service_name: echo
      cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
      deployment_name: echo-v1
      version: v2
      type: canary
      new_image: registry.example.com/echo:2.0.1
      template:
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: echo-v2
          labels: {app: echo, version: v2}
        spec:
          selector:
            matchLabels: {app: echo, version: v2}
          template:
            metadata:
              labels: {app: echo, version: v2}
            spec:
              containers:
                - name: echo
                  image: registry.example.com/echo:2.0.0
    istio_connection:
      kubeconfig: ~/.kube/shop.yml
    cancel_actions: [cancel, terminate, rollback]
    end_actions: [end, finish, complete]
    interval: 1
    tries: 60
    fail_on_difference: false
"""

RETURN = r"""
assumptions:
  description: The assumptions about the services, in a fixed order.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    service:
      description: V(modelarts), V(asm), or V(gateway) for the API gateway of both.
      type: str
      sample: modelarts
    name:
      description: Name of the assumption. If the emulator has a behavior of this name, V(found) is a value of that behavior.
      type: str
      sample: workspace_offset_unit
    description:
      description: What the modules assume.
      type: str
      sample: The offset of a list counts records, not pages.
    assumed:
      description: The assumed value.
      type: str
      sample: record
    found:
      description: The value that the module found, V(null) if the assumption is inconclusive.
      type: str
      sample: page
    state:
      description:
        - V(confirmed), V(refuted) or V(inconclusive).
        - An assumption is inconclusive, for example, after throttling, without permission, or in an outage.
      type: str
      sample: refuted
    evidence:
      description: The response that shows the value, or why the assumption is inconclusive.
      type: str
      sample: the list begins with the third workspace
counts:
  description: Number of assumptions in each state.
  returned: when the options are valid
  type: dict
  contains:
    confirmed:
      description: Number of confirmed assumptions.
      type: int
      sample: 40
    refuted:
      description: Number of refuted assumptions.
      type: int
      sample: 2
    inconclusive:
      description: Number of inconclusive assumptions.
      type: int
      sample: 16
leftovers:
  description: Resources that the module created and could not delete, and lists that it could not read to find them. Delete these resources by hand.
  returned: when the options are valid
  type: list
  elements: str
  sample: ["workspace probe-0a1b2c3d-a (status NORMAL)"]
name_prefix:
  description: What the names of all resources of this run begin with, followed by a hyphen. Use it to find the resources of a run that was killed.
  returned: when the options are valid
  type: str
  sample: probe-0a1b2c3d
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
  description: Always V([]). See RV(leftovers) for the resources that remain.
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
      description:
        - Kind of the error, for example V(options), V(auth) or V(transport).
        - It is V(leftovers) if only resources could not be deleted, and V(refuted) if only an assumption is refuted.
      type: str
      sample: transport
    status:
      description: HTTP status of the response, if there was one.
      type: int
      sample: 401
    code:
      description: Error code of the service.
      type: str
      sample: IAM.0001
    message:
      description: The error message of the service or of the module.
      type: str
      sample: The connection broke.
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
      sample: /v3/auth/tokens
    attempts:
      description: Number of attempts.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: Check the endpoint.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Task, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import (
    ARGUMENTS,
    find_secrets,
    validate_options,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.runner import run

TASK = Task(CONNECTION.merge(ARGUMENTS), validate_options, run, find_secrets)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
