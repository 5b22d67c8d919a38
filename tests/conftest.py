# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests need: the checkout as a collection, a home directory, and a TMPDIR that Ansible can use."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "tools"))

from environment import CACHE, link_collection, use_home  # noqa: E402
from temporary import usable_directory  # noqa: E402

# The workers of pytest-xdist and all other processes inherit it.
os.environ["TMPDIR"] = tempfile.tempdir = usable_directory()
# Ansible creates directories there at import time. The home directory of the caller may not exist.
use_home(os.environ, CACHE / "home")

try:
    importlib.import_module("ansible_collections.community.huaweicloud")
except ModuleNotFoundError:
    link_collection()
    # .collections did not exist when Python looked for it.
    importlib.invalidate_caches()
