# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use the collection as somebody who has nothing but the tarball: ``installed.py``.

In an empty home folder, with ansible-core and the two libraries of requirements.txt: install, verify, run the quick start
and then the other playbooks against the emulator that the installed collection starts. Nothing of the checkout is used.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from environment import CACHE, FOREIGN, ROOT, EnvironmentFailure, ready_venv, use_home, with_loopback
from scenarios import left
from tarball import tarball

NAME = "community.huaweicloud"
CORE = "ansible-core>=2.18,<2.22"
# The quick start has to make do without them: the role makes an environment for the emulator.
NOT_THERE = ("starlette", "uvicorn")
LAST_WORD = "What you have just seen"
DOCUMENT = "bookinfo.yml"
SEED = {
    "users": ["irina", "tomasz"],
    "meshes": [{"name": "bookinfo-mesh", "clusters": ["7c1d3a52-4b0e-4c8e-9a57-2f6b81d0c3e4"]}],
}
# Besides the quick start; those that are not there are not part of this version.
PLAYBOOKS = (("info",), ("site", "--check", "--diff"), ("plan",), ("site",), ("drift",))

# Whoever has no inventory is told so.
EXPECTED = {
    "[WARNING]: No inventory was parsed, only implicit localhost is available",
    "[WARNING]: provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'",
}
BAD = re.compile(r"\[(WARNING|DEPRECATED|DEPRECATION WARNING|ERROR)\]|Traceback")
RECAP = re.compile(r"^\S+ +: +ok=(\d+) .*unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


class Unusable(Exception):
    """What was installed does not do what it should; the message says what, with the output."""


def complaints(output: str) -> list[str]:
    """What is wrong with a run of ansible-playbook that ended well and said ``output``."""
    found = [line.strip() for line in output.splitlines() if BAD.search(line) and line.strip() not in EXPECTED]
    recaps = RECAP.findall(output)
    if not recaps:
        return [*found, "it did nothing"]
    return found + [
        f"ok={ok} unreachable={unreachable} failed={failed}"
        for ok, unreachable, failed in recaps
        if (unreachable, failed) != ("0", "0")
    ]


class User:
    """Somebody with an empty home folder below ``place`` and the programs of the environment ``folder``."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.folder, self.place = folder, place
        self.home, self.scratch = place / "home", place / "tmp"
        self.scratch.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith((*FOREIGN, "VIRTUAL_ENV"))
        }
        use_home(self.environment, self.home)
        path = os.pathsep.join([str(folder / "bin"), self.environment.get("PATH", os.defpath)])
        no_proxy = with_loopback(self.environment.get("NO_PROXY") or self.environment.get("no_proxy"))
        self.environment.update(
            PATH=path, LC_ALL="C.UTF-8", TMPDIR=str(self.scratch), NO_PROXY=no_proxy, no_proxy=no_proxy
        )

    def run(self, *command: str) -> str:
        """The output of one command. Raises Unusable when it fails."""
        print("$", shlex.join(command), flush=True)
        program = str(self.folder / "bin" / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Unusable(f"{done.stdout}\n{shlex.join(command)} ended with status {done.returncode}")
        return done.stdout

    def play(self, name: str, *arguments: str) -> str:
        output = self.run("ansible-playbook", f"{NAME}.{name}", *arguments)
        found = complaints(output)
        if found:
            raise Unusable("\n".join([output, *found]))
        return output


def install(user: User) -> Path:
    """Install the tarball without a network, compare what lies there with its checksums, and say where it lies."""
    user.run("ansible-galaxy", "collection", "install", "--offline", str(tarball()))
    verified = user.run("ansible-galaxy", "collection", "verify", "--offline", NAME)
    folder = user.home / ".ansible" / "collections" / "ansible_collections" / Path(*NAME.split("."))
    if "Successfully verified" not in verified or not (folder / "MANIFEST.json").is_file():
        raise Unusable(f"{verified}\nit was not verified, or is not in {folder}")
    return folder


def quickstart(user: User) -> None:
    for library in NOT_THERE:
        if (
            user.run("python", "-c", f"import importlib.util; print(importlib.util.find_spec({library!r}))").strip()
            != "None"
        ):
            raise Unusable(f"{library} is there, so the environment is not that of a user")
    output = user.play("quickstart")
    if LAST_WORD not in output:
        raise Unusable(f"{output}\nthe quick start did not come to its end")
    remains = sorted(path.name for path in user.scratch.iterdir())
    if remains:
        raise Unusable(f"the quick start left {remains} in the folder for temporary files")


def playbooks(user: User, folder: Path) -> list[str]:
    """Run those that come with the collection against an emulator of the installed role; returns their names."""
    place = {"emulator_directory": str(user.place / "emulator"), "emulator_parent_pid": os.getpid()}
    user.play("emulator", "-e", json.dumps({**place, "emulator_seed": SEED}))
    facts = json.loads((user.place / "emulator" / "ready.json").read_text(encoding="utf-8"))
    keys, url = facts["credentials"], facts["url"]
    addresses = dict.fromkeys(("HW_AUTH_URL", "HW_ASM_ENDPOINT", "HW_MODELARTS_ENDPOINT"), url)
    user.environment.update(addresses, HW_ACCESS_KEY=keys["access_key"], HW_SECRET_KEY=keys["secret_key"])
    user.environment.update(HW_PROJECT_ID=keys["project_id"], HW_REGION_NAME=keys["region"])
    there = [words for words in PLAYBOOKS if (folder / "playbooks" / f"{words[0]}.yml").is_file()]
    for name, *arguments in there:
        user.play(name, *arguments, *(() if name == "info" else ("-e", f"site_file={DOCUMENT}")))
    user.play("emulator", "-e", json.dumps({**place, "emulator_state": "stopped"}))
    return [" ".join(words) for words in there]


def use(user: User) -> t.Iterator[str]:
    """What was seen to work, step by step."""
    folder = install(user)
    yield f"{tarball().name} installs without a network, and is verified"
    quickstart(user)
    yield "the quick start runs from there, and leaves nothing"
    yield f"the playbooks {', '.join(playbooks(user, folder))} run from there"
    remains = left(user.place)
    if remains:
        raise Unusable("\n".join(remains))


def main() -> int:
    try:
        folder = ready_venv(sys.executable, CACHE / "installed", CORE, "-r", str(ROOT / "requirements.txt"))
        with tempfile.TemporaryDirectory(prefix="huaweicloud-installed-") as scratch:
            for line in use(User(folder, Path(scratch))):
                print(line, flush=True)
    except (EnvironmentFailure, Unusable) as failure:
        print(failure)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
