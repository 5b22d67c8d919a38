#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_rollout
short_description: Load and validate a rollout file
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Reads a rollout file, renders its Jinja expressions and validates the whole file.
    Reports all mistakes at once, each with file, line and column.
  - The module reads the file like a file of variables, so it can contain C(!vault) values and Jinja expressions, and can be encrypted.
  - Lookups and relative paths in the file are relative to the directory of the file.
  - The task runs on the controller and sends no requests. Ansible does not show the result of a successful task, because the file can contain secrets.
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
  path:
    description:
      - Path of the file. A relative path is relative to the current directory of C(ansible-playbook).
    type: str
    required: true
  directories:
    description:
      - More directories to search for a relative path, in this order.
    type: list
    elements: str
    default: []
notes:
  - The file is a mapping with these keys. Durations are numbers of seconds, or text such as V(30s), V(5m) and V(2h). Blank values have their defaults.
  - C(release) has the options of M(community.huaweicloud.asm_release) that describe the release, and C(mesh_name) or C(mesh_id).
    In C(gray_deployments), C(template_file) names a file with the Deployment, as an alternative to C(template).
  - C(traffic) has C(original_version), the value of the label C(version) of the pods that receive the traffic at the start, and optionally
    C(virtual_services), C(ignore_virtual_services), C(destination_rule), C(create_missing) and C(propagation_seconds) as in
    M(community.huaweicloud.asm_traffic). C(traffic.connection) has the connection options of that module. C(traffic.clusters) maps the IDs of
    other clusters of the mesh to their connection options. Environment variables do not apply to these.
  - C(steps) is a list. Each step has either C(weight), the percentage of the gray version, which must rise from step to step, or C(match), the
    conditions of testers as in M(community.huaweicloud.asm_traffic), which is possible before the first weight. C(pause) is the time to wait
    after the change. C(metrics) names the metrics to analyze after the pause; by default, a step with a weight analyzes all metrics.
    With C(approval=true), the rollout waits after the step.
  - If the last step has a weight below 100, the rollout waits after it. A single step with the weight 100 is a blue-green deployment.
  - C(metrics) is a list as in M(community.huaweicloud.canary_analysis). C(analysis) has the other options of that module, for example C(prometheus_url).
  - C(step_timeout) (default 1h) limits readiness, pause and analysis of one step. C(deadline) counts from the start of the rollout and includes
    approvals. C(approval_timeout) limits each approval. By default, the last two have no limit.
  - C(on_failure) is V(rollback) (the default) or V(hold). It decides what happens if the gray version fails in a step.
  - C(min_ready_gray) (default 1) and C(min_ready_original) (default half of the replicas at the start) are the numbers of ready replicas that a
    step requires. A rollback requires only one ready pod of the original version.
  - C(end_timeout) (default 10m) limits the wait for a promotion or a cancellation in one run. C(poll_interval) (default 5s) is the time between two
    checks. C(lease_duration) (default 1m) is the time after which another run takes over from a run that was killed. It must be between these two.
seealso:
  - module: community.huaweicloud.canary_rollout
"""

EXAMPLES = r"""
- name: Load the rollout file
  community.huaweicloud.load_rollout:
    path: canary.yml
  register: loaded

- name: Predict the next action
  community.huaweicloud.canary_rollout:
    rollout: "{{ loaded.rollout }}"
    positions: "{{ loaded.positions }}"
  check_mode: true
"""

RETURN = r"""
rollout:
  description: Content of the file, with the templates from other files.
  returned: success
  type: dict
  sample: {release: {namespace: bookinfo, name: reviews-v2}, steps: [{weight: 10, pause: 5m}, {weight: 100}]}
positions:
  description: File, line and column of each value, by its path in the file.
  returned: success
  type: dict
  sample: {steps: "/srv/canary.yml:12:1"}
path:
  description: Absolute path of the file.
  returned: success
  type: str
  sample: /srv/canary.yml
release:
  description: Namespace and name of the release.
  returned: success
  type: str
  sample: bookinfo/reviews-v2
service:
  description: Namespace and name of the Service.
  returned: success
  type: str
  sample: bookinfo/reviews
steps:
  description: Steps of the file.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: Number of the step, from 1.
      type: int
      sample: 1
    weight:
      description: Percentage of the gray version. 0 for a step for testers.
      type: int
      sample: 10
    approval:
      description: Whether the rollout waits after this step.
      type: bool
      sample: false
approval_timeout:
  description: Limit for each approval in seconds. V(null) without a limit.
  returned: success
  type: float
  sample: 28800.0
kubernetes_apis:
  description:
    - The Kubernetes API that the rollout uses for each cluster in C(release), in the order of the cluster IDs.
    - The addresses come from C(traffic), the environment variables E(K8S_AUTH_HOST), E(K8S_AUTH_KUBECONFIG) and E(K8S_AUTH_CONTEXT), and
      the kubeconfig.
  returned: success
  type: list
  elements: dict
  contains:
    api:
      description: URL of the API. If the URL cannot be read from the kubeconfig, a description of the kubeconfig and its context.
      type: str
      sample: https://192.0.2.10:5443
    cluster:
      description: ID of the cluster.
      type: str
      sample: 7c1d3a52-4b0e-4c8e-9a57-2f6b81d0c3e4
mistakes:
  description: The mistakes in the file.
  returned: if the file is invalid
  type: list
  elements: dict
  contains:
    path:
      description: Path of the mistake in the data. Empty for a mistake of the whole file.
      type: str
      sample: steps[1].weight
    line:
      description: Line in the file, from 1. V(null) if it is unknown.
      type: int
      sample: 14
    column:
      description: Column in the file, from 1. V(null) if it is unknown.
      type: int
      sample: 5
    message:
      description: Description of the mistake. It never contains values of the file that are vaulted.
      type: str
      sample: must be greater than the weight of the previous step (10)
"""
