# Every target does its own set-up. `pipegen` does the work; make only wraps it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_SPARK := $(VENV)/.ready-spark
SHELL := /bin/bash

.DEFAULT_GOAL := help

.PHONY: help
help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 22

# uv installs in seconds what takes pip over a minute; where a registry serves pip alone, pip does.
# Compiled at once, as pip does: where Python may write no bytecode, each run would compile 3,000 files.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11, or name another with PYTHON=…"; exit 1; }
	@echo "Setting up $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirement requirements.lock \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/pipegen setup
	@touch $@

# Spark is large, and few want it: it comes on demand.
$(READY_SPARK): $(READY) requirements-spark.lock
	@command -v java >/dev/null || { echo "java is not there: install Java 17 or later (Debian: openjdk-17-jre-headless)"; exit 1; }
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirement requirements-spark.lock \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-spark.lock
	@touch $@

.PHONY: setup
setup: $(READY) ## The environment alone: .venv, pinned packages, dbt packages

.PHONY: setup-postgres
setup-postgres: setup ## What PIPEGEN_TARGET=postgres needs: the same environment

.PHONY: setup-spark
setup-spark: $(READY_SPARK) ## What PIPEGEN_TARGET=spark needs: pyspark and dbt-spark, pinned

.PHONY: run
run: $(READY) ## Land, build, audit and publish the warehouse (PIPEGEN_RAW, …); SELECT=… builds a part
	@$(BIN)/pipegen run $(if $(SELECT),--select "$(SELECT)")

.PHONY: dev
dev: $(READY) ## Dagster's UI with everything loaded: assets, checks, schedules, sensors
	@$(BIN)/pipegen dev

# Three at once on two cores: now and then a test waits for a process, or for a fixture.
PYTEST := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

# What tests need of the system is installed only where CI is set, which every CI service does; here
# it is only said what is missing, and those tests skip.
IN_CI := $(filter-out false 0 no,$(CI))
define needs
@$(1) || { $(if $(IN_CI),echo "$(2) is missing: CI is set and so it is installed" \
	&& $(MAKE) --no-print-directory $(2),false); } \
	|| echo "$(2) is missing: what needs it is not tested ('make $(2)' installs it, as root)"
endef
HAS_CHROMIUM := command -v chromium >/dev/null
HAS_POSTGRESQL := { ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; } >/dev/null 2>&1

.PHONY: test
test: check ## All claims about numbers, files and interfaces: minutes
	$(call needs,$(HAS_CHROMIUM),chromium)
	@$(PYTEST)

.PHONY: test-night
test-night: $(READY) ## Earlier days, processes, kills, faults, the daemon, past weeks, Postgres
	$(call needs,$(HAS_POSTGRESQL),postgresql)
	@$(PYTEST) -m "night and not slow and not spark and not services"

# The review's page is tried in a real browser.
.PHONY: chromium
chromium: ## Install the browser that the review's tests need (Debian, as root)
	@$(HAS_CHROMIUM) || { apt-get update --quiet >/dev/null \
		&& apt-get install --yes --quiet chromium >/dev/null; }

.PHONY: postgresql
postgresql: ## Install the server that tests on Postgres start and stop (Debian, as root)
	@$(HAS_POSTGRESQL) || { apt-get update --quiet >/dev/null \
		&& apt-get install --yes --quiet postgresql >/dev/null; }

.PHONY: test-postgres
test-postgres: $(READY) ## Everything on Postgres: a server of its own is started and stopped
	$(call needs,$(HAS_POSTGRESQL),postgresql)
	@$(BIN)/pytest -m postgres tests/night/engines

.PHONY: test-spark
test-spark: $(READY_SPARK) ## Everything on Spark: a session, and a cluster of a master and two workers
	@$(BIN)/pytest -m spark tests/night/engines

.PHONY: packet
packet: $(READY) ## The review packet of the published warehouse again, without a run
	@$(BIN)/pipegen packet

.PHONY: action
action: $(READY) ## Actions agreed in reviews: make action ARGS='add "…" --owner …' (or close, list)
	@$(BIN)/pipegen action $(ARGS)

.PHONY: test-slow
test-slow: $(READY) ## What takes many minutes: more companies, a kill at many more points
	@$(BIN)/pytest -m "slow and not postgres and not spark"

.PHONY: test-services
test-services: $(READY) ## SQL for Snowflake, BigQuery and Databricks: compiled and parsed, never run there
	@$(BIN)/pytest -m services tests/night/engines/test_services.py

.PHONY: land
land: $(READY) ## Raw tables only, for work with plain `dbt build`
	@$(BIN)/pipegen land

.PHONY: doctor
doctor: $(READY) ## Whether everything a run needs is there
	@$(BIN)/pipegen doctor

.PHONY: alerts-dry-run
alerts-dry-run: $(READY) ## What the alerts of the published warehouse would say; nothing is sent
	@$(BIN)/pipegen alerts

# At once: mypy keeps one core busy, and sqlfluff the other, which reads the dbt project alone at first.
.PHONY: check
check: $(READY) ## Style of SQL and Python, and the types of the Python code
	@$(MAKE) --no-print-directory --jobs 2 lint types

# Two processes at once; sqlfluff's Rust engine, which requirements.lock holds, halves what they take.
.PHONY: lint
lint: $(READY) ## SQL and Python style
	@$(BIN)/ruff check .
	@$(BIN)/python -m tests.support.lint lint --disable-progress-bar --processes 2 models tests/data

# Two parts of the package lie at the top level: mypy is shown them where they are imported from.
.PHONY: types
types: $(READY) ## The types of the Python code
	@rm -rf .mypy_cache/tree && mkdir -p .mypy_cache/tree/pipegen
	@ln -s $(CURDIR)/src/pipegen/* $(CURDIR)/orchestration $(CURDIR)/expectations .mypy_cache/tree/pipegen/
	@cd .mypy_cache/tree && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml \
		--python-executable $(CURDIR)/$(BIN)/python --cache-dir $(CURDIR)/.mypy_cache -p pipegen

# dbt is pinned below 1.12, which needs a parser that no package registry has (docs/decisions/0015).
.PHONY: lock
lock: $(READY) ## The pinned packages again, each at its newest
	@for extras in "dev postgres:requirements" "dev postgres spark:requirements-spark"; do \
		echo "dbt-core<1.12" | $(BIN)/uv pip compile --quiet --upgrade --no-header --no-annotate --no-emit-index-url \
			--python-version 3.11 --constraint - $$(printf -- '--extra %s ' $${extras%%:*}) \
			pyproject.toml --output-file $${extras##*:}.lock || exit 1; done

.PHONY: docs
docs: $(READY) ## dbt's documentation of the last run, in one file that opens offline
	@$(BIN)/pipegen docs

.PHONY: benchmark
benchmark: $(READY) ## Rows, seconds and memory of a run, at the demo's size and at 100,000 deals
	@$(BIN)/python -m benchmarks.run

.PHONY: clean
clean: ## Remove the environment and what was built; published warehouses stay
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .seeds .parsed .services dbt_packages target logs *.egg-info
