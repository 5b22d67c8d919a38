# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Releases: grayscale (canary) releases of one Service. Created, given another image, and ended in one of two ways."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    DriftError,
    HuaweiCloudError,
    RejectedError,
    ServiceError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._compare import (
    compare_gray_deployments,
    describe,
    match_deployments,
    strip_server_fields,
    without_bookkeeping,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._images import give_images, shows_images
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import (
    Difference,
    Receipt,
    Shown,
    Thing,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._replies import GATEWAY_CODE
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._release_key import by_any_key
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._release_wish import FIELDS, Wish
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import (
    check_running,
    clusters_in,
    warn_of_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas._check import check_sent
from ansible_collections.community.huaweicloud.plugins.module_utils._services import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Listing, Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import same_word, time_from_text
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import wait_until

# What is sent as type when the user leaves it open. The vendor does not publish the words.
DEFAULT_TYPE = "canary"

_ENDINGS = {"promoted": "promote", "canceled": "cancel"}


def show_release(raw: Thing, mesh_id: str) -> Shown:
    """A release in the shape users see. Deployments stay Kubernetes objects as they are."""
    metadata, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    shown: Shown = {
        "id": metadata.get("uid"),
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "mesh_id": mesh_id,
    }
    shown.update({field: spec.get(key) for field, key in FIELDS.items()})
    shown["gray_deployments"] = [
        {"cluster_id": gray.get("clusterID"), "template": gray.get("template")}
        for gray in spec.get("grayDeployments") or []
    ]
    shown["status"] = {
        "phase": status.get("phase"),
        "start_time": time_from_text(status.get("startTime")),
        "updated_at": time_from_text(status.get("updateTime")),
        "deployment": status.get("deployment"),
        "gray_deployments": status.get("grayDeployments") or [],
    }
    return shown


def releases_of(session: Session, mesh_id: str) -> Listing:
    """The list of a mesh's releases, of all namespaces."""
    return session.listing(("releases", mesh_id), lambda: asm.list_releases(session.client, mesh_id), _keys)


class Release:
    """The wish that one release run as written, or be promoted, or be canceled."""

    noun = "release"
    set_later: frozenset[str] = frozenset()
    drift_hint = "A release can only be given another image. Correct the task, or end this release first (state promoted or canceled)."

    def __init__(self, session: Session, params: Params, wish: Wish, mesh: Shown, listing: Listing) -> None:
        self.label = f"{wish.namespace}/{wish.name}"
        self.ending = _ENDINGS.get(wish.state)
        self.on_drift: str = params["on_drift"]
        self._words = {"promote": params["end_action"], "cancel": params["cancel_action"]}
        self._phases = Phases(
            params["active_phases"], params["done_phases"], params["failed_phases"], params["ending_phases"]
        )
        self.pause = session.pause
        self._session = session
        self._wish = wish
        self._mesh = mesh
        self.listing = listing
        self._created: Thing = {}
        # The status a failed release had when it was given another image: until it changes, it tells nothing of the new image.
        self._old_status: t.Any = None
        # What was sent to change it: what is observed may lag behind, and speak of the old images.
        self._sent: t.Optional[Thing] = None

    def find(self, anew: bool = False) -> Thing | None:
        """The release of that name: the running one, else the last that ended (services may keep ended ones, and their names)."""
        found = self.listing.read(0 if anew else self._session.max_age).under(
            ("name", self._wish.namespace, self._wish.name)
        )
        running = [raw for raw in found if not self.is_ended(raw)]
        if len(running) > 1:
            ids = ", ".join(sorted(str(raw["metadata"].get("uid")) for raw in running))
            raise AmbiguousError(
                f"Several releases of mesh '{self._mesh['name']}' are called '{self.label}': {ids}.",
                hint="End all but one in the console.",
            )
        return running[0] if running else max(found, key=_last_touched, default=None)

    @property
    def claims(self) -> dict[tuple[t.Any, ...], str]:
        namespace, service = self._wish.namespace, self._wish.fields.get("service_name")
        return {
            ("name", self._mesh["id"], self.label): f"the name '{self.label}'",
            (
                "service",
                self._mesh["id"],
                namespace,
                service,
            ): f"Service '{service}' in namespace '{namespace}', which takes one release at a time",
        }

    def age(self) -> float:
        return self.listing.age()

    def written(self) -> list[str]:
        return self._wish.written()

    def differences(self, thing: Thing) -> list[Difference]:
        shown = self.shown(thing)
        differences = [
            Difference(field, shown[field], want)
            for field, want in self._wish.fields.items()
            if not _same(field, shown[field], want)
        ]
        ended = self.is_ended(thing)
        gray = self._wish.inside(thing).gray
        for found in compare_gray_deployments(gray, _intended(shown)) if gray is not None else []:
            changeable = found.image and not ended and not self.ending
            differences.append(
                Difference(found.path, found.have, found.wish, changeable, describe(found), found.private)
            )
        return differences

    def check_create(self, replaced: Thing | None) -> None:
        for raw in self.listing.under(("name", self._wish.namespace, self._wish.name)):
            self._check_stays(raw)
        purpose = f"create release '{self.label}'"
        check_sent(shapes.RELEASE_TO_SEND, self._body(), shapes.RELEASE_OPTIONS, purpose=purpose)
        check_running(self._mesh, purpose)
        warn_of_foreign_clusters(
            self._session, self._mesh, f"Release '{self.label}'", clusters_in(self._body()["spec"])
        )
        rivals = self.listing.under(("service", self._wish.namespace, self._wish.fields["service_name"]))
        holders = [raw for raw in rivals if not self.is_ended(raw)]
        if holders:
            names = ", ".join(_named(raw) for raw in holders)
            raise DriftError(
                f"Can not {purpose}: Service '{self._wish.fields['service_name']}' in namespace '{self._wish.namespace}' "
                f"already has the active release {names}.",
                hint="A Service takes one release at a time: promote or cancel that one first.",
            )

    def create(self, replaced: Thing | None) -> str | None:
        answer = asm.create_release(self._session.client, self._mesh["id"], self._body())
        self._created = answer.data
        return answer.request_id

    def check_update(self, thing: Thing, differences: list[Difference]) -> None:
        self._check_named(thing)
        purpose = f"change the image of release '{self.label}'"
        check_sent(shapes.RELEASE_TO_SEND, self._changed_body(thing), shapes.RELEASE_OPTIONS, purpose=purpose)
        check_running(self._mesh, purpose)

    def update(self, thing: Thing, differences: list[Difference], done: list[Receipt]) -> None:
        self._old_status = thing.get("status")
        # Whatever becomes of the answer, what is observed has to show these images.
        body = self._sent = self._changed_body(thing)
        answer = by_any_key(
            thing["metadata"],
            lambda key: asm.update_release(self._session.client, self._mesh["id"], key, body),
            self._is_as_before,
        )
        done.append(Receipt("update", [difference.field for difference in differences], answer.request_id))

    def check_end(self, thing: Thing) -> None:
        self._check_named(thing)
        check_running(self._mesh, f"{self.ending} release '{self.label}'")

    def end(self, thing: Thing) -> str | None:
        self._leave_list()
        verb = t.cast(str, self.ending)
        namespace, name = self._wish.namespace, self._wish.name
        try:
            return by_any_key(
                thing["metadata"],
                lambda key: asm.finish_release(
                    self._session.client, self._mesh["id"], namespace, name, key, verb=verb, action=self._words[verb]
                ),
                self._is_as_before,
            ).request_id
        except RejectedError as refusal:
            if any(_was_cut_off(failure) for failure in refusal.earlier) and self._is_leaving(thing):
                # An earlier try was carried out and only its answer got lost; the repetition came too late.
                return refusal.request_id
            # The gateway knows nothing of traffic.
            if refusal.status == 400 and not GATEWAY_CODE.match(refusal.code or ""):
                refusal.hint = self._traffic_hint(thing)
            raise

    def is_ending(self, thing: Thing) -> bool:
        return self._phases.is_ending(thing.get("status") or {})

    def is_ended(self, thing: Thing) -> bool:
        return self._phases.is_done(thing.get("status") or {})

    def check_settled(self, thing: Thing) -> None:
        self._check_stays(thing)
        status = thing.get("status") or {}
        if self._phases.is_failed(status):
            raise WaitError(
                f"Release '{self.label}' is in phase '{status.get('phase')}'.",
                hint="Look at its Deployments, then cancel the release (state canceled) or give it an image that works.",
            )
        if self.is_ended(thing):
            self._session.warn(
                f"Release '{self.label}' has ended (phase '{status.get('phase')}') and is as written; nothing of it runs. "
                "To start another, give it another name."
            )

    def state_of(self, found: Thing | None) -> str:
        if found is None:
            return "it is not listed"
        if self._is_up(found) and not self._shows_images(found):
            return f"its phase is '{_phase_of(found)}', but its Deployments do not show the new images"
        return f"its last phase was '{_phase_of(found)}' (if that means up, over or failed, add it to active_phases, done_phases or failed_phases)"

    def stage_of(self, found: Thing | None) -> str:
        return _phase_of(found)

    def is_there_yet(self, thing: Thing | None) -> bool:
        return thing is None or self.is_ended(thing) if self.ending else self._is_settled(thing)

    def settle(self, thing: Thing | None) -> Thing:
        if not self._session.patience.wait:
            return thing or self.find(anew=True) or self._created
        first = [thing] if thing else []
        return t.cast(
            Thing,
            wait_until(
                lambda: first.pop() if first else self.find(anew=True),
                self._is_settled,
                what=f"release '{self.label}' to be up",
                describe=self.state_of,
                patience=self._session.patience,
                clock=self._session.clock,
                state=self.stage_of,
                told=self._tell,
            ),
        )

    def wait_gone(self, required: bool = False) -> Thing | None:
        if not self._session.patience.wait:
            return self.find(anew=True)
        return wait_until(
            lambda: self.find(anew=True),
            lambda found: found is None or self.is_ended(found),
            what=f"release '{self.label}' to be {self._wish.state}",
            describe=self.state_of,
            patience=self._session.patience,
            clock=self._session.clock,
            state=self.stage_of,
            told=self._tell,
        )

    def shown(self, thing: Thing) -> Shown:
        return show_release(thing, self._mesh["id"])

    def diff_fields(self, shown: Shown) -> Shown:
        """Return the release without its status, and its Deployments without what only a server sets."""
        gray = [dict(item, template=strip_server_fields(item["template"] or {})) for item in _intended(shown)]
        return dict(select_fields(shown, ("status",)), gray_deployments=gray)

    def predicted(self, thing: Thing | None, differences: list[Difference]) -> Shown:
        if thing is None:
            return show_release(self._body(), self._mesh["id"])
        shown = self.shown(thing)
        gray = self._with_images(thing, _intended(shown))
        if shown["gray_deployments"]:
            return dict(shown, gray_deployments=gray)
        # The service shows only what it observes.
        return dict(shown, status=dict(shown["status"], gray_deployments=[item["template"] for item in gray]))

    def _leave_list(self) -> None:
        # Whoever acts on many at once reads the list anew by itself, once for all.
        if not self._session.lean:
            self.listing.forget()

    def _is_as_before(self, uid: str) -> bool:
        """Whether it is proved that it is the only one of its name, and that nobody has ended it in the meantime."""
        try:
            self.find(anew=True)
        except HuaweiCloudError:
            # The refusal tells more than a list that fails after it.
            return False
        listed = self.listing.under(("name", self._wish.namespace, self._wish.name))
        return (
            [raw["metadata"].get("uid") for raw in listed] == [uid]
            and not self.is_ending(listed[0])
            and not self.is_ended(listed[0])
        )

    def _check_named(self, thing: Thing) -> None:
        """Raises AmbiguousError when neither an id nor its name says which release is meant."""
        if (
            not thing["metadata"].get("uid")
            and len(self.listing.under(("name", self._wish.namespace, self._wish.name))) > 1
        ):
            raise AmbiguousError(
                f"Release '{self.label}' is listed without an id, and an ended one of that name is listed too: no request can tell them apart.",
                hint="End it in the console, or wait until the ended one is gone.",
            )

    def _check_stays(self, thing: Thing) -> None:
        """Raises WaitError when somebody is ending the release that is wished for: it can neither be changed nor be created now."""
        if self.is_ending(thing):
            raise WaitError(
                f"Release '{self.label}' is being ended (phase '{thing['status']['phase']}').",
                hint="Run the task again when it has ended. If that phase means something else, set ending_phases.",
            )

    def _is_leaving(self, thing: Thing) -> bool:
        """Whether it is gone by now, or was up and has left for a phase that is neither active nor failed: the words for leaving are not published."""
        found = self.find(anew=True)
        if found is None:
            return True
        before, now = thing.get("status") or {}, found.get("status") or {}
        moved = (
            not same_word(now.get("phase"), before.get("phase"))
            and not self._phases.is_active(now)
            and not self._phases.is_failed(now)
        )
        return moved and self._phases.is_up(before)

    def _is_settled(self, found: Thing | None) -> bool:
        if found is None or (
            self._old_status is not None and found.get("status") == self._old_status and not self._is_up(found)
        ):
            return False
        self.check_settled(found)
        return self.is_ended(found) or (self._is_up(found) and self._shows_images(found))

    def _is_up(self, thing: Thing) -> bool:
        return self._phases.is_up(thing.get("status") or {})

    def _tell(self, text: str) -> None:
        self._session.progress(f"release {self.label}: {text}")

    def _shows_images(self, thing: Thing) -> bool:
        sent = [gray["template"] for gray in self._sent["spec"]["grayDeployments"]] if self._sent else []
        return shows_images((thing.get("status") or {}).get("grayDeployments") or [], sent)

    def _traffic_hint(self, thing: Thing) -> str:
        spec = thing["spec"]
        if self.ending == "promote":
            needed, side = (
                "promotes a release only while the gray version carries all traffic",
                f"the gray version '{spec.get('version')}'",
            )
            option = "end_action"
        else:
            needed, side = (
                "cancels a release only while the original version carries all traffic",
                f"the original Deployment '{spec.get('deploymentName')}'",
            )
            option = "cancel_action"
        return (
            f"The service {needed}: first move all traffic of Service '{spec.get('serviceName')}' in namespace '{self._wish.namespace}' to {side} "
            f"(weight 100 in its Istio VirtualService in cluster {spec.get('clusterID')}, or 'take over all traffic' in the console), then run again. "
            f"If it is there, the service may take another word for it: set {option}."
        )

    def _body(self) -> Thing:
        return self._wish.body(self._mesh["id"], dict({"type": DEFAULT_TYPE}, **self._wish.spec()))

    def _changed_body(self, thing: Thing) -> Thing:
        """The release as it is, with the images of the wish: the wish need not say all there is, and what an update leaves out may be lost."""
        existing = {key: thing["spec"][key] for key in FIELDS.values() if thing["spec"].get(key) is not None}
        gray = [
            {
                "clusterID": item["cluster_id"] or existing.get("clusterID"),
                "template": without_bookkeeping(item["template"] or {}),
            }
            for item in self._with_images(thing, _intended(self.shown(thing)))
        ]
        body = self._wish.body(self._mesh["id"], dict(self._wish.spec(), **existing, grayDeployments=gray))
        if thing["metadata"].get("uid"):
            body["metadata"]["uid"] = thing["metadata"]["uid"]
        return body

    def _with_images(self, thing: Thing, existing: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
        """A copy of the gray Deployments that exist, with the images of the wish."""
        existing = copy.deepcopy(existing)
        for _index, wished, found in match_deployments(self._wish.inside(thing).gray or [], existing)[0]:
            give_images(wished["template"], (found or {}).get("template"))
        return existing


def _was_cut_off(failure: ServiceError) -> bool:
    """Whether the answer was lost on its way. Fewer than may be done: of what the service itself failed at, a phase nobody knows is no proof."""
    return failure.may_be_done and (isinstance(failure, TransportError) or failure.status in (502, 504))


def _phase_of(found: Thing | None) -> str:
    return str((found.get("status") or {}).get("phase")) if found else "not listed"


def _keys(raw: Thing) -> list[tuple[t.Any, ...]]:
    metadata = raw["metadata"]
    namespace = metadata["namespace"]
    keys: list[tuple[t.Any, ...]] = [
        ("name", namespace, metadata["name"]),
        ("service", namespace, raw["spec"].get("serviceName")),
    ]
    return [("id", metadata["uid"]), *keys] if metadata.get("uid") else keys


def _same(field: str, have: t.Any, want: t.Any) -> bool:
    return same_word(have, want) if field == "type" else have == want


def _intended(shown: Shown) -> list[dict[str, t.Any]]:
    """What is to run, as the service understood it. A service that does not say shows at least what it observes."""
    if shown["gray_deployments"]:
        return shown["gray_deployments"]
    return [
        {"cluster_id": shown["cluster_id"], "template": template} for template in shown["status"]["gray_deployments"]
    ]


def _named(raw: Thing) -> str:
    phase = (raw.get("status") or {}).get("phase")
    return f"'{raw['metadata']['name']}' (id {raw['metadata'].get('uid')}, phase '{phase}')"


def _last_touched(raw: Thing) -> str:
    status = raw.get("status") or {}
    return time_from_text(status.get("updateTime")) or time_from_text(raw["metadata"].get("creationTimestamp")) or ""
