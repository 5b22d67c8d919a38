# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication and authorization of requests to the Kubernetes API.

By default any bearer token is accepted, and none, too. As soon as a seed has ``cluster_tokens``, a request needs one of them.
"""

from __future__ import annotations

import fnmatch
import typing as t

from huaweicloud_emulator.cluster import errors
from huaweicloud_emulator.cluster.paths import Target
from huaweicloud_emulator.messages import HttpRequest

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Token = t.Dict[str, t.Any]

ANONYMOUS = "system:anonymous"
DEFAULT_USER = "emulator-admin"


def authenticate(emulator: EmulatorState, request: HttpRequest) -> Token:
    """Return the token of the request. Raises the error 401."""
    mode = emulator.behaviors["cluster_access"]
    scheme, unused, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip() if scheme.lower() == "bearer" else ""
    seeded = emulator.stores.cluster_tokens.records
    if mode == "unauthorized" or (seeded and value not in seeded) or (mode == "token" and not value):
        raise errors.unauthorized()
    return seeded.get(value) or {"user": DEFAULT_USER if value else ANONYMOUS, "denied": [], "namespaces": None}


def authorize(emulator: EmulatorState, token: Token, target: Target, verb: str) -> None:
    """Check a token, whose ``denied`` has patterns such as ``list virtualservices``. Raises the error 403."""
    mode = emulator.behaviors["cluster_access"]
    namespaces = token["namespaces"]
    outside = (mode == "namespaced" or namespaces is not None) and target.namespace is None
    outside = outside or (namespaces is not None and target.namespace not in namespaces)
    action = f"{verb} {target.resource.plural}"
    denied = any(fnmatch.fnmatchcase(action, pattern) for pattern in token["denied"])
    if mode == "forbidden" or outside or denied:
        raise errors.forbidden(target.resource, verb, target.namespace, target.name, token["user"])
