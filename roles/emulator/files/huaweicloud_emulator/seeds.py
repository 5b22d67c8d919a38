# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects an emulator starts with, or gets from the control plane.

A seed is a mapping of lists: projects, users, keys, meshes, workspaces, workshops, releases. Instead of a list of
objects there may be ``{count: 1000, prefix: ws-}``, with fields all of them share. ``credentials`` counts at the start only.
"""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.iam import models as iam
from huaweicloud_emulator.meshes import models as meshes
from huaweicloud_emulator.releases import models as releases
from huaweicloud_emulator.state import new_id, new_secret
from huaweicloud_emulator.workshops import models as workshops
from huaweicloud_emulator.workspaces import models as workspaces

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState
    from huaweicloud_emulator.stores import Store

Given = t.Mapping[str, t.Any]

REGION = "region-1"
MESH = "demo-mesh"
CLUSTER = "demo-cluster"
CREDENTIALS = (
    "access_key",
    "secret_key",
    "username",
    "password",
    "domain_name",
    "domain_id",
    "project_id",
    "project_name",
    "region",
    "user_id",
)
USERS = ("alice", "bob", "carol")


class SeedError(ValueError):
    """The seed does not say what it must."""


def found(emulator: EmulatorState, given: Given) -> dict[str, t.Any]:
    """The account, project, user, key and mesh every emulator has. Returns its credentials."""
    unknown = sorted(set(given) - set(CREDENTIALS))
    if unknown:
        raise SeedError(f"credentials: unknown {', '.join(unknown)}")
    region = given.get("region") or REGION
    defaults = {
        "access_key": new_secret(20).upper(),
        "secret_key": new_secret(40),
        "username": "emulator-user",
        "password": new_secret(32),
        "domain_name": "emulator-domain",
        "domain_id": new_id(),
        "project_id": new_id(),
        "project_name": region,
        "region": region,
        "user_id": new_id(),
    }
    credentials = dict(defaults, **{name: str(value) for name, value in given.items() if value})
    emulator.stores.settings.put("credentials", credentials)
    iam.add_domain(emulator, credentials["domain_name"], credentials["domain_id"])
    iam.add_project(emulator, credentials["domain_id"], credentials["project_name"], credentials["project_id"])
    user = {"id": credentials["user_id"], "name": credentials["username"], "password": credentials["password"]}
    iam.add_user(emulator, credentials["domain_id"], user)
    iam.add_key(emulator, credentials["user_id"], credentials)
    for name in USERS:
        iam.add_user(emulator, credentials["domain_id"], {"name": name})
    workspaces.add_default(emulator, credentials["project_id"])
    return credentials


def add_default_mesh(emulator: EmulatorState) -> None:
    _mesh(emulator, {"name": MESH, "clusters": [CLUSTER]})


def credentials(emulator: EmulatorState) -> dict[str, t.Any]:
    return emulator.stores.settings.records["credentials"]


def merge(emulator: EmulatorState, seed: Given) -> dict[str, list[t.Any]]:
    """Adds what the seed names, and returns what was made: ids by kind. SeedError when something is wrong."""
    unknown = sorted(set(seed) - set(MAKERS) - {"credentials"})
    if unknown:
        raise SeedError(f"unknown: {', '.join(unknown)}")
    made: dict[str, list[t.Any]] = {}
    for kind, make in MAKERS.items():
        for number, given in enumerate(_expanded(kind, seed.get(kind) or [])):
            try:
                made.setdefault(kind, []).append(make(emulator, given))
            except (KeyError, TypeError, AttributeError) as error:
                raise SeedError(f"{kind}[{number}]: {error!r} is missing or wrong") from None
    return made


def _expanded(kind: str, given: t.Any) -> t.Iterator[dict[str, t.Any]]:
    if isinstance(given, list):
        for entry in given:
            yield {"name": entry} if isinstance(entry, str) else dict(entry)
        return
    if not isinstance(given, dict) or "count" not in given:
        raise SeedError(f"{kind}: neither a list nor a mapping with a count")
    shared = {name: value for name, value in given.items() if name not in ("count", "prefix", "first")}
    first = given.get("first", 1)
    for number in range(first, first + given["count"]):
        yield dict(shared, name=f"{given.get('prefix', f'{kind[:-1]}-')}{number:05d}")


def _named(store: Store, name: str) -> dict[str, t.Any]:
    """The first of that name; KeyError when there is none."""
    named = store.find(name=name)
    if not named:
        raise KeyError(name)
    return named[0]


# -- one function a kind


def _project(emulator: EmulatorState, given: Given) -> t.Any:
    record = iam.add_project(emulator, credentials(emulator)["domain_id"], given["name"], given.get("id"))
    workspaces.add_default(emulator, record["id"])
    return {"id": record["id"], "name": record["name"]}


def _user(emulator: EmulatorState, given: Given) -> t.Any:
    """With ``keys: true`` or a mapping, the user gets a key pair; what was made up is returned."""
    user = iam.add_user(emulator, credentials(emulator)["domain_id"], given)
    answer = {"id": user["id"], "name": user["name"], "password": user["password"]}
    if given.get("keys"):
        key = iam.add_key(emulator, user["id"], given["keys"] if isinstance(given["keys"], dict) else {})
        answer.update(access_key=key["access"], secret_key=key["secret"])
    return answer


def _key(emulator: EmulatorState, given: Given) -> t.Any:
    """A key pair of ``user`` (a name; unset: the main user). ``life`` in seconds makes it end."""
    user_id = credentials(emulator)["user_id"]
    if given.get("user"):
        user_id = _named(emulator.stores.users, given["user"])["id"]
    ends = emulator.clock.now() + given["life"] if given.get("life") is not None else given.get("expires_at")
    key = iam.add_key(emulator, user_id, dict(given, expires_at=ends))
    return {"access_key": key["access"], "secret_key": key["secret"], "security_token": key["security_token"]}


def project_id(emulator: EmulatorState, given: Given) -> str:
    """By ``project_id`` or ``project_name``, else the main one."""
    if given.get("project_name"):
        return _named(emulator.stores.projects, given["project_name"])["id"]
    return given.get("project_id") or credentials(emulator)["project_id"]


def _mesh(emulator: EmulatorState, given: Given) -> t.Any:
    clusters = [{"clusterID": one} if isinstance(one, str) else one for one in given.get("clusters", [CLUSTER])]
    spec = dict({"type": "InCluster", "extendParams": {"clusters": clusters}}, **given.get("spec", {}))
    if given.get("version"):
        spec["version"] = given["version"]
    record = meshes.create(
        emulator, project_id(emulator, given), {"metadata": {"name": given["name"]}, "spec": spec}, given.get("id")
    )
    meshes.force(emulator, record, given.get("phase", "Running"))
    return record["uid"]


def mesh_id(emulator: EmulatorState, given: Given) -> str:
    """By ``mesh_id`` or ``mesh_name``, else the first mesh there is."""
    if given.get("mesh_id"):
        return emulator.stores.meshes.records[given["mesh_id"]]["uid"]
    if given.get("mesh_name"):
        return _named(emulator.stores.meshes, given["mesh_name"])["uid"]
    return next(iter(emulator.stores.meshes.records))


def _workspace(emulator: EmulatorState, given: Given) -> t.Any:
    owner = given.get("owner", credentials(emulator)["username"])
    record = workspaces.create(emulator, project_id(emulator, given), owner, given, given.get("id"))
    quotas = given.get("quotas") or []
    if quotas:
        workspaces.change_quotas(emulator, record, quotas)
    if given.get("status", "NORMAL") != "NORMAL":
        workspaces.force(emulator, record, given["status"], given.get("status_info", ""))
    return record["id"]


def _body(given: Given) -> dict[str, t.Any]:
    """A seed may be written as the service's body or with the name on top."""
    metadata = dict(given.get("metadata", {}))
    metadata.setdefault("name", given.get("name") or metadata["name"])
    return dict(given, metadata=metadata)


