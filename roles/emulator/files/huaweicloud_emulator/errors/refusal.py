# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a step or a handler raises when it says no."""

from __future__ import annotations

import typing as t


class Refusal(Exception):
    """``shape`` is gateway, asm, modelarts or iam: who answers, and so which body the client sees."""

    def __init__(
        self, shape: str, status: int, code: str, message: str, headers: t.Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.shape = shape
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
