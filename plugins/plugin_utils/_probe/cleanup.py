# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Removes what a run has made, as the lists show it: nothing is taken from memory, so that it works whatever happened before.

A list that is refused is no empty list: it is asked for again, and named as what is left when it can not be read in the end.
No list has a filter, since nobody knows yet what a filter finds.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import asm, modelarts, releases
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.options import Options
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import Answer, Calls, Data, Script

# A removal that failed is tried again; a release that is over may stay in the list until it is removed once more.
_ROUNDS = 3
# What was created without an answer may be listed later, also when other things were listed at once: nothing is there only when
# so many looks found nothing.
_LOOKS = 3


class Read(t.NamedTuple):
    """What a list shows of this run; ``problem`` when it could not be read."""

    found: t.List[Data]
    problem: t.Optional[Answer] = None


Reads = t.Generator[Calls, t.List[Answer], Read]


class Kind(t.NamedTuple):
    """How the things of one kind are listed, removed, and named for the user."""

    name: str
    read: t.Callable[[], Reads]
    remove: t.Callable[[t.List[Data]], Script]
    label: t.Callable[[Data], str]


def script(options: Options, left: list[str]) -> Script:
    """The whole conversation; at the end ``left`` names what could not be removed."""
    if "modelarts" in options.services:
        read = functools.partial(_read_workspaces, options.base)
        yield from _clear(options, Kind("workspaces", read, _remove_workspaces, _label_workspace), left)
    if "asm" not in options.services or not (options.workshop or options.release):
        return
    meshes, mesh_id = yield from asm.find_mesh(
        options, until={"reads": "meshes", "name": options.mesh_name, "looks": _LOOKS}
    )
    if not mesh_id:
        kinds = " and ".join(
            name for name, given in (("releases", options.release), ("workshops", options.workshop)) if given
        )
        left.append(f"{kinds} that begin with {options.base}: the mesh could not be found ({meshes})")
        return
    for kind in _kinds(options, mesh_id):
        yield from _clear(options, kind, left)


def _kinds(options: Options, mesh_id: str) -> t.Iterator[Kind]:
    if options.release:
        place = releases.Place(options, mesh_id)
        yield Kind(
            "releases",
            functools.partial(_read_releases, place),
            functools.partial(_remove_releases, place),
            _label_release,
        )
    if options.workshop:
        path = asm.workshops_of(mesh_id)
        read = functools.partial(_read_workshops, options.base, path)
        yield Kind("workshops", read, functools.partial(_remove_workshops, path), lambda one: f"workshop {one['name']}")


def _clear(options: Options, kind: Kind, left: list[str]) -> Script:
    """Removes what is listed, until nothing is."""
    for unused in range(_ROUNDS):
        now = yield from kind.read()
        if not now.found:
            break
        yield from kind.remove(now.found)
    else:
        now = yield from kind.read()
    if now.problem is not None:
        left.append(f"{kind.name} that begin with {options.base}: the list could not be read ({now.problem})")
    left += [kind.label(one) for one in now.found]


def _until(kind: str, base: str, looks: int = _LOOKS) -> Data:
    return {"reads": kind, "name": base, "looks": looks}


# -- workspaces


_ALL = {"limit": 1000}


def _read_workspaces(base: str) -> Reads:
    """Whatever a page holds, and whatever an offset counts."""
    (first,) = yield [modelarts.ask("list all workspaces", query=dict(_ALL), until=_until("workspaces", base))]
    pages, total = [first], first.body.get("total_count")
    if isinstance(total, int):
        more = _until("workspaces", base, looks=1)
        pages += yield [
            modelarts.ask("list more of them", query={**_ALL, "offset": offset}, until=more)
            for offset in _offsets(len(modelarts.workspaces(first)), total)
        ]
    unread = [page for page in pages if not modelarts.is_list(page)]
    found = {str(entry.get("id")): entry for page in pages for entry in modelarts.beginning(page, base)}
    return Read([entry for entry in found.values() if entry.get("id")], unread[0] if unread else None)


def _offsets(size: int, total: int) -> list[int]:
    """Those of all further pages: their numbers, and how many workspaces stand before them."""
    size = size or 1
    return sorted({*range(1, -(-total // size)), *range(size, total, size)})


def _remove_workspaces(found: t.List[Data]) -> Script:
    here = [one for one in found if one.get("status") != modelarts.DELETING]
    if here:
        yield [modelarts.ask(f"remove workspace {one['name']}", "DELETE", modelarts.one(one)) for one in here]
    yield [modelarts.removed(one) for one in found]


def _label_workspace(workspace: Data) -> str:
    return f"workspace {workspace['name']}, which is {workspace.get('status')}"


# -- workshops


def _read_workshops(base: str, path: str) -> Reads:
    (answer,) = yield [asm.ask("list the workshops", "GET", path, until=_until("workshops", base))]
    return Read(asm.beginning(answer, base), None if asm.is_list(answer) else answer)


def _remove_workshops(path: str, found: t.List[Data]) -> Script:
    for one in found:
        (by_name,) = yield [asm.ask(f"remove workshop {one['name']}", "DELETE", f"{path}/{one['name']}")]
        if not by_name.accepted:
            yield [asm.ask("remove it by its ID", "DELETE", f"{path}/{one.get('uid')}")]
        yield [asm.ask("wait until it is removed", "GET", path, until={"lists_no": one["name"]})]


# -- releases


def _read_releases(place: releases.Place) -> Reads:
    base = place.options.base
    (answer,) = yield [place.list(until=_until("releases", base))]
    return Read(releases.beginning(answer, base), None if releases.is_list(answer) else answer)


def _remove_releases(place: releases.Place, found: t.List[Data]) -> Script:
    for one in found:
        keys = [str(one["metadata"].get("uid")), str(one["metadata"]["name"])]
        if not Phases().is_terminating(_status(one)) or not (yield from _left(place, keys, one)):
            yield from _remove_release(place, keys, one)


def _left(place: releases.Place, keys: list[str], release: Data) -> t.Generator[Calls, t.List[Answer], bool]:
    """Waits for one that is on its way out. Whether it got there."""
    for key in keys:
        (shown,) = yield [place.watch(key, _phase(release))]
        if shown.accepted:
            last, unused = yield from releases.follow_out(place, key, shown)
            return not last.accepted and not last.tells_nothing
    return False


def _remove_release(place: releases.Place, keys: list[str], release: Data) -> Script:
    """One word after the other, until one is accepted. Without an answer to one nobody knows, so that the list is to be read first."""
    for word in (*place.options.cancel_actions, *place.options.end_actions):
        for key in keys:
            (answer,) = yield [place.act(key, word)]
            if answer.accepted:
                (shown,) = yield [place.watch(key, _phase(release))]
                yield from releases.follow_out(place, key, shown)
            if answer.accepted or answer.is_none:
                return


def _label_release(release: Data) -> str:
    return f"release {release['metadata'].get('namespace')}/{release['metadata']['name']}, which is {_phase(release)}"


def _status(release: Data) -> Data:
    status = release.get("status")
    return status if isinstance(status, dict) else {}


def _phase(release: Data) -> str:
    return str(_status(release).get("phase") or "")
