# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory with tokens: its safety, its entries, and races of processes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import fcntl
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam, temporary_keys, token_cache
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import IdentityError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from fake_clock import START, FakeClock

USER = Credentials("password", "task", username="alice", password="CANARY-password", domain_name="OTC1")
CONNECTION = Connection(USER, region="eu-de", auth_url="https://iam.example.com")
READ = Operation("read the resource", "GET", "asm", ("v2", "resources"))
TOKEN = "POST https://iam.example.com/v3/auth/tokens?nocatalog=true"
ASM = "GET https://asm.example.com/v2/resources"
EXPIRED = (401, {"error_code": "APIGW.0307", "error_msg": "The token must be updated."})


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("SUDO_UID", raising=False)


@pytest.fixture
def directory(tmp_path):
    return str(tmp_path / "tokens")


def make_cache(directory, clock=None, connection=CONNECTION):
    clock = clock or FakeClock()
    return token_cache.TokenCache(directory, connection, iam.TOKEN_KEYS, sleep=clock.sleep, monotonic=clock.monotonic)


def make_entry(value="CANARY-token", hours=24.0, **changes):
    expires_at = (START + dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"value": value, "project_id": "p-1", "expires_at": expires_at, **changes}


def find_entry(directory):
    (path,) = Path(directory).glob("*.json")
    return path


def store(directory, **changes):
    """Store an entry, and return its file. With changes, the cache itself might not store it."""
    make_cache(directory).get_or_create(lambda: START, make_entry)
    path = find_entry(directory)
    path.write_text(json.dumps(make_entry(**changes)))
    return path


def read(directory, rejected=None):
    """Return the cached value, or None if the cache would create an entry."""
    created = make_entry("new")
    found = make_cache(directory).get_or_create(lambda: START, lambda: created, rejected)
    return None if found is created else found["value"]


def test_500_tasks_create_one_entry(directory):
    created = []

    def create():
        created.append(make_entry())
        return created[-1]

    found = [make_cache(directory).get_or_create(lambda: START, create) for dummy in range(500)]
    assert (len(created), found) == (1, [make_entry()] * 500)


RACE = """
import datetime, sys
from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam, token_cache
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials

def create():
    with open(sys.argv[2], "a") as created:
        print("created", file=created)
    return {"value": "CANARY", "project_id": None, "expires_at": "2026-03-02T12:00:00Z"}

user = Credentials("password", "task", username="alice", password="CANARY", domain_name="OTC1")
cache = token_cache.TokenCache(sys.argv[1], Connection(user, auth_url="https://iam.example.com"), iam.TOKEN_KEYS)
now = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
print("ready", flush=True)
sys.stdin.read()
print(cache.get_or_create(lambda: now, create)["value"])
"""


def test_race_of_ten_processes_creates_at_most_two_entries(directory, tmp_path):
    path = os.pathsep.join([str(Path(__file__).parents[5] / ".collections"), *filter(None, sys.path)])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, directory, str(tmp_path / "created")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        for dummy in range(10)
    ]
    assert [process.stdout.readline() for process in processes] == [b"ready\n"] * 10
    for process in processes:
        process.stdin.close()
    assert [process.stdout.read() for process in processes] == [b"CANARY\n"] * 10
    for process in processes:
        process.stdout.close()
        assert process.wait() == 0
    assert 1 <= len((tmp_path / "created").read_text().splitlines()) <= 2


def test_files_are_private_and_names_reveal_nothing(directory):
    path = store(directory)
    assert os.stat(directory).st_mode & 0o777 == 0o700
    assert {found.stat().st_mode & 0o777 for found in Path(directory).iterdir()} == {0o600}
    assert sorted(found.suffix for found in Path(directory).iterdir()) == [".json", ".lock"]
    assert json.loads(path.read_text()) == make_entry()
    assert path.stem == token_cache.name_entry(CONNECTION)
    assert read(directory) == "CANARY-token"


