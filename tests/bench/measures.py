# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured. Each measure runs its rounds, alternating what it compares, and says what came of it."""

from __future__ import annotations

import dataclasses
import statistics
import typing as t
from pathlib import Path

import memory
import peers
from plays import BY_MODULE, WANTED, apply, by_uri, items_file, login, ping, warm_up, workspace
from runner import BenchFailure, BenchRunner, Run, Task
from targets import TargetRun, measure_targets

MB = 1_000_000
SIZES = (100, 1_000, 10_000)


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the table. ``value`` is what is compared with ``limit`` (at most); without a limit the line only informs."""

    key: str
    title: str
    value: float
    unit: str = ""
    limit: float | None = None
    details: str = ""

    @property
    def is_met(self) -> bool | None:
        return None if self.limit is None else self.value <= self.limit


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A measure that was skipped, with the reason."""

    title: str
    why: str


@dataclasses.dataclass(frozen=True)
class Point:
    """One point of the growth curves: the medians for ``size`` items."""

    size: int
    requests: float
    seconds: float
    memory: float


@dataclasses.dataclass(frozen=True)
class Effort:
    """The number of rounds, the repetitions of a task in a round, and the sizes of the growth curves."""

    rounds: int = 5
    tasks: int = 40
    few_tasks: int = 12
    curve_rounds: int = 3
    sizes: tuple[int, ...] = SIZES
    targets: int = 200


@dataclasses.dataclass
class Findings:
    lines: list[Line] = dataclasses.field(default_factory=list)
    skipped: list[Skipped] = dataclasses.field(default_factory=list)
    curves: dict[str, list[Point]] = dataclasses.field(default_factory=dict)
    target_runs: list[TargetRun] = dataclasses.field(default_factory=list)
    # Seconds that the curves are drawn with.
    ping_item: float = 0.0
    own_item: float = 0.0


class Bench:
    """The runner, the effort, and the findings so far."""

    def __init__(self, runner: BenchRunner, effort: Effort, peers_python: Path | None) -> None:
        self.runner = runner
        self.effort = effort
        self.peers_python = peers_python
        self.found = Findings()

    def rounds(self, run: t.Callable[[], t.Any]) -> list[t.Any]:
        return [run() for number in range(self.effort.rounds)]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def _spread(values: t.Sequence[float], digits: int = 2) -> str:
    return f"rounds {min(values):.{digits}f} to {max(values):.{digits}f}"


def _check_unchanged(run: Run, name: str) -> None:
    if any(task.changed for task in run.find_tasks(name)):
        raise BenchFailure(f"{name!r} should not have changed anything")


def _check_changed(run: Run, name: str) -> None:
    if not all(task.changed for task in run.find_tasks(name)):
        raise BenchFailure(f"{name!r} should have changed something")


# One task


def single(bench: Bench) -> None:
    """Compare an unchanged task with local execution and a ping, in turns."""
    bench.runner.reset(40)
    count = bench.effort.tasks
    tasks: list[Task] = warm_up()
    for number in range(1, count + 1):
        tasks += [ping(), workspace("ours", f"ws-{(number - 1) % 40 + 1:05d}")]
    runs: list[Run] = bench.rounds(lambda: bench.runner.play(tasks))
    for run in runs:
        _check_unchanged(run, "ours")
    ratios = [run.median("ours") / run.median("ping") for run in runs]
    ours, pings = (statistics.median(run.median(name) for run in runs) for name in ("ours", "ping"))
    details = f"{_ms(ours)} against {_ms(pings)}; {count} tasks each in turns; {_spread(ratios)}"
    title = "unchanged `modelarts_workspace`, in process, against `ansible.builtin.ping`"
    bench.found.lines.append(Line("single", title, statistics.median(ratios), "of ping", 0.10, details))


def first(bench: Bench) -> None:
    """Measure a playbook with one task, which includes the import of requests, jsonschema and the collection."""
    bench.runner.reset(40)
    pairs = bench.rounds(
        lambda: [bench.runner.play([task]).seconds for task in (ping(), workspace("ours", "ws-00001"))]
    )
    ratios = [ours / pinged for pinged, ours in pairs]
    pinged, ours = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    title = "a playbook of one unchanged task, from start to end, against one with a ping"
    bench.found.lines.append(
        Line(
            "first",
            title,
            statistics.median(ratios),
            "of ping's",
            None,
            f"{ours:.2f} s against {pinged:.2f} s; {_spread(ratios)}",
        )
    )


