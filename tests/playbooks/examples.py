# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collect the examples of modules, READMEs and guides, and the state that each of them requires."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import re
import shlex
import typing as t
import warnings
from pathlib import Path

import yaml
from antsibull_docutils.rst_code_finder import find_code_blocks
from harness import COLLECTION, CONTROLLER_ONLY, ROOT, control

GUIDES = ROOT / "docs" / "docsite" / "rst"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in CONTROLLER_ONLY)
# Their examples wait for minutes. Unit tests run them with a clock that does not wait.
SLOW_MODULES = ("canary_analysis",)
# test_roles.py runs the examples of the other roles.
READMES = {"README": ROOT / "README.md", "role emulator": ROOT / "roles" / "emulator" / "README.md"}
PARTS = ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always")

Entry = t.Dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Block:
    """A code block in a text. ``caption`` is its file name."""

    source: str
    language: str
    content: str
    caption: str = ""

    def parsed(self) -> t.Any:
        return yaml.safe_load(self.content)


@dataclasses.dataclass(frozen=True)
class Example:
    """Tasks or plays that run unchanged."""

    source: str
    entries: list[Entry]

    @property
    def name(self) -> str:
        return f"{self.source}: {self.entries[0]['name']}"

    @property
    def is_playbook(self) -> bool:
        return "hosts" in self.entries[0]

    def tasks(self) -> list[Entry]:
        return list(tasks_of(self.entries))


def tasks_of(entries: t.Iterable[Entry]) -> t.Iterator[Entry]:
    """All tasks in plays, blocks and tasks."""
    for entry in entries:
        inner = [entry[part] for part in PARTS if part in entry]
        for part in inner:
            yield from tasks_of(part)
        if not inner and not {"hosts", "roles"} & set(entry):
            yield entry


def blocks_of(guide: Path) -> list[Block]:
    """Return the code blocks of a guide in their order."""
    text = guide.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = []
    with warnings.catch_warnings():
        # Those of the library, about docutils.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        blocks = list(find_code_blocks(text, path=guide, root_prefix=guide.parent))
    for block in blocks:
        head = " ".join(lines[max(0, block.row_offset - 3) : block.row_offset])
        caption = re.search(r":caption: (\S+)\s*$", head)
        found.append(Block(guide.stem, block.language or "", block.content, caption[1] if caption else ""))
    return found


@functools.cache
def guides() -> dict[str, list[Block]]:
    return {path.stem: blocks_of(path) for path in sorted(GUIDES.glob("*.rst"))}


def of_module(name: str) -> Example:
    module = importlib.import_module(f"ansible_collections.community.huaweicloud.plugins.modules.{name}")
    return Example(f"module {name}", yaml.safe_load(module.EXAMPLES))


def of_readmes() -> list[Example]:
    found = []
    for source, path in READMES.items():
        texts = re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
        # A mapping is a file of variables, for example a seed.
        found += [Example(source, entries) for entries in map(yaml.safe_load, texts) if isinstance(entries, list)]
    return found


@functools.cache
def examples() -> list[Example]:
    """Return all examples by source."""
    in_guides = [
        Example(name, block.parsed())
        for name, blocks in guides().items()
        for block in blocks
        if block.language == "yaml+jinja"
    ]
    return [*map(of_module, MODULES), *of_readmes(), *in_guides]


def runnable_examples() -> list[Example]:
    """Return the examples that run against an emulator."""
    return [example for example in examples() if example.source.removeprefix("module ") not in SLOW_MODULES]


def files_of(source: str) -> dict[str, str]:
    """Return the files that the examples of a source read, by name."""
    files = {block.caption: block.content for block in guides().get(source, []) if block.caption}
    if not source.startswith("module "):
        files.setdefault("reviews-v2.yaml", yaml.safe_dump(canary_template()))
        files.setdefault("canary.yml", yaml.safe_dump(rollout()))
        return files
    return {"reviews-v2.yaml": yaml.safe_dump(canary_template("1.20.3")), "canary.yml": yaml.safe_dump(rollout())}


def rollout() -> dict[str, t.Any]:
    """Return a rollout of the release in the first example of asm_release, with two approvals and without waits."""
    release = of_module("asm_release").entries[0][f"{COLLECTION}.asm_release"]
    host = f"{{{{ lookup('ansible.builtin.env', 'HW_ASM_ENDPOINT') }}}}/clusters/{SHOP_CLUSTER}"
    return {
        "release": {**release, "gray_deployments": [{"template_file": "reviews-v2.yaml"}]},
        "traffic": {"original_version": "v1", "propagation_seconds": 0, "connection": {"host": host}},
        "steps": [{"weight": 10, "approval": True}, {"weight": 100, "approval": True}],
        "poll_interval": "10ms",
        "lease_duration": "10s",
    }


def canary_template(tag: str | None = None) -> dict[str, t.Any]:
    """Return the Deployment in the first example of asm_release, with another image if ``tag`` is given."""
    (gray,) = of_module("asm_release").entries[0][f"{COLLECTION}.asm_release"]["gray_deployments"]
    text = yaml.safe_dump(gray["template"])
    return yaml.safe_load(re.sub(r"(image: \S+:)\S+", rf"\g<1>{tag}", text) if tag else text)


