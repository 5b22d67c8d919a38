# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Releases: grayscale (canary) releases of one Service. The API can create, update and end them, in one of two ways."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    ConflictError,
    DriftError,
    HuaweiCloudError,
    OptionError,
    ServiceError,
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
    FAILED,
    HINT_OTHER_RESOURCE,
    PENDING,
    READY,
    TERMINATED,
    TERMINATING,
    Action,
    DesiredState,
    Difference,
    Source,
    Status,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import check_not_failed
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    check_running,
    find_clusters,
    get_mesh_id,
    identify_mesh,
    warn_about_foreign_clusters,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
    FIELDS,
    Body,
    Desired,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.key import call_by_id_or_name
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.promotions import Promotions
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachedList,
    Params,
    Session,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case, format_time

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import (
        Deployment,
        GrayDeploymentResult,
        MeshResult,
        ReleaseResult,
    )


# The type of a release whose task sets none. The vendor does not publish the values.
DEFAULT_TYPE = "canary"

_FINAL_ACTIONS = {"promoted": "promote", "canceled": "cancel"}

# How many active releases a message names.
_MOST_NAMED = 10

# What tells one release of a name from another. The type is a word of the service, and images may change while a release is active.
_IDENTITY = ("service_name", "cluster_id", "deployment_name", "version")

_HINT_NOT_LISTED = "Correct the name. If the release ended earlier, delete its entry from the desired state or set on_missing to ignore."
HINT_LIFE_CYCLE = (
    "A promoted release cannot run again: set its state to promoted, or delete its entry from the desired state. "
    "The next release of the Service needs a new name, a new version, and the Deployment that runs now as its deployment_name."
)


def release_to_result(raw: objects.Release, mesh_id: str | None) -> ReleaseResult:
    """Return a release in the shape of results. Deployments remain unchanged Kubernetes objects."""
    metadata, spec = raw["metadata"], raw["spec"]
    return _make_result(
        metadata["name"],
        metadata["namespace"],
        mesh_id,
        uid=metadata.get("uid"),
        service_name=spec.get("serviceName"),
        cluster_id=spec.get("clusterID"),
        deployment_name=spec.get("deploymentName"),
        version=spec.get("version"),
        release_type=spec.get("type"),
        gray_deployments=[
            {"cluster_id": gray.get("clusterID"), "template": gray.get("template")}
            for gray in spec.get("grayDeployments") or []
        ],
        status=raw.get("status"),
    )


def _make_result(
    name: str,
    namespace: str,
    mesh_id: str | None,
    *,
    gray_deployments: list[GrayDeploymentResult],
    uid: str | None = None,
    service_name: str | None = None,
    cluster_id: str | None = None,
    deployment_name: str | None = None,
    version: str | None = None,
    release_type: str | None = None,
    status: objects.ReleaseStatus | None = None,
) -> ReleaseResult:
    """Return a result with all keys. What is not given is not known yet."""
    seen: objects.ReleaseStatus = status or {}
    return {
        "id": uid,
        "name": name,
        "namespace": namespace,
        "mesh_id": mesh_id,
        "service_name": service_name,
        "cluster_id": cluster_id,
        "deployment_name": deployment_name,
        "version": version,
        "type": release_type,
        "gray_deployments": gray_deployments,
        "status": {
            "phase": seen.get("phase"),
            "start_time": format_time(seen.get("startTime")),
            "updated_at": format_time(seen.get("updateTime")),
            "deployment": seen.get("deployment"),
            "gray_deployments": seen.get("grayDeployments") or [],
        },
    }


def get_release_list(session: Session, mesh_id: str | None) -> CachedList[objects.Release]:
    """Return the list of the releases of a mesh, in all namespaces. A mesh that does not exist yet has no ID and no releases."""
    return session.listing(
        ("releases", mesh_id),
        lambda deadline: asm.list_releases(session.client.until(deadline), mesh_id) if mesh_id else [],
        _keys,
    )


