# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is open about ModelArts workspaces. Everything it makes is a workspace whose name begins with that of the run."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract._options import Options
from ansible_collections.community.huaweicloud.plugins.plugin_utils._contract._script import Answer, Calls, Data, Notes, Script, call

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


def whole_list(base: str) -> t.Generator[Calls, t.List[Answer], t.List[Data]]:
    """All workspaces of the run, whatever a page holds and whatever an offset counts."""
    (first,) = yield [listing("list the workspaces of this run", name=base)]
    found = {str(entry.get("id")): entry for entry in workspaces(first)}
    total = first.body.get("total_count")
    if isinstance(total, int) and total > len(found):
        pages = yield [listing("list more of them", name=base, offset=offset) for offset in range(1, total)]
        found.update({str(entry.get("id")): entry for page in pages for entry in workspaces(page)})
    return [entry for entry in found.values() if entry.get("id") and str(entry.get("name", "")).startswith(f"{base}-")]


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
    if route.of_gateway:
        notes.see("gateway_prefix", route.code.partition(".")[0], route)
    else:
        notes.unseen(f"the gateway did not answer: {route}", "gateway_prefix")
    if bare.signed and everything.accepted:
        notes.see("project_header", "optional" if bare.accepted else "required", bare)
    else:
        notes.unseen(everything if bare.signed else "calls go out with a token", "project_header")
    # The vendor's SDK has the former name, grants have the latter.
    names = [str(one.get("userName") or one.get("user_name") or "") for one in users.entries("users")]
    return options.user_name or next((name for name in names if name), "")


def _is_number(value: t.Any) -> bool:
    """A boolean is an integer in Python, and none here."""
    return isinstance(value, int) and not isinstance(value, bool)


def _see_list(answer: Answer, notes: Notes) -> None:
    body, found = answer.body, workspaces(answer)
    if not answer.accepted:
        notes.unseen(answer, "workspace_list_shape")
        return
    good = isinstance(body.get("workspaces"), list) and all(_is_number(body.get(name)) for name in ("total_count", "count"))
    good = good and body["count"] == len(found) and body["total_count"] >= len(found) and not any("grants" in entry for entry in found)
    notes.see("workspace_list_shape", "documented" if good else "other", f"an object with {', '.join(sorted(body)) or 'nothing'}, {len(found)} workspaces")
    _see_cap(answer, notes)


def _see_cap(answer: Answer, notes: Notes) -> None:
    total, found = answer.body.get("total_count"), len(workspaces(answer))
    if isinstance(total, int) and found < min(total, 1000):
        notes.see("page_cap", found, f"{found} of {total} came, with a limit of 1000")
    elif not notes.knows("page_cap"):
        notes.see("page_cap", 0, f"all {found} came in one page")


def _see_default(answer: Answer, notes: Notes) -> None:
    found = [entry.get("id") for entry in workspaces(answer) if entry.get("name") == "default"]
    if found:
        notes.see("default_workspace_id", "number" if isinstance(found[0], int) else "string", repr(found[0]))
    else:
        notes.unseen("no workspace called default was listed", "default_workspace_id")


def _see_missing(answer: Answer, ghost: str, notes: Notes) -> None:
    if answer.accepted or answer.of_gateway or answer.status in (401, 403, 429):
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
        wanted["d"] = {"name": f"{base}-d", "description": DESCRIPTION, "auth_type": "internal", "grants": [{"user_name": user}]}
    else:
        notes.unseen("no IAM user is known, set contract_user_name", "workspace_create_answer", "workspace_put_grants")
    answers = yield [ask(f"create workspace {body['name']}", "POST", body=body) for body in wanted.values()]
    found = dict(zip(wanted, answers))
    _see_creations(found, notes)
    made = {key: answer.body for key, answer in found.items() if key != "again" and answer.accepted and answer.body.get("id")}
    return {key: {"id": body["id"], "name": wanted[key]["name"]} for key, body in made.items()}


