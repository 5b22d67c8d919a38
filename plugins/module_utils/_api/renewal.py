# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Use tokens and temporary keys until they expire if their renewal fails."""

from __future__ import annotations

import datetime as dt

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import AuthError, ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment

_MIN_INTERVAL = dt.timedelta(seconds=5)


def postpone_renewal(client: Client, expires_at: str | None, error: ServiceError) -> dt.datetime:
    """Print a warning about a failed renewal of a token or of temporary keys, and return when to try again.

    ``expires_at`` is the expiration in RFC 3339, and ``error`` is the error of the renewal. Raise this error if the token or the keys have expired,
    or if the expiration is unknown.
    """
    now, expiration = client.now(), parse_moment(expires_at or "")
    if expiration is None or expiration <= now:
        raise error
    cause = str(error.replace(hint=None)).rstrip(".")
    client.warn(
        f"{client.redact(cause)}. "
        f"The previous token or temporary keys remain in use until they expire at {expiration:%Y-%m-%dT%H:%M:%SZ}."
    )
    if error.kind == AuthError.kind:
        # Do not repeat a refused login, because repeated failures can lock the user or the access key.
        return expiration
    return min(expiration, now + max(_MIN_INTERVAL, (expiration - now) / 2))
