# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import json

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import (
    REDACTED,
    Redactor,
    compute_digest,
    to_plain,
)

CONTAINER = {
    "name": "app",
    "image": "example.com/app:1",
    "command": ["run", "--with", "command-secret"],
    "args": ["args-secret"],
    "env": [
        {"name": "DB_PASSWORD", "value": "env-secret"},
        {"name": "LOG_DIR", "value": "/tmp/private-too"},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "app"}}},
    ],
    "readinessProbe": {"httpGet": {"path": "/", "httpHeaders": [{"name": "Authorization", "value": "header-secret"}]}},
}
TEMPLATE = {
    "kind": "Deployment",
    "metadata": {
        "labels": {"env": "prod", "command": "plain-label"},
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "annotation-secret",
            "example.com/api-key": "key-secret",
        },
    },
    "spec": {
        "template": {
            "spec": {
                "containers": [CONTAINER],
                "imagePullSecrets": [{"name": "registry"}],
                "automountServiceAccountToken": False,
            }
        }
    },
}
WORDS = (
    "command-secret",
    "args-secret",
    "env-secret",
    "private-too",
    "header-secret",
    "annotation-secret",
    "key-secret",
)


@pytest.mark.parametrize("template", [TEMPLATE, yaml.safe_dump(TEMPLATE)], ids=["mapping", "text"])
def test_private_values_of_a_template_are_redacted(template):
    redacted = Redactor().redact({"gray_deployments": [{"template": template}]})
    text = json.dumps(redacted)
    assert [word for word in WORDS if word in text] == []
    found = redacted["gray_deployments"][0]["template"]
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [
        {"name": "DB_PASSWORD", "value": REDACTED},
        {"name": "LOG_DIR", "value": REDACTED},
        CONTAINER["env"][2],
    ]
    assert (container["command"], container["args"]) == ([REDACTED] * 3, [REDACTED])
    assert container["image"] == "example.com/app:1"
    assert found["metadata"]["labels"] == TEMPLATE["metadata"]["labels"]
    assert found["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert found["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    "given, redacted",
    [
        ({"env": {"PW": "x"}}, {"env": REDACTED}),
        ({"httpHeaders": {"Authorization": "x"}}, {"httpHeaders": REDACTED}),
        ({"command": {"x": "y"}}, {"command": REDACTED}),
        ({"args": {"x": ["y"]}}, {"args": REDACTED}),
        (
            {"env": [{"name": "PW", "valueFrom": {"value": "x"}}]},
            {"env": [{"name": "PW", "valueFrom": {"value": REDACTED}}]},
        ),
        (
            {"env": [{"name": "PW", "valueFrom": {"a": {"b": "x"}}}]},
            {"env": [{"name": "PW", "valueFrom": {"a": {"b": REDACTED}}}]},
        ),
        (
            {"env": [{"name": "PW", "valueFrom": {"secretKeyRef": {"name": "n", "value": "x", "key": ["y"], 1: "z"}}}]},
            {
                "env": [
                    {
                        "name": "PW",
                        "valueFrom": {"secretKeyRef": {"name": "n", "value": REDACTED, "key": REDACTED, "1": REDACTED}},
                    }
                ]
            },
        ),
        ({"env": [{"name": "PW=x"}]}, {"env": [{"name": REDACTED}]}),
        ({"env": [{"name": "PW", "valueFrom": "x"}]}, {"env": [{"name": "PW", "valueFrom": REDACTED}]}),
        (
            {"env": [{"name": "PW", "valueFrom": {"secretKeyRef": "x"}}]},
            {"env": [{"name": "PW", "valueFrom": {"secretKeyRef": REDACTED}}]},
        ),
        ({"env": [{"name": {"value": "x"}}]}, {"env": [{"name": REDACTED}]}),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "p"}}}]},
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "p"}}}]},
        ),
    ],
)
def test_misplaced_private_values_are_redacted(given, redacted):
    redactor = Redactor()
    assert redactor.redact({"spec": given}) == {"spec": redacted}
    assert bool(redactor.compute_digest("salt")) == (REDACTED in str(redacted))


