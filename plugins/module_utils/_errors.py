# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The exceptions of the collection.

HuaweiCloudError
+-- OptionError            an option is invalid; no request was sent because of it
|   +-- LintError          the Kubernetes template of a release has findings
+-- LibraryError           a Python library is missing
+-- DriftError             the actual state differs in a field that cannot be changed
+-- AmbiguousError         several resources have the same name
+-- CheckModeError         a write was attempted in check mode
+-- WaitError              the resource failed, or did not reach the desired state in time
+-- ServiceError           a request failed
    +-- TransportError     no complete response arrived
    +-- ProtocolError      the response is not what the service documents
    +-- AuthError          401, and the 403 that reports invalid credentials
    +-- ForbiddenError     403
    +-- NotFoundError      404 with an error code of the service
    +-- ConflictError      409
    +-- BadRequestError    other 4xx
    +-- RateLimitError     429
    +-- ServerError        5xx
    +-- IdentityError      IAM provided no token or project, so the request was not sent

Callers use the predicates of ServiceError. Only this file, ``_http`` and ``_api`` interpret status codes and error codes.
"""

from __future__ import annotations

import enum
import re
import typing as t

# Statuses below 500 that do not show whether the service has applied the request.
_INDEFINITE_STATUSES = (408, 425, 429)
# Codes of the API gateway, which also responds for services that it cannot reach ("Error Codes" of API Gateway).
GATEWAY_CODE = re.compile(r"^API(GW|G|C)\.")
_ErrorT = t.TypeVar("_ErrorT", bound="HuaweiCloudError")


class HuaweiCloudError(Exception):
    """Root of the tree.

    ``message`` names the attempted operation, the resource and the cause. ``hint`` is what the user can do next. Neither may contain a
    secret, a header or a complete body.
    """

    kind: str = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        # The actions that were applied before the error occurred.
        self.actions: list[t.Any] = []

    def __str__(self) -> str:
        return self.message if not self.hint else f"{self.message.rstrip('.')}. {self.hint}"

    def replace(self: _ErrorT, **changes: t.Any) -> _ErrorT:
        """Return a copy with other values of attributes, so that nobody needs to change an exception after it is raised."""
        copy = type(self).__new__(type(self))
        vars(copy).update(vars(self), **changes)
        copy.args = (copy.message,)
        copy.__cause__, copy.__context__ = self.__cause__, self.__context__
        copy.__suppress_context__ = self.__suppress_context__
        return copy

    def facts(self) -> dict[str, t.Any]:
        """Return the result ``error`` of a failed task, with all keys; those that do not apply are ``None``."""
        return {
            "kind": self.kind,
            "status": None,
            "code": None,
            "message": self.message,
            "request_id": None,
            "method": None,
            "path": None,
            "attempts": None,
            "hint": self.hint,
        }


class OptionError(HuaweiCloudError):
    """``option`` is the option with which the message begins. Empty if it begins with something else."""

    kind = "options"

    def __init__(self, message: str, *, hint: str | None = None, option: str = "") -> None:
        super().__init__(message, hint=hint)
        self.option = option


class LintError(OptionError):
    kind = "lint"


class LibraryError(HuaweiCloudError):
    """``library`` is the name of the package to install, ``traceback`` the text of the failed import."""

    kind = "library"

    def __init__(self, message: str, *, library: str, traceback: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.library = library
        self.traceback = traceback


class DriftError(HuaweiCloudError):
    """``differences`` are the fields that cannot be changed, if the error is about fields."""

    kind = "drift"

    def __init__(self, message: str, *, hint: str | None = None, differences: t.Sequence[t.Any] = ()) -> None:
        super().__init__(message, hint=hint)
        self.differences = list(differences)


class AmbiguousError(HuaweiCloudError):
    kind = "ambiguous"


class CheckModeError(HuaweiCloudError):
    kind = "check_mode"


class WaitError(HuaweiCloudError):
    kind = "wait"


class ServiceError(HuaweiCloudError):
    """A request that failed.

    ``code`` and ``service_message`` are the error code and the text of the service. ``attempts`` is how often the request was sent, and
    ``previous_attempts`` are the failures before this one. ``retry_after`` is the number of seconds after which the caller may send the request
    again, up to ``retries_left`` times, where the client could not do so itself.
    """

    kind = "service"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        service_message: str | None = None,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
        attempts: int = 1,
        hint: str | None = None,
        previous_attempts: tuple[ServiceError, ...] = (),
        retry_after: float | None = None,
        retries_left: int = 0,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.service_message = service_message
        self.request_id = request_id
        self.method = method
        self.path = path
        self.attempts = attempts
        self.previous_attempts = previous_attempts
        self.retry_after = retry_after
        self.retries_left = retries_left

    @property
    def requests_sent(self) -> int:
        """How often the request itself was sent, without requests to IAM."""
        return self.attempts

    @property
    def outcome_unknown(self) -> bool:
        """Whether the service may have applied the request although this attempt failed."""
        return False

    @property
    def any_outcome_unknown(self) -> bool:
        """Whether the service may have applied this attempt or a previous one."""
        return any(failure.outcome_unknown for failure in (self, *self.previous_attempts))

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later."""
        return False

    @property
    def is_from_gateway(self) -> bool:
        """Whether the API gateway reported the error, which proves nothing about resources of the service."""
        return bool(self.code and GATEWAY_CODE.match(self.code))

    @property
    def is_create_conflict(self) -> bool:
        """Whether a failed create may mean that the resource exists: some services report 400 instead of 409."""
        return isinstance(self, (ConflictError, BadRequestError)) and self.status in (400, 409)

    @property
    def is_invalid_request(self) -> bool:
        """Whether the service itself rejected the content of the request (400)."""
        return isinstance(self, BadRequestError) and self.status == 400 and not self.is_from_gateway

    @property
    def is_definite_refusal(self) -> bool:
        """Whether the request was definitely not applied: the status is 4xx, and no earlier attempt has an unknown outcome."""
        status = self.status or 0
        return 400 <= status < 500 and status not in _INDEFINITE_STATUSES and not self.any_outcome_unknown

    @property
    def is_response_lost(self) -> bool:
        """Whether the response was lost on its way, which proves more than an error of the service itself."""
        return self.outcome_unknown and (isinstance(self, TransportError) or self.status in (502, 504))

    def facts(self) -> dict[str, t.Any]:
        return dict(
            super().facts(),
            status=self.status,
            code=self.code,
            message=self.service_message or self.message,
            request_id=self.request_id,
            method=self.method,
            path=self.path,
            attempts=self.attempts,
        )


