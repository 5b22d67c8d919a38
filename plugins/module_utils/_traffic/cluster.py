# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Typed access to the objects of one Kubernetes API, as plain dictionaries.

A list is complete or an error. An object is absent only if the API server says so about that object. A write in check mode is an error.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import math
import typing as t
from urllib.parse import quote

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import CheckModeError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.transport import (
    KubernetesTransport,
    Reply,
    Transport,
)

Object = t.Dict[str, t.Any]
# The methods of Cluster cannot use the name ``list`` in their annotations, because one of them has this name.
Objects = t.List[Object]

# The name under which Kubernetes records the changes of this collection in managedFields.
FIELD_MANAGER = "community.huaweicloud"
_PAGE_SIZE = 500
# How often a list starts again because its continue token has expired.
_LIST_RESTARTS = 2
# The pauses before a read request is repeated, in seconds. A longer Retry-After ends the attempts.
_READ_RETRY_DELAYS = (0.5, 2.0)
_MAX_RETRY_AFTER = 10.0
_JSON, _JSON_PATCH = "application/json", "application/json-patch+json"


class Resource(t.NamedTuple):
    """A kind of namespaced objects. ``versions`` are the usable versions of the API group, the preferred one first."""

    group: str
    versions: t.Tuple[str, ...]
    plural: str
    kind: str


_ISTIO, _ISTIO_VERSIONS = "networking.istio.io", ("v1", "v1beta1")
VIRTUAL_SERVICE = Resource(_ISTIO, _ISTIO_VERSIONS, "virtualservices", "VirtualService")
DESTINATION_RULE = Resource(_ISTIO, _ISTIO_VERSIONS, "destinationrules", "DestinationRule")
SERVICE = Resource("", ("v1",), "services", "Service")
POD = Resource("", ("v1",), "pods", "Pod")
DEPLOYMENT = Resource("apps", ("v1",), "deployments", "Deployment")
REPLICA_SET = Resource("apps", ("v1",), "replicasets", "ReplicaSet")
LEASE = Resource("coordination.k8s.io", ("v1",), "leases", "Lease")


