# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import re
import shlex
from urllib.parse import quote

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._http import redaction
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import (
    is_setting_value,
    redact,
    redact_assumed,
    secret_patterns,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import (
    MIN_SECRET_LENGTH,
    SecretStore,
    filter_redactable,
)

MARK = "********"

HARD = "CANARY/secret+\"<1>'é"


@pytest.mark.parametrize(
    "quoted",
    [
        HARD,
        "CANARY/secret+\\\"<1>'é",
        "CANARY/secret+\\\"<1>'\\u00e9",
        "CANARY%2Fsecret%2B%22%3C1%3E%27%C3%A9",
        "CANARY/secret%2B%22%3C1%3E%27%C3%A9",
        "CANARY/secret+&quot;&lt;1&gt;&#x27;é",
    ],
)
def test_quoted_secret_is_redacted(quoted):
    assert redact(f"text {quoted} again", [HARD], MARK) == "text ******** again"


RARE = "CANARY/secret+=\"<1>'&é"


@pytest.mark.parametrize(
    "quoted",
    [
        "CANARY/secret+=\\\"\\u003c1\\u003e'\\u0026é",
        "CANARY\\/secret+=\\\"\\u003c1\\u003e'\\u0026\\u00e9",
        'CANARY/secret+\\u003d\\"\\u003c1\\u003e\\u0027\\u0026é',
        "CANARY\\/secret+=\\\"<1>'&\\u00e9",
        "CANARY/secret+=\\\\\\\"<1>'&é",
        "CANARY/secret+=\\\\\\\"\\\\u003c1\\\\u003e'\\\\u0026\\\\u00e9",
        "CANARY/secret+=&#34;&lt;1&gt;&#39;&amp;é",
        "CANARY/secret+=&quot;&lt;1&gt;&apos;&amp;é",
        "CANARY/secret+=\"&lt;1&gt;'&amp;é",
        "CANARY%2fsecret%2b%3d%22%3c1%3e%27%26%c3%a9",
        "CANARY/secret%2b%3d%22%3c1%3e%27%26%c3%a9",
        "43414e4152592f7365637265742b3d223c313e2726c3a9",
        "43414E4152592F7365637265742B3D223C313E2726C3A9",
        "CANARY/secret+=\"<1>\\'&é",
        "CANARY/secret+=\"<1>''&é",
        "é&'>1<\"=+terces/YRANAC",
    ],
)
def test_secret_in_other_notations_is_redacted(quoted):
    assert redact(f"text {quoted} again", [RARE], MARK) == "text ******** again"


HARDEST = "Pa'ss!w*rd#(1)~é<x>&\"q/+= \\\U0001f600"
IN_JSON = json.dumps(HARDEST)[1:-1]


def use_capital_escapes(text):
    """Return JSON with escapes in capitals."""
    return re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found.group()[2:].upper(), text)


def encode_hex_escapes(text, characters):
    return "".join(f"\\u{ord(character):04X}" if character in characters else character for character in text)


@pytest.mark.parametrize(
    "quoted",
    [
        quote(HARDEST, safe="!'()*~"),
        quote(HARDEST, safe="*").replace("%20", "+").replace("~", "%7E"),
        re.sub("%..", lambda found: found.group().lower(), quote(HARDEST, safe="")),
        quote(quote(HARDEST)),
        encode_hex_escapes(use_capital_escapes(IN_JSON), "<>&'+"),
        encode_hex_escapes(use_capital_escapes(IN_JSON).replace('\\"', "\\u0022"), "<>&'+"),
        IN_JSON.replace("/", "\\/"),
        json.dumps(json.dumps(json.dumps(HARDEST))).strip('"\\'),
        repr(HARDEST)[1:-1],
        repr(HARDEST.encode())[2:-1],
        ascii(HARDEST)[1:-1],
        HARDEST.replace("'", "''"),
        "".join(
            character if character.isalnum() and character.isascii() else f"&#{ord(character)};"
            for character in HARDEST
        ),
        "".join(
            character if character.isalnum() and character.isascii() else f"&#X{ord(character):X};"
            for character in HARDEST
        ),
        HARDEST.replace("&", "&amp;")
        .replace("é", "&eacute;")
        .replace('"', "&quot;")
        .replace("<", "&lt;")
        .replace(">", "&gt;"),
        HARDEST.encode().hex(),
        HARDEST.encode().hex().upper(),
    ],
)
def test_secret_encoded_for_code_urls_and_html_is_redacted(quoted):
    assert redact(f"text {quoted} again", [HARDEST], MARK) == f"text {MARK} again"


