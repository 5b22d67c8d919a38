# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles workspaces, workshops and releases in plays: lists of several entries, the facts they leave, and what they refuse."""

from __future__ import annotations

import datetime
import json
import re
import typing as t

import pytest
import yaml
from expectations import check_prediction, check_quiet
from harness import COLLECTION, GROUP, HERE, ROOT, Emulator, Player, Run, defaults
from play_results import RESOURCE_TYPES, PlayResult, attempt, split, stage
from task_scenarios import template

BOOK_MESH = "0b1c2d3e-4f50-4172-8839-4a5b6c7d8e9f"
SHOP_MESH = "1c2d3e4f-5061-4283-994a-5b6c7d8e9fa0"
CLUSTERS = {"book": "book-cluster", "shop": "shop-cluster"}
MESHES = [
    {"name": "book-mesh", "id": BOOK_MESH, "clusters": [CLUSTERS["book"]]},
    {"name": "shop-mesh", "id": SHOP_MESH, "clusters": [CLUSTERS["shop"]]},
]
QUOTA = {"resource": "exemlProject.gpu_duration", "quota": 600}

# What users find in the facts, see section 3 of the design.
KEYS = {
    "workspaces": set(
        "id name description auth_type grants enterprise_project_id enterprise_project_name owner status status_info created_at updated_at".split()
    ),
    "workshops": set("id name mesh_id description primary_cluster ingress created_at updated_at".split()),
    "releases": set(
        "id name namespace mesh_id service_name cluster_id deployment_name version type gray_deployments status".split()
    ),
}
INGRESS_KEYS = {"elb_id", "elb_ip", "port", "image_address"}
STATUS_KEYS = {"phase", "start_time", "updated_at", "deployment", "gray_deployments"}


def workshop(name: str, cluster: str, port: int = 8080, **more: t.Any) -> dict[str, t.Any]:
    ingress = {"elb_id": "elb-1", "elb_ip": "192.0.2.10", "port": port}
    return {"name": name, "primary_cluster": CLUSTERS[cluster], "ingress": ingress, **more}


def release(name: str, app: str, cluster: str, tag: str = "2.0.0", **more: t.Any) -> dict[str, t.Any]:
    identity = {
        "namespace": "default",
        "name": name,
        "service_name": app,
        "deployment_name": f"{app}-v1",
        "version": "v2",
    }
    return {**identity, "cluster_id": CLUSTERS[cluster], "gray_deployments": [{"template": template(tag, app)}], **more}


def name_in(body: t.Mapping[str, t.Any]) -> str:
    return body["metadata"]["name"] if "metadata" in body else body["name"]


def secret_connection(emulator: Emulator) -> dict[str, t.Any]:
    """Return connection options for module_defaults. The secret is in a variable, because Ansible prints the lines of a playbook around an error."""
    found = emulator.credentials
    plain = {"access_key": found["access_key"], "project_id": found["project_id"], "region": found["region"]}
    where = dict.fromkeys(("auth_url", "asm_endpoint", "modelarts_endpoint"), emulator.url)
    return {**plain, **where, "secret_key": "{{ canary }}"}


NOBODY = dict.fromkeys(
    (
        "HW_ACCESS_KEY",
        "HW_SECRET_KEY",
        "HW_PROJECT_ID",
        "HW_REGION_NAME",
        "HW_AUTH_URL",
        "HW_ASM_ENDPOINT",
        "HW_MODELARTS_ENDPOINT",
    )
)

