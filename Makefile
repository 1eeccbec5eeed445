# The same commands for people and for CI. Everything lives in .venv, from requirements/dev.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup check test fuzz demo bench sbom audit lock clean
setup: $(STAMP)

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nephoscope needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -p no:xdist tests/house

test: setup
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# Property tests with new examples each time; the whole API against its own OpenAPI document, by our own requests, a
# hundred thousand of them, and by schemathesis.
fuzz: setup
	$(BIN)/pytest -n 2 -m hypothesis --hypothesis-profile explore
	NEPHOSCOPE_TEST_FUZZ=200 $(BIN)/pytest -n 2 tests/api/test_fuzzing.py
	$(PYTHON) -m venv build/fuzz
	build/fuzz/bin/pip install --quiet schemathesis
	$(BIN)/python -m bench.contract build/fuzz/bin/schemathesis 300

demo: setup
	$(BIN)/nephoscope demo $(ARGS)

bench: setup
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

# What is installed, as CycloneDX.
sbom: setup
	@mkdir -p build
	$(BIN)/python -m bench.sbom $(VENV)/lib build/sbom.cdx.json

# Whether anything is known against what is locked; needs the network.
audit: setup
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet pip-audit
	$(BIN)/python -m bench.audit build/audit/bin/pip-audit requirements/dev.lock

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --resolver=backtracking --extra demo --extra tracing --extra dev --output-file requirements/dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build
