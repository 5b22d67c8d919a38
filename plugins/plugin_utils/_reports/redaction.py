# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Redact values that can be secret, for reports and results."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import typing as t
from collections.abc import Mapping, Sequence

from ansible.parsing import vault
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.plan_hash import PBKDF2_ROUNDS
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import (
    is_setting_value,
    redact,
    redact_assumed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import MIN_SECRET_LENGTH
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    FREE_MAPS,
    LAST_APPLIED_ANNOTATION,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import PRIVATE_KEYS, join_path

REDACTED = "(not shown)"
# Replaces a value that has changed, if the value before the change is redacted as well.
REDACTED_CHANGED = "(not shown, changed)"

# Values of keys with these names are secrets, unless the key names something, such as secretName.
_SECRET_KEY = re.compile(r"passw|secret|token|credential|(api|access|private|auth)[_-]?key", re.IGNORECASE)
_NAME_KEY = re.compile(r"(name|names|ref|refs|path)$", re.IGNORECASE)
# Options of tasks that have such a key and are paths.
_PATH_OPTIONS = frozenset(("credentials_file", "token_cache"))
# Kubernetes has these keys beside the name of a Secret or the path of a token.
_SAFE_KEYS = frozenset(("audience", "defaultMode", "expirationSeconds"))
# Lists of names with values. The names are not redacted.
_NAMED_VALUES = frozenset(("env", "httpHeaders"))
# Any other text in place of a name may be a name with its value.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")
# The sources of environment variables in Kubernetes. With these keys, a source only refers to another object.
_SOURCE_KEYS = {
    "configMapKeyRef": ("key", "name", "optional"),
    "fieldRef": ("apiVersion", "fieldPath"),
    "fileKeyRef": ("key", "optional", "path", "volumeName"),
    "resourceFieldRef": ("containerName", "divisor", "resource"),
    "secretKeyRef": ("key", "name", "optional"),
}
# Fields that have another format, or another name, in the actual state than in the desired state.
_OTHER_FORMAT = frozenset(("grants", "quotas"))
_OTHER_NAMES = {"new_name": "name"}
# Errors of these kinds quote values of the desired or the actual state, also in part or in another format.
_QUOTING_ERRORS = ("drift", "lint", "options", "bad_request")
# Messages shorten long values. This number of characters identifies one.
_IDENTIFYING_LENGTH = 16


class Redactor:
    """Redact the values of one resource: values with secret-like keys and vaulted values, wherever they occur."""

    def __init__(self, other: Redactor | None = None, before: Redactor | None = None, *, redacts: bool = True) -> None:
        """Start with the secrets of another redactor.

        Arguments:
            other: A redactor whose secrets, and whose fields with vaulted values, are redacted here as well.
            before: The redactor of the state before a change. Redacted values that differ from it are marked as changed.
            redacts: Whether to redact at all. Applies to redactors that start with this one, too.
        """
        self._redacts: bool = other._redacts if other else redacts
        self._redacted_values: dict[str, str] = {}
        self._secrets: set[str] = set(other._secrets) if other else set()
        # Vaulted values, and the actual values of their fields.
        self._vault_values: set[str] = set(other._vault_values) if other else set()
        self._vaulted_fields: set[str] = set()
        self._vaulted_fields_of_others: frozenset[str] = (
            frozenset(other._vaulted_fields | other._vaulted_fields_of_others) if other else frozenset()
        )
        self._before = before

    def redact(self, value: t.Any) -> t.Any:
        """Return a plain copy of ``value`` without secrets."""
        return self._redact(value, "", "", "") if self._redacts else to_plain(value)

    def redact_field(self, path: str, value: t.Any) -> t.Any:
        """Return a plain copy of the value of one field without secrets. The name of the field can mark it as a secret."""
        keys = [key for key in re.split(r"[.\[\]]+", path) if key]
        parent_key, key = ["", "", *keys][-2:]
        return self._redact(value, path, key, parent_key) if self._redacts else to_plain(value)

    def redact_text(self, text: str, error_kind: str = "drift") -> str:
        """Return a message without secrets. Omit it entirely if it may quote a vaulted value in part or in another format."""
        fields = self._vaulted_fields_of_others | self._vaulted_fields
        redacted = redact_assumed(redact(text, self._vault_values, REDACTED), self._secrets, REDACTED)
        if text and fields and (error_kind in _QUOTING_ERRORS or self._may_quote(redacted)):
            return f"{REDACTED}, because it may contain a vaulted value: {', '.join(sorted(fields))}"
        return redacted

    def redact_strings(self, value: t.Any) -> t.Any:
        """Return a plain copy of ``value`` without known secrets. The names of keys do not matter."""
        value = to_plain(value)
        if isinstance(value, dict):
            return {key: self.redact_strings(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.redact_strings(entry) for entry in value]
        return self.redact_text(value, "") if isinstance(value, str) else value

    def add_secrets_of(self, other: Redactor) -> None:
        """Redact the secrets of another redactor as well."""
        self._secrets |= other._secrets
        self._vault_values |= other._vault_values
        self._vaulted_fields_of_others |= other._vaulted_fields | other._vaulted_fields_of_others

    def _may_quote(self, text: str) -> bool:
        """Return whether a message has a vaulted value that is too short to be replaced, or the start of a long one."""
        return any(
            value[:_IDENTIFYING_LENGTH] in text
            for value in self._vault_values
            if value and not MIN_SECRET_LENGTH <= len(value) <= _IDENTIFYING_LENGTH
        )

    def compute_digest(self, salt: str) -> str | None:
        """Return a digest of all values that were redacted so far. It shows that a value has changed, but not the value."""
        return (
            _compute_digest(json.dumps(self._redacted_values, sort_keys=True), salt) if self._redacted_values else None
        )

    def _redact(self, value: t.Any, path: str, key: str, parent_key: str) -> t.Any:
        if _is_vaulted(value):
            self._vaulted_fields.update(filter(None, [_find_field(path)]))
            return self._replace(value, path, True)
        is_secret = self._is_vaulted_field(path) or path not in _PATH_OPTIONS and _is_secret(key, value, parent_key)
        if is_secret or _is_private(key, parent_key) and not _is_list(value):
            return self._replace(value, path, is_secret)
        if key == "template" and isinstance(value, str):
            return self._redact_template(value, path, parent_key)
        if isinstance(value, Mapping):
            return {
                str(name): self._redact(entry, join_path(path, str(name)), str(name), key)
                for name, entry in value.items()
            }
        if _is_list(value):
            return [
                self._redact_element(entry, join_path(path, index), key, parent_key)
                for index, entry in enumerate(value)
            ]
        return self._redact_scalar(value, path)

    def _is_vaulted_field(self, path: str) -> bool:
        if not self._vaulted_fields_of_others:
            return False
        keys = _find_field(path).split(".")
        return any(".".join(keys[:count]) in self._vaulted_fields_of_others for count in range(1, len(keys) + 1))

    def _redact_template(self, text: str, path: str, parent_key: str) -> t.Any:
        try:
            return self._redact(parse_template(to_plain(text), "template"), path, "template", parent_key)
        except HuaweiCloudError:
            # Without its structure, any part of the text can be a secret.
            return self._replace(text, path)

    def _redact_element(self, entry: t.Any, path: str, key: str, parent_key: str) -> t.Any:
        if not _is_private(key, parent_key):
            # The name of a list does not apply to its elements.
            return self._redact(entry, path, "", key)
        if key in _NAMED_VALUES and isinstance(entry, Mapping):
            return {str(name): self._redact_entry(entry, str(name), join_path(path, str(name))) for name in entry}
        return self._replace(entry, path)

    def _redact_entry(self, entry: Mapping[str, t.Any], key: str, path: str) -> t.Any:
        """Redact one key of a variable or a header. Its name and the source of its value stay."""
        value = entry[key]
        if key == "name" and not _is_container(value) and _PLAIN_NAME.fullmatch(str(value)):
            return self._redact(value, path, "", "")
        if key == "valueFrom" and isinstance(value, Mapping):
            return {
                str(name): self._redact_source(str(name), source, join_path(path, str(name)))
                for name, source in value.items()
            }
        return self._replace(value, path, _is_secret(str(entry.get("name")), value))

    def _redact_source(self, name: str, source: t.Any, path: str) -> t.Any:
        if not isinstance(source, Mapping):
            return self._replace(source, path)
        kept = [key for key in source if key in _SOURCE_KEYS.get(name, ()) and not _is_container(source[key])]
        paths = {key: join_path(path, str(key)) for key in source}
        return {
            str(key): self._redact(source[key], source_path, "", "")
            if key in kept
            else self._replace(source[key], source_path)
            for key, source_path in paths.items()
        }

    def _redact_scalar(self, value: t.Any, path: str) -> t.Any:
        value = to_plain(value)
        is_known = isinstance(value, str) and (value in self._secrets or value in self._vault_values)
        return self._replace(value, path) if is_known else value

    def _replace(self, value: t.Any, path: str, is_secret: bool = False) -> str | None:
        if value is None:
            return None
        # A vaulted value is a secret for certain. Other values are only suspected because of their key.
        is_setting = not _is_vaulted(value) and is_setting_value(str(value))
        self._vault_values.update(_find_vaulted_texts(value, self._is_vaulted_field(path)))
        value = to_plain(value)
        text = self._redacted_values[path] = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        if is_secret and not is_setting and len(text) >= MIN_SECRET_LENGTH:
            self._secrets.add(text)
        is_changed = self._before is not None and self._before._redacted_values.get(path, text) != text
        return REDACTED_CHANGED if is_changed else REDACTED


def _find_vaulted_texts(value: t.Any, is_vaulted: bool) -> t.Iterator[str]:
    """Return the vaulted texts in a value, or all texts if ``is_vaulted``."""
    if _is_container(value):
        for entry in value.values() if isinstance(value, Mapping) else value:
            yield from _find_vaulted_texts(entry, is_vaulted)
    elif is_vaulted and isinstance(value, str) or _is_vaulted(value):
        yield str(to_plain(value))


def to_plain(value: t.Any) -> t.Any:
    """Return a copy of ``value`` that has only types of JSON, and text that can be encoded."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, Mapping):
        return {to_plain(str(key)): to_plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(entry) for entry in value]
    # Half of a surrogate pair becomes a question mark. The encode method of Ansible's own text types would keep the type.
    return str.encode(str(value), "utf-8", "replace").decode("utf-8")


def compute_digest(value: t.Any) -> str:
    """Return the hash of plain data."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _is_secret(key: str, value: t.Any, parent_key: str = "") -> bool:
    """Return whether the name of the key, or of the mapping or list around it, marks the value as a secret."""
    if _is_container(value) or isinstance(value, bool) or value is None or _NAME_KEY.search(key):
        return False
    return (
        key == LAST_APPLIED_ANNOTATION
        or bool(_SECRET_KEY.search(key))
        or key not in _SAFE_KEYS
        and bool(_SECRET_KEY.search(parent_key))
        and not _NAME_KEY.search(parent_key)
    )


def _find_field(path: str) -> str:
    """Return the field of a path, which is the same in the desired and the actual state: without indexes of lists."""
    field = re.sub(r"\[[^\]]*\]", "", path)
    first = field.partition(".")[0]
    return first if first in _OTHER_FORMAT else _OTHER_NAMES.get(field, field)


def _is_list(value: t.Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _is_container(value: t.Any) -> bool:
    return isinstance(value, Mapping) or _is_list(value)


def _is_private(key: str, parent_key: str) -> bool:
    return key in PRIVATE_KEYS and parent_key not in FREE_MAPS


def _is_vaulted(value: t.Any) -> bool:
    """Return whether the value is vaulted, so that it is a secret under any name."""
    helper = getattr(vault, "VaultHelper", None)
    if helper is None:
        return bool(getattr(value, "__ENCRYPTED__", False))
    return helper.get_ciphertext(value, with_tags=False) is not None


@functools.lru_cache(maxsize=4096)
def _compute_digest(text: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode("utf-8"), salt.encode("utf-8"), PBKDF2_ROUNDS).hex()[:32]
