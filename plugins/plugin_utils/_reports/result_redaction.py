# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Redact the results of tasks. Callbacks get them in full: AWX, for example, stores each result at every verbosity.

Only the controller knows which values come from a vault, so this is done there, whether the module has run in process or not.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import Redactor, plain

Data = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]

_PLURALS = tuple(kind.plural for kind in RESOURCE_TYPES)
_SINGULARS = tuple(kind.kind_name for kind in RESOURCE_TYPES)
# What modules return as lists of resources.
_LISTS = ("meshes", *_PLURALS)
_KEPT = ("deprecations", "changed", "failed", "skipped", "unreachable", "plan", "request_ids")
# Has the message as well. Ansible makes a new one from the redacted message.
_LEFT_OUT = ("exception",)


class ItemRedactor:
    """Redacts what is reported about one resource: its desired state, what was found in its place, and messages."""

    def __init__(self, item: t.Any, known: Redactor, label: str, twins: t.Sequence[t.Any] = ()) -> None:
        """Look for secrets in ``item``, the desired state, which is None for a resource that has none.

        ``twins`` are the same item as the user has written it: with more fields, or with marks of vaulted values.
        """
        veil = Redactor(known)
        for twin in twins:
            original = Redactor()
            original.plain(twin)
            veil.absorb(original)
        self._label = label
        self.desired = None if item is None else veil.plain(item)
        self._desired_veil = veil
        # A vaulted value is a secret, and so is the value that it replaces.
        self._known = Redactor(veil)

    def digest_desired(self) -> str | None:
        """Return the digest of what was redacted in the desired state. Digests are slow on purpose."""
        return self._desired_veil.digest(self._label)

    def actual(self, found: Data | None) -> tuple[t.Any, t.Callable[[], str | None]]:
        """Return the redacted actual state, and a function that returns the digest of what was redacted."""
        veil = Redactor(self._known)
        shown = None if found is None else veil.plain(found)
        self._known.absorb(veil)
        return shown, lambda: veil.digest(self._label)

    def change(self, before: t.Any, after: t.Any) -> tuple[t.Any, t.Any]:
        """Return two redacted states. Values that differ are marked where both are redacted."""
        first = Redactor(self._known)
        shown_before = first.plain(before)
        second = Redactor(self._known, first)
        shown_after = second.plain(after)
        self._known.absorb(first)
        self._known.absorb(second)
        return shown_before, shown_after

    def plain(self, value: t.Any) -> t.Any:
        return self.change(None, value)[1]

    def field(self, name: str, value: t.Any) -> t.Any:
        return self._known.field(name, value)

    def text(self, text: str, error_kind: str = "drift") -> str:
        return self._known.text(text, error_kind)

    def name(self, name: str) -> str:
        """Return the redacted name. The name of a release has its namespace, and each part can be vaulted."""
        return "/".join(self._known.plain(part) for part in name.split("/"))

    def mesh(self, mesh: t.Any) -> t.Any:
        return self._known.plain(mesh)

    def teach(self, known: Redactor) -> None:
        known.absorb(self._known)


def find_mesh_secrets(desired: Data, redacts: bool = True) -> Redactor:
    """Return a veil that knows the vaulted names and IDs of meshes in a desired state, which each of its items can have."""
    veil = Redactor(redacts=redacts)
    veil.plain([one.get(key) for one in [desired, *_list_items(desired)] for key in ("mesh_id", "mesh_name")])
    return Redactor(veil)


def _list_items(desired: Data) -> list[Data]:
    return [item for plural in _PLURALS for item in _as_list(desired.get(plural)) if isinstance(item, Mapping)]


def _list_names(item: Data) -> list[str]:
    """Return what an item can be found by. A workspace that gets a new name has two names."""
    names = [plain(item.get(key)) for key in ("name", "new_name", "id")]
    return [f"{plain(item.get('namespace'))}/{name}" for name in names if name]


