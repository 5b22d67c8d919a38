# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workspaces: isolated areas of ModelArts with grants and quotas. Everything of them can be changed but the enterprise project."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import check_one_of
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    ForbiddenError,
    OptionError,
    ServiceError,
    WaitError,
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
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import grants as grants_of
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import quotas as quotas_of
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    DEFAULT_ID,
    DEFAULT_NAME,
    default_quotas,
    grants_to_result,
    is_internal,
    is_known,
    read_details,
    read_workspace,
    with_quotas,
    workspace_to_result,
    workspaces_of,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case, to_text

_SENT = ("name", "description", "auth_type", "enterprise_project_id")
_GRANTS_HINT = "Set auth_type to internal to restrict the workspace to the users in grants, or remove grants."


def check_workspace(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Send nothing."""
    check_all(
        lambda: check_one_of(params, "id", "name"),
        lambda: _check_names(params),
        lambda: validate_request_body(shapes.WORKSPACE_TO_CREATE, dict({"name": "name"}, **_fields(params)), {}),
        lambda: _check_grants(params),
        lambda: quotas_of.check(params.get("quotas") or []),
    )


def _check_names(params: Params) -> None:
    for option, value in (("name", params.get("name")), ("new_name", params.get("new_name")), ("id", params.get("id"))):
        if value == (DEFAULT_ID if option == "id" else DEFAULT_NAME):
            raise OptionError(
                f"The default workspace ({option} '{value}') can not be created, changed, renamed to or removed.",
                hint="Every project has it from the start; choose another workspace.",
            )
        if value is not None and (option == "new_name" or option == "name" and len(value) > shapes.LONGEST_NAME):
            # No workspace can have this name. The rules for other names matter only at creation.
            validate_request_body(shapes.WORKSPACE_TO_CREATE, {"name": value}, {"name": option})
    if params.get("new_name") and params["state"] == "absent":
        raise OptionError("Invalid options: new_name has no meaning with state absent.")


def _check_grants(params: Params) -> None:
    """Raise OptionError for invalid grants, and for grants that the service would ignore."""
    grants = grants_of.normalize(params.get("grants") or [])
    validate_request_body(shapes.WORKSPACE_TO_CREATE, {"name": "name", "grants": grants}, {})
    auth_type = params.get("auth_type")
    if grants and params["state"] == "present" and is_known(auth_type) and not is_internal(auth_type):
        raise OptionError(
            f"Invalid options: grants require auth_type internal, and auth_type is '{auth_type}'.",
            hint=_GRANTS_HINT,
        )


class Workspace:
    """The wish that one workspace be there, as written, or not be there."""

    kind_name = "workspace"
    on_drift = "fail"
    post_create_fields = frozenset([quotas_of.KEY])
    drift_hint = "Correct the task, or move what the workspace holds, remove it and create it anew."

    def __init__(self, session: Session, params: Params) -> None:
        self.label: str = params.get("new_name") or params.get("name") or params["id"]
        self.final_action = "delete" if params["state"] == "absent" else None
        self.sleep = session.sleep
        self._session = session
        self._id: str | None = params.get("id")
        self._name: str | None = params.get("name")
        self._new_name: str | None = params.get("new_name")
        self._desired = _desired(params)
        self._quotas: list[dict[str, t.Any]] | None = None if self.final_action else params.get("quotas")
        self._purge: bool = params["purge_grants"]
        # Known once something was sent, so that reading back takes one call and no list.
        self._sent_id: str | None = None
        # The quotas of a new workspace, as far as they can be known: None before they were looked for, empty where that is not allowed.
        self._default_quotas: list[Observed] | None = None
        # Whether the workspace was on its way out when it was last looked for.
        self._leaving = False
        # What a removal that failed before had left, until it is seen to move.
        self._old_failure: t.Any = None
        # The service's filter is a part of the name; it can not find two names at once, or an id.
        self.listing = workspaces_of(session, None if self._id or self._new_name else self._name)

    def lookup(self, refresh: bool = False) -> Observed | None:
        entry = self._entry(refresh)
        self._leaving = entry is not None and self.is_terminating(entry)
        if entry is None or self.final_action or self._leaving:
            return entry
        try:
            observed = (
                entry
                if self._session.skip_details and "grants" not in self._desired
                else read_details(self._session, entry)
            )
            if self._quotas is not None:
                observed = with_quotas(self._session, observed)
        except ServiceError as error:
            if modelarts.is_unknown_workspace(error) and self._entry(refresh=True) is None:
                # It went between the two calls, and a list says so.
                return None
            raise
        return observed

    @property
    def unique_keys(self) -> dict[tuple[t.Any, ...], str]:
        return {("name", self.label): f"the name '{self.label}'"}

    def age(self) -> float:
        return self.listing.age()

    def specified_fields(self) -> list[str]:
        fields = [field for field in self._desired if field != "grants" or is_internal(self._desired.get("auth_type"))]
        # A quota that a new workspace has anyway is not set.
        return fields + [
            difference.field for difference in quotas_of.differences(self._quotas or [], self._default_quotas or [])
        ]

    def differences(self, observed: Observed) -> list[Difference]:
        if self.final_action:
            return []
        result = self.to_result(observed)
        differences = [
            Difference(field, result[field], desired, field != "enterprise_project_id")
            for field, desired in dict(self._desired, **self._renaming()).items()
            if field != "grants" and result[field] != desired
        ]
        differences += self._grant_differences(result)
        if self._quotas is not None:
            differences += quotas_of.differences(self._quotas, result[quotas_of.KEY])
        return differences

    def check_create(self, replaced: Observed | None) -> None:
        purpose = f"create workspace '{self.label}'"
        if self._leaving:
            self._check_patience()
        if self._id:
            raise OptionError(
                f"No workspace has the id '{self._id}', and the service gives out ids itself.",
                hint="Name the workspace to have it created.",
            )
        validate_request_body(shapes.WORKSPACE_TO_CREATE, self._creation(), {}, purpose=purpose)
        self._require_internal(None)
        self._check_default_quotas()

    def create(self, replaced: Observed | None) -> str | None:
        answer = modelarts.create_workspace(self._session.client, self._creation())
        self._sent_id = to_text(answer.data["id"])
        return answer.request_id

    def check_update(self, observed: Observed, differences: list[Difference]) -> None:
        self.check_not_failed(observed)
        if _of_workspace(differences):
            # What the user wrote has been checked; what is there is none of our business.
            validate_request_body(
                shapes.WORKSPACE_TO_UPDATE, self._update(observed), {}, purpose=f"update workspace '{self.label}'"
            )
        if self._quotas is not None:
            quotas_of.check_limits(self._quotas, observed[quotas_of.KEY])

    def update(self, observed: Observed, differences: list[Difference], applied: list[Action]) -> None:
        workspace_id = self._sent_id = t.cast(str, to_text(observed["id"]))
        own = _of_workspace(differences)
        if own:
            observed = self._with_grants(observed)
            answer = modelarts.update_workspace(self._session.client, workspace_id, self.label, self._update(observed))
            applied.append(Action("update", [difference.field for difference in own], answer.request_id))
        quotas = [difference for difference in differences if difference not in own]
        if quotas:
            quotas_of.check_limits(self._quotas or [], observed[quotas_of.KEY])
            answer = modelarts.update_quotas(
                self._session.client, workspace_id, self.label, quotas_of.to_request(quotas)
            )
            applied.append(Action("update", [difference.field for difference in quotas], answer.request_id))

    def check_deletion(self, observed: Observed) -> None:
        """Any workspace may be removed; the service refuses one that holds something."""

    def delete(self, observed: Observed) -> str | None:
        self._leave_list()
        self._old_failure = _failure(observed)
        return modelarts.delete_workspace(
            self._session.client, t.cast(str, to_text(observed["id"])), self.label
        ).request_id

    def is_terminating(self, observed: Observed) -> bool:
        return equals_ignore_case(observed.get("status"), "DELETING")

    def is_terminated(self, observed: Observed) -> bool:
        return False

    def verify_end(self, observed: Observed | None, sent: bool) -> None:
        """Do nothing: a workspace can end in one way only."""

    def check_not_failed(self, observed: Observed) -> None:
        if equals_ignore_case(observed.get("status"), "CREATE_FAILED") or equals_ignore_case(
            observed.get("status"), "DELETE_FAILED"
        ):
            raise WaitError(
                f"Workspace '{self.label}' is in status '{observed['status']}': {observed.get('status_info') or 'the service gives no reason'}.",
                hint="Mend the cause, then remove the workspace (state absent) or run again.",
            )

    def describe_state(self, observed: Observed | None) -> str:
        if observed is None:
            return "it is not listed"
        reason = f" ({observed['status_info']})" if observed.get("status_info") else ""
        return f"its last status was '{observed.get('status')}'{reason}"

    def short_state(self, observed: Observed | None) -> str:
        return str(observed.get("status")) if observed else "not listed"

    def is_ready(self, observed: Observed | None) -> bool:
        return self._is_gone(observed) if self.final_action else self._is_settled(observed)

    def wait_until_ready(self, observed: Observed | None) -> Observed:
        if not self._session.wait_policy.wait:
            return observed or self._read_back() or {}
        first = [observed] if observed else []
        return t.cast(
            Observed, self._until(lambda: first.pop() if first else self._read_back(), self._is_settled, "to be NORMAL")
        )

    def wait_until_deleted(self, required: bool = False) -> Observed | None:
        if required:
            self._check_patience()
        if self._session.wait_policy.wait:
            self._until(lambda: self._entry(refresh=True), self._is_gone, "to be gone")
        return None

    def to_result(self, observed: Observed) -> ResourceResult:
        return workspace_to_result(observed)

    def diff_fields(self, result: ResourceResult) -> ResourceResult:
        return select_fields(result, ("owner", "status", "status_info", "created_at", "updated_at"))

    def preview(self, observed: Observed | None, differences: list[Difference]) -> ResourceResult:
        raw = dict(observed or {}, **self._desired, **self._renaming())
        result = dict(workspace_to_result(dict({"name": self.label}, **raw)))
        if is_internal(result["auth_type"]):
            result["grants"] = self._predicted_grants(observed)
        if self._quotas is not None:
            actual = observed[quotas_of.KEY] if observed else quotas_of.unused(self._default_quotas or [])
            result[quotas_of.KEY] = quotas_of.preview(self._quotas, actual)
        return result

    def _entry(self, refresh: bool = False) -> Observed | None:
        listing = self.listing.read(0 if refresh else self._session.max_age)
        if self._id:
            return next(iter(listing.find_by_key(("id", self._id))), None)
        names = [name for name in (self._name, self._new_name) if name]
        found = [entry for name in dict.fromkeys(names) for entry in listing.find_by_key(("name", name))]
        if len(found) > 1:
            ids = ", ".join(sorted(f"{entry['id']} ('{entry['name']}')" for entry in found))
            called = " or ".join(f"'{name}'" for name in names)
            raise AmbiguousError(f"Several workspaces are called {called}: {ids}.", hint="Set id to one of them.")
        return found[0] if found else None

    def _read_back(self) -> Observed | None:
        """What there is after something was sent. The echo of a create is not to be trusted: the vendor's sample shows another auth_type than was sent."""
        if self._sent_id is None:
            return self.lookup(refresh=True)
        try:
            observed = read_workspace(self._session, self._sent_id, self.label)
            self.listing.update(observed)
            return with_quotas(self._session, observed) if self._quotas is not None else observed
        except ServiceError as error:
            if modelarts.is_unknown_workspace(error):
                return None
            raise

    def _renaming(self) -> dict[str, str]:
        return {"name": self._new_name} if self._new_name else {}

    def _grant_differences(self, result: ResourceResult) -> list[Difference]:
        self._require_internal(result)
        if "grants" not in self._desired or not is_internal(self._desired.get("auth_type", result["auth_type"])):
            return []
        actual = result["grants"] or []
        desired = grants_of.merge(self._desired["grants"], actual, self._purge)
        if grants_of.is_equal(desired, actual):
            return []
        return [Difference("grants", grants_of.to_diff(actual), grants_of.to_diff(desired), True)]

    def _require_internal(self, result: ResourceResult | None) -> None:
        """Raise OptionError if the task sets grants and no auth_type, and the service would ignore them.

        Only an internal workspace has grants, and a new one is public unless auth_type is set: without this error, the task would
        open the workspace to everybody and report success.
        """
        auth_type = result["auth_type"] or "none" if result else shapes.AUTH_TYPES[0]
        if "grants" not in self._desired or "auth_type" in self._desired or is_internal(auth_type):
            return
        if result is None:
            raise OptionError(
                f"Failed to create workspace '{self.label}': grants require auth_type internal, and auth_type is not set. "
                "The workspace would be public: every user of the account could use it.",
                hint=_GRANTS_HINT,
            )
        raise OptionError(
            f"Failed to compare workspace '{self.label}': grants require auth_type internal, and the workspace has auth_type '{auth_type}'.",
            hint=_GRANTS_HINT,
        )

    def _predicted_grants(self, observed: Observed | None) -> list[dict[str, t.Any]] | None:
        present = self._present_grants(observed)
        if "grants" in self._desired:
            return grants_of.to_result(grants_of.merge(self._desired["grants"], present, self._purge))
        # Whoever reads only what the wish is about does not know them, before or after.
        return None if self._session.skip_details else grants_of.to_result(present)

    def _present_grants(self, observed: Observed | None) -> list[dict[str, t.Any]]:
        return grants_to_result(observed) or [] if observed else []

    def _creation(self) -> Observed:
        body = {field: self._desired[field] for field in _SENT if field in self._desired}
        body["name"] = self.label
        if "grants" in self._desired and is_internal(body.get("auth_type")):
            body["grants"] = self._desired["grants"]
        return body

    def _with_grants(self, observed: Observed) -> Observed:
        # An update sends all grants, so they must be known even where nobody asked for them.
        return observed if observed.get("grants") is not None else read_details(self._session, observed)

    def _update(self, observed: Observed) -> Observed:
        """The full state: the present values, overlaid with what was written. An omitted field may be kept or reset, nobody says."""
        present = {
            "name": observed["name"],
            "description": observed.get("description") or "",
            "auth_type": observed.get("auth_type"),
        }
        body = {
            field: self._desired.get(field, value)
            for field, value in present.items()
            if self._desired.get(field, value) is not None
        }
        body.update(self._renaming())
        if is_internal(body.get("auth_type")):
            actual = self._present_grants(observed)
            body["grants"] = (
                grants_of.merge(self._desired["grants"], actual, self._purge)
                if "grants" in self._desired
                else grants_of.to_request(actual)
            )
        elif observed.get("grants") and not is_known(body.get("auth_type")):
            # They may mean something.
            body["grants"] = grants_of.to_request(observed["grants"])
        return body

    def _leave_list(self) -> None:
        # Whoever acts on many at once reads the list anew by itself, once for all.
        if not self._session.skip_details:
            self.listing.invalidate()

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
                    f"Workspace '{self.label}': the limits of its quotas are checked only after the creation, because the quotas of the "
                    "default workspace cannot be read."
                )
        if self._default_quotas:
            quotas_of.check_limits(self._quotas, self._default_quotas)

    def _check_patience(self) -> None:
        if not self._session.wait_policy.wait:
            raise WaitError(
                f"Workspace '{self.label}' is being removed, and wait is false.",
                hint="Run again when it is gone, or set wait to true.",
            )

    def _is_settled(self, found: Observed | None) -> bool:
        if found is None:
            return False
        self.check_not_failed(found)
        return equals_ignore_case(found.get("status") or "NORMAL", "NORMAL")

    def _is_gone(self, found: Observed | None) -> bool:
        if found is None:
            return True
        failure = _failure(found)
        if failure is None:
            self._old_failure = None
        elif failure != self._old_failure:
            self.check_not_failed(found)
        return False

    def _until(self, look: t.Callable[[], t.Any], applied: t.Callable[[t.Any], bool], wanted: str) -> t.Any:
        return wait_until(
            look,
            applied,
            what=f"workspace '{self.label}' {wanted}",
            describe=self.describe_state,
            wait_policy=self._session.wait_policy,
            clock=self._session.clock,
            state=self.short_state,
            told=lambda text: self._session.progress(f"workspace {self.label}: {text}"),
        )


def _desired(params: Params) -> dict[str, t.Any]:
    """Return what the task sets, in canonical form."""
    desired = _fields(params)
    if params.get("grants") is not None:
        desired["grants"] = grants_of.normalize(params["grants"])
    return desired


def _fields(params: Params) -> dict[str, t.Any]:
    """Return the single values that the task sets, in canonical form."""
    desired = {
        field: params[field]
        for field in ("description", "auth_type", "enterprise_project_id")
        if params.get(field) is not None
    }
    if "auth_type" in desired:
        desired["auth_type"] = desired["auth_type"].lower()
    return desired


def _failure(observed: Observed) -> t.Any:
    """What tells one failed removal from the next; ``None`` where none failed."""
    return (
        (observed.get("update_time"), observed.get("status_info"))
        if equals_ignore_case(observed.get("status"), "DELETE_FAILED")
        else None
    )


def _of_workspace(differences: list[Difference]) -> list[Difference]:
    return [difference for difference in differences if difference.field.split(".")[0] != quotas_of.KEY]
