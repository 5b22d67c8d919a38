# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invalid options are rejected before the task sends a request."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from bad_input import NEW_RELEASE, NEW_WORKSHOP, PORTS, TEMPLATE, Case, Outcome, attempt, changed, play_in
from harness import Emulator

SECRETS = {
    "stray_secret_key": "stray-secret-key-0123456789",
    "stray_password": "stray-password-0123456789",
}
DEMO = {"mesh_name": "demo-mesh"}
AT = "gray_deployments[0].template"
LINT_HINT = "Fix the template, or set lint to warn."


def _workshop(title: str, msg: str, kind: str | None = "options", /, **options: t.Any) -> Case:
    return Case(title, "asm_workshop", {**DEMO, **NEW_WORKSHOP, **options}, msg, kind)


def _release(title: str, msg: str, kind: str | None = "options", /, **options: t.Any) -> Case:
    return Case(title, "asm_release", {**DEMO, **NEW_RELEASE, **options}, msg, kind)


def _workspace(title: str, msg: str, kind: str | None = "options", /, **options: t.Any) -> Case:
    return Case(title, "modelarts_workspace", options, msg, kind)


def _connection(title: str, msg: str, /, **options: t.Any) -> Case:
    return Case(title, "modelarts_workspace", {"name": "team-green", **options}, msg)


def _template(title: str, template: t.Any, msg: str, kind: str = "options") -> Case:
    return _release(f"template: {title}", msg, kind, gray_deployments=[{"template": template}])


def _linted(title: str, template: t.Any, *findings: str) -> Case:
    lines = [
        "The template of release 'default/ratings-v2' is invalid:",
        *(f"{AT}{finding}" for finding in findings),
    ]
    return _template(title, template, "\n".join(lines) + f" {LINT_HINT}", "lint")


HALF = "Set all credentials in one source: environment variables do not complete task options"
CONNECTIONS = [
    _connection(
        "half a set: access_key",
        f"Incomplete credentials in the task options: access_key without secret_key. {HALF}",
        access_key="AK0000000000",
    ),
    _connection(
        "half a set: secret_key",
        f"Incomplete credentials in the task options: secret_key without access_key. {HALF}",
        secret_key="{{ stray_secret_key }}",
    ),
    _connection(
        "half a set: security_token",
        f"Incomplete credentials in the task options: security_token without access_key and secret_key. {HALF}",
        security_token="{{ stray_secret_key }}",
    ),
    _connection(
        "half a set: password",
        f"Incomplete credentials in the task options: username and password without domain_name (or domain_id). {HALF}",
        username="deployer",
        password="{{ stray_password }}",
    ),
    _connection(
        "two sets",
        "More than one kind of credentials in the task options: auth_token; access_key and secret_key. Keep one of them",
        access_key="AK0000000000",
        secret_key="{{ stray_secret_key }}",
        auth_token="{{ stray_password }}",
    ),
    _connection(
        "endpoint with a password",
        "modelarts_endpoint is not a usable URL: it contains a user or a password. Set a URL such as https://host or https://host:port",
        modelarts_endpoint="https://deployer:{{ stray_password }}@modelarts.example.com",
    ),
    _connection(
        "proxy without a scheme",
        "proxy is not a usable URL: it does not begin with http:// or https://. Set a URL such as https://host or https://host:port",
        proxy="deployer:{{ stray_password }}@proxy.example.com",
    ),
    _connection("region", "region must be letters, digits and hyphens, for example eu-de", region="eu-de.example.com"),
    _connection("ca_path", "ca_path: '/does/not/exist.pem' does not exist", ca_path="/does/not/exist.pem"),
    _connection("read_timeout", "read_timeout must be greater than 0, not 0.0", read_timeout=0),
    _connection("max_retries", "max_retries must be 0 or greater, not -1", max_retries=-1),
    _connection("wait_timeout", "wait_timeout must be greater than 0, not 0.0", wait_timeout=0),
]

