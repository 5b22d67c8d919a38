# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The type of a JSON Schema, and what several schemas share."""

from __future__ import annotations

import typing as t

Schema = dict[str, t.Any]

# A keyword of our own: an error message may quote the value.
SHOW_VALUE = "x-shown"

# IDs never contain blanks. An ID with a blank was copied with its surroundings, and no request can find it.
NO_BLANKS: Schema = {
    "pattern": r"^[^\s\x00-\x1f\x7f]*$(?!\n)",
    "description": "must not contain whitespace or line breaks",
}
# For names, which may contain blanks.
TRIMMED: Schema = {
    "pattern": r"^(?!\s)[^\x00-\x1f\x7f]*$(?<!\s)",
    "description": "must not begin or end with whitespace, or contain line breaks",
}
