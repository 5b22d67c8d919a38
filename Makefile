# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The driver of the collection: each gate is one verb. Only make and Python 3.11 or newer are needed.

PYTHON ?= python3
ARGS ?=

# One version of ansible-core (2.18, for example) instead of the newest one for this Python.
ANSIBLE_CORE ?=
export ANSIBLE_CORE

RUNTIME := .venv/.runtime$(ANSIBLE_CORE)
TOOLS := .venv/.tools$(ANSIBLE_CORE)
RUNTIME_FILES := requirements.txt tests/requirements-controller.txt $(wildcard roles/emulator/files/requirements.txt)

GATES := .venv/bin/python tests/tools/gates.py

.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help quickstart test lint docs-lint units playbooks playbooks-as-modules coverage sanity molecule docs bench format dist build clean
.PHONY: test-matrix robustness release-check release-notes notes changelog sign

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-30s%s\n' "$$name" "$$text"; done

quickstart: $(RUNTIME) ## see the whole job done against the emulator, in about a minute
	@.venv/bin/python tests/tools/play.py community.huaweicloud.quickstart $(ARGS)

test: $(TOOLS) ## run every gate: units, playbooks, coverage, robustness, sanity, molecule, lint, docs
	@$(GATES) test $(ARGS)

units: $(TOOLS) ## run the unit tests (ARGS="-k word" goes to pytest)
	@$(GATES) units $(ARGS)

playbooks: $(TOOLS) ## run the playbook tests against the emulator (ARGS go to pytest)
	@$(GATES) playbooks $(ARGS)

playbooks-as-modules: $(TOOLS) ## run them again with none of our tasks in process
	@$(GATES) playbooks-as-modules $(ARGS)

coverage: $(TOOLS) ## run the unit tests and measure what they reach of plugins/module_utils
	@$(GATES) coverage $(ARGS)

sanity: $(TOOLS) ## run ansible-test sanity on two versions of ansible-core
	@$(GATES) sanity $(ARGS)

molecule: $(TOOLS) ## run the molecule scenarios of the roles (ARGS="converge -s releases" goes to molecule)
	@$(GATES) molecule $(ARGS)

test-matrix: $(TOOLS) ## run units, playbooks and a part of robustness on every supported ansible-core, some 10 minutes each (ARGS="2.18 tests/unit": some of them)
	@$(GATES) test-matrix $(ARGS)

robustness: $(TOOLS) ## run all of tests/robustness, about an hour, and write docs/robustness.md (ARGS="races -x": some suites, and words for pytest)
	@.venv/bin/python tests/tools/environment.py robustness
	@$(GATES) robustness $(ARGS) && .venv/bin/python tests/tools/robustness.py

lint: $(TOOLS) ## run ansible-lint, yamllint, ruff and mypy
	@$(GATES) lint $(ARGS)

docs: $(TOOLS) ## build the documentation site into .cache/docs/html
	@$(GATES) docs

docs-lint: $(TOOLS) ## check the documentation and the changelog, and build the site
	@$(GATES) docs-lint $(ARGS)

bench: $(RUNTIME) ## measure the speed, some 15 minutes on an idle machine (ARGS=--quick: 3), and write docs/benchmarks.md
	@.venv/bin/python tests/bench/bench.py $(ARGS)

format: $(TOOLS) ## sort imports and mend what ruff can
	@.venv/bin/ruff check --fix .

dist: $(RUNTIME) ## build the collection's tarball into dist/
	@mkdir -p dist && .venv/bin/ansible-galaxy collection build --force --output-path dist .

build: dist

release-check: $(TOOLS) dist ## look at the tarball as a hub and as a user would, at the notes, licenses, signature and workflows
	@$(GATES) release-check

notes: $(TOOLS) ## show what a release would say, and see that what users notice has a fragment (ARGS=BASE: since that commit)
	@$(GATES) notes $(ARGS) && cat .cache/log/release-notes.log

changelog: $(TOOLS) ## release the version in galaxy.yml in the changelog: CHANGELOG.md and .rst are written, the fragments removed
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/antsibull-changelog release $(ARGS)

sign: $(TOOLS) ## sign the checksums of all files with your key of gpg, into .ansible-sign
	@.venv/bin/ansible-sign project gpg-sign $(ARGS) .

release-notes: $(TOOLS) ## write the notes of the version that is tagged into .cache/release-notes.md (ARGS=TAG)
	@.venv/bin/python tests/tools/release_notes.py $(ARGS)

clean: ## remove the environments and everything made by the targets above
	@rm -rf .venv .cache .collections .ansible .ruff_cache .mypy_cache .pytest_cache dist tests/output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): $(RUNTIME_FILES)
	@command -v $(PYTHON) > /dev/null 2>&1 || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON); on Debian and Ubuntu: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { echo "Python 3.11 or newer is needed, and $(PYTHON) is `$(PYTHON) -V 2>&1 | head -n 1`; name a newer one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo "$(PYTHON) can not make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) tests/tools/environment.py runtime

$(TOOLS): $(RUNTIME) tests/requirements-tools.txt tests/requirements-docs.txt
	@.venv/bin/python tests/tools/environment.py tools
