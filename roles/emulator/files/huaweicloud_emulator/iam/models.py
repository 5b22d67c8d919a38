# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts, projects, users, keys and tokens."""

from __future__ import annotations

import hmac
import secrets
import typing as t

from huaweicloud_emulator.clock import iam_time
from huaweicloud_emulator.errors import iam
from huaweicloud_emulator.messages import Identity
from huaweicloud_emulator.state import new_id, new_secret

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def add_domain(emulator: EmulatorState, name: str, domain_id: str | None = None) -> Record:
    record = {"id": domain_id or new_id(), "name": name}
    return emulator.stores.domains.put(record["id"], record)


def add_project(emulator: EmulatorState, domain_id: str, name: str, project_id: str | None = None) -> Record:
    record = {"id": project_id or new_id(), "name": name, "domain_id": domain_id}
    return emulator.stores.projects.put(record["id"], record)


def add_user(emulator: EmulatorState, domain_id: str, given: t.Mapping[str, t.Any]) -> Record:
    """``given`` has a name; id, password, denied (patterns of IAM actions) and projects (ids, unset: all) are optional."""
    known = emulator.stores.users.find(name=given["name"], domain_id=domain_id)
    base = (
        known[0]
        if known
        else {"id": new_id(), "password": new_secret(), "denied": [], "projects": None, "domain_id": domain_id}
    )
    wanted = {
        name: given[name] for name in ("id", "name", "password", "denied", "projects") if given.get(name) is not None
    }
    record = dict(base, **wanted)
    return emulator.stores.users.put(record["id"], record)


def add_key(emulator: EmulatorState, user_id: str, given: t.Mapping[str, t.Any]) -> Record:
    """A key pair; with ``security_token`` (``true``: make one) it is temporary, ``expires_at`` in seconds since the epoch."""
    token = given.get("security_token")
    record: Record = {
        "access": given.get("access_key") or new_secret(20).upper(),
        "secret": given.get("secret_key") or new_secret(40),
        "security_token": new_secret(120) if token is True else token or None,
        "expires_at": given.get("expires_at"),
        "user_id": user_id,
        "failures": 0,
        "locked_until": 0,
    }
    return emulator.stores.keys.put(record["access"], record)


def main_project(emulator: EmulatorState) -> Record:
    return next(iter(emulator.stores.projects.records.values()))


def reaches(emulator: EmulatorState, who: Identity, project_id: str) -> bool:
    """Whether the project exists in the caller's account and the caller may use it."""
    project = emulator.stores.projects.get(project_id)
    allowed = emulator.stores.users.records[who.user_id]["projects"]
    return project is not None and project["domain_id"] == who.domain_id and (allowed is None or project_id in allowed)


def _by_id_or_name(records: t.Iterable[Record], wanted: t.Mapping[str, t.Any]) -> Record | None:
    field = "id" if "id" in wanted else "name"
    return next((record for record in records if record[field] == wanted[field]), None)


def log_in(emulator: EmulatorState, given: t.Mapping[str, t.Any]) -> Record:
    """The user with that name and password; every mistake gets the same words."""
    domains, users = emulator.stores.domains.records, emulator.stores.users.records
    user = users.get(given.get("id", ""))
    if "id" not in given:
        domain = _by_id_or_name(domains.values(), given["domain"])
        user = _by_id_or_name(
            (one for one in users.values() if domain and one["domain_id"] == domain["id"]), {"name": given["name"]}
        )
    if user is None or not hmac.compare_digest(user["password"].encode(), given["password"].encode()):
        raise iam.refused(401, "The username or password is wrong.")
    return user


def scope(emulator: EmulatorState, user: Record, wanted: t.Mapping[str, t.Any]) -> tuple[Record | None, Record | None]:
    """Project and account of the token; the project wins over the account, none is a token for no project."""
    if "project" in wanted:
        mine = (
            project
            for project in emulator.stores.projects.records.values()
            if project["domain_id"] == user["domain_id"]
        )
        project = _by_id_or_name(mine, wanted["project"])
        if project is None or (user["projects"] is not None and project["id"] not in user["projects"]):
            raise iam.refused(
                401, f"Could not find project: {wanted['project'].get('id') or wanted['project'].get('name')}."
            )
        return project, None
    if "domain" in wanted:
        domain = _by_id_or_name(emulator.stores.domains.records.values(), wanted["domain"])
        if domain is None or domain["id"] != user["domain_id"]:
            raise iam.refused(401, "Could not find domain.")
        return None, domain
    return None, None


def issue(emulator: EmulatorState, user: Record, project: Record | None, domain: Record | None) -> tuple[str, Record]:
    """A new token and its record."""
    now = emulator.clock.now()
    token = f"MII{secrets.token_urlsafe(192)}"
    record = {
        "user_id": user["id"],
        "project_id": project["id"] if project else None,
        "domain_id": domain["id"] if domain else None,
        "issued_at": now,
        "expires_at": now + emulator.behaviors["token_lifetime"],
    }
    return token, emulator.stores.tokens.put(token, record)


def expire_all(emulator: EmulatorState) -> int:
    """Ends every token; how many were alive."""
    now = emulator.clock.now()
    alive = [name for name, token in emulator.stores.tokens.records.items() if token["expires_at"] > now]
    for name in alive:
        emulator.stores.tokens.put(name, dict(emulator.stores.tokens.records[name], expires_at=now))
    return len(alive)


def unlock_all(emulator: EmulatorState) -> int:
    """Unlocks every key and forgets its failures; how many were locked."""
    now = emulator.clock.now()
    locked = [key for key in emulator.stores.keys.records.values() if key["locked_until"] > now]
    for access, key in list(emulator.stores.keys.records.items()):
        emulator.stores.keys.put(access, dict(key, failures=0, locked_until=0))
    return len(locked)


def token_view(emulator: EmulatorState, record: Record, catalog: bool) -> Record:
    """The body of a token answer."""
    user = emulator.stores.users.records[record["user_id"]]
    domain = _reference(emulator.stores.domains.records[user["domain_id"]])
    token: Record = {
        "expires_at": iam_time(record["expires_at"]),
        "issued_at": iam_time(record["issued_at"]),
        "methods": ["password"],
        "user": {"id": user["id"], "name": user["name"], "domain": domain, "password_expires_at": ""},
        "roles": [{"id": "0", "name": "te_admin"}],
    }
    if record["project_id"]:
        token["project"] = dict(_reference(emulator.stores.projects.records[record["project_id"]]), domain=domain)
    if record["domain_id"]:
        token["domain"] = _reference(emulator.stores.domains.records[record["domain_id"]])
    if catalog:
        token["catalog"] = [
            _catalog_entry(emulator, kind, path) for kind, path in (("iam", "/v3"), ("asm", ""), ("modelarts", ""))
        ]
    return {"token": token}


def _reference(record: Record) -> Record:
    return {"id": record["id"], "name": record["name"]}


def _catalog_entry(emulator: EmulatorState, kind: str, path: str) -> Record:
    region = main_project(emulator)["name"]
    endpoint = {
        "id": f"{kind}-{region}",
        "interface": "public",
        "region": region,
        "region_id": region,
        "url": f"{emulator.url}{path}",
    }
    return {"id": kind, "name": kind, "type": kind, "endpoints": [endpoint]}


def project_view(emulator: EmulatorState, record: Record) -> Record:
    return {
        "id": record["id"],
        "name": record["name"],
        "domain_id": record["domain_id"],
        "parent_id": record["domain_id"],
        "description": "",
        "enabled": True,
        "is_domain": False,
        "links": {"self": f"{emulator.url}/v3/projects/{record['id']}"},
    }
