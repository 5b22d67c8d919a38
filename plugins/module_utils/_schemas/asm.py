# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What ASM takes and gives (API reference, "Application Service Mesh": workshops, releases, meshes).

Strict for what is sent; what is received may hold more than is documented, and less where the documents disagree.
"""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._schemas._check import Schema

# "Starts with a lower-case letter; lower-case letters, digits and hyphens; must not end with a hyphen; 4 to 64 characters."
# A $ alone would let a line end pass after it.
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
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
# The form of times is not published: a text, or milliseconds.
_MAYBE_TIME: Schema = {"type": ["string", "integer", "null"]}
_MAYBE_OBJECT: Schema = {"type": ["object", "null"]}

WORKSHOP_TO_CREATE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["metadata", "spec"],
    "properties": {
        "description": {"type": "string"},
        "metadata": {"type": "object", "additionalProperties": False, "required": ["name"], "properties": {"name": _TEXT}},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["primaryCluster", "ingress"],
            "properties": {
                "primaryCluster": _TEXT,
                "ingress": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["elbId", "elbIp", "port"],
                    "properties": {
                        "elbId": _TEXT,
                        "elbIp": _TEXT,
                        "port": _PORT,
                        "imageAddress": {"type": "string"},
                    },
                },
            },
        },
    },
}

# From a path of the body to the option it came from.
WORKSHOP_OPTIONS = {
    "metadata.name": "name",
    "spec.primaryCluster": "primary_cluster",
    "spec.ingress.elbId": "ingress.elb_id",
    "spec.ingress.elbIp": "ingress.elb_ip",
    "spec.ingress.imageAddress": "ingress.image_address",
    "spec.ingress": "ingress",
}

# Only the skeleton: the linter and, where it is installed, kubernetes-validate say the rest.
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
                            "properties": {"containers": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["name"]}}},
                        }
                    },
                },
            },
        },
    },
}

RELEASE_TO_SEND: Schema = {
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
}

WORKSHOP: Schema = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "description": _MAYBE_TEXT,
        "metadata": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": _TEXT, "uid": _MAYBE_TEXT, "creationTimestamp": _MAYBE_TIME},
        },
        "spec": {
            "type": "object",
            "required": ["ingress"],
            "properties": {"primaryCluster": _MAYBE_TEXT, "ingress": {"type": "object", "properties": {"port": {"type": ["integer", "null"]}}}},
        },
        "status": _MAYBE_OBJECT,
    },
}

_WORKSHOP_ENTRY: Schema = {"type": "object", "if": {"required": ["workshop"]}, "then": {"properties": {"workshop": WORKSHOP}}, "else": WORKSHOP}

# The reference prints the answer as "[items]": a bare array is meant, an object around it can not be ruled out.
WORKSHOP_LIST: Schema = {
    "if": {"type": "array"},
    "then": {"items": _WORKSHOP_ENTRY},
    "else": {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": ["array", "null"], "items": _WORKSHOP_ENTRY}},
    },
}

RELEASE: Schema = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["name", "namespace"],
            "properties": {"name": _TEXT, "namespace": _TEXT, "meshID": _MAYBE_TEXT, "uid": _MAYBE_TEXT},
        },
        "spec": {
            "type": "object",
            "properties": {
                "grayDeployments": {
                    "type": ["array", "null"],
                    "items": {"type": "object", "properties": {"clusterID": _MAYBE_TEXT, "template": _MAYBE_OBJECT}},
                },
            },
        },
        "status": {
            "type": ["object", "null"],
            "properties": {
                "phase": _MAYBE_TEXT,
                "deployment": _MAYBE_OBJECT,
                "grayDeployments": {"type": ["array", "null"], "items": {"type": "object"}},
            },
        },
    },
}

RELEASE_LIST: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": ["array", "null"], "items": RELEASE}},
}

MESH: Schema = {
    "type": "object",
    "required": ["metadata"],
    "properties": {
        "metadata": {"type": "object", "required": ["name", "uid"], "properties": {"name": _TEXT, "uid": _TEXT}},
        "spec": _MAYBE_OBJECT,
        "status": {"type": ["object", "null"], "properties": {"phase": _MAYBE_TEXT}},
    },
}

MESH_LIST: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": ["array", "null"], "items": MESH}},
}
