# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    ConflictError,
    DriftError,
    ForbiddenError,
    IdentityError,
    NotFoundError,
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    TERMINATED,
    TERMINATING,
    Action,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import (
    MOST_DELAYS,
    Execution,
    end_with_recovery,
)
from fake_resource import (
    LOST,
    FakeResource,
    FakeWaiter,
    RecordingResource,
    converge,
    failing,
    is_copy,
    refused_after,
    refused_for_now,
    summarize_outcome,
)

HINT_NOT_LISTED = (
    "It is unknown whether the request was applied: no list shows its effect yet."
    " Rerun the task: it checks the actual state first."
)


@pytest.mark.parametrize("step", ["validate create", "create"])
@pytest.mark.parametrize("error", [OptionError("no"), WaitError("no")])
def test_own_errors_are_not_changed(step, error):
    box = FakeResource({"size": 2}, failures={step: failing(error)})
    with pytest.raises(type(error)) as caught:
        converge(box, check=False)
    assert is_copy(caught.value, error)
    assert (error.actions, box.log[-1]) == ([], step)


@pytest.mark.parametrize(
    ("desired", "kind"),
    [
        ("create", NotFoundError),
        *((desired, kind) for desired in ("create", "delete") for kind in (AuthError, ForbiddenError, RateLimitError)),
    ],
)
def test_refusal_for_another_reason_is_not_verified(desired, kind):
    box = FakeResource(
        {"size": 2},
        {"size": 2} if desired == "delete" else None,
        "delete" if desired == "delete" else None,
        failures={desired: failing(kind("no", status=403))},
    )
    with pytest.raises(kind):
        converge(box, check=False)
    assert (box.log.count("lookup"), box.log[-1]) == (1, desired)


@pytest.mark.parametrize("status", [402, 405, 413, 422])
def test_other_errors_of_a_create_need_no_list(status):
    box = FakeResource({"size": 2}, failures={"create": failing(BadRequestError("no", status=status))})
    with pytest.raises(BadRequestError):
        converge(box, check=False)
    assert box.log.count("lookup") == 1


@pytest.mark.parametrize("error", LOST, ids=lambda error: error.kind)
def test_lost_response_of_an_applied_create(error):
    box = FakeResource({"size": 2})

    def done_and_lost():
        box.actual = {"size": 2}
        raise error

    box.failures = {"create": [done_and_lost]}
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        None,
        {"size": 2},
        [("create", ["size"])],
        ["size"],
        [],
    )
    assert box.log == ["lookup", "validate create", "create", "lookup", "read after change"]


@pytest.mark.parametrize(
    "error",
    [*LOST, ConflictError("exists", status=409), BadRequestError("exists", status=400)],
    ids=lambda error: error.kind,
)
def test_failure_of_a_create_that_was_not_applied(error):
    box = FakeResource({"size": 2}, failures={"create": failing(error)})
    with pytest.raises(type(error)) as caught:
        converge(box, check=False)
    assert (is_copy(caught.value, error), caught.value.actions, box.log.count("create"), box.log.count("lookup")) == (
        True,
        [],
        1,
        2,
    )


@pytest.mark.parametrize("error", LOST, ids=lambda error: error.kind)
@pytest.mark.parametrize("looks", [1, 2, 3, 4, 5])
def test_lost_response_and_late_list_entry(error, looks):
    """The first list after the failure shows it, or one of three more."""
    error.hint = "Run the task again."
    box = FakeResource({"size": 2}, waits=True, failures={"create": failing(error)})
    box.failures["lookup"] = [lambda: None] * looks + [lambda: setattr(box, "actual", {"size": 2})]
    if looks < 5:
        assert summarize_outcome(converge(box, check=False)) == (
            True,
            None,
            {"size": 2},
            [("create", ["size"])],
            ["size"],
            [],
        )
    else:
        with pytest.raises(type(error)) as caught:
            converge(box, check=False)
        assert caught.value.hint == f"{HINT_NOT_LISTED} Run the task again."
    assert box.log[2:] == [
        "create",
        "lookup",
        *["sleep", "lookup"] * min(looks - 1, 3),
        *(["read after change"] if looks < 5 else []),
    ]


