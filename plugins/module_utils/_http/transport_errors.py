# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Classification of failed connections: TLS, proxies and timeouts. This file is only loaded after a failure.

The classification decides whether the request is sent again, and which hint the user gets.
"""

from __future__ import annotations

import re
import socket
import ssl
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ConnectFailure,
    HuaweiCloudError,
    OptionError,
    TransportError,
)

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
        HttpRequest,
        TransportSettings,
    )

HINT_UNREACHABLE = "Check region, the endpoint options, and whether a proxy is required."
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
HINT_NO_TLS = f"Check that the endpoint uses HTTPS. If it requires a client certificate, check client_cert and client_key {_IN_AWX_CLIENT}."
_HINT_CLIENT_CERT_REQUIRED = (
    f"The endpoint requires a client certificate: set client_cert and client_key {_IN_AWX_CLIENT}."
)
_HINT_CLIENT_CERT_REJECTED = (
    f"The endpoint rejects the client certificate: check client_cert and client_key {_IN_AWX_CLIENT}, "
    "and which CA the endpoint trusts."
)
_HINT_UNTRUSTED_PROXY = f"Set ca_path {_IN_AWX_CA} to the CA that signed the proxy's certificate, and check that the certificate is for the proxy's host name."
_HINT_PROXY = "Check proxy and the variables HW_PROXY, HTTPS_PROXY and NO_PROXY."

# urllib3 before 2.0 reports CertificateError if the host name does not match.
_UNTRUSTED_MARKERS = ("CERTIFICATE_VERIFY_FAILED", "CertificateError")
_TUNNEL = "Tunnel connection failed"
# A proxy that rejects the client or the destination does so again, and repeated wrong passwords lock users out.
_REJECTED_TUNNEL = re.compile(f"{_TUNNEL}: (?:401|403|407)")
_ALERT_TIMEOUT = 1.0
_ALERT = re.compile(
    "ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)"
    "|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)"
)
_OPENSSL_DETAILS = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")


def translate_error(request: HttpRequest, connection: TransportSettings, error: Exception) -> HuaweiCloudError:
    """Return the error to raise for a request that failed with an OSError or a UnicodeError: TransportError or OptionError."""
    from requests import exceptions as errors

    host = urlsplit(request.url).netloc
    if isinstance(error, errors.SSLError):
        return tls_error(host, error, connection.client_cert is not None)
    unusable = (errors.InvalidURL, errors.InvalidHeader, errors.InvalidProxyURL, errors.InvalidSchema, UnicodeError)
    if isinstance(error, unusable):
        return OptionError(f"A request to {host} cannot be built: an endpoint, the proxy or a header is invalid")
    if isinstance(error, errors.ProxyError):
        return proxy_error(error)
    if isinstance(error, errors.ConnectTimeout):
        return TransportError(
            f"no connection to {host} {_within(connection.connect_timeout, 'connect_timeout', request)}",
            request_sent=False,
            hint=HINT_UNREACHABLE,
            connect_failure=ConnectFailure.UNREACHABLE,
        )
    if not isinstance(error, errors.RequestException):
        # requests reports problems with CA and certificate files as plain OSError.
        return OptionError(
            f"A file needed to talk to {host} cannot be used: {getattr(error, 'strerror', None) or error}"
        )
    if is_read_timeout(error):
        return TransportError(f"{host} did not respond {_within(connection.read_timeout, 'read_timeout', request)}")
    return connection_error(request.url, error)


def read_pending_alert(sock: socket.socket | None) -> ssl.SSLError | None:
    """Return the TLS alert with which a server closed the connection while the request was sent, if it is still unread.

    With TLS 1.3, a server requests a client certificate while the client already sends, so the write fails before the alert is read.
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


def tls_error(host: str, error: Exception, has_client_cert: bool = False) -> TransportError:
    """Return the error for a failed TLS connection to ``host``."""
    text, reason = str(error), _describe_cause(error)
    alert = _find_alert(error)
    if alert:
        return _alert_error(host, alert, has_client_cert)
    if any(word in text for word in _UNTRUSTED_MARKERS):
        # Another attempt would fail in the same way, and nothing but the handshake was sent.
        return TransportError(
            f"no trusted connection to {host}: {reason}", request_sent=False, retryable=False, hint=_HINT_UNTRUSTED_CA
        )
    # Some versions of Python, for example 3.11.2, raise SSLZeroReturnError if the connection is closed during the handshake.
    if any(isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for cause in _iterate_causes(error)):
        # The connection may have been closed at any time, also after the request was sent.
        return TransportError(f"the connection to {host} broke: {reason}", request_sent=True, hint=HINT_NO_TLS)
    hint = _HINT_CLIENT_KEY if "KEY_VALUES_MISMATCH" in text else _HINT_INVALID_CA if "[X509" in text else HINT_NO_TLS
    return TransportError(f"no trusted connection to {host}: {reason}", request_sent=True, retryable=False, hint=hint)


