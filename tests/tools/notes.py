# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the changelog that a release of the version in galaxy.yml would have now: ``notes.py [BASE]``.

The release runs on a copy. Its notes must begin with a summary and announce all new objects. Changes that users notice since the commit BASE
need a fragment. The default for BASE is the last tag that is a version.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import yaml
from checkout import copy_checkout
from environment import ROOT, VENV, use_home
from tarball import load_galaxy

DAY = "2000-01-01"  # the date of the release on the copy
FRAGMENTS = "changelogs/fragments/"
# A release moves the content of the fragments to the second one.
ANNOUNCING = (FRAGMENTS, "changelogs/changelog.yaml")
VISIBLE = ("plugins/", "roles/", "playbooks/", "meta/", "requirements.txt", "extensions/awx/")
VERSION = re.compile(r"v?\d+\.\d+\.\d+")


class GitError(Exception):
    """git failed. The message is its output."""


def git(*arguments: str) -> list[str]:
    """Return the lines that git prints. Raise GitError if it fails."""
    process = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if process.returncode:
        raise GitError(process.stderr.strip())
    return process.stdout.splitlines()


def find_newest_version(tags: t.Iterable[str]) -> str | None:
    """Return the first of ``tags`` that is a version, or None before the first release."""
    return next((tag for tag in tags if VERSION.fullmatch(tag)), None)


def list_unannounced_changes(changed: t.Iterable[str]) -> list[str]:
    """Return the changed files that users notice, or nothing if a fragment is among them."""
    names = list(changed)
    return (
        []
        if any(name.startswith(ANNOUNCING) for name in names)
        else sorted(name for name in names if name.startswith(VISIBLE))
    )


def list_objects() -> dict[str, set[str]]:
    """Return the objects of the collection by the key under which antsibull-changelog announces them."""
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}
    roles = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()}
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    return {"modules": modules, "role": roles, "playbook": playbooks}


def list_announced_objects(releases: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, set[str]]:
    """Return the objects that ``releases`` of a changelog.yaml announced as new."""
    problems: dict[str, set[str]] = {"modules": set(), "role": set(), "playbook": set()}
    for release in releases:
        problems["modules"] |= {one["name"] for one in release.get("modules", [])}
        for kind in ("role", "playbook"):
            problems[kind] |= {one["name"] for one in release.get("objects", {}).get(kind, [])}
    return problems


def find_problems(changelog: t.Mapping[str, t.Any], version: str, expected: t.Mapping[str, set[str]]) -> list[str]:
    """Return the problems of the notes for ``version``."""
    release = changelog["releases"].get(version)
    if release is None:
        return [f"the notes of {version} are missing"]
    problems = (
        [] if release.get("changes", {}).get("release_summary") else [f"the notes of {version} have no release_summary"]
    )
    ever, now = list_announced_objects(changelog["releases"].values()), list_announced_objects([release])
    for kind, names in expected.items():
        problems += [f"{kind}: {name} exists but was never announced" for name in sorted(names - ever[kind])]
        problems += [f"{kind}: {name} is announced but does not exist" for name in sorted(now[kind] - names)]
    return problems


def run_release(tree: Path, home: Path) -> tuple[int, str]:
    """Release the version in galaxy.yml of the copy ``tree``. Return the status and the output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    use_home(environment, home)
    environment["PATH"] = os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)])
    program = str(VENV / "bin" / "antsibull-changelog")
    output = ""
    for command in (["release", "--date", DAY], ["lint"], ["lint-changelog-yaml", "changelogs/changelog.yaml"]):
        process = subprocess.run(
            [program, *command],
            cwd=tree,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += process.stdout
        if process.returncode:
            return process.returncode, output
    return 0, output


def main() -> int:
    version = load_galaxy()["version"]
    try:
        base = (
            sys.argv[1]
            if sys.argv[1:]
            else find_newest_version(git("tag", "--merged", "HEAD", "--sort=-version:refname"))
        )
        changed = git("diff", "--name-only", f"{base}...HEAD") if base else []
    except GitError as failure:
        print(failure)
        return 1
    problems = [
        f"{name} has changed since {base}, but {FRAGMENTS} has no fragment about it"
        for name in list_unannounced_changes(changed)
    ]
    with tempfile.TemporaryDirectory(prefix="huaweicloud-notes-") as scratch:
        # antsibull-changelog runs ansible-doc, which requires these names.
        tree = Path(scratch) / "ansible_collections" / "community" / "huaweicloud"
        copy_checkout(tree)
        if version in (
            yaml.safe_load((tree / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"] or {}
        ):
            print(f"{version} is already in changelogs/changelog.yaml", *problems, sep="\n")
            return int(bool(problems))
        status, output = run_release(tree, Path(scratch) / "home")
        if status:
            print(output)
            return status
        changelog = yaml.safe_load((tree / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
        print((tree / "CHANGELOG.rst").read_text(encoding="utf-8"))
    problems += find_problems(changelog, version, list_objects())
    print(*problems, sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
