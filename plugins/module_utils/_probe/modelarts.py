# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The probe of ModelArts workspaces. It creates workspaces whose names begin with that of the run."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import (
    Data,
    ProbeResponse,
    is_same_refusal,
)

WORKSPACES = "v1/{project_id}/workspaces"
DESCRIPTION = "Created by service_probe. Can be deleted."
MOST_IN_A_PAGE = 1000
NORMAL, DELETING, DELETE_FAILED = "NORMAL", "DELETING", "DELETE_FAILED"
DELETED = "deleted"

# All findings that require a workspace.
_REQUIRE_WORKSPACE = (
    "workspace_offset",
    "workspace_name_filter",
    "workspace_name_part",
    "workspace_creation",
    "workspace_create_answer",
    "workspace_limit",
    "auth_type_readback",
    "internal_without_grants",
    "unknown_grant_user",
    "duplicate_workspace_name",
    "workspace_update_answer",
    "workspace_put_omitted",
    "workspace_put_grants",
    "quota_zero",
    "workspace_delete",
    "workspace_delete_again",
)

Responses = t.Dict[str, ProbeResponse]


def build_request(purpose: str, method: str = "GET", path: str = WORKSPACES, **more: t.Any) -> ProbeRequest:
    """Return a request to ModelArts."""
    return ProbeRequest(purpose, "modelarts", method, path, **more)


def get_path(workspace: t.Mapping[str, t.Any]) -> str:
    """Return the path of one workspace."""
    return f"{WORKSPACES}/{workspace['id']}"


def is_list(response: ProbeResponse) -> bool:
    """Return whether this is a complete list of workspaces. An empty list can be null."""
    found = response.body.get("workspaces")
    if not response.accepted or (found is None and response.body.get("total_count") != 0):
        return False
    return found is None or (
        isinstance(found, list) and all(isinstance(entry, dict) and entry.get("name") for entry in found)
    )


def find_created(response: ProbeResponse, base: str) -> list[Data]:
    """Return the listed workspaces that this run created."""
    return [entry for entry in response.entries("workspaces") if str(entry.get("name", "")).startswith(f"{base}-")]


def wait_until_deleted(prober: Prober, workspace: Data) -> ProbeResponse:
    """Wait until a workspace is no longer being deleted. Return the last response to a request for it."""
    request = build_request("wait until it is deleted", path=get_path(workspace))
    return prober.poll(request, lambda response: response.body.get("status") != DELETING)


def probe(prober: Prober, options: ProbeOptions, findings: Findings) -> None:
    """Probe all assumptions about ModelArts. Raises HuaweiCloudError if a request gets no response."""
    user = _probe_existing(prober, options, findings)
    created = _probe_creation(prober, options, user, findings)
    if "a" in created:
        quota = _probe_changes(prober, options, created, findings)
        _probe_quota(prober, created["a"], quota, findings)
        _probe_deletion(prober, created["a"], findings)


# Requests that change nothing


def _probe_existing(prober: Prober, options: ProbeOptions, findings: Findings) -> str:
    """Return the name of a user for a grant, or an empty text if none is known."""
    complete, default, missing, route, bare, users = prober.send_all(
        [
            _build_list("list all workspaces"),
            _build_list("list the default workspace", name="default"),
            build_request("get a workspace that does not exist", path=f"{WORKSPACES}/{options.unknown_id}"),
            build_request("call an API that does not exist", path=f"v1/{{project_id}}/{options.base}"),
            build_request("list without X-Project-Id", send_project=False),
            build_request("list the IAM users", path=f"{WORKSPACES}/users/list"),
        ]
    )
    _evaluate_list(complete, findings)
    _evaluate_default_workspace(default, findings)
    _evaluate_missing_workspace(missing, options.unknown_id, findings)
    _evaluate_gateway(route, findings)
    _evaluate_project_header(complete, bare, findings)
    # Some services return the first name, the API reference has the second.
    names = [str(user.get("userName") or user.get("user_name") or "") for user in users.entries("users")]
    return options.user_name or next((name for name in names if name), "")


def _build_list(purpose: str, /, **query: t.Any) -> ProbeRequest:
    return build_request(purpose, query={"limit": MOST_IN_A_PAGE, **query})


def _evaluate_gateway(route: ProbeResponse, findings: Findings) -> None:
    # Only the gateway refuses an unknown API, whatever its error codes begin with.
    if route.is_from_gateway and route.status == 404:
        findings.record("gateway_prefix", route.code.partition(".")[0], str(route))
    else:
        findings.mark_inconclusive(f"the gateway did not report an unknown API: {route}", "gateway_prefix")


