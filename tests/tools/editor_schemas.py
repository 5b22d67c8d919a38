# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Schemas of the desired-state file and the rollout file, for editors: ``editor_schemas.py`` writes them, a test compares them.

They are generated from the argument specs, with the descriptions of the modules. They accept what the loaders accept: null for unset
values, text for numbers and booleans as Ansible converts it, and Jinja expressions and vaulted values everywhere.

Needs ``.collections`` on the path of Python, as the tests have it.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "extensions" / "schemas"
PLUGINS = "ansible_collections.community.huaweicloud.plugins"
URL = "https://raw.githubusercontent.com/ansible-collections/community.huaweicloud/main/extensions/schemas"

Schema = t.Dict[str, t.Any]
Specs = t.Mapping[str, t.Mapping[str, t.Any]]
Docs = t.Mapping[str, t.Any]

# The module that documents the items of each list.
MODULES = {
    "meshes": "asm_mesh",
    "workspaces": "modelarts_workspace",
    "workshops": "asm_workshop",
    "releases": "asm_release",
}
# Keys that no module has.
TEXTS = {
    "mesh_id": "ID of the mesh of all workshops and releases that do not name a mesh. Mutually exclusive with mesh_name.",
    "mesh_name": "Exact name of the mesh of all workshops and releases that do not name a mesh.",
    "services": "Maps names of Services to any facts about them. If it is not empty, only these Services can have releases.",
    "options": "How to apply the file: options of the module apply.",
    "prune": "Patterns for names of resources to delete although they are not in the file. They are Python regular expressions.",
    "template_file": "Path of a file with the Deployment, relative to this file. An alternative to template.",
    "release": "The release, with the options of the module asm_release.",
    "traffic": "The Service and its Istio objects, with options of the module asm_traffic.",
    "original_version": "Value of the label version of the pods that receive the traffic at the start.",
    "connection": "Connection to the Kubernetes API of the cluster with the Istio objects.",
    "clusters": "Connections to the Kubernetes APIs of other clusters of the mesh, by cluster ID. Environment variables do not apply to them.",
    "steps": "The steps of the rollout. If the last one has a weight below 100, the rollout waits after it.",
    "weight": "Percentage of the traffic for the gray version. It must rise from step to step.",
    "match": "Conditions of the requests of testers, before the first step with a weight.",
    "pause": "Time to wait after the change.",
    "step metrics": "Names of the metrics to analyze after the pause. By default, a step with a weight analyzes all metrics.",
    "approval": "Whether the rollout waits for an approval after the step.",
    "metrics": "The metrics to analyze, as in the module canary_analysis.",
    "analysis": "How to analyze the metrics: the other options of the module canary_analysis.",
    "on_failure": "What happens if the gray version fails in a step.",
    "min_ready_gray": "Number of ready gray replicas that a step requires. The default is 1.",
    "min_ready_original": "Number of ready original replicas that a step requires. The default is half of the replicas at the start.",
    "step_timeout": "Limit for readiness, pause and analysis of one step. The default is 1h.",
    "deadline": "Limit for the rollout from its start, including approvals. By default, there is none.",
    "approval_timeout": "Limit for each approval. By default, there is none.",
    "end_timeout": "Limit for a promotion or a cancellation in one run. The default is 10m.",
    "poll_interval": "Time between two checks. The default is 5s.",
    "lease_duration": "Time after which another run takes over from a run that was killed. The default is 1m.",
}
_DURATION = r"^\s*([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+\s*$|^\s*[0-9]+(\.[0-9]+)?\s*$"
DEFINITIONS: Schema = {
    "expression": {
        "description": "A Jinja expression, or a vaulted value.",
        "type": "string",
        "pattern": r"\{\{|\{%|^\s*\$ANSIBLE_VAULT;",
    },
    "blank": {"description": "Blank text, which means not set.", "type": "string", "pattern": r"^\s*$"},
    "boolean": {"enum": [True, False, 0, 1]},
    "boolean_text": {
        "type": "string",
        "pattern": r"^\s*([Yy]([Ee][Ss])?|[Nn][Oo]?|[Oo][Nn]|[Oo][Ff][Ff]|[Tt]([Rr][Uu][Ee])?|[Ff]([Aa][Ll][Ss][Ee])?|[01])\s*$",
    },
    "integer_text": {"type": "string", "pattern": r"^\s*[+-]?[0-9]+(\.0*)?\s*$"},
    "number_text": {"type": "string", "pattern": r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"},
    # Ansible also reads a mapping from JSON and from key=value.
    "mapping_text": {"type": "string", "pattern": r"^\s*\{|="},
    "duration": {
        "description": "A number of seconds, or text such as 30s, 5m or 1h30m.",
        "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": _DURATION}],
    },
}
_SCALARS = ["string", "number", "boolean"]
_EXPRESSION = {"$ref": "#/definitions/expression"}
_BLANK = {"$ref": "#/definitions/blank"}
_UNSET_BRANCHES = [{"type": "null"}, _BLANK, _EXPRESSION]
# A value that the loaders treat as unset.
UNSET: Schema = {"anyOf": [{"type": "null"}, {"const": False}, {"const": 0}, {"type": "string", "maxLength": 0}]}
UNSET_OR_BLANK: Schema = {"anyOf": [{"type": "null"}, _BLANK]}
# Text options that are durations.
DURATIONS = ("window", "interval", "initial_delay", "max_sample_age", "scrape_interval")
_MARKUP = re.compile(r"\b(?:[OVECBIPM]|RV|HORIZONTALLINE)\(((?:[^()\\]|\\.)*)\)")


