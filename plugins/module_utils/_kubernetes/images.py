# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The images of a Deployment's containers, the one thing of a release that can be changed: given to another Deployment, and looked for in what runs."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import POD, mapping_at
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import deployment_name


def copy_images(wished: t.Mapping[str, t.Any], found: t.Any) -> None:
    """Puts the images of the one template into the other, container by container: nothing else of it can change."""
    images = _images(wished)
    for kind, container in _containers(found):
        image = images.get((kind, container.get("name")))
        if image:
            container["image"] = image


def shows_images(observed: t.Sequence[t.Any], sent: t.Sequence[t.Any]) -> bool:
    """Whether the Deployments that are observed, as far as they show containers, have the images that were sent."""
    wanted: dict[t.Any, set[str]] = {}
    for deployment in sent:
        for place, image in _images(deployment).items():
            wanted.setdefault((deployment_name(deployment), place), set()).add(image)
    shown = [
        ((deployment_name(deployment), place), image)
        for deployment in observed
        for place, image in _images(deployment).items()
    ]
    return all(image in wanted.get(key, (image,)) for key, image in shown)


def _images(template: t.Any) -> dict[tuple[str, t.Any], str]:
    return {
        (kind, container.get("name")): container["image"]
        for kind, container in _containers(template)
        if container.get("image")
    }


def _containers(template: t.Any) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """The containers that have a name, each with the list it is in. Who does not want the lint may have written anything."""
    pod = mapping_at(template, *POD)
    for kind in ("initContainers", "containers"):
        listed = pod.get(kind)
        for container in listed if isinstance(listed, list) else ():
            if isinstance(container, dict) and isinstance(container.get("name"), str):
                yield kind, container
