#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: validate_variables
short_description: Validate variables of a play, with defaults for blank ones
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Validates all variables at once, before a playbook sends the first request, and returns them with the right types.
  - Also validates C(huaweicloud_in_process), C(huaweicloud_progress), C(huaweicloud_redact) and C(huaweicloud_redact_digests), which must be booleans.
  - A missing variable, null and empty text have the default. Surveys of AWX pass unanswered questions as null or empty text, which
    M(ansible.builtin.validate_argument_spec) refuses.
  - Ansible does not show the result of a successful task, because the variables can contain secrets.
  - The playbooks and roles of this collection use it. The task runs on the controller and sends no requests.
extends_documentation_fragment:
  - community.huaweicloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  variables:
    description:
      - Maps the name of each variable to its specification.
      - The keys C(type), C(elements), C(choices), C(options), C(required) and C(default) are those of an argument specification.
      - C(elements_of) is the name of a list of M(community.huaweicloud.apply), C(workspaces), C(workshops) or C(releases). The elements of the
        variable must have the options of that list. The variable is not in the result, because items can contain secrets.
      - C(positive=true) requires a number greater than 0. C(file_mode=true) requires a file mode. The error for a missing required variable shows C(example),
        for C(localhost) as an extra variable and for other hosts as an inventory variable. C(no_log=true) leaves the variable out of the result.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Validate the variables
  community.huaweicloud.validate_variables:
    variables:
      shop_wait: {type: bool, default: true}
      shop_timeout: {type: float, default: 600, positive: true}
      shop_connection: {type: dict, no_log: true}
  register: shop_settings

- name: Create a workspace
  community.huaweicloud.modelarts_workspace:
    name: team-a
    wait: "{{ shop_settings.variables.shop_wait }}"
    wait_timeout: "{{ shop_settings.variables.shop_timeout }}"
"""

RETURN = r"""
variables:
  description: Values of the variables by name. V(null) for a blank variable without a default.
  returned: success
  type: dict
  sample: {shop_wait: true, shop_timeout: 600.0}
"""
