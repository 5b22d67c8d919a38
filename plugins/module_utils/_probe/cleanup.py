# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Deletion of the resources that a run has created.

It reads complete lists, because a resource whose create request got no response is in no other record. The lists have no filter, because
it is unknown what a filter finds. A list that cannot be read is not an empty list.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._probe import asm, modelarts, releases
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import Data, ProbeResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases

# A deletion that failed is repeated. An ended release can stay in the list until it is ended again.
_ROUNDS = 3


class Listing(t.NamedTuple):
    """The listed resources of this run. ``problem`` is the response that is not a list, if any."""

    found: t.List[Data]
    problem: t.Optional[ProbeResponse] = None


class Cleaner(t.NamedTuple):
    """How the resources of one kind are listed, deleted and described."""

    kind: str
    read: t.Callable[[], Listing]
    delete: t.Callable[[t.List[Data]], None]
    describe: t.Callable[[Data], str]


def clean_up(prober: Prober, options: ProbeOptions) -> list[str]:
    """Delete all resources of this run with a tolerant prober. Return descriptions of those that could not be deleted or listed."""
    leftovers: list[str] = []
    if "modelarts" in options.services:
        cleaner = Cleaner(
            "workspaces",
            functools.partial(_read_workspaces, prober, options.base),
            functools.partial(_delete_workspaces, prober),
            lambda workspace: f"workspace {workspace['name']} (status {workspace.get('status')})",
        )
        leftovers += _clear(cleaner, options.base)
    if "asm" not in options.services or not (options.workshop or options.release):
        return leftovers
    meshes = prober.poll_list(
        asm.build_mesh_list(), lambda response: bool(asm.find_mesh_id(response, options.mesh_name))
    )
    mesh_id = asm.find_mesh_id(meshes, options.mesh_name)
    if not mesh_id:
        given = {"releases": options.release, "workshops": options.workshop}
        kinds = " and ".join(kind for kind, desired in given.items() if desired)
        return [*leftovers, f"{kinds} that begin with {options.base}: the mesh was not found ({meshes})"]
    if options.release:
        requests = releases.ReleaseRequests(options, mesh_id)
        cleaner = Cleaner(
            "releases",
            functools.partial(_read_releases, prober, requests),
            functools.partial(_end_releases, prober, requests),
            _describe_release,
        )
        leftovers += _clear(cleaner, options.base)
    if options.workshop:
        cleaner = Cleaner(
            "workshops",
            functools.partial(_read_workshops, prober, options.base, mesh_id),
            functools.partial(_delete_workshops, prober, mesh_id),
            lambda workshop: f"workshop {workshop['name']}",
        )
        leftovers += _clear(cleaner, options.base)
    return leftovers


def _clear(cleaner: Cleaner, base: str) -> list[str]:
    """Delete the listed resources until none is listed. Return descriptions of what remains."""
    listing = cleaner.read()
    for _round in range(_ROUNDS):
        if not listing.found:
            break
        cleaner.delete(listing.found)
        listing = cleaner.read()
    problem = listing.problem
    unread = [f"{cleaner.kind} that begin with {base}: the list could not be read ({problem})"] if problem else []
    return [*unread, *map(cleaner.describe, listing.found)]


# Workspaces


def _read_workspaces(prober: Prober, base: str) -> Listing:
    """Read all pages, regardless of their size and of what an offset counts."""
    query = {"limit": modelarts.MOST_IN_A_PAGE}
    first = prober.poll_list(
        modelarts.build_request("list all workspaces", query=query),
        lambda response: modelarts.is_list(response) and bool(modelarts.find_created(response, base)),
    )
    pages, total = [first], first.body.get("total_count")
    if isinstance(total, int):
        pages += [
            prober.poll_list(
                modelarts.build_request("list more of them", query={**query, "offset": offset}),
                modelarts.is_list,
                checks=1,
            )
            for offset in _list_offsets(len(first.entries("workspaces")), total)
        ]
    problems = [page for page in pages if not modelarts.is_list(page)]
    found = {
        str(workspace["id"]): workspace
        for page in pages
        for workspace in modelarts.find_created(page, base)
        if workspace.get("id")
    }
    return Listing(list(found.values()), problems[0] if problems else None)


