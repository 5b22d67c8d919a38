# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""clouds.yaml and secure.yaml."""

from __future__ import annotations

import traceback

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

yaml = pytest.importorskip("yaml")

AUTH = {
    "auth_url": "https://iam.eu-de.otc.t-systems.com/v3",
    "username": "alice",
    "password": "CANARY-password",
    "user_domain_name": "OTC0001",
    "project_name": "eu-de_shop",
}
LOGIN = {"auth": AUTH, "region_name": "eu-de"}
KEYS = {"auth": {"project_id": "p-1"}, "ak": "AK1", "sk": "CANARY-sk", "region_name": "eu-nl"}
PASSWORD = Credentials("password", "task", username="alice", password="CANARY-password", domain_name="OTC0001")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Search only in directories of the test."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(directory, name, content, mode=0o600):
    directory.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump({"clouds": content})
    (directory / name).write_text(text, encoding="utf-8")
    (directory / name).chmod(mode)
    return str(directory / name)


def refuse(params=None, environ=None, path=""):
    with pytest.raises(OptionError) as caught:
        resolve_connection(params or {"cloud": "otc"}, environ or {})
    assert "CANARY" not in f"{caught.value!r} {traceback.format_exception(caught.type, caught.value, caught.tb)}"
    return str(caught.value).replace(path or "\0", "FILE")


def test_cloud_sets_user_and_settings(home):
    path = write(home / "work", "clouds.yaml", {"otc": LOGIN, "other": KEYS})
    found = resolve_connection(
        {"cloud": "otc"}, {"HW_REGION_NAME": "x", "HW_PROJECT_ID": "x", "HW_AUTH_URL": "http://x"}
    )
    assert found.credentials == PASSWORD
    assert (found.region, found.project_id, found.project_name) == ("eu-de", None, "eu-de_shop")
    assert found.auth_url == "https://iam.eu-de.otc.t-systems.com"
    assert found.credentials.origin() == (
        f"The credentials come from cloud 'otc' of '{path}', selected by the task option cloud."
    )


def test_access_keys_outside_auth_are_used(home):
    write(home / "work", "clouds.yml", {"otc": KEYS})
    found = resolve_connection({}, {"OS_CLOUD": "otc"})
    assert found.credentials == Credentials("aksk", "environment", access_key="AK1", secret_key="CANARY-sk")
    assert (found.region, found.project_id) == ("eu-nl", "p-1")


ALL_KINDS = {**LOGIN, "auth": {**AUTH, "token": "CANARY-token"}, "ak": "AK1", "sk": "CANARY-sk"}


@pytest.mark.parametrize(
    ("auth_type", "kind"),
    [("v3password", "password"), ("password", "password"), ("token", "token"), ("V3Token", "token"), ("aksk", "aksk")],
)
def test_auth_type_selects_one_kind(home, auth_type, kind):
    write(home / "work", "clouds.yaml", {"otc": {**ALL_KINDS, "auth_type": auth_type}})
    assert resolve_connection({"cloud": "otc"}, {}).credentials.kind == kind


@pytest.mark.parametrize("auth_type", [None, "", "v3"])
@pytest.mark.parametrize(
    ("cloud", "kinds"),
    [
        (ALL_KINDS, "token; ak and sk; username and password"),
        ({**KEYS, "auth": AUTH}, "ak and sk; username and password"),
        ({"auth": {**AUTH, "token": "CANARY"}}, "token; username and password"),
    ],
)
def test_several_kinds_without_auth_type_are_rejected(home, auth_type, cloud, kinds):
    path = write(home / "work", "clouds.yaml", {"otc": {**cloud, "auth_type": auth_type}})
    assert refuse(path=path) == (
        f"More than one kind of credentials in cloud 'otc' of 'FILE': {kinds}. "
        "Keep one of them, or select one with auth_type: token, password or aksk"
    )


