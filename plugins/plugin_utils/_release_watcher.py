# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Poll the releases of a mesh and put an event into a queue for each change of a phase: the event source asm_releases."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import logging
import os
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    MESH,
    ArgumentSpec,
    check_mesh,
    check_types,
    drop_unset,
    parse_number,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    HuaweiCloudError,
    LibraryError,
    OptionError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    get_mesh_id,
    resolve_mesh,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    get_release_list,
    release_to_result,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    open_session,
    validate_params,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_events import (
    Cursor,
    Event,
    detect_changes,
    read_cursor,
    start_cursor,
    write_cursor,
)

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import (
        MeshResult,
        ReleaseResult,
    )

ResultT = t.TypeVar("ResultT")
Sleep = t.Callable[[float], t.Awaitable[None]]

ARGUMENTS = CONNECTION.merge(
    MESH,
    ArgumentSpec(
        argument_spec={
            "namespace": {"type": "str"},
            "interval": {"type": "float", "default": 30.0},
            "state_path": {"type": "path"},
            "feedback": {"type": "bool", "default": False},
        }
    ),
)
# ansible-rulebook adds it to the arguments if feedback is true.
_FEEDBACK_QUEUE = "eda_feedback_queue"
# The longest time between two attempts after failures, in seconds
_MAX_DELAY = 600.0
# Errors that another attempt does not fix
_PERMANENT = (OptionError, AmbiguousError, LibraryError)

_LOG = logging.getLogger("community.huaweicloud.asm_releases")


class Queue(t.Protocol):
    """A queue of ansible-rulebook."""

    async def put(self, event: Event) -> None: ...


class FeedbackQueue(t.Protocol):
    """The queue in which ansible-rulebook confirms each event."""

    async def get(self) -> t.Any: ...


class ReleaseWatcher:
    """The changes of releases since the last confirmed poll. All methods block, so they must not run in the event loop."""

    def __init__(self, params: Params, environ: t.Mapping[str, str]) -> None:
        """Validate the options and read the cursor. Raise OptionError if something is invalid. Send nothing."""
        check_mesh(params)
        self.interval = parse_number(params, ARGUMENTS, "interval", positive=True)
        self._params = params
        self._namespace: str | None = params.get("namespace") or None
        self._path: str | None = params.get("state_path") or None
        self._session = _open_read_only_session(params, environ)
        self._mesh: MeshResult | None = None
        self._cursor = self._written = read_cursor(self._path) if self._path else None
        self._next: Cursor | None = None

    def poll(self) -> list[Event]:
        """Read the list of releases and return the events that must be sent. Call ``confirm`` when they have arrived.

        Raise HuaweiCloudError if the list is not complete. Then nothing counts as changed.
        """
        try:
            mesh = self._mesh or resolve_mesh(self._session, self._params)
            releases = self._list_releases(get_mesh_id(mesh))
        except HuaweiCloudError:
            # The name may belong to another mesh at the next attempt.
            self._mesh = None
            raise
        finally:
            self._session.client.request_ids.clear()
        self._mesh = mesh
        now = _format_now()
        if self._cursor is None:
            self._next = start_cursor(get_mesh_id(mesh), self._namespace, releases, now)
            self.confirm()
            return []
        self._check_target(self._cursor, get_mesh_id(mesh))
        events, self._next = detect_changes(self._cursor, mesh, releases, now)
        return events

    def confirm(self) -> None:
        """Count the events of the last poll as reported. Raise OptionError if the cursor cannot be written."""
        self._cursor = self._next or self._cursor
        if self._path and self._cursor and self._cursor != self._written:
            write_cursor(self._path, self._cursor)
            self._written = self._cursor

    def _list_releases(self, mesh_id: str) -> list[ReleaseResult]:
        listed = get_release_list(self._session, mesh_id).refresh().all()
        results = [release_to_result(raw, mesh_id) for raw in listed]
        return [result for result in results if self._namespace in (None, result["namespace"])]

    def _check_target(self, cursor: Cursor, mesh_id: str) -> None:
        if (cursor.mesh_id, cursor.namespace) != (mesh_id, self._namespace):
            raise OptionError(
                f"state_path: '{self._path}' belongs to mesh {cursor.mesh_id}, namespace {cursor.namespace or 'any'}, "
                f"and not to mesh {mesh_id}, namespace {self._namespace or 'any'}",
                hint="Set another path, or delete the file to report the changes from now on",
            )


def _open_read_only_session(params: Params, environ: t.Mapping[str, str]) -> Session:
    # In check mode, the transport refuses write requests.
    context = RunContext(environ, True, False, 0, _LOG.warning, lambda secrets: None)
    return open_session(resolve_connection(params, environ), params, context)


def _format_now() -> str:
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_arguments(arguments: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], FeedbackQueue | None]:
    """Return the options of the event source with defaults, and the queue for feedback. Raise OptionError if an option is invalid."""
    options = drop_unset({name: value for name, value in arguments.items() if name != _FEEDBACK_QUEUE})
    check_types(options)
    params, problem = validate_params(ARGUMENTS, options)
    if problem:
        raise OptionError(problem)
    return params, arguments.get(_FEEDBACK_QUEUE)


async def watch_releases(
    queue: Queue,
    arguments: t.Mapping[str, t.Any],
    environ: t.Mapping[str, str] | None = None,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Put an event for each change of a phase into the queue until the task is canceled.

    Arguments:
        queue: receives the events
        arguments: the options of the event source
        environ: environment variables with connection options; those of the process by default
        sleep: waits for a number of seconds

    Raises:
        HuaweiCloudError: an option is invalid, or the first poll shows that the mesh does not exist
    """
    params, feedback = parse_arguments(arguments)
    watcher = await _run_in_thread(lambda: ReleaseWatcher(params, os.environ if environ is None else environ))
    failures, started = 0, False
    while True:
        try:
            events = await _run_in_thread(watcher.poll)
            for event in events:
                await _deliver(event, queue, feedback)
            if feedback is None:
                # Without feedback, an event counts as reported if the process is still alive after the interval.
                await sleep(watcher.interval)
            await _run_in_thread(watcher.confirm)
            if feedback is not None:
                await sleep(watcher.interval)
            failures, started = 0, True
        except HuaweiCloudError as error:
            if not started and isinstance(error, _PERMANENT):
                raise
            failures += 1
            delay = _next_delay(watcher.interval, failures)
            _LOG.error("No events of releases: %s The next attempt is in %g seconds.", _end_sentence(str(error)), delay)
            await sleep(delay)


def _next_delay(interval: float, failures: int) -> float:
    """Return the seconds until the next attempt: they double with each failure, up to a limit."""
    return max(interval, min(_MAX_DELAY, interval * 2 ** min(failures, 16)))


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


async def _deliver(event: Event, queue: Queue, feedback: FeedbackQueue | None) -> None:
    await queue.put(event)
    if feedback is not None:
        await feedback.get()


async def _run_in_thread(function: t.Callable[[], ResultT]) -> ResultT:
    """Run a blocking function without blocking the event loop.

    The thread does not keep the process alive, so that a request that waits for its time-out does not delay the end of ansible-rulebook.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[ResultT] = loop.create_future()

    def finish(set_outcome: t.Callable[[], None]) -> None:
        if not future.done():
            set_outcome()

    def run() -> None:
        outcome: t.Callable[[], None]
        try:
            outcome = functools.partial(future.set_result, function())
        except BaseException as error:
            outcome = functools.partial(future.set_exception, error)
        # After the end of the event loop, nobody waits for the result.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, outcome)

    threading.Thread(target=run, name="asm_releases", daemon=True).start()
    return await future
