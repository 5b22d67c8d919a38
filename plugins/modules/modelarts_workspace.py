#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: modelarts_workspace
short_description: Manage ModelArts workspaces with their grants and quotas
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Creates, changes and removes workspaces of Huawei Cloud's ModelArts, with the users who may use them and the limits on what they use.
  - A workspace is identified by its project and its name, or by its ID. Only the options that are set are compared.
  - The enterprise project is given at creation and can not be changed. A difference there is an error.
  - The workspace V(default), with the ID V(0), is the service's own and is never touched.
  - Removal goes on in the background, and the service may refuse to remove a workspace that holds something.
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
  id:
    description:
      - ID of the workspace. The service gives out IDs, so a workspace whose ID does not exist is never created.
      - Exactly one of O(id) and O(name) is required.
    type: str
  name:
    description:
      - Name of the workspace. A new name has 4 to 64 characters, letters, digits, hyphens and underscores. Case matters.
      - Exactly one of O(id) and O(name) is required.
    type: str
  new_name:
    description:
      - The name it is to have. When a workspace of this name is there and none called O(name), it has been renamed before and nothing is to do.
    type: str
  description:
    description:
      - A text of up to 256 characters about the workspace. Empty and missing are the same.
    type: str
  auth_type:
    description:
      - Who may use it, V(public) (everybody in the account, the service's default), V(private) (the creator and the account's administrators) or
        V(internal) (those and the users in O(grants)). Any case will do.
    type: str
  grants:
    description:
      - The users who may use an V(internal) workspace, up to 500. The order does not matter. An empty list takes all grants away.
      - Requires O(auth_type=internal), or an existing workspace with this type if O(auth_type) is not set.
        The module fails before it sends anything if the service would ignore the grants.
        A new workspace is V(public) if O(auth_type) is not set, so every user of the account could use it.
      - Each user can be listed only once.
    type: list
    elements: dict
    suboptions:
      user_id:
        description:
          - ID of the user. One of O(grants[].user_id) and O(grants[].user_name) is required, and the ID counts when both are set.
        type: str
      user_name:
        description:
          - Name of the IAM user.
        type: str
      user_type:
        description:
          - Kind of the user, for example V(IAM) (the service's default), V(FEDERATE) or V(AGENCY).
        type: str
  purge_grants:
    description:
      - Whether users who are not in O(grants) lose their grant.
    type: bool
    default: true
  enterprise_project_id:
    description:
      - ID of the enterprise project. It can only be given at creation; V("0") is the default project.
    type: str
  quotas:
    description:
      - Limits to set. Limits of resources that are not named stay as they are.
      - RV(workspace.quotas) lists the resources, and for each resource the unit and the range of its limit.
        The module checks resources and limits before it sends anything.
      - For a new workspace, the module uses the ranges of the default workspace. If the identity may not read the quotas of the default workspace,
        the module warns and checks the limits only after the creation. Check mode then predicts every quota of O(quotas) as set.
    type: list
    elements: dict
    suboptions:
      resource:
        description:
          - What is limited, for example V(exemlProject.gpu_duration).
        type: str
        required: true
      quota:
        description:
          - The limit, a positive number, or V(-1) for unlimited. The service does not allow V(0).
          - The unit depends on the resource and is in RV(workspace.quotas[].unit_en). For example, V(exemlProject.gpu_duration) is in minutes.
        type: int
        required: true
  state:
    description:
      - Whether the workspace is to be there.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: community.huaweicloud.modelarts_workspace_info
"""

EXAMPLES = r"""
- name: Give a team a workspace of its own
  community.huaweicloud.modelarts_workspace:
    name: team-recommender
    description: Models of the shop's recommendations
    auth_type: internal
    grants:
      - user_name: anna
      - user_id: 0b1c2d3e4f506172839405a6b7c8d9e0
        user_type: IAM
    enterprise_project_id: "0"
    quotas:
      - resource: exemlProject.gpu_duration
        quota: 600

- name: Let one more user in, and leave the others
  community.huaweicloud.modelarts_workspace:
    name: team-recommender
    auth_type: internal
    grants:
      - user_name: boris
    purge_grants: false

- name: Rename it
  community.huaweicloud.modelarts_workspace:
    name: team-recommender
    new_name: team-recommendations

- name: Remove it, whatever it is called
  community.huaweicloud.modelarts_workspace:
    id: 05e1b2c3d4f5061728394a5b6c7d8e9f
    state: absent
    redact: true
"""

RETURN = r"""
workspace:
  description:
    - The workspace. V(null) after it was removed. In check mode, what only the service knows is V(null).
  returned: success
  type: dict
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
      returned: when O(quotas) is set
      type: list
      elements: dict
      contains:
        resource:
          description: What is limited.
          type: str
          sample: exemlProject.gpu_duration
        quota:
          description: The limit in RV(workspace.quotas[].unit_en), V(-1) if it is unlimited.
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
          description: How much is used, in RV(workspace.quotas[].unit_en). V(null) if it is unlimited.
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
          description: The unit of the limit and of what is used, in English.
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
actions:
  description:
    - What was sent to change something, in that order, or in check mode would be.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(create), V(update) or V(delete).
      type: str
      sample: create
    fields:
      description: The fields it is about.
      type: list
      elements: str
      sample: [description, grants]
    request_id:
      description: ID of the request, for the vendor's support. V(null) in check mode.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
changed_fields:
  description: The fields that differed; all that the task sets when the workspace was created.
  returned: success
  type: list
  elements: str
  sample: [description, quotas.exemlProject.gpu_duration]
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
      sample: POST
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
      sample: Grant the identity the IAM action modelarts:workspace:create.
"""

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, REDACT, WAIT
from ansible_collections.community.huaweicloud.plugins.module_utils._module import (
    Params,
    Result,
    Session,
    Task,
    run_module,
    run_resource,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.specs import WORKSPACE
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.resource import (
    Workspace,
    check_workspace,
)


def run(session: Session, params: Params, desired: None) -> Result:
    return run_resource(session, Workspace(session, params), "workspace")


TASK = Task(CONNECTION.merge(WAIT, WORKSPACE, REDACT), check_workspace, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
