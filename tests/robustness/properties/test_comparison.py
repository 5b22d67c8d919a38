# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of the comparison: equal Deployments have no differences in any notation, and others have some."""

from __future__ import annotations

import copy
import random
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import (
    compare_gray_deployments,
    find_differences,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import has_only_image_changes
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import parse_quantity
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import (
    normalize_deployment,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import grants as _grants
from hypothesis import assume
from hypothesis import strategies as st
from propositions import holds
from real_deployments import (
    EXACT,
    REAL,
    Object,
    add_server_defaults,
    deployments,
    format_variants,
    inject_sidecar,
    numbers,
    parse_number,
)

# Lists whose elements have names, so that their order has no meaning.
KEYED = set("containers volumes env ports volumeMounts imagePullSecrets hostAliases".split())
POD = ("spec", "template", "spec")

JSON_KEYS = st.one_of(st.sampled_from([*sorted(KEYED), *POD, "name"]), st.text(max_size=5))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(JSON_KEYS, inner)),
    max_leaves=25,
)


def iterate_values(value: t.Any, keys: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[tuple[t.Any, ...], t.Any]]:
    """Yield keys and value of each value in plain data."""
    for key, entry in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*keys, key), entry
        yield from iterate_values(entry, (*keys, key))


def get_value(value: t.Any, keys: t.Iterable[t.Any]) -> t.Any:
    for key in keys:
        value = value[key]
    return value


def replace_value(template: Object, keys: tuple[t.Any, ...], value: t.Any) -> Object:
    copied = copy.deepcopy(template)
    get_value(copied, keys[:-1])[keys[-1]] = value
    return copied