def test_similar_text_is_not_redacted():
    texts = [
        "Pass!word#1",
        "Pa'ss!w*rd#(1)~e<x>&\"q/+= \\\U0001f600",
        "CANARYsecret",
        "CANARY%2Gsecret",
        "CANARY&#48;secret",
    ]
    assert [redact(text, [HARDEST, "CANARY/secret"], MARK) for text in texts] == texts


def test_backslashes_in_urls_and_code_are_redacted():
    for quoted in ("a%5C%5Cb", "a\\u005C\\u005Cb", "a&#92;&#92;b", "a\\x5c\\x5cb", "a\\U0000005c\\U0000005cb"):
        assert redact(f"text {quoted} again", ["a\\\\b"], MARK) == f"text {MARK} again"


@pytest.mark.parametrize("quoted", ["a!b", "a!!!b", "a%21b"])
def test_run_must_have_its_length(quoted):
    assert redact(quoted, ["a!!b"], MARK) == quoted
    assert redact("a!!b a%21%21b", ["a!!b"], MARK) == f"{MARK} {MARK}"


def test_notations_of_characters():
    assert redaction._numeric_entities("!") == ["&(?:amp;)*#0*33;", "&(?:amp;)*#[xX]0*(?i:21);"]
    assert redaction._named_entities("!") == ["&(?:amp;)*excl;"]
    assert redaction._named_entities("\b") == []
    assert redaction._named_entities('"') == ["&(?:amp;)*QUOT;", "&(?:amp;)*quot;"]
    assert redaction._named_entities("'") == ["&(?:amp;)*apos;"]
    assert redaction._encode("!") == [b"!"]
    assert redaction._encode("\xff") == [b"\xc3\xbf", b"\xff"]
    assert redaction._encode("\u0100") == [b"\xc4\x80"]


def test_only_short_base64_may_be_broken_into_lines():
    """A pattern with a break after each character takes long to compile."""
    assert redaction._allow_line_breaks("abc") == f"a{redaction._LINE_BREAK}b{redaction._LINE_BREAK}c"
    assert redaction._allow_line_breaks("a" * 400).count(redaction._LINE_BREAK) == 399
    assert redaction._allow_line_breaks("+" * 401) == r"\+" * 401


def test_latin_1_and_joined_lines_are_redacted():
    assert redact("text p%E9re%0D%0Afils", ["p\xe9re\nfils"], MARK) == f"text {MARK}"
    for joined in ("a-b\r\nc", "a-b c", "a-b\\nc", "a-b\\\\nc", "a-b\\r\\nc", "a-b%0Ac"):
        assert redact(f"text {joined}", ["a-b\nc"], MARK) == f"text {MARK}"


def test_lone_surrogate_is_redacted():
    assert redact("text CANARY\ud800", ["CANARY\ud800"], MARK) == f"text {MARK}"


@pytest.mark.parametrize("quoted", [r"pa\bss\f12\t\r\v\a\0\e", r"pa\\bss\\f12\\t\\r\\v\\a\\0\\e"])
def test_escape_letters_are_redacted(quoted):
    assert redact(f"text {quoted} again", ["pa\bss\f12\t\r\v\a\0\x1b"], MARK) == f"text {MARK} again"


@pytest.mark.parametrize(
    "secret", ['a\\"\\"\\"b', "\\!\\!a", "!abc1!\\", "\\\\server\\share$", "a'b''c", "\\'\\''x", "a\\\nb", "\\u0041b"]
)
def test_secret_with_backslashes_is_redacted(secret):
    quoted = [secret]
    for dummy in range(4):
        quoted.append(json.dumps(quoted[-1])[1:-1])
    spelled = [
        *quoted,
        repr(secret)[1:-1],
        quote(secret, safe=""),
        encode_hex_escapes(json.dumps(secret)[1:-1], "!$'"),
        secret.replace("'", "''"),
    ]
    spelled.append("".join(character if character.isalnum() else f"\\u{ord(character):04x}" for character in secret))
    for text in spelled:
        assert redact(f"text {text} again", [secret], MARK) == f"text {MARK} again"
        assert secret.endswith("\\") or MARK not in redact(f"text {text[:-1]}", [secret], MARK)


