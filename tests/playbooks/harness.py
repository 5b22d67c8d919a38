# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an emulator in a separate process, and ``ansible-playbook`` against it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

import yaml
from fork_server import FREE, ForkServer

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "playbooks"
TARGETS = ROOT / "tests" / "integration" / "targets"
EMULATOR = ROOT / "roles" / "emulator" / "files"
LINK = ROOT / ".collections" / "ansible_collections" / "community" / "huaweicloud"
COLLECTION = "community.huaweicloud"
# Modules whose files are documentation only: they run as action plugins, send no requests and have no connection.
CONTROLLER_ONLY = (
    "__init__",
    "check_targets",
    "combine_targets",
    "create_report",
    "describe_target",
    "load_desired_state",
    "load_rollout",
    "show_report",
    "validate_variables",
    "write_report",
)
GROUP = f"group/{COLLECTION}.huaweicloud"
KUBERNETES_GROUP = f"group/{COLLECTION}.kubernetes"

# Credentials, proxies and settings of the caller must not affect the plays of tests.
FOREIGN = ("ANSIBLE_", "_ANSIBLE", "HW_", "HUAWEICLOUD_", "OS_", "SDK_", "PYTHONDONTWRITEBYTECODE", "RECORDS_")
PROXIES = {f"{name}_proxy" for name in ("http", "https", "all", "no", "ftp")}

# The default execution mode of tasks: local execution, unless the environment of pytest sets another one.
EXECUTION_MODE: dict[str, str] = {}

# Requests other than GET to these paths change nothing.
ISSUING_PATHS = ("/v3/auth/tokens", "/v3.0/OS-CREDENTIAL/securitytokens", "/meta-data/latest/api/token")

WAITING = ("asm_mesh", "asm_workshop", "asm_release", "modelarts_workspace")
START_TIMEOUT = 300.0
PLAY_TIMEOUT = 3600.0

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Tasks = t.Sequence[t.Mapping[str, t.Any]]


class ControlError(AssertionError):
    """The control plane rejected a request, which is an error in the test."""


class Emulator:
    """One emulator process with its control plane."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        """Start an emulator on a free port with its files in ``directory``. Raises AssertionError if it does not start."""
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / "emulator.log"
        ready = directory / "ready.json"
        command = [
            sys.executable,
            "-m",
            "huaweicloud_emulator",
            "--port",
            "0",
            "--ready-file",
            str(ready),
            "--control",
            "--log",
            str(self.log),
        ]
        command += ["--parent-pid", str(os.getpid()), *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        self._output = directory / "emulator.output"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env=dict(environment, PYTHONPATH=str(EMULATOR)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait_for(ready)
        facts = json.loads(ready.read_text(encoding="utf-8"))
        self.url: str = facts["url"]
        self.control_url: str = facts["control_url"]
        self.credentials: dict[str, str] = facts["credentials"]

    def _wait_for(self, ready: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not ready.exists():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.02)
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"The emulator did not start:\n{self._output.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop the process that was started, and no other one."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(300)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def control(self, method: str, path: str, body: t.Any = None) -> t.Any:
        """Send a request to the control plane. Raises ControlError with its message if it rejects the request."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.control_url}/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with _DIRECT.open(request, timeout=300) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ControlError(f"{method} {path}: {error.read().decode(errors='replace')}") from None

    def reset(self) -> None:
        """Restore initial state, behaviors, faults, clock and request log."""
        self.control("POST", "reset")

    def seed(self, **kinds: t.Any) -> dict[str, list[t.Any]]:
        """Add resources and return them by kind: mostly IDs, but keys and users with their secrets."""
        return self.control("POST", "seed", kinds)["created"]

    def set(self, **behaviors: t.Any) -> None:
        self.control("PATCH", "behaviors", behaviors)

    def behaviors(self) -> list[dict[str, t.Any]]:
        return self.control("GET", "behaviors")["behaviors"]

    def fault(self, kind: str, method: str, path_regex: str, **more: t.Any) -> None:
        """Add a fault for the next matching request, or for the next ``times`` ones."""
        self.control("POST", "faults", dict(more, kind=kind, method=method, path_regex=path_regex))

    def pending_faults(self) -> list[dict[str, t.Any]]:
        return self.control("GET", "faults")["faults"]

    def move_traffic(self, service: str, gray: int, namespace: str = "default") -> None:
        self.control("PUT", "traffic", {"namespace": namespace, "service": service, "gray": gray})

    def transition(self, kind: str, **what: t.Any) -> None:
        self.control("POST", "transitions", dict(what, kind=kind))

    def request_log(self) -> list[dict[str, t.Any]]:
        return self.control("GET", "request_log")["requests"]

    def stores(self) -> dict[str, t.Any]:
        """Return all records by kind and key, without credentials."""
        return self.control("GET", "snapshot")["stores"]

    def environment(self) -> dict[str, str]:
        """Return environment variables with the addresses and the access key of the emulator."""
        return {
            "HW_ACCESS_KEY": self.credentials["access_key"],
            "HW_SECRET_KEY": self.credentials["secret_key"],
            "HW_PROJECT_ID": self.credentials["project_id"],
            **self.addresses(),
        }

    def addresses(self) -> dict[str, str]:
        """Return environment variables with the addresses, without credentials."""
        return {
            "HW_REGION_NAME": self.credentials["region"],
            "HW_AUTH_URL": self.url,
            "HW_ASM_ENDPOINT": self.url,
            "HW_MODELARTS_ENDPOINT": self.url,
        }

    def cluster_addresses(self) -> dict[str, str]:
        """Return environment variables with the addresses of the Kubernetes API and of Prometheus."""
        return {"K8S_AUTH_HOST": self.url, "PROMETHEUS_URL": f"{self.url}/prometheus"}


