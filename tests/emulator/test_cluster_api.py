# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the Kubernetes API: discovery, lists, writes, conflicts, validation and access."""

from __future__ import annotations

import typing as t

import pytest
from cluster_objects import (
    APPLICATION,
    JSON_PATCH,
    WHEN,
    Cluster,
    destination,
    destination_rule,
    lease,
    path,
    virtual_service,
)

CONFLICT = (
    'Operation cannot be fulfilled on virtualservices.networking.istio.io "reviews": the object has been modified; '
    "please apply your changes to the latest version and try again"
)


@pytest.fixture
def cluster(make: t.Any) -> Cluster:
    """Return a client of a cluster with one application."""
    return Cluster(make(seed={"applications": [APPLICATION]}))


def _failure(status: int, reason: str | None, message: str, details: t.Any = None) -> dict[str, t.Any]:
    """Return the body of an error."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    if reason is not None:
        body["reason"] = reason
    return {**body, **({} if details is None else {"details": details}), "code": status}


def _details(name: str, resource: str = "virtualservices", group: str = "networking.istio.io") -> dict[str, str]:
    return {"name": name, "group": group, "kind": resource}


# -- discovery


def test_discovery(cluster: Cluster) -> None:
    assert cluster("GET", "/version").json["gitVersion"] == "v1.31.4"
    assert cluster("GET", "/api").json["versions"] == ["v1"]
    groups = cluster("GET", "/apis").json["groups"]
    assert [(group["name"], group["preferredVersion"]["version"]) for group in groups] == [
        ("apps", "v1"),
        ("coordination.k8s.io", "v1"),
        ("networking.istio.io", "v1"),
    ]
    assert cluster("GET", "/apis/networking.istio.io").json == {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": "networking.istio.io",
        "versions": [
            {"groupVersion": "networking.istio.io/v1", "version": "v1"},
            {"groupVersion": "networking.istio.io/v1beta1", "version": "v1beta1"},
        ],
        "preferredVersion": {"groupVersion": "networking.istio.io/v1", "version": "v1"},
    }
    listed = cluster("GET", "/apis/networking.istio.io/v1beta1").json
    assert listed["groupVersion"] == "networking.istio.io/v1beta1"
    assert listed["resources"][1] == {
        "name": "virtualservices",
        "singularName": "virtualservice",
        "namespaced": True,
        "kind": "VirtualService",
        "verbs": ["create", "delete", "get", "list", "patch", "update"],
        "shortNames": ["vs"],
        "categories": ["istio-io", "networking-istio-io"],
    }
    names = [entry["name"] for entry in cluster("GET", "/api/v1").json["resources"]]
    assert names == ["pods", "services"]
    assert cluster("GET", "/readyz").body == b"ok"


@pytest.mark.parametrize(
    "target",
    ["/apis/unknown", "/apis/apps/v2", "/api/v1/widgets", "/apis/apps/v1/namespaces/default/pods", "/api/v1/pods/one"],
)
def test_unknown_paths_return_plain_text(cluster: Cluster, target: str) -> None:
    response = cluster("GET", target)
    assert (response.status, response.body) == (404, b"404 page not found\n")
    assert response.headers["content-type"].startswith("text/plain")


def test_istio_versions_are_a_behavior(cluster: Cluster) -> None:
    cluster.emulator.set(istio_versions="v1beta1")
    assert cluster("GET", path("virtualservices")).status == 404
    (item,) = cluster("GET", path("virtualservices").replace("v1", "v1beta1", 1)).json["items"]
    assert item["apiVersion"] == "networking.istio.io/v1beta1"
    cluster.emulator.set(istio_versions="")
    assert "networking.istio.io" not in [group["name"] for group in cluster("GET", "/apis").json["groups"]]
    assert cluster("GET", path("virtualservices")).body == b"404 page not found\n"


# -- reads


def test_get_returns_whole_object(cluster: Cluster) -> None:
    item = cluster.get("virtualservices", "reviews")
    uid, version = item["metadata"].pop("uid"), item["metadata"].pop("resourceVersion")
    assert (len(uid), version.isdecimal()) == (36, True)
    assert item == {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {
            "name": "reviews",
            "namespace": "default",
            "creationTimestamp": item["metadata"]["creationTimestamp"],
            "generation": 1,
            "managedFields": [
                {
                    "manager": "seed",
                    "operation": "Update",
                    "apiVersion": "networking.istio.io/v1",
                    "time": item["metadata"]["creationTimestamp"],
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:spec": {"f:hosts": {}, "f:http": {}}},
                }
            ],
        },
        "spec": {"hosts": ["reviews"], "http": [{"route": [destination("v1")]}]},
    }


def test_date_header_is_the_clock_of_the_emulator(cluster: Cluster) -> None:
    response = cluster("GET", path("leases"))
    assert response.headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


def test_missing_object(cluster: Cluster) -> None:
    response = cluster("GET", path("virtualservices", "other"))
    message = 'virtualservices.networking.istio.io "other" not found'
    assert (response.status, response.json) == (404, _failure(404, "NotFound", message, _details("other")))
    message = 'pods "other" not found'
    assert cluster("GET", path("pods", "other")).json == _failure(
        404, "NotFound", message, {"name": "other", "kind": "pods"}
    )


def test_items_of_built_in_lists_have_no_kind(cluster: Cluster) -> None:
    (service,) = cluster.list("services")
    assert ("kind" in service, "apiVersion" in service) == (False, False)
    (item,) = cluster.list("virtualservices")
    assert (item["kind"], item["apiVersion"]) == ("VirtualService", "networking.istio.io/v1")


def _create_leases(cluster: Cluster, *names: str, namespace: str = "default") -> None:
    for name in names:
        item = lease(name)
        item["metadata"].update(namespace=namespace, labels={"app": name, "tier": "a" if name < "c" else "b"})
        assert cluster.create(item).status == 201


def test_list_in_pages(cluster: Cluster) -> None:
    _create_leases(cluster, "d", "b", "c", "a", "e")
    _create_leases(cluster, "a", namespace="other")
    pages, token = [], ""
    while True:
        page = cluster("GET", path("leases", namespace=None) + f"?limit=2&continue={token}").json
        names = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in page["items"]]
        pages.append((names, page["metadata"].get("remainingItemCount")))
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert pages == [
        ([("default", "a"), ("default", "b")], 4),
        ([("default", "c"), ("default", "d")], 2),
        ([("default", "e"), ("other", "a")], None),
    ]


def test_pages_show_the_state_of_the_first_page(cluster: Cluster) -> None:
    _create_leases(cluster, "a", "c", "d")
    first = cluster("GET", path("leases") + "?limit=1").json
    _create_leases(cluster, "b")
    cluster("DELETE", path("leases", "d"))
    cluster.patch("leases", "c", {"spec": {"holderIdentity": "run-2"}})
    second = cluster("GET", path("leases") + f"?limit=5&continue={first['metadata']['continue']}").json
    assert [(item["metadata"]["name"], item["spec"]["holderIdentity"]) for item in second["items"]] == [
        ("c", "run-1"),
        ("d", "run-1"),
    ]
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}


def test_expired_continue_token(cluster: Cluster) -> None:
    _create_leases(cluster, "a", "b")
    token = cluster("GET", path("leases") + "?limit=1").json["metadata"]["continue"]
    cluster.emulator.set(continue_token="expired")
    response = cluster("GET", path("leases") + f"?limit=1&continue={token}")
    assert (response.status, response.json["reason"]) == (410, "Expired")
    cluster.emulator.set(continue_token="valid")
    assert cluster("GET", path("leases") + "?continue=!").json["message"] == "continue key is not valid"
    assert cluster("GET", path("leases") + "?limit=many").status == 400


@pytest.mark.parametrize(
    "selector, names",
    [
        ("app=a", ["a"]),
        ("app==a", ["a"]),
        ("app!=a", ["b", "c"]),
        ("app in (a,c)", ["a", "c"]),
        ("app notin (a, c)", ["b"]),
        ("tier=a,app!=b", ["a"]),
        ("app", ["a", "b", "c"]),
        ("!app", []),
        ("", ["a", "b", "c"]),
    ],
)
def test_label_selectors(cluster: Cluster, selector: str, names: list[str]) -> None:
    _create_leases(cluster, "a", "b", "c")
    query = selector.replace("=", "%3D").replace(" ", "%20")
    assert [item["metadata"]["name"] for item in cluster.list("leases", f"labelSelector={query}")] == names


def test_invalid_selectors(cluster: Cluster) -> None:
    response = cluster("GET", path("pods") + "?labelSelector=a%3D%3D%3Db")
    assert (response.status, response.json["reason"]) == (400, "BadRequest")
    response = cluster("GET", path("pods") + "?fieldSelector=spec.color%3Dred")
    assert response.json["message"] == "field label not supported: spec.color"
    assert cluster("GET", path("pods") + "?fieldSelector=metadata.name").status == 400


def test_field_selector(cluster: Cluster) -> None:
    _create_leases(cluster, "a", "b")
    assert [item["metadata"]["name"] for item in cluster.list("leases", "fieldSelector=metadata.name!%3Da")] == ["b"]
    assert len(cluster.list("pods", "fieldSelector=status.phase%3DRunning")) == 2


# -- creations


def test_create_returns_object_with_server_fields(cluster: Cluster) -> None:
    response = cluster.create(virtual_service(name="ratings"), "fieldManager=canary")
    created = response.json
    assert response.status == 201
    assert created["metadata"]["creationTimestamp"] == WHEN
    assert created["metadata"]["generation"] == 1
    assert [entry["manager"] for entry in created["metadata"]["managedFields"]] == ["canary"]
    assert cluster.get("virtualservices", "ratings") == created
    assert "generation" not in cluster.create(lease()).json["metadata"]


def test_create_existing_object(cluster: Cluster) -> None:
    response = cluster.create(virtual_service())
    message = 'virtualservices.networking.istio.io "reviews" already exists'
    assert response.json == _failure(409, "AlreadyExists", message, _details("reviews"))


def test_create_with_resource_version(cluster: Cluster) -> None:
    item = lease()
    item["metadata"]["resourceVersion"] = "5"
    message = "resourceVersion should not be set on objects to be created"
    assert cluster.create(item).json == _failure(500, None, message)


def test_create_in_other_namespace(cluster: Cluster) -> None:
    response = cluster("POST", path("leases", namespace="other"), lease())
    message = "the namespace of the provided object does not match the namespace sent on the request"
    assert response.json == _failure(400, "BadRequest", message)


def test_built_in_objects_need_no_kind(cluster: Cluster) -> None:
    item = {name: value for name, value in lease().items() if name not in ("apiVersion", "kind")}
    assert cluster("POST", path("leases"), item).status == 201
    item = {name: value for name, value in virtual_service(name="x").items() if name != "kind"}
    response = cluster("POST", path("virtualservices"), item)
    assert response.json == _failure(400, "BadRequest", "Object 'Kind' is missing in the body of the request")


def test_kind_must_be_that_of_the_path(cluster: Cluster) -> None:
    response = cluster("POST", path("virtualservices"), destination_rule())
    assert (response.status, "cannot be handled as a VirtualService" in response.json["message"]) == (400, True)
    old = virtual_service(name="old") | {"apiVersion": "networking.istio.io/v1beta1"}
    assert cluster("POST", path("virtualservices"), old).status == 400


def test_versions_are_converted(cluster: Cluster) -> None:
    old = virtual_service(name="old") | {"apiVersion": "networking.istio.io/v1beta1"}
    target = path("virtualservices").replace("v1", "v1beta1", 1)
    assert cluster("POST", target, old).status == 201
    assert cluster.get("virtualservices", "old")["apiVersion"] == "networking.istio.io/v1"


def test_dry_run_does_not_change_anything(cluster: Cluster) -> None:
    before = cluster.get("virtualservices", "reviews")
    assert cluster.create(lease(), "dryRun=All").status == 201
    assert cluster.list("leases") == []
    operation = {"op": "replace", "path": "/spec/hosts", "value": ["other"]}
    patched = cluster.patch("virtualservices", "reviews", [operation], "dryRun=All").json
    assert patched["spec"]["hosts"] == ["other"]
    assert cluster.get("virtualservices", "reviews") == before


def test_yaml_body(cluster: Cluster) -> None:
    text = b"{kind: Lease, apiVersion: coordination.k8s.io/v1, metadata: {name: x}, spec: {holderIdentity: me}}"
    send = cluster.emulator.raw
    assert send("POST", path("leases"), {"Content-Type": "application/yaml"}, text).status == 201
    assert send("POST", path("leases"), {"Content-Type": "application/json"}, text).json["reason"] == "BadRequest"
    response = send("POST", path("leases"), {"Content-Type": "text/html"}, text)
    assert (response.status, response.json["reason"]) == (415, "UnsupportedMediaType")


# -- updates


def test_update_replaces_object(cluster: Cluster) -> None:
    before = cluster.get("virtualservices", "reviews")
    changed = {**before, "spec": virtual_service(destination("v1", 90), destination("v2", 10))["spec"]}
    after = cluster("PUT", path("virtualservices", "reviews"), changed).json
    assert after["spec"] == changed["spec"]
    assert int(after["metadata"]["resourceVersion"]) > int(before["metadata"]["resourceVersion"])
    assert [after["metadata"][name] for name in ("uid", "creationTimestamp", "generation")] == [
        before["metadata"]["uid"],
        before["metadata"]["creationTimestamp"],
        2,
    ]


def test_update_with_old_version(cluster: Cluster) -> None:
    before = cluster.get("virtualservices", "reviews")
    cluster.route(destination("v1", 50), destination("v2", 50))
    response = cluster("PUT", path("virtualservices", "reviews"), before)
    assert response.json == _failure(409, "Conflict", CONFLICT, _details("reviews"))


def test_update_without_version(cluster: Cluster) -> None:
    response = cluster("PUT", path("virtualservices", "reviews"), virtual_service())
    cause = {
        "reason": "FieldValueInvalid",
        "message": "Invalid value: 0x0: must be specified for an update",
        "field": "metadata.resourceVersion",
    }
    message = (
        'virtualservices.networking.istio.io "reviews" is invalid: metadata.resourceVersion: Invalid value: 0x0: '
        "must be specified for an update"
    )
    assert response.json == _failure(422, "Invalid", message, {**_details("reviews"), "causes": [cause]})
    service = cluster.get("services", "reviews")
    del service["metadata"]["resourceVersion"]
    service["spec"]["ports"][0]["port"] = 80
    assert cluster("PUT", path("services", "reviews"), service).json["spec"]["ports"][0]["port"] == 80


def test_update_with_other_uid_or_name(cluster: Cluster) -> None:
    item = cluster.get("virtualservices", "reviews")
    item["metadata"]["uid"] = "other"
    response = cluster("PUT", path("virtualservices", "reviews"), item)
    assert (response.status, "UID in precondition: other" in response.json["message"]) == (409, True)
    response = cluster("PUT", path("virtualservices", "ratings"), item)
    message = "the name of the object (reviews) does not match the name on the URL (ratings)"
    assert response.json == _failure(400, "BadRequest", message)


def test_update_creates_only_leases(cluster: Cluster) -> None:
    assert cluster("PUT", path("leases", "reviews"), lease()).status == 201
    item = virtual_service(name="x")
    item["metadata"]["resourceVersion"] = "7"
    assert cluster("PUT", path("virtualservices", "x"), item).json["reason"] == "NotFound"


def test_update_without_change_keeps_version(cluster: Cluster) -> None:
    before = cluster.get("virtualservices", "reviews")
    assert cluster("PUT", path("virtualservices", "reviews"), before).json == before


def test_generation_counts_changes_of_the_spec(cluster: Cluster) -> None:
    annotate = {"op": "add", "path": "/metadata/annotations", "value": {"a": "1"}}
    first = cluster.patch("virtualservices", "reviews", [annotate]).json["metadata"]
    cluster.route(destination("v1", 100))
    second = cluster.get("virtualservices", "reviews")["metadata"]
    assert (first["generation"], second["generation"]) == (1, 2)
    assert int(first["resourceVersion"]) < int(second["resourceVersion"])


def test_status_of_custom_objects_is_not_writable(cluster: Cluster) -> None:
    item = cluster.get("virtualservices", "reviews")
    item["status"] = {"observedGeneration": 5}
    assert "status" not in cluster("PUT", path("virtualservices", "reviews"), item).json


def test_managed_fields_name_the_last_writer(cluster: Cluster) -> None:
    cluster.route(destination("v1", 90), destination("v2", 10))
    operation = {"op": "add", "path": "/metadata/annotations", "value": {"a": "1"}}
    cluster.patch("virtualservices", "reviews", [operation], "fieldManager=console")
    entries = cluster.get("virtualservices", "reviews")["metadata"]["managedFields"]
    assert [(entry["manager"], entry["fieldsV1"]) for entry in entries] == [
        ("seed", {"f:spec": {"f:hosts": {}}}),
        ("tests", {"f:spec": {"f:http": {}}}),
        ("console", {"f:metadata": {"f:annotations": {"f:a": {}}}}),
    ]


# -- patches


def test_json_patch_with_tests(cluster: Cluster) -> None:
    before = cluster.get("virtualservices", "reviews")
    operations = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": before["metadata"]["resourceVersion"]},
        {"op": "test", "path": "/spec/http/0/route", "value": before["spec"]["http"][0]["route"]},
        {"op": "replace", "path": "/spec/http/0/route", "value": [destination("v1", 90), destination("v2", 10)]},
        {"op": "add", "path": "/metadata/annotations", "value": {"huaweicloud.community/canary": "{}"}},
    ]
    after = cluster.patch("virtualservices", "reviews", operations).json
    assert after["spec"]["http"] == [{"route": [destination("v1", 90), destination("v2", 10)]}]
    assert after["metadata"]["annotations"] == {"huaweicloud.community/canary": "{}"}
    response = cluster.patch("virtualservices", "reviews", operations)
    message = "the server rejected our request due to an error in our request"
    assert response.json == _failure(422, "Invalid", message, {})
    assert cluster.get("virtualservices", "reviews") == after


def test_json_patch_of_the_version(cluster: Cluster) -> None:
    operation = {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    response = cluster.patch("virtualservices", "reviews", [operation])
    assert response.json == _failure(409, "Conflict", CONFLICT, _details("reviews"))


def test_merge_patch(cluster: Cluster) -> None:
    patched = cluster.patch("virtualservices", "reviews", {"metadata": {"labels": {"a": "1", "b": "2"}}}).json
    assert patched["metadata"]["labels"] == {"a": "1", "b": "2"}
    patched = cluster.patch("virtualservices", "reviews", {"metadata": {"labels": {"a": None}}}).json
    assert patched["metadata"]["labels"] == {"b": "2"}


def test_patch_bodies_and_media_types(cluster: Cluster) -> None:
    target = path("virtualservices", "reviews")
    accepted = "application/json-patch+json, application/merge-patch+json"
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    response = cluster("PATCH", target, {}, Content_Type="application/strategic-merge-patch+json")
    assert response.json == _failure(415, "UnsupportedMediaType", message)
    assert cluster("PATCH", target, {}, Content_Type=JSON_PATCH).json["reason"] == "BadRequest"
    assert cluster("PATCH", target, [], Content_Type="application/merge-patch+json").json["reason"] == "BadRequest"
    assert cluster.patch("virtualservices", "other", []).json["reason"] == "NotFound"


# -- deletions


def test_delete(cluster: Cluster) -> None:
    uid = cluster.get("virtualservices", "reviews")["metadata"]["uid"]
    assert cluster("DELETE", path("virtualservices", "reviews")).json == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {**_details("reviews"), "uid": uid},
    }
    assert cluster("DELETE", path("virtualservices", "reviews")).status == 404


def test_delete_with_preconditions(cluster: Cluster) -> None:
    cluster.create(lease())
    metadata = cluster.get("leases", "reviews")["metadata"]
    target = path("leases", "reviews")
    response = cluster("DELETE", target, {"preconditions": {"resourceVersion": "1"}})
    message = (
        'Operation cannot be fulfilled on leases.coordination.k8s.io "reviews": the ResourceVersion in the precondition '
        f"(1) does not match the ResourceVersion in record ({metadata['resourceVersion']}). The object might have been "
        "modified"
    )
    details = _details("reviews", "leases", "coordination.k8s.io")
    assert response.json == _failure(409, "Conflict", message, details)
    assert cluster("DELETE", target, {"preconditions": {"uid": "other"}}).json["reason"] == "Conflict"
    assert cluster("DELETE", target, ["uid"]).json["reason"] == "BadRequest"
    preconditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    assert cluster("DELETE", target, {"preconditions": preconditions}).status == 200
    assert cluster.list("leases") == []


def test_finalizers_delay_deletion(cluster: Cluster) -> None:
    item = lease()
    item["metadata"]["finalizers"] = ["example.com/wait"]
    cluster.create(item)
    assert cluster("DELETE", path("leases", "reviews")).json["metadata"]["deletionTimestamp"] == WHEN
    assert cluster.patch("leases", "reviews", [{"op": "remove", "path": "/metadata/finalizers"}]).status == 200
    assert cluster.list("leases") == []


@pytest.mark.parametrize(
    "method, target",
    [
        ("DELETE", path("leases")),
        ("POST", path("leases", "a")),
        ("POST", path("leases", namespace=None)),
        ("POST", path("pods")),
        ("PUT", path("replicasets", "a")),
        ("GET", path("leases") + "?watch=true"),
        ("POST", "/apis"),
    ],
)
def test_methods_that_are_not_served(cluster: Cluster, method: str, target: str) -> None:
    response = cluster(method, target)
    assert (response.status, response.json["reason"]) == (405, "MethodNotAllowed")


# -- validation


def test_unknown_fields_are_dropped_with_a_warning(cluster: Cluster) -> None:
    item = virtual_service(name="x")
    item["spec"]["http"][0]["route"][0]["colour"] = "red"
    response = cluster.create(item)
    assert response.headers["warning"] == '299 - "unknown field \\"spec.http[0].route[0].colour\\""'
    assert response.json["spec"] == virtual_service(name="x")["spec"]
    item["metadata"]["name"] = "y"
    assert "warning" not in cluster.create(item, "fieldValidation=Ignore").headers


def test_unknown_fields_are_rejected_if_strict(cluster: Cluster) -> None:
    item = virtual_service(name="x", colour="red")
    message = (
        'VirtualService in version "v1" cannot be handled as a VirtualService: strict decoding error: '
        'unknown field "spec.colour"'
    )
    assert cluster.create(item, "fieldValidation=Strict").json == _failure(400, "BadRequest", message)
    operation = {"op": "add", "path": "/spec/colour", "value": "red"}
    response = cluster.patch("virtualservices", "reviews", [operation], "fieldValidation=Strict")
    assert (response.status, response.json["reason"]) == (422, "Invalid")
    assert 'unknown field "spec.colour"' in response.json["message"]


def test_unknown_fields_of_deployments(cluster: Cluster) -> None:
    item = cluster.get("deployments", "reviews-v1")
    item["metadata"] = {"name": "reviews-v3", "namespace": "default"}
    item["spec"]["template"]["spec"]["containers"][0]["colour"] = "red"
    field = "spec.template.spec.containers[0].colour"
    strict = cluster.create(item, "fieldValidation=Strict").json
    assert (strict["code"], strict["message"].endswith(f'strict decoding error: unknown field "{field}"')) == (
        400,
        True,
    )
    response = cluster.create(item)
    assert response.headers["warning"] == f'299 - "unknown field \\"{field}\\""'
    item["metadata"]["name"] = "reviews-v4"
    assert "colour" not in cluster.create({**item, "colour": "red"}).json
    assert "colour" not in response.json["spec"]["template"]["spec"]["containers"][0]


def _with(spec: dict[str, t.Any]) -> dict[str, t.Any]:
    return virtual_service(name="x") | {"spec": spec}


@pytest.mark.parametrize(
    "item, field, message",
    [
        (
            virtual_service(destination("v1", t.cast(int, "100")), name="x"),
            "spec.http[0].route[0].weight",
            'Invalid value: "string": spec.http[0].route[0].weight in body must be of type integer: "string"',
        ),
        (
            virtual_service({"weight": 100}, name="x"),
            "spec.http[0].route[0].destination",
            "Required value",
        ),
        (
            _with({"hosts": "x"}),
            "spec.hosts",
            'Invalid value: "string": spec.hosts in body must be of type array: "string"',
        ),
        (
            _with({"http": [{"route": [{**destination("v1"), "weight": True}]}]}),
            "spec.http[0].route[0].weight",
            'Invalid value: "boolean": spec.http[0].route[0].weight in body must be of type integer: "boolean"',
        ),
        (
            _with({"http": [{"match": [{"uri": {"exact": "/", "prefix": "/"}}]}]}),
            "spec.http[0].match[0].uri",
            'Invalid value: "": "spec.http[0].match[0].uri" must validate one and only one schema (oneOf). Found 2 valid alternatives',
        ),
        (
            _with({"http": [{"match": [{"port": -1}]}]}),
            "spec.http[0].match[0].port",
            "Invalid value: -1: spec.http[0].match[0].port in body should be greater than or equal to 0",
        ),
        (
            _with({"http": [{"redirect": {"derivePort": "GUESS"}}]}),
            "spec.http[0].redirect.derivePort",
            'Unsupported value: "GUESS": supported values: "FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"',
        ),
        (destination_rule() | {"spec": {"subsets": []}}, "spec.host", "Required value"),
    ],
)
def test_schema_of_istio_objects(cluster: Cluster, item: dict[str, t.Any], field: str, message: str) -> None:
    item["metadata"]["name"] = "x"
    body = cluster.create(item).json
    assert (body["code"], body["reason"]) == (422, "Invalid")
    assert body["message"] == f'{item["kind"]}.networking.istio.io "x" is invalid: {field}: {message}'
    assert [(cause["field"], cause["message"]) for cause in body["details"]["causes"]] == [(field, message)]


@pytest.mark.parametrize(
    "weights, reason",
    [
        ((-1, 101), "weight -1 < 0"),
        ((0, 101), "weight 101 > 100"),
        ((0, 0), "total destination weight = 0"),
    ],
)
def test_webhook_checks_weights(cluster: Cluster, weights: tuple[int, int], reason: str) -> None:
    item = virtual_service(destination("v1", weights[0]), destination("v2", weights[1]), name="x")
    message = f'admission webhook "validation.istio.io" denied the request: configuration is invalid: {reason}'
    assert cluster.create(item).json == _failure(400, None, message)


def test_weights_need_not_add_up_to_100(cluster: Cluster) -> None:
    assert cluster.create(virtual_service(destination("v1", 30), destination("v2", 30), name="x")).status == 201


@pytest.mark.parametrize("name, text", [("", "name or generateName is required"), ("Reviews", "RFC 1123 subdomain")])
def test_names_are_checked(cluster: Cluster, name: str, text: str) -> None:
    body = cluster.create(lease(name)).json
    assert (body["code"], text in body["message"]) == (422, True)


@pytest.mark.parametrize(
    "spec, status, text",
    [
        ({"renewTime": "2027-01-15T08:00:00Z"}, 400, "cannot unmarshal spec.renewTime"),
        ({"leaseDurationSeconds": "30"}, 400, "cannot unmarshal spec.leaseDurationSeconds"),
        ({"leaseDurationSeconds": 0}, 422, "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"),
        ({"leaseTransitions": -1}, 422, "spec.leaseTransitions: Invalid value: -1: must be non-negative"),
        ({"holderIdentity": ""}, 422, 'spec.holderIdentity: Invalid value: "": must not be empty'),
    ],
)
def test_leases_are_checked(cluster: Cluster, spec: dict[str, t.Any], status: int, text: str) -> None:
    body = cluster.create(lease(**spec)).json
    assert (body["code"], text in body["message"]) == (status, True)


def test_deployments_are_checked(cluster: Cluster) -> None:
    item = cluster.get("deployments", "reviews-v1")
    item["metadata"] = {"name": "reviews-v3", "namespace": "default"}
    item["spec"]["replicas"] = -1
    body = cluster.create(item).json
    assert (body["code"], body["details"]["causes"][0]["field"]) == (422, "spec.replicas")
    item["spec"]["replicas"] = "two"
    assert cluster.create(item).json["reason"] == "BadRequest"


# -- access


def test_any_token_is_accepted_by_default(cluster: Cluster) -> None:
    assert cluster("GET", path("pods"), Authorization="Bearer anything").status == 200


def test_behaviors_reject_callers(cluster: Cluster) -> None:
    cluster.emulator.set(cluster_access="unauthorized")
    response = cluster("GET", path("pods"), Authorization="Bearer anything")
    assert response.json == _failure(401, "Unauthorized", "Unauthorized")
    cluster.emulator.set(cluster_access="token")
    assert cluster("GET", "/version").status == 401
    assert cluster("GET", path("pods"), Authorization="Bearer anything").status == 200
    cluster.emulator.set(cluster_access="forbidden")
    response = cluster("GET", path("virtualservices", "reviews"))
    message = (
        'virtualservices.networking.istio.io "reviews" is forbidden: User "system:anonymous" cannot get resource '
        '"virtualservices" in API group "networking.istio.io" in the namespace "default"'
    )
    assert response.json == _failure(403, "Forbidden", message, _details("reviews"))
    cluster.emulator.set(cluster_access="namespaced")
    assert cluster("GET", path("virtualservices")).status == 200
    response = cluster("GET", path("virtualservices", namespace=None))
    assert (response.status, response.json["message"].endswith("at the cluster scope")) == (403, True)


def test_seeded_tokens(make: t.Any) -> None:
    tokens = [
        {"token": "cluster-admin-token"},
        {"token": "limited-token-of-ci", "user": "ci", "namespaces": ["default"], "denied": ["* leases"]},
    ]
    cluster = Cluster(make(seed={"cluster_tokens": tokens, "applications": [APPLICATION]}))
    assert cluster("GET", path("pods"), Authorization="Bearer other").status == 401
    assert cluster("GET", path("pods", namespace=None), Authorization="Bearer cluster-admin-token").status == 200
    limited = "Bearer limited-token-of-ci"
    targets = [path("pods"), path("leases"), path("pods", namespace="other"), path("pods", namespace=None)]
    assert [cluster("GET", target, Authorization=limited).status for target in targets] == [200, 403, 403, 403]
    assert "cluster-admin-token" not in str(cluster.emulator.control("GET", "snapshot"))


# -- several clusters, control plane, request log


def test_clusters_have_separate_objects(make: t.Any) -> None:
    seed = {"meshes": [{"name": "m", "clusters": ["one", "two"]}], "applications": [{**APPLICATION, "cluster": "two"}]}
    emulator = make(seed=seed)
    assert Cluster(emulator).list("services") == []
    assert Cluster(emulator, "/clusters/one").list("services") == []
    assert [item["metadata"]["name"] for item in Cluster(emulator, "/clusters/two").list("services")] == ["reviews"]


@pytest.mark.parametrize(
    "entry, text",
    [
        ({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}, "v1 Secret is not served by the emulator"),
        (virtual_service(name="x", colour="red"), 'strict decoding error: unknown field "spec.colour"'),
        ({"kind": "Lease"}, "apiVersion is required"),
    ],
)
def test_invalid_objects_in_seeds(cluster: Cluster, entry: dict[str, t.Any], text: str) -> None:
    error = cluster.emulator.control("POST", "seed", {"cluster_objects": [lease("y"), entry]}, status=400)["error"]
    assert (error.startswith("cluster_objects[1]: "), text in error) == (True, True)
    assert cluster.list("leases") == []


def test_seed_replaces_objects(cluster: Cluster) -> None:
    changed = virtual_service(destination("v1", 60), destination("v2", 40))
    created = cluster.emulator.control("POST", "seed", {"cluster_objects": [changed]})["created"]
    item = cluster.get("virtualservices", "reviews")
    assert (item["spec"], item["metadata"]["generation"]) == (changed["spec"], 2)
    assert created == {"cluster_objects": [{"namespace": "default", "name": "reviews", "uid": item["metadata"]["uid"]}]}


@pytest.mark.parametrize("routes, kinds", [("subsets", (1, 1)), ("plain", (0, 1)), ("none", (0, 0))])
def test_applications_have_istio_objects(make: t.Any, routes: str, kinds: tuple[int, int]) -> None:
    cluster = Cluster(make(seed={"applications": [{**APPLICATION, "routes": routes}]}))
    found = (len(cluster.list("destinationrules")), len(cluster.list("virtualservices")))
    assert (found, len(cluster.list("pods"))) == (kinds, 2)
    wrong = cluster.emulator.control("POST", "seed", {"applications": [{"name": "a", "routes": "x"}]}, status=400)
    assert wrong["error"] == "applications[0]: routes: 'x' must be one of subsets, plain, none"


def test_reset_restores_objects(cluster: Cluster) -> None:
    before = cluster.get("virtualservices", "reviews")
    cluster.route(destination("v1", 50), destination("v2", 50))
    cluster.create(lease())
    cluster.emulator.control("POST", "reset")
    assert cluster.get("virtualservices", "reviews") == before
    assert cluster.list("leases") == []


def test_objects_are_kept_in_the_database(make: t.Any, tmp_path: t.Any) -> None:
    first = Cluster(make(database=tmp_path / "db", seed={"applications": [APPLICATION]}))
    first.create(lease())
    second = Cluster(make(database=tmp_path / "db"))
    assert second.get("leases", "reviews") == first.get("leases", "reviews")


@pytest.mark.parametrize(
    "status, reason",
    [
        (409, "Conflict"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
        (504, "Timeout"),
        (429, "TooManyRequests"),
    ],
)
def test_injected_errors_are_status_objects(cluster: Cluster, status: int, reason: str) -> None:
    fault = {"kind": "status", "status": status, "path_regex": "/virtualservices", "method": "PATCH"}
    cluster.emulator.control("POST", "faults", fault)
    response = cluster.patch("virtualservices", "reviews", [])
    assert response.json == _failure(status, reason, f"The status {status} is an injected fault.", {})
    assert cluster.patch("virtualservices", "reviews", []).status == 200


def test_dropped_response_applies_the_patch(cluster: Cluster) -> None:
    cluster.emulator.control("POST", "faults", {"kind": "response_dropped", "method": "PATCH"})
    with pytest.raises(ConnectionResetError):
        cluster.route(destination("v1", 90), destination("v2", 10))
    (http,) = cluster.get("virtualservices", "reviews")["spec"]["http"]
    assert [entry["weight"] for entry in http["route"]] == [90, 10]


def test_request_log_has_cluster_requests(cluster: Cluster) -> None:
    operation = {"op": "test", "path": "/metadata/resourceVersion", "value": "1"}
    cluster.patch("virtualservices", "reviews", [operation], "fieldManager=canary")
    cluster.list("pods", namespace=None)
    entries = cluster.emulator.control("GET", "request_log")["requests"]
    names = ("method", "path", "query", "operation", "status", "error_code", "content_type", "body")
    assert [[entry[name] for name in names] for entry in entries] == [
        [
            "PATCH",
            path("virtualservices", "reviews"),
            {"fieldManager": "canary"},
            "patch virtualservices",
            422,
            "Invalid",
            JSON_PATCH,
            [operation],
        ],
        ["GET", "/api/v1/pods", {}, "list pods", 200, None, None, None],
    ]


def test_errors_of_the_emulator_are_status_objects(cluster: Cluster) -> None:
    cluster.emulator.state.stores.cluster_objects.put(
        "broken", {"cluster": "demo-cluster", "resource": "leases", "namespace": "default"}
    )
    response = cluster("GET", path("leases"))
    assert response.json == _failure(500, "InternalError", "Internal error occurred", {})
