# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run a task: options in, results and errors out. Modules and action plugins use it in the same way."""

from __future__ import annotations

import functools
import importlib.util
import typing as t
from urllib.parse import urlsplit

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    ArgumentSpec,
    check_wait,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE, SystemClock, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import (
    Connection,
    misplaced_secrets,
    resolve_connection,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import METADATA
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, LibraryError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import FixedIdentity, Identity
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import filter_redactable
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import RequestsTransport, read_only
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import converge
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Waiter
from ansible_collections.community.huaweicloud.plugins.module_utils._results import (
    Result,
    actions_to_result,
    build_failure,
    build_result,
    make_diff,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachePolicy,
    ListCache,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import IdentityCache, is_loopback

# Errors of Ansible's own validation, for very large numbers, values of another type, and deeply nested ones.
ARGSPEC_ERRORS = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
UNCHECKABLE_OPTIONS = "The options cannot be validated: one of them has a value of the wrong type, a number that is too large, or too many levels"


@t.runtime_checkable
class HasSecrets(t.Protocol):
    """Validated options that contain secrets, beside those of the connection."""

    def secrets(self) -> t.Iterable[str]:
        """Return the values that must not appear in results and messages."""


def find_no_secrets(params: Params) -> t.Iterable[str]:
    """Return nothing: all secret options of the task have no_log."""
    return ()


class Task(t.NamedTuple):
    """One module: its options, their validation, and its work."""

    arguments: ArgumentSpec
    # Raises OptionError for options that are always invalid. Its result is an argument of run.
    validate_options: t.Callable[[Params], t.Any]
    run: t.Callable[[Session, Params, t.Any], Result]
    # Returns the secrets in options without no_log, also those in invalid options.
    find_secrets: t.Callable[[Params], t.Iterable[str]] = find_no_secrets


class StandaloneTask(t.NamedTuple):
    """One module that has no connection options of the cloud, and sends no requests to its services."""

    arguments: ArgumentSpec
    # Raises OptionError for options that are always invalid. Its result is an argument of run.
    validate_options: t.Callable[[Params], t.Any]
    run: t.Callable[[RunContext, Params, t.Any], Result]
    # Returns the secrets in options without no_log, also those in invalid options.
    find_secrets: t.Callable[[Params], t.Iterable[str]] = find_no_secrets


class ClientCache:
    """The connections and clients that all items of a loop share, in the process that runs the loop."""

    def __init__(self) -> None:
        self._connections: dict[tuple[t.Any, ...], Connection] = {}
        self._warnings: dict[Connection, list[str]] = {}
        self._clients: dict[tuple[Connection, bool], tuple[Client, ListCache]] = {}

    def resolve_connection(self, params: Params, environ: t.Mapping[str, str]) -> Connection:
        """Return the connection for the options. The environment does not change during a loop."""
        key = tuple(params.get(option) for option in CONNECTION.argument_spec)
        if key not in self._connections:
            self._connections[key] = resolve_connection(params, environ)
        return self._connections[key]

    def find_warnings(self, connection: Connection) -> list[str]:
        """Return the warnings about a connection."""
        if connection not in self._warnings:
            self._warnings[connection] = [
                *_warn_about_plain_http(connection),
                *_warn_about_credentials(connection),
                *connection.credentials.warnings,
                *_warn_about_token_cache(connection),
            ]
        return self._warnings[connection]

    def get_client(self, connection: Connection, *, check_mode: bool) -> tuple[Client, ListCache]:
        """Return the client for a connection, and its cached lists. In check mode, the client refuses write requests."""
        key = connection, check_mode
        if key not in self._clients:
            require_jsonschema()
            transport = RequestsTransport(connection)
            client = Client(connection, read_only(transport) if check_mode else transport, _build_identity(connection))
            self._clients[key] = client, ListCache(SystemClock())
        return self._clients[key]


class RunContext(t.NamedTuple):
    """How a task is run. A module and an action plugin get these values in different ways."""

    environ: t.Mapping[str, str]
    check_mode: bool
    diff_mode: bool
    verbosity: int
    warn: t.Callable[[str], None]
    # Receives the secrets to mask, also those in options without no_log.
    register_secrets: t.Callable[[t.Iterable[str]], None]
    progress: t.Callable[[str], None] = lambda text: None
    # Only for the items of a loop.
    client_cache: t.Optional[ClientCache] = None


def run_resource(session: Session, resource: Resource, key: str, *, lists_not_compared: bool = False) -> Result:
    """Bring one resource into its desired state and return the result of the module.

    ``key`` is the key of the resource in it. With ``lists_not_compared``, the result also lists the fields that were not compared.
    """
    waiter = Waiter(session.wait_policy, session.clock, session.progress)
    outcome = converge(resource, waiter, check=session.check_mode)
    for warning in outcome.warnings:
        session.warn(warning)
    return {
        key: outcome.after,
        "changed": outcome.changed,
        "actions": actions_to_result(outcome.actions),
        "changed_fields": list(outcome.changed_fields),
        "diff": make_diff(resource, outcome),
        **({"not_compared": list(outcome.not_compared)} if lists_not_compared else {}),
    }


_validators: IdentityCache[ArgumentSpec, ArgumentSpecValidator] = IdentityCache(
    lambda arguments: ArgumentSpecValidator(**arguments.kwargs())
)


def get_validator(arguments: ArgumentSpec) -> ArgumentSpecValidator:
    """Return Ansible's validator for options. It is made once, because it takes longer to make than to use."""
    return _validators.get(arguments)


def validate_params(arguments: ArgumentSpec, options: Params) -> tuple[dict[str, t.Any], str | None]:
    """Return the options with defaults and converted values, and the error message if they are invalid."""
    try:
        found = get_validator(arguments).validate(dict(options))
    except ARGSPEC_ERRORS:
        return dict(options), UNCHECKABLE_OPTIONS
    return found.validated_parameters, "; ".join(map(_format_error, found.errors)) or None


def _format_error(error: t.Any) -> str:
    return f"unsupported parameters: {error.msg}" if isinstance(error, UnsupportedError) else error.msg


def run_task(task: Task | StandaloneTask, params: Params, context: RunContext) -> tuple[bool, Result]:
    """Run a task with validated options. Return whether it failed, and the result."""
    context.register_secrets(filter_redactable(task.find_secrets(params)))
    if isinstance(task, StandaloneTask):
        return _run_standalone_task(task, params, context)
    session: Session | None = None
    context.register_secrets(filter_redactable(misplaced_secrets(params)))
    try:
        desired = task.validate_options(params)
        if isinstance(desired, HasSecrets):
            context.register_secrets(filter_redactable(desired.secrets()))
        client_cache = context.client_cache or ClientCache()
        connection = client_cache.resolve_connection(params, context.environ)
        # Ansible masks only the secrets in options, and not those from the environment.
        context.register_secrets(filter_redactable(connection.secrets()))
        session = open_session(connection, params, context, client_cache)
        result = task.run(session, params, desired)
    except LibraryError as error:
        return True, dict(build_failure(error, session), **_describe_missing_library(error))
    except HuaweiCloudError as error:
        return True, build_failure(error, session)
    return result.pop("failed", False), build_result(
        result, session, diff_mode=context.diff_mode, verbosity=context.verbosity
    )


def _run_standalone_task(task: StandaloneTask, params: Params, context: RunContext) -> tuple[bool, Result]:
    try:
        result = task.run(context, params, task.validate_options(params))
    except LibraryError as error:
        return True, {**_build_standalone_failure(error), **_describe_missing_library(error)}
    except HuaweiCloudError as error:
        return True, _build_standalone_failure(error)
    if not context.diff_mode:
        result.pop("diff", None)
    return result.pop("failed", False), result


def _build_standalone_failure(error: HuaweiCloudError) -> Result:
    """Return the result of a failed task without the IDs of requests to the services, and with actions only if there are some."""
    result = build_failure(error, None)
    del result["request_ids"]
    if not result["actions"]:
        del result["actions"]
    return result


def _describe_missing_library(error: LibraryError) -> Result:
    from ansible.module_utils.basic import missing_required_lib

    return {"msg": missing_required_lib(error.library), "exception": error.traceback}


def open_session(
    connection: Connection, params: Params, context: RunContext, client_cache: ClientCache | None = None
) -> Session:
    """Return a session with a real transport, which refuses write requests in check mode. Send nothing."""
    wait_policy = WaitPolicy()
    if "wait" in params:
        check_wait(params)
        wait_policy = WaitPolicy(params["wait"], params["wait_timeout"], params["wait_interval"])
    client_cache = client_cache or ClientCache()
    client, list_cache = client_cache.get_client(connection, check_mode=context.check_mode)
    session = Session(
        client,
        check_mode=context.check_mode,
        wait_policy=wait_policy,
        warn=context.warn,
        progress=context.progress,
        list_cache=list_cache,
        cache_policy=CachePolicy(0.0 if context.client_cache is None else LIST_MAX_AGE),
        first_request=len(client.request_ids),
    )
    client.warn = session.warn
    for warning in client_cache.find_warnings(connection):
        session.warn(warning)
    return session


def _build_identity(connection: Connection) -> Identity:
    if connection.agency or connection.credentials.kind == METADATA:
        return _build_temporary_identity(connection)
    if connection.project_id and connection.credentials.kind != "password":
        return FixedIdentity(connection)
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam

    if connection.token_cache and connection.shares_tokens:
        from ansible_collections.community.huaweicloud.plugins.module_utils._api.token_cache import TokenCache

        return iam.ProjectIdentity(connection, cache=TokenCache(connection.token_cache, connection, iam.TOKEN_KEYS))
    return iam.ProjectIdentity(connection)


def _build_temporary_identity(connection: Connection) -> Identity:
    """Return the identity of an agency or of a server, which has temporary keys."""
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import temporary_keys
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.token_cache import TokenCache
    from ansible_collections.community.huaweicloud.plugins.module_utils._http.metadata import MetadataTransport

    cache = None
    if connection.token_cache and connection.shares_tokens:
        cache = TokenCache(connection.token_cache, connection, temporary_keys.CREDENTIAL_KEYS)
    return temporary_keys.build_identity(connection, MetadataTransport, cache)


@functools.cache
def require_jsonschema() -> None:
    """Raise LibraryError if jsonschema is missing. It is only imported for a value that does not match its schema."""
    if importlib.util.find_spec("jsonschema") is None:
        raise LibraryError("The Python library jsonschema is needed, and it is not installed.", library="jsonschema")


def _warn_about_plain_http(connection: Connection) -> list[str]:
    urls = (connection.asm_endpoint, connection.modelarts_endpoint, connection.auth_url)
    parts = [urlsplit(url or "") for url in urls]
    return [
        f"The endpoint of {part.hostname} uses plain HTTP: others on the network can read credentials and data. Use https."
        for part in parts
        if part.scheme == "http" and not is_loopback(part.hostname or "")
    ]


def _warn_about_credentials(connection: Connection) -> list[str]:
    credentials = connection.credentials
    skipped = "; ".join(credentials.skipped)
    return [f"Incomplete credentials have no effect: {skipped}. {credentials.origin()}"] if skipped else []


def _warn_about_token_cache(connection: Connection) -> list[str]:
    if not (connection.token_cache and connection.shares_tokens):
        return []
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.token_cache import explain_unsafe_directory

    reason = explain_unsafe_directory(connection.token_cache)
    return [f"The directory '{connection.token_cache}' (token_cache) is not used: {reason}."] if reason else []
