# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against real sockets on the loopback interface: what requests does with them is what is tested here."""

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
from ansible_collections.community.huaweicloud.plugins.module_utils._http import transport as _transport
from ansible_collections.community.huaweicloud.plugins.module_utils._http import transport_errors
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

REACH = "Check region, the endpoint options, and whether a proxy is needed to get there."
SPEAK_TLS = (
    "Check that the endpoint speaks HTTPS. "
    "If it requires a client certificate, check client_cert and client_key (in AWX: Client certificate, Client key)."
)
MEND_THE_CA = "Check ca_path (in AWX: CA certificates): it must name a file with certificates in PEM format."
TRUST_THE_PROXY = (
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


class Seen(t.NamedTuple):
    """One request as it came over the wire."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    peer: tuple[str, int]

    def values(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found.lower() == name.lower()]


class Handler(http.server.BaseHTTPRequestHandler):
    """Notes the request and lets the test answer it."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        # What breaks on purpose need not be told about.
        with contextlib.suppress(OSError):
            super().handle_one_request()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(Seen(self.requestline, self.headers.items(), body, self.client_address))
        self.server.arrived.release()
        self.server.answer(self)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_CONNECT = _serve

    def log_message(self, format: str, *args: t.Any) -> None:
        pass

    def reply(self, status: int = 200, body: bytes = b"{}", promised: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def wait(self) -> None:
        """Says nothing more until the test is over."""
        self.server.over.wait(300)
        self.close_connection = True

    def reset(self) -> None:
        """Ends the connection the hard way."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    """Serves one test from a thread."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: t.Callable[[Handler], None], context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.seen: list[Seen] = []
        self.arrived = threading.Semaphore(0)
        self.over = threading.Event()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.base = f"{'https' if context else 'http'}://127.0.0.1:{self.server_port}"

    def wait_for_requests(self, count: int) -> None:
        """Wait until ``count`` requests arrived. A client that gave up may be ahead of the threads of this server."""
        for _number in range(count):
            assert self.arrived.acquire(timeout=300)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        pass


@pytest.fixture
def serve():
    """``serve(answer, context=None)`` -> a running Server."""
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
def closed_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


# -- what goes out and what comes back --------------------------------------------------------------------------------


def test_a_call_goes_out_as_it_is(serve):
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


def test_a_delete_has_no_body(serve):
    server = serve()
    transport()(HttpRequest("DELETE", server.base + "/x", {"Content-Type": "application/json"}, None))
    assert server.seen[0].body == b""
    assert server.seen[0].values("Content-Type") == ["application/json"]
    assert server.seen[0].values("Content-Length") == ["0"]


def test_the_reply_is_complete_and_its_names_are_in_lower_case(serve):
    server = serve(lambda handler: handler.reply(404, b'{"a": "\xc3\xa9"}', X_Request_Id="r-1"))
    reply = transport()(get(server.base))
    assert (reply.status, reply.body) == (404, b'{"a": "\xc3\xa9"}')
    assert reply.headers["x-request-id"] == "r-1"
    assert all(name == name.lower() for name in reply.headers)


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_bodies_of_any_size_come_whole(serve, size):
    server = serve(lambda handler: handler.reply(200, b"x" * size))
    assert transport()(get(server.base)).body == b"x" * size


def test_a_packed_body_is_unpacked(serve):
    server = serve(lambda handler: handler.reply(200, gzip.compress(b"[1,2]" * 1000), Content_Encoding="gzip"))
    assert transport()(get(server.base)).body == b"[1,2]" * 1000


def test_the_promised_length_of_a_head_is_not_waited_for(serve):
    server = serve(lambda handler: handler.reply(200, b"", promised=10))
    assert transport()(HttpRequest("HEAD", server.base + "/x", {}, None)).body == b""


def test_calls_share_one_connection(serve):
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


def unframed(handler):
    """A body in chunks that ends in the middle of one."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"a\r\n[1,2")
    handler.close_connection = True


def halved(handler):
    handler.reply(200, b'{"items": [', promised=100)
    handler.close_connection = True


def reset_within(handler):
    handler.reply(200, b'{"items": [', promised=100)
    handler.reset()


def closed_at_once(handler):
    handler.close_connection = True


BROKEN = "the connection was closed before the response was complete"


@pytest.mark.parametrize(
    "answer, reason",
    [(unframed, BROKEN), (halved, BROKEN), (closed_at_once, BROKEN), (Handler.reset, "Connection reset by peer")],
    ids=["chunk", "half", "closed", "reset"],
)
def test_an_incomplete_answer_is_a_failure_that_may_have_had_effect(serve, answer, reason):
    server = serve(answer)
    error = failure(get(server.base))
    assert error.message == f"the connection to {server.host} broke: {reason}"
    assert (error.request_sent, error.retryable, error.hint) == (True, True, None)
    assert len(server.seen) == 1


def test_a_reset_within_the_body_is_a_failure(serve):
    server = serve(reset_within)
    error = failure(get(server.base))
    # The reset may overtake the bytes before it.
    assert error.message in [
        f"the connection to {server.host} broke: {reason}" for reason in (BROKEN, "Connection reset by peer")
    ]
    assert (error.request_sent, error.retryable) == (True, True)


def test_a_short_body_is_noticed_where_the_library_does_not_look(serve, monkeypatch):
    from urllib3.response import HTTPResponse

    original = HTTPResponse.__init__

    def lenient(self, *args, **kwargs):
        original(self, *args, **dict(kwargs, enforce_content_length=False))

    # The default before urllib3 2.0.
    monkeypatch.setattr(HTTPResponse, "__init__", lenient)
    error = failure(get(serve(halved).base))
    assert error.message == "the response ended after 11 of 100 bytes"
    assert (error.request_sent, error.retryable) == (True, True)


def test_a_silent_server_is_waited_for_as_long_as_it_was_said(serve):
    server = serve(Handler.wait)
    error = failure(get(server.base), read_timeout=0.05)
    assert error.message == f"{server.host} did not respond within 0.05 s (read_timeout)"
    assert (error.request_sent, error.retryable) == (True, True)


@pytest.mark.parametrize(
    "seconds, words", [(0.05, "within the 0.05 s that were left (timeout)"), (9, "within 0.06 s (read_timeout)")]
)
def test_a_call_is_given_no_more_time_than_it_says(serve, seconds, words):
    server = serve(Handler.wait)
    error = failure(get(server.base)._replace(timeout=seconds), read_timeout=0.06)
    assert error.message == f"{server.host} did not respond {words}"
    assert error.request_sent


def test_a_server_that_falls_silent_within_the_body_is_too_slow(serve):
    def answer(handler):
        handler.reply(200, b'{"items": [', promised=100)
        handler.wait()

    server = serve(answer)
    error = failure(get(server.base), read_timeout=0.05)
    assert error.message == f"{server.host} did not respond within 0.05 s (read_timeout)"
    assert (error.request_sent, error.retryable) == (True, True)


def dripping(start, end=b""):
    """Answers with ``start``, and then with one byte after the other. It has an end, so that a client without a limit gets all of it."""

    def answer(handler):
        handler.wfile.write(start)
        for _byte in range(500):
            handler.wfile.write(b"x")
            if handler.server.over.wait(0.01):
                break
        handler.wfile.write(end)
        handler.close_connection = True

    return answer


DRIPS = {
    "status": dripping(b"HTTP/1.1 200 O", b"\r\nContent-Length: 0\r\n\r\n"),
    "header": dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"\r\nContent-Length: 0\r\n\r\n"),
    "body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
    "body without a length": dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
    "chunk": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n", b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS.keys())
def test_a_dripping_answer_is_bounded_as_a_whole(serve, monkeypatch, drip):
    monkeypatch.setattr(_transport, "RESPONSE_TIMEOUT_FACTOR", 2)
    server = serve(drip)
    error = failure(get(server.base), read_timeout=0.1)
    assert error.message == f"{server.host} did not respond within 0.1 s (read_timeout)"
    server.wait_for_requests(1)
    assert (error.request_sent, error.retryable, len(server.seen)) == (True, True, 1)


def test_a_dripping_answer_is_bounded_by_what_the_call_says_too(serve, monkeypatch):
    monkeypatch.setattr(_transport, "RESPONSE_TIMEOUT_FACTOR", 1e6)
    server = serve(DRIPS["body"])
    error = failure(get(server.base)._replace(timeout=0.2), read_timeout=5)
    assert error.message == f"{server.host} did not respond within the 0.2 s that were left (timeout)"


def test_a_dripping_proxy_is_bounded_too(serve, monkeypatch):
    monkeypatch.setattr(_transport, "RESPONSE_TIMEOUT_FACTOR", 2)
    proxy = serve(DRIPS["header"])
    assert (
        failure(get("http://asm.example.com"), proxy=proxy.base, read_timeout=0.1).message
        == "asm.example.com did not respond within 0.1 s (read_timeout)"
    )
    failure(get("https://asm.example.com"), proxy=proxy.base, connect_timeout=1)
    proxy.wait_for_requests(2)
    assert [seen.line.split()[0] for seen in proxy.seen] == ["GET", "CONNECT"]


def test_a_connection_on_which_an_answer_took_long_is_good_for_the_next(serve, monkeypatch):
    monkeypatch.setattr(_transport, "RESPONSE_TIMEOUT_FACTOR", 0.5)
    server = serve()
    send = transport(read_timeout=300)
    sockets = []
    original = _transport._TimeLimitedReader.readinto

    def noted(self, buffer):
        try:
            return original(self, buffer)
        finally:
            sockets.append((self._sock, self._sock.gettimeout()))

    monkeypatch.setattr(_transport._TimeLimitedReader, "readinto", noted)
    assert [send(get(server.base)).status for _call in range(2)] == [200, 200]
    assert len({sock for sock, dummy in sockets}) == 1
    assert {seconds for dummy, seconds in sockets} == {300}


def test_a_trickling_answer_is_bounded_as_a_whole(serve, monkeypatch):
    monkeypatch.setattr(_transport, "RESPONSE_TIMEOUT_FACTOR", 0)
    server = serve()
    error = failure(get(server.base), read_timeout=7)
    assert error.message == f"{server.host} did not respond within 7 s (read_timeout)"
    assert error.request_sent is True


def test_an_endless_answer_is_cut_off(serve, monkeypatch):
    monkeypatch.setattr(_transport, "MAX_RESPONSE_SIZE", 1024 * 1024)
    exact, bigger = (
        serve(lambda handler: handler.reply(200, b"x" * 2**20)),
        serve(lambda handler: handler.reply(200, b"x" * (2**20 + 1))),
    )
    assert len(transport()(get(exact.base)).body) == 2**20
    error = failure(get(bigger.base))
    assert error.message == "the response is longer than 1 MiB"
    assert (error.request_sent, error.retryable) == (True, False)


def test_a_port_nobody_listens_on_proves_that_nothing_was_sent(closed_port):
    error = failure(get(f"http://127.0.0.1:{closed_port}"))
    assert error.message == f"no connection to 127.0.0.1:{closed_port}: Connection refused"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, REACH)


def test_a_name_nobody_knows_proves_that_nothing_was_sent(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(get("https://asm.nowhere.example.com"))
    assert error.message == "no connection to asm.nowhere.example.com: Name or service not known"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, REACH)


def test_a_host_that_does_not_take_the_connection_is_given_up(monkeypatch):
    def slow(self, address):
        raise socket.timeout("timed out")

    monkeypatch.setattr(socket.socket, "connect", slow)
    error = failure(get("http://127.0.0.1:9"), connect_timeout=0.25)
    assert error.message == "no connection to 127.0.0.1:9 within 0.25 s (connect_timeout)"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, REACH)


def test_the_time_outs_of_the_connection_are_the_ones_used(serve, monkeypatch):
    server, given, original = serve(), [], socket.socket.settimeout

    def noting(self, value):
        given.append(value)
        original(self, value)

    monkeypatch.setattr(socket.socket, "settimeout", noting)
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
def test_what_can_not_be_sent_is_a_matter_of_options(url, headers):
    with pytest.raises(OptionError) as caught:
        transport()(HttpRequest("GET", url, headers, None))
    assert caught.value.message.startswith("A request to ")
    assert caught.value.message.endswith(
        " cannot be built: an endpoint, the proxy or a header contains what HTTP cannot carry"
    )
    assert "two" not in str(caught.value)


def test_a_header_beyond_latin_1_is_a_matter_of_options(serve):
    server = serve()
    with pytest.raises(OptionError, match="a header contains what HTTP cannot carry"):
        transport()(get(server.base, X_Auth_Token="\u4e2d"))
    assert server.seen == []


def test_without_requests_the_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(LibraryError) as caught:
        RequestsTransport(CONNECTION)
    assert caught.value.message == "The Python library requests is needed, and it cannot be imported."
    assert caught.value.library == "requests"
    assert "import requests" in caught.value.traceback
    assert caught.value.__cause__ is None


# -- TLS --------------------------------------------------------------------------------------------------------------


class Authority:
    """A CA made for one run of the tests."""

    def __init__(self, folder, name):
        x509 = pytest.importorskip("cryptography.x509")
        from cryptography.hazmat.primitives.asymmetric import ec

        self.folder, self.name, self.key = folder, name, ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._signed(self.key, [(constraints, True), *self._key_usage(x509)])
        self.path = self._write(f"{name}.pem", self.certificate)

    def issue(self, name, *hosts):
        """Paths of a new certificate and its key."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ipaddress.ip_address(host)) for host in hosts]
        extensions = [(x509.SubjectAlternativeName(names), False)] if names else []
        certificate = self._signed(key, extensions, name)
        key_path = self.folder / f"{self.name}-{name}.key"
        key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
        return self._write(f"{self.name}-{name}.pem", certificate), str(key_path)

    def _signed(self, key, extensions, name=None):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.x509.oid import NameOID

        def named(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        begin = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
        identifiers = [
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
        ]
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name or self.name))
            .issuer_name(named(self.name))
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

        path = self.folder / name
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        return str(path)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """Our CA, a foreign one, what ours issued, and the settings of a server with that."""
    folder = tmp_path_factory.mktemp("tls")
    ours, foreign = Authority(folder, "ours"), Authority(folder, "foreign")
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
        ours=ours, foreign=foreign, client=client, elsewhere=elsewhere, context=context, folder=folder
    )