class Builder:
    """Builds schemas of options. ``blank_is_unset`` is whether the loader treats blank text as an unset value everywhere."""

    def __init__(self, *, blank_is_unset: bool) -> None:
        self._blank_is_unset = blank_is_unset

    def mapping(self, specs: Specs, docs: Docs, replaced: t.Mapping[str, Schema] | None = None) -> Schema:
        """Return the schema of a mapping with these options. ``replaced`` has the schemas of some of them."""
        properties = {
            name: (replaced or {}).get(name)
            or self.option(spec, docs.get(name) or {"description": TEXTS.get(name, "")})
            for name, spec in specs.items()
        }
        required = sorted(name for name, spec in specs.items() if spec.get("required"))
        return {
            "type": "object",
            "additionalProperties": False,
            **({"required": required} if required else {}),
            "properties": properties,
        }

    def option(self, spec: t.Mapping[str, t.Any], docs: Docs) -> Schema:
        """Return the schema of one option with its description and its default."""
        text = describe(docs)
        default = spec.get("default")
        return {
            **({"description": text} if text else {}),
            **({"default": default} if default is not None else {}),
            **self.value(spec, docs.get("suboptions") or docs.get("options") or {}),
        }

    def value(self, spec: t.Mapping[str, t.Any], docs: Docs | None = None) -> Schema:
        """Return the schema of the values that Ansible accepts for an option. Only a required one cannot be unset."""
        type_ = spec.get("type", "str")
        if type_ == "raw":
            return {}
        branches = self._branches(type_, spec, docs or {})
        if not spec.get("required"):
            branches += [{"type": "null"}, *([_BLANK] if self._blank_is_unset else [])]
        return {"anyOf": [*branches, _EXPRESSION]}

    def _branches(self, type_: str, spec: t.Mapping[str, t.Any], docs: Docs) -> list[Schema]:
        if spec.get("choices"):
            return [{"enum": list(spec["choices"])}]
        if type_ == "bool":
            return [{"$ref": "#/definitions/boolean"}, {"$ref": "#/definitions/boolean_text"}]
        if type_ in ("int", "float"):
            limits = {key: spec[key] for key in ("minimum", "exclusiveMinimum", "maximum") if key in spec}
            name, text = ("integer", "integer_text") if type_ == "int" else ("number", "number_text")
            return [{"type": name, **limits}, {"$ref": f"#/definitions/{text}"}]
        if type_ == "list":
            return self._list_branches(spec, docs)
        if type_ == "dict":
            content = self.mapping(spec["options"], docs) if "options" in spec else {"type": "object"}
            return [content, {"$ref": "#/definitions/mapping_text"}]
        return [{"type": _SCALARS, **({"pattern": r"\S"} if spec.get("required") and self._blank_is_unset else {})}]

    def _list_branches(self, spec: t.Mapping[str, t.Any], docs: Docs) -> list[Schema]:
        elements = spec.get("elements", "raw")
        # An element cannot be null, and a blank one is not unset.
        element = Builder(blank_is_unset=False).value({**spec, "type": elements, "required": True}, docs)
        if self._blank_is_unset and elements == "dict":
            element = self.value({**spec, "type": elements, "required": True}, docs)
        text = [] if elements == "dict" else [{"type": ["string", "number"]}]
        return [{"type": "array", "items": element}, *text]


def describe(docs: Docs) -> str:
    """Return the description of an option as plain text."""
    found = docs.get("description") or ""
    lines = found if isinstance(found, list) else [found]
    return "\n".join(_to_plain(" ".join(str(line).split())) for line in lines)


def _to_plain(text: str) -> str:
    """Return text without Ansible markup."""
    text = _MARKUP.sub(lambda match: match[1].replace("\\", ""), text)
    return re.sub(r"\b[LR]\(([^,()]*),[^()]*\)", r"\1", text).replace("community.huaweicloud.", "")


