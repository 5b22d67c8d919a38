# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Subsets of a DestinationRule, and which DestinationRule applies to a Service. Pure functions.

For a caller, Istio takes the DestinationRule of the caller's namespace, else that of the Service's namespace, else that of the root namespace; in each
of them the one with the most specific host (https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration).
"""

from __future__ import annotations

import copy
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import Finding
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.hosts import (
    get_rule_host,
    get_service_host,
    get_visibility,
    is_visible,
    is_visible_in,
    matches_host,
    select_most_specific,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    VERSION_LABEL,
    ObjectName,
    TrafficTarget,
    describe_object,
    get_name,
)

# A label of DNS, which the name of a subset must be.
_MAX_NAME = 63


class RuleSelection(t.NamedTuple):
    """The DestinationRule of the Service, the one that it inherits from if it has none, and the problems."""

    rule: t.Optional[Object]
    inherited: t.Optional[Object]
    findings: t.Tuple[Finding, ...]


def list_subsets(rule: Object | None) -> list[Object]:
    """Return the subsets of a DestinationRule."""
    return list((rule or {}).get("spec", {}).get("subsets") or [])


def get_subset_version(subset: Object) -> str | None:
    """Return the version that the labels of a subset select."""
    return (subset.get("labels") or {}).get(VERSION_LABEL)


def find_subset(rule: Object | None, version: str) -> Object | None:
    """Return the subset of a version. It is recognized by its labels: exactly the version, else the only one that contains the version."""
    candidates = [subset for subset in list_subsets(rule) if get_subset_version(subset) == version]
    exact = [subset for subset in candidates if subset["labels"] == {VERSION_LABEL: version}]
    if exact:
        return exact[0]
    return candidates[0] if len(candidates) == 1 else None


def find_ambiguous_subsets(rule: Object | None, version: str) -> list[str]:
    """Return the names of the subsets of a version if none of them is exactly the version and there are several."""
    names = [subset["name"] for subset in list_subsets(rule) if get_subset_version(subset) == version]
    return names if len(names) > 1 and find_subset(rule, version) is None else []


def make_subset(rule: Object | None, version: str) -> Object:
    """Return a new subset of a version, with a name that the DestinationRule does not use."""
    base = re.sub(r"[^a-z0-9-]+", "-", version.lower()).strip("-")[: _MAX_NAME - 4].strip("-") or VERSION_LABEL
    used = {subset["name"] for subset in list_subsets(rule)}
    names = [base, *(f"{base}-{number}" for number in range(2, len(used) + 3))]
    return {"name": next(name for name in names if name not in used), "labels": {VERSION_LABEL: version}}


def with_subsets(rule: Object, versions: t.Sequence[str]) -> Object:
    """Return a DestinationRule that has a subset of each version. Everything else stays the same."""
    changed = copy.deepcopy(rule)
    for version in versions:
        if find_subset(changed, version) is None:
            changed["spec"]["subsets"] = [*list_subsets(changed), make_subset(changed, version)]
    return changed


def without_subsets(rule: Object, names: t.Collection[str]) -> Object:
    """Return a DestinationRule without these subsets, and without the field if none is left."""
    changed = copy.deepcopy(rule)
    left = [subset for subset in list_subsets(changed) if subset["name"] not in names]
    if left or "subsets" not in changed["spec"]:
        changed["spec"]["subsets"] = left
    else:
        del changed["spec"]["subsets"]
    return changed


def make_rule(target: TrafficTarget, inherited: Object | None, versions: t.Sequence[str]) -> Object:
    """Return a new DestinationRule for the Service.

    It replaces an inherited one for this Service, so it gets the traffic policy and the subsets of that one.
    """
    name = parse_name(target.destination_rule or target.service_name, target)
    spec: Object = {"host": get_service_host(target.namespace, target.service_name, target.cluster_domain)}
    for field in ("trafficPolicy", "subsets"):
        if inherited and inherited["spec"].get(field):
            spec[field] = copy.deepcopy(inherited["spec"][field])
    rule = {"kind": "DestinationRule", "metadata": {"name": name.name, "namespace": name.namespace}, "spec": spec}
    return with_subsets(rule, versions)


def parse_name(text: str, target: TrafficTarget) -> ObjectName:
    """Return the name of an object. Without a namespace, it is that of the Service."""
    namespace, found, name = text.rpartition("/")
    return ObjectName(namespace if found else target.namespace, name)


def select_rule(rules: t.Sequence[Object], target: TrafficTarget) -> RuleSelection:
    """Return the DestinationRule of the Service among all of the cluster."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    usable = [rule for rule in rules if not rule["spec"].get("workloadSelector") and is_visible(rule)]
    own = [rule for rule in usable if get_name(rule).namespace == target.namespace]
    exact = [rule for rule in own if get_rule_host(rule, target.cluster_domain) == host]
    if target.destination_rule:
        return _select_named(rules, target, host, _find_inherited(usable, own, target, host))
    if len(exact) > 1:
        names = ", ".join(str(get_name(rule)) for rule in exact)
        problem = f"several DestinationRules have the host of the Service: {names}. Name one in destination_rule."
        return RuleSelection(None, None, (Finding("error", f"Service {target}", "", problem),))
    if exact:
        return RuleSelection(exact[0], None, ())
    return RuleSelection(None, _find_inherited(usable, own, target, host), ())


