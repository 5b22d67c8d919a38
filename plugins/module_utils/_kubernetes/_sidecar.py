# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What an injector of sidecars adds to a pod. Names are those of Istio's injection template."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._api_types import (
    POD,
    SIDECAR_STATUS,
    mapping_at,
)

_SIDECAR_LISTS = ("containers", "initContainers", "volumes", "imagePullSecrets")
_SIDECAR_CONTAINERS = frozenset(("istio-proxy", "istio-init", "istio-validation"))
_SIDECAR_VOLUMES = ("istio-", "istiod-", "workload-")


@dataclass(frozen=True)
class Sidecar:
    """Names of what an injector brought: by list as its annotation tells, and the volumes."""

    names: dict[str, frozenset[str]]
    volumes: frozenset[str]

    @classmethod
    def of(cls, wish: dict[str, t.Any], have: dict[str, t.Any]) -> Sidecar:
        pod = mapping_at(have, *POD)
        status = _sidecar_status(mapping_at(have, "spec", "template", "metadata", "annotations"))
        containers = _names(pod, "containers") | _names(pod, "initContainers")
        injected = bool(status) or bool(containers & _SIDECAR_CONTAINERS)
        volumes = {name for name in _names(pod, "volumes") if injected and name.startswith(_SIDECAR_VOLUMES)}
        volumes |= status.get("volumes", frozenset())
        return cls(status, frozenset(volumes) - _names(mapping_at(wish, *POD), "volumes"))

    def brought(self, element: t.Any, place: tuple[str, ...]) -> bool:
        """Whether an element that only exists, in the list at ``place``, is the injector's."""
        name = element.get("name") if isinstance(element, dict) else None
        if not isinstance(name, str):
            return False
        key = place[-1]
        if key in ("volumeMounts", "volumes"):
            return name in self.volumes
        if key in ("containers", "initContainers") and name in _SIDECAR_CONTAINERS:
            return True
        return place[:-1] == POD and name in self.names.get(key, frozenset())


def _sidecar_status(annotations: dict[str, t.Any]) -> dict[str, frozenset[str]]:
    text = annotations.get(SIDECAR_STATUS)
    try:
        status = json.loads(text) if isinstance(text, str) else None
    except (RecursionError, ValueError):
        return {}
    if not isinstance(status, dict):
        return {}
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
