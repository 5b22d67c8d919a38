# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the notes of the version that a tag names, for the page of its release: ``release_notes.py TAG``.

Refuses a tag that is not the version in galaxy.yml, and a version that ``make changelog`` was not run for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t

import yaml
from environment import CACHE, ROOT, VENV
from tarball import galaxy

NOTES = CACHE / "release-notes.md"
GENERATE = ("generate", "--only-latest", "--output-format", "md", "--output", str(NOTES))


def complaint(tag: str, version: str, changelog: t.Mapping[str, t.Any]) -> str:
    """Why ``tag`` can not be released; empty when it can."""
    if tag != version:
        return f"the tag is {tag!r}, the version in galaxy.yml {version!r}"
    if version not in (changelog["releases"] or {}):
        return f"changelogs/changelog.yaml has no {version}; run make changelog before the tag is set"
    return ""


def main() -> int:
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    version = galaxy()["version"]
    wrong = complaint(sys.argv[1] if sys.argv[1:] else "", version, changelog)
    if wrong:
        print(wrong, file=sys.stderr)
        return 1
    NOTES.parent.mkdir(exist_ok=True)
    # antsibull-changelog looks for ansible-doc there.
    environment = {**os.environ, "PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])}
    return subprocess.call([str(VENV / "bin" / "antsibull-changelog"), *GENERATE, version], cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main())
