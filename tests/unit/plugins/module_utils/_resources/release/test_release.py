# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import difflib
import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    ConflictError,
    DriftError,
    HuaweiCloudError,
    NotFoundError,
    OptionError,
    ProtocolError,
    ServerError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import desired_release
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    Release,
    get_release_list,
)
from ansible_collections.community.huaweicloud.plugins.modules import asm_release
from diffs import diff
from example_release import (
    CANCEL,
    CHANGED,
    DESIRED,
    FIELDS,
    LIST,
    METADATA,
    ONE,
    PUT,
    SPEC,
    TEMPLATE,
    WHO,
    make_desired,
    put,
    with_image,
)
from simulated_cloud import CREATED, EXISTS, INTERNAL, defaulted, fail, mesh, observed, open_session, parameters, run

BODY = {"kind": "Release", "apiVersion": "asm/v2", "metadata": METADATA, "spec": SPEC}
WRITTEN = ["service_name", "cluster_id", "deployment_name", "version", "gray_deployments"]
IMAGE = "gray_deployments[0].template.spec.template.spec.containers[reviews].image"

MESHES = "GET /v1/p-1/meshes"
POST = "POST /v2/meshes/m-1/namespaces/bookinfo/releases"
END = f"DELETE {ONE}?action=end"

READ_BACK = defaulted(SPEC)["grayDeployments"][0]["template"]
STATUS = {
    "phase": "Running",
    "start_time": CREATED,
    "updated_at": CREATED,
    "deployment": observed("reviews-v1"),
    "gray_deployments": [observed("reviews-v2")],
}
RESULT = {
    "id": "rel-1",
    "name": "reviews-v2",
    "namespace": "bookinfo",
    "mesh_id": "m-1",
    **FIELDS,
    "type": "canary",
    "gray_deployments": [{"cluster_id": "c-1", "template": READ_BACK}],
    "status": STATUS,
}
NOTHING = {"phase": None, "start_time": None, "updated_at": None, "deployment": None, "gray_deployments": []}
PREDICTED = dict(RESULT, id=None, gray_deployments=[{"cluster_id": "c-1", "template": TEMPLATE}], status=NOTHING)


def run_or_fail(cloud, check, options):
    """Return what a task reports, or None if it fails."""
    try:
        return run(cloud, asm_release, check=check, **options)
    except HuaweiCloudError:
        return None


# The steps: create, change, promote, cancel, each as check, for real, and both again


def test_check_mode_predicts_the_creation(cloud):
    ran = run(cloud, asm_release, check=True, **DESIRED)
    assert ran.result == {
        "release": PREDICTED,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": None}],
        "changed_fields": WRITTEN,
        "diff": diff(None, PREDICTED),
        "request_ids": ["req-1", "req-2"],
    }
    assert ran.request_log == [MESHES, LIST]


def test_creation(cloud):
    ran = run(cloud, asm_release, **DESIRED)
    assert ran.result == {
        "release": RESULT,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": "req-3"}],
        "changed_fields": WRITTEN,
        "diff": diff(None, PREDICTED),
        "request_ids": ["req-1", "req-2", "req-3", "req-4"],
    }
    assert ran.request_log == [MESHES, LIST, POST, LIST]
    assert ran.bodies == [BODY]
    assert (ran.warnings, ran.sleeps) == ([], [])


@pytest.mark.parametrize("check", [True, False])
def test_second_creation_changes_nothing(cloud, check):
    put(cloud)
    ran = run(cloud, asm_release, check=check, **DESIRED)
    assert ran.result == {
        "release": RESULT,
        "changed": False,
        "actions": [],
        "changed_fields": [],
        "diff": diff(RESULT, RESULT),
        "request_ids": ["req-1", "req-2"],
    }
    assert ran.request_log == [MESHES, LIST]


@pytest.mark.parametrize("check", [True, False])
def test_another_image(cloud, check):
    put(cloud)
    ran = run(cloud, asm_release, check=check, **CHANGED)
    after = dict(
        RESULT, gray_deployments=[{"cluster_id": "c-1", "template": with_image("example.com/reviews:2", READ_BACK)}]
    )
    assert (ran["changed"], ran["changed_fields"], ran["release"]) == (True, [IMAGE], after)
    assert ran["diff"] == diff(RESULT, after)
    assert ran.actions == [("update", [IMAGE], None if check else "req-3")]
    assert ran.request_log == ([MESHES, LIST] if check else [MESHES, LIST, PUT, LIST])


def test_update_sends_the_whole_release(cloud):
    put(cloud)
    bodies = run(cloud, asm_release, **CHANGED).bodies
    gray = [{"clusterID": "c-1", "template": with_image("example.com/reviews:2", READ_BACK)}]
    assert bodies == [dict(BODY, metadata=dict(METADATA, uid="rel-1"), spec=dict(SPEC, grayDeployments=gray))]


def live(template, **metadata):
    """Return a Deployment as a cluster returns it, with defaults and with fields that the server sets."""
    template = copy.deepcopy(template)
    template["spec"].update(minReadySeconds=7, paused=False)
    template["spec"]["template"]["spec"].update(
        serviceAccountName="reviews",
        initContainers=[
            {"name": "migrate", "image": "example.com/migrate:1"},
            {"name": "fetch", "image": "example.com/fetch:1"},
        ],
    )
    template["spec"]["template"]["spec"]["containers"][0].update(
        imagePullPolicy="IfNotPresent", resources={"limits": {"cpu": "1"}}
    )
    template["metadata"].update(metadata)
    return template


BOOKKEEPING = {
    "uid": "u-1",
    "resourceVersion": "77",
    "generation": 3,
    "creationTimestamp": CREATED,
    "managedFields": [{"manager": "asm"}],
    "selfLink": "/x",
}
REVISION = {"deployment.kubernetes.io/revision": "3"}


@pytest.mark.parametrize("observed_only", [False, True])
@pytest.mark.parametrize(
    ("actual", "sent"), [(REVISION, {}), ({"team": "a", **REVISION}, {"annotations": {"team": "a"}})]
)
def test_update_sends_the_release_with_other_images(cloud, observed_only, actual, sent):
    existing = dict(live(TEMPLATE, annotations=actual, **BOOKKEEPING), status={"availableReplicas": 1})
    found = put(cloud)
    found["spec"]["grayDeployments"] = [{"clusterID": "c-1", "template": existing}]
    if observed_only:
        del found["spec"]["grayDeployments"]
        found["status"]["grayDeployments"] = [existing]
    before = copy.deepcopy(found)
    template = with_image("example.com/reviews:2")
    template["spec"]["template"]["spec"]["initContainers"] = [
        {"name": "migrate"},
        {"name": "fetch", "image": "example.com/fetch:2"},
    ]
    predicted = run(cloud, asm_release, check=True, **WHO, gray_deployments=[{"template": template}], lint="ignore")
    assert (predicted["changed"], cloud.releases) == (True, [before])
    cloud.before("PUT", lambda: found["spec"].setdefault("grayDeployments", []))
    ran = run(cloud, asm_release, **WHO, gray_deployments=[{"template": template}], lint="ignore", wait=False)
    (body,) = ran.bodies
    whole = with_image("example.com/reviews:2", live(TEMPLATE, **sent))
    whole["spec"]["template"]["spec"]["initContainers"][1]["image"] = "example.com/fetch:2"
    assert body["spec"] == dict(SPEC, grayDeployments=[{"clusterID": "c-1", "template": whole}])
    if not observed_only:
        images = with_image("example.com/reviews:2", existing)
        images["spec"]["template"]["spec"]["initContainers"][1]["image"] = "example.com/fetch:2"
        assert predicted["release"]["gray_deployments"] == [{"cluster_id": "c-1", "template": images}]


def test_update_names_the_kind_that_a_service_leaves_out(cloud):
    found = put(cloud)
    for key in ("kind", "apiVersion"):
        del found["spec"]["grayDeployments"][0]["template"][key]
    template = run(cloud, asm_release, **CHANGED).bodies[0]["spec"]["grayDeployments"][0]["template"]
    assert (template["kind"], template["apiVersion"]) == ("Deployment", "apps/v1")