def test_values_in_containers_with_secret_names_are_redacted():
    given = {
        "passwords": ["a", "b"],
        "credentials": {"user": "c", "user_name": "ann", "active": True},
        "tokens": [{"name": "d"}],
    }
    redacted = {
        "passwords": [REDACTED] * 2,
        "credentials": {"user": REDACTED, "user_name": "ann", "active": True},
        "tokens": [{"name": "d"}],
    }
    assert Redactor().redact(given) == redacted
    assert Redactor().redact_field("services.reviews.passwords[0]", "a") == REDACTED
    volumes = [{"secret": {"secretName": "s", "defaultMode": 420, "items": [{"key": "k", "path": "p"}]}}]
    volumes += [
        {"projected": {"sources": [{"serviceAccountToken": {"path": "p", "expirationSeconds": 60, "audience": "a"}}]}}
    ]
    references = {
        "volumes": volumes,
        "imagePullSecrets": [{"name": "n"}],
        "envFrom": [{"secretRef": {"name": "n", "optional": True}}],
    }
    assert Redactor().redact(references) == references


def test_label_with_a_private_name_is_not_redacted():
    given = {
        "matchLabels": {"env": "prod"},
        "annotations": {"command": "run"},
        "labels": {"env": "test", "args": "some"},
    }
    assert Redactor().redact(given) == given


def test_unparsable_template_is_redacted_entirely():
    redactor = Redactor()
    assert redactor.redact({"template": "password: ["}) == {"template": REDACTED}
    assert redactor.compute_digest("salt")


@pytest.mark.parametrize(
    "key, value, redacted",
    [
        ("password", "long-enough", REDACTED),
        ("auth_token", 12345678, REDACTED),
        ("apiKey", "k", REDACTED),
        ("secretName", "checkout-tls", "checkout-tls"),
        ("token", None, None),
        ("use_token", True, True),
        ("description", "about a secret", "about a secret"),
        ("command", "a word", REDACTED),
    ],
)
def test_secret_like_keys_are_redacted(key, value, redacted):
    assert Redactor().redact({key: value}) == {key: redacted}


@pytest.mark.parametrize(
    "field, redacted",
    [
        ("gray_deployments[0].template.metadata.annotations[api-key]", REDACTED),
        ("gray_deployments[0].template.metadata.annotations[team]", "word"),
        ("gray_deployments[0].template.spec.template.spec.containers[app].args", REDACTED),
        ("description", "word"),
    ],
)
def test_field_is_redacted_by_its_last_key(field, redacted):
    assert Redactor().redact_field(field, "word") == redacted


def test_element_is_redacted_by_the_path_of_its_field():
    assert Redactor().redact_field("gray_deployments[0].template.spec.template.spec.containers[app]", CONTAINER)[
        "args"
    ] == [REDACTED]


def test_known_secret_is_redacted_everywhere():
    redactor = Redactor()
    redactor.redact({"password": "hunter2-long", "gray": {"env": [{"name": "LOG_DIR", "value": "ratings"}]}})
    assert redactor.redact({"description": "hunter2-long", "other": "ratings"}) == {
        "description": REDACTED,
        "other": "ratings",
    }
    # A value of a variable may be any word, and would make messages unreadable.
    assert redactor.redact_text("ratings: 'hunter2-long' is wrong") == f"ratings: '{REDACTED}' is wrong"


def test_short_secrets_are_not_replaced_in_messages():
    redactor = Redactor()
    assert redactor.redact({"password": "abc"}) == {"password": REDACTED}
    assert redactor.redact_text("abcdef") == "abcdef"


@pytest.mark.parametrize("value", ["on", "true", "debug", "Bearer", "optional"])
def test_boolean_with_a_secret_name_is_redacted_in_its_field(value):
    redactor = Redactor()
    redacted = redactor.redact({"env": [{"name": "SOME_TOKEN", "value": value}], "description": value})
    assert redacted == {"env": [{"name": "SOME_TOKEN", "value": REDACTED}], "description": value}
    assert redactor.redact_text(f"the option is {value}") == f"the option is {value}"


def test_short_word_with_a_secret_name_stays_in_messages():
    redactor = Redactor()
    redactor.redact({"env": [{"name": "DB_PASSWORD", "value": "shop"}, {"name": "TOKEN_TTL", "value": "3600"}]})
    assert redactor.redact_text("shop-mesh and workshop at 13600: no") == "shop-mesh and workshop at 13600: no"
    assert redactor.redact_text("postgres://u:shop@db, PIN='3600'.") == f"postgres://u:{REDACTED}@db, PIN='{REDACTED}'."


