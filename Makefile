# Why Does Deep Learning Work?  Two commands do everything: `make serve` and `make test`. `make help` lists the rest.

PYTHON  ?= python3
PORT    ?=
CHAPTER ?=
NAME    ?=
PART    ?=
TITLE   ?=
URL     ?=
CHECK   ?=
SEEDS   ?= 20
SEED    ?=
SAMPLE  ?= 12
MODULE  ?=
JOBS    ?= 2
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
SHELL   := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Reproducible on any machine, and quiet: no GPU search, no progress bars in logs.
export PYTHONHASHSEED := 0
export TOKENIZERS_PARALLELISM := false

# $(call step,what it does,command): says what is going on, and how long it took.
define step
	@echo "→ $(1)"; started=$$SECONDS; { $(2); } || exit 1; echo "  $(1): $$((SECONDS - started)) s"
endef

.PHONY: help env site serve epub pdf notebooks evidence chapter lab test lint types browser mutants links repo bench lock clean

help:  ## List the commands.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

env: $(READY)  ## Make the environment in .venv (the other commands do it when needed).

$(READY): requirements.txt
	@$(PYTHON) --version >/dev/null 2>&1 || { echo "There is no working '$(PYTHON)' here. The book needs Python 3.11 or newer: install it, or name it, as in: make serve PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The book needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name a newer one, as in: make serve PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(call step,Making the environment in $(VENV) (once),{ $(BIN)/python -c "" 2>/dev/null || $(PYTHON) -m venv --clear $(VENV); } && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv && $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -r requirements.txt && $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . && touch $(READY))

site: $(READY)  ## Build the site into _build/html from the notebooks' stored outputs.
	$(call step,Building the site,$(BIN)/python -m helpers.site.build)

serve: site  ## Build the site and serve it; prints the URL. Another port: make serve PORT=8001
	@$(BIN)/python -m helpers.site.serve $(if $(PORT),--port $(PORT))

epub: site  ## Make the EPUB of the whole book from the site: _build/epub. Needs a Chromium.
	$(call step,Making the EPUB,$(BIN)/python -m helpers.site.takeaway.epub)

pdf: site  ## Make the PDF of the whole book from the site: _build/pdf. Needs a Chromium.
	$(call step,Printing the PDF,$(BIN)/python -m helpers.site.takeaway.pdf)

notebooks: $(READY)  ## Execute the chapters in place. One: make notebooks CHAPTER=double_descent
	@$(BIN)/python -m helpers.site.execute $(CHAPTER)

evidence: $(READY)  ## Run the chapters for seeds nobody chose; goes on where it was. One, more: make evidence CHAPTER=ntk SEEDS=50
	@$(BIN)/python -m helpers.site.evidence.run $(CHAPTER) --seeds $(SEEDS)

chapter: $(READY)  ## Begin a chapter, in the right shape: make chapter NAME=my_question PART="How do networks learn?"
	@$(BIN)/python -m helpers.site.newchapter "$(NAME)" --part "$(PART)" --title "$(TITLE)"
	@$(BIN)/python -m helpers.site.execute "$(NAME)"

lab: $(READY)  ## Open the chapters in JupyterLab.
	@$(BIN)/jupyter lab --notebook-dir=book

test: $(READY) lint types browser  ## Run every test: helpers, chapters, and the site in a real browser.
	$(call step,Running the tests,$(BIN)/python -m pytest)

lint: $(READY)
	$(call step,Checking format and style,$(BIN)/ruff format --check --quiet && $(BIN)/ruff check --quiet)

types: $(READY)
	$(call step,Checking types,$(BIN)/mypy)

browser: $(READY)
	@$(BIN)/python tests/browser.py

mutants: $(READY) .venv-mutants/.ready  ## Do the tests notice small mistakes? One module, all of them: make mutants MODULE=curvature SAMPLE=all
	$(call step,Judging mutants,$(BIN)/python tests/mutants/judge.py --proposer .venv-mutants/bin/python --sample $(SAMPLE) --seed $(or $(SEED),0) --jobs $(JOBS) $(MODULE))

# Cosmic-ray brings two dozen packages that nothing else here needs.
.venv-mutants/.ready: tests/mutants/requirements.txt $(READY)
	$(call step,Making the environment in .venv-mutants (once),$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-mutants && $(BIN)/uv pip install --quiet --python .venv-mutants/bin/python -r $< && touch $@)

links: site  ## List the links that leave the site, with the pages they are on. Fetch each: make links CHECK=1
	@$(BIN)/python -m helpers.site.links $(if $(CHECK),--check)

repo: $(READY)  ## Change the repository's address everywhere: make repo URL=https://github.com/someone/fork
	@$(BIN)/python -m helpers.site.relocate $(if $(URL),"$(URL)")

bench: $(READY)  ## Measure: run benchmarks/.
	@for script in benchmarks/*.py benchmarks/*/run.py; do echo "→ $$script"; $(BIN)/python $$script; done

lock: $(READY)  ## Renew the exact pins in requirements.txt from pyproject.toml.
	$(call step,Resolving requirements.txt,$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' pyproject.toml -o requirements.txt)

clean:  ## Remove what the other commands made, the environment included.
	rm -rf $(VENV) .venv-mutants _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
