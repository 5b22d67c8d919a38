# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Meshes that the module asm_mesh creates and deletes. test_mesh.py is about meshes that other modules name."""

from __future__ import annotations

import example_release
import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    DriftError,
    ForbiddenError,
    OptionError,
    ServerError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import NOT_COMPARED
from ansible_collections.community.huaweicloud.plugins.modules import asm_mesh
from diffs import diff
from simulated_cloud import CREATED, EXISTS, INTERNAL, Cloud, created_mesh, fail, mesh, run, workshop

DESIRED = {
    "name": "lab-mesh",
    "version": "v1.18",
    "clusters": [
        {
            "cluster_id": "c-1",
            "installation_nodes": {"key": "UID", "values": ["n-1"]},
            "injection_namespaces": {"key": "UID", "values": ["default"]},
        }
    ],
    "proxy_config": {"include_ip_ranges": ["10.0.0.0/8", "192.168.0.0/16"], "exclude_outbound_ports": [3306]},
    "telemetry_config": {
        "metrics": {"aom": [{"instance_id": "aom-1"}]},
        "access_logging": {"lts": [{"log_group_id": "g-1", "log_stream_id": "s-1"}]},
        "tracing": {
            "random_sampling_percentage": 1.5,
            "default_providers": ["zipkin-lab"],
            "extension_providers": [{"name": "zipkin-lab", "zipkin": {"service": "zipkin.lab", "port": 9411}}],
        },
    },
}
BODY = {
    "apiVersion": "v1",
    "kind": "Mesh",
    "metadata": {"name": "lab-mesh"},
    "spec": {
        "type": "InCluster",
        "version": "v1.18",
        "extendParams": {
            "clusters": [
                {
                    "clusterID": "c-1",
                    "projectID": "p-1",
                    "installation": {"nodes": {"fieldSelector": {"key": "UID", "operator": "In", "values": ["n-1"]}}},
                    "injection": {
                        "namespaces": {"fieldSelector": {"key": "UID", "operator": "In", "values": ["default"]}}
                    },
                }
            ]
        },
        "config": {
            "proxyConfig": {"includeIPRanges": "10.0.0.0/8,192.168.0.0/16", "excludeOutboundPorts": "3306"},
            "telemetryConfig": {
                "metrics": {"aom": [{"instanceID": "aom-1"}]},
                "accessLogging": {"lts": [{"logGroupID": "g-1", "logStreamID": "s-1"}]},
                "tracing": {
                    "randomSamplingPercentage": 1.5,
                    "defaultProviders": ["zipkin-lab"],
                    "extensionProviders": [{"name": "zipkin-lab", "zipkin": {"service": "zipkin.lab", "port": 9411}}],
                },
            },
        },
    },
}
SELECTORS = ["clusters[].installation_nodes", "clusters[].injection_namespaces"]
CONFIG = [
    "proxy_config.include_ip_ranges",
    "proxy_config.exclude_outbound_ports",
    "telemetry_config.metrics.aom",
    "telemetry_config.access_logging.lts",
    "telemetry_config.tracing.random_sampling_percentage",
    "telemetry_config.tracing.default_providers",
    "telemetry_config.tracing.extension_providers",
]
WRITTEN = ["version", *CONFIG, "clusters", *SELECTORS]
RESULT = {
    "id": "mesh-1",
    "name": "lab-mesh",
    "type": "InCluster",
    "version": "v1.18.7-r1",
    "phase": "Running",
    "clusters": ["c-1"],
    "proxy_config": {
        "include_ip_ranges": ["10.0.0.0/8", "192.168.0.0/16"],
        "exclude_ip_ranges": None,
        "include_inbound_ports": None,
        "exclude_inbound_ports": None,
        "include_outbound_ports": None,
        "exclude_outbound_ports": ["3306"],
    },
    "telemetry_config": DESIRED["telemetry_config"],
    "created_at": CREATED,
    "updated_at": CREATED,
}
PREDICTED = dict(RESULT, id=None, version="v1.18", phase=None, created_at=None, updated_at=None)
WARNING = NOT_COMPARED.format(kind="mesh")

LIST = "GET /v1/p-1/meshes"
CREATE = "POST /v1/p-1/meshes"
DELETE = "DELETE /v1/p-1/meshes/mesh-1"
WORKSHOPS = "GET /v2/meshes/mesh-1/workshops"
RELEASES = "GET /v2/meshes/mesh-1/releases"