OF_A_MESH: dict[str, dict[str, t.Any]] = {
    "asm_workshop": NEW_WORKSHOP,
    "asm_release": NEW_RELEASE,
    "asm_workshop_info": {},
    "asm_release_info": {},
}
IDENTITIES = [
    *(
        Case(
            f"mesh_id and mesh_name: {module}",
            module,
            {"mesh_id": "1", **DEMO, **options},
            "parameters are mutually exclusive: mesh_id|mesh_name",
        )
        for module, options in OF_A_MESH.items()
    ),
    *(
        Case(
            f"neither mesh_id nor mesh_name: {module}",
            module,
            options,
            "one of the following is required: mesh_id, mesh_name",
        )
        for module, options in OF_A_MESH.items()
    ),
    *(
        Case(
            f"mesh_name empty: {module}",
            module,
            {"mesh_name": "", **options},
            "one of the following is required: mesh_id, mesh_name",
        )
        for module, options in OF_A_MESH.items()
    ),
    _workspace("id and name", "parameters are mutually exclusive: id|name", id="1", name="team-green"),
    _workspace("neither id nor name", "one of the following is required: id, name"),
    _workspace("id empty", "one of the following is required: id, name", id="", state="absent"),
    *(
        Case(
            f"{name} empty: {module}",
            module,
            {**options, name: ""},
            f"Invalid options: {name} is empty. Omit it to get all.",
        )
        for module, options in {
            "asm_mesh_info": {},
            "asm_workshop_info": DEMO,
            "asm_release_info": DEMO,
            "modelarts_workspace_info": {},
        }.items()
        for name in ("id", "name", "name_regex")
    ),
    Case(
        "name_regex",
        "modelarts_workspace_info",
        {"name_regex": "team-("},
        "Invalid options: name_regex is not a regular expression: missing ), unterminated subpattern at position 5.",
    ),
]

RELEASE_RULE = "must have 4 to 64 characters, only lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen"
NAMESPACE_RULE = "must have at most 63 characters, only lower-case letters, digits and hyphens, and begin and end with a letter or digit"
WORKSPACE_RULE = "must have 4 to 64 characters, only letters, digits, hyphens and underscores"
NAMES = [
    *(
        _release(f"release {name!r}", f"Invalid options: name {RELEASE_RULE}", name=name)
        for name in ("abc", "a" * 65, "Ratings-v2", "ratings_v2", "2-ratings", "ratings-", "ratings-v2\n", "")
    ),
    *(
        _release(f"namespace {name!r}", f"Invalid options: namespace {NAMESPACE_RULE}", namespace=name)
        for name in ("Default", "a" * 64, "-shop", "shop.eu", "shop\n", "")
    ),
    _workspace("workspace name too long", f"Invalid options: name {WORKSPACE_RULE}", name="a" * 65),
    *(
        _workspace(f"new_name {name!r}", f"Invalid options: new_name {WORKSPACE_RULE}", name="team-blue", new_name=name)
        for name in ("abc", "a" * 65, "team.red", "team-red\n")
    ),
    _workshop("workshop ''", "Invalid options: name must not be empty", name=""),
]

WORKSHOPS = [
    *(
        _workshop(
            f"port {port}",
            "Invalid options: ingress.port must be a port from 1 to 65535",
            ingress=dict(PORTS, port=port),
        )
        for port in (0, 65536, -1)
    ),
    _workshop(
        "port http",
        "argument 'port' is of type str found in 'ingress'. and we were unable to convert to int: \"'http'\" cannot be converted to an int",
        None,
        ingress=dict(PORTS, port="http"),
    ),
    _workshop(
        "elb_ip that is not an address",
        "Invalid options: ingress.elb_ip must be an IP address, not '192.0.2.300'. Set it to the address of the load balancer, "
        "for example 192.0.2.10.",
        ingress={"elb_ip": "192.0.2.300"},
    ),
    _workshop("primary_cluster empty", "Invalid options: primary_cluster must not be empty", primary_cluster=""),
]

