# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put secrets into every secret option, from every source, through success and failure, and search all remaining files and outputs for them.

Secrets are allowed in three places only:

- Ansible passes options to a module in a file. With ANSIBLE_KEEP_REMOTE_FILES this file stays in a directory that only its owner can open. It contains
  the options of tasks that run as modules. Local execution and environment variables leave nothing there.
- The database of the emulator (mode 0600) contains its keys, users and tokens, because it needs them to check signatures.
- Results contain the template of the requested resource with its environment variables. Messages and reports do not.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import sqlite3
import stat
import textwrap
import typing as t
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
import yaml
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret
from canaries import OF_TEMPLATE, SECRETS, found_below, found_in, secret_options, spellings, whole_spellings
from counting import Tally, count_cases
from harness import Emulator, Player, Run, defaults, task
from task_scenarios import release, template, workshop, workspace
from test_awx_jobs import Jobs

EXECUTION_MODES = {"in process": {}, "as a module": {"HW_IN_PROCESS": "0"}}
SOURCES = ("options", "environment", "vault", "files")
FORMATS = {"options": "yaml", "environment": "json", "vault": "json", "files": "yaml"}
PART = [("in process", "options"), ("as a module", "environment")]
ALL = [(way, source) for way in EXECUTION_MODES for source in SOURCES]
VAULT_PASSWORD = "canary-password-of-the-vault-0123456789"
NAMES = {"secret_key", "security_token", "auth_token", "password", "proxy"}
# The modules that send requests to other servers.
KUBERNETES_NAMES = {"api_key", "basic_auth", "password", "proxy", "proxy_basic_auth"}
OTHER_NAMES = {
    "asm_traffic": KUBERNETES_NAMES,
    "asm_traffic_info": KUBERNETES_NAMES,
    "canary_analysis": {"prometheus_password", "prometheus_token"},
    "service_probe": NAMES | KUBERNETES_NAMES,
}
# So many spellings an echo has, that none is cut off.
AT_ONCE = 6
# What AWX and these tests themselves put secrets into.
INPUTS = ("secrets.json", "vaulted.yml", "locked.pem", *(f"variables-{number}.json" for number in range(1, 9)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "source" in metafunc.fixturenames:
        metafunc.parametrize(("way", "source"), ALL if metafunc.config.getoption("--whole") else PART)


def test_every_secret_option_has_a_canary() -> None:
    """A new option that is secret has to be tried here too."""
    options = secret_options()
    assert {module: found for module, found in options.items() if found != NAMES} == OTHER_NAMES


def test_every_spelling_is_found() -> None:
    """The search finds a secret among other texts in every encoding."""
    for name, secret in SECRETS.items():
        for how, spelled in {**spellings(secret), **whole_spellings(secret)}.items():
            assert any(found.startswith(name) for found in found_in(f"before {spelled} after", SECRETS)), (name, how)
    for shift in range(4):
        hidden = base64.b64encode(b"u" * shift + SECRETS["password"].encode() + b":rest").decode()
        assert found_in(hidden, SECRETS), shift
    assert found_in("nothing at all", SECRETS) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n    ", "\\n", "\\r\\n", "\\\\n", "&#10;", "%0A"])
def test_base64_is_found_in_lines(end: str) -> None:
    """Wherever it is cut, and however the ends of lines are written."""
    encoded = base64.b64encode(b"user:" + SECRETS["password"].encode()).decode()
    for width in range(4, 77, 4):
        assert found_in(end.join(textwrap.wrap(encoded, width)), SECRETS), width


def test_spellings_are_those_of_others() -> None:
    """As other implementations write them, taken down from what they print."""
    secret = "Pa'ss!w*rd(1)~é<x>&\"q/+="
    known = set(spellings(secret).values())
    assert known >= {
        "Pa'ss!w*rd(1)~%C3%A9%3Cx%3E%26%22q%2F%2B%3D",
        "Pa%27ss%21w*rd%281%29%7E%C3%A9%3Cx%3E%26%22q%2F%2B%3D",
        "Pa\\u0027ss!w*rd(1)~\\u00E9\\u003Cx\\u003E\\u0026\\u0022q\\/+=",
        "Pa\\u0027ss!w*rd(1)~\\u00E9\\u003Cx\\u003E\\u0026\\u0022q/\\u002B=",
        "Pa&#39;ss&#33;w&#42;rd&#40;1&#41;&#126;&#233;&#60;x&#62;&#38;&#34;q&#47;&#43;&#61;",
        json.dumps(json.dumps(json.dumps(secret)))[7:-7],
    }
    assert len(known) > 40


# ---------------------------------------------------------------------------------------------------------------------
# Plays


def _kinds(account: t.Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Options of each kind of credentials; what is secret is named."""
    user = {"username": account["username"], "domain_name": account["domain_name"]}
    return {
        "keys": {"access_key": "CANARYACCESSKEY00001", "secret_key": "secret_key", "security_token": "security_token"},
        "password": {**user, "password": "password"},
        "token": {"auth_token": "auth_token"},
    }


VARIABLES = {
    "access_key": "HW_ACCESS_KEY",
    "secret_key": "HW_SECRET_KEY",
    "security_token": "HW_SECURITY_TOKEN",
    "auth_token": "HW_AUTH_TOKEN",
    "username": "HW_USER_NAME",
    "password": "HW_USER_PASSWORD",
    "domain_name": "HW_DOMAIN_NAME",
}


def _echoes(secrets: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    """Faults whose answers hold what the request held, or more, in many spellings, in bodies and in headers."""
    text = " ".join(secrets.values())
    canonical = f"verify aksk signature fail, canonicalRequest:GET|/v1/||host:x|x-security-token:{text}||host;x-security-token|e3b0c44298fc1c149afb"
    said = [{"status": 401, "body": {"error_code": "APIGW.0301", "error_msg": canonical}}]
    spelled = [text for secret in secrets.values() for text in whole_spellings(secret).values()]
    some = [" ".join(spelled[start : start + AT_ONCE]) for start in range(0, len(spelled), AT_ONCE)]
    said += [
        {"status": 400, "body": {"error_code": "ModelArts.0001", "error_msg": f"Refused: {text}"}} for text in some
    ]
    said += _headers(secrets)
    code = f"X.{next(iter(secrets.values()))}"
    said += [
        {"status": status, "body": {"error_code": code, "error_msg": f"No: {text}"}}
        for status in (403, 404, 409, 429, 500, 503)
    ]
    faults = [{"kind": "status", **one} for one in said]
    faults += [
        {"kind": "schema_mismatch", "body": {"error_code": "X.1", "error_msg": text}},
        {"kind": "schema_mismatch", "body": {"workspaces": text}},
    ]
    faults += [
        {"kind": "invalid_json", "body": text},
        {"kind": "html", "body": f"<html>{text}"},
        {"kind": "truncated"},
        {"kind": "reset"},
    ]
    redirect = urllib.parse.quote(text)
    return [*faults, {"kind": "redirect", "headers": {"Location": f"http://127.0.0.1:9/{redirect}"}}]


def _headers(secrets: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    """Return response headers that contain the secrets, unchanged if a header allows that."""
    plain = " ".join(secret if secret.isascii() else urllib.parse.quote(secret) for secret in secrets.values())
    quoted = " ".join(urllib.parse.quote(secret, safe="!'()*~") for secret in secrets.values())
    headers = [
        {"X-Request-Id": plain},
        {"X-Request-Id": quoted},
        {"Content-Type": f"text/x; {plain}"},
        {"Content-Type": f'text/x; charset="{quoted}"'},
    ]
    return [{"status": status, "headers": header} for header in headers for status in (403, 500)]


def _failing(name: str, count: int, options: t.Mapping[str, t.Any], register: str) -> list[dict[str, t.Any]]:
    return [
        task(
            "modelarts_workspace_info",
            f"{name} {number}",
            **options,
            max_retries=0,
            _ignore_errors=True,
            _register=register,
        )
        for number in range(count)
    ]


def _asking(count: int, options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return tasks with requests of the user that show each response unchanged."""
    given = {
        **options,
        "service": "modelarts",
        "path": "v1/{project_id}/workspaces",
        "fail_on_error": False,
        "max_retries": 0,
    }
    return [
        task("api_request", f"answer {number}", **given, _ignore_errors=True, _register="answer")
        for number in range(count)
    ]


def _working(options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Tasks that succeed, in check mode too, and in a loop."""
    return [
        workspace("check", **options, _check_mode=True),
        workspace("create", **options, _register="made"),
        workspace("change", **options, description="Changed"),
        workshop("workshop", **options),
        release("release", **options),
        task("asm_mesh_info", "loop", **options, _loop=[1, 2]),
        task("apply", "apply", **options, workspaces=[{"name": "team-green"}, {"name": "team"}]),
        {"name": "keep", "ansible.builtin.set_fact": {"made": "{{ made }}", "cacheable": True}},
        {"name": "show", "ansible.builtin.debug": {"var": "made"}},
    ]


def _wrong(options: t.Mapping[str, t.Any], names: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    """Return tasks with invalid options that contain secrets or are next to secrets."""
    proxy = {
        "proxy": "http://proxy-user:{{ proxy_password | urlencode }}@127.0.0.1:9",
        "modelarts_endpoint": "http://emulator.example",
    }
    stray = {"modelarts_endpoint": "http://user:{{ proxy_password }}@127.0.0.1:9"}
    own = {name: value for name, value in options.items() if name in names}
    tried: list[tuple[str, dict[str, t.Any]]] = [
        ("unknown option", {**options, "nonsense": 1}),
        ("wrong type", {**options, "max_retries": "many"}),
        ("wrong value", {**options, "region": "no/region"}),
        ("proxy that is not there", {**options, **proxy, "max_retries": 0}),
        ("proxy of another scheme", {**options, "proxy": "socks5://u:{{ proxy_password | urlencode }}@127.0.0.1:9"}),
        ("password in an endpoint", {**options, **stray}),
        (
            "key that is locked",
            {**options, "client_cert": names["locked"], "modelarts_endpoint": "https://127.0.0.1:9"},
        ),
        (
            "two kinds at once",
            {**options, "auth_token": "{{ auth_token }}", "access_key": "A", "secret_key": "{{ secret_key }}"},
        ),
        ("secret that no header carries", {"auth_token": "{{ auth_token }}\n{{ password }}"}),
        ("secret in the wrong place", {**options, "name_regex": "("}),
        ("infinite", {**options, "max_retries": "{{ 'inf' | float }}"}),
    ]
    tasks = [task("modelarts_workspace_info", title, **given, _ignore_errors=True) for title, given in tried]
    tasks.append(
        task(
            "apply",
            "secret in an item",
            workspaces=[{"name": "team", **(own or {"secret_key": "{{ secret_key }}"})}],
            _ignore_errors=True,
        )
    )
    return tasks


class PlayResult:
    """Where secrets are put for one run, and how its tasks come to them."""

    def __init__(self, directory: Path, source: str, secrets: t.Mapping[str, str]) -> None:
        self.source = source
        self.secrets = dict(secrets)
        self.arguments: list[str] = []
        self.variables: dict[str, t.Any] = dict(secrets)
        if source == "vault":
            vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(VAULT_PASSWORD.encode()))])
            (directory / "vaulted.yml").write_bytes(
                vault.encrypt(yaml.safe_dump(dict(secrets), allow_unicode=True).encode())
            )
            (directory / "vault.sh").write_text("#!/bin/sh\nprintenv VAULT_OF_TESTS\n", encoding="utf-8")
            (directory / "vault.sh").chmod(0o700)
            self.arguments = ["-e", f"@{directory}/vaulted.yml", "--vault-password-file", str(directory / "vault.sh")]
            self.variables = {}
        elif source == "files":
            (directory / "secrets.json").write_text(json.dumps(dict(secrets)), encoding="utf-8")
            self.variables = {
                name: f"{{{{ (lookup('ansible.builtin.file', '{directory}/secrets.json') | from_json)['{name}'] }}}}"
                for name in secrets
            }

    def options(self, kind: t.Mapping[str, str]) -> dict[str, str]:
        """Return the options of the tasks, or nothing if everything is in the environment."""
        if self.source == "environment":
            return {}
        return {option: f"{{{{ {value} }}}}" if value in self.secrets else value for option, value in kind.items()}

    def environment(self, kind: t.Mapping[str, str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {**dict.fromkeys(VARIABLES.values()), "VAULT_OF_TESTS": VAULT_PASSWORD}
        if self.source == "environment":
            found.update({VARIABLES[option]: self.secrets.get(value, value) for option, value in kind.items()})
        return found


def _outputs(directory: Path, result_format: str) -> dict[str, str]:
    """Everything Ansible can be told to write."""
    for name in ("tree", "junit", "facts"):
        (directory / name).mkdir(exist_ok=True)
    return {
        "ANSIBLE_CALLBACKS_ENABLED": "records,ansible.builtin.junit,ansible.builtin.tree",
        "ANSIBLE_CALLBACK_TREE_DIR": str(directory / "tree"),
        "JUNIT_OUTPUT_DIR": str(directory / "junit"),
        "ANSIBLE_LOG_PATH": str(directory / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(directory / "facts"),
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": result_format,
        "HOME": str(directory),
    }


def _token(emulator: Emulator) -> str:
    """Return a token of the main user."""
    found = emulator.credentials
    user = {"name": found["username"], "password": SECRETS["password"], "domain": {"name": found["domain_name"]}}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"id": found["project_id"]}},
        }
    }
    host = urllib.parse.urlsplit(emulator.url).netloc
    with contextlib.closing(http.client.HTTPConnection(host, timeout=300)) as connection:
        connection.request("POST", "/v3/auth/tokens", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        return str(answer.headers["X-Subject-Token"])


def _prepare(emulator: Emulator) -> dict[str, str]:
    """Make the canaries known to the emulator, and return its token."""
    emulator.reset()
    key = {
        "access_key": "CANARYACCESSKEY00001",
        "secret_key": SECRETS["secret_key"],
        "security_token": SECRETS["security_token"],
    }
    emulator.seed(users=[{"name": emulator.credentials["username"], "password": SECRETS["password"]}], keys=[key])
    return {**SECRETS, "auth_token": _token(emulator)}


class Played(t.NamedTuple):
    run: Run
    secrets: dict[str, str]
    leaks: dict[str, list[str]]
    failed: int


def _play(emulator: Emulator, directory: Path, way: str, source: str, kind: str, *, most: int | None) -> Played:
    secrets = _prepare(emulator)
    locked = directory / "locked.pem"
    locked.write_text(
        f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{secrets['private_key']}\n-----END ENCRYPTED PRIVATE KEY-----\n",
        encoding="utf-8",
    )
    stage = PlayResult(directory, source, secrets)
    credentials = _kinds(emulator.credentials)[kind]
    options = stage.options(credentials)
    # Nobody can hide what he was never told.
    echoes = _echoes({name: secrets[name] for name in credentials.values() if name in secrets})[:most]
    for fault in [*echoes, *echoes]:
        given = {"method": "GET", "path_regex": "/workspaces$", **fault}
        emulator.fault(**given)
    failing = [*_failing("echo", len(echoes), options, "failed"), *_asking(len(echoes), options)]
    tasks = [*failing, *_working(options), *_wrong(options, {"locked": str(locked), **credentials})[:most]]
    run = Player(emulator, directory)(
        tasks,
        variables=stage.variables or {"nothing": 0},
        environment={**stage.environment(credentials), **EXECUTION_MODES[way], **_outputs(directory, FORMATS[source])},
        arguments=stage.arguments,
        verbosity=4,
        diff=True,
        module_defaults=defaults(project_id=emulator.credentials["project_id"]),
    )
    leaks = found_below(directory, secrets, INPUTS)
    leaks["the output"] = found_in(run.output, secrets)
    return Played(run, secrets, {place: found for place, found in leaks.items() if found}, len(echoes))


def _kept(leaks: t.Mapping[str, list[str]]) -> set[str]:
    return {place for place in leaks if "/AnsiballZ_" in place}


def _check_success(played: Played) -> None:
    """There was something to find: everything happened that was to happen."""
    run = played.run
    for number in range(played.failed):
        assert run[f"echo {number}"].failed, number
    answers = [run[f"answer {number}"].result for number in range(played.failed)]
    # What does not break shows the answer, and there was a secret in most of those that do not have it in a header.
    in_bodies = played.failed - len(_headers({}))
    assert sum("********" in str(answer.get("content")) for answer in answers) > 0.6 * in_bodies
    assert [run[name].status for name in ("check", "create", "change", "workshop", "release", "apply")] == [
        "changed"
    ] * 6
    wrong = run.modules()[run.modules().index(run["apply"]) + 1 :]
    assert {record.status for record in wrong if record.name != "secret in the wrong place"} == {"ignored"}
    assert "canonical" not in run["echo 0"].msg


def _check_kept(directory: Path, leaks: t.Mapping[str, list[str]]) -> None:
    for place in _kept(leaks):
        assert stat.S_IMODE((directory / place).parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["keys", "password", "token"])
def test_plays(server: Emulator, tally: Tally, tmp_path: Path, way: str, source: str, kind: str, whole: bool) -> None:
    if not whole and kind != "keys":
        pytest.skip("only with --whole")
    # A module takes ten times as long.
    played = _play(server, tmp_path, way, source, kind, most=None if whole or way == "in process" else 4)
    with count_cases(tally, "secrets searched in plays", len(SECRETS)):
        _check_success(played)
        # A module's own options are in the file it is started from; see above.
        allowed = _kept(played.leaks) if way == "as a module" else set()
        assert {place: found for place, found in played.leaks.items() if place not in allowed} == {}
        _check_kept(tmp_path, played.leaks)
        places = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()}
        assert places >= {"tree", "junit", "facts", "ansible.log", "records-1.jsonl"}
        request_log = json.dumps([server.request_log(), server.control("GET", "snapshot")])
        assert found_in(request_log, played.secrets) == []


# ---------------------------------------------------------------------------------------------------------------------
# Credentials of other servers


def _other_tasks(url: str) -> dict[str, dict[str, t.Any]]:
    """Return the options of tasks with each way to authenticate to the Kubernetes API and to Prometheus, by name."""
    info = {"service_name": "reviews", "namespace": "shop", "host": url}
    headers = dict.fromkeys(["basic_auth", "proxy_basic_auth"], "canary:{{ security_token }}")
    metric = {"name": "errors", "query": "up", "max": 1}
    analysis = {"prometheus_url": f"{url}/prometheus", "metrics": [metric], "samples": 1}
    user = {"prometheus_username": "canary", "prometheus_password": "{{ security_token }}"}
    return {
        "key": {**info, "api_key": "{{ security_token }}"},
        "user": {**info, "username": "canary", "password": "{{ security_token }}"},
        "proxy": {**info, "proxy": "http://canary:{{ proxy_password | urlencode }}@127.0.0.1:9"},
        "headers of the proxy": {**info, "proxy": "http://127.0.0.1:9", "proxy_headers": headers},
        "wrong option": {**info, "api_key": "{{ security_token }}", "nonsense": 1},
        "wrong option of a connection": {"istio_connection": {"api_key": "{{ security_token }}", "nonsense": 1}},
        "token of Prometheus": {**analysis, "prometheus_token": "{{ security_token }}"},
        "user of Prometheus": {**analysis, **user},
    }


def _find_module(options: t.Mapping[str, t.Any]) -> str:
    modules = {"prometheus_url": "canary_analysis", "istio_connection": "service_probe"}
    return next((module for option, module in modules.items() if option in options), "asm_traffic_info")


@pytest.mark.parametrize("way", list(EXECUTION_MODES))
def test_credentials_of_other_servers(server: Emulator, tally: Tally, tmp_path: Path, whole: bool, way: str) -> None:
    """Kubernetes and Prometheus repeat the credentials in their errors."""
    if not whole and way != "in process":
        pytest.skip("only with --whole")
    server.reset()
    text = f"Refused: {SECRETS['security_token']}"
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": "Forbidden",
        "message": text,
        "code": 403,
    }
    failure = {"status": "error", "errorType": "bad_data", "error": text}
    for path, body in (("^/api", status), ("^/prometheus/", failure)):
        server.fault("status", "GET", status=403, path_regex=path, body=body, times=50)
    tasks = [
        task(
            _find_module(options),
            name,
            **options,
            _ignore_errors=True,
        )
        for name, options in _other_tasks(server.url).items()
    ]
    run = Player(server, tmp_path)(
        tasks,
        variables=SECRETS,
        environment={**EXECUTION_MODES[way], **_outputs(tmp_path, "yaml")},
        verbosity=4,
    )
    leaks = found_below(tmp_path, SECRETS, INPUTS)
    leaks["the output"] = found_in(run.output, SECRETS)
    kept = _kept(leaks) if way == "as a module" else set()
    with count_cases(tally, "secrets searched in errors of other servers", len(SECRETS)):
        assert {record.name: record.status for record in run.modules()} == dict.fromkeys(_other_tasks(""), "ignored")
        assert {place: found for place, found in leaks.items() if found and place not in kept} == {}


# ---------------------------------------------------------------------------------------------------------------------
# Reports, jobs, the emulator


def _document(tag: str) -> dict[str, t.Any]:
    deployment = template(tag)
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "DATABASE_PASSWORD", "value": OF_TEMPLATE}, {"name": "MODE", "value": OF_TEMPLATE}]
    desired = {
        key: value for key, value in release()["community.huaweicloud.asm_release"].items() if key != "mesh_name"
    }
    desired.update(gray_deployments=[{"template": deployment}], wait_interval=0.01)
    return {"mesh_name": "demo-mesh", "workspaces": [{"name": "team", "description": "A team"}], "releases": [desired]}


def test_reports(server: Emulator, tally: Tally, tmp_path: Path, whole: bool) -> None:
    """What plan and drift write, before and after there is something: no credentials, and nothing of a template's environment."""
    secrets = {**_prepare(server), "template": OF_TEMPLATE}
    inputs, reports = tmp_path / "inputs", tmp_path / "reports"
    inputs.mkdir()
    reports.mkdir()
    player = Player(server, inputs)
    connection = {
        "access_key": "CANARYACCESSKEY00001",
        "secret_key": SECRETS["secret_key"],
        "security_token": SECRETS["security_token"],
    }
    connection = {**connection, "retry_max_delay": "0.02"}
    runs = []
    played = [
        ("plan", "2.0.0"),
        ("site", "2.0.0"),
        ("drift", "2.0.1"),
        *([("drift", "2.0.0"), ("plan", "2.0.1"), ("site", "2.0.1")] if whole else []),
    ]
    for number, (playbook, tag) in enumerate(played):
        document = inputs / f"site-{number}.yml"
        document.write_text(yaml.safe_dump(_document(tag)), encoding="utf-8")
        places = {
            f"{name}_file": str(reports / f"{name}-{number}.json") for name in ("plan", "drift") if name == playbook
        }
        variables = {
            "desired_state_file": str(document),
            "huaweicloud_connection": connection,
            "releases_wait_timeout": 20,
            "releases_wait_interval": 0.01,
            **places,
        }
        runs.append(player.run(f"community.huaweicloud.{playbook}", variables=variables, verbosity=4, diff=True))
    with count_cases(tally, "secrets searched in reports", len(secrets)):
        assert len(list(reports.iterdir())) == 4 * sum(playbook != "site" for playbook, dummy in played)
        assert found_below(reports, secrets) == {}
        for run in runs:
            assert found_in(run.output, SECRETS) == []


def test_messages_contain_no_values_of_a_template(play: Player, tally: Tally) -> None:
    """What the linter, the schema and drift have to say."""
    env = [{"name": "A", "value": OF_TEMPLATE}]
    broken = template()
    broken["spec"]["template"]["spec"]["containers"][0].update(
        env=[*env, {"name": 5, "value": OF_TEMPLATE}], command=OF_TEMPLATE, image=""
    )
    other = template("2.0.0")
    other["spec"]["template"]["spec"]["containers"][0].update(env=env)
    tasks = [
        release("lint", gray_deployments=[{"template": broken}], _ignore_errors=True),
        release("text", gray_deployments=[{"template": f"{OF_TEMPLATE}: [\n{OF_TEMPLATE}"}], _ignore_errors=True),
        release("made"),
        release("drift", gray_deployments=[{"template": other}], _ignore_errors=True),
    ]
    run = play(tasks)
    with count_cases(tally, "secrets searched in messages", 3):
        for name in ("lint", "text", "drift"):
            assert run[name].failed
            output = json.dumps([run[name].msg, run[name].result.get("error"), run[name].warnings])
            assert found_in(output, {"template": OF_TEMPLATE}) == []


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_jobs(server: Emulator, tally: Tally, tmp_path: Path, ends: str, whole: bool) -> None:
    """The artifacts of ansible-runner, with the secrets in the environment, as AWX puts them there. Its own note of the environment apart."""
    if not whole and ends == "well":
        pytest.skip("only with --whole")
    secrets = _prepare(server)
    jobs = Jobs(server, tmp_path)
    user = {
        "username": server.credentials["username"],
        "password": SECRETS["password"],
        "domain_name": server.credentials["domain_name"],
    }
    keys = {
        "access_key": "CANARYACCESSKEY00001",
        "secret_key": SECRETS["secret_key"],
        "security_token": SECRETS["security_token"],
    }
    for fault in _echoes(secrets)[:1] if ends == "badly" else []:
        server.fault(**{"method": "GET", "path_regex": "/workspaces$", "times": 3, **fault})
    with count_cases(tally, "secrets searched in jobs", 2 * len(SECRETS)):
        for inputs in (jobs.inputs(access_key="", secret_key="", **user), jobs.inputs(**keys)):
            outcome = jobs("info.yml", inputs=inputs, fails=ends == "badly", info_asm="false")
            assert found_in(outcome.output, secrets) == []
            leaks = {
                path
                for secret in secrets.values()
                for spelled in set(spellings(secret).values())
                for path in outcome.find_files_with(spelled)
            }
            assert leaks == set()
            assert outcome.events != []


def test_emulator(tally: Tally, tmp_path: Path) -> None:
    """Its journal, snapshot, log and database; the last holds its own accounts, and nobody else's secrets."""
    database = tmp_path / "state.sqlite"
    emulator = Emulator(tmp_path / "emulator", "--database", str(database))
    try:
        secrets = _prepare(emulator)
        foreign = {name: f"MII-canary-of-others+{name}/0123456789" for name in ("secret_key", "auth_token", "password")}
        user = {"username": "emulator-user", "domain_name": emulator.credentials["domain_name"]}
        tasks = [
            task(
                "modelarts_workspace_info",
                "known",
                access_key="CANARYACCESSKEY00001",
                secret_key="{{ secret_key }}",
                security_token="{{ security_token }}",
            ),
            task(
                "modelarts_workspace_info",
                "foreign key",
                access_key="FOREIGN",
                secret_key="{{ foreign.secret_key }}",
                _ignore_errors=True,
            ),
            task(
                "modelarts_workspace_info", "foreign token", auth_token="{{ foreign.auth_token }}", _ignore_errors=True
            ),
            task(
                "modelarts_workspace_info",
                "foreign user",
                **user,
                password="{{ foreign.password }}",
                _ignore_errors=True,
            ),
        ]
        run = Player(emulator, tmp_path)(
            tasks, variables={**secrets, "foreign": foreign}, environment={"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None}
        )
        with count_cases(tally, "secrets searched in the emulator", len(secrets) + len(foreign)):
            assert [run[name].failed for name in ("known", "foreign key", "foreign token", "foreign user")] == [
                False,
                True,
                True,
                True,
            ]
            text = json.dumps([emulator.request_log(), emulator.control("GET", "snapshot")]) + emulator.log.read_text(
                encoding="utf-8"
            )
            assert found_in(text, {**secrets, **{f"foreign {name}": value for name, value in foreign.items()}}) == []
            with contextlib.closing(sqlite3.connect(database)) as connection:
                rows = connection.execute("SELECT store, key, record FROM records").fetchall()
            holders = {store for store, key, record in rows if found_in(f"{key} {record}", secrets)}
            assert holders == {"users", "keys", "tokens"}
            for path in tmp_path.glob("state.sqlite*"):
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
                assert found_in(path.read_bytes().decode("utf-8", "replace"), foreign) == []
    finally:
        emulator.stop()
