# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook contract: a table that is true, nothing left behind, and nothing sent where it may not be.

That each setting of each switch is told is shown in tests/robustness/contract.
"""

from __future__ import annotations

import json
import re
import stat
import typing as t

import pytest
from harness import Emulator, Player, Run
from trial import RELEASE, WORKSHOP

PLAYBOOK = "community.huaweicloud.contract"
QUICK = {"contract_interval": 0, "contract_tries": 8}
SETTINGS = {
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


def table_of(run: Run) -> list[str]:
    return run["Show what holds"].result["msg"]


def found_in(run: Run) -> dict[str, dict[str, t.Any]]:
    findings = run["Set the results as facts"].result["ansible_facts"]["contract_findings"]
    return {one["name"]: one for one in findings}


def ours_in(emulator: Emulator) -> list[str]:
    stores = emulator.stores()
    return [
        record["name"]
        for kind in ("workspaces", "workshops", "releases")
        for record in stores[kind].values()
        if record["name"].startswith("itest")
    ]


class TestOtherSettings:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        emulator = shared_play.emulator
        emulator.set(**SETTINGS)
        emulator.seed(users=["alice"])
        variables = {**QUICK, "contract_prefix": "itest", "contract_workshop": WORKSHOP, "contract_release": RELEASE}
        return shared_play.run(
            PLAYBOOK, variables={**variables, "contract_report": str(shared_play.folder / "contract.json")}
        )

    def test_each_is_told(self, run: Run) -> None:
        found = found_in(run)
        assert {name: found[name]["setting"] for name in SETTINGS} == SETTINGS
        assert {name: found[name]["state"] for name in SETTINGS} == dict.fromkeys(SETTINGS, "not held")
        others = {one["state"] for name, one in found.items() if name not in SETTINGS and one["service"] != "gateway"}
        assert others == {"held", "could not be looked at"}

    def test_the_table_is_in_columns(self, run: Run) -> None:
        header, *rows, total = table_of(run)
        starts = [match.start() for match in re.finditer(r"\S+", header)]
        found = found_in(run)
        assert [row[starts[1] :].split()[0] for row in rows] == list(found)
        for row, one in zip(rows, found.values()):
            cells = [row[start:end].strip() for start, end in zip(starts, [*starts[1:], None])]
            assert cells == [
                one["service"],
                one["name"],
                one["state"],
                one["expected"],
                one["setting"] or "-",
                one["seen"],
            ]
            assert all(row[start - 1] == " " for start in starts[1:])
        states = [one["state"] for one in found.values()]
        words = [f"{state}: {states.count(state)}" for state in ("held", "not held", "could not be looked at")]
        assert total.split(maxsplit=2)[2] == ", ".join(words)

    def test_the_report_is_a_file(self, run: Run, shared_play: Player) -> None:
        path = shared_play.folder / "contract.json"
        report = json.loads(path.read_text(encoding="utf-8"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert report["format"] == "community.huaweicloud.contract/1"
        assert re.fullmatch(r"itest-[0-9a-f]{8}", report["run"])
        assert {one["name"]: one for one in report["findings"]} == found_in(run)
        assert sum(report["counts"].values()) == len(report["findings"])
        assert report["left"] == []

    def test_nothing_is_left(self, run: Run, server: Emulator) -> None:
        assert ours_in(server) == []
        made = {
            call["body"].get("name") or call["body"]["metadata"]["name"]
            for call in server.request_log()
            if call["method"] == "POST"
        }
        assert made and all(
            name.startswith(run["Give the run a name"].result["ansible_facts"]["contract_run"], len("itest-"))
            for name in made
        )

    def test_no_secret_shows(self, run: Run, server: Emulator, shared_play: Player) -> None:
        text = (
            run.output
            + json.dumps([record.result for record in run.records])
            + (shared_play.folder / "contract.json").read_text()
        )
        assert server.credentials["secret_key"] not in text


def test_with_a_token_and_a_wish_to_fail(emulator: Emulator, play: Player) -> None:
    """With a password each task gets a token of its own, and what is said of signed calls can not be seen."""
    emulator.set(quota_zero="accept", project_header="required")
    emulator.seed(users=["alice"])
    known = emulator.credentials
    login = {
        "username": known["username"],
        "password": known["password"],
        "domain_name": known["domain_name"],
        "project_id": known["project_id"],
    }
    addresses = {"asm_endpoint": emulator.url, "modelarts_endpoint": emulator.url, "auth_url": emulator.url}
    variables = {
        **QUICK,
        "huaweicloud_connection": {**login, **addresses},
        "contract_services": ["modelarts"],
        "contract_fail_on_difference": True,
    }
    run = play.run(
        PLAYBOOK, variables=variables, environment={"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None}, fails=True
    )
    assert (
        run["See that everything is as assumed"].msg
        == "These do not hold: quota_zero (contract_fail_on_difference is set)."
    )
    found = found_in(run)
    assert (found["project_header"]["state"], found["project_header"]["seen"]) == (
        "could not be looked at",
        "calls go out with a token",
    )
    assert {one["service"] for one in found.values()} == {"modelarts", "gateway"}
    assert {call["auth"] for call in emulator.request_log() if call["path"] != "/v3/auth/tokens"} == {"token"}
    assert login["password"] not in run.output + json.dumps([record.result for record in run.records])


def test_what_breaks_off_is_cleaned_up(emulator: Emulator, play: Player) -> None:
    """The answer to a creation is lost: it is not sent again, and what it made is removed."""
    emulator.fault("response_dropped", "POST", "/workspaces$", skip=2)
    run = play.run(PLAYBOOK, variables={**QUICK, "contract_services": ["modelarts"]}, fails=True)
    posts = [call for call in emulator.request_log() if call["method"] == "POST"]
    # The whole batch goes out, and each of it once.
    assert len(posts) == len({call["body"]["name"] for call in posts}) + 1
    assert [record["name"] for record in emulator.stores()["workspaces"].values()] == ["default"]
    assert found_in(run)["missing_workspace"]["state"] == "held"
    assert found_in(run)["workspace_delete"]["seen"] == "it did not get so far"


def test_trouble_while_it_cleans_up(emulator: Emulator, play: Player) -> None:
    """An answer that is lost and a list that is refused end neither the removal nor the report."""
    emulator.fault("reset", "DELETE", "/workspaces/", skip=1)
    emulator.fault("status", "GET", "/workspaces$", skip=8, status=500)
    report = play.folder / "contract.json"
    run = play.run(PLAYBOOK, variables={**QUICK, "contract_services": ["modelarts"], "contract_report": str(report)})
    assert emulator.pending_faults() == []
    assert [record["name"] for record in emulator.stores()["workspaces"].values()] == ["default"]
    assert json.loads(report.read_text(encoding="utf-8"))["left"] == []
    assert run["Name what is left"].status == "skipped"


def test_what_is_left_has_the_run_fail(emulator: Emulator, play: Player) -> None:
    """The report is written first."""
    emulator.fault("status", "DELETE", "/workspaces/", status=403, times=100)
    report = play.folder / "contract.json"
    run = play.run(
        PLAYBOOK, variables={**QUICK, "contract_services": ["modelarts"], "contract_report": str(report)}, fails=True
    )
    left = json.loads(report.read_text(encoding="utf-8"))["left"]
    kept = [record["name"] for record in emulator.stores()["workspaces"].values() if record["name"] != "default"]
    assert sorted(left) == sorted(f"workspace {name}, which is NORMAL" for name in kept) and kept
    assert run["Name what is left"].msg == f"To be removed by hand: {'; '.join(left)}"
    assert len(table_of(run)) > 20


def test_a_report_that_can_not_be_written_hides_nothing(emulator: Emulator, play: Player) -> None:
    emulator.fault("status", "DELETE", "/workspaces/", status=403, times=100)
    variables = {
        **QUICK,
        "contract_services": ["modelarts"],
        "contract_report": str(play.folder / "no" / "such" / "contract.json"),
    }
    run = play.run(PLAYBOOK, variables=variables, fails=True)
    assert run["Name what is left"].msg.startswith("To be removed by hand: workspace contract-")


@pytest.mark.parametrize(
    ("name", "said"),
    [("0a1b2c3d", "contract_run can not be set"), ("mine", "the name of the run must be eight hexadecimal digits")],
)
def test_the_name_of_the_run_can_not_be_set(emulator: Emulator, play: Player, name: str, said: str) -> None:
    run = play.run(PLAYBOOK, variables={**QUICK, "contract_run": name}, fails=True)
    assert any(said in str(record.msg) for record in run.records if record.failed)
    assert emulator.request_log() == []


def test_check_mode_is_refused(emulator: Emulator, play: Player) -> None:
    run = play.run(PLAYBOOK, variables=QUICK, check=True, fails=True)
    assert run["See that it may look"].msg.startswith(
        "The contract can not be looked at in check mode, and nothing was sent"
    )
    assert emulator.request_log() == []


def test_options_are_checked_first(emulator: Emulator, play: Player) -> None:
    wrong = {
        "contract_prefix": "Shop!",
        "contract_services": ["iam"],
        "contract_workshop": {"elb_id": "elb-1", "size": 3},
        "contract_release": {**RELEASE, "template": "Deployment"},
        "contract_end_actions": [""],
    }
    run = play.run(PLAYBOOK, variables=wrong, fails=True)
    said = run["Check the options"].msg
    for part in (
        "Nothing was sent: contract_prefix must be 3 to 32 lower-case letters, digits and hyphens, and begin with a letter",
        "contract_services must be a list of modelarts and asm, not iam",
        "contract_end_actions must be a list of words",
        "contract_workshop lacks primary_cluster, elb_ip, port",
        "contract_workshop has size, which is unknown",
        "contract_release.template must be a Deployment, as a mapping",
    ):
        assert part in said
    assert emulator.request_log() == []


def test_types_are_checked_first(emulator: Emulator, play: Player) -> None:
    wrong = {
        "contract_prefix": ["shop"],
        "contract_services": "asm",
        "contract_workshop": "elb-1",
        "contract_release": ["reviews"],
        "contract_cancel_actions": {"cancel": 1},
        "contract_report": {"path": "contract.json"},
        "contract_mode": "rw",
        "contract_tries": 0,
    }
    run = play.run(PLAYBOOK, variables=wrong, fails=True)
    assert run["Validate the variables"].msg == (
        "Nothing was sent. contract_prefix must be text, it is a list; contract_services must be a list, it is text; "
        "contract_workshop must be a mapping, it is text; contract_release must be a mapping, it is a list; "
        "contract_cancel_actions must be a list, it is a mapping; contract_report must be text, it is a mapping; "
        "contract_mode must be a file mode, for example '0640' or u=rw,g=r; contract_tries must be greater than 0."
    )
    assert emulator.request_log() == []