def test_quote_in_shell_notation_is_redacted():
    for quoted in ("aa'\\''b", "aa'\"'\"'b", "aa'\\\"'\\\"'b"):
        assert redact(f"text '{quoted}' again", ["aa'b"], MARK) == f"text '{MARK}' again"
    assert redact(f"text {shlex.quote(HARDEST)} again", [HARDEST], MARK) == f"text '{MARK}' again"


def test_other_line_ends_are_redacted():
    in_code = (
        "a-b\\nc",
        "a-b\\r\\nc",
        "a-b\\u000d\\u000Ac",
        "a-b\\u000ac",
        "a-b\\x0d\\x0ac",
        "a-b\\U0000000d\\U0000000ac",
    )
    elsewhere = (
        "a-b&#13;&#10;c",
        "a-b&#xD;&#xA;c",
        "a-b&#10;c",
        "a-b&NewLine;c",
        "a-b%0D%0Ac",
        "a-b%0ac",
        "a-b%250D%250Ac",
        "c\n\rb-a",
        "c\nb-a",
    )
    for text in ("a-b\nc", "a-b\r\nc", "a-b c", *in_code, *elsewhere):
        assert redact(text, ["a-b\r\nc"], MARK) == MARK


def test_two_line_ends_do_not_match_one():
    for text in ("a-b\r\n\r\nc", "a-b\n\nc", "a-b\\r\\n\\r\\nc", "a-b&#13;&#10;&#13;&#10;c"):
        assert redact(text, ["a-b\r\n\r\nc"], MARK) == MARK
    assert redact("a-b\r\nc", ["a-b\r\n\r\nc"], MARK) == "a-b\r\nc"


def test_other_characters_do_not_match_line_ends():
    assert redact("aa\r\nbb", ["aa!bb"], MARK) == "aa\r\nbb"


def test_line_end_after_a_backslash_is_redacted():
    for text in ("a-b\\\r\nc", "a-b\\\\\\r\\nc", "a-b\\\nc"):
        assert redact(text, ["a-b\\\r\nc"], MARK) == MARK


def test_base64_in_urls_is_redacted():
    secret = "??>>??>>"
    encoded = base64.b64encode(secret.encode()).decode()
    assert "/" in encoded and "+" in encoded
    for text in (encoded, quote(encoded, safe=""), encoded.replace("/", "\\/")):
        assert MARK in redact(text, [secret], MARK)


@pytest.mark.parametrize(
    "secret",
    [
        *(run + "x" for run in ("\\" * 60, "'\"" * 30, "\n" * 60, " \n" * 30, "\\\n\\'" * 20, "&#%" * 20)),
        *(run + "x" for run in ("a" + '\\"' * 7 + "b", "\\!" * 9 + "a", "'" * 18 + "a")),
    ],
)
def test_search_time_is_limited(secret):
    """A pattern in which two parts match the same characters would not terminate here."""
    near = [secret[:-1]]
    for dummy in range(4):
        near.append(json.dumps(near[-1])[1:-1])
    for text in near:
        assert redact((text + "\\" * 4000 + "\r\n" * 40 + " " * 40 + "'" * 60) * 3, [secret], MARK).count(MARK) == 0


def test_base64_has_each_offset_and_both_alphabets():
    assert redaction._encode_base64(b"?a>?>\xffab") == {
        "P2E+Pz7/Y",
        "P2E-Pz7_Y",
        "Pj8+/2",
        "Pj8-_2",
        "YT4/Pv9h",
        "YT4_Pv9h",
    }
    assert "YWJjYW" in redaction._encode_base64(b"abcabW")


def test_patterns_are_cached():
    redact("one", ["CANARY-of-the-cache"], MARK)
    before = secret_patterns.cache_info()
    redact("two", ["CANARY-of-the-cache"], MARK)
    after = secret_patterns.cache_info()
    assert (after.misses, after.hits > before.hits, after.maxsize is not None) == (before.misses, True, True)


@pytest.mark.parametrize("before", ["", "u:", "us:", "user:"])
def test_base64_at_each_offset_is_redacted(before):
    encoded = base64.b64encode(f"{before}CANARY-secret-of-many-words:rest".encode()).decode()
    assert len(redact(encoded, ["CANARY-secret-of-many-words"], MARK).replace(MARK, "")) < len(encoded) - 30


