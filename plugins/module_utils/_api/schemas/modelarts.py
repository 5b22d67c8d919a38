# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The schemas of ModelArts (API reference, "Workspace Management")."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import NO_BLANKS as _NO_BLANKS
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import SHOW_VALUE, Schema
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import TRIMMED as _TRIMMED

# "4 to 64 characters: letters, digits, hyphens and underscores", Chinese characters on Huawei Cloud. A $ alone would also match before a line break at the end.
WORKSPACE_NAME = r"^[-_A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff]{4,64}$(?!\n)"
AUTH_TYPES = ("public", "private", "internal")
LONGEST_NAME = 64
MOST_GRANTS = 500

_TEXT: Schema = {"type": "string", "minLength": 1}
_WORD: Schema = dict(_TEXT, allOf=[_NO_BLANKS])
_NAME: Schema = {
    "type": "string",
    "pattern": WORKSPACE_NAME,
    "description": "must have 4 to 64 characters, only letters, digits, hyphens and underscores",
}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_MAYBE_NUMBER: Schema = {"type": ["integer", "null"]}
# IDs and names are texts, but a text of digits may be returned as a number.
_ID: Schema = {"type": ["string", "integer"], "minLength": 1}
_MAYBE_ID: Schema = {"type": ["string", "integer", "null"]}
# The reference documents milliseconds.
_MAYBE_TIME: Schema = {"type": ["string", "number", "null"]}

_GRANT_REQUEST: Schema = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["user_id"]}, {"required": ["user_name"]}],
    "properties": {"user_id": _WORD, "user_name": dict(_TEXT, allOf=[_TRIMMED]), "user_type": _WORD},
}
_GRANT_TO_KEEP: Schema = dict(_GRANT_REQUEST, properties=dict.fromkeys(("user_id", "user_name", "user_type"), _TEXT))

_SETTABLE: Schema = {
    "name": _NAME,
    "description": {"type": "string", "maxLength": 256},
    "auth_type": {"enum": list(AUTH_TYPES), SHOW_VALUE: True},
    "grants": {"type": "array", "maxItems": MOST_GRANTS, "items": _GRANT_REQUEST},
}

WORKSPACE_TO_CREATE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": dict(_SETTABLE, enterprise_project_id=_WORD),
}

# The request also contains the current values of the service, of which only the types are validated.
WORKSPACE_TO_UPDATE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "description"],
    "properties": dict(
        _SETTABLE,
        name=_TEXT,
        description={"type": "string"},
        auth_type=_TEXT,
        grants={"type": "array", "maxItems": MOST_GRANTS, "items": _GRANT_TO_KEEP},
    ),
}

QUOTAS_TO_UPDATE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["quotas"],
    "properties": {
        "quotas": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["resource", "quota"],
                "properties": {"resource": _WORD, "quota": {"type": "integer", "minimum": -1}},
            },
        }
    },
}

_QUOTAS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["resource", "quota"],
        "properties": {
            "resource": _TEXT,
            "quota": {"type": "integer"},
            "min_quota": _MAYBE_NUMBER,
            "max_quota": _MAYBE_NUMBER,
            "used_quota": {"type": ["number", "null"]},
            "update_time": _MAYBE_TIME,
        },
    },
}

WORKSPACE: Schema = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": _ID,
        "name": _TEXT,
        "description": _MAYBE_TEXT,
        "auth_type": _MAYBE_TEXT,
        "enterprise_project_id": _MAYBE_ID,
        "enterprise_project_name": _MAYBE_ID,
        "owner": _MAYBE_ID,
        "status": _MAYBE_TEXT,
        "status_info": _MAYBE_TEXT,
        "create_time": _MAYBE_TIME,
        "update_time": _MAYBE_TIME,
        "grants": {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "properties": {"user_id": _MAYBE_ID, "user_name": _MAYBE_ID, "user_type": _MAYBE_TEXT},
            },
        },
    },
}

WORKSPACE_PAGE: Schema = {
    "type": "object",
    "required": ["total_count", "workspaces"],
    "properties": {
        "total_count": {"type": "integer", "minimum": 0},
        "workspaces": {"type": ["array", "null"], "items": WORKSPACE},
    },
}

# The response of a create contains the workspace, but the collection uses only its ID and reads the rest again.
WORKSPACE_CREATED: Schema = {"type": "object", "required": ["id"], "properties": {"id": _ID}}

QUOTA_LIST: Schema = {"type": "object", "required": ["quotas"], "properties": {"quotas": _QUOTAS}}
