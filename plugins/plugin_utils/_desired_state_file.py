# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read a desired-state file: find, parse and render it, and report all mistakes with line and column.

Ansible's own loader parses the file, so vaulted values and templates work as in files of variables. A second parse into
nodes finds duplicate keys and the positions of values, with the same results for each version of ansible-core.
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
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import format_findings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import lint_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.template_text import find_syntax_error
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import parse_path, type_name
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_limits import MAX_BYTES
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    Path,
    format_path,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import (
    apply_mesh,
    apply_wait_options,
    read_labels,
    validate,
)

HIDDEN = "(not shown)"
Position = t.Optional[t.Tuple[int, int]]
# A recursive template, or a file that includes itself, must not end in a traceback.
_FAILURES = (ansible_errors.AnsibleError, OSError, RecursionError, TypeError, ValueError, LookupError, AttributeError)
_OMITTED: tuple[type[Exception], ...] = tuple(filter(None, [getattr(ansible_errors, "AnsibleValueOmittedError", None)]))
_MAX_CAUSE_LENGTH = 300
_POSITION = re.compile(r"line (\d+), column (\d+): ")


class InvalidFile(Exception):
    """The file is invalid. ``mistakes`` has line, column, path and message of each mistake."""

    def __init__(self, file: str, mistakes: list[dict[str, t.Any]], kind: str = "desired-state file") -> None:
        super().__init__(_format(file, mistakes, kind))
        self.mistakes = mistakes


def find_file(path: str, directories: t.Sequence[str], kind: str = "desired-state file") -> str:
    """Return the absolute path of a file in the current directory or one of ``directories``.

    Raise OptionError if none of these files exists.
    """
    candidates = [os.path.expanduser(path), *(os.path.join(directory, path) for directory in directories)]
    for candidate in map(os.path.realpath, candidates):
        if os.path.isfile(candidate):
            return candidate
    first = os.path.realpath(candidates[0])
    if os.path.exists(first):
        raise OptionError(f"{first} is not a file.")
    raise OptionError(
        f"The {kind} {first} does not exist, and the collection includes no file of that name.",
        hint="A relative path is relative to the current directory.",
    )


def load(
    path: str,
    loader: t.Any,
    templar: t.Any,
    variables: t.Mapping[str, t.Any],
    mesh: t.Mapping[str, str] | None = None,
) -> dict[str, t.Any]:
    """Return the rendered and validated content of a desired-state file. Raise InvalidFile.

    ``mesh`` has ``mesh_id`` and ``mesh_name`` of the only mesh that the file can name. It is the default of the file.
    """
    return FileLoader(path, loader, mesh).load(templar, variables)


