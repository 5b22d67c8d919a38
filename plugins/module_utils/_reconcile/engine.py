# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Reconcile one resource: look it up, compare, plan, execute, verify. This is the same for all kinds and uses neither HTTP nor Ansible.

* A resource is absent only if a complete list proves it: ``lookup`` raises an error for anything less.
* Nothing is created if the list is older than LIST_MAX_AGE. A create request without a response is followed by a list, not by a second request.
* One list of differences decides ``changed`` and makes the diff and the plan. After the execution, it must be empty.
"""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.executor import apply_plan, verify
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome, make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Waiter
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import Execution


def converge(resource: Resource, waiter: Waiter, *, check: bool) -> Outcome:
    """Bring one resource into its desired state, or predict the outcome in check mode. An error has the applied actions in ``actions``."""
    execution = Execution(resource, waiter)
    try:
        plan = make_plan(resource, resource.lookup())
        return plan.preview() if check else verify(execution, apply_plan(execution, plan))
    except HuaweiCloudError as error:
        error.actions = execution.applied
        # The cached list may lack a change that was sent.
        resource.listing.invalidate()
        raise