@pytest.mark.parametrize("extra", [{"username": "alice"}, {"password": "CANARY"}, {"user_domain_name": "OTC0001"}])
def test_incomplete_kind_beside_a_complete_one_has_no_effect(home, extra):
    write(home / "work", "clouds.yaml", {"otc": {**KEYS, "auth": extra}})
    assert resolve_connection({"cloud": "otc"}, {}).credentials.kind == "aksk"


@pytest.mark.parametrize("auth_type", ["token", "v3token", None])
def test_token_of_cloud_is_used(home, auth_type):
    write(home / "work", "clouds.yaml", {"otc": {"auth": {"token": "CANARY-token"}, "auth_type": auth_type}})
    assert resolve_connection({"cloud": "otc"}, {}).credentials == Credentials(
        "token", "task", auth_token="CANARY-token"
    )


def test_secure_file_completes_cloud(home):
    public = {"auth": {key: value for key, value in AUTH.items() if key != "password"}, "region_name": "eu-de"}
    write(home / ".config" / "openstack", "clouds.yaml", {"otc": public}, mode=0o644)
    secure = write(home / "work", "secure.yaml", {"otc": {"auth": {"password": "CANARY-password"}}})
    assert resolve_connection({"cloud": "otc"}, {}).credentials == PASSWORD
    assert resolve_connection({"cloud": "otc"}, {}).credentials.warnings == ()
    write(home / "work", "secure.yaml", {"otc": {"auth": {"password": "CANARY-password"}}}, mode=0o640)
    assert resolve_connection({"cloud": "otc"}, {}).credentials.warnings == (
        f"'{secure}' contains secrets, and its mode 0640 lets other users read or change it. Run: chmod 600 '{secure}'",
    )


def test_secure_file_takes_precedence(home):
    path = write(home, "my-secure.yaml", {"otc": {"auth": {"username": "bob"}}})
    write(home / "work", "clouds.yaml", {"otc": LOGIN})
    found = resolve_connection({"cloud": "otc"}, {"OS_CLIENT_SECURE_FILE": path})
    assert (found.credentials.username, found.credentials.password) == ("bob", "CANARY-password")


def test_current_directory_is_searched_first(home):
    write(home / ".config" / "openstack", "clouds.yaml", {"otc": LOGIN})
    assert resolve_connection({"cloud": "otc"}, {}).region == "eu-de"
    write(home / "work", "clouds.yaml", {"otc": KEYS})
    assert resolve_connection({"cloud": "otc"}, {}).region == "eu-nl"


def test_only_cloud_in_file_of_environment_is_used(home):
    path = write(home / "jobs", "tower.yaml", {"devstack": LOGIN})
    found = resolve_connection({}, {"OS_CLIENT_CONFIG_FILE": path})
    assert (found.credentials.username, found.credentials.origins) == ("alice", ("OS_CLIENT_CONFIG_FILE",))
    assert resolve_connection({"cloud": "devstack"}, {"OS_CLIENT_CONFIG_FILE": path}).credentials.source == "task"


def test_tls_settings_of_cloud_are_used(home):
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (home / name).touch()
    tls = {"verify": False, "cacert": "~/ca.pem", "cert": "~/cert.pem", "key": "~/key.pem"}
    write(home / "work", "clouds.yaml", {"otc": {**KEYS, **tls}})
    found = resolve_connection({"cloud": "otc"}, {"HW_INSECURE": "false"})
    assert (found.validate_certs, found.ca_path) == (False, str(home / "ca.pem"))
    assert (found.client_cert, found.client_key) == (str(home / "cert.pem"), str(home / "key.pem"))
    assert resolve_connection({"cloud": "otc", "validate_certs": True}, {}).validate_certs is True


