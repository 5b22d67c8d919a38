# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read a desired-state file: find, parse and render it, and report all mistakes with line and column.

Ansible's own loader parses the file, so vaulted values and templates work as in files of variables. A second parse, of
nodes only, finds keys that are written twice and the positions of values, in the same way with every ansible-core.
"""

from __future__ import annotations

import contextlib
import os
import re
import typing as t
from collections.abc import Mapping

from ansible import errors as ansible_errors
from ansible import template as ansible_template
from ansible.parsing import vault
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import redact
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import (
    MAX_BYTES,
    find_syntax_error,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import type_name
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    Path,
    format_path,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import (
    apply_wait_options,
    item_labels,
    validate,
)

HIDDEN = "(not shown)"
Position = t.Optional[t.Tuple[int, int]]
# A template that refers to itself, or a file that names itself as a template, must not end in a traceback.
_FAILURES = (ansible_errors.AnsibleError, OSError, RecursionError, TypeError, ValueError, LookupError, AttributeError)
_OMITTED: tuple[type[Exception], ...] = tuple(filter(None, [getattr(ansible_errors, "AnsibleValueOmittedError", None)]))
_LONGEST_CAUSE = 300
_PLACE = re.compile(r"line (\d+), column (\d+): ")


class InvalidFile(Exception):
    """The file cannot be used. ``mistakes`` has line, column, path and message of each reason."""

    def __init__(self, file: str, mistakes: list[dict[str, t.Any]]) -> None:
        super().__init__(_format(file, mistakes))
        self.mistakes = mistakes


def find_file(path: str, directories: t.Sequence[str]) -> str:
    """Return the absolute path of a file: relative to the current directory, else in one of ``directories``.

    Raises OptionError if none of them exists.
    """
    candidates = [os.path.expanduser(path), *(os.path.join(directory, path) for directory in directories)]
    for candidate in map(os.path.realpath, candidates):
        if os.path.isfile(candidate):
            return candidate
    first = os.path.realpath(candidates[0])
    if os.path.exists(first):
        raise OptionError(f"{first} is not a file.")
    raise OptionError(
        f"The desired-state file {first} does not exist, and the collection includes no file of that name.",
        hint="A relative path is relative to the current directory.",
    )


def load(path: str, loader: t.Any, templar: t.Any, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the rendered and valid document of a desired-state file. Raises InvalidFile."""
    return _File(path, loader).load(templar, variables)


