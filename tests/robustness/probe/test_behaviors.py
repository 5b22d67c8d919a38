# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe finds the value of each behavior of the emulator, and deletes everything that can be deleted."""

from __future__ import annotations

import sys
import typing as t

import pytest
from harness import EMULATOR, Emulator
from probe_run import USER, ProbeRun, run_probe
from selection import require_library

sys.path.append(str(EMULATOR))

from huaweicloud_emulator.behaviors import ALL, CLUSTER, TEMPORARY_KEYS  # noqa: E402

KIND = "behaviors of the emulator found"

Behaviors = t.Dict[str, t.Any]

# Behaviors that the probe does not examine, and why.
NOT_PROBED = {
    "advance_by": "no assumption is made about the pace",
    "running_after": "no assumption is made about the pace",
    "gone_after": "no assumption is made about the pace",
    "latency": "no assumption is made about the pace",
    **dict.fromkeys(
        ("mesh_config_readback", "mesh_version_readback", "mesh_with_contents", "mesh_creation", "mesh_deletion"),
        "the probe does not create a mesh",
    ),
    "rate_limit": "this would use up the requests that others need",
    "retry_after": "this would use up the requests that others need",
    "token_life": "this takes 24 hours",
    "clock_skew": "the probe does not control the clock",
    "key_lock_failures": "this would lock the access key",
    "key_lock_seconds": "this would lock the access key",
    "forbidden_by": "this requires an identity without permissions",
    **{behavior.name: "the probe does not use temporary keys" for behavior in TEMPORARY_KEYS},
    **{behavior.name: "the probe makes no assumption about the Kubernetes API" for behavior in CLUSTER},
    "release_edits": "it needs a Service with Istio objects, see test_names_of_istio_objects_are_reported",
}

# Behaviors that only have an effect together with others.
REQUIRED: dict[str, Behaviors] = {
    "release_failed_phase": {"release_creation": "fails"},
    "release_ending_phase": {"traffic_precondition": "no"},
    "release_ended_phase": {"traffic_precondition": "no", "terminated_releases": "stay"},
    "release_canceled_phase": {"terminated_releases": "stay"},
    "workspace_delete_again": {"workspace_delete": "failed"},
}

# Many behaviors at once, all different from the defaults.
PACKS: dict[str, Behaviors] = {
    "first": {
        "workshop_list_shape": "items",
        "workshop_delete_key": "uid",
        "missing_object": "400",
        "duplicate_asm_name": "400",
        "asm_error_body": "array",
        "action_cancel": "terminate",
        "action_end": "finish",
        "release_traffic": "gray",
        "terminated_releases": "stay",
        "template_readback": "verbatim",
        "release_key": "uid",
        "unknown_mesh": "400",
        "asm_time_format": "rfc3339_fraction",
        "content_type": "optional",
        "release_phases": "Preparing,Serving",
        "release_ending_phase": "Switching",
        "release_ended_phase": "Closed",
        "workshop_listed_after": 1,
        "sidecar_injection": "yes",
        "workspace_offset": "page",
        "workspace_name_filter": "sensitive",
        "workspace_name_part": "prefix",
        "auth_type_readback": "upper",
        "default_workspace_id": "number",
        "workspace_delete": "immediate",
        "duplicate_workspace_name": "409",
        "workspace_put_omitted": "reset",
        "missing_workspace": "0102",
        "workspace_create_answer": "without_grants",
        "workspace_update_answer": "object",
        "modelarts_error_body": "with_request_id",
        "internal_without_grants": "refuse",
        "unknown_grant_user": "refuse",
        "quota_zero": "accept",
        "project_header": "required",
        "gateway_prefix": "APIG",
    },
    "second": {
        "workshop_list_shape": "unwrapped",
        "workshop_delete_key": "both",
        "missing_object": "500",
        "duplicate_asm_name": "409_old",
        "asm_error_body": "snake_case",
        "action_cancel": "rollback",
        "action_end": "complete",
        "traffic_precondition": "no",
        "terminated_releases": "stay",
        "release_key": "name",
        "asm_time_format": "epoch_ms",
        "release_phases": "Pending,Deploying,Active",
        "release_canceling_phase": "RollingBack",
        "release_canceled_phase": "Closed",
        "auth_type_readback": "as_sent",
        "workspace_offset": "page",
        "workspace_delete": "failed",
        "workspace_delete_again": "fails",
        "missing_workspace": "0104_old",
        "gateway_prefix": "APIC",
        "page_cap": 2,
    },
    "third": {
        "workshop_list_shape": "items_unwrapped",
        "missing_object": "404_old",
        "duplicate_asm_name": "400_old",
        "release_traffic": "split",
        "workspace_delete": "failed",
        "missing_workspace": "404",
        "modelarts_error_body": "json",
        "workspace_limit": 3,
        "release_creation": "fails",
        "release_failed_phase": "ReleaseError",
    },
    "fourth": {
        "asm_error_body": "code_only",
        "modelarts_error_body": "plain",
        "workspace_creation": "fails",
        "page_cap": 7,
    },
    "fifth": {
        "modelarts_error_body": "empty",
        "action_cancel": "rollback",
        "content_type": "optional",
        "asm_error_body": "code_only",
        "workspace_name_part": "exact",
    },
}


