# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of a mesh, and their validation."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.fields import (
    PROXY_FIELDS,
    build_body,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params


def _selector() -> dict[str, t.Any]:
    return {
        "type": "dict",
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "operator": {"type": "str", "default": "In"},
            "values": {"type": "list", "elements": "str", "required": True},
        },
    }


def _list_of(**options: t.Any) -> dict[str, t.Any]:
    return {"type": "list", "elements": "dict", "options": options}


_TRACING = {
    "random_sampling_percentage": {"type": "float"},
    "default_providers": {"type": "list", "elements": "str"},
    "extension_providers": _list_of(
        name={"type": "str", "required": True},
        zipkin={
            "type": "dict",
            "required": True,
            "options": {"service": {"type": "str", "required": True}, "port": {"type": "int", "required": True}},
        },
    ),
}

MANAGED_MESH = ArgumentSpec(
    argument_spec={
        "name": {"type": "str", "required": True},
        "version": {"type": "str"},
        "clusters": _list_of(
            cluster_id={"type": "str", "required": True},
            installation_nodes=_selector(),
            injection_namespaces=_selector(),
        ),
        "proxy_config": {
            "type": "dict",
            "options": {field: {"type": "list", "elements": "str"} for field in PROXY_FIELDS},
        },
        "telemetry_config": {
            "type": "dict",
            "options": {
                "metrics": {
                    "type": "dict",
                    "options": {"aom": _list_of(instance_id={"type": "str", "required": True})},
                },
                "access_logging": {
                    "type": "dict",
                    "options": {
                        "lts": _list_of(
                            log_group_id={"type": "str", "required": True},
                            log_stream_id={"type": "str", "required": True},
                        )
                    },
                },
                "tracing": {"type": "dict", "options": _TRACING},
            },
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "on_drift": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        "force": {"type": "bool", "default": False},
    }
)

# Passes the rules for new names. An existing mesh can have a name that they do not allow.
_VALID_NAME = "mesh"


def check_managed_mesh(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Missing options are an error only at creation."""
    body = build_body({**params, "name": _VALID_NAME})
    check_all(
        lambda: _check_name(params["name"]),
        lambda: validate_request_body(shapes.MESH_TO_CREATE, body, shapes.MESH_OPTIONS),
        lambda: _check_clusters(params.get("clusters") or []),
    )


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip():
        raise OptionError("Invalid options: name must not be empty, or begin or end with whitespace.")


def _check_clusters(clusters: t.Sequence[Params]) -> None:
    ids = [cluster.get("cluster_id") for cluster in clusters]
    repeated = sorted({str(each) for each in ids if ids.count(each) > 1})
    if repeated:
        raise OptionError(f"Invalid options: clusters lists {', '.join(repeated)} more than once.")