@pytest.mark.parametrize("error", LOST, ids=lambda error: error.kind)
def test_end_with_late_list_entry(error):
    box = FakeResource({}, {"size": 1}, "delete", waits=True, failures={"delete": failing(error)})
    box.failures["lookup"] = [lambda: None] * 2 + [lambda: setattr(box, "actual", None)]
    assert converge(box, check=False).changed is True
    assert box.log == [
        "lookup",
        "validate delete",
        "delete",
        "lookup",
        "sleep",
        "lookup",
        # How it ended is checked as soon as a list shows the end, and after the wait.
        "validate delete",
        "wait_until_deleted",
        "validate delete",
    ]


@pytest.mark.parametrize("desired", ["create", "delete"])
def test_refusal_is_not_waited_upon(desired):
    refusal = BadRequestError("no", status=400)
    box = FakeResource(
        {"size": 1},
        {"size": 1} if desired == "delete" else None,
        "delete" if desired == "delete" else None,
        waits=True,
        failures={desired: failing(refusal)},
    )
    with pytest.raises(BadRequestError):
        converge(box, check=False)
    assert (box.log[-2:], refusal.hint) == ([desired, "lookup"], None)


NOT_SENT = TransportError("no connection", request_sent=False)


TEMPORARY_ERRORS = [RateLimitError("throttled", status=429), ServerError("busy", status=503), NOT_SENT]


@pytest.mark.parametrize("error", TEMPORARY_ERRORS, ids=lambda error: error.kind)
def test_throttled_create_is_resent_after_a_new_list(error):
    box = FakeResource({"size": 2}, failures={"create": failing(refused_for_now(error))})
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        None,
        {"size": 2},
        [("create", ["size"])],
        ["size"],
        [],
    )
    assert box.log == [
        "lookup",
        "validate create",
        "create",
        "sleep 7.0",
        "lookup",
        "validate create",
        "create",
        "read after change",
    ]


@pytest.mark.parametrize(("attempts", "creates"), [(1, 6), (2, 3), (3, 2), (6, 1), (7, 1)])
def test_temporary_errors_are_retried_within_the_limit(attempts, creates):
    errors = [refused_for_now(RateLimitError("throttled", status=429), attempts) for _round in range(9)]
    box = FakeResource({"size": 2}, failures={"create": [raising for error in errors for raising in failing(error)]})
    with pytest.raises(RateLimitError) as caught:
        converge(box, check=False)
    assert (is_copy(caught.value, errors[creates - 1]), box.log.count("create"), box.log[-1]) == (
        True,
        creates,
        "create",
    )
    assert box.log.count("sleep 7.0") == creates - 1


@pytest.mark.parametrize("attempts", [1, 2])
@pytest.mark.parametrize(
    ("last", "earlier", "changed"),
    [
        (RateLimitError("throttled", status=429), (), False),
        (
            RateLimitError("throttled", status=429),
            (RateLimitError("throttled", status=429), TransportError("no way", request_sent=False)),
            False,
        ),
        (RateLimitError("throttled", status=429), (ServerError("busy", status=503),), True),
        (ServerError("busy", status=503), (), True),
    ],
    ids=["refused", "refused before", "lost before", "lost"],
)
def test_object_is_created_if_an_attempt_may_be_applied(attempts, last, earlier, changed):
    """Of tries that were refused for sure, what is there afterwards is somebody else's."""
    box = FakeResource({"size": 2})

    def theirs_or_ours():
        box.actual = {"size": 2}
        raise refused_after(refused_for_now(copy.copy(last), attempts), *earlier)

    box.failures = {"create": [theirs_or_ours]}
    assert converge(box, check=False).changed is changed
    assert box.log.count("create") == 1


