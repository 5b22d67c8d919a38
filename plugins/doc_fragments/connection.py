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
      - With O(project_id) set as well, the module needs no request to IAM. This is the fastest configuration.
      - Credentials are either O(access_key) with O(secret_key), or O(auth_token), or O(username) with O(password) and O(domain_name) or O(domain_id).
      - All credentials must come from the same source, either task options or environment variables. Task options, including C(module_defaults),
        take precedence. An incomplete set or several sets as options are an error.
      - Environment variables of a set must belong to one family. The module uses the first family with a complete set, in the order C(HW_*),
        C(HUAWEICLOUD_SDK_*), C(OS_*). It never combines variables of several families.
      - Within a family, O(auth_token) takes precedence over O(access_key), and O(access_key) over O(username).
      - A variable that requests an unsupported authentication method, such as C(HW_ASSUME_ROLE_AGENCY_NAME), C(HW_PROFILE), C(HW_USE_METADATA) or
        C(OS_CLOUD), is an error unless credentials take precedence over it.
      - If no credentials are set as options, the variables are E(HW_ACCESS_KEY), E(HUAWEICLOUD_SDK_AK) and E(OS_ACCESS_KEY).
      - An empty string means not set, for all connection options and environment variables. For options, null also means not set.
      - The module removes line breaks at the end of a value. Other characters that are invalid in an HTTP header are an error.
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
      - Requires O(password), and O(domain_name) or O(domain_id).
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
      - Name of the account of O(username). On the Open Telekom Cloud, it consists of C(OTC) and digits.
      - It belongs to the credentials and is used only with credentials from the same source.
        With credentials from the environment, this option has no effect.
      - If no credentials are set as options, the variables are E(HW_DOMAIN_NAME), then E(OS_USER_DOMAIN_NAME) or E(OS_DOMAIN_NAME).
    type: str
    aliases: [domain]
  domain_id:
    description:
      - ID of the account, instead of O(domain_name) or in addition to it. The rules of O(domain_name) also apply to it.
      - If no credentials are set as options, the variables are E(HW_DOMAIN_ID), E(HUAWEICLOUD_SDK_DOMAIN_ID), then E(OS_USER_DOMAIN_ID) or
        E(OS_DOMAIN_ID).
    type: str
  project_id:
    description:
      - ID of the project of the resources. If it is not set, the module looks up the project with the name O(project_name) in IAM.
      - O(project_id) and O(project_name) must come from one source, either the task or the first family of variables with one of them.
      - If neither is set, the variables are E(HW_PROJECT_ID), E(HUAWEICLOUD_SDK_PROJECT_ID) and E(OS_PROJECT_ID).
    type: str
  project_name:
    description:
      - Name of the project of the resources. O(project_id) takes precedence over it.
      - If neither O(project_id) nor O(project_name) is set, the variables are E(HW_PROJECT_NAME) and E(OS_PROJECT_NAME).
      - If no name is set, the module uses the main project of O(region), which has the name of the region.
    type: str
    aliases: [project]
  region:
    description:
      - Name of the region, for example V(eu-de). The module derives endpoints from it that are not set.
      - If not set, the environment variables E(HW_REGION_NAME) and E(OS_REGION_NAME) are used.
    type: str
  auth_url:
    description:
      - URL of IAM, with or without C(/v3) at its end.
      - If not set, the environment variables E(HW_AUTH_URL), E(HUAWEICLOUD_SDK_IAM_ENDPOINT) and E(OS_AUTH_URL) are used,
        and otherwise the module derives the URL from O(region) and O(cloud_domain).
    type: str
    aliases: [identity_endpoint]
  cloud_domain:
    description:
      - Domain name of the cloud. The services have the URLs C(https://service.region.cloud_domain).
      - If not set, the environment variable E(HW_CLOUD) is used.
      - The default is V(otc.t-systems.com) for the regions V(eu-de) and V(eu-nl), V(myhuaweicloud.eu) for regions such as V(eu-west-101), and
        V(myhuaweicloud.com) for all other regions.
    type: str
  asm_endpoint:
    description:
      - Full URL of Application Service Mesh (ASM).
      - If not set, the environment variable E(HW_ASM_ENDPOINT) is used, and otherwise the module derives the URL
        from O(region) and O(cloud_domain).
    type: str
  modelarts_endpoint:
    description:
      - Full URL of ModelArts.
      - If not set, the environment variable E(HW_MODELARTS_ENDPOINT) is used, and otherwise the module derives the URL
        from O(region) and O(cloud_domain).
    type: str
  validate_certs:
    description:
      - Whether to verify the TLS certificates of the services. Without verification, others can read and change the requests.
      - If not set, the environment variables E(HW_INSECURE) and E(OS_INSECURE) are used. They have the opposite meaning.
      - The default is V(true).
    type: bool
  ca_path:
    description:
      - File with the trusted CA certificates in PEM format, or a directory of such files.
      - If not set, the environment variables E(HW_CACERT) and E(OS_CACERT) are used.
    type: path
  client_cert:
    description:
      - File with the client certificate in PEM format. It may contain the private key as well.
      - O(client_cert) and O(client_key) must come from one source, either the task or the first family of variables with one of them.
      - If neither is set, the environment variables E(HW_CERT) and E(OS_CERT) are used.
    type: path
  client_key:
    description:
      - File with the private key of O(client_cert), in PEM format and without a passphrase.
      - If neither O(client_cert) nor O(client_key) is set, the environment variables E(HW_KEY) and E(OS_KEY) are used.
    type: path
  proxy:
    description:
      - URL of the HTTP proxy to use, for example V(http://proxy.example.com:3128). It may contain a user and a password.
      - If not set, the environment variable E(HW_PROXY) is used, and otherwise E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY).
    type: str
  connect_timeout:
    description:
      - Maximum time to wait for a connection, in seconds.
    type: float
    default: 5
  read_timeout:
    description:
      - Maximum time to wait for the next part of a response, in seconds. The complete response may take ten times this value.
    type: float
    default: 30
  max_retries:
    description:
      - Maximum number of times to send a request again. The module retries only requests that are safe to retry, and signs each attempt again.
      - The module retries a request that creates a resource for five seconds. After that, or if the service may have applied it (503), the module
        lists the resources before each retry.
      - Before a host has responded for the first time, the module retries a failed connection at most twice, and an unknown host name never.
      - V(0) disables retries.
    type: int
    default: 5
  retry_max_delay:
    description:
      - Maximum time to wait before a retry, in seconds. If the service asks for a longer time, the task fails.
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
