# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas. The vendor publishes one quota resource. The others have the same format."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.workspaces import errors

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


class Resource(t.NamedTuple):
    name: str
    max_quota: int
    name_en: str
    name_cn: str
    unit_en: str
    unit_cn: str


RESOURCES = (
    Resource(
        "exemlProject.gpu_duration", 60000, "ExeML duration (single GPU)", "自动学习(GPU)使用时长", "minute", "分钟"
    ),
    Resource("exemlProject.cpu_duration", 60000, "ExeML duration (CPU)", "自动学习(CPU)使用时长", "minute", "分钟"),
    Resource(
        "trainJob.gpu_duration", 60000, "Training duration (single GPU)", "训练作业(GPU)使用时长", "minute", "分钟"
    ),
    Resource("trainJob.cpu_duration", 60000, "Training duration (CPU)", "训练作业(CPU)使用时长", "minute", "分钟"),
    Resource(
        "notebook.gpu_duration", 60000, "Notebook duration (single GPU)", "Notebook(GPU)使用时长", "minute", "分钟"
    ),
    Resource("service.gpu_num", 1000, "Number of GPUs of services", "在线服务GPU卡数", "piece", "个"),
)
BY_NAME = {resource.name: resource for resource in RESOURCES}


def initial() -> dict[str, Record]:
    """Return unlimited quotas for a new workspace."""
    return {resource.name: {"quota": -1, "used": 0, "update_time": None} for resource in RESOURCES}


def view(workspace: Record, name: str, used: bool) -> Record:
    """Return a quota. Only reads have ``used_quota``, which is null for unlimited quotas."""
    resource, entry = BY_NAME[name], workspace["quotas"][name]
    item: Record = {
        "resource": name,
        "quota": entry["quota"],
        "min_quota": -1,
        "max_quota": resource.max_quota,
        "name_en": resource.name_en,
        "name_cn": resource.name_cn,
        "unit_en": resource.unit_en,
        "unit_cn": resource.unit_cn,
        "update_time": entry["update_time"] or workspace["create_time"],
    }
    return dict(item, used_quota=None if entry["quota"] == -1 else entry["used"]) if used else item


def change(emulator: EmulatorState, workspace: Record, items: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Change quotas. Raises ServiceError without any change if one is invalid."""
    for item in items:
        _check(emulator, item["resource"], item["quota"])
    for item in items:
        workspace["quotas"][item["resource"]].update(quota=item["quota"], update_time=emulator.clock.now_ms())


def _check(emulator: EmulatorState, name: str, quota: int) -> None:
    resource = BY_NAME.get(name)
    if resource is None:
        raise errors.unknown_resource(name)
    low = 0 if emulator.behaviors["quota_zero"] == "accept" else 1
    if quota != -1 and not low <= quota <= resource.max_quota:
        raise errors.out_of_range(name, quota, -1, resource.max_quota)
