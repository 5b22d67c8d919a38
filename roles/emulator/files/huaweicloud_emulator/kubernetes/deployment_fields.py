# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of a Deployment (apps/v1) and their valid values, from the table of the collection that contains this role.

The table has only facts of the Kubernetes API, which a test compares with the published schemas. The checks that use it are written
separately for the modules and for the emulator.
"""

from __future__ import annotations

import importlib.util
import pathlib
import types


def _load() -> types.ModuleType:
    """Load the table from its file, because the emulator does not import Ansible or the collection."""
    root = pathlib.Path(__file__).resolve().parents[5]
    path = root / "plugins" / "module_utils" / "_kubernetes" / "deployment_fields.py"
    spec = importlib.util.spec_from_file_location("collection_deployment_fields", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_table = _load()

STRUCTURES: dict[str, dict[str, str]] = _table.STRUCTURES
REQUIRED: dict[str, str] = _table.REQUIRED
CHOICES: dict[str, str] = _table.CHOICES
RANGES: dict[str, tuple[int | None, int | None]] = _table.RANGES
FORMATS: dict[str, str] = _table.FORMATS
ALTERNATIVES: dict[str, tuple[str, bool]] = _table.ALTERNATIVES
FORBIDDEN: dict[str, str] = _table.FORBIDDEN


def field_types(structure: str) -> dict[str, str]:
    """Return the type of each field of a structure."""
    types_of_fields: dict[str, str] = _table.get_field_types(structure)
    return types_of_fields
