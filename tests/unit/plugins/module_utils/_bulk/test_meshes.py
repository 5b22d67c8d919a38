# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task creates a mesh with its workshops and releases, or deletes all of them, in the right order."""

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import NOT_COMPARED
from ansible_collections.community.huaweicloud.plugins.modules import apply
from example_release import make_desired
from simulated_cloud import INTERNAL, Cloud, Ran, fail, mesh, run

MESHES = "GET /v1/p-1/meshes"
CREATE_MESH = "POST /v1/p-1/meshes"
DELETE_MESH = "DELETE /v1/p-1/meshes/mesh-1"
WORKSHOPS = "GET /v2/meshes/mesh-1/workshops"
RELEASES = "GET /v2/meshes/mesh-1/releases"
CREATE_WORKSHOP = "POST /v2/meshes/mesh-1/workshops"
CREATE_RELEASE = "POST /v2/meshes/mesh-1/namespaces/bookinfo/releases"
LAB = {
    "name": "lab-mesh",
    "version": "v1.18",
    "clusters": [{"cluster_id": "c-1", "installation_nodes": {"key": "UID", "values": ["n-1"]}}],
}
DEMO = {"name": "demo", "primary_cluster": "c-1", "ingress": {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80}}
SELECTORS = ["clusters[].installation_nodes"]


class SharedCloud(Cloud):
    """Services without meshes that many threads can use."""

    def __init__(self) -> None:
        super().__init__()
        self.meshes = []
        self._guard = threading.RLock()

    def __call__(self, call):
        with self._guard:
            return super().__call__(call)


@pytest.fixture
def cloud():
    return SharedCloud()


def a_release(**changes: t.Any) -> dict[str, t.Any]:
    return {key: value for key, value in make_desired(**changes).items() if key != "mesh_name"}


def environment(state: str = "present") -> dict[str, t.Any]:
    """Return a mesh with a workshop and a release in it, and a workspace, all with the same state."""
    ends = {} if state == "present" else {"state": state}
    return {
        "mesh_name": "lab-mesh",
        "meshes": [{**LAB, **ends}],
        "workspaces": [{"name": "team-a", **ends}],
        "workshops": [{**DEMO, **ends}],
        "releases": [a_release(**({} if state == "present" else {"state": "canceled", "on_missing": "ignore"}))],
    }


def brief(ran: Ran) -> list[tuple[str, str | None, bool, bool]]:
    return [(one["kind"], one["action"], one["changed"], one["failed"]) for one in ran["results"]]


CREATED = [(kind, "create", True, False) for kind in ("mesh", "workspace", "workshop", "release")]


# Create an environment from nothing


def test_check_mode_predicts_a_new_environment(cloud):
    ran = run(cloud, apply, check=True, **environment())
    assert brief(ran) == CREATED
    assert [one["resource"].get("mesh_id", "") for one in ran["results"]] == ["", "", None, None]
    assert ran["target"]["meshes"] == [{"id": None, "name": "lab-mesh"}]
    # A mesh without an ID has no lists.
    assert [line for line in ran.request_log if "/v2/" in line] == []
    assert ran.writes == []


def test_new_environment_is_created_in_order(cloud):
    ran = run(cloud, apply, **environment())
    assert brief(ran) == CREATED
    assert ran.writes[0] == CREATE_MESH
    assert sorted(ran.writes[1:]) == sorted([CREATE_WORKSHOP, CREATE_RELEASE, "POST /v1/p-1/workspaces"])
    # The others start when the mesh is running.
    assert (
        ran.request_log.index(CREATE_WORKSHOP) > ran.request_log.index(WORKSHOPS) > ran.request_log.index(CREATE_MESH)
    )
    assert [one["resource"].get("mesh_id") for one in ran["results"]] == [None, None, "mesh-1", "mesh-1"]
    assert ran["target"]["meshes"] == [{"id": "mesh-1", "name": "lab-mesh"}]
    release_body = next(body for body in ran.bodies if body.get("kind") == "Release")
    assert release_body["metadata"]["meshID"] == "mesh-1"


