# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workspaces: isolated areas of ModelArts with grants and quotas. Everything of them can be changed but the enterprise project."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    ForbiddenError,
    OptionError,
    ServiceError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._options._arguments import check_one_of
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import (
    Difference,
    Receipt,
    Shown,
    Thing,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources import _grants as grants_of
from ansible_collections.community.huaweicloud.plugins.module_utils._resources import _quotas as quotas_of
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._workspace_reads import (
    DEFAULT_ID,
    DEFAULT_NAME,
    is_internal,
    is_known,
    read_details,
    read_workspace,
    show_workspace,
    shown_grants,
    usual_quotas_of,
    with_quotas,
    workspaces_of,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas._check import check_sent
from ansible_collections.community.huaweicloud.plugins.module_utils._services import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import same_word, text_of
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import wait_until

_SENT = ("name", "description", "auth_type", "enterprise_project_id")
_GRANTS_HINT = "Set auth_type to internal to restrict the workspace to the users in grants, or remove grants."


def check_workspace(params: Params) -> None:
    """Raise OptionError with everything that is invalid whatever exists. Send nothing."""
    check_all(
        lambda: check_one_of(params, "id", "name"),
        lambda: _check_names(params),
        lambda: check_sent(shapes.WORKSPACE_TO_CREATE, dict({"name": "name"}, **_fields(params)), {}),
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
            check_sent(shapes.WORKSPACE_TO_CREATE, {"name": value}, {"name": option})
    if params.get("new_name") and params["state"] == "absent":
        raise OptionError("Invalid options: new_name has no meaning with state absent.")


def _check_grants(params: Params) -> None:
    """Raise OptionError for invalid grants, and for grants that the service would ignore."""
    grants = grants_of.written(params.get("grants") or [])
    check_sent(shapes.WORKSPACE_TO_CREATE, {"name": "name", "grants": grants}, {})
    auth_type = params.get("auth_type")
    if grants and params["state"] == "present" and is_known(auth_type) and not is_internal(auth_type):
        raise OptionError(
            f"Invalid options: grants require auth_type internal, and auth_type is '{auth_type}'.",
            hint=_GRANTS_HINT,
        )


class Workspace:
    """The wish that one workspace be there, as written, or not be there."""

    noun = "workspace"
    on_drift = "fail"
    set_later = frozenset([quotas_of.KEY])
    drift_hint = "Correct the task, or move what the workspace holds, remove it and create it anew."

    def __init__(self, session: Session, params: Params) -> None:
        self.label: str = params.get("new_name") or params.get("name") or params["id"]
        self.ending = "remove" if params["state"] == "absent" else None
        self.pause = session.pause
        self._session = session
        self._id: str | None = params.get("id")
        self._name: str | None = params.get("name")
        self._new_name: str | None = params.get("new_name")
        self._wish = _wish(params)
        self._quotas: list[dict[str, t.Any]] | None = None if self.ending else params.get("quotas")
        self._purge: bool = params["purge_grants"]
        # Known once something was sent, so that reading back takes one call and no list.
        self._sent_id: str | None = None
        # The quotas of a new workspace, as far as they can be known: None before they were looked for, empty where that is not allowed.
        self._usual_quotas: list[Thing] | None = None
        # Whether the workspace was on its way out when it was last looked for.
        self._leaving = False
        # What a removal that failed before had left, until it is seen to move.
        self._old_failure: t.Any = None
        # The service's filter is a part of the name; it can not find two names at once, or an id.
        self.listing = workspaces_of(session, None if self._id or self._new_name else self._name)

    def find(self, anew: bool = False) -> Thing | None:
        entry = self._entry(anew)
        self._leaving = entry is not None and self.is_ending(entry)
        if entry is None or self.ending or self._leaving:
            return entry
        try:
            thing = entry if self._session.lean and "grants" not in self._wish else read_details(self._session, entry)
            if self._quotas is not None:
                thing = with_quotas(self._session, thing)
        except ServiceError as error:
            if modelarts.means_absent(error) and self._entry(anew=True) is None:
                # It went between the two calls, and a list says so.
                return None
            raise
        return thing

    @property
    def claims(self) -> dict[tuple[t.Any, ...], str]:
        return {("name", self.label): f"the name '{self.label}'"}

    def age(self) -> float:
        return self.listing.age()

    def written(self) -> list[str]:
        fields = [field for field in self._wish if field != "grants" or is_internal(self._wish.get("auth_type"))]
        # A quota that a new workspace has anyway is not set.
        return fields + [
            difference.field for difference in quotas_of.differences(self._quotas or [], self._usual_quotas or [])
        ]

    def differences(self, thing: Thing) -> list[Difference]:
        if self.ending:
            return []
        shown = self.shown(thing)
        differences = [
            Difference(field, shown[field], want, field != "enterprise_project_id")
            for field, want in dict(self._wish, **self._renaming()).items()
            if field != "grants" and shown[field] != want
        ]
        differences += self._grant_differences(shown)
        if self._quotas is not None:
            differences += quotas_of.differences(self._quotas, shown[quotas_of.KEY])
        return differences

    def check_create(self, replaced: Thing | None) -> None:
        purpose = f"create workspace '{self.label}'"
        if self._leaving:
            self._check_patience()
        if self._id:
            raise OptionError(
                f"No workspace has the id '{self._id}', and the service gives out ids itself.",
                hint="Name the workspace to have it created.",
            )
        check_sent(shapes.WORKSPACE_TO_CREATE, self._creation(), {}, purpose=purpose)
        self._require_internal(None)
        self._check_usual_quotas()

    def create(self, replaced: Thing | None) -> str | None:
        answer = modelarts.create_workspace(self._session.client, self._creation())
        self._sent_id = text_of(answer.data["id"])
        return answer.request_id

    def check_update(self, thing: Thing, differences: list[Difference]) -> None:
        self.check_settled(thing)
        if _of_workspace(differences):
            # What the user wrote has been checked; what is there is none of our business.
            check_sent(shapes.WORKSPACE_TO_UPDATE, self._update(thing), {}, purpose=f"update workspace '{self.label}'")
        if self._quotas is not None:
            quotas_of.check_limits(self._quotas, thing[quotas_of.KEY])

    def update(self, thing: Thing, differences: list[Difference], done: list[Receipt]) -> None:
        workspace_id = self._sent_id = t.cast(str, text_of(thing["id"]))
        own = _of_workspace(differences)
        if own:
            thing = self._with_grants(thing)
            answer = modelarts.update_workspace(self._session.client, workspace_id, self.label, self._update(thing))
            done.append(Receipt("update", [difference.field for difference in own], answer.request_id))
        quotas = [difference for difference in differences if difference not in own]
        if quotas:
            quotas_of.check_limits(self._quotas or [], thing[quotas_of.KEY])
            answer = modelarts.update_quotas(self._session.client, workspace_id, self.label, quotas_of.body(quotas))
            done.append(Receipt("update", [difference.field for difference in quotas], answer.request_id))

    def check_end(self, thing: Thing) -> None:
        """Any workspace may be removed; the service refuses one that holds something."""

    def end(self, thing: Thing) -> str | None:
        self._leave_list()
        self._old_failure = _failure(thing)
        return modelarts.delete_workspace(
            self._session.client, t.cast(str, text_of(thing["id"])), self.label
        ).request_id

    def is_ending(self, thing: Thing) -> bool:
        return same_word(thing.get("status"), "DELETING")

    def is_ended(self, thing: Thing) -> bool:
        return False

    def verify_end(self, thing: Thing | None, sent: bool) -> None:
        """Do nothing: a workspace can end in one way only."""

    def check_settled(self, thing: Thing) -> None:
        if same_word(thing.get("status"), "CREATE_FAILED") or same_word(thing.get("status"), "DELETE_FAILED"):
            raise WaitError(
                f"Workspace '{self.label}' is in status '{thing['status']}': {thing.get('status_info') or 'the service gives no reason'}.",
                hint="Mend the cause, then remove the workspace (state absent) or run again.",
            )

    def state_of(self, thing: Thing | None) -> str:
        if thing is None:
            return "it is not listed"
        reason = f" ({thing['status_info']})" if thing.get("status_info") else ""
        return f"its last status was '{thing.get('status')}'{reason}"

    def stage_of(self, thing: Thing | None) -> str:
        return str(thing.get("status")) if thing else "not listed"

    def is_there_yet(self, thing: Thing | None) -> bool:
        return self._is_gone(thing) if self.ending else self._is_settled(thing)

    def settle(self, thing: Thing | None) -> Thing:
        if not self._session.patience.wait:
            return thing or self._read_back() or {}
        first = [thing] if thing else []
        return t.cast(
            Thing, self._until(lambda: first.pop() if first else self._read_back(), self._is_settled, "to be NORMAL")
        )

    def wait_gone(self, required: bool = False) -> Thing | None:
        if required:
            self._check_patience()
        if self._session.patience.wait:
            self._until(lambda: self._entry(anew=True), self._is_gone, "to be gone")
        return None

    def shown(self, thing: Thing) -> Shown:
        return show_workspace(thing)

    def diff_fields(self, shown: Shown) -> Shown:
        return select_fields(shown, ("owner", "status", "status_info", "created_at", "updated_at"))

    def predicted(self, thing: Thing | None, differences: list[Difference]) -> Shown:
        raw = dict(thing or {}, **self._wish, **self._renaming())
        shown = dict(show_workspace(dict({"name": self.label}, **raw)))
        if is_internal(shown["auth_type"]):
            shown["grants"] = self._predicted_grants(thing)
        if self._quotas is not None:
            have = thing[quotas_of.KEY] if thing else quotas_of.unused(self._usual_quotas or [])
            shown[quotas_of.KEY] = quotas_of.predicted(self._quotas, have)
        return shown

    def _entry(self, anew: bool = False) -> Thing | None:
        listing = self.listing.read(0 if anew else self._session.max_age)
        if self._id:
            return next(iter(listing.under(("id", self._id))), None)
        names = [name for name in (self._name, self._new_name) if name]
        found = [entry for name in dict.fromkeys(names) for entry in listing.under(("name", name))]
        if len(found) > 1:
            ids = ", ".join(sorted(f"{entry['id']} ('{entry['name']}')" for entry in found))
            called = " or ".join(f"'{name}'" for name in names)
            raise AmbiguousError(f"Several workspaces are called {called}: {ids}.", hint="Set id to one of them.")
        return found[0] if found else None

    def _read_back(self) -> Thing | None:
        """What there is after something was sent. The echo of a create is not to be trusted: the vendor's sample shows another auth_type than was sent."""
        if self._sent_id is None:
            return self.find(anew=True)
        try:
            thing = read_workspace(self._session, self._sent_id, self.label)
            self.listing.note(thing)
            return with_quotas(self._session, thing) if self._quotas is not None else thing
        except ServiceError as error:
            if modelarts.means_absent(error):
                return None
            raise

    def _renaming(self) -> dict[str, str]:
        return {"name": self._new_name} if self._new_name else {}

    def _grant_differences(self, shown: Shown) -> list[Difference]:
        self._require_internal(shown)
        if "grants" not in self._wish or not is_internal(self._wish.get("auth_type", shown["auth_type"])):
            return []
        have = shown["grants"] or []
        want = grants_of.merged(self._wish["grants"], have, self._purge)
        if grants_of.same(want, have):
            return []
        return [Difference("grants", grants_of.brief(have), grants_of.brief(want), True)]

    def _require_internal(self, shown: Shown | None) -> None:
        """Raise OptionError if the task sets grants and no auth_type, and the service would ignore them.

        Only an internal workspace has grants, and a new one is public unless auth_type is set: without this error, the task would
        open the workspace to everybody and report success.
        """
        auth_type = shown["auth_type"] or "none" if shown else shapes.AUTH_TYPES[0]
        if "grants" not in self._wish or "auth_type" in self._wish or is_internal(auth_type):
            return
        if shown is None:
            raise OptionError(
                f"Failed to create workspace '{self.label}': grants require auth_type internal, and auth_type is not set. "
                "The workspace would be public: every user of the account could use it.",
                hint=_GRANTS_HINT,
            )
        raise OptionError(
            f"Failed to compare workspace '{self.label}': grants require auth_type internal, and the workspace has auth_type '{auth_type}'.",
            hint=_GRANTS_HINT,
        )

    def _predicted_grants(self, thing: Thing | None) -> list[dict[str, t.Any]] | None:
        present = self._present_grants(thing)
        if "grants" in self._wish:
            return grants_of.shown(grants_of.merged(self._wish["grants"], present, self._purge))
        # Whoever reads only what the wish is about does not know them, before or after.
        return None if self._session.lean else grants_of.shown(present)

    def _present_grants(self, thing: Thing | None) -> list[dict[str, t.Any]]:
        return shown_grants(thing) or [] if thing else []

    def _creation(self) -> Thing:
        body = {field: self._wish[field] for field in _SENT if field in self._wish}
        body["name"] = self.label
        if "grants" in self._wish and is_internal(body.get("auth_type")):
            body["grants"] = self._wish["grants"]
        return body

    def _with_grants(self, thing: Thing) -> Thing:
        # An update sends all grants, so they must be known even where nobody asked for them.
        return thing if thing.get("grants") is not None else read_details(self._session, thing)

    def _update(self, thing: Thing) -> Thing:
        """The full state: the present values, overlaid with what was written. An omitted field may be kept or reset, nobody says."""
        present = {
            "name": thing["name"],
            "description": thing.get("description") or "",
            "auth_type": thing.get("auth_type"),
        }
        body = {
            field: self._wish.get(field, value)
            for field, value in present.items()
            if self._wish.get(field, value) is not None
        }
        body.update(self._renaming())
        if is_internal(body.get("auth_type")):
            have = self._present_grants(thing)
            body["grants"] = (
                grants_of.merged(self._wish["grants"], have, self._purge)
                if "grants" in self._wish
                else grants_of.sent(have)
            )
        elif thing.get("grants") and not is_known(body.get("auth_type")):
            # They may mean something.
            body["grants"] = grants_of.sent(thing["grants"])
        return body

    def _leave_list(self) -> None:
        # Whoever acts on many at once reads the list anew by itself, once for all.
        if not self._session.lean:
            self.listing.forget()

    def _check_usual_quotas(self) -> None:
        """Check the quotas of a new workspace against the limits of the default workspace, which are the same in all workspaces.

        If the identity may not read them, an invalid quota shows only after the creation.
        """
        if not self._quotas:
            return
        if self._usual_quotas is None:
            try:
                self._usual_quotas = usual_quotas_of(self._session).read(self._session.max_age).all()
            except ServiceError as error:
                if not isinstance(error, ForbiddenError) and not modelarts.means_absent(error):
                    raise
                self._usual_quotas = []
                self._session.warn(
                    f"Workspace '{self.label}': the limits of its quotas are checked only after the creation, because the quotas of the "
                    "default workspace cannot be read."
                )
        if self._usual_quotas:
            quotas_of.check_limits(self._quotas, self._usual_quotas)

    def _check_patience(self) -> None:
        if not self._session.patience.wait:
            raise WaitError(
                f"Workspace '{self.label}' is being removed, and wait is false.",
                hint="Run again when it is gone, or set wait to true.",
            )

    def _is_settled(self, found: Thing | None) -> bool:
        if found is None:
            return False
        self.check_settled(found)
        return same_word(found.get("status") or "NORMAL", "NORMAL")

    def _is_gone(self, found: Thing | None) -> bool:
        if found is None:
            return True
        failure = _failure(found)
        if failure is None:
            self._old_failure = None
        elif failure != self._old_failure:
            self.check_settled(found)
        return False

    def _until(self, look: t.Callable[[], t.Any], done: t.Callable[[t.Any], bool], wanted: str) -> t.Any:
        return wait_until(
            look,
            done,
            what=f"workspace '{self.label}' {wanted}",
            describe=self.state_of,
            patience=self._session.patience,
            clock=self._session.clock,
            state=self.stage_of,
            told=lambda text: self._session.progress(f"workspace {self.label}: {text}"),
        )


def _wish(params: Params) -> dict[str, t.Any]:
    """Return what the task sets, in canonical form."""
    wish = _fields(params)
    if params.get("grants") is not None:
        wish["grants"] = grants_of.written(params["grants"])
    return wish


def _fields(params: Params) -> dict[str, t.Any]:
    """Return the single values that the task sets, in canonical form."""
    wish = {
        field: params[field]
        for field in ("description", "auth_type", "enterprise_project_id")
        if params.get(field) is not None
    }
    if "auth_type" in wish:
        wish["auth_type"] = wish["auth_type"].lower()
    return wish


def _failure(thing: Thing) -> t.Any:
    """What tells one failed removal from the next; ``None`` where none failed."""
    return (
        (thing.get("update_time"), thing.get("status_info"))
        if same_word(thing.get("status"), "DELETE_FAILED")
        else None
    )


def _of_workspace(differences: list[Difference]) -> list[Difference]:
    return [difference for difference in differences if difference.field.split(".")[0] != quotas_of.KEY]
