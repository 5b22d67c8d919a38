# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import render as _render
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT, DRIFT_STATES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import PLAN, PLAN_STATES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import (
    Line,
    format_code_block,
    format_code_span,
    format_table_cell,
    list_rows,
    mask_invisible,
    render_report,
)
from markupsafe import Markup

HOSTILE = "</td></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&|`*_{{ 7*7 }}\x00\x1b[31m\u202e\ud800\uffff ä漢"

TARGET = {
    "project_id": "p-1",
    "region": "eu-de",
    "asm_endpoint": "https://asm",
    "modelarts_endpoint": None,
    "auth_url": "https://iam",
}
TARGET["meshes"] = [{"id": "m-1", "name": "shop"}]


def observed(state="update", name="team", **more):
    base = {
        "kind": "workspace",
        "name": name,
        "mesh": None,
        "state": state,
        "action": "update",
        "fields": ["description"],
        "msg": None,
        "failure": None,
        "not_compared": [],
    }
    return {**base, "differences": [], "desired": {"name": name}, "actual": {"id": "1", "name": name}, **more}


def report(*resources, form=PLAN, path="site.yml"):
    states = PLAN_STATES if form == PLAN else DRIFT_STATES
    counts = {state: sum(1 for one in resources if one["state"] == state) for state in states}
    made = {
        "format": form,
        "generated_at": "2026-01-02T03:04:05Z",
        "desired_state": {"path": path},
        "hash": "sha256:1",
        "counts": counts,
        "resources": list(resources),
    }
    return {**made, "target": {**TARGET, "meshes": [{"id": HOSTILE, "name": HOSTILE}]} if path == HOSTILE else TARGET}


def difference(actual, desired, field="description"):
    return {"field": field, "actual": actual, "desired": desired, "changeable": True}


class Tags(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.attributes = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


def hostile_report(form=PLAN):
    differing = observed(
        "update" if form == PLAN else "changed",
        HOSTILE,
        mesh=HOSTILE,
        differences=[difference(HOSTILE, {HOSTILE: [HOSTILE]}, HOSTILE)],
    )
    failed = observed("invalid" if form == PLAN else "failed", HOSTILE, msg=HOSTILE, failure=HOSTILE, action=None)
    return report(
        differing,
        failed,
        observed("create" if form == PLAN else "missing", declared={"name": HOSTILE, HOSTILE: None}),
        form=form,
        path=HOSTILE,
    )


@pytest.mark.parametrize("form", [PLAN, DRIFT])
def test_markup_in_values_is_escaped_in_html(form):
    page = render_report(hostile_report(form), "html")
    safe = render_report(
        report(*(dict(one, name="x", mesh="x") for one in hostile_report(form)["resources"]), form=form), "html"
    )
    tags = Tags(page)
    assert (tags.tags.count("script"), "img" in tags.tags) == (1, False)
    assert not [name for name in tags.attributes if name.startswith("on")]
    assert tags.tags.count("td") == Tags(safe).tags.count("td")
    assert mask_invisible(HOSTILE) in tags.text
    page.encode("utf-8")
    assert "{{ 7*7 }}" in page


def test_page_is_self_contained_and_allows_only_its_script():
    page = render_report(report(observed()), "html")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    page = page.replace("<span>ASM https://asm</span><span>IAM https://iam</span>", "")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert not re.search(r"(src|href)=|https?://|@import|url\(", page)


@pytest.mark.parametrize("form", [PLAN, DRIFT])
def test_markup_in_values_is_escaped_in_junit(form):
    root = ET.fromstring(render_report(hostile_report(form), "xml"))
    assert [case.get("name") for case in root.iter("testcase")][0] == mask_invisible(HOSTILE)
    tags = {"testsuites", "testsuite", "properties", "property", "testcase", "failure"}
    assert {element.tag for element in root.iter()} == tags | ({"skipped"} if form == PLAN else set())
    failure = next(root.iter("failure"))
    assert mask_invisible(HOSTILE) in (failure.text or "") + failure.get("message", "")


@pytest.mark.parametrize("form", [PLAN, DRIFT])
def test_markup_in_values_is_code_in_markdown(form):
    lines = render_report(hostile_report(form), "md").splitlines()
    for line in lines:
        if HOSTILE[:5] in line and not line.startswith(("-", "+", " ", "@")):
            # Each stands between runs of backticks that are longer than any inside.
            assert re.sub(r"``+ ?.*?[^`]``(?!`)", "", line).count("<") == 0, line
    rows = [line for line in lines if line.startswith("| ")]
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows[3:]} == {6}


