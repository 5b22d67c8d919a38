# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that are easy to find again, and looking for them in every spelling."""

from __future__ import annotations

import base64
import functools
import importlib
import re
import typing as t
from pathlib import Path

from harness import COLLECTION, CONTROLLER_ONLY, ROOT

# Every spelling of these is another one. A header has to be able to carry those that travel in one.
SECRETS: dict[str, str] = {
    "secret_key": "canary/secret+key=\"1\"&<2>'3'%-0123456789",
    "security_token": "canary/security+token=<4>&5%-0123456789==",
    "password": 'canary/pass\\word"6"&<7>é\'%-0123456789',
    "auth_token": "MIIcanary/auth+token=&8%-0123456789==",
    "proxy_password": "canary-proxy!pass*word'(9)-0123456789",
    "private_key": "canaryPrivateKeyABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
}
# Values in the environment of a template: no option of ours, but not for messages and reports.
OF_TEMPLATE = 'canary/env+of-a=template"10"-0123456789'


def secret_options() -> dict[str, set[str]]:
    """Return the secret options of each module, on all levels."""
    names = sorted(
        path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in CONTROLLER_ONLY
    )
    specs = {
        name: importlib.import_module(
            f"ansible_collections.{COLLECTION}.plugins.modules.{name}"
        ).TASK.arguments.argument_spec
        for name in names
    }
    return {name: set(_secret(spec)) for name, spec in specs.items()}


