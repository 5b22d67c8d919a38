# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The integration targets, and the requests the emulator received during each of their steps."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from expectations import IDEMPOTENCY_STEPS, check_prediction, check_quiet, check_request_ids
from harness import ROOT, TARGETS, Emulator, Player, Record, Run
from integration_targets import MODULES, run_target


def four(run: Run, what: str) -> list[Record]:
    return [run[name.format(what)] for name in IDEMPOTENCY_STEPS]


def written(record: Record) -> list[tuple[str, str, dict[str, str], t.Any]]:
    return [(call["method"], call["path"], call["query"], call["body"]) for call in record.writes]


def check_four(run: Run, what: str, key: str) -> Record:
    """Check the rules for four steps. Return the step that changed something."""
    predicted, applied, predicted_again, applied_again = four(run, what)
    assert predicted.writes == []
    check_prediction(predicted, applied, key)
    for record in (predicted_again, applied_again):
        check_quiet(record)
    assert predicted_again.result[key] == applied_again.result[key] == applied.result[key]
    for record in (predicted, applied, predicted_again, applied_again):
        check_request_ids(record)
    assert len(applied.result["actions"]) == len(applied.writes)
    assert [action["request_id"] for action in applied.result["actions"]] == [
        call["request_id"] for call in applied.writes
    ]
    assert applied.result["diff"] == predicted.result["diff"]
    after = applied.result["diff"]["after"]
    assert bool(after) == bool(applied.result[key]) and {"status", "created_at", "updated_at"}.isdisjoint(after)
    return applied


@pytest.fixture(scope="class")
def run(request: pytest.FixtureRequest, shared_play: Player) -> Run:
    """One run of the target a class is about."""
    return run_target(shared_play, request.cls.TARGET)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_target(name: str) -> None:
    assert (TARGETS / name / "tasks" / "main.yml").is_file()
    assert not (ROOT / "roles" / name).exists(), "a target must not be called like a role"


class TestWorkshop:
    TARGET = "asm_workshop"

    def test_creation_sends_one_post(self, run: Run, server: Emulator) -> None:
        applied = check_four(run, "Create the workshop", "workshop")
        mesh = applied.result["workshop"]["mesh_id"]
        ingress = {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 8080, "imageAddress": "swr.example.com/mesh-demo"}
        body = {
            "description": "For the training",
            "metadata": {"name": "itest-demo"},
            "spec": {"primaryCluster": "demo-cluster", "ingress": ingress},
        }
        assert written(applied) == [("POST", f"/v2/meshes/{mesh}/workshops", {}, body)]
        lists = [f"GET /v1/{server.credentials['project_id']}/meshes", f"GET /v2/meshes/{mesh}/workshops"]
        assert four(run, "Create the workshop")[0].sent == lists
        assert applied.sent == [*lists, f"POST /v2/meshes/{mesh}/workshops", lists[1]]
        assert four(run, "Create the workshop")[3].sent == lists
        assert {call["project_id"] for call in applied.requests} == {server.credentials["project_id"]}

    def test_change_deletes_and_creates_the_workshop(self, run: Run) -> None:
        applied = check_four(run, "Change the workshop", "workshop")
        mesh = applied.result["workshop"]["mesh_id"]
        ingress = {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 8081, "imageAddress": "swr.example.com/mesh-demo"}
        body = {
            "description": "For the training",
            "metadata": {"name": "itest-demo"},
            "spec": {"primaryCluster": "demo-cluster", "ingress": ingress},
        }
        path = f"/v2/meshes/{mesh}/workshops"
        assert written(applied) == [("DELETE", f"{path}/itest-demo", {}, None), ("POST", path, {}, body)]

    def test_removal_sends_one_delete(self, run: Run) -> None:
        applied = check_four(run, "Remove the workshop", "workshop")
        mesh = applied.result["diff"]["before"]["mesh_id"]
        assert written(applied) == [("DELETE", f"/v2/meshes/{mesh}/workshops/itest-demo", {}, None)]

    def test_difference_is_refused_or_a_warning(self, run: Run) -> None:
        refused = run["Refuse another port, because a workshop cannot be changed"]
        warned = run["Keep the other port, with a warning"]
        assert refused.writes == warned.writes == []
        assert warned.warnings == [
            "Workshop 'itest-demo' differs in fields that cannot be changed: ingress.port is 8080, desired is 8081"
        ]
        assert refused.result["error"]["kind"] == "drift"


