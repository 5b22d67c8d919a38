# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories, supported versions, and the environment variables that playbooks and tests run with."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(sys.prefix)
CACHE = ROOT / ".cache"
LOGS = CACHE / "log"
LINK = ROOT / ".collections" / "ansible_collections" / "community" / "huaweicloud"

# The supported versions of ansible-core, and the Python versions of the control node that they are tested with.
CORES: dict[str, tuple[str, ...]] = {
    "2.18": ("3.11",),
    "2.19": ("3.11",),
    "2.20": ("3.12", "3.13"),
    "2.21": ("3.12", "3.13"),
}

# ANSIBLE_CORE selects the version that the sessions install; it is not a setting of Ansible.
OWN = ("ANSIBLE_CORE",)
# Credentials and Ansible settings of the caller must not reach a playbook or a test.
FOREIGN = ("ANSIBLE_", "_ANSIBLE", "HW_", "HUAWEICLOUD_", "OS_", "SDK_", "PYTHONPATH", "PYTHONHOME", "MOLECULE_")


def link_collection() -> None:
    """Make the checkout available as ``ansible_collections.community.huaweicloud`` below ``.collections``."""
    target = os.path.join("..", "..", "..")
    if LINK.is_symlink() and os.readlink(LINK) == target:
        return
    LINK.parent.mkdir(parents=True, exist_ok=True)
    # Replace the link in one step, because another process may create it at the same time.
    new = LINK.with_name(f"{LINK.name}.{os.getpid()}")
    new.symlink_to(target)
    new.replace(LINK)


def isolate(environment: t.MutableMapping[str, str]) -> None:
    """Remove the caller's settings from ``environment``, and keep programs from writing to the caller's home directory."""
    for name in [name for name in environment if name.startswith(FOREIGN) and name not in OWN]:
        del environment[name]
    # pip refuses to install into the user's directory from a virtual environment.
    environment["PIP_USER"] = "0"
    use_home(environment, CACHE / "home")
    # A UTF-8 locale that exists everywhere. Ansible does not start without one.
    environment["LC_ALL"] = "C.UTF-8"
    environment["NO_PROXY"] = with_loopback(environment.get("NO_PROXY") or environment.get("no_proxy"))
    environment["no_proxy"] = environment["NO_PROXY"]


def ansible_settings() -> dict[str, str]:
    """Return the variables that make Ansible use the collection in the checkout, and write only to the checkout."""
    link_collection()
    home = CACHE / "ansible"
    home.mkdir(parents=True, exist_ok=True)
    # If these files do not exist, Ansible searches for them in other directories.
    for name in ("ansible.cfg", "hosts"):
        (home / name).touch()
    return {
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_CONFIG": str(home / "ansible.cfg"),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_INVENTORY": str(home / "hosts"),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_REMOTE_TEMP": str(home / "tmp"),
    }


def play_environment(extra: t.Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for Ansible's commands in the Python environment that runs this code."""
    environment = dict(os.environ)
    home = environment.get("HOME")
    isolate(environment)
    # A playbook may need the caller's home directory, for example for SSH keys.
    if home:
        environment["HOME"] = home
    environment.update(ansible_settings())
    environment["PATH"] = os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)])
    environment["VIRTUAL_ENV"] = str(VENV)
    for name in ("ANSIBLE_FORCE_COLOR", "ANSIBLE_NOCOLOR"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(extra or {})
    return environment


def with_loopback(no_proxy: str | None) -> str:
    """Return ``no_proxy`` with the loopback addresses added, because the emulator listens there."""
    return ",".join([*([no_proxy] if no_proxy else []), "127.0.0.1", "localhost"])


def use_home(environment: t.MutableMapping[str, str], home: Path) -> None:
    """Make ``home`` the home directory in ``environment``. pip keeps its settings and cache, pyenv its versions."""
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
