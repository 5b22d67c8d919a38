# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""See what the changelog would say if the version in galaxy.yml were released now: ``notes.py [BASE]``.

The release is made on a copy. Its notes have to begin with a summary and to announce everything that is new. What users
notice has to have a fragment: compared with the commit BASE, or with the last tag that is a version.
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
from tarball import galaxy

DAY = "2000-01-01"  # of the release on the copy
FRAGMENTS = "changelogs/fragments/"
# A release moves what the fragments say into the second one.
SAYING = (FRAGMENTS, "changelogs/changelog.yaml")
NOTICED = ("plugins/", "roles/", "playbooks/", "meta/", "requirements.txt", "extensions/awx/")
VERSION = re.compile(r"v?\d+\.\d+\.\d+")


class NoAnswer(Exception):
    """git does not know what it was asked for; the message is what it says."""


def git(*arguments: str) -> list[str]:
    """The lines of an answer of git. Raises NoAnswer."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoAnswer(done.stderr.strip())
    return done.stdout.splitlines()


def newest(tags: t.Iterable[str]) -> str | None:
    """The first of ``tags`` that is a version; ``None`` while nothing was released."""
    return next((tag for tag in tags if VERSION.fullmatch(tag)), None)


def unannounced(changed: t.Iterable[str]) -> list[str]:
    """Of the files ``changed``, those that users notice, when nothing among them says what that means."""
    names = list(changed)
    return (
        []
        if any(name.startswith(SAYING) for name in names)
        else sorted(name for name in names if name.startswith(NOTICED))
    )


def there() -> dict[str, set[str]]:
    """What the collection consists of, by the key under which antsibull-changelog announces it."""
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}
    roles = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()}
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    return {"modules": modules, "role": roles, "playbook": playbooks}


def announced(releases: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, set[str]]:
    """What ``releases`` of a changelog.yaml together announced as new."""
    found: dict[str, set[str]] = {"modules": set(), "role": set(), "playbook": set()}
    for release in releases:
        found["modules"] |= {one["name"] for one in release.get("modules", [])}
        for kind in ("role", "playbook"):
            found[kind] |= {one["name"] for one in release.get("objects", {}).get(kind, [])}
    return found


def complaints(changelog: t.Mapping[str, t.Any], version: str, expected: t.Mapping[str, set[str]]) -> list[str]:
    """What is wrong with the notes of a release of ``version``."""
    release = changelog["releases"].get(version)
    if release is None:
        return [f"there are no notes of {version}"]
    found = (
        [] if release.get("changes", {}).get("release_summary") else [f"the notes of {version} have no release_summary"]
    )
    ever, now = announced(changelog["releases"].values()), announced([release])
    for kind, names in expected.items():
        found += [f"{kind}: {name} is there and was never announced" for name in sorted(names - ever[kind])]
        found += [f"{kind}: {name} is announced and not there" for name in sorted(now[kind] - names)]
    return found


def released(tree: Path, home: Path) -> tuple[int, str]:
    """Release the version in galaxy.yml of the copy ``tree``; status and output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    use_home(environment, home)
    environment["PATH"] = os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)])
    program = str(VENV / "bin" / "antsibull-changelog")
    said = ""
    for command in (["release", "--date", DAY], ["lint"], ["lint-changelog-yaml", "changelogs/changelog.yaml"]):
        done = subprocess.run(
            [program, *command],
            cwd=tree,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said += done.stdout
        if done.returncode:
            return done.returncode, said
    return 0, said


def main() -> int:
    version = galaxy()["version"]
    try:
        base = sys.argv[1] if sys.argv[1:] else newest(git("tag", "--merged", "HEAD", "--sort=-version:refname"))
        changed = git("diff", "--name-only", f"{base}...HEAD") if base else []
    except NoAnswer as failure:
        print(failure)
        return 1
    found = [
        f"{name} has changed since {base}, and no fragment in {FRAGMENTS} says what that means"
        for name in unannounced(changed)
    ]
    with tempfile.TemporaryDirectory(prefix="huaweicloud-notes-") as scratch:
        # antsibull-changelog asks ansible-doc, which wants these names.
        tree = Path(scratch) / "ansible_collections" / "community" / "huaweicloud"
        copy_checkout(tree)
        if version in (
            yaml.safe_load((tree / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"] or {}
        ):
            print(f"{version} is released, as changelogs/changelog.yaml says", *found, sep="\n")
            return int(bool(found))
        status, output = released(tree, Path(scratch) / "home")
        if status:
            print(output)
            return status
        changelog = yaml.safe_load((tree / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
        print((tree / "CHANGELOG.rst").read_text(encoding="utf-8"))
    found += complaints(changelog, version, there())
    print(*found, sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
