# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source asm_releases against the emulator, called directly and by ansible-rulebook if it is installed."""

from __future__ import annotations

import asyncio
import os
import runpy
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_watcher import watch_releases
from harness import FOREIGN, PROXIES, ROOT, Emulator, link_collection
from task_scenarios import MESH

SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "asm_releases.py"
RELEASE = {"name": "canary", "namespace": "default"}


class Watch:
    """A run of the event source. Each step happens while it waits for the next poll, and the run ends after the last one."""

    def __init__(self, emulator: Emulator, *steps: t.Callable[[], t.Any], **arguments: t.Any) -> None:
        self.emulator = emulator
        self.steps = list(steps)
        self.arguments = {**MESH, "max_retries": 0, **arguments}
        self.events: list[dict[str, t.Any]] = []

    async def put(self, event: dict[str, t.Any]) -> None:
        self.events.append(event["asm_release"])

    async def sleep(self, seconds: float) -> None:
        if not self.steps:
            raise asyncio.CancelledError
        self.steps.pop(0)()

    def __call__(self) -> list[tuple[str | None, str | None]]:
        """Run until the last step and return the previous and the new phase of each event."""
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(watch_releases(self, self.arguments, self.emulator.environment(), self.sleep))
        return [(event["previous_phase"], event["phase"]) for event in self.events]


def test_life_of_a_release(emulator: Emulator) -> None:
    def seed() -> None:
        emulator.set(release_phases="Creating,Running", running_after=2)
        emulator.seed(releases=[RELEASE])

    def end() -> None:
        emulator.transition("release", name="canary", phase="Ending")

    watch = Watch(emulator, seed, *[lambda: None] * 3, end, lambda: None)
    phases = watch()
    assert phases[0][0] is None
    assert [before for before, _after in phases[1:]] == [after for _before, after in phases[:-1]]
    assert phases[-1][1] == "Ending"
    assert len({event["event_id"] for event in watch.events}) == len(phases)
    assert {call["method"] for call in emulator.request_log()} == {"GET"}


@pytest.mark.parametrize("kind", ["reset", "truncated", "invalid_json", "html", "redirect", "schema_mismatch"])
def test_no_event_without_a_complete_list(emulator: Emulator, tmp_path: Path, kind: str) -> None:
    def break_lists() -> None:
        emulator.seed(releases=[RELEASE])
        emulator.fault(kind, "GET", "/releases$", times=2)

    state = {"state_path": str(tmp_path / "cursor.json")}
    assert Watch(emulator, break_lists, lambda: None, **state)() == []
    assert emulator.pending_faults() == []
    assert [before for before, _after in Watch(emulator, **state)()] == [None]


@pytest.mark.skipif(shutil.which("ansible-rulebook") is None, reason="ansible-rulebook is not installed")
class TestRulebook:
    """ansible-rulebook loads the event source from the collection."""

    def run(self, emulator: Emulator, directory: Path, **arguments: t.Any) -> subprocess.CompletedProcess[str]:
        link_collection()
        found = {"community.huaweicloud.asm_releases": {**MESH, "interval": 0.2, **arguments}}
        rule = {
            "name": "End",
            "condition": 'event.asm_release.change == "created"',
            "action": {"shutdown": {"message": "{{ event.asm_release.name }} has been created"}},
        }
        ruleset = {"name": "Releases", "hosts": "localhost", "sources": [{"name": "releases", **found}]}
        (directory / "rulebook.yml").write_text(yaml.safe_dump([{**ruleset, "rules": [rule]}]), encoding="utf-8")
        (directory / "hosts").write_text("localhost ansible_connection=local\n", encoding="utf-8")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name.lower() not in PROXIES
        }
        inherited.update(
            emulator.environment(),
            HOME=str(directory),
            ANSIBLE_HOME=str(directory / ".ansible"),
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
            LC_ALL="C.UTF-8",
        )
        return subprocess.run(
            ["ansible-rulebook", "--rulebook", "rulebook.yml", "--inventory", "hosts", "--print-events", "--verbose"],
            cwd=directory,
            env=inherited,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )

    def test_event_reaches_a_rule(self, emulator: Emulator, tmp_path: Path) -> None:
        path = tmp_path / "cursor.json"
        # The cursor of an earlier run, before the release existed.
        assert Watch(emulator, state_path=str(path))() == []
        emulator.seed(releases=[RELEASE])
        done = self.run(emulator, tmp_path, state_path=str(path))
        assert "canary has been created" in done.stdout
        assert emulator.credentials["secret_key"] not in done.stdout

    def test_invalid_option_stops_it(self, emulator: Emulator, tmp_path: Path) -> None:
        done = self.run(emulator, tmp_path, intervall=1)
        assert "unsupported parameters: intervall" in done.stdout


def test_source_needs_no_package() -> None:
    """ansible-rulebook runs the file by its path."""
    assert "main" in runpy.run_path(str(SOURCE))
