# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._task import RunContext, run_task, validate_params
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import runner
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from ansible_collections.community.huaweicloud.plugins.modules import asm_traffic, asm_traffic_info
from fake_cluster import FakeCluster
from istio_objects import make_destination, make_pod, make_route, make_rule, make_service, make_virtual_service

OPTIONS = {
    "namespace": "shop",
    "service_name": "reviews",
    "original_version": "v1",
    "gray_version": "v2",
    "propagation_seconds": 0,
}
SPLIT = make_route(make_destination("v1", 90), make_destination("v2", 10), timeout="3s")
HOST = "reviews.shop.svc.cluster.local"


@pytest.fixture
def api(monkeypatch):
    fake = FakeCluster(
        make_service(),
        make_pod("a", "v1"),
        make_pod("b", "v2"),
        make_pod("c", "v2", ready=False),
        make_virtual_service(SPLIT),
        make_rule("v1", "v2"),
    )
    monkeypatch.setattr(runner, "Cluster", lambda settings, check_mode: Cluster(settings, check_mode, transport=fake))
    return fake


@pytest.fixture
def run(api):
    def run(task, check_mode=False, diff=True, **options):
        """Return whether the task failed, its result, its warnings and the registered secrets."""
        warnings, secrets = [], set()
        context = RunContext({}, check_mode, diff, 0, warnings.append, secrets.update)
        params, problem = validate_params(task.arguments, {**options})
        assert problem is None
        failed, result = run_task(task, params, context)
        json.dumps(result)
        return failed, result, warnings, secrets

    return run


def make_traffic(*routes, weight, **changes):
    return {
        "namespace": "shop",
        "service_name": "reviews",
        "host": HOST,
        "original_version": "v1",
        "gray_version": "v2",
        "weight": weight,
        "match_routes": [],
        "virtual_services": [{"namespace": "shop", "name": "reviews", "hosts": [HOST], "gateways": ["mesh"]}],
        "destination_rule": {
            "namespace": "shop",
            "name": "reviews",
            "subsets": [{"name": "v1", "version": "v1"}, {"name": "v2", "version": "v2"}],
        },
        "routes": list(routes),
        "pods": [{"version": "v1", "total": 1, "ready": 1}, {"version": "v2", "total": 2, "ready": 1}],
        "findings": [],
        **changes,
    }


def make_result_route(*weights, position=0, name=None, is_match=False):
    return {
        "virtual_service": "shop/reviews",
        "path": f"spec.http[{position}]",
        "name": name,
        "is_match": is_match,
        "destinations": [
            {"host": HOST, "subset": version, "version": version, "weight": weight} for version, weight in weights
        ],
    }


