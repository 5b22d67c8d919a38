# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: render_report
short_description: A plan or a report of drift as JSON, Markdown, HTML or JUnit XML
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - The HTML is one self-contained file with counts, a table that can be filtered, and differences side by side, light or dark as the reader likes it.
  - The V(summary) is JSON on one line. It holds what is needed to approve a plan, and is short enough to be passed to the next job of a workflow.
    M(community.huaweicloud.show_report) prints it, and P(community.huaweicloud.compare_plans#filter) explains with it what differs from that plan.
  - In JUnit XML, each kind is a suite and each thing a case. What a plan would do is skipped, what it can not do and what has drifted has failed.
options:
  _input:
    description: What P(community.huaweicloud.build_plan#filter) or P(community.huaweicloud.build_drift_report#filter) gave.
    type: dict
    required: true
  form:
    description: What to make of it.
    type: str
    choices: [json, md, html, xml, summary]
    required: true
positional: form
"""

EXAMPLES = r"""
- name: Write the report for people
  ansible.builtin.copy:
    content: "{{ plan | community.huaweicloud.render_report('html') }}"
    dest: plan.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The text of a file.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports import render
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import plain


def render_report(report: t.Mapping[str, t.Any], form: str) -> t.Any:
    """The report in one of the forms; raises AnsibleFilterError for one that is not known."""
    if form not in render.FORMS:
        raise AnsibleFilterError(f"render_report: '{form}' is none of {', '.join(render.FORMS)}")
    return wrap_var(render.render_report(plain(report), form))


class FilterModule:
    """Jinja2 filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"render_report": render_report}
