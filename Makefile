# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.installed

.PHONY: install demo test test-peers check clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test,bench]"
	$(BIN)/python -c "open('$(STAMP)', 'w').close()"

demo: $(STAMP)
	$(BIN)/python -m auricle demo demo

test: $(STAMP)
	$(BIN)/python -m pytest

# The measures against sed_eval and sed_scores_eval, in an environment of their own.
test-peers: $(STAMP)
	$(BIN)/python tests/peers/environment.py
	$(BIN)/python -m pytest tests/peers

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	$(BIN)/python -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('demo', 'build', 'dist')]"
