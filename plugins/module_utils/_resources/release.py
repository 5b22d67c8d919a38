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
    ConflictError,
    DriftError,
    HuaweiCloudError,
    OptionError,
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._promotions import Promotions
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

# How many active releases a message names.
_MOST_NAMED = 10

# What tells one release of a name from another. The type is a word of the service, and images may change while a release is active.
_IDENTITY = ("service_name", "cluster_id", "deployment_name", "version")

_HINT_NOT_LISTED = "Correct the name. If the release ended earlier, delete its entry from the desired state or set on_missing to ignore."
HINT_LIFE_CYCLE = (
    "A promoted release cannot run again: set its state to promoted, or delete its entry from the desired state. "
    "The next release of the Service needs a new name, a new version, and the Deployment that runs now as its deployment_name."
)


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
        self._on_missing: str = params["on_missing"]
        self._phases = Phases(**{field: params[f"{field}_phases"] for field in Phases._fields})
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
        # Ended releases of that name that were listed before this one was created.
        self._replaced: frozenset[str] = frozenset()
        # The id of the release that a request of ours was to end, and whether a list showed that it was ending as requested.
        self._ended_id: t.Optional[str] = None
        self._seen_ending = False
        self._warned: set[str] = set()

    def find(self, anew: bool = False) -> Thing | None:
        """Return the active release of that name, else the one that ended last: services may keep ended releases and their names."""
        self.listing.read(0 if anew else self._session.max_age)
        found = [raw for raw in self._namesakes() if self._is_candidate(raw)]
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
        """Raise before anything is sent if the release cannot be created, as far as the list shows."""
        for raw in self._namesakes():
            self._check_stays(raw)
        self._check_not_promoted()
        purpose = f"create release '{self.label}'"
        last = self._last_ended()
        try:
            check_sent(shapes.RELEASE_TO_SEND, self._body(), shapes.RELEASE_OPTIONS, purpose=purpose)
        except OptionError as error:
            if last:
                error.hint = f"The last release of that name has ended (phase '{_phase_of(last)}'), so it would be created again."
            raise
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
        if last:
            self._warn_once(
                f"The last release '{self.label}' has ended (phase '{_phase_of(last)}') and is still listed. The service may refuse "
                "to create another release of that name."
            )

    def create(self, replaced: Thing | None) -> str | None:
        """Create the release and return the id of the request."""
        ended = self._last_ended()
        self._replaced = frozenset(_identity(raw) for raw in self._namesakes() if self.is_ended(raw))
        try:
            answer = asm.create_release(self._session.client, self._mesh["id"], self._body())
        except (ConflictError, RejectedError) as refusal:
            # The gateway knows nothing of releases.
            if refusal.status in (400, 409) and not GATEWAY_CODE.match(refusal.code or ""):
                refusal.hint = self._create_hint(refusal, ended)
            raise
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
        """Promote or cancel the release and return the id of the request."""
        self._leave_list()
        self._ended_id = thing["metadata"].get("uid")
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

    def verify_end(self, thing: Thing | None, sent: bool) -> None:
        """Raise DriftError unless a release that is missing, ending or ended is one that was promoted (canceled), as far as the list shows.

        What the list does not show is a warning, an error or nothing, as ``on_missing`` says. ``sent`` means that a request of ours ended it.
        """
        if thing is None:
            if not sent and not self._seen_ending:
                self._check_missing()
            return
        status = thing.get("status") or {}
        if not self.is_ended(thing) and not self.is_ending(thing):
            return
        if not sent:
            self._check_meant(thing)
        end_state = self._phases.end_state(status)
        if end_state is not None and end_state != self._wish.state:
            raise self._other_end(thing, end_state)
        if end_state:
            self._seen_ending = True
        elif not sent and (self.is_ended(thing) or not self._session.patience.wait):
            self._report_missing(
                f"Release '{self.label}' was not {self._wish.state} by this task: it is in phase '{_phase_of(thing)}', "
                "which does not show whether it was promoted or canceled.",
                hint="Add that phase to promoted_phases or canceled_phases, or set on_missing to ignore.",
            )

    def check_settled(self, thing: Thing) -> None:
        """Raise WaitError if the release does not run and will not start."""
        self._check_stays(thing)
        status = thing.get("status") or {}
        if self._phases.is_failed(status):
            raise WaitError(
                f"Release '{self.label}' is in phase '{status.get('phase')}'.",
                hint="Look at its Deployments, then cancel the release (state canceled) or give it an image that works.",
            )
        if self.is_ended(thing):
            raise WaitError(
                f"Release '{self.label}' has ended (phase '{status.get('phase')}').",
                hint="Somebody else promoted or canceled it. If that phase means something else, set done_phases.",
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
            found = thing or self.find(anew=True)
            if found is not None and not self._is_old_status(found):
                self.check_settled(found)
            return found or self._created
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

    def _namesakes(self) -> list[Thing]:
        """Return all releases of that name in the list as it was read last."""
        return self.listing.under(("name", self._wish.namespace, self._wish.name))

    def _is_candidate(self, raw: Thing) -> bool:
        """Return whether a listed release of that name can be the one this task is about."""
        if not self.is_ended(raw):
            return True
        uid = raw["metadata"].get("uid")
        return _identity(raw) not in self._replaced and (not self._ended_id or not uid or uid == self._ended_id)

    def _last_ended(self) -> Thing | None:
        """Return the release of that name that ended last, if one is listed."""
        return max((raw for raw in self._namesakes() if self.is_ended(raw)), key=_last_touched, default=None)

    def _check_not_promoted(self) -> None:
        """Raise DriftError if the list shows that the promotion of a release has taken what this one needs.

        The API does not show Deployments, so only listed promotions count. What the list does not show, the service refuses.
        """
        namespace, fields = self._wish.namespace, self._wish.fields
        last = self._last_ended()
        promoted = None
        if last and self._phases.end_state(last["status"]) == "promoted" and not self._other_fields(last):
            promoted = last
        elif fields.get("service_name"):
            listed = self.listing.under(("service", namespace, fields["service_name"]))
            ended = [raw for raw in listed if self.is_ended(raw)]
            promotions = Promotions(
                raw for raw in sorted(ended, key=_last_touched) if self._phases.end_state(raw["status"]) == "promoted"
            )
            promoted = promotions.blocking(
                fields.get("cluster_id"), fields.get("deployment_name"), fields.get("version")
            )
        if promoted:
            spec = promoted["spec"]
            raise DriftError(
                f"Cannot create release '{self.label}': release {_named(promoted)} of Service '{spec.get('serviceName')}' was promoted. "
                f"Since then version '{spec.get('version')}' is the original version and Deployment '{spec.get('deploymentName')}' is offline.",
                hint=f"{HINT_LIFE_CYCLE} If that Deployment was deployed again, remove the ended release from the list in the console.",
                differences=[Difference("state", "promoted", self._wish.state)],
            )

    def _create_hint(self, refusal: ServiceError, ended: Thing | None) -> str | None:
        """Return what to do about a creation that the service refused."""
        if ended:
            return (
                f"The last release of that name has ended (phase '{_phase_of(ended)}') and is still listed, so the service may not accept "
                "the name again: use another name, or remove the ended release from the list in the console."
            )
        if refusal.status != 400:
            return refusal.hint
        return (
            f"If this release was promoted earlier, Deployment '{self._wish.fields.get('deployment_name')}' is offline and version "
            f"'{self._wish.fields.get('version')}' is the original version. {HINT_LIFE_CYCLE}"
        )

    def _other_fields(self, thing: Thing) -> list[Difference]:
        """Return the differences that show that a release is not the one that is meant."""
        shown = self.shown(thing)
        return [
            Difference(field, shown[field], self._wish.fields[field])
            for field in _IDENTITY
            if field in self._wish.fields and shown[field] != self._wish.fields[field]
        ]

    def _check_meant(self, thing: Thing) -> None:
        """Raise DriftError if an ended release of that name is not the one that is meant."""
        others = self._other_fields(thing)
        if not others:
            return
        message = (
            f"Release '{self.label}' in phase '{_phase_of(thing)}' is not the one that was meant: "
            f"{'; '.join(map(str, others))}"
        )
        if self.on_drift == "fail":
            raise DriftError(
                message,
                hint="Correct the task, omit the options that need not match, or set on_drift to warn.",
                differences=others,
            )
        self._warn_once(message)

    def _other_end(self, thing: Thing, end_state: str) -> DriftError:
        """Return the error for a release that ends in the other way than the task asks for."""
        was = "was" if self.is_ended(thing) else "is being"
        return DriftError(
            f"Cannot {self.ending} release '{self.label}': it {was} {end_state} (phase '{_phase_of(thing)}').",
            hint=f"Correct the state of the task. If that phase does not mean {end_state}, set promoted_phases and canceled_phases.",
            differences=[Difference("state", end_state, self._wish.state)],
        )

    def _check_missing(self) -> None:
        """Report that no list shows the release. Raise DriftError if its Service has an active release under another name."""
        namespace, service = self._wish.namespace, self._wish.fields.get("service_name")
        active = [raw for raw in self.listing.under(("namespace", namespace)) if not self.is_ended(raw)]
        rivals = [raw for raw in active if service and raw["spec"].get("serviceName") == service]
        if rivals and self._on_missing != "ignore":
            raise DriftError(
                f"Cannot {self.ending} release '{self.label}': it is not listed, but Service '{service}' has the active release "
                f"{', '.join(map(_named, rivals))}.",
                hint=_HINT_NOT_LISTED,
            )
        self._report_missing(
            f"Release '{self.label}' was not {self._wish.state} by this task: it is not listed. It ended earlier, or it never existed. "
            f"{_in_namespace(active, namespace)}",
            hint=_HINT_NOT_LISTED,
        )

    def _report_missing(self, message: str, hint: str) -> None:
        """Raise DriftError or warn, as ``on_missing`` says. Both include the hint."""
        if self._on_missing == "fail":
            raise DriftError(message, hint=hint)
        if self._on_missing == "warn":
            self._warn_once(f"{message} {hint}")

    def _warn_once(self, text: str) -> None:
        """Warn, unless the same was said before: plans are made again."""
        if text not in self._warned:
            self._warned.add(text)
            self._session.warn(text)

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
        """Return whether it is not listed, or was up and is in a phase that is neither active nor failed and does not show the other end."""
        found = self.find(anew=True)
        if found is None:
            return True
        before, now = thing.get("status") or {}, found.get("status") or {}
        moved = (
            not same_word(now.get("phase"), before.get("phase"))
            and not self._phases.is_active(now)
            and not self._phases.is_failed(now)
            and self._phases.end_state(now) in (None, self._wish.state)
        )
        return moved and self._phases.is_up(before)

    def _is_settled(self, found: Thing | None) -> bool:
        if found is None or (self._is_old_status(found) and not self._is_up(found)):
            return False
        self.check_settled(found)
        return self._is_up(found) and self._shows_images(found)

    def _is_old_status(self, found: Thing) -> bool:
        """Return whether the status is still the one from before an update."""
        return self._old_status is not None and found.get("status") == self._old_status

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
        ("namespace", namespace),
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


def _identity(raw: Thing) -> str:
    """Return what tells a listed release from another one of its name."""
    metadata, status = raw["metadata"], raw.get("status") or {}
    return str(metadata.get("uid") or metadata.get("creationTimestamp") or status.get("startTime"))


def _in_namespace(active: list[Thing], namespace: str) -> str:
    """Return a sentence that names the active releases of a namespace."""
    if not active:
        return f"There is no active release in namespace '{namespace}'."
    names = [f"{_named(raw)} of Service '{raw['spec'].get('serviceName')}'" for raw in active[:_MOST_NAMED]]
    more = f" and {len(active) - _MOST_NAMED} more" if len(active) > _MOST_NAMED else ""
    return f"Active releases in namespace '{namespace}': {', '.join(names)}{more}."


def _named(raw: Thing) -> str:
    phase = (raw.get("status") or {}).get("phase")
    return f"'{raw['metadata']['name']}' (id {raw['metadata'].get('uid')}, phase '{phase}')"


def _last_touched(raw: Thing) -> str:
    status = raw.get("status") or {}
    return time_from_text(status.get("updateTime")) or time_from_text(raw["metadata"].get("creationTimestamp")) or ""
