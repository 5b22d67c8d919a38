# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._api.temporary_keys import TemporaryKeysIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import FixedIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    ClientCache,
    RunContext,
    get_validator,
    open_session,
    validate_params,
)

KEYS = {"access_key": "ACCESSKEY0001", "secret_key": "CANARY-secret-key", "region": "eu-de"}
USER = {"username": "me", "password": "CANARY-password", "domain_name": "d", "region": "eu-de", "project_id": "p-1"}


@pytest.fixture
def cache(monkeypatch):
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: connection)
    return ClientCache()


def test_items_of_a_loop_share_connection_and_client(cache):
    first = cache.resolve_connection(KEYS, {})
    assert cache.resolve_connection(dict(KEYS, name="another item"), {}) is first
    other = cache.resolve_connection(dict(KEYS, region="eu-nl"), {})
    assert (first.region, other.region) == ("eu-de", "eu-nl")
    client, lists = cache.get_client(first, check_mode=False)
    assert cache.get_client(first, check_mode=False) == (client, lists)
    assert cache.get_client(first, check_mode=True)[0] is not client
    assert cache.get_client(other, check_mode=False)[0] is not client


def test_failed_resolution_is_not_cached(cache):
    for dummy in range(2):
        with pytest.raises(OptionError):
            cache.resolve_connection({"region": "eu-de"}, {})
    assert (
        cache.resolve_connection({"region": "eu-de"}, {"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "SK"}).region == "eu-de"
    )


def test_warnings_are_found_once(cache):
    plain = dict(KEYS, asm_endpoint="http://asm.example.com", modelarts_endpoint="http://127.0.0.1:8080")
    connection = cache.resolve_connection(plain, {})
    warnings = cache.find_warnings(connection)
    assert warnings == [
        "The endpoint of asm.example.com uses plain HTTP: others on the network can read credentials and data. Use https."
    ]
    assert cache.find_warnings(connection) is warnings
    assert cache.find_warnings(cache.resolve_connection(KEYS, {})) == []


IMPORTS = """
import sys
from ansible_collections.community.huaweicloud.plugins.module_utils._task import ClientCache
cache = ClientCache()
keys = {"access_key": "AK", "secret_key": "SK", "project_id": "p", "region": "eu-de"}
cache.get_client(cache.resolve_connection(keys, {}), check_mode=False)
print(*(name.rsplit(".", 1)[1] for name in sys.modules if name.startswith("ansible_collections.")))
"""


def test_task_with_keys_imports_no_other_methods():
    path = str(Path(__file__).parents[4] / ".collections")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([path, *filter(None, sys.path)])}
    run = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True, env=environ)
    late = {
        "agency",
        "clouds_yaml",
        "credential_files",
        "secret_files",
        "metadata",
        "temporary_keys",
        "token_cache",
        "iam",
    }
    assert set(run.stdout.split()) & late == set()
    assert "credentials" in run.stdout.split()


def test_warnings_about_files_are_found(cache, tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[basic]\nak = AK\nsk = CANARY\n", encoding="utf-8")
    path.chmod(0o644)
    (warning,) = cache.find_warnings(cache.resolve_connection({"credentials_file": str(path)}, {}))
    assert warning.startswith(f"'{path}' contains secrets, and its mode 0644 lets other users read or change it.")


@pytest.mark.parametrize(
    "options, keys",
    [
        (dict(USER, token_cache="tokens"), ("value", "project_id")),
        (
            dict(KEYS, token_cache="tokens", agency_name="a", agency_domain_id="d"),
            ("securitytoken", "access", "secret"),
        ),
        (dict(KEYS, token_cache="tokens", project_name="x"), None),
        ({"token_cache": "tokens", "use_metadata": True}, None),
    ],
)
def test_only_issued_tokens_and_keys_are_shared(cache, options, keys, tmp_path):
    connection = cache.resolve_connection({**options, "token_cache": str(tmp_path / "tokens")}, {})
    identity = cache.get_client(connection, check_mode=False)[0]._identity
    assert getattr(identity._cache, "_keys", None) == keys
    assert cache.find_warnings(connection) == []
    assert (tmp_path / "tokens").exists() == (keys is not None)


def test_warning_about_unsafe_token_cache(cache, tmp_path):
    tmp_path.chmod(0o777)
    connection = cache.resolve_connection(dict(USER, token_cache=str(tmp_path / "tokens")), {})
    assert cache.find_warnings(connection) == [
        f"The directory '{tmp_path / 'tokens'}' (token_cache) is not used: other users can write to '{tmp_path}'."
    ]


@pytest.mark.parametrize(
    "options, identity",
    [
        (dict(KEYS, project_id="p-1"), FixedIdentity),
        (KEYS, ProjectIdentity),
        (USER, ProjectIdentity),
        ({"use_metadata": True, "project_id": "p-1"}, TemporaryKeysIdentity),
        (dict(KEYS, project_id="p-1", agency_name="a", agency_domain_id="d"), TemporaryKeysIdentity),
    ],
)
def test_iam_is_only_used_if_it_is_needed(cache, options, identity):
    client = cache.get_client(cache.resolve_connection(options, {}), check_mode=False)[0]
    assert client._identity.__class__ is identity


def test_validator_is_made_once_and_leaves_the_spec_alone():
    spec = ArgumentSpec({"names": {"type": "list", "elements": "str", "default": ["a"]}, "number": {"type": "int"}})
    assert get_validator(spec) is get_validator(spec)
    assert get_validator(spec) is not get_validator(CONNECTION)
    assert validate_params(spec, {"number": "5"}) == ({"names": ["a"], "number": 5}, None)
    assert validate_params(spec, {"names": ["b"]}) == ({"names": ["b"], "number": None}, None)
    assert "unable to convert to int" in validate_params(spec, {"number": "x"})[1]
    assert spec.argument_spec == {
        "names": {"type": "list", "elements": "str", "default": ["a"]},
        "number": {"type": "int"},
    }


def test_session_receives_warnings_of_the_client(cache):
    warnings = []
    context = RunContext({}, False, False, 0, warnings.append, lambda secrets: None)
    connection = cache.resolve_connection(KEYS, {})
    session = open_session(connection, {}, context, cache)
    for dummy in range(2):
        session.until(Deadline(session.clock, 1.0)).client.warn("a renewal failed")
    assert warnings == ["a renewal failed"]
