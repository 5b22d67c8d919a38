# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a task declares is sent, or an error. No value is accepted and then ignored, and no difference is reported as in sync."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.fields import build_body
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.modules import apply
from simulated_cloud import Cloud, Ran, created_mesh, mesh, quota, release, run, workshop, workspace

# Options of the module that are not fields of the resource.
CONTROL = {
    "id",
    "name",
    "namespace",
    "mesh_id",
    "mesh_name",
    "state",
    "purge_grants",
    "force",
    "on_drift",
    "on_missing",
    "lint",
    "end_action",
    "cancel_action",
    "active_phases",
    "done_phases",
    "failed_phases",
    "ending_phases",
    "promoted_phases",
    "canceled_phases",
}
LABELS = {"app": "reviews", "version": "v2"}


def _deployment(image: str) -> dict[str, t.Any]:
    containers = [{"name": "reviews", "image": image}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "reviews-v2", "labels": LABELS},
        "spec": {
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {"containers": containers}},
        },
    }


TEMPLATE, OTHER_TEMPLATE = _deployment("example.com/reviews:2"), _deployment("example.com/reviews:777")
INGRESS = {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 80}
NODES = {"key": "UID", "values": ["n-1"]}
# What it takes to create each kind.
BASE: dict[str, dict[str, t.Any]] = {
    "mesh": {"name": "lab-mesh", "clusters": [{"cluster_id": "c-1", "installation_nodes": NODES}]},
    "workspace": {"name": "team-a"},
    "workshop": {"name": "demo", "primary_cluster": "c-1", "ingress": INGRESS},
    "release": {
        "namespace": "default",
        "name": "reviews-v2",
        "service_name": "reviews",
        "cluster_id": "c-1",
        "deployment_name": "reviews-v1",
        "version": "v2",
        "gray_deployments": [{"template": TEMPLATE}],
        "lint": "ignore",
    },
}


PLURALS = {kind.kind_name: kind.plural for kind in RESOURCE_TYPES}


class Declared(t.NamedTuple):
    """``options`` set the field to ``value``, which neither a new resource nor the existing one has."""

    options: dict[str, t.Any]
    value: t.Any


def _ingress(**values: t.Any) -> dict[str, t.Any]:
    return {"ingress": dict(INGRESS, **values)}


def _grant(**values: t.Any) -> dict[str, t.Any]:
    return {"grants": [values]}


def _cluster(**values: t.Any) -> dict[str, t.Any]:
    return {"clusters": [{"cluster_id": "c-1", "installation_nodes": NODES, **values}]}


def _tracing(**values: t.Any) -> dict[str, t.Any]:
    return {"telemetry_config": {"tracing": values}}


def _zipkin(**values: t.Any) -> dict[str, t.Any]:
    return _tracing(extension_providers=[{"name": "lab", "zipkin": {"service": "zipkin.lab", "port": 9411, **values}}])


def _logs(**values: str) -> dict[str, t.Any]:
    logs = {"log_group_id": "g-1", "log_stream_id": "s-1", **values}
    return {"telemetry_config": {"access_logging": {"lts": [logs]}}}


_PROXY_FIELDS = [
    f"{kind}_{what}" for kind in ("include", "exclude") for what in ("ip_ranges", "inbound_ports", "outbound_ports")
]

