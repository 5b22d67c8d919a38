# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of a release against a service that keeps ended releases in its list, and one that removes them."""

from __future__ import annotations

import typing as t

import pytest
from expectations import check_quiet
from harness import COLLECTION, Player, Record, Run, task
from task_scenarios import MESH, Case, Scenario, ended_release, look, release, run_cases, traffic

AGAIN = "a second time"
LAYOUTS = {"terminated_releases": "stay"}, {"terminated_releases": "vanish"}
QUICK: dict[str, t.Any] = {"running_after": 0, "gone_after": 0}


def apply(title: str, **options: t.Any) -> dict[str, t.Any]:
    """Return a task that applies the release of ``release`` with other options."""
    (arguments,) = (value for value in release().values() if isinstance(value, dict) and "gray_deployments" in value)
    own = {key: value for key, value in arguments.items() if key not in MESH}
    return task("apply", title, **MESH, releases=[{**own, **options}], _ignore_errors=True)


def promoted_again(**options: t.Any) -> tuple[dict[str, t.Any], ...]:
    """Return tasks that create a promoted release again: in check mode, for real, under another name, and with apply."""
    failing = {"_ignore_errors": True, **options}
    return (
        release("check", _check_mode=True, **failing),
        release("create", **failing),
        release("other image", tag="2.1.0", **failing),
        release("other name", name="another", **failing),
        release("same version", name="another", deployment_name="reviews-v2", **failing),
        apply("apply"),
        ended_release("promoted", on_missing="ignore"),
        ended_release("canceled", state="canceled", on_missing="ignore", _ignore_errors=True),
    )


def after_promotion() -> tuple[dict[str, t.Any], ...]:
    return (release("begin"), traffic(100), ended_release("end"), *promoted_again(), look("at the end"))


def after_cancellation() -> tuple[dict[str, t.Any], ...]:
    return (
        release("begin"),
        ended_release("end", state="canceled"),
        ended_release("promoted", on_missing="fail", _ignore_errors=True),
        release("check", _check_mode=True),
        release("create", _ignore_errors=True),
        look("at the end"),
    )


def stays(scenario: Scenario) -> bool:
    return scenario.case.behaviors["terminated_releases"] == "stay"


def check_promoted(scenario: Scenario) -> None:
    assert scenario["end"].changed
    for name in ("create", "other image", "other name", "same version", "apply"):
        record = scenario[name]
        assert record.failed and not record.changed, name
        assert "set its state to promoted" in record.msg, name
        # The service refuses what the list does not show.
        assert [call["status"] for call in record.writes] == ([] if stays(scenario) else [400]), name
    # Without a list of ended releases, check mode cannot know what the service is going to refuse.
    assert scenario["check"].failed == stays(scenario)
    check_quiet(scenario["promoted"])
    assert scenario["canceled"].failed == stays(scenario)
    active = [one for one in scenario.stores("at the end")["releases"].values() if one["state"] != "ended"]
    assert active == []


def check_canceled(scenario: Scenario) -> None:
    assert scenario["end"].changed
    assert scenario["promoted"].failed and scenario["promoted"].writes == []
    expected = "it was canceled (phase 'Canceled')" if stays(scenario) else "it is not listed"
    assert expected in scenario["promoted"].msg
    check, create = scenario["check"], scenario["create"]
    assert check.changed and bool(check.warnings) == stays(scenario)
    if stays(scenario):
        assert create.failed and not create.changed
        assert "use another name" in create.msg
    else:
        assert create.changed and create.result["release"]["status"]["phase"] == "Running"
    states = [one["state"] for one in scenario.stores("at the end")["releases"].values()]
    assert states == ["canceled" if stays(scenario) else "running"]


def cases(title: str, tasks: t.Sequence[dict[str, t.Any]], check: t.Callable[[Scenario], None]) -> list[Case]:
    return [Case(f"{title}-{layout['terminated_releases']}", {**QUICK, **layout}, tasks, check) for layout in LAYOUTS]


CASES = cases("promoted", after_promotion(), check_promoted) + cases("canceled", after_cancellation(), check_canceled)


class TestLife:
    @pytest.fixture(scope="class")
    @classmethod
    def scenarios(cls, shared_play: Player) -> dict[str, Scenario]:
        return run_cases(shared_play, CASES)

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_life_cycle(self, scenarios: dict[str, Scenario], case: Case) -> None:
        case.check(scenarios[case.name])


# -- names that are not listed


