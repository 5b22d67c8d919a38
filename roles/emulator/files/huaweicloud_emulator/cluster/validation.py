# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of objects, as the Kubernetes API server and the admission webhook of Istio do it."""

from __future__ import annotations

import json
import re
import typing as t

from huaweicloud_emulator.cluster import errors
from huaweicloud_emulator.cluster.resources import DEPLOYMENTS, ISTIO, Resource
from huaweicloud_emulator.cluster.structures import ALTERNATIVES, STRUCTURES
from huaweicloud_emulator.kubernetes import deployment_fields, validation

Object = t.Dict[str, t.Any]
Cause = t.Dict[str, str]

_SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character"
)
_FORMATS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    # The API server parses these times with exactly six fractional digits.
    "micro-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)"),
}
_RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1)}
_PLAIN = {"string", "duration", "date-time", "micro-time"}


class Findings:
    """What the check of one object has found."""

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.causes: list[Cause] = []

    def add(self, path: str, message: str, reason: str = "FieldValueInvalid") -> None:
        self.causes.append({"reason": reason, "message": message, "field": path or "<nil>"})


def validate(
    resource: Resource, version: str, item: t.Any, field_validation: str = "Strict", *, patched: bool = False
) -> tuple[Object, list[str]]:
    """Return the object without unknown fields, and a warning for each. Raises StatusError for an invalid object."""
    item = _check_type(resource, version, item)
    findings = Findings()
    pruned = _prune(resource, item, findings)
    if findings.unknown and field_validation == "Strict":
        raise _build_strict_error(resource, version, findings.unknown, patched)
    name = str(item["metadata"].get("name", ""))
    _raise_type_errors(resource, version, name, findings)
    _check_name(resource, name)
    _check_values(resource, name, pruned)
    warn = field_validation != "Ignore"
    return pruned, [f'unknown field "{path}"' for path in findings.unknown] if warn else []


def _build_strict_error(
    resource: Resource, version: str, unknown: t.Sequence[str], patched: bool
) -> errors.StatusError:
    """Return the error for unknown fields: 400 for an object, 422 for the result of a patch."""
    fields = ", ".join(f'unknown field "{path}"' for path in unknown)
    reason = f"strict decoding error: {fields}"
    if patched:
        return errors.invalid_patch(reason)
    return errors.undecodable(resource, version, reason)


def _check_type(resource: Resource, version: str, item: t.Any) -> Object:
    """Check version and kind, which the body of a built-in object can omit."""
    if not isinstance(item, dict):
        raise errors.bad_request("couldn't get version/kind; json parse error: the body is not an object")
    api_version = resource.api_version(version)
    item = {**({} if resource.custom else {"apiVersion": api_version, "kind": resource.kind}), **item}
    for field in ("apiVersion", "kind"):
        if not isinstance(item.get(field), str) or not item[field]:
            raise errors.bad_request(f"Object '{field[0].upper()}{field[1:]}' is missing in the body of the request")
    if (item["apiVersion"], item["kind"]) != (api_version, resource.kind):
        raise errors.bad_request(
            f'{item["kind"]} in version "{item["apiVersion"]}" cannot be handled as a {resource.kind}: '
            "the API version in the data does not match the expected API version"
        )
    if not isinstance(item.setdefault("metadata", {}), dict):
        raise errors.bad_request("json: cannot unmarshal metadata into Go struct field ObjectMeta of type ObjectMeta")
    return item


def _prune(resource: Resource, item: Object, findings: Findings) -> Object:
    result = {"apiVersion": item["apiVersion"], "kind": item["kind"]}
    result["metadata"] = _structure("ObjectMeta", item["metadata"], "metadata", findings)
    for key, value in item.items():
        if key in ("apiVersion", "kind", "metadata"):
            continue
        if resource is DEPLOYMENTS and key == "spec":
            result[key] = _drop_unknown(deployment_fields.field_types("Deployment")[key], value, key, findings)
        elif key in _fields(resource.kind):
            result[key] = _value(_fields(resource.kind)[key], value, key, findings)
        else:
            findings.unknown.append(key)
    return result


