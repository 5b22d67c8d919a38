# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The types of resources that ``apply`` supports. This is the only list of them."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.resource_type import MESH_TYPE
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource_type import RELEASE_TYPE
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.resource_type import ResourceType
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop.resource_type import (
    WORKSHOP_TYPE,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.resource_type import (
    WORKSPACE_TYPE,
)

__all__ = ("RESOURCE_TYPES", "ResourceType")

RESOURCE_TYPES: tuple[ResourceType, ...] = (MESH_TYPE, WORKSPACE_TYPE, WORKSHOP_TYPE, RELEASE_TYPE)
