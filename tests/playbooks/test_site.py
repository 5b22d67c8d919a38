# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbooks site, info and teardown by name, with the included desired-state files and with others."""

from __future__ import annotations

import json
import re
import stat
import typing as t
from pathlib import Path

import pytest
import yaml
from expectations import check_prediction
from harness import COLLECTION, ROOT, Emulator, Player, Run
from play_results import QUICK, RESOURCE_TYPES, PlayResult, attempt, split

SITE, INFO, TEARDOWN = (f"{COLLECTION}.{name}" for name in ("site", "info", "teardown"))
DOCUMENTS = ROOT / "playbooks" / "files"
MESH = "0b1c2d3e-4f50-4172-8839-4a5b6c7d8e9f"
CONFIRMED = {"teardown_confirm": "true"}
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

Document = t.Mapping[str, t.Any]


def read(name: str) -> dict[str, t.Any]:
    return yaml.safe_load((DOCUMENTS / name).read_text(encoding="utf-8"))


def mesh_of(document: Document) -> dict[str, t.Any]:
    """Return the mesh of a desired-state file, as a seed of the emulator."""
    clusters = {one["cluster_id"] for one in document["releases"]} | {
        one["primary_cluster"] for one in document["workshops"]
    }
    return {"name": document["mesh_name"], "id": MESH, "clusters": sorted(clusters)}


def whole(run: Run) -> PlayResult:
    return PlayResult("", run.records)


def written(run: Run) -> list[tuple[str, str, t.Any]]:
    """Return method, path and body of each request that changes something."""
    return [(call["method"], call["path"], call["body"]) for call in whole(run).writes]


def phase(call: tuple[str, str, t.Any]) -> int:
    """Return the groups of requests in their order. Requests within a group run in parallel."""
    return next(
        index
        for index, end in enumerate(("/workspaces", "/quotas", "/workshops", "/releases"))
        if call[1].endswith(end)
    )


def settled(calls: t.Sequence[tuple[str, str, t.Any]]) -> list[tuple[str, str, t.Any]]:
    return sorted(calls, key=lambda call: (phase(call), call[1], json.dumps(call[2], sort_keys=True)))


def recorded(value: t.Any, secret: bool = False) -> t.Any:
    """Return a body as in the request log, which masks all values below a secret-like name, such as the volume of a Secret."""
    if isinstance(value, dict):
        return {key: recorded(entry, "secret" in key.lower()) for key, entry in value.items()}
    if isinstance(value, list):
        return [recorded(entry, secret) for entry in value]
    return "********" if secret else value


def creations(document: Document, run: Run, project: str) -> list[tuple[str, str, t.Any]]:
    """Return the requests that create all resources of a desired-state file, with their bodies."""
    workspaces = whole(run).objects("workspaces")
    calls: list[tuple[str, str, t.Any]] = []
    for one in document["workspaces"]:
        calls.append(
            ("POST", f"/v1/{project}/workspaces", {key: value for key, value in one.items() if key != "quotas"})
        )
        if "quotas" in one:
            calls.append(
                ("PUT", f"/v1/{project}/workspaces/{workspaces[one['name']]['id']}/quotas", {"quotas": one["quotas"]})
            )
    for one in document["workshops"]:
        ingress = dict(
            zip(
                ("elbId", "elbIp", "port", "imageAddress"),
                (one["ingress"][key] for key in ("elb_id", "elb_ip", "port", "image_address")),
            )
        )
        spec = {"primaryCluster": one["primary_cluster"], "ingress": ingress}
        calls.append(
            (
                "POST",
                f"/v2/meshes/{MESH}/workshops",
                {"metadata": {"name": one["name"]}, "description": one["description"], "spec": spec},
            )
        )
    for one in document["releases"]:
        spec = {
            "serviceName": one["service_name"],
            "clusterID": one["cluster_id"],
            "deploymentName": one["deployment_name"],
            "version": one["version"],
            "type": "canary",
            "grayDeployments": [
                {"clusterID": one["cluster_id"], "template": gray["template"]} for gray in one["gray_deployments"]
            ],
        }
        metadata = {"name": one["name"], "namespace": one["namespace"], "meshID": MESH}
        body = recorded({"kind": "Release", "apiVersion": "asm/v2", "metadata": metadata, "spec": spec})
        calls.append(("POST", f"/v2/meshes/{MESH}/namespaces/{one['namespace']}/releases", body))
    return calls


