# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read the options of the agency that a task assumes. Requests then have the permissions of the agency, in the account that created it."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import (
    Setting,
    read_header_value,
    read_text,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

DEFAULT_DURATION = 3600
# IAM issues temporary keys for 15 minutes to 24 hours (API reference, "Obtaining a Temporary Access Key Through an Agency").
_MIN_DURATION, _MAX_DURATION = 900, 86400


class Agency(t.NamedTuple):
    """An agency, the account that created it (its name or its ID), and the life of the temporary keys in seconds."""

    name: str
    domain_name: t.Optional[str]
    domain_id: t.Optional[str]
    duration: int = DEFAULT_DURATION

    @property
    def label(self) -> str:
        """The agency and its account, for messages."""
        return f"agency '{self.name}' of account '{self.domain_name or self.domain_id}'"


def read_agency(name: Setting, domain_name: Setting, domain_id: Setting, duration: Setting) -> Agency:
    """Return the agency of four settings. Raise OptionError for a missing or an invalid setting.

    At least one of the first three settings must be set, and these three must come from one source.
    """
    present = next(setting for setting in (name, domain_name, domain_id) if setting.value)
    if not name.value:
        raise OptionError(f"{present.label} is set without agency_name")
    if not (domain_name.value or domain_id.value):
        raise OptionError(
            f"{name.label} is set without agency_domain_name (or agency_domain_id)",
            hint="Set one of them to the account that created the agency, in the same source",
        )
    return Agency(read_text(name) or "", read_text(domain_name), read_header_value(domain_id), _read_duration(duration))


def _read_duration(setting: Setting) -> int:
    if not setting.value:
        return DEFAULT_DURATION
    if not (setting.value.isascii() and setting.value.isdigit() and len(setting.value) < 10):
        raise OptionError(f"{setting.label} must be a number of seconds")
    if not _MIN_DURATION <= int(setting.value) <= _MAX_DURATION:
        raise OptionError(f"{setting.label} must be between {_MIN_DURATION} and {_MAX_DURATION} seconds")
    return int(setting.value)
