# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services in memory: a transport that returns realistic responses and records the requests.

A test sets the state, runs the task of a module, and asserts all requests. Failures (an error response, a lost response, a concurrent
change) are rules for the next matching request.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import typing as t
from urllib.parse import parse_qs, unquote, urlsplit

from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    HuaweiCloudError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    read_only,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._results import build_failure, build_result
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Session
from fake_clock import FakeClock

Body = t.Any
# A status and a body, and with a rule perhaps headers.
ApiResponse = t.Any

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
CREATED = "2026-01-02T03:04:05Z"
TOKENS = "/v3/auth/tokens"
CREATED_MS = int(NOW.timestamp() * 1000)

NOT_FOUND = (404, {"errorCode": "ASM.01010002", "errorMsg": "Resource not found."})
EXISTS = (409, {"errorCode": "ASM.01010003", "errorMsg": "The resource already exists."})
NO_WORKSPACE = (400, {"error_code": "ModelArts.7005", "error_msg": "workspace not existed"})
NAME_IN_USE = (400, {"error_code": "ModelArts.0103", "error_msg": "The workspace name is in use."})
TRAFFIC = (400, {"errorCode": "ASM.01010001", "errorMsg": "Traffic is not where it has to be."})
INTERNAL = (500, {"errorCode": "ASM.01040001", "errorMsg": "Internal error."})

CONNECTION = Connection(
    credentials=Credentials("token", "task", auth_token="CANARY-given-token"),
    project_id="p-1",
    asm_endpoint="https://asm.example.com",
    modelarts_endpoint="https://modelarts.example.com",
    auth_url="https://iam.example.com",
    max_retries=1,
)


class Rule(t.NamedTuple):
    """What happens to the next request that begins with ``start``. ``action`` gets a function that applies the request."""

    start: str
    action: t.Callable[[t.Callable[[], ApiResponse]], ApiResponse]


