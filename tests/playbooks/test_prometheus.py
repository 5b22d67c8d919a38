# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module canary_analysis with a real Prometheus. Needs the program ``prometheus``; the tests are skipped without it."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from harness import Player, Run, task

PROGRAM = shutil.which("prometheus")
START_TIMEOUT = 300.0
# Two series, from a server that scrapes nothing.
TWO = '(label_replace(vector(1), "a", "1", "", "") or label_replace(vector(2), "a", "2", "", ""))'
# A query for each reason that does not depend on the network.
REASONS = {
    "within_limits": "vector(0.25)",
    "above_max": "vector(0.75)",
    "empty_result": "no_such_series",
    "nan": "vector(0) / 0",
    "infinite": "vector(1) / 0",
    "several_series": TWO,
    "not_a_number": '"text"',
}

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="prometheus is not installed")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[str]:
    """Yield the URL of a Prometheus that scrapes nothing."""
    directory = tmp_path_factory.mktemp("prometheus")
    config = directory / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1s}\n", encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        str(PROGRAM),
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address={address}",
        "--web.route-prefix=/prometheus",
    ]
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    url = f"http://{address}/prometheus"
    try:
        wait_until_ready(url, process, directory / "output")
        yield url
    finally:
        process.terminate()
        process.wait(START_TIMEOUT)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        with (
            contextlib.suppress(urllib.error.URLError),
            urllib.request.urlopen(f"{url}/-/ready", timeout=300) as response,
        ):
            assert response.status == 200
            return
        assert time.monotonic() < deadline, output.read_text(errors="replace")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
        assert process.poll() is None, output.read_text(errors="replace")


def analysis(title: str, url: str, *metrics: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    """One task without waiting."""
    quick = {
        "samples": 1,
        "interval": "10ms",
        "scrape_interval": "10ms",
        "initial_delay": "0",
        "propagation_seconds": 0,
    }
    return task("canary_analysis", title, prometheus_url=url, metrics=list(metrics), **{**quick, **options})


def metric(query: str, **options: t.Any) -> dict[str, t.Any]:
    return {"name": "m", "query": query, "max": 0.5, **options}


class TestAnalysis:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, prometheus: str, shared_play: Player) -> Run:
        base, _slash, _prefix = prometheus.rpartition("/")
        compared = metric("vector(0.25)", baseline_query="vector(0.2)", max_ratio=1.5)
        counted = metric("no_such_series", requests_query="vector(100)", min_requests=100, empty_value=0)
        ranged = metric("vector(0.25)", query_type="range", window="100ms")
        tasks = [
            *(analysis(reason, prometheus, metric(query)) for reason, query in REASONS.items()),
            analysis("baseline", prometheus, compared),
            analysis("empty value", prometheus, counted),
            analysis("range", prometheus, ranged, initial_delay="200ms"),
            analysis("long query", prometheus, metric(" + ".join(["vector(0.0001)"] * 300))),
            analysis("query_rejected", prometheus, metric("sum("), _ignore_errors=True),
            analysis("query_failed", prometheus, metric(f"{TWO} / on() {TWO}"), _ignore_errors=True),
            analysis("not_prometheus", base, metric("vector(1)"), _ignore_errors=True),
        ]
        return shared_play(tasks)

    @pytest.mark.parametrize("reason", REASONS)
    def test_reason(self, run: Run, reason: str) -> None:
        (found,) = run[reason].result["metrics"]
        assert found["reason"] == reason

    @pytest.mark.parametrize("title", ["baseline", "empty value", "range", "long query"])
    def test_passed(self, run: Run, title: str) -> None:
        assert run[title].result["verdict"] == "passed"

    def test_values(self, run: Run) -> None:
        (compared,) = run["baseline"].result["metrics"][0]["samples"]
        (counted,) = run["empty value"].result["metrics"][0]["samples"]
        assert (compared["value"], compared["baseline"]) == (0.25, 0.2)
        assert (counted["value"], counted["requests"]) == (0, 100)

    @pytest.mark.parametrize(
        ("title", "kind", "status", "code"),
        [
            ("query_rejected", "query_rejected", 400, "bad_data"),
            ("query_failed", "query_failed", 422, "execution"),
            ("not_prometheus", "not_prometheus", 404, None),
        ],
    )
    def test_error(self, run: Run, title: str, kind: str, status: int, code: str | None) -> None:
        error = run[title].result["error"]
        assert (error["kind"], error["status"], error["code"]) == (kind, status, code)
