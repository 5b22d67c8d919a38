# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Who we are: where credentials come from, and the AK/SK signature (``SDK-HMAC-SHA256``).

Nothing here opens a connection. Credentials are resolved as a set and from one source only; a key of the task with a
security token of the environment would be a 401 that nobody understands.

The signature follows the vendor's API Request Signing Guide and equals what the official Python library computes.
The three lines that are signed hold the algorithm, the date and the hash of the canonical request; the secret key is
the HMAC key as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

# ---------------------------------------------------------------------------------------------------------------------
# Sources of credentials

# Option -> environment variables, of which the first that is not empty wins.
CREDENTIAL_VARIABLES: dict[str, tuple[str, ...]] = {
    "access_key": ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY"),
    "secret_key": ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY"),
    "security_token": ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
    "auth_token": ("HW_AUTH_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN"),
    "username": ("HW_USER_NAME", "OS_USERNAME"),
    "password": ("HW_USER_PASSWORD", "OS_PASSWORD"),
    "domain_name": ("HW_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME"),
    "domain_id": ("HW_DOMAIN_ID", "HUAWEICLOUD_SDK_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_DOMAIN_ID"),
}

# What a person chose may begin or end in a blank; only a line end can not be meant.
_CHOSEN_BY_PEOPLE = ("username", "password", "domain_name")

_NO_CREDENTIALS = "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name"
_NO_CREDENTIALS_HINT = "Environment variables do as well, for example HW_ACCESS_KEY and HW_SECRET_KEY"
_TASK_HALF_HINT = "A set comes from one place: what the task begins is not completed from the environment"
_ENVIRONMENT_HALF_HINT = (
    "A set comes from one place: what the environment begins is not completed from the task options"
)


@dataclass(frozen=True)
class Credentials:
    """One complete set. Only the fields of its ``kind`` and the domain are filled. Hashable, so it can be part of a key."""

    kind: str  # token, aksk or password
    source: str  # task or environment
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    auth_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    domain_name: str | None = None
    domain_id: str | None = None

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown to anybody."""
        return tuple(value for value in (self.secret_key, self.security_token, self.auth_token, self.password) if value)


@dataclass(frozen=True)
class _Kind:
    """What belongs to one kind of credentials. The domain belongs to all of them and starts none."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    needs_domain: bool = False

    def started(self, values: t.Mapping[str, str]) -> tuple[str, ...]:
        return tuple(option for option in self.required + self.optional if option in values)

    def missing(self, values: t.Mapping[str, str]) -> tuple[str, ...]:
        missing = tuple(option for option in self.required if option not in values)
        if self.needs_domain and "domain_name" not in values and "domain_id" not in values:
            missing += ("domain_name",)
        return missing

    def take(self, values: t.Mapping[str, str], source: str) -> Credentials:
        options = self.required + self.optional + ("domain_name", "domain_id")
        return Credentials(self.name, source, **{option: values[option] for option in options if option in values})


# In the order in which they win within the environment.
_KINDS = (
    _Kind("token", ("auth_token",)),
    _Kind("aksk", ("access_key", "secret_key"), ("security_token",)),
    _Kind("password", ("username", "password"), needs_domain=True),
)


