#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_traffic
short_description: Route the traffic of a Service between the two versions of a release
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Sets the percentage of the requests to a Service that are routed to the gray version of a release, and routes testers to this version.
  - Changes the Istio objects VirtualService and DestinationRule, because Application Service Mesh (ASM) has no operation for this.
  - Only weights and match routes between the two versions change. All other fields keep their values and their order.
  - Each change is a JSON patch with C(test) operations, so the task fails and changes nothing if somebody else has changed the object in the meantime.
  - Changes of several VirtualServices are not atomic. The module changes them one after the other.
  - A destination without a subset is treated as the original version. The task pins it to the subset of this version.
extends_documentation_fragment:
  - community.huaweicloud.kubernetes
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup_kubernetes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff has one entry for each changed object, with only the fields that differ.
  idempotent:
    support: full
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
      - Value of the label C(version) of the pods of the original version.
    type: str
    required: true
  gray_version:
    description:
      - Value of the label C(version) of the pods of the gray version. It must differ from O(original_version).
    type: str
    required: true
  weight:
    description:
      - Percentage of the requests to route to the gray version, from V(0) to V(100). The original version gets the rest.
      - It applies to every HTTP route that leads to the Service, except for those of O(match).
      - If not set, the weights do not change.
    type: int
  match:
    description:
      - Conditions of the requests of testers, which are always routed to the gray version. All conditions must apply.
      - For each route that leads to the original version, the module inserts a copy directly before it, with the conditions of the route and those of the
        testers. The copy has all other fields of the route, such as rewrites, timeouts and retries. It is recognized by its name, which begins
        with C(canary.) and the names of the Service and the namespace.
      - V({}) removes the inserted routes. If not set, they do not change.
    type: dict
    suboptions:
      headers:
        description:
          - Names of headers with their values. A value is a string, or a mapping with one of V(exact), V(prefix) and V(regex).
        type: dict
      cookies:
        description:
          - Name and value of one cookie. It cannot be combined with a condition for the header C(cookie).
        type: dict
      query_params:
        description:
          - Names of query parameters with their values. A value is a string, or a mapping with one of V(exact), V(prefix) and V(regex).
        type: dict
  virtual_services:
    description:
      - All VirtualServices that the module changes, as V(name) in the namespace of the Service, or as V(namespace/name).
      - If not set, exactly one VirtualService must route to the Service. It must have the Service as a host and apply to callers in the mesh.
      - VirtualServices of all namespaces count if they have the Service as a host or as a destination. One that is neither in this list nor in
        O(ignore_virtual_services) is an error.
      - Required if the identity cannot list the VirtualServices of all namespaces. In this case, the module does not check other VirtualServices.
    type: list
    elements: str
    default: []
  ignore_virtual_services:
    description:
      - VirtualServices that the module does not change although they route to the Service, as V(name) or V(namespace/name).
    type: list
    elements: str
    default: []
  destination_rule:
    description:
      - The DestinationRule with the subsets of the Service, as V(name) or V(namespace/name).
      - If not set, the module uses the DestinationRule in the namespace of the Service that has the Service as its host.
      - Required if the identity cannot list the DestinationRules of all namespaces.
    type: str
  create_missing:
    description:
      - Whether to create the VirtualService or the DestinationRule if it does not exist. Both are created in the namespace of the Service.
      - A new DestinationRule replaces one that the Service inherits by a wildcard host or from O(root_namespace). It gets the traffic policy and the subsets
        of that one.
      - Missing subsets of an existing DestinationRule are always added.
    type: bool
    default: false
  require_ready:
    description:
      - Whether a version must have a ready pod before it gets more traffic or a match route. This also applies in check mode.
    type: bool
    default: true
  propagation_seconds:
    description:
      - Time until the proxies of the mesh have received a change, in seconds.
      - The module waits between adding a subset and routing to it, and between the last route to a subset and its removal.
    type: float
    default: 10
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
  state:
    description:
      - V(present) sets O(weight) and O(match).
      - V(absent) routes all requests to the original version, removes the match routes and the destinations of the gray version, and then removes
        its subset if no VirtualService refers to it.
      - After a promotion, use V(absent) with the promoted version as O(original_version) to remove the routes and the subset of the old version.
    type: str
    choices: [present, absent]
    default: present
notes:
  - Hosts are resolved as Istio resolves them. Only a name without a dot is a short name, and it belongs to the namespace of its object.
    V(reviews.shop) is not the Service C(reviews) in the namespace C(shop).
  - TCP and TLS routes, delegates, destinations of other versions with a weight, and weights with a sum other than 100 are errors.
  - The module uses the API version C(networking.istio.io/v1) of Istio objects, or C(v1beta1) if C(v1) is not available.
  - The identity needs the permissions to C(get) Services, to C(list) pods in the namespace, to C(list), C(patch) and, with O(create_missing), C(create)
    VirtualServices and DestinationRules.
seealso:
  - module: community.huaweicloud.asm_release
  - module: community.huaweicloud.asm_traffic_info
"""

EXAMPLES = r"""
- name: Route a tenth of the requests to the gray version
  community.huaweicloud.asm_traffic:
    kubeconfig: ~/.kube/shop.yml
    namespace: shop
    service_name: reviews
    original_version: v1
    gray_version: v2
    weight: 10

- name: Route testers with a header to the gray version, and all others to the original version
  community.huaweicloud.asm_traffic:
    namespace: shop
    service_name: reviews
    original_version: v1
    gray_version: v2
    weight: 0
    match:
      headers:
        x-tester: "yes"

- name: Change the routes of callers in the mesh and those of the ingress gateway
  community.huaweicloud.asm_traffic:
    namespace: shop
    service_name: productpage
    original_version: v1
    gray_version: v2
    weight: 50
    virtual_services:
      - productpage
      - ingress/shop

- name: Create the Istio objects of a Service that has none, and pin it to the original version
  community.huaweicloud.asm_traffic:
    namespace: shop
    service_name: ratings
    original_version: v1
    gray_version: v2
    weight: 0
    create_missing: true

- name: Return all requests to the original version and remove the gray version from the routes
  community.huaweicloud.asm_traffic:
    namespace: shop
    service_name: reviews
    original_version: v1
    gray_version: v2
    state: absent
"""

RETURN = r"""
traffic:
  description: How the requests to the Service are routed. In check mode, how they would be routed.
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
actions:
  description: The write requests in order. In check mode, the requests that would be sent. If the task fails, those that were applied.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(create) or V(update).
      type: str
      sample: update
    kind:
      description: V(VirtualService) or V(DestinationRule).
      type: str
      sample: VirtualService
    namespace:
      description: Namespace of the object.
      type: str
      sample: shop
    name:
      description: Name of the object.
      type: str
      sample: reviews
findings:
  description: Problems in the objects that prevent the change. V([]) for other errors.
  returned: failure of a request or of the check of the objects
  type: list
  elements: dict
  contains:
    severity:
      description: Always V(error).
      type: str
      sample: error
    object:
      description: Kind, namespace and name of the object.
      type: str
      sample: VirtualService shop/reviews
    path:
      description: Path of the field. V("") if it is about the whole object.
      type: str
      sample: spec.http[0].route
    message:
      description: The problem.
      type: str
      sample: the sum of the weights is 3. Istio accepts that, but only routes with the sum 100 can be changed.
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
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import ARGUMENTS, parse_options
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.runner import run_traffic
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import find_secrets

TASK = StandaloneTask(ARGUMENTS, parse_options, run_traffic, find_secrets)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
