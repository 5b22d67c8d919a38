# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sign a copy of the checkout with ``ansible-sign`` and a temporary key, and check the signature.

The signature must cover every file that git knows. It must be valid for unchanged files, and invalid after a file is changed or added.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from checkout import copy_checkout, git_files
from environment import VENV

SIGNER = "release@example.org"
CHECKSUMS = Path(".ansible-sign") / "sha256sum.txt"
UNSIGNED = ("changelogs/.plugin-cache.yaml", "tests/integration/inventory", "plugins/modules/left.pyc", ".git/HEAD")


def parse_checksums(text: str) -> set[str]:
    """Return the files in a list of checksums that ``sha256sum`` wrote."""
    return {line.split(maxsplit=1)[1].lstrip("*") for line in text.splitlines() if line.strip()}


class Signer:
    """Runs ``ansible-sign`` on ``tree`` with a separate keyring in ``keyring``."""

    def __init__(self, tree: Path, keyring: Path) -> None:
        self.tree, self.keyring = tree, keyring
        keyring.mkdir(mode=0o700)
        # Without GPG_TTY, ansible-sign runs tty, which fails without a terminal. The key has no passphrase.
        self.environment = {**os.environ, "GNUPGHOME": str(keyring), "GPG_TTY": "none"}

    def call(self, *command: str) -> int:
        print("$", *command[:4], flush=True)
        return subprocess.call(command, env=self.environment, stdin=subprocess.DEVNULL)

    def make_key(self) -> int:
        return self.call(
            "gpg",
            "--batch",
            "--quiet",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
            "--quick-gen-key",
            SIGNER,
            "ed25519",
            "sign",
            "1d",
        )

    def sign(self) -> int:
        return self.call(
            str(VENV / "bin" / "ansible-sign"), "project", "gpg-sign", "--gnupg-home", str(self.keyring), str(self.tree)
        )

    def verify(self) -> int:
        return self.call(
            str(VENV / "bin" / "ansible-sign"),
            "project",
            "gpg-verify",
            "--gnupg-home",
            str(self.keyring),
            str(self.tree),
        )

    def close(self) -> None:
        """End the agent that gpg started for this keyring."""
        self.call("gpgconf", "--kill", "all")


def write_unsigned_files(tree: Path) -> None:
    """Write files that checkouts contain but that a signature must ignore."""
    for name in UNSIGNED:
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("unsigned\n", encoding="utf-8")


def compare_coverage(covered: set[str], known: set[str]) -> list[str]:
    lines = [f"{name} is not covered by MANIFEST.in" for name in sorted(known - covered)]
    return lines + [f"{name} is covered, but git does not know it" for name in sorted(covered - known)]


def find_problems(signer: Signer, known: t.Iterable[str]) -> list[str]:
    """Return the problems of the signature, in the order of the checks."""
    write_unsigned_files(signer.tree)
    if signer.make_key() or signer.sign():
        return ["the checkout could not be signed"]
    problems = compare_coverage(parse_checksums((signer.tree / CHECKSUMS).read_text(encoding="utf-8")), set(known))
    (signer.tree / UNSIGNED[0]).unlink()
    if signer.verify():
        problems.append("an unchanged tree was rejected")
    added = signer.tree / "plugins" / "modules" / "added.py"
    added.write_text("import os\n", encoding="utf-8")
    if not signer.verify():
        problems.append("an added file was not detected")
    added.unlink()
    with (signer.tree / "galaxy.yml").open("a", encoding="utf-8") as touched:
        touched.write("# touched\n")
    if not signer.verify():
        problems.append("a changed file was not detected")
    return problems


def main() -> int:
    known = git_files()
    with tempfile.TemporaryDirectory(prefix="huaweicloud-sign-") as scratch:
        tree = Path(scratch) / "tree"
        copy_checkout(tree)
        # The checkout can already be signed.
        present = [name for name in known if (tree / name).is_file() and not name.startswith(f"{CHECKSUMS.parent}/")]
        signer = Signer(tree, Path(scratch) / "keys")
        try:
            problems = find_problems(signer, present)
        finally:
            signer.close()
    print(*problems, sep="\n", end="\n" * bool(problems))
    print(f"{len(present)} files, {'signed and verified' if not problems else 'not signed correctly'}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