def test_target_is_rendered():
    made = report(observed())
    assert (
        "\nproject `p-1`, region `eu-de`, ASM `https://asm`, IAM `https://iam`, mesh `shop (m-1)`\n"
        in render_report(made, "md")
    )
    spans = "<span>project p-1</span><span>region eu-de</span><span>ASM https://asm</span><span>IAM https://iam</span><span>mesh shop (m-1)</span>"
    assert spans in render_report(made, "html")
    properties = ET.fromstring(render_report(made, "xml")).iter("property")
    expected = [
        ("project", "p-1"),
        ("region", "eu-de"),
        ("ASM", "https://asm"),
        ("IAM", "https://iam"),
        ("mesh", "shop (m-1)"),
    ]
    assert [(one.get("name"), one.get("value")) for one in properties] == expected


def test_undetermined_meshes_have_both_reasons():
    made = report(observed("in_sync", action=None), form=DRIFT)
    made.update(undetermined_kinds=["meshes"])
    words = "Unmanaged meshes are unknown, because an item is invalid, or another target is unknown."
    assert f"\n{words}\n" in render_report(made, "md")


def test_unknown_count_is_a_question_mark():
    made = report(observed("unknown", action=None), observed("unmanaged", "other"), form=DRIFT)
    made.update(counts={**made["counts"], "unmanaged": None}, undetermined_kinds=["workspaces", "workshops"])
    words = "Unmanaged workspaces and workshops are unknown, because an item is invalid."
    markdown = render_report(made, "md")
    assert f"\n{words}\n" in markdown and "| 0 | 0 | 0 | ? | 1 | 0 |" in markdown
    page = render_report(made, "html")
    tile = 'class="tile news" data-state="unmanaged" aria-pressed="false"><b>?</b> <span>unmanaged</span>'
    assert f'<p class="why">{words}</p>' in page and tile in page
    assert "<h1>Drift: 1 resource, 1 unknown resource</h1>" in page
    assert f'<property name="unmanaged" value="{words}" />' in render_report(made, "xml")
    for form in ("md", "html", "xml"):
        assert words not in render_report(report(observed("unknown", action=None), form=DRIFT), form)


def test_json_is_the_report():
    given = report(observed(name="ä漢</script>"))
    assert json.loads(render_report(given, "json")) == given
    assert render_report(given, "json").endswith("}\n")


def test_junit_counts():
    drift = [
        observed(state, state, failure="why" if state == "failed" else None, action=None) for state in DRIFT_STATES
    ]
    root = ET.fromstring(render_report(report(*drift, form=DRIFT), "xml"))
    assert {key: root.get(key) for key in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "Drift",
        "tests": "6",
        "failures": "4",
        "errors": "1",
        "skipped": "0",
    }
    plan = [observed(state, state) for state in PLAN_STATES] + [observed("unchanged", "w", kind="workshop")]
    root = ET.fromstring(render_report(report(*plan), "xml"))
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) for suite in root] == [
        ("Plan: workspaces", "8", "1", "6"),
        ("Plan: workshops", "1", "0", "0"),
    ]


@pytest.mark.parametrize(
    "resources, form, words",
    [
        ([], PLAN, "Plan: no changes"),
        ([observed()], PLAN, "Plan: 1 change"),
        (
            [observed(), observed(), observed("invalid", action=None)],
            PLAN,
            "Plan: 2 changes, 1 invalid resource",
        ),
        ([observed("in_sync", action=None)], DRIFT, "No drift"),
        ([observed("unknown", action=None)], DRIFT, "Drift: no resources, 1 unknown resource"),
        ([observed("failed"), observed("unknown")], DRIFT, "Drift: 1 resource, 1 unknown resource"),
    ],
)
def test_headline(resources, form, words):
    for kind in ("html", "md"):
        assert words in render_report(report(*resources, form=form), kind)


@pytest.mark.parametrize("form", ["md", "html"])
def test_mesh_without_an_id_does_not_exist(form):
    given = report(observed())
    given["target"] = {**TARGET, "meshes": [{"id": None, "name": "shop"}]}
    assert "shop (does not exist)" in render_report(given, form)


def test_resources_are_sorted_by_state():
    page = render_report(
        report(observed("unchanged", "calm"), observed("create", "new"), observed("invalid", "bad")), "html"
    )
    assert re.findall(r'<tr class="resource" data-state="(\w+)">', page) == ["invalid", "create", "unchanged"]


def test_rows_of_differences():
    (row,) = list_rows(observed(differences=[difference("a\nb\nc", "a\nx\nc\nd")]))
    assert row.field == "description"
    assert row.lines == [Line("a", "a", True), Line("b", "x", False), Line("c", "c", True), Line(None, "d", False)]


def test_rows_of_lists_are_lines_of_yaml():
    (row,) = list_rows(observed(differences=[difference([{"user_name": "ann"}], [])]))
    assert row.lines == [Line("- user_name: ann", "[]", False)]