def _evaluate_project_header(complete: ProbeResponse, bare: ProbeResponse, findings: Findings) -> None:
    # The gateway refuses a missing header like an expired key, so the refusal must mention the project.
    mentions_project = 400 <= bare.status <= 499 and "project" in bare.message.lower()
    if not bare.signed:
        findings.mark_inconclusive("requests are sent with a token", "project_header")
    elif complete.accepted and (is_list(bare) or mentions_project):
        findings.record("project_header", "optional" if bare.accepted else "required", str(bare))
    else:
        findings.mark_inconclusive(bare if complete.accepted else complete, "project_header")


def _evaluate_list(response: ProbeResponse, findings: Findings) -> None:
    if not response.accepted or response.json is None:
        reason = "the response is not JSON" if response.accepted else response
        findings.mark_inconclusive(reason, "workspace_list_shape", "page_cap")
        return
    body, entries = response.body, response.entries("workspaces")
    is_documented = (
        isinstance(body.get("workspaces"), list)
        # A boolean is an integer in Python.
        and all(
            isinstance(body.get(name), int) and not isinstance(body[name], bool) for name in ("total_count", "count")
        )
        and body["count"] == len(entries)
        and body["total_count"] >= len(entries)
        and not any("grants" in entry for entry in entries)
    )
    evidence = f"an object with {', '.join(sorted(body)) or 'no keys'}, {len(entries)} workspaces"
    findings.record("workspace_list_shape", "documented" if is_documented else "other", evidence)
    _evaluate_page_size(response, findings)


def _evaluate_page_size(response: ProbeResponse, findings: Findings) -> None:
    total, number = response.body.get("total_count"), len(response.entries("workspaces"))
    if not is_list(response) or not isinstance(total, int) or not number:
        return
    if number < min(total, MOST_IN_A_PAGE):
        findings.record("page_cap", number, f"{number} of {total} were returned with limit={MOST_IN_A_PAGE}")
    # One workspace shows no limit. A complete list shows none either if an earlier list could not be read.
    elif number > 1 and not findings.is_recorded("page_cap"):
        findings.record("page_cap", 0, f"all {number} were returned in one page")


def _evaluate_default_workspace(response: ProbeResponse, findings: Findings) -> None:
    found = [entry.get("id") for entry in response.entries("workspaces") if entry.get("name") == "default"]
    if found:
        kind = "number" if isinstance(found[0], int) else "string"
        findings.record("default_workspace_id", kind, repr(found[0]))
    else:
        findings.mark_inconclusive("no workspace named default was listed", "default_workspace_id")


def _evaluate_missing_workspace(response: ProbeResponse, unknown_id: str, findings: Findings) -> None:
    if response.accepted or response.is_inconclusive:
        findings.mark_inconclusive(response, "modelarts_error_body", "missing_workspace")
        return
    shape = "with_request_id" if "request_id" in response.error else "json"
    if not response.code:
        shape = "plain" if response.text.strip() else "empty"
    findings.record("modelarts_error_body", shape, response)
    number, text = response.code.rpartition(".")[2], response.message or response.text
    if response.status == 404:
        findings.record("missing_workspace", "404", response)
    elif number == "0104" and "not exist" in text:
        findings.record("missing_workspace", "0104_old", response)
    elif number or f"workspace:{unknown_id} not existed" in text:
        findings.record("missing_workspace", number or "7005", response)
    else:
        findings.mark_inconclusive(f"the response has no error code: {response}", "missing_workspace")


# Requests that create workspaces


def _probe_creation(prober: Prober, options: ProbeOptions, user: str, findings: Findings) -> dict[str, Data]:
    """Return ID and name of the created workspaces by their letters."""
    bodies: dict[str, Data] = {
        "a": {"name": f"{options.base}-a", "auth_type": "PRIVATE"},
        "a again": {"name": f"{options.base}-a", "auth_type": "PRIVATE"},
        "b": {"name": f"{options.base}-b", "auth_type": "private"},
        "c": {"name": f"{options.base}-c", "auth_type": "internal"},
    }
    if user:
        bodies["d"] = {"name": f"{options.base}-d", "auth_type": "internal", "grants": [{"user_name": user}]}
    else:
        reason = "no IAM user is known, set user_name"
        findings.mark_inconclusive(reason, "workspace_create_answer", "workspace_put_grants")
    responses = prober.send_all(
        build_request(f"create workspace {body['name']}", "POST", body={"description": DESCRIPTION, **body})
        for body in bodies.values()
    )
    found = dict(zip(bodies, responses))
    _evaluate_creations(found, findings)
    return {
        key: {"id": response.body["id"], "name": bodies[key]["name"]}
        for key, response in found.items()
        if key != "a again" and _is_created(response)
    }


