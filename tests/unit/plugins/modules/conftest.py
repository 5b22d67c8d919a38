# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for
from simulated_cloud import Cloud, run_main


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def main(cloud, monkeypatch, capsys):
    """``main(module, options, environ, check_mode=..., diff=..., verbosity=...)``: what the module prints, with nothing of our own environment in it."""
    for variable in (name for option in CONNECTION.argument_spec for name in variables_for(option)):
        monkeypatch.delenv(variable, raising=False)

    def run(module, options, environ=None, **settings):
        for name, value in (environ or {}).items():
            monkeypatch.setitem(os.environ, name, value)
        return run_main(cloud, module.main, options, monkeypatch, capsys, **settings)

    return run