DECLARED = {
    "mesh.version": Declared({"version": "v7.77"}, "v7.77"),
    "mesh.clusters.cluster_id": Declared(_cluster(cluster_id="c-777"), "c-777"),
    **{
        f"mesh.clusters.{selector}.{key}": Declared(_cluster(**{selector: {**NODES, **options}}), value)
        for selector in ("installation_nodes", "injection_namespaces")
        for key, options, value in (
            ("key", {"key": "name-777"}, "name-777"),
            ("operator", {"operator": "NotIn"}, "NotIn"),
            ("values", {"values": ["n-777"]}, "n-777"),
        )
    },
    **{
        f"mesh.proxy_config.{field}": Declared({"proxy_config": {field: ["777", "778"]}}, "777,778")
        for field in _PROXY_FIELDS
    },
    "mesh.telemetry_config.metrics.aom.instance_id": Declared(
        {"telemetry_config": {"metrics": {"aom": [{"instance_id": "aom-777"}]}}}, "aom-777"
    ),
    "mesh.telemetry_config.access_logging.lts.log_group_id": Declared(_logs(log_group_id="g-777"), "g-777"),
    "mesh.telemetry_config.access_logging.lts.log_stream_id": Declared(_logs(log_stream_id="s-777"), "s-777"),
    "mesh.telemetry_config.tracing.random_sampling_percentage": Declared(
        _tracing(random_sampling_percentage=77.7), 77.7
    ),
    "mesh.telemetry_config.tracing.default_providers": Declared(_tracing(default_providers=["p-777"]), "p-777"),
    "mesh.telemetry_config.tracing.extension_providers.zipkin.service": Declared(_zipkin(service="z-777"), "z-777"),
    "mesh.telemetry_config.tracing.extension_providers.zipkin.port": Declared(_zipkin(port=777), 777),
    "workspace.new_name": Declared({"new_name": "team-z"}, "team-z"),
    "workspace.description": Declared({"description": "text 777"}, "text 777"),
    "workspace.auth_type": Declared({"auth_type": "private"}, "private"),
    "workspace.grants.user_id": Declared(_grant(user_id="u-777"), "u-777"),
    "workspace.grants.user_name": Declared(_grant(user_name="zoe"), "zoe"),
    "workspace.grants.user_type": Declared(_grant(user_name="zoe", user_type="FEDERATE"), "FEDERATE"),
    "workspace.enterprise_project_id": Declared({"enterprise_project_id": "e-777"}, "e-777"),
    "workspace.quotas.resource": Declared({"quotas": [{"resource": "gpu", "quota": 777}]}, "gpu"),
    "workspace.quotas.quota": Declared({"quotas": [{"resource": "gpu", "quota": 777}]}, 777),
    "workshop.description": Declared({"description": "text 777"}, "text 777"),
    "workshop.primary_cluster": Declared({"primary_cluster": "c-777"}, "c-777"),
    "workshop.ingress.elb_id": Declared(_ingress(elb_id="elb-777"), "elb-777"),
    "workshop.ingress.elb_ip": Declared(_ingress(elb_ip="192.0.2.77"), "192.0.2.77"),
    "workshop.ingress.port": Declared(_ingress(port=777), 777),
    "workshop.ingress.image_address": Declared(_ingress(image_address="swr/777"), "swr/777"),
    "release.service_name": Declared({"service_name": "ratings"}, "ratings"),
    "release.cluster_id": Declared({"cluster_id": "c-777"}, "c-777"),
    "release.deployment_name": Declared({"deployment_name": "reviews-v777"}, "reviews-v777"),
    "release.version": Declared({"version": "v777"}, "v777"),
    "release.type": Declared({"type": "bluegreen"}, "bluegreen"),
    "release.gray_deployments.cluster_id": Declared(
        {"gray_deployments": [{"cluster_id": "c-777", "template": TEMPLATE}]}, "c-777"
    ),
    "release.gray_deployments.template": Declared(
        {"gray_deployments": [{"template": OTHER_TEMPLATE}]}, "example.com/reviews:777"
    ),
}
CONTEXTS: list[dict[str, t.Any]] = [
    {},
    {"auth_type": "public"},
    {"auth_type": "private"},
    {"auth_type": "INTERNAL"},
    {"purge_grants": False},
    {"on_drift": "warn"},
    {"on_drift": "replace"},
]


def _fields(prefix: str, spec: dict[str, t.Any]) -> t.Iterator[str]:
    for option, rules in spec.items():
        if "options" in rules:
            yield from _fields(f"{prefix}.{option}", rules["options"])
        elif option not in CONTROL:
            yield f"{prefix}.{option}"


