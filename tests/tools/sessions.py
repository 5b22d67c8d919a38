# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run nox sessions and print a table of the results: ``sessions.py TARGET [ARGUMENT ...]``.

TARGET is one of TARGETS below, "robustness", or the name of a session. The arguments go to the sessions. The output of
all sessions goes to the terminal and to a log file. Up to two sessions run in parallel.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path
from xml.etree import ElementTree

from environment import CACHE, LOGS, ROOT

# Several runs can be active at the same time.
REPORT = CACHE / f"sessions-{os.getpid()}.json"
JUNIT = CACHE / "junit"
SIDE_BY_SIDE = "2"

# What `make test` runs: a few minutes.
TEST = ("format-check", "codeqa", "yamllint", "typing", "quickstart", "units", "smoke")
# Checks that read the code and the documentation without running them.
STATIC = (
    *("build-import-check", "ansible-lint", "format-check", "codeqa", "yamllint", "antsibull-nox-config", "typing"),
    *("docs-check", "docs-site", "license-check", "extra-checks", "changelog", "signature", "workflows"),
)
# What `make check` runs: all checks, each behavior in one mode, with one ansible-core.
CHECK = ("sanity", *STATIC, "installed", "molecule", "coverage", "smoke", "playbooks", "robustness-sample")
RELEASE_CHECK = ("build-import-check", "installed", "changelog", "license-check", "signature", "workflows")
TARGETS: dict[str, tuple[str, ...]] = {
    "test": TEST,
    "check": CHECK,
    "static": STATIC,
    "release-check": RELEASE_CHECK,
}
ROBUSTNESS = "robustness"


class UsageError(Exception):
    """The command line is wrong. The message is complete."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One session in the table. ``seconds`` is its duration; ``note`` gives the reason for a skip, or counts the tests."""

    name: str
    result: str
    seconds: float
    note: str


def nox(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py"), *arguments]


def known_sessions() -> dict[str, str]:
    """Return the names of all sessions with their descriptions."""
    listing = subprocess.run(
        nox("--list", "--json", "-k", "not nothing"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        raise UsageError(f"nox cannot read noxfile.py:\n{listing.stderr}")
    return {entry["session"]: entry["description"] or "" for entry in json.loads(listing.stdout)}


def select(target: str, arguments: t.Sequence[str], known: t.Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the sessions of ``target`` and the arguments for them. Raise UsageError if the target is unknown.

    For the target "robustness", arguments that are names of suites select these suites.
    """
    if target == ROBUSTNESS:
        suites = [name.removeprefix(f"{ROBUSTNESS}-") for name in known if known[name].startswith("Run the whole")]
        chosen = [word for word in arguments if word in suites]
        if arguments and not chosen and not arguments[0].startswith("-"):
            raise UsageError(f"Unknown suite {arguments[0]!r}. The suites are: {', '.join(suites)}.")
        return [f"{ROBUSTNESS}-{name}" for name in chosen or suites], [word for word in arguments if word not in chosen]
    if target in TARGETS:
        return list(TARGETS[target]), list(arguments)
    if target in known:
        return [target], list(arguments)
    raise UsageError("\n".join([f"Unknown session {target!r}. The sessions are:", *listing(known)]))


def listing(known: t.Mapping[str, str]) -> list[str]:
    return [f"  {name:<36}{text}" for name, text in known.items()]


def tests_of(name: str) -> str:
    """Return how many tests of a session passed, failed and were skipped, or "" without a JUnit report."""
    path = JUNIT / f"{name}.xml"
    if not path.exists():
        return ""
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        for key in counts:
            counts[key] += int(suite.get(key, "0"))
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    return f"{passed:,} tests passed, {failed} failed, {counts['skipped']} skipped"


def skip_reasons(name: str) -> list[str]:
    """Return why tests of a session were skipped, with the number of tests for each reason."""
    path = JUNIT / f"{name}.xml"
    if not path.exists():
        return []
    found = collections.Counter(item.get("message", "") for item in ElementTree.parse(path).iter("skipped"))
    return [f"{name}: {count} skipped: {reason}" for reason, count in found.most_common()]


def run(log: Path, names: t.Sequence[str], arguments: t.Sequence[str]) -> int:
    """Run nox with its output copied to ``log``. Return its exit status."""
    JUNIT.mkdir(parents=True, exist_ok=True)
    for name in names:
        (JUNIT / f"{name}.xml").unlink(missing_ok=True)
    REPORT.unlink(missing_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    options = ("--report", str(REPORT), "--parallel", SIDE_BY_SIDE, "--no-stop-on-first-error")
    command = nox("-s", *names, *options, "--", *arguments)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        with log.open("wb") as output:
            for line in process.stdout:
                output.write(line)
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        return process.wait()


def rows() -> list[Row]:
    """Return one row for each session in the report of nox."""
    if not REPORT.exists():
        return []
    sessions = json.loads(REPORT.read_text(encoding="utf-8"))["sessions"]
    return [
        Row(item["name"], item["result"], item["duration"], item["reason"] or tests_of(item["name"]))
        for item in sessions
    ]


def table(found: t.Sequence[Row]) -> list[str]:
    width = max((len(row.name) for row in found), default=0)
    lines = [f"{'session':<{width}}  result     time"]
    return lines + [f"{row.name:<{width}}  {row.result:<8} {row.seconds:5.0f} s  {row.note}".rstrip() for row in found]


def count(found: t.Sequence[Row], names: t.Collection[str]) -> tuple[int, int, int]:
    """Return how many sessions passed, failed and were skipped.

    A session of ``names`` without a result failed. Of the others, for example environments, only failures count.
    """
    results = {row.name: row.result for row in found}
    passed = sum(results.get(name) == "success" for name in names)
    skipped = sum(results.get(name) == "skipped" for name in names)
    others = sum(result not in ("success", "skipped") for name, result in results.items() if name not in names)
    return passed, len(names) - passed - skipped + others, skipped


def main() -> int:
    target, *arguments = sys.argv[1:]
    try:
        known = known_sessions()
        if target == "--list":
            print(*listing(known), sep="\n")
            return 0
        names, remaining = select(target, arguments, known)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    log = LOGS / f"{target}.log"
    try:
        status = run(log, names, remaining)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    found = rows()
    REPORT.unlink(missing_ok=True)
    passed, failed, skipped = count(found, names)
    reasons = [line for row in found for line in skip_reasons(row.name)]
    print("", *table(found), *([""] if reasons else []), *reasons, "", f"Log: {log.relative_to(ROOT)}", sep="\n")
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return int(status != 0 or failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
