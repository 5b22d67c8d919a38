# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import inspect

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _errors
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    BadRequestError,
    ConflictError,
    ConnectFailure,
    DriftError,
    ForbiddenError,
    HuaweiCloudError,
    IdentityError,
    LibraryError,
    NotFoundError,
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
)

FACTS = ("kind", "status", "code", "message", "request_id", "method", "path", "attempts", "hint")

# Name -> (parent, kind), as in the docstring of the module.
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


def test_tree_matches_the_docstring():
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
def test_text_is_message_and_hint(message, hint, text):
    error = HuaweiCloudError(message, hint=hint)
    assert str(error) == text
    assert error.message == message
    assert error.args == (message,)
    assert error.actions == []


def test_message_may_be_a_keyword_argument():
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


def test_facts_of_a_failed_request():
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


def test_facts_without_service_text_have_the_message():
    assert ServiceError("forbidden").facts()["message"] == "forbidden"
    assert ServiceError("forbidden").attempts == 1


def test_transport_error_means_sent_and_retryable_by_default():
    error = TransportError("broke")
    assert (error.request_sent, error.retryable, error.connect_failure) == (True, True, None)
    error = TransportError(
        "refused",
        request_sent=False,
        retryable=False,
        connect_failure=ConnectFailure.UNREACHABLE,
        method="GET",
        attempts=2,
    )
    assert (error.request_sent, error.retryable, error.connect_failure) == (False, False, ConnectFailure.UNREACHABLE)
    assert (error.method, error.attempts) == ("GET", 2)


def test_option_error_has_the_option():
    assert OptionError("region is wrong", option="region").option == "region"
    assert OptionError("Wrong").option == ""


def test_identity_error_describes_the_failure_of_iam():
    facts = {"status": 503, "code": "C.1", "service_message": "busy", "request_id": "r-1", "method": "GET"}
    cause = ServerError("Failed to issue a token", path="/x", attempts=3, hint="Wait.", **facts)
    previous = (ServerError("no"), TransportError("lost"))
    error = IdentityError(cause, previous)
    assert error.facts() == cause.facts()
    assert (error.message, error.cause, error.previous_attempts) == (cause.message, cause, previous)
    assert error.requests_sent == 2
    assert IdentityError(error, ()).cause is cause


def test_library_error_has_the_library():
    error = LibraryError("requests is needed", library="requests", traceback="Traceback ...", hint="Install it.")
    assert (error.library, error.traceback, str(error)) == (
        "requests",
        "Traceback ...",
        "requests is needed. Install it.",
    )
    assert "Traceback" not in str(error.facts())
    assert LibraryError("requests is needed", library="requests").traceback == ""


def test_drift_error_has_the_differences():
    error = DriftError("It differs", hint="Fix it.", differences=("one", "two"))
    assert (str(error), error.differences) == ("It differs. Fix it.", ["one", "two"])
    assert DriftError("It differs").differences == []


def test_service_error_allows_no_retries_by_default():
    error = ServiceError("no")
    assert (error.previous_attempts, error.retry_after, error.retries_left) == ((), None, 0)
    error = ServiceError("no", previous_attempts=(error,), retry_after=2.5, retries_left=3)
    assert (len(error.previous_attempts), error.retry_after, error.retries_left) == (1, 2.5, 3)


UNKNOWN_OUTCOME = {"TransportError", "ProtocolError", "ServerError"}


@pytest.mark.parametrize("name", [name for name in TREE if issubclass(getattr(_errors, name), ServiceError)])
def test_outcome_is_unknown_only_for_some_errors(name):
    # The request to IAM may have been applied, but the request itself was not sent.
    error = IdentityError(ServerError("no"), ()) if name == "IdentityError" else getattr(_errors, name)("no")
    later = ServiceError("refused")
    assert error.outcome_unknown is error.any_outcome_unknown is (name in UNKNOWN_OUTCOME)
    later.previous_attempts = (ServiceError("refused before"), error)
    assert (later.outcome_unknown, later.any_outcome_unknown) == (False, name in UNKNOWN_OUTCOME)


def test_outcome_of_an_unsent_request_is_known():
    assert TransportError("no way", request_sent=False).any_outcome_unknown is False


def test_replace_returns_a_changed_copy():
    cause = ValueError("cause")
    error = ForbiddenError("Failed", status=403, hint="Ask.")
    error.__cause__ = cause
    copy = error.replace(message="Failed to x", hint=None, attempts=2)
    assert (type(copy), str(copy), copy.args, copy.status, copy.attempts) == (
        ForbiddenError,
        "Failed to x",
        ("Failed to x",),
        403,
        2,
    )
    assert (str(error), error.attempts, copy.__cause__) == ("Failed. Ask.", 1, cause)


@pytest.mark.parametrize(
    ("error", "is_transient"),
    [
        (RateLimitError("x", status=429), True),
        (ServerError("x", status=500), True),
        (TransportError("x"), True),
        (TransportError("x", retryable=False), False),
        (ProtocolError("x", status=200), False),
        (BadRequestError("x", status=400), False),
        (IdentityError(ServerError("x", status=500), ()), True),
        (IdentityError(ForbiddenError("x", status=403), ()), False),
    ],
)
def test_error_is_transient_if_a_retry_may_succeed(error, is_transient):
    assert error.is_transient is is_transient


@pytest.mark.parametrize(
    ("error", "is_conflict", "is_invalid", "is_from_gateway"),
    [
        (ConflictError("x", status=409), True, False, False),
        (BadRequestError("x", status=400), True, True, False),
        (BadRequestError("x", status=400, code="ASM.01010001"), True, True, False),
        (BadRequestError("x", status=400, code="APIGW.0106"), True, False, True),
        (BadRequestError("x", status=404, code="APIC.0101"), False, False, True),
        (BadRequestError("x", status=413), False, False, False),
        (NotFoundError("x", status=404, code="ASM.01010002"), False, False, False),
        (ServerError("x", status=500), False, False, False),
        (IdentityError(BadRequestError("x", status=400), ()), False, False, False),
    ],
)
def test_client_errors_are_distinguished(error, is_conflict, is_invalid, is_from_gateway):
    assert (error.is_create_conflict, error.is_invalid_request, error.is_from_gateway) == (
        is_conflict,
        is_invalid,
        is_from_gateway,
    )


@pytest.mark.parametrize(
    ("error", "is_lost"),
    [
        (TransportError("x"), True),
        (TransportError("x", request_sent=False), False),
        (ServerError("x", status=502), True),
        (ServerError("x", status=504), True),
        (ServerError("x", status=500), False),
        (ServerError("x", status=503), False),
        (ProtocolError("x", status=200), False),
        (BadRequestError("x", status=400), False),
    ],
)
def test_lost_response_is_recognized(error, is_lost):
    assert error.is_response_lost is is_lost


@pytest.mark.parametrize(
    ("error", "definite"),
    [
        (BadRequestError("no", status=400), True),
        (BadRequestError("no", status=408), False),
        (RateLimitError("no", status=429), False),
        (ServerError("no", status=500), False),
        (ServiceError("no", status=499), True),
        (ServiceError("no", status=500), False),
        (ServiceError("no", status=400), True),
        (ServiceError("no", status=399), False),
        (ServiceError("no"), False),
        (TransportError("no"), False),
        (BadRequestError("no", status=400, previous_attempts=(ServerError("no", status=502),)), False),
        (BadRequestError("no", status=400, previous_attempts=(RateLimitError("no", status=429),)), True),
    ],
)
def test_refusal_is_definite_only_without_unknown_outcome(error, definite):
    assert error.is_definite_refusal is definite
