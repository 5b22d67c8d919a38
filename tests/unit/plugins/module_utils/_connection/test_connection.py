# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import (
    Connection,
    misplaced_secrets,
    resolve_connection,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from connections import refusal, resolve


def test_missing_credentials_are_rejected():
    with pytest.raises(OptionError, match="^No credentials: "):
        resolve_connection({"region": "eu-de"}, {})


def test_files_and_limits_reach_the_connection(tmp_path):
    params = {"connect_timeout": 1.5, "read_timeout": 2.5, "max_retries": 3, "retry_max_delay": 4.5}
    for option in ("ca_path", "client_cert", "client_key"):
        (tmp_path / option).touch()
        params[option] = str(tmp_path / option)
    found = resolve(**params)
    assert {option: getattr(found, option) for option in params} == params


@pytest.mark.parametrize("option", ["connect_timeout", "read_timeout"])
def test_timeout_of_zero_is_rejected(option):
    assert refusal(**{option: 0}).message == f"{option} must be greater than 0, not 0"


@pytest.mark.parametrize("option", ["max_retries", "retry_max_delay"])
def test_limits_of_retries_can_be_zero(option):
    assert getattr(resolve(**{option: 0}), option) == 0


def test_settings_of_a_file_reach_the_connection(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[basic]\nak = AK\nsk = CANARY\nproject_id = theirs\n", encoding="ascii")
    path.chmod(0o600)
    found = resolve_connection({"credentials_file": str(path)}, {"HW_PROJECT_ID": "other"})
    assert (found.credentials.access_key, found.project_id) == ("AK", "theirs")


def test_domain_of_another_source_is_ignored():
    environ = {"HW_AUTH_TOKEN": "CANARY", "HW_DOMAIN_ID": "theirs"}
    assert resolve(environ).domain_id is None
    assert resolve(environ, domain_id="mine").domain_id == "mine"
    assert resolve_connection({"domain_id": "mine"}, environ).domain_id == "theirs"


@pytest.mark.parametrize(
    "params, environ, project",
    [
        ({"project_name": "dev"}, {"HW_PROJECT_ID": "prod"}, (None, "dev")),
        ({"project_id": "dev"}, {"HW_PROJECT_NAME": "prod"}, ("dev", None)),
        ({"project_id": "1", "project_name": "dev"}, {"HW_PROJECT_ID": "2"}, ("1", "dev")),
        ({}, {"HW_PROJECT_ID": "1", "OS_PROJECT_NAME": "prod"}, ("1", None)),
        ({}, {"OS_PROJECT_ID": "1", "HW_PROJECT_NAME": "prod"}, (None, "prod")),
        ({}, {"OS_PROJECT_ID": "1", "HUAWEICLOUD_SDK_PROJECT_ID": "2"}, ("2", None)),
        ({}, {"OS_PROJECT_ID": "1", "OS_PROJECT_NAME": "prod", "HW_PROJECT_NAME": " "}, ("1", "prod")),
        ({}, {"OS_PROJECT_ID": "1", "OS_TENANT_NAME": "prod"}, ("1", None)),
        ({"project_id": "", "region": "eu-de"}, {"HW_PROJECT_ID": "1"}, ("1", None)),
    ],
)
def test_project_comes_from_one_source(params, environ, project):
    found = resolve(environ, **params)
    assert (found.project_id, found.project_name) == project


@pytest.mark.parametrize(
    ("variable", "successor"), [("OS_TENANT_ID", "OS_PROJECT_ID"), ("OS_TENANT_NAME", "OS_PROJECT_NAME")]
)
def test_project_in_former_variable_is_rejected(variable, successor):
    """Otherwise the module would use the main project of the region."""
    error = refusal({variable: "CANARY", "HW_REGION_NAME": "eu-de"})
    assert str(error) == f"The environment variable {variable} is not supported. Set {successor} instead"


@pytest.mark.parametrize(
    ("params", "environ", "origin"),
    [
        ({"region": "eu-de"}, {"HW_REGION_NAME": "x"}, "region"),
        ({}, {"OS_REGION_NAME": "x"}, "region (from OS_REGION_NAME)"),
        ({"region": "eu-de"}, {"OS_PROJECT_NAME": "x"}, "project_name (from OS_PROJECT_NAME)"),
        ({"project_name": "eu-de_x"}, {}, "project_name"),
    ],
)
def test_origin_names_setting_of_project_name(params, environ, origin):
    assert resolve(environ, **params).project_name_origin == origin


@pytest.mark.parametrize(
    "params, name",
    [
        ({}, None),
        ({"region": "eu-de"}, "eu-de"),
        ({"region": "eu-de", "project_name": "eu-de_dev"}, "eu-de_dev"),
        ({"project_name": "x"}, "x"),
    ],
)
def test_scope_without_project_name_is_region(params, name):
    assert resolve(**params).project_scope_name() == name


@pytest.mark.parametrize(
    "params, endpoints",
    [
        (
            {"region": "cn-north-4"},
            [
                "asm.cn-north-4.myhuaweicloud.com",
                "modelarts.cn-north-4.myhuaweicloud.com",
                "iam.cn-north-4.myhuaweicloud.com",
            ],
        ),
        (
            {"region": "eu-de"},
            ["asm.eu-de.otc.t-systems.com", "modelarts.eu-de.otc.t-systems.com", "iam.eu-de.otc.t-systems.com"],
        ),
        (
            {"region": "eu-nl"},
            ["asm.eu-nl.otc.t-systems.com", "modelarts.eu-nl.otc.t-systems.com", "iam.eu-nl.otc.t-systems.com"],
        ),
        (
            {"region": "eu-west-101"},
            [
                "asm.eu-west-101.myhuaweicloud.eu",
                "modelarts.eu-west-101.myhuaweicloud.eu",
                "iam.eu-west-101.myhuaweicloud.eu",
            ],
        ),
        (
            {"region": "eu-west-0"},
            [
                "asm.eu-west-0.myhuaweicloud.com",
                "modelarts.eu-west-0.myhuaweicloud.com",
                "iam.eu-west-0.myhuaweicloud.com",
            ],
        ),
        (
            {"region": "eu-de-2"},
            ["asm.eu-de-2.myhuaweicloud.com", "modelarts.eu-de-2.myhuaweicloud.com", "iam.eu-de-2.myhuaweicloud.com"],
        ),
        (
            {"region": "eu-de", "cloud_domain": "cloud.example.com"},
            ["asm.eu-de.cloud.example.com", "modelarts.eu-de.cloud.example.com", "iam.eu-de.cloud.example.com"],
        ),
    ],
)
def test_region_determines_endpoints(params, endpoints):
    found = resolve(**params)
    assert [found.endpoint(service) for service in ("asm", "modelarts", "iam")] == [
        f"https://{host}" for host in endpoints
    ]


def test_explicit_endpoints_take_precedence_over_region():
    found = resolve(
        {"HW_REGION_NAME": "eu-de"},
        asm_endpoint="http://a:1",
        modelarts_endpoint="http://b:2",
        auth_url="http://c:3/v3",
    )
    assert [found.endpoint(service) for service in ("asm", "modelarts", "iam")] == [
        "http://a:1",
        "http://b:2",
        "http://c:3",
    ]


@pytest.mark.parametrize(
    "params, addresses",
    [
        ({}, [None, None, "https://iam.myhuaweicloud.com"]),
        (
            {"region": "eu-de", "modelarts_endpoint": "http://b:2"},
            ["https://asm.eu-de.otc.t-systems.com", "http://b:2", "https://iam.eu-de.otc.t-systems.com"],
        ),
    ],
)
def test_unknown_endpoints_are_none(params, addresses):
    assert resolve(**params).endpoints() == dict(zip(("asm_endpoint", "modelarts_endpoint", "auth_url"), addresses))


@pytest.mark.parametrize(
    "params, endpoint",
    [({}, "https://iam.myhuaweicloud.com"), ({"cloud_domain": "example.com"}, "https://iam.example.com")],
)
def test_iam_endpoint_without_region_uses_domain(params, endpoint):
    assert resolve(**params).endpoint("iam") == endpoint


@pytest.mark.parametrize(
    "service, name, option", [("asm", "ASM", "asm_endpoint"), ("modelarts", "ModelArts", "modelarts_endpoint")]
)
def test_unknown_endpoint_is_an_error(service, name, option):
    with pytest.raises(OptionError) as caught:
        resolve().endpoint(service)
    assert caught.value.message == f"The URL of {name} is unknown: neither region nor {option} is set"
    assert caught.value.hint == "Set region, or the variable HW_REGION_NAME"


def test_unknown_service_is_an_error():
    with pytest.raises(KeyError):
        resolve().endpoint("ecs")


@pytest.mark.parametrize(
    "proxy, secrets",
    [
        (None, ()),
        ("http://proxy.example.com:3128", ()),
        ("http://user@proxy.example.com:3128", ()),
        ("http://user:CANARY-proxy@proxy.example.com:3128", ("CANARY-proxy",)),
        ("http://user:CANARY%40proxy@proxy.example.com:3128", ("CANARY%40proxy", "CANARY@proxy")),
    ],
)
@pytest.mark.parametrize("by_option", [True, False])
def test_secrets_include_proxy_password(proxy, secrets, by_option):
    found = resolve(proxy=proxy) if by_option else resolve({"HW_PROXY": proxy or ""})
    assert found.proxy == proxy
    assert found.secrets() == ("CANARY-secret-key", *secrets)
    assert "CANARY" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    "url, passwords",
    [
        (None, ()),
        ("", ()),
        ("https://asm.example.com:8443/v2", ()),
        ("https://user@asm.example.com", ()),
        ("https://user:CANARY@asm.example.com", ("CANARY",)),
        ("//:CANARY/with@signs@asm.example.com/", ("CANARY/with@signs",)),
    ],
)
@pytest.mark.parametrize("option", ["asm_endpoint", "modelarts_endpoint", "auth_url"])
def test_passwords_in_endpoints_are_found(option, url, passwords):
    assert misplaced_secrets({option: url}) == passwords


