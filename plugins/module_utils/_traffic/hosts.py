# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Host names, visibility and gateways of Istio objects, resolved as Istio resolves them. Pure functions.

Facts: the fields ``hosts``, ``gateways`` and ``exportTo`` of VirtualService, ``host`` and ``exportTo`` of DestinationRule, and ``Destination.host``
(https://istio.io/latest/docs/reference/config/networking/virtual-service/, .../destination-rule/).
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object

MESH_GATEWAY = "mesh"


def resolve_host(host: str, namespace: str, cluster_domain: str) -> str:
    """Return the full name of a host in an object of ``namespace``.

    Only a name without a dot is a short name, and it belongs to the namespace of the object. ``reviews.shop`` is not resolved to
    ``reviews.shop.svc.cluster.local``: Istio does not change a name with a dot.
    """
    if not host or host == "*" or "." in host or _is_ip_address(host):
        return host
    return f"{host}.{namespace}.svc.{cluster_domain}"


def get_service_host(namespace: str, service_name: str, cluster_domain: str) -> str:
    """Return the full name of a Service: ``reviews.shop.svc.cluster.local``."""
    return f"{service_name}.{namespace}.svc.{cluster_domain}"


def matches_host(pattern: str, host: str) -> bool:
    """Return whether a resolved host, which may start with a wildcard, applies to the full name of a Service."""
    return host.endswith(pattern[1:]) if pattern.startswith("*") else pattern == host


def is_partial_name(host: str, service_host: str) -> bool:
    """Return whether a host looks like the Service but is not its name for Istio: ``reviews.shop``, ``reviews.shop.svc``."""
    return (
        host != service_host
        and "." in host
        and service_host.startswith(host.rstrip(".") + ".")
        or (host.rstrip(".") == service_host and host != service_host)
    )


def list_hosts(virtual_service: Object, cluster_domain: str) -> list[str]:
    """Return the resolved hosts of a VirtualService. A delegate has none."""
    namespace = virtual_service["metadata"]["namespace"]
    return [resolve_host(host, namespace, cluster_domain) for host in virtual_service["spec"].get("hosts") or []]


def list_gateways(virtual_service: Object) -> list[str]:
    """Return the gateways of a VirtualService as ``namespace/name``, or ``mesh`` for the sidecars, which is the default."""
    namespace = virtual_service["metadata"]["namespace"]
    gateways = virtual_service["spec"].get("gateways") or [MESH_GATEWAY]
    return [gateway if gateway == MESH_GATEWAY or "/" in gateway else f"{namespace}/{gateway}" for gateway in gateways]


def get_visibility(found: Object) -> frozenset[str] | None:
    """Return the namespaces whose proxies see a VirtualService or DestinationRule; ``None`` means all namespaces.

    The default is all namespaces, ``.`` is the own namespace, and ``~`` means none. A mesh-wide default that differs cannot be read here.
    """
    export_to = found["spec"].get("exportTo") or ["*"]
    if "*" in export_to:
        return None
    own = found["metadata"]["namespace"]
    return frozenset(own if entry == "." else entry for entry in export_to if entry != "~")


def is_visible(found: Object) -> bool:
    """Return whether any proxy sees the object."""
    visibility = get_visibility(found)
    return visibility is None or bool(visibility)


def is_visible_in(found: Object, namespace: str) -> bool:
    """Return whether the proxies of a namespace see the object."""
    visibility = get_visibility(found)
    return visibility is None or namespace in visibility


def get_rule_host(rule: Object, cluster_domain: str) -> str:
    """Return the resolved host of a DestinationRule."""
    return resolve_host(str(rule["spec"].get("host") or ""), rule["metadata"]["namespace"], cluster_domain)


def select_most_specific(rules: t.Sequence[Object], host: str, cluster_domain: str) -> Object | None:
    """Return the DestinationRule whose host matches a Service most specifically: the exact name, else the longest wildcard."""
    matching = [rule for rule in rules if matches_host(get_rule_host(rule, cluster_domain), host)]
    return max(
        matching,
        key=lambda rule: (get_rule_host(rule, cluster_domain) == host, len(get_rule_host(rule, cluster_domain))),
        default=None,
    )


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
