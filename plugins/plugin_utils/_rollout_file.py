# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read a rollout file in the same way as a desired-state file, and report all mistakes with line and column."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_mistakes import (
    find_rollout_mistakes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import (
    Rollout,
    build_rollout,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake, Path, format_path
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import FileLoader, to_plain

KIND = "rollout file"


class LoadedRollout(t.NamedTuple):
    """The content of a file, the rollout in it, and the positions of its values: ``file:line:column`` by path."""

    content: dict[str, t.Any]
    rollout: Rollout
    positions: dict[str, str]


class RolloutFileLoader(FileLoader):
    """Reads one rollout file."""

    KIND = KIND
    EXAMPLE = "release: {...}"

    def load_rollout(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> LoadedRollout:
        """Return the rendered and validated file. Raise InvalidFile."""
        content = to_plain(self.load(templar, variables))
        return LoadedRollout(content, build_rollout(content), self._list_positions(content))

    def _find_mistakes(self, content: t.Any) -> list[Mistake]:
        return find_rollout_mistakes(content, self._broken)

    def _read_labels(self, content: t.Any) -> dict[Path, str]:
        labels: dict[Path, str] = {}
        metrics = content.get("metrics") if isinstance(content, dict) else None
        for index, metric in enumerate(metrics if isinstance(metrics, list) else []):
            if isinstance(metric, dict) and isinstance(metric.get("name"), str):
                labels["metrics", index] = metric["name"]
        return labels

    def _find_releases(self, content: t.Any) -> list[tuple[Path, dict[str, t.Any]]]:
        release = content.get("release")
        return [(("release",), release)] if isinstance(release, dict) else []

    def _complete(self, desired_state: dict[str, t.Any]) -> dict[str, t.Any]:
        return desired_state

    def _list_positions(self, content: t.Any) -> dict[str, str]:
        """Return the positions of all values that a check before the start can name."""
        paths: list[Path] = [(), *((key,) for key in content)]
        paths += [("traffic", key) for key in content["traffic"]]
        paths += [("metrics", index) for index in range(len(content.get("metrics") or ()))]
        paths += [
            ("release", "gray_deployments", index, "template")
            for index in range(len(content["release"].get("gray_deployments") or ()))
        ]
        return {format_path(path): self.locate(path) for path in paths}
