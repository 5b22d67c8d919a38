# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return values that several modules have are documented in the same words. Doc fragments cannot contain return values."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
# The module whose texts are those of all modules.
REFERENCE = "asm_mesh_info"
SHARED = ("auth_source", "error", "redacted", "request_ids")
GROUPS = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
# Keys of one module that the reference does not have.
MORE_KEYS = {"api_request": {"outcome_unknown"}}

Data = t.Dict[str, t.Any]


def read_return(path: Path) -> Data:
    """Return the documented return values of a module. Ansible allows a module without any."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(each, "id", "") for each in node.targets] == ["RETURN"]:
            return t.cast(Data, yaml.safe_load(ast.literal_eval(node.value)) or {})
    return {}


RETURNED = {path.stem: read_return(path) for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))}


def describe(value: Data) -> tuple[str, str]:
    """Return type and description."""
    text = value["description"]
    return value["type"], text if isinstance(text, str) else " ".join(text)


def is_described_like(found: Data, expected: Data) -> bool:
    """Check that a value has the expected type and description. The description may add details."""
    (found_type, found_text), (expected_type, expected_text) = describe(found), describe(expected)
    return found_type == expected_type and found_text.startswith(expected_text)


def find_differences(module: str, key: str) -> list[str]:
    """Return the parts of a return value that are described differently from the reference."""
    found, expected = RETURNED[module][key], RETURNED[REFERENCE][key]
    differences = [] if is_described_like(found, expected) else ["description"]
    parts, expected_parts = found.get("contains", {}), expected.get("contains", {})
    keys = parts.keys() - (MORE_KEYS.get(module, set()) if key == "error" else set())
    if keys != expected_parts.keys():
        return [*differences, "contains"]
    for name in expected_parts:
        same = is_described_like(parts[name], expected_parts[name])
        # Each module names the kinds that its users can meet.
        is_kind = (key, name) == ("error", "kind") and describe(parts[name])[1].startswith(
            "Kind of the error, for example "
        )
        differences += [] if same or is_kind else [name]
    return differences


# Modules of other APIs, such as that of Kubernetes, describe their own errors.
CLOUD_MODULES = [module for module, values in RETURNED.items() if "auth_source" in values]


@pytest.mark.parametrize(
    ("module", "key"), [(module, key) for module in CLOUD_MODULES for key in SHARED if key in RETURNED[module]]
)
def test_shared_return_values_have_the_same_text(module: str, key: str) -> None:
    assert find_differences(module, key) == []


def test_errors_of_all_modules_have_the_same_keys_and_types() -> None:
    expected = {key: part["type"] for key, part in RETURNED[REFERENCE]["error"]["contains"].items()}
    for module in [module for module, values in RETURNED.items() if "error" in values]:
        found = {key: part["type"] for key, part in RETURNED[module]["error"]["contains"].items()}
        assert {key: type_ for key, type_ in found.items() if key not in MORE_KEYS.get(module, ())} == expected, module


def test_modules_of_the_cloud_document_all_shared_values() -> None:
    assert REFERENCE in CLOUD_MODULES
    required = {"auth_source", "error", "request_ids"}
    assert [module for module in CLOUD_MODULES if not required <= RETURNED[module].keys()] == []


def test_other_text_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    error = RETURNED[REFERENCE]["error"]
    changed = {**error, "contains": {**error["contains"], "hint": {"type": "str", "description": "Another text."}}}
    monkeypatch.setitem(RETURNED, "changed", {"error": changed})
    assert find_differences("changed", "error") == ["hint"]
