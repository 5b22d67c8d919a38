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
  - Creates, updates and deletes workspaces in Huawei Cloud's ModelArts, including their grants and quotas.
  - The module identifies a workspace by its project and name, or by its ID. It compares only options that are set.
  - The enterprise project cannot be changed after the creation. A difference is an error.
  - The module refuses the workspace V(default) with the ID V(0), because it belongs to the service.
  - The service deletes workspaces in the background. It may refuse to delete a workspace that is not empty.
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
      - ID of the workspace. The service assigns IDs, so the module cannot create a workspace with a specified ID.
      - Exactly one of O(id) and O(name) is required.
    type: str
  name:
    description:
      - Name of the workspace, case-sensitive. A new name must have 4 to 64 letters, digits, hyphens and underscores.
      - Exactly one of O(id) and O(name) is required.
    type: str
  new_name:
    description:
      - New name of the workspace.
      - If a workspace with this name exists and none with the name in O(name), the module changes nothing, because the workspace was renamed before.
    type: str
  description:
    description:
      - Description of the workspace, at most 256 characters. An empty and a missing description are the same.
    type: str
  auth_type:
    description:
      - Who may use the workspace. The comparison ignores case.
      - V(public) permits all users of the account. This is the default of the service.
      - V(private) permits the creator and the administrators of the account.
      - V(internal) also permits the users in O(grants).
    type: str
  grants:
    description:
      - Users who may use an V(internal) workspace, at most 500. The order does not matter. An empty list revokes all grants.
      - Requires O(auth_type=internal), or an existing workspace with this type if O(auth_type) is not set.
        Otherwise, the module fails before it sends a request that changes something, because the service ignores the grants of other workspaces.
      - A new workspace is V(public) if O(auth_type) is not set, so every user of the account can use it.
      - Each user can be listed only once.
    type: list
    elements: dict
    suboptions:
      user_id:
        description:
          - ID of the user. O(grants[].user_id) or O(grants[].user_name) is required. The ID takes precedence if both are set.
        type: str
      user_name:
        description:
          - Name of the IAM user.
        type: str
      user_type:
        description:
          - Type of the user, for example V(IAM) (the default of the service), V(FEDERATE) or V(AGENCY).
        type: str
  purge_grants:
    description:
      - Whether users who are not in O(grants) lose their grant.
    type: bool
    default: true
  enterprise_project_id:
    description:
      - ID of the enterprise project. It can only be set at creation. V("0") is the default project.
    type: str
  quotas:
    description:
      - Quotas to set. Quotas of other resources remain unchanged.
      - RV(workspace.quotas) lists the resources, and for each resource the unit and the range of its limit.
        The module checks resources and limits before it sends a request that changes something.
      - For a new workspace, the module uses the ranges of the default workspace. If the identity may not read the quotas of the default workspace,
        the module warns and checks the limits only after the creation. Check mode then predicts every quota of O(quotas) as set.
    type: list
    elements: dict
    suboptions:
      resource:
        description:
          - Name of the limited resource, for example V(exemlProject.gpu_duration).
        type: str
        required: true
      quota:
        description:
          - Limit of the resource, a positive number, or V(-1) for unlimited. The service does not accept V(0).
          - The unit depends on the resource and is in RV(workspace.quotas[].unit_en). For example, V(exemlProject.gpu_duration) is in minutes.
        type: int
        required: true
  state:
    description:
      - Whether the workspace must exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: community.huaweicloud.modelarts_workspace_info
"""

EXAMPLES = r"""
- name: Create a workspace with grants and a quota
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

- name: Grant access to another user, and keep the other grants
  community.huaweicloud.modelarts_workspace:
    name: team-recommender
    auth_type: internal
    grants:
      - user_name: boris
    purge_grants: false

- name: Rename the workspace
  community.huaweicloud.modelarts_workspace:
    name: team-recommender
    new_name: team-recommendations

- name: Delete a workspace by its ID
  community.huaweicloud.modelarts_workspace:
    id: 05e1b2c3d4f5061728394a5b6c7d8e9f
    state: absent
    redact: true
"""

RETURN = r"""
workspace:
  description:
    - The workspace. V(null) after its deletion. In check mode, values that only the service can assign are V(null).
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
      returned: if O(quotas) is set
      type: list
      elements: dict
      contains:
        resource:
          description: Name of the limited resource.
          type: str
          sample: exemlProject.gpu_duration
        quota:
          description: Limit of the resource, in RV(workspace.quotas[].unit_en). V(-1) means unlimited.
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
          description: Usage of the resource, in RV(workspace.quotas[].unit_en). V(null) if it is unlimited.
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
          description: English name of the unit of the limit and of the usage.
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
actions:
  description:
    - The actions in their order, predicted in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(create), V(update) or V(delete).
      type: str
      sample: create
    fields:
      description: Fields that the action sets.
      type: list
      elements: str
      sample: [description, grants]
    request_id:
      description: ID of the request, for the support of the vendor. V(null) in check mode.
      type: str
      sample: 7d2f4b1a9c8e4f6db0a1c2d3e4f50617
changed_fields:
  description: Fields that differed. All fields that the task sets if the workspace was created.
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
      sample: POST
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.options import (
    WORKSPACE,
    check_workspace,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.resource import Workspace


def run(session: Session, params: Params, desired: None) -> Result:
    return run_resource(session, Workspace(session, params), "workspace")


TASK = Task(CONNECTION.merge(WAIT, WORKSPACE, REDACT), check_workspace, run)


def main() -> None:
    run_module(TASK)


if __name__ == "__main__":
    main()
