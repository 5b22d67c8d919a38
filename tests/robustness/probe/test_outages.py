# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each request is throttled, refused for an expired token, lost in an outage or answered by a portal. No finding changes for that."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import ProbeResponse
from harness import Emulator
from probe_run import USER, Interceptor, ProbeRun, Send, pass_through, respond, run_probe

KIND = "requests of the probe lost in an outage"

OUTAGES = {
    "outage": respond(503, {"error_code": "X.1", "error_msg": "unavailable"}),
    "throttle": respond(429, {"error_code": "APIGW.0308", "error_msg": "The throttling threshold has been reached"}),
    "token": respond(
        401, {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: token expires"}
    ),
    "page": respond(502, "<html>Bad gateway</html>"),
    "portal": respond(200, "<html>Please log in</html>"),
    "error in a success": respond(200, {"error_code": "X.1", "error_msg": "unavailable"}),
}
# With other behaviors, other requests are sent.
BEHAVIORS: dict[str, dict[str, t.Any]] = {
    "as assumed": {},
    "not as assumed": {
        "workspace_delete": "failed",
        "page_cap": 2,
        "workshop_delete_key": "uid",
        "release_key": "uid",
        "action_cancel": "terminate",
        "action_end": "finish",
        "traffic_precondition": "no",
        "terminated_releases": "stay",
        "content_type": "optional",
        "workshop_listed_after": 1,
        "gateway_prefix": "APIG",
        "project_header": "required",
    },
    # The filter only finds whole names, so a list of everything is required.
    "exact filter": {"workspace_name_part": "exact", "release_traffic": "gray", "workspace_delete": "immediate"},
}


def probe_with(emulator: Emulator, behaviors: str, probing: Interceptor = pass_through) -> ProbeRun:
    emulator.reset()
    emulator.seed(users=[USER])
    emulator.set(**BEHAVIORS[behaviors])
    return run_probe(emulator, probing)


def lose(number: int, outage: ProbeResponse) -> Interceptor:
    """Answer the request with that number by an outage, and also its repetitions while the probe waits."""
    count = itertools.count()
    lost: list[ProbeRequest] = []

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        position = next(count)
        if position == number or lost == [request]:
            lost[:] = [request]
            return outage
        lost.clear()
        return send()

    return intercept


def summarize(run: ProbeRun) -> dict[str, tuple[str, str | None]]:
    return {name: (entry["state"], entry["found"]) for name, entry in run.findings.items()}


def find_changes(
    emulator: Emulator, behaviors: str, undisturbed: ProbeRun, number: int, outage: str
) -> dict[str, t.Any]:
    """Return the findings that an outage changed to anything but inconclusive."""
    run = probe_with(emulator, behaviors, lose(number, OUTAGES[outage]))
    before = summarize(undisturbed)
    wrong = {
        name: (before[name], finding)
        for name, finding in summarize(run).items()
        if finding != before[name] and finding[1] is not None
    }
    return {f"{undisturbed.probed[number]} ({outage})": wrong} if wrong else {}


@pytest.mark.parametrize("behaviors", BEHAVIORS)
def test_outage_only_makes_findings_inconclusive(emulator: Emulator, tally: t.Any, whole: bool, behaviors: str) -> None:
    undisturbed = probe_with(emulator, behaviors)
    assert len(undisturbed.probed) > 50
    names = list(OUTAGES)
    # One kind of outage for each request. The representative part has every twelfth request.
    step = 1 if whole else 12
    cases = [
        (number, names[position % len(names)])
        for position, number in enumerate(range(0, len(undisturbed.probed), step))
    ]
    changes = [find_changes(emulator, behaviors, undisturbed, number, outage) for number, outage in cases]
    tally.add(KIND, len(changes), changes.count({}))
    assert [change for change in changes if change] == []
