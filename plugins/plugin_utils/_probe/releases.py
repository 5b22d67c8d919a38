# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is open about releases: their life from creation to both of its ends, with one release after the other of one Service."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import (
    ACTIVE,
    DONE,
    Phases,
)
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
    plain_words,
    same_refusal,
    see_times,
    word_of,
)

_LIFE = (
    *(
        "release_key",
        "release_phases",
        "release_creation",
        "release_failed_phase",
        "template_readback",
        "sidecar_injection",
    ),
    *(
        "duplicate_release",
        "one_release_a_service",
        "release_update",
        "action_cancel",
        "action_end",
        "traffic_precondition",
    ),
    *("release_traffic", "terminated_releases"),
)
_PHASES = ("release_canceling_phase", "release_canceled_phase", "release_ending_phase", "release_ended_phase")
# The form of times and the Content-Type may be seen elsewhere as well.
ALL = (*_LIFE, *_PHASES, "asm_time_format", "content_type")
_ENDS = (
    "one_release_a_service",
    "action_cancel",
    "action_end",
    "traffic_precondition",
    "release_traffic",
    "terminated_releases",
    *_PHASES,
)
_MOST_PHASES = 12
_ANOTHER = "create another one of the same Service"

_SIDECARS = ("istio-proxy", "istio-init")


class Nonsense(t.NamedTuple):
    """How a word without meaning is refused. ``readable``: whether that says the same each time, so that another message means something."""

    refusal: Answer
    word: str
    readable: bool

    def is_like(self, answer: Answer, word: str) -> bool:
        """Whether the word is refused in the same way."""
        same = plain_words(answer, word) == plain_words(self.refusal, self.word)
        return same_refusal(answer, self.refusal) and (same or not self.readable)


Tries = t.Generator[Calls, t.List[Answer], t.Optional[Answer]]
Phased = t.Generator[Calls, t.List[Answer], t.Tuple[Answer, t.List[str]]]


def listed(answer: Answer) -> list[Data]:
    return [one for one in answer.entries("items") if isinstance(one.get("metadata"), dict)]


def beginning(answer: Answer, base: str) -> list[Data]:
    """Those that a run has made."""
    return [one for one in listed(answer) if str(one["metadata"].get("name")).startswith(f"{base}-")]


def is_list(answer: Answer) -> bool:
    """Whether it is a list of releases that can be read to its end. An empty one may come as null."""
    found = answer.body.get("items", ...)
    good = found is None or (
        isinstance(found, list)
        and all(one["metadata"].get("name") for one in listed(answer))
        and len(found) == len(listed(answer))
    )
    return answer.accepted and good


def phase_of(answer: Answer) -> str:
    """The phase it shows; empty when it shows none."""
    return str(_status(answer).get("phase") or "")


class Place:
    """Where the releases of the run are, and how they are asked about."""

    def __init__(self, options: Options, mesh_id: str) -> None:
        self.options = options
        self.mesh_id = mesh_id
        self.path = f"v2/meshes/{mesh_id}/namespaces/{options.release['namespace']}/releases"

    def body(self, name: str, image: str = "") -> Data:
        given = self.options.release
        template = copy.deepcopy(dict(given["template"]))
        if image:
            template["spec"]["template"]["spec"]["containers"][0]["image"] = image
        return {
            "kind": "Release",
            "apiVersion": "asm/v2",
            "metadata": {"name": name, "namespace": given["namespace"], "meshID": self.mesh_id},
            "spec": {
                "serviceName": given["service_name"],
                "clusterID": given["cluster_id"],
                "deploymentName": given["deployment_name"],
                "version": given["version"],
                "type": given.get("type", "canary"),
                "grayDeployments": [{"clusterID": given["cluster_id"], "template": template}],
            },
        }

    def create(self, title: str, name: str) -> Data:
        return call(title, "asm", "POST", self.path, body=self.body(name))

    def create_next(self, title: str, name: str) -> Data:
        """Create a release of the next version, after a promotion: its original is what was the gray version."""
        body = self.body(name)
        spec = body["spec"]
        template = spec["grayDeployments"][0]["template"]
        metadata = template.setdefault("metadata", {})
        spec["deploymentName"] = metadata.get("name", spec["deploymentName"])
        spec["version"] = f"{spec['version']}-next"
        metadata["name"] = f"{spec['deploymentName']}-next"
        for labels in _labels(template):
            if "version" in labels:
                labels["version"] = spec["version"]
        return call(title, "asm", "POST", self.path, body=body)

    def show(self, title: str, key: str, **more: t.Any) -> Data:
        return call(title, "asm", "GET", f"{self.path}/{key}", **more)

    def list(self, **more: t.Any) -> Data:
        return call("list the releases", "asm", "GET", f"v2/meshes/{self.mesh_id}/releases", **more)

    def act(self, key: str, action: str, **more: t.Any) -> Data:
        return call(
            f"remove it with the action {action}",
            "asm",
            "DELETE",
            f"{self.path}/{key}",
            query={"action": action},
            **more,
        )

    def watch(self, key: str, phase: str) -> Data:
        return self.show(f"wait while its phase is {phase}", key, until={"phase_is_not": phase})