@pytest.fixture
def cloud():
    cloud = Cloud()
    cloud.meshes = []
    return cloud


def with_mesh(cloud: Cloud, phase: str = "Running", *, with_config: bool = True, **spec):
    found = created_mesh("mesh-1", BODY, with_config)
    found["status"]["phase"] = phase
    found["spec"].update(spec)
    cloud.meshes.append(found)
    return cloud


def mesh_diff(before, after):
    return diff(*(side and {key: value for key, value in side.items() if key != "phase"} for side in (before, after)))


def absent(**options):
    return {"name": "lab-mesh", "state": "absent", **options}


# Create, twice in check mode and twice for real


def test_check_mode_predicts_the_creation(cloud):
    ran = run(cloud, asm_mesh, check=True, **DESIRED)
    assert ran.result == {
        "mesh": PREDICTED,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": None}],
        "changed_fields": WRITTEN,
        "diff": mesh_diff(None, PREDICTED),
        "not_compared": [],
        "request_ids": ["req-1"],
    }
    assert (ran.request_log, ran.warnings) == ([LIST], [])


def test_creation_waits_until_the_mesh_is_running(cloud):
    ran = run(cloud, asm_mesh, **DESIRED)
    assert ran.result == {
        "mesh": RESULT,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": "req-2"}],
        "changed_fields": WRITTEN,
        "diff": mesh_diff(None, PREDICTED),
        "not_compared": [],
        "request_ids": ["req-1", "req-2", "req-3", "req-4"],
    }
    assert ran.request_log == [LIST, CREATE, LIST, LIST]
    assert ran.bodies == [BODY]
    assert ran.warnings == []


@pytest.mark.parametrize("check", [True, False])
def test_second_creation_changes_nothing(cloud, check):
    ran = run(with_mesh(cloud), asm_mesh, check, **DESIRED)
    assert ran.result == {
        "mesh": RESULT,
        "changed": False,
        "actions": [],
        "changed_fields": [],
        "diff": mesh_diff(RESULT, RESULT),
        "not_compared": SELECTORS,
        "request_ids": ["req-1"],
    }
    assert (ran.request_log, ran.warnings) == ([LIST], [WARNING])


def test_creation_without_waiting_returns_the_phase(cloud):
    ran = run(cloud, asm_mesh, wait=False, **DESIRED)
    assert ran.request_log == [LIST, CREATE, LIST]
    assert ran["mesh"] == dict(RESULT, phase="Creating")


def test_created_mesh_that_no_list_contains_is_returned_from_the_response(cloud):
    cloud.respond(LIST, 200, {"items": []}, times=2)
    ran = run(cloud, asm_mesh, wait=False, **DESIRED)
    assert ran.request_log == [LIST, CREATE, LIST]
    assert ran["mesh"] == dict(RESULT, phase="Creating")


def test_unset_options_are_not_sent(cloud):
    clusters = [{"cluster_id": "c-1", "installation_nodes": {"key": "UID", "values": ["n-1"]}}]
    ran = run(cloud, asm_mesh, name="lab-mesh", clusters=clusters)
    cluster = {key: value for key, value in BODY["spec"]["extendParams"]["clusters"][0].items() if key != "injection"}
    assert ran.bodies == [dict(BODY, spec={"type": "InCluster", "extendParams": {"clusters": [cluster]}})]
    assert (ran["mesh"]["proxy_config"], ran["mesh"]["telemetry_config"]) == (None, None)


# Delete


def test_deletion_waits_until_no_list_contains_the_mesh(cloud):
    runs = [run(with_mesh(cloud), asm_mesh, check=True, **absent())]
    runs += [run(cloud, asm_mesh, check, **absent()) for check in (False, True, False)]
    assert [ran["changed"] for ran in runs] == [True, True, False, False]
    assert [ran.request_log for ran in runs] == [
        [LIST, WORKSHOPS, RELEASES],
        [LIST, WORKSHOPS, RELEASES, DELETE, LIST, LIST],
        [LIST],
        [LIST],
    ]
    assert runs[1].result == {
        "mesh": None,
        "changed": True,
        "actions": [{"action": "delete", "fields": [], "request_id": "req-7"}],
        "changed_fields": [],
        "diff": mesh_diff(RESULT, None),
        "not_compared": [],
        "request_ids": [f"req-{number}" for number in range(4, 10)],
    }
    assert cloud.meshes == []


