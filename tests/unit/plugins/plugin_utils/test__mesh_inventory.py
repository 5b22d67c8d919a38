# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import itertools
import json
import re

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import metadata
from ansible_collections.community.huaweicloud.plugins.plugin_utils._mesh_inventory import (
    Listing,
    build_variables,
    compute_digest,
    list_groups,
    list_projects,
    make_unique_names,
    normalize_options,
    read_projects,
)
from mesh_projects import FORBIDDEN, KEYS, Projects, Server, make_variables, mesh


def read(environ=None, **options):
    return read_projects(normalize_options({"region": "eu-de", **options}, {}), environ or {})


def refusal(environ=None, **options):
    with pytest.raises(OptionError) as caught:
        read(environ, **options)
    assert "CANARY" not in str(caught.value)
    return str(caught.value)


def identities(projects):
    return [
        (
            project.label,
            project.connection.region,
            project.connection.project_id,
            project.connection.project_name,
            project.connection.credentials.access_key,
        )
        for project in projects
    ]


@pytest.fixture
def listed(monkeypatch):
    """Return a function that lists projects from a fake service."""

    def run(service, projects):
        monkeypatch.setattr(_task, "RequestsTransport", lambda connection: service)
        return list_projects(projects, {})

    return run


# Options


def test_all_mistakes_are_reported_with_their_paths():
    message = refusal(
        project="p-1",
        stages=["test"],
        connect_timeout="soon",
        projects=[{"project_id": "p-1", "zone": "a", "max_retries": [1]}, "p-2"],
    )
    known = ", ".join(sorted(CONNECTION.argument_spec))
    assert message.startswith("stages: unknown key (known: access_key,")
    assert message.split("; ", 1)[1] == (
        "connect_timeout: must be a number, it is text; "
        f"projects[0].zone: unknown key (known: {known}); "
        "projects[0].max_retries: must be a whole number, it is a list; "
        "projects[1]: must be a mapping, it is text"
    )


def test_options_of_ansible_are_known_and_not_returned():
    options = normalize_options(
        {"plugin": "x", "compose": {"a": "b"}, "region": "eu-de"}, {"plugin": {}, "compose": {"type": "dict"}}
    )
    assert options == {"region": "eu-de"}


@pytest.mark.parametrize("type_", ["bool", "boolean"])
def test_booleans_of_ansible_are_checked(type_):
    """Ansible treats any text as false."""
    definitions = {"strict": {"type": type_}}
    for value in (True, "yes", "False", 0, None):
        assert normalize_options({"strict": value}, definitions) == {}
    with pytest.raises(OptionError, match="^strict: must be true or false, it is text$"):
        normalize_options({"strict": "flase"}, definitions)


def test_blank_and_null_options_are_not_set():
    options = normalize_options({"region": " ", "ak": None, "projects": None, "read_timeout": ""}, {})
    assert options == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ak": "a", "access_key": "b"}, "access_key is set twice, by its name and an alias or by two aliases"),
        (
            {"projects": [{}, {"project": "a", "project_name": "b"}]},
            "projects[1]: project_name is set twice, by its name and an alias or by two aliases",
        ),
        (
            {**KEYS, "region": True},
            "region must be a string, not a boolean. Put the value in quotes, or omit the option",
        ),
        (
            {**KEYS, "projects": [{"project_id": "p-1"}, {"region": False}]},
            "projects[1]: region must be a string, not a boolean. Put the value in quotes, or omit the option",
        ),
        ({**KEYS, "projects": []}, "projects is empty. List at least one project, or omit the option"),
        (
            {**KEYS, "projects": [{"project_id": ""}]},
            "projects[0] is empty. Set project_id, project_name or region in each entry",
        ),
        (
            {**KEYS, "projects": [{"region": "eu-nl", "domain_name": "shop"}]},
            "projects[0]: the account is set without credentials. Set complete credentials in this entry",
        ),
        (
            {**KEYS, "projects": [{"region": "eu-nl", "access_key": "other"}]},
            "projects[0]: Incomplete credentials in the task options: access_key without secret_key. "
            "Set all credentials in one source: environment variables do not complete task options",
        ),
        (
            {**KEYS, "projects": [{"region": "eu-nl", "asm_endpoint": "asm.example.com"}]},
            "projects[0]: asm_endpoint is not a usable URL: it does not begin with http:// or https://. "
            "Set a URL such as https://host or https://host:port",
        ),
        (
            {**KEYS, "region": "", "project_id": "p-1"},
            "The URL of ASM is unknown: neither region nor asm_endpoint is set. Set region, or the variable HW_REGION_NAME",
        ),
    ],
)
def test_invalid_options_are_refused(options, message):
    assert refusal(**options) == message


