# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import math

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _errors
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ConflictError,
    DriftError,
    NotFoundError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile import engine
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import ExecutionPolicy, Item
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    NOT_COMPARED,
    PENDING,
    TERMINATED,
    TERMINATING,
    Action,
    Source,
)
from fake_resource import (
    ACTUAL_STATES,
    WRITES,
    FakeResource,
    FakeWaiter,
    RecordingResource,
    converge,
    failing,
    summarize_outcome,
)


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


class ListedResource(FakeResource):
    """A resource with a list, which logs invalidations. It records the source and the deadline of each lookup."""

    keeps_record = False
    deletion_failure = ""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.lookups = []

    @property
    def desired_state(self):
        return super().desired_state._replace(keeps_record=self.keeps_record)

    def lookup(self, source=Source.CACHED_LIST, deadline=None):
        self.lookups.append((source, deadline and deadline.at))
        return super().lookup(source)

    def read(self, max_age):
        """Do nothing, because a lookup returns the current object."""

    def invalidate(self):
        self.log.append("invalidate")

    def status(self, observed):
        reason = self.deletion_failure
        return super().status(observed)._replace(reason=reason, blocks_deletion=bool(reason))


class RecordingListener:
    """Records all phases, events and messages."""

    def __init__(self):
        self.phases = []
        self.events = []
        self.lines = []

    def on_start(self, phase):
        self.phases.append(("start", phase))

    def on_progress(self, phase, items):
        self.phases.append((phase, [item.name for item in items]))

    def on_event(self, item, event, action=None):
        self.events.append(event)

    def on_message(self, text):
        self.lines.append(text)


class Interruption(BaseException):
    """Ends a task, as the timeout of Ansible does."""


def make_engine(resource, clock, *, shared, **wait_policy):
    policy = ExecutionPolicy(1, 1, WaitPolicy(**{"timeout": 30, **wait_policy}), shares_lists=shared)
    return engine.Engine([Item("box", "b", resource)], policy, clock, RecordingListener())


def run_engine(resource, clock, *, shared, **wait_policy):
    """Plan and execute with real waiting on the fake clock. Return the engine and its item."""
    ran = make_engine(resource, clock, shared=shared, **wait_policy)
    ran.plan()
    ran.apply_plan()
    return ran, ran.items[0]


def test_missing_outcome_is_an_error():
    """After the deadline, nothing is planned."""
    waiter = FakeWaiter(FakeResource({"size": 2}))
    waiter.policy = WaitPolicy(deadline=waiter.clock.monotonic())
    with pytest.raises(ValueError, match="^box 'b' has no outcome$"):
        engine.converge(waiter.resource, waiter, check=False)
    assert waiter.resource.log == []


@pytest.mark.parametrize("shared", [True, False])
def test_item_without_resource_is_an_error(clock, shared):
    with pytest.raises(ValueError, match="^box 'b' has no resource$"):
        make_engine(None, clock, shared=shared).plan()


def test_phases_are_reported(clock):
    box = ListedResource({"size": 2})
    box.failures = {"create": [lambda: "ignored"]}
    clock.sleep = lambda seconds: setattr(box, "actual", {"size": 2})
    ran, item = run_engine(box, clock, shared=True)
    assert item.error is None
    assert ran._listener.phases == [
        ("start", "planning"),
        ("planning", ["b"]),
        ("start", "executing"),
        ("executing", ["b"]),
        ("executing", ["b"]),
        ("waiting", ["b"]),
    ]


def test_failures_are_counted_from_zero(clock):
    ran = make_engine(ListedResource({"size": 2}), clock, shared=True)
    assert not ran.must_stop
    ran.plan()
    assert not ran.must_stop


@pytest.mark.parametrize("when", ["create", "lookup"])
@pytest.mark.parametrize("text, reason", [("Timeout after MAX.", "Timeout after MAX"), ("", "Interruption")])
def test_interruption_stops_and_fails_started_items(clock, when, text, reason):
    box = ListedResource({"size": 2})
    box.failures = {when: [lambda: None] * (2 if when == "lookup" else 0) + failing(Interruption(text))}
    ran, item = run_engine(box, clock, shared=True)
    unknown = "its effect" if when == "lookup" else "whether the request was applied"
    assert str(item.error.message) == f"Interrupted ({reason}), so {unknown} is unknown."
    assert item.error.hint == "Rerun the task: it checks the actual state first."
    assert ran.must_stop
    assert box.log.count("create") == 1


