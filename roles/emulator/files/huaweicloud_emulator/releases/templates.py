# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The templates of a release: what was sent, what comes back, and what an update may change."""

from __future__ import annotations

import copy
import re
import typing as t

from huaweicloud_emulator.kubernetes import defaults, observed, sidecar, validation
from huaweicloud_emulator.releases import errors
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

# States in which the grayscale Deployments do not run: not yet, or no longer.
_NOT_AVAILABLE = ("starting", "failed", "canceling", "canceled")


def gray(cluster_id: str, template: t.Mapping[str, t.Any]) -> Record:
    """Return one entry for the store: the template as sent, and the same with defaults and without server-set fields."""
    return {
        "cluster_id": cluster_id,
        "sent": dict(template),
        "full": defaults.deployment(observed.intent(template)),
        "uid": new_uid(),
        "generation": 1,
    }


def check(entries: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Refuse templates that the API server of a cluster refuses."""
    found = [
        problem
        for index, entry in enumerate(entries)
        for problem in validation.problems(entry["template"], f"spec.grayDeployments[{index}].template")
    ]
    if found:
        raise errors.invalid_template(found)


def read_back(emulator: EmulatorState, record: Record, entry: Record) -> Record:
    """``spec.grayDeployments[]`` as it is answered."""
    if emulator.behaviors["template_readback"] == "verbatim":
        return {"clusterID": entry["cluster_id"], "template": entry["sent"]}
    return {"clusterID": entry["cluster_id"], "template": _in_cluster(emulator, record, entry)}


def _in_cluster(emulator: EmulatorState, record: Record, entry: Record) -> Record:
    full = entry["full"] if emulator.behaviors["sidecar_injection"] == "no" else sidecar.inject(entry["full"])
    return observed.admitted(full, record["namespace"], entry["uid"], record["created"], entry["generation"])


def running(emulator: EmulatorState, record: Record, entry: Record) -> Record:
    """The grayscale Deployment as the cluster shows it."""
    return observed.with_status(
        _in_cluster(emulator, record, entry), record["state"] not in _NOT_AVAILABLE, record["updated"]
    )


def original(emulator: EmulatorState, record: Record) -> Record:
    """The original Deployment as the cluster shows it: like the grayscale one, of the version its name ends in."""
    entry = record["gray"][0]
    full = copy.deepcopy(entry["full"])
    full["metadata"]["name"] = record["spec"]["deploymentName"]
    version = full["metadata"]["name"].rpartition("-")[2] if "-" in full["metadata"]["name"] else "v1"
    places = (full["metadata"], full["spec"]["template"]["metadata"])
    labels = [place["labels"] for place in places if "labels" in place] + [
        full["spec"]["selector"].get("matchLabels", {})
    ]
    for found in labels:
        if "version" in found:
            found["version"] = version
    shown = observed.admitted(full, record["namespace"], record["original_uid"], record["created"] - 86400, 1)
    return observed.with_status(shown, record["state"] != "ended", record["updated"])


# -- updates


def updated(emulator: EmulatorState, record: Record, sent: t.Sequence[t.Mapping[str, t.Any]]) -> list[Record]:
    """Return the entries after an update. Refuse it if anything other than the tag of an image differs."""
    if len(sent) != len(record["gray"]):
        raise errors.only_images("the number of grayDeployments")
    return [
        _update(emulator, entry, wanted, f"grayDeployments[{index}]")
        for index, (entry, wanted) in enumerate(zip(record["gray"], sent))
    ]


def _update(emulator: EmulatorState, entry: Record, wanted: t.Mapping[str, t.Any], place: str) -> Record:
    if wanted["clusterID"] != entry["cluster_id"]:
        raise errors.only_images(f"{place}.clusterID")
    full = defaults.deployment(observed.intent(wanted["template"]))
    if emulator.behaviors["sidecar_injection"] == "yes":
        # What was read shows the sidecar, and it may come back.
        full = sidecar.strip(full, entry["full"])
    different = difference(_comparable(entry["full"]), _comparable(full), f"{place}.template") or _changed_policy(
        entry["full"], full, place
    )
    if different:
        raise errors.only_images(different)
    pairs = list(zip(containers(entry["full"]), containers(full)))
    if all(before["image"] == after["image"] for before, after in pairs):
        return entry
    return dict(_with_images(entry, [after for before, after in pairs]), generation=entry["generation"] + 1)


def containers(deployment: t.Mapping[str, t.Any]) -> list[Record]:
    """Return the containers of the pod template, then its init containers."""
    spec = deployment["spec"]["template"]["spec"]
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def _with_images(entry: Record, changed: t.Sequence[t.Mapping[str, t.Any]]) -> Record:
    result = copy.deepcopy(entry)
    for kind in ("sent", "full"):
        for container, wanted in zip(containers(result[kind]), changed):
            container["image"] = wanted["image"]
    for container, wanted in zip(containers(result["full"]), changed):
        container["imagePullPolicy"] = wanted["imagePullPolicy"]
    return result


def _changed_policy(before: Record, after: Record, place: str) -> str | None:
    """A pull policy may change only as the default follows the tag."""
    for old, new in zip(containers(before), containers(after)):
        by_tag = all(one["imagePullPolicy"] == defaults.pull_policy(one["image"]) for one in (old, new))
        if old["imagePullPolicy"] != new["imagePullPolicy"] and not by_tag:
            return f"{place}.template, imagePullPolicy of container {old['name']},"
    return None


def repository(image: str) -> str:
    """An image without tag and digest."""
    return re.sub(r":[^/:]+$", "", image.partition("@")[0])


def _comparable(full: t.Mapping[str, t.Any]) -> Record:
    """Images by repository, without pull policies; the namespace is that of the path."""
    result: Record = copy.deepcopy(observed.intent(full))
    result["metadata"].pop("namespace", None)
    if not result["metadata"].get("annotations"):
        result["metadata"].pop("annotations", None)
    for container in containers(result):
        del container["imagePullPolicy"]
        container["image"] = repository(container["image"])
    return result


def difference(before: t.Any, after: t.Any, place: str) -> str | None:
    """The path of the first difference, ``None`` when there is none."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            found = difference(before.get(key), after.get(key), f"{place}.{key}")
            if found:
                return found
        return None
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        places = (difference(one, other, f"{place}[{index}]") for index, (one, other) in enumerate(zip(before, after)))
        return next((found for found in places if found), None)
    return None if before == after else place
