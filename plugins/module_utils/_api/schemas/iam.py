# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The schemas of IAM (API reference, "Token Management", "Access Key Management", "Project Management")."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import Schema

_TEXT: Schema = {"type": "string", "minLength": 1}

TOKEN: Schema = {
    "type": "object",
    "required": ["token"],
    "properties": {
        "token": {
            "type": "object",
            "required": ["expires_at"],
            "properties": {
                "expires_at": _TEXT,
                "project": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": _TEXT, "name": {"type": "string"}},
                },
            },
        }
    },
}

PROJECTS: Schema = {
    "type": "object",
    "required": ["projects"],
    "properties": {
        "projects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {"id": _TEXT, "name": {"type": "string"}},
            },
        }
    },
}

TEMPORARY_KEYS: Schema = {
    "type": "object",
    "required": ["credential"],
    "properties": {
        "credential": {
            "type": "object",
            "required": ["access", "secret", "securitytoken", "expires_at"],
            "properties": {"access": _TEXT, "secret": _TEXT, "securitytoken": _TEXT, "expires_at": _TEXT},
        }
    },
}

ACCOUNTS: Schema = {
    "type": "object",
    "required": ["domains"],
    "properties": {
        "domains": {
            "type": "array",
            "items": {"type": "object", "required": ["id"], "properties": {"id": _TEXT}},
        }
    },
}
