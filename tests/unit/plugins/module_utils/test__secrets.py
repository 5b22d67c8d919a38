# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _secrets
from ansible_collections.community.huaweicloud.plugins.module_utils._secrets import SHORTEST, spellings, without

MARK = "********"

HARD = "CANARY/secret+\"<1>'é"


@pytest.mark.parametrize("quoted", [
    HARD,
    "CANARY/secret+\\\"<1>'é",
    "CANARY/secret+\\\"<1>'\\u00e9",
    "CANARY%2Fsecret%2B%22%3C1%3E%27%C3%A9",
    "CANARY/secret%2B%22%3C1%3E%27%C3%A9",
    "CANARY/secret+&quot;&lt;1&gt;&#x27;é",
])
def test_a_secret_is_hidden_however_it_is_quoted(quoted):
    assert without(f"said {quoted} again", [HARD], MARK) == "said ******** again"


RARE = "CANARY/secret+=\"<1>'&é"


@pytest.mark.parametrize(
    "quoted",
    [
        'CANARY/secret+=\\"\\u003c1\\u003e\'\\u0026é',
        'CANARY\\/secret+=\\"\\u003c1\\u003e\'\\u0026\\u00e9',
        'CANARY/secret+\\u003d\\"\\u003c1\\u003e\\u0027\\u0026é',
        'CANARY\\/secret+=\\"<1>\'&\\u00e9',
        'CANARY/secret+=\\\\\\"<1>\'&é',
        'CANARY/secret+=\\\\\\"\\\\u003c1\\\\u003e\'\\\\u0026\\\\u00e9',
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
def test_a_secret_is_hidden_as_others_spell_it(quoted):
    assert without(f"said {quoted} again", [RARE], MARK) == "said ******** again"


def test_spellings_are_exactly_these():
    assert _secrets._in_addresses("a/b c") == {"a/b%20c", "a%2Fb+c", "a%2Fb%20c", "a%2fb+c", "a%2fb%20c"}
    in_base64 = {"P2E+Pz7/Y", "P2E-Pz7_Y", "Pj8+/2", "Pj8-_2", "YT4/Pv9h", "YT4_Pv9h"}
    assert _secrets._in_bytes(b"?a>?>\xffab") == {"3F613E3F3EFF6162", "3f613e3f3eff6162", *in_base64}
    assert "YWJjYW" in _secrets._in_bytes(b"abcabW")
    once = {"X=\xe9", "X=\\u00e9", "X\\u003d\xe9", "X\\u003d\\u00e9"}
    assert _secrets._in_code("X=\xe9") == {*once, "X=\\\\u00e9", "X\\\\u003d\xe9", "X\\\\u003d\\u00e9", "X\\\\u003d\\\\u00e9"}
    assert without("said CANARY\ud800", ["CANARY\ud800"], MARK) == "said ********"


def test_spellings_are_made_once():
    without("one", ["CANARY-of-the-cache"], MARK)
    before = spellings.cache_info()
    without("two", ["CANARY-of-the-cache"], MARK)
    after = spellings.cache_info()
    assert (after.misses, after.hits > before.hits, after.maxsize is not None) == (before.misses, True, True)


@pytest.mark.parametrize("before", ["", "u:", "us:", "user:"])
def test_a_secret_is_hidden_in_base64_wherever_it_begins(before):
    encoded = base64.b64encode(f"{before}CANARY-secret-of-many-words:rest".encode()).decode()
    assert len(without(encoded, ["CANARY-secret-of-many-words"], MARK).replace(MARK, "")) < len(encoded) - 30


@pytest.mark.parametrize("part", ["abcd", "efgh"])
def test_a_longer_spelling_is_taken_out_before_one_that_is_a_part_of_it(part):
    assert without("said abcd-efgh", [part, "abcd-efgh"], MARK) == f"said {MARK}"


@pytest.mark.parametrize(("secret", "hidden"), [("abc", False), ("abcd", True), ("", False)])
def test_what_is_too_short_is_found_in_any_text_by_chance(secret, hidden):
    assert SHORTEST == 4
    assert without("said abcd", [secret], "-") == ("said -" if hidden else "said abcd")
