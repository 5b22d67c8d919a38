# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, with ansible-runner: what AWX makes of a credential, and the folder it lays out for a job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import types
import typing as t
from pathlib import Path

import jinja2.sandbox
import yaml
from environment import ROOT

PROJECT = ROOT / "extensions" / "awx" / "project"
_TIMEOUT = 3600.0

Type = t.Mapping[str, t.Any]


class _Unsafe(str):
    """Text that Ansible is not to take for a template."""


class _Loader(yaml.SafeLoader):
    """Reads Ansible's YAML; what is not to be templated is plain data."""


class _Dumper(yaml.SafeDumper):
    """Writes variables as AWX does: whatever came from outside is marked unsafe."""


def _plain(loader: _Loader, node: yaml.Node) -> t.Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_Loader.add_constructor("!unsafe", _plain)
_Dumper.add_representer(_Unsafe, lambda dumper, value: dumper.represent_scalar("!unsafe", str(value)))


def variables() -> dict[str, t.Any]:
    """The variables of the playbook awx_setup, with their templates as they are written."""
    return dict(yaml.load((ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8"), _Loader))


def injected(type_: Type, inputs: t.Mapping[str, t.Any], files: t.Mapping[str, str]) -> dict[str, str]:
    """The environment of a job, as AWX renders it: an input that is blank is not defined, a boolean that is not set is false."""
    values: dict[str, t.Any] = {field["id"]: False for field in type_["inputs"]["fields"] if field["type"] == "boolean"}
    values.update({name: value for name, value in inputs.items() if value != ""})
    values["tower"] = types.SimpleNamespace(filename=types.SimpleNamespace(**files))
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment()
    return {
        name: environment.from_string(template).render(values) for name, template in type_["injectors"]["env"].items()
    }


def unsafe(value: t.Any) -> t.Any:
    """``value`` with all of its texts marked."""
    if isinstance(value, dict):
        return {unsafe(key): unsafe(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unsafe(one) for one in value]
    return _Unsafe(value) if isinstance(value, str) else value


class Outcome:
    """What is left of a job: its status, its output, and what it hands to the next one."""

    def __init__(self, folder: Path, done: subprocess.CompletedProcess[str]) -> None:
        self.status = done.returncode
        self.output = f"{done.stdout}\n{done.stderr}"
        self._folder = folder
        artifacts = folder / "artifacts" / "job"
        paths = sorted(
            (artifacts / "job_events").glob("*.json"),
            key=lambda path: int(path.name.partition("-")[0]) if path.name[0].isdigit() else -1,
        )
        self.events: list[dict[str, t.Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    @property
    def artifacts(self) -> dict[str, t.Any]:
        """What set_stats left: AWX shows it, and gives it to the next nodes of a workflow as variables."""
        (last,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return dict(last["event_data"].get("artifact_data", {}))

    @property
    def changed(self) -> list[str]:
        """The tasks that changed something."""
        return [
            event["event_data"]["task"]
            for event in self.events
            if event["event"] == "runner_on_ok" and event["event_data"]["res"].get("changed")
        ]

    @property
    def failures(self) -> list[str]:
        """Why tasks failed."""
        return [
            str(event["event_data"]["res"].get("msg")) for event in self.events if event["event"] == "runner_on_failed"
        ]

    def result(self, task: str) -> dict[str, t.Any]:
        """What the one task of that name returned."""
        found = [
            event for event in self.events if event["event"] == "runner_on_ok" and event["event_data"]["task"] == task
        ]
        assert len(found) == 1, f"{len(found)} tasks {task!r}\n{self.output}"
        return dict(found[0]["event_data"]["res"])

    def files_with(self, text: str) -> list[str]:
        """The files of the job that have ``text`` in them, but for what AWX puts into ``env`` and ansible-runner's own note of it."""
        paths = [
            path
            for part in ("artifacts", "inventory", "project")
            for path in (self._folder / part).rglob("*")
            if path.is_file()
        ]
        paths.remove(self._folder / "artifacts" / "job" / "command")
        return [
            str(path.relative_to(self._folder))
            for path in paths
            if text in path.read_text(encoding="utf-8", errors="replace")
        ]


class Job:
    """One job: a folder of its own, like the container it has in AWX."""

    def __init__(self, folder: Path, inherited: t.Mapping[str, str]) -> None:
        """``inherited`` is the environment the job starts in."""
        self.folder = folder
        self._inherited = inherited
        shutil.copytree(PROJECT, folder / "project")
        (folder / "env").mkdir()
        (folder / "inventory").mkdir()

    def run(
        self,
        playbook: str,
        inputs: t.Mapping[str, t.Any],
        extra_vars: t.Mapping[str, t.Any] | None = None,
        *,
        check: bool = False,
        fails: bool = False,
    ) -> Outcome:
        """Runs a playbook of the project with the credential ``inputs``. Unless ``fails``, it has to succeed."""
        credential_type = variables()["awx_setup_credential_type"]
        files = {
            name.partition(".")[2]: self._file(name, inputs, template)
            for name, template in credential_type["injectors"]["file"].items()
        }
        self._write("envvars", json.dumps({**self._settings(), **injected(credential_type, inputs, files)}))
        self._write("extravars", yaml.dump({"awx_job_id": 1, **unsafe(dict(extra_vars or {}))}, Dumper=_Dumper))
        self._write("settings", json.dumps({"suppress_env_files": True, "idle_timeout": 0, "job_timeout": 0}))
        self._write("cmdline", "--check" if check else "")
        self._inventory()
        command = [
            str(Path(sys.executable).parent / "ansible-runner"),
            "run",
            str(self.folder),
            "-p",
            playbook,
            "-i",
            "job",
        ]
        done = subprocess.run(
            command,
            env=dict(self._inherited),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        assert fails == (done.returncode != 0), (
            f"ansible-runner ended with status {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
        return Outcome(self.folder, done)

    def _settings(self) -> dict[str, str]:
        return {
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "AWX_PRIVATE_DATA_DIR": str(self.folder),
            "JOB_ID": "1",
            "MAX_EVENT_RES": "700000",
        }

    def _file(self, name: str, inputs: t.Mapping[str, t.Any], template: str) -> str:
        text = jinja2.sandbox.ImmutableSandboxedEnvironment().from_string(template).render(inputs)
        return self._write(name.replace(".", "-"), text)

    def _write(self, name: str, text: str) -> str:
        path = self.folder / "env" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def _inventory(self) -> None:
        """A script that prints the inventory, with the host that awx_setup makes."""
        host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        data = {"all": {"hosts": ["localhost"], "vars": {}}, "_meta": {"hostvars": {"localhost": host}}}
        path = self.folder / "inventory" / "hosts"
        # The path of an interpreter in a shebang cannot contain blanks.
        path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(data)}\nEND\n", encoding="utf-8")
        os.chmod(path, 0o700)
