# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import (
    belongs_to_others,
    describe_scope,
    find_declared_conflicts,
    find_name_conflicts,
    find_refused_prunes,
    find_resolved_conflicts,
    find_unknown_owners,
    find_unknown_scopes,
    list_mesh_owners,
    resolve_target,
    to_file_part,
    to_key,
)

KEYS = {"access_key": "AK", "secret_key": "the-secret-key"}
HERE = {**KEYS, "region": "eu-de", "project_id": "p-1"}
TEAMS = {"workspaces": [{"name": "team"}]}
SHOP = {"meshes": [{"name": "shop"}]}
BOOKS = {"meshes": [{"name": "books"}]}
PRUNE = {"prune": {"meshes": ["^old-"]}}
DEMO = {"mesh_name": "shop", "workshops": [{"name": "demo"}]}
SAME_TEAMS = "The targets 'a' and 'b' both declare the workspaces of project p-1"


def scope(desired_state, connection=None, environ=None, mesh=None):
    return describe_scope(HERE if connection is None else connection, environ or {}, desired_state, mesh or {})


def conflicts(one, other):
    return find_declared_conflicts({"a": one, "b": other})


def target(project_id="p-1", declared=(), **meshes):
    return {
        "project_id": project_id,
        "declared_mesh_ids": [*declared],
        "meshes": [{"id": id_, "name": name} for name, id_ in meshes.items()],
    }


def test_names_equal_in_variables_are_refused():
    assert (to_key("shop-eu.example"), to_file_part("shop/eu:1")) == ("shop_eu_example", "shop_eu_1")
    assert find_name_conflicts(["a-b", "a_c", "a_b"]) == [
        "The targets 'a-b' and 'a_b' have the same name in variables (a_b): rename one of them"
    ]
    assert find_name_conflicts(["a-b", "c", "a_b", "a.b"]) == [
        "The targets 'a-b', 'a_b' and 'a.b' have the same name in variables (a_b): rename all but one of them"
    ]


def test_reserved_name_is_refused():
    assert find_name_conflicts(["shop", "file", "File"]) == [
        "The name of the target 'file' is reserved, because one of its statistics would be the playbook variable plan_status_file: rename it"
    ]


def test_scope_contains_no_secrets():
    found = scope({**TEAMS, **DEMO}, {**KEYS, "region": "eu-de"}, mesh={"mesh_name": "shop", "mesh_id": ""})
    assert "the-secret-key" not in str(found)
    assert (found["workspaces"], found["mesh"]) == (True, {"mesh_name": "shop"})
    assert found["meshes"] == [{"key": "mesh_name shop", "label": "shop"}]
    assert found["project"]["label"] == "project eu-de"


@pytest.mark.parametrize(
    ("desired_state", "declares"),
    [
        ({"workspaces": []}, True),
        ({"workspaces": None}, False),
        ({"prune": {"workspaces": ["^x"]}}, True),
        ({"prune": {"workspaces": []}}, False),
        ({}, False),
    ],
)
def test_empty_lists_and_patterns_declare_workspaces(desired_state, declares):
    assert scope(desired_state)["workspaces"] is declares


def test_scope_contains_meshes_of_items_and_file():
    releases = [{"name": "x", "mesh_id": "m-2"}, {"name": "y"}]
    found = scope({"mesh_name": "shop", "releases": releases, "workshops": None})["meshes"]
    assert [mesh["key"] for mesh in found] == ["mesh_name shop", "mesh_id m-2"]
    assert scope({"mesh_name": "shop", "workspaces": []})["meshes"] == []


def test_same_project_with_workspaces_is_a_conflict():
    assert conflicts(scope(TEAMS), scope(TEAMS)) == [SAME_TEAMS]
    assert conflicts(scope(TEAMS), scope(DEMO)) == []


def test_more_than_two_targets_are_in_one_message():
    scopes = {"a": scope(TEAMS), "b": scope(DEMO), "c": scope(TEAMS), "d": scope({**TEAMS, **DEMO})}
    assert find_declared_conflicts(scopes) == [
        "The targets 'a', 'c' and 'd' all declare the workspaces of project p-1",
        "The targets 'b' and 'd' both declare workshops or releases of mesh shop",
    ]


