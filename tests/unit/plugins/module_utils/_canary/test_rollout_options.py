# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile, Step
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_mistakes import (
    find_rollout_mistakes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import (
    make_digest,
    parse_rollout,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes import lint
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficTarget
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from example_release import TEMPLATE, with_image

Data = t.Dict[str, t.Any]


def make_file(**changes: t.Any) -> Data:
    """Return the content of a valid rollout file."""
    content = {
        "release": {
            "mesh_name": "shop-mesh",
            "namespace": "bookinfo",
            "name": "reviews-v2",
            "service_name": "reviews",
            "cluster_id": "c-1",
            "deployment_name": "reviews-v1",
            "version": "v2",
            "gray_deployments": [{"template": TEMPLATE}],
        },
        "traffic": {
            "original_version": "v1",
            "connection": {"host": "https://k8s.example.com", "api_key": "CANARY-key"},
        },
        "steps": [{"weight": 10, "pause": "5m"}, {"weight": 50, "approval": True}, {"weight": 100}],
        "metrics": [
            {"name": "errors", "query": "error_ratio", "max": 0.05},
            {"name": "latency", "query": "p99", "baseline_query": "p99_old", "max_ratio": 1.2},
        ],
        "analysis": {"prometheus_url": "https://prometheus.example.com", "prometheus_token": "CANARY-token"},
    }
    return {**copy.deepcopy(content), **changes}


def find(**changes: t.Any) -> list[str]:
    """Return the mistakes in a file as text."""
    return list(map(str, find_rollout_mistakes(make_file(**changes))))


def within(key: str, **changes: t.Any) -> Data:
    """Return a part of the file with changes. None removes a key."""
    part = {**make_file()[key], **changes}
    return {name: value for name, value in part.items() if value is not None}


def test_valid_file_has_no_mistakes() -> None:
    assert find() == []


def test_file_is_parsed_with_its_defaults() -> None:
    rollout = parse_rollout(make_file())
    assert rollout.file == RolloutFile(
        release="bookinfo/reviews-v2",
        digest=rollout.file.digest,
        listed_steps=(
            Step(10, pause=300.0, metrics=("errors", "latency")),
            Step(50, metrics=("errors", "latency"), approval=True),
            # The original version has no requests any more.
            Step(100, metrics=("errors",)),
        ),
        original_version="v1",
        gray_version="v2",
    )
    assert rollout.target == TrafficTarget("bookinfo", "reviews", "v1", "v2")
    assert rollout.connection == {"host": "https://k8s.example.com", "api_key": "CANARY-key"}
    assert rollout.prometheus is not None and rollout.prometheus.url == "https://prometheus.example.com"
    assert rollout.release_params["state"] == "present" and rollout.release_params["end_action"] == "end"
    assert [metric.name for metric in rollout.step_metrics(3)] == ["errors"]
    assert rollout.gray_deployments() == [("c-1", "reviews-v2")]
    assert {"CANARY-key", "CANARY-token"} <= set(rollout.secrets())


def test_all_options_are_read() -> None:
    match = {"headers": {"x-tester": "yes"}, "cookies": {}, "query_params": {}}
    rollout = parse_rollout(
        make_file(
            steps=[{"match": match, "pause": 5}, {"weight": "20", "metrics": ["latency"], "approval": "yes"}],
            traffic=within(
                "traffic",
                virtual_services=["reviews", "gateways/shop"],
                destination_rule="reviews",
                create_missing=True,
                propagation_seconds="3s",
                clusters={"c-2": {"host": "https://other.example.com"}},
            ),
            on_failure="hold",
            step_timeout="2h",
            deadline="1d",
            approval_timeout="90m",
            end_timeout=30,
            poll_interval="1s",
            lease_duration="20s",
            min_ready_gray=1,
            min_ready_original="2",
        )
    )
    assert rollout.file == RolloutFile(
        "bookinfo/reviews-v2",
        rollout.file.digest,
        (Step(0, {"headers": {"x-tester": "yes"}}, 5.0), Step(20, metrics=("latency",), approval=True)),
        on_failure="hold",
        step_timeout=7200.0,
        deadline=86400.0,
        approval_timeout=5400.0,
        end_timeout=30.0,
        propagation=3.0,
        poll_interval=1.0,
        lease_duration=20.0,
        min_ready_gray=1,
        min_ready_original=2,
        original_version="v1",
        gray_version="v2",
    )
    assert rollout.target.virtual_services == ("reviews", "gateways/shop") and rollout.target.create_missing
    assert rollout.clusters == {"c-2": {"host": "https://other.example.com"}}
    assert (rollout.analysis.propagation_seconds, rollout.analysis.poll_interval) == (3.0, 1.0)


def test_environment_completes_only_the_connection_to_the_istio_objects() -> None:
    clusters = {"c-2": {"kubeconfig": "/srv/c-2.conf"}, "c-3": {"host": "https://c-3.example.com"}}
    traffic = {"original_version": "v1", "connection": {"context": "shop"}, "clusters": clusters}
    rollout = parse_rollout(make_file(traffic=traffic))
    environ = {"K8S_AUTH_HOST": "https://c-1.example.com", "K8S_AUTH_API_KEY": "CANARY-key"}
    first, *others = rollout.resolve_connections(environ)
    assert (first.host, first.api_key, first.context) == ("https://c-1.example.com", "CANARY-key", "shop")
    assert others == [ClusterSettings(kubeconfig="/srv/c-2.conf"), ClusterSettings(host="https://c-3.example.com")]


def test_duplicate_deployment_names_the_items_of_the_whole_list() -> None:
    items = [{"template": "["}, {"template": TEMPLATE}, {"template": TEMPLATE, "cluster_id": "c-1"}]
    found = find(release=within("release", gray_deployments=items))
    assert len(found) == 2 and found[0].startswith("release.gray_deployments[0].template: ")
    assert found[1].startswith(
        "release.gray_deployments[2]: cluster 'c-1' has the Deployment 'reviews-v2' in gray_deployments[1], too"
    )


def test_each_template_is_checked_by_the_linter_at_most_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    check = lint.lint_template
    monkeypatch.setattr(lint, "lint_template", lambda *args, **options: calls.append(1) or check(*args, **options))
    parse_rollout(make_file())
    # The file is checked first. Then the desired release is made in the same way as in asm_release.
    assert len(calls) == 2


def test_blank_values_have_their_defaults() -> None:
    blank = {"deadline": "", "on_failure": None, "poll_interval": " ", "metrics": None, "analysis": None}
    rollout = parse_rollout(make_file(**blank))
    assert rollout.file.deadline is None and rollout.file.on_failure == "rollback" and rollout.prometheus is None


def test_steps_after_the_last_one_and_matches_in_force() -> None:
    match = {"headers": {"x-tester": "yes"}}
    file = RolloutFile("a/b", "d", (Step(0, match), Step(20)))
    assert [step.weight for step in file.steps] == [0, 20, 100]
    assert [file.match(number) for number in (0, 1, 2, 3)] == [{}, match, match, match]
    assert [file.needs_approval(number) for number in (1, 2, 3)] == [False, True, False]
    assert [file.is_approvable(number) for number in (1, 2)] == [True, False]
    whole = RolloutFile("a/b", "d", (Step(100),))
    assert (len(whole.steps), whole.needs_approval(1), whole.is_approvable(1)) == (1, False, True)


@pytest.mark.parametrize(
    ("steps", "mistakes"),
    [
        ([], ["steps: must have at least one step"]),
        ([{"weight": 50}, {"weight": 50}], ["steps[1].weight: must be greater than the weight of the previous step (50)"]),
        ([{"weight": 50}, {"weight": 10}], ["steps[1].weight: must be greater than the weight of the previous step (50)"]),
        ([{"weight": 0}], ["steps[0].weight: must be between 1 and 100"]),
        ([{"weight": 101}], ["steps[0].weight: must be between 1 and 100"]),
        ([{"weight": True}], ["steps[0].weight: must be between 1 and 100"]),
        ([{"weight": "half"}], ["steps[0].weight: must be a whole number, it is text"]),
        ([{"pause": 5}], ["steps[0]: must have either weight or match"]),
        ([{"weight": 5, "match": {"headers": {"a": "b"}}}], ["steps[0]: must have either weight or match"]),
        ([{"match": {}}, {"weight": 5}], ["steps[0].match: must have a condition"]),
        ([{"match": {"headers": {"a": "b"}}}], ["steps: must have a step with a weight"]),
        (
            [{"weight": 5}, {"match": {"headers": {"a": "b"}}}],
            ["steps[1].match: must be before the first step with a weight"],
        ),
        (
            [{"match": {"cookies": {"a": "b", "c": "d"}}}, {"weight": 5}],
            ["steps[0].match: match.cookies must have one cookie: a route can have only one condition for the header cookie."],
        ),
        (
            [{"weight": 5, "metrics": ["errors", "unknown"]}],
            ["steps[0].metrics[1]: is not the name of a metric (known: errors, latency)"],
        ),
        ([{"weight": 5, "pause": "soon"}], ["steps[0].pause: must be a duration, for example 30, 30s, 5m or 2h"]),
        ([{"weight": 5, "speed": 1}], ["steps[0].speed: unknown key (known: approval, match, metrics, pause, weight)"]),
        (
            [{"weight": 5, "pause": "2h", "metrics": []}],
            ["steps[0]: pause and analysis take 2h10s, but step_timeout is 1h"],
        ),
    ],
)  # fmt: skip
def test_mistakes_in_steps(steps: list[Data], mistakes: list[str]) -> None:
    assert find(steps=steps) == mistakes


def test_equal_versions_are_a_mistake() -> None:
    assert find(traffic=within("traffic", original_version="v2")) == [
        "traffic.original_version: must differ from the version of the release"
    ]


def test_gray_deployment_must_not_be_the_original_one() -> None:
    gray = copy.deepcopy(TEMPLATE)
    gray["metadata"]["name"] = "reviews-v1"
    release = within("release", gray_deployments=[{"template": gray}])
    assert find(release=release) == ["release.gray_deployments[0].template: has the name of the original Deployment"]


def test_exclusive_credentials_hide_no_other_mistake() -> None:
    analysis = within("analysis", prometheus_url="ftp://x", prometheus_username="a", prometheus_password="b")
    assert find(analysis=analysis) == [
        "analysis.prometheus_token: prometheus_token and prometheus_username with prometheus_password are mutually exclusive",
        "analysis.prometheus_url: must be a URL such as https://prometheus.example.com:9090",
    ]


def test_version_that_is_a_number_is_text() -> None:
    template = json.loads(json.dumps(TEMPLATE).replace('"v2"', '"2"'))
    release = within("release", version=2, gray_deployments=[{"template": template}])
    assert find(release=release) == []


def test_too_few_replicas_are_a_mistake() -> None:
    assert find(min_ready_gray=3) == ["release.gray_deployments[0].template: has 1 replicas, but min_ready_gray is 3"]


@pytest.mark.parametrize(
    ("changes", "mistakes"),
    [
        ({"release": within("release", version=None)}, ["release: version is required"]),
        ({"release": within("release", state="promoted")}, ["release.state: unknown key (known: "]),
        ({"release": within("release", mesh_name=None)}, ["release: one of the following is required: mesh_id, mesh_name"]),
        ({"traffic": within("traffic", original_version=None)}, ["traffic: original_version is required"]),
        ({"traffic": within("traffic", connection={"hots": "x"})}, ["traffic.connection.hots: unknown key"]),
        ({"traffic": within("traffic", clusters={"c-2": {"hots": "x"}})}, ["traffic.clusters.c-2.hots: unknown key"]),
        ({"traffic": within("traffic", virtual_services=["a/b/c"])}, ["traffic.virtual_services: must be name or namespace/name"]),
        ({"release": within("release", namespace="Book_info")}, ["release.namespace: must be a valid Kubernetes name"]),
        ({"analysis": within("analysis", prometheus_url="")}, ["analysis.prometheus_url: is required, because a step analyzes metrics"]),
        ({"analysis": within("analysis", prometheus_url="ftp://x")}, ["analysis.prometheus_url: must be a URL such as "]),
        ({"on_failure": "ignore"}, ["on_failure: must be one of rollback, hold"]),
        ({"deadline": "tomorrow"}, ["deadline: must be a duration, for example 30, 30s, 5m or 2h"]),
        ({"deadline": 0}, ["deadline: must be greater than 0"]),
        ({"min_ready_original": 0}, ["min_ready_original: must be at least 1"]),
        ({"poll_interval": "1m"}, ["lease_duration: must be longer than poll_interval (1m)"]),
        ({"end_timeout": "1m"}, ["end_timeout: must be longer than lease_duration (1m)"]),
        ({"lease_duration": "15m"}, ["lease_duration: must be shorter than end_timeout (10m)"]),
        ({"unknown": 1}, ["unknown: unknown key (known: "]),
        ({"analysis": {}}, ["analysis.prometheus_url: is required"]),
        ({"analysis": None}, ["analysis.prometheus_url: is required"]),
        ({"analysis": within("analysis", samples=0)}, ["analysis.samples: must be between 1 and 1000"]),
        ({"analysis": within("analysis", interval="1s")}, ["analysis.interval: must not be shorter than scrape_interval (30s)"]),
        ({"metrics": [{"name": "a", "query": "b", "min": 2, "max": 1}]}, ["metrics[0].min: must not be greater than max"]),
    ],
)  # fmt: skip
def test_other_mistakes(changes: Data, mistakes: list[str]) -> None:
    found = find(**changes)
    assert len(found) == len(mistakes)
    assert all(text.startswith(expected) for text, expected in zip(found, mistakes)), found


def test_all_mistakes_are_reported_at_once() -> None:
    found = find(steps=[{"weight": 5, "metrics": ["no"]}, {"weight": 4}], deadline="x", min_ready_gray=0)
    assert [text.partition(":")[0] for text in found] == [
        "steps[0].metrics[0]",
        "steps[1].weight",
        "deadline",
        "min_ready_gray",
    ]


def test_types_and_values_are_reported_at_once_and_each_once() -> None:
    gray = copy.deepcopy(TEMPLATE)
    gray["spec"]["replicas"] = "many"
    other = copy.deepcopy(TEMPLATE)
    other["metadata"]["name"] = "reviews-v1"
    release = within(
        "release", namespace="Book_info", gray_deployments=[{"template": gray}, {"template": other}], speed=1
    )
    release.pop("mesh_name")
    found = find(
        release=release,
        traffic={"virtual_services": ["a/b/c"], "propagation_seconds": "soon", "clusters": {"c-2": {"hots": "x"}}},
        steps=[{"weight": "half"}, {"weight": 10, "metrics": ["no"]}, {"weight": 5, "pause": "x"}],
        metrics=[{"name": "a", "query": 5, "min": "low"}, {"name": "b", "query": "c", "min": 2, "max": 1}],
        analysis={"samples": 0, "prometheus_username": "me"},
        deadline="x",
        on_failure="ignore",
    )
    assert [text.partition(": ")[0] for text in found] == [
        "release.speed",
        "traffic",
        "steps[0].weight",
        "metrics[0].min",
        "on_failure",
        "release.namespace",
        "traffic.virtual_services",
        "release",
        "release.gray_deployments[0].template.spec.replicas",
        "release.gray_deployments[1].template",
        "traffic.clusters.c-2.hots",
        "steps[2].weight",
        "steps[2].pause",
        "deadline",
        "traffic.propagation_seconds",
        "metrics[1].min",
        "analysis.samples",
        "analysis.prometheus_url",
        "analysis.prometheus_username",
    ]


def test_values_that_cannot_be_rendered_are_not_reported_again() -> None:
    file = make_file(
        analysis=within("analysis", prometheus_url="{{ nope }}"), steps=[{"weight": "{{ nope }}"}, {"weight": 9}]
    )
    broken = [("analysis", "prometheus_url"), ("steps", 0, "weight"), ("release", "namespace"), ("deadline",)]
    assert find_rollout_mistakes({**file, "deadline": "{{ nope }}"}, broken) == []


def test_only_baselines_need_a_step_below_100() -> None:
    metrics = make_file()["metrics"][1:]
    assert find(metrics=metrics, steps=[{"weight": 100}]) == [
        "metrics: all metrics have only limits relative to a baseline, which require a step with a weight below 100"
    ]
    assert find(metrics=metrics) == []


def test_query_that_reads_values_from_before_the_step_is_a_mistake() -> None:
    metrics = [{"name": "errors", "query": "rate(errors[$window])", "window": "10m", "max": 1}]
    analysis = within("analysis", initial_delay="1m")
    found = find(metrics=metrics, analysis=analysis, steps=[{"weight": 10, "pause": "1m"}])
    assert len(found) == 1 and found[0].startswith("metrics[0]: the query reads the last 10m")


def test_invalid_rollout_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        parse_rollout(make_file(steps=[]))
    assert str(caught.value) == "The rollout is invalid: steps: must have at least one step"


def test_digest_depends_on_the_release_only() -> None:
    digest = parse_rollout(make_file()).file.digest
    assert len(digest) == 16
    assert parse_rollout(make_file(steps=[{"weight": 100}], deadline="1h")).file.digest == digest
    other = within("release", gray_deployments=[{"template": with_image("example.com/reviews:3")}])
    assert parse_rollout(make_file(release=other)).file.digest != digest
    assert make_digest(parse_rollout(make_file()).desired) == digest


def test_numbers_and_texts_are_converted_as_in_modules() -> None:
    """A version such as 2 is a number in YAML, and a single metric may be text."""
    assert find(release=within("release", version=5), traffic=within("traffic", original_version=4)) != []
    converted = parse_rollout(make_file(min_ready_gray="1", traffic=within("traffic", original_version=1)))
    assert converted.target.original_version == "1"
    changes: Data = {
        "metrics": [{"name": "errors", "query": "errors", "max": "0.01"}],
        "steps": [{"weight": "10", "metrics": "errors"}, {"weight": 100}],
        "analysis": {"prometheus_url": "https://prometheus.example.com", "samples": "3"},
    }
    rollout = parse_rollout(make_file(**changes))
    assert (rollout.file.step(1).weight, rollout.file.step(1).metrics, rollout.analysis.samples) == (10, ("errors",), 3)