def outcome(document: Document, word: t.Callable[[str, Document], str]) -> list[str]:
    """Return the last lines of a run. ``word`` returns the state of a resource."""
    names = {"workspaces": "{name}", "workshops": "{name}", "releases": "{namespace}/{name}"}
    resources = [
        (kind, names[role].format(**one), one) for role, kind in RESOURCE_TYPES.items() for one in document[role]
    ]
    return [f"{kind:10} {name}: {word(kind, one)}" for kind, name, one in resources]


def kinds_left(server: Emulator) -> dict[str, list[str]]:
    """Return the names of the resources in the emulator, by kind."""
    stores = server.stores()
    return {role: sorted(record["name"] for record in stores[role].values()) for role in RESOURCE_TYPES}


class Converged:
    """Check any desired-state file: check mode with diff, a real run, a second run."""

    DOCUMENT: str
    UNDECLARED: t.Mapping[str, t.Any] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def document(cls) -> dict[str, t.Any]:
        return read(cls.DOCUMENT)

    @pytest.fixture(scope="class")
    @classmethod
    def converge(cls, shared_play: Player, document: dict[str, t.Any]) -> dict[str, Run]:
        shared_play.emulator.seed(meshes=[mesh_of(document)], **cls.UNDECLARED)
        variables = {**QUICK, "desired_state_file": cls.DOCUMENT}
        steps = {"predicted": {"check": True, "diff": True}, "done": {"diff": True}, "again": {}}
        return {name: shared_play.run(SITE, variables=variables, **options) for name, options in steps.items()}

    def test_check_mode_predicts_and_writes_nothing(self, converge: dict[str, Run]) -> None:
        predicted, done = whole(converge["predicted"]), whole(converge["done"])
        assert predicted.writes == []
        assert {call["method"] for call in predicted.requests} == {"GET"}
        for role, kind in RESOURCE_TYPES.items():
            for expected, real in zip(predicted.entries(role), done.entries(role), strict=True):
                check_prediction(expected, real, kind)

    def test_diff_is_printed(self, converge: dict[str, Run], document: dict[str, t.Any]) -> None:
        count = sum(len(document[role]) for role in RESOURCE_TYPES)
        for name in ("predicted", "done"):
            assert len(re.findall(r"^--- before", converge[name].stdout, re.MULTILINE)) == count
        assert "--- before" not in converge["again"].stdout

    def test_requests(self, converge: dict[str, Run], document: dict[str, t.Any], server: Emulator) -> None:
        wanted = creations(document, converge["done"], server.credentials["project_id"])
        sent = written(converge["done"])
        assert settled(sent) == settled(wanted)
        assert list(map(phase, sent)) == sorted(map(phase, sent))

    def test_second_run_changes_nothing(self, converge: dict[str, Run]) -> None:
        again = converge["again"]
        assert written(again) == []
        assert [record.name for record in again.records if record.changed] == []
        assert [record.name for record in again.records if record.failed] == []
        for role in RESOURCE_TYPES:
            assert whole(again).objects(role) == whole(converge["done"]).objects(role)

    def test_summary_lists_the_actions(self, converge: dict[str, Run], document: dict[str, t.Any]) -> None:
        # In the words of a plan: quotas of a new workspace are a part of its creation.
        created = outcome(document, lambda kind, one: "create")
        predicted = converge["predicted"]["Show the predicted changes"].result["msg"]
        assert [line for line in predicted if not line.startswith(" ")] == created
        assert converge["done"]["Show the changes"].result["msg"] == predicted
        assert converge["again"]["Show the changes"].result["msg"] == outcome(document, lambda kind, one: "unchanged")
        assert "\n".join(predicted) in converge["done"].stdout

    def test_runs_have_no_warnings(self, converge: dict[str, Run]) -> None:
        for run in converge.values():
            assert [record.warnings for record in run.records if record.warnings] == []
            assert run.stderr == ""


