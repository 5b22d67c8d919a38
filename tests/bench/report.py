# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render the page docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import subprocess
import typing as t
from pathlib import Path

import estimate
from environment import ROOT
from measures import Findings, Line, Point
from remarks import REMARKS

# The highest load before the benchmark at which times are valid
_IDLE_LOAD = 1.0

_HEADER = """<!--
Copyright (c) 2026, community.huaweicloud contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- `make bench` writes this file. Do not edit it. -->

# Benchmarks

This page shows the time, memory and requests of real runs of `ansible-playbook` against the emulator on the same machine. Times are from the start of
a task to its result, without the start of the playbook. Compared tasks alternate in the same play or in rounds. Each ratio is the median of the
ratios of all rounds. Times depend on the machine, ratios hardly do.
"""


def render_page(found: Findings, facts: t.Mapping[str, str], picture: str) -> str:
    """Return the whole page in Markdown."""
    limited = [line for line in found.lines if line.limit is not None]
    informing = [line for line in found.lines if line.limit is None]
    parts = [_HEADER, *[f"- {name}: {text}" for name, text in facts.items()], ""]
    parts += ["## Limits", "", *_limits(limited), ""]
    parts += ["## Details", "", *_remarks(found.lines), ""] if _remarks(found.lines) else []
    if informing:
        parts += ["## Comparison", "", "| measure | measured | details |", "| --- | --- | --- |"]
        parts += [f"| {line.title} | {_value(line)} | {line.details} |" for line in informing] + [""]
    if found.skipped:
        parts += [
            "Not measured: " + "; ".join(f"{skipped.title}: {skipped.why}" for skipped in found.skipped) + ".",
            "",
        ]
    if found.curves:
        parts += [
            "## Growth",
            "",
            f"![Requests, seconds and memory over the number of workspaces]({picture})",
            "",
            *_curves(found.curves),
            "",
        ]
    if found.target_runs:
        parts += estimate.render_runs(found.target_runs)
    return "\n".join(parts).rstrip() + "\n"


def _limits(lines: t.Sequence[Line]) -> list[str]:
    rows = ["| measure | measured | at most | met | details |", "| --- | --- | --- | --- | --- |"]
    for line in lines:
        at_most = f"{line.limit:g} {line.unit}".strip()
        rows.append(
            f"| {line.title} | {_value(line)} | {at_most} | {'yes' if line.is_met else '**no**'} | {line.details} |"
        )
    return rows


def _remarks(lines: t.Sequence[Line]) -> list[str]:
    return [f"- {line.title}: {REMARKS[line.key]}" for line in lines if line.key in REMARKS]


def _value(line: Line) -> str:
    digits = 0 if line.unit in ("requests", "MB") else 3 if line.value < 0.1 else 2
    return f"{line.value:.{digits}f} {line.unit}".strip()


def _curves(curves: t.Mapping[str, t.Sequence[Point]]) -> list[str]:
    rows = ["| `apply` | items | requests | seconds | MB above an empty play |", "| --- | --- | --- | --- | --- |"]
    for name, points in curves.items():
        words = "nothing to change" if name == "unchanged" else "all created"
        rows += [
            f"| {words} | {point.size:,} | {point.requests:,.0f} | {point.seconds:.2f} | {point.memory:.0f} |"
            for point in points
        ]
    return rows


def describe_environment(command: str, rounds: int, load: tuple[float, ...]) -> dict[str, str]:
    """Machine, versions and date."""
    packages = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("ansible-core", "requests", "jsonschema")
    )
    busy = " **The machine was busy with other work, so the times are too high.**" if load[0] > _IDLE_LOAD else ""
    return {
        "Command": f"`{command}`, {rounds} rounds",
        "Date": f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}",
        "Commit": _commit(),
        "Machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()} {platform.release().partition('-')[0]}",
        "Versions": f"Python {platform.python_version()}, {packages}",
        "Load": f"{load[0]:.1f} before, {os.getloadavg()[0]:.1f} at the end (average over a minute; the benchmark alone makes about 1.5).{busy}",
    }


def _commit() -> str:
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
