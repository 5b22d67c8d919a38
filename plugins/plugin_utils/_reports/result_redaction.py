# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Redact the results of tasks, because callbacks get them in full. AWX, for example, stores every result.

This runs on the controller, because only the controller knows which values are vaulted.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import Redactor, to_plain

Data = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]

_PLURALS = tuple(kind.plural for kind in RESOURCE_TYPES)
_SINGULARS = tuple(kind.kind_name for kind in RESOURCE_TYPES)
_PUBLIC_KEYS = ("deprecations", "changed", "failed", "skipped", "unreachable", "plan", "request_ids")
# Contains the message as well. Ansible creates it again from the redacted message.
_OMITTED_KEYS = ("exception",)


class ItemRedactor:
    """Redact what is reported about one resource: its desired state, its actual state, and messages."""

    def __init__(self, item: t.Any, known: Redactor, label: str, originals: t.Sequence[t.Any] = ()) -> None:
        """Find the secrets of a resource.

        Arguments:
            item: The desired state, or None for an unmanaged resource.
            known: A redactor with more secrets.
            label: The salt of digests, which differs for each resource.
            originals: The same item as the user has written it: with more fields, or with marks of vaulted values.
        """
        redactor = Redactor(known)
        for item_as_written in originals:
            original = Redactor()
            original.redact(item_as_written)
            redactor.add_secrets_of(original)
        self._label = label
        self.desired = None if item is None else redactor.redact(item)
        self._desired_redactor = redactor
        # The actual value of a vaulted field is a secret, too.
        self._known = Redactor(redactor)

    def compute_desired_digest(self) -> str | None:
        """Return the digest of the values redacted in the desired state. It is slow on purpose."""
        return self._desired_redactor.compute_digest(self._label)

    def redact_actual(self, found: Data | None) -> tuple[t.Any, t.Callable[[], str | None]]:
        """Return the redacted actual state, and a function that returns the digest of the redacted values."""
        redactor = Redactor(self._known)
        redacted = None if found is None else redactor.redact(found)
        self._known.add_secrets_of(redactor)
        return redacted, lambda: redactor.compute_digest(self._label)

    def redact_change(self, before: t.Any, after: t.Any) -> tuple[t.Any, t.Any]:
        """Return two redacted states. Values that differ are marked where both are redacted."""
        first = Redactor(self._known)
        redacted_before = first.redact(before)
        second = Redactor(self._known, first)
        redacted_after = second.redact(after)
        self._known.add_secrets_of(first)
        self._known.add_secrets_of(second)
        return redacted_before, redacted_after

    def redact(self, value: t.Any) -> t.Any:
        return self.redact_change(None, value)[1]

    def redact_field(self, name: str, value: t.Any) -> t.Any:
        return self._known.redact_field(name, value)

    def redact_text(self, text: str, error_kind: str = "drift") -> str:
        return self._known.redact_text(text, error_kind)

    def redact_name(self, name: str) -> str:
        """Return the redacted name. The name of a release has its namespace, and each part can be vaulted."""
        return "/".join(self._known.redact(part) for part in name.split("/"))

    def redact_mesh(self, mesh: t.Any) -> t.Any:
        return self._known.redact(mesh)

    def share_secrets(self, known: Redactor) -> None:
        known.add_secrets_of(self._known)


def find_mesh_secrets(desired: Data, redacts: bool = True) -> Redactor:
    """Return a redactor with the vaulted names and IDs of meshes in a desired state. Each of its items can have them."""
    redactor = Redactor(redacts=redacts)
    redactor.redact([one.get(key) for one in [desired, *_list_items(desired)] for key in ("mesh_id", "mesh_name")])
    return Redactor(redactor)


def _list_items(desired: Data) -> list[Data]:
    return [item for plural in _PLURALS for item in _as_list(desired.get(plural)) if isinstance(item, Mapping)]


def _list_names(item: Data) -> list[str]:
    """Return the names of an item. A workspace that is renamed has two."""
    names = [to_plain(item.get(key)) for key in ("name", "new_name", "id")]
    return [f"{to_plain(item.get('namespace'))}/{name}" for name in names if name]


