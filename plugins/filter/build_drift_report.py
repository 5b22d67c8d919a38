# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: build_drift_report
short_description: A report of drift from what M(community.huaweicloud.apply) foretells
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Turns the result of M(community.huaweicloud.apply) in check mode into a report of where the world is not as declared. What differs, what is missing,
    what is there and not declared, what is stuck, and of what nothing is known.
  - What is not declared is known as far as C(prune) has listed it. See P(community.huaweicloud.unmanaged#filter). Where it has not, because an item is
    wrong in itself, C(counts.unmanaged) is V(null), and C(undetermined_kinds) has the kinds.
  - What it does not show, and can not know to be secret, is told with P(community.huaweicloud.build_plan#filter).
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
  - plugin: community.huaweicloud.render_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep the report
  ansible.builtin.set_fact:
    drift: "{{ foretold | community.huaweicloud.build_drift_report(document, 'shop.yml') }}"
"""

RETURN = r"""
_value:
  description: The report, with C(has_drift), C(counts), C(undetermined_kinds), C(target) and C(resources).
  type: dict
"""

import datetime as dt
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import plan as things


def build_drift_report(applied: t.Mapping[str, t.Any], document: t.Mapping[str, t.Any], file: str = "") -> t.Any:
    """The report as of now."""
    now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        return wrap_var(things.build_drift_report(applied, document, file, now))
    except ValueError as error:
        raise AnsibleFilterError(f"build_drift_report: {error}") from None


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"build_drift_report": build_drift_report}
