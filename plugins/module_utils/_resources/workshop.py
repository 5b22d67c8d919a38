# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workshops: one-click demo applications in a mesh. Created and removed; nothing of them can be changed, and they have no phase."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import check_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    NotFoundError,
    OptionError,
    ServerError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Difference,
    Observed,
    ResourceResult,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import wait_until
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import (
    check_running,
    warn_of_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachedList,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_time

_INGRESS = {"elb_id": "elbId", "elb_ip": "elbIp", "port": "port", "image_address": "imageAddress"}


def workshop_to_result(raw: Observed, mesh_id: str) -> ResourceResult:
    """A workshop in the shape users see."""
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


def workshops_of(session: Session, mesh_id: str) -> CachedList:
    """The list of a mesh's workshops."""
    return session.listing(("workshops", mesh_id), lambda: asm.list_workshops(session.client, mesh_id), _keys)


class Workshop:
    """The wish that one workshop be there, as written, or not be there."""

    kind_name = "workshop"
    post_create_fields: frozenset[str] = frozenset()
    drift_hint = "A workshop can not be changed. Correct the task, or set on_drift to recreate to have it removed and created anew."

    def __init__(self, session: Session, params: Params, mesh: ResourceResult, listing: CachedList) -> None:
        self.label: str = params["name"]
        self.final_action = "delete" if params["state"] == "absent" else None
        self.on_drift: str = params["on_drift"]
        self.sleep = session.sleep
        self._session = session
        self._mesh = mesh
        self.listing = listing
        self._desired = specified_fields(params)
        self._created: Observed = {}
        # The flat fields that the workshop has, or will be created with. Known after planning.
        self._planned: t.Mapping[str, t.Any] = {}

    def lookup(self, refresh: bool = False) -> Observed | None:
        found = self.listing.read(0 if refresh else self._session.max_age).find_by_key(("name", self.label))
        if len(found) > 1:
            ids = ", ".join(sorted(str(raw["metadata"].get("uid")) for raw in found))
            raise AmbiguousError(
                f"Several workshops of mesh '{self._mesh['name']}' are called '{self.label}': {ids}.",
                hint="Remove all but one in the console.",
            )
        return found[0] if found else None

    @property
    def unique_keys(self) -> dict[tuple[t.Any, ...], str]:
        name: dict[tuple[t.Any, ...], str] = {("name", self._mesh["id"], self.label): f"the name '{self.label}'"}
        return name if self.final_action else {**name, **_listener(self._planned)}

    def age(self) -> float:
        return self.listing.age()

    def specified_fields(self) -> list[str]:
        return list(self._desired)

    def differences(self, observed: Observed) -> list[Difference]:
        if self.final_action:
            return []
        actual = self._planned = _flat(self.to_result(observed))
        return [
            Difference(field, actual[field], desired)
            for field, desired in self._desired.items()
            if (actual[field] or None) != (desired or None)
        ]

    def check_create(self, replaced: Observed | None) -> None:
        purpose = f"create workshop '{self.label}'"
        validate_request_body(shapes.WORKSHOP_TO_CREATE, self._body(replaced), shapes.WORKSHOP_OPTIONS, purpose=purpose)
        check_running(self._mesh, purpose)
        fields = self._planned = self._fields(replaced)
        self._check_listener(fields, purpose)
        clusters = {fields["primary_cluster"]: "primary_cluster"}
        warn_of_foreign_clusters(self._session, self._mesh, f"Workshop '{self.label}'", clusters)

    def create(self, replaced: Observed | None) -> str | None:
        answer = asm.create_workshop(self._session.client, self._mesh["id"], self._body(replaced))
        self._created = answer.data
        return answer.request_id

    def check_update(self, observed: Observed, differences: list[Difference]) -> None:
        raise AssertionError("no field of a workshop is changeable")

    def update(self, observed: Observed, differences: list[Difference], applied: list[Action]) -> None:
        raise AssertionError("no field of a workshop is changeable")

    def check_deletion(self, observed: Observed) -> None:
        check_running(self._mesh, f"delete workshop '{self.label}'")

    def delete(self, observed: Observed) -> str | None:
        """Removes it by name, and where the service does not know that, by uid: the reference does not say which of them it takes."""
        self._leave_list()
        uid = observed["metadata"].get("uid")
        try:
            return self._remove(self.label)
        except (NotFoundError, BadRequestError, ServerError) as refusal:
            if not uid or uid == self.label or not asm.is_unknown_workshop(refusal):
                raise
            try:
                return self._remove(uid)
            except (NotFoundError, BadRequestError, ServerError) as second:
                refusal.previous_attempts += (*second.previous_attempts, second)
            raise

    def is_terminating(self, observed: Observed) -> bool:
        return False

    def is_terminated(self, observed: Observed) -> bool:
        return False

    def verify_end(self, observed: Observed | None, sent: bool) -> None:
        """Do nothing: a workshop can end in one way only."""

    def check_not_failed(self, observed: Observed) -> None:
        """A workshop that is listed is there: the API has no phase for it."""

    def describe_state(self, observed: Observed | None) -> str:
        return "it is listed" if observed else "it is not listed"

    def short_state(self, observed: Observed | None) -> str:
        return "listed" if observed else "not listed"

    def is_ready(self, observed: Observed | None) -> bool:
        return (observed is None) == bool(self.final_action)

    def wait_until_ready(self, observed: Observed | None) -> Observed:
        if observed is not None:
            return observed
        if not self._session.wait_policy.wait:
            return self.lookup(refresh=True) or self._created
        return t.cast(Observed, self._until(lambda found: found is not None, "to be listed"))

    def wait_until_deleted(self, required: bool = False) -> Observed | None:
        if self._session.wait_policy.wait or required:
            self._until(lambda found: found is None, "to be gone")
        return None

    def to_result(self, observed: Observed) -> ResourceResult:
        return workshop_to_result(observed, self._mesh["id"])

    def diff_fields(self, result: ResourceResult) -> ResourceResult:
        return select_fields(result, ("created_at", "updated_at"))

    def preview(self, observed: Observed | None, differences: list[Difference]) -> ResourceResult:
        return workshop_to_result(self._body(observed), self._mesh["id"])

    def _check_listener(self, fields: t.Mapping[str, t.Any], purpose: str) -> None:
        """Raise OptionError if another workshop of the mesh has the port of the load balancer: it can belong to one only."""
        wanted = _listener(fields)
        for raw in self.listing.all():
            name = raw["metadata"]["name"]
            if wanted and name != self.label and _listener(_flat(self.to_result(raw))) == wanted:
                raise OptionError(
                    f"Failed to {purpose}: workshop '{name}' already has {next(iter(wanted.values()))}.",
                    hint=f"Choose another port, or delete workshop '{name}' first and rerun the task.",
                )

    def _leave_list(self) -> None:
        # Whoever acts on many at once reads the list anew by itself, once for all.
        if not self._session.skip_details:
            self.listing.invalidate()

    def _remove(self, key: str) -> str | None:
        return asm.delete_workshop(self._session.client, self._mesh["id"], self.label, key).request_id

    def _until(self, applied: t.Callable[[t.Optional[Observed]], bool], wanted: str) -> Observed | None:
        return wait_until(
            lambda: self.lookup(refresh=True),
            applied,
            what=f"workshop '{self.label}' {wanted}",
            describe=self.describe_state,
            wait_policy=self._session.wait_policy,
            clock=self._session.clock,
            state=self.short_state,
            told=lambda text: self._session.progress(f"workshop {self.label}: {text}"),
        )

    def _body(self, replaced: Observed | None) -> Observed:
        return workshop_body(self.label, self._fields(replaced))

    def _fields(self, replaced: Observed | None) -> dict[str, t.Any]:
        """Return the flat fields to create the workshop with, carrying over from ``replaced`` what the task does not set."""
        return dict(_flat(self.to_result(replaced)) if replaced else {}, **self._desired)


def _listener(fields: t.Mapping[str, t.Any]) -> dict[tuple[t.Any, ...], str]:
    """Return the port of a load balancer that flat fields name, as a claim. Addresses do not identify a load balancer: networks reuse them."""
    balancer, port = fields.get("ingress.elb_id"), fields.get("ingress.port")
    return {("listener", balancer, port): f"port {port} of load balancer '{balancer}'"} if balancer and port else {}


def specified_fields(params: Params) -> dict[str, t.Any]:
    """What the user wrote of a workshop, flat: ``ingress.port`` beside ``description``."""
    return {field: value for field, value in _flat(params).items() if value is not None}


def workshop_body(name: str, fields: t.Mapping[str, t.Any]) -> Observed:
    """The body that creates a workshop, of flat fields; what is ``None`` or missing is left out."""
    ingress = {key: fields.get(f"ingress.{option}") for option, key in _INGRESS.items()}
    spec = {"primaryCluster": fields.get("primary_cluster"), "ingress": _given(ingress)}
    return _given({"description": fields.get("description"), "metadata": {"name": name}, "spec": _given(spec)})


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


def _flat(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    ingress = result.get("ingress") or {}
    flat = {"description": result.get("description"), "primary_cluster": result.get("primary_cluster")}
    return dict(flat, **{f"ingress.{option}": ingress.get(option) for option in _INGRESS})


def _given(values: dict[str, t.Any]) -> dict[str, t.Any]:
    return {key: value for key, value in values.items() if value is not None}
