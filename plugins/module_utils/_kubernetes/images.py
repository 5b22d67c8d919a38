# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Copy and compare the images of the containers of a Deployment, the only fields of a release that can be updated."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    POD,
    get_deployment_name,
    get_mapping,
)


def copy_images(source: t.Mapping[str, t.Any], target: t.Any) -> None:
    """Copy the images of the containers in ``source`` to the containers of the same names in ``target``."""
    images = _get_images(source)
    for kind, container in _iterate_containers(target):
        image = images.get((kind, container.get("name")))
        if image:
            container["image"] = image


def matches_images(observed: t.Sequence[t.Any], sent: t.Sequence[t.Any]) -> bool:
    """Return whether all containers in the observed Deployments have the images that were sent.

    The observed Deployments may lack containers or be incomplete.
    """
    expected: dict[t.Any, set[str]] = {}
    for deployment in sent:
        for key, image in _get_images(deployment).items():
            expected.setdefault((get_deployment_name(deployment), key), set()).add(image)
    return all(
        image in expected.get((get_deployment_name(deployment), key), (image,))
        for deployment in observed
        for key, image in _get_images(deployment).items()
    )


def _get_images(template: t.Any) -> dict[tuple[str, t.Any], str]:
    return {
        (kind, container.get("name")): container["image"]
        for kind, container in _iterate_containers(template)
        if container.get("image")
    }


def _iterate_containers(template: t.Any) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """Yield the containers that have a name, each with the key of its list. Without lint, the template may be invalid."""
    pod = get_mapping(template, *POD)
    for kind in ("initContainers", "containers"):
        containers = pod.get(kind)
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, dict) and isinstance(container.get("name"), str):
                yield kind, container