def by_hand(bench: Bench) -> None:
    """Compare the task as a module and ansible.builtin.uri, in turns with a ping."""
    bench.runner.reset(40)
    url, project = bench.runner.emulator.url, bench.runner.emulator.credentials["project_id"]
    tasks: list[Task] = [*warm_up(), login(bench.runner.emulator)]
    for number in range(1, bench.effort.few_tasks + 1):
        name = f"ws-{number:05d}"
        tasks += [
            ping(),
            workspace("module", name, vars=BY_MODULE),
            workspace("ours", name),
            *by_uri("uri", name, url, project),
        ]
    runs: list[Run] = bench.rounds(lambda: bench.runner.play(tasks))
    for run in runs:
        _check_unchanged(run, "module")
        if any(task.status != "skipped" for task in run.find_tasks("uri: create")):
            raise BenchFailure("uri should have found all workspaces")
    ratios = [run.median("module") / run.median("ping") for run in runs]
    details = f"{_ms(statistics.median(run.median('module') for run in runs))}; {bench.effort.few_tasks} tasks each in turns; {_spread(ratios)}"
    title = "the same by module, without the plugin, against `ansible.builtin.ping`"
    bench.found.lines.append(Line("module", title, statistics.median(ratios), "of ping", 1.5, details))
    _against_uri(bench, "uri", "unchanged: ours against `ansible.builtin.uri` (list; create is skipped)", runs)


def by_hand_absent(bench: Bench) -> None:
    """Compare the creation of a workspace by the module and by ansible.builtin.uri."""
    url, project = bench.runner.emulator.url, bench.runner.emulator.credentials["project_id"]
    tasks: list[Task] = [*warm_up(), login(bench.runner.emulator)]
    for number in range(1, bench.effort.few_tasks + 1):
        tasks += [workspace("ours", f"ours-{number:05d}"), *by_uri("uri", f"uri-{number:05d}", url, project)]

    def once() -> Run:
        bench.runner.reset(40)
        run = bench.runner.play(tasks)
        _check_changed(run, "ours")
        if any(task.status != "ok" for task in run.find_tasks("uri: create")):
            raise BenchFailure("uri should have created all workspaces")
        return run

    _against_uri(
        bench,
        "uri_absent",
        "absent: ours (list, create, read back) against `ansible.builtin.uri` (list, create)",
        bench.rounds(once),
    )


def _against_uri(bench: Bench, key: str, title: str, runs: t.Sequence[Run]) -> None:
    uri = [run.median("uri: list") + run.median("uri: create") for run in runs]
    ratios = [run.median("ours") / seconds for run, seconds in zip(runs, uri)]
    ours = statistics.median(run.median("ours") for run in runs)
    details = f"{_ms(ours)} against {_ms(statistics.median(uri))}; {_spread(ratios)}"
    bench.found.lines.append(Line(key, title, statistics.median(ratios), "of uri", None, details))


# Loops


def loop(bench: Bench) -> None:
    """Compare a loop over 1,000 unchanged workspaces and a loop over pings, by item."""
    bench.runner.reset(1_000)
    count, pings = 1_000, max(bench.effort.few_tasks, 10)
    numbers = f"{{{{ range(1, {count + 1}) | list }}}}"
    pinging = ping("pings", loop=list(range(pings)))
    # Pings before and after, since a machine may be slower for some seconds.
    tasks = [*warm_up(), pinging, workspace("ours", "ws-{{ '%05d' % item }}", loop=numbers), pinging]
    runs: list[Run] = bench.rounds(lambda: bench.runner.play(tasks))
    for run in runs:
        _check_unchanged(run, "ours")
    ratios = [(run.one("ours").seconds / count) / (run.median("pings") / pings) for run in runs]
    bench.found.own_item = statistics.median(run.one("ours").seconds / count for run in runs)
    bench.found.ping_item = statistics.median(run.median("pings") / pings for run in runs)
    details = f"{_ms(bench.found.own_item)} against {_ms(bench.found.ping_item)} an item; {_spread(ratios, 3)}"
    title = "unchanged loop of 1,000 workspaces, 1,000 existing, in process, per item against ping's loop item"
    bench.found.lines.append(Line("loop", title, statistics.median(ratios), "of ping", 0.018, details))


