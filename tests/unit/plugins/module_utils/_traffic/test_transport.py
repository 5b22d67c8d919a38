# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import socket
import sys

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import SERVICE, Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.transport import (
    KubernetesTransport,
    encode_body,
)
from fake_cluster import FakeCluster, make_reply
from istio_objects import make_service


@pytest.fixture(autouse=True)
def isolated(monkeypatch, tmp_path):
    """No kubeconfig, service account or proxy of the machine."""
    for variable in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    from kubernetes.config import kube_config

    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))


@pytest.fixture
def api():
    fake = FakeCluster(make_service())
    with fake.serve() as url:
        fake.url = url
        yield fake


def make_kubeconfig(url, **user):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "shop",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("shop", "spare")],
    }


def read(settings):
    return Cluster(settings, False).get(SERVICE, "shop", "reviews")


def get_header(api, name):
    return api.headers[-1].get_all(name)


def test_object_is_read_over_http(api):
    assert read(ClusterSettings(host=api.url)) == api.find("Service", "shop", "reviews")
    assert get_header(api, "Authorization") is None
    assert get_header(api, "Accept") == ["application/json"]
    assert get_header(api, "User-Agent") == ["ansible-community.huaweicloud"]


def test_patch_is_sent_over_http(api):
    patch = [{"op": "add", "path": "/metadata/labels", "value": {"a": "ü"}}]
    found = Cluster(ClusterSettings(host=api.url), False).json_patch(SERVICE, "shop", "reviews", patch)
    assert found["metadata"]["labels"] == {"a": "ü"}
    assert get_header(api, "Content-Type") == ["application/json-patch+json"]


def test_texts_are_encoded_as_the_api_server_encodes_them():
    # encoding/json of Go for the same text. A test operation that is encoded in another way always fails.
    text = 'a<b>&c "ü" \u2028 \\d \n\x01\x7f'
    encoded = '"a\\u003cb\\u003e\\u0026c \\"ü\\" \\u2028 \\\\d \\n\\u0001\x7f"'.encode()
    assert encode_body(text) == encoded
    assert encode_body({"op": "test", "value": [1, 0.5, True, None, "é"]}) == (
        '{"op": "test", "value": [1, 0.5, true, null, "é"]}'.encode()
    )


def test_text_that_is_no_unicode_does_not_prevent_a_request():
    assert encode_body({"reason": "\ud800"}) == b'{"reason": "?"}'


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"api_key": "CANARY-token"}, ["Bearer CANARY-token"]),
        ({"username": "anna", "password": "CANARY-password"}, ["Basic YW5uYTpDQU5BUlktcGFzc3dvcmQ="]),
        ({"api_key": "CANARY-token", "username": "anna", "password": "x"}, ["Bearer CANARY-token"]),
    ],
)
def test_credentials_of_options_are_sent(api, settings, expected):
    read(ClusterSettings(host=api.url, **settings))
    assert get_header(api, "Authorization") == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"api_key": "CANARY-task"}, "Bearer CANARY-task"), ({"username": "anna", "password": "x"}, "Basic YW5uYTp4")],
)
def test_credentials_of_options_replace_those_of_the_kubeconfig(api, settings, expected):
    read(ClusterSettings(kubeconfig=json.dumps(make_kubeconfig(api.url, token="CANARY-token")), **settings))
    assert get_header(api, "Authorization") == [expected]


def test_impersonation_is_sent(api):
    read(ClusterSettings(host=api.url, impersonate_user="anna", impersonate_groups=("dev", "ops")))
    assert get_header(api, "Impersonate-User") == ["anna"]
    assert get_header(api, "Impersonate-Group") == ["dev", "ops"]


@pytest.mark.parametrize("as_file", [True, False])
def test_kubeconfig_is_used(api, tmp_path, as_file):
    text = json.dumps(make_kubeconfig(api.url, token="CANARY-token"))
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    read(ClusterSettings(kubeconfig=str(path) if as_file else text, context="spare"))
    assert get_header(api, "Authorization") == ["Bearer CANARY-token"]


def test_host_replaces_the_one_of_a_named_kubeconfig(api):
    text = json.dumps(make_kubeconfig("https://unused.invalid", token="CANARY-token"))
    read(ClusterSettings(kubeconfig=text, host=api.url))
    assert get_header(api, "Authorization") == ["Bearer CANARY-token"]


def test_credentials_of_the_default_kubeconfig_are_not_sent_to_another_host(api, monkeypatch, tmp_path):
    from kubernetes.config import kube_config

    path = tmp_path / "config"
    path.write_text(json.dumps(make_kubeconfig("https://unused.invalid", token="CANARY-token")), encoding="utf-8")
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    read(ClusterSettings(host=api.url))
    assert get_header(api, "Authorization") is None


