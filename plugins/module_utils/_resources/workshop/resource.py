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
    Observed,
    ResourceResult,
    Source,
    Status,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    check_running,
    identify_mesh,
    warn_about_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachedList,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_time

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

_INGRESS = {"elb_id": "elbId", "elb_ip": "elbIp", "port": "port", "image_address": "imageAddress"}


def workshop_to_result(raw: Observed, mesh_id: str | None) -> ResourceResult:
    """Return a workshop in the shape of results."""
    metadata, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    return {
        "id": metadata.get("uid"),
        "name": metadata["name"],
        "mesh_id": mesh_id,
        "description": raw.get("description") or "",
        "primary_cluster": spec.get("primaryCluster"),
        "ingress": {name: spec["ingress"].get(key) for name, key in _INGRESS.items()},
        "created_at": format_time(metadata.get("creationTimestamp")),
        "updated_at": format_time(status.get("updateTime")),
    }


def get_workshop_list(session: Session, mesh_id: str | None) -> CachedList:
    """Return the list of the workshops of a mesh. A mesh that does not exist yet has no ID and no workshops."""
    return session.listing(
        ("workshops", mesh_id),
        lambda deadline: asm.list_workshops(session.client.until(deadline), mesh_id) if mesh_id else [],
        _keys,
    )


class Workshop:
    """The desired state of one workshop."""

    kind = "workshop"

    def __init__(self, session: Session, params: Params, mesh: ResourceResult, listing: CachedList) -> None:
        self.name: str = params["name"]
        self.listing = listing
        self._session = session
        self._mesh = mesh
        self._desired = specified_fields(params)
        self.desired_state = DesiredState(
            final_action="delete" if params["state"] == "absent" else None,
            fields=tuple(self._desired),
            on_drift=params["on_drift"],
            drift_hint="A workshop cannot be changed. Correct the task, or set on_drift to replace to delete it and create it again.",
            ready_goal="to be listed",
            deleted_goal="to be deleted",
        )
        self._created: Observed | None = None
        # The flat fields that the workshop has, or will be created with. Known after planning.
        self._planned: t.Mapping[str, t.Any] = {}

    def lookup(self, source: Source = Source.CACHED_LIST, deadline: Deadline = NO_DEADLINE) -> Observed | None:
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
    def unique_keys(self) -> dict[tuple[t.Any, ...], str]:
        name: dict[tuple[t.Any, ...], str] = {("name", identify_mesh(self._mesh), self.name): f"the name '{self.name}'"}
        return name if self.desired_state.final_action else {**name, **_listener_key(self._planned)}

    def diff(self, observed: Observed) -> list[Difference]:
        if self.desired_state.final_action:
            return []
        actual = self._planned = _flatten(self.to_result(observed))
        return [
            Difference(field, actual[field], desired)
            for field, desired in self._desired.items()
            if (actual[field] or None) != (desired or None)
        ]

    def validate(self, action: str, observed: Observed | None) -> None:
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
            clusters = {fields["primary_cluster"]: "primary_cluster"}
            warn_about_foreign_clusters(self._session, self._mesh, f"Workshop '{self.name}'", clusters)

    def create(self, replacing: Observed | None) -> str | None:
        response = asm.create_workshop(
            self._session.client.based_on(self.listing.age), self._mesh["id"], self._body(replacing)
        )
        self._created = response.data
        return response.request_id

    def update(self, observed: Observed, differences: t.Sequence[Difference]) -> t.Iterator[Action]:
        raise AssertionError("no field of a workshop is changeable")

    def delete(self, observed: Observed) -> str | None:
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

    def status(self, observed: Observed) -> Status:
        """Return that the workshop is ready: the API has no phase for it."""
        return Status(READY, "listed", "it is listed")

    def to_result(self, observed: Observed) -> ResourceResult:
        return workshop_to_result(observed, self._mesh["id"])

    def diff_fields(self, result: ResourceResult) -> ResourceResult:
        return select_fields(result, ("created_at", "updated_at"))

    def preview(self, observed: Observed | None, differences: t.Sequence[Difference]) -> ResourceResult:
        return workshop_to_result(self._body(observed), self._mesh["id"])

    def _check_listener(self, fields: t.Mapping[str, t.Any], purpose: str) -> None:
        """Raise OptionError if another workshop of the mesh has the port of the load balancer: it can belong to one only."""
        key = _listener_key(fields)
        for raw in self.listing.all():
            name = raw["metadata"]["name"]
            if key and name != self.name and _listener_key(_flatten(self.to_result(raw))) == key:
                raise OptionError(
                    f"Failed to {purpose}: workshop '{name}' already has {next(iter(key.values()))}.",
                    hint=f"Choose another port, or delete workshop '{name}' first and rerun the task.",
                )

    def _delete_by(self, key: str) -> str | None:
        return asm.delete_workshop(self._session.client, self._mesh["id"], self.name, key).request_id

    def _body(self, replacing: Observed | None) -> Observed:
        return workshop_body(self.name, self._fields(replacing))

    def _fields(self, replacing: Observed | None) -> dict[str, t.Any]:
        """Return the flat fields to create the workshop with, carrying over from ``replaced`` what the task does not set."""
        return dict(_flatten(self.to_result(replacing)) if replacing else {}, **self._desired)


def _listener_key(fields: t.Mapping[str, t.Any]) -> dict[tuple[t.Any, ...], str]:
    """Return the port of a load balancer that flat fields name, as a unique key. Addresses do not identify a load balancer: networks reuse them."""
    balancer, port = fields.get("ingress.elb_id"), fields.get("ingress.port")
    return {("listener", balancer, port): f"port {port} of load balancer '{balancer}'"} if balancer and port else {}


def specified_fields(params: Params) -> dict[str, t.Any]:
    """Return the fields of a workshop that the task sets, flat: ``ingress.port`` beside ``description``."""
    return {field: value for field, value in _flatten(params).items() if value is not None}


def workshop_body(name: str, fields: t.Mapping[str, t.Any]) -> Observed:
    """Return the request body that creates a workshop with these flat fields. Fields that are ``None`` are omitted."""
    ingress = {key: fields.get(f"ingress.{option}") for option, key in _INGRESS.items()}
    spec = {"primaryCluster": fields.get("primary_cluster"), "ingress": _without_none(ingress)}
    return _without_none(
        {"description": fields.get("description"), "metadata": {"name": name}, "spec": _without_none(spec)}
    )


def check_workshop(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Missing options are an error only at creation."""
    body = workshop_body(params["name"], specified_fields(params))
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


def _keys(raw: Observed) -> list[tuple[str, t.Any]]:
    metadata = raw["metadata"]
    name = ("name", metadata["name"])
    return [("id", metadata["uid"]), name] if metadata.get("uid") else [name]


def _flatten(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    ingress = result.get("ingress") or {}
    flat = {"description": result.get("description"), "primary_cluster": result.get("primary_cluster")}
    return dict(flat, **{f"ingress.{option}": ingress.get(option) for option in _INGRESS})


def _without_none(values: dict[str, t.Any]) -> dict[str, t.Any]:
    return {key: value for key, value in values.items() if value is not None}
