# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""Render the report of a rollout as HTML and Markdown."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import Line
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.chart import (
    SIZE,
    build_chart,
    format_value,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import Report
from jinja2 import Environment

# The list of samples is open if it has at most this number of lines.
_MAX_OPEN_SAMPLES = 40
# The words and the colors of states and verdicts. Others are shown as they are.
_LABELS = {"rolled_back": "rolled back", "empty": "no events"}
_TONES = {
    "promoted": "calm",
    "finished": "calm",
    "passed": "calm",
    "rolled_back": "bad",
    "failed": "bad",
    "unknown": "bad",
    "waiting": "news",
    "running": "news",
    "held": "warn",
    "inconclusive": "warn",
    "empty": "warn",
}


def render_canary_html(report: Report, environment: Environment) -> str:
    """Return one page without scripts. The environment must escape values."""
    return environment.get_template("canary.html.j2").render(_build_context(report))


def render_canary_markdown(report: Report, environment: Environment) -> str:
    """Return a Markdown document. The template puts all values into code spans."""
    return environment.get_template("canary.md.j2").render(_build_context(report))


def add_filters(environment: Environment) -> None:
    """Add the filters that the templates of rollouts use."""
    environment.filters.update(
        number=_format_number, percent=_format_percent, verdicts=_format_verdicts, clock=_format_clock
    )


def _build_context(report: Report) -> dict[str, t.Any]:
    weights = report["weights"]
    return {
        "headline": _format_headline(report),
        "facts": _list_facts(report),
        "report": report,
        "latest_weight": _format_percent(weights[-1]["weight"]) if weights else "\N{EN DASH}",
        "chart": build_chart(report),
        "size": SIZE,
        "summaries": [_summarize_metric(metric) for metric in report["metrics"]],
        # The panel of the weights has no metric.
        "offset": 1 if weights else 0,
        "has_baseline": any(line["baseline"] is not None for line in report["events"]),
        "decisions": [line for line in report["events"] if line["event"] != "sample"],
        "samples": [line for line in report["events"] if line["event"] == "sample"],
        "max_open": _MAX_OPEN_SAMPLES,
        "labels": _LABELS,
        "tones": _TONES,
    }


def _format_headline(report: Report) -> str:
    status = _LABELS.get(report["status"], report["status"])
    return f"Rollout of {report['release']}: {status}" if report["release"] else f"Rollout: {status}"


def _list_facts(report: Report) -> list[tuple[str, str]]:
    facts = {
        "service": report["service"],
        "from": report["started_at"],
        "to": report["ended_at"],
        "record": report["record_path"],
        "created": report["generated_at"],
    }
    return [(label, value) for label, value in facts.items() if value]


def _summarize_metric(metric: Line) -> str:
    limits = [f"{name} {format_value(metric[name])}" for name in ("min", "max") if metric[name] is not None]
    return ", ".join([f"latest {format_value(metric['latest'])}", *limits, _format_verdicts(metric["counts"])])


def _format_verdicts(counts: t.Mapping[str, int]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def _format_number(value: float | None) -> str:
    return "" if value is None else format_value(value)


def _format_percent(value: float | None) -> str:
    return "" if value is None else f"{format_value(value)} %"


def _format_clock(value: str | None) -> str:
    """Return the time of a day without the date and the fraction of the second."""
    return (value or "").partition("T")[2][:8] or (value or "")