@pytest.mark.parametrize("check", [True, False])
def test_mesh_with_contents_is_not_deleted(cloud, check):
    with_mesh(cloud).workshops.append(workshop("ws-1", {"name": "demo"}, {"primaryCluster": "c-1", "ingress": {}}))
    example_release.put(cloud)
    error, ran = fail(cloud, asm_mesh, check, **absent())
    assert isinstance(error, OptionError)
    assert str(error) == (
        "Failed to delete mesh 'lab-mesh': it contains workshop 'demo', release 'bookinfo/reviews-v2'. Delete the workshops and end the releases "
        "first, or set force to true to delete the mesh with everything in it."
    )
    assert ran.request_log == [LIST, WORKSHOPS, RELEASES]


def test_ended_release_does_not_prevent_the_deletion(cloud):
    example_release.put(with_mesh(cloud), phase="Finished")
    assert run(cloud, asm_mesh, **absent()).writes == [DELETE]


def test_unknown_contents_prevent_the_deletion(cloud):
    with_mesh(cloud).respond(WORKSHOPS, *INTERNAL, times=9)
    error, ran = fail(cloud, asm_mesh, **absent())
    assert isinstance(error, ServerError)
    assert error.hint.startswith("It is unknown what the mesh contains, so it is not deleted. Set force to true")
    assert ran.writes == []


def test_force_deletes_the_mesh_with_its_contents(cloud):
    example_release.put(with_mesh(cloud))
    ran = run(cloud, asm_mesh, force=True, **absent())
    assert ran.request_log == [LIST, DELETE, LIST, LIST]


@pytest.mark.parametrize("phase", ["CreateFailed", "DeleteFailed", "UpgradeFailed", "Installing"])
def test_mesh_in_any_phase_is_deleted(cloud, phase):
    assert run(with_mesh(cloud, phase), asm_mesh, **absent()).writes == [DELETE]


def test_failed_deletion_is_an_error(cloud):
    cloud.mesh_phases["Deleting"] = "DeleteFailed"
    error, ran = fail(with_mesh(cloud), asm_mesh, **absent())
    assert isinstance(error, WaitError)
    assert error.message == "Mesh 'lab-mesh' is in phase 'DeleteFailed'."
    assert ran.writes == [DELETE]


def test_failure_of_an_earlier_deletion_is_ignored(cloud):
    """The list still shows the old failure after the request."""
    old = {"items": [created_mesh("mesh-1", BODY)]}
    old["items"][0]["status"]["phase"] = "DeleteFailed"
    with_mesh(cloud, "DeleteFailed").before(DELETE, lambda: cloud.respond(LIST, 200, old))
    ran = run(cloud, asm_mesh, **absent())
    assert (ran["mesh"], ran.writes, cloud.meshes) == (None, [DELETE], [])


# Status


@pytest.mark.parametrize("phase", ["Creating", "Upgrading", "RollingBack", "Installing"])
def test_task_waits_for_a_running_mesh(cloud, phase):
    cloud.mesh_phases[phase] = "Running"
    ran = run(with_mesh(cloud, phase), asm_mesh, **DESIRED)
    assert (ran["changed"], ran["mesh"], ran.request_log) == (False, RESULT, [LIST, LIST])


@pytest.mark.parametrize("phase", ["CreateFailed", "upgradefailed", "RollbackFailed", "DeleteFailed"])
def test_failed_mesh_is_an_error(cloud, phase):
    error, ran = fail(with_mesh(cloud, phase), asm_mesh, **DESIRED)
    assert isinstance(error, WaitError)
    assert str(error) == (
        f"Mesh 'lab-mesh' is in phase '{phase}'. Fix the cause in the console, or delete the mesh (state=absent), then rerun the task."
    )
    assert ran.request_log == [LIST]


def test_failed_creation_is_an_error(cloud):
    cloud.mesh_phases["Creating"] = "CreateFailed"
    error, ran = fail(cloud, asm_mesh, **DESIRED)
    assert isinstance(error, WaitError)
    assert (ran["changed"], ran.writes) == (True, [CREATE])