def _as_list(value: t.Any) -> list[t.Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else []


class ResultRedactor:
    """Redacts the result of one task of this collection."""

    def __init__(
        self,
        arguments: Data,
        stable: t.Callable[[Data], t.Any],
        sources: t.Sequence[t.Any] = (),
        with_digests: bool = True,
    ) -> None:
        """Look for secrets in the arguments of the task, and in ``sources``: desired states, or lists of their items, as the user has written them.

        Plans need ``with_digests``. The arguments may have fewer fields, and before ansible-core 2.19 they do not have the marks of vaulted values any more.
        ``stable`` returns the part of an actual state that plans are computed from.
        """
        self._arguments = arguments
        self._stable = stable
        self._with_digests = with_digests
        veil = Redactor()
        veil.plain(arguments)
        # Knows everything that is secret, for what belongs to no single resource.
        self._all = Redactor(veil)
        # What is secret in each item.
        self._shared = find_mesh_secrets(arguments)
        self._twins: dict[str, list[t.Any]] = {}
        for source in sources:
            for item in _list_items(source) if isinstance(source, Mapping) else _as_list(source):
                self._learn(item)

    def _learn(self, item: t.Any) -> None:
        veil = Redactor()
        veil.plain(item)
        self._all.absorb(veil)
        for name in _list_names(item) if isinstance(item, Mapping) else []:
            self._twins.setdefault(name, []).append(item)

    def _find_duplicates(self, item: t.Any) -> list[t.Any]:
        names = _list_names(item) if isinstance(item, Mapping) else []
        return [twin for name in names for twin in self._twins.get(name, [])]

    def text(self, text: str) -> str:
        """Return a redacted line of progress."""
        return self._all.text(text, "")

    def arguments(self, arguments: t.Any) -> t.Any:
        """Return a redacted copy of the arguments of a task."""
        return self._all.plain(arguments)

    def redact(self, result: Result) -> Result:
        """Return a redacted copy of the result of a task."""
        redacted: Result = {key: result[key] for key in _KEPT if key in result}
        if isinstance(result.get("results"), list):
            redacted.update(self._redact_items(result))
        else:
            redacted.update(self._redact_resource(result))
        for key, value in result.items():
            if key not in redacted and key not in _LEFT_OUT:
                redacted[key] = self._redact_other(key, value, result)
        return redacted

    def _redact_other(self, key: str, value: t.Any, result: Result) -> t.Any:
        if key == "msg" and isinstance(value, str):
            return self._all.text(value, _type_name(result))
        if key == "error" and isinstance(value, Mapping):
            return self._redact_error(value, self._all)
        if key == "warnings":
            return [self._all.text(_text_of_warning(warning), "drift") for warning in value or []]
        if key == "invocation" and isinstance(value, Mapping):
            return {name: self.arguments(entry) for name, entry in value.items()}
        if key == "target":
            return self._all.plain(value)
        return self._all.strings(value)

    def _redact_error(self, error: Data, redactor: Redactor | ItemRedactor) -> Result:
        error = plain(error)
        kind = str(error.get("kind"))
        return {key: redactor.text(value, kind) if isinstance(value, str) else value for key, value in error.items()}

    def _redact_resource(self, result: Result) -> Result:
        """Redact the resources of a module for one resource, and the lists of an info module."""
        redacted: Result = {}
        item = ItemRedactor(self._arguments, self._shared, "", self._find_duplicates(self._arguments))
        for key in _SINGULARS:
            if key in result:
                redacted[key] = item.plain(result[key])
        for key in _LISTS:
            if isinstance(result.get(key), list):
                redacted[key] = [ItemRedactor(None, self._all, "").plain(entry) for entry in result[key]]
        diff = result.get("diff")
        if isinstance(diff, Mapping) and "before" in diff:
            before, after = item.change(diff["before"], diff.get("after"))
            redacted["diff"] = {"before": before, "after": after}
        item.teach(self._all)
        return redacted

    def _redact_items(self, result: Result) -> Result:
        """Redact what the module apply returns for each of its items."""
        results = result["results"]
        given = [self._arguments.get(plural) for plural in _PLURALS]
        items, known = [item for value in given for item in _as_list(value)], self._shared
        if any(value and not _as_list(value) for value in given):
            # Ansible also accepts text. Which of its items is which is not known here.
            items, known = [], self._all
        # Deleted resources have no desired state. They are the last.
        items += [None] * (len(results) - len(items))
        redactors = [
            ItemRedactor(item, known, f"{one['kind']} {plain(one['name'])}", self._find_duplicates(item))
            for one, item in zip(results, items)
        ]
        redacted: Result = {"results": [self._redact_item(one, by) for one, by in zip(results, redactors)]}
        if isinstance(result.get("diff"), list):
            redacted["diff"] = self._redact_diffs(result["diff"], results, redactors)
        for redactor in redactors:
            redactor.teach(self._all)
        if isinstance(result.get("msg"), str):
            redacted["msg"] = self._redact_message(result["msg"], results, redacted["results"])
        return redacted

    def _redact_item(self, one: Data, redactor: ItemRedactor) -> Result:
        found = find_actual(one)
        _shown, digest = redactor.actual(None if found is None else self._stable(found))
        before, resource = redactor.change(one["before"], one["resource"])
        kind = _type_name(one)
        differences = [
            {
                **plain(difference),
                **{side: redactor.field(difference["field"], difference[side]) for side in ("actual", "desired")},
            }
            for difference in one["differences"]
        ]
        return {
            **plain({key: one[key] for key in ("kind", "action", "actions", "changed", "failed")}),
            "name": redactor.name(plain(one["name"])),
            "msg": None if one["msg"] is None else redactor.text(plain(one["msg"]), kind),
            "resource": resource,
            "before": before,
            "differences": differences,
            "error": one["error"] and self._redact_error(one["error"], redactor),
            **({"redacted_digest": digest()} if self._with_digests else {}),
        }

    def _redact_diffs(
        self, diffs: t.Sequence[Data], results: t.Sequence[Data], redactors: t.Sequence[ItemRedactor]
    ) -> list[Result]:
        """Redact the diffs, which have the names of their items in their headers."""
        by_name: dict[str, list[ItemRedactor]] = {}
        for one, redactor in zip(results, redactors):
            if one["changed"] and one["msg"] is None:
                by_name.setdefault(f"{one['kind']} {one['name']}", []).append(redactor)
        redacted = []
        for diff in diffs:
            name = str(diff.get("after_header")).split(" in mesh ", maxsplit=1)[0]
            redactor = by_name[name].pop(0) if by_name.get(name) else ItemRedactor(None, self._all, "")
            before, after = redactor.change(diff.get("before"), diff.get("after"))
            kind, _space, label = name.partition(" ")
            header = f"{kind} {redactor.name(label)}{str(diff.get('after_header'))[len(name) :]}"
            redacted.append({"before_header": header, "after_header": header, "before": before, "after": after})
        return redacted

    def _redact_message(self, message: str, results: t.Sequence[Data], redacted: t.Sequence[Data]) -> str:
        """Redact the message about all items, which repeats their own."""
        texts = {plain(one["msg"]): new["msg"] for one, new in zip(results, redacted) if one["msg"]}
        for text in sorted(texts, key=len, reverse=True):
            message = message.replace(text.rstrip("."), texts[text].rstrip("."))
        return self._all.text(message, "")


def find_actual(result: Data) -> t.Any:
    """Return a plain copy of the resource of a result as it was found, or None. Copies of Ansible's own lazy containers are slow."""
    if result["before"] is None and not result["action"] and not result["failed"]:
        return plain(result["resource"])
    return plain(result["before"])


def _type_name(result: Data) -> str:
    return str((result.get("error") or {}).get("kind", "options"))


def _text_of_warning(warning: t.Any) -> str:
    """Return the text of a warning, which newer versions of Ansible keep in an object."""
    event = getattr(warning, "event", None)
    return str(getattr(event, "msg", warning))
