# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import PLAN, compute_checksum
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan_diff import find_plan_changes
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest

TARGET = {
    "project_id": "p-1",
    "region": "eu-de",
    "asm_endpoint": "https://asm",
    "modelarts_endpoint": None,
    "auth_url": "https://iam",
}
TARGET["meshes"] = [{"id": "m-1", "name": "shop"}]


def observed(name="team", kind="workspace", **more):
    base = {"kind": kind, "name": name, "mesh": None, "state": "unchanged", "action": None, "fields": [], "msg": None}
    return {
        **base,
        "desired": {"name": name},
        "actual": {"id": "1", "name": name},
        "redacted_digest": {"desired": None, "actual": None},
        **more,
    }


def plan(*resources, **document):
    made = {
        "format": PLAN,
        "desired_state": {"path": "site.yml", **document},
        "target": document.pop("target", TARGET),
        "resources": list(resources),
    }
    return sealed(made)


def hash_content(made):
    """Return a hash as apply would: of everything except for the path of the file and what only explains the plan."""
    settings = {key: value for key, value in made["desired_state"].items() if key != "path"}
    return compute_digest([settings, made["target"], sorted(map(json.dumps, made["resources"]))])


def sealed(made):
    hashed = {**made, "hash": hash_content(made)}
    return {**hashed, "checksum": compute_checksum(hashed)}


def moves(then, now):
    return find_plan_changes(plan(then), plan(now))


def test_same_plan_has_no_changes():
    made = plan(observed(), observed("other"), mesh_name="shop")
    assert find_plan_changes(json.loads(json.dumps(made)), made) == []
    assert (
        find_plan_changes(
            sealed(dict(made, generated_at="then")),
            plan(observed(), observed("other"), mesh_name="shop", path="elsewhere"),
        )
        == []
    )


@pytest.mark.parametrize("broken", [None, "", "x", [], {}, {"format": "x"}])
def test_other_files_are_refused(broken):
    assert find_plan_changes(broken, plan()) == ["this is not a plan file of this collection"]


def test_incomplete_plan_is_damaged():
    made = plan(observed())
    for key in ("target", "hash", "checksum", "resources"):
        assert find_plan_changes({name: value for name, value in made.items() if name != key}, made) == [
            "the plan file is damaged"
        ]
    assert find_plan_changes({"format": PLAN, "hash": "x"}, plan()) == ["the plan file is damaged"]
    assert find_plan_changes({"format": PLAN, "hash": "x", "desired_state": {}, "resources": [1]}, plan()) == [
        "the plan file is damaged"
    ]


def seen_by_people(made, **changed):
    return {**made, "resources": [{**made["resources"][0], **changed}]}


@pytest.mark.parametrize(
    "change",
    [
        lambda made: seen_by_people(made, state="update"),
        lambda made: seen_by_people(made, action="delete"),
        lambda made: seen_by_people(
            made, differences=[{"field": "description", "actual": 1, "desired": 2, "changeable": True}]
        ),
        lambda made: seen_by_people(made, comment="added"),
        lambda made: {**made, "generated_at": "later"},
        lambda made: {**made, "comment": "added"},
        lambda made: {**made, "has_changes": False},
        lambda made: {**made, "counts": {"delete": 1}},
        lambda made: {**made, "desired_state": {**made["desired_state"], "path": "other.yml"}},
        lambda made: {**made, "target": {**made["target"], "project_id": "p-2"}},
        lambda made: {**made, "hash": "sha256:0"},
    ],
)
def test_edited_plan_is_refused(change):
    made = plan(observed())
    assert find_plan_changes(change(made), made) == ["the plan file was edited after it was created"]
    # Only in how it is written down.
    assert find_plan_changes(json.loads(json.dumps(made, sort_keys=True, indent=7)), made) == []


def test_plan_with_forged_hash_is_refused():
    """Its checksum was computed again."""
    made = plan(observed())
    forged = {**made, "hash": "sha256:0"}
    forged["checksum"] = compute_checksum(forged)
    assert find_plan_changes(forged, made) == ["the plan was created by another version of the collection"]


def test_approved_hash_must_match():
    made, now = plan(observed()), plan(observed(actual=None))
    assert find_plan_changes("", made, made["hash"]) == []
    assert find_plan_changes("", now, made["hash"]) == [
        f"the hash of the plan was {made['hash']} and is now {now['hash']} (project p-1, region eu-de)"
    ]
    assert find_plan_changes(made, made, made["hash"]) == []
    assert find_plan_changes(made, made, "sha256:0") == ["the plan file is not the plan with the hash sha256:0"]
    # What has moved says more than two hashes.
    assert find_plan_changes(made, now, made["hash"]) == ["workspace 'team': it existed (id 1) and no longer exists"]


