# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the transport with real sockets on the loopback interface."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import gzip
import http.server
import ipaddress
import pathlib
import socket
import ssl
import struct
import sys
import threading
import types
import typing as t
import warnings

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    CheckModeError,
    ConnectFailure,
    LibraryError,
    OptionError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import transport as transport_module
from ansible_collections.community.huaweicloud.plugins.module_utils._http import transport_errors
from ansible_collections.community.huaweicloud.plugins.module_utils._http.metadata import MetadataTransport
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    RequestsTransport,
    read_only,
)

CONNECTION = Connection(
    credentials=Credentials("token", "task", auth_token="CANARY-given-token"), connect_timeout=300, read_timeout=300
)
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
OTHER_VARIABLES = ("NETRC", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")

HINT_UNREACHABLE = "Check region, the endpoint options, and whether a proxy is required."
HINT_TLS = (
    "Check that the endpoint uses HTTPS. "
    "If it requires a client certificate, check client_cert and client_key (in AWX: Client certificate, Client key)."
)
HINT_CA_FILE = "Check ca_path (in AWX: CA certificates): it must name a file with certificates in PEM format."
HINT_UNTRUSTED_PROXY = (
    "Set ca_path (in AWX: CA certificates) to the CA that signed the proxy's certificate, "
    "and check that the certificate is for the proxy's host name."
)
CHECK_PROXY = "Check proxy and the variables HW_PROXY, HTTPS_PROXY and NO_PROXY."
NAME_THE_CA = (
    "Set ca_path (in AWX: CA certificates) to the CA that signed the certificate, "
    "and check that the certificate is for the endpoint's host name."
)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in (*PROXY_VARIABLES, *(name.upper() for name in PROXY_VARIABLES), *OTHER_VARIABLES):
        monkeypatch.delenv(name, raising=False)


class ReceivedRequest(t.NamedTuple):
    """A request as the server received it."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    peer: tuple[str, int]

    def values(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found.lower() == name.lower()]


class Handler(http.server.BaseHTTPRequestHandler):
    """Records the request and lets the test respond."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        # Intentional failures are not printed.
        with contextlib.suppress(OSError):
            super().handle_one_request()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(ReceivedRequest(self.requestline, self.headers.items(), body, self.client_address))
        self.server.arrived.release()
        self.server.answer(self)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_CONNECT = _serve

    def log_message(self, format: str, *args: t.Any) -> None:
        pass

    def reply(self, status: int = 200, body: bytes = b"{}", content_length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if content_length is None else content_length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def wait(self) -> None:
        """Send nothing more until the end of the test."""
        self.server.over.wait(300)
        self.close_connection = True

    def reset(self) -> None:
        """Reset the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    """A server for one test, in a thread."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: t.Callable[[Handler], None], context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.seen: list[ReceivedRequest] = []
        self.arrived = threading.Semaphore(0)
        self.over = threading.Event()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.base = f"{'https' if context else 'http'}://127.0.0.1:{self.server_port}"

    def wait_for_requests(self, count: int) -> None:
        """Wait until ``count`` requests arrived. A client with a timeout may be faster than the threads of this server."""
        for _number in range(count):
            assert self.arrived.acquire(timeout=300)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        pass


@pytest.fixture
def serve():
    """Return a function that starts a server: ``serve(answer, context=None)``."""
    servers = []

    def start(answer=Handler.reply, context=None):
        server = Server(answer, context)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


def transport(**changes):
    return RequestsTransport(dataclasses.replace(CONNECTION, **changes))


def get(base, path="/v1/p-1/meshes", **headers):
    return HttpRequest("GET", base + path, {name.replace("_", "-"): value for name, value in headers.items()}, None)


def failure(call, **changes):
    with pytest.raises(TransportError) as caught:
        transport(**changes)(call)
    return caught.value


@pytest.fixture
def find_closed_port():
    """Return a port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


# -- what goes out and what comes back --------------------------------------------------------------------------------


def test_request_is_sent_unchanged(serve):
    server = serve()
    headers = {
        "Host": server.host,
        "User-Agent": "ours",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-Auth-Token": "secret",
    }
    query = "?action=a%2Fb%20c&z=~"
    transport()(HttpRequest("PUT", server.base + "/v2/meshes/m%2F1" + query, headers, b'{"a":1}'))
    [seen] = server.seen
    assert seen.line == "PUT /v2/meshes/m%2F1?action=a%2Fb%20c&z=~ HTTP/1.1"
    assert seen.body == b'{"a":1}'
    for name, value in headers.items():
        assert seen.values(name) == [value]
    assert seen.values("Authorization") == []
    assert seen.values("Content-Length") == ["7"]


def test_delete_has_no_body(serve):
    server = serve()
    transport()(HttpRequest("DELETE", server.base + "/x", {"Content-Type": "application/json"}, None))
    assert server.seen[0].body == b""
    assert server.seen[0].values("Content-Type") == ["application/json"]
    assert server.seen[0].values("Content-Length") == ["0"]


def test_response_is_complete_with_lower_case_headers(serve):
    server = serve(lambda handler: handler.reply(404, b'{"a": "\xc3\xa9"}', X_Request_Id="r-1"))
    reply = transport()(get(server.base))
    assert (reply.status, reply.body) == (404, b'{"a": "\xc3\xa9"}')
    assert reply.headers["x-request-id"] == "r-1"
    assert all(name == name.lower() for name in reply.headers)


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_body_of_any_size_is_complete(serve, size):
    server = serve(lambda handler: handler.reply(200, b"x" * size))
    assert transport()(get(server.base)).body == b"x" * size


def test_compressed_body_is_decompressed(serve):
    server = serve(lambda handler: handler.reply(200, gzip.compress(b"[1,2]" * 1000), Content_Encoding="gzip"))
    assert transport()(get(server.base)).body == b"[1,2]" * 1000


def test_content_length_of_head_is_ignored(serve):
    server = serve(lambda handler: handler.reply(200, b"", content_length=10))
    assert transport()(HttpRequest("HEAD", server.base + "/x", {}, None)).body == b""


def test_requests_share_one_connection(serve):
    server = serve()
    send = transport()
    for dummy in range(3):
        assert send(get(server.base)).status == 200
    assert len({seen.peer for seen in server.seen}) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirects_are_not_followed(serve, status, method):
    elsewhere = serve()
    server = serve(lambda handler: handler.reply(status, b"", Location=elsewhere.base + "/stolen"))
    reply = transport()(HttpRequest(method, server.base + "/x", {"X-Auth-Token": "secret"}, None))
    assert (reply.status, reply.headers["location"]) == (status, elsewhere.base + "/stolen")
    assert (len(server.seen), elsewhere.seen) == (1, [])


def test_netrc_is_not_read(serve, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve()
    transport()(get(server.base, X_Auth_Token="secret"))
    assert server.seen[0].values("Authorization") == []


# -- what can break ---------------------------------------------------------------------------------------------------


def send_truncated_chunks(handler):
    """Send a chunked body that ends within a chunk."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"a\r\n[1,2")
    handler.close_connection = True


def send_half(handler):
    handler.reply(200, b'{"items": [', content_length=100)
    handler.close_connection = True


def reset_within_body(handler):
    handler.reply(200, b'{"items": [', content_length=100)
    handler.reset()


def close_at_once(handler):
    handler.close_connection = True


BROKEN = "the connection was closed before the response was complete"


@pytest.mark.parametrize(
    "answer, reason",
    [
        (send_truncated_chunks, BROKEN),
        (send_half, BROKEN),
        (close_at_once, BROKEN),
        (Handler.reset, "Connection reset by peer"),
    ],
    ids=["chunk", "half", "closed", "reset"],
)
def test_incomplete_response_has_unknown_outcome(serve, answer, reason):
    server = serve(answer)
    error = failure(get(server.base))
    assert error.message == f"the connection to {server.host} broke: {reason}"
    assert (error.request_sent, error.retryable, error.hint) == (True, True, None)
    assert len(server.seen) == 1


def test_reset_within_the_body_is_an_error(serve):
    server = serve(reset_within_body)
    error = failure(get(server.base))
    # The reset may arrive before the previous bytes.
    assert error.message in [
        f"the connection to {server.host} broke: {reason}" for reason in (BROKEN, "Connection reset by peer")
    ]
    assert (error.request_sent, error.retryable) == (True, True)


def test_short_body_is_detected_if_urllib3_does_not(serve, monkeypatch):
    from urllib3.response import HTTPResponse

    original = HTTPResponse.__init__

    def init_without_check(self, *args, **kwargs):
        original(self, *args, **dict(kwargs, enforce_content_length=False))

    # This is the default before urllib3 2.0.
    monkeypatch.setattr(HTTPResponse, "__init__", init_without_check)
    error = failure(get(serve(send_half).base))
    assert error.message == "the response ended after 11 of 100 bytes"
    assert (error.request_sent, error.retryable) == (True, True)


def test_silent_server_is_limited_by_read_timeout(serve):
    server = serve(Handler.wait)
    error = failure(get(server.base), read_timeout=0.05)
    assert error.message == f"{server.host} did not respond within 0.05 s (read_timeout)"
    assert (error.request_sent, error.retryable) == (True, True)


@pytest.mark.parametrize(
    "seconds, words", [(0.05, "within the 0.05 s that were left (timeout)"), (9, "within 0.06 s (read_timeout)")]
)
def test_request_timeout_limits_the_request(serve, seconds, words):
    server = serve(Handler.wait)
    error = failure(get(server.base)._replace(timeout=seconds), read_timeout=0.06)
    assert error.message == f"{server.host} did not respond {words}"
    assert error.request_sent


def test_stall_within_the_body_is_a_timeout(serve):
    def answer(handler):
        handler.reply(200, b'{"items": [', content_length=100)
        handler.wait()

    server = serve(answer)
    error = failure(get(server.base), read_timeout=0.05)
    assert error.message == f"{server.host} did not respond within 0.05 s (read_timeout)"
    assert (error.request_sent, error.retryable) == (True, True)


def drip(start, end=b""):
    """Return a handler that sends ``start`` and then single bytes, up to an end that a client without a limit reaches."""

    def answer(handler):
        handler.wfile.write(start)
        for _byte in range(500):
            handler.wfile.write(b"x")
            if handler.server.over.wait(0.01):
                break
        handler.wfile.write(end)
        handler.close_connection = True

    return answer


SLOW_RESPONSES = {
    "status": drip(b"HTTP/1.1 200 O", b"\r\nContent-Length: 0\r\n\r\n"),
    "header": drip(b"HTTP/1.1 200 OK\r\nX-Long: ", b"\r\nContent-Length: 0\r\n\r\n"),
    "body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
    "body without a length": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
    "chunk": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n", b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("drip", SLOW_RESPONSES.values(), ids=SLOW_RESPONSES.keys())
def test_slow_response_is_limited_as_a_whole(serve, monkeypatch, drip):
    monkeypatch.setattr(transport_module, "RESPONSE_TIMEOUT_FACTOR", 2)
    server = serve(drip)
    error = failure(get(server.base), read_timeout=0.1)
    assert error.message == f"{server.host} did not respond within 0.1 s (read_timeout)"
    server.wait_for_requests(1)
    assert (error.request_sent, error.retryable, len(server.seen)) == (True, True, 1)


def test_slow_response_is_limited_by_request_timeout(serve, monkeypatch):
    monkeypatch.setattr(transport_module, "RESPONSE_TIMEOUT_FACTOR", 1e6)
    server = serve(SLOW_RESPONSES["body"])
    error = failure(get(server.base)._replace(timeout=0.2), read_timeout=5)
    assert error.message == f"{server.host} did not respond within the 0.2 s that were left (timeout)"


def test_slow_proxy_is_limited(serve, monkeypatch):
    monkeypatch.setattr(transport_module, "RESPONSE_TIMEOUT_FACTOR", 2)
    proxy = serve(SLOW_RESPONSES["header"])
    assert (
        failure(get("http://asm.example.com"), proxy=proxy.base, read_timeout=0.1).message
        == "asm.example.com did not respond within 0.1 s (read_timeout)"
    )
    failure(get("https://asm.example.com"), proxy=proxy.base, connect_timeout=1)
    proxy.wait_for_requests(2)
    assert [seen.line.split()[0] for seen in proxy.seen] == ["GET", "CONNECT"]


def test_connection_is_reused_after_a_slow_response(serve, monkeypatch):
    monkeypatch.setattr(transport_module, "RESPONSE_TIMEOUT_FACTOR", 0.5)
    server = serve()
    send = transport(read_timeout=300)
    sockets = []
    original = transport_module._TimeLimitedReader.readinto

    def record_read(self, buffer):
        try:
            return original(self, buffer)
        finally:
            sockets.append((self._sock, self._sock.gettimeout()))

    monkeypatch.setattr(transport_module._TimeLimitedReader, "readinto", record_read)
    assert [send(get(server.base)).status for _call in range(2)] == [200, 200]
    assert len({sock for sock, dummy in sockets}) == 1
    assert {seconds for dummy, seconds in sockets} == {300}


def test_slow_body_is_limited_as_a_whole(serve, monkeypatch):
    monkeypatch.setattr(transport_module, "RESPONSE_TIMEOUT_FACTOR", 0)
    server = serve()
    error = failure(get(server.base), read_timeout=7)
    assert error.message == f"{server.host} did not respond within 7 s (read_timeout)"
    assert error.request_sent is True


def test_endless_response_is_an_error(serve, monkeypatch):
    monkeypatch.setattr(transport_module, "MAX_RESPONSE_SIZE", 1024 * 1024)
    exact, bigger = (
        serve(lambda handler: handler.reply(200, b"x" * 2**20)),
        serve(lambda handler: handler.reply(200, b"x" * (2**20 + 1))),
    )
    assert len(transport()(get(exact.base)).body) == 2**20
    error = failure(get(bigger.base))
    assert error.message == "the response is longer than 1 MiB"
    assert (error.request_sent, error.retryable) == (True, False)


def test_closed_port_means_not_sent(find_closed_port):
    error = failure(get(f"http://127.0.0.1:{find_closed_port}"))
    assert error.message == f"no connection to 127.0.0.1:{find_closed_port}: Connection refused"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, HINT_UNREACHABLE)


def test_unknown_host_name_means_not_sent(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(get("https://asm.nowhere.example.com"))
    assert error.message == "no connection to asm.nowhere.example.com: Name or service not known"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, HINT_UNREACHABLE)


def test_connect_timeout_means_not_sent(monkeypatch):
    def slow(self, address):
        raise socket.timeout("timed out")

    monkeypatch.setattr(socket.socket, "connect", slow)
    error = failure(get("http://127.0.0.1:9"), connect_timeout=0.25)
    assert error.message == "no connection to 127.0.0.1:9 within 0.25 s (connect_timeout)"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, HINT_UNREACHABLE)


def test_timeouts_of_the_connection_are_used(serve, monkeypatch):
    server, given, original = serve(), [], socket.socket.settimeout

    def record_timeout(self, value):
        given.append(value)
        original(self, value)

    monkeypatch.setattr(socket.socket, "settimeout", record_timeout)
    transport(connect_timeout=3.5, read_timeout=4.5)(get(server.base))
    assert {3.5, 4.5} <= set(given)


@pytest.mark.parametrize(
    "url, headers",
    [
        ("http://127.0.0.1:1/x", {"X-Auth-Token": "two\nlines"}),
        ("http://127.0.0.1:1/x", {"X-Auth-Token": " blank"}),
        ("http://exa mple/x", {}),
        ("http://.../x", {}),
    ],
)
def test_invalid_request_is_an_option_error(url, headers):
    with pytest.raises(OptionError) as caught:
        transport()(HttpRequest("GET", url, headers, None))
    assert caught.value.message.startswith("A request to ")
    assert caught.value.message.endswith(" cannot be built: an endpoint, the proxy or a header is invalid")
    assert "two" not in str(caught.value)


def test_header_beyond_latin_1_is_an_option_error(serve):
    server = serve()
    with pytest.raises(OptionError, match="a header is invalid"):
        transport()(get(server.base, X_Auth_Token="\u4e2d"))
    assert server.seen == []


def test_missing_requests_library_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(LibraryError) as caught:
        RequestsTransport(CONNECTION)
    assert caught.value.message == "The Python library requests is needed, and it cannot be imported."
    assert caught.value.library == "requests"
    assert "import requests" in caught.value.traceback
    assert caught.value.__cause__ is None


# -- TLS --------------------------------------------------------------------------------------------------------------


class Authority:
    """A CA for one run of the tests."""

    def __init__(self, directory, name):
        x509 = pytest.importorskip("cryptography.x509")
        from cryptography.hazmat.primitives.asymmetric import ec

        self.directory, self.name, self.key = directory, name, ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._sign(self.key, [(constraints, True), *self._key_usage(x509)])
        self.path = self._write(f"{name}.pem", self.certificate)

    def issue(self, name, *hosts):
        """Return the paths of a new certificate and its key."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ipaddress.ip_address(host)) for host in hosts]
        extensions = [(x509.SubjectAlternativeName(names), False)] if names else []
        certificate = self._sign(key, extensions, name)
        key_path = self.directory / f"{self.name}-{name}.key"
        key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
        return self._write(f"{self.name}-{name}.pem", certificate), str(key_path)

    def _sign(self, key, extensions, name=None):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.x509.oid import NameOID

        def build_name(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        begin = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
        identifiers = [
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
        ]
        builder = (
            x509.CertificateBuilder()
            .subject_name(build_name(name or self.name))
            .issuer_name(build_name(self.name))
            .public_key(key.public_key())
        )
        builder = (
            builder.serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + dt.timedelta(days=3))
        )
        for extension, critical in [*extensions, *identifiers]:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, hashes.SHA256())

    @staticmethod
    def _key_usage(x509):
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        usage = x509.KeyUsage(
            **dict.fromkeys(names, False), key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False
        )
        return [(usage, True)]

    def _write(self, name, certificate):
        from cryptography.hazmat.primitives.serialization import Encoding

        path = self.directory / name
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        return str(path)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """Return two CAs, certificates of the first one, and a function that builds the TLS context of a server."""
    directory = tmp_path_factory.mktemp("tls")
    ours, other = Authority(directory, "ours"), Authority(directory, "other")
    server, client = ours.issue("server", "127.0.0.1"), ours.issue("client")
    elsewhere = ours.issue("elsewhere", "127.0.0.99")

    def context(pair=server, ask=False):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*pair)
        if ask:
            made.load_verify_locations(ours.path)
            made.verify_mode = ssl.CERT_REQUIRED
        return made

    return types.SimpleNamespace(
        ours=ours, other=other, client=client, elsewhere=elsewhere, context=context, directory=directory
    )


def test_private_ca_is_trusted_with_ca_path(serve, tls):
    server = serve(context=tls.context())
    assert transport(ca_path=tls.ours.path)(get(server.base)).status == 200
    assert server.seen[0].line == "GET /v1/p-1/meshes HTTP/1.1"


def test_slow_response_over_tls_is_limited_as_a_whole(serve, tls, monkeypatch):
    monkeypatch.setattr(transport_module, "RESPONSE_TIMEOUT_FACTOR", 2)
    server = serve(SLOW_RESPONSES["header"], context=tls.context())
    assert (
        failure(get(server.base), ca_path=tls.ours.path, read_timeout=0.1).message
        == f"{server.host} did not respond within 0.1 s (read_timeout)"
    )


@pytest.mark.parametrize("named", [None, "other"])
def test_unknown_ca_is_not_retried(serve, tls, named):
    server = serve(context=tls.context())
    error = failure(get(server.base), ca_path=named and tls.other.path)
    assert error.message == f"no trusted connection to {server.host}: unable to get local issuer certificate"
    assert (error.request_sent, error.retryable, error.hint) == (False, False, NAME_THE_CA)
    assert server.seen == []


def test_environment_does_not_replace_the_ca(serve, tls, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.ours.path)
    assert failure(get(serve(context=tls.context()).base)).retryable is False


def test_certificate_for_another_host_is_rejected(serve, tls):
    server = serve(context=tls.context(tls.elsewhere))
    error = failure(get(server.base), ca_path=tls.ours.path)
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert "127.0.0.1" in error.message.split(": ", 1)[1]
    assert (error.request_sent, error.retryable, error.hint) == (False, False, NAME_THE_CA)


def test_certificates_are_ignored_without_validation(serve, tls):
    server = serve(context=tls.context(tls.elsewhere))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert transport(validate_certs=False, ca_path=tls.other.path)(get(server.base)).status == 200


def test_client_certificate_is_sent(serve, tls):
    server = serve(context=tls.context(ask=True))
    certificate, key = tls.client
    assert transport(ca_path=tls.ours.path, client_cert=certificate, client_key=key)(get(server.base)).status == 200


def test_client_certificate_may_contain_its_key(serve, tls):
    server = serve(context=tls.context(ask=True))
    both = tls.directory / "both.pem"
    both.write_text("".join(pathlib.Path(path).read_text() for path in tls.client))
    assert transport(ca_path=tls.ours.path, client_cert=str(both))(get(server.base)).status == 200


def test_missing_client_certificate_is_an_error(serve, tls):
    context = tls.context(ask=True)
    # TLS 1.3 rejects the client after the handshake, with an alert or with the end of the connection.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = serve(context=context)
    error = failure(get(server.base), ca_path=tls.ours.path)
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert error.message.endswith("alert handshake failure")
    assert (error.request_sent, error.retryable, error.hint) == (True, False, HINT_TLS)
    assert server.seen == []


IN_AWX = "(in AWX: Client certificate, Client key)"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rejected_client_certificate_is_not_retryable(serve, tls, version, method):
    context = tls.context(ask=True)
    context.maximum_version = version
    server = serve(context=context)
    certificate, key = tls.other.issue("stranger")
    call = HttpRequest(method, server.base + "/v1", {}, b"x" * 10_000 if method == "POST" else None)
    error = failure(call, ca_path=tls.ours.path, client_cert=certificate, client_key=key)
    assert error.message == f"no trusted connection to {server.host}: tlsv1 alert unknown ca"
    assert error.hint == (
        f"The endpoint rejects the client certificate: check client_cert and client_key {IN_AWX}, and which CA the endpoint trusts."
    )
    assert (error.request_sent, error.retryable, server.seen) == (True, False, [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_missing_client_certificate_is_reported_with_tls_1_3(serve, tls, method):
    """The server rejects the client after the handshake, usually while the client sends the request."""
    server = serve(context=tls.context(ask=True))
    call = HttpRequest(method, server.base + "/v1", {}, b"x" * 10_000 if method == "POST" else None)
    for _attempt in range(10):
        error = failure(call, ca_path=tls.ours.path)
        assert error.message == f"no trusted connection to {server.host}: tlsv13 alert certificate required"
        assert error.hint == f"The endpoint requires a client certificate: set client_cert and client_key {IN_AWX}."
        assert (error.retryable, server.seen) == (False, [])


def test_awx_labels_match_the_credential_type():
    path = pathlib.Path(transport_module.__file__).parents[3] / "playbooks" / "vars" / "awx_setup.yml"
    # PyYAML does not know Ansible's tag.
    content = yaml.safe_load(path.read_text(encoding="utf-8").replace("!unsafe", ""))
    labels = {field["label"] for field in content["awx_setup_credential_type"]["inputs"]["fields"]}
    assert set(transport_errors.AWX_LABELS.values()) <= labels


@pytest.mark.parametrize(
    ("code", "obstacle"),
    [
        (socket.EAI_NONAME, ConnectFailure.UNKNOWN_HOST),
        (socket.EAI_AGAIN, ConnectFailure.UNREACHABLE),
        (socket.EAI_FAIL, ConnectFailure.UNREACHABLE),
    ],
)
def test_unresolved_name_is_a_connect_failure(monkeypatch, code, obstacle):
    def fail_to_resolve(*args, **kwargs):
        raise socket.gaierror(code, "as the system puts it")

    monkeypatch.setattr(socket, "getaddrinfo", fail_to_resolve)
    error = failure(get("https://asm.example.invalid"))
    assert error.message == "no connection to asm.example.invalid: as the system puts it"
    assert (error.request_sent, error.retryable, error.hint, error.connect_failure) == (
        False,
        True,
        HINT_UNREACHABLE,
        obstacle,
    )


def test_refused_connection_is_a_connect_failure():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error = failure(get(f"http://127.0.0.1:{bound.getsockname()[1]}"))
    assert (error.request_sent, error.connect_failure) == (False, ConnectFailure.UNREACHABLE)


def test_https_to_an_http_port_is_not_retryable(serve):
    server = serve()
    error = failure(get(server.base.replace("http", "https")))
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert "_ssl.c" not in error.message
    assert (error.request_sent, error.retryable, error.hint) == (True, False, HINT_TLS)


def test_interrupted_handshake_is_retryable():
    def drop(listening):
        connection, dummy = listening.accept()
        with connection:
            connection.recv(10_000)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=drop, args=(listening,), daemon=True).start()
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        error = failure(get(f"https://{host}"))
    # The text depends on the version of Python.
    assert error.message in [
        f"the connection to {host} broke: {reason}"
        for reason in ("EOF occurred in violation of protocol", "TLS/SSL connection has been closed (EOF)")
    ]
    assert (error.request_sent, error.retryable, error.hint) == (True, True, HINT_TLS)


@pytest.mark.parametrize("kind", [ssl.SSLEOFError, ssl.SSLZeroReturnError])
def test_closed_handshake_is_retryable_with_each_python(monkeypatch, kind):
    def closed(self, *args, **kwargs):
        raise kind(kind.__name__)

    monkeypatch.setattr(ssl.SSLSocket, "do_handshake", closed)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        error = failure(get(f"https://127.0.0.1:{listening.getsockname()[1]}"))
    assert (error.request_sent, error.retryable, error.hint) == (True, True, HINT_TLS)


def test_key_of_another_certificate_is_reported(serve, tls):
    server, (certificate, _key), (_other, key) = serve(context=tls.context(ask=True)), tls.client, tls.elsewhere
    error = failure(get(server.base), ca_path=tls.ours.path, client_cert=certificate, client_key=key)
    assert (
        error.hint
        == "Check client_cert and client_key (in AWX: Client certificate, Client key): the key must belong to the certificate."
    )
    assert (error.retryable, server.seen) == (False, [])


@pytest.mark.parametrize("option", ["ca_path", "client_cert", "client_key"])
def test_file_without_certificates_is_an_error(serve, tls, option):
    server = serve(context=tls.context(ask=True))
    garbage = tls.directory / "garbage.pem"
    garbage.write_text("garbage")
    files = {"ca_path": tls.ours.path, "client_cert": tls.client[0], "client_key": tls.client[1], option: str(garbage)}
    error = failure(get(server.base), **files)
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert "_ssl.c" not in error.message
    assert (error.retryable, error.hint) == (False, HINT_CA_FILE if option == "ca_path" else HINT_TLS)
    assert server.seen == []


@pytest.mark.parametrize(
    "option, words",
    [
        ("ca_path", "Could not find a suitable TLS CA certificate bundle, invalid path: {path}"),
        ("client_cert", "Could not find the TLS certificate file, invalid path: {path}"),
        ("client_key", "Could not find the TLS key file, invalid path: {path}"),
    ],
)
def test_deleted_file_is_an_option_error(serve, tls, option, words):
    server = serve(context=tls.context(ask=True))
    deleted = str(tls.directory / "deleted.pem")
    files = {"ca_path": tls.ours.path, "client_cert": tls.client[0], "client_key": tls.client[1], option: deleted}
    with pytest.raises(OptionError) as caught:
        transport(**files)(get(server.base))
    assert (
        caught.value.message == f"A file needed to talk to {server.host} cannot be used: {words.format(path=deleted)}"
    )


def test_host_name_mismatch_of_old_urllib3_is_recognized():
    import requests

    class CertificateError(ValueError):
        pass

    inner = CertificateError("hostname 'a.example.com' doesn't match 'b.example.com'")
    error = transport_errors.tls_error("a.example.com", requests.exceptions.SSLError(ValueError("at 0x1", inner)))
    assert (
        error.message
        == "no trusted connection to a.example.com: hostname 'a.example.com' doesn't match 'b.example.com'"
    )
    assert (error.request_sent, error.retryable, error.hint) == (False, False, NAME_THE_CA)


# -- proxies ----------------------------------------------------------------------------------------------------------

SERVICE = "http://asm.example.com"
TUNNELED = "https://asm.example.com"


def test_proxy_option_is_used(serve):
    proxy = serve(lambda handler: handler.reply(200, b"via"))
    assert transport(proxy=proxy.base.replace("//", "//somebody:CANARY-proxy@"))(get(SERVICE)).body == b"via"
    [seen] = proxy.seen
    assert seen.line == "GET http://asm.example.com/v1/p-1/meshes HTTP/1.1"
    assert seen.values("Proxy-Authorization") == ["Basic c29tZWJvZHk6Q0FOQVJZLXByb3h5"]


def test_metadata_transport_uses_no_proxy(serve, monkeypatch):
    server, proxy = serve(), serve()
    monkeypatch.setenv("http_proxy", proxy.base)
    assert transport()(get(server.base)).status == 200
    assert len(proxy.seen) == 1
    assert MetadataTransport()(get(server.base)).status == 200
    assert (len(server.seen), len(proxy.seen)) == (1, 1)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_proxy_variables_are_used(serve, monkeypatch, name):
    proxy = serve()
    monkeypatch.setenv(name, proxy.base)
    assert transport()(get(SERVICE)).status == 200
    assert len(proxy.seen) == 1


def test_proxy_option_takes_precedence_over_variables(serve, monkeypatch):
    proxy, other = serve(), serve()
    monkeypatch.setenv("HTTP_PROXY", other.base)
    transport(proxy=proxy.base)(get(SERVICE))
    assert (len(proxy.seen), other.seen) == (1, [])


@pytest.mark.parametrize("from_option", [True, False])
@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "10.0.0.0/8,127.0.0.0/8", "*"])
def test_no_proxy_is_respected(serve, monkeypatch, find_closed_port, from_option, no_proxy):
    server, dead = serve(), f"http://127.0.0.1:{find_closed_port}"
    monkeypatch.setenv("NO_PROXY", no_proxy)
    if not from_option:
        monkeypatch.setenv("HTTP_PROXY", dead)
    assert transport(proxy=dead if from_option else None)(get(server.base)).status == 200
    assert server.seen[0].line == "GET /v1/p-1/meshes HTTP/1.1"


@pytest.mark.parametrize("url", [SERVICE, TUNNELED])
def test_unreachable_proxy_means_not_sent(find_closed_port, url):
    error = failure(get(url), proxy=f"http://somebody:CANARY-proxy@127.0.0.1:{find_closed_port}")
    assert error.message == "the proxy cannot be used: Connection refused"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, CHECK_PROXY)


@pytest.mark.parametrize("url", [SERVICE, TUNNELED])
def test_proxy_with_tls_is_verified_for_every_url(serve, tls, url):
    proxy = serve(context=tls.context())
    address = proxy.base.replace("//", "//somebody:CANARY-proxy@")
    error = failure(get(url), proxy=address, ca_path=tls.other.path)
    assert error.message == "the proxy cannot be used: unable to get local issuer certificate"
    assert (error.request_sent, error.retryable, error.hint) == (False, False, HINT_UNTRUSTED_PROXY)
    assert proxy.seen == []


@pytest.mark.parametrize("url", [SERVICE, TUNNELED])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_proxy_requiring_client_certificate_is_not_retried(serve, tls, url, version):
    context = tls.context(ask=True)
    context.maximum_version = version
    proxy = serve(context=context)
    error = failure(get(url), proxy=proxy.base, ca_path=tls.ours.path)
    assert "alert" in error.message
    assert (error.retryable, proxy.seen) == (False, [])


def test_trusted_proxy_with_tls_is_used(serve, tls):
    proxy = serve(lambda handler: handler.reply(200, b"via"), context=tls.context())
    assert transport(proxy=proxy.base, ca_path=tls.ours.path)(get(SERVICE)).body == b"via"
    assert transport(proxy=proxy.base, validate_certs=False)(get(SERVICE)).body == b"via"
    assert [seen.line for seen in proxy.seen] == ["GET http://asm.example.com/v1/p-1/meshes HTTP/1.1"] * 2


def test_rejected_tunnel_is_reported(serve):
    proxy = serve(lambda handler: handler.reply(407, b""))
    error = failure(get(TUNNELED), proxy=proxy.base)
    assert error.message == "the proxy cannot be used: Tunnel connection failed: 407 Proxy Authentication Required"
    assert (error.request_sent, error.retryable, error.hint) == (False, False, CHECK_PROXY)
    assert [seen.line.rsplit(" ", 1)[0] for seen in proxy.seen] == ["CONNECT asm.example.com:443"]


@pytest.mark.parametrize(("status", "repeatable"), [(403, False), (502, True), (503, True), (504, True)])
def test_tunnel_with_temporary_failure_is_retryable(serve, status, repeatable):
    proxy = serve(lambda handler: handler.reply(status, b""))
    error = failure(get(TUNNELED), proxy=proxy.base)
    assert (error.request_sent, error.retryable, error.connect_failure) == (False, repeatable, None)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_invalid_proxy_variable_is_reported(serve, monkeypatch, variable):
    monkeypatch.setenv(variable, "http://user:%E4%B8%AD-CANARY@proxy.example.com:3128")
    with pytest.raises(OptionError, match=f"^The environment variable {variable} is not a usable URL: ") as caught:
        transport()(get(TUNNELED))
    assert "CANARY" not in str(caught.value)


def test_line_break_at_the_end_of_a_proxy_variable_is_removed(serve, monkeypatch):
    proxy = serve()
    monkeypatch.setenv("http_proxy", f"{proxy.base}\n")
    assert transport()(get(SERVICE)).status == 200


def test_broken_proxy_has_unknown_outcome(serve):
    proxy = serve(Handler.reset)
    error = failure(HttpRequest("POST", SERVICE + "/x", {}, b"{}"), proxy=proxy.base)
    assert error.message.endswith(": Connection reset by peer")
    assert (error.request_sent, error.retryable) == (True, True)
    assert proxy.seen[0].body == b"{}"


# -- check mode -------------------------------------------------------------------------------------------------------

TOKENS = "https://iam.example.com/v3/auth/tokens"


@pytest.mark.parametrize(
    "method, url",
    [
        ("GET", SERVICE + "/v1/p-1/meshes"),
        ("POST", TOKENS),
        ("POST", TOKENS + "?nocatalog=true"),
        ("POST", "http://127.0.0.1:8080/iam/v3/auth/tokens"),
        ("POST", "https://iam.example.com/v3.0/OS-CREDENTIAL/securitytokens"),
    ],
)
def test_check_mode_sends_reads_and_token_requests(method, url):
    calls = []
    guarded = read_only(lambda call: calls.append(call) or HttpResponse(200, {}, b""))
    call = HttpRequest(method, url, {}, None)
    assert guarded(call) == HttpResponse(200, {}, b"")
    assert calls == [call]


@pytest.mark.parametrize(
    "method, url, path",
    [
        ("POST", SERVICE + "/v2/meshes/m/workshops", "/v2/meshes/m/workshops"),
        ("POST", SERVICE + "/x?y=/v3/auth/tokens", "/x"),
        ("PUT", SERVICE + "/x", "/x"),
        ("DELETE", SERVICE + "/x?action=end", "/x"),
        ("DELETE", TOKENS, "/v3/auth/tokens"),
        ("PUT", TOKENS, "/v3/auth/tokens"),
        ("POST", SERVICE + "/meta-data/latest/api/token", "/meta-data/latest/api/token"),
        ("PATCH", SERVICE + "/x", "/x"),
        ("get", SERVICE + "/x", "/x"),
    ],
)
def test_check_mode_rejects_other_requests(method, url, path):
    calls = []
    guarded = read_only(calls.append)
    with pytest.raises(CheckModeError) as caught:
        guarded(HttpRequest(method, url, {}, b"{}"))
    assert caught.value.message == f"Check mode must not send {method} {path}; this is a defect of the collection."
    assert calls == []
