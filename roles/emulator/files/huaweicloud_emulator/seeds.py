# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creation of the resources of a seed, at the start of an emulator or through the control plane.

A seed is a mapping of lists, whose keys are those of ``RESOURCE_KEYS``. Instead of a list there can be a mapping
``{count: 1000, prefix: ws-}`` with shared fields. ``credentials`` only has an effect at the start.
"""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import history, workloads
from huaweicloud_emulator.cluster import seeding as cluster
from huaweicloud_emulator.iam import models as iam
from huaweicloud_emulator.iam import temporary_keys
from huaweicloud_emulator.meshes import models as meshes
from huaweicloud_emulator.prometheus import seeding as prometheus
from huaweicloud_emulator.releases import models as releases
from huaweicloud_emulator.seed_validation import SeedError, expand, validate
from huaweicloud_emulator.state import new_id, new_secret
from huaweicloud_emulator.workshops import models as workshops
from huaweicloud_emulator.workspaces import models as workspaces

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState
    from huaweicloud_emulator.stores import Store

Fields = t.Mapping[str, t.Any]

REGION = "region-1"
MESH = "demo-mesh"
CLUSTER = "demo-cluster"
USERS = ("alice", "bob", "carol")


def create_account(emulator: EmulatorState, fields: Fields) -> dict[str, t.Any]:
    """Create account, project, users and key of a new emulator, and return its credentials."""
    region = fields.get("region") or REGION
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
    credentials = dict(defaults, **{name: str(value) for name, value in fields.items() if value})
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
    _create_mesh(emulator, {"name": MESH, "clusters": [CLUSTER]})


def get_credentials(emulator: EmulatorState) -> dict[str, t.Any]:
    return emulator.stores.settings.records["credentials"]


def merge(emulator: EmulatorState, seed: Fields) -> dict[str, list[t.Any]]:
    """Create the resources of a seed and return their IDs by kind. Raises SeedError if the seed is invalid."""
    validate(seed)
    created: dict[str, list[t.Any]] = {}
    for kind, create in FACTORIES.items():
        for index, fields in enumerate(expand(kind, seed.get(kind) or [])):
            try:
                created.setdefault(kind, []).append(create(emulator, fields))
            except ValueError as error:
                raise SeedError(f"{kind}[{index}]: {error}") from None
            except KeyError as error:
                raise SeedError(f"{kind}[{index}]: {error.args[0]} is required") from None
            except (TypeError, AttributeError) as error:
                raise SeedError(f"{kind}[{index}]: invalid value: {error}") from None
    workloads.set_first_status(emulator)
    history.record_all(emulator)
    return created


def _find_by_name(store: Store, name: str) -> dict[str, t.Any]:
    """Return the first record with the name. Raises SeedError if it does not exist."""
    records = store.find(name=name)
    if not records:
        raise SeedError(f"{name} does not exist in {store.name}")
    return records[0]


# -- one function for each kind


def _create_project(emulator: EmulatorState, fields: Fields) -> t.Any:
    record = iam.add_project(emulator, get_credentials(emulator)["domain_id"], fields["name"], fields.get("id"))
    workspaces.add_default(emulator, record["id"])
    return {"id": record["id"], "name": record["name"]}


def _create_user(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Create a user, with a key pair if ``keys`` is true or a mapping, and return generated values."""
    user = iam.add_user(emulator, get_credentials(emulator)["domain_id"], fields)
    created = {"id": user["id"], "name": user["name"], "password": user["password"]}
    if fields.get("keys"):
        key = iam.add_key(emulator, user["id"], fields["keys"] if isinstance(fields["keys"], dict) else {})
        created.update(access_key=key["access"], secret_key=key["secret"])
    return created


