# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import json
import pathlib
import time
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import auth as _auth

VECTORS_FILE = pathlib.Path(__file__).parent / "data" / "signing.json"
VECTORS = [
    vector
    for vector in json.loads(VECTORS_FILE.read_text("utf-8"))["vectors"]
    if vector["algorithm"] == _auth.ALGORITHM
]

# Signed by the library because a caller asked for it; sign() leaves these headers out on purpose.
OTHER_HEADERS = {
    "project_lookup_as_the_library_does_it",
    "header_value_is_trimmed",
    "header_value_inner_spaces_kept",
    "header_value_with_unicode",
    "header_name_with_underscore_is_not_signed",
    "header_names_in_lower_case",
    "header_names_sorted_lower_case",
    "header_set_of_a_full_client",
}

WHEN = datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
URL = "https://asm.region-1.example.com/v2/meshes"

# Every value is one that can be searched for.
CANARIES = {
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


def some(*options):
    return {option: CANARIES[option] for option in options}


def as_environ(options, index=0):
    return {
        _auth.CREDENTIAL_VARIABLES[option][min(index, len(_auth.CREDENTIAL_VARIABLES[option]) - 1)]: value
        for option, value in options.items()
    }


def subsets():
    return [
        some(*apply_filters)
        for size in range(len(CANARIES) + 1)
        for apply_filters in itertools.combinations(CANARIES, size)
    ]


def refusal(params, environ):
    with pytest.raises(OptionError) as caught:
        _auth.resolve_credentials(params, environ)
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
def test_a_complete_set_of_the_task_is_taken_as_it_is(options, kind):
    assert _auth.resolve_credentials(some(*options), {}) == _auth.Credentials(kind, "task", **some(*options))


@pytest.mark.parametrize("options, kind", COMPLETE)
def test_a_complete_set_of_the_environment_is_taken_as_it_is(options, kind):
    assert _auth.resolve_credentials({}, as_environ(some(*options))) == _auth.Credentials(
        kind, "environment", **some(*options)
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


def in_family(family, *options):
    """Environment variables of one family for options; the first one of an option that has several."""
    return {
        next(name for name in _auth.CREDENTIAL_VARIABLES[option] if name.startswith(family)): CANARIES[option]
        for option in options
    }


@pytest.mark.parametrize("family", ["HW_", "OS_"])
@pytest.mark.parametrize("option", _auth.CREDENTIAL_VARIABLES)
def test_first_variable_of_a_family_that_is_not_empty_wins(option, family):
    variables = [name for name in _auth.CREDENTIAL_VARIABLES[option] if name.startswith(family)]
    for first in range(len(variables)):
        environ = {
            **in_family(family, *REST[option]),
            **dict.fromkeys(variables[:first], "\n"),
            **{name: f"from {name}" for name in variables[first:]},
        }
        assert getattr(_auth.resolve_credentials({}, environ), option) == f"from {variables[first]}"


SETS = {
    "token": in_family("OS_", "auth_token"),
    "aksk": in_family("HW_", "access_key", "secret_key"),
    "sdk": in_family("HUAWEICLOUD_SDK_", "access_key", "secret_key", "security_token"),
    "password": in_family("OS_", "username", "password", "domain_name"),
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
        ({**SETS["password"], **in_family("HW_", "auth_token")}, ("HW_AUTH_TOKEN",)),
    ],
)
def test_set_comes_from_first_family_that_has_one(environ, origins):
    found = _auth.resolve_credentials({}, environ)
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
    ],
)
def test_incomplete_set_of_an_earlier_family_is_known(environ, skipped):
    assert _auth.resolve_credentials({}, environ).skipped == skipped


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
    error = refusal({}, environ)
    assert error.message == f"Incomplete credentials in the environment: {what}"
    assert "one family of variables" in error.hint
    assert "CANARY" not in str(error)


