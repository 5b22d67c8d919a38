# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks in processes of their own, which can be killed, and two of which can run at once.

A server process that has everything imported forks them, so that one costs some milliseconds. What runs in them is what a module runs.
"""

from __future__ import annotations

import dataclasses
import http.client
import itertools
import multiprocessing
import os
import signal
import typing as t
from multiprocessing.connection import Connection
from unittest import mock

import requests
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._http import rate_limiter
from operations import FAST_RATE, Operation, TaskResult, call

# The moments of a request after which it can be killed: its last byte was sent, or its answer has arrived.
SENT, ANSWERED = "sent", "answered"
MOMENTS = (SENT, ANSWERED)
LONGEST = 300.0

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["requests", "jsonschema", "operations", "children"])


@dataclasses.dataclass(frozen=True)
class Killing:
    """Dies at that moment of the request of that number, counted from 0 over all threads."""

    request: int
    moment: str


class Child:
    """A task in a separate process. Its first ``unsent`` write requests find no connection."""

    def __init__(
        self,
        operation: Operation,
        environ: t.Mapping[str, str],
        settings: t.Mapping[str, t.Any],
        killing: Killing | None = None,
        unsent: int = 0,
    ) -> None:
        self._connection, theirs = _context.Pipe(duplex=False)
        self._process = _context.Process(
            target=_run, args=(theirs, operation, dict(environ), dict(settings), killing, unsent), daemon=True
        )
        self._process.start()
        theirs.close()

    def result(self) -> TaskResult | None:
        """Return the output, or None if the process was killed. Raise AssertionError for any other end, or if it does not end."""
        try:
            task_result = t.cast(TaskResult, self._connection.recv()) if self._connection.poll(LONGEST) else None
        except EOFError:
            task_result = None
        self._process.join(LONGEST)
        status = self._process.exitcode
        if status is None:
            self._process.kill()
        assert status == (0 if task_result else -signal.SIGKILL), f"the process ended with {status}"
        return task_result


def _run(
    connection: Connection,
    operation: Operation,
    environ: dict[str, str],
    settings: dict[str, t.Any],
    killing: Killing | None,
    unsent: int,
) -> None:
    if killing is not None:
        {SENT: _die_when_sent, ANSWERED: _die_when_answered}[killing.moment](killing.request)
    if unsent:
        _find_no_connection(unsent)
    with mock.patch.multiple(rate_limiter, **FAST_RATE):
        connection.send(call(operation, environ, settings))


def _find_no_connection(unsent: int) -> None:
    original, counter = requests.Session.send, itertools.count()

    def send(session: requests.Session, request: requests.PreparedRequest, **more: t.Any) -> requests.Response:
        if request.method != "GET" and next(counter) < unsent:
            raise requests.exceptions.ConnectTimeout("no connection, as the test wants it")
        return original(session, request, **more)

    requests.Session.send = send  # type: ignore[method-assign]


def _die_when_sent(request: int) -> None:
    original, counter = http.client.HTTPConnection.getresponse, itertools.count()

    def getresponse(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        _die_at(request, next(counter))
        return original(connection)

    http.client.HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]


def _die_when_answered(request: int) -> None:
    original, counter = _task.RequestsTransport.__call__, itertools.count()

    def answered(transport: t.Any, what: t.Any) -> t.Any:
        reply = original(transport, what)
        _die_at(request, next(counter))
        return reply

    _task.RequestsTransport.__call__ = answered  # type: ignore[method-assign]


def _die_at(request: int, number: int) -> None:
    if number == request:
        os.kill(os.getpid(), signal.SIGKILL)
