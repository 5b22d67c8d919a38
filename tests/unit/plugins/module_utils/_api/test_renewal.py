# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewals of tokens and temporary keys that are still valid. Each task has its own client and TokenCache, as a process has."""

from __future__ import annotations

import datetime as dt
import fcntl
import threading
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam, temporary_keys, token_cache
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import IdentityError, TransportError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation

ASM = "GET https://asm.example.com/v2/resources"
TOKEN = "POST https://iam.example.com/v3/auth/tokens?nocatalog=true"
ASSUME = "POST https://iam.example.com/v3.0/OS-CREDENTIAL/securitytokens"
METADATA_URL = "http://127.0.0.1:1"
OPEN = f"PUT {METADATA_URL}/meta-data/latest/api/token"
KEYS = f"GET {METADATA_URL}/openstack/latest/securitykey"
READ = Operation("read the resource", "GET", "asm", ("v2", "resources"))
# The tokens and keys of the tests are valid for one hour.
LIFE = 3600
SOURCES = {
    "user": {"credentials": "password"},
    "agency": {"credentials": "token", "agency": Agency("operators", "shop", None, LIFE)},
}
RENEWAL = {"user": TOKEN, "agency": ASSUME}
IN_USE = "The previous token or temporary keys remain in use until they expire at 2026-01-02T04:04:05Z."


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("SUDO_UID", raising=False)


@pytest.fixture(params=SOURCES)
def source(request):
    return request.param


def issued(source, number, clock):
    """Return the response of IAM with a token or with keys."""
    expires_at = (clock.now() + dt.timedelta(seconds=LIFE)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if source == "user":
        body = {"token": {"expires_at": expires_at, "project": {"id": "p-1"}}}
        return 201, body, {"X-Subject-Token": f"CANARY-token-{number}"}
    names = {"access": "TEMPORARY", "secret": "CANARY-secret-", "securitytoken": "CANARY-token-"}
    return 201, {"credential": {**{key: f"{text}{number}" for key, text in names.items()}, "expires_at": expires_at}}


class Task:
    """A task that shares the entry of a source with other tasks, unless it has no directory."""

    def __init__(self, make_client, source, directory, script, **changes):
        self.fixture = make_client(script, **{**SOURCES[source], **changes})
        self.client, self.clock = self.fixture.client, self.fixture.clock
        self.warnings = []
        self.client.warn = self.warnings.append
        keys = iam.TOKEN_KEYS if source == "user" else temporary_keys.CREDENTIAL_KEYS
        connection = self.client.connection
        cache = directory and token_cache.TokenCache(
            directory, connection, keys, sleep=self.clock.sleep, monotonic=self.clock.monotonic
        )
        self.client._identity = (
            iam.ProjectIdentity(connection, cache=cache)
            if source == "user"
            else temporary_keys.build_identity(connection, lambda: None, cache)
        )

    def request(self, at=None):
        """Send a request at a time in seconds, and return the requests with the number of the token of the last one."""
        if at is not None:
            self.clock.passed = at
        before = len(self.fixture.calls)
        self.client.request(READ)
        headers = self.fixture.calls[-1].headers
        token = headers.get("X-Security-Token") or headers["X-Auth-Token"]
        return [*self.fixture.sent[before:], token[len("CANARY-token-") :]]


@pytest.fixture
def start(make_client, clock, source, tmp_path):
    """``start(script)`` returns a new task. Another task has stored the first token at the start."""
    directory = str(tmp_path / "tokens")
    Task(make_client, source, directory, [issued(source, 1, clock), 200]).request()
    return lambda script, **changes: Task(make_client, source, directory, script, **changes)


def hang(clock, seconds=30):
    """Return a script entry: IAM does not respond, and the transport ends the request after its timeout."""

    def respond(call):
        clock.passed += seconds if call.timeout is None else min(seconds, call.timeout)
        raise TransportError("no response in time", request_sent=True)

    return respond


# -- one attempt ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "waited"), [(150, 30), (20, 10), (1, 0.5)])
def test_valid_token_is_used_if_iam_hangs(start, source, clock, left, waited):
    """A renewal takes at most half of the remaining life."""
    task = start([hang(clock), 200])
    assert task.request(LIFE - left) == [RENEWAL[source], ASM, "1"]
    assert (clock.passed, clock.sleeps) == (LIFE - left + waited, [])
    assert [text[-len(IN_USE) :] for text in task.warnings] == [IN_USE]


@pytest.mark.parametrize("failure", [429, 503, (503, None, {"Retry-After": "1"})])
def test_failed_renewal_is_not_retried(start, source, clock, failure):
    task = start([failure, 200])
    assert task.request(LIFE - 800) == [RENEWAL[source], ASM, "1"]
    assert (clock.passed, clock.sleeps, len(task.warnings)) == (LIFE - 800, [], 1)


def test_task_without_cache_renews_with_one_attempt(make_client, source, clock):
    task = Task(make_client, source, None, [issued(source, 1, clock), 200, hang(clock), 200])
    task.request()
    assert task.request(LIFE - 100) == [RENEWAL[source], ASM, "1"]
    assert (clock.passed, clock.sleeps) == (LIFE - 70, [])


def test_expired_token_is_renewed_with_retries(start, source, clock):
    task = start([503, issued(source, 2, clock), 200])
    assert task.request(LIFE) == [RENEWAL[source]] * 2 + [ASM, "2"]
    assert len(clock.sleeps) == 1


def test_token_that_expires_during_its_renewal_is_renewed_with_retries(start, source, clock):
    def respond(call):
        clock.passed = LIFE
        return 503

    task = start([respond, 503, issued(source, 2, clock), 200])
    assert task.request(LIFE - 1) == [RENEWAL[source]] * 3 + [ASM, "2"]
    assert task.warnings == []


def test_refusal_is_not_repeated_if_the_token_expires_meanwhile(start, source, clock):
    def respond(call):
        clock.passed = LIFE
        return 401

    task = start([respond])
    with pytest.raises(IdentityError) as caught:
        task.request(LIFE - 1)
    assert (caught.value.kind, task.fixture.sent) == ("auth", [RENEWAL[source]])


def test_all_requests_of_a_renewal_share_its_time(make_client, clock):
    """The caller gets a new token first, and then assumes the agency."""
    agency = SOURCES["agency"]["agency"]
    account_token = (201, {"token": {"expires_at": "2026-01-02T04:04:05Z"}}, {"X-Subject-Token": "CANARY-caller"})

    def slow(call):
        clock.passed += 40
        return account_token

    script = [account_token, issued("agency", 1, clock), 200, slow, hang(clock, 99), 200]
    fixture = make_client(script, credentials="password", agency=agency)
    fixture.client.request(READ)
    clock.passed = LIFE - 100
    fixture.client.request(READ)
    assert fixture.sent == [TOKEN, ASSUME, ASM, TOKEN, ASSUME, ASM]
    # The caller may have no permission for a project, so the new token belongs to its account, too.
    assert [list(fixture.body(number)["auth"]["scope"]) for number in (0, 3)] == [["domain"]] * 2
    assert [call.timeout for call in fixture.calls[3:]] == [50, 10, None]


@pytest.mark.parametrize(("left", "timeouts"), [(100, [3, 3]), (4, [2, 1])])
def test_requests_to_metadata_service_share_the_time_of_a_renewal(make_client, clock, left, timeouts):
    def slow(call):
        clock.passed += 1
        return 404

    script = [404, (200, issued("agency", 1, clock)[1]), 200, slow, 503, 200]
    fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL)
    fixture.client.request(READ)
    clock.passed = LIFE - left
    fixture.client.request(READ)
    assert fixture.sent[3:] == [OPEN, KEYS, ASM]
    assert [call.timeout for call in fixture.calls[3:]] == [*timeouts, None]


