# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of each resource as tasks: created, changed, ended, and each again. Switches, waiting and faults are tested with them."""

from __future__ import annotations

import typing as t

from harness import task

Tasks = list[dict[str, t.Any]]

MESH = {"mesh_name": "demo-mesh"}
CLUSTER = "demo-cluster"


def workshop(name: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    """One task about the workshop 'demo', complete enough to create it."""
    ingress = {"elb_id": "elb-1", "elb_ip": "192.0.2.10", "port": 8080}
    wish = {**MESH, "name": "demo", "description": "A demo", "primary_cluster": CLUSTER, "ingress": ingress}
    return task("asm_workshop", name, **{**wish, **options})


def no_workshop(name: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    return task("asm_workshop", name, **{**MESH, "name": "demo", "state": "absent", **options})


def workspace(name: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    """One task about the workspace 'team', with a grant."""
    wish = {"name": "team", "description": "A team", "auth_type": "internal", "grants": [{"user_name": "alice"}]}
    return task("modelarts_workspace", name, **{**wish, **options})


def no_workspace(name: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    return task("modelarts_workspace", name, **{"name": "team", "state": "absent", **options})


def template(tag: str = "2.0.0", app: str = "reviews") -> dict[str, t.Any]:
    """A Deployment of the gray version of ``app``."""
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


def release(name: str | None = None, /, tag: str = "2.0.0", **options: t.Any) -> dict[str, t.Any]:
    """One task about the release 'canary' of the Service 'reviews', complete enough to create it."""
    wish = {
        **MESH,
        "namespace": "default",
        "name": "canary",
        "service_name": "reviews",
        "cluster_id": CLUSTER,
        "deployment_name": "reviews-v1",
        "version": "v2",
        "gray_deployments": [{"template": template(tag)}],
    }
    return task("asm_release", name, **{**wish, **options})


def ended_release(name: str | None = None, /, state: str = "promoted", **options: t.Any) -> dict[str, t.Any]:
    return task("asm_release", name, **{**MESH, "namespace": "default", "name": "canary", "state": state, **options})
