# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results have exactly the keys of RETURN, at every depth, with the documented types."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest
import yaml
from canary_rollouts import rollout_file
from harness import COLLECTION, CONTROLLER_ONLY, ROOT, Emulator, Player, Record, Run, control, task
from task_scenarios import (
    CLUSTERS,
    MESH,
    ended_release,
    mesh,
    no_mesh,
    no_workshop,
    no_workspace,
    release,
    template,
    workshop,
    workspace,
)

Docs = t.Mapping[str, t.Any]

FILES = {path.stem: path for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in CONTROLLER_ONLY}
# A key that templates use with a dot must not be the name of a dict method.
FORBIDDEN = {"items", "values", "keys", "get", "copy", "update", "pop", "clear"}
# Keys that Ansible adds to all results, or documents itself.
OF_ANSIBLE = {"changed", "failed", "msg", "diff", "invocation", "warnings", "deprecations", "exception", "censored"}
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "raw": (object,),
}


def returned(module: str) -> dict[str, t.Any]:
    """Return the RETURN block of a module."""
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    blocks = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return yaml.safe_load(ast.literal_eval(blocks["RETURN"]))


RETURNS = {module: returned(module) for module in FILES}


def every_key(docs: Docs, path: str = "") -> t.Iterator[tuple[str, str, Docs]]:
    for key, entry in docs.items():
        yield f"{path}{key}", key, entry
        yield from every_key(entry.get("contains") or {}, f"{path}{key}.")


def deviations(value: t.Any, entry: Docs, path: str, seen: set[str]) -> list[str]:
    """Return where a value differs from its documentation. ``seen`` collects the documented paths that had a value."""
    if value is None:
        return []
    if not isinstance(value, TYPES[entry["type"]]) or (
        isinstance(value, bool) and entry["type"] not in ("bool", "raw")
    ):
        return [f"{path} is {type(value).__name__}, documented is {entry['type']}"]
    seen.add(path)
    if isinstance(value, list):
        inner = {"type": entry["elements"], **({"contains": entry["contains"]} if "contains" in entry else {})}
        return [found for index, element in enumerate(value) for found in deviations(element, inner, f"{path}[]", seen)]
    if "contains" in entry:
        return differing_keys(value, entry["contains"], f"{path}.", seen)
    return []


def differing_keys(value: Docs, docs: Docs, path: str, seen: set[str]) -> list[str]:
    undocumented = [f"{path}{key} is not documented" for key in value if key not in docs]
    missing = [
        f"{path}{key} is missing" for key, entry in docs.items() if key not in value and not is_conditional(entry)
    ]
    found = [
        problem for key in value if key in docs for problem in deviations(value[key], docs[key], f"{path}{key}", seen)
    ]
    return undocumented + missing + found


def is_always_null(entry: Docs) -> bool:
    return "sample" in entry and entry["sample"] is None


def is_conditional(entry: Docs) -> bool:
    return entry.get("returned", "always") not in ("always", "success")


def result_deviations(record: Record, seen: set[str]) -> list[str]:
    """Check the whole result of a task. A failed task returns ``error`` and the keys that are always returned."""
    docs = RETURNS[record.action.removeprefix(f"{COLLECTION}.")]
    ours = {
        key: value for key, value in record.result.items() if key not in OF_ANSIBLE and not key.startswith("_ansible")
    }
    wanted = {
        key for key, entry in docs.items() if entry["returned"] in ("always", "failure" if record.failed else "success")
    }
    problems = [f"{key} is missing" for key in wanted - ours.keys()]
    problems += [f"{key} is not documented" for key in ours if key not in docs]
    documented = [key for key in ours if key in docs]
    other = "success" if record.failed else "failure"
    problems += [f"{key} came, and is returned in {other} only" for key in documented if docs[key]["returned"] == other]
    return problems + [found for key in documented for found in deviations(ours[key], docs[key], key, seen)]


@pytest.mark.parametrize("module", sorted(FILES))
def test_keys_can_be_used_with_a_dot(module: str) -> None:
    for path, key, entry in every_key(RETURNS[module]):
        assert key.isidentifier() and key not in FORBIDDEN, path
        assert entry.get("description") and entry.get("type") in TYPES, path
        assert entry["type"] != "list" or entry.get("elements"), path
        assert "contains" in entry or "sample" in entry, path


