# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""List what a mesh contains."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import get_release_list
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop.resource import (
    get_workshop_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Session

# The kind and the name of a workshop or release.
Child = t.Tuple[str, str]


def list_children(session: Session, mesh_id: str) -> list[Child]:
    """Return the workshops and the active releases of a mesh. An ended release is only a record."""
    workshops = get_workshop_list(session, mesh_id).read(session.max_age).all()
    releases = get_release_list(session, mesh_id).read(session.max_age).all()
    active = [raw["metadata"] for raw in releases if not Phases().is_done(raw.get("status") or {})]
    return [
        *(("workshop", raw["metadata"]["name"]) for raw in workshops),
        *(("release", f"{metadata['namespace']}/{metadata['name']}") for metadata in active),
    ]
