# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import math
import stat
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.record import Record
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from example_rollout import NOW

EMPTY = dict.fromkeys(("step", "weight", "metric", "value", "baseline", "min", "max", "verdict"))


def test_line_has_all_keys_in_their_order() -> None:
    record = Record("shop/cart-v2", "shop/cart")
    record.add("state", NOW, "Begin.", step=1, stage="shifting", weight=10)
    assert list(record.lines[0].items()) == list(
        {
            "time": "2026-06-25T08:00:00Z",
            "event": "state",
            "release": "shop/cart-v2",
            "service": "shop/cart",
            "step": 1,
            "stage": "shifting",
            "weight": 10,
            "metric": None,
            "value": None,
            "baseline": None,
            "min": None,
            "max": None,
            "verdict": None,
            "message": "Begin.",
        }.items()
    )


def test_lines_are_appended_when_they_happen(tmp_path: Path) -> None:
    path = tmp_path / "canary.jsonl"
    for name in ("a", "b"):
        record = Record("shop/cart-v2", "shop/cart", str(path))
        record.open()
        record.add("outcome", "2026-01-01T00:00:00Z", f"Größe {name}")
        assert json.loads(path.read_text(encoding="utf-8").splitlines()[-1]) == record.lines[0]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_numbers_that_json_cannot_represent_are_null() -> None:
    record = Record("shop/cart-v2", "shop/cart")
    record.add("sample", NOW, "", value=math.nan, baseline=math.inf, minimum=0.0, maximum=-math.inf)
    assert [record.lines[0][name] for name in ("value", "baseline", "min", "max")] == [None, None, 0.0, None]


def test_file_that_cannot_be_created_is_an_error_before_the_start(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "canary.jsonl"
    with pytest.raises(OptionError) as caught:
        Record("shop/cart-v2", "shop/cart", str(path)).open()
    assert str(caught.value) == f"The record {path} cannot be written: No such file or directory."


def test_file_that_cannot_be_written_later_is_a_warning(tmp_path: Path) -> None:
    path, warnings = tmp_path / "missing" / "canary.jsonl", []
    record = Record("shop/cart-v2", "shop/cart", str(path), warnings.append)
    record.add("state", NOW, "Begin.")
    assert warnings == [f"The record {path} cannot be written: No such file or directory."]
    assert len(record.lines) == 1


def test_no_path_writes_no_file() -> None:
    record = Record("shop/cart-v2", "shop/cart")
    record.open()
    record.add("state", NOW, "Begin.")
    assert {name: record.lines[0][name] for name in EMPTY} == EMPTY