FIRST_STATE: dict[str, dict[str, t.Any]] = {
    "workspaces": {
        "workspaces_list": [
            {
                "name": "team-a",
                "description": "A team",
                "auth_type": "INTERNAL",
                "grants": [{"user_name": "alice"}],
                "quotas": [QUOTA],
            },
            {"name": "team-b", "auth_type": "private"},
        ]
    },
    # One takes the mesh of the role, the other one has its own, told the other way.
    "workshops": {
        "workshops_mesh_name": "book-mesh",
        "workshops_list": [workshop("demo", "book"), workshop("demo-shop", "shop", 8090, mesh_id=SHOP_MESH)],
    },
    "releases": {
        "releases_mesh_id": BOOK_MESH,
        "releases_list": [
            release("canary", "reviews", "book", mesh_name=""),
            release(
                "cart-canary",
                "cart",
                "shop",
                mesh_name="shop-mesh",
                gray_deployments=[{"template": yaml.safe_dump(template(app="cart"))}],
            ),
        ],
    },
}
SECOND_STATE: dict[str, dict[str, t.Any]] = {
    "workspaces": {
        "workspaces_list": [
            {"name": "team-a", "new_name": "team-people", "grants": [{"user_name": "bob"}], "purge_grants": False},
            {"id": "{{ team_b }}", "state": "absent"},
        ]
    },
    "workshops": {
        "workshops_mesh_id": BOOK_MESH,
        "workshops_list": [
            {"name": "demo", "state": "absent"},
            workshop("demo-shop", "shop", 8081, mesh_name="shop-mesh", on_drift="replace"),
        ],
    },
    "releases": {
        "releases_mesh_name": "book-mesh",
        "releases_list": [
            release("canary", "reviews", "book", "2.0.1"),
            # The emulator removes a canceled release from its list, which is a warning unless the entry says otherwise.
            {
                "namespace": "default",
                "name": "cart-canary",
                "mesh_id": SHOP_MESH,
                "state": "canceled",
                "on_missing": "ignore",
            },
        ],
    },
}
RUNS = ("at first in check mode", "at first", "at first again", "then in check mode", "then", "then again")


