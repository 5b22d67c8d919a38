# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import to_deletion, validate

IDENTITY = {"namespace": "shop", "name": "reviews-v2", "service_name": "reviews"}


@pytest.mark.parametrize("state", ["canceled", "promoted"])
def test_releases_end_without_their_templates(state):
    releases = [{**IDENTITY, "gray_deployments": [], "lint": "warn"}, {**IDENTITY, "state": "present"}]
    assert to_deletion({"releases": releases}, state)["releases"] == [{**IDENTITY, "state": state}] * 2


@pytest.mark.parametrize("declared", ["canceled", "promoted"])
def test_declared_end_of_a_release_is_kept(declared):
    releases = [{**IDENTITY, "state": declared}]
    assert to_deletion({"releases": releases}, "canceled")["releases"] == releases


def test_workshops_keep_name_mesh_and_wait_options():
    item = {"name": "demo", "mesh_name": "shop", "wait_timeout": 5, "ingress": {"port": 80}, "description": "x"}
    assert to_deletion({"workshops": [item]}, "canceled")["workshops"] == [
        {"name": "demo", "mesh_name": "shop", "wait_timeout": 5, "state": "absent"}
    ]


@pytest.mark.parametrize(
    ("item", "identity"),
    [
        ({"name": "team", "description": "x"}, {"name": "team"}),
        ({"name": "team", "new_name": "crew", "wait": False}, {"name": "crew", "wait": False}),
        ({"name": "team", "new_name": ""}, {"name": "team"}),
        ({"id": "1", "name": "team"}, {"id": "1"}),
    ],
)
def test_workspaces_are_identified_by_id_or_current_name(item, identity):
    assert to_deletion({"workspaces": [item]}, "canceled")["workspaces"] == [{**identity, "state": "absent"}]


def test_missing_lists_are_empty():
    empty = {kind.plural: [] for kind in RESOURCE_TYPES}
    assert to_deletion({"mesh_name": "shop", "workspaces": None}, "canceled") == empty


def test_meshes_are_deleted_by_name():
    item = {"name": "lab-mesh", "version": "v1.18", "clusters": [], "wait_timeout": 5}
    deleted = [{"name": "lab-mesh", "wait_timeout": 5, "state": "absent"}]
    assert to_deletion({"meshes": [item]}, "canceled")["meshes"] == deleted


@pytest.mark.parametrize("name", [["reviews"], {"name": "reviews"}])
def test_service_name_of_another_type_is_one_mistake(name):
    content = {"mesh_name": "shop", "services": {"reviews": {}}, "releases": [{**IDENTITY, "service_name": name}]}
    (mistake,) = validate(content)
    assert mistake.path == ("releases", 0, "service_name")
