# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import copy
import json
import logging
import os
import threading
import typing as t
from pathlib import Path

import pytest
import simulated_cloud
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    CheckModeError,
    HuaweiCloudError,
    OptionError,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_events import read_cursor
from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_watcher import (
    ReleaseWatcher,
    parse_arguments,
    watch_releases,
)
from simulated_cloud import Cloud

ENVIRON = {
    "HW_AUTH_TOKEN": "CANARY-given-token",
    "HW_PROJECT_ID": "p-1",
    "HW_ASM_ENDPOINT": "https://asm.example.com",
    "HW_AUTH_URL": "https://iam.example.com",
}
MESHES, RELEASES = "GET /v1/p-1/meshes", "GET /v2/meshes/m-1/releases"
TEMPLATE = {
    "metadata": {"name": "reviews-v2"},
    "spec": {"template": {"metadata": {"annotations": {"note": "CANARY-of-a-template"}}, "spec": {}}},
}
SPEC = {
    "serviceName": "reviews",
    "clusterID": "c-1",
    "deploymentName": "reviews-v1",
    "version": "v2",
    "type": "canary",
    "grayDeployments": [{"clusterID": "c-1", "template": TEMPLATE}],
}


class Stop(asyncio.CancelledError):
    """The end of a test, which cancels the event source."""


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    cloud = Cloud()
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    return cloud


def release(name: str, phase: str = "Running", namespace: str = "default") -> t.Any:
    return simulated_cloud.release(
        f"id-{name}", {"name": name, "namespace": namespace}, copy.deepcopy(SPEC), phase=phase
    )


class Run:
    """A run of the event source. Each step happens during one sleep, and the run ends after the last one."""

    def __init__(self, *steps: t.Callable[[], t.Any], **arguments: t.Any) -> None:
        self.steps = list(steps)
        self.arguments = {"mesh_name": "shop", "interval": 10, **arguments}
        self.events: list[dict[str, t.Any]] = []
        self.delays: list[float] = []

    async def put(self, event: dict[str, t.Any]) -> None:
        self.events.append(event["asm_release"])

    async def sleep(self, seconds: float) -> None:
        self.delays.append(seconds)
        if not self.steps:
            raise Stop
        self.steps.pop(0)()

    def __call__(self) -> list[tuple[str, str, str | None]]:
        """Run until the last step and return name, change and phase of each event."""
        with pytest.raises(Stop):
            asyncio.run(watch_releases(self, self.arguments, ENVIRON, self.sleep))
        return [(event["name"], event["change"], event["phase"]) for event in self.events]


def fail(**arguments: t.Any) -> str:
    run = Run()
    with pytest.raises(HuaweiCloudError) as caught:
        asyncio.run(watch_releases(run, {"mesh_name": "shop", **arguments}, ENVIRON, run.sleep))
    assert (run.events, run.delays) == ([], [])
    return str(caught.value)


def set_phase(cloud: Cloud, phase: str) -> t.Callable[[], None]:
    return lambda: cloud.releases[0]["status"].update(phase=phase)


