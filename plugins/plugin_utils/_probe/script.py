# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A conversation with the services as a generator: it yields batches of calls and is sent their answers.

It has no memory but the answers: whoever drives it starts it anew for each batch and gives it all answers so far. So plain
tasks of a playbook can make the calls, one loop for each batch, and each call and its answer shows there.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import (
    error_in_success_body,
    looks_like_html,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.assumptions import (
    ASSUMPTIONS,
    NOT_LOOKED_AT,
)

Data = t.Dict[str, t.Any]
Calls = t.List[Data]
HELD, NOT_HELD, UNSEEN = "held", "not held", "could not be looked at"
# An identity that is unknown or may not, a wait that was too long, and too many calls.
_NO_WORD = (401, 403, 408, 429)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back for one call. ``refused``: whether the module api_request takes it for a refusal, whatever its status."""

    status: int
    text: str
    signed: bool = True
    refused: bool = False

    @classmethod
    def of(cls, result: t.Mapping[str, t.Any]) -> Answer:
        """From the result of the module api_request."""
        return cls(
            int(result.get("status") or 0),
            str(result.get("content") or ""),
            result.get("auth_method") == "aksk",
            bool(result.get("error")),
        )

    @property
    def accepted(self) -> bool:
        return self._is_success and not self._is_strange

    @property
    def is_none(self) -> bool:
        """Whether nobody knows what became of the call."""
        return not self.status or (self._is_success and self._is_strange)

    @property
    def _is_success(self) -> bool:
        return 200 <= self.status <= 299

    @property
    def _is_strange(self) -> bool:
        """Whether a stranger says it, such as a page of a portal, or it holds an error: a success like that is none."""
        unread = self.json is None and self.text.strip() not in ("", "null")
        return self.refused or unread or error_in_success_body(self._reply, self.json, str) is not None

    @property
    def _is_of_the_way(self) -> bool:
        """Whether it comes from something between here and the service: a page, or a way to somewhere else."""
        return 300 <= self.status <= 399 or looks_like_html(self._reply)

    @property
    def _reply(self) -> HttpResponse:
        return HttpResponse(self.status, {}, self.text.encode("utf-8", "replace"))

    @property
    def passes(self) -> bool:
        """Whether it is likely to be another one when it is asked for again."""
        return self.is_none or self.status in (408, 429) or self.status >= 500

    @property
    def tells_nothing(self) -> bool:
        """Whether it says nothing about what was asked for: a throttle, an expired token, an outage, a page, or a word of the gateway."""
        return (
            self.status in _NO_WORD
            or self.is_none
            or self._is_of_the_way
            or self.of_gateway
            or (self.status >= 500 and not self._is_of_asm)
        )

    @property
    def _is_of_asm(self) -> bool:
        """With a code of its own, ASM may answer 500 to what it can not find."""
        return self.status == 500 and self.code.startswith("ASM.")

    @property
    def json(self) -> t.Any:
        """The body; ``None`` when it is empty or no JSON."""
        try:
            return json.loads(self.text)
        except (RecursionError, ValueError):
            return None

    @property
    def body(self) -> Data:
        """The body when it is an object, else an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def metadata(self) -> Data:
        """Of the object it is, empty when it is none."""
        found = self.body.get("metadata")
        return found if isinstance(found, dict) else {}

    def entries(self, name: str) -> list[Data]:
        """The objects in a list that the body holds."""
        found = self.body.get(name)
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    @property
    def error(self) -> Data:
        """The error it tells of, also when that is in an array."""
        found = self.json[0] if isinstance(self.json, list) and self.json else self.json
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        return str(self.error.get("errorCode") or self.error.get("error_code") or "")

    @property
    def message(self) -> str:
        return str(self.error.get("errorMsg") or self.error.get("error_msg") or "")

    @property
    def of_gateway(self) -> bool:
        return self.code.upper().startswith("API")

    def __str__(self) -> str:
        """For whoever reads the report: the status, and what a refusal said."""
        said = "" if self.accepted else f"{self.code} {self.message}".strip() or self.text.strip()
        return f"{self.status} {said}".strip()[:160]


Script = t.Generator[Calls, t.List[Answer], None]


def call(name: str, service: str, method: str, path: str, **more: t.Any) -> Data:
    """One call; more are the other options of the module api_request, and ``until``, which has it repeated until it is settled."""
    return {"name": name, "service": service, "method": method, "path": path, **more}


class Notes:
    """What was seen of each assumption."""

    def __init__(self) -> None:
        self._seen: dict[str, Data] = {}

    def see(self, name: str, setting: t.Any, proof: t.Any, *of: Answer, held: bool | None = None) -> None:
        """It is so, unless one of the answers it is told from tells nothing. ``held``: unless the setting is the expected one."""
        silent = [answer for answer in (proof, *of) if isinstance(answer, Answer) and answer.tells_nothing]
        if silent:
            self.unseen(silent[0], name)
            return
        expected = next(one.expected for one in ASSUMPTIONS if one.name == name)
        held = str(setting) == expected if held is None else held
        self._seen[name] = {"state": HELD if held else NOT_HELD, "setting": str(setting), "seen": str(proof)}

    def see_against(self, control: Answer, name: str, setting: t.Any, answer: Answer) -> None:
        """It is so when the answer accepts, or when it refuses what its harmless counterpart, the control, is accepted without."""
        if answer.accepted or control.accepted:
            self.see(name, setting, answer)
        else:
            self.unseen(f"its harmless counterpart is not accepted, either: {control}", name)

    def unseen(self, why: t.Any, *names: str) -> None:
        """Nothing can be told of these, as far as nothing was told before."""
        for name in names:
            self._seen.setdefault(name, {"state": UNSEEN, "setting": None, "seen": str(why)})

    def setting(self, name: str) -> str | None:
        """What was seen, ``None`` when nothing was."""
        return self._seen.get(name, {}).get("setting")

    def knows(self, name: str) -> bool:
        return self.setting(name) is not None

    def names(self, name: str) -> bool:
        """Whether it was looked at, whatever came of it."""
        return name in self._seen

    def findings(self, services: t.Collection[str]) -> list[Data]:
        """One entry for each assumption about these services, in their order."""
        found = []
        for one in ASSUMPTIONS:
            if one.service not in (*services, "gateway"):
                continue
            why = NOT_LOOKED_AT.get(one.name, "it did not get so far")
            told = self._seen.get(one.name, {"state": UNSEEN, "setting": None, "seen": why})
            found.append(
                {"name": one.name, "service": one.service, "assumption": one.sentence, "expected": one.expected, **told}
            )
        return found


def advance(script: Script, answers: t.Sequence[Answer]) -> Calls:
    """The calls that come next, none at the end."""
    try:
        calls, rest = next(script), list(answers)
        while len(rest) >= len(calls):
            given, rest = rest[: len(calls)], rest[len(calls) :]
            calls = script.send(given)
    except StopIteration:
        return []
    return calls