def test_a_private_ca_is_trusted_when_it_is_named(serve, tls):
    server = serve(context=tls.context())
    assert transport(ca_path=tls.ours.path)(get(server.base)).status == 200
    assert server.seen[0].line == "GET /v1/p-1/meshes HTTP/1.1"


def test_a_dripping_answer_over_tls_is_bounded_as_a_whole(serve, tls, monkeypatch):
    monkeypatch.setattr(_transport, "RESPONSE_TIMEOUT_FACTOR", 2)
    server = serve(DRIPS["header"], context=tls.context())
    assert (
        failure(get(server.base), ca_path=tls.ours.path, read_timeout=0.1).message
        == f"{server.host} did not respond within 0.1 s (read_timeout)"
    )


@pytest.mark.parametrize("named", [None, "foreign"])
def test_a_certificate_of_an_unknown_ca_is_refused_for_good(serve, tls, named):
    server = serve(context=tls.context())
    error = failure(get(server.base), ca_path=named and tls.foreign.path)
    assert error.message == f"no trusted connection to {server.host}: unable to get local issuer certificate"
    assert (error.request_sent, error.retryable, error.hint) == (False, False, NAME_THE_CA)
    assert server.seen == []


def test_the_environment_does_not_replace_the_ca(serve, tls, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.ours.path)
    assert failure(get(serve(context=tls.context()).base)).retryable is False