def test_creation_sends_no_field_of_the_server(cloud):
    exported = dict(live(TEMPLATE, annotations={"team": "a", **REVISION}, **BOOKKEEPING), status={"replicas": 1})
    exported["metadata"].update(deletionTimestamp=CREATED, deletionGracePeriodSeconds=30)
    before = copy.deepcopy(exported)
    predicted = run(cloud, asm_release, check=True, **make_desired(gray_deployments=[{"template": exported}]))
    ran = run(cloud, asm_release, **make_desired(gray_deployments=[{"template": exported}]))
    sent = live(TEMPLATE, annotations={"team": "a"})
    assert ran.bodies == [dict(BODY, spec=dict(SPEC, grayDeployments=[{"clusterID": "c-1", "template": sent}]))]
    assert predicted["release"]["gray_deployments"] == [{"cluster_id": "c-1", "template": sent}]
    assert (exported, predicted["diff"]) == (before, ran["diff"])
    assert run(cloud, asm_release, **make_desired(gray_deployments=[{"template": exported}]))["changed"] is False


def test_creation_keeps_fields_of_the_user(cloud):
    meant = {
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "kubernetes.io/change-cause": "x"},
        "finalizers": ["a"],
    }
    template = live(TEMPLATE, **meant)
    (body,) = run(cloud, asm_release, **make_desired(gray_deployments=[{"template": template}])).bodies
    assert body["spec"]["grayDeployments"][0]["template"] == template


def test_diff_of_another_image_is_its_line(cloud):
    """Revisions, times and the status change with it, and are not what the task changes."""
    found = put(cloud)
    existing = dict(live(TEMPLATE, annotations=dict(REVISION), **BOOKKEEPING), status={"availableReplicas": 1})
    found["spec"]["grayDeployments"] = [{"clusterID": "c-1", "template": existing}]
    predicted = run(cloud, asm_release, check=True, **CHANGED)
    later = copy.deepcopy(existing)
    later["metadata"].update(generation=4, resourceVersion="78", annotations={"deployment.kubernetes.io/revision": "4"})
    later["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/reviews:2"

    def carried_out():
        found["spec"]["grayDeployments"] = [{"clusterID": "c-1", "template": later}]
        found["status"].update(updateTime="2026-02-02T00:00:00Z", grayDeployments=[later])

    cloud.before(LIST, lambda: None)
    cloud.before(LIST, carried_out)
    ran = run(cloud, asm_release, **CHANGED)
    assert ran["release"]["gray_deployments"][0]["template"] == later
    assert ran["diff"] == predicted["diff"]
    assert _changed_lines(ran["diff"]) == [
        '-            "image": "example.com/reviews:1",',
        '+            "image": "example.com/reviews:2",',
    ]


def test_diff_shows_images_of_the_status(cloud):
    found = put(cloud)
    del found["spec"]["grayDeployments"]
    found["status"]["grayDeployments"] = [READ_BACK]
    assert _changed_lines(run(cloud, asm_release, check=True, **CHANGED)["diff"]) == [
        '-            "image": "example.com/reviews:1",',
        '+            "image": "example.com/reviews:2",',
    ]


def _changed_lines(diff):
    """Return the lines of a diff as Ansible prints it, without their context and with less indentation."""
    before, after = (json.dumps(diff[side], indent=2, sort_keys=True).splitlines() for side in ("before", "after"))
    lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    return [line[0] + " " * 12 + line[1:].strip() for line in lines if not line.startswith("@@")]


@pytest.mark.parametrize("check", [True, False])
def test_second_change_changes_nothing(cloud, check):
    put(cloud, spec={"grayDeployments": [{"clusterID": "c-1", "template": with_image("example.com/reviews:2")}]})
    ran = run(cloud, asm_release, check=check, **CHANGED)
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST])


ENDINGS = pytest.mark.parametrize(
    ("state", "verb", "line", "side"),
    [("promoted", "promote", END, "gray"), ("canceled", "cancel", CANCEL, "original")],
    ids=["promote", "cancel"],
)


@ENDINGS
def test_check_of_an_ending(cloud, state, verb, line, side):
    put(cloud)
    ran = run(cloud, asm_release, check=True, **WHO, state=state)
    assert ran.result == {
        "release": None,
        "changed": True,
        "actions": [{"action": verb, "fields": [], "request_id": None}],
        "changed_fields": [],
        "diff": diff(RESULT, None),
        "request_ids": ["req-1", "req-2"],
    }
    assert ran.request_log == [MESHES, LIST]


@ENDINGS
def test_ending(cloud, state, verb, line, side):
    put(cloud)
    cloud.receives_traffic = side
    ran = run(cloud, asm_release, **WHO, state=state)
    assert (ran["release"], ran["changed"]) == (None, True)
    assert ran.actions == [(verb, [], "req-3")]
    assert ran["diff"] == diff(RESULT, None)
    assert ran.request_log == [MESHES, LIST, line, LIST]
    assert ran.bodies == []


@ENDINGS
def test_ended_release_may_stay_listed(cloud, state, verb, line, side):
    put(cloud)
    cloud.receives_traffic, cloud.keeps_ended = side, True
    ran = run(cloud, asm_release, **WHO, state=state)
    after = dict(RESULT, status=dict(STATUS, phase={"promoted": "Finished", "canceled": "Canceled"}[state]))
    assert (ran["release"], ran["changed"]) == (after, True)
    assert ran["diff"] == diff(RESULT, None)


@ENDINGS
@pytest.mark.parametrize("check", [True, False])
def test_second_ending_changes_nothing(cloud, state, verb, line, side, check):
    ran = run(cloud, asm_release, check=check, **WHO, state=state)
    assert (ran["release"], ran["changed"], ran.actions, ran["diff"]) == (None, False, [], diff())
    assert ran.request_log == [MESHES, LIST]


@ENDINGS
@pytest.mark.parametrize("check", [True, False])
def test_release_that_is_done_is_not_ended_again(cloud, state, verb, line, side, check):
    phase = {"promoted": "FINISHED", "canceled": "CANCELED"}[state]
    put(cloud, phase=phase)
    ran = run(cloud, asm_release, check=check, **WHO, **FIELDS, state=state, on_missing="fail")
    result = dict(RESULT, status=dict(STATUS, phase=phase))
    assert (ran["release"], ran["changed"], ran["diff"]) == (result, False, diff(result, result))
    assert (ran.request_log, ran.warnings) == ([MESHES, LIST], [])


def test_action_words_are_those_of_the_user(cloud):
    put(cloud)
    cloud.respond("DELETE", 200)
    cloud.before(LIST, lambda: None)
    cloud.before(LIST, cloud.releases.clear)
    ran = run(cloud, asm_release, **WHO, state="promoted", end_action="finish it")
    assert ran.writes == [f"DELETE {ONE}?action=finish%20it"]


# Comparison


def test_only_specified_fields_are_compared(cloud):
    put(cloud)
    assert run(cloud, asm_release, **WHO)["changed"] is False
    assert run(cloud, asm_release, **WHO, type="CANARY")["changed"] is False


def test_template_may_be_text(cloud):
    put(cloud)
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: reviews-v2}\nspec:\n  selector: {matchLabels: {app: reviews, version: v2}}\n"
    text += "  template:\n    metadata: {labels: {app: reviews, version: v2}}\n    spec: {containers: [{name: reviews, image: 'example.com/reviews:1'}]}\n"
    assert (
        run(cloud, asm_release, **WHO, gray_deployments=[{"cluster_id": "c-1", "template": text}])["changed"] is False
    )


def test_observed_deployments_replace_a_missing_spec(cloud):
    put(cloud)
    cloud.releases[0]["spec"].pop("grayDeployments")
    cloud.releases[0]["status"]["grayDeployments"] = [dict(READ_BACK, status={"availableReplicas": 1})]
    ran = run(cloud, asm_release, **DESIRED)
    assert (ran["changed"], ran["release"]["gray_deployments"]) == (False, [])


DRIFTS = pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"version": "v3"}, "version is 'v3', desired is 'v2'"),
        (
            {"serviceName": "ratings", "clusterID": "c-2"},
            "service_name is 'ratings', desired is 'reviews'; cluster_id is 'c-2', desired is 'c-1'",
        ),
        (
            {
                "grayDeployments": [
                    {"clusterID": "c-1", "template": dict(TEMPLATE, spec=dict(TEMPLATE["spec"], replicas=2))}
                ]
            },
            "gray_deployments[0].template.spec.replicas: 2 -> 1",
        ),
    ],
)
HINT = "Only the images of a release can change. Correct the task, or promote or cancel this release first."
MEANT = "Correct the task, omit the options that need not match, or set on_drift to warn."


