# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read projects, list their meshes, and build names, variables and groups of hosts for the inventory plugin meshes.

Nothing in this file depends on Ansible's classes for inventories.
"""

from __future__ import annotations

import collections
import hashlib
import hmac
import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    check_types,
    drop_unset,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import (
    Connection,
    resolve_connection,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    CREDENTIAL_VARIABLES,
    METADATA,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    find_mistakes,
    format_path,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.parallel import WorkerPool
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import list_mesh_results
from ansible_collections.community.huaweicloud.plugins.module_utils._results import Result
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    Task,
    run_task,
    validate_params,
)

Options = t.Dict[str, t.Any]

# The options of the plugin itself. Those of an entry have no defaults, because the ones of the file apply.
_ENTRY = {
    option: {key: value for key, value in spec.items() if key != "default"}
    for option, spec in CONNECTION.argument_spec.items()
}
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    **CONNECTION.argument_spec,
    "projects": {"type": "list", "elements": "dict", "options": _ENTRY},
    "hostname": {"type": "str"},
}
_ALIASES = {alias: option for option, spec in ARGUMENTS.items() for alias in spec.get("aliases", ())}
# These options can contain templates, which are rendered before validation. The expression hostname is evaluated for each mesh.
RENDERED_OPTIONS = frozenset([*ARGUMENTS, *_ALIASES]) - {"hostname"}
# The names of the type in definitions of options of Ansible.
_BOOLEAN_TYPES = ("bool", "boolean")
# These two options select credentials together, so an entry can set one of them and take the other one from the file.
_PROFILE = ("credentials_file", "profile")
_CREDENTIALS = (*CREDENTIAL_VARIABLES, *_PROFILE, "cloud", "use_metadata")
# If an entry sets one option of a set, the options of the file in that set do not apply to it.
_SETS = (_CREDENTIALS, ("project_id", "project_name"), ("client_cert", "client_key"))
_MESH_FACTS = ("id", "name", "type", "version", "phase", "clusters", "created_at")
_ACCOUNT = ("domain_name", "domain_id")

# How many projects are listed at the same time.
_PARALLEL = 8
# Another attempt cannot fix these errors, so they always fail the inventory source.
_CONFIGURATION_ERRORS = ("options", "library")
_SHORT_ID = 8

ALL_MESHES = "asm_meshes"
# Prefix of the groups -> host variable with the rest of their names.
_GROUPS = (
    ("region", "region"),
    ("project", "project_id"),
    ("project", "project_name"),
    ("phase", "mesh_phase"),
    ("version", "mesh_version"),
)


class Project(t.NamedTuple):
    """One project to list. ``label`` is its entry in the file, or an empty string."""

    label: str
    params: Options
    connection: Connection

    def describe(self) -> str:
        """Return the name or ID of the project for messages, with its region and its entry in the file."""
        connection = self.connection
        name = connection.project_id or connection.project_scope_name()
        region = f" in region {connection.region}" if connection.region and connection.region != name else ""
        return f"project '{name}'{region}" + (f" ({self.label})" if self.label else "")


class Listing(t.NamedTuple):
    """The complete list of the meshes of one project, with those fields of results that are host variables."""

    endpoint: str
    region: t.Optional[str]
    project_id: str
    project_name: t.Optional[str]
    meshes: t.List[t.Dict[str, t.Any]]


class Failure(t.NamedTuple):
    """A project that could not be listed. ``is_permanent`` is whether the configuration is the cause."""

    message: str
    is_permanent: bool


class Listings(t.NamedTuple):
    """The lists, failures and warnings of all projects, in the order of the projects."""

    complete: t.List[Listing]
    failures: t.List[Failure]
    warnings: t.List[str]


def normalize_options(config: t.Mapping[str, t.Any], other_options: t.Mapping[str, t.Mapping[str, t.Any]]) -> Options:
    """Return the options of this plugin by their names, without those that are not set.

    ``other_options`` are the definitions of options that Ansible itself reads. Of these, check only booleans, because Ansible treats any text as
    false. Raise OptionError with all unknown keys and wrong types.
    """
    options = _rename_aliases(config, "")
    if isinstance(options.get("projects"), list):
        options["projects"] = [
            _rename_aliases(entry, f"projects[{index}]: ") if isinstance(entry, dict) else entry
            for index, entry in enumerate(options["projects"])
        ]
    others = {
        name: {"type": "bool" if spec.get("type") in _BOOLEAN_TYPES else "raw"} for name, spec in other_options.items()
    }
    known = {**others, **ARGUMENTS}
    mistakes = find_mistakes(known, options)
    if mistakes:
        raise OptionError("; ".join(f"{format_path(mistake.path)}: {mistake.message}" for mistake in mistakes))
    own = {name: value for name, value in options.items() if name in ARGUMENTS}
    check_types(own)
    return own


def read_projects(options: Options, environ: t.Mapping[str, str]) -> list[Project]:
    """Return the projects of the file in their order. Send nothing. Raise OptionError if an option or a variable is invalid."""
    common = {name: value for name, value in options.items() if name in CONNECTION.argument_spec}
    entries = options.get("projects")
    if entries is None:
        return [_read_project("", common, environ)]
    if not entries:
        raise OptionError("projects is empty", hint="List at least one project, or omit the option")
    return [
        _read_project(f"projects[{index}]", _merge_entry(f"projects[{index}]", common, entry), environ)
        for index, entry in enumerate(entries)
    ]


def list_projects(projects: t.Sequence[Project], environ: t.Mapping[str, str]) -> Listings:
    """Read the list of meshes of each project. In messages, secrets are masked."""
    results: dict[int, tuple[bool, Result]] = {}
    warnings: list[str] = []
    secrets: set[str] = set()
    # In check mode, the transport refuses write requests.
    context = RunContext(environ, True, False, 0, warnings.append, secrets.update)

    def list_one(index: int) -> None:
        results[index] = run_task(_TASK, projects[index].params, context)

    WorkerPool(_PARALLEL).run(range(len(projects)), list_one)
    complete: list[Listing] = []
    failures: list[Failure] = []
    for index, project in enumerate(projects):
        failed, result = results[index]
        if failed:
            failures.append(_build_failure(project, result, secrets))
        else:
            complete.append(_build_listing(project, result))
    _check_distinct(complete)
    return Listings(complete, failures, [remove_values(text, secrets) for text in dict.fromkeys(warnings)])


def compute_digest(projects: t.Sequence[Project]) -> str | None:
    """Return a digest of the services, projects and identities of the lists. Return ``None`` if an identity cannot be determined.

    The digest depends on a one-way function of a token, because nothing else identifies the user of the token. It does not depend on other secrets.
    The identity of a server is the access key that its metadata service provides, and determining it needs requests to this service.
    """
    urls = {project.connection.metadata_url for project in projects if project.connection.credentials.kind == METADATA}
    try:
        servers = {url: _fetch_server_key(url or "") for url in urls}
    except HuaweiCloudError:
        # The request for the lists fails in the same way, and reports the error.
        return None
    facts = [_describe_identity(project.connection, servers) for project in projects]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _describe_identity(connection: Connection, servers: t.Mapping[str | None, str]) -> str:
    """Return a text about a connection that contains no secrets, and that is unique for each identity."""
    token = connection.credentials.auth_token or ""
    proof = hmac.new(token.encode(), b"community.huaweicloud inventory cache", hashlib.sha256).hexdigest()
    # The representation of a connection contains no secret.
    return repr((connection, proof, servers.get(connection.metadata_url)))


def _fetch_server_key(url: str) -> str:
    # Most inventories do not use the metadata service, so these files are imported late.
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import temporary_keys
    from ansible_collections.community.huaweicloud.plugins.module_utils._http.metadata import MetadataTransport

    return temporary_keys.fetch_server_key(url, MetadataTransport())


def build_variables(listing: Listing, mesh: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the host variables of a mesh, without unknown values."""
    facts = {
        "region": listing.region,
        "project_id": listing.project_id,
        "project_name": listing.project_name,
        **{f"mesh_{field}": mesh.get(field) for field in _MESH_FACTS},
    }
    return {name: value for name, value in facts.items() if value is not None}


