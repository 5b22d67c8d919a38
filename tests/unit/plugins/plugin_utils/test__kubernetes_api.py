# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import build_rollout
from ansible_collections.community.huaweicloud.plugins.plugin_utils._kubernetes_api import list_apis
from example_release import TEMPLATE
from rollout_rig import make_file

KUBECONFIG = {
    "current-context": "shop",
    "contexts": [
        {"name": name, "context": {"cluster": f"{name}-cluster", "user": "admin"}} for name in ("shop", "books")
    ],
    "clusters": [
        {"name": f"{name}-cluster", "cluster": {"server": f"https://{name}.example.com:5443/"}}
        for name in ("shop", "books")
    ],
}
SHOP, BOOKS = "https://shop.example.com:5443", "https://books.example.com:5443"


def find_api(connection: dict[str, t.Any], environ: t.Mapping[str, str] | None = None) -> str:
    """Return the address of the cluster of a release with a connection."""
    rollout = build_rollout(make_file(traffic={"original_version": "v1", "connection": connection}))
    (entry,) = list_apis(rollout, environ or {})
    assert entry["cluster"] == "c-1"
    return entry["api"]


@pytest.fixture
def path(tmp_path: Path) -> str:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(KUBECONFIG), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "host", ["https://a.example.com", "https://A.example.com:443/", "https://user:secret@a.example.com"]
)
def test_equal_hosts_have_one_spelling(host: str) -> None:
    assert find_api({"host": host}) == "https://a.example.com:443"


def test_path_of_a_host_counts() -> None:
    assert find_api({"host": "http://proxy.example.com/k8s/c-1/"}) == "http://proxy.example.com:80/k8s/c-1"


def test_option_takes_precedence_over_the_environment() -> None:
    environ = {"K8S_AUTH_HOST": "https://b.example.com:6443"}
    assert find_api({}, environ) == "https://b.example.com:6443"
    assert find_api({"host": "https://a.example.com"}, environ) == "https://a.example.com:443"


def test_kubeconfig_and_context_select_the_url(path: str) -> None:
    assert find_api({"kubeconfig": path}) == SHOP
    assert find_api({"kubeconfig": path, "context": "books"}) == BOOKS
    assert find_api({"context": "books"}, {"K8S_AUTH_KUBECONFIG": path}) == BOOKS
    assert find_api({}, {"KUBECONFIG": path, "K8S_AUTH_CONTEXT": "books"}) == BOOKS
    assert find_api({"kubeconfig": path, "host": "https://a.example.com"}) == "https://a.example.com:443"


def test_kubeconfig_can_be_a_mapping_or_json() -> None:
    assert find_api({"kubeconfig": KUBECONFIG}) == SHOP
    assert find_api({"kubeconfig": json.dumps(KUBECONFIG), "context": "books"}) == BOOKS


def test_service_account_applies_only_without_other_settings(path: str) -> None:
    pod = {"KUBERNETES_SERVICE_HOST": "192.0.2.1", "KUBECONFIG": path}
    assert find_api({}, pod) == "the API of the cluster that this process runs in"
    assert find_api({"context": "books"}, pod) == BOOKS


@pytest.mark.parametrize("content", [None, "- a", "{", "contexts: [a]", "clusters: {}"])
def test_unreadable_kubeconfig_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "config"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert find_api({"kubeconfig": str(path)}) == f"context (current) of the kubeconfig {path}"
    assert find_api({"kubeconfig": str(path), "context": "x"}) == f"context x of the kubeconfig {path}"


def test_content_of_a_kubeconfig_is_redacted() -> None:
    assert find_api({"kubeconfig": {"users": ["secret"]}}) == "context (current) of the kubeconfig in the options"


def test_other_clusters_of_the_mesh_have_their_own_connections() -> None:
    content = make_file(
        traffic={
            "original_version": "v1",
            "connection": {"host": "https://a.example.com"},
            "clusters": {"c-2": {"host": "https://b.example.com"}, "c-3": {"host": "https://c.example.com"}},
        }
    )
    content["release"]["gray_deployments"] = [
        {"template": TEMPLATE, "cluster_id": cluster} for cluster in ("c-1", "c-2", "c-4")
    ]
    assert list_apis(build_rollout(content), {}) == [
        {"api": "https://a.example.com:443", "cluster": "c-1"},
        {"api": "https://b.example.com:443", "cluster": "c-2"},
        {"api": "https://c.example.com:443", "cluster": "c-3"},
        {"api": "https://a.example.com:443", "cluster": "c-4"},
    ]