@functools.cache
def read_docs(module: str) -> Docs:
    """Return the documentation of the options of a module, with those of its fragments."""
    documentation = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    found: dict[str, t.Any] = {}
    for name in documentation.get("extends_documentation_fragment", []):
        parts = name.removeprefix("community.huaweicloud.").split(".")
        fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{parts[0]}").ModuleDocFragment
        text = getattr(fragment, parts[1].upper() if len(parts) > 1 else "DOCUMENTATION")
        found.update(yaml.safe_load(text).get("options") or {})
    return {**found, **documentation["options"]}


def desired_state() -> Schema:
    """Return the schema of the desired-state file."""
    from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ITEM_WAIT
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
    from ansible_collections.community.huaweicloud.plugins.plugin_utils import _desired_state as loader

    builder = Builder(blank_is_unset=False)
    properties: Schema = {name: _text(name) for name in ("mesh_id", "mesh_name")}
    for kind in RESOURCE_TYPES:
        specs = {**kind.arguments.argument_spec, **_with_limits(ITEM_WAIT.argument_spec)}
        docs = read_docs(MODULES[kind.plural])
        replaced = {}
        if "gray_deployments" in specs:
            replaced["gray_deployments"] = _gray_deployments(builder, loader._GRAY_DEPLOYMENTS, docs)
        item = builder.mapping(specs, docs, replaced)
        if "id" in specs:
            item["anyOf"] = [_sets("id"), _sets("name")]
        about = describe(read_docs("apply")[kind.plural])
        properties[kind.plural] = _describe(about, _list(item), *_UNSET_BRANCHES)
    properties["services"] = _describe(TEXTS["services"], {"type": "object"}, *_UNSET_BRANCHES)
    options = Builder(blank_is_unset=True).mapping(_with_limits(loader.OPTIONS), read_docs("apply"))
    properties["options"] = _describe(TEXTS["options"], options, *_UNSET_BRANCHES)
    properties["prune"] = _describe(TEXTS["prune"], _prune(RESOURCE_TYPES), *_UNSET_BRANCHES)
    content = {"type": "object", "additionalProperties": False, "properties": properties}
    # The mesh of an item can come from the inventory, so the schema does not require one.
    one_mesh = {"not": {"allOf": [_sets(name, UNSET_OR_BLANK) for name in ("mesh_id", "mesh_name")]}}
    return _document("desired_state", "Desired-state file", content, [one_mesh])


def _prune(kinds: t.Sequence[t.Any]) -> Schema:
    patterns = {"type": "array", "items": {"type": "string", "minLength": 1}}
    unset = {"enum": [None, ""]}
    lists = {
        kind.plural: _describe(f"Patterns for names of {kind.plural}.", patterns, unset, _EXPRESSION) for kind in kinds
    }
    return {"type": "object", "additionalProperties": False, "properties": lists}


def rollout() -> Schema:
    """Return the schema of the rollout file."""
    from ansible_collections.community.huaweicloud.plugins.module_utils._canary import rollout_spec as loader

    builder = Builder(blank_is_unset=True)
    analysis_docs = read_docs("canary_analysis")
    metrics = builder.mapping(
        loader.METRIC_SPEC,
        analysis_docs["metrics"]["suboptions"],
        _durations(loader.METRIC_SPEC, analysis_docs["metrics"]["suboptions"]),
    )
    analysis = builder.mapping(loader._ANALYSIS_SPEC, analysis_docs, _durations(loader._ANALYSIS_SPEC, analysis_docs))
    at_least_one = {"type": "int", "minimum": 1}
    content = builder.mapping(
        {**loader.SPEC, "min_ready_gray": at_least_one, "min_ready_original": at_least_one},
        {},
        {
            **{name: _duration(TEXTS[name], above_zero=True) for name in loader.LIMITS},
            "release": _describe(TEXTS["release"], _release(builder, loader), _EXPRESSION),
            "traffic": _describe(TEXTS["traffic"], _traffic(builder, loader), _EXPRESSION),
            "steps": _describe(TEXTS["steps"], _list(_step(builder, loader), 1), _EXPRESSION),
            "metrics": _describe(TEXTS["metrics"], _list(metrics), *_UNSET_BRANCHES),
            "analysis": _describe(TEXTS["analysis"], analysis, *_UNSET_BRANCHES),
        },
    )
    return _document("rollout", "Rollout file", content, [])


def _release(builder: Builder, loader: t.Any) -> Schema:
    docs = read_docs("asm_release")
    gray = _gray_deployments(builder, loader.RELEASE.argument_spec["gray_deployments"], docs, required=True)
    release = builder.mapping(loader._RELEASE_SPEC, docs, {"gray_deployments": gray})
    return {**release, "oneOf": [_sets(name, UNSET_OR_BLANK) for name in ("mesh_id", "mesh_name")]}