def _see_creations(found: Found, notes: Notes) -> None:
    full = [answer for answer in found.values() if answer.code.endswith(".7006")]
    made = [answer for key, answer in found.items() if answer.accepted and key != "again"]
    if full:
        numbers = re.findall(r"\d+", full[0].message)
        notes.see("workspace_limit", numbers[-1] if numbers else "reached", full[0])
    elif made:
        notes.see("workspace_limit", 0, f"{len(made)} were made")
    if not found["a"].accepted:
        notes.unseen(f"a workspace could not be made: {found['a']}", *_NEEDS_A)
        return
    status = str(found["a"].body.get("status"))
    notes.see("workspace_creation", "works" if status == NORMAL else "fails", status)
    again, internal = found["again"], found["c"]
    notes.see("duplicate_workspace_name", again.status, again)
    if internal in full:
        notes.unseen(internal, "internal_without_grants")
    else:
        notes.see("internal_without_grants", "accept" if internal.accepted else "refuse", internal)
    _see_granted(found.get("d"), notes)


_NEEDS_A = (
    *("workspace_offset", "workspace_name_filter", "workspace_name_part", "workspace_creation", "workspace_create_answer", "workspace_limit"),
    *("auth_type_readback", "internal_without_grants", "unknown_grant_user", "duplicate_workspace_name", "workspace_update_answer"),
    *("workspace_put_omitted", "workspace_put_grants", "quota_zero", "workspace_delete", "workspace_delete_again"),
)


def _see_granted(answer: Answer | None, notes: Notes) -> None:
    if answer is not None and answer.accepted:
        full = bool(answer.body.get("grants"))
        notes.see("workspace_create_answer", "full" if full else "without_grants", "grants are there" if full else "no grants are there")
    elif answer is not None:
        notes.unseen(f"a workspace with grants could not be made: {answer}", "workspace_create_answer", "workspace_put_grants")


# -- what they look like


def _life(options: Options, made: t.Mapping[str, Data], notes: Notes) -> t.Generator[Calls, t.List[Answer], str]:
    """Lists, shows and updates them. Returns the name of a quota that could be set."""
    base, first, granted = options.base, made["a"], made.get("d", made["a"])
    second = made.get("b", first)
    body = {"name": granted["name"], "description": DESCRIPTION, "auth_type": "internal"}
    calls = {
        "full": listing("list the workspaces of this run", name=base),
        "shifted": listing("list two of them with an offset of 1", name=base, offset=1, limit=2),
        "upper": listing("list them by their name in upper case", name=base.upper()),
        "part": listing("list them by a part of their name", name=base[1:]),
        "sent upper": ask(f"show workspace {first['name']}", path=one(first)),
        "sent lower": ask(f"show workspace {second['name']}", path=one(second)),
        "updated": ask(f"update workspace {first['name']} with its name only", "PUT", one(first), body={"name": first["name"]}),
        "as updated": ask("show it", path=one(first)),
        "quotas": ask("show its quotas", path=f"{one(first)}/quotas"),
        "without grants": ask(f"update workspace {granted['name']} without grants", "PUT", one(granted), body=body),
        "as left": ask("show it", path=one(granted)),
        "unknown": ask("grant it to nobody", "PUT", one(granted), body={**body, "grants": [{"user_name": f"{base}-nobody"}]}),
    }
    answers = yield list(calls.values())
    found = dict(zip(calls, answers))
    _see_lists(base, found, notes)
    _see_case(found, second is not first, notes)
    _see_update(found["updated"], found["as updated"], notes)
    _see_grants(found, granted is not first, notes)
    free = [entry for entry in found["quotas"].entries("quotas") if entry.get("quota") == -1 and entry.get("resource")]
    if not free:
        notes.unseen(f"no quota was found that could be set: {found['quotas']}", "quota_zero")
    return str(free[0]["resource"]) if free else ""


def _see_lists(base: str, found: Found, notes: Notes) -> None:
    full = found["full"]
    _see_cap(full, notes)
    _see_offset(full, found["shifted"], notes)
    if not workspaces(full):
        notes.unseen("the workspaces that were made are not listed", "workspace_name_filter", "workspace_name_part")
        return
    upper, part = len(workspaces(found["upper"])), len(workspaces(found["part"]))
    notes.see("workspace_name_filter", "insensitive" if upper else "sensitive", f"{upper} workspaces by {base.upper()}")
    notes.see("workspace_name_part", "substring" if part else "other", f"{part} workspaces by {base[1:]}")


