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
  - Lists the workspaces of a project in Huawei Cloud's ModelArts, including the workspace V(default).
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
      - Only workspaces whose names match this Python regular expression anywhere. Write C(^) and C($) to match the whole name.
    type: str
  status:
    description:
      - Only workspaces in this status, for example V(NORMAL). The comparison ignores case.
    type: str
  owner:
    description:
      - Only workspaces with this creator.
    type: str
  enterprise_project_id:
    description:
      - Only workspaces of this enterprise project, V("0") for the default project.
    type: str
  include_grants:
    description:
      - Whether to read the grants of internal workspaces. They are V(null) otherwise.
      - This needs one request for each internal workspace that matches the filters.
    type: bool
    default: false
  include_quotas:
    description:
      - Whether to read the quotas. This needs one request for each workspace that matches the filters.
    type: bool
    default: false
seealso:
  - module: community.huaweicloud.modelarts_workspace
"""

EXAMPLES = r"""
- name: List the workspaces of the teams with quotas and grants
  community.huaweicloud.modelarts_workspace_info:
    name_regex: ^team-
    include_quotas: true
    include_grants: true
  register: found

- name: Show why workspaces could not be deleted
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.status_info }}"
  loop: "{{ found.workspaces | selectattr('status', 'equalto', 'DELETE_FAILED') }}"
  loop_control:
    label: "{{ item.name }}"

- name: List the workspaces that a user created in the default enterprise project
  community.huaweicloud.modelarts_workspace_info:
    enterprise_project_id: "0"
    owner: shop
    status: NORMAL

- name: Read a workspace by its ID
  community.huaweicloud.modelarts_workspace_info:
    id: 05e1b2c3d4f5061728394a5b6c7d8e9f
    redact: true
"""

RETURN = r"""
workspaces:
  description: All workspaces that match the filters. V([]) if none matches.
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
      description: Description of the workspace. V("") without a description.
      type: str
      sample: Models of the shop's recommendations
    auth_type:
      description: Who may use the workspace, V(public), V(private) or V(internal), always in lower case.
      type: str
      sample: internal
    grants:
      description:
        - The users who may use an internal workspace, sorted by name. V([]) for other workspaces.
        - V(null) if they were not read.
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
          description: Type of the user.
          type: str
          sample: IAM
    enterprise_project_id:
      description: ID of the enterprise project, V("0") for the default project.
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
      description: Reason for a failed status. V("") for other statuses.
      type: str
      sample: ""
    created_at:
      description: Creation time (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:30:00Z"
    updated_at:
      description: Time of the last change (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:30:00Z"
    quotas:
      description: Quotas of the workspace, sorted by resource.
      returned: if O(include_quotas) is set
      type: list
      elements: dict
      contains:
        resource:
          description: Name of the limited resource.
          type: str
          sample: exemlProject.gpu_duration
        quota:
          description: Limit of the resource, in RV(workspaces[].quotas[].unit_en). V(-1) means unlimited.
          type: int
          sample: 600
        min_quota:
          description: Lowest limit that can be set.
          type: int
          sample: -1
        max_quota:
          description: Highest limit that can be set.
          type: int
          sample: 60000
        used_quota:
          description: Usage of the resource, in RV(workspaces[].quotas[].unit_en). V(null) if it is unlimited.
          type: float
          sample: 12
        name_en:
          description: English name of the resource.
          type: str
          sample: Auto Learning (GPU) duration
        name_cn:
          description: Chinese name of the resource.
          type: str
          sample: 自动学习（GPU）时长
        unit_en:
          description: English name of the unit.
          type: str
          sample: minute
        unit_cn:
          description: Chinese name of the unit.
          type: str
          sample: 分钟
        updated_at:
          description: Time of the last change of the limit (RFC 3339, UTC).
          type: str
          sample: "2026-06-25T08:30:00Z"
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
      sample: forbidden
    status:
      description: HTTP status of the response, if there was one.
      type: int
      sample: 403
    code:
      description: Error code of the service.
      type: str
      sample: ModelArts.0112
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
      sample: GET
    path:
      description: Path of that request.
      type: str
      sample: /v1/0123456789abcdef0123456789abcdef/workspaces
    attempts:
      description: Number of attempts.
      type: int
      sample: 1
    hint:
      description: What to do next.
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
    workspaces = list_workspace_results(
        session,
        lambda result: bool(apply_filters([result], params, exact=EXACT, words={"status": "status"})),
        grants=params["include_grants"],
        quotas=params["include_quotas"],
    )
    return {"workspaces": workspaces, "changed": False}


TASK = Task(CONNECTION.merge(filters("status", "owner", "enterprise_project_id"), DETAILS, REDACT), check_filters, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
