# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook for the phases of grayscale releases."""

from __future__ import annotations

import asyncio
import sys
import typing as t
from pathlib import Path

DOCUMENTATION = r"""
module: asm_releases
short_description: Report changes of the phases of grayscale (canary) releases
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Polls the list of releases of a mesh in Huawei Cloud's Application Service Mesh (ASM).
  - Sends one event for each release that is new, whose phase changed, or that is no longer listed.
  - A failed or incomplete list causes no event. The event source polls again after a delay, which doubles with each failure.
  - Delivers each event at least once if O(state_path) is set, also if ansible-rulebook or its host crashes. The same change then has the same
    C(event_id), so that rules can recognize it.
  - Events and log messages contain no credentials and no Deployments.
requirements:
  - ansible-rulebook 1.2 or later
  - requests and jsonschema
options:
  mesh_id:
    description:
      - ID of the mesh.
      - Exactly one of O(mesh_id) and O(mesh_name) is required.
    type: str
  mesh_name:
    description:
      - Exact name of the mesh.
      - Exactly one of O(mesh_id) and O(mesh_name) is required.
    type: str
  namespace:
    description:
      - Only releases in this namespace. By default, releases in all namespaces.
    type: str
  interval:
    description:
      - Seconds between two polls.
    type: float
    default: 30.0
  state_path:
    description:
      - Path of a file that remembers which changes were reported. The event source creates the file with mode 0600. Its directory must exist.
      - Only one event source may use the file.
      - Without this option, or if the file does not exist, the event source reports changes from its start on.
    type: path
  feedback:
    description:
      - Whether to wait until ansible-rulebook has stored an event before it counts as reported. Requires persistence, for example C(--persistence-id).
      - Without this option, an event counts as reported after O(interval) seconds. An event in the last O(interval) seconds before a restart is sent again.
    type: bool
    default: false
  access_key:
    description:
      - Access key (AK) that signs every request together with O(secret_key).
    type: str
    aliases: [ak]
  secret_key:
    description:
      - Secret key (SK) that belongs to O(access_key).
    type: str
    aliases: [sk]
  security_token:
    description:
      - Security token of temporary keys.
    type: str
  auth_token:
    description:
      - An existing token of IAM. It is not renewed, so use it only for tests.
    type: str
  username:
    description:
      - Name of an IAM user. Requires O(password), and O(domain_name) or O(domain_id).
    type: str
    aliases: [user]
  password:
    description:
      - Password of O(username).
    type: str
  domain_name:
    description:
      - Name of the account of O(username).
    type: str
    aliases: [domain]
  domain_id:
    description:
      - ID of the account of O(username).
    type: str
  credentials_file:
    description:
      - Credentials file of the vendor's SDK (INI) or of KooCLI (JSON).
    type: path
  profile:
    description:
      - Profile or section in O(credentials_file).
    type: str
  cloud:
    description:
      - Cloud in C(clouds.yaml).
    type: str
  use_metadata:
    description:
      - Whether to use the temporary keys of the metadata service of an ECS.
    type: bool
  agency_name:
    description:
      - Agency to assume. Requires O(agency_domain_name) or O(agency_domain_id).
    type: str
  agency_domain_name:
    description:
      - Name of the account that created the agency.
    type: str
  agency_domain_id:
    description:
      - ID of the account that created the agency.
    type: str
  agency_duration:
    description:
      - Life of the temporary keys of the agency in seconds.
    type: int
  token_cache:
    description:
      - Directory for tokens and temporary keys.
    type: path
  project_id:
    description:
      - ID of the project.
    type: str
  project_name:
    description:
      - Name of the project.
    type: str
    aliases: [project]
  region:
    description:
      - Region, for example V(eu-de).
    type: str
  auth_url:
    description:
      - URL of IAM.
    type: str
    aliases: [identity_endpoint]
  cloud_domain:
    description:
      - Domain of the cloud.
    type: str
  asm_endpoint:
    description:
      - URL of ASM.
    type: str
  modelarts_endpoint:
    description:
      - URL of ModelArts. This event source does not use it.
    type: str
  validate_certs:
    description:
      - Whether to verify TLS certificates.
    type: bool
  ca_path:
    description:
      - Path of a file with CA certificates in PEM format.
    type: path
  client_cert:
    description:
      - Path of a client certificate in PEM format.
    type: path
  client_key:
    description:
      - Path of the key of O(client_cert) in PEM format.
    type: path
  proxy:
    description:
      - URL of a proxy.
    type: str
  connect_timeout:
    description:
      - Seconds until an attempt to connect fails.
    type: float
    default: 5.0
  read_timeout:
    description:
      - Seconds without data until a request fails.
    type: float
    default: 30.0
  max_retries:
    description:
      - How often a request is repeated after a temporary failure.
    type: int
    default: 5
  retry_max_delay:
    description:
      - Longest delay between two attempts of a request in seconds.
    type: float
    default: 30.0
notes:
  - The connection options and their environment variables are those of the modules, for example M(community.huaweicloud.asm_release_info).
    Prefer environment variables for credentials, for example E(HW_ACCESS_KEY) and E(HW_SECRET_KEY).
  - The event source only reads. It needs the permissions to list meshes and releases.
"""

