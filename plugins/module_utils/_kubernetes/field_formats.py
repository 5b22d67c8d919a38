# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check text in fields of a Deployment against the formats of Kubernetes: characters and lengths."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, shorten

_ALNUM = "[A-Za-z0-9]"
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME_PART = rf"{_ALNUM}(?:[-A-Za-z0-9_.]*{_ALNUM})?"
_PREFIX = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAME = re.compile(_NAME_PART)
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253


def is_address(value: str) -> bool:
    """Return whether Kubernetes accepts a text as an IP address: without a zone, and IPv4 without leading zeros."""
    try:
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


class _Format(t.NamedTuple):
    """A format of text: the pattern, the greatest length, the name in messages, and how to write it."""

    pattern: re.Pattern[str]
    longest: int
    name: str
    fix: str

    def accepts(self, value: str) -> bool:
        return len(value) <= self.longest and self.pattern.fullmatch(value) is not None


_ENDS = "with a letter or digit at both ends."
_FORMATS: dict[str, _Format] = {
    "label": _Format(
        re.compile(_LABEL),
        _LONGEST_LABEL,
        "a valid name",
        f"Use lower-case letters, digits and '-', at most {_LONGEST_LABEL}, {_ENDS}",
    ),
    "subdomain": _Format(
        _PREFIX,
        _LONGEST_SUBDOMAIN,
        "a valid name",
        f"Use lower-case letters, digits, '-' and '.', at most {_LONGEST_SUBDOMAIN}, {_ENDS}",
    ),
    "port-name": _Format(
        re.compile(rf"(?=[^a-z]*[a-z])(?!.*--){_LABEL}"),
        15,
        "a valid name of a port",
        f"Use lower-case letters, digits and single '-', at most 15, {_ENDS} Write a number without quotes.",
    ),
    # Kubernetes 1.32 and later accept more, but older clusters refuse it.
    "variable": _Format(
        re.compile(r"(?!\.\.|\.$)[-._A-Za-z][-._A-Za-z0-9]*"),
        10**6,
        "a valid name of an environment variable",
        "Use letters, digits, '_', '-' and '.', and do not begin with a digit.",
    ),
    "file-key": _Format(
        re.compile(r"(?!\.\.|\.$)[-._A-Za-z0-9]+"),
        _LONGEST_SUBDOMAIN,
        "a valid key",
        f"Use letters, digits, '-', '_' and '.', at most {_LONGEST_SUBDOMAIN}.",
    ),
    "label-value": _Format(
        re.compile(f"(?:{_NAME_PART})?"),
        _LONGEST_LABEL,
        "a valid label value",
        f"Use letters, digits, '-', '_' and '.', at most {_LONGEST_LABEL}, {_ENDS}",
    ),
    "relative-path": _Format(
        re.compile(r"(?!/)(?!(.*/)?\.\.(/|$)).+"),
        10**6,
        "a relative path",
        "Write a path that does not begin with '/' and does not contain '..'.",
    ),
    "percentage": _Format(
        re.compile("[0-9]+%"), 10**6, "a percentage", "Write a percentage such as 25%, or a number without quotes."
    ),
}
_KEY_FIX = (
    f"Use letters, digits, '-', '_' and '.', at most {_LONGEST_LABEL}, {_ENDS} "
    f"A domain of at most {_LONGEST_SUBDOMAIN} lower-case characters and '/' can precede it."
)


class FormatFindings(Findings):
    """Collects findings, including those of text in the wrong format."""

    def check_text(self, name: str, value: str, path: str) -> None:
        """Check text against a format. Messages do not show names of environment variables."""
        if name == "qualified-name":
            if not is_qualified_name(value):
                self.add("format", path, f"{shorten(value, 60)} is not a valid key", _KEY_FIX)
        elif name == "address":
            if not is_address(value):
                self.add("format", path, f"{shorten(value, 60)} is not an IP address", "Write it like 192.0.2.1.")
        elif not _FORMATS[name].accepts(value):
            subject = "the text" if name == "variable" else shorten(value, 60)
            self.add("format", path, f"{subject} is not {_FORMATS[name].name}", _FORMATS[name].fix)

    def check_key(self, key: str, path: str) -> None:
        """Check the key of a label, an annotation or a node selector in the mapping at ``path``."""
        if not is_qualified_name(key):
            self.add("format", join_path(path, key), "the key is not valid", _KEY_FIX)


def is_qualified_name(text: str) -> bool:
    """Return whether ``text`` is a valid key of a label: a name, optionally preceded by a domain and a slash."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (len(prefix) <= _LONGEST_SUBDOMAIN and _PREFIX.fullmatch(prefix)):
        return False
    return len(name) <= _LONGEST_LABEL and _NAME.fullmatch(name) is not None