def probe_with(emulator: Emulator, behaviors: Behaviors) -> ProbeRun:
    emulator.seed(
        users=[USER],
        workspaces=[{"name": f"of-others-{number}"} for number in range(7 if behaviors.get("page_cap") == 7 else 0)],
    )
    emulator.set(**behaviors)
    return run_probe(emulator)


def list_hidden(behaviors: Behaviors) -> set[str]:
    """Return the behaviors that other behaviors hide."""
    hidden = set()
    if behaviors.get("terminated_releases") != "stay":
        hidden |= {"release_ended_phase", "release_canceled_phase"}
    if behaviors.get("traffic_precondition") != "no" and behaviors.get("release_traffic") != "gray":
        hidden |= {"release_ending_phase", "release_ended_phase"}
    if behaviors.get("release_traffic") in ("gray", "split") and behaviors.get("traffic_precondition") != "no":
        hidden |= {"release_canceling_phase", "release_canceled_phase"}
    if behaviors.get("release_traffic") == "split":
        hidden |= {"terminated_releases"}
    if behaviors.get("traffic_precondition") == "no":
        hidden |= {"release_traffic"}
    hidden |= (
        {"release_failed_phase"}
        if behaviors.get("release_creation") != "fails"
        else {"release_phases", "release_update"}
    )
    if behaviors.get("asm_error_body") == "code_only" and behaviors.get("traffic_precondition") != "no":
        # An action that is refused because of the traffic looks like an unknown one.
        hidden |= {"action_end", "traffic_precondition", "release_traffic"}
    hidden |= {"missing_workspace"} if behaviors.get("modelarts_error_body") == "empty" else set()
    if behaviors.get("workspace_limit") == 3:
        hidden |= {"workspace_create_answer", "workspace_put_grants"}
    # This requires two workspaces in one filtered list.
    hidden |= {"workspace_offset", "page_cap"} if behaviors.get("workspace_name_part") == "exact" else set()
    hidden |= {"workspace_delete_again"} if behaviors.get("workspace_delete") != "failed" else set()
    return hidden


def get_expected(emulator: Emulator, behaviors: Behaviors) -> dict[str, str | None]:
    """Return the value that the probe must find for each behavior, None for an inconclusive one."""
    hidden = list_hidden(behaviors)
    values = {
        behavior["name"]: behavior["value"] for behavior in emulator.behaviors() if behavior["name"] not in NOT_PROBED
    }
    return {name: None if name in hidden else _format(value) for name, value in values.items()}