def _create_key(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Create a key pair of the user with the name ``user``, or of the main user. ``lifetime`` is in seconds."""
    user_id = get_credentials(emulator)["user_id"]
    if fields.get("user"):
        user_id = _find_by_name(emulator.stores.users, fields["user"])["id"]
    expires_at = (
        emulator.clock.now() + fields["lifetime"] if fields.get("lifetime") is not None else fields.get("expires_at")
    )
    key = iam.add_key(emulator, user_id, dict(fields, expires_at=expires_at))
    return {"access_key": key["access"], "secret_key": key["secret"], "security_token": key["security_token"]}


def _create_agency(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Create an agency in the account ``domain_name`` (default: the main one). It trusts the account ``trusted_domain_name`` (default: the main one)."""
    domain = _get_account(emulator, fields.get("domain_name"), fields.get("domain_id"))
    trusted = _get_account(emulator, fields.get("trusted_domain_name"))
    temporary_keys.add_agency(emulator, domain["id"], trusted["id"], fields)
    projects = emulator.stores.projects.find(domain_id=domain["id"])
    return {
        "name": fields["name"],
        "domain_name": domain["name"],
        "domain_id": domain["id"],
        "project_id": projects[0]["id"],
    }


def _get_account(emulator: EmulatorState, name: str | None, domain_id: str | None = None) -> dict[str, t.Any]:
    """Return the account with the name, or the main account. A new account has a project with the name of the region."""
    if not name:
        return emulator.stores.domains.records[get_credentials(emulator)["domain_id"]]
    known = emulator.stores.domains.find(name=name)
    if known:
        return known[0]
    domain = iam.add_domain(emulator, name, domain_id)
    project = iam.add_project(emulator, domain["id"], get_credentials(emulator)["region"])
    workspaces.add_default(emulator, project["id"])
    return domain


def resolve_project_id(emulator: EmulatorState, fields: Fields) -> str:
    """Return the project from ``project_id`` or ``project_name``, or the main project."""
    if fields.get("project_name"):
        return _find_by_name(emulator.stores.projects, fields["project_name"])["id"]
    return fields.get("project_id") or get_credentials(emulator)["project_id"]


def _create_mesh(emulator: EmulatorState, fields: Fields) -> t.Any:
    clusters = [
        {"clusterID": entry} if isinstance(entry, str) else entry for entry in fields.get("clusters", [CLUSTER])
    ]
    spec = dict({"type": "InCluster", "extendParams": {"clusters": clusters}}, **fields.get("spec", {}))
    if fields.get("version"):
        spec["version"] = fields["version"]
    record = meshes.create(
        emulator,
        resolve_project_id(emulator, fields),
        {"metadata": {"name": fields["name"]}, "spec": spec},
        fields.get("id"),
    )
    meshes.set_phase(emulator, record, fields.get("phase", "Running"))
    return record["uid"]


def resolve_mesh_id(emulator: EmulatorState, fields: Fields) -> str:
    """Return the mesh from ``mesh_id`` or ``mesh_name``, or the first mesh."""
    if fields.get("mesh_id"):
        if fields["mesh_id"] not in emulator.stores.meshes.records:
            raise SeedError(f"{fields['mesh_id']} does not exist in meshes")
        return fields["mesh_id"]
    if fields.get("mesh_name"):
        return _find_by_name(emulator.stores.meshes, fields["mesh_name"])["uid"]
    if not emulator.stores.meshes.records:
        raise SeedError("no mesh exists")
    return next(iter(emulator.stores.meshes.records))


def _create_workspace(emulator: EmulatorState, fields: Fields) -> t.Any:
    owner = fields.get("owner", get_credentials(emulator)["username"])
    record = workspaces.create(emulator, resolve_project_id(emulator, fields), owner, fields, fields.get("id"))
    quotas = fields.get("quotas") or []
    if quotas:
        workspaces.change_quotas(emulator, record, quotas)
    if fields.get("status", "NORMAL") != "NORMAL":
        workspaces.set_status(emulator, record, fields["status"], fields.get("status_info", ""))
    return record["id"]


def _build_body(fields: Fields) -> dict[str, t.Any]:
    """Return the request body of the service. A seed can have the name in ``metadata`` or at the top."""
    metadata = dict(fields.get("metadata", {}))
    metadata.setdefault("name", fields.get("name") or metadata["name"])
    return dict(fields, metadata=metadata)


def _create_workshop(emulator: EmulatorState, fields: Fields) -> t.Any:
    spec = {"primaryCluster": CLUSTER, "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 80}}
    body = _build_body(fields)
    record = workshops.create(
        emulator, resolve_mesh_id(emulator, fields), dict(body, spec=dict(spec, **fields.get("spec", {})))
    )
    record["state"] = "up"
    return record["uid"]


def _create_release(emulator: EmulatorState, fields: Fields) -> t.Any:
    body = _build_body(fields)
    body["metadata"].setdefault("namespace", fields.get("namespace", "default"))
    service = fields.get("service_name") or body["metadata"]["name"]
    spec = {
        "serviceName": service,
        "clusterID": CLUSTER,
        "deploymentName": f"{service}-v1",
        "version": "v2",
        "type": "canary",
        "grayDeployments": [{"clusterID": CLUSTER, "template": _build_deployment(service, "v2")}],
    }
    record = releases.create(
        emulator, resolve_mesh_id(emulator, fields), dict(body, spec=dict(spec, **fields.get("spec", {})))
    )
    releases.mark_running(emulator, record)
    if fields.get("phase"):
        releases.set_phase(emulator, record, fields["phase"], fields.get("state"))
    if fields.get("gray") is not None:
        releases.set_gray_weight(emulator, record, fields["gray"])
    return record["uid"]


def _build_deployment(app: str, version: str) -> dict[str, t.Any]:
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


FACTORIES: dict[str, t.Callable[[EmulatorState, Fields], t.Any]] = {
    "projects": _create_project,
    "users": _create_user,
    "keys": _create_key,
    "agencies": _create_agency,
    "meshes": _create_mesh,
    "cluster_tokens": cluster.add_token,
    "applications": cluster.add_application,
    "cluster_objects": cluster.add_object,
    "prometheus_credentials": prometheus.add_credentials,
    "metrics": prometheus.add_metrics,
    "series": prometheus.add_series,
    "workspaces": _create_workspace,
    "workshops": _create_workshop,
    "releases": _create_release,
}
