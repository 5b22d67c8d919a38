# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import builtins
import copy
import datetime
import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, LintError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.template_text import find_syntax_error
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_limits import MAX_BYTES, MAX_NODES

PATH = "gray_deployments[0].template"
SURROGATES = "\\ud83d\\ude80"
TEXT = (Path(__file__).parent / "data" / "storefront-v3.yaml").read_text(encoding="utf-8")
NOT_ONE = "(one-deployment). Give each Deployment a separate item in gray_deployments, and remove other objects."


@pytest.fixture(params=["libyaml", "pure"])
def _parser(request, monkeypatch):
    """Run the test with both parsers, whose results and messages must be equal."""
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


def parse_error(value):
    with pytest.raises(OptionError) as caught:
        parse_template(value, PATH)
    return str(caught.value)


def build_bomb(start, line):
    """Return ten lines, each with ten aliases of the previous one."""
    names = "abcdefghij"
    lines = [f"a: &a {start}"]
    lines += [line.format(name=name, aliases=", ".join([f"*{before}"] * 10)) for before, name in zip(names, names[1:])]
    return "\n".join(lines)


@pytest.mark.usefixtures("_parser")
def test_text_and_mapping_are_equal():
    assert parse_template(TEXT, PATH) == parse_template(yaml.safe_load(TEXT), PATH) == yaml.safe_load(TEXT)


def test_copy_is_deep():
    template = yaml.safe_load(TEXT)
    before = copy.deepcopy(template)
    parse_template(template, PATH)["spec"]["template"]["spec"]["containers"].clear()
    assert template == before


def test_anchors_are_copied_separately():
    parsed = parse_template("a: &x {k: [v]}\nb: *x\nc:\n  <<: *x\n  l: w\n", PATH)
    assert parsed == {"a": {"k": ["v"]}, "b": {"k": ["v"]}, "c": {"k": ["v"], "l": "w"}}
    assert parsed["a"]["k"] is not parsed["b"]["k"]


@pytest.mark.usefixtures("_parser")
def test_tagged_text_is_read():
    class Tagged(str):
        __slots__ = ()

    assert parse_template(Tagged("a: b"), PATH) == {"a": "b"}


def test_subclasses_become_plain():
    class Tagged(str):
        __slots__ = ()

    class Number(int):
        pass

    class Real(float):
        pass

    parsed = parse_template({Tagged("a"): Tagged("b"), "n": Number(3), "r": Real(0.5)}, PATH)
    assert parsed == {"a": "b", "n": 3, "r": 0.5}
    assert [type(key) for key in parsed] == [str, str, str]
    assert [type(value) for value in parsed.values()] == [str, int, float]


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    "text",
    [
        "metadata: {creationTimestamp: 2018-08-13T09:38:50Z}",
        "spec: {template: {metadata: {creationTimestamp: 2018-08-13T09:38:50Z}}}",
        "metadata: {deletionTimestamp: 2018-08-13}",
        "metadata: {managedFields: [{time: 2018-08-13T09:38:50Z, manager: kubectl}]}",
        "status: {conditions: [{lastUpdateTime: 2018-08-13T09:38:50Z}]}",
        "x: {metadata: &m {creationTimestamp: 2018-08-13}}\nmetadata: {<<: *m}",
    ],
)
def test_dates_that_the_server_sets_are_accepted(text):
    found = json.dumps(parse_template(text, PATH))
    assert "2018-08-13" in found
    # Ansible reads the text as a mapping with dates.
    assert json.dumps(parse_template(yaml.safe_load(text), PATH)).replace("+00:00", "Z") == found


def test_shared_date_is_refused_outside_server_fields():
    shared = {"creationTimestamp": datetime.date(2026, 1, 1)}
    value = {"metadata": shared, "spec": {"template": {"metadata": shared, "spec": {"x": shared}}}}
    assert parse_error(value) == (
        f"{PATH}.spec.template.spec.x.creationTimestamp is a date, it must be text: put it in quotes."
    )
    assert shared == {"creationTimestamp": datetime.date(2026, 1, 1)}


