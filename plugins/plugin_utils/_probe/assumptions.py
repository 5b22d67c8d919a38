# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the API references leave open, each as a sentence, with what the modules take for likely. They work either way."""

from __future__ import annotations

import typing as t

MODELARTS = "modelarts"
ASM = "asm"


class Assumption(t.NamedTuple):
    """``expected`` is the word for what is assumed; a setting of the emulator's switch of that name, where there is one."""

    name: str
    service: str
    sentence: str
    expected: str


def _of(service: str, *rows: tuple[str, str, str]) -> list[Assumption]:
    return [Assumption(name, service, sentence, expected) for name, expected, sentence in rows]


ASSUMPTIONS = [
    *_of(
        MODELARTS,
        (
            "workspace_list_shape",
            "documented",
            "A list of workspaces has total_count, count and workspaces, and its entries have no grants",
        ),
        ("workspace_offset_unit", "record", "The offset of a list counts records, not pages"),
        ("page_size_limit", "0", "A page holds as many workspaces as limit allows"),
        ("workspace_name_case", "insensitive", "The name filter of a list does not mind the case"),
        ("workspace_name_match", "substring", "The name filter of a list finds any part of a name"),
        ("default_workspace_id_type", "string", "The ID of the default workspace is the text 0, not the number"),
        ("workspace_creation", "succeeds", "A workspace is NORMAL as soon as its creation is answered"),
        ("workspace_create_response", "full", "The answer to a creation holds the grants"),
        ("workspace_limit", "0", "The project has room for a few workspaces more"),
        ("auth_type_readback", "lower", "auth_type comes back in lower case, however it was sent"),
        ("internal_without_grants", "accept", "A workspace can be created internal without grants"),
        ("unknown_grant_user", "accept", "A grant may name a user that IAM does not know"),
        ("duplicate_workspace_name", "400", "A name that is taken is refused with the status 400"),
        ("workspace_update_response", "id", "An update is answered with the ID only"),
        ("workspace_update_omitted", "keep", "What an update leaves out, grants aside, stays as it is"),
        ("workspace_update_grants", "cleared", "Grants that an update of an internal workspace leaves out are cleared"),
        ("zero_quota", "reject", "A quota of 0 is refused"),
        ("workspace_deletion", "asynchronous", "A removed workspace shows as DELETING for a while"),
        ("workspace_deletion_retry", "succeeds", "A workspace in DELETE_FAILED can be removed by a second attempt"),
        ("missing_workspace", "7005", "A workspace that is not there is answered with 400 and ModelArts.7005"),
        ("modelarts_error_body", "json", "Errors of ModelArts are JSON with error_code and error_msg"),
        ("project_header", "optional", "A signed call needs no header X-Project-Id where the path names the project"),
        ("gateway_prefix", "APIGW", "Codes of the gateway begin with APIGW"),
    ),
    *_of(
        ASM,
        ("mesh_list_shape", "documented", "A list of meshes is an object with items"),
        ("missing_mesh", "404", "A mesh that is not there is answered with 404"),
        ("asm_error_body", "code_and_message", "Errors of ASM are an object with errorCode and errorMsg"),
        ("missing_asm_resource", "404", "A workshop that is not there is answered with 404 and ASM.01010002"),
        ("missing_release", "404", "A release that is not there is answered with 404 and ASM.01010002"),
        ("asm_time_format", "rfc3339", "Times of ASM are RFC 3339 in whole seconds"),
        ("content_type", "required", "The removal of a release needs a Content-Type"),
        ("workshop_list_shape", "bare", "A list of workshops is an array whose elements are wrapped in workshop"),
        ("workshop_listing_delay", "0", "A workshop is listed as soon as its creation is answered"),
        ("workshop_delete_key", "name", "A workshop is removed by its name, not by its ID"),
        ("duplicate_asm_name", "409", "A name of a workshop that is taken is refused with 409 and ASM.01010003"),
        ("release_list_shape", "documented", "A list of releases is a ReleaseList with items"),
        ("release_key", "both", "A release is found by its ID and by its name"),
        ("release_phases", "Creating,Running", "The phase of a release that is up is a word that the modules know"),
        ("release_creation", "succeeds", "A release gets up"),
        ("release_failed_phase", "Failed", "The phase of a release that failed is a word that the modules know"),
        ("template_readback", "defaulted", "Templates come back with what Kubernetes adds"),
        ("sidecar_injection", "no", "No sidecar shows in templates that are read back"),
        ("duplicate_release", "409", "A name of a release that is taken is refused with 409 and ASM.01010003"),
        ("one_release_a_service", "refused", "A second release of a Service is refused while one is under way"),
        ("release_update", "succeeds", "An update that sends the whole release with another image changes that image"),
        ("action_cancel", "cancel", "The action that cancels a release is called cancel"),
        ("action_end", "end", "The action that ends a release is called end"),
        ("traffic_precondition", "yes", "Ending and canceling are refused while the traffic stands elsewhere"),
        ("release_traffic", "original", "The original version carries the traffic of a new release"),
        ("terminated_releases", "removed", "Releases that were ended or canceled leave the list"),
        ("release_canceling_phase", "Canceling", "The phase of a release that is being canceled is Canceling"),
        ("release_canceled_phase", "Canceled", "The phase of a canceled release is a word that the modules know"),
        ("release_ending_phase", "Ending", "The phase of a release that is being ended is Ending"),
        ("release_ended_phase", "Finished", "The phase of an ended release is a word that the modules know"),
    ),
    *_of(
        "gateway",
        ("forbidden_by", "service", "Missing rights are refused by the service itself"),
        ("rate_limit", "0", "A few requests a second are not throttled"),
        ("retry_after", "", "Whoever is throttled is not told for how long"),
        ("token_lifetime", "86400", "A token lives for a day"),
        ("key_lock_failures", "5", "Five wrong signatures in a row lock an access key"),
    ),
]

# What nobody would want to have looked at in a project that is in use.
NOT_LOOKED_AT = {
    "forbidden_by": "that takes an identity without rights",
    "rate_limit": "that takes the project's share of requests from others",
    "retry_after": "that takes the project's share of requests from others",
    "token_lifetime": "that takes a day",
    "key_lock_failures": "that would lock the key",
}
