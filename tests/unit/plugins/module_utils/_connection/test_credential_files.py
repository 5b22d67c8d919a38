# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials file of the SDK and the profiles of KooCLI."""

from __future__ import annotations

import json
import os
import traceback

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.secret_files import read_secret_file
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

INI = """\
[basic]
ak = AK1
sk = CANARY%sk
project_id = p-1
iam_endpoint = https://iam.example.com

[global]
ak = AK2
sk = CANARY-global
domain_id = d-1
security_token = CANARY-token
"""
PROFILE = {
    "name": "dev",
    "mode": "AKSK",
    "accessKeyId": "AK1",
    "secretAccessKey": "CANARY-sk",
    "securityToken": "",
    "region": "eu-de",
    "projectId": "p-1",
    "domainId": "d-1",
}
KOOCLI = {"authEncrypt": "false", "current": "dev", "profiles": [PROFILE]}


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="credentials", mode=0o600):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        path.chmod(mode)
        return str(path)

    return write_file


def koocli(**changes):
    return {**KOOCLI, "profiles": [{**PROFILE, **changes}]}


def refuse(path, environ=None, **params):
    """Return the error for a file. No error contains its content."""
    with pytest.raises(OptionError) as caught:
        resolve_connection({"credentials_file": path, **params}, environ or {})
    assert "CANARY" not in f"{caught.value!r} {traceback.format_exception(caught.type, caught.value, caught.tb)}"
    return str(caught.value).replace(path, "FILE")


# -- the file of the SDK ----------------------------------------------------------------------------------------------


def test_sdk_file_sets_keys_project_and_iam(write):
    path = write(INI)
    found = resolve_connection({"credentials_file": path}, {})
    assert found.credentials == Credentials("aksk", "task", access_key="AK1", secret_key="CANARY%sk")
    assert (found.project_id, found.auth_url, found.credentials.warnings) == ("p-1", "https://iam.example.com", ())
    assert found.credentials.origin() == (
        f"The credentials come from section 'basic' of '{path}', selected by the task option credentials_file."
    )
    assert "CANARY" not in repr(found)


def test_profile_selects_section_of_sdk_file(write):
    found = resolve_connection({"credentials_file": write(INI), "profile": "global"}, {})
    assert found.credentials == Credentials(
        "aksk", "task", access_key="AK2", secret_key="CANARY-global", security_token="CANARY-token", domain_id="d-1"
    )
    assert (found.project_id, found.domain_id) == (None, "d-1")


@pytest.mark.parametrize(
    ("content", "params", "message"),
    [
        (INI, {"profile": "prod"}, "'FILE' does not contain the section 'prod'. Available: 'basic' and 'global'. Set profile to one of them"),
        ("", {}, "'FILE' contains no section. Add the section 'basic' to the file, or select another file"),
        (
            "[basic]\nak = CANARY\n",
            {},
            "Incomplete credentials in section 'basic' of 'FILE': ak without sk. Set all credentials in one source: other sources do not complete a file",
        ),
        (
            "[basic]\nproject_id = CANARY\n",
            {},
            "No credentials in section 'basic' of 'FILE'. Set all credentials in one source: other sources do not complete a file",
        ),
        (
            "[basic]\nidp_id = CANARY\nid_token_file = CANARY\n",
            {},
            "The section 'basic' of 'FILE' requests an identity provider, which is not supported",
        ),
        ("ak = CANARY\n", {}, "'FILE' is not a valid INI file: line 1"),
        ("[basic]\nak = AK\nCANARY\n", {}, "'FILE' is not a valid INI file: line 3"),
        ("[basic]\nak = CANARY\n[basic]\n", {}, "'FILE' is not a valid INI file: line 3"),
        (
            "[basic]\nak = a\nsk = CANARY\u00e4\n",
            {},
            "secret_key (from sk in section 'basic' of 'FILE') contains a character that is invalid in an HTTP header. "
            "Remove line breaks, other control characters, and characters outside ASCII",
        ),
    ],
)  # fmt: skip
def test_invalid_sdk_file_is_rejected(write, content, params, message):
    assert refuse(write(content), **params) == message


# -- profiles of KooCLI -----------------------------------------------------------------------------------------------


def test_profile_sets_keys_region_project_and_account(write):
    path = write(KOOCLI, "config.json")
    found = resolve_connection({"credentials_file": path}, {"HW_REGION_NAME": "eu-nl", "HW_PROJECT_NAME": "other"})
    assert found.credentials == Credentials("aksk", "task", access_key="AK1", secret_key="CANARY-sk", domain_id="d-1")
    assert (found.region, found.project_id, found.project_name, found.domain_id) == ("eu-de", "p-1", None, "d-1")
    assert found.agency is None


