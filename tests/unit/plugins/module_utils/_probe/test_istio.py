# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import KUBERNETES
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.istio import IstioProbe
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions, validate_options
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from fake_cluster import FakeCluster, Refusal
from istio_objects import make_destination, make_route, make_rule, make_virtual_service

CONNECTION = {"host": "https://cluster.example.com", "api_key": "CANARY-probe-key"}
OPTIONS = ProbeOptions("probe", "0a1b2c3d", release={"namespace": "shop", "service_name": "reviews"}, istio_connection=CONNECTION)  # fmt: skip
ROUTES = make_virtual_service(make_route(make_destination("v1")))
RULE = make_rule("v1")


def find(before: list[t.Any], after: list[t.Any], *deleted: tuple[str, str, str]) -> dict[str, t.Any]:
    """Return the finding for these objects before and after the creation of a release, and those that it deletes."""
    api, findings = FakeCluster(*before), Findings()
    probe = IstioProbe(OPTIONS, Cluster(ClusterSettings(), True, transport=api))
    probe.read_before()
    for found in after:
        api.store(found)
    for key in deleted:
        del api.objects[key]
    probe.record(findings)
    assert api.writes == []
    return next(entry for entry in findings.to_result(["asm"]) if entry["name"] == "release_edits")


@pytest.mark.parametrize(
    ("after", "value", "changed"),
    [
        ([], "no", "none"),
        ([make_rule("v1", "v2")], "gray_added", "DestinationRule shop/reviews"),
        ([make_virtual_service(make_route(make_destination("v1", 100), make_destination("v2", 0)))], "gray_added", "VirtualService shop/reviews"),
        ([make_virtual_service(make_route(make_destination("v1", 50), make_destination("v2", 50)))], "split", "VirtualService shop/reviews"),
        ([make_virtual_service(make_route(make_destination("v2")), name="console")], "split", "VirtualService shop/console"),
    ],
)  # fmt: skip
def test_names_and_changes_of_the_objects_are_found(after: list[t.Any], value: str, changed: str) -> None:
    finding = find([ROUTES, RULE, make_virtual_service(name="other", hosts=["other"])], copy.deepcopy(after))
    assert finding["found"] == value
    assert finding["evidence"].startswith("objects of the Service: ")
    assert finding["evidence"].endswith(f"; changed or created: {changed}; deleted: none")
    assert (
        "VirtualService shop/reviews" in finding["evidence"] and "DestinationRule shop/reviews" in finding["evidence"]
    )
    assert "shop/other" not in finding["evidence"]


def test_service_without_objects_has_none() -> None:
    assert find([], [])["evidence"] == "objects of the Service: none; changed or created: none; deleted: none"


def test_deleted_object_is_a_change() -> None:
    finding = find([ROUTES, RULE], [], ("destinationrules", "shop", "reviews"))
    assert (finding["found"], finding["state"], finding["evidence"]) == (
        "other",
        "refuted",
        "objects of the Service: VirtualService shop/reviews; changed or created: none; deleted: DestinationRule shop/reviews",
    )


def test_same_subset_of_another_service_is_ignored() -> None:
    split = make_route(
        make_destination("v2", 50, host="ratings"), make_destination("v1", 50), make_destination("v2", 0)
    )
    assert find([ROUTES, RULE], [make_virtual_service(split)])["found"] == "gray_added"


@pytest.mark.parametrize("failing", ["before", "after"])
def test_failed_read_is_inconclusive(failing: str) -> None:
    api, findings = FakeCluster(ROUTES, RULE), Findings()
    probe = IstioProbe(OPTIONS, Cluster(ClusterSettings(), True, transport=api))
    refusal = {("GET", "virtualservices"): [Refusal(403, "Forbidden", "not allowed").reply]}
    if failing == "before":
        api.faults.update(refusal)
    probe.read_before()
    api.faults.update(refusal)
    probe.record(findings)
    finding = next(entry for entry in findings.to_result(["asm"]) if entry["name"] == "release_edits")
    assert (finding["found"], finding["state"]) == (None, "inconclusive")
    assert "not allowed" in finding["evidence"]


def make_params(**changes: t.Any) -> Params:
    defaults = {"prefix": "probe", "services": ["asm"], "cancel_actions": ["cancel"], "end_actions": ["end"]}
    unset = dict.fromkeys(("mesh_name", "user_name", "workshop", "release", "istio_connection"))
    return {**unset, **defaults, "interval": 1.0, "tries": 1, **changes}


def test_connection_is_validated_and_its_secrets_are_known() -> None:
    options = validate_options(make_params(istio_connection=CONNECTION))
    assert (options.istio_connection, options.secrets()) == (CONNECTION, ["CANARY-probe-key"])
    assert validate_options(make_params()).secrets() == []
    with pytest.raises(OptionError) as caught:
        validate_options(make_params(istio_connection={"host": "x"}))
    assert str(caught.value) == "host must be a URL that starts with https:// or http://."


def test_connection_with_nothing_but_time_limits_is_not_used() -> None:
    unset = {**dict.fromkeys(KUBERNETES.argument_spec), "connect_timeout": 5.0, "read_timeout": 30.0}
    assert validate_options(make_params(istio_connection=unset)).istio_connection == {}
