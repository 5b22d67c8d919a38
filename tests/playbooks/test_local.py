# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbooks that need no account: the emulator from start to stop, and the checks of the quick start.

The quick start as a whole is what ``make quickstart`` runs.
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import subprocess
import tempfile
import typing as t
import urllib.request
from pathlib import Path

import pytest
import yaml
from harness import COLLECTION, ROOT, Emulator, Player, Run
from play_results import PlayResult, attempt, split
from task_scenarios import MESH, release, template, workspace

EMULATOR, QUICKSTART = f"{COLLECTION}.emulator", f"{COLLECTION}.quickstart"
NOWHERE = "http://127.0.0.1:9"

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def command_lines() -> list[str]:
    """Return the command lines of all running processes. A zombie has none."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def names(facts: t.Mapping[str, t.Any]) -> list[str]:
    """Return the names of the workspaces of an emulator."""
    with _DIRECT.open(f"{facts['control_url']}/snapshot", timeout=300) as answer:
        return sorted(record["name"] for record in json.load(answer)["stores"]["workspaces"].values())


def sourced(path: Path) -> dict[str, str]:
    """Return the HW variables of a shell after it has read the file."""
    done = subprocess.run(
        ["sh", "-c", '. "$1"; env', "sh", str(path)], env={}, capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in done.stdout.splitlines() if line.startswith("HW_"))
    return {name: value for name, _equals, value in pairs}


@dataclasses.dataclass
class Life:
    """The runs of the playbook, and observations between them."""

    directory: Path
    runs: dict[str, Run] = dataclasses.field(default_factory=dict)
    facts: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    seen: dict[str, t.Any] = dataclasses.field(default_factory=dict)


GIVEN: dict[str, t.Any] = {
    "emulator_behaviors": {"gone_after": 1},
    "emulator_seed": {"meshes": [{"name": "demo-mesh"}], "behaviors": {"latency": 0}},
}
OTHERS = {
    **GIVEN,
    "emulator_behaviors": {"gone_after": 0},
    "emulator_seed": {**GIVEN["emulator_seed"], "workshops": ["demo"]},
}
# Invalid variables with their messages.
MISTAKES: dict[str, tuple[dict[str, t.Any], str]] = {
    "a mistyped switch": ({"emulator_behaviors": {"gone_aftr": 1}}, "unknown behavior: gone_aftr"),
    "a mistyped seed": (
        {"emulator_seed": {"workspace": ["team"]}},
        "seed: unknown key workspace (known: applications, behaviors, cluster_objects, cluster_tokens, "
        "credentials, keys, meshes, metrics, projects, prometheus_credentials, releases, series, users, workshops, workspaces)",
    ),
}


class TestEmulator:
    @pytest.fixture(scope="class")
    @classmethod
    def life(cls, shared_play: Player) -> Life:
        directory = shared_play.directory / "my cloud"
        life = Life(directory)

        def run(name: str, state: str, more: t.Mapping[str, t.Any] | None = None, **options: t.Any) -> None:
            # If a test fails, the emulator ends with this process.
            variables = {
                "emulator_directory": str(directory),
                "emulator_state": state,
                "emulator_parent_pid": os.getpid(),
                **(more or GIVEN),
            }
            life.runs[name] = shared_play.run(EMULATOR, variables=variables, verbosity=3, diff=True, **options)

        run("predicted", "started", check=True)
        life.seen["after check mode"] = directory.exists()
        run("started", "started")
        life.facts = json.loads((directory / "ready.json").read_text(encoding="utf-8"))
        life.seen["modes"] = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (directory, directory / "env", directory / "ready.json", directory / "seed.json")
        }
        life.seen["environment"] = sourced(directory / "env")
        run("started again", "started")
        run("some given", "started", more={"emulator_behaviors": GIVEN["emulator_behaviors"]})
        run("others given", "started", more=OTHERS, fails=True)
        run("unknown key", "started", more={"emulator_seed": {"meshes": [{"name": "a", "cluster": []}]}}, fails=True)
        life.seen["again"] = json.loads((directory / "ready.json").read_text(encoding="utf-8"))
        life.runs["used"] = shared_play([workspace("make a workspace")], environment=life.seen["environment"])
        life.seen["used"] = names(life.facts)
        run("reset", "reset", environment={"http_proxy": NOWHERE, "HTTP_PROXY": NOWHERE})
        life.seen["reset"] = names(life.facts)
        run("stopped", "stopped")
        life.seen["left"] = sorted(path.name for path in directory.iterdir())
        life.seen["processes"] = [line for line in command_lines() if str(directory / "ready.json") in line]
        run("stopped again", "stopped")
        run("reset of nothing", "reset", fails=True)
        for name, (more, _why) in MISTAKES.items():
            run(name, "started", more=more, fails=True)
        life.seen["left after mistakes"] = sorted(path.name for path in directory.iterdir())
        life.seen["processes after mistakes"] = [
            line for line in command_lines() if str(directory / "ready.json") in line
        ]
        return life

    def test_check_mode_starts_nothing(self, life: Life) -> None:
        assert life.seen["after check mode"] is False
        assert "Show how to use the emulator" not in [
            record.name for record in life.runs["predicted"].records if record.status == "ok"
        ]

    def test_start(self, life: Life) -> None:
        assert life.runs["started"]["Start the server"].status == "changed"
        assert life.runs["started"]["Show how to use the emulator"].result["msg"] == [
            f"The emulator is available at {life.facts['url']} (process ID {life.facts['pid']}).",
            f"Control plane: {life.facts['control_url']}",
            f"Use it with the collection: source {life.directory}/env",
            "Stop it: ansible-playbook community.huaweicloud.emulator -e emulator_state=stopped",
        ]

    def test_files_with_keys_are_private(self, life: Life) -> None:
        assert life.seen["modes"] == {"my cloud": 0o700, "env": 0o600, "ready.json": 0o600, "seed.json": 0o600}

    def test_second_start_changes_nothing(self, life: Life) -> None:
        assert [record.name for record in life.runs["started again"].records if record.changed] == []
        assert life.seen["again"] == life.facts
        assert (
            life.runs["started again"]["Show how to use the emulator"].result["msg"]
            == life.runs["started"]["Show how to use the emulator"].result["msg"]
        )

    def test_running_emulator_with_other_values_is_reported(self, life: Life) -> None:
        """The message names the difference. Settings that are not requested can differ."""
        assert [record.name for record in life.runs["some given"].records if record.changed] == []
        (failed,) = [record for record in life.runs["others given"].records if record.failed]
        assert failed.msg == (
            f"The emulator in {life.directory} was started with different values for: behaviors, workshops. "
            "Stop it first (emulator_state=stopped), or set another emulator_directory."
        )

    def test_unknown_key_of_seed_rejected_if_emulator_runs(self, life: Life) -> None:
        (failed,) = [record for record in life.runs["unknown key"].records if record.failed]
        assert failed.msg == (
            "The values of emulator_seed or emulator_behaviors are invalid: meshes[0]: unknown key cluster "
            "(known: clusters, id, name, phase, project_id, project_name, spec, version)"
        )

    @pytest.mark.parametrize("name", MISTAKES)
    def test_failed_start_has_a_reason(self, life: Life, name: str) -> None:
        (failed,) = [record for record in life.runs[name].records if record.failed]
        assert failed.msg == f"The emulator did not start: {MISTAKES[name][1]} (log: {life.directory}/emulator.log)"
        assert life.seen["processes after mistakes"] == []
        # The variables can contain credentials.
        assert "seed.json" not in life.seen["left after mistakes"]
        assert life.runs[name]["Start the server"].changed is False

    def test_environment_file(self, life: Life) -> None:
        found = life.facts["credentials"]
        assert life.seen["environment"] == {
            "HW_ACCESS_KEY": found["access_key"],
            "HW_SECRET_KEY": found["secret_key"],
            "HW_PROJECT_ID": found["project_id"],
            "HW_REGION_NAME": found["region"],
            **dict.fromkeys(("HW_AUTH_URL", "HW_ASM_ENDPOINT", "HW_MODELARTS_ENDPOINT"), life.facts["url"]),
        }

    def test_emulator_can_be_used(self, life: Life) -> None:
        assert life.runs["used"]["make a workspace"].status == "changed"
        assert life.seen["used"] == ["default", "team"]

    def test_reset(self, life: Life) -> None:
        """This also works if a proxy is configured for other hosts."""
        assert life.runs["reset"]["Reset the emulator"].status == "changed"
        assert life.seen["reset"] == ["default"]

    def test_stop(self, life: Life) -> None:
        assert life.runs["stopped"]["Stop the emulator"].status == "changed"
        assert life.seen["processes"] == []
        assert not {"env", "ready.json", "seed.json"} & set(life.seen["left"])

    def test_second_stop_changes_nothing(self, life: Life) -> None:
        assert [record.name for record in life.runs["stopped again"].records if record.changed] == []

    def test_reset_without_emulator_fails(self, life: Life) -> None:
        failed = [record for record in life.runs["reset of nothing"].records if record.failed]
        assert [record.msg for record in failed] == [
            f"No emulator with a control plane runs from {life.directory}. Start one with emulator_state=started and emulator_control=true."
        ]

    def test_no_secret_on_the_terminal(self, life: Life) -> None:
        for name, run in life.runs.items():
            for secret in ("secret_key", "password"):
                assert life.facts["credentials"][secret] not in run.output, name


def test_emulator_variables_of_other_types_are_refused(play: Player) -> None:
    wrong = {
        "emulator_state": "running",
        "emulator_directory": ["/tmp"],
        "emulator_port": "http",
        "emulator_control": "perhaps",
        "emulator_behaviors": "gone_after=1",
        "emulator_seed": [],
        "emulator_start_timeout": 0,
    }
    run = play.run(EMULATOR, variables=wrong, fails=True)
    assert run["Validate the variables"].msg == (
        "Nothing was sent. emulator_state must be one of started, stopped, reset; emulator_directory must be text, it is a list; "
        "emulator_port must be a whole number, it is text; emulator_control must be true or false, it is text; "
        "emulator_behaviors must be a mapping, it is text; emulator_seed must be a mapping, it is a list; "
        "emulator_start_timeout must be greater than 0."
    )


STORY: dict[str, dict[str, t.Any]] = {
    one["name"]: one
    for one in yaml.safe_load((ROOT / "playbooks" / "tasks" / "quickstart.yml").read_text(encoding="utf-8"))
}
TRUTH = STORY["Check that the prediction was right, and that the second run changed nothing"]
NOTHING_LEFT = STORY["Check that the second promotion changed nothing"]
TOO_EARLY = STORY["Try to promote the releases while the original versions receive the traffic"]
REMEMBER = STORY["Keep the prediction"]

STEP = "create workspace team: name"
RESULTS: dict[str, t.Any] = {
    "quickstart_predicted": [STEP],
    "quickstart_applied": [STEP],
    "quickstart_second_run": [],
    "quickstart_requests_of_prediction": {"all": 3, "writing": 0},
    "quickstart_requests_of_run": {"all": 9, "writing": 2},
    "quickstart_requests_of_second_run": {"all": 12, "writing": 2},
}
LIES: dict[str, dict[str, t.Any]] = {
    "something else was done": {"quickstart_applied": ["update workspace team: name"]},
    "more was done": {"quickstart_applied": [STEP, STEP]},
    "nothing was predicted": {"quickstart_predicted": [], "quickstart_applied": []},
    "check mode wrote": {"quickstart_requests_of_prediction": {"all": 3, "writing": 1}},
    "it was done again": {"quickstart_second_run": [STEP]},
    "something was written again": {"quickstart_requests_of_second_run": {"all": 12, "writing": 3}},
}


def results(*actions: list[str]) -> dict[str, t.Any]:
    """Return a result of apply about releases with these actions."""
    return {"results": [{"kind": "release", "actions": [{"action": one} for one in made]} for made in actions]}


PROMOTED = {"quickstart_promotion": results(["promote"]), "quickstart_promotion_again": results([])}
NOT_PROMOTED: dict[str, dict[str, t.Any]] = {
    "it was canceled": {"quickstart_promotion": results(["cancel"])},
    "one was not promoted": {"quickstart_promotion": results(["promote"], [])},
    "it was promoted again": {"quickstart_promotion_again": results(["promote"])},
}


def document(**mesh: str) -> dict[str, t.Any]:
    return {"loaded_desired_state": {**mesh, "releases": [{"namespace": "default", "name": "canary"}]}}


def traffic(gray: int) -> dict[str, t.Any]:
    return {
        "name": "Move the traffic",
        "emulator": {
            "method": "PUT",
            "path": "traffic",
            "body": {"namespace": "default", "service": "reviews", "gray": gray},
        },
    }


class TestQuickstart:
    """Run the checks of the quick start with results that they must accept or refuse."""

    @pytest.fixture(scope="class")
    @classmethod
    def stages(cls, shared_play: Player) -> dict[str, PlayResult]:
        seen = {
            "emulator_control_url": shared_play.emulator.control_url,
            "quickstart_run": {
                "results": [
                    {
                        "kind": "workspace",
                        "name": "team",
                        "actions": [
                            {"action": "create", "fields": ["name", "grants"]},
                            {"action": "update", "fields": ["quotas.a"]},
                        ],
                    },
                    {"kind": "workspace", "name": "old", "actions": []},
                    {
                        "kind": "release",
                        "name": "default/canary",
                        "actions": [{"action": "create", "fields": ["name"]}],
                    },
                ]
            },
        }
        tasks: list[dict[str, t.Any]] = []
        for name, lie in {"the truth": {}, **LIES}.items():
            tasks += attempt(name, {**TRUTH, "vars": {**RESULTS, **lie}})
        for name, other in {"promoted": {}, **NOT_PROMOTED}.items():
            tasks += attempt(name, {**NOTHING_LEFT, "vars": {**PROMOTED, **other}})
        tasks += attempt("invalid", release("run a release"), {**TOO_EARLY, "vars": document(**MESH)})
        tasks += attempt("refused for another reason", {**TOO_EARLY, "vars": document(mesh_name="no-such-mesh")})
        tasks += attempt("not refused", traffic(100), {**TOO_EARLY, "vars": document(**MESH)})
        # The last one, because facts have precedence over variables.
        tasks += attempt("memory", {**REMEMBER, "vars": {**REMEMBER["vars"], **seen}})
        return split(shared_play(tasks))

    def test_quickstart_facts(self, stages: dict[str, PlayResult]) -> None:
        facts = stages["memory"][REMEMBER["name"]].result["ansible_facts"]
        assert facts["quickstart_predicted"] == [
            "create workspace team: name, grants",
            "update workspace team: quotas.a",
            "create release default/canary: name",
        ]
        sent = {
            "all": sum(len(one.requests) for one in stages.values()),
            "writing": sum(len(one.writes) for one in stages.values()),
        }
        assert {name: int(number) for name, number in facts["quickstart_requests_of_prediction"].items()} == sent
        assert sent["writing"] == 4

    @pytest.mark.parametrize("name", ["the truth", "promoted", "invalid"])
    def test_valid_results_are_accepted(self, stages: dict[str, PlayResult], name: str) -> None:
        assert stages[name].failed == []

    @pytest.mark.parametrize("name", [*LIES, *NOT_PROMOTED, "refused for another reason", "not refused"])
    def test_wrong_results_are_refused(self, stages: dict[str, PlayResult], name: str) -> None:
        assert len(stages[name].failed) == 1

    def test_wrong_result_is_reported(self, stages: dict[str, PlayResult]) -> None:
        (failed,) = stages["something else was done"].failed
        assert (
            failed.msg
            == f"Predicted ['{STEP}'], applied ['update workspace team: name'], applied by the second run []."
        )

    def test_refusal_comes_from_the_service(self, stages: dict[str, PlayResult]) -> None:
        """A refused promotion was requested, and a promotion that was not refused was applied."""
        called = {
            name: stages[name][TOO_EARLY["name"]] for name in ("invalid", "refused for another reason", "not refused")
        }
        # By ID and by name, because 400 can mean that the service does not accept one of them.
        assert [call["status"] for call in called["invalid"].writes] == [400, 400]
        assert called["refused for another reason"].writes == []
        assert [call["status"] for call in called["not refused"].writes] == [200]

    def test_failure_leaves_no_files(self, play: Player, emulator: Emulator, tmp_path: Path) -> None:
        """The emulator is always stopped, and a failed quick start prints no success."""
        path = tmp_path / "site.yml"
        wrong = template()
        del wrong["spec"]["selector"]
        one = {
            "namespace": "default",
            "name": "canary",
            "service_name": "reviews",
            "cluster_id": "some",
            "deployment_name": "reviews-v1",
            "version": "v2",
        }
        desired = {"mesh_name": "some-mesh", "releases": [{**one, "gray_deployments": [{"template": wrong}]}]}
        path.write_text(yaml.safe_dump(desired), encoding="utf-8")
        # Ansible creates a socket in it. Its path has at most 107 characters, and the directories of tests can be longer.
        with tempfile.TemporaryDirectory(prefix="hc-") as place:
            run = play.run(
                QUICKSTART, variables={"desired_state_file": str(path)}, environment={"TMPDIR": place}, fails=True
            )
            left = os.listdir(place)
        failed = [record for record in run.records if record.failed]
        assert [record.name for record in failed] == ["Predict the changes in check mode"], run.output
        assert "selector" in failed[0].msg
        assert [record.status for record in run.named("Stop the emulator")] == ["ok", "changed"], (
            "the role, and its task"
        )
        assert left == []
        assert [line for line in command_lines() if str(place) in line] == []
        assert "Summarize the quick start" not in [record.name for record in run.records]
        assert failed[0].status == "failed"
        assert emulator.request_log() == [], "another emulator was used"
