# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Tell what a task with many resources does: lines of progress, the audit log, and the plan as numbers and text."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.audit_log import AuditLog
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Action
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import get_phase
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Session

# Seconds between two lines of progress.
_PROGRESS_INTERVAL = 2.0

# The key of an action in the summary of the plan, and the word for progress messages.
_SUMMARY_KEYS = {
    "create": "to_create",
    "update": "to_update",
    "replace": "to_replace",
    "delete": "to_delete",
    "promote": "to_promote",
    "cancel": "to_cancel",
}
_WORDS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "promote": "promoted",
    "cancel": "canceled",
}


def plan_summary(items: t.Sequence[Item]) -> dict[str, int]:
    """Return how many items each action has. Items without a plan are not counted."""
    counts = dict.fromkeys([*_SUMMARY_KEYS.values(), "unchanged", "failed"], 0)
    for item in items:
        if item.error is not None:
            counts["failed"] += 1
        elif item.plan is not None:
            counts[_SUMMARY_KEYS.get(item.action or "", "unchanged")] += 1
    return counts


def format_plan(items: t.Sequence[Item]) -> str:
    """Return the plan as text: ``2 to create, 1 to promote, 5 unchanged``."""
    acting = [item.action for item in items if item.error is None and item.action]
    counts = {f"to {action}": acting.count(action) for action in _SUMMARY_KEYS}
    counts.update({word: count for word, count in plan_summary(items).items() if word in ("unchanged", "failed")})
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing"


class ProgressListener:
    """Writes events to the audit log, and prints the progress."""

    def __init__(self, session: Session, audit_log: AuditLog) -> None:
        self._session = session
        self._audit_log = audit_log
        self._lock = threading.Lock()
        self._started_at = self._reported_at = session.clock.monotonic()
        self._last_report = ""
        self._formats: dict[str, t.Callable[[t.Sequence[Item]], tuple[str, str]]] = {
            "planning": self._format_planning,
            "executing": self._format_execution,
            "waiting": self._format_waiting,
        }

    def on_start(self, phase: str) -> None:
        """Measure the times of the phase from now on."""
        self._started_at = self._reported_at = self._session.clock.monotonic()

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        """Write the event to the audit log."""
        name, request_id = (action.action, action.request_id) if action else (item.action, None)
        message = str(item.error) if item.error else None
        self._audit_log.write(
            event=event, kind=item.kind, name=item.name, action=name, request_id=request_id, msg=message
        )

    def on_message(self, text: str) -> None:
        """Print a line about one item."""
        self._session.progress(text)

    def on_progress(self, phase: str, items: t.Sequence[Item]) -> None:
        """Print a line at most every few seconds, unless nothing has changed but the time."""
        with self._lock:
            now = self._session.clock.monotonic()
            if now - self._reported_at < _PROGRESS_INTERVAL:
                return
            self._reported_at = now
        text, suffix = self._formats[phase](items)
        if text != self._last_report:
            self._last_report = text
            self._session.progress(text + suffix)

    def _format_planning(self, items: t.Sequence[Item]) -> tuple[str, str]:
        planned = sum(1 for item in items if item.plan or item.error)
        return f"planned {planned} of {len(items)}", f", {self._session.clock.monotonic() - self._started_at:.0f} s"

    def _format_execution(self, items: t.Sequence[Item]) -> tuple[str, str]:
        planned = [item for item in items if item.plan and item.plan.action]
        over = [item for item in planned if item.applied or item.error]
        counts = {
            word: sum(1 for item in over if not item.error and item.action == action) for action, word in _WORDS.items()
        }
        counts["unchanged"] = sum(1 for item in items if item.plan and not item.plan.action)
        counts["failed"] = sum(1 for item in items if item.error)
        text = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
        seconds = self._session.clock.monotonic() - self._started_at
        rate = len(over) / seconds if seconds else 0.0
        left = f", about {(len(planned) - len(over)) / rate:.0f} s left" if rate and len(planned) > len(over) else ""
        return f"{sum(counts.values())} of {len(items)}: {text}", f", {rate:.0f}/s{left}"

    def _format_waiting(self, left: t.Sequence[Item]) -> tuple[str, str]:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        item = left[0]
        phase = get_phase(item.planned()[0], item.observed)
        return (
            f"waiting for {item.kind} {item.name}{more}: {phase}",
            f", {self._session.clock.monotonic() - self._started_at:.0f} s",
        )