def _list_offsets(size: int, total: int) -> list[int]:
    """Return the offsets of all further pages, both as numbers of pages and as numbers of workspaces before them."""
    size = size or 1
    return sorted({*range(1, -(-total // size)), *range(size, total, size)})


def _delete_workspaces(prober: Prober, found: list[Data]) -> None:
    prober.send_all(
        modelarts.build_request(f"delete workspace {workspace['name']}", "DELETE", modelarts.get_path(workspace))
        for workspace in found
        if workspace.get("status") != modelarts.DELETING
    )
    for workspace in found:
        modelarts.wait_until_deleted(prober, workspace)


# Workshops


def _read_workshops(prober: Prober, base: str, mesh_id: str) -> Listing:
    response = prober.poll_list(
        asm.build_request("list the workshops", "GET", asm.get_workshops_path(mesh_id)),
        lambda response: asm.is_list(response) and bool(asm.find_created(response, base)),
    )
    return Listing(asm.find_created(response, base), None if asm.is_list(response) else response)


def _delete_workshops(prober: Prober, mesh_id: str, found: list[Data]) -> None:
    path = asm.get_workshops_path(mesh_id)
    for workshop in found:
        name = workshop["name"]
        by_name = prober.send(asm.build_request(f"delete workshop {name}", "DELETE", f"{path}/{name}"))
        if not by_name.accepted:
            prober.send(asm.build_request("delete it by its ID", "DELETE", f"{path}/{workshop.get('uid')}"))
        asm.wait_until_deleted(prober, mesh_id, name)


# Releases


def _read_releases(prober: Prober, requests: releases.ReleaseRequests) -> Listing:
    base = requests.options.base
    response = prober.poll_list(
        requests.list_all(),
        lambda response: releases.is_list(response) and bool(releases.find_created(response, base)),
    )
    return Listing(releases.find_created(response, base), None if releases.is_list(response) else response)


def _end_releases(prober: Prober, requests: releases.ReleaseRequests, found: list[Data]) -> None:
    for release in found:
        is_ending = Phases().is_terminating(releases.get_status(release))
        if not is_ending or not _wait_until_ended(prober, requests, release):
            _end_release(prober, requests, release)


def _wait_until_ended(prober: Prober, requests: releases.ReleaseRequests, release: Data) -> bool:
    """Wait for a release that is already ending. Return whether it no longer exists."""
    for key in _get_keys(release):
        response = releases.wait_for_next_phase(prober, requests, key, releases.get_phase(release))
        if response.accepted:
            last, _phases = releases.follow_end(prober, requests, key, response)
            return not last.accepted and not last.is_inconclusive
    return False


def _end_release(prober: Prober, requests: releases.ReleaseRequests, release: Data) -> None:
    """Try one action after the other until one is accepted. If the outcome of one is unknown, the list must be read first."""
    for word in (*requests.options.cancel_actions, *requests.options.end_actions):
        for key in _get_keys(release):
            response = prober.send(requests.end(key, word))
            if response.accepted:
                next_phase = releases.wait_for_next_phase(prober, requests, key, releases.get_phase(release))
                releases.follow_end(prober, requests, key, next_phase)
            if response.accepted or response.outcome_unknown:
                return


def _get_keys(release: Data) -> tuple[str, str]:
    return str(release["metadata"].get("uid")), str(release["metadata"]["name"])


def _describe_release(release: Data) -> str:
    metadata = release["metadata"]
    return f"release {metadata.get('namespace')}/{metadata['name']} (phase {releases.get_phase(release)})"
