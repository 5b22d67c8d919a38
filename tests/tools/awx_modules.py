# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of awx.awx take: written down in ``awx_arguments.json``, and as an installed collection says it.

``awx_modules.py`` writes the file anew from the installed collection. It is a part of the package ``ansible``, which is too large for
the environment of the tests; ``make bench ARGS=--install-peers`` makes one with it, and AWX_COLLECTIONS may name another directory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

from environment import CACHE

WRITTEN = Path(__file__).with_name("awx_arguments.json")

# Of each module that awx_setup uses
MODULES = (
    "organization",
    "credential_type",
    "credential",
    "execution_environment",
    "project",
    "project_update",
    "inventory",
    "host",
    "job_template",
    "workflow_job_template",
    "workflow_job_template_node",
    "schedule",
)

# Run by a Python that has ansible-core, with the collection's folder before all others: shows what each module hands to
# the class that all of them are made of, instead of doing its work.
_SCRIPT = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.awx.awx.plugins.module_utils import controller_api

class Shown(Exception):
    pass

def show(argument_spec=None, **rules):
    raise Shown({**controller_api.ControllerModule.AUTH_ARGSPEC, **argument_spec}, rules)

found = {}
for name in sys.argv[2:]:
    module = importlib.import_module("ansible_collections.awx.awx.plugins.modules." + name)
    module.ControllerAPIModule = show
    try:
        module.main()
    except Shown as shown:
        spec, rules = shown.args
        kept = {option: {key: value for key, value in how.items() if key != "fallback"} for option, how in spec.items()}
        found[name] = {"argument_spec": kept, **rules}
print(json.dumps(found))
"""


def find() -> Path | None:
    """The folder that has ``ansible_collections/awx/awx``, or ``None``."""
    places = [Path(os.environ["AWX_COLLECTIONS"])] if os.environ.get("AWX_COLLECTIONS") else []
    for venv in (Path(sys.prefix), CACHE / "bench-peers"):
        places += venv.glob("lib/python*/site-packages")
    places.append(Path("/usr/share/ansible/collections"))
    return next(
        (place for place in places if (place / "ansible_collections" / "awx" / "awx" / "plugins" / "modules").is_dir()),
        None,
    )


def installed(place: Path) -> dict[str, t.Any]:
    """What the modules of the collection in ``place`` take: argument spec and rules by module."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(place), *MODULES], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def written() -> dict[str, t.Any]:
    """The same as it is written down: that of version 24.6.1."""
    return dict(json.loads(WRITTEN.read_text(encoding="utf-8")))


def main() -> int:
    place = find()
    if place is None:
        print("awx.awx is not installed", file=sys.stderr)
        return 1
    WRITTEN.write_text(json.dumps(installed(place), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