def test_no_request_of_a_renewal_starts_after_its_time(make_client, clock):
    def slow(call):
        clock.passed += 2
        return 404

    script = [404, (200, issued("agency", 1, clock)[1]), 200, slow, 200]
    fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL)
    fixture.client.request(READ)
    clock.passed = LIFE - 4
    warnings = []
    fixture.client.warn = warnings.append
    fixture.client.request(READ)
    assert fixture.sent[3:] == [OPEN, ASM]
    assert "no time is left for the request" in warnings[0]


# -- threads ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_token", [True, False])
def test_other_threads_use_the_valid_token_during_its_renewal(start, source, clock, has_token):
    def respond(call):
        thread = threading.Thread(target=task.client.request, args=(READ,), daemon=True)
        thread.start()
        # Only a thread that waits for the renewal needs this time.
        thread.join(300)
        assert not thread.is_alive()
        return issued(source, 2, clock)

    task = start([*([200] if has_token else []), respond, 200, 200])
    if has_token:
        task.request(0)
    assert task.request(LIFE - 100) == [RENEWAL[source], ASM, ASM, "2"]
    headers = task.fixture.calls[-2].headers
    assert "CANARY-token-1" in (headers.get("X-Security-Token"), headers.get("X-Auth-Token"))


# -- other processes --------------------------------------------------------------------------------------------------


