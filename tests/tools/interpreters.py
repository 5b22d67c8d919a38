# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find Python interpreters that really run, also those that pyenv keeps beside the current one."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"


def pyenv_roots() -> t.Iterator[Path]:
    """Where pyenv may keep its versions: its variable, its shims on PATH, its usual place."""
    if os.environ.get("PYENV_ROOT"):
        yield Path(os.environ["PYENV_ROOT"])
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder.rstrip("/").endswith("/shims"):
            yield Path(folder).parent
    yield Path(os.path.expanduser("~")) / ".pyenv"


def candidates(version: str) -> t.Iterator[str]:
    """Paths that may be an interpreter of ``version`` ("3.12"), the likeliest first."""
    name = f"python{version}"
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        yield str(Path(sys.base_prefix) / "bin" / name)
    for root in pyenv_roots():
        for kept in sorted(root.glob(f"versions/{version}.*"), reverse=True):
            yield str(kept / "bin" / name)
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        # The virtual environment's own link leads to the base interpreter, which was the first candidate.
        if Path(folder) != Path(sys.prefix) / "bin" and shutil.which(name, path=folder):
            yield str(Path(folder) / name)


def runs(path: str, version: str) -> bool:
    """Whether ``path`` starts, is of ``version`` and can make virtual environments (a shim may exist and do nothing)."""
    try:
        answer = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version


@functools.cache
def find(version: str) -> str | None:
    """The path of a working interpreter of ``version``, or ``None``."""
    return next((path for path in candidates(version) if runs(path, version)), None)


def first_of(versions: t.Iterable[str]) -> tuple[str, str] | None:
    """Version and path of the first of ``versions`` that is present, or ``None``."""
    found = ((version, find(version)) for version in versions)
    return next(((version, path) for version, path in found if path), None)
