# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read from the playbooks which variables they accept, and which results they leave."""

from __future__ import annotations

import functools
import re
import typing as t
from pathlib import Path

import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = ROOT / "playbooks"
ROLES = ROOT / "roles"
NAMES = sorted(path.stem for path in PLAYBOOKS.glob("*.yml"))

Data = t.Dict[str, t.Any]

_IMPORTS = [f"ansible.builtin.{verb}_tasks" for verb in ("import", "include")]
_ROLE_IMPORTS = [f"ansible.builtin.{verb}_role" for verb in ("import", "include")]
_BLOCKS = ("block", "rescue", "always")
_VALIDATE = "community.huaweicloud.validate_variables"
_SET_FACT, _SET_STATS = "ansible.builtin.set_fact", "ansible.builtin.set_stats"
# Users set variables with these prefixes; all other names are internal.
_PREFIXES = tuple(f"{name}_" for name in NAMES)
_READ = re.compile(r"(?<![\w.'])(\w+) \| default\(((?:[^()]|\([^()]*\))*)\)")


class Playbook:
    """A playbook with all files of tasks that it uses."""

    def __init__(self, name: str) -> None:
        self.play = _load_play(name)
        self._texts = [(PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8")]
        self._seen: set[Path] = set()
        self._tasks = list(self._read(self.play.get("tasks", [])))

    def variables(self) -> dict[str, Data]:
        """Return the specifications of all variables. Variables that no task validates have a default only."""
        validated: dict[str, Data] = {}
        for task in self._tasks:
            validated.update(task.get(_VALIDATE, {}).get("variables", {}))
        found = {name: {"default": default} for name, default in self._read_with_default()}
        return {name: self._with_default(name, spec) for name, spec in {**found, **validated}.items()}

    def stats(self) -> set[str]:
        """Return the names that the playbook and its roles pass to set_stats."""
        files = [path for role in self._roles() for path in (ROLES / role / "tasks").glob("*.yml")]
        tasks = [*self._tasks, *(task for path in files for task in _load(path) or [])]
        data = [task.get(_SET_STATS, {}).get("data", {}) for task in tasks]
        return {name for entry in data for name in _read_keys(entry)}

    def facts(self) -> set[str]:
        """Return the facts that the playbook and its roles leave for others."""
        tasks = [*self._tasks, *(task for role in self._roles() for task in _load(ROLES / role / "tasks" / "main.yml"))]
        return {
            name
            for task in tasks
            if str(task.get("name")).endswith(" as facts")
            for name in task.get(_SET_FACT, {})
            if name != "cacheable"
        }

    def _read(self, tasks: t.Iterable[Data]) -> t.Iterator[Data]:
        for task in tasks:
            yield task
            for block in _BLOCKS:
                yield from self._read(task.get(block, []))
            for verb in _IMPORTS:
                if verb in task:
                    yield from self._read_file(task[verb])

    def _read_file(self, target: t.Any) -> t.Iterator[Data]:
        """Read the file, or with an expression all files that it can choose."""
        name = target["file"] if isinstance(target, dict) else target
        paths = [PLAYBOOKS / "tasks" / file for file in re.findall(r"\w+\.yml", name)]
        assert paths, name
        for path in paths:
            if path not in self._seen:
                self._seen.add(path)
                self._texts.append(path.read_text(encoding="utf-8"))
                yield from self._read(_load(path))

    def _roles(self) -> set[str]:
        names = [task[verb]["name"] for task in self._tasks for verb in _ROLE_IMPORTS if verb in task]
        return {name.removeprefix("community.huaweicloud.") for name in names} - {"emulator"}

    def _internal(self) -> set[str]:
        """Return the names that the playbook sets itself, and those with which plays configure shared tasks."""
        found = {name for other in NAMES for name in _load_play(other).get("vars", {})}
        for task in self._tasks:
            found |= {*task.get("vars", {}), *task.get(_SET_FACT, {}), task.get("register")}
            found.add(task.get("loop_control", {}).get("loop_var"))
        return found

    def _read_with_default(self) -> t.Iterator[tuple[str, t.Any]]:
        internal = self._internal()
        text = re.sub(r"^\s*#.*$", "", "\n".join(self._texts), flags=re.MULTILINE)
        for name, arguments in _READ.findall(text):
            if name.startswith(_PREFIXES) and name not in internal:
                yield name, self._evaluate(f"missing | default({arguments})")

    def _with_default(self, name: str, spec: Data) -> Data:
        variables = self.play.get("vars", {})
        default = variables.get(name, spec.get("default"))
        if isinstance(default, str) and default.startswith("{{"):
            default = self._evaluate(default.strip("{} "))
        return {**spec, "default": default}

    def _evaluate(self, expression: str) -> t.Any:
        compile_regex = jinja2.Environment(autoescape=False).compile_expression(expression)  # noqa: S701 (no HTML)
        return compile_regex(**self.play.get("vars", {}))


def role_variables(role: str) -> dict[str, Data]:
    """Return the specifications of the variables of a role, from its argument spec and from the tasks that validate them."""
    spec = _load(ROLES / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    found = {name: {**option} for name, option in spec.items()}
    for path in (ROLES / role / "tasks").glob("*.yml"):
        for task in _load(path) or []:
            for name, option in task.get(_VALIDATE, {}).get("variables", {}).items():
                found[name] = {**found[name], **option, "default": found[name].get("default")}
    return found


def _read_keys(data: dict[str, t.Any] | str) -> t.Iterable[str]:
    """Return the keys of a mapping, or of an expression that is a mapping.

    Statistics of several targets have names that only the inventory knows. Their expression has no keys.
    """
    return data if isinstance(data, dict) else re.findall(r"^\s*'(\w+)':", data, re.MULTILINE)


def _load_play(name: str) -> Data:
    """Return the play of a playbook. Its other plays are imported."""
    return next(play for play in _load(PLAYBOOKS / f"{name}.yml") if "hosts" in play)


@functools.cache
def _load(path: Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