def _see_offset(full: Answer, shifted: Answer, notes: Notes) -> None:
    """With records the second comes first; with pages of two it comes no more."""
    order = [str(entry.get("id")) for entry in workspaces(full)]
    got = [str(entry.get("id")) for entry in workspaces(shifted)]
    if len(order) < 2 or not shifted.accepted:
        notes.unseen(f"that takes two workspaces, {len(order)} came", "workspace_offset")
    elif got[:1] == order[1:2]:
        notes.see("workspace_offset", "record", "the second of the whole list came first")
    elif not got or got[0] in order[2:3] or got[0] not in order:
        notes.see("workspace_offset", "page", "the third of the whole list came first" if got else "nothing came")
    else:
        notes.see("workspace_offset", "other", "neither the second nor the third of the whole list came first")


def _see_case(found: Found, both: bool, notes: Notes) -> None:
    if not both:
        notes.unseen("that takes two workspaces", "auth_type_readback")
        return
    upper, lower = (str(found[name].body.get("auth_type")) for name in ("sent upper", "sent lower"))
    known = {("private", "private"): "lower", ("PRIVATE", "PRIVATE"): "upper", ("PRIVATE", "private"): "as_sent"}
    notes.see("auth_type_readback", known.get((upper, lower), "other"), f"PRIVATE came back as {upper}, private as {lower}")


def _see_update(updated: Answer, shown: Answer, notes: Notes) -> None:
    if not updated.accepted or not shown.accepted:
        notes.unseen(shown if updated.accepted else updated, "workspace_update_answer", "workspace_put_omitted")
        return
    notes.see("workspace_update_answer", "object" if "name" in updated.body else "id", f"{', '.join(sorted(updated.body)) or 'nothing'} came")
    got = (str(shown.body.get("auth_type")).lower(), shown.body.get("description") or "")
    words = {("private", DESCRIPTION): "keep", ("public", ""): "reset"}
    notes.see("workspace_put_omitted", words.get(got, "other"), f"auth_type is {got[0]}, and the description is {'there' if got[1] else 'empty'}")


def _see_grants(found: Found, granted: bool, notes: Notes) -> None:
    without, shown, unknown = found["without grants"], found["as left"], found["unknown"]
    if granted and without.accepted and shown.accepted:
        left = len(shown.body.get("grants") or [])
        notes.see("workspace_put_grants", "kept" if left else "cleared", f"{left} grants are left")
    notes.unseen("there was no workspace with grants" if without.accepted else without, "workspace_put_grants")
    notes.see("unknown_grant_user", "accept" if unknown.accepted else "refuse", unknown)


# -- what removes them


def _removal(workspace: Data, quota: str, notes: Notes) -> Script:
    """With a last attempt at a quota before it."""
    calls = [ask(f"remove workspace {workspace['name']}", "DELETE", one(workspace)), ask("show it", path=one(workspace))]
    zero = {"quotas": [{"resource": quota, "quota": 0}]}
    *before, deleted, shown = yield [ask(f"set its quota {quota} to 0", "PUT", f"{one(workspace)}/quotas", body=zero) for unused in quota[:1]] + calls
    for answer in before:
        notes.see("quota_zero", "accept" if answer.accepted else "refuse", answer)
    if not deleted.accepted:
        notes.unseen(deleted, "workspace_delete", "workspace_delete_again")
        return
    seen = [_status(shown)]
    if seen == [DELETING]:
        (shown,) = yield [removed(workspace)]
        seen.append(_status(shown))
    settings = {"gone": "immediate" if len(seen) == 1 else "deleting", DELETE_FAILED: "failed"}
    notes.see("workspace_delete", settings.get(seen[-1], "other"), ", then ".join(seen))
    if seen[-1] != DELETE_FAILED:
        notes.unseen("no removal failed", "workspace_delete_again")
        return
    deleted, shown = yield [ask(f"remove workspace {workspace['name']} again", "DELETE", one(workspace)), ask("show it", path=one(workspace))]
    if _status(shown) == DELETING:
        (shown,) = yield [removed(workspace)]
    notes.see("workspace_delete_again", "works" if _status(shown) == "gone" else "fails", _status(shown))


def removed(workspace: Data) -> Data:
    return ask("wait until it is removed", path=one(workspace), until={"status_is_not": DELETING})


def _status(answer: Answer) -> str:
    return str(answer.body.get("status")) if answer.accepted else "gone" if answer.status in (400, 404) and not answer.of_gateway else str(answer)
