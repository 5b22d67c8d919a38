# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/robustness.md from the counts of the suites in tests/robustness. ``make robustness`` runs this program.

The page is a summary. All counts, and the files that have changed since the suites ran, are written to .cache/robustness/details.md. The program
exits with status 1 and writes nothing if a suite is missing, is incomplete, has failures, or did not run from a commit.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from environment import CACHE, ROOT

SUITES = ROOT / "tests" / "robustness"
COUNTS = CACHE / "robustness"
PAGE = ROOT / "docs" / "robustness.md"
DETAILS = COUNTS / "details.md"

_HEADER = """<!--
Copyright (c) 2026, community.huaweicloud contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- `make robustness` writes this file. Do not edit it. -->

# Robustness

The robustness suites provoke failures and check how the collection handles them. This page summarizes the last complete run. A case passes only if
every check of its suite passes.

`make robustness` runs all cases, writes this page, and writes the counts of each kind of case to `.cache/robustness/details.md`. The nightly workflow
attaches them to its run. `make check` runs a representative part.
"""
_DETAILS_HEADER = "# Robustness: details\n"

# What each suite tests, and when a case passes. The page lists other suites by name only.
INTRODUCTIONS = {
    "fault_injection": "Injects each kind of fault at each request of each operation: once, at every repetition of the request, and at all later requests."
    " The task recovers or fails, and its result is accurate. After the fault ends, a second run reaches the state of a run without faults, and a third"
    " run changes nothing. No duplicates and no unknown intermediate states appear, and resources of others do not change.",
    "crash_recovery": "Sends SIGKILL to the process after each request, and after each response. The next run reaches the state of an uninterrupted run.",
    "concurrency": "Runs two processes in parallel with equal or conflicting desired states. A seeded generator adds delays, temporary rejections, and"
    " broken connections. No run creates duplicates or prints a traceback, every outcome is documented, and the last run reaches its desired state.",
    "deployments": "Creates, updates, and cancels releases from 200 Deployments with the variety of public repositories: Helm output, exports, digests,"
    " projected volumes, non-ASCII text. Templates are mappings, YAML, or JSON. Each step also runs in check mode, before and after. Both execution modes run.",
    "pairwise": "Runs the twelve steps of each resource against the emulator. The settings cover each pair of values of any two behaviors.",
    "properties": "Checks properties of comparisons, plans, diffs, signatures, pages, and retries for inputs that Hypothesis generates. A case is one input.",
    "mutation": "Makes one small change in the code for each case. A case passes if a unit test fails, or if a written reason explains why none must.",
    "interop": "Uses the Python SDK of the vendor with AK/SK against the emulator. The SDK finds the resources of the modules, and the modules accept those"
    " of the SDK without a change. Schemathesis generates requests from the OpenAPI document of the emulator. Each response conforms to the document."
    " Generated models of Istio and the emulator accept the same objects.",
    "probe": "Runs the playbook `probe` against the emulator with each value of each behavior, one at a time and combined. The probe reports the value, or"
    " reports that it is inconclusive.",
    "network": "Connects in every supported way: valid and invalid certificates, client certificates, proxies with and without a password, environment"
    " variables, netrc, plain HTTP, redirects. Each case ends as documented, and no intermediate host receives credentials that it must not see.",
    "secret_leaks": "Puts canaries into every secret option, from every source, through success and failure. Then searches all outputs for many encodings:"
    " output with `-vvvv`, results, logs, kept files, fact cache, JUnit and tree, artifacts, reports, request log and database of the emulator.",
    "execution_modes": "Runs each integration target with local execution and as modules. All results and requests are equal.",
    "fuzz": "Generates options from the argument specs and corrupts responses that conform to the schemas. There is no traceback, no request with invalid"
    " options, and no wrong `changed`. Payload bombs are rejected within limits of memory and processor time.",
}

Suite = t.Dict[str, t.Any]

# The hash of a commit without uncommitted changes, and unchanged when the suite ended.
_COMMIT = re.compile("[0-9a-f]{7,40}")
UNKNOWN = "unknown"
# Files that no suite runs, and files that only their own suite runs. Suites import nothing from test files.
_NOT_RUN = re.compile(r"(?:docs|changelogs|tests/tools|tests/repository)/.+|tests/playbooks/test_\w+\.py|[A-Z]+\.md")
_TESTS = re.compile(r"tests/robustness/(\w+)/(?:test_\w+\.py|\w+\.json)")
# The mutation suite runs the unit tests.
_UNIT_TESTS = re.compile(r"tests/unit/(?:.+/)?test_\w+\.py")
MUTATION = "mutation"
FAULT_INJECTION = "fault_injection"

