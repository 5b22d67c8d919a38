# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ModelArts' refusals."""

from __future__ import annotations

from huaweicloud_emulator.errors.refusal import Refusal


def refused(status: int, code: str, message: str) -> Refusal:
    return Refusal("modelarts", status, f"ModelArts.{code}", message)


def bad_parameter(message: str) -> Refusal:
    return refused(400, "0104", f"Invalid parameter: {message}")


def bad_argument(message: str) -> Refusal:
    return refused(400, "0101", f"Bad argument: {message}")
