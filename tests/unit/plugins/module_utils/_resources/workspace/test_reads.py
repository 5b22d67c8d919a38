# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import reads
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    workspace_to_result,
)
from simulated_cloud import CREATED_MS


def test_minimal_response_has_all_keys():
    assert workspace_to_result({"id": 0, "name": "default"}) == {
        "id": "0",
        "name": "default",
        "description": "",
        "auth_type": None,
        "grants": [],
        "enterprise_project_id": "0",
        "enterprise_project_name": None,
        "owner": None,
        "status": None,
        "status_info": "",
        "created_at": None,
        "updated_at": None,
    }


def test_details_replace_an_old_status_info_by_an_empty_one(monkeypatch):
    monkeypatch.setattr(
        reads.modelarts, "get_workspace", lambda client, workspace_id, name: {"id": "w", "name": "team"}
    )
    entry = {"id": "w", "name": "team", "auth_type": "INTERNAL", "status_info": "3 notebooks are left"}
    assert reads.read_details(None, entry) == {**entry, "status_info": "", "grants": []}


def test_grants_that_were_not_read_are_unknown():
    entry = {
        "id": "w",
        "name": "team",
        "auth_type": "INTERNAL",
        "create_time": CREATED_MS + 1,
        "enterprise_project_id": 0,
    }
    result = workspace_to_result(entry)
    assert (result["grants"], result["auth_type"], result["created_at"], result["enterprise_project_id"]) == (
        None,
        "internal",
        "2026-01-02T03:04:05.001Z",
        "0",
    )
