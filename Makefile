# setup: .venv with everything; demo, run, test, check, bench: see README.md.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
READERS := tests/columns tests/dialects/test_row_attributes.py tests/dialects/test_two_readers.py

# What Python compiles is kept, or every process that a test starts would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo run test check audit format bench requirements

setup: .venv/done

.venv/done: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -c "import contactory.app"  # Compiles what is compiled, once for all processes.
	touch $@

demo: setup
	$(BIN)/contactory demo

run: setup
	$(BIN)/contactory serve

test: setup
	$(BIN)/python -c "import contactory.app"  # A server that had to compile first would start too late.
	$(PYTEST)
	CONTACTORY_SCANNER=exact $(PYTEST) $(READERS)
	CONTACTORY_SCANNER=checked $(PYTEST) $(READERS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m checks.docstrings src bench tests checks

# Needs the advisories of PyPI or OSV, which not every machine reaches: so it is no part of check.
audit: setup
	$(BIN)/pip-audit --requirement requirements/run.txt --require-hashes --disable-pip

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m bench

# Pins what pyproject.toml asks for, with hashes; needs uv.
requirements:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/run.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.txt
