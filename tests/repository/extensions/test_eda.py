# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plugins and the rulebook for ansible-rulebook: their documentation, the event filter, and the rules."""

from __future__ import annotations

import asyncio
import inspect
import logging
import runpy
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.plugin_utils import _release_watcher
from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_events import detect_changes, start_cursor
from environment import LINK, link_collection

ROOT = Path(__file__).resolve().parents[3]
EDA = ROOT / "extensions" / "eda"
SOURCE_PATH = EDA / "plugins" / "event_source" / "asm_releases.py"
SOURCE = runpy.run_path(str(SOURCE_PATH))
FILTER = runpy.run_path(str(EDA / "plugins" / "event_filter" / "alertmanager_release.py"))
(RULESET,) = yaml.safe_load((EDA / "rulebooks" / "rollback.yml").read_text(encoding="utf-8"))

ALERT = {
    "status": "firing",
    "labels": {"alertname": "HighErrorRate", "mesh": "shop-mesh", "namespace": "default", "release": "reviews-v2"},
    "annotations": {"summary": "CANARY-annotation"},
    "startsAt": "2026-06-25T08:31:00Z",
    "fingerprint": "2f4c0b1e5a6d7c8f",
}
FOUND = {
    "release_alert": {
        "mesh": "shop-mesh",
        "namespace": "default",
        "release": "reviews-v2",
        "alert": "HighErrorRate",
        "fingerprint": "2f4c0b1e5a6d7c8f",
        "starts_at": "2026-06-25T08:31:00Z",
    }
}

Event = t.Dict[str, t.Any]


def filter_event(event: Event, **options: str) -> list[Event]:
    return list(FILTER["main"](event, **options))


def label(**labels: t.Any) -> dict[str, t.Any]:
    return {**ALERT, "labels": {**t.cast(t.Dict[str, t.Any], ALERT["labels"]), **labels}}


