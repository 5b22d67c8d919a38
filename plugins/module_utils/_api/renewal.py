# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Renew tokens and temporary keys that are still valid. If this fails, use them until they expire.

A renewal before the expiration is not urgent. Therefore, it is a single attempt without retries, it does not wait for other processes, and it ends
early enough that the valid token can still be used.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.token_cache import Entry, TokenCache
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import AuthError, ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment

_MIN_INTERVAL = dt.timedelta(seconds=5)


def renew_once(
    client: Client,
    expires_at: str,
    create: t.Callable[[Client], Entry],
    find_cache: t.Callable[[Client], t.Optional[TokenCache]],
) -> Entry | dt.datetime | None:
    """Return a new entry, or when to try again, or ``None`` if the valid token or keys expire during the attempt.

    ``expires_at`` is their expiration. ``create`` and ``find_cache`` send their requests with a client that has half of the remaining life for all
    of them. If a renewal fails, print a warning, and record the failure in the cache, so that other processes do not repeat the renewal too early.
    If it is refused and the token or keys expire meanwhile, raise the error.
    """
    expiration = parse_moment(expires_at)
    if expiration is None or expiration <= client.now():
        return None
    once = client.once((expiration - client.now()).total_seconds() / 2)
    cache: TokenCache | None = None
    with contextlib.ExitStack() as stack:
        try:
            cache = _select_safe(find_cache(once))
            if cache is None:
                return create(once)
            is_locked = stack.enter_context(_try_lock(cache))
            found = _find_result(client, cache, expiration, is_locked=is_locked)
            return found or _replace(client, cache, create(once))
        except ServiceError as error:
            retry_at = _postpone(client, expiration, error)
            if cache is not None and retry_at is not None:
                cache.store_retry_time(retry_at)
            return retry_at


def _find_result(
    client: Client, cache: TokenCache, expiration: dt.datetime, *, is_locked: bool
) -> Entry | dt.datetime | None:
    """Return an entry that another process stored, or when to try again if another process creates one or failed to do so."""
    entry = cache.find_valid(client.now())
    if entry is not None and cache.is_fresh(entry, client.now()):
        return entry
    if not is_locked:
        return client.now() + _MIN_INTERVAL
    retry_at = cache.find_retry_time()
    return min(retry_at, expiration) if retry_at is not None and retry_at > client.now() else None


def _replace(client: Client, cache: TokenCache, entry: Entry) -> Entry:
    cache.store(entry, client.now())
    return entry


def _select_safe(cache: TokenCache | None) -> TokenCache | None:
    return cache if cache is not None and cache.is_safe() else None


@contextlib.contextmanager
def _try_lock(cache: TokenCache) -> t.Iterator[bool]:
    """Hold the lock of an entry, without waiting. Return false if another process holds it, and true if the file system has no locks."""
    with cache.open_lock() as descriptor:
        yield descriptor is None or _lock(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _postpone(client: Client, expiration: dt.datetime, error: ServiceError) -> dt.datetime | None:
    """Print a warning about a failed renewal, and return when to try again; ``None`` if the valid token or keys have expired."""
    now, is_refused = client.now(), error.kind == AuthError.kind
    if expiration <= now:
        if is_refused:
            raise error
        return None
    cause = str(error.replace(hint=None)).rstrip(".")
    client.warn(
        f"{client.redact(cause)}. "
        f"The previous token or temporary keys remain in use until they expire at {expiration:%Y-%m-%dT%H:%M:%SZ}."
    )
    # Do not repeat a refused login, because repeated failures can lock the user or the access key.
    return expiration if is_refused else min(expiration, now + max(_MIN_INTERVAL, (expiration - now) / 2))
