# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenAPI 3.1 document: finds the operation of a request and validates its parameters and body.

Schemas of OpenAPI 3.1 are JSON Schema 2020-12, so ``jsonschema`` can use them unchanged.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import re
import typing as t
import urllib.parse

import jsonschema
import referencing
import referencing.jsonschema
import yaml

from huaweicloud_emulator.messages import HttpRequest

ROOT = "urn:huaweicloud-emulator"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class InvalidRequest(Exception):
    """The request does not match the document. ``location`` is path, query, header or body."""

    def __init__(self, location: str, message: str) -> None:
        super().__init__(message)
        self.location = location
        self.message = message


@dataclasses.dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    pointer: str
    service: str
    action: str | None
    open: bool
    content_type_required: bool
    parameters: tuple[dict[str, t.Any], ...]
    has_body: bool
    pattern: re.Pattern[str]


def _escape_pointer(part: str) -> str:
    return urllib.parse.quote(part.replace("~", "~0").replace("/", "~1"), safe="~")


def _compile_path(path: str) -> re.Pattern[str]:
    return re.compile("/".join(re.sub(r"^\{(\w+)\}$", r"(?P<\1>[^/]+)", part) for part in path.split("/")))


def describe_error(error: jsonschema.ValidationError) -> str:
    """Return the location and the violated rule, without the value, which can be a secret."""
    location = ".".join(str(part) for part in error.absolute_path) or "body"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in t.cast(t.Mapping[str, t.Any], error.instance)]
        return f"{location}: {', '.join(missing)} is required"
    limit = error.validator_value
    limit_text = (
        f" {limit}"
        if isinstance(limit, (str, int, list))
        and not (isinstance(limit, list) and limit and isinstance(limit[0], dict))
        else ""
    )
    return f"{location}: violates {error.validator}{limit_text}"


class OpenApiDocument:
    """The document with compiled paths and schemas."""

    def __init__(self, document: dict[str, t.Any]) -> None:
        self.document = document
        resource = referencing.Resource.from_contents(
            document, default_specification=referencing.jsonschema.DRAFT202012
        )
        self._registry: t.Any = referencing.Registry().with_resource(ROOT, resource)
        self.validator = functools.cache(self._build_validator)
        self.operations = [
            self._build_operation(path, method)
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        ]
        # Literal segments take precedence over parameters: /workspaces/users/list is not an operation on the workspace "users".
        self.operations.sort(key=lambda operation: operation.path.count("{"))
        self.by_id = {operation.id: operation for operation in self.operations}

    def resolve(self, node: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the node that a ``$ref`` refers to, or a node without ``$ref`` unchanged."""
        if "$ref" not in node:
            return node
        return functools.reduce(
            lambda parent, part: parent[part], node["$ref"].removeprefix("#/").split("/"), self.document
        )

    def _build_operation(self, path: str, method: str) -> Operation:
        item = self.document["paths"][path]
        node = item[method]
        parameters = [self.resolve(entry) for entry in (*item.get("parameters", ()), *node.get("parameters", ()))]
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            pointer=f"/paths/{_escape_pointer(path)}/{method}",
            service=node["x-service"],
            action=node.get("x-iam-action"),
            open=node.get("security") == [],
            content_type_required=node.get("x-content-type-required", False),
            parameters=tuple(parameters),
            has_body="requestBody" in node,
            pattern=_compile_path(path),
        )

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a decoded path and the values in the path, or ``None``."""
        for operation in self.operations:
            if operation.method == method:
                match = operation.pattern.fullmatch(path)
                if match:
                    return operation, match.groupdict()
        return None

    def _build_validator(self, pointer: str) -> jsonschema.Draft202012Validator:
        """Return a validator for the schema at a JSON pointer into the document."""
        return jsonschema.Draft202012Validator({"$ref": f"{ROOT}#{pointer}"}, registry=self._registry)

    def validate_request(self, request: HttpRequest) -> None:
        """Set ``request.query`` and ``request.content``. Raises InvalidRequest."""
        values = dict(urllib.parse.parse_qsl(request.query_string, keep_blank_values=True))
        sources = {"path": request.path_values, "query": values, "header": request.headers}
        for parameter in request.operation.parameters:
            self._check_parameter(request, parameter, sources[parameter["in"]])
        if request.operation.has_body:
            request.content = self._parse_body(request)

    def _check_parameter(self, request: HttpRequest, parameter: dict[str, t.Any], values: t.Mapping[str, str]) -> None:
        name, location, schema = parameter["name"], parameter["in"], parameter["schema"]
        text = values.get(name.lower() if location == "header" else name)
        if text is None:
            if parameter["required"]:
                raise InvalidRequest(location, f"{name} is required")
            if "default" in schema:
                request.query[name] = schema["default"]
            return
        value = _parse_parameter(text, schema)
        error = jsonschema.exceptions.best_match(_parameter_validator(json.dumps(schema)).iter_errors(value))
        if error is not None:
            raise InvalidRequest(location, describe_error(error).replace("body", name, 1))
        if location == "query":
            request.query[name] = value

    def _parse_body(self, request: HttpRequest) -> t.Any:
        try:
            content = json.loads(request.body)
        except ValueError:
            raise InvalidRequest("body", "the body is not valid JSON") from None
        pointer = f"{request.operation.pointer}/requestBody/content/application~1json/schema"
        error = jsonschema.exceptions.best_match(self.validator(pointer).iter_errors(content))
        if error is not None:
            raise InvalidRequest("body", describe_error(error))
        return content


@functools.cache
def _parameter_validator(schema: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema))


def _parse_parameter(text: str, schema: t.Mapping[str, t.Any]) -> t.Any:
    """Return a query value in the type of its schema, or unchanged, so that validation fails."""
    if schema.get("type") == "integer":
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def parse_yaml(text: str) -> t.Any:
    """Parse YAML or JSON, with the fast parser if it is available."""
    return yaml.load(text, Loader=_Loader)


def load_document() -> OpenApiDocument:
    """Return the document of this package."""
    return OpenApiDocument(parse_yaml(pathlib.Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")))