class TestDesiredStates:
    """Run two desired states in check mode, for real and again, with full verbosity."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        emulator = shared_play.emulator
        emulator.seed(meshes=MESHES, workspaces=["somebody-elses"])
        remember = {
            "name": "Remember an ID",
            "ansible.builtin.set_fact": {"team_b": "{{ workspaces_result['team-b'].id }}"},
        }
        plays = []
        for name in RUNS:
            desired = FIRST_STATE if name.startswith("at first") else SECOND_STATE
            play = stage(
                name,
                desired,
                module_defaults=defaults(**secret_connection(emulator)),
                diff=True,
                check_mode=name.endswith("check mode"),
            )
            plays.append({**play, "tasks": [remember] if name == "at first" else []})
        variables = {"canary": emulator.credentials["secret_key"]}
        return shared_play.run(plays, verbosity=3, variables=variables, environment=NOBODY)

    @pytest.fixture(scope="class")
    @classmethod
    def stages(cls, run: Run) -> dict[str, PlayResult]:
        found = split(run)
        assert tuple(found) == RUNS
        return found

    @pytest.mark.parametrize("role", RESOURCE_TYPES)
    @pytest.mark.parametrize("desired", ["at first", "then"])
    def test_check_mode_predicts_each_item(self, stages: dict[str, PlayResult], desired: str, role: str) -> None:
        predicted, done = stages[f"{desired} in check mode"], stages[desired]
        assert predicted.call(role).status == done.call(role).status == "changed"
        assert predicted.writes == []
        assert len(predicted.entries(role)) == len(done.entries(role)) == 2
        for expected, real in zip(predicted.entries(role), done.entries(role)):
            assert real.changed and "diff" in real.result
            check_prediction(expected, real, RESOURCE_TYPES[role])
        assert predicted.actions(role) == done.actions(role)

    @pytest.mark.parametrize("role", RESOURCE_TYPES)
    @pytest.mark.parametrize("desired", ["at first", "then"])
    def test_second_run_changes_nothing(self, stages: dict[str, PlayResult], desired: str, role: str) -> None:
        again = stages[f"{desired} again"]
        assert again.call(role).status == "ok"
        assert again.writes == []
        for entry in again.entries(role):
            check_quiet(entry)
        # A name may differ: what was removed by its ID leaves nothing but that.
        assert list(again.actions(role).values()) == [[], []]
        assert again.objects(role) == stages[desired].objects(role)

    def test_requests_of_the_first_run(self, stages: dict[str, PlayResult], server: Emulator) -> None:
        one = stages["at first"]
        workspaces = f"/v1/{server.credentials['project_id']}/workspaces"
        identity = one.objects("workspaces")["team-a"]["id"]
        # Entries of one role are acted on side by side.
        assert sorted(one.written[:2]) == [f"POST {workspaces}"] * 2
        assert one.written[2] == f"PUT {workspaces}/{identity}/quotas"
        assert sorted(one.written[3:5]) == [
            f"POST /v2/meshes/{BOOK_MESH}/workshops",
            f"POST /v2/meshes/{SHOP_MESH}/workshops",
        ]
        assert sorted(one.written[5:]) == [
            f"POST /v2/meshes/{mesh}/namespaces/default/releases" for mesh in (BOOK_MESH, SHOP_MESH)
        ]
        assert one.writes[2]["body"] == {"quotas": [QUOTA]}
        bodies = {name_in(call["body"]): call["body"] for call in one.writes if call["method"] == "POST"}
        assert sorted(bodies) == ["canary", "cart-canary", "demo", "demo-shop", "team-a", "team-b"]
        # Written as a mapping and as YAML text.
        templates = [bodies[name]["spec"]["grayDeployments"][0]["template"] for name in ("canary", "cart-canary")]
        assert templates == [template(app="reviews"), template(app="cart")]

    def test_requests_of_the_following_runs(self, stages: dict[str, PlayResult], server: Emulator) -> None:
        before, one = stages["at first"], stages["then"]
        workspaces = f"/v1/{server.credentials['project_id']}/workspaces"
        teams = [before.objects("workspaces")[name]["id"] for name in ("team-a", "team-b")]
        releases = {name: before.objects("releases")[f"default/{name}"]["id"] for name in ("canary", "cart-canary")}
        assert sorted(one.written[:2]) == [f"DELETE {workspaces}/{teams[1]}", f"PUT {workspaces}/{teams[0]}"]
        workshops = [line for line in one.written[2:5] if SHOP_MESH in line]
        assert workshops == [
            f"DELETE /v2/meshes/{SHOP_MESH}/workshops/demo-shop",
            f"POST /v2/meshes/{SHOP_MESH}/workshops",
        ]
        assert [line for line in one.written[2:5] if line not in workshops] == [
            f"DELETE /v2/meshes/{BOOK_MESH}/workshops/demo"
        ]
        assert sorted(one.written[5:]) == [
            f"DELETE /v2/meshes/{SHOP_MESH}/namespaces/default/releases/{releases['cart-canary']}",
            f"PUT /v2/meshes/{BOOK_MESH}/namespaces/default/releases/{releases['canary']}",
        ]
        update = next(call for call in one.writes if call["path"].endswith(teams[0]))
        assert update["body"]["name"] == "team-people"
        assert {grant["user_name"] for grant in update["body"]["grants"]} == {"alice", "bob"}
        assert next(call for call in one.writes if call["path"].endswith(releases["cart-canary"]))["query"] == {
            "action": "cancel"
        }

    @pytest.mark.parametrize("role", RESOURCE_TYPES)
    def test_facts_are_the_results_of_the_module(self, stages: dict[str, PlayResult], role: str) -> None:
        for one in stages.values():
            entries = one.entries(role)
            assert set(one.facts(role)) == {f"{role}_result", f"{role}_actions"}
            assert list(one.objects(role).values()) == [entry.result[RESOURCE_TYPES[role]] for entry in entries]
            assert list(one.facts(role)[f"{role}_actions"].values()) == [entry.result["actions"] for entry in entries]
            assert list(one.objects(role)) == list(one.facts(role)[f"{role}_actions"])

    def test_names_of_the_facts(self, stages: dict[str, PlayResult]) -> None:
        team_b = stages["at first"].objects("workspaces")["team-b"]["id"]
        for name, one in stages.items():
            first = name.startswith("at first")
            assert list(one.objects("workspaces")) == (["team-a", "team-b"] if first else ["team-people", team_b])
            assert list(one.objects("workshops")) == ["demo", "demo-shop"]
            assert list(one.objects("releases")) == ["default/canary", "default/cart-canary"]

    @pytest.mark.parametrize("role", RESOURCE_TYPES)
    def test_keys_of_the_facts(self, stages: dict[str, PlayResult], role: str) -> None:
        for name, one in stages.items():
            for resource in filter(None, one.objects(role).values()):
                assert set(resource) - {"quotas"} == KEYS[role], name
                assert (resource["id"] is None) == (
                    name == "at first in check mode"
                    or (name == "then in check mode" and resource["name"] == "demo-shop")
                )
                if role == "workshops":
                    assert set(resource["ingress"]) == INGRESS_KEYS
                if role == "releases":
                    assert set(resource["status"]) == STATUS_KEYS

    def test_actions_in_the_facts(self, stages: dict[str, PlayResult]) -> None:
        assert stages["at first"].actions("workspaces") == {"team-a": ["create", "update"], "team-b": ["create"]}
        assert list(stages["then"].actions("workspaces").values()) == [["update"], ["delete"]]
        assert stages["then"].actions("workshops") == {"demo": ["delete"], "demo-shop": ["delete", "create"]}
        assert stages["then"].actions("releases") == {"default/canary": ["update"], "default/cart-canary": ["cancel"]}
        action = stages["then"].facts("releases")["releases_actions"]["default/canary"][0]
        assert action["fields"] == ["gray_deployments[0].template.spec.template.spec.containers[reviews].image"]
        assert action["request_id"] in [call["request_id"] for call in stages["then"].writes]

    def test_deleted_resource_is_null(self, stages: dict[str, PlayResult]) -> None:
        for name in ("then in check mode", "then", "then again"):
            found = [resource for role in RESOURCE_TYPES for resource in stages[name].objects(role).values()]
            assert [resource is None for resource in found] == [False, True, True, False, False, True]

    def test_final_state(self, stages: dict[str, PlayResult], server: Emulator) -> None:
        stores = server.stores()
        assert sorted(record["name"] for record in stores["workspaces"].values()) == [
            "default",
            "somebody-elses",
            "team-people",
        ]
        assert [record["name"] for record in stores["workshops"].values()] == ["demo-shop"]
        assert [record["name"] for record in stores["releases"].values()] == ["canary"]

    def test_output_contains_no_secret(self, run: Run, server: Emulator) -> None:
        # Where Ansible shows the options of a task; not every version does.
        assert ("module_args" in run.stdout) == ('"secret_key": "(not shown)"' in run.stdout)
        assert server.credentials["secret_key"] not in run.output
        assert server.credentials["secret_key"] not in json.dumps([record.result for record in run.records])
        assert "Signature=" not in run.output

    def test_no_warning(self, run: Run) -> None:
        assert [record.warnings for record in run.records if record.warnings] == []


FOLLOW_UP = str(HERE / "data" / "roles" / "follow_up")


class TestFollowUp:
    """Roles and tasks that know nothing but the facts."""

    @pytest.fixture(scope="class")
    @classmethod
    def stages(cls, shared_play: Player) -> dict[str, PlayResult]:
        shared_play.emulator.seed(meshes=MESHES)
        nothing = stage("nothing", {name: {} for name in RESOURCE_TYPES})
        follow_up = stage("follow up", {**FIRST_STATE, FOLLOW_UP: {}})
        again = stage("again", {"releases": FIRST_STATE["releases"], FOLLOW_UP: {}}, check_mode=True)
        return split(shared_play.run([nothing, follow_up, again]))

    def test_empty_lists(self, stages: dict[str, PlayResult]) -> None:
        """Facts are there whatever was in the list, so that nothing has to ask whether they are."""
        nothing = stages["nothing"]
        assert nothing.requests == []
        for role in RESOURCE_TYPES:
            assert nothing.facts(role) == {f"{role}_result": {}, f"{role}_actions": {}}

    def test_renamed_workspace_has_its_new_name(self, stages: dict[str, PlayResult]) -> None:
        record, objects = (
            stages["follow up"]["Keep notes beside each workspace"],
            stages["follow up"].objects("workspaces"),
        )
        assert [call["body"]["name"] for call in record.writes] == [
            f"notes-{resource['id']}" for resource in objects.values()
        ]
        assert record.writes[0]["body"]["description"] == "Notes on team-a, for alice"
        assert [grant["user_id"] for grant in record.writes[0]["body"]["grants"]] == [
            objects["team-a"]["grants"][0]["user_id"]
        ]

    def test_workshop_has_mesh_and_ingress(self, stages: dict[str, PlayResult]) -> None:
        record = stages["follow up"]["Open a second door beside each workshop"]
        assert [(call["path"], call["body"]["metadata"]["name"]) for call in record.writes] == [
            (f"/v2/meshes/{BOOK_MESH}/workshops", "demo-2"),
            (f"/v2/meshes/{SHOP_MESH}/workshops", "demo-shop-2"),
        ]
        assert [call["body"]["spec"]["ingress"]["port"] for call in record.writes] == [8081, 8091]

    def test_ready_release_has_its_status(self, stages: dict[str, PlayResult]) -> None:
        record, objects = stages["follow up"]["Cancel each release that is up"], stages["follow up"].objects("releases")
        assert [resource["status"]["phase"] for resource in objects.values()] == ["Running", "Running"]
        wanted = [
            f"/v2/meshes/{resource['mesh_id']}/namespaces/default/releases/{resource['id']}"
            for resource in objects.values()
        ]
        assert [(call["method"], call["path"], call["query"]) for call in record.writes] == [
            ("DELETE", path, {"action": "cancel"}) for path in wanted
        ]

    def test_facts_of_check_mode_and_of_an_earlier_play(self, stages: dict[str, PlayResult]) -> None:
        """Workspaces and workshops are those of the play before; releases would be created, and have no phase to act on."""
        again = stages["again"]
        assert again.writes == []
        assert (
            again["Keep notes beside each workspace"].status
            == again["Open a second door beside each workshop"].status
            == "ok"
        )
        assert [resource["status"]["phase"] for resource in again.objects("releases").values()] == [None, None]
        assert again["Cancel each release that is up"].status == "skipped"


class Refusal(t.NamedTuple):
    role: str
    variables: t.Mapping[str, t.Any]
    message: str


def entry(role: str, **given: t.Any) -> dict[str, t.Any]:
    return {f"{role}_list": [given]}


WORKSPACE_OPTIONS = "auth_type, description, enterprise_project_id, grants, id, name, new_name, purge_grants, quotas, state, wait, wait_interval, wait_timeout"
WORKSHOP_OPTIONS = "description, ingress, mesh_id, mesh_name, name, on_drift, primary_cluster, state, wait, wait_interval, wait_timeout"
RELEASE_OPTIONS = (
    "active_phases, cancel_action, canceled_phases, cluster_id, deployment_name, done_phases, end_action, ending_phases, failed_phases, "
    "gray_deployments, lint, mesh_id, mesh_name, name, namespace, on_drift, on_missing, promoted_phases, service_name, "
    "state, type, version, wait, wait_interval, wait_timeout"
)
REFUSED = "Nothing was sent. "

# What the first task of the role refuses.
BY_THE_ROLE = {
    "unknown key of a workspace": Refusal(
        "workspaces",
        entry("workspaces", name="team-a", quota=3),
        f"{REFUSED}workspaces_list[0].quota: unknown key (known: {WORKSPACE_OPTIONS}).",
    ),
    "unknown key of a grant": Refusal(
        "workspaces",
        entry("workspaces", name="team-a", grants=[{"user": "alice"}]),
        f"{REFUSED}workspaces_list[0].grants[0].user: unknown key (known: user_id, user_name, user_type).",
    ),
    "connection option in an entry": Refusal(
        "workspaces",
        entry("workspaces", name="team-a", region="eu-de"),
        f"{REFUSED}workspaces_list[0].region: unknown key (known: {WORKSPACE_OPTIONS}).",
    ),
    "unknown key of the second workshop": Refusal(
        "workshops",
        {
            "workshops_mesh_name": "demo-mesh",
            "workshops_list": [workshop("demo", "book"), {"name": "demo-2", "port": 80}],
        },
        f"{REFUSED}workshops_list[1].port: unknown key (known: {WORKSHOP_OPTIONS}).",
    ),
    "unknown key of an ingress": Refusal(
        "workshops",
        entry("workshops", name="demo", ingress={"elb": "elb-1"}),
        f"{REFUSED}workshops_list[0].ingress.elb: unknown key (known: elb_id, elb_ip, image_address, port).",
    ),
    "unknown key of a release": Refusal(
        "releases",
        entry("releases", namespace="default", name="canary", image="reviews:2"),
        f"{REFUSED}releases_list[0].image: unknown key (known: {RELEASE_OPTIONS}).",
    ),
    "unknown key of a Deployment": Refusal(
        "releases",
        entry("releases", namespace="default", name="canary", gray_deployments=[{"template": {}, "cluster": "a"}]),
        f"{REFUSED}releases_list[0].gray_deployments[0].cluster: unknown key (known: cluster_id, template).",
    ),
    "workshop without a name": Refusal(
        "workshops",
        entry("workshops", state="absent"),
        f"{REFUSED}workshops_list[0]: name is required.",
    ),
    "release without a namespace": Refusal(
        "releases",
        entry("releases", name="canary"),
        f"{REFUSED}releases_list[0]: namespace is required.",
    ),
    "state of a release": Refusal(
        "releases",
        entry("releases", namespace="default", name="canary", state="absent"),
        f"{REFUSED}releases_list[0].state: must be one of present, promoted, canceled.",
    ),
    "drift of a release": Refusal(
        "releases",
        entry("releases", namespace="default", name="canary", on_drift="replace"),
        f"{REFUSED}releases_list[0].on_drift: must be one of fail, warn.",
    ),
}
BY_THE_ROLE.update(
    {
        "list that is a mapping": Refusal(
            "workspaces",
            {"workspaces_list": {"name": "team-a"}},
            f"{REFUSED}workspaces_list must be a list, it is a mapping.",
        ),
        "list that is text": Refusal(
            "releases", {"releases_list": "canary"}, f"{REFUSED}releases_list must be a list, it is text."
        ),
        "workspace that is text": Refusal(
            "workspaces",
            {"workspaces_list": [{"name": "team-a"}, "team-b"]},
            f"{REFUSED}workspaces_list[1]: must be a mapping, for example {{name: team-a}}, it is text.",
        ),
        "grant that is text": Refusal(
            "workspaces",
            entry("workspaces", name="team-a", grants=[{"user_name": "anna"}, "boris"]),
            f"{REFUSED}workspaces_list[0].grants[1]: must be a mapping, for example {{user_name: anna}}, it is text.",
        ),
        "several mistakes": Refusal(
            "workshops",
            {"workshops_wait": "perhaps", "workshops_list": [{"name": "demo", "wait_timeout": "10m"}, None]},
            f"{REFUSED}workshops_list[0].wait_timeout: must be a number, it is text; "
            "workshops_list[1]: must not be null, for example {name: demo}; "
            "workshops_wait must be true or false, it is text.",
        ),
        "date without quotes": Refusal(
            "releases",
            entry("releases", namespace="default", name="canary", version=datetime.date(2026, 5, 6)),
            f"{REFUSED}releases_list[0].version: is a date, it must be text: put it in quotes.",
        ),
    }
)
BY_THE_ROLE["one name in two meshes"] = Refusal(
    "workshops",
    {
        "workshops_mesh_name": "book-mesh",
        "workshops_list": [{"name": "demo"}, {"name": "other"}, {"name": "demo", "mesh_id": SHOP_MESH}],
    },
    "workshops_list names demo in more than one mesh. The facts are kept by name: use the role once for each mesh.",
)
BY_THE_ROLE["one name of a namespace in two meshes"] = Refusal(
    "releases",
    {
        "releases_list": [
            {"namespace": namespace, "name": "canary", "mesh_name": mesh}
            for namespace, mesh in (("default", "book-mesh"), ("default", "shop-mesh"), ("other", "shop-mesh"))
        ]
    },
    "releases_list names default/canary in more than one mesh. The facts are kept by name: use the role once for each mesh.",
)

# What the module refuses.
CORRECT = "Correct the items, or set on_error to continue."
BY_THE_MODULE = {
    "both meshes of a role": Refusal(
        "workshops",
        {"workshops_mesh_id": BOOK_MESH, "workshops_mesh_name": "book-mesh", **entry("workshops", name="demo")},
        "parameters are mutually exclusive: mesh_id|mesh_name",
    ),
    "both meshes of an entry": Refusal(
        "releases",
        entry("releases", namespace="default", name="canary", mesh_id=BOOK_MESH, mesh_name="book-mesh"),
        f"Nothing was sent: releases[0] ('default/canary'): parameters are mutually exclusive: mesh_id|mesh_name. {CORRECT}",
    ),
    "no mesh at all": Refusal(
        "releases",
        entry("releases", namespace="default", name="canary"),
        f"Nothing was sent: releases[0] ('default/canary'): one of the following is required: mesh_id, mesh_name. {CORRECT}",
    ),
    "neither name nor ID": Refusal(
        "workspaces",
        entry("workspaces", description="?"),
        f"Nothing was sent: workspaces[0] ('?'): one of the following is required: id, name. {CORRECT}",
    ),
    "both name and ID": Refusal(
        "workspaces",
        entry("workspaces", id="1", name="team-a"),
        f"Nothing was sent: workspaces[0] ('team-a'): parameters are mutually exclusive: id|name. {CORRECT}",
    ),
}


class TestRefusals:
    @pytest.fixture(scope="class")
    @classmethod
    def stages(cls, shared_play: Player) -> dict[str, PlayResult]:
        tasks = []
        for name, refusal in {**BY_THE_ROLE, **BY_THE_MODULE}.items():
            tasks += attempt(
                name,
                {
                    "name": "Use the role",
                    "include_role": {"name": f"{COLLECTION}.{refusal.role}"},
                    "vars": dict(refusal.variables),
                },
            )
        return split(shared_play(tasks))

    @pytest.mark.parametrize("name", BY_THE_ROLE)
    def test_refused_by_the_role(self, stages: dict[str, PlayResult], name: str) -> None:
        one = stages[name]
        assert [record.msg for record in one.failed] == [BY_THE_ROLE[name].message]
        assert one.requests == []
        sending = [record.action for record in one.records if record.action.startswith(COLLECTION)]
        assert set(sending) <= {f"{COLLECTION}.validate_variables"}

    @pytest.mark.parametrize("name", BY_THE_MODULE)
    def test_refused_by_the_module(self, stages: dict[str, PlayResult], name: str) -> None:
        one = stages[name]
        assert [record.msg for record in one.failed] == [BY_THE_MODULE[name].message]
        assert one.requests == []


def example(role: str) -> dict[str, t.Any]:
    """Return the play in the README of a role."""
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    (play,) = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    return play


class TestExamples:
    """What the READMEs show can be run as it stands."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        emulator = shared_play.emulator
        emulator.set(running_after=0, gone_after=0)
        emulator.seed(
            meshes=[{"name": "shop-mesh", "clusters": ["5b4a5f4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b"]}],
            workspaces=["team-of-last-year"],
        )
        vault = {
            "vault_access_key": emulator.credentials["access_key"],
            "vault_secret_key": emulator.credentials["secret_key"],
        }
        plays = [example(role) for role in RESOURCE_TYPES]
        assert GROUP in plays[0]["module_defaults"]
        return shared_play.run(plays, variables=vault)

    def test_all_requests_were_sent(self, run: Run) -> None:
        """The facts the examples show are there, too, or their last tasks would fail."""
        calls = [record for record in run.modules() if record.status == "changed"]
        assert [record.action.rpartition(".")[2] for record in calls] == ["apply"] * 3
        assert [sorted(call["method"] for call in record.writes) for record in calls] == [
            ["DELETE", "POST", "PUT"],
            ["POST"],
            ["POST"],
        ]

    def test_facts_are_printed(self, run: Run) -> None:
        messages = [record.msg for record in run.records if record.action == "ansible.builtin.debug"]
        assert len(messages) == 3
        workspaces = next(record for record in run.records if record.name == "Set the workspaces as facts").result[
            "ansible_facts"
        ]["workspaces_result"]
        assert workspaces["team-recommender"]["id"] in messages[0]
        assert workspaces["team-of-last-year"] is None
        assert "192.0.2.10:8080" in messages[1]
        assert "Running" in messages[2]


