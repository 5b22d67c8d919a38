# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Describe and compare the scopes of targets, the inventory hosts that the playbooks run on.

The scope of a target is its project if the desired-state file declares workspaces, and each mesh in which it declares workshops or
releases. Two targets with the same scope would undo the changes of each other.
"""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import Settings
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest, to_plain

Data = t.Mapping[str, t.Any]
Scope = t.Dict[str, t.Any]

_MESH_KEYS = ("mesh_id", "mesh_name")
# Options that do not tell accounts apart, or whose values must not be in a digest.
_NOT_IDENTIFYING = ("validate_certs", "ca_path", "connect_timeout", "read_timeout", "max_retries", "retry_max_delay")
# A token belongs to a project that only the service knows.
_OPAQUE = "auth_token"


def to_key(name: str) -> str:
    """Return the name of a target as a part of a variable name. Characters that variables cannot have become underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def to_file_part(name: str) -> str:
    """Return the name of a target as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def find_name_conflicts(names: t.Sequence[str]) -> list[str]:
    """Return a message for each pair of targets whose names differ only in characters that results cannot have."""
    return [
        f"The names of the targets '{first}' and '{second}' are the same in the names of variables ({to_key(first)}): rename one of them"
        for first, second in itertools.combinations(names, 2)
        if to_key(first) == to_key(second)
    ]


def describe_scope(connection: Data, environ: t.Mapping[str, str], desired_state: Data, mesh: Data) -> Scope:
    """Return the scope of a target without sending a request. It contains no secrets.

    Arguments:
        connection: The connection options of the target.
        environ: The environment variables of the controller.
        desired_state: The content of its desired-state file.
        mesh: ``mesh_id`` and ``mesh_name`` of the target, empty if it has none.
    """
    return {
        "project": _describe_project(connection, environ),
        "workspaces": _declares(desired_state, "workspaces"),
        "meshes": _list_meshes(desired_state),
        "mesh": {key: str(mesh[key]) for key in _MESH_KEYS if mesh.get(key)},
    }


def find_declared_conflicts(scopes: t.Mapping[str, Scope]) -> list[str]:
    """Return a message for each scope that two targets declare, as far as that is known without a request."""
    found = []
    for (first, one), (second, other) in itertools.combinations(scopes.items(), 2):
        if one["project"]["key"] is None or one["project"]["key"] != other["project"]["key"]:
            continue
        shared = [mesh["label"] for mesh in one["meshes"] if mesh["key"] in [each["key"] for each in other["meshes"]]]
        found += _describe_conflicts(
            first, second, one["project"]["label"], bool(one["workspaces"] and other["workspaces"]), shared
        )
    return found


def find_resolved_conflicts(scopes: t.Mapping[str, Scope], resolved: t.Mapping[str, Data]) -> list[str]:
    """Return the conflicts that only the IDs of projects and meshes show.

    Arguments:
        scopes: The scopes of the targets.
        resolved: The key ``target`` of what apply has returned for each target. Targets that could not be read are missing.
    """
    found = [
        message for name, scope in scopes.items() if name in resolved for message in _check_mesh(name, scope, resolved)
    ]
    for (first, one), (second, other) in itertools.combinations(resolved.items(), 2):
        project = one["project_id"] if one["project_id"] == other["project_id"] else None
        both = bool(project and scopes[first]["workspaces"] and scopes[second]["workspaces"])
        other_ids = {mesh["id"] for mesh in other["meshes"]}
        shared = [f"{mesh['name']} ({mesh['id']})" for mesh in one["meshes"] if mesh["id"] in other_ids]
        found += _describe_conflicts(first, second, f"project {project or one['project_id']}", both, shared)
    return found


def _describe_conflicts(first: str, second: str, project: str, workspaces: bool, meshes: t.Sequence[str]) -> list[str]:
    declared = [f"the workspaces of {project}"] * workspaces
    declared += [f"workshops or releases of mesh {mesh}" for mesh in meshes]
    return [f"The targets '{first}' and '{second}' both declare {what}" for what in declared]


def _check_mesh(name: str, scope: Scope, resolved: t.Mapping[str, Data]) -> list[str]:
    """Return a message for each mesh of the desired-state file that is not the mesh of the target."""
    own = scope["mesh"]
    keys = [(key, own[key]) for key in _MESH_KEYS if key in own]
    return [
        f"The desired-state file of the target '{name}' names the mesh {mesh['name']} ({mesh['id']}), which is not its {key} ({value})"
        for key, value in keys
        for mesh in resolved[name]["meshes"]
        if mesh["id" if key == "mesh_id" else "name"] != value
    ]


def _describe_project(connection: Data, environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return a key that is equal for the same project, and a label for messages. The key is None if only the service knows."""
    options = _resolve_aliases(connection)
    settings = Settings(options, environ)
    project_id, project_name = settings.pair("project_id", "project_name")
    if project_id.value:
        return {"key": f"id {project_id.value}", "label": f"project {project_id.value}"}
    region = settings.get("region").value
    name = project_name.value or region
    label = f"project {name}" if name else "the project of its credentials"
    if options.get(_OPAQUE):
        return {"key": None, "label": label}
    identifying = {
        option: settings.get(option).value
        for option, spec in CONNECTION.argument_spec.items()
        if not spec.get("no_log") and option not in (*_NOT_IDENTIFYING, "project_id", "project_name")
    }
    return {"key": compute_digest(to_plain({**identifying, "name": name})), "label": label}


def _resolve_aliases(connection: Data) -> dict[str, t.Any]:
    names = {alias: option for option, spec in CONNECTION.argument_spec.items() for alias in spec.get("aliases", ())}
    return {names.get(key, key): value for key, value in connection.items()}


def _declares(desired_state: Data, plural: str) -> bool:
    """Return whether the file has a list of a kind, even an empty one, or patterns to prune it."""
    return desired_state.get(plural) is not None or bool((desired_state.get("prune") or {}).get(plural))


def _list_meshes(desired_state: Data) -> list[dict[str, str]]:
    """Return the meshes in which a file declares workshops or releases."""
    sources: list[Data] = []
    for kind in RESOURCE_TYPES:
        if kind.in_mesh and _declares(desired_state, kind.plural):
            sources += [desired_state, *(desired_state.get(kind.plural) or [])]
    found = {}
    for source in sources:
        key = next((key for key in _MESH_KEYS if source.get(key)), None)
        if key:
            found[f"{key} {source[key]}"] = str(source[key])
    return [{"key": key, "label": label} for key, label in found.items()]
