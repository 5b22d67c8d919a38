# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workspaces: isolated areas of ModelArts with grants and quotas. All fields but the enterprise project can change."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    ForbiddenError,
    OptionError,
    ServiceError,
    WaitError,
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
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import check_not_failed
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import (
    grants as workspace_grants,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import (
    quotas as workspace_quotas,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.options import (
    GRANTS_HINT,
    specified_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    default_quotas,
    get_workspace_list,
    grants_to_result,
    is_failed,
    is_internal,
    is_known,
    make_workspace_result,
    read_details,
    read_workspace,
    with_quotas,
    workspace_to_result,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import (
    equals_ignore_case,
    id_to_text,
)

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import (
        GrantResult,
        WorkspaceResult,
    )

# A request body.
Body = t.Dict[str, t.Any]


class Workspace:
    """The desired state of one workspace."""

    # A task can have thousands of workspaces.
    __slots__ = (
        "_default_quotas",
        "_desired",
        "_id",
        "_is_terminating",
        "_new_name",
        "_old_failure",
        "_old_name",
        "_purge",
        "_quotas",
        "_sent_id",
        "_session",
        "desired_state",
        "listing",
        "name",
    )

    kind = "workspace"

    def __init__(self, session: Session, params: Params) -> None:
        self.name: str = params.get("new_name") or params.get("name") or params["id"]
        final_action = "delete" if params["state"] == "absent" else None
        self._session = session
        self._id: str | None = params.get("id")
        self._old_name: str | None = params.get("name")
        self._new_name: str | None = params.get("new_name")
        self._desired = specified_fields(params)
        self._quotas: list[dict[str, t.Any]] | None = None if final_action else params.get("quotas")
        self._purge: bool = params["purge_grants"]
        self.desired_state = _build_desired_state(final_action, tuple(self._desired))
        # Known after a request, so that reading back takes one request and no list.
        self._sent_id: str | None = None
        # The limits of the quotas of a new workspace. None if they were not read yet, empty if reading them is forbidden.
        self._default_quotas: list[objects.Quota] | None = None
        # Whether the last lookup found the workspace while it was being deleted.
        self._is_terminating = False
        # What tells the failure of an earlier deletion from a new one, until the workspace changes.
        self._old_failure: tuple[objects.Time, str | None] | None = None
        # The filter of the service matches parts of names. It cannot find two names at once, or an ID.
        self.listing = get_workspace_list(session, None if self._id or self._new_name else self._old_name)

    def lookup(self, source: Source = Source.CACHED_LIST, deadline: Deadline = NO_DEADLINE) -> objects.Workspace | None:
        if source == Source.AFTER_CHANGE and self._sent_id is not None:
            return self._read_changed(self._sent_id, deadline)
        client = self._session.client.until(deadline)
        entry = self._entry(source, deadline)
        self._is_terminating = entry is not None and equals_ignore_case(entry.get("status"), "DELETING")
        if _failure(entry) != self._old_failure:
            self._old_failure = None
        if entry is None or self.desired_state.final_action or self._is_terminating:
            return entry
        try:
            observed = (
                entry if self._session.skip_details and "grants" not in self._desired else read_details(client, entry)
            )
            if self._quotas is not None:
                observed = with_quotas(client, observed)
        except ServiceError as error:
            if modelarts.is_unknown_workspace(error) and self._entry(Source.NEW_LIST, deadline) is None:
                # It was deleted between the two requests, and a list proves it.
                return None
            raise
        return observed

    @property
    def unique_keys(self) -> dict[tuple[object, ...], str]:
        return {("name", self.name): f"the name '{self.name}'"}

    def diff(self, observed: objects.Workspace) -> list[Difference]:
        if self.desired_state.final_action:
            return []
        result = self.to_result(observed)
        actual: t.Mapping[str, object] = result
        differences = [
            Difference(field, actual[field], desired, field != "enterprise_project_id")
            for field, desired in {**self._desired, **self._renaming()}.items()
            if field != "grants" and actual[field] != desired
        ]
        differences += self._grant_differences(result)
        if self._quotas is not None:
            differences += workspace_quotas.differences(self._quotas, result[workspace_quotas.KEY])
        return differences

    def validate(self, action: str, observed: objects.Workspace | None) -> None:
        if action == "create":
            self._validate_creation()
        elif action == "update" and observed is not None:
            self._validate_update(observed)

    def create(self, replacing: objects.Workspace | None) -> str | None:
        response = modelarts.create_workspace(self._session.client.based_on(self.listing.age), self._creation())
        self._sent_id = id_to_text(response.data["id"])
        return response.request_id

    def update(self, observed: objects.Workspace, differences: t.Sequence[Difference]) -> t.Iterator[Action]:
        workspace_id = self._sent_id = id_to_text(observed["id"])
        own = _without_quotas(differences)
        if own:
            observed = self._with_grants(observed)
            response = modelarts.update_workspace(self._session.client, workspace_id, self.name, self._update(observed))
            yield Action("update", [difference.field for difference in own], response.request_id)
        quotas = [difference for difference in differences if difference not in own]
        if quotas:
            workspace_quotas.check_limits(self._quotas or [], observed[workspace_quotas.KEY])
            body = workspace_quotas.to_request(quotas)
            response = modelarts.update_quotas(self._session.client, workspace_id, self.name, body)
            yield Action("update", [difference.field for difference in quotas], response.request_id)

    def delete(self, observed: objects.Workspace) -> str | None:
        self._old_failure = _failure(observed)
        workspace_id = id_to_text(observed["id"])
        return modelarts.delete_workspace(self._session.client, workspace_id, self.name).request_id

    def status(self, observed: objects.Workspace) -> Status:
        phase, info = observed.get("status"), observed.get("status_info")
        description = f"its last status was '{phase}'" + (f" ({info})" if info else "")
        if is_failed(phase):
            return Status(
                FAILED,
                str(phase),
                description,
                reason=f"Workspace '{self.name}' is in status '{phase}': {info or 'the service gives no reason'}.",
                hint="Fix the cause, then delete the workspace (state=absent) or rerun the task.",
                blocks_deletion=_failure(observed) not in (None, self._old_failure),
            )
        if equals_ignore_case(phase, "DELETING"):
            return Status(TERMINATING, str(phase), description)
        return Status(READY if equals_ignore_case(phase or "NORMAL", "NORMAL") else PENDING, str(phase), description)

    def to_result(self, observed: objects.Workspace) -> WorkspaceResult:
        return workspace_to_result(observed)

    def diff_fields(self, result: WorkspaceResult) -> dict[str, object]:
        fields = select_fields(result, ("owner", "status", "status_info", "created_at", "updated_at"))
        if result["grants"]:
            # A grant has only the keys that the task or the service set.
            fields["grants"] = [
                {key: value for key, value in grant.items() if value is not None} for grant in result["grants"]
            ]
        return fields

    def preview(self, observed: objects.Workspace | None, differences: t.Sequence[Difference]) -> WorkspaceResult:
        desired = self._desired
        result: WorkspaceResult = self.to_result(observed) if observed else make_workspace_result(self.name)
        result["name"] = self._new_name or result["name"]
        result["description"] = desired.get("description", result["description"])
        result["auth_type"] = desired.get("auth_type", result["auth_type"])
        result["enterprise_project_id"] = desired.get("enterprise_project_id", result["enterprise_project_id"])
        result["grants"] = self._predicted_grants(observed) if is_internal(result["auth_type"]) else []
        if self._quotas is not None:
            actual = observed[workspace_quotas.KEY] if observed else workspace_quotas.unused(self._default_quotas or [])
            result[workspace_quotas.KEY] = workspace_quotas.preview(self._quotas, actual)
        return result

    def _read_changed(self, workspace_id: str, deadline: Deadline) -> objects.Workspace | None:
        """Return the workspace after a change. The response to a creation is not reliable: the vendor's sample has another auth_type."""
        client = self._session.client.until(deadline)
        try:
            observed = read_workspace(client, workspace_id, self.name)
            self.listing.update(observed)
            return with_quotas(client, observed) if self._quotas is not None else observed
        except ServiceError as error:
            if modelarts.is_unknown_workspace(error):
                return None
            raise

    def _entry(self, source: Source, deadline: Deadline) -> objects.Workspace | None:
        listing = self.listing.read(self._session.max_age if source == Source.CACHED_LIST else 0, deadline)
        if self._id:
            return next(iter(listing.find_by_key(("id", self._id))), None)
        names = [name for name in (self._old_name, self._new_name) if name]
        found = [entry for name in dict.fromkeys(names) for entry in listing.find_by_key(("name", name))]
        if len(found) > 1:
            ids = ", ".join(sorted(f"{entry['id']} ('{entry['name']}')" for entry in found))
            called = " or ".join(f"'{name}'" for name in names)
            raise AmbiguousError(f"Several workspaces have the name {called}: {ids}.", hint="Set id to one of them.")
        return found[0] if found else None

    def _validate_creation(self) -> None:
        if self._is_terminating and not self._session.wait_policy.wait:
            raise WaitError(
                f"Workspace '{self.name}' is being deleted, and wait is false.",
                hint="Rerun the task when it is deleted, or set wait to true.",
            )
        if self._id:
            raise OptionError(
                f"No workspace has the id '{self._id}', and the service assigns the IDs of new workspaces.",
                hint="Set name to create the workspace.",
            )
        purpose = f"create workspace '{self.name}'"
        validate_request_body(shapes.WORKSPACE_TO_CREATE, self._creation(), {}, purpose=purpose)
        self._require_internal(None)
        self._check_default_quotas()
        self.desired_state = self.desired_state._replace(fields=self._fields_of_creation())

    def _fields_of_creation(self) -> tuple[str, ...]:
        """Return the fields that a creation sets. A quota that a new workspace has anyway is not set."""
        fields = [field for field in self._desired if field != "grants" or is_internal(self._desired.get("auth_type"))]
        quotas = workspace_quotas.differences(self._quotas or [], self._default_quotas or [])
        return (*fields, *(difference.field for difference in quotas))

    def _validate_update(self, observed: objects.Workspace) -> None:
        check_not_failed(self, observed)
        if _without_quotas(self.diff(observed)):
            # The options were checked already. The other values of the workspace are not this task's concern.
            purpose = f"update workspace '{self.name}'"
            validate_request_body(shapes.WORKSPACE_TO_UPDATE, self._update(observed), {}, purpose=purpose)
        if self._quotas is not None:
            workspace_quotas.check_limits(self._quotas, observed[workspace_quotas.KEY])

    def _renaming(self) -> dict[str, str]:
        return {"name": self._new_name} if self._new_name else {}

    def _grant_differences(self, result: WorkspaceResult) -> list[Difference]:
        self._require_internal(result)
        if "grants" not in self._desired or not is_internal(self._desired.get("auth_type", result["auth_type"])):
            return []
        actual = result["grants"] or []
        desired = workspace_grants.merge(self._desired["grants"], actual, self._purge)
        if workspace_grants.is_equal(desired, actual):
            return []
        return [Difference("grants", workspace_grants.to_diff(actual), workspace_grants.to_diff(desired), True)]

    def _require_internal(self, result: WorkspaceResult | None) -> None:
        """Raise OptionError if the task sets grants and no auth_type, and the service would ignore them.

        Only an internal workspace has grants, and a new one is public unless auth_type is set: without this error, the task would
        open the workspace to everybody and report success.
        """
        auth_type = result["auth_type"] or "none" if result else shapes.AUTH_TYPES[0]
        if "grants" not in self._desired or "auth_type" in self._desired or is_internal(auth_type):
            return
        if result is None:
            raise OptionError(
                f"Failed to create workspace '{self.name}': grants require auth_type internal, and auth_type is not set. "
                "The workspace would be public: every user of the account could use it.",
                hint=GRANTS_HINT,
            )
        raise OptionError(
            f"Failed to compare workspace '{self.name}': grants require auth_type internal, and the workspace has auth_type '{auth_type}'.",
            hint=GRANTS_HINT,
        )

    def _predicted_grants(self, observed: objects.Workspace | None) -> list[GrantResult] | None:
        present = self._present_grants(observed)
        if "grants" in self._desired:
            return workspace_grants.to_result(workspace_grants.merge(self._desired["grants"], present, self._purge))
        # Without the details, the grants are unknown before and after the change.
        return None if self._session.skip_details else workspace_grants.to_result(present)

    def _present_grants(self, observed: objects.Workspace | None) -> list[GrantResult]:
        return grants_to_result(observed) or [] if observed else []

    def _creation(self) -> Body:
        body: Body = {field: value for field, value in self._desired.items() if field != "grants"}
        body["name"] = self.name
        if "grants" in self._desired and is_internal(body.get("auth_type")):
            body["grants"] = self._desired["grants"]
        return body

    def _with_grants(self, observed: objects.Workspace) -> objects.Workspace:
        # An update sends all grants, so they must be known even if the task does not set them.
        return observed if observed.get("grants") is not None else read_details(self._session.client, observed)

    def _update(self, observed: objects.Workspace) -> Body:
        """Return the full state: the actual values with those that the task sets. The reference does not say what an omitted field means."""
        auth_type = self._desired.get("auth_type", observed.get("auth_type"))
        body: Body = {
            "name": observed["name"],
            "description": self._desired.get("description", observed.get("description") or ""),
            **({} if auth_type is None else {"auth_type": auth_type}),
            **self._renaming(),
        }
        if is_internal(auth_type):
            actual = self._present_grants(observed)
            body["grants"] = (
                workspace_grants.merge(self._desired["grants"], actual, self._purge)
                if "grants" in self._desired
                else workspace_grants.to_request(actual)
            )
        elif observed.get("grants") and not is_known(auth_type):
            # An unknown auth_type may use them.
            body["grants"] = workspace_grants.to_request(observed["grants"] or [])
        return body

    def _check_default_quotas(self) -> None:
        """Check the quotas of a new workspace against the limits of the default workspace, which are the same in all workspaces.

        If the identity may not read them, an invalid quota shows only after the creation.
        """
        if not self._quotas:
            return
        if self._default_quotas is None:
            try:
                self._default_quotas = default_quotas(self._session).read(self._session.max_age).all()
            except ServiceError as error:
                if not isinstance(error, ForbiddenError) and not modelarts.is_unknown_workspace(error):
                    raise
                self._default_quotas = []
                self._session.warn(
                    f"Workspace '{self.name}': the limits of its quotas are checked only after the creation, because the quotas of the "
                    "default workspace cannot be read."
                )
        if self._default_quotas:
            workspace_quotas.check_limits(self._quotas, self._default_quotas)


@functools.lru_cache(maxsize=64)
def _build_desired_state(final_action: str | None, fields: tuple[str, ...]) -> DesiredState:
    """Return what a task declares. Thousands of items with the same fields share it."""
    return DesiredState(
        final_action=final_action,
        fields=fields,
        on_drift="fail",
        drift_hint="Correct the task, or move the content of the workspace, delete it and create it again.",
        ready_goal="to be NORMAL",
        deleted_goal="to be deleted",
        post_create_fields=frozenset([workspace_quotas.KEY]),
    )


def _failure(observed: objects.Workspace | None) -> tuple[objects.Time, str | None] | None:
    """Return what tells one failed deletion from the next one, or None if none has failed."""
    return (
        (observed.get("update_time"), observed.get("status_info"))
        if observed is not None and equals_ignore_case(observed.get("status"), "DELETE_FAILED")
        else None
    )


def _without_quotas(differences: t.Sequence[Difference]) -> list[Difference]:
    return [difference for difference in differences if difference.field.split(".")[0] != workspace_quotas.KEY]