def test_secrets_in_items_are_found():
    entry = {"name": "a", "secret_key": "CANARY-1", "password": None, "auth_token": "", "access_key": "AK"}
    params = {
        "items": [entry, "text", {"proxy": "CANARY-2", "sk": "CANARY-3"}],
        "name": "x",
        "secret_key": "CANARY-of-the-task",
    }
    assert misplaced_secrets(params) == ("CANARY-1", "CANARY-3", "CANARY-2")


def test_equal_connections_are_the_same_key():
    assert len({resolve(region="eu-de"), resolve({"OS_REGION_NAME": "eu-de"}), resolve(region="eu-nl")}) == 2


@pytest.mark.parametrize("validate_certs", [True, False])
def test_validation_of_certificates_is_taken_from_the_options(validate_certs):
    assert resolve(validate_certs=validate_certs).validate_certs is validate_certs


# -- agencies ---------------------------------------------------------------------------------------------------------

AGENCY = {"HW_ASSUME_ROLE_AGENCY_NAME": "ops", "HW_ASSUME_ROLE_DOMAIN_NAME": "shop"}
ENVIRONMENT_KEYS = {"OS_ACCESS_KEY": "AK", "OS_SECRET_KEY": "CANARY"}


@pytest.mark.parametrize(
    ("params", "environ", "agency"),
    [
        ({"agency_name": "a", "agency_domain_name": "b"}, {}, ("a", "b", None, 3600)),
        ({"agency_name": "a", "agency_domain_id": "c", "agency_duration": 900}, AGENCY, ("a", None, "c", 900)),
        ({"agency_name": "", "agency_domain_id": " "}, AGENCY, ("ops", "shop", None, 3600)),
        ({"agency_duration": 86400}, AGENCY, ("ops", "shop", None, 86400)),
        ({}, {**AGENCY, "HW_ASSUME_ROLE_DURATION": "7200"}, ("ops", "shop", None, 7200)),
        ({}, {**AGENCY, "HW_ASSUME_ROLE_DOMAIN_ID": "c"}, ("ops", "shop", "c", 3600)),
        ({"agency_duration": 900}, {}, None),
    ],
)
def test_agency_comes_from_one_source(params, environ, agency):
    found = resolve_connection(params, {**ENVIRONMENT_KEYS, **environ})
    assert found.agency == agency
    assert found.domain_id == (agency[2] if agency else None)
    assert found.is_signed is True


