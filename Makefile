# `make` runs lint and tests. Each target needs `pip install -e '.[dev]'`; PY=.venv/bin/python chooses the interpreter.
PY ?= python
PYTEST = $(PY) -m pytest -n 2

all: lint test

test:  ## everything, also browser, torch and wheel (minutes)
	$(PYTEST)

fast:  ## what a change should pass before anything else: no browser, no torch, no matrix of servers, no whole sets (half a minute on two free cores)
	$(PYTEST) -m "not slow" --hypothesis-profile=fast -p no:schemathesis

lint:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m vulture index prompts rag eval api --min-confidence 80

docs:  ## the site, in site/; a broken link or reference is an error. Needs `pip install -e '.[docs]'`
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict

bench:  ## the benchmarks that need no data: start-up, gate power, unchanged runs
	$(PY) benchmarks/start.py
	$(PY) benchmarks/gate_power.py --pairs 50
	$(PY) benchmarks/unchanged.py --times 10 --every 8

gate:  ## the packaged set against its baseline; exit code 1 when answers got worse
	$(PY) -m api.cli eval run --baseline eval/data/baseline.json

.PHONY: all test fast lint docs bench gate