@pytest.mark.parametrize(
    "then, now, line",
    [
        ({"actual": None}, {}, "workspace 'team': it did not exist and exists now (id 1)"),
        ({"actual": None}, {"actual": {"name": "team"}}, "workspace 'team': it did not exist and exists now"),
        (
            {"actual": {"a": [{"name": "x", "b": 1}]}},
            {"actual": {"a": [{"name": "x", "b": 2}]}},
            "workspace 'team': a[x].b was 1, is 2",
        ),
        ({"actual": {"a": [1]}}, {"actual": {"a": [1, 2]}}, "workspace 'team': a[1] was not set, is 2"),
        (
            {"actual": {"a": [{"name": "x"}, {"name": "x"}]}},
            {"actual": {"a": [{"name": "x"}, {}]}},
            "workspace 'team': a[1] was not set, is {}",
        ),
        (
            {"desired": {"d": "old"}},
            {"desired": {"d": "new"}},
            "desired-state file: workspace 'team': d was 'old', is 'new'",
        ),
        ({"desired": {"d": "old"}}, {"desired": {}}, "desired-state file: workspace 'team': d was 'old', is not set"),
        (
            {"redacted_digest": {"desired": "1", "actual": None}},
            {},
            "desired-state file: workspace 'team': redacted values have changed",
        ),
        (
            {"redacted_digest": {"desired": None, "actual": "1"}},
            {},
            "workspace 'team': redacted values have changed",
        ),
        (
            {"state": "create", "fields": ["a"]},
            {"state": "invalid", "msg": "Taken."},
            "workspace 'team': the plan was create (a) and is now invalid (Taken.)",
        ),
        ({"state": "update"}, {"state": "unchanged"}, "workspace 'team': the plan was update and is now unchanged"),
    ],
)
def test_change_of_a_resource_is_described(then, now, line):
    found = moves(observed(**then), observed(**now))
    # Of two removed paths the one above tells enough.
    assert line in found and all(other.startswith(line.split(": ")[0]) for other in found)


def test_added_and_removed_items_are_described():
    assert find_plan_changes(plan(observed("a"), observed("b")), plan(observed("b"), observed("c"))) == [
        "desired-state file: workspace 'a' was removed",
        "desired-state file: workspace 'c' was added",
    ]


def test_resources_with_the_same_name_are_matched_by_mesh():
    one, other = observed(mesh="m-1", kind="workshop"), observed(mesh="m-2", kind="workshop")
    moved = copy.deepcopy(other)
    moved["actual"]["id"] = "2"
    assert find_plan_changes(plan(one, other), plan(one, moved)) == ["workshop 'team': id was '1', is '2'"]
    assert find_plan_changes(plan(one, one), plan(one)) == ["desired-state file: workshop 'team' was removed"]


def test_changed_settings_of_the_file_are_described():
    assert find_plan_changes(plan(mesh_name="a"), plan(mesh_name="b")) == [
        "desired-state file: mesh_name was 'a', is 'b'"
    ]
    assert find_plan_changes(plan(services={"x": {"port": 1}}), plan(services={"x": {"port": 2}})) == [
        "desired-state file: services.x.port was 1, is 2"
    ]


@pytest.mark.parametrize(
    "changed, lines",
    [
        ({"project_id": "p-2"}, ["target: project_id was 'p-1', is 'p-2'"]),
        (
            {"project_id": None, "region": "eu-nl"},
            ["target: project_id was 'p-1', is not set", "target: region was 'eu-de', is 'eu-nl'"],
        ),
        ({"asm_endpoint": "https://b"}, ["target: asm_endpoint was 'https://asm', is 'https://b'"]),
        ({"modelarts_endpoint": "https://b"}, ["target: modelarts_endpoint was not set, is 'https://b'"]),
        ({"auth_url": "https://b"}, ["target: auth_url was 'https://iam', is 'https://b'"]),
        ({"meshes": [{"id": "m-2", "name": "shop"}]}, ["target: mesh.shop was 'm-1', is 'm-2'"]),
        (
            {"meshes": [{"id": "m-1", "name": "shop"}, {"id": "m-2", "name": "shop"}]},
            ["target: mesh.shop was 'm-1', is 'm-1, m-2'"],
        ),
        ({"meshes": []}, ["target: mesh.shop was 'm-1', is not set"]),
        ({"meshes": [{"id": None, "name": "shop"}]}, ["mesh 'shop': it existed (id m-1) and no longer exists"]),
        (
            {"region": "eu-nl", "meshes": [{"id": None, "name": "shop"}, {"id": None, "name": "lab"}]},
            [
                "target: region was 'eu-de', is 'eu-nl'",
                "target: mesh.lab was not set, is 'a mesh that does not exist'",
                "mesh 'shop': it existed (id m-1) and no longer exists",
            ],
        ),
    ],
)
def test_changed_target_is_the_only_change(changed, lines):
    made, now = plan(observed()), plan(observed(actual=None), target=dict(TARGET, **changed))
    # What is found in another place has not moved.
    assert find_plan_changes(made, now) == find_plan_changes(made, now, made["hash"]) == lines


def test_created_mesh_did_not_exist():
    made = plan(observed(), target={**TARGET, "meshes": [{"id": None, "name": "shop"}]})
    lines = ["mesh 'shop': it did not exist and exists now (id m-1)"]
    assert find_plan_changes(made, plan(observed())) == lines


def test_message_for_a_hash_names_the_target():
    made, now = plan(observed()), plan(observed(), target=dict(TARGET, project_id="p-2", region=None))
    assert find_plan_changes("", now, made["hash"]) == [
        f"the hash of the plan was {made['hash']} and is now {now['hash']} (project p-2)"
    ]


def test_other_order_of_items_is_not_a_change():
    assert find_plan_changes(plan(observed("a"), observed("b")), plan(observed("b"), observed("a"))) == []


def test_unchanged_plan_with_invalid_item_is_refused():
    made = plan(observed(), observed("other", state="invalid", msg="No room."))
    assert find_plan_changes(made, made) == ["workspace 'other': No room"]
    # Its hash alone says no less.
    assert find_plan_changes("", made, made["hash"]) == ["workspace 'other': No room"]


def test_long_values_are_shortened():
    (line,) = moves(observed(actual={"a": "x" * 500}), observed(actual={"a": "y"}))
    assert len(line) < 250 and line.endswith("is 'y'")
