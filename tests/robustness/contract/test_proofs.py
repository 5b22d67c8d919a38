# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that look like a proof of something and are none, and a removal that meets with trouble."""

from __future__ import annotations

import itertools
import json
import typing as t

import pytest
import trial
from conversation import RELEASE, USER, Between, Result, TaskResult, answer, converse, sent
from harness import Emulator

UNSEEN = "could not be looked at"
BASE = "look-0a1b2c3d"

HttpRequest = t.Dict[str, t.Any]
Send = t.Callable[[], Result]


def instead(fits: t.Callable[[HttpRequest], bool], result: Result) -> Between:
    return lambda call, send: dict(result) if fits(call) else send()


def called(*names: str) -> t.Callable[[HttpRequest], bool]:
    return lambda call: call["name"] in names


def changed(change: t.Callable[[t.Any], None], fits: t.Callable[[HttpRequest], bool]) -> Between:
    """What the service answers, with something else in it."""

    def between(call: HttpRequest, send: Send) -> Result:
        result = send()
        if fits(call) and result["status"] == 200 and result["content"]:
            content = json.loads(result["content"])
            change(content)
            result["content"] = json.dumps(content)
        return result

    return between


def states(task_result: TaskResult, *names: str) -> set[str]:
    return {task_result.findings[name]["state"] for name in names}


@pytest.fixture
def users(emulator: Emulator) -> Emulator:
    emulator.seed(users=[USER])
    return emulator


def test_a_service_that_takes_any_word(users: Emulator) -> None:
    task_result = converse(users, looking=instead(called(f"remove it with the action {BASE}-nothing"), answer(200)))
    assert states(
        task_result, "action_end", "action_cancel", "traffic_precondition", "release_traffic", "terminated_releases"
    ) == {UNSEEN}
    assert task_result.findings["action_end"]["seen"] == "a word without meaning is accepted: 200"
    assert not any(name.endswith("the action end") for name in task_result.asked)
    assert task_result.left == []


def test_messages_that_differ_each_time(users: Emulator) -> None:
    """An ID in a message makes no word a known one, and no Content-Type a needed one."""
    users.set(action_end="complete", content_type="optional")
    count = itertools.count()

    def between(call: HttpRequest, send: Send) -> Result:
        result = send()
        error = json.loads(result["content"]) if result["status"] >= 400 else {}
        if "errorMsg" in error:
            # Once with digits, once with letters only.
            error["errorMsg"] += f" trace {next(count)} {'abcdefgh'[next(count) % 8]}"
            result["content"] = json.dumps(error)
        return result

    task_result = converse(users, looking=between)
    assert task_result.findings["action_end"]["state"] == UNSEEN
    assert task_result.settings()["action_cancel"] == "cancel"
    assert task_result.settings()["content_type"] == "optional"


def test_an_image_that_begins_like_the_new_one(users: Emulator) -> None:
    template = json.loads(json.dumps(trial.DEPLOYMENT).replace("reviews:1", "reviews:2.0.10"))
    release = {**RELEASE, "template": template, "new_image": "registry.example.com/reviews:2.0.1"}
    task_result = converse(users, looking=instead(called("give it another image"), answer(200)), release=release)
    assert task_result.settings()["release_update"] == "fails"
    assert task_result.findings["release_update"]["seen"].endswith(
        "reviews:2.0.1 does not show, registry.example.com/reviews:2.0.10 does"
    )


def test_grants_that_were_never_there(users: Emulator) -> None:
    task_result = converse(
        users, looking=changed(lambda body: body.pop("grants", None), called(f"show workspace {BASE}-d"))
    )
    assert task_result.findings["workspace_put_grants"]["state"] == UNSEEN
    assert converse(users, run="1a1b2c3d").settings()["workspace_put_grants"] == "cleared"


def test_a_limit_is_no_taken_name(users: Emulator) -> None:
    full = answer(400, {"error_code": "ModelArts.7006", "error_msg": "limit 2"})
    posts = itertools.count()
    task_result = converse(
        users, looking=lambda call, send: full if call["method"] == "POST" and next(posts) == 1 else send()
    )
    assert task_result.findings["duplicate_workspace_name"]["state"] == UNSEEN
    assert task_result.settings()["workspace_limit"] == "2"


def test_one_workspace_shows_no_cap(users: Emulator) -> None:
    refused = answer(400, {"error_code": "ModelArts.0104", "error_msg": "no"})
    task_result = converse(
        users, looking=instead(lambda call: call["method"] == "POST" and call["service"] == "modelarts", refused)
    )
    assert task_result.findings["page_cap"]["state"] == UNSEEN
    again = converse(
        users, looking=instead(called("list all workspaces", "list the workspaces of this run"), answer(200))
    )
    assert again.findings["page_cap"]["state"] == UNSEEN


