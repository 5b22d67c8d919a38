# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of settings in which each value of each switch of the emulator meets each value of every other one."""

from __future__ import annotations

import itertools
import sys
import typing as t

from allpairspy import AllPairs
from harness import EMULATOR

sys.path.append(str(EMULATOR))

from huaweicloud_emulator.behaviors import BY_NAME, CLOUD, CLUSTER, TEMPORARY_KEYS, Value  # noqa: E402

Row = t.Dict[str, Value]

# The life cycles do not use the Kubernetes API, whose behaviors the rollouts cover, and no temporary keys.
NOT_COVERED = {behavior.name for behavior in (*CLUSTER, *TEMPORARY_KEYS)}
# With these values a task must fail, so the following steps prove little about the other behaviors.
SPOILING = {"release_creation": "fails", "workspace_creation": "fails", "workspace_delete": "failed"}


def values(spoilt: bool) -> dict[str, list[Value]]:
    """All that is worth trying of each switch of the cloud services, those that spoil only if that is wanted."""
    found = {switch.name: list(dict.fromkeys([switch.default, *switch.alternatives])) for switch in CLOUD}
    return (
        found
        if spoilt
        else {name: [value for value in known if value != SPOILING.get(name)] for name, known in found.items()}
    )


def rows() -> list[Row]:
    """First those that cover all pairs of values that spoil nothing, then what is missing for all pairs of all values."""
    sound = _added(values(False), [])
    return sound + _added(values(True), sound)


# Behaviors of the cloud services on which the course of a rollout depends, beside those of the Kubernetes API.
OF_RELEASES = ("terminated_releases", "traffic_precondition", "template_readback", "release_key")


def rollout_values() -> dict[str, list[Value]]:
    """All values of the behaviors that rollouts cover."""
    found = [*CLUSTER, *(BY_NAME[name] for name in OF_RELEASES)]
    return {one.name: list(dict.fromkeys([one.default, *one.alternatives])) for one in found}


def rollout_rows() -> list[Row]:
    """Rows for rollouts that cover all pairs."""
    return _added(rollout_values(), [])


def _added(known: dict[str, list[Value]], tested: list[Row]) -> list[Row]:
    made = AllPairs(list(known.values()), previously_tested=[list(row.values()) for row in tested])
    return [dict(zip(known, row)) for row in made]


def missing(known: dict[str, list[Value]], tested: t.Iterable[Row]) -> list[str]:
    """Return the pairs that no row contains, computed from the rows."""
    seen = {pair for row in tested for pair in itertools.combinations(row.items(), 2)}
    wanted = (
        pair
        for one, other in itertools.combinations(known, 2)
        for pair in itertools.product(_of(known, one), _of(known, other))
    )
    return [f"{one[0]}={one[1]}, {other[0]}={other[1]}" for one, other in wanted if (one, other) not in seen]


def _of(known: dict[str, list[Value]], name: str) -> list[tuple[str, Value]]:
    return [(name, value) for value in known[name]]


def pairs(known: dict[str, list[Value]]) -> int:
    """How many pairs there are."""
    return sum(len(one) * len(other) for one, other in itertools.combinations(known.values(), 2))
