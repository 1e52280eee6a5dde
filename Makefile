# Every target does its whole set-up on a machine that has python3 (3.11 or newer) and make.
# The two a newcomer needs: `make demo` and `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:                      # `make -j demo test` must not build one environment twice at once

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0

# Debian packages that the test suite needs: a browser, a font with Chinese glyphs, a database server, Java for two PMML evaluators.
SYSTEM_PACKAGES := chromium fonts-noto-cjk postgresql default-jre-headless

.PHONY: help setup dev system demo test check format bench lock clean

help:                              ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

# --- environments -----------------------------------------------------------------------------------------------------
# One .venv, two stamps. `dev` is a superset of `setup`, so it satisfies both; once it exists, `setup` never shrinks it.

setup: $(VENV)/.run                ## run-time environment in .venv
dev: $(VENV)/.dev                  ## the same plus everything for tests, lint and locks

$(VENV)/.run: $(VENV)/.tools requirements/run.lock pyproject.toml
	@$(call install,$(if $(wildcard $(VENV)/.dev),dev,run))

$(VENV)/.dev: $(VENV)/.tools requirements/dev.lock pyproject.toml
	@$(call install,dev)

# pip brings uv (both pinned by hash), uv does the rest. Debian splits venv off python3, hence the second try.
$(VENV)/.tools: requirements/tools.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "found Python %d.%d, needed: 3.11 or newer; try `make PYTHON=python3.11`" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call apt_install,python3-venv); }
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.lock
	@touch $@

# $(1): run or dev. Old stamps go first, so a broken-off installation is never taken for a finished one.
# uv does not read pip's configuration: an index that pip was told to use is handed on.
# Bytecode is compiled here because great_expectations otherwise takes half a minute to import for the first time.
define install
echo "installing requirements/$(1).lock into $(VENV)"; \
rm -f $(VENV)/.run $(VENV)/.dev; \
index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)}}"; \
if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
export UV_PYTHON_DOWNLOADS=never; \
$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/tools.lock requirements/$(1).lock; \
$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
$(BIN)/python -m compileall -q -j 0 "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null || true; \
touch $(VENV)/.run $(if $(filter dev,$(1)),$(VENV)/.dev)
endef

system:                            ## Debian packages the tests need
	@missing=""; \
	for package in $(SYSTEM_PACKAGES); do \
	  dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then echo "installing Debian packages:$$missing"; $(call apt_install,$$missing); fi

# $(1): package names. The package lists are fetched only when the installation fails without.
define apt_install
command -v apt-get >/dev/null || { echo "no apt-get here: install by hand: $(1)" >&2; exit 1; }; \
mkdir -p build; \
{ $(APT) install -y --no-install-recommends $(1) || { $(APT) update && $(APT) install -y --no-install-recommends $(1); }; } \
  >build/apt.log 2>&1 || { cat build/apt.log >&2; exit 1; }
endef

# --- the product ------------------------------------------------------------------------------------------------------

demo: setup                        ## evaluate the bundled data and explain one result
	@$(BIN)/property-credit demo

test: dev system                   ## the whole test suite
	@$(BIN)/pytest -n 2

check: dev                         ## lint, format, types, layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: dev                        ## rewrite the sources the way `check` wants them
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Each script runs from here and writes its figures to build/bench/<its name>.json; one that fails does not stop the others.
bench: dev                         ## every benchmark; figures in build/bench/
	@mkdir -p build/bench; failed=""; \
	for script in tests/benchmarks/bench_*.py; do \
	  [ -e "$$script" ] || continue; \
	  echo "== $$script"; $(BIN)/python "$$script" || failed="$$failed $$script"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

# --- upkeep -----------------------------------------------------------------------------------------------------------
# Kept pins stay unless asked: `make lock UPGRADE=--upgrade`. run and tools are cut from dev, so one version serves all three.

UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: $(VENV)/.tools               ## regenerate requirements/*.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --extra notebooks --group dev -o requirements/dev.lock >/dev/null
	@$(COMPILE) pyproject.toml -c requirements/dev.lock --no-annotate -o requirements/run.lock >/dev/null
	@$(COMPILE) --group tools -c requirements/dev.lock --no-annotate -o requirements/tools.lock >/dev/null
	@! grep -nE '://|^-|$(CURDIR)' requirements/*.lock

clean:                             ## remove everything the other targets made
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find api data_contracts scoring tests -name __pycache__ -type d -prune -exec rm -rf {} +
