# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _options
from ansible_collections.community.huaweicloud.plugins.module_utils._auth import CREDENTIAL_VARIABLES, Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._options import Arguments

KEYS = {"access_key": "AK", "secret_key": "CANARY-secret-key"}

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
    "connect_timeout": (),
    "read_timeout": (),
    "max_retries": (),
    "retry_max_delay": (),
}

TEXT_OPTIONS = ("project_id", "project_name", "region", "cloud_domain")
URL_OPTIONS = ("auth_url", "asm_endpoint", "modelarts_endpoint", "proxy")
FILE_OPTIONS = ("ca_path", "client_cert", "client_key")


def resolve(environ=None, **params):
    return _options.resolve_connection({**KEYS, **params}, environ or {})


def refusal(environ=None, **params):
    with pytest.raises(OptionError) as caught:
        resolve(environ, **params)
    assert "CANARY" not in f"{caught.value} {caught.value!r} {caught.value.facts()}"
    return caught.value


def a_value(option, number, folder):
    """A valid value for an option, another one for every number."""
    if option in URL_OPTIONS:
        return f"https://host{number}"
    if option in FILE_OPTIONS:
        path = folder / f"file{number}.pem"
        path.touch()
        return str(path)
    return f"value{number}"


# -- argument specs ---------------------------------------------------------------------------------------------------


def test_merged_takes_all_options_and_rules_once():
    first = Arguments({"a": {"type": "str"}}, (("a", "b"),), (("a", "c"),), (("a", "d"),), (("a", "x", ("b",)),), {"a": ("b",)})
    second = Arguments({"a": {"type": "str"}, "b": {"type": "int"}}, (("a", "b"), ("b", "c")), required_by={"a": ("b", "c"), "b": ("d",)})
    third = Arguments({"c": {}}, required_if=(("b", 1, ("c",)),))
    assert first.merged(second, third) == Arguments(
        {"a": {"type": "str"}, "b": {"type": "int"}, "c": {}},
        (("a", "b"), ("b", "c")),
        (("a", "c"),),
        (("a", "d"),),
        (("a", "x", ("b",)), ("b", 1, ("c",))),
        {"a": ("b", "c"), "b": ("d",)},
    )
    assert first.merged() is first


def test_merged_refuses_two_definitions_of_one_option():
    with pytest.raises(ValueError, match="^option wait is defined in two different ways$"):
        _options.WAIT.merged(Arguments({"wait": {"type": "bool", "default": False}}))


def test_shared_arguments_can_be_merged():
    merged = _options.CONNECTION.merged(_options.WAIT, _options.MESH)
    assert len(merged.argument_spec) == 24 + 3 + 2
    # An empty string counts as a value there.
    assert merged.mutually_exclusive == merged.required_one_of == ()


def test_kwargs_are_a_copy():
    kwargs = _options.CONNECTION.kwargs()
    assert set(kwargs) == {"argument_spec", "mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by"}
    kwargs["argument_spec"]["access_key"]["aliases"].append("other")
    kwargs["argument_spec"].clear()
    assert _options.CONNECTION.argument_spec["access_key"]["aliases"] == ["ak"]


def test_kwargs_have_every_rule():
    rules = Arguments({"a": {}}, [("a", "b")], [("a", "c")], [("a", "d")], [("a", "x", ("b",))], {"a": ["b", "c"]})
    assert rules.kwargs() == {
        "argument_spec": {"a": {}},
        "mutually_exclusive": [("a", "b")],
        "required_together": [("a", "c")],
        "required_one_of": [("a", "d")],
        "required_if": [("a", "x", ("b",))],
        "required_by": {"a": ("b", "c")},
    }