IDENTITIES = {
    "aksk": Credentials("aksk", "task", access_key="AK", secret_key="CANARY"),
    "metadata": Credentials("metadata", "task"),
    "token": Credentials("token", "task", auth_token="CANARY"),
    "password": Credentials("password", "task", username="a", password="CANARY", domain_name="b"),
}


@pytest.mark.parametrize(
    ("kind", "is_signed", "shares_tokens"),
    [("aksk", True, False), ("metadata", True, False), ("token", False, False), ("password", False, True)],
)
def test_only_some_credentials_sign_and_share_tokens(kind, is_signed, shares_tokens):
    """Without an agency, only keys sign requests, and only tokens issued for a password are shared."""
    agency = resolve(agency_name="a", agency_domain_name="b").agency
    alone = Connection(IDENTITIES[kind], token_cache="/x")
    assumed = dataclasses.replace(alone, agency=agency)
    assert (alone.is_signed, alone.shares_tokens) == (is_signed, shares_tokens)
    assert (assumed.is_signed, assumed.shares_tokens) == (True, True)
    for connection in (alone, assumed):
        assert dataclasses.replace(connection, token_cache=None).shares_tokens is False


def test_origin_names_credentials_and_agency():
    source = "The credentials come from the task options access_key and secret_key."
    assert resolve().origin() == source
    assumed = resolve(agency_name="a", agency_domain_name="b")
    assert assumed.origin() == f"{source} They assume agency 'a' of account 'b'."
    assert Connection(IDENTITIES["token"]).origin() == ""
    assert Connection(IDENTITIES["token"], agency=assumed.agency).origin() == "They assume agency 'a' of account 'b'."