class Cluster:
    """One Kubernetes API. All methods raise ClusterError if a request fails; objects are dictionaries as in the JSON of the API."""

    def __init__(
        self,
        settings: ClusterSettings,
        check_mode: bool,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Prepare the connection and send nothing. Raise LibraryError or OptionError if it cannot be prepared."""
        self.settings = settings
        self.check_mode = check_mode
        self._transport: Transport = KubernetesTransport(settings) if transport is None else transport
        self._clock: Clock = SystemClock() if clock is None else clock
        self._served_versions: dict[str, list[str]] = {}
        # The time of the API server in its last response (UTC), from its header Date.
        self.server_time: dt.datetime | None = None

    @property
    def host(self) -> str:
        """The URL of the API server."""
        return self._transport.host

    def list(self, resource: Resource, namespace: str | None = None, label_selector: str | None = None) -> Objects:
        """Return all objects of a namespace, or of all namespaces. The list is complete, or the method raises ClusterError."""
        path = self._path(resource, namespace)
        for restarts_left in reversed(range(_LIST_RESTARTS + 1)):
            try:
                return self._read_pages(resource, path, label_selector)
            except ClusterError as error:
                # 410: the list has changed too much since its first page (API concepts, "Retrieving large results sets in chunks").
                if error.kind != errors.EXPIRED or not restarts_left:
                    raise
        raise AssertionError("unreachable")

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """Return one object, or ``None`` if the API server reports that this object does not exist.

        A 404 that does not name the object, for example of a proxy or of an API group that is not installed, is an error.
        """
        path = self._path(resource, namespace, name)
        try:
            return self._request("GET", path)
        except ClusterError as error:
            if error.kind == errors.NOT_FOUND and error.code == "NotFound" and error.object_name == name:
                return None
            raise

    def create(self, resource: Resource, namespace: str, body: Object) -> Object:
        """Create an object and return it as the API server stored it. ``apiVersion`` and ``kind`` are added."""
        body = {"apiVersion": self.api_version(resource), "kind": resource.kind, **body}
        return self._write("POST", self._path(resource, namespace), body)

    def json_patch(
        self, resource: Resource, namespace: str, name: str, operations: t.Sequence[t.Mapping[str, t.Any]]
    ) -> Object:
        """Apply a JSON patch (RFC 6902) and return the new object. The error has the kind ``conflict`` if a ``test`` operation fails."""
        return self._write("PATCH", self._path(resource, namespace, name), list(operations), content_type=_JSON_PATCH)

    def replace(self, resource: Resource, namespace: str, name: str, body: Object) -> Object:
        """Replace an object. Its ``resourceVersion`` is the precondition: the error has the kind ``conflict`` if the object has another one."""
        body = {"apiVersion": self.api_version(resource), "kind": resource.kind, **body}
        return self._write("PUT", self._path(resource, namespace, name), body)

    def delete(self, resource: Resource, namespace: str, name: str, resource_version: str) -> None:
        """Delete an object if it still has that ``resourceVersion``. The error has the kind ``conflict`` if it has another one."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"resourceVersion": resource_version},
        }
        self._write("DELETE", self._path(resource, namespace, name), options, with_manager=False)

    def api_version(self, resource: Resource) -> str:
        """Return the apiVersion to use for a kind, for example ``networking.istio.io/v1beta1`` where v1 is not served."""
        version = self._select_version(resource)
        return f"{resource.group}/{version}" if resource.group else version

    def _select_version(self, resource: Resource) -> str:
        if len(resource.versions) == 1:
            return resource.versions[0]
        if resource.group not in self._served_versions:
            found = self._request("GET", f"/apis/{resource.group}")
            self._served_versions[resource.group] = [str(entry.get("version")) for entry in found.get("versions") or []]
        served = self._served_versions[resource.group]
        for version in resource.versions:
            if version in served:
                return version
        raise ClusterError(
            f"The Kubernetes API at {self.host} does not serve a supported version of {resource.group}, only {', '.join(served) or 'none'}.",
            errors.NOT_FOUND,
            path=f"/apis/{resource.group}",
            hint=f"This collection supports {', '.join(resource.versions)}",
        )

    def _path(self, resource: Resource, namespace: str | None, name: str | None = None) -> str:
        version = self._select_version(resource)
        parts = ["apis", resource.group, version] if resource.group else ["api", version]
        parts += ["namespaces", namespace] if namespace else []
        parts += [resource.plural] + ([name] if name else [])
        return "/" + "/".join(quote(part, safe="") for part in parts)

    def _read_pages(self, resource: Resource, path: str, label_selector: str | None) -> Objects:
        query: dict[str, t.Any] = {"limit": _PAGE_SIZE}
        if label_selector:
            query["labelSelector"] = label_selector
        found: list[Object] = []
        while True:
            page = self._request("GET", path, query)
            items = page.get("items")
            if page.get("kind") != f"{resource.kind}List" or "apiVersion" not in page or not isinstance(items, list):
                raise self._protocol_error("GET", path, f"the response is not a {resource.kind}List")
            # The entries of a list of a built-in kind have no kind of their own.
            found += [{"apiVersion": page["apiVersion"], "kind": resource.kind, **item} for item in items]
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return found
            if token == query.get("continue"):
                raise self._protocol_error("GET", path, "the list does not end")
            query["continue"] = token

    def _write(
        self, method: str, path: str, body: t.Any, *, content_type: str = _JSON, with_manager: bool = True
    ) -> Object:
        if self.check_mode:
            raise CheckModeError(f"{method} {path} would change the cluster in check mode.")
        query = {"fieldManager": FIELD_MANAGER} if with_manager else {}
        try:
            return self._send(method, path, query, body, content_type)
        except ClusterError as error:
            if not error.outcome_unknown:
                raise
            raise error.replace(hint="The change may have been applied. Run the task again") from None

    def _request(self, method: str, path: str, query: t.Mapping[str, t.Any] | None = None) -> Object:
        """Send a read request, and repeat it after a temporary failure."""
        for attempts, delay in enumerate((*_READ_RETRY_DELAYS, math.inf), start=1):
            try:
                return self._send(method, path, query or {}, None, _JSON)
            except ClusterError as error:
                pause = max(delay, error.retry_after or 0.0)
                if not error.is_transient or pause > _MAX_RETRY_AFTER:
                    raise error.replace(attempts=attempts) from None
            self._clock.sleep(pause)
        raise AssertionError("unreachable")

    def _send(self, method: str, path: str, query: t.Mapping[str, t.Any], body: t.Any, content_type: str) -> Object:
        reply = self._transport(method, path, query, body, content_type)
        self.server_time = _parse_date(reply.headers.get("date")) or self.server_time
        content = _parse_object(reply)
        if not 200 <= reply.status < 300:
            raise _error_from_reply(reply, content, method, path)
        if content is None:
            raise self._protocol_error(method, path, "the response is not a JSON object")
        return content

    def _protocol_error(self, method: str, path: str, problem: str) -> ClusterError:
        return ClusterError(
            f"Unexpected response of {self.host} to {method} {path}: {problem}.",
            errors.PROTOCOL,
            method=method,
            path=path,
            hint="Check that host is the URL of a Kubernetes API",
        )


