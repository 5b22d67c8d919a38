# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Redact values for reports and results: plain data without anything that may be secret. Remembers what was redacted."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import typing as t
from collections.abc import Mapping, Sequence

from ansible.parsing import vault
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import (
    MIN_SECRET_LENGTH,
    is_setting_value,
    redact,
    redact_assumed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    FREE_MAPS,
    LAST_APPLIED_ANNOTATION,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import PRIVATE_KEYS, join_path

REDACTED = "(not shown)"
# In the place of a value that differs from the value before, where both are redacted.
REDACTED_CHANGED = "(not shown, changed)"

# The value of a key that is called so is as good as secret, unless the key says that it is the name of something.
_SECRET = re.compile(r"passw|secret|token|credential|(api|access|private|auth)[_-]?key", re.IGNORECASE)
_NAME_OF = re.compile(r"(name|names|ref|refs|path)$", re.IGNORECASE)
# What Kubernetes keeps beside the name of a Secret or the path of a token.
_SAFE_KEYS = frozenset(("audience", "defaultMode", "expirationSeconds"))
# Lists of names with values; the names may be shown.
_NAMED_VALUES = frozenset(("env", "httpHeaders"))
# Anything else in the place of such a name may be a name with its value.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")
# Where Kubernetes takes the value of a variable from: each source only names a place, with these keys and no others.
_SOURCES = {
    "configMapKeyRef": ("key", "name", "optional"),
    "fieldRef": ("apiVersion", "fieldPath"),
    "fileKeyRef": ("key", "optional", "path", "volumeName"),
    "resourceFieldRef": ("containerName", "divisor", "resource"),
    "secretKeyRef": ("key", "name", "optional"),
}
# What is found in another form, or under another name, than it is declared.
_OTHER_FORM = frozenset(("grants", "quotas"))
_OTHER_NAMES = {"new_name": "name"}
# Errors that quote values of the desired or the actual state, also in part or in another form.
_QUOTING = ("drift", "lint", "options", "bad_request")
# Messages cut long values. This many characters of one are enough to recognize it.
_RECOGNIZED = 16
# Enough to make guessing a password from the digest slow, and little beside what one request takes.
_ROUNDS = 10_000


class Redactor:
    """Takes secrets out of one thing's values. What is called a secret, or was in a vault, is hidden wherever it comes again."""

    def __init__(self, other: Redactor | None = None, before: Redactor | None = None, *, redacts: bool = True) -> None:
        """Take over what ``other`` has found to be secret, and the fields in which it has found vaulted values.

        With ``before``, which has redacted the state before a change, redacted values that differ from the value there are marked as changed.
        Without ``redacts``, nothing is redacted: neither here nor by a veil that takes over from this one.
        """
        self._redacts: bool = other._redacts if other else redacts
        self._hidden: dict[str, str] = {}
        self._secrets: set[str] = set(other._secrets) if other else set()
        # Values of a vault, and what was found in their places.
        self._vault_values: set[str] = set(other._vault_values) if other else set()
        self._vaulted: set[str] = set()
        self._to_hide: frozenset[str] = frozenset(other._vaulted | other._to_hide) if other else frozenset()
        self._before = before

    def plain(self, value: t.Any) -> t.Any:
        """A plain copy of ``value`` without secrets."""
        return self._plain(value, "", "", "") if self._redacts else plain(value)

    def field(self, path: str, value: t.Any) -> t.Any:
        """The same for the value of one field, whose name may say that it is secret."""
        keys = [key for key in re.split(r"[.\[\]]+", path) if key]
        above, key = ["", "", *keys][-2:]
        return self._plain(value, path, key, above) if self._redacts else plain(value)

    def text(self, text: str, error_kind: str = "drift") -> str:
        """Return a message without secrets. Only the message is left out that may quote a vaulted value in part or in another form."""
        fields = self._to_hide | self._vaulted
        shown = redact_assumed(redact(text, self._vault_values, REDACTED), self._secrets, REDACTED)
        if text and fields and (error_kind in _QUOTING or self._may_quote(shown)):
            return f"{REDACTED}, since it may repeat a value of the vault: {', '.join(sorted(fields))}"
        return shown

    def strings(self, value: t.Any) -> t.Any:
        """Return a plain copy of ``value`` without the secrets that are known, whatever the keys are named."""
        value = plain(value)
        if isinstance(value, dict):
            return {key: self.strings(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.strings(entry) for entry in value]
        return self.text(value, "") if isinstance(value, str) else value

    def absorb(self, other: Redactor) -> None:
        """Treat what ``other`` has found to be secret as secret from now on."""
        self._secrets |= other._secrets
        self._vault_values |= other._vault_values
        self._to_hide |= other._vaulted | other._to_hide

    def _may_quote(self, text: str) -> bool:
        """Whether a message has a vaulted value that is too short to be replaced, or the beginning of a long one."""
        return any(
            value[:_RECOGNIZED] in text
            for value in self._vault_values
            if value and not MIN_SECRET_LENGTH <= len(value) <= _RECOGNIZED
        )

    def digest(self, salt: str) -> str | None:
        """A fingerprint of all that was hidden until now, which shows that something moved and not what it is."""
        return _fingerprint(json.dumps(self._hidden, sort_keys=True), salt) if self._hidden else None

    def _plain(self, value: t.Any, path: str, key: str, above: str) -> t.Any:
        if _is_vaulted(value):
            self._vaulted.update(filter(None, [_spot(path)]))
            return self._hide(value, path, True)
        is_secret = self._is_to_be_hidden(path) or _is_secret(key, value, above)
        if is_secret or _is_private(key, above) and not _is_list(value):
            return self._hide(value, path, is_secret)
        if key == "template" and isinstance(value, str):
            return self._template(value, path, above)
        if isinstance(value, Mapping):
            return {
                str(name): self._plain(entry, join_path(path, str(name)), str(name), key)
                for name, entry in value.items()
            }
        if _is_list(value):
            return [self._element(entry, join_path(path, index), key, above) for index, entry in enumerate(value)]
        return self._scalar(value, path)

    def _is_to_be_hidden(self, path: str) -> bool:
        if not self._to_hide:
            return False
        keys = _spot(path).split(".")
        return any(".".join(keys[:count]) in self._to_hide for count in range(1, len(keys) + 1))

    def _template(self, text: str, path: str, above: str) -> t.Any:
        try:
            return self._plain(parse_template(text, "template"), path, "template", above)
        except HuaweiCloudError:
            # Nobody knows what is in it.
            return self._hide(text, path)

    def _element(self, entry: t.Any, path: str, key: str, above: str) -> t.Any:
        if not _is_private(key, above):
            # What stands in a list is not called as the list is.
            return self._plain(entry, path, "", key)
        if key in _NAMED_VALUES and isinstance(entry, Mapping):
            return {str(name): self._part(entry, str(name), join_path(path, str(name))) for name in entry}
        return self._hide(entry, path)

    def _part(self, entry: Mapping[str, t.Any], key: str, path: str) -> t.Any:
        """One part of a variable or a header: what it is called, and where its value comes from, may be shown."""
        value = entry[key]
        if key == "name" and not _holds_more(value) and _PLAIN_NAME.fullmatch(str(value)):
            return self._plain(value, path, "", "")
        if key == "valueFrom" and isinstance(value, Mapping):
            return {
                str(name): self._source(str(name), source, join_path(path, str(name))) for name, source in value.items()
            }
        return self._hide(value, path, _is_secret(str(entry.get("name")), value))

    def _source(self, name: str, source: t.Any, path: str) -> t.Any:
        if not isinstance(source, Mapping):
            return self._hide(source, path)
        shown = [key for key in source if key in _SOURCES.get(name, ()) and not _holds_more(source[key])]
        places = {key: join_path(path, str(key)) for key in source}
        return {
            str(key): self._plain(source[key], place, "", "") if key in shown else self._hide(source[key], place)
            for key, place in places.items()
        }

    def _scalar(self, value: t.Any, path: str) -> t.Any:
        value = plain(value)
        is_known = isinstance(value, str) and (value in self._secrets or value in self._vault_values)
        return self._hide(value, path) if is_known else value

    def _hide(self, value: t.Any, path: str, is_secret: bool = False) -> str | None:
        if value is None:
            return None
        # A user who keeps a value in a vault knows that it is a secret. Of other values only the name is known.
        is_setting = not _is_vaulted(value) and is_setting_value(str(value))
        self._vault_values.update(_texts(value, self._is_to_be_hidden(path)))
        value = plain(value)
        text = self._hidden[path] = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        if is_secret and not is_setting and len(text) >= MIN_SECRET_LENGTH:
            self._secrets.add(text)
        is_changed = self._before is not None and self._before._hidden.get(path, text) != text
        return REDACTED_CHANGED if is_changed else REDACTED


def _texts(value: t.Any, is_vaulted: bool) -> t.Iterator[str]:
    """Return the texts in a value that come from a vault, or all of them if ``is_vaulted``."""
    if _holds_more(value):
        for entry in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(entry, is_vaulted)
    elif is_vaulted and isinstance(value, str) or _is_vaulted(value):
        yield str(plain(value))


def plain(value: t.Any) -> t.Any:
    """A copy of ``value`` of nothing but JSON's types, all of its text fit for a file."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    # What no encoding can write (half of a surrogate pair) becomes a question mark. Text of Ansible's has an encode of its own, which leaves it what it is.
    return str.encode(str(value), "utf-8", "replace").decode("utf-8")


def digest_of(value: t.Any) -> str:
    """The hash of plain data."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _is_secret(key: str, value: t.Any, above: str = "") -> bool:
    """Whether the value is secret by the name of its key, or by that of the mapping or list which it stands in."""
    if _holds_more(value) or isinstance(value, bool) or value is None or _NAME_OF.search(key):
        return False
    return (
        key == LAST_APPLIED_ANNOTATION
        or bool(_SECRET.search(key))
        or key not in _SAFE_KEYS
        and bool(_SECRET.search(above))
        and not _NAME_OF.search(above)
    )


def _spot(path: str) -> str:
    """Where a value stands, whether it is declared or found: without its places in lists, and of lists that are kept in another form the list."""
    spot = re.sub(r"\[[^\]]*\]", "", path)
    first = spot.partition(".")[0]
    return first if first in _OTHER_FORM else _OTHER_NAMES.get(spot, spot)


def _is_list(value: t.Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _holds_more(value: t.Any) -> bool:
    return isinstance(value, Mapping) or _is_list(value)


def _is_private(key: str, above: str) -> bool:
    return key in PRIVATE_KEYS and above not in FREE_MAPS


def _is_vaulted(value: t.Any) -> bool:
    """Whether the user keeps it in a vault: what a user hides is secret, whatever it is called."""
    helper = getattr(vault, "VaultHelper", None)
    if helper is None:
        return bool(getattr(value, "__ENCRYPTED__", False))
    return helper.get_ciphertext(value, with_tags=False) is not None


@functools.lru_cache(maxsize=4096)
def _fingerprint(text: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode("utf-8"), salt.encode("utf-8"), _ROUNDS).hex()[:32]