def _traffic(builder: Builder, loader: t.Any) -> Schema:
    docs = read_docs("asm_traffic")
    connection = builder.mapping(loader.KUBERNETES.argument_spec, docs)
    others = {"type": "object", "additionalProperties": {"anyOf": [connection, *_UNSET_BRANCHES]}}
    replaced = {
        "connection": _describe(TEXTS["connection"], connection, *_UNSET_BRANCHES),
        "clusters": _describe(TEXTS["clusters"], others, *_UNSET_BRANCHES),
        "propagation_seconds": _duration(describe(docs["propagation_seconds"])),
    }
    return builder.mapping(loader._TRAFFIC_SPEC, docs, replaced)


def _step(builder: Builder, loader: t.Any) -> Schema:
    docs = {
        "metrics": {"description": TEXTS["step metrics"]},
        "match": {"description": TEXTS["match"], "suboptions": read_docs("asm_traffic")["match"]["suboptions"]},
    }
    specs = {**loader._STEP_SPEC, "weight": {"type": "int", "minimum": 1, "maximum": 100}}
    step = builder.mapping(specs, docs, {"pause": _duration(TEXTS["pause"])})
    return {**step, "oneOf": [_sets(name, UNSET_OR_BLANK) for name in ("weight", "match")]}


def _document(name: str, title: str, content: Schema, rules: list[Schema]) -> Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{URL}/{name}.json",
        "$comment": "Generated by tests/tools/editor_schemas.py.",
        "title": f"{title} of community.huaweicloud",
        **content,
        "minProperties": 1,
        **({"allOf": rules} if rules else {}),
        "definitions": DEFINITIONS,
    }


def _gray_deployments(builder: Builder, spec: t.Mapping[str, t.Any], docs: Docs, *, required: bool = False) -> Schema:
    """Return the schema of the gray Deployments, each with a template or the name of its file."""
    own = docs["gray_deployments"]
    options = {**spec["options"], "template": {"type": "raw"}, "template_file": {"type": "str"}}
    file = {"description": TEXTS["template_file"], "type": ["string", "null"]}
    item = builder.mapping(options, own["suboptions"], {"template_file": file})
    item["oneOf"] = [_sets("template", {"enum": [None, ""]}), _sets("template_file")]
    unset = [] if required else [{"type": "null"}]
    return _describe(describe(own), _list(item, int(required)), *unset, _EXPRESSION)


def _with_limits(specs: Specs) -> Specs:
    """Return the numbers of apply with the limits that its validation has."""
    limits: dict[str, Schema] = {
        **{name: {"minimum": 1} for name in ("parallel", "max_failures")},
        "rate_limit": {"minimum": 0.001},
        "timeout": {"exclusiveMinimum": 0},
        **{name: {"exclusiveMinimum": 0, "maximum": 1e8} for name in ("wait_timeout", "wait_interval")},
    }
    return {name: {**spec, **limits.get(name, {})} for name, spec in specs.items()}


def _sets(name: str, unset: Schema | None = None) -> Schema:
    """Return the schema of a mapping that sets a key."""
    return {"required": [name], "properties": {name: {"not": UNSET if unset is None else unset}}}


def _text(name: str) -> Schema:
    return {"description": TEXTS[name], "type": [*_SCALARS, "null"]}


def _list(item: Schema, least: int = 0) -> Schema:
    """Return the schema of a list of mappings."""
    items = {"anyOf": [item, {"$ref": "#/definitions/mapping_text"}, _EXPRESSION]}
    return {"type": "array", **({"minItems": least} if least else {}), "items": items}


def _describe(text: str, *branches: Schema) -> Schema:
    return {**({"description": text} if text else {}), "anyOf": list(branches)}


def _durations(specs: Specs, docs: Docs) -> dict[str, Schema]:
    return {name: _duration(describe(docs.get(name) or {})) for name in specs if name in DURATIONS}


def _duration(text: str, *, above_zero: bool = False) -> Schema:
    zero = {"not": {"anyOf": [{"const": 0}, {"type": "string", "pattern": r"^\s*(0+(\.0*)?(ms|s|m|h|d)?)+\s*$"}]}}
    return {
        **_describe(text, {"$ref": "#/definitions/duration"}, *_UNSET_BRANCHES),
        **(zero if above_zero else {}),
    }


FILES: dict[str, t.Callable[[], Schema]] = {"desired_state": desired_state, "rollout": rollout}


def path_of(name: str) -> Path:
    return SCHEMAS / f"{name}.json"


def render(name: str) -> str:
    """Return the content of a schema file."""
    return json.dumps(FILES[name](), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    SCHEMAS.mkdir(exist_ok=True)
    for name in FILES:
        path_of(name).write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    main()
