# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Complete runs of the probe against the emulator, without Ansible. Tests can intercept each request."""

from __future__ import annotations

import dataclasses
import functools
import json
import typing as t

import trial
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._probe import asm, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.cleanup import clean_up
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import ProbeResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.runner import RequestSender
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    open_session,
    validate_params,
)
from harness import Emulator

TRIES = 8
USER = "alice"
RELEASE = {**trial.RELEASE, "new_image": "registry.example.com/reviews:2"}
OPTIONS = ProbeOptions("probe", "0a1b2c3d", workshop=trial.WORKSHOP, release=RELEASE)

Send = t.Callable[[], ProbeResponse]
# Gets a request and the function that sends it. Can return another response, or send nothing.
Interceptor = t.Callable[[ProbeRequest, Send], ProbeResponse]


class ProbeRun(t.NamedTuple):
    """The findings of one run by name, the leftovers, and the purposes of the requests of probe and cleanup."""

    findings: dict[str, dict[str, t.Any]]
    leftovers: list[str]
    probed: list[str]
    cleaned: list[str]

    def found(self) -> dict[str, str | None]:
        return {name: entry["found"] for name, entry in self.findings.items()}


def pass_through(request: ProbeRequest, send: Send) -> ProbeResponse:
    """Send the request unchanged."""
    return send()


def run_probe(
    emulator: Emulator,
    probing: Interceptor = pass_through,
    cleaning: Interceptor = pass_through,
    **options: t.Any,
) -> ProbeRun:
    """Probe everything, then clean up."""
    given = dataclasses.replace(OPTIONS, **{"istio_connection": {"host": emulator.url}, **options})
    findings, sender = Findings(), open_sender(emulator)
    prober, probed = _build_prober(sender, probing, tolerant=False)
    if "modelarts" in given.services:
        modelarts.probe(prober, given, findings)
    if "asm" in given.services:
        asm.probe(prober, given, findings)
    cleaner, cleaned = _build_prober(sender, cleaning, tolerant=True)
    leftovers = clean_up(cleaner, given)
    return ProbeRun({entry["name"]: entry for entry in findings.to_result(given.services)}, leftovers, probed, cleaned)


def respond(status: int, content: t.Any = "") -> ProbeResponse:
    """Return a response that no service sent."""
    return ProbeResponse(status, content if isinstance(content, str) else json.dumps(content))


def open_sender(emulator: Emulator) -> RequestSender:
    """Return what sends requests of the probe to the emulator, without long delays before retries."""
    params, problem = validate_params(CONNECTION, {"retry_max_delay": 0.02})
    assert problem is None
    context = RunContext(
        emulator.environment(),
        check_mode=False,
        diff_mode=False,
        verbosity=0,
        warn=print,
        register_secrets=lambda secrets: None,
    )
    return RequestSender(open_session(resolve_connection(params, context.environ), params, context))


def _build_prober(sender: RequestSender, intercept: Interceptor, tolerant: bool) -> tuple[Prober, list[str]]:
    purposes: list[str] = []

    def send(request: ProbeRequest) -> ProbeResponse:
        purposes.append(request.purpose)
        return intercept(request, functools.partial(sender.send, request))

    return Prober(send, lambda seconds: None, interval=0, tries=TRIES, tolerant=tolerant), purposes


Condition = t.Callable[[ProbeRequest], bool]


def replace_response(matches: Condition, response: ProbeResponse) -> Interceptor:
    """Return ``response`` for matching requests, and do not send them."""
    return lambda request, send: response if matches(request) else send()


def change_response(change: t.Callable[[t.Any], None], matches: Condition) -> Interceptor:
    """Send all requests, and change the bodies of the successful responses to matching ones."""

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        response = send()
        if not (matches(request) and response.status == 200 and response.text):
            return response
        content = json.loads(response.text)
        change(content)
        return dataclasses.replace(response, text=json.dumps(content))

    return intercept


def has_purpose(*purposes: str) -> Condition:
    return lambda request: request.purpose in purposes


def has_method(method: str, service: str = "") -> Condition:
    return lambda request: request.method == method and service in ("", request.service)
