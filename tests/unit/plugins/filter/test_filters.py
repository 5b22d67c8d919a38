# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the interface and the documentation of the filters."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

FILTERS = Path(__file__).resolve().parents[4] / "plugins" / "filter"
NAMES = sorted(path.stem for path in FILTERS.glob("*.py"))


def load_filter(name):
    module = importlib.import_module(f"ansible_collections.community.huaweicloud.plugins.filter.{name}")
    (found,) = module.FilterModule().filters().items()
    assert found[0] == name
    return module, found[1]


@pytest.mark.parametrize("name", NAMES)
def test_documentation_matches_the_filter(name):
    module, _function = load_filter(name)
    documented = yaml.safe_load(module.DOCUMENTATION)
    assert documented["name"] == name
    assert documented["short_description"] and documented["description"]
    positional = [word.strip() for word in documented.get("positional", "").split(",") if word]
    assert positional == [option for option in documented["options"] if option != "_input"]
    assert f"community.huaweicloud.{name}" in module.EXAMPLES
    assert yaml.safe_load(module.RETURN)["_value"]["type"] in ("bool", "dict", "list", "str")


def test_unknown_format_fails():
    message = "render_report: the format must be one of json, md, html, xml, summary, but it is 'pdf'"
    with pytest.raises(AnsibleFilterError, match=message):
        load_filter("render_report")[1]({}, "pdf")


def test_report_is_rendered():
    rendered = load_filter("render_report")[1]({"resources": [{"name": "{{ team }}"}]}, "json")
    assert json.loads(rendered) == {"resources": [{"name": "{{ team }}"}]}
    assert rendered.endswith("\n")
