# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The request of ``api_request``, and its unchanged response."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import check_text
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import encode_json

PROJECT = "{project_id}"

ARGUMENTS = ArgumentSpec(
    argument_spec={
        "service": {"type": "str", "required": True, "choices": ["asm", "iam", "modelarts"]},
        "method": {"type": "str", "default": "GET", "choices": ["GET", "POST", "PUT", "DELETE"]},
        "path": {"type": "str", "required": True},
        "query": {"type": "dict", "default": {}},
        "body": {"type": "raw"},
        # No default: it depends on the service.
        "send_project": {"type": "bool"},
        "send_content_type": {"type": "bool", "default": True},
        "fail_on_error": {"type": "bool", "default": True},
    }
)

_NOT_SENT = dict.fromkeys(("status", "content", "content_type", "json", "error", "auth_method"))
# Ansible itself fails with data that is nested much deeper.
_DEEPEST_JSON = 100


class Desired(t.NamedTuple):
    """A request in parts; the project is not known yet."""

    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    body: t.Any


def parse_request(params: Params) -> Desired:
    """Return the request that the options describe. Raise OptionError if it cannot be a request to these services."""
    return Desired(_segments(params["path"]), tuple(_query(params["query"] or {})), _body(params["body"]))


def run(session: Session, params: Params, desired: Desired) -> dict[str, t.Any]:
    """Send the request, unless it could change something in check mode."""
    writes = params["method"] != "GET"
    if writes and session.check_mode:
        return dict(_NOT_SENT, request_sent=False, changed=True)
    client = session.client
    operation = Operation(
        f"{params['method']} {params['path']}",
        params["method"],
        params["service"],
        tuple(client.project_id if part == PROJECT else part for part in desired.segments),
        query=desired.query,
        body=desired.body,
        in_project=_is_in_project(params),
        with_content_type=params["send_content_type"],
    )
    response, failure = client.request_raw(operation)
    if failure and params["fail_on_error"]:
        raise failure
    content = client.redact(response.body.decode("utf-8", "replace"))
    content_type = client.redact(response.headers.get("content-type", "")) or None
    return {
        "changed": writes and failure is None,
        "request_sent": True,
        "status": response.status,
        "content": content,
        "content_type": content_type,
        "json": _parse_json(content, content_type),
        "auth_method": "aksk" if client.connection.is_signed else "token",
        "error": dict(failure.facts(), outcome_unknown=writes and failure.any_outcome_unknown) if failure else None,
    }


def _is_in_project(params: Params) -> bool:
    """IAM works in the account; a request to it with a project would only be for that project."""
    return params["service"] != "iam" if params["send_project"] is None else params["send_project"]


def _parse_json(content: str, content_type: str | None) -> t.Any:
    """Return the data of a JSON body, or ``None`` if it is another body, or JSON that Ansible cannot carry."""
    is_declared = "json" in (content_type or "").lower()
    if not is_declared and not content.lstrip().startswith(("{", "[")):
        return None
    try:
        data = json.loads(content)
        # Halves of surrogate pairs cannot be printed, and JSON has no infinite numbers.
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (RecursionError, ValueError):
        return None
    return data if _depth(data) <= _DEEPEST_JSON else None


def _depth(data: t.Any) -> int:
    depth, level = 0, [data]
    while level:
        depth += 1
        entries = [
            entry.values() if isinstance(entry, dict) else entry for entry in level if isinstance(entry, (dict, list))
        ]
        level = [value for values in entries for value in values]
    return depth


def _segments(path: str) -> tuple[str, ...]:
    check_text("path", path)
    parts = path.strip("/").split("/")
    if "?" in path or "#" in path:
        raise OptionError(
            "path contains a query or a fragment.", hint="Pass the query parameters in the option query, as a mapping."
        )
    if any(part in ("", ".", "..") for part in parts):
        text = "path contains an empty segment, or a segment such as '..'."
        raise OptionError(text, hint="Write it as the API reference does: v1/{project_id}/workspaces.")
    return tuple(parts)


def _query(given: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, str]]:
    for name, value in given.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None or isinstance(one, (dict, list)):
                raise OptionError(f"query.{name} must be a string, a number, a boolean or a list of these.")
            check_text(f"query.{name.encode('utf-8', 'replace').decode()}", f"{name}{one}")
            yield name, str(one).lower() if isinstance(one, bool) else str(one)


def _body(given: t.Any) -> t.Any:
    if isinstance(given, str) and given:
        try:
            given = json.loads(given)
        except (RecursionError, ValueError):
            raise OptionError("body is a string that is not valid JSON.", hint="Write it as a mapping.") from None
    if given in (None, ""):
        return None
    if not isinstance(given, (dict, list)):
        raise OptionError("body is neither a mapping nor a list.")
    try:
        encode_json(given)
        json.dumps(given, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise OptionError("body is not valid text in UTF-8") from None
    except ValueError as problem:
        raise OptionError(
            f"body {problem}.", hint="All numbers must be finite, and the nesting must not be too deep."
        ) from None
    return given
