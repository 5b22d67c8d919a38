# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each request of a complete probe fails once with each kind of outage. No finding changes except to "inconclusive"."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe import asm, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import INCONCLUSIVE, Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import ProbeResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.runner import RequestSender
from probed_cloud import ProbedCloud
from simulated_cloud import open_session

TEMPLATE = {
    "metadata": {"name": "reviews-v2"},
    "spec": {"template": {"spec": {"containers": [{"name": "reviews", "image": "reviews:1"}]}}},
}
RELEASE = {
    "namespace": "default",
    "service_name": "reviews",
    "cluster_id": "c-1",
    "deployment_name": "reviews-v1",
    "version": "v2",
    "template": TEMPLATE,
    "new_image": "reviews:2",
}
OPTIONS = ProbeOptions(
    "probe",
    "0a1b2c3d",
    workshop={"primary_cluster": "c-1", "elb_id": "e", "elb_ip": "192.0.2.1", "port": 80},
    release=RELEASE,
    cancel_actions=("cancel", "terminate"),
    end_actions=("end", "finish"),
)
OUTAGES = [
    (503, {"error_code": "X.1", "error_msg": "unavailable"}),
    (429, {"error_code": "APIGW.0308", "error_msg": "throttled"}),
    (401, {"error_code": "APIGW.0301", "error_msg": "token expires"}),
    # A portal on the way to the service, and an error with the status of a success.
    (200, "<html>Please log in</html>"),
    (201, {"errorCode": "X.1", "errorMsg": "unavailable"}),
    (302, ""),
    (404, "<!DOCTYPE html><title>Not found</title>"),
]


def probe(number=-1, outage=(0, "")):
    """Return the findings if the request with that number meets the outage, and the purposes of all requests."""
    sender = RequestSender(open_session(ProbedCloud(), False, {}, []))
    findings, purposes = Findings(), []
    text = outage[1] if isinstance(outage[1], str) else json.dumps(outage[1])

    def send(request):
        is_lost = len(purposes) == number
        purposes.append(request.purpose)
        return ProbeResponse(outage[0], text) if is_lost else sender.send(request)

    prober = Prober(send, lambda seconds: None, interval=0, tries=5)
    modelarts.probe(prober, OPTIONS, findings)
    asm.probe(prober, OPTIONS, findings)
    assumptions = findings.to_result(OPTIONS.services)
    return {entry["name"]: (entry["state"], entry["found"]) for entry in assumptions}, purposes


@pytest.fixture(scope="module")
def undisturbed():
    return probe()


def test_few_findings_are_inconclusive_without_outage(undisturbed):
    findings, purposes = undisturbed
    assert len(purposes) > 50
    assert sum(state == INCONCLUSIVE for state, found in findings.values()) < 14


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: str(outage[0]))
def test_outage_only_makes_findings_inconclusive(undisturbed, outage):
    expected, purposes = undisturbed
    for number, purpose in enumerate(purposes):
        findings, _purposes = probe(number, outage)
        wrong = {
            name: (expected[name], value)
            for name, value in findings.items()
            if value != expected[name] and value[0] != INCONCLUSIVE
        }
        assert wrong == {}, f"{number}: {purpose}"