def resolve_credentials(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Credentials:
    """Find the credentials of a task.

    ``params`` are task options (module_defaults included), ``environ`` is the environment. The first source that has a
    complete set wins, the task before the environment; an empty string is "not set". Raises OptionError when there is no
    complete set, when the task has half a set, or when it has several.
    """
    task = _task_values(params)
    complete = _complete_kinds(task)
    if len(complete) > 1:
        raise OptionError(
            "More than one kind of credentials in the task options: "
            + "; ".join(" and ".join(kind.required) for kind in complete),
            hint="Keep one of them",
        )
    halves = _halves(task, {})
    if halves:
        raise OptionError(f"Incomplete credentials in the task options: {halves}", hint=_TASK_HALF_HINT)
    if complete:
        return complete[0].take(task, "task")
    return _from_environment(environ)


def _from_environment(environ: t.Mapping[str, str]) -> Credentials:
    found = {option: _first_variable(option, environ) for option in CREDENTIAL_VARIABLES}
    values = {option: pair[1] for option, pair in found.items() if pair}
    complete = _complete_kinds(values)
    if complete:
        return complete[0].take(values, "environment")
    names = {option: pair[0] for option, pair in found.items() if pair}
    halves = _halves(values, names)
    if halves:
        raise OptionError(f"Incomplete credentials in the environment: {halves}", hint=_ENVIRONMENT_HALF_HINT)
    raise OptionError(_NO_CREDENTIALS, hint=_NO_CREDENTIALS_HINT)


def _task_values(params: t.Mapping[str, t.Any]) -> dict[str, str]:
    cleaned = {option: _clean(option, params.get(option)) for option in CREDENTIAL_VARIABLES}
    return {option: value for option, value in cleaned.items() if value}


def _first_variable(option: str, environ: t.Mapping[str, str]) -> tuple[str, str] | None:
    """Name and value of the variable that gives ``option``, if one does."""
    for name in CREDENTIAL_VARIABLES[option]:
        value = _clean(option, environ.get(name))
        if value:
            return name, value
    return None


def _clean(option: str, value: t.Any) -> str:
    """Keys read from files and vaults tend to end in a line feed, which the signature would not survive."""
    if value is None:
        return ""
    return str(value).strip("\r\n") if option in _CHOSEN_BY_PEOPLE else str(value).strip()


def _complete_kinds(values: t.Mapping[str, str]) -> list[_Kind]:
    return [kind for kind in _KINDS if not kind.missing(values)]


def _halves(values: t.Mapping[str, str], variables: t.Mapping[str, str]) -> str:
    """Say for each half set what is there and what is not; an empty string if there is none.

    Names only, never values: those of ``variables`` (option -> variable that gave it), else those of the options.
    """
    texts = []
    for kind in _KINDS:
        started, missing = kind.started(values), kind.missing(values)
        if started and missing:
            there = [variables.get(option, option) for option in started]
            wanted = [_sibling(option, there[0]) for option in missing]
            if "domain_name" in missing:
                wanted[-1] += f" (or {_sibling('domain_id', there[0])})"
            texts.append(f"{' and '.join(there)} without {' and '.join(wanted)}")
    return "; ".join(texts)


def _sibling(option: str, name: str) -> str:
    """What ``option`` is called where something else is called ``name``, so that an OS_ user is told about OS_ names."""
    if name in CREDENTIAL_VARIABLES:
        return option
    family = name.split("_", 1)[0] + "_"
    return next(other for other in CREDENTIAL_VARIABLES[option] if other.startswith(family))


# ---------------------------------------------------------------------------------------------------------------------
# URLs in the form that is both signed and sent, so that order and encoding can not differ

_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(
    base: str, segments: t.Iterable[str], query: t.Mapping[str, t.Any] | t.Iterable[tuple[str, t.Any]] | None = None
) -> str:
    """Build the URL that goes on the wire.

    ``base`` is an endpoint, ``segments`` are the parts of the path as plain text, ``query`` is a mapping or pairs of plain
    values of which ``None`` is left out. Raises OptionError for a segment that the HTTP library would remove.
    """
    parts = [str(segment) for segment in segments]
    for part in parts:
        if part in ("", ".", ".."):
            raise OptionError(f"'{part}' can not be part of a request path")
    url = "/".join([base.rstrip("/")] + [_quote(part) for part in parts])
    text = canonical_query(_query_pairs(query))
    return f"{url}?{text}" if text else url


def canonical_query(query: str | t.Iterable[tuple[str, str]]) -> str:
    """Bring a query string, or decoded pairs, into the order and encoding that are signed."""
    if isinstance(query, str):
        # Unlike in a path, a plus sign in a query stands for a blank.
        query = parse_qsl(query, keep_blank_values=True)
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in sorted(query))


