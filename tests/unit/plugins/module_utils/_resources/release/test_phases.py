# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import (
    ACTIVE,
    DONE,
    ENDING,
    FAILED,
    Phases,
)
from simulated_cloud import observed

UP, OVER, LOST, OPEN = (True, False, False), (False, True, False), (False, False, True), (False, False, False)


DEFAULT = Phases()


def judged(status, phases=DEFAULT):
    return phases.is_up(status), phases.is_done(status), phases.is_failed(status)


@pytest.mark.parametrize("word", ACTIVE)
@pytest.mark.parametrize("spelled", [str.lower, str.upper, " {} ".format])
def test_active(word, spelled):
    assert judged({"phase": spelled(word)}) == UP


@pytest.mark.parametrize("word", DONE)
@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_done(word, spelled):
    assert judged({"phase": spelled(word), "grayDeployments": [observed("x")]}) == OVER


@pytest.mark.parametrize("word", ENDING)
@pytest.mark.parametrize("spelled", [str.lower, str.upper, " {} ".format])
def test_ending(word, spelled):
    status = {"phase": spelled(word), "grayDeployments": [observed("x")]}
    assert (DEFAULT.is_terminating(status), judged(status)) == (True, OPEN)


@pytest.mark.parametrize("word", ["", None, *ACTIVE, *DONE, *FAILED, "Pending"])
def test_not_ending(word):
    assert DEFAULT.is_terminating({"phase": word}) is False


@pytest.mark.parametrize("word", [*FAILED, "CreateFailed", "rolloutERROR", "failed"])
def test_failed(word):
    assert judged({"phase": word, "grayDeployments": [observed("x")]}) == LOST


@pytest.mark.parametrize("word", ["", None, "   "])
def test_no_phase(word):
    assert judged({"phase": word, "grayDeployments": [observed("x")]}) == OPEN
    assert judged({}) == OPEN


@pytest.mark.parametrize(
    ("status", "up"),
    [
        ({"grayDeployments": [observed("a", 1, 1)]}, True),
        ({"grayDeployments": [observed("a", 1, 2)]}, False),
        ({"grayDeployments": [observed("a", 3, 2)]}, True),
        ({"grayDeployments": [observed("a"), observed("b", 0, 1)]}, False),
        ({"grayDeployments": [observed("a")], "deployment": observed("old", 0, 1)}, False),
        ({"grayDeployments": [observed("a")], "deployment": observed("old", 2, 2)}, True),
        ({"grayDeployments": [observed("a")], "deployment": None}, True),
        ({"grayDeployments": [], "deployment": observed("old")}, False),
        ({"grayDeployments": None}, False),
        ({"grayDeployments": [{"spec": {"replicas": 0}}]}, True),
        ({"grayDeployments": [{"status": {"availableReplicas": 1}}]}, True),
        ({"grayDeployments": [{"spec": None, "status": None}]}, False),
    ],
)
def test_unknown_phase_is_ready_by_availability(status, up):
    assert judged(dict(status, phase="Rolling")) == (up, False, False)


def test_known_phase_is_not_ready_by_availability():
    available = {"grayDeployments": [observed("a")]}
    assert judged(dict(available, phase="Ended")) == OVER
    assert judged(dict(available, phase="Error")) == LOST


def test_phases_of_the_user():
    phases = Phases(["Blau"], ["Aus", ""], ["kaputt"])
    assert judged({"phase": "BLAU"}, phases) == UP
    assert judged({"phase": "aus"}, phases) == OVER
    assert judged({"phase": "ganzKaputt"}, phases) == LOST
    assert judged({"phase": "Running"}, phases) == OPEN
    assert judged({"phase": "Failed"}, Phases(failed=[])) == OPEN


def test_active_or_done_phase_is_not_ending():
    assert Phases(active=["ending"]).is_terminating({"phase": "Ending"}) is False
    assert Phases(done=["ending"]).is_terminating({"phase": "Ending"}) is False
    assert judged({"phase": "EndingError"}, Phases(ending=["EndingError"])) == OPEN


def test_active_or_done_phase_is_not_failed():
    assert judged({"phase": "NeverFailed"}, Phases(active=["NeverFailed"])) == UP
    assert judged({"phase": "NeverFailed"}, Phases(done=["NeverFailed"])) == OVER


@pytest.mark.parametrize(
    ("phase", "end_state"),
    [
        ("finished", "promoted"),
        ("PROMOTING", "promoted"),
        ("Cancelled", "canceled"),
        (" rollingback ", "canceled"),
        ("Ended", None),
        ("Terminating", None),
        ("Running", None),
        ("Unknown", None),
        (None, None),
    ],
)
def test_end_state_by_phase(phase, end_state):
    assert DEFAULT.end_state({"phase": phase}) == end_state


def test_end_state_needs_a_phase_of_an_end():
    assert Phases(promoted=["Running"]).end_state({"phase": "Running"}) is None
    assert Phases(active=["Promoting"]).end_state({"phase": "Promoting"}) is None
    assert Phases(done=["Closed"], promoted=["closed"]).end_state({"phase": "Closed"}) == "promoted"
    assert Phases(done=["Closed"], promoted=["closed"], canceled=["CLOSED"]).end_state({"phase": "Closed"}) is None
