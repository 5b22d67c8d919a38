# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's SDK and openstacksdk read the same files: they agree with this collection on what the files mean."""

from __future__ import annotations

import importlib
import json
import types

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas.iam import TEMPORARY_KEYS
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError, ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import metadata
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse

FILES = {
    "keys": "[basic]\nak = AK1\nsk = sk-1\nproject_id = p-1\n",
    "temporary keys": "[basic]\nak=AK1\nsk=sk-1\nsecurity_token=token-1\nproject_id: p-1\n",
    "other section": "[global]\nak = AK2\nsk = sk-2\ndomain_id = d-2\n\n[basic]\nak = AK1\nsk = sk-1\n",
    "comments": "# a comment\n[basic]\n; another one\nak = AK1\nsk = sk-1\niam_endpoint = https://iam.example.com\n",
    "defaults": "[DEFAULT]\nproject_id = p-0\n[basic]\nak = AK1\nsk = sk-1\n",
    "upper case": "[basic]\nAK = AK1\nSK = sk-1\n",
    "no secret key": "[basic]\nak = AK1\n",
    "no section": "[global]\nak = AK1\nsk = sk-1\n",
    "empty": "",
}


@pytest.fixture
def sdk(tmp_path, monkeypatch):
    """Return the credentials providers of the SDK, which writes a file to the home directory when it is imported."""
    pytest.importorskip("huaweicloudsdkcore")
    monkeypatch.setenv("HOME", str(tmp_path))
    return importlib.import_module("huaweicloudsdkcore.auth.provider")


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_sdk_reads_the_same_credentials(sdk, tmp_path, monkeypatch, content):
    path = tmp_path / "credentials"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    environ = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)}
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(path))
    provider = sdk.ProfileCredentialProvider.get_basic_credential_profile_provider()
    try:
        theirs = provider.get_credentials()
    except Exception:
        with pytest.raises(OptionError):
            resolve_connection({}, environ)
        return
    ours = resolve_connection({}, environ)
    found = ours.credentials
    assert (found.access_key, found.secret_key, found.security_token) == (theirs.ak, theirs.sk, theirs.security_token)
    assert (ours.project_id, ours.auth_url) == (theirs.project_id, theirs.iam_endpoint)


CLOUDS = """
clouds:
  password:
    auth:
      auth_url: https://iam.eu-de.otc.t-systems.com:443/v3
      username: alice
      password: "a: b"
      user_domain_name: OTC0001
      project_name: eu-de_shop
    region_name: eu-de
  ids:
    auth_type: v3password
    auth:
      auth_url: https://iam.example.com/v3
      username: alice
      user_domain_id: d-1
      project_id: p-1
    verify: false
  token:
    auth_type: token
    auth: {auth_url: "https://iam.example.com/v3", token: token-1, project_id: p-1}
    cacert: ca.pem
"""
SECURE = """
clouds:
  ids:
    auth: {password: secret-1, username: bob}
"""


@pytest.mark.parametrize("name", ["password", "ids", "token"])
def test_openstacksdk_reads_the_same_cloud(tmp_path, monkeypatch, name):
    loader = pytest.importorskip("openstack.config")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ca.pem").touch()
    paths = {}
    for variable, content in (("OS_CLIENT_CONFIG_FILE", CLOUDS), ("OS_CLIENT_SECURE_FILE", SECURE)):
        path = tmp_path / f"{variable}.yaml"
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)
        paths[variable] = str(path)
        monkeypatch.setenv(variable, str(path))
    theirs = loader.OpenStackConfig().get_one(cloud=name)
    ours = resolve_connection({"cloud": name}, paths)
    auth, found = theirs.config["auth"], ours.credentials
    assert (found.username, found.password, found.auth_token) == (
        auth.get("username"),
        auth.get("password"),
        auth.get("token"),
    )
    assert (found.domain_name, found.domain_id) == (auth.get("user_domain_name"), auth.get("user_domain_id"))
    assert (ours.project_id, ours.project_name) == (auth.get("project_id"), auth.get("project_name"))
    assert ours.auth_url == auth["auth_url"].removesuffix("/v3").replace(":443", "")
    assert ours.region == (theirs.region_name or None)
    verify, dummy = theirs.get_requests_verify_args()
    assert (ours.ca_path or ours.validate_certs) == (str(tmp_path / verify) if isinstance(verify, str) else verify)


def test_openstacksdk_names_an_unknown_cloud(tmp_path, monkeypatch):
    loader = pytest.importorskip("openstack.config")
    path = tmp_path / "clouds.yaml"
    path.write_text(CLOUDS, encoding="utf-8")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    with pytest.raises(Exception, match="none"):
        loader.OpenStackConfig().get_one(cloud="none")
    with pytest.raises(OptionError, match="does not contain the cloud 'none'"):
        resolve_connection({"cloud": "none"}, {"OS_CLIENT_CONFIG_FILE": str(path)})


class MetadataServer:
    """A metadata service whose statuses a test selects: of a session, of keys without a session, and of keys with one."""

    def __init__(self, session, plain, with_session, text=""):
        self.statuses = {"session": session, "plain": plain, "with session": with_session}
        self.text = text
        self.asked = []

    def respond(self, method, path, headers):
        kind = "session" if method == "PUT" else "with session" if headers.get("X-Metadata-Token") else "plain"
        self.asked.append(f"{method} {path}")
        status = self.statuses[kind]
        keys = {"access": "AK1", "secret": "sk-1", "securitytoken": "t-1", "expires_at": "2026-01-03T03:04:05.678000Z"}
        content = self.text if status != 200 else "session-1" if kind == "session" else json.dumps({"credential": keys})
        return status, content


NO_AGENCY = "Please configure Cloud Service Agency first"
SERVERS = {
    "sessions": (200, 401, 200),
    "optional sessions": (200, 200, 200),
    "no sessions": (404, 200, 200),
    "other method": (405, 200, 200),
    "busy": (503, 200, 200),
    "no agency": (200, 401, 401, NO_AGENCY),
    "no agency and no sessions": (404, 401, 401, NO_AGENCY),
    "no metadata": (404, 404, 404),
    "refused session": (403, 200, 200),
    "broken": (500, 500, 500),
}


@pytest.mark.parametrize("statuses", SERVERS.values(), ids=SERVERS)
def test_sdk_gets_the_same_keys_of_the_metadata_service(sdk, monkeypatch, statuses):
    internal = importlib.import_module("huaweicloudsdkcore.auth.internal")
    server = MetadataServer(*statuses)

    def send(method, url, headers):
        status, content = server.respond(method, url.removeprefix("http://169.254.169.254"), headers)
        return types.SimpleNamespace(status_code=status, text=content)

    monkeypatch.setattr(internal.requests, "put", lambda url, headers, timeout: send("PUT", url, headers))
    monkeypatch.setattr(internal.requests, "get", lambda url, headers, timeout: send("GET", url, headers))
    try:
        found = internal.MetadataAccessor().get_credential()
        theirs = (found.access, found.secret, found.security_token)
    except Exception:
        theirs = None
    asked, server.asked = server.asked, []

    def transport(request):
        status, content = server.respond(request.method, request.url.removeprefix("http://m"), request.headers)
        return HttpResponse(status, {}, content.encode())

    try:
        found = metadata.fetch_keys("http://m", transport, TEMPORARY_KEYS, str)["credential"]
        ours = (found["access"], found["secret"], found["securitytoken"])
    except ServiceError:
        ours = None
    assert (ours, server.asked) == (theirs, asked)
