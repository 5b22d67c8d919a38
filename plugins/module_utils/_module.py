# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run a task: options in, results and errors out. This is the only file that uses AnsibleModule."""

from __future__ import annotations

import dataclasses
import os
import typing as t
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec, check_wait
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE, SystemClock, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import (
    Connection,
    misplaced_secrets,
    resolve_connection,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, LibraryError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import filter_redactable
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import RequestsTransport, read_only
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import converge
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Resource,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Waiter
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachePolicy,
    ListCache,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import is_loopback

# From this verbosity on, a result contains the kind and the source of the credentials.
_SHOW_SOURCE_VERBOSITY = 3
# Errors of Ansible's own validation, for very large numbers, values of another type, and deeply nested ones.
ARGSPEC_ERRORS = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
UNCHECKABLE_OPTIONS = "The options cannot be validated: one of them has a value of a wrong type, a number that is too large, or too many levels"

Result = dict[str, t.Any]


@t.runtime_checkable
class HasSecrets(t.Protocol):
    """Validated options that contain secrets, beside those of the connection."""

    def secrets(self) -> t.Iterable[str]:
        """Return the values that must not appear in results and messages."""


class Task(t.NamedTuple):
    """One module: its options, their validation, and its work."""

    arguments: ArgumentSpec
    # Raises OptionError for options that are always invalid. Its result is an argument of run.
    validate_options: t.Callable[[Params], t.Any]
    run: t.Callable[[Session, Params, t.Any], Result]


class StandaloneTask(t.NamedTuple):
    """One module that has no connection options of the cloud, and sends no requests to its services."""

    arguments: ArgumentSpec
    # Raises OptionError for options that are always invalid. Its result is an argument of run.
    validate_options: t.Callable[[Params], t.Any]
    run: t.Callable[[RunContext, Params, t.Any], Result]


def run_resource(session: Session, resource: Resource, key: str) -> Result:
    """Bring one resource into its desired state and return the result of the module. ``key`` is the key of the resource in it."""
    waiter = Waiter(session.wait_policy, session.clock, session.progress)
    outcome = converge(resource, waiter, check=session.check_mode)
    for warning in outcome.warnings:
        session.warn(warning)
    return {
        key: outcome.after,
        "changed": outcome.changed,
        "actions": actions_to_result(outcome.actions),
        "changed_fields": outcome.changed_fields,
        "diff": make_diff(resource, outcome),
    }


# The keys are the connection, and whether it is for check mode.
ClientCache = t.Dict[t.Tuple[Connection, bool], t.Tuple[Client, ListCache]]


@dataclasses.dataclass(frozen=True)
class RunContext:
    """How a task is run. A module and an action plugin get these values in different ways."""

    environ: t.Mapping[str, str]
    check_mode: bool
    diff_mode: bool
    verbosity: int
    warn: t.Callable[[str], None]
    # Receives the secrets to mask, also those that Ansible does not know.
    register_secrets: t.Callable[[t.Iterable[str]], None]
    progress: t.Callable[[str], None] = lambda text: None
    # Clients and lists that all items of a loop share, in the process that runs the loop.
    client_cache: t.Optional[ClientCache] = None


def run_module(task: Task | StandaloneTask) -> None:
    """Run a task as an Ansible module and end the process."""
    module = AnsibleModule(supports_check_mode=True, **task.arguments.kwargs())
    context = RunContext(
        os.environ, module.check_mode, module._diff, module._verbosity, module.warn, module.no_log_values.update
    )
    failed, result = run_task(task, module.params, context)
    if failed:
        module.fail_json(**result)
    module.exit_json(**result)


def validate_params(arguments: ArgumentSpec, options: Params) -> tuple[dict[str, t.Any], str | None]:
    """Return the options with defaults and converted values, and the error message if they are invalid."""
    try:
        found = ArgumentSpecValidator(**arguments.kwargs()).validate(dict(options))
    except ARGSPEC_ERRORS:
        return dict(options), UNCHECKABLE_OPTIONS
    return found.validated_parameters, "; ".join(map(_format_error, found.errors)) or None


def _format_error(error: t.Any) -> str:
    return f"unsupported parameters: {error.msg}" if isinstance(error, UnsupportedError) else error.msg


def run_task(task: Task | StandaloneTask, params: Params, context: RunContext) -> tuple[bool, Result]:
    """Run a task with validated options. Return whether it failed, and the result."""
    if isinstance(task, StandaloneTask):
        return _run_standalone_task(task, params, context)
    session: Session | None = None
    context.register_secrets(filter_redactable(misplaced_secrets(params)))
    try:
        desired = task.validate_options(params)
        if isinstance(desired, HasSecrets):
            context.register_secrets(filter_redactable(desired.secrets()))
        connection = resolve_connection(params, context.environ)
        # Ansible masks only the secrets in options, and not those from the environment.
        context.register_secrets(filter_redactable(connection.secrets()))
        session = open_session(connection, params, context)
        result = task.run(session, params, desired)
    except LibraryError as error:
        return True, dict(
            build_failure(error, session), msg=missing_required_lib(error.library), exception=error.traceback
        )
    except HuaweiCloudError as error:
        return True, build_failure(error, session)
    return result.pop("failed", False), build_result(
        result, session, diff_mode=context.diff_mode, verbosity=context.verbosity
    )


def _run_standalone_task(task: StandaloneTask, params: Params, context: RunContext) -> tuple[bool, Result]:
    try:
        result = task.run(context, params, task.validate_options(params))
    except LibraryError as error:
        message = missing_required_lib(error.library)
        return True, {**_build_standalone_failure(error), "msg": message, "exception": error.traceback}
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


def open_session(connection: Connection, params: Params, context: RunContext) -> Session:
    """Return a session with a real transport, which refuses write requests in check mode. Send nothing."""
    wait_policy = WaitPolicy()
    if "wait" in params:
        check_wait(params)
        wait_policy = WaitPolicy(params["wait"], params["wait_timeout"], params["wait_interval"])
    client, list_cache = _client_for(connection, context)
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
    _warn_about_plain_http(connection, session.warn)
    _warn_about_skipped_credentials(connection, session.warn)
    return session


def _client_for(connection: Connection, context: RunContext) -> tuple[Client, ListCache]:
    client_cache = {} if context.client_cache is None else context.client_cache
    key = connection, context.check_mode
    if key not in client_cache:
        transport = RequestsTransport(connection)
        client = Client(
            connection, read_only(transport) if context.check_mode else transport, ProjectIdentity(connection)
        )
        client_cache[key] = client, ListCache(SystemClock())
    return client_cache[key]


def build_result(result: Result, session: Session, *, diff_mode: bool, verbosity: int) -> Result:
    """Return the complete result of a successful task: with request IDs, and with a diff only in diff mode."""
    result = dict(result, request_ids=session.request_ids())
    if not diff_mode:
        result.pop("diff", None)
    if verbosity >= _SHOW_SOURCE_VERBOSITY:
        credentials = session.client.connection.credentials
        result["auth_source"] = {"kind": credentials.kind, "source": credentials.source}
    return result


def build_failure(error: HuaweiCloudError, session: Session | None) -> Result:
    """Return the result of a failed task, with the actions that were applied before."""
    return {
        "msg": str(error),
        "error": error.facts(),
        "changed": bool(error.actions),
        "actions": actions_to_result(error.actions),
        "request_ids": session.request_ids() if session else [],
    }


def actions_to_result(actions: t.Sequence[Action]) -> list[dict[str, t.Any]]:
    return [{"action": action.action, "fields": action.fields, "request_id": action.request_id} for action in actions]


def make_diff(resource: Resource, outcome: Outcome) -> dict[str, t.Any]:
    """Return the diff of what the plan changes. It is the same in check mode and after the change.

    What only the service knows of a new object, such as its ID, is not in it.
    """
    after = outcome.planned if outcome.changed else outcome.after
    before = outcome.before if outcome.changed else after
    old, new = (resource.diff_fields(result) if result else {} for result in (before, after))
    unknown = {field for field, value in new.items() if value is None} if new.get("id") is None else set()
    return {"before": _without_empty_keys(old), "after": _without_empty_keys(select_fields(new, unknown))}


def _without_empty_keys(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a result for a diff: a grant has only the keys that the task or the service set."""
    result = dict(result)
    if result.get("grants"):
        result["grants"] = [
            {key: value for key, value in grant.items() if value is not None} for grant in result["grants"]
        ]
    return result


def _warn_about_plain_http(connection: Connection, warn: t.Callable[[str], None]) -> None:
    for url in (connection.asm_endpoint, connection.modelarts_endpoint, connection.auth_url):
        parts = urlsplit(url or "")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            warn(
                f"The endpoint of {parts.hostname} uses plain HTTP: others on the network can read credentials and data. Use https."
            )


def _warn_about_skipped_credentials(connection: Connection, warn: t.Callable[[str], None]) -> None:
    credentials = connection.credentials
    if credentials.skipped:
        warn(f"Incomplete credentials have no effect: {'; '.join(credentials.skipped)}. {credentials.origin()}")