class Release:
    """The desired state of one release: it exists as described, or it was promoted or canceled."""

    kind = "release"

    def __init__(
        self, session: Session, params: Params, desired: Desired, mesh: MeshResult, listing: CachedList[objects.Release]
    ) -> None:
        self.name = f"{desired.namespace}/{desired.name}"
        self.listing = listing
        self.desired_state = DesiredState(
            final_action=_FINAL_ACTIONS.get(desired.state),
            fields=tuple(desired.specified_fields()),
            on_drift=params["on_drift"],
            drift_hint="Only the images of a release can change. Correct the task, or promote or cancel this release first.",
            ready_goal="to be ready",
            deleted_goal=f"to be {desired.state}",
            keeps_record=True,
        )
        self._action_words = {"promote": params["end_action"], "cancel": params["cancel_action"]}
        self._on_missing: str = params["on_missing"]
        self._phases = Phases(**{field: params[f"{field}_phases"] for field in Phases._fields})
        self._session = session
        self._desired = desired
        self._mesh = mesh
        self._created: objects.Release | None = None
        # The status from before an update. Until it changes, it is unrelated to the new images.
        self._old_status: objects.ReleaseStatus | None = None
        # The templates of the last update. The observed Deployments may still have the old images.
        self._sent_templates: list[Deployment] = []
        # Ended releases of that name that were listed before this one was created.
        self._replaced: frozenset[str] = frozenset()
        # The ID of the release that this task ends, and whether a list showed that it was ending as requested.
        self._ended_id: t.Optional[str] = None
        # Whether a request of this task has ended the release, or may have ended it.
        self._sent_end = False
        self._seen_ending = False
        self._warned: set[str] = set()

    def lookup(self, source: Source = Source.CACHED_LIST, deadline: Deadline = NO_DEADLINE) -> objects.Release | None:
        """Return the active release of that name, else the one that ended last: services may keep ended releases and their names."""
        self.listing.read(self._session.max_age if source == Source.CACHED_LIST else 0, deadline)
        found = [raw for raw in self._namesakes() if self._is_candidate(raw)]
        running = [raw for raw in found if not self._is_terminated(raw)]
        if len(running) > 1:
            ids = ", ".join(sorted(str(raw["metadata"].get("uid")) for raw in running))
            raise AmbiguousError(
                f"Several releases of mesh '{self._mesh['name']}' have the name '{self.name}': {ids}.",
                hint="End all but one in the console.",
            )
        if not found and source == Source.AFTER_CHANGE and not self._session.wait_policy.wait:
            # Without waiting, the response is enough.
            return self._created
        return running[0] if running else max(found, key=_find_last_update, default=None)

    @property
    def unique_keys(self) -> dict[tuple[object, ...], str]:
        namespace, service = self._desired.namespace, self._desired.fields.get("service_name")
        return {
            ("name", identify_mesh(self._mesh), self.name): f"the name '{self.name}'",
            (
                "service",
                identify_mesh(self._mesh),
                namespace,
                service,
            ): f"Service '{service}' in namespace '{namespace}', which takes one release at a time",
        }

    def diff(self, observed: objects.Release) -> list[Difference]:
        result = self.to_result(observed)
        actual: t.Mapping[str, object] = result
        differences = [
            Difference(field, actual[field], desired)
            for field, desired in self._desired.fields.items()
            if not _is_equal(field, actual[field], desired)
        ]
        ended = self._is_terminated(observed)
        gray = self._desired.inside(observed).gray
        for found in compare_gray_deployments(gray, _find_deployments(result)) if gray is not None else []:
            changeable = found.image and not ended and not self.desired_state.final_action
            differences.append(
                Difference(found.path, found.actual, found.desired, changeable, format_difference(found), found.private)
            )
        return differences

    def validate(self, action: str, observed: objects.Release | None) -> None:
        if action == "create":
            self._validate_creation()
        elif action != "update" and (observed is None or self._is_ending(observed)):
            self._check_end(observed)
        elif observed is not None:
            self._check_named(observed)
            purpose = f"{'change the image of' if action == 'update' else action} release '{self.name}'"
            if action == "update":
                body = self._changed_body(observed)
                validate_request_body(shapes.RELEASE_REQUEST, body, shapes.RELEASE_OPTIONS, purpose=purpose)
            check_running(self._mesh, purpose)

    def create(self, replacing: objects.Release | None) -> str | None:
        """Create the release and return the id of the request."""
        ended = self._last_ended()
        self._replaced = frozenset(_identify(raw) for raw in self._namesakes() if self._is_terminated(raw))
        try:
            response = asm.create_release(
                self._session.client.based_on(self.listing.age), get_mesh_id(self._mesh), self._body()
            )
        except (ConflictError, BadRequestError) as error:
            # An error of the gateway is not about releases.
            if error.is_create_conflict and not error.is_from_gateway:
                raise error.replace(hint=self._create_hint(error, ended)) from None
            raise
        self._created = response.data
        return response.request_id

    def update(self, observed: objects.Release, differences: t.Sequence[Difference]) -> t.Iterator[Action]:
        self._old_status = observed.get("status")
        # Even if the response is lost, the observed Deployments must show these images.
        body = self._changed_body(observed)
        self._sent_templates = [gray["template"] for gray in body["spec"]["grayDeployments"]]
        response = call_by_id_or_name(
            observed["metadata"],
            lambda key: asm.update_release(self._session.client, get_mesh_id(self._mesh), key, body),
            self._is_unchanged,
        )
        yield Action("update", [difference.field for difference in differences], response.request_id)

    def delete(self, observed: objects.Release) -> str | None:
        """Promote or cancel the release and return the id of the request."""
        try:
            request_id = self._send_end(observed)
        except ServiceError as error:
            self._sent_end = self._sent_end or error.any_outcome_unknown
            raise
        self._sent_end = True
        return request_id

    def _send_end(self, observed: objects.Release) -> str | None:
        self._ended_id = observed["metadata"].get("uid")
        verb = self.desired_state.final_action
        if verb is None:
            raise ValueError(f"the task does not end {self.kind} '{self.name}'")
        namespace, name = self._desired.namespace, self._desired.name
        try:
            return call_by_id_or_name(
                observed["metadata"],
                lambda key: asm.end_release(
                    self._session.client,
                    get_mesh_id(self._mesh),
                    namespace,
                    name,
                    key,
                    verb=verb,
                    action=self._action_words[verb],
                ),
                self._is_unchanged,
            ).request_id
        except BadRequestError as error:
            if any(failure.is_response_lost for failure in error.previous_attempts) and self._is_leaving(observed):
                # An earlier attempt was applied and its response was lost, so the repetition failed.
                return error.request_id
            # An error of the gateway is not about traffic.
            if error.is_invalid_request:
                raise error.replace(hint=self._traffic_hint(observed)) from None
            raise

    def status(self, observed: objects.Release) -> Status:
        status = observed.get("status") or {}
        phase = _get_phase(observed)
        if self._phases.is_done(status):
            return Status(
                TERMINATED,
                phase,
                self._describe(observed),
                reason=f"Release '{self.name}' has ended (phase '{phase}').",
                hint="Another client promoted or canceled it. If that phase has another meaning, set done_phases.",
            )
        if self._phases.is_terminating(status):
            return Status(
                TERMINATING,
                phase,
                self._describe(observed),
                reason=f"Release '{self.name}' is being ended (phase '{phase}').",
                hint="Rerun the task when it has ended. If that phase has another meaning, set ending_phases.",
            )
        if self._phases.is_failed(status) and not self._is_old_status(observed):
            return Status(
                FAILED,
                phase,
                self._describe(observed),
                reason=f"Release '{self.name}' is in phase '{phase}'.",
                hint="Check its Deployments, then cancel the release (state=canceled) or set an image that works.",
            )
        condition = READY if self._is_up(observed) and self._shows_images(observed) else PENDING
        return Status(condition, phase, self._describe(observed))

    def to_result(self, observed: objects.Release) -> ReleaseResult:
        return release_to_result(observed, self._mesh["id"])

    def diff_fields(self, result: ReleaseResult) -> dict[str, object]:
        """Return the release without its status, and its Deployments without what only a server sets."""
        gray = [dict(item, template=strip_server_fields(item["template"] or {})) for item in _find_deployments(result)]
        return dict(select_fields(result, ("status",)), gray_deployments=gray)

    def preview(self, observed: objects.Release | None, differences: t.Sequence[Difference]) -> ReleaseResult:
        if observed is None:
            return self._preview_creation()
        result = self.to_result(observed)
        gray = self._with_images(observed, _find_deployments(result))
        if result["gray_deployments"]:
            return {**result, "gray_deployments": gray}
        # The service shows only what it observes.
        templates = [item["template"] or {} for item in gray]
        return {**result, "status": {**result["status"], "gray_deployments": templates}}

    def _preview_creation(self) -> ReleaseResult:
        fields = self._desired.fields
        return _make_result(
            self._desired.name,
            self._desired.namespace,
            self._mesh["id"],
            service_name=fields.get("service_name"),
            cluster_id=fields.get("cluster_id"),
            deployment_name=fields.get("deployment_name"),
            version=fields.get("version"),
            release_type=fields.get("type", DEFAULT_TYPE),
            gray_deployments=[
                {"cluster_id": item["cluster_id"], "template": strip_server_fields(item["template"])}
                for item in self._desired.gray or []
            ],
        )

    def _validate_creation(self) -> None:
        """Raise an error if the release cannot be created, as far as the list shows."""
        for raw in self._namesakes():
            if self._is_terminating(raw):
                check_not_failed(self, raw)
        self._check_not_promoted()
        purpose = f"create release '{self.name}'"
        last = self._last_ended()
        try:
            validate_request_body(shapes.RELEASE_REQUEST, self._body(), shapes.RELEASE_OPTIONS, purpose=purpose)
        except OptionError as error:
            if last:
                hint = f"The last release of that name has ended (phase '{_get_phase(last)}'), so it would be created again."
                raise error.replace(hint=hint) from None
            raise
        check_running(self._mesh, purpose)
        warn_about_foreign_clusters(
            self._session,
            self._mesh,
            f"Release '{self.name}'",
            find_clusters(self._desired.gray or [], self._desired.fields.get("cluster_id")),
        )
        conflicts = self.listing.find_by_key(("service", self._desired.namespace, self._desired.fields["service_name"]))
        owners = [raw for raw in conflicts if not self._is_terminated(raw)]
        if owners:
            names = ", ".join(_format_release(raw) for raw in owners)
            raise DriftError(
                f"Cannot {purpose}: Service '{self._desired.fields['service_name']}' in namespace '{self._desired.namespace}' "
                f"already has the active release {names}.",
                hint="A Service can have one active release: promote or cancel that one first.",
            )
        if last:
            self._warn_once(
                f"The last release '{self.name}' has ended (phase '{_get_phase(last)}') and is still listed. The service may refuse "
                "to create another release of that name."
            )

    def _namesakes(self) -> list[objects.Release]:
        """Return all releases of that name in the list as it was read last."""
        return self.listing.find_by_key(("name", self._desired.namespace, self._desired.name))

    def _is_terminated(self, raw: objects.Release) -> bool:
        return self._phases.is_done(raw.get("status") or {})

    def _end_state(self, raw: objects.Release) -> str | None:
        return self._phases.end_state(raw.get("status") or {})

    def _is_terminating(self, raw: objects.Release) -> bool:
        return self._phases.is_terminating(raw.get("status") or {})

    def _is_ending(self, raw: objects.Release) -> bool:
        return self._is_terminated(raw) or self._is_terminating(raw)

    def _check_end(self, observed: objects.Release | None) -> None:
        """Raise DriftError if the list shows that a missing, ending or ended release did not end in the desired state.

        If the list does not show how the release ended, ``on_missing`` decides between a warning, an error and no message.
        """
        if observed is None:
            if not self._sent_end and not self._seen_ending:
                self._check_missing()
            return
        if not self._sent_end:
            self._check_is_described(observed)
        end_state = self._end_state(observed)
        if end_state is not None and end_state != self._desired.state:
            raise self._build_other_end_error(observed, end_state)
        if end_state:
            self._seen_ending = True
        elif not self._sent_end and (self._is_terminated(observed) or not self._session.wait_policy.wait):
            self._report_missing(
                f"Release '{self.name}' was not {self._desired.state} by this task: it is in phase '{_get_phase(observed)}', "
                "which does not show whether it was promoted or canceled.",
                hint="Add that phase to promoted_phases or canceled_phases, or set on_missing to ignore.",
            )

    def _is_candidate(self, raw: objects.Release) -> bool:
        """Return whether a listed release of that name can be the one this task is about."""
        if not self._is_terminated(raw):
            return True
        uid = raw["metadata"].get("uid")
        return _identify(raw) not in self._replaced and (not self._ended_id or not uid or uid == self._ended_id)

    def _last_ended(self) -> objects.Release | None:
        """Return the release of that name that ended last, if one is listed."""
        return max((raw for raw in self._namesakes() if self._is_terminated(raw)), key=_find_last_update, default=None)

    def _check_not_promoted(self) -> None:
        """Raise DriftError if the list shows that the promotion of a release has taken what this one needs.

        The API does not show Deployments, so only listed promotions count. What the list does not show, the service refuses.
        """
        namespace, fields = self._desired.namespace, self._desired.fields
        last = self._last_ended()
        promoted = None
        if last and self._end_state(last) == "promoted" and not self._identity_differences(last):
            promoted = last
        elif fields.get("service_name"):
            releases = self.listing.find_by_key(("service", namespace, fields["service_name"]))
            ended = [raw for raw in releases if self._is_terminated(raw)]
            promotions = Promotions(
                raw for raw in sorted(ended, key=_find_last_update) if self._end_state(raw) == "promoted"
            )
            promoted = promotions.blocking(
                fields.get("cluster_id"), fields.get("deployment_name"), fields.get("version")
            )
        if promoted:
            spec = promoted["spec"]
            raise DriftError(
                f"Cannot create release '{self.name}': release {_format_release(promoted)} of Service '{spec.get('serviceName')}' was promoted. "
                f"Since then version '{spec.get('version')}' is the original version and Deployment '{spec.get('deploymentName')}' is offline.",
                hint=f"{HINT_LIFE_CYCLE} If that Deployment was deployed again, remove the ended release from the list in the console.",
                differences=[Difference("state", "promoted", self._desired.state)],
            )

    def _create_hint(self, error: ServiceError, ended: objects.Release | None) -> str | None:
        """Return what to do about a creation that the service refused."""
        if ended:
            return (
                f"The last release of that name has ended (phase '{_get_phase(ended)}') and is still listed, so the service may not accept "
                "the name again: use another name, or remove the ended release from the list in the console."
            )
        if not error.is_invalid_request:
            return error.hint
        return (
            f"If this release was promoted earlier, Deployment '{self._desired.fields.get('deployment_name')}' is offline and version "
            f"'{self._desired.fields.get('version')}' is the original version. {HINT_LIFE_CYCLE}"
        )

    def _identity_differences(self, observed: objects.Release) -> list[Difference]:
        """Return the differences that show that a release is not the one that is meant."""
        actual: t.Mapping[str, object] = self.to_result(observed)
        return [
            Difference(field, actual[field], self._desired.fields[field])
            for field in _IDENTITY
            if field in self._desired.fields and actual[field] != self._desired.fields[field]
        ]

    def _check_is_described(self, observed: objects.Release) -> None:
        """Raise DriftError if an ended release of that name is not the one that is meant."""
        others = self._identity_differences(observed)
        if not others:
            return
        message = (
            f"Release '{self.name}' in phase '{_get_phase(observed)}' is not the one that the task describes: "
            f"{'; '.join(map(str, others))}"
        )
        if self.desired_state.on_drift == "fail":
            raise DriftError(message, hint=HINT_OTHER_RESOURCE, differences=others)
        self._warn_once(message)

    def _build_other_end_error(self, observed: objects.Release, end_state: str) -> DriftError:
        """Return the error for a release that ends in the other way than the task asks for."""
        was = "was" if self._is_terminated(observed) else "is being"
        return DriftError(
            f"Cannot {self.desired_state.final_action} release '{self.name}': it {was} {end_state} (phase '{_get_phase(observed)}').",
            hint=f"Correct the state of the task. If that phase does not mean {end_state}, set promoted_phases and canceled_phases.",
            differences=[Difference("state", end_state, self._desired.state)],
        )

    def _check_missing(self) -> None:
        """Report that no list shows the release. Raise DriftError if its Service has an active release under another name."""
        namespace, service = self._desired.namespace, self._desired.fields.get("service_name")
        active = [raw for raw in self.listing.find_by_key(("namespace", namespace)) if not self._is_terminated(raw)]
        conflicts = [raw for raw in active if service and raw["spec"].get("serviceName") == service]
        if conflicts and self._on_missing != "ignore":
            raise DriftError(
                f"Cannot {self.desired_state.final_action} release '{self.name}': it is not listed, but Service '{service}' has the active release "
                f"{', '.join(map(_format_release, conflicts))}.",
                hint=_HINT_NOT_LISTED,
            )
        self._report_missing(
            f"Release '{self.name}' was not {self._desired.state} by this task: it is not listed. It ended earlier, or it never existed. "
            f"{_format_active_releases(active, namespace)}",
            hint=_HINT_NOT_LISTED,
        )

    def _report_missing(self, message: str, hint: str) -> None:
        """Raise DriftError or warn, depending on ``on_missing``. Both include the hint."""
        if self._on_missing == "fail":
            raise DriftError(message, hint=hint)
        if self._on_missing == "warn":
            self._warn_once(f"{message} {hint}")

    def _warn_once(self, text: str) -> None:
        """Warn once, even if the plan is made several times."""
        if text not in self._warned:
            self._warned.add(text)
            self._session.warn(text)

    def _is_unchanged(self, uid: str) -> bool:
        """Return whether a list proves that no other release has the name, and that the release is still active."""
        try:
            self.lookup(Source.NEW_LIST)
        except HuaweiCloudError:
            # The error of the request is more useful than the error of this list.
            return False
        releases = self.listing.find_by_key(("name", self._desired.namespace, self._desired.name))
        return (
            [raw["metadata"].get("uid") for raw in releases] == [uid]
            and not self._is_terminating(releases[0])
            and not self._is_terminated(releases[0])
        )

    def _check_named(self, observed: objects.Release) -> None:
        """Raise AmbiguousError if neither an ID nor the name identifies the release."""
        if (
            not observed["metadata"].get("uid")
            and len(self.listing.find_by_key(("name", self._desired.namespace, self._desired.name))) > 1
        ):
            raise AmbiguousError(
                f"Release '{self.name}' is listed without an ID, and an ended release of that name is listed too: the service cannot distinguish them.",
                hint="End it in the console, or wait until the ended release is not listed any more.",
            )

    def _is_leaving(self, observed: objects.Release) -> bool:
        """Return whether the release is not listed, or was up and is now in a phase that is neither active, failed nor the other end."""
        found = self.lookup(Source.NEW_LIST)
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

    def _describe(self, observed: objects.Release) -> str:
        phase = _get_phase(observed)
        if self._is_up(observed) and not self._shows_images(observed):
            return f"its phase is '{phase}', but its Deployments do not show the new images"
        return f"its last phase was '{phase}' (if that means ready, ended or failed, add it to active_phases, done_phases or failed_phases)"

    def _is_old_status(self, found: objects.Release) -> bool:
        """Return whether the status is still the one from before an update."""
        return self._old_status is not None and found.get("status") == self._old_status

    def _is_up(self, observed: objects.Release) -> bool:
        return self._phases.is_up(observed.get("status") or {})

    def _shows_images(self, observed: objects.Release) -> bool:
        return matches_images((observed.get("status") or {}).get("grayDeployments") or [], self._sent_templates)

    def _traffic_hint(self, observed: objects.Release) -> str:
        spec = observed["spec"]
        if self.desired_state.final_action == "promote":
            needed, side = (
                "promotes a release only while the gray version receives all traffic",
                f"the gray version '{spec.get('version')}'",
            )
            option = "end_action"
        else:
            needed, side = (
                "cancels a release only while the original version receives all traffic",
                f"the original Deployment '{spec.get('deploymentName')}'",
            )
            option = "cancel_action"
        return (
            f"The service {needed}: first move all traffic of Service '{spec.get('serviceName')}' in namespace '{self._desired.namespace}' to {side} "
            f"(weight 100 in its Istio VirtualService in cluster {spec.get('clusterID')}, or 'take over all traffic' in the console), then rerun the task. "
            f"If it receives all traffic already, the service may require another action: set {option}."
        )

    def _body(self) -> Body:
        # The plan also validates the body for a mesh that has no ID yet.
        return self._desired.body(identify_mesh(self._mesh), dict({"type": DEFAULT_TYPE}, **self._desired.spec()))

    def _changed_body(self, observed: objects.Release) -> Body:
        """Return the existing release with the desired images. The service may remove what an update omits."""
        actual: t.Mapping[str, object] = observed["spec"]
        existing = {key: actual[key] for key in FIELDS.values() if actual.get(key) is not None}
        gray = [
            {
                "clusterID": item["cluster_id"] or existing.get("clusterID"),
                "template": normalize_deployment(item["template"] or {}),
            }
            for item in self._with_images(observed, _find_deployments(self.to_result(observed)))
        ]
        body = self._desired.body(get_mesh_id(self._mesh), dict(self._desired.spec(), **existing, grayDeployments=gray))
        if observed["metadata"].get("uid"):
            body["metadata"]["uid"] = observed["metadata"]["uid"]
        return body

    def _with_images(
        self, observed: objects.Release, existing: list[GrayDeploymentResult]
    ) -> list[GrayDeploymentResult]:
        """Return a copy of the existing gray Deployments with the desired images."""
        existing = copy.deepcopy(existing)
        for _index, desired, found in match_deployments(self._desired.inside(observed).gray or [], existing)[0]:
            copy_images(desired["template"], found["template"] if found else None)
        return existing


