# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creation of the metrics, series and credentials of a seed."""

from __future__ import annotations

import re
import typing as t

from huaweicloud_emulator.cluster import paths
from huaweicloud_emulator.prometheus import expressions, metrics
from huaweicloud_emulator.prometheus.series import split_service

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Fields = t.Mapping[str, t.Any]


def add_credentials(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Add a bearer token, or a user with a password. From then on, Prometheus requires credentials."""
    if fields.get("token"):
        emulator.stores.prometheus_credentials.put(f"bearer {fields['token']}", {"secret": str(fields["token"])})
        return "token"
    username, password = str(fields["username"]), str(fields["password"])
    emulator.stores.prometheus_credentials.put(f"basic {username}:{password}", {"secret": password})
    return username


def add_metrics(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Set request rate, error ratios and latencies of the versions of a Service."""
    namespace, name = split_service(str(fields["service"]))
    cluster = fields.get("cluster") or paths.get_default_cluster(emulator)
    rates = (fields.get("requests_per_second"), fields.get("tester_requests_per_second"))
    values = [value for version in (fields.get("versions") or {}).values() for value in version.values()]
    for value in (*rates, *values):
        metrics.resolve_value(value, 0.0, 0.0)
    key = "/".join((cluster, namespace, name))
    record = {"cluster": cluster, "namespace": namespace, "service": name, "fields": dict(fields)}
    emulator.stores.metrics.put(key, dict(record, since=emulator.clock.now()))
    return f"{namespace}/{name}"


def add_series(emulator: EmulatorState, fields: Fields) -> t.Any:
    """Set the result of a query, or of the queries that match ``query_regex``. Raises ValueError if it is not valid."""
    query, pattern = fields.get("query"), fields.get("query_regex")
    if (query is None) == (pattern is None):
        raise ValueError("either query or query_regex is required")
    _check_pattern(pattern)
    entries = fields.get("results") or [{}]
    for entry in entries:
        _check_entry({**fields, **entry})
    text = expressions.normalize(str(query)) if query is not None else None
    record = {
        "query": text,
        "pattern": pattern,
        "cluster": fields.get("cluster") or paths.get_default_cluster(emulator),
        "fields": dict(fields),
        "since": emulator.clock.now(),
    }
    key = f"text {text}" if text is not None else f"pattern {pattern}"
    emulator.stores.series.remove(key)
    emulator.stores.series.put(key, record)
    return query if query is not None else pattern


def _check_pattern(pattern: t.Any) -> None:
    try:
        re.compile(pattern or "")
    except (re.error, TypeError) as error:
        raise ValueError(f"query_regex is not a valid regular expression: {error}") from None


def _check_entry(fields: Fields) -> None:
    metric = fields.get("metric")
    if metric is not None and metric not in metrics.METRICS:
        raise ValueError(f"metric {metric!r} must be one of {', '.join(metrics.METRICS)}")
    if metric is not None and not (fields.get("service") and fields.get("version")):
        raise ValueError("service and version are required for a metric")
    metrics.resolve_value(fields.get("value"), 0.0, 0.0)
