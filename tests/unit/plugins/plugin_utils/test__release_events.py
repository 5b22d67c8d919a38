# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.plugin_utils import _release_events
from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_events import (
    Cursor,
    ReportedRelease,
    detect_changes,
    read_cursor,
    start_cursor,
    write_cursor,
)

MESH = {"id": "m-1", "name": "shop"}
START, NOW, LATER = "2026-01-02T03:00:00Z", "2026-01-02T03:00:30Z", "2026-01-02T03:01:00Z"


def release(name: str, phase: str | None = "Running", namespace: str = "default", **changes: t.Any) -> dict[str, t.Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "namespace": namespace,
        "service_name": "reviews",
        "version": "v2",
        "gray_deployments": [{"template": {"env": "CANARY-of-a-template"}}],
        "status": {"phase": phase, "updated_at": "2026-01-02T03:00:10Z"},
        **changes,
    }


def start(*releases: dict[str, t.Any]) -> Cursor:
    return start_cursor("m-1", None, releases, START)


def summarize(events: list[dict[str, t.Any]]) -> list[tuple[t.Any, ...]]:
    names = ("name", "change", "previous_phase", "phase")
    return [tuple(event["asm_release"][name] for name in names) for event in events]


def list_ids(events: list[dict[str, t.Any]]) -> list[str]:
    return [event["asm_release"]["event_id"] for event in events]


def test_event_describes_the_change() -> None:
    (event,), cursor = detect_changes(start(release("a", "Creating")), MESH, [release("a")], NOW)
    event_id = event["asm_release"].pop("event_id")
    assert event == {
        "asm_release": {
            "change": "phase_changed",
            "mesh_id": "m-1",
            "mesh_name": "shop",
            "namespace": "default",
            "name": "a",
            "id": "id-a",
            "service_name": "reviews",
            "version": "v2",
            "phase": "Running",
            "previous_phase": "Creating",
            "updated_at": "2026-01-02T03:00:10Z",
            "detected_at": NOW,
        },
        "meta": {"uuid": event_id},
    }
    assert cursor == Cursor("m-1", None, START, {"id-a": ReportedRelease("default", "a", "Running", True, 1)})


def test_new_and_deleted_releases_are_events() -> None:
    events, cursor = detect_changes(start(release("a")), MESH, [release("b", None)], NOW)
    assert summarize(events) == [("a", "deleted", "Running", None), ("b", "created", None, None)]
    assert (events[0]["asm_release"]["id"], events[0]["asm_release"]["service_name"]) == (None, None)
    assert detect_changes(cursor, MESH, [release("b", None)], LATER) == ([], cursor)


@pytest.mark.parametrize("phase", ["Running", "running", " RUNNING "])
def test_equal_phase_is_no_event(phase: str) -> None:
    assert detect_changes(start(release("a")), MESH, [release("a", phase)], NOW)[0] == []


def test_events_are_sorted_by_namespace_and_name() -> None:
    releases = [release("b"), release("a"), release("c", namespace="a")]
    events, _cursor = detect_changes(start(), MESH, releases, NOW)
    assert [event["asm_release"]["name"] for event in events] == ["c", "a", "b"]


def test_event_ids_are_stable() -> None:
    """The same change has the same ID after a crash, even if other releases changed in the meantime."""
    cursor = start(release("b", "Creating"))
    first, _lost = detect_changes(cursor, MESH, [release("b")], NOW)
    second, _cursor = detect_changes(cursor, MESH, [release("a"), release("b")], LATER)
    assert list_ids(first) == [list_ids(second)[1]]


def test_event_ids_are_unique() -> None:
    """A release that changes back and forth, is deleted and listed again, never gets an old ID."""
    cursor, ids = start(), []
    for phases in (
        ["Creating"],
        ["Running"],
        ["Creating"],
        ["Running"],
        [],
        ["Creating"],
        [],
        ["Creating"],
        ["Running"],
    ):
        events, cursor = detect_changes(cursor, MESH, [release("a", phase) for phase in phases], NOW)
        ids += list_ids(events)
    assert len(ids) == len(set(ids)) == 9
    other, _cursor = detect_changes(start_cursor("m-1", None, [], LATER), MESH, [release("a", "Creating")], NOW)
    assert list_ids(other)[0] not in ids


def test_release_without_an_id_is_identified_by_its_name() -> None:
    cursor = start(release("a", "Creating", id=None))
    assert list(cursor.releases) == ["default/a"]
    events, _cursor = detect_changes(cursor, MESH, [release("a", id=None)], NOW)
    assert summarize(events) == [("a", "phase_changed", "Creating", "Running")]


def test_release_created_again_with_the_same_name() -> None:
    events, _cursor = detect_changes(start(release("a")), MESH, [release("a", id="id-new")], NOW)
    assert summarize(events) == [("a", "deleted", "Running", None), ("a", "created", None, "Running")]


def test_events_contain_no_templates() -> None:
    events, cursor = detect_changes(start(), MESH, [release("a")], NOW)
    assert "CANARY" not in json.dumps(events) + repr(cursor)


def test_only_the_last_deleted_releases_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_release_events, "_MAX_DELETED", 2)
    cursor = start(*map(release, "abcd"))
    for left in ("abd", "bd", "d"):
        _events, cursor = detect_changes(cursor, MESH, list(map(release, left)), NOW)
    assert list(cursor.releases) == ["id-d", "id-a", "id-b"]


class TestFile:
    def test_cursor_survives(self, tmp_path: Path) -> None:
        _events, cursor = detect_changes(start(release("a")), MESH, [release("b", None)], NOW)
        path = tmp_path / "cursor.json"
        write_cursor(str(path), start())
        write_cursor(str(path), cursor)
        assert read_cursor(str(path)) == cursor
        assert (path.stat().st_mode & 0o777, os.listdir(tmp_path)) == (0o600, ["cursor.json"])

    def test_no_file_is_no_cursor(self, tmp_path: Path) -> None:
        assert read_cursor(str(tmp_path / "cursor.json")) is None

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{}", "null", '{"format": 2}', '{"format": 1, "mesh_id": "m", "namespace": null, "started_at": "x"}']
        + ['{"format": 1, "mesh_id": "m", "namespace": null, "started_at": "x", "releases": {"a": {"name": "b"}}}'],
    )
    def test_damaged_file_is_an_error(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "cursor.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(OptionError) as caught:
            read_cursor(str(path))
        assert str(caught.value) == (
            f"state_path: '{path}' is not a cursor of the event source asm_releases. "
            "Set another path, or delete the file to report the changes from now on"
        )

    def test_unreadable_file_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(OptionError, match="cannot be read: Is a directory"):
            read_cursor(str(tmp_path))

    def test_missing_directory_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(OptionError, match="cannot be written: No such file or directory"):
            write_cursor(str(tmp_path / "missing" / "cursor.json"), start())

    def test_failed_write_keeps_the_old_cursor(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "cursor.json"
        write_cursor(str(path), start())

        def fail(descriptor: int) -> t.NoReturn:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OptionError, match="cannot be written: No space left on device"):
            write_cursor(str(path), start(release("a")))
        assert (read_cursor(str(path)), os.listdir(tmp_path)) == (start(), ["cursor.json"])