EXAMPLES = r"""
- name: Report failed releases
  hosts: localhost
  sources:
    - name: releases
      community.huaweicloud.asm_releases:
        mesh_name: shop-mesh
        namespace: default
        interval: 15
        state_path: /var/lib/rulebook/asm_releases.json
  rules:
    - name: Print the release
      condition: event.asm_release.change == "phase_changed" and event.asm_release.phase == "Failed"
      action:
        debug:
          msg: "Release {{ event.asm_release.namespace }}/{{ event.asm_release.name }} failed."
"""

RETURN = r"""
asm_release:
  description: The change of one release.
  type: dict
  contains:
    event_id:
      description: ID of the change. It stays the same if the event is sent again. C(meta.uuid) has the same value.
      type: str
      sample: 6a9f7f0f-3c0e-5d0a-9b41-0d8f5f0f1c2d
    change:
      description: V(created), V(phase_changed) or V(deleted). A release that the service no longer lists is V(deleted).
      type: str
      sample: phase_changed
    mesh_id:
      description: ID of the mesh.
      type: str
      sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
    mesh_name:
      description: Name of the mesh.
      type: str
      sample: shop-mesh
    namespace:
      description: Namespace of the Service.
      type: str
      sample: default
    name:
      description: Name of the release.
      type: str
      sample: reviews-v2
    id:
      description: ID of the release, V(null) for a deleted release.
      type: str
      sample: 0a6b3c1e-8f5d-11ef-9b1c-0255ac100036
    service_name:
      description: Name of the Service, V(null) for a deleted release.
      type: str
      sample: reviews
    version:
      description: Version of the gray version, V(null) for a deleted release.
      type: str
      sample: v2
    phase:
      description: Phase of the release as the service returns it, V(null) for a deleted release.
      type: str
      sample: Running
    previous_phase:
      description: Phase that was reported before, V(null) for a new release.
      type: str
      sample: Creating
    updated_at:
      description: Time of the last change of the release (RFC 3339, UTC), V(null) for a deleted release.
      type: str
      sample: "2026-06-25T08:31:00Z"
    detected_at:
      description: Time of the poll that detected the change (RFC 3339, UTC).
      type: str
      sample: "2026-06-25T08:31:12.345Z"
"""

_PACKAGE = "ansible_collections.community.huaweicloud"


def _make_collection_importable() -> None:
    """Let Ansible's loader find this collection, because ansible-rulebook runs this file outside of a package."""
    if _PACKAGE in sys.modules:
        return
    from ansible.plugins.loader import init_plugin_loader
    from ansible.utils.collection_loader import AnsibleCollectionConfig

    if AnsibleCollectionConfig.collection_finder is None:
        # The directory that contains ansible_collections
        init_plugin_loader([str(Path(__file__).absolute().parents[7])])


async def main(queue: asyncio.Queue[t.Any], args: dict[str, t.Any]) -> None:
    """Put events into the queue until ansible-rulebook cancels the task."""
    _make_collection_importable()
    from ansible_collections.community.huaweicloud.plugins.plugin_utils._release_watcher import watch_releases

    await watch_releases(queue, args)