@pytest.mark.parametrize(
    ("environ", "variable", "way"),
    [
        ({**SETS["aksk"], "HW_ASSUME_ROLE_AGENCY_NAME": "x"}, "HW_ASSUME_ROLE_AGENCY_NAME", "an agency"),
        ({**SETS["password"], "HW_ASSUME_ROLE_AGENCY_NAME": "x"}, "HW_ASSUME_ROLE_AGENCY_NAME", "an agency"),
        ({"HW_ASSUME_ROLE_DOMAIN_ID": "x"}, "HW_ASSUME_ROLE_DOMAIN_ID", "an agency"),
        ({**SETS["aksk"], "HW_PROFILE": "x"}, "HW_PROFILE", "a shared configuration file"),
        ({"HW_SHARED_CONFIG_FILE": "x"}, "HW_SHARED_CONFIG_FILE", "a shared configuration file"),
        ({"HW_USE_METADATA": "true"}, "HW_USE_METADATA", "the metadata of a server"),
        ({**SETS["token"], "HW_USE_METADATA": "1"}, "HW_USE_METADATA", "the metadata of a server"),
        (
            {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "x"},
            "HUAWEICLOUD_SDK_CREDENTIALS_FILE",
            "a credentials file",
        ),
        ({**SETS["sdk"], "HUAWEICLOUD_SDK_IDP_ID": "x"}, "HUAWEICLOUD_SDK_IDP_ID", "an identity provider"),
        ({"HUAWEICLOUD_OIDC_IDP_ID": "x"}, "HUAWEICLOUD_OIDC_IDP_ID", "an identity provider"),
        ({**SETS["password"], "OS_AGENCY_NAME": "x"}, "OS_AGENCY_NAME", "an agency"),
        ({"OS_CLOUD": "x"}, "OS_CLOUD", "clouds.yaml"),
        ({"OS_CLOUD": "x", "OS_PASSWORD": "x"}, "OS_CLOUD", "clouds.yaml"),
        ({"OS_CLIENT_CONFIG_FILE": "x"}, "OS_CLIENT_CONFIG_FILE", "clouds.yaml"),
    ],
)
def test_request_for_unsupported_way_is_refused(environ, variable, way):
    error = refusal({"region": "eu-de"}, environ)
    assert error.message == f"The environment variable {variable} requests {way}, which is not supported"
    assert "Unset it" in error.hint


