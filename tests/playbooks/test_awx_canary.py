# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows of rollouts that awx_setup creates: one for each rollout file, with a node for each of its approvals."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import awx_api
import awx_modules
import awx_stand_in
import pytest
import yaml
from harness import COLLECTION, ROOT, Player, Run
from task_scenarios import CLUSTER, MESH, template

SETUP = f"{COLLECTION}.awx_setup"
PROJECT = ROOT / "extensions" / "awx" / "project"
PLAYBOOKS = [str(path.relative_to(ROOT)) for path in PROJECT.glob("*.yml")]
VARIABLES: dict[str, t.Any] = {"awx_setup_prefix": "Shop "}

# The steps of each file, with the numbers of the steps that need an approval
FILES: dict[str, list[dict[str, t.Any]]] = {
    "none.yml": [{"weight": 50}, {"weight": 100}],
    "one.yml": [{"weight": 10}, {"weight": 50, "approval": True}, {"weight": 100}],
    "three.yml": [
        {"match": {"headers": {"x-tester": "yes"}}, "approval": True},
        {"weight": 10, "approval": True},
        {"weight": 50},
        {"weight": 100, "approval": True},
    ],
    "half.yml": [{"weight": 50}],
    # More approvals, and numbers with two digits.
    "many.yml": [{"weight": weight, "approval": weight not in range(20, 80)} for weight in (*range(5, 85, 8), 90, 100)],
}

Links = t.Dict[str, t.Tuple[t.List[str], t.List[str]]]


