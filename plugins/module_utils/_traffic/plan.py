# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Turn the objects of the cluster into an observation, and an observation into planned changes. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import (
    DESTINATION_RULE,
    VIRTUAL_SERVICE,
    Object,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.edit import (
    edit_virtual_service,
    make_virtual_service,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import Finding, TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    GRAY,
    MISSING,
    ORIGINAL,
    OTHER,
    VERSION_LABEL,
    Change,
    ObjectName,
    Readiness,
    Route,
    TrafficDesired,
    TrafficObservation,
    TrafficTarget,
    describe_object,
    get_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.rollback import return_traffic
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.routes import (
    Selection,
    find_partial_names,
    find_wildcard,
    list_named_subsets,
    read_routes,
    select_virtual_services,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.subsets import (
    check_other_rules,
    check_visibility,
    find_ambiguous_subsets,
    find_subset,
    get_subset_version,
    list_subsets,
    make_rule,
    parse_name,
    select_rule,
    with_subsets,
    without_subsets,
)


def interpret(
    target: TrafficTarget,
    service: Object,
    virtual_services: t.Sequence[Object],
    destination_rules: t.Sequence[Object],
) -> TrafficObservation:
    """Return what the objects of the cluster mean for the Service. The readiness of pods is not part of it yet."""
    rules = select_rule(destination_rules, target)
    selection = select_virtual_services(virtual_services, target)
    findings = [*rules.findings, *selection.findings]
    effective = rules.rule or rules.inherited
    routes: list[Route] = []
    for virtual_service in selection.selected:
        found, problems = read_routes(virtual_service, effective, target)
        routes += found
        findings += problems
    if rules.rule is not None:
        findings += check_other_rules(destination_rules, rules.rule, selection.selected, target)
        findings += check_visibility(rules.rule, selection.selected)
    findings += _check_subsets(effective, target)
    findings += find_partial_names(virtual_services, target)
    return TrafficObservation(
        service=service,
        virtual_services=selection.selected,
        missing_virtual_services=selection.missing,
        first_virtual_service=_get_first_name(target, selection),
        all_virtual_services=tuple(virtual_services),
        destination_rule=rules.rule,
        inherited_rule=rules.inherited,
        all_destination_rules=tuple(destination_rules),
        routes=tuple(routes),
        readiness={},
        findings=tuple(findings),
    )


def _get_first_name(target: TrafficTarget, selection: Selection) -> ObjectName | None:
    if target.virtual_services:
        return parse_name(target.virtual_services[0], target)
    names = [*map(get_name, selection.selected), *selection.missing]
    return names[0] if names else None


def _check_subsets(rule: Object | None, target: TrafficTarget) -> list[Finding]:
    findings = []
    for version in filter(None, (target.original_version, target.gray_version)):
        names = find_ambiguous_subsets(rule, version)
        if rule and names:
            problem = (
                f"several subsets select the version '{version}': {', '.join(names)}. None of them selects it alone."
            )
            findings.append(Finding("error", describe_object(rule), "spec.subsets", problem))
    return findings


def list_version_labels(observed: TrafficObservation, target: TrafficTarget) -> dict[str, dict[str, str]]:
    """Return the labels of the pods of each version: of the two, and of others that the routes name."""
    rule = observed.destination_rule or observed.inherited_rule
    versions = [target.original_version, target.gray_version]
    versions += [destination.version for route in observed.routes for destination in route.destinations]
    labels = {}
    for version in filter(None, versions):
        subset = find_subset(rule, version)
        labels[version] = dict(subset["labels"]) if subset else {VERSION_LABEL: version}
    return labels


def make_plan(target: TrafficTarget, desired: TrafficDesired, observed: TrafficObservation) -> list[Change]:
    """Return the writes that lead to the desired routes, in their order.

    Subsets are added before a route names them, and removed after no route names them any more. Raise TrafficError if the objects do not allow the
    change, or if a version would get more traffic without a ready pod.
    """
    if desired.rollback:
        return _plan_rollback(target, desired, observed)
    check_findings(target, observed.errors)
    if desired.absent and not observed.virtual_services and not target.create_missing:
        return []
    _check_missing(target, observed)
    rule, changes = _plan_rule(target, desired, observed)
    subsets = _name_subsets(rule, target)
    edits = _plan_virtual_services(target, desired, observed, subsets)
    _check_readiness(target, observed, edits, rule)
    changes += [change for change in edits if change.before != change.after]
    if desired.absent:
        changes += _plan_subset_removal(target, observed, rule, edits)
    return changes


def _plan_rollback(target: TrafficTarget, desired: TrafficDesired, observed: TrafficObservation) -> list[Change]:
    """Return the writes of a rollback. Only a missing DestinationRule and an original version without ready pods prevent it.

    With ``create_missing``, a missing DestinationRule is created, since all requests to its subsets fail.
    """
    if observed.destination_rule is None:
        # A new DestinationRule must not compete with an existing one.
        check_findings(target, select_rule(observed.all_destination_rules, target).findings)
        _check_missing(target, observed)
    rule, changes = _plan_rule(target, desired, observed)
    subset = _name_subsets(rule, target)[ORIGINAL]
    edits = []
    for found in observed.virtual_services:
        routes, _findings = read_routes(found, rule, target)
        edits.append(Change(VIRTUAL_SERVICE, get_name(found), found, return_traffic(found, routes, subset)))
    _check_readiness(target, observed, edits, rule)
    edits = [change for change in edits if change.before != change.after]
    needs_rule = edits or any(route.weight_of(MISSING) for route in observed.routes)
    return [*changes, *edits] if needs_rule else []


def check_findings(target: TrafficTarget, errors: t.Sequence[Finding]) -> None:
    """Raise TrafficError with all findings if there are any."""
    if errors:
        text = " ".join(map(str, errors))
        raise TrafficError(f"Failed to change the traffic of the Service {target}: {text}", findings=errors)


def _check_missing(target: TrafficTarget, observed: TrafficObservation) -> None:
    """Raise TrafficError with all objects that do not exist, unless the task can create them."""
    if target.create_missing:
        return
    problems = [] if observed.destination_rule else ["it has no DestinationRule"]
    names = ", ".join(map(str, observed.missing_virtual_services))
    if names and target.virtual_services:
        problems.append(f"the VirtualService {names} does not exist")
    elif names:
        problems.append("no VirtualService routes to it")
    if problems:
        raise TrafficError(
            f"Failed to change the traffic of the Service {target}: {', and '.join(problems)}.",
            hint="Create what is missing, or set create_missing to true",
            findings=[Finding("error", f"Service {target}", "", f"{problem}.") for problem in problems],
        )


def _plan_rule(
    target: TrafficTarget, desired: TrafficDesired, observed: TrafficObservation
) -> tuple[Object, list[Change]]:
    """Return the DestinationRule with all subsets that the routes need, and the change that makes it so."""
    only_original = desired.absent or desired.rollback
    versions = [str(target.original_version)] + ([] if only_original else [str(target.gray_version)])
    if observed.destination_rule is None:
        rule = make_rule(target, observed.inherited_rule, versions)
        return rule, [Change(DESTINATION_RULE, get_name(rule), None, rule)]
    rule = with_subsets(observed.destination_rule, versions)
    if rule == observed.destination_rule:
        return rule, []
    return rule, [Change(DESTINATION_RULE, get_name(rule), observed.destination_rule, rule)]


def _name_subsets(rule: Object, target: TrafficTarget) -> dict[str, str]:
    roles = ((ORIGINAL, target.original_version), (GRAY, target.gray_version))
    found = {role: find_subset(rule, version) for role, version in roles if version}
    return {role: str(subset["name"]) for role, subset in found.items() if subset}


def _plan_virtual_services(
    target: TrafficTarget, desired: TrafficDesired, observed: TrafficObservation, subsets: t.Mapping[str, str]
) -> list[Change]:
    changes = []
    for virtual_service in observed.virtual_services:
        after = edit_virtual_service(virtual_service, observed.routes, desired, subsets, target)
        changes.append(Change(VIRTUAL_SERVICE, get_name(virtual_service), virtual_service, after))
    if observed.missing_virtual_services:
        changes.append(_plan_creation(target, desired, observed, subsets))
    order = [parse_name(name, target) for name in target.virtual_services]
    return sorted(changes, key=lambda change: order.index(change.name)) if order else changes


def _plan_creation(
    target: TrafficTarget, desired: TrafficDesired, observed: TrafficObservation, subsets: t.Mapping[str, str]
) -> Change:
    names = ", ".join(map(str, observed.missing_virtual_services))
    problem = hint = ""
    wildcard = find_wildcard(observed.all_virtual_services, target)
    if len(observed.missing_virtual_services) > 1:
        problem, hint = f"several VirtualServices do not exist: {names}.", "Name only one that does not exist"
    elif observed.missing_virtual_services[0].namespace != target.namespace:
        problem = f"the new VirtualService {names} is not in the namespace of the Service."
        hint = "Name one in the namespace of the Service"
    elif wildcard is not None:
        problem = f"{describe_object(wildcard)} applies to it by a wildcard host, and a new VirtualService would replace its routes."
        hint = "Create the VirtualService with these routes"
    if problem:
        finding = Finding("error", f"Service {target}", "", problem)
        raise TrafficError(
            f"Failed to change the traffic of the Service {target}: {problem}", hint=hint, findings=[finding]
        )
    name = observed.missing_virtual_services[0]
    created = make_virtual_service(target, desired, subsets)
    created["metadata"].update(name=name.name, namespace=name.namespace)
    return Change(VIRTUAL_SERVICE, name, None, created)


def _plan_subset_removal(
    target: TrafficTarget, observed: TrafficObservation, rule: Object, edits: t.Sequence[Change]
) -> list[Change]:
    """Return the removal of the subsets of the gray version that no VirtualService of the cluster names any more.

    A VirtualService that cannot be read may name any of them, and its requests would fail without the subset.
    """
    if observed.has_unseen_virtual_services:
        return []
    edited = {change.name: change.after for change in edits}
    used: set[str] = set()
    for virtual_service in observed.all_virtual_services:
        used |= list_named_subsets(edited.get(get_name(virtual_service), virtual_service), target)
    unused = {
        subset["name"] for subset in list_subsets(rule) if get_subset_version(subset) == target.gray_version
    } - used
    if not unused:
        return []
    return [Change(DESTINATION_RULE, get_name(rule), rule, without_subsets(rule, unused))]


def _check_readiness(
    target: TrafficTarget, observed: TrafficObservation, edits: t.Sequence[Change], rule: Object
) -> None:
    """Raise TrafficError if a version would get more traffic although it has no ready pod."""
    if not target.require_ready:
        return
    raised = find_raised_roles(target, observed, edits, rule)
    versions = {ORIGINAL: str(target.original_version), GRAY: str(target.gray_version)}
    for role in sorted(raised):
        state = observed.readiness[versions[role]]
        if not state.ready:
            raise TrafficError(
                f"Failed to route traffic of the Service {target} to the version '{versions[role]}': none of its {state.pods} pods is ready.",
                hint="Wait until a pod is ready. Compare the labels of the pods with the selector of the Service",
            )
    if GRAY in raised:
        check_findings(target, find_live_versions(observed))


def find_raised_roles(
    target: TrafficTarget, observed: TrafficObservation, edits: t.Sequence[Change], rule: Object
) -> set[str]:
    """Return the roles that get more traffic in some route, or a new or changed match route."""
    raised: set[str] = set()
    for change in edits:
        if change.before == change.after:
            continue
        old = _index_routes([route for route in observed.routes if route.virtual_service == change.name])
        routes, _findings = read_routes(change.after, rule, target)
        # An edit keeps the number and the order of these routes, but a rollback can remove the only destination that is the Service.
        pairs = [(old.get(index), route) for index, route in _index_routes(routes).items()]
        raised |= {role for before, after in pairs for role in (ORIGINAL, GRAY) if _is_raised(before, after, role)}
        existing = change.before["spec"].get("http") or [] if change.before else []
        if any(route.is_match and change.after["spec"]["http"][route.position] not in existing for route in routes):
            raised.add(GRAY)
    return raised


def _index_routes(routes: t.Sequence[Route]) -> dict[int, Route]:
    """Return the routes that are not for testers, by their positions in the object without its routes for testers."""
    matches = [route.position for route in routes if route.is_match]
    return {
        route.position - sum(position < route.position for position in matches): route
        for route in routes
        if not route.is_match
    }


def _is_raised(old: Route | None, new: Route, role: str) -> bool:
    weight = new.weight_of(role)
    if old is None or not old.is_pinned:
        # A route without subsets gave each version some share that nobody has set.
        return weight > 0 and (old is None or new.is_pinned)
    return weight > old.weight_of(role)


def find_live_versions(observed: TrafficObservation) -> list[Finding]:
    """Return the destinations of other versions that have weight 0 and pods: another release seems to be in progress."""
    return [
        Finding("error", f"VirtualService {route.virtual_service}", destination.path, problem)
        for route in observed.routes
        for destination in route.destinations
        for problem in [f"the version '{destination.version}' has pods. Remove this destination, or these pods."]
        if destination.role == OTHER
        and destination.version is not None
        and observed.readiness.get(destination.version, Readiness(0, 0)).pods
    ]


def with_readiness(observed: TrafficObservation, readiness: t.Mapping[str, Readiness]) -> TrafficObservation:
    """Return an observation with the numbers of pods of its versions."""
    return dataclasses.replace(observed, readiness=dict(readiness))


def preview(target: TrafficTarget, observed: TrafficObservation, changes: t.Sequence[Change]) -> TrafficObservation:
    """Return what will be observed after the changes."""
    found = {}
    for objects, resource in (
        (observed.all_virtual_services, VIRTUAL_SERVICE),
        (observed.all_destination_rules, DESTINATION_RULE),
    ):
        by_name = {get_name(entry): entry for entry in objects}
        by_name.update({change.name: change.after for change in changes if change.resource == resource})
        found[resource.kind] = list(by_name.values())
    predicted = interpret(target, observed.service, found["VirtualService"], found["DestinationRule"])
    return with_readiness(predicted, observed.readiness)
