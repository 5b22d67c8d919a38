# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison: what is as wished is no difference, however it is written, and what is not is one."""

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
from real_deployments import EXACT, REAL, Object, deployments, injected, number_of, numbers, served, spellings

# Lists whose elements have a name of their own, so that their order says nothing.
KEYED = set("containers volumes env ports volumeMounts imagePullSecrets hostAliases".split())
POD = ("spec", "template", "spec")

JSON_KEYS = st.one_of(st.sampled_from([*sorted(KEYED), *POD, "name"]), st.text(max_size=5))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(JSON_KEYS, inner)),
    max_leaves=25,
)


def places(value: t.Any, place: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[tuple[t.Any, ...], t.Any]]:
    """Everything in plain data, whole and parts, with the way to it."""
    for key, entry in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*place, key), entry
        yield from places(entry, (*place, key))


def dig(value: t.Any, place: t.Iterable[t.Any]) -> t.Any:
    for key in place:
        value = value[key]
    return value


def replaced(template: Object, place: tuple[t.Any, ...], value: t.Any) -> Object:
    copied = copy.deepcopy(template)
    dig(copied, place[:-1])[place[-1]] = value
    return copied


def other(value: t.Any) -> t.Any:
    """A value of the same kind that means something else."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value}x"


def test_the_samples_are_all_here() -> None:
    assert len(REAL) == 17
    assert {"reviews-v2", "reviews-v3", "cartservice", "redis-cart", "frontend"} <= set(REAL)


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_real_deployment_is_as_wished_when_it_was_created(name: str, tally: t.Any) -> None:
    desired = copy.deepcopy(REAL[name])
    found = [find_differences(desired, actual) for actual in (desired, served(desired), injected(served(desired)))]
    tally.add("real Deployments", 1, int(found == [[], [], []]))
    assert found == [[], [], []]
    assert desired == REAL[name]


@holds(value=st.dictionaries(st.text(max_size=5), JSON))
def test_reflexive_for_whatever_is_plain_data(value: Object) -> None:
    assert find_differences(value, copy.deepcopy(value)) == []


@holds(desired=deployments())
def test_reflexive_for_deployments(desired: Object) -> None:
    assert find_differences(desired, copy.deepcopy(desired)) == []


@holds(desired=deployments())
def test_defaults_of_the_server_are_no_difference(desired: Object) -> None:
    before = copy.deepcopy(desired)
    assert find_differences(desired, served(desired)) == []
    assert find_differences(desired, injected(served(desired))) == []
    assert desired == before


@holds(desired=deployments())
def test_what_a_server_answered_can_be_the_wish(desired: Object) -> None:
    """An export, with all that the server wrote, is as wished where it came from, and what an update sends of it too."""
    actual = served(desired)
    later = copy.deepcopy(actual)
    later["metadata"].update(resourceVersion="4712", generation=7, managedFields=[])
    later["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "7"
    later["status"] = {"replicas": 3}
    assert find_differences(actual, later) == []
    assert find_differences(normalize_deployment(actual), later) == []


@holds(desired=deployments(), seed=st.integers(0, 2**16))
def test_order_does_not_count_where_elements_have_names(desired: Object, seed: int) -> None:
    shuffled, chance = copy.deepcopy(desired), random.Random(seed)
    for place, value in places(shuffled):
        if place[-1] in KEYED and isinstance(value, list):
            chance.shuffle(value)
    assert find_differences(shuffled, served(desired)) == []
    assert find_differences(desired, served(shuffled)) == []


@holds(desired=deployments(), seed=st.integers(0, 2**16))
def test_order_of_keys_does_not_count(desired: Object, seed: int) -> None:
    chance = random.Random(seed)

    def turned(value: t.Any) -> t.Any:
        if isinstance(value, dict):
            pairs = list(value.items())
            chance.shuffle(pairs)
            return {key: turned(entry) for key, entry in pairs}
        return [turned(entry) for entry in value] if isinstance(value, list) else value

    assert find_differences(turned(desired), turned(served(desired))) == []


@holds(
    desired=deployments(),
    words=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4),
    seed=st.integers(0, 2**16),
)
def test_order_counts_in_a_command_line(desired: Object, words: list[str], seed: int) -> None:
    turned = list(words)
    random.Random(seed).shuffle(turned)
    container = {**desired["spec"]["template"]["spec"]["containers"][0], "command": words}
    first = replaced(desired, (*POD, "containers"), [container])
    second = replaced(desired, (*POD, "containers"), [{**container, "command": turned}])
    assert (find_differences(first, served(second)) == []) == (words == turned)


@holds(desired=deployments(), number=st.integers(0, 10**6))
def test_every_changed_value_is_seen(desired: Object, number: int) -> None:
    """Whatever single value is another, that is a difference, and where it is the image of a container it is said to be that."""
    leaves = [
        (place, value) for place, value in places(desired) if not isinstance(value, (dict, list)) and value is not None
    ]
    # Names of the server's own annotations, and texts that a change does not make another one, are none of these.
    place, value = leaves[number % len(leaves)]
    found = find_differences(replaced(desired, place, other(value)), served(desired))
    # Another text may be the same quantity.
    assume(not ("resources" in place and place[-2] in ("limits", "requests") or place[-1] in ("divisor", "sizeLimit")))
    assert found, (place, value)
    assert has_only_image_changes(found) == (place[-1] == "image" and len(place) == 6)


@holds(desired=deployments(), number=st.integers(0, 10**6))
def test_every_missing_element_is_seen(desired: Object, number: int) -> None:
    elements = [place for place, value in places(desired) if isinstance(place[-1], int)]
    place = elements[number % len(elements)]
    shorter = copy.deepcopy(desired)
    del dig(shorter, place[:-1])[place[-1]]
    assert find_differences(desired, served(shorter)), place
    assert find_differences(shorter, served(desired)), place


@holds(
    wishes=st.lists(deployments(), min_size=1, max_size=4, unique_by=lambda one: one["metadata"]["name"]),
    seed=st.integers(0, 2**16),
)
def test_several_deployments_in_any_order(wishes: list[Object], seed: int) -> None:
    wanted = [{"cluster_id": f"c-{index % 2}", "template": desired} for index, desired in enumerate(wishes)]
    present = [dict(item, template=served(item["template"])) for item in wanted]
    random.Random(seed).shuffle(present)
    assert compare_gray_deployments(wanted, present) == []
    # One that is missing, or one too many, is a difference of its own.
    assert len(compare_gray_deployments(wanted, present[1:])) >= 1
    assert len(compare_gray_deployments(wanted[1:], present)) >= 1


# -- quantities


def limited(value: t.Any) -> Object:
    return {"spec": {"template": {"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": value}}}]}}}}


@holds(
    weight=4,
    pair=numbers().flatmap(
        lambda number: st.tuples(st.sampled_from(spellings(number)), st.sampled_from(spellings(number)))
    ),
)
def test_spelling_of_quantities_does_not_count(pair: tuple[t.Any, t.Any]) -> None:
    one, another = pair
    assert find_differences(limited(one), limited(another)) == []
    assert parse_quantity(one) == parse_quantity(another)


@holds(weight=4, first=numbers(), second=numbers(), choose=st.integers(0, 100))
def test_another_number_is_another_quantity(first: t.Any, second: t.Any, choose: int) -> None:
    one, another = spellings(first), spellings(second)
    found = find_differences(limited(one[choose % len(one)]), limited(another[choose % len(another)]))
    assert (found == []) == (first == second)


@holds(
    weight=4,
    mantissa=st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False, allow_infinity=False),
    suffix=st.sampled_from(["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]),
)
def test_a_quantity_is_worth_what_kubernetes_says(mantissa: t.Any, suffix: str) -> None:
    text = f"{mantissa:f}{suffix}"
    numerator, denominator = EXACT.create_decimal(number_of(text)).as_integer_ratio()
    value = parse_quantity(text)
    assert value is not None and (value.numerator, value.denominator) == (numerator, denominator)


@holds(
    value=st.one_of(
        st.text(max_size=12), st.booleans(), st.none(), st.lists(st.integers(), max_size=2), st.floats(), st.integers()
    )
)
def test_what_is_no_quantity_is_none(value: t.Any) -> None:
    """Nothing makes it raise, and what it takes for a number is one by the grammar."""
    found = parse_quantity(value)
    if isinstance(value, (bool, list)) or value is None or value in ("", "Ki", "+", ".", "1 Ki", float("inf")):
        assert found is None
    elif isinstance(value, int) and abs(value) < 10**18:
        assert found == value


# -- grants

USERS = st.sampled_from(["alice", "bob", "carol", "dave"])
IDS = {"alice": "u-1", "bob": "u-2", "carol": "u-3", "dave": "u-4"}


def grants(least: int = 0) -> st.SearchStrategy[list[dict[str, t.Any]]]:
    """Users, each once, each by id, by name or by both, and with a type or without."""
    one = st.tuples(USERS, st.sampled_from(["id", "name", "both"]), st.sampled_from([None, "IAM", "iam"]))
    return st.lists(one, min_size=least, unique_by=lambda grant: grant[0]).map(
        lambda found: [_grant(*grant) for grant in found]
    )


def _grant(user: str, way: str, kind: str | None) -> dict[str, t.Any]:
    keys = {
        "user_id": IDS[user] if way != "name" else None,
        "user_name": user if way != "id" else None,
        "user_type": kind,
    }
    return {key: value for key, value in keys.items() if value is not None}


def full(found: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """As the service answers: whichever of id and name was not given is filled in."""
    names = {uid: name for name, uid in IDS.items()}
    users = [grant.get("user_name") or names[grant["user_id"]] for grant in found]
    return [{"user_id": IDS[user], "user_name": user, "user_type": "IAM"} for user in users]


@holds(desired=grants(), seed=st.integers(0, 2**16))
def test_grants_are_a_set(desired: list[dict[str, t.Any]], seed: int) -> None:
    actual = full(desired)
    random.Random(seed).shuffle(actual)
    assert _grants.is_equal(desired, actual) and _grants.is_equal(actual, desired)
    assert _grants.to_diff(actual) == _grants.to_diff(full(desired))


@holds(desired=grants(), actual=grants(), purge=st.booleans())
def test_granting_again_changes_nothing(
    desired: list[dict[str, t.Any]], actual: list[dict[str, t.Any]], purge: bool
) -> None:
    present = full(actual)
    after = _grants.merge(desired, present, purge)
    assert _grants.is_equal(after, full(after))
    again = _grants.merge(desired, full(after), purge)
    assert _grants.is_equal(after, again)
    wanted = {one["user_name"] for one in full(desired)} | (set() if purge else {one["user_name"] for one in present})
    assert {one["user_name"] for one in full(after)} == wanted
