# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The complete error of a failed request: the attempted operation, the cause, the facts and a hint."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.hints import find_hint
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import (
    request_id_from,
    shorten_text,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.retry import RetryDecision
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import SecretStore
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import FailedAttempt

# A Date header has 29 characters.
_LONGEST_DATE = 40
_HINT_OUTCOME_UNKNOWN = "The outcome is unknown: check the actual state before you send the request again."


def complete_error(
    operation: Operation, attempt: FailedAttempt, secrets: SecretStore, *, target: str, local_time: str, origin: str
) -> ServiceError:
    """Return the error to raise for a failed request.

    ``target`` is a sentence with the project and the endpoint, ``local_time`` the time of this machine, and ``origin`` a sentence with the source
    of the credentials. The texts of the service are redacted.
    """
    failure, response = attempt.failure, attempt.response
    attempts = len(attempt.previous) + 1
    decision = attempt.decision or RetryDecision()
    request_id = secrets.clean_request_id(failure.request_id or (request_id_from(response) if response else None))
    cause = failure.service_message or failure.message
    facts = [f"HTTP {failure.status}"] if failure.status else []
    # IAM repeats the status as its code.
    facts += [failure.code] if failure.code and failure.code != str(failure.status) else []
    facts += [f"request id {request_id}"] if request_id else []
    facts += [f"{attempts} attempts"] if attempts > 1 else []
    message = f"Failed to {operation.action}: {cause.rstrip('.')}" + (f" ({', '.join(facts)})" if facts else "")
    error = failure.replace(
        message=secrets.redact(message),
        service_message=secrets.redact(cause),
        request_id=request_id,
        method=operation.method,
        path=urlsplit(attempt.url).path,
        attempts=attempts,
        previous_attempts=attempt.previous,
        retry_after=decision.retry_after,
        retries_left=decision.retries_left,
        hint=_own_hint(operation, attempt.failure, decision),
    )
    clocks = _compare_clocks(response, local_time, secrets)
    return error.replace(
        hint=find_hint(error, permission=operation.permission, target=target, clocks=clocks, origin=origin)
    )


def _own_hint(operation: Operation, failure: ServiceError, decision: RetryDecision) -> str | None:
    """Return the hint that replaces the one of find_hint, or ``None``."""
    hint = decision.hint or failure.hint
    if operation.raw and operation.method != "GET" and failure.outcome_unknown:
        return f"{_HINT_OUTCOME_UNKNOWN} {hint or ''}".rstrip()
    return hint


def _compare_clocks(response: HttpResponse | None, local_time: str, secrets: SecretStore) -> str:
    date = response.headers.get("date") if response else None
    server_time = shorten_text(secrets.redact(date), _LONGEST_DATE) if date else "no time"
    return f"The local time is {local_time}, the server reports {server_time}."