def test_marks_are_text_unless_ansible_read_a_mapping():
    assert parse_template('a: "!!set"', PATH) == {"a": "!!set"}
    assert parse_template('{"a": "!!set"}', PATH) == {"a": "!!set"}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{80: a, -1: b}", {"80": "a", "-1": "b"}),
        ("{'on': a, !!str no: b, =: c, 22:30: d}", {"on": "a", "no": "b", "=": "c", "22:30": "d"}),
        ("{'<<': {a: b}}", {"<<": {"a": "b"}}),
        ("{a: <<, b: =}", {"a": "<<", "b": "="}),
        ("b: &b {k: 1}\nm: {<<: *b, k: 2}", {"b": {"k": 1}, "m": {"k": 2}}),
        ("b: &b {k: 1}\nm: {l: 2, <<: *b}", {"b": {"k": 1}, "m": {"l": 2, "k": 1}}),
        ("m: {<<: [{k: 1}, {k: 2, l: 3}]}", {"m": {"k": 1, "l": 3}}),
        (
            "a: &a {x: 1}\nb: &b {<<: *a, w: 2}\nm: {<<: *b}",
            {"a": {"x": 1}, "b": {"x": 1, "w": 2}, "m": {"x": 1, "w": 2}},
        ),
        ("m: &a 0o17\nl: *a", {"m": 15, "l": 15}),
        ("m: &a !!str 5\nl: *a", {"m": "5", "l": "5"}),
        ("k: &k a\nm:\n  *k : 1", {"k": "a", "m": {"a": 1}}),
        ("m: |\n  22:30\nl: >-\n  5", {"m": "22:30\n", "l": "5"}),
        ("m: 1\n  2", {"m": "1 2"}),
        ("m: |\n  if [ ! -f a ]; then", {"m": "if [ ! -f a ]; then"}),
        ("\ufeffa: |\r\n  b\r\n  c\r\nd: 1\r\n", {"a": "b\nc\n", "d": 1}),
        ("a: 1" + ":59" * 5000, {"a": "1" + ":59" * 5000}),
    ],
)
def test_yaml_is_read_as_kubectl_reads_it(text, value):
    assert parse_template(text, PATH) == value


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "' + SURROGATES + '"}', {"a": "\U0001f680"}),
        ('\ufeff \r\n{"' + SURROGATES + '":\r\n\t"a\\/b"}\n', {"\U0001f680": "a/b"}),
        (
            '{"a": 1.0, "b": 1e3, "c": -0.0, "d": 0.5, "e": 9223372036854775807}',
            {"a": 1, "b": 1000, "c": 0, "d": 0.5, "e": 2**63 - 1},
        ),
        ('{"a": "2026-01-31T10:00:00Z", "b": "22:30"}', {"a": "2026-01-31T10:00:00Z", "b": "22:30"}),
        ('{"a": "\x7f\uffff\\u0007"}', {"a": "\x7f\uffff\x07"}),
        ('{"a": 1, "A": 2}', {"a": 1, "A": 2}),
        # YAML that begins with a brace.
        ("{a: 22:30, 'b': [0o17,], }", {"a": "22:30", "b": [15]}),
        ('{"a": 1} # comment', {"a": 1}),
        ('{"a": 1}\n---\n', {"a": 1}),
        ('# comment\n{"a": 1}', {"a": 1}),
    ],
)
def test_text_that_begins_with_a_brace(text, value):
    found = parse_template(text, PATH)
    assert found == value
    assert list(map(type, found.values())) == list(map(type, value.values()))


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_json_equals_mapping(ensure_ascii):
    value = {
        "a": "Ready \U0001f680 \x7f\u2028\ufffe",
        "b": [{"\U0001f680": None}, True, -1, 0.25, {}],
        "c": {"kind": "List"},
    }
    assert parse_template(json.dumps(value, ensure_ascii=ensure_ascii), PATH) == parse_template(value, PATH) == value


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": {"b": NaN}}', f"{PATH}.a.b is not a finite number: put it in quotes."),
        ('{"a": [-Infinity]}', f"{PATH}.a[0] is not a finite number: put it in quotes."),
        ('{"a": 1e400}', f"{PATH}.a is not a finite number: put it in quotes."),
        ('{"a": 123456789012345678901}', f"{PATH}.a is a number of more than 64 bits: put it in quotes."),
        ('{"a": [{"b": 1, "b": 2}]}', f"{PATH}.a[0]: a key is written twice in one mapping."),
        ('{"a": 1, "a": 2}', f"{PATH}: a key is written twice in one mapping."),
        (
            '{"a": {"b": "\\ud83d"}}',
            f"{PATH}.a.b: half of a surrogate pair is not a character: write the character itself.",
        ),
        (
            '{"a": {"\\ude80": 1}}',
            f"{PATH}.a: half of a surrogate pair is not a character: write the character itself.",
        ),
        (
            '{"a": "' + SURROGATES + '",\n "b": hunter2secret}',
            f"{PATH} is not valid JSON: line 2, column 7: Expecting value",
        ),
        ('[{"a": 1}]', f"{PATH} must be YAML text of a mapping, it is a list."),
    ],
)
def test_invalid_json_is_refused(text, message):
    assert parse_error(text) == message


