# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks that are timed, as data, and the lists that ``apply`` is given."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from harness import Emulator
from runner import SPARE, WORK, Task

COLLECTION = "community.huaweicloud"
BY_MODULE = {"huaweicloud_in_process": False}

# A task of this name only pays for what the first use of a plugin costs.
WARM_UP = "warm up"


def ping(name: str = "ping", **keywords: t.Any) -> Task:
    return {"name": name, "ansible.builtin.ping": {}, **keywords}


def workspace(name: str, workspace_name: str, **keywords: t.Any) -> Task:
    return {
        "name": name,
        f"{COLLECTION}.modelarts_workspace": {"name": workspace_name, "description": "Bench"},
        **keywords,
    }


def apply(name: str, items: t.Any, **options: t.Any) -> Task:
    return {"name": name, f"{COLLECTION}.apply": {"workspaces": items, **options}}


def warm_up() -> list[Task]:
    """Tasks that load the plugins before anything is timed."""
    return [
        ping(WARM_UP),
        workspace(WARM_UP, SPARE),
        workspace(WARM_UP, SPARE, vars=BY_MODULE),
        apply(WARM_UP, [{"name": SPARE}]),
    ]


def login(emulator: Emulator) -> Task:
    """Return a task that gets a token, because ansible.builtin.uri cannot sign."""
    user = {name: emulator.credentials[name] for name in ("username", "password", "domain_name")}
    return {
        "name": "login",
        f"{COLLECTION}.iam_token": user,
        "register": "login",
        "environment": {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": ""},
    }


def by_uri(name: str, workspace_name: str, url: str, project_id: str) -> list[Task]:
    """Return the tasks of a playbook without a collection: list, then create a missing workspace."""
    address = f"{url}/v1/{project_id}/workspaces"
    headers = {"X-Auth-Token": "{{ login.token }}"}
    body = {"name": workspace_name, "description": "Bench"}
    return [
        {
            "name": f"{name}: list",
            "ansible.builtin.uri": {"url": f"{address}?limit=1000", "headers": headers, "return_content": True},
            "register": "listed",
        },
        {
            "name": f"{name}: create",
            "ansible.builtin.uri": {
                "url": address,
                "method": "POST",
                "headers": headers,
                "body_format": "json",
                "body": body,
                "status_code": [200, 201],
            },
            "when": f"'{workspace_name}' not in (listed.json.workspaces | map(attribute='name'))",
        },
    ]


def items_file(count: int) -> Path:
    """Variables for ansible-playbook: a list ``wanted`` of so many workspaces, named as the emulator names those it makes."""
    path = WORK / f"items-{count}.json"
    wanted = [{"name": f"ws-{number:05d}", "description": "Bench"} for number in range(1, count + 1)]
    path.write_text(json.dumps({"wanted": wanted}), encoding="utf-8")
    return path


WANTED = "{{ wanted }}"