class TestOnlineShop(Converged):
    DOCUMENT = "online_shop.yml"

    def test_document(self, document: dict[str, t.Any]) -> None:
        """Eleven services and a canary of three of them, each beside the version before it."""
        assert len(document["services"]) == 11
        assert [release["service_name"] for release in document["releases"]] == [
            "frontend",
            "recommendation",
            "checkout",
        ]
        for release in document["releases"]:
            assert release["service_name"] in document["services"]
            assert release["deployment_name"] == f"{release['service_name']}-v{int(release['version'][1:]) - 1}"
            (gray,) = release["gray_deployments"]
            assert (
                gray["template"]["metadata"]["labels"]["team"] == document["services"][release["service_name"]]["team"]
            )

    def test_teardown_by_promotion(
        self, converge: dict[str, Run], shared_play: Player, document: dict[str, t.Any]
    ) -> None:
        """The gray versions stay, and the traffic with them."""
        releases = whole(converge["done"]).objects("releases")
        for release in document["releases"]:
            where = {"mesh_id": MESH, "namespace": release["namespace"], "service": release["service_name"]}
            shared_play.emulator.control("PUT", "traffic", {**where, "gray": 100})
        run = shared_play.run(
            TEARDOWN,
            variables={**QUICK, **CONFIRMED, "desired_state_file": self.DOCUMENT, "teardown_releases": "promoted"},
        )
        ends = [(call["method"], call["path"], call["query"]) for call in run.named("Apply the releases")[0].writes]
        identities = [releases[f"shop/{release['name']}"]["id"] for release in document["releases"]]
        paths = [f"/v2/meshes/{MESH}/namespaces/shop/releases/{identity}" for identity in identities]
        assert sorted(ends, key=str) == sorted([("DELETE", path, {"action": "end"}) for path in paths], key=str)
        assert run["Show the changes"].result["msg"] == outcome(
            document, lambda kind, one: "promote" if kind == "release" else "delete"
        )
        assert kinds_left(shared_play.emulator) == {"workspaces": ["default"], "workshops": [], "releases": []}