def _labels(template: Data) -> list[Data]:
    """Return every mapping of labels that has to name the version of a Deployment."""
    spec = template.get("spec") or {}
    pod = (spec.get("template") or {}).get("metadata") or {}
    found = [template["metadata"].get("labels"), pod.get("labels"), (spec.get("selector") or {}).get("matchLabels")]
    return [labels for labels in found if isinstance(labels, dict)]


def script(options: Options, mesh_id: str, notes: Notes) -> Script:
    """The whole conversation."""
    place, name = Place(options, mesh_id), f"{options.base}-r"
    created, again, second = yield [
        place.create(f"create release {name}", name),
        place.create("create it again", name),
        place.create(_ANOTHER, f"{name}2"),
    ]
    key = str(created.metadata.get("uid") or "") if created.accepted else ""
    if not key:
        notes.unseen(f"a release could not be made: {created}", *ALL)
        return
    _see_taken(again, second, notes)
    see_times([created.metadata.get("creationTimestamp")], notes)
    key = yield from _see_keys(place, key, name, created, notes)
    if notes.setting("release_key") in (None, "neither"):
        notes.unseen("it is not known by what the release is found", *ALL)
        return
    if second.accepted:
        notes.see("one_release_a_service", "accepted", second)
        notes.unseen("another release of the Service was accepted", *ALL)
        return
    yield from _update(place, key, notes)
    yield from _ends(place, name, key, second, notes)


def _see_taken(again: Answer, second: Answer, notes: Notes) -> None:
    """Whoever repeats a name repeats the Service, too: what another name is refused with as well says nothing of names."""
    if not again.accepted and same_refusal(again, second):
        notes.unseen(f"another name of the same Service is refused alike: {second}", "duplicate_release")
    else:
        notes.see("duplicate_release", word_of(again), again, second)


def _see_keys(
    place: Place, uid: str, name: str, created: Answer, notes: Notes
) -> t.Generator[Calls, t.List[Answer], str]:
    """Shows it both ways, then waits until it is up. Returns the key that works."""
    by_uid, by_name = yield [place.show("show it by its ID", uid), place.show("show it by its name", name)]
    words = {(True, True): "both", (True, False): "uid", (False, True): "name"}
    notes.see(
        "release_key",
        words.get((by_uid.accepted, by_name.accepted), "neither"),
        f"by ID: {by_uid.status}, by name: {by_name.status}",
        by_uid,
        by_name,
    )
    key = uid if by_uid.accepted else name
    phases = [phase_of(answer) for answer in (created, by_uid, by_name) if answer.accepted]
    last = by_name if by_name.accepted else by_uid
    last, phases = yield from _follow(place, key, last, phases, _settled)
    _see_phases(last, phases, notes)
    _see_templates(place, last, notes)
    return key


def _follow(place: Place, key: str, last: Answer, phases: list[str], over: t.Callable[[Answer], bool]) -> Phased:
    """Waits for one phase after the other. Returns the last answer and the phases in their order."""
    phases = list(dict.fromkeys(phases))
    while last.accepted and not over(last) and len(phases) < _MOST_PHASES:
        (last,) = yield [place.watch(key, phase_of(last))]
        if not last.accepted or phase_of(last) in phases:
            break
        phases.append(phase_of(last))
    return last, phases


def _status(answer: Answer) -> Data:
    status = answer.body.get("status")
    return status if isinstance(status, dict) else {}


def _settled(answer: Answer) -> bool:
    return Phases().is_failed(_status(answer)) or Phases().is_up(_status(answer))


def _see_phases(last: Answer, phases: list[str], notes: Notes) -> None:
    proof = f"it went through {', '.join(phases)}"
    if not last.accepted or not _settled(last):
        why = f"it was not seen to its end: {proof}" if last.accepted else last
        notes.unseen(why, "release_creation", "release_phases", "release_failed_phase")
        return
    if Phases().is_failed({"phase": phases[-1]}):
        notes.see("release_creation", "fails", proof)
        notes.see("release_failed_phase", phases[-1], proof, held=True)
        notes.unseen("the release failed", "release_phases")
        return
    notes.see("release_creation", "succeeds", proof)
    notes.see("release_phases", ",".join(phases), proof, held=phases[-1].lower() in [word.lower() for word in ACTIVE])
    notes.unseen("the release did not fail", "release_failed_phase")


