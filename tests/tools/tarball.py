# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the tarball that ``make dist`` built: it must contain exactly the files that users install, and be small."""

from __future__ import annotations

import json
import sys
import tarfile
import typing as t
from pathlib import Path

import yaml
from checkout import git_files
from environment import ROOT

MAX_BYTES = 1024 * 1024  # bytes

# The files that users install or Galaxy reads. Add a new file of the top directory here or to build_ignore in galaxy.yml.
SHIPPED = set(
    "CHANGELOG.md CHANGELOG.rst CODE_OF_CONDUCT.md CONTRIBUTING.md COPYING MAINTAINERS.md README.md REUSE.toml SECURITY.md bindep.txt "
    "requirements.txt "
    "LICENSES changelogs docs extensions meta playbooks plugins roles".split()
)
# A release turns the fragments into the changelog. AWX reads the project from a repository. The project imports playbooks of the installed collection,
# which Galaxy cannot resolve.
NOT_SHIPPED = ("changelogs/fragments/", "extensions/awx/project/")
# The build adds these files. They contain the metadata and a checksum of each file.
ADDED = {"MANIFEST.json", "FILES.json"}


def load_galaxy() -> dict[str, t.Any]:
    return yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def find_tarball() -> Path:
    """Return the tarball of the version in galaxy.yml. Raise FileNotFoundError if it does not exist."""
    metadata = load_galaxy()
    path = ROOT / "dist" / f"{metadata['namespace']}-{metadata['name']}-{metadata['version']}.tar.gz"
    if not path.exists():
        raise FileNotFoundError(f"{path.relative_to(ROOT)} is missing. Run: make dist")
    return path


def select_shipped_files(known: t.Iterable[str]) -> set[str]:
    """Return the files ``known`` to git that belong in the tarball."""
    return {name for name in known if name.split("/")[0] in SHIPPED and not name.startswith(NOT_SHIPPED)}


def find_problems(content: t.Iterable[str], known: t.Iterable[str], size: int) -> list[str]:
    """Return the problems of a tarball of ``size`` bytes with the files ``content``."""
    expected, found = select_shipped_files(known) | ADDED, set(content)
    lines = [f"{name} must not be in the tarball" for name in sorted(found - expected)]
    lines += [f"{name} is missing from the tarball" for name in sorted(expected - found)]
    return lines + [f"{size} bytes are more than the limit of {MAX_BYTES}"] * (size > MAX_BYTES)


def main() -> int:
    path = find_tarball()
    with tarfile.open(path) as archive:
        content = [member.name for member in archive.getmembers() if not member.isdir()]
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest is not None
        version = json.load(manifest)["collection_info"]["version"]
    known = git_files()
    found = find_problems(content, known, path.stat().st_size)
    found += [f"its version is {version}, that of galaxy.yml {load_galaxy()['version']}"] * (
        version != load_galaxy()["version"]
    )
    print(*found, sep="\n", end="\n" * bool(found))
    print(f"{path.relative_to(ROOT)}: {len(content)} files, {path.stat().st_size // 1024} KiB")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
