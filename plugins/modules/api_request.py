#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api_request
short_description: Send one request to ASM or ModelArts, and see the answer as it came
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Sends one request to Application Service Mesh (ASM) or ModelArts, signed or with a token as the other modules do it, and returns the answer as it came.
  - It is for what no other module covers, and for finding out what the services do where their references are silent, as the playbook
    C(community.huaweicloud.contract) does. It compares nothing, so a task with it that writes does so on each run.
  - A C(POST) is never repeated, whatever comes back. A C(PUT) or C(DELETE) is repeated only when it was throttled or the token was refused, a C(GET) also when
    no answer came.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
attributes:
  check_mode:
    support: partial
    details:
      - Whatever is no C(GET) is not sent, and reported as a change.
  diff_mode:
    support: none
    details:
      - There is nothing to compare.
  idempotent:
    support: none
    details:
      - The request is sent on each run.
options:
  service:
    description:
      - Whose endpoint the request goes to.
    type: str
    required: true
    choices: [asm, modelarts]
  method:
    description:
      - The HTTP method.
    type: str
    default: GET
    choices: [GET, POST, PUT, DELETE]
  path:
    description:
      - The path as the API reference has it. A part that is V({project_id}) stands for the ID of the project.
      - What is not allowed in a path is percent-encoded. A query belongs into O(query).
    type: str
    required: true
  query:
    description:
      - Parameters of the query. A list gives a parameter several values.
    type: dict
    default: {}
  body:
    description:
      - The body, a mapping or a list, sent as JSON. Its numbers have to be finite.
    type: raw
  send_project:
    description:
      - Whether the header C(X-Project-Id) goes along.
    type: bool
    default: true
  send_content_type:
    description:
      - Whether the header C(Content-Type) goes along with what is no C(GET). ASM wants it even where there is no body.
    type: bool
    default: true
  fail_on_refusal:
    description:
      - Whether the task fails when the service refuses the request, that is, when the status is not one of 200 to 299.
      - A web page counts as a refusal whatever its status, since it is not the service that answers with one. So does, for whatever is no C(GET), a body that
        is no JSON or holds an error.
      - It always fails when no complete answer comes. What is no C(GET) may have been done nevertheless, so look before you send it again.
    type: bool
    default: true
seealso:
  - module: community.huaweicloud.asm_mesh_info
  - module: community.huaweicloud.asm_release_info
  - module: community.huaweicloud.modelarts_workspace_info
"""

EXAMPLES = r"""
- name: List the IAM users that may get grants
  community.huaweicloud.api_request:
    service: modelarts
    path: v1/{project_id}/workspaces/users/list
  register: answer

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ (answer.content | from_json).users | map(attribute='userName') }}"

- name: See how a workspace that is not there is refused
  community.huaweicloud.api_request:
    service: modelarts
    path: v1/{project_id}/workspaces/0123456789abcdef0123456789abcdef
    fail_on_refusal: false
  register: missing

- name: Create a workspace whatever is there
  community.huaweicloud.api_request:
    service: modelarts
    method: POST
    path: v1/{project_id}/workspaces
    body:
      name: team-by-hand
      auth_type: PRIVATE
    send_project: false
    send_content_type: true

- name: List two workspaces beginning with the third
  community.huaweicloud.api_request:
    service: modelarts
    method: GET
    path: v1/{project_id}/workspaces
    query:
      offset: 2
      limit: 2
"""

RETURN = r"""
sent:
  description: Whether the request was sent. Only in check mode it may not be.
  returned: success
  type: bool
  sample: true
status:
  description: HTTP status of the answer.
  returned: success
  type: int
  sample: 200
content:
  description: The body of the answer as text, as it came. Only secrets of the connection are masked in it.
  returned: success
  type: str
  sample: '{"total_count": 0, "count": 0, "workspaces": []}'
content_type:
  description: What the answer says its body is.
  returned: success
  type: str
  sample: application/json
signed:
  description: Whether the request was signed with an access key, and not sent with a token.
  returned: success
  type: bool
  sample: true
refusal:
  description: How the service refused the request, or why its answer is none, see O(fail_on_refusal). V(null) when it did not.
  returned: success
  type: dict
  contains:
    code:
      description: The service's own code, V(null) when there is none.
      type: str
      sample: ModelArts.7005
    message:
      description: What the service said.
      type: str
      sample: workspace:0123456789abcdef0123456789abcdef not existed
    may_be_done:
      description: Whether the service may have carried it out all the same, so that C(changed) says nothing. Look before you send it again.
      type: bool
      sample: false
    hint:
      description: What to do about it, V(null) when nothing is known.
      type: str
      sample: The API reference lists the values that are allowed.
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
actions:
  description: Always V([]). What a request that failed has changed, if anything, is not known.
  returned: failure
  type: list
  elements: dict
  sample: []
error:
  description:
    - What went wrong, for playbooks to decide on.
  returned: failure
  type: dict
  contains:
    kind:
      description: The kind of error, for example V(options), V(drift), V(forbidden), V(conflict), V(transport) or V(wait).
      type: str
      sample: forbidden
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

from ansible_collections.community.huaweicloud.plugins.module_utils._module import Task, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._options._arguments import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.raw import ARGUMENTS, run, wish_of

TASK = Task(CONNECTION.merged(ARGUMENTS), wish_of, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
