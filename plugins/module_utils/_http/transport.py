# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The wire: one call out, one reply in, over one requests.Session. Knows TLS, proxies and time-outs, and nothing of the services."""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import os
import re
import socket
import ssl
import threading
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import check_proxy_text
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    CheckModeError,
    ConnectFailure,
    LibraryError,
    OptionError,
    TransportError,
)

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection

# A reply may trickle in: each read is bounded by read_timeout, the whole of it, headers and body, by this many of those.
WHOLE_REPLY = 10
BIGGEST_REPLY = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_MOST_CONNECTIONS = 64

TOKEN_PATH = "/v3/auth/tokens"


class HttpRequest(t.NamedTuple):
    """One HTTP request, ready to be sent: the URL in canonical form, the body as bytes; ``seconds`` bounds it beside the time-outs of the connection."""

    method: str
    url: str
    headers: dict[str, str]
    body: t.Optional[bytes]
    seconds: t.Optional[float] = None


class HttpResponse(t.NamedTuple):
    """One complete HTTP answer; the names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


Transport = t.Callable[[HttpRequest], HttpResponse]


def read_only(transport: Transport) -> Transport:
    """The same transport for check mode: it refuses, with CheckModeError, every call that could change something.

    A token is issued by POST and changes nothing.
    """

    def guarded(call: HttpRequest) -> HttpResponse:
        is_token = call.method == "POST" and urlsplit(call.url).path.endswith(TOKEN_PATH)
        if call.method != "GET" and not is_token:
            raise CheckModeError(
                f"Check mode must not send {call.method} {urlsplit(call.url).path}; this is a defect of the collection."
            )
        return transport(call)

    return guarded


class RequestsTransport:
    """A transport over ``requests``: keep-alive, no redirects, no netrc, proxies as the connection says, else as the environment says."""

    def __init__(self, connection: Connection) -> None:
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
        # Without this a netrc entry would put its own Authorization beside ours, and CA and proxy variables would override options.
        self._session.trust_env = False
        adapter = _bounded_adapter(requests)
        for scheme in ("http://", "https://"):
            # Threads of one task share the session; each may hold a connection.
            self._session.mount(scheme, adapter(pool_maxsize=_MOST_CONNECTIONS))
        if not connection.validate_certs:
            from urllib3 import disable_warnings
            from urllib3.exceptions import InsecureRequestWarning

            disable_warnings(InsecureRequestWarning)

    def __call__(self, call: HttpRequest) -> HttpResponse:
        """Sends ``call`` once. Raises TransportError when no complete reply comes back, OptionError when it can not be sent at all."""
        errors = self._requests.exceptions
        host = urlsplit(call.url).netloc
        try:
            response = self._send(call)
            with response:
                body = self._body(response)
        except errors.SSLError as error:
            raise _tls_failure(host, error, self._connection.client_cert is not None) from None
        except (errors.InvalidURL, errors.InvalidHeader, errors.InvalidProxyURL, errors.InvalidSchema, UnicodeError):
            raise OptionError(
                f"A request to {host} cannot be built: an endpoint, the proxy or a header contains what HTTP cannot carry"
            ) from None
        except errors.ProxyError as error:
            raise _proxy_failure(error) from None
        except errors.ConnectTimeout:
            within = _within(self._connection.connect_timeout, "connect_timeout", call)
            raise TransportError(
                f"no connection to {host} {within}",
                request_sent=False,
                hint=_HINT_UNREACHABLE,
                connect_failure=ConnectFailure.UNREACHABLE,
            ) from None
        except errors.RequestException as error:
            # Within a body requests calls a time-out a connection error
            raise (self._too_slow(host, call) if _timed_out(error) else _broken(call.url, error)) from None
        except OSError as error:
            # requests hands on what it finds wrong with CA and certificate files as plain OSError
            raise OptionError(f"A file needed to talk to {host} cannot be used: {error.strerror or error}") from None
        return HttpResponse(
            response.status_code, {name.lower(): value for name, value in response.headers.items()}, body
        )

    def _send(self, call: HttpRequest) -> t.Any:
        connection = self._connection
        request = self._requests.Request(call.method, call.url, headers=call.headers, data=call.body)
        left = math.inf if call.seconds is None else call.seconds
        _reading.until = time.monotonic() + left
        certificate: t.Any = (
            (connection.client_cert, connection.client_key) if connection.client_key else connection.client_cert
        )
        return self._session.send(
            self._session.prepare_request(request),
            timeout=(min(connection.connect_timeout, left), min(connection.read_timeout, left)),
            allow_redirects=False,
            stream=True,
            verify=(connection.ca_path or True) if connection.validate_certs else False,
            cert=certificate,
            proxies=self._proxies(call.url),
        )

    def _proxies(self, url: str) -> dict[str, str]:
        utils = self._requests.utils
        if not self._connection.proxy:
            return _environment_proxies(utils, url)
        if utils.should_bypass_proxies(url, no_proxy=None):
            return {}
        return {"http": self._connection.proxy, "https": self._connection.proxy}

    def _body(self, response: t.Any) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_content(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size > BIGGEST_REPLY:
                raise TransportError(
                    f"the answer is longer than {BIGGEST_REPLY // 2**20} MiB", request_sent=True, retryable=False
                )
        promised = response.headers.get("Content-Length", "")
        if promised.isdigit() and response.request.method != "HEAD" and response.raw.tell() < int(promised):
            raise TransportError(
                f"the answer broke off after {response.raw.tell()} of {promised} bytes", request_sent=True
            )
        return b"".join(pieces)

    def _too_slow(self, host: str, call: HttpRequest) -> TransportError:
        return TransportError(
            f"{host} did not answer {_within(self._connection.read_timeout, 'read_timeout', call)}", request_sent=True
        )


def _environment_proxies(utils: t.Any, url: str) -> dict[str, str]:
    """Return the proxies of variables such as ``HTTPS_PROXY``. Raises OptionError, which names the variable, for one that cannot be used."""
    proxies = {scheme: value.strip() for scheme, value in utils.get_environ_proxies(url).items()}
    scheme = urlsplit(url).scheme
    used = next((name for name in (scheme, "all") if proxies.get(name)), None)
    if used:
        variable = next((name for name in (f"{used}_proxy", f"{used}_PROXY".upper()) if name in os.environ), used)
        check_proxy_text(f"The environment variable {variable}", proxies[used])
    return proxies


def _within(seconds: float, option: str, call: HttpRequest) -> str:
    """Which time-out it was, in words."""
    if call.seconds is not None and call.seconds < seconds:
        return f"within the {call.seconds:.3g} s that were left (timeout)"
    return f"within {seconds:g} s ({option})"


# Until when the thread's reply has to be there as a whole, whatever the sockets allow.
_reading = threading.local()


class _Bounded(io.RawIOBase):
    """What comes over a socket, up to the moment the whole reply has taken too long: the socket's own time-out begins anew with every byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._limit = sock.gettimeout() or 0.0
        self._deadline = min(time.monotonic() + WHOLE_REPLY * self._limit, getattr(_reading, "until", math.inf))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        if left >= self._limit:
            return self._raw.readinto(buffer)
        self._sock.settimeout(left)
        try:
            return self._raw.readinto(buffer)
        finally:
            # The connection may be used again.
            with contextlib.suppress(OSError):
                self._sock.settimeout(self._limit)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A reply whose headers and body are bounded in time as a whole."""

    def __init__(self, sock: socket.socket, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Bounded(self.fp.detach(), sock))


def _unread_alert(sock: socket.socket | None) -> ssl.SSLError | None:
    """Return the TLS alert that explains why a server closed the connection while the request was sent, if it is still there to read.

    With TLS 1.3, a server asks for a client certificate while the client already sends: the write fails before anybody reads the alert.
    """
    if not isinstance(sock, ssl.SSLSocket):
        return None
    try:
        sock.settimeout(min(sock.gettimeout() or _ALERT_TIMEOUT, _ALERT_TIMEOUT))
        sock.recv(1)
    except ssl.SSLError as error:
        return error if _ALERT.search(str(error)) else None
    except OSError:
        pass
    return None


def _bounded_adapter(requests: t.Any) -> t.Any:
    """The class of an adapter whose connections, also those through a proxy, read such replies."""
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    def bounded(pool: t.Any) -> t.Any:
        plain = pool.ConnectionCls

        def send(self: t.Any, data: t.Any) -> None:
            try:
                plain.send(self, data)
            except OSError:
                alert = _unread_alert(self.sock)
                if alert:
                    raise alert from None
                raise

        connection = type("BoundedConnection", (plain,), {"response_class": _Response, "send": send})
        return type("BoundedPool", (pool,), {"ConnectionCls": connection})

    pools = {"http": bounded(HTTPConnectionPool), "https": bounded(HTTPSConnectionPool)}

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = pools
            return manager

        def cert_verify(self, conn: t.Any, url: str, *args: t.Any, **kwargs: t.Any) -> None:
            # Where the address is plain http requests looks at no certificate, not even at that of a proxy that speaks TLS, and gets the password.
            super().cert_verify(conn, f"{conn.scheme}:", *args, **kwargs)

    return Adapter


_HINT_UNREACHABLE = "Check region, the endpoint options, and whether a proxy is needed to get there."
# Users of AWX see the labels of the credential type that the playbook awx_setup creates, not the options.
AWX_LABELS = {
    "ca_path": "CA certificates",
    "client_cert": "Client certificate",
    "client_key": "Client key",
}
_IN_AWX_CA = f"(in AWX: {AWX_LABELS['ca_path']})"
_IN_AWX_CLIENT = f"(in AWX: {AWX_LABELS['client_cert']}, {AWX_LABELS['client_key']})"
_HINT_UNTRUSTED_CA = f"Set ca_path {_IN_AWX_CA} to the CA that signed the certificate, and check that the certificate is for the endpoint's host name."
_HINT_INVALID_CA = f"Check ca_path {_IN_AWX_CA}: it must name a file with certificates in PEM format."
_HINT_CLIENT_KEY = f"Check client_cert and client_key {_IN_AWX_CLIENT}: the key must belong to the certificate."
_HINT_NO_TLS = f"Check that the endpoint speaks HTTPS. If it requires a client certificate, check client_cert and client_key {_IN_AWX_CLIENT}."
_HINT_CLIENT_CERT_REQUIRED = (
    f"The endpoint requires a client certificate: set client_cert and client_key {_IN_AWX_CLIENT}."
)
_HINT_CLIENT_CERT_REFUSED = f"The endpoint refuses the client certificate: check client_cert and client_key {_IN_AWX_CLIENT}, and which CA the endpoint trusts."
_HINT_UNTRUSTED_PROXY = f"Set ca_path {_IN_AWX_CA} to the CA that signed the proxy's certificate, and check that the certificate is for the proxy's host name."
_HINT_PROXY = "Check proxy and the variables HW_PROXY, HTTPS_PROXY and NO_PROXY."

# The second is what urllib3 before 2.0 says of a name that is not the certificate's.
_UNTRUSTED = ("CERTIFICATE_VERIFY_FAILED", "CertificateError")
_TUNNEL = "Tunnel connection failed"
# A proxy that refuses the client or the destination does so again, and repeated wrong passwords lock users out.
_TUNNEL_REFUSED = re.compile(f"{_TUNNEL}: (?:401|403|407)")
_ALERT_TIMEOUT = 1.0
_ALERT = re.compile(
    "ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)"
    "|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)"
)
_FRAME_OF_TLS_TEXT = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")


def _tls_failure(host: str, error: Exception, has_client_cert: bool = False) -> TransportError:
    text, reason = str(error), _reason(error)
    alert = _alert_in(error)
    if alert:
        return _alert_failure(host, alert, has_client_cert)
    if any(word in text for word in _UNTRUSTED):
        # A certificate that is refused is refused again, and nothing but the handshake was sent.
        return TransportError(
            f"no trusted connection to {host}: {reason}", request_sent=False, retryable=False, hint=_HINT_UNTRUSTED_CA
        )
    # Some versions of Python, for example 3.11.2, raise SSLZeroReturnError if the connection is closed during the handshake.
    if any(isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for cause in _causes(error)):
        # Whoever closed it may have done so at any time.
        return TransportError(f"the connection to {host} broke: {reason}", request_sent=True, hint=_HINT_NO_TLS)
    hint = _HINT_CLIENT_KEY if "KEY_VALUES_MISMATCH" in text else _HINT_INVALID_CA if "[X509" in text else _HINT_NO_TLS
    return TransportError(f"no trusted connection to {host}: {reason}", request_sent=True, retryable=False, hint=hint)


def _alert_in(error: Exception) -> ssl.SSLError | None:
    """Return the alert about the client that the other side sent, if it is the cause."""
    alerts = (cause for cause in _causes(error) if isinstance(cause, ssl.SSLError) and _ALERT.search(str(cause)))
    return next(alerts, None)


def _alert_failure(host: str, alert: ssl.SSLError, has_client_cert: bool) -> TransportError:
    """Return the failure of a handshake that the server ended with an alert about the client. Another attempt would end the same way."""
    if "HANDSHAKE_FAILURE" in str(alert):
        # Also the alert for two sides without a TLS version or a cipher in common.
        hint = _HINT_NO_TLS
    else:
        hint = _HINT_CLIENT_CERT_REFUSED if has_client_cert else _HINT_CLIENT_CERT_REQUIRED
    reason = _FRAME_OF_TLS_TEXT.sub("", alert.strerror or "")
    return TransportError(f"no trusted connection to {host}: {reason}", request_sent=True, retryable=False, hint=hint)


def _proxy_failure(error: Exception) -> TransportError:
    reason = _reason(error)
    if any(word in str(error) for word in _UNTRUSTED):
        return TransportError(
            f"the proxy cannot be used: {reason}", request_sent=False, retryable=False, hint=_HINT_UNTRUSTED_PROXY
        )
    obstacle = _obstacle(error)
    # A proxy for plain http may have handed the request on before it broke.
    sent = not (obstacle or reason.startswith(_TUNNEL))
    return TransportError(
        f"the proxy cannot be used: {reason}",
        request_sent=sent,
        retryable=not (_TUNNEL_REFUSED.match(reason) or _alert_in(error)),
        hint=_HINT_PROXY,
        connect_failure=obstacle,
    )


def _broken(url: str, error: Exception) -> TransportError:
    parts = urlsplit(url)
    obstacle = _obstacle(error)
    if obstacle:
        return TransportError(
            f"no connection to {parts.netloc}: {_reason(error)}",
            request_sent=False,
            hint=_HINT_UNREACHABLE,
            connect_failure=obstacle,
        )
    return TransportError(f"the connection to {parts.netloc} broke: {_reason(error)}", request_sent=True)


def _obstacle(error: Exception) -> ConnectFailure | None:
    """Return why there was no connection, ``None`` if there was one."""
    if not _never_connected(error):
        return None
    codes = [cause.errno for cause in _causes(error) if isinstance(cause, socket.gaierror)]
    unknown = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    return ConnectFailure.UNKNOWN_HOST if any(code in unknown for code in codes) else ConnectFailure.UNREACHABLE


def _never_connected(error: Exception) -> bool:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    return any(isinstance(cause, (NewConnectionError, ConnectTimeoutError)) for cause in _causes(error))


def _timed_out(error: Exception) -> bool:
    from urllib3.exceptions import ReadTimeoutError

    return any(isinstance(cause, ReadTimeoutError) for cause in _causes(error))


def _causes(error: BaseException | None) -> t.Iterator[BaseException]:
    """The exception, and those that urllib3 wrapped in it."""
    seen: list[BaseException] = []
    queue = [error]
    while queue:
        current = queue.pop(0)
        if isinstance(current, BaseException) and current not in seen:
            seen.append(current)
            yield current
            queue += [getattr(current, "reason", None), current.__cause__, current.__context__, *current.args]


def _reason(error: BaseException) -> str:
    """The operating system's or TLS library's word for it: the text of the outer exceptions holds addresses of objects."""
    best = ""
    for cause in _causes(error):
        words = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None)
        if isinstance(cause, OSError) and isinstance(words, str) and words:
            best = _FRAME_OF_TLS_TEXT.sub("", words)
        elif type(cause).__name__ == "CertificateError" or str(cause).startswith(_TUNNEL):
            best = str(cause)
    return best or "the connection was closed before the answer was complete"
