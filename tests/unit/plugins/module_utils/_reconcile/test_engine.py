# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _errors
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ConflictError,
    DriftError,
    NotFoundError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    NOT_COMPARED,
    PENDING,
    TERMINATED,
    TERMINATING,
    Action,
)
from fake_resource import ACTUAL_STATES, WRITES, FakeResource, RecordingResource, converge, failing, summarize_outcome


@pytest.mark.parametrize("final_action", [None, "delete"])
@pytest.mark.parametrize("actual", ACTUAL_STATES)
@pytest.mark.parametrize("on_drift", ["fail", "warn", "replace"])
@pytest.mark.parametrize("fixed", [(), ("size",), ("size", "color")])
def test_check_mode_predicts_the_run(final_action, actual, on_drift, fixed):
    """Check mode writes nothing and predicts changed, actions, fields and warnings."""

    def outcome(check):
        box = FakeResource({"size": 2, "color": "red"}, actual and dict(actual), final_action, on_drift, fixed)
        try:
            return box, summarize_outcome(converge(box, check=check))
        except DriftError as error:
            return box, error.message

    (predicted, prediction), (happened, result) = outcome(True), outcome(False)
    assert not WRITES & set(predicted.log)
    if isinstance(result, str):
        assert prediction == result
    else:
        assert (prediction[0], prediction[3:]) == (result[0], result[3:])
        assert (prediction[2] is None) <= (result[2] is None)
        assert (prediction[0] and bool(prediction[3])) == bool(WRITES & set(happened.log))


def test_creation():
    box = FakeResource({"size": 2, "color": "red"}, post_create_fields=frozenset(["color"]))
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        None,
        {"size": 2, "color": "red"},
        [("create", ["size"]), ("update", ["color"])],
        ["size", "color"],
        [],
    )
    assert box.log == ["lookup", "validate create", "create", "read after change", "update", "read after change"]


def test_update():
    box = FakeResource({"size": 2, "color": "red"}, {"size": 1, "color": "red"})
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        {"size": 1, "color": "red"},
        {"size": 2, "color": "red"},
        [("update", ["size"])],
        ["size"],
        [],
    )
    assert box.log == ["lookup", "validate update", "update", "read after change"]


def test_replacement():
    box = FakeResource({"size": 2}, {"size": 1, "color": "red"}, on_drift="replace", fixed=["size"])
    after = {"size": 2, "color": "red"}
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        {"size": 1, "color": "red"},
        after,
        [("delete", []), ("create", ["size"])],
        ["size"],
        [],
    )
    assert box.log == [
        "lookup",
        "validate delete",
        "validate create",
        "delete",
        "wait_until_deleted!",
        "create",
        "read after change",
    ]


def test_only_immutable_differences_are_listed():
    box = FakeResource(
        {"size": 2, "color": "red", "shape": None},
        {"size": 1, "color": "blue", "shape": "round"},
        fixed=["size", "shape"],
    )
    with pytest.raises(DriftError) as caught:
        converge(box, check=False)
    assert str(caught.value) == (
        "Box 'b' differs in fields that cannot be changed: size is 1, desired is 2; shape is 'round', desired is null. Fix it."
    )


@pytest.mark.parametrize("check", [True, False])
def test_on_drift_warn_still_updates_other_fields(check):
    box = FakeResource(
        {"size": 2, "color": "red", "shape": "round"},
        {"size": 1, "color": "blue", "shape": "flat"},
        on_drift="warn",
        fixed=["size", "shape"],
    )
    warning = (
        "Box 'b' differs in fields that cannot be changed: size is 1, desired is 2; shape is 'flat', desired is 'round'"
    )
    outcome = converge(box, check=check)
    assert (outcome.changed, outcome.changed_fields, outcome.warnings) == (True, ["color"], [warning])
    assert [tuple(action[:2]) for action in outcome.actions] == [("update", ["color"])]
    assert box.log == (
        ["lookup", "validate update"] if check else ["lookup", "validate update", "update", "read after change"]
    )
    assert box.actual == {"size": 1, "color": "blue" if check else "red", "shape": "flat"}


def test_update_without_warning_is_verified_afterwards():
    box = FakeResource({"size": 2, "color": "red"}, {"size": 1, "color": "blue"}, on_drift="warn", fixed=["size"])
    box.failures = {"read after change": [lambda: setattr(box, "actual", {"size": 1, "color": "green"})]}
    with pytest.raises(
        DriftError,
        match="^Failed to update box 'b': the request was accepted, but these values still differ: color is 'green', desired is 'red'",
    ):
        converge(box, check=False)