class TestMesh:
    TARGET = "asm_mesh"

    def test_creation_sends_one_post(self, run: Run, server: Emulator) -> None:
        applied = check_four(run, "Create the mesh", "mesh")
        path, project = f"/v1/{server.credentials['project_id']}/meshes", server.credentials["project_id"]
        selector = {"fieldSelector": {"key": "UID", "operator": "In", "values": ["itest-node"]}}
        cluster = {"clusterID": "itest-cluster", "projectID": project, "installation": {"nodes": selector}}
        config = {
            "proxyConfig": {"excludeOutboundPorts": "3306,6379"},
            "telemetryConfig": {"tracing": {"randomSamplingPercentage": 1.5}},
        }
        spec = {"type": "InCluster", "version": "v1.18", "extendParams": {"clusters": [cluster]}, "config": config}
        body = {"apiVersion": "v1", "kind": "Mesh", "metadata": {"name": "itest-mesh"}, "spec": spec}
        assert written(applied) == [("POST", path, {}, body)]
        assert [record.sent for record in four(run, "Create the mesh")[2:]] == [[f"GET {path}"]] * 2

    def test_change_and_deletion_with_a_workshop_are_refused(self, run: Run) -> None:
        refused, left = (
            run["Refuse another version, because a mesh cannot be changed"],
            run["Refuse to delete a mesh with a workshop"],
        )
        assert refused.writes == left.writes == []
        assert refused.msg.startswith("Mesh 'itest-mesh' differs in fields that cannot be changed: version is 'v1.18'")

    def test_deletion_sends_one_delete(self, run: Run) -> None:
        applied = check_four(run, "Delete the mesh", "mesh")
        assert [call["method"] for call in applied.writes] == ["DELETE"]


class TestApply:
    TARGET = "apply"

    @pytest.mark.parametrize(
        "what, methods",
        [
            ("Create many", ["POST", "POST", "POST", "PUT"]),
            ("Change one of many", ["PUT"]),
            ("Prune what is not listed", ["DELETE", "DELETE"]),
        ],
    )
    def test_only_the_first_real_run_sends_write_requests(self, run: Run, what: str, methods: list[str]) -> None:
        predicted, applied, predicted_again, applied_again = four(run, what)
        assert predicted.writes == predicted_again.writes == applied_again.writes == []
        assert sorted(call["method"] for call in applied.writes) == methods


class TestWorkspace:
    TARGET = "modelarts_workspace"

    @pytest.fixture
    def path(self, server: Emulator) -> str:
        return f"/v1/{server.credentials['project_id']}/workspaces"

    def test_creation_sends_the_workspace_and_its_quotas(self, run: Run, path: str) -> None:
        applied = check_four(run, "Create the workspace", "workspace")
        identity = applied.result["workspace"]["id"]
        body = {
            "name": "itest-team",
            "description": "Models of the shop",
            "auth_type": "internal",
            "grants": [{"user_name": "alice"}, {"user_name": "bob"}],
        }
        quotas = {"quotas": [{"resource": "exemlProject.gpu_duration", "quota": 600}]}
        assert written(applied) == [("POST", path, {}, body), ("PUT", f"{path}/{identity}/quotas", {}, quotas)]
        assert four(run, "Create the workspace")[0].sent == [f"GET {path}", f"GET {path}/0/quotas"]
        assert four(run, "Create the workspace")[3].sent == [
            f"GET {path}",
            f"GET {path}/{identity}",
            f"GET {path}/{identity}/quotas",
        ]

    def test_change_sends_the_workspace_and_its_quotas(self, run: Run, path: str) -> None:
        applied = check_four(run, "Change the workspace", "workspace")
        identity, grants = applied.result["workspace"]["id"], applied.result["workspace"]["grants"]
        bob = next(dict(grant) for grant in grants if grant["user_name"] == "bob")
        body = {
            "name": "itest-team",
            "description": "",
            "auth_type": "internal",
            "grants": [{"user_name": "carol", "user_type": "IAM"}, bob],
        }
        quotas = {
            "quotas": [
                {"resource": "exemlProject.gpu_duration", "quota": -1},
                {"resource": "service.gpu_num", "quota": 4},
            ]
        }
        assert written(applied) == [
            ("PUT", f"{path}/{identity}", {}, body),
            ("PUT", f"{path}/{identity}/quotas", {}, quotas),
        ]

    def test_new_grant_keeps_the_others(self, run: Run, path: str) -> None:
        applied = check_four(run, "Let a user into the workspace", "workspace")
        sent = written(applied)
        assert [(method, where) for method, where, query, body in sent] == [
            ("PUT", f"{path}/{applied.result['workspace']['id']}")
        ]
        assert [grant["user_name"] for grant in sent[0][3]["grants"]] == ["alice", "bob", "carol"]
        assert {key: sent[0][3][key] for key in ("name", "description", "auth_type")} == {
            "name": "itest-team",
            "description": "",
            "auth_type": "internal",
        }

    def test_renaming_keeps_the_grants(self, run: Run, path: str) -> None:
        applied = check_four(run, "Rename the workspace", "workspace")
        sent = written(applied)
        assert [(method, where) for method, where, query, body in sent] == [
            ("PUT", f"{path}/{applied.result['workspace']['id']}")
        ]
        assert sent[0][3]["name"] == "itest-people"
        assert len(sent[0][3]["grants"]) == 3

    def test_removal_sends_one_delete(self, run: Run, path: str) -> None:
        applied = check_four(run, "Remove the workspace", "workspace")
        assert written(applied) == [("DELETE", f"{path}/{applied.result['diff']['before']['id']}", {}, None)]