@DRIFTS
@pytest.mark.parametrize("check", [True, False])
def test_difference_but_the_image_is_an_error(cloud, spec, text, check):
    put(cloud, spec=spec)
    error, ran = fail(cloud, asm_release, check, **DESIRED)
    assert isinstance(error, DriftError)
    assert (error.message, error.hint) == (
        f"Release 'bookinfo/reviews-v2' differs in fields that cannot be changed: {text}",
        HINT,
    )
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST])


@DRIFTS
@pytest.mark.parametrize("check", [True, False])
def test_difference_but_the_image_can_be_a_warning(cloud, spec, text, check):
    put(cloud, spec=spec)
    ran = run(cloud, asm_release, check=check, **make_desired(on_drift="warn"))
    assert ran.warnings == [f"Release 'bookinfo/reviews-v2' differs in fields that cannot be changed: {text}"]
    assert (ran["changed"], ran["changed_fields"], ran.request_log) == (False, [], [MESHES, LIST])


OTHER_IMAGE = make_desired(gray_deployments=[{"template": with_image("example.com/reviews:2")}])


@pytest.mark.parametrize("check", [True, False])
def test_image_not_updated_beside_immutable_difference(cloud, check):
    put(cloud, spec={"version": "v3"})
    error, ran = fail(cloud, asm_release, check, **OTHER_IMAGE)
    assert (type(error), ran["changed"], ran.writes) == (DriftError, False, [])


@DRIFTS
@pytest.mark.parametrize("check", [True, False])
def test_image_is_changed_beside_a_warned_difference(cloud, spec, text, check):
    spec = put(cloud, spec=spec)["spec"]
    before = copy.deepcopy(spec)
    ran = run(cloud, asm_release, check=check, **OTHER_IMAGE, on_drift="warn")
    assert ran.warnings == [f"Release 'bookinfo/reviews-v2' differs in fields that cannot be changed: {text}"]
    assert (ran["changed"], ran["changed_fields"], ran.writes) == (True, [IMAGE], [] if check else [PUT])
    # What was warned of stays, in what is sent too.
    template = with_image("example.com/reviews:2", before["grayDeployments"][0]["template"])
    assert ran["release"]["gray_deployments"] == [{"cluster_id": "c-1", "template": template}]
    sent = dict(before, grayDeployments=[{"clusterID": "c-1", "template": template}])
    assert [body["spec"] for body in ran.bodies] == ([] if check else [sent])
    again = run(cloud, asm_release, **OTHER_IMAGE, on_drift="warn")
    assert check or (again["changed"], again.warnings) == (False, ran.warnings)


def test_possibly_secret_values_are_omitted(cloud):
    put(cloud, spec={"grayDeployments": [{"clusterID": "c-1", "template": with_environment("CANARY-one")}]})
    error, dummy = fail(
        cloud, asm_release, **make_desired(gray_deployments=[{"template": with_environment("CANARY-two")}])
    )
    assert error.message == (
        "Release 'bookinfo/reviews-v2' differs in fields that cannot be changed: "
        "gray_deployments[0].template.spec.template.spec.containers[reviews].env[TOKEN].value differs (values not shown)"
    )


def with_environment(value):
    template = copy.deepcopy(TEMPLATE)
    template["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "TOKEN", "value": value}]
    return template


# Bad input


@pytest.mark.parametrize("check", [True, False])
def test_missing_options_are_reported_for_a_creation(cloud, check):
    error, ran = fail(cloud, asm_release, check, **WHO)
    assert isinstance(error, OptionError)
    assert str(error) == (
        "To create release 'bookinfo/reviews-v2', these options are missing: "
        "cluster_id, deployment_name, gray_deployments, service_name, version"
    )
    assert ran.writes == []


@pytest.mark.parametrize(
    ("options", "purpose"),
    [
        (DESIRED, "create"),
        (CHANGED, "change the image of"),
        (dict(WHO, state="promoted"), "promote"),
        (dict(WHO, state="canceled"), "cancel"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_unavailable_mesh_is_an_error(cloud, options, purpose, check):
    cloud.meshes = [mesh("m-1", "shop", "Upgrading")]
    if purpose != "create":
        put(cloud)
    error, ran = fail(cloud, asm_release, check, **options)
    assert isinstance(error, OptionError)
    assert (
        error.message
        == f"Cannot {purpose} release 'bookinfo/reviews-v2': mesh 'shop' (m-1) is in phase 'Upgrading', not 'Running'."
    )
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST])


def test_mesh_phase_is_ignored_if_nothing_is_sent(cloud):
    cloud.meshes = [mesh("m-1", "shop", "Upgrading")]
    assert run(cloud, asm_release, **WHO, state="promoted")["changed"] is False
    put(cloud)
    assert run(cloud, asm_release, **DESIRED)["changed"] is False


# A second active release of a Service


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("phase", ["Running", "Failed", "Pending"])
def test_second_active_release_of_a_service_is_refused(cloud, check, phase):
    put(cloud, "rel-8", metadata={"name": "reviews-v3"}, phase=phase)
    error, ran = fail(cloud, asm_release, check, **DESIRED)
    assert isinstance(error, DriftError)
    assert str(error) == (
        "Cannot create release 'bookinfo/reviews-v2': Service 'reviews' in namespace 'bookinfo' already has the active release "
        f"'reviews-v3' (id rel-8, phase '{phase}'). A Service can have one active release: promote or cancel that one first."
    )
    assert ran.writes == []


@pytest.mark.parametrize(
    "other",
    [
        {"metadata": {"name": "reviews-v3"}, "phase": "Ended"},
        {"metadata": {"name": "reviews-v3", "namespace": "shop"}},
        {"metadata": {"name": "reviews-v2", "namespace": "shop"}, "spec": {"version": "v9"}},
        {"metadata": {"name": "ratings-v2"}, "spec": {"serviceName": "ratings"}},
    ],
)
def test_other_releases_do_not_matter(cloud, other):
    put(cloud, "rel-8", **other)
    assert run(cloud, asm_release, **DESIRED)["changed"] is True


def test_holder_that_an_old_list_did_not_show(cloud):
    def slowly(do):
        answer = do()
        answer = (answer[0], copy.deepcopy(answer[1]))
        cloud.clock.passed += 6
        put(cloud, "rel-8", metadata={"name": "reviews-v3"})
        return answer

    cloud.rule(LIST, slowly)
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert isinstance(error, DriftError)
    assert "already has the active release 'reviews-v3'" in error.message
    assert ran.request_log == [MESHES, LIST, LIST]


# Which of several is meant


def test_several_running_of_one_name(cloud):
    put(cloud, "rel-2")
    put(cloud, "rel-1", phase="Failed")
    for state in ("present", "promoted"):
        error, ran = fail(cloud, asm_release, **WHO, state=state)
        assert isinstance(error, AmbiguousError)
        assert (
            str(error)
            == "Several releases of mesh 'shop' have the name 'bookinfo/reviews-v2': rel-1, rel-2. End all but one in the console."
        )
        assert ran.writes == []


@pytest.mark.parametrize("order", [1, -1])
def test_active_release_has_precedence_over_ended_ones(cloud, order):
    put(cloud, "rel-0", phase="Finished", updated="2026-02-01T00:00:00Z", spec={"version": "v9"})
    put(cloud, "rel-1")
    cloud.releases = cloud.releases[::order]
    ran = run(cloud, asm_release, **DESIRED)
    assert (ran["changed"], ran["release"]["id"], ran.warnings) == (False, "rel-1", [])


@pytest.mark.parametrize("order", [1, -1])
def test_last_ended_release_has_precedence(cloud, order):
    put(cloud, "rel-8", phase="Canceled", updated="2026-01-31T23:00:00-03:00")
    put(cloud, "rel-9", phase="Finished", updated="2026-02-01T00:00:00Z")
    put(cloud, "rel-7", phase="Finished")["status"].pop("updateTime")
    cloud.releases = cloud.releases[::order]
    assert run(cloud, asm_release, **WHO, state="canceled")["release"]["id"] == "rel-8"


AGAIN = (
    "The last release 'bookinfo/reviews-v2' has ended (phase '{}') and is still listed. "
    "The service may refuse to create another release of that name."
)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("phase", ["Canceled", "Terminated"])
@pytest.mark.parametrize("options", [DESIRED, OTHER_IMAGE, make_desired(version="v3", lint="ignore")])
def test_present_creates_if_last_release_of_name_ended(cloud, check, phase, options):
    """A release that has ended does not run, whatever it was."""
    put(cloud, "rel-old", phase=phase)
    cloud.enforces_names = False
    ran = run(cloud, asm_release, check=check, **options)
    assert (ran["changed"], ran["release"]["id"]) == (True, None if check else "rel-1")
    assert (ran["diff"]["before"], ran["changed_fields"]) == ({}, WRITTEN)
    assert (ran.writes, ran.warnings) == ([] if check else [POST], [AGAIN.format(phase)])
    assert check or run(cloud, asm_release, **options)["changed"] is False


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize(
    "refusal", [EXISTS, (400, {"errorCode": "ASM.01010001", "errorMsg": "Invalid request."})], ids=["409", "400"]
)
def test_present_fails_if_name_of_ended_release_is_refused(cloud, wait, refusal):
    put(cloud, phase="Canceled")
    cloud.respond("POST", *refusal)
    error, ran = fail(cloud, asm_release, **make_desired(wait=wait))
    assert isinstance(error, (ConflictError, BadRequestError))
    assert error.hint == (
        "The last release of that name has ended (phase 'Canceled') and is still listed, so the service may not accept the name again: "
        "use another name, or remove the ended release from the list in the console."
    )
    assert (ran["changed"], ran.actions, ran.writes) == (False, [], [POST])


@pytest.mark.parametrize("lost", [True, False])
def test_ended_release_is_not_taken_for_the_created_one(cloud, lost):
    """The list may show a new release late, and the ended one of its name all the time."""
    put(cloud, "rel-old", phase="Canceled")
    cloud.enforces_names = False
    if lost:
        cloud.drop_response("POST")
    old = {"items": copy.deepcopy(cloud.releases)}
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, old, times=2)
    ran = run(cloud, asm_release, **DESIRED)
    assert (ran["changed"], ran["release"]["id"], ran.writes) == (True, "rel-1", [POST])


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("phase", ["Canceled", "Terminated", "Canceling"])
def test_release_that_ends_during_creation_is_an_error(cloud, lost, wait, phase):
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, lambda: cloud.releases[0]["status"].update(phase=phase))
    if lost:
        cloud.drop_response("POST")
    error, ran = fail(cloud, asm_release, **make_desired(wait=wait))
    assert isinstance(error, WaitError)
    assert f"(phase '{phase}')" in error.message
    assert (ran["changed"], [action[0] for action in ran.actions], ran.writes) == (True, ["create"], [POST])


