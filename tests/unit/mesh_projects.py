# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several projects with meshes, as a transport, and the options that list them."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpRequest, HttpResponse
from simulated_cloud import CREATED, mesh

KEYS = {"access_key": "AK", "secret_key": "CANARY-secret-key"}
FORBIDDEN = (403, {"errorCode": "ASM.01000002", "errorMsg": "Forbidden."})


class Projects:
    """The meshes of each project by its ID. Instead of a list, a project can have a status and a body. Requests come from several threads."""

    def __init__(self, **projects: t.Any) -> None:
        self.projects = projects
        self.request_log: list[str] = []

    def __call__(self, call: HttpRequest) -> HttpResponse:
        parts = urlsplit(call.url)
        self.request_log.append(f"{call.method} {parts.hostname}{parts.path}")
        project = self.projects[parts.path.split("/")[2]]
        status, body = (200, {"kind": "MeshList", "items": project}) if isinstance(project, list) else project
        return HttpResponse(
            status, {"content-type": "application/json", "x-request-id": "req"}, json.dumps(body).encode()
        )


class Server:
    """The metadata service of a server, as a transport. It provides keys without sessions, or no keys without an access key."""

    def __init__(self, access_key: str | None) -> None:
        self.access_key = access_key

    def __call__(self, call: HttpRequest) -> HttpResponse:
        if call.method == "PUT" or self.access_key is None:
            return HttpResponse(404, {}, b"")
        credential = {
            "access": self.access_key,
            "secret": "CANARY-server-secret",
            "securitytoken": "CANARY-server-token",
            "expires_at": "2999-01-02T04:04:05.000000Z",
        }
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps({"credential": credential}).encode())


def make_variables(project_id: str, uid: str, name: str, region: str = "eu-de", **changes: t.Any) -> dict[str, t.Any]:
    """Return the host variables of a mesh that ``simulated_cloud.mesh`` returns."""
    return {
        "region": region,
        "project_id": project_id,
        "mesh_id": uid,
        "mesh_name": name,
        "mesh_type": "InCluster",
        "mesh_version": "v1.18",
        "mesh_phase": "Running",
        "mesh_clusters": ["c-1"],
        "mesh_created_at": CREATED,
        **changes,
    }


__all__ = ("FORBIDDEN", "KEYS", "Projects", "Server", "make_variables", "mesh")
