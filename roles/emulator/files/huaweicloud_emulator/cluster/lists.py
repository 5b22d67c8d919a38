# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of objects, with selectors and pages."""

from __future__ import annotations

import base64
import binascii
import json
import typing as t

from huaweicloud_emulator.cluster import errors, objects, selectors
from huaweicloud_emulator.cluster.paths import Target

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Query = t.Mapping[str, str]


def list_objects(emulator: EmulatorState, target: Target, query: Query) -> Object:
    """Return a page of a list."""
    accepts_labels = selectors.parse_labels(query.get("labelSelector", ""))
    accepts_fields = selectors.parse_fields(query.get("fieldSelector", ""))
    records = [
        record
        for record in objects.list_records(emulator, target.cluster, target.resource, target.namespace)
        if accepts_labels(record["object"]["metadata"].get("labels", {})) and accepts_fields(record["object"])
    ]
    start = _parse_continue(emulator, query.get("continue", ""))
    remaining = [record for record in records if (record["namespace"], record["name"]) > start]
    limit = _parse_limit(query.get("limit", ""))
    page = remaining[:limit] if limit else remaining
    metadata: Object = {"resourceVersion": str(objects.current_revision(emulator))}
    if len(page) < len(remaining):
        metadata["continue"] = _build_continue(metadata["resourceVersion"], page[-1])
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            metadata["remainingItemCount"] = len(remaining) - len(page)
    return {
        "kind": f"{target.resource.kind}List",
        "apiVersion": target.api_version,
        "metadata": metadata,
        "items": [_render_item(record, target) for record in page],
    }


def _render_item(record: Object, target: Target) -> Object:
    """Return an item. Items of built-in lists have neither kind nor version."""
    if target.resource.custom:
        return objects.render(record, target.resource, target.version)
    return record["object"]


def _parse_limit(text: str) -> int:
    if text and not text.isdecimal():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text or 0)


def _build_continue(revision: str, last: Object) -> str:
    token = {"v": "meta.k8s.io/v1", "rv": int(revision), "start": [last["namespace"], last["name"]]}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _parse_continue(emulator: EmulatorState, text: str) -> tuple[str, str]:
    """Return namespace and name of the last object of the previous page."""
    if not text:
        return ("", "")
    if emulator.behaviors["continue_token"] == "expired":
        raise errors.expired()
    try:
        token = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        namespace, name = token["start"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise errors.bad_request("continue key is not valid") from None
    return (str(namespace), str(name))
