# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The filters of the ``_info`` modules."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    MESH,
    ArgumentSpec,
    check_mesh,
    compile_regex,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case

ResultType = t.TypeVar("ResultType", bound=t.Mapping[str, object])

IDENTITY = ArgumentSpec(argument_spec={"id": {"type": "str"}, "name": {"type": "str"}, "name_regex": {"type": "str"}})


def filters(*names: str) -> ArgumentSpec:
    """Return the filter options of an ``_info`` module: the identity, and one option for each field."""
    return IDENTITY.merge(ArgumentSpec(argument_spec={name: {"type": "str"} for name in names}))


def check_filters(params: Params) -> None:
    """Raise OptionError for an invalid pattern, an empty filter, and an ambiguous mesh. Send nothing."""
    if "mesh_id" in params:
        check_mesh(params)
    for name, value in params.items():
        # Without this error, an empty filter would return all objects.
        if value == "" and name not in CONNECTION.argument_spec and name not in MESH.argument_spec:
            raise OptionError(f"Invalid options: {name} is empty. Omit it to get all.")
    compile_regex(params.get("name_regex") or "", "Invalid options: name_regex")


def apply_filters(
    results: t.Iterable[ResultType],
    params: Params,
    *,
    exact: t.Mapping[str, str],
    words: t.Mapping[str, str] | None = None,
) -> list[ResultType]:
    """Return the results that match all filters that are set.

    ``exact`` maps a filter to the path of the field that must equal it (``status.phase``). ``words`` does the same and ignores case.
    ``name_regex`` may match anywhere in the name.
    """
    pattern = re.compile(params.get("name_regex") or "")
    tests: list[tuple[str, str, t.Callable[[t.Any, str], bool]]] = [
        (path, params[name], _equal) for name, path in exact.items() if params.get(name)
    ]
    tests += [(path, params[name], equals_ignore_case) for name, path in (words or {}).items() if params.get(name)]
    return [
        result
        for result in results
        if pattern.search(str(result["name"]))
        and all(test(_at(result, path), desired) for path, desired, test in tests)
    ]


def _equal(actual: object, desired: str) -> bool:
    return desired in actual if isinstance(actual, list) else actual == desired


def _at(result: t.Mapping[str, object], path: str) -> object:
    value: t.Any = result
    for part in path.split("."):
        value = value[part]
    return value
