# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    CREDENTIAL_VARIABLES,
    Credentials,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import (
    Setting,
    Settings,
    variables_for,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from connections import KEYS, refusal, resolve

VARIABLES = {
    **CREDENTIAL_VARIABLES,
    "project_id": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID", "OS_PROJECT_ID"),
    "project_name": ("HW_PROJECT_NAME", "OS_PROJECT_NAME"),
    "region": ("HW_REGION_NAME", "OS_REGION_NAME"),
    "auth_url": ("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
    "cloud_domain": ("HW_CLOUD",),
    "asm_endpoint": ("HW_ASM_ENDPOINT",),
    "modelarts_endpoint": ("HW_MODELARTS_ENDPOINT",),
    "validate_certs": ("HW_INSECURE", "OS_INSECURE"),
    "ca_path": ("HW_CACERT", "OS_CACERT"),
    "client_cert": ("HW_CERT", "OS_CERT"),
    "client_key": ("HW_KEY", "OS_KEY"),
    "proxy": ("HW_PROXY",),
    "credentials_file": ("HW_SHARED_CONFIG_FILE", "HUAWEICLOUD_SDK_CREDENTIALS_FILE"),
    "profile": ("HW_PROFILE",),
    "cloud": ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE"),
    "use_metadata": ("HW_USE_METADATA",),
    "agency_name": ("HW_ASSUME_ROLE_AGENCY_NAME",),
    "agency_domain_name": ("HW_ASSUME_ROLE_DOMAIN_NAME",),
    "agency_domain_id": ("HW_ASSUME_ROLE_DOMAIN_ID",),
    "agency_duration": ("HW_ASSUME_ROLE_DURATION",),
    "token_cache": ("HW_TOKEN_CACHE",),
    "connect_timeout": (),
    "read_timeout": (),
    "max_retries": (),
    "retry_max_delay": (),
}


TEXT_OPTIONS = ("project_id", "project_name", "region", "cloud_domain")


URL_OPTIONS = ("auth_url", "asm_endpoint", "modelarts_endpoint", "proxy")


FILE_OPTIONS = ("ca_path", "client_cert", "client_key")


def build_value(option, number, directory):
    """Return a valid value for an option, which depends on the number."""
    if option in URL_OPTIONS:
        return f"https://host{number}"
    if option in FILE_OPTIONS:
        path = directory / f"file{number}.pem"
        path.touch()
        return str(path)
    return f"value{number}"


def test_each_option_has_variables_in_order():
    assert {option: variables_for(option) for option in CONNECTION.argument_spec} == VARIABLES
    with pytest.raises(KeyError, match="^'mesh_id'$"):
        variables_for("mesh_id")


def test_minimal_settings_have_defaults():
    assert resolve() == Connection(
        credentials=Credentials("aksk", "task", **KEYS),
        validate_certs=True,
        connect_timeout=5.0,
        read_timeout=30.0,
        max_retries=5,
        retry_max_delay=30.0,
    )
    assert resolve(**dict.fromkeys(VARIABLES.keys() - KEYS.keys())) == resolve()
    assert resolve(**dict.fromkeys(TEXT_OPTIONS + URL_OPTIONS + FILE_OPTIONS, "")) == resolve()


LOCATION = "profile 'dev' of '/x'"


def build_settings(in_file, params=None, environ=None):
    """Return the settings of a task whose credentials come from a file with other settings."""
    credentials = Credentials("token", "task", auth_token="t", location=LOCATION, settings=in_file)
    return Settings(params or {}, environ or {}, credentials)


@pytest.mark.parametrize(
    ("params", "in_file", "environ", "setting"),
    [
        ({"region": "a"}, {"region": "b"}, {"HW_REGION_NAME": "c"}, Setting("region", "a")),
        ({"region": ""}, {"region": "b"}, {"HW_REGION_NAME": "c"}, Setting("region", "b", file=LOCATION)),
        ({}, {"project_id": "b"}, {"HW_REGION_NAME": "c"}, Setting("region", "c", "HW_REGION_NAME")),
        ({}, {"project_id": "b"}, {}, Setting("region")),
    ],
)
def test_file_is_between_task_and_environment(params, in_file, environ, setting):
    assert build_settings(in_file, params, environ).get("region") == setting


def test_missing_setting_of_a_file_has_no_source():
    assert build_settings({"region": "b"}).from_file("project_id") == Setting("project_id")
    assert Settings({}, {}).from_file("region") == Setting("region")
    assert build_settings({"region": "b"}).from_file("region").label == f"region (from {LOCATION})"


@pytest.mark.parametrize(
    ("in_file", "project"),
    [
        ({"project_id": "b"}, (Setting("project_id", "b", file=LOCATION), Setting("project_name"))),
        ({"project_name": "b"}, (Setting("project_id"), Setting("project_name", "b", file=LOCATION))),
        ({}, (Setting("project_id", "c", "HW_PROJECT_ID"), Setting("project_name", "d", "HW_PROJECT_NAME"))),
    ],
)
def test_pair_of_a_file_is_not_completed(in_file, project):
    found = build_settings(in_file, environ={"HW_PROJECT_ID": "c", "HW_PROJECT_NAME": "d"})
    assert found.pair("project_id", "project_name") == project
    assert found.pair("project_name", "project_id") == project[::-1]


@pytest.mark.parametrize(
    ("variable", "successor"), [("OS_TENANT_ID", "OS_PROJECT_ID"), ("OS_TENANT_NAME", "OS_PROJECT_NAME")]
)
def test_former_variable_is_rejected(variable, successor):
    Settings({}, {variable: " "}).reject_tenant()
    with pytest.raises(OptionError) as caught:
        Settings({}, {variable: "CANARY"}).reject_tenant()
    assert caught.value.message == f"The environment variable {variable} is not supported"
    assert caught.value.hint == f"Set {successor} instead"


@pytest.mark.parametrize("option", TEXT_OPTIONS + URL_OPTIONS + ("ca_path", "client_cert"))
def test_option_takes_precedence_over_variables(option, tmp_path):
    environ = {name: build_value(option, 1, tmp_path) for name in VARIABLES[option]}
    wanted = build_value(option, 0, tmp_path)
    assert getattr(resolve(environ, **{option: wanted}), option) == wanted


@pytest.mark.parametrize("unset", ["", " ", None])
@pytest.mark.parametrize("option", TEXT_OPTIONS + URL_OPTIONS + FILE_OPTIONS)
def test_first_nonempty_variable_applies(option, unset, tmp_path):
    names = VARIABLES[option]
    for first in range(len(names)):
        environ = {
            **dict.fromkeys(names[:first], unset or ""),
            **{name: build_value(option, names.index(name), tmp_path) for name in names[first:]},
        }
        if option == "client_key":
            environ[names[first].replace("KEY", "CERT")] = build_value("client_cert", 9, tmp_path)
        environ.setdefault("HW_CERT" if first == 0 else "OS_CERT", build_value("client_cert", 9, tmp_path))
        assert getattr(resolve(environ, **{option: unset}), option) == build_value(option, first, tmp_path)


@pytest.mark.parametrize(
    "given, environ, verified",
    [
        (None, {}, True),
        (True, {"HW_INSECURE": "true"}, True),
        (False, {"HW_INSECURE": "false"}, False),
        (None, {"HW_INSECURE": "", "OS_INSECURE": "1"}, False),
        (None, {"HW_INSECURE": "0", "OS_INSECURE": "1"}, True),
        *[(None, {"HW_INSECURE": word}, False) for word in ("1", "true", "TRUE", "Yes", "on", "y", "T", " true ")],
        *[(None, {"OS_INSECURE": word}, True) for word in ("0", "false", "False", "NO", "off", "n", "f")],
        ("no", {}, False),
        ("yes", {"HW_INSECURE": "true"}, True),
    ],
)
def test_insecure_variables_invert_validate_certs(given, environ, verified):
    assert resolve(environ, validate_certs=given).validate_certs is verified


@pytest.mark.parametrize(
    "given, environ, name",
    [
        (None, {"HW_INSECURE": "CANARY"}, "HW_INSECURE"),
        (None, {"OS_INSECURE": "2"}, "OS_INSECURE"),
        ("CANARY", {}, "validate_certs"),
    ],
)
def test_invalid_validate_certs_is_rejected(given, environ, name):
    assert str(refusal(environ, validate_certs=given)) == f"{name} must be a boolean, for example true or false"


@pytest.mark.parametrize(
    "given, kept",
    [
        ("https://asm.example.com", "https://asm.example.com"),
        ("https://asm.example.com/", "https://asm.example.com"),
        ("https://asm.example.com//", "https://asm.example.com"),
        (" https://asm.example.com\n", "https://asm.example.com"),
        ("https://asm.example.com:443", "https://asm.example.com"),
        ("http://asm.example.com:80/", "http://asm.example.com"),
        ("http://asm.example.com:443", "http://asm.example.com:443"),
        ("HTTPS://ASM.Example.com:8443/Prefix/", "https://asm.example.com:8443/Prefix"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://asm.example.com/a/b", "https://asm.example.com/a/b"),
        ("https://asm.example.com/X/", "https://asm.example.com/X"),
    ],
)
def test_endpoints_are_normalized(given, kept):
    found = resolve(asm_endpoint=given, auth_url=given)
    assert (found.endpoint("asm"), found.endpoint("iam")) == (kept, kept)


@pytest.mark.parametrize(
    "given", ["https://iam.example.com", "https://iam.example.com/v3", "https://iam.example.com:443/v3/"]
)
def test_version_at_end_of_auth_url_is_removed(given):
    assert resolve(auth_url=given).endpoint("iam") == "https://iam.example.com"
    assert resolve({"OS_AUTH_URL": given}).endpoint("iam") == "https://iam.example.com"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://iam.example.com//v3", "https://iam.example.com"),
        ("https://iam.example.com/X/v3", "https://iam.example.com/X"),
        ("https://iam.example.com/X//v3/", "https://iam.example.com/X"),
    ],
)
def test_path_before_the_version_is_kept(given, kept):
    assert resolve(auth_url=given).endpoint("iam") == kept


def test_version_is_removed_only_for_iam():
    assert resolve(asm_endpoint="https://asm.example.com/v3").endpoint("asm") == "https://asm.example.com/v3"


SCHEME = "it does not begin with http:// or https://"


NO_HOST = "it contains no host"


UNREADABLE = "its host or port is invalid"


USER = "it contains a user or a password"


QUERY = "it contains a query or a fragment"


PATH = "its path contains unsupported characters"


BAD_URLS = [
    ("asm.example.com", SCHEME),
    ("ftp://asm.example.com", SCHEME),
    ("asm.example.com:443", SCHEME),
    ("//asm.example.com", SCHEME),
    ("https://", NO_HOST),
    ("https:///v3", NO_HOST),
    ("https://:443", NO_HOST),
    ("https://asm.example.com:port", UNREADABLE),
    ("https://asm.example.com:0", UNREADABLE),
    ("https://asm.example.com:65536", UNREADABLE),
    ("https://[::1", UNREADABLE),
    ("https://asm example.com", UNREADABLE),
    ("https://büro.example.com", UNREADABLE),
]


BAD_ENDPOINTS = BAD_URLS + [
    ("https://CANARY-user@asm.example.com", USER),
    ("https://user:CANARY-password@asm.example.com", USER),
    ("https://@asm.example.com", USER),
    ("https://asm.example.com?token=CANARY", QUERY),
    ("https://asm.example.com/?", QUERY),
    ("https://asm.example.com#CANARY", QUERY),
    ("https://asm.example.com/a/../b", PATH),
    ("https://asm.example.com/.", PATH),
    ("https://asm.example.com/a b", PATH),
    ("https://asm.example.com/ü", PATH),
]


@pytest.mark.parametrize("option", ["auth_url", "asm_endpoint", "modelarts_endpoint"])
@pytest.mark.parametrize("url, why", BAD_ENDPOINTS)
def test_invalid_endpoints_are_rejected(option, url, why):
    error = refusal(**{option: url})
    assert error.message == f"{option} is not a usable URL: {why}"
    assert error.hint == "Set a URL such as https://host or https://host:port"
    variable = VARIABLES[option][0]
    assert refusal({variable: url}).message == f"{option} (from {variable}) is not a usable URL: {why}"


@pytest.mark.parametrize("url, why", BAD_URLS)
def test_invalid_proxies_are_rejected(url, why):
    assert refusal(proxy=url).message == f"proxy is not a usable URL: {why}"
    assert refusal({"HW_PROXY": url}).message == f"proxy (from HW_PROXY) is not a usable URL: {why}"


REMOVE = "Remove line breaks, other control characters, and characters outside ASCII"


@pytest.mark.parametrize("value", ["p\n1", "p\x00", "\u4e2d", "p\xe9", "p\x7f1"])
def test_project_invalid_in_a_header_is_rejected(value):
    assert (
        str(refusal(project_id=value)) == f"project_id contains a character that is invalid in an HTTP header. {REMOVE}"
    )
    assert (
        str(refusal({"HW_PROJECT_ID": value}))
        == f"project_id (from HW_PROJECT_ID) contains a character that is invalid in an HTTP header. {REMOVE}"
    )


@pytest.mark.parametrize("value", ["p\n1", "p\t1", "p\x00", "p\xa01"])
def test_project_name_with_control_character_is_rejected(value):
    assert str(refusal(project_name=value)) == "project_name contains a line break or another control character"
    assert "project_name (from OS_PROJECT_NAME) contains" in str(refusal({"OS_PROJECT_NAME": value}))
    assert "is not valid text in UTF-8" in str(refusal(project_name="p\udcff"))
    assert resolve(project_name="eu-de_\u4e2d").project_name == "eu-de_\u4e2d"


@pytest.mark.parametrize("option", URL_OPTIONS)
@pytest.mark.parametrize(
    "value", ["https://asm.exa\nmple.com", "https://asm.example.com/\ta", "ht\ntps://asm.example.com"]
)
def test_line_break_within_a_url_is_rejected(option, value):
    """urlsplit() would remove it."""
    assert "contains a line break or another control character" in str(refusal(**{option: value}))
    assert f"from {VARIABLES[option][0]}" in str(refusal({VARIABLES[option][0]: value}))


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("http://user:p\xe4ss-CANARY@proxy.example.com:3128", "must be percent-encoded"),
        ("http://user:%E4%B8%AD-CANARY@proxy.example.com:3128", "is invalid in an HTTP header"),
    ],
)
def test_proxy_with_invalid_password_is_rejected(value, why):
    assert why in str(refusal(proxy=value))
    assert "proxy (from HW_PROXY)" in str(refusal({"HW_PROXY": value}))


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
@pytest.mark.parametrize("option", TEXT_OPTIONS + URL_OPTIONS + ("ca_path", "client_cert"))
def test_line_break_at_the_end_of_a_variable_is_removed(option, end, tmp_path):
    """Files that are read with cat often end with a line break."""
    value = build_value(option, 0, tmp_path)
    assert getattr(resolve({VARIABLES[option][0]: value + end}), option) == value


