# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Short names for the commands of this repository. Everything happens inside the checkout: .venv, .nox, .cache.
#
# PYTHON: the interpreter for a new .venv (default: python3)
# ANSIBLE_CORE: the version of ansible-core, for example 2.18 (default: the newest for this Python)
# ARGS: arguments for the session, for example: make units ARGS="-k signature"

PYTHON ?= python3
ANSIBLE_CORE ?=
ARGS ?=
export PYTHON ANSIBLE_CORE

RUN := @sh tests/tools/run.sh
SESSIONS := $(RUN) sessions

.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help quickstart test check static playbooks robustness list format constraints docs bench dist release-check notes changelog sign release-notes clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-22s%s\n' "$$name" "$$text"; done
	@echo '  make SESSION        run one session (list: make list)'

quickstart: ## run the quick start against a local emulator (about a minute)
	$(RUN) play community.huaweicloud.quickstart $(ARGS)

test: ## run the fast checks: format, linters, types, unit tests, smoke tests, quick start (at most 5 minutes)
	$(SESSIONS) test $(ARGS)

check: ## run all checks with one version of ansible-core (at most 20 minutes)
	$(SESSIONS) check $(ARGS)

static: ## run the checks that only read the code and the documentation
	$(SESSIONS) static $(ARGS)

# There is a directory of this name, so the rule for sessions below does not apply.
playbooks: ## run the playbook tests against the emulator
	$(SESSIONS) playbooks $(ARGS)

robustness: ## run the complete robustness suites and write docs/robustness.md (about 90 minutes; ARGS=concurrency: one suite)
	$(SESSIONS) robustness $(ARGS)
	$(RUN) robustness

list: ## list all sessions
	$(RUN) sessions --list

format: ## format the code
	$(SESSIONS) formatters

constraints: ## pin the newest versions of all packages in tests/constraints
	$(SESSIONS) constraints

docs: ## build the documentation site in .cache/docs/html
	$(SESSIONS) docs-site

bench: ## run the benchmarks and write docs/benchmarks.md (half an hour; ARGS=--quick: 5 minutes)
	$(SESSIONS) bench $(ARGS)

dist: ## build the tarball in dist/
	$(SESSIONS) dist

release-check: ## check the tarball, the release notes, the licenses, the signature, and the workflows
	$(SESSIONS) release-check

notes: ## print the notes of the next release (ARGS=COMMIT: also require fragments for all changes since that commit)
	$(SESSIONS) changelog $(ARGS)

changelog: ## write the changelog of the version in galaxy.yml and delete the fragments
	$(SESSIONS) release-changelog $(ARGS)

sign: ## sign the checksums of all files with your GPG key
	$(SESSIONS) sign $(ARGS)

release-notes: ## write the notes of a tagged version to .cache/release-notes.md (ARGS=TAG)
	$(SESSIONS) release-notes $(ARGS)

clean: ## delete the environments and all generated files
	@rm -rf .venv .nox .cache .collections .ansible .ruff_cache .mypy_cache .pytest_cache dist tests/output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Any other target is the name of a session.
.DEFAULT:
	$(SESSIONS) $@ $(ARGS)
