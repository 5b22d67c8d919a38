# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import sys

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import TransportError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus import client, runner
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import parse_metrics
from ansible_collections.community.huaweicloud.plugins.module_utils._task import RunContext, run_task
from ansible_collections.community.huaweicloud.plugins.modules import canary_analysis
from fake_clock import FakeClock
from fake_prometheus import HTML, FakePrometheus, failure, vector
from simulated_cloud import Cloud, run_main

URL = "http://127.0.0.1:9090"
OPTIONS = {
    "prometheus_url": URL,
    "metrics": [{"name": "errors", "query": "q", "max": 0.5}],
    "samples": 2,
    "initial_delay": "0",
}
SECRETS = {"prometheus_username": "canary", "prometheus_password": "CANARY-password"}


@pytest.fixture
def prometheus(monkeypatch):
    """``prometheus(**answers)`` replaces the server and the clock of the module, and returns the server."""

    def replace(**answers):
        server = FakePrometheus(**answers)
        monkeypatch.setattr(client, "RequestsTransport", lambda settings: server)
        monkeypatch.setattr(runner, "SystemClock", FakeClock)
        return server

    return replace


@pytest.fixture
def main(monkeypatch, capsys):
    """``main(**options)`` runs the module and returns what it prints."""
    return lambda check_mode=False, diff=False, **options: run_main(
        Cloud(), canary_analysis.main, {**OPTIONS, **options}, monkeypatch, capsys, check_mode=check_mode, diff=diff
    )


def run_here(**options):
    """Return the result with all warnings and lines of progress, without the process of a module."""
    given = {option: spec.get("default") for option, spec in runner.ARGUMENTS.argument_spec.items()}
    warnings, lines = [], []
    context = RunContext({}, False, False, 0, warnings.append, lambda secrets: None, lines.append)
    failed, result = run_task(canary_analysis.TASK, {**given, **OPTIONS, **options}, context)
    return failed, result, warnings, lines


@pytest.mark.parametrize("check_mode", [False, True])
def test_module_never_reports_a_change(prometheus, main, check_mode):
    server = prometheus(q=0.25)
    result = main(check_mode=check_mode, diff=True)
    assert {name: result[name] for name in result if name not in ("invocation",)} == {
        "changed": False,
        "verdict": "passed",
        "reason": "All metrics are within their limits.",
        "metrics": [
            {
                "name": "errors",
                "verdict": "passed",
                "reason": "within_limits",
                "message": "0.25 is within the limits",
                "samples": [
                    {
                        "time": f"2026-03-01T12:0{minute}:00.000Z",
                        "value": 0.25,
                        "baseline": None,
                        "requests": None,
                        "verdict": "passed",
                        "reason": "within_limits",
                        "message": "0.25 is within the limits",
                    }
                    for minute in range(2)
                ],
            }
        ],
    }
    # The check, and two samples.
    assert [request.method for request in server.requests] == ["GET"] * 3


def test_task_succeeds_with_each_verdict(prometheus, main):
    prometheus(q=0.75)
    assert main()["verdict"] == "failed"
    prometheus(q=None)
    result = main()
    assert (result["verdict"], result.get("failed", False)) == ("inconclusive", False)
    prometheus(q="NaN")
    assert main()["metrics"][0]["samples"][0]["value"] is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(400, "bad_data", "parse error"), "query_rejected"),
        (failure(422, "execution", "many-to-many"), "query_failed"),
        (HTML, "not_prometheus"),
        (failure(401, "unauthorized", "no"), "unauthorized"),
    ],
)
def test_permanent_failure_of_the_first_query_fails_the_task(prometheus, main, answer, kind):
    server = prometheus(q=answer)
    result = main()
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, kind)
    assert result["msg"].startswith(f"query of metric 'errors': Failed to query Prometheus at {URL}: ")
    assert set(result) - {"invocation", "exception"} == {"failed", "changed", "msg", "error"}
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(TransportError("no connection"), "unreachable"), (failure(503, "unavailable", "starting"), "unavailable")],
)
def test_temporary_failure_is_left_to_the_samples(prometheus, answer, reason):
    prometheus(q=answer)
    failed, result, _warnings, lines = run_here()
    assert (failed, result["verdict"], result["metrics"][0]["reason"]) == (False, "inconclusive", reason)
    assert lines[0].startswith("the check of the queries failed: query of metric 'errors': Failed to query Prometheus")
    prometheus(q=[answer, 0.1, 0.1])
    assert run_here()[1]["verdict"] == "passed"