# Many at once


def requests(bench: Bench) -> None:
    """Count the requests of an unchanged ``apply``."""

    def once() -> int:
        bench.runner.reset(5_000)
        _check_unchanged(bench.runner.play([apply("apply", WANTED)], items_file(5_000)), "apply")
        return bench.runner.requests()

    counts = bench.rounds(once)
    title = "requests for `apply` of 5,000 unchanged workspaces without grants"
    details = "pages of 1,000; the same in all rounds" if len(set(counts)) == 1 else f"by round: {counts}"
    bench.found.lines.append(Line("requests", title, max(counts), "requests", 10, details))


def _timed_apply(bench: Bench, existing: int, wanted: int, **options: t.Any) -> float:
    """Seconds of one ``apply`` against as many existing workspaces, warmed up."""
    bench.runner.reset(existing, **options.pop("behaviors", {}))
    run = bench.runner.play([*warm_up(), apply("apply", WANTED, **options)], items_file(wanted))
    (_check_unchanged if existing >= wanted else _check_changed)(run, "apply")
    task = run.one("apply")
    if task.outcomes != wanted or task.failures:
        raise BenchFailure(f"apply told of {task.outcomes} of {wanted} items, {task.failures} failed")
    return task.seconds


def apply_growth(bench: Bench) -> None:
    """Ten times as many unchanged items."""
    pairs = bench.rounds(lambda: [_timed_apply(bench, size, size) for size in (1_000, 10_000)])
    ratios = [large / small for small, large in pairs]
    small, large = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    title = "`apply` of 10,000 unchanged items against 1,000"
    bench.found.lines.append(
        Line(
            "growth",
            title,
            statistics.median(ratios),
            "times",
            12,
            f"{large:.2f} s against {small:.2f} s; {_spread(ratios, 1)}",
        )
    )
    larges = [pair[1] for pair in pairs]
    bench.found.lines.append(
        Line("seconds", "`apply` of 10,000 unchanged items, wall", large, "s", 10, _spread(larges))
    )


def latency(bench: Bench) -> None:
    """Compare the sequential creation of 500 workspaces with 16 in parallel. Each response takes 50 ms."""

    def once() -> list[float]:
        return [_timed_apply(bench, 0, 500, parallel=parallel, behaviors={"latency": 0.05}) for parallel in (1, 16)]

    pairs = bench.rounds(once)
    ratios = [many / one for one, many in pairs]
    one, many = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    title = "`apply` creating 500 with 50 ms latency, `parallel: 16` against `parallel: 1`"
    bench.found.lines.append(
        Line(
            "parallel",
            title,
            statistics.median(ratios),
            "of the time",
            0.1,
            f"{many:.2f} s against {one:.1f} s; {_spread(ratios, 3)}",
        )
    )


def bare_script(bench: Bench) -> None:
    """Create 2,000 workspaces with apply and with a script that only sends requests, in turns."""
    count, parallel = 2_000, 8

    def once() -> tuple[float, float]:
        bench.runner.reset()
        created = bench.runner.script("bare_script", "--count", str(count), "--parallel", str(parallel))
        if created["created"] != count:
            raise BenchFailure(f"the script created {created['created']} of {count} workspaces")
        return created["seconds"], _timed_apply(bench, 0, count, parallel=parallel)

    pairs = bench.rounds(once)
    ratios = [ours / script for script, ours in pairs]
    script, ours = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    title = "`apply` creating 2,000 workspaces, against a script with the same requests and threads"
    details = f"{ours:.2f} s against {script:.2f} s; {_spread(ratios)}"
    bench.found.lines.append(Line("script", title, statistics.median(ratios), "of the script", 1.5, details))


def rate(bench: Bench) -> None:
    """1,000 creations where the service takes 50 requests a second."""
    ideal = 20.0
    seconds = bench.rounds(lambda: _timed_apply(bench, 0, 1_000, behaviors={"rate_limit": 50}))
    ratios = [found / ideal for found in seconds]
    title = "`apply` of 1,000 creates at a rate limit of 50 requests a second, against the ideal 20 s"
    details = f"{statistics.median(seconds):.1f} s, no failed item; {_spread(ratios)}"
    bench.found.lines.append(Line("rate", title, statistics.median(ratios), "of the ideal", 1.3, details))


