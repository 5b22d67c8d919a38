# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The probe of ASM releases: one release after the other of one Service, from its creation to its promotion or cancellation."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.istio import IstioProbe
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions, get_image
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import (
    Data,
    ProbeResponse,
    extract_words,
    is_same_refusal,
    name_refusal,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import (
    ACTIVE,
    DONE,
    Phases,
)

_END_PHASES = ("release_canceling_phase", "release_canceled_phase", "release_ending_phase", "release_ended_phase")
_REQUIRE_END = (
    "one_release_a_service",
    "action_cancel",
    "action_end",
    "traffic_precondition",
    "release_traffic",
    "terminated_releases",
    *_END_PHASES,
)
# Other probes can find out the time format and the Content-Type too.
REQUIRE_RELEASE = (
    "release_key",
    "release_phases",
    "release_creation",
    "release_failed_phase",
    "template_readback",
    "sidecar_injection",
    "duplicate_release",
    "release_update",
    "release_edits",
    *_REQUIRE_END,
    "asm_time_format",
    "content_type",
)
_MOST_PHASES = 12
_CREATE_SECOND = "create another one of the same Service"
_SIDECARS = ("istio-proxy", "istio-init")


class UnknownAction(t.NamedTuple):
    """How ASM refuses an action that cannot exist.

    ``is_stable`` is whether two such refusals have the same message. Only then does another message mean another reason.
    """

    refusal: ProbeResponse
    word: str
    is_stable: bool

    def matches(self, response: ProbeResponse, word: str) -> bool:
        """Return whether ``word`` is refused in the same way."""
        has_same_words = extract_words(response, word) == extract_words(self.refusal, self.word)
        return is_same_refusal(response, self.refusal) and (has_same_words or not self.is_stable)


class ReleaseRequests:
    """Builds the requests for the releases of this run."""

    def __init__(self, options: ProbeOptions, mesh_id: str) -> None:
        self.options = options
        self._mesh_id = mesh_id
        self._path = f"v2/meshes/{mesh_id}/namespaces/{options.release['namespace']}/releases"

    def create(self, purpose: str, name: str) -> ProbeRequest:
        """Return the request that creates a release of the version in the options."""
        return ProbeRequest(purpose, "asm", "POST", self._path, body=self._build_body(name))

    def create_next(self, purpose: str, name: str) -> ProbeRequest:
        """Return the request that creates a release of the next version, after the version in the options was promoted."""
        body = self._build_body(name)
        spec = body["spec"]
        template = spec["grayDeployments"][0]["template"]
        metadata = template.setdefault("metadata", {})
        spec["deploymentName"] = metadata.get("name", spec["deploymentName"])
        spec["version"] = f"{spec['version']}-next"
        metadata["name"] = f"{spec['deploymentName']}-next"
        for labels in _get_label_mappings(template):
            if "version" in labels:
                labels["version"] = spec["version"]
        return ProbeRequest(purpose, "asm", "POST", self._path, body=body)

    def update(self, key: str, name: str, image: str) -> ProbeRequest:
        """Return the request that sends the whole release with another image."""
        return ProbeRequest("change its image", "asm", "PUT", f"{self._path}/{key}", body=self._build_body(name, image))

    def show(self, purpose: str, key: str) -> ProbeRequest:
        """Return the request that reads one release."""
        return ProbeRequest(purpose, "asm", "GET", f"{self._path}/{key}")

    def list_all(self) -> ProbeRequest:
        """Return the request for the list of releases."""
        return ProbeRequest("list the releases", "asm", "GET", f"v2/meshes/{self._mesh_id}/releases")

    def end(self, key: str, action: str, **more: t.Any) -> ProbeRequest:
        """Return the request that promotes or cancels a release."""
        purpose = f"end it with the action {action}"
        return ProbeRequest(purpose, "asm", "DELETE", f"{self._path}/{key}", query={"action": action}, **more)

    def _build_body(self, name: str, image: str = "") -> Data:
        given = self.options.release
        template = copy.deepcopy(dict(given["template"]))
        if image:
            template["spec"]["template"]["spec"]["containers"][0]["image"] = image
        return {
            "kind": "Release",
            "apiVersion": "asm/v2",
            "metadata": {"name": name, "namespace": given["namespace"], "meshID": self._mesh_id},
            "spec": {
                "serviceName": given["service_name"],
                "clusterID": given["cluster_id"],
                "deploymentName": given["deployment_name"],
                "version": given["version"],
                "type": given.get("type", "canary"),
                "grayDeployments": [{"clusterID": given["cluster_id"], "template": template}],
            },
        }


def get_entries(response: ProbeResponse) -> list[Data]:
    """Return the releases in a list."""
    return [release for release in response.entries("items") if isinstance(release.get("metadata"), dict)]


def find_created(response: ProbeResponse, base: str) -> list[Data]:
    """Return the listed releases that this run created."""
    return [release for release in get_entries(response) if str(release["metadata"].get("name")).startswith(f"{base}-")]


def is_list(response: ProbeResponse) -> bool:
    """Return whether this is a complete list of releases. An empty list can be null."""
    found, entries = response.body.get("items", ...), get_entries(response)
    is_readable = found is None or (
        isinstance(found, list)
        and len(found) == len(entries)
        and all(release["metadata"].get("name") for release in entries)
    )
    return response.accepted and is_readable


def get_status(release: Data) -> Data:
    """Return the status of a release, or an empty mapping."""
    status = release.get("status")
    return status if isinstance(status, dict) else {}


def get_phase(release: Data) -> str:
    """Return the phase of a release, or an empty text."""
    return str(get_status(release).get("phase") or "")


def wait_for_next_phase(prober: Prober, requests: ReleaseRequests, key: str, phase: str) -> ProbeResponse:
    """Wait until the phase of a release is another one. Return the last response."""
    request = requests.show(f"wait while its phase is {phase}", key)
    return prober.poll(request, lambda response: get_phase(response.body) != phase)


def follow_end(
    prober: Prober, requests: ReleaseRequests, key: str, first: ProbeResponse
) -> tuple[ProbeResponse, list[str]]:
    """Follow a release until it has ended or no longer exists. Return the last response and the phases."""
    done = [phase.lower() for phase in DONE]
    phases = [get_phase(first.body)] if first.accepted else []
    return _follow(prober, requests, key, first, phases, lambda response: get_phase(response.body).lower() in done)


def probe(prober: Prober, options: ProbeOptions, mesh_id: str, findings: Findings) -> None:
    """Probe all assumptions about releases. Raises HuaweiCloudError if a request gets no response."""
    requests, name = ReleaseRequests(options, mesh_id), f"{options.base}-r"
    istio = IstioProbe(options)
    istio.read_before()
    created, again, second = prober.send_all(
        [
            requests.create(f"create release {name}", name),
            requests.create("create it again", name),
            requests.create(_CREATE_SECOND, f"{name}2"),
        ]
    )
    uid = str(created.metadata.get("uid") or "") if created.accepted else ""
    if not uid:
        findings.mark_inconclusive(f"a release could not be created: {created}", *REQUIRE_RELEASE)
        return
    # The second request also repeats the Service. If another name is refused in the same way, the name is not the reason.
    if not again.accepted and is_same_refusal(again, second):
        reason = f"another name of the same Service is refused in the same way: {second}"
        findings.mark_inconclusive(reason, "duplicate_release")
    else:
        findings.record("duplicate_release", name_refusal(again), again, second)
    findings.record_time_format([created.metadata.get("creationTimestamp")])
    key = _probe_key(prober, requests, uid, name, created, findings)
    istio.record(findings)
    if findings.found_value("release_key") in (None, "neither"):
        findings.mark_inconclusive("it is unknown by which key a release is found", *REQUIRE_RELEASE)
        return
    if second.accepted:
        findings.record("one_release_a_service", "accepted", second)
        findings.mark_inconclusive("another release of the Service was accepted", *REQUIRE_RELEASE)
        return
    _probe_update(prober, requests, key, findings)
    _probe_ends(prober, requests, key, second, findings)


# From the creation of a release until it runs


def _probe_key(
    prober: Prober, requests: ReleaseRequests, uid: str, name: str, created: ProbeResponse, findings: Findings
) -> str:
    """Read a release by both keys, then wait until it runs or has failed. Return the key that works."""
    by_uid, by_name = prober.send_all(
        [requests.show("show it by its ID", uid), requests.show("show it by its name", name)]
    )
    keys = {(True, True): "both", (True, False): "uid", (False, True): "name"}
    evidence = f"by ID: {by_uid.status}, by name: {by_name.status}"
    found = keys.get((by_uid.accepted, by_name.accepted), "neither")
    findings.record("release_key", found, evidence, by_uid, by_name)
    key = uid if by_uid.accepted else name
    phases = [get_phase(response.body) for response in (created, by_uid, by_name) if response.accepted]
    last = by_name if by_name.accepted else by_uid
    last, phases = _follow(prober, requests, key, last, phases, _is_settled)
    _evaluate_phases(last, phases, findings)
    _evaluate_template(requests.options.release["template"], last, findings)
    return key


def _follow(
    prober: Prober,
    requests: ReleaseRequests,
    key: str,
    last: ProbeResponse,
    phases: list[str],
    is_done: t.Callable[[ProbeResponse], bool],
) -> tuple[ProbeResponse, list[str]]:
    """Wait for one phase after the other until ``is_done``. Return the last response and the phases in their order."""
    phases = list(dict.fromkeys(phases))
    while last.accepted and not is_done(last) and len(phases) < _MOST_PHASES:
        last = wait_for_next_phase(prober, requests, key, get_phase(last.body))
        if not last.accepted or get_phase(last.body) in phases:
            break
        phases.append(get_phase(last.body))
    return last, phases


def _is_settled(response: ProbeResponse) -> bool:
    status = get_status(response.body)
    return Phases().is_failed(status) or Phases().is_up(status)


def _evaluate_phases(last: ProbeResponse, phases: list[str], findings: Findings) -> None:
    evidence = f"its phases were {', '.join(phases)}"
    if not last.accepted or not _is_settled(last):
        reason = f"the release did not start to run: {evidence}" if last.accepted else last
        findings.mark_inconclusive(reason, "release_creation", "release_phases", "release_failed_phase")
        return
    if Phases().is_failed({"phase": phases[-1]}):
        findings.record("release_creation", "fails", evidence)
        findings.record("release_failed_phase", phases[-1], evidence, confirmed=True)
        findings.mark_inconclusive("the release failed", "release_phases")
        return
    findings.record("release_creation", "works", evidence)
    is_known = phases[-1].lower() in [phase.lower() for phase in ACTIVE]
    findings.record("release_phases", ",".join(phases), evidence, confirmed=is_known)
    findings.mark_inconclusive("the release did not fail", "release_failed_phase")


def _evaluate_template(sent: t.Any, last: ProbeResponse, findings: Findings) -> None:
    spec, status = last.body.get("spec"), last.body.get("status")
    if not isinstance(spec, dict) or not isinstance(status, dict) or not _get_gray_deployments(spec):
        findings.mark_inconclusive("no template was returned", "template_readback", "sidecar_injection")
        return
    returned = _get_gray_deployments(spec)[0].get("template")
    if returned == sent:
        findings.record("template_readback", "verbatim", "the template was returned unchanged")
    else:
        findings.record("template_readback", "defaulted", "the template was returned with other fields")
    deployments = [returned, *_get_gray_deployments(status)]
    names = list(dict.fromkeys(name for deployment in deployments for name in _list_containers(deployment)))
    if not names:
        findings.mark_inconclusive("no container was returned", "sidecar_injection")
        return
    has_sidecar = any(name in _SIDECARS for name in names)
    findings.record("sidecar_injection", "yes" if has_sidecar else "no", f"containers: {', '.join(names)}")


def _get_gray_deployments(part: Data) -> list[Data]:
    found = part.get("grayDeployments")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _list_containers(deployment: t.Any) -> list[str]:
    try:
        pod = deployment["spec"]["template"]["spec"]
        return [
            str(container["name"]) for kind in ("initContainers", "containers") for container in pod.get(kind) or []
        ]
    except (AttributeError, KeyError, TypeError):
        return []


def _get_label_mappings(template: Data) -> list[Data]:
    """Return every mapping of labels that has to name the version of a Deployment."""
    parts = [("metadata", "labels"), ("spec", "selector", "matchLabels"), ("spec", "template", "metadata", "labels")]
    found = []
    for path in parts:
        value: t.Any = template
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        found.append(value)
    return [labels for labels in found if isinstance(labels, dict)]


def _probe_update(prober: Prober, requests: ReleaseRequests, key: str, findings: Findings) -> None:
    image = requests.options.release.get("new_image")
    if not image:
        findings.mark_inconclusive("this requires another image, set release.new_image", "release_update")
        return
    updated, first = prober.send_all(
        [requests.update(key, f"{requests.options.base}-r", image), requests.show("show it", key)]
    )
    last, _phases = _follow(prober, requests, key, first, [get_phase(first.body)], _is_settled)
    spec = last.body.get("spec")
    deployments = _get_gray_deployments(spec) if isinstance(spec, dict) else []
    images = [get_image(deployment.get("template")) for deployment in deployments]
    if not updated.accepted:
        findings.record("release_update", "fails", updated)
    elif last.accepted and images[:1] == [image]:
        findings.record("release_update", "works", f"the image is {image}")
    elif last.accepted and any(images) and _is_settled(last):
        findings.record("release_update", "fails", f"the image is {images[0]}, not {image}")
    findings.mark_inconclusive(f"the image could not be read: {last}", "release_update")


# Promotion and cancellation


def _probe_ends(prober: Prober, requests: ReleaseRequests, key: str, second: ProbeResponse, findings: Findings) -> None:
    unknown = _probe_unknown_action(prober, requests, key, findings)
    if unknown is None:
        return
    options = requests.options
    # Promotion comes first, because it is refused unless somebody moved the traffic.
    ended = _try_actions(prober, requests, key, options.end_actions, "action_end", unknown, findings)
    if ended and ended.accepted:
        _probe_departure(prober, requests, key, "release_ending_phase", "release_ended_phase", findings)
        created = _create_second(prober, requests, second, findings, promoted=True)
        uid = str(created.metadata.get("uid") or "") if created.accepted else ""
        if not uid:
            findings.mark_inconclusive(f"a second release could not be created: {created}", *REQUIRE_RELEASE)
            return
        key = f"{options.base}-r2" if findings.found_value("release_key") == "name" else uid
    canceled = _try_actions(prober, requests, key, options.cancel_actions, "action_cancel", unknown, findings)
    if canceled and canceled.accepted:
        _probe_departure(prober, requests, key, "release_canceling_phase", "release_canceled_phase", findings)
        if not findings.is_recorded("one_release_a_service"):
            _create_second(prober, requests, second, findings)
    reason = f"it was refused, but the first release could not be ended to repeat the request: {second}"
    findings.mark_inconclusive(reason, "one_release_a_service")
    _evaluate_traffic(ended, canceled, findings)
    findings.mark_inconclusive("no release reached this phase", *_END_PHASES, "terminated_releases")


def _create_second(
    prober: Prober,
    requests: ReleaseRequests,
    second: ProbeResponse,
    findings: Findings,
    promoted: bool = False,
) -> ProbeResponse:
    """Create the refused second release without the first one. If it is accepted now, the first one was the reason of the refusal."""
    # After a promotion the original Deployment is offline, so the next version must be released.
    create = requests.create_next if promoted else requests.create
    created = prober.send(create(_CREATE_SECOND, f"{requests.options.base}-r2"))
    if created.accepted:
        findings.record("one_release_a_service", "refused", second)
    else:
        findings.mark_inconclusive(f"it is refused without the first release too: {created}", "one_release_a_service")
    return created


def _probe_unknown_action(
    prober: Prober, requests: ReleaseRequests, key: str, findings: Findings
) -> UnknownAction | None:
    """Return how two actions that cannot exist are refused, or None if nothing can be concluded from that."""
    words = [f"{requests.options.base}-nothing", f"{requests.options.base}-naught"]
    refusal = prober.send(requests.end(key, words[0]))
    if refusal.accepted or refusal.is_inconclusive:
        reason: t.Any = f"an unknown action is accepted: {refusal}" if refusal.accepted else refusal
        findings.mark_inconclusive(reason, *_REQUIRE_END)
        return None
    other = prober.send(requests.end(key, words[1]))
    has_same_words = extract_words(refusal, words[0]) == extract_words(other, words[1])
    return UnknownAction(refusal, words[0], is_same_refusal(refusal, other) and has_same_words)


def _try_actions(
    prober: Prober,
    requests: ReleaseRequests,
    key: str,
    words: t.Sequence[str],
    name: str,
    unknown: UnknownAction,
    findings: Findings,
) -> ProbeResponse | None:
    """Return the response to the first word that is accepted, or refused differently from an unknown action."""
    for word in words:
        response = _send_action(prober, requests, key, word, findings)
        if response.accepted or response.is_inconclusive or not unknown.matches(response, word):
            findings.record(name, word, response)
            return None if response.is_inconclusive else response
    reason = f"{' and '.join(words)} are refused like an unknown action: {unknown.refusal}"
    findings.mark_inconclusive(reason, name)
    return None


def _send_action(prober: Prober, requests: ReleaseRequests, key: str, word: str, findings: Findings) -> ProbeResponse:
    """Send an action, first without a Content-Type until it is known whether ASM requires one."""
    if findings.found_value("content_type") is not None:
        return prober.send(requests.end(key, word))
    bare = prober.send(requests.end(key, word, send_content_type=False))
    if bare.accepted:
        findings.record("content_type", "optional", f"the action {word} is accepted without it")
        return bare
    response = prober.send(requests.end(key, word))
    # Record nothing inconclusive here, because the next word can be conclusive.
    if not is_same_refusal(bare, response) and not bare.is_inconclusive and not response.is_inconclusive:
        findings.record("content_type", "required", f"without it: {bare}, with it: {response}")
    return response


def _probe_departure(
    prober: Prober, requests: ReleaseRequests, key: str, leaving: str, final: str, findings: Findings
) -> None:
    """Find out the phases of a release that is ending, and whether it remains in the list."""
    first = prober.send(requests.show("show it", key))
    last, phases = follow_end(prober, requests, key, first)
    left = prober.send(requests.list_all())
    problem = _describe_unfinished(last, phases) or ("" if is_list(left) else f"no list was returned: {left}")
    if problem:
        findings.mark_inconclusive(problem, leaving, final, "terminated_releases")
        return
    stays = any(
        key in (release["metadata"].get("uid"), release["metadata"].get("name")) for release in get_entries(left)
    )
    evidence = f"it is {'still' if stays else 'no longer'} listed, after {', '.join(phases) or 'no phase'}"
    findings.record("terminated_releases", "stay" if stays else "vanish", evidence)
    last_phase = phases.pop() if stays and phases else ""
    if last_phase:
        is_known = last_phase.lower() in [phase.lower() for phase in DONE]
        findings.record(final, last_phase, f"it remains in the phase {last_phase}", confirmed=is_known)
    if phases:
        findings.record(leaving, phases[0], f"its phases were {', '.join(phases)}")
    findings.mark_inconclusive("no such phase was returned", leaving, final)


def _describe_unfinished(last: ProbeResponse, phases: list[str]) -> str:
    """Return why a release has not ended, or an empty text if it has."""
    if last.is_inconclusive:
        return f"it could not be read: {last}"
    status = get_status(last.body)
    if not last.accepted or Phases().is_done(status):
        return ""
    # An unknown phase that follows another one and remains is the final phase.
    is_ending = Phases().is_terminating(status) or len(phases) < 2
    return f"it is still {get_phase(last.body)}" if is_ending else ""


def _evaluate_traffic(ended: ProbeResponse | None, canceled: ProbeResponse | None, findings: Findings) -> None:
    if ended is None or canceled is None:
        findings.mark_inconclusive("one of both actions is unknown", "traffic_precondition", "release_traffic")
        return
    evidence = f"promotion: {ended}, cancellation: {canceled}"
    if ended.accepted and canceled.accepted:
        findings.record("traffic_precondition", "no", evidence)
        findings.mark_inconclusive("the actions do not depend on the traffic", "release_traffic")
        return
    findings.record("traffic_precondition", "yes", evidence)
    versions = {(True, False): "gray", (False, True): "original"}
    findings.record("release_traffic", versions.get((ended.accepted, canceled.accepted), "split"), evidence)