@pytest.mark.parametrize("wait", [True, False])
def test_release_that_ends_during_update_is_an_error(cloud, wait):
    put(cloud)
    cloud.rule("PUT", lambda do: do() and (200, cloud.releases[0]["status"].update(phase="Canceled")))
    error, ran = fail(cloud, asm_release, **CHANGED, wait=wait)
    assert (type(error), error.message) == (
        WaitError,
        "Release 'bookinfo/reviews-v2' has ended (phase 'Canceled').",
    )
    assert (ran["changed"], ran.writes) == (True, [PUT])


@pytest.mark.parametrize("check", [True, False])
def test_missing_options_after_an_end_report_the_end(cloud, check):
    put(cloud, phase="Canceled")
    error, ran = fail(cloud, asm_release, check, **CHANGED)
    assert isinstance(error, OptionError)
    assert error.hint == "The last release of that name has ended (phase 'Canceled'), so it would be created again."
    assert ran.writes == []


# The life cycle: what was promoted does not run again


NEXT_TEMPLATE = copy.deepcopy(TEMPLATE)
NEXT_TEMPLATE["metadata"]["name"] = "reviews-v3"
NEXT = {
    "deploymentName": "reviews-v2",
    "version": "v3",
    "grayDeployments": [{"clusterID": "c-1", "template": NEXT_TEMPLATE}],
}


def promoted(cloud, number, name="reviews-v2", spec=None, **metadata):
    return put(
        cloud,
        f"old-{number}",
        spec,
        {"name": name, **metadata},
        phase="Finished",
        updated=f"2026-01-0{number}T00:00:00Z",
    )


def refused(cloud, check=True, **changes):
    error, ran = fail(cloud, asm_release, check, **make_desired(lint="ignore", **changes))
    assert (type(error), ran.writes, error.facts()["kind"]) == (DriftError, [], "drift")
    assert "set its state to promoted" in error.hint
    return error.message


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    "options", [{}, {"gray_deployments": OTHER_IMAGE["gray_deployments"]}, {"name": "reviews-v2b"}]
)
def test_promoted_release_is_not_created_again(cloud, check, options):
    promoted(cloud, 1)
    assert refused(cloud, check, **options) == (
        f"Cannot create release 'bookinfo/{options.get('name', 'reviews-v2')}': release 'reviews-v2' (id old-1, phase 'Finished') of "
        "Service 'reviews' was promoted. Since then version 'v2' is the original version and Deployment 'reviews-v1' is offline."
    )


def test_promoted_release_needs_no_options_to_be_refused(cloud):
    promoted(cloud, 1)
    error, dummy = fail(cloud, asm_release, **CHANGED)
    assert isinstance(error, DriftError) and "was promoted" in error.message


def test_original_that_a_later_promotion_took_offline(cloud):
    promoted(cloud, 1)
    promoted(cloud, 2, "reviews-v3", NEXT)
    assert "'reviews-v2' (id old-1" in refused(cloud)
    assert "'reviews-v3' (id old-2" in refused(cloud, name="other", deployment_name="reviews-v2", version="v4")
    assert "'reviews-v3' (id old-2" in refused(cloud, name="other", deployment_name="reviews-v3", version="v3")


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {"name": "reviews-v4", "deployment_name": "reviews-v3", "version": "v4"},
        # The service decides whether the name of a promoted release is free, so the module does not refuse it.
        {"name": "reviews-v3", "deployment_name": "reviews-v3", "version": "v4"},
        {"name": "ratings-v2", "service_name": "ratings", "deployment_name": "ratings-v1"},
        {"name": "elsewhere", "cluster_id": "c-2"},
        {"name": "elsewhere", "namespace": "shop"},
        # Back to the version before: the promotion of it brings its Deployment back.
        {"name": "reviews-back", "deployment_name": "reviews-v3", "version": "v2"},
    ],
)
def test_next_release_after_promotions_is_created(cloud, check, changes):
    cloud.enforces_names = False
    promoted(cloud, 1)
    promoted(cloud, 2, "reviews-v3", NEXT)
    assert run(cloud, asm_release, check, **make_desired(lint="ignore", **changes))["changed"] is True


def test_deployment_that_a_promotion_brought_back_is_an_original(cloud):
    promoted(cloud, 1, "one")
    back = copy.deepcopy(TEMPLATE)
    back["metadata"]["name"] = "reviews-v1"
    gray = [{"clusterID": None, "template": back}]
    promoted(cloud, 2, "two", {"deploymentName": "reviews-v2", "version": "v1", "grayDeployments": gray})
    assert run(cloud, asm_release, **make_desired(name="three"))["changed"] is True


@pytest.mark.parametrize(
    ("phase", "words"),
    [("Finished", {"promoted_phases": []}), ("Finished", {"canceled_phases": ["finished"]}), ("Canceled", {})],
)
def test_phases_distinguish_promoted_releases(cloud, phase, words):
    cloud.enforces_names = False
    put(cloud, "old-1", phase=phase)
    assert run(cloud, asm_release, **make_desired(**words))["changed"] is True


def test_refused_creation_explains_the_life_cycle(cloud):
    """Of a service that forgets what has ended, only its refusal tells of a promotion."""
    cloud.respond("POST", 400, {"errorCode": "ASM.01010001", "errorMsg": "The deployment does not exist."})
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert isinstance(error, BadRequestError)
    assert error.hint == (
        "If this release was promoted earlier, Deployment 'reviews-v1' is offline and version 'v2' is the original version. "
        "A promoted release cannot run again: set its state to promoted, or delete its entry from the desired state. "
        "The next release of the Service needs a new name, a new version, and the Deployment that runs now as its deployment_name."
    )
    assert (ran["changed"], ran.actions) == (False, [])


@pytest.mark.parametrize("code", ["APIGW.0105", "APIG.0201"])
def test_refusal_of_the_gateway_is_not_about_the_life_cycle(cloud, code):
    cloud.respond("POST", 400, {"error_code": code, "error_msg": "Backend misconfigured"})
    error, dummy = fail(cloud, asm_release, **DESIRED)
    assert "promoted" not in str(error)


# What ended in the other way, what is not listed, and what the list does not show


