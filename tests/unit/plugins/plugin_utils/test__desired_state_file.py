# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import InvalidFile, load
from deployments import REVIEWS

RELEASE = {"namespace": "bookinfo", "name": "reviews-v2", "version": "v2"}


@pytest.fixture(name="load_release")
def _load_release(tmp_path):
    """Load a release whose template file has the given text."""

    def load_release(text, **options):
        (tmp_path / "reviews.yaml").write_text(text, encoding="utf-8")
        release = {**RELEASE, "gray_deployments": [{"template_file": "reviews.yaml"}], **options}
        path = tmp_path / "shop.yml"
        path.write_text(yaml.safe_dump({"mesh_name": "shop", "releases": [release]}), encoding="utf-8")
        loader = DataLoader()
        return load(str(path), loader, Templar(loader=loader, variables={}), {})

    return load_release


def test_template_file_replaces_template(load_release):
    text = yaml.safe_dump(REVIEWS)
    assert load_release(text)["releases"][0]["gray_deployments"] == [{"template": text}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", ": template is not valid YAML: line 1, column 5: "),
        ("", ": template is empty, it must be a Kubernetes Deployment"),
        ("a: 1\n---\na: 2", ": template: holds 2 YAML documents, it must be one Deployment (one-deployment). "),
        ("a: 1\nkind: Service", ":2:1: template.kind: is 'Service', must be 'Deployment' (kind). "),
    ],
)
def test_error_in_template_file_names_the_file(load_release, tmp_path, text, problem):
    with pytest.raises(InvalidFile) as caught:
        load_release(text)
    (mistake,) = caught.value.mistakes
    assert mistake["path"] == "releases[0] ('bookinfo/reviews-v2').gray_deployments[0].template_file"
    assert mistake["message"].startswith(f"{tmp_path / 'reviews.yaml'}{problem}")


@pytest.mark.parametrize("lint", ["warn", "ignore"])
def test_findings_in_template_file_follow_lint(load_release, lint):
    assert load_release("kind: Service", lint=lint)["releases"][0]["lint"] == lint


@pytest.fixture(name="load_with_mesh")
def _load_with_mesh(tmp_path):
    """Load a file for a target with a mesh."""

    def load_with_mesh(content, **mesh):
        path = tmp_path / "shop.yml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        loader = DataLoader()
        return load(str(path), loader, Templar(loader=loader, variables={}), {}, mesh)

    return load_with_mesh


WORKSHOP = {"name": "demo", "primary_cluster": "c-1", "ingress": {"elb_id": "e", "elb_ip": "192.0.2.1", "port": 80}}


@pytest.mark.parametrize(
    ("content", "mesh", "found"),
    [
        ({}, {"mesh_id": "m-1", "mesh_name": "shop"}, {"mesh_id": "m-1"}),
        ({"mesh_id": ""}, {"mesh_name": "shop"}, {"mesh_id": "", "mesh_name": "shop"}),
        ({"mesh_name": "shop"}, {"mesh_id": "m-1", "mesh_name": "shop"}, {"mesh_name": "shop"}),
        # Only the service knows whether these are the same.
        ({"mesh_name": "shop"}, {"mesh_id": "m-1"}, {"mesh_name": "shop"}),
        ({"mesh_name": "shop"}, {}, {"mesh_name": "shop"}),
    ],
)
def test_mesh_of_the_target_is_the_default(load_with_mesh, content, mesh, found):
    loaded = load_with_mesh({**content, "workshops": [WORKSHOP]}, **mesh)
    assert {key: loaded[key] for key in ("mesh_id", "mesh_name") if key in loaded} == found


def test_file_that_names_another_mesh_is_refused(load_with_mesh):
    content = {"mesh_name": "books", "workshops": [WORKSHOP, {**WORKSHOP, "name": "other", "mesh_id": "m-2"}]}
    with pytest.raises(InvalidFile) as caught:
        load_with_mesh(content, mesh_id="m-1", mesh_name="shop")
    message = "differs from the mesh in the inventory variables of the target"
    assert [(one["path"], one["line"], one["message"]) for one in caught.value.mistakes] == [
        ("mesh_name", 1, message),
        ("workshops[1] ('other').mesh_id", 10, message),
    ]


@pytest.mark.parametrize("key", ["options", "prune"])
def test_blank_mapping_is_empty(tmp_path, key):
    path = tmp_path / "site.yml"
    path.write_text(f"workspaces: []\n{key}: ' '\n", encoding="utf-8")
    loader = DataLoader()
    assert load(str(path), loader, Templar(loader=loader, variables={}), {}) == {"workspaces": [], key: {}}