class ConnectFailure(enum.Enum):
    """Why no connection was established."""

    UNKNOWN_HOST = "the host name does not exist"
    UNREACHABLE = "the host does not accept the connection, or no name server responds"


class TransportError(ServiceError):
    """No complete response arrived.

    ``request_sent`` is false only if it is certain that the service did not receive the request. ``retryable`` is false if another attempt
    would fail in the same way, for example because of a certificate.
    """

    kind = "transport"

    def __init__(
        self,
        message: str,
        *,
        request_sent: bool = True,
        retryable: bool = True,
        connect_failure: ConnectFailure | None = None,
        **facts: t.Any,
    ) -> None:
        super().__init__(message, **facts)
        self.request_sent = request_sent
        self.retryable = retryable
        self.connect_failure = connect_failure

    @property
    def outcome_unknown(self) -> bool:
        return self.request_sent

    @property
    def is_transient(self) -> bool:
        return self.retryable


class ProtocolError(ServiceError):
    kind = "protocol"

    @property
    def outcome_unknown(self) -> bool:
        return True


class AuthError(ServiceError):
    kind = "auth"


class ForbiddenError(ServiceError):
    kind = "forbidden"


class NotFoundError(ServiceError):
    kind = "not_found"


class ConflictError(ServiceError):
    kind = "conflict"


class BadRequestError(ServiceError):
    kind = "bad_request"


class RateLimitError(ServiceError):
    kind = "rate_limit"

    @property
    def is_transient(self) -> bool:
        return True


class ServerError(ServiceError):
    kind = "server"

    @property
    def outcome_unknown(self) -> bool:
        return True

    @property
    def is_transient(self) -> bool:
        return True


class IdentityError(ServiceError):
    """A request was not sent, or not again, because a request to IAM failed. ``cause`` is that failure, and all facts describe it.

    The class is not the one of the cause: a 404 of IAM does not mean that the resource of the request is missing.
    """

    def __init__(self, cause: ServiceError, previous_attempts: tuple[ServiceError, ...]) -> None:
        facts = {
            name: getattr(cause, name)
            for name in ("status", "code", "service_message", "request_id", "method", "path", "attempts", "hint")
        }
        super().__init__(cause.message, previous_attempts=previous_attempts, **facts)
        self.kind = cause.kind
        self.cause: ServiceError = cause.cause if isinstance(cause, IdentityError) else cause

    @property
    def requests_sent(self) -> int:
        return len(self.previous_attempts)

    @property
    def is_transient(self) -> bool:
        return self.cause.is_transient
