# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Meshes: the service can create and delete them. They cannot change, and the service does not return all fields."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    OptionError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    FAILED,
    PENDING,
    READY,
    TERMINATING,
    Action,
    DesiredState,
    Difference,
    Source,
    Status,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.children import (
    Child,
    list_children,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.fields import (
    Body,
    build_body,
    flatten,
    mesh_to_result,
    predict_mesh,
    split_values,
    without_unset,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    get_mesh_list,
    is_deleting,
    is_failed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult

# Documented in the SDK huaweicloudsdkasm (class MeshStatus). In any other phase, the task waits.
_READY_PHASE = "Running"
_DELETE_FAILED = "DeleteFailed"
# No response contains these fields, see the Terraform resource huaweicloud_asm_mesh (function resourceAsmMeshRead).
_SELECTORS = ("installation_nodes", "injection_namespaces")
# The service changes them on its own, so a diff omits them.
_SET_BY_SERVICE = ("phase", "created_at", "updated_at")


class Mesh:
    """The desired state of one mesh."""

    kind = "mesh"

    def __init__(self, session: Session, params: Params, ended: t.AbstractSet[Child] = frozenset()) -> None:
        """Describe a mesh. ``ended`` are workshops and releases in the mesh that the same task ends before it deletes the mesh."""
        self.name: str = params["name"]
        self.listing = get_mesh_list(session)
        self._session = session
        self._params = params
        self._ended = ended
        self._desired = _comparable_fields(params)
        self.desired_state = DesiredState(
            final_action="delete" if params["state"] == "absent" else None,
            fields=(*self._desired, *_create_only_fields(params)),
            on_drift=params["on_drift"],
            drift_hint="A mesh cannot be changed. Correct the task, change the mesh in the console, or set on_drift to warn.",
            ready_goal="to be Running",
            deleted_goal="to be deleted",
            list_not_compared=self._list_not_compared,
        )
        self._created: objects.Mesh | None = None
        # Until the mesh changes, this is the failure of an earlier deletion.
        self._old_failure: objects.Mesh | None = None

    @property
    def unique_keys(self) -> dict[tuple[object, ...], str]:
        return {("name", self.name): f"the name '{self.name}'"}

    def lookup(self, source: Source = Source.CACHED_LIST, deadline: Deadline = NO_DEADLINE) -> objects.Mesh | None:
        listing = self.listing.read(self._session.max_age if source == Source.CACHED_LIST else 0, deadline)
        found = listing.find_by_key(("name", self.name))
        if len(found) > 1:
            # The name of a mesh that is being deleted may be free already.
            found = [raw for raw in found if not is_deleting(raw)] or found[:1]
        if len(found) > 1:
            ids = ", ".join(sorted(str(raw["metadata"]["uid"]) for raw in found))
            raise AmbiguousError(
                f"Several meshes have the name '{self.name}': {ids}.", hint="Delete all but one in the console."
            )
        if not found and source == Source.AFTER_CHANGE and not self._session.wait_policy.wait:
            # Without waiting, the response is enough.
            return self._created
        return found[0] if found else None

    def diff(self, observed: objects.Mesh) -> list[Difference]:
        """Return the differences in fields that the service returns."""
        if self.desired_state.final_action:
            return []
        actual = _comparable_fields(mesh_to_result(observed))
        return [
            Difference(field, actual[field], desired)
            for field, desired in self._desired.items()
            if field in actual and not _is_equal(field, actual[field], desired)
        ]

    def validate(self, action: str, observed: objects.Mesh | None) -> None:
        purpose = f"{action} mesh '{self.name}'"
        if action == "create":
            validate_request_body(shapes.MESH_TO_CREATE, self._body(), shapes.MESH_OPTIONS, purpose=purpose)
        elif action == "delete" and observed is not None and not is_deleting(observed) and not self._params["force"]:
            self._check_empty(observed, purpose)

    def create(self, replacing: objects.Mesh | None) -> str | None:
        response = asm.create_mesh(self._session.client.based_on(self.listing.age), self._body())
        self._created = response.data
        return response.request_id

    def update(self, observed: objects.Mesh, differences: t.Sequence[Difference]) -> t.Iterator[Action]:
        raise AssertionError("no field of a mesh is changeable")

    def delete(self, observed: objects.Mesh) -> str | None:
        self._old_failure = observed
        return asm.delete_mesh(self._session.client, str(observed["metadata"]["uid"]), self.name).request_id

    def status(self, observed: objects.Mesh) -> Status:
        phase = str((observed.get("status") or {}).get("phase"))
        description = f"its last phase was '{phase}'"
        if is_failed(phase):
            return Status(
                FAILED,
                phase,
                description,
                reason=f"Mesh '{self.name}' is in phase '{phase}'.",
                hint="Fix the cause in the console, or delete the mesh (state=absent), then rerun the task.",
                blocks_deletion=equals_ignore_case(phase, _DELETE_FAILED) and observed != self._old_failure,
            )
        if is_deleting(observed):
            return Status(TERMINATING, phase, description)
        return Status(READY if equals_ignore_case(phase, _READY_PHASE) else PENDING, phase, description)

    def to_result(self, observed: objects.Mesh) -> MeshResult:
        return mesh_to_result(observed)

    def diff_fields(self, result: MeshResult) -> dict[str, object]:
        return select_fields(result, _SET_BY_SERVICE)

    def preview(self, observed: objects.Mesh | None, differences: t.Sequence[Difference]) -> MeshResult:
        return predict_mesh(self._params)

    def _list_not_compared(self, observed: objects.Mesh) -> list[str]:
        """Return the fields that the task sets and the service does not return."""
        actual = _comparable_fields(mesh_to_result(observed))
        missing = [field for field in self._desired if field not in actual]
        if "version" in self._desired and _is_less_specific(actual.get("version", ""), self._desired["version"]):
            missing.append("version")
        return [*dict.fromkeys(missing), *_create_only_fields(self._params)]

    def _check_empty(self, observed: objects.Mesh, purpose: str) -> None:
        """Raise OptionError if the mesh contains workshops or releases that the task does not end."""
        try:
            children = list_children(self._session, str(observed["metadata"]["uid"]))
        except ServiceError as error:
            hint = "It is unknown what the mesh contains, so it is not deleted. Set force to true to delete it anyway."
            raise error.replace(hint=f"{hint} {error.hint or ''}".rstrip()) from None
        left = [f"{kind} '{name}'" for kind, name in children if (kind, name) not in self._ended]
        if left:
            raise OptionError(
                f"Failed to {purpose}: it contains {', '.join(left)}.",
                hint="Delete the workshops and end the releases first, or set force to true to delete the mesh with everything in it.",
            )

    def _body(self) -> Body:
        return build_body(self._params, self._session.client.project_id)


def _comparable_fields(fields: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the fields of options or of a result that can be compared, flat and without unset ones."""
    compared = {key: without_unset(fields.get(key)) for key in ("version", "proxy_config", "telemetry_config")}
    clusters = fields.get("clusters") or None
    if clusters is not None:
        # Options have mappings, and results have IDs.
        compared["clusters"] = [each["cluster_id"] if isinstance(each, dict) else each for each in clusters]
    return {
        field: split_values(value) if field.startswith("proxy_config.") else value
        for field, value in flatten(compared).items()
    }


def _create_only_fields(params: Params) -> list[str]:
    """Return the fields that the task sets and no response contains."""
    clusters = params.get("clusters") or []
    return [f"clusters[].{name}" for name in _SELECTORS if any(cluster.get(name) is not None for cluster in clusters)]


def _is_equal(field: str, actual: t.Any, desired: t.Any) -> bool:
    if field == "version":
        # The service completes v1.18 to the newest patch version, and may return less than it got.
        return _covers(desired, actual) or _covers(actual, desired)
    if isinstance(desired, list) and isinstance(actual, list):
        return sorted(map(_to_key, actual)) == sorted(map(_to_key, desired))
    return bool(actual == desired)


def _covers(version: str, other: str) -> bool:
    """Return whether ``other`` is the same version, or a patch version of it: v1.18 covers v1.18.7-r1."""
    short, long = version.lstrip("vV"), other.lstrip("vV")
    return long == short or long.startswith((f"{short}.", f"{short}-"))


def _is_less_specific(actual: str, desired: str) -> bool:
    return bool(actual) and _covers(actual, desired) and not _covers(desired, actual)


def _to_key(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True)
