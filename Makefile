# make run: install what is pinned, compute the demo, write its report.
# make test: the same for the tests. make bench: how fast the engine is here.
# make test-browser: the pages in Chromium.
# make test-slurm: jobs through SLURM, as root, with slurm-wlm and munge installed.
# make docs: the documentation site. make faults: real runs broken in every way.
# Everything goes into .venv of this folder.
PYTHON ?= python3
CORES ?= 2
CONFIG ?=
BENCH ?=
FAULTS ?=

BIN := .venv/bin
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) $(if $(CONFIG),--configfile $(CONFIG))
RUN_STAMP := .venv/.run-$(shell cat envs/requirements.txt envs/constraints.txt pyproject.toml | cksum | cut -d ' ' -f 1)
DOCS_STAMP := .venv/.docs-$(shell cat envs/requirements-docs.txt envs/constraints.txt | cksum | cut -d ' ' -f 1)
TEST_STAMP := .venv/.test-$(shell cat envs/*.txt pyproject.toml | cksum | cut -d ' ' -f 1)
# The fast kernel is C++: without a compiler on the path, take the one pip can bring.
HAVE_COMPILER := $(shell command -v c++ || command -v g++ || command -v clang++)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
CXX_FILES := $(foreach kind,cpp cu h,$(wildcard workflow/evoplast/simulator/kernels/*.$(kind)))
# pip would compile on one core, and the tests of all libraries, too.
COMPILE := -@$(BIN)/python -m compileall -qq -j $(CORES) -x /tests/ .venv/lib

define BUILD_KERNEL
$(if $(HAVE_COMPILER),,-$(PIP_INSTALL) -r envs/requirements-compiler.txt)
@$(BIN)/python -c "from evoplast.simulator.kernels.build import report; report()"
endef

.PHONY: run test test-browser test-slurm bench faults docs lint format clean environment test-environment config-table constraints

run: $(RUN_STAMP)
	@run=$$($(BIN)/python -c "import sys; from evoplast.configuration.check import main; main(sys.argv[1:])" $(CONFIG)) \
	    && $(SNAKEMAKE) --logger stages \
	    && $(SNAKEMAKE) --quiet all --report "results/$$run/report.html" \
	    && $(BIN)/python -c "import sys; from evoplast.analysis.comparison import print_result; print_result(sys.argv[1])" \
	        "results/$$run/analysis/comparison.parquet" \
	    && echo "The report is results/$$run/report.html: open it in a browser."

test: lint
	$(BIN)/python -m pytest -q -n $(CORES) --dist loadfile

# The pages in a real browser: Chromium of the system (apt-get install chromium).
test-browser: $(TEST_STAMP)
	$(PIP_INSTALL) -r envs/requirements-browser.txt -c envs/constraints.txt
	$(BIN)/python -m pytest -q -m browser

# A controller and one node on this machine (apt-get install slurm-wlm munge).
test-slurm: $(TEST_STAMP)
	$(PIP_INSTALL) -r envs/requirements-slurm.txt -c envs/constraints.txt
	$(BIN)/python -m pytest -q -m slurm

# Other simulators come with the tests; e.g. make bench BENCH="--neurons 300 1000".
bench: $(TEST_STAMP)
	PYTHONPATH=tests/oracles $(BIN)/python tests/bench/engine.py $(BENCH)

# Hours; in pieces: make faults FAULTS="--only 'kill job' --times 6". Tries add up in
# faults.jsonl, and the table covers them all.
faults: $(TEST_STAMP)
	$(BIN)/python tests/faults/campaign.py $(FAULTS)

# Warnings are errors; what the site shows of the library is imported, not copied.
docs: $(RUN_STAMP) $(DOCS_STAMP)
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build
	@echo "The documentation is docs/_build/index.html: open it in a browser."

lint: $(TEST_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/clang-format --dry-run -Werror $(CXX_FILES)
	$(BIN)/snakemake --lint

format: $(TEST_STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/snakefmt Snakefile workflow/rules
	$(BIN)/clang-format -i $(CXX_FILES)

clean:
	rm -rf .venv .snakemake .pytest_cache .ruff_cache .mypy_cache .hypothesis

environment: $(RUN_STAMP)

test-environment: $(TEST_STAMP)

config-table: $(TEST_STAMP)
	$(BIN)/python -c "from evoplast.configuration.table import write_table_of_keys as write; write('config/README.md')"

constraints: $(TEST_STAMP) $(DOCS_STAMP)
	@echo "# The full closure of requirements-test.txt and -docs.txt, for pip install -c." > envs/constraints.txt
	@echo "# Made by make constraints." >> envs/constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable | grep -v " @ " >> envs/constraints.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is older than Python 3.11 or missing: install 3.11 or newer, or name it: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN_STAMP): | .venv/bin/python
	$(PIP_INSTALL) -r envs/requirements.txt -c envs/constraints.txt
	$(COMPILE)
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	$(BUILD_KERNEL)
	@touch $@

$(DOCS_STAMP): | .venv/bin/python
	$(PIP_INSTALL) -r envs/requirements-docs.txt -c envs/constraints.txt
	@touch $@

$(TEST_STAMP): | .venv/bin/python
	$(PIP_INSTALL) -r envs/requirements-test.txt -c envs/constraints.txt
	$(COMPILE)
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	$(BUILD_KERNEL)
	@touch $@
