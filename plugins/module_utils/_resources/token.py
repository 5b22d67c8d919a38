# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Tokens: issued, never stored."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import issue_token
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session


def run(session: Session, params: Params, desired: None) -> dict[str, t.Any]:
    """Return a new token with its expiry time and its project. Raise OptionError without a user name and a password, and with an agency."""
    agency = session.client.connection.agency
    if agency:
        raise OptionError(
            f"A token is issued for a user name and a password, not for {agency.label}.",
            hint="Set the agency in the tasks that use it: they get temporary keys, and token_cache shares them.",
        )
    token = issue_token(session.client)
    return {"token": token.value, "expires_at": token.expires_at, "project_id": token.project_id, "changed": False}
