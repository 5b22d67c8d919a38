# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import redaction as _veil


class Vaulted(str):
    """What a value of the vault looks like to cores before 2.19."""

    __ENCRYPTED__ = True


@pytest.fixture
def vaulted(monkeypatch):
    """Makes a text one that came out of a vault."""
    monkeypatch.delattr(_veil.vault, "VaultHelper", raising=False)
    return Vaulted
