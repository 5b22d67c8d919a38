# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schemas of the client and the OpenAPI document of the emulator, compared field by field.

Both were written independently from the API references, so that a misreading of one is found. A difference is an error, unless EXCEPTIONS
has a reason for it. An unused exception is an error, too.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import functools
import importlib
import inspect
import re
import types
import typing as t
import urllib.parse
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm, iam, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from schema_fields import Difference, Fields, compare_requests, compare_responses, fields

emulator = pytest.importorskip("huaweicloud_emulator.openapi")

API = "ansible_collections.community.huaweicloud.plugins.module_utils._api"
FILES = (Path(__file__).resolve().parents[3] / "plugins" / "module_utils" / "_api").glob("[!_]*.py")
SERVICES = tuple(importlib.import_module(f"{API}.{path.stem}") for path in sorted(FILES))
# Functions that have a client argument, but send no request.
WITHOUT_REQUEST = ("renew_once",)
PROJECT, MESH, RESOURCE_ID = "0123456789abcdef0123456789abcdef", "mesh-1", "id-1"
RELEASE = {"metadata": {"name": "reviews-v2", "namespace": "demo"}}

# Arguments for each function that sends a request.
CALLS: dict[str, dict[str, t.Any]] = {
    "list_meshes": {},
    "create_mesh": {"body": {"metadata": {"name": "lab-mesh"}}},
    "delete_mesh": {"mesh_id": MESH, "name": "lab-mesh"},
    "list_workshops": {"mesh_id": MESH},
    "create_workshop": {"mesh_id": MESH, "body": {"metadata": {"name": "demo"}}},
    "delete_workshop": {"mesh_id": MESH, "name": "demo", "key": RESOURCE_ID},
    "list_releases": {"mesh_id": MESH},
    "create_release": {"mesh_id": MESH, "body": RELEASE},
    "update_release": {"mesh_id": MESH, "release_id": RESOURCE_ID, "body": RELEASE},
    "end_release": {
        "mesh_id": MESH,
        "namespace": "demo",
        "name": "reviews-v2",
        "release_id": RESOURCE_ID,
        "verb": "promote",
        "action": "end",
    },
    "list_workspaces": {"name": "team"},
    "get_workspace": {"workspace_id": RESOURCE_ID, "name": "team"},
    "create_workspace": {"body": {"name": "team"}},
    "update_workspace": {"workspace_id": RESOURCE_ID, "name": "team", "body": {}},
    "delete_workspace": {"workspace_id": RESOURCE_ID, "name": "team"},
    "list_quotas": {"workspace_id": RESOURCE_ID, "name": "team"},
    "update_quotas": {"workspace_id": RESOURCE_ID, "name": "team", "body": {}},
    "issue_token": {},
    "find_project": {},
    "find_account": {},
    "assume_agency": {"agency": Agency("operators", "shop", None)},
}

# Schemas of the request bodies by operation of the document.
SENT = {
    "CreateMesh": asm.MESH_TO_CREATE,
    "CreateWorkshop": asm.WORKSHOP_TO_CREATE,
    "CreateRelease": asm.RELEASE_REQUEST,
    "UpdateRelease": asm.RELEASE_REQUEST,
    "CreateWorkspace": modelarts.WORKSPACE_TO_CREATE,
    "UpdateWorkspace": modelarts.WORKSPACE_TO_UPDATE,
    "UpdateWorkspaceQuotas": modelarts.QUOTAS_TO_UPDATE,
}
# Small bodies without a schema: the test validates the body with the document.
SENT_WITHOUT_A_SCHEMA = ["KeystoneCreateUserTokenByPassword", "CreateTemporaryAccessKey"]
# The client does not read these responses, because they are empty or their documentation is contradictory.
NOT_READ = {
    "DeleteMesh",
    "DeleteWorkshop",
    "UpdateRelease",
    "DeleteRelease",
    "UpdateWorkspace",
    "DeleteWorkspace",
    "UpdateWorkspaceQuotas",
}
# The client does not use these operations.
NOT_CALLED = {
    "KeystoneValidateToken": "a token is used until it is refused",
    "KeystoneRevokeToken": "a token may be in use elsewhere",
    "KeystoneListAuthProjects": "only where the list of all projects is forbidden: a second call, compared by the tests of find_project",
    "CreateMetadataToken": "the metadata service has its own address and transport, and the test below compares its body",
    "ShowSecurityKey": "the metadata service has its own address and transport, and the test below compares its body",
    "ShowMesh": "the list contains all fields that the client reads",
    "GetReleaseByName": "the list has the whole release, and nobody says what the path takes",
    "ListUsers": "grants go by name or id as they are written",
}


