# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Estimate runs with more targets and machines than were measured, and render the page docs/scaling.md."""

from __future__ import annotations

import dataclasses
import typing as t

from targets import CHANGED_SHARE, RESOURCES, TargetRun

TARGETS, NODES = 10_000, 20
# The default of API Gateway for each API. The limits of ASM and ModelArts are not published.
GATEWAY_LIMIT = 200

_HEADER = """<!--
Copyright (c) 2026, community.huaweicloud contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- `make bench` writes this file. Do not edit it. -->

# Many targets

This page shows the time, memory and requests of the playbook `site` with many targets, and estimates them for a cluster of execution nodes. A target is an
inventory host with its own project and desired-state file. The first table is measured, everything below it is computed from these numbers.
"""

_CONTRADICTION = [
    "An estimate is not possible, because the measured runs contradict each other: they are not on a line with a start and a growth of 0 or more. Measure",
    "again on an idle machine.",
]


@dataclasses.dataclass(frozen=True)
class Growth:
    """Seconds and MB as linear functions of the number of targets."""

    start: float
    per_target: float
    base_memory: float
    memory_per_target: float

    def seconds(self, targets: float) -> float:
        return self.start + self.per_target * targets

    def memory(self, targets: float) -> float:
        return self.base_memory + self.memory_per_target * targets

    def contradicts(self, runs: t.Iterable[TargetRun]) -> bool:
        """Return whether a part of the line is negative, or larger than one of the runs. Nothing can be computed from such a line."""
        return min(dataclasses.astuple(self)) < 0 or any(run.seconds < self.start for run in runs)


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A run of all targets in slices, one on each node. ``limited_seconds`` is the time that the rate limit requires at least."""

    targets_per_node: float
    requests: float
    seconds: float
    requests_per_second: float
    limited_seconds: float
    memory: float
    cpu_seconds: float

    @property
    def duration(self) -> float:
        return max(self.seconds, self.limited_seconds)


def fit(few: TargetRun, many: TargetRun) -> Growth:
    """Return the line through two runs with different numbers of targets and the same forks."""
    difference = many.targets - few.targets
    per_target = (many.seconds - few.seconds) / difference
    memory_per_target = (many.memory - few.memory) / difference
    return Growth(
        many.seconds - per_target * many.targets,
        per_target,
        many.memory - memory_per_target * many.targets,
        memory_per_target,
    )


def estimate(growth: Growth, run: TargetRun, targets: int = TARGETS, nodes: int = NODES) -> Estimate:
    """Return the estimate for a run like ``run``, whose start takes as long as that of ``growth``."""
    per_node = targets / nodes
    seconds = growth.start + (run.seconds - growth.start) / run.targets * per_node
    requests = run.requests / run.targets * targets
    return Estimate(
        per_node,
        requests,
        seconds,
        requests / seconds,
        requests / GATEWAY_LIMIT,
        growth.memory(per_node),
        run.cpu_seconds / run.targets * per_node,
    )


def render_page(runs: t.Sequence[TargetRun], facts: t.Mapping[str, str]) -> str:
    """Return the page in Markdown."""
    parts = [_HEADER, *[f"- {name}: {text}" for name, text in facts.items()], ""]
    parts += ["## Measured", "", *_render_runs(runs), ""]
    return "\n".join([*parts, *_render_estimate(runs)]).rstrip() + "\n"


def render_runs(runs: t.Sequence[TargetRun]) -> list[str]:
    """Return the section of docs/benchmarks.md."""
    return [
        "## Targets",
        "",
        *_render_runs(runs),
        "",
        "[Many targets](scaling.md) estimates larger runs from these numbers.",
    ]


def _render_runs(runs: t.Sequence[TargetRun]) -> list[str]:
    names = {
        "unchanged": "`site`, nothing to change",
        "changed": f"`site`, 1 of {CHANGED_SHARE} resources changed",
        "check": "comparison of the scopes of all targets (`targets_check.yml`)",
    }
    rows = [
        f"Each target has {RESOURCES} workspaces. Seconds are from the start of the command to its end. CPU seconds are the"
        " processor time of all processes of the run, which depends less on other work of the machine. MB are the peak of these processes.",
        "",
        "| run | targets | forks | requests | seconds | CPU seconds | MB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    rows += [
        f"| {names[run.name]} | {run.targets:,} | {run.forks} | {run.requests:,} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.memory:.0f} |"
        for run in runs
    ]
    return rows


def _render_estimate(runs: t.Sequence[TargetRun]) -> list[str]:
    forks = max(run.forks for run in runs)
    same = [run for run in runs if run.forks == forks]
    few, many = sorted((run for run in same if run.name == "unchanged"), key=lambda run: run.targets)
    changed, check = (next(run for run in same if run.name == name) for name in ("changed", "check"))
    growth = fit(few, many)
    if growth.contradicts((many, changed)):
        return ["## Growth", "", *_CONTRADICTION]
    columns = [estimate(growth, run) for run in (many, changed)]
    rows = [
        ("targets of each node", lambda each: f"{each.targets_per_node:,.0f}"),
        ("requests of all nodes", lambda each: f"{each.requests:,.0f}"),
        ("seconds of a slice without a rate limit", lambda each: f"{each.seconds:,.0f}"),
        ("requests a second of all nodes", lambda each: f"{each.requests_per_second:,.0f}"),
        (f"seconds that {GATEWAY_LIMIT} requests a second require", lambda each: f"{each.limited_seconds:,.0f}"),
        ("seconds of the whole, the larger of both", lambda each: f"{each.duration:,.0f}"),
        ("CPU seconds of each node", lambda each: f"{each.cpu_seconds:,.0f}"),
        ("MB of each node", lambda each: f"{each.memory:,.0f}"),
    ]
    table = [f"| {title} | {' | '.join(map(show, columns))} |" for title, show in rows]
    return [
        "## Growth",
        "",
        f"Computed: the line through the two runs without changes and with {forks} forks.",
        "",
        f"- seconds = {growth.start:.1f} + {growth.per_target:.3f} for each target",
        f"- MB = {growth.base_memory:.0f} + {growth.memory_per_target:.2f} for each target",
        "",
        f"## {TARGETS:,} targets on {NODES} execution nodes",
        "",
        f"Computed, not measured: {NODES} slices, each with {forks} forks on a machine like the one above.",
        "",
        f"| | nothing to change | 1 of {CHANGED_SHARE} resources changed |",
        "| --- | --- | --- |",
        *table,
        "",
        f"The workflow of AWX also compares the scopes of all targets in one job without slices. At {check.seconds / check.targets:.3f} s for each target,"
        f" this takes {check.seconds / check.targets * TARGETS:,.0f} s for {TARGETS:,} targets.",
        "",
        "Assumptions:",
        "",
        "- Seconds and MB grow linearly with the number of targets, beyond the measured numbers.",
        "- The emulator ran on the same machine and shared its cores. The services have a longer latency, and they do not use these cores.",
        f"- API Gateway allows {GATEWAY_LIMIT} requests a second for each API by default. The vendor does not publish the limits of ASM and ModelArts."
        " If a service throttles, the modules reduce their rate and retry, so that the run takes longer but does not fail.",
        "- All targets use services in one region. Each region has its own limit.",
    ]
