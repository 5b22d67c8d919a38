# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of a workspace: their specification, their checks, and the fields that they set."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec, check_one_of
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import (
    grants as workspace_grants,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import (
    quotas as workspace_quotas,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    DEFAULT_ID,
    DEFAULT_NAME,
    is_internal,
    is_known,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params

WORKSPACE = ArgumentSpec(
    argument_spec={
        "id": {"type": "str"},
        "name": {"type": "str"},
        "new_name": {"type": "str"},
        "description": {"type": "str"},
        "auth_type": {"type": "str"},
        "grants": {
            "type": "list",
            "elements": "dict",
            "options": {"user_id": {"type": "str"}, "user_name": {"type": "str"}, "user_type": {"type": "str"}},
        },
        "purge_grants": {"type": "bool", "default": True},
        "enterprise_project_id": {"type": "str"},
        "quotas": {
            "type": "list",
            "elements": "dict",
            "options": {"resource": {"type": "str", "required": True}, "quota": {"type": "int", "required": True}},
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
)

GRANTS_HINT = "Set auth_type to internal to restrict the workspace to the users in grants, or remove grants."


def check_workspace(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Send nothing."""
    check_all(
        lambda: check_one_of(params, "id", "name"),
        lambda: _check_names(params),
        lambda: validate_request_body(shapes.WORKSPACE_TO_CREATE, dict({"name": "name"}, **_single_values(params)), {}),
        lambda: _check_grants(params),
        lambda: workspace_quotas.check(params.get("quotas") or []),
    )


def _check_names(params: Params) -> None:
    for option, value in (("name", params.get("name")), ("new_name", params.get("new_name")), ("id", params.get("id"))):
        if value == (DEFAULT_ID if option == "id" else DEFAULT_NAME):
            raise OptionError(
                f"The default workspace ({option} '{value}') cannot be created, changed or deleted, and its name cannot be used.",
                hint="Every project has it. Choose another workspace.",
            )
        if value is not None and (option == "new_name" or option == "name" and len(value) > shapes.LONGEST_NAME):
            # No workspace can have this name. The rules for other names matter only at creation.
            validate_request_body(shapes.WORKSPACE_TO_CREATE, {"name": value}, {"name": option})
    if params.get("new_name") and params["state"] == "absent":
        raise OptionError("Invalid options: new_name cannot be used with state=absent.")


def _check_grants(params: Params) -> None:
    """Raise OptionError for invalid grants, and for grants that the service would ignore."""
    grants = workspace_grants.normalize(params.get("grants") or [])
    validate_request_body(shapes.WORKSPACE_TO_CREATE, {"name": "name", "grants": grants}, {})
    auth_type = params.get("auth_type")
    if grants and params["state"] == "present" and is_known(auth_type) and not is_internal(auth_type):
        raise OptionError(
            f"Invalid options: grants require auth_type internal, and auth_type is '{auth_type}'.",
            hint=GRANTS_HINT,
        )


class DesiredWorkspace(t.TypedDict, total=False):
    """The fields of a workspace that a task sets, in canonical form. Quotas are not among them."""

    description: str
    auth_type: str
    enterprise_project_id: str
    grants: workspace_grants.Grants


def specified_fields(params: Params) -> DesiredWorkspace:
    """Return what the task sets, in canonical form."""
    desired = _single_values(params)
    if params.get("grants") is not None:
        desired["grants"] = workspace_grants.normalize(params["grants"])
    return desired


def _single_values(params: Params) -> DesiredWorkspace:
    """Return the single values that the task sets, in canonical form."""
    desired: DesiredWorkspace = {}
    if params.get("description") is not None:
        desired["description"] = params["description"]
    if params.get("auth_type") is not None:
        desired["auth_type"] = params["auth_type"].lower()
    if params.get("enterprise_project_id") is not None:
        desired["enterprise_project_id"] = params["enterprise_project_id"]
    return desired
