# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create tasks for each kind of resource, and run many short scenarios in one run of ansible-playbook."""

from __future__ import annotations

import dataclasses
import typing as t

from harness import Player, Record, Run, control, controls, task

Check = t.Callable[["Scenario"], None]

NO_RELEASES = {"kind": "ReleaseList", "apiVersion": "asm/v2", "items": []}
MESH = {"mesh_name": "demo-mesh"}
CLUSTER = "demo-cluster"
INGRESS = {"elb_id": "elb-1", "elb_ip": "192.0.2.10", "port": 8080}


def workshop(title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    """Return a task about the workshop 'demo' with all required options."""
    desired = {**MESH, "name": "demo", "description": "A demo", "primary_cluster": CLUSTER, "ingress": INGRESS}
    return task("asm_workshop", title, **{**desired, **options})


def no_workshop(title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    return task("asm_workshop", title, **{**MESH, "name": "demo", "state": "absent", **options})


CLUSTERS = [{"cluster_id": CLUSTER, "installation_nodes": {"key": "UID", "values": ["node-1"]}}]


def mesh(title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    """Return a task about the mesh 'lab-mesh' with all required options."""
    return task("asm_mesh", title, **{"name": "lab-mesh", "version": "v1.18", "clusters": CLUSTERS, **options})


def no_mesh(title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    return task("asm_mesh", title, **{"name": "lab-mesh", "state": "absent", **options})


def workspace(title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    """Return a task about the workspace 'team', with a grant."""
    desired = {"name": "team", "description": "A team", "auth_type": "internal", "grants": [{"user_name": "alice"}]}
    return task("modelarts_workspace", title, **{**desired, **options})


def no_workspace(title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    return task("modelarts_workspace", title, **{"name": "team", "state": "absent", **options})


def template(tag: str = "2.0.0", app: str = "reviews") -> dict[str, t.Any]:
    """Return a Deployment of the gray version of ``app``."""
    labels = {"app": app, "version": "v2"}
    container = {"name": app, "image": f"registry.example.com/{app}:{tag}", "ports": [{"containerPort": 9080}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{app}-v2", "labels": dict(labels)},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": dict(labels)},
            "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container]}},
        },
    }


def release(title: str | None = None, /, tag: str = "2.0.0", **options: t.Any) -> dict[str, t.Any]:
    """Return a task about the release 'canary' of the Service 'reviews' with all required options."""
    desired = {
        **MESH,
        "namespace": "default",
        "name": "canary",
        "service_name": "reviews",
        "cluster_id": CLUSTER,
        "deployment_name": "reviews-v1",
        "version": "v2",
        "gray_deployments": [{"template": template(tag)}],
    }
    return task("asm_release", title, **{**desired, **options})


def ended_release(title: str | None = None, /, state: str = "promoted", **options: t.Any) -> dict[str, t.Any]:
    return task("asm_release", title, **{**MESH, "namespace": "default", "name": "canary", "state": state, **options})


def a_workshop(name: str, **more: t.Any) -> dict[str, t.Any]:
    """Return an item of apply's ``workshops``, with a port that no other name has."""
    ingress = dict(INGRESS, port=8000 + sum(name.encode()))
    return {"name": name, "primary_cluster": CLUSTER, "ingress": ingress, **more}


def a_release(app: str, tag: str = "2.0.0", **more: t.Any) -> dict[str, t.Any]:
    """Return an item of the option ``releases`` of apply."""
    return {
        "namespace": "default",
        "name": f"{app}-canary",
        "service_name": app,
        "cluster_id": CLUSTER,
        "deployment_name": f"{app}-v1",
        "version": "v2",
        "gray_deployments": [{"template": template(tag, app)}],
        **more,
    }


def traffic(gray: int) -> dict[str, t.Any]:
    return control("PUT", "traffic", {"namespace": "default", "service": "reviews", "gray": gray})


@dataclasses.dataclass(frozen=True)
class Case:
    """Tasks to run with some settings, and the check of their results."""

    name: str
    behaviors: dict[str, t.Any]
    tasks: t.Sequence[t.Mapping[str, t.Any]]
    check: Check

    def __str__(self) -> str:
        return self.name


@dataclasses.dataclass(frozen=True)
class Scenario:
    """The results of a case."""

    case: Case
    records: list[Record]

    def __getitem__(self, step: str) -> Record:
        found = [record for record in self.records if record.name == step]
        assert len(found) == 1, [record.name for record in self.records]
        return found[0]

    def stores(self, step: str) -> dict[str, t.Any]:
        return self[step].result["answer"]["stores"]


def fake_list(path_regex: str, body: t.Any) -> dict[str, t.Any]:
    """Return a task that makes the next list older or newer than the actual state, as in a race."""
    return control(
        "POST", "faults", {"kind": "schema_mismatch", "method": "GET", "path_regex": path_regex, "body": body}
    )


def look(name: str) -> dict[str, t.Any]:
    """Return a task that reads the state and the remaining faults."""
    return controls(name, control("GET", "snapshot"), control("GET", "faults"))


def denied(action: str) -> list[dict[str, t.Any]]:
    """Return a task that denies an action to the main user. Keys are not affected."""
    return [control("POST", "seed", {"users": [{"name": "emulator-user", "denied": [action]}]})]


def run_cases(play: Player, cases: t.Sequence[Case]) -> dict[str, Scenario]:
    """Run all cases in one run of ansible-playbook, each with an emulator in its initial state."""
    tasks: list[t.Mapping[str, t.Any]] = []
    for case in cases:
        first = next(
            (
                index
                for index, one in enumerate(case.tasks)
                if set(one) != {"name", "emulator"} or "calls" in one["emulator"]
            ),
            len(case.tasks),
        )
        tasks.append(
            controls(
                f"begin {case.name}",
                control("POST", "reset"),
                control("PATCH", "behaviors", case.behaviors),
                *case.tasks[:first],
            )
        )
        tasks += [dict(one, ignore_errors=True) for one in case.tasks[first:]]
    return split(play(tasks), cases)


def split(run: Run, cases: t.Sequence[Case]) -> dict[str, Scenario]:
    scenarios: dict[str, Scenario] = {}
    for record in run.records:
        if record.name.startswith("begin "):
            scenarios[record.name.removeprefix("begin ")] = Scenario(
                {case.name: case for case in cases}[record.name.removeprefix("begin ")], []
            )
        else:
            list(scenarios.values())[-1].records.append(record)
    return scenarios
