# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a sidecar injector adds to a pod template.

The annotation of the injector lists what it added. Where that list is missing, parts count as added if they have a name
from Istio's injection template and only exist. What the template of the user contains, now or when it was last applied,
is never an added part.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    POD,
    SIDECAR_STATUS,
    mapping_at,
)

_SIDECAR_LISTS = ("containers", "initContainers", "volumes", "imagePullSecrets")
_SIDECAR_CONTAINERS = frozenset(("istio-proxy", "istio-init", "istio-validation"))
_SIDECAR_VOLUMES = frozenset(
    (
        "credential-socket",
        "istio-ca-crl",
        "istio-data",
        "istio-envoy",
        "istio-podinfo",
        "istio-token",
        "istiod-ca-cert",
        "workload-certs",
        "workload-socket",
    )
)


@dataclass(frozen=True)
class Sidecar:
    """Names of what an injector added, by list, and of what the user wrote."""

    names: dict[str, frozenset[str]]
    volumes: frozenset[str]
    own: dict[str, frozenset[str]]

    @classmethod
    def of(
        cls, desired: dict[str, t.Any], actual: dict[str, t.Any], applied: dict[str, t.Any] | None = None
    ) -> Sidecar:
        """Return what was injected into ``have``; ``applied`` is what the user wrote before (see last_applied)."""
        pod = mapping_at(actual, *POD)
        own = {
            key: _names(mapping_at(desired, *POD), key) | _names(mapping_at(applied or {}, *POD), key)
            for key in _SIDECAR_LISTS
        }
        text = _status_text(actual)
        # A text that the user wrote lists nothing that was added to this Deployment.
        status = {} if text == _status_text(desired) else _read_status(text) or {}
        containers = _names(pod, "containers") | _names(pod, "initContainers")
        injected = bool(status) or bool(containers & _SIDECAR_CONTAINERS - own["containers"] - own["initContainers"])
        volumes = _names(pod, "volumes") & _SIDECAR_VOLUMES if injected else frozenset()
        return cls(status, (volumes | status.get("volumes", frozenset())) - own["volumes"], own)

    def brought(self, element: t.Any, place: tuple[str, ...]) -> bool:
        """Return whether the injector added an element that only exists, in the list at ``place``."""
        name = element.get("name") if isinstance(element, dict) else None
        if not isinstance(name, str):
            return False
        key = place[-1]
        if key in ("volumeMounts", "volumes"):
            return name in self.volumes
        if name in self.own.get(key, ()):
            return False
        if key in ("containers", "initContainers") and name in _SIDECAR_CONTAINERS:
            # An injector that lists none of them in its annotation added none of them.
            return key not in self.names or bool(self.names[key] & _SIDECAR_CONTAINERS)
        return place[:-1] == POD and name in self.names.get(key, frozenset())


def is_status(text: t.Any) -> bool:
    """Return whether a value of the injector's annotation has the form that injectors write."""
    return _read_status(text) is not None


def _status_text(deployment: dict[str, t.Any]) -> t.Any:
    return mapping_at(deployment, "spec", "template", "metadata", "annotations").get(SIDECAR_STATUS)


def _read_status(text: t.Any) -> dict[str, frozenset[str]] | None:
    try:
        status = json.loads(text) if isinstance(text, str) else None
    except (RecursionError, ValueError):
        return None
    if not isinstance(status, dict):
        return None
    lists = {key: status.get(key) for key in _SIDECAR_LISTS}
    return {
        key: frozenset(name for name in names if isinstance(name, str))
        for key, names in lists.items()
        if isinstance(names, list)
    }


def _names(pod: dict[str, t.Any], key: str) -> frozenset[str]:
    elements = pod.get(key)
    if not isinstance(elements, list):
        return frozenset()
    names = (element.get("name") for element in elements if isinstance(element, dict))
    return frozenset(name for name in names if isinstance(name, str))
