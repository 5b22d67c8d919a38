# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The transport: sends one HTTP request over a requests.Session and returns the response, or raises TransportError."""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import os
import socket
import threading
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import check_proxy_text
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    CheckModeError,
    LibraryError,
    TransportError,
)

# A server may send a response in small parts. read_timeout limits each read, and this multiple of it limits the complete response.
RESPONSE_TIMEOUT_FACTOR = 10
MAX_RESPONSE_SIZE = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_MAX_CONNECTIONS = 64

# The POST requests that issue tokens and temporary keys.
_ISSUING_PATHS = ("/v3/auth/tokens", "/v3.0/OS-CREDENTIAL/securitytokens")


class HttpRequest(t.NamedTuple):
    """An HTTP request with a canonical URL. ``timeout`` (seconds) limits it in addition to the timeouts of the connection."""

    method: str
    url: str
    headers: dict[str, str]
    body: t.Optional[bytes]
    timeout: t.Optional[float] = None


class HttpResponse(t.NamedTuple):
    """A complete HTTP response; the names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


Transport = t.Callable[[HttpRequest], HttpResponse]


class TransportSettings(t.Protocol):
    """What the transport needs of a connection: TLS, the proxy and the timeouts in seconds."""

    @property
    def validate_certs(self) -> bool: ...

    @property
    def ca_path(self) -> str | None: ...

    @property
    def client_cert(self) -> str | None: ...

    @property
    def client_key(self) -> str | None: ...

    @property
    def proxy(self) -> str | None: ...

    @property
    def connect_timeout(self) -> float: ...

    @property
    def read_timeout(self) -> float: ...


def read_only(transport: Transport) -> Transport:
    """Return a transport for check mode, which raises CheckModeError for each request that could change something.

    The POST requests that issue tokens and temporary keys change nothing.
    """

    def send_if_safe(request: HttpRequest) -> HttpResponse:
        path = urlsplit(request.url).path
        issues_token = request.method == "POST" and path.endswith(_ISSUING_PATHS)
        if request.method != "GET" and not issues_token:
            raise CheckModeError(
                f"Check mode must not send {request.method} {path}; this is a defect of the collection."
            )
        return transport(request)

    return send_if_safe


class RequestsTransport:
    """A transport over ``requests`` with keep-alive, but without redirects and netrc.

    It uses the proxy of the connection, or else the one of the environment.
    """

    def __init__(self, connection: TransportSettings) -> None:
        try:
            import requests
        except ImportError:
            raise LibraryError(
                "The Python library requests is needed, and it cannot be imported.",
                library="requests",
                traceback=traceback.format_exc(),
            ) from None
        self._requests = requests
        self._connection = connection
        self._session = requests.Session()
        # Otherwise a netrc entry would add its own Authorization header, and CA and proxy variables would override options.
        self._session.trust_env = False
        adapter = _build_adapter_class(requests)
        for scheme in ("http://", "https://"):
            # The threads of a task share the session, and each of them may use a connection.
            self._session.mount(scheme, adapter(pool_maxsize=_MAX_CONNECTIONS))
        if not connection.validate_certs:
            from urllib3 import disable_warnings
            from urllib3.exceptions import InsecureRequestWarning

            disable_warnings(InsecureRequestWarning)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send a request once. Raise TransportError if no complete response arrives, and OptionError if it cannot be built."""
        try:
            response = self._send(request)
            with response:
                body = self._read_body(response)
        except (OSError, UnicodeError) as error:
            # All errors of requests are OSErrors.
            from ansible_collections.community.huaweicloud.plugins.module_utils._http import transport_errors

            raise transport_errors.translate_error(request, self._connection, error) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(response.status_code, headers, body)

    def _send(self, request: HttpRequest) -> t.Any:
        connection = self._connection
        prepared = self._session.prepare_request(
            self._requests.Request(request.method, request.url, headers=request.headers, data=request.body)
        )
        timeout = math.inf if request.timeout is None else request.timeout
        _thread.response_deadline = time.monotonic() + timeout
        certificate: t.Any = (
            (connection.client_cert, connection.client_key) if connection.client_key else connection.client_cert
        )
        return self._session.send(
            prepared,
            timeout=(min(connection.connect_timeout, timeout), min(connection.read_timeout, timeout)),
            allow_redirects=False,
            stream=True,
            verify=(connection.ca_path or True) if connection.validate_certs else False,
            cert=certificate,
            proxies=self._select_proxies(request.url),
        )

    def _select_proxies(self, url: str) -> dict[str, str]:
        utils = self._requests.utils
        if not self._connection.proxy:
            return _read_environment_proxies(utils, url)
        if utils.should_bypass_proxies(url, no_proxy=None):
            return {}
        return {"http": self._connection.proxy, "https": self._connection.proxy}

    def _read_body(self, response: t.Any) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_content(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_RESPONSE_SIZE:
                raise TransportError(f"the response is longer than {MAX_RESPONSE_SIZE // 2**20} MiB", retryable=False)
        # Old versions of urllib3 do not compare the body with its announced length.
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and response.request.method != "HEAD" and response.raw.tell() < int(length):
            raise TransportError(f"the response ended after {response.raw.tell()} of {length} bytes")
        return b"".join(pieces)


def _read_environment_proxies(utils: t.Any, url: str) -> dict[str, str]:
    """Return the proxies of variables such as ``HTTPS_PROXY``. Raise OptionError with the name of the variable if one is invalid."""
    proxies = {scheme: value.strip() for scheme, value in utils.get_environ_proxies(url).items()}
    scheme = urlsplit(url).scheme
    used = next((name for name in (scheme, "all") if proxies.get(name)), None)
    if used:
        variable = next((name for name in (f"{used}_proxy", f"{used}_PROXY".upper()) if name in os.environ), used)
        check_proxy_text(f"The environment variable {variable}", proxies[used])
    return proxies


# The time of the monotonic clock by which the complete response must have arrived, for each thread.
_thread = threading.local()


class _TimeLimitedReader(io.RawIOBase):
    """Reads from a socket until the complete response takes too long. The timeout of the socket starts again with every byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._read_timeout = sock.gettimeout() or 0.0
        self._deadline = min(
            time.monotonic() + RESPONSE_TIMEOUT_FACTOR * self._read_timeout,
            getattr(_thread, "response_deadline", math.inf),
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        if left >= self._read_timeout:
            return self._raw.readinto(buffer)
        self._sock.settimeout(left)
        try:
            return self._raw.readinto(buffer)
        finally:
            # The connection may be reused.
            with contextlib.suppress(OSError):
                self._sock.settimeout(self._read_timeout)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimeLimitedResponse(http.client.HTTPResponse):
    """A response with a time limit for its headers and body together."""

    def __init__(self, sock: socket.socket, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimeLimitedReader(self.fp.detach(), sock))


def _build_adapter_class(requests: t.Any) -> t.Any:
    """Return an adapter class whose connections, also those through a proxy, limit the time of a response."""
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    def limit_time(pool: t.Any) -> t.Any:
        plain = pool.ConnectionCls

        def send(self: t.Any, data: t.Any) -> None:
            try:
                plain.send(self, data)
            except OSError:
                from ansible_collections.community.huaweicloud.plugins.module_utils._http import transport_errors

                alert = transport_errors.read_pending_alert(self.sock)
                if alert:
                    raise alert from None
                raise

        connection = type("TimeLimitedConnection", (plain,), {"response_class": _TimeLimitedResponse, "send": send})
        return type("TimeLimitedPool", (pool,), {"ConnectionCls": connection})

    pools = {"http": limit_time(HTTPConnectionPool), "https": limit_time(HTTPSConnectionPool)}

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = pools
            return manager

        def cert_verify(self, conn: t.Any, url: str, *args: t.Any, **kwargs: t.Any) -> None:
            # For a plain http URL, requests would not verify the certificate of a proxy with TLS either, and the proxy gets the password.
            super().cert_verify(conn, f"{conn.scheme}:", *args, **kwargs)

    return Adapter
