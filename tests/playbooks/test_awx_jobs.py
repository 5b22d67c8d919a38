# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the AWX project as AWX does: with ansible-runner, the environment and the files of a credential, and unsafe variables."""

from __future__ import annotations

import os
import re
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from awx_job import Job, Outcome
from certificates import Authority
from harness import FOREIGN, PROXIES, ROOT, Emulator, link_collection
from task_scenarios import CLUSTER, MESH, template

SITE: dict[str, t.Any] = {
    "mesh_name": "demo-mesh",
    "workspaces": [
        {"name": "team", "description": "A team", "auth_type": "internal", "grants": [{"user_name": "alice"}]},
    ],
    "releases": [
        {
            "namespace": "default",
            "name": "canary",
            "service_name": "reviews",
            "cluster_id": CLUSTER,
            "deployment_name": "reviews-v1",
            "version": "v2",
            "gray_deployments": [{"template": template()}],
            "wait_interval": 0.01,
        }
    ],
}
FILES: dict[str, t.Any] = {
    "shop.yml": SITE,
    "eu-de_shop.yml": {"workspaces": [{"name": "shop"}]},
    "eu-de_bank.yml": {"workspaces": [{"name": "bank"}]},
    "workshop.yml": {
        "workshops": [
            {
                "name": "demo",
                "primary_cluster": "demo-cluster",
                "ingress": {"elb_id": "elb-1", "elb_ip": "192.0.2.24", "port": 8080},
            }
        ]
    },
}
RELEASE = {
    "release_mesh_name": MESH["mesh_name"],
    "release_namespace": "default",
    "release_name": "canary",
    "releases_wait_timeout": 20.0,
}


