# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build context of the execution environment, and the packages that it would install. The tests do not build the image."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "extensions" / "execution-environment"
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
TARBALL = f"community-huaweicloud-{GALAXY['version']}.tar.gz"


def run(tool: str, *arguments: str, cwd: Path) -> str:
    """Run a tool of this environment in ``cwd``, which is also the home directory. Return its output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment.update(HOME=str(cwd), ANSIBLE_HOME=str(cwd / ".ansible"), LC_ALL="C.UTF-8", ANSIBLE_NOCOLOR="1")
    command = [str(Path(sys.executable).parent / tool), *arguments]
    process = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert process.returncode == 0, (
        f"{tool} ended with status {process.returncode}:\n{process.stdout}\n{process.stderr}"
    )
    return process.stdout


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a directory with the tarball, the definition, and the context that ansible-builder creates from them."""
    directory = tmp_path_factory.mktemp("environment")
    run("ansible-galaxy", "collection", "build", "--output-path", str(directory / "dist"), str(ROOT), cwd=directory)
    shutil.copytree(SOURCE, directory / "extensions" / "execution-environment")
    definition = "extensions/execution-environment/execution-environment.yml"
    run(
        "ansible-builder",
        "create",
        "-v3",
        "-f",
        definition,
        "-c",
        "context",
        "--output-filename",
        "Containerfile",
        cwd=directory,
    )
    return directory


def test_context_contains_the_tarball(directory: Path) -> None:
    with tarfile.open(directory / "context" / "_build" / "collections" / TARBALL) as archive:
        names = set(archive.getnames())
    assert {
        "meta/execution-environment.yml",
        "requirements.txt",
        "bindep.txt",
        "extensions/awx/README.md",
        "playbooks/awx_setup.yml",
    } <= names


def test_collection_installs_from_the_context(directory: Path) -> None:
    """The build of the image runs the same command in the directory of the context, without a server."""
    build = directory / "context" / "_build"
    requirements = yaml.safe_load((build / "requirements.yml").read_text(encoding="utf-8"))
    assert requirements == {"collections": [{"name": f"collections/{TARBALL}", "type": "file"}]}
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "-r",
        "requirements.yml",
        "--collections-path",
        str(directory / "installed"),
        cwd=build,
    )
    assert (
        directory / "installed" / "ansible_collections" / "community" / "huaweicloud" / "playbooks" / "site.yml"
    ).is_file()
    introspected = yaml.safe_load(run("ansible-builder", "introspect", str(directory / "installed"), cwd=directory))
    python = {line.split(" ")[0]: line for line in introspected["python"]}
    assert {name.split(">")[0] for name in python} == {"requests", "jsonschema"}
    assert introspected["system"] == []


def test_image_has_supported_versions(directory: Path) -> None:
    text = (directory / "context" / "Containerfile").read_text(encoding="utf-8")
    assert 'ARG ANSIBLE_GALAXY_CLI_COLLECTION_OPTS="--offline"' in text
    assert 'ARG PYCMD="/usr/bin/python3.12"' in text
    assert "ansible-core>=2.18,<2.22" in text
    controller = (ROOT / "tests" / "requirements" / "play.txt").read_text(encoding="utf-8")
    assert "ansible-core>=2.18,<2.22" in controller, "both files require the same versions"


def test_no_system_packages_are_required() -> None:
    lines = (ROOT / "bindep.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    assert yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8")) == {
        "version": 1,
        "dependencies": {"python": "requirements.txt", "system": "bindep.txt"},
    }