def _as_list(value: t.Any) -> list[t.Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else []


class ResultRedactor:
    """Redact the result of one task of this collection."""

    def __init__(
        self,
        arguments: Data,
        stable: t.Callable[[Data], t.Any],
        sources: t.Sequence[t.Any] = (),
        with_digests: bool = True,
    ) -> None:
        """Find the secrets of a task.

        Arguments:
            arguments: The arguments of the task. Before ansible-core 2.19, they have no marks of vaulted values.
            stable: Returns the part of an actual state that digests are computed from.
            sources: Desired states, or lists of their items, as the user has written them.
            with_digests: Whether to add digests of redacted values, which plans need.
        """
        self._arguments = arguments
        self._stable = stable
        self._with_digests = with_digests
        redactor = Redactor()
        redactor.redact(arguments)
        # Has all secrets, for values that belong to no single resource.
        self._all = Redactor(redactor)
        # Has the secrets that each item can contain.
        self._shared = find_mesh_secrets(arguments)
        self._originals: dict[str, list[t.Any]] = {}
        for source in sources:
            for item in _list_items(source) if isinstance(source, Mapping) else _as_list(source):
                self._add_secrets(item)

    def _add_secrets(self, item: t.Any) -> None:
        redactor = Redactor()
        redactor.redact(item)
        self._all.add_secrets_of(redactor)
        for name in _list_names(item) if isinstance(item, Mapping) else []:
            self._originals.setdefault(name, []).append(item)

    def _find_originals(self, item: t.Any) -> list[t.Any]:
        names = _list_names(item) if isinstance(item, Mapping) else []
        return [original for name in names for original in self._originals.get(name, [])]

    def redact_text(self, text: str) -> str:
        """Return a redacted line of progress."""
        return self._all.redact_text(text, "")

    def redact_arguments(self, arguments: t.Any) -> t.Any:
        """Return a redacted copy of the arguments of a task."""
        return self._all.redact(arguments)

    def redact(self, result: Result) -> Result:
        """Return a redacted copy of the result of a task."""
        redacted: Result = {key: result[key] for key in _PUBLIC_KEYS if key in result}
        if isinstance(result.get("results"), list):
            redacted.update(self._redact_items(result))
        else:
            redacted.update(self._redact_resource(result))
        for key, value in result.items():
            if key not in redacted and key not in _OMITTED_KEYS:
                redacted[key] = self._redact_other(key, value, result)
        return redacted

    def _redact_other(self, key: str, value: t.Any, result: Result) -> t.Any:
        if key == "msg" and isinstance(value, str):
            return self._all.redact_text(value, _find_error_kind(result))
        if key == "error" and isinstance(value, Mapping):
            return self._redact_error(value, self._all)
        if key == "warnings":
            return [self._all.redact_text(_format_warning(warning), "drift") for warning in value or []]
        if key == "invocation" and isinstance(value, Mapping):
            return {name: self.redact_arguments(entry) for name, entry in value.items()}
        if key == "target":
            return self._all.redact(value)
        return self._all.redact_strings(value)

    def _redact_error(self, error: Data, redactor: Redactor | ItemRedactor) -> Result:
        error = to_plain(error)
        kind = str(error.get("kind"))
        return {
            key: redactor.redact_text(value, kind) if isinstance(value, str) else value for key, value in error.items()
        }

    def _redact_resource(self, result: Result) -> Result:
        """Redact the results of modules for one resource, and the lists of info modules."""
        redacted: Result = {}
        item = ItemRedactor(self._arguments, self._shared, "", self._find_originals(self._arguments))
        for key in _SINGULARS:
            if key in result:
                redacted[key] = item.redact(result[key])
        for key in _PLURALS:
            if isinstance(result.get(key), list):
                redacted[key] = [ItemRedactor(None, self._all, "").redact(entry) for entry in result[key]]
        diff = result.get("diff")
        if isinstance(diff, Mapping) and "before" in diff:
            before, after = item.redact_change(diff["before"], diff.get("after"))
            redacted["diff"] = {"before": before, "after": after}
        item.share_secrets(self._all)
        return redacted

    def _redact_items(self, result: Result) -> Result:
        """Redact the results of the module apply."""
        results = result["results"]
        given = [self._arguments.get(plural) for plural in _PLURALS]
        items, known = [item for value in given for item in _as_list(value)], self._shared
        if any(value and not _as_list(value) for value in given):
            # Ansible also accepts text, which this code cannot assign to items.
            items, known = [], self._all
        # Pruned resources come last. They have no desired state.
        items += [None] * (len(results) - len(items))
        redactors = [
            ItemRedactor(item, known, f"{one['kind']} {to_plain(one['name'])}", self._find_originals(item))
            for one, item in zip(results, items)
        ]
        redacted: Result = {"results": [self._redact_item(one, by) for one, by in zip(results, redactors)]}
        if isinstance(result.get("diff"), list):
            redacted["diff"] = self._redact_diffs(result["diff"], results, redactors)
        for redactor in redactors:
            redactor.share_secrets(self._all)
        if isinstance(result.get("msg"), str):
            redacted["msg"] = self._redact_message(result["msg"], results, redacted["results"])
        return redacted

    def _redact_item(self, one: Data, redactor: ItemRedactor) -> Result:
        found = find_actual(one)
        _redacted, compute_digest = redactor.redact_actual(None if found is None else self._stable(found))
        before, resource = redactor.redact_change(one["before"], one["resource"])
        kind = _find_error_kind(one)
        differences = [
            {
                **to_plain(difference),
                **{
                    side: redactor.redact_field(difference["field"], difference[side]) for side in ("actual", "desired")
                },
            }
            for difference in one["differences"]
        ]
        return {
            **to_plain({key: one[key] for key in ("kind", "action", "actions", "changed", "failed", "not_compared")}),
            "name": redactor.redact_name(to_plain(one["name"])),
            "msg": None if one["msg"] is None else redactor.redact_text(to_plain(one["msg"]), kind),
            "resource": resource,
            "before": before,
            "differences": differences,
            "error": one["error"] and self._redact_error(one["error"], redactor),
            **({"redacted_digest": compute_digest()} if self._with_digests else {}),
        }

    def _redact_diffs(
        self, diffs: t.Sequence[Data], results: t.Sequence[Data], redactors: t.Sequence[ItemRedactor]
    ) -> list[Result]:
        """Redact the diffs. Their headers name their items."""
        by_name: dict[str, list[ItemRedactor]] = {}
        for one, redactor in zip(results, redactors):
            if one["changed"] and one["msg"] is None:
                by_name.setdefault(f"{one['kind']} {one['name']}", []).append(redactor)
        redacted = []
        for diff in diffs:
            name = str(diff.get("after_header")).split(" in mesh ", maxsplit=1)[0]
            redactor = by_name[name].pop(0) if by_name.get(name) else ItemRedactor(None, self._all, "")
            before, after = redactor.redact_change(diff.get("before"), diff.get("after"))
            kind, _space, label = name.partition(" ")
            header = f"{kind} {redactor.redact_name(label)}{str(diff.get('after_header'))[len(name) :]}"
            redacted.append({"before_header": header, "after_header": header, "before": before, "after": after})
        return redacted

    def _redact_message(self, message: str, results: t.Sequence[Data], redacted: t.Sequence[Data]) -> str:
        """Redact the message of the task, which contains the messages of its items."""
        texts = {to_plain(one["msg"]): new["msg"] for one, new in zip(results, redacted) if one["msg"]}
        for text in sorted(texts, key=len, reverse=True):
            message = message.replace(text.rstrip("."), texts[text].rstrip("."))
        return self._all.redact_text(message, "")


def find_actual(result: Data) -> t.Any:
    """Return a plain copy of the actual state of a resource, or None. Copies of Ansible's own lazy containers are slow."""
    if result["before"] is None and not result["action"] and not result["failed"]:
        return to_plain(result["resource"])
    return to_plain(result["before"])


def _find_error_kind(result: Data) -> str:
    return str((result.get("error") or {}).get("kind", "options"))


def _format_warning(warning: t.Any) -> str:
    """Return the text of a warning, which newer versions of Ansible keep in an object."""
    event = getattr(warning, "event", None)
    return str(getattr(event, "msg", warning))
