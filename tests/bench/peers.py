# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other collections to compare with: where they are, and a small stand-in for the services they talk to."""

from __future__ import annotations

import dataclasses
import http.server
import json
import os
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

from bootstrap import SetupError, create_venv, pip_install
from environment import CACHE, LOGS
from runner import BenchFailure, Task

VENV = CACHE / "bench-peers"
PACKAGES = ("ansible>=12", "keystoneauth1", "openstacksdk<4.13", "requests", "jsonschema")

_LOGIN = {
    "username": "bench-user",
    "password": "bench-password-0123456789",
    "project_name": "region-1",
    "domain": "bench-domain",
}
_VPC = {
    "id": "5f3c0c1e-8a55-4d0e-9b58-3f2f6c1f7a11",
    "name": "bench-vpc",
    "cidr": "192.168.0.0/16",
    "status": "OK",
    "routes": [],
}
_PROJECT = {
    "id": "0123456789abcdef0123456789abcdef",
    "name": "region-1",
    "domain_id": "bench",
    "enabled": True,
    "is_domain": False,
}


@dataclasses.dataclass(frozen=True)
class Peer:
    """A module of another collection, the libraries it needs, and its task against the stand-in."""

    key: str
    module: str
    libraries: tuple[str, ...]
    arguments: t.Callable[[str], dict[str, t.Any]]

    def task(self, url: str) -> Task:
        return {"name": self.module, self.module: self.arguments(url)}


def _vpc(url: str) -> dict[str, t.Any]:
    login = {
        "user": _LOGIN["username"],
        "password": _LOGIN["password"],
        "domain": _LOGIN["domain"],
        "project": _LOGIN["project_name"],
        "region": "region-1",
    }
    return dict(login, identity_endpoint=f"{url}/v3", name=_VPC["name"], cidr=_VPC["cidr"])


def _projects(url: str) -> dict[str, t.Any]:
    auth = {
        "auth_url": f"{url}/v3",
        "username": _LOGIN["username"],
        "password": _LOGIN["password"],
        "project_name": _LOGIN["project_name"],
        "user_domain_name": _LOGIN["domain"],
        "project_domain_name": _LOGIN["domain"],
    }
    return {"auth": auth, "region_name": "region-1", "name": _PROJECT["name"]}


PEERS = (
    Peer("hwc", "community.general.hwc_network_vpc", ("keystoneauth1",), _vpc),
    Peer("openstack", "openstack.cloud.project_info", ("openstack",), _projects),
)


def find() -> Path | None:
    """Return the Python of an environment with the package ``ansible``: this one, or the one that ``install`` creates."""
    for python in (Path(sys.executable), VENV / "bin" / "python"):
        if python.exists() and list(python.parent.parent.glob("lib/python*/site-packages/ansible_collections")):
            return python
    return None


def install() -> None:
    """Create the environment with the package ``ansible`` (550 MB). Raise BenchFailure if that fails."""
    if (VENV / "bin" / "ansible-playbook").exists():
        return
    print(f"Creating {VENV} with the package ansible (once, 550 MB) ...", flush=True)
    log = LOGS / "bench-peers.log"
    try:
        create_venv(VENV, log)
        pip_install(VENV, log, *PACKAGES)
    except SetupError as failure:
        raise BenchFailure(str(failure)) from None


def find_problem(python: Path, peer: Peer) -> str:
    """Return why the module cannot run in the environment, or an empty text."""
    namespace, name, module = peer.module.split(".")
    here = python.parent.parent.glob(
        f"lib/python*/site-packages/ansible_collections/{namespace}/{name}/plugins/modules/{module}.py"
    )
    if not list(here):
        return f"{namespace}.{name} is not installed"
    imports = "; ".join(f"import {library}" for library in peer.libraries)
    status = subprocess.call(
        [str(python), "-c", imports], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return f"{', '.join(peer.libraries)} cannot be imported" if status else ""


class _PeerHandler(http.server.BaseHTTPRequestHandler):
    """A Keystone service with one project, and a VPC service with one VPC, for the requests of one unchanged task."""

    protocol_version = "HTTP/1.1"
    # Without this, the body waits until the client has acknowledged the header.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path, _sep, query = self.path.partition("?")
        url = f"http://{self.headers['Host']}"
        version = {
            "id": "v3.14",
            "status": "stable",
            "links": [{"rel": "self", "href": f"{url}/v3/"}],
            "media-types": [],
        }
        answers: dict[str, t.Any] = {
            "": {"versions": {"values": [version]}},
            "/v3": {"version": version},
            "/v3/projects": {"projects": [_PROJECT], "links": {"next": None}},
            f"/v3/projects/{_PROJECT['id']}": {"project": _PROJECT},
            "/vpc/vpcs": {"vpcs": [] if f"marker={_VPC['id']}" in query else [_VPC]},
            f"/vpc/vpcs/{_VPC['id']}": {"vpc": _VPC},
        }
        answer = answers.get(path.rstrip("/"))
        self._answer(404 if answer is None else 200, answer or {"error": {"code": 404, "message": f"no {path}"}})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = f"http://{self.headers['Host']}"
        catalog = [_service("vpc", f"{url}/vpc"), _service("identity", f"{url}/v3")]
        user = {"id": "bench", "name": _LOGIN["username"], "domain": {"id": "bench", "name": _LOGIN["domain"]}}
        project = dict(_PROJECT, domain={"id": "bench", "name": _LOGIN["domain"]})
        times = {"issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2099-01-01T00:00:00.000000Z"}
        token = dict(times, methods=["password"], user=user, project=project, roles=[], catalog=catalog)
        self._answer(201, {"token": token}, {"X-Subject-Token": "bench-token-0123456789"})

    def _answer(self, status: int, body: t.Any, headers: t.Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(
            headers or {}, **{"Content-Type": "application/json", "Content-Length": str(len(data))}
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


def _service(kind: str, url: str) -> dict[str, t.Any]:
    endpoint = {"id": kind, "interface": "public", "region": "region-1", "region_id": "region-1", "url": url}
    return {"id": kind, "name": kind, "type": kind, "endpoints": [endpoint]}


class PeerServer:
    """Runs the services in a separate process, like the emulator."""

    def __enter__(self) -> PeerServer:
        command = [sys.executable, str(Path(__file__).resolve()), str(os.getpid())]
        self._process = subprocess.Popen(
            command, env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)), stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise BenchFailure("the server for the other collections did not start")
        return self

    def __exit__(self, *args: object) -> None:
        self._process.terminate()
        self._process.wait()
        t.cast(t.IO[str], self._process.stdout).close()


def serve(parent: int) -> None:
    """Serve until the parent process has ended."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _PeerHandler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    while os.getppid() == parent:
        threading.Event().wait(1.0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
