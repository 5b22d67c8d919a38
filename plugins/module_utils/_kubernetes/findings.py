# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Findings of the checks of a template, and a collector for them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, type_name

QUOTE_FIX = "Put it in quotes, as you wrote it."


@dataclass(frozen=True)
class Finding:
    """One mistake in a template: the ``id`` of the rule, the path, the mistake, and how to fix it."""

    id: str
    path: str
    message: str
    fix: str


@dataclass(frozen=True)
class Node:
    """A mapping in the template and its path. ``broken``: the value has another type, and a finding reports it."""

    value: dict[str, t.Any]
    path: str
    broken: bool = False


class Findings:
    """Collects findings. Its methods read values of any type and report those of the wrong type."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(self, rule: str, path: str, message: str, fix: str) -> None:
        self.found.append(Finding(rule, path, message, fix))

    def read_mapping(self, value: t.Any, path: str) -> Node:
        """Return ``value`` as a mapping; null is an empty one."""
        if value is None or isinstance(value, dict):
            return Node(value or {}, path)
        self.add("type", path, f"is {type_name(value)}, must be a mapping", "Write keys and values below it.")
        return Node({}, path, True)

    def read_child(self, parent: Node, key: str) -> Node:
        """Return the mapping at a key. It is broken if its parent is broken."""
        node = self.read_mapping(parent.value.get(key), join_path(parent.path, key))
        return Node({}, node.path, True) if parent.broken else node

    def read_list(self, parent: Node, key: str) -> list[t.Any]:
        """Return the list at a key; null is an empty one."""
        value = parent.value.get(key)
        if value is None or isinstance(value, list):
            return value or []
        path = join_path(parent.path, key)
        self.add("type", path, f"is {type_name(value)}, must be a list", "Write its elements with a dash each.")
        return []

    def read_elements(self, parent: Node, key: str) -> list[Node]:
        """Return the elements of the list at a key as mappings."""
        entries = self.read_list(parent, key)
        return [self.read_mapping(entry, join_path(parent.path, key, index)) for index, entry in enumerate(entries)]


def format_findings(findings: t.Iterable[Finding]) -> str:
    """Return one line for each finding: ``<path>: <message> (<id>). <fix>``."""
    return "\n".join(f"{finding.path}: {finding.message} ({finding.id}). {finding.fix}" for finding in findings)


def is_within(path: str, parent: str) -> bool:
    """Return whether a path is ``parent`` or below it."""
    return path == parent or (path.startswith(parent) and path[len(parent)] in ".[")
