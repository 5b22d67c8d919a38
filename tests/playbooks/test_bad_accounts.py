# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Missing and wrong credentials, unreachable and untrusted endpoints: the task fails after at most one request."""

from __future__ import annotations

import json
import socket
import ssl
import typing as t
import urllib.request

import pytest
from bad_input import NEW_RELEASE, NEW_WORKSHOP, NEW_WORKSPACE, Case, Outcome, attempt, play_in
from certificates import Authority
from harness import Emulator, Player, control, task

DEMO = {"mesh_name": "demo-mesh"}
NEW = {
    "asm_workshop": {**DEMO, **NEW_WORKSHOP},
    "asm_release": {**DEMO, **NEW_RELEASE},
    "modelarts_workspace": NEW_WORKSPACE,
}
MISPLACED_SECRETS = {"stray_secret_key": "stray-secret-key-0123456789", "stray_password": "stray-password-0123456789"}
# More than five refusals lock a key, so the task does not retry, independent of max_retries.
MANY = {"max_retries": 5, "retry_max_delay": 0}

ACTIONS = {
    "asm_workshop": "list the meshes",
    "asm_release": "list the meshes",
    "modelarts_workspace": "list the workspaces",
}
PLACE = "The request was sent for project $project to $url."
REACH = "Check region, the endpoint options, and whether a proxy is required."
CHECK = "Check the credentials, and that they belong to this cloud and region."
STALE = "The token has expired or belongs to another region or cloud: request a new one there."
FOREIGN_KEY = "The secret key does not belong to the access key, or it contains a blank or a line break."


def _case(
    title: str,
    module: str,
    msg: str,
    /,
    *,
    kind: str = "options",
    calls: int = 0,
    environment: dict[str, str] | None = None,
    **options: t.Any,
) -> Case:
    keywords = {"environment": environment} if environment else {}
    return Case(title, module, {**NEW.get(module, {}), **MANY, **options}, msg, kind, calls=calls, keywords=keywords)


def _origin(options: dict[str, t.Any]) -> str:
    """Return the hint of an authentication error about the source of the options."""
    one, *more = (
        name
        for name in ("access_key", "secret_key", "security_token", "auth_token", "username", "password", "domain_name")
        if name in options
    )
    names = f"options {', '.join([one, *more[:-1]])} and {more[-1]}" if more else f"option {one}"
    return f" The credentials come from the task {names}."


def _refused(
    title: str,
    module: str,
    said: str,
    hint: str,
    /,
    code: str = "APIGW.0301",
    status: int = 401,
    action: str = "",
    **more: t.Any,
) -> Case:
    """Return a case whose only request is rejected. ``code`` is empty if the body has only a status."""
    facts = f"HTTP {status}{f', {code}' if code else ''}, request id $request"
    before, keywords = more.pop("before", ()), {"environment": more.pop("environment", {})}
    return Case(
        title,
        module,
        {**NEW.get(module, {}), **MANY, **more},
        f"Failed to {action or ACTIONS[module]}: {said} ({facts}). {hint}{_origin(more) if status == 401 else ''}",
        "auth" if status == 401 else "forbidden",
        status,
        code or str(status),
        calls=1,
        before=before,
        keywords=keywords,
    )


# Missing credentials