@pytest.mark.parametrize("text", ["---\nkind: Deployment\n---\n", "---\n---\nkind: Deployment\n...\n"])
def test_empty_documents_are_ignored(text):
    assert parse_template(text, PATH) == {"kind": "Deployment"}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("spec:\n  a: b\n c: d", 3, 2, "expected <block end>, but found '<block mapping start>'"),
        ("image: a: hunter2secret", 1, 9, "mapping values are not allowed here"),
        ('a: "hunter2secret\nb: c', 2, 5, "found unexpected end of stream"),
        ("a:\n\t- b", 2, 1, "found character '\\t' that cannot start any token"),
        ("a: @hunter2secret", 1, 4, "found character '@' that cannot start any token"),
        ("a: *hunter2secret", 1, 4, "found undefined alias"),
        ("a: !hunter2secret b", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a: !x!hunter2secret b", 1, 4, "found undefined tag handle"),
        ("a: ! 5", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a: !!map b", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a: !!seq {b: c}", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a: !!omap [b: c]", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        (
            "a: !!timestamp 2026-01-31",
            1,
            4,
            "this tag or value is not plain data: put the value in quotes, without a tag",
        ),
        ("a: b\n!!merge c: d", 2, 1, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a: !!binary aGk=", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a: !!set {b}", 1, 4, "this tag or value is not plain data: put the value in quotes, without a tag"),
        ("a:\n  b: 2026-01-31", 2, 6, "a date or time must be text: put it in quotes"),
        ("a: 2026-99-99", 1, 4, "a date or time must be text: put it in quotes"),
        ("2026-01-31: a", 1, 1, "a date or time must be text: put it in quotes"),
        ("a: 2026-01-31T10:00:00Z", 1, 4, "a date or time must be text: put it in quotes"),
        ("a: b\nc: {{ hunter2secret }}", 2, 5, "a key must be text (an expression in braces must be in quotes)"),
        ("a: b\nc: \x01", 2, 4, "the character U+0001 is not allowed"),
        ("a: \ud800", 1, 4, "the character U+D800 is not allowed"),
        ("a: 1\nb: 2\na: 3", 3, 1, "a key is written twice in one mapping"),
        ("a: {b: 1, 'b': 2}", 1, 11, "a key is written twice in one mapping"),
        ("a: &x [*x]", 1, 8, "an alias refers to a value that contains it"),
        ("a: &x\n  b: {<<: *x}", 2, 11, "an alias refers to a value that contains it"),
        ("a: " + "9" * 5000, 1, 4, "the number is too long: put it in quotes"),
        ("a: 1." + "9" * 5000, 1, 4, "the number is too long: put it in quotes"),
        ("a: !!int hunter2secret", 1, 4, "the value does not fit its tag"),
        ("a: !!int", 1, 4, "the value does not fit its tag"),
        ("a: !!bool hunter2secret", 1, 4, "the value does not fit its tag"),
        ("a: !!float hunter2secret", 1, 4, "the value does not fit its tag"),
        ("a:\n- .inf", 2, 3, "JSON has no such number: put it in quotes"),
        ("a: {b: 18446744073709551616}", 1, 8, "the number has more than 64 bits: put it in quotes"),
        ("a: {on: b}", 1, 5, "a key must be text: put it in quotes"),
        ("a: {true: b}", 1, 5, "a key must be text: put it in quotes"),
        ("a: {~: b}", 1, 5, "a key must be text: put it in quotes"),
        ("a: {1.10: b}", 1, 5, "a key must be text: put it in quotes"),
        ("a: {0x50: b}", 1, 5, "a key must be text: put it in quotes"),
        ("a: {1: b, '1': c}", 1, 11, "a key is written twice in one mapping"),
        ("a: {[b]: c}", 1, 5, "a key must be text (an expression in braces must be in quotes)"),
        ("a: {<<: {b: c}, <<: {d: e}}", 1, 17, "a key is written twice in one mapping"),
        ("a: {<<: b}", 1, 5, "a merge key takes a mapping or a list of mappings"),
        ("a: {<<: }", 1, 5, "a merge key takes a mapping or a list of mappings"),
        ("a: {<<: [{b: c}, d]}", 1, 5, "a merge key takes a mapping or a list of mappings"),
        ("a: {b: 1, <<: {b: 2}}", 1, 11, "kubectl replaces the keys before a merge key: put the merge key first"),
        ('a: ["\\ud83d\\ude80"]', 1, 5, "half of a surrogate pair is not a character: write the character itself"),
        (
            '---\n{"a": "\\ud83d\\ude80"}',
            2,
            7,
            "half of a surrogate pair is not a character: write the character itself",
        ),
    ],
)
def test_invalid_yaml_is_reported_with_position(text, line, column, problem):
    message = parse_error(text)
    assert message == f"{PATH} is not valid YAML: line {line}, column {column}: {problem}"
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, f"{PATH} must be a mapping or YAML text, it is null."),
        ([], f"{PATH} must be a mapping or YAML text, it is a list."),
        (b"a: b", f"{PATH} must be a mapping or YAML text, it is of type bytes."),
        ("", f"{PATH} is empty, it must be a Kubernetes Deployment."),
        ("# nothing\n---\n", f"{PATH} is empty, it must be a Kubernetes Deployment."),
        ("- a", f"{PATH} must be YAML text of a mapping, it is a list."),
        (
            "reviews.yaml",
            f"{PATH} must be YAML text of a mapping, it is text. The option takes the Deployment itself, not the name of a file; "
            "lookup('file', ...) reads one.",
        ),
        ({"a": {True: 1}}, f"{PATH}.a has a key that is a boolean; keys must be text: put it in quotes."),
        ({"a": {0.5: 1}}, f"{PATH}.a has a key that is a number; keys must be text: put it in quotes."),
        ({datetime.date(2026, 1, 1): 1}, f"{PATH} has a key that is a date; keys must be text: put it in quotes."),
        ({"a": {1: 1, "1": 2}}, f"{PATH}.a.1: a key is written twice in one mapping."),
        ({"spec": {None: 1}}, f"{PATH}.spec has a key that is null; keys must be text: put it in quotes."),
        ({"spec": {("a",): 1}}, f"{PATH}.spec has a key that is a list; keys must be text: put it in quotes."),
        ({"a": [datetime.date(2026, 1, 1)]}, f"{PATH}.a[0] is a date, it must be text: put it in quotes."),
        ({"a": datetime.time(1)}, f"{PATH}.a is a date, it must be text: put it in quotes."),
        (
            {"metadata": {"labels": {"metadata": {"uid": datetime.date(2026, 1, 1)}}}},
            f"{PATH}.metadata.labels.metadata.uid is a date, it must be text: put it in quotes.",
        ),
        (
            {"spec": {"status": datetime.datetime(2026, 1, 1)}},
            f"{PATH}.spec.status is a date, it must be text: put it in quotes.",
        ),
        ({"a": {"b.c": float("nan")}}, f"{PATH}.a[b.c] is not a finite number: put it in quotes."),
        ({"a": b"x"}, f"{PATH}.a is binary data, it must be text: put it in quotes."),
        ({"a": {"b"}}, f"{PATH}.a is a set, it must be text: put it in quotes."),
        (
            {"a": "\ud83d"},
            f"{PATH}.a: half of a surrogate pair is not a character: write the character itself.",
        ),
        (
            "{'a': 'b', 'c': datetime.datetime(2020, 3, 25, 13, 37, 11, tzinfo=datetime.timezone.utc)}",
            f"{PATH} holds a date that is not text: put it in quotes.",
        ),
        (
            {"a": object()},
            f"{PATH}.a is of type object; a template holds text, numbers, booleans, null, lists and mappings only.",
        ),
        ({"a": (1,)}, f"{PATH}.a is a list; a template holds text, numbers, booleans, null, lists and mappings only."),
    ],
)
def test_other_values_are_refused(value, message):
    assert parse_error(value) == message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "kind: Deployment\n---\nkind: Service\n",
            f"{PATH}: holds 2 YAML documents, it must be one Deployment {NOT_ONE}",
        ),
        (
            '{"kind": "Deployment"}\n{"kind": "Service"}',
            f"{PATH}: holds 2 JSON documents, it must be one Deployment {NOT_ONE}",
        ),
        (
            '{"kind": "Deployment"}\n---\n{"kind": "Service"}',
            f"{PATH}: holds 2 YAML documents, it must be one Deployment {NOT_ONE}",
        ),
        ('{"kind": "List", "items": [{}]}', f"{PATH}: holds a list of 1 objects, it must be one Deployment {NOT_ONE}"),
        ("kind: List\nitems: [{}, {}, {}]", f"{PATH}: holds a list of 3 objects, it must be one Deployment {NOT_ONE}"),
        (
            {"kind": "DeploymentList", "items": []},
            f"{PATH}: holds a list of 0 objects, it must be one Deployment {NOT_ONE}",
        ),
    ],
)
def test_several_objects_are_refused(value, message):
    with pytest.raises(LintError) as caught:
        parse_template(value, PATH)
    assert str(caught.value) == message


