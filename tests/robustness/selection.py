# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether a run of pytest includes a complete suite."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest

# Options of pytest that leave out some of the tests.
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")

# Whether all libraries are required. A skipped file would make a complete run incomplete.
ALL = False


def require_library(name: str) -> t.Any:
    """Import a library. If it is missing, fail in a complete run, and skip the tests of the file in any other run."""
    if ALL:
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed; make robustness has it")


def ran_completely(session: pytest.Session, suite: Path) -> bool:
    """Return whether all tests in the directory ``suite`` were selected and run. Skipped tests count as run."""
    config = session.config
    narrowed = any(config.getoption(option, None) for option in NARROWING)
    paths = [(config.invocation_params.dir / word).resolve() for word in config.args if "::" not in word]
    requested = any(path.is_dir() and suite.is_relative_to(path) for path in paths)
    return (
        bool(config.getoption("--whole")) and requested and not (narrowed or session.shouldstop or session.shouldfail)
    )
