# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authenticate with every source of credentials, check the requests, and check that no secret leaks."""

from __future__ import annotations

import json
import typing as t

import pytest
from harness import GROUP, Emulator, Player, Record, Run, control, defaults, task
from task_scenarios import release, template, workshop, workspace

TOKEN = "POST /v3/auth/tokens"
NOBODY: dict[str, str | None] = {"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None, "HW_PROJECT_ID": None}


@pytest.fixture
def login(emulator: Emulator) -> dict[str, str]:
    """Return user name and password as options."""
    found = emulator.credentials
    return {"username": found["username"], "password": found["password"], "domain_name": found["domain_name"]}


@pytest.fixture
def keys(emulator: Emulator) -> dict[str, str]:
    """Return access key and secret key as options."""
    return {"access_key": emulator.credentials["access_key"], "secret_key": emulator.credentials["secret_key"]}


def proofs(record: Record) -> list[str]:
    """Return the authentication methods of the requests."""
    return [call["auth_method"] for call in record.requests]


def auth_source(record: Record) -> tuple[str, str]:
    """Return the kind and the source of the credentials of a task."""
    return record.result["auth_source"]["kind"], record.result["auth_source"]["source"]


def listing(title: str = "list", /, **options: t.Any) -> dict[str, t.Any]:
    return task("modelarts_workspace_info", title, **options)


def lists(emulator: Emulator) -> str:
    return f"GET /v1/{emulator.credentials['project_id']}/workspaces"


class TestKeys:
    def test_keys_and_project_need_no_request_to_iam(self, play: Player, emulator: Emulator) -> None:
        run = play([listing(), workshop("create")])
        assert run["list"].sent == [lists(emulator)]
        for record in run.modules():
            assert set(proofs(record)) == {"signature"}
            assert {call["project_id"] for call in record.requests} == {emulator.credentials["project_id"]}

    def test_project_is_looked_up_once_per_task(self, play: Player, emulator: Emulator, keys: dict[str, str]) -> None:
        emulator.seed(projects=[{"name": "region-1_tools", "id": "5" * 32}])
        run = play(
            [
                listing("by region", **keys),
                listing("by name", **keys, project_name="region-1_tools"),
                listing("of nothing", **keys, project_name="region-1_tool", _ignore_errors=True),
                workspace("create", **keys, project="region-1_tools"),
            ],
            environment=NOBODY,
        )
        look_up = "GET /v3/projects"
        assert run["by region"].sent == [look_up, lists(emulator)]
        assert run["by region"].requests[0]["query"] == {"name": emulator.credentials["region"]}
        assert run["by name"].sent == [look_up, f"GET /v1/{'5' * 32}/workspaces"]
        assert run["of nothing"].sent == [look_up]
        assert "No project is called 'region-1_tool'" in run["of nothing"].msg
        assert run["create"].sent.count(look_up) == 1
        assert {call["project_id"] for call in run["create"].requests[1:]} == {"5" * 32}

    def test_lookup_without_permission_fails(self, play: Player, emulator: Emulator, keys: dict[str, str]) -> None:
        emulator.seed(users=[{"name": emulator.credentials["username"], "denied": ["iam:projects:listProjects"]}])
        run = play([listing(**keys)], environment=NOBODY)
        assert run["list"].sent == ["GET /v3/projects", "GET /v3/auth/projects", lists(emulator)]

    def test_options_replace_the_environment_as_a_set(
        self, play: Player, emulator: Emulator, keys: dict[str, str]
    ) -> None:
        made = emulator.seed(keys=[{"security_token": True}])["keys"][0]
        stray = {
            "HW_SECURITY_TOKEN": made["security_token"],
            "HW_ACCESS_KEY": "unknown-access-key",
            "HW_SECRET_KEY": "unknown-secret-key-of-a-test",
        }
        run = play(
            [
                listing("keys of the task", **keys),
                listing("half a set", access_key=keys["access_key"], _ignore_errors=True),
                listing("keys of the environment", _ignore_errors=True),
            ],
            environment=stray,
            verbosity=3,
        )
        assert not run["keys of the task"].failed
        assert auth_source(run["keys of the task"]) == ("aksk", "task")
        assert run["half a set"].sent == []
        assert "secret_key" in run["half a set"].msg
        assert run["keys of the environment"].failed and len(run["keys of the environment"].requests) == 1

    def test_temporary_keys_require_security_token(self, play: Player, emulator: Emulator) -> None:
        made = emulator.seed(keys=[{"security_token": True}])["keys"][0]
        variables = {"HW_ACCESS_KEY": made["access_key"], "HW_SECRET_KEY": made["secret_key"]}
        run = play(
            [listing(), workspace("create")], environment=dict(variables, HW_SECURITY_TOKEN=made["security_token"])
        )
        assert {call["status"] for record in run.records for call in record.requests} == {200}
        options = {"access_key": made["access_key"], "secret_key": made["secret_key"]}
        run = play(
            [
                listing("with it", **options, security_token=made["security_token"]),
                listing("without it", **options, _ignore_errors=True),
            ]
        )
        assert not run["with it"].failed
        assert run["without it"].failed and [call["status"] for call in run["without it"].requests] == [401]

    def test_refused_keys_are_never_tried_again(self, play: Player, emulator: Emulator, keys: dict[str, str]) -> None:
        emulator.set(key_lock_failures=2, key_lock_seconds=600)
        wrong = dict(keys, secret_key="wrong-secret-key-of-a-test")
        tasks = [listing(f"wrong {number}", **wrong, _ignore_errors=True) for number in range(3)]
        run = play(
            [
                *tasks,
                listing("locked", **keys, _ignore_errors=True),
                control("POST", "keys/unlock"),
                listing("unlocked", **keys),
            ]
        )
        for number in range(3):
            assert [call["status"] for call in run[f"wrong {number}"].requests] == [401]
            assert "The secret key does not belong to the access key" in run[f"wrong {number}"].msg
            assert "canonical" not in run[f"wrong {number}"].msg
        assert len(run["locked"].requests) == 1 and "locked for five minutes" in run["locked"].msg
        assert not run["unlocked"].failed

    def test_wrong_clock_is_reported(self, play: Player, emulator: Emulator) -> None:
        emulator.set(clock_skew=60)
        emulator.control("POST", "clock", {"advance": 120})
        run = play([listing(_ignore_errors=True)])
        assert len(run["list"].requests) == 1
        assert "The clock of this machine is wrong" in run["list"].msg and "The local time is 20" in run["list"].msg


class TestTokens:
    def test_one_token_per_task(self, play: Player, emulator: Emulator, login: dict[str, str]) -> None:
        run = play(
            [listing(**login), workshop("create", **login), workspace("check", **login, _check_mode=True)],
            environment=NOBODY,
        )
        assert run["list"].sent == [TOKEN, lists(emulator)]
        body = run["list"].requests[0]["body"]["auth"]
        assert body["scope"] == {"project": {"name": emulator.credentials["region"]}}
        assert body["identity"]["methods"] == ["password"]
        for name in ("create", "check"):
            assert run[name].sent.count(TOKEN) == 1 and run[name].sent[0] == TOKEN
            assert proofs(run[name])[1:] == ["token"] * (len(run[name].requests) - 1)
            assert {call["project_id"] for call in run[name].requests[1:]} == {emulator.credentials["project_id"]}
        assert run["create"].changed and run["check"].changed and run["check"].writes == []

    def test_token_has_scope_of_project(self, play: Player, emulator: Emulator, login: dict[str, str]) -> None:
        made = emulator.seed(projects=[{"name": "region-1_tools"}])["projects"][0]
        by_id = {key: value for key, value in login.items() if key != "domain_name"}
        run = play(
            [
                listing("by id", **login, project_id=emulator.credentials["project_id"]),
                listing("by name", **login, project_name="region-1_tools"),
                listing("domain by id", **by_id, domain_id=emulator.credentials["domain_id"]),
                listing("no domain", **by_id, _ignore_errors=True),
            ],
            environment=NOBODY,
        )
        assert run["by id"].requests[0]["body"]["auth"]["scope"] == {
            "project": {"id": emulator.credentials["project_id"]}
        }
        assert run["by name"].sent == [TOKEN, f"GET /v1/{made['id']}/workspaces"]
        assert run["domain by id"].sent == [TOKEN, lists(emulator)]
        assert run["no domain"].sent == [] and "domain_name" in run["no domain"].msg

    def test_play_with_one_token_sends_one_iam_request(
        self, play: Player, emulator: Emulator, login: dict[str, str]
    ) -> None:
        """The play needs one request to IAM, with module_defaults of the action group."""
        group = {"auth_token": "{{ login.token }}", "project_id": "{{ login.project_id }}", "retry_max_delay": 0.02}
        run = play(
            [
                task("iam_token", "log in", **login, _no_log=True, _register="login"),
                {
                    "block": [listing(), workshop("create"), workspace("make"), release("run")],
                    "module_defaults": {GROUP: group},
                },
            ],
            environment=NOBODY,
        )
        assert run["log in"].sent == [TOKEN]
        assert "censored" in run["log in"].result
        for name in ("list", "create", "make", "run"):
            assert set(proofs(run[name])) == {"token"}
            assert TOKEN not in run[name].sent
            assert not run[name].failed
        assert run["run"].changed

    def test_given_token_is_never_renewed(self, play: Player, emulator: Emulator, login: dict[str, str]) -> None:
        options = {"auth_token": "{{ login.token }}", "project_id": emulator.credentials["project_id"]}
        run = play(
            [
                task("iam_token", "log in", **login, _no_log=True, _register="login"),
                listing("before", **options),
                control("POST", "tokens/expire"),
                listing("after", **options, _ignore_errors=True),
            ]
        )
        assert run["before"].sent == [lists(emulator)]
        assert run["after"].sent == [lists(emulator)]
        assert "The token has expired" in run["after"].msg

    def test_own_token_is_renewed_once(self, play: Player, emulator: Emulator, login: dict[str, str]) -> None:
        expired = {
            "error_msg": "Incorrect IAM authentication information: token expires, expires_at: 2026-01-01T00:00:00Z",
            "error_code": "APIGW.0301",
        }
        emulator.fault("status", "GET", "/workspaces$", status=401, body=expired)
        run = play([listing("once", **login), listing("renewed token", **login)], environment=NOBODY)
        assert run["once"].sent == [TOKEN, lists(emulator), TOKEN, lists(emulator)]
        emulator.fault("status", "GET", "/workspaces$", status=401, body=expired, times=9)
        run = play([listing("twice", **login, _ignore_errors=True)], environment=NOBODY)
        assert run["twice"].sent == [TOKEN, lists(emulator), TOKEN, lists(emulator)]
        assert run["twice"].failed

    def test_short_token_is_not_renewed_for_each_request(
        self, play: Player, emulator: Emulator, login: dict[str, str]
    ) -> None:
        """A token with a short lifetime is used for half of it, and not renewed for every request."""
        emulator.set(token_life=60)
        run = play([workspace("create", **login)], environment=NOBODY)
        assert run["create"].sent.count(TOKEN) == 1

    def test_refused_password_is_not_repeated_or_printed(
        self, play: Player, emulator: Emulator, login: dict[str, str]
    ) -> None:
        run = play(
            [listing(**dict(login, password="wrong-password-of-a-test"), _ignore_errors=True)], environment=NOBODY
        )
        assert run["list"].sent == [TOKEN]
        assert run["list"].result["error"]["status"] == 401
        assert "wrong-password-of-a-test" not in run.output


class TestEnvironment:
    def test_token_precedes_keys_and_keys_precede_user(
        self, play: Player, emulator: Emulator, login: dict[str, str]
    ) -> None:
        """Within a family, a token has precedence over keys, and keys over a password. An empty variable is unset."""
        password = {
            "HW_USER_NAME": login["username"],
            "HW_USER_PASSWORD": login["password"],
            "HW_DOMAIN_NAME": login["domain_name"],
        }
        run = play([listing()], environment=password, verbosity=3)
        assert auth_source(run["list"]) == ("aksk", "environment")
        blank = dict.fromkeys(
            ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_AUTH_TOKEN", "HW_PROJECT_ID", "HW_PROXY"), ""
        )
        run = play([listing()], environment={**password, **blank, "OS_AUTH_TOKEN": " "}, verbosity=3)
        assert auth_source(run["list"]) == ("password", "environment")
        assert run["list"].sent == [TOKEN, lists(emulator)]
        run = play(
            [listing(_ignore_errors=True)], environment={**password, "HW_AUTH_TOKEN": "a-token-nobody-has-issued"}
        )
        assert proofs(run["list"]) == ["token"] and [call["status"] for call in run["list"].requests] == [401]
        assert "The credentials come from the environment variable HW_AUTH_TOKEN." in run["list"].msg

    def test_families_of_variables_are_not_mixed(self, play: Player, emulator: Emulator) -> None:
        found = emulator.credentials
        stale = {"OS_TOKEN": "a-token-nobody-has-issued", "OS_PROJECT_ID": "another-project"}
        run = play([listing()], environment={**stale, "HW_PROJECT_ID": None, "HW_PROJECT_NAME": found["region"]})
        assert set(proofs(run["list"])) == {"signature"} and run["list"].sent[-1] == lists(emulator)
        mixed = {"HW_SECRET_KEY": None, "OS_SECRET_KEY": found["secret_key"]}
        run = play([listing(_ignore_errors=True)], environment=mixed)
        assert run["list"].sent == []
        assert "HW_ACCESS_KEY without HW_SECRET_KEY; OS_SECRET_KEY without OS_ACCESS_KEY" in run["list"].msg

    def test_identity_provider_is_refused(self, play: Player) -> None:
        environment = {**NOBODY, "HUAWEICLOUD_SDK_IDP_ID": "company"}
        run = play([listing(_ignore_errors=True)], environment=environment)
        assert run["list"].sent == []
        assert "HUAWEICLOUD_SDK_IDP_ID requests an identity provider, which is not supported" in run["list"].msg

    def test_invalid_header_value_is_refused(self, play: Player, emulator: Emulator) -> None:
        tasks = [
            listing("token", auth_token="canary\u00e9-0123456789", _ignore_errors=True),
            listing("key", access_key="canary\nkey", secret_key="canary-0123456789", _ignore_errors=True),
            listing("environment", _ignore_errors=True),
        ]
        run = play(tasks, environment={"HW_SECRET_KEY": "canary\u4e2d-0123456789"})
        for name, label in (
            ("token", "auth_token"),
            ("key", "access_key"),
            ("environment", "secret_key (from HW_SECRET_KEY)"),
        ):
            assert run[name].sent == []
            assert run[name].msg.startswith(f"{label} contains a character that is invalid in an HTTP header.")
            assert "canary" not in run[name].msg

    def test_variables_of_other_tools_are_used(self, play: Player, emulator: Emulator, login: dict[str, str]) -> None:
        found = emulator.credentials
        sdk = {
            "HUAWEICLOUD_SDK_AK": found["access_key"],
            "HUAWEICLOUD_SDK_SK": found["secret_key"],
            "HUAWEICLOUD_SDK_PROJECT_ID": found["project_id"],
        }
        run = play([listing()], environment={**NOBODY, **sdk})
        assert run["list"].sent == [lists(emulator)]
        openstack = {
            "OS_USERNAME": login["username"],
            "OS_PASSWORD": login["password"],
            "OS_USER_DOMAIN_NAME": login["domain_name"],
            "OS_AUTH_URL": f"{emulator.url}/v3",
            "OS_REGION_NAME": found["region"],
            "HW_AUTH_URL": None,
            "HW_REGION_NAME": None,
        }
        run = play([listing()], environment={**NOBODY, **openstack})
        assert run["list"].sent == [TOKEN, lists(emulator)]

    def test_blank_options_are_not_set(self, play: Player, emulator: Emulator) -> None:
        """AWX passes empty survey answers in this way."""
        blank = dict.fromkeys(
            (
                "access_key",
                "secret_key",
                "security_token",
                "auth_token",
                "username",
                "password",
                "project_id",
                "region",
                "proxy",
            ),
            "",
        )
        run = play([listing(**blank)])
        assert run["list"].sent == [lists(emulator)]

    def test_missing_credentials_are_reported(self, play: Player) -> None:
        run = play([listing(_ignore_errors=True)], environment=NOBODY)
        assert run["list"].sent == []
        assert run["list"].result["error"]["kind"] == "options"


ECHO = {
    "error_code": "ModelArts.0010",
    "error_msg": "canonicalRequest: {{ canary.security_token }}; it was signed with {{ canary.secret_key }}",
}
OTHER_ECHO = {"error_code": "ModelArts.0010", "error_msg": "The token {{ canary.security_token }} is of no use"}


class TestSecrets:
    """Pass secrets in every supported way, at the highest verbosity, to successful and failing tasks."""

    @pytest.fixture(scope="class")
    @classmethod
    def secrets(cls, server: Emulator) -> dict[str, str]:
        server.reset()
        made = server.seed(
            keys=[
                {
                    "security_token": "canary-security-token-0123456789",
                    "access_key": "CANARYKEY0123456789",
                    "secret_key": "canary-secret-key-0123456789",
                }
            ],
            users=[{"name": "canary", "password": "canary-password-0123456789"}],
        )
        return dict(
            made["keys"][0],
            password="canary-password-0123456789",
            wrong="canary-wrong-0123456789",
            given="canary-given-token-0123456789",
        )

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, server: Emulator, secrets: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Run:
        play = Player(server, tmp_path_factory.mktemp("secrets"))
        # Ansible prints the lines of a playbook around an error, so the secrets are in variables.
        temporary = {name: f"{{{{ canary.{name} }}}}" for name in ("access_key", "secret_key", "security_token")}
        login = {
            "username": "canary",
            "password": "{{ canary.password }}",
            "domain_name": server.credentials["domain_name"],
        }
        wrong = {**temporary, "secret_key": "{{ canary.wrong }}"}
        return play(
            [
                listing("keys", **temporary),
                listing("wrong keys", **wrong, _ignore_errors=True),
                listing("password", **login),
                listing("wrong password", **{**login, "password": "{{ canary.wrong }}"}, _ignore_errors=True),
                listing("token", auth_token="{{ canary.given }}", _ignore_errors=True),
                listing(
                    "address",
                    asm_endpoint="http://me:{{ canary.wrong }}@asm.example.com",
                    **temporary,
                    _ignore_errors=True,
                ),
                task("iam_token", "log in", **login, _no_log=True, _register="login"),
                listing("issued token", auth_token="{{ login.token }}"),
                listing("environment"),
                workspace("create", **login),
                workshop("demo", **temporary),
                release("canary", **temporary, gray_deployments=[{"template": json.dumps(template())}]),
                dict(
                    control(
                        "POST",
                        "faults",
                        {"kind": "status", "status": 500, "method": "GET", "path_regex": ".", "body": ECHO},
                    ),
                    no_log=True,
                ),
                listing("echoed", **temporary, max_retries=0, _ignore_errors=True),
                dict(
                    control(
                        "POST",
                        "faults",
                        {"kind": "status", "status": 500, "method": "GET", "path_regex": ".", "body": OTHER_ECHO},
                    ),
                    no_log=True,
                ),
                listing("echoed otherwise", **temporary, max_retries=0, _ignore_errors=True),
            ],
            diff=True,
            verbosity=4,
            environment={
                "HW_ACCESS_KEY": secrets["access_key"],
                "HW_SECRET_KEY": secrets["secret_key"],
                "HW_SECURITY_TOKEN": secrets["security_token"],
            },
            variables={"canary": secrets},
            module_defaults=defaults(project_id=server.credentials["project_id"]),
        )

    def test_all_tasks_succeeded(self, run: Run) -> None:
        failed = {record.name for record in run.records if record.failed}
        assert failed == {"wrong keys", "wrong password", "token", "address", "echoed", "echoed otherwise"}
        assert "The token ******** is of no use" in run["echoed otherwise"].msg
        assert auth_source(run["environment"]) == ("aksk", "environment")

    def test_no_secret_is_printed(self, run: Run, secrets: dict[str, str]) -> None:
        tokens = {name: value for name, value in secrets.items() if name != "access_key"}
        written = f"{run.output}\n{json.dumps([record.result for record in run.records])}"
        assert "Task failed" in written or "FAILED" in written
        for name, value in tokens.items():
            assert value not in written, name
        assert "MII" not in written, "an issued token"

    def test_no_secret_is_in_the_request_log(self, run: Run, server: Emulator, secrets: dict[str, str]) -> None:
        assert len(server.request_log()) > 10
        kept = f"{json.dumps(server.request_log())}\n{server.log.read_text(encoding='utf-8', errors='replace')}"
        for name, value in secrets.items():
            # Only the name of this field protects its value, because it is not a secret of the emulator and is never sent in a body.
            assert name == "access_key" or value not in kept, name
