# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the process: start, ready file, cut connections, TLS, and shutdown."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import typing as t
import urllib.parse

import pytest
from huaweicloud_emulator import instance, server, serving

PACKAGES = pathlib.Path(server.__file__).parents[1]
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(PACKAGES), PYTHONDONTWRITEBYTECODE="1")
MODULE = [sys.executable, "-m", "huaweicloud_emulator"]


class Running:
    def __init__(self, directory: pathlib.Path, *options: str) -> None:
        self.ready_file = directory / "ready.json"
        command = [
            *MODULE,
            "--control",
            "--ready-file",
            str(self.ready_file),
            "--log",
            str(directory / "log"),
            *options,
        ]
        self.process = subprocess.Popen(command, env=ENVIRONMENT)
        deadline = time.monotonic() + 300
        while not self.ready_file.exists() and self.process.poll() is None and time.monotonic() < deadline:
            # Also stop waiting if the process exits.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.01)
        self.ready = json.loads(self.ready_file.read_text(encoding="utf-8"))

    def connect(self, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        where = urllib.parse.urlsplit(self.ready["url"])
        assert where.hostname and where.port
        if context is not None:
            return http.client.HTTPSConnection(where.hostname, where.port, timeout=300, context=context)
        return http.client.HTTPConnection(where.hostname, where.port, timeout=300)

    def call(
        self, method: str, path: str, content: t.Any = None, context: ssl.SSLContext | None = None
    ) -> tuple[int, bytes]:
        connection = self.connect(context)
        try:
            connection.request(method, path, json.dumps(content) if content is not None else None)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(300)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Running]:
    started = Running(tmp_path_factory.mktemp("emulator"))
    yield started
    started.end()


def test_ready_file_content(running: Running) -> None:
    ready = running.ready
    assert running.ready_file.stat().st_mode & 0o777 == 0o600
    assert set(ready) == {"pid", "url", "host", "port", "control_url", "credentials"}
    assert (ready["pid"], ready["host"]) == (running.process.pid, "127.0.0.1")
    assert (ready["url"], ready["control_url"]) == (f"http://127.0.0.1:{ready['port']}", f"{ready['url']}/_emulator")
    assert {
        "access_key",
        "secret_key",
        "username",
        "password",
        "domain_name",
        "domain_id",
        "project_id",
        "project_name",
        "region",
    } < set(ready["credentials"])
    assert running.call("GET", "/_emulator/health")[0] == 200