HINT = "Set cloud, or the variable OS_CLOUD, to one of them"
SOURCE = "Set all credentials in one source: other sources do not complete a file"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": LOGIN, "b": LOGIN}, f"'FILE' does not contain the cloud 'otc'. Available: 'a' and 'b'. {HINT}"),
        ("", "'FILE' contains no cloud. Add the cloud 'otc' to the file, or select another file"),
        ("clouds: [CANARY]", "'clouds' in 'FILE' is not a mapping with text keys"),
        ("CANARY", "'FILE' is not a mapping with text keys"),
        ({"otc": "CANARY"}, "cloud 'otc' of 'FILE' is not a mapping with text keys"),
        ({"otc": {"auth": "CANARY"}}, "auth of cloud 'otc' of 'FILE' is not a mapping with text keys"),
        ({"otc": None}, f"No credentials in cloud 'otc' of 'FILE'. {SOURCE}"),
        (
            {"otc": {"auth": {"username": "CANARY", "password": "CANARY"}}},
            "Incomplete credentials in cloud 'otc' of 'FILE': "
            f"username and password without user_domain_name (or user_domain_id). {SOURCE}",
        ),
        ({"otc": {"sk": "CANARY"}}, f"Incomplete credentials in cloud 'otc' of 'FILE': sk without ak. {SOURCE}"),
        ({"otc": {**KEYS, "access_key": "CANARY"}}, "'FILE' sets both ak and access_key. Keep one of them"),
        ({"otc": {"auth": {**AUTH, "password": 12345}}}, "'FILE': the value of password is not text. Put the value in quotes"),
        (
            {"otc": {**LOGIN, "auth_type": "CANARY"}},
            "The auth_type of cloud 'otc' of 'FILE' is not supported. Set it to password or token, or set ak and sk",
        ),
        ({"otc": {**KEYS, "verify": "CANARY"}}, "verify of cloud 'otc' of 'FILE' must be true or false"),
        ("clouds:\n  otc: {CANARY: ]\n", "'FILE' is not valid YAML: line 2, column 17: did not find expected node content"),
        ("clouds: &a [*a]\n", "'FILE' is not valid YAML: line 1, column 13: an alias refers to a value that contains it"),
        ("clouds: !CANARY {}\n", "'FILE' is not valid YAML: line 1, column 9: could not determine a constructor for the tag"),
    ],
)  # fmt: skip
def test_invalid_file_is_rejected(home, content, message):
    path = write(home / "work", "clouds.yaml", content)
    found = refuse(path=path)
    # The pure parser and libyaml explain a broken flow mapping in different words.
    assert found == message or (": ]" in str(content) and found.startswith(message.rsplit(":", 1)[0]))


def test_variable_of_the_file_selects_none_of_several_clouds(home):
    path = write(home, "clouds.yaml", {"a": LOGIN, "b": LOGIN})
    with pytest.raises(OptionError) as caught:
        resolve_connection({}, {"OS_CLIENT_CONFIG_FILE": path})
    assert str(caught.value) == f"No cloud of '{path}' is selected. Available: 'a' and 'b'. {HINT}"


def test_missing_file_is_rejected(home):
    work, config = home / "work", home / ".config/openstack"
    assert refuse() == (
        f"clouds.yaml does not exist in {work}, {config}, /etc/openstack. "
        "Set the variable OS_CLIENT_CONFIG_FILE to the path of the file"
    )
    environ = {"OS_CLIENT_CONFIG_FILE": str(home / "none")}
    missing = "'FILE' cannot be read: No such file or directory. Check the environment variable"
    assert refuse(environ=environ, path=str(home / "none")) == f"{missing} OS_CLIENT_CONFIG_FILE"
    write(home / "work", "clouds.yaml", {"otc": LOGIN})
    environ = {"OS_CLIENT_SECURE_FILE": str(home / "none")}
    assert refuse(environ=environ, path=str(home / "none")) == f"{missing} OS_CLIENT_SECURE_FILE"


def test_aliases_do_not_exhaust_memory(home):
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10) if n else 'CANARY'}]\n" for n in range(9))
    path = write(home / "work", "clouds.yaml", levels)
    assert "the text has more than" in refuse(path=path)