def test_a_certificate_for_another_host_is_refused(serve, tls):
    server = serve(context=tls.context(tls.elsewhere))
    error = failure(get(server.base), ca_path=tls.ours.path)
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert "127.0.0.1" in error.message.split(": ", 1)[1]
    assert (error.request_sent, error.retryable, error.hint) == (False, False, NAME_THE_CA)


def test_certificates_are_not_looked_at_when_that_was_asked_for(serve, tls):
    server = serve(context=tls.context(tls.elsewhere))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert transport(validate_certs=False, ca_path=tls.foreign.path)(get(server.base)).status == 200


def test_a_client_certificate_is_shown(serve, tls):
    server = serve(context=tls.context(ask=True))
    certificate, key = tls.client
    assert transport(ca_path=tls.ours.path, client_cert=certificate, client_key=key)(get(server.base)).status == 200


def test_a_client_certificate_may_hold_its_key(serve, tls):
    server = serve(context=tls.context(ask=True))
    both = tls.folder / "both.pem"
    both.write_text("".join(pathlib.Path(path).read_text() for path in tls.client))
    assert transport(ca_path=tls.ours.path, client_cert=str(both))(get(server.base)).status == 200


def test_a_missing_client_certificate_is_a_failure(serve, tls):
    context = tls.context(ask=True)
    # The next version refuses after the handshake, with an alert or an end of the connection, whichever comes first.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = serve(context=context)
    error = failure(get(server.base), ca_path=tls.ours.path)
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert error.message.endswith("alert handshake failure")
    assert (error.request_sent, error.retryable, error.hint) == (True, False, SPEAK_TLS)
    assert server.seen == []


