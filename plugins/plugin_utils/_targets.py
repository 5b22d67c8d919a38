# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Describe and compare the scopes of targets, the inventory hosts that the playbooks run on.

The scope of a target is its project if the desired-state file declares workspaces, each mesh that it declares, and each mesh in which it
declares workshops or releases. Two targets with the same scope would undo the changes of each other.
"""

from __future__ import annotations

import re
import types
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, drop_unset
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import find_agency
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    Credentials,
    resolve_credentials,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import Settings
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.module_utils._task import validate_params
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest, to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.result_redaction import find_actual

Data = t.Mapping[str, t.Any]
Scope = t.Dict[str, t.Any]


class _Unknown(t.NamedTuple):
    """What is known about a target with an unknown scope. The scope is None if the desired-state file was not loaded."""

    scope: Scope | None
    project: str | None
    mesh: t.Mapping[str, str]


class Claim(t.NamedTuple):
    """Resources that only one target may manage. The key is the same for the same resources, and the text names them in messages."""

    key: t.Hashable
    text: str


_MESH_KEYS = ("mesh_id", "mesh_name")
# Names that would make a statistic of a target a variable of the playbooks. AWX passes statistics to the next job as variables.
RESERVED_NAMES = {"file": "plan_status_file"}
# Options that identify the account of credentials, and those that identify the cloud and the region.
_ACCOUNT = ("access_key", "username", "domain_name", "domain_id")
_LOCATION = ("region", "auth_url", "cloud_domain", "asm_endpoint", "modelarts_endpoint")
# Options that select a file with credentials, which can contain the project.
_FILES = ("credentials_file", "profile", "cloud")


def to_key(name: str) -> str:
    """Return the name of a target as a part of a variable name. Characters that are invalid in variables become underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def to_file_part(name: str) -> str:
    """Return the name of a target as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def find_name_conflicts(names: t.Sequence[str]) -> list[str]:
    """Return messages about targets whose names differ only in characters that variables cannot contain, and about reserved names."""
    same_keys: dict[str, list[str]] = {}
    for name in names:
        same_keys.setdefault(to_key(name), []).append(name)
    reserved = [
        f"The name of the target '{name}' is reserved, because one of its statistics would be the playbook variable {RESERVED_NAMES[name]}: "
        f"rename it"
        for name in names
        if name in RESERVED_NAMES
    ]
    return reserved + [
        f"The targets {_join_names(same)} have the same name in variables ({key}): "
        f"rename {'one' if len(same) == 2 else 'all but one'} of them"
        for key, same in same_keys.items()
        if len(same) > 1
    ]


def describe_scope(connection: Data, environ: t.Mapping[str, str], desired_state: Data, mesh: Data) -> Scope:
    """Return the scope of a target without sending a request. It contains no secrets. Raise HuaweiCloudError for an invalid connection.

    Arguments:
        connection: The connection options of the target.
        environ: The environment variables of the controller.
        desired_state: The content of its desired-state file.
        mesh: ``mesh_id`` and ``mesh_name`` of the target, or an empty mapping.
    """
    return {
        "project": _describe_project(connection, environ),
        "workspaces": _declares(desired_state, "workspaces"),
        "meshes": _list_meshes(desired_state),
        "declared_meshes": [str(mesh["name"]) for mesh in desired_state.get("meshes") or []],
        "prunes": [kind.plural for kind in RESOURCE_TYPES if (desired_state.get("prune") or {}).get(kind.plural)],
        "mesh": {key: str(mesh[key]) for key in _MESH_KEYS if mesh.get(key)},
    }


def find_declared_conflicts(
    scopes: t.Mapping[str, Scope], inventory: t.Mapping[str, Data] = types.MappingProxyType({})
) -> list[str]:
    """Return a message for each scope that several targets declare. Scopes that only a request can resolve are not compared.

    Arguments:
        scopes: The scopes of the targets.
        inventory: The project and the mesh of targets in the inventory. Those of targets without a scope must not be pruned either.
    """
    claims = {
        name: [*_list_claims(scope, scope["project"]["key"], scope["project"]["label"]), *_claim_meshes(scope)]
        for name, scope in scopes.items()
    }
    return _find_shared_claims(claims) + _find_pruned_meshes(_complete_scopes(scopes, inventory))


def find_resolved_conflicts(
    scopes: t.Mapping[str, Scope],
    resolved: t.Mapping[str, Data],
    inventory: t.Mapping[str, Data] = types.MappingProxyType({}),
) -> list[str]:
    """Return the conflicts that can only be detected with the IDs of projects and meshes.

    Arguments:
        scopes: The scopes of the targets.
        resolved: What resolve_target has returned for each target. Targets that could not be read are missing.
        inventory: See find_declared_conflicts.
    """
    found = [
        message for name, scope in scopes.items() if name in resolved for message in _check_mesh(name, scope, resolved)
    ]
    claims: dict[str, list[Claim]] = {}
    for name, target in resolved.items():
        project = target["project_id"]
        claims[name] = _list_claims(scopes[name], project, f"project {project}")
        # A mesh that does not exist yet has no ID, and its name is unique in its project.
        claims[name] += [_claim_mesh(_identify_mesh(mesh, project), _format_mesh(mesh)) for mesh in target["meshes"]]
    return found + _find_shared_claims(claims) + _find_pruned_meshes(_complete_scopes(scopes, inventory), resolved)


def find_unknown_scopes(
    scopes: t.Mapping[str, Scope], resolved: t.Mapping[str, Data], targets: t.Sequence[str]
) -> dict[str, str]:
    """Return why the scope of a target is unknown, by the names of the targets.

    Arguments:
        scopes: The scopes of the targets.
        resolved: See find_resolved_conflicts.
        targets: The names of all targets that the play runs on.
    """
    projects = _find_projects(scopes, resolved)
    reasons = {
        name: _explain_unknown(scopes[name], projects[name], resolved.get(name))
        if name in scopes
        else "its desired-state file was not loaded, or its connection is invalid"
        for name in targets
    }
    return {name: reason for name, reason in reasons.items() if reason}


def find_refused_prunes(
    scopes: t.Mapping[str, Scope],
    resolved: t.Mapping[str, Data],
    inventory: t.Mapping[str, Data],
    targets: t.Sequence[str],
) -> dict[str, str]:
    """Return a message for each target that could delete resources of a target with an unknown scope, by the names of the former.

    Arguments:
        scopes: The scopes of the targets.
        resolved: See find_resolved_conflicts.
        inventory: See find_declared_conflicts.
        targets: See find_unknown_scopes.
    """
    reasons = find_unknown_scopes(scopes, resolved, targets)
    completed = _complete_scopes(scopes, inventory)
    projects = _find_projects(completed, resolved)
    unknown = {name: _Unknown(scopes.get(name), projects[name], completed[name]["mesh"]) for name in reasons}
    refused = {}
    for name, target in resolved.items():
        others = [
            other
            for other, found in unknown.items()
            if other != name and _can_prune(scopes[name], projects[name], target["meshes"], found)
        ]
        if others:
            refused[name] = _format_refused_prune(scopes[name]["prunes"], {other: reasons[other] for other in others})
    return refused


def resolve_target(scope: Scope, comparison: Data) -> dict[str, t.Any]:
    """Return the project and the meshes of a target by their IDs.

    Arguments:
        scope: The scope of the target.
        comparison: What apply has returned in check mode.
    """
    # Only the check of pruned meshes needs these IDs.
    results = (comparison.get("results") or []) if "meshes" in scope["prunes"] else []
    declared = [each for each in results if each["kind"] == "mesh" and each["name"] in scope["declared_meshes"]]
    ids = [mesh["id"] for mesh in map(find_actual, declared) if mesh]
    return {**to_plain(comparison["target"]), "declared_mesh_ids": ids}


def build_refusal(outcome: str, conflicts: t.Sequence[str], name_conflicts: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """Return the result of a task that refuses targets.

    Arguments:
        outcome: The beginning of the message, which states what the playbook has done.
        conflicts: The conflicts of the scopes of targets.
        name_conflicts: The conflicts of their names.
    """
    problems = [*name_conflicts, *conflicts]
    rule = " Two targets must not manage the same resources." if conflicts else ""
    return {"failed": True, "msg": f"{outcome}. {'; '.join(problems)}.{rule}", "conflicts": problems}


def list_mesh_owners(
    scopes: t.Mapping[str, Scope],
    resolved: t.Mapping[str, Data],
    inventory: t.Mapping[str, Data],
    targets: t.Sequence[str] = (),
) -> dict[str, t.Any]:
    """Return the names of the targets that each mesh belongs to, by the ``ids`` of the meshes, and by their project and their ``names`` in it.

    ``unknown`` contains the targets that could have more meshes, with the ID of their project, or None if it is unknown as well.

    Arguments:
        scopes: The scopes of the targets that the play runs on.
        resolved: See find_resolved_conflicts.
        inventory: ``project_id``, ``mesh_id`` and ``mesh_name`` of all targets, as far as the inventory has them.
        targets: See find_unknown_scopes.
    """
    completed = _complete_scopes(scopes, inventory)
    projects = _find_projects(completed, resolved)
    ids: dict[str, list[str]] = {}
    names: dict[str, dict[str, list[str]]] = {}
    for target, scope in completed.items():
        meshes = [*resolved.get(target, {}).get("meshes", []), _name_mesh(inventory.get(target, {}))]
        for mesh_id in _list_used_meshes(scope, "mesh_id") | {str(mesh["id"]) for mesh in meshes if mesh["id"]}:
            ids.setdefault(mesh_id, []).append(target)
        project, used = projects[target], {str(mesh["name"]) for mesh in meshes if mesh["name"]}
        if project:
            for name in {*scope["declared_meshes"], *_list_used_meshes(scope, "mesh_name"), *used}:
                names.setdefault(project, {}).setdefault(name, []).append(target)
    reasons = find_unknown_scopes(scopes, resolved, targets)
    unknown = [name for name in reasons if name not in scopes or (not projects[name] and _uses_meshes(scopes[name]))]
    return {"ids": ids, "names": names, "unknown": {name: projects[name] for name in unknown}}


def belongs_to_others(mesh: Data, target: str, project_id: str | None, owners: Data) -> bool:
    """Return whether a mesh belongs to a target other than this one.

    Arguments:
        mesh: The ``id`` and the ``name`` of the mesh.
        target: The name of this target.
        project_id: The project of this target and the mesh.
        owners: The result of list_mesh_owners.
    """
    found = owners["ids"].get(mesh.get("id"), []) + owners["names"].get(project_id, {}).get(mesh.get("name"), [])
    return any(name != target for name in found)


def find_unknown_owners(target: str, project_id: str | None, owners: Data) -> list[str]:
    """Return the names of other targets that could own meshes of a project, but whose meshes are unknown.

    Arguments:
        target: The name of this target.
        project_id: The project of this target.
        owners: The result of list_mesh_owners.
    """
    unknown = owners.get("unknown") or {}
    return [name for name, project in unknown.items() if name != target and project in (None, project_id)]


def _list_claims(scope: Scope, project: str | None, label: str) -> list[Claim]:
    """Return the claims of a target in its project, without the content of meshes. Return none if the project is unknown."""
    if not project:
        return []
    claims = [Claim((project, "workspaces"), f"the workspaces of {label}")] if scope["workspaces"] else []
    return claims + [
        Claim((project, "mesh", name), f"the mesh {name} of {label}")
        for name in dict.fromkeys(scope["declared_meshes"])
    ]


def _claim_mesh(key: t.Hashable, label: str) -> Claim:
    return Claim(("content of mesh", key), f"workshops or releases of mesh {label}")


def _claim_meshes(scope: Scope) -> list[Claim]:
    """Return the claims of a target to the content of meshes, before the first request. Only a mesh ID is unique in all projects.

    If the inventory sets both the ID and the name of the mesh of a target, both identify the same mesh.
    """
    project, own = scope["project"]["key"], scope["mesh"]
    meshes = {mesh["key"]: mesh["label"] for mesh in scope["meshes"]}
    if meshes and len(own) == len(_MESH_KEYS):
        meshes = {f"{key} {own[key]}": f"{own['mesh_name']} ({own['mesh_id']})" for key in _MESH_KEYS}
    return [
        _claim_mesh(key if key.startswith("mesh_id ") else (project, key), label)
        for key, label in meshes.items()
        if project or key.startswith("mesh_id ")
    ]


def _identify_mesh(mesh: Data, project: str | None) -> t.Hashable:
    return mesh["id"] or (project, mesh["name"])


def _format_mesh(mesh: Data) -> str:
    return f"{mesh['name']} ({mesh['id']})" if mesh["id"] else str(mesh["name"])


def _find_shared_claims(claims: t.Mapping[str, t.Sequence[Claim]]) -> list[str]:
    """Return a message for each claim that several targets have."""
    owners: dict[t.Hashable, tuple[str, list[str]]] = {}
    for name, own in claims.items():
        for claim in own:
            owners.setdefault(claim.key, (claim.text, []))[1].append(name)
    messages = [
        f"The targets {_join_names(names)} {_count_word(names)} declare {text}"
        for text, names in owners.values()
        if len(names) > 1
    ]
    return list(dict.fromkeys(messages))


def _find_pruned_meshes(scopes: t.Mapping[str, Scope], resolved: t.Mapping[str, Data] | None = None) -> list[str]:
    """Return a message for each project in which one target prunes meshes, and others declare or use meshes that it would delete.

    Arguments:
        scopes: The scopes of the targets.
        resolved: See find_resolved_conflicts, ``None`` before the first request. Meshes of which only the ID is known are not compared then.
    """
    found = []
    for members in _group_by_project(scopes, resolved or {}).values():
        # A target that could not be read deletes nothing. find_refused_prunes protects its resources.
        active = members if resolved is None else [name for name in members if name in resolved]
        pruning = [name for name in active if "meshes" in scopes[name]["prunes"]]
        names = [name for name in members if _is_endangered(name, pruning, scopes, resolved)] if pruning else []
        if len(names) > 1:
            found.append(
                f"The targets {_join_names(names)} {_count_word(names)} declare or use meshes of the same project, and "
                f"{_join_names(pruning)} {'has' if len(pruning) == 1 else 'have'} prune.meshes, so "
                f"{'it' if len(pruning) == 1 else 'each one'} would delete the meshes of the others"
            )
    return found


def _complete_scopes(scopes: t.Mapping[str, Scope], inventory: t.Mapping[str, Data]) -> dict[str, Scope]:
    """Return all scopes. If the play does not run on a target, or its file could not be loaded, use only its inventory variables."""
    found = dict(scopes)
    for name, own in inventory.items():
        project = own.get("project_id")
        found.setdefault(
            name,
            {
                "project": {"key": f"id {project}" if project else None},
                "meshes": [],
                "declared_meshes": [],
                "prunes": [],
                "mesh": {key: str(own[key]) for key in _MESH_KEYS if own.get(key)},
            },
        )
    return found


def _group_by_project(scopes: t.Mapping[str, Scope], resolved: t.Mapping[str, Data]) -> dict[str, list[str]]:
    """Return the names of the targets by the key of their project. Targets whose project is unknown are missing.

    A target that could not be read is in the project of a target with the same connection.
    """
    keys = {name: scope["project"]["key"] for name, scope in scopes.items()}
    read = {name: f"id {target['project_id']}" for name, target in resolved.items() if target["project_id"]}
    # The ID of a project is never that of another one.
    same = {keys[name]: key for name, key in read.items() if not (keys[name] or "").startswith("id ")}
    groups: dict[str, list[str]] = {}
    for name, key in keys.items():
        if name in read or key is not None:
            groups.setdefault(read.get(name) or same.get(key, key), []).append(name)
    return groups


def _find_projects(scopes: t.Mapping[str, Scope], resolved: t.Mapping[str, Data]) -> dict[str, str | None]:
    """Return the ID of the project of each target, None if it is unknown."""
    found: dict[str, str | None] = dict.fromkeys(scopes)
    for key, names in _group_by_project(scopes, resolved).items():
        if key.startswith("id "):
            found.update(dict.fromkeys(names, key[len("id ") :]))
    return found


def _explain_unknown(scope: Scope, project: str | None, target: Data | None) -> str | None:
    """Return why a scope is unknown. None if it is known, or if the target neither declares resources nor uses a mesh."""
    if project is None and (scope["workspaces"] or _uses_meshes(scope)):
        return "its project is unknown"
    found = {str(value) for mesh in (target or {}).get("meshes", []) for value in (mesh["id"], mesh["name"])}
    missing = [mesh["label"] for mesh in scope["meshes"] if mesh["label"] not in found]
    if missing:
        return f"its mesh {missing[0]} was not read"
    return "its project was not read" if target is None and scope["workspaces"] else None


def _uses_meshes(scope: Scope) -> bool:
    return bool(scope["declared_meshes"] or scope["meshes"] or scope["mesh"])


def _can_prune(own: Scope, project: str | None, meshes: t.Sequence[Data], other: _Unknown) -> bool:
    """Return whether a target could delete resources of another target, whose scope is unknown.

    Arguments:
        own: The scope of the target.
        project: The ID of its project.
        meshes: Its meshes that were read.
        other: What is known about the other target.
    """
    if project and other.project and project != other.project:
        return False
    scope = other.scope
    # The conflicts of meshes are known if the file was loaded and the project is known.
    owned = {
        "workspaces": scope is None or scope["workspaces"],
        "meshes": scope is None or (other.project is None and _uses_meshes(scope)),
    }
    shares_mesh = (scope is None or bool(scope["meshes"])) and any(_can_be(mesh, other.mesh) for mesh in meshes)
    return any(owned.get(kind, shares_mesh) for kind in own["prunes"])


def _can_be(mesh: Data, own: t.Mapping[str, str]) -> bool:
    """Return whether a mesh could be that of a target. The desired-state file of a target cannot set another mesh than its inventory."""
    found = {"mesh_id": mesh["id"], "mesh_name": mesh["name"]}
    return all(found[key] in (None, value) for key, value in own.items())


def _format_refused_prune(prunes: t.Sequence[str], reasons: t.Mapping[str, str]) -> str:
    """Return why a target must not prune these kinds. Name at most three other targets."""
    named = [f"'{name}' ({reason})" for name, reason in list(reasons.items())[:3]]
    more = [f"{len(reasons) - len(named)} more"] if len(reasons) > len(named) else []
    return (
        f"Nothing was changed. prune ({', '.join(prunes)}) could delete resources of other targets with an unknown scope: "
        f"{', '.join(named + more)}. Fix the other targets, or remove prune from the desired-state file."
    )


def _is_endangered(
    name: str, pruning: t.Sequence[str], scopes: t.Mapping[str, Scope], resolved: t.Mapping[str, Data] | None
) -> bool:
    """Return whether a target prunes or declares meshes, or uses a mesh that one of the other ``pruning`` targets does not declare."""
    scope = scopes[name]
    if scope["declared_meshes"] or "meshes" in scope["prunes"]:
        return True
    read = (resolved or {}).get(name, {}).get("meshes", [])
    names = _list_used_meshes(scope, "mesh_name") | {mesh["name"] for mesh in read}
    if any(not names <= {*scopes[other]["declared_meshes"]} for other in pruning):
        return True
    own = {scope["mesh"].get("mesh_id")} if "mesh_name" in scope["mesh"] else set()
    ids = _list_used_meshes(scope, "mesh_id") - own - {mesh["id"] for mesh in read}
    return resolved is not None and any(not ids <= {*resolved[other]["declared_mesh_ids"]} for other in pruning)


def _name_mesh(own: Data) -> dict[str, t.Any]:
    """Return the mesh in the inventory variables of a target."""
    return {"id": own.get("mesh_id"), "name": own.get("mesh_name")}


def _list_used_meshes(scope: Scope, key: str) -> set[str]:
    """Return the values of ``mesh_id`` or ``mesh_name`` of a target and its desired-state file."""
    own = {scope["mesh"][key]} if key in scope["mesh"] else set()
    return own | {mesh["label"] for mesh in scope["meshes"] if mesh["key"] == f"{key} {mesh['label']}"}


def _join_names(names: t.Sequence[str]) -> str:
    *others, last = [f"'{name}'" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def _count_word(names: t.Sequence[str]) -> str:
    return "both" if len(names) == 2 else "all"


def _check_mesh(name: str, scope: Scope, resolved: t.Mapping[str, Data]) -> list[str]:
    """Return a message for each mesh of the desired-state file that is not the mesh of the target."""
    own = scope["mesh"]
    keys = [(key, own[key]) for key in _MESH_KEYS if key in own]
    return [
        f"The desired-state file of the target '{name}' names the mesh {_format_mesh(mesh)}, but the {key} of the target is {value}"
        for key, value in keys
        for mesh in resolved[name]["meshes"]
        if mesh["id" if key == "mesh_id" else "name"] != value
    ]


def _describe_project(connection: Data, environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return a key that is equal for the same project, and a label for messages. The key is None if only a request can determine the project.

    Raise OptionError if the options or the file with the credentials are invalid.
    """
    options = _read_options(connection)
    project_id = Settings(options, environ).from_task("project_id").value
    # A project ID in the options takes precedence, so the file is not needed.
    credentials = None if project_id else _find_credentials(options, environ)
    settings = Settings(options, environ, credentials)
    found, project_name = settings.pair("project_id", "project_name")
    if found.value:
        return {"key": f"id {found.value}", "label": f"project {found.value}"}
    name = project_name.value or settings.get("region").value
    label = f"project {name}" if name else "the project of its credentials"
    account = _describe_account(settings, credentials)
    if account is None:
        return {"key": None, "label": label}
    location = {option: settings.get(option).value for option in _LOCATION}
    return {"key": compute_digest(to_plain({**location, **account, "name": name})), "label": label}