PROTECTED = "cannot be created, changed or deleted, and its name cannot be used. Every project has it. Choose another workspace."
WORKSPACES = [
    *(
        _workspace(
            f"default workspace by {option}: {state}",
            f"The default workspace ({option} '{value}') {PROTECTED}",
            **options,
            state=state,
        )
        for option, value, options in (
            ("name", "default", {"name": "default"}),
            ("id", "0", {"id": "0"}),
            ("new_name", "default", {"name": "team-blue", "new_name": "default"}),
        )
        for state in ("present", "absent")
    ),
    _workspace(
        "new_name of what is to go",
        "Invalid options: new_name cannot be used with state=absent.",
        name="team-blue",
        new_name="team-red",
        state="absent",
    ),
    _workspace(
        "grants without a user",
        "Invalid options: grants[1] needs user_id or user_name.",
        name="team-blue",
        auth_type="internal",
        grants=[{"user_name": "alice"}, {"user_type": "IAM"}],
    ),
    _workspace(
        "grants with an empty user",
        "Invalid options: grants[0] needs user_id or user_name.",
        name="team-blue",
        auth_type="internal",
        grants=[{"user_id": "", "user_name": ""}],
    ),
    _workspace(
        "auth_type",
        "Invalid options: auth_type must be one of 'public', 'private', 'internal', not 'secret'",
        name="team-blue",
        auth_type="secret",
    ),
    _workspace(
        "description",
        "Invalid options: description must have at most 256 characters",
        name="team-blue",
        description="a" * 257,
    ),
    _workspace(
        "quota below -1",
        "Invalid options: quotas[0].quota must be a positive number, or -1 for unlimited, not -2.",
        name="team-blue",
        quotas=[{"resource": "notebook.gpu_duration", "quota": -2}],
    ),
    _workspace(
        "quota of 0",
        "Invalid options: quotas[0].quota must be a positive number, or -1 for unlimited, not 0. "
        "The service does not allow a quota of 0. Set -1 for unlimited.",
        name="team-green",
        quotas=[{"resource": "notebook.gpu_duration", "quota": 0}],
    ),
    _workspace(
        "grants of a private workspace",
        "Invalid options: grants require auth_type internal, and auth_type is 'private'. "
        "Set auth_type to internal to restrict the workspace to the users in grants, or remove grants.",
        name="team-green",
        auth_type="private",
        grants=[{"user_name": "alice"}],
    ),
    _workspace(
        "one user twice",
        "Invalid options: grants[1] names the same user as grants[0]: 'alice'.",
        name="team-green",
        auth_type="internal",
        grants=[{"user_name": "alice"}, {"user_name": "alice", "user_type": "IAM"}],
    ),
    _workspace(
        "quota twice",
        "Invalid options: quotas names notebook.gpu_duration more than once.",
        name="team-blue",
        quotas=[{"resource": "notebook.gpu_duration", "quota": quota} for quota in (1, 2)],
    ),
]