UPDATE = {"action": "update", "kind": "VirtualService", "namespace": "shop", "name": "reviews"}
TITLE = {"before_header": "VirtualService shop/reviews", "after_header": "VirtualService shop/reviews"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_result_and_diff_are_the_same_in_check_mode(run, api, check_mode):
    failed, result, warnings, secrets = run(asm_traffic.TASK, check_mode, **OPTIONS, weight=30)
    assert not failed
    assert result == {
        "changed": True,
        "traffic": make_traffic(make_result_route(("v1", 70), ("v2", 30)), weight=30),
        "actions": [UPDATE],
        "diff": [
            {
                **TITLE,
                "before": {"spec.http[0].route[0].weight": 90, "spec.http[0].route[1].weight": 10},
                "after": {"spec.http[0].route[0].weight": 70, "spec.http[0].route[1].weight": 30},
            }
        ],
    }
    assert len(api.writes) == (0 if check_mode else 1)


@pytest.mark.parametrize("check_mode", [True, False])
def test_diff_has_match_routes_by_their_names(run, check_mode):
    failed, result, warnings, secrets = run(
        asm_traffic.TASK, check_mode, **OPTIONS, match={"headers": {"x-tester": "yes"}}
    )
    name = "canary.reviews.shop.0"
    assert result["traffic"] == make_traffic(
        make_result_route(("v2", 100), name=name, is_match=True),
        make_result_route(("v1", 90), ("v2", 10), position=1),
        weight=10,
        match_routes=[name],
    )
    assert result["diff"] == [
        {
            **TITLE,
            "before": {},
            "after": {
                f"spec.http[name={name}]": {
                    "name": name,
                    "match": [{"headers": {"x-tester": {"exact": "yes"}}}],
                    "route": [make_destination("v2")],
                    "timeout": "3s",
                }
            },
        }
    ]


@pytest.mark.parametrize("check_mode", [True, False])
def test_absent_has_one_diff_for_each_object(run, check_mode):
    failed, result, warnings, secrets = run(asm_traffic.TASK, check_mode, **OPTIONS, state="absent")
    assert result["actions"] == [UPDATE, {**UPDATE, "kind": "DestinationRule"}]
    assert result["diff"] == [
        {
            **TITLE,
            "before": {"spec.http[0].route[0].weight": 90, "spec.http[0].route[1]": make_destination("v2", 10)},
            "after": {"spec.http[0].route[0].weight": 100},
        },
        {
            "before_header": "DestinationRule shop/reviews",
            "after_header": "DestinationRule shop/reviews",
            "before": {"spec.subsets[name=v2]": {"name": "v2", "labels": {"version": "v2"}}},
            "after": {},
        },
    ]


def test_object_that_changes_twice_has_one_diff(run, api):
    api.store(make_virtual_service(make_route(make_destination())))
    api.store(make_rule("v2"))
    failed, result, warnings, secrets = run(asm_traffic.TASK, **OPTIONS, state="absent")
    assert [action["kind"] for action in result["actions"]] == ["DestinationRule", "VirtualService", "DestinationRule"]
    assert result["diff"] == [
        {
            "before_header": "DestinationRule shop/reviews",
            "after_header": "DestinationRule shop/reviews",
            "before": {"spec.subsets[name=v2]": {"name": "v2", "labels": {"version": "v2"}}},
            "after": {"spec.subsets[name=v1]": {"name": "v1", "labels": {"version": "v1"}}},
        },
        {**TITLE, "before": {}, "after": {"spec.http[0].route[0].destination.subset": "v1"}},
    ]


@pytest.mark.parametrize("check_mode", [True, False])
def test_diff_of_a_new_object_is_the_object(run, api, check_mode):
    policy = {"tls": {"mode": "DISABLE"}}
    del api.objects["destinationrules", "shop", "reviews"]
    api.store(make_virtual_service(make_route(make_destination())))
    api.store(make_rule(name="default", namespace="istio-system", host="*.local", trafficPolicy=policy))
    failed, result, warnings, secrets = run(asm_traffic.TASK, check_mode, **OPTIONS, weight=0, create_missing=True)
    assert result["actions"] == [{**UPDATE, "action": "create", "kind": "DestinationRule"}, UPDATE]
    assert result["diff"][0] == {
        "before_header": "DestinationRule shop/reviews",
        "after_header": "DestinationRule shop/reviews",
        "before": {},
        "after": {
            "metadata": {"namespace": "shop", "name": "reviews"},
            "spec": {"host": HOST, "trafficPolicy": policy, "subsets": make_rule("v1", "v2")["spec"]["subsets"]},
        },
    }
    assert result["traffic"]["weight"] == 0


def test_unchanged_traffic_has_no_diff(run, api):
    failed, result, warnings, secrets = run(asm_traffic.TASK, **OPTIONS, weight=10)
    traffic = make_traffic(make_result_route(("v1", 90), ("v2", 10)), weight=10)
    assert result == {"changed": False, "traffic": traffic, "actions": [], "diff": []}
    assert api.writes == []
    assert "diff" not in run(asm_traffic.TASK, diff=False, **OPTIONS, weight=10)[1]


def test_change_is_verified(run, api):
    def undo(request):
        if request.method == "PATCH":
            api.store(make_virtual_service(SPLIT))

    api.on_write = undo
    failed, result, warnings, secrets = run(asm_traffic.TASK, **OPTIONS, weight=30)
    assert (failed, result["changed"], result["actions"]) == (True, True, [UPDATE])
    assert result["msg"].startswith("The traffic of the Service shop/reviews has changed again after the task")


def test_finding_fails_the_task_with_object_and_path(run, api):
    api.store(make_virtual_service(make_route(make_destination("v1", 2), make_destination("v2", 1))))
    failed, result, warnings, secrets = run(asm_traffic.TASK, **OPTIONS, weight=30)
    finding = {
        "severity": "error",
        "object": "VirtualService shop/reviews",
        "path": "spec.http[0].route",
        "message": "the sum of the weights is 3. Istio accepts that, but only routes with the sum 100 can be changed.",
    }
    message = (
        "Failed to change the traffic of the Service shop/reviews: VirtualService shop/reviews, spec.http[0].route: "
        + finding["message"]
    )
    assert failed
    assert result == {
        "msg": message,
        "error": {
            "kind": "traffic",
            "status": None,
            "code": None,
            "message": message,
            "request_id": None,
            "method": None,
            "path": None,
            "attempts": None,
            "hint": None,
        },
        "findings": [finding],
        "changed": False,
        "actions": [],
    }


def test_failed_request_reports_what_was_applied(run, api):
    api.store(make_virtual_service(make_route(make_destination())))
    api.store(make_rule())
    api.on_write = lambda request: api.store(api.find("VirtualService", "shop", "reviews"))
    failed, result, warnings, secrets = run(asm_traffic.TASK, **OPTIONS, weight=30)
    assert failed
    assert (result["error"]["kind"], result["error"]["status"]) == ("conflict", 422)
    assert (result["changed"], result["actions"]) == (True, [{**UPDATE, "kind": "DestinationRule"}])


def test_warnings_are_reported(run, api):
    api.store(make_virtual_service({"redirect": {"uri": "/"}, "match": [{"uri": {"exact": "/old"}}]}, SPLIT))
    failed, result, warnings, secrets = run(asm_traffic.TASK, **OPTIONS, weight=30)
    assert warnings == [
        "VirtualService shop/reviews, spec.http[0].redirect: requests that match do not reach any version of the Service."
    ]
    assert [finding["severity"] for finding in result["traffic"]["findings"]] == ["warning"]


def test_secrets_are_registered_and_in_no_result(run):
    failed, result, warnings, secrets = run(
        asm_traffic.TASK, **OPTIONS, weight=10, host="https://a", api_key="CANARY-token"
    )
    assert "CANARY-token" in secrets
    assert "CANARY" not in json.dumps(result)


def test_info_has_the_same_shape(run, api):
    failed, result, warnings, secrets = run(
        asm_traffic_info.TASK, namespace="shop", service_name="reviews", original_version="v1", gray_version="v2"
    )
    traffic = make_traffic(make_result_route(("v1", 90), ("v2", 10)), weight=10)
    assert (failed, result) == (False, {"changed": False, "traffic": traffic})
    assert api.writes == []


def test_info_shows_findings_instead_of_failing(run, api):
    api.store(make_virtual_service(SPLIT, name="other", hosts=["a.example"]))
    failed, result, warnings, secrets = run(asm_traffic_info.TASK, namespace="shop", service_name="reviews")
    assert not failed
    assert (result["traffic"]["weight"], result["traffic"]["virtual_services"]) == (None, [])
    assert [finding["object"] for finding in result["traffic"]["findings"]] == [
        "VirtualService shop/other",
        "VirtualService shop/reviews",
    ]


def test_info_without_versions_shows_the_versions_of_the_routes(run):
    failed, result, warnings, secrets = run(asm_traffic_info.TASK, namespace="shop", service_name="reviews")
    assert result["traffic"]["weight"] is None
    assert [entry["version"] for entry in result["traffic"]["routes"][0]["destinations"]] == ["v1", "v2"]
    assert [entry["version"] for entry in result["traffic"]["pods"]] == ["v1", "v2"]


def test_missing_service_fails_both_modules(run, api):
    api.objects.clear()
    for task, options in (
        (asm_traffic.TASK, {**OPTIONS, "weight": 1}),
        (asm_traffic_info.TASK, {"namespace": "shop", "service_name": "reviews"}),
    ):
        failed, result, warnings, secrets = run(task, **options)
        assert failed
        assert result["msg"].startswith("The Service shop/reviews does not exist.")


def test_settings_come_from_options_and_variables(monkeypatch):
    seen = []
    monkeypatch.setattr(runner, "Cluster", lambda settings, check_mode: seen.append((settings, check_mode)))
    context = RunContext({"K8S_AUTH_CONTEXT": "shop"}, True, False, 0, print, lambda secrets: None)
    runner.connect(context, {"api_key": "x", "connect_timeout": 1})
    assert seen == [(ClusterSettings(api_key="x", context="shop", connect_timeout=1.0), True)]