def commands(source: str) -> list[list[str]]:
    """Return the command lines of a guide as words."""
    text = "\n".join(block.content for block in guides()[source] if block.language == "shell")
    return [shlex.split(line) for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


# ---------------------------------------------------------------------------------------------------------------------
# Required state

PROJECT = "0123456789abcdef0123456789abcdef"
SHOP_MESH = "2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c"
SHOP_CLUSTER = "5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b"
BOOK_MESH = "3c2b1a0f-6e5d-4c3b-8a79-0f1e2d3c4b5a"
BOOK_CLUSTER = "7c1d3a52-4b0e-4c8e-9a57-2f6b81d0c3e4"

CREDENTIALS = {
    "username": "deployer",
    "domain_name": "shop",
    "domain_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "project_name": "eu-de_shop",
    "project_id": PROJECT,
    "region": "eu-de",
}

# For all sources.
INITIAL_STATE: dict[str, t.Any] = {
    "projects": ["eu-de"],
    "users": ["anna", "boris", "irina", "tomasz", {"name": "carla", "id": "0b1c2d3e4f506172839405a6b7c8d9e0"}],
    "meshes": [
        {"name": "shop-mesh", "id": SHOP_MESH, "clusters": [SHOP_CLUSTER]},
        {"name": "bookinfo-mesh", "id": BOOK_MESH, "clusters": [BOOK_CLUSTER]},
    ],
}
RATINGS = {"name": "ratings-v2", "service_name": "ratings", "mesh_name": "shop-mesh"}
DEMO = {"name": "bookinfo-demo", "mesh_name": "shop-mesh", "spec": {"primaryCluster": SHOP_CLUSTER}}

# With a security token, so that they are temporary.
KEYS = {
    "access_key": "TEMPORARYACCESSKEY01",
    "secret_key": "the-secret-key-that-ends-with-the-token",
    "security_token": "the-security-token-of-an-example",
}


def _ingress(name: str) -> Entry:
    """Return a VirtualService of an ingress gateway that routes to productpage."""
    destination = {"host": "productpage.shop.svc.cluster.local", "subset": "v1"}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"namespace": "ingress", "name": name},
        "spec": {
            "hosts": [f"{name}.example.com"],
            "gateways": ["public"],
            "http": [{"route": [{"destination": destination}]}],
        },
    }


# Services with two versions, and one without Istio objects.
APPLICATIONS = [
    {"namespace": "shop", "name": name, "versions": {"v1": 1, "v2": 1}, "routes": routes}
    for name, routes in (("reviews", "subsets"), ("productpage", "subsets"), ("ratings", "none"))
]

# For one source.
SEEDS: dict[str, dict[str, t.Any]] = {
    "module apply": {"workspaces": ["team-old"]},
    "module asm_mesh_info": {"workshops": [DEMO]},
    "module asm_release": {"releases": [RATINGS]},
    "module asm_release_info": {
        "releases": [{"name": "reviews-v2", "service_name": "reviews", "mesh_name": "shop-mesh"}, RATINGS]
    },
    "module asm_traffic": {"applications": APPLICATIONS, "cluster_objects": [_ingress("shop")]},
    "module asm_traffic_info": {"applications": APPLICATIONS},
    "module asm_workshop_info": {"workshops": [DEMO]},
    "module canary_rollout": {"applications": [{"name": "reviews", "versions": {"v1": 1}, "cluster": SHOP_CLUSTER}]},
    "module modelarts_workspace": {
        "workspaces": [{"name": "team-recommender", "id": "05e1b2c3d4f5061728394a5b6c7d8e9f"}]
    },
    "module modelarts_workspace_info": {
        "workspaces": [
            {"name": "team-search", "owner": "shop"},
            {"name": "team-old", "status": "DELETE_FAILED", "status_info": "it holds a job"},
        ]
    },
    "credentials": {
        "keys": [KEYS],
        "agencies": [{"name": "operators", "domain_name": "bank", "domain_id": "1b2c3d4e5f60718293a4b5c6d7e8f90a"}],
    },
    "errors": {"workspaces": ["team-of-last-year"]},
    "guide_releases": {"releases": [RATINGS]},
    "guide_traffic": {"applications": APPLICATIONS, "cluster_objects": [_ingress("shop"), _ingress("old-shop")]},
    "guide_workspaces": {"workspaces": ["team-of-last-year"]},
    "many": {"releases": [RATINGS], "workspaces": ["team-old"]},
    "scenario_canary": {
        "applications": [{"name": "reviews", "versions": {"v1": 2}}],
        "series": [{"query": "reviews_error_ratio", "value": 0.004}],
    },
    "upgrading": {"workspaces": ["team-search"]},
}


def _moved(mesh: str, namespace: str) -> Entry:
    """Route all traffic of reviews to the gray version."""
    return control("PUT", "traffic", {"mesh_id": mesh, "namespace": namespace, "service": "reviews", "gray": 100})


# Background operations complete immediately.
SWITCHES: dict[str, t.Any] = {"running_after": 0, "gone_after": 0}
MORE_SWITCHES: dict[str, dict[str, t.Any]] = {"errors": {"workspace_delete": "failed"}}

VARIABLES: dict[str, t.Any] = {
    "all_workspaces": [{"name": "team-recommender"}, {"name": "team-search"}],
    "temporary": KEYS,
}
# Examples that must run several times to execute all their tasks.
VARIATIONS: dict[str, list[dict[str, t.Any]]] = {
    "README: Manage a workspace and a canary release": [{"promote": True}],
}
# Actions of another client before the task of that name.
MEANWHILE = {
    "README": {"Promote v2 when it receives all traffic": _moved(BOOK_MESH, "bookinfo")},
    "module asm_release": {"Promote the release after all traffic was routed to v2": _moved(SHOP_MESH, "default")},
}
# Tasks that can fail, as the example states.
FAILING = {
    "errors: Delete a workspace that may not be empty": {"Delete the workspace"},
}
# These tasks use another emulator than the one whose request log is checked.
ELSEWHERE = {
    "credentials: Work in a private region, behind a proxy",
    "guide_traffic: Read the traffic through a proxy",
    "emulator: Develop against the emulator",
    "role emulator: Start a local emulator",
}
