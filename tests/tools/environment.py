# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environments that plays and tests run in.

``environment.py runtime`` makes ``.venv`` with all that a play needs; ``environment.py tools`` adds the test tools; ``environment.py robustness``
makes an environment of its own for ``make robustness``. The first two leave a stamp in ``.venv``, so that make calls them again only when a
requirements file has changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
LOGS = CACHE / "log"
LINK = ROOT / ".collections" / "ansible_collections" / "community" / "huaweicloud"

# Run by every Python of the environment at its start. Modules run in processes that nothing of ours starts; this is
# what counts their lines too. Without the variable it costs nothing.
COVERAGE_HOOK = 'import os; "COVERAGE_PROCESS_START" in os.environ and __import__("coverage").process_startup()\n'

# Credentials and Ansible settings of the person who calls must not reach a play or a test.
FOREIGN = ("ANSIBLE_", "_ANSIBLE", "HW_", "HUAWEICLOUD_", "OS_", "SDK_", "PYTHONPATH", "PYTHONHOME", "MOLECULE_")


class EnvironmentFailure(Exception):
    """An environment can not be made; the message is all that is to be said about it."""


def link_collection() -> None:
    """Make the checkout available as ``ansible_collections.community.huaweicloud`` under ``.collections``."""
    target = os.path.join("..", "..", "..")
    if LINK.is_symlink() and os.readlink(LINK) == target:
        return
    LINK.parent.mkdir(parents=True, exist_ok=True)
    if LINK.is_symlink() or LINK.exists():
        LINK.unlink()
    LINK.symlink_to(target)


