# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory for temporary files of playbooks and tests."""

from __future__ import annotations

import os
import tempfile
import typing as t

MAX_LENGTH = 60


def usable_directory(candidates: t.Sequence[str] = (tempfile.gettempdir(), "/tmp", "/var/tmp")) -> str:
    """Return the first of ``candidates`` that Ansible can use as TMPDIR, or the first one if it can use none.

    ansible-core 2.20 and later keep a socket in it, whose path has at most 104 bytes. Asynchronous tasks fail if the
    path of their files contains blanks.
    """
    usable = [path for path in candidates if len(path) <= MAX_LENGTH and " " not in path and os.access(path, os.W_OK)]
    return [*usable, *candidates][0]
