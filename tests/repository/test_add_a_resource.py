# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the worked example of docs/dev/add-a-resource.md: the page must be complete and correct."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from loopback import Loopback
from worked_example import ROOT, apply_blocks, blocks, copy_collection

PAGE = (ROOT / "docs" / "dev" / "add-a-resource.md").read_text(encoding="utf-8")
MODULE = "community.huaweicloud.modelarts_note"
BIN = Path(sys.executable).parent

LIST = "GET /v1/p-1/notes"
CREATE = "POST /v1/p-1/notes"
UPDATE = "PUT /v1/p-1/notes/1"
DELETE = "DELETE /v1/p-1/notes/1"

Note = dict[str, t.Any]

CREATED: Note = {
    "id": "1",
    "name": "release-plan",
    "text": "Ship on Thursday.",
    "category": "plans",
    "status": "ACTIVE",
    "created_at": "2026-01-02T03:04:05Z",
}
UPDATED: Note = dict(CREATED, text="Ship on Friday.")
SET_BY_SERVICE = ("status", "created_at")
NEXT_STATUS = {"CREATING": "ACTIVE", "DELETING": ""}


class Service:
    """The fictional notes API and a record of its requests. The status of a note advances after each list."""

    def __init__(self) -> None:
        self.notes: dict[str, Note] = {}
        self.requests: list[str] = []

    def respond(self, method: str, path: str, body: Note) -> tuple[int, t.Any]:
        self.requests.append(f"{method} {path}")
        if (method, path) == ("GET", "/v1/p-1/notes"):
            listed = [dict(note) for note in self.notes.values()]
            self._advance()
            return 200, {"notes": listed}
        if (method, path) == ("POST", "/v1/p-1/notes"):
            new = dict(body, id=str(len(self.notes) + 1), create_time="2026-01-02T03:04:05Z", status="CREATING")
            self.notes[new["id"]] = new
            return 201, new
        found = self.notes[path.removeprefix("/v1/p-1/notes/")]
        if method == "PUT":
            found.update(body)
            return 200, found
        assert method == "DELETE"
        found["status"] = "DELETING"
        return 202, None

    def _advance(self) -> None:
        for note in self.notes.values():
            note["status"] = NEXT_STATUS.get(note["status"], note["status"])
        self.notes = {note_id: note for note_id, note in self.notes.items() if note["status"]}


def handler(service: Service) -> type[http.server.BaseHTTPRequestHandler]:
    """Return a request handler that passes every request to ``service``."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, data = service.respond(self.command, self.path, json.loads(self.rfile.read(length) or "{}"))
            body = b"" if data is None else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _respond

        def log_message(self, format: str, *args: t.Any) -> None:
            """Print nothing."""

    return Handler


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Return a copy of the collection with the example of the page."""
    root = copy_collection(tmp_path)
    apply_blocks(blocks(PAGE), root)
    return root


