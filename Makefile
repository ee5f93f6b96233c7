# Everything runs in .venv; paths are relative, so that the checkout may stand anywhere, also in a path with spaces.
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin

.PHONY: demo test lint types tests tables docs mutate bench clean

demo: $(VENV)/.installed
	@$(BIN)/levelfield compare chlor-alkali --year 2025

test: $(VENV)/.tested lint types tests tables

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tested
	$(BIN)/mypy

tests: $(VENV)/.tested
	$(BIN)/pytest -n 2
	@command -v soffice >/dev/null || echo "NOT RUN: workbooks recalculated by LibreOffice, which is not installed \
	(Debian: apt-get install libreoffice-calc-nogui)"

tables: $(VENV)/.installed
	$(BIN)/levelfield tariffs check

docs: $(VENV)/.tested
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/pictures.py

mutate: $(VENV)/.tested
	$(BIN)/python -m tests.mutate

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/start.py

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -m compileall -q levelfield # a fast start also where Python may not write bytecode
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV)