@pytest.fixture
def lock(start, tmp_path):
    """Hold the lock of the entry, as another process does."""
    (path,) = (tmp_path / "tokens").glob("*.lock")
    with open(path, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def test_task_with_valid_token_does_not_wait_for_a_lock(start, source, clock, lock):
    task = start([200, 200, issued(source, 2, clock), 200])
    assert task.request(LIFE - 150) == [ASM, "1"]
    assert (clock.sleeps, task.warnings) == ([], [])
    fcntl.flock(lock, fcntl.LOCK_UN)
    # The lock is tried again after five seconds at the earliest.
    assert task.request(LIFE - 146) == [ASM, "1"]
    assert task.request(LIFE - 145) == [RENEWAL[source], ASM, "2"]


@pytest.mark.usefixtures("lock")
def test_task_uses_token_of_another_process_that_still_holds_the_lock(start, tmp_path, source, clock):
    (path,) = Path(tmp_path / "tokens").glob("*.json")
    task = start([200, 200])
    task.request(0)
    path.write_text(path.read_text().replace("-1", "-2").replace("04:04:05", "23:04:05"))
    assert task.request(LIFE - 100) == [ASM, "2"]


# -- recorded failures ------------------------------------------------------------------------------------------------


def find_record(tmp_path):
    (path,) = (tmp_path / "tokens").glob("*.retry")
    return path


def test_refused_login_is_not_repeated_by_other_tasks(start, source, clock):
    """Repeated refusals can lock the user. After the expiration, a login is necessary."""
    first = start([401, 200, 200])
    assert first.request(LIFE - 800) == [RENEWAL[source], ASM, "1"]
    for left in (799, 400, 1):
        task = start([200])
        assert task.request(LIFE - left) == [ASM, "1"]
        assert task.warnings == []
    assert first.request(LIFE - 1) == [ASM, "1"]
    assert start([issued(source, 2, clock), 200]).request(LIFE) == [RENEWAL[source], ASM, "2"]


def test_running_task_does_not_repeat_the_refused_login_of_another_task(start, source):
    running = start([200, 200])
    running.request(0)
    start([401, 200]).request(LIFE - 800)
    assert running.request(LIFE - 10) == [ASM, "1"]


def test_failed_renewal_is_not_repeated_before_half_of_the_remaining_life(start, source, clock):
    start([503, 200]).request(LIFE - 800)
    assert start([200]).request(LIFE - 401) == [ASM, "1"]
    assert start([hang(clock, 100), 200]).request(LIFE - 400) == [RENEWAL[source], ASM, "1"]
    assert start([200]).request(LIFE - 151) == [ASM, "1"]
    task = start([200, issued(source, 2, clock), 200])
    assert task.request(LIFE - 151) == [ASM, "1"]
    assert task.request(LIFE - 150) == [RENEWAL[source], ASM, "2"]


def test_new_entry_deletes_the_record_of_a_failure(start, tmp_path, source, clock):
    start([503, 200]).request(LIFE - 800)
    path = find_record(tmp_path)
    start([issued(source, 2, clock), 200]).request(LIFE - 400)
    assert not path.exists()
    assert start([200]).request() == [ASM, "2"]


def test_record_of_a_failure_contains_only_a_time(start, tmp_path, source):
    start([401, 200]).request(LIFE - 800)
    path = find_record(tmp_path)
    assert path.read_text() == '{"retry_at": "2026-01-02T04:04:05.000000Z"}'
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.suffix for file in path.parent.iterdir()) == [".json", ".lock", ".retry"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"retry_at": 1}', '{"retry_at": "soon"}', '{"retry_at": "2026-01-02T03:04:05Z"}']
)
def test_damaged_or_old_record_has_no_effect(start, tmp_path, source, content, clock):
    start([401, 200]).request(LIFE - 800)
    find_record(tmp_path).write_text(content)
    assert start([issued(source, 2, clock), 200]).request() == [RENEWAL[source], ASM, "2"]


def test_record_that_others_can_access_has_no_effect(start, tmp_path, source, clock):
    start([401, 200]).request(LIFE - 800)
    find_record(tmp_path).chmod(0o644)
    assert start([issued(source, 2, clock), 200]).request() == [RENEWAL[source], ASM, "2"]


def test_record_has_no_effect_after_the_token_expired(start, tmp_path, source, clock):
    """The clock of the process that wrote the record may have been wrong."""
    start([503, 200]).request(LIFE - 800)
    find_record(tmp_path).write_text('{"retry_at": "2030-01-01T00:00:00Z"}')
    task = start([200, issued(source, 2, clock), 200])
    assert task.request(LIFE - 1) == [ASM, "1"]
    assert task.request(LIFE) == [RENEWAL[source], ASM, "2"]


def test_failure_is_not_recorded_in_a_directory_that_is_not_safe(start, tmp_path, source, clock):
    task = start([200, 503, 200])
    task.request(0)
    (tmp_path / "tokens").chmod(0o755)
    assert task.request(LIFE - 100) == [RENEWAL[source], ASM, "1"]
    assert list((tmp_path / "tokens").glob("*.retry")) == []


def test_refused_login_of_caller_of_an_agency_is_not_repeated(make_client, clock, tmp_path):
    """The caller has its own token in each task, but logs in only to renew the keys of the agency."""
    caller = (201, {"token": {"expires_at": "2026-01-02T04:04:05Z"}}, {"X-Subject-Token": "CANARY-caller"})
    sent = []
    for passed, script in ((0, [caller, issued("agency", 1, clock)]), (LIFE - 800, [401]), (LIFE - 10, [])):
        task = Task(make_client, "agency", str(tmp_path / "tokens"), [*script, 200], credentials="password")
        sent.append(task.request(passed))
    assert sent == [[TOKEN, ASSUME, ASM, "1"], [TOKEN, ASM, "1"], [ASM, "1"]]
