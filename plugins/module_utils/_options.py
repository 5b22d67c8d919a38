# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Options that several modules share, as values that merge, and what becomes of them: one ``Connection``.

An option wins over its environment variables, the first variable that is not empty wins over the others, and an empty
string is "not set" everywhere. What only makes sense together is taken from one source: credentials (see _auth.py),
project id and name, client certificate and key.
"""

from __future__ import annotations

import copy
import math
import os
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._auth import CREDENTIAL_VARIABLES, Credentials, host_header, resolve_credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

# ---------------------------------------------------------------------------------------------------------------------
# Argument specs


@dataclass(frozen=True)
class Arguments:
    """An argument spec with the rules that belong to it."""

    argument_spec: dict[str, dict[str, t.Any]]
    mutually_exclusive: t.Sequence[t.Sequence[str]] = ()
    required_together: t.Sequence[t.Sequence[str]] = ()
    required_one_of: t.Sequence[t.Sequence[str]] = ()
    required_if: t.Sequence[t.Sequence[t.Any]] = ()
    required_by: dict[str, t.Sequence[str]] = field(default_factory=dict)

    def merged(self, *others: Arguments) -> Arguments:
        """All options and rules of this one and ``others``. Raises ValueError if two of them define an option differently."""
        result = self
        for other in others:
            result = result._with(other)
        return result

    def kwargs(self) -> dict[str, t.Any]:
        """The keyword arguments for AnsibleModule: a copy, since Ansible writes into what it gets."""
        return {
            "argument_spec": copy.deepcopy(self.argument_spec),
            "mutually_exclusive": list(self.mutually_exclusive),
            "required_together": list(self.required_together),
            "required_one_of": list(self.required_one_of),
            "required_if": list(self.required_if),
            "required_by": {option: tuple(needed) for option, needed in self.required_by.items()},
        }

    def _with(self, other: Arguments) -> Arguments:
        for option in self.argument_spec.keys() & other.argument_spec.keys():
            if self.argument_spec[option] != other.argument_spec[option]:
                raise ValueError(f"option {option} is defined in two different ways")
        return Arguments(
            argument_spec={**self.argument_spec, **other.argument_spec},
            mutually_exclusive=_union(self.mutually_exclusive, other.mutually_exclusive),
            required_together=_union(self.required_together, other.required_together),
            required_one_of=_union(self.required_one_of, other.required_one_of),
            required_if=_union(self.required_if, other.required_if),
            required_by={
                option: _union(self.required_by.get(option, ()), other.required_by.get(option, ()))
                for option in [*self.required_by, *(name for name in other.required_by if name not in self.required_by)]
            },
        )


def _union(first: t.Sequence[t.Any], second: t.Sequence[t.Any]) -> tuple[t.Any, ...]:
    return (*first, *(rule for rule in second if rule not in first))


CONNECTION = Arguments(
    argument_spec={
        "access_key": {"type": "str", "aliases": ["ak"], "no_log": False},
        "secret_key": {"type": "str", "aliases": ["sk"], "no_log": True},
        "security_token": {"type": "str", "no_log": True},
        "auth_token": {"type": "str", "no_log": True},
        "username": {"type": "str", "aliases": ["user"]},
        "password": {"type": "str", "no_log": True},
        "domain_name": {"type": "str", "aliases": ["domain"]},
        "domain_id": {"type": "str"},
        "project_id": {"type": "str"},
        "project_name": {"type": "str", "aliases": ["project"]},
        "region": {"type": "str"},
        "auth_url": {"type": "str", "aliases": ["identity_endpoint"]},
        "cloud_domain": {"type": "str"},
        "asm_endpoint": {"type": "str"},
        "modelarts_endpoint": {"type": "str"},
        # No default: when the option is not given, HW_INSECURE decides.
        "validate_certs": {"type": "bool"},
        "ca_path": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        # Its URL may carry a password.
        "proxy": {"type": "str", "no_log": True},
        "connect_timeout": {"type": "float", "default": 5.0},
        "read_timeout": {"type": "float", "default": 30.0},
        "max_retries": {"type": "int", "default": 5},
        "retry_max_delay": {"type": "float", "default": 30.0},
    }
)

WAIT = Arguments(
    argument_spec={
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 600.0},
        "wait_interval": {"type": "float", "default": 2.0},
    }
)

# Exactly one of them is needed: see check_one_of. Ansible's own rules take an empty string for a value.
# The same for one of many things: what it does not say is said for all.
_SECRET_OPTIONS = tuple(option for option, spec in CONNECTION.argument_spec.items() if spec.get("no_log"))

ITEM_WAIT = Arguments(argument_spec={option: {"type": spec["type"]} for option, spec in WAIT.argument_spec.items()})

MESH = Arguments(argument_spec={"mesh_id": {"type": "str"}, "mesh_name": {"type": "str"}})

_VARIABLES: dict[str, tuple[str, ...]] = {
    **CREDENTIAL_VARIABLES,
    "project_id": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID", "OS_PROJECT_ID"),
    "project_name": ("HW_PROJECT_NAME", "OS_PROJECT_NAME"),
    "region": ("HW_REGION_NAME", "OS_REGION_NAME"),
    "auth_url": ("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
    "cloud_domain": ("HW_CLOUD",),
    "asm_endpoint": ("HW_ASM_ENDPOINT",),
    "modelarts_endpoint": ("HW_MODELARTS_ENDPOINT",),
    "validate_certs": ("HW_INSECURE", "OS_INSECURE"),
    "ca_path": ("HW_CACERT", "OS_CACERT"),
    "client_cert": ("HW_CERT", "OS_CERT"),
    "client_key": ("HW_KEY", "OS_KEY"),
    "proxy": ("HW_PROXY",),
}


def variables_for(option: str) -> tuple[str, ...]:
    """The environment variables of a connection option in the order they are tried. Raises KeyError for another option."""
    if option not in CONNECTION.argument_spec:
        raise KeyError(option)
    return _VARIABLES.get(option, ())


# ---------------------------------------------------------------------------------------------------------------------
# The connection

_DEFAULT_CLOUD = "myhuaweicloud.com"
_CLOUDS = (
    (re.compile(r"eu-(?:de|nl)"), "otc.t-systems.com"),
    (re.compile(r"eu-west-1\d\d"), "myhuaweicloud.eu"),
)
_ENDPOINT_OPTIONS = {"asm": "asm_endpoint", "modelarts": "modelarts_endpoint", "iam": "auth_url"}
_STRAY_PASSWORD = re.compile(r"//[^/@:]*:(.+)@")
# Some three years: clocks and sockets of the system take no more than so many seconds.
_MOST = 1e8
_SERVICE_NAMES = {"asm": "ASM", "modelarts": "ModelArts"}


@dataclass(frozen=True)
class Connection:
    """Everything a request needs to know besides itself. Hashable, so it can be part of a key."""

    credentials: Credentials
    region: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    domain_id: str | None = None
    auth_url: str | None = None
    cloud_domain: str | None = None
    asm_endpoint: str | None = None
    modelarts_endpoint: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    max_retries: int = 5
    retry_max_delay: float = 30.0

    def endpoint(self, service: str) -> str:
        """The base URL of ``asm``, ``modelarts`` or ``iam`` without a slash at the end; IAM's without ``/v3``.

        Raises OptionError when neither the endpoint nor the region is known, and KeyError for another service.
        """
        address = self._address(service)
        if address:
            return address
        raise OptionError(
            f"The address of {_SERVICE_NAMES[service]} is not known: neither region nor {_ENDPOINT_OPTIONS[service]} is set",
            hint=f"Set region, or the variable {variables_for('region')[0]}",
        )

    def addresses(self) -> dict[str, str | None]:
        """The base URLs of all services by their options, ``None`` where one is not known. None of them holds a password, see _url."""
        return {option: self._address(service) for service, option in _ENDPOINT_OPTIONS.items()}

    def _address(self, service: str) -> str | None:
        explicit = {"asm": self.asm_endpoint, "modelarts": self.modelarts_endpoint, "iam": self.auth_url}[service]
        if explicit:
            return explicit
        if self.region:
            return f"https://{service}.{self.region}.{self.cloud_domain or _implied_cloud(self.region)}"
        return f"https://iam.{self.cloud_domain or _DEFAULT_CLOUD}" if service == "iam" else None

    def project_scope_name(self) -> str | None:
        """The name of the project that is meant: the main project of a region is called like the region."""
        return self.project_name or self.region

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown to anybody, the password of the proxy in both spellings."""
        password = urlsplit(self.proxy).password if self.proxy else None
        spellings = dict.fromkeys((password, unquote(password))) if password else ()
        return self.credentials.secrets() + tuple(spellings)


