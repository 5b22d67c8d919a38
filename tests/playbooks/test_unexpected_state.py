# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What does not fit to what exists is refused after looking, and nothing is sent that could change anything."""

from __future__ import annotations

import typing as t

import pytest
from bad_input import NEW_RELEASE, NEW_WORKSHOP, PORTS, Case, Outcome, attempt, changed, play_in
from harness import Emulator, task

DEMO = {"mesh_name": "demo-mesh"}
IDLE = {"mesh_name": "idle-mesh"}
REVIEWS = {"namespace": "default", "name": "reviews-v2"}
SEED: dict[str, t.Any] = {
    "meshes": [{"name": "idle-mesh", "phase": "Upgrading"}, {"name": "same-mesh"}, {"name": "same-mesh"}],
    "workshops": [
        {"name": "bookinfo", **DEMO},
        {"name": "bookinfo", **IDLE},
        {"name": "same-demo", **DEMO},
        {"name": "same-demo", **DEMO},
    ],
    "releases": [
        {"name": "reviews-v2", "service_name": "reviews", **DEMO},
        {"name": "reviews-v2", "service_name": "reviews", **IDLE},
        {"name": "same-release", "service_name": "details", **DEMO},
        {"name": "same-release", "service_name": "productpage", **DEMO},
    ],
    "workspaces": [{"name": "team-blue"}, {"name": "same-space"}, {"name": "same-space"}],
}

KNOWN = "in project $project. Meshes that exist: 'demo-mesh' ($demo_mesh), 'idle-mesh' ($idle_mesh), 'same-mesh' ($same_mesh), 'same-mesh' ($same_mesh_2)."
DUPLICATES = "Several meshes have the name 'same-mesh': $same_mesh, $same_mesh_2. Set mesh_id to one of them."
UNKNOWN_ID = "11111111-2222-3333-4444-555555555555"


def _mesh(title: str, msg: str, kind: str = "options", /, **mesh: t.Any) -> list[Case]:
    tasks: dict[str, dict[str, t.Any]] = {
        "asm_workshop": NEW_WORKSHOP,
        "asm_release": NEW_RELEASE,
        "asm_workshop_info": {},
        "asm_release_info": {},
    }
    return [
        Case(f"{title}: {module}", module, {**options, **mesh}, msg, kind, calls=1) for module, options in tasks.items()
    ]


def _workshop(title: str, msg: str, kind: str = "options", /, **options: t.Any) -> Case:
    return Case(f"workshop: {title}", "asm_workshop", options, msg, kind, calls=2)


def _release(title: str, msg: str, kind: str = "options", /, **options: t.Any) -> Case:
    return Case(f"release: {title}", "asm_release", options, msg, kind, calls=2)


def _workspace(title: str, msg: str, kind: str = "options", calls: int = 1, /, **options: t.Any) -> Case:
    return Case(f"workspace: {title}", "modelarts_workspace", options, msg, kind, calls=calls)


MESHES = [
    *_mesh("unknown mesh_id", f"No mesh has the id '{UNKNOWN_ID}' {KNOWN}", mesh_id=UNKNOWN_ID),
    *_mesh("unknown mesh_name", f"No mesh has the name 'Demo-Mesh' {KNOWN}", mesh_name="Demo-Mesh"),
    *_mesh("two meshes of that name", DUPLICATES, "ambiguous", mesh_name="same-mesh"),
    Case(
        "unknown mesh_name: workshop to be removed",
        "asm_workshop",
        {"mesh_name": "deleted-mesh", "name": "bookinfo", "state": "absent"},
        f"No mesh has the name 'deleted-mesh' {KNOWN}",
        calls=1,
    ),
]