@pytest.mark.parametrize("check", [True, False])
def test_second_run_changes_nothing(cloud, check):
    run(cloud, apply, **environment())
    ran = run(cloud, apply, check, **environment())
    assert (ran["changed"], ran.writes) == (False, [])
    assert [one["not_compared"] for one in ran["results"]] == [SELECTORS, [], [], []]
    assert ran.warnings == [NOT_COMPARED.format(kind="mesh")]


def test_many_meshes_are_one_warning(cloud):
    meshes = [dict(LAB, name=f"mesh-{number:02}") for number in range(5)]
    run(cloud, apply, meshes=meshes)
    ran = run(cloud, apply, meshes=meshes)
    assert (ran["changed"], ran.warnings) == (False, [NOT_COMPARED.format(kind="mesh")])


def test_failed_mesh_stops_what_it_contains(cloud):
    cloud.mesh_phases["Creating"] = "CreateFailed"
    ran = run(cloud, apply, **environment())
    assert [one["msg"] for one in ran["results"]] == [
        "Mesh 'lab-mesh' is in phase 'CreateFailed'. Fix the cause in the console, or delete the mesh (state=absent), then rerun the task.",
        "not started",
        "not started",
        "not started",
    ]
    assert ran.writes == [CREATE_MESH]


def test_failed_mesh_fails_what_it_contains(cloud):
    cloud.mesh_phases["Creating"] = "CreateFailed"
    ran = run(cloud, apply, on_error="continue", **environment())
    assert brief(ran) == [
        ("mesh", "create", True, True),
        ("workspace", "create", True, False),
        ("workshop", "create", False, True),
        ("release", "create", False, True),
    ]
    assert "mesh 'lab-mesh' (mesh-1) is in phase 'CreateFailed', not 'Running'" in ran["results"][2]["msg"]
    assert ran.writes == [CREATE_MESH, "POST /v1/p-1/workspaces"]


def test_refused_mesh_fails_what_it_contains(cloud):
    cloud.respond(CREATE_MESH, 400, {"errorCode": "ASM.01010001", "errorMsg": "No quota."})
    ran = run(cloud, apply, on_error="continue", **environment())
    assert [one["failed"] for one in ran["results"]] == [True, False, True, True]
    assert ran["results"][3]["msg"] == "No mesh has the name 'lab-mesh' in project p-1. Meshes that exist: none."


def test_invalid_item_in_a_new_mesh_stops_everything(cloud):
    task = environment()
    task["workshops"][0]["ingress"] = {"port": 80}
    for check in (True, False):
        ran = run(cloud, apply, check, **task)
        assert "these options are missing" in ran["results"][2]["msg"]
        assert ran.writes == []


def test_mesh_that_is_being_deleted_is_created_again(cloud):
    cloud.meshes.append(mesh("m-0", "lab-mesh", "Deleting"))
    cloud.mesh_phases["Deleting"] = "Deleting"
    ran = run(cloud, apply, check=True, **environment())
    assert brief(ran) == CREATED


def test_items_of_two_new_meshes_do_not_conflict(cloud):
    names = ("mesh-one", "mesh-two")
    ran = run(
        cloud,
        apply,
        check=True,
        meshes=[dict(LAB, name=name) for name in names],
        releases=[dict(a_release(), mesh_name=name) for name in names],
    )
    assert [one["failed"] for one in ran["results"]] == [False] * 4


def test_plan_of_a_new_environment_has_a_stable_hash(cloud):
    planned = run(cloud, apply, check=True, **environment())
    ran = run(cloud, apply, expected_plan_hash=planned["plan"]["hash"], **environment())
    assert brief(ran) == CREATED


# Delete an environment


@pytest.fixture
def existing(cloud):
    run(cloud, apply, **environment())
    cloud.receives_traffic = "original"
    return cloud


def test_environment_is_deleted_in_order(existing):
    predicted = run(existing, apply, check=True, **environment("absent"))
    ran = run(existing, apply, **environment("absent"))
    actions = [("mesh", "delete"), ("workspace", "delete"), ("workshop", "delete"), ("release", "cancel")]
    for outcome in (predicted, ran):
        assert brief(outcome) == [(kind, action, True, False) for kind, action in actions]
    assert predicted.writes == []
    assert ran.writes[-1] == DELETE_MESH
    assert len(ran.writes) == 4
    # Before the deletion, new lists prove that the mesh is empty.
    end = ran.request_log.index(DELETE_MESH)
    assert {WORKSHOPS, RELEASES} <= set(ran.request_log[end - 2 : end])
    assert (existing.meshes, existing.workshops, existing.releases) == ([], [], [])