class Exemption(t.NamedTuple):
    """An exemption. ``path`` is a pattern for ``operation direction path``, ``what`` one for the difference."""

    path: str
    what: str
    reason: str


TEMPLATE = "the linter validates the rest of a template, as does kubernetes-validate if installed"
NO_EMPTY = "an empty text means an unset option, which is never sent"
NO_RULE = "the reference has no rule, and a value with blanks is a mistake of the user"
OTHER_WORDS = "the rules are equivalent; the samples below show that both accept the same values"
NOT_USED = "documented in the reference, but not used by a module"
WHOLE_RELEASE = "the vendor does not publish the body of an update, so the whole release is sent; the document has the fields that can change"

NO_OPTION = "the module has no option for it"
HALF = "a part without its other parts has no meaning, so the client requires all of them"

EXCEPTIONS = [
    # Requests: meshes
    Exemption("CreateMesh sent metadata.[al]*", "presence", NO_OPTION),
    Exemption("CreateMesh sent spec.ipv6Enable", "presence", NO_OPTION),
    Exemption("CreateMesh sent spec.region", "presence", "an older contract has it; Terraform does not send it"),
    Exemption("CreateMesh sent spec.tags*", "presence", NO_OPTION),
    Exemption(
        "CreateMesh sent apiVersion", "[nv]*", "optional in the document; it is always sent, with the fixed value"
    ),
    Exemption("CreateMesh sent kind", "[nv]*", "the SDK documents two spellings; one of them is always sent"),
    Exemption("CreateMesh sent metadata.name", "pattern", OTHER_WORDS),
    Exemption("CreateMesh sent spec.config.*", "pattern", NO_RULE),
    Exemption("CreateMesh sent spec.config.*", "minLength", NO_EMPTY),
    Exemption("CreateMesh sent spec.config.*", "needed", HALF),
    Exemption("CreateMesh sent spec.config.*.port", "m??imum", "the SDK has no range, and other ports do not exist"),
    Exemption(
        "CreateMesh sent spec.config.*Percentage", "m??imum", "the SDK has no range, and a percentage is at most 100"
    ),
    Exemption("CreateMesh sent spec.extendParams.*", "pattern", NO_RULE),
    Exemption("CreateMesh sent spec.extendParams.*", "min*", "an empty ID or selection cannot be intended"),
    Exemption("CreateMesh sent spec.extendParams.*", "needed", HALF),
    Exemption("CreateMesh sent spec.version", "minLength", NO_EMPTY),
    Exemption("CreateMesh sent spec.version", "pattern", "the service validates the format of versions"),
    # Requests: workshops
    Exemption("CreateWorkshop sent metadata.uid", "presence", "the service ignores this field, so it is not sent"),
    Exemption(
        "CreateWorkshop sent description", "types", "null and empty text have the same effect; empty text is sent"
    ),
    Exemption(
        "CreateWorkshop sent spec.ingress.port", "m??imum", "the reference has no range, and other ports do not exist"
    ),
    Exemption("CreateWorkshop sent metadata.name", "pattern", NO_RULE),
    Exemption("CreateWorkshop sent spec.primaryCluster", "pattern", NO_RULE),
    Exemption("CreateWorkshop sent spec.ingress.elbI[dp]", "pattern", NO_RULE),
    Exemption("CreateWorkshop sent spec.ingress.imageAddress", "pattern", NO_RULE),
    # Requests: releases
    Exemption("*Release sent spec.grayDeployments[].template.*", "presence", TEMPLATE),
    Exemption("*Release sent spec.grayDeployments[].template.spec.template.spec.containers[].name", "types", TEMPLATE),
    Exemption(
        "*Release sent spec.grayDeployments[].template.spec.template.spec.containers[].name", "minLength", TEMPLATE
    ),
    Exemption(
        "*Release sent spec.grayDeployments[].template.spec.selector",
        "minProperties",
        "an empty selector would select all pods of the namespace",
    ),
    Exemption("*Release sent kind", "needed", "optional in the reference; it is always sent, as in its example"),
    Exemption("*Release sent apiVersion", "needed", "optional in the reference; it is always sent, as in its example"),
    Exemption(
        "CreateRelease sent metadata.meshID",
        "needed",
        "optional in the reference; the mesh of the path is always sent",
    ),
    Exemption("CreateRelease sent metadata.meshID", "minLength", NO_EMPTY),
    Exemption("CreateRelease sent metadata.uid", "minLength", NO_EMPTY),
    Exemption("CreateRelease sent metadata.name", "pattern", OTHER_WORDS),
    Exemption(
        "CreateRelease sent metadata.namespace",
        "pattern",
        "the document has this rule for the path, which contains the same namespace",
    ),
    Exemption("CreateRelease sent metadata.namespace", "minLength", "the pattern implies it"),
    Exemption("UpdateRelease sent metadata.*", "presence", WHOLE_RELEASE),
    Exemption("UpdateRelease sent metadata", "needed", WHOLE_RELEASE),
    Exemption("UpdateRelease sent spec.[cdstv]*", "presence", WHOLE_RELEASE),
    # Requests: workspaces
    Exemption(
        "CreateWorkspace sent auth_type",
        "values",
        "the service accepts any case; lower case is sent, as by production clients",
    ),
    Exemption(
        "CreateWorkspace sent auth_type",
        "pattern",
        "the service accepts any case; lower case is sent, as by production clients",
    ),
    Exemption("UpdateWorkspace sent auth_type", "pattern", "the current value of the service is sent unchanged"),
    Exemption("UpdateWorkspace sent auth_type", "minLength", NO_EMPTY),
    Exemption("*Workspace sent grants[].user_*", "minLength", NO_EMPTY),
    Exemption("CreateWorkspace sent grants[].user_*", "pattern", NO_RULE),
    Exemption("UpdateWorkspaceQuotas sent quotas[].resource", "pattern", NO_RULE),
    Exemption(
        "*Workspace sent grants[].user_type",
        "values",
        "one API reference documents three values, the other none; the service validates them",
    ),
    Exemption("CreateWorkspace sent enterprise_project_id", "pattern", "the service validates the format of this ID"),
    Exemption("CreateWorkspace sent enterprise_project_id", "minLength", NO_EMPTY),
    Exemption(
        "CreateWorkspace sent name",
        "pattern",
        "the range of Chinese characters is not documented; the samples below cover other characters",
    ),
    Exemption(
        "UpdateWorkspace sent name",
        "pattern",
        "the current value is sent unchanged; a new name is validated by the rule for creations",
    ),
    Exemption(
        "UpdateWorkspace sent name",
        "minLength",
        "the current value is sent unchanged; a new name is validated by the rule for creations",
    ),
    Exemption(
        "UpdateWorkspace sent description",
        "maxLength",
        "the current value is sent unchanged; a new one is validated by the rule for creations",
    ),
    Exemption(
        "UpdateWorkspace sent name", "needed", "the effect of omitted fields is not documented, so none is omitted"
    ),
    Exemption(
        "UpdateWorkspace sent description",
        "needed",
        "the effect of omitted fields is not documented, so none is omitted",
    ),
    # Responses: fields that the modules do not use
    Exemption("*Mesh* received *apiVersion", "presence", NOT_USED),
    Exemption("*Mesh* received *kind", "presence", NOT_USED),
    Exemption("*Mesh* received *spec.*", "presence", NOT_USED),
    Exemption("*Release* received *apiVersion", "presence", NOT_USED),
    Exemption("*Release* received *kind", "presence", NOT_USED),
    Exemption("*Release* received *metadata.meshID", "presence", "the mesh of the request"),
    Exemption("*Release* received *labels*", "presence", "templates are compared as a whole"),
    Exemption("*Release* received *annotations*", "presence", "templates are compared as a whole"),
    Exemption(
        "*Release* received *Deployment*.namespace",
        "presence",
        "templates are compared as a whole",
    ),
    Exemption("*Release* received *.deployment.metadata.namespace", "presence", "the result contains it as a whole"),
    Exemption("*Release* received *.selector", "presence", "templates are compared as a whole"),
    Exemption(
        "*Release* received *.spec.template.metadata",
        "presence",
        "templates are compared as a whole",
    ),
    Exemption(
        "*Release* received *grayDeployments[].template.status*",
        "presence",
        "one schema is used for desired Deployments, which have no status, and observed ones",
    ),
    Exemption("KeystoneCreateUserTokenByPassword received token.[dimru]*", "presence", NOT_USED),
    Exemption(
        "KeystoneCreateUserTokenByPassword received token.catalog*",
        "presence",
        "the query nocatalog omits it from the response",
    ),
    Exemption("KeystoneCreateUserTokenByPassword received token.project.domain*", "presence", NOT_USED),
    Exemption(
        "KeystoneCreateUserTokenByPassword received token.expires_at",
        "minLength",
        "the pattern of the document is stricter",
    ),
    Exemption("KeystoneListAuthDomains received links", "presence", NOT_USED),
    Exemption("KeystoneListAuthDomains received domains[].[en]*", "presence", NOT_USED),
    Exemption(
        "CreateTemporaryAccessKey received credential.expires_at",
        "minLength",
        "the pattern of the document is stricter",
    ),
    Exemption("KeystoneListProjects received links", "presence", NOT_USED),
    Exemption("KeystoneListProjects received projects[].[dlp]*", "presence", NOT_USED),
    Exemption("KeystoneListProjects received projects[].enabled", "presence", NOT_USED),
    Exemption("KeystoneListProjects received projects[].is_domain", "presence", NOT_USED),
    Exemption("ListWorkspace received count", "presence", "the client counts the entries"),
    Exemption(
        "CreateWorkspace received *",
        "presence",
        "the example of the vendor contradicts its request, so only the ID is used and the rest is read again",
    ),
    Exemption("ShowWorkspaceQuotas received quotas[].name_*", "presence", NOT_USED),
    Exemption("ShowWorkspaceQuotas received quotas[].unit_*", "presence", NOT_USED),
]