@dataclasses.dataclass(frozen=True)
class Record:
    """One task of a play. ``status`` is ok, changed, failed, ignored (failed, and the play went on), skipped or unreachable."""

    name: str
    action: str
    status: str
    result: dict[str, t.Any]
    warnings: list[str]
    requests: list[dict[str, t.Any]]
    arguments: str

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def failed(self) -> bool:
        return self.status in ("failed", "ignored", "unreachable")

    @property
    def writes(self) -> list[dict[str, t.Any]]:
        """Return the requests that can change something, without those for tokens and temporary keys."""
        return [call for call in self.requests if call["method"] != "GET" and call["path"] not in ISSUING_PATHS]

    @property
    def sent(self) -> list[str]:
        """Return the requests as ``METHOD /path``."""
        return [f"{call['method']} {call['path']}" for call in self.requests]

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of ansible-playbook."""

    status: int
    stdout: str
    stderr: str
    records: list[Record]

    def named(self, name: str) -> list[Record]:
        return [record for record in self.records if record.name == name]

    def __getitem__(self, name: str) -> Record:
        """Return the only task with this name."""
        found = self.named(name)
        assert len(found) == 1, (
            f"{len(found)} tasks are called {name!r}; there are {[record.name for record in self.records]}\n{self.output}"
        )
        return found[0]

    @property
    def output(self) -> str:
        return f"{self.stdout}\n{self.stderr}"

    def modules(self) -> list[Record]:
        """Return the tasks that ran a module of the collection."""
        return [record for record in self.records if record.action.startswith(f"{COLLECTION}.")]


def task(module: str, title: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
    """Return a task of the collection as data. Options that begin with an underscore are keywords of the task: ``_check_mode=True``."""
    keywords = {key[1:]: value for key, value in options.items() if key.startswith("_")}
    arguments = {key: value for key, value in options.items() if not key.startswith("_")}
    return {"name": title or module, f"{COLLECTION}.{module}": arguments, **keywords}


def control(method: str, path: str, body: t.Any = None) -> dict[str, t.Any]:
    """Return a task that calls the control plane during a play."""
    return {
        "name": f"{method} {path}",
        "emulator": {"method": method, "path": path, **({} if body is None else {"body": body})},
    }


def controls(name: str, *tasks: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return several such tasks as one."""
    return {"name": name, "emulator": {"calls": [one["emulator"] for one in tasks]}}


def defaults(**more: t.Any) -> dict[str, t.Any]:
    """Return module_defaults with short intervals, because tests must not sleep."""
    found: dict[str, t.Any] = {GROUP: {"retry_max_delay": 0.02, **more}}
    found.update({f"{COLLECTION}.{name}": {"wait_interval": 0.002, "wait_timeout": 20} for name in WAITING})
    found[f"{COLLECTION}.asm_traffic"] = {"propagation_seconds": 0}
    return found


