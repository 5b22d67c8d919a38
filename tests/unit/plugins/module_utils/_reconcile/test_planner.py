# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import DriftError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import (
    Outcome,
    Plan,
    make_plan,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    FAILED,
    HINT_OTHER_RESOURCE,
    NOT_COMPARED,
    TERMINATED,
    TERMINATING,
    Action,
    Status,
)
from fake_resource import FakeResource, RecordingResource

WARNING = NOT_COMPARED.format(kind="box")


def test_preview_contains_the_prediction():
    actions = [Action("update", ["size"])]
    plan = Plan("update", {"o": 1}, {"b": 1}, {"a": 1}, actions, (), ["size"], ["w"], (), ["key"])
    assert plan.preview() == Outcome(True, {"b": 1}, {"a": 1}, actions, ["size"], ["w"], {"a": 1}, ["key"])
    assert plan._replace(action=None).preview().changed is False


def test_plan_without_an_object_has_no_existing_one():
    assert Plan("delete", {"o": 1}, None, None).existing() == {"o": 1}
    with pytest.raises(ValueError, match="^a plan with the action delete needs an object$"):
        Plan("delete", None, None, None).existing()


# -- fields that the service does not return --------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "action"), [(2, None), (1, "update")])
def test_fields_that_are_not_compared_are_listed(size, action):
    plan = make_plan(FakeResource({"size": 2}, not_compared=["key", "seen"]), {"size": size, "seen": 1})
    assert (plan.action, plan.not_compared, plan.warnings) == (action, ["key"], [WARNING])


def test_fields_that_are_not_compared_extend_the_warnings():
    box = FakeResource({"size": 2}, on_drift="warn", fixed=["size"], not_compared=["key"])
    plan = make_plan(box, {"size": 1})
    assert plan.warnings == [
        "Box 'b' differs in fields that cannot be changed: size is 1, desired is 2",
        WARNING,
    ]


def test_creation_uses_all_fields():
    """Nothing is left out of a new object, so nothing is reported."""
    box = FakeResource({"size": 2}, on_drift="replace", fixed=["size"], not_compared=["key"])
    for observed, action in ((None, "create"), ({"size": 1}, "replace")):
        plan = make_plan(box, observed)
        assert (plan.action, list(plan.not_compared), list(plan.warnings)) == (action, [], [])


# -- no action --------------------------------------------------------------------------------------------------------


def test_equal_object_needs_no_action():
    assert make_plan(FakeResource({"size": 2}), {"size": 2, "color": "red"}) == Plan(
        None, {"size": 2, "color": "red"}, {"size": 2, "color": "red"}, {"size": 2, "color": "red"}
    )


class FailedResource(FakeResource):
    def status(self, observed):
        return Status(FAILED, "ERROR", "it has failed", "Box 'b' has failed.", "Delete it.")


def test_equal_object_that_has_failed_is_an_error():
    with pytest.raises(WaitError) as caught:
        make_plan(FailedResource({"size": 2}), {"size": 2})
    assert (caught.value.message, caught.value.hint) == ("Box 'b' has failed.", "Delete it.")


def test_immutable_differences_can_be_tolerated():
    plan = make_plan(FakeResource({"size": 2}, on_drift="warn", fixed=["size"]), {"size": 1})
    assert (plan.action, plan.before, plan.after) == (None, {"size": 1}, {"size": 1})
    assert plan.warnings == ["Box 'b' differs in fields that cannot be changed: size is 1, desired is 2"]
    assert [difference.field for difference in plan.tolerated] == ["size"]


def test_error_about_drift_contains_all_differences():
    with pytest.raises(DriftError) as caught:
        make_plan(FakeResource({"size": 2, "color": "red"}, fixed=["size"]), {"size": 1, "color": "blue"})
    assert caught.value.hint == "Fix it."
    assert [difference.field for difference in caught.value.differences] == ["size", "color"]


# -- the end of a resource --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("observed", "result"),
    [
        (None, None),
        ({"size": 1, "condition": TERMINATING}, None),
        ({"size": 1, "condition": TERMINATED}, {"size": 1, "condition": TERMINATED}),
    ],
)
def test_result_of_an_ended_resource_is_its_record(observed, result):
    box = RecordingResource({}, final_action="promote")
    assert make_plan(box, observed) == Plan(None, observed, result, result)
    assert box.log == ["validate promote", f"promote: {observed}"]


def test_end_is_validated():
    box = RecordingResource({"size": 1}, final_action="delete")
    assert make_plan(box, {"size": 1}) == Plan(
        "delete", {"size": 1}, {"size": 1}, None, [Action("delete", [])], warnings=[], tolerated=[]
    )
    assert box.log == ["validate delete", "delete: {'size': 1}"]


def test_end_of_another_resource_is_an_error():
    box = FakeResource({"size": 2}, final_action="delete")
    with pytest.raises(DriftError) as caught:
        make_plan(box, {"size": 1})
    assert caught.value.message == "Box 'b' is not the one that the task describes: size is 1, desired is 2"
    assert caught.value.hint == HINT_OTHER_RESOURCE
    assert box.log == []


# -- fields that need an update of their own --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("observed", "actions"),
    [
        (None, [Action("create", []), Action("update", ["color"])]),
        ({"color": "blue"}, [Action("update", ["color"])]),
    ],
)
def test_empty_action_is_only_predicted_for_a_creation(observed, actions):
    box = FakeResource({"color": "red"}, post_create_fields=frozenset(["color"]))
    assert make_plan(box, observed).actions == actions