# Samples for equivalent rules: values and whether they are valid.
NAMES_OF_RELEASES = {
    "reviews-v2": True, "abcd": True, "a" * 64: True, "a1-b": True, "abc": False, "a" * 65: False, "Reviews": False, "1abc": False, "-abc": False,
    "abc-": False, "a_bc": False, "ab c": False, "": False, "rèviews": False,
}  # fmt: skip
NAMES_OF_WORKSPACES = {
    "team": True, "Team_1-a": True, "a" * 64: True, "1234": True, "____": True, "团队团队": True, "abc": False, "a" * 65: False, "a b c": False,
    "team.a": False, "": False, "tèam": False, "команда": False,
}  # fmt: skip


class RequestIntercepted(Exception):
    def __init__(self, operation: t.Any) -> None:
        super().__init__(operation.action)
        self.operation = operation


def find_request_functions(service: types.ModuleType) -> dict[str, t.Callable[..., t.Any]]:
    """Return the functions of a service that send requests, which are those with a client argument."""
    functions = {
        name: found
        for name, found in vars(service).items()
        if inspect.isfunction(found) and found.__module__ == service.__name__
    }
    return {
        name: found
        for name, found in functions.items()
        if not name.startswith("_") and name not in WITHOUT_REQUEST and "client" in inspect.signature(found).parameters
    }


