# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a task wants to route, and what the cluster contains. Plain data without requests."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object, Resource
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import Finding

# The label whose values are the versions of a Service.
VERSION_LABEL = "version"

ORIGINAL, GRAY, OTHER = "original", "gray", "other"
# A subset of the Service that its DestinationRule does not have. Requests to it fail.
MISSING = "missing"

MatchConditions = t.Mapping[str, t.Any]


class ObjectName(t.NamedTuple):
    """Namespace and name of an object."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclasses.dataclass(frozen=True)
class TrafficTarget:
    """The Service and its two versions, and which Istio objects to use.

    ``original_version`` and ``gray_version`` are values of the label ``version``; both may be ``None`` to only read the routes. Names of objects
    are ``name`` (in the namespace of the Service) or ``namespace/name``. ``virtual_services`` are all VirtualServices to change, in this order;
    if it is empty, there must be exactly one, or one with the annotation ``owner_annotation``. ``propagation_seconds`` is how long the mesh needs
    until a change has reached all proxies.
    """

    namespace: str
    service_name: str
    original_version: t.Optional[str] = None
    gray_version: t.Optional[str] = None
    virtual_services: t.Tuple[str, ...] = ()
    ignore_virtual_services: t.Tuple[str, ...] = ()
    destination_rule: t.Optional[str] = None
    create_missing: bool = False
    require_ready: bool = True
    propagation_seconds: float = 10.0
    cluster_domain: str = "cluster.local"
    root_namespace: str = "istio-system"
    owner_annotation: str = ""

    def __str__(self) -> str:
        return f"{self.namespace}/{self.service_name}"


@dataclasses.dataclass(frozen=True)
class TrafficDesired:
    """The desired routes.

    ``weight`` is the percentage of the gray version; ``None`` leaves the weights alone. ``match`` are the conditions of testers, with the keys
    ``headers``, ``cookies`` and ``query_params``; ``None`` leaves the match routes alone, and an empty mapping removes them. ``absent`` routes all
    traffic to the original version and removes match routes, destinations and subset of the gray version. ``rollback`` moves all traffic of the gray
    version to the original version and removes the match routes, also if findings prevent every other change.
    """

    weight: t.Optional[int] = None
    match: t.Optional[MatchConditions] = None
    absent: bool = False
    rollback: bool = False


class Destination(t.NamedTuple):
    """One destination of a route. ``role`` is ``original``, ``gray``, ``missing`` or ``other``; ``version`` and ``subset`` are ``None`` without a subset."""

    path: str
    host: str
    role: str
    version: t.Optional[str]
    subset: t.Optional[str]
    weight: int


class Route(t.NamedTuple):
    """An HTTP route that leads to the Service. ``is_match`` marks a route for testers that this collection has inserted."""

    virtual_service: ObjectName
    position: int
    name: t.Optional[str]
    is_match: bool
    destinations: t.Tuple[Destination, ...]

    @property
    def path(self) -> str:
        return f"spec.http[{self.position}]"

    def weight_of(self, role: str) -> int:
        """Return the sum of the weights of a role."""
        return sum(destination.weight for destination in self.destinations if destination.role == role)

    @property
    def is_pinned(self) -> bool:
        """Whether all destinations of the Service name a subset. Otherwise, the share of a version depends on which pods are ready."""
        return all(destination.subset is not None for destination in self.destinations if destination.role != OTHER)


class Readiness(t.NamedTuple):
    """The pods of one version: those that exist and are not being deleted, and those of them that are ready."""

    pods: int
    ready: int


@dataclasses.dataclass(frozen=True)
class TrafficObservation:
    """Everything that the plan depends on, as it was read.

    ``virtual_services`` are the objects to change, without the ``missing_virtual_services`` that are named but
    do not exist. ``first_virtual_service`` has the annotations. ``all_virtual_services`` are those of all namespaces, or
    the named ones if the others cannot be listed, which ``has_unseen_virtual_services`` shows. ``findings`` with the severity ``error`` prevent
    every change.
    """

    service: Object
    virtual_services: t.Tuple[Object, ...]
    missing_virtual_services: t.Tuple[ObjectName, ...]
    first_virtual_service: t.Optional[ObjectName]
    all_virtual_services: t.Tuple[Object, ...]
    destination_rule: t.Optional[Object]
    inherited_rule: t.Optional[Object]
    all_destination_rules: t.Tuple[Object, ...]
    routes: t.Tuple[Route, ...]
    readiness: t.Mapping[str, Readiness]
    findings: t.Tuple[Finding, ...]
    has_unseen_virtual_services: bool = False

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def weight(self) -> int | None:
        """The percentage of the gray version, or ``None`` if the routes differ, or if one of them depends on which pods are ready."""
        weights = {route.weight_of(GRAY) if route.is_pinned else None for route in self.routes if not route.is_match}
        return weights.pop() if len(weights) == 1 else None

    @property
    def match_routes(self) -> tuple[Route, ...]:
        """The routes for testers that are in place."""
        return tuple(route for route in self.routes if route.is_match)

    @property
    def resource_versions(self) -> dict[str, str]:
        """The resourceVersion of each object that a change may write, by ``Kind namespace/name``."""
        objects = [*self.virtual_services, *([self.destination_rule] if self.destination_rule else [])]
        return {describe_object(found): found["metadata"]["resourceVersion"] for found in objects}

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations of the first VirtualService."""
        first = self.get_first()
        return dict((first or {"metadata": {}})["metadata"].get("annotations") or {})

    def get_first(self) -> Object | None:
        """Return the first VirtualService, or ``None`` if it does not exist."""
        return next((found for found in self.virtual_services if get_name(found) == self.first_virtual_service), None)

    @property
    def field_managers(self) -> dict[str, str | None]:
        """Who changed each VirtualService last (``manager`` of the newest entry of managedFields), by ``Kind namespace/name``."""
        return {describe_object(found): get_field_manager(found) for found in self.virtual_services}


class Change(t.NamedTuple):
    """A planned write. ``before`` is ``None`` for a new object, ``after`` is the whole object as it will be."""

    resource: Resource
    name: ObjectName
    before: t.Optional[Object]
    after: Object

    def __str__(self) -> str:
        return f"{self.resource.kind} {self.name}"


def get_name(found: Object) -> ObjectName:
    """Return namespace and name of an object of the API."""
    return ObjectName(found["metadata"]["namespace"], found["metadata"]["name"])


def describe_object(found: Object) -> str:
    """Return an object for messages: ``VirtualService shop/reviews``."""
    return f"{found.get('kind', 'object')} {get_name(found)}"


def get_field_manager(found: Object) -> str | None:
    """Return the manager of the newest entry in managedFields that changed more than the status."""
    entries = [
        entry
        for entry in found["metadata"].get("managedFields") or []
        if entry.get("subresource") != "status" and entry.get("time")
    ]
    return max(entries, key=lambda entry: str(entry["time"])).get("manager") if entries else None
