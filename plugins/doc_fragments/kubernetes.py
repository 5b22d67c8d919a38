# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  host:
    description:
      - URL of the Kubernetes API.
      - If neither O(kubeconfig) nor O(context) is set, only the credentials in the options and variables are used, so that those of a kubeconfig are never
        sent to another host.
      - If not set, the environment variable E(K8S_AUTH_HOST) is used.
      - Without O(host), O(kubeconfig) and O(context), the service account of the pod is used in a cluster, and the default kubeconfig otherwise.
    type: str
  api_key:
    description:
      - Token for the Kubernetes API.
      - If not set, the environment variable E(K8S_AUTH_API_KEY) is used.
    type: str
  kubeconfig:
    description:
      - Path of a kubeconfig file, or its content as a mapping.
      - If not set, the environment variable E(K8S_AUTH_KUBECONFIG) is used, and otherwise the default of C(kubectl), C(KUBECONFIG) or
        C(~/.kube/config).
    type: raw
  context:
    description:
      - Name of the context of the kubeconfig. The default is its current context.
      - If not set, the environment variable E(K8S_AUTH_CONTEXT) is used.
    type: str
  username:
    description:
      - User name for basic authentication, for example at a proxy of the Kubernetes API. O(password) is required as well.
      - If not set, the environment variable E(K8S_AUTH_USERNAME) is used.
    type: str
  password:
    description:
      - Password for basic authentication.
      - If not set, the environment variable E(K8S_AUTH_PASSWORD) is used.
    type: str
  client_cert:
    description:
      - Path of the client certificate in PEM format. O(client_key) is required as well.
      - If not set, the environment variable E(K8S_AUTH_CERT_FILE) is used.
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key of O(client_cert) in PEM format.
      - If not set, the environment variable E(K8S_AUTH_KEY_FILE) is used.
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - Path of a file with the CA certificates to trust, in PEM format.
      - If not set, the environment variable E(K8S_AUTH_SSL_CA_CERT) is used.
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the Kubernetes API.
      - If not set, the environment variable E(K8S_AUTH_VERIFY_SSL) is used, and otherwise the setting of the kubeconfig. The default is V(true).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description:
      - URL of the HTTP proxy to use.
      - If not set, the environment variable E(K8S_AUTH_PROXY) is used.
      - Depending on its version, the library C(kubernetes) also uses E(HTTPS_PROXY) and E(HTTP_PROXY).
    type: str
  no_proxy:
    description:
      - Comma-separated list of hosts for which the proxy is not used.
      - If not set, the environment variable E(K8S_AUTH_NO_PROXY) is used.
    type: str
  proxy_headers:
    description:
      - Headers for the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description:
          - User and password for the proxy, separated by a colon.
          - If not set, the environment variable E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH) is used.
        type: str
      basic_auth:
        description:
          - User and password for the header C(authorization), separated by a colon.
          - If not set, the environment variable E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH) is used.
        type: str
      user_agent:
        description:
          - The header C(user-agent).
          - If not set, the environment variable E(K8S_AUTH_PROXY_HEADERS_USER_AGENT) is used.
        type: str
  persist_config:
    description:
      - Whether to write renewed tokens to the kubeconfig file.
      - If not set, the environment variable E(K8S_AUTH_PERSIST_CONFIG) is used. The default is V(false).
    type: bool
  impersonate_user:
    description:
      - Name of the user to impersonate.
      - If not set, the environment variable E(K8S_AUTH_IMPERSONATE_USER) is used.
    type: str
  impersonate_groups:
    description:
      - Names of the groups to impersonate.
      - If not set, the environment variable E(K8S_AUTH_IMPERSONATE_GROUPS) is used, a list that is separated by commas.
    type: list
    elements: str
  connect_timeout:
    description:
      - Maximum time to wait for a connection, in seconds.
    type: float
    default: 5
  read_timeout:
    description:
      - Maximum time to wait for the next part of a response, in seconds.
    type: float
    default: 30
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0
notes:
  - The connection options and their environment variables have the names of the collection C(kubernetes.core).
  - The module connects to the Kubernetes API of the cluster that has the Istio objects of the mesh. It does not use the services of Huawei Cloud.
  - Environment variables and files are those of the host that runs the module. That is the controller for hosts with a local connection
    and for tasks that are delegated to V(localhost).
"""
