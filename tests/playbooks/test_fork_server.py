# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run in the fork server is like a run in a new process."""

from __future__ import annotations

from pathlib import Path

from execution_modes import assert_equal_runs
from fork_server import ForkServer
from harness import Player, Run
from task_scenarios import workspace

# The second lookup reads the input, which is empty.
SHOW = "{{ lookup('ansible.builtin.env', 'HW_TEAM', 'PWD') }} {{ lookup('ansible.builtin.pipe', 'cat') }}"
TASKS = [
    {"name": "show", "ansible.builtin.debug": {"msg": SHOW}},
    {"name": "module", "ansible.builtin.slurp": {"src": "/dev/null"}},
    workspace("create", _diff=True),
    {"name": "fail", "ansible.builtin.fail": {"msg": "Für heute ist Schluß."}},
]


def outline(run: Run) -> list[str]:
    """Return the lines of the output that contain no paths, IDs or times."""
    beginnings = ("PLAY", "TASK", "ok", "changed", "fatal", "localhost")
    return [line.partition(" => ")[0] for line in run.stdout.splitlines() if line.startswith(beginnings)]


def test_fork_equals_a_new_process(play: Player, fork_server: ForkServer, tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    runs = []
    for player in (play, Player(play.emulator, directory)):
        play.emulator.reset()
        runs.append(player(TASKS, environment={"HW_TEAM": "team-a"}, working_directory=directory, fails=True))
    forked, started = runs
    assert (tmp_path / "output-1.stdout").exists() and not (directory / "output-1.stdout").exists()
    assert f"team-a,{directory}" in forked["show"].msg
    assert_equal_runs(forked, started)
    assert (forked.status, outline(forked)) == (started.status, outline(started))
    assert list((fork_server.directory / "home" / "tmp").glob("ansible-local-*/*")) == []


def test_other_settings_of_ansible_are_not_accepted(tmp_path: Path) -> None:
    server = ForkServer(tmp_path)
    assert server.accepts({"ANSIBLE_HOME": "/a", "HW_REGION_NAME": "eu-de"})
    assert server.accepts({"ANSIBLE_HOME": "/a", "HW_ACCESS_KEY": "AK"})
    assert not server.accepts({"ANSIBLE_HOME": "/b"})
    assert not server.accepts({"ANSIBLE_HOME": "/a", "TZ": "UTC"})