def record_operation(function: t.Callable[..., t.Any], **arguments: t.Any) -> t.Any:
    """Return the first operation that a function requests from its client."""

    def request(operation: t.Any) -> t.NoReturn:
        raise RequestIntercepted(operation)

    options = {"username": "alice", "password": "a-long-password", "domain_name": "shop", "region": "eu-de"}
    connection = resolve_connection(options, {})
    client = types.SimpleNamespace(
        request=request, project_id=PROJECT, connection=connection, now=lambda: dt.datetime.now(dt.timezone.utc)
    )
    with pytest.raises(RequestIntercepted) as caught:
        function(client, **arguments)
    return caught.value.operation


@functools.cache
def contract() -> t.Any:
    return emulator.load_document()


@functools.cache
def operations() -> dict[str, t.Any]:
    """Return the operations of the client by operation of the document."""
    found = {}
    for service in SERVICES:
        for name, function in find_request_functions(service).items():
            expected = record_operation(function, **CALLS[name])
            match = contract().match(expected.method, "/" + "/".join(expected.segments))
            assert match is not None, f"{name}: the document knows no {expected.method} /{'/'.join(expected.segments)}"
            found[match[0].id] = expected
    return found


def find_node(operation_id: str) -> dict[str, t.Any]:
    operation = contract().by_id[operation_id]
    return contract().document["paths"][operation.path][operation.method.lower()]


def get_request_schema(operation_id: str) -> dict[str, t.Any]:
    return find_node(operation_id)["requestBody"]["content"]["application/json"]["schema"]


def get_response_schema(operation_id: str) -> dict[str, t.Any]:
    responses = find_node(operation_id)["responses"]
    (success,) = [name for name in responses if name.startswith("2")]
    return contract().resolve(responses[success])["content"]["application/json"]["schema"]