def _drop_unknown(kind: str, value: t.Any, path: str, findings: Findings) -> t.Any:
    """Return a part of a Deployment without unknown fields. Its types are checked elsewhere."""
    if kind[0] == "[" and isinstance(value, list):
        return [_drop_unknown(kind[1:-1], entry, f"{path}[{index}]", findings) for index, entry in enumerate(value)]
    if kind[0] == "{" and isinstance(value, dict):
        return {key: _drop_unknown(kind[1:-1], entry, f"{path}.{key}", findings) for key, entry in value.items()}
    if kind not in deployment_fields.STRUCTURES or not isinstance(value, dict):
        return value
    known = deployment_fields.field_types(kind)
    findings.unknown += [f"{path}.{key}" for key in value if key not in known]
    return {
        key: _drop_unknown(known[key], entry, f"{path}.{key}", findings) for key, entry in value.items() if key in known
    }


# -- types


def _fields(structure: str) -> dict[str, str]:
    return {name.rstrip("!"): kind for name, kind in STRUCTURES[structure].items()}


def _value(kind: str, value: t.Any, path: str, findings: Findings) -> t.Any:
    """Return a value without unknown fields, and add what is wrong to the findings."""
    if kind == "any":
        return value
    if kind[0] == "[":
        return _list(kind[1:-1], value, path, findings)
    if kind[0] == "{":
        return _map(kind[1:-1], value, path, findings)
    if kind in STRUCTURES:
        return _structure(kind, value, path, findings)
    _scalar(kind, value, path, findings)
    return value


def _list(kind: str, value: t.Any, path: str, findings: Findings) -> t.Any:
    if not isinstance(value, list):
        _wrong_type(value, "array", path, findings)
        return value
    return [_value(kind, entry, f"{path}[{index}]", findings) for index, entry in enumerate(value)]


def _map(kind: str, value: t.Any, path: str, findings: Findings) -> t.Any:
    if not isinstance(value, dict):
        _wrong_type(value, "object", path, findings)
        return value
    return {key: _value(kind, entry, f"{path}.{key}", findings) for key, entry in value.items()}


def _structure(structure: str, value: t.Any, path: str, findings: Findings) -> t.Any:
    if not isinstance(value, dict):
        _wrong_type(value, "object", path, findings)
        return value
    known, result = _fields(structure), {}
    for key, entry in value.items():
        if key in known:
            result[key] = _value(known[key], entry, f"{path}.{key}", findings)
        else:
            findings.unknown.append(f"{path}.{key}")
    for name in STRUCTURES[structure]:
        if name.endswith("!") and name[:-1] not in value:
            findings.add(f"{path}.{name[:-1]}", "Required value", "FieldValueRequired")
    chosen = [name for name in ALTERNATIVES.get(structure, ()) if name in value]
    if len(chosen) > 1:
        findings.add(
            path,
            f'Invalid value: "": "{path}" must validate one and only one schema (oneOf). Found {len(chosen)} valid alternatives',
        )
    return result


def _scalar(kind: str, value: t.Any, path: str, findings: Findings) -> None:
    if kind.startswith("enum:"):
        _enum(kind[5:].split("|"), value, path, findings)
    elif kind in _PLAIN:
        if not isinstance(value, str):
            _wrong_type(value, "string", path, findings)
        elif kind in _FORMATS and not _FORMATS[kind].fullmatch(value):
            findings.add(path, f'Invalid value: "{value}": {path} in body must be of type {kind}: "{value}"')
    elif kind == "boolean":
        if not isinstance(value, bool):
            _wrong_type(value, "boolean", path, findings)
    elif kind == "int-or-string":
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            _wrong_type(value, "integer,string", path, findings)
    else:
        _number(kind, value, path, findings)


def _enum(values: t.Sequence[str], value: t.Any, path: str, findings: Findings) -> None:
    if not isinstance(value, str):
        _wrong_type(value, "string", path, findings)
    elif value not in values:
        supported = ", ".join(f'"{entry}"' for entry in values)
        message = f'Unsupported value: "{value}": supported values: {supported}'
        findings.add(path, message, "FieldValueNotSupported")