class TestBookinfo(Converged):
    """Run the other playbooks as well, with unmanaged resources."""

    DOCUMENT = "bookinfo.yml"
    UNDECLARED: t.Mapping[str, t.Any] = {
        "workspaces": [{"name": "somebody-elses", "auth_type": "INTERNAL", "grants": [{"user_name": "alice"}]}],
        "workshops": [{"name": "other-demo", "mesh_id": MESH}],
        "releases": [{"name": "details-v2", "namespace": "bookinfo", "service_name": "details", "mesh_id": MESH}],
    }

    @pytest.fixture(scope="class")
    @classmethod
    def infos(cls, converge: dict[str, Run], shared_play: Player) -> dict[str, Run]:
        shared_play.emulator.seed(meshes=[{"name": "new-mesh", "phase": "Creating", "version": "v1.15"}])
        options: dict[str, dict[str, t.Any]] = {
            "all": {"info_file": str(shared_play.directory / "there.json")},
            "again": {"info_file": str(shared_play.directory / "there.json")},
            "workspaces only": {"info_asm": "false"},
            "meshes only": {"info_modelarts": "false"},
        }
        return {name: shared_play.run(INFO, variables=variables) for name, variables in options.items()}

    @pytest.fixture(scope="class")
    @classmethod
    def teardowns(cls, infos: dict[str, Run], shared_play: Player) -> dict[str, Run]:
        variables = {**QUICK, "desired_state_file": cls.DOCUMENT}
        return {
            "unconfirmed": shared_play.run(TEARDOWN, variables=variables, fails=True),
            "denied": shared_play.run(TEARDOWN, variables={**variables, "teardown_confirm": "no"}, fails=True),
            "misspelled": shared_play.run(
                TEARDOWN, variables={**variables, **CONFIRMED, "teardown_releases": "absent"}, fails=True
            ),
            "predicted": shared_play.run(TEARDOWN, variables=variables, check=True),
            "done": shared_play.run(TEARDOWN, variables={**variables, **CONFIRMED}),
            "again": shared_play.run(TEARDOWN, variables={**variables, **CONFIRMED}),
        }

    def test_info_shows_a_summary(self, infos: dict[str, Run]) -> None:
        assert infos["all"]["Show the list"].result["msg"] == [
            "mesh       demo-mesh                Running    v1.18",
            "mesh       bookinfo-mesh            Running    v1.18",
            "  workshop other-demo               http://192.0.2.10:80",
            "  workshop bookinfo-training        http://192.0.2.24:8080",
            "  release  bookinfo/details-v2      Running    v2 of details beside details-v1",
            "  release  bookinfo/reviews-v2      Running    v2 of reviews beside reviews-v1",
            "mesh       new-mesh                 Creating   v1.15",
            "workspace  bookinfo-catalog         NORMAL     private",
            "workspace  bookinfo-ratings         NORMAL     internal, irina tomasz, exemlProject.gpu_duration trainJob.gpu_duration",
            "workspace  default                  NORMAL     public",
            "workspace  somebody-elses           NORMAL     internal, alice",
            "total      meshes: 3, workshops: 2, releases: 2, workspaces: 4",
        ]

    def test_info_writes_all_resources_to_a_file(
        self, infos: dict[str, Run], converge: dict[str, Run], shared_play: Player
    ) -> None:
        path = shared_play.directory / "there.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        found = json.loads(path.read_text(encoding="utf-8"))
        assert list(found) == ["meshes", "workshops", "releases", "workspaces"]
        assert [mesh["name"] for mesh in found["meshes"]] == ["demo-mesh", "bookinfo-mesh", "new-mesh"]
        assert [one["name"] for one in found["workshops"]] == ["other-demo", "bookinfo-training"]
        assert [one["name"] for one in found["releases"]] == ["details-v2", "reviews-v2"]
        # The very objects the roles have left as facts, with everything a module can say of them.
        done = whole(converge["again"])
        for role in ("workshops", "releases"):
            named = {one["name"]: one for one in found[role]}
            assert {one["name"]: one for one in done.objects(role).values()}.items() <= named.items()
        for workspace in found["workspaces"]:
            assert workspace["quotas"] and workspace["grants"] is not None
            fact = done.objects("workspaces").get(workspace["name"], workspace)
            assert {**workspace, **fact} == workspace

    def test_info_changes_nothing(self, infos: dict[str, Run]) -> None:
        for run in infos.values():
            assert {call["method"] for call in whole(run).requests} == {"GET"}
        assert infos["all"]["Write the list to a file"].status == "changed"
        assert infos["again"]["Write the list to a file"].status == "ok"

    def test_info_skips_the_other_service(self, infos: dict[str, Run]) -> None:
        for name, path, last in (
            (
                "workspaces only",
                "/workspaces",
                "total      meshes: not read, workshops: not read, releases: not read, workspaces: 4",
            ),
            ("meshes only", "/meshes", "total      meshes: 3, workshops: 2, releases: 2, workspaces: not read"),
        ):
            calls = whole(infos[name]).requests
            assert calls and all(path in call["path"] for call in calls)
            assert infos[name]["Show the list"].result["msg"][-1] == last
            assert infos[name]["Write the list to a file"].status == "skipped"

    @pytest.mark.parametrize("name", ["unconfirmed", "denied"])
    def test_teardown_requires_confirmation(self, teardowns: dict[str, Run], name: str) -> None:
        message = "Nothing was deleted. Set teardown_confirm=true to delete all resources of the desired-state file. Use --check to list them."
        assert [record.msg for record in whole(teardowns[name]).failed] == [message]
        assert whole(teardowns[name]).requests == []

    def test_teardown_refuses_other_ends_of_releases(self, teardowns: dict[str, Run]) -> None:
        failed = whole(teardowns["misspelled"]).failed
        assert [record.msg for record in failed] == [
            "Nothing was sent. teardown_releases must be one of canceled, promoted."
        ]
        assert whole(teardowns["misspelled"]).requests == []

    def test_teardown_predicts_in_check_mode(self, teardowns: dict[str, Run], document: dict[str, t.Any]) -> None:
        predicted = teardowns["predicted"]
        assert written(predicted) == []
        assert predicted["Show the predicted changes"].result["msg"] == outcome(
            document, lambda kind, one: "cancel" if kind == "release" else "delete"
        )

    def test_teardown_deletes_the_resources_of_the_file(
        self, teardowns: dict[str, Run], converge: dict[str, Run], document: dict[str, t.Any], server: Emulator
    ) -> None:
        before = whole(converge["done"])
        workspaces = [before.objects("workspaces")[one["name"]]["id"] for one in document["workspaces"]]
        release = before.objects("releases")["bookinfo/reviews-v2"]["id"]
        ends = [(call["method"], call["path"], call["query"]) for call in whole(teardowns["done"]).writes]
        # What stands on something else goes first; workspaces go side by side.
        assert ends[:2] == [
            ("DELETE", f"/v2/meshes/{MESH}/namespaces/bookinfo/releases/{release}", {"action": "cancel"}),
            ("DELETE", f"/v2/meshes/{MESH}/workshops/bookinfo-training", {}),
        ]
        paths = sorted(f"/v1/{server.credentials['project_id']}/workspaces/{identity}" for identity in workspaces)
        assert sorted(ends[2:], key=str) == [("DELETE", path, {}) for path in paths]
        assert (
            teardowns["done"]["Show the changes"].result["msg"]
            == teardowns["predicted"]["Show the predicted changes"].result["msg"]
        )

    def test_teardown_keeps_unmanaged_resources(self, teardowns: dict[str, Run], server: Emulator) -> None:
        left = {"workspaces": ["default", "somebody-elses"], "workshops": ["other-demo"], "releases": ["details-v2"]}
        assert kinds_left(server) == left

    def test_second_teardown_changes_nothing(self, teardowns: dict[str, Run], document: dict[str, t.Any]) -> None:
        again = teardowns["again"]
        assert written(again) == []
        assert [record.name for record in again.records if record.changed] == []
        assert again["Show the changes"].result["msg"] == outcome(document, lambda kind, one: "unchanged")


