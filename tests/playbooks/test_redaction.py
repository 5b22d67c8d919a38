# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redaction of results: a callback such as the one of AWX gets each result in full, so playbooks and roles must redact them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from example_state import SECRETS, read_report, seeded
from harness import COLLECTION, ROOT, Player, Run, task
from play_results import QUICK

PLAN, SITE, DRIFT, INFO, TEARDOWN = (f"{COLLECTION}.{name}" for name in ("plan", "site", "drift", "info", "teardown"))
PASSWORD = "the password of the vault"
VAULTED = {"description": "vaulted words of the team", "env": "vaulted-env-of-reviews", "short": "q#7"}
OLD = "description before the vault"
CHANGED = "(not shown, changed)"
MODULES = {
    f"{COLLECTION}.{path.stem}"
    for path in (ROOT / "plugins" / "modules").glob("*.py")
    if "community.huaweicloud.redact\n" in path.read_text(encoding="utf-8")
}


def encrypt(text: str, indent: int) -> str:
    """Return the text as YAML with a tag of the vault."""
    secrets = [("default", VaultSecret(PASSWORD.encode()))]
    lines = VaultLib(secrets).encrypt(text.encode(), secrets[0][1]).decode().splitlines()
    return "!vault |\n" + "\n".join(" " * indent + line for line in lines)


def write_vaulted(play: Player) -> Path:
    """Write the desired-state file with vaulted values: one of a field, one of an environment variable, and one that is short."""
    path = seeded(play)
    text = path.read_text(encoding="utf-8")
    text = text.replace("Honest stars", encrypt(VAULTED["description"], 6))
    text = text.replace("description: The demo", f"description: {encrypt(VAULTED['short'], 6)}")
    text = text.replace(
        "- {name: DB_PASSWORD, value: hunter2-of-the-shop}",
        f"- name: DB_PASSWORD\n                        value: hunter2-of-the-shop\n"
        f"                      - name: GREETING\n                        value: {encrypt(VAULTED['env'], 26)}",
    )
    path.write_text(text, encoding="utf-8")
    (play.directory / "password").write_text(PASSWORD, encoding="utf-8")
    return path


class Story(t.NamedTuple):
    directory: Path
    runs: dict[str, Run]


@pytest.fixture(scope="class", params=["in process", pytest.param("as modules", marks=pytest.mark.complete)])
def story(request: pytest.FixtureRequest, shared_play: Player) -> Story:
    """Run all playbooks with a vaulted desired-state file, at the highest verbosity."""
    play = shared_play
    play.emulator.reset()
    document, runs = write_vaulted(play), {}
    environment = {"RECORD_ARGUMENTS": "1", "HW_IN_PROCESS": "1" if request.param == "in process" else "0"}
    arguments = ["--vault-password-file", str(play.directory / "password")]

    def run(name: str, playbook: str, **more: t.Any) -> None:
        options = {key: more.pop(key) for key in ("check", "diff", "fails") if key in more}
        variables = {**QUICK, "desired_state_file": str(document), **more}
        runs[name] = play.run(
            playbook, variables=variables, verbosity=4, environment=environment, arguments=arguments, **options
        )

    play.emulator.seed(workspaces=[{"name": "shop-ratings", "description": OLD, "auth_type": "INTERNAL"}])
    run("plan", PLAN, plan_file=str(play.directory / "plan.json"))
    run("check", SITE, check=True, diff=True)
    run("site", SITE, diff=True, plan_file=str(play.directory / "plan.json"))
    run("again", SITE, diff=True)
    run("drift", DRIFT, drift_file=str(play.directory / "drift.json"))
    run("info", INFO, info_file=str(play.directory / "info.json"))
    run("teardown", TEARDOWN, check=True, diff=True)
    document.write_text(document.read_text(encoding="utf-8").replace("8080", "8081"), encoding="utf-8")
    run("invalid", SITE, diff=True, fails=True)
    run("not redacted", SITE, check=True, diff=True, huaweicloud_redact="false", fails=True)
    return Story(play.directory, runs)


