# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guides say of the code is what the code has."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import tables
from ansible_collections.community.huaweicloud.plugins.module_utils import _errors
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from bootstrap import VENV
from environment import LINK

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "docsite" / "rst"
UTILS = ROOT / "plugins" / "module_utils"
PREFIX = "ansible_collections.community.huaweicloud.docsite."


def guide(name):
    return (GUIDES / f"{name}.rst").read_text(encoding="utf-8")


def headings(text, underline):
    """Of the level that has this underline."""
    lines = text.splitlines()
    return [
        line for line, below in zip(lines, lines[1:]) if below and set(below) == {underline} and len(below) == len(line)
    ]


def first_cells(text):
    """Return the names in the first cells of the tables."""
    rows = re.findall(r"^ +\* - (``.+)$", text, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"``([\w-]+)``", row)]


def section(text, title, underline="-"):
    start = text.index(f"\n{title}\n{underline * len(title)}\n")
    rest = text[start + 1 :]
    end = re.search(rf"\n\n[^\n]+\n{re.escape(underline)}{{3,}}\n", rest)
    return rest[: end.start()] if end else rest


@pytest.mark.parametrize("name", tables.TABLES)
def test_tables_are_those_of_the_code(name):
    assert tables.written(name) == tables.made(name), (
        "generate it again: PYTHONPATH=.collections python tests/tools/tables.py"
    )


def test_tables_are_not_empty():
    assert len(tables.made("behaviors").splitlines()) > 200
    assert [name for name in CONNECTION.argument_spec if f"``{name}``" in tables.made("variables")][:2] == [
        "access_key",
        "secret_key",
    ]


def test_every_kind_of_error_is_explained():
    """Each error kind has its own heading. No task ends with the kinds of the two base classes."""
    kinds = {
        member.kind
        for member in vars(_errors).values()
        if isinstance(member, type) and issubclass(member, _errors.HuaweiCloudError)
    }
    text = guide("errors")
    found = [heading.strip("`") for heading in headings(text, "^")]
    assert sorted(found) == sorted(kinds - {"error", "service"})
    assert "``error`` and ``service`` are" in section(text, "Base kinds")


def test_keys_of_an_error_are_named():
    intro = guide("errors").partition("Errors before a change")[0]
    assert set(_errors.ServiceError("").facts()) <= set(re.findall(r"``(\w+)``", intro))


def test_faults_of_the_emulator():
    sys.path.insert(0, str(tables.EMULATOR))
    from huaweicloud_emulator.faults import KINDS

    sys.path.remove(str(tables.EMULATOR))
    assert sorted(first_cells(section(guide("emulator"), "Faults"))) == sorted(KINDS)


def test_calls_of_the_control_plane():
    """Those of the README of the role."""
    readme = (ROOT / "roles" / "emulator" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [\w/]+)`", readme)
    found = re.findall(r"``((?:GET|POST|PUT|PATCH|DELETE) [\w/]+)``", section(guide("emulator"), "Control plane"))
    assert sorted(found) == sorted(set(named))


def test_rules_of_the_linter():
    paths = [
        UTILS / "_kubernetes" / name
        for name in (
            "lint.py",
            "field_check.py",
            "field_formats.py",
            "field_rules.py",
            "findings.py",
            "schema_check.py",
        )
    ]
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    rules = set(re.findall(r'(?:findings|self|check)\.add\(\s*"([a-z-]+)"|Finding\(\s*"([a-z-]+)"', source))
    # These two are put together.
    rules = {first or second for first, second in rules} | {"label-app", "label-version"}
    assert set(first_cells(section(guide("guide_releases"), "Errors"))) == rules


def test_permissions_are_those_the_hints_name():
    """The actions in the operations of the services; the guide shortens those of one service."""
    sources = [path.read_text(encoding="utf-8") for path in (UTILS / "_api").glob("*.py")]
    wanted = {
        action
        for source in sources
        for action in re.findall(r"(?:asm:mesh|modelarts:workspace|iam:projects):\w+", source)
    }
    text = section(guide("credentials"), "Permissions")
    found = set(re.findall(r"``((?:asm:mesh|modelarts:workspace|iam:projects):\w+)``", text))
    assert found | {f"modelarts:workspace{action}" for action in re.findall(r"``(:\w+)``", text)} == wanted


def test_drawing_has_every_layer():
    units = {path.stem for path in UTILS.iterdir() if path.stem not in ("__init__", "__pycache__")}
    drawing = guide("architecture").partition(".. code-block:: text")[2].partition("Each layer imports")[0]
    assert set(re.findall(r"\b_[a-z_]+\b", drawing)) == units


def test_variables_of_a_checkout_name_its_directories():
    (line,) = re.findall(r"^    export (.+)$", section(guide("quickstart"), "Playbooks in a checkout"), re.MULTILINE)
    values = dict(pair.split("=") for pair in line.replace("$PWD", str(ROOT)).replace('"', "").split())
    assert values == {"PATH": f"{VENV / 'bin'}:$PATH", "ANSIBLE_COLLECTIONS_PATH": str(LINK.parents[2])}


def test_every_guide_is_in_the_table_of_contents():
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    listed = [name for one in sections for name in one["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in GUIDES.glob("*.rst"))


@pytest.mark.parametrize("path", sorted(GUIDES.glob("*.rst")), ids=lambda path: path.stem)
class TestGuide:
    def test_label(self, path):
        assert f".. _{PREFIX}{path.stem}:\n" in path.read_text(encoding="utf-8")

    def test_one_title(self, path):
        assert len(headings(path.read_text(encoding="utf-8"), "=")) == 1
