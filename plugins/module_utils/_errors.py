# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Everything that can go wrong, as one small tree.

HuaweiCloudError
+-- OptionError            what the user wrote can not be right; nothing was sent for it
|   +-- LintError          the Kubernetes template of a release has findings
+-- LibraryError           a Python library is missing
+-- DriftError             what exists differs in something that can not be changed
+-- AmbiguousError         several things answer to one name
+-- CheckModeError         something tried to write in check mode
+-- WaitError              a wait ended on a failure state, or in time without the wanted state
+-- ServiceError           a call failed
    +-- TransportError     no complete answer arrived
    +-- ProtocolError      an answer arrived that is not what the service documents
    +-- AuthError          401, and the 403 that means it
    +-- ForbiddenError     403
    +-- NotFoundError      404, and the 400 that means it
    +-- ConflictError      409
    +-- BadRequestError      other 4xx
    +-- RateLimitError     429
    +-- ServerError        5xx
    +-- IdentityError      no token or project could be had for it, so it was not sent
"""

from __future__ import annotations

import typing as t


class HuaweiCloudError(Exception):
    """Root of the tree.

    ``message`` says what was tried, on which object and what came of it; ``hint`` says what to do next. Neither may
    hold a secret, a header or a whole body.
    """

    kind: str = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        # What had been done when it went wrong; the reconciler fills it in.
        self.actions: list[t.Any] = []

    def __str__(self) -> str:
        return self.message if not self.hint else f"{self.message.rstrip('.')}. {self.hint}"

    def facts(self) -> dict[str, t.Any]:
        """The structured ``error`` of a failed task: every key, ``None`` where it does not apply."""
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
    kind = "options"


class LintError(OptionError):
    kind = "lint"


class LibraryError(HuaweiCloudError):
    """``library`` is the name to install, ``traceback`` the text of the failed import."""

    kind = "library"

    def __init__(self, message: str, *, library: str, traceback: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.library = library
        self.traceback = traceback


class DriftError(HuaweiCloudError):
    """``differences`` are those that were found, as far as it is about such."""

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
    """A call that failed. ``said`` is the service's own text, ``code`` its error code, ``attempts`` how often it was sent."""

    kind = "service"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        said: str | None = None,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
        attempts: int = 1,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.said = said
        self.request_id = request_id
        self.method = method
        self.path = path
        self.attempts = attempts
        # How the tries before this one failed.
        self.earlier: tuple[ServiceError, ...] = ()
        # Seconds until it may be tried again, where the client did not do so itself, and how many tries more that makes at most.
        self.retry_after: float | None = None
        self.retries_left = 0

    @property
    def tried(self) -> int:
        """How often the call itself was sent."""
        return self.attempts

    @property
    def outcome_unknown(self) -> bool:
        """Whether what failed so may have been carried out all the same. What was refused outright, somebody else has done."""
        return False

    @property
    def is_outcome_unknown(self) -> bool:
        """Whether this try or one before it may have been carried out."""
        return any(failure.outcome_unknown for failure in (self, *self.earlier))

    def facts(self) -> dict[str, t.Any]:
        return dict(
            super().facts(),
            status=self.status,
            code=self.code,
            message=self.said or self.message,
            request_id=self.request_id,
            method=self.method,
            path=self.path,
            attempts=self.attempts,
        )


class TransportError(ServiceError):
    """No complete answer. ``sent`` is false only when it is proved that the service never saw the request."""

    kind = "transport"

    def __init__(self, message: str, *, sent: bool = True, **facts: t.Any) -> None:
        super().__init__(message, **facts)
        self.sent = sent

    @property
    def outcome_unknown(self) -> bool:
        return self.sent


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


class ServerError(ServiceError):
    kind = "server"

    @property
    def outcome_unknown(self) -> bool:
        return True


class IdentityError(ServiceError):
    """IAM did not say who we are, so that a call was not sent, or not once more. ``cause`` is the failure of the call to IAM, which all facts are of.

    It is no error of the cause's class, since it says nothing of what the call was for: what IAM does not find is not absent.
    """

    def __init__(self, cause: ServiceError, earlier: tuple[ServiceError, ...]) -> None:
        facts = {
            name: getattr(cause, name)
            for name in ("status", "code", "said", "request_id", "method", "path", "attempts", "hint")
        }
        super().__init__(cause.message, **facts)
        self.kind = cause.kind
        self.cause: ServiceError = cause.cause if isinstance(cause, IdentityError) else cause
        self.earlier = earlier

    @property
    def tried(self) -> int:
        return len(self.earlier)
