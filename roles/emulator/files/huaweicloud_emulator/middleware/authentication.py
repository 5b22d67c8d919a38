# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authenticate the caller by token or signature, and check the project."""

from __future__ import annotations

import datetime
import hmac
import typing as t

from huaweicloud_emulator import signature
from huaweicloud_emulator.clock import format_iam_time
from huaweicloud_emulator.errors import ServiceError, asm, gateway, modelarts
from huaweicloud_emulator.iam import models
from huaweicloud_emulator.messages import HttpRequest, HttpResponse, Identity
from huaweicloud_emulator.middleware.base import CallNext, Middleware

Key = t.Dict[str, t.Any]


class AuthenticationMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        if not request.operation.open:
            request.identity = self._identify(request)
            self._check_project(request)
        return await call_next(request)

    def _identify(self, request: HttpRequest) -> Identity:
        if request.auth_method == "signature":
            return self._authenticate_signature(request)
        if request.auth_method == "token":
            return self._authenticate_token(request)
        raise gateway.unauthenticated("x-auth-token not found")

    # -- tokens

    def _authenticate_token(self, request: HttpRequest) -> Identity:
        token = self.emulator.stores.tokens.get(request.headers["x-auth-token"])
        if token is None:
            raise gateway.unauthenticated("decrypt token fail")
        if token["expires_at"] <= self.emulator.clock.now():
            raise gateway.unauthenticated(f"token expires, expires_at: {format_iam_time(token['expires_at'])}")
        return self._build_identity(token["user_id"], token["project_id"], "token")

    def _build_identity(self, user_id: str, project_id: str | None, kind: str) -> Identity:
        user = self.emulator.stores.users.get(user_id)
        if user is None:
            raise gateway.unauthenticated("user not found")
        return Identity(user["id"], user["name"], user["domain_id"], project_id, kind)

    # -- signatures

    def _authenticate_signature(self, request: HttpRequest) -> Identity:
        authorization = signature.parse_authorization(request.headers["authorization"])
        if authorization is None:
            raise gateway.unauthenticated("authorization header format incorrect")
        key = self._key(authorization.access_key)
        self._check_date(request, authorization)
        self._check_security_token(request, key)
        self._check_signature(request, authorization, key)
        return self._build_identity(key["user_id"], self._find_project(request), "signature")

    def _key(self, access_key: str) -> Key:
        key = self.emulator.stores.keys.get(access_key)
        if key is None:
            raise gateway.unauthenticated(f"Get secretKey failed,ak:{access_key},err:ak not exist")
        if key["locked_until"] > self.emulator.clock.now():
            raise gateway.unauthenticated(f"AK access failed to reach the limit,forbidden: {access_key}")
        if key["expires_at"] is not None and key["expires_at"] <= self.emulator.clock.now():
            raise gateway.unauthenticated("calc ak sk signature fail:signature expired")
        return key

    def _check_date(self, request: HttpRequest, authorization: signature.Authorization) -> None:
        """Check that the date is present, signed and close to the current time."""
        text = request.headers.get("x-sdk-date", "").strip()
        if "x-sdk-date" not in authorization.signed or not text:
            raise gateway.unauthenticated("x-sdk-date not found in the signed headers")
        try:
            date = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise gateway.unauthenticated("x-sdk-date format incorrect") from None
        if abs(date.timestamp() - self.emulator.clock.now()) > self.emulator.behaviors["clock_skew"]:
            raise gateway.unauthenticated("calc ak sk signature fail:signature expired")

    @staticmethod
    def _check_security_token(request: HttpRequest, key: Key) -> None:
        """Check the security token, which temporary keys need and permanent keys must not have."""
        sent = request.headers.get("x-security-token", "").strip()
        if sent.encode() != (key["security_token"] or "").encode():
            raise gateway.unauthenticated("x-security-token not found" if not sent else "x-security-token invalid")

    def _check_signature(self, request: HttpRequest, authorization: signature.Authorization, key: Key) -> None:
        canonical = signature.build_canonical_request(
            request.method, request.path, request.query_string, request.headers, authorization.signed, request.body
        )
        expected = signature.sign(key["secret"], request.headers["x-sdk-date"].strip(), canonical)
        if hmac.compare_digest(expected, authorization.signature):
            self._reset_failures(authorization.access_key, key)
            return
        self._count_failure(authorization.access_key, key)
        # The gateway returns the canonical request that it computed, with bars instead of line feeds.
        canonical_text = canonical.replace("\n", "|").encode("utf-8", "replace").decode()
        raise gateway.unauthenticated(f"verify aksk signature fail, canonicalRequest:{canonical_text}")

    def _reset_failures(self, access_key: str, key: Key) -> None:
        if key["failures"]:
            self.emulator.stores.keys.put(access_key, dict(key, failures=0))

    def _count_failure(self, access_key: str, key: Key) -> None:
        """Count a failure. Too many consecutive failures lock the key for some time."""
        failures = key["failures"] + 1
        changed = dict(key, failures=failures)
        if failures > self.emulator.behaviors["key_lock_failures"]:
            changed.update(
                failures=0, locked_until=self.emulator.clock.now() + self.emulator.behaviors["key_lock_seconds"]
            )
        self.emulator.stores.keys.put(access_key, changed)
        self.emulator.save()

    def _find_project(self, request: HttpRequest) -> str | None:
        """Return the project from the header, else from the path, else the main project, because keys have no project."""
        if request.operation.service == "iam":
            return None
        sent = request.headers.get("x-project-id", "").strip()
        if not sent and self.emulator.behaviors["project_header"] == "required":
            raise gateway.unauthenticated("x-project-id not found")
        return sent or request.path_values.get("project_id") or models.get_main_project(self.emulator)["id"]

    # -- projects

    def _check_project(self, request: HttpRequest) -> None:
        """Check that header, path and credentials refer to one project, which the caller can access."""
        if request.operation.service == "iam":
            return
        caller = request.caller
        if caller.project_id is None:
            raise _project_required(request.operation.service)
        find_by_name = {
            caller.project_id,
            request.headers.get("x-project-id", "").strip(),
            request.path_values.get("project_id", ""),
        } - {""}
        if len(find_by_name) > 1 or not models.can_access_project(self.emulator, caller, caller.project_id):
            raise _project_mismatch(request.operation.service)


def _project_required(service: str) -> ServiceError:
    if service == "modelarts":
        return modelarts.service_error(
            401, "0207", "The token has no project. Use a token with the scope of a project."
        )
    return asm.service_error(401, "The token has no project.")


def _project_mismatch(service: str) -> ServiceError:
    if service == "modelarts":
        return modelarts.service_error(403, "0210", "The project of the request and that of the credentials differ.")
    return asm.service_error(403, "The project of the request and that of the credentials differ.")
