# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A plan or a report of drift as JSON, Markdown, HTML and JUnit XML. What people may have called their resources does no harm in any of them."""

from __future__ import annotations

import base64
import difflib
import functools
import hashlib
import itertools
import json
import re
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import yaml
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    DRIFTED,
    PLAN,
    REMOVING,
    Observed,
    Report,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import (
    find_fields,
    list_fields,
    summarize,
)
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# Pairs of lines that may be compared for one field of a report.
_MOST_COMPARISONS = 4_000_000

# Unchanged lines that are shown before and after a change. The others are folded into one line.
_CONTEXT = 3
# The HTML report opens the differences of a resource if they have no more lines than this.
_MOST_OPEN_LINES = 40

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = "report.js"

# In words: what is said of one thing, and whether it asks for attention (bad), for agreement (news) or for nothing (calm).
_WORDS = {
    "invalid": ("can not be done", "bad"),
    "create": ("to create", "news"),
    "update": ("to update", "news"),
    "replace": ("to replace", "warn"),
    "delete": ("to remove", "warn"),
    "promote": ("to promote", "news"),
    "cancel": ("to cancel", "warn"),
    "unchanged": ("unchanged", "calm"),
    "failed": ("failed", "bad"),
    "changed": ("changed", "news"),
    "missing": ("missing", "warn"),
    "unmanaged": ("not declared", "news"),
    "unknown": ("not known", "bad"),
    "in_sync": ("as declared", "calm"),
}
# Where the word alone leaves a question open.
_REMARKS = {"missing": "It is declared, and not there.", "unmanaged": "It is there, and not declared."}
# Control characters, what changes the direction of text, and half surrogate pairs: invisible, or not allowed in XML.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


class Line(t.NamedTuple):
    """One line of two texts side by side; ``None`` where a side has none."""

    left: t.Optional[str]
    right: t.Optional[str]
    same: bool


class Row(t.NamedTuple):
    """One field of a thing, as it is and as it should be."""

    field: str
    lines: t.List[Line]


def render_report(report: Report, form: str) -> str:
    """The report in one of the FORMS."""
    return FORMS[form](report)


def rows_of(observed: Observed) -> list[Row]:
    """Return the fields worth showing side by side: differences, all desired fields, or all actual fields."""
    found = find_fields(observed)
    if not found and observed["state"] in ("unmanaged", "changed", *REMOVING):
        found = [(field, value, None) for field, value in list_fields(observed["actual"])]
    # A field that has a value on one side only needs a word for the other side.
    texts = [
        (field, _text(actual, bool(observed["differences"])), _text(desired, bool(observed["differences"])))
        for field, actual, desired in found
    ]
    return [Row(field, _fold(_side_by_side(actual, desired))) for field, actual, desired in texts]


