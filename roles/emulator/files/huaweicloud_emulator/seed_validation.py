# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of seeds: ``python -m huaweicloud_emulator.seed_validation < seed.json``.

Needs the standard library only, so that the role can validate a seed without the libraries of the server. Prints nothing
for a valid seed. For an invalid one, prints the reason to standard error and exits with 1.
"""

from __future__ import annotations

import json
import sys
import typing as t

from huaweicloud_emulator.behaviors import Behaviors

CREDENTIALS = (
    "access_key",
    "secret_key",
    "username",
    "password",
    "domain_name",
    "domain_id",
    "project_id",
    "project_name",
    "region",
    "user_id",
)
# Keys of the resources of each kind, in the order of their creation.
RESOURCE_KEYS: dict[str, tuple[str, ...]] = {
    "projects": ("name", "id"),
    "users": ("name", "id", "password", "denied", "projects", "keys"),
    "keys": ("user", "access_key", "secret_key", "security_token", "lifetime", "expires_at"),
    "agencies": ("name", "domain_name", "domain_id", "trusted_domain_name", "denied", "projects"),
    "meshes": ("name", "id", "phase", "version", "clusters", "spec", "project_id", "project_name"),
    "cluster_tokens": ("token", "user", "denied", "namespaces"),
    "applications": ("name", "namespace", "cluster", "port", "versions", "routes"),
    "cluster_objects": ("cluster", "apiVersion", "kind", "metadata", "spec", "status", "ready"),
    "prometheus_credentials": ("username", "password", "token"),
    "metrics": ("service", "cluster", "requests_per_second", "tester_requests_per_second", "versions"),
    "series": (
        *("query", "query_regex", "cluster", "service", "version", "metric", "window", "value", "labels", "results"),
        *("age", "error", "warnings", "infos"),
    ),
    "workspaces": (
        *("name", "id", "description", "auth_type", "grants", "enterprise_project_id"),
        *("owner", "status", "status_info", "quotas", "project_id", "project_name"),
    ),
    "workshops": ("name", "description", "metadata", "spec", "mesh_id", "mesh_name"),
    "releases": (
        *("name", "namespace", "kind", "apiVersion", "metadata", "spec", "mesh_id", "mesh_name"),
        *("service_name", "phase", "state", "gray"),
    ),
}
# Keys of mappings, and of the elements of lists, in a resource.
NESTED_KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "users": {"keys": ("access_key", "secret_key", "security_token", "expires_at")},
    "workspaces": {"grants": ("user_id", "user_name", "user_type"), "quotas": ("resource", "quota")},
    "series": {
        "results": ("service", "version", "metric", "window", "value", "labels"),
        "error": ("status", "type", "message"),
    },
    "workshops": {"metadata": ("name",), "spec": ("primaryCluster", "ingress")},
    "releases": {
        "metadata": ("name", "namespace", "meshID"),
        "spec": ("serviceName", "clusterID", "deploymentName", "version", "type", "grayDeployments"),
    },
}
# Keys whose values are text. YAML reads digits without quotes as a number, and the services return text.
TEXT_KEYS = frozenset(
    (
        *("name", "id", "description", "region", "project_id", "project_name", "mesh_id", "mesh_name", "namespace"),
        *("user", "user_id", "user_name", "owner", "username", "password", "token", "access_key", "secret_key"),
        *("domain_id", "domain_name", "trusted_domain_name", "enterprise_project_id", "cluster", "service_name"),
        *("version", "phase", "status_info", "clusterID", "meshID", "deploymentName", "serviceName", "primaryCluster"),
    )
)
# Keys whose values are lists of text. The elements can be mappings as well.
TEXT_LIST_KEYS = ("clusters", "projects")
SEED_KEYS = ("behaviors", "credentials", *RESOURCE_KEYS)
BULK_KEYS = ("count", "prefix", "first")


class SeedError(ValueError):
    """The seed is invalid."""


def check_keys(location: str, value: t.Any, known: t.Sequence[str]) -> None:
    """Raise SeedError that lists the ``known`` keys if ``value`` has other keys or is not a mapping."""
    if not isinstance(value, dict):
        raise SeedError(f"{location}: must be a mapping")
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise SeedError(f"{location}: unknown key {', '.join(unknown)} (known: {', '.join(sorted(known))})")


def expand(kind: str, entries: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Yield the resources of a kind: a list of mappings or names, or a mapping with a count and shared fields."""
    if isinstance(entries, list):
        for index, entry in enumerate(entries):
            if not isinstance(entry, (str, dict)):
                raise SeedError(f"{kind}[{index}]: must be a mapping or a name")
            yield {"name": entry} if isinstance(entry, str) else dict(entry)
        return
    if not isinstance(entries, dict) or "count" not in entries:
        raise SeedError(f"{kind}: must be a list or a mapping with a count")
    shared = {name: value for name, value in entries.items() if name not in BULK_KEYS}
    first, prefix = entries.get("first", 1), entries.get("prefix", f"{kind[:-1]}-")
    for index in range(first, first + entries["count"]):
        yield dict(shared, name=f"{prefix}{index:05d}")


def check_texts(location: str, resource: t.Mapping[str, t.Any]) -> None:
    """Raise SeedError that names the first value of ``TEXT_KEYS`` or ``TEXT_LIST_KEYS`` that is not text. Null means not set."""
    for key, value in resource.items():
        if key in TEXT_KEYS and not isinstance(value, (str, type(None))):
            raise SeedError(f"{location}.{key}: must be text, so write the value in quotes")
    for key in TEXT_LIST_KEYS:
        entries = resource.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, (str, dict)):
                raise SeedError(f"{location}.{key}[{index}]: must be text, so write the value in quotes")


def validate(seed: t.Mapping[str, t.Any]) -> None:
    """Raise SeedError if a seed has unknown keys, lists of an invalid type or numbers as text. Other values are checked by the creation."""
    check_keys("seed", seed, SEED_KEYS)
    check_keys("credentials", seed.get("credentials") or {}, CREDENTIALS)
    check_texts("credentials", seed.get("credentials") or {})
    for kind, known in RESOURCE_KEYS.items():
        for index, resource in enumerate(expand(kind, seed.get(kind) or [])):
            check_keys(f"{kind}[{index}]", resource, known)
            check_texts(f"{kind}[{index}]", resource)
            for field, nested in NESTED_KEYS.get(kind, {}).items():
                _check_nested(f"{kind}[{index}].{field}", resource.get(field), nested)


def _check_nested(location: str, value: t.Any, known: t.Sequence[str]) -> None:
    if isinstance(value, dict):
        check_keys(location, value, known)
        check_texts(location, value)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            _check_nested(f"{location}[{index}]", entry, known)


def main() -> int:
    seed = json.load(sys.stdin)
    try:
        validate(seed)
        Behaviors(seed.get("behaviors"))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
