# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authenticate with files, agencies, instance metadata and a token cache: one play, with local execution and as modules."""

from __future__ import annotations

import json
import re
import shutil
import typing as t
from pathlib import Path

import pytest
import yaml
from execution_modes import assert_equal_runs, run_in_both_modes
from harness import Emulator, Player, Record, Run, control, defaults, task

NOBODY: dict[str, str | None] = {"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None, "HW_PROJECT_ID": None}
SESSION, METADATA = "PUT /meta-data/latest/api/token", "GET /openstack/latest/securitykey"
TOKEN, ASSUME = "POST /v3/auth/tokens", "POST /v3.0/OS-CREDENTIAL/securitytokens"
ACCOUNT, PROJECT = "GET /v3/auth/domains", "GET /v3/projects"


class Sources:
    """Files with the credentials of an emulator, and agencies of two other accounts."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.known = emulator.credentials
        self.directory = directory
        self.cache = directory / "cache"
        shutil.rmtree(self.cache, ignore_errors=True)
        agencies = [{"name": "operators", "domain_name": name} for name in ("shop", "bank")]
        self.agencies = emulator.seed(agencies=agencies)["agencies"]
        keys = {name: self.known[name] for name in ("access_key", "secret_key", "project_id")}
        self.ini = self._write("credentials", "[basic]\nak = {access_key}\nsk = {secret_key}\n".format(**keys))
        self.koocli = self._write("config.json", json.dumps(self._koocli()))
        self.open_to_others = self._write("open.json", json.dumps(self._koocli()), 0o644)
        self.encrypted = self._write("encrypted.json", json.dumps({**self._koocli(), "authEncrypt": "true"}))
        clouds = {
            "emulator": {"auth": {**self._login(), "auth_url": emulator.url}, "region_name": self.known["region"]}
        }
        self.clouds = self._write("clouds.yaml", yaml.safe_dump({"clouds": clouds}))
        secure = {"emulator": {"auth": {"password": self.known["password"]}}}
        self.secure = self._write("secure.yaml", yaml.safe_dump({"clouds": secure}))

    def _write(self, name: str, text: str, mode: int = 0o600) -> str:
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return str(path)

    def _login(self) -> dict[str, str]:
        return {"username": self.known["username"], "user_domain_name": self.known["domain_name"]}

    def _koocli(self) -> dict[str, t.Any]:
        profile = {
            "name": "dev",
            "mode": "AKSK",
            "accessKeyId": self.known["access_key"],
            "secretAccessKey": self.known["secret_key"],
            "projectId": self.known["project_id"],
            "domainId": self.known["domain_id"],
        }
        assumed = {"name": "shop", "mode": "AssumeRole", "agencyName": "operators", "agencyDomainName": "shop"}
        # The keys of the profile of an agency are in the profile itself (Terraform), or in another profile (KooCLI).
        other = {**assumed, "name": "ops", "sourceProfile": "dev", "accessKeyId": "AK", "secretAccessKey": "CANARY"}
        return {
            "authEncrypt": "false",
            "current": "dev",
            "profiles": [profile, {**profile, **assumed, "projectId": ""}, other],
        }

    def password(self) -> dict[str, t.Any]:
        return {
            "username": self.known["username"],
            "password": self.known["password"],
            "domain_name": self.known["domain_name"],
            "token_cache": str(self.cache),
        }

    def tasks(self) -> list[dict[str, t.Any]]:
        shop, bank = ({"agency_name": "operators", "agency_domain_name": one["domain_name"]} for one in self.agencies)
        keys = {name: self.known[name] for name in ("access_key", "secret_key", "domain_id")}
        failing: dict[str, t.Any] = {"_ignore_errors": True}
        loop = {"_loop": [self.agencies[0]["project_id"]] * 3, "project_id": "{{ item }}"}
        return [
            listing("SDK file", credentials_file=self.ini, project_id=self.known["project_id"]),
            listing("KooCLI profile", credentials_file=self.koocli),
            listing("cloud", cloud="emulator"),
            listing("open file", credentials_file=self.open_to_others),
            listing("metadata", use_metadata=True, project_id=self.known["project_id"]),
            listing("agency of profile", credentials_file=self.koocli, profile="shop", region=self.known["region"]),
            listing("source profile", credentials_file=self.koocli, profile="ops", region=self.known["region"]),
            listing("agency", **shop, **keys),
            task("modelarts_workspace", "check", name="team", **bank, **keys, _check_mode=True),
            task("modelarts_workspace", "create", name="team", **bank, **keys),
            listing("loop", **shop, **keys, **loop),
            listing("server and agency", use_metadata=True, **bank),
            listing("first", **self.password()),
            listing("second", **self.password()),
            control("POST", "tokens/expire"),
            listing("after 401", **self.password()),
            listing("unknown profile", credentials_file=self.koocli, profile="prod", **failing),
            listing("encrypted", credentials_file=self.encrypted, **failing),
            listing("two sources", credentials_file=self.koocli, use_metadata=True, **failing),
            listing("unknown agency", **{**shop, "agency_name": "nobody"}, **keys, **failing),
            control("PATCH", "behaviors", {"metadata_agency": "no"}),
            listing("no agency", use_metadata=True, **failing),
            control("PATCH", "behaviors", {"metadata_agency": "yes", "metadata_sessions": "required"}),
            task("api_request", "request", service="iam", path="v3/auth/domains", use_metadata=True),
        ]  # fmt: skip

    def run(self, play: Player) -> Run:
        environment = {
            **NOBODY,
            "HW_METADATA_ENDPOINT": play.emulator.url,
            "OS_CLIENT_CONFIG_FILE": self.clouds,
            "OS_CLIENT_SECURE_FILE": self.secure,
        }
        return play(self.tasks(), environment=environment, verbosity=3, module_defaults=defaults())


def listing(title: str, /, **options: t.Any) -> dict[str, t.Any]:
    return task("modelarts_workspace_info", title, **options)


def lists(project_id: str) -> str:
    return f"GET /v1/{project_id}/workspaces"


@pytest.fixture(scope="class")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sources")


@pytest.fixture(scope="class")
def runs(shared_play: Player, directory: Path) -> tuple[Run, Run]:
    return run_in_both_modes(shared_play, lambda play: Sources(play.emulator, directory).run(play))


@pytest.fixture(scope="class")
def run(runs: tuple[Run, Run]) -> Run:
    return runs[1]


@pytest.fixture(scope="class")
def agencies(run: Run) -> list[str]:
    """Return the project of each agency, as the last run used them."""
    return [run[name].sent[-1].split("/")[2] for name in ("agency", "server and agency")]


class TestSources:
    def test_both_execution_modes_are_equal(self, runs: tuple[Run, Run]) -> None:
        assert_equal_runs(*runs)

    @pytest.mark.parametrize("name", ["SDK file", "KooCLI profile", "open file"])
    def test_keys_in_files_need_no_request_to_iam(self, run: Run, server: Emulator, name: str) -> None:
        assert run[name].sent == [lists(server.credentials["project_id"])]
        assert run[name].requests[0]["auth_method"] == "signature"

    def test_cloud_issues_a_token(self, run: Run, server: Emulator) -> None:
        assert run["cloud"].sent == [TOKEN, lists(server.credentials["project_id"])]

    def test_readable_file_is_warned_about(self, run: Run) -> None:
        (warning,) = run["open file"].warnings
        assert "open.json' contains secrets, and its mode 0644 lets other users read or change it" in warning
        assert all(run[name].warnings == [] for name in ("KooCLI profile", "cloud", "first"))

    def test_metadata_provides_keys(self, run: Run, server: Emulator) -> None:
        assert run["metadata"].sent == [SESSION, METADATA, lists(server.credentials["project_id"])]
        assert run["request"].sent == [SESSION, METADATA, ACCOUNT]
        assert run["request"].result["auth_method"] == "aksk"

    def test_agency_manages_project_of_its_account(self, run: Run, agencies: list[str], server: Emulator) -> None:
        shop, bank = agencies
        assert len({shop, bank, server.credentials["project_id"]}) == 3
        assert run["agency"].sent == [ASSUME, PROJECT, lists(shop)]
        assert run["agency of profile"].sent == run["source profile"].sent == run["agency"].sent
        assert run["server and agency"].sent == [SESSION, METADATA, ACCOUNT, ASSUME, PROJECT, lists(bank)]
        assert run["check"].sent[0] == ASSUME and run["check"].changed and run["check"].writes == []
        assert [call["path"] for call in run["create"].writes] == [f"/v1/{bank}/workspaces"]

    def test_items_of_a_loop_assume_the_agency_once(self, runs: tuple[Run, Run], agencies: list[str]) -> None:
        assert runs[0]["loop"].sent.count(ASSUME) == 1
        assert runs[1]["loop"].sent == [ASSUME, lists(agencies[0])] * 3

    def test_tasks_share_a_token(self, run: Run, server: Emulator, directory: Path) -> None:
        workspaces = lists(server.credentials["project_id"])
        assert run["first"].sent == [TOKEN, workspaces]
        assert run["second"].sent == [workspaces]
        assert run["after 401"].sent == [workspaces, TOKEN, workspaces]
        files = list((directory / "cache").iterdir())
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}

    @pytest.mark.parametrize(
        ("name", "sent", "message"),
        [
            ("unknown profile", [], "'{0}/config.json' does not contain the profile 'prod'. Available: 'dev', 'shop' and 'ops'."),
            ("encrypted", [], "are encrypted, and only KooCLI can decrypt them. Run: hcloud configure set --cli-auth-encrypt=false"),
            ("two sources", [], "More than one kind of credentials in the task options: credentials_file; use_metadata."),
            ("unknown agency", [ASSUME], "Failed to assume agency 'nobody' of account 'shop': Could not find agency: nobody (HTTP 404"),
            ("no agency", [SESSION, METADATA], "Please configure Cloud Service Agency first (HTTP 401). Assign an agency to the ECS"),
        ],
    )  # fmt: skip
    def test_bad_source_is_reported(self, run: Run, directory: Path, name: str, sent: list[str], message: str) -> None:
        assert run[name].failed and run[name].sent == sent
        assert message.format(directory) in run[name].msg

    @pytest.mark.parametrize(
        ("name", "kind", "origin", "agency"),
        [
            ("SDK file", "aksk", "section 'basic' of '{0}/credentials', selected by the task option credentials_file", None),
            ("agency of profile", "aksk", "profile 'shop' of '{0}/config.json', selected by the task options credentials_file and profile", "shop"),
            ("cloud", "password", "cloud 'emulator' of '{0}/clouds.yaml', selected by the task option cloud", None),
            ("server and agency", "metadata", "the metadata of this server, selected by the task option use_metadata", "bank"),
        ],
    )  # fmt: skip
    def test_source_is_reported(
        self, run: Run, directory: Path, name: str, kind: str, origin: str, agency: str | None
    ) -> None:
        assert run[name].result["auth_source"] == {
            "kind": kind,
            "source": "task",
            "origin": f"The credentials come from {origin.format(directory)}."
            + (f" They assume agency 'operators' of account '{agency}'." if agency else ""),
        }

    def test_files_and_output_contain_no_secret(
        self, runs: tuple[Run, Run], server: Emulator, shared_play: Player
    ) -> None:
        secrets = [server.credentials["secret_key"], server.credentials["password"], "CANARY"]
        records: list[Record] = [record for run in runs for record in run.records]
        texts = [run.output for run in runs] + [json.dumps(record.result) for record in records]
        texts += [
            path.read_text(encoding="utf-8", errors="replace")
            for path in shared_play.directory.rglob("*")
            if path.is_file() and not path.name.startswith("play-")
        ]
        for secret in secrets:
            assert not any(secret in text for text in texts)
        # Tokens begin with these letters, and security tokens have 120 digits.
        assert not any(re.search("MII|[0-9a-f]{100}", text) for text in texts)


# Variables with a relative path, or for a file in the current directory.
RELATIVE: dict[str, str | None] = {**NOBODY, "OS_CLOUD": "emulator", "HW_TOKEN_CACHE": "tokens"}


@pytest.fixture(scope="class")
def start_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory in which Ansible starts. The playbook is in another one."""
    return tmp_path_factory.mktemp("start")


@pytest.fixture(scope="class")
def relative(shared_play: Player, start_directory: Path) -> tuple[Run, Run]:
    """Run tasks with relative paths."""

    def run(play: Player) -> Run:
        sources = Sources(play.emulator, start_directory)
        shutil.rmtree(start_directory / "tokens", ignore_errors=True)
        options = {"credentials_file": "credentials", "project_id": sources.known["project_id"]}
        tasks = [listing("cloud"), listing("cloud again"), listing("file", **options)]
        return play(tasks, environment=RELATIVE, working_directory=start_directory)

    return run_in_both_modes(shared_play, run)


class TestRelativePaths:
    """Relative paths refer to the directory in which the user starts Ansible, not to the directory of the playbook."""

    def test_both_execution_modes_are_equal(self, relative: tuple[Run, Run]) -> None:
        assert_equal_runs(*relative)

    def test_tasks_use_the_files(self, relative: tuple[Run, Run], server: Emulator) -> None:
        workspaces = lists(server.credentials["project_id"])
        sent = [[TOKEN, workspaces], [workspaces], [workspaces]]
        assert [[record.sent for record in run.records] for run in relative] == [sent, sent]

    def test_token_cache_is_a_directory_there(self, relative: tuple[Run, Run], start_directory: Path) -> None:
        assert list((start_directory / "tokens").iterdir())

    def test_playbooks_of_the_collection_use_the_files(self, shared_play: Player, start_directory: Path) -> None:
        shared_play.emulator.reset()
        sources = Sources(shared_play.emulator, start_directory)
        (start_directory / "state.yml").write_text("workspaces: [{name: team}]", encoding="utf-8")
        run = shared_play.run(
            "community.huaweicloud.plan",
            variables={"desired_state_file": "state.yml", "plan_directory": str(start_directory)},
            environment=RELATIVE,
            working_directory=start_directory,
        )
        assert lists(sources.known["project_id"]) in [call for record in run.records for call in record.sent]