PAUSED = "mesh 'idle-mesh' ($idle_mesh) is in phase 'Upgrading', not 'Running'. Wait until the mesh is Running, or repair it."
NOT_RUNNING = [
    _workshop(
        "create in a mesh that does not run", f"Cannot create workshop 'new-demo': {PAUSED}", **IDLE, **NEW_WORKSHOP
    ),
    _workshop(
        "remove from a mesh that does not run",
        f"Cannot delete workshop 'bookinfo': {PAUSED}",
        **IDLE,
        name="bookinfo",
        state="absent",
    ),
    _workshop(
        "recreate in a mesh that does not run",
        f"Cannot delete workshop 'bookinfo': {PAUSED}",
        **IDLE,
        name="bookinfo",
        ingress={"port": 81},
        on_drift="replace",
    ),
    _release(
        "create in a mesh that does not run",
        f"Cannot create release 'default/ratings-v2': {PAUSED}",
        **IDLE,
        **NEW_RELEASE,
    ),
    _release(
        "change in a mesh that does not run",
        f"Cannot change the image of release 'default/reviews-v2': {PAUSED}",
        **IDLE,
        **REVIEWS,
        gray_deployments="{{ newer }}",
    ),
    _release(
        "promote in a mesh that does not run",
        f"Cannot promote release 'default/reviews-v2': {PAUSED}",
        **IDLE,
        **REVIEWS,
        state="promoted",
    ),
    _release(
        "cancel in a mesh that does not run",
        f"Cannot cancel release 'default/reviews-v2': {PAUSED}",
        **IDLE,
        **REVIEWS,
        state="canceled",
    ),
]

STUCK = "A workshop cannot be changed. Correct the task, or set on_drift to replace to delete it and create it again."
WORKSHOPS = [
    _workshop(
        "drift",
        "Workshop 'bookinfo' differs in fields that cannot be changed: description is '', desired is 'For Thursday'; "
        "primary_cluster is 'demo-cluster', desired is 'other-cluster'; ingress.port is 80, desired is 81; "
        f"ingress.image_address is null, desired is 'swr.example.com'. {STUCK}",
        "drift",
        **DEMO,
        name="bookinfo",
        description="For Thursday",
        primary_cluster="other-cluster",
        ingress=dict(PORTS, port=81, image_address="swr.example.com"),
    ),
    _workshop(
        "two of that name",
        "Several workshops of mesh 'demo-mesh' have the name 'same-demo': $same_demo, $same_demo_2. Delete all but one in the console.",
        "ambiguous",
        **DEMO,
        name="same-demo",
        state="absent",
    ),
    _workshop(
        "options missing",
        "To create workshop 'new-demo', these options are missing: ingress.elb_id, ingress.elb_ip, ingress.port, primary_cluster",
        **DEMO,
        name="new-demo",
    ),
]

ONLY_IMAGES = "Only the images of a release can change. Correct the task, or promote or cancel this release first."
NOT_MEANT = (
    "Release 'default/reviews-v2' is not the one that the task describes: version is 'v2', desired is 'v3'. "
    "Correct the task, omit the options that need not match, or set on_drift to warn."
)
FIELDS = (
    ("service_name", "reviews", "ratings"),
    ("cluster_id", "demo-cluster", "other-cluster"),
    ("deployment_name", "reviews-v1", "reviews-v0"),
    ("version", "v2", "v3"),
    ("type", "canary", "bluegreen"),
)
RELEASES = [
    *(
        _release(
            f"{field} changed",
            f"Release 'default/reviews-v2' differs in fields that cannot be changed: {field} is '{actual}', desired is '{desired}'. {ONLY_IMAGES}",
            "drift",
            **DEMO,
            **REVIEWS,
            **{field: desired},
        )
        for field, actual, desired in FIELDS
    ),
    _release(
        "all of it changed",
        "Release 'default/reviews-v2' differs in fields that cannot be changed: "
        + "; ".join(f"{field} is '{actual}', desired is '{desired}'" for field, actual, desired in FIELDS)
        + f"; gray_deployments[0].template.spec.replicas: 1 -> 3. {ONLY_IMAGES}",
        "drift",
        **DEMO,
        **REVIEWS,
        **{field: desired for field, actual, desired in FIELDS},
        gray_deployments="{{ more }}",
        lint="ignore",
    ),
    *(
        _release(
            f"another than the one to be {state}", NOT_MEANT, "drift", **DEMO, **REVIEWS, version="v3", state=state
        )
        for state in ("promoted", "canceled")
    ),
    _release(
        "second active one of a Service",
        "Cannot create release 'default/ratings-v2': Service 'reviews' in namespace 'default' already has the active release 'reviews-v2' "
        "(id $reviews, phase 'Running'). A Service can have one active release: promote or cancel that one first.",
        "drift",
        **DEMO,
        **{**NEW_RELEASE, "service_name": "reviews"},
    ),
    _release(
        "two of that name",
        "Several releases of mesh 'demo-mesh' have the name 'default/same-release': $same_release, $same_release_2. End all but one in the console.",
        "ambiguous",
        **DEMO,
        namespace="default",
        name="same-release",
        state="canceled",
    ),
    _release(
        "options missing",
        "To create release 'default/ratings-v2', these options are missing: cluster_id, deployment_name, gray_deployments, service_name, version",
        **DEMO,
        namespace="default",
        name="ratings-v2",
    ),
]