class TestEvents:
    def test_one_event_for_each_change(self, cloud: Cloud) -> None:
        cloud.releases = [release("a", "Creating")]
        run = Run(
            set_phase(cloud, "Running"),
            lambda: None,
            lambda: cloud.releases.append(release("b")),
            lambda: cloud.releases.pop(0),
        )
        assert run() == [("a", "phase_changed", "Running"), ("b", "created", "Running"), ("a", "deleted", None)]
        assert run.delays == [10] * 5
        # The mesh is looked up once.
        assert cloud.request_log == [MESHES] + [RELEASES] * 5
        assert (run.events[0]["mesh_id"], run.events[0]["mesh_name"]) == ("m-1", "shop")

    def test_only_one_namespace(self, cloud: Cloud) -> None:
        run = Run(
            lambda: cloud.releases.extend([release("a", namespace="other"), release("b")]),
            mesh_id="m-1",
            mesh_name="",
            namespace="other",
        )
        assert run() == [("a", "created", "Running")]

    def test_no_secrets_in_events(self, cloud: Cloud) -> None:
        run = Run(lambda: cloud.releases.append(release("a")))
        run()
        assert "CANARY" not in json.dumps(run.events)

    def test_event_loop_is_not_blocked(self, cloud: Cloud) -> None:
        """The requests run in other threads than the event loop."""
        threads: list[threading.Thread] = []
        cloud.before(MESHES, lambda: threads.append(threading.current_thread()))
        cloud.before(RELEASES, lambda: threads.append(threading.current_thread()))
        Run()()
        assert len(threads) == 2
        assert all(thread.daemon and thread is not threading.main_thread() for thread in threads)

    def test_request_ids_do_not_accumulate(self, cloud: Cloud) -> None:
        watcher = ReleaseWatcher(parse_arguments({"mesh_name": "shop"})[0], ENVIRON)
        watcher.poll()
        watcher.poll()
        assert watcher._session.client.request_ids == []

    def test_writes_are_refused(self, cloud: Cloud) -> None:
        watcher = ReleaseWatcher(parse_arguments({"mesh_name": "shop"})[0], ENVIRON)
        with pytest.raises(CheckModeError):
            delete_release(watcher)
        assert cloud.request_log == []


def delete_release(watcher: ReleaseWatcher) -> None:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm

    asm.end_release(watcher._session.client, "m-1", "default", "a", "id-a", verb="promote", action="end")


class TestFailures:
    @pytest.fixture
    def changing(self, cloud: Cloud) -> t.Callable[..., Run]:
        """Return a function for a run in which the release fails, and the list requests fail in the given way before."""
        cloud.releases = [release("a")]

        def make(break_list: t.Callable[[], t.Any], **arguments: t.Any) -> Run:
            def change() -> None:
                cloud.releases[0]["status"]["phase"] = "Failed"
                break_list()

            return Run(change, *[lambda: None] * 4, max_retries=0, **arguments)

        return make

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, {"errorCode": "ASM.01040001", "errorMsg": "Internal error."}),
            (401, {"errorCode": "ASM.01000001", "errorMsg": "Authenticate error."}),
            (404, {"errorCode": "ASM.01010002", "errorMsg": "Resource not found."}),
            (200, {"kind": "ReleaseList"}),
            (200, b'{"kind": "ReleaseList", "items": ['),
            (200, b"<html>Login</html>"),
            (302, None),
        ],
    )
    def test_no_event_without_a_complete_list(
        self, cloud: Cloud, changing: t.Callable[..., Run], status: int, body: t.Any
    ) -> None:
        run = changing(lambda: cloud.respond(RELEASES, status, body, times=3))
        assert run() == [("a", "phase_changed", "Failed")]
        # The delay doubles with each failure, and is the interval again after a success.
        assert run.delays == [10, 20, 40, 80, 10, 10]

    def test_lost_connection(self, cloud: Cloud, changing: t.Callable[..., Run]) -> None:
        run = changing(lambda: cloud.break_connection(RELEASES, times=2))
        assert run() == [("a", "phase_changed", "Failed")]

    def test_delay_has_a_limit(self, cloud: Cloud) -> None:
        cloud.respond(MESHES, 503, None, times=40)
        run = Run(*[lambda: None] * 30, max_retries=0)
        assert run() == []
        assert run.delays[:7] == [20, 40, 80, 160, 320, 600, 600]
        assert set(run.delays[6:]) == {600}

    def test_delay_is_at_least_the_interval(self, cloud: Cloud) -> None:
        cloud.respond(MESHES, 503, None)
        run = Run(interval=900, max_retries=0)
        run()
        assert run.delays == [900]

    def test_mesh_is_looked_up_again_after_a_failure(self, cloud: Cloud, changing: t.Callable[..., Run]) -> None:
        run = changing(lambda: cloud.respond(RELEASES, 404, {"errorCode": "ASM.01010002"}))
        run()
        assert cloud.request_log[:5] == [MESHES, RELEASES, RELEASES, MESHES, RELEASES]

    def test_mesh_that_was_deleted_later_is_not_fatal(self, cloud: Cloud, changing: t.Callable[..., Run]) -> None:
        meshes, cloud_meshes = list(cloud.meshes), cloud.meshes
        run = changing(lambda: (cloud.respond(RELEASES, 404, {"errorCode": "ASM.01010002"}), cloud_meshes.clear()))
        run.steps[3] = lambda: cloud_meshes.extend(meshes)
        assert run() == [("a", "phase_changed", "Failed")]

    def test_log_names_the_error_and_no_secret(
        self, cloud: Cloud, changing: t.Callable[..., Run], caplog: pytest.LogCaptureFixture
    ) -> None:
        message = "Bad token CANARY-given-token"
        run = changing(lambda: cloud.respond(RELEASES, 500, {"errorCode": "ASM.01040001", "errorMsg": message}))
        with caplog.at_level(logging.DEBUG):
            run()
        (record,) = [record for record in caplog.records if record.name == "community.huaweicloud.asm_releases"]
        assert record.levelname == "ERROR"
        assert record.getMessage().startswith("No events of releases: Failed to list the releases of mesh 'm-1': ")
        assert record.getMessage().endswith(" The next attempt is in 20 seconds.")
        assert "CANARY" not in caplog.text