OTHER_END = pytest.mark.parametrize(
    ("state", "phase", "text"),
    [
        ("promoted", "Canceled", "Cannot promote release 'bookinfo/reviews-v2': it was canceled (phase 'Canceled')."),
        ("canceled", "Finished", "Cannot cancel release 'bookinfo/reviews-v2': it was promoted (phase 'Finished')."),
        (
            "promoted",
            "rollingback",
            "Cannot promote release 'bookinfo/reviews-v2': it is being canceled (phase 'rollingback').",
        ),
        (
            "canceled",
            "Promoting",
            "Cannot cancel release 'bookinfo/reviews-v2': it is being promoted (phase 'Promoting').",
        ),
    ],
)


@OTHER_END
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("on_missing", ["warn", "fail", "ignore"])
def test_release_that_ended_differently_is_an_error(cloud, state, phase, text, check, on_missing):
    put(cloud, phase=phase)
    error, ran = fail(cloud, asm_release, check, **WHO, state=state, on_missing=on_missing)
    assert (type(error), error.message, ran["changed"], ran.request_log) == (DriftError, text, False, [MESHES, LIST])


@OTHER_END
@pytest.mark.parametrize("first", [None, 502, 400])
def test_release_ended_differently_by_another_client(cloud, state, phase, text, first):
    """Also where our own request may have been carried out, but the list shows that it was not."""
    put(cloud)
    first_then_refused(cloud, first, phase)
    error, ran = fail(cloud, asm_release, **WHO, state=state)
    if first == 400:
        assert isinstance(error, BadRequestError) or error.message == text
    else:
        assert (type(error), error.message) == (DriftError, text)
    assert (ran["changed"], ran.actions) == (False, [])


@ENDINGS
def test_accepted_end_that_becomes_the_other_is_an_error(cloud, state, verb, line, side):
    put(cloud)
    phase = {"promoted": "Canceled", "canceled": "Finished"}[state]
    cloud.rule("DELETE", lambda do: (200, cloud.releases[0]["status"].update(phase=phase)))
    error, ran = fail(cloud, asm_release, **WHO, state=state)
    assert isinstance(error, DriftError)
    assert "set promoted_phases and canceled_phases" in error.hint
    assert (ran["changed"], [action[0] for action in ran.actions]) == (True, [verb])


@ENDINGS
@pytest.mark.parametrize("check", [True, False])
def test_phase_that_does_not_show_the_end_is_reported(cloud, state, verb, line, side, check):
    put(cloud, phase="Terminated")
    text = (
        f"Release 'bookinfo/reviews-v2' was not {state} by this task: it is in phase 'Terminated', "
        "which does not show whether it was promoted or canceled."
    )
    hint = "Add that phase to promoted_phases or canceled_phases, or set on_missing to ignore."
    ran = run(cloud, asm_release, check=check, **WHO, state=state)
    assert (ran["changed"], ran.warnings) == (False, [f"{text} {hint}"])
    assert run(cloud, asm_release, check=check, **WHO, state=state, on_missing="ignore").warnings == []
    words = {f"{state}_phases": ["terminated"], "on_missing": "fail"}
    assert run(cloud, asm_release, check=check, **WHO, **words, state=state).warnings == []
    error, ran = fail(cloud, asm_release, check, **WHO, state=state, on_missing="fail")
    assert (type(error), error.message, error.hint, ran.writes) == (DriftError, text, hint, [])


@ENDINGS
@pytest.mark.parametrize("phase", ["Running", "Terminated", "Finished", "Canceled", "Ending"])
@pytest.mark.parametrize("check", [True, False])
def test_other_ended_release_is_an_error(cloud, state, verb, line, side, phase, check):
    put(cloud, phase=phase)
    error, ran = fail(cloud, asm_release, check, **WHO, state=state, version="v9", on_missing="ignore")
    assert isinstance(error, DriftError)
    assert error.message.endswith("is not the one that the task describes: version is 'v2', desired is 'v9'")
    assert ran.writes == []


MISSING = (
    "Release 'bookinfo/reviews-v2' was not {} by this task: it is not listed. It ended earlier, or it never existed. "
)
MISSING_HINT = "Correct the name. If the release ended earlier, delete its entry from the desired state or set on_missing to ignore."


@ENDINGS
@pytest.mark.parametrize("check", [True, False])
def test_release_that_is_not_listed_is_reported(cloud, state, verb, line, side, check):
    put(cloud, "rel-8", metadata={"name": "ratings-v2"}, spec={"serviceName": "ratings"}, phase="Failed")
    put(cloud, "rel-9", metadata={"name": "old"}, phase="Finished")
    put(cloud, "rel-7", metadata={"name": "other", "namespace": "shop"})
    text = MISSING.format(state) + (
        "Active releases in namespace 'bookinfo': 'ratings-v2' (id rel-8, phase 'Failed') of Service 'ratings'."
    )
    for options in (WHO, dict(WHO, **FIELDS)):
        ran = run(cloud, asm_release, check=check, **options, state=state)
        assert (ran["changed"], ran["release"], ran.warnings) == (False, None, [f"{text} {MISSING_HINT}"])
        assert run(cloud, asm_release, check=check, **options, state=state, on_missing="ignore").warnings == []
        error, ran = fail(cloud, asm_release, check, **options, state=state, on_missing="fail")
        assert (type(error), error.message, error.hint) == (DriftError, text, MISSING_HINT)
        assert (ran["changed"], ran.writes) == (False, [])


def test_many_active_releases_are_named_in_part(cloud):
    for number in range(12):
        put(cloud, f"rel-{number}", metadata={"name": f"app{number}-v2"}, spec={"serviceName": f"app{number}"})
    (text,) = run(cloud, asm_release, **WHO, state="promoted").warnings
    assert (text.count(" of Service "), text.endswith(f"of Service 'app9' and 2 more. {MISSING_HINT}")) == (10, True)


@ENDINGS
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("options", [FIELDS, {"service_name": "reviews"}])
def test_same_service_under_another_name_is_an_error(cloud, state, verb, line, side, check, options):
    put(cloud, "rel-8", metadata={"name": "reviews-two"})
    for on_missing in ("warn", "fail"):
        error, ran = fail(cloud, asm_release, check, **WHO, **options, state=state, on_missing=on_missing)
        assert (type(error), error.message) == (
            DriftError,
            f"Cannot {verb} release 'bookinfo/reviews-v2': it is not listed, but Service 'reviews' has the active release "
            "'reviews-two' (id rel-8, phase 'Running').",
        )
        assert (ran["changed"], ran.writes) == (False, [])
    assert run(cloud, asm_release, check=check, **WHO, **options, state=state, on_missing="ignore")["changed"] is False


@ENDINGS
def test_release_that_another_client_ended_meanwhile_is_reported(cloud, state, verb, line, side):
    put(cloud)
    cloud.rule("DELETE", lambda do: cloud.releases.clear() or do())
    ran = run(cloud, asm_release, **WHO, state=state)
    assert (ran["changed"], len(ran.warnings)) == (False, 1)
    put(cloud)
    cloud.rule("DELETE", lambda do: cloud.releases.clear() or do())
    error, ran = fail(cloud, asm_release, **WHO, state=state, on_missing="fail")
    assert (type(error), ran["changed"]) == (DriftError, False)


@ENDINGS
@pytest.mark.parametrize("on_missing", ["warn", "fail"])
@pytest.mark.parametrize("lost", [True, False])
def test_release_that_this_task_ended_needs_no_warning(cloud, state, verb, line, side, on_missing, lost):
    put(cloud, "rel-0", phase={"promoted": "Canceled", "canceled": "Finished"}[state], spec={"version": "v1"})
    put(cloud)
    cloud.receives_traffic = side
    if lost:
        cloud.drop_response("DELETE")
    ran = run(cloud, asm_release, **WHO, state=state, on_missing=on_missing)
    assert (ran["changed"], ran["release"], ran.warnings) == (True, None, [])


@ENDINGS
def test_ending_release_may_disappear(cloud, state, verb, line, side):
    put(cloud, phase={"promoted": "Promoting", "canceled": "Canceling"}[state])
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, cloud.releases.clear)
    ran = run(cloud, asm_release, **WHO, state=state, on_missing="fail")
    assert (ran["changed"], ran["release"], ran.warnings) == (False, None, [])


@pytest.mark.parametrize("options", [DESIRED, WHO, CHANGED])
def test_present_does_not_accept_an_ended_release(cloud, options):
    for phase in ("Finished", "Canceled", "Terminated", "Ending"):
        cloud.releases.clear()
        put(cloud, phase=phase)
        for check in (True, False):
            outcome = run_or_fail(cloud, check, options)
            assert outcome is None or outcome["changed"], (phase, check)