def test_mesh_declared_by_two_targets_is_a_conflict():
    found = scope({**SHOP, **PRUNE})
    assert (found["declared_meshes"], found["prunes"]) == (["shop"], ["meshes"])
    both = ["The targets 'a' and 'b' both declare the mesh shop of project p-1"]
    assert conflicts(scope(SHOP), scope({"meshes": [*BOOKS["meshes"], {"name": "shop", "state": "absent"}]})) == both
    assert conflicts(scope(SHOP), scope(BOOKS)) == []
    # One target declares the mesh, and the other one what is in it.
    assert conflicts(scope(SHOP), scope(DEMO)) == []
    assert conflicts(scope(SHOP), scope(SHOP, {**HERE, "project_id": "p-2"})) == []


def pruned(names, pruning):
    """Return the message for targets of one project, some of which have patterns to prune meshes."""
    texts = [" and ".join(f"'{name}'" for name in group) for group in (names, pruning)]
    verb, subject = ("has", "it") if len(pruning) == 1 else ("have", "each one")
    return (
        f"The targets {texts[0]} both declare or use meshes of the same project, and {texts[1]} {verb} prune.meshes, so "
        f"{subject} would delete the meshes of the others"
    )


@pytest.mark.parametrize(("other", "pruning"), [(BOOKS, "a"), (PRUNE, "ab")])
def test_prune_with_another_declaring_target_is_a_conflict(other, pruning):
    scopes = {"a": scope({**SHOP, **PRUNE}), "b": scope(other), "c": scope(TEAMS)}
    message = pruned("ab", pruning)
    assert find_declared_conflicts(scopes) == [message]
    assert find_resolved_conflicts(scopes, dict.fromkeys("abc", target())) == [message]
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target("p-2"), "c": target()}) == []


@pytest.mark.parametrize(
    ("desired_state", "mesh", "is_refused"),
    [
        ({**DEMO, "mesh_name": "books"}, {}, True),
        ({}, {"mesh_name": "books"}, True),
        ({"releases": [{"name": "x", "mesh_name": "books"}]}, {}, True),
        # The target that prunes meshes declares this one, so it stays.
        (DEMO, {"mesh_name": "shop"}, False),
        (TEAMS, {}, False),
    ],
)
def test_prune_of_used_mesh_is_a_conflict(desired_state, mesh, is_refused):
    scopes = {"a": scope({**SHOP, **PRUNE}), "b": scope(desired_state, mesh=mesh)}
    messages = [pruned("ab", "a")] if is_refused else []
    assert find_declared_conflicts(scopes) == messages
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target()}) == messages


def test_prune_of_mesh_used_by_id_is_a_conflict():
    scopes = {"a": scope({**SHOP, **PRUNE}), "b": scope({**DEMO, "mesh_name": None, "mesh_id": "m-1"})}
    assert find_declared_conflicts(scopes) == []
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target(books="m-1")}) == [pruned("ab", "a")]
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target(shop="m-1")}) == []


def test_used_mesh_declared_by_pruning_target_is_kept():
    """The second target could not be read, or declares nothing that requires a request about its mesh."""
    scopes = {"a": scope({**SHOP, **PRUNE}), "b": scope({}, mesh={"mesh_id": "m-1"})}
    for more in ({}, {"b": target()}):
        assert find_resolved_conflicts(scopes, {"a": target(declared=["m-1"]), **more}) == []
        assert find_resolved_conflicts(scopes, {"a": target(declared=["m-2"]), **more}) == [pruned("ab", "a")]
    # The pruning target could not be read, so it deletes nothing.
    assert find_resolved_conflicts(scopes, {"b": target()}) == []


@pytest.mark.parametrize(
    ("own", "is_refused"),
    [
        ({"project_id": "p-1", "mesh_name": "books"}, True),
        ({"project_id": "p-1", "mesh_name": "shop"}, False),
        ({"project_id": "p-2", "mesh_name": "books"}, False),
        ({"project_id": "p-1"}, False),
        ({"mesh_name": "books"}, False),
    ],
)
def test_prune_of_mesh_outside_the_play_is_a_conflict(own, is_refused):
    scopes = {"a": scope({**SHOP, **PRUNE})}
    inventory = {"a": {"project_id": "p-9", "mesh_name": "garden"}, "b": own}
    messages = [pruned("ab", "a")] if is_refused else []
    assert find_declared_conflicts(scopes, inventory) == messages
    assert find_resolved_conflicts(scopes, {"a": target()}, inventory) == messages


