# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Separate what the user specifies in a Deployment from what only the server sets."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    API_VERSION,
    KIND,
    REVISION_ANNOTATION,
    SERVER_METADATA,
)


def strip_server_fields(template: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a copy of a Deployment without its status and without metadata that only the server sets.

    The annotation of ``kubectl apply`` stays, because the user may need it.
    """
    stripped = {key: copy.deepcopy(value) for key, value in template.items() if key != "status"}
    if not isinstance(template.get("metadata"), dict):
        return stripped
    metadata = {key: value for key, value in stripped["metadata"].items() if key not in SERVER_METADATA}
    if isinstance(metadata.get("annotations"), dict) and REVISION_ANNOTATION in metadata["annotations"]:
        annotations = {key: value for key, value in metadata.pop("annotations").items() if key != REVISION_ANNOTATION}
        metadata.update({"annotations": annotations} if annotations else {})
    return dict(stripped, metadata=metadata)


def normalize_deployment(actual: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return an existing Deployment in the form that an update sends, without fields that only the server sets.

    Typed servers omit kind and apiVersion of an object inside another object. This function adds them again.
    """
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {}, **strip_server_fields(actual)}
