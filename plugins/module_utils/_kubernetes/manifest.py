# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Parse the template of a release: a Kubernetes object as a mapping, YAML text or JSON text, in bounded time and memory."""

from __future__ import annotations

import datetime
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.json_text import RepeatedKey
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.non_json_values import (
    describe_mark,
    mark_non_json_values,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.scalars import (
    QUOTE,
    fits_64_bits,
    to_json_number,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.template_text import (
    load_text,
    several_objects,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, type_name
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_limits import (
    HALF_SURROGATE,
    MAX_DEPTH,
    MAX_NODES,
    SURROGATE,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_reader import DUPLICATE_KEY

_LONGEST_PATH = 160


def parse_template(value: t.Any, path: str) -> dict[str, t.Any]:
    """Return one Kubernetes object as a deep copy of plain data.

    Plain data is text, numbers, booleans, null, lists and mappings with text keys. ``path`` is the path of the template in
    messages, which never contain content. Raise LintError for several documents or a List, OptionError for any other
    mistake, and LibraryError for YAML text without PyYAML.
    """
    is_text = isinstance(value, str)
    if is_text:
        # libyaml does not accept subclasses of str, and Ansible tags its text.
        value = load_text(str(value), path)
    elif not isinstance(value, dict):
        raise OptionError(f"{path} must be a mapping or YAML text, it is {type_name(value)}.")
    else:
        value = mark_non_json_values(value)
    plain = _Copier(marked=not is_text).copy_mapping(value, path, 1)
    if isinstance(plain.get("items"), list) and str(plain.get("kind", "List")).endswith("List"):
        raise several_objects(path, f"holds a list of {len(plain['items'])} objects, it must be one Deployment")
    return plain


class _Copier:
    """Copies plain data. Shared parts (YAML anchors) count as often as they are used."""

    def __init__(self, marked: bool) -> None:
        """Start with no copied values. ``marked``: the data may contain marks of mark_non_json_values."""
        self._nodes = 0
        self._marked = marked

    def copy_mapping(self, value: dict[t.Any, t.Any], path: str, depth: int) -> dict[str, t.Any]:
        self._count(path, depth)
        copy: dict[str, t.Any] = {}
        for key, entry in value.items():
            self._count(path, depth)
            name = self._copy_key(key, path)
            if name in copy:
                raise OptionError(f"{join_path(path, name)}: {DUPLICATE_KEY}.")
            copy[name] = self._copy_value(entry, join_path(path, name), depth + 1)
        return copy

    def _copy_key(self, key: t.Any, path: str) -> str:
        if isinstance(key, int) and not isinstance(key, bool) and fits_64_bits(key):
            return str(int(key))
        kind = describe_mark(key) if self._marked else None
        if kind or not isinstance(key, str):
            raise OptionError(f"{path} has a key that is {kind or type_name(key)}; keys must be text: {QUOTE}.")
        _check_surrogates(key, path)
        return str(key)

    def _copy_value(self, value: t.Any, path: str, depth: int) -> t.Any:
        if isinstance(value, dict):
            return self.copy_mapping(value, path, depth)
        if isinstance(value, list):
            self._count(path, depth)
            return [self._copy_value(entry, join_path(path, index), depth + 1) for index, entry in enumerate(value)]
        self._count(path, 1)
        kind = describe_mark(value) if self._marked else None
        if kind:
            raise OptionError(f"{path} is {kind}, it must be text: {QUOTE}.")
        return _copy_scalar(value, path)

    def _count(self, path: str, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise OptionError(
                f"{path}: the template has more than {MAX_NODES} values; a Deployment needs a few hundred."
            )
        if depth > MAX_DEPTH:
            raise OptionError(f"{path[:_LONGEST_PATH]}...: the template is nested more than {MAX_DEPTH} levels deep.")


def _check_surrogates(text: str, path: str) -> None:
    if SURROGATE.search(text):
        raise OptionError(f"{path}: {HALF_SURROGATE}.")


def _copy_scalar(value: t.Any, path: str) -> t.Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        # mark_foreign_values leaves those that the server sets.
        return value.isoformat()
    # Ansible uses tagged subclasses. Turn them into the plain types.
    if isinstance(value, str):
        _check_surrogates(value, path)
        return str(value)
    if isinstance(value, int):
        if not fits_64_bits(value):
            raise OptionError(f"{path} is a number of more than 64 bits: {QUOTE}.")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise OptionError(f"{path} is not a finite number: {QUOTE}.")
        return to_json_number(float(value))
    if isinstance(value, RepeatedKey):
        raise OptionError(f"{path}: {DUPLICATE_KEY}.")
    raise OptionError(
        f"{path} is {type_name(value)}; a template holds text, numbers, booleans, null, lists and mappings only."
    )
