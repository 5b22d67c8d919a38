# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: contract_next
short_description: The requests to send next to see what the services do where their references are silent
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - From the answers so far, says which requests come next, and what can be told by now. It is what the playbook C(community.huaweicloud.contract) is made
    of, which sends them with M(community.huaweicloud.api_request) and asks again, until there is nothing left to send.
  - It remembers nothing. The same answers give the same requests.
options:
  _input:
    description: The results of M(community.huaweicloud.api_request) so far, in their order. An empty list at the start.
    type: list
    elements: dict
    required: true
  options:
    description:
      - What was asked for. The names of things that are made begin with C(prefix) and C(run). The others are those of the playbook, without C(contract_),
        that is C(services), C(mesh_name), C(user_name), C(workshop), C(release), C(cancel_actions) and C(end_actions).
    type: dict
    required: true
  cleaning:
    description: Whether it is about the removal of what a run has made, instead.
    type: bool
    default: false
positional: options, cleaning
seealso:
  - plugin: community.huaweicloud.contract_settled
    plugin_type: filter
  - module: community.huaweicloud.api_request
"""

EXAMPLES = r"""
- name: See what would be asked first
  ansible.builtin.debug:
    msg: "{{ ([] | community.huaweicloud.contract_next({'prefix': 'contract', 'run': '0a1b2c3d', 'services': ['modelarts']})).calls | map(attribute='name') }}"
"""

RETURN = r"""
_value:
  description:
    - C(problems) with the options, in which case there is nothing else. C(answers) are those so far, without what nobody needs again.
    - C(calls) are options of M(community.huaweicloud.api_request), each with a C(name) and those to be repeated with C(until), none at the end. C(report) holds
      the C(findings) and their C(counts). C(left) is what could not be removed, or not be looked for.
  type: dict
"""

import typing as t

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import steps
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain


def contract_next(
    answers: t.Sequence[t.Mapping[str, t.Any]], options: t.Mapping[str, t.Any], cleaning: bool = False
) -> t.Any:
    """What comes after these answers."""
    return wrap_var(to_plain(steps.next_of(answers, to_plain(options), cleaning=bool(cleaning))))


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"contract_next": contract_next}
