# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check a Deployment against the published schema of Kubernetes with the optional library ``kubernetes-validate``."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import API_VERSION, KIND
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import Finding
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import (
    join_path,
    shorten,
    type_name,
)


def check_schema(template: t.Any, path: str) -> list[Finding]:
    """Return the first violation of the schema of the newest Kubernetes version that the library knows.

    Return an empty list if the template is not a Deployment of apps/v1, or if the library or the schema is missing.
    """
    if not isinstance(template, dict) or (template.get("kind"), template.get("apiVersion")) != (KIND, API_VERSION):
        return []
    try:
        import kubernetes_validate
    except ImportError:
        return []
    try:
        kubernetes_validate.validate(template, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.ValidationError as error:
        message, fix = _EXPLANATIONS.get(error.validator, _explain_other)(error)
        return [Finding("schema", join_path(path, *error.absolute_path), message, fix)]
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError):
        # A library without the schema proves nothing about the template.
        return []
    return []


# The messages of the library quote the value, which may be secret, so these functions write other ones.


def _explain_unknown(error: t.Any) -> tuple[str, str]:
    unknown = sorted(set(error.instance) - set(error.schema.get("properties") or {}))
    names = ", ".join(shorten(name, 60) for name in unknown)
    return f"has keys that Kubernetes does not define: {names}", "Correct the spelling, or move them where they belong."


def _explain_required(error: t.Any) -> tuple[str, str]:
    missing = [name for name in error.validator_value if name not in error.instance]
    return f"lacks {', '.join(missing)}", "Add what is missing."


def _explain_type(error: t.Any) -> tuple[str, str]:
    return (
        f"is {type_name(error.instance)}, must be {_join_types(error.validator_value)}",
        "Write a value of that type.",
    )


def _explain_one_of(error: t.Any) -> tuple[str, str]:
    types = [name for schema in error.validator_value for name in _to_list(schema.get("type"))]
    return f"is {type_name(error.instance)}, must be {_join_types(types)}", "Write a value of that type."


def _explain_other(error: t.Any) -> tuple[str, str]:
    return f"does not meet the schema of Kubernetes ({error.validator})", "See the reference of this field."


def _join_types(names: t.Any) -> str:
    return " or ".join(dict.fromkeys(str(name) for name in _to_list(names) if name != "null")) or "of another type"


def _to_list(value: t.Any) -> list[t.Any]:
    return list(value) if isinstance(value, list) else [value] if value else []


_EXPLANATIONS: dict[str, t.Callable[[t.Any], tuple[str, str]]] = {
    "additionalProperties": _explain_unknown,
    "required": _explain_required,
    "type": _explain_type,
    "oneOf": _explain_one_of,
}
