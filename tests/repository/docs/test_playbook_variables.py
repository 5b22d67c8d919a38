# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reference of playbook variables lists what the playbooks and roles accept, with the right types and defaults."""

from __future__ import annotations

import functools
import re
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import RESERVED_NAMES
from guide_tables import Guide, is_default, literals, type_words
from playbook_files import NAMES, PLAYBOOKS, ROLES, ROOT, Playbook, role_variables

GUIDE = Guide("playbook_variables")
# Its README has the variables, and test_awx.py compares them.
ELSEWHERE = {"awx_setup"}
COMPARED = sorted(set(NAMES) - ELSEWHERE)

Row = t.List[str]


@functools.cache
def read(playbook: str) -> Playbook:
    return Playbook(playbook)


def expected(playbook: str) -> dict[str, dict[str, t.Any]]:
    """Return the specifications of the variables. The playbooks ``canary`` and ``emulator`` have those of their roles."""
    return role_variables(playbook) if playbook in ("canary", "emulator") else read(playbook).variables()


def documented(playbook: str) -> dict[str, Row]:
    """Return the rows about a playbook: those of its section, and those of sections about several playbooks."""
    rows = dict(GUIDE.by_name(playbook, "variable"))
    for heading in GUIDE.sections():
        if heading.startswith("Variables of ") and playbook in re.findall(r"\w+", heading):
            shared = GUIDE.by_name(heading, "variable")
            assert not set(shared) & set(rows)
            rows.update(shared)
    return rows


@pytest.mark.parametrize("playbook", COMPARED)
class TestPlaybook:
    def test_variables_are_those_of_the_playbook(self, playbook: str) -> None:
        assert sorted(documented(playbook)) == sorted(expected(playbook))

    def test_defaults(self, playbook: str) -> None:
        rows = documented(playbook)
        wrong = {
            name: (rows[name][2], spec.get("default"))
            for name, spec in expected(playbook).items()
            if name in rows and not is_default(rows[name][2], spec.get("default"), required=spec.get("required", False))
        }
        assert wrong == {}

    def test_types(self, playbook: str) -> None:
        """Roles accept blank values with the type raw, which describes nothing. Variables without a validation have no type."""
        rows = documented(playbook)
        wrong = {
            name: (rows[name][1], type_words(spec))
            for name, spec in expected(playbook).items()
            if name in rows
            and spec.get("type") != "raw"
            and set(spec) - {"default"}
            # The guide calls a path a path even if the specification only requires text.
            and rows[name][1] not in {type_words(spec), "path" if type_words(spec) == "str" else ""}
        }
        assert wrong == {}

    def test_every_row_has_a_meaning(self, playbook: str) -> None:
        assert [name for name, row in documented(playbook).items() if len(row) != 4 or not row[3]] == []


def test_names_of_targets_that_would_be_variables_are_reserved() -> None:
    """Each target has statistics with its name, and the next job gets them as variables."""
    prefixes = set(
        re.findall(r"``(\w+_)shop_eu``", (ROOT / "docs/docsite/rst/guide_targets.rst").read_text(encoding="utf-8"))
    )
    assert {"plan_status_", "canary_message_"} <= prefixes
    variables = {name for playbook in COMPARED for name in expected(playbook)}
    reserved = {name[len(prefix) :] for prefix in prefixes for name in variables if name.startswith(prefix)}
    assert reserved == set(RESERVED_NAMES)
    assert set(RESERVED_NAMES.values()) <= variables


def test_variables_of_all_playbooks() -> None:
    """These are the variables that the plugins read, except for those in the sections of the playbooks."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "plugin_utils").glob("*.py")]
    names = {name for source in sources for name in re.findall(r'"(huaweicloud_[a-z_]+)"', source)}
    names -= {name for playbook in COMPARED for name in documented(playbook)}
    assert names
    rows = GUIDE.by_name("Variables of all playbooks", "variable")
    assert set(rows) == names
    defaults = [found for source in sources for found in re.findall(r'"(huaweicloud_[a-z_]+)", (True|False)\)', source)]
    assert [name for name, default in defaults if not is_default(rows[name][2], default == "True")] == []


def test_every_playbook_is_listed() -> None:
    assert sorted(row[0].strip("`_") for row in GUIDE.rows("Playbooks", "playbook")) == NAMES


@pytest.mark.parametrize("playbook", NAMES)
def test_playbooks_have_few_lines_of_tasks(playbook: str) -> None:
    """Longer ones have their tasks in files that playbooks can share."""
    lines = (PLAYBOOKS / f"{playbook}.yml").read_text(encoding="utf-8").partition("\n  tasks:\n")[2].splitlines()
    assert len([line for line in lines if line.strip() and not line.strip().startswith("#")]) <= 30


def test_every_role_is_linked() -> None:
    assert sorted(GUIDE.by_name("Roles", "role")) == sorted(path.name for path in ROLES.iterdir() if path.is_dir())
    readmes = {f"roles/{name}/README.md" for name in GUIDE.by_name("Roles", "role")}
    assert GUIDE.linked_files() == {*readmes, "extensions/awx/README.md"}
    assert [name for name in GUIDE.linked_files() if not (ROOT / name).is_file()] == []


class TestResults:
    ROWS = GUIDE.by_name("Results for pipelines", "name")

    def named(self, playbook: str) -> dict[str, Row]:
        return {name: row for name, row in self.ROWS.items() if playbook in literals(row[1])}

    @pytest.mark.parametrize("playbook", COMPARED)
    def test_names_are_those_of_the_playbook(self, playbook: str) -> None:
        assert sorted(self.named(playbook)) == sorted(read(playbook).facts() | read(playbook).stats())

    @pytest.mark.parametrize("playbook", COMPARED)
    def test_set_stats(self, playbook: str) -> None:
        documented = {name for name, row in self.named(playbook).items() if row[2] == "yes"}
        assert documented == read(playbook).stats()

    def test_no_other_playbook_is_named(self) -> None:
        assert {name for row in self.ROWS.values() for name in literals(row[1])} <= set(COMPARED)


@pytest.mark.parametrize("name", ["playbook_variables", "desired_state_file"])
def test_no_unknown_variable_is_named(name: str) -> None:
    known = set(GUIDE.by_name("Variables of all playbooks", "variable"))
    for playbook in COMPARED:
        known |= set(expected(playbook)) | read(playbook).facts() | read(playbook).stats()
    prefixes = "|".join(sorted({*NAMES, *(path.name for path in ROLES.iterdir()), "huaweicloud"} - ELSEWHERE))
    named = set(re.findall(rf"``((?:{prefixes})_\w+)``", Guide(name).text))
    assert sorted(named - known) == []
