# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom tasks talk to, and what each of those on the way may hear: TLS, proxies, plain http, netrc, redirects."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import socket
import string
import typing as t
from pathlib import Path

import pytest
from cases import GROUPS, Case
from certificates import Authority
from counting import Tally, count_cases
from cryptography.hazmat.primitives import serialization
from harness import Emulator, Player, Record, Run, control, defaults, task
from tunnel import Tunnel
from witness import Witness, context_of

TOKEN = "canary-token-of-the-way-0123456789"
PASSWORD = "canary-proxy-password-0123456789"
WRONG = "canary-wrong-password-0123456789"
NETRC = "canary-netrc-password-0123456789"
EXECUTION_MODES = {"in process": {}, "as a module": {"HW_IN_PROCESS": "0"}}
REDIRECTS = (301, 302, 303, 307, 308)


@dataclasses.dataclass
class Net:
    """All services and proxies, and their names as plays know them."""

    services: dict[str, Witness]
    proxies: dict[str, Tunnel]
    names: dict[str, str]


def _locked(key: Path) -> Path:
    """Return the same key in encrypted form."""
    found = serialization.load_pem_private_key(key.read_bytes(), None)
    path = key.with_name(f"locked-{key.name}")
    lock = serialization.BestAvailableEncryption(b"canary-of-the-key-0123456789")
    path.write_bytes(found.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock))
    return path


def _files(directory: Path, ca: Authority, other: Authority) -> dict[str, str]:
    (directory / "empty").mkdir()
    (directory / "nothing.pem").write_text("nothing", encoding="utf-8")
    client, client_key = ca.issue("127.0.0.1", name="client")
    foreign, foreign_key = other.issue("127.0.0.1", name="foreign-client")
    locked = _locked(client_key)
    for name, key in (("both", client_key), ("locked-both", locked)):
        (directory / f"{name}.pem").write_bytes(client.read_bytes() + key.read_bytes())
    found = {
        "ca": ca.path,
        "other_ca": other.path,
        "nothing": directory / "nothing.pem",
        "empty_directory": directory / "empty",
        "client_cert": client,
        "client_key": client_key,
        "client_both": directory / "both.pem",
        "locked_key": locked,
        "locked_both": directory / "locked-both.pem",
        "foreign_cert": foreign,
        "foreign_key": foreign_key,
    }
    return {name: str(path) for name, path in found.items()}


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Net]:
    directory = tmp_path_factory.mktemp("net")
    ca, other = Authority(directory, "ca"), Authority(directory, "other-ca")
    pair = ca.issue("127.0.0.1", "*.cloud.example")
    pairs = {
        "good": context_of(pair),
        "expired": context_of(ca.issue("127.0.0.1", name="expired", days=(-2, -1))),
        "future": context_of(ca.issue("127.0.0.1", name="future", days=(1, 2))),
        "elsewhere": context_of(ca.issue("127.0.0.99", name="elsewhere")),
        "foreign": context_of(other.issue("127.0.0.1", name="foreign")),
        "asking": context_of(pair, ask_for=ca.path),
        "old": context_of(pair, old=True),
        "plain": None,
        "thief": None,
    }
    names = {
        **_files(directory, ca, other),
        "token": TOKEN,
        "proxy_password": PASSWORD,
        "wrong": WRONG,
        "nobody": f"127.0.0.1:{_closed_port()}",
    }
    with contextlib.ExitStack() as stack:
        services = {name: stack.enter_context(Witness(context)) for name, context in pairs.items()}
        ports = {"port": services["good"].port, "plain_port": services["plain"].port}
        login = f"proxy-user:{PASSWORD}"
        proxies = {
            "proxy": Tunnel(**ports),
            "guarded": Tunnel(**ports, user=login),
            "safe": Tunnel(**ports, user=login, context=pairs["good"]),
            "strange": Tunnel(**ports, user=login, context=pairs["foreign"]),
        }
        for proxy in proxies.values():
            stack.enter_context(proxy)
        names.update({name: service.url for name, service in services.items()})
        names.update(
            {name: proxy.url if name == "proxy" else proxy.url.partition("//")[2] for name, proxy in proxies.items()}
        )
        names["good_by_name"] = services["good"].url.replace("127.0.0.1", "localhost")
        names["plain_by_name"] = services["plain"].url.replace("127.0.0.1", "localhost")
        names["plain_as_tls"] = services["plain"].url.replace("http:", "https:")
        yield Net(services, proxies, names)


