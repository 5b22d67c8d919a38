# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Decide whether single values of two Deployments are equal to Kubernetes: defaults, empty values, quantities and numbers."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    DEFAULTS,
    FREE_MAPS,
    INT_OR_STRING,
    MEANINGFUL_ZEROS,
    SERVER_ANNOTATIONS,
    SERVER_METADATA,
    SIDECAR_STATUS_ANNOTATION,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import FieldPath, Keys
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.last_applied import Removed
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import parse_quantity
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.sidecar import is_status


def is_unspecified(desired: t.Any, actual: t.Any, path: FieldPath) -> bool:
    """Return whether the user leaves a field to the server, or the field is bookkeeping of the server.

    A null value leaves a field to the server.
    """
    if desired is None or path.keys == ("status",):
        return True
    if path.keys == ("metadata", "namespace") and desired == "":
        return True
    if path.parent == "annotations" and path.last == SIDECAR_STATUS_ANNOTATION:
        # An injector replaces its annotation. Injectors do not write text of another form.
        return isinstance(desired, Removed) or is_status(desired) or is_status(actual)
    return (path.parent == "metadata" and path.last in SERVER_METADATA) or (
        path.parent == "annotations" and path.last in SERVER_ANNOTATIONS
    )


def equals_by_default(desired: t.Any, actual: t.Any, path: FieldPath) -> bool:
    """Return whether one value is empty and the other one is empty, too, or the default of the server."""
    # A boolean is never a default, but Python treats true and 1 as equal.
    defaults = () if isinstance(desired if actual is None else actual, bool) else get_defaults(path)
    if actual is not None:
        return actual in defaults and is_empty(desired, path.keys)
    # Typed servers omit kind and apiVersion of an object inside another object.
    return path.keys in (("kind",), ("apiVersion",)) or is_empty(desired, path.keys) or [desired] == list(defaults)


def equals_as_scalar(desired: t.Any, actual: t.Any, path: FieldPath) -> bool:
    """Return whether both values are scalars that mean the same to Kubernetes."""
    if isinstance(desired, (dict, list)) or isinstance(actual, (dict, list)) or actual is None:
        return False
    if path.last == "value" and "env" in path.keys:
        return _to_variable_text(desired) == _to_variable_text(actual)
    if _is_quantity(path.keys):
        numbers = parse_quantity(desired), parse_quantity(actual)
        if None not in numbers:
            return numbers[0] == numbers[1]
    if isinstance(desired, bool) or isinstance(actual, bool):
        return desired is actual
    if path.last in INT_OR_STRING:
        return str(desired) == str(actual)
    return bool(desired == actual)


def get_defaults(path: FieldPath) -> tuple[t.Any, ...]:
    """Return the values that the server may set if a field is missing."""
    if path.parent in FREE_MAPS:
        return ()
    return DEFAULTS.get(path.last) or DEFAULTS.get(f"{path.parent}.{path.last}") or ()


def is_empty(value: t.Any, keys: Keys) -> bool:
    """Return whether the server treats ``value`` like a missing field."""
    if value is None or isinstance(value, Removed):
        return True
    if keys[-1] in MEANINGFUL_ZEROS or (len(keys) > 1 and keys[-2] in FREE_MAPS):
        return False
    if isinstance(value, dict):
        return all(is_empty(entry, keys + (key,)) for key, entry in value.items())
    return value in ("", 0, []) and not (keys[-1] == "value" and "env" in keys and value == 0)


def _to_variable_text(value: t.Any) -> str:
    # Variables are text. A number or boolean of YAML counts as the text that YAML shows.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_quantity(keys: Keys) -> bool:
    if len(keys) > 2 and keys[-2] in ("limits", "requests") and keys[-3] == "resources":
        return True
    return keys[-2:] in (("emptyDir", "sizeLimit"), ("resourceFieldRef", "divisor")) or keys[-2:-1] == ("overhead",)