@pytest.mark.parametrize("part", ["abcd", "efgh"])
def test_longer_secret_is_redacted_before_its_part(part):
    assert redact("text abcd-efgh", [part, "abcd-efgh"], MARK) == f"text {MARK}"


@pytest.mark.parametrize(("secret", "hidden"), [("abc", False), ("abcd", True), ("", False)])
def test_short_secret_is_not_redacted(secret, hidden):
    assert MIN_SECRET_LENGTH == 4
    assert redact("text abcd", [secret], "-") == ("text -" if hidden else "text abcd")


def test_base64_in_lines_is_redacted():
    secret = "CANARY-secret-of-many-words/and+more?"
    lines = base64.encodebytes(f"{'u' * 50}{secret}:rest".encode()).decode()
    left = redact(lines, [secret], MARK)
    assert MARK in left and len(left.replace(MARK, "")) < len(lines) - 44
    # The notation of JSON.
    assert MARK in redact(json.dumps(lines), [secret], MARK)


def test_short_base64_is_not_redacted():
    assert redact("text Y2Q Yw and YWJjZA==", ["abcd"], "-") == "text Y2Q Yw and -ZA=="


def test_long_enough_secrets_are_redactable():
    assert filter_redactable(["", "on", "abc", "abcd"]) == ["abcd"]


@pytest.mark.parametrize("value", ["true", "False", " debug\n", "Bearer", "ENABLED", "never", "none"])
def test_value_of_a_setting_is_recognized(value):
    assert is_setting_value(value)


@pytest.mark.parametrize(
    "value", ["", "password", "secret", "admin", "test", "default", "changeme", "root", "true1", "1234"]
)
def test_weak_password_is_not_a_setting_value(value):
    assert not is_setting_value(value)


@pytest.mark.parametrize(
    "text", ["latest", "test-mesh", "mesh-test", "test_1", "contest", "a.test", "test.example.com", "TEST", "tset"]
)
def test_short_word_within_other_words_is_not_redacted(text):
    assert redact_assumed(f"in {text}, at 8080123", ["test", "8080"], MARK) == f"in {text}, at 8080123"


@pytest.mark.parametrize("before", ["", "=", "'", '"', ":", "/", "://user:", " ", "\\n", "(", "%"])
@pytest.mark.parametrize("after", ["", ".", ". ", ",", "'", '"', "@host", "&", ")", "\\n"])
def test_separate_short_word_is_redacted(before, after):
    if before == "\\n":
        # In JSON, the letter is part of the line break.
        before = "\n"
    assert redact_assumed(f"is {before}test{after}", ["test"], MARK) == f"is {before}{MARK}{after}"


@pytest.mark.parametrize("secret", ["hunter", "1234567", "test"])
def test_encoded_short_word_is_redacted(secret):
    encoded = base64.b64encode(secret.encode()).decode()
    assert MARK in redact_assumed(f"data: {encoded}", [secret], MARK)
    assert MARK in redact_assumed(f"data: {secret.encode().hex()}", [secret], MARK)


@pytest.mark.parametrize("words", [["test", "tester"], ["test", "atest"], ["atest", "test"]])
def test_long_word_is_redacted_before_its_parts(words):
    """Otherwise, the rest of its encoded form would remain."""
    for word in words:
        assert redact_assumed(f"data: {word.encode().hex()}", words, MARK) == f"data: {MARK}"


@pytest.mark.parametrize("secret", ["hunter22", "longerword", "12345678", "a-b-c", "pa$s", "h\xe9llo", "Abc1"])
def test_plausible_secret_is_redacted_everywhere(secret):
    for text in (f"x{secret}y", json.dumps(f"x{secret}y"), f"x{quote(secret)}y"):
        assert MARK in redact_assumed(text, [secret], MARK)


@pytest.mark.parametrize(
    ("request_id", "cleaned"),
    [
        (None, None),
        ("", None),
        ("r-1", "r-1"),
        ("CANARY-secret", "********"),
        ("r CANARY-token", "r ********"),
        ("x" * 500, "x" * 128),
        ("r_1 " + "x" * 500, "r_1 " + "x" * 124),
    ],
)
def test_request_id_is_redacted_and_shortened(request_id, cleaned):
    store = SecretStore(["CANARY-secret"])
    store.add("CANARY-token")
    assert store.clean_request_id(request_id) == cleaned
