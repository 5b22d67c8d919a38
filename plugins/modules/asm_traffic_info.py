#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_traffic_info
short_description: Show how the traffic of a Service is routed to its versions
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Returns the routes of a Service in the Istio objects of the mesh, with versions, weights and ready pods.
  - Returns what would prevent M(community.huaweicloud.asm_traffic) from changing them in RV(traffic.findings).
extends_documentation_fragment:
  - community.huaweicloud.kubernetes
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup_kubernetes
  - community.huaweicloud.attributes.info_module
options:
  namespace:
    description:
      - Namespace of the Service.
    type: str
    required: true
  service_name:
    description:
      - Name of the Service.
    type: str
    required: true
  original_version:
    description:
      - Value of the label C(version) of the pods of the original version. O(gray_version) is required as well.
    type: str
  gray_version:
    description:
      - Value of the label C(version) of the pods of the gray version. Without it, RV(traffic.weight) is V(null).
    type: str
  virtual_services:
    description:
      - The VirtualServices of the Service, as V(name) or V(namespace/name), as in M(community.huaweicloud.asm_traffic).
      - Required if the identity cannot list the VirtualServices of all namespaces.
    type: list
    elements: str
    default: []
  ignore_virtual_services:
    description:
      - VirtualServices that are left out although they route to the Service, as V(name) or V(namespace/name).
    type: list
    elements: str
    default: []
  destination_rule:
    description:
      - The DestinationRule of the Service, as V(name) or V(namespace/name).
      - Required if the identity cannot list the DestinationRules of all namespaces.
    type: str
  require_ready:
    description:
      - Whether to count the pods of the versions. The task fails if they cannot be read.
    type: bool
    default: true
  cluster_domain:
    description:
      - DNS domain of the cluster, which is part of the full names of Services.
    type: str
    default: cluster.local
  root_namespace:
    description:
      - Root namespace of the mesh. Its DestinationRules apply to Services that have no other DestinationRule.
    type: str
    default: istio-system
seealso:
  - module: community.huaweicloud.asm_traffic
"""

EXAMPLES = r"""
- name: Read the routes of a Service
  community.huaweicloud.asm_traffic_info:
    kubeconfig: ~/.kube/shop.yml
    namespace: shop
    service_name: reviews
    original_version: v1
    gray_version: v2
  register: found

- name: Show the share of the gray version
  ansible.builtin.debug:
    msg: "{{ found.traffic.weight }} % of the requests reach the gray version"

- name: Fail if something prevents a change
  ansible.builtin.assert:
    that: found.traffic.findings | selectattr('severity', 'eq', 'error') | length == 0
    fail_msg: "{{ found.traffic.findings }}"
