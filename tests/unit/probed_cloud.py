# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated services with the operations that only the probe uses."""

from __future__ import annotations

from simulated_cloud import EXISTS, NO_WORKSPACE, NOT_FOUND, Cloud


class ProbedCloud(Cloud):
    """Also lists IAM users, refuses unknown APIs, actions and quotas, and shows single releases."""

    def _answer(self, method, path, query, body):
        parts = path.strip("/").split("/")
        if parts[:2] == ["v2", "meshes"] and parts[2] != "m-1":
            return NOT_FOUND
        if parts[2:] == ["workspaces", "users", "list"]:
            return 200, {"users": [{"userName": "alice"}]}
        if parts[0] == "v1" and parts[2] not in ("meshes", "workspaces"):
            return 404, {"error_code": "APIGW.0101", "error_msg": "no such API"}
        return super()._answer(method, path, query, body)

    def _workspace(self, method, rest, question, body):
        # The simulated services delete a workspace when the list is read. The probe reads the workspace itself.
        deleting = [entry for entry in self.workspaces if entry["status"] == "DELETING" and rest == [entry["id"]]]
        if deleting and method == "GET":
            self.workspaces.remove(deleting[0])
            return NO_WORKSPACE
        return super()._workspace(method, rest, question, body)

    def _release(self, method, rest, question, body):
        if rest == ["releases"] or method == "POST":
            return super()._release(method, rest, question, body)
        found = next(
            (one for one in self.releases if rest[3] in (one["metadata"]["uid"], one["metadata"]["name"])), None
        )
        if found is None or method == "GET":
            return (200, found) if found else NOT_FOUND
        return super()._release(method, [*rest[:3], found["metadata"]["uid"]], question, body)

    def _new_release(self, body):
        names = [one["metadata"]["name"] for one in self.releases]
        if names:
            return (
                EXISTS
                if body["metadata"]["name"] in names
                else (400, {"errorCode": "ASM.01010001", "errorMsg": "The Service has a release."})
            )
        return super()._new_release(body)

    def _end_release(self, found, action):
        if action not in ("end", "cancel"):
            return 400, {"errorCode": "ASM.01010001", "errorMsg": f"The action {action} is not supported."}
        return super()._end_release(found, action)

    def _quotas(self, method, found, body):
        if method == "PUT" and body["quotas"][0]["quota"] == 0:
            return 400, {"error_code": "ModelArts.0104", "error_msg": "a bad quota"}
        return super()._quotas(method, found, body)