@pytest.mark.parametrize("check", [True, False])
def test_second_deletion_changes_nothing(existing, check):
    run(existing, apply, **environment("absent"))
    ran = run(existing, apply, check, **environment("absent"))
    assert (ran["changed"], [one["failed"] for one in ran["results"]]) == (False, [False] * 4)


def test_content_of_others_prevents_the_deletion(existing):
    task = environment("absent")
    task["workshops"] = []
    for check in (True, False):
        ran = run(existing, apply, check, **task)
        assert ran["results"][0]["msg"].startswith("Failed to delete mesh 'lab-mesh': it contains workshop 'demo'.")
        assert ran.writes == []


def test_failed_end_of_a_release_prevents_the_deletion(existing):
    existing.receives_traffic = "gray"
    ran = run(existing, apply, on_error="continue", **environment("absent"))
    assert [one["failed"] for one in ran["results"]] == [True, False, False, True]
    assert "it contains release 'bookinfo/reviews-v2'" in ran["results"][0]["msg"]
    assert DELETE_MESH not in ran.writes


def test_item_in_a_mesh_to_delete_is_an_error(cloud):
    ran = run(
        cloud, apply, meshes=[{"name": "lab-mesh", "state": "absent"}], workshops=[dict(DEMO, mesh_name="lab-mesh")]
    )
    assert ran["results"][1]["msg"] == (
        "Workshop 'demo' is in mesh 'lab-mesh', which the task deletes. Delete both, or keep the mesh."
    )
    assert ran.writes == []


# Meshes of other tasks


def test_optional_mesh_is_predicted_in_check_mode(cloud):
    task = {"mesh_name": "lab-mesh", "optional_meshes": ["lab-mesh"], "workshops": [DEMO]}
    ran = run(cloud, apply, check=True, **task)
    assert brief(ran) == [("workshop", "create", True, False)]
    ran = run(cloud, apply, **task)
    assert ran["results"][0]["msg"] == "No mesh has the name 'lab-mesh' in project p-1. Meshes that exist: none."
    assert ran.writes == []


def test_optional_mesh_has_nothing_to_delete(cloud):
    task = {
        "mesh_name": "lab-mesh",
        "optional_meshes": ["lab-mesh"],
        "workshops": [{"name": "demo", "state": "absent"}],
    }
    for check in (True, False):
        assert brief(run(cloud, apply, check, **task)) == [("workshop", None, False, False)]


def test_existing_optional_mesh_is_used(existing):
    task = {"mesh_name": "lab-mesh", "optional_meshes": ["lab-mesh"], "workshops": [DEMO]}
    assert brief(run(existing, apply, **task)) == [("workshop", None, False, False)]


# Prune


def test_meshes_are_pruned_if_they_are_empty(cloud):
    cloud.meshes = [mesh("mesh-1", "old-mesh"), mesh("mesh-2", "new-mesh")]
    ran = run(cloud, apply, prune={"meshes": ["^old-"]})
    assert (brief(ran), ran.writes) == ([("mesh", "delete", True, False)], [DELETE_MESH])


def test_unmanaged_mesh_is_found_with_its_contents(existing):
    ran = run(existing, apply, check=True, meshes=[], detect_unmanaged=True)
    assert brief(ran) == [("mesh", "delete", True, False)]
    assert ran.request_log == [MESHES]


def test_failing_list_of_meshes_fails_the_task(cloud):
    cloud.respond(MESHES, *INTERNAL, times=9)
    ran = run(cloud, apply, on_error="continue", meshes=[LAB], workspaces=[{"name": "team-a"}])
    assert [one["failed"] for one in ran["results"]] == [True, False]
    error, dummy = fail(cloud, apply, mesh_name="lab-mesh", meshes=[LAB], workshops=[DEMO])
    assert error.status == 500
