# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workshops: one-click demo applications in a mesh. Created and removed; nothing of them can be changed, and they have no phase."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    NotFoundError,
    OptionError,
    RejectedError,
    ServerError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._options._arguments import check_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import (
    Difference,
    Receipt,
    Shown,
    Thing,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._replies import GATEWAY_CODE
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import (
    check_running,
    warn_of_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas._check import check_sent
from ansible_collections.community.huaweicloud.plugins.module_utils._services import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Listing, Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import time_from_text
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import wait_until

_INGRESS = {"elb_id": "elbId", "elb_ip": "elbIp", "port": "port", "image_address": "imageAddress"}


def show_workshop(raw: Thing, mesh_id: str) -> Shown:
    """A workshop in the shape users see."""
    metadata, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    return {
        "id": metadata.get("uid"),
        "name": metadata["name"],
        "mesh_id": mesh_id,
        "description": raw.get("description") or "",
        "primary_cluster": spec.get("primaryCluster"),
        "ingress": {name: spec["ingress"].get(key) for name, key in _INGRESS.items()},
        "created_at": time_from_text(metadata.get("creationTimestamp")),
        "updated_at": time_from_text(status.get("updateTime")),
    }


def workshops_of(session: Session, mesh_id: str) -> Listing:
    """The list of a mesh's workshops."""
    return session.listing(("workshops", mesh_id), lambda: asm.list_workshops(session.client, mesh_id), _keys)


class Workshop:
    """The wish that one workshop be there, as written, or not be there."""

    noun = "workshop"
    set_later: frozenset[str] = frozenset()
    drift_hint = "A workshop can not be changed. Correct the task, or set on_drift to recreate to have it removed and created anew."

    def __init__(self, session: Session, params: Params, mesh: Shown, listing: Listing) -> None:
        self.label: str = params["name"]
        self.ending = "remove" if params["state"] == "absent" else None
        self.on_drift: str = params["on_drift"]
        self.pause = session.pause
        self._session = session
        self._mesh = mesh
        self.listing = listing
        self._wish = written_fields(params)
        self._created: Thing = {}
        # The flat fields that the workshop has, or will be created with. Known after planning.
        self._planned: t.Mapping[str, t.Any] = {}

    def find(self, anew: bool = False) -> Thing | None:
        found = self.listing.read(0 if anew else self._session.max_age).under(("name", self.label))
        if len(found) > 1:
            ids = ", ".join(sorted(str(raw["metadata"].get("uid")) for raw in found))
            raise AmbiguousError(
                f"Several workshops of mesh '{self._mesh['name']}' are called '{self.label}': {ids}.",
                hint="Remove all but one in the console.",
            )
        return found[0] if found else None

    @property
    def claims(self) -> dict[tuple[t.Any, ...], str]:
        name: dict[tuple[t.Any, ...], str] = {("name", self._mesh["id"], self.label): f"the name '{self.label}'"}
        return name if self.ending else {**name, **_listener(self._planned)}

    def age(self) -> float:
        return self.listing.age()

    def written(self) -> list[str]:
        return list(self._wish)

    def differences(self, thing: Thing) -> list[Difference]:
        if self.ending:
            return []
        have = self._planned = _flat(self.shown(thing))
        return [
            Difference(field, have[field], want)
            for field, want in self._wish.items()
            if (have[field] or None) != (want or None)
        ]

    def check_create(self, replaced: Thing | None) -> None:
        purpose = f"create workshop '{self.label}'"
        check_sent(shapes.WORKSHOP_TO_CREATE, self._body(replaced), shapes.WORKSHOP_OPTIONS, purpose=purpose)
        check_running(self._mesh, purpose)
        fields = self._planned = self._fields(replaced)
        self._check_listener(fields, purpose)
        clusters = {fields["primary_cluster"]: "primary_cluster"}
        warn_of_foreign_clusters(self._session, self._mesh, f"Workshop '{self.label}'", clusters)

    def create(self, replaced: Thing | None) -> str | None:
        answer = asm.create_workshop(self._session.client, self._mesh["id"], self._body(replaced))
        self._created = answer.data
        return answer.request_id

    def check_update(self, thing: Thing, differences: list[Difference]) -> None:
        raise AssertionError("no field of a workshop is changeable")

    def update(self, thing: Thing, differences: list[Difference], done: list[Receipt]) -> None:
        raise AssertionError("no field of a workshop is changeable")

    def check_end(self, thing: Thing) -> None:
        check_running(self._mesh, f"remove workshop '{self.label}'")

    def end(self, thing: Thing) -> str | None:
        """Removes it by name, and where the service does not know that, by uid: the reference does not say which of them it takes."""
        self._leave_list()
        uid = thing["metadata"].get("uid")
        try:
            return self._remove(self.label)
        except (NotFoundError, RejectedError, ServerError) as refusal:
            if not uid or uid == self.label or not _may_mean_unknown(refusal):
                raise
            try:
                return self._remove(uid)
            except (NotFoundError, RejectedError, ServerError) as second:
                refusal.earlier += (*second.earlier, second)
            raise

    def is_ending(self, thing: Thing) -> bool:
        return False

    def is_ended(self, thing: Thing) -> bool:
        return False

    def verify_end(self, thing: Thing | None, sent: bool) -> None:
        """Do nothing: a workshop can end in one way only."""

    def check_settled(self, thing: Thing) -> None:
        """A workshop that is listed is there: the API has no phase for it."""

    def state_of(self, thing: Thing | None) -> str:
        return "it is listed" if thing else "it is not listed"

    def stage_of(self, thing: Thing | None) -> str:
        return "listed" if thing else "not listed"

    def is_there_yet(self, thing: Thing | None) -> bool:
        return (thing is None) == bool(self.ending)

    def settle(self, thing: Thing | None) -> Thing:
        if thing is not None:
            return thing
        if not self._session.patience.wait:
            return self.find(anew=True) or self._created
        return t.cast(Thing, self._until(lambda found: found is not None, "to be listed"))

    def wait_gone(self, required: bool = False) -> Thing | None:
        if self._session.patience.wait or required:
            self._until(lambda found: found is None, "to be gone")
        return None

    def shown(self, thing: Thing) -> Shown:
        return show_workshop(thing, self._mesh["id"])

    def diff_fields(self, shown: Shown) -> Shown:
        return select_fields(shown, ("created_at", "updated_at"))

    def predicted(self, thing: Thing | None, differences: list[Difference]) -> Shown:
        return show_workshop(self._body(thing), self._mesh["id"])

    def _check_listener(self, fields: t.Mapping[str, t.Any], purpose: str) -> None:
        """Raise OptionError if another workshop of the mesh has the port of the load balancer: it can belong to one only."""
        wanted = _listener(fields)
        for raw in self.listing.all():
            name = raw["metadata"]["name"]
            if wanted and name != self.label and _listener(_flat(self.shown(raw))) == wanted:
                raise OptionError(
                    f"Failed to {purpose}: workshop '{name}' already has {next(iter(wanted.values()))}.",
                    hint=f"Choose another port, or delete workshop '{name}' first and rerun the task.",
                )

    def _leave_list(self) -> None:
        # Whoever acts on many at once reads the list anew by itself, once for all.
        if not self._session.lean:
            self.listing.forget()

    def _remove(self, key: str) -> str | None:
        return asm.delete_workshop(self._session.client, self._mesh["id"], self.label, key).request_id

    def _until(self, done: t.Callable[[t.Optional[Thing]], bool], wanted: str) -> Thing | None:
        return wait_until(
            lambda: self.find(anew=True),
            done,
            what=f"workshop '{self.label}' {wanted}",
            describe=self.state_of,
            patience=self._session.patience,
            clock=self._session.clock,
            state=self.stage_of,
            told=lambda text: self._session.progress(f"workshop {self.label}: {text}"),
        )

    def _body(self, replaced: Thing | None) -> Thing:
        return workshop_body(self.label, self._fields(replaced))

    def _fields(self, replaced: Thing | None) -> dict[str, t.Any]:
        """Return the flat fields to create the workshop with, carrying over from ``replaced`` what the task does not set."""
        return dict(_flat(self.shown(replaced)) if replaced else {}, **self._wish)


def _may_mean_unknown(refusal: ServiceError) -> bool:
    """Whether the service itself may have said so that it knows no workshop by that key: with 404 or 400, or with 500."""
    if refusal.code and GATEWAY_CODE.match(refusal.code):
        return False
    return refusal.status == 500 or bool(refusal.code) and refusal.status in (400, 404)


def _listener(fields: t.Mapping[str, t.Any]) -> dict[tuple[t.Any, ...], str]:
    """Return the port of a load balancer that flat fields name, as a claim. Addresses do not identify a load balancer: networks reuse them."""
    balancer, port = fields.get("ingress.elb_id"), fields.get("ingress.port")
    return {("listener", balancer, port): f"port {port} of load balancer '{balancer}'"} if balancer and port else {}


def written_fields(params: Params) -> dict[str, t.Any]:
    """What the user wrote of a workshop, flat: ``ingress.port`` beside ``description``."""
    return {field: value for field, value in _flat(params).items() if value is not None}


def workshop_body(name: str, fields: t.Mapping[str, t.Any]) -> Thing:
    """The body that creates a workshop, of flat fields; what is ``None`` or missing is left out."""
    ingress = {key: fields.get(f"ingress.{option}") for option, key in _INGRESS.items()}
    spec = {"primaryCluster": fields.get("primary_cluster"), "ingress": _given(ingress)}
    return _given({"description": fields.get("description"), "metadata": {"name": name}, "spec": _given(spec)})


def check_workshop(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Missing options are an error only at creation."""
    body = workshop_body(params["name"], written_fields(params))
    check_all(
        lambda: check_mesh(params),
        lambda: check_sent(shapes.WORKSHOP_TO_CREATE, body, shapes.WORKSHOP_OPTIONS),
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


def _keys(raw: Thing) -> list[tuple[str, t.Any]]:
    metadata = raw["metadata"]
    name = ("name", metadata["name"])
    return [("id", metadata["uid"]), name] if metadata.get("uid") else [name]


def _flat(shown: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    ingress = shown.get("ingress") or {}
    flat = {"description": shown.get("description"), "primary_cluster": shown.get("primary_cluster")}
    return dict(flat, **{f"ingress.{option}": ingress.get(option) for option in _INGRESS})


def _given(values: dict[str, t.Any]) -> dict[str, t.Any]:
    return {key: value for key, value in values.items() if value is not None}
