# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever setting of whatever switch the emulator is in, the contract tells which, and leaves nothing behind that can be removed."""

from __future__ import annotations

import sys
import typing as t

import pytest
from conversation import USER, TaskResult, converse
from harness import EMULATOR, Emulator

sys.path.append(str(EMULATOR))

from huaweicloud_emulator.behaviors import ALL  # noqa: E402

KIND = "settings of the emulator found out"

Settings = t.Dict[str, t.Any]

# Switches of which the contract says nothing, and why.
NOT_TOLD = {
    "advance_by": "a pace, about which nothing is assumed",
    "running_after": "a pace, about which nothing is assumed",
    "gone_after": "a pace, about which nothing is assumed",
    "latency": "a pace, about which nothing is assumed",
    "mesh_creation": "no module makes a mesh",
    "rate_limit": "it would take others their share",
    "retry_after": "it would take others their share",
    "token_life": "that would take a day",
    "clock_skew": "the clock is not the contract's",
    "key_lock_failures": "it would lock the key",
    "key_lock_seconds": "it would lock the key",
    "forbidden_by": "that takes an identity without rights",
}

# What can only be seen where something else is so, too.
NEEDS: dict[str, Settings] = {
    "release_failed_phase": {"release_creation": "fails"},
    "release_ending_phase": {"traffic_precondition": "no"},
    "release_ended_phase": {"traffic_precondition": "no", "terminated_releases": "stay"},
    "release_canceled_phase": {"terminated_releases": "stay"},
    "workspace_delete_again": {"workspace_delete": "failed"},
}