class Cloud:
    """Three services. All attributes are public, so tests can set and read the state."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.meshes = [mesh("m-1", "shop")]
        # The phase after one list. None removes the mesh.
        self.mesh_phases: dict[str, str | None] = {"Creating": "Running", "Deleting": None}
        # Whether responses contain the configuration of a mesh.
        self.returns_mesh_config = True
        self.workshops: list[Body] = []
        self.releases: list[Body] = []
        self.workspaces: list[Body] = [workspace("0", "default")]
        self.quotas: dict[str, list[Body]] = {"0": [quota("gpu", -1), quota("cpu", 10)]}
        self.rules: list[Rule] = []
        # Every request as "METHOD path?query", and the bodies of those that had one.
        self.request_log: list[str] = []
        self.bodies: list[Body] = []
        # Behavior that the reference does not define.
        self.workshop_key = "name"
        self.no_workshop: ApiResponse = NOT_FOUND
        self.release_key = "uid"
        self.phases: list[str] = []
        self.receives_traffic = "original"
        self.keeps_ended = False
        # Whether a second object of the same name is refused.
        self.enforces_names = True
        self.reads_of_deleting = 1
        self.ids = 0

    # The wire

    def __call__(self, call: HttpRequest) -> HttpResponse:
        parts = urlsplit(call.url)
        line = f"{call.method} {parts.path}" + (f"?{parts.query}" if parts.query else "")
        self.request_log.append(line)
        body = json.loads(call.body) if call.body else None
        if body is not None:
            self.bodies.append(body)
        number = len(self.request_log)
        status, answer, *more = self._ruled(line, lambda: self._answer(call.method, parts.path, parts.query, body))
        # Only a response of IAM contains a token.
        token = {"x-subject-token": "CANARY-issued-token"} if parts.path == TOKENS and status == 201 else {}
        raw = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        headers = {"content-type": "application/json", "x-request-id": f"req-{number}", **token}
        return HttpResponse(status, {**headers, **(more[0] if more else {})}, raw)

    def rule(self, start: str, action: t.Callable[[t.Callable[[], ApiResponse]], ApiResponse], times: int = 1) -> None:
        self.rules += [Rule(start, action)] * times

    def respond(self, start: str, status: int, body: Body = None, times: int = 1, **headers: str) -> None:
        """Answer the next matching requests with this response, without applying them."""
        self.rule(
            start, lambda do: (status, body, {name.replace("_", "-"): value for name, value in headers.items()}), times
        )

    def drop_response(self, start: str, times: int = 1) -> None:
        """Apply the next matching requests and break the connection before the response."""
        self.rule(start, _done_and_lost, times)

    def corrupt_response(self, start: str, status: int, body: Body, times: int = 1) -> None:
        """Apply the next matching requests and answer them with another response."""
        self.rule(start, lambda do: (do() and status, body), times)

    def break_connection(self, start: str, *, sent: bool = True, times: int = 1) -> None:
        """Break the connection at the next matching requests, without applying them."""
        self.rule(start, lambda do: _broken(sent), times)

    def before(self, start: str, action: t.Callable[[], t.Any]) -> None:
        """Run ``action`` just before the next matching request, as another client would."""

        def then(do: t.Callable[[], ApiResponse]) -> ApiResponse:
            action()
            return do()

        self.rule(start, then)

    def _ruled(self, line: str, do: t.Callable[[], ApiResponse]) -> ApiResponse:
        rule = next((rule for rule in self.rules if line.startswith(rule.start)), None)
        if rule is None:
            return do()
        self.rules.remove(rule)
        return rule.action(do)

    def _answer(self, method: str, path: str, query: str, body: Body) -> ApiResponse:
        if path == TOKENS:
            return 201, {
                "token": {"expires_at": "2026-01-03T03:04:05.000000Z", "project": {"id": "p-1", "name": "eu-de"}}
            }
        segments = [unquote(part) for part in path.strip("/").split("/")]
        question = {name: found[0] for name, found in parse_qs(query).items()}
        if segments[0] == "v1" and segments[2:3] == ["meshes"]:
            return self._mesh(method, segments[3:], body)
        if segments[:2] == ["v2", "meshes"]:
            return (
                self._workshop(method, segments[4:], body)
                if segments[3] == "workshops"
                else self._release(method, segments[3:], question, body)
            )
        if segments[2:3] == ["workspaces"]:
            return self._workspace(method, segments[3:], question, body)
        raise AssertionError(f"nobody serves {method} {path}")

    def _new_id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}-{self.ids}"

    # Meshes

    def _mesh(self, method: str, rest: list[str], body: Body) -> ApiResponse:
        if method == "GET":
            listed = copy.deepcopy(self.meshes)
            self._advance_meshes()
            return 200, {"apiVersion": "v1", "kind": "MeshList", "items": listed}
        if method == "POST":
            if self.enforces_names and any(
                each["metadata"]["name"] == body["metadata"]["name"] for each in self.meshes
            ):
                return EXISTS
            self.meshes.append(created_mesh(self._new_id("mesh"), body, self.returns_mesh_config))
            return 201, copy.deepcopy(self.meshes[-1])
        found = next((each for each in self.meshes if each["metadata"]["uid"] == rest[0]), None)
        if found is None:
            return NOT_FOUND
        found["status"]["phase"] = "Deleting"
        return 200, copy.deepcopy(found)

    def _advance_meshes(self) -> None:
        for each in self.meshes:
            phase = each["status"]["phase"]
            each["status"]["phase"] = self.mesh_phases.get(phase, phase)
        self.meshes = [each for each in self.meshes if each["status"]["phase"]]

    # Workshops

    def _workshop(self, method: str, rest: list[str], body: Body) -> ApiResponse:
        if method == "GET":
            return 200, [{"workshop": found} for found in self.workshops]
        if method == "POST":
            if self.enforces_names and any(
                found["metadata"]["name"] == body["metadata"]["name"] for found in self.workshops
            ):
                return EXISTS
            self.workshops.append(workshop(self._new_id("ws"), **body))
            return 200, self.workshops[-1]
        field = "name" if self.workshop_key == "name" else "uid"
        found = [each for each in self.workshops if each["metadata"][field] == rest[0]]
        if not found:
            return self.no_workshop
        self.workshops.remove(found[0])
        return 200, None

    # Releases

    def _release(self, method: str, rest: list[str], question: dict[str, str], body: Body) -> ApiResponse:
        if rest == ["releases"]:
            if self.phases:
                for found in self.releases:
                    found["status"]["phase"] = self.phases[0]
                self.phases.pop(0)
            return 200, {"kind": "ReleaseList", "apiVersion": "asm/v2", "items": self.releases}
        if method == "POST":
            return self._new_release(body)
        found = next((each for each in self.releases if each["metadata"][self.release_key] == rest[3]), None)
        if found is None:
            return NOT_FOUND
        if method == "PUT":
            found["spec"] = defaulted(body["spec"])
            return 200, None
        return self._end_release(found, question["action"])

    def _new_release(self, body: Body) -> ApiResponse:
        names = [(each["metadata"]["namespace"], each["metadata"]["name"]) for each in self.releases]
        if self.enforces_names and (body["metadata"]["namespace"], body["metadata"]["name"]) in names:
            return EXISTS
        self.releases.append(release(self._new_id("rel"), **body))
        return 200, self.releases[-1]

    def _end_release(self, found: Body, action: str) -> ApiResponse:
        if self.receives_traffic != {"end": "gray", "cancel": "original"}.get(action):
            return TRAFFIC
        if self.keeps_ended:
            found["status"]["phase"] = {"end": "Finished", "cancel": "Canceled"}[action]
        else:
            self.releases.remove(found)
        return 200, None

    # Workspaces

    def _workspace(self, method: str, rest: list[str], question: dict[str, str], body: Body) -> ApiResponse:
        if not rest:
            return self._workspace_list(question) if method == "GET" else self._new_workspace(body)
        found = next((each for each in self.workspaces if each["id"] == rest[0]), None)
        if found is None:
            return NO_WORKSPACE
        if rest[1:] == ["quotas"]:
            return self._quotas(method, found, body)
        if method == "GET":
            return 200, found
        if method == "DELETE":
            found["status"] = "DELETING"
            return 200, {"workspace_id": found["id"]}
        found.update(dict({"grants": []}, **body), update_time=CREATED_MS + 1000)
        return 200, {"workspace_id": found["id"]}

    def _workspace_list(self, question: dict[str, str]) -> ApiResponse:
        going = [each for each in self.workspaces if each["status"] == "DELETING"]
        if going and self.reads_of_deleting <= 0:
            self.workspaces = [each for each in self.workspaces if each not in going]
        self.reads_of_deleting -= len(going[:1])
        fits = [each for each in self.workspaces if question.get("name", "").lower() in each["name"].lower()]
        entries = [{key: value for key, value in each.items() if key != "grants"} for each in fits]
        return 200, {"total_count": len(entries), "count": len(entries), "workspaces": entries}

    def _new_workspace(self, body: Body) -> ApiResponse:
        if self.enforces_names and any(each["name"] == body["name"] for each in self.workspaces):
            return NAME_IN_USE
        new = workspace(self._new_id("wks"), **body)
        self.workspaces.append(new)
        self.quotas[new["id"]] = [quota("gpu", -1), quota("cpu", 10)]
        # As in the vendor's sample, the response has another auth_type and no grants.
        return 200, {key: value for key, value in dict(new, auth_type="public").items() if key != "grants"}

    def _quotas(self, method: str, found: Body, body: Body) -> ApiResponse:
        quotas = self.quotas.get(found["id"], [])
        for change in body["quotas"] if method == "PUT" else []:
            next(each for each in quotas if each["resource"] == change["resource"]).update(quota=change["quota"])
        return 200, {"quotas": quotas}


def _broken(sent: bool) -> t.NoReturn:
    raise TransportError("the connection to the service broke: Connection reset by peer", request_sent=sent)


def _done_and_lost(do: t.Callable[[], ApiResponse]) -> t.NoReturn:
    do()
    _broken(True)


# What the services hold


def mesh(uid: str, name: str, phase: str = "Running", clusters: t.Sequence[str] = ("c-1",)) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Mesh",
        "metadata": {"name": name, "uid": uid, "creationTimestamp": CREATED},
        "spec": {
            "type": "InCluster",
            "version": "v1.18",
            "extendParams": {"clusters": [{"clusterID": cluster} for cluster in clusters]},
        },
        "status": {"phase": phase},
    }


def created_mesh(uid: str, body: Body, with_config: bool = True) -> Body:
    """Return a new mesh as the service returns it: without selectors, and with the newest patch version."""
    clusters = [{"clusterID": cluster["clusterID"]} for cluster in body["spec"]["extendParams"]["clusters"]]
    spec = {"type": body["spec"]["type"], "version": body["spec"].get("version", "v1.18") + ".7-r1"}
    config = {"config": body["spec"]["config"]} if with_config and "config" in body["spec"] else {}
    return {
        "apiVersion": "v1",
        "kind": "Mesh",
        "metadata": {"name": body["metadata"]["name"], "uid": uid, "creationTimestamp": CREATED},
        "spec": {**spec, "extendParams": {"clusters": clusters}, **copy.deepcopy(config)},
        "status": {"phase": "Creating", "updateTimestamp": CREATED},
    }


def workshop(uid: str, metadata: Body, spec: Body, description: str = "") -> Body:
    return {
        "description": description,
        "metadata": dict(metadata, uid=uid, creationTimestamp=CREATED),
        "spec": copy.deepcopy(spec),
        "status": {"updateTime": CREATED},
    }


def release(
    uid: str, metadata: Body, spec: Body, phase: str = "Running", updated: str = CREATED, **_rest: t.Any
) -> Body:
    names = [gray["template"]["metadata"]["name"] for gray in spec["grayDeployments"]]
    status = {
        "phase": phase,
        "startTime": CREATED,
        "updateTime": updated,
        "deployment": observed(spec["deploymentName"]),
        "grayDeployments": [observed(name) for name in names],
    }
    return {
        "kind": "Release",
        "apiVersion": "asm/v2",
        "metadata": dict(metadata, uid=uid),
        "spec": defaulted(spec),
        "status": status,
    }


def observed(name: str, available: int = 1, replicas: int = 1) -> Body:
    return {"metadata": {"name": name}, "spec": {"replicas": replicas}, "status": {"availableReplicas": available}}


def defaulted(spec: Body) -> Body:
    """Return the spec of a release as the service returns it, with the defaults of Kubernetes."""
    spec = copy.deepcopy(spec)
    for gray in spec["grayDeployments"]:
        gray["template"]["spec"]["revisionHistoryLimit"] = 10
        gray["template"]["spec"]["template"]["spec"]["restartPolicy"] = "Always"
    return spec


def workspace(uid: t.Any, name: str, **fields: t.Any) -> Body:
    return {
        "id": uid,
        "name": name,
        "description": "",
        "auth_type": "public",
        "owner": "alice",
        "enterprise_project_id": "0",
        "enterprise_project_name": "default",
        "status": "NORMAL",
        "status_info": "",
        "create_time": CREATED_MS,
        "update_time": CREATED_MS,
        "grants": [],
        **copy.deepcopy(fields),
    }


def quota(resource: str, value: int, low: int = -1, high: int = 60000) -> Body:
    return {
        "resource": resource,
        "quota": value,
        "min_quota": low,
        "max_quota": high,
        "used_quota": None,
        "unit_en": "minute",
        "update_time": CREATED_MS,
    }


# Running a module's task


@dataclasses.dataclass
class Ran:
    """The result of one task as the module returns it, and the requests of the task."""

    result: dict[str, t.Any]
    request_log: list[str]
    bodies: list[Body]
    warnings: list[str]
    sleeps: list[float]

    def __getitem__(self, key: str) -> t.Any:
        return self.result[key]

    @property
    def writes(self) -> list[str]:
        return [line for line in self.request_log if not line.startswith("GET ")]

    @property
    def actions(self) -> list[tuple[str, list[str], str | None]]:
        return [(action["action"], action["fields"], action["request_id"]) for action in self["actions"]]


def run(cloud: Cloud, module: t.Any, check: bool = False, **options: t.Any) -> Ran:
    """Run the task of ``module`` in diff mode and return its result. Raise the error of a task that fails."""
    params = parameters(module, options)
    warnings: list[str] = []
    requests, bodies, sleeps = len(cloud.request_log), len(cloud.bodies), len(cloud.clock.sleeps)
    session = open_session(cloud, check, params, warnings)
    desired = module.TASK.validate_options(params)
    result = build_result(module.TASK.run(session, params, desired), session, diff_mode=True, verbosity=0)
    json.dumps(result)
    return Ran(result, cloud.request_log[requests:], cloud.bodies[bodies:], warnings, cloud.clock.sleeps[sleeps:])


def fail(cloud: Cloud, module: t.Any, check: bool = False, **options: t.Any) -> tuple[HuaweiCloudError, Ran]:
    """Run a task that must fail. Return the error, and the result and requests of the task."""
    requests, bodies, sleeps = len(cloud.request_log), len(cloud.bodies), len(cloud.clock.sleeps)
    try:
        ran = run(cloud, module, check, **options)
    except HuaweiCloudError as error:
        assert "CANARY" not in str(build_failure(error, None))
        return error, Ran(
            build_failure(error, None),
            cloud.request_log[requests:],
            cloud.bodies[bodies:],
            [],
            cloud.clock.sleeps[sleeps:],
        )
    raise AssertionError(f"the task did not fail: {ran.result}")


def parameters(module: t.Any, options: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the options as Ansible passes them to a module: validated, converted, with defaults."""
    checked = ArgumentSpecValidator(**module.TASK.arguments.kwargs()).validate(options)
    assert checked.error_messages == []
    return checked.validated_parameters


