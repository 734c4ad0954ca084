# Everything a person does with this repository. `make` alone lists it. Needs Python 3.11 or 3.12 and make, nothing
# else: the broker's Java runtime and its jars come as Python packages and verified downloads.
#
#     make PYTHON=/path/to/python3.12 install     chooses the interpreter

PYTHON ?=
SUPPORTED := 3.11 3.12
BIN := .venv/bin
ROOMS := $(wildcard schemas state operators flows cli infra bench)
CORE_TESTS := $(wildcard tests/schemas tests/state tests/operators tests/model tests/scenarios tests/replay tests/test_layers.py)

# The plan oracle's lanes are a class of the test's own, which a compiled class does not take for one of its kind.
COMPILED_TESTS := tests/operators tests/state tests/model tests/scenarios tests/replay \
    --ignore tests/operators/test_plan_oracle.py

# Most tests with a broker wait most of their time, so four of them overlap whatever the machine has; the others only
# calculate. Each test by itself goes to the process that is free next, in the order of tests/side_by_side.py.
AT_ONCE := --dist loadgroup --no-loadscope-reorder
WITH_BROKERS := -n 4 $(AT_ONCE)
WITHOUT_BROKERS := -n logical --maxprocesses 4 $(AT_ONCE) -m "not kafka"

# The demo tells its story against the clock, at 300 orders a second: it gets the machine to itself.
DEMO := tests/test_demo.py::test_the_first_command_of_the_readme

# Without bytecode every process of a test would compile this repository again, and that is a third of its work.
unexport PYTHONDONTWRITEBYTECODE

# A dozen brokers write small files without end. In memory, where there is plenty, they take less of the processor; of what
# passed nothing is kept there.
export PYTEST_DEBUG_TEMPROOT := $(shell df --output=avail /dev/shm 2>/dev/null | \
    awk 'NR == 2 && $$1 > 4000000 { print "/dev/shm" }')

# The machine's own pip settings must not decide what is installed: the hashed files do.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet

# $(call locked,PYTHON,FILE): what the file names, with its hashes, for that interpreter.  uv takes 10 s where pip takes
# 40, but knows nothing of pip's settings: a machine whose pip is told of an index or a proxy installs with pip, and so
# does one where uv fails.
locked = { ! $(BIN)/python -m pip config list | grep -Eq 'index|proxy' && \
    $(PIP) install --require-hashes -r requirements/uv.txt && \
    $(BIN)/uv --quiet --no-config pip install --compile-bytecode --python $(1) --require-hashes -r $(2) || \
    PIP_DISABLE_PIP_VERSION_CHECK=1 $(1) -m pip --quiet install --require-hashes -r $(2); }

.DEFAULT_GOAL := help
.PHONY: help install demo tools style rewritten test test-other check format contract compiled rules bench drill check-image lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/installed ## create .venv with everything in it (the other targets do it by themselves)

.venv/installed: pyproject.toml requirements/dev.txt requirements/uv.txt
	@python="$(PYTHON)"; \
	if [ -z "$$python" ] && $(BIN)/python -c 'import pip' 2>/dev/null; then exit 0; fi; \
	if [ -n "$$python" ]; then \
	    "$$python" -c 'import sys; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 12)})' 2>/dev/null || { \
	        echo "PYTHON=$$python is $$("$$python" --version 2>&1); Sluice needs Python 3.11 or 3.12" >&2; exit 1; }; \
	else \
	    python=$$(requirements/find-python $(SUPPORTED)) || exit 1; \
	fi; \
	echo "Creating .venv with $$("$$python" --version): takes about half a minute, once"; \
	"$$python" -m venv --clear .venv
	@$(call locked,$(BIN)/python,requirements/dev.txt)
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

demo: install ## watch a small network route orders over a real Kafka, and survive a kill -9
	@$(BIN)/sluice demo

tools: install ## fetch what the tests run on: Kafka's jars, and Prometheus from the system's packages
	@$(BIN)/python -m infra.kafka.prepare
	@$(BIN)/python -m infra.prometheus.tools

style: install # ruff, and the strict type checker
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "remedy: make format" >&2; exit 1; }
	@$(BIN)/mypy $(ROOMS) tests

