# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: compare_plans
short_description: What keeps a plan from being carried out
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Compares a plan with the same plan made anew, and says in words what has moved since, in the document or in the world, with names, fields and values.
  - A plan that was made for another project, region, service or mesh is told as such, and nothing else then.
  - Also says so when what it got is no plan or was changed by hand, and when the plan holds what can not be done.
options:
  _input:
    description: The plan, as it was read from its file.
    type: raw
    required: true
  now:
    description: The plan made anew, by P(community.huaweicloud.build_plan#filter).
    type: dict
    required: true
  wanted:
    description: The hash of the plan that is meant. Where the plan itself is not at hand (empty), only the hash is compared.
    type: str
    default: ""
  summary:
    description: The C(summary) of P(community.huaweicloud.render_report#filter) for that plan. If only the hash is at hand, it is used to explain what differs.
    type: dict
    default: {}
positional: now, wanted, summary
"""

EXAMPLES = r"""
- name: Go on only while the plan holds
  ansible.builtin.assert:
    that: moved | length == 0
    fail_msg: "{{ moved | join('; ') }}"
  vars:
    moved: "{{ lookup('ansible.builtin.file', 'plan.json') | community.huaweicloud.compare_plans(plan_now) }}"
"""

RETURN = r"""
_value:
  description: One text for each thing that has moved. Empty when the plan holds.
  type: list
  elements: str
"""

import json
import typing as t

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import plan_diff as moves


def compare_plans(then: t.Any, now: t.Mapping[str, t.Any], wanted: str = "", summary: t.Any = None) -> t.Any:
    """What has moved since; a plan as JSON text is as good as one that was read."""
    if isinstance(then, str) and then:
        try:
            then = json.loads(then)
        except ValueError as error:
            return wrap_var([f"{moves.NO_PLAN}, it is not JSON: {error}"])
    return wrap_var(moves.compare_plans(then, now, wanted, summary))


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"compare_plans": compare_plans}
