# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create or update ``.venv``: ``bootstrap.py play`` for playbooks, ``bootstrap.py nox`` also for the sessions.

Needs only the standard library. Does nothing if the requirements have not changed since the last run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from environment import CORES, LOGS, ROOT, link_collection

VENV = ROOT / ".venv"
TESTS = ROOT / "tests"
LOG = LOGS / "bootstrap.log"
GROUPS = {"play": ("play",), "nox": ("play", "nox")}
# Files that determine what is installed.
INPUTS = (
    "requirements.txt",
    "roles/emulator/files/requirements.txt",
    "tests/requirements/*.txt",
    "tests/constraints/*.txt",
)


class SetupError(Exception):
    """The environment cannot be created. The message is complete."""


def constraints(core: str = "") -> list[str]:
    """Return pip's arguments for the pinned versions. ``core`` selects a version of ansible-core, for example "2.18"."""
    core_file = f"ansible-core-{core}" if core else "ansible-core"
    return [word for name in ("packages", core_file) for word in ("-c", str(TESTS / "constraints" / f"{name}.txt"))]


def fingerprint(*words: str) -> str:
    """Return a digest of everything that determines the content of an environment."""
    digest = hashlib.sha256(repr((sys.version, sys.prefix, words)).encode())
    for path in sorted(path for pattern in INPUTS for path in ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_logged(command: list[str], log: Path, problem: str) -> None:
    """Run ``command`` with its output appended to ``log``. Raise SetupError with ``problem`` if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as output:
        print("$", *command, file=output, flush=True)
        environment = {**os.environ, "PIP_USER": "0"}
        status = subprocess.call(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
        )
    if status:
        raise SetupError(f"{problem} (exit status {status}; details: {log})")


def version_of(directory: Path | None) -> str:
    """Return the Python version of a virtual environment, or of this interpreter; empty if it does not run."""
    python = str(directory / "bin" / "python") if directory else sys.executable
    try:
        command = [python, "-c", "import sys; print(sys.version)"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def create_venv(directory: Path, log: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    problem = f"Failed to create {directory}. On Debian and Ubuntu, install python3-venv."
    run_logged([sys.executable, "-m", "venv", str(directory)], log, problem)


def pip_install(directory: Path, log: Path, *arguments: str) -> None:
    problem = (
        f"Failed to install packages into {directory}. Check the network connection, and set HTTPS_PROXY or"
        " PIP_INDEX_URL if your network needs a proxy or a package mirror."
    )
    pip = [str(directory / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run_logged([*pip, *arguments], log, problem)


def bootstrap(group: str) -> None:
    """Create or update ``.venv`` for ``group``. Raise SetupError if that fails."""
    core = os.environ.get("ANSIBLE_CORE", "")
    stamp = VENV / f".ready-{group}"
    wanted = fingerprint(core)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    LOG.unlink(missing_ok=True)
    if core and core not in CORES:
        raise SetupError(f"ansible-core {core} is not supported. Set ANSIBLE_CORE to one of: {', '.join(CORES)}.")
    # Without a stamp, an earlier attempt was interrupted.
    created = not any(VENV.glob(".ready-*")) or version_of(VENV) != version_of(None)
    print(f"{'Creating' if created else 'Updating'} .venv. This takes about half a minute.", flush=True)
    if created:
        create_venv(VENV, LOG)
    requirements = [word for name in GROUPS[group] for word in ("-r", str(TESTS / "requirements" / f"{name}.txt"))]
    pip_install(VENV, LOG, *requirements, *constraints(core))
    link_collection()
    stamp.write_text(wanted, encoding="utf-8")


def main() -> int:
    try:
        bootstrap(sys.argv[1])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
