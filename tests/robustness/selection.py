# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a suite was run as a whole."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest

# Options of pytest that leave out some of the tests.
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")

# Whether all libraries have to be there: to skip something would make less of what is run as a whole.
ALL = False


def needed(name: str) -> t.Any:
    """The library of this name. Without it the tests of the file are skipped, or fail where all is to be run."""
    if ALL:
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed; make robustness has it")


def was_whole(session: pytest.Session, suite: Path) -> bool:
    """Whether all tests of the suite in this folder were chosen, and all were run. Those that skip themselves count as run."""
    config = session.config
    narrowed = any(config.getoption(option, None) for option in NARROWING)
    folders = [(config.invocation_params.dir / word).resolve() for word in config.args if "::" not in word]
    asked = any(folder.is_dir() and suite.is_relative_to(folder) for folder in folders)
    return bool(config.getoption("--whole")) and asked and not (narrowed or session.shouldstop or session.shouldfail)
