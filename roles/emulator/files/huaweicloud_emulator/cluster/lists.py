# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of objects, with selectors and pages.

All pages of a list show the objects as they were at its first page.
"""

from __future__ import annotations

import base64
import binascii
import json
import typing as t

from huaweicloud_emulator.cluster import errors, objects, selectors
from huaweicloud_emulator.cluster.paths import Target
from huaweicloud_emulator.state import new_id

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Query = t.Mapping[str, str]

# As many lists can be continued. The API server forgets old ones, too.
MAX_LISTS = 1000


def list_objects(emulator: EmulatorState, target: Target, query: Query) -> Object:
    """Return a page of a list."""
    limit = _parse_limit(query.get("limit", ""))
    if query.get("continue"):
        revision, items = _continue_list(emulator, query["continue"])
    else:
        revision, items = str(objects.current_revision(emulator)), _select(emulator, target, query)
    page, remaining = (items[:limit], items[limit:]) if limit else (items, [])
    metadata: Object = {"resourceVersion": revision}
    if remaining:
        metadata["continue"] = _store_remaining(emulator, revision, remaining)
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            metadata["remainingItemCount"] = len(remaining)
    kind = f"{target.resource.kind}List"
    return {"kind": kind, "apiVersion": target.api_version, "metadata": metadata, "items": page}


def _select(emulator: EmulatorState, target: Target, query: Query) -> list[Object]:
    """Return the objects that the selectors accept."""
    accepts_labels = selectors.parse_labels(query.get("labelSelector", ""))
    accepts_fields = selectors.parse_fields(query.get("fieldSelector", ""))
    return [
        _render_item(record, target)
        for record in objects.list_records(emulator, target.cluster, target.resource, target.namespace)
        if accepts_labels(record["object"]["metadata"].get("labels", {})) and accepts_fields(record["object"])
    ]


def _render_item(record: Object, target: Target) -> Object:
    """Return an item. Items of built-in lists have neither kind nor version."""
    if target.resource.custom:
        return objects.render(record, target.resource, target.version)
    return dict(record["object"])


def _parse_limit(text: str) -> int:
    if text and not text.isdecimal():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text or 0)


def _store_remaining(emulator: EmulatorState, revision: str, remaining: list[Object]) -> str:
    """Keep the remaining objects, and return the token that continues the list."""
    key = new_id()
    emulator.open_lists[key] = remaining
    while len(emulator.open_lists) > MAX_LISTS:
        del emulator.open_lists[next(iter(emulator.open_lists))]
    token = {"v": "meta.k8s.io/v1", "rv": int(revision), "start": key}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _continue_list(emulator: EmulatorState, text: str) -> tuple[str, list[Object]]:
    """Return the revision of a list and its remaining objects."""
    try:
        token = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        revision, key = str(token["rv"]), str(token["start"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise errors.bad_request("continue key is not valid") from None
    if emulator.behaviors["continue_token"] == "expired" or key not in emulator.open_lists:
        raise errors.expired()
    return revision, emulator.open_lists[key]