def _is_created(response: ProbeResponse) -> bool:
    return response.accepted and bool(response.body.get("id"))


def _evaluate_creations(found: Responses, findings: Findings) -> None:
    at_limit = [response for response in found.values() if response.code.endswith(".7006")]
    _evaluate_limit(found, at_limit, findings)
    first, again, private, internal = (found[key] for key in ("a", "a again", "b", "c"))
    granted = found.get("d")
    if not first.accepted:
        findings.mark_inconclusive(f"a workspace could not be created: {first}", *_REQUIRE_WORKSPACE)
        return
    status = first.body.get("status")
    if status:
        findings.record("workspace_creation", "works" if status == NORMAL else "fails", str(status))
    # At the limit, every create request is refused.
    for name, response in (("duplicate_workspace_name", again), ("internal_without_grants", internal)):
        if response in at_limit:
            findings.mark_inconclusive(at_limit[0], name)
    if again not in at_limit:
        findings.record_with_control(private, "duplicate_workspace_name", again.status, again)
    if granted is not None and not granted.accepted and is_same_refusal(internal, granted):
        findings.mark_inconclusive(f"it is refused with grants too: {granted}", "internal_without_grants")
    elif internal not in at_limit and (_is_created(internal) or not internal.accepted):
        findings.record_with_control(private, "internal_without_grants", _name_reaction(internal), internal)
    if granted is not None:
        _evaluate_granted(granted, findings)


def _evaluate_limit(found: Responses, at_limit: list[ProbeResponse], findings: Findings) -> None:
    if at_limit:
        numbers = re.findall(r"\d+", at_limit[0].message)
        findings.record("workspace_limit", numbers[-1] if numbers else "reached", at_limit[0])
    elif found["b"].accepted:
        number = sum(_is_created(response) for key, response in found.items() if key != "a again")
        findings.record("workspace_limit", 0, f"{number} were created", *found.values())


def _evaluate_granted(response: ProbeResponse, findings: Findings) -> None:
    if not response.accepted:
        reason = f"a workspace with grants could not be created: {response}"
        findings.mark_inconclusive(reason, "workspace_create_answer", "workspace_put_grants")
    elif response.body.get("grants"):
        findings.record("workspace_create_answer", "full", "the response contains grants")
    else:
        findings.record("workspace_create_answer", "without_grants", "the response contains no grants")


def _name_reaction(response: ProbeResponse) -> str:
    return "accept" if response.accepted else "refuse"


# Requests that list, read and update the created workspaces


def _probe_changes(prober: Prober, options: ProbeOptions, created: t.Mapping[str, Data], findings: Findings) -> str:
    """Return the name of a quota that can be set, or an empty text."""
    base, first = options.base, created["a"]
    second, granted = created.get("b", first), created.get("d", first)
    body = {"name": granted["name"], "description": DESCRIPTION, "auth_type": "internal"}
    to_nobody = {**body, "grants": [{"user_name": f"{base}-nobody"}]}
    rename = {"name": first["name"]}
    requests = {
        "exact": _build_list("list one of them by its whole name", name=first["name"]),
        "all": _build_list("list the workspaces of this run", name=base),
        "shifted": _build_list("list two of them with an offset of 1", name=base, offset=1, limit=2),
        "upper": _build_list("list one of them by its name in upper case", name=first["name"].upper()),
        "part": _build_list("list them by a part of their name", name=base[1:]),
        "sent upper": build_request(f"show workspace {first['name']}", path=get_path(first)),
        "sent lower": build_request(f"show workspace {second['name']}", path=get_path(second)),
        "updated": build_request(
            f"update workspace {first['name']} with its name only", "PUT", get_path(first), body=rename
        ),
        "after update": build_request("show it", path=get_path(first)),
        "quotas": build_request("show its quotas", path=f"{get_path(first)}/quotas"),
        "with grants": build_request(f"show workspace {granted['name']}", path=get_path(granted)),
        "without grants": build_request(
            f"update workspace {granted['name']} without grants", "PUT", get_path(granted), body=body
        ),
        "after removal": build_request("show it", path=get_path(granted)),
        "unknown user": build_request(
            "grant it to a user that does not exist", "PUT", get_path(granted), body=to_nobody
        ),
    }
    found = dict(zip(requests, prober.send_all(requests.values())))
    _evaluate_filters(base, found, findings)
    _evaluate_offset(found["all"], found["shifted"], findings)
    _evaluate_case(found["sent upper"], found["sent lower"], second is not first, findings)
    _evaluate_update(found["sent upper"], found["updated"], found["after update"], findings)
    _evaluate_grants(found, granted is not first, findings)
    unlimited = [
        entry for entry in found["quotas"].entries("quotas") if entry.get("quota") == -1 and entry.get("resource")
    ]
    if not unlimited:
        findings.mark_inconclusive(f"no quota can be set: {found['quotas']}", "quota_zero")
    return str(unlimited[0]["resource"]) if unlimited else ""


