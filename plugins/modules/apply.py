#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apply
short_description: Manage many meshes, workspaces, workshops and releases in one task
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Manages lists of ASM meshes, ModelArts workspaces, ASM workshops and ASM releases.
  - The module reads each list of the service once, plans all items, prints the plan, and then changes several resources at a time.
  - Each item has the options of the module of its kind, M(community.huaweicloud.asm_mesh), M(community.huaweicloud.modelarts_workspace),
    M(community.huaweicloud.asm_workshop) or M(community.huaweicloud.asm_release), except for the connection options. The same rules apply to
    its comparison and errors.
  - Meshes are created before the other resources, and deleted after them. In check mode, items in a mesh that the task creates are predicted.
  - Unchanged resources usually need no further requests.
  - After a change, the module verifies the resources with one list of each kind. It reads a single workspace only if its grants or quotas were changed.
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
  mesh_id:
    description:
      - ID of the mesh of all workshops and releases that do not name a mesh. With an empty list of workshops or releases, the mesh must exist, too.
    type: str
  mesh_name:
    description:
      - Name of the mesh of all workshops and releases that do not name a mesh. With an empty list of workshops or releases, the mesh must exist, too.
    type: str
  meshes:
    description:
      - Meshes, each with the options of M(community.huaweicloud.asm_mesh).
    type: list
    elements: dict
  optional_meshes:
    description:
      - Names of meshes that need not exist, because other tasks create or delete them. If one of them does not exist, it has nothing to
        delete, and in check mode the module predicts its workshops and releases as in a new mesh.
    type: list
    elements: str
  workspaces:
    description:
      - Workspaces, each with the options of M(community.huaweicloud.modelarts_workspace).
    type: list
    elements: dict
  workshops:
    description:
      - Workshops, each with the options of M(community.huaweicloud.asm_workshop).
    type: list
    elements: dict
  releases:
    description:
      - Releases, each with the options of M(community.huaweicloud.asm_release).
    type: list
    elements: dict
  prune:
    description:
      - Resources to delete although they are not listed. Maps V(meshes), V(workspaces), V(workshops) and V(releases) to lists of Python regular
        expressions.
        The module deletes a resource if an expression matches anywhere in its name and the task does not list it. It cancels releases.
      - Write C(^) and C($) to match the whole name, for example V(^team-old$).
      - An expression that can match the empty text is an error, for example V(team-old|) or V(x*), because it would match every name.
        To delete everything that is not listed, write V(.*).
      - The module only deletes workshops and releases in the meshes that O(mesh_id), O(mesh_name) or an item names.
      - It never deletes the workspace V(default), and no resources of a kind if one of its items is invalid.
    type: dict
  parallel:
    description:
      - Maximum number of requests at the same time.
    type: int
    default: 8
  rate_limit:
    description:
      - Maximum number of requests per second, 0.001 or more. By default, the rate is not limited.
      - The module also reduces the rate if the service throttles (HTTP 429), and increases it later.
    type: float
  on_error:
    description:
      - V(stop) changes nothing if an item is invalid, reports all invalid items at once, and starts no other action after a failure.
      - V(continue) applies the other items.
      - An item is also invalid if its desired state cannot be reached, or if another item is about the same resource or Service.
    type: str
    choices: [stop, continue]
    default: stop
  max_failures:
    description:
      - With O(on_error=continue), start no other action after this number of failed items, including invalid ones.
    type: int
  timeout:
    description:
      - Maximum number of seconds for the whole task. After that, the module starts no other action, and fails with a complete result.
      - The keyword C(timeout) of a task is different, because it ends the task without a result. If the keyword is set, the module lowers this option so that
        it can return the result in time.
    type: float
  audit_log:
    description:
      - Path of a file to which the module appends each action as a line of JSON, so that you can read it if the run is interrupted. Only its owner
        can read the file. The module writes nothing in check mode.
      - The C(event) of a line is V(began), V(sent) (with the ID of the request), V(done) or V(failed). If V(began) is the last line of an action,
        the action may or may not have been applied.
    type: path
  expected_plan_hash:
    description:
      - The RV(plan.hash) that this task returned in check mode. If the plan has another hash now, the task sends nothing, fails, and returns RV(plan_changes).
      - The hash covers the items, the actual state of their resources, the planned actions and the RV(target). It does not cover options
        that only control the execution, such as O(parallel) or O(on_error).
    type: str
  detect_unmanaged:
    description:
      - Whether to plan the deletion of all resources that the task does not list, so that you can find them. Requires check mode.
      - This applies to kinds that have a list, even an empty one, or patterns in O(prune). Workshops and releases also need a mesh.
    type: bool
    default: false
