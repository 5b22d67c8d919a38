# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One release for tests: as options, as request body and in the list of the service."""

from __future__ import annotations

import copy
import typing as t

from simulated_cloud import Cloud, release

LABELS = {"app": "reviews", "version": "v2"}
TEMPLATE: dict[str, t.Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "reviews-v2", "namespace": "bookinfo", "labels": LABELS},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": LABELS},
        "template": {
            "metadata": {"labels": LABELS},
            "spec": {"containers": [{"name": "reviews", "image": "example.com/reviews:1"}]},
        },
    },
}
FIELDS = {"service_name": "reviews", "cluster_id": "c-1", "deployment_name": "reviews-v1", "version": "v2"}
WHO = {"mesh_name": "shop", "namespace": "bookinfo", "name": "reviews-v2"}
DESIRED = dict(WHO, **FIELDS, gray_deployments=[{"template": TEMPLATE}])
SPEC = {
    "type": "canary",
    "serviceName": "reviews",
    "clusterID": "c-1",
    "deploymentName": "reviews-v1",
    "version": "v2",
    "grayDeployments": [{"clusterID": "c-1", "template": TEMPLATE}],
}
METADATA = {"name": "reviews-v2", "namespace": "bookinfo", "meshID": "m-1"}

LIST = "GET /v2/meshes/m-1/releases"
ONE = "/v2/meshes/m-1/namespaces/bookinfo/releases/rel-1"
PUT = f"PUT {ONE}"
CANCEL = f"DELETE {ONE}?action=cancel"


def make_desired(**changes: t.Any) -> dict[str, t.Any]:
    return dict(DESIRED, **changes)


def with_image(image: str, template: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
    template = copy.deepcopy(template or TEMPLATE)
    template["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return template


def put(
    cloud: Cloud, uid: str = "rel-1", spec: t.Any = None, metadata: t.Any = None, **changes: t.Any
) -> dict[str, t.Any]:
    """Add a release to the list of the service and return the stored object."""
    listed = release(uid, dict(METADATA, **(metadata or {})), dict(copy.deepcopy(SPEC), **(spec or {})), **changes)
    cloud.releases.append(listed)
    return listed


# The same release with another image.
CHANGED = dict(WHO, gray_deployments=[{"cluster_id": "c-1", "template": with_image("example.com/reviews:2")}])
