# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the mutants of a module with the operators of mutmut. Each mutant has one small change.

Mutations exclude code that tests cannot notice: annotations, type aliases, the type of ``t.cast``, protocols, and the wording of messages.
In addition to the operators of mutmut, calls without a used value and ``raise`` statements are removed.
"""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

_SEPARATOR = " -> "
_LONG = ('"""', "'''")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A changed module. ``name`` is the place and the change; ``lines`` are those of the innermost function around it."""

    name: str
    lines: range
    source: str = dataclasses.field(repr=False)


def generate_mutants(path: Path) -> t.Iterator[Mutant]:
    """Yield every mutant of the functions of a file. Their names are unique."""
    source = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    finder = _Finder()
    wrapper.visit(finder)
    parts = [wrapper.module.code_for_node(statement) for statement in wrapper.module.body]
    # The lines above the first statement belong to the module, not to a statement.
    header = source[: len(source) - len("".join(parts)) - len(_footer(wrapper.module))]
    names: dict[str, int] = {}
    for found in finder.found:
        index = wrapper.module.body.index(found.statement)
        changed = wrapper.module.code_for_node(t.cast(cst.CSTNode, found.statement.deep_replace(found.old, found.new)))
        if changed == parts[index] or not found.lines:
            continue
        name = f"{found.place}: {_describe_change(parts[index], changed)}"
        names[name] = names.get(name, 0) + 1
        number = f" ({names[name]})" if names[name] > 1 else ""
        yield Mutant(name + number, found.lines, header + "".join([*parts[:index], changed, *parts[index + 1 :]]))


def _footer(module: cst.Module) -> str:
    return "".join(module.code_for_node(line) for line in module.footer)


def _describe_change(old: str, new: str) -> str:
    """Return the old and the new lines, from the first to the last difference."""
    before, after = old.splitlines(), new.splitlines()
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return _SEPARATOR.join(" ".join(line.strip() for line in lines) or "nothing" for lines in (before, after))


@dataclasses.dataclass(frozen=True)
class _Found:
    statement: cst.BaseCompoundStatement | cst.SimpleStatementLine
    old: cst.CSTNode
    new: cst.CSTNode
    place: str
    lines: range


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._names: list[str] = []
        self._functions: list[range] = []
        self._statements: list[t.Any] = []
        self._excluded: set[int] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_excluded(node) or id(node) in self._excluded:
            self._excluded.add(id(node))
            return False
        if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            self._statements.append(node)
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self._names.append(node.name.value)
        if isinstance(node, cst.FunctionDef):
            where = self.get_metadata(PositionProvider, node)
            self._functions.append(range(where.start.line, where.end.line + 1))
        if isinstance(node, cst.Call) and _render(node.func) == "t.cast":
            self._excluded.add(id(node.args[0]))
        elif self._statements:
            self._mutate(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if id(original_node) in self._excluded:
            return
        if isinstance(original_node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            self._statements.pop()
        if isinstance(original_node, (cst.FunctionDef, cst.ClassDef)):
            self._names.pop()
        if isinstance(original_node, cst.FunctionDef):
            self._functions.pop()

    def _mutate(self, node: cst.CSTNode) -> None:
        changed = [
            new
            for kind, operator in mutation_operators
            if isinstance(node, kind)
            for new in _select_changes(node, operator(node))
        ]
        lines = self._functions[-1] if self._functions else range(0)
        for new in [*changed, *_remove_statement(node)]:
            self.found.append(_Found(self._statements[0], node, new, ".".join(self._names) or "module", lines))


def _select_changes(node: cst.CSTNode, changed: t.Iterable[cst.CSTNode]) -> list[cst.CSTNode]:
    """Return one of the changes that the same tests kill: one other text, and a missing argument instead of None."""
    found = list(changed)
    if isinstance(node, cst.SimpleString):
        return found[:1]
    if isinstance(node, cst.Call) and len(node.args) > 1:
        return [new for new in found if not isinstance(new, cst.Call) or not _has_more_nones(node, new)]
    return found


def _has_more_nones(old: cst.Call, new: cst.Call) -> bool:
    return len(old.args) == len(new.args) and [_render(arg.value) for arg in old.args].count("None") < [
        _render(arg.value) for arg in new.args
    ].count("None")


def _remove_statement(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return an empty statement instead of a ``raise`` or of a call whose value is not used."""
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call) or isinstance(node, cst.Raise):
        return [cst.Pass()]
    return []


def _is_excluded(node: cst.CSTNode) -> bool:
    if isinstance(node, (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)):
        return True
    if isinstance(node, cst.SimpleString):
        return node.quote in _LONG or " " in str(node.evaluated_value).strip()
    if isinstance(node, cst.Call):
        # A wrong argument of len and isinstance always raises an exception.
        return _render(node.func) in ("len", "isinstance", "t.TypeVar")
    if isinstance(node, cst.ClassDef):
        return any(_render(base.value) == "t.Protocol" for base in node.bases)
    return isinstance(node, cst.Assign) and (
        _is_type(node.value)
        or _render(node.value).startswith("t.TypeVar")
        or _render(node.targets[0].target) == "__all__"
    )


def _is_type(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Subscript) and (
        _render(node.value).startswith("t.") or _render(node.value) in ("dict", "list", "tuple")
    )


def _render(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
