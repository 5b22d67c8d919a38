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
      - If O(project_id) is set as well, the module needs no request to IAM. This is the fastest configuration.
      - Credentials are either O(access_key) with O(secret_key), or O(auth_token), or O(username) with O(password) and O(domain_name) or O(domain_id).
      - Alternatively, O(credentials_file), O(profile), O(cloud) or O(use_metadata) selects credentials in a file or from the metadata service.
      - All credentials must come from one source. Task options, including C(module_defaults), and the file or service that they select take precedence
        over environment variables.
      - An incomplete set or several sets as task options are an error.
      - The families of environment variables are C(HW_*), C(HUAWEICLOUD_SDK_*) and C(OS_*), in this order. The first family applies that contains a
        complete set, or that selects a file, a cloud or, with C(HW_USE_METADATA), the metadata service. The module never combines variables of
        several families.
      - Within a family, O(auth_token) takes precedence over O(access_key), and O(access_key) over O(username).
      - A complete set together with C(HW_PROFILE), C(HW_SHARED_CONFIG_FILE), C(HUAWEICLOUD_SDK_CREDENTIALS_FILE) or C(OS_CLOUD) of the same family is
        an error.
      - A variable that requests an unsupported authentication method, such as C(HUAWEICLOUD_SDK_IDP_ID) or C(OS_AGENCY_NAME), is an error unless
        credentials take precedence over it.
      - If no credentials are set as options, the variables are E(HW_ACCESS_KEY), E(HUAWEICLOUD_SDK_AK) and E(OS_ACCESS_KEY).
      - For all connection options and environment variables, an empty string means not set. For options, null has the same meaning.
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
      - Name of an IAM user. Each task then obtains its own token, unless O(token_cache) is set.
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
      - The module uses the account only with credentials from the same source. With credentials from the environment, this option has no effect.
      - If no credentials are set as options, the variables are E(HW_DOMAIN_NAME), then E(OS_USER_DOMAIN_NAME) or E(OS_DOMAIN_NAME).
    type: str
    aliases: [domain]
  domain_id:
    description:
      - ID of the account, instead of O(domain_name) or in addition to it. The rules of O(domain_name) also apply to it.
      - If no credentials are set as options, the variables are E(HW_DOMAIN_ID), E(HUAWEICLOUD_SDK_DOMAIN_ID), then E(OS_USER_DOMAIN_ID) or
        E(OS_DOMAIN_ID).
    type: str
  credentials_file:
    description:
      - File with credentials. It is either the credentials file of the vendor's SDK in INI format, for example C(~/.huaweicloud/credentials), or the
        configuration file of KooCLI in JSON format, for example C(~/.hcloud/config.json).
      - The module uses the project, the region, the IAM endpoint and the agency in the file unless they are set as options. The file takes precedence over
        environment variables.
      - KooCLI encrypts its credentials by default. Run C(hcloud configure set --cli-auth-encrypt=false) to store them without encryption.
      - If the file lets other users read secrets, the module prints a warning.
      - If no credentials are set as options, the variables are E(HW_SHARED_CONFIG_FILE) and E(HUAWEICLOUD_SDK_CREDENTIALS_FILE).
    type: path
  profile:
    description:
      - Profile in the file of KooCLI, or section in the file of the SDK.
      - The defaults are the current profile of KooCLI and the section C(basic).
      - The mode of a profile selects the values that apply. The modes are C(AKSK), C(AssumeRole), C(SSO) and C(ecsAgency), and any other mode is an
        error.
      - Without O(credentials_file), the module reads the file in C(HW_SHARED_CONFIG_FILE), or C(~/.hcloud/config.json).
      - If no credentials are set as options, the variable is E(HW_PROFILE).
    type: str
  cloud:
    description:
      - Cloud in C(clouds.yaml). The module searches the current directory, C(~/.config/openstack) and C(/etc/openstack) for the file, and
        merges C(secure.yaml) from the same directories into it.
      - A cloud has a user name and a password, a token, or the access keys C(ak) and C(sk). If it has several of them, C(auth_type) must be
        C(password), C(token) or C(aksk). The module also uses the project, the region, the IAM endpoint and the TLS settings of the cloud unless they
        are set as options.
      - Requires the Python library PyYAML.
      - If no credentials are set as options, the variable is E(OS_CLOUD). The variable E(OS_CLIENT_CONFIG_FILE) contains the path of the file, also
        together with this option. If only this variable is set, the file must contain exactly one cloud.
    type: str
  use_metadata:
    description:
      - Whether to use the temporary keys that the metadata service of an Elastic Cloud Server (ECS) provides. The server needs an agency.
      - The module gets new keys before the old ones expire. It never uses a proxy for these requests.
      - If no credentials are set as options, the variable is E(HW_USE_METADATA). V(false) overrides the variable.
    type: bool
  agency_name:
    description:
      - Agency to assume. The module uses the credentials to get temporary keys of the agency, and gets new keys before the old ones expire.
      - The module then manages resources in the account that created the agency. The project must be in this account.
      - Requires O(agency_domain_name) or O(agency_domain_id), from the same source.
      - If no agency is set as an option, the variable is E(HW_ASSUME_ROLE_AGENCY_NAME). The variable has no effect on credentials that are set as options.
    type: str
  agency_domain_name:
    description:
      - Name of the account that created the agency.
      - If no agency is set as an option, the variable is E(HW_ASSUME_ROLE_DOMAIN_NAME).
    type: str
  agency_domain_id:
    description:
      - ID of the account that created the agency. It takes precedence over O(agency_domain_name).
      - If no agency is set as an option, the variable is E(HW_ASSUME_ROLE_DOMAIN_ID).
    type: str
  agency_duration:
    description:
      - Life of the temporary keys of the agency in seconds, between V(900) and V(86400).
      - If not set, the environment variable E(HW_ASSUME_ROLE_DURATION) is used.
      - The default is V(3600).
    type: int
  token_cache:
    description:
      - Directory in which the module stores tokens and temporary keys of agencies, so that other tasks and processes can use them.
        By default, each task gets its own token or keys.
      - A token gives access to the cloud until it expires. The directory must belong to the user, other users must have no access to it, and its
        parent must not be writable for other users. The module creates a missing directory.
      - If the directory is not safe, the module prints a warning and does not use it. It ignores files that other users can access.
      - If not set, the environment variable E(HW_TOKEN_CACHE) is used.
    type: path
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
      - Until a host has responded for the first time, the module retries a failed connection at most twice, and does not retry an unknown host name.
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
