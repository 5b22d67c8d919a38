# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workshop and the release that tests of the probe create."""

from __future__ import annotations

import typing as t

_POD = {"containers": [{"name": "reviews", "image": "registry.example.com/reviews:1"}]}
_LABELS = {"app": "reviews", "version": "v2"}
DEPLOYMENT: dict[str, t.Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "reviews-v2", "labels": _LABELS},
    "spec": {"selector": {"matchLabels": _LABELS}, "template": {"metadata": {"labels": _LABELS}, "spec": _POD}},
}
WORKSHOP: dict[str, t.Any] = {"primary_cluster": "demo-cluster", "elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80}
RELEASE: dict[str, t.Any] = {
    "namespace": "default",
    "service_name": "reviews",
    "cluster_id": "demo-cluster",
    "deployment_name": "reviews-v1",
    "version": "v2",
    "template": DEPLOYMENT,
}