@pytest.mark.parametrize(
    ("first", "ours"), [(ServerError("busy", status=503), True), (RateLimitError("throttled", status=429), False)]
)
@pytest.mark.parametrize("one_round", [True, False])
def test_conflict_after_lost_response_is_the_created_object(first, ours, one_round):
    """The attempts are in one round, or separated by a list that did not show the object."""
    box = FakeResource({"size": 2})

    def refused():
        box.actual = {"size": 2}
        conflict = ConflictError("exists", status=409)
        raise refused_after(refused_for_now(conflict, 2, None), copy.copy(first)) if one_round else conflict

    box.failures = {"create": [refused] if one_round else [*failing(refused_for_now(copy.copy(first))), refused]}
    outcome = converge(box, check=False)
    assert (outcome.changed, [action.action for action in outcome.actions]) == (
        (True, ["create"]) if ours else (False, [])
    )


@pytest.mark.parametrize("kind", [AuthError, ForbiddenError, RateLimitError, NotFoundError])
@pytest.mark.parametrize("desired", ["create", "delete"])
@pytest.mark.parametrize("applied", [True, False])
def test_refusal_after_lost_response_is_verified(kind, desired, applied):
    """The first attempt may have been applied, whatever the response to the second one is."""
    box = FakeResource(
        {"size": 2}, {"size": 2} if desired == "delete" else None, "delete" if desired == "delete" else None
    )

    def refused():
        if applied:
            box.actual = {"size": 2} if desired == "create" else None
        raise refused_after(kind("no", status=403, hint="Ask for it."), LOST[1])

    box.failures = {desired: [refused]}
    if applied:
        assert converge(box, check=False).changed is True
        return
    with pytest.raises(kind) as caught:
        converge(box, check=False)
    assert (
        str(caught.value).startswith("no. It is unknown ")
        and "whether the request was applied" in str(caught.value.hint)
        and caught.value.hint.endswith(" Ask for it.")
    )
    assert box.log.count("lookup") == 2


@pytest.mark.parametrize("last", [copy.copy(LOST[1]), ConflictError("exists", status=409)], ids=["lost", "conflict"])
@pytest.mark.parametrize("earlier", [(), LOST[:1]], ids=["once", "after a lost one"])
def test_different_object_after_lost_response_is_reported(last, earlier):
    box = FakeResource({"size": 2}, failures={"create": failing(refused_after(last, *earlier))})
    box.failures["lookup"] = [lambda: None, lambda: setattr(box, "actual", {"size": 3})]
    with pytest.raises(DriftError, match="exists and differs: size is 3, desired is 2") as caught:
        converge(box, check=False)
    ours = bool(earlier) or isinstance(last, ServerError)
    assert caught.value.hint.startswith("It is unknown who created it: ") is ours
    assert caught.value.hint.startswith("Another client created it.") is not ours


def test_object_found_after_a_delay_may_differ():
    box = FakeResource(
        {"size": 2}, failures={"create": failing(refused_for_now(RateLimitError("throttled", status=429)))}
    )
    box.failures["lookup"] = [lambda: None, lambda: setattr(box, "actual", {"size": 3})]
    with pytest.raises(DriftError, match="^throttled. Meanwhile box 'b' exists and differs: size is 3, desired is 2"):
        converge(box, check=False)
    assert box.log.count("create") == 1


def test_failed_list_after_refusal_means_not_created():
    error = refused_for_now(RateLimitError("throttled", status=429))
    box = FakeResource(
        {"size": 2},
        failures={"create": failing(error), "lookup": [lambda: None, *failing(ForbiddenError("no list", status=403))]},
    )
    with pytest.raises(RateLimitError) as caught:
        converge(box, check=False)
    assert (is_copy(caught.value, error), caught.value.hint, box.log.count("create")) == (True, None, 1)


def test_unsent_request_needs_no_verification():
    box = FakeResource({"size": 2}, failures={"create": failing(TransportError("no connection", request_sent=False))})
    with pytest.raises(TransportError):
        converge(box, check=False)
    assert box.log.count("lookup") == 1


