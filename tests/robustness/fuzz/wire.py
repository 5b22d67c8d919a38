# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks in this process with the real transport, simulated services in memory and a simulated clock.

What requests is asked to do is cut off where a connection would be opened. Everything above that is the collection's own.
"""

from __future__ import annotations

import contextlib
import io
import json
import traceback
import typing as t
from unittest import mock
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from ansible.module_utils import basic
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import SystemClock
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpRequest, HttpResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._module import run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    Task,
    run_task,
    validate_params,
)
from operations import TaskResult
from simulated_cloud import TOKENS, Cloud

SECRET = "canary-secret-of-fuzzing-0123456789"
ENVIRONMENT = {"HW_ACCESS_KEY": "FUZZING", "HW_SECRET_KEY": SECRET, "HW_PROJECT_ID": "p-1", "HW_REGION_NAME": "eu-de"}
LOGIN = {
    "HW_USER_NAME": "alice",
    "HW_USER_PASSWORD": SECRET,
    "HW_DOMAIN_NAME": "OTC1",
    "HW_PROJECT_ID": "p-1",
    "HW_REGION_NAME": "eu-de",
}
# More requests and seconds than any task needs, even with all retries.
MOST_CALLS = 500
_LONGEST = 1e11

Damage = t.Callable[[HttpRequest, t.Callable[[], HttpResponse]], HttpResponse]


class EndlessTask(BaseException):
    """A task sends too many requests or waits too long."""


class Wire:
    """Simulated services and the requests to them. ``damage`` can change each response."""

    def __init__(self, cloud: Cloud, damage: Damage = lambda call, do: do()) -> None:
        self.cloud = cloud
        self.calls: list[str] = []
        # The writes that the services processed.
        self.done: list[str] = []
        self._damage = damage

    @property
    def writes(self) -> list[str]:
        return [line for line in self.calls if not line.startswith("GET ") and not line.endswith(TOKENS)]

    def urlopen(
        self, method: str, url: str, body: t.Any = None, headers: t.Any = None, *, timeout: t.Any, **_more: t.Any
    ) -> urllib3.HTTPResponse:
        """Replace the method of urllib3. Refuse requests that http.client cannot write, and send the others to the cloud."""
        for text in (*(headers or {}).values(), *(headers or {})):
            (text if isinstance(text, bytes) else str(text).encode("latin-1")).decode("latin-1")
        url.encode("ascii")
        for seconds in (timeout.connect_timeout, timeout.read_timeout):
            _check_duration(seconds)
        parts = urlsplit(url)
        self.calls.append(f"{method} {parts.path}")
        if len(self.calls) > MOST_CALLS:
            raise EndlessTask(f"more than {MOST_CALLS} requests: {self.calls[-3:]}")
        call = HttpRequest(method, url, dict(headers or {}), body)
        reply = self._damage(call, lambda: self._send(call))
        return urllib3.HTTPResponse(
            io.BytesIO(reply.body), reply.headers, reply.status, preload_content=False, request_method=method
        )

    def _send(self, call: HttpRequest) -> HttpResponse:
        parts = urlsplit(call.url)
        if parts.path.endswith("/projects"):
            name = parse_qs(parts.query).get("name", ["eu-de"])[0]
            return HttpResponse(
                200,
                {"x-request-id": "req-projects"},
                json.dumps({"projects": [{"id": "p-1", "name": unquote(name)}]}).encode(),
            )
        try:
            reply = self.cloud(call)
        except (AssertionError, IndexError, KeyError, StopIteration, TypeError, AttributeError):
            return HttpResponse(
                400, {"x-request-id": "req-refused"}, b'{"error_code": "X.0001", "error_msg": "Nobody serves that."}'
            )
        if call.method != "GET" and parts.path != TOKENS and 200 <= reply.status < 300:
            self.done.append(f"{call.method} {parts.path}")
        return reply

    def sleep(self, seconds: float) -> None:
        _check_duration(seconds)
        self.cloud.clock.sleep(max(0.0, seconds))
        if self.cloud.clock.passed > _LONGEST:
            raise EndlessTask(f"waits for {self.cloud.clock.passed:g} s")

    @contextlib.contextmanager
    def patch_connections(self) -> t.Iterator[None]:
        """Replace connections and the clock while the context is active."""

        def urlopen(pool: t.Any, method: str, url: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
            return self.urlopen(method, url, *args, **kwargs)

        defaults = {"sleep": self.sleep, "monotonic": self.cloud.clock.monotonic}
        with (
            mock.patch.object(urllib3.HTTPConnectionPool, "urlopen", urlopen),
            mock.patch.object(SystemClock, "sleep", lambda clock, seconds: self.sleep(seconds)),
            mock.patch.object(SystemClock, "monotonic", lambda clock: self.cloud.clock.monotonic()),
            mock.patch.dict(t.cast("dict[str, t.Any]", Client.__init__.__kwdefaults__), defaults),
        ):
            yield


def _check_duration(seconds: float) -> None:
    """Refuse durations that the sleep function and sockets of the system refuse."""
    if not seconds < 2**33:
        raise OverflowError("timestamp too large to convert to C PyTime_t")


class Ran(t.NamedTuple):
    """The outcome of a task. ``refused``: Ansible's own validation refused the options."""

    task_result: TaskResult
    refused: bool = False


def run_in_process(
    task: Task, options: t.Mapping[str, t.Any], wire: Wire, environ: t.Mapping[str, str], *, check: bool = False
) -> Ran:
    """Run ``task`` as the action plugin does."""
    hidden: set[str] = set()
    try:
        with wire.patch_connections():
            params, problem = validate_params(task.arguments, options)
            if problem is not None:
                return Ran(TaskResult(True, {"msg": problem}), refused=True)
            failed, result = run_task(
                task, params, RunContext(environ, check, True, 0, lambda text: None, hidden.update)
            )
        json.dumps(result).encode("ascii")
    except (Exception, EndlessTask):
        return Ran(TaskResult(True, crash=traceback.format_exc()))
    return Ran(TaskResult(failed, result))


def run_as_module(
    task: Task, options: t.Mapping[str, t.Any], wire: Wire, environ: t.Mapping[str, str], *, check: bool = False
) -> Ran:
    """Run ``task`` as the module does, from arguments as text to printed text."""
    arguments = {
        "ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_verbosity": 3}
    }
    printed = io.StringIO()
    try:
        with (
            mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True),
            mock.patch.object(
                basic, "_ANSIBLE_ARGS", json.dumps(arguments, ensure_ascii=False).encode("utf-8", "replace")
            ),
            mock.patch.dict("os.environ", environ),
            wire.patch_connections(),
            contextlib.redirect_stdout(printed),
        ):
            run_module(task)
    except SystemExit:
        result = json.loads(printed.getvalue())
        return Ran(
            TaskResult(bool(result.get("failed")), result),
            refused=bool(result.get("failed")) and "error" not in result and "results" not in result,
        )
    except (Exception, EndlessTask):
        return Ran(TaskResult(True, crash=traceback.format_exc()))
    return Ran(TaskResult(True, crash="the module did not end"))