def test_mesh_that_is_being_deleted_is_created_again(cloud):
    ran = run(with_mesh(cloud, "Deleting"), asm_mesh, **DESIRED)
    assert ran.writes == [CREATE]
    assert ran["mesh"] == RESULT


def test_timeout_names_the_phase(cloud):
    cloud.mesh_phases["Creating"] = "Creating"
    error, ran = fail(cloud, asm_mesh, wait_timeout=5, **DESIRED)
    assert (
        error.message == "Timed out after 5 s waiting for mesh 'lab-mesh' to be Running: its last phase was 'Creating'"
    )


# Comparison


def test_differences_are_errors_by_default(cloud):
    with_mesh(cloud, version="v1.15.7-r3", extendParams={"clusters": [{"clusterID": "c-2"}]})
    error, ran = fail(cloud, asm_mesh, **DESIRED)
    assert isinstance(error, DriftError)
    assert str(error) == (
        "Mesh 'lab-mesh' differs in fields that cannot be changed: version is 'v1.15.7-r3', desired is 'v1.18'; "
        'clusters is ["c-2"], desired is ["c-1"]. A mesh cannot be changed. Correct the task, change the mesh in the console, or set on_drift to warn.'
    )
    assert ran.writes == []


def test_differences_are_warnings_on_request(cloud):
    with_mesh(cloud, version="v1.15.7-r3")
    ran = run(cloud, asm_mesh, on_drift="warn", **DESIRED)
    assert (ran["changed"], ran["not_compared"]) == (False, SELECTORS)
    assert ran.warnings == [
        "Mesh 'lab-mesh' differs in fields that cannot be changed: version is 'v1.15.7-r3', desired is 'v1.18'",
        WARNING,
    ]


@pytest.mark.parametrize(
    ("field", "config"),
    [
        ("proxy_config.include_ip_ranges", {"proxyConfig": {"includeIPRanges": "10.0.0.0/8"}}),
        ("telemetry_config.metrics.aom", {"telemetryConfig": {"metrics": {"aom": [{"instanceID": "aom-2"}]}}}),
        (
            "telemetry_config.tracing.random_sampling_percentage",
            {"telemetryConfig": {"tracing": {"randomSamplingPercentage": 2}}},
        ),
    ],
)
def test_difference_in_a_returned_configuration_is_an_error(cloud, field, config):
    error, dummy = fail(with_mesh(cloud, config=config), asm_mesh, **DESIRED)
    assert [difference.field for difference in error.differences] == [field]


def test_other_order_and_format_of_values_is_no_difference(cloud):
    config = {"proxyConfig": {"includeIPRanges": "192.168.0.0/16, 10.0.0.0/8", "excludeOutboundPorts": "3306"}}
    ran = run(with_mesh(cloud, config=config), asm_mesh, **DESIRED)
    assert ran["not_compared"] == [*CONFIG[2:], *SELECTORS]


def test_configuration_that_the_service_omits_is_not_compared(cloud):
    ran = run(with_mesh(cloud, with_config=False), asm_mesh, **DESIRED)
    assert (ran["changed"], ran["not_compared"], ran.warnings) == (False, [*CONFIG, *SELECTORS], [WARNING])


@pytest.mark.parametrize(
    ("desired", "actual", "not_compared"),
    [
        ("v1.18", "v1.18", []),
        ("1.18", "v1.18.7", []),
        ("v1.18.7-r1", "v1.18", ["version"]),
        ("v1.18.7-r1", None, ["version"]),
        ("v1.18.7", "v1.18.7-r1", []),
    ],
)
def test_version_with_fewer_parts_is_no_difference(cloud, desired, actual, not_compared):
    ran = run(with_mesh(cloud, version=actual), asm_mesh, name="lab-mesh", version=desired)
    assert (ran["changed"], ran["not_compared"], len(ran.warnings)) == (False, not_compared, len(not_compared))


@pytest.mark.parametrize(
    ("desired", "actual"), [("v1.1", "v1.18"), ("v1.18.7-r1", "v1.18.7-r2"), ("v1.18.70", "v1.18.7")]
)
def test_other_version_is_an_error(cloud, desired, actual):
    error, dummy = fail(with_mesh(cloud, version=actual), asm_mesh, name="lab-mesh", version=desired)
    assert isinstance(error, DriftError)


