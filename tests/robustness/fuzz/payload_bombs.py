# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates that exhaust time or memory, and large valid ones. ``payload_bombs.py NAME`` runs one under limits of the system.

The limits are far above the needs of a valid template and far below those of an unlimited bomb. A process that exceeds
them ends or raises MemoryError. Otherwise it prints the result of the task as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import typing as t

import yaml

# In addition to the memory that the process needs after all imports.
MEGABYTES = 400
SECONDS = 20

HEAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v2, labels: {app: reviews, version: v2}}
spec:
  replicas: 1
  selector: {matchLabels: {app: reviews, version: v2}}
  template:
    metadata: {labels: {app: reviews, version: v2}}
    spec:
      containers:
"""
CONTAINER = "      - name: reviews\n        image: registry.example.com/reviews:2.0.0\n"


def _nest_lists(levels: int, width: int, opening: str, closing: str, entry: str) -> str:
    """Return levels that each contain the previous one several times."""
    lines = ["a0: &a0 " + opening + ",".join(entry.format(key=key, value="lol") for key in range(width)) + closing]
    for level in range(1, levels):
        inner = ",".join(entry.format(key=key, value=f"*a{level - 1}") for key in range(width))
        lines.append(f"a{level}: &a{level} {opening}{inner}{closing}")
    return "\n".join(lines) + "\n" + HEAD + CONTAINER


def _nest_merges(levels: int, width: int) -> str:
    lines = ["m0: &m0 {k: v}"]
    lines += [
        f"m{level}: &m{level} {{<<: [{', '.join([f'*m{level - 1}'] * width)}], k{level}: v}}"
        for level in range(1, levels)
    ]
    return "\n".join(lines) + "\n" + HEAD + CONTAINER


def _repeat_env(count: int) -> str:
    lines = [f"        - {{name: VARIABLE_{number}, value: value-{number}}}" for number in range(count)]
    return HEAD + CONTAINER + "        env:\n" + "\n".join(lines) + "\n"


def _repeat_containers(count: int) -> str:
    return HEAD + "".join(
        f"      - name: c-{number}\n        image: registry.example.com/reviews:{number}\n" for number in range(count)
    )


# Templates that must be refused.
REFUSED: dict[str, t.Callable[[], t.Any]] = {
    "billion laughs of lists": lambda: _nest_lists(12, 10, "[", "]", "{value}"),
    "billion laughs of mappings": lambda: _nest_lists(12, 10, "{", "}", "k{key}: {value}"),
    "quadratic": lambda: f"x: &x [{','.join(['y'] * 5000)}]\nz: [{','.join(['*x'] * 5000)}]\n" + HEAD + CONTAINER,
    "merge keys": lambda: _nest_merges(12, 10),
    "deep lists": lambda: "x: " + "[" * 200_000,
    "deep mappings": lambda: "x: " + "{a: " * 200_000,
    "brackets that libyaml refuses": lambda: "[" * 500_000,
    "brackets just beyond libyaml's limit": lambda: "x: " + "[" * 1_001,
    "directives without end": lambda: (
        "".join(f"%TAG !a{number}! tag:b{number},\n" for number in range(30_000)) + "---\n" + HEAD
    ),
    "a tag prefix without end": lambda: "%TAG !a! " + "x" * 500_000 + "\n---\n" + "- !a!b c\n" * 40_000,
    "a version without end": lambda: "%YAML 1." + "1" * 900_000 + "\n---\n" + HEAD + CONTAINER,
    "deep blocks": lambda: "\n".join(" " * level + "a:" for level in range(1200)),
    "deep sequences of blocks": lambda: "- " * 200_000,
    "complex keys": lambda: "? " * 200_000,
    "a list that contains itself": lambda: "x: &x [*x]\n" + HEAD + CONTAINER,
    "a mapping that contains itself": lambda: "x: &x {<<: *x}\n" + HEAD + CONTAINER,
    "an alias of nothing": lambda: "x: *nothing\n" + HEAD + CONTAINER,
    "anchors without end": lambda: "\n".join(f"k{number}: &a{number} v" for number in range(60_000)),
    "documents without end": lambda: "---\na: b\n" * 40_000,
    "a number without end": lambda: f"x: {'9' * 900_000}\n" + HEAD + CONTAINER,
    "JSON without end": lambda: '{"a":' * 200_000,
    "JSON with a string that never ends": lambda: '{"' + '\\"' * 500_000,
    "a number of JSON without end": lambda: f'{{"x": {"9" * 900_000}}}',
    "a float without end": lambda: f"x: 1.{'0' * 900_000}\n" + HEAD + CONTAINER,
    "more than a megabyte": lambda: HEAD + CONTAINER + "#" * 1_100_000,
    "a comment of a gigabyte's worth of lines": lambda: "#\n" * 600_000,
    "an object of Python": lambda: "x: !!python/object/apply:os.system [true]\n" + HEAD + CONTAINER,
    "binary data": lambda: "x: !!binary aGVsbG8=\n" + HEAD + CONTAINER,
    "quotes that never end": lambda: 'x: "' + "a\\\n" * 200_000,
    "10,000 variables": lambda: _repeat_env(10_000),
    "a mapping with 60,000 keys": lambda: {f"k{number}": "v" for number in range(60_000)},
    "a mapping 5,000 levels deep": lambda: _build_deep(5_000),
    "a mapping that is shared a million times": lambda: _build_shared(20),
    "10,000 containers of one name": lambda: HEAD + CONTAINER * 10_000,
}
# Large templates that must be accepted.
ACCEPTED: dict[str, t.Callable[[], t.Any]] = {
    # kubectl reads this number as text.
    "a number of base 60": lambda: f"x: {':'.join(['59'] * 300_000)}\n" + HEAD + CONTAINER,
    "10,000 lines": lambda: _repeat_env(9_000) + "# and more\n" * 1_000,
    "anchors that are used": lambda: HEAD + CONTAINER + "        env: [{name: A, value: &v x}, {name: B, value: *v}]\n",
    "3,000 containers": lambda: _repeat_containers(3_000),
    "10,000 lines as a mapping": lambda: yaml.load(_repeat_env(3_300), getattr(yaml, "CSafeLoader", yaml.SafeLoader)),
    "a long line": lambda: HEAD + CONTAINER + f"        args: ['{'x' * 700_000}']\n",
}


def _build_deep(levels: int) -> dict[str, t.Any]:
    value: dict[str, t.Any] = {}
    for _level in range(levels):
        value = {"a": value}
    return value


def _build_shared(levels: int) -> dict[str, t.Any]:
    value: dict[str, t.Any] = {"a": "b"}
    for _level in range(levels):
        value = {"a": value, "b": value}
    return value


def _limit() -> None:
    """Limit memory and time from now on. All imports are done."""
    with open("/proc/self/statm", encoding="ascii") as pages:
        taken = int(pages.read().split()[0]) * resource.getpagesize()
    most = taken + MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + SECONDS, used + SECONDS))


def main(name: str) -> int:
    # The tests import this module only for the names, so import late.
    import jsonschema  # noqa: F401
    import requests  # noqa: F401
    from ansible_collections.community.huaweicloud.plugins.modules import apply, asm_release
    from simulated_cloud import Cloud
    from task_scenarios import release
    from wire import ENVIRONMENT, Wire, run_in_process

    template = {**REFUSED, **ACCEPTED}[name]()
    options = {
        **release()["community.huaweicloud.asm_release"],
        "mesh_name": "shop",
        "cluster_id": "c-1",
        "gray_deployments": [{"template": template}],
    }
    desired = {key: value for key, value in options.items() if key != "mesh_name"}
    _limit()
    results = []
    for task, given in ((asm_release.TASK, options), (apply.TASK, {"mesh_name": "shop", "releases": [desired]})):
        wire = Wire(Cloud())
        task_result = run_in_process(task, given, wire, ENVIRONMENT).task_result
        results.append(
            {
                "failed": task_result.failed,
                "changed": task_result.changed,
                "msg": task_result.msg[:600],
                "crash": task_result.crash[-1500:],
                "calls": len(wire.calls),
            }
        )
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
