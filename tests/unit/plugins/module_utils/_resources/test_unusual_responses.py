# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the services answer is shown or is an error of ours: each answer, full and well formed, with one or two values replaced by odd ones."""

from __future__ import annotations

import functools
import itertools
import json
import random
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    BadRequestError,
    HuaweiCloudError,
    ProtocolError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.problems import find_problems
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._results import build_result
from ansible_collections.community.huaweicloud.plugins.modules import (
    asm_mesh_info,
    asm_release,
    asm_release_info,
    asm_workshop,
    asm_workshop_info,
    modelarts_workspace,
    modelarts_workspace_info,
)
from simulated_cloud import (
    CREATED_MS,
    Cloud,
    mesh,
    observed,
    open_session,
    parameters,
    quota,
    release,
    workshop,
    workspace,
)

Path = tuple[t.Union[str, int], ...]

MISSING = object()
ODD: list[t.Any] = [
    MISSING,
    None,
    True,
    0,
    1.5,
    1719300000000.0,
    10**30,
    float("nan"),
    float("inf"),
    "",
    "odd",
    "1719300000",
]
ODD += [[], [None], ["odd"], [{}], [[]], {}, {"odd": 1}]
PAIRS = 100

TEMPLATE = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "x", "labels": {"app": "x"}},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "x", "version": "v2"}},
        "template": {
            "metadata": {"labels": {"app": "x", "version": "v2"}},
            "spec": {"containers": [{"name": "x", "image": "x:1"}], "initContainers": []},
        },
    },
}
IMAGE = json.loads(json.dumps(TEMPLATE).replace("x:1", "x:2"))
SPEC = {
    "serviceName": "x",
    "clusterID": "c-1",
    "deploymentName": "x-v1",
    "version": "v2",
    "type": "canary",
    "grayDeployments": [{"clusterID": "c-1", "template": TEMPLATE}],
}
INGRESS = {"elbId": "e-1", "elbIp": "192.0.2.1", "port": 80, "imageAddress": "swr/demo"}
GRANTS = [
    {"user_id": "u-1", "user_name": "ann", "user_type": "IAM"},
    {"user_id": "u-2", "user_name": "bob", "user_type": "IAM"},
]
SPACE = workspace("wks-1", "team-a", auth_type="internal", grants=GRANTS)
ENTRIES = [workspace("0", "default"), {key: value for key, value in SPACE.items() if key != "grants"}]

RELEASE = release(
    "rel-1", {"namespace": "a", "name": "x-v2", "meshID": "m-1", "creationTimestamp": CREATED_MS}, SPEC, "Odd"
)
RELEASE["status"]["grayDeployments"] = [observed("x")]

ANSWERS = {
    "meshes": {"items": [mesh("m-1", "shop")]},
    "workshops": [{"workshop": workshop("ws-1", {"name": "demo"}, {"primaryCluster": "c-1", "ingress": INGRESS})}],
    "releases": {"items": [RELEASE]},
    "workspaces": {"total_count": 2, "count": 2, "workspaces": ENTRIES},
    "workspace": SPACE,
    "quotas": {"quotas": [quota("gpu", 5), quota("cpu", -1)]},
}
REQUESTS = {
    "meshes": "GET /v1/p-1/meshes",
    "workshops": "GET /v2/meshes/m-1/workshops",
    "releases": "GET /v2/meshes/m-1/releases",
    "workspaces": "GET /v1/p-1/workspaces?",
    "workspace": "GET /v1/p-1/workspaces/wks-1",
    "quotas": "GET /v1/p-1/workspaces/wks-1/quotas",
}

MESH = {"mesh_name": "shop"}
FULL = {"include_grants": True, "include_quotas": True}
INFO: dict[str, tuple[t.Any, dict[str, t.Any]]] = {
    "meshes": (asm_mesh_info, {"phase": "Running", "cluster_id": "c-1", "name_regex": "s"}),
    "workshops": (asm_workshop_info, {**MESH, "name_regex": "d"}),
    "releases": (asm_release_info, {**MESH, "name_regex": "x"}),
    **{
        kind: (modelarts_workspace_info, {**FULL, "status": "normal"}) for kind in ("workspaces", "workspace", "quotas")
    },
}
NAMED = {**MESH, "namespace": "a", "name": "x-v2"}
SPACE_NAMED = {
    "name": "team-a",
    "description": "",
    "grants": [{"user_name": "ann"}],
    "quotas": [{"resource": "gpu", "quota": 5}],
}
TASKS: dict[str, list[tuple[t.Any, dict[str, t.Any]]]] = {
    "meshes": [(asm_workshop, {**MESH, "name": "demo", "state": "absent"})],
    "workshops": [
        (
            asm_workshop,
            {
                **MESH,
                "name": "demo",
                "primary_cluster": "c-1",
                "ingress": {"elb_id": "e-1", "elb_ip": "192.0.2.1", "port": 80},
            },
        ),
        (asm_workshop, {**MESH, "name": "demo", "state": "absent"}),
    ],
    "releases": [
        (asm_release, {**NAMED, "version": "v2", "gray_deployments": [{"template": IMAGE}]}),
        (asm_release, {**NAMED, "state": "promoted"}),
    ],
    **{
        kind: [(modelarts_workspace, SPACE_NAMED), (modelarts_workspace, {"name": "team-a", "state": "absent"})]
        for kind in ("workspaces", "workspace", "quotas")
    },
}


