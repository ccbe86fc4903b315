# Two commands matter: `make demo` and `make test`. `make` alone lists them all.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

UV_VERSION := 0.13.9
BIN := .venv/bin
PYTHON := $(BIN)/python
INSTALL := $(BIN)/uv pip install --quiet --python $(PYTHON) --compile-bytecode --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --python $(PYTHON) --generate-hashes --no-header

# Tests that run at once. One more than two cores, as a third of the time is waiting: for pages, gateways and processes.
# Each worker takes neighbours, which share what their module makes once, and from the others when it has done its own.
AT_ONCE := -n 3 --dist worksteal
CAMPAIGNS := tests/contacts/test_gate_siege.py tests/contacts/events/test_door_siege.py $(sort $(wildcard tests/surveys/test_*_siege.py)) tests/surveys/test_scanners.py tests/test_shedding_siege.py

# Matrices here are small: on several threads at once they take several times as long beside other work.
export OPENBLAS_NUM_THREADS := 1
# Every process starts in half the time when what it loads has been compiled before, also where the machine forbids that.
export PYTHONDONTWRITEBYTECODE :=

# What a production environment looks like, for the checks only; none of it is a secret or reached.
PRODUCTION := CXSURVEY_PRODUCTION=true SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(64))')" \
	LINK_KEYS="1:$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(64))')" ALLOWED_HOSTS=surveys.example.com \
	SITE_URL=https://surveys.example.com EMAIL_URL=smtp+tls://user:password@mail.example.com:587 \
	DATABASE_URL=postgresql://cxsurvey@database.example.com/cxsurvey

.PHONY: help setup demo run test check faults studies bench lock browser gateways judges

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/installed ## make the environment in .venv and the keys in var/
	@$(PYTHON) manage.py check >/dev/null

demo: setup ## load the sample, plan, deliver, report, then serve it until Ctrl-C
	@$(PYTHON) manage.py migrate --verbosity 0
	@$(PYTHON) manage.py demo

run: setup ## run web and worker on the data that is there, until Ctrl-C
	@$(PYTHON) manage.py migrate --verbosity 0
	@$(PYTHON) manage.py run

test: .venv/installed-dev browser gateways judges ## run every test on SQLite, then those that touch the database on PostgreSQL
	@echo "Tests on SQLite"
	@$(PYTHON) -m pytest -q $(AT_ONCE)
	@echo "Tests on PostgreSQL"
	@$(PYTHON) -m pytest -q $(AT_ONCE) --postgres

check: .venv/installed-dev ## format, lint, types, migrations, import direction, production settings, documents
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(PYTHON) manage.py makemigrations --check --dry-run --verbosity 1
	@$(BIN)/lint-imports --no-logo
	@$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	@$(PYTHON) -m pytest -q tests/test_architecture.py tests/test_docs.py

faults: .venv/installed-dev ## run the campaigns of races and kills at their full length, on both databases
	@$(PYTHON) -m pytest -q -s --whole $(CAMPAIGNS)
	@$(PYTHON) -m pytest -q -s --whole --postgres $(CAMPAIGNS)

studies: .venv/installed-dev ## simulate at full length how often intervals hold the truth, and judge the models on published data
	@$(PYTHON) -m pytest -q -s --whole $(sort $(wildcard tests/*/test_*_study.py))

bench: setup .venv/installed-dev ## measure against the limits in bench/ (hours; minutes with BENCH_CUSTOMERS=100000)
	@BENCH_CUSTOMERS=$${BENCH_CUSTOMERS:-1000000} $(PYTHON) -m bench

lock: .venv/installed-dev ## pin what requirements*.in ask for, with hashes
	@$(LOCK) requirements.in --output-file requirements.txt
	@$(LOCK) requirements-dev.in --output-file requirements-dev.txt
	@$(LOCK) $(JUDGES)/requirements.in --output-file $(JUDGES)/requirements.txt

.venv/uv-$(UV_VERSION):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@echo "Making the environment in .venv"
	@python3 -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/installed: requirements.txt | .venv/uv-$(UV_VERSION)
	@echo "Installing what the project needs"
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what its tests and checks need"
	@$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@touch $@

# The suite itself says loudly what it leaves out when there is still no browser.
browser:
	@if ! command -v chromium-headless-shell >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Chromium for the browser tests"; mkdir -p var; \
		{ apt-get update -q && apt-get install -y -q --no-install-recommends chromium-headless-shell fonts-dejavu-core libatomic1; } >var/apt.log 2>&1 \
			|| echo "That failed; see var/apt.log" >&2; \
	fi

# Other people's tools: SurveyJS's own library, and clients of event services with a Node that is new enough for them.
# They are in environments of their own; the suite says loudly when they are not there.
JUDGES := tests/judges
judges:
	@if ! command -v npm >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Node for other people's tools"; mkdir -p var; \
		{ apt-get update -q && apt-get install -y -q --no-install-recommends nodejs npm; } >var/apt-node.log 2>&1 \
			|| echo "That failed; see var/apt-node.log" >&2; \
	fi
	@if command -v npm >/dev/null && [ ! $(JUDGES)/node_modules/.package-lock.json -nt $(JUDGES)/package-lock.json ]; then \
		echo "Installing SurveyJS's library and event clients for the tests"; mkdir -p var; \
		npm ci --prefix $(JUDGES) --ignore-scripts --no-audit --no-fund >var/npm.log 2>&1 \
			|| echo "That failed; see var/npm.log" >&2; \
	fi
	@if [ ! $(JUDGES)/.venv/installed -nt $(JUDGES)/requirements.txt ]; then \
		echo "Installing event clients in Python for the tests"; mkdir -p var; \
		{ $(BIN)/uv venv --quiet --clear --python $(PYTHON) $(JUDGES)/.venv \
			&& $(BIN)/uv pip install --quiet --python $(JUDGES)/.venv/bin/python --require-hashes -r $(JUDGES)/requirements.txt \
			&& touch $(JUDGES)/.venv/installed; } >var/judges.log 2>&1 || echo "That failed; see var/judges.log" >&2; \
	fi

GATEWAYS := kannel kannel-extras opensmtpd dovecot-imapd
POLICY := /usr/sbin/policy-rc.d

# Real peers for the tests of sending: Kannel, a mail server, a mailbox. Debian would start them at once; they are needed
# by the tests alone, which start their own, so a policy says no for as long as they are installed.
gateways:
	@if ! { command -v bearerbox && command -v smtpd && command -v dovecot; } >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing $(GATEWAYS) for the tests of sending"; mkdir -p var; \
		if [ ! -e $(POLICY) ]; then printf '#!/bin/sh\nexit 101\n' >$(POLICY); chmod +x $(POLICY); trap 'rm -f $(POLICY)' EXIT; fi; \
		{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(GATEWAYS); } >var/apt-gateways.log 2>&1 \
			|| echo "That failed; see var/apt-gateways.log" >&2; \
	fi
