# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every choice the vendors' pages leave open, and every behavior a test wants to turn."""

from __future__ import annotations

import dataclasses
import typing as t

Value = t.Union[str, int, float]


@dataclasses.dataclass(frozen=True)
class Behavior:
    """``kind`` is choice, text, integer or number; ``alternatives`` are all values of a choice, else examples worth testing."""

    name: str
    default: Value
    kind: str
    description: str
    alternatives: tuple[Value, ...] = ()

    def parse(self, value: t.Any) -> Value:
        """The typed value; ValueError when it can not be one of this behavior."""
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "text":
            return self._text(value)
        return self._number(value)

    def _choice(self, value: t.Any) -> Value:
        if str(value).lower() in ("true", "false") and "yes" in self.alternatives:
            # YAML knows no difference between yes and true.
            value = "yes" if str(value).lower() == "true" else "no"
        if str(value) not in self.alternatives:
            raise ValueError(f"behavior {self.name}: {value!r} is none of {', '.join(map(str, self.alternatives))}")
        return str(value)

    def _text(self, value: t.Any) -> Value:
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise ValueError(f"behavior {self.name}: {value!r} is not a text")
        return str(value)

    def _number(self, value: t.Any) -> Value:
        try:
            number = int(value) if self.kind == "integer" else float(value)
        except (TypeError, ValueError):
            raise ValueError(f"behavior {self.name}: {value!r} is not a number") from None
        if number < 0 or isinstance(value, bool):
            raise ValueError(f"behavior {self.name}: {value!r} is not a number of 0 or more")
        return number


def _choice(name: str, alternatives: str, description: str) -> Behavior:
    """A choice whose first alternative is the default."""
    values = tuple(alternatives.split("|"))
    return Behavior(name, values[0], "choice", description, values)


def _text(name: str, default: str, examples: str, description: str) -> Behavior:
    return Behavior(name, default, "text", description, tuple(examples.split("|")))


def _integer(name: str, default: int, examples: tuple[int, ...], description: str) -> Behavior:
    return Behavior(name, default, "integer", description, examples)


def _number(name: str, default: float, examples: tuple[float, ...], description: str) -> Behavior:
    return Behavior(name, default, "number", description, examples)