SLUGS = {
    (group, case.name): f"case-{number}"
    for number, (group, case) in enumerate((group, case) for group in GROUPS for case in GROUPS[group].cases)
}


def _task(case: Case, slug: str) -> dict[str, t.Any]:
    options = {
        name: value.replace("SLUG", slug) if isinstance(value, str) else value for name, value in case.options.items()
    }
    return task(
        "asm_mesh_info",
        case.name,
        **{"max_retries": 1, "project_id": slug, "auth_token": "{{ token }}", **options},
        _ignore_errors=True,
    )


def _netrc(directory: Path) -> dict[str, str]:
    """Create a home directory with a netrc file that has passwords for all hosts."""
    home = directory / "with-netrc"
    home.mkdir()
    entries = [
        f"machine {host} login somebody password {NETRC}" for host in ("127.0.0.1", "localhost", "case-0.cloud.example")
    ]
    (home / ".netrc").write_text(
        "\n".join([*entries, f"default login somebody password {NETRC}", ""]), encoding="utf-8"
    )
    (home / ".netrc").chmod(0o600)
    return {"HOME": str(home), "NETRC": str(home / ".netrc")}


class Runs:
    """Each group is played once a way, when it is first asked for."""

    def __init__(self, server: Emulator, net: Net, factory: pytest.TempPathFactory) -> None:
        self._server = server
        self._net = net
        self._factory = factory
        self._done: dict[tuple[str, str], tuple[Run, dict[str, list[t.Any]]]] = {}

    def __call__(self, way: str, group: str) -> tuple[Run, dict[str, list[t.Any]]]:
        """Return the run, and the requests that services and proxies received."""
        if (way, group) not in self._done:
            for place in (*self._net.services.values(), *self._net.proxies.values()):
                (place.heard if isinstance(place, Witness) else place.seen).clear()
            run = self._play(way, group)
            seen: dict[str, list[t.Any]] = {name: list(service.heard) for name, service in self._net.services.items()}
            self._done[way, group] = (
                run,
                {**seen, **{name: list(proxy.seen) for name, proxy in self._net.proxies.items()}},
            )
        return self._done[way, group]

    def _play(self, way: str, group: str) -> Run:
        directory = self._factory.mktemp("play")
        environment: dict[str, str | None] = {
            "HW_ACCESS_KEY": None,
            "HW_SECRET_KEY": None,
            "HW_ASM_ENDPOINT": None,
            **EXECUTION_MODES[way],
            **_netrc(directory),
        }
        environment |= {
            name: string.Template(value).substitute(self._net.names)
            for name, value in GROUPS[group].environment.items()
        }
        tasks = [_task(case, SLUGS[group, case.name]) for case in GROUPS[group].cases]
        player = Player(self._server, directory)
        return player(
            tasks,
            variables=self._net.names,
            environment=environment,
            verbosity=3,
            module_defaults=defaults(connect_timeout=5),
        )


