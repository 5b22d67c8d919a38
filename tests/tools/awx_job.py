# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run jobs with ansible-runner as AWX does: with the rendered credential, in a job directory with the same layout."""

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
    """Text that Ansible must not render as a template."""


class _Loader(yaml.SafeLoader):
    """Reads YAML for Ansible. Unsafe values become plain data."""


class _Dumper(yaml.SafeDumper):
    """Writes variables as AWX does, with external values marked as unsafe."""


def _construct_plain(loader: _Loader, node: yaml.Node) -> t.Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_Loader.add_constructor("!unsafe", _construct_plain)
_Dumper.add_representer(_Unsafe, lambda dumper, value: dumper.represent_scalar("!unsafe", str(value)))


def load_variables() -> dict[str, t.Any]:
    """Return the variables of the playbook awx_setup, with unrendered templates."""
    return dict(yaml.load((ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8"), _Loader))


def render_environment(type_: Type, inputs: t.Mapping[str, t.Any], files: t.Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a job as AWX renders it. Blank inputs are undefined, and unset booleans are false."""
    values: dict[str, t.Any] = {field["id"]: False for field in type_["inputs"]["fields"] if field["type"] == "boolean"}
    values.update({name: value for name, value in inputs.items() if value != ""})
    values["tower"] = types.SimpleNamespace(filename=types.SimpleNamespace(**files))
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment()
    return {
        name: environment.from_string(template).render(values) for name, template in type_["injectors"]["env"].items()
    }


def mark_unsafe(value: t.Any) -> t.Any:
    """Return ``value`` with all strings marked as unsafe."""
    if isinstance(value, dict):
        return {mark_unsafe(key): mark_unsafe(one) for key, one in value.items()}
    if isinstance(value, list):
        return [mark_unsafe(one) for one in value]
    return _Unsafe(value) if isinstance(value, str) else value


class Outcome:
    """The results of a job: status, output, events and artifacts."""

    def __init__(self, directory: Path, process: subprocess.CompletedProcess[str]) -> None:
        self.status = process.returncode
        self.output = f"{process.stdout}\n{process.stderr}"
        self._directory = directory
        artifacts = directory / "artifacts" / "job"
        paths = sorted(
            (artifacts / "job_events").glob("*.json"),
            key=lambda path: int(path.name.partition("-")[0]) if path.name[0].isdigit() else -1,
        )
        self.events: list[dict[str, t.Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    @property
    def artifacts(self) -> dict[str, t.Any]:
        """Return the data of set_stats. AWX passes it to the next nodes of a workflow as variables."""
        (last,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return dict(last["event_data"].get("artifact_data", {}))

    @property
    def changed(self) -> list[str]:
        """Return the names of the changed tasks."""
        return [
            event["event_data"]["task"]
            for event in self.events
            if event["event"] == "runner_on_ok" and event["event_data"]["res"].get("changed")
        ]

    @property
    def failures(self) -> list[str]:
        """Return the messages of the failed tasks."""
        return [
            str(event["event_data"]["res"].get("msg")) for event in self.events if event["event"] == "runner_on_failed"
        ]

    def result(self, task: str) -> dict[str, t.Any]:
        """Return the result of the only task with this name."""
        events = [
            event for event in self.events if event["event"] == "runner_on_ok" and event["event_data"]["task"] == task
        ]
        assert len(events) == 1, f"{len(events)} tasks {task!r}\n{self.output}"
        return dict(events[0]["event_data"]["res"])

    def find_files_with(self, text: str) -> list[str]:
        """Return the files of the job that contain ``text``, except ``env`` and the file in which ansible-runner records the command."""
        paths = [
            path
            for part in ("artifacts", "inventory", "project")
            for path in (self._directory / part).rglob("*")
            if path.is_file()
        ]
        paths.remove(self._directory / "artifacts" / "job" / "command")
        return [
            str(path.relative_to(self._directory))
            for path in paths
            if text in path.read_text(encoding="utf-8", errors="replace")
        ]


class Job:
    """A job in a separate directory, like its container in AWX."""

    def __init__(self, directory: Path, inherited: t.Mapping[str, str]) -> None:
        """``inherited`` is the environment of the process that starts the job."""
        self.directory = directory
        self._inherited = inherited
        shutil.copytree(PROJECT, directory / "project")
        (directory / "env").mkdir()
        (directory / "inventory").mkdir()

    def run(
        self,
        playbook: str,
        inputs: t.Mapping[str, t.Any],
        extra_vars: t.Mapping[str, t.Any] | None = None,
        *,
        targets: t.Mapping[str, t.Any] | None = None,
        check: bool = False,
        fails: bool = False,
    ) -> Outcome:
        """Run a playbook of the project with the credential ``inputs``. It must succeed, or fail if ``fails`` is set.

        ``targets`` are the hosts of the inventory of targets with their variables, for a slice only some of them. Without it, the inventory
        has the host localhost.
        """
        credential_type = load_variables()["awx_setup_credential_type"]
        files = {
            name.partition(".")[2]: self._write_input_file(name, inputs, template)
            for name, template in credential_type["injectors"]["file"].items()
        }
        self._write(
            "envvars", json.dumps({**self._environment(), **render_environment(credential_type, inputs, files)})
        )
        self._write("extravars", yaml.dump({"awx_job_id": 1, **mark_unsafe(dict(extra_vars or {}))}, Dumper=_Dumper))
        self._write("settings", json.dumps({"suppress_env_files": True, "idle_timeout": 0, "job_timeout": 0}))
        self._write("cmdline", "--check" if check else "")
        self._write_inventory(targets)
        command = [
            str(Path(sys.executable).parent / "ansible-runner"),
            "run",
            str(self.directory),
            "-p",
            playbook,
            "-i",
            "job",
        ]
        process = subprocess.run(
            command,
            env=dict(self._inherited),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        assert fails == (process.returncode != 0), (
            f"ansible-runner ended with status {process.returncode}:\n{process.stdout}\n{process.stderr}"
        )
        return Outcome(self.directory, process)

    def _environment(self) -> dict[str, str]:
        return {
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "AWX_PRIVATE_DATA_DIR": str(self.directory),
            "JOB_ID": "1",
            "MAX_EVENT_RES": "700000",
        }

    def _write_input_file(self, name: str, inputs: t.Mapping[str, t.Any], template: str) -> str:
        text = jinja2.sandbox.ImmutableSandboxedEnvironment().from_string(template).render(inputs)
        return self._write(name.replace(".", "-"), text)

    def _write(self, name: str, text: str) -> str:
        path = self.directory / "env" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def _write_inventory(self, targets: t.Mapping[str, t.Any] | None) -> None:
        """Write a script that prints the inventory: the host that awx_setup creates, or targets as the inventory plugin returns them."""
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        hosts = {name: {**local, **variables} for name, variables in (targets or {"localhost": {}}).items()}
        data: dict[str, t.Any] = {"all": {"hosts": list(hosts), "vars": {}}, "_meta": {"hostvars": hosts}}
        if targets:
            data["asm_meshes"] = {"hosts": list(hosts)}
        path = self.directory / "inventory" / "hosts"
        # The path of an interpreter in a shebang cannot contain blanks.
        path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(data)}\nEND\n", encoding="utf-8")
        os.chmod(path, 0o700)
