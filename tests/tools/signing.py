# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sign a copy of the checkout with ``ansible-sign`` and a key made for it, and see that it can be trusted.

The signature has to cover every file that git knows, to be accepted while nothing is touched, and to be refused
once a file is changed or added.
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
LITTER = ("changelogs/.plugin-cache.yaml", "tests/integration/inventory", "plugins/modules/left.pyc", ".git/HEAD")


def listed(text: str) -> set[str]:
    """The files in a list of checksums as ``sha256sum`` writes it."""
    return {line.split(maxsplit=1)[1].lstrip("*") for line in text.splitlines() if line.strip()}


class Signer:
    """``ansible-sign`` on ``tree``, with a keyring of its own in ``keyring``."""

    def __init__(self, tree: Path, keyring: Path) -> None:
        self.tree, self.keyring = tree, keyring
        keyring.mkdir(mode=0o700)
        # ansible-sign asks for the name of the terminal unless it is told one; this key has no passphrase to ask for.
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


def litter(tree: Path) -> None:
    """What is in every checkout, and what tools leave in one: of no concern to a signature."""
    for name in LITTER:
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("litter\n", encoding="utf-8")


def not_covered(covered: set[str], known: set[str]) -> list[str]:
    lines = [f"{name} is not covered by MANIFEST.in" for name in sorted(known - covered)]
    return lines + [f"{name} is covered, and git does not know it" for name in sorted(covered - known)]


def complaints(signer: Signer, known: t.Iterable[str]) -> list[str]:
    """What is wrong with the signature, in the order in which it shows."""
    litter(signer.tree)
    if signer.make_key() or signer.sign():
        return ["it could not be signed"]
    found = not_covered(listed((signer.tree / CHECKSUMS).read_text(encoding="utf-8")), set(known))
    (signer.tree / LITTER[0]).unlink()
    if signer.verify():
        found.append("an untouched tree was refused")
    stranger = signer.tree / "plugins" / "modules" / "stranger.py"
    stranger.write_text("import os\n", encoding="utf-8")
    if not signer.verify():
        found.append("a file that was added went unnoticed")
    stranger.unlink()
    with (signer.tree / "galaxy.yml").open("a", encoding="utf-8") as touched:
        touched.write("# touched\n")
    if not signer.verify():
        found.append("a file that was changed went unnoticed")
    return found


def main() -> int:
    known = git_files()
    with tempfile.TemporaryDirectory(prefix="huaweicloud-sign-") as scratch:
        tree = Path(scratch) / "tree"
        copy_checkout(tree)
        # A checkout may be signed already.
        present = [name for name in known if (tree / name).is_file() and not name.startswith(f"{CHECKSUMS.parent}/")]
        signer = Signer(tree, Path(scratch) / "keys")
        try:
            found = complaints(signer, present)
        finally:
            signer.close()
    print(*found, sep="\n", end="\n" * bool(found))
    print(f"{len(present)} files, {'signed and verified' if not found else 'NOT signed as they should be'}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