def visible(value: t.Any) -> t.Any:
    """Text with a mark in place of each character that can not be seen; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _INVISIBLE.sub(lambda match: chr(0x2400 + ord(match[0])) if ord(match[0]) < 0x20 else "\ufffd", value)


def in_code(text: t.Any) -> str:
    """Text as a code span of Markdown: nothing in it means anything. Not for tables, see in_cell."""
    line = " ".join(str(visible(str(text))).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}" if line else ""


def in_cell(text: t.Any) -> str:
    """The same for the cell of a table, which a bar would end even in code. What reads the escapes knows none for a backslash before it: so two spans."""
    parts = re.split(r"(?<=\\)(?=\|)", str(text))
    return " ".join(in_code(part).replace("|", "\\|") for part in parts)


def in_fence(rows: t.Sequence[Row]) -> str:
    """Fields as one block of Markdown, in the way of a diff."""
    lines = [text for row in rows for text in [f" {row.field} ", *_unified(row.lines)]]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *(str(visible(line)) for line in lines), fence])


def _unified(lines: t.Sequence[Line]) -> t.Iterator[str]:
    for line in lines:
        if line.same:
            yield f" {line.left}"
            continue
        if line.left is not None:
            yield f"-{line.left}"
        if line.right is not None:
            yield f"+{line.right}"


def _opcodes(left: list[str], right: list[str]) -> t.Sequence[tuple[str, int, int, int, int]]:
    """Return the operations that turn ``left`` into ``right``, as difflib does.

    difflib compares each line with every equal one, so many equal lines take minutes. Beyond the limit, everything
    between the common start and the common end counts as replaced.
    """
    if len(left) * len(right) <= _MOST_COMPARISONS:
        return difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    shorter = min(len(left), len(right))
    start = next((index for index in range(shorter) if left[index] != right[index]), shorter)
    rest = shorter - start
    end = next((index for index in range(rest) if left[-1 - index] != right[-1 - index]), rest)
    one, other = len(left) - end, len(right) - end
    return [
        ("equal", 0, start, 0, start),
        ("replace", start, one, start, other),
        ("equal", one, len(left), other, len(right)),
    ]


def _side_by_side(left: list[str], right: list[str]) -> list[Line]:
    lines: list[Line] = []
    for tag, i1, i2, j1, j2 in _opcodes(left, right):
        for index in range(max(i2 - i1, j2 - j1)):
            one = left[i1 + index] if i1 + index < i2 else None
            other = right[j1 + index] if j1 + index < j2 else None
            lines.append(Line(one, other, tag == "equal"))
    return lines


def _fold(lines: list[Line]) -> list[Line]:
    """Return the lines with long runs of unchanged ones replaced by one line each."""
    folded: list[Line] = []
    for same, group in itertools.groupby(lines, key=lambda line: line.same):
        run = list(group)
        hidden = len(run) - 2 * _CONTEXT
        if same and hidden > 1:
            text = f"... {hidden} unchanged lines ..."
            run = [*run[:_CONTEXT], Line(text, text, True), *run[-_CONTEXT:]]
        folded += run
    return folded


def _text(value: t.Any, has_other_side: bool = False) -> list[str]:
    if value is None:
        return ["(not set)"] if has_other_side else []
    if isinstance(value, (dict, list)) and value:
        text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100)
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text.splitlines() or ['""']


def list_targets(report: Report) -> list[tuple[str, str]]:
    """Where a report is about, in words and in values."""
    place = report["target"]
    words = {
        "project_id": "project",
        "region": "region",
        "asm_endpoint": "ASM",
        "modelarts_endpoint": "ModelArts",
        "auth_url": "IAM",
    }
    stated = [(word, place[key]) for key, word in words.items() if place[key]]
    return stated + [("mesh", f"{mesh['name']} ({mesh['id']})") for mesh in place["meshes"]]


def _not_looked_for(report: Report) -> str:
    """In words, of which kinds only what is declared is known; empty when there are none."""
    kinds = " and the ".join(report.get("undetermined_kinds", []))
    return (
        f"What is there and not declared is not known of the {kinds}, because an item is wrong in itself."
        if kinds
        else ""
    )


def _title(report: Report) -> str:
    return "Plan" if report["format"] == PLAN else "Drift"


def _headline(report: Report) -> str:
    if report["format"] == PLAN:
        changes = sum(1 for observed in report["resources"] if observed["action"])
        refused = report["counts"]["invalid"]
        return f"Plan: {_number(changes, 'change')}" + (
            f", and {_number(refused, 'thing')} that can not be done" if refused else ""
        )
    drifted = sum(1 for observed in report["resources"] if observed["state"] in DRIFTED)
    unknown = report["counts"]["unknown"]
    return f"Drift: {_number(drifted, 'thing')}" + (
        f", and {_number(unknown, 'thing')} of which nothing is known" if unknown else ""
    )


def _number(count: int, kind_name: str) -> str:
    return f"{count or 'no'} {kind_name}{'' if count == 1 else 's'}"


def _context(report: Report) -> dict[str, t.Any]:
    resources = [(observed, rows_of(observed)) for observed in report["resources"]]
    opened = [
        bool(observed["differences"]) and sum(len(row.lines) for row in rows) <= _MOST_OPEN_LINES
        for observed, rows in resources
    ]
    states = list(report["counts"])
    return {
        "title": _title(report),
        "headline": _headline(report),
        "report": report,
        "targets": list_targets(report),
        "undetermined_kinds": _not_looked_for(report),
        "counts": {state: "?" if count is None else str(count) for state, count in report["counts"].items()},
        "there": {observed["state"] for observed in report["resources"]},
        "is_plan": report["format"] == PLAN,
        "words": _WORDS,
        "remarks": dict(dict.fromkeys(_WORDS, ""), **_REMARKS),
        # What asks for something first.
        "resources": sorted(
            [(observed, rows, is_open) for (observed, rows), is_open in zip(resources, opened)],
            key=lambda entry: states.index(entry[0]["state"]),
        ),
    }


@functools.cache
def _environment(escaped: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters.update(in_cell=in_cell, in_code=in_code, in_fence=in_fence)
    return environment


def _html(report: Report) -> str:
    environment = _environment(True)
    script = environment.get_template(_SCRIPT).render()
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    # The browser runs this one script, and no other that somebody may have found a way to get in.
    return environment.get_template("report.html.j2").render(
        _context(report), script=Markup(script), script_hash=digest
    )


def _markdown(report: Report) -> str:
    # Nothing of Markdown can be escaped as HTML is: what comes from outside stands in code, see in_code and in_fence.
    return _environment(False).get_template("report.md.j2").render(_context(report))


def _json(report: Report) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _junit(report: Report) -> str:
    """A suite for each kind and a case for each thing. What is only to be agreed to is skipped, what is wrong has failed."""
    kinds = list(dict.fromkeys(observed["kind"] for observed in report["resources"]))
    root = ET.Element("testsuites", name=_title(report), **_numbers(report["resources"]))
    for kind in kinds:
        resources = [observed for observed in report["resources"] if observed["kind"] == kind]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=f"{_title(report)}: {kind}s",
            timestamp=report["generated_at"],
            **_numbers(resources),
        )
        properties = ET.SubElement(suite, "properties")
        for word, value in list_targets(report):
            ET.SubElement(properties, "property", name=word, value=visible(value))
        if _not_looked_for(report):
            ET.SubElement(properties, "property", name="unmanaged", value=_not_looked_for(report))
        for observed in resources:
            _case(suite, observed)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, observed: Observed) -> None:
    case = ET.SubElement(suite, "testcase", classname=visible(observed["kind"]), name=visible(observed["name"]))
    tag = _tag(observed)
    if tag:
        message = (
            observed["failure"] or observed["msg"] or ", ".join([_WORDS[observed["state"]][0], *observed["fields"]])
        )
        attributes = (
            {"message": visible(message)}
            if tag == "skipped"
            else {"message": visible(message), "type": observed["state"]}
        )
        entry = ET.SubElement(case, tag, attributes)
        entry.text = visible("\n".join(text for row in rows_of(observed) for text in [row.field, *_unified(row.lines)]))


def _tag(observed: Observed) -> str:
    if observed["state"] == "unknown":
        return "error"
    if observed["state"] in ("invalid", *DRIFTED):
        return "failure"
    return "" if observed["state"] in ("unchanged", "in_sync") else "skipped"


def _numbers(resources: t.Sequence[Observed]) -> dict[str, t.Any]:
    tags = [_tag(observed) for observed in resources]
    return {
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
    }


def _summary(report: Report) -> str:
    return json.dumps(summarize(report), ensure_ascii=False)


FORMS: dict[str, t.Callable[[Report], str]] = {
    "json": _json,
    "md": _markdown,
    "html": _html,
    "xml": _junit,
    "summary": _summary,
}
