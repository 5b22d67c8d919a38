# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings for everything that the API references leave open, and for conditions that tests need."""

from __future__ import annotations

import dataclasses
import typing as t

Value = t.Union[str, int, float]


@dataclasses.dataclass(frozen=True)
class Behavior:
    """One setting.

    ``kind`` is choice, text, integer or number. ``alternatives`` are all values of a choice, or examples for other kinds.
    """

    name: str
    default: Value
    kind: str
    description: str
    alternatives: tuple[Value, ...] = ()

    def parse(self, value: t.Any) -> Value:
        """Return the typed value. Raises ValueError if it is not valid for this behavior."""
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "text":
            return self._text(value)
        return self._number(value)

    def _choice(self, value: t.Any) -> Value:
        if str(value).lower() in ("true", "false") and "yes" in self.alternatives:
            # YAML 1.1 reads an unquoted yes as true.
            value = "yes" if str(value).lower() == "true" else "no"
        if str(value) not in self.alternatives:
            raise ValueError(f"behavior {self.name}: {value!r} must be one of {', '.join(map(str, self.alternatives))}")
        return str(value)

    def _text(self, value: t.Any) -> Value:
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise ValueError(f"behavior {self.name}: {value!r} must be a string")
        return str(value)

    def _number(self, value: t.Any) -> Value:
        try:
            number = int(value) if self.kind == "integer" else float(value)
        except (TypeError, ValueError):
            raise ValueError(f"behavior {self.name}: {value!r} must be a number") from None
        if number < 0 or isinstance(value, bool):
            raise ValueError(f"behavior {self.name}: {value!r} must be a number that is not negative")
        return number


def _choice(name: str, alternatives: str, description: str) -> Behavior:
    """Return a choice whose first alternative is the default."""
    values = tuple(alternatives.split("|"))
    return Behavior(name, values[0], "choice", description, values)


def _text(name: str, default: str, examples: str, description: str) -> Behavior:
    return Behavior(name, default, "text", description, tuple(examples.split("|")))


def _integer(name: str, default: int, examples: tuple[int, ...], description: str) -> Behavior:
    return Behavior(name, default, "integer", description, examples)


def _number(name: str, default: float, examples: tuple[float, ...], description: str) -> Behavior:
    return Behavior(name, default, "number", description, examples)


