#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apply
short_description: Converge many workspaces, workshops and releases in one task
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Takes lists of ModelArts workspaces, ASM workshops and ASM releases, reads each list of the service once, plans everything, and then acts on what differs,
    several requests at a time.
  - Each item has the options of the module of its kind, M(community.huaweicloud.modelarts_workspace), M(community.huaweicloud.asm_workshop) or
    M(community.huaweicloud.asm_release), without those of the connection, which are the task's own.
    It is compared, and refused, in the same way.
  - What is unchanged costs no request of its own.
  - What was created or changed is read back with one list of each kind. Only where grants or quotas were written are workspaces read one by one.
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
      - ID of the mesh of all workshops and releases that name none themselves.
    type: str
  mesh_name:
    description:
      - Name of the mesh of all workshops and releases that name none themselves.
    type: str
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
      - What to remove although it is not listed. For each of V(workspaces), V(workshops) and V(releases) a list of Python regular expressions.
        A resource is removed if one of the expressions matches anywhere in its name and the task does not list it. Releases are canceled.
      - Write C(^) and C($) to match the whole name, for example V(^team-old$).
      - An expression that can match the empty text is an error, for example V(team-old|) or V(x*), because it would match every name.
        To remove everything that is not listed, write V(.*).
      - Workshops and releases are removed from the meshes that O(mesh_id), O(mesh_name) or an item names, and from no other.
      - Nothing is removed without a pattern, the workspace V(default) never, and nothing of a kind of which an item is wrong in itself.
    type: dict
  parallel:
    description:
      - How many requests may be on their way at the same time.
    type: int
    default: 8
  rate_limit:
    description:
      - How many requests a second to send at most, 0.001 or more. There is no limit if not set.
      - With or without it, the rate goes down by itself when the service throttles (HTTP 429), and up again later.
    type: float
  on_error:
    description:
      - V(stop) sends nothing if an item is invalid, reports all invalid items at once, and begins no other action after one has failed.
      - V(continue) lets such an item fail alone.
      - An item is wrong in itself also when it can not be what it should be as things are, or when it is about the same thing, or the same Service, as another.
    type: str
    choices: [stop, continue]
    default: stop
  max_failures:
    description:
      - With O(on_error=continue), begin no other action after so many items have failed, those that are wrong in themselves included.
    type: int
  timeout:
    description:
      - How many seconds the whole task may take. When they are over, nothing new is begun, and the task fails with a result that says what was done.
      - Not to be confused with the keyword C(timeout) of a task, which ends any task without its result. Where that is set, this option is lowered so that
        there is time left for the result.
    type: float
  journal:
    description:
      - Path of a file to record each action in as it happens, as JSON lines, for the case that the whole run is interrupted. It is appended to, and readable
        for its owner only. Nothing is recorded in check mode.
      - The C(event) of a line is V(began), V(sent) (with the ID of the request), V(done) or V(failed). What has begun and has no further line may or may not
        have been done.
    type: path
seealso:
  - module: community.huaweicloud.modelarts_workspace
  - module: community.huaweicloud.asm_workshop
  - module: community.huaweicloud.asm_release
"""

EXAMPLES = r"""
- name: Converge the shop, and remove workspaces of teams that are not listed any more
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
    journal: /var/log/shop-mesh.jsonl

- name: Do what can be done, gently, within ten minutes
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

- name: Send what is to be sent, and do not wait for what comes of it
  community.huaweicloud.apply:
    workspaces:
      - name: team-of-last-year
        state: absent
    wait: false
    redact: true

- name: Say what failed
  ansible.builtin.debug:
    msg: "{{ applied.results | selectattr('failed') | map(attribute='msg') }}"
