# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
import json

import jsonschema
import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm, iam, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._http.problems import find_problems, translate_path

WORKSHOP_SENT = {
    "description": "demo",
    "metadata": {"name": "bookinfo"},
    "spec": {
        "primaryCluster": "c-1",
        "ingress": {"elbId": "e-1", "elbIp": "192.0.2.1", "port": 80, "imageAddress": "swr/demo"},
    },
}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "reviews-v2"},
    "spec": {
        "selector": {"matchLabels": {"app": "reviews"}},
        "template": {"spec": {"containers": [{"name": "reviews"}]}},
    },
}
RELEASE_SENT = {
    "kind": "Release",
    "apiVersion": "asm/v2",
    "metadata": {"name": "reviews-v2", "namespace": "demo", "meshID": "m-1"},
    "spec": {
        "serviceName": "reviews",
        "clusterID": "c-1",
        "deploymentName": "reviews-v1",
        "version": "v2",
        "type": "canary",
        "grayDeployments": [{"clusterID": "c-1", "template": DEPLOYMENT}],
    },
}
SELECTOR = {"fieldSelector": {"key": "UID", "operator": "In", "values": ["n-1"]}}
MESH_SENT = {
    "apiVersion": "v1",
    "kind": "Mesh",
    "metadata": {"name": "lab-mesh"},
    "spec": {
        "type": "InCluster",
        "version": "v1.18",
        "extendParams": {
            "clusters": [
                {
                    "clusterID": "c-1",
                    "projectID": "p-1",
                    "installation": {"nodes": SELECTOR},
                    "injection": {"namespaces": SELECTOR},
                }
            ]
        },
        "config": {
            "proxyConfig": {"includeIPRanges": "10.0.0.0/8,192.168.0.0/16", "excludeInboundPorts": ""},
            "telemetryConfig": {
                "metrics": {"aom": [{"instanceID": "aom-1"}]},
                "accessLogging": {"lts": [{"logGroupID": "g-1", "logStreamID": "s-1"}]},
                "tracing": {
                    "randomSamplingPercentage": 0.5,
                    "defaultProviders": ["lab"],
                    "extensionProviders": [{"name": "lab", "zipkin": {"service": "zipkin.lab", "port": 9411}}],
                },
            },
        },
    },
}
WORKSPACE_SENT = {
    "name": "team-a",
    "description": "",
    "auth_type": "internal",
    "enterprise_project_id": "0",
    "grants": [{"user_id": "u-1", "user_name": "alice", "user_type": "IAM"}, {"user_name": "bob"}],
}
UPDATE_SENT = {key: value for key, value in WORKSPACE_SENT.items() if key != "enterprise_project_id"}
QUOTAS_SENT = {"quotas": [{"resource": "exemlProject.gpu_duration", "quota": -1}]}