def host_header(url: str) -> str:
    """The ``Host`` that HTTP libraries send for ``url``: in lower case, IPv6 in brackets, without a default port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def _query_pairs(query: t.Mapping[str, t.Any] | t.Iterable[tuple[str, t.Any]] | None) -> list[tuple[str, str]]:
    pairs = query.items() if isinstance(query, t.Mapping) else query or ()
    return [
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in pairs
        if value is not None
    ]


def _quote(text: str) -> str:
    return quote(text, safe="")


# ---------------------------------------------------------------------------------------------------------------------
# Signature

ALGORITHM = "SDK-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"

# What a proxy or the HTTP library may touch (user-agent, accept, content-length) is left out.
SIGNED_NAMES = (
    "content-type",
    "host",
    "x-domain-id",
    "x-project-id",
    "x-sdk-content-sha256",
    "x-sdk-date",
    "x-security-token",
)


def sign(
    method: str,
    url: str,
    headers: t.Mapping[str, str],
    body: bytes | None,
    access_key: str,
    secret_key: str,
    when: datetime,
) -> dict[str, str]:
    """Return the headers that prove who sends a request: ``X-Sdk-Date`` and ``Authorization``.

    ``headers`` are those of the request, with a ``Host`` only if it is not the one of ``url``; an older signature among
    them is ignored, so that a retry can sign again. ``body`` must be the very bytes that are sent, ``when`` an aware time.
    """
    if when.tzinfo is None:
        raise ValueError("the time of a signature needs a time zone")
    date = when.astimezone(timezone.utc).strftime(DATE_FORMAT)
    lowered = {"host": host_header(url)}
    lowered.update((name.lower(), value) for name, value in headers.items())
    lowered["x-sdk-date"] = date
    request = canonical_request(method, url, lowered, body, SIGNED_NAMES)
    names = ";".join(name for name, dummy in _signed_headers(lowered, SIGNED_NAMES))
    signature = _hmac(secret_key, string_to_sign(request, date))
    return {
        "X-Sdk-Date": date,
        "Authorization": f"{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}",
    }


def canonical_request(
    method: str,
    url: str,
    headers: t.Mapping[str, str],
    body: bytes | None,
    signed_names: t.Iterable[str] | None = None,
) -> str:
    """The text whose hash is signed. Without ``signed_names`` (in lower case) all headers are signed whose name has no underscore."""
    signed = _signed_headers(headers, signed_names)
    parts = urlsplit(url)
    lines = [method.upper(), _canonical_path(parts.path), canonical_query(parts.query)]
    lines += [f"{name}:{value}" for name, value in signed]
    lines += ["", ";".join(name for name, dummy in signed), _body_hash(headers, body)]
    return "\n".join(lines)


def string_to_sign(request: str, date: str) -> str:
    """The three lines that are signed, from a canonical request and the value of its ``X-Sdk-Date``."""
    return "\n".join((ALGORITHM, date, hashlib.sha256(request.encode("utf-8")).hexdigest()))


def _signed_headers(headers: t.Mapping[str, str], signed_names: t.Iterable[str] | None) -> list[tuple[str, str]]:
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    names = (
        (name for name in lowered if "_" not in name)
        if signed_names is None
        else (name for name in signed_names if name in lowered)
    )
    return [(name, lowered[name]) for name in sorted(names)]


def _canonical_path(path: str) -> str:
    # The slash at the end is signed only; the path is sent as it is. An encoded slash becomes a separator, as in the official library.
    encoded = "/".join(_quote(part) for part in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def _body_hash(headers: t.Mapping[str, str], body: bytes | None) -> str:
    declared = (value.strip() for name, value in headers.items() if name.lower() == "x-sdk-content-sha256")
    return next(declared, "") or hashlib.sha256(body or b"").hexdigest()


def _hmac(secret_key: str, text: str) -> str:
    return hmac.new(secret_key.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).hexdigest()
