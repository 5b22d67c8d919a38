# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: undeclared
short_description: What to prune to learn what is not declared
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Gives a value for the option C(prune) of M(community.huaweicloud.apply) with which it lists, B(in check mode), all that is there and not declared,
    from the same lists that it reads anyway. Outside of check mode it would remove all of it.
  - Only kinds with a list or with C(prune) patterns in the document are included. Workshops and releases also need a mesh in the document.
options:
  _input:
    description: The document of desired state.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Compare, and list what is not declared
  community.huaweicloud.apply:
    workspaces: "{{ document.workspaces }}"
    prune: "{{ document | community.huaweicloud.undeclared }}"
    on_error: continue
  check_mode: true
  register: foretold
"""

RETURN = r"""
_value:
  description: Lists of patterns by kind.
  type: dict
"""

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import kinds_to_list


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"undeclared": kinds_to_list}
