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

# A peer that cannot be installed is said in the table; the rest goes on.
bench: $(VENV)/.tested .venv-bench/.installed .venv-bench-pandas1/.installed
	$(BIN)/python -m benchmarks $(BENCH)

.venv-bench/.installed: benchmarks/peers.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@for peer in $$(grep -v '^\#' $<); do .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check $$peer \
	|| echo "NOT INSTALLED: $$peer"; done
	@touch $@

.venv-bench-pandas1/.installed: benchmarks/peers-pandas1.txt
	test -x .venv-bench-pandas1/bin/python || $(PYTHON) -m venv .venv-bench-pandas1
	@.venv-bench-pandas1/bin/python -m pip install --quiet --disable-pip-version-check -r $< || echo "NOT INSTALLED: ts-tariffs"
	@touch $@

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -m compileall -q levelfield # a fast start also where Python may not write bytecode
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-bench .venv-bench-pandas1
