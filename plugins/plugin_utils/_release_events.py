# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Events for changes of the phases of releases, and the cursor that remembers which changes were reported.

Nothing in this file sends requests.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import typing as t
import uuid

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

Event = t.Dict[str, t.Any]
# A release or a mesh in the shape of results
Result = t.Mapping[str, t.Any]

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/ansible-collections/community.huaweicloud#asm_releases")
_FORMAT = 1
# The cursor keeps this many deleted releases, so that a release that is listed again does not get an old event ID.
_MAX_DELETED = 1000


class ReportedRelease(t.NamedTuple):
    """What was last reported of a release. ``listed`` is false for a deleted release, ``changes`` counts the reported changes."""

    namespace: str
    name: str
    phase: t.Optional[str]
    listed: bool = True
    changes: int = 0


@dataclasses.dataclass(frozen=True)
class Cursor:
    """The changes of a mesh that were reported.

    ``namespace`` is the only namespace that is watched, or None for all of them. ``started_at`` is the time of the first list (RFC 3339). It
    distinguishes the event IDs of cursors that started at different times. ``releases`` has the releases by their keys, see ``_identify``.
    """

    mesh_id: str
    namespace: str | None
    started_at: str
    releases: t.Mapping[str, ReportedRelease]


def start_cursor(mesh_id: str, namespace: str | None, releases: t.Iterable[Result], now: str) -> Cursor:
    """Return a cursor for which all changes up to now count as reported."""
    return Cursor(mesh_id, namespace, now, {_identify(release): _report(release) for release in releases})


def detect_changes(cursor: Cursor, mesh: Result, releases: t.Iterable[Result], now: str) -> tuple[list[Event], Cursor]:
    """Compare a complete list with the cursor.

    Arguments:
        cursor: the changes that were reported before
        mesh: the mesh of the cursor, with ``id`` and ``name``
        releases: all releases that are watched, in the shape of results
        now: time of the list (RFC 3339)

    Returns:
        one event for each release whose phase changed, sorted by namespace and name, and the cursor after these events.
        For equal arguments except ``now``, the events have equal IDs.
    """
    current = {_identify(release): release for release in releases}
    events: list[Event] = []
    reported: dict[str, ReportedRelease] = {}
    for key in sorted({*cursor.releases, *current}, key=lambda key: _sort_key(key, cursor, current)):
        before, release = cursor.releases.get(key), current.get(key)
        after = _report(release) if release else t.cast(ReportedRelease, before)._replace(listed=False, phase=None)
        change = _describe_change(before, after)
        changes = (before.changes if before else 0) + (1 if change else 0)
        reported[key] = after._replace(changes=changes)
        if change:
            events.append(_build_event(cursor, mesh, key, before, reported[key], change, release or {}, now))
    return events, dataclasses.replace(cursor, releases=_forget_oldest(cursor, reported))


def _identify(release: Result) -> str:
    return release.get("id") or f"{release['namespace']}/{release['name']}"


def _report(release: Result) -> ReportedRelease:
    return ReportedRelease(release["namespace"], release["name"], release["status"]["phase"])


def _sort_key(key: str, cursor: Cursor, current: t.Mapping[str, Result]) -> tuple[str, str, str]:
    release = current.get(key) or cursor.releases[key]._asdict()
    return release["namespace"], release["name"], key


def _describe_change(before: ReportedRelease | None, after: ReportedRelease) -> str | None:
    if before is None or not before.listed:
        return "created" if after.listed else None
    if not after.listed:
        return "deleted"
    return None if _fold(before.phase) == _fold(after.phase) else "phase_changed"


def _fold(phase: str | None) -> str:
    # The comparison of phases ignores case, as in the module asm_release.
    return str(phase or "").strip().casefold()


def _build_event(
    cursor: Cursor,
    mesh: Result,
    key: str,
    before: ReportedRelease | None,
    after: ReportedRelease,
    change: str,
    release: Result,
    now: str,
) -> Event:
    previous = before.phase if before else None
    parts = [cursor.mesh_id, cursor.started_at, key, after.changes, change, previous, after.phase]
    event_id = str(uuid.uuid5(_NAMESPACE, json.dumps(parts)))
    status = release.get("status") or {}
    return {
        "asm_release": {
            "event_id": event_id,
            "change": change,
            "mesh_id": mesh["id"],
            "mesh_name": mesh["name"],
            "namespace": after.namespace,
            "name": after.name,
            "id": release.get("id"),
            "service_name": release.get("service_name"),
            "version": release.get("version"),
            "phase": after.phase,
            "previous_phase": previous,
            "updated_at": status.get("updated_at"),
            "detected_at": now,
        },
        # ansible-rulebook uses it as the ID of the event.
        "meta": {"uuid": event_id},
    }


def _forget_oldest(cursor: Cursor, reported: t.Mapping[str, ReportedRelease]) -> dict[str, ReportedRelease]:
    """Return the listed releases, and the releases that were deleted last in the order of their deletion."""
    deleted = [key for key in cursor.releases if not reported[key].listed]
    # The sort is stable, so releases that were deleted before stay first, in their order.
    deleted.sort(key=lambda key: cursor.releases[key].listed)
    kept = [*(key for key, release in reported.items() if release.listed), *deleted[-_MAX_DELETED:]]
    return {key: reported[key] for key in kept}


def read_cursor(path: str) -> Cursor | None:
    """Return the cursor in a file, or None if the file does not exist. Raise OptionError if it has no valid cursor."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content["format"] != _FORMAT:
            raise ValueError("unknown format")
        releases = {key: ReportedRelease(**release) for key, release in content["releases"].items()}
        return Cursor(content["mesh_id"], content["namespace"], content["started_at"], releases)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise OptionError(f"state_path: '{path}' cannot be read: {problem.strerror}") from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise OptionError(
            f"state_path: '{path}' is not a cursor of the event source asm_releases",
            hint="Set another path, or delete the file to report the changes from now on",
        ) from None


def write_cursor(path: str, cursor: Cursor) -> None:
    """Replace the file with the cursor in one step. Only its owner can read it. Raise OptionError if it cannot be written."""
    content = {
        "format": _FORMAT,
        "mesh_id": cursor.mesh_id,
        "namespace": cursor.namespace,
        "started_at": cursor.started_at,
        "releases": {key: release._asdict() for key, release in cursor.releases.items()},
    }
    directory, name = os.path.split(os.path.abspath(path))
    temporary = None
    try:
        # mkstemp creates the file with the mode 0600.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=directory)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as problem:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise OptionError(f"state_path: '{path}' cannot be written: {problem.strerror}") from None
