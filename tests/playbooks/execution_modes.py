# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the same play with local execution and as modules, and compare the results."""

from __future__ import annotations

import json
import re
import typing as t

from harness import Player, Run

_ID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|(?<=\bitest-probe-)[0-9a-f]{8}\b")
# Times as the collection returns them, and as ModelArts sends them in bodies that api_request returns as text and as data.
_TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|(?<=_time\\":)\d{13}|(?<=_time": )\d{13}')
# The hash of a plan depends on the IDs of the resources.
_HASH = re.compile(r"\bsha256:[0-9a-f]{64}\b")


class PlayerWithEnvironment(Player):
    """A player that adds variables to the environment of every run."""

    def __init__(self, play: Player, **environment: str) -> None:
        super().__init__(play.emulator, play.directory / "-".join(environment.values()))
        self.directory.mkdir()
        self._more = environment

    def run(self, playbook: t.Any, **options: t.Any) -> Run:
        return super().run(playbook, **{**options, "environment": {**self._more, **(options.get("environment") or {})}})


def run_in_both_modes(play: Player, run: t.Callable[[Player], Run]) -> tuple[Run, Run]:
    """Return a run with local execution and a run as modules. The emulator is reset before each of them."""
    runs = []
    for mode in ("1", "0"):
        play.emulator.reset()
        # The text of one message of ansible-core depends on the order of a set.
        variables = {"HW_IN_PROCESS": mode, "PYTHONHASHSEED": "0", "ANSIBLE_INJECT_INVOCATION": "true"}
        runs.append(run(PlayerWithEnvironment(play, **variables)))
    return runs[0], runs[1]


def assert_equal_runs(one: Run, other: Run) -> None:
    """Check that all tasks of two runs have equal results and equal requests."""
    assert len(one.records) == len(other.records)
    for here, there in zip(_normalize(one), _normalize(other)):
        # As text, pytest shows the difference by line.
        assert json.dumps(here, indent=1) == json.dumps(there, indent=1)
    for here, there in zip(one.records, other.records):
        # Results of a hidden loop do not show in all versions of ansible-core that it is a loop.
        if "results" not in here.result and "censored" not in here.result:
            assert [call["method"] for call in here.requests] == [call["method"] for call in there.requests], here.name


def _normalize(run: Run) -> list[list[t.Any]]:
    """Return the results of all tasks without times, and with a number instead of each ID."""
    requests = {call["request_id"] for record in run.records for call in record.requests}
    numbers: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return "request" if match.group() in requests else numbers.setdefault(match.group(), f"id-{len(numbers)}")

    results = [[record.name, record.action, record.status, record.result, record.warnings] for record in run.records]
    text = _HASH.sub("hash", _ID.sub(name, json.dumps(results, sort_keys=True)))
    text = _TIME.sub(lambda match: "0" if match.group().isdecimal() else "time", text)
    return [_remove_request_ids_of_items(record) for record in json.loads(text)]


def _remove_request_ids_of_items(record: list[t.Any]) -> list[t.Any]:
    # With local execution, the items of a loop share requests, so there are fewer.
    for result in record[3].get("results", []):
        assert set(result.get("request_ids", [])) <= {"request"}
        result.pop("request_ids", None)
    return record
