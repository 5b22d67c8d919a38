# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is open about ModelArts workspaces. Everything it makes is a workspace whose name begins with that of the run."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.options import Options
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import (
    Answer,
    Calls,
    Data,
    Notes,
    Script,
    call,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.words import same_refusal

ALL = "v1/{project_id}/workspaces"
DESCRIPTION = "Made to look at the contract, can be removed"
NORMAL, DELETING, DELETE_FAILED = "NORMAL", "DELETING", "DELETE_FAILED"

Found = t.Dict[str, Answer]


def ask(name: str, method: str = "GET", path: str = ALL, **more: t.Any) -> Data:
    return call(name, "modelarts", method, path, **more)


def one(workspace: t.Mapping[str, t.Any]) -> str:
    return f"{ALL}/{workspace['id']}"


def listing(title: str, /, **query: t.Any) -> Data:
    return ask(title, query={"limit": 1000, **query})


def workspaces(answer: Answer) -> list[Data]:
    return answer.entries("workspaces")


def is_list(answer: Answer) -> bool:
    """Whether it is a list of workspaces that can be read to its end. An empty one may come as null."""
    found = answer.body.get("workspaces")
    if not answer.accepted or (found is None and answer.body.get("total_count") != 0):
        return False
    return found is None or (
        isinstance(found, list) and all(isinstance(entry, dict) and entry.get("name") for entry in found)
    )


def beginning(answer: Answer, base: str) -> list[Data]:
    """Those of the list that a run has made."""
    return [entry for entry in workspaces(answer) if str(entry.get("name", "")).startswith(f"{base}-")]


def script(options: Options, notes: Notes) -> Script:
    """The whole conversation."""
    user = yield from _reads(options, notes)
    made = yield from _creations(options, user, notes)
    if "a" in made:
        quota = yield from _life(options, made, notes)
        yield from _removal(made["a"], quota, notes)


# -- what changes nothing


def _reads(options: Options, notes: Notes) -> t.Generator[Calls, t.List[Answer], str]:
    """Returns the name of a user who can be granted something, empty when none is known."""
    everything, default, missing, route, bare, users = yield [
        listing("list all workspaces"),
        listing("list the default workspace", name="default"),
        ask("look for a workspace that is not there", path=f"{ALL}/{options.ghost}"),
        ask("call what does not exist", path=f"v1/{{project_id}}/{options.base}"),
        ask("list without X-Project-Id", send_project=False),
        ask("list the IAM users", path=f"{ALL}/users/list"),
    ]
    _see_list(everything, notes)
    _see_default(default, notes)
    _see_missing(missing, options.ghost, notes)
    _see_gateway(route, notes)
    _see_header(everything, bare, notes)
    # The vendor's SDK has the former name, grants have the latter.
    names = [str(one.get("userName") or one.get("user_name") or "") for one in users.entries("users")]
    return options.user_name or next((name for name in names if name), "")


def _see_gateway(route: Answer, notes: Notes) -> None:
    """Only from the refusal of what does not exist: that is the gateway's, whatever its codes begin with."""
    if route.of_gateway and route.status == 404:
        notes.see("gateway_prefix", route.code.partition(".")[0], str(route))
    else:
        notes.unseen(f"the gateway did not say that it does not know the way: {route}", "gateway_prefix")


def _see_header(everything: Answer, bare: Answer, notes: Notes) -> None:
    """The gateway refuses what lacks the header as it refuses an expired key, so it has to name it."""
    named = 400 <= bare.status <= 499 and "project" in bare.message.lower()
    if not bare.signed:
        notes.unseen("calls go out with a token", "project_header")
    elif everything.accepted and (is_list(bare) or named):
        notes.see("project_header", "optional" if bare.accepted else "required", str(bare))
    else:
        notes.unseen(bare if everything.accepted else everything, "project_header")


def _is_number(value: t.Any) -> bool:
    """A boolean is an integer in Python, and none here."""
    return isinstance(value, int) and not isinstance(value, bool)


def _see_list(answer: Answer, notes: Notes) -> None:
    body, found = answer.body, workspaces(answer)
    if not answer.accepted or answer.json is None:
        notes.unseen(answer if not answer.accepted else "the answer was no JSON", "workspace_list_shape", "page_size_limit")
        return
    good = isinstance(body.get("workspaces"), list) and all(
        _is_number(body.get(name)) for name in ("total_count", "count")
    )
    good = (
        good
        and body["count"] == len(found)
        and body["total_count"] >= len(found)
        and not any("grants" in entry for entry in found)
    )
    notes.see(
        "workspace_list_shape",
        "documented" if good else "other",
        f"an object with {', '.join(sorted(body)) or 'nothing'}, {len(found)} workspaces",
    )
    _see_cap(answer, notes)


def _see_cap(answer: Answer, notes: Notes) -> None:
    """One workspace does not show it, nor does one list that came whole after another that could not be read."""
    total, found = answer.body.get("total_count"), len(workspaces(answer))
    if not is_list(answer) or not isinstance(total, int) or not found:
        return
    if found < min(total, 1000):
        notes.see("page_size_limit", found, f"{found} of {total} came, with a limit of 1000")
    elif found > 1 and not notes.names("page_size_limit"):
        notes.see("page_size_limit", 0, f"all {found} came in one page")


def _see_default(answer: Answer, notes: Notes) -> None:
    found = [entry.get("id") for entry in workspaces(answer) if entry.get("name") == "default"]
    if found:
        notes.see("default_workspace_id_type", "number" if isinstance(found[0], int) else "string", repr(found[0]))
    else:
        notes.unseen("no workspace called default was listed", "default_workspace_id_type")


def _see_missing(answer: Answer, ghost: str, notes: Notes) -> None:
    if answer.accepted or answer.tells_nothing:
        notes.unseen(answer, "modelarts_error_body", "missing_workspace")
        return
    body = "with_request_id" if "request_id" in answer.error else "json"
    notes.see("modelarts_error_body", body if answer.code else "plain" if answer.text.strip() else "empty", answer)
    number, said = answer.code.rpartition(".")[2], answer.message or answer.text
    if answer.status == 404:
        notes.see("missing_workspace", "404", answer)
    elif number == "0104" and "not exist" in said:
        notes.see("missing_workspace", "0104_old", answer)
    elif number or f"workspace:{ghost} not existed" in said:
        notes.see("missing_workspace", number or "7005", answer)
    else:
        notes.unseen(f"no code came: {answer}", "missing_workspace")


# -- what makes workspaces


def _creations(options: Options, user: str, notes: Notes) -> t.Generator[Calls, t.List[Answer], t.Dict[str, Data]]:
    base = options.base
    wanted: t.Dict[str, Data] = {
        "a": {"name": f"{base}-a", "description": DESCRIPTION, "auth_type": "PRIVATE"},
        "again": {"name": f"{base}-a", "description": DESCRIPTION, "auth_type": "PRIVATE"},
        "b": {"name": f"{base}-b", "description": DESCRIPTION, "auth_type": "private"},
        "c": {"name": f"{base}-c", "description": DESCRIPTION, "auth_type": "internal"},
    }
    if user:
        wanted["d"] = {
            "name": f"{base}-d",
            "description": DESCRIPTION,
            "auth_type": "internal",
            "grants": [{"user_name": user}],
        }
    else:
        notes.unseen("no IAM user is known, set contract_user_name", "workspace_create_response", "workspace_update_grants")
    answers = yield [ask(f"create workspace {body['name']}", "POST", body=body) for body in wanted.values()]
    found = dict(zip(wanted, answers))
    _see_creations(found, notes)
    made = {
        key: answer.body
        for key, answer in found.items()
        if key != "again" and answer.accepted and answer.body.get("id")
    }
    return {key: {"id": body["id"], "name": wanted[key]["name"]} for key, body in made.items()}


def _see_creations(found: Found, notes: Notes) -> None:
    full = [answer for answer in found.values() if answer.code.endswith(".7006")]
    made = [answer for key, answer in found.items() if answer.accepted and answer.body.get("id") and key != "again"]
    if full:
        numbers = re.findall(r"\d+", full[0].message)
        notes.see("workspace_limit", numbers[-1] if numbers else "reached", full[0])
    elif found["b"].accepted:
        notes.see("workspace_limit", 0, f"{len(made)} were made", *found.values())
    if not found["a"].accepted:
        notes.unseen(f"a workspace could not be made: {found['a']}", *_NEEDS_A)
        return
    status = found["a"].body.get("status")
    if status:
        notes.see("workspace_creation", "succeeds" if status == NORMAL else "fails", str(status))
    again, internal = found["again"], found["c"]
    # At the limit any creation is refused.
    notes.unseen(
        full[0] if full else "it did not get so far", *(name for name, key in _LIMITED.items() if found[key] in full)
    )
    # Of another name, and private, a workspace has to be possible.
    plain, granted = found["b"], found.get("d")
    if again not in full:
        notes.see_against(plain, "duplicate_workspace_name", again.status, again)
    if granted is not None and not granted.accepted and same_refusal(internal, granted):
        notes.unseen(f"with grants it is refused as well: {granted}", "internal_without_grants")
    elif internal not in full and (internal in made or not internal.accepted):
        notes.see_against(plain, "internal_without_grants", _word_of(internal), internal)
    _see_granted(granted, notes)


def _word_of(answer: Answer) -> str:
    return "accept" if answer.accepted else "reject"


_LIMITED = {"duplicate_workspace_name": "again", "internal_without_grants": "c"}
_NEEDS_A = (
    *(
        "workspace_offset_unit",
        "workspace_name_case",
        "workspace_name_match",
        "workspace_creation",
        "workspace_create_response",
        "workspace_limit",
    ),
    *(
        "auth_type_readback",
        "internal_without_grants",
        "unknown_grant_user",
        "duplicate_workspace_name",
        "workspace_update_response",
    ),
    *("workspace_update_omitted", "workspace_update_grants", "zero_quota", "workspace_deletion", "workspace_deletion_retry"),
)


def _see_granted(answer: Answer | None, notes: Notes) -> None:
    if answer is not None and answer.accepted:
        full = bool(answer.body.get("grants"))
        notes.see(
            "workspace_create_response",
            "full" if full else "without_grants",
            "grants are there" if full else "no grants are there",
        )
    elif answer is not None:
        notes.unseen(
            f"a workspace with grants could not be made: {answer}", "workspace_create_response", "workspace_update_grants"
        )


# -- what they look like


def _life(options: Options, made: t.Mapping[str, Data], notes: Notes) -> t.Generator[Calls, t.List[Answer], str]:
    """Lists, shows and updates them. Returns the name of a quota that could be set."""
    base, first, granted = options.base, made["a"], made.get("d", made["a"])
    second = made.get("b", first)
    body = {"name": granted["name"], "description": DESCRIPTION, "auth_type": "internal"}
    calls = {
        "exact": listing("list one of them by its whole name", name=first["name"]),
        "full": listing("list the workspaces of this run", name=base),
        "shifted": listing("list two of them with an offset of 1", name=base, offset=1, limit=2),
        "upper": listing("list one of them by its name in upper case", name=first["name"].upper()),
        "part": listing("list them by a part of their name", name=base[1:]),
        "sent upper": ask(f"show workspace {first['name']}", path=one(first)),
        "sent lower": ask(f"show workspace {second['name']}", path=one(second)),
        "updated": ask(
            f"update workspace {first['name']} with its name only", "PUT", one(first), body={"name": first["name"]}
        ),
        "as updated": ask("show it", path=one(first)),
        "quotas": ask("show its quotas", path=f"{one(first)}/quotas"),
        "as granted": ask(f"show workspace {granted['name']}", path=one(granted)),
        "without grants": ask(f"update workspace {granted['name']} without grants", "PUT", one(granted), body=body),
        "as left": ask("show it", path=one(granted)),
        "unknown": ask(
            "grant it to nobody", "PUT", one(granted), body={**body, "grants": [{"user_name": f"{base}-nobody"}]}
        ),
    }
    answers = yield list(calls.values())
    found = dict(zip(calls, answers))
    _see_lists(base, found, notes)
    _see_case(found, second is not first, notes)
    _see_update(found["sent upper"], found["updated"], found["as updated"], notes)
    _see_grants(found, granted is not first, notes)
    free = [entry for entry in found["quotas"].entries("quotas") if entry.get("quota") == -1 and entry.get("resource")]
    if not free:
        notes.unseen(f"no quota was found that could be set: {found['quotas']}", "zero_quota")
    return str(free[0]["resource"]) if free else ""


def _see_lists(base: str, found: Found, notes: Notes) -> None:
    full = found["full"]
    _see_cap(full, notes)
    _see_offset(full, found["shifted"], notes)
    exact, upper = found["exact"], found["upper"]
    unread = [answer for answer in (exact, upper) if not is_list(answer)]
    if unread or not beginning(exact, base):
        why = f"no list came: {unread[0]}" if unread else "a workspace that was made is not listed by its name"
        notes.unseen(why, "workspace_name_case", "workspace_name_match")
        return
    number = len(beginning(upper, base))
    notes.see("workspace_name_case", "insensitive" if number else "sensitive", f"{number} workspaces of the run came")
    _see_part([exact, full, found["part"]], base, notes)


def _see_part(lists: list[Answer], base: str, notes: Notes) -> None:
    """By a whole name, by how it begins and by what is in it. An empty list is an answer, no list is none."""
    unread = [answer for answer in lists if not is_list(answer)]
    if unread:
        notes.unseen(f"no list came: {unread[0]}", "workspace_name_match")
        return
    whole, start, part = (len(beginning(answer, base)) for answer in lists)
    word = "substring" if part else "prefix" if start else "exact"
    notes.see(
        "workspace_name_match", word, f"{whole} came by a whole name, {start} by how it begins, {part} by what is in it"
    )


def _see_offset(full: Answer, shifted: Answer, notes: Notes) -> None:
    """With records the second comes first; with pages of two it comes no more."""
    order = [str(entry.get("id")) for entry in workspaces(full)]
    got = [str(entry.get("id")) for entry in workspaces(shifted)]
    if not is_list(full) or not is_list(shifted):
        notes.unseen(f"no list came: {full if not is_list(full) else shifted}", "workspace_offset_unit")
    elif len(order) < 2:
        notes.unseen(f"that takes two workspaces, {len(order)} came", "workspace_offset_unit")
    elif got[:1] == order[1:2]:
        notes.see("workspace_offset_unit", "record", "the second of the whole list came first")
    elif not got or got[0] in order[2:3] or got[0] not in order:
        notes.see("workspace_offset_unit", "page", "the third of the whole list came first" if got else "nothing came")
    else:
        notes.see("workspace_offset_unit", "other", "neither the second nor the third of the whole list came first")


def _see_case(found: Found, both: bool, notes: Notes) -> None:
    if not both:
        notes.unseen("that takes two workspaces", "auth_type_readback")
        return
    shown = [found[name] for name in ("sent upper", "sent lower")]
    if not all(answer.body.get("auth_type") for answer in shown if answer.accepted) or not all(
        answer.accepted for answer in shown
    ):
        notes.unseen(f"they could not be read: {shown[0]}, {shown[1]}", "auth_type_readback")
        return
    upper, lower = (str(answer.body["auth_type"]) for answer in shown)
    known = {("private", "private"): "lower", ("PRIVATE", "PRIVATE"): "upper", ("PRIVATE", "private"): "as_sent"}
    notes.see(
        "auth_type_readback", known.get((upper, lower), "other"), f"PRIVATE came back as {upper}, private as {lower}"
    )


def _look_of(answer: Answer) -> tuple[str, str]:
    return str(answer.body.get("auth_type")).lower(), str(answer.body.get("description") or "")


def _see_update(before: Answer, updated: Answer, shown: Answer, notes: Notes) -> None:
    """What it was like before has to be known, or nothing can be said of what changed."""
    refused = [answer for answer in (before, updated, shown) if not answer.accepted]
    if refused or not before.body or not shown.body:
        notes.unseen(refused[0] if refused else "nothing was shown", "workspace_update_response", "workspace_update_omitted")
        return
    word = (
        "object"
        if "name" in updated.body
        else "id"
        if "workspace_id" in updated.body or "id" in updated.body
        else "other"
    )
    notes.see("workspace_update_response", word, f"{', '.join(sorted(updated.body)) or 'nothing'} came")
    if _look_of(before) != ("private", DESCRIPTION):
        notes.unseen("it was not kept as it was created", "workspace_update_omitted")
        return
    got = _look_of(shown)
    words = {("private", DESCRIPTION): "keep", ("public", ""): "reset"}
    notes.see(
        "workspace_update_omitted",
        words.get(got, "other"),
        f"auth_type is {got[0]}, and the description is {'there' if got[1] else 'empty'}",
    )


def _see_grants(found: Found, granted: bool, notes: Notes) -> None:
    before, without, shown, unknown = (found[name] for name in ("as granted", "without grants", "as left", "unknown"))
    refused = [answer for answer in (before, without, shown) if not answer.accepted]
    had = len(before.body.get("grants") or [])
    if granted and had and not refused and shown.body:
        left = len(shown.body.get("grants") or [])
        notes.see("workspace_update_grants", "kept" if left else "cleared", f"{left} of {had} grants are left")
    notes.unseen(refused[0] if refused else "there was no workspace that showed grants", "workspace_update_grants")
    notes.see_against(without, "unknown_grant_user", _word_of(unknown), unknown)


# -- what removes them


def _removal(workspace: Data, quota: str, notes: Notes) -> Script:
    """With a last attempt at a quota before it."""
    if quota:
        some, zero = yield [_limiting(workspace, quota, number) for number in (1, 0)]
        notes.see_against(some, "zero_quota", _word_of(zero), zero)
    deleted, shown = yield [
        ask(f"remove workspace {workspace['name']}", "DELETE", one(workspace)),
        ask("show it", path=one(workspace)),
    ]
    if not deleted.accepted:
        notes.unseen(deleted, "workspace_deletion", "workspace_deletion_retry")
        return
    seen = [_status(shown)]
    if seen == [DELETING]:
        (shown,) = yield [removed(workspace)]
        seen.append(_status(shown))
    _see_removal(shown, seen, notes)
    if seen[-1] != DELETE_FAILED:
        notes.unseen("no removal failed", "workspace_deletion_retry")
        return
    deleted, shown = yield [
        ask(f"remove workspace {workspace['name']} again", "DELETE", one(workspace)),
        ask("show it", path=one(workspace)),
    ]
    if _status(shown) == DELETING:
        (shown,) = yield [removed(workspace)]
    words = {"gone": "succeeds", DELETE_FAILED: "fails"}
    if _status(shown) in words:
        notes.see("workspace_deletion_retry", words[_status(shown)], _status(shown), deleted, shown)
    notes.unseen(f"it was left in {_status(shown)}", "workspace_deletion_retry")


def _limiting(workspace: Data, quota: str, number: int) -> Data:
    body = {"quotas": [{"resource": quota, "quota": number}]}
    return ask(f"set its quota {quota} to {number}", "PUT", f"{one(workspace)}/quotas", body=body)


def _see_removal(last: Answer, seen: list[str], notes: Notes) -> None:
    """What is still on its way when the looks are used up shows nothing."""
    settings = {"gone": "immediate" if len(seen) == 1 else "asynchronous", DELETE_FAILED: "fails"}
    if seen[-1] == DELETING or (last.accepted and not last.body.get("status")):
        notes.unseen(f"it was not seen to its end: {', then '.join(seen)}", "workspace_deletion")
    else:
        notes.see("workspace_deletion", settings.get(seen[-1], "other"), ", then ".join(seen), last)


def removed(workspace: Data) -> Data:
    return ask("wait until it is removed", path=one(workspace), until={"status_is_not": DELETING})


def _status(answer: Answer) -> str:
    return (
        str(answer.body.get("status"))
        if answer.accepted
        else "gone"
        if answer.status in (400, 404) and not answer.tells_nothing
        else str(answer)
    )
