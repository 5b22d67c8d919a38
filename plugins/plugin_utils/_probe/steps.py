# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a playbook needs of the conversations: the next calls, and whether one of them is settled."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import asm, cleanup, modelarts, releases
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.options import Options
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import (
    HELD,
    NOT_HELD,
    UNSEEN,
    Answer,
    Data,
    Notes,
    Script,
    advance,
)

FORMAT = "community.huaweicloud.contract/1"

Results = t.Sequence[t.Mapping[str, t.Any]]


def next_of(results: Results, given: t.Mapping[str, t.Any], *, cleaning: bool = False) -> Data:
    """What is wrong with the options, the calls that come next, and what can be told by now."""
    options, notes = Options.of(given), Notes()
    left: list[str] = []
    answers = [{name: result.get(name) for name in ("status", "content", "auth_method", "error")} for result in results]
    problems = options.problems()
    if problems:
        return {"problems": problems, "answers": answers, "calls": [], "left": left, "report": {}}
    script = cleanup.script(options, left) if cleaning else _looks(options, notes)
    calls = advance(script, [Answer.of(answer) for answer in answers])
    if cleaning and calls:
        left.append(f"whatever begins with {options.base}: the removal did not come to its end")
    return {
        "problems": [],
        "answers": answers,
        "calls": calls,
        "left": left,
        "report": {} if cleaning else _report(options, notes),
    }


def _looks(options: Options, notes: Notes) -> Script:
    if "modelarts" in options.services:
        yield from modelarts.script(options, notes)
    if "asm" in options.services:
        yield from asm.script(options, notes)


def _report(options: Options, notes: Notes) -> Data:
    findings = notes.findings(options.services)
    counts = {
        word.replace(" ", "_"): sum(one["state"] == word for one in findings) for word in (HELD, NOT_HELD, UNSEEN)
    }
    return {"format": FORMAT, "run": options.base, "counts": counts, "findings": findings}


def settled(result: t.Mapping[str, t.Any], until: t.Mapping[str, t.Any]) -> bool:
    """Whether what was waited for has come. A refusal is the end of any waiting, unless it is one that passes."""
    answer = Answer.of(result)
    if "reads" in until:
        return not answer.passes and (_shows(answer, until) or int(result.get("attempts") or 0) >= until["looks"])
    if not answer.accepted:
        return not answer.passes
    if "lists" in until:
        return bool(asm.named(answer, until["lists"]))
    if "lists_no" in until:
        return asm.is_list(answer) and not asm.named(answer, until["lists_no"])
    if "phase_is_not" in until:
        return releases.phase_of(answer) != until["phase_is_not"]
    return answer.body.get("status") != until["status_is_not"]


def _shows(answer: Answer, until: t.Mapping[str, t.Any]) -> bool:
    """Whether it is a list in which something of that name is."""
    kind, name = until["reads"], until["name"]
    if kind == "meshes":
        return bool(asm.mesh_of(answer, name))
    if kind == "workshops":
        return asm.is_list(answer) and bool(asm.beginning(answer, name))
    if kind == "releases":
        return releases.is_list(answer) and bool(releases.beginning(answer, name))
    return modelarts.is_list(answer) and bool(modelarts.beginning(answer, name))
