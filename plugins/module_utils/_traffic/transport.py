# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""HTTP requests to one Kubernetes API, with the configuration of the official client. It knows nothing about resources.

The official client reads kubeconfig files, runs credential plugins and prepares TLS. The requests go through its connection pool directly,
because the methods of its API classes follow redirects, and because their signatures differ between its versions.
"""

from __future__ import annotations

import json
import traceback
import typing as t
from urllib.parse import urlencode

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import UNREACHABLE, ClusterError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings

_USER_AGENT = "ansible-community.huaweicloud"
# Attributes of the client's Configuration whose names differ from those of the options.
_ATTRIBUTES = {
    "client_cert": "cert_file",
    "client_key": "key_file",
    "ca_cert": "ssl_ca_cert",
    "validate_certs": "verify_ssl",
}
_SAME_NAME = ("host", "username", "password", "proxy", "no_proxy")
# The characters of texts that the JSON encoder of the API server escapes although JSON does not require it.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class Reply(t.NamedTuple):
    """A complete HTTP response. The names of ``headers`` are in lower case."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes


def encode_body(body: t.Any) -> bytes:
    """Return the body of a request, with texts encoded as the API server encodes them.

    For a ``test`` operation, the API server compares the encoded texts and not the characters (evanphx/json-patch v4, ``lazyNode.equal``). Go escapes
    HTML characters and no others that JSON permits (package encoding/json, function ``Marshal``).
    """
    return json.dumps(body, ensure_ascii=False).translate(_ESCAPES).encode("utf-8", "replace")


class Transport(t.Protocol):
    """Sends one request to a Kubernetes API and returns the response, whatever its status is."""

    host: str

    def __call__(
        self, method: str, path: str, query: t.Mapping[str, t.Any], body: t.Any, content_type: str
    ) -> Reply: ...


class KubernetesTransport:
    """Send requests with the configuration of the official client."""

    def __init__(self, settings: ClusterSettings) -> None:
        """Read the kubeconfig. Send nothing. Raise LibraryError or OptionError."""
        client, config = _import_kubernetes()
        self._settings = settings
        self._configuration = _configure(settings, client, config)
        self._config_error = config.ConfigException
        self.host: str = self._configuration.host
        try:
            self._pool = client.rest.RESTClientObject(self._configuration).pool_manager
        except (OSError, ValueError) as error:
            raise self._setup_error(error) from None

    def __call__(self, method: str, path: str, query: t.Mapping[str, t.Any], body: t.Any, content_type: str) -> Reply:
        """Send one request. Redirects are not followed. Raise ClusterError if no complete response arrives."""
        import urllib3

        settings = self._settings
        url = f"{self.host.rstrip('/')}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            response = self._pool.request(
                method,
                url,
                body=None if body is None else encode_body(body),
                headers=self._headers(content_type if body is not None else None),
                timeout=urllib3.Timeout(connect=settings.connect_timeout, read=settings.read_timeout),
                retries=False,
                redirect=False,
            )
            return Reply(
                response.status, {name.lower(): value for name, value in response.headers.items()}, response.data
            )
        except urllib3.exceptions.HTTPError as error:
            raise self._unreachable(error, method, path) from None
        except (OSError, ValueError) as error:
            raise self._setup_error(error) from None

    def _headers(self, content_type: str | None) -> t.Any:
        import urllib3

        headers = urllib3.HTTPHeaderDict({"Accept": "application/json", "User-Agent": _USER_AGENT})
        if content_type:
            headers["Content-Type"] = content_type
        authorization = self._authorization()
        if authorization:
            headers["Authorization"] = authorization
        if self._settings.impersonate_user:
            headers["Impersonate-User"] = self._settings.impersonate_user
        for group in self._settings.impersonate_groups:
            headers.add("Impersonate-Group", group)
        return headers

    def _authorization(self) -> str | None:
        try:
            token = self._configuration.auth_settings().get("BearerToken", {}).get("value")
        except self._config_error as error:
            raise OptionError(f"The credentials of the kubeconfig cannot be renewed: {error}.") from None
        if token:
            return str(token)
        if self._configuration.username and self._configuration.password:
            return str(self._configuration.get_basic_auth_token())
        return None

    def _setup_error(self, error: Exception) -> OptionError:
        """Return the error for a certificate or key file that cannot be read, or for an invalid host or proxy."""
        return OptionError(f"The connection to {self.host} cannot be set up: {self._redact(str(error)).rstrip('.')}.")

    def _redact(self, text: str) -> str:
        """Return a text of a library without the secrets of the settings, for example of the URL of a proxy."""
        for secret in self._settings.secrets():
            text = text.replace(secret, "********")
        return text

    def _unreachable(self, error: Exception, method: str, path: str) -> ClusterError:
        import urllib3

        never_sent = (
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.SSLError,
            urllib3.exceptions.ProxyError,
            urllib3.exceptions.LocationValueError,
        )
        is_tls = isinstance(error, urllib3.exceptions.SSLError)
        return ClusterError(
            f"No complete response from the Kubernetes API at {self.host} to {method} {path}: {self._redact(_describe(error))}.",
            UNREACHABLE,
            request_sent=not isinstance(error, never_sent),
            method=method,
            path=path,
            hint="Check ca_cert, or the certificate-authority of the kubeconfig"
            if is_tls
            else "Check host, proxy and network",
        )