def test_phases_of_the_user(cloud):
    put(cloud, phase="Archived")
    assert run(cloud, asm_release, **WHO, state="promoted", done_phases=["archived"])["changed"] is False
    put(cloud, "rel-2", phase="Finished")
    assert run(cloud, asm_release, check=True, **WHO, state="promoted", done_phases=["archived"])["release"] is None
    error, dummy = fail(cloud, asm_release, **WHO, done_phases=["archived"], failed_phases=["finished"])
    assert error.message == "Release 'bookinfo/reviews-v2' is in phase 'Finished'."
    assert (
        run(
            cloud, asm_release, **WHO, done_phases=["archived"], failed_phases=["finished"], active_phases=["FINISHED"]
        )["changed"]
        is False
    )


# A release that somebody else is ending


BEING_ENDED = pytest.mark.parametrize(
    ("phase", "words"),
    [("Ending", {}), ("CANCELING", {}), ("RollingBack", {}), ("Switching", {"ending_phases": ["switching"]})],
)


@BEING_ENDED
@ENDINGS
@pytest.mark.parametrize("keeps", [True, False])
def test_release_that_is_being_ended_is_waited_for(cloud, state, verb, line, side, phase, words, keeps):
    words = dict(words, canceled_phases=[], promoted_phases=["Finished"])
    put(cloud, phase=phase)
    assert run(cloud, asm_release, check=True, **WHO, **words, state=state)["changed"] is False
    for dummy in range(2):
        cloud.rule(LIST, lambda do: do())
    cloud.before(
        LIST, lambda: cloud.releases[0]["status"].update(phase="Finished") if keeps else cloud.releases.clear()
    )
    if keeps and state == "canceled":
        error, ran = fail(cloud, asm_release, **WHO, **words, state=state, version="v2")
        assert isinstance(error, DriftError) and "it was promoted" in error.message
        return
    ran = run(cloud, asm_release, **WHO, **words, state=state, version="v2")
    after = dict(RESULT, status=dict(STATUS, phase="Finished")) if keeps else None
    assert (ran["changed"], ran["release"], ran.actions, ran.sleeps) == (False, after, [], [2])
    assert (ran.request_log, len(ran.warnings)) == ([MESHES, LIST, LIST, LIST], int(not keeps))


@ENDINGS
def test_terminating_release_is_not_awaited_without_wait(cloud, state, verb, line, side):
    put(cloud, phase="Ending")
    ran = run(cloud, asm_release, **WHO, state=state, wait=False)
    assert (ran["changed"], ran["release"]["status"]["phase"], ran.writes, ran.sleeps) == (False, "Ending", [], [])


@BEING_ENDED
@pytest.mark.parametrize(
    "options",
    [DESIRED, WHO, CHANGED, make_desired(deployment_name="x"), make_desired(deployment_name="x", on_drift="warn")],
)
@pytest.mark.parametrize("check", [True, False])
def test_present_fails_for_an_ending_release(cloud, phase, words, options, check):
    put(cloud, phase=phase)
    error, ran = fail(cloud, asm_release, check, **options, **words)
    assert (type(error), str(error)) == (
        WaitError,
        f"Release 'bookinfo/reviews-v2' is being ended (phase '{phase}'). "
        "Rerun the task when it has ended. If that phase has another meaning, set ending_phases.",
    )
    assert (ran["changed"], ran.request_log, ran.sleeps) == (False, [MESHES, LIST], [])


def test_phases_of_the_user_have_precedence(cloud):
    put(cloud, phase="Promoting")
    assert run(cloud, asm_release, **DESIRED, active_phases=["promoting"])["changed"] is False
    assert "was promoted" in fail(cloud, asm_release, **DESIRED, done_phases=["promoting"])[0].message


def test_release_ended_during_the_wait(cloud):
    cloud.phases = ["Creating", "Terminating"]
    cloud.before("POST", lambda: None)
    error, ran = fail(cloud, asm_release, **make_desired(active_phases=[]))
    assert (type(error), error.message) == (
        WaitError,
        "Release 'bookinfo/reviews-v2' is being ended (phase 'Terminating').",
    )
    assert (ran["changed"], ran.actions, ran.sleeps) == (True, [("create", WRITTEN, "req-3")], [])


# Ending: what was meant, what the service refuses


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"version": "v3"}, "version is 'v2', desired is 'v3'"),
        (
            {"gray_deployments": CHANGED["gray_deployments"]},
            f"{IMAGE}: 'example.com/reviews:1' -> 'example.com/reviews:2'",
        ),
    ],
)
@pytest.mark.parametrize("state", ["promoted", "canceled"])
def test_different_release_is_not_ended(cloud, check, options, text, state):
    put(cloud)
    error, ran = fail(cloud, asm_release, check, **WHO, **options, state=state)
    assert isinstance(error, DriftError)
    assert (error.message, error.hint) == (
        f"Release 'bookinfo/reviews-v2' is not the one that the task describes: {text}",
        MEANT,
    )
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST])


@pytest.mark.parametrize("check", [True, False])
def test_other_release_is_ended_with_on_drift_warn(cloud, check):
    put(cloud)
    ran = run(cloud, asm_release, check=check, **WHO, version="v3", state="canceled", on_drift="warn")
    assert ran.warnings == [
        "Release 'bookinfo/reviews-v2' is not the one that the task describes: version is 'v2', desired is 'v3'"
    ]
    assert (ran["changed"], ran.writes) == (True, [] if check else [CANCEL])


def test_promotion_refused_for_the_traffic(cloud):
    put(cloud)
    error, ran = fail(cloud, asm_release, **WHO, state="promoted")
    assert isinstance(error, BadRequestError)
    assert str(error) == (
        "Failed to promote release 'bookinfo/reviews-v2': Traffic is not where it has to be (HTTP 400, ASM.01010001, request id req-3). "
        "The service promotes a release only while the gray version receives all traffic: first move all traffic of Service 'reviews' "
        "in namespace 'bookinfo' to the gray version 'v2' (weight 100 in its Istio VirtualService in cluster c-1, "
        "or 'take over all traffic' in the console), then rerun the task. "
        "If it receives all traffic already, the service may require another action: set end_action."
    )
    # The service may have meant that it knows no release by that id.
    assert (ran["changed"], ran.request_log) == (
        False,
        [MESHES, LIST, END, LIST, END.replace("rel-1", "reviews-v2"), LIST],
    )
    assert error.facts()["hint"] == error.hint


def test_cancellation_refused_for_the_traffic(cloud):
    put(cloud)
    cloud.receives_traffic = "gray"
    error, ran = fail(cloud, asm_release, **WHO, state="canceled")
    assert error.hint == (
        "The service cancels a release only while the original version receives all traffic: first move all traffic of Service 'reviews' "
        "in namespace 'bookinfo' to the original Deployment 'reviews-v1' (weight 100 in its Istio VirtualService in cluster c-1, "
        "or 'take over all traffic' in the console), then rerun the task. "
        "If it receives all traffic already, the service may require another action: set cancel_action."
    )
    assert (ran["changed"], ran.writes) == (False, [CANCEL, CANCEL.replace("rel-1", "reviews-v2")])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}),
        (400, {"error_code": "APIGW.0105", "error_msg": "Backend misconfigured"}),
        (404, None),
        (413, {"error_msg": "Request entity too large"}),
    ],
)
def test_not_every_refusal_is_about_the_traffic(cloud, status, body):
    put(cloud)
    cloud.respond("DELETE", status, body)
    error, dummy = fail(cloud, asm_release, **WHO, state="promoted")
    assert isinstance(error, BadRequestError)
    assert "traffic" not in str(error)


@ENDINGS
def test_end_without_response(cloud, state, verb, line, side):
    put(cloud)
    cloud.receives_traffic = side
    cloud.drop_response("DELETE")
    ran = run(cloud, asm_release, **WHO, state=state)
    assert (ran["changed"], [action[:2] for action in ran.actions]) == (True, [(verb, [])])
    assert ran.writes == [line, line]
    assert set(ran.request_log) == {MESHES, LIST, line}


def test_resent_end_is_refused_because_it_was_applied(cloud):
    put(cloud)
    cloud.keeps_ended = True
    cloud.drop_response("DELETE")
    cloud.respond("DELETE", 400, {"errorCode": "ASM.01010001", "errorMsg": "The release is canceled."})
    ran = run(cloud, asm_release, **WHO, state="canceled")
    assert (ran["changed"], ran["release"]["status"]["phase"]) == (True, "Canceled")


