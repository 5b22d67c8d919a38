# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas. The vendor publishes one resource; the others have its form."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.workspaces import errors

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


class Resource(t.NamedTuple):
    name: str
    most: int
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
    """All unlimited, never changed."""
    return {resource.name: {"quota": -1, "used": 0, "update_time": None} for resource in RESOURCES}


def view(workspace: Record, name: str, used: bool) -> Record:
    """One item; only reads have ``used_quota``, which is null while the quota is unlimited."""
    resource, entry = BY_NAME[name], workspace["quotas"][name]
    item: Record = {
        "resource": name,
        "quota": entry["quota"],
        "min_quota": -1,
        "max_quota": resource.most,
        "name_en": resource.name_en,
        "name_cn": resource.name_cn,
        "unit_en": resource.unit_en,
        "unit_cn": resource.unit_cn,
        "update_time": entry["update_time"] or workspace["create_time"],
    }
    return dict(item, used_quota=None if entry["quota"] == -1 else entry["used"]) if used else item


def change(emulator: EmulatorState, workspace: Record, wanted: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """All of them or none."""
    for item in wanted:
        _check(emulator, item["resource"], item["quota"])
    for item in wanted:
        workspace["quotas"][item["resource"]].update(quota=item["quota"], update_time=emulator.clock.millis())


def _check(emulator: EmulatorState, name: str, quota: int) -> None:
    resource = BY_NAME.get(name)
    if resource is None:
        raise errors.unknown_resource(name)
    least = 0 if emulator.behaviors["zero_quota"] == "accept" else 1
    if quota != -1 and not least <= quota <= resource.most:
        raise errors.out_of_range(name, quota, -1, resource.most)
