# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.responses import (
    QueryResult,
    ResultError,
    Series,
    parse_error,
    parse_result,
)


def success(kind, result, **more):
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


def test_a_vector():
    body = success("vector", [{"metric": {"job": "a"}, "value": [1435781451.781, "1.5"]}])
    assert parse_result(body) == QueryResult([Series({"job": "a"}, [(1435781451.781, 1.5)])], [], [])


def test_a_matrix_is_sorted_by_time():
    body = success("matrix", [{"metric": {}, "values": [[20, "2"], [10, "1"]]}])
    assert parse_result(body).series == [Series({}, [(10.0, 1.0), (20.0, 2.0)])]


def test_a_scalar_has_no_labels():
    assert parse_result(success("scalar", [10, "3"])).series == [Series({}, [(10.0, 3.0)])]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e+06", 1e6),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("+Inf", math.inf),
        ("-Inf", -math.inf),
        ("1e999", math.inf),
    ],
)
def test_numbers(text, number):
    assert parse_result(success("vector", [{"metric": {}, "value": [1, text]}])).series[0].points == [(1.0, number)]


def test_nan():
    ((_time, value),) = parse_result(success("vector", [{"metric": {}, "value": [1, "NaN"]}])).series[0].points
    assert math.isnan(value)


@pytest.mark.parametrize("value", ["nan", "infinity", "1_000", "", "x", "١", 5, None, {"count": "1", "sum": "2"}])
def test_values_that_are_not_numbers(value):
    assert parse_result(success("vector", [{"metric": {}, "value": [1, value]}])).series[0].points == [(1.0, None)]


def test_text_and_native_histograms_are_not_numbers():
    assert parse_result(success("string", [1, "text"])).series == [Series({}, [(1.0, None)])]
    histogram = {"count": "1", "sum": "2", "buckets": []}
    assert parse_result(success("vector", [{"metric": {}, "histogram": [1, histogram]}])).series[0].points == [
        (1.0, None)
    ]
    body = success("matrix", [{"metric": {}, "values": [[3, "4"]], "histograms": [[2, histogram]]}])
    assert parse_result(body).series[0].points == [(2.0, None), (3.0, 4.0)]


def test_remarks_about_the_query_are_not_warnings():
    body = success("vector", [], warnings=["PromQL info: not a counter", "store is down"], infos=["not a rate"])
    assert parse_result(body) == QueryResult([], ["store is down"], ["not a rate", "PromQL info: not a counter"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], 'it does not have the status "success" and data'),
        ({"status": "ok", "data": {}}, 'it does not have the status "success" and data'),
        ({"status": "success"}, 'it does not have the status "success" and data'),
        (success("table", []), "its data is not a vector, a matrix, a scalar or a string"),
        (success("vector", {}), "its data is not a vector, a matrix, a scalar or a string"),
        (success("vector", [{"value": [1, "1"]}]), "a series has no labels"),
        (success("vector", ["a"]), "a series has no labels"),
        (success("vector", [{"metric": {}, "value": [1]}]), "a sample is not a pair of a time and a value"),
        (success("matrix", [{"metric": {}, "values": ["a"]}]), "a sample is not a pair of a time and a value"),
        (success("scalar", [True, "1"]), "the time of a sample is not a number"),
        (success("scalar", ["1", "1"]), "the time of a sample is not a number"),
        (success("scalar", [math.inf, "1"]), "the time of a sample is not a number"),
    ],
)
def test_bodies_that_are_not_results(body, reason):
    with pytest.raises(ResultError, match=f"^{reason}$"):
        parse_result(body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"status":"error","errorType":"bad_data","error":"parse error"}', ("bad_data", "bad_data: parse error")),
        (b'{"status":"error","errorType":"timeout"}', ("timeout", "timeout: no description")),
        (b'{"status":"error"}', (None, "")),
        (b'{"message":"no"}', (None, "")),
        (b"[]", (None, "")),
        (b"<html>", (None, "")),
        (b"\xff", (None, "")),
    ],
)
def test_errors(body, error):
    assert parse_error(body) == error
