#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_token
short_description: Get an IAM token for a whole play
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Gets one token for a user name and password, so that the other tasks of a play do not need to get tokens.
  - The token is scoped to the project of O(project_id), O(project_name) or O(region).
  - A token gives the same access as the password until it expires, usually after 24 hours. Set C(no_log) to V(true) on the task.
    On the controller, the action plugin sets it automatically.
  - Each task gets a new token. The module stores nothing, does not use O(token_cache), and changes nothing.
  - Agencies have temporary keys and no token, so O(agency_name) is an error.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - The module also gets a token in check mode, because the rest of the play needs it.
  diff_mode:
    support: N/A
    details:
      - There is nothing to compare.
  idempotent:
    support: full
    details:
      - Never reports a change.
options: {}
"""

EXAMPLES = r"""
- name: Get a token once
  community.huaweicloud.iam_token:
    username: deployer
    password: "{{ vault_password }}"
    domain_name: shop
    region: eu-de
  no_log: true
  register: login

- name: Use the token
  module_defaults:
    group/community.huaweicloud.huaweicloud:
      auth_token: "{{ login.token }}"
      project_id: "{{ login.project_id }}"
      region: eu-de
  block:
    - name: Create a workspace
      community.huaweicloud.modelarts_workspace:
        name: team-recommender
"""

RETURN = r"""
token:
  description: The token. Keep it secret.
  returned: success
  type: str
  sample: MIIFzAYJKoZIhvcNAQcCoIIFvTCCBbkCAQExDTAL...
expires_at:
  description: Expiration time (RFC 3339, UTC).
  returned: success
  type: str
  sample: "2026-06-26T08:30:00Z"
project_id:
  description: ID of the project of the token.
  returned: success
  type: str
  sample: 0123456789abcdef0123456789abcdef
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
  description: Always V([]), because the module changes nothing.
  returned: failure
  type: list
  elements: dict
  sample: []
error:
  description:
    - The error of the task.
  returned: failure
  type: dict
  contains:
    kind:
      description: Kind of the error, for example V(options), V(drift), V(forbidden), V(conflict), V(transport) or V(wait).
      type: str
      sample: auth
    status:
      description: HTTP status of the response, if there was one.
      type: int
      sample: 401
    code:
      description: Error code of the service.
      type: str
      sample: IAM.0001
    message:
      description: The error message of the service or of the module.
      type: str
      sample: The username or password is wrong.
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
      sample: /v3/auth/tokens
    attempts:
      description: Number of attempts.
      type: int
      sample: 1
    hint:
      description: What to do next.
      type: str
      sample: Check the credentials, and that they belong to this cloud and region.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Params, Task, run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.token import run


def check(params: Params) -> None:
    """There is nothing to check but the connection."""


TASK = Task(CONNECTION, check, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
