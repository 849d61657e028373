# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
IN_VENV := .venv/bin/python
DESK := tests/sessions/desk.py

.PHONY: help setup demo test bench
help:
	@echo "make demo    gather phone numbers from an embedded service, without an account"
	@echo "make test    run every check (list them: .venv/bin/python -m nox -l)"
	@echo "make bench   measure a task, the throttler and gathering"

demo: setup
	@demo/run

test: setup
	@$(IN_VENV) $(DESK) test

bench: setup
	@$(IN_VENV) -m nox -s bench

setup:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); name a Python, 3.10 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed; name one: make PYTHON=python3.12 ..." if sys.version_info < (3, 10) else 0)'
	@$(PYTHON) $(DESK) setup
