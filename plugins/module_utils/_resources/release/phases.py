# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The life cycle of a release by its phases. The vendor does not publish the phases, so all of them are options."""

from __future__ import annotations

import typing as t

ACTIVE = ("Running", "Active", "Normal", "Released", "Success", "Succeeded")
DONE = ("Finished", "Ended", "Terminated", "Canceled", "Cancelled", "Completed", "Promoted")
FAILED = ("Failed", "Error")
ENDING = ("Ending", "Terminating", "Finishing", "Promoting", "Deleting", "Canceling", "Cancelling", "RollingBack")
# How a release has ended or is ending. Phases like Ended and Terminated can mean both, so they are in neither list.
PROMOTED = ("Promoted", "Promoting", "Finished", "Finishing", "Completed")
CANCELED = ("Canceled", "Canceling", "Cancelled", "Cancelling", "RolledBack", "RollingBack")


class Phases(t.NamedTuple):
    """The lists as the user set them, compared without case.

    A phase in ``active`` or ``done`` has that meaning, even if it is in ``failed`` or ``ending`` too. ``promoted`` and ``canceled`` only define
    how a phase of ``done`` or ``ending`` ends a release.
    """

    active: t.Sequence[str] = ACTIVE
    done: t.Sequence[str] = DONE
    failed: t.Sequence[str] = FAILED
    ending: t.Sequence[str] = ENDING
    promoted: t.Sequence[str] = PROMOTED
    canceled: t.Sequence[str] = CANCELED

    def is_active(self, status: t.Mapping[str, t.Any]) -> bool:
        """Return whether its phase is in ``active``."""
        return _word(status) in _folded(self.active)

    def is_done(self, status: t.Mapping[str, t.Any]) -> bool:
        """Return whether the release has ended and is only a record."""
        return _word(status) in _folded(self.done)

    def is_terminating(self, status: t.Mapping[str, t.Any]) -> bool:
        """Return whether the release is being promoted or canceled."""
        return _word(status) in _folded(self.ending) and not self.is_active(status) and not self.is_done(status)

    def end_state(self, status: t.Mapping[str, t.Any]) -> str | None:
        """Return ``promoted`` or ``canceled`` for a release that has ended or is ending, or None if its phase does not tell."""
        if not self.is_done(status) and not self.is_terminating(status):
            return None
        promoted, canceled = (_word(status) in _folded(words) for words in (self.promoted, self.canceled))
        if promoted == canceled:
            return None
        return "promoted" if promoted else "canceled"

    def is_failed(self, status: t.Mapping[str, t.Any]) -> bool:
        """Return whether its phase is in ``failed`` or ends with one of these words (``CreateFailed``)."""
        word = _word(status)
        return (
            bool(word)
            and word not in _folded((*self.active, *self.done, *self.ending))
            and word.endswith(tuple(_folded(self.failed)))
        )

    def is_up(self, status: t.Mapping[str, t.Any]) -> bool:
        """Return whether the gray version runs: in an active phase or, in an unlisted phase, if all observed Deployments are available."""
        if self.is_active(status):
            return True
        if not _word(status) or self.is_done(status) or self.is_terminating(status) or self.is_failed(status):
            return False
        observed = [status.get("deployment"), *(status.get("grayDeployments") or [])]
        deployments = [deployment for deployment in observed if deployment]
        return bool(status.get("grayDeployments")) and all(_is_available(deployment) for deployment in deployments)


def _word(status: t.Mapping[str, t.Any]) -> str:
    return str(status.get("phase") or "").strip().casefold()


def _folded(words: t.Iterable[str]) -> list[str]:
    return [word.casefold() for word in words if word]


def _is_available(deployment: t.Mapping[str, t.Any]) -> bool:
    replicas = (deployment.get("spec") or {}).get("replicas")
    available = (deployment.get("status") or {}).get("availableReplicas") or 0
    return available >= (1 if replicas is None else replicas)
