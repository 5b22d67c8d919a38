# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one playbook of the checkout: ``play.py community.huaweicloud.NAME [more arguments of ansible-playbook]``."""

from __future__ import annotations

import os
import sys

from environment import ROOT, VENV, play_environment


def main() -> None:
    os.chdir(ROOT)
    command = str(VENV / "bin" / "ansible-playbook")
    os.execve(command, [command, *sys.argv[1:]], play_environment())


if __name__ == "__main__":
    main()
