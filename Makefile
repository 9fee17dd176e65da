# `make run` and `make test` set up what they need first; the second time that takes a moment only.
SAMPLE ?= assets/speech/sense_and_sensibility_0890.flac
ANSWER ?= answer.wav
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test setup lint lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: ## Set up and start Arvis; without a screen, hold one spoken turn with a recording
	@scripts/setup run
	@scripts/run "$(SAMPLE)" "$(ANSWER)"

test: ## Set up and run every check and every test (ARGS="..." goes to pytest)
	@scripts/setup test
	@scripts/test $(ARGS)

setup: ## Set up for development, start nothing
	@scripts/setup test

lint: setup ## Format and fix what can be fixed, then check style, types and imports
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

lock: ## Lock the newest versions that pyproject.toml allows
	@scripts/setup uv
	@scripts/lock

clean: ## Remove what set-up and tests made in this folder (the user's cache stays)
	rm -rf .venv .uv build dist htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
