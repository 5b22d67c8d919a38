# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the Kubernetes API: Status objects with the texts of the API server."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.errors import ServiceError

if t.TYPE_CHECKING:
    from huaweicloud_emulator.cluster.resources import Resource

Cause = t.Dict[str, str]

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Expired",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class StatusError(ServiceError):
    """An error whose body is a Status. ``details`` is omitted if it is ``None``."""

    def __init__(
        self, status: int, message: str, reason: str | None = None, details: t.Mapping[str, t.Any] | None = None
    ) -> None:
        super().__init__("kubernetes", status, REASONS.get(status, "") if reason is None else reason, message)
        self.details = None if details is None else dict(details)


def build_status(error: ServiceError) -> dict[str, t.Any]:
    """Return the Status of an error."""
    details = getattr(error, "details", None)
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": error.message}
    return {
        **status,
        **({"reason": error.code} if error.code else {}),
        **({"details": details} if details is not None else {}),
        "code": error.status,
    }


def _describe(resource: Resource, name: str) -> dict[str, t.Any]:
    fields = {"name": name, "group": resource.group, "kind": resource.plural}
    return {field: value for field, value in fields.items() if value}


def for_status(status: int) -> StatusError:
    """Return an error with this status, for an injected fault."""
    return StatusError(status, f"The status {status} is an injected fault.", details={})


def page_not_found() -> ServiceError:
    """Return the error for a path that no API serves. Its body is not a Status."""
    return ServiceError("text", 404, "", "404 page not found\n")


def bad_request(message: str) -> StatusError:
    return StatusError(400, message)


def unauthorized() -> StatusError:
    return StatusError(401, "Unauthorized")


def forbidden(resource: Resource, verb: str, namespace: str | None, name: str, user: str) -> StatusError:
    place = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    target = f'{resource.qualified_name} "{name}"' if name else resource.qualified_name
    message = (
        f'{target} is forbidden: User "{user}" cannot {verb} resource "{resource.plural}" '
        f'in API group "{resource.group}" {place}'
    )
    return StatusError(403, message, details=_describe(resource, name))


def not_found(resource: Resource, name: str) -> StatusError:
    return StatusError(404, f'{resource.qualified_name} "{name}" not found', details=_describe(resource, name))


def already_exists(resource: Resource, name: str) -> StatusError:
    message = f'{resource.qualified_name} "{name}" already exists'
    return StatusError(409, message, "AlreadyExists", _describe(resource, name))


def conflict(resource: Resource, name: str, reason: str = MODIFIED) -> StatusError:
    message = f'Operation cannot be fulfilled on {resource.qualified_name} "{name}": {reason}'
    return StatusError(409, message, details=_describe(resource, name))


def invalid(resource: Resource, name: str, causes: t.Sequence[Cause]) -> StatusError:
    """Return the error for invalid fields. A cause has ``reason``, ``message`` and ``field``."""
    return _invalid(resource, resource.kind, name, causes)


def version_required(resource: Resource, name: str) -> StatusError:
    """Return the error for an update without a version. The API server uses the plural as kind here."""
    message = "Invalid value: 0x0: must be specified for an update"
    cause = {"reason": "FieldValueInvalid", "message": message, "field": "metadata.resourceVersion"}
    return _invalid(resource, resource.plural, name, [cause])


def _invalid(resource: Resource, kind: str, name: str, causes: t.Sequence[Cause]) -> StatusError:
    texts = [f"{cause['field']}: {cause['message']}" for cause in causes]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details = {"name": name, "group": resource.group, "kind": kind, "causes": list(causes)}
    qualified = f"{kind}.{resource.group}" if resource.group else kind
    message = f'{qualified} "{name}" is invalid: {text}'
    return StatusError(422, message, details={field: value for field, value in details.items() if value})


def patch_failed() -> StatusError:
    """Return the error for a patch that cannot be applied. The API server does not name the reason."""
    return StatusError(422, "the server rejected our request due to an error in our request", details={})


def undecodable(resource: Resource, version: str, reason: str) -> StatusError:
    """Return the error for a body that cannot be decoded as its type."""
    return bad_request(f'{resource.kind} in version "{version}" cannot be handled as a {resource.kind}: {reason}')


def invalid_patch(reason: str) -> StatusError:
    """Return the error for a patch whose result has unknown fields. It names neither the object nor its kind."""
    cause = {"reason": "FieldValueInvalid", "message": f'Invalid value: "": {reason}', "field": "patch"}
    return StatusError(422, f' "" is invalid: patch: {cause["message"]}', details={"causes": [cause]})


def denied_by_webhook(reason: str) -> StatusError:
    """Return the error of the admission webhook of Istio, which has no reason."""
    message = f'admission webhook "validation.istio.io" denied the request: configuration is invalid: {reason}'
    return StatusError(400, message, "")


def method_not_allowed(resource: Resource | None = None) -> StatusError:
    details = {} if resource is None else _describe(resource, "")
    return StatusError(405, "the server does not allow this method on the requested resource", details=details)


def unsupported_media_type(accepted: t.Sequence[str]) -> StatusError:
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return StatusError(415, message)


def expired() -> StatusError:
    message = (
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
        "modified, or deleted between the time the first chunk was returned and now may show up in the list."
    )
    return StatusError(410, message, "Expired")