class TestSource:
    DOCUMENTATION = yaml.safe_load(SOURCE["DOCUMENTATION"])

    def test_options_are_those_of_the_code(self) -> None:
        documented = {
            name: {key: spec[key] for key in ("type", "default", "aliases") if key in spec}
            for name, spec in self.DOCUMENTATION["options"].items()
        }
        expected = {
            name: {key: spec[key] for key in ("type", "default", "aliases") if key in spec}
            for name, spec in _release_watcher.ARGUMENTS.argument_spec.items()
        }
        assert documented == expected
        assert all(spec["description"] for spec in self.DOCUMENTATION["options"].values())

    def test_result_is_that_of_the_code(self) -> None:
        release = {"id": "1", "name": "a", "namespace": "b", "status": {"phase": "c"}}
        (event,), _cursor = detect_changes(start_cursor("m", None, [], ""), {"id": "m", "name": "n"}, [release], "")
        documented = yaml.safe_load(SOURCE["RETURN"])["asm_release"]["contains"]
        assert list(documented) == list(event["asm_release"])

    def test_entry_point_is_a_coroutine(self) -> None:
        assert asyncio.iscoroutinefunction(SOURCE["main"])
        assert list(inspect.signature(SOURCE["main"]).parameters) == ["queue", "args"]

    def test_entry_point_watches_releases(self, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[t.Any] = []

        async def watch(*arguments: t.Any) -> None:
            calls.append(arguments)

        monkeypatch.setattr(_release_watcher, "watch_releases", watch)
        asyncio.run(SOURCE["main"]("queue", {"mesh_name": "shop"}))
        assert calls == [("queue", {"mesh_name": "shop"})]

    def test_source_finds_its_collection(self, tmp_path: Path) -> None:
        """ansible-rulebook runs the file by its path, in a process in which the collection is not importable."""
        link_collection()
        path = LINK / SOURCE_PATH.relative_to(ROOT)
        script = f"import asyncio, runpy; asyncio.run(runpy.run_path({str(path)!r})['main'](None, {{}}))"
        environment = {"HOME": str(tmp_path), "ANSIBLE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert "OptionError: one of the following is required: mesh_id, mesh_name" in done.stderr

    def test_example_uses_known_options(self) -> None:
        ((_name, options),) = [
            item
            for source in yaml.safe_load(SOURCE["EXAMPLES"])[0]["sources"]
            for item in source.items()
            if item[0] == "community.huaweicloud.asm_releases"
        ]
        assert set(options) <= set(_release_watcher.ARGUMENTS.argument_spec)


class TestFilter:
    def test_options_are_those_of_the_code(self) -> None:
        documented = yaml.safe_load(FILTER["DOCUMENTATION"])["options"]
        parameters = list(inspect.signature(FILTER["main"]).parameters.values())[1:]
        assert {name: spec["default"] for name, spec in documented.items()} == {
            parameter.name: parameter.default for parameter in parameters
        }

    def test_result_is_that_of_the_code(self) -> None:
        documented = yaml.safe_load(FILTER["RETURN"])["release_alert"]["contains"]
        assert list(documented) == list(FOUND["release_alert"])

    def test_webhook_becomes_one_event_for_each_release(self) -> None:
        other = label(release="ratings-v3")
        meta = {"headers": {"Authorization": "CANARY-token"}, "hosts": ["pod-1"]}
        events = filter_event({"payload": {"status": "firing", "alerts": [ALERT, other]}, "meta": meta})
        assert events == [FOUND, {"release_alert": {**FOUND["release_alert"], "release": "ratings-v3"}}]

    def test_event_of_the_source_alertmanager(self) -> None:
        assert filter_event({"alert": ALERT, "meta": {"hosts": ["pod-1"]}}) == [FOUND]

    def test_names_of_labels_are_options(self) -> None:
        alert = {"status": "firing", "labels": {"asm": "m-1", "ns": "default", "canary": "reviews-v2"}}
        (event,) = filter_event({"alert": alert}, mesh_label="asm", namespace_label="ns", release_label="canary")
        nothing = {"alert": None, "fingerprint": None, "starts_at": None}
        assert event["release_alert"] == {"mesh": "m-1", "namespace": "default", "release": "reviews-v2", **nothing}

    @pytest.mark.parametrize("status", ["resolved", "Firing", "", None])
    def test_only_firing_alerts_count(self, status: str | None) -> None:
        # The status of the group does not count.
        assert filter_event({"payload": {"status": "firing", "alerts": [{**ALERT, "status": status}]}}) == []

    @pytest.mark.parametrize("name", ["mesh", "namespace", "release"])
    @pytest.mark.parametrize("value", ["", None])
    def test_alert_without_a_label_is_dropped(
        self, name: str, value: str | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert filter_event({"alert": label(**{name: value})}) == []
        assert caplog.records == []

    @pytest.mark.parametrize("name", ["mesh", "namespace", "release"])
    @pytest.mark.parametrize("value", ["../x", "a/b", "{{ x }}", "a\n", "a.b", ".", "-a", "x" * 65, 7, ["a"], "ä"])
    def test_invalid_name_is_dropped_with_a_warning(
        self, name: str, value: t.Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING):
            assert filter_event({"payload": {"alerts": [label(**{name: value}), ALERT]}}) == [FOUND]
        assert [record.getMessage() for record in caplog.records] == [
            f"Ignored a firing alert, because these labels do not contain valid names: {name}"
        ]

    @pytest.mark.parametrize(
        "event",
        [{}, {"payload": []}, {"payload": None}, {"payload": {}}, {"payload": {"alerts": None}}]
        + [{"payload": {"alerts": ["x", None]}}, {"alert": {"status": "firing", "labels": None}}, {"alert": "x"}],
    )
    def test_other_events_are_dropped(self, event: Event) -> None:
        assert filter_event(event) == []


class TestRulebook:
    (RULE,) = RULESET["rules"]
    ACTION = RULE["action"]["run_playbook"]

    def test_alerts_are_authenticated_and_filtered(self) -> None:
        (source,) = RULESET["sources"]
        assert source["eda.builtin.webhook"]["token"] == "{{ alertmanager_token }}"
        assert [name for entry in source["filters"] for name in entry] == ["community.huaweicloud.alertmanager_release"]

    def test_only_an_alert_about_a_release_is_a_reason(self) -> None:
        assert self.RULE["condition"] == "event.release_alert is defined"
        keys = ["mesh", "namespace", "release"]
        assert self.RULE["throttle"]["group_by_attributes"] == [f"event.release_alert.{key}" for key in keys]
        assert set(keys) <= set(FOUND["release_alert"])

    def test_rollback_is_the_only_action(self) -> None:
        """The playbook canary decides whether a rollback is still possible."""
        assert self.ACTION["name"] == "community.huaweicloud.canary"
        assert self.ACTION["extra_vars"]["canary_action"] == "rollback"