seealso:
  - module: community.huaweicloud.create_report
  - module: community.huaweicloud.asm_mesh
  - module: community.huaweicloud.modelarts_workspace
  - module: community.huaweicloud.asm_workshop
  - module: community.huaweicloud.asm_release
"""

EXAMPLES = r"""
- name: Manage the shop, and delete workspaces of teams that are not listed
  community.huaweicloud.apply:
    mesh_name: shop-mesh
    workspaces:
      - name: team-recommender
        auth_type: internal
        grants:
          - user_name: anna
      - name: team-search
        description: Ranking models
    workshops:
      - name: bookinfo-demo
        primary_cluster: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
        ingress:
          elb_id: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
          elb_ip: 192.0.2.10
          port: 8080
    releases:
      - namespace: default
        name: reviews-v2
        service_name: reviews
        cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
        deployment_name: reviews-v1
        version: v2
        gray_deployments:
          - template: "{{ lookup('ansible.builtin.file', 'reviews-v2.yaml') }}"
    prune:
      workspaces:
        - ^team-
    parallel: 16
    audit_log: /var/log/shop-mesh.jsonl

- name: Create a mesh with a workshop in it
  community.huaweicloud.apply:
    mesh_name: lab-mesh
    meshes:
      - name: lab-mesh
        clusters:
          - cluster_id: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
            installation_nodes:
              key: UID
              values: [3d2c1b0a-9f8e-4d7c-8b6a-5f4e3d2c1b0a]
        wait_timeout: 1800
    workshops:
      - name: lab-demo
        primary_cluster: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
        ingress:
          elb_id: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
          elb_ip: 192.0.2.10
          port: 8081

- name: Predict a workshop in a mesh that another task creates
  community.huaweicloud.apply:
    mesh_name: next-mesh
    optional_meshes: [next-mesh]
    workshops:
      - name: next-demo
        primary_cluster: 5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b
        ingress:
          elb_id: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
          elb_ip: 192.0.2.10
          port: 8082
  check_mode: true

- name: Apply as many items as possible within ten minutes
  community.huaweicloud.apply:
    mesh_id: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    workspaces: "{{ all_workspaces }}"
    rate_limit: 20
    on_error: continue
    max_failures: 10
    timeout: 600
    wait_timeout: 300
    wait_interval: 5
  register: applied

- name: Plan the workspaces
  community.huaweicloud.apply:
    workspaces: "{{ all_workspaces }}"
  check_mode: true
  register: planned

- name: Apply the plan, unless it has changed
  community.huaweicloud.apply:
    workspaces: "{{ all_workspaces }}"
    expected_plan_hash: "{{ planned.plan.hash }}"

- name: Find workspaces that are not listed
  community.huaweicloud.apply:
    workspaces: "{{ all_workspaces }}"
    detect_unmanaged: true
  check_mode: true
  register: compared

- name: Delete a workspace without waiting
  community.huaweicloud.apply:
    workspaces:
      - name: team-of-last-year
        state: absent
    wait: false
    redact: true

- name: Show the errors
  ansible.builtin.debug:
    msg: "{{ applied.results | selectattr('failed') | map(attribute='msg') }}"
