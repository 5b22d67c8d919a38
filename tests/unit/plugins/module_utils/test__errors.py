# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import inspect

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _errors
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    DriftError,
    HuaweiCloudError,
    IdentityError,
    LibraryError,
    OptionError,
    ServerError,
    ServiceError,
    TransportError,
)

FACTS = ("kind", "status", "code", "message", "request_id", "method", "path", "attempts", "hint")

# name -> (parent, kind), as the drawing at the top of the file has it
TREE = {
    "OptionError": ("HuaweiCloudError", "options"),
    "LintError": ("OptionError", "lint"),
    "LibraryError": ("HuaweiCloudError", "library"),
    "DriftError": ("HuaweiCloudError", "drift"),
    "AmbiguousError": ("HuaweiCloudError", "ambiguous"),
    "CheckModeError": ("HuaweiCloudError", "check_mode"),
    "WaitError": ("HuaweiCloudError", "wait"),
    "ServiceError": ("HuaweiCloudError", "service"),
    "TransportError": ("ServiceError", "transport"),
    "ProtocolError": ("ServiceError", "protocol"),
    "AuthError": ("ServiceError", "auth"),
    "ForbiddenError": ("ServiceError", "forbidden"),
    "NotFoundError": ("ServiceError", "not_found"),
    "ConflictError": ("ServiceError", "conflict"),
    "BadRequestError": ("ServiceError", "bad_request"),
    "RateLimitError": ("ServiceError", "rate_limit"),
    "ServerError": ("ServiceError", "server"),
    "IdentityError": ("ServiceError", "service"),
}


def test_the_tree_is_the_one_that_is_drawn():
    classes = {
        name: value
        for name, value in vars(_errors).items()
        if inspect.isclass(value) and issubclass(value, HuaweiCloudError)
    }
    assert {
        name: (kind.__base__.__name__, kind.kind) for name, kind in classes.items() if kind is not HuaweiCloudError
    } == TREE
    assert all(f"+-- {name}" in _errors.__doc__ for name in TREE)


@pytest.mark.parametrize(
    "message, hint, text",
    [
        ("It failed", None, "It failed"),
        ("It failed.", None, "It failed."),
        ("It failed", "Do that.", "It failed. Do that."),
        ("It failed.", "Do that.", "It failed. Do that."),
        ("It failed", "", "It failed"),
        ("It failed for X.", "Do that.", "It failed for X. Do that."),
    ],
)
def test_the_text_is_message_and_hint(message, hint, text):
    error = HuaweiCloudError(message, hint=hint)
    assert str(error) == text
    assert error.message == message
    assert error.args == (message,)
    assert error.actions == []


def test_an_error_has_its_message_however_it_is_handed_over():
    assert HuaweiCloudError(message="It failed").args == ("It failed",)


def test_actions_are_not_shared_between_errors():
    HuaweiCloudError("one").actions.append("x")
    assert HuaweiCloudError("two").actions == []


def test_facts_of_a_plain_error_have_every_key():
    facts = OptionError("Wrong", hint="Right").facts()
    assert tuple(facts) == FACTS
    assert {key: value for key, value in facts.items() if value is not None} == {
        "kind": "options",
        "message": "Wrong",
        "hint": "Right",
    }


def test_facts_of_a_failed_call():
    error = ServiceError(
        "Failed to x",
        status=503,
        code="C.1",
        service_message="busy",
        request_id="r-1",
        method="GET",
        path="/x",
        attempts=3,
        hint="Wait.",
    )
    assert error.facts() == {
        "kind": "service",
        "status": 503,
        "code": "C.1",
        "message": "busy",
        "request_id": "r-1",
        "method": "GET",
        "path": "/x",
        "attempts": 3,
        "hint": "Wait.",
    }
    assert tuple(error.facts()) == FACTS


def test_a_call_that_was_answered_without_words_shows_its_message():
    assert ServiceError("forbidden").facts()["message"] == "forbidden"
    assert ServiceError("forbidden").attempts == 1


def test_a_transport_error_counts_as_sent_unless_the_opposite_is_known():
    assert TransportError("broke").request_sent is True
    error = TransportError("refused", request_sent=False, method="GET", attempts=2)
    assert (error.request_sent, error.method, error.attempts) == (False, "GET", 2)


def test_a_missing_library_names_itself():
    error = LibraryError("requests is needed", library="requests", traceback="Traceback ...", hint="Install it.")
    assert (error.library, error.traceback, str(error)) == (
        "requests",
        "Traceback ...",
        "requests is needed. Install it.",
    )
    assert "Traceback" not in str(error.facts())
    assert LibraryError("requests is needed", library="requests").traceback == ""


def test_a_drift_tells_what_differs():
    error = DriftError("It differs", hint="Mend it.", differences=("one", "two"))
    assert (str(error), error.differences) == ("It differs. Mend it.", ["one", "two"])
    assert DriftError("It differs").differences == []


def test_a_call_that_failed_is_not_to_be_repeated_unless_somebody_says_so():
    error = ServiceError("no")
    assert (error.previous_attempts, error.retry_after, error.retries_left) == ((), None, 0)


DOUBTFUL = {"TransportError", "ProtocolError", "ServerError"}


@pytest.mark.parametrize("name", [name for name in TREE if issubclass(getattr(_errors, name), ServiceError)])
def test_what_was_refused_outright_is_not_done(name):
    # The call to IAM may have been done, the one that was meant was not sent.
    error = IdentityError(ServerError("no"), ()) if name == "IdentityError" else getattr(_errors, name)("no")
    later = ServiceError("refused")
    assert error.outcome_unknown is error.any_outcome_unknown is (name in DOUBTFUL)
    later.previous_attempts = (ServiceError("refused before"), error)
    assert (later.outcome_unknown, later.any_outcome_unknown) == (False, name in DOUBTFUL)


def test_what_was_proved_not_to_be_sent_is_not_done():
    assert TransportError("no way", request_sent=False).any_outcome_unknown is False