def test_refused_creation_of_a_missing_object_is_not_in_doubt():
    """The list is read, because the refusal could mean that the object exists."""
    box = FakeResource({"size": 2}, failures={"create": failing(ConflictError("busy", status=409, hint="Try later."))})
    with pytest.raises(ConflictError) as caught:
        converge(box, check=False)
    assert (caught.value.hint, box.log.count("lookup")) == ("Try later.", 2)


def test_post_create_fields_do_not_distinguish_objects():
    box = FakeResource({"size": 2, "color": "red"}, post_create_fields=frozenset(["color"]))

    def adopted():
        box.actual = {"size": 2, "color": "blue"}
        raise ConflictError("exists", status=409)

    box.failures = {"create": [adopted]}
    assert summarize_outcome(converge(box, check=False)) == (
        True,
        {"size": 2, "color": "blue"},
        {"size": 2, "color": "red"},
        [("update", ["color"])],
        ["color"],
        [],
    )


SAID_NO = [
    NotFoundError("gone", status=404),
    ConflictError("busy", status=409),
    BadRequestError("no", status=400),
    TransportError("no way", request_sent=False),
]


REFUSED = [*LOST, *SAID_NO]


LEFT = pytest.mark.parametrize(
    "left", [None, {"size": 1, "condition": TERMINATED}, {"size": 1, "condition": TERMINATING}]
)


def failing_end(kind, left, *earlier):
    """Return a resource that is deleted or terminating when its deletion fails."""
    box = FakeResource({}, {"size": 1}, "delete")

    def delete():
        box.actual = left
        error = copy.copy(kind)
        error.previous_attempts = earlier
        raise error

    box.failures = {"delete": [delete]}
    return box


class EndingResource(FakeResource):
    """A resource that logs the invalidation of its list and the object that it deletes."""

    def invalidate(self):
        self.log.append("invalidate")

    def delete(self, observed):
        self.log.append(observed)
        return super().delete(observed)


@pytest.mark.parametrize(("refreshes_lists", "log"), [(False, ["invalidate"]), (True, [])])
def test_end_invalidates_the_list_unless_the_caller_reads_it(refreshes_lists, log):
    box = EndingResource({}, {"size": 1}, "promote")
    execution = Execution(box, FakeWaiter(box), refreshes_lists=refreshes_lists)
    end_with_recovery(execution, {"size": 1}, "promote")
    assert execution.applied == [Action("promote", [], "req-delete")]
    assert box.log == [*log, {"size": 1}, "delete"]


@pytest.mark.parametrize("error", LOST, ids=lambda error: error.kind)
@LEFT
def test_failed_delete_succeeds_if_object_is_terminating(error, left):
    box = failing_end(error, left)
    outcome = converge(box, check=False)
    assert (outcome.changed, outcome.before, outcome.actions) == (True, {"size": 1}, [Action("delete", [], None)])
    assert box.log.count("delete") == 1


@pytest.mark.parametrize("error", SAID_NO, ids=lambda error: error.kind)
@pytest.mark.parametrize(
    "earlier",
    [
        (),
        (RateLimitError("wait", status=429),),
        (AuthError("who", status=401), TransportError("no way", request_sent=False)),
    ],
)
@LEFT
def test_end_by_another_client_is_not_a_change(error, earlier, left):
    box = failing_end(error, left, *earlier)
    outcome = converge(box, check=False)
    rest = left if left and left["condition"] == TERMINATED else None
    assert (outcome.changed, outcome.before, outcome.after, list(outcome.actions)) == (False, rest, rest, [])
    assert box.log[-5:] == ["delete", "lookup", "validate delete", "wait_until_deleted", "validate delete"]


