# `make help` lists what there is. Each target does its own set-up, on a machine
# with Python 3.11 or newer, make, and a way to the package registries.

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-java lint format messages docs bench clean chromium nginx postgresql

UV_VERSION := 0.13.9
DMC_WORKSPACE ?= $(CURDIR)/.workspace
ARGS ?=
# How many tests run at once. They wait for workers and servers more than they compute.
WORKERS ?= 4

BIN := .venv/bin
UV := .tools/bin/uv
# Bytecode at once: where Python may not write it, each worker and each kernel would
# compile its libraries anew, for half a second and more.
SYNC := UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 VIRTUAL_ENV= $(UV) sync --frozen --quiet --python "$$(.ci/python)"

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 16
	@echo 'ARGS="…" passes options on: make run ARGS="--no-browser --port 8899"'

run: .venv/.run-ready ## Open the dashboard; its workspace is ./.workspace
	@export DMC_WORKSPACE="$(DMC_WORKSPACE)" && exec $(BIN)/dmc serve $(ARGS)

test: lint chromium nginx postgresql .tools/orchestration/.ready ## Check everything: format, lint, types, imports, tests, notebooks
	@workspace=$$(mktemp -d) && trap 'rm -rf "$$workspace"' EXIT && \
	DMC_WORKSPACE="$$workspace" PLAYWRIGHT_BROWSERS_PATH="$(CURDIR)/.browsers" \
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --nbval-lax tests notebooks $(ARGS)

# The rules, the formats and the forms: what needs no server, no browser and no worker.
test-fast: .venv/.dev-ready ## Run the tests of the inner loop: under a minute
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --quiet -m "not slow" \
		tests/model tests/objects tests/formats tests/states tests/workspace $(ARGS)

test-java: .venv/.dev-ready ## Run the tests against Liferay's own classes, fetched with Maven
	@DMC_FETCH_JARS=1 $(BIN)/pytest --quiet -rs tests/java $(ARGS)

lint: .venv/.dev-ready ## Check format, lint, types and imports only
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: .venv/.dev-ready ## Write the house's format and the fixes that are safe
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# The extraction and the catalogs need no set-up but Babel. A message that is no longer in
# the source goes; one that is new stands in each catalog without a translation.
messages: .venv/.dev-ready ## Bring the catalogs of languages up to date with the source
	@template=$$(mktemp) && trap 'rm -f "$$template"' EXIT && cd dmc_widgets && \
	$(CURDIR)/$(BIN)/pybabel --quiet extract --mapping languages/babel.cfg --no-location \
		--sort-output --keyword lazy --keyword t --keyword tn:1,2 \
		--output "$$template" . && \
	for catalog in languages/*.po; do \
		$(CURDIR)/$(BIN)/pybabel --quiet update --input-file "$$template" --output-file $$catalog \
			--locale $$(basename $$catalog .po) --no-fuzzy-matching --ignore-obsolete \
			--ignore-pot-creation-date || exit 1; \
	done

docs: .venv/.dev-ready ## Build the documents into ./site; a broken link fails
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet $(ARGS)

bench: .venv/.bench-ready ## Print speed and memory beside those of bare loops and of others
	@$(BIN)/python -m tests.bench.bench $(ARGS)

clean: ## Remove what the other targets made, the workspace ./.workspace excepted
	rm -rf .venv .tools .browsers site .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis build dist

chromium: .venv/.dev-ready
	@.ci/chromium $(BIN)/playwright

# After Chromium, whose installation brings Debian's list of packages up to date.
nginx: chromium
	@.ci/nginx

postgresql: chromium
	@.ci/postgresql

.tools/.uv-$(UV_VERSION):
	@rm -rf .tools
	@.ci/tools $(UV_VERSION)
	@touch $@

# --inexact: what `make test` has put there stays, so that the two do not undo each other.
.venv/.run-ready: .tools/.uv-$(UV_VERSION) pyproject.toml uv.lock
	@$(SYNC) --inexact --extra dashboard
	@touch $@

.venv/.bench-ready: .tools/.uv-$(UV_VERSION) pyproject.toml uv.lock
	@$(SYNC) --extra all --group dev --group docs --group bench
	@touch $@ .venv/.run-ready .venv/.dev-ready

# Airflow, Prefect and dlt, for the tests of the examples: apart, since they hold back
# versions of what dmc itself runs on.
.tools/orchestration/.ready: .tools/.uv-$(UV_VERSION) examples/orchestration/uv.lock
	@UV_PROJECT_ENVIRONMENT="$(CURDIR)/.tools/orchestration" $(SYNC) \
		--project examples/orchestration
	@touch $@

.venv/.dev-ready: .tools/.uv-$(UV_VERSION) pyproject.toml uv.lock
	@$(SYNC) --extra all --group dev --group docs
	@rm -f .venv/.bench-ready
	@touch $@ .venv/.run-ready
