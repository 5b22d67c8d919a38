# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the Python SDK of the vendor against the emulator: the SDK and the modules find the resources of each other.

The vendor generates the SDK from its descriptions of the services, and the SDK signs its requests. So it checks the emulator independently.
"""

from __future__ import annotations

import typing as t

import pytest
import selection

core = selection.require_library("huaweicloudsdkcore")

from harness import Emulator, Player, Record, task  # noqa: E402
from huaweicloudsdkasm.v1 import (  # noqa: E402
    AsmClient,
    CreateMeshRequest,
    DeleteMeshRequest,
    FieldSelector,
    InstallationConfig,
    ListMeshesRequest,
    Mesh,
    MeshCluster,
    MeshExtendParams,
    MeshMetadata,
    MeshSpec,
    Selector,
    ShowMeshRequest,
)
from huaweicloudsdkcore.auth.credentials import BasicCredentials  # noqa: E402
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException  # noqa: E402
from huaweicloudsdkcore.region.region import Region  # noqa: E402
from huaweicloudsdkmodelarts.v1 import (  # noqa: E402
    CreateWorkspaceReq,
    CreateWorkspaceReqGrants,
    CreateWorkspaceRequest,
    DeleteWorkspaceRequest,
    ListUsersRequest,
    ListWorkspaceRequest,
    ModelArtsClient,
    ShowWorkspaceQuotasRequest,
    ShowWorkspaceRequest,
    UpdateWorkspaceQuotasReq,
    UpdateWorkspaceQuotasReqQuotas,
    UpdateWorkspaceQuotasRequest,
    UpdateWorkspaceReq,
    UpdateWorkspaceRequest,
)

KIND = "calls and comparisons with the vendor's SDK"
QUOTA = "exemlProject.gpu_duration"
UNKNOWN_ID = "0123456789abcdef0123456789abcdef"
# Whatever a client has to encode, and so to sign.
ODD_NAMES = ("team", "a b", "a+b", "a&b=c", "a/b", "a%2Fb", "~._-", "团队", "é", "'\"", "*!()")

Proof = t.Callable[[t.Any, t.Any], None]


class Sdk:
    """Both clients of the SDK with the emulator's access key."""

    def __init__(self, emulator: Emulator, **given: str) -> None:
        known = {**emulator.credentials, **given}
        self._emulator = emulator
        credentials = BasicCredentials(known["access_key"], known["secret_key"], known["project_id"])
        if "security_token" in known:
            credentials = credentials.with_security_token(known["security_token"])
        self.modelarts = ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(emulator.url).build()
        self.asm = AsmClient.new_builder().with_credentials(credentials).with_endpoint(emulator.url).build()

    def create(self, name: str, **more: t.Any) -> t.Any:
        return self.modelarts.create_workspace(CreateWorkspaceRequest(body=CreateWorkspaceReq(name=name, **more)))

    def show(self, workspace_id: str) -> t.Any:
        return self.modelarts.show_workspace(ShowWorkspaceRequest(workspace_id=workspace_id))

    def named(self, name: str) -> list[t.Any]:
        return [
            one for one in self.modelarts.list_workspace(ListWorkspaceRequest(name=name)).workspaces if one.name == name
        ]

    def quota(self, workspace_id: str) -> int:
        found = self.modelarts.show_workspace_quotas(ShowWorkspaceQuotasRequest(workspace_id=workspace_id)).quotas
        return next(one.quota for one in found if one.resource == QUOTA)

    def limit(self, workspace_id: str, quota: int) -> None:
        body = UpdateWorkspaceQuotasReq(quotas=[UpdateWorkspaceQuotasReqQuotas(resource=QUOTA, quota=quota)])
        self.modelarts.update_workspace_quotas(UpdateWorkspaceQuotasRequest(workspace_id=workspace_id, body=body))

    def update(self, workspace_id: str, **fields: t.Any) -> t.Any:
        return self.modelarts.update_workspace(
            UpdateWorkspaceRequest(workspace_id=workspace_id, body=UpdateWorkspaceReq(**fields))
        )

    def delete(self, workspace_id: str) -> t.Any:
        return self.modelarts.delete_workspace(DeleteWorkspaceRequest(workspace_id=workspace_id))

    def meshes(self) -> dict[str, t.Any]:
        return {one.metadata.name: one for one in self.asm.list_meshes(ListMeshesRequest()).items}


