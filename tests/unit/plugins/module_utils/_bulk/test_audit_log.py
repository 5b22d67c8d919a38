# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.audit_log import AuditLog
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def without_time(path):
    return [{key: value for key, value in line.items() if key != "time"} for line in lines(path)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "audit_log.jsonl"


def test_no_path_writes_no_audit_log():
    request_log = AuditLog(None)
    request_log.write(event="began")
    request_log.close()


def test_lines_are_written_immediately(path):
    request_log = AuditLog(str(path))
    request_log.write(event="began", name="Müller\n", request_id=None)
    assert without_time(path) == [{"event": "began", "name": "Müller\n", "request_id": None}]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines(path)[0]["time"])
    request_log.close()


@pytest.mark.parametrize("umask", [0, 0o077])
def test_file_is_readable_by_owner_only(path, umask):
    before = os.umask(umask)
    try:
        AuditLog(str(path)).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_file_is_appended_and_becomes_private(path):
    path.write_text('{"old": true}\n', encoding="ascii")
    path.chmod(0o644)
    request_log = AuditLog(str(path))
    request_log.write(event="new")
    request_log.close()
    assert path.read_text(encoding="ascii").startswith('{"old": true}\n')
    assert len(lines(path)) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_line_is_written_after_close(path):
    request_log = AuditLog(str(path))
    request_log.close()
    request_log.close()
    request_log.write(event="late")
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda path: path.mkdir(), "cannot be written: Is a directory"),
        (lambda path: path.symlink_to("elsewhere"), "cannot be written: Too many levels of symbolic links"),
        (os.mkfifo, "cannot be written: No such device or address"),
    ],
)
def test_path_of_another_type_is_refused(path, make, words):
    make(path)
    with pytest.raises(OptionError, match=f"^audit_log: '{re.escape(str(path))}' {words}"):
        AuditLog(str(path))


def test_mode_of_a_device_is_unchanged():
    before = os.stat(os.devnull).st_mode
    with pytest.raises(OptionError, match="audit_log: '/dev/null' is not a file"):
        AuditLog(os.devnull)
    assert os.stat(os.devnull).st_mode == before


def test_directory_that_is_missing_is_named(tmp_path):
    with pytest.raises(OptionError, match="cannot be written: No such file or directory"):
        AuditLog(str(tmp_path / "no" / "audit_log"))


def test_refused_file_is_closed():
    before = set(os.listdir("/proc/self/fd"))
    for number in range(3):
        with pytest.raises(OptionError):
            AuditLog(os.devnull)
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_threads_do_not_mix_lines(path):
    request_log = AuditLog(str(path))
    text = "x" * 5000

    def write(number):
        for line in range(20):
            request_log.write(thread=number, line=line, text=text)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    request_log.close()
    found = without_time(path)
    assert len(found) == 160
    for number in range(8):
        assert [line["line"] for line in found if line["thread"] == number] == list(range(20))


def test_full_disk_is_reported_once_without_failure(path, monkeypatch):
    warnings = []
    request_log = AuditLog(str(path), warnings.append)

    def full(file, line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        request_log.write(event="began")
    request_log.write(event="done")
    assert warnings == [f"The audit log '{path}' is incomplete: No space left on device."]
    assert path.read_bytes() == b""
    request_log.close()


def test_log_survives_a_killed_process(path):
    code = (
        "import os, signal, sys\n"
        "from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.audit_log import AuditLog\n"
        "journal = AuditLog(sys.argv[1])\n"
        "journal.write(event='began')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert without_time(path) == [{"event": "began"}]