@pytest.mark.parametrize(
    "region", ["eu-de_dev", "eu-de.example.com/", "eu de", "-eu", "eu-de@CANARY", "é", "eu-de\n.x"]
)
def test_invalid_regions_are_rejected(region):
    assert str(refusal(region=region)) == "region must be letters, digits and hyphens, for example eu-de"
    assert (
        str(refusal({"OS_REGION_NAME": region}))
        == "region (from OS_REGION_NAME) must be letters, digits and hyphens, for example eu-de"
    )


@pytest.mark.parametrize(
    "domain", ["https://example.com", "example.com/", ".example.com", "example..com", "a@CANARY", "example.com:443"]
)
def test_invalid_cloud_domains_are_rejected(domain):
    assert str(refusal(cloud_domain=domain)) == "cloud_domain must be a domain name, for example myhuaweicloud.com"
    assert (
        str(refusal({"HW_CLOUD": domain}))
        == "cloud_domain (from HW_CLOUD) must be a domain name, for example myhuaweicloud.com"
    )


@pytest.mark.parametrize("option", FILE_OPTIONS)
def test_missing_files_are_rejected(option, tmp_path):
    there, missing = build_value(option, 0, tmp_path), tmp_path / "missing.pem"
    params = {"client_cert": there, option: str(missing)}
    assert str(refusal(**params)) == f"{option}: '{missing}' does not exist"
    variable = VARIABLES[option][1]
    environ = {"OS_CERT": there, variable: str(missing)}
    assert str(refusal(environ)) == f"{option} (from {variable}): '{missing}' does not exist"