@pytest.mark.parametrize("module", sorted(FILES))
def test_samples_have_their_type(module: str) -> None:
    for path, _key, entry in every_key(RETURNS[module]):
        assert (
            "sample" not in entry
            or deviations(
                entry["sample"], {key: entry[key] for key in ("type", "elements") if key in entry}, path, set()
            )
            == []
        )


def with_args() -> dict[str, t.Any]:
    """Return a template with a command line, which is redacted."""
    found = template()
    found["spec"]["template"]["spec"]["containers"][0]["args"] = ["--quiet"]
    return found


def analysis(title: str, query: str = "vector(1)", **options: t.Any) -> dict[str, t.Any]:
    """One task that judges a metric with all kinds of values, without waiting."""
    metric = {
        "name": "errors",
        "query": query,
        "max": 2,
        "baseline_query": "vector(1)",
        "max_ratio": 2,
        "requests_query": "vector(9)",
        "min_requests": 1,
    }
    quick = {"samples": 1, "interval": "10ms", "scrape_interval": "10ms", "initial_delay": "0"}
    return task("canary_analysis", title, prometheus_url="{{ prometheus_url }}", metrics=[metric], **quick, **options)


KNOWN_RELEASE = {
    **release()[f"{COLLECTION}.asm_release"],
    "gray_deployments": [{"template": with_args()}],
}
MESH_CONFIG = {
    "proxy_config": {"exclude_outbound_ports": ["3306"]},
    "telemetry_config": {"tracing": {"random_sampling_percentage": 1.5}},
}
QUOTA = [{"resource": "exemlProject.gpu_duration", "quota": 600}]
TRAFFIC = {"namespace": "shop", "service_name": "reviews"}
VERSIONS = {"original_version": "v1", "gray_version": "v2"}


def traffic_tasks(url: str) -> list[dict[str, t.Any]]:
    """Return tasks of the modules that connect to a Kubernetes API."""
    both = {**TRAFFIC, "host": url}
    changed = {**both, **VERSIONS, "propagation_seconds": 0}
    application = {"namespace": "shop", "name": "reviews", "versions": {"v1": 1, "v2": 1}}
    route = [
        {"name": "moved", "match": [{"uri": {"exact": "/old"}}], "redirect": {"uri": "/new"}},
        {"name": "main", "route": [{"destination": {"host": "reviews", "subset": "v1"}}]},
    ]
    redirect = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"namespace": "shop", "name": "reviews"},
        "spec": {"hosts": ["reviews"], "http": route},
    }
    forbidden = {"kind": "status", "status": 403, "method": "GET", "path_regex": "/services/", "times": 2}
    return [
        control("POST", "seed", {"applications": [application], "cluster_objects": [redirect]}),
        task("asm_traffic", "traffic predicted", **changed, weight=10, match={"headers": {"x": "1"}}, _check_mode=True),
        task("asm_traffic", "traffic routed", **changed, weight=10, match={"headers": {"x": "1"}}),
        task("asm_traffic_info", "traffic read", **both, **VERSIONS),
        task("asm_traffic", "traffic refused", **{**changed, "gray_version": "v3"}, weight=20, _ignore_errors=True),
        control("POST", "faults", forbidden),
        task("asm_traffic", "traffic forbidden", **changed, weight=20, _ignore_errors=True),
        task("asm_traffic_info", "traffic not readable", **both, _ignore_errors=True),
    ]


def rollout_tasks(emulator: Emulator) -> list[dict[str, t.Any]]:
    """Return tasks of the module that carries a rollout out."""
    gray = {"service_name": "details", "deployment_name": "details-v1", "name": "details-v2"}
    release_of_details = {
        **rollout_file(emulator)["release"],
        **gray,
        "gray_deployments": [{"template": template(app="details")}],
    }
    metric = {"name": "errors", "query": "ratio", "min": 0, "max": 1, "baseline_query": "ratio", "max_ratio": 2}
    steps = [{"weight": 10, "approval": True}, {"weight": 100}]
    rollout = rollout_file(emulator, release=release_of_details, metrics=[metric], steps=steps)
    impossible = {**rollout, "traffic": {**rollout["traffic"], "original_version": "v0"}}
    forbidden = {"kind": "status", "status": 403, "method": "GET", "path_regex": "/releases", "times": 1}
    series = [{"query": "ratio", "value": 0.5}]
    return [
        control("POST", "seed", {"applications": [{"name": "details"}], "series": series}),
        task("canary_rollout", "rollout predicted", rollout=rollout, _check_mode=True),
        task(
            "canary_rollout", "rollout refused", rollout=impossible, positions={"": "canary.yml"}, _ignore_errors=True
        ),
        task("canary_rollout", "rollout waits", rollout=rollout, redact=True),
        control("POST", "faults", forbidden),
        task("canary_rollout", "rollout forbidden", rollout=rollout, _ignore_errors=True),
        task("canary_rollout", "rollout rolled back", rollout=rollout, action="rollback"),
    ]


