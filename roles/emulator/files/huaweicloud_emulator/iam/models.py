# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts, projects, users, keys and tokens."""

from __future__ import annotations

import hmac
import secrets
import typing as t

from huaweicloud_emulator.clock import format_iam_time
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


def add_user(emulator: EmulatorState, domain_id: str, fields: t.Mapping[str, t.Any]) -> Record:
    """Add or change the user ``name``. ``denied`` has patterns of IAM actions. Without ``projects``, all are allowed."""
    known = emulator.stores.users.find(name=fields["name"], domain_id=domain_id)
    base = (
        known[0]
        if known
        else {"id": new_id(), "password": new_secret(), "denied": [], "projects": None, "domain_id": domain_id}
    )
    changes = {
        name: fields[name] for name in ("id", "name", "password", "denied", "projects") if fields.get(name) is not None
    }
    record = dict(base, **changes)
    return emulator.stores.users.put(record["id"], record)


def add_key(emulator: EmulatorState, user_id: str, fields: t.Mapping[str, t.Any]) -> Record:
    """Add a key pair. With ``security_token`` (``true``: generate one) it is temporary, until ``expires_at``."""
    token = fields.get("security_token")
    record: Record = {
        "access": fields.get("access_key") or new_secret(20).upper(),
        "secret": fields.get("secret_key") or new_secret(40),
        "security_token": new_secret(120) if token is True else token or None,
        "expires_at": fields.get("expires_at"),
        "user_id": user_id,
        "failures": 0,
        "locked_until": 0,
    }
    return emulator.stores.keys.put(record["access"], record)


def get_main_project(emulator: EmulatorState) -> Record:
    return next(iter(emulator.stores.projects.records.values()))


def can_access_project(emulator: EmulatorState, caller: Identity, project_id: str) -> bool:
    """Return whether the project exists in the account of the caller and the caller has access."""
    project = emulator.stores.projects.get(project_id)
    allowed = emulator.stores.users.records[caller.user_id]["projects"]
    return (
        project is not None and project["domain_id"] == caller.domain_id and (allowed is None or project_id in allowed)
    )


def _by_id_or_name(records: t.Iterable[Record], reference: t.Mapping[str, t.Any]) -> Record | None:
    field = "id" if "id" in reference else "name"
    return next((record for record in records if record[field] == reference[field]), None)


def check_password(emulator: EmulatorState, fields: t.Mapping[str, t.Any]) -> Record:
    """Return the user. All wrong values result in the same error."""
    domains, users = emulator.stores.domains.records, emulator.stores.users.records
    user = users.get(fields.get("id", ""))
    if "id" not in fields:
        domain = _by_id_or_name(domains.values(), fields["domain"])
        user = _by_id_or_name(
            (candidate for candidate in users.values() if domain and candidate["domain_id"] == domain["id"]),
            {"name": fields["name"]},
        )
    if user is None or not hmac.compare_digest(user["password"].encode(), fields["password"].encode()):
        raise iam.service_error(401, "The username or password is wrong.")
    return user


def scope(
    emulator: EmulatorState, user: Record, reference: t.Mapping[str, t.Any]
) -> tuple[Record | None, Record | None]:
    """Return project and account of a token. The project takes precedence. Both can be ``None``."""
    if "project" in reference:
        projects = (
            project
            for project in emulator.stores.projects.records.values()
            if project["domain_id"] == user["domain_id"]
        )
        project = _by_id_or_name(projects, reference["project"])
        if project is None or (user["projects"] is not None and project["id"] not in user["projects"]):
            raise iam.service_error(
                401, f"Could not find project: {reference['project'].get('id') or reference['project'].get('name')}."
            )
        return project, None
    if "domain" in reference:
        domain = _by_id_or_name(emulator.stores.domains.records.values(), reference["domain"])
        if domain is None or domain["id"] != user["domain_id"]:
            raise iam.service_error(401, "Could not find domain.")
        return None, domain
    return None, None


def issue(
    emulator: EmulatorState, user: Record, project: Record | None, domain: Record | None, method: str = "password"
) -> tuple[str, Record]:
    """Return a new token and its record. ``method`` is how the caller proved its identity."""
    now = emulator.clock.now()
    token = f"MII{secrets.token_urlsafe(192)}"
    record = {
        "user_id": user["id"],
        "project_id": project["id"] if project else None,
        "domain_id": domain["id"] if domain else None,
        "method": method,
        "issued_at": now,
        "expires_at": now + emulator.behaviors["token_life"],
    }
    return token, emulator.stores.tokens.put(token, record)


def expire_tokens(emulator: EmulatorState) -> int:
    """Expire all tokens and return the number of those that were valid."""
    now = emulator.clock.now()
    valid = [name for name, token in emulator.stores.tokens.records.items() if token["expires_at"] > now]
    for name in valid:
        emulator.stores.tokens.put(name, dict(emulator.stores.tokens.records[name], expires_at=now))
    return len(valid)


def unlock_keys(emulator: EmulatorState) -> int:
    """Unlock all keys, reset their failures, and return the number of those that were locked."""
    now = emulator.clock.now()
    locked = [key for key in emulator.stores.keys.records.values() if key["locked_until"] > now]
    for access, key in list(emulator.stores.keys.records.items()):
        emulator.stores.keys.put(access, dict(key, failures=0, locked_until=0))
    return len(locked)


def render_token(emulator: EmulatorState, record: Record, catalog: bool) -> Record:
    """Return the body of a token response."""
    user = emulator.stores.users.records[record["user_id"]]
    domain = _reference(emulator.stores.domains.records[user["domain_id"]])
    token: Record = {
        "expires_at": format_iam_time(record["expires_at"]),
        "issued_at": format_iam_time(record["issued_at"]),
        "methods": [record.get("method", "password")],
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
    region = get_main_project(emulator)["name"]
    endpoint = {
        "id": f"{kind}-{region}",
        "interface": "public",
        "region": region,
        "region_id": region,
        "url": f"{emulator.url}{path}",
    }
    return {"id": kind, "name": kind, "type": kind, "endpoints": [endpoint]}


def render_project(emulator: EmulatorState, record: Record) -> Record:
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