CONTINUE = {f"{COLLECTION}.apply": {"on_error": "continue"}}


def test_invalid_item_is_reported(play: Player, emulator: Emulator) -> None:
    """Nothing is sent for the others either, and the facts of an earlier play stay as they were."""
    emulator.seed(workspaces=["team-z"])
    wrong = {"workspaces_list": [{"name": "team-a"}, {"name": "default"}, {"name": "team-b"}]}
    run = play.run(
        [
            stage("before", {"workspaces": {"workspaces_list": [{"name": "team-z"}]}}),
            {
                **stage("wrong", {}),
                "tasks": attempt("wrong", {"include_role": {"name": f"{COLLECTION}.workspaces"}, "vars": wrong}),
            },
            {
                **stage("after", {}),
                "tasks": [
                    {"name": "Look", "ansible.builtin.debug": {"msg": "{{ workspaces_result.keys() | join(' ') }}"}}
                ],
            },
        ]
    )
    stages = split(run)
    (failed,) = stages["wrong"].failed
    assert failed.msg.startswith("Nothing was sent: workspaces[1] ('default'): ")
    assert stages["wrong"].writes == []
    assert stages["after"]["Look"].msg == "team-z"


def test_items_beside_a_failed_one_are_in_the_facts(play: Player, emulator: Emulator) -> None:
    """With ignore_errors, the facts only have the items that did not fail."""
    emulator.seed(meshes=[{"name": "book-mesh"}], workshops=[{"name": "demo"}], releases=[{"name": "canary"}])
    roles = {
        "workspaces": {
            "workspaces_list": [{"name": "default"}, {"description": "neither name nor ID"}, {"name": "team-b"}]
        },
        "workshops": {
            "workshops_mesh_name": "book-mesh",
            "workshops_list": [{"name": "none"}, {"name": "demo", "state": "absent"}],
        },
        "releases": {
            "releases_mesh_name": "book-mesh",
            "releases_list": [
                {"namespace": "default", "name": name, "state": "promoted", "wait": False}
                for name in ("Bad", "canary-2")
            ],
        },
    }
    stages = split(play.run([stage("beside", roles, module_defaults={**defaults(), **CONTINUE}, ignore_errors=True)]))
    one = stages["beside"]
    assert [record.name for record in one.failed] == [
        "Apply the workspaces",
        "Apply the workshops",
        "Apply the releases",
    ]
    assert [entry.failed for entry in one.entries("workspaces")] == [True, True, False]
    assert [call["body"]["name"] for call in one.call("workspaces").writes] == ["team-b"]
    assert {
        name: resource and resource["name"] for name, resource in one.facts("workspaces")["workspaces_result"].items()
    } == {"team-b": "team-b"}
    assert one.facts("workshops")["workshops_result"] == {"demo": None}
    assert one.facts("releases") == {
        "releases_result": {"default/canary-2": None},
        "releases_actions": {"default/canary-2": []},
    }
    assert one.facts("workshops")["workshops_actions"].keys() == {"demo"}


