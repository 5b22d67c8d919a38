# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: its build context is made, and what would be installed in it is looked at. Only the image is not built."""

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
FOLDER = ROOT / "extensions" / "execution-environment"
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
TARBALL = f"community-huaweicloud-{GALAXY['version']}.tar.gz"


def run(tool: str, *arguments: str, cwd: Path) -> str:
    """Runs a tool of this environment in ``cwd``, with a home of its own; returns what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment.update(HOME=str(cwd), ANSIBLE_HOME=str(cwd / ".ansible"), LC_ALL="C.UTF-8", ANSIBLE_NOCOLOR="1")
    command = [str(Path(sys.executable).parent / tool), *arguments]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, f"{tool} ended with status {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tarball and the definition where they are in a checkout, and the context made of them."""
    folder = tmp_path_factory.mktemp("environment")
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder / "dist"), str(ROOT), cwd=folder)
    shutil.copytree(FOLDER, folder / "extensions" / "execution-environment")
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
        cwd=folder,
    )
    return folder


def test_the_tarball_is_in_the_context(place: Path) -> None:
    with tarfile.open(place / "context" / "_build" / "collections" / TARBALL) as archive:
        names = set(archive.getnames())
    assert {
        "meta/execution-environment.yml",
        "requirements.txt",
        "bindep.txt",
        "extensions/awx/README.md",
        "playbooks/awx_setup.yml",
    } <= names


def test_the_collection_can_be_installed_from_the_context(place: Path) -> None:
    """As the image is built: in the folder of the context, from its list, without a server."""
    build = place / "context" / "_build"
    wanted = yaml.safe_load((build / "requirements.yml").read_text(encoding="utf-8"))
    assert wanted == {"collections": [{"name": f"collections/{TARBALL}", "type": "file"}]}
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "-r",
        "requirements.yml",
        "--collections-path",
        str(place / "installed"),
        cwd=build,
    )
    assert (
        place / "installed" / "ansible_collections" / "community" / "huaweicloud" / "playbooks" / "site.yml"
    ).is_file()
    found = yaml.safe_load(run("ansible-builder", "introspect", str(place / "installed"), cwd=place))
    python = {line.split(" ")[0]: line for line in found["python"]}
    assert {name.split(">")[0] for name in python} == {"requests", "jsonschema"}
    assert found["system"] == []


def test_the_image_is_made_of_what_is_supported(place: Path) -> None:
    text = (place / "context" / "Containerfile").read_text(encoding="utf-8")
    assert 'ARG ANSIBLE_GALAXY_CLI_COLLECTION_OPTS="--offline"' in text
    assert 'ARG PYCMD="/usr/bin/python3.12"' in text
    assert "ansible-core>=2.18,<2.22" in text
    controller = (ROOT / "tests" / "requirements" / "play.txt").read_text(encoding="utf-8")
    assert "ansible-core>=2.18,<2.22" in controller, "the two name the same versions"


def test_no_system_package_is_asked_for() -> None:
    lines = (ROOT / "bindep.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    assert yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8")) == {
        "version": 1,
        "dependencies": {"python": "requirements.txt", "system": "bindep.txt"},
    }