# Many settings at once, as different from the defaults as can be.
PACKS: dict[str, Settings] = {
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


def told_of(emulator: Emulator, settings: Settings) -> TaskResult:
    emulator.seed(
        users=[USER],
        workspaces=[{"name": f"of-others-{number}"} for number in range(7 if settings.get("page_cap") == 7 else 0)],
    )
    emulator.set(**settings)
    return converse(emulator)


def unseen_by_nature(settings: Settings) -> set[str]:
    """What the other settings hide."""
    hidden = set()
    if settings.get("terminated_releases") != "stay":
        hidden |= {"release_ended_phase", "release_canceled_phase"}
    if settings.get("traffic_precondition") != "no" and settings.get("release_traffic") != "gray":
        hidden |= {"release_ending_phase", "release_ended_phase"}
    if settings.get("release_traffic") in ("gray", "split") and settings.get("traffic_precondition") != "no":
        hidden |= {"release_canceling_phase", "release_canceled_phase"}
    if settings.get("release_traffic") == "split":
        hidden |= {"terminated_releases"}
    if settings.get("traffic_precondition") == "no":
        hidden |= {"release_traffic"}
    hidden |= (
        {"release_failed_phase"}
        if settings.get("release_creation") != "fails"
        else {"release_phases", "release_update"}
    )
    if settings.get("asm_error_body") == "code_only" and settings.get("traffic_precondition") != "no":
        # A word that is refused for the traffic looks like one without meaning.
        hidden |= {"action_end", "traffic_precondition", "release_traffic"}
    hidden |= {"missing_workspace"} if settings.get("modelarts_error_body") == "empty" else set()
    if settings.get("workspace_limit") == 3:
        hidden |= {"workspace_create_answer", "workspace_put_grants"}
    # That takes two workspaces in one filtered list.
    hidden |= {"workspace_offset", "page_cap"} if settings.get("workspace_name_part") == "exact" else set()
    hidden |= {"workspace_delete_again"} if settings.get("workspace_delete") != "failed" else set()
    return hidden


def expected_of(emulator: Emulator, settings: Settings) -> dict[str, str | None]:
    """What the contract has to say of each switch."""
    hidden = unseen_by_nature(settings)
    values = {switch["name"]: switch["value"] for switch in emulator.behaviors() if switch["name"] not in NOT_TOLD}
    return {name: None if name in hidden else _text(value) for name, value in values.items()}


def _text(value: t.Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def check(emulator: Emulator, tally: t.Any, settings: Settings) -> TaskResult:
    task_result = told_of(emulator, settings)
    expected = expected_of(emulator, settings)
    found = task_result.settings()
    wrong = {name: (found.get(name), value) for name, value in expected.items() if found.get(name) != value}
    tally.add(KIND, len(expected), len(expected) - len(wrong))
    assert wrong == {}, {name: task_result.findings[name]["seen"] for name in wrong if name in task_result.findings}
    for name, value in expected.items():
        one = task_result.findings[name]
        assert one["seen"]
        assert (one["state"] == "could not be looked at") == (value is None), one
    return task_result


def left_in(emulator: Emulator) -> list[str]:
    stores = emulator.stores()
    return [
        record["name"]
        for kind in ("workspaces", "workshops", "releases")
        for record in stores[kind].values()
        if record["name"].startswith("look-")
    ]


@pytest.mark.parametrize("pack", PACKS)
def test_many_settings(emulator: Emulator, tally: t.Any, pack: str) -> None:
    task_result = check(emulator, tally, PACKS[pack])
    assert sorted(one.split(",")[0].split(" ")[1].split("/")[-1] for one in task_result.left) == sorted(
        left_in(emulator)
    )
    undoable = pack == "second" or PACKS[pack].get("release_traffic") == "split"
    assert bool(task_result.left) == undoable, task_result.left


def test_as_assumed(emulator: Emulator, tally: t.Any) -> None:
    """All that is assumed is how the emulator is when nobody says otherwise."""
    task_result = check(emulator, tally, {})
    assert [name for name, one in task_result.findings.items() if one["state"] == "not held"] == []
    assert task_result.left == left_in(emulator) == []


def test_nothing_is_made_in_a_mesh_unasked(emulator: Emulator) -> None:
    emulator.seed(users=[USER], workshops=[{"name": "theirs"}], releases=[{"name": "theirs", "namespace": "default"}])
    before = {kind: emulator.stores()[kind] for kind in ("workshops", "releases")}
    task_result = converse(emulator, workshop={}, release={})
    assert {kind: emulator.stores()[kind] for kind in before} == before
    sent = [call for call in emulator.request_log() if call["method"] != "GET" and call["path"].startswith("/v2/")]
    assert {call["method"] for call in sent} == {"DELETE"} and {call["status"] for call in sent} == {400, 404}
    assert task_result.settings()["workshop_list_shape"] == "bare"
    assert (
        task_result.findings["workshop_delete_key"]["state"]
        == task_result.findings["action_end"]["state"]
        == "could not be looked at"
    )


def test_without_a_mesh(emulator: Emulator) -> None:
    task_result = converse(emulator, mesh_name="nowhere")
    assert task_result.findings["unknown_mesh"]["seen"] == "there is no mesh nowhere"
    assert {one["state"] for one in task_result.findings.values() if one["service"] == "asm"} == {
        "held",
        "could not be looked at",
    }


def test_one_service_alone(emulator: Emulator) -> None:
    converse(emulator, services=["modelarts"])
    assert {call["path"].split("/")[1] for call in emulator.request_log()} == {"v1"}
    emulator.reset()
    task_result = converse(emulator, services=["asm"], workshop={}, release={})
    assert {one["service"] for one in task_result.findings.values()} == {"asm", "gateway"}


def test_forbidden_is_not_taken_for_an_answer(emulator: Emulator) -> None:
    """Whoever may nothing learns nothing, and not that all assumptions are wrong."""
    emulator.seed(users=[{"name": emulator.credentials["username"], "denied": ["asm:*", "modelarts:*"]}])
    task_result = converse(emulator)
    wrong = [one for one in task_result.findings.values() if one["state"] == "not held"]
    assert wrong == []


def every_setting() -> list[tuple[str, t.Any]]:
    return [
        (switch.name, value)
        for switch in ALL
        if switch.name not in NOT_TOLD
        for value in switch.alternatives
        if value != switch.default
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "setting" in metafunc.fixturenames:
        found = every_setting() if metafunc.config.getoption("--whole") else []
        metafunc.parametrize("setting", found, ids=lambda setting: f"{setting[0]}={setting[1]}")


def test_every_setting(emulator: Emulator, tally: t.Any, setting: tuple[str, t.Any]) -> None:
    name, value = setting
    check(emulator, tally, {**NEEDS.get(name, {}), name: value})


def test_packs_have_every_setting(server: Emulator) -> None:
    """So that the representative part is worth its name."""
    packed = {(name, str(value)) for pack in PACKS.values() for name, value in pack.items()}
    assert [setting for setting in every_setting() if (setting[0], str(setting[1])) not in packed] == []
    assert set(NOT_TOLD) <= {switch["name"] for switch in server.behaviors()}