CLOUD: tuple[Behavior, ...] = (
    # ASM: what the API reference leaves open.
    _choice(
        "workshop_list_shape",
        "bare|items|unwrapped|items_unwrapped",
        "Whether the list of workshops is an array or an object with items, and whether its elements are {workshop: ...}",
    ),
    _choice("workshop_delete_key", "name|uid|both", "What identifies the workshop in the path of DeleteWorkshop"),
    _choice(
        "missing_object",
        "404|400|500|404_old",
        "Response for a missing workshop or release (500: workshops only; 404_old: the older error code)",
    ),
    _choice(
        "duplicate_asm_name",
        "409|400|409_old|400_old",
        "Response for a workshop, release or mesh name that is in use",
    ),
    _choice("asm_error_body", "code_and_message|code_only|array|snake_case", "Shape of the error bodies of ASM"),
    _text("action_cancel", "cancel", "terminate|rollback", "Action that cancels a release"),
    _text("action_end", "end", "finish|complete", "Action that ends a release"),
    _choice(
        "release_traffic",
        "original|gray|split",
        "Version that receives the traffic of a release until the control plane changes it",
    ),
    _choice(
        "traffic_precondition",
        "yes|no",
        "Whether a release can only be ended or canceled if the remaining version receives all traffic",
    ),
    _choice(
        "terminated_releases",
        "vanish|stay",
        "Whether an ended or canceled release is removed from the list or kept in a terminal phase",
    ),
    _choice(
        "template_readback",
        "defaulted|verbatim",
        "Whether responses contain the templates with the Kubernetes defaults",
    ),
    _choice(
        "mesh_config_readback",
        "returned|omitted",
        "Whether responses contain the proxy configuration and the telemetry configuration of a mesh",
    ),
    _choice(
        "mesh_version_readback",
        "as_sent|completed",
        "Whether responses contain the version of a mesh as sent, or completed to a patch version",
    ),
    _choice("mesh_with_contents", "delete|refuse", "Whether a mesh with workshops or releases is deleted with them"),
    _choice("release_key", "both|uid|name", "What identifies the release in a path"),
    _choice("unknown_mesh", "404|400", "Response of the v2 operations for a mesh that does not exist"),
    _choice("asm_time_format", "rfc3339|rfc3339_fraction|epoch_ms", "Format of times in responses of ASM"),
    # ModelArts: what the API reference leaves open.
    _choice("workspace_offset", "record|page", "Unit of the list parameter offset"),
    _choice("workspace_name_filter", "insensitive|sensitive", "Whether the name filter of the list ignores the case"),
    _choice(
        "workspace_name_part",
        "substring|prefix|exact",
        "Part of the name that the name filter of the list must match",
    ),
    _choice("auth_type_readback", "lower|upper|as_sent", "Case of auth_type in responses"),
    _choice("default_workspace_id", "string|number", "Type of the ID of the default workspace in responses"),
    _choice(
        "workspace_delete",
        "deleting|immediate|failed",
        "Whether a deleted workspace stays in DELETING for a while, disappears at once, or ends in DELETE_FAILED",
    ),
    _choice(
        "workspace_delete_again",
        "works|fails",
        "Whether a second delete request removes a workspace in DELETE_FAILED",
    ),
    _choice("duplicate_workspace_name", "400|409", "Status for a workspace name that is in use"),
    _choice(
        "workspace_put_omitted",
        "keep|reset",
        "What an update does with description and auth_type if they are omitted (omitted grants are always cleared)",
    ),
    _choice(
        "missing_workspace",
        "7005|0102|0104_old|404",
        "Response for a missing workspace: its error code (0104_old: the older text), or the status 404",
    ),
    _choice("workspace_create_answer", "full|without_grants", "Whether the response to a creation contains the grants"),
    _choice("workspace_update_answer", "id|object", "Whether the response to an update is the ID or the workspace"),
    _choice("modelarts_error_body", "json|with_request_id|plain|empty", "Shape of the error bodies of ModelArts"),
    _choice("internal_without_grants", "accept|refuse", "Whether an INTERNAL workspace can be created without grants"),
    _choice("unknown_grant_user", "accept|refuse", "Whether a grant can name a user that is not an IAM user"),
    _choice("quota_zero", "refuse|accept", "Whether a quota can be 0"),
    _integer("workspace_limit", 0, (3,), "Maximum of workspaces in a project besides the default one (0: no limit)"),
    _integer("page_cap", 0, (2, 7), "Maximum of workspaces in a page, also if limit is larger (0: no limit)"),
    # Progress and outcome of operations.
    _choice("advance_by", "reads|seconds", "Whether resources advance with each read or with time"),
    _number("running_after", 2, (0, 5), "Reads or seconds that each phase before the last one lasts"),
    _number("gone_after", 2, (0, 5), "Reads or seconds until a deleted resource disappears"),
    _number("workshop_listed_after", 0, (1,), "Reads or seconds until a new workshop is in the list"),
    _text(
        "release_phases",
        "Creating,Running",
        "Preparing,Serving|Pending,Deploying,Active",
        "Phases of a new release, in order; in the last one the release is running",
    ),
    _text("release_failed_phase", "Failed", "ReleaseError", "Phase of a failed release"),
    _text("release_ending_phase", "Ending", "Switching", "Phase of a release while it is being ended"),
    _text("release_canceling_phase", "Canceling", "RollingBack", "Phase of a release while it is being canceled"),
    _text("release_ended_phase", "Finished", "Closed", "Phase of an ended release that is kept"),
    _text("release_canceled_phase", "Canceled", "Closed", "Phase of a canceled release that is kept"),
    _choice("release_creation", "works|fails", "Whether a new release reaches its last phase or fails"),
    _choice("workspace_creation", "works|fails", "Whether a new workspace becomes NORMAL or CREATE_FAILED"),
    _choice("mesh_creation", "works|fails", "Whether a new mesh becomes Running or CreateFailed"),
    _choice("mesh_deletion", "works|fails", "Whether a deleted mesh disappears or ends in DeleteFailed"),
    _choice("sidecar_injection", "no|yes", "Whether templates in responses contain an Istio sidecar"),
    # Gateway and IAM.
    _number("rate_limit", 0, (5,), "Requests per second and caller before the status 429 (0: no limit)"),
    _text("retry_after", "", "1", "Value of Retry-After in a response with the status 429 (empty: no header)"),
    _number("latency", 0, (0.05,), "Seconds by which each response is delayed"),
    _number("token_life", 86400, (60,), "Seconds that a new token is valid"),
    _number("clock_skew", 900, (60,), "Maximum difference in seconds between the date of a signature and the clock"),
    _integer("key_lock_failures", 5, (2,), "Maximum of consecutive wrong signatures; the next one locks the key"),
    _number("key_lock_seconds", 300, (10,), "Seconds that a key stays locked"),
    _choice(
        "project_header", "optional|required", "Whether signed requests to ASM and ModelArts must contain X-Project-Id"
    ),
    _choice(
        "content_type",
        "required|optional",
        "Whether writing requests to ASM, including DeleteRelease, must have a JSON Content-Type",
    ),
    _choice("forbidden_by", "service|gateway", "Who rejects a request for which permissions are missing"),
    _choice("gateway_prefix", "APIGW|APIG|APIC", "Prefix of the error codes of the gateway"),
)

