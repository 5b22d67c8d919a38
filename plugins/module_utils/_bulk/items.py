# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of ``apply``, and its items: validated options and the resources that they describe."""

from __future__ import annotations

import functools
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    ITEM_WAIT,
    MESH,
    ArgumentSpec,
    check_at_most_one_of,
    check_wait,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.meshes import MeshLookup
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.patterns import compile_patterns
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    HuaweiCloudError,
    OptionError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    find_shape_mistakes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all, join_errors
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import (
    RESOURCE_TYPES,
    ResourceType,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._task import ARGSPEC_ERRORS, validate_params

APPLY = ArgumentSpec(
    argument_spec={
        "mesh_id": {"type": "str"},
        "mesh_name": {"type": "str"},
        **{kind.plural: {"type": "list", "elements": "dict"} for kind in RESOURCE_TYPES},
        "optional_meshes": {"type": "list", "elements": "str"},
        "prune": {"type": "dict"},
        "parallel": {"type": "int", "default": 8},
        "rate_limit": {"type": "float"},
        "on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
        "max_failures": {"type": "int"},
        "timeout": {"type": "float"},
        "audit_log": {"type": "path"},
        "expected_plan_hash": {"type": "str"},
        "detect_unmanaged": {"type": "bool", "default": False},
    }
)

_ITEM_ARGUMENTS = {kind.plural: kind.arguments.merge(ITEM_WAIT) for kind in RESOURCE_TYPES}

CORRECT_ITEMS = "Correct the items, or set on_error to continue."

# The maximum number of errors in a message. The results have all of them.
_MAX_LISTED = 20

# Meshes are created in the first stage and deleted in the last one.
FIRST_STAGE, MIDDLE_STAGE, LAST_STAGE = range(3)

# In requests a second. The pauses of a lower rate exceed the range of clocks.
_MIN_RATE = 0.001


class RequestedItem(t.NamedTuple):
    """One item of the task: its validated options and its desired state, or its error."""

    kind: ResourceType
    label: str
    options: t.Dict[str, t.Any]
    desired: t.Any = None
    error: t.Optional[OptionError] = None
    # Its path in the task, for example workspaces[0].
    path: str = ""


def validate_options(params: Params) -> list[RequestedItem]:
    """Return the items of a task in their order. Raise OptionError for invalid options of the task.

    Invalid items have an error. They fail later, together with items whose desired state cannot be reached.
    """
    requested = [
        _validate_item(kind, index, options, params)
        for kind in RESOURCE_TYPES
        for index, options in enumerate(params[kind.plural] or [])
    ]
    requested = _mark_duplicates(requested)
    try:
        check_settings(params)
    except OptionError as error:
        raise add_item_errors(error, requested) from None
    return requested


def check_settings(params: Params) -> None:
    """Raise OptionError with everything that is invalid in the options of the task itself. Options that are missing are not set."""
    check_all(
        lambda: check_at_most_one_of(params, *MESH.argument_spec),
        lambda: _check_numbers(params),
        *(
            functools.partial(compile_patterns, kind, patterns)
            for kind, patterns in (params.get("prune") or {}).items()
        ),
    )


def add_item_errors(error: HuaweiCloudError, requested: t.Sequence[RequestedItem]) -> HuaweiCloudError:
    """Return one error for ``error`` and all invalid items."""
    mistakes = [str(item.error) for item in requested if item.error]
    if not mistakes:
        return error
    return OptionError("Nothing was sent: " + join_first([str(error), *mistakes]), hint=CORRECT_ITEMS)


def join_first(texts: t.Iterable[str]) -> str:
    listed = list(texts)
    more = len(listed) - _MAX_LISTED
    return "; ".join(text.rstrip(".") for text in listed[:_MAX_LISTED]) + (f"; and {more} more" if more > 0 else "")


def build_item(session: Session, requested: RequestedItem, meshes: MeshLookup) -> Item:
    item = Item(requested.kind.kind_name, requested.label, error=requested.error, path=requested.path)
    if item.error is None:
        try:
            item.wait_policy = _build_wait_policy(session, requested.options)
            _describe_resource(session.with_wait_policy(item.wait_policy), item, requested, meshes)
        except (OptionError, AmbiguousError) as error:
            # An unknown or ambiguous mesh fails this item only. A list that cannot be read fails the task.
            item.error = error
    return item


def _describe_resource(session: Session, item: Item, requested: RequestedItem, meshes: MeshLookup) -> None:
    """Set the resource of an item and its stage: meshes are created before what they contain, and deleted after it."""
    kind, options = requested.kind, requested.options
    if kind.contains_others:
        is_deletion = options["state"] == "absent"
        item.stage = LAST_STAGE if is_deletion else FIRST_STAGE
        ended = meshes.ended(options["name"])
        item.resource = kind.make(session, options, ended, None)
        if is_deletion:
            # After the stages before it, the mesh must really be empty.
            item.make_resource = lambda started: kind.make(session, options, None if started else ended, None)
        return
    item.stage = MIDDLE_STAGE
    mesh = meshes.find(options) if kind.in_mesh else None
    item.resource = kind.make(session, options, requested.desired, mesh)
    if mesh is None:
        return
    meshes.note_item(mesh, item)
    if mesh["id"] is None:
        item.make_resource = lambda started: kind.make(
            session, options, requested.desired, meshes.find(options, must_exist=started)
        )


def _validate_item(kind: ResourceType, index: int, options: t.Any, params: Params) -> RequestedItem:
    given = dict(options) if isinstance(options, dict) else {}
    if kind.in_mesh and not given.get("mesh_id") and not given.get("mesh_name"):
        # If both are set, the error is reported once for the task, and not for each item.
        own = [name for name in ("mesh_id", "mesh_name") if params[name]]
        given.update({name: params[name] for name in own[:1]})
    label = kind.label(given)
    path = f"{kind.plural}[{index}]"
    arguments = _ITEM_ARGUMENTS[kind.plural]
    mistakes = find_shape_mistakes(arguments.argument_spec, given)
    if mistakes:
        message = "; ".join(f"{path} ('{label}').{mistake}" for mistake in mistakes)
        return RequestedItem(kind, label, given, error=OptionError(message), path=path)
    checked, problem = validate_params(arguments, given)
    try:
        if problem:
            raise join_errors([OptionError(problem), *_find_further_errors(kind, checked)])
        desired_states: list[t.Any] = []
        check_all(lambda: check_wait(checked), lambda: desired_states.append(kind.validate_options(checked)))
        # With thousands of items, options that are not set take much memory.
        options = {option: value for option, value in checked.items() if value is not None}
        return RequestedItem(kind, label, options, desired_states[0], path=path)
    except OptionError as error:
        located = error.replace(message=f"{path} ('{label}'): {error.message}")
        return RequestedItem(kind, label, given, error=located, path=path)


def _find_further_errors(kind: ResourceType, options: Params) -> list[OptionError]:
    """Return further errors in options that do not match the argument spec, as far as they can be validated."""
    try:
        kind.validate_options(options)
    except OptionError as error:
        return [error]
    except (KeyError, *ARGSPEC_ERRORS):
        # The argument spec has already reported values with a wrong type.
        return []
    return []


def _mark_duplicates(requested: list[RequestedItem]) -> list[RequestedItem]:
    """Return the items, each with an error if an earlier one has its name."""
    first: dict[tuple[str, ...], RequestedItem] = {}
    result = []
    for item in requested:
        mesh = str(item.options.get("mesh_id") or item.options.get("mesh_name"))
        other = first.setdefault((item.kind.kind_name, mesh, item.label), item)
        duplicate = OptionError(
            f"{item.kind.kind_name} '{item.label}' is listed more than once: {other.path} and {item.path}",
        )
        result.append(item if other is item or item.error else item._replace(error=duplicate))
    return result


def _check_numbers(params: Params) -> None:
    for option, least in (("parallel", 1), ("max_failures", 1)):
        given = params.get(option)
        if given is not None and given < least:
            raise OptionError(f"{option} must be at least {least}, not {given}")
    for option in ("rate_limit", "timeout"):
        given = params.get(option)
        if given is not None and not 0 < given < math.inf:
            raise OptionError(f"{option} must be greater than 0, not {given:g}")
    rate = params.get("rate_limit")
    if rate is not None and rate < _MIN_RATE:
        raise OptionError(f"rate_limit must be at least {_MIN_RATE}, not {rate:g}")


def _build_wait_policy(session: Session, options: Params) -> WaitPolicy:
    """Return the wait policy of one item. Its own options take precedence over those of the task."""
    fields = {"wait": "wait", "timeout": "wait_timeout", "interval": "wait_interval"}
    own = {field: options[option] for field, option in fields.items() if options.get(option) is not None}
    # Thousands of items share the wait policy of the task.
    return session.wait_policy._replace(**own) if own else session.wait_policy