NONE = (
    "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name. "
    "Or set environment variables, for example HW_ACCESS_KEY and HW_SECRET_KEY, "
    "or select credentials with credentials_file, profile, cloud or use_metadata"
)
TASK_HALF = "Set all credentials in one source: environment variables do not complete task options"
ENVIRONMENT_HALF = (
    "Set all credentials in one family of variables (HW_*, HUAWEICLOUD_SDK_* or OS_*): "
    "other families and task options do not complete them"
)
MODULES = (
    "asm_mesh_info",
    "asm_release",
    "asm_release_info",
    "asm_workshop",
    "asm_workshop_info",
    "iam_token",
    "modelarts_workspace",
)
NOBODY = [
    *(
        _case(
            f"no credentials at all: {module}",
            module,
            NONE,
            **(DEMO if "asm_" in module and "mesh" not in module else {}),
        )
        for module in MODULES
    ),
    _case(
        "no credentials but empty ones",
        "modelarts_workspace_info",
        NONE,
        environment={"HW_ACCESS_KEY": "", "OS_TOKEN": ""},
        secret_key="",
    ),
    _case(
        "half a set: HW_ACCESS_KEY",
        "modelarts_workspace",
        f"Incomplete credentials in the environment: HW_ACCESS_KEY without HW_SECRET_KEY. {ENVIRONMENT_HALF}",
        environment={"HW_ACCESS_KEY": "AK0000000000"},
    ),
    _case(
        "half a set: OS_USERNAME",
        "modelarts_workspace",
        "Incomplete credentials in the environment: OS_USERNAME without OS_PASSWORD and OS_USER_DOMAIN_NAME (or OS_USER_DOMAIN_ID). "
        + ENVIRONMENT_HALF,
        environment={"OS_USERNAME": "deployer"},
    ),
]
HALF = [
    _case(
        "half a set: HW_SECRET_KEY, HW_USER_PASSWORD",
        "modelarts_workspace",
        "Incomplete credentials in the environment: HW_SECRET_KEY without HW_ACCESS_KEY; "
        f"HW_USER_PASSWORD without HW_USER_NAME and HW_DOMAIN_NAME (or HW_DOMAIN_ID). {ENVIRONMENT_HALF}",
    ),
    _case(
        "half a set in the task and the other half in the environment",
        "modelarts_workspace",
        f"Incomplete credentials in the task options: access_key without secret_key. {TASK_HALF}",
        access_key="{{ access_key }}",
    ),
]


