# `make demo` and `make test` need Python 3.11+ and a package index; everything goes into $(VENV).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format bench ui clean

demo: $(VENV)/core  ## a scripted three-turn conversation -> out/turn-{1,2,3}.mp4
	$(BIN)/python examples/demo.py 1 2
	$(BIN)/python examples/demo.py 3

ui: $(VENV)/core  ## the web page on http://127.0.0.1:7860
	$(BIN)/python app.py

bench: $(VENV)/core  ## measure this machine
	$(BIN)/visavis bench

test: $(VENV)/dev  ## the whole test suite
	$(BIN)/pytest -n auto

lint: $(VENV)/dev .lint/visavis  ## formatting, rules, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf out build dist .lint *.egg-info

# uv resolves and installs in seconds; where it cannot reach the index (a proxy, a private certificate) pip does.
$(VENV)/core $(VENV)/dev: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@target='.$(if $(filter dev,$(@F)),[dev])'; \
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e "$$target" \
	  || $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e "$$target"
	@touch $@

# mypy wants a folder of the package's name: the checkout under that name.
.lint/visavis:
	@mkdir -p .lint
	@ln -sfn .. $@