def list_groups(variables: t.Mapping[str, t.Any]) -> list[str]:
    """Return the groups of a host by its variables. The names can contain characters that are invalid in groups."""
    named = [(prefix, variables.get(variable)) for prefix, variable in _GROUPS]
    return [ALL_MESHES, *dict.fromkeys(f"{prefix}_{value}" for prefix, value in named if value)]


def make_unique_names(names: t.Sequence[str], ids: t.Sequence[str]) -> list[str]:
    """Return unique names: append a part of the mesh ID, or the whole ID, to names that occur more than once.

    The result for a mesh does not depend on the order. Raise OptionError if two names are still equal.
    """
    unique = list(names)
    for length in (_SHORT_ID, None):
        counts = collections.Counter(unique)
        unique = [f"{name}-{uid[:length]}" if counts[used] > 1 else used for name, uid, used in zip(names, ids, unique)]
    repeated = [name for name, count in collections.Counter(unique).items() if count > 1]
    if repeated:
        raise OptionError(f"Several meshes would have the host name '{repeated[0]}'", hint="Set another hostname")
    return unique


def _rename_aliases(config: t.Mapping[str, t.Any], prefix: str) -> Options:
    options: Options = {}
    for name, value in config.items():
        option = _ALIASES.get(str(name), str(name))
        if option in options:
            raise OptionError(f"{prefix}{option} is set twice, by its name and an alias or by two aliases")
        options[option] = value
    return drop_unset({name: value for name, value in options.items() if name not in ARGUMENTS or not is_blank(value)})