def test_ansible_accepts_the_arguments():
    validation = pytest.importorskip("ansible.module_utils.common.arg_spec")
    kwargs = _options.CONNECTION.merged(_options.WAIT, _options.MESH).kwargs()
    validator = validation.ArgumentSpecValidator(**kwargs)
    result = validator.validate({"ak": "a", "sk": "b", "mesh_id": "m", "connect_timeout": "2.5", "validate_certs": "no", "wait": "false"})
    assert result.error_messages == []
    found = result.validated_parameters
    assert (found["access_key"], found["secret_key"], found["connect_timeout"], found["validate_certs"], found["wait"]) == ("a", "b", 2.5, False, False)
    assert (found["read_timeout"], found["max_retries"], found["retry_max_delay"], found["wait_timeout"], found["wait_interval"]) == (30, 5, 30, 600, 2)


@pytest.mark.parametrize("params", [{"id": "1"}, {"id": "1", "name": None}, {"id": "1", "name": ""}, {"id": "", "name": "n"}, {"name": "0"}])
def test_one_of_two_is_enough(params):
    _options.check_one_of(params, "id", "name")


@pytest.mark.parametrize(
    "params, message",
    [
        ({}, "one of the following is required: id, name"),
        ({"id": None, "name": None}, "one of the following is required: id, name"),
        ({"id": "", "name": ""}, "one of the following is required: id, name"),
        ({"id": "1", "name": "n"}, "parameters are mutually exclusive: id|name"),
    ],
)
def test_none_and_two_are_refused(params, message):
    with pytest.raises(OptionError) as caught:
        _options.check_one_of(params, "id", "name")
    assert str(caught.value) == message


def test_a_mesh_has_an_id_or_a_name():
    _options.check_mesh({"mesh_id": "", "mesh_name": "shop"})
    with pytest.raises(OptionError, match="^parameters are mutually exclusive: mesh_id|mesh_name$"):
        _options.check_mesh({"mesh_id": "m-1", "mesh_name": "shop"})


def test_no_log_is_said_wherever_ansible_would_ask():
    said = {option: spec["no_log"] for option, spec in _options.CONNECTION.argument_spec.items() if "no_log" in spec}
    assert said == {
        "access_key": False,
        "secret_key": True,
        "security_token": True,
        "auth_token": True,
        "password": True,
        "client_key": False,
        "proxy": True,
    }


def test_aliases():
    aliases = {option: spec["aliases"] for option, spec in _options.CONNECTION.argument_spec.items() if "aliases" in spec}
    assert aliases == {
        "access_key": ["ak"],
        "secret_key": ["sk"],
        "username": ["user"],
        "domain_name": ["domain"],
        "project_name": ["project"],
        "auth_url": ["identity_endpoint"],
    }


def test_variables_for():
    assert {option: _options.variables_for(option) for option in _options.CONNECTION.argument_spec} == VARIABLES
    with pytest.raises(KeyError, match="^'mesh_id'$"):
        _options.variables_for("mesh_id")


# -- sources ----------------------------------------------------------------------------------------------------------


def test_nothing_but_credentials():
    assert resolve() == _options.Connection(
        credentials=Credentials("aksk", "task", **KEYS),
        validate_certs=True,
        connect_timeout=5.0,
        read_timeout=30.0,
        max_retries=5,
        retry_max_delay=30.0,
    )
    assert resolve(**dict.fromkeys(VARIABLES.keys() - KEYS.keys())) == resolve()
    assert resolve(**dict.fromkeys(TEXT_OPTIONS + URL_OPTIONS + FILE_OPTIONS, "")) == resolve()


@pytest.mark.parametrize("option", TEXT_OPTIONS + URL_OPTIONS + ("ca_path", "client_cert"))
def test_an_option_wins_over_its_variables(option, tmp_path):
    environ = {name: a_value(option, 1, tmp_path) for name in VARIABLES[option]}
    wanted = a_value(option, 0, tmp_path)
    assert getattr(resolve(environ, **{option: wanted}), option) == wanted


