# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The assumptions about the services that the API references leave open."""

from __future__ import annotations

import typing as t

MODELARTS = "modelarts"
ASM = "asm"
GATEWAY = "gateway"


class Assumption(t.NamedTuple):
    """One assumption that the modules make. They also work if it is wrong.

    ``assumed`` is the assumed value. If the emulator has a behavior called ``name``, it is the default of that behavior.
    """

    name: str
    service: str
    description: str
    assumed: str


def _build_assumptions(service: str, *rows: tuple[str, str, str]) -> list[Assumption]:
    return [Assumption(name, service, description, assumed) for name, assumed, description in rows]


ASSUMPTIONS = [
    *_build_assumptions(
        MODELARTS,
        (
            "workspace_list_shape",
            "documented",
            "A list of workspaces has total_count, count and workspaces, and its entries have no grants.",
        ),
        ("workspace_offset", "record", "The offset of a list counts records, not pages."),
        ("page_cap", "0", "A page holds as many workspaces as limit allows."),
        ("workspace_name_filter", "insensitive", "The name filter of a list ignores case."),
        ("workspace_name_part", "substring", "The name filter of a list finds any part of a name."),
        ("default_workspace_id", "string", "The ID of the default workspace is the text 0, not the number."),
        ("workspace_creation", "works", "A workspace is NORMAL in the response to its create request."),
        ("workspace_create_answer", "full", "The response to a create request contains the grants."),
        ("workspace_limit", "0", "The project has room for a few more workspaces."),
        ("auth_type_readback", "lower", "auth_type is returned in lower case, regardless of the case that was sent."),
        ("internal_without_grants", "accept", "A workspace can be created as internal without grants."),
        ("unknown_grant_user", "accept", "A grant can name a user that does not exist in IAM."),
        ("duplicate_workspace_name", "400", "A name that is in use is refused with the status 400."),
        ("workspace_update_answer", "id", "The response to an update contains only the ID."),
        ("workspace_put_omitted", "keep", "An update keeps all fields that it omits, except for grants."),
        (
            "workspace_put_grants",
            "cleared",
            "An update of an internal workspace that omits the grants deletes them.",
        ),
        ("quota_zero", "refuse", "A quota of 0 is refused."),
        ("workspace_delete", "deleting", "A deleted workspace has the status DELETING for a while."),
        ("workspace_delete_again", "works", "A second request deletes a workspace in DELETE_FAILED."),
        ("missing_workspace", "7005", "A workspace that does not exist is reported with 400 and ModelArts.7005."),
        ("modelarts_error_body", "json", "Errors of ModelArts are JSON with error_code and error_msg."),
        ("project_header", "optional", "Signed requests need no header X-Project-Id if the path names the project."),
        ("gateway_prefix", "APIGW", "Error codes of the API gateway begin with APIGW."),
    ),
    *_build_assumptions(
        ASM,
        ("mesh_list_shape", "documented", "A list of meshes is an object with items."),
        ("unknown_mesh", "404", "A mesh that does not exist is reported with 404."),
        ("asm_error_body", "code_and_message", "Errors of ASM are an object with errorCode and errorMsg."),
        ("missing_object", "404", "A workshop that does not exist is reported with 404 and ASM.01010002."),
        ("missing_release", "404", "A release that does not exist is reported with 404 and ASM.01010002."),
        ("asm_time_format", "rfc3339", "Times of ASM are RFC 3339 in whole seconds."),
        ("content_type", "required", "The DELETE request for a release requires a Content-Type."),
        ("workshop_list_shape", "bare", "A list of workshops is an array whose elements are wrapped in workshop."),
        ("workshop_listed_after", "0", "A workshop is listed immediately after the response to its create request."),
        ("workshop_delete_key", "name", "A workshop is deleted by its name, not by its ID."),
        ("duplicate_asm_name", "409", "A workshop name that is in use is refused with 409 and ASM.01010003."),
        ("release_list_shape", "documented", "A list of releases is a ReleaseList with items."),
        ("release_key", "both", "A release is found by its ID and by its name."),
        ("release_phases", "Creating,Running", "The modules know the phase of a release that is running."),
        ("release_creation", "works", "A new release starts to run."),
        ("release_failed_phase", "Failed", "The modules know the phase of a release that failed."),
        ("template_readback", "defaulted", "Templates are returned with the defaults that Kubernetes adds."),
        ("sidecar_injection", "no", "Templates are returned without the sidecar."),
        ("duplicate_release", "409", "A release name that is in use is refused with 409 and ASM.01010003."),
        ("one_release_a_service", "refused", "A second release of a Service is refused while the first one exists."),
        ("release_update", "works", "An update that sends the whole release with another image changes that image."),
        ("action_cancel", "cancel", "The action that cancels a release is called cancel."),
        ("action_end", "end", "The action that promotes a release is called end."),
        ("traffic_precondition", "yes", "Both actions are refused while traffic is routed to the other version."),
        ("release_traffic", "original", "All traffic of a new release is routed to the original version."),
        ("release_edits", "no", "The creation of a release does not change the Istio objects of its Service."),
        ("terminated_releases", "vanish", "Promoted and canceled releases are no longer listed."),
        ("release_canceling_phase", "Canceling", "The phase of a release that is being canceled is Canceling."),
        ("release_canceled_phase", "Canceled", "The modules know the phase of a canceled release."),
        ("release_ending_phase", "Ending", "The phase of a release that is being promoted is Ending."),
        ("release_ended_phase", "Finished", "The modules know the phase of a promoted release."),
    ),
    *_build_assumptions(
        GATEWAY,
        ("forbidden_by", "service", "The service itself refuses requests without permission."),
        ("rate_limit", "0", "A few requests a second are not throttled."),
        ("retry_after", "", "Responses to throttled requests have no Retry-After."),
        ("token_life", "86400", "A token is valid for 24 hours."),
        ("key_lock_failures", "5", "Five wrong signatures in a row lock an access key."),
    ),
]

# A probe of these would disturb other users of the project.
UNPROBED = {
    "forbidden_by": "this requires an identity without permissions",
    "rate_limit": "this would use up the requests that others need",
    "retry_after": "this would use up the requests that others need",
    "token_life": "this takes 24 hours",
    "key_lock_failures": "this would lock the access key",
}
