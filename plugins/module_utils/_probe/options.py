# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of the module service_probe."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    KUBERNETES,
    ArgumentSpec,
    parse_number,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import check_text
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import (
    find_secrets as find_connection_secrets,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import (
    resolve_cluster_settings,
)

ARGUMENTS = ArgumentSpec(
    argument_spec={
        "services": {
            "type": "list",
            "elements": "str",
            "choices": ["modelarts", "asm"],
            "default": ["modelarts", "asm"],
        },
        "prefix": {"type": "str", "default": "probe"},
        "mesh_name": {"type": "str"},
        "user_name": {"type": "str"},
        "workshop": {
            "type": "dict",
            "options": {
                "primary_cluster": {"type": "str", "required": True},
                "elb_id": {"type": "str", "required": True},
                "elb_ip": {"type": "str", "required": True},
                "port": {"type": "int", "required": True},
                "image_address": {"type": "str"},
            },
        },
        "release": {
            "type": "dict",
            "options": {
                "namespace": {"type": "str", "required": True},
                "service_name": {"type": "str", "required": True},
                "cluster_id": {"type": "str", "required": True},
                "deployment_name": {"type": "str", "required": True},
                "version": {"type": "str", "required": True},
                "template": {"type": "dict", "required": True},
                "type": {"type": "str", "default": "canary"},
                "new_image": {"type": "str"},
            },
        },
        "istio_connection": {"type": "dict", "options": KUBERNETES.argument_spec},
        "cancel_actions": {"type": "list", "elements": "str", "default": ["cancel", "terminate", "rollback"]},
        "end_actions": {"type": "list", "elements": "str", "default": ["end", "finish", "complete"]},
        "interval": {"type": "float", "default": 5.0},
        "tries": {"type": "int", "default": 120},
        "fail_on_difference": {"type": "bool", "default": False},
    }
)

_MOST_TRIES = 10_000
_PREFIX = re.compile(r"[a-z][a-z0-9-]{2,31}")
# Part of the path of a request.
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclasses.dataclass(frozen=True)
class ProbeOptions:
    """The validated options. ``run`` makes the names of one run unique. An empty ``workshop`` or ``release`` is not created."""

    prefix: str
    run: str
    services: t.Tuple[str, ...] = ("modelarts", "asm")
    mesh_name: str = ""
    user_name: str = ""
    workshop: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    release: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    istio_connection: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    cancel_actions: t.Tuple[str, ...] = ("cancel", "terminate", "rollback")
    end_actions: t.Tuple[str, ...] = ("end", "finish", "complete")

    def secrets(self) -> list[str]:
        """Return the values that must not appear in results and messages."""
        return resolve_cluster_settings(self.istio_connection, {}).secrets() if self.istio_connection else []

    @property
    def base(self) -> str:
        """What the names of all created resources begin with, followed by a hyphen."""
        return f"{self.prefix}-{self.run}"

    @property
    def unknown_id(self) -> str:
        """An ID that no resource has."""
        return (self.run * 4)[:32]

    @property
    def unknown_uid(self) -> str:
        """The same ID in the format of ASM."""
        parts = (self.unknown_id[start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
        return "-".join(parts)

    @property
    def creates_resources(self) -> bool:
        """Whether a run with these options creates resources."""
        return "modelarts" in self.services or ("asm" in self.services and bool(self.workshop or self.release))


def validate_options(params: Params) -> ProbeOptions:
    """Return the options of a new run. Raises OptionError for invalid ones."""
    prefix = params["prefix"] or ""
    if not _PREFIX.fullmatch(prefix):
        text = "prefix must be 3 to 32 lower-case letters, digits and hyphens, and begin with a letter"
        raise OptionError(text)
    if not params["services"]:
        raise OptionError("services must contain at least one service")
    for option in ("cancel_actions", "end_actions"):
        if not params[option] or not all(word.strip() for word in params[option]):
            raise OptionError(f"{option} must be a list of words that are not empty")
    parse_number(params, ARGUMENTS, "interval", positive=False)
    if not 1 <= params["tries"] <= _MOST_TRIES:
        raise OptionError(f"tries must be from 1 to {_MOST_TRIES}")
    options = ProbeOptions(
        prefix,
        secrets.token_hex(4),
        services=tuple(params["services"]),
        mesh_name=params["mesh_name"] or "",
        user_name=params["user_name"] or "",
        workshop=_validate_workshop(params["workshop"] or {}),
        release=_validate_release(params["release"] or {}),
        istio_connection=_validate_connection(params.get("istio_connection") or {}),
        cancel_actions=tuple(params["cancel_actions"]),
        end_actions=tuple(params["end_actions"]),
    )
    for word in (options.user_name, *options.cancel_actions, *options.end_actions):
        check_text("user_name, cancel_actions or end_actions", word)
    return options


def find_secrets(params: Params) -> list[str]:
    """Return the secrets in the connection to the cluster, which can be invalid."""
    return find_connection_secrets(params.get("istio_connection"))


def _validate_connection(connection: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the set options, and nothing if only time limits are set, which have defaults."""
    given = {name: value for name, value in connection.items() if value not in (None, "")}
    if not given.keys() - {"connect_timeout", "read_timeout"}:
        return {}
    resolve_cluster_settings(given, {})
    return given


def get_image(template: t.Any) -> str:
    """Return the image of the first container of a Deployment, or an empty text."""
    try:
        image = template["spec"]["template"]["spec"]["containers"][0]["image"]
    except (KeyError, IndexError, TypeError):
        return ""
    return image if isinstance(image, str) else ""


def _validate_workshop(workshop: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    given = _drop_unset("workshop", workshop)
    if given and not 1 <= given["port"] <= 65535:
        raise OptionError("workshop.port must be a number from 1 to 65535")
    return given


def _validate_release(release: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    given = _drop_unset("release", release)
    if not given:
        return given
    if not _NAMESPACE.fullmatch(given["namespace"]):
        raise OptionError("release.namespace must be the name of a Kubernetes namespace")
    template = given["template"]
    pod = template.get("spec", {}).get("template", {}) if isinstance(template.get("spec", {}), dict) else {}
    metadata = template.get("metadata", {}), pod.get("metadata", {}) if isinstance(pod, dict) else {}
    image = get_image(template)
    if not image or not all(isinstance(part, dict) for part in metadata):
        raise OptionError("release.template must be a Deployment with a container, as a mapping")
    if given.get("new_image") == image:
        raise OptionError("release.new_image must differ from the image in release.template")
    return given


def _drop_unset(option: str, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the set suboptions. Raises OptionError for required ones that are blank, and for values that JSON cannot carry."""
    spec = ARGUMENTS.argument_spec[option]["options"]
    blank = [name for name in given if spec[name].get("required") and given[name] in (None, "", {})]
    if blank:
        raise OptionError(f"{option}.{blank[0]} must not be empty")
    try:
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (RecursionError, TypeError, ValueError):
        raise OptionError(f"{option} contains values that JSON cannot carry") from None
    return {name: value for name, value in given.items() if value not in (None, "")}
