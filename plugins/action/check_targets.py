# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction, Result
from ansible_collections.community.huaweicloud.plugins.plugin_utils._host_results import (
    list_selected,
    list_started,
    read_failures,
    read_inventory,
    read_scopes,
    read_variables,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import (
    build_refusal,
    find_declared_conflicts,
    find_name_conflicts,
    find_refused_prunes,
    find_resolved_conflicts,
    list_mesh_owners,
    resolve_target,
)


class ActionModule(ControllerAction):
    """Check on the controller that no two targets have the same scope."""

    ARGUMENTS = {
        "targets": {"type": "list", "elements": "str", "required": True},
        "resolved": {"type": "bool", "default": False},
    }

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        started = list_started(options["targets"], variables)
        scopes = read_scopes(started, variables)
        inventory = read_inventory(options["targets"], variables)
        if options["resolved"]:
            compared = read_variables("detected_changes", list(scopes), variables)
            resolved = {
                name: resolve_target(scopes[name], found) for name, found in compared.items() if found.get("target")
            }
            outcome, names, conflicts = "Nothing was changed", [], find_resolved_conflicts(scopes, resolved, inventory)
        else:
            outcome, names = "Nothing was sent", find_name_conflicts(options["targets"])
            conflicts = find_declared_conflicts(scopes, inventory)
        if names or conflicts:
            return wrap_var(build_refusal(outcome, conflicts, names))
        result = {"changed": False, "failed_targets": list(read_failures(options["targets"], variables))}
        if options["resolved"]:
            selected = list_selected(options["targets"], variables)
            result["refused_prunes"] = wrap_var(find_refused_prunes(scopes, resolved, inventory, selected))
            result["mesh_owners"] = wrap_var(list_mesh_owners(scopes, resolved, inventory, selected))
        return result
