# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
IN_VENV := .venv/bin/python

.PHONY: help demo test one other bench
help:
	@echo "make demo    gather phone numbers from an embedded service, without an account"
	@echo "make test    run every check (list them: .venv/bin/python -m nox -l)"
	@echo "make bench   measure a task, the throttler and gathering"

demo: .venv/.ready
	@demo/run

test: .venv/.ready
	@$(IN_VENV) -m nox --list
	@$(MAKE) --no-print-directory --jobs=2 one other

one other: .venv/.ready
	@$(IN_VENV) -m nox --tags $@

bench: .venv/.ready
	@$(IN_VENV) -m nox -s bench

.venv/.ready: Makefile requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed; name one: make PYTHON=python3.12 ..." if sys.version_info < (3, 10) else 0)'
	@echo "Setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(IN_VENV) -m pip install --quiet --disable-pip-version-check nox 'ansible-core>=2.16,<2.22' PyYAML -r requirements.txt
	@touch $@
