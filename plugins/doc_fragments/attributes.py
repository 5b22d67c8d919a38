# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # The meaning of the attributes. Each module adds its support of them.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict whether something would change, without changing anything.
  diff_mode:
    description: Returns details on what has changed, or would change in C(check_mode), when in C(diff_mode).
  idempotent:
    description:
      - When run twice in a row outside of C(check_mode), with the same arguments, the second run reports no change.
      - This assumes that nobody else changed the managed resources in between.
"""

    # The support of the attributes by an info module. It is used together with DOCUMENTATION and ACTIONGROUP.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - This action does not modify state.
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.huaweicloud.huaweicloud) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.huaweicloud.huaweicloud
"""

    # For the modules that connect to a Kubernetes API instead of the services.
    ACTIONGROUP_KUBERNETES = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.huaweicloud.kubernetes) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.huaweicloud.kubernetes
"""
