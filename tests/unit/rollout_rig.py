# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollout with all its services in memory: ASM, a Kubernetes API whose Deployments follow the release, and Prometheus."""

from __future__ import annotations

import copy
import email.utils
import json
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import runner
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import parse_rollout
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpRequest, HttpResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PrometheusClient
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.transport import Reply
from ansible_collections.community.huaweicloud.plugins.modules import canary_rollout
from example_release import TEMPLATE
from fake_clock import FakeClock
from fake_cluster import FakeCluster
from fake_prometheus import FakePrometheus
from simulated_cloud import Cloud, open_session, parameters

NAMESPACE = "bookinfo"
ANNOTATION = "huaweicloud.community/canary"
Data = t.Dict[str, t.Any]


def make_file(**changes: t.Any) -> Data:
    """Return the content of a rollout file with two steps and one metric."""
    content = {
        "release": {
            "mesh_name": "shop",
            "namespace": NAMESPACE,
            "name": "reviews-v2",
            "service_name": "reviews",
            "cluster_id": "c-1",
            "deployment_name": "reviews-v1",
            "version": "v2",
            "gray_deployments": [{"template": TEMPLATE}],
        },
        "traffic": {"original_version": "v1", "connection": {"host": "https://cluster.example.com"}},
        "steps": [{"weight": 10, "pause": 60}, {"weight": 100, "pause": 60}],
        "metrics": [{"name": "errors", "query": "error_ratio", "max": 0.05}],
        "analysis": {"prometheus_url": "https://prometheus.example.com", "samples": 2, "scrape_interval": "15s"},
        "deadline": "12h",
    }
    return {**copy.deepcopy(content), **changes}


def _object(api: str, kind: str, name: str, **parts: t.Any) -> Data:
    labels = parts.pop("labels", {})
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"namespace": NAMESPACE, "name": name, "labels": labels, "generation": 1},
        **parts,
    }


def _pod(version: str) -> Data:
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    return _object("v1", "Pod", f"reviews-{version}-0", labels={"app": "reviews", "version": version}, status=status)


def _deployment(version: str) -> Data:
    status = {"observedGeneration": 1, "readyReplicas": 1}
    return _object("apps/v1", "Deployment", f"reviews-{version}", spec={"replicas": 1}, status=status)


