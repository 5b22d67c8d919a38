# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The task of the module service_probe: probe the services, delete what was created, and report the findings."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._probe import asm, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.cleanup import clean_up
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import (
    REFUTED,
    Findings,
    count_states,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import NO_RESPONSE, ProbeResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session


class LeftoverError(HuaweiCloudError):
    """Resources of the run could not be deleted."""

    kind = "leftovers"


class RefutedError(HuaweiCloudError):
    """An assumption is refuted, and the user asked the task to fail."""

    kind = "refuted"


class RequestSender:
    """Sends requests unchanged with the client of a session, and remembers what they did. In check mode, it sends no writes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.has_created = False
        self.has_changed = False

    def send(self, request: ProbeRequest) -> ProbeResponse:
        """Return the response. Its status is 0 if none arrived; the error is then its ``failure``."""
        if request.writes and self._session.check_mode:
            return ProbeResponse(NO_RESPONSE, "not sent in check mode")
        # Even a create request without a response can have created a resource.
        self.has_created = self.has_created or request.method == "POST"
        client = self._session.client
        try:
            response, failure = client.request_raw(request.to_operation(client.project_id))
        except HuaweiCloudError as error:
            return ProbeResponse(NO_RESPONSE, f"no response: {error.message}", failure=error)
        self.has_changed = self.has_changed or (request.writes and failure is None)
        return ProbeResponse(
            response.status,
            client.redact(response.body.decode("utf-8", "replace")),
            client.connection.is_signed,
            failure,
        )


def run(session: Session, params: Params, options: ProbeOptions) -> dict[str, t.Any]:
    """Probe the services and return the findings.

    Created resources are deleted in any case. The task fails if a request got no response, or if a resource could not be deleted.
    With ``fail_on_difference``, it also fails if an assumption is refuted.
    """
    sender, findings = RequestSender(session), Findings()
    wait = {"interval": params["interval"], "tries": params["tries"]}
    failure: HuaweiCloudError | None = None
    leftovers: list[str] = []
    try:
        _probe_services(Prober(sender.send, session.clock.sleep, **wait), session, options, findings)
    except HuaweiCloudError as error:
        failure = error
    finally:
        if sender.has_created:
            session.progress("delete the resources of this run")
            leftovers = clean_up(Prober(sender.send, session.clock.sleep, tolerant=True, **wait), options)
    assumptions = findings.to_result(options.services)
    result = {
        "changed": options.creates_resources if session.check_mode else sender.has_changed,
        "name_prefix": options.base,
        "assumptions": assumptions,
        "counts": count_states(assumptions),
        "leftovers": leftovers,
    }
    refuted = [entry["name"] for entry in assumptions if entry["state"] == REFUTED]
    failures = _list_failures(failure, leftovers, refuted if params["fail_on_difference"] else [])
    if failures:
        result.update(failed=True, msg=" ".join(map(str, failures)), error=failures[0].facts(), actions=[])
    return result


def _probe_services(prober: Prober, session: Session, options: ProbeOptions, findings: Findings) -> None:
    if "modelarts" in options.services:
        session.progress("probe ModelArts")
        modelarts.probe(prober, options, findings)
    if "asm" in options.services:
        session.progress("probe ASM")
        asm.probe(prober, options, findings)


def _list_failures(
    failure: HuaweiCloudError | None, leftovers: list[str], refuted: list[str]
) -> list[HuaweiCloudError]:
    failures = [failure] if failure else []
    if leftovers:
        hint = "Delete them by hand."
        failures.append(LeftoverError(f"Failed to delete resources: {'; '.join(leftovers)}.", hint=hint))
    if refuted:
        failures.append(RefutedError(f"These assumptions are refuted: {', '.join(refuted)} (fail_on_difference)."))
    return failures