def _secret(spec: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for name, option in spec.items():
        if option.get("no_log"):
            yield name
        yield from _secret(option.get("options") or {})


# The characters besides letters and digits that each variant of percent-encoding leaves unchanged.
PERCENT = {
    "Python's quote": "_.-~",
    "Python's quote of paths": "_.-~/",
    "JavaScript's encodeURIComponent": "-_.!~*'()",
    "JavaScript's encodeURI": "-_.!~*'();/?:@&=+$,#",
    "Java's URLEncoder": ".-*_",
    "Go's PathEscape": "-_.~$&+=:@",
    "PHP's urlencode": "-_.",
    "Go's paths": "-_.~$&+,/:;=@",
    "nothing": "",
}
# Characters that encoders write as \\uXXXX in JSON besides control characters. The backslash and the quote have short escapes unless they are
# listed. True means all characters beyond ASCII.
JSON: dict[str, tuple[str, bool]] = {
    "JavaScript": ("", False),
    "Python": ("", True),
    "Go": ("&<>", False),
    "Gson": ("&<>='", False),
    "PHP with JSON_HEX of all": ("<>'&\"", True),
    "PHP with JSON_HEX_TAG": ("<>", True),
    "System.Text.Json": ("<>'&\"+`", True),
    "Rails": ("<>&", False),
}


@functools.cache
def spellings(secret: str) -> dict[str, str]:
    """Return the encoded forms of a secret by encoding, independently of the redaction code."""
    raw = secret.encode("utf-8")
    found = {
        "unchanged": secret,
        "Python": repr(secret)[1:-1],
        "Python's bytes": repr(raw)[2:-1],
        "YAML": secret.replace("'", "''"),
    }
    found.update({"hexadecimal": raw.hex(), "hexadecimal in capitals": raw.hex().upper(), "backwards": secret[::-1]})
    for more in (_json(secret), _html(secret), _percent(secret), _base64(raw)):
        found.update(more)
    return _once(found)


def _once(spelled: t.Mapping[str, str]) -> dict[str, str]:
    """Without those that look like one before."""
    return {how: text for text, how in {text: how for how, text in reversed(spelled.items())}.items()}


def _json(secret: str) -> dict[str, str]:
    found = {}
    for name, (special, only_ascii) in JSON.items():
        for case in ("04x", "04X"):
            once = _in_json(secret, special, only_ascii, case)
            found[f"JSON of {name}, {case}"] = once
            found[f"JSON of {name}, {case}, with slashes"] = once.replace("/", "\\/")
    plain, escaped = _in_json(secret, "", True, "04x"), _in_json(secret, JSON["Go"][0], False, "04x")
    for depth in (2, 3):
        plain, escaped = _in_json(plain, "", True, "04x"), _in_json(escaped, "", True, "04x")
        found.update({f"JSON, {depth} levels": plain, f"JSON of Go, {depth} levels": escaped})
    return found


def _in_json(text: str, special: str, only_ascii: bool, case: str) -> str:
    """``text`` within a JSON text, without the quotes around it."""
    pieces = []
    for letter in text:
        if letter in special or ord(letter) < 32 or only_ascii and ord(letter) > 126:
            pieces.append(f"\\u{ord(letter):{case}}")
        else:
            pieces.append(f"\\{letter}" if letter in '"\\' else letter)
    return "".join(pieces)


def _html(secret: str) -> dict[str, str]:
    """Return HTML entities of the required characters in all notations, and of all characters except letters and digits."""
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    quotes = {
        "Python": ("&quot;", "&#x27;"),
        "PHP": ("&quot;", "&#039;"),
        "Go": ("&#34;", "&#39;"),
        "XML": ("&quot;", "&apos;"),
        "text": ('"', "'"),
    }
    found = {
        f"HTML of {name}": _mapped(secret, {**named, '"': one, "'": other}) for name, (one, other) in quotes.items()
    }
    numbers = {"decimal": "&#{:d};", "hexadecimal": "&#x{:x};", "hexadecimal, in capitals": "&#x{:X};"}
    for name, form in numbers.items():
        found[f"HTML of OWASP, {name}"] = "".join(
            letter if letter.isascii() and letter.isalnum() else form.format(ord(letter)) for letter in secret
        )
        found[f"HTML in numbers, {name}"] = _mapped(secret, {letter: form.format(ord(letter)) for letter in "&<>\"'"})
    return found


def _mapped(text: str, known: t.Mapping[str, str]) -> str:
    return "".join(known.get(letter, letter) for letter in text)


def _percent(secret: str) -> dict[str, str]:
    found = {}
    for name, kept in PERCENT.items():
        for case in ("02X", "02x"):
            letters = {
                byte: chr(byte) if chr(byte) in kept or byte < 128 and chr(byte).isalnum() else f"%{byte:{case}}"
                for byte in range(256)
            }
            found[f"URL, {name}, {case}"] = "".join(letters[byte] for byte in secret.encode("utf-8"))
    return found


def _base64(raw: bytes) -> dict[str, str]:
    """Wherever it begins among other bytes, without the characters that what stands before and after has a part in."""
    found = {}
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found[f"{BASE64}, {shift}"] = encoded
        found[f"{BASE64} of URLs, {shift}"] = encoded.replace("+", "-").replace("/", "_")
    return found


def whole_spellings(secret: str) -> dict[str, str]:
    """Return the texts that encode the secret, with base64 of longer texts at each offset, also in lines."""
    raw = secret.encode("utf-8")
    found = {how: spelled for how, spelled in spellings(secret).items() if not how.startswith(BASE64)}
    for shift in range(3):
        found[f"{BASE64}, {shift}"] = base64.b64encode(b"user:"[:shift] + raw).decode("ascii")
    for name, width, end in (("MIME", 76, "\r\n"), ("PEM", 64, "\n"), ("Python", 76, "\n")):
        for before in (0, 49, 50):
            encoded = base64.b64encode(b"u" * before + raw + b"and more").decode("ascii")
            found[f"{BASE64} of {name}, after {before}"] = end.join(
                encoded[start : start + width] for start in range(0, len(encoded), width)
            )
    return _once(found)


BASE64 = "base64"
# Line ends, literally or escaped at any depth.
_ENDS = re.compile(r"\s|\\+[rn]|&#1[03];|%0[aAdD]")


def found_in(text: str, secrets: t.Mapping[str, str]) -> list[str]:
    """Return the secrets that ``text`` contains, with their encoding. Base64 can be wrapped."""
    unwrapped = _ENDS.sub("", text)
    known = [(name, how, spelled) for name, secret in secrets.items() for how, spelled in spellings(secret).items()]
    return [
        f"{name}, {how}"
        for name, how, spelled in known
        if spelled in text or how.startswith(BASE64) and spelled in unwrapped
    ]


def found_below(directory: Path, secrets: t.Mapping[str, str], inputs: t.Collection[str] = ()) -> dict[str, list[str]]:
    """Return the files below ``directory`` with a secret in name or content, except ``inputs``, which contain secrets by design."""
    leaks: dict[str, list[str]] = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        content = path.read_bytes().decode("utf-8", "replace") if path.is_file() and path.name not in inputs else ""
        leaked = found_in(f"{name}\n{content}", secrets)
        if leaked:
            leaks[name] = leaked
    return leaks
