# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of plans: predictions come true, a second run changes nothing, and diffs show the changes."""

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

# The ID of a finished release ends like this if another release has its name.
OVER, LONG_AGO = "-over", "2025-01-02T03:04:05Z"

Options = dict[str, t.Any]


class ThreadSafeCloud(Cloud):
    """Simulated services that threads can share and that complete ID and name of users."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.RLock()

    def __call__(self, call: HttpRequest) -> HttpResponse:
        with self._guard:
            answer = super().__call__(call)
            for one in self.workspaces:
                one["grants"] = [task_result(grant) for grant in one["grants"]]
            return answer

    def __deepcopy__(self, memo: t.Any) -> ThreadSafeCloud:
        duplicate = ThreadSafeCloud()
        duplicate.__dict__.update(
            copy.deepcopy({name: value for name, value in vars(self).items() if name != "_guard"}, memo)
        )
        return duplicate


def task_result(grant: Options) -> Options:
    names = {uid: name for name, uid in USERS.items()}
    name = grant.get("user_name") or names[grant["user_id"]]
    return {"user_type": "IAM", **grant, "user_id": USERS[name], "user_name": name}


# -- actual state

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
def clouds(draw: st.DrawFn) -> ThreadSafeCloud:
    """Draw three services with some resources."""
    cloud = ThreadSafeCloud()
    for name in draw(st.sets(st.sampled_from(TEAMS))):
        auth_type = draw(AUTH_TYPES)
        grants = [task_result(grant) for grant in draw(GRANTS)] if auth_type == "internal" else []
        draw_encoded = auth_type.upper() if draw(st.booleans()) else auth_type
        cloud.workspaces.append(
            workspace(f"id-{name}", name, description=draw(DESCRIPTIONS), auth_type=draw_encoded, grants=grants)
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
    cloud.receives_traffic = draw(st.sampled_from(["original", "gray"]))
    # A finished release and another one of the same name stay in the list, so a name does not identify one of them.
    cloud.keeps_ended = bool(find_earlier_ended_releases(cloud)) or draw(st.booleans())
    cloud.workshop_key = draw(st.sampled_from(["name", "uid"]))
    cloud.release_key = "uid" if find_earlier_ended_releases(cloud) else draw(st.sampled_from(["name", "uid"]))
    cloud.reads_of_deleting = draw(st.integers(0, 2))
    return cloud


def find_earlier_ended_releases(cloud: ThreadSafeCloud) -> list[Options]:
    """Return the finished releases that share their name with a later one."""
    return [one for one in cloud.releases if one["metadata"]["uid"].endswith(OVER)]


# -- desired state


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
def draw_desired_state(draw: st.DrawFn, cloud: ThreadSafeCloud) -> Options:
    """Draw options of apply that are possible with the actual state and that the service accepts."""

    def some(names: tuple[str, ...], desired: t.Callable[[str], st.SearchStrategy[Options]]) -> list[Options]:
        return [draw(desired(name)) for name in draw(st.lists(st.sampled_from(names), unique=True))]

    return {
        "workspaces": some(TEAMS, workspaces),
        "workshops": some(DEMOS, workshops),
        "releases": some(SERVICES, lambda name: releases(name, cloud.receives_traffic)),
        "prune": draw(st.sampled_from([None, None, {"workspaces": ["^team-[ab]$"]}, {"workshops": ["."]}])),
        "mesh_name": "shop",
        "parallel": draw(st.sampled_from([1, 8])),
        "on_error": draw(st.sampled_from(["stop", "continue", "continue"])),
    }


STATES = clouds().flatmap(lambda cloud: st.tuples(st.just(cloud), draw_desired_state(cloud)))


def run_task(cloud: ThreadSafeCloud, module: t.Any, check: bool, options: Options) -> Ran | HuaweiCloudError:
    """Run a task and return its result. In check mode, run it on a copy of the cloud."""
    try:
        return run(copy.deepcopy(cloud) if check else cloud, module, check, **copy.deepcopy(options))
    except HuaweiCloudError as error:
        return error


def copy_state(cloud: ThreadSafeCloud) -> t.Any:
    return copy.deepcopy((cloud.workspaces, cloud.workshops, cloud.releases, cloud.quotas))


def has_changes(diff: Options) -> bool:
    """Return whether a diff shows a change."""
    return diff["before"] != diff["after"]


# -- apply


@holds(weight=2, state=STATES)
def test_plan_after_apply_is_empty(state: tuple[ThreadSafeCloud, Options]) -> None:
    cloud, options = state
    first = run_task(cloud, apply, False, options)
    if isinstance(first, HuaweiCloudError) or first.result.get("failed"):
        # The service refuses some items each time. The other items stay unchanged.
        names = (
            set()
            if isinstance(first, HuaweiCloudError)
            else {item["name"] for item in first["results"] if not item["failed"] and item["msg"] is None}
        )
        again = run_task(cloud, apply, True, dict(options, on_error="continue"))
        assume(names and not isinstance(again, HuaweiCloudError))
        assert [
            item["name"] for item in t.cast(Ran, again)["results"] if item["name"] in names and item["changed"]
        ] == []
        return
    after = copy_state(cloud)
    again = run_task(cloud, apply, False, options)
    assert isinstance(again, Ran) and not again.result.get("failed")
    assert (again["changed"], again.writes, again["diff"]) == (False, [], [])
    counts = {name: count for name, count in again["plan"].items() if name != "hash"}
    assert counts == {**dict.fromkeys(counts, 0), "unchanged": len(again["results"])}
    assert copy_state(cloud) == after


@holds(weight=2, state=STATES)
def test_check_mode_predicts_the_run(state: tuple[ThreadSafeCloud, Options]) -> None:
    cloud, options = state
    before = copy_state(cloud)
    predicted = run_task(cloud, apply, True, options)
    assert copy_state(cloud) == before
    done = run_task(cloud, apply, False, options)
    assert isinstance(predicted, HuaweiCloudError) == isinstance(done, HuaweiCloudError)
    if isinstance(predicted, HuaweiCloudError) or isinstance(done, HuaweiCloudError):
        assert str(predicted) == str(done) and copy_state(cloud) == before
        return
    assert predicted.writes == []
    assert (predicted["changed"], predicted["plan"]) == (done["changed"], done["plan"])
    assert [summarize(item) for item in predicted["results"]] == [summarize(item) for item in done["results"]]
    assert predicted["diff"] == done["diff"]


def summarize(item: Options) -> tuple[t.Any, ...]:
    fields = [(action["action"], action["fields"]) for action in item["actions"]]
    return item["kind"], item["name"], item["action"], item["changed"], item["failed"], item["msg"], fields


@holds(weight=2, state=STATES, check=st.booleans())
def test_only_changed_resources_have_a_diff(state: tuple[ThreadSafeCloud, Options], check: bool) -> None:
    cloud, options = state
    before = copy_state(cloud)
    ran = run_task(cloud, apply, check, options)
    assume(isinstance(ran, Ran))
    ran = t.cast(Ran, ran)
    assert ran["changed"] == any(item["changed"] for item in ran["results"])
    changed = [f"{item['kind']} {item['name']}" for item in ran["results"] if item["changed"] and not item["failed"]]
    assert [diff["before_header"] for diff in ran["diff"]] == changed
    assert all(has_changes(diff) for diff in ran["diff"])
    if not ran["changed"]:
        assert copy_state(cloud) == before and ran.writes == []


@holds(state=STATES)
def test_order_of_items_is_ignored(state: tuple[ThreadSafeCloud, Options]) -> None:
    cloud, options = state
    shuffled = {
        name: value[::-1] if name in ("workspaces", "workshops", "releases") else value
        for name, value in options.items()
    }
    one, other = copy.deepcopy(cloud), copy.deepcopy(cloud)
    first, second = run_task(one, apply, False, options), run_task(other, apply, False, shuffled)
    assert isinstance(first, HuaweiCloudError) == isinstance(second, HuaweiCloudError)
    assume(isinstance(first, Ran) and not first.result.get("failed"))
    first, second = t.cast(Ran, first), t.cast(Ran, second)
    assert (first["changed"], first["plan"]) == (second["changed"], second["plan"])
    assert sorted(map(summarize, first["results"])) == sorted(map(summarize, second["results"]))


# -- single resources

ONE = clouds().flatmap(
    lambda cloud: st.tuples(
        st.just(cloud),
        st.one_of(
            st.tuples(st.just(modelarts_workspace), st.sampled_from(TEAMS).flatmap(workspaces)),
            st.tuples(st.just(asm_workshop), st.sampled_from(DEMOS).flatmap(workshops)),
            st.tuples(
                st.just(asm_release),
                st.sampled_from(SERVICES).flatmap(lambda name: releases(name, cloud.receives_traffic)),
            ),
        ),
    )
)


@holds(weight=3, state=ONE, check=st.booleans())
def test_diff_is_empty_only_without_changes(state: tuple[ThreadSafeCloud, tuple[t.Any, Options]], check: bool) -> None:
    cloud, (module, options) = state
    before = copy_state(cloud)
    ran = run_task(cloud, module, check, options)
    if isinstance(ran, HuaweiCloudError):
        assert ran.actions or copy_state(cloud) == before
        return
    assert has_changes(ran["diff"]) == ran["changed"]
    assert bool(ran["actions"]) == ran["changed"]
    # Reading a list advances the deletion of resources.
    assert ran["changed"] or ran.writes == []


@holds(weight=3, state=ONE)
def test_second_run_changes_nothing(state: tuple[ThreadSafeCloud, tuple[t.Any, Options]]) -> None:
    cloud, (module, options) = state
    predicted = run_task(cloud, module, True, options)
    done = run_task(cloud, module, False, options)
    assert isinstance(predicted, HuaweiCloudError) == isinstance(done, HuaweiCloudError)
    if isinstance(predicted, HuaweiCloudError) or isinstance(done, HuaweiCloudError):
        assert str(predicted) == str(done)
        return
    assert predicted["changed"] == done["changed"] and predicted["changed_fields"] == done["changed_fields"]
    again = run_task(cloud, module, False, options)
    assert isinstance(again, Ran)
    assert (again["changed"], again.writes, has_changes(again["diff"])) == (False, [], False)


# -- finished releases, and ends that the service refuses


@holds(weight=2, state=STATES, check=st.booleans())
def test_finished_release_is_not_changed(state: tuple[ThreadSafeCloud, Options], check: bool) -> None:
    """The release stays unchanged if another one of its name is updated, promoted or canceled."""
    cloud, options = state
    before = copy.deepcopy(find_earlier_ended_releases(cloud))
    asked = len(cloud.request_log)
    run_task(cloud, apply, check, options)
    assert find_accesses(cloud, before, asked) == []


def find_accesses(cloud: ThreadSafeCloud, before: list[Options], asked: int) -> list[str]:
    """Return changes of finished releases and requests for them, after the first ``asked`` requests."""
    other = [f"{one['metadata']['uid']} is another" for one in before if one not in cloud.releases]
    return other + [line for line in cloud.request_log[asked:] if OVER in line]


def test_accesses_to_finished_release_are_detected() -> None:
    """The check detects an access, and some generated clouds contain finished releases."""
    cloud = find(
        clouds(),
        lambda cloud: bool(find_earlier_ended_releases(cloud)),
        settings=settings(database=None, derandomize=True),
    )
    before = copy.deepcopy(find_earlier_ended_releases(cloud))
    assert find_accesses(cloud, before, len(cloud.request_log)) == []
    uid = before[0]["metadata"]["uid"]
    cloud.request_log.append(f"DELETE /v2/meshes/m-1/namespaces/default/releases/{uid}")
    cloud.releases.remove(before[0])
    assert find_accesses(cloud, before, 0) == [f"{uid} is another", cloud.request_log[-1]]


@holds(weight=2, cloud=clouds(), service=st.sampled_from(SERVICES), check=st.booleans())
def test_end_refused_by_traffic_is_an_error(cloud: ThreadSafeCloud, service: str, check: bool) -> None:
    state = {"original": "promoted", "gray": "canceled"}[cloud.receives_traffic]
    before = copy_state(cloud)
    named = [one for one in cloud.releases if one["metadata"]["name"] == f"{service}-v2"]
    runs = any(one["status"]["phase"] == "Running" for one in named)
    ran = run_task(
        cloud,
        asm_release,
        check,
        {"mesh_name": "shop", "namespace": "default", "name": f"{service}-v2", "state": state},
    )
    assert copy_state(cloud) == before
    if isinstance(ran, HuaweiCloudError):
        assert ran.actions == []
        assert not runs or "Traffic is not where it has to be" in str(ran)
    else:
        # Only the service knows where the traffic stands.
        assert check or not runs
        assert ran["changed"] == runs


@holds(cloud=clouds())
def test_generated_states_cover_all_cases(cloud: ThreadSafeCloud) -> None:
    """Of a release that had ended there is one name more than once, and it is found by its id."""
    names = [one["metadata"]["name"] for one in cloud.releases]
    assert (len(names) != len(set(names))) == bool(find_earlier_ended_releases(cloud))
    assert not find_earlier_ended_releases(cloud) or cloud.release_key == "uid"
