# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection import (
    clouds_yaml,
    credential_files,
    credentials,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Selector
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

# Each value can be found in a text.
SECRETS = {
    "access_key": "CANARY-access-key",
    "secret_key": "CANARY-secret-key",
    "security_token": "CANARY-security-token",
    "auth_token": "CANARY-auth-token",
    "username": "CANARY-username",
    "password": "CANARY-password",
    "domain_name": "CANARY-domain-name",
    "domain_id": "CANARY-domain-id",
}
SECRET = ("secret_key", "security_token", "auth_token", "password")


def values_for(*options):
    return {option: SECRETS[option] for option in options}


def to_environ(options, index=0):
    return {
        credentials.CREDENTIAL_VARIABLES[option][min(index, len(credentials.CREDENTIAL_VARIABLES[option]) - 1)]: value
        for option, value in options.items()
    }


def subsets():
    return [
        values_for(*apply_filters)
        for size in range(len(SECRETS) + 1)
        for apply_filters in itertools.combinations(SECRETS, size)
    ]


def resolve_error(params, environ):
    with pytest.raises(OptionError) as caught:
        credentials.resolve_credentials(params, environ)
    return caught.value


# -- sources ----------------------------------------------------------------------------------------------------------


COMPLETE = [
    (("auth_token",), "token"),
    (("auth_token", "domain_name"), "token"),
    (("access_key", "secret_key"), "aksk"),
    (("access_key", "secret_key", "security_token", "domain_id"), "aksk"),
    (("username", "password", "domain_name"), "password"),
    (("username", "password", "domain_id"), "password"),
    (("username", "password", "domain_name", "domain_id"), "password"),
]


@pytest.mark.parametrize("options, kind", COMPLETE)
def test_complete_set_of_the_task_is_used_unchanged(options, kind):
    assert credentials.resolve_credentials(values_for(*options), {}) == credentials.Credentials(
        kind, "task", **values_for(*options)
    )


@pytest.mark.parametrize("options, kind", COMPLETE)
def test_complete_set_of_environment_is_used_unchanged(options, kind):
    assert credentials.resolve_credentials({}, to_environ(values_for(*options))) == credentials.Credentials(
        kind, "environment", **values_for(*options)
    )


REST = {
    "access_key": ("secret_key",),
    "secret_key": ("access_key",),
    "security_token": ("access_key", "secret_key"),
    "auth_token": (),
    "username": ("password", "domain_id"),
    "password": ("username", "domain_id"),
    "domain_name": ("username", "password"),
    "domain_id": ("username", "password"),
}


def environ_of_family(family, *options):
    """Return the environment variables of one family for options; the first one if an option has several."""
    return {
        next(name for name in credentials.CREDENTIAL_VARIABLES[option] if name.startswith(family)): SECRETS[option]
        for option in options
    }


@pytest.mark.parametrize("family", ["HW_", "OS_"])
@pytest.mark.parametrize("option", credentials.CREDENTIAL_VARIABLES)
def test_first_nonempty_variable_of_a_family_applies(option, family):
    variables = [name for name in credentials.CREDENTIAL_VARIABLES[option] if name.startswith(family)]
    for first in range(len(variables)):
        environ = {
            **environ_of_family(family, *REST[option]),
            **dict.fromkeys(variables[:first], "\n"),
            **{name: f"from {name}" for name in variables[first:]},
        }
        assert getattr(credentials.resolve_credentials({}, environ), option) == f"from {variables[first]}"


SETS = {
    "token": environ_of_family("OS_", "auth_token"),
    "aksk": environ_of_family("HW_", "access_key", "secret_key"),
    "sdk": environ_of_family("HUAWEICLOUD_SDK_", "access_key", "secret_key", "security_token"),
    "password": environ_of_family("OS_", "username", "password", "domain_name"),
}