class TestStory:
    def test_results_and_output_have_no_secret(self, story: Story) -> None:
        found = {}
        for name, run in story.runs.items():
            # The playbook info has no desired-state file, so it only knows what is secret by its name or place.
            words = [] if name == "info" else [VAULTED["description"], OLD]
            found[name] = find([*SECRETS, VAULTED["env"], *words], run.output, run.records)
        del found["not redacted"]
        assert found == dict.fromkeys(found, [])

    def test_results_have_no_short_vaulted_value(self, story: Story) -> None:
        assert {
            name: found
            for name, run in story.runs.items()
            if name not in ("info", "not redacted") and (found := find([VAULTED["short"]], "", run.records))
        } == {}

    def test_files_have_no_secret(self, story: Story) -> None:
        paths = [path for form in ("json", "md", "html", "xml") for path in story.directory.glob(f"*.{form}")]
        paths = [path for path in paths if path.stem in ("plan", "drift", "info")]
        assert len(paths) == 9
        for path in paths:
            words = [] if path.stem == "info" else [VAULTED["description"], VAULTED["short"], OLD]
            assert find([*SECRETS, VAULTED["env"], *words], path.read_text(encoding="utf-8"), []) == [], path.name

    def test_diff_marks_changed_redacted_values(self, story: Story) -> None:
        for name in ("check", "site"):
            (diff,) = story.runs[name]["Apply the workspaces"].result["diff"][:1]
            assert diff["before_header"] == "workspace shop-ratings"
            assert (diff["before"]["description"], diff["after"]["description"]) == ("(not shown)", CHANGED)

    def test_facts_are_redacted_and_complete(self, story: Story) -> None:
        facts = story.runs["site"]["Set the releases as facts"].result["ansible_facts"]
        release = facts["releases_result"]["shop/reviews-v2"]
        container = release["gray_deployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]
        assert [entry["name"] for entry in container["env"]] == ["DB_PASSWORD", "GREETING"]
        assert container["image"] == "registry.example.com/reviews:2.0.0"

    def test_plan_of_redacted_results_is_applied(self, story: Story) -> None:
        assert story.runs["site"]["Check that the approved plan is still valid"].status == "ok"
        assert read_report(story.directory / "drift.json")["has_drift"] is False

    def test_variable_turns_redaction_off(self, story: Story) -> None:
        run = story.runs["not redacted"]
        assert VAULTED["description"] in run.output
        assert run["Apply the workspaces"].result["redacted"] is False


def find(secrets: t.Sequence[str], output: str, records: t.Sequence[t.Any]) -> list[str]:
    """Return where secrets are: the names of tasks with one in their results or rendered arguments, or the text around a secret in the output."""
    found = [
        f"{record.name}: {secret}"
        for record in records
        for secret in secrets
        if secret in f"{record.result} {record.arguments}"
    ]
    return found + [output[max(0, at - 200) : at + 50] for secret in secrets if (at := output.find(secret)) >= 0]


def list_tasks(node: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Return all tasks of a playbook or of a file of tasks, also those in plays and blocks."""
    for one in node if isinstance(node, list) else []:
        yield one
        for key in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always"):
            yield from list_tasks(one.get(key))


def test_tasks_of_the_collection_redact_their_results() -> None:
    files = [
        *ROOT.glob("playbooks/**/*.yml"),
        *ROOT.glob("roles/*/tasks/*.yml"),
        *ROOT.glob("extensions/awx/project/*.yml"),
    ]
    found, forgotten = 0, []
    for path in files:
        for one in list_tasks(DataLoader().load(path.read_text(encoding="utf-8"))):
            for module in MODULES & set(one):
                found += 1
                forgotten += [] if one[module].get("redact") is True else [f"{path.relative_to(ROOT)}: {one['name']}"]
    assert (found >= 9, forgotten) == (True, [])


def test_other_tasks_redact_only_on_request(play: Player) -> None:
    run = play(
        [
            task("modelarts_workspace", "plain", name="team", description="A team"),
            task("modelarts_workspace", "redacted", name="team", description="A team", redact=True),
            task("modelarts_workspace", "by variable", name="team", _vars={"huaweicloud_redact": True}),
            task("modelarts_workspace", "switched off", name="team", redact=True, _vars={"huaweicloud_redact": "no"}),
        ]
    )
    assert [run[name].result.get("redacted") for name in ("plain", "redacted", "by variable", "switched off")] == [
        None,
        True,
        True,
        False,
    ]
    assert all(run[name].result["workspace"]["description"] == "A team" for name in ("plain", "redacted"))


def test_async_is_refused(play: Player) -> None:
    run = play([task("modelarts_workspace", "job", name="team", redact=True, _async=30, _poll=0)], fails=True)
    assert run["job"].msg == "redact and async cannot be combined: nothing would redact the result of the job."
    assert run["job"].writes == []