def test_prune_of_mesh_id_outside_the_play_is_a_conflict():
    scopes, inventory = {"a": scope({**SHOP, **PRUNE})}, {"b": {"project_id": "p-1", "mesh_id": "m-1"}}
    assert find_declared_conflicts(scopes, inventory) == []
    assert find_resolved_conflicts(scopes, {"a": target()}, inventory) == [pruned("ab", "a")]
    assert find_resolved_conflicts(scopes, {"a": target(declared=["m-1"])}, inventory) == []


def test_resolved_target_has_the_ids_of_its_declared_meshes():
    results = [
        {"kind": "mesh", "name": "shop", "action": None, "failed": False, "before": None, "resource": {"id": "m-1"}},
        {"kind": "mesh", "name": "books", "action": "update", "failed": False, "before": {"id": "m-2"}, "resource": {}},
        {"kind": "mesh", "name": "new", "action": "create", "failed": False, "before": None, "resource": {"id": None}},
        {"kind": "mesh", "name": "old", "action": "delete", "failed": False, "before": {"id": "m-3"}, "resource": None},
        {"kind": "workshop", "name": "shop", "action": None, "failed": False, "before": None, "resource": {"id": "w"}},
    ]
    comparison = {"target": {"project_id": "p-1", "meshes": []}, "results": results}
    own = scope({"meshes": [{"name": "shop"}, {"name": "books"}, {"name": "new"}], **PRUNE})
    assert resolve_target(own, comparison) == target(declared=["m-1", "m-2"])
    assert resolve_target(scope(SHOP), comparison) == target()


@pytest.mark.parametrize("project", [{"project_id": "p-1"}, {"project_name": "x"}])
def test_prune_of_mesh_of_unread_target_is_a_conflict(project):
    connection = {**KEYS, "region": "eu-de", **project}
    scopes = {"a": scope({**SHOP, **PRUNE}, connection), "b": scope({}, connection, mesh={"mesh_id": "m-1"})}
    assert find_resolved_conflicts(scopes, {"a": target()}) == [pruned("ab", "a")]
    # The inventory has the name of the mesh, and the target that prunes meshes declares it.
    scopes["b"] = scope({}, connection, mesh={"mesh_id": "m-1", "mesh_name": "shop"})
    assert find_resolved_conflicts(scopes, {"a": target()}) == []
    # The project of the target is unknown.
    scopes["b"] = scope({}, {"auth_token": "t-1"}, mesh={"mesh_id": "m-1"})
    assert find_resolved_conflicts(scopes, {"a": target()}) == []


BY_NAME = {**KEYS, "region": "eu-de"}
NOT_LOADED, NO_PROJECT = "its desired-state file was not loaded, or its connection is invalid", "its project is unknown"


@pytest.mark.parametrize(
    ("desired_state", "connection", "found", "reason"),
    [
        (None, None, None, NOT_LOADED),
        (TEAMS, BY_NAME, None, NO_PROJECT),
        # All requests of the target have failed.
        (TEAMS, BY_NAME, target(None), NO_PROJECT),
        (SHOP, BY_NAME, None, NO_PROJECT),
        (DEMO, None, None, "its mesh shop was not read"),
        (DEMO, None, target(), "its mesh shop was not read"),
        (TEAMS, None, None, "its project was not read"),
        (TEAMS, None, target(), None),
        (DEMO, None, target(shop="m-1"), None),
        (SHOP, None, None, None),
        # The file declares nothing, and the target has no mesh.
        ({}, BY_NAME, target(None), None),
    ],
)
def test_scope_is_unknown(desired_state, connection, found, reason):
    scopes = {} if desired_state is None else {"b": scope(desired_state, connection)}
    resolved = {"b": found} if found else {}
    assert find_unknown_scopes(scopes, resolved, ["b"]) == ({"b": reason} if reason else {})


def test_project_of_the_same_connection_is_known():
    scopes = {"a": scope(SHOP, BY_NAME), "b": scope(BOOKS, BY_NAME)}
    assert find_unknown_scopes(scopes, {"a": target()}, ["a", "b"]) == {}


def prune(*kinds):
    return {"mesh_id": "m-1", "prune": {kind: ["^old-"] for kind in kinds}}


