# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Lists of a Deployment whose order has a meaning for Kubernetes.

===============================  ===========  ==================================================================
list                             order        reason
===============================  ===========  ==================================================================
initContainers                   counts       They run one after the other.
env                              sometimes    ``$(NAME)`` is replaced only if NAME comes earlier in the list.
envFrom                          counts       Of equal names, the last one wins.
command, args                    counts       They are a command line.
dnsConfig.nameservers, searches  counts       The resolver tries them in this order.
hostAliases                      sometimes    The first line of the hosts file with a host name is preferred.
hostAliases[].hostnames          counts       The first one is the canonical name.
projected.sources                sometimes    Of equal paths, the last one wins. Paths are only unknown if a source
                                              takes all keys of a ConfigMap or Secret.
items of a volume                never        The API server refuses equal paths.
httpHeaders                      counts       A header may be sent more than once.
containers                       never        Kubernetes does not promise an order of their start.
ephemeralContainers              never        As for containers.
volumes, volumeMounts,           never        They have names or paths. The runtime sorts mounts by path.
volumeDevices
ports                            never        They have numbers.
imagePullSecrets                 never        All of them are tried.
tolerations                      never        Any of them is enough.
topologySpreadConstraints,       never        All of them must be met.
matchExpressions, matchFields,
required rules of affinity
nodeSelectorTerms, values        never        Any of them is enough.
preferred rules of affinity      never        Their weights are added.
capabilities, groups, sysctls,   never        They are sets.
gates, claims, DNS options
===============================  ===========  ==================================================================

The order of a list that is not here counts.
"""

from __future__ import annotations

import re
import typing as t

_Item = dict[str, t.Any]

# Lists whose order has no meaning and whose elements have no merge keys. Two ports may share a key.
UNORDERED = frozenset(
    (
        "accessModes",
        "add",
        "drop",
        "items",
        "matchExpressions",
        "matchFields",
        "matchLabelKeys",
        "mismatchLabelKeys",
        "namespaces",
        "nodeSelectorTerms",
        "options",
        "ports",
        "preferredDuringSchedulingIgnoredDuringExecution",
        "readinessGates",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "supplementalGroups",
        "sysctls",
        "tolerations",
        "values",
    )
)
# A reference to a variable, or an escaped dollar sign, which is not a reference.
_REFERENCE = re.compile(r"\$\$|\$\(([^)]*)\)")
_Key = tuple[str, ...]


def is_unordered(name: str, elements: t.Sequence[t.Any]) -> bool:
    """Return whether the order of the list ``name`` has no meaning. Its elements have no merge keys."""
    return name in UNORDERED or (name == "sources" and not any(map(_takes_all_keys, elements)))


def find_reordered(name: str, desired: t.Mapping[_Key, _Item], actual: t.Mapping[_Key, _Item]) -> list[_Key]:
    """Return the keys of elements of the list ``name`` whose order differs and has a meaning, in the desired order.

    Elements that only one side has are ignored.
    """
    common = [key for key in desired if key in actual]
    before = [key for key in actual if key in desired]
    if name == "initContainers":
        return common if common != before else []
    new, old = ({key: position for position, key in enumerate(keys)} for keys in (common, before))
    reordered: set[_Key] = set()
    for first, second in _find_dependent_pairs(name, {key: desired[key] for key in common}):
        if (new[first] < new[second]) != (old[first] < old[second]):
            reordered.update((first, second))
    return [key for key in common if key in reordered]


def _find_dependent_pairs(name: str, elements: t.Mapping[_Key, _Item]) -> t.Iterator[tuple[_Key, _Key]]:
    """Yield pairs of elements whose relative order has a meaning."""
    if name == "env":
        for key, variable in elements.items():
            names = {(reference,) for reference in _REFERENCE.findall(str(variable.get("value") or ""))}
            yield from ((other, key) for other in names if other in elements and other != key)
    elif name == "hostAliases":
        last: dict[str, _Key] = {}
        for key, alias in elements.items():
            for host in _filter_text(alias.get("hostnames")):
                if last.get(host, key) != key:
                    yield last[host], key
                last[host] = key


def _filter_text(value: t.Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _takes_all_keys(source: t.Any) -> bool:
    """Return whether the paths of a source of a projected volume depend on the keys of a ConfigMap or Secret."""
    if not isinstance(source, dict):
        return True
    objects = [source[kind] for kind in ("configMap", "secret") if source.get(kind) is not None]
    return any(not (isinstance(one, dict) and one.get("items")) for one in objects)