def _find_inherited(
    usable: t.Sequence[Object], own: t.Sequence[Object], target: TrafficTarget, host: str
) -> Object | None:
    """Return the DestinationRule that applies to callers of other namespaces although it is not for this Service alone."""
    root = [
        rule
        for rule in usable
        if get_name(rule).namespace == target.root_namespace and is_visible_in(rule, target.namespace)
    ]
    return select_most_specific(own, host, target.cluster_domain) or select_most_specific(
        root, host, target.cluster_domain
    )


def _select_named(
    rules: t.Sequence[Object], target: TrafficTarget, host: str, inherited: Object | None
) -> RuleSelection:
    wanted = parse_name(str(target.destination_rule), target)
    named = next((rule for rule in rules if get_name(rule) == wanted), None)
    if named is None:
        if wanted.namespace == target.namespace:
            return RuleSelection(None, inherited, ())
        problem = "it does not exist, and a new DestinationRule must be in the namespace of the Service."
        return RuleSelection(None, None, (Finding("error", f"DestinationRule {wanted}", "", problem),))
    if get_rule_host(named, target.cluster_domain) != host:
        problem = f"its host is '{named['spec'].get('host')}', which is not the Service {target}."
        return RuleSelection(None, None, (Finding("error", describe_object(named), "spec.host", problem),))
    if wanted.namespace not in (target.namespace, target.root_namespace):
        problem = f"it only applies to callers in its namespace. Use one in the namespace of the Service {target}."
        return RuleSelection(None, None, (Finding("error", describe_object(named), "metadata.namespace", problem),))
    return RuleSelection(named, None, ())


def check_other_rules(
    rules: t.Sequence[Object], selected: Object, virtual_services: t.Sequence[Object], target: TrafficTarget
) -> list[Finding]:
    """Return the DestinationRules that hide the subsets from callers for which the routes need them."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    versions = [version for version in (target.original_version, target.gray_version) if version]
    needed = {subset["name"] for version in versions for subset in [find_subset(selected, version)] if subset}
    found = []
    for rule in rules:
        namespace = get_name(rule).namespace
        # Of the same namespace, the selected one has the most specific host.
        same = namespace in (get_name(selected).namespace, target.root_namespace)
        if (same and not rule["spec"].get("workloadSelector")) or get_name(rule) == get_name(selected):
            continue
        if not matches_host(get_rule_host(rule, target.cluster_domain), host):
            continue
        missing = needed - {subset["name"] for subset in list_subsets(rule)}
        if missing and any(is_visible_in(virtual_service, namespace) for virtual_service in virtual_services):
            problem = (
                f"it replaces {describe_object(selected)} for callers in the namespace {namespace} and has no subset"
                f" {', '.join(sorted(missing))}, so their requests would fail."
            )
            found.append(Finding("error", describe_object(rule), "spec.subsets", problem))
    return found


def check_visibility(selected: Object, virtual_services: t.Sequence[Object]) -> list[Finding]:
    """Return the VirtualServices that proxies see which do not see the DestinationRule with the subsets."""
    visibility = get_visibility(selected)
    if visibility is None:
        return []
    found = []
    for virtual_service in virtual_services:
        seen_by = get_visibility(virtual_service)
        if seen_by is None or not seen_by <= visibility:
            problem = (
                f"{describe_object(virtual_service)} is exported to more namespaces, whose callers would not find the subsets."
                " Export both to the same namespaces."
            )
            found.append(Finding("error", describe_object(selected), "spec.exportTo", problem))
    return found
