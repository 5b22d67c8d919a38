# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.community.huaweicloud.plugins.filter.render_report import render_report as render_filter
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import build_canary_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import list_formats, render_report
from example_record import HOSTILE, RECORD, event, sample

VOID_ELEMENTS = {"meta", "wbr", "br"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text of each table cell."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.texts = []
        self._open = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID_ELEMENTS:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self._open[-1] if self._open else "", data.strip()))

    def all(self, tag, **attributes):
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]

    def texts_of(self, tag):
        return [text for name, text in self.texts if name == tag]


def report(lines, path="canary.jsonl"):
    return build_canary_report(lines, path, "2026-03-01T13:00:00Z")


def page(lines):
    return Page(render_report(report(lines), "html"))


# HTML


def test_page_is_one_file_without_scripts():
    found = page(RECORD)
    assert not {tag for tag, _attributes in found.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "use",
        "image",
    }
    assert not [
        attributes for _tag, attributes in found.elements if {"src", "href", "onclick", "srcset"} & set(attributes)
    ]
    (policy,) = [meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    style = "".join(found.texts_of("style"))
    assert "url(" not in style and "@import" not in style
    assert "prefers-color-scheme: dark" in style and "max-width: 46rem" in style


def test_page_begins_with_the_outcome():
    found = page(RECORD)
    assert found.texts_of("h1") == found.texts_of("title")[:1] == ["Rollout of reviews-v2: rolled back"]
    assert found.texts_of("b")[:5] == ["rolled back", "0 %", "1", "1", "1"]
    assert [text for _tag, text in found.texts if text == "The metric errors failed."]
    facts = ["service shop/reviews", "from 2026-03-01T12:00:00Z", "to 2026-03-01T12:03:20Z", "record canary.jsonl"]
    assert found.texts_of("span")[: len(facts)] == facts


def test_charts_are_described_and_drawn():
    found = page(RECORD)
    charts = found.all("svg", role="img")
    assert [chart["aria-label"] for chart in charts] == [
        "The weight of the gray version over time: 0 %, 10 %, 50 %, 0 %.",
        "The metric errors over time: 1 passed, 1 failed, 1 inconclusive; values from 0.1 to 0.8; limits: max 0.5.",
    ]
    paths = [
        (path["class"], path["d"]) for path in found.all("path") if path["d"] not in ("M0 8H32", "M16 8h0", "M16 0V16")
    ]
    changes = [("change", f"M{x} 0V1000") for x in ("0.0", "100.0", "400.0", "550.0")]
    assert paths == [
        *changes,
        ("under", "M0 1000H100V900H400V500H550V1000H1000V1000H0Z"),
        ("value", "M0 1000H100V900H400V500H550V1000H1000"),
        *changes,
        ("limit", "M0 500H300V500H500V500H1000"),
        ("base", "M300 800L500 800"),
        ("value", "M300 900L500 200"),
        ("mark missing", "M200.0 1000h0"),
        ("hole", "M200.0 1000h0"),
        ("mark passed", "M300.0 900.0h0"),
        ("mark failed", "M500.0 200.0h0"),
    ]
    assert found.all("rect") == [{"class": "beyond", "x": "0", "y": "0.0", "width": "1000", "height": "500.0"}]


def test_all_data_of_the_charts_are_in_tables():
    text = render_report(report(RECORD), "html")
    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    cells = [
        [" ".join("".join(cell.itertext()).split()) for cell in row]
        for table in tables
        for row in ET.fromstring(table).iter("tr")
    ]
    assert cells == [
        ["Step", "Weight", "From", "To", "Samples", "Last decision"],
        ["1", "10 %", "12:00:20", "12:01:10", "1 passed, 1 inconclusive", "Step 1 has passed."],
        ["2", "50 %", "12:01:20", "12:03:20", "1 failed", "The metric errors failed."],
        ["Time", "Event", "Step", "Stage", "Weight", "Message"],
        ["2026-03-01T12:00:00Z", "state", "", "pinned", "", "All traffic goes to the original version."],
        ["2026-03-01T12:00:00Z", "weight", "", "pinned", "0 %", ""],
        ["2026-03-01T12:00:20Z", "weight", "1", "shifting", "10 %", "Shift 10 %."],
        ["2026-03-01T12:01:10Z", "decision", "1", "analyzing", "10 %", "Step 1 has passed."],
        ["2026-03-01T12:01:20Z", "weight", "2", "shifting", "50 %", "Shift 50 %."],
        ["2026-03-01T12:01:50Z", "decision", "2", "rolling_back", "50 %", "Roll back."],
        ["2026-03-01T12:01:50Z", "weight", "2", "rolling_back", "0 %", ""],
        ["2026-03-01T12:03:20Z", "outcome", "2", "finished", "0 %", "The metric errors failed."],
        ["Time", "Metric", "Verdict", "Value", "Baseline", "Min", "Max", "Message"],
        ["2026-03-01T12:00:40Z", "errors", "inconclusive", "", "", "", "0.5", "inconclusive"],
        ["2026-03-01T12:01:00Z", "errors", "passed", "0.1", "0.2", "", "0.5", "passed"],
        ["2026-03-01T12:01:40Z", "errors", "failed", "0.8", "0.2", "", "0.5", "failed"],
    ]
    assert all(header.get("scope") == "col" for header in Page(text).all("th"))


def test_page_of_an_empty_record():
    found = page([])
    assert found.texts_of("h1") == ["Rollout: no events"]
    assert found.texts_of("p") == ["The record has no events."]
    assert found.all("table") == found.all("svg") == []


def test_page_without_weights_and_samples():
    found = page([event(0, "state", message="Started.")])
    assert found.all("svg") == []
    assert len(found.all("table")) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_page_with_a_sample_without_value(value):
    text = render_report(report([sample(0, value, "inconclusive")]), "html")
    assert "nan" not in text.partition("<main>")[2].lower()
    found = Page(text)
    assert [path["class"] for path in found.all("path", d="M500.0 1000h0")] == ["mark missing", "hole"]


def test_page_with_many_metrics_closes_the_list_of_samples():
    lines = [sample(index, 0.1, "passed", metric=f"metric {index}") for index in range(41)]
    assert len(page(lines).all("svg", role="img")) == 41
    assert page(lines).all("details") == [{"class": "more"}]
    assert page(lines[:40]).all("details") == [{"class": "more", "open": None}]


def test_markup_in_values_has_no_effect():
    texts = dict.fromkeys(("release", "service", "stage", "verdict", "message"), HOSTILE)
    lines = [
        event(0, "weight", step=1, weight=10, **texts),
        sample(10, 1, HOSTILE, metric=HOSTILE, **dict.fromkeys(("release", "service", "message"), HOSTILE)),
        event(20, "outcome", step=1, **texts),
    ]
    text = render_report(report(lines, path=HOSTILE), "html")
    found = Page(text)
    assert not {tag for tag, _attributes in found.elements} & {"script", "img"}
    assert "\x1b" not in text and "\u202e" not in text and "\x00" not in text
    visible = HOSTILE.replace("\x00", "\u2400").replace("\x1b", "\u241b").replace("\u202e", "\ufffd")
    assert visible in found.texts_of("td")
    assert any(visible in chart["aria-label"] for chart in found.all("svg", role="img"))


# Markdown and JSON


def test_markdown():
    assert (
        render_report(report(RECORD), "md")
        == """\
# Rollout of `reviews-v2`: `rolled back`

service `shop/reviews`, from `2026-03-01T12:00:00Z`, to `2026-03-01T12:03:20Z`, record `canary.jsonl`, created `2026-03-01T13:00:00Z`

| state | gray version | passed | failed | inconclusive |
| --- | ---: | ---: | ---: | ---: |
| `rolled back` | 0 % | 1 | 1 | 1 |

`The metric errors failed.`

## Metrics

| metric | samples | lowest | highest | latest | min | max |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
| `errors` | 1 passed, 1 failed, 1 inconclusive | 0.1 | 0.8 | 0.8 |  | 0.5 |

## Steps

| step | weight | from | to | samples | last decision |
| ---: | ---: | --- | --- | --- | --- |
| 1 | 10 % | `2026-03-01T12:00:20Z` | `2026-03-01T12:01:10Z` | 1 passed, 1 inconclusive | `Step 1 has passed.` |
| 2 | 50 % | `2026-03-01T12:01:20Z` | `2026-03-01T12:03:20Z` | 1 failed | `The metric errors failed.` |

## Decisions

| time | event | step | stage | weight | message |
| --- | --- | ---: | --- | ---: | --- |
| `2026-03-01T12:00:00Z` | state |  | `pinned` |  | `All traffic goes to the original version.` |
| `2026-03-01T12:00:00Z` | weight |  | `pinned` | 0 % |  |
| `2026-03-01T12:00:20Z` | weight | 1 | `shifting` | 10 % | `Shift 10 %.` |
| `2026-03-01T12:01:10Z` | decision | 1 | `analyzing` | 10 % | `Step 1 has passed.` |
| `2026-03-01T12:01:20Z` | weight | 2 | `shifting` | 50 % | `Shift 50 %.` |
| `2026-03-01T12:01:50Z` | decision | 2 | `rolling_back` | 50 % | `Roll back.` |
| `2026-03-01T12:01:50Z` | weight | 2 | `rolling_back` | 0 % |  |
| `2026-03-01T12:03:20Z` | outcome | 2 | `finished` | 0 % | `The metric errors failed.` |

## Samples

| time | metric | verdict | value | baseline | min | max | message |
| --- | --- | --- | ---: | ---: | ---: | ---: | --- |
| `2026-03-01T12:00:40Z` | `errors` | `inconclusive` |  |  |  | 0.5 | `inconclusive` |
| `2026-03-01T12:01:00Z` | `errors` | `passed` | 0.1 | 0.2 |  | 0.5 | `passed` |
| `2026-03-01T12:01:40Z` | `errors` | `failed` | 0.8 | 0.2 |  | 0.5 | `failed` |
"""
    )


def test_markdown_of_an_empty_record():
    assert (
        render_report(report([]), "md")
        == """\
# Rollout: `no events`

record `canary.jsonl`, created `2026-03-01T13:00:00Z`

The record has no events.
"""
    )


def test_markdown_keeps_markup_in_code():
    lines = [sample(10, 1, HOSTILE, metric=HOSTILE, message=HOSTILE, release=HOSTILE)]
    hostile = [line for line in render_report(report(lines), "md").splitlines() if "alert" in line]
    # The headline, the metric and the sample.
    assert len(hostile) == 3
    assert [line for line in hostile if "<" in re.sub(r"(`+).*?\1", "", line)] == []
    # A bar in a value does not end a cell.
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in hostile[1:]] == [8, 9]


def test_json_is_the_report():
    assert json.loads(render_report(report(RECORD), "json")) == report(RECORD)


def test_formats_of_a_rollout():
    assert list_formats(report(RECORD)) == ["json", "md", "html"]
    assert list_formats({"format": "community.huaweicloud.plan/1"}) == ["json", "md", "html", "xml", "summary"]
    with pytest.raises(AnsibleFilterError, match="must be one of json, md, html, but it is 'xml'"):
        render_filter(report(RECORD), "xml")
    assert render_filter(report(RECORD), "html").startswith("<!DOCTYPE html>")