def test_agency_of_environment_does_not_change_task_identity():
    assert resolve(AGENCY).agency is None
    assert resolve(AGENCY, agency_name="a", agency_domain_name="b").agency == ("a", "b", None, 3600)


ACCOUNT = " Set one of them to the account that created the agency, in the same source"


@pytest.mark.parametrize(
    ("params", "environ", "message"),
    [
        ({"agency_domain_name": "b"}, {}, "agency_domain_name is set without agency_name"),
        (
            {"agency_name": "a"},
            AGENCY,
            "agency_name is set without agency_domain_name (or agency_domain_id)." + ACCOUNT,
        ),
        (
            {},
            {"HW_ASSUME_ROLE_DOMAIN_ID": "b"},
            "agency_domain_id (from HW_ASSUME_ROLE_DOMAIN_ID) is set without agency_name",
        ),
        (
            {"agency_name": "a", "agency_domain_id": "b", "agency_duration": 899},
            {},
            "agency_duration must be between 900 and 86400 seconds",
        ),
        (
            {},
            {**AGENCY, "HW_ASSUME_ROLE_DURATION": "1h"},
            "agency_duration (from HW_ASSUME_ROLE_DURATION) must be a number of seconds",
        ),
        (
            {"agency_name": "a", "agency_domain_id": "b\nc"},
            {},
            "agency_domain_id contains a character that is invalid in an HTTP header. "
            "Remove line breaks, other control characters, and characters outside ASCII",
        ),
    ],
)
def test_invalid_agency_is_rejected(params, environ, message):
    with pytest.raises(OptionError) as caught:
        resolve_connection(params, {**ENVIRONMENT_KEYS, **environ})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("environ", "url"),
    [({}, "http://169.254.169.254"), ({"HW_METADATA_ENDPOINT": "http://127.0.0.1:1/x/"}, "http://127.0.0.1:1/x")],
)
def test_variable_overrides_metadata_address(environ, url):
    assert resolve_connection({"use_metadata": True}, environ).metadata_url == url
    assert resolve(environ).metadata_url is None


@pytest.mark.parametrize(
    ("params", "environ", "path"),
    [({}, {}, None), ({}, {"HW_TOKEN_CACHE": "/a"}, "/a"), ({"token_cache": "/b"}, {"HW_TOKEN_CACHE": "/a"}, "/b")],
)
def test_token_cache_option_overrides_variable(params, environ, path):
    assert resolve(environ, **params).token_cache == path


def test_directory_of_tokens_in_a_variable_is_expanded(monkeypatch):
    """Ansible already expanded the option."""
    monkeypatch.setenv("HOME", "/home/a")
    assert resolve({"HW_TOKEN_CACHE": "~/x"}).token_cache == "/home/a/x"
    assert resolve({"HW_TOKEN_CACHE": "$HOME/x"}).token_cache == "/home/a/x"
    assert resolve(token_cache="/$HOME/x").token_cache == "/$HOME/x"