@pytest.fixture
def sdk(emulator: Emulator) -> Sdk:
    return Sdk(emulator)


@pytest.fixture
def same(tally: t.Any) -> Proof:
    """Count and check one comparison."""

    def compare(found: t.Any, wanted: t.Any) -> None:
        tally.add(KIND, 1, int(found == wanted))
        assert found == wanted

    return compare


def refusal(call: t.Callable[..., t.Any], *arguments: t.Any) -> ClientRequestException:
    with pytest.raises(ClientRequestException) as caught:
        call(*arguments)
    return caught.value


def grants(found: t.Any) -> list[tuple[str, str]]:
    return [(one.user_name, one.user_type) for one in found.grants]


def test_life_of_a_workspace(emulator: Emulator, sdk: Sdk, same: Proof) -> None:
    created = sdk.create(
        "team-sdk",
        description="By the SDK",
        auth_type="INTERNAL",
        grants=[CreateWorkspaceReqGrants(user_name="alice", user_type="IAM")],
    )
    same((created.name, created.status, created.auth_type, len(created.id)), ("team-sdk", "NORMAL", "internal", 32))
    same([one.id for one in sdk.named("team-sdk")], [created.id])
    observed = sdk.show(created.id)
    same(
        (observed.description, observed.owner, grants(observed)),
        ("By the SDK", emulator.credentials["username"], [("alice", "IAM")]),
    )
    same(sdk.quota(created.id), -1)
    sdk.limit(created.id, 600)
    same(sdk.quota(created.id), 600)
    same(sdk.update(created.id, name="team-sdk-2", description="Renamed", auth_type="PRIVATE").workspace_id, created.id)
    observed = sdk.show(created.id)
    same((observed.name, observed.description, observed.auth_type), ("team-sdk-2", "Renamed", "private"))
    same(sdk.delete(created.id).workspace_id, created.id)
    # The deletion is still in progress at the second read.
    same([[one.status for one in sdk.named("team-sdk-2")] for unused in range(3)], [["DELETING"], ["DELETING"], []])
    missing = refusal(sdk.show, created.id)
    same((missing.status_code, missing.error_code), (400, "ModelArts.7005"))


def test_users_can_be_listed(emulator: Emulator, sdk: Sdk, same: Proof) -> None:
    emulator.seed(users=["alice", "bob"])
    names = {one.user_name for one in sdk.modelarts.list_users(ListUsersRequest()).users}
    same({"alice", "bob"} <= names, True)


def test_life_of_a_mesh(emulator: Emulator, sdk: Sdk, same: Proof) -> None:
    same(set(sdk.meshes()), {record["name"] for record in emulator.stores()["meshes"].values()})
    nodes = Selector(field_selector=FieldSelector(key="UID", operator="In", values=["node-1"]))
    cluster = MeshCluster(cluster_id="cluster-of-the-sdk", installation=InstallationConfig(nodes=nodes))
    spec = MeshSpec(type="InCluster", version="v1.18", extend_params=MeshExtendParams(clusters=[cluster]))
    wanted = Mesh(api_version="v1", kind="Mesh", metadata=MeshMetadata(name="sdk-mesh"), spec=spec)
    made = sdk.asm.create_mesh(CreateMeshRequest(content_type="application/json", body=wanted))
    same((made.metadata.name, made.status.phase), ("sdk-mesh", "Creating"))
    phases = [sdk.asm.show_mesh(ShowMeshRequest(mesh_id=made.metadata.uid)).status.phase for unused in range(3)]
    same(phases[-1], "Running")
    same(sdk.meshes()["sdk-mesh"].spec.extend_params.clusters[0].cluster_id, "cluster-of-the-sdk")
    sdk.asm.delete_mesh(DeleteMeshRequest(mesh_id=made.metadata.uid))
    same("sdk-mesh" in [sdk.meshes() for unused in range(3)][-1], False)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_whatever_is_signed_is_understood(sdk: Sdk, same: Proof, name: str) -> None:
    """Two signatures by two hands have to agree about each character of a query."""
    same([one.name for one in sdk.modelarts.list_workspace(ListWorkspaceRequest(name=name)).workspaces], [])


