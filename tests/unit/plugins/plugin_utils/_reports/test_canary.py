# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import (
    build_canary_report,
    parse_record,
)
from example_record import RECORD, event, sample, write_record

NOW = "2026-03-01T13:00:00Z"
PASSED = {"passed": 1, "failed": 0, "inconclusive": 1}


def build(lines):
    return build_canary_report(parse_record(write_record(lines)), "canary.jsonl", NOW)


def test_report_of_a_rollout():
    report = build(RECORD)
    fields = ("time", "step", "weight", "value", "baseline", "min", "max", "verdict", "message")
    assert report.pop("events") == RECORD
    assert report == {
        "format": "community.huaweicloud.canary/1",
        "generated_at": NOW,
        "record_path": "canary.jsonl",
        "release": "reviews-v2",
        "service": "shop/reviews",
        "status": "rolled_back",
        "reason": "The metric errors failed.",
        "started_at": "2026-03-01T12:00:00Z",
        "ended_at": "2026-03-01T12:03:20Z",
        "weights": [
            {"time": "2026-03-01T12:00:00Z", "weight": 0},
            {"time": "2026-03-01T12:00:20Z", "weight": 10},
            {"time": "2026-03-01T12:01:20Z", "weight": 50},
            {"time": "2026-03-01T12:01:50Z", "weight": 0},
        ],
        "steps": [
            {
                "step": 1,
                "weight": 10,
                "started_at": "2026-03-01T12:00:20Z",
                "ended_at": "2026-03-01T12:01:10Z",
                "counts": PASSED,
                "message": "Step 1 has passed.",
            },
            {
                "step": 2,
                "weight": 50,
                "started_at": "2026-03-01T12:01:20Z",
                "ended_at": "2026-03-01T12:03:20Z",
                "counts": {"passed": 0, "failed": 1, "inconclusive": 0},
                "message": "The metric errors failed.",
            },
        ],
        "metrics": [
            {
                "name": "errors",
                "counts": {"passed": 1, "failed": 1, "inconclusive": 1},
                "lowest": 0.1,
                "highest": 0.8,
                "latest": 0.8,
                "min": None,
                "max": 0.5,
                "samples": [{field: RECORD[index][field] for field in fields} for index in (3, 4, 7)],
            }
        ],
        "counts": {"passed": 1, "failed": 1, "inconclusive": 1},
        "redacted": True,
    }


def test_empty_record():
    assert build([]) == {
        "format": "community.huaweicloud.canary/1",
        "generated_at": NOW,
        "record_path": "canary.jsonl",
        "release": None,
        "service": None,
        "status": "empty",
        "reason": None,
        "started_at": None,
        "ended_at": None,
        "weights": [],
        "steps": [],
        "metrics": [],
        "counts": {"passed": 0, "failed": 0, "inconclusive": 0},
        "events": [],
        "redacted": True,
    }


def test_rollout_without_an_outcome_is_running():
    assert build(RECORD[:-1])["status"] == "running"
    waiting = event(300, "outcome", verdict="waiting", message="Step 2 waits for approval.")
    assert build([*RECORD[:6], waiting])["status"] == "waiting"
    # A later run has continued, and was killed.
    assert build([*RECORD[:6], waiting, event(400, "state")])["status"] == "running"


def test_only_the_last_release_of_a_record():
    later = [
        event(300, "weight", weight=10, step=1, release="reviews-v3"),
        sample(310, 5, "passed", release="reviews-v3"),
    ]
    report = build([*RECORD, *later])
    assert report["events"] == later
    assert (report["release"], report["counts"]["failed"]) == ("reviews-v3", 0)


def test_only_the_last_rollout_of_a_release_that_starts_again():
    again = event(250, "outcome", step=2, stage="finished", weight=0, verdict="rolled_back", message="As before.")
    restart = [event(300, "state", stage="pinned"), event(320, "weight", step=1, stage="shifting", weight=10)]
    report = build([*RECORD, again, *restart])
    assert (report["started_at"], report["events"], report["status"]) == (
        restart[0]["time"],
        build(restart)["events"],
        "running",
    )
    assert build([*RECORD, again])["started_at"] == RECORD[0]["time"]


def test_equal_weights_in_a_row_are_one():
    weights = [event(10 * index, "weight", weight=weight) for index, weight in enumerate((0, 10, 10, None, 10, 0))]
    assert [change["weight"] for change in build(weights)["weights"]] == [0, 10, 0]


def test_numbers_that_are_not_finite_are_unknown():
    lines = [sample(10, float("nan"), "inconclusive"), sample(20, float("inf"), "failed", max=1e301)]
    report = build(lines)
    assert [line["value"] for line in report["events"]] == [None, None]
    assert (report["metrics"][0]["lowest"], report["metrics"][0]["latest"], report["metrics"][0]["max"]) == (
        None,
        None,
        None,
    )
    json.dumps(report, allow_nan=False)


def test_unknown_verdict_counts_as_inconclusive():
    assert build([sample(10, 1, "skipped"), sample(20, 1, None)])["counts"]["inconclusive"] == 2


def test_only_known_fields_are_in_the_report():
    (line,) = build([{**sample(10, 1, "passed"), "token": "CANARY", "labels": {"password": "CANARY"}}])["events"]
    assert line == sample(10, 1, "passed")


def test_last_line_that_is_not_complete_is_ignored():
    text = write_record(RECORD)
    assert parse_record(text + '{"time": "2026-03-01T12:0') == RECORD
    assert parse_record(text + "\n") == RECORD
    assert parse_record("") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2 of the record is not JSON"),
        ("[" * 100_000, "line 2 of the record is not JSON"),
        ("[]", "line 2 of the record is not a JSON object"),
        ("{}", "line 2 of the record has no known event"),
        (json.dumps(event(1, "note")), "line 2 of the record has no known event"),
        (json.dumps(event(1, "state", time="now")), "line 2 of the record has no time"),
        (json.dumps(event(1, "state", time=5)), "line 2 of the record has no time"),
        (json.dumps(event(1, "state", weight="ten")), "line 2 of the record has a text in place of a number: weight"),
        (json.dumps(event(1, "state", value=True)), "line 2 of the record has a text in place of a number: value"),
    ],
)
def test_text_that_is_not_a_record(line, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        parse_record(f"{json.dumps(RECORD[0])}\n{line}\n")