def test_an_update_is_seen_against_what_was_there(users: Emulator) -> None:
    task_result = converse(
        users,
        looking=instead(
            called(f"show workspace {BASE}-a"), answer(400, {"error_code": "ModelArts.1", "error_msg": "no"})
        ),
    )
    assert states(task_result, "workspace_update_answer", "workspace_put_omitted", "auth_type_readback") == {UNSEEN}


def in_phase(phase: str) -> t.Callable[[t.Any], None]:
    def change(body: t.Any) -> None:
        for one in body.get("items", [body]):
            one["status"] = {"phase": phase}

    return change


def is_about_a_release(call: HttpRequest) -> bool:
    return "/releases" in call["path"] and call["method"] in ("GET", "POST")


def test_looks_that_are_used_up_while_it_gets_up(users: Emulator) -> None:
    task_result = converse(users, looking=changed(in_phase("Creating"), is_about_a_release))
    assert states(task_result, "release_creation", "release_phases", "release_failed_phase") == {UNSEEN}
    assert task_result.findings["release_creation"]["seen"] == "it was not seen to its end: it went through Creating"


def test_looks_that_are_used_up_while_it_goes(users: Emulator) -> None:
    gone: t.List[str] = []

    def between(call: HttpRequest, send: Send) -> Result:
        if (
            call["method"] == "DELETE"
            and call.get("query", {}).get("action") == "cancel"
            and RELEASE["namespace"] in call["path"]
            and gone
        ):
            return answer(200)
        result = send()
        if call["name"].endswith("-naught"):
            gone.append(call["path"])
        return changed(in_phase("Canceling"), is_about_a_release)(call, lambda: result) if gone else result

    task_result = converse(users, looking=between)
    assert states(task_result, "terminated_releases", "release_canceled_phase", "release_canceling_phase") == {UNSEEN}
    assert task_result.findings["terminated_releases"]["seen"] == "it is still Canceling"
    assert task_result.left == []


def test_what_a_workspace_is_while_it_goes(users: Emulator) -> None:
    going = answer(200, {"status": "DELETING"})
    task_result = converse(
        users,
        looking=lambda call, send: (
            going if call["name"] == "wait until it is removed" and call["service"] == "modelarts" else send()
        ),
    )
    assert task_result.findings["workspace_delete"]["seen"] == "it was not seen to its end: DELETING, then DELETING"
    assert task_result.findings["workspace_delete"]["state"] == UNSEEN


# -- the removal


LISTS = {
    "list all workspaces": (f"workspaces that begin with {BASE}: the list could not be read", ["workspaces"]),
    "list the releases": (f"releases that begin with {BASE}: the list could not be read", ["releases"]),
    "list the workshops": (f"workshops that begin with {BASE}: the list could not be read", ["workshops"]),
    "list the meshes": (
        f"releases and workshops that begin with {BASE}: the mesh could not be found",
        ["workshops", "releases"],
    ),
}
UNREAD = [answer(500, "oops"), answer(429, {"error_code": "APIGW.0308"}), answer(0), answer(200, "<html>")]


def broken_off(emulator: Emulator, cleaning: Between) -> TaskResult:
    """A run that made everything and looked no further."""
    emulator.seed(
        workspaces=[{"name": f"{BASE}-a"}, {"name": f"{BASE}-b"}],
        workshops=[{"name": f"{BASE}-w"}],
        releases=[{"name": f"{BASE}-r", "namespace": "default"}],
    )
    return converse(emulator, looking=lambda call, send: answer(403), cleaning=cleaning)


def ours(emulator: Emulator, kind: str) -> list[str]:
    return [one["name"] for one in emulator.stores()[kind].values() if one["name"].startswith(BASE)]


@pytest.mark.parametrize("title", LISTS)
def test_a_list_that_can_not_be_read_is_not_empty(emulator: Emulator, title: str) -> None:
    said, kinds = LISTS[title]
    for unread in UNREAD:
        emulator.reset()
        task_result = broken_off(emulator, instead(called(title), unread))
        shown = f"{unread['status']} {unread['content']}".strip() if unread["status"] == 500 else str(unread["status"])
        assert [one for one in task_result.left if not one.startswith(f"{said} ({shown}")] == [] and task_result.left
        for kind in ("workspaces", "workshops", "releases"):
            assert bool(ours(emulator, kind)) == (kind in kinds)