ChangedFiles = t.Callable[[str], t.Optional[t.Sequence[str]]]


def list_suites() -> list[str]:
    """Return the directories with tests, those with an introduction first."""
    found = sorted({path.parent.name for path in SUITES.glob("*/test_*.py")})
    known = [name for name in INTRODUCTIONS if name in found]
    return known + [name for name in found if name not in known]


def read_counts(directory: Path, names: t.Sequence[str], changed_files: ChangedFiles) -> tuple[list[Suite], list[str]]:
    """Return the counts of the suites, and the problems that prevent their publication.

    ``changed_files`` returns the files that have changed since a commit, or None if the commit does not exist.
    """
    suites, problems = [], []
    for name in names:
        path = directory / f"{name}.json"
        if not path.exists():
            problems.append(f"{name}: counts are missing")
            continue
        suite = json.loads(path.read_text(encoding="utf-8"))
        commit = suite.get("commit", UNKNOWN)
        suite["changed_files"] = list_relevant_changes(name, commit, changed_files)
        suites.append(suite)
        checks = {
            "nothing was counted": bool(suite["kinds"]),
            "tests failed": suite["passed"],
            "the run was incomplete": suite["whole"],
            f"the run was not from a commit: {commit}": suite["changed_files"] is not None,
        }
        problems += [
            f"{name}: {line}" for kind, counts in suite["kinds"].items() for line in _check_counts(kind, **counts)
        ]
        problems += [f"{name}: {problem}" for problem, passed in checks.items() if not passed]
    return suites, problems


def list_relevant_changes(name: str, commit: str, changed_files: ChangedFiles) -> list[str] | None:
    """Return the files of a suite that have changed since ``commit``, or None if ``commit`` is not one."""
    changed = changed_files(commit) if _COMMIT.fullmatch(commit) else None
    if changed is None:
        return None
    return sorted(path for path in changed if not _NOT_RUN.fullmatch(path) and _find_owner(path) in (name, None))


def _find_owner(path: str) -> str | None:
    """Return the only suite that runs a file, or None if all suites do."""
    test = _TESTS.fullmatch(path)
    if test:
        return test[1]
    return MUTATION if _UNIT_TESTS.fullmatch(path) else None


def list_changed_files(commit: str) -> list[str] | None:
    """Return the files that differ between ``commit`` and the checkout, or None if the commit does not exist."""
    diff = subprocess.run(["git", "diff", "--name-only", commit], cwd=ROOT, capture_output=True, text=True, check=False)
    return diff.stdout.split("\n")[:-1] if diff.returncode == 0 else None


def _check_counts(kind: str, cases: int, passed: int) -> list[str]:
    if not cases:
        return [f"there were no cases of {kind}"]
    return [f"{cases - passed} of {cases} {kind} failed"] if cases != passed else []


def render_page(suites: t.Sequence[Suite], facts: t.Mapping[str, str]) -> str:
    """Return the summary in Markdown: one line for each suite, and what each suite tests."""
    parts = [_HEADER, *[f"- {name}: {text}" for name, text in facts.items()], "", "## Results", ""]
    parts += _render_totals(suites)
    changed = {path for suite in suites for path in suite.get("changed_files") or ()}
    if changed:
        parts += [
            "",
            f"Files that have changed since a suite that uses them ran: {len(changed):,}. The details list them.",
        ]
    parts += ["", "## Suites", ""]
    parts += [
        f"- `{suite['suite']}`: {INTRODUCTIONS[suite['suite']]}" for suite in suites if suite["suite"] in INTRODUCTIONS
    ]
    return "\n".join(parts).rstrip() + "\n"


def _render_totals(suites: t.Sequence[Suite]) -> list[str]:
    """Render one line for each suite. Suites can run separately, so each line has a commit and a date."""
    lines = [(suite["suite"], *_sum_counts([suite]), suite["commit"], suite["date"]) for suite in suites]
    lines.append(("all", *_sum_counts(suites), "", ""))
    return _render_table(("suite", "cases", "passed", "commit", "date"), lines)


