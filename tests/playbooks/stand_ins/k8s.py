# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replace kubernetes.core.k8s in a test: pass the weights of a VirtualService to the emulator.

The options C(kubeconfig) and C(definition) are those of the module. The address of the control plane is in E(RECORDS_CONTROL_URL).
"""

from __future__ import annotations

import json
import os
import urllib.request

import yaml
from ansible.plugins.action import ActionBase

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ActionModule(ActionBase):
    _requires_connection = False
    _VALID_ARGS = frozenset(("definition", "kubeconfig"))

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        definition = self._task.args["definition"]
        manifest = yaml.safe_load(definition) if isinstance(definition, str) else definition
        if not {"apiVersion", "kind", "metadata", "spec"} <= set(manifest):
            result.update(failed=True, msg=f"This is not a Kubernetes object: {manifest}")
            return result
        moved = _move_traffic(manifest) if manifest["kind"] == "VirtualService" else []
        result.update(changed=True, moved=moved)
        return result


def _move_traffic(service):
    """Give each release of the host the weight of its subset. The weights must be numbers with the sum 100."""
    namespace, hosts = service["metadata"]["namespace"], service["spec"]["hosts"]
    routes = [route for http in service["spec"]["http"] for route in http["route"]]
    if sum(route["weight"] for route in routes) != 100:
        raise ValueError(f"The weights are not 100 in all: {routes}")
    moved = []
    for release in _call("GET", "snapshot")["stores"]["releases"].values():
        spec = release["spec"]
        if release["namespace"] != namespace or spec["serviceName"] not in hosts:
            continue
        gray = sum(route["weight"] for route in routes if route["destination"]["subset"] == spec["version"])
        _call(
            "PUT",
            "traffic",
            {"mesh_id": release["mesh_id"], "namespace": namespace, "release": release["name"], "gray": gray},
        )
        moved.append([release["name"], gray])
    return moved


def _call(method, path, body=None):
    request = urllib.request.Request(
        f"{os.environ['RECORDS_CONTROL_URL']}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _DIRECT.open(request, timeout=300) as answer:
        return json.load(answer)
