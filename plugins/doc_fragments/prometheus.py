# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  prometheus_url:
    description:
      - URL of Prometheus, or of another server with the same query API, without C(/api/v1).
      - The URL must not contain credentials. Redirects are not followed.
      - The variables E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY) apply.
    type: str
    required: true
  prometheus_username:
    description:
      - User name for basic authentication. O(prometheus_password) is required as well.
    type: str
  prometheus_password:
    description:
      - Password for basic authentication.
    type: str
  prometheus_token:
    description:
      - Bearer token. It cannot be combined with O(prometheus_username).
    type: str
  prometheus_ca_path:
    description:
      - Path of a file with the certificates of the CAs to trust, in PEM format.
      - By default, the CAs of the Python library C(certifi) are trusted.
    type: path
  prometheus_validate_certs:
    description:
      - Whether to validate the certificate of the server. Set it to V(false) only for tests.
    type: bool
    default: true
"""
