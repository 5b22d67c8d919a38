# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    ForbiddenError,
    OptionError,
    ProtocolError,
    ServerError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    check_running,
    mesh_to_result,
)
from ansible_collections.community.huaweicloud.plugins.modules import (
    asm_mesh_info,
    asm_release_info,
    asm_workshop,
    asm_workshop_info,
)
from simulated_cloud import CREATED, Cloud, fail, mesh, run

MESHES = "GET /v1/p-1/meshes"
SHOP = {
    "id": "m-1",
    "name": "shop",
    "type": "InCluster",
    "version": "v1.18",
    "phase": "Running",
    "clusters": ["c-1"],
    "proxy_config": None,
    "telemetry_config": None,
    "created_at": CREATED,
    "updated_at": None,
}


@pytest.fixture
def cloud():
    cloud = Cloud()
    cloud.meshes += [
        mesh("m-2", "lab", "Creating", clusters=("c-2", "c-3")),
        mesh("m-3", "lab-2", "RUNNING", clusters=()),
    ]
    return cloud


# Which mesh is meant


@pytest.mark.parametrize("who", [{"mesh_id": "m-1"}, {"mesh_name": "shop"}])
@pytest.mark.parametrize("module", [asm_workshop_info, asm_release_info])
def test_by_id_and_by_name(cloud, who, module):
    kind = "workshops" if module is asm_workshop_info else "releases"
    assert run(cloud, module, **who).request_log == [MESHES, f"GET /v2/meshes/m-1/{kind}"]


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ({"mesh_id": "shop"}, "No mesh has the id 'shop' in project p-1."),
        ({"mesh_name": "Shop"}, "No mesh has the name 'Shop' in project p-1."),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_unknown_mesh(cloud, who, text, check):
    error, ran = fail(cloud, asm_workshop, check, **who, name="bookinfo")
    assert isinstance(error, OptionError)
    assert (error.message, error.hint) == (text, "Meshes that exist: 'lab' (m-2), 'lab-2' (m-3), 'shop' (m-1).")
    assert ran.request_log == [MESHES]


def test_no_mesh_at_all(cloud):
    cloud.meshes = []
    error, dummy = fail(cloud, asm_workshop, mesh_name="shop", name="bookinfo")
    assert str(error) == "No mesh has the name 'shop' in project p-1. Meshes that exist: none."


def test_several_meshes_of_one_name(cloud):
    cloud.meshes.append(mesh("m-0", "shop"))
    error, ran = fail(cloud, asm_workshop, mesh_name="shop", name="bookinfo")
    assert isinstance(error, AmbiguousError)
    assert str(error) == "Several meshes have the name 'shop': m-0, m-1. Set mesh_id to one of them."
    assert ran.request_log == [MESHES]
    assert run(cloud, asm_workshop_info, mesh_id="m-1").request_log == [MESHES, "GET /v2/meshes/m-1/workshops"]


@pytest.mark.parametrize("who", [{}, {"mesh_id": ""}, {"mesh_name": ""}, {"mesh_id": "", "mesh_name": ""}])
def test_empty_options_name_no_mesh(cloud, who):
    error, ran = fail(cloud, asm_workshop, **who, name="bookinfo")
    assert (type(error), str(error), ran.request_log) == (
        OptionError,
        "one of the following is required: mesh_id, mesh_name",
        [],
    )


@pytest.mark.parametrize("module", [asm_workshop, asm_workshop_info])
@pytest.mark.parametrize("who", [{"mesh_id": "", "mesh_name": "shop"}, {"mesh_id": "m-1", "mesh_name": ""}])
def test_empty_option_is_not_set(cloud, module, who):
    options = {"name": "bookinfo", "state": "absent"} if module is asm_workshop else {}
    assert run(cloud, module, **who, **options).request_log == [MESHES, "GET /v2/meshes/m-1/workshops"]


@pytest.mark.parametrize("module", [asm_workshop, asm_workshop_info])
def test_two_names_for_one_mesh_are_refused(cloud, module):
    error, ran = fail(cloud, module, mesh_id="m-1", mesh_name="shop", name="bookinfo")
    assert (type(error), str(error), ran.request_log) == (
        OptionError,
        "parameters are mutually exclusive: mesh_id|mesh_name",
        [],
    )


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, None, ServerError),
        (403, {"errorCode": "ASM.01000002"}, ForbiddenError),
        (200, [], ProtocolError),
        (200, {"items": [{}]}, ProtocolError),
    ],
)
def test_meshes_that_cannot_be_listed(cloud, status, body, kind):
    cloud.respond(MESHES, status, body, times=2)
    error, ran = fail(cloud, asm_workshop, mesh_name="shop", name="bookinfo")
    assert error.__class__ is kind
    assert error.message.startswith("Failed to list the meshes: ")
    assert ran.writes == []


def test_reading_works_in_every_phase(cloud):
    assert run(cloud, asm_workshop_info, mesh_name="lab")["workshops"] == []


@pytest.mark.parametrize("phase", ["Running", "running"])
def test_running_mesh(phase):
    check_running(dict(SHOP, phase=phase), "create something")


@pytest.mark.parametrize("phase", ["Creating", "CreateFailed", "Deleting", "Upgrading", "RollingBack", None, ""])
def test_unavailable_mesh(phase):
    with pytest.raises(OptionError) as caught:
        check_running(dict(SHOP, phase=phase), "create something")
    assert caught.value.message == f"Cannot create something: mesh 'shop' (m-1) is in phase '{phase}', not 'Running'."


# asm_mesh_info


def test_all_meshes(cloud):
    ran = run(cloud, asm_mesh_info)
    lab = dict(SHOP, id="m-2", name="lab", phase="Creating", clusters=["c-2", "c-3"])
    lab2 = dict(SHOP, id="m-3", name="lab-2", phase="RUNNING", clusters=[])
    assert ran.result == {"meshes": [SHOP, lab, lab2], "changed": False, "request_ids": ["req-1"]}
    assert ran.request_log == [MESHES]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"id": "m-2"}, ["m-2"]),
        ({"name": "lab"}, ["m-2"]),
        ({"name": "LAB"}, []),
        ({"name_regex": "^lab"}, ["m-2", "m-3"]),
        ({"name_regex": "-2$"}, ["m-3"]),
        ({"phase": "running"}, ["m-1", "m-3"]),
        ({"phase": "Running", "name_regex": "lab"}, ["m-3"]),
        ({"cluster_id": "c-3"}, ["m-2"]),
        ({"cluster_id": "c"}, []),
        ({"id": "m-1", "name": "lab"}, []),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_filters(cloud, filters, ids, check):
    ran = run(cloud, asm_mesh_info, check=check, **filters)
    assert [found["id"] for found in ran["meshes"]] == ids
    assert (ran["changed"], ran.request_log) == (False, [MESHES])


def test_minimal_response_has_all_keys():
    least = mesh_to_result({"metadata": {"name": "shop", "uid": "m-1"}, "spec": None, "status": None})
    assert least == dict(SHOP, type=None, version=None, phase=None, clusters=[], created_at=None)
    assert (
        mesh_to_result({"metadata": {"name": "shop", "uid": "m-1"}, "spec": {"extendParams": None}})["clusters"] == []
    )