def test_a_removal_without_an_answer_ends_nothing(emulator: Emulator) -> None:
    """The first DELETE of each is not answered; it is tried again."""
    seen: t.Set[str] = set()

    def between(call: HttpRequest, send: Send) -> Result:
        if call["method"] == "DELETE" and call["path"] not in seen:
            seen.add(call["path"])
            return answer(0)
        return send()

    task_result = broken_off(emulator, between)
    assert len(seen) > 3
    assert task_result.left == [] and [ours(emulator, kind) for kind in ("workspaces", "workshops", "releases")] == [
        [],
        [],
        [],
    ]


def test_what_is_never_answered_is_named(emulator: Emulator) -> None:
    task_result = broken_off(emulator, instead(lambda call: call["method"] == "DELETE", answer(0)))
    names = [f"workspace {BASE}-a, which is NORMAL", f"workspace {BASE}-b, which is NORMAL", f"workshop {BASE}-w"]
    assert sorted(one for one in task_result.left if not one.startswith("release ")) == sorted(names)
    assert [one.split(",")[0] for one in task_result.left if one.startswith("release ")] == [
        f"release default/{BASE}-r"
    ]


def test_one_word_ends_a_release(emulator: Emulator) -> None:
    """After the first that is accepted no other is sent."""
    task_result = broken_off(emulator, lambda call, send: send())
    assert task_result.left == []
    words = [call for call in task_result.cleaned if call.startswith("remove it with the action")]
    assert words == ["remove it with the action cancel"]


def test_what_is_listed_late_is_removed(emulator: Emulator) -> None:
    """A workshop whose creation was not answered is listed only after another one was removed."""
    emulator.seed(workshops=[{"name": f"{BASE}-w"}])
    emulator.set(workshop_listed_after=2)
    lists = itertools.count()
    body = {
        "metadata": {"name": f"{BASE}-w2"},
        "spec": {"primaryCluster": "c", "ingress": {"elbId": "e", "elbIp": "192.0.2.1", "port": 81}},
    }

    def between(call: HttpRequest, send: Send) -> Result:
        if call["name"] == "list the workshops" and next(lists) == 1:
            made = sent(
                emulator, {"name": "create it", "service": "asm", "method": "POST", "path": call["path"], "body": body}
            )
            assert made["status"] in (200, 201)
        return send()

    task_result = converse(
        emulator,
        looking=lambda call, send: answer(403),
        cleaning=between,
        services=["asm"],
        workshop=trial.WORKSHOP,
        release={},
    )
    assert task_result.left == [] and ours(emulator, "workshops") == []
    assert f"remove workshop {BASE}-w2" in task_result.cleaned


def test_what_no_filter_finds_is_named(emulator: Emulator) -> None:
    """The filter takes whole names only, and nothing can be removed."""
    emulator.set(workspace_name_part="exact")
    task_result = broken_off(
        emulator,
        instead(
            lambda call: call["method"] == "DELETE", answer(403, {"error_code": "ModelArts.0204", "error_msg": "no"})
        ),
    )
    assert sorted(one for one in task_result.left if "workspace" in one) == [
        f"workspace {BASE}-{letter}, which is NORMAL" for letter in "ab"
    ]


@pytest.mark.parametrize("offset", ["record", "page"])
def test_pages_of_workspaces(emulator: Emulator, offset: str) -> None:
    """Whatever an offset counts, few calls find what is in the middle of many."""
    emulator.set(page_cap=3, workspace_offset=offset, workspace_name_part="exact")
    emulator.seed(workspaces=[{"name": f"{prefix}-{number}"} for prefix in ("a", "z") for number in range(9)])
    task_result = broken_off(emulator, lambda call, send: send())
    assert task_result.left == [] and ours(emulator, "workspaces") == []
    # Of 21 and then 19 workspaces: pages 1 to 6, and the records 3, 6, 9, 12, 15 and 18.
    assert task_result.cleaned.count("list more of them") == 2 * len({1, 2, 3, 4, 5, 6, 9, 12, 15, 18})


def test_a_page_for_a_removal_is_looked_after(emulator: Emulator) -> None:
    """Nobody knows what became of it, so no other word is sent before the list is read."""
    pages = itertools.count()

    def between(call: HttpRequest, send: Send) -> Result:
        if call["name"].startswith("remove it with the action") and not next(pages):
            return answer(200, "<html>Please log in</html>")
        return send()

    task_result = broken_off(emulator, between)
    words = [
        name
        for name in task_result.cleaned
        if name.startswith("remove it with the action") or name == "list the releases"
    ]
    assert words[:3] == ["list the releases", "remove it with the action cancel", "list the releases"]
    assert task_result.left == [] and ours(emulator, "releases") == []