def test_unset_options_are_not_compared(cloud):
    ran = run(with_mesh(cloud), asm_mesh, name="lab-mesh")
    assert (ran["changed"], ran["not_compared"], ran.warnings) == (False, [], [])


# Recovery


def test_lost_response_does_not_create_a_duplicate(cloud):
    cloud.drop_response(CREATE)
    ran = run(cloud, asm_mesh, **DESIRED)
    assert (ran["changed"], ran["mesh"], ran.request_log.count(CREATE), len(cloud.meshes)) == (True, RESULT, 1, 1)


def test_equal_mesh_of_another_client_is_adopted(cloud):
    cloud.before(CREATE, lambda: with_mesh(cloud))
    cloud.respond(CREATE, *EXISTS)
    cloud.before(CREATE, lambda: None)
    ran = run(cloud, asm_mesh, **DESIRED)
    assert (ran["changed"], ran["mesh"], ran["not_compared"], ran.warnings) == (False, RESULT, SELECTORS, [WARNING])


def test_lost_response_of_a_deletion_is_a_change(cloud):
    with_mesh(cloud).drop_response(DELETE)
    ran = run(cloud, asm_mesh, **absent())
    assert (ran["changed"], ran["mesh"], cloud.meshes) == (True, None, [])


def test_forbidden_list_is_no_proof_of_absence(cloud):
    cloud.respond(LIST, 403, {"errorCode": "ASM.01000002", "errorMsg": "Forbidden."})
    error, ran = fail(cloud, asm_mesh, **DESIRED)
    assert isinstance(error, ForbiddenError)
    assert ran.writes == []


# Options


def test_creation_without_required_options_is_refused(cloud):
    error, ran = fail(cloud, asm_mesh, name="lab-mesh", clusters=[{"cluster_id": "c-1"}])
    assert str(error) == "To create mesh 'lab-mesh', these options are missing: clusters[0].installation_nodes"
    assert ran.writes == []
    error, dummy = fail(cloud, asm_mesh, name="lab-mesh")
    assert str(error) == "To create mesh 'lab-mesh', these options are missing: clusters"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": " lab-mesh"}, "name must not be empty, or begin or end with whitespace"),
        ({"version": "v1 18"}, "version must not contain whitespace or line breaks"),
        ({"clusters": [{"cluster_id": "c 1"}]}, "clusters[0].cluster_id must not contain whitespace"),
        ({"clusters": [{"cluster_id": "c-1"}, {"cluster_id": "c-1"}]}, "clusters lists c-1 more than once"),
        ({"clusters": []}, "clusters"),
        (
            {"telemetry_config": {"tracing": {"random_sampling_percentage": 101}}},
            "telemetry_config.tracing.random_sampling_percentage must be a percentage from 0 to 100",
        ),
    ],
)
def test_invalid_options_are_refused_before_the_first_request(cloud, options, text):
    error, ran = fail(cloud, asm_mesh, **{"name": "lab-mesh", **options})
    assert isinstance(error, OptionError)
    assert text in str(error)
    assert ran.request_log == []


def test_rules_for_names_apply_to_new_meshes_only(cloud):
    error, ran = fail(cloud, asm_mesh, **dict(DESIRED, name="Lab"))
    assert "name must have 4 to 64 characters" in str(error)
    cloud.meshes.append(mesh("m-1", "Lab"))
    assert run(cloud, asm_mesh, name="Lab")["changed"] is False


def test_several_meshes_of_one_name_are_an_error(cloud):
    cloud.meshes = [mesh("m-1", "lab-mesh"), mesh("m-2", "lab-mesh")]
    error, dummy = fail(cloud, asm_mesh, **DESIRED)
    assert isinstance(error, AmbiguousError)
    assert str(error) == "Several meshes have the name 'lab-mesh': m-1, m-2. Delete all but one in the console."


def test_namesake_that_is_being_deleted_does_not_count(cloud):
    cloud.meshes.append(mesh("m-0", "lab-mesh", "Deleting"))
    ran = run(with_mesh(cloud), asm_mesh, **DESIRED)
    assert (ran["changed"], ran["mesh"]["id"]) == (False, "mesh-1")
