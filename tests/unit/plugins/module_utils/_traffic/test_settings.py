# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import KUBERNETES
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import (
    ClusterSettings,
    resolve_cluster_settings,
    variable_for,
)

# As in kubernetes.core.
VARIABLES = {
    "host": "K8S_AUTH_HOST",
    "api_key": "K8S_AUTH_API_KEY",
    "kubeconfig": "K8S_AUTH_KUBECONFIG",
    "context": "K8S_AUTH_CONTEXT",
    "username": "K8S_AUTH_USERNAME",
    "password": "K8S_AUTH_PASSWORD",
    "client_cert": "K8S_AUTH_CERT_FILE",
    "client_key": "K8S_AUTH_KEY_FILE",
    "ca_cert": "K8S_AUTH_SSL_CA_CERT",
    "validate_certs": "K8S_AUTH_VERIFY_SSL",
    "proxy": "K8S_AUTH_PROXY",
    "no_proxy": "K8S_AUTH_NO_PROXY",
    "persist_config": "K8S_AUTH_PERSIST_CONFIG",
    "impersonate_user": "K8S_AUTH_IMPERSONATE_USER",
    "impersonate_groups": "K8S_AUTH_IMPERSONATE_GROUPS",
}


def test_variables_have_the_names_of_kubernetes_core():
    assert {option: variable_for(option) for option in VARIABLES} == VARIABLES
    assert set(KUBERNETES.argument_spec) - set(VARIABLES) == {"proxy_headers", "connect_timeout", "read_timeout"}


def test_all_options_can_be_variables():
    environ = {variable: option for option, variable in VARIABLES.items()}
    environ.update(
        K8S_AUTH_HOST="https://a/",
        K8S_AUTH_VERIFY_SSL="no",
        K8S_AUTH_PERSIST_CONFIG="true",
        K8S_AUTH_IMPERSONATE_GROUPS="dev, ops",
        K8S_AUTH_PROXY_HEADERS_BASIC_AUTH="a:b",
    )
    assert resolve_cluster_settings({}, environ) == ClusterSettings(
        host="https://a",
        api_key="api_key",
        kubeconfig="kubeconfig",
        context="context",
        username="username",
        password="password",
        client_cert="client_cert",
        client_key="client_key",
        ca_cert="ca_cert",
        validate_certs=False,
        proxy="proxy",
        no_proxy="no_proxy",
        proxy_headers=(("basic_auth", "a:b"),),
        persist_config=True,
        impersonate_user="impersonate_user",
        impersonate_groups=("dev", "ops"),
    )


def test_option_takes_precedence_and_empty_means_not_set():
    environ = {"K8S_AUTH_HOST": "https://b", "K8S_AUTH_API_KEY": "variable", "K8S_AUTH_VERIFY_SSL": "false"}
    params = {"host": "https://a", "api_key": "", "validate_certs": True, "connect_timeout": 1, "read_timeout": 2}
    assert resolve_cluster_settings(params, environ) == ClusterSettings(
        host="https://a", api_key="variable", validate_certs=True, connect_timeout=1.0, read_timeout=2.0
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"host": "cluster.example.com"}, "host must be a URL"),
        ({"username": "anna"}, "username and password are required together"),
        ({"client_cert": "a"}, "client_cert and client_key are required together"),
        ({"kubeconfig": 7}, "kubeconfig must be a path or a mapping"),
    ],
)
def test_invalid_connection_is_an_option_error(params, message):
    with pytest.raises(OptionError, match=message):
        resolve_cluster_settings(params, {})


def test_invalid_boolean_variable_is_named():
    with pytest.raises(OptionError, match="K8S_AUTH_VERIFY_SSL must be true or false"):
        resolve_cluster_settings({}, {"K8S_AUTH_VERIFY_SSL": "perhaps"})


@pytest.mark.parametrize("as_text", [False, True])
def test_kubeconfig_can_be_a_mapping_whose_secrets_are_known(as_text):
    config = {
        "clusters": [{"name": "c", "cluster": {"certificate-authority-data": "public"}}],
        "users": [
            {
                "name": "u",
                "user": {
                    "token": "CANARY-token",
                    "client-key-data": "CANARY-key",
                    "client-certificate-data": "public",
                    "password": "CANARY-password",
                    "exec": {"command": "login", "env": [{"name": "PASS", "value": "CANARY-env"}]},
                    "auth-provider": {"config": {"id-token": "CANARY-id", "client-secret": "CANARY-secret"}},
                },
            }
        ],
    }
    given = json.dumps(config) if as_text else config
    settings = resolve_cluster_settings({"kubeconfig": given, "api_key": "CANARY-api"}, {})
    assert json.loads(settings.kubeconfig) == config
    assert settings.secrets() == [
        "CANARY-api",
        "CANARY-token",
        "CANARY-key",
        "CANARY-password",
        "CANARY-env",
        "CANARY-id",
        "CANARY-secret",
    ]


def test_secrets_of_a_proxy_are_known():
    params = {"proxy": "http://a:CANARY@p", "proxy_headers": {"proxy_basic_auth": "a:b", "user_agent": "me"}}
    assert resolve_cluster_settings(params, {}).secrets() == ["http://a:CANARY@p", "CANARY", "a:b"]
