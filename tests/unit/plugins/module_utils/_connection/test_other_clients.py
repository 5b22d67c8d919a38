# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's SDK and openstacksdk read the same files: they agree with this collection on what the files mean."""

from __future__ import annotations

import importlib

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

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