BOMBS = {
    "aliases": (build_bomb("[x, x]", "{name}: &{name} [{aliases}]"), "has more than 50000 values"),
    "merges": (build_bomb("{k: v}", "{name}: &{name}\n  <<: [{aliases}]"), "has more than 50000 values"),
    "flat": ("a: [" + "1," * 60_000 + "]", "has more than 50000 values"),
    "documents": ("--- a\n" * 60_000, "has more than 50000 values"),
    "deep JSON": ('{"a":' * 100_000, "is nested more than 100 levels deep"),
    "flat JSON": ('{"a": [' + "1," * 60_000 + "1]}", "has more than 50000 values"),
    "documents of JSON": ("{} " * 60_000, "expected '<document start>'"),
    "quotes in JSON": ('{"' + '\\"' * 400_000, "found unexpected end of stream"),
    "brackets": ("[" * 500_000, "is nested more than 100 levels deep"),
    "dashes": ("- " * 500_000, "is nested more than 100 levels deep"),
    "mappings": ("{a: " * 200_000, "is nested more than 100 levels deep"),
    "ladder": (
        "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 150)),
        "is nested more than 100 levels deep",
    ),
}


@pytest.fixture
def _bounded_scanner(monkeypatch):
    """Stop the pure scanner after more tokens than any limit allows. It is slow, so nothing else ends the test."""
    fetch = yaml.scanner.Scanner.fetch_more_tokens
    left = iter(range(4 * MAX_NODES))

    def counted(self):
        assert next(left, None) is not None, "the pure parser scanned more tokens than the limits allow"
        assert self.flow_level <= 2048, "the pure parser, whose time grows with the square of the depth, went too deep"
        return fetch(self)

    monkeypatch.setattr(yaml.scanner.Scanner, "fetch_more_tokens", counted)


