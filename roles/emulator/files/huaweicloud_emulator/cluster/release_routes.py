# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes to Istio objects by the service when a release is created. The vendor does not publish whether it makes any."""

from __future__ import annotations

import copy
import typing as t

from huaweicloud_emulator.cluster import objects
from huaweicloud_emulator.cluster.objects import Writer
from huaweicloud_emulator.cluster.resources import DESTINATION_RULES, VIRTUAL_SERVICES
from huaweicloud_emulator.cluster.traffic import VERSION, Service

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]

WRITER = Writer("asm-release", "networking.istio.io/v1")
_GRAY_WEIGHTS = {"gray_added": 0, "split": 50}


def edit_routes(emulator: EmulatorState, service: Service, version: str) -> None:
    """Add the gray version to DestinationRules and routes of the Service, as the behavior ``release_edits`` says."""
    gray = _GRAY_WEIGHTS.get(emulator.behaviors["release_edits"])
    if gray is None:
        return
    for cluster in service.clusters:
        for record in objects.list_records(emulator, cluster, DESTINATION_RULES):
            item = copy.deepcopy(record["object"])
            if service.is_host(item["spec"]["host"], record["namespace"]):
                _add_subset(item["spec"].setdefault("subsets", []), version)
                objects.replace(emulator, DESTINATION_RULES, record, item, WRITER)
        for record in objects.list_records(emulator, cluster, VIRTUAL_SERVICES):
            item = copy.deepcopy(record["object"])
            for route in item["spec"].get("http", []):
                _add_destination(service, record["namespace"], route, version, gray)
            objects.replace(emulator, VIRTUAL_SERVICES, record, item, WRITER)


def _add_subset(subsets: list[Object], version: str) -> None:
    if not any(subset.get("labels", {}).get(VERSION) == version for subset in subsets):
        subsets.append({"name": version, "labels": {VERSION: version}})


def _add_destination(service: Service, namespace: str, route: Object, version: str, gray: int) -> None:
    """Add the gray version to a route with a single destination."""
    destinations = route.get("route", [])
    if len(destinations) == 1 and service.is_host(destinations[0]["destination"]["host"], namespace):
        added = copy.deepcopy(destinations[0])
        added["destination"]["subset"] = version
        destinations[0]["weight"], added["weight"] = 100 - gray, gray
        destinations.append(added)