@pytest.mark.parametrize(("age", "finds"), [(0, 1), (LIST_MAX_AGE, 1), (LIST_MAX_AGE + 0.1, 2)])
def test_list_before_a_creation_is_fresh(age, finds):
    box = FakeResource({"size": 2}, age_of_list=age)
    converge(box, check=False)
    assert box.log[: box.log.index("create")].count("lookup") == finds
    assert box.log[: box.log.index("create")].count("validate create") == finds


def test_object_created_meanwhile_is_updated():
    box = FakeResource({"size": 2}, age_of_list=LIST_MAX_AGE + 1)
    box.failures = {"lookup": [lambda: None, lambda: setattr(box, "actual", {"size": 1})]}
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        {"size": 1},
        {"size": 2},
        [("update", ["size"])],
        ["size"],
        [],
    )
    assert "create" not in box.log


def test_object_created_meanwhile_may_differ():
    box = FakeResource({"size": 2}, age_of_list=LIST_MAX_AGE + 1, fixed=["size"])
    box.failures = {"lookup": [lambda: None, lambda: setattr(box, "actual", {"size": 1})]}
    with pytest.raises(
        DriftError, match="^Box 'b' differs in fields that cannot be changed: size is 1, desired is 2. Fix it.$"
    ):
        converge(box, check=False)
    assert not WRITES & set(box.log)


@pytest.mark.parametrize(("adopted", "changed"), [(True, False), (False, True)])
def test_object_replaced_by_another_client_is_accepted(adopted, changed):
    """Another client deletes and creates the object before this task."""
    box = FakeResource({"size": 2}, {"size": 1}, on_drift="replace", fixed=["size"])

    def delete_before():
        box.actual = None
        raise NotFoundError("gone", status=404)

    def create_before():
        box.actual = {"size": 2, "color": "theirs"}
        raise ConflictError("exists", status=409)

    box.failures = {"delete": [delete_before], "create": [create_before] if adopted else []}
    outcome = converge(box, check=False)
    assert (outcome.changed, [action.action for action in outcome.actions]) == (
        changed,
        ["create"] if changed else [],
    )
    assert outcome.after == ({"size": 2, "color": "theirs"} if adopted else {"size": 2})


@pytest.mark.parametrize("action", ["create", "update"])
def test_different_value_after_the_write_is_an_error(action):
    box = FakeResource({"size": 2}, None if action == "create" else {"size": 1})
    box.failures = {"read after change": [lambda: setattr(box, "actual", {"size": 3})]}
    with pytest.raises(DriftError) as caught:
        converge(box, check=False)
    assert (
        caught.value.message
        == f"Failed to {action} box 'b': the request was accepted, but these values still differ: size is 3, desired is 2"
    )
    assert caught.value.hint == (
        "The service changed or ignored what was sent, or another client changed it at the same time."
    )
    assert [action.action for action in caught.value.actions] == [action]


def test_missing_object_after_the_write_is_an_error():
    box = FakeResource({"size": 2}, failures={"create": [lambda: "ignored"]})
    with pytest.raises(WaitError) as caught:
        converge(box, check=False)
    assert caught.value.message == "Failed to create box 'b': the request was accepted, but the resource is not listed."
    assert caught.value.hint == "Set wait to true to wait for it."
    assert [action.action for action in caught.value.actions] == ["create"]


def test_outcome_of_a_change_contains_the_prediction():
    box = FakeResource({"size": 2}, {"size": 1}, not_compared=["key"])
    predicted, outcome = converge(box, check=True), converge(box, check=False)
    assert predicted.planned == outcome.planned == {"size": 2, "id": None}
    assert outcome.after == {"size": 2}
    assert predicted.not_compared == outcome.not_compared == ["key"]


@pytest.mark.parametrize("condition", [PENDING, "ready"])
def test_outcome_without_actions_keeps_warnings(condition):
    """An object that is not ready is waited for, although nothing is sent."""
    actual = {"size": 1, "condition": condition}
    box = FakeResource({"size": 2}, dict(actual), on_drift="warn", fixed=["size"], not_compared=["key"])
    outcome = converge(box, check=False)
    drift = "Box 'b' differs in fields that cannot be changed: size is 1, desired is 2"
    assert (outcome.changed, outcome.before, outcome.after) == (False, actual, actual)
    assert outcome.warnings == [drift, NOT_COMPARED.format(kind="box")]
    assert outcome.not_compared == ["key"]


