# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests and responses, as middleware and handlers use them."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

CLUSTER_PATH = re.compile(r"(/clusters/[^/]+)?/(api|apis|version|healthz|livez|readyz)(/|$)")
PROMETHEUS_PATH = re.compile(r"/prometheus(/|$)")


@dataclasses.dataclass
class Identity:
    """The caller: user, project of the credentials (``None``: no project), and kind of authentication."""

    user_id: str
    user_name: str
    domain_id: str
    project_id: str | None
    kind: str


@dataclasses.dataclass
class HttpRequest:
    """A request. ``path`` and ``query_string`` are those of the request line. Middleware sets the other fields."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    peer: t.Any = None
    request_id: str = ""
    operation: t.Any = None
    path_values: dict[str, str] = dataclasses.field(default_factory=dict)
    query: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    content: t.Any = None
    identity: Identity | None = None
    fault: str | None = None

    @property
    def auth_method(self) -> str:
        """Return the kind of authentication that the request uses, whether it is valid or not."""
        if self.headers.get("authorization", "").startswith("SDK-HMAC-SHA256"):
            return "signature"
        if "x-auth-token" in self.headers:
            return "token"
        return "other" if "authorization" in self.headers else "none"

    @property
    def service(self) -> str:
        """Return the service of the path, even if no operation matches."""
        if self.operation is not None:
            return self.operation.service
        if CLUSTER_PATH.match(self.path):
            return "kubernetes"
        if PROMETHEUS_PATH.match(self.path):
            return "prometheus"
        if "/meshes" in self.path:
            return "asm"
        return "modelarts" if "/workspaces" in self.path else "iam"

    @property
    def caller(self) -> Identity:
        if self.identity is None:
            raise RuntimeError("the request is not authenticated")
        return self.identity


@dataclasses.dataclass
class HttpResponse:
    """A response. ``cut`` is the way the connection is cut: reset, truncated or stall; ``None`` if it is not."""

    status: int = 200
    content: t.Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    raw: bytes | None = None
    media_type: str = "application/json"
    cut: str | None = None
    seconds: float = 0.0

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.content is None:
            return b""
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()