def test_task_options_override_settings_of_profile(write):
    found = resolve_connection(
        {"credentials_file": write(KOOCLI), "region": "eu-nl", "project_name": "eu-nl_x"}, {"HW_REGION_NAME": "x"}
    )
    assert (found.region, found.project_id, found.project_name) == ("eu-nl", None, "eu-nl_x")


def test_profile_without_path_is_read_from_default_file(write, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = write({**KOOCLI, "current": "none"}, ".hcloud/config.json")
    found = resolve_connection({}, {"HW_PROFILE": "dev"})
    assert found.credentials.access_key == "AK1"
    assert found.credentials.origin() == (
        f"The credentials come from profile 'dev' of '{path}', selected by the environment variable HW_PROFILE."
    )
    assert resolve_connection({"profile": "dev"}, {}).credentials.source == "task"
    assert resolve_connection({"profile": "dev"}, {"HW_SHARED_CONFIG_FILE": " "}).credentials.source == "task"


@pytest.mark.parametrize("variable", ["HW_SHARED_CONFIG_FILE", "HUAWEICLOUD_SDK_CREDENTIALS_FILE"])
def test_path_from_environment_expands_home_and_variables(write, tmp_path, monkeypatch, variable):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STAGE", "dev")
    write(KOOCLI, "dev.json")
    assert resolve_connection({}, {variable: "~/$STAGE.json"}).credentials.access_key == "AK1"


def test_profile_of_task_uses_path_of_environment(write):
    path = write({**KOOCLI, "current": "none"})
    assert resolve_connection({"profile": "dev"}, {"HW_SHARED_CONFIG_FILE": path}).credentials.source == "task"


def test_incomplete_variables_of_same_family_are_reported(write):
    found = resolve_connection({}, {"HW_SHARED_CONFIG_FILE": write(KOOCLI), "HW_ACCESS_KEY": "x"})
    assert found.credentials.skipped == ("HW_ACCESS_KEY without HW_SECRET_KEY",)


def test_agency_of_profile_is_assumed(write):
    profile = koocli(mode="AssumeRole", agencyName="ops", agencyDomainName="shop")
    found = resolve_connection({"credentials_file": write(profile)}, {"HW_ASSUME_ROLE_DURATION": "900"})
    assert found.agency == ("ops", "shop", None, 900)
    assert found.domain_id is None


ASSUMED = {"name": "ops", "mode": "AssumeRole", "agencyName": "ops", "agencyDomainName": "shop", "sourceProfile": "dev"}


@pytest.mark.parametrize("leftover", [{}, {"accessKeyId": "AK2", "secretAccessKey": "CANARY-2", "domainId": "d-2"}])
def test_agency_is_assumed_with_keys_of_source_profile(write, leftover):
    path = write({**KOOCLI, "profiles": [PROFILE, {**ASSUMED, **leftover, "region": "eu-nl"}]})
    found = resolve_connection({"credentials_file": path, "profile": "ops"}, {})
    assert found.credentials == Credentials("aksk", "task", access_key="AK1", secret_key="CANARY-sk", domain_id="d-1")
    assert (found.agency, found.region, found.project_id) == (("ops", "shop", None, 3600), "eu-nl", None)
    assert found.credentials.location == f"profile 'ops' of '{path}'"


def test_agency_of_task_replaces_the_one_of_profile(write):
    path = write({**KOOCLI, "profiles": [PROFILE, ASSUMED]})
    agency = {"agency_name": "other", "agency_domain_id": "d-9"}
    found = resolve_connection({"credentials_file": path, "profile": "ops", **agency}, {})
    assert (found.agency, found.credentials.access_key) == (("other", None, "d-9", 3600), "AK1")


LEFTOVERS = {
    "agencyName": "ops",
    "agencyDomainName": "shop",
    "sourceProfile": "none",
    "ssoAuth": {"stsToken": {"accessKeyId": "AK9", "secretAccessKey": "CANARY-9"}},
}


@pytest.mark.parametrize(
    ("mode", "access_key"), [("AKSK", "AK1"), ("aksk", "AK1"), ("SSO", "AK9"), ("ecsAgency", None)]
)
def test_mode_selects_the_values_of_a_profile(write, mode, access_key):
    found = resolve_connection({"credentials_file": write(koocli(mode=mode, **LEFTOVERS))}, {})
    assert (found.agency, found.credentials.access_key) == (None, access_key)


@pytest.mark.parametrize("mode", [None, ""])
def test_agency_of_profile_without_mode_is_assumed(write, mode):
    found = resolve_connection({"credentials_file": write(koocli(mode=mode, **LEFTOVERS))}, {})
    assert (found.agency, found.credentials.access_key) == (("ops", "shop", None, 3600), "AK1")


def test_sso_profile_uses_its_temporary_keys(write):
    token = {"accessKeyId": "AK9", "secretAccessKey": "CANARY-sso", "securityToken": "CANARY-token"}
    found = resolve_connection(
        {"credentials_file": write(koocli(mode="SSO", ssoAuth={"stsToken": token}))}, {}
    ).credentials
    assert (found.access_key, found.secret_key, found.security_token) == ("AK9", "CANARY-sso", "CANARY-token")


def test_profile_can_select_metadata(write):
    path = write(koocli(mode="ecsAgency", accessKeyId="", secretAccessKey=""))
    found = resolve_connection({"credentials_file": path}, {})
    assert (found.credentials.kind, found.metadata_url, found.region) == ("metadata", "http://169.254.169.254", "eu-de")


MODES = "Supported modes are AKSK, AssumeRole, SSO and ecsAgency"
HINT = "Set profile to one of them"
ENCRYPTED = (
    "The credentials in profile 'dev' of 'FILE' are encrypted, and only KooCLI can decrypt them. "
    "Run: hcloud configure set --cli-auth-encrypt=false"
)


@pytest.mark.parametrize(
    ("content", "params", "message"),
    [
        (KOOCLI, {"profile": "prod"}, f"'FILE' does not contain the profile 'prod'. Available: 'dev'. {HINT}"),
        ({**KOOCLI, "current": "x"}, {}, f"'FILE' does not contain the profile 'x'. Available: 'dev'. {HINT}"),
        ({"profiles": [PROFILE]}, {}, f"No profile of 'FILE' is selected. Available: 'dev'. {HINT}"),
        ({"profiles": []}, {}, "'FILE' contains no profile. Add a profile to the file, or select another file"),
        (
            {"profiles": [{**PROFILE, "name": f"p{number}"} for number in range(22)]},
            {"profile": "x"},
            "'FILE' does not contain the profile 'x'. Available: "
            + ", ".join(f"'p{number}'" for number in range(19))
            + f" and 'p19' and 2 more. {HINT}",
        ),
        ({**KOOCLI, "authEncrypt": "true"}, {}, ENCRYPTED),
        ({**koocli(accessKeyId="CANARY+/=="), "authEncrypt": None}, {}, ENCRYPTED),
        (
            koocli(secretAccessKey=""),
            {},
            "Incomplete credentials in profile 'dev' of 'FILE': accessKeyId without secretAccessKey. "
            "Set all credentials in one source: other sources do not complete a file",
        ),
        (
            koocli(mode="SSO"),
            {},
            "The mode SSO of profile 'dev' of 'FILE' requires temporary keys, and the profile contains none. "
            "Run: hcloud configure sso --cli-profile=dev",
        ),
        (
            koocli(accessKeyId="", secretAccessKey="", **LEFTOVERS),
            {},
            "The mode AKSK of profile 'dev' of 'FILE' requires an access key, and the profile contains none. "
            "Run: hcloud configure set --cli-profile=dev --cli-access-key=... --cli-secret-key=...",
        ),
        (
            {**KOOCLI, "profiles": [PROFILE, {**ASSUMED, "sourceProfile": ""}]},
            {"profile": "ops"},
            "The mode AssumeRole of profile 'ops' of 'FILE' requires a source profile or an access key, and the profile contains none. "
            "Run: hcloud configure set --cli-profile=ops --cli-source-profile=...",
        ),
        (
            koocli(mode="", accessKeyId="", secretAccessKey=""),
            {},
            "No credentials in profile 'dev' of 'FILE'. Set all credentials in one source: other sources do not complete a file",
        ),
        (koocli(mode="OIDC"), {}, f"The mode OIDC of profile 'dev' of 'FILE' is not supported. {MODES}"),
        *(
            (koocli(mode=mode), {}, f"The mode of profile 'dev' of 'FILE' is not supported. {MODES}")
            for mode in ("CANARY-1", ["CANARY"], 0)
        ),
        *(
            (
                koocli(mode="AssumeRole", **agency),
                {},
                "The mode AssumeRole of profile 'dev' of 'FILE' requires agencyName, and agencyDomainName or "
                "agencyDomainId. Set them in the profile, or set its mode to AKSK",
            )
            for agency in ({}, {"agencyName": "CANARY"}, {"agencyDomainName": "CANARY", "agencyDomainId": "CANARY"})
        ),
        *(
            (
                {**KOOCLI, "profiles": [PROFILE, {**ASSUMED, "sourceProfile": source}]},
                {"profile": "ops"},
                "sourceProfile of profile 'ops' of 'FILE' is not the name of a profile in the file",
            )
            for source in ("CANARY", ["CANARY"])
        ),
        (
            {**KOOCLI, "profiles": [PROFILE, ASSUMED | {"sourceProfile": "ops"}]},
            {"profile": "ops"},
            "sourceProfile of profile 'ops' of 'FILE' is a profile with the mode AssumeRole. Set it to a profile with the mode AKSK",
        ),
        (
            {**KOOCLI, "profiles": [{**PROFILE, "secretAccessKey": ""}, ASSUMED]},
            {"profile": "ops"},
            "Incomplete credentials in profile 'dev' of 'FILE': accessKeyId without secretAccessKey. "
            "Set all credentials in one source: other sources do not complete a file",
        ),
        (koocli(region=["CANARY"]), {}, "'FILE': the value of region is not text. Put the value in quotes"),
        (
            koocli(mode="", agencyName="CANARY"),
            {},
            "agency_name (from profile 'dev' of 'FILE') is set without agency_domain_name (or agency_domain_id). "
            "Set one of them to the account that created the agency, in the same source",
        ),
        ({"profiles": "CANARY"}, {}, "'FILE' contains no list of profiles with names"),
        ({"profiles": [PROFILE, PROFILE]}, {}, "'FILE' contains two profiles with the same name"),
        ('{"profiles": [\n"CANARY}', {}, "'FILE' is not valid JSON: line 2"),
        ('{"a":' * 100_000, {}, "'FILE' is nested too deeply"),
    ],
)
def test_invalid_profile_is_rejected(write, content, params, message):
    assert refuse(write(content), **params) == message


# -- the file itself --------------------------------------------------------------------------------------------------


CHECK = "Check the task option credentials_file"


def test_missing_file_is_rejected(tmp_path):
    assert refuse(str(tmp_path / "none")) == f"'FILE' cannot be read: No such file or directory. {CHECK}"


FILE, PROFILE_NAME = "HW_SHARED_CONFIG_FILE", "HW_PROFILE"


@pytest.mark.parametrize(
    ("params", "variables", "origin"),
    [
        ({"credentials_file": "none", "profile": "dev"}, (), "task option credentials_file"),
        ({"credentials_file": "none"}, (FILE,), "task option credentials_file"),
        ({"profile": "dev"}, (FILE,), f"environment variable {FILE}"),
        ({"profile": "dev"}, (), "task option profile"),
        ({}, (FILE,), f"environment variable {FILE}"),
        ({}, (FILE, PROFILE_NAME), f"environment variable {FILE}"),
        ({}, (PROFILE_NAME,), f"environment variable {PROFILE_NAME}"),
        ({}, ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",), "environment variable HUAWEICLOUD_SDK_CREDENTIALS_FILE"),
    ],
)
def test_origin_of_missing_file_is_named(tmp_path, monkeypatch, params, variables, origin):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError) as caught:
        resolve_connection(params, dict.fromkeys(variables, "none"))
    assert caught.value.hint == f"Check the {origin}"


def test_directory_is_rejected(tmp_path):
    assert refuse(str(tmp_path)) in (
        f"'FILE' is not a regular file. {CHECK}",
        f"'FILE' cannot be read: Is a directory. {CHECK}",
    )


def test_named_pipe_is_rejected_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refuse(str(tmp_path / "pipe")) == f"'FILE' is not a regular file. {CHECK}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_unreadable_file_is_rejected(write):
    assert refuse(write(INI, mode=0)) == f"'FILE' cannot be read: Permission denied. {CHECK}"


def test_large_file_is_rejected(write):
    assert refuse(write(INI + "#" * 2**20)) == f"'FILE' is larger than 1024 KiB. {CHECK}"


def test_file_in_another_encoding_is_rejected(tmp_path):
    path = tmp_path / "credentials"
    path.write_bytes(INI.encode("utf-16"))
    assert refuse(str(path)) == f"'FILE' is not valid text in UTF-8. {CHECK}"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666])
def test_file_that_others_can_read_is_warned_about(write, mode):
    path = write(INI, mode=mode)
    assert resolve_connection({"credentials_file": path}, {}).credentials.warnings == (
        f"'{path}' contains secrets, and its mode {mode:04o} lets other users read or change it. Run: chmod 600 '{path}'",
    )


def test_file_without_secrets_may_be_readable(write):
    path = write(koocli(mode="ecsAgency"), mode=0o644)
    assert resolve_connection({"credentials_file": path}, {}).credentials.warnings == ()


def test_representation_of_file_contains_no_secret(write):
    assert "CANARY" not in repr(read_secret_file(write(INI)))