@pytest.mark.parametrize("unset", ["", " ", None])
@pytest.mark.parametrize("option", TEXT_OPTIONS + URL_OPTIONS + FILE_OPTIONS)
def test_the_first_variable_that_is_not_empty_wins(option, unset, tmp_path):
    names = VARIABLES[option]
    for first in range(len(names)):
        environ = {**dict.fromkeys(names[:first], unset or ""), **{name: a_value(option, names.index(name), tmp_path) for name in names[first:]}}
        environ.setdefault("HW_CERT", a_value("client_cert", 9, tmp_path))
        assert getattr(resolve(environ, **{option: unset}), option) == a_value(option, first, tmp_path)


def test_no_credentials():
    with pytest.raises(OptionError, match="^No credentials: "):
        _options.resolve_connection({"region": "eu-de"}, {})


def test_the_domain_is_that_of_the_credentials():
    environ = {"HW_AUTH_TOKEN": "CANARY", "HW_DOMAIN_ID": "theirs"}
    assert resolve(environ).domain_id is None
    assert resolve(environ, domain_id="mine").domain_id == "mine"
    assert _options.resolve_connection({"domain_id": "mine"}, environ).domain_id == "theirs"


@pytest.mark.parametrize(
    "params, environ, project",
    [
        ({"project_name": "dev"}, {"HW_PROJECT_ID": "prod"}, (None, "dev")),
        ({"project_id": "dev"}, {"HW_PROJECT_NAME": "prod"}, ("dev", None)),
        ({"project_id": "1", "project_name": "dev"}, {"HW_PROJECT_ID": "2"}, ("1", "dev")),
        ({}, {"HW_PROJECT_ID": "1", "OS_PROJECT_NAME": "prod"}, ("1", "prod")),
        ({"project_id": "", "region": "eu-de"}, {"HW_PROJECT_ID": "1"}, ("1", None)),
    ],
)
def test_the_project_comes_from_one_source(params, environ, project):
    found = resolve(environ, **params)
    assert (found.project_id, found.project_name) == project


@pytest.mark.parametrize(
    "params, name",
    [({}, None), ({"region": "eu-de"}, "eu-de"), ({"region": "eu-de", "project_name": "eu-de_dev"}, "eu-de_dev"), ({"project_name": "x"}, "x")],
)
def test_project_scope_name(params, name):
    assert resolve(**params).project_scope_name() == name


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
def test_validate_certs(given, environ, verified):
    assert resolve(environ, validate_certs=given).validate_certs is verified


@pytest.mark.parametrize(
    "given, environ, name", [(None, {"HW_INSECURE": "CANARY"}, "HW_INSECURE"), (None, {"OS_INSECURE": "2"}, "OS_INSECURE"), ("CANARY", {}, "validate_certs")]
)
def test_validate_certs_that_is_no_boolean(given, environ, name):
    assert str(refusal(environ, validate_certs=given)) == f"{name} must be a boolean, for example true or false"


# -- endpoints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params, endpoints",
    [
        ({"region": "cn-north-4"}, ["asm.cn-north-4.myhuaweicloud.com", "modelarts.cn-north-4.myhuaweicloud.com", "iam.cn-north-4.myhuaweicloud.com"]),
        ({"region": "eu-de"}, ["asm.eu-de.otc.t-systems.com", "modelarts.eu-de.otc.t-systems.com", "iam.eu-de.otc.t-systems.com"]),
        ({"region": "eu-nl"}, ["asm.eu-nl.otc.t-systems.com", "modelarts.eu-nl.otc.t-systems.com", "iam.eu-nl.otc.t-systems.com"]),
        ({"region": "eu-west-101"}, ["asm.eu-west-101.myhuaweicloud.eu", "modelarts.eu-west-101.myhuaweicloud.eu", "iam.eu-west-101.myhuaweicloud.eu"]),
        ({"region": "eu-west-0"}, ["asm.eu-west-0.myhuaweicloud.com", "modelarts.eu-west-0.myhuaweicloud.com", "iam.eu-west-0.myhuaweicloud.com"]),
        ({"region": "eu-de-2"}, ["asm.eu-de-2.myhuaweicloud.com", "modelarts.eu-de-2.myhuaweicloud.com", "iam.eu-de-2.myhuaweicloud.com"]),
        (
            {"region": "eu-de", "cloud_domain": "cloud.example.com"},
            ["asm.eu-de.cloud.example.com", "modelarts.eu-de.cloud.example.com", "iam.eu-de.cloud.example.com"],
        ),
    ],
)
def test_endpoints_from_the_region(params, endpoints):
    found = resolve(**params)
    assert [found.endpoint(service) for service in ("asm", "modelarts", "iam")] == [f"https://{host}" for host in endpoints]