def test_vaulted_ordinary_word_is_redacted(vaulted):
    redactor = Redactor()
    redactor.redact({"description": vaulted("true")})
    assert redactor.redact_text("it is true") == f"{REDACTED}, because it may contain a vaulted value: description"


def test_digest_changes_with_the_redacted_values():
    def digest(value, salt="release a"):
        redactor = Redactor()
        redactor.redact({"password": value, "name": "x"})
        return redactor.compute_digest(salt)

    assert digest("one-secret") == digest("one-secret")
    assert len({digest("one-secret"), digest("two-secret"), digest("one-secret", "release b")}) == 3
    assert Redactor().compute_digest("salt") is None


def test_vaulted_value_is_redacted_under_any_key(vaulted):
    assert Redactor().redact({"description": vaulted("from the vault"), "name": "x"}) == {
        "description": REDACTED,
        "name": "x",
    }


@pytest.mark.parametrize(
    "declared, found, redacted",
    [
        ({"description": "x"}, {"description": "old", "id": "1"}, {"description": REDACTED, "id": "1"}),
        ({"new_name": "x"}, {"name": "old"}, {"name": REDACTED}),
        (
            {"ingress": {"port": "x", "elb_id": 1}},
            {"ingress": {"port": 80, "elb_id": "e"}},
            {"ingress": {"port": REDACTED, "elb_id": "e"}},
        ),
        ({"quotas": [{"resource": "gpu", "quota": "x"}]}, {"quotas": {"gpu": 5}}, {"quotas": REDACTED}),
        ({"grants": [{"user_name": "x"}]}, {"grants": [{"user_id": "5"}]}, {"grants": REDACTED}),
        (
            {"a": [{"name": "n", "image": "x"}]},
            {"a": [{"name": "m", "image": "old"}]},
            {"a": [{"name": "m", "image": REDACTED}]},
        ),
        ({"a": {"template": "x"}}, {"a": {"template": {"kind": "Deployment"}}}, {"a": {"template": REDACTED}}),
        ({"labels": {"b/c": "x"}}, {"labels": {"b/c": "old"}}, {"labels": REDACTED}),
        ({"description": "x"}, {"description": None, "descriptions": "y"}, {"description": None, "descriptions": "y"}),
    ],
)
def test_actual_value_of_vaulted_field_is_redacted(vaulted, declared, found, redacted):
    def of_the_vault(value):
        if isinstance(value, dict):
            return {key: of_the_vault(entry) for key, entry in value.items()}
        return (
            [of_the_vault(entry) for entry in value]
            if isinstance(value, list)
            else vaulted("of-the-vault")
            if value == "x"
            else value
        )

    redactor = Redactor()
    assert "of-the-vault" not in str(redactor.redact(of_the_vault(declared)))
    seen = Redactor(redactor)
    assert seen.redact(found) == redacted
    # The digest shows that the value differs.
    assert bool(seen.compute_digest("salt")) == (REDACTED in str(redacted))


def test_fields_below_a_vaulted_field_are_redacted(vaulted):
    redactor = Redactor()
    redactor.redact(
        {
            "gray": [{"template": {"image": vaulted("from-the-vault"), "tag": "1"}}],
            "text": [{"template": vaulted("kind: from-the-vault")}],
        }
    )
    seen = Redactor(redactor)
    assert seen.redact_field("gray[0].template.image", "old") == REDACTED
    assert seen.redact_field("gray[0].template.tag", "1") == "1"
    assert seen.redact_field("gray[0]", {"template": {"image": "old", "tag": "1"}}) == {
        "template": {"image": REDACTED, "tag": "1"}
    }
    assert seen.redact_field("text[0].template.spec.containers[a].image", "old") == REDACTED


def test_plain_data():
    class Text(str):
        pass

    given = {
        1: Text("x"),
        "when": dt.date(2026, 1, 2),
        "half": "\ud800",
        "set": {1},
        "truth": True,
        "number": 1.5,
        "none": None,
    }
    assert to_plain(given) == {
        "1": "x",
        "when": "2026-01-02",
        "half": "?",
        "set": [1],
        "truth": True,
        "number": 1.5,
        "none": None,
    }
    assert to_plain(Text("x")).__class__ is str


def test_digests_do_not_depend_on_order():
    assert (
        compute_digest({"a": 1, "b": "ä"}) == compute_digest({"b": "ä", "a": 1}) != compute_digest({"a": 1, "b": "a"})
    )
    assert compute_digest([]).startswith("sha256:")