class TestMissing:
    """Promote or cancel a release that is not listed."""

    NAMES = (("warn", False), ("fail", True), ("ignore", False))

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        shared_play.emulator.control("PATCH", "behaviors", QUICK)
        wrong = {"name": "canaries", "_ignore_errors": True}
        entry = {"namespace": "default", "name": "canaries", "state": "promoted"}
        tasks = [release("begin")]
        for choice, _fails in cls.NAMES:
            for mode in (True, False):
                title = f"{choice} {mode}"
                service = {"service_name": "reviews", "version": "v2"}
                tasks += [
                    ended_release(title, on_missing=choice, _check_mode=mode, **wrong),
                    ended_release(f"{title} service", on_missing=choice, _check_mode=mode, **service, **wrong),
                ]
            tasks.append(
                task(
                    "apply", f"{choice} apply", **MESH, releases=[{**entry, "on_missing": choice}], _ignore_errors=True
                )
            )
        return shared_play(tasks, fails=False)

    @pytest.mark.parametrize(("choice", "fails"), NAMES)
    @pytest.mark.parametrize("variant", ["True", "False", "apply"])
    def test_name_alone(self, run: Run, choice: str, fails: bool, variant: str) -> None:
        record = run[f"{choice} {variant}"]
        self.check(record, fails)
        text = record.msg if fails else " ".join(record.warnings)
        assert ("Active releases in namespace 'default': 'canary'" in text) == (choice != "ignore")

    @pytest.mark.parametrize(("choice", "fails"), NAMES)
    @pytest.mark.parametrize("mode", [True, False])
    def test_service_under_another_name(self, run: Run, choice: str, fails: bool, mode: bool) -> None:
        record = run[f"{choice} {mode} service"]
        self.check(record, choice != "ignore")
        assert ("Service 'reviews' has the active release 'canary'" in record.msg) == (choice != "ignore")

    def check(self, record: Record, fails: bool) -> None:
        assert (record.failed, record.changed, record.writes) == (fails, False, [])


# -- a desired-state file


class TestFile:
    """The playbooks site and plan after a promotion, with and without the new state in the file."""

    # TestLife covers both layouts. The first one also shows that a second run sends no requests.
    @pytest.fixture(
        scope="class",
        params=[
            pytest.param(layout["terminated_releases"], marks=[pytest.mark.complete] * bool(index))
            for index, layout in enumerate(LAYOUTS)
        ],
    )
    @classmethod
    def runs(cls, request: pytest.FixtureRequest, shared_play: Player) -> dict[str, Run]:
        shared_play.emulator.reset()
        cls.layout = request.param
        shared_play.emulator.control("PATCH", "behaviors", {**QUICK, "terminated_releases": cls.layout})
        files = {"present": cls.write(shared_play), "promoted": cls.write(shared_play, state="promoted")}
        runs = {"created": cls.site(shared_play, files["present"])}
        shared_play.emulator.move_traffic("reviews", 100)
        runs["promoted"] = cls.site(shared_play, files["promoted"])
        runs["promoted again"] = cls.site(shared_play, files["promoted"])
        runs["present again"] = cls.site(shared_play, files["present"], fails=True)
        runs["torn down"] = shared_play.run(
            f"{COLLECTION}.teardown", variables={"desired_state_file": files["promoted"], "teardown_confirm": "true"}
        )
        return runs

    layout: t.ClassVar[str]

    @staticmethod
    def write(player: Player, **more: t.Any) -> str:
        import yaml

        (options,) = (value for value in release().values() if isinstance(value, dict) and "gray_deployments" in value)
        entry = {key: value for key, value in options.items() if key not in MESH}
        path = player.directory / f"shop-{more.get('state', 'present')}.yml"
        path.write_text(yaml.safe_dump({**MESH, "releases": [{**entry, **more}]}), encoding="utf-8")
        return str(path)

    @staticmethod
    def site(player: Player, path: str, **options: t.Any) -> Run:
        return player.run(
            f"{COLLECTION}.site", variables={"desired_state_file": path, "releases_wait_interval": 0.01}, **options
        )

    def test_file_with_promoted_state_is_idempotent(self, runs: dict[str, Run]) -> None:
        def changed(name: str) -> bool:
            return any(record.changed for record in runs[name].records if record.action.startswith(COLLECTION))

        assert [changed(name) for name in ("created", "promoted", "promoted again", "torn down")] == [
            True,
            True,
            False,
            False,
        ]

    def test_file_with_present_state_is_refused_afterwards(self, runs: dict[str, Run]) -> None:
        messages = [record.msg for record in runs["present again"].records if record.failed]
        if self.layout == "vanish":
            # The service refuses the creation, so the message is in the result of the item.
            assert messages == ["Failed: release default/canary. See the messages above."]
            messages = [result["msg"] for result in runs["present again"]["Apply the releases"].result["results"]]
        assert messages and all("set its state to promoted" in message for message in messages)
        assert self.layout == "vanish" or all(record.writes == [] for record in runs["present again"].records)