@pytest.mark.parametrize(
    "changes",
    [
        {"credentials": dataclasses.replace(USER, password="CANARY-other")},
        {"credentials": dataclasses.replace(USER, username="bob")},
        {"credentials": dataclasses.replace(USER, domain_name="OTC2")},
        {"auth_url": "https://iam.example.org"},
        {"project_id": "p-1"},
        {"project_name": "eu-de_x"},
        {"agency": Agency("operators", "shop", None)},
    ],
)
def test_other_identities_have_other_entries(changes):
    assert token_cache.name_entry(dataclasses.replace(CONNECTION, **changes)) != token_cache.name_entry(CONNECTION)
    assert token_cache.name_entry(dataclasses.replace(CONNECTION, read_timeout=1)) == token_cache.name_entry(CONNECTION)


@pytest.mark.parametrize(("hours", "is_used"), [(0.26, True), (0.25, False), (-1, False), (25.1, False)])
def test_entry_with_short_or_impossible_life_is_not_used(directory, hours, is_used):
    store(directory, hours=hours)
    assert (read(directory) is not None) == is_used


@pytest.mark.parametrize(("hours", "is_stored"), [(0.26, True), (0.25, False), (25.1, False)])
def test_entry_that_no_task_would_use_is_not_stored(directory, hours, is_stored):
    make_cache(directory).get_or_create(lambda: START, lambda: make_entry(hours=hours))
    assert len(list(Path(directory).glob("*.json"))) == is_stored


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        json.dumps({"value": "x"}),
        json.dumps(make_entry(more="x")),
        json.dumps(make_entry(value="")),
        json.dumps(make_entry(value=None)),
        json.dumps(make_entry(value="a\nX-Evil: b")),
        json.dumps(make_entry(value="gr\u00fcn")),
        json.dumps(make_entry(value=5)),
        json.dumps(make_entry(project_id=["p"])),
        json.dumps(make_entry(expires_at="tomorrow")),
        json.dumps(make_entry(value="x" * 70_000)),
    ],
)
def test_damaged_entry_is_replaced(directory, content):
    path = store(directory)
    path.write_text(content)
    assert read(directory) is None
    assert read(directory) == "new"


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606])
def test_entry_that_others_can_access_is_not_used(directory, mode):
    store(directory).chmod(mode)
    assert read(directory) is None


@pytest.mark.parametrize("kind", ["symlink", "hardlink", "pipe", "directory"])
def test_entry_that_is_not_a_regular_file_is_not_used(directory, tmp_path, kind):
    path = store(directory)
    other = tmp_path / "other.json"
    path.rename(other)
    if kind == "symlink":
        path.symlink_to(other)
    elif kind == "hardlink":
        path.hardlink_to(other)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir(mode=0o700)
    assert read(directory) is None
    # The other file does not change.
    assert json.loads(other.read_text()) == make_entry()


def test_rejected_entry_is_deleted_before_a_new_one_is_created(directory):
    path = store(directory)
    failure = RuntimeError("IAM refuses")

    def create():
        assert not path.exists()
        raise failure

    with pytest.raises(RuntimeError) as caught:
        make_cache(directory).get_or_create(lambda: START, create, "CANARY-token")
    assert caught.value is failure
    assert list(Path(directory).glob("*.json")) == []


def test_entry_of_another_process_replaces_a_rejected_one(directory):
    store(directory, value="CANARY-newer")
    assert read(directory, rejected="CANARY-older") == "CANARY-newer"