SAID_NO = (400, {"errorCode": "ASM.01010001", "errorMsg": "The release is being ended or canceled."})
LEFT = "Rolling"


def first_then_refused(cloud, first, phase):
    """Respond to the first DELETE with ``first`` (None: no response), then change the phase and refuse the second DELETE."""
    if first is None:
        cloud.break_connection("DELETE")
    else:
        cloud.respond("DELETE", first, {"errorCode": "ASM.01040001", "errorMsg": "Not now."})

    def refuse(do):
        cloud.releases[0]["status"]["phase"] = phase
        return SAID_NO

    cloud.rule("DELETE", refuse)


@ENDINGS
@pytest.mark.parametrize("first", [None, 502, 504])
def test_release_missing_after_lost_response_has_ended(cloud, state, verb, line, side, first):
    put(cloud)
    first_then_refused(cloud, first, LEFT)
    ran = run(cloud, asm_release, **WHO, state=state, wait=False)
    assert (ran["changed"], [action[0] for action in ran.actions], ran.writes) == (True, [verb], [line, line])


@pytest.mark.parametrize(
    ("first", "before", "after"),
    [
        (503, "Running", LEFT),
        (429, "Running", LEFT),
        (500, "Running", LEFT),
        (502, "Running", "Failed"),
        (None, "Running", "RolloutFailed"),
        (None, "Running", "Active"),
        (None, "Running", "Running"),
        (None, "Failed", LEFT),
        (504, "Pending", "Deploying"),
    ],
)
@pytest.mark.parametrize("wait", [True, False])
def test_refused_ending_is_not_a_change(cloud, first, before, after, wait):
    put(cloud, phase=before)["status"]["grayDeployments"] = [observed("reviews-v2", available=0)]
    first_then_refused(cloud, first, after)
    error, ran = fail(cloud, asm_release, **WHO, state="canceled", wait=wait)
    assert (type(error), error.service_message, ran["changed"], ran.actions) == (
        BadRequestError,
        "The release is being ended or canceled.",
        False,
        [],
    )


@ENDINGS
@pytest.mark.parametrize("phase", [None, "Terminated", "Ending"])
def test_end_by_another_client_is_not_a_change(cloud, state, verb, line, side, phase):
    put(cloud)

    def adopted():
        if phase:
            cloud.releases[0]["status"]["phase"] = phase
        else:
            cloud.releases.clear()

    cloud.rule("DELETE", lambda do: adopted() or (do() if phase is None else SAID_NO))
    ran = run(cloud, asm_release, **WHO, state=state, wait=False)
    left = dict(RESULT, status=dict(STATUS, phase=phase)) if phase else None
    assert (ran["changed"], ran["release"], ran.actions, ran["diff"]) == (
        False,
        left,
        [],
        diff(left or {}, left or {}),
    )
    assert ran.writes == [line]


def test_ending_that_was_not_done_is_an_error(cloud):
    put(cloud)
    cloud.respond("DELETE", *INTERNAL, times=2)
    error, ran = fail(cloud, asm_release, **WHO, state="canceled")
    assert isinstance(error, ServerError)
    assert (
        error.message
        == "Failed to cancel release 'bookinfo/reviews-v2': Internal error (HTTP 500, ASM.01040001, request id req-4, 2 attempts)"
    )
    # It may come into the list late, so it is read a few times more.
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST, CANCEL, CANCEL, LIST, LIST, LIST, LIST])


def test_unknown_release_that_is_listed_is_an_error(cloud):
    put(cloud)
    cloud.respond("DELETE", 404, {"errorCode": "ASM.01010002", "errorMsg": "Resource not found."})
    error, ran = fail(cloud, asm_release, **WHO, state="canceled")
    assert (type(error), ran["changed"]) == (NotFoundError, False)


# Lost answers of a creation


@pytest.mark.parametrize(
    "lose",
    [
        lambda cloud: cloud.drop_response("POST"),
        lambda cloud: cloud.corrupt_response("POST", *INTERNAL),
        lambda cloud: cloud.corrupt_response("POST", 200, b"{"),
    ],
    ids=["reset", "500", "garbage"],
)
@pytest.mark.parametrize("wait", [True, False])
def test_lost_response_is_followed_by_a_list(cloud, lose, wait):
    lose(cloud)
    ran = run(cloud, asm_release, **make_desired(wait=wait))
    assert (ran["changed"], ran["release"], ran["changed_fields"]) == (True, RESULT, WRITTEN)
    assert ran.request_log == [MESHES, LIST, POST, LIST, LIST]


def test_lost_response_without_object_is_an_error(cloud):
    cloud.respond("POST", 200, b"{")
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert isinstance(error, ProtocolError)
    assert (
        error.message
        == "Failed to create release 'bookinfo/reviews-v2': the response is not valid JSON (HTTP 200, request id req-3)"
    )
    assert error.hint.startswith(
        "It is unknown whether the request was applied: no list shows its effect yet. Rerun the task: it checks the actual state first."
    )
    assert (ran["changed"], ran.request_log) == (False, [MESHES, LIST, POST, LIST, LIST, LIST, LIST])


def test_lost_response_with_different_object_is_an_error(cloud):
    cloud.rule("POST", lambda do: put(cloud, spec={"version": "v9"}) and INTERNAL)
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert isinstance(error, DriftError)
    assert error.message.endswith(
        ". Meanwhile release 'bookinfo/reviews-v2' exists and differs: version is 'v9', desired is 'v2'"
    )
    assert (ran["changed"], ran.writes) == (False, [POST])


def test_lost_response_and_failed_list_are_unknown(cloud):
    cloud.drop_response("POST")
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, *INTERNAL, times=2)
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert isinstance(error, TransportError)
    assert error.hint is not None
    assert error.hint.startswith(
        "It is unknown whether the request was applied, because the check failed too: Failed to list the releases of mesh 'm-1': Internal error"
    )
    assert ran.writes == [POST]


@pytest.mark.parametrize(
    "refusal", [EXISTS, (400, {"errorCode": "ASM.01010001", "errorMsg": "Invalid request."})], ids=["409", "400"]
)
def test_object_created_by_another_client(cloud, refusal):
    cloud.rule("POST", lambda do: put(cloud, "rel-7") and refusal)
    ran = run(cloud, asm_release, **DESIRED)
    assert (ran["changed"], ran["release"]["id"], ran.actions, ran.request_log) == (
        False,
        "rel-7",
        [],
        [MESHES, LIST, POST, LIST],
    )
    cloud.releases.clear()
    cloud.respond("POST", *refusal)
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert error.__class__ is (ConflictError if refusal[0] == 409 else BadRequestError)
    assert ran.request_log == [MESHES, LIST, POST, LIST]


# Waiting


def test_creation_waits_until_ready(cloud):
    cloud.phases = ["Pending", "Pending", "Creating", "running"]
    ran = run(cloud, asm_release, **make_desired(gray_deployments=DESIRED["gray_deployments"]))
    # The original Deployment and the gray ones are available at once here, which counts for a phase in none of the lists.
    assert ran["release"]["status"]["phase"] == "Pending"
    cloud.releases[0]["status"]["grayDeployments"] = [observed("reviews-v2", available=0)]
    cloud.phases = ["Pending", "Creating", "running"]
    ran = run(cloud, asm_release, **DESIRED)
    assert (ran["changed"], ran["release"]["status"]["phase"], ran.request_log) == (
        False,
        "running",
        [MESHES, LIST, LIST, LIST],
    )
    assert ran.sleeps == [2, 3]


def test_unchanged_release_is_awaited_except_in_check_mode(cloud):
    put(cloud, phase="Pending")["status"]["grayDeployments"] = []
    assert run(cloud, asm_release, check=True, **DESIRED).sleeps == []
    assert run(cloud, asm_release, **make_desired(wait=False)).sleeps == []
    error, ran = fail(cloud, asm_release, **make_desired(wait_timeout=4))
    assert isinstance(error, WaitError)
    assert error.message == (
        "Timed out after 4 s waiting for release 'bookinfo/reviews-v2' to be ready: its last phase was 'Pending' "
        "(if that means ready, ended or failed, add it to active_phases, done_phases or failed_phases)"
    )
    assert (ran["changed"], sum(ran.sleeps)) == (False, 4)


