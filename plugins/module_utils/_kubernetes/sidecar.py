# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Detect the parts of a pod template that a sidecar injector added.

The annotation of the injector lists these parts. Without that list, a part counts as injected if Istio's injection
template uses its name and the user's template lacks it. Parts that the user's template contains, now or when it was last
applied, never count as injected.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    POD,
    SIDECAR_STATUS_ANNOTATION,
    get_mapping,
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
    """Names of the parts that an injector added to a pod: ``names`` by list, and ``volumes``.

    ``own`` has the names that the user specifies, by list.
    """

    names: dict[str, frozenset[str]]
    volumes: frozenset[str]
    own: dict[str, frozenset[str]]

    @classmethod
    def detect(
        cls, desired: dict[str, t.Any], actual: dict[str, t.Any], applied: dict[str, t.Any] | None = None
    ) -> Sidecar:
        """Return the parts that were injected into the Deployment ``actual``.

        ``applied`` is the template that was applied before (see read_last_applied).
        """
        desired_pod, applied_pod, pod = (get_mapping(part, *POD) for part in (desired, applied or {}, actual))
        own = {key: _get_names(desired_pod, key) | _get_names(applied_pod, key) for key in _SIDECAR_LISTS}
        text = _get_status(actual)
        # An annotation in the user's template does not list what was added to this Deployment.
        status = {} if text == _get_status(desired) else _parse_status(text) or {}
        containers = _get_names(pod, "containers") | _get_names(pod, "initContainers")
        is_injected = bool(status) or bool(containers & _SIDECAR_CONTAINERS - own["containers"] - own["initContainers"])
        volumes = _get_names(pod, "volumes") & _SIDECAR_VOLUMES if is_injected else frozenset()
        return cls(status, (volumes | status.get("volumes", frozenset())) - own["volumes"], own)

    def is_injected(self, element: t.Any, keys: tuple[str, ...]) -> bool:
        """Return whether the injector added ``element`` to the list at ``keys``. The template lacks this element."""
        name = element.get("name") if isinstance(element, dict) else None
        if not isinstance(name, str):
            return False
        key = keys[-1]
        if key in ("volumeMounts", "volumes"):
            return name in self.volumes
        if name in self.own.get(key, ()):
            return False
        if key in ("containers", "initContainers") and name in _SIDECAR_CONTAINERS:
            # An injector whose annotation lists none of these containers added none of them.
            return key not in self.names or bool(self.names[key] & _SIDECAR_CONTAINERS)
        return keys[:-1] == POD and name in self.names.get(key, frozenset())


def is_status(text: t.Any) -> bool:
    """Return whether the text of the injector's annotation has the form that injectors write."""
    return _parse_status(text) is not None


def _get_status(deployment: dict[str, t.Any]) -> t.Any:
    return get_mapping(deployment, "spec", "template", "metadata", "annotations").get(SIDECAR_STATUS_ANNOTATION)


def _parse_status(text: t.Any) -> dict[str, frozenset[str]] | None:
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


def _get_names(pod: dict[str, t.Any], key: str) -> frozenset[str]:
    elements = pod.get(key)
    if not isinstance(elements, list):
        return frozenset()
    names = (element.get("name") for element in elements if isinstance(element, dict))
    return frozenset(name for name in names if isinstance(name, str))