ALL: tuple[Behavior, ...] = (
    # What the vendors' pages leave open: ASM.
    _choice(
        "workshop_list_shape",
        "bare|items|unwrapped|items_unwrapped",
        "Array or object with items, elements in {workshop: ...} or not",
    ),
    _choice("workshop_delete_key", "name|uid|both", "What the last part of the path of DeleteWorkshop is"),
    _choice(
        "missing_object",
        "404|400|500|404_old",
        "Answer for a missing workshop or release (500: workshops only; 404_old: the older code)",
    ),
    _choice(
        "duplicate_asm_name",
        "409|400|409_old|400_old",
        "Answer for a name of a workshop, release or mesh that is taken",
    ),
    _choice("asm_error_body", "code_and_message|code_only|array|snake_case", "Shape of ASM's error bodies"),
    _text("action_cancel", "cancel", "terminate|rollback", "The action that cancels a release"),
    _text("action_end", "end", "finish|complete", "The action that ends a release"),
    _choice(
        "release_traffic",
        "original|gray|split",
        "Who carries the traffic of a release until the control plane moves it",
    ),
    _choice(
        "traffic_precondition", "yes|no", "Whether ending and canceling are refused while the traffic stands elsewhere"
    ),
    _choice(
        "terminated_releases",
        "vanish|stay",
        "Whether an ended or canceled release leaves the list or stays with a terminal phase",
    ),
    _choice("template_readback", "defaulted|verbatim", "Whether templates come back with the defaults Kubernetes adds"),
    _choice("release_key", "both|uid|name", "What the last part of a release's path is"),
    _choice("unknown_mesh", "404|400", "Answer of the v2 operations for a mesh that does not exist"),
    _choice("asm_time_format", "rfc3339|rfc3339_fraction|epoch_ms", "Form of ASM's times"),
    # What the vendors' pages leave open: ModelArts.
    _choice("workspace_offset", "record|page", "Unit of the list parameter offset"),
    _choice("workspace_name_filter", "insensitive|sensitive", "Whether the fuzzy name filter minds the case"),
    _choice(
        "workspace_name_part",
        "substring|prefix|exact",
        "What the name filter finds a workspace by: any part of its name, its beginning, or all of it",
    ),
    _choice("auth_type_readback", "lower|upper|as_sent", "Case of auth_type in answers"),
    _choice("default_workspace_id", "string|number", "Type of the id of the default workspace in answers"),
    _choice(
        "workspace_delete",
        "deleting|immediate|failed",
        "DELETING for a while, gone at once, or DELETING and then DELETE_FAILED",
    ),
    _choice(
        "workspace_delete_again",
        "works|fails",
        "Whether a workspace in DELETE_FAILED can be removed by a second delete",
    ),
    _choice("duplicate_workspace_name", "400|409", "Status for a workspace name that is taken"),
    _choice(
        "workspace_put_omitted",
        "keep|reset",
        "What happens to description and auth_type left out of an update (grants left out are cleared)",
    ),
    _choice(
        "missing_workspace", "7005|0102|0104_old|404", "Answer for a missing workspace: its code, the old text, or 404"
    ),
    _choice("workspace_create_answer", "full|without_grants", "Whether the answer to a creation holds the grants"),
    _choice("workspace_update_answer", "id|object", "Whether an update answers with the id or the whole workspace"),
    _choice("modelarts_error_body", "json|with_request_id|plain|empty", "Shape of ModelArts' error bodies"),
    _choice("internal_without_grants", "accept|refuse", "Whether a workspace can be created INTERNAL without grants"),
    _choice("unknown_grant_user", "accept|refuse", "Whether a grant may name a user that is not among the IAM users"),
    _choice("quota_zero", "refuse|accept", "Whether a quota of 0 is possible"),
    _integer("workspace_limit", 0, (3,), "Most workspaces in a project, the default one not counted (0: no limit)"),
    _integer("page_cap", 0, (2, 7), "Most workspaces in one page, whatever limit says (0: as the limit)"),
    # The course of things.
    _choice("advance_by", "reads|seconds", "Whether things in the background advance per read of them or per second"),
    _number("running_after", 2, (0, 5), "Reads or seconds each phase before the last one lasts"),
    _number("gone_after", 2, (0, 5), "Reads or seconds until a removed thing is gone"),
    _number("workshop_listed_after", 0, (1,), "Reads or seconds until a new workshop is listed"),
    _text(
        "release_phases",
        "Creating,Running",
        "Preparing,Serving|Pending,Deploying,Active",
        "Phases of a new release, in order, the last one being up",
    ),
    _text("release_failed_phase", "Failed", "ReleaseError", "Phase of a release that failed"),
    _text("release_ending_phase", "Ending", "Switching", "Phase of a release that is being ended"),
    _text("release_canceling_phase", "Canceling", "RollingBack", "Phase of a release that is being canceled"),
    _text("release_ended_phase", "Finished", "Closed", "Phase of an ended release that stays"),
    _text("release_canceled_phase", "Canceled", "Closed", "Phase of a canceled release that stays"),
    _choice("release_creation", "works|fails", "Whether a new release gets up or fails"),
    _choice("workspace_creation", "works|fails", "Whether a new workspace becomes NORMAL or CREATE_FAILED"),
    _choice("mesh_creation", "works|fails", "Whether a new mesh becomes Running or CreateFailed"),
    _choice("sidecar_injection", "no|yes", "Whether an Istio sidecar shows in read-back templates"),
    # Gateway and IAM.
    _number("rate_limit", 0, (5,), "Requests a second and caller before 429 (0: no limit)"),
    _text("retry_after", "", "1", "Value of Retry-After on a 429 (empty: no such header)"),
    _number("latency", 0, (0.05,), "Seconds every answer takes longer"),
    _number("token_life", 86400, (60,), "Seconds a new token lives"),
    _number("clock_skew", 900, (60,), "Seconds the date of a signature may be off"),
    _integer("key_lock_failures", 5, (2,), "Wrong signatures in a row that are forgiven; one more locks the key"),
    _number("key_lock_seconds", 300, (10,), "Seconds a key stays locked"),
    _choice("project_header", "optional|required", "Whether a signed ASM or ModelArts call must carry X-Project-Id"),
    _choice(
        "content_type", "required|optional", "Whether ASM's writes, DeleteRelease too, must carry a JSON Content-Type"
    ),
    _choice("forbidden_by", "service|gateway", "Who answers when rights are missing"),
    _choice("gateway_prefix", "APIGW|APIG|APIC", "Prefix of the gateway's codes"),
)

BY_NAME: dict[str, Behavior] = {behavior.name: behavior for behavior in ALL}


class Behaviors:
    """The values in force."""

    def __init__(self, initial: t.Mapping[str, t.Any] | None = None) -> None:
        self._initial = self._parsed(initial or {})
        self._values: dict[str, Value] = {}
        self.reset()

    @staticmethod
    def _parsed(values: t.Mapping[str, t.Any]) -> dict[str, Value]:
        unknown = sorted(set(values) - set(BY_NAME))
        if unknown:
            raise ValueError(f"unknown behavior: {', '.join(unknown)}")
        return {name: BY_NAME[name].parse(value) for name, value in values.items()}

    def reset(self) -> None:
        self._values = dict({behavior.name: behavior.default for behavior in ALL}, **self._initial)

    def change(self, values: t.Mapping[str, t.Any]) -> None:
        """All of them or none; ValueError when a name or a value is wrong. ``None`` restores the value from the start."""
        back = {
            name: self._initial.get(name, BY_NAME[name].default)
            for name in values
            if values[name] is None and name in BY_NAME
        }
        parsed = self._parsed({name: value for name, value in values.items() if name not in back})
        self._values.update(back, **parsed)

    def __getitem__(self, name: str) -> t.Any:
        return self._values[name]

    def values(self) -> dict[str, Value]:
        return dict(self._values)

    def describe(self) -> list[dict[str, t.Any]]:
        """What ``GET /_emulator/behaviors`` answers."""
        return [
            dict(
                dataclasses.asdict(behavior),
                alternatives=list(behavior.alternatives),
                value=self._values[behavior.name],
            )
            for behavior in ALL
        ]


def table() -> str:
    """The behaviors as the README lists them."""
    lines = ["| behavior | default | values | meaning |", "| --- | --- | --- | --- |"]
    for behavior in ALL:
        default = f"`{behavior.default}`" if behavior.default != "" else "empty"
        values = ", ".join(f"`{value}`" for value in behavior.alternatives)
        lines.append(f"| `{behavior.name}` | {default} | {values} | {behavior.description} |")
    return "\n".join(lines)
