# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Prometheus in memory, in place of the transport."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import parse_qs, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpRequest, HttpResponse

# An answer: a number for a vector with one series at the time of the query, or a response, or an exception.
Answer = t.Union[float, str, HttpResponse, Exception, None]
HTML = HttpResponse(200, {}, b"<!DOCTYPE html><title>Sign in</title>")


def success(kind: str, result: t.Any, **more: t.Any) -> HttpResponse:
    """Return the response with a result of that type."""
    body = {"status": "success", "data": {"resultType": kind, "result": result}, **more}
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(body).encode("utf-8"))


def vector(*samples: tuple[float, str], **more: t.Any) -> HttpResponse:
    """Return a vector with one series for each pair of a time and a value."""
    series = [{"metric": {"number": str(index)}, "value": list(sample)} for index, sample in enumerate(samples)]
    return success("vector", series, **more)


def matrix(*points: tuple[float, str]) -> HttpResponse:
    """Return a matrix with one series of these points, or without a series for an empty list of points."""
    return success("matrix", [{"metric": {}, "values": [list(point) for point in points]}] if points else [])


def failure(status: int, error_type: str, text: str) -> HttpResponse:
    """Return an error of Prometheus."""
    body = {"status": "error", "errorType": error_type, "error": text}
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(body).encode("utf-8"))


class FakePrometheus:
    """Answers each query with the next answer of its list; the last one repeats. None is an empty result."""

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.answers = {
            name: list(answer) if isinstance(answer, list) else [answer] for name, answer in answers.items()
        }
        self.requests: list[HttpRequest] = []
        self.headers: dict[str, str] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        parameters = read_parameters(request)
        answers = self.answers[parameters["query"]]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        response = answer if isinstance(answer, HttpResponse) else self._result(request, parameters, answer)
        return response._replace(headers={**response.headers, **self.headers})

    def _result(self, request: HttpRequest, parameters: dict[str, str], answer: float | str | None) -> HttpResponse:
        if urlsplit(request.url).path.endswith("query_range"):
            return matrix() if answer is None else matrix((float(parameters["end"]), str(answer)))
        return vector() if answer is None else vector((float(parameters["time"]), str(answer)))

    def queries(self) -> list[str]:
        """Return the queries in the order of the requests."""
        return [read_parameters(request)["query"] for request in self.requests]


def read_parameters(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a request, from its URL or its body."""
    text = request.body.decode("ascii") if request.body else urlsplit(request.url).query
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
