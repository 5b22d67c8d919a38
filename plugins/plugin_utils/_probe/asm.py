# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is open about ASM. It only reads, and tries to remove what is not there, unless a workshop or a release may be made."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import releases
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.options import Options
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import (
    Answer,
    Calls,
    Data,
    Notes,
    Script,
    call,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.words import (
    same_refusal,
    see_times,
    word_of,
)

MESHES = "v1/{project_id}/meshes"


def ask(name: str, method: str, path: str, **more: t.Any) -> Data:
    return call(name, "asm", method, path, **more)


def workshops_of(mesh_id: str) -> str:
    return f"v2/meshes/{mesh_id}/workshops"


def elements(answer: Answer) -> list[t.Any]:
    """Of a list in any of its shapes."""
    found = answer.json.get("items") if isinstance(answer.json, dict) else answer.json
    return found if isinstance(found, list) else []


def is_list(answer: Answer) -> bool:
    """Whether it is a list of things with names. An empty one may come as null."""
    if not answer.accepted:
        return False
    found = answer.json
    if isinstance(found, dict) and "items" in found:
        found = [] if found["items"] is None else found["items"]
    return (
        isinstance(found, list)
        and all(isinstance(one, dict) for one in found)
        and all(_is_named(one.get("workshop", one)) for one in found)
    )


def _is_named(one: t.Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("metadata"), dict) and bool(one["metadata"].get("name"))


def workshops(answer: Answer) -> list[Data]:
    """The same without wrappers."""
    found = [element.get("workshop", element) for element in elements(answer) if isinstance(element, dict)]
    return [workshop for workshop in found if isinstance(workshop, dict) and isinstance(workshop.get("metadata"), dict)]


def named(answer: Answer, name: str) -> Data:
    """The metadata of the workshop of that name, empty when it is not listed."""
    return next((one["metadata"] for one in workshops(answer) if one["metadata"].get("name") == name), {})


def beginning(answer: Answer, base: str) -> list[Data]:
    """The metadata of the workshops that a run has made."""
    return [one["metadata"] for one in workshops(answer) if str(one["metadata"].get("name")).startswith(f"{base}-")]


def mesh_of(answer: Answer, name: str) -> str:
    """The ID of the mesh of that name, or of the only one; empty when there is none."""
    known = [
        one["metadata"] for one in elements(answer) if isinstance(one, dict) and isinstance(one.get("metadata"), dict)
    ]
    found = [str(one.get("uid") or "") for one in known if name in ("", one.get("name"))]
    return found[0] if answer.accepted and len(found) == 1 else ""


def find_mesh(options: Options, **more: t.Any) -> t.Generator[Calls, t.List[Answer], t.Tuple[Answer, str]]:
    """The list of meshes, and the ID of the one that is meant; empty when there is none."""
    (answer,) = yield [ask("list the meshes", "GET", MESHES, **more)]
    return answer, mesh_of(answer, options.mesh_name)


def script(options: Options, notes: Notes) -> Script:
    """The whole conversation."""
    meshes, mesh_id = yield from find_mesh(options)
    if meshes.accepted and meshes.json is not None:
        good = isinstance(meshes.json, dict) and isinstance(meshes.json.get("items"), list)
        notes.see("mesh_list_shape", "documented" if good else "other", f"{len(elements(meshes))} meshes")
    else:
        notes.unseen(meshes, "mesh_list_shape")
    if not mesh_id:
        wanted = (
            f"there is no mesh {options.mesh_name}"
            if options.mesh_name
            else "there is not just one mesh, set contract_mesh_name"
        )
        notes.unseen(meshes if not meshes.accepted else wanted, *_OF_A_MESH)
        return
    yield from _reads(options, mesh_id, notes)
    if options.workshop:
        yield from _workshop(options, mesh_id, notes)
    notes.unseen("that takes a workshop, set contract_workshop", *_OF_A_WORKSHOP)
    if options.release:
        yield from releases.script(options, mesh_id, notes)
    notes.unseen("that takes a release, set contract_release", *releases.ALL)


_OF_A_WORKSHOP = (
    "workshop_list_shape",
    "workshop_listing_delay",
    "workshop_delete_key",
    "duplicate_asm_name",
    "asm_time_format",
)
_OF_A_MESH = (
    "missing_mesh",
    "asm_error_body",
    "missing_asm_resource",
    "missing_release",
    "release_list_shape",
    *_OF_A_WORKSHOP,
    *releases.ALL,
)


def _reads(options: Options, mesh_id: str, notes: Notes) -> Script:
    namespace = options.release.get("namespace", "default")
    release = f"v2/meshes/{mesh_id}/namespaces/{namespace}/releases/{options.ghost_uid}"
    cancel = {"action": options.cancel_actions[0]}
    listed, known, unknown, workshop, shown, gone, bare = yield [
        ask("list the workshops", "GET", workshops_of(mesh_id)),
        ask("list the releases", "GET", f"v2/meshes/{mesh_id}/releases"),
        ask("list the workshops of a mesh that is not there", "GET", workshops_of(options.ghost_uid)),
        ask("remove a workshop that is not there", "DELETE", f"{workshops_of(mesh_id)}/{options.base}-nothing"),
        ask("look for a release that is not there", "GET", release),
        ask("cancel a release that is not there", "DELETE", release, query=cancel),
        ask("cancel it without a Content-Type", "DELETE", release, query=cancel, send_content_type=False),
    ]
    see_shape(listed, notes)
    _see_releases(known, notes)
    _see_refusal("missing_mesh", unknown, notes, lambda answer: str(answer.status))
    _see_refusal("missing_asm_resource", workshop, notes, word_of)
    _see_refusal("missing_release", shown, notes, word_of)
    _see_error_body([workshop, shown, gone], notes)
    # What is the same either way tells nothing.
    if not same_refusal(bare, gone):
        notes.see("content_type", "required", bare, gone)
    else:
        notes.unseen(f"it is refused in the same way with and without: {bare}", "content_type")
    times = [workshop["metadata"].get("creationTimestamp") for workshop in workshops(listed)]
    see_times([*times, *(one["metadata"].get("creationTimestamp") for one in releases.listed(known))], notes)


def _see_refusal(name: str, answer: Answer, notes: Notes, word: t.Callable[[Answer], str]) -> None:
    notes.see(name, word(answer), answer)


def _see_error_body(answers: t.Sequence[Answer], notes: Notes) -> None:
    refusals = [answer for answer in answers if not answer.accepted and not answer.tells_nothing]
    if not refusals:
        notes.unseen("nothing was refused by ASM", "asm_error_body")
        return
    answer = refusals[0]
    shapes = [
        ("array", isinstance(answer.json, list)),
        ("snake_case", "error_code" in answer.error),
        ("code_and_message", "errorMsg" in answer.error and "errorCode" in answer.error),
        ("code_only", "errorCode" in answer.error),
    ]
    notes.see("asm_error_body", next((name for name, fits in shapes if fits), "other"), answer.text[:160])


def see_shape(answer: Answer, notes: Notes) -> None:
    """An empty list does not show what is in it."""
    found = elements(answer)
    if not is_list(answer) or not found:
        notes.unseen(
            "no workshop is listed, set contract_workshop" if answer.accepted else answer, "workshop_list_shape"
        )
        return
    wrapped, array = "workshop" in found[0], isinstance(answer.json, list)
    words = {
        (True, True): "bare",
        (False, True): "items",
        (True, False): "unwrapped",
        (False, False): "items_unwrapped",
    }
    notes.see(
        "workshop_list_shape",
        words[(array, wrapped)],
        f"{'an array' if array else 'an object'} of {'wrapped' if wrapped else 'bare'} workshops",
    )


def _see_releases(answer: Answer, notes: Notes) -> None:
    if answer.accepted and answer.json is not None:
        good = answer.body.get("kind") == "ReleaseList" and isinstance(answer.body.get("items"), list)
        notes.see("release_list_shape", "documented" if good else "other", f"{len(elements(answer))} releases")
    else:
        notes.unseen(answer, "release_list_shape")


# -- a workshop


def _body(options: Options, name: str) -> Data:
    given = options.workshop
    ingress = {"elbId": str(given["elb_id"]), "elbIp": str(given["elb_ip"]), "port": int(given["port"])}
    if given.get("image_address"):
        ingress["imageAddress"] = str(given["image_address"])
    return {
        "description": "Made to look at the contract, can be removed",
        "metadata": {"name": name},
        "spec": {"primaryCluster": str(given["primary_cluster"]), "ingress": ingress},
    }


def _workshop(options: Options, mesh_id: str, notes: Notes) -> Script:
    name, path = f"{options.base}-w", workshops_of(mesh_id)
    created, first, again = yield [
        ask(f"create workshop {name}", "POST", path, body=_body(options, name)),
        ask("list the workshops", "GET", path),
        ask("create it again", "POST", path, body=_body(options, name)),
    ]
    if not created.accepted:
        notes.unseen(f"a workshop could not be made: {created}", *_OF_A_WORKSHOP)
        return
    see_times([created.metadata.get("creationTimestamp")], notes)
    _see_refusal("duplicate_asm_name", again, notes, word_of)
    uid, early = named(first, name).get("uid"), first
    if not uid:
        (first,) = yield [ask("wait until it is listed", "GET", path, until={"lists": name})]
        uid = named(first, name).get("uid")
    see_shape(first, notes)
    if not uid:
        notes.unseen(f"it was never listed: {first}", "workshop_listing_delay", "workshop_delete_key")
        return
    if is_list(early):
        notes.see(
            "workshop_listing_delay",
            0 if early is first else 1,
            f"it was {'' if early is first else 'not '}in the first list",
        )
    notes.unseen(f"the first list could not be read: {early}", "workshop_listing_delay")
    yield from _keys(options, path, name, str(uid), notes)


def _keys(options: Options, path: str, name: str, uid: str, notes: Notes) -> Script:
    """By ID first: only where that works, it takes a second workshop to see what the name does."""
    by_uid, by_name = yield [
        ask("remove it by its ID", "DELETE", f"{path}/{uid}"),
        ask("remove it by its name", "DELETE", f"{path}/{name}"),
    ]
    if by_uid.accepted:
        (left,) = yield [ask("wait until it is removed", "GET", path, until={"lists_no": name})]
        if named(left, name) or not is_list(left):
            notes.unseen(
                f"the removal by ID was accepted, and the workshop was not seen to go: {left}", "workshop_delete_key"
            )
            return
        (created,) = yield [ask(f"create workshop {name} anew", "POST", path, body=_body(options, name))]
        if not created.accepted:
            notes.unseen(f"by its ID it is removed; a second one could not be made: {created}", "workshop_delete_key")
            return
        (anew,) = yield [ask("wait until it is listed", "GET", path, until={"lists": name})]
        if not named(anew, name):
            notes.unseen(f"by its ID it is removed; a second one was never listed: {anew}", "workshop_delete_key")
            return
        (by_name,) = yield [ask("remove it by its name", "DELETE", f"{path}/{name}")]
    words = {(True, True): "both", (True, False): "uid", (False, True): "name"}
    proof = f"by ID: {by_uid}, by name: {by_name}"
    notes.see("workshop_delete_key", words.get((by_uid.accepted, by_name.accepted), "neither"), proof, by_uid, by_name)