def _workshop(emulator: EmulatorState, given: Given) -> t.Any:
    spec = {"primaryCluster": CLUSTER, "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 80}}
    body = _body(given)
    record = workshops.create(emulator, mesh_id(emulator, given), dict(body, spec=dict(spec, **given.get("spec", {}))))
    record["state"] = "up"
    return record["uid"]


def _release(emulator: EmulatorState, given: Given) -> t.Any:
    body = _body(given)
    body["metadata"].setdefault("namespace", given.get("namespace", "default"))
    service = given.get("service_name") or body["metadata"]["name"]
    spec = {
        "serviceName": service,
        "clusterID": CLUSTER,
        "deploymentName": f"{service}-v1",
        "version": "v2",
        "type": "canary",
        "grayDeployments": [{"clusterID": CLUSTER, "template": _deployment(service, "v2")}],
    }
    record = releases.create(emulator, mesh_id(emulator, given), dict(body, spec=dict(spec, **given.get("spec", {}))))
    releases.run(emulator, record)
    if given.get("phase"):
        releases.force(emulator, record, given["phase"], given.get("state"))
    if given.get("gray") is not None:
        releases.shift(emulator, record, given["gray"])
    return record["uid"]


def _deployment(app: str, version: str) -> dict[str, t.Any]:
    labels = {"app": app, "version": version}
    container = {"name": app, "image": f"registry.example.com/{app}:{version}", "ports": [{"containerPort": 8080}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{app}-{version}", "labels": dict(labels)},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": dict(labels)},
            "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container]}},
        },
    }


MAKERS: dict[str, t.Callable[[EmulatorState, Given], t.Any]] = {
    "projects": _project,
    "users": _user,
    "keys": _key,
    "meshes": _mesh,
    "workspaces": _workspace,
    "workshops": _workshop,
    "releases": _release,
}
