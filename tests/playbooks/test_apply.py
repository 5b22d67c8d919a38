# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module apply against the emulator: number of requests, time limits and interruptions."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from expectations import check_quiet, check_request_ids
from harness import Player, Record, Run, control, defaults, task
from task_scenarios import a_release, a_workshop

SHORT_INTERVAL = {"wait_interval": 0.01, "wait_timeout": 20}
LISTS = ("meshes", "workspaces", "quotas", "workshops", "releases")


def apply(name: str, /, **options: t.Any) -> dict[str, t.Any]:
    return task("apply", name, **{**SHORT_INTERVAL, **options})


def named(names: t.Sequence[str], **fields: t.Any) -> list[dict[str, t.Any]]:
    return [{"name": name, **fields} for name in names]


def many(count: int, prefix: str = "team") -> list[str]:
    return [f"{prefix}-{number:03}" for number in range(count)]


def document() -> dict[str, t.Any]:
    """Return sixty resources of all kinds. Five workspaces have grants, and one has a quota."""
    internal = {"auth_type": "internal", "grants": [{"user_name": "alice"}]}
    quotas = [{"resource": "exemlProject.gpu_duration", "quota": 600}]
    return {
        "mesh_name": "demo-mesh",
        "workspaces": named(many(34), description="A team")
        + named(many(5, "closed"), **internal)
        + named(["limited"], quotas=quotas),
        "workshops": [a_workshop(name) for name in many(10, "demo")],
        "releases": [a_release(name) for name in many(10, "app")],
    }


def headers(record: Record) -> list[str]:
    return [diff["before_header"] for diff in record.result["diff"]]


def kinds_of(record: Record) -> dict[str, int]:
    """Return the number of requests by kind: ``GET workspaces`` for the list, ``GET one`` for one resource."""
    counts: collections.Counter[str] = collections.Counter()
    for call in record.requests:
        last = call["path"].rpartition("/")[2]
        counts[f"{call['method']} {last if last in LISTS else 'one'}"] += 1
    return dict(counts)


def plan(record: Record) -> dict[str, int]:
    return {name: number for name, number in record.result["plan"].items() if number and name != "hash"}


def brief(record: Record) -> list[tuple[str, str | None, bool, bool]]:
    return [
        (result["name"], result["action"], result["changed"], result["failed"]) for result in record.result["results"]
    ]


