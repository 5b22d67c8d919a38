# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Requests about one release by its ID or its name. The reference does not say which of them the path contains."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    BadRequestError,
    NotFoundError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import ApiResponse


def call_by_id_or_name(
    metadata: t.Mapping[str, t.Any], send: t.Callable[[str], ApiResponse], is_unchanged: t.Callable[[str], bool]
) -> ApiResponse:
    """Send a request about a release by its ID, and by its name if the service may not know the ID.

    The reference calls the path parameter an ID and the operation "by name". The ID is unambiguous, so it comes first. A service that does not
    know the ID may answer with 404 or with 400. A 400 may have another reason, which the second request shows; a request that is refused
    with 400 was not applied. The second request is sent only if ``is_unchanged`` returns true for the ID: the release is still active, and no
    other release has its name. Otherwise, the name may refer to an ended release, and the service would delete its record without an error.
    """
    uid, name = metadata.get("uid"), metadata["name"]
    try:
        return send(uid or name)
    except (NotFoundError, BadRequestError) as failure:
        if not uid or not asm.is_unknown_release(failure) or not is_unchanged(uid):
            raise
        first_error = failure
    try:
        return send(name)
    except (NotFoundError, BadRequestError) as second_error:
        if asm.is_unknown_release(second_error) and _has_reason(first_error, second_error, uid):
            raise first_error from None
        raise


def _has_reason(first_error: ServiceError, second_error: ServiceError, uid: str) -> bool:
    """Return whether the first error (by ``uid``) is more likely to name a reason other than the key."""
    if isinstance(first_error, NotFoundError) or isinstance(second_error, NotFoundError):
        return isinstance(first_error, BadRequestError)
    return uid not in str(first_error.service_message)
