# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of the three resources: each module takes one set of them, apply takes lists."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import (
    ACTIVE,
    CANCELED,
    DONE,
    ENDING,
    FAILED,
    PROMOTED,
)

WORKSHOP = ArgumentSpec(
    argument_spec={
        "name": {"type": "str", "required": True},
        "description": {"type": "str"},
        "primary_cluster": {"type": "str"},
        "ingress": {
            "type": "dict",
            "options": {
                "elb_id": {"type": "str"},
                "elb_ip": {"type": "str"},
                "port": {"type": "int"},
                "image_address": {"type": "str"},
            },
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "on_drift": {"type": "str", "choices": ["fail", "warn", "replace"], "default": "fail"},
    }
)

RELEASE = ArgumentSpec(
    argument_spec={
        "namespace": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "service_name": {"type": "str"},
        "cluster_id": {"type": "str"},
        "deployment_name": {"type": "str"},
        "version": {"type": "str"},
        "type": {"type": "str"},
        "gray_deployments": {
            "type": "list",
            "elements": "dict",
            "options": {"cluster_id": {"type": "str"}, "template": {"type": "raw", "required": True}},
        },
        "state": {"type": "str", "choices": ["present", "promoted", "canceled"], "default": "present"},
        "end_action": {"type": "str", "default": "end"},
        "cancel_action": {"type": "str", "default": "cancel"},
        "lint": {"type": "str", "choices": ["strict", "warn", "ignore"], "default": "strict"},
        "on_drift": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        "on_missing": {"type": "str", "choices": ["warn", "fail", "ignore"], "default": "warn"},
        "active_phases": {"type": "list", "elements": "str", "default": list(ACTIVE)},
        "done_phases": {"type": "list", "elements": "str", "default": list(DONE)},
        "failed_phases": {"type": "list", "elements": "str", "default": list(FAILED)},
        "ending_phases": {"type": "list", "elements": "str", "default": list(ENDING)},
        "promoted_phases": {"type": "list", "elements": "str", "default": list(PROMOTED)},
        "canceled_phases": {"type": "list", "elements": "str", "default": list(CANCELED)},
    }
)

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

APPLY = ArgumentSpec(
    argument_spec={
        "mesh_id": {"type": "str"},
        "mesh_name": {"type": "str"},
        "workspaces": {"type": "list", "elements": "dict"},
        "workshops": {"type": "list", "elements": "dict"},
        "releases": {"type": "list", "elements": "dict"},
        "prune": {"type": "dict"},
        "parallel": {"type": "int", "default": 8},
        "rate_limit": {"type": "float"},
        "on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
        "max_failures": {"type": "int"},
        "timeout": {"type": "float"},
        "audit_log": {"type": "path"},
        "expected_plan_hash": {"type": "str"},
        "detect_unmanaged": {"type": "bool", "default": False},
    }
)