_KINDS = {
    400: errors.BAD_REQUEST,
    401: errors.UNAUTHORIZED,
    403: errors.FORBIDDEN,
    404: errors.NOT_FOUND,
    409: errors.CONFLICT,
    410: errors.EXPIRED,
    422: errors.INVALID,
    429: errors.RATE_LIMIT,
}
_HINTS = {
    errors.UNAUTHORIZED: "Check the credentials of the kubeconfig, or api_key",
    errors.FORBIDDEN: "Grant the identity this permission with a Role or ClusterRole",
    errors.CONFLICT: "The object has changed in the meantime. Run the task again",
}


def _error_from_reply(reply: Reply, content: Object | None, method: str, path: str) -> ClusterError:
    """Return the error of a response that is not a success.

    The API server describes an error with a Status object (API conventions, "Response Status Kind"). A response without one comes from
    something else, such as a proxy, and proves nothing about objects.
    """
    status: Object = content if content is not None and content.get("kind") == "Status" else {}
    details = status.get("details") or {}
    kind = _KINDS.get(reply.status) or (errors.SERVER_ERROR if reply.status >= 500 else errors.PROTOCOL)
    if not status and kind in (errors.NOT_FOUND, errors.CONFLICT, errors.EXPIRED, errors.INVALID):
        kind = errors.PROTOCOL
    if kind == errors.INVALID and method == "PATCH" and not details.get("causes") and not details.get("name"):
        # The API server reports a failed test operation as 422 without the name of the object, and an object that is not valid with it.
        kind = errors.CONFLICT
    reason = str(status["reason"]) if status.get("reason") else None
    text = str(status["message"]) if status.get("message") else f"HTTP status {reply.status}"
    return ClusterError(
        f"{method} {path} failed: {text} ({', '.join(filter(None, ('HTTP ' + str(reply.status), reason)))}).",
        kind,
        object_name=str(details["name"]) if details.get("name") else None,
        status=reply.status,
        code=reason,
        service_message=text,
        method=method,
        path=path,
        hint=_HINTS.get(kind),
        retry_after=_parse_seconds(reply.headers.get("retry-after")),
    )


def _parse_object(reply: Reply) -> Object | None:
    try:
        content = json.loads(reply.body)
    except (RecursionError, ValueError):
        # The caller decides by the status whether that is an error.
        return None
    return content if isinstance(content, dict) else None


def _parse_date(text: str | None) -> dt.datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.timezone.utc) if text else None
    except (TypeError, ValueError):
        return None


def _parse_seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