OTHER = {"project_id": "p-1", "mesh_id": None, "mesh_name": None}


@pytest.mark.parametrize(
    ("kind", "desired_state", "connection", "own", "reason"),
    [
        *((kind, None, None, {}, NOT_LOADED) for kind in ("meshes", "workspaces", "workshops", "releases")),
        *((kind, None, None, {"project_id": None}, NOT_LOADED) for kind in ("meshes", "workspaces", "workshops")),
        *((kind, None, None, {"project_id": "p-2"}, None) for kind in ("meshes", "workspaces", "workshops")),
        # Other meshes have other workshops, even if the project is the same.
        ("workshops", None, None, {"mesh_name": "books"}, None),
        ("workshops", None, None, {"mesh_id": "m-2", "project_id": None}, None),
        ("workshops", None, None, {"mesh_name": "shop"}, NOT_LOADED),
        ("workshops", None, None, {"mesh_id": "m-1"}, NOT_LOADED),
        ("meshes", None, None, {"mesh_id": "m-2"}, NOT_LOADED),
        ("meshes", BOOKS, BY_NAME, {}, NO_PROJECT),
        ("workspaces", BOOKS, BY_NAME, {}, None),
        ("workspaces", TEAMS, BY_NAME, {}, NO_PROJECT),
        ("meshes", TEAMS, BY_NAME, {}, None),
        ("workspaces", TEAMS, None, {}, "its project was not read"),
        ("workspaces", TEAMS, {**HERE, "project_id": "p-2"}, {}, None),
        # The ID and the name could be those of the same mesh.
        ("workshops", DEMO, None, {}, "its mesh shop was not read"),
        ("workshops", {**DEMO, "mesh_name": "books"}, None, {}, "its mesh books was not read"),
        # The conflicts of meshes are known.
        ("meshes", DEMO, None, {}, None),
    ],
)
def test_prune_beside_unread_target_is_refused(kind, desired_state, connection, own, reason):
    scopes = {"a": scope(prune(kind), {**KEYS, "region": "eu-nl", "project_name": "x"})}
    scopes |= {} if desired_state is None else {"b": scope(desired_state, connection)}
    inventory = {"a": {**OTHER, "project_id": None}, "b": {**OTHER, **own}}
    found = find_refused_prunes(scopes, {"a": target(shop="m-1")}, inventory, ["a", "b"])
    message = (
        f"Nothing was changed. prune ({kind}) could delete resources of other targets with an unknown scope: 'b' ({reason}). "
        "Fix the other targets, or remove prune from the desired-state file."
    )
    assert found == ({"a": message} if reason else {})


def test_only_pruning_targets_that_were_read_are_refused():
    scopes = {"a": scope(prune("meshes")), "b": scope(prune("meshes")), "c": scope(DEMO)}
    resolved = {"a": target(shop="m-1"), "c": target(shop="m-1")}
    inventory = dict.fromkeys("abcdefg", OTHER)
    assert find_refused_prunes(scopes, resolved, inventory, ["a", "b", "c"]).keys() == set()
    found = find_refused_prunes(scopes, resolved, inventory, [*"abcdefg"])
    assert list(found) == ["a"]
    assert "'d' (its desired-state file was not loaded, or its connection is invalid), 'e' (" in found["a"]
    assert "'g'" not in found["a"]
    assert ", 1 more. Fix" in found["a"]


def test_token_targets_are_grouped_by_the_project_of_the_service():
    scopes = {
        "a": scope({**SHOP, **PRUNE}, {"auth_token": "t-1"}),
        "b": scope({}, {"auth_token": "t-2"}, mesh={"mesh_name": "books"}),
    }
    assert find_declared_conflicts(scopes) == []
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target()}) == [pruned("ab", "a")]
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target("p-2")}) == []


def test_same_mesh_is_a_conflict_also_for_other_kinds():
    releases = {"mesh_name": "shop", "releases": []}
    assert conflicts(scope(DEMO), scope(releases)) == [
        "The targets 'a' and 'b' both declare workshops or releases of mesh shop"
    ]
    assert conflicts(scope(DEMO), scope({**DEMO, "mesh_name": "books"})) == []