@pytest.fixture(scope="module")
def runs(server: Emulator, net: Net, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    server.reset()
    return Runs(server, net, tmp_path_factory)


def _about(seen: dict[str, list[t.Any]], names: t.Iterable[str], slug: str) -> tuple[str, ...]:
    """Of ``names``, those that saw something of a case."""
    # The end of a longer number must not count as this number.
    marks = (f"/{slug}/", f"/{slug}.", f" {slug}.", f" {slug}:")
    return tuple(name for name in names if any(mark in str(one) for one in seen[name] for mark in marks))


def _check(case: Case, slug: str, record: Record) -> None:
    if case.said:
        assert record.status == "ignored", record.result
        assert any(words in record.msg for words in case.said.replace("SLUG", slug).split("|")), record.msg
        assert record.result["error"]["kind"] in ("transport", "options", "bad_request")
    else:
        assert record.status == "ok", record.msg
        assert [mesh["name"] for mesh in record.result["meshes"]] == ["demo-mesh"]
    warned = [
        f"The endpoint of {host.replace('SLUG', slug)} uses plain HTTP: others on the network can read credentials and data. Use https."
        for host in case.warned
    ]
    assert record.warnings == warned


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each case both ways; without ``--whole`` those with many cases in process only, since a module takes ten times as long."""
    whole = metafunc.config.getoption("--whole")
    places = [
        (way, group)
        for way, group in itertools.product(EXECUTION_MODES, GROUPS)
        if whole or way == "in process" or group != "options"
    ]
    if "case" in metafunc.fixturenames:
        found = [(way, group, case) for way, group in places for case in GROUPS[group].cases]
        metafunc.parametrize(
            ("way", "group", "case"), found, ids=[f"{way}-{group}-{case.name}" for way, group, case in found]
        )
    elif "group" in metafunc.fixturenames:
        metafunc.parametrize(("way", "group"), places)
    else:
        metafunc.parametrize("way", list(EXECUTION_MODES) if whole else ["in process"])


def test_way(runs: Runs, net: Net, tally: Tally, way: str, group: str, case: Case) -> None:
    slug = SLUGS[group, case.name]
    with count_cases(tally, case.kind):
        run, seen = runs(way, group)
        _check(case, slug, run[case.name])
        assert _about(seen, net.services, slug) == case.hears
        assert _about(seen, net.proxies, slug) == case.passes


def test_each_server_receives_only_its_own_requests(runs: Runs, net: Net, tally: Tally, way: str, group: str) -> None:
    """Services hear the token and no password of a proxy or a netrc; proxies hear nothing of what goes through a tunnel."""
    run, seen = runs(way, group)
    with count_cases(tally, "who hears what", len(seen)):
        for name in net.services:
            for heard in seen[name]:
                headers = dict(heard.headers)
                assert headers["X-Auth-Token"] == TOKEN
                assert headers.keys().isdisjoint({"Authorization", "Proxy-Authorization"})
        for name in net.proxies:
            tunnels = [head for head in seen[name] if head.startswith("CONNECT ")]
            assert [head for head in tunnels if TOKEN in head] == []
            assert [head for head in seen[name] if NETRC in head] == []
        for secret in (TOKEN, PASSWORD, WRONG, NETRC):
            assert secret not in f"{run.output}{[record.result for record in run.records]}"
        assert "Traceback" not in run.output


# Redirects


def _redirected(
    case: str, status: int, module: str, method: str, path_regex: str, **options: t.Any
) -> list[dict[str, t.Any]]:
    name = f"{case}, {status}"
    fault = {"kind": "redirect", "status": status, "method": method, "path_regex": path_regex, "times": 1}
    return [
        control("POST", "faults", {**fault, "headers": {"Location": "{{ thief }}/{{ token }}"}}),
        task(module, name, **options, _ignore_errors=True),
        control("DELETE", "faults"),
    ]


REDIRECTED: dict[str, tuple[str, str, str, dict[str, t.Any]]] = {
    "a list": ("asm_mesh_info", "GET", "/meshes$", {}),
    "a page": ("modelarts_workspace_info", "GET", "/workspaces$", {}),
    "a creation": ("modelarts_workspace", "POST", "/workspaces$", {"name": "team-green"}),
    "an update": ("modelarts_workspace", "PUT", "/workspaces/", {"name": "team-blue", "description": "New"}),
    "a removal": ("modelarts_workspace", "DELETE", "/workspaces/", {"name": "team-blue", "state": "absent"}),
    "a token": (
        "iam_token",
        "POST",
        "/v3/auth/tokens$",
        {"username": "{{ username }}", "password": "{{ password }}", "domain_name": "{{ domain }}"},
    ),
}


def test_redirects_lead_nowhere(server: Emulator, net: Net, tally: Tally, tmp_path: Path, way: str) -> None:
    """Whatever is redirected, with whatever status: the other host never hears of it."""
    server.reset()
    server.seed(workspaces=[{"name": "team-blue"}])
    account = server.credentials
    names = {
        **net.names,
        "username": account["username"],
        "password": account["password"],
        "domain": account["domain_name"],
    }
    net.services["thief"].heard.clear()
    tried = [(case, status) for case in REDIRECTED for status in REDIRECTS]
    tasks = [
        one for case, status in tried for one in _redirected(case, status, *REDIRECTED[case][:3], **REDIRECTED[case][3])
    ]
    before = server.stores()["workspaces"]
    run = Player(server, tmp_path)(
        tasks, variables=names, environment=EXECUTION_MODES[way], verbosity=3, module_defaults=defaults(max_retries=1)
    )
    with count_cases(tally, "redirects", len(tried)):
        for case, status in tried:
            record = run[f"{case}, {status}"]
            assert record.status == "ignored", (case, status, record.result)
            assert "redirect, which is not followed" in record.msg
            assert (record.result["error"]["kind"], record.result["error"]["status"]) == ("protocol", status)
            assert record.result["changed"] is False
        assert net.services["thief"].heard == []
        assert account["password"] not in run.output
        assert server.stores()["workspaces"] == before
