# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Sending the requests of the probes, and waiting for their effects."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import NO_RESPONSE, ProbeResponse

# A resource whose create request got no response can be listed late. So it only counts as absent after this many complete lists.
LIST_CHECKS = 3

Condition = t.Callable[[ProbeResponse], bool]


class Prober:
    """Sends requests one after the other.

    ``send`` sends one request and never raises. ``interval`` is in seconds, ``tries`` is the maximum number of checks of one wait.
    A prober that is ``tolerant`` continues without a response; the others raise the failure of the request.
    """

    def __init__(
        self,
        send: t.Callable[[ProbeRequest], ProbeResponse],
        sleep: t.Callable[[float], None],
        *,
        interval: float,
        tries: int,
        tolerant: bool = False,
    ) -> None:
        self._send = send
        self._sleep = sleep
        self._interval = interval
        self._tries = tries
        self._tolerant = tolerant

    def send(self, request: ProbeRequest) -> ProbeResponse:
        """Send one request. Raises HuaweiCloudError if no response arrives."""
        return self.send_all([request])[0]

    def send_all(self, requests: t.Iterable[ProbeRequest]) -> list[ProbeResponse]:
        """Send independent requests. Raises the first failure after all were sent, so that one lost response does not hide the others."""
        responses = [self._send(request) for request in requests]
        self._check_received(responses)
        return responses

    def poll(self, request: ProbeRequest, is_done: Condition) -> ProbeResponse:
        """Repeat a request until ``is_done`` accepts its response or the service refuses it. Return the last response."""
        return self._repeat(request, lambda response: not response.accepted or is_done(response))

    def poll_list(self, request: ProbeRequest, is_found: Condition, checks: int = LIST_CHECKS) -> ProbeResponse:
        """Repeat a list request until it shows what ``is_found`` looks for, at most ``checks`` complete responses."""
        readable = 0

        def is_done(response: ProbeResponse) -> bool:
            nonlocal readable
            readable += 1
            return readable >= checks or is_found(response)

        return self._repeat(request, is_done)

    def _repeat(self, request: ProbeRequest, is_done: Condition) -> ProbeResponse:
        response = self._send(request)
        for _check in range(self._tries - 1):
            if not response.is_transient and is_done(response):
                break
            self._sleep(self._interval)
            response = self._send(request)
        self._check_received([response])
        return response

    def _check_received(self, responses: t.Iterable[ProbeResponse]) -> None:
        if self._tolerant:
            return
        for response in responses:
            if response.status == NO_RESPONSE and response.failure is not None:
                raise response.failure
