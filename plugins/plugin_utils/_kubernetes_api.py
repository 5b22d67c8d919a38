# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find the addresses of the Kubernetes APIs that a rollout uses, without a request and without the Python library kubernetes."""

from __future__ import annotations

import os
import typing as t
from urllib.parse import urlsplit

import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import Rollout
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings

Environ = t.Mapping[str, str]


def list_apis(rollout: Rollout, environ: Environ) -> list[dict[str, str]]:
    """Return the address of the Kubernetes API of each cluster that the release names, as mappings with ``api`` and ``cluster``.

    ``traffic.connection`` reaches the clusters that ``traffic.clusters`` does not contain. Raise OptionError if a connection is invalid.
    """
    main, *others = rollout.resolve_connections(environ)
    apis = {cluster: _find_address(settings, {}) for cluster, settings in zip(rollout.clusters, others)}
    named = {str(rollout.desired.fields["cluster_id"]), *(cluster for cluster, _name in rollout.gray_deployments())}
    for cluster in named - set(apis):
        apis[cluster] = _find_address(main, environ)
    return [{"api": api, "cluster": cluster} for cluster, api in sorted(apis.items())]


def _find_address(settings: ClusterSettings, environ: Environ) -> str:
    """Return the URL of a Kubernetes API, or a description of the kubeconfig if the URL cannot be read from it."""
    if settings.host:
        return _normalize(settings.host)
    source = settings.kubeconfig or environ.get("KUBECONFIG") or "~/.kube/config"
    if not (settings.kubeconfig or settings.context) and environ.get("KUBERNETES_SERVICE_HOST"):
        return "the API of the cluster that this process runs in"
    server = _find_server(_read_kubeconfig(source), settings.context)
    name = "in the options" if source.startswith("{") else source
    return _normalize(server) if server else f"context {settings.context or '(current)'} of the kubeconfig {name}"


def _normalize(url: str) -> str:
    """Return a URL without a user, in the spelling that equal addresses share."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "an invalid URL"
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}{parts.path.rstrip('/')}"


def _read_kubeconfig(source: str) -> t.Any:
    """Return the content of a kubeconfig, a path or JSON text. Return None if it cannot be read: the rollout reports why."""
    try:
        if source.startswith("{"):
            return yaml.safe_load(source)
        with open(os.path.expanduser(source), encoding="utf-8") as file:
            return yaml.safe_load(file)
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _find_server(config: t.Any, context: str | None) -> str | None:
    """Return the URL of the cluster of a context, by default of the current context."""
    if not isinstance(config, dict):
        return None
    entry = _find_entry(config.get("contexts"), context or config.get("current-context"), "context")
    cluster = _find_entry(config.get("clusters"), entry.get("cluster"), "cluster")
    server = cluster.get("server")
    return server if isinstance(server, str) else None


def _find_entry(entries: t.Any, name: t.Any, key: str) -> t.Mapping[str, t.Any]:
    """Return what the entry with a name has below a key."""
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(key), dict):
            return t.cast(t.Mapping[str, t.Any], entry[key])
    return {}
