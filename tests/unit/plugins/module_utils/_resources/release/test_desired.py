# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LintError, OptionError
from ansible_collections.community.huaweicloud.plugins.modules import asm_release
from example_release import TEMPLATE, make_desired
from simulated_cloud import fail, run


def without(*path):
    template = copy.deepcopy(TEMPLATE)
    place = template
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return template


NAME_RULE = "must have 4 to 64 characters, only lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Reviews"}, f"name {NAME_RULE}"),
        ({"name": "rev"}, f"name {NAME_RULE}"),
        ({"name": "reviews-"}, f"name {NAME_RULE}"),
        ({"name": "r" * 65}, f"name {NAME_RULE}"),
        ({"service_name": "", "version": ""}, "service_name must not be empty; version must not be empty"),
        ({"gray_deployments": []}, "gray_deployments must have at least 1 element"),
    ],
)
def test_bad_options_are_refused_before_any_call(cloud, options, message):
    error, ran = fail(cloud, asm_release, **make_desired(**dict({"lint": "ignore"}, **options)))
    assert (type(error), str(error), ran.request_log) == (OptionError, f"Invalid options: {message}", [])


def test_missing_cluster_of_an_entry_is_named_as_the_option(cloud):
    options = make_desired()
    error, ran = fail(cloud, asm_release, **{name: value for name, value in options.items() if name != "cluster_id"})
    assert isinstance(error, OptionError)
    assert error.message.endswith("these options are missing: cluster_id, gray_deployments[0].cluster_id")


@pytest.mark.parametrize("lint", ["strict", "warn", "ignore"])
def test_template_that_is_not_a_yaml_is_refused_before_any_call(cloud, lint):
    error, ran = fail(cloud, asm_release, **make_desired(gray_deployments=[{"template": "a: ["}], lint=lint))
    assert isinstance(error, OptionError)
    assert error.message.startswith("gray_deployments[0].template")
    assert ran.request_log == []


FINDINGS = pytest.mark.parametrize(
    ("template", "finding"),
    [
        (without("spec", "selector"), "(selector-missing)"),
        (dict(TEMPLATE, kind="StatefulSet"), "(kind)"),
        (dict(TEMPLATE, metadata=dict(TEMPLATE["metadata"], namespace="other")), "(namespace)"),
    ],
)


@FINDINGS
@pytest.mark.parametrize("check", [True, False])
def test_findings_are_errors_before_any_call(cloud, template, finding, check):
    error, ran = fail(cloud, asm_release, check, **make_desired(gray_deployments=[{"template": template}]))
    assert isinstance(error, LintError)
    first, second = error.message.split("\n")[:2]
    assert first == "The template of release 'bookinfo/reviews-v2' is invalid:"
    assert second.startswith("gray_deployments[0].template")
    assert finding in error.message
    assert error.hint == "Fix the template, or set lint to warn."
    assert ran.request_log == []


def test_findings_can_be_warnings_or_nothing(cloud):
    other = dict(TEMPLATE, metadata=dict(TEMPLATE["metadata"], namespace="other"))
    ran = run(cloud, asm_release, check=True, **make_desired(gray_deployments=[{"template": other}], lint="warn"))
    assert (ran["changed"], len(ran.warnings)) == (True, 1)
    assert ran.warnings[0].startswith("gray_deployments[0].template.metadata.namespace: ")
    assert (
        run(
            cloud, asm_release, check=True, **make_desired(gray_deployments=[{"template": other}], lint="ignore")
        ).warnings
        == []
    )
