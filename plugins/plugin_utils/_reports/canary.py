# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""Build the report of a rollout from its record, which has one JSON object in a line for each event."""

from __future__ import annotations

import itertools
import json
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import Report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import Redactor, to_plain

CANARY = "community.huaweicloud.canary/1"
SAMPLE_VERDICTS = ("passed", "failed", "inconclusive")
# The state of a rollout whose record does not end with an outcome.
RUNNING = "running"

Line = t.Dict[str, t.Any]

_NUMBERS = ("step", "weight", "value", "baseline", "min", "max")
_FIELDS = (
    "time",
    "event",
    "release",
    "service",
    "step",
    "stage",
    "weight",
    "metric",
    "value",
    "baseline",
    "min",
    "max",
    "verdict",
    "message",
)
_SAMPLE_FIELDS = ("time", "step", "weight", "value", "baseline", "min", "max", "verdict", "message")
_TOO_LARGE = 1e300
_EVENTS = ("state", "weight", "sample", "decision", "outcome")


def parse_record(text: str) -> list[Line]:
    """Return the lines of a record. Raise ValueError with the number of the first line that is not one.

    A last line without its end is left out: the run was killed while it was written.
    """
    lines = text.split("\n")
    found = []
    for number, line in enumerate(lines[:-1], 1):
        if line.strip():
            found.append(_parse_line(line, number))
    return found


def _parse_line(text: str, number: int) -> Line:
    try:
        line = json.loads(text)
    except (RecursionError, ValueError):
        raise ValueError(f"line {number} of the record is not JSON") from None
    if not isinstance(line, dict):
        raise ValueError(f"line {number} of the record is not a JSON object")
    if line.get("event") not in _EVENTS:
        raise ValueError(f"line {number} of the record has no known event")
    if not isinstance(line.get("time"), str) or parse_moment(line["time"]) is None:
        raise ValueError(f"line {number} of the record has no time")
    for field in _NUMBERS:
        value = line.get(field)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise ValueError(f"line {number} of the record has a text in place of a number: {field}")
    return line


def build_canary_report(lines: t.Sequence[t.Mapping[str, t.Any]], path: str, generated_at: str) -> Report:
    """Return the report of the last rollout in a record.

    Arguments:
        lines: The lines of the record. If they are about several rollouts, only those of the last one are in the report.
        path: The path of the record.
        generated_at: The current time, in the format of RFC 3339.
    """
    cleaned = [_clean_line(line) for line in lines]
    last = cleaned[-1] if cleaned else {"release": None, "service": None}
    of_release = [line for line in cleaned if all(line[field] == last[field] for field in ("release", "service"))]
    events = _select_last_rollout(of_release)
    samples = [line for line in events if line["event"] == "sample"]
    outcome = events[-1] if events and events[-1]["event"] == "outcome" else None
    return {
        "format": CANARY,
        "generated_at": generated_at,
        "record_path": path,
        "release": last["release"],
        "service": last["service"],
        "status": (outcome["verdict"] or outcome["stage"] or RUNNING) if outcome else RUNNING if events else "empty",
        "reason": outcome["message"] if outcome else None,
        "started_at": events[0]["time"] if events else None,
        "ended_at": events[-1]["time"] if events else None,
        "weights": _find_weights(events),
        "steps": _describe_steps(events),
        "metrics": _describe_metrics(samples),
        "counts": _count_verdicts(samples),
        "events": events,
        "redacted": True,
    }


def _select_last_rollout(events: t.Sequence[Line]) -> t.Sequence[Line]:
    """Return the events since the last start of the release. A start after an end begins a new rollout."""
    start, ended = 0, False
    for index, line in enumerate(events):
        if ended and line["stage"] == "pinned":
            start, ended = index, False
        elif line["stage"] == "finished":
            ended = True
    return events[start:]


def _clean_line(line: t.Mapping[str, t.Any]) -> Line:
    """Return the known fields of a line without secrets. Numbers that are not finite become None."""
    redacted = Redactor().redact({field: line.get(field) for field in _FIELDS})
    return {
        field: _clean_number(value) if field in _NUMBERS else _clean_text(value) for field, value in redacted.items()
    }


def _clean_number(value: t.Any) -> float | None:
    # The chart computes differences, which must be finite as well.
    return value if isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < _TOO_LARGE else None


def _clean_text(value: t.Any) -> str | None:
    return None if value is None else str(to_plain(value))


def _find_weights(events: t.Sequence[Line]) -> list[Line]:
    """Return the weights of the gray version in the order in which they came into force, each only once in a row."""
    changes = [line for line in events if line["event"] == "weight" and line["weight"] is not None]
    runs = itertools.groupby(changes, key=lambda line: line["weight"])
    return [{"time": next(run)["time"], "weight": weight} for weight, run in runs]


def _describe_steps(events: t.Sequence[Line]) -> list[Line]:
    """Return one entry for each step, in the order in which they began."""
    numbers = dict.fromkeys(line["step"] for line in events if line["step"] is not None)
    return [_describe_step(number, [line for line in events if line["step"] == number]) for number in numbers]


def _describe_step(number: float, lines: t.Sequence[Line]) -> Line:
    weights = [line["weight"] for line in lines if line["event"] == "weight" and line["weight"] is not None]
    messages = [line["message"] for line in lines if line["event"] in ("decision", "outcome") and line["message"]]
    return {
        "step": number,
        "weight": weights[0] if weights else None,
        "started_at": lines[0]["time"],
        "ended_at": lines[-1]["time"],
        "counts": _count_verdicts([line for line in lines if line["event"] == "sample"]),
        "message": messages[-1] if messages else None,
    }


def _describe_metrics(samples: t.Sequence[Line]) -> list[Line]:
    """Return one entry for each metric, in the order in which they were first evaluated."""
    names = dict.fromkeys(line["metric"] or "" for line in samples)
    found = []
    for name in names:
        own = [line for line in samples if (line["metric"] or "") == name]
        values = [line["value"] for line in own if line["value"] is not None]
        found.append(
            {
                "name": name,
                "counts": _count_verdicts(own),
                "lowest": min(values, default=None),
                "highest": max(values, default=None),
                "latest": own[-1]["value"],
                "min": own[-1]["min"],
                "max": own[-1]["max"],
                "samples": [{field: line[field] for field in _SAMPLE_FIELDS} for line in own],
            }
        )
    return found


def _count_verdicts(samples: t.Sequence[Line]) -> dict[str, int]:
    """Return the number of samples with each verdict. A verdict that is not known counts as inconclusive."""
    counts = dict.fromkeys(SAMPLE_VERDICTS, 0)
    for line in samples:
        counts[line["verdict"] if line["verdict"] in counts else "inconclusive"] += 1
    return counts