@pytest.mark.parametrize("phase", ["Failed", "ERROR", "CreateFailed"])
def test_failed_phase_ends_the_wait_immediately(cloud, phase):
    cloud.phases = ["Creating", phase]
    cloud.rule("POST", lambda do: do())
    error, ran = fail(cloud, asm_release, **DESIRED)
    assert isinstance(error, WaitError)
    assert str(error) == (
        f"Release 'bookinfo/reviews-v2' is in phase '{phase}'. "
        "Check its Deployments, then cancel the release (state=canceled) or set an image that works."
    )
    assert (ran["changed"], ran.actions, ran.sleeps) == (True, [("create", WRITTEN, "req-3")], [])


@pytest.mark.parametrize("check", [True, False])
def test_release_that_failed_before_is_not_a_success(cloud, check):
    put(cloud, phase="Failed")
    error, ran = fail(cloud, asm_release, check, **DESIRED)
    assert (type(error), ran["changed"], ran.request_log) == (WaitError, False, [MESHES, LIST])


def test_failed_release_can_be_given_another_image(cloud):
    put(cloud, phase="Failed")
    cloud.rule(LIST, lambda do: do())
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, lambda: cloud.releases[0]["status"].update(phase="Running"))
    ran = run(cloud, asm_release, **CHANGED)
    assert (ran["changed"], ran["release"]["status"]["phase"]) == (True, "Running")
    assert ran.request_log == [MESHES, LIST, PUT, LIST, LIST]


OLD, NEW = (
    dict(with_image(f"example.com/reviews:{tag}", READ_BACK), status={"availableReplicas": 1}) for tag in (1, 2)
)


@pytest.mark.parametrize("phase", ["Running", "Rolling"])
@pytest.mark.parametrize("coming", [dict(NEW, status={}), NEW])
def test_update_waits_until_the_image_runs(cloud, phase, coming):
    """The phase and what is observed are those of the old image for a while; an unknown phase counts as up when the new one is available."""
    put(cloud, phase=phase)["status"]["grayDeployments"] = [OLD]

    def observe(deployment):
        return lambda: cloud.releases[0]["status"].update(grayDeployments=[deployment])

    for dummy in range(3):
        cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, observe(coming))
    cloud.before(LIST, observe(NEW))
    ran = run(cloud, asm_release, **CHANGED)
    at_once = phase == "Running" or coming is NEW
    assert (ran["changed"], ran["release"]["status"]["gray_deployments"]) == (True, [coming if at_once else NEW])
    assert ran.sleeps == ([2, 3] if at_once else [2, 3, 4.5])


@pytest.mark.parametrize("lost", [False, True])
def test_update_fails_if_the_image_never_runs(cloud, lost):
    """This includes updates that only a list proves."""
    if lost:
        cloud.drop_response("PUT", times=9)
    put(cloud)["status"]["grayDeployments"] = [OLD]
    error, ran = fail(cloud, asm_release, **CHANGED, wait_timeout=3)
    assert (type(error), error.message) == (
        WaitError,
        "Timed out after 3 s waiting for release 'bookinfo/reviews-v2' to be ready: its phase is 'Running', but its Deployments do not show the new images",
    )
    assert (ran["changed"], ran.actions) == (True, [("update", [IMAGE], None if lost else "req-3")])


@pytest.mark.parametrize(
    "result",
    [
        observed("reviews-v2"),
        dict(OLD, metadata={"name": "other"}),
        {},
        {"spec": {"template": {"spec": {"containers": None}}}},
    ],
)
def test_images_are_compared_where_they_are_returned(cloud, result):
    put(cloud)["status"]["grayDeployments"] = [result]
    ran = run(cloud, asm_release, **CHANGED)
    assert (ran["changed"], ran.sleeps) == (True, [])


def test_old_image_is_ignored_without_wait_or_change(cloud):
    put(cloud)["status"]["grayDeployments"] = [OLD]
    assert run(cloud, asm_release, **CHANGED, wait=False)["changed"] is True
    assert run(cloud, asm_release, **CHANGED).sleeps == []


def test_failed_release_can_fail_again(cloud):
    put(cloud, phase="Failed")
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, lambda: cloud.releases[0]["status"].update(phase="Failed", updateTime="2026-01-02T04:00:00Z"))
    error, ran = fail(cloud, asm_release, **CHANGED)
    assert (type(error), ran["changed"], ran.actions) == (WaitError, True, [("update", [IMAGE], "req-3")])


def test_creation_without_wait(cloud):
    cloud.phases = ["Creating"] * 3
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, {"items": []})
    ran = run(cloud, asm_release, **make_desired(wait=False))
    assert (ran["changed"], ran["release"]["id"], ran.request_log) == (True, "rel-1", [MESHES, LIST, POST, LIST])


def test_release_deleted_during_update_is_an_error(cloud):
    put(cloud)
    cloud.before("PUT", lambda: None)
    cloud.rule("PUT", lambda do: do())
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, {"items": None})
    error, ran = fail(cloud, asm_release, **CHANGED, wait=False)
    assert isinstance(error, WaitError)
    assert (
        error.message
        == "Failed to update release 'bookinfo/reviews-v2': the request was accepted, but the resource is not listed."
    )
    assert ran["changed"] is True


def test_image_the_service_did_not_take_is_an_error(cloud):
    put(cloud)
    cloud.respond("PUT", 200)
    error, ran = fail(cloud, asm_release, **CHANGED)
    assert isinstance(error, DriftError)
    assert error.message == (
        "Failed to update release 'bookinfo/reviews-v2': the request was accepted, but these values still differ: "
        f"{IMAGE}: 'example.com/reviews:1' -> 'example.com/reviews:2'"
    )
    assert ran["changed"] is True


@ENDINGS
def test_ending_waits(cloud, state, verb, line, side):
    put(cloud)
    cloud.respond("DELETE", 200)
    for dummy in range(3):
        cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, cloud.releases.clear)
    ran = run(cloud, asm_release, **WHO, state=state)
    assert (ran["changed"], ran["release"], ran.sleeps) == (True, None, [2, 3])


@ENDINGS
def test_end_that_never_completes(cloud, state, verb, line, side):
    put(cloud)
    cloud.respond("DELETE", 200)
    error, ran = fail(cloud, asm_release, **WHO, state=state, wait_timeout=3)
    assert isinstance(error, WaitError)
    assert error.message == (
        f"Timed out after 3 s waiting for release 'bookinfo/reviews-v2' to be {state}: its last phase was 'Running' "
        "(if that means ready, ended or failed, add it to active_phases, done_phases or failed_phases)"
    )
    assert (ran["changed"], ran.actions) == (True, [(verb, [], "req-3")])


@pytest.mark.parametrize("keeps", [True, False])
def test_ending_without_wait(cloud, keeps):
    put(cloud)
    cloud.keeps_ended = keeps
    ran = run(cloud, asm_release, **WHO, state="canceled", wait=False)
    assert (ran["changed"], ran.request_log) == (True, [MESHES, LIST, CANCEL, LIST])
    assert (ran["release"] is not None) == keeps


def test_end_without_wait_of_a_running_release(cloud):
    put(cloud)
    cloud.respond("DELETE", 200)
    assert run(cloud, asm_release, check=True, **WHO, state="canceled", wait=False)["release"] is None
    ran = run(cloud, asm_release, **WHO, state="canceled", wait=False)
    assert (ran["changed"], ran["release"], ran["diff"]) == (True, RESULT, diff(RESULT, None))


def test_release_that_is_never_listed(cloud):
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, 200, {"items": []}, times=5)
    error, dummy = fail(cloud, asm_release, **make_desired(wait_timeout=3))
    assert (
        error.message == "Timed out after 3 s waiting for release 'bookinfo/reviews-v2' to be ready: it is not listed"
    )


def test_refusal_after_a_lost_response_does_not_deny_the_end(cloud, monkeypatch):
    params = parameters(asm_release, make_desired(state="promoted", on_missing="fail"))
    session = open_session(cloud, False, params, [])
    listing = get_release_list(session, "m-1")
    release = Release(session, params, desired_release(params), {"id": "m-1", "name": "shop"}, listing)
    failures = [TransportError("lost", method="DELETE"), BadRequestError("refused", status=400, method="DELETE")]

    def fail_next(observed):
        raise failures.pop(0)

    monkeypatch.setattr(release, "_send_end", fail_next)
    for error in (TransportError, BadRequestError):
        with pytest.raises(error):
            release.delete({})
    # The first request may have ended the release, so that it is not missing.
    release.validate("promote", None)