"""

RETURN = r"""
traffic:
  description: How the requests to the Service are routed.
  returned: success
  type: dict
  contains:
    namespace:
      description: Namespace of the Service.
      type: str
      sample: shop
    service_name:
      description: Name of the Service.
      type: str
      sample: reviews
    host:
      description: Full name of the Service, which is its host in Istio objects.
      type: str
      sample: reviews.shop.svc.cluster.local
    original_version:
      description: The original version.
      type: str
      sample: v1
    gray_version:
      description: The gray version.
      type: str
      sample: v2
    weight:
      description:
        - Percentage of the requests that are routed to the gray version.
        - V(null) if the routes have different weights, or if one of them names no subsets, so that the share depends on the ready pods.
      type: int
      sample: 10
    match_routes:
      description: Names of the routes for testers, which M(community.huaweicloud.asm_traffic) has inserted.
      type: list
      elements: str
      sample: ["canary.reviews.shop.0"]
    virtual_services:
      description: The VirtualServices that route to the Service. V([]) if it is not clear which ones to use, see RV(traffic.findings).
      type: list
      elements: dict
      contains:
        namespace:
          description: Namespace of the VirtualService.
          type: str
          sample: shop
        name:
          description: Name of the VirtualService.
          type: str
          sample: reviews
        hosts:
          description: Its hosts, with full names.
          type: list
          elements: str
          sample: ["reviews.shop.svc.cluster.local"]
        gateways:
          description: Its gateways as C(namespace/name). V(mesh) are the callers in the mesh.
          type: list
          elements: str
          sample: [mesh]
    destination_rule:
      description: The DestinationRule of the Service. V(null) if it does not exist.
      type: dict
      contains:
        namespace:
          description: Namespace of the DestinationRule.
          type: str
          sample: shop
        name:
          description: Name of the DestinationRule.
          type: str
          sample: reviews
        subsets:
          description: Its subsets.
          type: list
          elements: dict
          contains:
            name:
              description: Name of the subset.
              type: str
              sample: v2
            version:
              description: The version that its labels select. V(null) if they select none.
              type: str
              sample: v2
    routes:
      description: The HTTP routes that lead to the Service.
      type: list
      elements: dict
      contains:
        virtual_service:
          description: Namespace and name of the VirtualService.
          type: str
          sample: shop/reviews
        path:
          description: Path of the route.
          type: str
          sample: spec.http[1]
        name:
          description: Name of the route. V(null) if it has none.
          type: str
          sample: main
        is_match:
          description: Whether M(community.huaweicloud.asm_traffic) has inserted the route for testers.
          type: bool
          sample: false
        destinations:
          description: Destinations of the route.
          type: list
          elements: dict
          contains:
            host:
              description: Full name of the destination.
              type: str
              sample: reviews.shop.svc.cluster.local
            subset:
              description: Name of the subset. V(null) if the destination names none.
              type: str
              sample: v2
            version:
              description: The version of the subset. V(null) if it is unknown.
              type: str
              sample: v2
            weight:
              description: Percentage of the requests of the route.
              type: int
              sample: 10
    pods:
      description: Pods of the versions. V([]) with O(require_ready=false).
      type: list
      elements: dict
      contains:
        version:
          description: The version.
          type: str
          sample: v2
        total:
          description: Number of pods that are not being deleted.
          type: int
          sample: 3
        ready:
          description: Number of these pods that are ready.
          type: int
          sample: 3
    findings:
      description: Problems that prevent or limit a change.
      type: list
      elements: dict
      contains:
        severity:
          description: V(error) prevents each change, V(warning) does not.
          type: str
          sample: warning
        object:
          description: Kind, namespace and name of the object.
          type: str
          sample: VirtualService shop/reviews
        path:
          description: Path of the field. V("") if it is about the whole object.
          type: str
          sample: spec.http[0].redirect
        message:
          description: The finding.
          type: str
          sample: requests that match do not reach any version of the Service.
error:
  description:
    - The error of the task.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - Kind of the error, for example V(options) and V(library) if the task cannot run.
        - V(traffic) if the objects do not allow the change, or if a version has no ready pod.
        - V(unreachable), V(unauthorized), V(forbidden), V(not_found), V(conflict), V(invalid), V(bad_request), V(expired), V(rate_limit), V(server_error) or
          V(protocol) if a request to the Kubernetes API failed. V(protocol) is a response that is not from a Kubernetes API.
      type: str
      sample: conflict
    status:
      description: HTTP status of the response, if there was one.
      type: int
      sample: 409
    code:
      description: Error code of the service. This is the reason in the response of the Kubernetes API.
      type: str
      sample: Conflict
    message:
      description: The error message of the service or of the module.
      type: str
      sample: the server rejected our request due to an error in our request
    request_id:
      description: ID of the request that failed. V(null), because the Kubernetes API does not return IDs of requests.
      type: str
      sample: null
    method:
      description: HTTP method of that request.
      type: str
      sample: PATCH
    path:
      description: Path of that request.
      type: str
      sample: /apis/networking.istio.io/v1/namespaces/shop/virtualservices/reviews
    attempts:
      description: Number of attempts. Only requests that read are sent again.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: The object has changed in the meantime. Run the task again
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._module import StandaloneTask, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import INFO_ARGUMENTS, parse_target
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.runner import run_traffic_info
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import find_secrets

TASK = StandaloneTask(INFO_ARGUMENTS, parse_target, run_traffic_info, find_secrets)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