IN_AWX = "(in AWX: Client certificate, Client key)"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused_client_certificate_is_not_repeatable(serve, tls, version, method):
    context = tls.context(ask=True)
    context.maximum_version = version
    server = serve(context=context)
    certificate, key = tls.foreign.issue("stranger")
    call = HttpRequest(method, server.base + "/v1", {}, b"x" * 10_000 if method == "POST" else None)
    error = failure(call, ca_path=tls.ours.path, client_cert=certificate, client_key=key)
    assert error.message == f"no trusted connection to {server.host}: tlsv1 alert unknown ca"
    assert error.hint == (
        f"The endpoint rejects the client certificate: check client_cert and client_key {IN_AWX}, and which CA the endpoint trusts."
    )
    assert (error.request_sent, error.retryable, server.seen) == (True, False, [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_missing_client_certificate_is_named_with_tls_1_3(serve, tls, method):
    """The server refuses after the handshake, mostly while the client writes the request."""
    server = serve(context=tls.context(ask=True))
    call = HttpRequest(method, server.base + "/v1", {}, b"x" * 10_000 if method == "POST" else None)
    for _attempt in range(10):
        error = failure(call, ca_path=tls.ours.path)
        assert error.message == f"no trusted connection to {server.host}: tlsv13 alert certificate required"
        assert error.hint == f"The endpoint requires a client certificate: set client_cert and client_key {IN_AWX}."
        assert (error.retryable, server.seen) == (False, [])


def test_labels_of_awx_are_those_of_the_credential_type():
    path = pathlib.Path(_transport.__file__).parents[3] / "playbooks" / "vars" / "awx_setup.yml"
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
def test_name_that_does_not_resolve_is_an_obstacle(monkeypatch, code, obstacle):
    def unresolved(*args, **kwargs):
        raise socket.gaierror(code, "as the system puts it")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    error = failure(get("https://asm.example.invalid"))
    assert error.message == "no connection to asm.example.invalid: as the system puts it"
    assert (error.request_sent, error.retryable, error.hint, error.connect_failure) == (False, True, REACH, obstacle)


def test_refused_connection_is_an_obstacle():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error = failure(get(f"http://127.0.0.1:{bound.getsockname()[1]}"))
    assert (error.request_sent, error.connect_failure) == (False, ConnectFailure.UNREACHABLE)


def test_https_to_a_port_that_speaks_http(serve):
    server = serve()
    error = failure(get(server.base.replace("http", "https")))
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert "_ssl.c" not in error.message
    assert (error.request_sent, error.retryable, error.hint) == (True, False, SPEAK_TLS)


def test_a_handshake_that_is_cut_off_may_be_tried_again():
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
    # The words depend on the version of Python.
    assert error.message in [
        f"the connection to {host} broke: {reason}"
        for reason in ("EOF occurred in violation of protocol", "TLS/SSL connection has been closed (EOF)")
    ]
    assert (error.request_sent, error.retryable, error.hint) == (True, True, SPEAK_TLS)


@pytest.mark.parametrize("kind", [ssl.SSLEOFError, ssl.SSLZeroReturnError])
def test_closed_handshake_is_repeatable_with_each_python(monkeypatch, kind):
    def closed(self, *args, **kwargs):
        raise kind(kind.__name__)

    monkeypatch.setattr(ssl.SSLSocket, "do_handshake", closed)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        error = failure(get(f"https://127.0.0.1:{listening.getsockname()[1]}"))
    assert (error.request_sent, error.retryable, error.hint) == (True, True, SPEAK_TLS)


def test_a_key_of_another_certificate_is_told(serve, tls):
    server, (certificate, _key), (_other, key) = serve(context=tls.context(ask=True)), tls.client, tls.elsewhere
    error = failure(get(server.base), ca_path=tls.ours.path, client_cert=certificate, client_key=key)
    assert (
        error.hint
        == "Check client_cert and client_key (in AWX: Client certificate, Client key): the key must belong to the certificate."
    )
    assert (error.retryable, server.seen) == (False, [])


@pytest.mark.parametrize("option", ["ca_path", "client_cert", "client_key"])
def test_a_file_that_holds_something_else_is_a_failure(serve, tls, option):
    server = serve(context=tls.context(ask=True))
    garbage = tls.folder / "garbage.pem"
    garbage.write_text("garbage")
    files = {"ca_path": tls.ours.path, "client_cert": tls.client[0], "client_key": tls.client[1], option: str(garbage)}
    error = failure(get(server.base), **files)
    assert error.message.startswith(f"no trusted connection to {server.host}: ")
    assert "_ssl.c" not in error.message
    assert (error.retryable, error.hint) == (False, MEND_THE_CA if option == "ca_path" else SPEAK_TLS)
    assert server.seen == []


@pytest.mark.parametrize(
    "option, words",
    [
        ("ca_path", "Could not find a suitable TLS CA certificate bundle, invalid path: {path}"),
        ("client_cert", "Could not find the TLS certificate file, invalid path: {path}"),
        ("client_key", "Could not find the TLS key file, invalid path: {path}"),
    ],
)
def test_a_file_that_is_gone_is_a_matter_of_options(serve, tls, option, words):
    server = serve(context=tls.context(ask=True))
    gone = str(tls.folder / "gone.pem")
    files = {"ca_path": tls.ours.path, "client_cert": tls.client[0], "client_key": tls.client[1], option: gone}
    with pytest.raises(OptionError) as caught:
        transport(**files)(get(server.base))
    assert caught.value.message == f"A file needed to talk to {server.host} cannot be used: {words.format(path=gone)}"


def test_a_foreign_name_is_understood_from_older_libraries_too():
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


def test_the_proxy_option_is_used(serve):
    proxy = serve(lambda handler: handler.reply(200, b"via"))
    assert transport(proxy=proxy.base.replace("//", "//somebody:CANARY-proxy@"))(get(SERVICE)).body == b"via"
    [seen] = proxy.seen
    assert seen.line == "GET http://asm.example.com/v1/p-1/meshes HTTP/1.1"
    assert seen.values("Proxy-Authorization") == ["Basic c29tZWJvZHk6Q0FOQVJZLXByb3h5"]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_the_usual_variables_are_used(serve, monkeypatch, name):
    proxy = serve()
    monkeypatch.setenv(name, proxy.base)
    assert transport()(get(SERVICE)).status == 200
    assert len(proxy.seen) == 1


def test_the_option_wins_over_the_variables(serve, monkeypatch):
    proxy, other = serve(), serve()
    monkeypatch.setenv("HTTP_PROXY", other.base)
    transport(proxy=proxy.base)(get(SERVICE))
    assert (len(proxy.seen), other.seen) == (1, [])


@pytest.mark.parametrize("from_option", [True, False])
@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "10.0.0.0/8,127.0.0.0/8", "*"])
def test_no_proxy_is_respected(serve, monkeypatch, closed_port, from_option, no_proxy):
    server, dead = serve(), f"http://127.0.0.1:{closed_port}"
    monkeypatch.setenv("NO_PROXY", no_proxy)
    if not from_option:
        monkeypatch.setenv("HTTP_PROXY", dead)
    assert transport(proxy=dead if from_option else None)(get(server.base)).status == 200
    assert server.seen[0].line == "GET /v1/p-1/meshes HTTP/1.1"