def _see_templates(place: Place, last: Answer, notes: Notes) -> None:
    spec, status = last.body.get("spec"), last.body.get("status")
    if not isinstance(spec, dict) or not isinstance(status, dict) or not _entries(spec):
        notes.unseen("no template came back", "template_readback", "sidecar_injection")
        return
    sent = place.options.release["template"]
    got = _entries(spec)[0].get("template")
    notes.see(
        "template_readback",
        "verbatim" if got == sent else "defaulted",
        "as it was sent" if got == sent else "with more than was sent",
    )
    names = [name for one in (got, *_entries(status)) for name in _containers(one)]
    if not names:
        notes.unseen("no container came back", "sidecar_injection")
        return
    sidecar = any(name in _SIDECARS for name in names)
    notes.see("sidecar_injection", "yes" if sidecar else "no", f"containers: {', '.join(dict.fromkeys(names))}")


def _entries(part: Data) -> list[Data]:
    found = part.get("grayDeployments")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _containers(deployment: t.Any) -> list[str]:
    try:
        pod = deployment["spec"]["template"]["spec"]
        return [str(one["name"]) for kind in ("initContainers", "containers") for one in pod.get(kind) or []]
    except (AttributeError, KeyError, TypeError):
        return []


def _update(place: Place, key: str, notes: Notes) -> Script:
    image = place.options.release.get("new_image")
    if not image:
        notes.unseen("that takes another image, set contract_release.new_image", "release_update")
        return
    name = f"{place.options.base}-r"
    updated, shown = yield [
        call("give it another image", "asm", "PUT", f"{place.path}/{key}", body=place.body(name, image)),
        place.show("show it", key),
    ]
    last, unused = yield from _follow(place, key, shown, [phase_of(shown)], _settled)
    spec = last.body.get("spec")
    images = [_first_image(one.get("template")) for one in _entries(spec)] if isinstance(spec, dict) else []
    if not updated.accepted:
        notes.see("release_update", "fails", updated)
    elif last.accepted and images[:1] == [image]:
        notes.see("release_update", "succeeds", f"{image} shows")
    elif last.accepted and any(images) and _settled(last):
        notes.see("release_update", "fails", f"{image} does not show, {images[0]} does")
    notes.unseen(f"its image was not shown in the end: {last}", "release_update")


def _first_image(deployment: t.Any) -> str:
    try:
        return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
    except (IndexError, KeyError, TypeError):
        return ""


# -- its ends


def _ends(place: Place, name: str, key: str, second: Answer, notes: Notes) -> Script:
    """Ending comes first: it is the one that is refused where nothing has moved the traffic."""
    nonsense = yield from _nonsense(place, key, notes)
    if nonsense is None:
        return
    ended = yield from _try(place, key, place.options.end_actions, "action_end", nonsense, notes)
    if ended and ended.accepted:
        yield from _departure(place, key, "release_ending_phase", "release_ended_phase", notes)
        created = yield from _another(place, name, second, notes, promoted=True)
        key = str(created.metadata.get("uid") or "") if created.accepted else ""
        if not key:
            notes.unseen(f"a second release could not be made: {created}", *ALL)
            return
        key = key if notes.setting("release_key") != "name" else f"{name}2"
    canceled = yield from _try(place, key, place.options.cancel_actions, "action_cancel", nonsense, notes)
    if canceled and canceled.accepted:
        yield from _departure(place, key, "release_canceling_phase", "release_canceled_phase", notes)
        if not notes.names("one_release_a_service"):
            yield from _another(place, name, second, notes)
    notes.unseen(
        f"it was refused, and it could not be seen whether it is without the first one: {second}",
        "one_release_a_service",
    )
    _see_traffic(ended, canceled, notes)
    notes.unseen("no release got that far", *_PHASES, "terminated_releases")


def _another(
    place: Place, name: str, second: Answer, notes: Notes, promoted: bool = False
) -> t.Generator[Calls, t.List[Answer], Answer]:
    """Create the refused second release again without the first one. Only if it is accepted now, it was refused for the first one.

    After a promotion the original Deployment is offline, so the next version has to be released.
    """
    create = place.create_next if promoted else place.create
    (created,) = yield [create(_ANOTHER, f"{name}2")]
    if created.accepted:
        notes.see("one_release_a_service", "refused", second)
    else:
        notes.unseen(f"without the first one it is not accepted, either: {created}", "one_release_a_service")
    return created


