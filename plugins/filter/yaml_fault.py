# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: yaml_fault
short_description: Where and why a text is not YAML
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Says in one line why a text can not be read as YAML or JSON, with line and column. It does not quote what is in the text.
  - What is well formed and still can not be used, such as a list where a mapping is wanted, is no fault.
options:
  _input:
    description: The text, as it was read from its file.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say what is wrong with a document that could not be read
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.unvault', 'site.yml') | community.huaweicloud.yaml_fault }}"
"""

RETURN = r"""
_value:
  description: The fault. Empty when there is none.
  type: str
"""

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._template import fault_of


def yaml_fault(text: t.Any) -> str:
    """As fault_of. Nothing at all has no fault, either."""
    return fault_of(str(text), "the document") if text else ""


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"yaml_fault": yaml_fault}
