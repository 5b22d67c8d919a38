# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Describe differences between Deployments: their paths, their values, and the text that messages show."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import FREE_MAPS, POD
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.last_applied import strip_marks
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import (
    PRIVATE_KEYS,
    join_path,
    shorten,
)

Keys = tuple[str, ...]

# These stand for elements in the keys of a path: for one found by its merge key, and for one found by its position.
KEYED = "*"
ORDERED = "#"
# Lists of Kubernetes are not nested deeper. Deeper ones are compared in order, so that the time remains bounded.
_MAX_UNORDERED_DEPTH = 4
_IMAGES = frozenset(POD + (name, KEYED, "image") for name in ("containers", "initContainers"))


@dataclass(frozen=True)
class Difference:
    """One difference: its path, the desired value and the actual value (``None``: missing).

    ``image``: the value is the image of an existing container, the only field that can be updated. ``private``: the
    value may be secret; format_difference does not show it, and no repr shows any value. ``order``: both values are the
    same elements of a list, or their names, in different orders.
    """

    path: str
    desired: t.Any = field(repr=False)
    actual: t.Any = field(repr=False)
    image: bool = False
    private: bool = field(default=False, repr=False)
    order: bool = False


@dataclass(frozen=True)
class FieldPath:
    """The path of a field: ``keys`` in the schema, with marks for elements, and ``text`` for messages."""

    keys: Keys = ()
    text: str = ""

    def child(self, key: str) -> FieldPath:
        return FieldPath(self.keys + (key,), join_path(self.text, key))

    def element(self, label: str | int, mark: str) -> FieldPath:
        return FieldPath(self.keys + (mark,), f"{self.text}[{label}]")

    @property
    def last(self) -> str:
        return self.keys[-1] if self.keys else ""

    @property
    def parent(self) -> str:
        return self.keys[-2] if len(self.keys) > 1 else ""

    def is_shallow(self) -> bool:
        """Return whether the elements of the list at this path may be matched in any order."""
        return self.keys.count(ORDERED) < _MAX_UNORDERED_DEPTH

    def difference(self, desired: t.Any, actual: t.Any) -> Difference:
        """Return a difference at this path."""
        image = self.keys in _IMAGES and isinstance(desired, str)
        return Difference(self.text, strip_marks(desired), actual, image, self._is_private())

    def _is_private(self) -> bool:
        """Return whether the value may be secret: environment variables, command lines, headers, and what contains them.

        The name of a variable and the reference to its source are not secret.
        """
        for index, key in enumerate(self.keys):
            if key in PRIVATE_KEYS and (not index or self.keys[index - 1] not in FREE_MAPS):
                below = self.keys[index + 1 :]
                return "valueFrom" not in below and below[-1:] != ("name",)
        return False


def has_only_image_changes(differences: t.Sequence[Difference]) -> bool:
    """Return whether there are differences and each is the image of an existing container."""
    return bool(differences) and all(difference.image for difference in differences)


def format_difference(difference: Difference) -> str:
    """Return one line, from the actual to the desired value: ``<path>: 'a' -> 'b'``.

    Values that may be secret are left out.
    """
    path, desired, actual = difference.path, difference.desired, difference.actual
    if difference.order:
        if difference.private:
            return f"{path}: another order (values not shown)"
        return f"{path}: order {_format_sequence(actual)} -> {_format_sequence(desired)}"
    if difference.private:
        verb = "is missing" if actual is None else "is not desired" if desired is None else "differs"
        return f"{path} {verb} (values not shown)"
    return f"{path}: {_format_value(actual)} -> {_format_value(desired)}"


def _format_value(value: t.Any) -> str:
    return "nothing" if value is None else shorten(value)


def _format_sequence(elements: t.Sequence[t.Any]) -> str:
    names = [element for element in elements if isinstance(element, str)]
    return shorten(elements) if len(names) < len(elements) else shorten(", ".join(names))[1:-1]
