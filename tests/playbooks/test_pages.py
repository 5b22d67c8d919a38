# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the reports in a browser: on a desktop and on a phone, light and dark. Requires Chromium or a related browser."""

from __future__ import annotations

import re
import shutil
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import build_canary_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import render_report
from example_record import RECORD, sample
from example_state import HOSTILE, MESH, behind_the_back, read_report, seeded
from harness import COLLECTION, Player
from play_results import QUICK
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
REPORTS = ("plan", "drift")


@pytest.fixture(scope="module")
def browser() -> t.Iterator[Browser]:
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = next(filter(None, map(shutil.which, BROWSERS)), own if Path(own).exists() else None)
        if found is None:
            pytest.skip(f"no browser is installed: none of {', '.join(BROWSERS)} is on PATH")
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()


@pytest.fixture(scope="class")
def directory(browser: Browser, shared_play: Player) -> Path:
    """Return the directory of both reports about resources in all states."""
    play, document = shared_play, seeded(shared_play)
    play.run(f"{COLLECTION}.site", variables={**QUICK, "desired_state_file": str(document)})
    play(behind_the_back())
    play.emulator.seed(
        workspaces=[
            {"name": f"x{HOSTILE}"[:60], "description": HOSTILE},
            {"name": "w" * 64, "status": "DELETE_FAILED", "status_info": HOSTILE},
        ],
        releases=[{"name": "ratings-v2", "namespace": "shop", "service_name": "ratings", "mesh_id": MESH}],
    )
    text = document.read_text(encoding="utf-8").replace("port: 8080", "port: 8081")
    document.write_text(
        text.replace("- name: shop-catalog", f"- {{name: {'n' * 64}, description: New}}\n  - name: shop-catalog"),
        encoding="utf-8",
    )
    for name in REPORTS:
        play.run(
            f"{COLLECTION}.{name}",
            variables={"desired_state_file": str(document), f"{name}_file": str(play.directory / f"{name}.json")},
        )
    return play.directory


@pytest.fixture(params=[(screen, scheme) for screen in SCREENS for scheme in SCHEMES], ids="-".join)
def page(request: pytest.FixtureRequest, browser: Browser) -> t.Iterator[Page]:
    screen, scheme = request.param
    context = browser.new_context(viewport=SCREENS[screen], color_scheme=scheme, offline=True)
    page = context.new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda message: page.complaints.append(message.text))  # type: ignore[attr-defined]
    page.on("dialog", lambda dialog: page.complaints.append("a dialog"))  # type: ignore[attr-defined]
    page.on("request", lambda call: page.complaints.append(call.url) if not call.url.startswith("file:") else None)  # type: ignore[attr-defined]
    yield page
    assert page.complaints == []  # type: ignore[attr-defined]
    context.close()