@pytest.mark.parametrize("url", [SERVICE, TUNNELED])
def test_a_proxy_that_is_not_there_proves_that_nothing_was_sent(closed_port, url):
    error = failure(get(url), proxy=f"http://somebody:CANARY-proxy@127.0.0.1:{closed_port}")
    assert error.message == "the proxy cannot be used: Connection refused"
    assert (error.request_sent, error.retryable, error.hint) == (False, True, CHECK_PROXY)


@pytest.mark.parametrize("url", [SERVICE, TUNNELED])
def test_a_proxy_that_speaks_tls_has_to_be_trusted_whatever_the_address(serve, tls, url):
    proxy = serve(context=tls.context())
    address = proxy.base.replace("//", "//somebody:CANARY-proxy@")
    error = failure(get(url), proxy=address, ca_path=tls.foreign.path)
    assert error.message == "the proxy cannot be used: unable to get local issuer certificate"
    assert (error.request_sent, error.retryable, error.hint) == (False, False, TRUST_THE_PROXY)
    assert proxy.seen == []


@pytest.mark.parametrize("url", [SERVICE, TUNNELED])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_proxy_that_requires_a_client_certificate_is_not_asked_again(serve, tls, url, version):
    context = tls.context(ask=True)
    context.maximum_version = version
    proxy = serve(context=context)
    error = failure(get(url), proxy=proxy.base, ca_path=tls.ours.path)
    assert "alert" in error.message
    assert (error.retryable, proxy.seen) == (False, [])