class RolloutRig:
    """The services and the clock. ``events`` has the writes in their order; ``react`` maps a line of progress to a function."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = FakeClock()
        self.cloud = _Asm(self)
        self.prometheus = FakePrometheus(error_ratio=0.01)
        istio = "networking.istio.io/v1"
        route = [{"route": [{"destination": {"host": "reviews"}}]}]
        self.cluster = FakeCluster(
            _object("v1", "Service", "reviews", spec={"selector": {"app": "reviews"}}),
            _object(istio, "VirtualService", "reviews", spec={"hosts": ["reviews"], "http": route}),
            _object(istio, "DestinationRule", "reviews", spec={"host": "reviews"}),
            _deployment("v1"),
            _pod("v1"),
        )
        self.events: list[str] = []
        self.warnings: list[str] = []
        self.progress: list[str] = []
        self.hosts: list[str] = []
        self.react: dict[str, t.Callable[[], t.Any]] = {}
        monkeypatch.setattr(runner, "SystemClock", lambda: self.clock)
        monkeypatch.setattr(runner, "Cluster", self._connect)
        monkeypatch.setattr(
            runner, "PrometheusClient", lambda settings, now: PrometheusClient(settings, now, self.prometheus)
        )
        monkeypatch.setattr(runner.socket, "gethostname", lambda: "host")

    def run(self, action: str = "run", check: bool = False, file: Data | None = None, **options: t.Any) -> Data:
        """Run the module and return its result."""
        params = parameters(canary_rollout, {"rollout": file or make_file(), "action": action, **options})
        session = open_session(self.cloud, check, params, self.warnings)
        session.progress = self._note_progress
        return runner.run(session, params, parse_rollout(params["rollout"]))

    def state(self) -> Data:
        annotations = self.cluster.find("VirtualService", NAMESPACE, "reviews")["metadata"].get("annotations") or {}
        return json.loads(annotations.get(ANNOTATION, "null"))

    def change_state(self, **changes: t.Any) -> None:
        """Change the annotation, as another run would."""
        found = copy.deepcopy(self.cluster.find("VirtualService", NAMESPACE, "reviews"))
        found["metadata"]["annotations"][ANNOTATION] = json.dumps({**self.state(), **changes})
        self.cluster.store(found)

    def routes(self) -> list[Data]:
        return self.cluster.find("VirtualService", NAMESPACE, "reviews")["spec"]["http"]

    def set_routes(self, routes: list[Data]) -> None:
        """Replace the routes, as somebody else would."""
        found = self.cluster.find("VirtualService", NAMESPACE, "reviews")
        self.cluster.store({**found, "spec": {**found["spec"], "http": routes}})

    def weights(self) -> dict[str, int]:
        """Return the weights of the last route, which is not one for testers."""
        entries = self.routes()[-1]["route"]
        return {
            entry["destination"]["subset"]: entry.get("weight", 100 if len(entries) == 1 else 0) for entry in entries
        }

    def set_gray(self, **status: t.Any) -> None:
        """Replace the status of the gray Deployment."""
        found = copy.deepcopy(self.cluster.find("Deployment", NAMESPACE, "reviews-v2"))
        self.cluster.store({**found, "status": status})

    def _note_progress(self, line: str) -> None:
        self.progress.append(line)
        for text in [text for text in self.react if text in line]:
            self.react.pop(text)()

    def _connect(self, settings: t.Any, check_mode: bool) -> Cluster:
        self.hosts.append(settings.host)
        return Cluster(settings, check_mode, transport=_Transport(self), clock=self.clock)


class _Asm(Cloud):
    """The service. The Deployments follow the release, and the end of a release depends on the routes."""

    def __init__(self, rig: RolloutRig) -> None:
        super().__init__()
        self._rig = rig
        self.clock = rig.clock  # type: ignore[assignment]

    def __call__(self, call: HttpRequest) -> HttpResponse:
        if all("subset" in entry["destination"] for route in self._rig.routes() for entry in route["route"]):
            self.receives_traffic = {0: "original", 100: "gray"}.get(self._rig.weights().get("v2", 0), "both")
        response = super().__call__(call)
        if call.method != "GET" and response.status == 200:
            self._follow(call)
        return response

    def _follow(self, call: HttpRequest) -> None:
        rig = self._rig
        if call.method == "POST":
            rig.events.append("create")
            for found in (_deployment("v2"), _pod("v2")):
                rig.cluster.store(found)
            return
        action = call.url.rpartition("action=")[2]
        rig.events.append(action)
        version = "v1" if action == "end" else "v2"
        for plural, name in (("deployments", f"reviews-{version}"), ("pods", f"reviews-{version}-0")):
            rig.cluster.objects.pop((plural, NAMESPACE, name), None)


class _Transport:
    """The Kubernetes API with the time of the clock, and a log of its writes."""

    host = "https://cluster.example.com"

    def __init__(self, rig: RolloutRig) -> None:
        self._rig = rig

    def __call__(self, method: str, path: str, query: t.Mapping[str, t.Any], body: t.Any, content_type: str) -> Reply:
        reply = self._rig.cluster(method, path, query, body, content_type)
        if method != "GET" and reply.status < 300 and "/leases" not in path:
            self._rig.events.append(self._describe(path, body))
        now = email.utils.format_datetime(self._rig.clock.now(), usegmt=True)
        return reply._replace(headers={**reply.headers, "date": now})

    def _describe(self, path: str, body: t.Any) -> str:
        if "virtualservices" not in path:
            return "subsets"
        state = self._rig.state()
        routes = any(entry["op"] != "test" and entry["path"].startswith("/spec") for entry in body)
        return f"{'routes, ' if routes else ''}{state['stage']} {state['step']}, {state['weight']} %"
