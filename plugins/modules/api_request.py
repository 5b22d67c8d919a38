#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api_request
short_description: Send one request to ASM, ModelArts or IAM
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Sends one request to Application Service Mesh (ASM), ModelArts or Identity and Access Management (IAM), and returns the unchanged response and its JSON
    as data. The module authenticates requests like the other modules.
  - Use it for operations that no other module supports, or to check undocumented behavior of the services.
  - The module does not compare states, so a task that writes does so on each run.
  - The module never repeats a C(POST). It repeats a C(PUT) or C(DELETE) only if it was throttled or the token was refused, and a C(GET) also
    without a response.
  - Responses of IAM may contain secrets, for example new access keys. Set C(no_log) to V(true) on such tasks.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
attributes:
  check_mode:
    support: partial
    details:
      - The module sends only C(GET) requests. It reports other requests as a change and does not send them.
  diff_mode:
    support: none
    details:
      - There is nothing to compare.
  idempotent:
    support: none
    details:
      - The module sends the request on each run.
options:
  service:
    description:
      - Service that receives the request.
    type: str
    required: true
    choices: [asm, iam, modelarts]
  method:
    description:
      - HTTP method of the request.
    type: str
    default: GET
    choices: [GET, POST, PUT, DELETE]
  path:
    description:
      - Path of the request as in the API reference. The module replaces a segment V({project_id}) with the ID of the project.
      - The module percent-encodes characters that a path cannot contain. Use O(query) for a query.
    type: str
    required: true
  query:
    description:
      - Parameters of the query. Use a list for a parameter with several values.
    type: dict
    default: {}
  body:
    description:
      - Body of the request, a mapping or a list that the module sends as JSON. Numbers must be finite.
    type: raw
  send_project:
    description:
      - Whether to send the header C(X-Project-Id).
      - The default is V(false) if O(service=iam), and V(true) for the other services.
    type: bool
  send_content_type:
    description:
      - Whether to send the header C(Content-Type) with requests other than C(GET). ASM requires it even without a body.
    type: bool
    default: true
  fail_on_error:
    description:
      - Whether the task fails if the service refuses the request with a status other than 200 to 299.
      - A web page counts as a refusal with any status, because the services never send one. For requests other than C(GET), a body that is not JSON
        or that contains an error also counts as a refusal.
      - The task always fails without a complete response. The service may have applied a request other than C(GET), so check before you send it again.
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
  register: response

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ response.json.users | map(attribute='userName') }}"

- name: List the projects of the account
  community.huaweicloud.api_request:
    service: iam
    path: v3/projects
  register: projects

- name: Read a workspace that does not exist
  community.huaweicloud.api_request:
    service: modelarts
    path: v1/{project_id}/workspaces/0123456789abcdef0123456789abcdef
    fail_on_error: false
  register: missing

- name: Create a workspace without a comparison
  community.huaweicloud.api_request:
    service: modelarts
    method: POST
    path: v1/{project_id}/workspaces
    body:
      name: team-by-hand
      auth_type: PRIVATE
    send_project: false
    send_content_type: true

- name: List the third and the fourth workspace
  community.huaweicloud.api_request:
    service: modelarts
    method: GET
    path: v1/{project_id}/workspaces
    query:
      offset: 2
      limit: 2
"""

RETURN = r"""
request_sent:
  description: Whether the request was sent. V(false) only in check mode.
  returned: success
  type: bool
  sample: true
status:
  description: HTTP status of the response.
  returned: success
  type: int
  sample: 200
content:
  description: Body of the response as text. Only secrets of the connection are redacted.
  returned: success
  type: str
  sample: '{"total_count": 0, "count": 0, "workspaces": []}'
content_type:
  description: Content type of the response.
  returned: success
  type: str
  sample: application/json
json:
  description:
    - Body of the response as data. Only secrets of the connection are redacted.
    - V(null) if the body is not JSON. A JSON object or array is also returned with another content type.
  returned: success
  type: raw
  sample: {"total_count": 0, "count": 0, "workspaces": []}
auth_method:
  description:
    - How the request was authenticated. V(aksk) means that it was signed with an access key, V(token) that it was sent with a token.
    - V(null) if the request was not sent.
  returned: success
  type: str
  sample: aksk
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
  description: Always V([]). The module cannot determine what a failed request has changed.
  returned: failure
  type: list
  elements: dict
  sample: []
error:
  description:
    - The error of the task. V(null) if the request succeeded.
  returned: always
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
    outcome_unknown:
      description:
        - Whether the service may have applied the request anyway, so that C(changed) is unreliable. Check before you send it again.
      returned: with O(fail_on_error=false)
      type: bool
      sample: false
    hint:
      description: What to do next.
      type: str
      sample: Grant the identity the IAM action asm:mesh:createWorkshop.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Task, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.raw import ARGUMENTS, parse_request, run

TASK = Task(CONNECTION.merge(ARGUMENTS), parse_request, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