def test_warnings_of_the_check(prometheus):
    prometheus(q=vector((1, "1"), (1, "2")))
    _failed, result, warnings, _lines = run_here()
    assert warnings == ["query of metric 'errors': the result has 2 series instead of one."]
    assert result["metrics"][0]["reason"] == "several_series"


@pytest.mark.parametrize(
    ("url", "credentials", "count"),
    [
        ("http://prometheus.example.com", SECRETS, 1),
        ("http://prometheus.example.com", {}, 0),
        ("https://prometheus.example.com", SECRETS, 0),
        ("http://127.0.0.1:9090", SECRETS, 0),
        ("http://localhost:9090", SECRETS, 0),
    ],
)
def test_warning_about_credentials_over_plain_http(prometheus, url, credentials, count):
    prometheus(q=0.1)
    text = (
        "prometheus.example.com is queried over plain HTTP: others on the network can read the credentials. Use https."
    )
    assert run_here(prometheus_url=url, **credentials)[2] == [text] * count


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": []}, "metrics: at least one metric is required"),
        (
            {"metrics": [{"name": "a", "query": "a"}], "samples": 0},
            "metrics[0]: one of the following is required: min, max, max_ratio, max_difference; samples: must be between 1 and 1000",
        ),
        (
            {"metrics": [{"name": "a", "query": "rate(a[5m])", "max": 1}], "initial_delay": "1m", "interval": "10s"},
            "interval: must not be shorter than scrape_interval (30s); metrics[0]: the query reads the last 5m, but the pause and "
            "initial_delay together are only 1m, so it would include values from before the change",
        ),
        (
            {"metrics": [{"name": "a", "query": "a", "min": 2, "max": 1}]},
            "metrics[0].min: must not be greater than max",
        ),
        (
            {"prometheus_url": "https://user:CANARY@prometheus.example.com"},
            "prometheus_url must not contain credentials. Set prometheus_username and prometheus_password instead, "
            "and change a password that was in a URL.",
        ),
    ],
)
def test_invalid_options_are_refused_before_the_first_request(prometheus, main, options, message):
    server = prometheus(q=0.1)
    result = main(**options)
    assert (result["failed"], result["msg"]) == (True, message)
    assert result["error"]["kind"] == "options"
    assert server.requests == []
    assert "CANARY" not in json.dumps({**result, "invocation": None})


def test_secrets_do_not_appear(prometheus, main):
    prometheus(q=failure(400, "bad_data", "the password CANARY-password is wrong"))
    result = main(**SECRETS)
    assert "CANARY" not in json.dumps(result)
    assert "the password ******** is wrong" in result["msg"]


def test_missing_library(main, monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    result = main()
    assert (result["failed"], result["error"]["kind"]) == (True, "library")
    assert result["msg"].startswith("Failed to import the required Python library (requests)")


EXAMPLES = [
    task["community.huaweicloud.canary_analysis"]
    for task in yaml.safe_load(canary_analysis.EXAMPLES)
    if "community.huaweicloud.canary_analysis" in task
]


@pytest.mark.parametrize("options", EXAMPLES)
def test_examples(monkeypatch, options):
    metrics = parse_metrics(options["metrics"])
    server = FakePrometheus(**{query: 100 for metric in metrics for query in metric.queries().values()})
    # A share of errors, and a latency like that of the baseline.
    server.answers.update({metric.query: [0.001] for metric in metrics if metric.max == 0.01})
    server.answers.update({metric.query: [1] for metric in metrics if metric.max == 2.5})
    server.answers.update({metric.baseline_query: [1] for metric in metrics if metric.baseline_query})
    monkeypatch.setattr(client, "RequestsTransport", lambda settings: server)
    monkeypatch.setattr(runner, "SystemClock", FakeClock)
    failed, result, warnings, _lines = run_here(**{**dict.fromkeys(OPTIONS), **options})
    assert (failed, result["verdict"], warnings) == (False, "passed", [])