# Each module does whatever it can do, and fails too.
EVERYTHING = (
    workshop(
        "workshop created",
        ingress={"elb_id": "elb-1", "elb_ip": "192.0.2.10", "port": 80, "image_address": "swr.example.com/demo"},
    ),
    workshop("workshop predicted", name="another", redact=True, _check_mode=True),
    task("asm_workshop_info", "workshops listed", **MESH, redact=True),
    workshop("workshop refused", description="Other", _ignore_errors=True),
    no_workshop("workshop removed"),
    workspace("workspace created", quotas=QUOTA, enterprise_project_id="0"),
    workspace("workspace without quotas"),
    workspace("workspace predicted", name="another", redact=True, _check_mode=True),
    task(
        "modelarts_workspace_info", "workspaces listed in full", name="team", include_grants=True, include_quotas=True
    ),
    task("modelarts_workspace_info", "workspaces listed", redact=True),
    workspace("workspace refused", name="default", _ignore_errors=True),
    no_workspace("workspace removed"),
    release("release created", gray_deployments=[{"template": with_args()}]),
    release("release predicted", name="another", service_name="ratings", redact=True, _check_mode=True, lint="ignore"),
    task("asm_release_info", "releases listed", **MESH),
    task("asm_release_info", "releases redacted", **MESH, redact=True),
    task(
        "apply",
        "many compared",
        releases=[KNOWN_RELEASE],
        redact=True,
        _check_mode=True,
        _vars={"huaweicloud_redact_digests": True},
    ),
    ended_release("release refused", _ignore_errors=True),
    ended_release("release canceled", state="canceled"),
    task("asm_mesh_info", "meshes listed", redact=True),
    mesh("mesh created", **MESH_CONFIG),
    mesh("mesh predicted", name="another-mesh", redact=True, _check_mode=True, **MESH_CONFIG),
    mesh("mesh not changed"),
    task("asm_mesh_info", "meshes listed in full", name="lab-mesh"),
    mesh("mesh refused", version="v1.15", _ignore_errors=True),
    task("apply", "mesh in many", meshes=[{"name": "lab-mesh", "clusters": CLUSTERS}]),
    no_mesh("mesh removed"),
    task("apply", "many applied", workspaces=[{"name": "many"}, {"name": "team", "state": "absent"}]),
    task("apply", "many changed", workspaces=[{"name": "many", "description": "Other"}]),
    task("apply", "many in a mesh", **MESH, workshops=[{"name": "none", "state": "absent"}]),
    task("apply", "one failed", workspaces=[{"id": "0123456789abcdef0123456789abcdef"}], _ignore_errors=True),
    task(
        "apply",
        "plan changed",
        workspaces=[{"name": "many", "description": "New"}],
        expected_plan_hash="sha256:0",
        _ignore_errors=True,
    ),
    task("api_request", "request sent", service="asm", path="v1/{project_id}/meshes"),
    task("api_request", "request sent and refused", service="asm", path="v2/meshes/some/releases", fail_on_error=False),
    task("service_probe", "services probed", interval=0, tries=8),
    analysis("metrics judged"),
    analysis("query rejected", query="sum(", _ignore_errors=True),
    control("POST", "faults", {"kind": "status", "status": 403, "method": "GET", "path_regex": ".", "times": 9}),
    workshop("workshop forbidden", _ignore_errors=True),
    task("asm_mesh_info", "meshes refused", _ignore_errors=True),
    mesh("mesh forbidden", _ignore_errors=True),
    task("api_request", "request refused", service="asm", path="v2/meshes/some/releases", _ignore_errors=True),
    task("asm_workshop_info", "workshops refused", mesh_id="some", _ignore_errors=True),
    task("asm_release_info", "releases refused", mesh_id="some", _ignore_errors=True),
    task("modelarts_workspace_info", "workspaces refused", _ignore_errors=True),
    task("apply", "many refused", workspaces=[{"name": "many"}], _ignore_errors=True),
    workspace("workspace forbidden", _ignore_errors=True),
)


