# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a small rollout: 10 % passes, 50 % fails, and the rollback is confirmed."""

from __future__ import annotations

import json
import typing as t

HOSTILE = (
    "</td></svg></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&|`*_{{ 7*7 }}\x00\x1b[31m\u202e ä漢"
)


def event(seconds: int, kind: str, **fields: t.Any) -> dict[str, t.Any]:
    """Return one line of a record, ``seconds`` after noon."""
    line = {
        "time": f"2026-03-01T12:{seconds // 60:02}:{seconds % 60:02}Z",
        "event": kind,
        "release": "reviews-v2",
        "service": "shop/reviews",
        "step": None,
        "stage": "",
        "weight": None,
        "metric": None,
        "value": None,
        "baseline": None,
        "min": None,
        "max": None,
        "verdict": None,
        "message": "",
    }
    return {**line, **fields}


def sample(seconds: int, value: float | None, verdict: str, **fields: t.Any) -> dict[str, t.Any]:
    """Return one sample of the metric ``errors``."""
    base = {"step": 1, "stage": "analyzing", "weight": 10, "metric": "errors", "max": 0.5, "message": verdict}
    return event(seconds, "sample", **{**base, "value": value, "verdict": verdict, **fields})


RECORD = [
    event(0, "state", stage="pinned", message="All traffic goes to the original version."),
    event(0, "weight", stage="pinned", weight=0),
    event(20, "weight", step=1, stage="shifting", weight=10, message="Shift 10 %."),
    sample(40, None, "inconclusive"),
    sample(60, 0.1, "passed", baseline=0.2),
    event(70, "decision", step=1, stage="analyzing", weight=10, message="Step 1 has passed."),
    event(80, "weight", step=2, stage="shifting", weight=50, message="Shift 50 %."),
    sample(100, 0.8, "failed", step=2, weight=50, baseline=0.2),
    event(110, "decision", step=2, stage="rolling_back", weight=50, message="Roll back."),
    event(110, "weight", step=2, stage="rolling_back", weight=0),
    event(
        200, "outcome", step=2, stage="finished", weight=0, verdict="rolled_back", message="The metric errors failed."
    ),
]


def write_record(lines: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Return the lines as the text of a record."""
    return "".join(json.dumps(line) + "\n" for line in lines)