@pytest.mark.usefixtures("_parser", "_bounded_scanner")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_with_bounded_work(name):
    text, reason = BOMBS[name]
    message = parse_error(text)
    assert message.startswith((f"{PATH}: line ", f"{PATH} is not valid YAML: line "))
    assert reason in message


@pytest.mark.usefixtures("_parser", "_bounded_scanner")
@pytest.mark.parametrize("name", ["brackets", "dashes", "mappings"])
def test_deep_text_is_explained_with_bounded_work(name):
    assert find_syntax_error(BOMBS[name][0], PATH) == f"{PATH}: line 1: the text is nested more than 200 levels deep."


@pytest.mark.usefixtures("_bounded_scanner")
def test_depth_error_of_libyaml_is_explained_with_bounded_work(monkeypatch):
    """libyaml refuses deep text since PyYAML 6.0.4, so the limits must also apply to the explanation."""

    class Refusing(yaml.SafeLoader):
        def check_event(self, *choices):
            raise yaml.parser.ParserError(None, None, "exceeded maximum nesting depth", self.get_mark())

    monkeypatch.setattr(yaml, "CSafeLoader", Refusing, raising=False)
    assert parse_error("[" * 8000) == f"{PATH}: line 1: the template is nested more than 100 levels deep."


def test_long_valid_file_has_no_error():
    assert find_syntax_error("a:\n" + "- b\n" * (MAX_NODES + 1), PATH) == ""


