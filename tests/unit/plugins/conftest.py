# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import redaction


class Vaulted(str):
    """A vaulted value in the form of ansible-core before 2.19."""

    __ENCRYPTED__ = True


@pytest.fixture
def vaulted(monkeypatch):
    """Return a function that marks text as vaulted."""
    monkeypatch.delattr(redaction.vault, "VaultHelper", raising=False)
    return Vaulted