def places(value: t.Any, path: Path = ()) -> t.Iterator[Path]:
    """Every place in a value, the value itself first."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, found in inner:
        yield from places(found, (*path, key))


def changed(value: t.Any, path: Path, odd: t.Any) -> t.Any:
    """Return a copy of ``value`` with an odd value at ``path``, or without that value."""
    owner = [json.loads(json.dumps(value))]
    *way, last = (0, *path)
    place = functools.reduce(lambda place, step: place[step], way, t.cast(t.Any, owner))
    if odd is MISSING:
        del place[last]
    else:
        place[last] = odd
    return owner[0] if owner else None


def odd_answers(kind: str) -> t.Iterator[t.Any]:
    """Yield the response with each value replaced by each odd value, and some responses with two odd values."""
    good = ANSWERS[kind]
    for path, odd in itertools.product(places(good), ODD):
        yield changed(good, path, odd)
    chance = random.Random(kind)
    for dummy in range(PAIRS):
        once = changed(good, chance.choice(list(places(good))), chance.choice(ODD))
        yield changed(once, chance.choice(list(places(once))), chance.choice(ODD))


def odd_cloud(kind: str, answer: t.Any) -> Cloud:
    cloud = Cloud()
    cloud.workspaces.append(json.loads(json.dumps(SPACE)))
    cloud.quotas = {uid: [quota("gpu", 5)] for uid in ("0", "wks-1")}
    # Longer requests begin with shorter ones, and only the exact one is odd.
    for start in REQUESTS.values():
        if start.startswith(REQUESTS[kind]) and start != REQUESTS[kind]:
            cloud.rule(start, lambda do: do(), times=9)
    cloud.respond(REQUESTS[kind], 200, answer, times=9)
    return cloud


def prepared(module: t.Any, options: dict[str, t.Any]) -> t.Callable[[Cloud, bool], dict[str, t.Any]]:
    """Return a task that can be run many times and whose options are read once."""
    params = parameters(module, options)
    desired = module.TASK.validate_options(params)

    def task(cloud: Cloud, check: bool) -> dict[str, t.Any]:
        session = open_session(cloud, check, params, [])
        result = build_result(module.TASK.run(session, params, desired), session, diff_mode=True, verbosity=0)
        json.dumps(result)
        return result

    return task


@pytest.mark.parametrize("kind", ANSWERS)
def test_unusual_value_is_returned_or_a_protocol_error(kind):
    task = prepared(*INFO[kind])
    assert any(task(odd_cloud(kind, ANSWERS[kind]), False).values())
    seen = set()
    for answer in odd_answers(kind):
        try:
            task(odd_cloud(kind, answer), False)
            seen.add("shown")
        except (ProtocolError, BadRequestError) as error:
            # A list may name an id that nobody has, and then its details are refused.
            assert isinstance(error, ProtocolError) or kind == "workspaces"
            seen.add("refused")
    assert seen == {"shown", "refused"}


@pytest.mark.parametrize("kind", ANSWERS)
def test_unusual_values_never_cause_a_traceback(kind):
    tasks = [prepared(module, dict(options, wait_timeout=3)) for module, options in TASKS[kind]]
    ways = itertools.cycle(itertools.product(tasks, (True, False)))
    seen = set()
    # One way after the other: all of them for each answer would take long.
    for answer, (task, check) in zip(odd_answers(kind), ways):
        try:
            task(odd_cloud(kind, answer), check)
            seen.add("done")
        except HuaweiCloudError:
            seen.add("refused")
    assert seen == {"done", "refused"}


def test_phases_accept_every_valid_status():
    words = parameters(asm_release, {"name": "x", "namespace": "a", "mesh_id": "m-1"})
    phases = Phases(words["active_phases"], words["done_phases"], words["failed_phases"])
    phase_results = set()
    for answer in odd_answers("releases"):
        if find_problems(shapes.RELEASE_LIST, answer):
            continue
        for raw in answer["items"] or []:
            status = raw.get("status") or {}
            phase_results.add((phases.is_up(status), phases.is_done(status), phases.is_failed(status)))
    assert phase_results == {(True, False, False), (False, False, False)}