def test_error_after_many_values_is_found():
    text = "a:\n" + "- b\n" * (MAX_NODES + 1) + "]"
    assert find_syntax_error(text, PATH).startswith(f"{PATH} is not valid YAML: line {MAX_NODES + 3}, ")


def test_file_may_have_more_levels_than_a_template():
    assert find_syntax_error("[" * 150 + "]" * 150, PATH) == ""


def test_text_beyond_the_size_limit_is_not_explained():
    assert find_syntax_error("]" * (MAX_BYTES + 1), PATH) == ""


def test_numbers_that_python_cannot_print_are_refused():
    assert parse_error({"a": 1 << 20_000}) == f"{PATH}.a is a number of more than 64 bits: put it in quotes."
    assert (
        parse_error({1 << 20_000: "a"}) == f"{PATH} has a key that is an integer; keys must be text: put it in quotes."
    )
    assert parse_error('{"a": ' + "9" * 5000 + "}") == f"{PATH}.a is a number of more than 64 bits: put it in quotes."
    assert parse_template({"a": 2**63 - 1, "b": -(2**63)}, PATH) == {"a": 2**63 - 1, "b": -(2**63)}


DIRECTIVES = "too many or too long directives: remove the lines that begin with %"


@pytest.mark.usefixtures("_parser", "_bounded_scanner")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("".join(f"%TAG !a{number}! tag:b{number},\n" for number in range(30_000)) + "---\na: b\n", 17),
        ("%TAG !a! " + "x" * 500_000 + "\n---\n" + "- !a!b c\n" * 40_000, 1),
        ("a: b\n%YAML 1." + "1" * 500_000 + "\n---\na: b\n", 2),
        ("%a\r" * 300_000, 17),
        ("\ufeff%YAML 1." + "1" * 500_000, 1),
    ],
)
def test_expensive_directives_are_refused(text, line):
    message = f"{PATH} is not valid YAML: line {line}, column 1: {DIRECTIVES}"
    assert parse_error(text) == find_syntax_error(text, PATH) == message


@pytest.mark.usefixtures("_parser")
def test_usual_directives_are_accepted():
    assert parse_template("%YAML 1.1\n%TAG !e! tag:example.com,2026:\n---\na: 5\n", PATH) == {"a": 5}


def test_escape_out_of_range_has_a_position_with_libyaml_only():
    text = 'a: "\\UFFFFFFFF"'
    assert parse_error(text).startswith(f"{PATH} is not valid YAML: ")
    assert find_syntax_error(text, PATH) == f"{PATH} is not valid YAML: a value does not fit its tag."


def test_too_long_text_is_refused():
    assert parse_error("#" * (MAX_BYTES + 1)) == f"{PATH} is longer than 1048576 bytes."
    assert parse_error("#" + "\u00e9" * (MAX_BYTES // 2)) == f"{PATH} is longer than 1048576 bytes."


def test_longest_text_is_accepted():
    text = "a: " + "x" * (MAX_BYTES - 3)
    assert len(parse_template(text, PATH)["a"]) == MAX_BYTES - 3


def test_mapping_with_shared_parts_is_limited():
    shared: object = "x"
    for _level in range(20):
        shared = [shared] * 10
    assert "the template has more than 50000 values; a Deployment needs a few hundred." in parse_error({"a": shared})


def test_recursive_mapping_is_refused():
    circle: dict = {}
    circle["a"] = circle
    assert parse_error(circle).endswith("...: the template is nested more than 100 levels deep.")


@pytest.mark.parametrize("as_text", [True, False])
def test_depth_limit_is_exact(as_text):
    def nested(levels):
        return "{a: " + "[" * (levels - 1) + "]" * (levels - 1) + "}"

    def nest_mapping(levels):
        return nested(levels) if as_text else yaml.safe_load(nested(levels))

    assert parse_template(nest_mapping(100), PATH) == yaml.safe_load(nested(100))
    assert "is nested more than 100 levels deep" in parse_error(nest_mapping(101))


def test_yaml_text_without_pyyaml(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "yaml":
            raise ImportError("No module named 'yaml'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LibraryError) as caught:
        parse_template("a: b", PATH)
    assert caught.value.library == "PyYAML"
    assert "No module named 'yaml'" in caught.value.traceback
    assert str(caught.value) == (
        "A template as YAML text needs the Python library PyYAML. Install PyYAML, or write the template as a mapping."
    )
    assert parse_template({"a": "b"}, PATH) == {"a": "b"}
