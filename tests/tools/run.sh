#!/bin/sh
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Run "play PLAYBOOK [ARGUMENT ...]" or "sessions TARGET [ARGUMENT ...]" in .venv, which is created if necessary.
# The variable PYTHON names the interpreter for a new .venv.

set -eu

cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}

fail() {
    echo "$1" >&2
    exit 1
}

command -v "$python" > /dev/null 2>&1 ||
    fail "Python 3.11 or newer is required, but $python was not found. On Debian and Ubuntu, run: apt install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null ||
    fail "Python 3.11 or newer is required, but $python is $("$python" -V 2>&1 | head -n 1). Select another interpreter, for example: make quickstart PYTHON=python3.12"
"$python" -c 'import ensurepip, venv' 2> /dev/null ||
    fail "$python cannot create virtual environments. On Debian and Ubuntu, run: apt install python3-venv"

group=nox
if [ "$1" = play ]; then group=play; fi
"$python" tests/tools/bootstrap.py "$group"
program=$1
shift
exec .venv/bin/python "tests/tools/$program.py" "$@"