class Bad:
    """A file, and the complaints about it without its path."""

    def __init__(self, text: str, *complaints: str) -> None:
        self.text = text
        self.complaints = complaints


KNOWN = "unknown key (known: mesh_id, mesh_name, meshes, options, prune, releases, services, workshops, workspaces)"
IN_WORKSPACE = "auth_type, description, enterprise_project_id, grants, id, name, new_name, purge_grants, quotas, state, wait, wait_interval, wait_timeout"
# Each complaint stands behind the path of its file and a colon; several are lines of their own.
BAD = {
    "broken": Bad(
        "mesh_name: [demo-mesh\nworkspaces: }\n", "2:11: the file is not valid YAML: expected ',' or ']', but got ':'"
    ),
    "list": Bad("- name: team-a\n", "1:1: must be a mapping, for example workspaces: [...], it is a list"),
    "text": Bad("Please make a workspace.\n", "1:1: must be a mapping, for example workspaces: [...], it is text"),
    "empty": Bad("---\n", "2:1: the file is empty"),
    "two documents": Bad("mesh_name: a\n---\nmesh_name: b\n", "..."),
    "key twice": Bad(
        "workspaces:\n  - name: team-a\n    grants: []\n    name: team-b\n",
        "4:5: workspaces[0] ('team-b').name: the key is written twice, first in line 2",
    ),
    "unknown key": Bad("mesh_name: demo-mesh\nworkspace: []\n1: []\n", f"2:1: workspace: {KNOWN}", f"3:1: 1: {KNOWN}"),
    "both meshes": Bad(
        "mesh_name: demo-mesh\nmesh_id: some\n", "2:1: mesh_id: mesh_id and mesh_name are mutually exclusive"
    ),
    "no list": Bad(
        "workspaces: {name: team-a}\nreleases: none\n",
        "1:1: workspaces: must be a list, it is a mapping",
        "2:1: releases: must be a list, it is text",
    ),
    "no list of numbers": Bad("workshops: 3\n", "1:1: workshops: must be a list, it is an integer"),
    "no mapping": Bad(
        "services: [reviews]\n", "1:1: services: must be a mapping from service names to facts, it is a list"
    ),
    "stranger": Bad(
        "mesh_name: demo-mesh\nservices: {reviews: {}}\nreleases: [{namespace: default, name: canary, service_name: ratings}]\n",
        "3:47: releases[0] ('default/canary').service_name: is not among the services of this file",
    ),
    "no mesh": Bad(
        "workshops: [{name: demo}, {name: other, mesh_id: some}]\nreleases: [{namespace: default, name: canary}]\n",
        "1:13: workshops[0] ('demo'): has no mesh: set mesh_name or mesh_id, here or for the whole file",
        "2:12: releases[0] ('default/canary'): has no mesh: set mesh_name or mesh_id, here or for the whole file",
    ),
    "one name in two meshes": Bad(
        "mesh_name: demo-mesh\nworkshops: [{name: demo}, {name: demo, mesh_id: some}]\n"
        "releases: [{namespace: a, name: canary}, {namespace: b, name: canary, mesh_name: other}, {namespace: a, name: canary, mesh_name: other}]\n",
        "2:27: workshops[1] ('demo'): another mesh has a resource with the same name: write one file for each mesh",
        "3:90: releases[2] ('a/canary'): another mesh has a resource with the same name: write one file for each mesh",
    ),
    "unknown key of a grant": Bad(
        "workspaces: [{name: team-a, grants: [{user: alice}]}]\n",
        "1:39: workspaces[0] ('team-a').grants[0].user: unknown key (known: user_id, user_name, user_type)",
    ),
    "elements of other types": Bad(
        "workspaces:\n  - name: team-b\n    grants:\n      - user_name: anna\n      - anna\n    quotas: [1]\n  - team-c\n",
        "5:9: workspaces[0] ('team-b').grants[1]: must be a mapping, for example {user_name: anna}, it is text",
        "6:14: workspaces[0] ('team-b').quotas[0]: must be a mapping,"
        " for example {resource: exemlProject.gpu_duration, quota: 600}, it is an integer",
        "7:5: workspaces[1]: must be a mapping, for example {name: team-a}, it is text",
    ),
    "values of other types": Bad(
        "mesh_name: m\nworkspaces: [{name: [a], purge_grants: maybe, quotas: [{resource: a, quota: many}], state: ended}]\n"
        "workshops: [{name: demo, ingress: 80, wait_timeout: 0}]\n",
        "2:15: workspaces[0].name: must be text, it is a list",
        "2:26: workspaces[0].purge_grants: must be true or false, it is text",
        "2:70: workspaces[0].quotas[0].quota: must be a whole number, it is text",
        "2:85: workspaces[0].state: must be one of present, absent",
        "3:26: workshops[0] ('demo').ingress: must be a mapping, for example {elb_id: ..., elb_ip: 192.0.2.10, port: 80}, it is an integer",
        "3:39: workshops[0] ('demo').wait_timeout: must be greater than 0, not 0",
    ),
    "unknown key of a workspace": Bad(
        "workspaces: [{name: team-a, quota: 3}]\n",
        f"1:29: workspaces[0] ('team-a').quota: unknown key (known: {IN_WORKSPACE})",
    ),
    "missing key of a release": Bad(
        "mesh_name: demo-mesh\nreleases: [{name: canary}]\n", "2:12: releases[0] ('canary'): namespace is required"
    ),
    "missing key of a workspace": Bad(
        "workspaces: [{description: no name}, {name: ''}, {id: some}, {name: '{{ team }}'}]\n",
        "1:14: workspaces[0]: name or id is required",
        "1:38: workspaces[1]: name or id is required",
        "1:63: workspaces[3].name: 'team' is undefined",
    ),
    "undefined variable": Bad(
        "workspaces: [{name: '{{ team }}', auth_type: [a]}]\n",
        "1:15: workspaces[0].name: 'team' is undefined",
        "1:35: workspaces[0].auth_type: must be text, it is a list",
    ),
    "templates of releases": Bad(
        "mesh_name: m\nreleases:\n  - namespace: default\n    name: canary\n    gray_deployments:\n      - template_file: nowhere.yaml\n"
        "      - template: {}\n        template_file: list.yml\n      - cluster_id: c\n      - template_file: .\n",
        "6:9: releases[0] ('default/canary').gray_deployments[0].template_file: the file {directory}/nowhere.yaml does not exist",
        "8:9: releases[0] ('default/canary').gray_deployments[1].template_file: template and template_file are mutually exclusive",
        "9:9: releases[0] ('default/canary').gray_deployments[2]: template or template_file is required",
        "10:9: releases[0] ('default/canary').gray_deployments[3].template_file: is not a file: {directory}/.",
    ),
    "options": Bad(
        "options: {on_error: sometimes, paralel: 3, rate_limit: fast}\n",
        "1:11: options.on_error: must be one of stop, continue",
        "1:32: options.paralel: unknown key (known: audit_log, max_failures, on_error, parallel, rate_limit, timeout, wait, wait_interval, wait_timeout)",
        "1:44: options.rate_limit: must be a number, it is text",
    ),
    "ranges of options": Bad(
        "options:\n  parallel: 0\n  wait_timeout: -1\n  rate_limit: 0.0001\n",
        "2:3: options.parallel: must be at least 1, not 0",
        "3:3: options.wait_timeout: must be greater than 0, not -1",
        "4:3: options.rate_limit: must be at least 0.001, not 0.0001",
    ),
    "prune": Bad(
        "prune: {workspaces: ['('], workshops: ['.'], services: ['.']}\n",
        "1:46: prune.services: unknown key (known: meshes, releases, workshops, workspaces)",
    ),
    "patterns": Bad(
        "prune: {workspaces: [^a, '(', 'x*'], workshops: ['.']}\n",
        "1:26: prune.workspaces[1]: is not a regular expression: missing ), unterminated subpattern at position 0.",
        "1:31: prune.workspaces[2]: 'x*' matches the empty text. Such a pattern can match every name and delete everything that is not listed.",
        "1:38: prune.workshops: needs a mesh: set mesh_name or mesh_id for the whole file",
    ),
    "no list of patterns": Bad(
        "prune: {workspaces: ^team-}\n", "1:9: prune.workspaces: must be a list of regular expressions"
    ),
    "several": Bad(
        "mesh_name: demo-mesh\nmesh_id: some\nreviews: {}\nworkshops: [{name: demo, state: ended}]\n",
        "2:1: mesh_id: mesh_id and mesh_name are mutually exclusive",
        f"3:1: reviews: {KNOWN}",
        "4:26: workshops[0] ('demo').state: must be one of present, absent",
    ),
}
GOOD = {
    "empty values": "mesh_id:\nmesh_name: demo-mesh\nworkspaces:\nworkshops: []\nreleases: ''\nservices:\n",
    "templates": "mesh_name: \"{{ 'demo' ~ '-mesh' }}\"\nworkshops: [{name: demo, state: absent}]\n",
    "own meshes": "workshops: [{name: demo, mesh_name: demo-mesh, state: absent}]\n",
}
LATE = "mesh_name: demo-mesh\nworkspaces: [{name: team-a}]\nreleases: [{namespace: default, name: canary, cluster: some}]\n"


