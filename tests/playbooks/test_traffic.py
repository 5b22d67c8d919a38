# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""asm_traffic and asm_traffic_info with the Kubernetes API of the emulator: their requests and their targets."""

from __future__ import annotations

import pytest
from harness import Emulator, Player, Run
from integration_targets import run_target

ISTIO = "/apis/networking.istio.io/v1/namespaces/shop"
VIRTUAL_SERVICE = f"PATCH {ISTIO}/virtualservices/reviews"
RULE = f"PATCH {ISTIO}/destinationrules/reviews"


def write_lines(run: Run, name: str) -> list[str]:
    return [f"{call['method']} {call['path']}" for call in run[name].writes]


class TestTraffic:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        return run_target(shared_play, "asm_traffic")

    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            ("Route a tenth", [f"POST {ISTIO}/destinationrules", VIRTUAL_SERVICE]),
            ("Route testers", [VIRTUAL_SERVICE]),
            ("Remove the gray version", [VIRTUAL_SERVICE, RULE]),
        ],
    )
    def test_only_the_first_real_run_writes(self, run: Run, step: str, expected: list[str]) -> None:
        assert write_lines(run, step) == expected
        for quiet in (f"{step} in check mode", f"{step} again in check mode", f"{step} again"):
            assert write_lines(run, quiet) == []

    def test_weights_are_written_with_tests_of_the_old_state(self, run: Run) -> None:
        operations = run["Route a tenth"].writes[1]["body"]
        assert [(operation["op"], operation["path"]) for operation in operations] == [
            ("test", "/metadata/resourceVersion"),
            ("test", "/spec/http"),
            ("replace", "/spec/http/0/route"),
        ]
        assert [entry["weight"] for entry in operations[-1]["value"]] == [90, 10]

    @pytest.mark.parametrize(
        "step",
        [
            "Refuse a version without pods",
            "Refuse equal versions",
            "Refuse an unknown context",
            "Refuse a Service that does not exist",
        ],
    )
    def test_refused_task_writes_nothing(self, run: Run, step: str) -> None:
        assert run[step].failed
        assert write_lines(run, step) == []

    def test_invalid_options_send_nothing(self, run: Run) -> None:
        assert run["Refuse equal versions"].sent == []
        assert run["Refuse an unknown context"].sent == []


class TestTrafficInfo:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        return run_target(shared_play, "asm_traffic_info")

    def test_info_only_reads(self, run: Run, server: Emulator) -> None:
        records = [record for record in run.modules() if record.action.endswith("asm_traffic_info")]
        assert len(records) == 4
        assert {call["method"] for record in records for call in record.requests} == {"GET"}
        assert run["Read its traffic"].sent == [
            "GET /api/v1/namespaces/shop/services/reviews",
            "GET /apis/networking.istio.io",
            "GET /apis/networking.istio.io/v1/virtualservices",
            "GET /apis/networking.istio.io/v1/destinationrules",
            "GET /api/v1/namespaces/shop/pods",
            "GET /api/v1/namespaces/shop/pods",
        ]
        assert run["Read its traffic"].sent == run["Read its traffic in check mode"].sent
        assert not any("pods" in line for line in run["Read its traffic without versions and pods"].sent)
