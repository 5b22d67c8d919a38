# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use the collection like somebody who has nothing but the tarball: ``installed.py``.

Runs in an environment with ansible-core and requirements.txt only. With an empty home directory, it installs and
verifies the tarball, runs the quick start, and then the other playbooks against the emulator of the installed role.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from environment import FOREIGN, ROOT, VENV, use_home, with_loopback
from scenarios import left
from tarball import find_tarball
from temporary import usable_directory

NAME = "community.huaweicloud"
# The quick start must not need these: the role creates an environment for the emulator.
NOT_INSTALLED = ("starlette", "uvicorn")
LAST_TASK = "Summarize the quick start"
DESIRED_STATE = "bookinfo.yml"
SEED = {
    "users": ["irina", "tomasz"],
    "meshes": [{"name": "bookinfo-mesh", "clusters": ["7c1d3a52-4b0e-4c8e-9a57-2f6b81d0c3e4"]}],
}
PLAYBOOKS = (("info",), ("site", "--check", "--diff"), ("plan",), ("site",), ("drift",))

Records = t.List[t.Dict[str, t.Any]]


class Unusable(Exception):
    """The installed collection does not work. The message contains the output."""


def problems(records: Records) -> list[str]:
    """Return what is wrong with a run of ansible-playbook whose exit status was 0."""
    if not records:
        return ["No task ran."]
    return [f"{record['name']}: {warning}" for record in records for warning in record["warnings"]]


class User:
    """A user with an empty home directory below ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.home, self.scratch = directory / "home", directory / "tmp"
        self.scratch.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith((*FOREIGN, "VIRTUAL_ENV"))
        }
        use_home(self.environment, self.home)
        path = os.pathsep.join([str(VENV / "bin"), self.environment.get("PATH", os.defpath)])
        no_proxy = with_loopback(self.environment.get("NO_PROXY") or self.environment.get("no_proxy"))
        self.environment.update(
            PATH=path, LC_ALL="C.UTF-8", TMPDIR=str(self.scratch), NO_PROXY=no_proxy, no_proxy=no_proxy
        )
        # The emulator's own environment gets the pinned versions too. pip splits the value at blanks.
        pinned = shutil.copy(ROOT / "tests" / "constraints" / "packages.txt", self.scratch.parent)
        self.environment["PIP_CONSTRAINT"] = str(pinned)

    def run(self, *command: str) -> str:
        """Return the output of one command. Raise Unusable if it fails."""
        print("$", shlex.join(command), flush=True)
        program = str(VENV / "bin" / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Unusable(f"{done.stdout}\n{shlex.join(command)} failed with exit status {done.returncode}")
        return done.stdout

    def play(self, name: str, *arguments: str) -> Records:
        """Run a playbook of the collection. Return one record for each task. Raise Unusable."""
        file = self.directory / "records.jsonl"
        file.unlink(missing_ok=True)
        self.environment.update(
            ANSIBLE_CALLBACK_PLUGINS=str(ROOT / "tests" / "playbooks" / "callback"),
            ANSIBLE_CALLBACKS_ENABLED="records",
            RECORDS_FILE=str(file),
        )
        output = self.run("ansible-playbook", f"{NAME}.{name}", *arguments)
        records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
        found = problems(records)
        if found:
            raise Unusable("\n".join([output, *found]))
        return records


def install(user: User) -> None:
    """Install the tarball offline, and verify its checksums. Raise Unusable."""
    user.run("ansible-galaxy", "collection", "install", "--offline", str(find_tarball()))
    user.run("ansible-galaxy", "collection", "verify", "--offline", NAME)
    directory = user.home / ".ansible" / "collections" / "ansible_collections" / Path(*NAME.split("."))
    if not (directory / "MANIFEST.json").is_file():
        raise Unusable(f"The collection is not in {directory}.")


def quickstart(user: User) -> None:
    present = [library for library in NOT_INSTALLED if importlib.util.find_spec(library)]
    if present:
        raise Unusable(f"This environment has {present}, so it is not that of a user.")
    records = user.play("quickstart")
    if LAST_TASK not in [record["name"] for record in records]:
        raise Unusable(f"The quick start did not run its last task {LAST_TASK!r}.")
    remains = sorted(path.name for path in user.scratch.iterdir())
    if remains:
        raise Unusable(f"The quick start left {remains} in the directory for temporary files.")


def playbooks(user: User) -> list[str]:
    """Run the playbooks against an emulator of the installed role. Return their names."""
    variables = {"emulator_directory": str(user.directory / "emulator"), "emulator_parent_pid": os.getpid()}
    user.play("emulator", "-e", json.dumps({**variables, "emulator_seed": SEED}))
    facts = json.loads((user.directory / "emulator" / "ready.json").read_text(encoding="utf-8"))
    keys, url = facts["credentials"], facts["url"]
    addresses = dict.fromkeys(("HW_AUTH_URL", "HW_ASM_ENDPOINT", "HW_MODELARTS_ENDPOINT"), url)
    user.environment.update(addresses, HW_ACCESS_KEY=keys["access_key"], HW_SECRET_KEY=keys["secret_key"])
    user.environment.update(HW_PROJECT_ID=keys["project_id"], HW_REGION_NAME=keys["region"])
    for name, *arguments in PLAYBOOKS:
        user.play(name, *arguments, *(() if name == "info" else ("-e", f"desired_state_file={DESIRED_STATE}")))
    user.play("emulator", "-e", json.dumps({**variables, "emulator_state": "stopped"}))
    return [" ".join(words) for words in PLAYBOOKS]


def use(user: User) -> t.Iterator[str]:
    """Yield what works, step by step. Raise Unusable."""
    install(user)
    yield f"{find_tarball().name} installs offline, and its checksums are correct."
    quickstart(user)
    yield "The quick start runs, and leaves nothing behind."
    yield f"The playbooks {', '.join(playbooks(user))} run."
    remains = left(user.directory)
    if remains:
        raise Unusable("\n".join(remains))


def main() -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="huaweicloud-installed-", dir=usable_directory()) as scratch:
            for line in use(User(Path(scratch))):
                print(line, flush=True)
    except Unusable as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