def resolve_connection(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Connection:
    """Resolve the connection options of a task against the environment. Raises OptionError for what can not be right."""
    credentials = resolve_credentials(params, environ)
    settings = _Settings(params, environ)
    project_id, project_name = settings.pair("project_id", "project_name")
    client_cert, client_key = _client_files(settings)
    return Connection(
        credentials=credentials,
        region=_matching(settings, "region", _REGION, "letters, digits and hyphens, for example eu-de"),
        project_id=_sendable(project_id),
        project_name=project_name.value,
        # Part of the set: the account of other credentials is not ours.
        domain_id=credentials.domain_id,
        auth_url=_auth_url(settings.get("auth_url")),
        cloud_domain=_matching(settings, "cloud_domain", _DOMAIN, f"a domain name, for example {_DEFAULT_CLOUD}"),
        asm_endpoint=_url(settings.get("asm_endpoint")),
        modelarts_endpoint=_url(settings.get("modelarts_endpoint")),
        validate_certs=_validate_certs(params, settings),
        ca_path=_file(settings.get("ca_path")),
        client_cert=client_cert,
        client_key=client_key,
        proxy=_proxy(settings.get("proxy")),
        connect_timeout=_number(params, CONNECTION, "connect_timeout", positive=True),
        read_timeout=_number(params, CONNECTION, "read_timeout", positive=True),
        max_retries=int(_number(params, CONNECTION, "max_retries", positive=False)),
        retry_max_delay=_number(params, CONNECTION, "retry_max_delay", positive=False),
    )


def stray_secrets(params: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Secrets of a task where none belong: they are refused there, and Ansible shows the options of a task as they were written.

    Passwords in its endpoints, and options for secrets among those of its items.
    """
    written = (str(params.get(option) or "") for option in _ENDPOINT_OPTIONS.values())
    passwords = [match.group(1) for match in map(_STRAY_PASSWORD.search, written) if match]
    entries = (entry for value in params.values() if isinstance(value, list) for entry in value if isinstance(entry, dict))
    return (*passwords, *(str(entry[option]) for entry in entries for option in _SECRET_OPTIONS if entry.get(option)))


def check_one_of(params: t.Mapping[str, t.Any], *options: str) -> None:
    """Raise OptionError, worded like Ansible's own, unless exactly one of the options is set. An empty string is not set."""
    check_at_most_one_of(params, *options)
    if all(params.get(option) in (None, "") for option in options):
        raise OptionError(f"one of the following is required: {', '.join(options)}")


def check_at_most_one_of(params: t.Mapping[str, t.Any], *options: str) -> None:
    """Raise OptionError, worded like Ansible's own, if several of the options are set. An empty string is not set."""
    if sum(1 for option in options if params.get(option) not in (None, "")) > 1:
        raise OptionError(f"parameters are mutually exclusive: {'|'.join(options)}")


def check_mesh(params: t.Mapping[str, t.Any]) -> None:
    """Raise OptionError unless a mesh is named in exactly one way."""
    check_one_of(params, *MESH.argument_spec)


def check_wait(params: t.Mapping[str, t.Any]) -> None:
    """Raise OptionError when ``wait_timeout`` or ``wait_interval`` can not be right."""
    _number(params, WAIT, "wait_timeout", positive=True)
    _number(params, WAIT, "wait_interval", positive=True)


@dataclass(frozen=True)
class _Setting:
    """A value and where it came from: ``label`` is what an error calls it, ``variable`` is set when the environment gave it."""

    option: str
    value: str | None = None
    variable: str | None = None

    @property
    def label(self) -> str:
        return f"{self.option} (from {self.variable})" if self.variable else self.option


class _Settings:
    """Options first, then variables, and an empty string is not a value."""

    def __init__(self, params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> None:
        self._params = params
        self._environ = environ

    def get(self, option: str) -> _Setting:
        setting = self.from_task(option)
        return setting if setting.value else self.from_environment(option)

    def pair(self, first: str, second: str) -> tuple[_Setting, _Setting]:
        """Two settings from one source, since the task's half would not fit to that of the environment."""
        settings = self.from_task(first), self.from_task(second)
        if any(setting.value for setting in settings):
            return settings
        return self.from_environment(first), self.from_environment(second)

    def from_task(self, option: str) -> _Setting:
        value = self._params.get(option)
        return _Setting(option, str(value).strip() or None if value is not None else None)

    def from_environment(self, option: str) -> _Setting:
        for variable in variables_for(option):
            value = self._environ.get(variable, "").strip()
            if value:
                return _Setting(option, value, variable)
        return _Setting(option)


# ---------------------------------------------------------------------------------------------------------------------
# Checks of single settings. No message repeats a URL: it may carry a password where none belongs.

_REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
# How PEM files of both kinds say it.
_LOCKED = re.compile(rb"^(?:-----BEGIN ENCRYPTED |Proc-Type:.*ENCRYPTED)", re.MULTILINE)
_LONGEST_KEY_FILE = 1024 * 1024
_BOOLEANS = {
    **dict.fromkeys(("1", "true", "yes", "on", "y", "t"), True),
    **dict.fromkeys(("0", "false", "no", "off", "n", "f"), False),
}


def _implied_cloud(region: str) -> str:
    return next((domain for pattern, domain in _CLOUDS if pattern.fullmatch(region)), _DEFAULT_CLOUD)


def _matching(settings: _Settings, option: str, pattern: re.Pattern[str], what: str) -> str | None:
    """A part of a host name. Anything else in it could send credentials to another host."""
    setting = settings.get(option)
    if setting.value and not pattern.fullmatch(setting.value):
        raise OptionError(f"{setting.label} must be {what}")
    return setting.value


def _sendable(setting: _Setting) -> str | None:
    """What goes into a header. With anything else, a token would be asked for before the first call that can not be built."""
    if setting.value and not (setting.value.isascii() and setting.value.isprintable()):
        raise OptionError(f"{setting.label} holds characters that no id has")
    return setting.value


def _url(setting: _Setting) -> str | None:
    """Check an endpoint and bring it into its shortest form."""
    if not setting.value:
        return None
    parts = _split_url(setting)
    if parts.username is not None or parts.password is not None:
        raise _bad_url(setting, "it has a user or a password in it")
    if "?" in setting.value or "#" in setting.value:
        raise _bad_url(setting, "it has a query or a fragment")
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise _bad_url(setting, "its path is not plain")
    return f"{parts.scheme}://{host_header(setting.value)}{path}"


def _auth_url(setting: _Setting) -> str | None:
    """Terraform and OpenStack write ``/v3`` behind the address of IAM, the vendor's SDK does not."""
    url = _url(setting)
    return url[: -len("/v3")].rstrip("/") if url and url.endswith("/v3") else url


def _proxy(setting: _Setting) -> str | None:
    if setting.value:
        _split_url(setting)
    return setting.value


def _split_url(setting: _Setting) -> SplitResult:
    try:
        parts = urlsplit(setting.value or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _bad_url(setting, "its host or port can not be read") from None
    if parts.scheme not in ("http", "https"):
        raise _bad_url(setting, "it does not begin with http:// or https://")
    if not host:
        raise _bad_url(setting, "it names no host")
    if not _HOST.fullmatch(host) or port == 0:
        raise _bad_url(setting, "its host or port can not be read")
    return parts


def _bad_url(setting: _Setting, why: str) -> OptionError:
    return OptionError(f"{setting.label} is not a usable URL: {why}", hint="It looks like https://host or https://host:port")


def _validate_certs(params: t.Mapping[str, t.Any], settings: _Settings) -> bool:
    given = params.get("validate_certs")
    if isinstance(given, bool):
        return given
    setting = settings.get("validate_certs")
    if not setting.value:
        return True
    flag = _BOOLEANS.get(setting.value.lower())
    if flag is None:
        raise OptionError(f"{setting.variable or setting.option} must be a boolean, for example true or false")
    # The variables say "insecure", the option says the opposite.
    return not flag if setting.variable else flag


def _client_files(settings: _Settings) -> tuple[str | None, str | None]:
    cert, key = settings.pair("client_cert", "client_key")
    if key.value and not cert.value:
        raise OptionError(f"{key.label} is set without client_cert")
    # A key beside the certificate is not used where there is another.
    return (_file(cert) if key.value else _unlocked(cert)), _unlocked(key)


def _unlocked(setting: _Setting) -> str | None:
    """Check that a key in the file needs no password: the TLS library would ask whoever sits at the terminal, or fail without saying why."""
    path = _file(setting)
    if path and os.path.isfile(path):
        with open(path, "rb") as content:
            if _LOCKED.search(content.read(_LONGEST_KEY_FILE)):
                raise OptionError(f"{setting.label}: the key in '{path}' is locked with a password", hint="Write it without one, and protect the file instead")
    return path


def _file(setting: _Setting) -> str | None:
    """Check that a file (or a folder of authorities) is there, since the HTTP library's own complaint names no option."""
    if not setting.value:
        return None
    path = os.path.expanduser(os.path.expandvars(setting.value)) if setting.variable else setting.value
    if not os.path.exists(path):
        raise OptionError(f"{setting.label}: '{path}' does not exist")
    if not os.access(path, os.R_OK):
        raise OptionError(f"{setting.label}: '{path}' can not be read")
    return path


def _number(params: t.Mapping[str, t.Any], arguments: Arguments, option: str, *, positive: bool) -> float:
    given = params.get(option)
    value: float = arguments.argument_spec[option]["default"] if given is None else given
    # Not math.isfinite, which fails for an integer beyond all floats.
    if not 0 <= value < math.inf or (positive and value == 0):
        raise OptionError(f"{option} must be {'greater than 0' if positive else '0 or greater'}: {value} is not")
    if value > _MOST:
        raise OptionError(f"{option} must be at most {_MOST:.0f}")
    return value
