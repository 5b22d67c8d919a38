# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Service in the emulator and a rollout file for it, and checks of the traffic that the rollout has moved."""

from __future__ import annotations

import copy
import json
import os
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import RequestsTransport
from ansible_collections.community.huaweicloud.plugins.module_utils._task import RunContext, run_task, validate_params
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.transport import KubernetesTransport
from ansible_collections.community.huaweicloud.plugins.modules.canary_rollout import TASK
from harness import Emulator, Player, Run
from task_scenarios import CLUSTER, MESH, template

PLAYBOOK = "community.huaweicloud.canary"
VIRTUAL_SERVICE = "/apis/networking.istio.io/v1/namespaces/default/virtualservices/reviews"
ANNOTATION = "huaweicloud.community/canary"
Data = t.Dict[str, t.Any]


def rollout_file(emulator: Emulator, **changes: t.Any) -> Data:
    """Return a rollout of reviews-v2 whose times are so short that a test does not wait."""
    content = {
        "release": {
            **MESH,
            "namespace": "default",
            "name": "reviews-v2",
            "service_name": "reviews",
            "cluster_id": CLUSTER,
            "deployment_name": "reviews-v1",
            "version": "v2",
            "gray_deployments": [{"template": template()}],
        },
        "traffic": {"original_version": "v1", "propagation_seconds": 0, "connection": {"host": emulator.url}},
        "steps": [{"weight": 10}, {"weight": 50, "approval": True}, {"weight": 100}],
        "metrics": [{"name": "errors", "query": "error_ratio", "max": 0.05}],
        "analysis": {
            "prometheus_url": f"{emulator.url}/prometheus",
            "samples": 2,
            "interval": "0.02s",
            "scrape_interval": "0.01s",
            "initial_delay": 0,
            "max_sample_age": "60s",
        },
        "poll_interval": "0.02s",
        "lease_duration": "1s",
        "end_timeout": "2s",
    }
    return {**content, **changes}


