# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The secrets of a client. Their patterns are in ``redaction.py``, which is only loaded for a text that may contain one of them."""

from __future__ import annotations

import re
import typing as t

MASK = "********"
# Shorter values occur in any text by chance.
MIN_SECRET_LENGTH = 4
# The IDs of the services have 32 or 36 characters.
_LONGEST_REQUEST_ID = 128
# An ID of these characters cannot be an encoded secret that people would mistake for an ID. The check saves the slower search for patterns.
_PLAIN_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class SecretStore:
    """The secrets of one client: the configured ones, and those that it received, for example tokens. Threads can share it."""

    def __init__(self, secrets: t.Iterable[str]) -> None:
        self._secrets = set(secrets)

    def add(self, secret: str) -> None:
        """Redact this value from now on."""
        self._secrets.add(secret)

    def redact(self, text: str) -> str:
        """Return the text without the secrets."""
        # A copy, since another thread may add a token.
        from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import redact

        return redact(text, tuple(self._secrets), MASK)

    def clean_request_id(self, request_id: str | None) -> str | None:
        """Return a request ID without secrets and not longer than an ID, since a server can send anything in its place."""
        if not request_id:
            return None
        if _PLAIN_REQUEST_ID.fullmatch(request_id) and not any(secret in request_id for secret in tuple(self._secrets)):
            return request_id
        return self.redact(request_id)[:_LONGEST_REQUEST_ID]


def filter_redactable(secrets: t.Iterable[str]) -> list[str]:
    """Return the secrets that can be redacted. Redaction of shorter ones would also remove ordinary words."""
    return [secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH]
