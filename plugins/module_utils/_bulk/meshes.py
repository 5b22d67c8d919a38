# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find the meshes of the items of a task, including meshes that the task itself creates or deletes."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.fields import predict_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    list_mesh_results,
    resolve_mesh,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult

# The phase of meshes when a task has created them.
_READY_PHASE = "Running"

# The kind and the name of a workshop or release.
Child = t.Tuple[str, str]


class MeshLookup:
    """Look up the mesh of each item, and each mesh only once."""

    def __init__(self, session: Session, managed: t.Iterable[Params] = (), optional: t.Iterable[str] = ()) -> None:
        """Look up meshes.

        Arguments:
            session: Reads the list of meshes.
            managed: The options of the meshes that the same task creates or deletes.
            optional: The names of meshes that need not exist, because other tasks create or delete them.
        """
        self._session = session
        self._known: dict[tuple[str | None, str | None], MeshResult] = {}
        self._predicted = {name: predict_mesh({"name": name}, _READY_PHASE) for name in optional}
        self._predicted.update({options["name"]: predict_mesh(options, _READY_PHASE) for options in managed})
        self._deleted = {options["name"] for options in managed if options["state"] == "absent"}
        self._ended: dict[str, set[Child]] = {}

    def find(self, options: Params, must_exist: bool = False) -> MeshResult:
        """Return the mesh of an item. Unless it ``must_exist``, it may be one without an ID. Raises the errors of resolve_mesh."""
        key = options.get("mesh_id"), options.get("mesh_name")
        if key not in self._known or (must_exist and self._known[key]["id"] is None):
            predicted = None if must_exist else self._find_predicted(options)
            self._known[key] = predicted or resolve_mesh(self._session, options)
        return self._known[key]

    def found(self) -> list[dict[str, t.Any]]:
        """Return the ID and the name of each mesh that was found. The ID of a mesh that does not exist yet is None."""
        pairs = {(mesh["id"], mesh["name"]) for mesh in self._known.values()}
        return [{"id": id_, "name": name} for id_, name in sorted(pairs, key=lambda pair: (pair[0] or "", pair[1]))]

    def ended(self, name: str) -> t.AbstractSet[Child]:
        """Return what the task ends in a mesh. The set grows until all items of the task are known."""
        return self._ended.setdefault(name, set())

    def note_item(self, mesh: MeshResult, item: Item) -> None:
        """Remember a workshop or release that the task ends. Raise OptionError if it must exist and the task deletes its mesh."""
        if item.resource is not None and item.resource.desired_state.final_action:
            self._ended.setdefault(mesh["name"], set()).add((item.kind, item.name))
        elif mesh["name"] in self._deleted:
            raise OptionError(
                f"{item.kind.capitalize()} '{item.name}' is in mesh '{mesh['name']}', which the task deletes.",
                hint="Delete both, or keep the mesh.",
            )

    def _find_predicted(self, options: Params) -> MeshResult | None:
        name = None if options.get("mesh_id") else options.get("mesh_name")
        predicted = self._predicted.get(name or "")
        if predicted is None:
            return None
        namesakes = [mesh for mesh in list_mesh_results(self._session) if mesh["name"] == name]
        # A mesh that is being deleted is created again, or stays deleted.
        return None if any(not equals_ignore_case(mesh["phase"], "Deleting") for mesh in namesakes) else predicted