class CanaryService:
    """The Service, its metrics and a rollout file in an emulator."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.emulator = emulator
        self.directory = directory
        self.path = directory / "canary.yml"
        self.status_path = directory / "status.json"
        self.record_path = directory / "canary.jsonl"
        self.emulator.set(running_after=0, gone_after=0)
        self.emulator.seed(applications=[{"name": "reviews", "versions": {"v1": 2}}])
        self.set_errors(0.01)
        self.write()
        self.first = self.virtual_service()

    def write(self, **changes: t.Any) -> None:
        """Write the rollout file."""
        self.content = rollout_file(self.emulator, **changes)
        self.path.write_text(yaml.safe_dump(self.content), encoding="utf-8")

    def set_errors(self, value: t.Any) -> None:
        """Set the error ratio that Prometheus returns. None means that the result is empty."""
        self.emulator.seed(series=[{"query": "error_ratio", "value": value}])

    def status(self) -> Data:
        """Return the content of the status file."""
        return json.loads(self.status_path.read_text(encoding="utf-8"))

    def outcome(self) -> str:
        return str(self.status()["canary_state"])

    def record(self) -> list[Data]:
        return [json.loads(line) for line in self.record_path.read_text(encoding="utf-8").splitlines()]

    def stages(self) -> list[str]:
        """Return the changes of the state in the record, as ``stage step``."""
        return [f"{line['stage']} {line['step']}" for line in self.record() if line["event"] == "state"]

    def advance(self, seconds: float) -> None:
        """Advance the clock of the API server."""
        self.emulator.control("POST", "clock", {"advance": seconds})

    def virtual_service(self) -> Data:
        return self.kubernetes("GET", VIRTUAL_SERVICE)

    def kubernetes(self, method: str, path: str, body: t.Any = None) -> Data:
        """Send a request to the Kubernetes API of the emulator, as somebody else would."""
        import urllib.request

        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json-patch+json" if method == "PATCH" else "application/json"}
        request = urllib.request.Request(self.emulator.url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=300) as response:
            return json.load(response)

    def state(self) -> Data:
        """Return the state in the annotation."""
        return json.loads(self.virtual_service()["metadata"]["annotations"][ANNOTATION])

    def weights(self) -> dict[str, int]:
        """Return the weights of the first route by subset."""
        return weights_of(self.virtual_service())

    def edit_weights(self, **weights: int) -> None:
        """Change the weights by hand."""
        route = [
            {"destination": {"host": "reviews", "subset": name}, "weight": weight} for name, weight in weights.items()
        ]
        patch = [{"op": "replace", "path": "/spec/http/0/route", "value": route}]
        self.kubernetes("PATCH", f"{VIRTUAL_SERVICE}?fieldManager=kubectl-edit", patch)

    def requests(self, *methods: str) -> list[Data]:
        """Return the requests that the emulator has received, except for those that only read."""
        wanted = methods or ("POST", "PUT", "PATCH", "DELETE")
        found = self.emulator.request_log()
        return [call for call in found if call["method"] in wanted and call["path"] != "/v3/auth/tokens"]

    def changes(self) -> list[str]:
        """Return the successful writes to routes and to the release, in one word each. Writes of only the annotation are left out."""
        found = []
        for call in self.requests():
            if call["status"] is None or call["status"] >= 400:
                continue
            if "/virtualservices" in call["path"] and changes_spec(call):
                found.append("routes")
            elif "/destinationrules" in call["path"]:
                found.append("subsets")
            elif "/releases" in call["path"]:
                found.append(
                    {"POST": "create", "DELETE": str(call["query"].get("action"))}.get(call["method"], "update")
                )
        return found

    def gray_weights(self) -> list[int]:
        """Return the weights of the gray version after each write to the VirtualService. Asserts that each sum is 100."""
        current, found = copy.deepcopy(self.first), []
        for call in self.requests("PATCH"):
            if call["path"] == VIRTUAL_SERVICE and call["status"] == 200:
                current = apply_patch(current, call["body"])
                weights = weights_of(current)
                assert sum(weights.values()) == 100, weights
                found.append(weights.get("v2", 0))
        return [weight for index, weight in enumerate(found) if index == 0 or weight != found[index - 1]]


class CanaryPlaybook(CanaryService):
    """Runs the playbook canary."""

    def __init__(self, play: Player, directory: Path) -> None:
        super().__init__(play.emulator, directory)
        self.play = play

    def run(self, action: str = "run", fails: bool = False, check: bool = False, **variables: t.Any) -> Run:
        """Run the playbook with the variables ``canary_*``."""
        given = {
            "canary_file": str(self.path),
            "canary_action": action,
            "canary_status_path": str(self.status_path),
            "canary_record": str(self.record_path),
            **{f"canary_{name}": value for name, value in variables.items()},
        }
        return self.play.run(PLAYBOOK, variables=given, fails=fails, check=check)


class Killed(BaseException):
    """The process was killed. No later request of it is sent."""


class CanaryModule(CanaryService):
    """Runs the module canary_rollout in the process of the test."""

    def __init__(self, emulator: Emulator, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(emulator, directory)
        self._kill_after: int | None = None
        self.writes = 0
        self._reactions: dict[str, t.Callable[[], None]] = {}
        self.warnings: list[str] = []
        self.before_write: t.Callable[[str, str], None] = lambda method, path: None
        self._intercept(monkeypatch)

    def run(self, action: str = "run", kill_after: int | None = None, **options: t.Any) -> Data:
        """Run the module and return its result. With ``kill_after``, raise Killed after that number of write requests, without those to Leases."""
        given = {"rollout": self.content, "action": action, "record_path": str(self.record_path), **options}
        check_mode = given.pop("check_mode", False)
        params, problem = validate_params(TASK.arguments, given)
        assert problem is None, problem
        environ = {**os.environ, **self.emulator.environment()}
        self._kill_after, self.writes = kill_after, 0
        context = RunContext(environ, check_mode, True, 0, self.warnings.append, lambda secrets: None, self._react)
        try:
            _failed, result = run_task(TASK, params, context)
        finally:
            self._kill_after = None
        return result

    def on_progress(self, text: str, react: t.Callable[[], t.Any]) -> None:
        """Call ``react`` at the next line of progress that contains a text."""
        self._reactions[text] = react

    def _react(self, line: str) -> None:
        for text in [text for text in self._reactions if text in line]:
            self._reactions.pop(text)()

    def _intercept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kubernetes, asm = KubernetesTransport.__call__, RequestsTransport.__call__

        def send_to_kubernetes(transport: t.Any, method: str, path: str, *rest: t.Any) -> t.Any:
            return self._send(lambda: kubernetes(transport, method, path, *rest), method, path)

        def send_to_asm(transport: t.Any, request: t.Any) -> t.Any:
            return self._send(lambda: asm(transport, request), request.method, request.url)

        monkeypatch.setattr(KubernetesTransport, "__call__", send_to_kubernetes)
        monkeypatch.setattr(RequestsTransport, "__call__", send_to_asm)

    def _send(self, send: t.Callable[[], t.Any], method: str, path: str) -> t.Any:
        counts = method != "GET" and "/leases" not in path and "/v3/auth/" not in path
        if self._kill_after is not None and self.writes >= self._kill_after:
            raise Killed
        if counts:
            self.before_write(method, path)
        response = send()
        self.writes += counts
        if self._kill_after is not None and self.writes >= self._kill_after:
            raise Killed
        return response


def changes_spec(call: Data) -> bool:
    """Return whether a write to a VirtualService changes more than annotations."""
    if call["method"] != "PATCH":
        return True
    operations = [entry for entry in call["body"] if entry["op"] != "test"]
    return any(entry["path"].startswith("/spec") for entry in operations)


def weights_of(virtual_service: Data) -> dict[str, int]:
    """Return the weights of the first route that is not one for testers, by subset. A single destination has 100."""
    routes = [route for route in virtual_service["spec"]["http"] if not str(route.get("name", "")).startswith("hwc-")]
    entries = routes[-1]["route"]
    return {
        str(entry["destination"].get("subset")): entry.get("weight", 100 if len(entries) == 1 else 0)
        for entry in entries
    }


def apply_patch(document: Data, operations: t.Sequence[Data]) -> Data:
    """Return a document after a JSON patch (RFC 6902) that was accepted."""
    result = copy.deepcopy(document)
    for entry in operations:
        if entry["op"] == "test":
            continue
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in entry["path"].split("/")[1:]]
        parent: t.Any = result
        for part in parents:
            parent = parent[int(part)] if isinstance(parent, list) else parent[part]
        if isinstance(parent, list):
            _patch_list(parent, last, entry)
        elif entry["op"] == "remove":
            del parent[last]
        else:
            parent[last] = copy.deepcopy(entry["value"])
    return result


def _patch_list(items: list[t.Any], last: str, entry: Data) -> None:
    index = len(items) if last == "-" else int(last)
    if entry["op"] == "add":
        items.insert(index, copy.deepcopy(entry["value"]))
    elif entry["op"] == "remove":
        del items[index]
    else:
        items[index] = copy.deepcopy(entry["value"])
