# Targets that people and CI share. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo format lint type test test-unit test-docker test-faults test-gpu bench up down

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ENGINE := docker/engine.sh
SCRIPTS := $(wildcard docker/*.py examples/*.py benchmarks/*.py)

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## make .venv with everything in it

$(INSTALLED): pyproject.toml requirements.lock docker/install_torch.sh
	@test -n "$(PYTHON)" || { echo "needs Python 3.11 or later with venv (Debian: apt install python3-venv)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'installing torch and what else requirements.lock pins (some minutes the first time)'
	docker/install_torch.sh $(BIN)/pip requirements.lock
	$(BIN)/pip install --quiet --no-compile -c requirements.lock -e '.[executor,trainer,dev]'
	@touch $@

demo: setup  ## train a small real model for some updates and show what it learnt (under 20 minutes)
	$(ENGINE) run --optional examples/demo.sh

format: setup  ## put the source in its form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: setup  ## style, import boundaries, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docker/make_seccomp.py --check

type: setup  ## mypy --strict
	$(BIN)/mypy
	$(BIN)/mypy $(SCRIPTS)

test: lint type  ## everything but the GPU and fault tests; starts a Docker engine if none answers, and stops it again
	$(ENGINE) run $(BIN)/pytest -m 'not gpu and not faults'

test-unit: setup  ## tests that need no Docker and are fast
	$(BIN)/pytest -m 'not docker and not e2e and not gpu and not slow'

test-docker: setup  ## tests that need a Docker engine
	$(ENGINE) run $(BIN)/pytest -m 'docker and not gpu and not faults'

test-faults: setup  ## break the engine, containers, the service and its clients under load (10 minutes; root)
	$(ENGINE) run $(BIN)/pytest tests/faults -m faults

test-gpu: setup  ## tests that need a CUDA device
	$(BIN)/pytest -m gpu

bench: setup  ## measure the executor against running programs without it
	$(ENGINE) run $(BIN)/python benchmarks/executor.py

up:  ## build and start the executor behind http://127.0.0.1:8000
	$(ENGINE) up >/dev/null
	docker/compose.sh up -d --build

down:  ## stop it, and the engine if `make up` started one
	docker/compose.sh down
	$(ENGINE) down
