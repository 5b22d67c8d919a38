# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The templates of a release: stored form, representation in responses, and allowed updates."""

from __future__ import annotations

import copy
import re
import typing as t

from huaweicloud_emulator.cluster import objects, resources, rollout, workloads
from huaweicloud_emulator.kubernetes import defaults, observed, sidecar, validation
from huaweicloud_emulator.releases import errors
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def build_entry(cluster_id: str, template: t.Mapping[str, t.Any]) -> Record:
    """Return one entry for the store: the template as sent, and the same with defaults and without server-set fields."""
    return {
        "cluster_id": cluster_id,
        "sent": dict(template),
        "full": defaults.apply_defaults(observed.strip_server_fields(template)),
        "uid": new_uid(),
        "generation": 1,
    }


def validate_templates(entries: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Reject templates that the Kubernetes API server rejects."""
    problems = [
        problem
        for index, entry in enumerate(entries)
        for problem in validation.find_problems(entry["template"], f"spec.grayDeployments[{index}].template")
    ]
    if problems:
        raise errors.invalid_template(problems)


def render_entry(emulator: EmulatorState, record: Record, entry: Record) -> Record:
    """Return an element of ``spec.grayDeployments`` as in responses."""
    if emulator.behaviors["template_readback"] == "verbatim":
        return {"clusterID": entry["cluster_id"], "template": entry["sent"]}
    return {"clusterID": entry["cluster_id"], "template": _build_deployment(emulator, record, entry)}


def _build_deployment(emulator: EmulatorState, record: Record, entry: Record) -> Record:
    full = entry["full"] if emulator.behaviors["sidecar_injection"] == "no" else sidecar.inject(entry["full"])
    return observed.add_server_metadata(full, record["namespace"], entry["uid"], record["created"], entry["generation"])


def render_gray_deployment(emulator: EmulatorState, record: Record, entry: Record) -> Record:
    """Return the grayscale Deployment as the Kubernetes API returns it."""
    deployment = _build_deployment(emulator, record, entry)
    name = entry["full"]["metadata"]["name"]
    found = workloads.find(emulator, entry["cluster_id"], record["namespace"], name)
    if found is None:
        return observed.add_status(deployment, record["state"] not in rollout.NOT_AVAILABLE, record["updated"])
    return dict(deployment, status=_update_status(emulator, found))


def _update_status(emulator: EmulatorState, deployment: Record) -> Record:
    """Return the status of a Deployment in the cluster, and store it, so that its times do not change with each read."""
    status = rollout.build_status(emulator, deployment, rollout.count_ready(emulator, deployment))
    if emulator.behaviors["deployment_controller"] == "works":
        objects.set_status(emulator, resources.DEPLOYMENTS, deployment, status)
    return status


def render_original_deployment(emulator: EmulatorState, record: Record) -> Record:
    """Return the original Deployment of the cluster, or how it was if it does not exist any more."""
    spec = record["spec"]
    found = workloads.find(emulator, spec["clusterID"], record["namespace"], spec["deploymentName"])
    if found is not None:
        status = _update_status(emulator, found)
        item = objects.render(found, resources.DEPLOYMENTS, "v1")
        metadata = {name: value for name, value in item["metadata"].items() if name != "managedFields"}
        return dict(item, metadata=metadata, status=status)
    deployment = observed.add_server_metadata(
        build_original(record), record["namespace"], record["original_uid"], record["created"] - 86400, 1
    )
    return observed.add_status(deployment, record["state"] != "ended", record["updated"])


def build_original(record: Record) -> Record:
    """Return an original Deployment like the grayscale one, with the version at the end of its name."""
    entry = record["gray"][0]
    full = copy.deepcopy(entry["full"])
    full["metadata"]["name"] = record["spec"]["deploymentName"]
    version = full["metadata"]["name"].rpartition("-")[2] if "-" in full["metadata"]["name"] else "v1"
    labeled = (full["metadata"], full["spec"]["template"]["metadata"])
    labels = [metadata["labels"] for metadata in labeled if "labels" in metadata] + [
        full["spec"]["selector"].get("matchLabels", {})
    ]
    for mapping in labels:
        if "version" in mapping:
            mapping["version"] = version
    return full


# -- updates


def apply_update(emulator: EmulatorState, record: Record, sent: t.Sequence[t.Mapping[str, t.Any]]) -> list[Record]:
    """Return the entries after an update. Reject changes other than to the tag of an image."""
    if len(sent) != len(record["gray"]):
        raise errors.immutable_field("the number of grayDeployments")
    return [
        _update(emulator, entry, sent_entry, f"grayDeployments[{index}]")
        for index, (entry, sent_entry) in enumerate(zip(record["gray"], sent))
    ]


def _update(emulator: EmulatorState, entry: Record, sent_entry: t.Mapping[str, t.Any], path: str) -> Record:
    if sent_entry["clusterID"] != entry["cluster_id"]:
        raise errors.immutable_field(f"{path}.clusterID")
    full = defaults.apply_defaults(observed.strip_server_fields(sent_entry["template"]))
    if emulator.behaviors["sidecar_injection"] == "yes":
        # A client can send the sidecar that it read back.
        full = sidecar.strip(full, entry["full"])
    changed_field = find_difference(
        _normalize(entry["full"]), _normalize(full), f"{path}.template"
    ) or _find_policy_change(entry["full"], full, path)
    if changed_field:
        raise errors.immutable_field(changed_field)
    pairs = list(zip(list_containers(entry["full"]), list_containers(full)))
    if all(before["image"] == after["image"] for before, after in pairs):
        return entry
    return dict(_replace_images(entry, [after for before, after in pairs]), generation=entry["generation"] + 1)


def list_containers(deployment: t.Mapping[str, t.Any]) -> list[Record]:
    """Return the containers of the pod template, then its init containers."""
    spec = deployment["spec"]["template"]["spec"]
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def _replace_images(entry: Record, changed: t.Sequence[t.Mapping[str, t.Any]]) -> Record:
    result = copy.deepcopy(entry)
    for kind in ("sent", "full"):
        for container, sent_entry in zip(list_containers(result[kind]), changed):
            container["image"] = sent_entry["image"]
    for container, sent_entry in zip(list_containers(result["full"]), changed):
        container["imagePullPolicy"] = sent_entry["imagePullPolicy"]
    return result


def _find_policy_change(before: Record, after: Record, path: str) -> str | None:
    """Return the path of a changed pull policy, unless both policies are the defaults for their tags."""
    for old, new in zip(list_containers(before), list_containers(after)):
        follows_tag = all(one["imagePullPolicy"] == defaults.default_pull_policy(one["image"]) for one in (old, new))
        if old["imagePullPolicy"] != new["imagePullPolicy"] and not follows_tag:
            return f"{path}.template, imagePullPolicy of container {old['name']},"
    return None


def strip_tag(image: str) -> str:
    """Return an image without tag and digest."""
    return re.sub(r":[^/:]+$", "", image.partition("@")[0])


def _normalize(full: t.Mapping[str, t.Any]) -> Record:
    """Return a copy with image repositories only, and without pull policies and namespace."""
    result: Record = copy.deepcopy(observed.strip_server_fields(full))
    result["metadata"].pop("namespace", None)
    if not result["metadata"].get("annotations"):
        result["metadata"].pop("annotations", None)
    for container in list_containers(result):
        del container["imagePullPolicy"]
        container["image"] = strip_tag(container["image"])
    return result


def find_difference(before: t.Any, after: t.Any, path: str) -> str | None:
    """Return the path of the first difference, or ``None``."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            changed_path = find_difference(before.get(key), after.get(key), f"{path}.{key}")
            if changed_path:
                return changed_path
        return None
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        paths = (find_difference(old, new, f"{path}[{index}]") for index, (old, new) in enumerate(zip(before, after)))
        return next((changed_path for changed_path in paths if changed_path), None)
    return None if before == after else path