def lines(path: Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def workspaces(play: Player) -> list[str]:
    return sorted(
        found["name"] for found in play.emulator.stores()["workspaces"].values() if found["name"] != "default"
    )


class TestDocument:
    """Predict, create, keep and change sixty resources."""

    @pytest.fixture(scope="class")
    @classmethod
    def audit_log(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("audit_log") / "audit_log.jsonl"

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, audit_log: Path) -> Run:
        wanted, changed = document(), document()
        changed["workspaces"] = (
            changed["workspaces"][:3] + named(many(34)[3:20], description="Another") + changed["workspaces"][20:]
        )
        changed["releases"][0] = a_release("app-000", "2.0.1")
        patterns = {"workspaces": ["^(team|closed)-"], "workshops": ["demo-00[0-4]"]}
        tasks = [
            apply("predict", **wanted, audit_log=str(audit_log) + ".check", _check_mode=True),
            apply("create", **wanted, audit_log=str(audit_log)),
            apply("again", **wanted),
            apply("predict again", **wanted, _check_mode=True),
            apply("predict the change", **changed, _check_mode=True),
            apply("change", **changed),
            apply("prune", mesh_name="demo-mesh", workspaces=wanted["workspaces"][:1], prune=patterns),
        ]
        return shared_play(tasks, diff=True)

    def test_check_mode_reads_each_list_once(self, run: Run) -> None:
        # A desired quota is looked up among the default quotas.
        assert kinds_of(run["predict"]) == {
            "GET meshes": 1,
            "GET workspaces": 1,
            "GET workshops": 1,
            "GET releases": 1,
            "GET quotas": 1,
        }
        assert plan(run["predict"]) == plan(run["create"]) == {"to_create": 60}
        assert brief(run["predict"]) == brief(run["create"])
        assert (
            headers(run["predict"])
            == headers(run["create"])
            == [f"{item['kind']} {item['name']}" for item in run["create"].result["results"]]
        )
        assert run["predict"].result.keys() == run["create"].result.keys()

    def test_create_sends_one_request_per_resource(self, run: Run) -> None:
        record = run["create"]
        assert len(record.writes) == 61
        found = kinds_of(record)
        assert {key: number for key, number in found.items() if not key.startswith("GET")} == {
            "POST workspaces": 40,
            "POST workshops": 10,
            "POST releases": 10,
            "PUT quotas": 1,
        }
        assert found["GET meshes"] == 1
        # Lists verify the result. Releases need several polls until they run.
        assert found["GET workspaces"] <= 8
        assert found["GET releases"] <= 8
        # Grants were written for five, and the quota is read before and after it is set.
        assert found["GET one"] <= 5 * 7 + 1
        names = [item["name"] for kind in ("workspaces", "workshops") for item in document()[kind]]
        assert [result["name"] for result in record.result["results"]] == names + [
            f"default/{item['name']}" for item in document()["releases"]
        ]
        assert all(
            result["changed"] and not result["failed"] and result["resource"]["id"]
            for result in record.result["results"]
        )
        assert {result["resource"]["status"]["phase"] for result in record.result["results"][-10:]} == {"Running"}
        # The requests run in parallel, so their order is undefined.
        assert sorted(record.result["request_ids"]) == sorted(call["request_id"] for call in record.requests)

    def test_unchanged_resources_need_no_requests(self, run: Run) -> None:
        for name in ("again", "predict again"):
            check_quiet(run[name])
            assert plan(run[name]) == {"unchanged": 60}
            # Only desired grants and quotas are read.
            assert kinds_of(run[name]) == {
                "GET meshes": 1,
                "GET workspaces": 1,
                "GET workshops": 1,
                "GET releases": 1,
                "GET one": 5,
                "GET quotas": 1,
            }
            assert run[name].result["diff"] == []

    def test_only_changed_items_are_updated(self, run: Run) -> None:
        assert plan(run["predict the change"]) == plan(run["change"]) == {"to_update": 18, "unchanged": 42}
        assert brief(run["predict the change"]) == brief(run["change"])
        assert len(run["change"].writes) == 18
        assert {call["method"] for call in run["change"].writes} == {"PUT"}
        first = run["change"].result["diff"][0]
        assert (first["before_header"], first["before"]["description"], first["after"]["description"]) == (
            "workspace team-003",
            "A team",
            "Another",
        )
        assert headers(run["predict the change"]) == headers(run["change"])
        before = [[diff["before"] for diff in run[name].result["diff"]] for name in ("predict the change", "change")]
        assert before[0] == before[1]

    def test_prune_deletes_matching_unlisted_resources(self, run: Run) -> None:
        record = run["prune"]
        removed = [result["name"] for result in record.result["results"] if result["action"] == "delete"]
        assert sorted(removed) == sorted(many(34)[1:] + many(5, "closed") + many(5, "demo"))
        assert plan(record) == {"to_delete": 43, "unchanged": 1}
        assert {call["method"] for call in record.writes} == {"DELETE"}

    def test_audit_log_has_each_action(self, run: Run, audit_log: Path) -> None:
        assert not Path(f"{audit_log}.check").exists()
        assert stat.S_IMODE(audit_log.stat().st_mode) == 0o600
        found = lines(audit_log)
        events = {event: sum(line["event"] == event for line in found) for event in ("began", "sent", "done", "failed")}
        assert events == {"began": 60, "sent": 61, "done": 60, "failed": 0}
        sent = {line["request_id"] for line in found if line["event"] == "sent"}
        assert sent == {call["request_id"] for call in run["create"].writes}


@pytest.mark.in_process
def test_progress(play: Player) -> None:
    play.emulator.set(latency=0.12)
    tasks = [
        apply("create", workspaces=named(many(40)), parallel=2),
        apply("quiet", workspaces=named(many(3)), _vars={"huaweicloud_progress": False}),
    ]
    run = play(tasks)
    task_result = [line for line in run.stdout.splitlines() if line.startswith("plan: ") or " of 40: " in line]
    assert task_result[0] == "plan: 40 to create"
    assert len(task_result) >= 2
    assert " created, " in task_result[1] and "/s" in task_result[1]
    assert sum(line.startswith("plan: ") for line in task_result) == 1


@pytest.mark.parametrize("parallel", [1, 16])
def test_requests_run_in_parallel_up_to_the_limit(play: Player, parallel: int) -> None:
    """The benchmarks measure the speed."""
    latency = 0.2
    play.emulator.set(latency=latency)
    run = play([apply("create", workspaces=named(many(parallel + 3)), parallel=parallel)])
    arrived = [call["time"] for call in run["create"].writes]
    # A request that waits for an earlier response is delayed by this time.
    together = sum(1 for before, after in zip(arrived, arrived[1:]) if after - before < latency)
    assert (len(arrived), together > 0) == (parallel + 3, parallel > 1)


@pytest.mark.parametrize(
    "on_error, parallel", [("stop", 1), pytest.param("stop", 4, marks=pytest.mark.complete), ("continue", 4)]
)
def test_failed_action_stops_further_actions(play: Player, on_error: str, parallel: int) -> None:
    fault = {"kind": "status", "status": 403, "method": "POST", "path_regex": "workspaces$", "skip": 2}
    tasks = [
        control("POST", "faults", fault),
        apply("create", workspaces=named(many(30)), on_error=on_error, parallel=parallel),
    ]
    record = play(tasks, fails=True)["create"]
    failed = [result for result in record.result["results"] if result["failed"]]
    assert len(failed) == 1
    assert failed[0]["msg"].startswith(f"Failed to create workspace '{failed[0]['name']}'")
    done = sorted(result["name"] for result in record.result["results"] if result["changed"])
    assert done == workspaces(play)
    assert record.result["error"]["kind"] == "forbidden"
    assert record.changed
    if on_error == "continue":
        assert len(done) == 29
    else:
        assert len(done) < 29
        assert sum(result["msg"] == "not started" for result in record.result["results"]) == 29 - len(done)
    if parallel == 1:
        assert [result["changed"] for result in record.result["results"]] == [True] * 2 + [False] * 28
        check_request_ids(record)


def test_max_failures(play: Player) -> None:
    fault = {"kind": "status", "status": 403, "method": "POST", "path_regex": "workspaces$", "times": 9}
    run = play(
        [
            control("POST", "faults", fault),
            apply("create", workspaces=named(many(30)), on_error="continue", max_failures=3, parallel=1),
        ],
        fails=True,
    )
    assert [result["failed"] for result in run["create"].result["results"]] == [True] * 3 + [False] * 27
    assert workspaces(play) == []


def test_invalid_item_stops_everything(play: Player) -> None:
    items = [*named(many(3)), {"name": "team-x", "colour": "red"}]
    tasks = [
        apply("stop", workspaces=items, _ignore_errors=True),
        apply("go on", workspaces=items, on_error="continue", _ignore_errors=True),
    ]
    run = play(tasks)
    assert run["stop"].writes == []
    assert run["stop"].msg.startswith("Nothing was sent: workspaces[3] ('team-x'): unsupported parameters: colour")
    assert brief(run["go on"])[3] == ("team-x", None, False, True)
    assert workspaces(play) == many(3)


def check_results_match_emulator(play: Player, record: Record, count: int) -> set[str]:
    """Check that each result matches the emulator. Return the names of the items whose outcome was unknown at the timeout."""
    assert record.failed
    results = record.result["results"]
    assert [result["name"] for result in results] == many(count)
    done = [result["name"] for result in results if result["changed"]]
    unknown = {
        result["name"]
        for result in results
        if result["failed"] and "Whether it was created is not known" in result["msg"]
    }
    assert 0 < len(done) < count and len(unknown) <= 2
    assert set(done) <= set(workspaces(play)) <= {*done, *unknown}
    assert all(result["resource"]["id"] for result in results if result["changed"])
    assert {result["msg"] for result in results if not result["changed"] and result["name"] not in unknown} == {
        "not started"
    }
    assert record.changed
    assert record.result["plan"]["to_create"] == count
    return unknown


def test_timeout_option_returns_a_result(play: Player, tmp_path: Path) -> None:
    play.emulator.set(latency=0.05)
    audit_log = tmp_path / "audit_log"
    run = play(
        [apply("create", workspaces=named(many(400)), parallel=2, timeout=5, audit_log=str(audit_log))], fails=True
    )
    unknown = check_results_match_emulator(play, run["create"], 400)
    assert run["create"].msg.startswith("Not done within 5 s (timeout). ")
    assert run["create"].result["error"]["kind"] == "wait"
    sent = {line["name"] for line in lines(audit_log) if line["event"] == "sent"}
    assert set(workspaces(play)) <= sent <= {*workspaces(play), *unknown}


@pytest.mark.in_process
def test_timeout_keyword_returns_a_result(play: Player) -> None:
    """The keyword of Ansible ends a task without a result, so the module returns its result before."""
    play.emulator.set(latency=0.05)
    run = play([apply("create", workspaces=named(many(600)), parallel=2, _timeout=10)], fails=True)
    check_results_match_emulator(play, run["create"], 600)
    assert run["create"].msg.startswith("Not done within 9 s (timeout). ")


@pytest.mark.in_process
def test_stalled_response_does_not_lose_the_result(play: Player) -> None:
    """The task waits for a pending request only until its deadline."""
    fault = {"kind": "stall", "seconds": 600, "method": "POST", "path_regex": "workspaces$", "skip": 2}
    run = play(
        [control("POST", "faults", fault), apply("create", workspaces=named(many(6)), parallel=1, _timeout=10)],
        fails=True,
    )
    results = run["create"].result["results"]
    assert [result["changed"] for result in results] == [True, True, False, False, False, False]
    assert (
        "s that were left (timeout). It is unknown whether the request was applied: no list shows its effect yet. "
        "Rerun the task: it checks the actual state first." in results[2]["msg"]
    )
    assert [result["msg"] for result in results[3:]] == ["not started"] * 3


def test_throttling_by_the_service_fails_nothing(play: Player) -> None:
    play.emulator.set(rate_limit=10)
    run = play([apply("create", workspaces=named(many(60)))])
    record = run["create"]
    assert any(call["status"] == 429 for call in record.requests)
    assert not any(result["failed"] for result in record.result["results"])
    assert workspaces(play) == many(60)
    assert collections.Counter(call["status"] for call in record.writes if call["status"] != 429) == {200: 60}


def test_rate_limit_option_is_respected(play: Player) -> None:
    run = play([apply("create", workspaces=named(many(20)), rate_limit=5, parallel=16)])
    moments = [call["time"] for call in run["create"].requests]
    # A delayed request can reduce the distance to later ones. Without the limit, requests follow within milliseconds.
    assert moments[-1] - moments[0] >= (len(moments) - 1) / 5 / 2


# A shell ignores interrupts of background processes, and child processes inherit that.
HEEDED = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


class TestInterrupted:
    """Interrupt a run with Ctrl-C while it creates many resources."""

    @pytest.fixture(
        scope="class", params=["1", pytest.param("0", marks=pytest.mark.complete)], ids=["in process", "as a module"]
    )
    @classmethod
    def left(
        cls, request: pytest.FixtureRequest, shared_play: Player, tmp_path_factory: pytest.TempPathFactory
    ) -> tuple[Player, Path, int]:
        play, directory = shared_play, tmp_path_factory.mktemp("interrupted")
        play.emulator.reset()
        # All 1,000 requests would take two minutes, so the run is interrupted long before its end, even on a busy machine.
        play.emulator.set(latency=0.5)
        audit_log = directory / "audit_log"
        content = [
            {
                "name": "Test",
                "hosts": "localhost",
                "gather_facts": False,
                "module_defaults": defaults(),
                "tasks": [apply("create", workspaces=named(many(1000)), parallel=4, audit_log=str(audit_log))],
            }
        ]
        file = directory / "play.yml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        environment = play._environment(directory / "records", {"HW_IN_PROCESS": request.param})
        with (directory / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", HEEDED, str(Path(sys.executable).parent / "ansible-playbook"), str(file)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while process.poll() is None and not (
            audit_log.exists() and audit_log.read_text(encoding="ascii").count('"sent"') >= 20
        ):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(300)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return play, audit_log, process.returncode

    def test_audit_log_survives_a_kill(self, left: tuple[Player, Path, int]) -> None:
        play, audit_log, status = left
        assert status != 0
        found = lines(audit_log)
        begun = {line["name"] for line in found if line["event"] == "began"}
        sent = {line["name"] for line in found if line["event"] == "sent"}
        there = set(workspaces(play))
        assert 20 <= len(sent) < 1000
        # The log has the start of all existing resources, and all resources with a response exist.
        assert sent <= there <= begun
        assert len(begun - sent) <= 4

    def test_next_run_completes_the_work(self, left: tuple[Player, Path, int]) -> None:
        play, audit_log, status = left
        there = len(workspaces(play))
        play.emulator.set(latency=0)
        run = play([apply("create", workspaces=named(many(1000)))])
        found = plan(run["create"])
        assert found == {"to_create": 1000 - found["unchanged"], "unchanged": found["unchanged"]}
        # The emulator may have carried out the last requests of the interrupted run after the list was read.
        assert there <= found["unchanged"] <= there + 4
        assert workspaces(play) == many(1000)
