# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of the Kubernetes API."""

from __future__ import annotations

import dataclasses
import json
import typing as t
import urllib.parse

import yaml

from huaweicloud_emulator import stores
from huaweicloud_emulator.cluster import (
    access,
    discovery,
    errors,
    history,
    indexes,
    lists,
    objects,
    patches,
    paths,
    pods,
    resources,
    rollout,
    selectors,
    validation,
    workloads,
)
from huaweicloud_emulator.cluster.objects import Writer
from huaweicloud_emulator.cluster.paths import Target
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.openapi import parse_yaml
from huaweicloud_emulator.releases import models as releases

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Query = t.Mapping[str, str]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
# Resources that the controllers of Deployments change.
_WORKLOADS = (resources.DEPLOYMENTS, resources.REPLICA_SETS, resources.PODS)
Service = t.Tuple[str, str]
STORED = ("cluster_objects", "cluster_state")


@dataclasses.dataclass(frozen=True)
class Operation:
    """What the request log calls an operation: its verb and its resource."""

    id: str
    service: str = "kubernetes"


class Call(t.NamedTuple):
    """A request for objects, with the parameters of its query."""

    request: HttpRequest
    target: Target
    query: Query
    writer: Writer


def handle(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """Return the response of the API server."""
    token = access.authenticate(emulator, request)
    cluster, path = paths.split_cluster(emulator, request.path)
    if path in ("/healthz", "/livez", "/readyz"):
        return HttpResponse(200, raw=b"ok", media_type="text/plain")
    document = discovery.get_document(emulator, path)
    if document is not None:
        request.operation = Operation("discovery")
        if request.method != "GET":
            raise errors.method_not_allowed()
        return HttpResponse(200, document)
    target = paths.parse(emulator, cluster, path)
    releases.advance_all(emulator)
    return _handle_objects(emulator, request, target, token)


def _handle_objects(
    emulator: EmulatorState, request: HttpRequest, target: Target, token: t.Mapping[str, t.Any]
) -> HttpResponse:
    verb = _find_verb(request.method, target)
    request.operation = Operation(f"{verb} {target.resource.plural}")
    query = dict(urllib.parse.parse_qsl(request.query_string, keep_blank_values=True))
    access.authorize(emulator, dict(token), target, verb)
    if verb not in target.resource.verbs or query.get("watch") in ("true", "1"):
        raise errors.method_not_allowed(target.resource)
    manager = query.get("fieldManager") or request.headers.get("user-agent", "unknown").partition("/")[0]
    call = Call(request, target, query, Writer(manager[:128], target.api_version))
    affected = _advance(emulator, target, query) if target.resource in _WORKLOADS else []
    if query.get("dryRun") != "All":
        if verb not in ("get", "list"):
            return _change(emulator, call, verb, affected)
        response = VERBS[verb](emulator, call)
        history.record_changes(emulator, target.cluster, affected)
        return response
    before = stores.TakeSnapshot()
    emulator.stores.accept(before)
    try:
        return VERBS[verb](emulator, call)
    finally:
        emulator.stores.accept(stores.RestoreSnapshot({name: before.content[name] for name in STORED}))


def _change(emulator: EmulatorState, call: Call, verb: str, affected: list[Service]) -> HttpResponse:
    """Change an object, and record the traffic of the Services that it affects before or after the change."""
    before = _list_affected(emulator, call.target)
    response = VERBS[verb](emulator, call)
    # The path of a new object does not have its name.
    name = call.target.name or response.content["metadata"]["name"]
    after = _list_affected(emulator, call.target._replace(name=name))
    history.record_changes(emulator, call.target.cluster, [*affected, *before, *after])
    return response


def _advance(emulator: EmulatorState, target: Target, query: Query) -> list[Service]:
    """Let the controllers act on the Deployments that the response can contain. Return the Services of their pods."""
    if target.resource is resources.DEPLOYMENTS and target.name:
        advanced = workloads.advance_one(emulator, target.cluster, target.namespace or "", target.name)
    else:
        selects = _make_filter(emulator, target, query)
        advanced = workloads.advance(emulator, target.cluster, target.namespace, selects)
    return [
        service
        for record in advanced
        for service in indexes.list_affected_services(
            emulator, target.cluster, resources.DEPLOYMENTS, record["namespace"], record["object"]
        )
    ]


def _make_filter(emulator: EmulatorState, target: Target, query: Query) -> t.Callable[[Object], bool]:
    """Return a predicate for the Deployments that a list can contain, by their labels or by those of their pods."""
    accepts = selectors.parse_labels("" if target.name else query.get("labelSelector", ""))
    if target.resource is resources.DEPLOYMENTS:
        return lambda record: accepts(record["object"]["metadata"].get("labels", {}))
    return lambda record: accepts(
        {**indexes.get_pod_labels(record), pods.HASH: rollout.hash_template(emulator, record)}
    )


def _list_affected(emulator: EmulatorState, target: Target) -> list[Service]:
    """Return the Services whose traffic the object of a request can change now."""
    record = objects.find(emulator, target.cluster, target.resource, target.namespace or "", target.name)
    if record is None:
        return []
    return indexes.list_affected_services(
        emulator, target.cluster, target.resource, record["namespace"], record["object"]
    )


def _find_verb(method: str, target: Target) -> str:
    """Return the verb of a request. A collection can only be listed, and created in."""
    verbs = (
        {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
        if target.name
        else {"GET": "list", **({"POST": "create"} if target.namespace else {})}
    )
    if method not in verbs:
        raise errors.method_not_allowed(target.resource)
    return verbs[method]


# -- reads


def _get(emulator: EmulatorState, call: Call) -> HttpResponse:
    body = _render(_find(emulator, call.target), call.target)
    _count_read(emulator, call.target)
    return HttpResponse(200, body)


def _list(emulator: EmulatorState, call: Call) -> HttpResponse:
    body = lists.list_objects(emulator, call.target, call.query)
    _count_read(emulator, call.target)
    return HttpResponse(200, body)


def _count_read(emulator: EmulatorState, target: Target) -> None:
    if target.resource in _WORKLOADS:
        workloads.count_reads(emulator, target.cluster, target.namespace)
        releases.count_cluster_read(emulator, target.cluster, target.namespace)


def _find(emulator: EmulatorState, target: Target) -> Object:
    record = objects.find(emulator, target.cluster, target.resource, target.namespace or "", target.name)
    if record is None:
        raise errors.not_found(target.resource, target.name)
    return record


def _render(record: Object, target: Target) -> Object:
    return objects.render(record, target.resource, target.version)


# -- writes


def _parse_body(request: HttpRequest) -> t.Any:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    try:
        if media_type == "application/yaml":
            return parse_yaml(request.body.decode())
        if media_type in ("application/json", "*/*", ""):
            return json.loads(request.body)
    except (ValueError, yaml.YAMLError):
        raise errors.bad_request(
            "the object provided is unrecognized: couldn't get version/kind; parse error"
        ) from None
    raise errors.unsupported_media_type(["application/json", "application/yaml"])


def _validate(call: Call, item: t.Any) -> tuple[Object, dict[str, str]]:
    """Return the object to store and the headers with warnings."""
    mode, patched = call.query.get("fieldValidation", "Warn"), call.request.method == "PATCH"
    pruned, warnings = validation.validate(call.target.resource, call.target.version, item, mode, patched=patched)
    namespace = pruned["metadata"].setdefault("namespace", call.target.namespace)
    if namespace != call.target.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    texts = ["299 - " + json.dumps(warning) for warning in warnings]
    return pruned, {"Warning": ", ".join(texts)} if texts else {}


def _create(emulator: EmulatorState, call: Call) -> HttpResponse:
    item, headers = _validate(call, _parse_body(call.request))
    return _insert(emulator, call, item, headers)


def _insert(emulator: EmulatorState, call: Call, item: Object, headers: dict[str, str]) -> HttpResponse:
    target, name = call.target, item["metadata"]["name"]
    if item["metadata"].get("resourceVersion"):
        raise errors.StatusError(500, "resourceVersion should not be set on objects to be created", "")
    if objects.find(emulator, target.cluster, target.resource, target.namespace or "", name) is not None:
        raise errors.already_exists(target.resource, name)
    fields = {}
    if target.resource is resources.DEPLOYMENTS:
        item, fields = workloads.prepare(item), workloads.build_fields(emulator)
    record = objects.insert(emulator, target.cluster, target.resource, item, call.writer, **fields)
    if target.resource is resources.DEPLOYMENTS:
        rollout.start(emulator, record)
    return HttpResponse(201, _render(record, target), headers)


def _update(emulator: EmulatorState, call: Call) -> HttpResponse:
    target = call.target
    item, headers = _validate(call, _parse_body(call.request))
    if item["metadata"]["name"] != target.name:
        raise errors.bad_request(
            f"the name of the object ({item['metadata']['name']}) does not match the name on the URL ({target.name})"
        )
    record = objects.find(emulator, target.cluster, target.resource, target.namespace or "", target.name)
    if record is None and target.resource.create_on_update and not item["metadata"].get("resourceVersion"):
        return _insert(emulator, call, item, headers)
    if record is None:
        raise errors.not_found(target.resource, target.name)
    if not item["metadata"].get("resourceVersion") and not target.resource.unconditional_update:
        raise errors.version_required(target.resource, target.name)
    return _replace(emulator, call, record, item, headers)


def _replace(
    emulator: EmulatorState, call: Call, record: Object, item: Object, headers: dict[str, str]
) -> HttpResponse:
    """Replace an object. Its version and its UID must be those of the record, if the new object has them."""
    resource, current = call.target.resource, record["object"]["metadata"]
    if item["metadata"].get("resourceVersion") not in (None, "", "0", current["resourceVersion"]):
        raise errors.conflict(resource, call.target.name)
    uid = item["metadata"].get("uid")
    if uid not in (None, "", current["uid"]):
        reason = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {current['uid']}"
        raise errors.conflict(resource, call.target.name, reason)
    if resource is resources.DEPLOYMENTS:
        item = workloads.prepare(item)
    if "status" in record["object"]:
        item["status"] = record["object"]["status"]
    else:
        item.pop("status", None)
    objects.replace(emulator, resource, record, item, call.writer)
    if rollout.is_terminating(record) and not record["object"]["metadata"].get("finalizers"):
        objects.remove(emulator, resource, record)
    return HttpResponse(200, _render(record, call.target), headers)


def _patch(emulator: EmulatorState, call: Call) -> HttpResponse:
    record = _find(emulator, call.target)
    item, headers = _validate(call, _apply_patch(call.request, _render(record, call.target)))
    if item["metadata"]["name"] != call.target.name:
        raise errors.bad_request("the name of the object does not match the name on the URL")
    return _replace(emulator, call, record, item, headers)


def _apply_patch(request: HttpRequest, current: Object) -> t.Any:
    """Return the object after the patch of a request."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (JSON_PATCH, MERGE_PATCH):
        raise errors.unsupported_media_type([JSON_PATCH, MERGE_PATCH])
    apply = patches.apply_json_patch if media_type == JSON_PATCH else patches.apply_merge_patch
    try:
        return apply(current, json.loads(request.body))
    except (ValueError, patches.MalformedPatch) as error:
        raise errors.bad_request(f"error decoding patch: {error}") from None
    except patches.PatchError:
        raise errors.patch_failed() from None


def _delete(emulator: EmulatorState, call: Call) -> HttpResponse:
    target = call.target
    record = _find(emulator, target)
    _check_preconditions(target, record, call.request)
    if record["object"]["metadata"].get("finalizers"):
        if not rollout.is_terminating(record):
            pods.mark_deleted(emulator, target.resource, record, 0)
        return HttpResponse(200, _render(record, target))
    if target.resource is resources.PODS:
        pods.mark_deleted(emulator, target.resource, record, 30)
        body = _render(record, target)
    else:
        body = _build_success(target, record)
    objects.remove(emulator, target.resource, record)
    workloads.advance(emulator, target.cluster, target.namespace)
    return HttpResponse(200, body)


def _check_preconditions(target: Target, record: Object, request: HttpRequest) -> None:
    """Check UID and version in the options of a deletion."""
    try:
        options = json.loads(request.body) if request.body else {}
        preconditions = options.get("preconditions") or {}
    except (ValueError, AttributeError):
        raise errors.bad_request("the body of the request is not a DeleteOptions object") from None
    checks = (
        ("uid", "UID", "The object might have been deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "The object might have been modified"),
    )
    for field, label, hint in checks:
        expected, actual = preconditions.get(field), record["object"]["metadata"][field]
        if expected not in (None, actual):
            reason = (
                f"the {label} in the precondition ({expected}) does not match the {label} in record ({actual}). {hint}"
            )
            raise errors.conflict(target.resource, target.name, reason)


def _build_success(target: Target, record: Object) -> Object:
    fields = {"name": target.name, "group": target.resource.group, "kind": target.resource.plural}
    details = {field: value for field, value in fields.items() if value}
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return {**status, "details": {**details, "uid": record["object"]["metadata"]["uid"]}}


VERBS: dict[str, t.Callable[[EmulatorState, Call], HttpResponse]] = {
    "get": _get,
    "list": _list,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
}
