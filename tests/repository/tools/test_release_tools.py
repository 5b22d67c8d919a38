# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a release: tarball, installed collection, notes, tag, and signature."""

from __future__ import annotations

import typing as t

import installed
import notes
import pytest
import release_notes
import signing
import tarball


class TestTarball:
    KNOWN: t.ClassVar = [
        "README.md",
        "plugins/modules/a.py",
        "tests/unit/test_a.py",
        "Makefile",
        "changelogs/fragments/1.yml",
        "changelogs/changelog.yaml",
    ]
    CONTENT: t.ClassVar = [
        "MANIFEST.json",
        "FILES.json",
        "README.md",
        "plugins/modules/a.py",
        "changelogs/changelog.yaml",
    ]

    def test_shipped_files_have_no_problems(self) -> None:
        assert tarball.find_problems(self.CONTENT, self.KNOWN, tarball.MAX_BYTES) == []

    @pytest.mark.parametrize(
        "name", ["tests/unit/test_a.py", ".venv/bin/python", "plugins/modules/left.orig", "changelogs/fragments/1.yml"]
    )
    def test_file_that_is_not_shipped_is_a_problem(self, name: str) -> None:
        assert tarball.find_problems([*self.CONTENT, name], self.KNOWN, 1) == [f"{name} must not be in the tarball"]

    def test_missing_file_is_a_problem(self) -> None:
        assert tarball.find_problems(self.CONTENT[:3], self.KNOWN, 1) == [
            "changelogs/changelog.yaml is missing from the tarball",
            "plugins/modules/a.py is missing from the tarball",
        ]

    def test_large_tarball_is_a_problem(self) -> None:
        assert tarball.find_problems(self.CONTENT, self.KNOWN, tarball.MAX_BYTES + 1) == [
            "1048577 bytes are more than the limit of 1048576"
        ]

    def test_every_top_directory_is_shipped_or_ignored(self) -> None:
        top = {name.split("/")[0] for name in tarball.git_files()}
        ignored = set(tarball.load_galaxy()["build_ignore"]) | {"galaxy.yml", ".github", ".gitattributes", ".gitignore"}
        assert top - tarball.SHIPPED - ignored == set()


class TestInstalled:
    RECORD: t.ClassVar = {"name": "Create the workspace", "status": "changed", "warnings": []}

    def test_no_problems(self) -> None:
        assert installed.problems([self.RECORD]) == []

    def test_warning_is_a_problem(self) -> None:
        record = {**self.RECORD, "warnings": ["a file is missing"]}
        assert installed.problems([self.RECORD, record]) == ["Create the workspace: a file is missing"]

    def test_run_without_tasks_is_a_problem(self) -> None:
        assert installed.problems([]) == ["No task ran."]


class TestNotes:
    EXPECTED: t.ClassVar[dict[str, set[str]]] = {"modules": {"a"}, "role": {"r"}, "playbook": {"p"}}

    def changelog(self, **more: t.Any) -> dict[str, t.Any]:
        objects = {"role": [{"name": "r"}], "playbook": [{"name": "p"}]}
        return {
            "releases": {
                "1.0.0": {
                    "changes": {"release_summary": "The first."},
                    "modules": [{"name": "a"}],
                    "objects": objects,
                    **more,
                }
            }
        }

    def test_complete_notes_have_no_problems(self) -> None:
        assert notes.find_problems(self.changelog(), "1.0.0", self.EXPECTED) == []

    def test_missing_version_is_a_problem(self) -> None:
        assert notes.find_problems(self.changelog(), "1.1.0", self.EXPECTED) == ["the notes of 1.1.0 are missing"]

    def test_missing_summary_is_a_problem(self) -> None:
        assert notes.find_problems(self.changelog(changes={}), "1.0.0", self.EXPECTED) == [
            "the notes of 1.0.0 have no release_summary"
        ]

    def test_unannounced_object_is_a_problem(self) -> None:
        assert notes.find_problems(self.changelog(modules=[], objects={}), "1.0.0", self.EXPECTED) == [
            "modules: a exists but was never announced",
            "role: r exists but was never announced",
            "playbook: p exists but was never announced",
        ]

    def test_announced_object_that_does_not_exist_is_a_problem(self) -> None:
        changelog = self.changelog(modules=[{"name": "a"}, {"name": "b"}])
        assert notes.find_problems(changelog, "1.0.0", self.EXPECTED) == ["modules: b is announced but does not exist"]

    def test_announcement_in_an_older_release_counts(self) -> None:
        changelog = self.changelog(modules=[{"name": "a"}, {"name": "removed"}])
        changelog["releases"]["2.0.0"] = {"changes": {"release_summary": "The second."}}
        assert notes.find_problems(changelog, "2.0.0", self.EXPECTED) == []

    def test_visible_change_needs_a_fragment(self) -> None:
        changed = ["README.md", "roles/r/tasks/main.yml", "plugins/modules/a.py", "tests/unit/test_a.py"]
        assert notes.list_unannounced_changes(changed) == ["plugins/modules/a.py", "roles/r/tasks/main.yml"]
        assert notes.list_unannounced_changes([*changed, "changelogs/fragments/1.yml"]) == []
        assert notes.list_unannounced_changes([*changed, "changelogs/changelog.yaml"]) == []
        assert notes.list_unannounced_changes(["README.md", "tests/unit/test_a.py"]) == []

    def test_newest_version_is_the_first_version_tag(self) -> None:
        assert notes.find_newest_version(["latest", "1.10.0", "1.9.0"]) == "1.10.0"
        assert notes.find_newest_version(["v1.10.0-rc1", "v1.9.0"]) == "v1.9.0"
        assert notes.find_newest_version(["latest"]) is None

    def test_unknown_base_is_an_error(self) -> None:
        with pytest.raises(notes.GitError):
            notes.git("diff", "--name-only", "no-such-commit...HEAD")


class TestReleaseNotes:
    CHANGELOG: t.ClassVar = {"releases": {"1.0.0": {}}}

    def test_tag_of_the_current_version_is_valid(self) -> None:
        assert release_notes.find_problem("1.0.0", "1.0.0", self.CHANGELOG) == ""

    def test_tag_of_another_version_is_a_problem(self) -> None:
        assert (
            release_notes.find_problem("1.0.1", "1.0.0", self.CHANGELOG)
            == "the tag is '1.0.1', but the version in galaxy.yml is '1.0.0'"
        )

    @pytest.mark.parametrize("releases", [None, {}, {"0.9.0": {}}])
    def test_version_without_notes_is_a_problem(self, releases: dict[str, t.Any] | None) -> None:
        assert release_notes.find_problem("1.0.0", "1.0.0", {"releases": releases}).startswith(
            "changelogs/changelog.yaml does not contain 1.0.0"
        )


def test_checksum_list_is_parsed() -> None:
    assert signing.parse_checksums(f"{'a' * 64}  README.md\n{'b' * 64} *docs/a file.md\n\n") == {
        "README.md",
        "docs/a file.md",
    }


def test_files_without_signature_are_problems() -> None:
    assert signing.compare_coverage({"a", "b"}, {"b", "c"}) == [
        "c is not covered by MANIFEST.in",
        "a is covered, but git does not know it",
    ]
