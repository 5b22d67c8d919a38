# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workshops: one-click demo applications in a mesh. The API can create and delete them; they cannot change and have no phase."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec, check_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    NotFoundError,
    OptionError,
    ServerError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    READY,
    Action,
    DesiredState,
    Difference,
    Source,
    Status,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    check_running,
    get_mesh_id,
    identify_mesh,
    warn_about_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachedList,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_time

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import (
        MeshResult,
        WorkshopResult,
    )

RequestBody = t.Dict[str, object]
WORKSHOP = ArgumentSpec(
    argument_spec={
        "name": {"type": "str", "required": True},
        "description": {"type": "str"},
        "primary_cluster": {"type": "str"},
        "ingress": {
            "type": "dict",
            "options": {
                "elb_id": {"type": "str"},
                "elb_ip": {"type": "str"},
                "port": {"type": "int"},
                "image_address": {"type": "str"},
            },
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "on_drift": {"type": "str", "choices": ["fail", "warn", "replace"], "default": "fail"},
    }
)

# Fields of a workshop whose option has a different name.
_OPTIONS = {field: f"ingress.{field}" for field in ("elb_id", "elb_ip", "port", "image_address")}


class DesiredWorkshop(t.NamedTuple):
    """The fields of a workshop. None if a task does not set the field, or an existing workshop has no value."""

    description: t.Optional[str] = None
    primary_cluster: t.Optional[str] = None
    elb_id: t.Optional[str] = None
    elb_ip: t.Optional[str] = None
    port: t.Optional[int] = None
    image_address: t.Optional[str] = None

    def by_option(self) -> dict[str, object]:
        """Return the fields by option: ``ingress.port`` beside ``description``."""
        return {_OPTIONS.get(field, field): value for field, value in self._asdict().items()}

    def specified_fields(self) -> dict[str, object]:
        """Return the fields that are set, by option."""
        return {option: value for option, value in self.by_option().items() if value is not None}

    def complete(self, other: DesiredWorkshop) -> DesiredWorkshop:
        """Return these fields, with those of another workshop where they are not set."""
        return other._replace(**{field: value for field, value in self._asdict().items() if value is not None})

    def body(self, name: str) -> RequestBody:
        """Return the request body that creates the workshop. It omits fields that are not set."""
        ingress = {"elbId": self.elb_id, "elbIp": self.elb_ip, "port": self.port, "imageAddress": self.image_address}
        spec = {"primaryCluster": self.primary_cluster, "ingress": _without_none(ingress)}
        return _without_none({"description": self.description, "metadata": {"name": name}, "spec": _without_none(spec)})


def workshop_to_result(raw: objects.Workshop, mesh_id: str | None) -> WorkshopResult:
    """Return a workshop in the shape of results."""
    metadata, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    ingress = spec["ingress"]
    fields = DesiredWorkshop(
        description=raw.get("description"),
        primary_cluster=spec.get("primaryCluster"),
        elb_id=ingress.get("elbId"),
        elb_ip=ingress.get("elbIp"),
        port=ingress.get("port"),
        image_address=ingress.get("imageAddress"),
    )
    created_at, updated_at = format_time(metadata.get("creationTimestamp")), format_time(status.get("updateTime"))
    return _make_result(metadata["name"], mesh_id, fields, metadata.get("uid"), created_at, updated_at)


def _make_result(
    name: str,
    mesh_id: str | None,
    fields: DesiredWorkshop,
    uid: str | None = None,
    created_at: str | None = None,
    updated_at: str | None = None,
) -> WorkshopResult:
    """Return a result with all keys. What is not given is not known yet."""
    return {
        "id": uid,
        "name": name,
        "mesh_id": mesh_id,
        "description": fields.description or "",
        "primary_cluster": fields.primary_cluster,
        "ingress": {
            "elb_id": fields.elb_id,
            "elb_ip": fields.elb_ip,
            "port": fields.port,
            "image_address": fields.image_address,
        },
        "created_at": created_at,
        "updated_at": updated_at,
    }


def get_workshop_list(session: Session, mesh_id: str | None) -> CachedList[objects.Workshop]:
    """Return the list of the workshops of a mesh. A mesh that does not exist yet has no ID and no workshops."""
    return session.listing(
        ("workshops", mesh_id),
        lambda deadline: asm.list_workshops(session.client.until(deadline), mesh_id) if mesh_id else [],
        _keys,
    )


class Workshop:
    """The desired state of one workshop."""

    kind = "workshop"

    def __init__(
        self, session: Session, params: Params, mesh: MeshResult, listing: CachedList[objects.Workshop]
    ) -> None:
        self.name: str = params["name"]
        self.listing = listing
        self._session = session
        self._mesh = mesh
        self._desired = read_options(params)
        self.desired_state = DesiredState(
            final_action="delete" if params["state"] == "absent" else None,
            fields=tuple(self._desired.specified_fields()),
            on_drift=params["on_drift"],
            drift_hint="A workshop cannot be changed. Correct the task, or set on_drift to replace to delete it and create it again.",
            ready_goal="to be listed",
            deleted_goal="to be deleted",
        )
        self._created: objects.Workshop | None = None
        # The fields that the workshop has, or will be created with. Known after planning.
        self._planned = DesiredWorkshop()

    def lookup(self, source: Source = Source.CACHED_LIST, deadline: Deadline = NO_DEADLINE) -> objects.Workshop | None:
        listing = self.listing.read(self._session.max_age if source == Source.CACHED_LIST else 0, deadline)
        found = listing.find_by_key(("name", self.name))
        if len(found) > 1:
            ids = ", ".join(sorted(str(raw["metadata"].get("uid")) for raw in found))
            raise AmbiguousError(
                f"Several workshops of mesh '{self._mesh['name']}' have the name '{self.name}': {ids}.",
                hint="Delete all but one in the console.",
            )
        if not found and source == Source.AFTER_CHANGE and not self._session.wait_policy.wait:
            # Without waiting, the response is enough.
            return self._created
        return found[0] if found else None

    @property
    def unique_keys(self) -> dict[tuple[object, ...], str]:
        name: dict[tuple[object, ...], str] = {
            ("name", identify_mesh(self._mesh), self.name): f"the name '{self.name}'"
        }
        return name if self.desired_state.final_action else {**name, **_listener_key(self._planned)}

    def diff(self, observed: objects.Workshop) -> list[Difference]:
        if self.desired_state.final_action:
            return []
        self._planned = read_options(self.to_result(observed))
        actual = self._planned.by_option()
        return [
            Difference(field, actual[field], desired)
            for field, desired in self._desired.specified_fields().items()
            if (actual[field] or None) != (desired or None)
        ]

    def validate(self, action: str, observed: objects.Workshop | None) -> None:
        if action == "delete" and observed is None:
            return
        purpose = f"{action} workshop '{self.name}'"
        if action == "create":
            body = self._body(observed)
            validate_request_body(shapes.WORKSHOP_TO_CREATE, body, shapes.WORKSHOP_OPTIONS, purpose=purpose)
        check_running(self._mesh, purpose)
        if action == "create":
            fields = self._planned = self._fields(observed)
            self._check_listener(fields, purpose)
            clusters = {fields.primary_cluster: "primary_cluster"}
            warn_about_foreign_clusters(self._session, self._mesh, f"Workshop '{self.name}'", clusters)

    def create(self, replacing: objects.Workshop | None) -> str | None:
        response = asm.create_workshop(
            self._session.client.based_on(self.listing.age), get_mesh_id(self._mesh), self._body(replacing)
        )
        self._created = response.data
        return response.request_id

    def update(self, observed: objects.Workshop, differences: t.Sequence[Difference]) -> t.Iterator[Action]:
        raise AssertionError("no field of a workshop is changeable")

    def delete(self, observed: objects.Workshop) -> str | None:
        """Delete the workshop by its name, or by its ID if the service does not know the name. The reference does not say which it takes."""
        uid = observed["metadata"].get("uid")
        try:
            return self._delete_by(self.name)
        except (NotFoundError, BadRequestError, ServerError) as first:
            if not uid or uid == self.name or not asm.is_unknown_workshop(first):
                raise
            try:
                return self._delete_by(uid)
            except (NotFoundError, BadRequestError, ServerError) as second:
                attempts = (*first.previous_attempts, *second.previous_attempts, second)
                raise first.replace(previous_attempts=attempts) from None

    def status(self, observed: objects.Workshop) -> Status:
        """Return that the workshop is ready: the API has no phase for it."""
        return Status(READY, "listed", "it is listed")

    def to_result(self, observed: objects.Workshop) -> WorkshopResult:
        return workshop_to_result(observed, self._mesh["id"])

    def diff_fields(self, result: WorkshopResult) -> dict[str, object]:
        return select_fields(result, ("created_at", "updated_at"))

    def preview(self, observed: objects.Workshop | None, differences: t.Sequence[Difference]) -> WorkshopResult:
        return _make_result(self.name, self._mesh["id"], self._fields(observed))

    def _check_listener(self, fields: DesiredWorkshop, purpose: str) -> None:
        """Raise OptionError if another workshop of the mesh has the port of the load balancer: it can belong to one only."""
        key = _listener_key(fields)
        for raw in self.listing.all():
            name = raw["metadata"]["name"]
            if key and name != self.name and _listener_key(read_options(self.to_result(raw))) == key:
                raise OptionError(
                    f"Failed to {purpose}: workshop '{name}' already has {next(iter(key.values()))}.",
                    hint=f"Choose another port, or delete workshop '{name}' first and rerun the task.",
                )

    def _delete_by(self, key: str) -> str | None:
        return asm.delete_workshop(self._session.client, get_mesh_id(self._mesh), self.name, key).request_id

    def _body(self, replacing: objects.Workshop | None) -> RequestBody:
        return self._fields(replacing).body(self.name)

    def _fields(self, replacing: objects.Workshop | None) -> DesiredWorkshop:
        """Return the fields to create the workshop with, carrying over from ``replacing`` what the task does not set."""
        return self._desired.complete(read_options(self.to_result(replacing))) if replacing else self._desired


def _listener_key(fields: DesiredWorkshop) -> dict[tuple[object, ...], str]:
    """Return the port of a load balancer that the fields name, as a unique key. Addresses do not identify a load balancer: networks reuse them."""
    balancer, port = fields.elb_id, fields.port
    return {("listener", balancer, port): f"port {port} of load balancer '{balancer}'"} if balancer and port else {}


def read_options(source: Params | WorkshopResult) -> DesiredWorkshop:
    """Return the fields that options or a result have."""
    ingress = source.get("ingress") or {}
    return DesiredWorkshop(
        source.get("description"),
        source.get("primary_cluster"),
        ingress.get("elb_id"),
        ingress.get("elb_ip"),
        ingress.get("port"),
        ingress.get("image_address"),
    )


def check_workshop(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Missing options are an error only at creation."""
    body = read_options(params).body(params["name"])
    check_all(
        lambda: check_mesh(params),
        lambda: validate_request_body(shapes.WORKSHOP_TO_CREATE, body, shapes.WORKSHOP_OPTIONS),
        lambda: _check_address((params.get("ingress") or {}).get("elb_ip")),
    )


def _check_address(address: str | None) -> None:
    """Raise OptionError for a text that cannot be the address of a load balancer. Empty and blank ones are refused elsewhere."""
    if not address or not address.strip() or address != address.strip():
        return
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        raise OptionError(
            f"Invalid options: ingress.elb_ip must be an IP address, not '{address}'.",
            hint="Set it to the address of the load balancer, for example 192.0.2.10.",
        ) from None
    if found.is_unspecified or found.is_multicast:
        raise OptionError(f"Invalid options: ingress.elb_ip must be the address of a load balancer, not '{address}'.")


def _keys(raw: objects.Workshop) -> list[tuple[str, object]]:
    metadata = raw["metadata"]
    name = ("name", metadata["name"])
    uid = metadata.get("uid")
    return [("id", uid), name] if uid else [name]


def _without_none(values: t.Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
