# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extract the code blocks of a Markdown page and apply them to a copy of the collection."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r'^```(?P<language>\w+) title="(?P<path>[^"\n]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
# Copied if git is not available.
_DIRECTORIES = ("meta", "plugins", "roles", "tests")


class Block(t.NamedTuple):
    """One code block with a title. A ``diff`` changes the file at ``path``, all other languages are its complete content."""

    language: str
    path: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return the blocks that have a title, in the order of the page."""
    return [Block(found["language"], found["path"], found["text"]) for found in _BLOCK.finditer(page)]


def copy_collection(target: Path) -> Path:
    """Copy the files that git knows to ``target/ansible_collections/community/huaweicloud`` and return that path."""
    root = target / "ansible_collections" / "community" / "huaweicloud"
    for name in _known_files():
        source = ROOT / name
        if source.is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, root / name)
    return root


def apply_blocks(found: t.Iterable[Block], root: Path) -> None:
    """Write or change the files below ``root``. Raise AssertionError if a new file exists or a diff does not fit."""
    for block in found:
        path = root / block.path
        if block.language == "diff":
            path.write_text(_patched(path, block), encoding="utf-8")
        else:
            assert not path.exists(), f"{block.path} exists already: show the change as a diff block"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def _patched(path: Path, block: Block) -> str:
    lines = block.text.splitlines(keepends=True)
    assert all(line[0] in " +-" for line in lines), f"a line of the diff of {block.path} has no marker"
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{block.path} does not contain the context of the diff exactly once"
    return text.replace(before, after)


def _known_files() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        return [name for name in listing.stdout.decode().split("\0") if name]
    walked = [
        Path(directory, leaf)
        for top in _DIRECTORIES
        for directory, _separator, leaves in os.walk(ROOT / top)
        for leaf in leaves
    ]
    return [str(path.relative_to(ROOT)) for path in [*walked, *ROOT.glob("*.*")] if path.suffix != ".pyc"]