def test_explicit_endpoints_win_over_the_region():
    found = resolve({"HW_REGION_NAME": "eu-de"}, asm_endpoint="http://a:1", modelarts_endpoint="http://b:2", auth_url="http://c:3/v3")
    assert [found.endpoint(service) for service in ("asm", "modelarts", "iam")] == ["http://a:1", "http://b:2", "http://c:3"]


@pytest.mark.parametrize(
    "params, addresses",
    [
        ({}, [None, None, "https://iam.myhuaweicloud.com"]),
        ({"region": "eu-de", "modelarts_endpoint": "http://b:2"}, ["https://asm.eu-de.otc.t-systems.com", "http://b:2", "https://iam.eu-de.otc.t-systems.com"]),
    ],
)
def test_all_addresses(params, addresses):
    assert resolve(**params).addresses() == dict(zip(("asm_endpoint", "modelarts_endpoint", "auth_url"), addresses))


@pytest.mark.parametrize("params, endpoint", [({}, "https://iam.myhuaweicloud.com"), ({"cloud_domain": "example.com"}, "https://iam.example.com")])
def test_iam_without_region(params, endpoint):
    assert resolve(**params).endpoint("iam") == endpoint


@pytest.mark.parametrize("service, name, option", [("asm", "ASM", "asm_endpoint"), ("modelarts", "ModelArts", "modelarts_endpoint")])
def test_an_endpoint_that_is_not_known(service, name, option):
    with pytest.raises(OptionError) as caught:
        resolve().endpoint(service)
    assert caught.value.message == f"The address of {name} is not known: neither region nor {option} is set"
    assert caught.value.hint == "Set region, or the variable HW_REGION_NAME"


def test_a_service_that_is_not_known():
    with pytest.raises(KeyError):
        resolve().endpoint("ecs")


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
def test_the_form_of_endpoints(given, kept):
    found = resolve(asm_endpoint=given, auth_url=given)
    assert (found.endpoint("asm"), found.endpoint("iam")) == (kept, kept)


@pytest.mark.parametrize("given", ["https://iam.example.com", "https://iam.example.com/v3", "https://iam.example.com:443/v3/"])
def test_iam_with_and_without_version(given):
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
def test_what_stands_before_the_version_stays(given, kept):
    assert resolve(auth_url=given).endpoint("iam") == kept


def test_only_iam_loses_its_version():
    assert resolve(asm_endpoint="https://asm.example.com/v3").endpoint("asm") == "https://asm.example.com/v3"


SCHEME = "it does not begin with http:// or https://"
NO_HOST = "it names no host"
UNREADABLE = "its host or port can not be read"
USER = "it has a user or a password in it"
QUERY = "it has a query or a fragment"
PATH = "its path is not plain"

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
def test_endpoints_that_can_not_be_used(option, url, why):
    error = refusal(**{option: url})
    assert error.message == f"{option} is not a usable URL: {why}"
    assert error.hint == "It looks like https://host or https://host:port"
    variable = VARIABLES[option][0]
    assert refusal({variable: url}).message == f"{option} (from {variable}) is not a usable URL: {why}"


@pytest.mark.parametrize("url, why", BAD_URLS)
def test_proxies_that_can_not_be_used(url, why):
    assert refusal(proxy=url).message == f"proxy is not a usable URL: {why}"
    assert refusal({"HW_PROXY": url}).message == f"proxy (from HW_PROXY) is not a usable URL: {why}"