"""

RETURN = r"""
results:
  description: What came of each item, in the order of the lists (workspaces, workshops, releases), then what was pruned.
  returned: when the items were read
  type: list
  elements: dict
  contains:
    kind:
      description: V(workspace), V(workshop) or V(release).
      type: str
      sample: workspace
    name:
      description: Name of the item; of a release C(namespace/name).
      type: str
      sample: team-recommender
    action:
      description: V(create), V(update), V(replace), V(remove), V(promote) or V(cancel), done or predicted. V(null) when there is nothing to do.
      type: str
      sample: create
    actions:
      description: What was sent to change it, in that order, or in check mode would be, in the shape its own module returns it.
      type: list
      elements: dict
      sample: [{action: create, fields: [description], request_id: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617}]
    changed:
      description: Whether it was changed, or would be.
      type: bool
      sample: true
    failed:
      description: Whether it failed.
      type: bool
      sample: false
    msg:
      description: Why it failed, or that it was not begun.
      type: str
      sample: "Failed to create workspace 'team-recommender': too many workspaces (HTTP 400, ModelArts.7006)"
    object:
      description:
        - The thing in the shape its own module returns it. V(null) after it was removed, and where it failed.
        - The C(grants) of an internal workspace are V(null) where the item names none, since they are not read then.
      type: dict
      sample: {id: 05e1b2c3d4f5061728394a5b6c7d8e9f, name: team-recommender}
    before:
      description:
        - The thing as it was found, in the shape its own module returns it, where it is to be changed or can not be what it should be.
        - V(null) where there was none, and where nothing is to be done, since then RV(results[].object) is what was found.
      type: dict
      sample: {id: 05e1b2c3d4f5061728394a5b6c7d8e9f, name: team-recommender}
    differences:
      description: Where the thing that was found is not as it should be, also where that can not be changed.
      type: list
      elements: dict
      contains:
        field:
          description: Which field.
          type: str
          sample: description
        have:
          description: What it is. V(null) where there is nothing, or it is private.
          type: raw
          sample: Ranking models
        want:
          description: What it should be. V(null) where there should be nothing, or it is private.
          type: raw
          sample: Models for search
        changeable:
          description: Whether it can be changed.
          type: bool
          sample: true
        private:
          description: Whether the values may be secret, as those of environment variables are, so that they are not shown.
          type: bool
          sample: false
    redacted_digest:
      description:
        - Fingerprint of the values that were redacted in the actual state, V(null) if there were none. It changes if one of them changes.
        - P(community.huaweicloud.build_plan#filter) and P(community.huaweicloud.build_drift_report#filter) need it if values are redacted.
      returned: RV(redacted) and the variable C(huaweicloud_redact_digests) are true
      type: str
      sample: 5f0c7a1be2d34c6f8a9b0c1d2e3f4a5b
    error:
      description: What went wrong with it, in the shape of RV(error). V(null) where nothing did.
      type: dict
      sample: {kind: drift, message: "Workshop 'bookinfo-demo' differs in what can not be changed: ingress.port is 80, wanted is 8080"}
plan:
  description: What was found to be done before anything was, in numbers.
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
      description: Items to remove and create anew.
      type: int
      sample: 0
    to_delete:
      description: Items to remove, promote or cancel.
      type: int
      sample: 0
    unchanged:
      description: Items that are as they should be.
      type: int
      sample: 996
    failed:
      description: Items that can not be what they should be.
      type: int
      sample: 0
prune_skipped:
  description: Kinds of which nothing was removed although O(prune) names them, since an item is wrong in itself. What there is beside the items is not known.
  returned: when the items were read
  type: list
  elements: str
  sample: [workspaces]
place:
  description: Where all of this is, without any credentials. What was foretold in one place holds in no other.
  returned: when the items were read
  type: dict
  contains:
    project_id:
      description: ID of the project, whether it was given or looked up. V(null) where it was not given and nothing had to be asked of a service.
      type: str
      sample: 7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b
    region:
      description: The region, if one is set.
      type: str
      sample: eu-de
    asm_endpoint:
      description: Address of ASM. V(null) where it is not known.
      type: str
      sample: https://asm.eu-de.otc.t-systems.com
    modelarts_endpoint:
      description: Address of ModelArts. V(null) where it is not known.
      type: str
      sample: https://modelarts.eu-de.otc.t-systems.com
    auth_url:
      description: Address of IAM.
      type: str
      sample: https://iam.eu-de.otc.t-systems.com
    meshes:
      description: The meshes that were named, by ID or by name, as they were found.
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
      sample: drift
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

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, REDACT, WAIT
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.apply import run, validate_options
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Task, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.specs import APPLY

TASK = Task(CONNECTION.merged(WAIT, APPLY, REDACT), validate_options, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
