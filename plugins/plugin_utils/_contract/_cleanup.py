# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Removes what a run has made, as the lists show it: nothing is taken from memory, so that it works whatever happened before."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract import _asm as asm
from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract import _modelarts as modelarts
from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract import _releases as releases
from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract._options import Options
from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract._script import Answer, Calls, Data, Script

# A removal that failed is tried once more; a release that is over may stay in the list until it is removed once more.
_ATTEMPTS = 2


def script(options: Options, left: list[str]) -> Script:
    """The whole conversation; at the end ``left`` names what could not be removed."""
    if "modelarts" in options.services:
        yield from _workspaces(options, left)
    if "asm" in options.services and (options.workshop or options.release):
        unused, mesh_id = yield from asm.find_mesh(options)
        if mesh_id and options.release:
            yield from _releases(releases.Place(options, mesh_id), left)
        if mesh_id and options.workshop:
            yield from _workshops(options, asm.workshops_of(mesh_id), left)


def _workspaces(options: Options, left: list[str]) -> Script:
    found: list[Data] = []
    for unused in range(_ATTEMPTS):
        found = yield from modelarts.whole_list(options.base)
        here = [one for one in found if one.get("status") != modelarts.DELETING]
        if here:
            yield [modelarts.ask(f"remove workspace {one['name']}", "DELETE", modelarts.one(one)) for one in here]
        if found:
            yield [modelarts.removed(one) for one in found]
    if found:
        found = yield from modelarts.whole_list(options.base)
    left += [f"workspace {one['name']}, which is {one.get('status')}" for one in found]


def _workshops(options: Options, path: str, left: list[str]) -> Script:
    (answer,) = yield [asm.ask("list the workshops", "GET", path)]
    found = [one["metadata"] for one in asm.workshops(answer) if str(one["metadata"].get("name")).startswith(f"{options.base}-")]
    for one in found:
        (by_name,) = yield [asm.ask(f"remove workshop {one['name']}", "DELETE", f"{path}/{one['name']}")]
        if not by_name.accepted:
            yield [asm.ask("remove it by its ID", "DELETE", f"{path}/{one.get('uid')}")]
        (answer,) = yield [asm.ask("wait until it is removed", "GET", path, until={"lists_no": one["name"]})]
        left += [f"workshop {one['name']}"] if asm.named(answer, one["name"]) else []


def _releases(place: releases.Place, left: list[str]) -> Script:
    found = yield from _own(place)
    for unused in range(_ATTEMPTS):
        for one in found:
            yield from _remove(place, one)
        found = (yield from _own(place)) if found else []
    left += [f"release {_label(one)}, which is {_phase(one)}" for one in found]


def _own(place: releases.Place) -> t.Generator[Calls, t.List[Answer], t.List[Data]]:
    (answer,) = yield [place.list()]
    return [one for one in releases.listed(answer) if str(one["metadata"].get("name")).startswith(f"{place.options.base}-")]


def _label(release: Data) -> str:
    return f"{release['metadata'].get('namespace')}/{release['metadata']['name']}"


def _phase(release: Data) -> str:
    status = release.get("status")
    return str(status.get("phase")) if isinstance(status, dict) else ""


def _remove(place: releases.Place, release: Data) -> Script:
    """By whatever action is accepted: those after it find the release on its way out, and are refused."""
    metadata, phase = release["metadata"], _phase(release)
    words = (*place.options.cancel_actions, *place.options.end_actions)
    tries = [(key, word) for word in words for key in (str(metadata.get("uid")), str(metadata["name"]))]
    answers = yield [place.act(key, word) for key, word in tries]
    for (key, unused), answer in zip(tries, answers):
        if answer.accepted:
            (shown,) = yield [place.watch(key, phase)]
            yield from releases.follow_out(place, key, shown)
            return