@pytest.mark.parametrize("error", SAID_NO, ids=lambda error: error.kind)
@pytest.mark.parametrize("earlier", LOST, ids=lambda error: error.kind)
@LEFT
def test_deletion_is_a_change_if_an_attempt_may_be_applied(error, earlier, left):
    outcome = converge(failing_end(error, left, RateLimitError("wait", status=429), earlier), check=False)
    assert (outcome.changed, outcome.actions) == (True, [Action("delete", [], None)])


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: error.kind)
def test_failed_end_of_an_existing_object(error):
    box = FakeResource({}, {"size": 1}, "delete", failures={"delete": failing(error)})
    with pytest.raises(type(error)) as caught:
        converge(box, check=False)
    assert (is_copy(caught.value, error), caught.value.actions) == (True, [])


@pytest.mark.parametrize(
    "error",
    [*LOST, refused_after(BadRequestError("no", status=400), *LOST[:1])],
    ids=["lost", "server", "protocol", "refused at last"],
)
@pytest.mark.parametrize("desired", ["nothing", "half", "all"])
def test_update_without_response_is_verified(error, desired):
    """What a list shows of it counts as done, the rest is sent again; where it shows nothing, nobody knows, and the error says so."""
    box = FakeResource({"size": 2, "color": "red"}, {"size": 1, "color": "blue"}, waits=True)
    applied = {"nothing": {}, "half": {"size": 2}, "all": {"size": 2, "color": "red"}}[desired]

    def lost():
        box.actual = {**box.actual, **applied}
        raise error

    error.hint, box.failures = "Run the task again.", {"update": [lost]}
    if desired == "nothing":
        with pytest.raises(type(error)) as caught:
            converge(box, check=False)
        assert caught.value.hint == f"{HINT_NOT_LISTED} Run the task again."
        assert (caught.value.actions, box.log.count("update")) == ([], 1)
        return
    outcome = converge(box, check=False)
    assert (outcome.changed, outcome.after) == (True, {"size": 2, "color": "red"})
    fields = {"half": [["size"], ["color"]], "all": [["size", "color"]]}[desired]
    assert ([action.fields for action in outcome.actions], box.log.count("update")) == (fields, len(fields))
    # As soon as something of it is there, nothing more is waited for.
    assert box.log.count("sleep") == 0


@pytest.mark.parametrize(
    ("error", "doubted"),
    [(LOST[0], True), (refused_after(ConflictError("busy", status=409), LOST[1]), True), (NOT_SENT, False)],
)
def test_unconfirmed_end_may_still_follow(error, doubted):
    error.hint = None
    box = FakeResource({"size": 2}, {"size": 2}, "delete", failures={"delete": failing(error)})
    with pytest.raises(type(error)) as caught:
        converge(box, check=False)
    assert caught.value.hint == (HINT_NOT_LISTED if doubted else None)


@pytest.mark.parametrize("error", [NOT_SENT, BadRequestError("no", status=400)], ids=["not sent", "refused"])
def test_update_that_was_not_applied_is_not_verified(error):
    error.hint = None
    box = FakeResource({"size": 2}, {"size": 1}, failures={"update": failing(error)})
    with pytest.raises(type(error)) as caught:
        converge(box, check=False)
    assert (caught.value.hint, box.log.count("lookup")) == (None, 1)


@pytest.mark.parametrize("later", [False, True])
def test_applied_update_with_invalid_response(later):
    box = FakeResource(
        {"size": 2, "color": "red"},
        None if later else {"size": 1, "color": "red"},
        post_create_fields=frozenset(["color"] if later else []),
    )

    def done_and_garbled():
        box.actual = {"size": 2, "color": "red"}
        raise ProtocolError("garbage", status=200, request_id="r-1")

    box.failures = {"update": [done_and_garbled]}
    outcome = converge(box, check=False)
    assert (outcome.changed, outcome.after, box.log.count("update")) == (True, {"size": 2, "color": "red"}, 1)
    assert outcome.actions[-1] == Action("update", ["color"] if later else ["size"], "r-1")


class StepwiseResource(FakeResource):
    """A resource that needs an update for each field."""

    def update(self, observed, differences):
        for field, _actual, desired, *_more in differences:
            self.step(f"update {field}")
            self.actual = {**self.actual, field: desired}
            yield Action("update", [field], f"req-{field}")