# Temporary keys and the metadata service.
TEMPORARY_KEYS: tuple[Behavior, ...] = (
    _choice(
        "domain_header",
        "required|optional",
        "Whether signed requests for temporary keys must contain X-Domain-Id with the account of the caller",
    ),
    _choice(
        "metadata_sessions",
        "optional|required|unsupported",
        "Whether the metadata service accepts requests without a session token, rejects them, or has no session tokens",
    ),
    _choice("metadata_agency", "yes|no", "Whether the server of the metadata service has an agency"),
    _number("metadata_key_life", 86400, (60,), "Seconds that the keys of the metadata service are valid"),
)

# The Kubernetes API and Prometheus.
CLUSTER: tuple[Behavior, ...] = (
    _choice(
        "cluster_access",
        "any|token|unauthorized|forbidden|namespaced",
        "Who can use the Kubernetes API: everybody, callers with a bearer token, nobody (status 401 or 403), or everybody "
        "in a namespace, but not across all namespaces",
    ),
    _text("istio_versions", "v1,v1beta1", "v1beta1", "Versions of networking.istio.io (empty: not installed)"),
    _choice(
        "release_edits",
        "no|gray_added|split",
        "Whether the creation of a release changes the routes of its Service: no, it adds the gray version with the weight 0, "
        "or it sends half of the traffic to the gray version",
    ),
    _choice(
        "gray_pods",
        "ready|never|deadline_exceeded",
        "Whether the pods of a running release become ready, stay unready, or exceed the progress deadline at once",
    ),
    _number(
        "pods_ready_after",
        0,
        (2, 5),
        "Reads or seconds until all pods of a running release or a new Deployment are ready",
    ),
    _number(
        "deployment_gone_after",
        0,
        (2, 5),
        "Reads or seconds that a Deployment has a deletion timestamp after the end of a release",
    ),
    _choice("deployment_controller", "works|stopped", "Whether the status of Deployments and their pods are updated"),
    _number("propagation_delay", 0, (5,), "Seconds until changed routes are in force, for the metrics of Prometheus"),
    _choice("continue_token", "valid|expired", "Whether a list can be continued after its first page (status 410)"),
)

ALL: tuple[Behavior, ...] = (*CLOUD, *TEMPORARY_KEYS, *CLUSTER)
BY_NAME: dict[str, Behavior] = {behavior.name: behavior for behavior in ALL}


class Behaviors:
    """The current values of all behaviors."""

    def __init__(self, initial: t.Mapping[str, t.Any] | None = None) -> None:
        self._initial = self._parse(initial or {})
        self._values: dict[str, Value] = {}
        self.reset()

    @staticmethod
    def _parse(values: t.Mapping[str, t.Any]) -> dict[str, Value]:
        unknown = sorted(set(values) - set(BY_NAME))
        if unknown:
            raise ValueError(f"unknown behavior: {', '.join(unknown)}")
        return {name: BY_NAME[name].parse(value) for name, value in values.items()}

    def reset(self) -> None:
        self._values = dict({behavior.name: behavior.default for behavior in ALL}, **self._initial)

    def change(self, values: t.Mapping[str, t.Any]) -> None:
        """Set the given values, where ``None`` restores the initial value.

        Raises ValueError without any change if a name or a value is invalid.
        """
        restored = {
            name: self._initial.get(name, BY_NAME[name].default)
            for name in values
            if values[name] is None and name in BY_NAME
        }
        parsed = self._parse({name: value for name, value in values.items() if name not in restored})
        self._values.update(restored, **parsed)

    def __getitem__(self, name: str) -> t.Any:
        return self._values[name]

    def values(self) -> dict[str, Value]:
        return dict(self._values)

    def describe(self) -> list[dict[str, t.Any]]:
        """Return each behavior with its current value, for ``GET /_emulator/behaviors``."""
        return [
            dict(
                dataclasses.asdict(behavior),
                alternatives=list(behavior.alternatives),
                value=self._values[behavior.name],
            )
            for behavior in ALL
        ]


def render_table() -> str:
    """Return the Markdown table of the README."""
    lines = ["| behavior | default | values | meaning |", "| --- | --- | --- | --- |"]
    for behavior in ALL:
        default = f"`{behavior.default}`" if behavior.default != "" else "empty"
        values = ", ".join(f"`{value}`" for value in behavior.alternatives)
        lines.append(f"| `{behavior.name}` | {default} | {values} | {behavior.description} |")
    return "\n".join(lines)