def play_environment(extra: t.Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for Ansible's commands: the checkout as the collection, and no effect outside the checkout."""
    link_collection()
    home = CACHE / "ansible"
    home.mkdir(parents=True, exist_ok=True)
    # Empty files, because Ansible would look for others if these did not exist.
    for name in ("ansible.cfg", "hosts"):
        (home / name).touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    environment.update(
        ANSIBLE_CALLBACK_RESULT_FORMAT="yaml",
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
        ANSIBLE_CONFIG=str(home / "ansible.cfg"),
        ANSIBLE_HOME=str(home),
        ANSIBLE_INVENTORY=str(home / "hosts"),
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_NOCOWS="1",
        ANSIBLE_REMOTE_TEMP=str(home / "tmp"),
        # A locale that exists everywhere; Ansible refuses to start without a UTF-8 one.
        LC_ALL="C.UTF-8",
        NO_PROXY=with_loopback(environment.get("NO_PROXY") or environment.get("no_proxy")),
        PATH=os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)]),
        VIRTUAL_ENV=str(VENV),
    )
    environment["no_proxy"] = environment["NO_PROXY"]
    for name in ("ANSIBLE_FORCE_COLOR", "ANSIBLE_NOCOLOR"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(extra or {})
    return environment


def with_loopback(no_proxy: str | None) -> str:
    """``no_proxy`` with the local machine in it: the emulator listens there."""
    return ",".join([*([no_proxy] if no_proxy else []), "127.0.0.1", "localhost"])


def use_home(environment: dict[str, str], home: Path) -> None:
    """Make ``home`` the home folder in ``environment``, so that no tool writes to the caller's; some do.

    pip keeps the settings and the cache it has, and the Pythons of pyenv are still found.
    """
    former = Path(os.path.expanduser("~"))
    for settings in (former / ".config" / "pip" / "pip.conf", former / ".pip" / "pip.conf"):
        if "PIP_CONFIG_FILE" not in environment and settings.is_file():
            environment["PIP_CONFIG_FILE"] = str(settings)
    if "XDG_CACHE_HOME" not in environment:
        environment.setdefault("PIP_CACHE_DIR", str(former / ".cache" / "pip"))
    if (former / ".pyenv").is_dir():
        environment.setdefault("PYENV_ROOT", str(former / ".pyenv"))
    home.mkdir(parents=True, exist_ok=True)
    environment["HOME"] = str(home)


def run_logged(command: t.Sequence[str], log: Path, environment: t.Mapping[str, str] | None = None) -> None:
    """Run ``command`` with its output added to ``log``; raise EnvironmentFailure with the end of it when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as output:
        output.write(f"$ {' '.join(command)}\n")
        output.flush()
        status = subprocess.call(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
        )
    if status:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise EnvironmentFailure(
            "\n".join([*tail, f"{Path(command[0]).name} ended with status {status}; the whole log is in {log}"])
        )


def make_venv(python: str, folder: Path, log: Path) -> None:
    """Make the virtual environment ``folder`` with the interpreter ``python``, or leave nothing of it."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        run_logged([python, "-m", "venv", str(folder)], log)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def pip_install(folder: Path, log: Path, *what: str) -> None:
    """Install ``what`` (arguments of pip) into the virtual environment ``folder``."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PIP_USER", "PYTHONPATH", "PYTHONHOME")
    }
    python = str(folder / "bin" / "python")
    run_logged([python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *what], log, environment)


def ready_venv(python: str, folder: Path, *what: str) -> Path:
    """The virtual environment ``folder`` with ``what`` in it (arguments of pip), made when it is missing or was made with something else."""
    stamp = folder / ".ready"
    files = [Path(word) for word in what if Path(word).is_file()]
    wanted = "\n".join([*what, *(path.read_text(encoding="utf-8") for path in files)])
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        log = LOGS / f"{folder.name}-environment.log"
        make_venv(python, folder, log)
        pip_install(folder, log, *what)
        stamp.write_text(wanted, encoding="utf-8")
    return folder


def core_wanted() -> list[str]:
    """What pip is told besides the requirements files when ``make ANSIBLE_CORE=2.18`` wants one version of ansible-core."""
    core = os.environ.get("ANSIBLE_CORE", "")
    return [f"ansible-core~={core}.0"] if core else []


def stamp_of(name: str) -> Path:
    """What says that the runtime or the tools are in ``.venv``, with the version of ansible-core that was wanted behind the name."""
    return VENV / f".{name}{os.environ.get('ANSIBLE_CORE', '')}"


def make_runtime() -> None:
    """Make ``.venv``, or bring an existing one up to date; one that was left half made, or for another ansible-core, is made again."""
    log, stamp = LOGS / "environment.log", stamp_of("runtime")
    fresh = not stamp.exists()
    print("Making .venv (once) ..." if fresh else "Updating .venv ...", flush=True)
    log.unlink(missing_ok=True)
    if fresh:
        make_venv(sys.executable, VENV, log)
    try:
        pip_install(VENV, log, "-r", str(ROOT / "tests" / "requirements-controller.txt"), *core_wanted())
    except BaseException:
        if fresh:
            shutil.rmtree(VENV, ignore_errors=True)
        raise
    link_collection()
    stamp.touch()


def add_tools() -> None:
    """Add the test tools to ``.venv``, and the hook that measures coverage in every process."""
    print("Adding the test tools to .venv (once) ...", flush=True)
    log = LOGS / "environment.log"
    files = [str(ROOT / "tests" / f"requirements-{name}.txt") for name in ("tools", "controller")]
    pip_install(VENV, log, "-r", files[0], "-r", files[1], *core_wanted())
    for packages in VENV.glob("lib/python*/site-packages"):
        (packages / "coverage_hook.pth").write_text(COVERAGE_HOOK, encoding="utf-8")
    stamp_of("tools").touch()


def make_robustness() -> Path:
    """The environment that the whole of tests/robustness runs in, with libraries that nothing else needs."""
    return ready_venv(
        sys.executable,
        CACHE / "robustness-venv",
        "-r",
        str(ROOT / "tests" / "requirements-robustness.txt"),
        *core_wanted(),
    )


def main() -> int:
    try:
        {"runtime": make_runtime, "tools": add_tools, "robustness": make_robustness}[sys.argv[1]]()
    except EnvironmentFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