@pytest.mark.parametrize(
    ("environ", "origins"),
    [
        ({**SETS["token"], **SETS["aksk"]}, ("HW_ACCESS_KEY", "HW_SECRET_KEY")),
        ({**SETS["aksk"], "OS_SECURITY_TOKEN": "CANARY"}, ("HW_ACCESS_KEY", "HW_SECRET_KEY")),
        ({**SETS["aksk"], "HUAWEICLOUD_SDK_SECURITY_TOKEN": "CANARY"}, ("HW_ACCESS_KEY", "HW_SECRET_KEY")),
        (
            {**SETS["sdk"], **SETS["token"], "HW_SECRET_KEY": "CANARY"},
            ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        ),
        ({**SETS["sdk"], **SETS["aksk"]}, ("HW_ACCESS_KEY", "HW_SECRET_KEY")),
        (
            {**SETS["password"], "HW_DOMAIN_NAME": "CANARY", "HW_ACCESS_KEY": "CANARY"},
            ("OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME"),
        ),
        ({**SETS["password"], **environ_of_family("HW_", "auth_token")}, ("HW_AUTH_TOKEN",)),
    ],
)
def test_set_comes_from_first_family_with_one(environ, origins):
    found = credentials.resolve_credentials({}, environ)
    assert found.origins == origins
    assert {value for value in (found.domain_name, found.domain_id) if value} <= {"CANARY-domain-name"}
    assert found.origin().startswith("The credentials come from the environment variable")
    assert all(name in found.origin() for name in origins)
    assert "CANARY" not in found.origin()


@pytest.mark.parametrize(
    ("environ", "skipped"),
    [
        ({**SETS["token"], "HW_ACCESS_KEY": "CANARY"}, ("HW_ACCESS_KEY without HW_SECRET_KEY",)),
        ({**SETS["aksk"], "OS_ACCESS_KEY": "CANARY", "HW_USER_NAME": "CANARY"}, ()),
        ({**SETS["token"], "HW_DOMAIN_NAME": "CANARY"}, ()),
        ({"HW_ACCESS_KEY": "CANARY", "HW_USE_METADATA": "true"}, ("HW_ACCESS_KEY without HW_SECRET_KEY",)),
    ],
)
def test_incomplete_set_of_previous_family_is_recorded(environ, skipped):
    assert credentials.resolve_credentials({}, environ).skipped == skipped


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        (
            {"HW_ACCESS_KEY": "CANARY", "OS_SECRET_KEY": "CANARY"},
            "HW_ACCESS_KEY without HW_SECRET_KEY; OS_SECRET_KEY without OS_ACCESS_KEY",
        ),
        (
            {"HUAWEICLOUD_SDK_AK": "CANARY", "HW_SECRET_KEY": "CANARY"},
            "HW_SECRET_KEY without HW_ACCESS_KEY; HUAWEICLOUD_SDK_AK without HUAWEICLOUD_SDK_SK",
        ),
        (
            {"HW_USER_NAME": "CANARY", "HW_USER_PASSWORD": "CANARY", "OS_DOMAIN_NAME": "CANARY"},
            "HW_USER_NAME and HW_USER_PASSWORD without HW_DOMAIN_NAME (or HW_DOMAIN_ID)",
        ),
        (
            {"HW_USER_NAME": "CANARY", "OS_PASSWORD": "CANARY", "HW_DOMAIN_ID": "CANARY"},
            "HW_USER_NAME without HW_USER_PASSWORD; OS_PASSWORD without OS_USERNAME and OS_USER_DOMAIN_NAME (or OS_USER_DOMAIN_ID)",
        ),
    ],
)
def test_families_do_not_complete_each_other(environ, what):
    error = resolve_error({}, environ)
    assert error.message == f"Incomplete credentials in the environment: {what}"
    assert "one family of variables" in error.hint
    assert "CANARY" not in str(error)


@pytest.mark.parametrize(
    ("environ", "variable", "way"),
    [
        ({**SETS["sdk"], "HUAWEICLOUD_SDK_IDP_ID": "x"}, "HUAWEICLOUD_SDK_IDP_ID", "an identity provider"),
        ({"HUAWEICLOUD_OIDC_IDP_ID": "x"}, "HUAWEICLOUD_OIDC_IDP_ID", "an identity provider"),
        ({**SETS["password"], "OS_AGENCY_NAME": "x"}, "OS_AGENCY_NAME", "an agency"),
        ({"OS_CLOUD": "x", "OS_AGENCY_NAME": "x"}, "OS_AGENCY_NAME", "an agency"),
    ],
)
def test_unsupported_method_is_rejected(environ, variable, way):
    error = resolve_error({"region": "eu-de"}, environ)
    assert error.message == f"The environment variable {variable} requests {way}, which is not supported"
    assert "Unset it" in error.hint


