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
UNREACHABLE_PROXY = "http://127.0.0.1:9"

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


def list_workspace_names(facts: t.Mapping[str, t.Any]) -> list[str]:
    """Return the names of the workspaces of an emulator."""
    with _DIRECT.open(f"{facts['control_url']}/snapshot", timeout=300) as response:
        return sorted(record["name"] for record in json.load(response)["stores"]["workspaces"].values())


def source_environment(path: Path) -> dict[str, str]:
    """Return the HW variables of a shell after it has read the file."""
    done = subprocess.run(
        ["sh", "-c", '. "$1"; env', "sh", str(path)], env={}, capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in done.stdout.splitlines() if line.startswith("HW_"))
    return {name: value for name, _equals, value in pairs}


@dataclasses.dataclass
class EmulatorRuns:
    """The runs of the playbook, and observations between them."""

    directory: Path
    runs: dict[str, Run] = dataclasses.field(default_factory=dict)
    facts: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    observed: dict[str, t.Any] = dataclasses.field(default_factory=dict)


SETTINGS: dict[str, t.Any] = {
    "emulator_behaviors": {"gone_after": 1},
    "emulator_seed": {"meshes": [{"name": "demo-mesh"}], "behaviors": {"latency": 0}},
}
OTHER_SETTINGS = {
    **SETTINGS,
    "emulator_behaviors": {"gone_after": 0},
    "emulator_seed": {**SETTINGS["emulator_seed"], "workshops": ["demo"]},
}
# Invalid variables with their messages.
INVALID_SETTINGS: dict[str, tuple[dict[str, t.Any], str]] = {
    "a mistyped switch": ({"emulator_behaviors": {"gone_aftr": 1}}, "unknown behavior: gone_aftr"),
    "a mistyped seed": (
        {"emulator_seed": {"workspace": ["team"]}},
        "seed: unknown key workspace (known: agencies, applications, behaviors, cluster_objects, cluster_tokens, "
        "credentials, keys, meshes, metrics, projects, prometheus_credentials, releases, series, users, workshops, workspaces)",
    ),
}