def make_other_value(value: t.Any) -> t.Any:
    """Return a value of the same type with another meaning."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value}x"


def test_samples_are_complete() -> None:
    assert len(REAL) == 17
    assert {"reviews-v2", "reviews-v3", "cartservice", "redis-cart", "frontend"} <= set(REAL)


@pytest.mark.parametrize("name", sorted(REAL))
def test_created_real_deployment_has_no_differences(name: str, tally: t.Any) -> None:
    desired = copy.deepcopy(REAL[name])
    found = [
        find_differences(desired, actual)
        for actual in (desired, add_server_defaults(desired), inject_sidecar(add_server_defaults(desired)))
    ]
    tally.add("real Deployments", 1, int(found == [[], [], []]))
    assert found == [[], [], []]
    assert desired == REAL[name]


@holds(value=st.dictionaries(st.text(max_size=5), JSON))
def test_plain_data_equals_itself(value: Object) -> None:
    assert find_differences(value, copy.deepcopy(value)) == []


@holds(desired=deployments())
def test_deployment_equals_itself(desired: Object) -> None:
    assert find_differences(desired, copy.deepcopy(desired)) == []


@holds(desired=deployments())
def test_server_defaults_are_ignored(desired: Object) -> None:
    before = copy.deepcopy(desired)
    assert find_differences(desired, add_server_defaults(desired)) == []
    assert find_differences(desired, inject_sidecar(add_server_defaults(desired))) == []
    assert desired == before


@holds(desired=deployments())
def test_export_as_template_has_no_differences(desired: Object) -> None:
    """Neither an export nor the body of an update differs from the Deployment that it comes from."""
    actual = add_server_defaults(desired)
    later = copy.deepcopy(actual)
    later["metadata"].update(resourceVersion="4712", generation=7, managedFields=[])
    later["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "7"
    later["status"] = {"replicas": 3}
    assert find_differences(actual, later) == []
    assert find_differences(normalize_deployment(actual), later) == []


@holds(desired=deployments(), seed=st.integers(0, 2**16))
def test_order_of_named_elements_is_ignored(desired: Object, seed: int) -> None:
    shuffled, chance = copy.deepcopy(desired), random.Random(seed)
    for keys, value in iterate_values(shuffled):
        if keys[-1] in KEYED and isinstance(value, list):
            chance.shuffle(value)
    assert find_differences(shuffled, add_server_defaults(desired)) == []
    assert find_differences(desired, add_server_defaults(shuffled)) == []


@holds(desired=deployments(), seed=st.integers(0, 2**16))
def test_order_of_keys_is_ignored(desired: Object, seed: int) -> None:
    chance = random.Random(seed)

    def reverse_mappings(value: t.Any) -> t.Any:
        if isinstance(value, dict):
            pairs = list(value.items())
            chance.shuffle(pairs)
            return {key: reverse_mappings(entry) for key, entry in pairs}
        return [reverse_mappings(entry) for entry in value] if isinstance(value, list) else value

    assert find_differences(reverse_mappings(desired), reverse_mappings(add_server_defaults(desired))) == []


@holds(
    desired=deployments(),
    words=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4),
    seed=st.integers(0, 2**16),
)
def test_order_of_command_line_is_compared(desired: Object, words: list[str], seed: int) -> None:
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    container = {**desired["spec"]["template"]["spec"]["containers"][0], "command": words}
    first = replace_value(desired, (*POD, "containers"), [container])
    second = replace_value(desired, (*POD, "containers"), [{**container, "command": shuffled}])
    assert (find_differences(first, add_server_defaults(second)) == []) == (words == shuffled)


@holds(desired=deployments(), number=st.integers(0, 10**6))
def test_each_changed_value_is_a_difference(desired: Object, number: int) -> None:
    """A changed value is a difference, and only the image of a container is an image difference."""
    leaves = [
        (keys, value)
        for keys, value in iterate_values(desired)
        if not isinstance(value, (dict, list)) and value is not None
    ]
    # Skip names of the server's annotations, and text that a change does not alter.
    keys, value = leaves[number % len(leaves)]
    found = find_differences(replace_value(desired, keys, make_other_value(value)), add_server_defaults(desired))
    # Different text may be the same quantity.
    assume(not ("resources" in keys and keys[-2] in ("limits", "requests") or keys[-1] in ("divisor", "sizeLimit")))
    assert found, (keys, value)
    assert has_only_image_changes(found) == (keys[-1] == "image" and len(keys) == 6)


@holds(desired=deployments(), number=st.integers(0, 10**6))
def test_each_missing_element_is_a_difference(desired: Object, number: int) -> None:
    elements = [keys for keys, value in iterate_values(desired) if isinstance(keys[-1], int)]
    keys = elements[number % len(elements)]
    shorter = copy.deepcopy(desired)
    del get_value(shorter, keys[:-1])[keys[-1]]
    assert find_differences(desired, add_server_defaults(shorter)), keys
    assert find_differences(shorter, add_server_defaults(desired)), keys


@holds(
    desired_items=st.lists(deployments(), min_size=1, max_size=4, unique_by=lambda one: one["metadata"]["name"]),
    seed=st.integers(0, 2**16),
)
def test_order_of_deployments_is_ignored(desired_items: list[Object], seed: int) -> None:
    expected = [{"cluster_id": f"c-{index % 2}", "template": desired} for index, desired in enumerate(desired_items)]
    present = [dict(item, template=add_server_defaults(item["template"])) for item in expected]
    random.Random(seed).shuffle(present)
    assert compare_gray_deployments(expected, present) == []
    # A missing or additional Deployment is one difference.
    assert len(compare_gray_deployments(expected, present[1:])) >= 1
    assert len(compare_gray_deployments(expected[1:], present)) >= 1


# -- quantities


def build_limits(value: t.Any) -> Object:
    return {"spec": {"template": {"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": value}}}]}}}}


@holds(
    weight=4,
    pair=numbers().flatmap(
        lambda number: st.tuples(st.sampled_from(format_variants(number)), st.sampled_from(format_variants(number)))
    ),
)
def test_notation_of_quantities_is_ignored(pair: tuple[t.Any, t.Any]) -> None:
    one, another = pair
    assert find_differences(build_limits(one), build_limits(another)) == []
    assert parse_quantity(one) == parse_quantity(another)


@holds(weight=4, first=numbers(), second=numbers(), choose=st.integers(0, 100))
def test_other_number_is_another_quantity(first: t.Any, second: t.Any, choose: int) -> None:
    one, another = format_variants(first), format_variants(second)
    found = find_differences(build_limits(one[choose % len(one)]), build_limits(another[choose % len(another)]))
    assert (found == []) == (first == second)


@holds(
    weight=4,
    mantissa=st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False, allow_infinity=False),
    suffix=st.sampled_from(["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]),
)
def test_quantity_has_value_of_kubernetes(mantissa: t.Any, suffix: str) -> None:
    text = f"{mantissa:f}{suffix}"
    numerator, denominator = EXACT.create_decimal(parse_number(text)).as_integer_ratio()
    value = parse_quantity(text)
    assert value is not None and (value.numerator, value.denominator) == (numerator, denominator)


@holds(
    value=st.one_of(
        st.text(max_size=12), st.booleans(), st.none(), st.lists(st.integers(), max_size=2), st.floats(), st.integers()
    )
)
def test_other_values_are_not_quantities(value: t.Any) -> None:
    """No value raises an exception, and only valid quantities are numbers."""
    found = parse_quantity(value)
    if isinstance(value, (bool, list)) or value is None or value in ("", "Ki", "+", ".", "1 Ki", float("inf")):
        assert found is None
    elif isinstance(value, int) and abs(value) < 10**18:
        assert found == value


# -- grants

USERS = st.sampled_from(["alice", "bob", "carol", "dave"])
IDS = {"alice": "u-1", "bob": "u-2", "carol": "u-3", "dave": "u-4"}


def grants(least: int = 0) -> st.SearchStrategy[list[dict[str, t.Any]]]:
    """Draw unique users, by ID, name or both, with or without a type."""
    one = st.tuples(USERS, st.sampled_from(["id", "name", "both"]), st.sampled_from([None, "IAM", "iam"]))
    return st.lists(one, min_size=least, unique_by=lambda grant: grant[0]).map(
        lambda found: [_grant(*grant) for grant in found]
    )


def _grant(user: str, mode: str, kind: str | None) -> dict[str, t.Any]:
    keys = {
        "user_id": IDS[user] if mode != "name" else None,
        "user_name": user if mode != "id" else None,
        "user_type": kind,
    }
    return {key: value for key, value in keys.items() if value is not None}


def complete_users(found: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return grants as the service does, with ID and name."""
    names = {uid: name for name, uid in IDS.items()}
    users = [grant.get("user_name") or names[grant["user_id"]] for grant in found]
    return [{"user_id": IDS[user], "user_name": user, "user_type": "IAM"} for user in users]


@holds(desired=grants(), seed=st.integers(0, 2**16))
def test_grants_are_a_set(desired: list[dict[str, t.Any]], seed: int) -> None:
    actual = complete_users(desired)
    random.Random(seed).shuffle(actual)
    for one, other in ((desired, actual), (actual, desired)):
        assert _grants.is_equal(one, other)
    assert _grants.to_diff(actual) == _grants.to_diff(complete_users(desired))


@holds(desired=grants(), actual=grants(), purge=st.booleans())
def test_granting_again_changes_nothing(
    desired: list[dict[str, t.Any]], actual: list[dict[str, t.Any]], purge: bool
) -> None:
    present = complete_users(actual)
    after = _grants.merge(desired, present, purge)
    assert _grants.is_equal(after, complete_users(after))
    again = _grants.merge(desired, complete_users(after), purge)
    assert _grants.is_equal(after, again)
    expected = {one["user_name"] for one in complete_users(desired)} | (
        set() if purge else {one["user_name"] for one in present}
    )
    assert {one["user_name"] for one in complete_users(after)} == expected
