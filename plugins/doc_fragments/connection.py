# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  access_key:
    description:
      - Access key (AK) that signs every request together with O(secret_key).
      - With O(project_id) set as well, no call to IAM is needed. This is the fastest way to work.
      - Credentials are one of O(access_key) with O(secret_key), O(auth_token), or O(username) with O(password) and O(domain_name) or O(domain_id).
        They come as a set from one place. The options of the task are looked at first (C(module_defaults) included), and the environment only
        if they begin no set. Giving half a set or more than one set as options is an error.
      - In the environment O(auth_token) wins over O(access_key), and that over O(username).
      - If not set, the environment variables E(HW_ACCESS_KEY), E(HUAWEICLOUD_SDK_AK) and E(OS_ACCESS_KEY) are tried in this order.
      - An empty string means not set, for every connection option and every environment variable.
    type: str
    aliases: [ak]
  secret_key:
    description:
      - Secret key (SK) that belongs to O(access_key). It is never sent.
      - If no credentials are set as options, the environment variables E(HW_SECRET_KEY), E(HUAWEICLOUD_SDK_SK) and E(OS_SECRET_KEY) are tried.
    type: str
    aliases: [sk]
  security_token:
    description:
      - Security token of temporary keys. It must come from the same place as O(access_key) and O(secret_key).
      - If no credentials are set as options, the environment variables E(HW_SECURITY_TOKEN), E(HUAWEICLOUD_SDK_SECURITY_TOKEN) and
        E(OS_SECURITY_TOKEN) are tried.
    type: str
  auth_token:
    description:
      - A token of IAM that exists already, for the project that is worked in. It is used as it is and never renewed.
      - M(community.huaweicloud.iam_token) obtains one for a whole play.
      - If no credentials are set as options, the environment variables E(HW_AUTH_TOKEN), E(OS_AUTH_TOKEN) and E(OS_TOKEN) are tried.
    type: str
  username:
    description:
      - Name of an IAM user. Each task then obtains a token of its own.
      - Needs O(password), and O(domain_name) or O(domain_id).
      - If no credentials are set as options, the environment variables E(HW_USER_NAME) and E(OS_USERNAME) are tried.
    type: str
    aliases: [user]
  password:
    description:
      - Password of O(username).
      - If no credentials are set as options, the environment variables E(HW_USER_PASSWORD) and E(OS_PASSWORD) are tried.
    type: str
  domain_name:
    description:
      - Name of the account that owns O(username), on the Open Telekom Cloud C(OTC) and digits.
      - It belongs to the credentials and is used only with those from the same place.
        Next to credentials from the environment this option has no effect.
      - If no credentials are set as options, the environment variables E(HW_DOMAIN_NAME), E(OS_USER_DOMAIN_NAME) and E(OS_DOMAIN_NAME) are tried.
    type: str
    aliases: [domain]
  domain_id:
    description:
      - ID of the account, instead of O(domain_name) or in addition to it. The rules of O(domain_name) hold here as well.
      - If no credentials are set as options, the environment variables E(HW_DOMAIN_ID), E(HUAWEICLOUD_SDK_DOMAIN_ID), E(OS_USER_DOMAIN_ID) and
        E(OS_DOMAIN_ID) are tried.
    type: str
  project_id:
    description:
      - ID of the project to work in. Without it, IAM is asked for the project that is called O(project_name).
      - O(project_id) and O(project_name) come from one place. If the task has one of them, the environment is not asked for the other.
      - If neither is set, the environment variables E(HW_PROJECT_ID), E(HUAWEICLOUD_SDK_PROJECT_ID) and E(OS_PROJECT_ID) are tried.
    type: str
  project_name:
    description:
      - Name of the project to work in. O(project_id) wins over it.
      - If neither O(project_id) nor O(project_name) is set, the environment variables E(HW_PROJECT_NAME) and E(OS_PROJECT_NAME) are tried.
      - If there is no name at all, the main project of O(region) is used, which is called like the region.
    type: str
    aliases: [project]
  region:
    description:
      - Name of the region, for example V(eu-de). Endpoints that are not set are derived from it.
      - If not set, the environment variables E(HW_REGION_NAME) and E(OS_REGION_NAME) are tried.
    type: str
  auth_url:
    description:
      - URL of IAM, with or without C(/v3) at its end.
      - If not set, the environment variables E(HW_AUTH_URL), E(HUAWEICLOUD_SDK_IAM_ENDPOINT) and E(OS_AUTH_URL) are tried,
        and then the address is derived from O(region) and O(cloud_domain).
    type: str
    aliases: [identity_endpoint]
  cloud_domain:
    description:
      - Domain name under which the services of the cloud are found, at C(https://service.region.cloud_domain).
      - If not set, the environment variable E(HW_CLOUD) is tried.
      - If there is no value at all, it is V(otc.t-systems.com) for the regions V(eu-de) and V(eu-nl), V(myhuaweicloud.eu) for regions such
        as V(eu-west-101), and V(myhuaweicloud.com) for all others.
    type: str
  asm_endpoint:
    description:
      - Full URL of Application Service Mesh (ASM).
      - If not set, the environment variable E(HW_ASM_ENDPOINT) is tried, and then the URL is derived from O(region) and O(cloud_domain).
    type: str
  modelarts_endpoint:
    description:
      - Full URL of ModelArts.
      - If not set, the environment variable E(HW_MODELARTS_ENDPOINT) is tried, and then the URL is derived from O(region) and O(cloud_domain).
    type: str
  validate_certs:
    description:
      - Whether the TLS certificates of the services are verified. Switching this off invites others to read and change what is sent.
      - If not set, the environment variables E(HW_INSECURE) and E(OS_INSECURE) are tried. They have the opposite meaning.
      - If there is no value at all, it is V(true).
    type: bool
  ca_path:
    description:
      - File with the certificates of the authorities to trust, in PEM format, or a folder of such files.
      - If not set, the environment variables E(HW_CACERT) and E(OS_CACERT) are tried.
    type: path
  client_cert:
    description:
      - File with the client certificate to show, in PEM format. It may contain the private key as well.
      - O(client_cert) and O(client_key) come from one place. If the task has one of them, the environment is not asked for the other.
      - If neither is set, the environment variables E(HW_CERT) and E(OS_CERT) are tried.
    type: path
  client_key:
    description:
      - File with the private key of O(client_cert), in PEM format and without a passphrase.
      - If neither O(client_cert) nor O(client_key) is set, the environment variables E(HW_KEY) and E(OS_KEY) are tried.
    type: path
  proxy:
    description:
      - URL of the HTTP proxy to use, for example V(http://proxy.example.com:3128). A user and a password may stand in it.
      - If not set, the environment variable E(HW_PROXY) is tried, and then the usual E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY) decide.
    type: str
  connect_timeout:
    description:
      - How many seconds to wait for a connection.
    type: float
    default: 5
  read_timeout:
    description:
      - How many seconds to wait for the next part of an answer. The whole of it may take ten times that.
    type: float
    default: 30
  max_retries:
    description:
      - How often a request is repeated at most. Only what is safe to repeat is repeated, and every repetition is signed again.
      - What creates something is repeated for five seconds; after that, or when it may have been done (503), it is looked for again before each repetition.
      - V(0) means never.
    type: int
    default: 5
  retry_max_delay:
    description:
      - How many seconds to wait at most before a request is repeated. When the service asks for more, the task fails and says so.
    type: float
    default: 30
requirements:
  - python >= 3.9
  - requests
  - jsonschema
notes:
  - Environment variables, files and the clock are those of the host that runs the module. That is the controller for
    hosts with a local connection and for tasks that are delegated to V(localhost).
  - All modules of this collection belong to the action group C(community.huaweicloud.huaweicloud), so the connection options can be set
    once for a whole play with C(module_defaults).
"""