def _cloud(existing: dict[str, t.Any] | None) -> Cloud:
    """Return services with one resource of each kind if ``existing`` names fields of the workspace, else without any."""
    cloud = Cloud()
    cloud.meshes = [mesh("m-1", "shop", clusters=())]
    if existing is None:
        return cloud
    body = build_body({**BASE["mesh"], "proxy_config": {"include_ip_ranges": ["10.0.0.0/8"]}, **_zipkin()})
    cloud.meshes.append(dict(created_mesh("mesh-9", body), status={"phase": "Running"}))
    cloud.workspaces.append(workspace("wks-9", "team-a", **existing))
    cloud.quotas["wks-9"] = [quota("gpu", -1), quota("cpu", 10)]
    spec = {"primaryCluster": "c-1", "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.1", "port": 80}}
    cloud.workshops.append(workshop("ws-9", {"name": "demo"}, spec))
    spec = {
        "type": "canary",
        "serviceName": "reviews",
        "clusterID": "c-1",
        "deploymentName": "reviews-v1",
        "version": "v2",
        "grayDeployments": [{"clusterID": "c-1", "template": TEMPLATE}],
    }
    cloud.releases.append(release("rel-9", {"name": "reviews-v2", "namespace": "default"}, spec))
    return cloud


def _run(cloud: Cloud, kind: str, options: dict[str, t.Any], check: bool) -> Ran:
    return run(
        cloud, apply, check=check, on_error="continue", mesh_name="shop", parallel=1, **{PLURALS[kind]: [options]}
    )


def _contains(body: t.Any, value: t.Any) -> bool:
    if isinstance(body, dict):
        return any(_contains(part, value) for part in body.values())
    if isinstance(body, list):
        return any(_contains(part, value) for part in body)
    return bool(body == value)


def _cases() -> t.Iterator[t.Any]:
    for field, context in itertools.product(DECLARED, CONTEXTS):
        (kind,) = [kind for kind in RESOURCE_TYPES if kind.kind_name == field.partition(".")[0]]
        rules = [kind.arguments.argument_spec.get(option) for option in context]
        allowed = all(
            rule and context[option] in rule.get("choices", [context[option]]) for option, rule in zip(context, rules)
        )
        if allowed and not set(context) & set(DECLARED[field].options):
            yield pytest.param(field, context, id=f"{field} {context}")


EXISTING = [None, {}, {"auth_type": "private"}, {"auth_type": "internal", "grants": [{"user_name": "ann"}]}]


def test_every_field_is_declared_here():
    fields = [field for kind in RESOURCE_TYPES for field in _fields(kind.kind_name, kind.arguments.argument_spec)]
    assert sorted(fields) == sorted(DECLARED)


@pytest.mark.parametrize("existing", EXISTING)
@pytest.mark.parametrize("field, context", list(_cases()))
def test_declared_field_is_sent_or_an_error(field, context, existing):
    kind = field.partition(".")[0]
    options = {**BASE[kind], **context, **DECLARED[field].options}
    cloud = _cloud(existing)
    predicted, ran = _run(cloud, kind, options, True), _run(cloud, kind, options, False)
    outcomes = [each["results"][0] for each in (predicted, ran)]
    warned = context.get("on_drift") == "warn" and any(field.split(".")[1] in text for text in ran.warnings)
    value = DECLARED[field].value
    # The service does not return some fields, and the result names them.
    unknown = [f"{kind}.{name.replace('[]', '')}" for name in outcomes[1]["not_compared"]]
    if field == "workspace.auth_type" and (existing or {}).get("auth_type") == value:
        assert not ran["changed"] and not outcomes[1]["failed"]
    elif outcomes[1]["failed"]:
        assert ran.writes == []
    elif ran.writes or not field.startswith(tuple(unknown)):
        # With on_drift: warn, the difference stays, and the task warns.
        assert any(_contains(body, value) for body in ran.bodies) or warned
    assert [(each["failed"], each["changed"], each["action"]) for each in outcomes[:1]] == [
        (each["failed"], each["changed"], each["action"]) for each in outcomes[1:]
    ]


@pytest.mark.parametrize("field, context", list(_cases()))
def test_declared_field_is_in_sync_after_the_write(field, context):
    kind = field.partition(".")[0]
    options = {**BASE[kind], **context, **DECLARED[field].options}
    cloud = _cloud(None)
    first = _run(cloud, kind, options, False)
    if not first["results"][0]["failed"]:
        assert first["changed"] is True
        assert _run(cloud, kind, options, True)["changed"] is False