class Player:
    """Runs ``ansible-playbook`` against one emulator, in a separate directory.

    With a fork server, runs with the usual environment take less time, and all share the home directory of Ansible.
    """

    def __init__(self, emulator: Emulator, directory: Path, fork_server: ForkServer | None = None) -> None:
        self.emulator = emulator
        self.directory = directory
        self.fork_server = fork_server
        self._number = 0

    def __call__(self, tasks: Tasks | Path, **options: t.Any) -> Run:
        """Run ``tasks``, data or a file, as one play on the implicit localhost. The options are those of ``run``."""
        keywords = {name: options.pop(name) for name in ("module_defaults",) if name in options}
        return self.run([self._play(tasks, **keywords)], **options)

    def run(
        self,
        playbook: t.Sequence[t.Mapping[str, t.Any]] | str | Path,
        *,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        variables: t.Mapping[str, t.Any] | None = None,
        environment: t.Mapping[str, str | None] | None = None,
        arguments: t.Sequence[str] = (),
        fails: bool = False,
        working_directory: Path = ROOT,
    ) -> Run:
        """Run a playbook: plays as data, a file, or a name such as community.huaweicloud.site.

        ``environment`` is added to that of the emulator, and ``None`` takes a variable away. Unless ``fails``, the run has to succeed.
        By default, the working directory is the root of the repository.
        """
        self._number += 1
        records = self._records()
        command = [*self._command(playbook), *arguments]
        command += ["--check"] * check + ["--diff"] * diff + (["-" + "v" * verbosity] if verbosity else [])
        command += ["-e", f"@{self._variables(variables)}"] if variables else []
        changes = {"PWD": str(working_directory), **(environment or {})}
        done = self._fork(command, self._environment(records, changes), changes, working_directory) or subprocess.run(
            command,
            cwd=working_directory,
            env=self._environment(records, changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PLAY_TIMEOUT,
            check=False,
        )
        lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
        run = Run(done.returncode, done.stdout, done.stderr, [Record(**json.loads(line)) for line in lines])
        assert fails == (run.status != 0), f"ansible-playbook ended with status {run.status}:\n{run.output}"
        return run

    def list_inventory(
        self, source: Path, *arguments: str, environment: t.Mapping[str, str | None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``ansible-inventory --list`` for an inventory source. Its result contains the output and the status."""
        program = str(Path(sys.executable).parent / "ansible-inventory")
        return subprocess.run(
            [program, "--list", "-i", str(source), *arguments],
            cwd=ROOT,
            env=self._environment(self._records(), {"PWD": str(ROOT), **(environment or {})}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PLAY_TIMEOUT,
            check=False,
        )

    def _fork(
        self, command: list[str], environment: dict[str, str], changes: t.Iterable[str], working_directory: Path
    ) -> subprocess.CompletedProcess[str] | None:
        """Run the command in a fork of the fork server. Return None if the environment requires a new process."""
        server = self.fork_server
        if not (server and all(name.startswith(FREE) for name in changes) and server.accepts(environment)):
            return None
        output = self.directory / f"output-{self._number}"
        status = server.run(command, environment, working_directory, output, PLAY_TIMEOUT)
        if status is None:
            return None
        stdout, stderr = (output.with_suffix(f".{name}").read_text("utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(command, status, stdout, stderr)

    def start(self, tasks: Tasks) -> subprocess.Popen[bytes]:
        """Start ``tasks`` as one play without waiting for it. The output is discarded."""
        self._number += 1
        command, environment = (
            self._command([self._play(tasks)]),
            self._environment(self._records(), {"PWD": str(ROOT)}),
        )
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)

    def _play(self, tasks: Tasks | Path, **keywords: t.Any) -> dict[str, t.Any]:
        given = [{"ansible.builtin.import_tasks": str(tasks)}] if isinstance(tasks, Path) else list(tasks)
        return {
            "name": "Test",
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": defaults(),
            "tasks": given,
            **keywords,
        }

    def _records(self) -> Path:
        return self.directory / f"records-{self._number}.jsonl"

    def _command(self, playbook: t.Sequence[t.Mapping[str, t.Any]] | str | Path) -> list[str]:
        return [str(Path(sys.executable).parent / "ansible-playbook"), self._file(playbook)]

    def _file(self, playbook: t.Sequence[t.Mapping[str, t.Any]] | str | Path) -> str:
        if isinstance(playbook, (str, Path)):
            return str(playbook)
        path = self.directory / f"play-{self._number}.yml"
        path.write_text(yaml.safe_dump(list(playbook), sort_keys=False, allow_unicode=True), encoding="utf-8")
        return str(path)

    def _variables(self, variables: t.Mapping[str, t.Any]) -> Path:
        """Write variables to a file, because a verbose Ansible prints its command line."""
        path = self.directory / f"variables-{self._number}.json"
        path.write_text(json.dumps(variables), encoding="utf-8")
        return path

    def _environment(self, records: Path, more: t.Mapping[str, str | None]) -> dict[str, str]:
        link_collection()
        settings = self.fork_server.directory if self.fork_server else self.directory
        home = settings / "home"
        home.mkdir(exist_ok=True)
        for name in ("ansible.cfg", "hosts"):
            (settings / name).touch()
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name.lower() not in PROXIES
        }
        inherited.update(
            ANSIBLE_ACTION_PLUGINS=str(HERE / "action"),
            # If HOME is not the home of the user, Ansible reads async jobs from another directory than it writes them to.
            ANSIBLE_ASYNC_DIR=str(home / "async"),
            ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
            ANSIBLE_CALLBACKS_ENABLED="records",
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
            ANSIBLE_CONFIG=str(settings / "ansible.cfg"),
            ANSIBLE_HOME=str(home),
            ANSIBLE_INVENTORY=str(settings / "hosts"),
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_LOCAL_TEMP=str(home / "tmp"),
            ANSIBLE_NOCOLOR="1",
            ANSIBLE_NOCOWS="1",
            ANSIBLE_REMOTE_TEMP=str(home / "remote"),
            ANSIBLE_ROLES_PATH=str(TARGETS),
            LC_ALL="C.UTF-8",
            RECORDS_CONTROL_URL=self.emulator.control_url,
            RECORDS_FILE=str(records),
            **self.emulator.environment(),
            **EXECUTION_MODE,
        )
        inherited.update({name: value for name, value in more.items() if value is not None})
        return {name: value for name, value in inherited.items() if more.get(name, "") is not None}


def link_collection() -> None:
    """Make the checkout available as a collection. Several workers can do so in parallel."""
    LINK.parent.mkdir(parents=True, exist_ok=True)
    if not LINK.exists():
        with contextlib.suppress(FileExistsError):
            LINK.symlink_to(os.path.join("..", "..", ".."))
