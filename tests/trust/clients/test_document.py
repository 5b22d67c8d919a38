# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator does what its OpenAPI document says, whatever it is sent: requests made up from the document, answers held against it."""

from __future__ import annotations

import json
import typing as t
import urllib.request

import pytest
import requests
import wholeness
import yaml

schemathesis = wholeness.needed("schemathesis")

from harness import EMULATOR, Emulator  # noqa: E402
from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

KIND = "requests made up from the document"
FEW, MANY = 5, 100
METHODS = ("get", "post", "put", "delete")
DOCUMENT = yaml.safe_load((EMULATOR / "huaweicloud_emulator" / "openapi.yaml").read_text(encoding="utf-8"))
OPERATIONS = {content["operationId"]: (path, method) for path, item in DOCUMENT["paths"].items() for method, content in item.items() if method in METHODS}

# Services refuse valid requests for what there is: a name that is taken, or, with a 400, a workspace that is not there.
NOT_CHECKED = [positive_data_acceptance]
PHASES = (Phase.explicit, Phase.generate)

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def token(server: Emulator) -> str:
    """Of a user of an emulator in which there is one thing of each kind."""
    server.reset()
    server.seed(users=["alice"], workspaces=["team"], workshops=["demo"], releases=[{"name": "canary", "namespace": "default"}])
    known = server.credentials
    user = {"name": known["username"], "password": known["password"], "domain": {"name": known["domain_name"]}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": {"id": known["project_id"]}}}}
    request = urllib.request.Request(f"{server.url}/v3/auth/tokens", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    with _DIRECT.open(request) as answer:
        return str(answer.headers["X-Subject-Token"])


def places(server: Emulator) -> dict[str, str]:
    """Where something is: without that, most requests would be refused for the place alone."""
    stores = server.stores()
    (mesh,) = stores["meshes"]
    workspace = next((record["id"] for record in stores["workspaces"].values() if record["name"] == "team"), "0")
    return {"project_id": server.credentials["project_id"], "mesh_id": mesh, "workspace_id": workspace, "workshop": "demo", "namespace": "default"}


@pytest.fixture(scope="module")
def schema(server: Emulator) -> t.Any:
    """The document as the emulator serves it."""
    with _DIRECT.open(f"{server.url}/openapi.json") as answer:
        return schemathesis.openapi.from_dict(json.load(answer))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_documented(server: Emulator, token: str, schema: t.Any, tally: t.Any, whole: bool, operation: str) -> None:
    path, method = OPERATIONS[operation]
    session = requests.Session()
    session.trust_env = False
    # OpenAPI knows no parameter of this name, so the document tells of it in words.
    content_type = {"Content-Type": "application/json"} if operation == "DeleteRelease" else {}
    real = places(server)

    @settings(max_examples=MANY if whole else FEW, deadline=None, derandomize=True, database=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy(), exists=st.booleans())
    def check(case: t.Any, exists: bool) -> None:
        known = real if exists else {"project_id": real["project_id"]}
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        tally.add(KIND, 1, 0)
        headers = {"X-Auth-Token": token, **content_type}
        case.call_and_validate(base_url=server.url, headers=headers, session=session, excluded_checks=NOT_CHECKED)
        tally.add(KIND, 0, 1)

    check()
