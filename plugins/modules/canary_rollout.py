#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: canary_rollout
short_description: Run a canary rollout step by step
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Creates a grayscale (canary) release of a Service, shifts its traffic step by step to the new version, analyzes metrics, and promotes the release
    or rolls it back.
  - The module stores the state of the rollout in an annotation of the first VirtualService of the Service. After an interruption, run the task again
    to continue the rollout. If the rollout has finished, the module changes nothing.
  - A Lease in the namespace of the Service ensures that only one run at a time controls the rollout.
  - The role and the playbook V(canary) use this module. They also read the rollout file, send notifications, and write a report.
  - The module is not a controller in the cluster. It acts only while the task is running.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.redact
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - Predicts the next action of the rollout and what follows it.
  diff_mode:
    support: full
    details:
      - Shows stage, step and weight of the rollout.
  idempotent:
    support: full
    details:
      - Another run does not change a rollout that has finished, waits for an approval, or was rolled back.
options:
  rollout:
    description:
      - The rollout, as M(community.huaweicloud.load_rollout) returns it. Its documentation describes the keys.
    type: dict
    required: true
  positions:
    description:
      - Position of each key in the rollout file, as M(community.huaweicloud.load_rollout) returns it. Error messages contain these positions.
    type: dict
    default: {}
  action:
    description:
      - V(run) starts or continues the rollout. It ends when the rollout is promoted, rolled back or held, or when it waits for an approval.
      - V(approve) approves the step in O(step) and continues. The task fails if another step is waiting. It does not fail if O(step) was approved before.
      - V(promote) continues after the last step of the file. If that step has a weight below 100, the module first moves all traffic to the gray version.
      - V(rollback) moves all traffic back to the original version and cancels the release. It also works while another run controls the rollout.
        That run notices the rollback and stops. The task fails after the promotion has begun.
      - V(status) returns the state and changes nothing.
      - V(enforce) rolls back if a time limit of the rollout has passed, and changes nothing otherwise. Use it in a schedule.
    type: str
    choices: [run, approve, promote, rollback, status, enforce]
    default: run
  step:
    description:
      - Number of the step to approve, counted from 1. Required for O(action=approve).
    type: int
  restart:
    description:
      - Whether O(action=run) starts the rollout again after it was rolled back. Otherwise, only a changed release starts it again.
    type: bool
    default: false
  until:
    description:
      - V(end) returns when the rollout cannot continue. V(change) returns after each change of the state, with RV(can_continue=true) if it can continue.
    type: str
    choices: [end, change]
    default: end
  run_id:
    description:
      - ID of this run, by which the module identifies its own earlier changes. With O(until=change), pass RV(run_id) of the previous task.
      - By default, the module generates an ID.
    type: str
  record_path:
    description:
      - File to which the events of the rollout are appended as JSON lines, see RV(record). Its mode is 0600. Not written in check mode.
    type: path
notes:
  - This module requires the Python library kubernetes.
  - All time limits use the time of the Kubernetes API server.
  - After the request to promote the release is sent, no run moves traffic back, because the service may already delete the original version.
seealso:
  - module: community.huaweicloud.load_rollout
  - module: community.huaweicloud.asm_release
  - module: community.huaweicloud.asm_traffic
  - module: community.huaweicloud.canary_analysis
"""

EXAMPLES = r"""
- name: Load the rollout file
  community.huaweicloud.load_rollout:
    path: "{{ playbook_dir }}/canary.yml"
  register: loaded

- name: Start or continue the rollout
  community.huaweicloud.canary_rollout:
    rollout: "{{ loaded.rollout }}"
    positions: "{{ loaded.positions }}"
    record_path: canary.jsonl
    redact: true
  register: canary

- name: Approve the waiting step
  community.huaweicloud.canary_rollout:
    rollout: "{{ loaded.rollout }}"
    action: approve
    step: 1
  when: canary.canary_state == 'waiting'

- name: Continue until the next change of the state
  community.huaweicloud.canary_rollout:
    rollout: "{{ loaded.rollout }}"
    until: change
    run_id: "{{ canary.run_id }}"
  register: canary

- name: Roll back
  community.huaweicloud.canary_rollout:
    rollout: "{{ loaded.rollout }}"
    action: rollback

- name: Start again after a rollback
  community.huaweicloud.canary_rollout:
    rollout: "{{ loaded.rollout }}"
    restart: true
"""

RETURN = r"""
canary_state:
  description:
    - V(promoted), V(rolled_back), V(waiting) for an approval, or V(held) until somebody acts.
    - V(finished) if an earlier run has promoted the release or no rollout exists, V(running) if the rollout is in progress.
    - V(unknown) if a request failed, so that the state of the rollout is not certain. Run the task again.
    - V(failed) if the task could not perform O(action).
    - C(msg) contains the reason.
  returned: always
  type: str
  sample: waiting
succeeded:
  description:
    - Whether the task performed O(action). A rollback is a success only with O(action=rollback), V(status) or V(enforce).
    - The task fails if this is V(false).
  returned: always
  type: bool
  sample: true
can_continue:
  description: Whether another task can continue this run. V(true) is only possible with O(until=change) or in check mode.
  returned: always
  type: bool
  sample: false