def test_project_of_the_environment_is_compared():
    environ = {"HW_PROJECT_ID": "p-1"}
    assert conflicts(scope(TEAMS, KEYS, environ), scope(TEAMS)) == [SAME_TEAMS]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ({**KEYS, "region": "eu-de"}, {**KEYS, "region": "eu-de"}, 1),
        ({**KEYS, "region": "eu-de"}, {**KEYS, "region": "eu-nl"}, 0),
        ({**KEYS, "region": "eu-de"}, {**KEYS, "region": "eu-de", "access_key": "AK2"}, 0),
        ({**KEYS, "region": "eu-de"}, {**KEYS, "region": "eu-de", "max_retries": 1}, 1),
        ({**KEYS, "project": "x"}, {**KEYS, "project_name": "x"}, 1),
        ({**KEYS, "project_name": "x"}, {**KEYS, "project_id": "p-1"}, 0),
        # The scope contains no secrets, so tokens are not compared.
        ({"auth_token": "t-1"}, {"auth_token": "t-2"}, 0),
        # Without credentials, all targets have those of their jobs.
        ({"region": "eu-de"}, {"region": "eu-de"}, 1),
    ],
)
def test_projects_without_id_are_compared_by_account(one, other, count):
    assert len(conflicts(scope(TEAMS, one), scope(TEAMS, other))) == count


def koocli(**projects):
    """Return a file of KooCLI with a profile for each project."""
    keys = {"mode": "AKSK", "accessKeyId": "AK", "secretAccessKey": "the-secret-key", "region": "eu-de"}
    profiles = [
        {"name": name, **keys, **({"projectId": project} if project else {})} for name, project in projects.items()
    ]
    return json.dumps({"authEncrypt": "false", "profiles": profiles})


def clouds(**projects):
    """Return a file of OpenStack clients with a cloud for each project."""
    keys = {"ak": "AK", "sk": "the-secret-key"}
    found = {name: {"auth": {**keys, "project_id": project}} for name, project in projects.items()}
    return json.dumps({"clouds": found})


@pytest.mark.parametrize(
    ("option", "content", "variable"),
    [("profile", koocli, "HW_SHARED_CONFIG_FILE"), ("cloud", clouds, "OS_CLIENT_CONFIG_FILE")],
)
def test_project_of_a_file_is_compared(tmp_path, option, content, variable):
    path = tmp_path / "credentials"
    path.write_text(content(one="p-1", same="p-1", other="p-2"), encoding="utf-8")
    # The project of the file takes precedence over that of the environment.
    environ = {variable: str(path), "HW_PROJECT_ID": "p-3"}
    found = {name: scope(TEAMS, {option: name}, environ) for name in ("one", "same", "other")}
    assert conflicts(found["one"], found["same"]) == [SAME_TEAMS]
    assert conflicts(found["one"], found["other"]) == []
    assert conflicts(found["one"], scope(TEAMS)) == [SAME_TEAMS]
    assert "the-secret-key" not in str(found)


