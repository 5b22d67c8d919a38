# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide an example desired-state file, and tasks of another client that changes its resources."""

from __future__ import annotations

import collections
import json
import typing as t
from pathlib import Path

import yaml
from harness import Player, Run, task
from play_results import PlayResult

MESH = "0b1c2d3e-4f50-4172-8839-4a5b6c7d8e9f"
LISTS = ("meshes", "workspaces", "workshops", "releases")
FORMS = ("json", "md", "html", "xml")
# These values are long, because short values occur by chance.
SECRETS = (
    "hunter2-of-the-shop",
    "hunter3-of-the-shop",
    "a-header-that-nobody-may-see",
    "run-with-this-key-of-mine",
    "annotated-key-of-mine",
)
HOSTILE = (
    "</script><script>document.title='hit'</script>\"'`|*_[x](javascript:hit) {{ 1 // 0 }} {% raw %} "
    "<img src=x onerror=hit> \u202egnp.exe \u00e4\u6f22\U0001f600"
)

DOCUMENT = """\
mesh_name: shop-mesh

services:
  reviews: {port: 9080}

workspaces:
  - name: shop-ratings
    description: Honest stars
    auth_type: internal
    grants:
      - user_name: alice
    quotas:
      - {resource: exemlProject.gpu_duration, quota: 600}
  - name: shop-catalog
    auth_type: private

workshops:
  - name: shop-demo
    description: The demo
    primary_cluster: demo-cluster
    ingress: {elb_id: elb-1, elb_ip: 192.0.2.24, port: 8080}

releases:
  - namespace: shop
    name: reviews-v2
    service_name: reviews
    cluster_id: demo-cluster
    deployment_name: reviews-v1
    version: v2
    gray_deployments:
      - template:
          apiVersion: apps/v1
          kind: Deployment
          metadata:
            name: reviews-v2
            namespace: shop
            labels: {app: reviews, version: v2}
            annotations: {example.com/api-key: annotated-key-of-mine}
          spec:
            replicas: 1
            selector:
              matchLabels: {app: reviews, version: v2}
            template:
              metadata:
                labels: {app: reviews, version: v2}
              spec:
                containers:
                  - name: reviews
                    image: registry.example.com/reviews:2.0.0
                    args: [--key, run-with-this-key-of-mine]
                    env:
                      - {name: DB_PASSWORD, value: hunter2-of-the-shop}
                    readinessProbe:
                      httpGet:
                        path: /health
                        port: 9080
                        httpHeaders:
                          - {name: Authorization, value: a-header-that-nobody-may-see}
                    ports:
                      - {containerPort: 9080}
"""


def seeded(play: Player) -> Path:
    """Create the mesh in the emulator, and the desired-state file beside the play."""
    play.emulator.seed(meshes=[{"name": "shop-mesh", "id": MESH, "clusters": ["demo-cluster"]}])
    path = play.directory / "shop.yml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


def behind_the_back() -> list[dict[str, t.Any]]:
    """Return tasks that update a workspace, delete the workshop, and change the image of the release."""
    template = yaml.safe_load(DOCUMENT)["releases"][0]["gray_deployments"][0]["template"]
    template["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/reviews:2.6.6"
    return [
        task("modelarts_workspace", name="shop-ratings", description="Bought stars"),
        task("asm_workshop", mesh_id=MESH, name="shop-demo", state="absent"),
        task(
            "asm_release", mesh_id=MESH, namespace="shop", name="reviews-v2", gray_deployments=[{"template": template}]
        ),
    ]


def whole(run: Run) -> PlayResult:
    return PlayResult("", run.records)


def lists_read(calls: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, int]:
    """Return how often each list was read."""
    return dict(collections.Counter(last for call in calls if (last := call["path"].rpartition("/")[2]) in LISTS))


def read_report(path: Path) -> dict[str, t.Any]:
    return json.loads(path.read_text(encoding="utf-8"))