class Jobs:
    """Starts jobs in separate directories, with a credential for one emulator."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.emulator = emulator
        self.directory = directory
        self._number = 0

    def inputs(self, **other: t.Any) -> dict[str, t.Any]:
        """Return the inputs of a credential. All other inputs are blank."""
        found = self.emulator.credentials
        url = self.emulator.url
        keys = {name: found[name] for name in ("access_key", "secret_key", "project_id", "region")}
        return {**keys, "auth_url": url, "asm_endpoint": url, "modelarts_endpoint": url, **other}

    def __call__(
        self,
        playbook: str,
        /,
        *,
        check: bool = False,
        fails: bool = False,
        inputs: dict[str, t.Any] | None = None,
        targets: dict[str, t.Any] | None = None,
        **extra_vars: t.Any,
    ) -> Outcome:
        self._number += 1
        job = Job(self.directory / f"job-{self._number}", self._environment())
        for name, content in FILES.items():
            (job.directory / "project" / name).write_text(yaml.safe_dump(content), encoding="utf-8")
        inputs = self.inputs() if inputs is None else inputs
        return job.run(playbook, inputs, extra_vars, targets=targets, check=check, fails=fails)

    def _environment(self) -> dict[str, str]:
        link_collection()
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name.lower() not in PROXIES
        }
        # ansible-runner looks for ansible-playbook there.
        inherited["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        inherited.update(
            HOME=str(home),
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
            ANSIBLE_HOME=str(home / ".ansible"),
            LC_ALL="C.UTF-8",
        )
        return inherited


@pytest.fixture
def jobs(emulator: Emulator, tmp_path: Path) -> Jobs:
    return Jobs(emulator, tmp_path)


def workspaces(emulator: Emulator) -> list[str]:
    return sorted(record["name"] for record in emulator.stores()["workspaces"].values() if record["name"] != "default")


class TestSite:
    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
        server.reset()
        jobs = Jobs(server, tmp_path_factory.mktemp("jobs"))
        runs = {
            "predicted": jobs(
                "site.yml", check=True, desired_state_file="shop.yml", plan_hash="", releases_wait_timeout=20.0
            )
        }
        cls.after_check = workspaces(server)
        runs["made"] = jobs("site.yml", desired_state_file="shop.yml", plan_hash="", releases_wait_timeout=20.0)
        runs["again"] = jobs("site.yml", desired_state_file="shop.yml", plan_hash="")
        runs["listed"] = jobs("info.yml", info_asm="true", info_modelarts="true")
        server.control("DELETE", "request_log")
        runs["listed in part"] = jobs("info.yml", info_asm="false", info_modelarts="true")
        cls.calls = [call["path"] for call in server.request_log()]
        return runs

    after_check: t.ClassVar[list[str]]
    calls: t.ClassVar[list[str]]

    def test_site_job_applies_the_desired_state(self, runs: dict[str, Outcome]) -> None:
        assert runs["made"].changed == ["Apply the workspaces", "Apply the releases"]
        assert [(one["name"], one["description"]) for one in self.listed(runs) if one["name"] == "team"] == [
            ("team", "A team")
        ]

    def listed(self, runs: dict[str, Outcome]) -> list[dict[str, t.Any]]:
        return list(runs["listed"].result("List the workspaces")["workspaces"])

    def test_check_job_changes_nothing(self, runs: dict[str, Outcome]) -> None:
        assert runs["predicted"].changed == runs["made"].changed
        assert self.after_check == []

    def test_second_job_changes_nothing(self, runs: dict[str, Outcome]) -> None:
        assert runs["again"].changed == []

    def test_text_answer_is_converted_to_boolean(self, runs: dict[str, Outcome]) -> None:
        assert runs["listed in part"].status == 0
        assert self.calls != []
        assert [path for path in self.calls if "asm" in path or "meshes" in path] == []

    def test_files_and_output_contain_no_secret(self, runs: dict[str, Outcome], server: Emulator) -> None:
        secret = server.credentials["secret_key"]
        for name, outcome in runs.items():
            assert outcome.find_files_with(secret) == [], name
            assert secret not in outcome.output, name
        assert runs["made"].find_files_with("Apply the workspaces") != [], "some files contain the task name"


class TestCredential:
    def test_blank_inputs_are_not_set(self, jobs: Jobs) -> None:
        """All variables are set and most of them are empty. An empty token, proxy or file would be an error."""
        blank = dict.fromkeys(
            (
                "security_token",
                "auth_token",
                "username",
                "password",
                "domain_name",
                "proxy",
                "ca_certificate",
                "cloud_domain",
            ),
            "",
        )
        outcome = jobs("info.yml", inputs=jobs.inputs(**blank), info_asm="false")
        assert outcome.status == 0
        assert {call["status"] for call in jobs.emulator.request_log()} == {200}

    def test_user_credential_gets_a_token(self, jobs: Jobs) -> None:
        found = jobs.emulator.credentials
        user = {name: found[name] for name in ("username", "password", "domain_name")}
        jobs("info.yml", inputs=jobs.inputs(access_key="", secret_key="", **user), info_asm="false")
        assert [call["path"] for call in jobs.emulator.request_log()][0] == "/v3/auth/tokens"

    def test_credential_can_assume_an_agency(self, jobs: Jobs) -> None:
        (agency,) = jobs.emulator.seed(agencies=[{"name": "operators", "domain_name": "shop"}])["agencies"]
        inputs = jobs.inputs(project_id="", agency_name="operators", agency_domain_id=agency["domain_id"])
        outcome = jobs("info.yml", inputs=inputs, info_asm="false")
        paths = [call["path"] for call in jobs.emulator.request_log()]
        assert paths.count("/v3.0/OS-CREDENTIAL/securitytokens") == paths.count("/v3/auth/domains") == 1
        assert f"/v1/{agency['project_id']}/workspaces" in paths
        assert not re.search("[0-9a-f]{100}", outcome.output), "a security token"

    def test_empty_credential_is_refused(self, jobs: Jobs) -> None:
        outcome = jobs("info.yml", inputs={}, fails=True)
        assert "HW_ACCESS_KEY" in outcome.output
        assert jobs.emulator.request_log() == []

    def test_ca_certificate_is_written_to_a_file(self, tmp_path: Path) -> None:
        """The job fails without the CA certificate, and succeeds if verification is turned off."""
        authority = Authority(tmp_path, "authority")
        certificate, key = authority.issue("127.0.0.1")
        emulator = Emulator(tmp_path / "emulator", "--tls-cert", str(certificate), "--tls-key", str(key))
        try:
            jobs = Jobs(emulator, tmp_path)
            pem = authority.path.read_text(encoding="utf-8")
            assert jobs("info.yml", inputs=jobs.inputs(ca_certificate=pem), info_asm="false").status == 0
            assert "certificate" in jobs("info.yml", inputs=jobs.inputs(), info_asm="false", fails=True).output
            assert jobs("info.yml", inputs=jobs.inputs(insecure=True), info_asm="false").status == 0
        finally:
            emulator.stop()


class TestRelease:
    @pytest.fixture
    def running(self, jobs: Jobs) -> Jobs:
        jobs("site.yml", desired_state_file="shop.yml")
        return jobs

    @pytest.mark.parametrize(
        ("playbook", "gray", "action"),
        [pytest.param("promote.yml", 100, "promote", marks=pytest.mark.complete), ("cancel.yml", 0, "cancel")],
    )
    def test_release_is_promoted_or_canceled(self, running: Jobs, playbook: str, gray: int, action: str) -> None:
        running.emulator.move_traffic("reviews", gray)
        outcome = running(playbook, **RELEASE)
        assert [one["action"] for one in outcome.artifacts["release_actions"]["default/canary"]] == [action]
        assert outcome.result("Show the actions")["msg"] == f"default/canary: {action}"
        # The emulator removes ended releases from its list, so the job cannot detect the end.
        again = running(playbook, fails=True, **RELEASE)
        assert any("Release 'default/canary' was not" in message for message in again.failures)

    @pytest.mark.parametrize(
        ("playbook", "gray", "other"),
        [
            ("promote.yml", 100, "cancel.yml"),
            pytest.param("cancel.yml", 0, "promote.yml", marks=pytest.mark.complete),
        ],
    )
    def test_ended_release_in_list_is_unchanged(self, running: Jobs, playbook: str, gray: int, other: str) -> None:
        running.emulator.control("PATCH", "behaviors", {"terminated_releases": "stay"})
        running.emulator.move_traffic("reviews", gray)
        running(playbook, **RELEASE)
        again = running(playbook, **RELEASE)
        assert again.result("Show the actions")["msg"] == "default/canary: no changes"
        assert any("Correct the state" in message for message in running(other, fails=True, **RELEASE).failures)

    @pytest.mark.parametrize("playbook", ["promote.yml", pytest.param("cancel.yml", marks=pytest.mark.complete)])
    def test_release_not_listed_or_without_traffic_fails(self, running: Jobs, playbook: str) -> None:
        outcome = running(playbook, fails=True, **{**RELEASE, "release_name": "canaries"})
        assert any("Active releases in namespace 'default': 'canary'" in message for message in outcome.failures)
        assert [call["method"] for call in running.emulator.request_log() if call["method"] == "DELETE"] == []
        running.emulator.move_traffic("reviews", 0)
        outcome = running("promote.yml", fails=True, **RELEASE)
        assert any("traffic" in message for message in outcome.failures)

    def test_release_without_name_fails(self, jobs: Jobs) -> None:
        outcome = jobs(
            "promote.yml", fails=True, release_mesh_name="demo-mesh", release_namespace="default", release_name=""
        )
        assert outcome.failures == [
            "No release is specified, so nothing was changed. Set release_namespace and release_name, and run promote.yml or cancel.yml."
        ]
        assert jobs.emulator.request_log() == []


class TestSteps:
    """Run the other nodes of the workflow."""

    @pytest.mark.parametrize("handed", [pytest.param(True, marks=pytest.mark.complete), "true"])
    def test_plan_with_changes_needs_approval(self, jobs: Jobs, handed: t.Any) -> None:
        assert jobs("changes.yml", plan_has_changes=handed).status == 0

    @pytest.mark.parametrize("handed", [pytest.param("", marks=pytest.mark.complete), None])
    def test_changes_without_plan_fail(self, jobs: Jobs, handed: t.Any) -> None:
        outcome = jobs("changes.yml", fails=True, **({} if handed is None else {"plan_has_changes": handed}))
        assert outcome.failures == [
            "The plan is missing. Start the workflow, which runs the template plan before this one."
        ]

    @pytest.mark.parametrize(
        "handed",
        [pytest.param(False, marks=pytest.mark.complete), pytest.param("false", marks=pytest.mark.complete), "False"],
    )
    def test_plan_without_changes_needs_no_approval(self, jobs: Jobs, handed: t.Any) -> None:
        assert jobs("changes.yml", fails=True, plan_has_changes=handed).failures == [
            "The plan has no changes, so there is nothing to approve or to apply."
        ]

    def test_denied_plan_fails(self, jobs: Jobs) -> None:
        assert jobs("refused.yml", fails=True, desired_state_file="shop.yml").failures == [
            "Nothing was changed for shop.yml: the plan was denied, or nobody approved it in time. Start the workflow again to create a new plan."
        ]


class TestWorkflow:
    """The whole workflow, each job in a separate directory and with the artifacts of earlier jobs."""

    ANSWERS: t.ClassVar[dict[str, t.Any]] = {"desired_state_file": "shop.yml", "releases_wait_timeout": 20.0}

    def test_workflow_applies_and_verifies_the_plan(self, jobs: Jobs) -> None:
        plan = jobs("plan.yml", plan_fail_on_changes="false", **self.ANSWERS)
        handed = plan.artifacts
        assert handed["plan_has_changes"] is True
        assert workspaces(jobs.emulator) == []
        # The approver sees the values, which the job passes on without files, because these end with its container.
        assert [name for name, value in handed.items() if "plan.json" in str(value)] == []
        changes = jobs("changes.yml", **{**handed, **self.ANSWERS})
        assert "    description: 'A team'" in changes.result("Show the changes that wait for approval")["msg"]
        apply = jobs("site.yml", **{**handed, **self.ANSWERS})
        assert apply.changed == ["Apply the workspaces", "Apply the releases"]
        assert (apply.artifacts["site_status"], apply.artifacts["site_counts"]) == ("changed", {"create": 2})
        # The variable contains the result of the first plan, but the result of the second one decides.
        verify = jobs("plan.yml", **{**handed, **apply.artifacts, **self.ANSWERS, "plan_fail_on_changes": "true"})
        assert verify.artifacts["plan_has_changes"] is False
        jobs("changes.yml", fails=True, **{**verify.artifacts, **self.ANSWERS})

    def test_outdated_approved_plan_is_refused(self, jobs: Jobs) -> None:
        handed = jobs("plan.yml", plan_fail_on_changes="false", **self.ANSWERS).artifacts
        jobs.emulator.seed(workspaces=[{"name": "team"}])
        outcome = jobs("site.yml", fails=True, **{**handed, **self.ANSWERS})
        assert any("cannot be applied: " in message for message in outcome.failures)
        assert any("'team': the actual state changed, the plan was create" in message for message in outcome.failures)
        assert [call["method"] for call in jobs.emulator.request_log() if call["method"] != "GET"] == []

    @pytest.mark.complete
    def test_second_approval_of_the_same_changes_is_refused(self, jobs: Jobs) -> None:
        """Two runs of the workflow wait for approvals at the same time, and both are approved."""
        first, second = (jobs("plan.yml", plan_fail_on_changes="false", **self.ANSWERS).artifacts for _run in range(2))
        jobs("site.yml", **{**first, **self.ANSWERS})
        jobs.emulator.control("DELETE", "request_log")
        outcome = jobs("site.yml", fails=True, **{**second, **self.ANSWERS})
        assert any("cannot be applied: " in message for message in outcome.failures)
        assert [call["method"] for call in jobs.emulator.request_log() if call["method"] != "GET"] == []

    def test_drift_fails_the_scheduled_job(self, jobs: Jobs) -> None:
        outcome = jobs("drift.yml", fails=True, desired_state_file="shop.yml", drift_fail_on_drift="true")
        assert outcome.artifacts["drift_has_drift"] is True
        assert jobs("drift.yml", desired_state_file="shop.yml", drift_fail_on_drift="false").status == 0


class TestSlices:
    """The jobs of the workflow of targets. The slices of a job have parts of the inventory, and AWX merges their artifacts by their keys."""

    TARGETS: t.ClassVar[dict[str, t.Any]] = {
        name: {"project_id": f"p-{name}", "mesh_id": f"m-{name}", "desired_state_file": f"eu-de_{name}.yml"}
        for name in ("shop", "bank")
    }
    GROUP: t.ClassVar[dict[str, str]] = {"huaweicloud_hosts": "asm_meshes"}

    @pytest.fixture(scope="class")
    @classmethod
    def jobs(cls, server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
        server.reset()
        server.seed(projects=[{"id": f"p-{name}", "name": f"eu-de_{name}"} for name in cls.TARGETS])
        return Jobs(server, tmp_path_factory.mktemp("jobs"))

    def slices(
        self, jobs: Jobs, playbook: str, all_targets: dict[str, t.Any] = TARGETS, **extra_vars: t.Any
    ) -> dict[str, t.Any]:
        """Run a playbook in two slices and return the merged artifacts."""
        merged: dict[str, t.Any] = {}
        for number, (name, variables) in enumerate(all_targets.items(), 1):
            counts = {"awx_job_slice_number": number, "awx_job_slice_count": len(all_targets)}
            merged.update(jobs(playbook, targets={name: variables}, **{**extra_vars, **self.GROUP, **counts}).artifacts)
        return merged

    def test_slices_apply_the_combined_plan(self, jobs: Jobs) -> None:
        jobs("targets_check.yml", targets=self.TARGETS, **self.GROUP)
        assert jobs.emulator.request_log() == []
        planned = self.slices(jobs, "plan.yml")
        assert planned["plan_counts"]["create"] == 1, "AWX keeps the value of the last slice"
        combine = jobs("targets_combine.yml", targets=self.TARGETS, **{**planned, **self.GROUP, "combine_type": "plan"})
        assert combine.result("Show the results")["msg"][-2:] == [
            "targets    unknown: 0, invalid: 0, changes: 2, no changes: 0, not selected: 0",
            "total      invalid: 0, create: 2, update: 0, replace: 0, delete: 0, promote: 0, cancel: 0, unchanged: 0",
        ]
        handed = {**planned, **combine.artifacts}
        assert (handed["plan_has_changes"], handed["plan_counts"]["create"]) == (True, 2)
        applied = self.slices(jobs, "site.yml", **handed)
        assert {name: value for name, value in applied.items() if "status_" in name} == {
            "site_status_shop": "changed",
            "site_status_bank": "changed",
        }
        assert workspaces(jobs.emulator) == ["bank", "shop"]

    @pytest.mark.complete
    def test_missing_slice_or_same_scope_fails(self, jobs: Jobs) -> None:
        handed = {"plan_status": "no_changes", "plan_status_shop": "no_changes"}
        outcome = jobs("targets_combine.yml", targets=self.TARGETS, fails=True, **handed, **self.GROUP)
        assert outcome.failures == [
            "Some targets have no valid result: bank. The output above and the slices have the reasons."
        ]
        targets = {**self.TARGETS, "copy": {**self.TARGETS["bank"], "mesh_id": "m-copy"}}
        (failure,) = jobs("targets_check.yml", targets=targets, fails=True, **self.GROUP).failures
        assert "The targets 'bank' and 'copy' both declare the workspaces of project p-bank." in failure

    @pytest.mark.complete
    def test_same_mesh_by_name_and_id_stops_before_the_approval(self, jobs: Jobs) -> None:
        jobs.emulator.seed(
            meshes=[{"name": "shared", "id": "m-shared", "project_id": "p-shop", "clusters": ["demo-cluster"]}]
        )
        file = {"project_id": "p-shop", "desired_state_file": "workshop.yml"}
        targets = {"name": {**file, "mesh_name": "shared"}, "id": {**file, "mesh_id": "m-shared"}}
        jobs("targets_check.yml", targets=targets, **self.GROUP)
        planned = self.slices(jobs, "plan.yml", targets)
        outcome = jobs("targets_combine.yml", targets=targets, fails=True, **planned, **self.GROUP)
        assert outcome.failures == [
            "Nothing was changed. The targets 'name' and 'id' both declare workshops or releases of mesh shared (m-shared). "
            "Two targets must not manage the same resources."
        ]

    def test_check_reads_connections_as_the_other_playbooks(self, jobs: Jobs) -> None:
        """The project of huaweicloud_connection has precedence over the other variables of a host, whichever option names it."""
        bank = self.TARGETS["bank"]
        copy = {
            **bank,
            "mesh_id": "m-copy",
            "huaweicloud_connection": {"project_name": "eu-de_copy", "region": "eu-de"},
        }
        jobs("targets_check.yml", targets={"bank": bank, "copy": copy}, **self.GROUP)

    def test_check_without_targets_fails(self, jobs: Jobs) -> None:
        outcome = jobs("targets_check.yml", targets=self.TARGETS, fails=True, huaweicloud_hosts="asm_mesh")
        assert outcome.failures == ["Nothing was sent. No host of the inventory matches huaweicloud_hosts (asm_mesh)."]
