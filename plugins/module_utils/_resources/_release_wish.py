# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a user wrote of one release, checked before anything is sent, and what it is in the service's words."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LintError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._compare import strip_server_fields
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._lint import (
    format_findings,
    lint_release,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._template import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._options._arguments import check_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import Thing
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas._check import check_sent
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params

# The options that are single values, and what the service calls them.
FIELDS = {
    "service_name": "serviceName",
    "cluster_id": "clusterID",
    "deployment_name": "deploymentName",
    "version": "version",
    "type": "type",
}


class Wish(t.NamedTuple):
    """What the user wrote of one release, checked: ``fields`` flat, ``gray`` with templates as mappings and a cluster each."""

    name: str
    namespace: str
    state: str
    fields: dict[str, t.Any]
    gray: t.Optional[list[dict[str, t.Any]]]
    warnings: tuple[str, ...] = ()

    def written(self) -> list[str]:
        return list(self.fields) + (["gray_deployments"] if self.gray is not None else [])

    def spec(self) -> dict[str, t.Any]:
        """Return the specification of the release. A template may be an export, with fields that only a server sets."""
        spec = {FIELDS[field]: value for field, value in self.fields.items()}
        if self.gray is not None:
            spec["grayDeployments"] = [
                {
                    **({} if item["cluster_id"] is None else {"clusterID": item["cluster_id"]}),
                    "template": strip_server_fields(item["template"]),
                }
                for item in self.gray
            ]
        return spec

    def inside(self, thing: Thing) -> Wish:
        """The same wish about a release that is there: an entry that names no cluster means the release's own."""
        own = thing["spec"].get("clusterID")
        return (
            self
            if self.gray is None
            else self._replace(gray=[dict(item, cluster_id=item["cluster_id"] or own) for item in self.gray])
        )

    def body(self, mesh_id: str, spec: dict[str, t.Any]) -> Thing:
        metadata = {"name": self.name, "namespace": self.namespace, "meshID": mesh_id}
        return {"kind": "Release", "apiVersion": "asm/v2", "metadata": metadata, "spec": spec}


def release_wish(params: Params) -> Wish:
    """The wish that options express. Raises OptionError and LintError for what can not be right, before anything is sent.

    Findings of the linter are warnings instead when ``lint`` is ``warn``.
    """
    check_mesh(params)
    fields = {field: params[field] for field in FIELDS if params.get(field) is not None}
    gray = None
    if params.get("gray_deployments") is not None:
        gray = [
            {
                "cluster_id": item.get("cluster_id") or fields.get("cluster_id"),
                "template": parse_template(item["template"], f"gray_deployments[{index}].template"),
            }
            for index, item in enumerate(params["gray_deployments"])
        ]
    warnings = _lint(params, gray, fields.get("version")) if gray and params["lint"] != "ignore" else ()
    wish = Wish(params["name"], params["namespace"], params["state"], fields, gray, warnings)
    # The mesh is not known yet; its id is the service's own, so any text stands for it.
    check_sent(shapes.RELEASE_TO_SEND, wish.body("mesh", wish.spec()), shapes.RELEASE_OPTIONS)
    return wish


def _lint(params: Params, gray: list[dict[str, t.Any]], version: str | None) -> tuple[str, ...]:
    findings = lint_release(gray, params["namespace"], version, params.get("service_name"))
    if not findings:
        return ()
    if params["lint"] == "warn":
        return tuple(format_findings([finding]) for finding in findings)
    raise LintError(
        f"The template of release '{params['namespace']}/{params['name']}' is not what a release needs:\n{format_findings(findings)}",
        hint="Mend the template, or set lint to warn.",
    )
