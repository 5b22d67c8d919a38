# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read what the playbooks have registered for each target."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain

Variables = t.Mapping[str, t.Any]

# The fact with the reason why a target has failed. It is empty for the other targets.
FAILURE = "target_failure"
# The fact with the names of the targets that an earlier play has removed. It is the same for all targets.
NOT_STARTED = "targets_not_started"
# The variable with the result of describe_target.
DESCRIPTION = "target_description"
_NOT_STARTED = "The target was not started, because it had failed or was unreachable in an earlier play."
_REMOVED = "The target was removed from the play, because it was unreachable or a task has failed. The output of the task has the reason."
# The options in huaweicloud_connection that select the project. With one of them, the variables of the host do not apply.
_PROJECT_OPTIONS = ("project_id", "project_name", "project")
_MESH = ("mesh_id", "mesh_name")


def list_selected(targets: t.Sequence[str], variables: Variables) -> list[str]:
    """Return the targets that the play runs on. ``--limit`` excludes the others."""
    hosts = set(map(str, variables.get("ansible_play_hosts_all") or ()))
    return [name for name in targets if name in hosts]


def list_started(targets: t.Sequence[str], variables: Variables) -> list[str]:
    """Return the selected targets on which the play has started.

    The others were removed in an earlier play, because they had failed or were unreachable. Their facts are those of the earlier play.
    A play that does not set the fact can have the fact of an earlier play. A target that was removed before that play is still removed.
    """
    active = set(map(str, variables.get("ansible_play_hosts") or ()))
    removed = set(map(str, variables.get(NOT_STARTED) or ())) - active
    return [name for name in list_selected(targets, variables) if name not in removed]


def read_variables(name: str, targets: t.Iterable[str], variables: Variables) -> dict[str, t.Any]:
    """Return the value of a fact or a registered variable for each target that has one. Empty values count as missing."""
    hostvars = variables["hostvars"]
    found = {target: hostvars[target].get(name) for target in targets}
    return {target: value for target, value in found.items() if value}


def read_scopes(targets: t.Iterable[str], variables: Variables) -> dict[str, t.Any]:
    """Return the scope of each target. Targets whose description has failed have none, for example those with an invalid connection."""
    found = read_variables(DESCRIPTION, targets, variables)
    return {name: to_plain(each["scope"]) for name, each in found.items() if "scope" in each}


def read_failures(targets: t.Sequence[str], variables: Variables) -> dict[str, str]:
    """Return why selected targets have failed, by their names.

    The playbooks record failures of tasks. Ansible removes unreachable hosts from the play before a playbook can record why.
    """
    selected, started = list_selected(targets, variables), list_started(targets, variables)
    active = set(map(str, variables.get("ansible_play_hosts") or started))
    reasons = {
        **dict.fromkeys(selected, _NOT_STARTED),
        **{name: "" if name in active else _REMOVED for name in started},
    }
    reasons.update(read_variables(FAILURE, started, variables))
    return {name: to_plain(reason) for name, reason in reasons.items() if reason}


def read_inventory(targets: t.Iterable[str], variables: Variables) -> dict[str, dict[str, t.Any]]:
    """Return the project and the mesh of each target in the inventory, also of targets that the play does not run on. Read each host once."""
    found: dict[str, dict[str, t.Any]] = {}
    for target in targets:
        # Like target_connection in vars/targets.yml: localhost only uses huaweicloud_connection.
        host, is_local = variables["hostvars"][target], target == "localhost"
        found[target] = {name: None if is_local else to_plain(host.get(name)) for name in _MESH}
        found[target]["project_id"] = _find_project_id(host, {} if is_local else host)
    return found


def _find_project_id(host: Variables, location: Variables) -> str | None:
    """Return the ID of the project from huaweicloud_connection of a host, or from its variables. None if the name selects the project."""
    connection = host.get("huaweicloud_connection")
    # Values that are not used stay encrypted.
    options = connection if isinstance(connection, t.Mapping) else {}
    found = {name: options.get(name) for name in _PROJECT_OPTIONS}
    value = found["project_id"] if any(found.values()) else location.get("project_id")
    return str(to_plain(value)) if value else None
