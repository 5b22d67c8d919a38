# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the emulator's schema of the Istio objects with models that another project generates from the definitions of Istio."""

from __future__ import annotations

import copy
import importlib
import inspect
import sys
import typing as t

import pytest
import selection

selection.require_library("cloudcoil.models.istio")

from harness import EMULATOR  # noqa: E402

sys.path.insert(0, str(EMULATOR))

import pydantic  # noqa: E402
from huaweicloud_emulator.cluster import errors, resources, validation  # noqa: E402
from huaweicloud_emulator.cluster.structures import STRUCTURES  # noqa: E402

NONE_TYPE = type(None)
KIND = "fields and objects compared with generated models of Istio"
KINDS = {"VirtualService": resources.VIRTUAL_SERVICES, "DestinationRule": resources.DESTINATION_RULES}
CASES = [(kind, version) for kind in KINDS for version in ("v1", "v1beta1")]
# The models are those of an older version of Istio.
NEWER = {"status.conditions[].observedGeneration"}
TYPES = {
    "boolean": {bool},
    "int32": {int},
    "uint32": {int},
    "uint64": {int},
    "number": {float},
    "int-or-string": {int, str},
    "string": {str, bytes},
    "duration": {str},
}


def _load_model(kind: str, version: str) -> t.Any:
    return getattr(importlib.import_module(f"cloudcoil.models.istio.networking.{version}"), kind)


def _list_own_fields(structure: str, path: str) -> t.Iterator[tuple[str, str, bool]]:
    """Yield path, type and whether it is required, for each field of the emulator."""
    for name, kind in STRUCTURES[structure].items():
        field, required = f"{path}{name.rstrip('!')}", name.endswith("!")
        suffix = {"[": "[]", "{": "{}"}.get(kind[0], "")
        inner = kind[1:-1] if suffix else kind
        yield field + suffix, "object" if inner in STRUCTURES else inner, required
        if inner in STRUCTURES:
            yield from _list_own_fields(inner, f"{field}{suffix}.")


def _unwrap(annotation: t.Any) -> tuple[str, list[t.Any]]:
    """Return the kind of collection and the types within an annotation."""
    origin, arguments = t.get_origin(annotation), t.get_args(annotation)
    if origin in (list, dict):
        return ("[]" if origin is list else "{}"), _unwrap(arguments[-1])[1]
    if origin is t.Literal:
        return "", [annotation]
    if origin is t.Annotated:
        return _unwrap(arguments[0])
    if arguments:
        parts = [_unwrap(argument) for argument in arguments if argument is not NONE_TYPE]
        return parts[0][0], [kind for suffix, kinds in parts for kind in kinds]
    return "", [annotation]


def _list_model_fields(models: list[t.Any], path: str) -> t.Iterator[tuple[str, t.Any, bool]]:
    """Yield path, types and whether it is required, for each field of alternative models."""
    fields: dict[str, list[t.Any]] = {}
    for model in models:
        for name, field in model.model_fields.items():
            fields.setdefault(field.alias or name, []).append(field)
    for name, found in fields.items():
        parts = [_unwrap(field.annotation) for field in found]
        suffix = parts[0][0]
        kinds = [kind for unused, kinds in parts for kind in kinds]
        inner = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, pydantic.BaseModel)]
        required = len(found) == len(models) and all(field.is_required() for field in found)
        yield f"{path}{name}{suffix}", "object" if inner else kinds, required
        if inner:
            yield from _list_model_fields(inner, f"{path}{name}{suffix}.")


def _is_same_type(own: str, other: t.Any) -> bool:
    if own == "object" or other == "object":
        return own == other
    if own.startswith("enum:"):
        values = {value for kind in other for value in t.get_args(kind)}
        return values == set(own[5:].split("|"))
    if own == "date-time":
        return all("datetime" in str(kind) for kind in other)
    return {kind for kind in other if kind is not NONE_TYPE} <= TYPES[own]