def peak(bench: Bench) -> None:
    """Memory of an ``apply`` with 10,000 items, above that of a play with no tasks."""
    title = "peak memory of `apply` with 10,000 items above that of an empty play"
    if not memory.is_supported():
        bench.found.skipped.append(Skipped(title, "memory is read from /proc, which is only there on Linux"))
        return
    pairs = bench.rounds(lambda: [_empty_peak(bench), _apply_peak(bench, 10_000, 10_000)])
    above = [(full - empty) / MB for empty, full in pairs]
    empty, full = (statistics.median(pair[place] for pair in pairs) / MB for place in (0, 1))
    details = f"{full:.0f} MB against {empty:.0f} MB, all processes of the run together, shared pages once; {_spread(above, 0)}"
    bench.found.lines.append(Line("memory", title, statistics.median(above), "MB", 120, details))


def _empty_peak(bench: Bench) -> int:
    return bench.runner.play([], watched=True).peak


def _apply_peak(bench: Bench, existing: int, wanted: int) -> int:
    bench.runner.reset(existing)
    return bench.runner.play([apply("apply", WANTED)], items_file(wanted), watched=True).peak


# Growth


def curves(bench: Bench) -> None:
    """Measure requests, seconds and memory by number of items, for unchanged items and for new ones."""
    empty = (
        statistics.median(_empty_peak(bench) for number in range(bench.effort.curve_rounds))
        if memory.is_supported()
        else 0
    )
    for name, exists in (("unchanged", True), ("created", False)):
        bench.found.curves[name] = [_point(bench, size, size if exists else 0, empty) for size in bench.effort.sizes]


def _point(bench: Bench, size: int, existing: int, empty: float) -> Point:
    seconds, counts, peaks = [], [], []
    for number in range(bench.effort.curve_rounds):
        seconds.append(_timed_apply(bench, existing, size))
    for number in range(1 if existing == 0 else bench.effort.curve_rounds):
        peaks.append(_apply_peak(bench, existing, size) - empty)
        counts.append(bench.runner.requests())
    return Point(size, statistics.median(counts), statistics.median(seconds), max(0.0, statistics.median(peaks)) / MB)


# Others


def others(bench: Bench) -> None:
    """Unchanged tasks of other collections, in an environment that has them."""
    title = "unchanged tasks of other collections against `ansible.builtin.ping`"
    if bench.peers_python is None:
        bench.found.skipped.append(
            Skipped(
                title,
                "the package `ansible` is not installed (`make bench ARGS=--install-peers` makes an environment with it)",
            )
        )
        return
    python = str(bench.peers_python)
    with peers.PeerServer() as stub:
        for peer in peers.PEERS:
            why = peers.find_problem(bench.peers_python, peer)
            if why:
                bench.found.skipped.append(Skipped(f"unchanged `{peer.module}` against `ansible.builtin.ping`", why))
                continue
            _other(bench, python, peer, peer.task(stub.url))


def _other(bench: Bench, python: str, peer: peers.Peer, task: Task) -> None:
    bench.runner.reset(40)
    tasks: list[Task] = [*warm_up(), dict(task, name="warm up")]
    for number in range(1, bench.effort.few_tasks + 1):
        tasks += [ping(), task, workspace("ours", f"ws-{number:05d}")]
    runs: list[Run] = bench.rounds(lambda: bench.runner.play(tasks, python=python))
    for run in runs:
        _check_unchanged(run, task["name"])
    ratios = [run.median(task["name"]) / run.median("ping") for run in runs]
    ours = statistics.median(run.median(task["name"]) / run.median("ours") for run in runs)
    seconds = statistics.median(run.median(task["name"]) for run in runs)
    details = f"{_ms(seconds)}, {ours:.1f} times ours in the same play; {_spread(ratios)}"
    bench.found.lines.append(
        Line(
            peer.key,
            f"unchanged `{peer.module}` against `ansible.builtin.ping`",
            statistics.median(ratios),
            "of ping",
            None,
            details,
        )
    )


MEASURES: dict[str, t.Callable[[Bench], None]] = {
    "single": single,
    "loop": loop,
    "module": by_hand,
    "absent": by_hand_absent,
    "first": first,
    "peers": others,
    "requests": requests,
    "growth": apply_growth,
    "parallel": latency,
    "memory": peak,
    "rate": rate,
    "script": bare_script,
    "curves": curves,
    "targets": measure_targets,
}
