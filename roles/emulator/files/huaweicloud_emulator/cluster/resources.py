# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources that the Kubernetes API of the emulator serves."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

VERBS = ("create", "delete", "get", "list", "patch", "update")
ISTIO = "networking.istio.io"


@dataclasses.dataclass(frozen=True)
class Resource:
    """One resource. ``custom`` resources come from a CustomResourceDefinition, which drops unknown fields."""

    group: str
    versions: tuple[str, ...]
    plural: str
    kind: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    custom: bool = False
    has_generation: bool = False
    # Whether an update without resourceVersion overwrites the object.
    unconditional_update: bool = False
    create_on_update: bool = False
    verbs: tuple[str, ...] = VERBS

    @property
    def qualified_name(self) -> str:
        """Return the plural with the group, as in messages: ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def api_version(self, version: str) -> str:
        return f"{self.group}/{version}" if self.group else version


def _istio(plural: str, kind: str, short_name: str) -> Resource:
    versions = ("v1", "v1beta1", "v1alpha3")
    categories = ("istio-io", "networking-istio-io")
    return Resource(ISTIO, versions, plural, kind, (short_name,), categories, custom=True, has_generation=True)


VIRTUAL_SERVICES = _istio("virtualservices", "VirtualService", "vs")
DESTINATION_RULES = _istio("destinationrules", "DestinationRule", "dr")
LEASES = Resource("coordination.k8s.io", ("v1",), "leases", "Lease", create_on_update=True)
DEPLOYMENTS = Resource(
    *("apps", ("v1",), "deployments", "Deployment", ("deploy",), ("all",)),
    has_generation=True,
    unconditional_update=True,
)
REPLICA_SETS = Resource(
    *("apps", ("v1",), "replicasets", "ReplicaSet", ("rs",), ("all",)), has_generation=True, verbs=("get", "list")
)
PODS = Resource("", ("v1",), "pods", "Pod", ("po",), ("all",), verbs=("delete", "get", "list"))
SERVICES = Resource("", ("v1",), "services", "Service", ("svc",), ("all",), unconditional_update=True)
ALL = (PODS, SERVICES, DEPLOYMENTS, REPLICA_SETS, LEASES, DESTINATION_RULES, VIRTUAL_SERVICES)
BY_PLURAL = {resource.plural: resource for resource in ALL}
BY_KIND = {(resource.group, resource.kind): resource for resource in ALL}


def served_versions(emulator: EmulatorState, group: str) -> list[str]:
    """Return the versions of a group, the preferred one first. Those of Istio are a behavior, and can be none."""
    if group == ISTIO:
        return [version.strip() for version in emulator.behaviors["istio_versions"].split(",") if version.strip()]
    return list(dict.fromkeys(version for resource in ALL if resource.group == group for version in resource.versions))


def served_groups(emulator: EmulatorState) -> list[str]:
    """Return the groups with at least one served version, without the core group."""
    groups = dict.fromkeys(resource.group for resource in ALL if resource.group)
    return [group for group in groups if served_versions(emulator, group)]


def find(emulator: EmulatorState, group: str, version: str, plural: str) -> Resource | None:
    """Return the resource of a path, or ``None`` if it is not served."""
    resource = BY_PLURAL.get(plural)
    if resource is None or resource.group != group or version not in served_versions(emulator, group):
        return None
    return resource
