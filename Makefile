# Two commands: make demo, make test. Both install what is missing, say so, and can be run any number of times.
PYTHON ?= python3
BIN := .venv/bin
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test bench setup setup-test lint types packages packages-test

help:
	@echo "make demo        install what is missing, then run the sample batch through the whole pipeline"
	@echo "make test        install what the tests need as well, then run every check and test"
	@echo "make bench       install what the benchmarks compare with, then print the README's figures"
	@echo "make setup       only install what the program needs (system packages, .venv, the package)"
	@echo "make setup-test  only install what the tests need as well"
	@echo "make lint        formatting, lint and the direction of imports"
	@echo "make types       type checking"
	@echo "PYTHON=python3.12 make ... uses another Python than python3; it must be 3.11 or newer"

demo: setup
	$(BIN)/scan-ingest demo

test: setup-test lint types
	@echo "== Tests"
	$(BIN)/pytest

bench: setup-test
	@tools/system-packages bench
	$(call install,'.[bench]')
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/pages.py

lint: setup-test
	@echo "== Formatting, lint, direction of imports"
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup-test
	@echo "== Types"
	$(BIN)/mypy

setup: packages .venv/ready
setup-test: packages-test .venv/ready-for-tests

packages:
	@tools/system-packages demo
packages-test:
	@tools/system-packages test

# A stamp stands for "this pyproject.toml is installed".
.venv/ready: pyproject.toml | packages
	@echo "== Python packages into .venv"
	$(call install,.)
	@touch $@

.venv/ready-for-tests: pyproject.toml | packages-test
	@echo "== Python packages into .venv, with those that the tests need"
	$(call install,'.[dev]')
	@touch .venv/ready $@

define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo "$$($(PYTHON) -V 2>&1) is too old, 3.11 or newer is needed: PYTHON=python3.12 make ..." >&2; exit 1; }
@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
$(BIN)/python -m pip install --quiet --editable $(1)
$(BIN)/python -m pip check
@$(BIN)/python -c "import cv2, scan_ingest"
@$(BIN)/python -m compileall -q scan_ingest  # every worker process imports the package: compile it once, here
endef
