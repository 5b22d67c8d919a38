#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: create_report
short_description: Create a plan, a drift report, or the report of a rollout
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Creates a plan or a drift report from the result of M(community.huaweicloud.apply) in check mode.
  - Creates the report of a rollout from its record.
  - Fails for a plan if the state of an item is not known, because a request of M(community.huaweicloud.apply) has failed.
  - Compares the plan with an approved plan, and fails if the approved plan can no longer be applied.
  - Redacts environment variables, command lines and headers of templates, values of keys with secret-like names, and vaulted values.
    Digests of these values show whether they have changed.
  - The task runs on the controller and sends no requests.
extends_documentation_fragment:
  - community.huaweicloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  type:
    description:
      - The type of the report.
      - V(plan) reports what a run would change. V(drift) reports where the actual state differs from the desired state.
      - V(canary) reports the weights, metrics and decisions of a rollout over time.
    type: str
    choices: [plan, drift, canary]
    required: true
  comparison:
    description:
      - The result of M(community.huaweicloud.apply) in check mode, with O(community.huaweicloud.apply#module:on_error=continue).
      - The lists of resources must be the same as in O(desired_state).
      - If the result is redacted, the variable C(huaweicloud_redact_digests) must be V(true) for the task that returned it.
      - Required if O(type=plan) or O(type=drift).
    type: dict
  desired_state:
    description:
      - The desired state, for example the result of M(community.huaweicloud.load_desired_state).
      - Required if O(type=plan) or O(type=drift).
    type: dict
  desired_state_path:
    description:
      - Path of the desired-state file, for the report.
    type: str
    default: ""
  approved_plan_path:
    description:
      - Path of the approved plan, a JSON file. The file can be missing if O(approved_plan_hash) is set.
      - The task fails if the file was edited, or if the current plan differs from it.
    type: str
    default: ""
  approved_plan_hash:
    description:
      - Hash of the approved plan. The task fails if the current plan has a different hash.
    type: str
    default: ""
  approved_plan_summary:
    description:
      - RV(summary) of the approved plan. If the file is missing, the module uses it to explain the differences.
      - The module ignores a value that is not the summary of this plan.
    type: raw
  approved_plan_target:
    description:
      - Name of the target in the approved plan, if the approved plan is a combined plan of M(community.huaweicloud.combine_targets).
    type: str
    default: ""
  mesh_owners:
    description:
      - The targets that each mesh belongs to, as in RV(community.huaweicloud.check_targets#module:mesh_owners). Used only with O(type=drift).
      - The module does not report meshes of other targets as unmanaged. The name of this target is C(inventory_hostname).
      - If the meshes of another target are unknown, the module does not report any mesh as unmanaged, and RV(report.undetermined_kinds) contains
        V(meshes).
    type: dict
  record_path:
    description:
      - Path of the record of a rollout, a file with a line for each event. Each line is a JSON object.
      - The report is about the last release in the record. The module ignores an incomplete last line.
      - Required if O(type=canary).
    type: str
notes:
  - The C(checksum) of a plan detects accidental changes of the file, but anyone can compute it. Let people approve the C(hash) instead.
  - The module cannot recognize values that a template or a filter derives from vaulted values, or values in a file that is encrypted as a whole.
seealso:
  - module: community.huaweicloud.apply
  - module: community.huaweicloud.load_desired_state
  - module: community.huaweicloud.show_report
  - module: community.huaweicloud.write_report
  - plugin: community.huaweicloud.render_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Load the desired state
  community.huaweicloud.load_desired_state:
    path: shop.yml
  register: desired_state

- name: Compare desired and actual state
  community.huaweicloud.apply:
    workspaces: "{{ desired_state.workspaces }}"
    on_error: continue
  check_mode: true
  register: comparison

- name: Create the plan
  community.huaweicloud.create_report:
    type: plan
    comparison: "{{ comparison }}"
    desired_state: "{{ desired_state }}"
    desired_state_path: shop.yml
  register: plan

- name: Write the plan as HTML
  community.huaweicloud.write_report:
    report: "{{ plan.report }}"
    path: plan.html
    formats: [html]

- name: Fail if the approved plan has changed
  community.huaweicloud.create_report:
    type: plan
    comparison: "{{ comparison }}"
    desired_state: "{{ desired_state }}"
    approved_plan_path: plan.json
    approved_plan_hash: sha256:6dfa0fdc1fcb9d7ac7a6bc6fbe2a4ea32c68bd2e3a9a7e3ff5b3a1f0b9c86d11
    approved_plan_summary: "{{ plan_summary }}"

- name: Create the report of a rollout
  community.huaweicloud.create_report:
    type: canary
    record_path: canary.jsonl
  register: rollout

- name: Write the report of the rollout as HTML
  community.huaweicloud.write_report:
    report: "{{ rollout.report }}"
    path: canary.html
    formats: [html]
"""

RETURN = r"""
report:
  description: The plan, the drift report, or the report of the rollout.
  returned: success, or if the approved plan cannot be applied
  type: dict
  contains:
    format:
      description: V(community.huaweicloud.plan/1), V(community.huaweicloud.drift/1) or V(community.huaweicloud.canary/1).
      type: str
      sample: community.huaweicloud.plan/1
    generated_at:
      description: Creation time of the report (RFC 3339, UTC).
      type: str
      sample: "2026-03-01T12:00:00Z"
    desired_state:
      description: C(path) of the desired-state file, and its keys other than the lists of resources.
      returned: O(type=plan) or O(type=drift)
      type: dict
      sample: {path: shop.yml, mesh_name: shop-mesh}
    target:
      description: Project, region, endpoints and meshes of the report.
      returned: O(type=plan) or O(type=drift)
      type: dict
      sample: {project_id: 7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b, region: eu-de}
    resources:
      description:
        - All resources with C(kind), C(name), C(mesh), C(state), C(action), C(fields), C(msg), C(error), C(failure), C(differences), C(desired), C(actual) and
          C(redacted_digest).
        - C(state) in a plan is V(invalid), V(create), V(update), V(replace), V(delete), V(promote), V(cancel) or V(unchanged).
        - C(state) in a drift report is V(failed), V(changed), V(missing), V(unmanaged), V(unknown) or V(in_sync).
      returned: O(type=plan) or O(type=drift)
      type: list
      elements: dict
      sample: [{kind: workspace, name: team-a, state: update, fields: [description]}]
    counts:
      description: Number of resources by state. V(unmanaged) is V(null) if the number is unknown. For a rollout, it is the number of samples by verdict.
      type: dict
      sample: {invalid: 0, update: 1}
    status:
      description:
        - V(invalid), V(changes) or V(no_changes) for a plan. V(unknown), V(drift) or V(no_drift) for a drift report.
        - For a rollout, it is the outcome of the last event, for example V(promoted). It is V(running) if the last event is not an outcome, and V(empty) for
          a record without events.
      type: str
      sample: changes
    has_changes:
      description: Whether the plan has changes.
      returned: O(type=plan)
      type: bool
      sample: true
    has_drift:
      description: Whether the actual state differs from the desired state.
      returned: O(type=drift)
      type: bool
      sample: true
    undetermined_kinds:
      description: Kinds whose unmanaged resources are unknown, because an item is invalid, or because other targets could own them.
      returned: O(type=drift)
      type: list
      elements: str
      sample: [workspaces]
    release:
      description: Name of the release.
      returned: O(type=canary)
      type: str
      sample: reviews-v2
    service:
      description: Namespace and name of the Service.
      returned: O(type=canary)
      type: str
      sample: shop/reviews
    reason:
      description: The reason of the outcome. V(null) without an outcome.
      returned: O(type=canary)
      type: str
      sample: The promotion is confirmed.
    started_at:
      description: Time of the first event.
      returned: O(type=canary)
      type: str
      sample: "2026-03-01T12:00:00Z"
    ended_at:
      description: Time of the last event.
      returned: O(type=canary)
      type: str
      sample: "2026-03-01T12:30:00Z"
    record_path:
      description: Path of the record.
      returned: O(type=canary)
      type: str
      sample: canary.jsonl
    weights:
      description: The weights of the gray version, each with the C(time) from which it was in force.
      returned: O(type=canary)
      type: list
      elements: dict
      sample: [{time: "2026-03-01T12:00:20Z", weight: 10}]
    steps:
      description: The steps with C(step), C(weight), C(started_at), C(ended_at), C(counts) of samples by verdict, and C(message) of the last decision.
      returned: O(type=canary)
      type: list
      elements: dict
      sample: [{step: 1, weight: 10, message: Step 1 has passed.}]
    metrics:
      description: The metrics with C(name), C(counts), C(lowest), C(highest), C(latest), C(min), C(max) and C(samples).
      returned: O(type=canary)
      type: list
      elements: dict
      sample: [{name: error-ratio, lowest: 0.004, highest: 0.031, latest: 0.031, max: 0.01}]
    events:
      description: All events of the record.
      returned: O(type=canary)
      type: list
      elements: dict
      sample: [{time: "2026-03-01T12:00:20Z", event: weight, step: 1, weight: 10}]
    redacted:
      description: Whether values that can be secret are redacted.
      type: bool
      sample: true
    hash:
      description: Hash of the plan, see RV(community.huaweicloud.apply#module:plan.hash).
      returned: O(type=plan)
      type: str
      sample: sha256:6dfa0fdc1fcb9d7ac7a6bc6fbe2a4ea32c68bd2e3a9a7e3ff5b3a1f0b9c86d11
    checksum:
      description: Digest of the whole plan.
      returned: O(type=plan)
      type: str
      sample: sha256:c0a1f5d2b3e49687a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2
problem:
  description:
    - Why the report is incomplete, as one message. V(null) if it is complete.
    - A plan is incomplete if an item is invalid. A drift report is incomplete if the state of a resource is unknown.
  returned: success, or if the approved plan cannot be applied
  type: str
  sample: "1 of 3 items are invalid: Workspace name 'default' is reserved."
summary:
  description: Summary of the plan, for people who approve it, and for O(approved_plan_summary) of a later run.
  returned: O(type=plan)
  type: dict
  sample: {format: community.huaweicloud.plan-summary/1, status: changes, counts: {update: 1}}
plan_changes:
  description: Why the approved plan cannot be applied.
  returned: if the approved plan cannot be applied
  type: list
  elements: str
  sample:
    - "workspace 'team-a': description was 'Ranking models', is 'Old models'"
"""
