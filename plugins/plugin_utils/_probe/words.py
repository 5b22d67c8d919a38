# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Words for what ASM answers, as the emulator's switches have them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import Answer, Notes

_OLD = ("ASM.01400001", "ASM.01404001", "ASM.01409001", "ASM.01500001")


def word_of(answer: Answer) -> str:
    """The status of a refusal, with a mark when its code is of the older generation."""
    return f"{answer.status}_old" if answer.code in _OLD else str(answer.status)


def same_refusal(one: Answer, other: Answer) -> bool:
    """Messages are not compared: they may hold an ID of the request, or its time."""
    return (one.status, one.code) == (other.status, other.code)


def plain_words(answer: Answer, *without: str) -> list[str]:
    """The words of a message, without these and without whatever holds a digit, which may be another one each time."""
    message = answer.message
    for word in without:
        message = message.replace(word, " ")
    return [word for word in re.findall(r"[\w-]+", message) if word.isalpha()]


def see_times(times: t.Sequence[t.Any], notes: Notes) -> None:
    """The first of them that is there."""
    found = str(next((time for time in times if time), ""))
    forms = [
        ("epoch_ms", r"\d{13}"),
        ("rfc3339_fraction", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)"),
        ("rfc3339", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"),
    ]
    if found:
        notes.see("asm_time_format", next((name for name, form in forms if re.fullmatch(form, found)), "other"), found)
