# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page docs/robustness.md, from what the suites of tests/robustness counted: ``robustness.py`` writes it after ``make robustness``.

Ends with status 1, and leaves the page as it is, when a suite is missing, was not run as a whole, or something did not hold; and when what it
ran was no commit. What has changed since is told on the page.
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

_HEADER = """<!--
Copyright (c) 2026, community.huaweicloud contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- Written by `make robustness`: change tests/robustness, not this file. -->

# Robustness

What was done to the collection to see it fail, counted by the run itself. `make robustness` repeats all of it, `make test` a representative part. A case
holds only when everything that is said of its kind is true.
"""

# What a suite tries, and when a case of it holds. Others are told by their name alone.
INTRODUCTIONS = {
    "faults": "Each kind of fault, at each request of each operation: once, whenever that request is sent, and with everything after it. The task heals or"
    " fails, and tells the truth about it. With the fault gone the same task ends in the world that a run without faults ends in, and a third time it"
    " does nothing. At no time there are two things of one name, or one in a state that no run without faults shows; nobody else's are touched.",
    "kills": "SIGKILL after each request that was sent, and after each that was answered. Run again, the task ends where a run that nobody killed ends.",
    "races": "Two processes at once that want the same, or opposite, things, with delays, refusals for now and broken connections from a seeded generator."
    " No duplicates, no traceback, each outcome a documented one, and whoever runs last gets what he wants.",
    "deployments": "200 Deployments in the variety of public repositories (Helm output, exports, digests, projected volumes, text outside of ASCII), as"
    " a mapping, YAML or JSON: created, updated and canceled, each step in check mode first and again afterwards, in process and as modules.",
    "switches": "The twelve steps of each thing, under rows of settings of the emulator in which each value of each switch meets each of every other.",
    "properties": "What must hold of whatever hypothesis draws: comparisons, plans, diffs, signatures, pages and repetitions. A case is one input.",
    "mutants": "One small change of the code each. It holds when a unit test fails for it, or a reason is written down why none has to.",
    "clients": "The vendor's own Python SDK, with AK/SK, against the emulator: it creates, lists, shows, updates and deletes, it finds what our modules made,"
    " and they find what it made unchanged. And requests that schemathesis makes up from the emulator's OpenAPI document: each answer is as documented, and"
    " what the document allows is refused only for what there is.",
    "contract": "The playbook `contract` against the emulator in each setting of each of its switches, one by one and many at once: it tells the setting, or"
    " says that it can not be seen.",
    "transport": "Every way to a service: certificates that are right and wrong, client certificates, proxies with and without a password, variables, netrc,"
    " plain http, redirects. A case ends as it has to, and nobody on the way hears what is not for him.",
    "secrets": "Canaries in every secret option, from every source, through success and failure. Then all that is left is searched for them in dozens"
    " of spellings: output with `-vvvv`, results, logs, kept files, fact cache, JUnit and tree, artifacts, reports, the emulator's journal and database.",
    "fuzz": "Options from the argument specs, and answers from the schemas, damaged. No traceback, no call where options are wrong, never a wrong `changed`."
    " Templates that are bombs are refused under limits of memory and processor time.",
}

Suite = t.Dict[str, t.Any]

# A state of the code that can be had again: neither changed, nor unknown, nor another at the end of the run.
_COMMIT = re.compile("[0-9a-f]{7,40}")
UNKNOWN = "unknown"
# What no suite runs, and what only one suite does: nothing is taken from a file of tests.
_BESIDE = re.compile(r"(?:docs|changelogs|tests/tools|tests/repository)/.+|tests/playbooks/test_\w+\.py|[A-Z]+\.md")
_TESTS = re.compile(r"tests/robustness/(\w+)/(?:test_\w+\.py|\w+\.json)")
# Mutants are tried on them.
_UNIT_TESTS = re.compile(r"tests/unit/(?:.+/)?test_\w+\.py")


def suites() -> list[str]:
    """The folders with tests in them, those with an introduction first."""
    found = sorted({path.parent.name for path in SUITES.glob("*/test_*.py")})
    known = [name for name in INTRODUCTIONS if name in found]
    return known + [name for name in found if name not in known]


def read(
    folder: Path, names: t.Sequence[str], changed: t.Callable[[str], t.Sequence[str] | None]
) -> tuple[list[Suite], list[str]]:
    """What the suites counted, and what keeps it from being told. ``changed`` says which files have changed since a commit (``None``: there is no such one)."""
    found, problems = [], []
    for name in names:
        path = folder / f"{name}.json"
        if not path.exists():
            problems.append(f"the suite {name} counted nothing")
            continue
        suite = json.loads(path.read_text(encoding="utf-8"))
        found.append(suite)
        problems += [
            f"{name}: {problem}" for kind, counts in suite["kinds"].items() for problem in _short(kind, **counts)
        ]
        problems += [] if suite["kinds"] else [f"{name}: nothing was counted"]
        problems += [] if suite["passed"] else [f"{name}: tests failed"]
        problems += [] if suite["whole"] else [f"{name}: it was not run as a whole"]
        suite["since"] = _since(name, suite.get("commit", UNKNOWN), changed)
        problems += [f"{name}: it is of no commit: {suite.get('commit', UNKNOWN)}"] if suite["since"] is None else []
    return found, problems


