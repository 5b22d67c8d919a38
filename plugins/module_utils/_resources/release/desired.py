# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options and the desired state of one release: validation, and conversion to the request body."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec, check_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LintError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import strip_server_fields
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import (
    ACTIVE,
    CANCELED,
    DONE,
    ENDING,
    FAILED,
    PROMOTED,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects


RELEASE = ArgumentSpec(
    argument_spec={
        "namespace": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "service_name": {"type": "str"},
        "cluster_id": {"type": "str"},
        "deployment_name": {"type": "str"},
        "version": {"type": "str"},
        "type": {"type": "str"},
        "gray_deployments": {
            "type": "list",
            "elements": "dict",
            "options": {"cluster_id": {"type": "str"}, "template": {"type": "raw", "required": True}},
        },
        "state": {"type": "str", "choices": ["present", "promoted", "canceled"], "default": "present"},
        "end_action": {"type": "str", "default": "end"},
        "cancel_action": {"type": "str", "default": "cancel"},
        "lint": {"type": "str", "choices": ["strict", "warn", "ignore"], "default": "strict"},
        "on_drift": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        "on_missing": {"type": "str", "choices": ["warn", "fail", "ignore"], "default": "warn"},
        "active_phases": {"type": "list", "elements": "str", "default": list(ACTIVE)},
        "done_phases": {"type": "list", "elements": "str", "default": list(DONE)},
        "failed_phases": {"type": "list", "elements": "str", "default": list(FAILED)},
        "ending_phases": {"type": "list", "elements": "str", "default": list(ENDING)},
        "promoted_phases": {"type": "list", "elements": "str", "default": list(PROMOTED)},
        "canceled_phases": {"type": "list", "elements": "str", "default": list(CANCELED)},
    }
)

# The options with single values, and their names in the API.
FIELDS = {
    "service_name": "serviceName",
    "cluster_id": "clusterID",
    "deployment_name": "deploymentName",
    "version": "version",
    "type": "type",
}


class DesiredDeployment(t.TypedDict):
    """A Deployment of the gray version, as a task describes it. Without a cluster, that of the release applies."""

    cluster_id: t.Optional[str]
    template: t.Dict[str, t.Any]


# A request body, or a part of it.
Body = t.Dict[str, t.Any]


class Desired(t.NamedTuple):
    """The validated options of one release. ``gray`` has a template as a mapping and a cluster in each entry."""

    name: str
    namespace: str
    state: str
    fields: dict[str, str]
    gray: t.Optional[list[DesiredDeployment]]
    warnings: tuple[str, ...] = ()

    def specified_fields(self) -> list[str]:
        return list(self.fields) + (["gray_deployments"] if self.gray is not None else [])

    def spec(self) -> Body:
        """Return the specification of the release. A template may be an export, with fields that only a server sets."""
        spec: Body = {FIELDS[field]: value for field, value in self.fields.items()}
        if self.gray is not None:
            spec["grayDeployments"] = [
                {
                    **({} if item["cluster_id"] is None else {"clusterID": item["cluster_id"]}),
                    "template": strip_server_fields(item["template"]),
                }
                for item in self.gray
            ]
        return spec

    def inside(self, observed: objects.Release) -> Desired:
        """Return the desired state for an existing release. Its cluster is the default of the gray Deployments."""
        own = observed["spec"].get("clusterID")
        return (
            self
            if self.gray is None
            else self._replace(gray=[{**item, "cluster_id": item["cluster_id"] or own} for item in self.gray])
        )

    def body(self, mesh_id: str, spec: Body) -> Body:
        metadata = {"name": self.name, "namespace": self.namespace, "meshID": mesh_id}
        return {"kind": "Release", "apiVersion": "asm/v2", "metadata": metadata, "spec": spec}


def desired_release(params: Params) -> Desired:
    """Return the desired state that the options describe. Raise OptionError or LintError if they are invalid. Send nothing.

    Findings of the linter are warnings instead when ``lint`` is ``warn``.
    """
    check_mesh(params)
    fields = {field: params[field] for field in FIELDS if params.get(field) is not None}
    gray: list[DesiredDeployment] | None = None
    if params.get("gray_deployments") is not None:
        gray = [
            {
                "cluster_id": item.get("cluster_id") or fields.get("cluster_id"),
                "template": parse_template(item["template"], f"gray_deployments[{index}].template"),
            }
            for index, item in enumerate(params["gray_deployments"])
        ]
    warnings = _lint(params, gray, fields.get("version")) if gray and params["lint"] != "ignore" else ()
    desired = Desired(params["name"], params["namespace"], params["state"], fields, gray, warnings)
    # The ID of the mesh is not known yet, so any text replaces it.
    validate_request_body(shapes.RELEASE_REQUEST, desired.body("mesh", desired.spec()), shapes.RELEASE_OPTIONS)
    return desired


def _lint(params: Params, gray: list[DesiredDeployment], version: str | None) -> tuple[str, ...]:
    # The rules are many, and most tasks have no templates.
    from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import format_findings
    from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import lint_release

    findings = lint_release(gray, params["namespace"], version, params.get("service_name"))
    if not findings:
        return ()
    if params["lint"] == "warn":
        return tuple(format_findings([finding]) for finding in findings)
    raise LintError(
        f"The template of release '{params['namespace']}/{params['name']}' is invalid:\n{format_findings(findings)}",
        hint="Fix the template, or set lint to warn.",
    )
