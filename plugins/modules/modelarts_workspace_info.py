#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: modelarts_workspace_info
short_description: List the ModelArts workspaces of a project
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Lists the workspaces of a project in Huawei Cloud's ModelArts, the default one among them.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.redact
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
  - community.huaweicloud.attributes.info_module
options:
  id:
    description:
      - Only the workspace with this ID.
    type: str
  name:
    description:
      - Only the workspace with exactly this name.
    type: str
  name_regex:
    description:
      - Only a workspace in whose name this Python regular expression is found. Use V(^) and V($) to match the whole name.
    type: str
  status:
    description:
      - Only workspaces in this status, for example V(NORMAL). Compared without case.
    type: str
  owner:
    description:
      - Only workspaces with this creator.
    type: str
  enterprise_project_id:
    description:
      - Only workspaces of this enterprise project, V("0") for the default one.
    type: str
  include_grants:
    description:
      - Whether to read the grants of internal workspaces, one more request for each that fits the filters. They are V(null) otherwise.
    type: bool
    default: false
  include_quotas:
    description:
      - Whether to read the quotas, one more request for each workspace that fits the filters.
    type: bool
    default: false
seealso:
  - module: community.huaweicloud.modelarts_workspace
"""

EXAMPLES = r"""
- name: Find the workspaces of the teams, with their limits
  community.huaweicloud.modelarts_workspace_info:
    name_regex: ^team-
    include_quotas: true
    include_grants: true
  register: found

- name: Say whose removal failed, and why
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.status_info }}"
  loop: "{{ found.workspaces | selectattr('status', 'equalto', 'DELETE_FAILED') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Find what one user created in the default enterprise project
  community.huaweicloud.modelarts_workspace_info:
    enterprise_project_id: "0"
    owner: shop
    status: NORMAL

- name: Look at one, by its ID
  community.huaweicloud.modelarts_workspace_info:
    id: 05e1b2c3d4f5061728394a5b6c7d8e9f
    redact: true
"""

RETURN = r"""
workspaces:
  description: Every workspace that fits the filters, V([]) when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the workspace.
      type: str
      sample: 05e1b2c3d4f5061728394a5b6c7d8e9f
    name:
      description: Name of the workspace.
      type: str
      sample: team-recommender
    description:
      description: The text about the workspace, V("") when there is none.
      type: str
      sample: Models of the shop's recommendations
    auth_type:
      description: Who may use it, V(public), V(private) or V(internal), always in lower case.
      type: str
      sample: internal
    grants:
      description:
        - The users who may use an internal workspace, by name. V([]) for any other kind.
        - V(null) where they were not read.
      type: list
      elements: dict
      contains:
        user_id:
          description: ID of the user.
          type: str
          sample: 0b1c2d3e4f506172839405a6b7c8d9e0
        user_name:
          description: Name of the user.
          type: str
          sample: anna
        user_type:
          description: Kind of the user.
          type: str
          sample: IAM
    enterprise_project_id:
      description: ID of the enterprise project, V("0") for the default one.
      type: str
      sample: "0"
    enterprise_project_name:
      description: Name of the enterprise project.
      type: str
      sample: default
    owner:
      description: Name of the creator of the workspace.
      type: str
      sample: shop
    status:
      description: Status of the workspace, V(NORMAL), V(CREATE_FAILED), V(DELETING) or V(DELETE_FAILED).
      type: str
      sample: NORMAL
    status_info:
      description: Why a status of failure was reached, V("") otherwise.
      type: str
      sample: ""
    created_at:
      description: When the workspace was created, RFC 3339 in UTC.
      type: str
      sample: "2026-06-25T08:30:00Z"
    updated_at:
      description: When the workspace last changed, RFC 3339 in UTC.
      type: str
      sample: "2026-06-25T08:30:00Z"
    quotas:
      description: The quotas of the workspace, by resource.
      returned: when O(include_quotas) is set
      type: list
      elements: dict
      contains:
        resource:
          description: What is limited.
          type: str
          sample: exemlProject.gpu_duration
        quota:
          description: The limit, V(-1) when there is none.
          type: int
          sample: 600
        min_quota:
          description: The lowest limit that can be set.
          type: int
          sample: -1
        max_quota:
          description: The highest limit that can be set.
          type: int
          sample: 60000
        used_quota:
          description: How much is used, V(null) when there is no limit.
          type: float
          sample: 12
        name_en:
          description: What it is called in English.
          type: str
          sample: Auto Learning (GPU) duration
        name_cn:
          description: What it is called in Chinese.
          type: str
          sample: 自动学习（GPU）时长
        unit_en:
          description: The unit in English.
          type: str
          sample: minute
        unit_cn:
          description: The unit in Chinese.
          type: str
          sample: 分钟
        updated_at:
          description: When the limit was last changed, RFC 3339 in UTC.
          type: str
          sample: "2026-06-25T08:30:00Z"
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
actions:
  description: Always V([]), as in every failure of a module that changes nothing.
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
      sample: ModelArts.0112
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
      sample: GET
    path:
      description: Path of that request.
      type: str
      sample: /v1/0123456789abcdef0123456789abcdef/workspaces
    attempts:
      description: How often it was sent.
      type: int
      sample: 1
    hint:
      description: What to do about it.
      type: str
      sample: Grant the identity the IAM action modelarts:workspace:list.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    REDACT,
    ArgumentSpec,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._module import (
    Params,
    Result,
    Session,
    Task,
    run_module,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.info_filters import (
    ResourceResult,
    apply_filters,
    check_filters,
    filters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    list_workspace_results,
)

DETAILS = ArgumentSpec(
    argument_spec={
        "include_grants": {"type": "bool", "default": False},
        "include_quotas": {"type": "bool", "default": False},
    }
)
EXACT = {name: name for name in ("id", "name", "owner", "enterprise_project_id")}


def run(session: Session, params: Params, desired: None) -> Result:
    def is_match(result: ResourceResult) -> bool:
        return bool(apply_filters([result], params, exact=EXACT, words={"status": "status"}))

    workspaces = list_workspace_results(
        session, is_match, grants=params["include_grants"], quotas=params["include_quotas"]
    )
    return {"workspaces": workspaces, "changed": False}


TASK = Task(CONNECTION.merge(filters("status", "owner", "enterprise_project_id"), DETAILS, REDACT), check_filters, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
