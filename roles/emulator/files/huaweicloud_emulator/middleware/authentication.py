# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls, by token or by signature, and for which project."""

from __future__ import annotations

import datetime
import hmac
import typing as t

from huaweicloud_emulator import signature
from huaweicloud_emulator.clock import iam_time
from huaweicloud_emulator.errors import Refusal, asm, gateway, modelarts
from huaweicloud_emulator.iam import models
from huaweicloud_emulator.messages import HttpRequest, HttpResponse, Identity
from huaweicloud_emulator.middleware.base import CallNext, Middleware

Key = t.Dict[str, t.Any]


class AuthenticationMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        if not call.operation.open:
            call.identity = self._identify(call)
            self._check_project(call)
        return await call_next(call)

    def _identify(self, call: HttpRequest) -> Identity:
        if call.auth_kind == "signature":
            return self._by_signature(call)
        if call.auth_kind == "token":
            return self._by_token(call)
        raise gateway.unauthenticated("x-auth-token not found")

    # -- tokens

    def _by_token(self, call: HttpRequest) -> Identity:
        token = self.emulator.stores.tokens.get(call.headers["x-auth-token"])
        if token is None:
            raise gateway.unauthenticated("decrypt token fail")
        if token["expires_at"] <= self.emulator.clock.now():
            raise gateway.unauthenticated(f"token expires, expires_at: {iam_time(token['expires_at'])}")
        return self._identity(token["user_id"], token["project_id"], "token")

    def _identity(self, user_id: str, project_id: str | None, kind: str) -> Identity:
        user = self.emulator.stores.users.get(user_id)
        if user is None:
            raise gateway.unauthenticated("user not found")
        return Identity(user["id"], user["name"], user["domain_id"], project_id, kind)

    # -- signatures

    def _by_signature(self, call: HttpRequest) -> Identity:
        given = signature.parse(call.headers["authorization"])
        if given is None:
            raise gateway.unauthenticated("authorization header format incorrect")
        key = self._key(given.access_key)
        self._check_date(call, given)
        self._check_security_token(call, key)
        self._check_signature(call, given, key)
        return self._identity(key["user_id"], self._signed_project(call), "signature")

    def _key(self, access_key: str) -> Key:
        key = self.emulator.stores.keys.get(access_key)
        if key is None:
            raise gateway.unauthenticated(f"Get secretKey failed,ak:{access_key},err:ak not exist")
        if key["locked_until"] > self.emulator.clock.now():
            raise gateway.unauthenticated(f"AK access failed to reach the limit,forbidden: {access_key}")
        if key["expires_at"] is not None and key["expires_at"] <= self.emulator.clock.now():
            raise gateway.unauthenticated("calc ak sk signature fail:signature expired")
        return key

    def _check_date(self, call: HttpRequest, given: signature.Authorization) -> None:
        """The date must be there, be signed and be about now."""
        text = call.headers.get("x-sdk-date", "").strip()
        if "x-sdk-date" not in given.signed or not text:
            raise gateway.unauthenticated("x-sdk-date not found in the signed headers")
        try:
            date = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise gateway.unauthenticated("x-sdk-date format incorrect") from None
        if abs(date.timestamp() - self.emulator.clock.now()) > self.emulator.behaviors["clock_skew"]:
            raise gateway.unauthenticated("calc ak sk signature fail:signature expired")

    @staticmethod
    def _check_security_token(call: HttpRequest, key: Key) -> None:
        """Temporary keys come with their token; a permanent key with a token is a mix of two sources."""
        sent = call.headers.get("x-security-token", "").strip()
        if sent.encode() != (key["security_token"] or "").encode():
            raise gateway.unauthenticated("x-security-token not found" if not sent else "x-security-token invalid")

    def _check_signature(self, call: HttpRequest, given: signature.Authorization, key: Key) -> None:
        canonical = signature.canonical_request(
            call.method, call.path, call.query_string, call.headers, given.signed, call.body
        )
        wanted = signature.sign(key["secret"], call.headers["x-sdk-date"].strip(), canonical)
        if hmac.compare_digest(wanted, given.signature):
            self._forgive(given.access_key, key)
            return
        self._count(given.access_key, key)
        # The gateway repeats the canonical request it computed, with bars for line feeds.
        shown = canonical.replace("\n", "|").encode("utf-8", "replace").decode()
        raise gateway.unauthenticated(f"verify aksk signature fail, canonicalRequest:{shown}")

    def _forgive(self, access_key: str, key: Key) -> None:
        if key["failures"]:
            self.emulator.stores.keys.put(access_key, dict(key, failures=0))

    def _count(self, access_key: str, key: Key) -> None:
        """More than so many failures in a row lock the key for a while."""
        failures = key["failures"] + 1
        changed = dict(key, failures=failures)
        if failures > self.emulator.behaviors["key_lock_failures"]:
            changed.update(
                failures=0, locked_until=self.emulator.clock.now() + self.emulator.behaviors["key_lock_seconds"]
            )
        self.emulator.stores.keys.put(access_key, changed)
        self.emulator.save()

    def _signed_project(self, call: HttpRequest) -> str | None:
        """Keys have no project of their own: the header says it, else the path, else it is the main project of the account."""
        if call.operation.service == "iam":
            return None
        sent = call.headers.get("x-project-id", "").strip()
        if not sent and self.emulator.behaviors["project_header"] == "required":
            raise gateway.unauthenticated("x-project-id not found")
        return sent or call.path_values.get("project_id") or models.main_project(self.emulator)["id"]

    # -- projects

    def _check_project(self, call: HttpRequest) -> None:
        """Header, path and credentials must mean one project, and one the caller can reach."""
        if call.operation.service == "iam":
            return
        who = call.who
        if who.project_id is None:
            raise _no_project(call.operation.service)
        named = {
            who.project_id,
            call.headers.get("x-project-id", "").strip(),
            call.path_values.get("project_id", ""),
        } - {""}
        if len(named) > 1 or not models.reaches(self.emulator, who, who.project_id):
            raise _foreign_project(call.operation.service)


def _no_project(service: str) -> Refusal:
    if service == "modelarts":
        return modelarts.refused(401, "0207", "The token has no project. Use a token with the scope of a project.")
    return asm.refused(401, "The token has no project.")


def _foreign_project(service: str) -> Refusal:
    if service == "modelarts":
        return modelarts.refused(403, "0210", "The project of the request and that of the credentials differ.")
    return asm.refused(403, "The project of the request and that of the credentials differ.")
