# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook probe: its table and report, the cleanup, and the validation of its variables.

tests/robustness/probe tests that each behavior of the emulator is found.
"""

from __future__ import annotations

import json
import re
import stat
import typing as t

import pytest
from harness import COLLECTION, Emulator, Player, Record, Run
from trial import RELEASE, WORKSHOP

PLAYBOOK = f"{COLLECTION}.probe"
FAST = {"probe_interval": 0, "probe_tries": 8}
MODELARTS = {**FAST, "probe_services": ["modelarts"]}
BEHAVIORS = {
    "workspace_offset": "page",
    "auth_type_readback": "upper",
    "workspace_delete": "immediate",
    "workshop_list_shape": "items_unwrapped",
    "workshop_delete_key": "uid",
    "action_end": "finish",
    "action_cancel": "terminate",
    "release_traffic": "gray",
    "terminated_releases": "stay",
    "asm_error_body": "snake_case",
}


def get_result(run: Run) -> dict[str, t.Any]:
    return run["Probe the services"].result


def get_table(run: Run) -> list[str]:
    return run["Print the assumptions"].result["msg"]


def get_findings(run: Run) -> dict[str, dict[str, t.Any]]:
    facts = run["Set the results as facts"].result["ansible_facts"]
    return {entry["name"]: entry for entry in facts["probe_findings"]}


def list_created(emulator: Emulator, prefix: str) -> list[str]:
    stores = emulator.stores()
    return [
        record["name"]
        for kind in ("workspaces", "workshops", "releases")
        for record in stores[kind].values()
        if record["name"].startswith(prefix)
    ]


def get_failed(run: Run) -> Record:
    (record,) = [record for record in run.records if record.failed]
    return record


class TestOtherBehaviors:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        emulator = shared_play.emulator
        emulator.set(**BEHAVIORS)
        emulator.seed(users=["alice"])
        variables = {**FAST, "probe_prefix": "itest", "probe_workshop": WORKSHOP, "probe_release": RELEASE}
        return shared_play.run(
            PLAYBOOK, variables={**variables, "probe_report": str(shared_play.directory / "probe.json")}
        )

    def test_each_behavior_is_found(self, run: Run) -> None:
        findings = get_findings(run)
        assert {name: findings[name]["found"] for name in BEHAVIORS} == BEHAVIORS
        assert {name: findings[name]["state"] for name in BEHAVIORS} == dict.fromkeys(BEHAVIORS, "refuted")
        others = {
            entry["state"]
            for name, entry in findings.items()
            if name not in BEHAVIORS and entry["service"] != "gateway"
        }
        assert others == {"confirmed", "inconclusive"}

    def test_table_has_aligned_columns(self, run: Run) -> None:
        header, *rows, total = get_table(run)
        starts = [match.start() for match in re.finditer(r"\S+", header)]
        findings = get_findings(run)
        assert [row[starts[1] :].split()[0] for row in rows] == list(findings)
        for row, entry in zip(rows, findings.values()):
            cells = [row[start:end].strip() for start, end in zip(starts, [*starts[1:], None])]
            columns = ("service", "name", "state", "assumed", "found", "evidence")
            assert cells == [entry[column] if entry[column] is not None else "-" for column in columns]
            assert all(row[start - 1] == " " for start in starts[1:])
        states = [entry["state"] for entry in findings.values()]
        counts = [f"{state}: {states.count(state)}" for state in ("confirmed", "refuted", "inconclusive")]
        assert total.split(maxsplit=1)[1] == ", ".join(counts)

    def test_report_is_a_private_file(self, run: Run, shared_play: Player) -> None:
        path = shared_play.directory / "probe.json"
        report = json.loads(path.read_text(encoding="utf-8"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert report["format"] == "community.huaweicloud.probe/1"
        assert re.fullmatch(r"itest-[0-9a-f]{8}", report["name_prefix"])
        assert {entry["name"]: entry for entry in report["assumptions"]} == get_findings(run)
        assert sum(report["counts"].values()) == len(report["assumptions"])
        assert report["leftovers"] == []

    def test_created_resources_are_deleted(self, run: Run, server: Emulator) -> None:
        assert list_created(server, "itest") == []
        names = {
            call["body"].get("name") or call["body"]["metadata"]["name"]
            for call in server.request_log()
            if call["method"] == "POST"
        }
        assert names and all(name.startswith(f"{get_result(run)['name_prefix']}-") for name in names)

    def test_secrets_do_not_appear(self, run: Run, server: Emulator, shared_play: Player) -> None:
        report = (shared_play.directory / "probe.json").read_text(encoding="utf-8")
        text = run.output + json.dumps([record.result for record in run.records]) + report
        assert server.credentials["secret_key"] not in text


def test_password_makes_findings_about_signatures_inconclusive(emulator: Emulator, play: Player) -> None:
    emulator.set(quota_zero="accept", project_header="required")
    emulator.seed(users=["alice"])
    known = emulator.credentials
    login = {name: known[name] for name in ("username", "password", "domain_name", "project_id")}
    addresses = {"asm_endpoint": emulator.url, "modelarts_endpoint": emulator.url, "auth_url": emulator.url}
    variables = {
        **MODELARTS,
        "huaweicloud_connection": {**login, **addresses},
        "probe_fail_on_difference": True,
    }
    run = play.run(
        PLAYBOOK, variables=variables, environment={"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None}, fails=True
    )
    assert get_failed(run).msg == "These assumptions are refuted: quota_zero (fail_on_difference)."
    findings = get_findings(run)
    assert findings["project_header"]["state"] == "inconclusive"
    assert findings["project_header"]["evidence"] == "requests are sent with a token"
    assert {entry["service"] for entry in findings.values()} == {"modelarts", "gateway"}
    assert {call["auth_method"] for call in emulator.request_log() if call["path"] != "/v3/auth/tokens"} == {"token"}
    assert login["password"] not in run.output + json.dumps([record.result for record in run.records])


def test_lost_create_response_is_cleaned_up(emulator: Emulator, play: Player) -> None:
    """The create request is not sent again, and the workspace that it created is deleted."""
    emulator.fault("response_dropped", "POST", "/workspaces$", skip=2)
    run = play.run(PLAYBOOK, variables=MODELARTS, fails=True)
    assert get_failed(run).result["error"]["kind"] == "transport"
    creations = [call for call in emulator.request_log() if call["method"] == "POST"]
    # One name is sent twice on purpose.
    assert len(creations) == len({call["body"]["name"] for call in creations}) + 1
    assert [record["name"] for record in emulator.stores()["workspaces"].values()] == ["default"]
    assert get_findings(run)["missing_workspace"]["state"] == "confirmed"
    assert get_findings(run)["workspace_delete"]["evidence"] == "the probe did not get this far"


def test_cleanup_survives_faults(emulator: Emulator, play: Player) -> None:
    """A lost response and a refused list end neither the cleanup nor the report."""
    emulator.fault("reset", "DELETE", "/workspaces/", skip=1)
    emulator.fault("status", "GET", "/workspaces$", skip=8, status=500)
    report = play.directory / "probe.json"
    run = play.run(PLAYBOOK, variables={**MODELARTS, "probe_report": str(report)})
    assert emulator.pending_faults() == []
    assert [record["name"] for record in emulator.stores()["workspaces"].values()] == ["default"]
    assert json.loads(report.read_text(encoding="utf-8"))["leftovers"] == get_result(run)["leftovers"] == []


def test_leftovers_fail_the_playbook_after_the_report(emulator: Emulator, play: Player) -> None:
    emulator.fault("status", "DELETE", "/workspaces/", status=403, times=100)
    report = play.directory / "probe.json"
    run = play.run(PLAYBOOK, variables={**MODELARTS, "probe_report": str(report)}, fails=True)
    leftovers = json.loads(report.read_text(encoding="utf-8"))["leftovers"]
    names = list_created(emulator, "probe-")
    assert sorted(leftovers) == sorted(f"workspace {name} (status NORMAL)" for name in names) and names
    assert get_failed(run).msg == f"Failed to delete resources: {'; '.join(leftovers)}. Delete them by hand."
    assert len(get_table(run)) > 20


def test_leftovers_appear_if_report_cannot_be_written(emulator: Emulator, play: Player) -> None:
    emulator.fault("status", "DELETE", "/workspaces/", status=403, times=100)
    path = play.directory / "no" / "such" / "probe.json"
    run = play.run(PLAYBOOK, variables={**MODELARTS, "probe_report": str(path)}, fails=True)
    assert get_result(run)["msg"].startswith("Failed to delete resources: workspace probe-")
    assert run["Write the report"].failed


def test_check_mode_only_reads(emulator: Emulator, play: Player) -> None:
    emulator.seed(users=["alice"])
    run = play.run(PLAYBOOK, variables={**FAST, "probe_workshop": WORKSHOP, "probe_release": RELEASE}, check=True)
    assert {call["method"] for call in emulator.request_log()} == {"GET"}
    assert get_result(run)["changed"] is True
    findings = get_findings(run)
    assert findings["workspace_list_shape"]["state"] == findings["mesh_list_shape"]["state"] == "confirmed"
    assert {entry["state"] for entry in findings.values()} == {"confirmed", "inconclusive"}


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (
            "probe_prefix",
            "Shop!",
            "prefix must be 3 to 32 lower-case letters, digits and hyphens, and begin with a letter",
        ),
        ("probe_services", ["iam"], "value of services must be one or more of: modelarts, asm. Got no match for: iam"),
        ("probe_end_actions", [""], "end_actions must be a list of words that are not empty"),
        (
            "probe_workshop",
            {"elb_id": "elb-1"},
            "missing required arguments: elb_ip, port, primary_cluster found in workshop",
        ),
        ("probe_workshop", {**WORKSHOP, "size": 3}, "Unsupported parameters for (community.huaweicloud.service_probe)"),
        (
            "probe_release",
            {**RELEASE, "template": {"kind": "Deployment"}},
            "release.template must be a Deployment with a container, as a mapping",
        ),
    ],
)
def test_invalid_values_are_refused(
    emulator: Emulator, play: Player, variable: str, value: t.Any, message: str
) -> None:
    run = play.run(PLAYBOOK, variables={**FAST, variable: value}, fails=True)
    assert get_failed(run).msg.startswith(message)
    assert emulator.request_log() == []


def test_wrong_types_are_refused_at_once(emulator: Emulator, play: Player) -> None:
    wrong = {
        "probe_prefix": ["shop"],
        "probe_services": "asm",
        "probe_workshop": "elb-1",
        "probe_release": ["reviews"],
        "probe_cancel_actions": {"cancel": 1},
        "probe_report": {"path": "probe.json"},
        "probe_mode": "rw",
        "probe_tries": 0,
    }
    run = play.run(PLAYBOOK, variables=wrong, fails=True)
    assert run["Validate the variables"].msg == (
        "Nothing was sent. probe_prefix must be text, it is a list; probe_services must be a list, it is text; "
        "probe_workshop must be a mapping, it is text; probe_release must be a mapping, it is a list; "
        "probe_cancel_actions must be a list, it is a mapping; probe_report must be text, it is a mapping; "
        "probe_mode must be a file mode, for example '0640' or u=rw,g=r; probe_tries must be greater than 0."
    )
    assert emulator.request_log() == []
