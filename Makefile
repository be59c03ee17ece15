PYTHON ?= python3
GOLD ?= ../shared/gold/dev.jsonl

BIN := .venv/bin
STAMP := .venv/.installed
TEST_STAMP := .venv/.installed-for-tests
TESTS := bin/pytest --numprocesses auto --maxprocesses 4 --dist loadfile
MEDSPACY := .venv/medspacy/.installed
SCORE := ../shared/gold/score.py
IGNORED := -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning -W ignore::FutureWarning
DEMO_MODELS := gpt-4o-2024-11-20 gemini-2.5-flash

# The tests start hundreds of processes: each module is compiled once, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo demo-collect test tests test-fast test-slow test-lowest test-python lint gold bench vectors docs screenshots clean

help:  ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(STAMP)  ## Analyze the sample corpus into out/sample
	@$(BIN)/descan analyze corpora/sample --out out/sample
	@echo "Results: out/sample"

demo-collect: $(STAMP)  ## Collect answers about drawn faces from a server of our own, and analyze them
	@rm -rf out/demo-collect && mkdir -p out/demo-collect
	@$(BIN)/python -m tests.vlm_server --gold corpora/faces $(DEMO_MODELS:%=--model %) >out/demo-collect/server.env & \
	server=$$!; trap 'kill $$server' EXIT; \
	until grep -qs GEMINI out/demo-collect/server.env; do kill -0 $$server || exit 1; sleep 0.1; done; \
	set -a; . out/demo-collect/server.env; OPENAI_API_KEY=none; GOOGLE_API_KEY=none; \
	$(BIN)/descan collect corpora/faces --out out/demo-collect/corpus \
		--model openai:$(word 1,$(DEMO_MODELS)) --model gemini:$(word 2,$(DEMO_MODELS)) && \
	$(BIN)/descan analyze out/demo-collect/corpus --out out/demo-collect/analysis
	@echo "Answers: out/demo-collect/corpus, results: out/demo-collect/analysis"

# mypy takes one processor for minutes where it has no cache, so the tests run beside it.
test: $(TEST_STAMP)  ## Check the code and run all tests, the fast ones first
	@$(MAKE) --no-print-directory --jobs=2 lint tests

tests:
	@$(MAKE) --no-print-directory test-fast
	@$(MAKE) --no-print-directory test-slow

# The lexicons and tokenizers of several languages stay in memory, so their tests have processes of their own.
test-fast: $(TEST_STAMP)  ## Run the tests that take a few minutes together
	@.venv/$(TESTS) -m "not slow" tests/extract tests/lexicon
	@.venv/$(TESTS) -m "not slow" --ignore tests/extract --ignore tests/lexicon

# The SDKs of the providers, what draws, the lexicons of several languages, the embedders and the largest resamples stay in
# memory, so their tests have processes of their own. Most documents are tests of one file, so that part goes test by
# test.
test-slow: $(TEST_STAMP)  ## Run the tests that draw reports, embed, simulate or start many processes
	@.venv/$(TESTS) -m slow tests/collect
	@.venv/$(TESTS) -m slow tests/report tests/review
	@.venv/$(TESTS) --dist loadgroup -m slow tests/docs tests/extract tests/lexicon
	@.venv/$(TESTS) -m slow tests/categorize tests/compare tests/embedding
	@.venv/$(TESTS) -m slow $(addprefix --ignore tests/,collect report review docs extract lexicon categorize compare embedding)

# Made by `uv pip compile --resolution lowest-direct --python-version 3.11 --extra dev --no-annotate pyproject.toml
# -o constraints-lowest.txt`; make it anew when a lower bound changes. Old versions are used with newer ones of what
# they need themselves, so their warnings about what will go are no errors. Not part of `test`: it takes as long as
# `test-fast`, and an environment of its own.
test-lowest:  ## Run the fast tests with the lowest versions that pyproject.toml allows
	@test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-lowest.txt torch==2.13.0
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-lowest.txt -e '.[dev]'
	.venv-lowest/$(TESTS) $(IGNORED) -m "not slow" tests/extract tests/lexicon
	.venv-lowest/$(TESTS) $(IGNORED) -m "not slow" --ignore tests/extract --ignore tests/lexicon

test-python:  ## Run the fast tests with another Python: make test-python PYTHON=python3.12
	@test -x .venv-python/bin/python || $(PYTHON) -m venv .venv-python
	.venv-python/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,inspect]'
	.venv-python/$(TESTS) -m "not slow" tests/extract tests/lexicon
	.venv-python/$(TESTS) -m "not slow" --ignore tests/extract --ignore tests/lexicon

lint: $(TEST_STAMP)  ## Check style, formatting, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

gold: $(STAMP)  ## Score the extraction against the gold annotations GOLD, where they are at hand
	@if [ ! -f "$(SCORE)" ] || [ ! -f "$(GOLD)" ]; then \
		echo "make gold: skipped, $(SCORE) or $(GOLD) is not here"; \
	else \
		rm -rf out/gold && \
		$(BIN)/python "$(SCORE)" corpus "$(GOLD)" out/gold/corpus && \
		$(BIN)/descan analyze out/gold/corpus --out out/gold/analysis && \
		$(BIN)/python "$(SCORE)" score "$(GOLD)" out/gold/analysis; \
	fi

bench: $(STAMP) $(MEDSPACY)  ## Run the benchmarks
	@$(BIN)/python -m benchmarks

vectors: $(STAMP)  ## Embed the lexicon's terms anew, after a change of terms
	@$(BIN)/python -m benchmarks.lexicon_vectors

docs: $(TEST_STAMP)  ## Build the documentation as a site in out/docs
	@$(BIN)/python -m benchmarks.files_document
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs out/docs
	@echo "Documentation: out/docs/index.html"

screenshots: $(STAMP)  ## Take the pictures of the page in docs/, with chromium
	@$(BIN)/python -m benchmarks.screenshots

clean:  ## Remove the environment, results and caches
	rm -rf .venv .venv-lowest .venv-python out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# torch alone first, so that sentence-transformers finds it there and asks for no other build.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# inspect_ai is no part of dev: it brings 45 packages, and wants newer versions than the lowest that descan runs with.
$(TEST_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,inspect]'
	@touch $@

# In an environment of its own, for it wants an older spaCy; benchmarks compare with it.
$(MEDSPACY): $(STAMP)
	$(PYTHON) -m venv .venv/medspacy
	.venv/medspacy/bin/python -m pip install --quiet --disable-pip-version-check medspacy==1.3.1
	@touch $@