class _File:
    def __init__(self, path: str, loader: t.Any) -> None:
        self._path = path
        self._directory = os.path.dirname(path)
        self._loader = loader
        self._is_encrypted = False
        self._positions = _Positions("")
        self._labels: dict[Path, str] = {}
        self._secrets: set[str] = set()

    def load(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        text = self._read_text()
        self._positions = _Positions(text)
        raw = self._parse(text)
        self._secrets.update(_find_secrets(raw))
        self._labels = {} if self._is_encrypted else item_labels(_literal(raw))
        renderer = _Renderer(self._templar(templar, variables), variables.get("omit"))
        with _relative_to(self._directory, self._loader):
            document = renderer.render(raw, ())
            unreadable = self._insert_template_files(document)
        broken = [*renderer.mistakes, *unreadable]
        skipped = tuple(mistake.path for mistake in renderer.mistakes)
        found = [one for one in validate(_plain(document)) if not _is_below(one.path, skipped)]
        self._refuse([*self._positions.duplicates, *broken, *found])
        return self._complete(document)

    def _complete(self, document: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the document as tasks need it: without blank options, with an absolute path, and with wait options in the items."""
        for key in ("options", "prune"):
            if key in document:
                document[key] = {name: value for name, value in (document[key] or {}).items() if not is_blank(value)}
        options = document.get("options", {})
        if "audit_log" in options:
            options["audit_log"] = os.path.join(self._directory, os.path.expanduser(str(options["audit_log"])))
        return apply_wait_options(document)

    def _templar(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> t.Any:
        # Lookups take the places to look in from this variable.
        places = [self._directory, *(variables.get("ansible_search_path") or [])]
        return templar.copy_with_new_env(available_variables={**variables, "ansible_search_path": places})

    def _read_text(self) -> str:
        try:
            content, shown = self._loader._get_file_contents(self._path)
            self._is_encrypted = not shown
            return content.decode("utf-8")
        except UnicodeDecodeError:
            reason = "is not UTF-8 text"
        except _FAILURES as error:
            reason = f"cannot be read: {_describe(error)}"
        self._refuse([Mistake((), reason)])
        raise AssertionError

    def _parse(self, text: str) -> dict[str, t.Any]:
        fault = find_syntax_error(text, "the file")
        if fault:
            raise InvalidFile(self._path, [_locate(fault)])
        raw: t.Any = None
        # Cores since 2.19 render only what somebody trusts.
        trust = {"trusted_as_template": True} if hasattr(ansible_template, "trust_as_template") else {}
        try:
            raw = self._loader.load_from_file(self._path, cache="none", **trust)
        except _FAILURES as error:
            self._refuse([*self._positions.duplicates, Mistake((), _describe(error))])
        if raw is None or raw == {}:
            self._refuse([Mistake((), "the file is empty")])
        if not isinstance(raw, Mapping):
            self._refuse([Mistake((), f"must be a mapping, for example workspaces: [...], it is {type_name(raw)}")])
        return raw

    def _insert_template_files(self, document: dict[str, t.Any]) -> list[Mistake]:
        """Replace ``template_file`` of the gray Deployments by ``template``; return what is wrong with the files."""
        found = []
        for index, release in _entries(document.get("releases")):
            for number, gray in _entries(release.get("gray_deployments")):
                path: Path = ("releases", index, "gray_deployments", number)
                name = gray.pop("template_file", None)
                try:
                    if name in (None, ""):
                        if gray.get("template") is None:
                            raise OptionError("template or template_file is required")
                        continue
                    if gray.get("template") not in (None, ""):
                        raise OptionError("template and template_file are mutually exclusive")
                    gray["template"] = self._read_template(name)
                except OptionError as error:
                    found.append(Mistake((*path, "template_file") if name else path, error.message))
        return found

    def _read_template(self, name: t.Any) -> str:
        if not isinstance(name, str):
            raise OptionError(f"must be the path of a file, it is {type_name(name)}")
        place = os.path.join(self._directory, os.path.expanduser(str(name)))
        if not os.path.isfile(place):
            raise OptionError(
                f"is not a file: {place}" if os.path.exists(place) else f"the file {place} does not exist"
            )
        if os.path.getsize(place) > MAX_BYTES:
            raise OptionError(f"the file is longer than {MAX_BYTES} bytes: {place}")
        try:
            return self._loader._get_file_contents(place)[0].decode("utf-8")
        except UnicodeDecodeError:
            raise OptionError(f"the file is not UTF-8 text: {place}") from None
        except _FAILURES as error:
            raise OptionError(f"the file cannot be read: {place}: {_describe(error)}") from None

    def _refuse(self, mistakes: t.Sequence[Mistake]) -> None:
        if mistakes:
            shown = [self._shown(mistake) for mistake in dict.fromkeys(mistakes)]
            raise InvalidFile(self._path, sorted(shown, key=lambda one: (one["line"] or 0, one["column"] or 0)))

    def _shown(self, mistake: Mistake) -> dict[str, t.Any]:
        line, column = self._positions.find(mistake.path) or (None, None)
        return {
            "path": self._without_secrets(format_path(mistake.path, self._labels)),
            "line": line,
            "column": column,
            "message": self._without_secrets(mistake.message),
        }

    def _without_secrets(self, text: str) -> str:
        return redact(text, self._secrets, HIDDEN)


class _Renderer:
    """Renders each value on its own, so that every failure has a path."""

    def __init__(self, templar: t.Any, omit: t.Any) -> None:
        self._templar = templar
        self._omit = omit
        self.mistakes: list[Mistake] = []

    def render(self, value: t.Any, path: Path) -> t.Any:
        if isinstance(value, Mapping):
            entries = {key: self.render(entry, (*path, _key(key))) for key, entry in value.items()}
            return {key: entry for key, entry in entries.items() if entry is not _OMIT}
        if isinstance(value, (list, tuple)):
            rendered = [self.render(entry, (*path, index)) for index, entry in enumerate(value)]
            return [entry for entry in rendered if entry is not _OMIT]
        return self._render_scalar(value, path)

    def _render_scalar(self, value: t.Any, path: Path) -> t.Any:
        try:
            if _is_lazy_vault(value):
                # Decrypt it now, because only here its position is known. Keep the object, so that reports recognize it.
                str(value)
                return value
            rendered = self._templar.template(value) if isinstance(value, str) else value
            return _OMIT if self._omit is not None and _same_text(rendered, self._omit) else rendered
        except _FAILURES as error:
            if isinstance(error, _OMITTED):
                return _OMIT
            self.mistakes.append(Mistake(path, _describe(error)))
            return value


_OMIT = object()


class _Positions:
    """Lines and columns of the values of a YAML text, counted from 1, and the keys that are written twice."""

    def __init__(self, text: str) -> None:
        self._root: t.Any = None
        self.duplicates: list[Mistake] = []
        try:
            import yaml

            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            self._root = yaml.compose(str(text), Loader=loader)
            self._find_duplicates(yaml)
        except (ImportError, RecursionError, ValueError, LookupError):
            self._root = None
        except yaml.YAMLError:
            # Ansible's loader reports it.
            self._root = None

    def find(self, path: Path) -> Position:
        """Return the position of a value, or of the nearest value around it that the text contains."""
        node, mark = self._root, self._root and self._root.start_mark
        for part in path:
            found = self._step(node, part)
            if found is None:
                break
            mark, node = found
        return (mark.line + 1, mark.column + 1) if mark else None

    def _step(self, node: t.Any, part: t.Union[str, int]) -> t.Any:
        """Return mark and node of one part of a path. Later keys win, and merged keys lose, as in YAML."""
        if node.id == "sequence" and isinstance(part, int):
            return (node.value[part].start_mark, node.value[part]) if part < len(node.value) else None
        if node.id != "mapping":
            return None
        for key, value in reversed(node.value):
            if key.id == "scalar" and key.value == str(part):
                return key.start_mark, value
        for key, value in node.value:
            if key.id == "scalar" and key.value == "<<":
                merged = value.value if value.id == "sequence" else [value]
                found = next(filter(None, (self._step(each, part) for each in merged)), None)
                if found:
                    return found
        return None

    def _find_duplicates(self, yaml: t.Any) -> None:
        waiting: list[tuple[Path, t.Any]] = [((), self._root)] if self._root else []
        seen: set[int] = set()
        while waiting:
            path, node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                waiting.extend(((*path, index), entry) for index, entry in enumerate(node.value))
            elif isinstance(node, yaml.MappingNode):
                self._compare_keys(path, node)
                waiting.extend(((*path, key.value), value) for key, value in node.value if key.id == "scalar")

    def _compare_keys(self, path: Path, node: t.Any) -> None:
        lines: dict[str, int] = {}
        for key, _value in node.value:
            if key.id != "scalar":
                continue
            if key.value in lines:
                self.duplicates.append(
                    Mistake((*path, key.value), f"the key is written twice, first in line {lines[key.value]}")
                )
            lines.setdefault(key.value, key.start_mark.line + 1)


@contextlib.contextmanager
def _relative_to(directory: str, loader: t.Any) -> t.Iterator[None]:
    """Let relative paths of lookups, commands and tests count from a directory."""
    basedir, before = loader.get_basedir(), os.open(".", os.O_RDONLY)
    try:
        loader.set_basedir(directory)
        os.chdir(directory)
        yield
    finally:
        loader.set_basedir(basedir)
        os.fchdir(before)
        os.close(before)


def _format(file: str, mistakes: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    lines = []
    for one in mistakes:
        place = ":".join(str(part) for part in (file, one["line"], one["column"]) if part is not None)
        lines.append(": ".join(filter(None, (place, one["path"], one["message"]))))
    return lines[0] if len(lines) == 1 else f"The desired-state file has {len(lines)} mistakes:\n" + "\n".join(lines)


def _locate(fault: str) -> dict[str, t.Any]:
    """Return a fault of the YAML parser, which names line and column in the text, as a mistake."""
    match = _PLACE.search(fault)
    line, column = map(int, match.groups()) if match else (None, None)
    return {"path": "", "line": line, "column": column, "message": _PLACE.sub("", fault, count=1)}


def _entries(value: t.Any) -> list[tuple[int, dict[str, t.Any]]]:
    entries = value if isinstance(value, list) else []
    return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]


def _key(key: t.Any) -> str | int:
    return key if isinstance(key, int) and not isinstance(key, bool) else str(key)


def _is_below(path: Path, others: t.Sequence[Path]) -> bool:
    return any(path[: len(other)] == other for other in others)


def _same_text(value: t.Any, other: t.Any) -> bool:
    return isinstance(value, str) and isinstance(other, str) and value == other


def _describe(error: BaseException) -> str:
    """Return what went wrong in one line, with its causes. Ansible adds lines of the file, which may hold secrets, to str()."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(texts) < 3:
        text = getattr(cause, "_original_message", None) or getattr(cause, "_message", None) or str(cause)
        text = " ".join(str(text).split())[:_LONGEST_CAUSE].rstrip(".")
        if text and not any(text in other for other in texts):
            texts.append(text)
        cause = cause.__cause__
    return ": ".join(texts) or type(error).__name__


def _is_lazy_vault(value: t.Any) -> bool:
    """Return whether this is how cores before 2.19 keep a value of a vault: an object that decrypts itself."""
    return bool(getattr(value, "__ENCRYPTED__", False))


def _is_vaulted(value: t.Any) -> bool:
    helper = getattr(vault, "VaultHelper", None)
    if _is_lazy_vault(value):
        return True
    return helper is not None and helper.get_ciphertext(value, with_tags=False) is not None


def _find_secrets(value: t.Any) -> set[str]:
    """Return the vaulted values in the file that can be decrypted."""
    if isinstance(value, Mapping):
        return set().union(*map(_find_secrets, value.values())) if value else set()
    if isinstance(value, (list, tuple)):
        return set().union(*map(_find_secrets, value)) if value else set()
    if _is_vaulted(value):
        with contextlib.suppress(*_FAILURES):
            return {str(value)}
    return set()


def _literal(value: t.Any) -> t.Any:
    """Return a copy of parsed data without values that come from a template or a vault, which messages must not show."""
    if isinstance(value, Mapping):
        return {str(key): _literal(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_literal(entry) for entry in value]
    if _is_vaulted(value) or (isinstance(value, str) and ("{{" in value or "{%" in value)):
        return None
    return value


def _plain(value: t.Any) -> t.Any:
    """Return a copy of rendered data with vaulted values as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if _is_lazy_vault(value):
        with contextlib.suppress(*_FAILURES):
            return str(value)
        return ""
    return value