@pytest.mark.parametrize(
    ("params", "environ", "kind"),
    [
        (some("auth_token"), {"HW_ASSUME_ROLE_AGENCY_NAME": "x", "HW_PROFILE": "x", "OS_CLOUD": "x"}, "token"),
        ({}, {**SETS["aksk"], "OS_AGENCY_NAME": "x", "OS_CLOUD": "x", "HUAWEICLOUD_SDK_IDP_ID": "x"}, "aksk"),
        ({}, {**SETS["aksk"], "HW_USE_METADATA": "true"}, "aksk"),
        ({}, {**SETS["sdk"], "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "x"}, "aksk"),
        ({}, {**SETS["token"], "OS_CLOUD": "x", "HW_USE_METADATA": "False", "HW_PROFILE": " "}, "token"),
    ],
)
def test_request_for_unsupported_way_yields_to_earlier_credentials(params, environ, kind):
    assert _auth.resolve_credentials(params, environ).kind == kind


# Characters that come with copies from documents and with files in other encodings.
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
def test_value_that_no_header_can_carry_is_refused_by_name(option, value):
    rest = {"secret_key": "s", "access_key": "a"} if option in ("access_key", "secret_key", "security_token") else {}
    rest = rest or {"auth_token": "t"}
    why = " contains a character that an HTTP header cannot carry"
    error = refusal({**rest, option: value}, {})
    assert error.message == option + why
    assert value not in str(error)
    variable = _auth.CREDENTIAL_VARIABLES[option][0]
    environ = {_auth.CREDENTIAL_VARIABLES[name][0]: text for name, text in {**rest, option: value}.items()}
    assert refusal({}, environ).message == f"{option} (from {variable}){why}"


@pytest.mark.parametrize("option", ["username", "password", "domain_name"])
def test_text_that_is_not_utf_8_is_refused_by_name(option):
    """Python keeps such bytes of the environment as half of a surrogate pair."""
    login = some("username", "password", "domain_name")
    error = refusal({**login, option: "CANARY\udcff"}, {})
    assert error.message == f"{option} is not valid text in UTF-8"
    assert "CANARY" not in str(error)
    assert getattr(_auth.resolve_credentials({**login, option: "p\xe4ss \u4e2d"}, {}), option) == "p\xe4ss \u4e2d"


def test_origin_of_task_options():
    found = _auth.resolve_credentials(some("username", "password", "domain_name"), {})
    assert found.origin() == "The credentials come from the task options username, password and domain_name."
    assert _auth.resolve_credentials(some("auth_token", "domain_id"), {}).origin() == (
        "The credentials come from the task option auth_token."
    )
    assert _auth.Credentials("token", "task", auth_token="t").origin() == ""


def test_the_variables_are_those_of_other_tools_in_a_fixed_order():
    assert _auth.CREDENTIAL_VARIABLES == {
        "access_key": ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY"),
        "secret_key": ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY"),
        "security_token": ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
        "auth_token": ("HW_AUTH_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN"),
        "username": ("HW_USER_NAME", "OS_USERNAME"),
        "password": ("HW_USER_PASSWORD", "OS_PASSWORD"),
        "domain_name": ("HW_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME"),
        "domain_id": ("HW_DOMAIN_ID", "HUAWEICLOUD_SDK_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_DOMAIN_ID"),
    }


def test_a_complete_task_does_not_look_at_the_environment():
    """Neither for another kind, nor for the optional parts of its own set."""
    found = _auth.resolve_credentials(some("access_key", "secret_key"), as_environ(dict.fromkeys(CANARIES, "env")))
    assert found == _auth.Credentials("aksk", "task", **some("access_key", "secret_key"))


@pytest.mark.parametrize(
    "options, kind",
    [
        (tuple(CANARIES), "token"),
        (tuple(option for option in CANARIES if option != "auth_token"), "aksk"),
        (("access_key", "username", "password", "domain_id", "security_token"), "password"),
    ],
)
def test_within_the_environment_the_order_of_kinds_decides(options, kind):
    found = _auth.resolve_credentials({}, as_environ(some(*options)))
    assert (found.kind, found.source) == (kind, "environment")


def test_what_belongs_to_another_kind_is_not_kept():
    found = _auth.resolve_credentials({}, as_environ(CANARIES))
    assert found == _auth.Credentials("token", "environment", **some("auth_token", "domain_name", "domain_id"))
    assert found.secrets() == ("CANARY-auth-token",)


@pytest.mark.parametrize(
    "alone", [{"domain_name": "a"}, {"domain_id": "a"}, {"region": "eu-de", "project_id": "p", "auth_url": "https://a"}]
)
def test_neutral_options_do_not_begin_a_set(alone):
    found = _auth.resolve_credentials(alone, as_environ(some("username", "password", "domain_id")))
    assert found == _auth.Credentials("password", "environment", **some("username", "password", "domain_id"))


@pytest.mark.parametrize("unset", ["", " ", "\n", None])
def test_an_empty_value_is_not_set(unset):
    blank = dict.fromkeys(("access_key", "secret_key", "security_token", "auth_token"), unset)
    environ = {
        **as_environ(some("access_key", "secret_key")),
        "HW_AUTH_TOKEN": unset or "",
        "HW_SECURITY_TOKEN": unset or "",
    }
    assert _auth.resolve_credentials(blank, environ) == _auth.Credentials(
        "aksk", "environment", **some("access_key", "secret_key")
    )


@pytest.mark.parametrize("as_given", [lambda options: (options, {}), lambda options: ({}, as_environ(options))])
def test_blanks_and_line_ends_around_keys_are_dropped(as_given):
    padded = {
        option: f" \t{value}\r\n"
        for option, value in some("access_key", "secret_key", "security_token", "domain_id").items()
    }
    found = _auth.resolve_credentials(*as_given(padded))
    assert (found.access_key, found.secret_key, found.security_token, found.domain_id) == (
        "CANARY-access-key",
        "CANARY-secret-key",
        "CANARY-security-token",
        "CANARY-domain-id",
    )


def test_only_line_ends_are_cut_off_a_password():
    found = _auth.resolve_credentials({"username": "XavierX", "password": "XpassX\n", "domain_name": "XOTCX"}, {})
    assert (found.username, found.password, found.domain_name) == ("XavierX", "XpassX", "XOTCX")


def test_blanks_that_a_person_may_have_chosen_are_kept():
    found = _auth.resolve_credentials(
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


@pytest.mark.parametrize("environ", [{}, as_environ(CANARIES)], ids=["alone", "environment could complete it"])
@pytest.mark.parametrize("options, what", TASK_HALVES)
def test_half_a_set_of_the_task_is_refused_and_never_completed(options, what, environ):
    error = refusal(some(*options), environ)
    assert error.message == f"Incomplete credentials in the task options: {what}"
    assert (
        error.hint == "A set comes from one source: environment variables do not complete what the task options begin"
    )


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
def test_half_a_set_of_the_environment_is_named_when_nothing_is_complete(environ, what):
    error = refusal({"domain_name": "CANARY"}, environ)
    assert error.message == f"Incomplete credentials in the environment: {what}"
    assert (
        error.hint
        == "A set comes from one family of variables (HW_*, HUAWEICLOUD_SDK_* or OS_*): neither another family nor the task options complete it"
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
        (tuple(CANARIES), "auth_token; access_key and secret_key; username and password"),
    ],
)
def test_several_kinds_in_the_task_are_refused(options, what):
    error = refusal(some(*options), {})
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
def test_no_credentials_at_all(params, environ):
    error = refusal(params, environ)
    assert (
        error.message
        == "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name"
    )
    assert error.hint == "Or set environment variables, for example HW_ACCESS_KEY and HW_SECRET_KEY"
    assert error.facts()["kind"] == "options"


@pytest.mark.parametrize(
    "as_given",
    [
        lambda options: (options, {}),
        lambda options: ({}, as_environ(options)),
        lambda options: ({}, as_environ(options, 9)),
    ],
)
def test_no_message_and_no_repr_holds_a_secret(as_given):
    """All 256 combinations of options: either an error without any value, or credentials whose repr shows no secret."""
    refused = taken = 0
    for options in subsets():
        try:
            found = _auth.resolve_credentials(*as_given(options))
        except OptionError as error:
            refused += 1
            assert "CANARY" not in f"{error} {error!r} {error.facts()}"
        else:
            taken += 1
            assert not [option for option in SECRET if CANARIES[option] in f"{found} {found!r}"]
    assert refused + taken == 256
    assert min(refused, taken) > 10


def test_secrets_are_all_of_them_and_nothing_else():
    found = _auth.Credentials("aksk", "task", **CANARIES)
    assert found.secrets() == tuple(CANARIES[option] for option in SECRET)
    assert _auth.Credentials("aksk", "task", access_key="a", secret_key="s", security_token="").secrets() == ("s",)


def test_credentials_can_be_part_of_a_key():
    first, second = (_auth.resolve_credentials(some("access_key", "secret_key"), {}) for dummy in range(2))
    assert len({first, second, _auth.resolve_credentials(some("auth_token"), {})}) == 2


# -- signature --------------------------------------------------------------------------------------------------------


def body_of(vector):
    return None if vector["body"] is None else vector["body"].encode("utf-8")


def when_of(vector):
    return datetime.strptime(vector["date"], _auth.DATE_FORMAT).replace(tzinfo=timezone.utc)


def test_no_vector_is_lost():
    assert len(VECTORS) == 99
    assert {vector["name"] for vector in VECTORS} > OTHER_HEADERS


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_in_pure_functions(vector):
    request = _auth.canonical_request(vector["method"], vector["url"], vector["headers"], body_of(vector))
    assert request == vector["expected_canonical_request"]
    assert request.splitlines()[-2:] == [vector["signed_headers"], vector["expected_body_hash"]]
    assert _auth.string_to_sign(request, vector["date"]) == vector["expected_string_to_sign"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_signed(vector):
    added = _auth.sign(
        vector["method"], vector["url"], vector["headers"], body_of(vector), vector["ak"], vector["sk"], when_of(vector)
    )
    assert added["X-Sdk-Date"] == vector["date"]
    assert (added["Authorization"] == vector["expected_authorization"]) is (vector["name"] not in OTHER_HEADERS)


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["name"] in OTHER_HEADERS], ids=lambda vector: vector["name"]
)
def test_vector_with_other_headers_signed(vector, monkeypatch):
    """The same through sign(), told to sign what the library signed there."""
    monkeypatch.setattr(_auth, "SIGNED_NAMES", tuple(vector["signed_headers"].split(";")))
    added = _auth.sign(
        vector["method"], vector["url"], vector["headers"], body_of(vector), vector["ak"], vector["sk"], when_of(vector)
    )
    assert added["Authorization"] == vector["expected_authorization"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_query(vector):
    before, dummy, query = vector["url"].partition("?")
    wire = before + (f"?{_auth.canonical_query(query)}" if query else "")
    assert wire == vector["expected_wire_url"]
    assert _auth.canonical_query([tuple(pair) for pair in vector["query"]]) == _auth.canonical_query(query)


def test_sign_adds_the_host_itself_and_leaves_out_what_others_touch():
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "a",
        "Accept": "b",
        "Content-Length": "2",
        "Connection": "close",
        "X-Project-Id": "p",
    }
    added = _auth.sign("POST", URL, headers, b"{}", "AK", "SK", WHEN)
    assert set(added) == {"X-Sdk-Date", "Authorization"}
    assert "SignedHeaders=content-type;host;x-project-id;x-sdk-date," in added["Authorization"]
    same = _auth.sign(
        "POST",
        URL,
        {"Host": "asm.region-1.example.com", "content-type": "application/json", "x-project-id": "p"},
        b"{}",
        "AK",
        "SK",
        WHEN,
    )
    assert added == same


def test_sign_again_ignores_the_older_signature():
    headers = {"X-Project-Id": "p"}
    fresh = _auth.sign("GET", URL, headers, None, "AK", "SK", WHEN + timedelta(seconds=7))
    again = _auth.sign(
        "GET",
        URL,
        {**headers, **_auth.sign("GET", URL, headers, None, "AK", "SK", WHEN)},
        None,
        "AK",
        "SK",
        WHEN + timedelta(seconds=7),
    )
    assert again == fresh
    assert again["X-Sdk-Date"] == "20250102T030412Z"


def test_sign_does_not_change_its_headers():
    headers = {"X-Project-Id": "p"}
    _auth.sign("GET", URL, headers, None, "AK", "SK", WHEN)
    assert headers == {"X-Project-Id": "p"}


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"url": URL + "/x"},
        {"url": URL + "?a=1"},
        {"body": b"{ }"},
        {"headers": {"X-Project-Id": "q"}},
        {"secret_key": "SL"},
    ],
)
def test_every_part_counts(change):
    call = {
        "method": "POST",
        "url": URL,
        "headers": {"X-Project-Id": "p"},
        "body": b"{}",
        "access_key": "AK",
        "secret_key": "SK",
        "when": WHEN,
    }
    assert _auth.sign(**call) != _auth.sign(**{**call, **change})