def _get_phase(found: objects.Release | None) -> str:
    return str((found.get("status") or {}).get("phase")) if found else "not listed"


def _keys(raw: objects.Release) -> list[tuple[object, ...]]:
    metadata = raw["metadata"]
    namespace = metadata["namespace"]
    keys: list[tuple[object, ...]] = [
        ("name", namespace, metadata["name"]),
        ("service", namespace, raw["spec"].get("serviceName")),
        ("namespace", namespace),
    ]
    return [("id", metadata["uid"]), *keys] if metadata.get("uid") else keys


def _is_equal(field: str, actual: object, desired: str) -> bool:
    return equals_ignore_case(actual, desired) if field == "type" else actual == desired


def _find_deployments(result: ReleaseResult) -> list[GrayDeploymentResult]:
    """Return the Deployments as the service understood them. If it does not return the specification, use the observed ones."""
    if result["gray_deployments"]:
        return result["gray_deployments"]
    return [
        {"cluster_id": result["cluster_id"], "template": template} for template in result["status"]["gray_deployments"]
    ]


def _identify(raw: objects.Release) -> str:
    """Return what tells a listed release from another one of its name."""
    metadata, status = raw["metadata"], raw.get("status") or {}
    return str(metadata.get("uid") or metadata.get("creationTimestamp") or status.get("startTime"))


def _format_active_releases(active: list[objects.Release], namespace: str) -> str:
    """Return a sentence that names the active releases of a namespace."""
    if not active:
        return f"The namespace '{namespace}' has no active releases."
    names = [f"{_format_release(raw)} of Service '{raw['spec'].get('serviceName')}'" for raw in active[:_MOST_NAMED]]
    more = f" and {len(active) - _MOST_NAMED} more" if len(active) > _MOST_NAMED else ""
    return f"Active releases in namespace '{namespace}': {', '.join(names)}{more}."


def _format_release(raw: objects.Release) -> str:
    phase = (raw.get("status") or {}).get("phase")
    return f"'{raw['metadata']['name']}' (id {raw['metadata'].get('uid')}, phase '{phase}')"


def _find_last_update(raw: objects.Release) -> str:
    status = raw.get("status") or {}
    return format_time(status.get("updateTime")) or format_time(raw["metadata"].get("creationTimestamp")) or ""
