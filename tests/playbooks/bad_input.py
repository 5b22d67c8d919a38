# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run many tasks that must fail in one play, and check each of them."""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
import re
import string
import typing as t
from pathlib import Path

import yaml
from harness import HERE, Emulator, Player, Record, Run, control, defaults, task

CLUSTER = "demo-cluster"
PORTS = {"elb_id": "elb-1", "elb_ip": "192.0.2.10"}
# A valid workshop and a valid release. A task that wrongly considers them missing would create them.
NEW_WORKSHOP: dict[str, t.Any] = {"name": "new-demo", "primary_cluster": CLUSTER, "ingress": dict(PORTS, port=8080)}
NEW_WORKSPACE: dict[str, t.Any] = {"name": "team-green"}
TEMPLATE: dict[str, t.Any] = yaml.safe_load((HERE / "data" / "ratings-v2.yml").read_text(encoding="utf-8"))
NEW_RELEASE: dict[str, t.Any] = {
    "namespace": "default",
    "name": "ratings-v2",
    "service_name": "ratings",
    "cluster_id": CLUSTER,
    "deployment_name": "ratings-v1",
    "version": "v2",
    "gray_deployments": [{"template": TEMPLATE}],
}

# Tokens of the emulator begin like those of the vendor.
_TOKEN = re.compile(r"MII[\w-]{60,}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DATE = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
# Faults without response headers, and therefore without a request ID.
_CUT = ("truncated", "reset", "stall")
_DELETED = object()
_AFTER = "after "


@dataclasses.dataclass(frozen=True)
class Case:
    """One task that must fail, and the expected failure.

    ``msg`` is the whole message. In it ``$name`` stands for what has that name in the play, ``$request`` for the id of the request,
    ``$time`` and ``$date`` for any time, in our form and in that of HTTP. ``kind`` is that of the error, ``None`` where Ansible itself
    refuses the options. ``calls`` is how many requests are made. ``before`` are tasks, and ``keywords`` belong to the task.
    """

    name: str
    module: str
    options: t.Mapping[str, t.Any]
    msg: str
    kind: str | None = "options"
    status: int | None = None
    code: str | None = None
    calls: int = 0
    before: t.Sequence[dict[str, t.Any]] = ()
    keywords: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    def tasks(self) -> list[dict[str, t.Any]]:
        """Return the preparation, the task, and a task that reads the state afterwards."""
        tried = dict(task(self.module, self.name, **self.options), ignore_errors=True, **self.keywords)
        return [*self.before, tried, _look(self.name)]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A play of such tasks."""

    run: Run
    # Texts that may be in messages under their own name, and texts that must not be in any message.
    names: t.Mapping[str, str]
    secrets: t.Mapping[str, str]

    def check(self, case: Case) -> None:
        """Check the expectations of ``case``, and that nothing was created, changed or lost."""
        record = self.run[case.name]
        assert record.status == "ignored", f"{case.name} did not fail: {record.result}"
        assert _steady(record) == string.Template(case.msg).substitute(
            self.names, request="$request", time="$time", date="$date"
        )
        self._check_error(case, record)
        assert len(record.requests) == case.calls, record.sent
        assert record.writes == []
        assert self.stores_after(case.name) == self.stores_before(case.name)
        assert self.leaks(json.dumps(record.result, default=str)) == []

    def _check_error(self, case: Case, record: Record) -> None:
        if case.kind is None:
            assert "error" not in record.result
            return
        error = record.result["error"]
        assert (error["kind"], error["status"], error["code"]) == (case.kind, case.status, case.code)
        assert (record.changed, record.result["actions"]) == (False, [])
        assert record.result["request_ids"] == [
            call["request_id"] for call in record.requests if call["fault"] not in _CUT
        ]
        if case.status:
            assert error["request_id"] == record.requests[-1]["request_id"]

    def stores_before(self, name: str) -> t.Any:
        """Return the state after the previous case."""
        looks = [record.name for record in self.run.records if record.name.startswith(_AFTER)]
        return self.run[looks[looks.index(_AFTER + name) - 1]].result["answer"]["stores"]

    def stores_after(self, name: str) -> t.Any:
        return self.run[_AFTER + name].result["answer"]["stores"]

    def leaks(self, text: str) -> list[str]:
        """Return what ``text`` must not contain: names of secrets, tokens, and tracebacks."""
        found = [name for name, secret in self.secrets.items() if secret in text]
        found += ["a token"] if _TOKEN.search(text) else []
        return found + (["a traceback"] if "Traceback" in text else [])


def attempt(
    player: Player,
    cases: t.Sequence[Case],
    names: t.Mapping[str, str],
    *,
    secrets: t.Mapping[str, str] | None = None,
    variables: t.Mapping[str, t.Any] | None = None,
    environment: t.Mapping[str, str | None] | None = None,
) -> Outcome:
    """Run all cases in one play, with the verbosity that users choose for debugging.

    ``names``, ``secrets`` and ``variables`` are variables of the play. Secrets may come back in no form; those of the emulator are added.
    """
    account = player.emulator.credentials
    hidden = dict(secrets or {}, main_secret_key=account["secret_key"], main_password=account["password"])
    run = player(
        [_look("nothing"), *(one for case in cases for one in case.tasks())],
        module_defaults=defaults(max_retries=0),
        variables={**names, **hidden, **(variables or {})},
        environment=environment,
        verbosity=3,
    )
    return Outcome(run, names, hidden)


def play_in(server: Emulator, directory: Path) -> Player:
    """Return a player for an emulator in its initial state."""
    server.reset()
    return Player(server, directory)


def fault(kind: str, path_regex: str, **more: t.Any) -> dict[str, t.Any]:
    """Return a task that corrupts the next response to a GET request for this path."""
    return control("POST", "faults", dict(more, kind=kind, method="GET", path_regex=path_regex))


def changed(manifest: t.Mapping[str, t.Any], path: str, value: t.Any = _DELETED) -> dict[str, t.Any]:
    """Return a copy of ``manifest`` with another value at ``path``, for example ``spec.containers.0.image``, or without it."""
    result = copy.deepcopy(dict(manifest))
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = functools.reduce(lambda inner, part: inner[part], way, t.cast(t.Any, result))
    if value is _DELETED:
        del place[last]
    else:
        place[last] = value
    return result


def _look(name: str) -> dict[str, t.Any]:
    return dict(control("GET", "snapshot"), name=_AFTER + name)


def _steady(record: Record) -> str:
    """Return the message without the parts that differ in each run."""
    request_id = (record.result.get("error") or {}).get("request_id")
    text = record.msg.replace(request_id, "$request") if request_id else record.msg
    # ansible-core 2.18 prints types in this form.
    text = text.replace("<class 'str'>", "str")
    return _DATE.sub("$date", _TIME.sub("$time", text))