def test_refusals_are_understood(emulator: Emulator, sdk: Sdk, same: Proof) -> None:
    sdk.create("team-twice")
    again = refusal(sdk.create, "team-twice")
    same((again.status_code, again.error_code), (400, "ModelArts.0101"))
    same((again.request_id, "team-twice" in again.error_msg), (emulator.request_log()[-1]["request_id"], True))
    missing = refusal(sdk.asm.show_mesh, ShowMeshRequest(mesh_id=UNKNOWN_ID))
    same((missing.status_code, missing.error_code), (404, "ASM.01010002"))
    wrong = Sdk(emulator, secret_key="a-wrong-secret-key")
    same((refusal(wrong.meshes).status_code, refusal(wrong.meshes).error_code), (401, "APIGW.0301"))


def test_temporary_keys(emulator: Emulator, same: Proof) -> None:
    (key,) = emulator.seed(keys=[{"security_token": True}])["keys"]
    temporary = Sdk(emulator, **{name: key[name] for name in ("access_key", "secret_key", "security_token")})
    same(len(temporary.meshes()), 1)


def test_project_is_found_by_region(emulator: Emulator, same: Proof) -> None:
    """Without a project the SDK asks IAM for the one of the region."""
    known = emulator.credentials
    credentials = BasicCredentials(known["access_key"], known["secret_key"]).with_iam_endpoint(emulator.url)
    client = (
        ModelArtsClient.new_builder()
        .with_credentials(credentials)
        .with_region(Region(known["region"], emulator.url))
        .build()
    )
    same([one.name for one in client.list_workspace(ListWorkspaceRequest()).workspaces], ["default"])
    same(f"/v1/{known['project_id']}/workspaces" == emulator.request_log()[-1]["path"], True)


# -- one makes, the other finds

WORKSPACE: dict[str, t.Any] = {"name": "team-shared", "description": "Of both", "auth_type": "internal"}


def ours(title: str, **options: t.Any) -> dict[str, t.Any]:
    return task("modelarts_workspace", title, **options)


def quiet(record: Record) -> tuple[bool, list[t.Any]]:
    return record.changed or record.failed, record.writes


def test_modules_find_resources_of_the_sdk(emulator: Emulator, sdk: Sdk, play: Player, same: Proof) -> None:
    made = sdk.create(**WORKSPACE, grants=[CreateWorkspaceReqGrants(user_name="alice")])
    sdk.limit(made.id, 600)
    plain = sdk.create("team-plain")
    run = play(
        [
            ours("unchanged", **WORKSPACE, grants=[{"user_name": "alice"}], quotas=[{"resource": QUOTA, "quota": 600}]),
            ours("as plain", name="team-plain"),
            task("modelarts_workspace_info", "list", include_grants=True),
            task("asm_mesh_info", "meshes"),
            ours("missing", name="team-plain", state="absent"),
        ]
    )
    same(quiet(run["unchanged"]), (False, []))
    same(quiet(run["as plain"]), (False, []))
    same(run["unchanged"].result["workspace"]["id"], made.id)
    same({one["id"] for one in run["list"].result["workspaces"]}, {"0", made.id, plain.id})
    same([one["id"] for one in run["meshes"].result["meshes"]], [one.metadata.uid for one in sdk.meshes().values()])
    same(run["missing"].changed, True)
    same(sdk.named("team-plain"), [])


def test_sdk_finds_resources_of_the_modules(sdk: Sdk, play: Player, same: Proof) -> None:
    wanted = dict(
        WORKSPACE, grants=[{"user_name": "alice"}, {"user_name": "bob"}], quotas=[{"resource": QUOTA, "quota": 600}]
    )
    made = play([ours("create", **wanted)])["create"].result["workspace"]
    (listed,) = sdk.named("team-shared")
    observed = sdk.show(listed.id)
    same(listed.id, made["id"])
    same({name: getattr(observed, name) for name in WORKSPACE}, WORKSPACE)
    same(sorted(grants(observed)), [("alice", "IAM"), ("bob", "IAM")])
    same(
        (observed.owner, observed.status, observed.enterprise_project_id),
        (made["owner"], "NORMAL", made["enterprise_project_id"]),
    )
    same(sdk.quota(listed.id), 600)
    sdk.update(
        listed.id, name="team-shared", description="By the SDK", auth_type="internal", grants=[{"user_name": "alice"}]
    )
    changed = play([ours("make it so again", **wanted), ours("and again", **wanted)])
    same(changed["make it so again"].result["changed_fields"], ["description", "grants"])
    same(quiet(changed["and again"]), (False, []))
    same((sdk.show(listed.id).description, len(sdk.show(listed.id).grants)), ("Of both", 2))