@pytest.mark.parametrize(
    "state, fields",
    [
        ("create", ["name"]),
        ("missing", ["name"]),
        ("delete", ["id", "name"]),
        ("unmanaged", ["id", "name"]),
        ("unchanged", []),
        ("failed", []),
    ],
)
def test_rows_of_resources_on_one_side(state, fields):
    given = observed(state, declared={"name": "team", "state": "present", "wait": False, "description": None})
    assert [row.field for row in list_rows(given)] == fields


@pytest.mark.parametrize(
    "text, code",
    [
        ("team", "`team`"),
        ("a`b", "``a`b``"),
        ("`a``", "``` `a`` ```"),
        ("a|b\\|c", "`a|b\\|c`"),
        ("two\nlines\x00", "`two lines␀`"),
        ("", ""),
    ],
)
def test_code_spans(text, code):
    assert format_code_span(text) == code


@pytest.mark.parametrize(
    "text, code", [("a|b", "`a\\|b`"), ("a\\|b", "`a\\` `\\|b`"), ("`|", "`` `\\| ``"), ("|\\", "`\\|\\`"), ("", "")]
)
def test_code_spans_in_cells(text, code):
    assert format_table_cell(text) == code


def test_bars_are_escaped_in_tables_only():
    markdown = render_report(
        report(observed(name="a|b", fields=["x|y"], differences=[difference("1|2", "2")]), path="c|d.yml"), "md"
    )
    assert "`c|d.yml`, " in markdown
    assert "| to update | workspace | `a\\|b` | `x\\|y` |" in markdown
    assert "## workspace `a|b`: to update" in markdown
    assert "-1|2" in markdown


def test_code_fence_is_longer_than_fences_in_values():
    text = format_code_block(list_rows(observed(differences=[difference("````", "x")])))
    assert text.splitlines() == ["`````diff", " description ", "-````", "+x", "`````"]


def test_invisible_characters_are_masked():
    assert mask_invisible("a\x00\x1b\x7f\u202eb\nc\td") == "a␀␛\ufffd\ufffdb\nc\td"
    markup = Markup("<b>\x00</b>")
    assert mask_invisible(markup) is markup
    assert mask_invisible(3) == 3


def test_long_texts_are_compared_with_bounded_work(monkeypatch):
    def refuse(*arguments, **keywords):
        raise AssertionError("difflib must not compare texts of this size")

    monkeypatch.setattr(_render.difflib, "SequenceMatcher", refuse)
    left, right = ["a", *["x"] * 3000, "z"], ["a", *["x"] * 2000, "y", "z"]
    lines = _render._align_lines(left, right)
    assert [line.left for line in lines if line.left is not None] == left
    assert [line.right for line in lines if line.right is not None] == right
    assert [lines[0].same, lines[2000].same, lines[2001].same, lines[-1].same] == [True, True, False, True]
    assert _render._align_lines(["a"] * 3000, ["a"] * 3000)[-1].same


def test_short_texts_show_moved_lines():
    lines = _render._align_lines(["a", "b"], ["b", "c"])
    assert [(line.left, line.right, line.same) for line in lines] == [
        ("a", None, False),
        ("b", "b", True),
        (None, "c", False),
    ]


def test_long_runs_of_unchanged_lines_are_folded():
    lines = [f"line {number}" for number in range(100)]
    changed = [*lines[:50], "new", *lines[51:]]
    (row,) = list_rows(observed(differences=[difference("\n".join(lines), "\n".join(changed))]))
    folded = [*range(3), "... 44 unchanged lines ...", *range(47, 54), "... 43 unchanged lines ...", *range(97, 100)]
    assert [line.left for line in row.lines] == [f"line {one}" if isinstance(one, int) else one for one in folded]
    assert [line.right for line in row.lines if not line.same] == ["new"]


def test_field_without_a_value_on_one_side():
    (row,) = list_rows(observed(differences=[difference("x", None)]))
    assert row.lines == [Line("x", "(not set)", False)]


def test_only_short_differences_are_open():
    short = observed(differences=[difference("x", "y")])
    long = observed(differences=[difference("\n".join(map(str, range(50))), "\n".join(map(str, range(50, 100))))])
    assert [render_report(report(one), "html").count("<details open>") for one in (short, long)] == [1, 0]
    assert "Expand all" in render_report(report(short), "html")


@pytest.mark.parametrize("state", ["unchanged", "update"])
def test_fields_that_were_not_compared_are_named(state):
    fields = [] if state == "unchanged" else ["description"]
    plan = report(observed(state, fields=fields, not_compared=["clusters[].installation_nodes", "version"]))
    text = "not compared: clusters[].installation_nodes, version"
    assert f"<p>{text}</p>" in render_report(plan, "html")
    case = next(ET.fromstring(render_report(plan, "xml")).iter("testcase"))
    assert case.findtext("system-out") == text
    about = "not compared" in render_report(plan, "md")
    assert about == (state == "unchanged")
