# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-playbook`` many times, and import ansible-core only once.

Importing ansible-core takes a large part of the CPU time of a short run. The fork server is a process that imports it and
then forks for each run. The fork changes its environment variables, working directory and output, and executes the
script ``ansible-playbook``. ansible-core reads its configuration when it is imported, so the fork server only accepts
runs with the environment variables that it was started with. Variables in ``FREE`` can differ.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

# Prefixes of the variables that neither Python nor ansible-core reads when it is imported. Those that begin with ANSIBLE_
# are options of a callback plugin.
FREE = (
    *(
        "ANSIBLE_DISPLAY_OK_HOSTS",
        "ANSIBLE_SHOW_CUSTOM_STATS",
        "HUAWEICLOUD_",
        "HW_",
        "K8S_AUTH_",
        "OS_",
        "PROMETHEUS_",
        "PWD",
    ),
    *("PYTEST_CURRENT_TEST", "RECORD_", "RECORDS_", "SDK_"),
)
# Modules that most runs import, if they are installed. Plugins are not among them, because Ansible loads them itself.
PRELOADED = (
    "ansible.cli.playbook",
    "ansible.executor.playbook_executor",
    "ansible.module_utils.basic",
    "ansible.module_utils.urls",
    "ansible.plugins.action",
    "ansible.plugins.callback",
    "ansible.plugins.connection",
    "ansible.plugins.inventory",
    "ansible.plugins.strategy",
    "ansible.template",
    "jsonschema",
    "kubernetes.config",
    "requests",
    "urllib.request",
)

Environment = t.Mapping[str, str]


class ForkServer:
    """Runs ``ansible-playbook`` in forks of one process. ``directory`` has the files of ansible-core that all runs share."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._environment: Environment | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def accepts(self, environment: Environment) -> bool:
        """Return whether a run can have ``environment``. The first call defines what all runs have in common."""
        fixed = {name: value for name, value in environment.items() if not name.startswith(FREE)}
        if self._environment is None:
            self._environment = fixed
        return self._environment == fixed

    def run(
        self, command: t.Sequence[str], environment: Environment, working_directory: Path, output: Path, seconds: float
    ) -> int | None:
        """Run ``command`` with its output in the files ``output``.stdout and ``output``.stderr. Return its exit status.

        Returns None during another run. Raises subprocess.TimeoutExpired after ``seconds``.
        """
        if not self._lock.acquire(blocking=False):
            return None
        request = {
            "command": command,
            "environment": environment,
            "working_directory": str(working_directory),
            "output": str(output),
        }
        try:
            return self._send(self._start(command[0]), request, seconds)
        finally:
            self._lock.release()

    def stop(self) -> None:
        """Stop the process. It ends when its input ends."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _start(self, program: str) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__, program],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # On a timeout, the process and its fork are killed together.
                start_new_session=True,
            )
        return self._process

    @staticmethod
    def _send(process: subprocess.Popen[bytes], request: t.Mapping[str, t.Any], seconds: float) -> int:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], seconds)[0]:
            os.killpg(process.pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(request["command"], seconds)
        answer = process.stdout.readline()
        assert answer, "The fork server ended."
        return int(answer)


def serve(program: str) -> None:
    """Fork for each request in the input. In a fork, this function returns after it has prepared the process."""
    # A script has its own directory as the first entry of the path.
    sys.path[0] = os.path.dirname(program)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.dup(1)
    for name in PRELOADED:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)
    for line in iter(requests.readline, b""):
        assert threading.active_count() == 1, threading.enumerate()
        process = os.fork()
        if not process:
            requests.close()
            os.close(answers)
            become(json.loads(line))
            return
        status = os.waitpid(process, 0)[1]
        os.write(answers, b"%d\n" % os.waitstatus_to_exitcode(status))
    # Nothing is left to run.
    sys.exit()


def become(request: t.Mapping[str, t.Any]) -> None:
    """Give this process the command line, environment, working directory, input and output of a run."""
    constants = importlib.import_module("ansible.constants")
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, name in ((1, f"{request['output']}.stdout"), (2, f"{request['output']}.stderr")):
        _redirect(os.open(name, writing, 0o600), number)
    _redirect(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(request["working_directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["command"]
    # ansible-core creates this directory when it is imported, and deletes it when the process ends.
    constants.DEFAULT_LOCAL_TMP = constants.config.get_config_value("DEFAULT_LOCAL_TMP")


def _redirect(source: int, target: int) -> None:
    os.dup2(source, target)
    os.close(source)


if __name__ == "__main__":
    serve(sys.argv[1])
    # The fork ends as the script does.
    runpy.run_path(sys.argv[0], run_name="__main__")
