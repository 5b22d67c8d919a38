# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Render plans, drift reports and reports of rollouts as JSON, Markdown, HTML and JUnit XML. Values are escaped in all of them."""

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
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import CANARY
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary_render import (
    add_filters,
    render_canary_html,
    render_canary_markdown,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFTED_STATES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    ENDING_ACTIONS,
    PLAN,
    PLURALS,
    Report,
    ReportedResource,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import (
    find_fields,
    format_not_compared,
    list_fields,
    summarize,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    DRIFT_TARGETS,
    PLAN_TARGETS,
    summarize_targets,
)
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# The maximum number of pairs of lines that are compared for one field.
_MAX_COMPARISONS = 4_000_000

# The number of unchanged lines shown before and after a change. The others are folded into one line.
_CONTEXT_LINES = 3
# The HTML report opens the differences of a resource if they have at most this number of lines.
_MAX_OPEN_LINES = 40

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = "report.js"

_CANARY_FORMATS = ("json", "md", "html")

# The label of each state, and the color: for problems (bad), deletions (warn), changes (news), and states without a change (calm).
_LABELS = {
    "invalid": ("invalid", "bad"),
    "create": ("to create", "news"),
    "update": ("to update", "news"),
    "replace": ("to replace", "warn"),
    "delete": ("to delete", "warn"),
    "promote": ("to promote", "news"),
    "cancel": ("to cancel", "warn"),
    "unchanged": ("unchanged", "calm"),
    "failed": ("failed", "bad"),
    "changed": ("changed", "news"),
    "missing": ("missing", "warn"),
    "unmanaged": ("unmanaged", "news"),
    "unknown": ("unknown", "bad"),
    "in_sync": ("in sync", "calm"),
    # The states of targets
    "changes": ("changes", "news"),
    "no_changes": ("no changes", "calm"),
    "drift": ("drift", "warn"),
    "no_drift": ("no drift", "calm"),
    "not_selected": ("not selected", "calm"),
}
# Explanations of states whose label is not sufficient.
_REMARKS = {
    "missing": "The resource is in the desired-state file, but does not exist.",
    "unmanaged": "The resource exists, but is not in the desired-state file.",
}
# Control characters, direction marks and half surrogate pairs. They are invisible, or not allowed in XML.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


class Line(t.NamedTuple):
    """One line of two texts side by side. A side without a line is None."""

    left: t.Optional[str]
    right: t.Optional[str]
    same: bool


class Row(t.NamedTuple):
    """One field with its actual and its desired value."""

    field: str
    lines: t.List[Line]


def list_formats(report: t.Mapping[str, t.Any]) -> list[str]:
    """Return the formats in which a report can be rendered. The others have no place for a rollout."""
    return [name for name in RENDERERS if name in _CANARY_FORMATS or report.get("format") != CANARY]


def render_report(report: Report, format: str) -> str:
    """Return the report in one of the formats of ``list_formats``."""
    return RENDERERS[format](report)


def list_rows(resource: ReportedResource) -> list[Row]:
    """Return the fields to show side by side: differences, all desired fields, or all actual fields."""
    found = find_fields(resource)
    if not found and resource["state"] in ("unmanaged", "changed", *ENDING_ACTIONS):
        found = [(field, value, None) for field, value in list_fields(resource["actual"])]
    # If only one side has a value, the text of the other side is "(not set)".
    texts = [
        (
            field,
            _split_value(actual, bool(resource["differences"])),
            _split_value(desired, bool(resource["differences"])),
        )
        for field, actual, desired in found
    ]
    return [Row(field, _fold_lines(_align_lines(actual, desired))) for field, actual, desired in texts]


def mask_invisible(value: t.Any) -> t.Any:
    """Return text with a mark in place of each invisible character. Return other values unchanged."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _INVISIBLE.sub(lambda match: chr(0x2400 + ord(match[0])) if ord(match[0]) < 0x20 else "\ufffd", value)


def format_code_span(text: t.Any) -> str:
    """Return text as a code span of Markdown, in which no markup has an effect. Tables need format_table_cell."""
    line = " ".join(str(mask_invisible(str(text))).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}" if line else ""


def format_table_cell(text: t.Any) -> str:
    """Return text as code spans for a table cell. A bar would end the cell even in code. A bar after a backslash starts another span."""
    parts = re.split(r"(?<=\\)(?=\|)", str(text))
    return " ".join(format_code_span(part).replace("|", "\\|") for part in parts)


def format_code_block(rows: t.Sequence[Row]) -> str:
    """Return fields as one code block of Markdown, in the format of a diff."""
    lines = [text for row in rows for text in [f" {row.field} ", *_format_lines(row.lines)]]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *(str(mask_invisible(line)) for line in lines), fence])


def _format_lines(lines: t.Sequence[Line]) -> t.Iterator[str]:
    for line in lines:
        if line.same:
            yield f" {line.left}"
            continue
        if line.left is not None:
            yield f"-{line.left}"
        if line.right is not None:
            yield f"+{line.right}"


def _compare_lines(left: list[str], right: list[str]) -> t.Sequence[tuple[str, int, int, int, int]]:
    """Return the operations that turn ``left`` into ``right``, as difflib does.

    difflib compares each line with every equal one, so many equal lines take minutes. Beyond the limit, everything
    between the common start and the common end counts as replaced.
    """
    if len(left) * len(right) <= _MAX_COMPARISONS:
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


def _align_lines(left: list[str], right: list[str]) -> list[Line]:
    lines: list[Line] = []
    for tag, i1, i2, j1, j2 in _compare_lines(left, right):
        for index in range(max(i2 - i1, j2 - j1)):
            one = left[i1 + index] if i1 + index < i2 else None
            other = right[j1 + index] if j1 + index < j2 else None
            lines.append(Line(one, other, tag == "equal"))
    return lines


def _fold_lines(lines: list[Line]) -> list[Line]:
    """Return the lines with long runs of unchanged ones replaced by one line each."""
    folded: list[Line] = []
    for same, group in itertools.groupby(lines, key=lambda line: line.same):
        run = list(group)
        hidden = len(run) - 2 * _CONTEXT_LINES
        if same and hidden > 1:
            text = f"... {hidden} unchanged lines ..."
            run = [*run[:_CONTEXT_LINES], Line(text, text, True), *run[-_CONTEXT_LINES:]]
        folded += run
    return folded


def _split_value(value: t.Any, has_other_side: bool = False) -> list[str]:
    if value is None:
        return ["(not set)"] if has_other_side else []
    if isinstance(value, (dict, list)) and value:
        text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100)
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text.splitlines() or ['""']


def list_targets(report: Report) -> list[tuple[str, str]]:
    """Return the labels and the values of the target."""
    target = report["target"]
    labels = {
        "project_id": "project",
        "region": "region",
        "asm_endpoint": "ASM",
        "modelarts_endpoint": "ModelArts",
        "auth_url": "IAM",
    }
    found = [(label, target[key]) for key, label in labels.items() if target[key]]
    return found + [("mesh", f"{mesh['name']} ({mesh['id'] or 'does not exist'})") for mesh in target["meshes"]]


def _explain_undetermined(report: Report) -> str:
    """Return of which kinds the unmanaged resources are unknown. Empty if all are known."""
    kinds = report.get("undetermined_kinds", [])
    reason = "an item is invalid" + (", or another target is unknown" if "meshes" in kinds else "")
    return f"Unmanaged {' and '.join(kinds)} are unknown, because {reason}." if kinds else ""


def _is_plan(report: Report) -> bool:
    return report["format"] in (PLAN, PLAN_TARGETS)


def _is_combined(report: Report) -> bool:
    return report["format"] in (PLAN_TARGETS, DRIFT_TARGETS)


def _find_title(report: Report) -> str:
    return "Plan" if _is_plan(report) else "Drift"


def _format_headline(report: Report) -> str:
    if _is_combined(report):
        counts = report["target_counts"]
        words = [f"{_LABELS[state][0]}: {count}" for state, count in counts.items() if count]
        return f"{_find_title(report)} of {_pluralize(len(report['targets']), 'target')} ({', '.join(words)})"
    if report["format"] == PLAN:
        changes = sum(1 for resource in report["resources"] if resource["action"])
        invalid = report["counts"]["invalid"]
        return f"Plan: {_pluralize(changes, 'change')}" + (
            f", {_pluralize(invalid, 'invalid resource')}" if invalid else ""
        )
    drifted = sum(1 for resource in report["resources"] if resource["state"] in DRIFTED_STATES)
    unknown = report["counts"]["unknown"]
    if not drifted and not unknown and not report.get("undetermined_kinds"):
        return "No drift"
    return f"Drift: {_pluralize(drifted, 'resource')}" + (
        f", {_pluralize(unknown, 'unknown resource')}" if unknown else ""
    )


def _pluralize(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _build_context(report: Report) -> dict[str, t.Any]:
    states = list(report["counts"])
    entries = []
    # States that need attention come first.
    for resource in sorted(report["resources"], key=lambda resource: states.index(resource["state"])):
        rows = list_rows(resource)
        is_short = sum(len(row.lines) for row in rows) <= _MAX_OPEN_LINES
        entries.append((resource, rows, bool(resource["differences"]) and is_short))
    return {
        "page_title": f"{_find_title(report)}: {report['desired_state']['path']}",
        "headline": _format_headline(report),
        "report": report,
        "target": "",
        "targets": list_targets(report),
        "undetermined_kinds": _explain_undetermined(report),
        "counts": _format_counts(report),
        "states": {resource["state"] for resource in report["resources"]},
        "is_plan": report["format"] == PLAN,
        "labels": _LABELS,
        "remarks": dict(dict.fromkeys(_LABELS, ""), **_REMARKS),
        "resources": entries,
    }


def _build_targets_context(report: Report) -> dict[str, t.Any]:
    """Return the context of a combined report, with that of the report of each target."""
    sections = [(entry, _build_context(entry["report"]) if entry["report"] else None) for entry in report["targets"]]
    return {
        "page_title": f"{_find_title(report)} of {_pluralize(len(sections), 'target')}",
        "headline": _format_headline(report),
        "report": report,
        "counts": _format_counts(report),
        "states": {state for _entry, section in sections if section for state in section["states"]},
        "labels": _LABELS,
        "sections": sections,
    }


def _format_counts(report: Report) -> dict[str, str]:
    return {state: "?" if count is None else str(count) for state, count in report["counts"].items()}


@functools.cache
def _create_environment(escaped: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=mask_invisible,
    )
    environment.filters.update(
        not_compared=format_not_compared,
        table_cell=format_table_cell,
        code_span=format_code_span,
        code_block=format_code_block,
    )
    add_filters(environment)
    return environment


def _render_html(report: Report) -> str:
    environment = _create_environment(True)
    if report["format"] == CANARY:
        return render_canary_html(report, environment)
    script = environment.get_template(_SCRIPT).render()
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    # With its hash, the browser runs this script only, and no script from a value.
    context = _build_targets_context(report) if _is_combined(report) else _build_context(report)
    template = environment.get_template("targets.html.j2" if _is_combined(report) else "report.html.j2")
    return template.render(context, script=Markup(script), script_hash=digest)


def _render_markdown(report: Report) -> str:
    # Markdown has no general escaping. All values are in code spans and code blocks instead.
    environment = _create_environment(False)
    if report["format"] == CANARY:
        return render_canary_markdown(report, environment)
    template = environment.get_template("report.md.j2")
    if not _is_combined(report):
        return template.render(_build_context(report))
    context = _build_targets_context(report)
    sections = [
        template.render({**section, "target": entry["name"]}) for entry, section in context["sections"] if section
    ]
    return "\n\n".join([environment.get_template("targets.md.j2").render(context), *sections])


def _render_json(report: Report) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _render_junit(report: Report) -> str:
    """Return a test suite for each kind with a test case for each resource. Planned changes are skipped, problems have failed.

    A combined report has suites for each target, and a suite with a test case for each target.
    """
    entries = report["targets"] if _is_combined(report) else []
    reports = [(entry["name"], entry["report"]) for entry in entries if entry["report"]] if entries else [("", report)]
    tags = [_find_tag(resource) for _name, each in reports for resource in each["resources"]]
    tags += [_find_target_tag(entry) for entry in entries]
    root = ET.Element("testsuites", name=_find_title(report), **_count_tags(tags))
    if entries:
        _add_target_suite(root, report)
    for name, each in reports:
        _add_suites(root, name, each)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_suites(root: ET.Element, target: str, report: Report) -> None:
    """Add a suite for each kind of a report. The names of the suites begin with the target of a combined report."""
    for kind in dict.fromkeys(resource["kind"] for resource in report["resources"]):
        resources = [resource for resource in report["resources"] if resource["kind"] == kind]
        name = f"{_find_title(report)}: {f'{target}: ' if target else ''}{PLURALS.get(kind, kind)}"
        counts = _count_tags([_find_tag(resource) for resource in resources])
        suite = ET.SubElement(root, "testsuite", name=mask_invisible(name), timestamp=report["generated_at"], **counts)
        properties = ET.SubElement(suite, "properties")
        for word, value in list_targets(report):
            ET.SubElement(properties, "property", name=word, value=mask_invisible(value))
        if _explain_undetermined(report):
            ET.SubElement(properties, "property", name="unmanaged", value=_explain_undetermined(report))
        for resource in resources:
            _add_case(suite, resource)


def _add_target_suite(root: ET.Element, report: Report) -> None:
    """Add a suite with a test case for each target. Those whose state is unknown are errors."""
    counts = _count_tags([_find_target_tag(entry) for entry in report["targets"]])
    name = f"{_find_title(report)}: targets"
    suite = ET.SubElement(root, "testsuite", name=name, timestamp=report["generated_at"], **counts)
    for entry in report["targets"]:
        case = ET.SubElement(suite, "testcase", classname="target", name=mask_invisible(entry["name"]))
        tag = _find_target_tag(entry)
        if tag:
            message = mask_invisible(entry["msg"] or _LABELS[entry["status"]][0])
            ET.SubElement(case, tag, {"message": message} if tag == "skipped" else {"message": message, "type": tag})


def _find_target_tag(entry: t.Mapping[str, t.Any]) -> str:
    return {"unknown": "error", "not_selected": "skipped"}.get(entry["status"], "")


def _add_case(suite: ET.Element, resource: ReportedResource) -> None:
    case = ET.SubElement(
        suite, "testcase", classname=mask_invisible(resource["kind"]), name=mask_invisible(resource["name"])
    )
    tag = _find_tag(resource)
    if tag:
        message = (
            resource["failure"] or resource["msg"] or ", ".join([_LABELS[resource["state"]][0], *resource["fields"]])
        )
        attributes = (
            {"message": mask_invisible(message)}
            if tag == "skipped"
            else {"message": mask_invisible(message), "type": resource["state"]}
        )
        entry = ET.SubElement(case, tag, attributes)
        entry.text = mask_invisible(
            "\n".join(text for row in list_rows(resource) for text in [row.field, *_format_lines(row.lines)])
        )
    if resource["not_compared"]:
        ET.SubElement(case, "system-out").text = mask_invisible(format_not_compared(resource))


def _find_tag(resource: ReportedResource) -> str:
    if resource["state"] == "unknown":
        return "error"
    if resource["state"] in ("invalid", *DRIFTED_STATES):
        return "failure"
    return "" if resource["state"] in ("unchanged", "in_sync") else "skipped"


def _count_tags(tags: t.Sequence[str]) -> dict[str, t.Any]:
    return {
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
    }


def _render_summary(report: Report) -> str:
    return json.dumps(summarize_targets(report) if _is_combined(report) else summarize(report), ensure_ascii=False)


RENDERERS: dict[str, t.Callable[[Report], str]] = {
    "json": _render_json,
    "md": _render_markdown,
    "html": _render_html,
    "xml": _render_junit,
    "summary": _render_summary,
}
