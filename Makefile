# Needs Python 3.11 or newer, make and a package index. `make PYTHON=/path/to/python …` chooses the interpreter.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
BENCHMARKS = $(filter-out %/conftest.py $(wildcard tests/benchmarks/test_*.py),$(wildcard tests/benchmarks/*.py))
INSTALLED := $(VENV)/.installed
# Files go to four processes, two a core of a small machine, for many tests wait, in the order that tests/conftest.py gives.
SUITE := $(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each $(NEW_ENOUGH) 2>/dev/null && echo $$each && break; done)

.DEFAULT_GOAL := help
.PHONY: help demo test test-all kills months lint bench background constraints clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED)  ## show the whole job: crawl, match, mail (in demo-out/)
	@$(BIN)/newsvane demo

test: lint  ## run the linters and the test suite
	@$(SUITE) -m 'not slow'

test-all: lint  ## the same with the long campaigns
	@$(SUITE)

kills: $(INSTALLED)  ## kill the service 200 times under load, on SQLite and on PostgreSQL
	@$(BIN)/pytest -q -n 0 tests/e2e/test_kills.py -k campaign

months: $(INSTALLED)  ## go through months of troubles in virtual time (SEEDS=20: of so many seeds)
	@NEWSVANE_SEEDS=$(or $(SEEDS),3) $(BIN)/pytest -q -n 2 tests/e2e/test_month.py -m slow

lint: $(INSTALLED)  ## ruff, mypy and the import rules
	@$(BIN)/ruff check --quiet --output-format concise
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(INSTALLED)  ## print the figures of tests/benchmarks
	@for each in $(BENCHMARKS); do echo "== $$each"; $(BIN)/python "$$each" || exit 1; done

background: $(INSTALLED)  ## renew the statistics that concepts are measured against (FROM=articles.jsonl.gz)
	@$(BIN)/python -m monitors.cli.background_file $(FROM) monitors/match/concepts/background.xz
	@$(BIN)/python -m monitors.cli.surroundings_file $(FROM) monitors/match/concepts/surroundings.npz

$(INSTALLED): pyproject.toml constraints.txt
	@$(or $(PYTHON),false) $(NEW_ENOUGH) || { \
		echo "Newsvane needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Newsvane and what it needs into $(VENV) (a minute or two the first time)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

constraints:  ## renew constraints.txt with the newest versions that pyproject.toml allows
	@rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	@build/constraints/bin/python -m pip install -qq --disable-pip-version-check '.[dev]'
	@sed -n '/^#/p' constraints.txt > build/constraints.txt
	@build/constraints/bin/python -m pip freeze --exclude newsvane >> build/constraints.txt
	@mv build/constraints.txt constraints.txt && rm -rf build/constraints

clean:  ## remove what was built, cached or shown; .venv stays
	@rm -rf build dist demo-out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find crawler monitors tests -name __pycache__ -prune -exec rm -rf {} +
