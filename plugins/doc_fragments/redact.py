# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  redact:
    description:
      - Whether to replace values that may be secret with V((not shown)) in the result of the task, including its diff, messages and warnings.
      - This applies to values that come from a vault, environment variables, command lines and HTTP headers of templates, and values of keys
        with secret-like names. Vaulted values are also redacted where the service returns a different value for the same field.
      - Without this option, callbacks such as the one of AWX store these values. The playbooks and roles of this collection set it.
      - The variable C(huaweicloud_redact) takes precedence over this option.
      - The variable C(huaweicloud_redact_sources) can contain a list of names of variables with the original items. They are required
        if the options of the task come from a template and ansible-core is older than 2.19, or if the task deletes resources without all of their fields.
      - Values that a template has derived from a vaulted value cannot be recognized. The same applies to files that are encrypted as a whole.
        Before ansible-core 2.19, it also applies to vaulted values in templates, except for those in C(huaweicloud_redact_sources).
      - Cannot be combined with C(async).
    type: bool
    default: false
"""