class TestEmulator:
    @pytest.fixture(scope="class")
    @classmethod
    def emulator_runs(cls, shared_play: Player) -> EmulatorRuns:
        directory = shared_play.directory / "my cloud"
        emulator_runs = EmulatorRuns(directory)

        def run(name: str, state: str, more: t.Mapping[str, t.Any] | None = None, **options: t.Any) -> None:
            # If a test fails, the emulator ends with this process.
            variables = {
                "emulator_directory": str(directory),
                "emulator_state": state,
                "emulator_parent_pid": os.getpid(),
                **(more or SETTINGS),
            }
            emulator_runs.runs[name] = shared_play.run(EMULATOR, variables=variables, verbosity=3, diff=True, **options)

        run("predicted", "started", check=True)
        emulator_runs.observed["after check mode"] = directory.exists()
        run("started", "started")
        emulator_runs.facts = json.loads((directory / "ready.json").read_text(encoding="utf-8"))
        emulator_runs.observed["modes"] = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (directory, directory / "env", directory / "ready.json", directory / "seed.json")
        }
        emulator_runs.observed["environment"] = source_environment(directory / "env")
        run("started again", "started")
        run("fewer settings", "started", more={"emulator_behaviors": SETTINGS["emulator_behaviors"]})
        run("other settings", "started", more=OTHER_SETTINGS, fails=True)
        run("unknown key", "started", more={"emulator_seed": {"meshes": [{"name": "a", "cluster": []}]}}, fails=True)
        emulator_runs.observed["again"] = json.loads((directory / "ready.json").read_text(encoding="utf-8"))
        emulator_runs.runs["used"] = shared_play(
            [workspace("make a workspace")], environment=emulator_runs.observed["environment"]
        )
        emulator_runs.observed["used"] = list_workspace_names(emulator_runs.facts)
        run("reset", "reset", environment={"http_proxy": UNREACHABLE_PROXY, "HTTP_PROXY": UNREACHABLE_PROXY})
        emulator_runs.observed["reset"] = list_workspace_names(emulator_runs.facts)
        run("stopped", "stopped")
        emulator_runs.observed["left"] = sorted(path.name for path in directory.iterdir())
        emulator_runs.observed["processes"] = [
            line for line in command_lines() if str(directory / "ready.json") in line
        ]
        run("stopped again", "stopped")
        run("reset of nothing", "reset", fails=True)
        for name, (more, _why) in INVALID_SETTINGS.items():
            run(name, "started", more=more, fails=True)
        emulator_runs.observed["left after mistakes"] = sorted(path.name for path in directory.iterdir())
        emulator_runs.observed["processes after mistakes"] = [
            line for line in command_lines() if str(directory / "ready.json") in line
        ]
        return emulator_runs

    def test_check_mode_starts_nothing(self, emulator_runs: EmulatorRuns) -> None:
        assert emulator_runs.observed["after check mode"] is False
        assert "Show how to use the emulator" not in [
            record.name for record in emulator_runs.runs["predicted"].records if record.status == "ok"
        ]

    def test_start(self, emulator_runs: EmulatorRuns) -> None:
        assert emulator_runs.runs["started"]["Start the server"].status == "changed"
        assert emulator_runs.runs["started"]["Show how to use the emulator"].result["msg"] == [
            f"The emulator is available at {emulator_runs.facts['url']} (process ID {emulator_runs.facts['pid']}).",
            f"Control plane: {emulator_runs.facts['control_url']}",
            f"Use it with the collection: source '{emulator_runs.directory}/env'",
            "Stop it: ansible-playbook community.huaweicloud.emulator -e emulator_state=stopped "
            f"""-e '{{"emulator_directory": "{emulator_runs.directory}"}}'""",
        ]

    def test_files_with_keys_are_private(self, emulator_runs: EmulatorRuns) -> None:
        assert emulator_runs.observed["modes"] == {
            "my cloud": 0o700,
            "env": 0o600,
            "ready.json": 0o600,
            "seed.json": 0o600,
        }

    def test_second_start_changes_nothing(self, emulator_runs: EmulatorRuns) -> None:
        assert [record.name for record in emulator_runs.runs["started again"].records if record.changed] == []
        assert emulator_runs.observed["again"] == emulator_runs.facts
        assert (
            emulator_runs.runs["started again"]["Show how to use the emulator"].result["msg"]
            == emulator_runs.runs["started"]["Show how to use the emulator"].result["msg"]
        )

    def test_running_emulator_with_other_values_is_reported(self, emulator_runs: EmulatorRuns) -> None:
        """The message names the difference. Settings that are not requested can differ."""
        assert [record.name for record in emulator_runs.runs["fewer settings"].records if record.changed] == []
        (failed,) = [record for record in emulator_runs.runs["other settings"].records if record.failed]
        assert failed.msg == (
            f"The emulator in {emulator_runs.directory} was started with different values for: behaviors, workshops. "
            "Stop it first (emulator_state=stopped), or set another emulator_directory."
        )

    def test_unknown_key_of_seed_rejected_if_emulator_runs(self, emulator_runs: EmulatorRuns) -> None:
        (failed,) = [record for record in emulator_runs.runs["unknown key"].records if record.failed]
        assert failed.msg == (
            "The values of emulator_seed or emulator_behaviors are invalid: meshes[0]: unknown key cluster "
            "(known: clusters, id, name, phase, project_id, project_name, spec, version)"
        )

    @pytest.mark.parametrize("name", INVALID_SETTINGS)
    def test_failed_start_has_a_reason(self, emulator_runs: EmulatorRuns, name: str) -> None:
        (failed,) = [record for record in emulator_runs.runs[name].records if record.failed]
        assert (
            failed.msg
            == f"The emulator did not start: {INVALID_SETTINGS[name][1]} (log: {emulator_runs.directory}/emulator.log)"
        )
        assert emulator_runs.observed["processes after mistakes"] == []
        # The variables can contain credentials.
        assert "seed.json" not in emulator_runs.observed["left after mistakes"]
        assert emulator_runs.runs[name]["Start the server"].changed is False

    def test_environment_file(self, emulator_runs: EmulatorRuns) -> None:
        found = emulator_runs.facts["credentials"]
        assert emulator_runs.observed["environment"] == {
            "HW_ACCESS_KEY": found["access_key"],
            "HW_SECRET_KEY": found["secret_key"],
            "HW_PROJECT_ID": found["project_id"],
            "HW_REGION_NAME": found["region"],
            **dict.fromkeys(("HW_AUTH_URL", "HW_ASM_ENDPOINT", "HW_MODELARTS_ENDPOINT"), emulator_runs.facts["url"]),
        }

    def test_emulator_can_be_used(self, emulator_runs: EmulatorRuns) -> None:
        assert emulator_runs.runs["used"]["make a workspace"].status == "changed"
        assert emulator_runs.observed["used"] == ["default", "team"]

    def test_reset(self, emulator_runs: EmulatorRuns) -> None:
        """This also works if a proxy is configured for other hosts."""
        assert emulator_runs.runs["reset"]["Reset the emulator"].status == "changed"
        assert emulator_runs.observed["reset"] == ["default"]

    def test_stop(self, emulator_runs: EmulatorRuns) -> None:
        assert emulator_runs.runs["stopped"]["Stop the emulator"].status == "changed"
        assert emulator_runs.observed["processes"] == []
        assert not {"env", "ready.json", "seed.json"} & set(emulator_runs.observed["left"])

    def test_second_stop_changes_nothing(self, emulator_runs: EmulatorRuns) -> None:
        assert [record.name for record in emulator_runs.runs["stopped again"].records if record.changed] == []

    def test_reset_without_emulator_fails(self, emulator_runs: EmulatorRuns) -> None:
        failed = [record for record in emulator_runs.runs["reset of nothing"].records if record.failed]
        assert [record.msg for record in failed] == [
            f"No emulator with a control plane runs from {emulator_runs.directory}. Start one with emulator_state=started and emulator_control=true."
        ]

    def test_no_secret_on_the_terminal(self, emulator_runs: EmulatorRuns) -> None:
        for name, run in emulator_runs.runs.items():
            for secret in ("secret_key", "password"):
                assert emulator_runs.facts["credentials"][secret] not in run.output, name