def run(command: t.Sequence[str | Path], root: Path, **environment: str) -> str:
    """Run a command in the copy and return its output. Raise AssertionError if it fails."""
    scratch = root.parents[2]
    foreign = ("ANSIBLE_", "HW_", "HUAWEICLOUD_", "OS_", "COVERAGE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    (scratch / "ansible.cfg").touch()
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(scratch),
        "ANSIBLE_CONFIG": str(scratch / "ansible.cfg"),
        "ANSIBLE_HOME": str(scratch / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        "NO_PROXY": "127.0.0.1",
    }
    applied = subprocess.run(
        [str(word) for word in command],
        cwd=root,
        env={**inherited, **settings, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert applied.returncode == 0, f"{command[0]} failed:\n{applied.stdout}\n{applied.stderr}"
    return applied.stdout


def task(title: str, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """Return a task about the note ``release-plan``. It registers its result under its title."""
    arguments = dict(options, name="release-plan")
    return {"name": title, MODULE: arguments, "check_mode": check, "diff": True, "register": title.replace(" ", "_")}


TASKS = [
    task("predict", check=True, text="Ship on Thursday.", category="plans"),
    task("create", text="Ship on Thursday.", category="plans"),
    task("create again", text="Ship on Thursday.", category="plans"),
    task("predict update", check=True, text="Ship on Friday."),
    task("update", text="Ship on Friday."),
    dict(task("refuse", category="other"), ignore_errors=True),
    task("predict delete", check=True, state="absent"),
    task("delete", state="absent"),
    task("delete again", state="absent"),
]


def play(
    collection: Path, tasks: t.Sequence[dict[str, t.Any]], **environment: str
) -> tuple[dict[str, t.Any], list[str]]:
    """Run ``tasks`` with ``ansible-playbook``. Return the result of each task and the requests that the service received."""
    service, results = Service(), collection.parents[2] / "results.json"
    content = "{{ {" + ", ".join(f"'{one['register']}': {one['register']}" for one in tasks) + "} | to_json }}"
    keep = {
        "name": "Keep the results",
        "ansible.builtin.copy": {"content": content, "dest": str(results), "mode": "0600"},
    }
    with Loopback(handler(service)) as server:
        options = {
            "auth_token": "a-token",
            "project_id": "p-1",
            "modelarts_endpoint": server.url,
            "wait_interval": 0.01,
        }
        playbook = {
            "name": "Run the example",
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/community.huaweicloud.huaweicloud": options},
            "tasks": [*tasks, keep],
        }
        path = collection.parents[2] / "play.yml"
        path.write_text(yaml.safe_dump([playbook], sort_keys=False), encoding="utf-8")
        run([BIN / "ansible-playbook", path], collection, **environment)
    assert service.notes == {}
    return json.loads(results.read_text(encoding="utf-8")), service.requests


def without_service_fields(note: Note) -> Note:
    return {field: value for field, value in note.items() if field not in SET_BY_SERVICE}


def test_module_creates_updates_and_deletes(collection: Path) -> None:
    results, requests = play(collection, TASKS)
    changed = {name: result["changed"] for name, result in results.items()}
    assert changed == {
        "predict": True,
        "create": True,
        "create_again": False,
        "predict_update": True,
        "update": True,
        "refuse": False,
        "predict_delete": True,
        "delete": True,
        "delete_again": False,
    }
    assert requests == [
        *(LIST, LIST, CREATE, LIST, LIST, LIST),
        *(LIST, LIST, UPDATE, LIST, LIST),
        *(LIST, LIST, DELETE, LIST, LIST, LIST),
    ]
    assert results["predict"]["note"] == dict(CREATED, id=None, status=None, created_at=None)
    assert results["create"]["note"] == results["create_again"]["note"] == CREATED
    assert results["update"]["note"] == results["predict_update"]["note"] == UPDATED
    assert results["update"]["diff"] == {
        "before": without_service_fields(CREATED),
        "after": without_service_fields(UPDATED),
    }
    assert results["refuse"]["error"]["kind"] == "drift"
    assert results["delete"]["note"] is None


def test_module_works_without_the_action_plugin(collection: Path) -> None:
    apply_filters = [one for one in TASKS if one["name"] in ("create", "delete")]
    results, requests = play(collection, apply_filters, HW_IN_PROCESS="0")
    assert requests == [LIST, CREATE, LIST, LIST, LIST, DELETE, LIST, LIST]
    assert results["create"]["note"] == CREATED
    assert results["delete"]["note"] is None


def test_documentation_of_the_module_loads(collection: Path) -> None:
    printed = json.loads(run([BIN / "ansible-doc", "--json", MODULE], collection))[MODULE]
    options = printed["doc"]["options"]
    assert {"name", "text", "category", "state", "access_key", "wait_timeout"} <= set(options)
    assert options["state"]["choices"] == ["present", "absent"]
    assert set(printed["return"]["note"]["contains"]) == set(CREATED)
    examples = yaml.safe_load(printed["examples"])
    assert len(examples) == 3 and all(MODULE in example for example in examples)


def test_unit_and_standing_tests_pass(collection: Path) -> None:
    """Run the unit test of the page, and the standing tests that are about modules and layers."""
    tests = [
        "tests/unit/plugins/module_utils/_resources/test_note.py",
        "tests/repository/test_repository.py",
        "tests/repository/docs/test_return_values.py",
    ]
    words = "test_note or notes or note.py or modelarts_note or imports or action_group or knows"
    path = f"{collection.parents[2]} tests/unit tests/playbooks tests/tools"
    printed = run([sys.executable, "-m", "pytest", "-q", "-o", f"pythonpath={path}", "-k", words, *tests], collection)
    assert "passed" in printed


def test_linter_accepts_the_files(collection: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not installed in this environment")
    files = [block.path for block in blocks(PAGE) if block.path.endswith(".py")]
    ruff = [sys.executable, "-m", "ruff"]
    run([*ruff, "check", "--no-cache", *files], collection)
    run([*ruff, "format", "--no-cache", "--check", "--diff", *files], collection)
    # mypy is not in the environment of the tests. It refuses functions without annotations.
    plugins = [path for path in files if path.startswith("plugins/")]
    run([*ruff, "check", "--no-cache", "--select", "ANN001,ANN201,ANN202,ANN204", *plugins], collection)


def test_overview_lists_every_file() -> None:
    paths = [block.path for block in blocks(PAGE)]
    table = [line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert paths == table