@pytest.mark.parametrize("variable", ["OS_AGENCY_NAMES", "OS_AGENCY_NAM", "HUAWEICLOUD_OIDCX"])
def test_similar_variable_requests_no_method(variable):
    assert credentials.resolve_credentials({}, {**SETS["password"], variable: "x"}).kind == "password"


@pytest.mark.parametrize(
    ("variable", "family"),
    [
        ("HW_ACCESS_KEY", "HW_"),
        ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_"),
        ("OS_CLOUD", "OS_"),
    ],
)
def test_family_of_a_variable(variable, family):
    assert credentials.find_family(variable) == family


@pytest.mark.parametrize(
    ("params", "environ", "kind"),
    [
        (values_for("auth_token"), {"HW_ASSUME_ROLE_AGENCY_NAME": "x", "HW_PROFILE": "x", "OS_CLOUD": "x"}, "token"),
        ({}, {**SETS["aksk"], "OS_AGENCY_NAME": "x", "OS_CLOUD": "x", "HUAWEICLOUD_SDK_IDP_ID": "x"}, "aksk"),
        ({}, {**SETS["aksk"], "HW_USE_METADATA": "true"}, "aksk"),
        ({}, {**SETS["sdk"], "OS_CLOUD": "x", "HUAWEICLOUD_SDK_CREDENTIALS_FILE": " "}, "aksk"),
        ({}, {**SETS["token"], "OS_CLIENT_CONFIG_FILE": "x", "HW_USE_METADATA": "False", "HW_PROFILE": " "}, "token"),
        ({"use_metadata": False}, {**SETS["token"], "HW_USE_METADATA": "true"}, "token"),
    ],
)
def test_complete_credentials_override_other_methods(params, environ, kind):
    assert credentials.resolve_credentials(params, environ).kind == kind


@pytest.mark.parametrize(
    ("params", "environ", "source", "origin"),
    [
        ({"use_metadata": True}, to_environ(SECRETS), "task", "task option use_metadata"),
        ({}, {"HW_USE_METADATA": "1"}, "environment", "environment variable HW_USE_METADATA"),
        ({}, {**SETS["token"], "HW_USE_METADATA": " Yes\n"}, "environment", "environment variable HW_USE_METADATA"),
        ({}, {**SETS["sdk"], "HW_USE_METADATA": "true"}, "environment", "environment variable HW_USE_METADATA"),
    ],
)
def test_metadata_is_used_on_request(params, environ, source, origin):
    found = credentials.resolve_credentials(params, environ)
    assert found == credentials.Credentials("metadata", source)
    assert found.origin() == f"The credentials come from the metadata of this server, selected by the {origin}."
    assert found.secrets() == ()


OFF = ("", " ", "0", "false", "No", "off", "n", "F")


@pytest.mark.parametrize(("params", "value"), [*[({}, word) for word in OFF], ({"use_metadata": False}, "flase")])
def test_metadata_is_not_used_if_switched_off(params, value):
    assert credentials.resolve_credentials(params, {**SETS["sdk"], "HW_USE_METADATA": value}).kind == "aksk"


@pytest.mark.parametrize("word", ["flase", "disabled", "never", "yess", "2"])
def test_other_values_do_not_select_an_identity(word):
    error = resolve_error({}, {**SETS["sdk"], "HW_USE_METADATA": word})
    assert str(error) == "HW_USE_METADATA must be a boolean, for example true or false"


@pytest.fixture
def selected(monkeypatch):
    """Replace the functions that read the selected files. Return the list of their names and arguments."""
    calls = []

    def read(name):
        return lambda *args: calls.append((name, *args)) or credentials.Credentials("token", "task", auth_token="t")

    monkeypatch.setattr(credential_files, "load_profile", read("load_profile"))
    monkeypatch.setattr(clouds_yaml, "load_cloud", read("load_cloud"))
    return calls


FILE, PROFILE = {"HW_SHARED_CONFIG_FILE": " /env "}, {"HW_PROFILE": " dev\n"}
SDK_FILE = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/sdk"}
BOTH = ("credentials_file", "profile")


