# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    MESH,
    WAIT,
    ArgumentSpec,
    check_mesh,
    check_one_of,
    check_wait,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from connections import refusal, resolve


def test_merge_takes_all_options_and_rules_once():
    first = ArgumentSpec(
        {"a": {"type": "str"}}, (("a", "b"),), (("a", "c"),), (("a", "d"),), (("a", "x", ("b",)),), {"a": ("b",)}
    )
    second = ArgumentSpec(
        {"a": {"type": "str"}, "b": {"type": "int"}},
        (("a", "b"), ("b", "c")),
        required_by={"a": ("b", "c"), "b": ("d",)},
    )
    third = ArgumentSpec({"c": {}}, required_if=(("b", 1, ("c",)),))
    assert first.merge(second, third) == ArgumentSpec(
        {"a": {"type": "str"}, "b": {"type": "int"}, "c": {}},
        (("a", "b"), ("b", "c")),
        (("a", "c"),),
        (("a", "d"),),
        (("a", "x", ("b",)), ("b", 1, ("c",))),
        {"a": ("b", "c"), "b": ("d",)},
    )
    assert first.merge() is first


def test_merge_rejects_two_definitions_of_one_option():
    with pytest.raises(ValueError, match="^option wait is defined in two different ways$"):
        WAIT.merge(ArgumentSpec({"wait": {"type": "bool", "default": False}}))


def test_shared_arguments_can_be_merged():
    merged = CONNECTION.merge(WAIT, MESH)
    assert len(merged.argument_spec) == 33 + 3 + 2
    # Ansible treats an empty string as a value.
    assert merged.mutually_exclusive == merged.required_one_of == ()


def test_kwargs_are_a_copy():
    kwargs = CONNECTION.kwargs()
    assert set(kwargs) == {
        "argument_spec",
        "mutually_exclusive",
        "required_together",
        "required_one_of",
        "required_if",
        "required_by",
    }
    kwargs["argument_spec"]["access_key"]["aliases"].append("other")
    kwargs["argument_spec"].clear()
    assert CONNECTION.argument_spec["access_key"]["aliases"] == ["ak"]


def test_kwargs_have_every_rule():
    rules = ArgumentSpec({"a": {}}, [("a", "b")], [("a", "c")], [("a", "d")], [("a", "x", ("b",))], {"a": ["b", "c"]})
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
    kwargs = CONNECTION.merge(WAIT, MESH).kwargs()
    validator = validation.ArgumentSpecValidator(**kwargs)
    result = validator.validate(
        {"ak": "a", "sk": "b", "mesh_id": "m", "connect_timeout": "2.5", "validate_certs": "no", "wait": "false"}
    )
    assert result.error_messages == []
    found = result.validated_parameters
    assert (
        found["access_key"],
        found["secret_key"],
        found["connect_timeout"],
        found["validate_certs"],
        found["wait"],
    ) == ("a", "b", 2.5, False, False)
    assert (
        found["read_timeout"],
        found["max_retries"],
        found["retry_max_delay"],
        found["wait_timeout"],
        found["wait_interval"],
    ) == (30, 5, 30, 600, 2)


@pytest.mark.parametrize(
    "params", [{"id": "1"}, {"id": "1", "name": None}, {"id": "1", "name": ""}, {"id": "", "name": "n"}, {"name": "0"}]
)
def test_one_of_two_options_is_accepted(params):
    check_one_of(params, "id", "name")


@pytest.mark.parametrize(
    "params, message",
    [
        ({}, "one of the following is required: id, name"),
        ({"id": None, "name": None}, "one of the following is required: id, name"),
        ({"id": "", "name": ""}, "one of the following is required: id, name"),
        ({"id": "1", "name": "n"}, "parameters are mutually exclusive: id|name"),
    ],
)
def test_no_or_two_options_are_rejected(params, message):
    with pytest.raises(OptionError) as caught:
        check_one_of(params, "id", "name")
    assert str(caught.value) == message


def test_mesh_has_an_id_or_a_name():
    check_mesh({"mesh_id": "", "mesh_name": "shop"})
    with pytest.raises(OptionError, match="^parameters are mutually exclusive: mesh_id|mesh_name$"):
        check_mesh({"mesh_id": "m-1", "mesh_name": "shop"})


def test_no_log_is_set_where_ansible_would_warn():
    said = {option: spec["no_log"] for option, spec in CONNECTION.argument_spec.items() if "no_log" in spec}
    assert said == {
        "access_key": False,
        "secret_key": True,
        "security_token": True,
        "auth_token": True,
        "password": True,
        "token_cache": False,
        "client_key": False,
        "proxy": True,
    }


def test_aliases():
    aliases = {option: spec["aliases"] for option, spec in CONNECTION.argument_spec.items() if "aliases" in spec}
    assert aliases == {
        "access_key": ["ak"],
        "secret_key": ["sk"],
        "username": ["user"],
        "domain_name": ["domain"],
        "project_name": ["project"],
        "auth_url": ["identity_endpoint"],
    }


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
        assert str(refusal(**{option: value})) == f"{option} must be {what}, not {value}"


@pytest.mark.parametrize("option", [option for option, *dummy in NUMBERS])
def test_too_large_numbers_are_rejected(option):
    assert getattr(resolve(**{option: 100_000_000}), option) == 100_000_000
    assert (
        str(refusal(**{option: 1e300 if option != "max_retries" else 10**400})) == f"{option} must be at most 100000000"
    )


@pytest.mark.parametrize("option, good, bad, what", WAITS)
def test_check_wait(option, good, bad, what):
    for value in good:
        assert check_wait({option: value}) is None
    for value in bad:
        with pytest.raises(OptionError) as caught:
            check_wait({option: value})
        assert str(caught.value) == f"{option} must be {what}, not {value}"


def test_check_wait_without_options():
    assert check_wait({"wait_timeout": None}) is None