def open_session(cloud: Cloud, check: bool, params: dict[str, t.Any], warnings: list[str]) -> Session:
    wire = read_only(cloud) if check else cloud
    clock = cloud.clock
    client = Client(
        CONNECTION,
        wire,
        ProjectIdentity(CONNECTION),
        now=lambda: NOW,
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        jitter=lambda: 1.0,
    )
    wait_policy = (
        WaitPolicy(params["wait"], params["wait_timeout"], params["wait_interval"])
        if "wait" in params
        else WaitPolicy()
    )
    return Session(client, check_mode=check, wait_policy=wait_policy, clock=cloud.clock, warn=warnings.append)


def run_main(
    cloud: Cloud,
    main: t.Callable[[], None],
    options: dict[str, t.Any],
    monkeypatch: t.Any,
    capsys: t.Any,
    **settings: t.Any,
) -> dict[str, t.Any]:
    """Run a module as Ansible does, but in this process and with ``cloud`` as the transport. Return its output.

    ``settings`` are check_mode, diff and verbosity.
    """
    arguments = {
        "ANSIBLE_MODULE_ARGS": dict(options, **{f"_ansible_{name}": value for name, value in settings.items()})
    }
    # Cores before 2.19 know no profiles of serialization.
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    try:
        main()
    except SystemExit as end:
        printed = json.loads(capsys.readouterr().out)
        assert end.code == (1 if printed.get("failed") else 0)
        return printed
    raise AssertionError("the module did not end")