def _format(value: t.Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def check(emulator: Emulator, tally: t.Any, behaviors: Behaviors) -> ProbeRun:
    run = probe_with(emulator, behaviors)
    expected = get_expected(emulator, behaviors)
    found = run.found()
    wrong = {name: (found.get(name), value) for name, value in expected.items() if found.get(name) != value}
    tally.add(KIND, len(expected), len(expected) - len(wrong))
    assert wrong == {}, {name: run.findings[name]["evidence"] for name in wrong if name in run.findings}
    for name, value in expected.items():
        entry = run.findings[name]
        assert entry["evidence"]
        assert (entry["state"] == "inconclusive") == (value is None), entry
    return run


def list_created(emulator: Emulator) -> list[str]:
    stores = emulator.stores()
    return [
        record["name"]
        for kind in ("workspaces", "workshops", "releases")
        for record in stores[kind].values()
        if record["name"].startswith("probe-")
    ]


@pytest.mark.parametrize("pack", PACKS)
def test_several_behaviors_are_found_together(emulator: Emulator, tally: t.Any, pack: str) -> None:
    run = check(emulator, tally, PACKS[pack])
    names = [leftover.split()[1].rpartition("/")[2] for leftover in run.leftovers]
    assert sorted(names) == sorted(list_created(emulator))
    is_stuck = pack == "second" or PACKS[pack].get("release_traffic") == "split"
    assert bool(run.leftovers) == is_stuck, run.leftovers


def test_default_behaviors_confirm_all_assumptions(emulator: Emulator, tally: t.Any) -> None:
    """The assumed values are the defaults of the emulator."""
    run = check(emulator, tally, {})
    assert [name for name, entry in run.findings.items() if entry["state"] == "refuted"] == []
    assert run.leftovers == list_created(emulator) == []


@pytest.mark.parametrize("value", ["no", "gray_added", "split"])
def test_names_of_istio_objects_are_reported(emulator: Emulator, value: str) -> None:
    require_library("kubernetes")
    emulator.seed(users=[USER], applications=[{"name": "reviews", "routes": "subsets"}])
    emulator.set(release_edits=value)
    finding = run_probe(emulator).findings["release_edits"]
    names = "VirtualService default/reviews, DestinationRule default/reviews"
    evidence = (
        f"objects of the Service: {names}; changed or created: {'none' if value == 'no' else names}; deleted: none"
    )
    state = "confirmed" if value == "no" else "refuted"
    assert (finding["found"], finding["state"], finding["evidence"]) == (value, state, evidence)


def test_unreadable_istio_objects_are_inconclusive(emulator: Emulator) -> None:
    require_library("kubernetes")
    emulator.seed(users=[USER])
    emulator.set(cluster_access="forbidden")
    finding = run_probe(emulator).findings["release_edits"]
    assert (finding["found"], finding["state"]) == (None, "inconclusive")
    assert finding["evidence"].startswith("the Istio objects cannot be read: GET /apis/networking.istio.io/")
    finding = run_probe(emulator, istio_connection={}).findings["release_edits"]
    assert finding["evidence"] == "istio_connection is not set"


def test_nothing_is_created_in_a_mesh_by_default(emulator: Emulator) -> None:
    emulator.seed(users=[USER], workshops=[{"name": "theirs"}], releases=[{"name": "theirs", "namespace": "default"}])
    before = {kind: emulator.stores()[kind] for kind in ("workshops", "releases")}
    run = run_probe(emulator, workshop={}, release={})
    assert {kind: emulator.stores()[kind] for kind in before} == before
    sent = [call for call in emulator.request_log() if call["method"] != "GET" and call["path"].startswith("/v2/")]
    assert {call["method"] for call in sent} == {"DELETE"} and {call["status"] for call in sent} == {400, 404}
    assert run.found()["workshop_list_shape"] == "bare"
    assert run.findings["workshop_delete_key"]["state"] == run.findings["action_end"]["state"] == "inconclusive"


def test_unknown_mesh_makes_findings_inconclusive(emulator: Emulator) -> None:
    run = run_probe(emulator, mesh_name="nowhere")
    assert run.findings["unknown_mesh"]["evidence"] == "the mesh nowhere does not exist"
    assert {entry["state"] for entry in run.findings.values() if entry["service"] == "asm"} == {
        "confirmed",
        "inconclusive",
    }


def test_one_service_is_probed_separately(emulator: Emulator) -> None:
    run_probe(emulator, services=("modelarts",))
    assert {call["path"].split("/")[1] for call in emulator.request_log()} == {"v1"}
    emulator.reset()
    run = run_probe(emulator, services=("asm",), workshop={}, release={})
    assert {entry["service"] for entry in run.findings.values()} == {"asm", "gateway"}


def test_forbidden_requests_refute_nothing(emulator: Emulator) -> None:
    """An identity without permissions refutes nothing."""
    emulator.seed(users=[{"name": emulator.credentials["username"], "denied": ["asm:*", "modelarts:*"]}])
    run = run_probe(emulator)
    wrong = [entry for entry in run.findings.values() if entry["state"] == "refuted"]
    assert wrong == []


def list_values() -> list[tuple[str, t.Any]]:
    return [
        (behavior.name, value)
        for behavior in ALL
        if behavior.name not in NOT_PROBED
        for value in behavior.alternatives
        if value != behavior.default
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "behavior" in metafunc.fixturenames:
        found = list_values() if metafunc.config.getoption("--whole") else []
        metafunc.parametrize("behavior", found, ids=lambda behavior: f"{behavior[0]}={behavior[1]}")


def test_every_value_is_found(emulator: Emulator, tally: t.Any, behavior: tuple[str, t.Any]) -> None:
    name, value = behavior
    check(emulator, tally, {**REQUIRED.get(name, {}), name: value})


def test_packs_contain_every_value(server: Emulator) -> None:
    """The representative part covers every value."""
    packed = {(name, str(value)) for pack in PACKS.values() for name, value in pack.items()}
    assert [(name, value) for name, value in list_values() if (name, str(value)) not in packed] == []
    assert set(NOT_PROBED) <= {behavior["name"] for behavior in server.behaviors()}