def document_fields(schema: dict[str, t.Any]) -> Fields:
    return fields(schema, contract().resolve)


def differences() -> dict[str, Difference]:
    """Return all differences by path."""
    found: dict[str, Difference] = {}
    for operation_id, schema in SENT.items():
        for one in compare_requests(fields(schema), document_fields(get_request_schema(operation_id))):
            found[f"{operation_id} sent {one.path} {one.what}"] = one
    for operation_id, expected in operations().items():
        if expected.schema is not None:
            for one in compare_responses(fields(expected.schema), document_fields(get_response_schema(operation_id))):
                found[f"{operation_id} received {one.path} {one.what}"] = one
    return found


def find_exemptions(path: str) -> list[Exemption]:
    """Return the exemptions for a path, in which brackets mean elements of a list."""

    def plain(text: str) -> str:
        return text.replace("[]", "<>")

    return [one for one in EXCEPTIONS if fnmatch.fnmatchcase(plain(path), plain(f"{one.path} {one.what}"))]


def test_all_api_functions_are_compared() -> None:
    assert {name for service in SERVICES for name in find_request_functions(service)} == set(CALLS)
    assert set(operations()) | set(NOT_CALLED) == set(contract().by_id)
    assert not set(operations()) & set(NOT_CALLED)


def test_all_bodies_are_compared() -> None:
    with_body = {name for name in operations() if contract().by_id[name].has_body}
    assert with_body == {*SENT, *SENT_WITHOUT_A_SCHEMA}
    assert {name for name, expected in operations().items() if expected.schema is None} == NOT_READ


def test_differences_are_exempted() -> None:
    unexplained = [
        f"{path}: client {one.client}, document {one.document}"
        for path, one in differences().items()
        if not find_exemptions(path)
    ]
    assert unexplained == []


def test_all_exemptions_are_used() -> None:
    paths = list(differences())
    needed = {id(one) for path in paths for one in find_exemptions(path)}
    assert [one for one in EXCEPTIONS if id(one) not in needed] == []
    assert {path: find_exemptions(path) for path in paths if len(find_exemptions(path)) > 1} == {}
    assert [one.path for one in EXCEPTIONS if len(one.reason.split()) < 4] == []


@pytest.mark.parametrize("operation_id", SENT_WITHOUT_A_SCHEMA)
def test_bodies_without_schema_match_document(operation_id: str) -> None:
    pointer = f"{contract().by_id[operation_id].pointer}/requestBody/content/application~1json/schema"
    assert list(contract().validator(pointer).iter_errors(operations()[operation_id].body)) == []


def test_keys_of_metadata_match_document() -> None:
    assert get_response_schema("ShowSecurityKey") == get_response_schema("CreateTemporaryAccessKey")
    assert operations()["CreateTemporaryAccessKey"].schema is iam.TEMPORARY_KEYS


def test_parameters_match_document() -> None:
    """Compare names and values of the query, and require mandatory parameters."""
    for operation_id, expected in operations().items():
        known = {one["name"]: one for one in contract().by_id[operation_id].parameters if one["in"] == "query"}
        query = dict(expected.query)
        assert set(query) <= set(known), operation_id
        assert {name for name, one in known.items() if one["required"]} <= set(query), operation_id
        call = types.SimpleNamespace(
            operation=types.SimpleNamespace(parameters=contract().by_id[operation_id].parameters, has_body=False),
            query_string=urllib.parse.urlencode(expected.query),
            path_values=contract().match(expected.method, "/" + "/".join(expected.segments))[1],
            headers={},
            query={},
        )
        contract().validate_request(call)


def test_permissions_match_document() -> None:
    """The permissions in error hints are those of the operations."""
    documented = {name: expected.permission for name, expected in operations().items() if expected.permission}
    asked = {name: contract().by_id[name].action for name in documented}
    # Two tables of the vendor have different actions for reading meshes, so the hint contains both.
    assert documented.pop("ListMeshes") == "asm:mesh:list and asm:mesh:get"
    assert asked.pop("ListMeshes") == "asm:mesh:list"
    # Listing accessible projects requires no permission.
    assert {name: action for name, action in asked.items() if action} == documented


def test_services_and_credentials_match_document() -> None:
    for operation_id, expected in operations().items():
        known = contract().by_id[operation_id]
        assert (expected.service, expected.authenticated) == (known.service, not known.open), operation_id
        assert expected.in_project == (known.service != "iam"), operation_id