def write_files(directory: Path, **limits: t.Any) -> list[str]:
    for name, steps in FILES.items():
        content = {
            "release": {
                **MESH,
                "namespace": "default",
                "name": "reviews-v2",
                "service_name": "reviews",
                "cluster_id": CLUSTER,
                "deployment_name": "reviews-v1",
                "version": "v2",
                "gray_deployments": [{"template": template()}],
            },
            "traffic": {"original_version": "v1"},
            "steps": steps,
            **limits,
        }
        (directory / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    return list(FILES)


def given(run: Run, title: str) -> list[dict[str, t.Any]]:
    """Return the parameters of all tasks with this title, for each item of a loop."""
    results = [record.result for record in run.records if record.name == title and record.status != "skipped"]
    return [one["given"] for result in results for one in result.get("results", [result]) if "given" in one]


def links(run: Run, workflow: str) -> Links:
    """Return the next nodes of each node after success and after failure."""
    return {
        one["identifier"]: (one.get("success_nodes", []), one.get("failure_nodes", []))
        for one in given(run, "Link the nodes")
        if one["workflow_job_template"] == workflow
    }


def expected_links(*steps: int) -> Links:
    """Return the links of a workflow with approvals after these steps."""
    after = [*(f"approval_{step}" for step in steps), "status"]
    found: Links = {"start": ([after[0]], ["status"])}
    for step, following in zip(steps, after[1:]):
        found[f"approval_{step}"] = ([f"continue_{step}"], ["rollback"])
        found[f"continue_{step}"] = ([following], ["status"])
    return {**found, "rollback": (["status"], ["status"])} if steps else found


def set_up(player: Player, directory: Path, answers: dict[str, list[t.Any]], **variables: t.Any) -> Run:
    known = {"projects/Shop project/playbooks/": [PLAYBOOKS]}
    collection_path = awx_stand_in.make(directory / "collections", {**known, **answers})
    environment = {"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(ROOT / ".collections"), str(collection_path)])}
    return player.run(
        SETUP, variables={**VARIABLES, **variables}, environment=environment, working_directory=directory, verbosity=2
    )


class TestWorkflows:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, tmp_path_factory: pytest.TempPathFactory) -> Run:
        directory = tmp_path_factory.mktemp("setup")
        return set_up(shared_play, directory, {}, awx_setup_canary_files=write_files(directory))

    @pytest.mark.parametrize(
        ("file", "steps"),
        [
            ("none.yml", ()),
            ("one.yml", (2,)),
            ("three.yml", (1, 2, 4)),
            ("half.yml", (1,)),
            ("many.yml", (1, 2, 11, 12)),
        ],
    )
    def test_each_approval_of_the_file_has_a_node(self, run: Run, file: str, steps: tuple[int, ...]) -> None:
        assert links(run, f"Shop canary of {file}") == expected_links(*steps)

    def nodes(self, run: Run, file: str) -> dict[str, dict[str, t.Any]]:
        workflow = f"Shop canary of {file}"
        found = [one for one in given(run, "Create the nodes") if one["workflow_job_template"] == workflow]
        return {one["identifier"]: one for one in found}

    def test_nodes_run_the_right_templates(self, run: Run) -> None:
        jobs = {
            name: (node.get("unified_job_template"), node.get("extra_data"))
            for name, node in self.nodes(run, "one.yml").items()
        }
        file = {"canary_file": "one.yml"}
        assert jobs == {
            "start": ("Shop canary", {**file, "canary_action": "run"}),
            "approval_2": (None, None),
            "continue_2": ("Shop canary", {**file, "canary_action": "approve"}),
            "rollback": ("Shop canary rollback", file),
            "status": ("Shop canary status", {**file, "canary_require_promotion": "true"}),
        }

    def test_rollout_below_100_percent_is_promoted_by_its_last_approval(self, run: Run) -> None:
        assert self.nodes(run, "half.yml")["continue_1"]["extra_data"]["canary_action"] == "promote"

    def test_approval_names_release_and_step(self, run: Run) -> None:
        approval = self.nodes(run, "one.yml")["approval_2"]["approval_node"]
        assert approval == {
            "name": "Shop approval of one.yml, step 2",
            "description": "The rollout of default/reviews-v2 waits after step 2. If you deny it, the rollout is rolled back.",
            "timeout": 86400,
        }

    def test_names_are_unique(self, run: Run) -> None:
        """AWX finds templates, workflows and approvals by their names."""
        nodes = [one for one in given(run, "Create the nodes") if "approval_node" in one]
        names = [one["approval_node"]["name"] for one in nodes]
        names += [one["name"] for one in given(run, "Create the workflow template")]
        assert sorted(set(names)) == sorted(names)
        assert len(names) == 10 + 6

    def test_surveys_are_valid(self, run: Run) -> None:
        workflows = given(run, "Create the workflow template")
        templates = [
            one for name in ("", " rollback", " status") for one in given(run, f"Create the job template canary{name}")
        ]
        assert [awx_api.check_survey(one["survey_spec"]) for one in (*workflows, *templates)] == [""] * 9
        surveys = {
            one["name"]: {question["variable"]: question for question in one["survey_spec"]["spec"]}
            for one in templates
        }
        assert {name: list(survey) for name, survey in surveys.items()} == {
            "Shop canary": ["canary_file", "canary_action", "canary_step", "canary_restart"],
            "Shop canary rollback": ["canary_file"],
            "Shop canary status": ["canary_file", "canary_require_promotion"],
        }
        actions = surveys["Shop canary"]["canary_action"]
        assert (actions["type"], actions["default"]) == ("multiplechoice", "run")
        assert actions["choices"] == ["run", "approve", "promote", "rollback", "status", "enforce"]
        assert surveys["Shop canary"]["canary_file"]["default"] == "none.yml"
        assert not surveys["Shop canary"]["canary_step"]["required"]

    def test_jobs_of_rollouts_do_not_block_each_other(self, run: Run) -> None:
        """A rollback must start while another job carries the rollout out."""
        for name in ("canary", "canary rollback", "canary status"):
            (template_,) = given(run, f"Create the job template {name}")
            assert template_["allow_simultaneous"] is True
            assert template_["playbook"] == f"extensions/awx/project/{name.replace(' ', '_')}.yml"

    def test_time_limits_are_enforced_by_schedule(self, run: Run) -> None:
        found = given(run, "Create the schedules for time limits of rollouts")
        assert [(one["name"], one["unified_job_template"], one["extra_data"]) for one in found] == [
            (f"Shop time limits of {name}", "Shop canary", {"canary_file": name, "canary_action": "enforce"})
            for name in FILES
        ]
        assert {awx_api.check_rule(one["rrule"]) for one in found} == {""}


def test_approval_times_out_when_the_rollout_does(play: Player, tmp_path: Path) -> None:
    write_files(tmp_path, approval_timeout="2h")
    run = set_up(play, tmp_path, {}, awx_setup_canary_files=["one.yml"], awx_setup_approval_timeout=60)
    timeouts = {
        one["approval_node"]["name"]: one["approval_node"]["timeout"]
        for one in given(run, "Create the nodes")
        if "approval_node" in one
    }
    assert timeouts == {"Shop approval": 60, "Shop approval of one.yml, step 2": 7200}


def test_nodes_of_earlier_approvals_are_deleted(play: Player, tmp_path: Path) -> None:
    """Links to nodes that a user added stay."""
    nodes = [
        {"id": 40, "identifier": "start", "success_nodes": [41, 49], "failure_nodes": [45]},
        {"id": 41, "identifier": "approval_1", "success_nodes": [42], "failure_nodes": [44]},
        {"id": 42, "identifier": "continue_1", "success_nodes": [43], "failure_nodes": [45]},
        {"id": 43, "identifier": "approval_2", "success_nodes": [], "failure_nodes": []},
        {"id": 44, "identifier": "rollback", "success_nodes": [], "failure_nodes": []},
        {"id": 45, "identifier": "status", "success_nodes": [], "failure_nodes": []},
        {"id": 49, "identifier": "announce", "success_nodes": [], "failure_nodes": []},
    ]
    write_files(tmp_path)
    answers = {"workflow_job_template_nodes": nodes}
    run = set_up(play, tmp_path, answers, awx_setup_canary_files=["one.yml"])
    deleted = given(run, "Delete the nodes of approvals that the rollout file does not have")
    assert [(one["identifier"], one["state"], one["workflow_job_template"]) for one in deleted] == [
        ("approval_1", "absent", "Shop canary of one.yml"),
        ("continue_1", "absent", "Shop canary of one.yml"),
    ]
    assert links(run, "Shop canary of one.yml")["start"] == (["announce", "approval_2"], ["status"])


def test_invalid_file_stops_before_any_change(play: Player, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("steps: []\n", encoding="utf-8")
    collection_path = awx_stand_in.make(tmp_path / "collections", {})
    environment = {"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(ROOT / ".collections"), str(collection_path)])}
    variables = {**VARIABLES, "awx_setup_canary_files": ["bad.yml"]}
    run = play.run(SETUP, variables=variables, environment=environment, working_directory=tmp_path, fails=True)
    assert [record.action for record in run.records if record.action.startswith("awx.awx.")] == []
    assert "bad.yml" in run.output


class TestRealModules:
    """The modules of awx.awx against the stand-in for the API of AWX."""

    @pytest.fixture(scope="class")
    @classmethod
    def states(cls, shared_play: Player, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[dict[str, t.Any]]:
        collection_path = awx_modules.find_collections()
        if collection_path is None:
            pytest.skip("awx.awx is not installed (make bench ARGS=--install-peers installs it)")
        directory = tmp_path_factory.mktemp("setup")
        write_files(directory)
        state = awx_api.State(PLAYBOOKS)
        server = awx_api.Server(state)
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(ROOT / ".collections"), str(collection_path)]),
            "CONTROLLER_HOST": server.url,
            "CONTROLLER_OAUTH_TOKEN": awx_api.TOKEN,
        }
        found: dict[str, t.Any] = {}

        def run(name: str) -> None:
            state.calls.clear()
            done = shared_play.run(
                SETUP,
                variables={**VARIABLES, "awx_setup_canary_files": ["three.yml", "one.yml"]},
                environment=environment,
                working_directory=directory,
            )
            nodes = {name: cls.read_links(state, f"Shop canary of {name}") for name in ("three.yml", "one.yml")}
            found[name] = (state.writes(), nodes, [record.name for record in done.records if record.changed])

        run("created")
        (directory / "three.yml").write_bytes((directory / "one.yml").read_bytes())
        run("fewer approvals")
        run("again")
        yield found
        server.close()

    @staticmethod
    def read_links(state: awx_api.State, workflow: str) -> Links:
        kind, workflow_id = "workflow_job_template_nodes", state.named("workflow_job_templates", workflow)["id"]
        nodes = {
            item["id"]: item for item in state.items[kind].values() if item["workflow_job_template"] == workflow_id
        }
        found = {
            node["identifier"]: tuple(
                [nodes[one]["identifier"] for one in state.linked(kind, node, relation)]
                for relation in ("success_nodes", "failure_nodes")
            )
            for node in nodes.values()
        }
        return t.cast(Links, {name: pair for name, pair in found.items() if pair != ([], [])})

    def test_workflows_are_linked(self, states: dict[str, t.Any]) -> None:
        expected = {"three.yml": expected_links(1, 2, 4), "one.yml": expected_links(2)}
        assert states["created"][1] == expected

    def test_second_run_changes_nothing(self, states: dict[str, t.Any]) -> None:
        assert (states["again"][0], states["again"][2]) == ([], [])

    def test_fewer_approvals_leave_no_old_nodes(self, states: dict[str, t.Any]) -> None:
        expected = {"three.yml": expected_links(2), "one.yml": expected_links(2)}
        assert (states["fewer approvals"][1], states["again"][1]) == (expected, expected)