@pytest.mark.parametrize("shared", [True, False])
def test_interrupted_single_task_raises(clock, shared):
    """Only a task with shared lists reports the interruption in its result. Ctrl-C always ends the task."""
    error = KeyboardInterrupt if shared else Interruption
    ran = make_engine(ListedResource({"size": 2}, failures={"create": failing(error())}), clock, shared=shared)
    ran.plan()
    with pytest.raises(error):
        ran.apply_plan()
    assert ran.must_stop and ran.items[0].error is None


@pytest.mark.parametrize("shared", [True, False])
def test_list_is_invalidated_around_a_deletion(clock, shared):
    """A shared list is invalidated once for all items of a stage. Other lists are invalidated before the request."""
    box = ListedResource({}, {"size": 1}, "delete")
    item = run_engine(box, clock, shared=shared)[1]
    assert item.outcome.changed
    start = ["lookup", "validate delete"]
    if shared:
        assert box.log == [*start, "delete", "lookup", "validate delete", "invalidate"]
    else:
        assert box.log == [*start, "invalidate", "delete", "lookup", "validate delete"]


@pytest.mark.parametrize("shared", [True, False])
def test_failed_planning_invalidates_a_list_that_is_not_shared(clock, shared):
    box = ListedResource({"size": 2}, failures={"validate create": failing(DriftError("no"))})
    item = run_engine(box, clock, shared=shared)[1]
    assert item.error.message == "no"
    assert box.log == ["lookup", "validate create", *([] if shared else ["invalidate"])]


@pytest.mark.parametrize("shared", [True, False])
def test_resource_that_cannot_be_made_fails_its_item(clock, shared):
    def fail(is_done):
        raise NotFoundError("no parent", status=404)

    ran = make_engine(None, clock, shared=shared)
    ran.items[0].make_resource = fail
    ran.plan()
    assert ran.items[0].error.message == "no parent"


def test_dependent_resource_is_made_again_before_its_execution(clock):
    """The first one is for the plan. The second one uses what the earlier stages have changed."""
    boxes = [ListedResource({"size": 2}, {"size": 1}), ListedResource({"size": 3}, {"size": 1})]
    made = []

    def make(is_done):
        made.append(is_done)
        return boxes[is_done]

    ran = make_engine(None, clock, shared=True)
    ran.items[0].make_resource = make
    ran.plan()
    assert ran.items[0].plan.after == {"size": 2, "id": None}
    ran.apply_plan()
    assert made == [False, True]
    assert (boxes[0].actual, ran.items[0].outcome.after) == ({"size": 1}, {"size": 3})


@pytest.mark.parametrize("passed, lookups", [(0, 1), (LIST_MAX_AGE, 1), (LIST_MAX_AGE + 0.1, 2)])
def test_old_plan_is_made_again(clock, passed, lookups):
    box = ListedResource({"size": 2}, {"size": 1})
    ran = make_engine(box, clock, shared=True)
    ran.plan()
    clock.passed += passed
    ran.apply_plan()
    assert box.log[: box.log.index("update")].count("lookup") == lookups
    assert ran.items[0].outcome.after == {"size": 2}


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("keeps_record", [True, False])
def test_ending_resource_is_read_again_for_its_record(clock, shared, keeps_record):
    """A task that does not wait reads what became of the resource, if the service may keep a record of it."""
    box = ListedResource({}, {"size": 1, "condition": TERMINATING}, "promote")
    box.keeps_record = keeps_record
    item = run_engine(box, clock, shared=shared, wait=False)[1]
    assert not item.outcome.changed
    start = ["lookup", "validate promote"]
    assert box.log == ([*start, "lookup", "validate promote"] if keeps_record and not shared else start)


def test_pending_resource_is_not_read_again_without_waiting(clock):
    box = ListedResource({"size": 2}, {"size": 2, "condition": PENDING})
    box.keeps_record = True
    item = run_engine(box, clock, shared=False, wait=False)[1]
    assert box.log == ["lookup"]
    assert item.outcome == item.plan.preview()


@pytest.mark.parametrize("shared", [True, False])
def test_failed_deletion_is_not_waited_for(clock, shared):
    box = ListedResource({}, {"size": 1, "condition": TERMINATING}, "delete")
    box.deletion_failure = "The deletion has failed."
    ran, item = run_engine(box, clock, shared=shared)
    assert (type(item.error), item.error.message) == (WaitError, "The deletion has failed.")
    assert box.log == ["lookup", "validate delete", *([] if shared else ["invalidate"])]
    assert ran._listener.events == ["failed"] and ran.must_stop


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("final_action", ["delete", None])
def test_first_poll_reads_what_may_have_changed(clock, shared, final_action):
    """Only an object that one task read itself, and that must become ready, needs no new request for the first poll."""
    box = ListedResource({}, {"condition": TERMINATING if final_action else PENDING}, final_action)
    box.failures = {"lookup": [lambda: None, lambda: setattr(box, "actual", None if final_action else {})]}
    box.failures["read after change"] = box.failures["lookup"][1:]
    item = run_engine(box, clock, shared=shared)[1]
    assert not item.outcome.changed
    assert clock.sleeps == ([] if shared or final_action else [2])


