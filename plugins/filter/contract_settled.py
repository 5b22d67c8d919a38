# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: contract_settled
short_description: Whether a request that P(community.huaweicloud.contract_next#filter) wants repeated has had its last answer
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - For the C(until) of a task with M(community.huaweicloud.api_request).
options:
  _input:
    description: The result of M(community.huaweicloud.api_request).
    type: dict
    required: true
  until:
    description: What P(community.huaweicloud.contract_next#filter) gave as C(until).
    type: dict
    required: true
positional: until
seealso:
  - plugin: community.huaweicloud.contract_next
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Wait until a workspace is removed
  community.huaweicloud.api_request:
    service: modelarts
    path: v1/{project_id}/workspaces/0123456789abcdef0123456789abcdef
    fail_on_error: false
  register: workspace_shown
  until: "workspace_shown | community.huaweicloud.contract_settled({'status_is_not': 'DELETING'})"
  retries: 60
  delay: 5
"""

RETURN = r"""
_value:
  description: Whether it is settled. A refusal is the end of any waiting, unless it is one that passes.
  type: bool
"""

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import steps


def contract_settled(answer: t.Mapping[str, t.Any], until: t.Mapping[str, t.Any]) -> bool:
    """Whether what was waited for has come."""
    return steps.settled(answer, until)


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"contract_settled": contract_settled}