WORKSPACE_RULE = "must have 4 to 64 characters, only letters, digits, hyphens and underscores"
WORKSPACES = [
    # An existing workspace can have any name, so the name is only invalid after a list shows that it must be created.
    *(
        _workspace(f"new name {name!r}", f"Invalid options: name {WORKSPACE_RULE}", name=name)
        for name in ("abc", "team green", "t\u00ebam-green", "team-green\n")
    ),
    _workspace(
        "enterprise project changed",
        "Workspace 'team-blue' differs in fields that cannot be changed: enterprise_project_id is '0', desired is '0aad99bc-f5f6-4f78-8404-c598d76b0ed2'. "
        "Correct the task, or move the content of the workspace, delete it and create it again.",
        "drift",
        name="team-blue",
        enterprise_project_id="0aad99bc-f5f6-4f78-8404-c598d76b0ed2",
    ),
    _workspace(
        "unknown id",
        "No workspace has the id '0123456789abcdef0123456789abcdef', and the service assigns the IDs of new workspaces. Set name to create the workspace.",
        id="0123456789abcdef0123456789abcdef",
        description="Ours",
    ),
    _workspace(
        "two of that name",
        "Several workspaces have the name 'same-space': $same_space ('same-space'), $same_space_2 ('same-space'). Set id to one of them.",
        "ambiguous",
        name="same-space",
        state="absent",
    ),
    _workspace(
        "unknown quota",
        "Invalid options: quotas[0].resource 'disk' is not a quota of the workspace. Its quotas are: exemlProject.cpu_duration, "
        "exemlProject.gpu_duration, notebook.gpu_duration, service.gpu_num, trainJob.cpu_duration, trainJob.gpu_duration.",
        "options",
        2,
        name="team-blue",
        quotas=[{"resource": "disk", "quota": 5}],
    ),
    _workspace(
        "unknown quota of a new one",
        "Invalid options: quotas[0].resource 'disk' is not a quota of the workspace. Its quotas are: exemlProject.cpu_duration, "
        "exemlProject.gpu_duration, notebook.gpu_duration, service.gpu_num, trainJob.cpu_duration, trainJob.gpu_duration.",
        "options",
        2,
        name="team-green",
        quotas=[{"resource": "disk", "quota": 5}],
    ),
    _workspace(
        "quota of a new one above its limit",
        "Invalid options: quotas[0].quota of 'exemlProject.gpu_duration' is 60001, and must be -1 for unlimited or from 1 to 60000 (unit: minute).",
        "options",
        2,
        name="team-green",
        quotas=[{"resource": "exemlProject.gpu_duration", "quota": 60001}],
    ),
    _workspace(
        "grants of a new one without auth_type",
        "Failed to create workspace 'team-green': grants require auth_type internal, and auth_type is not set. "
        "The workspace would be public: every user of the account could use it. "
        "Set auth_type to internal to restrict the workspace to the users in grants, or remove grants.",
        name="team-green",
        grants=[{"user_name": "alice"}],
    ),
    _workspace(
        "quota above its limit",
        "Invalid options: quotas[0].quota of 'exemlProject.gpu_duration' is 60001, and must be -1 for unlimited or from 1 to 60000 (unit: minute).",
        "options",
        2,
        name="team-blue",
        quotas=[{"resource": "exemlProject.gpu_duration", "quota": 60001}],
    ),
]

