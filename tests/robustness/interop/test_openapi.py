# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send requests that are generated from the OpenAPI document of the emulator, and compare the responses with the document.

The emulator rejects valid requests only because of its state, for example for a name that is in use. Otherwise it executes each operation with all
fields.
"""

from __future__ import annotations

import json
import re
import typing as t
import urllib.request

import pytest
import requests
import selection
import yaml

schemathesis = selection.require_library("schemathesis")

from harness import EMULATOR, Emulator  # noqa: E402
from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from operations import spec_of_release  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

KIND = "requests made up from the document"
FEW, MANY = 5, 100
METHODS = ("get", "post", "put", "delete")
DOCUMENT = yaml.safe_load((EMULATOR / "huaweicloud_emulator" / "openapi.yaml").read_text(encoding="utf-8"))
OPERATIONS = {
    content["operationId"]: (path, method)
    for path, item in DOCUMENT["paths"].items()
    for method, content in item.items()
    if method in METHODS
}

# is_accepted replaces this check, because services also reject valid requests with 400 if they conflict with existing resources.
NOT_CHECKED = [positive_data_acceptance]
STATE_ERRORS = re.compile(
    "does not exist|not existed|already exists|already has the running release|is being deleted|is being ended or canceled|cannot be modified or deleted"
    "|is in status|exceeds the limit|needs the .* version to carry all traffic|Only the image version can be changed|as in the path"
    '|Could not find|The request you have made requires authentication|"message":"Unauthorized"|username or password is wrong|is not supported|not be found'
)
PHASES = (Phase.explicit, Phase.generate)

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def token(server: Emulator) -> str:
    """Return the token of a user of an emulator that contains one resource of each kind."""
    server.reset()
    server.seed(
        users=["alice"],
        agencies=["operators"],
        workspaces=["team"],
        workshops=["demo"],
        releases=[{"name": "canary", "namespace": "default"}],
    )
    known = server.credentials
    user = {"name": known["username"], "password": known["password"], "domain": {"name": known["domain_name"]}}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"id": known["project_id"]}},
        }
    }
    request = urllib.request.Request(
        f"{server.url}/v3/auth/tokens", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with _DIRECT.open(request) as response:
        return str(response.headers["X-Subject-Token"])


def find_path_parameters(server: Emulator) -> dict[str, str]:
    """Return the path parameters of existing resources. Without them, the emulator rejects most requests because of the path."""
    stores = server.stores()
    (mesh,) = stores["meshes"]
    workspace = next((record["id"] for record in stores["workspaces"].values() if record["name"] == "team"), "0")
    return {
        "project_id": server.credentials["project_id"],
        "mesh_id": mesh,
        "workspace_id": workspace,
        "workshop": "demo",
        "namespace": "default",
    }


@pytest.fixture(scope="module")
def schema(server: Emulator) -> t.Any:
    """Return the OpenAPI document of the emulator."""
    with _DIRECT.open(f"{server.url}/openapi.json") as response:
        return schemathesis.openapi.from_dict(json.load(response))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_responses_are_as_documented(
    server: Emulator, token: str, schema: t.Any, tally: t.Any, whole: bool, operation: str
) -> None:
    path, method = OPERATIONS[operation]
    session = requests.Session()
    session.trust_env = False
    # OpenAPI ignores parameters of this name, so the document describes it in prose.
    content_type = {"Content-Type": "application/json"} if operation == "DeleteRelease" else {}
    real = find_path_parameters(server)

    @settings(
        max_examples=MANY if whole else FEW,
        deadline=None,
        derandomize=True,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(), exists=st.booleans())
    def check(case: t.Any, exists: bool) -> None:
        known = real if exists else {"project_id": real["project_id"]}
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        tally.add(KIND, 1, 0)
        headers = {"X-Auth-Token": token, **content_type}
        response = case.call_and_validate(
            base_url=server.url, headers=headers, session=session, excluded_checks=NOT_CHECKED
        )
        if case.meta is not None and case.meta.generation.mode.is_positive:
            assert is_accepted(response.status_code, response.text)
        tally.add(KIND, 0, 1)

    check()


def is_accepted(status: int, text: str) -> bool:
    """Whether a request was carried out, or was refused for what there is and not for what it is."""
    return status < 400 or status < 500 and STATE_ERRORS.search(text) is not None


def test_refusal_of_a_valid_request_is_detected() -> None:
    """The check can fail: a rejection of a malformed request is not a documented reason."""
    assert is_accepted(200, "{}") and is_accepted(400, '{"error_msg": "workspace:1 not existed"}')
    malformed = [
        "Invalid request. spec.ingress.port must be at most 65535",
        "body.name: 'a' does not match '^[a-z]$'",
        "Content-Type: application/json is required",
    ]
    assert [is_accepted(400, text) for text in malformed] == [False] * 3
    assert not is_accepted(500, "The workspace does not exist")


# -- one of each, with all that the document allows


def _spec(tag: str) -> dict[str, t.Any]:
    return {**spec_of_release(tag=tag), "serviceName": "details", "deploymentName": "details-v1"}


def _valid(parameters: t.Mapping[str, t.Any], token: str, known: t.Mapping[str, str]) -> dict[str, dict[str, t.Any]]:
    """By operation: the values in the path, and ``query``, ``headers`` and ``body``."""
    user = {"name": known["username"], "password": known["password"], "domain": {"name": known["domain_name"]}}
    login = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"id": parameters["project_id"]}},
        }
    }
    role = {"agency_name": "operators", "domain_name": known["domain_name"], "duration_seconds": 900}
    release = {
        "kind": "Release",
        "apiVersion": "asm/v2",
        "metadata": {"name": "canary-too", "namespace": "default", "meshID": parameters["mesh_id"]},
    }
    nodes = {"fieldSelector": {"key": "UID", "operator": "In", "values": ["node-1"]}}
    cluster = {"clusterID": "another-cluster", "installation": {"nodes": nodes}}
    mesh = {"type": "InCluster", "version": "v1.18", "extendParams": {"clusters": [cluster]}}
    ingress = {"primaryCluster": "demo-cluster", "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 8081}}
    grants = [{"user_name": "alice"}]
    return {
        "KeystoneCreateUserTokenByPassword": {"body": login},
        "CreateTemporaryAccessKey": {"body": {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}},
        "CreateMetadataToken": {"headers": {"X-Metadata-Token-Ttl-Seconds": "60"}},
        "KeystoneValidateToken": {"headers": {"X-Subject-Token": token}},
        "KeystoneListProjects": {"query": {"enabled": "true"}},
        "ListWorkspace": {
            "query": {
                "offset": 0,
                "limit": 10,
                "sort_by": "name",
                "order": "asc",
                "name": "team",
                "filter_accessible": "false",
            }
        },
        "CreateMesh": {
            "body": {
                "apiVersion": "v1",
                "kind": "Mesh",
                "metadata": {"name": "another", "labels": {}, "annotations": {}},
                "spec": mesh,
            }
        },
        "CreateWorkshop": {"body": {"description": "A demo", "metadata": {"name": "another"}, "spec": ingress}},
        "CreateRelease": {"body": {**release, "spec": _spec("2.0.0")}},
        "UpdateRelease": {"release_id": "canary", "body": {"spec": {"grayDeployments": parameters["gray"]}}},
        "GetReleaseByName": {"release_id": "canary"},
        "DeleteRelease": {
            "release_id": "canary",
            "query": {"action": "cancel"},
            "headers": {"Content-Type": "application/json"},
        },
        "CreateWorkspace": {
            "body": {
                "name": "another",
                "description": "Another",
                "enterprise_project_id": "0",
                "auth_type": "internal",
                "grants": grants,
            },
        },
        "UpdateWorkspace": {
            "body": {"name": "renamed", "description": "Another", "auth_type": "internal", "grants": grants}
        },
        "UpdateWorkspaceQuotas": {"body": {"quotas": [{"resource": "service.gpu_num", "quota": 4}]}},
        "KeystoneRevokeToken": {"headers": {"X-Subject-Token": token}},
    }


def test_every_write_has_a_valid_request() -> None:
    """A new one has to be tried too."""
    known = {"username": "", "password": "", "domain_name": ""}
    writes = {operation for operation, (dummy, method) in OPERATIONS.items() if method in ("post", "put")}
    assert writes <= set(_valid({"project_id": "", "mesh_id": "", "gray": ""}, "", known))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_valid_request_is_applied(server: Emulator, token: str, tally: t.Any, operation: str) -> None:
    path, method = OPERATIONS[operation]
    stores = server.stores()
    gray = next(iter(stores["releases"].values()))["gray"]
    parameters = {
        **find_path_parameters(server),
        "gray": [{"clusterID": entry["cluster_id"], "template": entry["sent"]} for entry in gray],
    }
    given = _valid(parameters, token, server.credentials).get(operation, {})
    url = server.url + path.format(**{"release_id": "canary", **parameters, **given})
    headers = {"X-Auth-Token": token, "Content-Type": "application/json", **given.get("headers", {})}
    with requests.Session() as session:
        session.trust_env = False
        response = session.request(
            method, url, params=given.get("query"), json=given.get("body"), headers=headers, timeout=300
        )
    tally.add("valid requests with all there is to them", 1, int(response.status_code < 300))
    assert response.status_code < 300, (url, response.text)
