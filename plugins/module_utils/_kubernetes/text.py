# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Format paths and values for messages."""

from __future__ import annotations

import datetime
import json
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import LAST_APPLIED_ANNOTATION

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_KEY = 80
_OMITTED = "<not shown>"
# Values below these keys are user data that may be secret: environment variables, command lines, headers of probes.
PRIVATE_KEYS = ("env", "httpHeaders", "command", "args")
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (tuple, "a list"),
    (dict, "a mapping"),
    (datetime.date, "a date"),
    (datetime.time, "a time"),
)


def join_path(path: str, *keys: t.Any) -> str:
    """Return the path of keys below ``path``: ``spec.replicas``, ``args[0]``, ``labels[app.kubernetes.io/name]``."""
    for key in keys:
        text = str(key)
        if len(text) > _LONGEST_KEY:
            text = text[: _LONGEST_KEY - 3] + "..."
        if isinstance(key, int) or not _PLAIN_KEY.fullmatch(text):
            path = f"{path}[{text}]"
        else:
            path = f"{path}.{text}" if path else text
    return path


def parse_path(text: str) -> tuple[str | int, ...]:
    """Return the keys of a path that ``join_path`` has made. A shortened key stays shortened."""
    parts = re.findall(r"\[([^\]]*)\]|([^.\[\]]+)", text)
    return tuple(int(index) if re.fullmatch(r"[0-9]+", index) else index or key for index, key in parts)


def type_name(value: t.Any) -> str:
    """Return the type of ``value`` in words, without its content."""
    if value is None:
        return "null"
    return next((words for kind, words in _KINDS if isinstance(value, kind)), f"of type {type(value).__name__}")


def shorten(value: t.Any, limit: int = 120) -> str:
    """Return ``value`` for a message, cut at ``limit`` characters: text in quotes, objects as JSON.

    Environment variables, command lines and headers in objects are left out.
    """
    if isinstance(value, (dict, list)):
        text = json.dumps(_hide_private(value), default=type_name, ensure_ascii=False)
    elif isinstance(value, str):
        text = repr(value[: limit + 1])
    else:
        text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _hide_private(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {str(key): _OMITTED if _is_private(key, entry) else _hide_private(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_hide_private(entry) for entry in value]
    return value


def _is_private(key: t.Any, entry: t.Any) -> bool:
    # A label may be called env, too. Its value is text, and environment variables are a list.
    return key == LAST_APPLIED_ANNOTATION or (key in PRIVATE_KEYS and not (key == "env" and isinstance(entry, str)))
