#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: asm_release
short_description: Manage grayscale (canary) releases of Application Service Mesh
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Creates grayscale releases of a Service in Huawei Cloud's Application Service Mesh (ASM), changes their images, and promotes or cancels them.
  - The module identifies a release by its mesh, namespace and name. It compares only options that are set.
  - The module compares Deployments as Kubernetes does. It ignores defaults of the server, an injected sidecar, the order of containers
    and the notation of quantities. The order of init containers matters. The guide on releases lists the rules.
  - A template can be an export of a Deployment. The module neither sends nor compares its status and the metadata that only the server sets.
  - The service can only change the images of the containers of a release. Any other difference is an error.
  - The service does not move traffic. It promotes a release only while the gray version receives all traffic of the Service, and cancels it only while the
    original version does. Before a promotion or cancellation, route all traffic of the Service to that version, for example with
    M(community.huaweicloud.asm_traffic).
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
notes:
  - A release runs once. The state V(present) never reports success for a release that has ended or is being ended.
  - After a promotion, the original Deployment is offline and the gray version is the original version. Such a release cannot be created again,
    neither under its own name nor under another one. In a desired-state file, set its O(state) to V(promoted), or delete its entry.
    The next release of the Service needs a new O(name), a new O(version), and the Deployment that runs now as its O(deployment_name).
  - The API does not show whether a Deployment exists. If the service lists promoted releases, the module refuses such a release
    before it sends a request that changes something. Otherwise, the service refuses it, and the error explains the reason.
  - After a cancellation, O(state=present) creates the release again. If the canceled release is still listed, the service may refuse its name.
    The module then fails. Use another name, or delete the ended release in the console.
options:
  namespace:
    description:
      - Namespace of the Service.
    type: str
    required: true
  name:
    description:
      - Name of the release, 4 to 64 lower-case letters, digits and hyphens. It must begin with a letter and must not end with a hyphen.
    type: str
    required: true
  service_name:
    description:
      - Name of the Service to release. Required to create a release. A Service can have one active release at a time.
    type: str
  cluster_id:
    description:
      - ID of the cluster of the original Deployment. Required to create a release.
    type: str
  deployment_name:
    description:
      - Name of the original Deployment. Required to create a release.
    type: str
  version:
    description:
      - Version of the gray version, the value of the label C(version) of its pods. Required to create a release.
    type: str
  type:
    description:
      - Type of the release. The vendor does not publish the types, so the module accepts any text.
      - If it is not set, the module creates releases of the type V(canary).
    type: str
  gray_deployments:
    description:
      - All Deployments of the gray version, in any order. Required to create a release.
      - An additional or missing Deployment is a difference.
    type: list
    elements: dict
    suboptions:
      cluster_id:
        description:
          - ID of the cluster of this Deployment. The default is O(cluster_id) of the release.
        type: str
      template:
        description:
          - Kubernetes Deployment, as a mapping, or as YAML or JSON text.
          - The module reads text as C(kubectl) does. For example, C(22:30) is text, and C(0644) and C(0o644) are the number 420.
          - Ansible reads a mapping before the module gets it, with different rules. For example, C(22:30) becomes 1350, and C(0o644) stays text.
            Put such values in quotes, or use text instead of a mapping.
          - Dates and times must be in quotes, in text and in a mapping. Only those that Kubernetes sets are accepted and ignored without quotes,
            such as C(metadata.creationTimestamp) and everything below C(status).
          - In text, integers of more than 64 bits, C(.inf), C(.nan), and keys that are not text or decimal integers must be in quotes, too.
        type: raw
        required: true
  state:
    description:
      - V(present) makes sure that the release runs as specified. It creates a release that is not listed or was canceled.
        It fails for a release that was promoted or is being ended.
      - V(promoted) keeps the gray version and takes the original Deployment offline.
      - V(canceled) keeps the original version and deletes the gray Deployments.
      - V(promoted) and V(canceled) change nothing if the list shows that the release ended as requested. They wait for a release that is being ended.
        They fail if the release ended in the other way, or if an ended release of that name is not the one that the task describes.
        If the list shows neither, O(on_missing) applies.
    type: str
    choices: [present, promoted, canceled]
    default: present
  end_action:
    description:
      - Action of the API that promotes a release. The vendor does not publish it.
    type: str
    default: end
  cancel_action:
    description:
      - Action of the API that cancels a release. The vendor does not publish it.
    type: str
    default: cancel
  lint:
    description:
      - What to do with findings in a template. The module checks types, names, required fields and ranges of a Deployment before
        it sends a request that changes something. If the Python library kubernetes-validate is installed, the module also validates
        the Deployment against the full Kubernetes schema, which finds unknown fields.
      - V(strict) fails with an error that names each finding. V(warn) prints warnings. V(ignore) does not check the template.
    type: str
    choices: [strict, warn, ignore]
    default: strict
  on_drift:
    description:
      - What to do if the release exists and differs in fields that cannot be changed.
        With V(promoted) and V(canceled), all differences count, so that the task cannot end another release.
      - V(fail) fails with an error that names each field with both values.
      - V(warn) prints the same text as a warning and does not change these fields. It still changes images,
        and V(promoted) and V(canceled) end the release.
      - The module never replaces a release, because that would affect live workloads.
    type: str
    choices: [fail, warn]
    default: fail
  on_missing:
    description:
      - What V(promoted) and V(canceled) do if the list does not show how the release ended, because it is not listed or its phase
        does not show whether it was promoted or canceled. The service may remove ended releases from the list,
        so the module cannot distinguish a release that ended earlier from one that never existed.
      - V(warn) changes nothing and prints a warning that names the active releases of the namespace.
      - V(fail) fails with the same text. Use it for tasks that must act, such as a promotion that somebody requested.
      - V(ignore) changes nothing and prints nothing.
      - If the release is not listed, but the Service in O(service_name) has an active release under another name, V(warn) and V(fail) fail
        and name that release. V(ignore) accepts this as well.
      - V(present) ignores this option.
    type: str
    choices: [warn, fail, ignore]
    default: warn
  active_phases:
    description:
      - Phases in which a release is ready. The comparison ignores case.
      - A release in an unknown phase is ready if all Deployments in its status report all replicas as available.
    type: list
    elements: str
    default: [Running, Active, Normal, Released, Success, Succeeded]
  done_phases:
    description:
      - Phases of an ended release. The comparison ignores case.
    type: list
    elements: str
    default: [Finished, Ended, Terminated, Canceled, Cancelled, Completed, Promoted]
  failed_phases:
    description:
      - Terminal failure phases. The comparison ignores case and also matches phases that end with one of these values.
    type: list
    elements: str
    default: [Failed, Error]
  ending_phases:
    description:
      - Phases of a release that is being ended, by promotion or cancellation. The comparison ignores case.
      - Phases that are also in O(active_phases) or O(done_phases) are ignored.
    type: list
    elements: str
    default: [Ending, Terminating, Finishing, Promoting, Deleting, Canceling, Cancelling, RollingBack]
  promoted_phases:
    description:
      - Phases of O(done_phases) and O(ending_phases) that mean a promotion. The comparison ignores case.
      - A phase that is neither in this list nor in O(canceled_phases), or in both, does not show how a release ends.
    type: list
    elements: str
    default: [Promoted, Promoting, Finished, Finishing, Completed]
  canceled_phases:
    description:
      - Phases of O(done_phases) and O(ending_phases) that mean a cancellation. The comparison ignores case.
    type: list
    elements: str
    default: [Canceled, Canceling, Cancelled, Cancelling, RolledBack, RollingBack]