def test_equal_profiles_without_project_are_a_conflict(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(koocli(one="", same=""), encoding="utf-8")
    one, same = (scope(TEAMS, {"profile": name, "credentials_file": str(path)}) for name in ("one", "same"))
    assert len(conflicts(one, same)) == 1
    environ = {"HW_PROJECT_ID": "p-1"}
    one = scope(TEAMS, {"profile": "one", "credentials_file": str(path)}, environ)
    assert conflicts(one, scope(TEAMS)) == [SAME_TEAMS], "the variable applies, because the file has no project"


def test_missing_credentials_file_is_an_error(tmp_path):
    missing = {"credentials_file": str(tmp_path / "missing.json")}
    with pytest.raises(OptionError, match="cannot be read"):
        scope(TEAMS, missing, {"HW_PROJECT_ID": "p-1"})
    with pytest.raises(OptionError, match="cannot be read"):
        scope(TEAMS, {}, {"HW_SHARED_CONFIG_FILE": str(tmp_path / "missing.json")})
    assert scope(TEAMS, {**missing, "project_id": "p-1"})["project"]["key"] == "id p-1"


def test_keys_in_options_ignore_cloud_of_environment():
    file = {"OS_CLOUD": "missing", "HW_PROJECT_ID": "p-1"}
    assert conflicts(scope(TEAMS, KEYS, file), scope(TEAMS)) == [SAME_TEAMS]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ({}, {"use_metadata": "true"}, 0),
        ({}, {"agency_name": "ops", "agency_domain_name": "other"}, 0),
        ({}, {"auth_token": "t-1"}, 0),
        ({}, {"token_cache": "/tmp/x"}, 1),
        ({}, {"max_retries": "", "use_metadata": None, "ak": None}, 1),
    ],
)
def test_same_account_of_environment_is_a_conflict(one, other, count):
    environ = {"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "the-secret-key", "HW_REGION_NAME": "eu-de"}
    assert len(conflicts(scope(TEAMS, one, environ), scope(TEAMS, other, environ))) == count


def test_token_of_environment_is_the_same_for_all_targets(tmp_path):
    environ = {"HW_AUTH_TOKEN": "t-1", "HW_REGION_NAME": "eu-de", "HW_ACCESS_KEY": "AK"}
    assert len(conflicts(scope(TEAMS, {}, environ), scope(TEAMS, {}, environ))) == 1
    path = tmp_path / "clouds.yaml"
    path.write_text(json.dumps({"clouds": {"one": {"auth": {"token": "t-2"}}}}), encoding="utf-8")
    cloud = scope(TEAMS, {"cloud": "one"}, {**environ, "OS_CLIENT_CONFIG_FILE": str(path)})
    assert conflicts(scope(TEAMS, {}, environ), cloud) == []
    assert "t-1" not in str(scope(TEAMS, {}, environ))


def test_unknown_connection_option_is_an_error():
    with pytest.raises(OptionError, match="unsupported parameters: colour"):
        scope(TEAMS, {**KEYS, "colour": "red"})


def test_ids_show_that_two_names_mean_one_project():
    scopes = {"a": scope(TEAMS, {**KEYS, "project_name": "x"}), "b": scope(TEAMS)}
    assert find_declared_conflicts(scopes) == []
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target()}) == [SAME_TEAMS]
    assert find_resolved_conflicts(scopes, {"a": target("p-2"), "b": target()}) == []
    # A target that could not be read is not changed.
    assert find_resolved_conflicts(scopes, {"a": target()}) == []


def test_ids_show_that_a_name_and_an_id_mean_one_mesh():
    scopes = {"a": scope(DEMO), "b": scope({"mesh_id": "m-1", "workshops": []})}
    assert find_declared_conflicts(scopes) == []
    assert find_resolved_conflicts(scopes, {"a": target(shop="m-1"), "b": target(shop="m-1")}) == [
        "The targets 'a' and 'b' both declare workshops or releases of mesh shop (m-1)"
    ]


def test_inventory_shows_that_a_name_and_an_id_mean_one_mesh():
    by_id = {"mesh_id": "m-1", "workshops": []}
    both = scope(by_id, mesh={"mesh_id": "m-1", "mesh_name": "shop"})
    message = "The targets 'a' and 'b' both declare workshops or releases of mesh shop (m-1)"
    assert conflicts(both, scope(DEMO)) == [message]
    assert conflicts(both, scope(by_id)) == [message]
    assert conflicts(both, both) == [message]
    assert conflicts(both, scope({**DEMO, "mesh_name": "books"})) == []


@pytest.mark.parametrize("connection", [{**KEYS, "project_name": "x"}, {"auth_token": "t-1"}])
def test_mesh_id_is_compared_in_all_projects(connection):
    by_id = {"mesh_id": "m-1", "workshops": []}
    assert conflicts(scope(by_id, connection), scope(by_id)) == [
        "The targets 'a' and 'b' both declare workshops or releases of mesh m-1"
    ]
    assert conflicts(scope(DEMO, connection), scope(DEMO)) == []


def test_declared_mesh_in_one_project_by_id_is_a_conflict():
    scopes = {"a": scope(SHOP, {**KEYS, "project_name": "x"}), "b": scope(SHOP)}
    assert find_declared_conflicts(scopes) == []
    assert find_resolved_conflicts(scopes, {"a": target(), "b": target()}) == [
        "The targets 'a' and 'b' both declare the mesh shop of project p-1"
    ]


