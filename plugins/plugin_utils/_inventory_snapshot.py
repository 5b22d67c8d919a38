# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Restore an inventory after a source has failed, because Ansible keeps what a failed source has added."""

from __future__ import annotations

import contextlib
import typing as t


@contextlib.contextmanager
def all_or_nothing(inventory: t.Any) -> t.Iterator[None]:
    """Restore the hosts and groups of an ``InventoryData`` if the block of code fails, and raise its error again."""
    snapshot = _Snapshot(inventory)
    try:
        yield
    except BaseException:
        snapshot.restore()
        raise


class _Snapshot:
    """The hosts and groups of an inventory, with the variables of the hosts and the members of the groups."""

    def __init__(self, inventory: t.Any) -> None:
        self._inventory = inventory
        self._localhost = inventory.localhost
        self._variables = {name: dict(host.vars) for name, host in inventory.hosts.items()}
        self._members = {
            name: (set(group.hosts), list(group.child_groups), list(group.parent_groups))
            for name, group in inventory.groups.items()
        }

    def restore(self) -> None:
        """Remove the hosts and groups that were added, and restore the other ones."""
        self._inventory.localhost = self._localhost
        for name, host in list(self._inventory.hosts.items()):
            if name in self._variables:
                host.vars = self._variables[name]
            else:
                self._inventory.remove_host(host)
        for name, group in list(self._inventory.groups.items()):
            if name in self._members:
                self._restore_group(group, *self._members[name])
            else:
                self._inventory.remove_group(group)

    def _restore_group(self, group: t.Any, hosts: set[t.Any], children: list[t.Any], parents: list[t.Any]) -> None:
        for host in set(group.hosts) - hosts:
            group.remove_host(host)
        group.child_groups, group.parent_groups = children, parents
        group.clear_hosts_cache()
