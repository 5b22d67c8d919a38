# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""One request of a probe, as plain data."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Operation

PROJECT = "{project_id}"


@dataclasses.dataclass(frozen=True)
class ProbeRequest:
    """A request and its purpose. ``path`` and ``query`` are those of the API reference."""

    purpose: str
    service: str
    method: str
    path: str
    query: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    body: t.Any = None
    # Some probes compare a request with and without one of these headers.
    send_project: bool = True
    send_content_type: bool = True

    @property
    def writes(self) -> bool:
        """Whether the request can change a resource."""
        return self.method != "GET"

    def to_operation(self, project_id: str) -> Operation:
        """Return the operation for the HTTP client, with the ID of the project in its path."""
        return Operation(
            self.purpose,
            self.method,
            self.service,
            tuple(project_id if part == PROJECT else part for part in self.path.split("/")),
            query=tuple((name, str(value)) for name, value in self.query.items()),
            body=self.body,
            in_project=self.send_project,
            with_content_type=self.send_content_type,
        )