def test_duplicate_name_in_one_mesh_fails(play: Player, emulator: Emulator) -> None:
    """All are planned on what there is now, so that an order among them would mean nothing."""
    emulator.seed(meshes=[{"name": "book-mesh"}], workshops=[{"name": "demo"}])
    entries = [{"name": "demo", "state": "absent"}, workshop("demo", "book")]
    roles = {"workshops": {"workshops_mesh_name": "book-mesh", "workshops_list": entries}}
    one = split(play.run([stage("twice", roles)], fails=True))["twice"]
    assert [record.msg for record in one.failed] == [
        f"Nothing was sent: workshop 'demo' is listed more than once: workshops[0] and workshops[1]. {CORRECT}"
    ]
    assert one.writes == []


OMIT = "{{ undefined_here | default(omit) }}"


def test_omitted_values_in_items_are_not_set(play: Player) -> None:
    options = dict.fromkeys(("description", "wait", "purge_grants", "quotas"), OMIT)
    grants = [{"user_name": "alice", "user_type": OMIT}]
    variables = {
        "workspaces_list": [{"name": "team-a", "auth_type": "internal", "grants": grants, **options}],
        "workspaces_wait": OMIT,
        "workspaces_wait_timeout": OMIT,
    }
    one = split(play.run([stage("omitted", {"workspaces": variables})]))["omitted"]
    (call,) = one.writes
    assert (call["body"]["name"], "description" in call["body"]) == ("team-a", False)