def test_missing_credentials_are_refused_before_any_request():
    assert refusal().startswith("No credentials: set access_key and secret_key")


# Projects


def test_one_project_from_the_environment_without_entries():
    environ = {"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "CANARY", "HW_PROJECT_ID": "p-1", "HW_REGION_NAME": "eu-nl"}
    assert identities(read(environ, region=None)) == [("", "eu-nl", "p-1", None, "AK")]


def test_entries_complete_their_options_from_the_file():
    projects = read(
        **KEYS,
        project_id="p-0",
        max_retries=2,
        projects=[
            {"region": "eu-nl"},
            {"project": "eu-de_shop"},
            {"project_id": "p-2", "ak": "AK2", "sk": "CANARY-2", "max_retries": 3},
        ],
    )
    assert identities(projects) == [
        ("projects[0]", "eu-nl", "p-0", None, "AK"),
        ("projects[1]", "eu-de", None, "eu-de_shop", "AK"),
        ("projects[2]", "eu-de", "p-2", None, "AK2"),
    ]
    assert [project.connection.max_retries for project in projects] == [2, 2, 3]


def test_credentials_of_an_entry_replace_those_of_the_file():
    projects = read(
        username="anna",
        password="CANARY-p",
        domain_name="shop",
        projects=[{"project_id": "p-1", "auth_token": "CANARY-t"}],
    )
    credentials = projects[0].connection.credentials
    assert (credentials.kind, credentials.username, credentials.domain_name) == ("token", None, None)


FILE = """
{"profiles": [
  {"name": "bank", "mode": "AKSK", "accessKeyId": "AK-bank", "secretAccessKey": "CANARY-bank"},
  {"name": "shop", "mode": "AKSK", "accessKeyId": "AK-shop", "secretAccessKey": "CANARY-shop"}
]}
"""


@pytest.fixture(name="profiles")
def _profiles(tmp_path):
    """Write a file with two profiles, and return its path."""
    path = tmp_path / "config.json"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def test_entries_select_profiles_of_one_file(profiles):
    entries = [{"project_id": "p-1", "profile": "bank"}, {"project_id": "p-2"}, {"project_id": "p-3", **KEYS}]
    projects = read(credentials_file=profiles, profile="shop", projects=entries)
    keys = [project.connection.credentials.access_key for project in projects]
    assert keys == ["AK-bank", "AK-shop", KEYS["access_key"]]


def test_entry_with_a_profile_replaces_other_credentials(profiles):
    entry = {"project_id": "p-1", "profile": "bank", "credentials_file": profiles}
    for common in (KEYS, {"use_metadata": True}, {"cloud": "lab"}):
        (project,) = read(**common, projects=[entry])
        assert project.connection.credentials.access_key == "AK-bank"


def test_entry_selects_the_metadata_of_the_server(profiles):
    (project,) = read(credentials_file=profiles, profile="bank", projects=[{"project_id": "p-1", "use_metadata": True}])
    assert project.connection.credentials.kind == "metadata"
    (project,) = read(**KEYS, projects=[{"project_id": "p-1", "use_metadata": False}])
    assert project.connection.credentials.access_key == KEYS["access_key"]


# Lists


def test_lists_are_complete_and_in_the_order_of_the_entries(listed):
    service = Projects(**{"p-1": [mesh("m-2", "shop"), mesh("m-1", "bank", phase="Upgrading")], "p-2": []})
    projects = read(**KEYS, projects=[{"project_id": "p-2", "region": "eu-nl"}, {"project_id": "p-1"}])
    bank = {
        "id": "m-1",
        "name": "bank",
        "type": "InCluster",
        "version": "v1.18",
        "phase": "Upgrading",
        "clusters": ["c-1"],
        "created_at": "2026-01-02T03:04:05Z",
    }
    assert listed(service, projects) == (
        [
            Listing("https://asm.eu-nl.otc.t-systems.com", "eu-nl", "p-2", None, []),
            Listing(
                "https://asm.eu-de.otc.t-systems.com",
                "eu-de",
                "p-1",
                None,
                [bank, dict(bank, id="m-2", name="shop", phase="Running")],
            ),
        ],
        [],
        [],
    )
    assert sorted(service.request_log) == [
        "GET asm.eu-de.otc.t-systems.com/v1/p-1/meshes",
        "GET asm.eu-nl.otc.t-systems.com/v1/p-2/meshes",
    ]


def test_failed_projects_are_reported_with_their_entries(listed):
    service = Projects(**{"p-1": FORBIDDEN, "p-2": [], "p-3": (200, {"items": [{"spec": {}}]})})
    projects = read(**KEYS, projects=[{"project_id": f"p-{number}"} for number in (1, 2, 3)])
    complete, failures, warnings = listed(service, projects)
    assert [listing.project_id for listing in complete] == ["p-2"]
    assert [failure.is_permanent for failure in failures] == [False, False]
    assert failures[0].message.startswith(
        "The meshes of project 'p-1' in region eu-de (projects[0]) cannot be listed: Failed to list the meshes"
    )
    assert "403" in failures[0].message
    assert failures[1].message.startswith(
        "The meshes of project 'p-3' in region eu-de (projects[2]) cannot be listed: "
    )
    assert warnings == []


def test_missing_library_is_a_permanent_failure(listed, monkeypatch):
    monkeypatch.setattr(_task, "require_jsonschema", _task.require_jsonschema.__wrapped__)
    monkeypatch.setattr(_task.importlib.util, "find_spec", lambda name: None)
    failures = listed(Projects(**{"p-1": []}), read(**KEYS, project_id="p-1")).failures
    assert [failure.is_permanent for failure in failures] == [True]
    assert failures[0].message.startswith("The meshes of project 'p-1' in region eu-de cannot be listed: ")


def test_project_name_that_the_account_lacks_is_no_permanent_failure(listed):
    service = Projects(**{"projects": (200, {"projects": []}), "p-2": []})
    complete, failures, warnings = listed(
        service, read(**KEYS, projects=[{"project_name": "a"}, {"project_id": "p-2"}])
    )
    assert [listing.project_id for listing in complete] == ["p-2"]
    assert [failure.is_permanent for failure in failures] == [False]
    assert "cannot be listed: No project is called 'a', the value of project_name." in failures[0].message


def test_secrets_are_masked_in_failures(listed):
    service = Projects(**{"p-1": (400, {"errorCode": "ASM.01010001", "errorMsg": "bad CANARY-secret-key"})})
    failure = listed(service, read(**KEYS, project_id="p-1")).failures[0]
    assert "CANARY" not in failure.message
    assert "bad" in failure.message


def test_warnings_about_connections_are_returned_once(listed):
    service = Projects(**{"p-1": [], "p-2": []})
    projects = read(
        **KEYS, asm_endpoint="http://asm.example.com", projects=[{"project_id": "p-1"}, {"project_id": "p-2"}]
    )
    assert listed(service, projects).warnings == [
        "The endpoint of asm.example.com uses plain HTTP: others on the network can read credentials and data. Use https."
    ]


def test_two_entries_for_one_project_are_refused(listed):
    service = Projects(**{"p-1": []})
    projects = read(**KEYS, projects=[{"project_id": "p-1"}, {"project_id": "p-1", "max_retries": 1}])
    with pytest.raises(OptionError) as caught:
        listed(service, projects)
    assert str(caught.value) == "2 entries of projects have the same project p-1. Keep one of them"


# The cache


def test_digest_depends_on_projects_and_identities_only():
    given = {**KEYS, "projects": [{"project_id": "p-1"}, {"project_id": "p-2"}]}
    digest = compute_digest(read(**given))
    assert compute_digest(read(**{**given, "secret_key": "CANARY-other", "security_token": "CANARY-t"})) == digest
    others = [
        {**given, "projects": given["projects"][::-1]},
        {**given, "projects": given["projects"][:1]},
        {**given, "region": "eu-nl"},
        {**given, "asm_endpoint": "https://asm.example.com"},
        {**given, "access_key": "AK2"},
    ]
    digests = [digest, *(compute_digest(read(**other)) for other in others)]
    assert len(set(digests)) == len(digests)


def test_digest_depends_on_tokens_and_reveals_nothing():
    one, two = ({"auth_token": f"CANARY-{number}", "project_id": "p-1"} for number in (1, 2))
    digests = [compute_digest(read(**options)) for options in (one, two)]
    assert compute_digest(read(**one)) == digests[0] != digests[1]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
    assert hashlib.sha256(b"CANARY-1").hexdigest() not in digests


@pytest.mark.parametrize("agency", [{}, {"agency_name": "operators", "agency_domain_name": "shop"}])
def test_digest_depends_on_keys_of_server(monkeypatch, agency):
    server = Server("AK1")
    monkeypatch.setattr(metadata, "MetadataTransport", lambda: server)
    projects = read(**agency, use_metadata=True, projects=[{"project_id": "p-1"}, {"project_id": "p-2"}])
    digest = compute_digest(projects)
    assert compute_digest(projects) == digest
    server.access_key = "AK2"
    assert compute_digest(projects) != digest
    server.access_key = None
    assert compute_digest(projects) is None


# Hosts


def test_unknown_facts_are_not_variables():
    facts = {
        "internal": "x",
        "id": "m-1",
        "name": "shop",
        "type": None,
        "version": "v1.18",
        "phase": "Running",
        "clusters": [],
    }
    listing = Listing("https://asm.example.com", None, "p-1", "shop", [facts])
    assert build_variables(listing, facts) == {
        "project_id": "p-1",
        "project_name": "shop",
        "mesh_id": "m-1",
        "mesh_name": "shop",
        "mesh_version": "v1.18",
        "mesh_phase": "Running",
        "mesh_clusters": [],
    }


def test_host_is_in_a_group_for_each_fact():
    assert list_groups(make_variables("p-1", "m-1", "shop", project_name="eu-de_shop")) == [
        "asm_meshes",
        "region_eu-de",
        "project_p-1",
        "project_eu-de_shop",
        "phase_Running",
        "version_v1.18",
    ]
    assert list_groups({"project_id": "p", "project_name": "p"}) == ["asm_meshes", "project_p"]


NAMED = [("a", "11111111-1"), ("b", "22222222-1"), ("a", "33333333-1"), ("a", "33333333-2")]
UNIQUE = {
    "11111111-1": "a-11111111",
    "22222222-1": "b",
    "33333333-1": "a-33333333-1",
    "33333333-2": "a-33333333-2",
}


@pytest.mark.parametrize("hosts", list(itertools.permutations(NAMED))[::5])
def test_equal_names_get_a_suffix_in_any_order(hosts):
    names, ids = zip(*hosts)
    assert dict(zip(ids, make_unique_names(names, ids))) == UNIQUE


def test_names_that_stay_equal_are_refused():
    names, ids = ["a", "a", "a-11111111", "a-11111111-1"], ["11111111-1", "22222222", "3", "4"]
    with pytest.raises(OptionError) as caught:
        make_unique_names(names, ids)
    assert str(caught.value) == "Several meshes would have the host name 'a-11111111-1'. Set another hostname"


def test_listings_can_be_stored_as_json():
    listing = Listing("https://asm.example.com", "eu-de", "p-1", None, [{"id": "m-1", "clusters": ["c-1"]}])
    assert Listing(**json.loads(json.dumps(listing._asdict()))) == listing