@pytest.fixture(scope="module")
def nobody(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    environment = {"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None}
    return attempt(play_in(server, tmp_path_factory.mktemp("nobody")), NOBODY, {}, environment=environment)


@pytest.fixture(scope="module")
def half(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    environment = {
        "HW_ACCESS_KEY": None,
        "HW_SECRET_KEY": MISPLACED_SECRETS["stray_secret_key"],
        "HW_USER_PASSWORD": MISPLACED_SECRETS["stray_password"],
    }
    names = {"access_key": server.credentials["access_key"]}
    return attempt(
        play_in(server, tmp_path_factory.mktemp("half")),
        HALF,
        names,
        secrets=MISPLACED_SECRETS,
        environment=environment,
    )


@pytest.mark.parametrize("case", NOBODY, ids=[case.name for case in NOBODY])
def test_nothing_is_sent_without_credentials(nobody: Outcome, case: Case) -> None:
    nobody.check(case)


@pytest.mark.parametrize("case", HALF, ids=[case.name for case in HALF])
def test_incomplete_credentials_are_not_completed(half: Outcome, case: Case) -> None:
    half.check(case)


# Refused credentials

SIGNED = {"access_key": "{{ access_key }}", "secret_key": "{{ stray_secret_key }}"}
USER = {"username": "{{ username }}", "password": "{{ stray_password }}", "domain_name": "{{ domain }}"}
IAM = "Incorrect IAM authentication information:"
FORGED = f"{IAM} verify aksk signature fail"
KEYS = [
    *(_refused(f"wrong secret key: {module}", module, FORGED, FOREIGN_KEY, **SIGNED) for module in NEW),
    _refused(
        "wrong secret key, and the project to be looked up",
        "modelarts_workspace",
        FORGED,
        FOREIGN_KEY,
        action="look up project '$region'",
        environment={"HW_PROJECT_ID": ""},
        **SIGNED,
    ),
    *(
        _refused(
            f"wrong access key: {module}",
            module,
            f"{IAM} Get secretKey failed,ak:AK0000000000,err:ak not exist",
            "The cloud does not know the access key: check it, and that the endpoint belongs to the same cloud.",
            access_key="AK0000000000",
            secret_key="{{ stray_secret_key }}",
        )
        for module in NEW
    ),
    _refused(
        "locked key, though the secret key is right",
        "modelarts_workspace",
        f"{IAM} AK access failed to reach the limit,forbidden: $locked_access_key",
        "The access key is locked for five minutes after several failures in a row: correct the secret key, then wait.",
        before=[
            control("PATCH", "behaviors", {"key_lock_failures": 0}),
            dict(
                task(
                    "modelarts_workspace_info",
                    "lock the key",
                    access_key="{{ locked_access_key }}",
                    secret_key="{{ stray_secret_key }}",
                ),
                ignore_errors=True,
            ),
            control("PATCH", "behaviors", {"key_lock_failures": None}),
        ],
        access_key="{{ locked_access_key }}",
        secret_key="{{ locked_secret_key }}",
    ),
    _refused(
        "temporary keys without their token",
        "modelarts_workspace",
        f"{IAM} x-security-token not found",
        CHECK,
        access_key="{{ temporary_access_key }}",
        secret_key="{{ temporary_secret_key }}",
    ),
    _refused(
        "temporary keys that ran out",
        "modelarts_workspace",
        f"{IAM} calc ak sk signature fail:signature expired",
        "The clock of this machine is wrong, or the temporary keys have expired. The local time is $time, the server reports $date.",
        access_key="{{ old_access_key }}",
        secret_key="{{ old_secret_key }}",
        security_token="{{ old_security_token }}",
    ),
]
TOKENS = [
    _refused(
        "expired token",
        "modelarts_workspace",
        f"{IAM} token expires, expires_at: $time",
        STALE,
        auth_token="{{ expired_token }}",
    ),
    _refused("foreign token", "asm_workshop", f"{IAM} decrypt token fail", STALE, auth_token="{{ stray_password }}"),
    _refused(
        "token without a project: ModelArts",
        "modelarts_workspace",
        "The token has no project. Use a token with the scope of a project",
        "The token has no project: request one with the scope of a project (project_id or project_name).",
        code="ModelArts.0207",
        auth_token="{{ unscoped_token }}",
    ),
    _refused(
        "token without a project: ASM",
        "asm_release",
        "Authenticate error. The token has no project",
        CHECK,
        code="ASM.01000001",
        auth_token="{{ unscoped_token }}",
    ),
    *(
        _refused(
            f"token of another project: {module}",
            module,
            said,
            "The credentials are for another project: correct project_id, or use credentials of that project. "
            "The request was sent for project $other_project to $url.",
            code=code,
            status=403,
            auth_token="{{ token }}",
            project_id="{{ other_project }}",
        )
        for module, said, code in (
            (
                "modelarts_workspace",
                "The project of the request and that of the credentials differ",
                "ModelArts.0210",
            ),
            (
                "asm_workshop",
                "Forbidden. The project of the request and that of the credentials differ",
                "ASM.01000002",
            ),
        )
    ),
]
PASSWORDS = [
    *(
        _refused(
            f"wrong password: {module}",
            module,
            "The username or password is wrong",
            CHECK,
            code="",
            action="get a token for user '$username'",
            **USER,
        )
        for module in ("modelarts_workspace", "asm_workshop", "iam_token")
    ),
    _refused(
        "unknown project of a token",
        "iam_token",
        "Could not find project: region-9",
        "Check project_name and project_id, or region if neither is set: the user has no such project in this cloud.",
        code="",
        action="get a token for user '$username'",
        **{**USER, "password": "{{ main_password }}", "project_name": "region-9"},
    ),
]
DENIED = [
    _refused(
        f"forbidden: {module}",
        module,
        said,
        f"Grant the identity the IAM {actions}. {PLACE}",
        code=code,
        status=403,
        access_key="{{ denied_access_key }}",
        secret_key="{{ denied_secret_key }}",
    )
    for module, said, actions, code in (
        (
            "asm_workshop",
            "Forbidden. Policy doesn't allow asm:mesh:list to be performed",
            "actions asm:mesh:list and asm:mesh:get",
            "ASM.01000002",
        ),
        (
            "modelarts_workspace",
            "Policy doesn't allow modelarts:workspace:list to be performed",
            "action modelarts:workspace:list",
            "ModelArts.0112",
        ),
    )
]

# Unreachable endpoints

CLOSED = "http://127.0.0.1:{{ closed_port }}"
NOWHERE = [
    _case(
        "project nobody knows",
        "modelarts_workspace",
        "No project is called 'region-9', the value of project_name. Set project_id, or project_name to its exact name; "
        "a region's main project is named like the region.",
        calls=1,
        project_name="region-9",
    ),
    _case(
        "no project",
        "modelarts_workspace",
        "No project is given. Set project_id (no look-up is needed then), project_name or region.",
        environment={"HW_PROJECT_ID": "", "HW_REGION_NAME": ""},
    ),
    _case(
        "no endpoint",
        "asm_workshop",
        "The URL of ASM is unknown: neither region nor asm_endpoint is set. Set region, or the variable HW_REGION_NAME",
        environment={"HW_ASM_ENDPOINT": "", "HW_REGION_NAME": ""},
    ),
    *(
        _case(
            f"unreachable: {module}",
            module,
            f"Failed to {ACTIONS[module]}: no connection to 127.0.0.1:$closed_port: Connection refused (3 attempts). {REACH}",
            kind="transport",
            **{option: CLOSED},
        )
        for module, option in (
            ("asm_workshop", "asm_endpoint"),
            ("asm_release", "asm_endpoint"),
            ("modelarts_workspace", "modelarts_endpoint"),
        )
    ),
    _case(
        "unreachable: IAM",
        "iam_token",
        f"Failed to get a token for user '$username': no connection to 127.0.0.1:$closed_port: Connection refused (3 attempts). {REACH}",
        kind="transport",
        auth_url=CLOSED,
        **USER,
    ),
    _case(
        "unreachable: proxy",
        "modelarts_workspace",
        "Failed to list the workspaces: the proxy cannot be used: Connection refused (3 attempts). "
        "Check proxy and the variables HW_PROXY, HTTPS_PROXY and NO_PROXY.",
        kind="transport",
        proxy="http://deployer:{{ stray_password }}@127.0.0.1:{{ closed_port }}",
    ),
]
REFUSED = [*KEYS, *TOKENS, *PASSWORDS, *DENIED, *NOWHERE]


def _closed_port() -> int:
    """Return a local port without a listener."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _token(server: Emulator, *, project: bool) -> str:
    """Return a token of the emulator's user, with or without a project."""
    account = server.credentials
    user = {"name": account["username"], "password": account["password"], "domain": {"name": account["domain_name"]}}
    auth: dict[str, t.Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if project:
        auth["scope"] = {"project": {"id": account["project_id"]}}
    request = urllib.request.Request(
        f"{server.url}/v3/auth/tokens", json.dumps({"auth": auth}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=300) as answer:
        return answer.headers["X-Subject-Token"]


def _expired_token(server: Emulator) -> str:
    token = _token(server, project=True)
    server.control("POST", "tokens/expire")
    return token


@pytest.fixture(scope="module")
def refused(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Try users, keys and tokens of all kinds in sequence."""
    player, account = play_in(server, tmp_path_factory.mktemp("refused")), server.credentials
    made = server.seed(
        projects=[{"name": "other-project"}],
        users=[{"name": "denied", "denied": ["asm:*", "modelarts:*"], "keys": True}],
        keys=[{"security_token": True}, {"security_token": True, "lifetime": 0}, {}],
    )
    pairs = dict(zip(("temporary", "old", "locked", "denied"), [*made["keys"], made["users"][0]]))
    names = {f"{name}_access_key": pair["access_key"] for name, pair in pairs.items()}
    names.update(
        access_key=account["access_key"],
        username=account["username"],
        domain=account["domain_name"],
        project=account["project_id"],
        region=account["region"],
        other_project=made["projects"][0]["id"],
        url=server.url,
        closed_port=str(_closed_port()),
    )
    secrets = {f"{name}_secret_key": pair["secret_key"] for name, pair in pairs.items()}
    secrets.update(
        MISPLACED_SECRETS,
        old_security_token=pairs["old"]["security_token"],
        expired_token=_expired_token(server),
        unscoped_token=_token(server, project=False),
        token=_token(server, project=True),
    )
    return attempt(player, REFUSED, names, secrets=secrets)


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
def test_task_fails_after_one_attempt(refused: Outcome, case: Case) -> None:
    refused.check(case)


# Untrusted servers


class Safe(t.NamedTuple):
    """Start an emulator with HTTPS and a certificate of an unknown CA."""

    server: Emulator
    ca: Authority

    def control(self, path: str) -> t.Any:
        context = ssl.create_default_context(cafile=str(self.ca.path))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(f"{self.server.control_url}/{path}", timeout=300) as answer:
            return json.load(answer)


NAME_THE_CA = (
    "Set ca_path (in AWX: CA certificates) to the CA that signed the certificate, "
    "and check that the certificate is for the endpoint's host name."
)
UNTRUSTED = f"no trusted connection to $safe_host: unable to get local issuer certificate. {NAME_THE_CA}"


def _untrusted(title: str, said: str, /, **options: t.Any) -> Case:
    return _case(
        title,
        "asm_workshop",
        f"Failed to list the meshes: {said}",
        kind="transport",
        **{"asm_endpoint": "https://{{ safe_host }}", **options},
    )


TRUST = [
    _untrusted("unknown CA", UNTRUSTED),
    _untrusted("wrong CA", UNTRUSTED, ca_path="{{ other_ca }}"),
    _untrusted(
        "certificate of another name",
        "no trusted connection to localhost:$safe_port: Hostname mismatch, certificate is not valid for 'localhost'. "
        + NAME_THE_CA,
        ca_path="{{ right_ca }}",
        asm_endpoint="https://localhost:{{ safe_port }}",
    ),
    _untrusted(
        "plain http to a port of TLS",
        "the connection to $safe_host broke: the connection was closed before the response was complete (6 attempts). "
        "Run the task again. If the error persists, check the connection to the service: http or https, proxies, firewalls, timeouts.",
        asm_endpoint="http://{{ safe_host }}",
    ),
    _untrusted(
        "TLS to a port of plain http",
        "no trusted connection to $plain_host: wrong version number. "
        "Check that the endpoint uses HTTPS. "
        "If it requires a client certificate, check client_cert and client_key (in AWX: Client certificate, Client key).",
        asm_endpoint="https://{{ plain_host }}",
    ),
]


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Safe]:
    directory = tmp_path_factory.mktemp("safe")
    ca = Authority(directory, "right-ca")
    certificate, key = ca.issue("127.0.0.1")
    server = Emulator(directory / "emulator", "--tls-cert", str(certificate), "--tls-key", str(key))
    yield Safe(server, ca)
    server.stop()


@pytest.fixture(scope="module")
def untrusted(server: Emulator, safe: Safe, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    directory = tmp_path_factory.mktemp("untrusted")
    names = {
        "safe_host": safe.server.url.partition("//")[2],
        "safe_port": safe.server.url.rpartition(":")[2],
        "plain_host": server.url.partition("//")[2],
        "right_ca": str(safe.ca.path),
        "other_ca": str(Authority(directory, "other-ca").path),
    }
    secrets = {"safe_secret_key": safe.server.credentials["secret_key"]}
    return attempt(play_in(server, directory), TRUST, names, secrets=secrets)


@pytest.mark.parametrize("case", TRUST, ids=[case.name for case in TRUST])
def test_untrusted_server_receives_no_request(untrusted: Outcome, case: Case) -> None:
    untrusted.check(case)


def test_untrusted_servers_received_nothing(untrusted: Outcome, safe: Safe) -> None:
    assert safe.control("request_log") == {"requests": []}


def test_server_is_trusted_with_its_ca(server: Emulator, safe: Safe, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Prove that the emulator behind the refused connections works."""
    player = Player(server, tmp_path_factory.mktemp("trusted"))
    run = player([task("asm_mesh_info", ca_path=str(safe.ca.path))], environment=safe.server.environment())
    assert [mesh["name"] for mesh in run["asm_mesh_info"].result["meshes"]] == ["demo-mesh"]


@pytest.mark.parametrize("play", ["nobody", "half", "refused", "untrusted"])
def test_no_secret_leaks(play: str, request: pytest.FixtureRequest) -> None:
    outcome: Outcome = request.getfixturevalue(play)
    assert outcome.leaks(outcome.run.output) == []
