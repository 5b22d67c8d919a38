# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exception that middleware and handlers raise to reject a request."""

from __future__ import annotations

import typing as t


class ServiceError(Exception):
    """An error response. ``shape`` selects the format of the body: gateway, asm, modelarts, iam, kubernetes, prometheus or text."""

    def __init__(
        self, shape: str, status: int, code: str, message: str, headers: t.Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.shape = shape
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