@pytest.mark.parametrize("kind, version", CASES)
def test_fields_are_those_of_istio(tally: t.Any, kind: str, version: str) -> None:
    own = {path: (kind_of, required) for path, kind_of, required in _list_own_fields(kind, "") if path not in NEWER}
    model = _load_model(kind, version)
    other = {
        path: (kinds, required)
        for path, kinds, required in _list_model_fields([model], "")
        if path.partition(".")[0] in ("spec", "status")
    }
    different = sorted(path for path in own.keys() & other.keys() if not _is_same_type(own[path][0], other[path][0]))
    required = sorted(path for path in own.keys() & other.keys() if own[path][1] != other[path][1])
    tally.add(KIND, len(own), len(own) - len(different) - len(required) if own.keys() == other.keys() else 0)
    assert sorted(own.keys() ^ other.keys()) == []
    assert (different, required) == ([], [])


def _build_route(**fields: t.Any) -> dict[str, t.Any]:
    return {"spec": {"hosts": ["reviews"], "http": [{"route": [{"destination": {"host": "reviews"}}], **fields}]}}


# The generated models do not express that fields exclude each other.
SAMPLES: dict[str, list[tuple[dict[str, t.Any], bool]]] = {
    "VirtualService": [
        (_build_route(), True),
        (
            _build_route(route=[{"destination": {"host": "a", "subset": "v1", "port": {"number": 80}}, "weight": 90}]),
            True,
        ),
        (_build_route(match=[{"uri": {"prefix": "/"}, "headers": {"cookie": {"regex": "a"}}}]), True),
        (_build_route(timeout="5s", retries={"attempts": 3}, rewrite={"uri": "/"}), True),
        (_build_route(route=[{"weight": 100}]), False),
        (_build_route(route=[{"destination": {"subset": "v1"}}]), False),
        (_build_route(route=[{"destination": {"host": "a"}, "weight": "many"}]), False),
        (_build_route(redirect={"derivePort": "GUESS"}), False),
        (_build_route(match=[{"port": -1}]), False),
        (_build_route(directResponse={}), False),
        (_build_route(color="red"), False),
        ({"spec": {"tls": [{"route": []}]}}, False),
    ],
    "DestinationRule": [
        ({"spec": {"host": "reviews", "subsets": [{"name": "v1", "labels": {"version": "v1"}}]}}, True),
        ({"spec": {"host": "reviews", "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}}}}, True),
        ({"spec": {"host": "reviews", "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}}, True),
        ({"spec": {"subsets": []}}, False),
        ({"spec": {"host": "reviews", "subsets": [{"labels": {}}]}}, False),
        ({"spec": {"host": "reviews", "trafficPolicy": {"loadBalancer": {"simple": "FASTEST"}}}}, False),
        ({"spec": {"host": "reviews", "trafficPolicy": {"outlierDetection": {"interval": 5}}}}, False),
        ({"spec": {"host": "reviews", "labels": {}}}, False),
    ],
}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize(
    "kind, sample, valid", [(kind, *sample) for kind, samples in SAMPLES.items() for sample in samples]
)
def test_same_objects_are_valid(tally: t.Any, kind: str, version: str, sample: dict[str, t.Any], valid: bool) -> None:
    item = {"apiVersion": f"networking.istio.io/{version}", "kind": kind, "metadata": {"name": "x"}, **sample}
    found = (_is_accepted_by_emulator(kind, version, item), _is_accepted_by_model(kind, version, item))
    tally.add(KIND, 1, int(found == (valid, valid)))
    assert found == (valid, valid)


def _is_accepted_by_emulator(kind: str, version: str, item: dict[str, t.Any]) -> bool:
    try:
        validation.validate(KINDS[kind], version, copy.deepcopy(item))
    except errors.StatusError:
        return False
    return True


def _is_accepted_by_model(kind: str, version: str, item: dict[str, t.Any]) -> bool:
    """Return whether the model accepts the object. It ignores unknown fields, so these are missing in its own output."""
    try:
        model = _load_model(kind, version).model_validate(item)
    except pydantic.ValidationError:
        return False
    return bool(model.model_dump(mode="json", by_alias=True, exclude_unset=True)["spec"] == item["spec"])