@pytest.mark.parametrize("value", ["p\n1", "p\x00", "\u4e2d", "p\xe9", "p\x7f1"])
def test_a_project_that_no_header_can_carry_is_refused(value):
    assert str(refusal(project_id=value)) == "project_id holds characters that no id has"
    assert str(refusal({"HW_PROJECT_ID": value})) == "project_id (from HW_PROJECT_ID) holds characters that no id has"


@pytest.mark.parametrize("region", ["eu-de_dev", "eu-de.example.com/", "eu de", "-eu", "eu-de@CANARY", "é", "eu-de\n.x"])
def test_regions_that_can_not_be_used(region):
    assert str(refusal(region=region)) == "region must be letters, digits and hyphens, for example eu-de"
    assert str(refusal({"OS_REGION_NAME": region})) == "region (from OS_REGION_NAME) must be letters, digits and hyphens, for example eu-de"


@pytest.mark.parametrize("domain", ["https://example.com", "example.com/", ".example.com", "example..com", "a@CANARY", "example.com:443"])
def test_cloud_domains_that_can_not_be_used(domain):
    assert str(refusal(cloud_domain=domain)) == "cloud_domain must be a domain name, for example myhuaweicloud.com"
    assert str(refusal({"HW_CLOUD": domain})) == "cloud_domain (from HW_CLOUD) must be a domain name, for example myhuaweicloud.com"


# -- files, numbers, secrets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", FILE_OPTIONS)
def test_files_that_are_not_there(option, tmp_path):
    there, missing = a_value(option, 0, tmp_path), tmp_path / "missing.pem"
    params = {"client_cert": there, option: str(missing)}
    assert str(refusal(**params)) == f"{option}: '{missing}' does not exist"
    variable = VARIABLES[option][1]
    environ = {"OS_CERT": there, variable: str(missing)}
    assert str(refusal(environ)) == f"{option} (from {variable}): '{missing}' does not exist"


@pytest.mark.parametrize("option", FILE_OPTIONS)
def test_files_that_can_not_be_read(option, tmp_path, monkeypatch):
    """Not by file mode: root reads everything."""
    there = a_value("client_cert", 0, tmp_path)
    closed = a_value(option, 1, tmp_path)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed and access(path, mode))
    assert str(refusal(**{"client_cert": there, option: closed})) == f"{option}: '{closed}' can not be read"


def test_a_folder_of_authorities(tmp_path):
    assert resolve(ca_path=str(tmp_path)).ca_path == str(tmp_path)


def test_paths_of_the_environment_are_expanded(tmp_path, monkeypatch):
    """Ansible does that for options of type path."""
    (tmp_path / "ca.pem").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve({"HW_CACERT": "~/ca.pem"}).ca_path == str(tmp_path / "ca.pem")
    assert resolve({"HW_CACERT": "$HOME/ca.pem"}).ca_path == str(tmp_path / "ca.pem")


def test_paths_of_options_are_taken_as_they_are(tmp_path, monkeypatch):
    """Ansible has expanded them already."""
    path = tmp_path / "$HOME.pem"
    path.touch()
    monkeypatch.setenv("HOME", "elsewhere")
    assert resolve(ca_path=str(path)).ca_path == str(path)


def test_a_key_without_certificate(tmp_path):
    key = a_value("client_key", 0, tmp_path)
    assert str(refusal(client_key=key)) == "client_key is set without client_cert"
    assert str(refusal({"HW_CERT": key}, client_key=key)) == "client_key is set without client_cert"
    assert str(refusal({"OS_KEY": key})) == "client_key (from OS_KEY) is set without client_cert"


def test_certificate_and_key_come_from_one_source(tmp_path):
    mine, theirs = a_value("client_cert", 0, tmp_path), a_value("client_cert", 1, tmp_path)
    found = resolve({"HW_CERT": theirs, "HW_KEY": theirs}, client_cert=mine)
    assert (found.client_cert, found.client_key) == (mine, None)
    found = resolve({"HW_CERT": theirs, "OS_KEY": mine})
    assert (found.client_cert, found.client_key) == (theirs, mine)


