# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import FixedIdentity


@pytest.mark.parametrize(
    "credentials, token",
    [
        (Credentials("aksk", "task", access_key="AK", secret_key="CANARY"), ""),
        (Credentials("token", "task", auth_token="CANARY"), "CANARY"),
    ],
)
def test_fixed_identity_sends_nothing(credentials, token):
    identity = FixedIdentity(Connection(credentials, project_id="p-1"))
    assert identity.credentials(None) is credentials
    assert (identity.token(None), identity.project_id(None), identity.renew(None)) == (token, "p-1", False)