"""

RETURN = r"""
results:
  description: Result of each item, in the order of the lists (meshes, workspaces, workshops, releases), followed by the pruned resources.
  returned: when the items were read
  type: list
  elements: dict
  contains:
    kind:
      description: V(mesh), V(workspace), V(workshop) or V(release).
      type: str
      sample: workspace
    name:
      description: Name of the resource. C(namespace/name) for a release.
      type: str
      sample: team-recommender
    action:
      description: V(create), V(update), V(replace), V(delete), V(promote) or V(cancel). Predicted in check mode. V(null) if nothing changes.
      type: str
      sample: create
    actions:
      description: The actions in their order, predicted in check mode, in the format of the module of its kind.
      type: list
      elements: dict
      sample: [{action: create, fields: [description], request_id: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617}]
    changed:
      description: Whether the resource was changed, or would be changed in check mode.
      type: bool
      sample: true
    failed:
      description: Whether the item failed.
      type: bool
      sample: false
    msg:
      description: Why the item failed or was not started.
      type: str
      sample: "Failed to create workspace 'team-recommender': too many workspaces (HTTP 400, ModelArts.7006)"
    resource:
      description:
        - The resource in the format of the module of its kind. V(null) after a deletion or failure.
        - C(grants) of an internal workspace are V(null) if the item has no C(grants), because the module does not read them.
      type: dict
      sample: {id: 05e1b2c3d4f5061728394a5b6c7d8e9f, name: team-recommender}
    before:
      description:
        - The resource before the change, in the format of the module of its kind. Also returned if its desired state cannot be reached.
        - V(null) if there was none, or if nothing changes. In the latter case, RV(results[].resource) is the actual state.
      type: dict
      sample: {id: 05e1b2c3d4f5061728394a5b6c7d8e9f, name: team-recommender}
    differences:
      description: Differences between the actual and the desired state, including those that cannot be changed.
      type: list
      elements: dict
      contains:
        field:
          description: Name of the field.
          type: str
          sample: description
        actual:
          description: Actual value. V(null) without a value, or if it is private.
          type: raw
          sample: Ranking models
        desired:
          description: Desired value. V(null) without a value, or if it is private.
          type: raw
          sample: Models for search
        changeable:
          description: Whether it can be changed.
          type: bool
          sample: true
        private:
          description: Whether the values can be secret and are not shown, for example values of environment variables.
          type: bool
          sample: false
    not_compared:
      description: Fields that the item sets and that the service does not return, so their actual values are unknown. Only meshes have such fields.
      type: list
      elements: str
      sample: ["clusters[].installation_nodes"]
    redacted_digest:
      description:
        - Fingerprint of the values that were redacted in the actual state, V(null) if there were none. It changes if one of them changes.
        - M(community.huaweicloud.create_report) needs it if values are redacted.
      returned: RV(redacted) and the variable C(huaweicloud_redact_digests) are true
      type: str
      sample: 5f0c7a1be2d34c6f8a9b0c1d2e3f4a5b
    error:
      description: Error of the item, in the format of RV(error). V(null) if it did not fail.
      type: dict
      sample: {kind: drift, message: "Workshop 'bookinfo-demo' differs in fields that cannot be changed: ingress.port is 80, desired is 8080"}
plan:
  description: Number of items by planned action, and the hash of the plan.
  returned: when the items were read
  type: dict
  contains:
    to_create:
      description: Items to create.
      type: int
      sample: 3
    to_update:
      description: Items to update.
      type: int
      sample: 1
    to_replace:
      description: Items to delete and create again.
      type: int
      sample: 0
    to_delete:
      description: Items to delete.
      type: int
      sample: 0
    to_promote:
      description: Releases to promote.
      type: int
      sample: 0
    to_cancel:
      description: Releases to cancel.
      type: int
      sample: 0
    unchanged:
      description: Items without changes.
      type: int
      sample: 996
    failed:
      description: Items whose desired state cannot be reached.
      type: int
      sample: 0
    hash:
      description: Hash of the plan. See O(expected_plan_hash).
      type: str
      sample: sha256:6dfa0fdc1fcb9d7ac7a6bc6fbe2a4ea32c68bd2e3a9a7e3ff5b3a1f0b9c86d11
plan_changes:
  description: How the plan differs from the expected one.
  returned: if the plan does not have the O(expected_plan_hash)
  type: list
  elements: str
  sample:
    - "workspace 'team-a' is now planned as update (description)"
prune_skipped:
  description: Kinds in O(prune) that the module did not prune because one of their items is invalid. Their resources that are not listed are unknown.
  returned: when the items were read
  type: list
  elements: str
  sample: [workspaces]
target:
  description: Project, region, endpoints and meshes that the results refer to. A plan is only valid for this target.
  returned: when the items were read
  type: dict
  contains:
    project_id:
      description: ID of the project. V(null) if it is not set and the module sent no requests.
      type: str
      sample: 7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b
    region:
      description: The region, if one is set.
      type: str
      sample: eu-de
    asm_endpoint:
      description: Address of ASM. V(null) if it is unknown.
      type: str
      sample: https://asm.eu-de.otc.t-systems.com
    modelarts_endpoint:
      description: Address of ModelArts. V(null) if it is unknown.
      type: str
      sample: https://modelarts.eu-de.otc.t-systems.com
    auth_url:
      description: Address of IAM.
      type: str
      sample: https://iam.eu-de.otc.t-systems.com
    meshes:
      description: The meshes that the task or its items name.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the mesh. V(null) if it does not exist yet.
          type: str
          sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
        name:
          description: Name of the mesh.
          type: str
          sample: shop-mesh
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
      description: Kind of the error, for example V(options), V(drift), V(plan_changed), V(forbidden), V(conflict), V(transport) or V(wait).
      type: str
      sample: drift
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

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, REDACT, WAIT
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.items import APPLY, validate_options
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.run import run
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Task, run_module

TASK = Task(CONNECTION.merge(WAIT, APPLY, REDACT), validate_options, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
