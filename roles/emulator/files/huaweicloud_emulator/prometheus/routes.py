# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of the HTTP API of Prometheus."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import math
import re
import typing as t
import urllib.parse

from huaweicloud_emulator.cluster import history
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.prometheus import errors, expressions, series
from huaweicloud_emulator.prometheus.series import Sample
from huaweicloud_emulator.releases import models as releases

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Data = t.Dict[str, t.Any]
Parameters = t.Mapping[str, str]

PREFIX = "/prometheus"
MAX_POINTS = 11_000
BUILD = {
    "version": "3.5.0",
    "revision": "emulator",
    "branch": "HEAD",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "",
}
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS = (31536000.0, 604800.0, 86400.0, 3600.0, 60.0, 1.0, 0.001)


@dataclasses.dataclass(frozen=True)
class Operation:
    """What the request log calls an operation."""

    id: str
    service: str = "prometheus"


def handle(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """Return the response of Prometheus."""
    path = urllib.parse.unquote(request.path).removeprefix(PREFIX)
    _authenticate(emulator, request)
    if path in ("/-/healthy", "/-/ready"):
        return HttpResponse(
            200, raw=f"Prometheus Server is {path[3:].title()}.\n".encode(), media_type="text/plain; charset=utf-8"
        )
    operation = OPERATIONS.get(path)
    if operation is None:
        raise errors.page_not_found()
    if request.method not in ("GET", "POST"):
        raise errors.method_not_allowed()
    request.operation = Operation(path.rpartition("/")[2])
    releases.advance_all(emulator)
    history.record_all(emulator)
    return operation(emulator, _parse_parameters(request))


def _authenticate(emulator: EmulatorState, request: HttpRequest) -> None:
    """Check the credentials, which are only required if a seed has some."""
    accepted = emulator.stores.prometheus_credentials.records
    scheme, unused, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            value = ""
    if accepted and f"{scheme.lower()} {value.strip()}" not in accepted:
        raise errors.unauthorized()


def _parse_parameters(request: HttpRequest) -> Parameters:
    """Return the parameters of the query and of a form. Those of the form precede."""
    parameters = dict(urllib.parse.parse_qsl(request.query_string, keep_blank_values=True))
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and media_type == "application/x-www-form-urlencoded":
        parameters.update(urllib.parse.parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return parameters


# -- parameters


def _parse_optional_time(parameters: Parameters, name: str, default: float) -> float:
    """Return a time, or the default if it is missing. The text of the error differs from that of a required time."""
    text = parameters.get(name, "")
    if not text:
        return default
    seconds = _parse_seconds(text)
    if seconds is None:
        reason = f"Invalid time value for '{name}': cannot parse \"{text}\" to a valid timestamp"
        raise errors.invalid_parameter(name, reason)
    return seconds


def _parse_time(parameters: Parameters, name: str) -> float:
    text = parameters.get(name, "")
    seconds = _parse_seconds(text)
    if seconds is None:
        raise errors.invalid_parameter(name, f'cannot parse "{text}" to a valid timestamp')
    return seconds


def _parse_seconds(text: str) -> float | None:
    """Return a time in seconds or in the format of RFC 3339, or ``None``."""
    try:
        seconds = float(text)
    except ValueError:
        return _parse_rfc3339(text)
    return seconds if math.isfinite(seconds) else None


def _parse_rfc3339(text: str) -> float | None:
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def parse_duration(text: str, name: str) -> float:
    """Return seconds from a number or a duration such as ``1m30s``."""
    try:
        seconds = float(text)
    except ValueError:
        match = _DURATION.fullmatch(text)
        if match is None or not text:
            raise errors.invalid_parameter(name, f'cannot parse "{text}" to a valid duration') from None
        seconds = sum(int(part or 0) * unit for part, unit in zip(match.groups(), _UNITS))
    if not math.isfinite(seconds):
        raise errors.invalid_parameter(name, f'cannot parse "{text}" to a valid duration. It overflows int64')
    return seconds


# -- operations


def _query(emulator: EmulatorState, parameters: Parameters) -> HttpResponse:
    at = _parse_optional_time(parameters, "time", emulator.clock.now())
    query = parameters.get("query", "")
    expressions.check_syntax(query)
    number = _evaluate_scalar(query, at)
    if number is not None:
        return _respond("scalar", _pair(at, number))
    record = series.find(emulator, query)
    samples = _evaluate(emulator, query, record, at)
    vector = [{"metric": sample.labels, "value": _pair(sample.time, sample.value)} for sample in samples]
    return _respond("vector", vector, record)


def _query_range(emulator: EmulatorState, parameters: Parameters) -> HttpResponse:
    start, end = _parse_time(parameters, "start"), _parse_time(parameters, "end")
    if end < start:
        raise errors.invalid_parameter("end", "end timestamp must not be before start time")
    step = parse_duration(parameters.get("step", ""), "step")
    if step <= 0:
        raise errors.invalid_parameter(
            "step", "zero or negative query resolution step widths are not accepted. Try a positive integer"
        )
    if (end - start) / step > MAX_POINTS:
        raise errors.query_error(
            400,
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        )
    query = parameters.get("query", "")
    expressions.check_syntax(query)
    record = series.find(emulator, query)
    rows: dict[tuple[tuple[str, str], ...], Data] = {}
    for index in range(int((end - start) / step) + 1):
        at = start + index * step
        for sample in _evaluate(emulator, query, record, at):
            row = rows.setdefault(tuple(sorted(sample.labels.items())), {"metric": sample.labels, "values": []})
            row["values"].append(_pair(sample.time, sample.value))
    return _respond("matrix", list(rows.values()), record)


def _evaluate_scalar(query: str, at: float) -> float | None:
    return at if expressions.normalize(query) == "time()" else expressions.parse_number(query)


def _evaluate(emulator: EmulatorState, query: str, record: Data | None, at: float) -> list[Sample]:
    """Return the samples of a query. A query that no seed knows returns none."""
    if record is None:
        number = expressions.parse_vector(query)
        number = _evaluate_scalar(query, at) if number is None else number
        return [] if number is None else [Sample({}, at, number)]
    failure = record["fields"].get("error")
    if failure:
        status = int(failure.get("status", 422))
        raise errors.query_error(status, str(failure.get("message", "query failed")), str(failure.get("type", "")))
    return series.evaluate(emulator, record, at)


def _pair(at: float, value: float) -> list[t.Any]:
    """Return time and value of a sample. Times have milliseconds."""
    seconds = round(at, 3)
    return [int(seconds) if seconds == int(seconds) else seconds, expressions.format_value(value)]


def _respond(result_type: str, result: t.Any, record: Data | None = None) -> HttpResponse:
    body: Data = {"status": "success", "data": {"resultType": result_type, "result": result}}
    for name in ("warnings", "infos"):
        if record is not None and record["fields"].get(name):
            body[name] = [str(text) for text in record["fields"][name]]
    return HttpResponse(200, body)


def _build_info(emulator: EmulatorState, parameters: Parameters) -> HttpResponse:
    return HttpResponse(200, {"status": "success", "data": BUILD})


OPERATIONS: dict[str, t.Callable[[EmulatorState, Parameters], HttpResponse]] = {
    "/api/v1/query": _query,
    "/api/v1/query_range": _query_range,
    "/api/v1/status/buildinfo": _build_info,
}
