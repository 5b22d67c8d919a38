# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The growth curves as an SVG, by arithmetic alone. Readable on light and on dark ground, and without colors."""

from __future__ import annotations

import math
import typing as t

from measures import Findings, Point

WIDTH, HEIGHT = 960, 380
PANEL, GAP, LEFT, TOP = 208, 100, 64, 44
PLOT = 236  # height of a panel's plot

# Color on light ground, on dark ground, and how the line is drawn.
STYLES = {
    "unchanged": ("#0b62c4", "#6cb2ff", ""),
    "created": ("#b3400f", "#ff9b62", ""),
    "loop": ("#2f7d32", "#7fd083", "6 4"),
    "ping": ("#6b6b6b", "#a9a9a9", "2 4"),
}
WORDS = {
    "unchanged": "apply, nothing to change",
    "created": "apply, all created",
    "loop": "loop, unchanged, in process (from the price of an item)",
    "ping": "loop of ansible.builtin.ping (from the price of an item)",
}

Series = dict[str, list[tuple[float, float]]]


def draw(found: Findings) -> str:
    """Return the whole picture as SVG."""
    panels = [
        ("requests", "requests", _series(found, lambda point: point.requests), _plain),
        ("seconds", "seconds", _with_loops(found, _series(found, lambda point: point.seconds)), _plain),
        ("memory", "MB above an empty play", _series(found, lambda point: point.memory), _plain),
    ]
    parts = [_panel(number, title, series, word) for number, (name, title, series, word) in enumerate(panels)]
    names = [name for name in STYLES if any(name in series for key, title, series, word in panels)]
    summary = "Requests, seconds and memory of one task over 100, 1,000 and 10,000 workspaces, on logarithmic scales."
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!--",
            "Copyright (c) 2026, community.huaweicloud contributors",
            "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
            # In parts, so that it does not count as the header of this file.
            "SPDX-License-" + "Identifier: GPL-3.0-or-later",
            "-->",
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"',
            ' role="img" aria-labelledby="title desc">',
            '<title id="title">How one task grows with the number of workspaces</title>',
            f'<desc id="desc">{summary}</desc>',
            _style(),
            *parts,
            _legend(names),
            "</svg>",
            "",
        ]
    )


def _series(found: Findings, value: t.Callable[[Point], float]) -> Series:
    # On a logarithmic scale nothing is shown as the smallest that is.
    return {name: [(point.size, max(value(point), 0.1)) for point in points] for name, points in found.curves.items()}


def _with_loops(found: Findings, series: Series) -> Series:
    sizes = sorted({size for points in series.values() for size, value in points})
    prices = {"loop": found.own_item, "ping": found.ping_item}
    return {**series, **{name: [(size, size * price) for size in sizes] for name, price in prices.items() if price}}


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _style() -> str:
    light = "".join(f".{name}{{stroke:{colors[0]};fill:{colors[0]}}}" for name, colors in STYLES.items())
    dark = "".join(f".{name}{{stroke:{colors[1]};fill:{colors[1]}}}" for name, colors in STYLES.items())
    text = "text{font:13px system-ui,sans-serif;fill:#24292f;stroke:none}.title{font-weight:600}.tick,.value{font-size:11px}.tick{fill:#57606a}"
    lines = "line,polyline{stroke-width:2;fill:none}.grid{stroke:#d0d7de;stroke-width:1}"
    night = "text{fill:#e6edf3}.tick{fill:#9da7b1}.grid{stroke:#3d444d}"
    return f"<style>{light}{text}{lines}polyline.line{{fill:none}}@media (prefers-color-scheme:dark){{{dark}{night}polyline.line{{fill:none}}}}</style>"


def _panel(number: int, title: str, series: Series, word: t.Callable[[float], str]) -> str:
    left = LEFT + number * (PANEL + GAP)
    points = [point for line in series.values() for point in line]
    if not points:
        return ""
    low, high = _decades([value for size, value in points])
    first, last = _decades([size for size, value in points])

    def place(size: float, value: float) -> tuple[float, float]:
        across = (math.log10(size) - first) / max(last - first, 1)
        up = (math.log10(value) - low) / max(high - low, 1)
        return left + across * PANEL, TOP + PLOT - up * PLOT

    parts = [f'<text class="title" x="{left}" y="{TOP - 18}">{title}</text>']
    for power in range(low, high + 1):
        y = place(10**first, 10**power)[1]
        parts.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{left + PANEL}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{word(10.0**power)}</text>')
    for power in range(first, last + 1):
        x = place(10**power, 10**low)[0]
        parts.append(f'<text class="tick" x="{x:.1f}" y="{TOP + PLOT + 20}" text-anchor="middle">{10**power:,}</text>')
    parts += [_line(name, [place(*point) for point in line]) for name, line in series.items()]
    parts += _last_values(series, place)
    return "\n".join(parts)


def _line(name: str, places: t.Sequence[tuple[float, float]]) -> str:
    dashes = f' stroke-dasharray="{STYLES[name][2]}"' if STYLES[name][2] else ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "" if dashes else "".join(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places)
    return f'<polyline class="line {name}" points="{path}"{dashes}/>{dots}'


def _last_values(series: Series, place: t.Callable[[float, float], tuple[float, float]]) -> list[str]:
    """Return the value at the end of each line, with a minimum distance between them."""
    ends = sorted((place(*line[-1])[1], line[-1], name) for name, line in series.items())
    parts, lowest = [], -math.inf
    for y, point, name in ends:
        lowest = max(y, lowest + 13)
        value = point[1]
        text = f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
        parts.append(f'<text class="value" x="{place(*point)[0] + 7:.1f}" y="{lowest + 4:.1f}">{text}</text>')
    return parts


def _decades(values: t.Sequence[float]) -> tuple[int, int]:
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def _legend(names: t.Sequence[str]) -> str:
    parts = [
        f'<text class="tick" x="{WIDTH / 2}" y="{TOP + PLOT + 40}" text-anchor="middle">number of workspaces</text>'
    ]
    for number, name in enumerate(names):
        x, y = LEFT + (number % 2) * 420, TOP + PLOT + 62 + number // 2 * 20
        dashes = f' stroke-dasharray="{STYLES[name][2]}"' if STYLES[name][2] else ""
        parts.append(
            f'<line class="{name}" x1="{x}" y1="{y - 4}" x2="{x + 34}" y2="{y - 4}"{dashes}/><text x="{x + 44}" y="{y}">{WORDS[name]}</text>'
        )
    return "\n".join(parts)