def _find_alert(error: Exception) -> ssl.SSLError | None:
    """Return the alert about the client that the server or proxy sent, if it is the cause."""
    alerts = (
        cause for cause in _iterate_causes(error) if isinstance(cause, ssl.SSLError) and _ALERT.search(str(cause))
    )
    return next(alerts, None)


def _alert_error(host: str, alert: ssl.SSLError, has_client_cert: bool) -> TransportError:
    """Return the error for an alert about the client. Another attempt would fail in the same way."""
    if "HANDSHAKE_FAILURE" in str(alert):
        # Servers send the same alert without a common TLS version or cipher.
        hint = HINT_NO_TLS
    else:
        hint = _HINT_CLIENT_CERT_REJECTED if has_client_cert else _HINT_CLIENT_CERT_REQUIRED
    reason = _OPENSSL_DETAILS.sub("", alert.strerror or "")
    return TransportError(f"no trusted connection to {host}: {reason}", request_sent=True, retryable=False, hint=hint)


def proxy_error(error: Exception) -> TransportError:
    """Return the error for a failed connection to or through a proxy."""
    reason = _describe_cause(error)
    if any(word in str(error) for word in _UNTRUSTED_MARKERS):
        return TransportError(
            f"the proxy cannot be used: {reason}", request_sent=False, retryable=False, hint=_HINT_UNTRUSTED_PROXY
        )
    connect_failure = _find_connect_failure(error)
    # A proxy for plain http may have forwarded the request before the connection broke.
    sent = not (connect_failure or reason.startswith(_TUNNEL))
    return TransportError(
        f"the proxy cannot be used: {reason}",
        request_sent=sent,
        retryable=not (_REJECTED_TUNNEL.match(reason) or _find_alert(error)),
        hint=_HINT_PROXY,
        connect_failure=connect_failure,
    )


def connection_error(url: str, error: Exception) -> TransportError:
    """Return the error for a connection that was not established, or that broke."""
    parts = urlsplit(url)
    connect_failure = _find_connect_failure(error)
    if connect_failure:
        return TransportError(
            f"no connection to {parts.netloc}: {_describe_cause(error)}",
            request_sent=False,
            hint=HINT_UNREACHABLE,
            connect_failure=connect_failure,
        )
    return TransportError(f"the connection to {parts.netloc} broke: {_describe_cause(error)}", request_sent=True)


def _find_connect_failure(error: Exception) -> ConnectFailure | None:
    """Return why no connection was established, or ``None`` if there was one."""
    if not _is_not_connected(error):
        return None
    codes = [cause.errno for cause in _iterate_causes(error) if isinstance(cause, socket.gaierror)]
    unknown = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    return ConnectFailure.UNKNOWN_HOST if any(code in unknown for code in codes) else ConnectFailure.UNREACHABLE


def _is_not_connected(error: Exception) -> bool:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    return any(isinstance(cause, (NewConnectionError, ConnectTimeoutError)) for cause in _iterate_causes(error))


def is_read_timeout(error: Exception) -> bool:
    """Return whether a read timeout is the cause, which requests reports as a connection error within a body."""
    from urllib3.exceptions import ReadTimeoutError

    return any(isinstance(cause, ReadTimeoutError) for cause in _iterate_causes(error))


def _iterate_causes(error: BaseException | None) -> t.Iterator[BaseException]:
    """Yield the exception and those that urllib3 wrapped in it."""
    seen: list[BaseException] = []
    queue = [error]
    while queue:
        current = queue.pop(0)
        if isinstance(current, BaseException) and current not in seen:
            seen.append(current)
            yield current
            queue += [getattr(current, "reason", None), current.__cause__, current.__context__, *current.args]


def _describe_cause(error: BaseException) -> str:
    """Return the text of the operating system or the TLS library. The texts of outer exceptions contain addresses of objects."""
    text = ""
    for cause in _iterate_causes(error):
        reason = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None)
        if isinstance(cause, OSError) and isinstance(reason, str) and reason:
            text = _OPENSSL_DETAILS.sub("", reason)
        elif type(cause).__name__ == "CertificateError" or str(cause).startswith(_TUNNEL):
            text = str(cause)
    return text or "the connection was closed before the response was complete"


def _within(seconds: float, option: str, request: HttpRequest) -> str:
    """Return the timeout that was exceeded, as the end of a sentence."""
    if request.timeout is not None and request.timeout < seconds:
        return f"within the {request.timeout:.3g} s that were left (timeout)"
    return f"within {seconds:g} s ({option})"