class TestState:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "cursor.json"

    def test_changes_during_a_restart_are_reported(self, cloud: Cloud, path: Path) -> None:
        cloud.releases = [release("a", "Creating")]
        assert Run(state_path=str(path))() == []
        assert path.stat().st_mode & 0o777 == 0o600
        cloud.releases = [release("b")]
        assert Run(state_path=str(path))() == [("a", "deleted", None), ("b", "created", "Running")]

    def test_without_a_path_changes_are_reported_from_the_start(self, cloud: Cloud) -> None:
        cloud.releases = [release("a", "Creating")]
        assert Run()() == []
        cloud.releases = [release("a")]
        assert Run()() == []

    def test_event_is_sent_again_after_a_crash(self, cloud: Cloud, path: Path) -> None:
        """The first run ends before the interval is over, so nobody knows whether its event was handled."""
        cloud.releases = [release("a", "Creating")]
        first = Run(set_phase(cloud, "Running"), state_path=str(path))
        second = Run(lambda: None, state_path=str(path))
        third = Run(state_path=str(path))
        assert (first(), second(), third()) == ([("a", "phase_changed", "Running")],) * 2 + ([],)
        ids = [run.events[0]["event_id"] for run in (first, second)]
        assert ids[0] == ids[1]

    def test_crash_while_the_queue_is_full(self, cloud: Cloud, path: Path) -> None:
        class Full(Run):
            async def put(self, event: dict[str, t.Any]) -> None:
                raise Stop

        cloud.releases = [release("a", "Creating")]
        Run(state_path=str(path))()
        cloud.releases = [release("a")]
        assert Full(state_path=str(path))() == []
        assert Run(state_path=str(path))() == [("a", "phase_changed", "Running")]

    def test_feedback_confirms_an_event_at_once(self, cloud: Cloud, path: Path) -> None:
        log: list[str] = []

        class Confirmed(Run):
            async def put(self, event: dict[str, t.Any]) -> None:
                log.append("put")
                await super().put(event)

            async def get(self) -> None:
                log.append("get")

        cloud.releases = [release("a", "Creating")]
        run = Confirmed(
            set_phase(cloud, "Running"),
            state_path=str(path),
            feedback=True,
        )
        run.arguments["eda_feedback_queue"] = run
        assert run() == [("a", "phase_changed", "Running")]
        assert log == ["put", "get"]
        assert Run(state_path=str(path))() == []

    def test_crash_before_the_feedback(self, cloud: Cloud, path: Path) -> None:
        class Unconfirmed(Run):
            async def get(self) -> None:
                raise Stop

        cloud.releases = [release("a", "Creating")]
        run = Unconfirmed(set_phase(cloud, "Running"), state_path=str(path), feedback=True)
        run.arguments["eda_feedback_queue"] = run
        run()
        assert Run(state_path=str(path))() == [("a", "phase_changed", "Running")]

    def test_full_disk_later_is_not_fatal(self, cloud: Cloud, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Events are sent once, and the cursor is written as soon as possible."""

        def break_disk() -> None:
            set_phase(cloud, "Running")()
            monkeypatch.setattr(
                os, "replace", lambda source, target: (nothing for nothing in ()).throw(OSError(28, "No space"))
            )

        replace = os.replace
        cloud.releases = [release("a", "Creating")]
        run = Run(
            break_disk,
            lambda: None,
            lambda: monkeypatch.setattr(os, "replace", replace),
            *[lambda: None] * 2,
            state_path=str(path),
        )
        assert run() == [("a", "phase_changed", "Running")]
        assert run.delays == [10, 10, 20, 10, 10, 10]
        cursor = read_cursor(str(path))
        assert cursor is not None
        assert [reported.phase for reported in cursor.releases.values()] == ["Running"]

    def test_cursor_of_another_mesh_is_refused(self, cloud: Cloud, path: Path) -> None:
        Run(state_path=str(path), namespace="default")()
        assert fail(state_path=str(path)) == (
            f"state_path: '{path}' belongs to mesh m-1, namespace default, and not to mesh m-1, namespace any. "
            "Set another path, or delete the file to report the changes from now on"
        )

    def test_damaged_cursor_is_refused(self, cloud: Cloud, path: Path) -> None:
        path.write_text("{}", encoding="utf-8")
        assert "is not a cursor" in fail(state_path=str(path))
        assert cloud.request_log == []

    def test_missing_directory_is_refused(self, cloud: Cloud, path: Path) -> None:
        assert "cannot be written" in fail(state_path=str(path.parent / "missing" / "cursor.json"))


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"mesh_name": None}, "one of the following is required: mesh_id, mesh_name"),
            ({"mesh_id": "m-1"}, "parameters are mutually exclusive: mesh_id|mesh_name"),
            ({"interval": 0}, "interval must be greater than 0, not 0.0"),
            ({"colour": "red"}, "unsupported parameters: colour"),
            ({"region": False}, "region must be a string, not a boolean. Put the value in quotes, or omit the option"),
        ],
    )
    def test_invalid_arguments_stop_the_source(self, cloud: Cloud, arguments: dict[str, t.Any], message: str) -> None:
        assert fail(**arguments).startswith(message)
        assert cloud.request_log == []

    def test_unknown_mesh_stops_the_source(self, cloud: Cloud) -> None:
        assert fail(mesh_name="shpo").startswith("No mesh has the name 'shpo' in project p-1.")

    def test_ambiguous_mesh_stops_the_source(self, cloud: Cloud) -> None:
        cloud.meshes.append(simulated_cloud.mesh("m-2", "shop"))
        with pytest.raises(AmbiguousError):
            Run()()

    def test_missing_credentials_stop_the_source(self, cloud: Cloud) -> None:
        run = Run()
        with pytest.raises(OptionError, match="HW_ACCESS_KEY"):
            asyncio.run(watch_releases(run, run.arguments, {}, run.sleep))

    def test_text_is_converted(self) -> None:
        params, feedback = parse_arguments({"mesh_id": "m-1", "interval": "5", "feedback": "false", "region": None})
        assert (params["interval"], params["feedback"], params["region"], feedback) == (5.0, False, None, None)
