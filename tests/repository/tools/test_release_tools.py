# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgments of the tools that look at a release: the tarball, a user's runs, the notes, the signature."""

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

    def test_a_good_one(self) -> None:
        assert tarball.complaints(self.CONTENT, self.KNOWN, tarball.LARGEST) == []

    @pytest.mark.parametrize(
        "name", ["tests/unit/test_a.py", ".venv/bin/python", "plugins/modules/left.orig", "changelogs/fragments/1.yml"]
    )
    def test_what_does_not_belong_there(self, name: str) -> None:
        assert tarball.complaints([*self.CONTENT, name], self.KNOWN, 1) == [
            f"{name} is in the tarball and does not belong there"
        ]

    def test_what_is_missing(self) -> None:
        assert tarball.complaints(self.CONTENT[:3], self.KNOWN, 1) == [
            "changelogs/changelog.yaml is missing in the tarball",
            "plugins/modules/a.py is missing in the tarball",
        ]

    def test_a_large_one(self) -> None:
        assert tarball.complaints(self.CONTENT, self.KNOWN, tarball.LARGEST + 1) == [
            "1048577 bytes are more than 1048576"
        ]

    def test_everything_at_the_top_is_shipped_or_ignored(self) -> None:
        top = {name.split("/")[0] for name in tarball.git_files()}
        ignored = set(tarball.galaxy()["build_ignore"]) | {"galaxy.yml", ".github", ".gitattributes", ".gitignore"}
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

    def test_good_ones(self) -> None:
        assert notes.complaints(self.changelog(), "1.0.0", self.EXPECTED) == []

    def test_of_another_version(self) -> None:
        assert notes.complaints(self.changelog(), "1.1.0", self.EXPECTED) == ["there are no notes of 1.1.0"]

    def test_without_a_summary(self) -> None:
        assert notes.complaints(self.changelog(changes={}), "1.0.0", self.EXPECTED) == [
            "the notes of 1.0.0 have no release_summary"
        ]

    def test_what_is_not_announced(self) -> None:
        assert notes.complaints(self.changelog(modules=[], objects={}), "1.0.0", self.EXPECTED) == [
            "modules: a is there and was never announced",
            "role: r is there and was never announced",
            "playbook: p is there and was never announced",
        ]

    def test_what_is_announced_and_not_there(self) -> None:
        changelog = self.changelog(modules=[{"name": "a"}, {"name": "b"}])
        assert notes.complaints(changelog, "1.0.0", self.EXPECTED) == ["modules: b is announced and not there"]

    def test_what_an_older_release_announced(self) -> None:
        changelog = self.changelog(modules=[{"name": "a"}, {"name": "removed"}])
        changelog["releases"]["2.0.0"] = {"changes": {"release_summary": "The second."}}
        assert notes.complaints(changelog, "2.0.0", self.EXPECTED) == []

    def test_changes_without_a_fragment(self) -> None:
        changed = ["README.md", "roles/r/tasks/main.yml", "plugins/modules/a.py", "tests/unit/test_a.py"]
        assert notes.unannounced(changed) == ["plugins/modules/a.py", "roles/r/tasks/main.yml"]
        assert notes.unannounced([*changed, "changelogs/fragments/1.yml"]) == []
        assert notes.unannounced([*changed, "changelogs/changelog.yaml"]) == []
        assert notes.unannounced(["README.md", "tests/unit/test_a.py"]) == []

    def test_the_newest_version(self) -> None:
        assert notes.newest(["latest", "1.10.0", "1.9.0"]) == "1.10.0"
        assert notes.newest(["v1.10.0-rc1", "v1.9.0"]) == "v1.9.0"
        assert notes.newest(["latest"]) is None

    def test_a_base_that_git_does_not_know(self) -> None:
        with pytest.raises(notes.NoAnswer):
            notes.git("diff", "--name-only", "no-such-commit...HEAD")


class TestReleaseNotes:
    CHANGELOG: t.ClassVar = {"releases": {"1.0.0": {}}}

    def test_a_good_tag(self) -> None:
        assert release_notes.complaint("1.0.0", "1.0.0", self.CHANGELOG) == ""

    def test_a_tag_of_another_version(self) -> None:
        assert (
            release_notes.complaint("1.0.1", "1.0.0", self.CHANGELOG)
            == "the tag is '1.0.1', the version in galaxy.yml '1.0.0'"
        )

    @pytest.mark.parametrize("releases", [None, {}, {"0.9.0": {}}])
    def test_a_version_without_notes(self, releases: dict[str, t.Any] | None) -> None:
        assert release_notes.complaint("1.0.0", "1.0.0", {"releases": releases}).startswith(
            "changelogs/changelog.yaml has no 1.0.0"
        )


def test_a_list_of_checksums() -> None:
    assert signing.listed(f"{'a' * 64}  README.md\n{'b' * 64} *docs/a file.md\n\n") == {"README.md", "docs/a file.md"}


def test_what_the_signature_does_not_cover() -> None:
    assert signing.not_covered({"a", "b"}, {"b", "c"}) == [
        "c is not covered by MANIFEST.in",
        "a is covered, and git does not know it",
    ]
