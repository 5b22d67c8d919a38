# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the service knows a release by: its id or its name, which the reference leaves open."""

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
    metadata: t.Mapping[str, t.Any], send: t.Callable[[str], ApiResponse], is_as_before: t.Callable[[str], bool]
) -> ApiResponse:
    """Sends a call about the release of that metadata by its id, and by its name where the service may not know its releases by id.

    The reference calls the path parameter an id and the operation "by name". An id can not be mistaken, so it comes first. A service that
    does not know an id may say so with 404 or, as with every invalid request, with 400: then it may as well have another reason, which the
    second try brings to light. What is refused with 400 was not done. There is a second try only where ``is_as_before`` says of the id that nobody
    has ended that release in the meantime, and that no other has its name: the name may mean an ended one, and ending that takes its record away
    and says nothing.
    """
    uid, name = metadata.get("uid"), metadata["name"]
    try:
        return send(uid or name)
    except (NotFoundError, BadRequestError) as failure:
        if not uid or not asm.is_unknown_release(failure) or not is_as_before(uid):
            raise
        refusal = failure
    try:
        return send(name)
    except (NotFoundError, BadRequestError) as second:
        if asm.is_unknown_release(second) and _has_reason(refusal, second, uid):
            raise refusal from None
        raise


def _has_reason(refusal: ServiceError, second: ServiceError, uid: str) -> bool:
    """Whether, of two refusals, the first one (by ``uid``) is rather the one that is about more than the key."""
    if isinstance(refusal, NotFoundError) or isinstance(second, NotFoundError):
        return isinstance(refusal, BadRequestError)
    return uid not in str(refusal.service_message)
