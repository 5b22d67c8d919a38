# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The module canary_rollout: its options, its run, and its result, which has the same keys after a success and after a failure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import secrets
import socket
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    REDACT,
    ArgumentSpec,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import decision
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.lease import RolloutLease
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    APPROVE,
    COMMANDS,
    RUN,
    STATUS,
    Command,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observer import Observer
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.preflight import PreflightError
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.record import OUTCOME, Record
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout import (
    CHANGE,
    END,
    RolloutRun,
    RunResult,
    Services,
    Transition,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import (
    Rollout,
    find_rollout_secrets,
    parse_rollout,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import (
    ANNOTATION,
    RolloutState,
    format_moment,
    format_state,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    NO_DEADLINE,
    Deadline,
    SystemClock,
    WaitPolicy,
    WallClock,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    HuaweiCloudError,
    LibraryError,
    OptionError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake, format_path
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PrometheusClient
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import resolve_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    Release,
    get_release_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.traffic import Traffic

Result = t.Dict[str, t.Any]

OPTIONS = ArgumentSpec(
    argument_spec={
        "rollout": {"type": "dict", "required": True},
        "positions": {"type": "dict", "default": {}},
        "action": {"type": "str", "choices": list(COMMANDS), "default": RUN},
        "step": {"type": "int"},
        "restart": {"type": "bool", "default": False},
        "until": {"type": "str", "choices": [END, CHANGE], "default": END},
        "run_id": {"type": "str"},
        "record_path": {"type": "path"},
    },
    required_if=[("action", APPROVE, ["step"])],
)
ARGUMENTS = CONNECTION.merge(OPTIONS, REDACT)
# The names of release states that the module uses.
_PRESENT = "present"


def validate_options(params: Params) -> Rollout:
    """Return the rollout. Raise OptionError if it is invalid. Send nothing."""
    if params.get("step") is not None and params["step"] < 1:
        raise OptionError(f"step must be 1 or greater, not {params['step']}.")
    return parse_rollout(params["rollout"])


def find_secrets(params: Params) -> list[str]:
    """Return the secrets in the rollout, which can be invalid."""
    return find_rollout_secrets(params.get("rollout"))


def run(session: Session, params: Params, rollout: Rollout) -> Result:
    """Carry the rollout out, and return the result of the module."""
    run_id = params.get("run_id") or secrets.token_hex(4)
    record = Record(
        rollout.file.release,
        str(rollout.target),
        None if session.check_mode else params.get("record_path"),
        session.warn,
    )
    command = Command(params["action"], params.get("step"), bool(params.get("restart")))
    run_of_rollout: RolloutRun | None = None
    try:
        run_of_rollout = RolloutRun(rollout, make_services(session, rollout, record, run_id), command, run_id)
        if session.check_mode or command.action == STATUS:
            outcome = run_of_rollout.predict()
        else:
            outcome = run_of_rollout.run(params["until"])
    except LibraryError:
        raise
    except HuaweiCloudError as error:
        return _build_failure(error, run_of_rollout, record, run_id, params.get("positions") or {})
    return _build_result(session, outcome, record, run_id)


def make_services(
    session: Session, rollout: Rollout, record: Record, run_id: str, clock: WallClock | None = None
) -> Services:
    """Return everything that a run uses. Reads the meshes; the connections to the clusters are not tested."""
    clock = SystemClock() if clock is None else clock
    # The run observes the release like everything else, and renews the Lease while it waits.
    session = session.with_wait_policy(WaitPolicy(wait=False))
    cluster, *others = (Cluster(settings, session.check_mode) for settings in rollout.resolve_connections(os.environ))
    clusters = dict(zip(rollout.clusters, others))
    target = dataclasses.replace(rollout.target, owner_annotation=ANNOTATION)
    workloads = tuple(clusters.values())
    traffic = Traffic(cluster, target, workload_clusters=workloads, clock=clock, progress=session.progress)
    mesh = resolve_mesh(session, rollout.release_params)
    listing = get_release_list(session, mesh["id"])

    def make_release(state: str, deadline: Deadline) -> Release:
        params = {**rollout.release_params, "state": state}
        return Release(session.until(deadline), params, rollout.desired._replace(state=state), mesh, listing)

    return Services(
        observer=Observer(rollout, make_release(_PRESENT, NO_DEADLINE), traffic, clusters),
        traffic=traffic,
        make_release=make_release,
        lease=RolloutLease(
            cluster,
            target.namespace,
            target.service_name,
            run_id,
            socket.gethostname(),
            rollout.file.lease_duration,
            clock,
        ),
        prometheus=PrometheusClient(rollout.prometheus, clock.now) if rollout.prometheus else None,
        record=record,
        clock=clock,
        progress=session.progress,
        warn=session.warn,
    )


def _build_result(session: Session, outcome: RunResult, record: Record, run_id: str) -> Result:
    action, state = outcome.action, outcome.state
    stopped = action.kind == decision.STOP
    predicted = session.check_mode and not stopped
    result = _common_result(outcome.transitions, record, run_id, state)
    result.update(
        canary_state=action.result if stopped else decision.RUNNING,
        msg=action.reason,
        changed=outcome.changed or predicted,
        can_continue=not stopped,
        succeeded=not action.failed,
        failed=action.failed,
        next_action=action.kind if predicted else None,
        diff=_make_diff(state, action.state if predicted and action.state else state),
    )
    return result


def _build_failure(
    error: HuaweiCloudError,
    run_of_rollout: RolloutRun | None,
    record: Record,
    run_id: str,
    positions: t.Mapping[str, t.Any],
) -> Result:
    """Return the result after an error. A failed request leaves the state unknown, everything else is a failure."""
    undetermined = isinstance(error, ServiceError)
    transitions = run_of_rollout.transitions if run_of_rollout else []
    state = run_of_rollout.state if run_of_rollout else None
    canary_state = decision.UNDETERMINED if undetermined else decision.FAILURE
    record.add(
        OUTCOME,
        dt.datetime.now(dt.timezone.utc),
        str(error),
        step=state.step if state else None,
        stage=state.stage if state else "",
        weight=state.weight if state else None,
        verdict=canary_state,
    )
    result = _common_result(transitions, record, run_id, state)
    mistakes = locate_mistakes(error.mistakes, positions) if isinstance(error, PreflightError) else []
    result.update(
        canary_state=canary_state,
        msg=_describe_mistakes(mistakes) or str(error),
        error=error.facts(),
        changed=bool(run_of_rollout and run_of_rollout.changed),
        can_continue=False,
        succeeded=False,
        failed=True,
        next_action=None,
        mistakes=mistakes,
    )
    return result


def _common_result(
    transitions: t.Sequence[Transition], record: Record, run_id: str, state: RolloutState | None
) -> Result:
    return {
        "state": json.loads(format_state(state)) if state else None,
        "transitions": [{**transition._asdict(), "time": format_moment(transition.time)} for transition in transitions],
        "record": record.lines,
        "run_id": run_id,
    }


def locate_mistakes(mistakes: t.Sequence[Mistake], positions: t.Mapping[str, t.Any]) -> list[Result]:
    """Return mistakes with their positions in the file. ``positions`` maps paths to positions; a path without one has that of its parent."""
    found = []
    for mistake in mistakes:
        parents = [format_path(mistake.path[:length]) for length in range(len(mistake.path), -1, -1)]
        position = next((positions[path] for path in parents if path in positions), None)
        found.append({"path": format_path(mistake.path), "position": position, "message": mistake.message})
    return found


def _describe_mistakes(mistakes: t.Sequence[Result]) -> str:
    lines = [": ".join(filter(None, (one["position"], one["path"], one["message"].rstrip(".")))) for one in mistakes]
    return f"The rollout cannot start: {'; '.join(lines)}." if lines else ""


def _make_diff(before: RolloutState | None, after: RolloutState | None) -> Result:
    return {"before": _diff_fields(before), "after": _diff_fields(after)}


def _diff_fields(state: RolloutState | None) -> Result:
    return {"stage": state.stage, "step": state.step, "weight": state.weight} if state else {}
