# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The discovery documents of the Kubernetes API."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import errors, resources

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Document = t.Dict[str, t.Any]

VERSION = {
    "major": "1",
    "minor": "31",
    "gitVersion": "v1.31.4",
    "gitCommit": "emulator",
    "gitTreeState": "clean",
    "buildDate": "2025-01-01T00:00:00Z",
    "goVersion": "go1.22.9",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def get_document(emulator: EmulatorState, path: str) -> Document | None:
    """Return the document of a path, or ``None`` if the path is not one of discovery."""
    parts = path.strip("/").split("/")
    if parts == ["version"]:
        return dict(VERSION)
    if parts == ["api"]:
        return {
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:443"}],
        }
    if parts == ["apis"]:
        groups = [_describe_group(emulator, group) for group in resources.served_groups(emulator)]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if parts[0] == "apis" and len(parts) == 2:
        return _get_group(emulator, parts[1])
    if parts[0] == "api" and len(parts) == 2:
        return _list_resources(emulator, "", parts[1])
    if parts[0] == "apis" and len(parts) == 3:
        return _list_resources(emulator, parts[1], parts[2])
    return None


def _get_group(emulator: EmulatorState, group: str) -> Document:
    if group not in resources.served_groups(emulator):
        raise errors.page_not_found()
    return {"kind": "APIGroup", "apiVersion": "v1", **_describe_group(emulator, group)}


def _describe_group(emulator: EmulatorState, group: str) -> Document:
    versions = [
        {"groupVersion": f"{group}/{version}", "version": version}
        for version in resources.served_versions(emulator, group)
    ]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _list_resources(emulator: EmulatorState, group: str, version: str) -> Document:
    if version not in resources.served_versions(emulator, group):
        raise errors.page_not_found()
    served = [resource for resource in resources.ALL if resource.group == group]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": [_describe_resource(resource) for resource in served],
    }


def _describe_resource(resource: resources.Resource) -> Document:
    described: Document = {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": True,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        described["shortNames"] = list(resource.short_names)
    if resource.categories:
        described["categories"] = list(resource.categories)
    return described
