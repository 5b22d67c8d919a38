# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creation of the Kubernetes objects of a seed."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import applications, objects, paths, resources, validation, workloads
from huaweicloud_emulator.cluster.errors import StatusError
from huaweicloud_emulator.cluster.objects import Writer

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Fields = t.Mapping[str, t.Any]

MANAGER = "seed"


def add_token(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Add a bearer token. ``denied`` has patterns of verb and resource; ``namespaces`` are the only accessible ones."""
    record = {
        "user": fields.get("user", "emulator-user"),
        "denied": list(fields.get("denied") or []),
        "namespaces": fields.get("namespaces"),
    }
    emulator.stores.cluster_tokens.put(str(fields["token"]), record)
    return record["user"]


def add_application(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Add a Service with Deployments and Istio objects."""
    cluster = fields.get("cluster")
    for item in applications.build_objects(fields):
        add_object(emulator, {**item, "cluster": cluster})
    return {"namespace": fields.get("namespace", "default"), "name": fields["name"]}


def add_object(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Add an object, or replace the one with its name. Raises ValueError for an invalid object."""
    item = {name: value for name, value in fields.items() if name not in ("cluster", "ready")}
    group, unused, version = str(item["apiVersion"]).rpartition("/")
    resource = resources.BY_KIND.get((group, str(item["kind"])))
    if resource is None or version not in resource.versions:
        raise ValueError(f"{item['apiVersion']} {item['kind']} is not served by the emulator")
    try:
        pruned, unused_warnings = validation.validate(resource, version, item)
    except StatusError as error:
        raise ValueError(error.message) from None
    pruned["metadata"].setdefault("namespace", "default")
    cluster = fields.get("cluster") or paths.get_default_cluster(emulator)
    writer = Writer(MANAGER, str(item["apiVersion"]))
    metadata = pruned["metadata"]
    record = objects.find(emulator, cluster, resource, metadata["namespace"], metadata["name"])
    extra = {}
    if resource is resources.DEPLOYMENTS:
        pruned, extra = workloads.prepare(pruned), workloads.build_fields(emulator, fields.get("ready"))
    if record is None:
        record = objects.insert(emulator, cluster, resource, pruned, writer, **extra)
    else:
        record.update(extra)
        objects.replace(emulator, resource, record, pruned, writer)
    return {name: record["object"]["metadata"][name] for name in ("namespace", "name", "uid")}
