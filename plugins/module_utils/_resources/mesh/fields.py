# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Convert the fields of a mesh: options to the request body, responses to results.

The names of the API are those of the SDK huaweicloudsdkasm 3.1.219 (classes MeshSpec, MeshCluster, ProxyConfig, TelemetryConfig). The API joins
several values of the proxy configuration with commas. Options and results have lists instead.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_time, to_text

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.objects import Mesh
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult

# A request body, or a part of it.
Body = t.Dict[str, t.Any]

# The only type that the SDK documents.
MESH_TYPE_NAME = "InCluster"

PROXY_FIELDS = {
    "include_ip_ranges": "includeIPRanges",
    "exclude_ip_ranges": "excludeIPRanges",
    "include_inbound_ports": "includeInboundPorts",
    "exclude_inbound_ports": "excludeInboundPorts",
    "include_outbound_ports": "includeOutboundPorts",
    "exclude_outbound_ports": "excludeOutboundPorts",
}
# The keys of the telemetry configuration, at any depth.
_TELEMETRY_FIELDS = {
    "metrics": "metrics",
    "aom": "aom",
    "instance_id": "instanceID",
    "access_logging": "accessLogging",
    "lts": "lts",
    "log_group_id": "logGroupID",
    "log_stream_id": "logStreamID",
    "tracing": "tracing",
    "random_sampling_percentage": "randomSamplingPercentage",
    "default_providers": "defaultProviders",
    "extension_providers": "extensionProviders",
    "name": "name",
    "zipkin": "zipkin",
    "service": "service",
    "port": "port",
}
_TELEMETRY_KEYS = {key: field for field, key in _TELEMETRY_FIELDS.items()}


def mesh_to_result(raw: Mesh) -> MeshResult:
    """Return a mesh in the shape of results."""
    metadata, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    clusters = (spec.get("extendParams") or {}).get("clusters") or []
    config = spec.get("config") or {}
    return {
        "id": to_text(metadata["uid"]),
        "name": metadata["name"],
        "type": to_text(spec.get("type")),
        "version": to_text(spec.get("version")),
        "phase": status.get("phase"),
        "clusters": [to_text(cluster.get("clusterID")) for cluster in clusters],
        "proxy_config": _proxy_to_result(config.get("proxyConfig")),
        "telemetry_config": _rename_keys(config.get("telemetryConfig"), _TELEMETRY_KEYS),
        "created_at": format_time(metadata.get("creationTimestamp")),
        "updated_at": format_time(status.get("updateTimestamp")),
    }


def build_body(params: Params, project_id: str | None = None) -> Body:
    """Return the request body that creates the mesh. Unset options are omitted.

    The Terraform resource huaweicloud_asm_mesh sends the project of each cluster, and older contracts require it.
    """
    clusters = [_cluster_to_body(cluster, project_id) for cluster in params.get("clusters") or []]
    spec = {
        "type": MESH_TYPE_NAME,
        "version": params.get("version"),
        "extendParams": {"clusters": clusters} if params.get("clusters") is not None else None,
        "config": _without_none(
            {
                "proxyConfig": _proxy_to_body(params.get("proxy_config")),
                "telemetryConfig": _rename_keys(params.get("telemetry_config"), _TELEMETRY_FIELDS),
            }
        )
        or None,
    }
    return {"apiVersion": "v1", "kind": "Mesh", "metadata": {"name": params["name"]}, "spec": _without_none(spec)}


def predict_mesh(params: Params, phase: str | None = None) -> MeshResult:
    """Return the predicted result of a mesh that does not exist yet. Values that only the service sets are None."""
    return {
        "id": None,
        "name": params["name"],
        "type": MESH_TYPE_NAME,
        "version": params.get("version"),
        "phase": phase,
        "clusters": [cluster["cluster_id"] for cluster in params.get("clusters") or []],
        "proxy_config": _proxy_to_result(_proxy_to_body(params.get("proxy_config"))),
        "telemetry_config": without_unset(params.get("telemetry_config")),
        "created_at": None,
        "updated_at": None,
    }


def flatten(fields: t.Mapping[str, t.Any], prefix: str = "") -> dict[str, t.Any]:
    """Return the values in nested mappings by their paths, such as ``proxy_config.include_ip_ranges``, without unset ones."""
    found: dict[str, t.Any] = {}
    for field, value in fields.items():
        if isinstance(value, dict):
            found.update(flatten(value, f"{prefix}{field}."))
        elif value is not None:
            found[prefix + field] = value
    return found


def without_unset(value: t.Any) -> t.Any:
    """Return a copy of nested options without those that are ``None``."""
    if isinstance(value, dict):
        return {key: without_unset(entry) for key, entry in value.items() if entry is not None}
    return [without_unset(entry) for entry in value] if isinstance(value, list) else value


def _cluster_to_body(cluster: Params, project_id: str | None) -> Body:
    return _without_none(
        {
            "clusterID": cluster.get("cluster_id"),
            "projectID": project_id,
            "installation": _selector_to_body("nodes", cluster.get("installation_nodes")),
            "injection": _selector_to_body("namespaces", cluster.get("injection_namespaces")),
        }
    )


def _selector_to_body(name: str, selector: Params | None) -> Body | None:
    if selector is None:
        return None
    return {name: {"fieldSelector": _without_none({key: selector.get(key) for key in ("key", "operator", "values")})}}


def _proxy_to_body(options: Params | None) -> Body | None:
    if options is None:
        return None
    return {
        key: ",".join(split_values(options[field]))
        for field, key in PROXY_FIELDS.items()
        if options.get(field) is not None
    }


def _proxy_to_result(config: t.Mapping[str, object] | None) -> dict[str, list[str] | None] | None:
    if config is None:
        return None
    return {
        field: None if config.get(key) is None else split_values([config[key]]) for field, key in PROXY_FIELDS.items()
    }


def split_values(values: t.Iterable[object]) -> list[str]:
    """Return each value of texts that can contain several values, separated by commas."""
    return [part.strip() for value in values for part in str(value).split(",") if part.strip()]


def _rename_keys(value: t.Any, names: t.Mapping[str, str]) -> t.Any:
    """Return nested data with other keys. Unknown keys and unset values are omitted."""
    if isinstance(value, dict):
        return {
            names[key]: _rename_keys(entry, names) for key, entry in value.items() if key in names and entry is not None
        }
    return [_rename_keys(entry, names) for entry in value] if isinstance(value, list) else value


def _without_none(values: Body) -> Body:
    return {key: value for key, value in values.items() if value is not None}