def test_the_date_is_utc():
    berlin = timezone(timedelta(hours=1))
    assert _auth.sign("GET", URL, {}, None, "AK", "SK", WHEN.astimezone(berlin)) == _auth.sign(
        "GET", URL, {}, None, "AK", "SK", WHEN
    )


def test_a_time_without_zone_is_a_programming_error():
    with pytest.raises(ValueError, match="the time of a signature needs a time zone"):
        _auth.sign("GET", URL, {}, None, "AK", "SK", WHEN.replace(tzinfo=None))


def test_the_secret_key_is_in_nothing_that_is_sent():
    assert "CANARY" not in str(_auth.sign("GET", URL, {}, None, "AK", "CANARY-secret-key", WHEN))


def test_an_empty_path_is_signed_as_a_slash():
    assert _auth.canonical_request("GET", "https://h.example.com", {}, None).split("\n")[1] == "/"


def test_a_declared_body_hash_counts_even_when_not_signed():
    request = _auth.canonical_request(
        "PUT", URL, {"x-sdk-content-sha256": "UNSIGNED-PAYLOAD", "host": "h"}, b"body", ["host"]
    )
    assert request.split("\n")[-2:] == ["host", "UNSIGNED-PAYLOAD"]


def test_named_headers_that_are_not_there_are_not_signed():
    assert _auth.canonical_request("GET", URL, {"Host": "h"}, None, ["host", "content-type"]).split("\n")[3:6] == [
        "host:h",
        "",
        "host",
    ]