def test_reset_fault_resets_connection(running: Running) -> None:
    running.call("POST", "/_emulator/faults", {"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        running.call("GET", "/v3/projects")


def test_truncated_fault_sends_half_of_response(running: Running) -> None:
    running.call("POST", "/_emulator/faults", {"kind": "truncated"})
    with pytest.raises(http.client.IncompleteRead) as caught:
        running.call("GET", "/v3/projects")
    assert b'{"error_msg":' in caught.value.partial


def test_stall_fault_sends_nothing(running: Running) -> None:
    running.call("POST", "/_emulator/faults", {"kind": "stall", "seconds": 600})
    connection = running.connect()
    connection.timeout = 0.2
    connection.request("GET", "/v3/projects")
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    # The server still responds to other clients.
    assert running.call("GET", "/_emulator/health")[0] == 200


def test_dropped_response_has_effect(running: Running) -> None:
    credentials = running.ready["credentials"]
    user = {
        "name": credentials["username"],
        "password": credentials["password"],
        "domain": {"name": credentials["domain_name"]},
    }
    running.call("POST", "/_emulator/faults", {"kind": "response_dropped", "method": "POST"})
    with pytest.raises(ConnectionResetError):
        running.call(
            "POST", "/v3/auth/tokens", {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        )
    assert json.loads(running.call("POST", "/_emulator/tokens/expire", {})[1]) == {"expired": 1}


def test_connection_is_reused(running: Running) -> None:
    connection = running.connect()
    for unused in range(3):
        connection.request("GET", "/v3/projects")
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (401, True)
    connection.close()


def test_log_has_no_secrets(running: Running) -> None:
    text = (running.ready_file.parent / "log").read_text(encoding="utf-8")
    assert not any(running.ready["credentials"][name] in text for name in ("secret_key", "password"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_server_cleanly(tmp_path: pathlib.Path, number: signal.Signals) -> None:
    started = Running(tmp_path)
    started.call("POST", "/_emulator/faults", {"kind": "stall", "seconds": 600})
    waiting = started.connect()
    waiting.request("GET", "/v3/projects")
    started.process.send_signal(number)
    assert started.process.wait(300) == 0
    assert not started.ready_file.exists()
    waiting.close()


def test_server_stops_with_parent(tmp_path: pathlib.Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = Running(tmp_path, "--parent-pid", str(parent.pid))
    assert started.process.poll() is None
    parent.communicate(b"\n")
    assert started.process.wait(300) == 0


def test_database_keeps_state_after_restart(tmp_path: pathlib.Path) -> None:
    options = ("--database", str(tmp_path / "state.db"))
    first = Running(tmp_path, *options)
    first.call("POST", "/_emulator/seed", {"workspaces": ["team-a"]})
    first.end()
    second = Running(tmp_path, *options)
    try:
        assert second.ready["credentials"] == first.ready["credentials"]
        found = json.loads(second.call("GET", "/_emulator/snapshot")[1])["stores"]["workspaces"]
        assert [record["name"] for record in found.values()] == ["default", "team-a"]
    finally:
        second.end()


@pytest.mark.parametrize(
    "options, text",
    [
        (["--set", "nothing=1"], "unknown behavior: nothing"),
        (["--set", "nothing"], "--set must be BEHAVIOR=VALUE"),
        (["--seed", "/nowhere/seed.yml"], "/nowhere/seed.yml"),
        (["--detach"], "--detach requires --ready-file"),
    ],
)
def test_invalid_options_are_reported(options: list[str], text: str) -> None:
    done = subprocess.run(
        [*MODULE, *options], env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, text in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_port_in_use_is_reported() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        done = subprocess.run(
            [*MODULE, "--port", str(holder.getsockname()[1])],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert (done.returncode, "Address already in use" in done.stderr) == (1, True)


def test_detached_server_has_status_and_stops(tmp_path: pathlib.Path) -> None:
    ready = tmp_path / "ready.json"
    seed = tmp_path / "seed.yml"
    seed.write_text("credentials: {region: eu-de}\nworkspaces: [team-a]\n", encoding="utf-8")
    assert instance.status(ready) == {"running": False}
    command = [
        *MODULE,
        "--detach",
        "--ready-file",
        str(ready),
        "--log",
        str(tmp_path / "log"),
        "--seed",
        str(seed),
        "--set",
        "gone_after=0",
    ]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    status = instance.status(ready)
    assert (status["running"], status["pid"], status["control_url"]) == (True, json.loads(done.stdout)["pid"], None)
    assert status["credentials"]["project_name"] == "eu-de"
    assert instance.stop(ready) == {"stopped": True}
    assert (instance.status(ready), instance.stop(ready), ready.exists()) == (
        {"running": False},
        {"stopped": False},
        False,
    )


def test_failed_detached_start_is_reported(tmp_path: pathlib.Path) -> None:
    command = [
        *MODULE,
        "--detach",
        "--ready-file",
        str(tmp_path / "ready.json"),
        "--log",
        str(tmp_path / "log"),
        "--set",
        "nothing=1",
    ]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (1, "huaweicloud_emulator: unknown behavior: nothing\n")
    assert "unknown behavior: nothing" in (tmp_path / "log").read_text(encoding="utf-8")
    done = subprocess.run(
        [*command[:6], *command[8:]], env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (1, "huaweicloud_emulator: the server exited with status 1\n")


def test_other_process_is_not_stopped(tmp_path: pathlib.Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    ready = tmp_path / "ready.json"
    ready.write_text(
        json.dumps({"pid": other.pid, "url": "http://127.0.0.1:1", "host": "127.0.0.1", "port": 1}), encoding="utf-8"
    )
    try:
        assert instance.status(ready) == {"running": False}
        assert instance.stop(ready) == {"stopped": False}
        assert other.poll() is None
    finally:
        other.communicate(b"\n")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid": "x"}'])
def test_invalid_ready_file_means_not_running(
    tmp_path: pathlib.Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(text, encoding="utf-8")
    assert instance.main(["status", "--ready-file", str(ready)]) == 0
    assert json.loads(capsys.readouterr().out) == {"running": False}


@pytest.mark.parametrize(
    "host, tls, expected",
    [
        ("127.0.0.1", False, "http://127.0.0.1:8"),
        ("0.0.0.0", True, "https://127.0.0.1:8"),
        ("::1", False, "http://[::1]:8"),
        ("::", False, "http://[::1]:8"),
    ],
)
def test_url_of_address(host: str, tls: bool, expected: str) -> None:
    assert server.build_url(host, 8, tls) == expected


@pytest.mark.parametrize(
    "text, why",
    [
        ("[]", "must be a mapping"),
        ("behaviors: [gone_after]", "behaviors: must be a mapping"),
        ("credentials: me", "credentials: must be a mapping"),
        ("meshes: [}", r"not valid YAML or JSON: .* line 1, column 10"),
    ],
)
def test_invalid_seed_file_is_rejected(tmp_path: pathlib.Path, text: str, why: str) -> None:
    seed = tmp_path / "seed.yml"
    seed.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        serving.read_seed(seed)
    assert re.fullmatch(f"{re.escape(str(seed))}: {why}", str(caught.value))


def test_empty_seed_file_is_valid(tmp_path: pathlib.Path) -> None:
    (tmp_path / "seed.yml").write_text("behaviors:\ncredentials:\n", encoding="utf-8")
    assert serving.read_seed(None) == {}
    assert serving.build_state({}, serving.read_seed(tmp_path / "seed.yml")).behaviors.values()["gone_after"] == 2


# -- TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Create a CA and a certificate for 127.0.0.1, valid for server and client."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates of these tests")
    directory = tmp_path_factory.mktemp("tls")
    key = ["-newkey", "rsa:2048", "-nodes"]
    # Since 3.13, Python requires the key usage in the certificate of a CA.
    usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    commands = [
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA", *usage],
        ["req", *key, "-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=127.0.0.1"],
        [
            "x509",
            "-req",
            "-in",
            "host.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            "host.pem",
            "-days",
            "2",
            "-extfile",
            "names",
        ],
    ]
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n", encoding="utf-8")
    for command in commands:
        subprocess.run(["openssl", *command], cwd=directory, check=True, capture_output=True)
    return directory


def test_tls(certificates: pathlib.Path, tmp_path: pathlib.Path) -> None:
    started = Running(
        tmp_path, "--tls-cert", str(certificates / "host.pem"), "--tls-key", str(certificates / "host.key")
    )
    try:
        assert started.ready["url"].startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
        assert started.call("GET", "/openapi.json", context=trusting)[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            started.call("GET", "/openapi.json", context=ssl.create_default_context())
        started.call("POST", "/_emulator/faults", {"kind": "reset"}, context=trusting)
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected, ssl.SSLError)):
            started.call("GET", "/v3/projects", context=trusting)
        assert instance.status(started.ready_file)["running"] is True
    finally:
        started.end()


def test_client_certificates(certificates: pathlib.Path, tmp_path: pathlib.Path) -> None:
    pair = (str(certificates / "host.pem"), str(certificates / "host.key"))
    ca = str(certificates / "ca.pem")
    started = Running(tmp_path, "--tls-cert", pair[0], "--tls-key", pair[1], "--tls-client-ca", ca)
    try:
        context = ssl.create_default_context(cafile=ca)
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            started.call("GET", "/openapi.json", context=context)
        context.load_cert_chain(*pair)
        assert started.call("GET", "/openapi.json", context=context)[0] == 200
    finally:
        started.end()


def test_responses_are_not_delayed_by_nagle() -> None:
    """Nagle's algorithm delays each response on a reused connection by 40 ms, see server.bind."""
    with server.bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