class TestResults:
    """One run with all kinds of credentials, and with a verbosity that reports them."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        found = shared_play.emulator.credentials
        login = {"username": found["username"], "password": found["password"], "domain_name": found["domain_name"]}
        tokens = (
            task("iam_token", "token", **login),
            task("iam_token", "token refused", **{**login, "password": "wrong-on-purpose"}, _ignore_errors=True),
            task("service_probe", "probe refused", **{**login, "password": "wrong-on-purpose"}, _ignore_errors=True),
        )
        traffic = traffic_tasks(shared_play.emulator.url)
        variables = {"prometheus_url": f"{shared_play.emulator.url}/prometheus"}
        rollouts = rollout_tasks(shared_play.emulator)
        return shared_play([*EVERYTHING, *traffic, *rollouts, *tokens], variables=variables, diff=True, verbosity=3)

    # The result of a token is hidden, so the unit tests compare it.
    @pytest.mark.parametrize("module", sorted(FILES.keys() - {"iam_token"}))
    def test_result_is_as_documented(self, run: Run, module: str) -> None:
        records = [record for record in run.modules() if record.action == f"{COLLECTION}.{module}"]
        assert {record.failed for record in records} == {True, False}
        seen: set[str] = set()
        for record in records:
            assert (record.name, result_deviations(record, seen)) == (record.name, [])
        # Each documented key must have a value at least once, unless its sample is null.
        paths = {path for path, key, entry in every_path(RETURNS[module]) if not is_always_null(entry)}
        assert paths - seen == set()

    @pytest.mark.parametrize(
        "one, all_of_them",
        [
            ("workshop created", "workshops listed"),
            ("workspace created", "workspaces listed in full"),
            ("release created", "releases listed"),
            ("mesh created", "meshes listed in full"),
        ],
    )
    def test_info_has_the_same_shape(self, run: Run, one: str, all_of_them: str) -> None:
        key = one.partition(" ")[0]
        listed = run[all_of_them].result[all_of_them.partition(" ")[0]]
        assert [run[one].result[key]] == listed

    def test_traffic_is_of_the_same_shape(self, run: Run) -> None:
        routed = run["traffic routed"].result["traffic"]
        assert run["traffic read"].result["traffic"] == run["traffic predicted"].result["traffic"] == routed

    def test_list_without_details_has_the_same_keys(self, run: Run) -> None:
        plain, full = (
            run["workspaces listed"].result["workspaces"],
            run["workspaces listed in full"].result["workspaces"],
        )
        assert {frozenset(entry) for entry in plain} == {frozenset(full[0]) - {"quotas"}}
        assert [entry["grants"] for entry in plain if entry["name"] == "team"] == [None]

    @pytest.mark.parametrize("key", ["workshop", "workspace", "release", "mesh"])
    def test_prediction_has_the_same_shape(self, run: Run, key: str) -> None:
        def shape(value: t.Any) -> t.Any:
            if not isinstance(value, dict):
                return None
            return {
                name: shape(entry)
                for name, entry in value.items()
                if name not in ("quotas", "gray_deployments", "deployment")
            }

        found, real = run[f"{key} predicted"].result[key], run[f"{key} created"].result[key]
        assert shape(found) == shape(real)
        assert found["id"] is None


def every_path(docs: Docs, path: str = "") -> t.Iterator[tuple[str, str, Docs]]:
    """Yield the same as every_key, with ``[]`` after lists whose elements are documented."""
    for key, entry in docs.items():
        here = f"{path}{key}"
        yield here, key, entry
        if "contains" in entry:
            yield from every_path(entry["contains"], f"{here}[]." if entry["type"] == "list" else f"{here}.")


def test_every_module_is_found() -> None:
    assert len(FILES) >= 14 and all(isinstance(path, Path) for path in FILES.values())
