# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``ansible-test sanity`` without containers: ``sanity.py CORE [more arguments]``, for example ``sanity.py 2.19``.

The tests run on a copy of the files that git knows or would add, outside the checkout: ansible-test wants the folder
names ``ansible_collections/community/huaweicloud`` and no links. Each version of ansible-core keeps an environment of
its own under ``.cache``, with a home folder, so that nothing is written to the caller's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import CACHE, ROOT, EnvironmentFailure, ready_venv, use_home
from interpreters import find, first_of

# Versions of ansible-core, and the Pythons their controller is tested on here, the preferred one first.
CORES = {
    "2.19": ("3.11", "3.12", "3.13"),
    "2.21": ("3.12", "3.13", "3.14"),
}

# The oldest Python of managed hosts that modules promise to run on; checked with the first core where it is present.
OLDEST_TARGET = "3.9"

# Only used where there is no git.
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".cache", ".collections", ".ansible", "output", "dist", "__pycache__", "*.pyc", "*.tar.gz"
)

# ansible-test downloads a script that installs pip, unless it finds one. This does the same with what Python brings.
GET_PIP = '''"""Install pip in the version that the name of this file says, starting from the one Python brings."""

import pathlib
import subprocess
import sys

version = pathlib.Path(__file__).stem[len("get_pip_"):].replace("_", ".")
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip==" + version])
'''


def environment_of(core: str) -> tuple[str, Path]:
    """The Python version and the folder of the environment of ``core``, made when missing."""
    found = first_of(CORES[core])
    if not found:
        raise EnvironmentFailure(f"ansible-core {core} needs one of Python {', '.join(CORES[core])}, and none is here")
    version, python = found
    return version, ready_venv(python, CACHE / f"sanity-{core}-py{version}", f"ansible-core~={core}.0")


def place_get_pip(folder: Path, home: Path) -> None:
    """Put the stand-in where this environment's ansible-test looks for the script, unless there is one already."""
    source = next(folder.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py")).read_text(
        encoding="utf-8"
    )
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in set(re.findall(r"\bpip='([\d.]+)'", source)):
        script = cache / f"get_pip_{version.replace('.', '_')}.py"
        if not script.exists():
            script.write_text(GET_PIP, encoding="utf-8")


def files_of_git() -> list[str] | None:
    """The files that git knows or would add, or ``None`` when this is no checkout or git is missing."""
    if not shutil.which("git"):
        return None
    listing = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    return None if listing.returncode else [name for name in listing.stdout.decode().split("\0") if name]


def copy_tree(target: Path) -> None:
    """Copy the files of the checkout as they are now to ``target``: what git knows or would add."""
    names = files_of_git()
    if names is None:
        shutil.copytree(ROOT, target, ignore=NOT_COPIED, symlinks=True)
        return
    for name in names:
        source = ROOT / name
        if source.is_symlink() or source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name, follow_symlinks=False)


def run_sanity(version: str, folder: Path, arguments: list[str], path: str = "") -> int:
    """Run the tests of ``folder``'s ansible-test; pass its output on and return its status.

    ``version`` is the Python whose view is checked; ``path`` is where it lies when the environment does not have it.
    """
    home = folder / "home"
    place_get_pip(folder, home)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "COVERAGE_", "PYTHON"))
    }
    use_home(environment, home)
    folders = [str(folder / "bin"), *([path] if path else []), environment.get("PATH", os.defpath)]
    environment.update(PATH=os.pathsep.join(folders), LC_ALL="C.UTF-8", PIP_QUIET="1")
    with tempfile.TemporaryDirectory(prefix="huaweicloud-sanity-") as scratch:
        tree = Path(scratch) / "ansible_collections" / "community" / "huaweicloud"
        copy_tree(tree)
        command = [
            str(folder / "bin" / "ansible-test"),
            "sanity",
            "--local",
            "--python",
            version,
            "--color",
            "no",
            *arguments,
        ]
        process = subprocess.Popen(
            command,
            cwd=tree,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        skipped = False
        for line in process.stdout:
            skipped = skipped or "All targets skipped" in line
            print(line, end="", flush=True)
        status = process.wait()
    if skipped:
        print("ansible-test skipped everything, so nothing was tested")
        return 1
    return status


def main() -> int:
    core, arguments = sys.argv[1], sys.argv[2:]
    try:
        version, folder = environment_of(core)
    except EnvironmentFailure as failure:
        print(failure)
        return 1
    status = run_sanity(version, folder, arguments)
    print(f"ansible-core {core} on Python {version}: {'failed' if status else 'all sanity tests passed'}")
    oldest = find(OLDEST_TARGET) if core == next(iter(CORES)) and not arguments else None
    if oldest:
        target = run_sanity(OLDEST_TARGET, folder, ["--test", "compile", "--test", "import"], str(Path(oldest).parent))
        print(f"modules on Python {OLDEST_TARGET}: {'failed' if target else 'compile and import'}")
        status = status or target
    return status


if __name__ == "__main__":
    sys.exit(main())
