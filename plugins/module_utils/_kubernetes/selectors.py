# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Evaluate label selectors as the API server does (Kubernetes documentation, "Labels and Selectors")."""

from __future__ import annotations

import typing as t

Labels = t.Mapping[str, t.Any]


def matches_selector(selector: t.Mapping[str, t.Any], labels: Labels) -> bool:
    """Return whether the labels match all of ``matchLabels`` and ``matchExpressions``. An empty selector matches everything.

    Raise ValueError for an unknown operator.
    """
    pairs = (selector.get("matchLabels") or {}).items()
    expressions = selector.get("matchExpressions") or []
    has_labels = all(name in labels and str(labels[name]) == str(value) for name, value in pairs)
    # Evaluate each expression, so that an unknown operator is always an error.
    return all([has_labels, *(_matches_expression(expression, labels) for expression in expressions)])


def _matches_expression(expression: t.Mapping[str, t.Any], labels: Labels) -> bool:
    name, operator = str(expression.get("key")), expression.get("operator")
    values = [str(value) for value in expression.get("values") or []]
    if operator == "In":
        return name in labels and str(labels[name]) in values
    if operator == "NotIn":
        return name not in labels or str(labels[name]) not in values
    if operator in ("Exists", "DoesNotExist"):
        return (name in labels) == (operator == "Exists")
    raise ValueError(f"the selector has the unknown operator '{operator}'")
