# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What one look-up of a rollout shows: command, release, traffic and Deployments. Plain values, read before each decision."""

from __future__ import annotations

import datetime as dt
import typing as t

RUN, APPROVE, PROMOTE, ROLLBACK, STATUS, ENFORCE = "run", "approve", "promote", "rollback", "status", "enforce"
COMMANDS = (RUN, APPROVE, PROMOTE, ROLLBACK, STATUS, ENFORCE)

# Conditions of the release. ``absent`` is only concluded from a complete list; ``ended`` means that only its record is listed.
ABSENT, PENDING, READY, FAILED, ENDING, ENDED = "absent", "pending", "ready", "failed", "ending", "ended"
CONDITIONS = (ABSENT, PENDING, READY, FAILED, ENDING, ENDED)

PASSED, NOT_PASSED, INCONCLUSIVE = "passed", "failed", "inconclusive"
VERDICTS = (PASSED, NOT_PASSED, INCONCLUSIVE)

# What became of the request that ends the release. ``refused`` is only a definite answer to the only request that was sent.
ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "unknown"


class Command(t.NamedTuple):
    """What the user asked this run to do. ``step`` is the step to approve, from 1."""

    action: str = RUN
    step: t.Optional[int] = None
    restart: bool = False


class ReleaseView(t.NamedTuple):
    """The release as the list of the mesh shows it. ``end_state`` is promoted, canceled or None if its phase does not show it."""

    condition: str = ABSENT
    phase: str = ""
    id: t.Optional[str] = None
    end_state: t.Optional[str] = None
    reason: str = ""

    @property
    def is_active(self) -> bool:
        return self.condition in (PENDING, READY, FAILED)


class TrafficView(t.NamedTuple):
    """The routes of the Service.

    ``weights`` has the percentage of the gray version in each route, and None for a route that depends on which pods are ready. ``problem`` is what
    prevents any change of the routes. ``has_matches`` means that match routes for testers are in place,
    ``matches_expected`` that they are those of the current step. ``has_missing_subset`` means that a route sends requests to a subset that does not
    exist. ``remaining`` is what leads to the gray version and what a rollback cannot change. ``manager`` is the field manager of the last change.
    """

    weights: t.Tuple[t.Optional[int], ...] = (0,)
    matches_expected: bool = True
    has_matches: bool = False
    manager: str = ""
    needs_cleanup: bool = False
    problem: str = ""
    has_missing_subset: bool = False
    remaining: str = ""

    def is_returned(self) -> bool:
        """Return whether no route that a rollback can change leads to the gray version."""
        # A route that somebody has removed leads nowhere.
        only_original = all(weight == 0 for weight in self.weights)
        return only_original and not self.has_matches and not self.has_missing_subset

    def has_only(self, *weights: int) -> bool:
        """Return whether there are routes, and each of them has one of the weights."""
        return bool(self.weights) and all(weight in weights for weight in self.weights)


class Readiness(t.NamedTuple):
    """Whether a version can receive traffic. ``failed`` means that it cannot become ready without a change."""

    ready: bool = True
    reason: str = ""
    failed: bool = False


class Verdict(t.NamedTuple):
    """The result of the analysis of one step in this run."""

    step: int
    verdict: str
    reason: str = ""


class EndRequest(t.NamedTuple):
    """The request of this run that ends the release."""

    result: str
    reason: str = ""


class Observation(t.NamedTuple):
    """Everything that a decision depends on, apart from the file and the state."""

    command: Command
    run: str
    # Since when this run is the holder of the Lease. Before that, since its first observation.
    holder_since: dt.datetime
    release: ReleaseView = ReleaseView()
    traffic: TrafficView = TrafficView()
    gray: Readiness = Readiness()
    original: Readiness = Readiness()
    # Whether any pod of the original version is ready. A rollback requires no more, because autoscalers reduce a version without traffic.
    original_serves: bool = False
    # Whether the API server has proved that the original Deployment does not exist, or is being deleted.
    original_deleted: bool = False
    original_terminating: bool = False
    original_replicas: int = 1
    # Why the annotation is not a state. Empty if it is one, or if it does not exist.
    annotation_problem: str = ""
    # Whether this run has compared the active release with the file.
    release_verified: bool = False
    verdict: t.Optional[Verdict] = None
    end_request: t.Optional[EndRequest] = None
    # The stage and the step for which this run has set all routes.
    shifted: t.Optional[t.Tuple[str, int]] = None
    cleanup_failed: bool = False