@pytest.mark.parametrize("head", ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED"])
def test_a_key_that_wants_a_password_is_refused(tmp_path, head):
    """Nobody can be asked for it."""
    locked, plain = tmp_path / "locked.pem", a_value("client_key", 0, tmp_path)
    locked.write_text(f"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{head}\nAAAA\n", encoding="ascii")
    why = f"the key in '{locked}' is locked with a password. Write it without one, and protect the file instead"
    assert str(refusal(client_cert=str(locked))) == f"client_cert: {why}"
    assert str(refusal(client_cert=plain, client_key=str(locked))) == f"client_key: {why}"
    assert str(refusal({"HW_CERT": str(locked)})) == f"client_cert (from HW_CERT): {why}"
    # A key of its own is the one that is used.
    assert resolve(client_cert=str(locked), client_key=plain).client_cert == str(locked)


def test_no_more_is_read_of_a_key_than_the_first_mebibyte(tmp_path):
    path = tmp_path / "long.pem"
    path.write_bytes(b"\n" * 1024 * 1024 + b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert resolve(client_cert=str(path)).client_cert == str(path)
    path.write_bytes(path.read_bytes()[64:])
    assert "is locked with a password" in str(refusal(client_cert=str(path)))


NUMBERS = [
    ("connect_timeout", (0.1, 5, 600), (0, -1, float("nan"), float("inf")), "greater than 0"),
    ("read_timeout", (0.1, 5, 600), (0, -1, float("nan"), float("inf")), "greater than 0"),
    ("max_retries", (0, 1, 100), (-1, -(10**400)), "0 or greater"),
    ("retry_max_delay", (0, 0.5, 30.0), (-0.1, float("nan"), float("inf")), "0 or greater"),
]
WAITS = [
    ("wait_timeout", (0.1, 600.0), (0, -1, float("nan"), float("inf")), "greater than 0"),
    ("wait_interval", (0.01, 2), (0, -1, float("nan"), float("inf")), "greater than 0"),
]


@pytest.mark.parametrize("option, good, bad, what", NUMBERS)
def test_numbers(option, good, bad, what):
    assert [getattr(resolve(**{option: value}), option) for value in good] == list(good)
    for value in bad:
        assert str(refusal(**{option: value})) == f"{option} must be {what}: {value} is not"


@pytest.mark.parametrize("option", [option for option, *dummy in NUMBERS])
def test_numbers_no_clock_can_count_to(option):
    assert getattr(resolve(**{option: 100_000_000}), option) == 100_000_000
    assert str(refusal(**{option: 1e300 if option != "max_retries" else 10**400})) == f"{option} must be at most 100000000"


@pytest.mark.parametrize("option, good, bad, what", WAITS)
def test_check_wait(option, good, bad, what):
    for value in good:
        assert _options.check_wait({option: value}) is None
    for value in bad:
        with pytest.raises(OptionError) as caught:
            _options.check_wait({option: value})
        assert str(caught.value) == f"{option} must be {what}: {value} is not"


def test_check_wait_without_options():
    assert _options.check_wait({"wait_timeout": None}) is None


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
def test_secrets(proxy, secrets, by_option):
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
def test_passwords_where_none_belongs_are_known(option, url, passwords):
    assert _options.stray_secrets({option: url}) == passwords


def test_secrets_of_items_are_known_too():
    entry = {"name": "a", "secret_key": "CANARY-1", "password": None, "auth_token": "", "access_key": "AK"}
    params = {"items": [entry, "text", {"proxy": "CANARY-2"}], "name": "x", "secret_key": "CANARY-of-the-task"}
    assert _options.stray_secrets(params) == ("CANARY-1", "CANARY-2")


def test_a_connection_can_be_part_of_a_key():
    assert len({resolve(region="eu-de"), resolve({"OS_REGION_NAME": "eu-de"}), resolve(region="eu-nl")}) == 2