# Valid values for each schema: the complete one of the reference, and a minimal one.
GOOD = {
    "workshop sent": (asm.WORKSHOP_TO_CREATE, WORKSHOP_SENT),
    "release sent": (asm.RELEASE_REQUEST, RELEASE_SENT),
    "mesh sent": (asm.MESH_TO_CREATE, MESH_SENT),
    "mesh": (asm.MESH, dict(MESH_SENT, metadata={"name": "x", "uid": 5}, status={"phase": "Running"})),
    "workspace sent": (modelarts.WORKSPACE_TO_CREATE, WORKSPACE_SENT),
    "workspace sent, short": (modelarts.WORKSPACE_TO_CREATE, {"name": "\u56e2\u961f_1-"}),
    "update sent": (modelarts.WORKSPACE_TO_UPDATE, UPDATE_SENT),
    "update sent, of what is there": (
        modelarts.WORKSPACE_TO_UPDATE,
        {"name": "a.b", "description": "d" * 300, "auth_type": "SHARED"},
    ),
    "quotas sent": (modelarts.QUOTAS_TO_UPDATE, QUOTAS_SENT),
    "workshop": (
        asm.WORKSHOP,
        dict(
            WORKSHOP_SENT,
            metadata={"name": "x", "uid": "u", "creationTimestamp": "now"},
            status={"updateTime": "now"},
            more=1,
        ),
    ),
    "workshop, short": (
        asm.WORKSHOP,
        {"description": None, "metadata": {"name": "x"}, "spec": {"primaryCluster": None, "ingress": {"port": None}}},
    ),
    "workshops": (asm.WORKSHOP_LIST, [{"workshop": WORKSHOP_SENT}, WORKSHOP_SENT]),
    "workshops in items": (asm.WORKSHOP_LIST, {"items": [{"workshop": WORKSHOP_SENT}, WORKSHOP_SENT], "kind": "List"}),
    "no workshops": (asm.WORKSHOP_LIST, []),
    "no workshops in items": (asm.WORKSHOP_LIST, {"items": None}),
    "release": (
        asm.RELEASE,
        dict(RELEASE_SENT, status={"phase": "Running", "deployment": DEPLOYMENT, "grayDeployments": [DEPLOYMENT]}),
    ),
    "release, short": (
        asm.RELEASE,
        {"metadata": {"name": "x", "namespace": "y", "uid": None}, "spec": {"grayDeployments": None}, "status": None},
    ),
    "releases": (asm.RELEASE_LIST, {"kind": "ReleaseList", "apiVersion": "asm/v2", "items": [RELEASE_SENT]}),
    "no releases": (asm.RELEASE_LIST, {"items": None}),
    "meshes": (
        asm.MESH_LIST,
        {"items": [{"metadata": {"name": "x", "uid": "y"}, "spec": None, "status": {"phase": "Running"}}]},
    ),
    "no meshes": (asm.MESH_LIST, {"items": None}),
    "workspace": (
        modelarts.WORKSPACE,
        {"id": 0, "name": "default", "grants": None, "create_time": 1, "status": "NORMAL", "owner": 5},
    ),
    "page": (modelarts.WORKSPACE_PAGE, {"total_count": 1, "count": 1, "workspaces": [{"id": "0", "name": "default"}]}),
    "empty page": (modelarts.WORKSPACE_PAGE, {"total_count": 0, "workspaces": None}),
    "created": (modelarts.WORKSPACE_CREATED, {"id": "x"}),
    "quotas": (
        modelarts.QUOTA_LIST,
        {"quotas": [{"resource": "r", "quota": -1, "used_quota": None, "min_quota": -1, "max_quota": 60000}]},
    ),
    "token": (
        iam.TOKEN,
        {"token": {"expires_at": "2026-01-02T03:04:05Z", "project": {"id": "p-1", "name": "eu-de"}, "user": {}}},
    ),
    "global token": (iam.TOKEN, {"token": {"expires_at": "2026-01-02T03:04:05Z"}}),
    "temporary keys": (
        iam.TEMPORARY_KEYS,
        {"credential": {"access": "A", "secret": "S", "securitytoken": "T", "expires_at": "2026-01-02T03:04:05Z"}},
    ),
    "accounts": (iam.ACCOUNTS, {"domains": [{"id": "d-1", "name": "shop", "enabled": True}], "links": {}}),
    "projects": (iam.PROJECTS, {"projects": [{"id": "p-1", "name": "eu-de", "enabled": True}], "links": {}}),
}


@pytest.mark.parametrize("schema, value", GOOD.values(), ids=GOOD.keys())
def test_documented_body_is_valid(schema, value):
    assert find_problems(schema, value) == []