class TestDocuments:
    """All in one run: tasks/load_desired_state.yml is included for each, in a directory that looks like that of the playbooks."""

    @pytest.fixture(scope="class")
    @classmethod
    def directory(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        directory = tmp_path_factory.mktemp("documents")
        for name, text in {**{name: bad.text for name, bad in BAD.items()}, **GOOD, "late": LATE}.items():
            (directory / f"{name}.yml").write_text(text, encoding="utf-8")
        return directory

    @pytest.fixture(scope="class")
    @classmethod
    def stages(cls, server: Emulator, directory: Path) -> dict[str, PlayResult]:
        server.reset()
        playbooks = directory / "playbooks"
        playbooks.mkdir()
        (directory / "roles").symlink_to(ROOT / "roles")
        for name in ("files", "tasks"):
            (playbooks / name).symlink_to(ROOT / "playbooks" / name)
        tasks = []
        for name in (*BAD, *GOOD):
            include = {
                "name": "Read",
                "ansible.builtin.include_tasks": "tasks/load_desired_state.yml",
                "vars": {"desired_state_file": str(directory / f"{name}.yml")},
            }
            tasks += attempt(name, include)
        return split(Player(server, playbooks)(tasks))

    @pytest.mark.parametrize("name", BAD)
    def test_complaint(self, stages: dict[str, PlayResult], directory: Path, name: str) -> None:
        path = directory / f"{name}.yml"
        (record,) = stages[name].failed
        assert record.name == "Load the desired-state file"
        lines = [f"{path}:{complaint.replace('{directory}', str(directory))}" for complaint in BAD[name].complaints]
        if lines == [f"{path}:..."]:
            # The words depend on the version of Ansible.
            assert record.msg.startswith(f"{path}: ") and len(record.result["mistakes"]) == 1
        elif len(lines) == 1:
            assert record.msg == lines[0]
        else:
            assert record.msg.splitlines() == [f"The desired-state file has {len(lines)} mistakes:", *lines]
        assert len(record.result["mistakes"]) == len(lines)

    @pytest.mark.parametrize("name", GOOD)
    def test_no_complaint(self, stages: dict[str, PlayResult], name: str) -> None:
        assert stages[name].failed == []

    def test_nothing_was_sent(self, stages: dict[str, PlayResult], server: Emulator) -> None:
        assert server.request_log() == []

    @pytest.mark.parametrize("playbook", [SITE, TEARDOWN])
    def test_mistake_in_the_last_list_stops_everything(self, play: Player, directory: Path, playbook: str) -> None:
        """It is found before the first list is converged."""
        path = directory / "late.yml"
        run = play.run(playbook, variables={"desired_state_file": str(path), **CONFIRMED}, fails=True)
        (record,) = whole(run).failed
        assert record.msg.startswith(
            f"{path}:3:47: releases[0] ('default/canary').cluster: unknown key (known: active_phases, cancel_action, canceled_phases, cluster_id, "
        )
        assert play.emulator.request_log() == []

    def test_missing_file_fails(self, play: Player) -> None:
        runs = [
            play.run(SITE, fails=True),
            play.run(SITE, variables={"desired_state_file": "no-such-document.yml"}, fails=True),
        ]
        assert [record.msg for run in runs for record in whole(run).failed] == [
            "Nothing was sent. desired_state_file is required, for example -e desired_state_file=bookinfo.yml.",
            f"The desired-state file {ROOT}/no-such-document.yml does not exist, and the collection includes no file of that name."
            " A relative path is relative to the current directory.",
        ]
        assert play.emulator.request_log() == []


class TestConnection:
    def test_mapping(self, play: Player, emulator: Emulator, tmp_path: Path) -> None:
        """It wins over the environment, also where the document is a template, and nothing of it is shown."""
        document = tmp_path / "site.yml"
        document.write_text("workspaces: [{name: '{{ team }}'}]\n", encoding="utf-8")
        found = emulator.credentials
        connection = {name: found[name] for name in ("access_key", "secret_key", "project_id", "region")}
        connection.update(dict.fromkeys(("auth_url", "asm_endpoint", "modelarts_endpoint"), emulator.url))
        elsewhere = {
            **NOBODY,
            "HW_ACCESS_KEY": "AKIDOFSOMEBODYELSE",
            "HW_SECRET_KEY": "secret-of-somebody-else",
            "HW_MODELARTS_ENDPOINT": "http://127.0.0.1:9",
        }
        run = play.run(
            SITE,
            variables={
                **QUICK,
                "desired_state_file": str(document),
                "huaweicloud_connection": connection,
                "team": "team-a",
            },
            environment=elsewhere,
            verbosity=3,
        )
        assert [(method, body) for method, path, body in written(run)] == [("POST", {"name": "team-a"})]
        assert {call["status"] for call in whole(run).requests} == {200}
        # The secret is hidden by Ansible, and its mark is redacted like any value of this name.
        assert ("module_args" in run.stdout) == ('"secret_key": "(not shown)"' in run.stdout)
        assert found["secret_key"] not in run.output and "secret-of-somebody-else" not in run.output

    def test_empty_connection_is_valid(self, play: Player, emulator: Emulator) -> None:
        """Neither a mapping nor variables."""
        run = play.run(
            INFO,
            environment={**emulator.addresses(), "HW_ACCESS_KEY": None, "HW_SECRET_KEY": None, "HW_PROJECT_ID": None},
            fails=True,
        )
        (record,) = whole(run).failed
        assert record.result["error"]["kind"] == "options"
        assert "HW_ACCESS_KEY" in record.msg or "HW_ACCESS_KEY" in record.result["error"]["hint"]
        assert emulator.request_log() == []


IMPOSSIBLE = {
    "unknown mesh": (
        "workspaces: [{name: team-a}]\nworkshops: [{name: demo, mesh_name: nomesh, primary_cluster: c, ingress: {elb_id: e, elb_ip: 192.0.2.1, port: 80}}]\n",
        "1 of 2 failed: workshop 'demo': No mesh has the name 'nomesh'",
    ),
    "template without a selector": (
        "mesh_name: demo-mesh\nworkspaces: [{name: team-a}]\nreleases:\n  - {namespace: default, name: canary, service_name: reviews, cluster_id: c,"
        " deployment_name: r, version: v2, gray_deployments: [{template: {kind: Deployment, apiVersion: apps/v1, metadata: {name: x}, spec: {}}}]}\n",
        "1 of 2 failed: ",
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_invalid_item_stops_the_run_before_any_change(play: Player, tmp_path: Path, name: str) -> None:
    text, complaint = IMPOSSIBLE[name]
    document = tmp_path / "site.yml"
    document.write_text(text, encoding="utf-8")
    run = play.run(SITE, variables={**QUICK, "desired_state_file": str(document)}, fails=True)
    (record,) = whole(run).failed
    assert record.name == "Check that all items are valid"
    assert record.msg.startswith(f"Nothing was sent. {complaint}"), record.msg
    assert written(run) == []
    # In check mode, the role reports the error when it starts.
    predicted = play.run(
        SITE, variables={**QUICK, "desired_state_file": str(document)}, arguments=["--check"], fails=True
    )
    complaint = record.msg.partition(": ")[2].partition(": ")[2]
    assert [line for line in complaint.splitlines() if line not in predicted.output] == []
    assert written(predicted) == []
