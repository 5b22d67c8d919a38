# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create workspaces with requests and a thread pool alone. The bench compares ``apply`` with this script.

It reads the list once and signs each POST, as ``apply`` does. It has no retries, no comparison and no verification.
The environment variables name the service and the credentials. Prints the seconds from the list to the last response as JSON.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import datetime
import json
import os
import sys
import threading
import time
import typing as t

import requests
from ansible_collections.community.huaweicloud.plugins.module_utils._http.signing import sign

_local = threading.local()


def send(method: str, url: str, body: dict[str, t.Any] | None = None) -> requests.Response:
    """Send one signed request on the connection of this thread. Raise requests.HTTPError if the service refuses it."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False
    data = json.dumps(body).encode() if body is not None else None
    headers = {"X-Project-Id": os.environ["HW_PROJECT_ID"], "Content-Type": "application/json"}
    keys = os.environ["HW_ACCESS_KEY"], os.environ["HW_SECRET_KEY"]
    headers.update(sign(method, url, headers, data, *keys, datetime.datetime.now(datetime.timezone.utc)))
    response = _local.session.request(method, url, data=data, headers=headers, timeout=30)
    response.raise_for_status()
    return response


def create(names: t.Sequence[str], parallel: int) -> int:
    """Create the workspaces that the list does not contain. Return their number."""
    url = f"{os.environ['HW_MODELARTS_ENDPOINT']}/v1/{os.environ['HW_PROJECT_ID']}/workspaces"
    found = send("GET", f"{url}?limit=1000").json()["workspaces"]
    missing = sorted(set(names) - {workspace["name"] for workspace in found})
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        for future in [pool.submit(send, "POST", url, {"name": name, "description": "Bench"}) for name in missing]:
            future.result()
    return len(missing)


def main() -> int:
    parser = argparse.ArgumentParser(description="Create workspaces without Ansible.")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=8)
    options = parser.parse_args()
    started = time.monotonic()
    created = create([f"ws-{number:05d}" for number in range(1, options.count + 1)], options.parallel)
    print(json.dumps({"created": created, "seconds": time.monotonic() - started}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
