# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: render_report
short_description: Render a plan, a drift report or the report of a rollout as JSON, Markdown, HTML or JUnit XML
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - V(html) is one self-contained page. For plans and drift reports, it has counts, a table with a filter, and differences side by side.
    For rollouts, it has charts of the weights and metrics over time, and tables of all steps, decisions and samples.
  - V(summary) is one line of JSON with the changes of a plan. It is short enough for the variables of the next job of a workflow.
    M(community.huaweicloud.show_report) prints it, and M(community.huaweicloud.create_report) uses it to explain the differences from an approved plan.
  - In JUnit XML (V(xml)), each kind is a test suite and each resource a test case. Planned changes are skipped. Invalid items and drift have failed.
  - The report of a rollout has the formats V(json), V(md) and V(html).
options:
  _input:
    description: The RV(community.huaweicloud.create_report#module:report) of M(community.huaweicloud.create_report).
    type: dict
    required: true
  format:
    description: Format of the text.
    type: str
    choices: [json, md, html, xml, summary]
    required: true
positional: format
seealso:
  - module: community.huaweicloud.create_report
  - module: community.huaweicloud.write_report
"""

EXAMPLES = r"""
- name: Write the plan as HTML
  ansible.builtin.copy:
    content: "{{ plan.report | community.huaweicloud.render_report('html') }}"
    dest: plan.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The rendered report.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import render
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain


def render_report(report: t.Mapping[str, t.Any], format: str) -> t.Any:
    """Return the report in a format. Raise AnsibleFilterError for an unknown one."""
    formats = render.list_formats(report)
    if format not in formats:
        raise AnsibleFilterError(f"render_report: the format must be one of {', '.join(formats)}, but it is '{format}'")
    return wrap_var(render.render_report(to_plain(report), format))


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"render_report": render_report}