# -- URLs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base, segments, query, url",
    [
        ("https://h", ["v2", "meshes"], None, "https://h/v2/meshes"),
        ("https://h/", ["v2"], {}, "https://h/v2"),
        ("https://h/prefix", ["v2"], [], "https://h/prefix/v2"),
        ("https://h", [], None, "https://h"),
        (
            "https://h",
            ["a b", "100%", "a/b", "ü", "a+b", "%2E%2E", "..."],
            None,
            "https://h/a%20b/100%25/a%2Fb/%C3%BC/a%2Bb/%252E%252E/...",
        ),
        (
            "https://h",
            ["v"],
            {"offset": 0, "limit": 100, "name": None, "a": "b C", "flag": True},
            "https://h/v?a=b%20C&flag=true&limit=100&offset=0",
        ),
        ("https://h", ["v"], {"name": ""}, "https://h/v?name="),
        ("https://h", ["v"], {"name": None}, "https://h/v"),
        (
            "https://h",
            ["v"],
            [("tag", "z"), ("tag", "a"), ("q", "a&b=c+d~")],
            "https://h/v?q=a%26b%3Dc%2Bd~&tag=a&tag=z",
        ),
    ],
)
def test_canonical_url(base, segments, query, url):
    assert _auth.canonical_url(base, segments, query) == url


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_segment_that_would_vanish_is_refused(segment):
    with pytest.raises(OptionError) as caught:
        _auth.canonical_url("https://h", ["v2", "meshes", segment, "workshops"])
    assert str(caught.value) == f"'{segment}' cannot be part of a request path"