def _evaluate_filters(base: str, found: Responses, findings: Findings) -> None:
    exact, complete, upper, part = (found[name] for name in ("exact", "all", "upper", "part"))
    _evaluate_page_size(complete, findings)
    names = ("workspace_name_filter", "workspace_name_part")
    unreadable = [response for response in (exact, upper) if not is_list(response)]
    if unreadable:
        findings.mark_inconclusive(f"no list was returned: {unreadable[0]}", *names)
        return
    if not find_created(exact, base):
        findings.mark_inconclusive("a created workspace is not listed by its name", *names)
        return
    number = len(find_created(upper, base))
    sensitivity = "insensitive" if number else "sensitive"
    findings.record("workspace_name_filter", sensitivity, f"{number} workspaces were listed by a name in upper case")
    unreadable = [response for response in (complete, part) if not is_list(response)]
    if unreadable:
        findings.mark_inconclusive(f"no list was returned: {unreadable[0]}", "workspace_name_part")
        return
    by_name, by_beginning, by_part = (len(find_created(response, base)) for response in (exact, complete, part))
    match = "substring" if by_part else "prefix" if by_beginning else "exact"
    evidence = f"listed by the whole name: {by_name}, by its beginning: {by_beginning}, by its middle: {by_part}"
    findings.record("workspace_name_part", match, evidence)


def _evaluate_offset(complete: ProbeResponse, shifted: ProbeResponse, findings: Findings) -> None:
    # An offset of 1 begins with the second workspace if it counts records, and with the third if it counts pages of two.
    order = [str(entry.get("id")) for entry in complete.entries("workspaces")]
    got = [str(entry.get("id")) for entry in shifted.entries("workspaces")]
    if not is_list(complete) or not is_list(shifted):
        unreadable = shifted if is_list(complete) else complete
        findings.mark_inconclusive(f"no list was returned: {unreadable}", "workspace_offset")
    elif len(order) < 2:
        findings.mark_inconclusive(f"this requires two workspaces, {len(order)} were listed", "workspace_offset")
    elif got[:1] == order[1:2]:
        findings.record("workspace_offset", "record", "the list begins with the second workspace")
    elif not got or got[0] in order[2:3] or got[0] not in order:
        evidence = "the list begins with the third workspace" if got else "the list is empty"
        findings.record("workspace_offset", "page", evidence)
    else:
        evidence = "the list begins with neither the second nor the third workspace"
        findings.record("workspace_offset", "other", evidence)


def _evaluate_case(upper: ProbeResponse, lower: ProbeResponse, are_two: bool, findings: Findings) -> None:
    if not are_two:
        findings.mark_inconclusive("this requires two workspaces", "auth_type_readback")
        return
    if not all(response.accepted and response.body.get("auth_type") for response in (upper, lower)):
        findings.mark_inconclusive(f"they could not be read: {upper}, {lower}", "auth_type_readback")
        return
    got = str(upper.body["auth_type"]), str(lower.body["auth_type"])
    names = {("private", "private"): "lower", ("PRIVATE", "PRIVATE"): "upper", ("PRIVATE", "private"): "as_sent"}
    evidence = f"PRIVATE was returned as {got[0]}, private as {got[1]}"
    findings.record("auth_type_readback", names.get(got, "other"), evidence)