SCHEMAS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": value
    for module in (asm, iam, modelarts)
    for name, value in vars(module).items()
    if isinstance(value, dict) and name[0].isalpha() and name.isupper() and not name.endswith("_OPTIONS")
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_schemas_are_valid(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_schema_is_tested():
    tried = [schema for schema, dummy in GOOD.values()]
    assert [name for name, schema in SCHEMAS.items() if schema not in tried] == []


def replace_value(value, path, new):
    """Return a copy of ``value`` with another value at ``path``; ``...`` removes it."""
    value = json.loads(json.dumps(value))
    *way, last = path
    place = functools.reduce(lambda place, step: place[step], way, value)
    if new is ...:
        del place[last]
    else:
        place[last] = new
    return value


RELEASE_NAME = "must have 4 to 64 characters, only lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen"
NAMESPACE = "must have at most 63 characters, only lower-case letters, digits and hyphens, and begin and end with a letter or digit"
PORT = "must be a port from 1 to 65535"
WORKSPACE_NAME = "must have 4 to 64 characters, only letters, digits, hyphens and underscores"
INGRESS = ("spec", "ingress")
CLUSTERS = ("spec", "extendParams", "clusters")
GRAY = ("spec", "grayDeployments")
TEMPLATE = (*GRAY, 0, "template")
CONTAINERS = (*TEMPLATE, "spec", "template", "spec", "containers")

WRONG_RELEASE_NAMES = ("", "abc", "Abcd", "1abc", "abc-", "a" * 65, "ab_cd", "abcd\n")
WRONG_NAMESPACES = ("", "-a", "a-", "A", "a" * 64, "a.b", "demo\n")

WRONG = [
    # Schemas of requests are strict.
    ("workshop sent", ("metadata", "name"), "", "metadata.name must not be empty"),
    ("workshop sent", ("metadata", "uid"), "x", "metadata contains an unknown key"),
    ("workshop sent", ("kind",), "x", "the value contains an unknown key"),
    ("workshop sent", ("description",), None, "description must be of type string"),
    ("workshop sent", (*INGRESS, "port"), 0, f"spec.ingress.port {PORT}"),
    ("workshop sent", (*INGRESS, "port"), 65536, f"spec.ingress.port {PORT}"),
    ("workshop sent", (*INGRESS, "port"), "80", f"spec.ingress.port {PORT}"),
    ("workshop sent", (*INGRESS, "port"), ..., "spec.ingress.port is missing"),
    ("workshop sent", (*INGRESS, "elbId"), ..., "spec.ingress.elbId is missing"),
    ("workshop sent", (*INGRESS, "elbIp"), "", "spec.ingress.elbIp must not be empty"),
    ("workshop sent", ("spec", "primaryCluster"), ..., "spec.primaryCluster is missing"),
    ("mesh sent", ("kind",), "Release", "kind must be 'Mesh'"),
    *[("mesh sent", ("metadata", "name"), name, f"metadata.name {RELEASE_NAME}") for name in WRONG_RELEASE_NAMES],
    ("mesh sent", ("spec", "type"), "Other", "spec.type must be 'InCluster'"),
    ("mesh sent", CLUSTERS, [], "spec.extendParams.clusters must have at least 1 element"),
    ("mesh sent", (*CLUSTERS, 0, "installation"), ..., "spec.extendParams.clusters[0].installation is missing"),
    ("mesh", ("metadata", "uid"), ..., "metadata.uid is missing"),
    (
        "mesh",
        ("spec", "config", "proxyConfig", "includeIPRanges"),
        5,
        "spec.config.proxyConfig.includeIPRanges must be of type string or null",
    ),
    ("release sent", ("kind",), "Mesh", "kind must be 'Release'"),
    ("release sent", ("apiVersion",), ..., "apiVersion is missing"),
    ("release sent", ("metadata", "meshID"), ..., "metadata.meshID is missing"),
    *[("release sent", ("metadata", "name"), name, f"metadata.name {RELEASE_NAME}") for name in WRONG_RELEASE_NAMES],
    *[
        ("release sent", ("metadata", "namespace"), name, f"metadata.namespace {NAMESPACE}")
        for name in WRONG_NAMESPACES
    ],
    ("release sent", ("spec", "type"), "", "spec.type must not be empty"),
    ("release sent", GRAY, [], "spec.grayDeployments must have at least 1 element"),
    ("release sent", (*GRAY, 0, "clusterID"), ..., "spec.grayDeployments[0].clusterID is missing"),
    ("release sent", TEMPLATE, "text", "spec.grayDeployments[0].template must be of type object"),
    ("release sent", (*TEMPLATE, "spec", "selector"), ..., "spec.grayDeployments[0].template.spec.selector is missing"),
    (
        "release sent",
        (*TEMPLATE, "spec", "selector"),
        {},
        "spec.grayDeployments[0].template.spec.selector must not be empty",
    ),
    (
        "release sent",
        (*CONTAINERS, 0),
        {},
        "spec.grayDeployments[0].template.spec.template.spec.containers[0].name is missing",
    ),
    *[
        ("workspace sent", ("name",), name, f"name {WORKSPACE_NAME}")
        for name in ("abc", "a" * 65, "two words", "dot.dot", "abcd\n")
    ],
    ("workspace sent", ("description",), "x" * 257, "description must have at most 256 characters"),
    (
        "workspace sent",
        ("auth_type",),
        "INTERNAL",
        "auth_type must be one of 'public', 'private', 'internal', not 'INTERNAL'",
    ),
    ("workspace sent", ("grants", 1), {"user_type": "IAM"}, "grants[1] does not match a documented schema"),
    ("workspace sent", ("grants", 1, "user_name"), "", "grants[1].user_name must not be empty"),
    ("workspace sent", ("grants",), [{"user_id": "u"}] * 501, "grants must have at most 500 elements"),
    ("update sent", ("enterprise_project_id",), "0", "the value contains an unknown key"),
    ("update sent", ("auth_type",), "", "auth_type must not be empty"),
    ("update sent", ("description",), ..., "description is missing"),
    ("quotas sent", ("quotas",), [], "quotas must have at least 1 element"),
    ("quotas sent", ("quotas", 0, "quota"), -2, "quotas[0].quota must be at least -1"),
    ("quotas sent", ("quotas", 0, "quota"), 1.5, "quotas[0].quota must be of type integer"),
    ("quotas sent", ("quotas", 0, "used_quota"), 1, "quotas[0] contains an unknown key"),
    # Schemas of responses require the fields that the collection uses.
    ("workshop", ("metadata", "name"), ..., "metadata.name is missing"),
    ("workshop", INGRESS, None, "spec.ingress must be of type object"),
    ("workshops", (0, "workshop"), None, "[0].workshop must be of type object"),
    ("workshops", (1,), "bookinfo", "[1] must be of type object"),
    ("workshops", (1,), None, "[1] must be of type object"),
    ("workshops", (1, "metadata"), ..., "[1].metadata is missing"),
    ("workshops in items", ("items", 1), ["x"], "items[1] must be of type object"),
    ("workshops in items", ("items",), {}, "items must be of type array or null"),
    ("workshops in items", ("items",), ..., "items is missing"),
    ("release", ("metadata", "namespace"), ..., "metadata.namespace is missing"),
    ("release", GRAY, {}, "spec.grayDeployments must be of type array or null"),
    ("release", ("status", "phase"), 5, "status.phase must be of type string or null"),
    ("releases", ("items", 0), None, "items[0] must be of type object"),
    ("meshes", ("items", 0, "metadata", "uid"), ..., "items[0].metadata.uid is missing"),
    ("page", ("total_count",), ..., "total_count is missing"),
    ("page", ("total_count",), "1", "total_count must be of type integer"),
    ("page", ("total_count",), -1, "total_count must be at least 0"),
    ("page", ("workspaces", 0, "id"), None, "workspaces[0].id must be of type string or integer"),
    ("page", ("workspaces", 0, "id"), "", "workspaces[0].id must not be empty"),
    ("page", ("workspaces",), ..., "workspaces is missing"),
    ("created", ("id",), ..., "id is missing"),
    ("quotas", ("quotas",), None, "quotas must be of type array"),
    ("quotas", ("quotas", 0, "quota"), None, "quotas[0].quota must be of type integer"),
    ("token", ("token", "expires_at"), ..., "token.expires_at is missing"),
    ("token", ("token", "project", "id"), "", "token.project.id must not be empty"),
    ("projects", ("projects", 0, "id"), ..., "projects[0].id is missing"),
    ("projects", ("projects",), ..., "projects is missing"),
]


@pytest.mark.parametrize("which, path, new, words", WRONG)
def test_invalid_body_is_found(which, path, new, words):
    schema, value = GOOD[which]
    assert [str(problem) for problem in find_problems(schema, replace_value(value, path, new))] == [words]


@pytest.mark.parametrize(
    "schema",
    [asm.WORKSHOP_LIST, asm.RELEASE_LIST, asm.MESH_LIST, modelarts.WORKSPACE_PAGE, modelarts.QUOTA_LIST, iam.PROJECTS],
)
@pytest.mark.parametrize("value", [None, "text", 5, True, {}, {"message": "try later"}])
def test_body_without_list_is_invalid(schema, value):
    assert find_problems(schema, value) != []


@pytest.mark.parametrize(
    "schema", [asm.RELEASE_LIST, asm.MESH_LIST, modelarts.WORKSPACE_PAGE, modelarts.QUOTA_LIST, iam.PROJECTS]
)
def test_array_is_a_list_of_workshops_only(schema):
    assert find_problems(schema, []) != []


@pytest.mark.parametrize(
    "options, schema", [(asm.WORKSHOP_OPTIONS, asm.WORKSHOP_TO_CREATE), (asm.RELEASE_OPTIONS, asm.RELEASE_REQUEST)]
)
def test_option_paths_exist_in_the_schema(options, schema):
    for path in options:
        steps = path.replace("[]", ".[]").split(".")
        functools.reduce(
            lambda place, step: place["items"] if step == "[]" else place["properties"][step], steps, schema
        )


# Fields of bodies without an option: their values are constant or come from the service.
NO_OPTION = {"kind", "apiVersion", "metadata", "metadata.uid", "spec"}


def list_paths(schema, path=""):
    for name, inner in schema.get("properties", {}).items():
        below = f"{path}.{name}".lstrip(".")
        yield below
        if below != "spec.grayDeployments[0].template":
            yield from list_paths(inner, below)
            yield from list_paths(inner.get("items", {}), f"{below}[0]")


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (asm.RELEASE_REQUEST, asm.RELEASE_OPTIONS),
        (asm.WORKSHOP_TO_CREATE, asm.WORKSHOP_OPTIONS),
        (modelarts.WORKSPACE_TO_CREATE, {}),
        (modelarts.WORKSPACE_TO_UPDATE, {}),
        (modelarts.QUOTAS_TO_UPDATE, {}),
    ],
)
def test_every_path_of_a_body_has_an_option(schema, names):
    for path in set(list_paths(schema)) - NO_OPTION:
        option = translate_path(path, names)
        assert option == option.lower(), path
        assert not option.startswith(("metadata", "spec")), path
