# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the collection, and write docs/benchmarks.md, docs/scaling.md and docs/images/growth.svg. ``make bench`` runs this program."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("tools", "playbooks")]

import estimate  # noqa: E402
import growth  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
from environment import ROOT  # noqa: E402
from measures import MEASURES, SIZES, Bench, Effort, Findings, Skipped  # noqa: E402
from runner import WORK, BenchFailure, BenchRunner  # noqa: E402

PAGE = Path("docs", "benchmarks.md")
SCALING = Path("docs", "scaling.md")
PICTURE = Path("docs", "images", "growth.svg")


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="make bench ARGS=...", description="Measure the collection against the emulator."
    )
    result.add_argument(
        "--quick", action="store_true", help="one round and fewer tasks, written to .cache/bench and not to docs"
    )
    result.add_argument("--rounds", type=int, default=5, help="alternating rounds of each measure (default 5)")
    result.add_argument(
        "--only", action="append", choices=[*MEASURES], help="one measure, written to .cache/bench; may be repeated"
    )
    result.add_argument("--targets", type=int, default=0, help="number of targets (default 200, and 12 with --quick)")
    result.add_argument(
        "--install-peers",
        action="store_true",
        help="create an environment with the package ansible (550 MB) to compare with",
    )
    return result


def select_effort(options: argparse.Namespace) -> Effort:
    if options.quick:
        return Effort(rounds=1, tasks=10, few_tasks=5, curve_rounds=1, sizes=SIZES[:2], targets=options.targets or 12)
    return Effort(rounds=options.rounds, targets=options.targets or 200)


def measure(bench: Bench, names: list[str]) -> Findings:
    """Run the measures one after the other, and print each line immediately."""
    for name in names:
        known, started = len(bench.found.lines), time.monotonic()
        try:
            MEASURES[name](bench)
        except BenchFailure as failure:
            bench.found.skipped.append(Skipped(name, f"failed: {failure}"))
            print(f"{name}: FAILED: {failure}", flush=True)
        for line in bench.found.lines[known:]:
            met = "" if line.limit is None else f", at most {line.limit:g}: {'met' if line.is_met else 'NOT MET'}"
            print(f"{line.title}: {line.value:.3f} {line.unit}{met} ({line.details})", flush=True)
        print(f"  {name} took {time.monotonic() - started:.0f} s", flush=True)
    return bench.found


def write(found: Findings, options: argparse.Namespace, load: tuple[float, ...]) -> Path:
    """Write the pages and the picture. A partial run does not change the files in docs."""
    root = WORK if options.quick or options.only or options.targets else ROOT
    command = "make bench" + (f" ARGS='{' '.join(sys.argv[1:])}'" if sys.argv[1:] else "")
    rounds = 1 if options.quick else options.rounds
    for path in (PAGE, PICTURE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
    facts = report.describe_environment(command, rounds, load)
    (root / PAGE).write_text(report.render_page(found, facts, str(PICTURE.relative_to(PAGE.parent))), encoding="utf-8")
    if found.target_runs:
        (root / SCALING).write_text(estimate.render_page(found.target_runs, facts), encoding="utf-8")
    if found.curves:
        (root / PICTURE).write_text(growth.draw(found), encoding="utf-8")
    return root / PAGE


def main() -> int:
    options = parser().parse_args()
    load = os.getloadavg()
    try:
        if options.install_peers:
            peers.install()
        runner = BenchRunner()
        try:
            found = measure(Bench(runner, select_effort(options), peers.find()), options.only or [*MEASURES])
        finally:
            runner.close()
    except BenchFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"written to {write(found, options, load).relative_to(ROOT)}")
    failed = [skipped for skipped in found.skipped if skipped.why.startswith("failed")]
    return int(bool(failed) or any(line.is_met is False for line in found.lines))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