def test_lost_update_does_not_repeat_the_fields_of_earlier_ones():
    box = StepwiseResource({"size": 2, "color": "red"}, {"size": 1, "color": "blue"})

    def done_and_lost():
        box.actual = {"size": 2, "color": "red"}
        raise ServerError("broken", status=500, request_id="r-1")

    box.failures = {"update color": [done_and_lost]}
    assert converge(box, check=False).actions == [
        Action("update", ["size"], "req-size"),
        Action("update", ["color"], "r-1"),
    ]


def test_half_applied_update_sends_only_the_rest():
    box = FakeResource({"size": 2, "color": "red"}, {"size": 1, "color": "blue"})

    def half_done():
        box.actual = {"size": 2, "color": "blue"}
        raise ProtocolError("garbage", status=200, request_id="r-1")

    box.failures = {"update": [half_done]}
    outcome = converge(box, check=False)
    assert (outcome.changed, outcome.after, box.log.count("update")) == (True, {"size": 2, "color": "red"}, 2)
    assert [action.fields for action in outcome.actions] == [["size"], ["color"]]


def test_unapplied_update_with_invalid_response():
    box = FakeResource({"size": 2, "color": "red"}, {"size": 1, "color": "blue"})
    error = ProtocolError("garbage", status=200)
    box.failures = {"update": failing(error)}
    with pytest.raises(ProtocolError) as caught:
        converge(box, check=False)
    assert (is_copy(caught.value, error), caught.value.actions, box.log.count("update")) == (True, [], 1)


@pytest.mark.parametrize("desired", ["create", "delete"])
def test_when_looking_fails_too_the_first_error_is_the_one(desired):
    first, second = ServerError("Failed to do it", status=500), ForbiddenError("Failed to list", status=403)
    box = FakeResource(
        {"size": 1}, {"size": 1} if desired == "delete" else None, "delete" if desired == "delete" else None
    )
    box.failures = {desired: failing(first), "lookup": [lambda: None, *failing(second)]}
    with pytest.raises(ServerError) as caught:
        converge(box, check=False)
    assert is_copy(caught.value, first)
    assert str(caught.value) == (
        "Failed to do it. It is unknown whether the request was applied, because the check failed too: Failed to list."
        " Rerun the task: it checks the actual state first."
    )


@pytest.mark.parametrize(("attempts", "last"), [(0, "cached"), (1, "refresh")])
def test_unsent_request_needs_no_new_list(attempts, last):
    box = RecordingResource(
        {"size": 2}, failures={"create": failing(refused_for_now(RateLimitError("throttled", status=429), attempts))}
    )
    converge(box, check=False)
    assert [word for word in box.log if word in ("cached", "refresh")] == ["cached", last]


def test_verification_of_late_entries_reads_a_new_list():
    box = RecordingResource({"size": 2}, waits=True, failures={"create": failing(LOST[0])})
    box.failures["lookup"] = [lambda: None] * 2 + [lambda: setattr(box, "actual", {"size": 2})]
    converge(box, check=False)
    assert [word for word in box.log if word in ("cached", "refresh")] == ["cached", "refresh", "refresh"]


def test_second_create_of_a_replacement_is_validated():
    error = refused_for_now(RateLimitError("throttled", status=429))
    box = RecordingResource(
        {"size": 2}, {"size": 1}, on_drift="replace", fixed=["size"], failures={"create": failing(error)}
    )
    converge(box, check=False)
    assert [word for word in box.log if word.startswith("create: ")] == ["create: {'size': 1}"] * 2


def test_create_that_is_always_throttled_fails():
    error = refused_for_now(RateLimitError("throttled"), attempts=0)
    box = FakeResource({"size": 2}, failures={"create": failing(error) * 99})
    with pytest.raises(RateLimitError):
        converge(box, check=False)
    # As often as it may be late, and once more.
    assert box.log.count("create") == MOST_DELAYS + 1 == 21


