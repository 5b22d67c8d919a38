# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the argument specs of the modules of awx.awx from ``awx_arguments.json`` or from the installed collection.

``awx_modules.py`` writes the file from the installed collection. The package ``ansible`` includes it, but is too large for the test environment.
``make bench ARGS=--install-peers`` creates an environment with it, and AWX_COLLECTIONS can name another directory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

from environment import CACHE

STORED = Path(__file__).with_name("awx_arguments.json")

# The modules that awx_setup uses
MODULES = (
    "organization",
    "credential_type",
    "credential",
    "execution_environment",
    "project",
    "project_update",
    "inventory",
    "inventory_source",
    "host",
    "job_template",
    "workflow_job_template",
    "workflow_job_template_node",
    "schedule",
)

# A Python with ansible-core runs this. It prints the arguments that each module passes to its base class, instead of running the module.
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


def find_collections() -> Path | None:
    """Return the directory that contains ``ansible_collections/awx/awx``, or None."""
    roots = [Path(os.environ["AWX_COLLECTIONS"])] if os.environ.get("AWX_COLLECTIONS") else []
    for venv in (Path(sys.prefix), CACHE / "bench-peers"):
        roots += venv.glob("lib/python*/site-packages")
    roots.append(Path("/usr/share/ansible/collections"))
    return next(
        (root for root in roots if (root / "ansible_collections" / "awx" / "awx" / "plugins" / "modules").is_dir()),
        None,
    )


def read_installed_specs(root: Path) -> dict[str, t.Any]:
    """Return the argument spec and the rules of each module of the collection in ``root``."""
    process = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(root), *MODULES], capture_output=True, text=True, check=True
    )
    return dict(json.loads(process.stdout))


def load_stored_specs() -> dict[str, t.Any]:
    """Return the stored specs, which are those of version 24.6.1."""
    return dict(json.loads(STORED.read_text(encoding="utf-8")))


def main() -> int:
    root = find_collections()
    if root is None:
        print("awx.awx is not installed", file=sys.stderr)
        return 1
    STORED.write_text(json.dumps(read_installed_specs(root), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
