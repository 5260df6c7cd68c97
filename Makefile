# `make` lists the targets. Everything runs in .venv, which `make setup` creates from the pinned, hashed files.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.setup-stamp
ARGS ?=
CHECKS := check-types check-style check-imports check-migrations check-generated  # the longest first

.DEFAULT_GOAL := help
.PHONY: help setup chromium spark demo check $(CHECKS) test test-sqlite test-postgres bench oracle messages generated pins

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv with everything that is needed

$(STAMP): requirements/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "OpenUM needs Python 3.11 or newer; set PYTHON=/path/to/python3.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

chromium: ## install Chromium for the browser tests (Debian and Ubuntu, as root)
	@tools/install_chromium.sh

spark: setup ## install PySpark (415 MB) and, where possible, Java 17, for `openum metrics --engine spark` and its test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt
	@tools/install_java.sh

demo: setup ## run the demo (ARGS="--port 8080 --reset")
	$(BIN)/openum demo $(ARGS)

check: setup ## static checks: style, types, import contracts, migrations, generated files
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(CHECKS)

check-types: setup
	$(BIN)/mypy

check-style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

check-imports: setup
	$(BIN)/lint-imports --no-logo

check-migrations: setup
	$(BIN)/python -m django makemigrations --check --dry-run --settings tests.settings

check-generated: setup
	$(BIN)/python -m tools.generate_docs --check
	$(BIN)/python -m tools.generate_cql_docs --check

test: check chromium test-sqlite test-postgres ## check, then all tests on SQLite and the database's on PostgreSQL

test-sqlite: setup ## all tests, on SQLite
	$(BIN)/pytest -n auto $(ARGS)

test-postgres: setup ## the tests that touch the database, on a PostgreSQL that is started for them
	OPENUM_TEST_DATABASE=postgres $(BIN)/pytest -n auto $(ARGS)

bench: setup ## measure against a bare view in the same run; writes docs/benchmarks.md
	$(BIN)/python -m tools.bench $(ARGS)
	$(BIN)/python -m tools.bench.claims

oracle: setup ## record what an independent CQL engine answers to our ELM (needs Node 20; the tests replay it without)
	$(BIN)/python -m tools.oracle

messages: setup ## collect new texts into the translation files
	$(BIN)/python -m tools.messages

generated: setup ## write docs/generated anew
	$(BIN)/python -m tools.generate_docs

pins: setup ## resolve the dependencies anew and pin them with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra analytics --extra postgres --extra cjk --extra ocr -o requirements/runtime.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra analytics --extra postgres --extra cjk --extra ocr --extra staffing --extra dev -o requirements/development.txt pyproject.toml
	printf 'pyspark>=4.0,<4.1\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/spark.txt -
