# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small Kubernetes API in memory, which records the requests. It can also be served over HTTP on the loopback interface."""

from __future__ import annotations

import contextlib
import copy
import http.server
import json
import threading
import typing as t
from urllib.parse import parse_qsl, unquote, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.transport import Reply

KINDS = {
    "virtualservices": "VirtualService",
    "destinationrules": "DestinationRule",
    "services": "Service",
    "pods": "Pod",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "leases": "Lease",
}
DATE = "Fri, 02 Jan 2026 03:04:05 GMT"
HOST = "https://cluster.example.com"


class Request(t.NamedTuple):
    """One request as the API received it."""

    method: str
    path: str
    query: dict[str, str]
    body: t.Any
    content_type: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Refusal(Exception):
    """A response that is not a success, as a Status object of Kubernetes."""

    def __init__(self, status: int, reason: str, message: str, **details: t.Any) -> None:
        super().__init__(message)
        self.reply = make_reply(
            status,
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": message,
                "reason": reason,
                "details": details,
                "code": status,
            },
        )


def make_reply(status: int, body: t.Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {"date": DATE, "content-type": "application/json", **headers}, content)


class FakeCluster:
    """Use it as the transport of a Cluster. ``responses`` are sent first, in their order: replies, exceptions, or functions of the request."""

    host = HOST

    def __init__(self, *objects: dict[str, t.Any], istio_versions: t.Sequence[str] = ("v1", "v1beta1")) -> None:
        self.istio_versions = istio_versions
        self.page_size = 500
        self.requests: list[Request] = []
        # The headers of the requests over HTTP.
        self.headers: list[t.Any] = []
        self.responses: list[t.Any] = []
        # What the next requests with this method and plural get instead of their response.
        self.faults: dict[tuple[str, str], list[t.Any]] = {}
        # Called after each write, with the request.
        self.on_write: t.Callable[[Request], None] = lambda request: None
        self._version = 100
        self.objects: dict[tuple[str, str, str], dict[str, t.Any]] = {}
        for found in objects:
            self.store(found)

    def store(self, found: dict[str, t.Any]) -> dict[str, t.Any]:
        """Store an object with a new resourceVersion."""
        self._version += 1
        found = copy.deepcopy(found)
        found["metadata"]["resourceVersion"] = str(self._version)
        plural = next(plural for plural, kind in KINDS.items() if kind == found["kind"])
        self.objects[plural, found["metadata"]["namespace"], found["metadata"]["name"]] = found
        return found

    def find(self, kind: str, namespace: str, name: str) -> dict[str, t.Any]:
        plural = next(plural for plural, known in KINDS.items() if known == kind)
        return self.objects[plural, namespace, name]

    @property
    def sent(self) -> list[str]:
        return list(map(str, self.requests))

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.method != "GET"]

    def __call__(self, method: str, path: str, query: t.Mapping[str, t.Any], body: t.Any, content_type: str) -> Reply:
        text = {name: str(value) for name, value in query.items()}
        request = Request(method, path, text, copy.deepcopy(body), content_type)
        self.requests.append(request)
        faults = (
            self.faults.get((method, path.rsplit("/", maxsplit=1)[-1]))
            or self.faults.get((method, path.split("/")[-2]))
            or []
        )
        scripted = self.responses or faults
        response = scripted.pop(0) if scripted else self.respond
        try:
            response = response(request) if callable(response) else response
        except Refusal as refusal:
            return refusal.reply
        if isinstance(response, Exception):
            raise response
        if method != "GET":
            self.on_write(request)
        return response

    def respond(self, request: Request) -> Reply:
        if request.path == "/apis/networking.istio.io":
            versions = [{"version": version} for version in self.istio_versions]
            return make_reply(200, {"kind": "APIGroup", "versions": versions})
        parts = [unquote(part) for part in request.path.strip("/").split("/")]
        version, rest = (parts[1], parts[2:]) if parts[0] == "api" else (f"{parts[1]}/{parts[2]}", parts[3:])
        namespace, rest = (rest[1], rest[2:]) if rest[0] == "namespaces" else (None, rest)
        plural, name = rest[0], rest[1] if len(rest) > 1 else None
        if version.startswith("networking.istio.io/") and version.split("/")[1] not in self.istio_versions:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        if name is None and request.method == "GET":
            return self._list(request, version, plural, namespace)
        assert namespace is not None
        return self._act(request, plural, namespace, name)

    def _list(self, request: Request, version: str, plural: str, namespace: str | None) -> Reply:
        wanted = dict(part.split("=") for part in request.query.get("labelSelector", "").split(",") if part)
        found = [
            {key: value for key, value in entry.items() if key not in ("kind", "apiVersion")}
            for (kind, place, name), entry in sorted(self.objects.items())
            if kind == plural
            and namespace in (None, place)
            and wanted.items() <= (entry["metadata"].get("labels") or {}).items()
        ]
        start = int(request.query.get("continue", "0"))
        size = min(self.page_size, int(request.query["limit"]))
        metadata = {"continue": str(start + size)} if start + size < len(found) else {}
        page = found[start : start + size]
        return make_reply(
            200, {"kind": f"{KINDS[plural]}List", "apiVersion": version, "metadata": metadata, "items": page}
        )

    def _act(self, request: Request, plural: str, namespace: str, name: str | None) -> Reply:
        if request.method == "POST":
            key = plural, namespace, request.body["metadata"]["name"]
            if key in self.objects:
                raise Refusal(409, "AlreadyExists", f'{plural} "{key[2]}" already exists', name=key[2], kind=plural)
            return make_reply(201, self.store({**request.body, "metadata": {**request.body["metadata"]}}))
        key = plural, namespace, str(name)
        if key not in self.objects:
            raise Refusal(404, "NotFound", f'{plural} "{name}" not found', name=name, kind=plural)
        current = self.objects[key]
        if request.method == "GET":
            return make_reply(200, current)
        if request.method == "PATCH":
            assert request.content_type == "application/json-patch+json"
            return make_reply(200, self.store(apply_patch(current, request.body)))
        sent = request.body.get("preconditions") or request.body.get("metadata")
        if sent["resourceVersion"] != current["metadata"]["resourceVersion"]:
            raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on {plural} "{name}"', name=name)
        if request.method == "PUT":
            return make_reply(200, self.store(request.body))
        del self.objects[key]
        return make_reply(200, {"kind": "Status", "status": "Success"})

    @contextlib.contextmanager
    def serve(self) -> t.Iterator[str]:
        """Serve the API over HTTP and return its URL."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(self))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def apply_patch(found: dict[str, t.Any], operations: t.Sequence[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Apply a JSON patch (RFC 6902) as the API server does: a failed test is a 422 without the name of the object."""
    result = copy.deepcopy(found)
    for operation in operations:
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        place: t.Any = result
        for part in parents:
            place = place[int(part)] if isinstance(place, list) else place[part]
        key: t.Any = int(last) if isinstance(place, list) else last
        exists = key in range(len(place)) if isinstance(place, list) else key in place
        fails = not exists if operation["op"] in ("replace", "remove", "test") else False
        if fails or (operation["op"] == "test" and place[key] != operation["value"]):
            raise Refusal(422, "Invalid", "the server rejected our request due to an error in our request")
        if operation["op"] == "remove":
            del place[key]
        elif operation["op"] in ("add", "replace"):
            place[key] = copy.deepcopy(operation["value"])
    return result


def _make_handler(cluster: FakeCluster) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            cluster.headers.append(self.headers)
            reply = cluster(
                self.command, parts.path, dict(parse_qsl(parts.query)), body, self.headers.get("Content-Type", "")
            )
            self.send_response_only(reply.status)
            for name, value in {**reply.headers, "content-length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

        def log_message(self, format: str, *args: t.Any) -> None:
            pass

    return Handler