seealso:
  - module: community.huaweicloud.asm_release_info
  - module: community.huaweicloud.asm_mesh_info
"""

EXAMPLES = r"""
- name: Run v2 of reviews beside v1
  community.huaweicloud.asm_release:
    mesh_name: shop-mesh
    namespace: default
    name: reviews-v2
    service_name: reviews
    cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
    deployment_name: reviews-v1
    version: v2
    gray_deployments:
      - template:
          apiVersion: apps/v1
          kind: Deployment
          metadata:
            name: reviews-v2
            labels:
              app: reviews
              version: v2
          spec:
            replicas: 1
            selector:
              matchLabels:
                app: reviews
                version: v2
            template:
              metadata:
                labels:
                  app: reviews
                  version: v2
              spec:
                containers:
                  - name: reviews
                    image: docker.io/istio/examples-bookinfo-reviews-v2:1.20.2
                    ports:
                      - containerPort: 9080

- name: Change the image in the manifest
  community.huaweicloud.asm_release:
    mesh_name: shop-mesh
    namespace: default
    name: reviews-v2
    version: v2
    gray_deployments:
      - cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
        template: "{{ lookup('ansible.builtin.file', 'reviews-v2.yaml') }}"
    wait_timeout: 900
  register: canary

- name: Promote the release after all traffic was routed to v2
  community.huaweicloud.asm_release:
    mesh_name: shop-mesh
    namespace: default
    name: reviews-v2
    version: v2
    state: promoted
    on_missing: fail
  when: canary is not failed

- name: Cancel a release without waiting
  community.huaweicloud.asm_release:
    mesh_id: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    namespace: default
    name: ratings-v2
    state: canceled
    wait: false

- name: Promote a release of a service with other phases and actions
  community.huaweicloud.asm_release:
    mesh_name: shop-mesh
    namespace: default
    name: details-v2
    state: promoted
    end_action: finish
    done_phases: [Finished, Archived]
    promoted_phases: [Finished]
    canceled_phases: [Archived]
    redact: true
"""

RETURN = r"""
release:
  description:
    - The release. V(null) if it has ended and is no longer listed. With O(wait=false), it may still be listed.
    - In check mode, values that only the service can assign are V(null). The release is V(null) if it would be promoted or canceled,
      or if it is being ended.
  returned: success
  type: dict
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
actions:
  description:
    - The actions in their order, predicted in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(create), V(update), V(promote) or V(cancel).
      type: str
      sample: create
    fields:
      description: Fields that the action sets.
      type: list
      elements: str
      sample: [service_name, version, gray_deployments]
    request_id:
      description: ID of the request, for the support of the vendor. V(null) in check mode.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
changed_fields:
  description: Fields that differed. All fields that the task sets if the release was created.
  returned: success
  type: list
  elements: str
  sample: ['gray_deployments[0].template.spec.template.spec.containers[reviews].image']
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
    RELEASE,
    Desired,
    desired_release,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    Release,
    get_release_list,
)


def run(session: Session, params: Params, desired: Desired) -> Result:
    for warning in desired.warnings:
        session.warn(warning)
    mesh = resolve_mesh(session, params)
    return run_resource(
        session, Release(session, params, desired, mesh, get_release_list(session, mesh["id"])), "release"
    )


TASK = Task(CONNECTION.merge(MESH, WAIT, RELEASE, REDACT), desired_release, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
