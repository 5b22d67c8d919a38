# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The holder of a rollout: a Lease of the Kubernetes API for the Service.

The clocks of two machines are never compared. A run takes a Lease over only after it has seen no renewal for the duration of the Lease, measured
with its own clock (API reference, Lease v1 coordination.k8s.io: ``leaseDurationSeconds`` is "measured against the time of last observed renewTime").
"""

from __future__ import annotations

import datetime as dt
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import LEASE, Cluster, Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError

_PREFIX = "huaweicloud-canary-"
# Names of objects have at most 253 characters (Kubernetes, "Object Names and IDs"), and names of Services 63.
_SEPARATOR = " "


class LeaseHeldError(HuaweiCloudError):
    """Another run holds the rollout."""

    kind = "lease_held"


class RolloutLease:
    """The Lease of one Service, for one run. All methods raise ClusterError if a request fails."""

    def __init__(
        self, cluster: Cluster, namespace: str, service: str, run: str, host: str, duration: float, clock: Clock
    ) -> None:
        """Prepare the Lease. ``run`` identifies the run, ``host`` is shown to others, and ``duration`` is in seconds."""
        self._cluster = cluster
        self._namespace = namespace
        self._service = f"{namespace}/{service}"
        self._name = f"{_PREFIX}{service}"
        self._run = run
        self._holder = f"{run}{_SEPARATOR}{host}"
        self._duration = math.ceil(duration)
        self._clock = clock
        self._renewed_at = math.inf

    def acquire(self, poll_interval: float, max_wait: float = 0.0) -> None:
        """Become the holder.

        Take the Lease over if its holder does not renew it for its duration. If the holder renews it, raise LeaseHeldError; with ``max_wait``
        in seconds, wait that long for the holder to give it up.
        """
        start = self._clock.monotonic()
        seen, seen_at = self._read(), start
        while not self._is_free(seen):
            self._wait(poll_interval, seen)
            current, now = self._read(), self._clock.monotonic()
            if _renewal(current) != _renewal(seen):
                if not self._is_free(current) and now - start >= max_wait:
                    raise self._held_error(current)
                seen, seen_at = current, now
            elif now - seen_at >= _duration(seen, self._duration):
                break
        self._take(seen)

    def renew(self) -> None:
        """Renew the Lease. Raise LeaseHeldError if this run does not hold it any more."""
        found = self._read()
        if found is None or get_holder(found) != self._holder:
            raise self._held_error(found)
        self._take(found)

    def deadline(self) -> Deadline:
        """Return when the Lease expires unless it is renewed. From then on, another run can take it over, so this run must not send a write request."""
        return Deadline(self._clock, self._renewed_at + self._duration)

    def release(self) -> None:
        """Give the Lease up, so that the next run need not wait. Does nothing if this run does not hold it."""
        found = self._read()
        if found is not None and get_holder(found) == self._holder:
            self._write({**found, "spec": {**found["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}}, found)

    def _is_free(self, found: Object | None) -> bool:
        return found is None or get_holder(found) in ("", self._holder)

    def _wait(self, poll_interval: float, found: Object | None) -> None:
        self._clock.sleep(min(poll_interval, _duration(found, self._duration)))

    def _read(self) -> Object | None:
        return self._cluster.get(LEASE, self._namespace, self._name)

    def _take(self, found: Object | None) -> None:
        # Nobody else can see the renewal before this moment.
        started = self._clock.monotonic()
        spec = dict((found or {}).get("spec") or {})
        if spec.get("holderIdentity") != self._holder:
            spec["acquireTime"] = self._now()
            spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + (1 if found else 0)
        spec.update(holderIdentity=self._holder, leaseDurationSeconds=self._duration, renewTime=self._now())
        self._write(
            {**(found or {"metadata": {"name": self._name, "namespace": self._namespace}}), "spec": spec}, found
        )
        self._renewed_at = started

    def _write(self, body: Object, found: Object | None) -> None:
        try:
            if found is None:
                self._cluster.create(LEASE, self._namespace, body)
            else:
                self._cluster.replace(LEASE, self._namespace, self._name, body)
        except ClusterError as error:
            if error.kind != errors.CONFLICT:
                raise
            raise self._held_error(self._read()) from None

    def _held_error(self, found: Object | None) -> LeaseHeldError:
        holder = get_holder(found)
        name = f": {holder}" if holder else ""
        return LeaseHeldError(
            f"Another run controls the rollout of Service '{self._service}'{name}.",
            hint=f"Wait until that run has ended. If it was killed, rerun the task: after {self._duration} s, it takes over Lease '{self._name}'.",
        )

    def _now(self) -> str:
        moment = self._cluster.server_time or dt.datetime.now(dt.timezone.utc)
        return moment.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def get_holder(found: Object | None) -> str:
    """Return the holder of a Lease, or an empty text."""
    return str(((found or {}).get("spec") or {}).get("holderIdentity") or "")


def _renewal(found: Object | None) -> t.Any:
    """Return what changes with each renewal."""
    metadata = (found or {}).get("metadata") or {}
    return get_holder(found), metadata.get("resourceVersion")


def _duration(found: Object | None, default: int) -> float:
    seconds = ((found or {}).get("spec") or {}).get("leaseDurationSeconds")
    return float(seconds) if isinstance(seconds, int) and seconds > 0 else float(default)