rewritten: install # pytest rewrites what tests assert and keeps it: once, before each process of `make test` would do it
	@$(BIN)/pytest --collect-only -qq > /dev/null

test: style tools ## run everything: style, types, all tests, then the core tests on the other Python
	@$(BIN)/pytest $(DEMO)
	@$(BIN)/pytest --all-promises $(WITH_BROKERS) --deselect $(DEMO)
	@$(MAKE) --no-print-directory test-other

test-other: install # the pure rooms must hold on both Pythons: this runs them on the one .venv does not use
	@other=$$($(BIN)/python -c 'import sys; print("3.12" if sys.version_info[:2] == (3, 11) else "3.11")'); \
	if ! python=$$(requirements/find-python $$other 2>/dev/null); then \
	    echo "core tests on the other Python skipped: no Python $$other found"; exit 0; \
	fi; \
	if [ ! requirements/core.txt -ot .venv-$$other/installed ]; then \
	    rm -rf .venv-$$other && "$$python" -m venv .venv-$$other && \
	    $(call locked,.venv-$$other/bin/python,requirements/core.txt) && touch .venv-$$other/installed || exit 1; \
	fi; \
	echo "core tests on Python $$other:"; \
	.venv-$$other/bin/python -m pytest -p no:cacheprovider $(WITHOUT_BROKERS) $(CORE_TESTS)

check: style ## style, types and the fast tests, in under a minute
	@$(BIN)/pytest $(WITHOUT_BROKERS)

format: install ## lay the code out as `make check` wants it
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

contract: install ## write docs/contract, the tables of the other documents and the dashboards, from the code
	@$(BIN)/python -m docs.contract_files
	@$(BIN)/python -m docs.configuration_tables
	@$(BIN)/python -m docs.sizing
	@$(BIN)/python -m infra.grafana

compiled: build/compiled/.built ## the core compiled to C (a fifth less time an order); needs a C compiler, half a minute

build/compiled/.built: .venv/installed setup.py $(wildcard operators/*.py state/*.py schemas/*.py)
	@rm -rf build/compiled && mkdir -p build
	@SLUICE_COMPILE=1 $(BIN)/python setup.py --quiet build_ext --build-lib build/compiled --build-temp build/mypyc \
	    > build/compiled.log 2>&1 || { tail -5 build/compiled.log >&2; \
	    echo "the core could not be compiled (build/compiled.log); it runs as source all the same" >&2; exit 1; }
	@for room in operators state; do cp $$room/__init__.py build/compiled/$$room/; done
	@touch $@

test-compiled: install # the pure rooms must decide the same when compiled, to the byte; skipped without a C compiler
	@if ! $(MAKE) --no-print-directory compiled; then echo "core tests on the compiled core skipped"; exit 0; fi; \
	echo "core tests on the compiled core:"; \
	PYTHONPATH=build/compiled $(BIN)/pytest -p no:cacheprovider -o pythonpath= $(WITHOUT_BROKERS) \
	    $(COMPILED_TESTS)

rules: install ## write the rule files of Prometheus from infra/prometheus
	@$(BIN)/python -m infra.prometheus.scaled

bench: install ## measure what the documentation claims; PASTE=1 puts the numbers into docs/benchmarks.md
	@-$(MAKE) --no-print-directory compiled
	@$(BIN)/python -m bench $(if $(PASTE),--paste)

drill: install tools ## break a living network in six ways, and take over 1,000,000 rows: alerts, commands, seconds; PASTE=1
	@-$(MAKE) --no-print-directory compiled
	@$(BIN)/python -m bench.drill $(if $(PASTE),--paste)

check-image: install ## carry out the container image's steps without a container engine, and run what they make; 1 min
	@$(BIN)/python -m infra.deploy.check_image

lock: install ## resolve the requirements and the broker's jars again, and write their hashes
	@requirements/lock.sh --upgrade
	@$(BIN)/python -m infra.kafka.lock

clean: ## remove what make created (downloaded jars stay in the user's cache)
	@rm -rf .venv .venv-3.11 .venv-3.12 .sluice .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
