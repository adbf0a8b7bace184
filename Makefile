# make demo   a running stall and a running headquarters; Ctrl-C stops both
# make test   every test, on a real PostgreSQL and a real browser
# make check  all of CI, cheapest first: style, floors, types, then every test
# make faults kills, full disks, failing disks and power cuts in full (docs/FAULTS.md); prints a table
# make lighthouse  every page as a middling phone on slow 4G sees it; optional, says what it lacks (PAGES="masuk cari" a few)
# make clean  back to a fresh clone
#
# PYTHON=python3.12 chooses the interpreter, CHROMIUM=/path the browser of the tests, TESTS=tests/sync a part of them.
# WORKERS=2 says how many tests run at once: by itself one more than there are processors, because many of them wait.

PYTHON ?= python3
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
RECIPE := setup.cfg pyproject.toml requirements-pwa.txt

.PHONY: demo test check faults lighthouse clean need
.DELETE_ON_ERROR:

demo: $(VENV)/.runtime
	$(BIN)/python -m pasar demo $(DEMO)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@$(MAKE) --no-print-directory test

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile $(TESTS)

faults: $(VENV)/.test
	$(BIN)/python -m pytest --full -m faults -o faulthandler_timeout=7200 --numprocesses auto --maxprocesses 4 --dist loadgroup \
		tests/faults tests/store tests/offline_db tests/sync $(TESTS)

lighthouse: $(VENV)/.test
	$(BIN)/python -m tests.browser.lighthouse $(PAGES)

clean:
	rm -rf $(VENV) .lighthouse build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

need:
	@PYTHON='$(PYTHON)' .ci/need $(or $(filter faults,$(MAKECMDGOALS)),$(if $(filter test check,$(MAKECMDGOALS)),test,demo))

$(BIN)/python: | need
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(RECIPE) | $(BIN)/python
	@echo "Installing what the product needs into $(VENV) (once; a few minutes on a slow line)"
	$(PIP) --editable .
	$(PIP) --no-deps -r requirements-pwa.txt
	@touch $@

$(VENV)/.test: $(RECIPE) | $(BIN)/python
	@echo "Installing what the product and its tests need into $(VENV) (once; a few minutes on a slow line)"
	$(PIP) --editable '.[server,test]'
	$(PIP) --no-deps -r requirements-pwa.txt
	@touch $@ $(VENV)/.runtime