state:
  description: State of the rollout, as in the annotation. V(null) without a rollout.
  returned: always
  type: dict
  contains:
    release:
      description: Namespace and name of the release.
      type: str
      sample: bookinfo/reviews-v2
    digest:
      description: Identifies the release and its templates.
      type: str
      sample: 9f86d081884c7d65
    run:
      description: ID of the run that has entered the stage.
      type: str
      sample: 1f3a9c02
    started:
      description: Start of the rollout, RFC 3339 in UTC.
      type: str
      sample: "2026-06-25T08:30:00Z"
    since:
      description: Start of the stage.
      type: str
      sample: "2026-06-25T08:41:10Z"
    step_since:
      description: Start of the step.
      type: str
      sample: "2026-06-25T08:35:00Z"
    release_id:
      description: ID of the release. V(null) until its creation is confirmed.
      type: str
      sample: 0a6b3c1e-8f5d-11ef-9b1c-0255ac100036
    step:
      description: Number of the step, from 1. 0 before the first step.
      type: int
      sample: 2
    stage:
      description: V(pinned), V(shifting), V(pausing), V(analyzing), V(waiting), V(held), V(rolling_back), V(promoting) or V(finished).
      type: str
      sample: waiting
    weight:
      description: Percentage of the gray version.
      type: int
      sample: 50
    previous:
      description: Percentage before the last change.
      type: int
      sample: 10
    passed:
      description: Last step whose analysis has passed.
      type: int
      sample: 2
    approved:
      description: Last step that was approved.
      type: int
      sample: 0
    replicas:
      description: Replicas of the original Deployment at the start.
      type: int
      sample: 3
    outcome:
      description: V(promoted) or V(rolled_back) in the stage V(finished).
      type: str
      sample: promoted
    reason:
      description: Reason for a hold or a rollback.
      type: str
      sample: "the analysis failed, step 2: metric errors: above_max"
    requested:
      description: Whether the rollback was requested with O(action=rollback).
      type: bool
      sample: false
    original_version:
      description: Value of the label C(version) of the original version.
      type: str
      sample: v1
    gray_version:
      description: Value of the label C(version) of the gray version.
      type: str
      sample: v2
transitions:
  description: Changes of the state in this run, in their order.
  returned: always
  type: list
  elements: dict
  contains:
    time:
      description: Time of the change.
      type: str
      sample: "2026-06-25T08:41:10Z"
    stage:
      description: The new stage.
      type: str
      sample: waiting
    step:
      description: The step.
      type: int
      sample: 2
    weight:
      description: Percentage of the gray version.
      type: int
      sample: 50
    reason:
      description: Reason for the change.
      type: str
      sample: Step 2 waits for an approval.
record:
  description: Events of this run, in their order. Each is one line of the file O(record_path).
  returned: always
  type: list
  elements: dict
  contains:
    time:
      description: Time of the event, RFC 3339 in UTC.
      type: str
      sample: "2026-06-25T08:41:10Z"
    event:
      description: V(state), V(weight), V(sample), V(decision) or V(outcome).
      type: str
      sample: weight
    release:
      description: Namespace and name of the release.
      type: str
      sample: bookinfo/reviews-v2
    service:
      description: Namespace and name of the Service.
      type: str
      sample: bookinfo/reviews
    step:
      description: Number of the step.
      type: int
      sample: 2
    stage:
      description: Stage of the rollout.
      type: str
      sample: shifting
    weight:
      description: Percentage of the gray version.
      type: int
      sample: 50
    metric:
      description: Name of the metric of a sample.
      type: str
      sample: errors
    value:
      description: Value of the metric.
      type: float
      sample: 0.002
    baseline:
      description: Value of the original version.
      type: float
      sample: 0.001
    min:
      description: Minimum of the metric.
      type: float
      sample: 0.99
    max:
      description: Maximum of the metric.
      type: float
      sample: 0.01
    verdict:
      description: Verdict of a sample or of an analysis, or the result of the run.
      type: str
      sample: passed
    message:
      description: Description of the event.
      type: str
      sample: "Step 2: route 50 % to the gray version."
next_action:
  description:
    - The next action in check mode, V(annotate), V(pin), V(shift), V(create), V(analyze), V(wait), V(promote), V(cancel) or V(clean_up).
    - V(null) without check mode, and if no action is required.
  returned: always
  type: str
  sample: shift
run_id:
  description: ID of this run.
  returned: always
  type: str
  sample: 1f3a9c02
mistakes:
  description: Reasons why the rollout cannot start, all at once.
  returned: failure
  type: list
  elements: dict
  contains:
    path:
      description: Path in the rollout file.
      type: str
      sample: metrics[0]
    position:
      description: File, line and column, if O(positions) has them.
      type: str
      sample: "/srv/canary.yml:31:5"
    message:
      description: Description of the mistake.
      type: str
      sample: "query of metric 'errors': Prometheus refused the query."
redacted:
  description: Whether values that can be secret were redacted. See O(redact).
  returned: O(redact) or the variable C(huaweicloud_redact) is set
  type: bool
  sample: true
request_ids:
  description: IDs of all requests in their order. Requests to the Kubernetes API and to Prometheus have none.
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

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.runner import (
    ARGUMENTS,
    find_secrets,
    run,
    validate_options,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Task, run_module

TASK = Task(ARGUMENTS, validate_options, run, find_secrets)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
