# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: build_plan
short_description: A plan from what M(community.huaweicloud.apply) foretells
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Turns the result of M(community.huaweicloud.apply) in check mode into a plan. It holds what would be done to each thing, what was declared, what was found,
    for which project, region, services and meshes this is, and a hash of all of this.
  - It is sealed with a digest of all that it says, C(checksum), with which P(community.huaweicloud.compare_plans#filter) finds that it was edited or damaged.
    This guards against accidents. Somebody who wants to can compute the digest anew, so have people approve the C(hash), and keep it apart from the file.
  - It does not show values of environment variables, command lines and headers of templates, nor of keys that are called like a secret. Fingerprints of them
    show whether they have changed.
  - It does not show values that are in the document as C(!vault) either, nor what was found in their places. It can not know such a value any more once a
    template or a filter has made another text of it, or when the file of the document is encrypted as a whole. With ansible-core before 2.19 this also goes
    for a variable of the vault to which the document refers.
options:
  _input:
    description: What M(community.huaweicloud.apply) returned in check mode, with C(on_error) set to V(continue).
    type: dict
    required: true
  document:
    description: The document of desired state, with the lists that were given to M(community.huaweicloud.apply).
    type: dict
    required: true
  file:
    description: Where the document was read, for whom it may concern.
    type: str
    default: ""
positional: document, file
seealso:
  - plugin: community.huaweicloud.compare_plans
    plugin_type: filter
  - plugin: community.huaweicloud.render_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep the plan
  ansible.builtin.set_fact:
    plan: "{{ foretold | community.huaweicloud.build_plan(document, 'shop.yml') }}"
"""

RETURN = r"""
_value:
  description: The plan, with C(has_changes), C(counts), C(hash), C(target) and C(resources).
  type: dict
"""

import datetime as dt
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import plan as things


def build_plan(applied: t.Mapping[str, t.Any], document: t.Mapping[str, t.Any], file: str = "") -> t.Any:
    """The plan as of now."""
    now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        return wrap_var(things.build_plan(applied, document, file, now))
    except ValueError as error:
        raise AnsibleFilterError(f"build_plan: {error}") from None


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"build_plan": build_plan}