def test_default_kubeconfig_is_used_without_host(api, monkeypatch, tmp_path):
    from kubernetes.config import kube_config

    path = tmp_path / "config"
    path.write_text(json.dumps(make_kubeconfig(api.url, token="CANARY-token")), encoding="utf-8")
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    read(ClusterSettings())
    assert get_header(api, "Authorization") == ["Bearer CANARY-token"]


def test_service_account_of_the_pod_is_used_first(monkeypatch):
    from kubernetes import config

    def load(client_configuration):
        client_configuration.host = "https://in-cluster.invalid"

    monkeypatch.setattr(config, "load_incluster_config", load)
    assert KubernetesTransport(ClusterSettings()).host == "https://in-cluster.invalid"


def test_unknown_context_names_the_known_ones(tmp_path):
    config = make_kubeconfig("https://unused.invalid")
    path = tmp_path / "config"
    path.write_text(json.dumps(config), encoding="utf-8")
    for kubeconfig in (str(path), json.dumps(config)):
        with pytest.raises(OptionError) as failure:
            KubernetesTransport(ClusterSettings(kubeconfig=kubeconfig, context="shpo"))
        assert str(failure.value) == "The kubeconfig has no context 'shpo'. Available contexts: shop, spare."


def test_missing_connection_is_an_option_error():
    with pytest.raises(OptionError) as failure:
        KubernetesTransport(ClusterSettings())
    assert str(failure.value) == (
        "No connection to a Kubernetes API is configured: set kubeconfig, or host with api_key."
    )


def test_missing_kubeconfig_is_an_option_error(tmp_path):
    with pytest.raises(OptionError, match="The kubeconfig cannot be used: Invalid kube-config file"):
        KubernetesTransport(ClusterSettings(kubeconfig=str(tmp_path / "missing")))


@pytest.mark.parametrize("text", ["{unclosed: [CANARY-token", "- CANARY-token\n", "token: *CANARY-token\n"])
def test_broken_kubeconfig_is_not_quoted(tmp_path, text):
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError) as failure:
        KubernetesTransport(ClusterSettings(kubeconfig=str(path)))
    assert "CANARY" not in str(failure.value)


def test_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(LibraryError) as failure:
        KubernetesTransport(ClusterSettings(host="https://unused.invalid"))
    assert failure.value.library == "kubernetes"
    assert "ImportError" in failure.value.traceback or "ModuleNotFoundError" in failure.value.traceback


def test_redirect_is_not_followed(api):
    with FakeCluster(make_service()).serve() as elsewhere:
        api.responses = [make_reply(302, b"", location=f"{elsewhere}/api/v1/namespaces/shop/services/reviews")]
        with pytest.raises(ClusterError) as failure:
            read(ClusterSettings(host=api.url, api_key="CANARY-token"))
    assert (failure.value.kind, failure.value.status) == ("protocol", 302)
    assert len(api.requests) == 1


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_refused_connection_was_not_sent():
    with pytest.raises(ClusterError) as failure:
        KubernetesTransport(ClusterSettings(host=f"http://127.0.0.1:{free_port()}"))("GET", "/x", {}, None, "")
    assert (failure.value.kind, failure.value.request_sent) == ("unreachable", False)
    assert str(failure.value).startswith("No complete response from the Kubernetes API at http://127.0.0.1:")


def test_message_of_an_unreachable_proxy():
    settings = ClusterSettings(host="http://kubernetes.example", proxy=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ClusterError) as failure:
        KubernetesTransport(settings)("GET", "/x", {}, None, "")
    assert str(failure.value) == (
        "No complete response from the Kubernetes API at http://kubernetes.example to GET /x: "
        "Failed to establish a new connection: [Errno 111] Connection refused. Check host, proxy and network"
    )


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
def test_broken_response_has_an_unknown_outcome(answer):
    import threading

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def respond():
            connection, address = listener.accept()
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=respond)
        thread.start()
        transport = KubernetesTransport(ClusterSettings(host=f"http://127.0.0.1:{listener.getsockname()[1]}"))
        with pytest.raises(ClusterError) as failure:
            transport("POST", "/x", {}, {}, "application/json")
        thread.join()
    assert (failure.value.kind, failure.value.request_sent) == ("unreachable", True)


@pytest.mark.parametrize(
    "proxy", ["http://anna:CANARY-password@127.0.0.1:{port}", "http://anna:CANARY-password@[broken"]
)
def test_password_of_a_proxy_is_in_no_message(proxy):
    settings = ClusterSettings(host="http://cluster.invalid", proxy=proxy.format(port=free_port()))
    with pytest.raises((OptionError, ClusterError)) as failure:
        KubernetesTransport(settings)("GET", "/x", {}, None, "")
    assert "CANARY" not in str(failure.value)


def test_missing_certificate_file_is_an_option_error(tmp_path):
    transport = KubernetesTransport(ClusterSettings(host="https://127.0.0.1:1", ca_cert=str(tmp_path / "missing")))
    with pytest.raises((OptionError, ClusterError)) as failure:
        transport("GET", "/x", {}, None, "")
    assert "127.0.0.1" in str(failure.value)
