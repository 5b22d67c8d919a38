# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the release notes of a tagged version: ``release_notes.py TAG``.

The tag must be the version in galaxy.yml, and the changelog must contain this version.
"""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t

import yaml
from environment import CACHE, ROOT, VENV
from tarball import load_galaxy

NOTES = CACHE / "release-notes.md"
GENERATE = ("generate", "--only-latest", "--output-format", "md", "--output", str(NOTES))


def find_problem(tag: str, version: str, changelog: t.Mapping[str, t.Any]) -> str:
    """Return why ``tag`` cannot be released, or an empty text."""
    if tag != version:
        return f"the tag is {tag!r}, but the version in galaxy.yml is {version!r}"
    if version not in (changelog["releases"] or {}):
        return f"changelogs/changelog.yaml does not contain {version}. Run make changelog before you create the tag"
    return ""


def main() -> int:
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    version = load_galaxy()["version"]
    problem = find_problem(sys.argv[1] if sys.argv[1:] else "", version, changelog)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    NOTES.parent.mkdir(exist_ok=True)
    # antsibull-changelog searches ansible-doc in PATH.
    environment = {**os.environ, "PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])}
    return subprocess.call([str(VENV / "bin" / "antsibull-changelog"), *GENERATE, version], cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main())
