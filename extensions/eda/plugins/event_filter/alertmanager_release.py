# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event filter of ansible-rulebook that finds the releases that alerts of Alertmanager are about."""

from __future__ import annotations

import logging
import re
import typing as t

DOCUMENTATION = r"""
module: alertmanager_release
short_description: Find the releases that alerts of Alertmanager are about
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Replaces the webhook of Alertmanager by one event for each alert that is firing and whose labels contain mesh, namespace and name of a release.
  - Drops all other alerts, and webhooks without such an alert. Logs a warning for a firing alert with an invalid label.
  - The new events contain only what is documented here. They contain no HTTP headers of the webhook.
  - Accepts the events of C(eda.builtin.webhook), C(ansible.eda.webhook) and C(ansible.eda.alertmanager). For the latter,
    set C(skip_original_data=true). Otherwise each alert arrives twice.
requirements:
  - ansible-rulebook 1.2 or later
options:
  mesh_label:
    description:
      - Label with the name or the ID of the mesh.
    type: str
    default: mesh
  namespace_label:
    description:
      - Label with the namespace of the release.
    type: str
    default: namespace
  release_label:
    description:
      - Label with the name of the release.
    type: str
    default: release
"""

EXAMPLES = r"""
- name: Report alerts about releases
  hosts: localhost
  sources:
    - name: alertmanager
      eda.builtin.webhook:
        host: 127.0.0.1
        port: 5000
        token: "{{ alertmanager_token }}"
      filters:
        - community.huaweicloud.alertmanager_release:
            namespace_label: destination_service_namespace
  rules:
    - name: Print the release
      condition: event.release_alert is defined
      action:
        debug:
          msg: "{{ event.release_alert.alert }}: {{ event.release_alert.namespace }}/{{ event.release_alert.release }}"
"""

RETURN = r"""
release_alert:
  description: A firing alert about a release.
  type: dict
  contains:
    mesh:
      description: Name or ID of the mesh.
      type: str
      sample: shop-mesh
    namespace:
      description: Namespace of the release.
      type: str
      sample: default
    release:
      description: Name of the release.
      type: str
      sample: reviews-v2
    alert:
      description: Name of the alert, V(null) if it has none.
      type: str
      sample: HighErrorRate
    fingerprint:
      description: ID of the alert in Alertmanager, V(null) if it has none.
      type: str
      sample: 2f4c0b1e5a6d7c8f
    starts_at:
      description: Time at which the alert started, V(null) if it is unknown.
      type: str
      sample: "2026-06-25T08:31:00Z"
"""

Event = t.Dict[str, t.Any]

# The values end up in paths and in variables of a playbook, so nothing else is accepted. Names of namespaces and releases
# follow the rules of Kubernetes; a mesh may also be named by its ID.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_MESH = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?")

_LOG = logging.getLogger("community.huaweicloud.alertmanager_release")


def main(
    event: Event, mesh_label: str = "mesh", namespace_label: str = "namespace", release_label: str = "release"
) -> list[Event]:
    """Return one event for each firing alert about a release."""
    labels = {"mesh": mesh_label, "namespace": namespace_label, "release": release_label}
    found = [_find_release(alert, labels) for alert in _list_alerts(event)]
    return [{"release_alert": release} for release in found if release]


def _list_alerts(event: Event) -> list[dict[str, t.Any]]:
    """Return the alerts of a webhook, or the single alert that ansible.eda.alertmanager has already extracted."""
    payload = event.get("payload")
    alerts = payload.get("alerts") if isinstance(payload, dict) else [event.get("alert")]
    return [alert for alert in alerts if isinstance(alert, dict)] if isinstance(alerts, list) else []


def _find_release(alert: t.Mapping[str, t.Any], labels: t.Mapping[str, str]) -> dict[str, t.Any] | None:
    """Return what is known of the release of an alert, or None if the alert does not fire or names no release."""
    found = alert.get("labels")
    if alert.get("status") != "firing" or not isinstance(found, dict):
        return None
    values = {key: found.get(label) for key, label in labels.items()}
    if any(value in (None, "") for value in values.values()):
        return None
    invalid = [labels[key] for key, value in values.items() if not _is_valid(key, value)]
    if invalid:
        _LOG.warning("Ignored a firing alert, because these labels do not contain valid names: %s", ", ".join(invalid))
        return None
    return {
        **values,
        "alert": _to_text(found.get("alertname")),
        "fingerprint": _to_text(alert.get("fingerprint")),
        "starts_at": _to_text(alert.get("startsAt")),
    }


def _is_valid(key: str, value: t.Any) -> bool:
    pattern = _MESH if key == "mesh" else _NAME
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _to_text(value: t.Any) -> str | None:
    return value if isinstance(value, str) else None
