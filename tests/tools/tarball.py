# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look into the tarball that ``make dist`` built: exactly the files that users install, as git knows them, and small."""

from __future__ import annotations

import json
import sys
import tarfile
import typing as t
from pathlib import Path

import yaml
from checkout import git_files
from environment import ROOT

LARGEST = 1024 * 1024  # bytes

# What users install and the hub looks at; a new file at the top has to be put here or into build_ignore of galaxy.yml.
SHIPPED = set(
    "CHANGELOG.md CHANGELOG.rst CODE_OF_CONDUCT.md CONTRIBUTING.md COPYING MAINTAINERS.md README.md REUSE.toml SECURITY.md bindep.txt "
    "requirements.txt "
    "LICENSES changelogs docs extensions meta playbooks plugins roles".split()
)
# Fragments become the changelog when a version is released. AWX takes the project from a repository, and imports the playbooks of a collection
# that has to be installed, which it is not while a hub looks at it.
NOT_SHIPPED = ("changelogs/fragments/", "extensions/awx/project/")
# The build adds them; they hold what galaxy.yml says and a checksum of each file.
ADDED = {"MANIFEST.json", "FILES.json"}


def galaxy() -> dict[str, t.Any]:
    return yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def tarball() -> Path:
    """Where ``make dist`` puts the tarball of the version in galaxy.yml. Raises FileNotFoundError when it has not."""
    about = galaxy()
    path = ROOT / "dist" / f"{about['namespace']}-{about['name']}-{about['version']}.tar.gz"
    if not path.exists():
        raise FileNotFoundError(f"{path.relative_to(ROOT)} is missing; make it with: make dist")
    return path


def shipped(known: t.Iterable[str]) -> set[str]:
    """Of the files ``known`` to git, those that belong into the tarball."""
    return {name for name in known if name.split("/")[0] in SHIPPED and not name.startswith(NOT_SHIPPED)}


def complaints(content: t.Iterable[str], known: t.Iterable[str], size: int) -> list[str]:
    """What is wrong with a tarball of ``size`` bytes that holds the files ``content``."""
    wanted, found = shipped(known) | ADDED, set(content)
    lines = [f"{name} is in the tarball and does not belong there" for name in sorted(found - wanted)]
    lines += [f"{name} is missing in the tarball" for name in sorted(wanted - found)]
    return lines + [f"{size} bytes are more than {LARGEST}"] * (size > LARGEST)


def main() -> int:
    path = tarball()
    with tarfile.open(path) as archive:
        content = [member.name for member in archive.getmembers() if not member.isdir()]
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest is not None
        version = json.load(manifest)["collection_info"]["version"]
    known = git_files()
    found = complaints(content, known, path.stat().st_size)
    found += [f"its version is {version}, that of galaxy.yml {galaxy()['version']}"] * (version != galaxy()["version"])
    print(*found, sep="\n", end="\n" * bool(found))
    print(f"{path.relative_to(ROOT)}: {len(content)} files, {path.stat().st_size // 1024} KiB")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