class TestRelease:
    TARGET = "asm_release"

    @staticmethod
    def path(applied: Record) -> str:
        release = applied.result["release"] or applied.result["diff"]["before"]
        return f"/v2/meshes/{release['mesh_id']}/namespaces/default/releases"

    @staticmethod
    def template(app: str, tag: str) -> dict[str, t.Any]:
        labels = {"app": app, "version": "v2"}
        container = {
            "name": app,
            "image": f"registry.example.com/{app}:{tag}",
            "ports": [{"containerPort": 9080}],
            "resources": {"limits": {"cpu": "1", "memory": "512Mi"}},
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"{app}-v2", "labels": labels},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        }

    def spec(self, app: str, tag: str) -> dict[str, t.Any]:
        identity = {
            "serviceName": app,
            "clusterID": "demo-cluster",
            "deploymentName": f"{app}-v1",
            "version": "v2",
            "type": "canary",
        }
        return dict(identity, grayDeployments=[{"clusterID": "demo-cluster", "template": self.template(app, tag)}])

    def test_creation_sends_one_post(self, run: Run) -> None:
        applied = check_four(run, "Create the release", "release")
        metadata = {"name": "itest-reviews", "namespace": "default", "meshID": applied.result["release"]["mesh_id"]}
        body = {"kind": "Release", "apiVersion": "asm/v2", "metadata": metadata, "spec": self.spec("reviews", "2.0.0")}
        assert written(applied) == [("POST", self.path(applied), {}, body)]

    def test_change_of_the_image_keeps_the_template(self, run: Run) -> None:
        applied = check_four(run, "Change the image of the release", "release")
        release = applied.result["release"]
        metadata = {"name": "itest-reviews", "namespace": "default", "meshID": release["mesh_id"], "uid": release["id"]}
        # What is there, with all that the cluster added but its bookkeeping, and the other image.
        before = applied.result["diff"]["before"]["gray_deployments"][0]["template"]
        kept = {key: before["metadata"][key] for key in ("name", "namespace", "labels")}
        template = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": kept, "spec": before["spec"]}
        template["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/reviews:2.0.1"
        body = {"kind": "Release", "apiVersion": "asm/v2", "metadata": metadata, "spec": self.spec("reviews", "2.0.1")}
        body["spec"]["grayDeployments"] = [{"clusterID": "demo-cluster", "template": template}]
        assert before["spec"]["revisionHistoryLimit"] == 10
        assert written(applied) == [("PUT", f"{self.path(applied)}/{release['id']}", {}, body)]

    def test_promotion_sends_the_action_end(self, run: Run) -> None:
        applied = check_four(run, "Promote the release", "release")
        identity = applied.result["diff"]["before"]["id"]
        assert written(applied) == [("DELETE", f"{self.path(applied)}/{identity}", {"action": "end"}, None)]
        assert [call["content_type"] for call in applied.writes] == ["application/json"]

    def test_cancellation_sends_the_action_cancel(self, run: Run) -> None:
        applied = check_four(run, "Cancel the other release", "release")
        identity = applied.result["diff"]["before"]["id"]
        assert written(applied) == [("DELETE", f"{self.path(applied)}/{identity}", {"action": "cancel"}, None)]

    def test_release_of_another_service_is_created(self, run: Run) -> None:
        applied = check_four(run, "Create another release", "release")
        assert [call["method"] for call in applied.writes] == ["POST"]

    def test_early_promotion_and_second_release_are_refused(self, run: Run) -> None:
        early = run["Refuse a promotion while the original version carries the traffic"]
        # By its id and by its name, as 400 may mean that it is not known by the one.
        assert [call["status"] for call in early.writes] == [400, 400]
        second = run["Refuse a second release of the Service"]
        assert second.writes == []


class TestReadingModules:
    """The targets of modules that change nothing."""

    # The results of asm_traffic_info have no request IDs, so test_traffic.py checks them.
    @pytest.mark.parametrize(
        "name", [name for name in MODULES if name.endswith("_info") and name != "asm_traffic_info"]
    )
    def test_info_modules_send_get_requests_only(self, play: Player, name: str) -> None:
        run = run_target(play, name)
        records = [record for record in run.modules() if record.action.endswith(name)]
        assert len(records) >= 4
        for record in records:
            check_quiet(record)
            check_request_ids(record)
            assert {call["method"] for call in record.requests} == {"GET"}

    def test_api_request_sends_what_the_task_says(self, play: Player) -> None:
        run = run_target(play, "api_request")
        records = [record for record in run.modules() if record.action.endswith("api_request")]
        assert [len(record.requests) for record in records] == [1, 1, 0, 1, 1, 1, 1, 1, 1]
        for record in records:
            check_request_ids(record)
        (created,), (removed,) = run["Create a workspace"].requests, run["Remove a workspace"].requests
        assert (created["method"], created["body"]) == ("POST", {"name": "itest-raw", "auth_type": "PRIVATE"})
        assert (created["content_type"], created["project_id"]) == (
            "application/json",
            play.emulator.credentials["project_id"],
        )
        assert (removed["method"], removed["content_type"]) == ("DELETE", None)
        (page,) = run["List with an offset"].requests
        assert page["query"] == {"offset": "1", "limit": "1", "filter_accessible": "false"}

    def test_token_is_hidden_and_usable(self, play: Player) -> None:
        run = run_target(play, "iam_token")
        for name in ("Get a token", "Get a token in check mode"):
            assert run[name].sent == ["POST /v3/auth/tokens"]
            assert "censored" in run[name].result
        assert [call["auth_method"] for call in run["Make a workspace with it"].requests] == ["token"] * 3

    def test_analysis_sends_queries_only(self, play: Player) -> None:
        run = run_target(play, "canary_analysis")
        records = [record for record in run.modules() if record.action.endswith("canary_analysis")]
        paths = {f"{call['method']} {call['path']}" for record in records for call in record.requests}
        assert paths == {"GET /prometheus/api/v1/query"}
        # Each of the four queries once before the two samples, and again for each of them.
        assert [len(record.requests) for record in records] == [12, 12, 2, 5, 1]

    def test_probe_deletes_what_it_creates(self, play: Player) -> None:
        run = run_target(play, "service_probe")
        predicted, applied = run["Probe the services in check mode"], run["Probe the services"]
        assert {call["method"] for call in predicted.requests} == {"GET"}
        assert {call["method"] for call in applied.requests} == {"GET", "POST", "PUT", "DELETE"}
        for record in (predicted, applied):
            check_request_ids(record)
        assert [record["name"] for record in play.emulator.stores()["workspaces"].values()] == ["default"]


def test_integration_targets_of_all_modules_are_found(tmp_path: Path) -> None:
    """Every target has what ansible-test needs: tasks, and the emulator among its dependencies."""
    targets = {path.name for path in TARGETS.iterdir() if path.is_dir()}
    assert targets == {*MODULES, "setup_emulator"}
    for name in MODULES:
        assert "setup_emulator" in (TARGETS / name / "meta" / "main.yml").read_text(encoding="utf-8")
