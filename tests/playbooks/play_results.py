# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run several plays with roles in one run of ansible-playbook, and split the results by play."""

from __future__ import annotations

import dataclasses
import typing as t

from harness import COLLECTION, Record, Run, defaults

BEGIN = "begin "
RESOURCE_TYPES = {"workspaces": "workspace", "workshops": "workshop", "releases": "release"}
# Options that a role sets have precedence over module_defaults.
QUICK: dict[str, t.Any] = {f"{role}_wait_interval": 0.002 for role in RESOURCE_TYPES}

Vars = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class PlayResult:
    """The results of one play, or of one part of it."""

    name: str
    records: list[Record]

    def __getitem__(self, name: str) -> Record:
        found = [record for record in self.records if record.name == name]
        assert len(found) == 1, [record.name for record in self.records]
        return found[0]

    def call(self, role: str) -> Record:
        """Return the result of the task of a role that calls its module."""
        return self[f"Apply the {role}"]

    def entries(self, role: str) -> list[Record]:
        """Return the result of each item of a role. The requests belong to all items together."""
        record, kind = self.call(role), RESOURCE_TYPES[role]
        entries = []
        for one in record.result["results"]:
            status = "failed" if one["failed"] else "changed" if one["changed"] else "ok"
            diffs = [diff for diff in record.result.get("diff", []) if diff["before_header"] == f"{kind} {one['name']}"]
            entries.append(
                Record(
                    record.name,
                    record.action,
                    status,
                    {**one, kind: one["resource"], **dict(zip(["diff"], diffs))},
                    [],
                    [],
                    "",
                )
            )
        return entries

    def facts(self, role: str) -> dict[str, t.Any]:
        return self[f"Set the {role} as facts"].result["ansible_facts"]

    def objects(self, role: str) -> dict[str, t.Any]:
        return self.facts(role)[f"{role}_result"]

    def actions(self, role: str) -> dict[str, list[str]]:
        """Return the actions of each item by its name."""
        return {
            name: [action["action"] for action in actions]
            for name, actions in self.facts(role)[f"{role}_actions"].items()
        }

    @property
    def failed(self) -> list[Record]:
        return [record for record in self.records if record.failed]

    @property
    def requests(self) -> list[dict[str, t.Any]]:
        return [call for record in self.records for call in record.requests]

    @property
    def writes(self) -> list[dict[str, t.Any]]:
        return [call for record in self.records for call in record.writes]

    @property
    def written(self) -> list[str]:
        return [f"{call['method']} {call['path']}" for call in self.writes]


def marker(name: str) -> dict[str, t.Any]:
    return {"name": f"{BEGIN}{name}", "ansible.builtin.debug": {"msg": name}}


def stage(
    name: str, roles: t.Mapping[str, Vars], *, module_defaults: Vars | None = None, **keywords: t.Any
) -> dict[str, t.Any]:
    """Return a play with the roles and their variables. Other keywords are passed to the play, such as ``check_mode``."""
    return {
        "name": name,
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": dict(module_defaults or defaults()),
        "vars": dict(QUICK),
        "pre_tasks": [marker(name)],
        "roles": [
            {"role": role if "/" in role else f"{COLLECTION}.{role}", "vars": dict(variables)}
            for role, variables in roles.items()
        ],
        **keywords,
    }


def attempt(name: str, *tasks: Vars) -> list[dict[str, t.Any]]:
    """Return tasks whose failure does not end the play, as a named part of it."""
    return [
        marker(name),
        {
            "name": f"try {name}",
            "block": list(tasks),
            "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": name}}],
        },
    ]


def split(run: Run) -> dict[str, PlayResult]:
    stages: dict[str, PlayResult] = {}
    for record in run.records:
        if record.name.startswith(BEGIN):
            name = record.name.removeprefix(BEGIN)
            stages[name] = PlayResult(name, [])
        elif stages:
            list(stages.values())[-1].records.append(record)
    return stages