def _since(name: str, commit: str, changed: t.Callable[[str], t.Sequence[str] | None]) -> list[str] | None:
    """What has changed, of all that a suite runs, since the commit that its counts are of; ``None`` where they are of none."""
    since = changed(commit) if _COMMIT.fullmatch(commit) else None
    if since is None:
        return None
    return sorted(path for path in since if not _BESIDE.fullmatch(path) and _only_of(path) in (name, None))


def _only_of(path: str) -> str | None:
    """The suite that alone has to do with a file; ``None`` where all have."""
    own = _TESTS.fullmatch(path)
    if own:
        return own[1]
    return "mutants" if _UNIT_TESTS.fullmatch(path) else None


def changed_since(commit: str) -> list[str] | None:
    """The files that differ between a commit and what is checked out."""
    done = subprocess.run(["git", "diff", "--name-only", commit], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else None


def _short(kind: str, tried: int, held: int) -> list[str]:
    """What of one kind can not be told."""
    if not tried:
        return [f"no {kind} were tried"]
    return [f"{tried - held} of {tried} {kind} did not hold"] if tried != held else []


def page(found: t.Sequence[Suite], circumstances: t.Mapping[str, str]) -> str:
    """The whole page in Markdown."""
    parts = [_HEADER, *[f"- {name}: {text}" for name, text in circumstances.items()], "", "## Counted", ""]
    parts += _table(("suite", "kind", "tried", "held", "commit", "date"), _counted(found))
    parts += _changes(found)
    for suite in found:
        name = suite["suite"]
        if name in INTRODUCTIONS or suite["rows"]:
            parts += ["", f"## {name.replace('_', ' ').capitalize()}", ""]
            parts += [INTRODUCTIONS[name], ""] if name in INTRODUCTIONS else []
            parts += _matrix(suite["rows"]) if name == "faults" else _rows(suite["rows"])
    return "\n".join(parts).rstrip() + "\n"


def _counted(found: t.Sequence[Suite]) -> list[tuple[str, ...]]:
    """The counts by suite and kind, each with the commit they are of and the day: suites can be run one by one."""
    moments = {suite["suite"]: (suite["commit"], suite["date"]) for suite in found}
    lines = [
        (suite["suite"], kind, counts["tried"], counts["held"])
        for suite in found
        for kind, counts in suite["kinds"].items()
    ]
    total = ("all", "", sum(line[2] for line in lines), sum(line[3] for line in lines))
    return [
        (name, kind, f"{tried:,}", f"{held:,}", *moments.get(name, ("", "")))
        for name, kind, tried, held in [*lines, total]
    ]


def _changes(found: t.Sequence[Suite]) -> list[str]:
    """What the counts are not of: one page tells of one state of the code, or says what is another."""
    told: dict[str, list[str]] = {}
    for suite in found:
        for path in suite.get("since") or ():
            told.setdefault(path, []).append(f"{suite['suite']} ({suite['commit']})")
    lines = [f"- `{path}`: {', '.join(names)}" for path, names in sorted(told.items())]
    return ["", "Changed after these suites were run, and part of what they run:", "", *lines] if lines else []


def _table(header: t.Sequence[str], lines: t.Iterable[t.Sequence[str]]) -> list[str]:
    rows = [header, ["---"] * len(header), *lines]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]


def _rows(rows: t.Sequence[Suite]) -> list[str]:
    """Any rows as a table, with a column for each of their keys; the same row is told once."""
    header = list(dict.fromkeys(key for row in rows for key in row))
    lines = dict.fromkeys(tuple(str(row.get(key, "")) for key in header) for row in rows)
    return _table(header, lines) if header else []


def _matrix(rows: t.Sequence[Suite]) -> list[str]:
    """The fault matrix: by kind of fault, then a table for each operation with a line a request."""
    faults = list(dict.fromkeys(row["fault"] for row in rows))
    parts = _table(
        ("fault", "tried", "held", "healed at once"),
        [_sums(fault, [row for row in rows if row["fault"] == fault]) for fault in faults],
    )
    parts += ["", "*Healed at once*: the task succeeded in spite of the fault. Below, each cell is held / tried."]
    for operation in dict.fromkeys(row["operation"] for row in rows):
        own = [row for row in rows if row["operation"] == operation]
        requests = sorted({row["request"] for row in own}, key=lambda request: int(request.partition(".")[0]))
        lines = [[request, *(_cell(own, request, fault) for fault in faults)] for request in requests]
        parts += ["", f"### {operation}", "", *_table(("request", *faults), lines)]
    return parts


def _sums(title: str, rows: t.Sequence[Suite]) -> tuple[str, ...]:
    return (title, *(f"{sum(row[field] for row in rows):,}" for field in ("tried", "held", "healed")))


def _cell(rows: t.Sequence[Suite], request: str, fault: str) -> str:
    found = [row for row in rows if row["request"] == request and row["fault"] == fault]
    return f"{sum(row['held'] for row in found)}/{sum(row['tried'] for row in found)}" if found else ""


def circumstances() -> dict[str, str]:
    versions = f"Python {platform.python_version()}, ansible-core {importlib.metadata.version('ansible-core')}"
    return {"Command": "`make robustness`", "Versions": versions}


def main() -> int:
    found, problems = read(COUNTS, suites(), changed_since)
    if problems:
        print(f"{PAGE.relative_to(ROOT)} stays as it is:", *problems, sep="\n  ")
        return 1
    PAGE.write_text(page(found, circumstances()), encoding="utf-8")
    total = sum(counts["tried"] for suite in found for counts in suite["kinds"].values())
    print(f"{total:,} cases were tried, and all held; {PAGE.relative_to(ROOT)} tells of them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
