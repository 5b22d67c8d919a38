# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the playbook was told."""

from __future__ import annotations

import dataclasses
import re
import typing as t

SERVICES = ("modelarts", "asm")
_NEEDED = {
    "workshop": ("primary_cluster", "elb_id", "elb_ip", "port"),
    "release": ("namespace", "service_name", "cluster_id", "deployment_name", "version", "template"),
}
_POSSIBLE = {"workshop": ("image_address",), "release": ("type", "new_image")}


@dataclasses.dataclass(frozen=True)
class Options:
    """``run`` makes the names of one run its own; without ``workshop`` or ``release`` none is made."""

    prefix: str
    run: str
    services: t.Tuple[str, ...] = SERVICES
    mesh_name: str = ""
    user_name: str = ""
    workshop: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    release: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    cancel_actions: t.Tuple[str, ...] = ("cancel",)
    end_actions: t.Tuple[str, ...] = ("end",)

    @property
    def base(self) -> str:
        """What all names of the run begin with."""
        return f"{self.prefix}-{self.run}"

    @property
    def ghost(self) -> str:
        """An ID that nothing has."""
        return (self.run * 4)[:32]

    @property
    def ghost_uid(self) -> str:
        """The same as ASM writes them."""
        return "-".join((self.ghost[:8], self.ghost[8:12], self.ghost[12:16], self.ghost[16:20], self.ghost[20:]))

    @classmethod
    def of(cls, given: t.Mapping[str, t.Any]) -> Options:
        typed: t.Dict[str, t.Any] = {
            name: tuple(value) if isinstance(value, (list, tuple)) else value for name, value in given.items()
        }
        return cls(**typed)

    def problems(self) -> list[str]:
        """What can not be right, in words for the user."""
        found = []
        if not re.fullmatch(r"[a-z][a-z0-9-]{2,31}", str(self.prefix)):
            found.append(
                "contract_prefix must be 3 to 32 lower-case letters, digits and hyphens, and begin with a letter"
            )
        if not re.fullmatch(r"[0-9a-f]{8}", str(self.run)):
            found.append("the name of the run must be eight hexadecimal digits")
        services: t.Any = self.services
        strange = [
            str(name) for name in ([services] if isinstance(services, str) else services) if name not in SERVICES
        ]
        if strange or not services or isinstance(services, str):
            found.append(
                f"contract_services must be a list of {' and '.join(SERVICES)}"
                + (f", not {', '.join(strange)}" if strange else "")
            )
        for name in ("cancel_actions", "end_actions"):
            words = getattr(self, name)
            if (
                not isinstance(words, tuple)
                or not words
                or not all(isinstance(word, str) and word.strip() for word in words)
            ):
                found.append(f"contract_{name} must be a list of words")
        return found + [problem for name in _NEEDED for problem in _problems(name, getattr(self, name))]


def _problems(name: str, given: t.Any) -> t.Iterator[str]:
    if not isinstance(given, t.Mapping):
        yield f"contract_{name} must be a mapping"
        return
    missing = [key for key in _NEEDED[name] if given.get(key) in (None, "")] if given else []
    unknown = sorted(str(key) for key in given if key not in (*_NEEDED[name], *_POSSIBLE[name]))
    if missing:
        yield f"contract_{name} lacks {', '.join(missing)}"
    if unknown:
        yield f"contract_{name} has {', '.join(unknown)}, which is unknown"
    yield from _WRONG[name](given) if given else ()


def _wrong_workshop(given: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    port = given.get("port")
    if port not in (None, "") and not (re.fullmatch(r"[0-9]{1,5}", str(port)) and 1 <= int(str(port)) <= 65535):
        yield f"contract_workshop.port must be a number from 1 to 65535, not {port}"


def _wrong_release(given: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    image = _image_of(given.get("template"))
    if not image:
        yield "contract_release.template must be a Deployment, as a mapping"
    elif given.get("new_image") == image:
        yield "contract_release.new_image must be another image than that of the template"


_WRONG = {"workshop": _wrong_workshop, "release": _wrong_release}


def _image_of(template: t.Any) -> t.Any:
    try:
        return template["spec"]["template"]["spec"]["containers"][0]["image"]
    except (KeyError, IndexError, TypeError):
        return None
