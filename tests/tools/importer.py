# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have galaxy-importer, the program that galaxy and automation hubs take a collection in with, look at the tarball.

It ends with status 0 whatever ansible-lint says, and says so in warnings only. Here any of them is a failure, and so is a
run that did not lint or did not read the documentation of every module.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from environment import CACHE, ROOT, EnvironmentFailure, ready_venv, use_home
from tarball import tarball

REQUIREMENTS = ROOT / "tests" / "requirements-importer.txt"
SETTINGS = {
    "GALAXY_IMPORTER_CHECK_CHANGELOG": "true",
    "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
    "GALAXY_IMPORTER_OFFLINE_ANSIBLE_LINT": "true",
    "GALAXY_IMPORTER_RUN_ANSIBLE_DOC": "true",
    "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "true",
    # It needs containers; `make sanity` runs the same.
    "GALAXY_IMPORTER_RUN_ANSIBLE_TEST": "false",
}
BAD = re.compile(r"^(WARNING|ERROR|CRITICAL)\b|\bskipping\b|Traceback")
LINTED = "...ansible-lint run complete"
RESULT = "importer_result.json"


def complaints(lines: t.Sequence[str]) -> list[str]:
    """What is wrong with an import that said ``lines``."""
    found = [line for line in lines if BAD.search(line)]
    return found if any(line.strip() == LINTED for line in lines) else [*found, "the collection was not linted"]


def undocumented(result: t.Mapping[str, t.Any], modules: t.Iterable[str]) -> list[str]:
    """The ``modules`` whose documentation the importer did not find."""
    read = {
        one["content_name"]
        for one in result["docs_blob"]["contents"]
        if one["content_type"] == "module" and one.get("doc_strings", {}).get("doc")
    }
    return sorted(set(modules) - read)


def run(folder: Path, place: Path) -> tuple[int, list[str]]:
    """Status and output of the importer of the environment ``folder``; it writes into ``place`` only."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GALAXY_", "PYTHON"))
    }
    use_home(environment, place / "home")
    environment.update(
        SETTINGS,
        PATH=os.pathsep.join([str(folder / "bin"), environment.get("PATH", os.defpath)]),
        LC_ALL="C.UTF-8",
        TMPDIR=str(place),
    )
    command = [str(folder / "bin" / "python"), "-m", "galaxy_importer.main", str(tarball())]
    process = subprocess.Popen(
        command,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        print(line, end="", flush=True)
    return process.wait(), lines


def main() -> int:
    try:
        folder = ready_venv(sys.executable, CACHE / "importer", "-r", str(REQUIREMENTS))
    except EnvironmentFailure as failure:
        print(failure)
        return 1
    with tempfile.TemporaryDirectory(prefix="huaweicloud-importer-") as scratch:
        status, lines = run(folder, Path(scratch))
        found = complaints(lines)
        if not status:
            modules = [path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"]
            result = json.loads((Path(scratch) / RESULT).read_text(encoding="utf-8"))
            found += [f"the documentation of {name} was not found" for name in undocumented(result, modules)]
    print(
        "",
        *(f"not accepted: {line}" for line in found),
        "accepted" if not status and not found else "NOT ACCEPTED",
        sep="\n",
    )
    return int(bool(status or found))


if __name__ == "__main__":
    sys.exit(main())