def _import_kubernetes() -> tuple[t.Any, t.Any]:
    """Return the modules ``client`` and ``config`` of the official client. Importing them takes about 0.3 seconds."""
    try:
        from kubernetes import client, config
    except ImportError:
        raise LibraryError(
            "The Python library kubernetes is missing.", library="kubernetes", traceback=traceback.format_exc()
        ) from None
    return client, config


def _configure(settings: ClusterSettings, client: t.Any, config: t.Any) -> t.Any:
    """Return the client's Configuration.

    A kubeconfig or the service account of the pod is used only if it is named or if no host is given: the credentials of one cluster must not
    be sent to another host.
    """
    configuration = client.Configuration()
    if settings.kubeconfig or settings.context:
        _load_kubeconfig(settings, configuration, config)
    elif not settings.host:
        try:
            config.load_incluster_config(client_configuration=configuration)
        except config.ConfigException:
            _load_kubeconfig(settings, configuration, config)
    for option in (*_SAME_NAME, *_ATTRIBUTES):
        value = getattr(settings, option)
        if value is not None:
            setattr(configuration, _ATTRIBUTES.get(option, option), value)
    if settings.api_key or settings.username:
        # Credentials of the task take precedence over those of the kubeconfig.
        configuration.api_key = {"authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
        configuration.refresh_api_key_hook = None
    if settings.proxy_headers:
        configuration.proxy_headers = _make_proxy_headers(dict(settings.proxy_headers))
    return configuration


def _make_proxy_headers(headers: dict[str, t.Any]) -> t.Any:
    import urllib3

    return urllib3.util.make_headers(**headers)


def _load_kubeconfig(settings: ClusterSettings, configuration: t.Any, config: t.Any) -> None:
    import yaml

    options = {
        "context": settings.context,
        "persist_config": bool(settings.persist_config),
        "client_configuration": configuration,
    }
    text = settings.kubeconfig
    try:
        if text and text.startswith("{"):
            config.load_kube_config_from_dict(json.loads(text), **options)
        else:
            config.load_kube_config(config_file=text, **options)
    except config.ConfigException as error:
        raise OptionError(_describe_kubeconfig_error(settings, error, config)) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        # The message of a parser may quote a line with a secret.
        raise OptionError(f"The kubeconfig cannot be read: {type(error).__name__}.") from None


def _describe_kubeconfig_error(settings: ClusterSettings, error: Exception, config: t.Any) -> str:
    known = _list_contexts(settings, config)
    if settings.context and known and settings.context not in known:
        return f"The kubeconfig has no context '{settings.context}'. Available contexts: {', '.join(sorted(known))}."
    if not settings.kubeconfig and not known:
        return "No connection to a Kubernetes API is configured: set kubeconfig, or host with api_key."
    return f"The kubeconfig cannot be used: {error}."


def _list_contexts(settings: ClusterSettings, config: t.Any) -> list[str]:
    text = settings.kubeconfig
    if text and text.startswith("{"):
        return [str(entry.get("name")) for entry in json.loads(text).get("contexts") or [] if isinstance(entry, dict)]
    try:
        contexts, active = config.list_kube_config_contexts(config_file=text)
    except config.ConfigException:
        # The caller reports the first error, which is the cause of this one.
        return []
    return [str(context["name"]) for context in contexts]


def _describe(error: Exception) -> str:
    """Return the cause without the address of a Python object, which urllib3 adds."""
    # The text of a ProxyError contains the representation of the cause.
    cause = getattr(error, "original_error", error)
    return str(cause).rsplit("object at 0x", maxsplit=1)[-1].split(": ", 1)[-1].rstrip(".")