def test_new_meshes_are_compared_by_project_and_name():
    scopes = {name: scope({**DEMO, "meshes": []}) for name in "ab"}
    assert find_resolved_conflicts(scopes, {"a": target(shop=None), "b": target("p-2", shop=None)}) == []
    assert find_resolved_conflicts(scopes, {"a": target(shop=None), "b": target(books=None)}) == []
    assert find_resolved_conflicts(scopes, {"a": target(shop=None), "b": target(shop=None)}) == [
        "The targets 'a' and 'b' both declare workshops or releases of mesh shop"
    ]
    new = {"a": scope(DEMO, mesh={"mesh_id": "m-2"})}
    assert find_resolved_conflicts(new, {"a": target(shop=None)}) == [
        "The desired-state file of the target 'a' names the mesh shop, but the mesh_id of the target is m-2"
    ]


def test_used_or_declared_mesh_belongs_to_its_target():
    scopes = {"a": scope(SHOP), "b": scope(BOOKS), "c": scope({"meshes": [{"name": "far"}]}), "d": scope(TEAMS)}
    resolved = {"a": target(shop="m-1"), "b": target(garden="m-2"), "c": target("p-2", yard="m-3")}
    inventory = {
        "a": {"project_id": "p-1", "mesh_id": None, "mesh_name": "own"},
        "b": {"project_id": None, "mesh_id": None, "mesh_name": "bank"},
        "c": {"project_id": "p-1", "mesh_id": "m-4", "mesh_name": "wrong"},
        # The list of this target could not be read, and the play does not run on the others.
        "d": {"project_id": "p-1", "mesh_id": None, "mesh_name": "down"},
        "e": {"project_id": "p-1", "mesh_id": "m-5", "mesh_name": "limit"},
        "f": {"project_id": None, "mesh_id": None, "mesh_name": "unknown"},
    }
    owners = list_mesh_owners(scopes, resolved, inventory)
    assert owners == {
        "ids": {"m-1": ["a"], "m-2": ["b"], "m-3": ["c"], "m-4": ["c"], "m-5": ["e"]},
        "names": {
            "p-1": {
                **{"shop": ["a"], "own": ["a"], "books": ["b"], "garden": ["b"], "bank": ["b"]},
                **{"down": ["d"], "limit": ["e"]},
            },
            "p-2": {"far": ["c"], "yard": ["c"], "wrong": ["c"]},
        },
        "unknown": {},
    }
    meshes = [("m-5", "x"), ("m-9", "bank"), ("m-1", "x"), ("m-8", "own"), ("m-7", "far"), (None, "new")]
    others = [name for id_, name in meshes if belongs_to_others({"id": id_, "name": name}, "a", "p-1", owners)]
    assert others == ["x", "bank"]
    assert belongs_to_others({"id": "m-1", "name": "x"}, "b", None, owners)


def test_meshes_of_unread_targets_belong_to_them():
    by_id = {"mesh_id": "m-2", "workshops": []}
    scopes = {
        **{"a": scope(SHOP), "b": scope({**BOOKS, **DEMO}), "c": scope(by_id)},
        **{"d": scope(BOOKS, BY_NAME), "e": scope(TEAMS, BY_NAME), "g": scope(DEMO, {**BY_NAME, "region": "eu-nl"})},
    }
    inventory = dict.fromkeys("abcdefghi", {**OTHER, "project_id": None})
    inventory["h"] = {**OTHER, "project_id": "p-2"}
    owners = list_mesh_owners(scopes, {"a": target(shop="m-1")}, inventory, [*"abcdefgh"])
    assert owners == {
        "ids": {"m-1": ["a"], "m-2": ["c"]},
        "names": {"p-1": {"shop": ["a", "b"], "books": ["b"]}},
        # The files of the targets f and h were not loaded. The play does not run on the target i.
        "unknown": {"d": None, "f": None, "g": None, "h": "p-2"},
    }
    assert find_unknown_owners("a", "p-1", owners) == ["d", "f", "g"]
    assert find_unknown_owners("d", "p-2", owners) == ["f", "g", "h"]


def test_file_with_another_mesh_is_a_conflict():
    scopes = {"a": scope(DEMO, mesh={"mesh_id": "m-2"})}
    assert find_resolved_conflicts(scopes, {"a": target(shop="m-2")}) == []
    assert find_resolved_conflicts(scopes, {"a": target(shop="m-1")}) == [
        "The desired-state file of the target 'a' names the mesh shop (m-1), but the mesh_id of the target is m-2"
    ]
