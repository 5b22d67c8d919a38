# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fragments say against what the code does."""

from __future__ import annotations

import re

import pytest
from ansible_collections.community.huaweicloud.plugins.doc_fragments import (
    attributes,
    connection,
    kubernetes,
    mesh,
    prometheus,
    redact,
    wait,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    KUBERNETES,
    MESH,
    REDACT,
    WAIT,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PROMETHEUS
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import variable_for

yaml = pytest.importorskip("yaml")

PAIRS = {
    "connection": (connection, CONNECTION),
    "redact": (redact, REDACT),
    "wait": (wait, WAIT),
    "mesh": (mesh, MESH),
    "prometheus": (prometheus, PROMETHEUS),
    "kubernetes": (kubernetes, KUBERNETES),
}
# The transport asks for these itself, since they depend on the URL.
USUAL_PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"]


def documentation(fragment, name="DOCUMENTATION"):
    return yaml.safe_load(getattr(fragment.ModuleDocFragment, name))


def option_pairs():
    return [
        pytest.param(documented, arguments.argument_spec.get(option), id=f"{name}-{option}")
        for name, (fragment, arguments) in PAIRS.items()
        for option, documented in documentation(fragment)["options"].items()
    ]


@pytest.mark.parametrize("fragment, arguments", PAIRS.values(), ids=PAIRS)
def test_same_options_in_the_same_order(fragment, arguments):
    assert list(documentation(fragment)["options"]) == list(arguments.argument_spec)


def strip_documentation(option):
    """Return a documented option as an argument spec."""
    spec = {key: value for key, value in option.items() if key not in ("description", "suboptions")}
    if "suboptions" in option:
        spec["options"] = {name: strip_documentation(inner) for name, inner in option["suboptions"].items()}
    return spec


def strip_no_log(spec):
    """Return an argument spec without what is not documented."""
    spec = {key: value for key, value in spec.items() if key != "no_log"}
    if "options" in spec:
        spec["options"] = {name: strip_no_log(inner) for name, inner in spec["options"].items()}
    return spec


@pytest.mark.parametrize("documented, spec", option_pairs())
def test_same_type_default_and_aliases(documented, spec):
    assert strip_documentation(documented) == strip_no_log(spec)


@pytest.mark.parametrize("option", documentation(kubernetes)["options"])
def test_the_variables_of_the_kubernetes_api_are_named(option):
    documented = documentation(kubernetes)["options"][option]
    text = str(documented)
    expected = {
        "proxy_headers": [variable_for(f"proxy_headers_{name}") for name in documented.get("suboptions", ())],
        "proxy": [variable_for("proxy"), "HTTPS_PROXY", "HTTP_PROXY"],
        "connect_timeout": [],
        "read_timeout": [],
    }
    assert re.findall(r"\bE\((\w+)\)", text) == expected.get(option, [variable_for(option)])


@pytest.mark.parametrize("option", CONNECTION.argument_spec)
def test_variables_are_listed_in_order_of_precedence(option):
    text = " ".join(documentation(connection)["options"][option]["description"])
    extra = USUAL_PROXY_VARIABLES if option == "proxy" else []
    assert re.findall(r"\bE\((\w+)\)", text) == [*variables_for(option), *extra]


@pytest.mark.parametrize("fragment", [pair[0] for pair in PAIRS.values()], ids=PAIRS)
def test_references_to_options_exist(fragment):
    options = documentation(fragment)["options"]
    assert set(re.findall(r"\bO\(([^)]+)\)", fragment.ModuleDocFragment.DOCUMENTATION)) <= set(options)


@pytest.mark.parametrize("fragment", [pair[0] for pair in PAIRS.values()], ids=PAIRS)
def test_descriptions_are_sentences(fragment):
    for option in documentation(fragment)["options"].values():
        assert option["description"]
        for sentence in option["description"]:
            assert re.match(r"[A-Z]", sentence) and sentence.endswith("."), sentence


def test_defaults_that_are_only_described():
    options = documentation(connection)["options"]
    assert options["validate_certs"]["description"][-1] == "The default is V(true)."
    regions = re.findall(r"V\(([^)]+)\)", options["cloud_domain"]["description"][-1])
    assert regions == ["otc.t-systems.com", "eu-de", "eu-nl", "myhuaweicloud.eu", "eu-west-101", "myhuaweicloud.com"]
    keys = {"access_key": "AK", "secret_key": "SK"}
    for region, domain in (
        ("eu-de", regions[0]),
        ("eu-nl", regions[0]),
        ("eu-west-101", regions[3]),
        ("cn-north-4", regions[5]),
    ):
        assert resolve_connection({**keys, "region": region}, {}).endpoint("asm") == f"https://asm.{region}.{domain}"


@pytest.mark.parametrize("fragment", [connection, kubernetes])
def test_the_group_of_a_connection(fragment):
    name, group = {connection: ("ACTIONGROUP", "huaweicloud"), kubernetes: ("ACTIONGROUP_KUBERNETES", "kubernetes")}[
        fragment
    ]
    found = documentation(attributes, name)["attributes"]["action_group"]
    assert (found["support"], found["membership"]) == ("full", [f"community.huaweicloud.{group}"])


def test_requirements():
    assert documentation(connection)["requirements"] == ["python >= 3.9", "requests", "jsonschema"]
    assert documentation(kubernetes)["requirements"] == ["python >= 3.9", "kubernetes >= 24.2.0"]


def test_attributes_are_described_once_and_apply_to_info_modules():
    explained = documentation(attributes)["attributes"]
    supported = documentation(attributes, "INFO_MODULE")["attributes"]
    assert list(explained) == list(supported) == ["check_mode", "diff_mode", "idempotent"]
    assert {name: set(value) for name, value in explained.items()} == dict.fromkeys(explained, {"description"})
    assert {name: value["support"] for name, value in supported.items()} == {
        "check_mode": "full",
        "diff_mode": "N/A",
        "idempotent": "full",
    }


MODULE = """
module: example
short_description: Example
description: [Example.]
extends_documentation_fragment:
  - community.huaweicloud.connection
  - community.huaweicloud.wait
  - community.huaweicloud.mesh
  - community.huaweicloud.prometheus
  - community.huaweicloud.redact
  - community.huaweicloud.attributes
  - community.huaweicloud.attributes.actiongroup
  - community.huaweicloud.attributes.info_module
"""


def test_ansible_merges_the_fragments_into_a_module():
    plugin_docs = pytest.importorskip("ansible.utils.plugin_docs")
    found = yaml.safe_load(MODULE)
    modules = {
        f"community.huaweicloud.{name}": pair[0] for name, pair in {**PAIRS, "attributes": (attributes,)}.items()
    }

    class Loader:
        """What the real loader does, for the files of this checkout."""

        def get(self, name):
            fragment = modules.get(name)
            if fragment is None:
                return None
            instance = fragment.ModuleDocFragment()
            instance.ansible_name = name
            return instance

    plugin_docs.add_fragments(found, "/example.py", fragment_loader=Loader(), is_module=True)
    # No module has both connections, whose options have the same names.
    pairs = [pair for name, pair in PAIRS.items() if name != "kubernetes"]
    assert set(found["options"]) == {option for dummy, arguments in pairs for option in arguments.argument_spec}
    assert {name: (value["support"], "description" in value) for name, value in found["attributes"].items()} == {
        "check_mode": ("full", True),
        "diff_mode": ("N/A", True),
        "idempotent": ("full", True),
        "action_group": ("full", True),
    }
    assert "requests" in found["requirements"]