@pytest.mark.parametrize(
    "shared, final_action, source",
    [
        (True, None, Source.CACHED_LIST),
        (True, "delete", Source.CACHED_LIST),
        (False, None, Source.AFTER_CHANGE),
        (False, "delete", Source.NEW_LIST),
    ],
)
@pytest.mark.parametrize("wait", [True, False])
def test_lookups_after_a_change_end_with_the_wait(clock, shared, final_action, source, wait):
    box = ListedResource({"size": 2}, {"size": 1}, final_action, on_drift="warn")
    box.keeps_record = True
    item = run_engine(box, clock, shared=shared, wait=wait)[1]
    assert item.outcome.changed
    assert box.lookups == [(Source.CACHED_LIST, None), (source, clock.monotonic() + 30 if wait else math.inf)]


def spend_the_time(box, clock, method, answer=None):
    """Let a request end at the deadline of the task."""

    def slow():
        clock.passed += 10
        return answer

    box.failures[method] = [slow]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("wait", [True, False])
def test_creation_without_time_for_all_fields_fails(clock, shared, wait):
    box = ListedResource({"size": 2, "color": "red"}, post_create_fields=frozenset(["color"]))
    spend_the_time(box, clock, "create")
    item = run_engine(box, clock, shared=shared, wait=wait, deadline=clock.monotonic() + 10)[1]
    assert isinstance(item.error, WaitError)
    assert item.error.message.startswith("Timed out after 0 s waiting for box 'b' to be ready")
    assert "update" not in box.log and box.actual == {"size": 2}


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("wait", [True, False])
def test_complete_creation_may_take_all_the_time(clock, shared, wait):
    box = ListedResource({"size": 2})
    spend_the_time(box, clock, "create")
    item = run_engine(box, clock, shared=shared, wait=wait, deadline=clock.monotonic() + 10)[1]
    assert item.outcome.after == {"size": 2}


@pytest.mark.parametrize("wait", [True, False])
def test_ineffective_update_at_the_deadline_is_drift(clock, wait):
    """More time would not help, so the error is not about the time."""
    box = ListedResource({"size": 2}, {"size": 1})
    spend_the_time(box, clock, "update")
    box.failures["read after change"] = [lambda: setattr(box, "actual", {"size": 3})]
    item = run_engine(box, clock, shared=False, wait=wait, deadline=clock.monotonic() + 10)[1]
    assert isinstance(item.error, DriftError)
    assert item.error.message.endswith("size is 3, desired is 2")


@pytest.mark.parametrize("shared", [True, False])
def test_missing_object_at_the_deadline_is_not_listed(clock, shared):
    box = ListedResource({"size": 2})
    spend_the_time(box, clock, "create", "ignored")
    item = run_engine(box, clock, shared=shared, wait=False, deadline=clock.monotonic() + 10)[1]
    assert item.error.message.endswith("the request was accepted, but the resource is not listed.")


@pytest.mark.parametrize("shared", [True, False])
def test_adopted_object_is_read_again_only_from_a_shared_list(clock, shared):
    """Another client creates an equal object. A task that does not wait has read it after the conflict."""
    box = ListedResource({"size": 2})

    def create_before():
        box.actual = {"size": 2}
        raise ConflictError("exists", status=409)

    box.failures = {"create": [create_before]}
    item = run_engine(box, clock, shared=shared, wait=False)[1]
    assert (item.outcome.changed, item.outcome.after) == (False, {"size": 2})
    after = box.log[box.log.index("create") + 1 :]
    assert after == (["lookup", "lookup", "invalidate"] if shared else ["lookup"])


def test_waiting_for_a_deletion_before_a_creation_is_reported(clock):
    box = ListedResource({"size": 2}, {"size": 1, "condition": TERMINATING})
    clock.sleep = lambda seconds: setattr(box, "actual", None)
    ran, item = run_engine(box, clock, shared=True)
    assert item.outcome.changed
    assert ran._listener.lines == ["box b: terminating, 0 s", "box b: terminating -> not listed, 0 s"]


def test_failure_in_a_stage_keeps_a_shared_list_until_its_end(clock):
    box = ListedResource({"size": 2}, failures={"create": failing(ConflictError("busy", status=409))})
    item = run_engine(box, clock, shared=True)[1]
    assert isinstance(item.error, ConflictError)
    assert box.log.count("invalidate") == 1 and box.log[-1] == "invalidate"
