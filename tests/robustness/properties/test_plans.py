# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check properties of apply for any actual and desired state: prediction, idempotence and diffs."""

from __future__ import annotations

import copy
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpRequest, HttpResponse
from ansible_collections.community.huaweicloud.plugins.modules import (
    apply,
    asm_release,
    asm_workshop,
    modelarts_workspace,
)
from hypothesis import assume, find, settings
from hypothesis import strategies as st
from propositions import holds
from real_deployments import record
from simulated_cloud import Cloud, Ran, quota, release, run, workshop, workspace

TEAMS = ("team-a", "team-b", "team-c", "team-d")
DEMOS = ("demo-a", "demo-b", "demo-c")
SERVICES = ("ratings", "reviews", "details")
USERS = {"alice": "u-1", "bob": "u-2", "carol": "u-3"}

# An id of a release that has ended ends so if there is another one of its name, and this is when.
OVER, LONG_AGO = "-over", "2025-01-02T03:04:05Z"

Options = dict[str, t.Any]


class Crowd(Cloud):
    """Provide thread-safe services that complete the ID or the name of a user."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.RLock()

    def __call__(self, call: HttpRequest) -> HttpResponse:
        with self._guard:
            answer = super().__call__(call)
            for one in self.workspaces:
                one["grants"] = [task_result(grant) for grant in one["grants"]]
            return answer

    def __deepcopy__(self, memo: t.Any) -> Crowd:
        duplicate = Crowd()
        duplicate.__dict__.update(
            copy.deepcopy({name: value for name, value in vars(self).items() if name != "_guard"}, memo)
        )
        return duplicate


def task_result(grant: Options) -> Options:
    names = {uid: name for name, uid in USERS.items()}
    name = grant.get("user_name") or names[grant["user_id"]]
    return {"user_type": "IAM", **grant, "user_id": USERS[name], "user_name": name}


# -- what is there

GRANT = st.one_of(
    record({"user_name": st.sampled_from(list(USERS))}),
    record({"user_id": st.sampled_from(list(USERS.values()))}, user_type=st.just("IAM")),
)
GRANTS = st.lists(GRANT, max_size=3, unique_by=lambda grant: task_result(grant)["user_name"])
DESCRIPTIONS = st.sampled_from(["", "A team", "Another team"])
AUTH_TYPES = st.sampled_from(["public", "private", "internal"])
INGRESS = st.fixed_dictionaries(
    {"elb_id": st.just("elb-1"), "elb_ip": st.just("192.0.2.1"), "port": st.sampled_from([80, 8080])}
)
TAGS = st.sampled_from(["1", "2"])


def template(service: str, tag: str, replicas: int = 1) -> Options:
    labels = {"app": service, "version": "v2"}
    containers = [
        {"name": service, "image": f"registry.example.com/{service}:{tag}", "resources": {"limits": {"cpu": "500m"}}}
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{service}-v2", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }


@st.composite
def clouds(draw: st.DrawFn) -> Crowd:
    """Return the services with some resources."""
    cloud = Crowd()
    for name in draw(st.sets(st.sampled_from(TEAMS))):
        auth_type = draw(AUTH_TYPES)
        grants = [task_result(grant) for grant in draw(GRANTS)] if auth_type == "internal" else []
        spelled = auth_type.upper() if draw(st.booleans()) else auth_type
        cloud.workspaces.append(
            workspace(f"id-{name}", name, description=draw(DESCRIPTIONS), auth_type=spelled, grants=grants)
        )
        cloud.quotas[f"id-{name}"] = [quota("gpu", draw(st.sampled_from([-1, 5]))), quota("cpu", 10)]
    for name in draw(st.sets(st.sampled_from(DEMOS))):
        ingress = {"elbId": "elb-1", "elbIp": "192.0.2.1", "port": draw(st.sampled_from([80, 8080]))}
        cloud.workshops.append(
            workshop(f"id-{name}", {"name": name}, {"primaryCluster": "c-1", "ingress": ingress}, draw(DESCRIPTIONS))
        )
    for name in draw(st.sets(st.sampled_from(SERVICES))):
        gray = [{"clusterID": "c-1", "template": template(name, draw(TAGS))}]
        spec = {
            "serviceName": name,
            "clusterID": "c-1",
            "deploymentName": f"{name}-v1",
            "version": "v2",
            "type": "canary",
            "grayDeployments": gray,
        }
        phase = draw(st.sampled_from(["Running", "Running", "Finished"]))
        cloud.releases.append(release(f"id-{name}", {"name": f"{name}-v2", "namespace": "default"}, spec, phase))
        if draw(st.booleans()):
            over = release(
                f"id-{name}{OVER}",
                {"name": f"{name}-v2", "namespace": "default"},
                spec,
                draw(st.sampled_from(["Finished", "Canceled"])),
                LONG_AGO,
            )
            cloud.releases.insert(draw(st.sampled_from([0, len(cloud.releases)])), over)
    cloud.carries_traffic = draw(st.sampled_from(["original", "gray"]))
    # Where an ended release is beside another one of its name, they stay in the list, and no name tells which is meant.
    cloud.keeps_ended = bool(ended_before(cloud)) or draw(st.booleans())
    cloud.workshop_key = draw(st.sampled_from(["name", "uid"]))
    cloud.release_key = "uid" if ended_before(cloud) else draw(st.sampled_from(["name", "uid"]))
    cloud.reads_of_deleting = draw(st.integers(0, 2))
    return cloud


def ended_before(cloud: Crowd) -> list[Options]:
    """The releases that had ended before another one of their name was there."""
    return [one for one in cloud.releases if one["metadata"]["uid"].endswith(OVER)]


# -- the desired state


def workspaces(name: str) -> st.SearchStrategy[Options]:
    quotas = st.lists(
        record({"resource": st.sampled_from(["gpu", "cpu"]), "quota": st.sampled_from([-1, 5, 10])}),
        unique_by=lambda one: one["resource"],
    )
    there = record(
        {"name": st.just(name)},
        description=DESCRIPTIONS,
        auth_type=st.one_of(AUTH_TYPES, AUTH_TYPES.map(str.upper)),
        grants=GRANTS,
        purge_grants=st.booleans(),
        quotas=quotas,
    )
    return st.one_of(there, there, record({"name": st.just(name), "state": st.just("absent")}))


def workshops(name: str) -> st.SearchStrategy[Options]:
    fixed = {"mesh_name": st.just("shop"), "name": st.just(name), "primary_cluster": st.just("c-1"), "ingress": INGRESS}
    there = record(fixed, description=DESCRIPTIONS, on_drift=st.sampled_from(["fail", "warn", "replace", "replace"]))
    return st.one_of(
        there, there, record({"mesh_name": st.just("shop"), "name": st.just(name), "state": st.just("absent")})
    )


def releases(service: str, traffic: str) -> st.SearchStrategy[Options]:
    identity = {"mesh_name": st.just("shop"), "namespace": st.just("default"), "name": st.just(f"{service}-v2")}
    gray = st.builds(template, st.just(service), TAGS, st.sampled_from([1, 1, 1, 2])).map(
        lambda one: [{"template": one}]
    )
    there = record(
        {
            **identity,
            "service_name": st.just(service),
            "cluster_id": st.just("c-1"),
            "deployment_name": st.just(f"{service}-v1"),
            "version": st.just("v2"),
            "gray_deployments": gray,
        },
        type=st.sampled_from(["canary", "Canary"]),
        on_drift=st.sampled_from(["fail", "warn"]),
    )
    ended = record({**identity, "state": st.just({"original": "canceled", "gray": "promoted"}[traffic])})
    return st.one_of(there, there, ended)


@st.composite
def documents(draw: st.DrawFn, cloud: Crowd) -> Options:
    """Return options for apply that fit the actual state, without items that the service must refuse."""

    def some(names: tuple[str, ...], desired: t.Callable[[str], st.SearchStrategy[Options]]) -> list[Options]:
        return [draw(desired(name)) for name in draw(st.lists(st.sampled_from(names), unique=True))]

    return {
        "workspaces": some(TEAMS, workspaces),
        "workshops": some(DEMOS, workshops),
        "releases": some(SERVICES, lambda name: releases(name, cloud.carries_traffic)),
        "prune": draw(st.sampled_from([None, None, {"workspaces": ["^team-[ab]$"]}, {"workshops": ["."]}])),
        "mesh_name": "shop",
        "parallel": draw(st.sampled_from([1, 8])),
        "on_error": draw(st.sampled_from(["stop", "continue", "continue"])),
    }


WORLDS = clouds().flatmap(lambda cloud: st.tuples(st.just(cloud), documents(cloud)))


def tried(cloud: Crowd, module: t.Any, check: bool, options: Options) -> Ran | HuaweiCloudError:
    """Return the result of a task: on a copy of the services in check mode, else on the services themselves."""
    try:
        return run(copy.deepcopy(cloud) if check else cloud, module, check, **copy.deepcopy(options))
    except HuaweiCloudError as error:
        return error


def held(cloud: Crowd) -> t.Any:
    return copy.deepcopy((cloud.workspaces, cloud.workshops, cloud.releases, cloud.quotas))


def told_by(diff: Options) -> bool:
    """Whether a diff shows something."""
    return diff["before"] != diff["after"]


# -- apply


@holds(weight=2, state=WORLDS)
def test_plan_after_apply_is_empty(state: tuple[Crowd, Options]) -> None:
    cloud, options = state
    first = tried(cloud, apply, False, options)
    if isinstance(first, HuaweiCloudError) or first.result.get("failed"):
        # Some items are refused in each run. Applied items stay unchanged.
        names = (
            set()
            if isinstance(first, HuaweiCloudError)
            else {item["name"] for item in first["results"] if not item["failed"] and item["msg"] is None}
        )
        again = tried(cloud, apply, True, dict(options, on_error="continue"))
        assume(names and not isinstance(again, HuaweiCloudError))
        assert [
            item["name"] for item in t.cast(Ran, again)["results"] if item["name"] in names and item["changed"]
        ] == []
        return
    after = held(cloud)
    again = tried(cloud, apply, False, options)
    assert isinstance(again, Ran) and not again.result.get("failed")
    assert (again["changed"], again.writes, again["diff"]) == (False, [], [])
    assert {**again["plan"], "hash": 0} == {**dict.fromkeys(again["plan"], 0), "unchanged": len(again["results"])}
    assert held(cloud) == after


@holds(weight=2, state=WORLDS)
def test_check_mode_predicts_the_run(state: tuple[Crowd, Options]) -> None:
    cloud, options = state
    before = held(cloud)
    predicted = tried(cloud, apply, True, options)
    assert held(cloud) == before
    done = tried(cloud, apply, False, options)
    assert isinstance(predicted, HuaweiCloudError) == isinstance(done, HuaweiCloudError)
    if isinstance(predicted, HuaweiCloudError) or isinstance(done, HuaweiCloudError):
        assert str(predicted) == str(done) and held(cloud) == before
        return
    assert predicted.writes == []
    assert (predicted["changed"], predicted["plan"]) == (done["changed"], done["plan"])
    assert [brief(item) for item in predicted["results"]] == [brief(item) for item in done["results"]]
    assert predicted["diff"] == done["diff"]


def brief(item: Options) -> tuple[t.Any, ...]:
    fields = [(action["action"], action["fields"]) for action in item["actions"]]
    return item["kind"], item["name"], item["action"], item["changed"], item["failed"], item["msg"], fields


@holds(weight=2, state=WORLDS, check=st.booleans())
def test_diffs_exist_for_changed_resources_only(state: tuple[Crowd, Options], check: bool) -> None:
    cloud, options = state
    before = held(cloud)
    ran = tried(cloud, apply, check, options)
    assume(isinstance(ran, Ran))
    ran = t.cast(Ran, ran)
    assert ran["changed"] == any(item["changed"] for item in ran["results"])
    changed = [f"{item['kind']} {item['name']}" for item in ran["results"] if item["changed"] and not item["failed"]]
    assert [diff["before_header"] for diff in ran["diff"]] == changed
    assert all(told_by(diff) for diff in ran["diff"])
    if not ran["changed"]:
        assert held(cloud) == before and ran.writes == []


@holds(state=WORLDS)
def test_order_of_items_has_no_effect(state: tuple[Crowd, Options]) -> None:
    cloud, options = state
    turned = {
        name: value[::-1] if name in ("workspaces", "workshops", "releases") else value
        for name, value in options.items()
    }
    one, other = copy.deepcopy(cloud), copy.deepcopy(cloud)
    first, second = tried(one, apply, False, options), tried(other, apply, False, turned)
    assert isinstance(first, HuaweiCloudError) == isinstance(second, HuaweiCloudError)
    assume(isinstance(first, Ran) and not first.result.get("failed"))
    first, second = t.cast(Ran, first), t.cast(Ran, second)
    assert (first["changed"], first["plan"]) == (second["changed"], second["plan"])
    assert sorted(map(brief, first["results"])) == sorted(map(brief, second["results"]))


# -- one resource at a time

ONE = clouds().flatmap(
    lambda cloud: st.tuples(
        st.just(cloud),
        st.one_of(
            st.tuples(st.just(modelarts_workspace), st.sampled_from(TEAMS).flatmap(workspaces)),
            st.tuples(st.just(asm_workshop), st.sampled_from(DEMOS).flatmap(workshops)),
            st.tuples(
                st.just(asm_release),
                st.sampled_from(SERVICES).flatmap(lambda name: releases(name, cloud.carries_traffic)),
            ),
        ),
    )
)


@holds(weight=3, state=ONE, check=st.booleans())
def test_diff_is_empty_if_and_only_if_nothing_changed(state: tuple[Crowd, tuple[t.Any, Options]], check: bool) -> None:
    cloud, (module, options) = state
    before = held(cloud)
    ran = tried(cloud, module, check, options)
    if isinstance(ran, HuaweiCloudError):
        assert ran.actions or held(cloud) == before
        return
    assert told_by(ran["diff"]) == ran["changed"]
    assert bool(ran["actions"]) == ran["changed"]
    # A list is read, and with it time goes on for what is on its way out.
    assert ran["changed"] or ran.writes == []


@holds(weight=3, state=ONE)
def test_single_resource_is_idempotent(state: tuple[Crowd, tuple[t.Any, Options]]) -> None:
    cloud, (module, options) = state
    predicted = tried(cloud, module, True, options)
    done = tried(cloud, module, False, options)
    assert isinstance(predicted, HuaweiCloudError) == isinstance(done, HuaweiCloudError)
    if isinstance(predicted, HuaweiCloudError) or isinstance(done, HuaweiCloudError):
        assert str(predicted) == str(done)
        return
    assert predicted["changed"] == done["changed"] and predicted["changed_fields"] == done["changed_fields"]
    again = tried(cloud, module, False, options)
    assert isinstance(again, Ran)
    assert (again["changed"], again.writes, told_by(again["diff"])) == (False, [], False)


# -- releases that have ended, and endings that are refused


@holds(weight=2, state=WORLDS, check=st.booleans())
def test_ended_release_is_not_changed(state: tuple[Crowd, Options], check: bool) -> None:
    """Also where another release of its name is updated, promoted or canceled."""
    cloud, options = state
    before = copy.deepcopy(ended_before(cloud))
    asked = len(cloud.request_log)
    tried(cloud, apply, check, options)
    assert touched(cloud, before, asked) == []


def touched(cloud: Crowd, before: list[Options], asked: int) -> list[str]:
    """What was done to releases that had ended, and asked of the services about them since they had been asked so often."""
    other = [f"{one['metadata']['uid']} is another" for one in before if one not in cloud.releases]
    return other + [line for line in cloud.request_log[asked:] if OVER in line]


def test_change_to_an_ended_release_is_detected() -> None:
    """Check that the assertions can fail, and that generated states reach them."""
    cloud = find(clouds(), lambda cloud: bool(ended_before(cloud)), settings=settings(database=None, derandomize=True))
    before = copy.deepcopy(ended_before(cloud))
    assert touched(cloud, before, len(cloud.request_log)) == []
    uid = before[0]["metadata"]["uid"]
    cloud.request_log.append(f"DELETE /v2/meshes/m-1/namespaces/default/releases/{uid}")
    cloud.releases.remove(before[0])
    assert touched(cloud, before, 0) == [f"{uid} is another", cloud.request_log[-1]]


@holds(weight=2, cloud=clouds(), service=st.sampled_from(SERVICES), check=st.booleans())
def test_end_refused_by_traffic_fails_and_ends_nothing(cloud: Crowd, service: str, check: bool) -> None:
    state = {"original": "promoted", "gray": "canceled"}[cloud.carries_traffic]
    before = held(cloud)
    named = [one for one in cloud.releases if one["metadata"]["name"] == f"{service}-v2"]
    runs = any(one["status"]["phase"] == "Running" for one in named)
    ran = tried(
        cloud,
        asm_release,
        check,
        {"mesh_name": "shop", "namespace": "default", "name": f"{service}-v2", "state": state},
    )
    assert held(cloud) == before
    if isinstance(ran, HuaweiCloudError):
        assert ran.actions == []
        assert not runs or "Traffic is not where it has to be" in str(ran)
    else:
        # Only the service knows where the traffic stands.
        assert check or not runs
        assert ran["changed"] == runs


@holds(cloud=clouds())
def test_generated_states_cover_all_cases(cloud: Crowd) -> None:
    """Of a release that had ended there is one name more than once, and it is found by its id."""
    names = [one["metadata"]["name"] for one in cloud.releases]
    assert (len(names) != len(set(names))) == bool(ended_before(cloud))
    assert not ended_before(cloud) or cloud.release_key == "uid"
