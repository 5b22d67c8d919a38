# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Releases: grayscale (canary) releases of one Service. Created, given another image, and ended in one of two ways."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    ConflictError,
    DriftError,
    HuaweiCloudError,
    OptionError,
    ServiceError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import (
    compare_gray_deployments,
    match_deployments,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import format_difference
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.images import (
    copy_images,
    matches_images,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import (
    normalize_deployment,
    strip_server_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Difference,
    Observed,
    ResourceResult,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import wait_until
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh import (
    check_running,
    clusters_in,
    warn_of_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import FIELDS, Desired
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.key import call_by_id_or_name
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.promotions import Promotions
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachedList,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case, format_time

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


def release_to_result(raw: Observed, mesh_id: str) -> ResourceResult:
    """A release in the shape users see. Deployments stay Kubernetes objects as they are."""
    metadata, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    result: ResourceResult = {
        "id": metadata.get("uid"),
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "mesh_id": mesh_id,
    }
    result.update({field: spec.get(key) for field, key in FIELDS.items()})
    result["gray_deployments"] = [
        {"cluster_id": gray.get("clusterID"), "template": gray.get("template")}
        for gray in spec.get("grayDeployments") or []
    ]
    result["status"] = {
        "phase": status.get("phase"),
        "start_time": format_time(status.get("startTime")),
        "updated_at": format_time(status.get("updateTime")),
        "deployment": status.get("deployment"),
        "gray_deployments": status.get("grayDeployments") or [],
    }
    return result


def releases_of(session: Session, mesh_id: str) -> CachedList:
    """The list of a mesh's releases, of all namespaces."""
    return session.listing(("releases", mesh_id), lambda: asm.list_releases(session.client, mesh_id), _keys)


class Release:
    """The wish that one release run as written, or be promoted, or be canceled."""

    kind_name = "release"
    post_create_fields: frozenset[str] = frozenset()
    drift_hint = "A release can only be given another image. Correct the task, or end this release first (state promoted or canceled)."

    def __init__(
        self, session: Session, params: Params, desired: Desired, mesh: ResourceResult, listing: CachedList
    ) -> None:
        self.label = f"{desired.namespace}/{desired.name}"
        self.final_action = _ENDINGS.get(desired.state)
        self.on_drift: str = params["on_drift"]
        self._words = {"promote": params["end_action"], "cancel": params["cancel_action"]}
        self._on_missing: str = params["on_missing"]
        self._phases = Phases(**{field: params[f"{field}_phases"] for field in Phases._fields})
        self.sleep = session.sleep
        self._session = session
        self._desired = desired
        self._mesh = mesh
        self.listing = listing
        self._created: Observed = {}
        # The status a failed release had when it was given another image: until it changes, it tells nothing of the new image.
        self._old_status: t.Any = None
        # What was sent to change it: what is observed may lag behind, and speak of the old images.
        self._sent: t.Optional[Observed] = None
        # Ended releases of that name that were listed before this one was created.
        self._replaced: frozenset[str] = frozenset()
        # The id of the release that a request of ours was to end, and whether a list showed that it was ending as requested.
        self._ended_id: t.Optional[str] = None
        self._seen_ending = False
        self._warned: set[str] = set()

    def lookup(self, refresh: bool = False) -> Observed | None:
        """Return the active release of that name, else the one that ended last: services may keep ended releases and their names."""
        self.listing.read(0 if refresh else self._session.max_age)
        found = [raw for raw in self._namesakes() if self._is_candidate(raw)]
        running = [raw for raw in found if not self.is_terminated(raw)]
        if len(running) > 1:
            ids = ", ".join(sorted(str(raw["metadata"].get("uid")) for raw in running))
            raise AmbiguousError(
                f"Several releases of mesh '{self._mesh['name']}' are called '{self.label}': {ids}.",
                hint="End all but one in the console.",
            )
        return running[0] if running else max(found, key=_last_touched, default=None)

    @property
    def unique_keys(self) -> dict[tuple[t.Any, ...], str]:
        namespace, service = self._desired.namespace, self._desired.fields.get("service_name")
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

    def specified_fields(self) -> list[str]:
        return self._desired.specified_fields()

    def differences(self, observed: Observed) -> list[Difference]:
        result = self.to_result(observed)
        differences = [
            Difference(field, result[field], desired)
            for field, desired in self._desired.fields.items()
            if not _same(field, result[field], desired)
        ]
        ended = self.is_terminated(observed)
        gray = self._desired.inside(observed).gray
        for found in compare_gray_deployments(gray, _intended(result)) if gray is not None else []:
            changeable = found.image and not ended and not self.final_action
            differences.append(
                Difference(found.path, found.actual, found.desired, changeable, format_difference(found), found.private)
            )
        return differences

    def check_create(self, replaced: Observed | None) -> None:
        """Raise before anything is sent if the release cannot be created, as far as the list shows."""
        for raw in self._namesakes():
            self._check_stays(raw)
        self._check_not_promoted()
        purpose = f"create release '{self.label}'"
        last = self._last_ended()
        try:
            validate_request_body(shapes.RELEASE_REQUEST, self._body(), shapes.RELEASE_OPTIONS, purpose=purpose)
        except OptionError as error:
            if last:
                error.hint = f"The last release of that name has ended (phase '{_phase_of(last)}'), so it would be created again."
            raise
        check_running(self._mesh, purpose)
        warn_of_foreign_clusters(
            self._session, self._mesh, f"Release '{self.label}'", clusters_in(self._body()["spec"])
        )
        conflicts = self.listing.find_by_key(("service", self._desired.namespace, self._desired.fields["service_name"]))
        owners = [raw for raw in conflicts if not self.is_terminated(raw)]
        if owners:
            names = ", ".join(_named(raw) for raw in owners)
            raise DriftError(
                f"Can not {purpose}: Service '{self._desired.fields['service_name']}' in namespace '{self._desired.namespace}' "
                f"already has the active release {names}.",
                hint="A Service takes one release at a time: promote or cancel that one first.",
            )
        if last:
            self._warn_once(
                f"The last release '{self.label}' has ended (phase '{_phase_of(last)}') and is still listed. The service may refuse "
                "to create another release of that name."
            )

    def create(self, replaced: Observed | None) -> str | None:
        """Create the release and return the id of the request."""
        ended = self._last_ended()
        self._replaced = frozenset(_identity(raw) for raw in self._namesakes() if self.is_terminated(raw))
        try:
            answer = asm.create_release(self._session.client, self._mesh["id"], self._body())
        except (ConflictError, BadRequestError) as refusal:
            # The gateway knows nothing of releases.
            if refusal.is_create_conflict and not refusal.is_from_gateway:
                refusal.hint = self._create_hint(refusal, ended)
            raise
        self._created = answer.data
        return answer.request_id

    def check_update(self, observed: Observed, differences: list[Difference]) -> None:
        self._check_named(observed)
        purpose = f"change the image of release '{self.label}'"
        validate_request_body(
            shapes.RELEASE_REQUEST, self._changed_body(observed), shapes.RELEASE_OPTIONS, purpose=purpose
        )
        check_running(self._mesh, purpose)

    def update(self, observed: Observed, differences: list[Difference], applied: list[Action]) -> None:
        self._old_status = observed.get("status")
        # Whatever becomes of the answer, what is observed has to show these images.
        body = self._sent = self._changed_body(observed)
        answer = call_by_id_or_name(
            observed["metadata"],
            lambda key: asm.update_release(self._session.client, self._mesh["id"], key, body),
            self._is_as_before,
        )
        applied.append(Action("update", [difference.field for difference in differences], answer.request_id))

    def check_deletion(self, observed: Observed) -> None:
        self._check_named(observed)
        check_running(self._mesh, f"{self.final_action} release '{self.label}'")

    def delete(self, observed: Observed) -> str | None:
        """Promote or cancel the release and return the id of the request."""
        self._leave_list()
        self._ended_id = observed["metadata"].get("uid")
        verb = t.cast(str, self.final_action)
        namespace, name = self._desired.namespace, self._desired.name
        try:
            return call_by_id_or_name(
                observed["metadata"],
                lambda key: asm.end_release(
                    self._session.client, self._mesh["id"], namespace, name, key, verb=verb, action=self._words[verb]
                ),
                self._is_as_before,
            ).request_id
        except BadRequestError as refusal:
            if any(failure.is_response_lost for failure in refusal.previous_attempts) and self._is_leaving(observed):
                # An earlier try was carried out and only its answer got lost; the repetition came too late.
                return refusal.request_id
            # The gateway knows nothing of traffic.
            if refusal.is_invalid_request:
                refusal.hint = self._traffic_hint(observed)
            raise

    def is_terminating(self, observed: Observed) -> bool:
        return self._phases.is_terminating(observed.get("status") or {})

    def is_terminated(self, observed: Observed) -> bool:
        return self._phases.is_done(observed.get("status") or {})

    def verify_end(self, observed: Observed | None, sent: bool) -> None:
        """Raise DriftError unless a release that is missing, ending or ended is one that was promoted (canceled), as far as the list shows.

        What the list does not show is a warning, an error or nothing, as ``on_missing`` says. ``sent`` means that a request of ours ended it.
        """
        if observed is None:
            if not sent and not self._seen_ending:
                self._check_missing()
            return
        status = observed.get("status") or {}
        if not self.is_terminated(observed) and not self.is_terminating(observed):
            return
        if not sent:
            self._check_meant(observed)
        end_state = self._phases.end_state(status)
        if end_state is not None and end_state != self._desired.state:
            raise self._other_end(observed, end_state)
        if end_state:
            self._seen_ending = True
        elif not sent and (self.is_terminated(observed) or not self._session.wait_policy.wait):
            self._report_missing(
                f"Release '{self.label}' was not {self._desired.state} by this task: it is in phase '{_phase_of(observed)}', "
                "which does not show whether it was promoted or canceled.",
                hint="Add that phase to promoted_phases or canceled_phases, or set on_missing to ignore.",
            )

    def check_not_failed(self, observed: Observed) -> None:
        """Raise WaitError if the release does not run and will not start."""
        self._check_stays(observed)
        status = observed.get("status") or {}
        if self._phases.is_failed(status):
            raise WaitError(
                f"Release '{self.label}' is in phase '{status.get('phase')}'.",
                hint="Look at its Deployments, then cancel the release (state canceled) or give it an image that works.",
            )
        if self.is_terminated(observed):
            raise WaitError(
                f"Release '{self.label}' has ended (phase '{status.get('phase')}').",
                hint="Somebody else promoted or canceled it. If that phase means something else, set done_phases.",
            )

    def describe_state(self, found: Observed | None) -> str:
        if found is None:
            return "it is not listed"
        if self._is_up(found) and not self._shows_images(found):
            return f"its phase is '{_phase_of(found)}', but its Deployments do not show the new images"
        return f"its last phase was '{_phase_of(found)}' (if that means up, over or failed, add it to active_phases, done_phases or failed_phases)"

    def short_state(self, found: Observed | None) -> str:
        return _phase_of(found)

    def is_ready(self, observed: Observed | None) -> bool:
        return observed is None or self.is_terminated(observed) if self.final_action else self._is_settled(observed)

    def wait_until_ready(self, observed: Observed | None) -> Observed:
        if not self._session.wait_policy.wait:
            found = observed or self.lookup(refresh=True)
            if found is not None and not self._is_old_status(found):
                self.check_not_failed(found)
            return found or self._created
        first = [observed] if observed else []
        return t.cast(
            Observed,
            wait_until(
                lambda: first.pop() if first else self.lookup(refresh=True),
                self._is_settled,
                what=f"release '{self.label}' to be up",
                describe=self.describe_state,
                wait_policy=self._session.wait_policy,
                clock=self._session.clock,
                state=self.short_state,
                told=self._tell,
            ),
        )

    def wait_until_deleted(self, required: bool = False) -> Observed | None:
        if not self._session.wait_policy.wait:
            return self.lookup(refresh=True)
        return wait_until(
            lambda: self.lookup(refresh=True),
            lambda found: found is None or self.is_terminated(found),
            what=f"release '{self.label}' to be {self._desired.state}",
            describe=self.describe_state,
            wait_policy=self._session.wait_policy,
            clock=self._session.clock,
            state=self.short_state,
            told=self._tell,
        )

    def to_result(self, observed: Observed) -> ResourceResult:
        return release_to_result(observed, self._mesh["id"])

    def diff_fields(self, result: ResourceResult) -> ResourceResult:
        """Return the release without its status, and its Deployments without what only a server sets."""
        gray = [dict(item, template=strip_server_fields(item["template"] or {})) for item in _intended(result)]
        return dict(select_fields(result, ("status",)), gray_deployments=gray)

    def preview(self, observed: Observed | None, differences: list[Difference]) -> ResourceResult:
        if observed is None:
            return release_to_result(self._body(), self._mesh["id"])
        result = self.to_result(observed)
        gray = self._with_images(observed, _intended(result))
        if result["gray_deployments"]:
            return dict(result, gray_deployments=gray)
        # The service shows only what it observes.
        return dict(result, status=dict(result["status"], gray_deployments=[item["template"] for item in gray]))

    def _namesakes(self) -> list[Observed]:
        """Return all releases of that name in the list as it was read last."""
        return self.listing.find_by_key(("name", self._desired.namespace, self._desired.name))

    def _is_candidate(self, raw: Observed) -> bool:
        """Return whether a listed release of that name can be the one this task is about."""
        if not self.is_terminated(raw):
            return True
        uid = raw["metadata"].get("uid")
        return _identity(raw) not in self._replaced and (not self._ended_id or not uid or uid == self._ended_id)

    def _last_ended(self) -> Observed | None:
        """Return the release of that name that ended last, if one is listed."""
        return max((raw for raw in self._namesakes() if self.is_terminated(raw)), key=_last_touched, default=None)

    def _check_not_promoted(self) -> None:
        """Raise DriftError if the list shows that the promotion of a release has taken what this one needs.

        The API does not show Deployments, so only listed promotions count. What the list does not show, the service refuses.
        """
        namespace, fields = self._desired.namespace, self._desired.fields
        last = self._last_ended()
        promoted = None
        if last and self._phases.end_state(last["status"]) == "promoted" and not self._other_fields(last):
            promoted = last
        elif fields.get("service_name"):
            listed = self.listing.find_by_key(("service", namespace, fields["service_name"]))
            ended = [raw for raw in listed if self.is_terminated(raw)]
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
                differences=[Difference("state", "promoted", self._desired.state)],
            )

    def _create_hint(self, refusal: ServiceError, ended: Observed | None) -> str | None:
        """Return what to do about a creation that the service refused."""
        if ended:
            return (
                f"The last release of that name has ended (phase '{_phase_of(ended)}') and is still listed, so the service may not accept "
                "the name again: use another name, or remove the ended release from the list in the console."
            )
        if not refusal.is_invalid_request:
            return refusal.hint
        return (
            f"If this release was promoted earlier, Deployment '{self._desired.fields.get('deployment_name')}' is offline and version "
            f"'{self._desired.fields.get('version')}' is the original version. {HINT_LIFE_CYCLE}"
        )

    def _other_fields(self, observed: Observed) -> list[Difference]:
        """Return the differences that show that a release is not the one that is meant."""
        result = self.to_result(observed)
        return [
            Difference(field, result[field], self._desired.fields[field])
            for field in _IDENTITY
            if field in self._desired.fields and result[field] != self._desired.fields[field]
        ]

    def _check_meant(self, observed: Observed) -> None:
        """Raise DriftError if an ended release of that name is not the one that is meant."""
        others = self._other_fields(observed)
        if not others:
            return
        message = (
            f"Release '{self.label}' in phase '{_phase_of(observed)}' is not the one that was meant: "
            f"{'; '.join(map(str, others))}"
        )
        if self.on_drift == "fail":
            raise DriftError(
                message,
                hint="Correct the task, omit the options that need not match, or set on_drift to warn.",
                differences=others,
            )
        self._warn_once(message)

    def _other_end(self, observed: Observed, end_state: str) -> DriftError:
        """Return the error for a release that ends in the other way than the task asks for."""
        was = "was" if self.is_terminated(observed) else "is being"
        return DriftError(
            f"Cannot {self.final_action} release '{self.label}': it {was} {end_state} (phase '{_phase_of(observed)}').",
            hint=f"Correct the state of the task. If that phase does not mean {end_state}, set promoted_phases and canceled_phases.",
            differences=[Difference("state", end_state, self._desired.state)],
        )

    def _check_missing(self) -> None:
        """Report that no list shows the release. Raise DriftError if its Service has an active release under another name."""
        namespace, service = self._desired.namespace, self._desired.fields.get("service_name")
        active = [raw for raw in self.listing.find_by_key(("namespace", namespace)) if not self.is_terminated(raw)]
        conflicts = [raw for raw in active if service and raw["spec"].get("serviceName") == service]
        if conflicts and self._on_missing != "ignore":
            raise DriftError(
                f"Cannot {self.final_action} release '{self.label}': it is not listed, but Service '{service}' has the active release "
                f"{', '.join(map(_named, conflicts))}.",
                hint=_HINT_NOT_LISTED,
            )
        self._report_missing(
            f"Release '{self.label}' was not {self._desired.state} by this task: it is not listed. It ended earlier, or it never existed. "
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
        if not self._session.skip_details:
            self.listing.invalidate()

    def _is_as_before(self, uid: str) -> bool:
        """Whether it is proved that it is the only one of its name, and that nobody has ended it in the meantime."""
        try:
            self.lookup(refresh=True)
        except HuaweiCloudError:
            # The refusal tells more than a list that fails after it.
            return False
        listed = self.listing.find_by_key(("name", self._desired.namespace, self._desired.name))
        return (
            [raw["metadata"].get("uid") for raw in listed] == [uid]
            and not self.is_terminating(listed[0])
            and not self.is_terminated(listed[0])
        )

    def _check_named(self, observed: Observed) -> None:
        """Raises AmbiguousError when neither an id nor its name says which release is meant."""
        if (
            not observed["metadata"].get("uid")
            and len(self.listing.find_by_key(("name", self._desired.namespace, self._desired.name))) > 1
        ):
            raise AmbiguousError(
                f"Release '{self.label}' is listed without an id, and an ended one of that name is listed too: no request can tell them apart.",
                hint="End it in the console, or wait until the ended one is gone.",
            )

    def _check_stays(self, observed: Observed) -> None:
        """Raises WaitError when somebody is ending the release that is wished for: it can neither be changed nor be created now."""
        if self.is_terminating(observed):
            raise WaitError(
                f"Release '{self.label}' is being ended (phase '{observed['status']['phase']}').",
                hint="Run the task again when it has ended. If that phase means something else, set ending_phases.",
            )

    def _is_leaving(self, observed: Observed) -> bool:
        """Return whether it is not listed, or was up and is in a phase that is neither active nor failed and does not show the other end."""
        found = self.lookup(refresh=True)
        if found is None:
            return True
        before, now = observed.get("status") or {}, found.get("status") or {}
        moved = (
            not equals_ignore_case(now.get("phase"), before.get("phase"))
            and not self._phases.is_active(now)
            and not self._phases.is_failed(now)
            and self._phases.end_state(now) in (None, self._desired.state)
        )
        return moved and self._phases.is_up(before)

    def _is_settled(self, found: Observed | None) -> bool:
        if found is None or (self._is_old_status(found) and not self._is_up(found)):
            return False
        self.check_not_failed(found)
        return self._is_up(found) and self._shows_images(found)

    def _is_old_status(self, found: Observed) -> bool:
        """Return whether the status is still the one from before an update."""
        return self._old_status is not None and found.get("status") == self._old_status

    def _is_up(self, observed: Observed) -> bool:
        return self._phases.is_up(observed.get("status") or {})

    def _tell(self, text: str) -> None:
        self._session.progress(f"release {self.label}: {text}")

    def _shows_images(self, observed: Observed) -> bool:
        sent = [gray["template"] for gray in self._sent["spec"]["grayDeployments"]] if self._sent else []
        return matches_images((observed.get("status") or {}).get("grayDeployments") or [], sent)

    def _traffic_hint(self, observed: Observed) -> str:
        spec = observed["spec"]
        if self.final_action == "promote":
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
            f"The service {needed}: first move all traffic of Service '{spec.get('serviceName')}' in namespace '{self._desired.namespace}' to {side} "
            f"(weight 100 in its Istio VirtualService in cluster {spec.get('clusterID')}, or 'take over all traffic' in the console), then run again. "
            f"If it is there, the service may take another word for it: set {option}."
        )

    def _body(self) -> Observed:
        return self._desired.body(self._mesh["id"], dict({"type": DEFAULT_TYPE}, **self._desired.spec()))

    def _changed_body(self, observed: Observed) -> Observed:
        """The release as it is, with the images of the wish: the wish need not say all there is, and what an update leaves out may be lost."""
        existing = {key: observed["spec"][key] for key in FIELDS.values() if observed["spec"].get(key) is not None}
        gray = [
            {
                "clusterID": item["cluster_id"] or existing.get("clusterID"),
                "template": normalize_deployment(item["template"] or {}),
            }
            for item in self._with_images(observed, _intended(self.to_result(observed)))
        ]
        body = self._desired.body(self._mesh["id"], dict(self._desired.spec(), **existing, grayDeployments=gray))
        if observed["metadata"].get("uid"):
            body["metadata"]["uid"] = observed["metadata"]["uid"]
        return body

    def _with_images(self, observed: Observed, existing: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
        """A copy of the gray Deployments that exist, with the images of the wish."""
        existing = copy.deepcopy(existing)
        for _index, wished, found in match_deployments(self._desired.inside(observed).gray or [], existing)[0]:
            copy_images(wished["template"], (found or {}).get("template"))
        return existing


def _phase_of(found: Observed | None) -> str:
    return str((found.get("status") or {}).get("phase")) if found else "not listed"


def _keys(raw: Observed) -> list[tuple[t.Any, ...]]:
    metadata = raw["metadata"]
    namespace = metadata["namespace"]
    keys: list[tuple[t.Any, ...]] = [
        ("name", namespace, metadata["name"]),
        ("service", namespace, raw["spec"].get("serviceName")),
        ("namespace", namespace),
    ]
    return [("id", metadata["uid"]), *keys] if metadata.get("uid") else keys


def _same(field: str, actual: t.Any, desired: t.Any) -> bool:
    return equals_ignore_case(actual, desired) if field == "type" else actual == desired


def _intended(result: ResourceResult) -> list[dict[str, t.Any]]:
    """What is to run, as the service understood it. A service that does not say shows at least what it observes."""
    if result["gray_deployments"]:
        return result["gray_deployments"]
    return [
        {"cluster_id": result["cluster_id"], "template": template} for template in result["status"]["gray_deployments"]
    ]


def _identity(raw: Observed) -> str:
    """Return what tells a listed release from another one of its name."""
    metadata, status = raw["metadata"], raw.get("status") or {}
    return str(metadata.get("uid") or metadata.get("creationTimestamp") or status.get("startTime"))


def _in_namespace(active: list[Observed], namespace: str) -> str:
    """Return a sentence that names the active releases of a namespace."""
    if not active:
        return f"There is no active release in namespace '{namespace}'."
    names = [f"{_named(raw)} of Service '{raw['spec'].get('serviceName')}'" for raw in active[:_MOST_NAMED]]
    more = f" and {len(active) - _MOST_NAMED} more" if len(active) > _MOST_NAMED else ""
    return f"Active releases in namespace '{namespace}': {', '.join(names)}{more}."


def _named(raw: Observed) -> str:
    phase = (raw.get("status") or {}).get("phase")
    return f"'{raw['metadata']['name']}' (id {raw['metadata'].get('uid')}, phase '{phase}')"


def _last_touched(raw: Observed) -> str:
    status = raw.get("status") or {}
    return format_time(status.get("updateTime")) or format_time(raw["metadata"].get("creationTimestamp")) or ""