def _evaluate_update(before: ProbeResponse, updated: ProbeResponse, after: ProbeResponse, findings: Findings) -> None:
    refused = [response for response in (before, updated, after) if not response.accepted]
    if refused or not before.body or not after.body:
        reason = refused[0] if refused else "the workspace could not be read"
        findings.mark_inconclusive(reason, "workspace_update_answer", "workspace_put_omitted")
        return
    shape = "object" if "name" in updated.body else "id" if {"workspace_id", "id"} & set(updated.body) else "other"
    evidence = f"the response contains {', '.join(sorted(updated.body)) or 'no keys'}"
    findings.record("workspace_update_answer", shape, evidence)
    # Without the state before the update, nothing can be concluded about the change.
    if _get_optional_fields(before) != ("private", DESCRIPTION):
        findings.mark_inconclusive("the workspace differs from what was created", "workspace_put_omitted")
        return
    got = _get_optional_fields(after)
    effects = {("private", DESCRIPTION): "keep", ("public", ""): "reset"}
    evidence = f"auth_type is {got[0]}, and the description is {'set' if got[1] else 'empty'}"
    findings.record("workspace_put_omitted", effects.get(got, "other"), evidence)


def _get_optional_fields(response: ProbeResponse) -> tuple[str, str]:
    return str(response.body.get("auth_type")).lower(), str(response.body.get("description") or "")


def _evaluate_grants(found: Responses, has_grants: bool, findings: Findings) -> None:
    before, updated, after, unknown = (
        found[name] for name in ("with grants", "without grants", "after removal", "unknown user")
    )
    refused = [response for response in (before, updated, after) if not response.accepted]
    number = len(before.body.get("grants") or [])
    if has_grants and number and not refused and after.body:
        left = len(after.body.get("grants") or [])
        evidence = f"{left} of {number} grants remain"
        findings.record("workspace_put_grants", "kept" if left else "cleared", evidence)
    reason = refused[0] if refused else "no workspace with grants could be read"
    findings.mark_inconclusive(reason, "workspace_put_grants")
    findings.record_with_control(updated, "unknown_grant_user", _name_reaction(unknown), unknown)


# Requests that delete a workspace


def _probe_quota(prober: Prober, workspace: Data, quota: str, findings: Findings) -> None:
    if not quota:
        return
    control, zero = prober.send_all(
        build_request(
            f"set its quota {quota} to {number}",
            "PUT",
            f"{get_path(workspace)}/quotas",
            body={"quotas": [{"resource": quota, "quota": number}]},
        )
        for number in (1, 0)
    )
    findings.record_with_control(control, "quota_zero", _name_reaction(zero), zero)


def _probe_deletion(prober: Prober, workspace: Data, findings: Findings) -> None:
    deleted, response = _delete(prober, workspace, f"delete workspace {workspace['name']}")
    if not deleted.accepted:
        findings.mark_inconclusive(deleted, "workspace_delete", "workspace_delete_again")
        return
    statuses = [_get_status(response)]
    if statuses == [DELETING]:
        response = wait_until_deleted(prober, workspace)
        statuses.append(_get_status(response))
    _evaluate_deletion(response, statuses, findings)
    if statuses[-1] != DELETE_FAILED:
        findings.mark_inconclusive("no deletion failed", "workspace_delete_again")
        return
    deleted, response = _delete(prober, workspace, f"delete workspace {workspace['name']} again")
    if _get_status(response) == DELETING:
        response = wait_until_deleted(prober, workspace)
    status = _get_status(response)
    effects = {DELETED: "works", DELETE_FAILED: "fails"}
    if status in effects:
        findings.record("workspace_delete_again", effects[status], status, deleted, response)
    findings.mark_inconclusive(f"its status is {status}", "workspace_delete_again")


def _delete(prober: Prober, workspace: Data, purpose: str) -> tuple[ProbeResponse, ProbeResponse]:
    deleted, response = prober.send_all(
        [
            build_request(purpose, "DELETE", get_path(workspace)),
            build_request("show it", path=get_path(workspace)),
        ]
    )
    return deleted, response


def _evaluate_deletion(last: ProbeResponse, statuses: list[str], findings: Findings) -> None:
    names = {DELETED: "immediate" if len(statuses) == 1 else "deleting", DELETE_FAILED: "failed"}
    if statuses[-1] == DELETING or (last.accepted and not last.body.get("status")):
        reason = f"the deletion did not complete: {', then '.join(statuses)}"
        findings.mark_inconclusive(reason, "workspace_delete")
    else:
        findings.record("workspace_delete", names.get(statuses[-1], "other"), ", then ".join(statuses), last)


def _get_status(response: ProbeResponse) -> str:
    """Return the status of a workspace, "deleted" if it no longer exists, or the refusal."""
    if response.accepted:
        return str(response.body.get("status"))
    is_deleted = response.status in (400, 404) and not response.is_inconclusive
    return DELETED if is_deleted else str(response)