@pytest.mark.parametrize("option", FILE_OPTIONS)
def test_unreadable_files_are_rejected(option, tmp_path, monkeypatch):
    """The test does not use file modes, because root can read all files."""
    there = build_value("client_cert", 0, tmp_path)
    closed = build_value(option, 1, tmp_path)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed and access(path, mode))
    assert str(refusal(**{"client_cert": there, option: closed})) == f"{option}: '{closed}' cannot be read"


def test_ca_path_may_be_a_directory(tmp_path):
    assert resolve(ca_path=str(tmp_path)).ca_path == str(tmp_path)


def test_paths_of_the_environment_are_expanded(tmp_path, monkeypatch):
    """Ansible expands only options of the type path."""
    (tmp_path / "ca.pem").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve({"HW_CACERT": "~/ca.pem"}).ca_path == str(tmp_path / "ca.pem")
    assert resolve({"HW_CACERT": "$HOME/ca.pem"}).ca_path == str(tmp_path / "ca.pem")


def test_paths_of_options_are_not_expanded(tmp_path, monkeypatch):
    """Ansible already expanded them."""
    path = tmp_path / "$HOME.pem"
    path.touch()
    monkeypatch.setenv("HOME", "elsewhere")
    assert resolve(ca_path=str(path)).ca_path == str(path)


