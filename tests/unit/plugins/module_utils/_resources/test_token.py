# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import read_only
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.token import run
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Session
from simulated_cloud import CONNECTION, NOW


def session_of(cloud, credentials, **changes):
    connection = dataclasses.replace(CONNECTION, credentials=credentials, **changes)
    return Session(Client(connection, read_only(cloud), ProjectIdentity(connection), now=lambda: NOW))


def test_every_run_gets_its_own_token(cloud):
    session = session_of(
        cloud, Credentials("password", "task", username="alice", password="CANARY-password", domain_name="OTC00000001")
    )
    token = {
        "token": "CANARY-issued-token",
        "expires_at": "2026-01-03T03:04:05Z",
        "project_id": "p-1",
        "changed": False,
    }
    assert run(session, {}, None) == token
    assert run(session, {}, None) == token
    assert cloud.request_log == ["POST /v3/auth/tokens?nocatalog=true"] * 2
    user = {"name": "alice", "password": "CANARY-password", "domain": {"name": "OTC00000001"}}
    assert cloud.bodies[0] == {
        "auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": {"id": "p-1"}}}
    }
    assert session.client.redact("it is CANARY-issued-token") == "it is ********"


def test_token_that_was_given_is_not_a_user(cloud):
    with pytest.raises(OptionError) as caught:
        run(session_of(cloud, Credentials("token", "task", auth_token="CANARY-given-token")), {}, None)
    assert caught.value.message == "A token is issued for a user name and a password, and none are given."
    assert cloud.request_log == []


def test_agency_has_no_token(cloud):
    user = Credentials("password", "task", username="alice", password="CANARY-password", domain_name="OTC00000001")
    with pytest.raises(OptionError) as caught:
        run(session_of(cloud, user, agency=Agency("operators", "shop", None)), {}, None)
    assert caught.value.message == (
        "A token is issued for a user name and a password, not for agency 'operators' of account 'shop'."
    )
    assert cloud.request_log == []