@pytest.mark.parametrize(
    ("params", "environ", "selector"),
    [
        ({"credentials_file": "/x"}, {}, Selector("file", "task", ("credentials_file",), "/x")),
        ({"credentials_file": "/x"}, {**FILE, **PROFILE}, Selector("file", "task", ("credentials_file",), "/x")),
        ({"credentials_file": "/x", "profile": "a"}, FILE, Selector("file", "task", BOTH, "/x", "a")),
        ({"profile": "a"}, {}, Selector("file", "task", ("profile",), None, "a")),
        ({"profile": "a"}, FILE, Selector("file", "task", ("profile",), "/env", "a")),
        ({}, FILE, Selector("file", "environment", ("HW_SHARED_CONFIG_FILE",), "/env")),
        ({}, PROFILE, Selector("file", "environment", ("HW_PROFILE",), None, "dev")),
        (
            {},
            {**FILE, **PROFILE, **SDK_FILE},
            Selector("file", "environment", ("HW_SHARED_CONFIG_FILE", "HW_PROFILE"), "/env", "dev"),
        ),
        ({}, SDK_FILE, Selector("file", "environment", ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",), "/sdk")),
    ],
)
def test_profile_is_selected_by_one_source(params, environ, selector, selected):
    assert credentials.resolve_credentials(params, environ).auth_token == "t"
    assert selected == [("load_profile", selector)]


CLOUDS, CLOUD = {"OS_CLIENT_CONFIG_FILE": "/env"}, {"OS_CLOUD": "dev"}


@pytest.mark.parametrize(
    ("params", "environ", "selector"),
    [
        ({"cloud": "a"}, {}, Selector("cloud", "task", ("cloud",), None, "a")),
        ({"cloud": "a"}, {**CLOUDS, **CLOUD}, Selector("cloud", "task", ("cloud",), "/env", "a")),
        ({}, CLOUD, Selector("cloud", "environment", ("OS_CLOUD",), None, "dev")),
        (
            {},
            {**CLOUDS, **CLOUD},
            Selector("cloud", "environment", ("OS_CLIENT_CONFIG_FILE", "OS_CLOUD"), "/env", "dev"),
        ),
    ],
)
def test_cloud_is_selected_by_one_source(params, environ, selector, selected):
    assert credentials.resolve_credentials(params, environ).auth_token == "t"
    assert selected == [("load_cloud", selector, environ)]


@pytest.mark.parametrize(
    ("selectors", "what"),
    [
        ({"credentials_file": "/x", "profile": "CANARY"}, "access_key and secret_key; credentials_file and profile"),
        ({"profile": "CANARY"}, "access_key and secret_key; profile"),
        ({"cloud": "CANARY", "use_metadata": True}, "access_key and secret_key; cloud; use_metadata"),
    ],
)
def test_task_with_keys_and_selector_is_rejected(selectors, what):
    error = resolve_error({**values_for("access_key", "secret_key"), **selectors}, {})
    assert error.message == f"More than one kind of credentials in the task options: {what}"
    assert "CANARY" not in str(error)


def test_incomplete_task_is_not_completed_by_selector():
    error = resolve_error({"access_key": "CANARY", "use_metadata": True}, {})
    assert error.message == "Incomplete credentials in the task options: access_key without secret_key"


@pytest.mark.parametrize(
    ("name", "selectors", "what"),
    [
        ("aksk", ["HW_PROFILE"], "HW_ACCESS_KEY and HW_SECRET_KEY; HW_PROFILE"),
        ("aksk", ["HW_SHARED_CONFIG_FILE"], "HW_ACCESS_KEY and HW_SECRET_KEY; HW_SHARED_CONFIG_FILE"),
        (
            "sdk",
            ["HUAWEICLOUD_SDK_CREDENTIALS_FILE"],
            "HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN; HUAWEICLOUD_SDK_CREDENTIALS_FILE",
        ),
        ("token", ["OS_CLOUD"], "OS_AUTH_TOKEN; OS_CLOUD"),
        ("token", ["OS_CLOUD", "OS_CLIENT_CONFIG_FILE"], "OS_AUTH_TOKEN; OS_CLIENT_CONFIG_FILE and OS_CLOUD"),
    ],
)
def test_family_with_credentials_and_selector_is_rejected(name, selectors, what):
    error = resolve_error({}, {**SETS[name], **dict.fromkeys(selectors, "CANARY")})
    assert error.message == f"Two sources of credentials in the environment: {what}"
    assert error.hint == "Unset one of them, because tools disagree about which one takes precedence"


# Characters from copies of documents and from files in other encodings.
UNSENDABLE = [
    "a\nb",
    "a\r\nX-Evil: b",
    "a\x00b",
    "a\tb",
    "gr\xfcn",
    "\u4e2d",
    "\ufeffkey",
    "a\u200bb",
    "a\xa0b",
    "\udcff",
]
IN_HEADERS = ("access_key", "secret_key", "security_token", "auth_token", "domain_id")


@pytest.mark.parametrize("value", UNSENDABLE, ids=ascii)
@pytest.mark.parametrize("option", IN_HEADERS)
def test_value_invalid_in_a_header_is_rejected(option, value):
    rest = {"secret_key": "s", "access_key": "a"} if option in ("access_key", "secret_key", "security_token") else {}
    rest = rest or {"auth_token": "t"}
    why = " contains a character that is invalid in an HTTP header"
    error = resolve_error({**rest, option: value}, {})
    assert error.message == option + why
    assert error.hint == "Remove line breaks, other control characters, and characters outside ASCII"
    assert value not in str(error)
    variable = credentials.CREDENTIAL_VARIABLES[option][0]
    environ = {credentials.CREDENTIAL_VARIABLES[name][0]: text for name, text in {**rest, option: value}.items()}
    assert resolve_error({}, environ).message == f"{option} (from {variable}){why}"


@pytest.mark.parametrize("option", ["username", "password", "domain_name"])
def test_text_that_is_not_utf_8_is_rejected(option):
    """Python represents such bytes of the environment as lone surrogates."""
    login = values_for("username", "password", "domain_name")
    error = resolve_error({**login, option: "CANARY\udcff"}, {})
    assert error.message == f"{option} is not valid text in UTF-8"
    assert error.hint == "Check the encoding of its source"
    assert "CANARY" not in str(error)
    assert getattr(credentials.resolve_credentials({**login, option: "p\xe4ss \u4e2d"}, {}), option) == "p\xe4ss \u4e2d"


def test_origin_names_task_options():
    found = credentials.resolve_credentials(values_for("username", "password", "domain_name"), {})
    assert found.origin() == "The credentials come from the task options username, password and domain_name."
    assert credentials.resolve_credentials(values_for("auth_token", "domain_id"), {}).origin() == (
        "The credentials come from the task option auth_token."
    )
    assert credentials.Credentials("token", "task", auth_token="t").origin() == ""


def test_variables_have_a_fixed_order():
    assert credentials.CREDENTIAL_VARIABLES == {
        "access_key": ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY"),
        "secret_key": ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY"),
        "security_token": ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
        "auth_token": ("HW_AUTH_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN"),
        "username": ("HW_USER_NAME", "OS_USERNAME"),
        "password": ("HW_USER_PASSWORD", "OS_PASSWORD"),
        "domain_name": ("HW_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME"),
        "domain_id": ("HW_DOMAIN_ID", "HUAWEICLOUD_SDK_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_DOMAIN_ID"),
    }


def test_complete_task_ignores_the_environment():
    """Neither another kind nor the optional values of the same set come from the environment."""
    found = credentials.resolve_credentials(
        values_for("access_key", "secret_key"), to_environ(dict.fromkeys(SECRETS, "env"))
    )
    assert found == credentials.Credentials("aksk", "task", **values_for("access_key", "secret_key"))


@pytest.mark.parametrize(
    "options, kind",
    [
        (tuple(SECRETS), "token"),
        (tuple(option for option in SECRETS if option != "auth_token"), "aksk"),
        (("access_key", "username", "password", "domain_id", "security_token"), "password"),
    ],
)
def test_first_complete_kind_in_environment_applies(options, kind):
    found = credentials.resolve_credentials({}, to_environ(values_for(*options)))
    assert (found.kind, found.source) == (kind, "environment")


def test_values_of_other_kinds_are_dropped():
    found = credentials.resolve_credentials({}, to_environ(SECRETS))
    assert found == credentials.Credentials(
        "token", "environment", **values_for("auth_token", "domain_name", "domain_id")
    )
    assert found.secrets() == ("CANARY-auth-token",)


@pytest.mark.parametrize(
    "alone", [{"domain_name": "a"}, {"domain_id": "a"}, {"region": "eu-de", "project_id": "p", "auth_url": "https://a"}]
)
def test_domain_alone_is_not_an_incomplete_set(alone):
    found = credentials.resolve_credentials(alone, to_environ(values_for("username", "password", "domain_id")))
    assert found == credentials.Credentials(
        "password", "environment", **values_for("username", "password", "domain_id")
    )


@pytest.mark.parametrize("unset", ["", " ", "\n", None])
def test_empty_value_means_not_set(unset):
    blank = dict.fromkeys(("access_key", "secret_key", "security_token", "auth_token"), unset)
    environ = {
        **to_environ(values_for("access_key", "secret_key")),
        "HW_AUTH_TOKEN": unset or "",
        "HW_SECURITY_TOKEN": unset or "",
    }
    assert credentials.resolve_credentials(blank, environ) == credentials.Credentials(
        "aksk", "environment", **values_for("access_key", "secret_key")
    )


@pytest.mark.parametrize("as_given", [lambda options: (options, {}), lambda options: ({}, to_environ(options))])
def test_blanks_and_line_ends_around_keys_are_removed(as_given):
    padded = {
        option: f" \t{value}\r\n"
        for option, value in values_for("access_key", "secret_key", "security_token", "domain_id").items()
    }
    found = credentials.resolve_credentials(*as_given(padded))
    assert (found.access_key, found.secret_key, found.security_token, found.domain_id) == (
        "CANARY-access-key",
        "CANARY-secret-key",
        "CANARY-security-token",
        "CANARY-domain-id",
    )


def test_only_line_ends_of_a_password_are_removed():
    found = credentials.resolve_credentials({"username": "XavierX", "password": "XpassX\n", "domain_name": "XOTCX"}, {})
    assert (found.username, found.password, found.domain_name) == ("XavierX", "XpassX", "XOTCX")


def test_blanks_of_user_chosen_values_are_kept():
    found = credentials.resolve_credentials(
        {"username": "Jane Doe ", "password": " pass word \r\n", "domain_name": "OTC 1\n"}, {}
    )
    assert (found.username, found.password, found.domain_name) == ("Jane Doe ", " pass word ", "OTC 1")


# -- refusals ---------------------------------------------------------------------------------------------------------


TASK_HALVES = [
    (("access_key",), "access_key without secret_key"),
    (("secret_key",), "secret_key without access_key"),
    (("security_token",), "security_token without access_key and secret_key"),
    (("access_key", "security_token"), "access_key and security_token without secret_key"),
    (("username",), "username without password and domain_name (or domain_id)"),
    (("password", "domain_id"), "password without username"),
    (("username", "domain_name"), "username without password"),
    (("username", "password"), "username and password without domain_name (or domain_id)"),
    (("access_key", "password", "domain_name"), "access_key without secret_key; password without username"),
    (("auth_token", "access_key"), "access_key without secret_key"),
    (("access_key", "secret_key", "username"), "username without password and domain_name (or domain_id)"),
]


@pytest.mark.parametrize("environ", [{}, to_environ(SECRETS)], ids=["alone", "environment could complete it"])
@pytest.mark.parametrize("options, what", TASK_HALVES)
def test_incomplete_set_of_the_task_is_rejected(options, what, environ):
    error = resolve_error(values_for(*options), environ)
    assert error.message == f"Incomplete credentials in the task options: {what}"
    assert error.hint == "Set all credentials in one source: environment variables do not complete task options"


@pytest.mark.parametrize(
    "environ, what",
    [
        ({"HW_ACCESS_KEY": "CANARY"}, "HW_ACCESS_KEY without HW_SECRET_KEY"),
        ({"OS_ACCESS_KEY": "CANARY"}, "OS_ACCESS_KEY without OS_SECRET_KEY"),
        ({"HUAWEICLOUD_SDK_SK": "CANARY"}, "HUAWEICLOUD_SDK_SK without HUAWEICLOUD_SDK_AK"),
        ({"HW_SECURITY_TOKEN": "CANARY"}, "HW_SECURITY_TOKEN without HW_ACCESS_KEY and HW_SECRET_KEY"),
        ({"HW_USER_NAME": "CANARY"}, "HW_USER_NAME without HW_USER_PASSWORD and HW_DOMAIN_NAME (or HW_DOMAIN_ID)"),
        (
            {"OS_USERNAME": "CANARY", "OS_PASSWORD": "CANARY"},
            "OS_USERNAME and OS_PASSWORD without OS_USER_DOMAIN_NAME (or OS_USER_DOMAIN_ID)",
        ),
        (
            {"HW_ACCESS_KEY": "CANARY", "OS_PASSWORD": "CANARY", "HW_DOMAIN_ID": "CANARY"},
            "HW_ACCESS_KEY without HW_SECRET_KEY; OS_PASSWORD without OS_USERNAME and OS_USER_DOMAIN_NAME (or OS_USER_DOMAIN_ID)",
        ),
    ],
)
def test_incomplete_set_of_the_environment_is_reported(environ, what):
    error = resolve_error({"domain_name": "CANARY"}, environ)
    assert error.message == f"Incomplete credentials in the environment: {what}"
    assert (
        error.hint
        == "Set all credentials in one family of variables (HW_*, HUAWEICLOUD_SDK_* or OS_*): other families and task options do not complete them"
    )
    assert "CANARY" not in str(error)


@pytest.mark.parametrize(
    "options, what",
    [
        (("auth_token", "access_key", "secret_key"), "auth_token; access_key and secret_key"),
        (("auth_token", "username", "password", "domain_id"), "auth_token; username and password"),
        (
            ("access_key", "secret_key", "username", "password", "domain_name"),
            "access_key and secret_key; username and password",
        ),
        (tuple(SECRETS), "auth_token; access_key and secret_key; username and password"),
    ],
)
def test_several_kinds_in_the_task_are_rejected(options, what):
    error = resolve_error(values_for(*options), {})
    assert error.message == f"More than one kind of credentials in the task options: {what}"
    assert error.hint == "Keep one of them"


@pytest.mark.parametrize(
    "params, environ",
    [
        ({}, {}),
        ({"domain_name": "a", "region": "b"}, {"HW_DOMAIN_ID": "c"}),
        ({"access_key": ""}, {"HW_AUTH_TOKEN": ""}),
    ],
)
def test_missing_credentials_are_reported(params, environ):
    error = resolve_error(params, environ)
    assert (
        error.message
        == "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name"
    )
    assert error.hint == (
        "Or set environment variables, for example HW_ACCESS_KEY and HW_SECRET_KEY, "
        "or select credentials with credentials_file, profile, cloud or use_metadata"
    )
    assert error.facts()["kind"] == "options"


@pytest.mark.parametrize(
    "as_given",
    [
        lambda options: (options, {}),
        lambda options: ({}, to_environ(options)),
        lambda options: ({}, to_environ(options, 9)),
    ],
)
def test_messages_and_repr_contain_no_secrets(as_given):
    """Each combination of options causes an error without values, or credentials with a repr without secrets."""
    refused = taken = 0
    for options in subsets():
        try:
            found = credentials.resolve_credentials(*as_given(options))
        except OptionError as error:
            refused += 1
            assert "CANARY" not in f"{error} {error!r} {error.facts()}"
        else:
            taken += 1
            assert not [option for option in SECRET if SECRETS[option] in f"{found} {found!r}"]
    assert refused + taken == 256
    assert min(refused, taken) > 10


def test_secrets_contain_each_secret_value():
    found = credentials.Credentials("aksk", "task", **SECRETS)
    assert found.secrets() == tuple(SECRETS[option] for option in SECRET)
    assert credentials.Credentials("aksk", "task", access_key="a", secret_key="s", security_token="").secrets() == (
        "s",
    )


def test_equal_credentials_are_the_same_key():
    first, second = (credentials.resolve_credentials(values_for("access_key", "secret_key"), {}) for dummy in range(2))
    assert len({first, second, credentials.resolve_credentials(values_for("auth_token"), {})}) == 2


@pytest.mark.parametrize(
    "method, source, origins, path, described",
    [
        ("file", "task", ("credentials_file", "profile"), "/keys", "the task option credentials_file"),
        ("file", "task", ("profile",), "/keys", "the environment variable HW_SHARED_CONFIG_FILE"),
        ("cloud", "task", ("cloud",), "/clouds", "the environment variable OS_CLIENT_CONFIG_FILE"),
        ("file", "task", ("profile",), None, "the task option profile"),
        (
            "file",
            "environment",
            ("HW_SHARED_CONFIG_FILE", "HW_PROFILE"),
            "/keys",
            "the environment variable HW_SHARED_CONFIG_FILE",
        ),
        ("cloud", "environment", ("OS_CLOUD",), None, "the environment variable OS_CLOUD"),
    ],
)
def test_origin_of_a_path_is_its_option_or_variable(method, source, origins, path, described):
    assert Selector(method, source, origins, path, "team").describe_path_origin() == described
