# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The series of a seed: what a query returns."""

from __future__ import annotations

import re
import typing as t

from huaweicloud_emulator.prometheus import expressions, metrics

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


class Sample(t.NamedTuple):
    """One sample of one series."""

    labels: dict[str, str]
    time: float
    value: float


def find(emulator: EmulatorState, query: str) -> Record | None:
    """Return the seeded series for a query. An exact text precedes a regular expression, a later one an earlier one."""
    text = expressions.normalize(query)
    records = list(reversed(emulator.stores.series.records.values()))
    exact = [record for record in records if record["query"] == text]
    matching = [record for record in records if record["pattern"] and re.fullmatch(record["pattern"], query.strip())]
    return next(iter([*exact, *matching]), None)


def evaluate(emulator: EmulatorState, record: Record, at: float) -> list[Sample]:
    """Return the samples of a series at a time. An empty list means that the series has no value."""
    fields = record["fields"]
    samples = []
    for entry in fields.get("results") or [fields]:
        merged = {**fields, **entry}
        value = _evaluate_entry(emulator, record, merged, at)
        if value is not None:
            labels = {str(name): str(text) for name, text in (merged.get("labels") or {}).items()}
            samples.append(Sample(labels, at - float(fields.get("age", 0)), value))
    return samples


def _evaluate_entry(emulator: EmulatorState, record: Record, fields: Record, at: float) -> float | None:
    weight = 0.0
    if fields.get("service"):
        source = find_source(emulator, record["cluster"], fields["service"])
        window = float(fields.get("window", metrics.DEFAULT_WINDOW))
        computed = metrics.ServiceMetrics(emulator, source, str(fields.get("version", "")), at, window)
        if fields.get("metric"):
            return computed.get(fields["metric"])
        weight = computed.weight
    return metrics.resolve_value(fields.get("value"), at - record["since"], weight)


def find_source(emulator: EmulatorState, cluster: str, service: str) -> Record:
    """Return the settings of a Service, ``namespace/name``, or default settings."""
    namespace, name = split_service(service)
    key = "/".join((cluster, namespace, name))
    found = emulator.stores.metrics.get(key)
    if found is not None:
        return found
    return {"cluster": cluster, "namespace": namespace, "service": name, "fields": {}, "since": 0.0}


def split_service(service: str) -> tuple[str, str]:
    """Return namespace and name of ``namespace/name`` or ``name``."""
    namespace, unused, name = service.rpartition("/")
    return namespace or "default", name