LABELS = "spec.template.metadata.labels"
MATCH = "spec.selector.matchLabels"
CONTAINER = "spec.template.spec.containers.0"
TEMPLATES = [
    _linted(
        "no selector",
        changed(TEMPLATE, "spec.selector"),
        ".spec.selector: the Deployment selects no pods (selector-missing). "
        "Write selector.matchLabels with the labels app and version of the pod template.",
    ),
    _linted(
        "foreign selector",
        changed(TEMPLATE, f"{MATCH}.app", "reviews"),
        f".{MATCH}.app: the selector requires app=reviews, the pod template has app=ratings (selector-foreign). "
        f"Write the same value here and in {AT}.{LABELS}.app.",
    ),
    _linted(
        "foreign selector, another label",
        changed(TEMPLATE, f"{MATCH}.tier", "backend"),
        f".{MATCH}.tier: the selector requires tier=backend, the pod template has no label tier (selector-foreign). "
        f"Add tier: backend to {AT}.{LABELS}, or take it out of the selector.",
    ),
    _linted(
        "wrong kind",
        changed(TEMPLATE, "kind", "StatefulSet"),
        ".kind: is 'StatefulSet', must be 'Deployment' (kind). Write kind: Deployment, with a Deployment below it.",
    ),
    _linted(
        "wrong apiVersion",
        changed(TEMPLATE, "apiVersion", "extensions/v1beta1"),
        ".apiVersion: is 'extensions/v1beta1', must be 'apps/v1' (api-version). Write apiVersion: apps/v1.",
    ),
    _linted(
        "no label app",
        changed(changed(TEMPLATE, f"{LABELS}.app"), f"{MATCH}.app"),
        f".{LABELS}: the pod template has no label app (label-app). Add app: ratings to the labels.",
    ),
    _linted(
        "no label version",
        changed(changed(TEMPLATE, f"{LABELS}.version"), f"{MATCH}.version"),
        f".{LABELS}: the pod template has no label version (label-version). Add version: v2 to the labels.",
    ),
    _linted(
        "namespace differs",
        changed(TEMPLATE, "metadata.namespace", "shop"),
        ".metadata.namespace: is 'shop', the release's namespace is 'default' (namespace). Write namespace: default, or leave it out.",
    ),
    _linted(
        "no image",
        changed(TEMPLATE, f"{CONTAINER}.image"),
        ".spec.template.spec.containers[0].image: the container has no image (image-missing). Write the image with its tag.",
    ),
    _linted(
        "no container",
        changed(TEMPLATE, "spec.template.spec.containers", []),
        ".spec.template.spec.containers: the pod has no container (containers). Write at least one container with name and image.",
    ),
    _linted(
        "no name",
        changed(TEMPLATE, "metadata.name"),
        ".metadata.name: is missing (name). Name the Deployment of the new version, for example reviews-v2.",
    ),
    _linted("empty mapping", {}, ": the template is empty (kind). Write a Kubernetes Deployment."),
    _linted(
        "two findings",
        changed(changed(TEMPLATE, "kind"), f"{CONTAINER}.image"),
        ".kind: is missing (kind). Write kind: Deployment, with a Deployment below it.",
        ".spec.template.spec.containers[0].image: the container has no image (image-missing). Write the image with its tag.",
    ),
    _release(
        "version unequal to the label",
        f"The template of release 'default/ratings-v2' is invalid:\n{AT}.{LABELS}.version: "
        "the label is 'v2', the release's version is 'v3' (version-mismatch). "
        f"Write version: v3 here, or set the release's version to the label. {LINT_HINT}",
        "lint",
        version="v3",
    ),
    _release(
        "the same Deployment twice",
        "The template of release 'default/ratings-v2' is invalid:\n"
        "gray_deployments[1]: cluster 'demo-cluster' has the Deployment 'ratings-v2' in gray_deployments[0], too (duplicate-item). "
        f"Leave one of them out, or give it another cluster_id or metadata.name. {LINT_HINT}",
        "lint",
        gray_deployments=[{"template": TEMPLATE}] * 2,
    ),
    _template(
        "two documents",
        "---\n".join([yaml.safe_dump(TEMPLATE)] * 2),
        f"{AT}: holds 2 YAML documents, it must be one Deployment (one-deployment). "
        "Give each Deployment a separate item in gray_deployments, and remove other objects.",
        "lint",
    ),
    _template(
        "YAML that does not parse",
        "kind: Deployment\nmetadata: [",
        f"{AT} is not valid YAML: line 2, column 12: expected the node content, but found '<stream end>'",
    ),
    _template(
        "YAML with a tab",
        "kind: Deployment\n\tmetadata: {}",
        f"{AT} is not valid YAML: line 2, column 1: found character '\\t' that cannot start any token",
    ),
    _template(
        "YAML with an open quote",
        "kind: Deployment\nmetadata:\n  name: 'ratings-v2\n",
        f"{AT} is not valid YAML: line 4, column 1: found unexpected end of stream",
    ),
    _template("empty text", "", f"{AT} is empty, it must be a Kubernetes Deployment."),
    _template(
        "a file's name",
        "templates/ratings.yml",
        f"{AT} must be YAML text of a mapping, it is text. The option takes the Deployment itself, not the name of a file; lookup('file', ...) reads one.",
    ),
    _template("a number", 42, f"{AT} must be a mapping or YAML text, it is an integer."),
    _template("a list", [TEMPLATE], f"{AT} must be a mapping or YAML text, it is a list."),
    _template("null", None, f"{AT} must be a mapping or YAML text, it is null."),
    _release(
        "no template", "missing required arguments: template found in gray_deployments", None, gray_deployments=[{}]
    ),
    _release(
        "no gray_deployments", "Invalid options: gray_deployments must have at least 1 element", gray_deployments=[]
    ),
]

CASES = [*CONNECTIONS, *IDENTITIES, *NAMES, *WORKSHOPS, *WORKSPACES, *TEMPLATES]


@pytest.fixture(scope="module")
def outcome(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    player = play_in(server, tmp_path_factory.mktemp("options"))
    server.seed(workspaces=[{"name": "team-blue"}])
    return attempt(player, CASES, {}, secrets=SECRETS)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_task_fails_without_requests(outcome: Outcome, case: Case) -> None:
    assert case.calls == 0
    outcome.check(case)


def test_no_secret_leaks(outcome: Outcome) -> None:
    assert outcome.leaks(outcome.run.output) == []
