# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of empty fields that Kubernetes omits (omitempty)."""

from __future__ import annotations

import typing as t

# The keys of these maps are chosen by the user and are not fields.
USER_MAPS = frozenset(("labels", "annotations", "matchLabels", "nodeSelector", "limits", "requests"))
# Fields that are pointers in the API types, or have no omitempty, keep an empty value.
KEPT_TEXTS = frozenset(("storageClassName", "service"))
DROPPED_FLAGS = frozenset(("hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly", "paused"))
DROPPED_ZEROS = frozenset(("initialDelaySeconds", "minReadySeconds", "hostPort"))


def prune(value: t.Any) -> t.Any:
    """Return a copy without the fields that Kubernetes omits."""
    if isinstance(value, dict):
        return {key: _entry(key, entry) for key, entry in value.items() if not _is_omitted(key, entry, value)}
    if isinstance(value, list):
        return [prune(entry) for entry in value]
    return value


def _entry(key: str, entry: t.Any) -> t.Any:
    return dict(entry) if key in USER_MAPS and isinstance(entry, dict) else prune(entry)


def _is_omitted(key: str, entry: t.Any, owner: t.Mapping[str, t.Any]) -> bool:
    if entry is None:
        # The creation time in the metadata of a pod template is the only null value that Kubernetes writes.
        return key != "creationTimestamp"
    if isinstance(entry, (dict, list)):
        return not entry and (isinstance(entry, list) or key in USER_MAPS)
    return _empty_scalar(key, entry, owner)


def _empty_scalar(key: str, entry: t.Any, owner: t.Mapping[str, t.Any]) -> bool:
    if isinstance(entry, bool):
        return not entry and key in DROPPED_FLAGS
    if isinstance(entry, int):
        return entry == 0 and key in DROPPED_ZEROS
    host_path_type = key == "type" and "path" in owner
    return entry == "" and key not in KEPT_TEXTS and not host_path_type