def test_the_http_library_sends_what_was_signed():
    requests = pytest.importorskip("requests")
    url = _auth.canonical_url(
        "https://h.example.com",
        ["v2", "a b", "100%", "a/b", "ü~!'()*", "..."],
        {"q": "ü &=+/~'()*!", "B": "1", "a": ""},
    )
    assert requests.Request("GET", url).prepare().url == url


@pytest.mark.parametrize(
    "url, host",
    [
        ("https://h.example.com/v2", "h.example.com"),
        ("https://H.Example.com:8443/v2", "h.example.com:8443"),
        ("https://h.example.com:443/v2", "h.example.com"),
        ("http://h.example.com:80", "h.example.com"),
        ("http://h.example.com:443", "h.example.com:443"),
        ("https://h.example.com:80", "h.example.com:80"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_host_header(url, host):
    assert _auth.host_header(url) == host


def test_of_an_endpoint_only_the_slash_at_its_end_goes():
    assert _auth.canonical_url("https://asm.example.com/X/", ["v1"]) == "https://asm.example.com/X/v1"


def test_where_there_is_no_host_there_is_none():
    assert _auth.host_header("/v1/things") == ""


def test_a_signature_does_not_depend_on_the_time_zone_of_the_host(monkeypatch):
    asked = (
        "GET",
        "https://asm.example.com/v1",
        {},
        None,
        "key",
        "secret",
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    )
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert _auth.sign(*asked)["X-Sdk-Date"] == "20260102T030405Z"
    finally:
        monkeypatch.undo()
        time.tzset()