class FileLoader:
    """Reads one file. Subclasses read files with other keys."""

    KIND = "desired-state file"
    EXAMPLE = "workspaces: [...]"

    def __init__(self, path: str, loader: t.Any, mesh: t.Mapping[str, str] | None = None) -> None:
        self._path = path
        self._mesh = mesh or {}
        self._directory = os.path.dirname(path)
        self._loader = loader
        self._is_encrypted = False
        self._positions = _Positions("")
        self._labels: dict[Path, str] = {}
        self._secrets: set[str] = set()
        # The paths of values that cannot be rendered or read.
        self._broken: list[Path] = []

    def load(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        text = self._read_text()
        self._positions = _Positions(text)
        raw = self._parse(text)
        self._secrets.update(_find_secrets(raw))
        self._labels = {} if self._is_encrypted else self._read_labels(_remove_dynamic_values(raw))
        renderer = _Renderer(self._build_templar(templar, variables), variables.get("omit"))
        with _relative_to(self._directory, self._loader):
            desired_state = renderer.render(raw, ())
            skipped = tuple(mistake.path for mistake in renderer.mistakes)
            unreadable = self._insert_template_files(desired_state, skipped)
            desired_state, misplaced = apply_mesh(desired_state, self._mesh)
        broken = [*renderer.mistakes, *unreadable, *misplaced]
        # An item whose template file is unreadable has no template.
        incomplete = [mistake.path[:-1] for mistake in unreadable]
        self._broken = [*skipped, *incomplete]
        found = [
            one
            for one in self._find_mistakes(to_plain(desired_state))
            if not _is_below(one.path, skipped) and one.path not in incomplete
        ]
        self._refuse([*self._positions.duplicates, *broken, *found])
        return self._complete(desired_state)

    def locate(self, path: Path) -> str:
        """Return file, line and column of a value, or of the nearest parent that the file contains."""
        position = self._positions.find(path)
        return ":".join(map(str, (self._path, *(position or ()))))

    def _find_mistakes(self, content: t.Any) -> list[Mistake]:
        return validate(content)

    def _read_labels(self, content: t.Any) -> dict[Path, str]:
        return read_labels(content)

    def _find_releases(self, content: t.Any) -> list[tuple[Path, dict[str, t.Any]]]:
        """Return the releases in the content, with their paths. Their templates can be in other files."""
        return [(("releases", index), release) for index, release in _enumerate_mappings(content.get("releases"))]

    def _complete(self, desired_state: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the desired state for tasks: no blank options, an absolute path, and wait options in the items."""
        for key in ("options", "prune"):
            if key in desired_state:
                content = {} if is_blank(desired_state[key]) else desired_state[key]
                desired_state[key] = {name: value for name, value in content.items() if not is_blank(value)}
        options = desired_state.get("options", {})
        if "audit_log" in options:
            options["audit_log"] = os.path.join(self._directory, os.path.expanduser(str(options["audit_log"])))
        return apply_wait_options(desired_state)

    def _build_templar(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> t.Any:
        # Lookups search in the directories of this variable.
        directories = [self._directory, *(variables.get("ansible_search_path") or [])]
        return templar.copy_with_new_env(available_variables={**variables, "ansible_search_path": directories})

    def _read_text(self) -> str:
        try:
            content, is_plain = self._loader._get_file_contents(self._path)
            self._is_encrypted = not is_plain
            return content.decode("utf-8")
        except UnicodeDecodeError:
            reason = "is not UTF-8 text"
        except _FAILURES as error:
            reason = f"cannot be read: {_describe(error)}"
        self._refuse([Mistake((), reason)])
        raise AssertionError

    def _parse(self, text: str) -> dict[str, t.Any]:
        problem = find_syntax_error(text, "the file")
        if problem:
            raise InvalidFile(self._path, [_locate(problem)], self.KIND)
        raw: t.Any = None
        # ansible-core 2.19 and later render only trusted templates.
        trust = {"trusted_as_template": True} if hasattr(ansible_template, "trust_as_template") else {}
        try:
            raw = self._loader.load_from_file(self._path, cache="none", **trust)
        except _FAILURES as error:
            self._refuse([*self._positions.duplicates, Mistake((), _describe(error))])
        if raw is None or raw == {}:
            self._refuse([Mistake((), "the file is empty")])
        if not isinstance(raw, Mapping):
            self._refuse([Mistake((), f"must be a mapping, for example {self.EXAMPLE}, it is {type_name(raw)}")])
        return raw

    def _insert_template_files(self, desired_state: dict[str, t.Any], skipped: t.Collection[Path]) -> list[Mistake]:
        """Replace ``template_file`` of the gray Deployments by ``template``. Return the mistakes in the files.

        Templates are not compared with the values at the ``skipped`` paths, which could not be rendered.
        """
        found = []
        for parent, release in self._find_releases(desired_state):
            known = {key: value for key, value in release.items() if (*parent, key) not in skipped}
            for number, gray in _enumerate_mappings(release.get("gray_deployments")):
                path: Path = (*parent, "gray_deployments", number)
                name = gray.pop("template_file", None)
                try:
                    if name in (None, ""):
                        if gray.get("template") is None:
                            raise OptionError("template or template_file is required")
                        continue
                    if gray.get("template") not in (None, ""):
                        raise OptionError("template and template_file are mutually exclusive")
                    gray["template"] = self._read_template(name, known)
                except OptionError as error:
                    found.append(Mistake((*path, "template_file") if name else path, error.message))
        return found

    def _read_template(self, name: t.Any, release: t.Mapping[str, t.Any]) -> str:
        """Return the text of a template file. Raise OptionError if it is unreadable or not a template for ``release``."""
        if not isinstance(name, str):
            raise OptionError(f"must be the path of a file, it is {type_name(name)}")
        path = os.path.join(self._directory, os.path.expanduser(str(name)))
        if not os.path.isfile(path):
            raise OptionError(f"is not a file: {path}" if os.path.exists(path) else f"the file {path} does not exist")
        if os.path.getsize(path) > MAX_BYTES:
            raise OptionError(f"the file is longer than {MAX_BYTES} bytes: {path}")
        try:
            content, is_plain = self._loader._get_file_contents(path)
            text: str = content.decode("utf-8")
        except UnicodeDecodeError:
            raise OptionError(f"the file is not UTF-8 text: {path}") from None
        except _FAILURES as error:
            raise OptionError(f"the file cannot be read: {path}: {_describe(error)}") from None
        problems = _check_template(text, release, is_plain)
        if problems:
            positions = _Positions(text)
            raise OptionError("; ".join(_locate_problem(problem, path, positions) for problem in problems))
        return text

    def _refuse(self, mistakes: t.Sequence[Mistake]) -> None:
        if mistakes:
            located = [self._locate_mistake(mistake) for mistake in dict.fromkeys(mistakes)]
            ordered = sorted(located, key=lambda one: (one["line"] or 0, one["column"] or 0))
            raise InvalidFile(self._path, ordered, self.KIND)

    def _locate_mistake(self, mistake: Mistake) -> dict[str, t.Any]:
        line, column = self._positions.find(mistake.path) or (None, None)
        return {
            "path": self._hide_secrets(format_path(mistake.path, self._labels)),
            "line": line,
            "column": column,
            "message": self._hide_secrets(mistake.message),
        }

    def _hide_secrets(self, text: str) -> str:
        return redact(text, self._secrets, HIDDEN)


class _Renderer:
    """Renders each value separately, so that each failure has a path."""

    def __init__(self, templar: t.Any, omit: t.Any) -> None:
        self._templar = templar
        self._omit = omit
        self.mistakes: list[Mistake] = []

    def render(self, value: t.Any, path: Path) -> t.Any:
        if isinstance(value, Mapping):
            entries = {key: self.render(entry, (*path, _to_path_part(key))) for key, entry in value.items()}
            return {key: entry for key, entry in entries.items() if entry is not _OMIT}
        if isinstance(value, (list, tuple)):
            rendered = [self.render(entry, (*path, index)) for index, entry in enumerate(value)]
            return [entry for entry in rendered if entry is not _OMIT]
        return self._render_scalar(value, path)

    def _render_scalar(self, value: t.Any, path: Path) -> t.Any:
        try:
            if _is_lazy_vault(value):
                # Decrypt the value here, where its position is known. Keep the object, so that reports recognize it.
                str(value)
                return value
            rendered = self._templar.template(value) if isinstance(value, str) else value
            return _OMIT if self._omit is not None and _is_same_text(rendered, self._omit) else rendered
        except _FAILURES as error:
            if isinstance(error, _OMITTED):
                return _OMIT
            self.mistakes.append(Mistake(path, _describe(error)))
            return value


_OMIT = object()


class _Positions:
    """Finds lines and columns, counted from 1, of the values in YAML text, and duplicate keys."""

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
        """Return the position of a value, or of the nearest parent that the text contains."""
        node, mark = self._root, self._root and self._root.start_mark
        for part in path:
            found = self._step(node, part)
            if found is None:
                break
            mark, node = found
        return (mark.line + 1, mark.column + 1) if mark else None

    def _step(self, node: t.Any, part: t.Union[str, int]) -> t.Any:
        """Return mark and node of one part of a path. As in YAML, later keys take precedence over earlier and merged ones."""
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


def _check_template(text: str, release: t.Mapping[str, t.Any], is_plain: bool) -> list[str]:
    """Return the mistakes that asm_release would report without the name of the file.

    Findings of the linter show values, so they are skipped for an encrypted file (``is_plain`` is false).
    """
    try:
        template = parse_template(text, "template")
    except OptionError as error:
        return [error.message]
    if not is_plain or release.get("lint") not in (None, "", "strict"):
        return []
    options = {key: release.get(key) for key in ("namespace", "version", "service_name")}
    texts = {key: value if value and isinstance(value, str) else None for key, value in options.items()}
    return [format_findings([finding]) for finding in lint_template(template, "template", **texts)]


@contextlib.contextmanager
def _relative_to(directory: str, loader: t.Any) -> t.Iterator[None]:
    """Resolve relative paths of lookups, commands and tests in a directory."""
    basedir, before = loader.get_basedir(), os.open(".", os.O_RDONLY)
    try:
        loader.set_basedir(directory)
        os.chdir(directory)
        yield
    finally:
        loader.set_basedir(basedir)
        os.fchdir(before)
        os.close(before)


def _format(file: str, mistakes: t.Sequence[t.Mapping[str, t.Any]], kind: str) -> str:
    lines = []
    for one in mistakes:
        position = ":".join(str(part) for part in (file, one["line"], one["column"]) if part is not None)
        lines.append(": ".join(filter(None, (position, one["path"], one["message"]))))
    return lines[0] if len(lines) == 1 else f"The {kind} has {len(lines)} mistakes:\n" + "\n".join(lines)


def _locate(problem: str) -> dict[str, t.Any]:
    """Return a message of the YAML parser, which contains line and column, as a mistake."""
    match = _POSITION.search(problem)
    line, column = map(int, match.groups()) if match else (None, None)
    return {"path": "", "line": line, "column": column, "message": _POSITION.sub("", problem, count=1)}


def _locate_problem(problem: str, file: str, positions: _Positions) -> str:
    """Return a mistake in a template, whose message begins with its path, with file, line and column."""
    _template, *keys = parse_path(problem.partition(" ")[0].rstrip(":")) or ("",)
    position = positions.find(tuple(keys)) if keys else None
    return f"{':'.join(map(str, (file, *(position or ()))))}: {problem.rstrip('.')}"


def _enumerate_mappings(value: t.Any) -> list[tuple[int, dict[str, t.Any]]]:
    entries = value if isinstance(value, list) else []
    return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]


def _to_path_part(key: t.Any) -> str | int:
    return key if isinstance(key, int) and not isinstance(key, bool) else str(key)


def _is_below(path: Path, others: t.Sequence[Path]) -> bool:
    return any(path[: len(other)] == other for other in others)


def _is_same_text(value: t.Any, other: t.Any) -> bool:
    return isinstance(value, str) and isinstance(other, str) and value == other


def _describe(error: BaseException) -> str:
    """Return an error and its causes in one line, without the lines of the file that Ansible adds to str()."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(texts) < 3:
        text = getattr(cause, "_original_message", None) or getattr(cause, "_message", None) or str(cause)
        text = " ".join(str(text).split())[:_MAX_CAUSE_LENGTH].rstrip(".")
        if text and not any(text in other for other in texts):
            texts.append(text)
        cause = cause.__cause__
    return ": ".join(texts) or type(error).__name__


def _is_lazy_vault(value: t.Any) -> bool:
    """Return whether ``value`` is a vaulted value of ansible-core before 2.19, an object that decrypts itself."""
    return bool(getattr(value, "__ENCRYPTED__", False))


def _is_vaulted(value: t.Any) -> bool:
    helper = getattr(vault, "VaultHelper", None)
    if _is_lazy_vault(value):
        return True
    return helper is not None and helper.get_ciphertext(value, with_tags=False) is not None


def _find_secrets(value: t.Any) -> set[str]:
    """Return the vaulted values in the file that Ansible can decrypt."""
    if isinstance(value, Mapping):
        return set().union(*map(_find_secrets, value.values())) if value else set()
    if isinstance(value, (list, tuple)):
        return set().union(*map(_find_secrets, value)) if value else set()
    if _is_vaulted(value):
        with contextlib.suppress(*_FAILURES):
            return {str(value)}
    return set()


def _remove_dynamic_values(value: t.Any) -> t.Any:
    """Return a copy of parsed data without rendered and vaulted values, which messages must not show."""
    if isinstance(value, Mapping):
        return {str(key): _remove_dynamic_values(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_remove_dynamic_values(entry) for entry in value]
    if _is_vaulted(value) or (isinstance(value, str) and ("{{" in value or "{%" in value)):
        return None
    return value


def to_plain(value: t.Any) -> t.Any:
    """Return a copy of rendered data with vaulted values as text."""
    if isinstance(value, Mapping):
        return {str(key): to_plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(entry) for entry in value]
    if _is_lazy_vault(value):
        with contextlib.suppress(*_FAILURES):
            return str(value)
        return ""
    return value
