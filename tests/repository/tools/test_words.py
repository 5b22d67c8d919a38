# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository does not contain words that the glossary replaces."""

from __future__ import annotations

import pytest
import words

RULES = words.Rules(
    {
        "prose_and_names": {"widgets?": "resource"},
        "prose": {"prior to": "before"},
        "names": {"gizmo": "desired"},
        "retired": {"site_file": "desired_state_file"},
        "allowed": [{"path": "a.py", "text": "quoted"}],
    }
)


@pytest.mark.parametrize("path", words.list_files())
def test_file_contains_no_retired_words(path: str) -> None:
    assert [str(hit) for hit in words.check_file(path)] == []


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.py", "# Run it prior to the test.\n", ["a.py:1: 'prior to': write before"]),
        ("a.py", '"""One\n\nA widget.\n"""\n', ["a.py:3: 'widget': write resource"]),
        ("a.py", 'x = f"no {y} widgets"\n', ["a.py:1: 'widgets': write resource"]),
        ("a.py", "x = 'widgets'\n", []),
        ("a.py", "x = 'quoted widget'\n", []),
        ("b.py", "x = 'quoted widget'\n", ["b.py:1: 'widget': write resource"]),
        ("a.py", "def read_widgets(): pass\n", ["a.py:1: 'widgets': write resource"]),
        ("a.py", "release_gizmo = gizmoful = 1\n", ["a.py:1: 'gizmo': write desired"]),
        ("a.py", "x = 'site_file'\n", ["a.py:1: 'site_file': write desired_state_file"]),
        ("a.yml", "- name: A Widget\n", ["a.yml:1: 'Widget': write resource"]),
        ("a.yml", "gizmo: true\n", []),
        ("a.rst", "One\nsite_file\n", ["a.rst:2: 'site_file': write desired_state_file"]),
    ],
)
def test_rules_find_word_line_and_replacement(path: str, text: str, found: list[str]) -> None:
    assert [str(hit) for hit in RULES.check(path, text)] == found


def test_main_prints_hits_below_the_given_paths(monkeypatch, capsys) -> None:
    monkeypatch.setattr(words, "load_rules", lambda: words.Rules({"prose": {"copyright .c. 2026": "a notice"}}))
    monkeypatch.setattr(words.sys, "argv", ["words.py", str(words.ROOT / "galaxy.yml")])
    assert words.main() == 1
    assert capsys.readouterr().out == (
        "galaxy.yml:2: 'Copyright (c) 2026': write a notice\n1 retired words in 1 files\n"
    )