def _nonsense(place: Place, key: str, notes: Notes) -> t.Generator[Calls, t.List[Answer], t.Optional[Nonsense]]:
    """What two words without meaning get; nothing when that can be told from nothing."""
    words = [f"{place.options.base}-nothing", f"{place.options.base}-naught"]
    (refusal,) = yield [place.act(key, words[0])]
    why: t.Any = (
        f"a word without meaning is accepted: {refusal}"
        if refusal.accepted
        else refusal
        if refusal.tells_nothing
        else None
    )
    if why is not None:
        notes.unseen(why, *_ENDS)
        return None
    (other,) = yield [place.act(key, words[1])]
    readable = same_refusal(refusal, other) and plain_words(refusal, words[0]) == plain_words(other, words[1])
    return Nonsense(refusal, words[0], readable)


def _try(place: Place, key: str, words: t.Sequence[str], name: str, nonsense: Nonsense, notes: Notes) -> Tries:
    """What comes of the first word that works or that is refused in another way than one that can not be known."""
    for word in words:
        answer = yield from _act(place, key, word, notes)
        if answer.accepted or answer.tells_nothing or not nonsense.is_like(answer, word):
            notes.see(name, word, answer)
            return None if answer.tells_nothing else answer
    notes.unseen(f"{' and '.join(words)} are refused like a word without meaning: {nonsense.refusal}", name)
    return None


def _act(place: Place, key: str, word: str, notes: Notes) -> t.Generator[Calls, t.List[Answer], Answer]:
    """Without a Content-Type first, as long as nobody knows whether it is needed."""
    if notes.knows("content_type"):
        (answer,) = yield [place.act(key, word)]
        return answer
    (bare,) = yield [place.act(key, word, send_content_type=False)]
    if bare.accepted:
        notes.see("content_type", "optional", f"without it, the action {word} is accepted")
        return bare
    (answer,) = yield [place.act(key, word)]
    # Only from now on: what could not be seen may be seen with the next word.
    if not same_refusal(bare, answer) and not bare.tells_nothing and not answer.tells_nothing:
        notes.see("content_type", "required", f"without: {bare}, with: {answer}")
    return answer


def _departure(place: Place, key: str, leaving: str, over: str, notes: Notes) -> Script:
    """What it shows on its way out, and whether it stays in the list."""
    (first,) = yield [place.show("show it", key)]
    last, phases = yield from follow_out(place, key, first)
    (left,) = yield [place.list()]
    problem = _unfinished(last, phases) or ("" if is_list(left) else f"no list came: {left}")
    if problem:
        notes.unseen(problem, leaving, over, "terminated_releases")
        return
    stays = any(one["metadata"].get("uid") == key or one["metadata"].get("name") == key for one in listed(left))
    notes.see(
        "terminated_releases",
        "kept" if stays else "removed",
        f"it is {'still' if stays else 'no more'} listed, after {', '.join(phases) or 'no phase'}",
    )
    final = phases.pop() if stays and phases else ""
    if final:
        notes.see(over, final, f"it stays in the phase {final}", held=final.lower() in [word.lower() for word in DONE])
    if phases:
        notes.see(leaving, phases[0], f"it went through {', '.join(phases)}")
    notes.unseen("no such phase showed", leaving, over)


def _unfinished(last: Answer, phases: list[str]) -> str:
    """Why it was not seen to its end; empty when it was. A word that nobody knows is the end when it came after another and stayed."""
    if last.tells_nothing:
        return f"it could not be watched: {last}"
    final = _status(last)
    if not last.accepted or Phases().is_done(final):
        return ""
    return f"it is still {phase_of(last)}" if Phases().is_terminating(final) or len(phases) < 2 else ""


def follow_out(place: Place, key: str, first: Answer) -> Phased:
    """The last answer about a release on its way out and its phases, until it is gone or over."""
    done = [word.lower() for word in DONE]
    phases = [phase_of(first)] if first.accepted else []
    return (yield from _follow(place, key, first, phases, lambda answer: phase_of(answer).lower() in done))


def _see_traffic(ended: Answer | None, canceled: Answer | None, notes: Notes) -> None:
    if ended is None or canceled is None:
        notes.unseen("it is not known what both actions are called", "traffic_precondition", "release_traffic")
        return
    accepted = (ended.accepted, canceled.accepted)
    proof = f"ending: {ended}, canceling: {canceled}"
    if all(accepted):
        notes.see("traffic_precondition", "no", proof)
        notes.unseen("nothing depends on the traffic", "release_traffic")
        return
    notes.see("traffic_precondition", "yes", proof)
    notes.see("release_traffic", {(True, False): "gray", (False, True): "original"}.get(accepted, "split"), proof)