def _sum_counts(suites: t.Sequence[Suite]) -> tuple[str, str]:
    """Return the numbers of cases and of passed cases, formatted."""
    counts = [kind for suite in suites for kind in suite["kinds"].values()]
    return f"{sum(kind['cases'] for kind in counts):,}", f"{sum(kind['passed'] for kind in counts):,}"


def render_details(suites: t.Sequence[Suite]) -> str:
    """Return all counts in Markdown: each kind of case, the rows of each suite, and the files that have changed since."""
    parts = [_DETAILS_HEADER, "## Counts", ""]
    parts += _render_counts(suites) + _render_changes(suites)
    for suite in suites:
        if suite["rows"]:
            parts += ["", f"## {suite['suite'].replace('_', ' ').capitalize()}", ""]
            parts += (
                _render_fault_matrix(suite["rows"])
                if suite["suite"] == FAULT_INJECTION
                else _render_rows(suite["rows"])
            )
    return "\n".join(parts).rstrip() + "\n"


def _render_counts(suites: t.Sequence[Suite]) -> list[str]:
    """Render one line for each kind of case."""
    lines = [
        (suite["suite"], kind, f"{counts['cases']:,}", f"{counts['passed']:,}")
        for suite in suites
        for kind, counts in suite["kinds"].items()
    ]
    return _render_table(("suite", "kind", "cases", "passed"), lines)


def _render_changes(suites: t.Sequence[Suite]) -> list[str]:
    """List the files that have changed since the suites ran, with these suites."""
    changes: dict[str, list[str]] = {}
    for suite in suites:
        for path in suite.get("changed_files") or ():
            changes.setdefault(path, []).append(f"{suite['suite']} ({suite['commit']})")
    lines = [f"- `{path}`: {', '.join(names)}" for path, names in sorted(changes.items())]
    return ["", "These files have changed since the suites ran:", "", *lines] if lines else []


def _render_table(header: t.Sequence[str], lines: t.Iterable[t.Sequence[str]]) -> list[str]:
    rows = [header, ["---"] * len(header), *lines]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]


def _render_rows(rows: t.Sequence[Suite]) -> list[str]:
    """Render rows as a table with a column for each key. Equal rows appear once."""
    header = list(dict.fromkeys(key for row in rows for key in row))
    lines = dict.fromkeys(tuple(str(row.get(key, "")) for key in header) for row in rows)
    return _render_table(header, lines) if header else []


def _render_fault_matrix(rows: t.Sequence[Suite]) -> list[str]:
    """Render the sums of each fault, and a table for each operation with one line for each request."""
    faults = list(dict.fromkeys(row["fault"] for row in rows))
    sums = []
    for fault in faults:
        own = [row for row in rows if row["fault"] == fault]
        sums.append((fault, *(f"{sum(row[field] for row in own):,}" for field in ("cases", "passed", "recovered"))))
    parts = _render_table(("fault", "cases", "passed", "recovered at once"), sums)
    parts += ["", "*Recovered at once*: the task succeeded in spite of the fault. Cells below are passed / cases."]
    for operation in dict.fromkeys(row["operation"] for row in rows):
        own = [row for row in rows if row["operation"] == operation]
        requests = sorted({row["request"] for row in own}, key=lambda request: int(request.partition(".")[0]))
        lines = [[request, *(_render_cell(own, request, fault) for fault in faults)] for request in requests]
        parts += ["", f"### {operation}", "", *_render_table(("request", *faults), lines)]
    return parts


def _render_cell(rows: t.Sequence[Suite], request: str, fault: str) -> str:
    found = [row for row in rows if row["request"] == request and row["fault"] == fault]
    return f"{sum(row['passed'] for row in found)}/{sum(row['cases'] for row in found)}" if found else ""


def describe_environment() -> dict[str, str]:
    versions = f"Python {platform.python_version()}, ansible-core {importlib.metadata.version('ansible-core')}"
    return {"Command": "`make robustness`", "Versions": versions}


def main() -> int:
    suites, problems = read_counts(COUNTS, list_suites(), list_changed_files)
    if problems:
        print(f"{PAGE.relative_to(ROOT)} was not written:", *problems, sep="\n  ")
        return 1
    PAGE.write_text(render_page(suites, describe_environment()), encoding="utf-8")
    DETAILS.write_text(render_details(suites), encoding="utf-8")
    print(
        f"All {_sum_counts(suites)[0]} cases passed. The summary is in {PAGE.relative_to(ROOT)}, the details are in {DETAILS}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