def test_key_without_certificate_is_rejected(tmp_path):
    key = build_value("client_key", 0, tmp_path)
    assert str(refusal(client_key=key)) == "client_key is set without client_cert"
    assert str(refusal({"HW_CERT": key}, client_key=key)) == "client_key is set without client_cert"
    assert str(refusal({"OS_KEY": key})) == "client_key (from OS_KEY) is set without client_cert"


def test_certificate_and_key_come_from_one_source(tmp_path):
    mine, theirs = build_value("client_cert", 0, tmp_path), build_value("client_cert", 1, tmp_path)
    found = resolve({"HW_CERT": theirs, "HW_KEY": theirs}, client_cert=mine)
    assert (found.client_cert, found.client_key) == (mine, None)
    found = resolve({"HW_CERT": theirs, "OS_KEY": mine})
    assert (found.client_cert, found.client_key) == (theirs, None)
    found = resolve({"OS_CERT": theirs, "OS_KEY": mine})
    assert (found.client_cert, found.client_key) == (theirs, mine)
    assert "HW_KEY" in str(refusal({"HW_KEY": mine, "OS_CERT": theirs, "OS_KEY": mine}))


@pytest.mark.parametrize(
    "head", ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED"]
)
def test_encrypted_key_is_rejected(tmp_path, head):
    """The module cannot prompt for the password."""
    locked, plain = tmp_path / "locked.pem", build_value("client_key", 0, tmp_path)
    locked.write_text(f"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{head}\nAAAA\n", encoding="ascii")
    why = f"the key in '{locked}' is encrypted with a password. Store the key without a password, and protect the file instead"
    assert str(refusal(client_cert=str(locked))) == f"client_cert: {why}"
    assert str(refusal(client_cert=plain, client_key=str(locked))) == f"client_key: {why}"
    assert str(refusal({"HW_CERT": str(locked)})) == f"client_cert (from HW_CERT): {why}"
    # The module uses the separate key.
    assert resolve(client_cert=str(locked), client_key=plain).client_cert == str(locked)


def test_only_first_mebibyte_of_a_key_is_read(tmp_path):
    path = tmp_path / "long.pem"
    path.write_bytes(b"\n" * 1024 * 1024 + b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert resolve(client_cert=str(path)).client_cert == str(path)
    path.write_bytes(path.read_bytes()[64:])
    assert "is encrypted with a password" in str(refusal(client_cert=str(path)))
