# Everything is set up on the way: a virtual environment, locked packages, and, where root may
# install them, the system libraries that scanning and the tests use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps

.PHONY: demo test check bench docs format clean

demo: $(STAMPS)/packages $(STAMPS)/system
	$(BIN)/python -m demo

test: $(STAMPS)/packages $(STAMPS)/system $(STAMPS)/postgresql
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(STAMPS)/packages $(STAMPS)/system $(STAMPS)/postgresql
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.generate --check
	$(BIN)/python -m pytest -n 2 --dist worksteal
	@echo all good

bench: $(STAMPS)/packages $(STAMPS)/postgresql
	$(BIN)/python -m benchmarks

docs: $(STAMPS)/packages
	$(BIN)/python -m docs.generate

format: $(STAMPS)/packages
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(STAMPS) demo-output .mypy_cache .ruff_cache .pytest_cache

$(STAMPS)/packages: requirements.lock pyproject.toml
	@mkdir -p $(STAMPS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Optional: without them the program works and `assetctl doctor` says what is missing.
$(STAMPS)/system:
	@mkdir -p $(STAMPS)
	-sh tools/install-system-libraries.sh libzbar0 libgl1 libxcb1 libglib2.0-0
	@touch $@

$(STAMPS)/postgresql:
	@mkdir -p $(STAMPS)
	-command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
		|| sh tools/install-system-libraries.sh postgresql
	@touch $@