def luminance(page: Page) -> float:
    red, green, blue = map(
        int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3]
    )
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def test_page_of_a_rollout(page: Page, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """It has no script, its charts are described, and nothing stands out to the right."""
    screen, scheme = request.node.callspec.params["page"]
    lines = [*RECORD[:-1], sample(120, 5, HOSTILE, metric=HOSTILE, message=HOSTILE), RECORD[-1]]
    report = build_canary_report(lines, "canary.jsonl", "2026-03-01T13:00:00Z")
    path = tmp_path / "canary.html"
    path.write_text(render_report(report, "html"), encoding="utf-8")
    page.goto(path.as_uri())
    page.screenshot(path=tmp_path / f"canary-{screen}-{scheme}.png", full_page=True)
    charts = page.get_by_role("img")
    assert [chart.get_attribute("aria-label") for chart in charts.all()][:1] == [
        "The weight of the gray version over time: 0 %, 10 %, 50 %, 0 %."
    ]
    assert charts.count() == 3
    assert all((chart.bounding_box() or {"height": 0})["height"] > 80 for chart in charts.all())
    assert page.locator("tbody tr").count() == len(report["events"]) + len(report["steps"])
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["width"]
    right = "[...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > innerWidth).length"
    assert page.evaluate(right) == 0
    assert (luminance(page) > 0.8) == (scheme == "light")


@pytest.mark.parametrize("name", REPORTS)
class TestPage:
    def test_page(self, page: Page, directory: Path, name: str, request: pytest.FixtureRequest) -> None:
        report = read_report(directory / f"{name}.json")
        screen, scheme = request.node.callspec.params["page"]
        page.goto((directory / f"{name}.html").as_uri())
        page.screenshot(path=directory / f"{name}-{screen}-{scheme}.png", full_page=True)
        # The counts are at the top and equal those of the report.
        tiles = {
            tile.get_attribute("data-state"): tile.locator("b").inner_text()
            for tile in page.locator("button.tile").all()
        }
        assert tiles == {state: str(count) for state, count in report["counts"].items()}
        assert page.locator("button.tile").first.bounding_box()["y"] < 250  # type: ignore[index]
        assert page.locator("tr.resource:visible").count() == len(report["resources"])
        assert sorted(page.locator("td.name b").all_inner_texts()) == sorted(
            resource["name"] for resource in report["resources"]
        )
        # The page is not wider than the screen, even with the longest word and all details open.
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        page.screenshot(path=directory / f"{name}-{screen}-{scheme}-open.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["width"]
        assert (
            page.evaluate(
                "[...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > innerWidth).length"
            )
            == 0
        )
        assert (luminance(page) > 0.8) == (scheme == "light")
        assert (luminance(page) < 0.2) == (scheme == "dark")

    def test_filter(self, page: Page, directory: Path, name: str) -> None:
        report = read_report(directory / f"{name}.json")
        page.goto((directory / f"{name}.html").as_uri())
        total, visible = len(report["resources"]), page.locator("tr.resource:visible")
        search, status = page.get_by_role("searchbox"), page.get_by_role("status")
        assert status.inner_text() == f"{total} of {total}"
        search.fill("RATINGS shop")
        wanted = [resource["name"] for resource in report["resources"] if "ratings" in resource["name"]]
        assert sorted(visible.locator("td.name b").all_inner_texts()) == sorted(wanted)
        assert status.inner_text() == f"{len(wanted)} of {total}"
        search.fill("no such resource")
        assert (visible.count(), page.locator("#no-match").is_visible()) == (0, True)
        search.fill("")
        state = "update" if name == "plan" else "changed"
        tile = page.locator(f"button.tile[data-state={state}]")
        tile.click()
        assert tile.get_attribute("aria-pressed") == "true"
        assert (visible.count(), page.locator("#no-match").is_visible()) == (report["counts"][state], False)
        tile.click()
        assert visible.count() == total

    def test_values_do_not_add_markup(self, page: Page, directory: Path, name: str) -> None:
        page.goto((directory / f"{name}.html").as_uri())
        assert page.title() == f"{name.capitalize()}: {directory / 'shop.yml'}"
        assert page.locator("script").count() == 1
        assert page.locator("main img, main a, main iframe").count() == 0

    def test_side_by_side(self, page: Page, directory: Path, name: str, request: pytest.FixtureRequest) -> None:
        """The values are side by side on a desktop, and one below the other on a phone."""
        page.goto((directory / f"{name}.html").as_uri())
        row = page.locator("tr.resource", has_text="Bought stars").locator(
            ".sides tr", has=page.locator("td.removed", has_text="Bought stars")
        )
        left, right = row.locator("td").nth(0), row.locator("td").nth(1)
        assert (left.inner_text().strip(), right.inner_text().strip()) == ("Bought stars", "Honest stars")
        one, other = left.bounding_box(), right.bounding_box()
        assert one and other
        if request.node.callspec.params["page"][0] == "desktop":
            assert one["y"] == other["y"] and one["x"] + one["width"] <= other["x"] + 1
        else:
            assert one["x"] == other["x"] and one["y"] + one["height"] <= other["y"] + 1
