# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replace the collection awx.awx: the modules check their arguments against those of the real modules, and return them."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import awx_modules
import yaml

# An AWX with the objects in ANSWERS, by the endpoint or the path. Any credential and notification template exists, and its ID is its name.
_LOOKUP = """
from __future__ import annotations

DOCUMENTATION = "name: controller_api"

from ansible.plugins.lookup import LookupBase


ANSWERS = {answers!r}


class LookupModule(LookupBase):
    def run(self, terms, variables=None, query_params=None, **options):
        if terms[0] in ("credentials", "notification_templates") and "name" in query_params:
            name = query_params["name"]
            return [{{"id": name, "name": name, "organization": None, "credential_type": 0, "kind": "cloud"}}]
        return {{"me": [{{"username": "admin", "is_superuser": True}}], **ANSWERS}}.get(terms[0], [])
"""

_PLUGIN = """
from __future__ import annotations

import json
import pathlib

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

NAME = {name!r}
TAKES = json.loads(pathlib.Path({path!r}).read_text(encoding="utf-8"))[NAME]


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        given = {{name: value for name, value in self._task.args.items()}}
        spec = TAKES["argument_spec"]
        rules = {{name: rule for name, rule in TAKES.items() if name != "argument_spec"}}
        checked = ArgumentSpecValidator(spec, **rules).validate(given)
        if checked.error_messages:
            return {{"failed": True, "msg": "; ".join(checked.error_messages)}}
        return {{"changed": False, "id": given.get("name"), "given": {{name: value for name, value in checked.validated_parameters.items() if name in given}}}}
"""


def make(directory: Path, answers: t.Mapping[str, list[t.Any]]) -> Path:
    """Create the collection below ``directory``, and return the path for ANSIBLE_COLLECTIONS_PATH.

    ``answers`` are the results of the lookup plugin, by endpoint or path.
    """
    collection = directory / "ansible_collections" / "awx" / "awx"
    for part in ("plugins/action", "plugins/lookup", "plugins/modules", "meta"):
        (collection / part).mkdir(parents=True)
    (collection / "galaxy.yml").write_text(
        json.dumps({"namespace": "awx", "name": "awx", "version": "24.6.1"}), encoding="utf-8"
    )
    runtime = {"requires_ansible": ">=2.15", "action_groups": {"controller": list(awx_modules.MODULES)}}
    (collection / "meta" / "runtime.yml").write_text(yaml.safe_dump(runtime), encoding="utf-8")
    (collection / "plugins" / "lookup" / "controller_api.py").write_text(
        _LOOKUP.format(answers=dict(answers)), encoding="utf-8"
    )
    for name in awx_modules.MODULES:
        (collection / "plugins" / "action" / f"{name}.py").write_text(
            _PLUGIN.format(name=name, path=str(awx_modules.STORED)), encoding="utf-8"
        )
    return directory