def test_a_proxy_that_speaks_tls_and_is_trusted(serve, tls):
    proxy = serve(lambda handler: handler.reply(200, b"via"), context=tls.context())
    assert transport(proxy=proxy.base, ca_path=tls.ours.path)(get(SERVICE)).body == b"via"
    assert transport(proxy=proxy.base, validate_certs=False)(get(SERVICE)).body == b"via"
    assert [seen.line for seen in proxy.seen] == ["GET http://asm.example.com/v1/p-1/meshes HTTP/1.1"] * 2


def test_a_proxy_that_refuses_the_tunnel_is_quoted(serve):
    proxy = serve(lambda handler: handler.reply(407, b""))
    error = failure(get(TUNNELED), proxy=proxy.base)
    assert error.message == "the proxy cannot be used: Tunnel connection failed: 407 Proxy Authentication Required"
    assert (error.request_sent, error.retryable, error.hint) == (False, False, CHECK_PROXY)
    assert [seen.line.rsplit(" ", 1)[0] for seen in proxy.seen] == ["CONNECT asm.example.com:443"]


@pytest.mark.parametrize(("status", "repeatable"), [(403, False), (502, True), (503, True), (504, True)])
def test_tunnel_that_fails_for_now_is_repeatable(serve, status, repeatable):
    proxy = serve(lambda handler: handler.reply(status, b""))
    error = failure(get(TUNNELED), proxy=proxy.base)
    assert (error.request_sent, error.retryable, error.connect_failure) == (False, repeatable, None)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_proxy_variable_that_cannot_be_used_is_named(serve, monkeypatch, variable):
    monkeypatch.setenv(variable, "http://user:%E4%B8%AD-CANARY@proxy.example.com:3128")
    with pytest.raises(OptionError, match=f"^The environment variable {variable} is not a usable URL: ") as caught:
        transport()(get(TUNNELED))
    assert "CANARY" not in str(caught.value)


def test_line_break_at_the_end_of_a_proxy_variable_is_removed(serve, monkeypatch):
    proxy = serve()
    monkeypatch.setenv("http_proxy", f"{proxy.base}\n")
    assert transport()(get(SERVICE)).status == 200


def test_a_proxy_that_breaks_may_have_handed_the_request_on(serve):
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
    ],
)
def test_check_mode_reads_and_gets_tokens(method, url):
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
        ("PATCH", SERVICE + "/x", "/x"),
        ("get", SERVICE + "/x", "/x"),
    ],
)
def test_check_mode_sends_nothing_else(method, url, path):
    calls = []
    guarded = read_only(calls.append)
    with pytest.raises(CheckModeError) as caught:
        guarded(HttpRequest(method, url, {}, b"{}"))
    assert caught.value.message == f"Check mode must not send {method} {path}; this is a defect of the collection."
    assert calls == []