@pytest.fixture
def locked(directory):
    """Hold the lock of an expired entry, as another process does."""
    with open(store(directory, hours=0).with_suffix(".lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize(("time_left", "waited"), [(math.inf, 20), (60, 20), (10, 5), (0, 0), (-1, 0)])
@pytest.mark.usefixtures("locked")
def test_process_does_not_wait_for_a_lock_forever(directory, time_left, waited):
    clock, created = FakeClock(), make_entry("new")
    cache = make_cache(directory, clock)
    assert cache.get_or_create(lambda: START, lambda: created, None, time_left) is created
    assert clock.passed == pytest.approx(waited, abs=0.1)
    # The next task does not wait.
    assert read(directory) == "new"


@pytest.mark.usefixtures("locked")
def test_waiting_process_uses_an_entry_that_appears(directory):
    """A third process went on without the lock and stored an entry, although the holder of the lock still has it."""
    clock = FakeClock()

    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.sleeps) == 3:
            find_entry(directory).write_text(json.dumps(make_entry("theirs")))

    cache = token_cache.TokenCache(directory, CONNECTION, iam.TOKEN_KEYS, sleep=sleep, monotonic=clock.monotonic)
    found = cache.get_or_create(lambda: START, lambda: pytest.fail("an entry was created"))
    assert (found["value"], len(clock.sleeps)) == ("theirs", 3)


@pytest.mark.usefixtures("locked")
def test_failure_after_waiting_is_the_one_of_the_request(directory):
    def create():
        raise RuntimeError("IAM refuses")

    with pytest.raises(RuntimeError, match="IAM refuses"):
        make_cache(directory).get_or_create(lambda: START, create)


def test_lock_that_is_a_link_is_not_followed(directory, tmp_path):
    path = store(directory, hours=0)
    lock = path.with_suffix(".lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "target")
    assert read(directory) is None
    assert not (tmp_path / "target").exists()


NAME = "0123456789abcdef" * 4
HOUR = 3600


@pytest.mark.parametrize(
    ("name", "content", "age", "is_deleted"),
    [
        (f"{NAME}.json", json.dumps(make_entry(hours=0)), 0, True),
        (f"{NAME}.json", json.dumps({**make_entry(hours=-1), "access": "x"}), 0, True),
        (f"{NAME}.json", json.dumps(make_entry(hours=0.1)), 0, False),
        (f"{NAME}.json", json.dumps(make_entry(hours=0.1)), 26 * HOUR, True),
        (f"{NAME}.json", "{", 24 * HOUR, False),
        (f"{NAME}.json", "[]", 24 * HOUR, False),
        (f"{NAME}.json", "{}", 24 * HOUR, False),
        (f"{NAME}.json", "{", 26 * HOUR, True),
        (f"{NAME}.json.123.0123456789abcdef", "CANARY", 2 * HOUR, True),
        (f"{NAME}.json.123.0123456789abcdef", "CANARY", HOUR / 2, False),
        (f"{NAME}.retry", json.dumps({"retry_at": "2026-03-01T11:00:00Z"}), 24 * HOUR, False),
        (f"{NAME}.retry", json.dumps({"retry_at": "2026-03-01T11:00:00Z"}), 26 * HOUR, True),
        (f"{NAME}.retry.123.0123456789abcdef", "{", 2 * HOUR, True),
        (f"{NAME}.lock", "", 26 * HOUR, True),
        (f"{NAME}.lock", "", 24 * HOUR, False),
        ("notes.json", json.dumps(make_entry(hours=0)), 26 * HOUR, False),
        (f"{NAME}.json.bak", json.dumps(make_entry(hours=0)), 26 * HOUR, False),
        (f"{NAME}0.json", json.dumps(make_entry(hours=0)), 26 * HOUR, False),
    ],
)
def test_new_entry_deletes_old_files(directory, name, content, age, is_deleted):
    path = store(directory).with_name(name)
    path.write_text(content)
    path.chmod(0o600)
    os.utime(path, (time.time() - age, time.time() - age))
    make_cache(directory).get_or_create(lambda: START, make_entry, "CANARY-token")
    assert path.exists() == (not is_deleted)
    assert read(directory) == "CANARY-token"


def test_old_lock_of_a_stored_entry_is_not_deleted(directory):
    lock = store(directory).with_suffix(".lock")
    os.utime(lock, (0, 0))
    token_cache.delete_old_files(directory, START)
    assert lock.exists()


def test_link_with_name_of_an_entry_is_not_followed(directory, tmp_path):
    store(directory).rename(tmp_path / "other.json")
    link = Path(directory) / f"{NAME}.json"
    link.symlink_to(tmp_path / "other.json")
    token_cache.delete_old_files(directory, START + dt.timedelta(days=2))
    assert link.is_symlink()
    os.utime(link, (0, 0), follow_symlinks=False)
    token_cache.delete_old_files(directory, START)
    assert not link.is_symlink()
    assert (tmp_path / "other.json").exists()


def test_files_that_cannot_be_deleted_do_not_prevent_storing(directory):
    store(directory, hours=0)
    obstacle = Path(directory) / f"{NAME}.json"
    (obstacle / "x").mkdir(parents=True)
    os.utime(obstacle, (0, 0))
    assert read(directory) is None
    assert read(directory) == "new"


def test_missing_directory_has_no_old_files(directory):
    token_cache.delete_old_files(directory, START)


# -- doubts about the directory ---------------------------------------------------------------------------------------


def make_directory(path, mode=0o700):
    path.mkdir()
    path.chmod(mode)
    return path


def test_missing_directory_is_created(tmp_path):
    assert token_cache.explain_unsafe_directory(str(tmp_path / "tokens")) is None
    assert (tmp_path / "tokens").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_directory_that_others_can_access_is_not_used(tmp_path, mode):
    path = str(make_directory(tmp_path / "tokens", mode))
    assert (
        token_cache.explain_unsafe_directory(path)
        == f"other users have access to it (mode {mode:04o}, 0700 is required)"
    )
    assert read(path) is None
    assert os.listdir(path) == []


def test_directory_in_tmp_is_not_used(tmp_path):
    parent = make_directory(tmp_path / "tmp", 0o1777)
    assert token_cache.explain_unsafe_directory(str(parent / "tokens")) == f"other users can write to '{parent}'"
    assert os.listdir(parent) == []
    assert token_cache.explain_unsafe_directory(str(make_directory(parent / "mine") / "tokens")) is None


def test_writable_ancestor_is_not_safe(tmp_path):
    parent = make_directory(tmp_path / "shared", 0o777)
    path = make_directory(parent / "mine") / "tokens"
    assert token_cache.explain_unsafe_directory(str(path)) == f"other users can write to '{parent}'"


@pytest.mark.parametrize("path", ["link", "link/", "link//", "link/.", "./link/./", "tokens/../link/"])
def test_link_to_a_directory_is_not_used(tmp_path, monkeypatch, path):
    (tmp_path / "link").symlink_to(make_directory(tmp_path / "tokens"))
    for directory in (str(tmp_path / path), path):
        monkeypatch.chdir(tmp_path)
        assert token_cache.explain_unsafe_directory(directory) == "it is not a directory"
        assert read(directory) is None
    assert os.listdir(tmp_path / "tokens") == []


@pytest.mark.parametrize("path", ["tokens/", "tokens/.", "other/../tokens", "link/tokens", "link/tokens/"])
def test_spellings_of_a_directory_are_the_same_directory(tmp_path, path):
    store(str(tmp_path / "tokens"))
    (tmp_path / "link").symlink_to(tmp_path)
    assert read(str(tmp_path / path)) == "CANARY-token"


def test_checked_parents_are_those_of_the_used_directory(tmp_path):
    """The system resolves ``..`` after a link in the target of the link."""
    shared = make_directory(tmp_path / "shared", 0o777)
    (tmp_path / "link").symlink_to(make_directory(shared / "mine"))
    make_cache(f"{tmp_path}/link/../tokens").get_or_create(lambda: START, make_entry)
    assert os.listdir(shared) == ["mine"]
    assert find_entry(tmp_path / "tokens").exists()


def test_missing_parent_is_reported(tmp_path):
    found = token_cache.explain_unsafe_directory(str(tmp_path / "none" / "tokens"))
    assert found == f"'{tmp_path / 'none'}' cannot be read: No such file or directory"


def test_directory_of_another_user_is_not_used(tmp_path, monkeypatch):
    path = make_directory(tmp_path / "tokens")
    monkeypatch.setattr(token_cache, "_explain_unsafe_parents", lambda parent: None)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    assert token_cache.explain_unsafe_directory(str(path)) == "it belongs to another user"


@pytest.mark.parametrize("by_sudo", [True, False])
def test_tasks_with_become_do_not_use_it(tmp_path, monkeypatch, by_sudo):
    if by_sudo:
        monkeypatch.setenv("SUDO_UID", "1000")
    else:
        monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    assert token_cache.explain_unsafe_directory(str(tmp_path / "tokens")) == "tasks with become do not use it"
    assert not (tmp_path / "tokens").exists()


# -- with an identity -------------------------------------------------------------------------------------------------


def token_response(value, expires="2026-01-03T03:04:05.000000Z"):
    return 201, {"token": {"expires_at": expires, "project": {"id": "p-9"}}}, {"X-Subject-Token": value}


def use_cache(fixture, directory):
    """Give a client the identity that shares its token."""
    connection = fixture.client.connection
    cache = token_cache.TokenCache(directory, connection, iam.TOKEN_KEYS, sleep=fixture.clock.sleep)
    fixture.client._identity = iam.ProjectIdentity(connection, cache=cache)
    return fixture


def test_token_is_shared_by_clients(make_client, directory):
    first = use_cache(
        make_client([token_response("CANARY-1"), 200], credentials="password", project_id=None), directory
    )
    first.client.request(READ)
    second = use_cache(make_client([200], credentials="password", project_id=None), directory)
    second.client.request(READ)
    assert (first.sent, second.sent) == ([TOKEN, ASM], [ASM])
    headers = second.calls[0].headers
    assert (headers["X-Auth-Token"], headers["X-Project-Id"]) == ("CANARY-1", "p-9")
    assert second.client.redact("CANARY-1") == "********"
    assert second.client._identity.get_issued_token(second.client).stale_at == (
        first.client._identity.get_issued_token(first.client).stale_at
    )


def test_rejected_token_is_replaced_for_all(make_client, directory):
    use_cache(make_client([token_response("CANARY-1"), 200], credentials="password"), directory).client.request(READ)
    script = [EXPIRED, token_response("CANARY-2"), 200]
    second = use_cache(make_client(script, credentials="password"), directory)
    second.client.request(READ)
    third = use_cache(make_client([200], credentials="password"), directory)
    third.client.request(READ)
    assert (second.sent, third.sent) == ([ASM, TOKEN, ASM], [ASM])
    assert third.calls[0].headers["X-Auth-Token"] == "CANARY-2"


def test_refused_password_leaves_no_entry(make_client, directory):
    fixture = use_cache(make_client([401], credentials="password"), directory)
    with pytest.raises(IdentityError):
        fixture.client.request(READ)
    assert list(Path(directory).glob("*.json")) == []


def test_keys_of_agency_are_shared(make_client, directory):
    credential = {
        "access": "TEMPORARY1",
        "secret": "CANARY-secret",
        "securitytoken": "CANARY-token",
        "expires_at": "2026-01-02T04:04:05.000000Z",
    }
    sent = []
    for script in ([(201, {"credential": {**credential, "more": 1}}), 200], [200]):
        fixture = make_client(script, credentials="token", agency=Agency("operators", "shop", None))
        connection = fixture.client.connection
        cache = token_cache.TokenCache(directory, connection, temporary_keys.CREDENTIAL_KEYS)
        fixture.client._identity = temporary_keys.build_identity(connection, lambda: None, cache)
        fixture.client.request(READ)
        assert fixture.calls[-1].headers["X-Security-Token"] == "CANARY-token"
        assert fixture.client.redact("CANARY-secret CANARY-token") == "******** ********"
        sent.append([call.method for call in fixture.calls])
    assert sent == [["POST", "GET"], ["GET"]]
    assert json.loads(find_entry(directory).read_text()) == credential


SHORT = Agency("operators", "shop", None, 900)


def temporary_keys_for(clock, number, seconds):
    expires_at = (clock.now() + dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    names = {"access": "TEMPORARY", "secret": "CANARY-secret-", "securitytoken": "CANARY-token-"}
    return 201, {"credential": {**{name: f"{text}{number}" for name, text in names.items()}, "expires_at": expires_at}}


def use_agency(make_client, directory, script, **changes):
    """Return a client of a new task that shares the keys of an agency."""
    fixture = make_client(script, **{"credentials": "token", "agency": SHORT, **changes})
    connection = fixture.client.connection
    cache = token_cache.TokenCache(directory, connection, temporary_keys.CREDENTIAL_KEYS, sleep=fixture.clock.sleep)
    fixture.client._identity = temporary_keys.build_identity(connection, lambda: fixture.transport, cache)
    return fixture


def test_keys_with_shortest_life_are_shared_for_half_of_it(make_client, clock, directory):
    use_agency(make_client, directory, [temporary_keys_for(clock, 1, 900), 200]).client.request(READ)
    tokens = []
    for passed, script in ((1, []), (449, []), (450, [temporary_keys_for(FakeClock(clock.now()), 2, 1350)])):
        clock.passed = passed
        fixture = use_agency(make_client, directory, [*script, 200])
        fixture.client.request(READ)
        tokens.append(fixture.calls[-1].headers["X-Security-Token"])
    assert tokens == ["CANARY-token-1", "CANARY-token-1", "CANARY-token-2"]


def test_task_renews_short_keys_of_cache_before_they_expire(make_client, clock, directory):
    """It takes over keys with 451 seconds left, and renews them after half of this time. The cache does not return the same keys."""
    use_agency(make_client, directory, [temporary_keys_for(clock, 1, 900), 200]).client.request(READ)
    clock.passed = 449
    later = temporary_keys_for(FakeClock(clock.now()), 2, 900 + 226)
    fixture = use_agency(make_client, directory, [200, 200, later, 200])
    fixture.client.request(READ)
    clock.passed += 225
    fixture.client.request(READ)
    clock.passed += 1
    fixture.client.request(READ)
    assert [call.method for call in fixture.calls] == ["GET", "GET", "POST", "GET"]
    assert json.loads(find_entry(directory).read_text())["access"] == "TEMPORARY2"


@pytest.mark.parametrize(
    ("duration", "life", "is_stored"),
    [(900, 451, True), (900, 450, False), (1800, 900, False), (86400, 901, True), (86400, 900, False)],
)
def test_keys_with_half_of_their_life_or_15_minutes_are_stored(
    make_client, clock, directory, duration, life, is_stored
):
    agency, script = SHORT._replace(duration=duration), [temporary_keys_for(clock, 1, life), 200]
    use_agency(make_client, directory, script, agency=agency).client.request(READ)
    assert len(list(Path(directory).glob("*.json"))) == is_stored


@pytest.mark.parametrize("credentials", ["password", "token"])
def test_wait_for_a_lock_leaves_half_of_the_time_of_the_task(make_client, clock, directory, credentials):
    """The task has 8 seconds, and 4 of them remain for its requests."""
    agency = SHORT if credentials == "token" else None
    script = [temporary_keys_for(clock, 1, 900) if agency else token_response("CANARY-1"), 200]
    fixture = make_client(script, credentials=credentials, agency=agency)
    connection, keys = fixture.client.connection, temporary_keys.CREDENTIAL_KEYS if agency else iam.TOKEN_KEYS
    cache = token_cache.TokenCache(directory, connection, keys, sleep=clock.sleep, monotonic=clock.monotonic)
    fixture.client._identity = (
        temporary_keys.build_identity(connection, lambda: None, cache)
        if agency
        else iam.ProjectIdentity(connection, cache=cache)
    )
    assert token_cache.explain_unsafe_directory(directory) is None
    with open(Path(directory) / f"{token_cache.name_entry(connection)}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fixture.client.until(Deadline(clock, clock.monotonic() + 8)).request(READ)
    assert clock.passed == pytest.approx(4, abs=0.1)
    assert len(fixture.calls) == 2


@pytest.mark.parametrize(("left", "is_used"), [(449, True), (1, True), (0, False)])
def test_keys_of_cache_that_expire_soon_replace_missing_ones(make_client, clock, directory, left, is_used):
    use_agency(make_client, directory, [temporary_keys_for(clock, 1, 900), 200]).client.request(READ)
    clock.passed = 900 - left
    fixture = use_agency(make_client, directory, [503, *([200] if is_used else [])], max_retries=0)
    warnings = []
    fixture.client.warn = warnings.append
    if is_used:
        fixture.client.request(READ)
        assert fixture.calls[-1].headers["X-Security-Token"] == "CANARY-token-1"
        assert fixture.client.redact("CANARY-token-1") == "********"
    else:
        with pytest.raises(IdentityError):
            fixture.client.request(READ)
    assert len(warnings) == is_used


def test_token_of_cache_that_expires_soon_replaces_a_missing_one(make_client, clock, directory):
    first = [token_response("CANARY-1", "2026-01-02T04:04:05Z"), 200]
    use_cache(make_client(first, credentials="password"), directory).client.request(READ)
    clock.passed = 3000
    fixture = use_cache(make_client([503, 200], credentials="password", max_retries=0), directory)
    warnings = []
    fixture.client.warn = warnings.append
    fixture.client.request(READ)
    assert fixture.calls[-1].headers["X-Auth-Token"] == "CANARY-1"
    assert len(warnings) == 1


def test_directory_that_is_not_safe_has_no_valid_entry(directory):
    store(directory)
    assert make_cache(directory).find_valid(START)["value"] == "CANARY-token"
    os.chmod(directory, 0o755)
    assert make_cache(directory).find_valid(START) is None


def server_keys(number):
    status, body = temporary_keys_for(FakeClock(), number, 86400)
    body["credential"]["access"] = f"SERVER{number}"
    return [404, (200, body)]


@pytest.mark.parametrize(("number", "is_shared"), [(1, True), (2, False)])
def test_agency_keys_are_shared_only_by_tasks_of_the_same_server(make_client, clock, directory, number, is_shared):
    """Another server has another agency, which may not be allowed to assume this one."""
    server = {"credentials": "metadata", "metadata_url": "http://127.0.0.1:1", "domain_id": None}
    accounts = (200, {"domains": [{"id": "d-1"}]})
    assume = [accounts, temporary_keys_for(clock, 7, 900)]
    use_agency(make_client, directory, [*server_keys(1), *assume, 200], **server).client.request(READ)
    script = [*server_keys(number), *([] if is_shared else [accounts, temporary_keys_for(clock, 8, 900)]), 200]
    fixture = use_agency(make_client, directory, script, **server)
    fixture.client.request(READ)
    assert fixture.calls[-1].headers["X-Security-Token"] == f"CANARY-token-{7 if is_shared else 8}"
    assert len(list(Path(directory).glob("*.json"))) == (1 if is_shared else 2)


def test_server_without_keys_uses_no_keys_of_the_cache(make_client, clock, directory):
    server = {"credentials": "metadata", "metadata_url": "http://127.0.0.1:1", "domain_id": None}
    script = [*server_keys(1), (200, {"domains": [{"id": "d-1"}]}), temporary_keys_for(clock, 7, 900), 200]
    use_agency(make_client, directory, script, **server).client.request(READ)
    with pytest.raises(IdentityError, match="metadata service"):
        use_agency(make_client, directory, [404, 404], **server).client.request(READ)


def test_names_of_entries_differ_for_servers():
    names = {token_cache.name_entry(CONNECTION, key) for key in ("", "AK1", "AK2")}
    assert len(names) == 3
    assert token_cache.name_entry(CONNECTION) in names