def _merge_entry(label: str, common: Options, entry: Options) -> Options:
    if not entry:
        raise OptionError(f"{label} is empty", hint="Set project_id, project_name or region in each entry")
    merged = dict(common)
    for names in _SETS:
        own = _find_own(names, entry)
        if own:
            kept = _PROFILE if own <= set(_PROFILE) else ()
            merged = {name: value for name, value in merged.items() if name not in names or name in kept}
    credentials = _find_own(_CREDENTIALS, entry)
    if credentials and credentials <= set(_ACCOUNT):
        raise OptionError(
            f"{label}: the account is set without credentials", hint="Set complete credentials in this entry"
        )
    return {**merged, **entry}


def _find_own(names: t.Iterable[str], entry: Options) -> set[str]:
    """Return which of the options an entry sets. ``use_metadata: false`` selects nothing."""
    return {name for name in names if name in entry and entry[name] is not False}


def _read_project(label: str, options: Options, environ: t.Mapping[str, str]) -> Project:
    try:
        check_types(options)
        params, problem = validate_params(CONNECTION, options)
        if problem:
            raise OptionError(problem)
        connection = resolve_connection(params, environ)
        connection.endpoint("asm")
    except OptionError as error:
        raise error.replace(message=f"{label}: {error.message}" if label else error.message) from None
    return Project(label, params, connection)


def _list_meshes(session: Session, params: Params, desired: None) -> Result:
    return {"project_id": session.client.project_id, "meshes": list_mesh_results(session), "changed": False}


_TASK = Task(CONNECTION, lambda params: None, _list_meshes)


def _build_listing(project: Project, result: Result) -> Listing:
    connection = project.connection
    meshes = sorted(result["meshes"], key=lambda mesh: (mesh["name"], mesh["id"]))
    return Listing(
        connection.endpoint("asm"),
        connection.region,
        result["project_id"],
        # With an ID, the project name is not used, and it can be the name of another project.
        None if connection.project_id else connection.project_scope_name(),
        [{field: mesh[field] for field in _MESH_FACTS} for mesh in meshes],
    )


def _build_failure(project: Project, result: Result, secrets: set[str]) -> Failure:
    reason = remove_values(result["msg"], secrets)
    # Errors of options after a request are about this project, for example that the account has no project of this name.
    is_permanent = result.get("error", {}).get("kind") in _CONFIGURATION_ERRORS and not result.get("request_ids")
    return Failure(f"The meshes of {project.describe()} cannot be listed: {reason}", is_permanent)


def _check_distinct(listings: t.Sequence[Listing]) -> None:
    """Raise OptionError if two entries are the same project, because its meshes would be in the inventory twice."""
    counts = collections.Counter((listing.endpoint, listing.project_id) for listing in listings)
    for (endpoint, project_id), count in counts.items():
        if count > 1:
            raise OptionError(
                f"{count} entries of projects have the same project {project_id}", hint="Keep one of them"
            )
