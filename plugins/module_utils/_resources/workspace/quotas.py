# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Quotas of a workspace: a number for each resource within the limits of the service. -1 means unlimited."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import validate_request_body
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Difference
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.checks import check_all
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_time

KEY: t.Final = "quotas"
_ZERO_HINT = "The service does not allow a quota of 0. Set -1 for unlimited."

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import QuotaResult

# A quota of options or of the service.
Quota = t.Mapping[str, t.Any]


def check(desired: t.Sequence[Quota]) -> None:
    """Raise OptionError for quotas that are invalid whatever the limits of the service are."""
    check_all(lambda: _check_values(desired), lambda: _check_resources(desired), lambda: _check_unique(desired))


def _check_values(desired: t.Sequence[Quota]) -> None:
    # "N positive or -1": the schema cannot explain why 0 is invalid, and what to write instead.
    wrong = [
        (index, quota["quota"]) for index, quota in enumerate(desired) if quota["quota"] < -1 or quota["quota"] == 0
    ]
    if wrong:
        text = "; ".join(
            f"quotas[{index}].quota must be a positive number, or -1 for unlimited, not {value}"
            for index, value in wrong
        )
        raise OptionError(
            f"Invalid options: {text}.", hint=_ZERO_HINT if any(value == 0 for _index, value in wrong) else None
        )


def _check_resources(desired: t.Sequence[Quota]) -> None:
    if desired:
        validate_request_body(
            shapes.QUOTAS_TO_UPDATE,
            {KEY: [{"resource": quota["resource"], "quota": -1} for quota in desired]},
            {},
        )


def _check_unique(desired: t.Sequence[Quota]) -> None:
    resources = [quota["resource"] for quota in desired]
    duplicates = sorted({resource for resource in resources if resources.count(resource) > 1})
    if duplicates:
        raise OptionError(f"Invalid options: quotas names {', '.join(duplicates)} more than once.")


def check_limits(desired: t.Sequence[Quota], actual: t.Sequence[Quota]) -> None:
    """Raise OptionError for resources that the workspace does not have, and for quotas outside of the limits that the service names."""
    known = {quota["resource"]: quota for quota in actual}
    check_all(*(functools.partial(_check_limits, index, quota, known) for index, quota in enumerate(desired)))


def _check_limits(index: int, quota: Quota, known: t.Mapping[str, Quota]) -> None:
    limits = known.get(quota["resource"])
    if limits is None:
        raise OptionError(
            f"Invalid options: quotas[{index}].resource '{quota['resource']}' is not a quota of the workspace.",
            hint=f"Its quotas are: {', '.join(sorted(known)) or 'none'}.",
        )
    low, high = limits.get("min_quota"), limits.get("max_quota")
    # -1 means unlimited, for the limit as for the quota.
    high = None if high == -1 else high
    below = low is not None and quota["quota"] < low
    above = high is not None and quota["quota"] > high
    if below or above:
        what = f"quotas[{index}].quota of '{quota['resource']}'"
        raise OptionError(
            f"Invalid options: {what} is {quota['quota']}, and must be {_format_limits(low, high, limits)}."
        )


def _format_limits(low: int | None, high: int | None, limits: Quota) -> str:
    unit = f" (unit: {limits['unit_en']})" if limits.get("unit_en") else ""
    # The service documents only positive quotas and -1, although the range may contain 0.
    unlimited = "-1 for unlimited or " if low == -1 else ""
    low = 1 if low in (-1, 0) else low
    if low is None:
        return f"at most {high}{unit}"
    return unlimited + (f"at least {low}{unit}" if high is None else f"from {low} to {high}{unit}")


def field_name(quota: Quota) -> str:
    """Return the field of a difference in this quota."""
    return f"{KEY}.{quota['resource']}"


def differences(desired: t.Sequence[Quota], actual: t.Sequence[Quota]) -> list[Difference]:
    """Return the differences in the quotas that the task sets."""
    present = {quota["resource"]: quota["quota"] for quota in actual}
    return [
        Difference(field_name(quota), present.get(quota["resource"]), quota["quota"], True)
        for quota in desired
        if present.get(quota["resource"]) != quota["quota"]
    ]


def to_request(changes: t.Sequence[Difference]) -> dict[str, t.Any]:
    """Return the request body that sets only the quotas that differ."""
    return {KEY: [{"resource": change.field[len(KEY) + 1 :], "quota": change.desired} for change in changes]}


def to_result(quotas: t.Sequence[Quota]) -> list[QuotaResult]:
    """Return the quotas in the shape of results, sorted by resource."""
    found: list[QuotaResult] = [
        {
            "resource": quota["resource"],
            "quota": quota["quota"],
            "min_quota": quota.get("min_quota"),
            "max_quota": quota.get("max_quota"),
            "used_quota": quota.get("used_quota"),
            "name_en": quota.get("name_en"),
            "name_cn": quota.get("name_cn"),
            "unit_en": quota.get("unit_en"),
            "unit_cn": quota.get("unit_cn"),
            "updated_at": format_time(quota.get("update_time")),
        }
        for quota in quotas
    ]
    return sorted(found, key=lambda quota: quota["resource"])


def unused(quotas: t.Sequence[Quota]) -> list[dict[str, t.Any]]:
    """Return the quotas of a new workspace. Their usage and their time of update are unknown."""
    return [dict(quota, used_quota=None, update_time=None) for quota in quotas]


def preview(desired: t.Sequence[Quota], actual: t.Sequence[Quota]) -> list[QuotaResult]:
    """Return the quotas after the change: the actual ones with the desired values."""
    known: dict[str, dict[str, t.Any]] = {quota["resource"]: dict(quota) for quota in actual}
    for quota in desired:
        known[quota["resource"]] = dict(
            known.get(quota["resource"], {}), resource=quota["resource"], quota=quota["quota"]
        )
    return to_result(list(known.values()))
