# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections out of options, and what refuses them."""

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

KEYS = {"access_key": "AK", "secret_key": "CANARY-secret-key"}


def resolve(environ=None, **params):
    return resolve_connection({**KEYS, **params}, environ or {})


def refusal(environ=None, **params):
    with pytest.raises(OptionError) as caught:
        resolve(environ, **params)
    assert "CANARY" not in f"{caught.value} {caught.value!r} {caught.value.facts()}"
    return caught.value
