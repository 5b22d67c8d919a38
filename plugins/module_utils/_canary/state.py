# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The state of a rollout: one annotation of the first VirtualService of the Service.

Weights alone do not show how far a rollout is: 10 % can be its start, the end of a rollback, analyzed or not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment

ANNOTATION = "huaweicloud.community/canary"

PINNED, SHIFTING, PAUSING, ANALYZING = "pinned", "shifting", "pausing", "analyzing"
WAITING, HELD, ROLLING_BACK, PROMOTING, FINISHED = "waiting", "held", "rolling_back", "promoting", "finished"
STAGES = (PINNED, SHIFTING, PAUSING, ANALYZING, WAITING, HELD, ROLLING_BACK, PROMOTING, FINISHED)
# Stages in which the rollout can still go forward or back.
OPEN_STAGES = (PINNED, SHIFTING, PAUSING, ANALYZING, WAITING, HELD)

PROMOTED, ROLLED_BACK = "promoted", "rolled_back"
OUTCOMES = (PROMOTED, ROLLED_BACK)

# Keeps the annotation far below 2 KB.
_MAX_REASON = 400


class InvalidStateError(ValueError):
    """The annotation is not a state that this collection has written. The text completes "The annotation ..."."""


@dataclasses.dataclass(frozen=True)
class RolloutState:
    """How far a rollout is. All times are those of the API server.

    ``release`` is ``namespace/name``, ``release_id`` the ID that the service assigned, or None until the creation is confirmed. ``digest``
    identifies the release and its templates. ``run`` identifies the run that has entered the stage. ``step`` counts from 1; 0 is the time before the
    first step. ``weight`` is the percentage of the gray version that is in force; while the stage is ``shifting``, a route may still have
    ``previous``. ``passed`` and ``approved`` are the last steps whose analysis has passed and that somebody has approved. ``replicas`` are those of
    the original Deployment at the start. ``requested`` means that somebody asked for the rollback. ``original_version`` and ``gray_version`` are the
    values of the label ``version``, for a cleanup by the rollout of another release.
    """

    release: str
    digest: str
    run: str
    started: dt.datetime
    since: dt.datetime
    step_since: dt.datetime
    release_id: t.Optional[str] = None
    step: int = 0
    stage: str = PINNED
    weight: int = 0
    previous: int = 0
    passed: int = 0
    approved: int = 0
    replicas: int = 1
    outcome: t.Optional[str] = None
    reason: str = ""
    requested: bool = False
    original_version: str = ""
    gray_version: str = ""

    def enter(self, stage: str, run: str, now: dt.datetime, **changes: t.Any) -> RolloutState:
        """Return the state after a change to ``stage`` at the time ``now``."""
        return dataclasses.replace(self, stage=stage, run=run, since=now, **changes)


_TIMES = ("started", "since", "step_since")
_TEXTS = ("release", "digest", "run", "stage", "reason", "original_version", "gray_version")
_NUMBERS = ("step", "weight", "previous", "passed", "approved", "replicas")


def format_state(state: RolloutState) -> str:
    """Return the state as the text of the annotation: JSON in one line."""
    fields = {**dataclasses.asdict(state), "reason": shorten(state.reason)}
    fields.update({name: format_moment(fields[name]) for name in _TIMES})
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def parse_state(text: str) -> RolloutState:
    """Return the state in the text of the annotation. Raise InvalidStateError for any other text."""
    try:
        fields = json.loads(text)
    except (RecursionError, ValueError):
        raise InvalidStateError("is not JSON") from None
    known = {field.name for field in dataclasses.fields(RolloutState)}
    if not isinstance(fields, dict) or set(fields) != known:
        raise InvalidStateError("does not have the keys of a rollout")
    for name in _TIMES:
        fields[name] = parse_moment(fields[name]) if isinstance(fields[name], str) else None
    _check_types(fields)
    return RolloutState(**fields)


def format_moment(moment: dt.datetime) -> str:
    """Return a time as RFC 3339 in UTC, without fractions of a second."""
    return moment.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def shorten(text: str, limit: int = _MAX_REASON) -> str:
    """Return the text in one line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def _check_types(fields: dict[str, t.Any]) -> None:
    """Raise InvalidStateError if a value cannot belong to a rollout."""
    texts = all(isinstance(fields[name], str) for name in _TEXTS)
    numbers = all(_is_count(fields[name]) for name in _NUMBERS)
    times = all(isinstance(fields[name], dt.datetime) for name in _TIMES)
    release_id = fields["release_id"] is None or isinstance(fields["release_id"], str)
    if not (texts and numbers and times and release_id and isinstance(fields["requested"], bool)):
        raise InvalidStateError("has a value of the wrong type")
    if fields["stage"] not in STAGES or fields["outcome"] not in (None, *OUTCOMES):
        raise InvalidStateError("has an unknown stage or outcome")
    if (fields["stage"] == FINISHED) != (fields["outcome"] is not None) or max(
        fields["weight"], fields["previous"]
    ) > 100:
        raise InvalidStateError("contradicts itself")


def _is_count(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