@pytest.mark.parametrize(
    ("directory", "option"),
    [
        ("~/.cache/community.huaweicloud/emulator", ""),
        ("/srv/own", " -e emulator_directory=/srv/own"),
        ("/srv/my own", """ -e '{"emulator_directory": "/srv/my own"}'"""),
    ],
)
def test_hint_stops_the_emulator_of_the_directory(play: Player, directory: str, option: str) -> None:
    """Run only the task with the hints, which needs no emulator."""
    (content,) = yaml.safe_load((ROOT / "playbooks" / "emulator.yml").read_text(encoding="utf-8"))
    settings = {"variables": {"emulator_directory": directory}}
    content["vars"].update(emulator_settings=settings, emulator_url="u", emulator_pid=1, emulator_control_url="")
    del content["roles"]
    content["tasks"] = [task for task in content["tasks"] if task["name"] == "Show how to use the emulator"]
    hints = play.run([content])["Show how to use the emulator"].result["msg"]
    assert hints[-1] == f"Stop it: ansible-playbook community.huaweicloud.emulator -e emulator_state=stopped{option}"


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


QUICKSTART_TASKS: dict[str, dict[str, t.Any]] = {
    one["name"]: one
    for one in yaml.safe_load((ROOT / "playbooks" / "tasks" / "quickstart.yml").read_text(encoding="utf-8"))
}
CHECK_PREDICTION = QUICKSTART_TASKS["Check that the prediction was right, and that the second run changed nothing"]
CHECK_SECOND_PROMOTION = QUICKSTART_TASKS["Check that the second promotion changed nothing"]
PROMOTE_EARLY = QUICKSTART_TASKS["Try to promote the releases while the original versions receive the traffic"]
KEEP_PREDICTION = QUICKSTART_TASKS["Keep the prediction"]

STEP = "create workspace team: name"
RESULTS: dict[str, t.Any] = {
    "quickstart_predicted": [STEP],
    "quickstart_applied": [STEP],
    "quickstart_second_run": [],
    "quickstart_requests_of_prediction": {"all": 3, "writing": 0},
    "quickstart_requests_of_run": {"all": 9, "writing": 2},
    "quickstart_requests_of_second_run": {"all": 12, "writing": 2},
}
WRONG_RESULTS: dict[str, dict[str, t.Any]] = {
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


def loaded_desired_state(**mesh: str) -> dict[str, t.Any]:
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
        variables = {
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
        for name, wrong in {"correct results": {}, **WRONG_RESULTS}.items():
            tasks += attempt(name, {**CHECK_PREDICTION, "vars": {**RESULTS, **wrong}})
        for name, other in {"promoted": {}, **NOT_PROMOTED}.items():
            tasks += attempt(name, {**CHECK_SECOND_PROMOTION, "vars": {**PROMOTED, **other}})
        tasks += attempt("invalid", release("run a release"), {**PROMOTE_EARLY, "vars": loaded_desired_state(**MESH)})
        tasks += attempt(
            "refused for another reason", {**PROMOTE_EARLY, "vars": loaded_desired_state(mesh_name="no-such-mesh")}
        )
        tasks += attempt("not refused", traffic(100), {**PROMOTE_EARLY, "vars": loaded_desired_state(**MESH)})
        # The last one, because facts have precedence over variables.
        tasks += attempt("kept prediction", {**KEEP_PREDICTION, "vars": {**KEEP_PREDICTION["vars"], **variables}})
        return split(shared_play(tasks))

    def test_quickstart_facts(self, stages: dict[str, PlayResult]) -> None:
        facts = stages["kept prediction"][KEEP_PREDICTION["name"]].result["ansible_facts"]
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

    @pytest.mark.parametrize("name", ["correct results", "promoted", "invalid"])
    def test_valid_results_are_accepted(self, stages: dict[str, PlayResult], name: str) -> None:
        assert stages[name].failed == []

    @pytest.mark.parametrize("name", [*WRONG_RESULTS, *NOT_PROMOTED, "refused for another reason", "not refused"])
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
            name: stages[name][PROMOTE_EARLY["name"]]
            for name in ("invalid", "refused for another reason", "not refused")
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
        with tempfile.TemporaryDirectory(prefix="hc-") as directory:
            run = play.run(
                QUICKSTART, variables={"desired_state_file": str(path)}, environment={"TMPDIR": directory}, fails=True
            )
            left = os.listdir(directory)
        failed = [record for record in run.records if record.failed]
        assert [record.name for record in failed] == ["Predict the changes in check mode"], run.output
        assert "selector" in failed[0].msg
        assert [record.status for record in run.named("Stop the emulator")] == ["ok", "changed"], (
            "the role, and its task"
        )
        assert left == []
        assert [line for line in command_lines() if directory in line] == []
        assert "Summarize the quick start" not in [record.name for record in run.records]
        assert failed[0].status == "failed"
        assert emulator.request_log() == [], "another emulator was used"
