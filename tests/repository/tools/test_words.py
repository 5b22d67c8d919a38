# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository does not contain words that the glossary replaces."""

from __future__ import annotations

import pytest
import words

RULES = words.Rules(
    {
        "prose": {"can not": "cannot", "things?": "resource"},
        "names": {"things?": "observed", "wish": "desired"},
        "retired": {"site_file": "desired_state_file"},
        "allowed": [{"path": "a.py", "text": "quoted"}],
    }
)
PENDING = words.list_pending()


@pytest.mark.parametrize("path", [path for path in words.list_files() if path not in PENDING])
def test_file_contains_no_retired_words(path: str) -> None:
    assert [str(hit) for hit in words.check_file(path)] == []


@pytest.mark.parametrize("path", PENDING)
def test_pending_file_still_contains_retired_words(path: str) -> None:
    assert (words.ROOT / path).is_file()
    assert words.check_file(path), "The file is clean. Run tests/tools/words.py --update."


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.py", "# It can not work.\n", ["a.py:1: 'can not': write cannot"]),
        ("a.py", '"""One\n\nA thing.\n"""\n', ["a.py:3: 'thing': write resource"]),
        ("a.py", 'x = f"no {y} things"\n', ["a.py:1: 'things': write resource"]),
        ("a.py", "x = 'things'\n", []),
        ("a.py", "x = 'quoted thing'\n", []),
        ("b.py", "x = 'quoted thing'\n", ["b.py:1: 'thing': write resource"]),
        ("a.py", "def read_things(): pass\n", ["a.py:1: 'things': write observed"]),
        ("a.py", "release_wish = wishful = 1\n", ["a.py:1: 'wish': write desired"]),
        ("a.py", "x = 'site_file'\n", ["a.py:1: 'site_file': write desired_state_file"]),
        ("a.yml", "- name: A Thing\n", ["a.yml:1: 'Thing': write resource"]),
        ("a.yml", "wish: true\n", []),
        ("a.rst", "One\nsite_file\n", ["a.rst:2: 'site_file': write desired_state_file"]),
    ],
)
def test_rules_find_word_line_and_replacement(path: str, text: str, found: list[str]) -> None:
    assert [str(hit) for hit in RULES.check(path, text)] == found


def test_update_lists_the_files_with_hits(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(words, "ROOT", tmp_path)
    monkeypatch.setattr(words, "PENDING", tmp_path / "pending.txt")
    monkeypatch.setattr(words, "list_files", lambda: ["clean.md", "other.md"])
    monkeypatch.setattr(words, "load_rules", lambda: RULES)
    monkeypatch.setattr(words.sys, "argv", ["words.py", "--update"])
    (tmp_path / "clean.md").write_text("A resource\n", encoding="utf-8")
    (tmp_path / "other.md").write_text("A thing\n", encoding="utf-8")
    assert words.main() == 0
    assert words.list_pending() == ["other.md"]
    assert capsys.readouterr().out == "1 files contain retired words: pending.txt\n"


def test_main_prints_hits_below_the_given_paths(monkeypatch, capsys) -> None:
    monkeypatch.setattr(words, "load_rules", lambda: words.Rules({"prose": {"two-line notice": "notice"}}))
    monkeypatch.setattr(words.sys, "argv", ["words.py", str(words.ROOT / "Makefile")])
    assert words.main() == 0
    assert capsys.readouterr().out == "0 retired words in 0 files\n"