CASES = [*MESHES, *NOT_RUNNING, *WORKSHOPS, *RELEASES, *WORKSPACES]


def _ids(server: Emulator) -> dict[str, str]:
    """Ids of what was seeded, under names that messages can use; of two of one name the smaller is the first, as messages sort them."""
    made = server.seed(**SEED)
    meshes = server.stores()["meshes"].items()
    demo_mesh = next(uid for uid, mesh in meshes if mesh["name"] == "demo-mesh")
    names = {
        "project": server.credentials["project_id"],
        "demo_mesh": demo_mesh,
        "idle_mesh": made["meshes"][0],
        "reviews": made["releases"][0],
    }
    duplicates = {
        "same_mesh": made["meshes"][1:],
        "same_demo": made["workshops"][2:],
        "same_release": made["releases"][2:],
        "same_space": made["workspaces"][1:],
    }
    for name, pair in duplicates.items():
        names[name], names[f"{name}_2"] = sorted(pair)
    return names


def _gray(server: Emulator) -> dict[str, t.Any]:
    """Return the Deployment of the release with another image and another number of replicas."""
    release = next(record for record in server.stores()["releases"].values() if record["name"] == "reviews-v2")
    template = release["gray"][0]["sent"]
    image = changed(template, "spec.template.spec.containers.0.image", "registry.example.com/reviews:v2.1")
    return {
        "newer": [{"template": image}],
        "more": [{"template": changed(template, "spec.replicas", 3), "cluster_id": "demo-cluster"}],
    }


@pytest.fixture(scope="module")
def outcome(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    player = play_in(server, tmp_path_factory.mktemp("world"))
    names = _ids(server)
    return attempt(player, CASES, names, variables=_gray(server))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_task_fails_after_reading(outcome: Outcome, case: Case) -> None:
    outcome.check(case)


def test_no_secret_leaks(outcome: Outcome) -> None:
    assert outcome.leaks(outcome.run.output) == []


def test_unavailable_mesh_is_accepted_if_nothing_changes(
    server: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    player = play_in(server, tmp_path_factory.mktemp("idle"))
    _ids(server)
    before = server.stores()
    run = player(
        [
            task("asm_workshop", "unchanged workshop", **IDLE, name="bookinfo", ingress={"port": 80}),
            task("asm_workshop", "deleted workshop", **IDLE, name="deleted-demo", state="absent"),
            task("asm_release", "unchanged release", **IDLE, **REVIEWS, version="v2"),
            task(
                "asm_release",
                "release that is over",
                **IDLE,
                namespace="default",
                name="gone-release",
                state="promoted",
            ),
            task(
                "asm_release",
                "release that never was",
                **IDLE,
                namespace="default",
                name="gone-release",
                state="canceled",
            ),
            task("asm_workshop_info", "workshops", **IDLE),
            task("asm_release_info", "releases", **IDLE),
        ]
    )
    assert [record.status for record in run.records] == ["ok"] * 7
    assert [record.writes for record in run.records] == [[]] * 7
    assert [len(run["workshops"].result["workshops"]), len(run["releases"].result["releases"])] == [1, 1]
    assert server.stores() == before