# -- answers that are none, and refusals that have another reason


@pytest.mark.parametrize(
    "strange", [answer(200, "<html>portal</html>"), answer(200, {"errorCode": "X.1", "errorMsg": "no such user"})]
)
def test_a_success_of_a_stranger(users: Emulator, strange: Result) -> None:
    users.set(action_end="complete")
    quota = "set its quota exemlProject.gpu_duration to 0"
    task_result = converse(
        users, looking=instead(called("grant it to nobody", quota, "remove it with the action end"), strange)
    )
    assert quota in task_result.asked and "remove it with the action end" in task_result.asked
    assert states(
        task_result, "unknown_grant_user", "quota_zero", "action_end", "traffic_precondition", "release_traffic"
    ) == {UNSEEN}


def test_what_api_request_calls_a_refusal(users: Emulator) -> None:
    """Such as a body that looks well in what says of itself that it is a page."""
    page = {
        **answer(200, {}),
        "error": {"code": None, "message": "the response is an HTML page, not the service's JSON"},
    }
    task_result = converse(users, looking=instead(called("grant it to nobody"), page))
    assert task_result.findings["unknown_grant_user"]["state"] == UNSEEN


def test_whatever_is_written_is_refused(users: Emulator) -> None:
    refused = answer(400, {"error_code": "ModelArts.0104", "error_msg": "status of the workspace does not allow it"})
    task_result = converse(
        users, looking=instead(lambda call: call["method"] == "PUT", refused), services=["modelarts"]
    )
    assert states(task_result, "unknown_grant_user", "quota_zero") == {UNSEEN}
    assert task_result.findings["quota_zero"]["seen"].startswith(
        "its harmless counterpart is not accepted, either: 400 ModelArts.0104"
    )


def test_whatever_is_created_later_is_refused(users: Emulator) -> None:
    refused = answer(400, {"error_code": "ModelArts.0104", "error_msg": "enterprise project is frozen"})
    posts = itertools.count()
    task_result = converse(
        users,
        looking=lambda call, send: dict(refused) if call["method"] == "POST" and next(posts) else send(),
        services=["modelarts"],
    )
    assert states(task_result, "duplicate_workspace_name", "internal_without_grants", "workspace_limit") == {UNSEEN}


def test_internal_is_refused_with_grants_as_well(users: Emulator) -> None:
    refused = answer(400, {"error_code": "ModelArts.0104", "error_msg": "no"})
    task_result = converse(
        users,
        looking=instead(called(f"create workspace {BASE}-c", f"create workspace {BASE}-d"), refused),
        services=["modelarts"],
    )
    assert task_result.findings["internal_without_grants"]["state"] == UNSEEN
    task_result = converse(
        users, looking=instead(called(f"create workspace {BASE}-c"), refused), services=["modelarts"]
    )
    assert task_result.settings()["internal_without_grants"] == "refuse"


ANOTHER = "create another one of the same Service"


def test_a_release_that_is_refused_under_any_name(users: Emulator) -> None:
    """A Service that is busy refuses both, which says nothing of names."""
    busy = answer(400, {"errorCode": "ASM.01010001", "errorMsg": "The Service already has a running task."})
    times = itertools.count()

    def between(call: HttpRequest, send: Send) -> Result:
        is_second = call["path"].endswith("/releases") and call["name"] in ("create it again", ANOTHER)
        return dict(busy) if is_second and next(times) < 2 else send()

    task_result = converse(users, looking=between)
    assert task_result.findings["duplicate_release"]["state"] == UNSEEN
    assert task_result.settings()["one_release_a_service"] == "refused"
    assert task_result.asked.count(ANOTHER) == 2


def test_a_second_release_with_a_name_that_can_not_be(users: Emulator) -> None:
    """It is refused whether another one is under way or not, so it was not refused for the other one."""
    refused = answer(400, {"errorCode": "ASM.01010001", "errorMsg": "metadata.name is invalid"})
    for traffic in ("original", "gray"):
        users.set(release_traffic=traffic)
        task_result = converse(users, looking=instead(called(ANOTHER), refused))
        assert task_result.findings["one_release_a_service"]["state"] == UNSEEN
        assert task_result.settings()["duplicate_release"] == "409"


@pytest.mark.parametrize("traffic", ["original", "gray"])
def test_a_second_release_is_refused_for_the_first(users: Emulator, traffic: str) -> None:
    users.set(release_traffic=traffic)
    task_result = converse(users)
    assert (
        task_result.findings["one_release_a_service"]["state"]
        == task_result.findings["duplicate_release"]["state"]
        == "held"
    )
    assert task_result.left == []
