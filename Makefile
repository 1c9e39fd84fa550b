# Bare `make` lists the commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-dev
READY_PLAIN := $(VENV)/.ready
# What `make test` runs once more with the records on PostgreSQL: what speaks to them, and of whole installations several
# collectors, an answer and its withdrawal in a browser, a demo that goes on, a client. `make test-long` runs there all that opens any.
ON_POSTGRESQL := tests/journeys/test_visitor.py tests/faults/test_living_collectors.py tests/journeys/test_prove.py \
	tests/journeys/test_demo.py::test_it_stops_with_all_it_started_and_goes_on_where_it_was \
	tests/journeys/test_clients.py::test_a_beacon_and_a_signal tests/spec/test_views_tables.py \
	tests/spec/test_sandbox_hidden_rows.py::test_no_condition_meets_a_row_that_a_table_leaves_out \
	$(patsubst %,tests/unit/test_%.py,records_postgresql migrations keeping_up ledger ledger_cli evidence subject \
	account_choices lake gate policy_file posting rights_erasure whose_data whose_door whose_workspace profiles people_api \
	import_people showings partners rank ranking_process weblog_following weblog_forgetting uncounted \
	second_reader_deletion second_reader_no expiring)
# Tests that need nothing but a core of their own run side by side; those that start installations, one at a time.
ALONE := tests/unit tests/spec tests/generative
LIVING := tests/faults tests/journeys tests/mutants
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile

.PHONY: help setup demo test test-long check format languages lock lists weight bench clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY_PLAIN): requirements/plain.lock pyproject.toml
	@scripts/make-venv $(PYTHON) $(VENV) requirements/plain.lock
	@touch $@

$(READY): requirements/dev.lock pyproject.toml $(READY_PLAIN)
	@scripts/make-venv $(PYTHON) $(VENV) requirements/dev.lock
	@touch $@

setup: $(READY) ## the virtual environment with everything to develop

demo: $(READY_PLAIN) ## start Kept and a careers site on real input; Ctrl-C stops both
	@$(BIN)/kept demo

test: $(READY) ## all tests, those that speak to the records once more on PostgreSQL; installs what they need from the system's packages
	@scripts/system-packages
	@scripts/clients $(VENV)/clients $(BIN)/python
	@failed=0; \
	KEPT_NEEDS_POSTGRESQL=1 $(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(ALONE) || failed=1; \
	KEPT_NEEDS_BROWSER=1 KEPT_NEEDS_POSTGRESQL=1 $(BIN)/python -m pytest -q $(LIVING) || failed=1; \
	KEPT_TEST_RECORDS=postgresql KEPT_NEEDS_BROWSER=1 $(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(ON_POSTGRESQL) || failed=1; \
	exit $$failed

test-long: $(READY) ## the long forms: more kills, more power cuts, more random cases
	@scripts/system-packages
	@scripts/clients $(VENV)/clients $(BIN)/python
	@KEPT_LONG=1 KEPT_NEEDS_BROWSER=1 KEPT_NEEDS_POSTGRESQL=1 $(BIN)/python -m pytest -q
	@KEPT_TEST_RECORDS=postgresql KEPT_NEEDS_BROWSER=1 $(BIN)/python -m pytest -q

check: $(READY) ## style, types, layers, authorities, mutants named, documents true, languages whole
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/check_house.py
	@$(BIN)/python scripts/make_docs.py --check
	@$(BIN)/python scripts/languages.py --check

format: $(READY) ## rewrite the code in the house style
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

languages: $(READY) ## put new sentences into the catalogues of other languages, and compile those
	@$(BIN)/python scripts/languages.py

lock: $(READY) ## pin every dependency anew
	@scripts/lock $(BIN)

lists: $(READY) ## take the newest lists of countries, sites, browsers and crawlers; prints licence and date of each
	@$(BIN)/python scripts/lists.py

weight: ## measure the plain install against its budget (docs/adr/0003-weight.md)
	@scripts/weight $(PYTHON)

bench: $(READY) ## the two benchmarks, quick forms
	@$(BIN)/kept bench ingest --quick
	@$(BIN)/kept bench query --quick

clean: ## remove what was built, not what was gathered
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