def test_items_are_not_in_the_result_of_the_validation(play: Player, emulator: Emulator) -> None:
    """AWX keeps the result of every task, and values of a template can be secrets."""
    emulator.seed(meshes=MESHES)
    secret = "CANARY-in-a-template"
    one = release("canary", "reviews", "book")
    one["gray_deployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "TOKEN", "value": secret}
    ]
    roles = {"releases": {"releases_mesh_name": "book-mesh", "releases_list": [one]}}
    run = play.run([stage("secret", roles)], verbosity=1)
    (record,) = run.named("Validate the variables")
    assert "censored" in record.result
    assert secret not in json.dumps(record.result)


@pytest.mark.parametrize(
    "role", ["releases", *(pytest.param(name, marks=pytest.mark.complete) for name in ("workspaces", "workshops"))]
)
def test_skipped_validation_is_the_reason_of_the_failure(play: Player, role: str) -> None:
    tasks = [{"name": "Use the role", "ansible.builtin.import_role": {"name": f"{COLLECTION}.{role}"}}]
    run = play(tasks, arguments=("--start-at-task", f"Apply the {role}"), fails=True)
    (failed,) = [record for record in run.records if record.failed]
    reason = f"The variables of the role {role} were not validated in this run, because --start-at-task, --tags or --skip-tags has skipped tasks."
    assert reason in failed.msg
    assert failed.requests == []