def test_delays_and_attempts_have_separate_limits():
    errors = [
        refused_for_now(RateLimitError("late"), attempts=0)
        if turn % 2 == 0
        else refused_for_now(RateLimitError("throttled"))
        for turn in range(99)
    ]
    box = FakeResource({"size": 2}, failures={"create": [raising for error in errors for raising in failing(error)]})
    with pytest.raises(RateLimitError):
        converge(box, check=False)
    assert box.log.count("create") == 12


@pytest.mark.parametrize("desired", ["create", "delete"])
def test_recovered_action_has_the_id_of_the_failed_request(desired):
    error = ServerError("broken", status=500, request_id="r-7")
    box = FakeResource(
        {"size": 2}, {"size": 2} if desired == "delete" else None, "delete" if desired == "delete" else None
    )

    def done_and_lost():
        box.actual = {"size": 2} if desired == "create" else None
        raise error

    box.failures = {desired: [done_and_lost]}
    assert [action.request_id for action in converge(box, check=False).actions] == ["r-7"]


@pytest.mark.parametrize(
    ("error", "doubt"), [(LOST[1], True), (ConflictError("exists", status=409), True)], ids=["server", "conflict"]
)
def test_unknown_outcome_is_reported(error, doubt):
    error.hint, error.retry_after = None, None
    box = FakeResource(
        {"size": 1},
        failures={"create": failing(error), "lookup": [lambda: None, *failing(ForbiddenError("no list", status=403))]},
    )
    with pytest.raises(type(error)) as caught:
        converge(box, check=False)
    assert ("It is unknown whether the request was applied" in str(caught.value.hint)) == doubt
    assert error.hint is None


def test_failed_list_after_lost_response_is_unknown():
    error = refused_for_now(ServerError("busy", status=503))
    box = FakeResource(
        {"size": 1},
        failures={"create": failing(error), "lookup": [lambda: None, *failing(ForbiddenError("no list", status=403))]},
    )
    with pytest.raises(ServerError) as caught:
        converge(box, check=False)
    assert "It is unknown whether the request was applied" in str(caught.value.hint)


@pytest.mark.parametrize("waits", [False, True])
def test_lists_are_read_until_they_contain_the_update(waits):
    """The first list that shows the change is the last one. Otherwise, three more lists follow."""
    box = FakeResource(
        {"size": 2}, {"size": 1}, waits=True, failures={"update": failing(ProtocolError("garbage", status=200))}
    )
    looks = 3 if waits else 1
    box.failures["lookup"] = [lambda: None] * looks + [lambda: setattr(box, "actual", {"size": 2})]
    assert converge(box, check=False).changed is True
    assert box.log.count("lookup") == looks + 1


def test_lost_update_of_a_deleted_object_is_an_error():
    box = FakeResource(
        {"size": 2}, {"size": 1}, waits=True, failures={"update": failing(ProtocolError("garbage", status=200))}
    )
    box.failures["lookup"] = [lambda: None, lambda: setattr(box, "actual", None)]
    with pytest.raises(ProtocolError) as caught:
        converge(box, check=False)
    assert caught.value.hint == "It is unknown whether the request was applied: the resource is not listed any more."
    assert box.log.count("lookup") == 5


@pytest.mark.parametrize("kind", [ServerError, ForbiddenError, RateLimitError])
def test_error_after_several_rounds_counts_all_attempts(kind):
    """The first try may have been done, whatever became of the last one."""
    last = kind("no", hint="Ask.")
    box = FakeResource({"size": 2}, waits=True)
    box.failures = {
        "create": [*failing(refused_for_now(ServerError("busy", status=503))), *failing(refused_for_now(last, 2, None))]
    }
    with pytest.raises(kind) as caught:
        converge(box, check=False)
    assert is_copy(caught.value, last)
    raised = caught.value
    assert (str(raised).partition(", ")[2], raised.attempts, raised.args) == (
        f"the last of 3 attempts. {HINT_NOT_LISTED} Ask.",
        3,
        (raised.message,),
    )
    # Each time a list is read four times: it may show late what was done.
    assert box.log == [
        "lookup",
        "validate create",
        "create",
        "sleep 7.0",
        *look_around(),
        "validate create",
        "create",
        *look_around(),
    ]


