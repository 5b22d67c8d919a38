# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import (
    join_path,
    parse_path,
    shorten,
    type_name,
)


@pytest.mark.parametrize(
    ("path", "key", "text"),
    [
        ("", "spec", "spec"),
        ("spec", "replicas", "spec.replicas"),
        ("args", 0, "args[0]"),
        ("labels", "app.kubernetes.io/name", "labels[app.kubernetes.io/name]"),
        ("labels", "k" * 100, "labels[" + "k" * 77 + "...]"),
    ],
)
def test_join_path(path, key, text):
    assert join_path(path, key) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "a boolean"),
        (3, "an integer"),
        (0.5, "a number"),
        ("x", "text"),
        ([], "a list"),
        ({}, "a mapping"),
        (datetime.date(2026, 1, 1), "a date"),
        (b"x", "of type bytes"),
    ],
)
def test_type_name(value, words):
    assert type_name(value) == words


@pytest.mark.parametrize(
    ("text", "path"),
    [("labels[a.b/c].d[10]", ("labels", "a.b/c", "d", 10)), ("labels[²][٣]", ("labels", "²", "٣"))],
)
def test_parse_path(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("x" * 200, "'" + "x" * 116 + "..."),
        (None, "null"),
        (True, "true"),
        (3, "3"),
        ({"a": [1, "b"]}, '{"a": [1, "b"]}'),
        (["a" * 200], '["' + "a" * 115 + "..."),
        ({"day": datetime.date(2026, 1, 1), 5: None}, '{"day": "a date", "5": null}'),
    ],
)
def test_shorten(value, text):
    assert shorten(value) == text
    assert len(shorten(value)) <= 120


def test_shorten_with_other_limit():
    assert shorten("abcdefghij", 8) == "'abcd..."


def test_shorten_hides_variables_and_headers():
    container = {
        "env": [{"name": "A", "value": "hush-hush"}],
        "command": ["sh", "-c", "hush-hush"],
        "args": "hush-hush",
        "readinessProbe": {"httpGet": {"httpHeaders": [{"name": "Cookie", "value": "hush-hush"}]}},
    }
    assert shorten([container], 500) == (
        '[{"env": "<not shown>", "command": "<not shown>", "args": "<not shown>", "readinessProbe": {"httpGet": {"httpHeaders": "<not shown>"}}}]'
    )


def test_shorten_shows_label_named_env():
    assert shorten({"labels": {"env": "prod"}}) == '{"labels": {"env": "prod"}}'
