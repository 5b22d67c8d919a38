# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    NotFoundError,
)
from ansible_collections.community.huaweicloud.plugins.modules import asm_release
from example_release import CANCEL, CHANGED, LIST, METADATA, PUT, WHO, put
from simulated_cloud import INTERNAL, NOT_FOUND, fail, run


def test_release_without_an_id_is_addressed_by_name(cloud):
    put(cloud)["metadata"].pop("uid")
    cloud.respond("DELETE", 200)
    cloud.before(LIST, lambda: None)
    cloud.before(LIST, cloud.releases.clear)
    assert run(cloud, asm_release, **WHO, state="canceled").writes == [
        "DELETE /v2/meshes/m-1/namespaces/bookinfo/releases/reviews-v2?action=cancel"
    ]


@pytest.mark.parametrize(
    ("options", "line"), [(CHANGED, PUT), (dict(WHO, state="canceled"), CANCEL)], ids=["change", "cancel"]
)
def test_service_that_knows_releases_by_name(cloud, options, line):
    put(cloud)
    cloud.release_key = "name"
    ran = run(cloud, asm_release, **options)
    assert (ran["changed"], len(ran.actions)) == (True, 1)
    assert ran.writes == [line, line.replace("rel-1", "reviews-v2")]
    assert run(cloud, asm_release, **options)["changed"] is False


UNKNOWN_ID = (400, {"errorCode": "ASM.01010001", "errorMsg": "Invalid request. The release rel-1 does not exist."})
UNKNOWN_NAME = (
    400,
    {"errorCode": "ASM.01010001", "errorMsg": "Invalid request. The release reviews-v2 does not exist."},
)
NO_REASON = (400, {"errorCode": "ASM.01010001"})
OTHER_REASON = (400, {"errorCode": "ASM.01010001", "errorMsg": "Not now."})
UPDATE_AND_CANCEL = pytest.mark.parametrize(
    ("options", "line"), [(CHANGED, PUT), (dict(WHO, state="canceled"), CANCEL)], ids=["change", "cancel"]
)


@UPDATE_AND_CANCEL
@pytest.mark.parametrize("refusal", [UNKNOWN_ID, NO_REASON], ids=["reported", "untold"])
def test_name_is_used_after_400_for_the_id(cloud, options, line, refusal):
    put(cloud)
    cloud.release_key = "name"
    cloud.respond(line, *refusal)
    ran = run(cloud, asm_release, **options)
    assert (ran["changed"], len(ran.actions)) == (True, 1)
    assert ran.writes == [line, line.replace("rel-1", "reviews-v2")]


@UPDATE_AND_CANCEL
@pytest.mark.parametrize("refusal", [UNKNOWN_ID, NOT_FOUND], ids=["400", "404"])
def test_name_is_used_after_repeated_attempts(cloud, options, line, refusal):
    put(cloud)
    cloud.release_key = "name"
    cloud.respond(line, 429, {"errorCode": "ASM.01429001", "errorMsg": "Resource locked by other requests."})
    cloud.respond(line, *refusal)
    ran = run(cloud, asm_release, **options)
    assert (ran["changed"], len(ran.actions)) == (True, 1)
    assert ran.writes == [line, line, line.replace("rel-1", "reviews-v2")]


@UPDATE_AND_CANCEL
@pytest.mark.parametrize("refusal", [UNKNOWN_ID, NOT_FOUND], ids=["400", "404"])
def test_without_a_list_a_release_is_not_tried_by_name(cloud, options, line, refusal):
    put(cloud)
    cloud.rule(line, lambda do: cloud.respond(LIST, *INTERNAL, times=99) or refusal)
    error, ran = fail(cloud, asm_release, **options)
    assert error.facts()["method"] == line.split(" ", maxsplit=1)[0]
    assert ran.writes == [line]


def test_possibly_applied_request_is_not_repeated_by_name(cloud):
    put(cloud)
    cloud.drop_response("PUT")
    cloud.respond("PUT", *UNKNOWN_ID)
    ran = run(cloud, asm_release, **CHANGED)
    assert set(ran.writes) == {PUT}
    # A list shows what became of it.
    assert (ran["changed"], len(ran.actions)) == (True, 1)


@UPDATE_AND_CANCEL
@pytest.mark.parametrize(
    ("first", "second", "reported"),
    [
        (UNKNOWN_ID, OTHER_REASON, "Not now."),
        (OTHER_REASON, UNKNOWN_NAME, "Not now."),
        (OTHER_REASON, NOT_FOUND, "Not now."),
        (UNKNOWN_ID, NOT_FOUND, "The release rel-1 does not exist."),
        (NOT_FOUND, OTHER_REASON, "Not now."),
    ],
)
def test_error_with_reason_is_preferred(cloud, options, line, first, second, reported):
    put(cloud)
    cloud.respond(line, *first)
    cloud.respond(line.replace("rel-1", "reviews-v2"), *second)
    error, ran = fail(cloud, asm_release, **options)
    assert (type(error), reported.rstrip(".") in error.message) == (BadRequestError, True), error.message
    assert (ran["changed"], ran.writes) == (False, [line, line.replace("rel-1", "reviews-v2")])


@UPDATE_AND_CANCEL
@pytest.mark.parametrize("phase", ["Terminated", "Ending"])
def test_name_is_not_used_for_an_ended_release(cloud, options, line, phase):
    put(cloud)
    cloud.rule(line, lambda do: cloud.releases[0]["status"].update(phase=phase) or UNKNOWN_ID)
    assert run_or_fail(cloud, options).writes == [line]


@UPDATE_AND_CANCEL
@pytest.mark.parametrize(
    "refusal", [UNKNOWN_ID, NOT_FOUND, (400, {"errorCode": "ASM.01010001", "errorMsg": "The traffic is not there."})]
)
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("wait", [True, False])
def test_name_that_an_ended_release_has_too_is_not_tried(cloud, options, line, refusal, first, wait):
    """The service may take it for the ended one, whose record is removed then, and say that all is well."""
    put(cloud, "rel-0" if first else "rel-1", phase="Canceled" if first else "Running")
    put(cloud, "rel-1" if first else "rel-0", phase="Running" if first else "Canceled")
    cloud.respond(line, *refusal)
    error, ran = fail(cloud, asm_release, **options, wait=wait)
    assert (isinstance(error, (NotFoundError, BadRequestError)), ran["changed"], ran.writes) == (True, False, [line])
    assert len(cloud.releases) == 2


@UPDATE_AND_CANCEL
@pytest.mark.parametrize("check", [True, False])
def test_ambiguous_name_without_an_id_is_an_error(cloud, options, line, check):
    put(cloud, phase="Canceled")["metadata"].pop("uid")
    put(cloud)["metadata"].pop("uid")
    error, ran = fail(cloud, asm_release, check, **options)
    assert (type(error), ran.writes) == (AmbiguousError, [])
    assert str(error) == (
        "Release 'bookinfo/reviews-v2' is listed without an ID, and an ended release of that name is listed too: the service cannot distinguish them. "
        "End it in the console, or wait until the ended release is not listed any more."
    )


def run_or_fail(cloud, options):
    return (
        run(cloud, asm_release, **options, wait=False) if "state" in options else fail(cloud, asm_release, **options)[1]
    )


def test_release_without_an_id_is_changed_by_name(cloud):
    put(cloud)["metadata"].pop("uid")
    cloud.release_key = "name"
    ran = run(cloud, asm_release, **CHANGED)
    assert ran.writes == [PUT.replace("rel-1", "reviews-v2")]
    assert (ran.bodies[0]["metadata"], ran["release"]["id"]) == (METADATA, None)
