# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agencies, the temporary keys of agencies and callers, and the metadata service of a server."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.clock import format_iam_time
from huaweicloud_emulator.errors import iam
from huaweicloud_emulator.iam import models
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.state import new_id, new_secret

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

_DEFAULT_LIFE = 900
# The vendor's SDK recognizes these words.
_NO_AGENCY = "Please configure Cloud Service Agency first"


def add_agency(
    emulator: EmulatorState, domain_id: str, trusted_domain_id: str, fields: t.Mapping[str, t.Any]
) -> Record:
    """Add an agency to an account. Requests with its keys act as a separate user with its permissions."""
    user = models.add_user(emulator, domain_id, dict(fields, name=f"agency/{fields['name']}"))
    record = {
        "id": new_id(),
        "name": fields["name"],
        "domain_id": domain_id,
        "trusted_domain_id": trusted_domain_id,
        "user_id": user["id"],
    }
    return emulator.stores.agencies.put(record["id"], record)


def assume(emulator: EmulatorState, caller_domain_id: str, role: t.Mapping[str, t.Any]) -> Record:
    """Return the user of an agency. Raises an error of IAM if it does not exist or does not trust the account of the caller."""
    name = role.get("agency_name") or role["xrole_name"]
    domains = emulator.stores.domains.records
    domain = (
        domains.get(role["domain_id"])
        if "domain_id" in role
        else next((record for record in domains.values() if record["name"] == role["domain_name"]), None)
    )
    found = emulator.stores.agencies.find(name=name, domain_id=domain["id"]) if domain else []
    if not found:
        raise iam.service_error(404, f"Could not find agency: {name}.")
    if found[0]["trusted_domain_id"] != caller_domain_id:
        raise iam.service_error(403, "You are not authorized to perform the requested action: assume_role.")
    return emulator.stores.users.records[found[0]["user_id"]]


def create_temporary_key(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """Issue keys of an agency, or of the caller."""
    _check_domain_header(emulator, request)
    identity = request.content["auth"]["identity"]
    if "assume_role" in identity["methods"] and "assume_role" in identity:
        role = identity["assume_role"]
        user_id = assume(emulator, request.caller.domain_id, role)["id"]
    else:
        role, user_id = identity.get("token", {}), request.caller.user_id
    return HttpResponse(201, _issue(emulator, user_id, role.get("duration_seconds", _DEFAULT_LIFE)))


def _check_domain_header(emulator: EmulatorState, request: HttpRequest) -> None:
    if request.auth_method != "signature":
        return
    sent = request.headers.get("x-domain-id", "").strip()
    if not sent and emulator.behaviors["domain_header"] == "required":
        raise iam.service_error(400, "X-Domain-Id is required.")
    if sent and sent != request.caller.domain_id:
        raise iam.service_error(403, "X-Domain-Id is not the account of the caller.")


def _issue(emulator: EmulatorState, user_id: str, life: float) -> Record:
    expires_at = emulator.clock.now() + life
    key = models.add_key(emulator, user_id, {"security_token": True, "expires_at": expires_at})
    credential = {
        "access": key["access"],
        "secret": key["secret"],
        "securitytoken": key["security_token"],
        "expires_at": format_iam_time(expires_at),
    }
    return {"credential": credential}


def expire(emulator: EmulatorState) -> int:
    """Expire all temporary keys and return the number of those that were valid."""
    now = emulator.clock.now()
    valid = [
        access
        for access, key in emulator.stores.keys.records.items()
        if key["expires_at"] is not None and key["expires_at"] > now
    ]
    for access in valid:
        emulator.stores.keys.put(access, dict(emulator.stores.keys.records[access], expires_at=now))
    return len(valid)


def create_metadata_token(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """Issue a session token of the metadata service."""
    if emulator.behaviors["metadata_sessions"] == "unsupported":
        raise iam.service_error(404, "Not Found")
    token = new_secret(64)
    life = int(request.headers["x-metadata-token-ttl-seconds"])
    emulator.stores.metadata_tokens.put(token, {"expires_at": emulator.clock.now() + life})
    return HttpResponse(200, raw=token.encode(), media_type="text/plain")


def show_security_key(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """Issue keys of the agency of the server, which acts as the main user."""
    token = request.headers.get("x-metadata-token", "")
    session = emulator.stores.metadata_tokens.get(token)
    is_expired = token and (session is None or session["expires_at"] <= emulator.clock.now())
    if is_expired or (not token and emulator.behaviors["metadata_sessions"] == "required"):
        raise iam.service_error(401, "Unauthorized")
    if emulator.behaviors["metadata_agency"] == "no":
        raise iam.service_error(401, _NO_AGENCY)
    user_id = emulator.stores.settings.records["credentials"]["user_id"]
    return HttpResponse(200, _issue(emulator, user_id, emulator.behaviors["metadata_key_life"]))


HANDLERS = {
    "CreateTemporaryAccessKey": create_temporary_key,
    "CreateMetadataToken": create_metadata_token,
    "ShowSecurityKey": show_security_key,
}