def _read_options(connection: Data) -> dict[str, t.Any]:
    """Return the options as a module gets them. Raise OptionError for an invalid one."""
    options, problem = validate_params(CONNECTION, drop_unset(to_plain(connection)))
    if problem:
        raise OptionError(problem)
    return options


def _find_credentials(options: Data, environ: t.Mapping[str, str]) -> Credentials | None:
    """Return the credentials with the settings in their file. Return None without credentials, because this check does not need them.

    Raise OptionError if the file is invalid or cannot be read, and LibraryError if a library for it is missing.
    """
    try:
        return resolve_credentials(options, environ)
    except OptionError:
        settings = Settings(options, environ)
        # The file could name the project.
        if any(settings.get(option).value for option in _FILES):
            raise
        return None


def _describe_account(settings: Settings, credentials: Credentials | None) -> dict[str, t.Any] | None:
    """Return what identifies the account of a target, without secrets. None for a token in the options."""
    if credentials is None:
        return {option: settings.from_task(option).value for option in _ACCOUNT}
    if credentials.kind == "token":
        # The same file or environment contains the same token.
        return {"token": credentials.location or "environment"} if _is_shared(credentials) else None
    agency = find_agency(settings, credentials)
    return {
        "kind": credentials.kind,
        **{option: getattr(credentials, option) for option in _ACCOUNT},
        "agency": [agency.name, agency.domain_name, agency.domain_id] if agency else None,
    }


def _is_shared(credentials: Credentials) -> bool:
    return credentials.location is not None or credentials.source == "environment"


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
