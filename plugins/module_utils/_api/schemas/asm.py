# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The schemas of ASM (API reference, "Application Service Mesh": workshops, releases, meshes).

The schemas of requests are strict. Responses may contain undocumented fields, and lack fields where the documents disagree.
"""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import NO_BLANKS as _NO_BLANKS
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import TRIMMED as _TRIMMED
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import Schema

# "Starts with a lower-case letter; lower-case letters, digits and hyphens; must not end with a hyphen; 4 to 64 characters."
# A $ alone would also match before a line break at the end.
RELEASE_NAME = r"^[a-z][a-z0-9-]{2,62}[a-z0-9]$(?!\n)"
# A Kubernetes namespace is a DNS label.
NAMESPACE = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$(?!\n)"

_RELEASE_NAME: Schema = {
    "type": "string",
    "pattern": RELEASE_NAME,
    "description": "must have 4 to 64 characters, only lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen",
}
_NAMESPACE: Schema = {
    "type": "string",
    "pattern": NAMESPACE,
    "description": "must have at most 63 characters, only lower-case letters, digits and hyphens, and begin and end with a letter or digit",
}
_PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535, "description": "must be a port from 1 to 65535"}

_TEXT: Schema = {"type": "string", "minLength": 1}
_WORD: Schema = dict(_TEXT, allOf=[_NO_BLANKS])
# An empty text means none. The pattern is a simplified one for image names: a registry with a port, or a path.
_IMAGE_ADDRESS: Schema = {
    "pattern": r"^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*(:[A-Za-z0-9._-]+)?(@[A-Za-z0-9:._-]+)?)?$(?!\n)",
    "description": "must be an image address such as swr.example.com/mesh-demo, without a scheme and blanks",
}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
# IDs and versions are texts, but a text of digits may be returned as a number.
_ID: Schema = {"type": ["string", "number"], "minLength": 1}
_MAYBE_ID: Schema = {"type": ["string", "number", "null"]}
# The format of times is not documented: a text, or a number of seconds or milliseconds.
_MAYBE_TIME: Schema = {"type": ["string", "number", "null"]}
_MAYBE_COUNT: Schema = {"type": ["integer", "null"]}

WORKSHOP_TO_CREATE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["metadata", "spec"],
    "properties": {
        "description": {"type": "string"},
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": dict(_TEXT, allOf=[_TRIMMED])},
        },
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["primaryCluster", "ingress"],
            "properties": {
                "primaryCluster": _WORD,
                "ingress": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["elbId", "elbIp", "port"],
                    "properties": {
                        "elbId": _WORD,
                        "elbIp": _WORD,
                        "port": _PORT,
                        "imageAddress": {"type": "string", "allOf": [_IMAGE_ADDRESS]},
                    },
                },
            },
        },
    },
}

# The option for a path of the body.
WORKSHOP_OPTIONS = {
    "metadata.name": "name",
    "spec.primaryCluster": "primary_cluster",
    "spec.ingress.elbId": "ingress.elb_id",
    "spec.ingress.elbIp": "ingress.elb_ip",
    "spec.ingress.imageAddress": "ingress.image_address",
    "spec.ingress": "ingress",
}

# Only the basic structure: the linter and, if it is installed, kubernetes-validate check the rest.
_DEPLOYMENT: Schema = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "metadata": {"type": "object", "required": ["name"], "properties": {"name": _TEXT}},
        "spec": {
            "type": "object",
            "required": ["selector", "template"],
            "properties": {
                "selector": {"type": "object", "minProperties": 1},
                "template": {
                    "type": "object",
                    "required": ["spec"],
                    "properties": {
                        "spec": {
                            "type": "object",
                            "required": ["containers"],
                            "properties": {
                                "containers": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {"type": "object", "required": ["name"]},
                                }
                            },
                        }
                    },
                },
            },
        },
    },
}

RELEASE_REQUEST: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "apiVersion", "metadata", "spec"],
    "properties": {
        "kind": {"const": "Release"},
        "apiVersion": {"const": "asm/v2"},
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "namespace", "meshID"],
            "properties": {
                "name": _RELEASE_NAME,
                "namespace": _NAMESPACE,
                "meshID": _TEXT,
                "uid": _TEXT,
            },
        },
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["serviceName", "clusterID", "deploymentName", "version", "type", "grayDeployments"],
            "properties": {
                "serviceName": _TEXT,
                "clusterID": _TEXT,
                "deploymentName": _TEXT,
                "version": _TEXT,
                "type": _TEXT,
                "grayDeployments": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["clusterID", "template"],
                        "properties": {"clusterID": _TEXT, "template": _DEPLOYMENT},
                    },
                },
            },
        },
    },
}

RELEASE_OPTIONS = {
    "metadata.name": "name",
    "metadata.namespace": "namespace",
    "metadata.meshID": "mesh_id",
    "spec.serviceName": "service_name",
    "spec.clusterID": "cluster_id",
    "spec.deploymentName": "deployment_name",
    "spec.version": "version",
    "spec.type": "type",
    "spec.grayDeployments": "gray_deployments",
    "spec.grayDeployments[].clusterID": "gray_deployments[].cluster_id",
}

WORKSHOP: Schema = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "description": _MAYBE_TEXT,
        "metadata": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": _TEXT, "uid": _MAYBE_ID, "creationTimestamp": _MAYBE_TIME},
        },
        "spec": {
            "type": "object",
            "required": ["ingress"],
            "properties": {
                "primaryCluster": _MAYBE_ID,
                "ingress": {
                    "type": "object",
                    "properties": {
                        "elbId": _MAYBE_ID,
                        "elbIp": _MAYBE_TEXT,
                        "port": _MAYBE_COUNT,
                        "imageAddress": _MAYBE_TEXT,
                    },
                },
            },
        },
        "status": {"type": ["object", "null"], "properties": {"updateTime": _MAYBE_TIME}},
    },
}

_WORKSHOP_ENTRY: Schema = {
    "type": "object",
    "if": {"required": ["workshop"]},
    "then": {"properties": {"workshop": WORKSHOP}},
    "else": WORKSHOP,
}

# The reference shows the response as "[items]", which means an array, but it may also be an object with an array.
WORKSHOP_LIST: Schema = {
    "if": {"type": "array"},
    "then": {"items": _WORKSHOP_ENTRY},
    "else": {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": ["array", "null"], "items": _WORKSHOP_ENTRY}},
    },
}

_CONTAINERS: Schema = {
    "type": ["array", "null"],
    "items": {"type": "object", "properties": {"name": _MAYBE_TEXT, "image": _MAYBE_TEXT}},
}


def _maybe(**properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties}


# The parts of a Deployment that the collection reads: the desired and the actual state.
_DEPLOYMENT_THERE = _maybe(
    metadata=_maybe(name=_MAYBE_TEXT),
    spec=_maybe(
        replicas=_MAYBE_COUNT, template=_maybe(spec=_maybe(containers=_CONTAINERS, initContainers=_CONTAINERS))
    ),
    status=_maybe(availableReplicas=_MAYBE_COUNT),
)

RELEASE: Schema = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["name", "namespace"],
            "properties": {"name": _TEXT, "namespace": _TEXT, "uid": _MAYBE_ID, "creationTimestamp": _MAYBE_TIME},
        },
        "spec": {
            "type": "object",
            "properties": {
                "serviceName": _MAYBE_ID,
                "clusterID": _MAYBE_ID,
                "deploymentName": _MAYBE_ID,
                "version": _MAYBE_ID,
                "type": _MAYBE_ID,
                "grayDeployments": {
                    "type": ["array", "null"],
                    "items": {"type": "object", "properties": {"clusterID": _MAYBE_ID, "template": _DEPLOYMENT_THERE}},
                },
            },
        },
        "status": _maybe(
            phase=_MAYBE_TEXT,
            startTime=_MAYBE_TIME,
            updateTime=_MAYBE_TIME,
            deployment=_DEPLOYMENT_THERE,
            grayDeployments={"type": ["array", "null"], "items": _DEPLOYMENT_THERE},
        ),
    },
}

RELEASE_LIST: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": ["array", "null"], "items": RELEASE}},
}


# The fields of a mesh and its phases are those of the SDK huaweicloudsdkasm 3.1.219 (classes Mesh, MeshMetadata, MeshSpec, MeshCluster, MeshConfig,
# FieldSelector, ProxyConfig, TelemetryConfig, MeshStatus). projectID is sent by the Terraform resource huaweicloud_asm_mesh and by older contracts.
def _record(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


def _selector(name: str) -> Schema:
    field = _record("key", "operator", "values", key=_WORD, operator=_WORD, values=dict(_list(_WORD), minItems=1))
    return _record(name, **{name: _record("fieldSelector", fieldSelector=field)})


# Several values are separated by commas.
_JOINED: Schema = {"type": "string", "allOf": [_NO_BLANKS]}

MESH_TO_CREATE: Schema = _record(
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    apiVersion={"const": "v1"},
    kind={"const": "Mesh"},
    metadata=_record("name", name=_RELEASE_NAME),
    spec=_record(
        "type",
        "extendParams",
        type={"const": "InCluster"},
        version=_WORD,
        extendParams=_record(
            "clusters",
            clusters=dict(
                _list(
                    _record(
                        "clusterID",
                        "installation",
                        clusterID=_WORD,
                        projectID=_WORD,
                        installation=_selector("nodes"),
                        injection=_selector("namespaces"),
                    )
                ),
                minItems=1,
            ),
        ),
        config=_record(
            proxyConfig=_record(
                includeIPRanges=_JOINED,
                excludeIPRanges=_JOINED,
                includeInboundPorts=_JOINED,
                excludeInboundPorts=_JOINED,
                includeOutboundPorts=_JOINED,
                excludeOutboundPorts=_JOINED,
            ),
            telemetryConfig=_record(
                metrics=_record(aom=_list(_record("instanceID", instanceID=_WORD))),
                accessLogging=_record(
                    lts=_list(_record("logGroupID", "logStreamID", logGroupID=_WORD, logStreamID=_WORD))
                ),
                tracing=_record(
                    randomSamplingPercentage={
                        "type": "number",
                        "minimum": 0,
                        "maximum": 100,
                        "description": "must be a percentage from 0 to 100",
                    },
                    defaultProviders=_list(_WORD),
                    extensionProviders=_list(
                        _record(
                            "name", "zipkin", name=_WORD, zipkin=_record("service", "port", service=_WORD, port=_PORT)
                        )
                    ),
                ),
            ),
        ),
    ),
)

# The option for a path of the body.
MESH_OPTIONS = {
    "metadata.name": "name",
    "spec.version": "version",
    "spec.extendParams": "clusters",
    "spec.extendParams.clusters": "clusters",
    "spec.extendParams.clusters[].clusterID": "clusters[].cluster_id",
    "spec.extendParams.clusters[].installation": "clusters[].installation_nodes",
    "spec.extendParams.clusters[].installation.nodes.fieldSelector": "clusters[].installation_nodes",
    "spec.extendParams.clusters[].injection.namespaces.fieldSelector": "clusters[].injection_namespaces",
    "spec.config.proxyConfig": "proxy_config",
    "spec.config.proxyConfig.includeIPRanges": "proxy_config.include_ip_ranges",
    "spec.config.proxyConfig.excludeIPRanges": "proxy_config.exclude_ip_ranges",
    "spec.config.proxyConfig.includeInboundPorts": "proxy_config.include_inbound_ports",
    "spec.config.proxyConfig.excludeInboundPorts": "proxy_config.exclude_inbound_ports",
    "spec.config.proxyConfig.includeOutboundPorts": "proxy_config.include_outbound_ports",
    "spec.config.proxyConfig.excludeOutboundPorts": "proxy_config.exclude_outbound_ports",
    "spec.config.telemetryConfig": "telemetry_config",
    "spec.config.telemetryConfig.metrics.aom[].instanceID": "telemetry_config.metrics.aom[].instance_id",
    "spec.config.telemetryConfig.accessLogging": "telemetry_config.access_logging",
    "spec.config.telemetryConfig.accessLogging.lts[].logGroupID": "telemetry_config.access_logging.lts[].log_group_id",
    "spec.config.telemetryConfig.accessLogging.lts[].logStreamID": "telemetry_config.access_logging.lts[].log_stream_id",
    "spec.config.telemetryConfig.tracing.randomSamplingPercentage": "telemetry_config.tracing.random_sampling_percentage",
    "spec.config.telemetryConfig.tracing.defaultProviders": "telemetry_config.tracing.default_providers",
    "spec.config.telemetryConfig.tracing.extensionProviders": "telemetry_config.tracing.extension_providers",
}

_MAYBE_TEXTS: Schema = {"type": ["array", "null"], "items": _MAYBE_TEXT}


def _maybe_list(**properties: Schema) -> Schema:
    return {"type": ["array", "null"], "items": {"type": "object", "properties": properties}}


_PROXY_CONFIG = _maybe(
    includeIPRanges=_MAYBE_TEXT,
    excludeIPRanges=_MAYBE_TEXT,
    includeInboundPorts=_MAYBE_TEXT,
    excludeInboundPorts=_MAYBE_TEXT,
    includeOutboundPorts=_MAYBE_TEXT,
    excludeOutboundPorts=_MAYBE_TEXT,
)
_TELEMETRY_CONFIG = _maybe(
    metrics=_maybe(aom=_maybe_list(instanceID=_MAYBE_ID)),
    accessLogging=_maybe(lts=_maybe_list(logGroupID=_MAYBE_ID, logStreamID=_MAYBE_ID)),
    tracing=_maybe(
        randomSamplingPercentage={"type": ["number", "null"]},
        defaultProviders=_MAYBE_TEXTS,
        extensionProviders=_maybe_list(name=_MAYBE_TEXT, zipkin=_maybe(service=_MAYBE_TEXT, port=_MAYBE_COUNT)),
    ),
)

MESH: Schema = {
    "type": "object",
    "required": ["metadata"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["name", "uid"],
            "properties": {"name": _TEXT, "uid": _ID, "creationTimestamp": _MAYBE_TIME},
        },
        "spec": _maybe(
            type=_MAYBE_ID,
            version=_MAYBE_ID,
            extendParams=_maybe(clusters=_maybe_list(clusterID=_MAYBE_ID)),
            config=_maybe(proxyConfig=_PROXY_CONFIG, telemetryConfig=_TELEMETRY_CONFIG),
        ),
        "status": _maybe(phase=_MAYBE_TEXT, updateTimestamp=_MAYBE_TIME),
    },
}

MESH_LIST: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": ["array", "null"], "items": MESH}},
}