def _number(kind: str, value: t.Any, path: str, findings: Findings) -> None:
    accepted = (int, float) if kind == "number" else (int,)
    if isinstance(value, bool) or not isinstance(value, accepted):
        _wrong_type(value, "number" if kind == "number" else "integer", path, findings)
        return
    low, high = _RANGES.get(kind, (value, value))
    if value < low:
        findings.add(path, f"Invalid value: {value}: {path} in body should be greater than or equal to {low}")
    elif value > high:
        findings.add(path, f"Invalid value: {value}: {path} in body should be less than or equal to {high}")


def _wrong_type(value: t.Any, expected: str, path: str, findings: Findings) -> None:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    actual = names.get(type(value), "null")
    message = f'Invalid value: "{actual}": {path} in body must be of type {expected}: "{actual}"'
    findings.add(path, message, "FieldValueTypeInvalid")


def _raise_type_errors(resource: Resource, version: str, name: str, findings: Findings) -> None:
    if not findings.causes:
        return
    if resource.custom and not any(cause["field"].startswith("metadata") for cause in findings.causes):
        raise errors.invalid(resource, name, findings.causes)
    # The API server cannot decode a built-in object with a wrong type.
    wrong = [cause for cause in findings.causes if cause["reason"] != "FieldValueRequired"]
    if not wrong:
        raise errors.invalid(resource, name, findings.causes)
    raise errors.undecodable(resource, version, f"json: cannot unmarshal {wrong[0]['field']}")


# -- values


def _check_name(resource: Resource, name: str) -> None:
    if not name:
        cause = {"reason": "FieldValueRequired", "message": "Required value: name or generateName is required"}
        raise errors.invalid(resource, name, [{**cause, "field": "metadata.name"}])
    if not _SUBDOMAIN.fullmatch(name):
        message = f"Invalid value: {json.dumps(name)}: {_SUBDOMAIN_TEXT}"
        raise errors.invalid(
            resource, name, [{"reason": "FieldValueInvalid", "message": message, "field": "metadata.name"}]
        )


def _check_values(resource: Resource, name: str, item: Object) -> None:
    if resource is DEPLOYMENTS:
        _check_deployment(resource, name, item)
    elif resource.plural == "leases":
        _check_lease(resource, name, item.get("spec", {}))
    elif resource.group == ISTIO:
        _check_istio(item.get("spec"))


def _check_deployment(resource: Resource, name: str, item: Object) -> None:
    problems = validation.find_problems({key: value for key, value in item.items() if key != "status"}, "")
    for problem in problems:
        if "cannot be handled as" in problem:
            raise errors.bad_request(problem)
    if problems:
        causes = []
        for problem in problems:
            field, unused, message = problem.partition(": ")
            causes.append({"reason": "FieldValueInvalid", "message": message, "field": field.lstrip(".")})
        raise errors.invalid(resource, name, causes)


def _check_lease(resource: Resource, name: str, spec: Object) -> None:
    findings = Findings()
    for field, low, text in (("leaseDurationSeconds", 1, "greater than 0"), ("leaseTransitions", 0, "non-negative")):
        if field in spec and spec[field] < low:
            findings.add(f"spec.{field}", f"Invalid value: {spec[field]}: must be {text}")
    if spec.get("holderIdentity") == "":
        findings.add("spec.holderIdentity", 'Invalid value: "": must not be empty')
    if findings.causes:
        raise errors.invalid(resource, name, findings.causes)


def _check_istio(spec: t.Any) -> None:
    """Check what the schema of Istio leaves to its admission webhook: hosts and the weights of the routes."""
    if not isinstance(spec, dict):
        raise errors.denied_by_webhook("spec is required")
    for kind in ("http", "tcp", "tls"):
        for route in spec.get(kind, []):
            _check_weights(route.get("route", []))


def _check_weights(destinations: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    weights = [destination.get("weight", 0) for destination in destinations]
    for weight in weights:
        if weight < 0:
            raise errors.denied_by_webhook(f"weight {weight} < 0")
        if weight > 100:
            # Istio accepts larger weights, but no client of this collection must write one.
            raise errors.denied_by_webhook(f"weight {weight} > 100")
    if len(weights) > 1 and sum(weights) == 0:
        raise errors.denied_by_webhook("total destination weight = 0")