def look_around():
    return ["lookup", *["sleep", "lookup"] * 3]


def test_error_in_one_round_counts_its_attempts():
    error = refused_for_now(RateLimitError("throttled", status=429), 4, None)
    with pytest.raises(RateLimitError):
        converge(FakeResource({"size": 2}, failures={"create": failing(error)}), check=False)
    assert (error.message, error.attempts) == ("throttled", 4)


def without_identity(*earlier):
    """Return the error after a write was refused for its token and IAM did not issue another token."""
    return IdentityError(ServerError("IAM is down", status=500, request_id="req-iam"), earlier)


STALE = AuthError("stale token", status=401)


@pytest.mark.parametrize("status", [400, 404, 409, 500])
@pytest.mark.parametrize("desired", ["create", "delete", "update"])
def test_change_by_another_client_during_iam_failure(desired, status):
    """No list is read, because a request without a token was not applied."""
    cause = {400: BadRequestError, 404: NotFoundError, 409: ConflictError, 500: ServerError}[status](
        "IAM", status=status
    )
    actual = None if desired == "create" else {"size": 1}
    box = FakeResource(
        {} if desired == "delete" else {"size": 2}, actual, "delete" if desired == "delete" else None, waits=True
    )

    def adopted():
        box.actual = None if desired == "delete" else {"size": 2}
        raise IdentityError(cause, (STALE,))

    box.failures = {desired: [adopted]}
    with pytest.raises(IdentityError) as caught:
        converge(box, check=False)
    assert (caught.value.hint, caught.value.actions, box.log[-1]) == (None, [], desired)


@pytest.mark.parametrize("desired", ["create", "delete", "update"])
def test_possible_change_before_iam_failure_is_verified(desired):
    actual = None if desired == "create" else {"size": 1}
    box = FakeResource({} if desired == "delete" else {"size": 2}, actual, "delete" if desired == "delete" else None)

    def applied():
        box.actual = None if desired == "delete" else {"size": 2}
        raise without_identity(TransportError("reset"), STALE)

    box.failures = {desired: [applied]}
    outcome = converge(box, check=False)
    # The id is one of a request to IAM.
    assert (outcome.changed, [action.request_id for action in outcome.actions]) == (True, [None])


def test_unknown_outcome_is_reported_if_iam_fails_too():
    error = without_identity(TransportError("reset"), STALE)
    box = FakeResource(
        {},
        {"size": 1},
        "delete",
        failures={"delete": failing(error), "lookup": [lambda: None, *failing(without_identity())]},
    )
    with pytest.raises(IdentityError) as caught:
        converge(box, check=False)
    assert caught.value.hint.startswith(
        "It is unknown whether the request was applied, because the check failed too: IAM is down."
    )


def test_rounds_are_counted_where_looking_fails():
    error = refused_for_now(RateLimitError("throttled", status=429))
    later = refused_for_now(RateLimitError("throttled", status=429))
    box = FakeResource(
        {"size": 2},
        failures={
            "create": failing(error) + failing(later),
            "lookup": [lambda: None, lambda: None, *failing(ServerError("no list"))],
        },
    )
    with pytest.raises(RateLimitError) as caught:
        converge(box, check=False)
    assert (is_copy(caught.value, later), caught.value.attempts) == (True, 2)
    assert caught.value.message == "throttled, the last of 2 attempts"


def test_difference_after_several_rounds_counts_all_attempts():
    box = FakeResource({"size": 2})
    errors = [
        refused_for_now(RateLimitError("throttled", status=429)),
        refused_for_now(RateLimitError("throttled", status=429)),
    ]

    def adopted():
        box.actual = {"size": 1}
        raise errors[1]

    box.failures = {"create": [*failing(errors[0]), adopted]}
    with pytest.raises(DriftError, match="^throttled, the last of 2 attempts. Meanwhile box 'b' exists and differs: "):
        converge(box, check=False)