def test_planning_only_reads_and_returns_the_action():
    box = FakeResource({"size": 2})
    actions = [make_plan(box, actual).action for actual in ACTUAL_STATES]
    # What has ended does not run, so it is created again.
    assert actions == ["create", "update", None, "create", "create"]
    box = FakeResource({"size": 2}, on_drift="replace", fixed=["size"])
    assert make_plan(box, {"size": 1}).action == "replace"
    box = FakeResource({}, final_action="promote")
    assert [make_plan(box, actual).action for actual in ACTUAL_STATES] == [None, "promote", "promote", None, None]
    assert not WRITES & set(box.log)


def test_every_error_can_contain_earlier_actions():
    kinds = [
        kind for kind in vars(_errors).values() if isinstance(kind, type) and issubclass(kind, _errors.ServiceError)
    ]
    assert len(kinds) >= 10
    for kind in kinds:
        error = kind(_errors.ServerError("no"), ()) if kind is _errors.IdentityError else kind("no")
        box = FakeResource(
            {"size": 2, "color": "red"}, post_create_fields=frozenset(["color"]), failures={"update": failing(error)}
        )
        with pytest.raises(kind) as caught:
            converge(box, check=False)
        assert caught.value.actions == [Action("create", ["size"], "req-create")]


def test_end_despite_differences_reports_them():
    plan = make_plan(FakeResource({"size": 2}, {"size": 1}, "delete", on_drift="warn"), {"size": 1})
    assert [(difference.field, difference.actual, difference.desired) for difference in plan.tolerated] == [
        ("size", 1, 2)
    ]
    assert plan.warnings == ["Box 'b' is not the one that the task describes: size is 1, desired is 2"]


def test_object_to_end_is_compared():
    for box in (
        RecordingResource({}, {"size": 1}, "delete"),
        RecordingResource({"size": 2}, {"size": 1}, on_drift="replace", fixed=["size"]),
    ):
        converge(box, check=True)
        assert "delete: {'size': 1}" in box.log


def test_create_waits_for_a_deletion_and_reads_the_list():
    box = RecordingResource({"size": 2}, {"size": 2, "condition": TERMINATING})
    assert converge(box, check=False).changed is True
    assert box.log == [
        "cached",
        "lookup",
        "validate create",
        "create: None",
        "wait_until_deleted!",
        "refresh",
        "lookup",
        "validate create",
        "create: None",
        "create",
        "read after change",
    ]


def test_list_that_is_only_old_may_be_shared():
    box = RecordingResource({"size": 2}, age_of_list=LIST_MAX_AGE + 1)
    converge(box, check=False)
    assert box.log.count("cached") == 2 and "refresh" not in box.log


def test_mismatched_object_is_reported_as_data():
    box = FakeResource({"size": 2}, {"size": 1}, "delete")
    with pytest.raises(DriftError) as caught:
        converge(box, check=False)
    assert [difference.field for difference in caught.value.differences] == ["size"]


def test_ended_object_is_not_compared():
    box = FakeResource({"size": 1}, {"size": 1}, "promote", failures={"delete": [lambda: "ignored"]})
    box.failures["wait_until_deleted"] = [lambda: setattr(box, "actual", {"size": 7, "condition": TERMINATED})]
    outcome = converge(box, check=False)
    assert (outcome.changed, outcome.after) == (True, {"size": 7, "condition": TERMINATED})


def test_creation_sends_post_create_fields_separately():
    box = FakeResource({"size": 2}, {"size": 1})
    box.post_create_fields = frozenset(["size"])
    box.failures = {"read after change": [lambda: setattr(box, "actual", {"size": 3})]}
    with pytest.raises(DriftError):
        converge(box, check=False)
    assert box.log.count("update") == 1


def test_replacement_waits_for_the_deletion():
    """Another client deletes and creates the object. The object is then updated, and not reported as created."""
    box = FakeResource({"size": 2}, {"size": 1}, on_drift="replace", fixed=["size"])

    def adopted():
        box.actual = {"size": 2}
        raise ConflictError("exists", status=409)

    box.failures = {"create": [adopted]}
    outcome = converge(box, check=False)
    assert (outcome.changed, [action.action for action in outcome.actions], outcome.before) == (
        True,
        ["delete"],
        {"size": 1},
    )


@pytest.mark.parametrize("fails", [True, False])
def test_failure_invalidates_the_cached_list(fails):
    box = FakeResource({"size": 2}, failures={"create": failing(ConflictError("busy", status=409))} if fails else {})
    invalidations = []
    box.invalidate = lambda: invalidations.append(box.log[-1])
    with contextlib.suppress(ConflictError):
        converge(box, check=False)
    assert invalidations == (["lookup"] if fails else [])
