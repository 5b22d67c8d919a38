# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests that client and emulator agree on templates, in comparisons and updates."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import compare_gray_deployments
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import format_difference
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.images import copy_images
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import (
    normalize_deployment,
    strip_server_fields,
)
from deployments import REVIEWS, STOREFRONT
from emulator_bodies import OWN_PARTS, release_body, template, with_own_part

TEMPLATES = {"reviews": REVIEWS, "storefront": STOREFRONT, **{part: with_own_part(part) for part in OWN_PARTS}}
SETTINGS = [(readback, sidecar) for readback in ("defaulted", "verbatim") for sidecar in ("no", "yes")]


def create(emulator: t.Any, desired: dict[str, t.Any]) -> None:
    body = release_body(namespace=desired["metadata"].get("namespace", "default"))
    body["spec"]["grayDeployments"][0]["template"] = strip_server_fields(desired)
    assert emulator("POST", emulator.releases(namespace=body["metadata"]["namespace"]), body).status == 200


def read(emulator: t.Any) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Return the release, and the template that the emulator returns."""
    (release,) = emulator("GET", f"/v2/meshes/{emulator.mesh}/releases").json["items"]
    return release, release["spec"]["grayDeployments"][0]["template"]


def compare(desired: dict[str, t.Any], actual: dict[str, t.Any]) -> list[str]:
    items = [[{"cluster_id": "demo-cluster", "template": one}] for one in (desired, actual)]
    return [format_difference(difference) for difference in compare_gray_deployments(*items)]


def change_image(emulator: t.Any, desired: dict[str, t.Any]) -> t.Any:
    """Update the existing release with the images of ``desired``, as the client does."""
    release, actual = read(emulator)
    body = copy.deepcopy({key: release[key] for key in ("metadata", "spec")})
    body["metadata"].pop("creationTimestamp")
    sent = body["spec"]["grayDeployments"][0]["template"] = normalize_deployment(actual)
    copy_images(desired, sent)
    path = emulator.releases("/reviews-v2", namespace=release["metadata"]["namespace"])
    return emulator("PUT", path, body)


@pytest.mark.parametrize(("readback", "sidecar"), SETTINGS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_release_reads_back_as_desired(make: t.Any, name: str, readback: str, sidecar: str) -> None:
    emulator = make(running_after=0, template_readback=readback, sidecar_injection=sidecar)
    desired = copy.deepcopy(TEMPLATES[name])
    create(emulator, desired)
    release, actual = read(emulator)
    assert compare(desired, actual) == compare(desired, release["status"]["grayDeployments"][0]) == []
    container = desired["spec"]["template"]["spec"]["containers"][0]
    container["image"] = f"{container['image'].rpartition(':')[0]}:9"
    assert len(compare(desired, actual)) == 1
    assert change_image(emulator, desired).status == 200
    release, actual = read(emulator)
    assert compare(desired, actual) == compare(desired, release["status"]["grayDeployments"][0]) == []
    # A template can be an export of the release.
    assert compare(actual, actual) == []


@pytest.mark.parametrize(("readback", "sidecar"), SETTINGS)
@pytest.mark.parametrize("part", [part for part in OWN_PARTS if part != "status"])
def test_specified_part_is_compared(make: t.Any, part: str, readback: str, sidecar: str) -> None:
    """Compare if the release does not have the part, or if an injector has added another one."""
    emulator = make(running_after=0, template_readback=readback, sidecar_injection=sidecar)
    create(emulator, template())
    _release, actual = read(emulator)
    same = part.startswith(("injected", "revision")) and (readback, sidecar) == ("defaulted", "yes")
    assert bool(compare(with_own_part(part), actual)) != same


@pytest.mark.parametrize(("readback", "sidecar"), SETTINGS)
def test_reordering_is_reported(make: t.Any, readback: str, sidecar: str) -> None:
    emulator = make(running_after=0, template_readback=readback, sidecar_injection=sidecar)
    before = template()
    pod = before["spec"]["template"]["spec"]
    pod["initContainers"] = [{"name": "wait", "image": "a:1"}, {"name": "migrate", "image": "b:1"}]
    pod["containers"][0]["env"] += [{"name": "HOST", "value": "db"}, {"name": "URL", "value": "http://$(HOST)"}]
    create(emulator, before)
    desired = copy.deepcopy(before)
    pod = desired["spec"]["template"]["spec"]
    pod["initContainers"].reverse()
    pod["containers"][0]["env"].reverse()
    _release, actual = read(emulator)
    path = "gray_deployments[0].template.spec.template.spec"
    assert sorted(compare(desired, actual)) == [
        f"{path}.containers[reviews].env: order HOST, URL -> URL, HOST",
        f"{path}.initContainers: order wait, migrate -> migrate, wait",
    ]