@pytest.mark.parametrize(
    "samples, ours, operation_id, path",
    [
        (NAMES_OF_RELEASES, asm.RELEASE_NAME, "CreateRelease", "metadata.name"),
        (NAMES_OF_RELEASES, asm.RELEASE_NAME, "CreateMesh", "metadata.name"),
        (NAMES_OF_WORKSPACES, modelarts.WORKSPACE_NAME, "CreateWorkspace", "name"),
    ],
)
def test_names_accepted_and_rejected_alike(samples: dict[str, bool], ours: str, operation_id: str, path: str) -> None:
    theirs = document_fields(get_request_schema(operation_id))[path].rules["pattern"]
    assert {name: bool(re.search(ours, name)) for name in samples} == samples
    assert {name: bool(re.search(theirs, name)) for name in samples} == samples


def test_request_schemas_reject_other_keys() -> None:
    """Request schemas reject keys without a definition, except in the template, which is from the user."""
    open_ones = [
        f"{name} {path}"
        for name, schema in SENT.items()
        for path, node in objects(schema)
        if node.get("additionalProperties") is not False
    ]
    assert [path for path in open_ones if "template" not in path] == []


def objects(node: dict[str, t.Any], path: str = "") -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    if node.get("type") == "object":
        yield path, node
    for name, child in node.get("properties", {}).items():
        yield from objects(child, f"{path}.{name}")
    if "items" in node:
        yield from objects(node["items"], f"{path}[]")


class TestComparison:
    """Tests of the comparison."""

    TEXT: t.ClassVar[dict[str, t.Any]] = {"type": "string"}

    @pytest.mark.parametrize(
        "client, document, expected",
        [
            ({"properties": {"a": {"type": "string"}}}, {}, ("a", "presence", True, False)),
            ({}, {"properties": {"a": {"type": "string"}}}, ("a", "presence", False, True)),
            ({"type": "string"}, {"type": "integer"}, ("", "types", ["string"], ["integer"])),
            ({"type": "string"}, {"const": "x"}, ("", "values", None, ["x"])),
            ({"const": "y"}, {"enum": ["x", "y"]}, ("", "values", ["y"], ["x", "y"])),
            ({"required": ["a"]}, {"properties": {"a": {}}}, ("a", "needed", True, False)),
            ({"items": {"minLength": 1}}, {"items": {}}, ("[]", "minLength", 1, None)),
            ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, ("", "at least one of", [["a"], ["b"]], None)),
        ],
    )
    def test_differences_of_request(
        self, client: dict[str, t.Any], document: dict[str, t.Any], expected: tuple[t.Any, ...]
    ) -> None:
        assert compare_requests(fields(client), fields(document)) == [expected]

    @pytest.mark.parametrize(
        "client, document, expected",
        [
            ({"type": "string"}, {"type": ["string", "null"]}, [("", "types", ["string"], ["null", "string"])]),
            ({"type": ["string", "null"]}, {"type": "string"}, []),
            ({"type": "number"}, {"type": "integer"}, []),
            ({"type": "integer"}, {"type": "number"}, [("", "types", ["integer"], ["integer", "number"])]),
            ({"properties": {"a": {}}}, {"required": ["a"]}, []),
            ({}, {"minLength": 1}, []),
            ({"minLength": 1}, {}, [("", "minLength", 1, None)]),
        ],
    )
    def test_differences_of_response(
        self, client: dict[str, t.Any], document: dict[str, t.Any], expected: list[t.Any]
    ) -> None:
        assert compare_responses(fields(client), fields(document)) == expected

    def test_alternatives(self) -> None:
        whole = fields(
            {
                "if": {"type": "array"},
                "then": {"items": self.TEXT},
                "else": {"type": "object", "required": ["b"], "properties": {"b": self.TEXT}},
            }
        )
        assert whole[""].types == {"array", "object"}
        assert whole["[]"].types == whole["b"].types == {"string"}
        assert not whole["b"].needed
        one = {"required": ["c"], "properties": {"c": {"type": "string", "minLength": 1}}}
        assert fields({"anyOf": [one, one]})["c"] == fields(one)["c"]
        assert fields({"allOf": [{"properties": {"c": self.TEXT}}, {"required": ["c"]}]})["c"].needed

    def test_unknown_keywords_are_rejected(self) -> None:
        with pytest.raises(AssertionError, match="uniqueItems"):
            fields({"items": {"uniqueItems": True}})
