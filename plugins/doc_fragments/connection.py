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
        All values of such a set must come from one source. Options of the task (C(module_defaults) included) win over the environment.
        Half a set or more than one set as options is an error.
      - In the environment, a set comes from one family of variables. The module uses the first family with a complete set, in the order C(HW_*),
        C(HUAWEICLOUD_SDK_*), C(OS_*). It never combines variables of several families.
      - Within a family, O(auth_token) wins over O(access_key), and O(access_key) wins over O(username).
      - A variable that requests another way to authenticate, such as C(HW_ASSUME_ROLE_AGENCY_NAME), C(HW_PROFILE), C(HW_USE_METADATA) or
        C(OS_CLOUD), is an error unless credentials win over it. These ways are not supported.
      - If no credentials are set as options, the variables are E(HW_ACCESS_KEY), E(HUAWEICLOUD_SDK_AK) and E(OS_ACCESS_KEY).
      - An empty string means not set, for every connection option and every environment variable. The same is true of null for options.
      - Line breaks at the end of a value are removed. Other characters that an HTTP header cannot carry are an error.
    type: str
    aliases: [ak]
  secret_key:
    description:
      - Secret key (SK) that belongs to O(access_key). It is never sent.
      - If no credentials are set as options, the variables are E(HW_SECRET_KEY), E(HUAWEICLOUD_SDK_SK) and E(OS_SECRET_KEY).
    type: str
    aliases: [sk]
  security_token:
    description:
      - Security token of temporary keys. It must come from the same source as O(access_key) and O(secret_key).
      - If no credentials are set as options, the variables are E(HW_SECURITY_TOKEN), E(HUAWEICLOUD_SDK_SECURITY_TOKEN) and E(OS_SECURITY_TOKEN).
    type: str
  auth_token:
    description:
      - An existing token of IAM, with the scope of the project. The module does not renew it.
      - M(community.huaweicloud.iam_token) obtains one for a whole play.
      - If no credentials are set as options, the variables are E(HW_AUTH_TOKEN), then E(OS_AUTH_TOKEN) or E(OS_TOKEN).
    type: str
  username:
    description:
      - Name of an IAM user. Each task then obtains its own token.
      - Needs O(password), and O(domain_name) or O(domain_id).
      - If no credentials are set as options, the variables are E(HW_USER_NAME) and E(OS_USERNAME).
    type: str
    aliases: [user]
  password:
    description:
      - Password of O(username).
      - If no credentials are set as options, the variables are E(HW_USER_PASSWORD) and E(OS_PASSWORD).
    type: str
  domain_name:
    description:
      - Name of the account that owns O(username), on the Open Telekom Cloud C(OTC) and digits.
      - It belongs to the credentials and is used only with those from the same source.
        Next to credentials from the environment this option has no effect.
      - If no credentials are set as options, the variables are E(HW_DOMAIN_NAME), then E(OS_USER_DOMAIN_NAME) or E(OS_DOMAIN_NAME).
    type: str
    aliases: [domain]
  domain_id:
    description:
      - ID of the account, instead of O(domain_name) or in addition to it. The rules of O(domain_name) apply here as well.
      - If no credentials are set as options, the variables are E(HW_DOMAIN_ID), E(HUAWEICLOUD_SDK_DOMAIN_ID), then E(OS_USER_DOMAIN_ID) or
        E(OS_DOMAIN_ID).
    type: str
  project_id:
    description:
      - ID of the project to work in. Without it, the module asks IAM for the project with the name O(project_name).
      - O(project_id) and O(project_name) come from one source, either the task or the first family of variables that has one of them.
      - If neither is set, the variables are E(HW_PROJECT_ID), E(HUAWEICLOUD_SDK_PROJECT_ID) and E(OS_PROJECT_ID).
    type: str
  project_name:
    description:
      - Name of the project to work in. O(project_id) wins over it.
      - If neither O(project_id) nor O(project_name) is set, the variables are E(HW_PROJECT_NAME) and E(OS_PROJECT_NAME).
      - Without any name, the module uses the main project of O(region), which has the name of the region.
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
      - File with the certificates of the authorities to trust, in PEM format, or a directory of such files.
      - If not set, the environment variables E(HW_CACERT) and E(OS_CACERT) are tried.
    type: path
  client_cert:
    description:
      - File with the client certificate in PEM format. It may contain the private key as well.
      - O(client_cert) and O(client_key) come from one source, either the task or the first family of variables that has one of them.
      - If neither is set, the environment variables E(HW_CERT) and E(OS_CERT) are tried.
    type: path
  client_key:
    description:
      - File with the private key of O(client_cert), in PEM format and without a passphrase.
      - If neither O(client_cert) nor O(client_key) is set, the environment variables E(HW_KEY) and E(OS_KEY) are tried.
    type: path
  proxy:
    description:
      - URL of the HTTP proxy to use, for example V(http://proxy.example.com:3128). It may contain a user and a password.
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
      - Maximum number of times to repeat a request. The module repeats only requests that are safe to repeat, and signs each of them again.
      - The module repeats a request that creates a resource for five seconds. After that, or if the service may have applied it (503), the module lists the
        resources before each repetition.
      - Before a host has responded for the first time, a failed connection is repeated at most twice, and an unknown host name never.
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
