# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that are easy to find again, and looking for them in every spelling."""

from __future__ import annotations

import base64
import html
import importlib
import json
import re
import typing as t
import urllib.parse
from pathlib import Path

from harness import COLLECTION, ROOT

# Every spelling of these is another one. A header has to be able to carry those that travel in one.
SECRETS: dict[str, str] = {
    "secret_key": "canary/secret+key=\"1\"&<2>'3'%-0123456789",
    "security_token": "canary/security+token=<4>&5%-0123456789==",
    "password": "canary/pass\\word\"6\"&<7>é'%-0123456789",
    "auth_token": "MIIcanary/auth+token=&8%-0123456789==",
    "proxy_password": "canary-proxy!pass*word'(9)-0123456789",
    "private_key": "canaryPrivateKeyABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
}
# Values in the environment of a template: no option of ours, but not for messages and reports.
OF_TEMPLATE = "canary/env+of-a=template\"10\"-0123456789"


def secret_options() -> dict[str, set[str]]:
    """The options that argument specs call secret, at any depth, by module."""
    names = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    specs = {name: importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{name}").TASK.arguments.argument_spec for name in names}
    return {name: set(_secret(spec)) for name, spec in specs.items()}


def _secret(spec: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for name, option in spec.items():
        if option.get("no_log"):
            yield name
        yield from _secret(option.get("options") or {})


def spellings(secret: str) -> dict[str, str]:
    """What it looks like, by the name of the encoding."""
    raw = secret.encode("utf-8")
    found = {
        "as it is": secret,
        "JSON": json.dumps(secret)[1:-1],
        "JSON, not only ASCII": json.dumps(secret, ensure_ascii=False)[1:-1],
        "JSON of Go": _escaped(json.dumps(secret, ensure_ascii=False)[1:-1], "&<>"),
        "JSON of Java": _escaped(json.dumps(secret, ensure_ascii=False)[1:-1], "&<>='"),
        "JSON of PHP": json.dumps(secret)[1:-1].replace("/", "\\/"),
        "JSON in JSON": json.dumps(json.dumps(secret))[3:-3],
        "JSON of Go in JSON": json.dumps(_escaped(json.dumps(secret, ensure_ascii=False)[1:-1], "&<>"))[1:-1],
        "URL": urllib.parse.quote(secret, safe=""),
        "path of a URL": urllib.parse.quote(secret),
        "form": urllib.parse.quote_plus(secret),
        "URL in lower case": _lowered(urllib.parse.quote(secret, safe="")),
        "path of a URL in lower case": _lowered(urllib.parse.quote(secret)),
        "HTML": html.escape(secret),
        "HTML of Go": html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        "XML": html.escape(secret).replace("&#x27;", "&apos;"),
        "Python": repr(secret)[1:-1],
        "YAML": secret.replace("'", "''"),
        "hexadecimal": raw.hex(),
        "hexadecimal in capitals": raw.hex().upper(),
        "backwards": secret[::-1],
    }
    for shift in range(3):
        # Without the characters that what stands before and after has a part in.
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found[f"base64, {shift}"] = encoded
        found[f"base64 of URLs, {shift}"] = encoded.replace("+", "-").replace("/", "_")
    return found


def _escaped(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _lowered(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match.group().lower(), text)


def found_in(text: str, secrets: t.Mapping[str, str]) -> list[str]:
    """Which secrets stand in ``text``, and how."""
    return [f"{name}, {how}" for name, secret in secrets.items() for how, spelled in spellings(secret).items() if spelled in text]


def found_below(folder: Path, secrets: t.Mapping[str, str], inputs: t.Collection[str] = ()) -> dict[str, list[str]]:
    """The files below ``folder`` with a secret in their name or content; ``inputs`` are names of files it was put into."""
    leaks: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        content = path.read_bytes().decode("utf-8", "replace") if path.is_file() and path.name not in inputs else ""
        leaked = found_in(f"{name}\n{content}", secrets)
        if leaked:
            leaks[name] = leaked
    return leaks
