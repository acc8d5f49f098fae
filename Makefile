# Two commands are enough: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench lock translations clean

PY := .venv/bin/python
STAMP := .venv/.installed
PYTEST_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 24

# Any python3 from 3.11 on will do; the newest name is tried last because its wheels arrive last.
$(STAMP): requirements.lock
	@found=""; for name in python3 python3.12 python3.13 python3.11 python3.14; do \
	  if command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "Yongqing needs Python 3.11 or newer and found none on PATH. Install it (Debian: apt-get install python3 python3-venv) and run make again." >&2; exit 1; fi; \
	if [ ! -x $(PY) ]; then echo "== creating .venv with $$($$found --version)"; \
	  $$found -m venv .venv || { rm -rf .venv; echo "$$found cannot create a virtual environment. Install its venv module (Debian: apt-get install python3-venv) and run make again." >&2; exit 1; }; fi
	@echo "== installing requirements.lock (the first time takes a minute or two)"
	@$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	@touch $(STAMP)

run: $(STAMP)  ## Start everything: database, broker, web, worker, beat and the demo city
	@exec $(PY) manage.py serve

test: $(STAMP)  ## Run every test, the browser ones included
	@bash tests/chromium.sh
	@echo "== pytest"
	@$(PY) -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

check: $(STAMP)  ## Format, lint, types, import contracts, templates, migrations, translations, deploy check
	@echo "== format";       .venv/bin/ruff format --check --quiet . || { echo "Run: .venv/bin/ruff format ."; exit 1; }
	@echo "== lint";         .venv/bin/ruff check --quiet .
	@echo "== types";        .venv/bin/mypy --no-error-summary
	@echo "== imports";      .venv/bin/lint-imports --no-cache
	@echo "== templates";    git ls-files -z --cached --others --exclude-standard '*.html' | xargs -0r .venv/bin/djade --check --target-version 5.2
	@echo "== lifecycle";    $(PY) manage.py lifecycle_doc --check
	@echo "== procedure";    $(PY) manage.py procedure_doc --check
	@echo "== indicators";   $(PY) manage.py indicators_doc --check
	@echo "== migrations";   $(PY) manage.py makemigrations --check --dry-run
	@echo "== translations"; $(PY) manage.py check_translations
	@echo "== deployment";   env $$(.ci/production-env) $(PY) manage.py check --deploy --fail-level WARNING

bench: $(STAMP)  ## Measure rates against their floors (about half an hour)
	@for name in bench_due bench_api bench_worklist bench_sweep bench_recompute bench_insights bench_bulk bench_feed; do echo "== $$name"; $(PY) -m tests.bench.$$name || exit 1; done

lock: $(STAMP)  ## Recompile both lock files from pyproject.toml
	@for pair in "requirements.lock --extra=dev" "requirements-prod.lock"; do set -- $$pair; \
	  echo "== $$1"; \
	  CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host $${2:-} --output-file "$$1" pyproject.toml; \
	done

translations: $(STAMP)  ## Bring the Chinese catalogue up to date with the sources, then compile it
	@$(PY) manage.py check_translations --write || true
	@$(PY) manage.py compile_catalogues

clean:  ## Remove the demo's data, built files and caches (not .venv)
	@if [ -f .data/run.json ] && kill -0 "$$(sed -E 's/.*"pid": ([0-9]+).*/\1/' .data/run.json)" 2>/dev/null; then echo "Yongqing is running; stop it first (Ctrl-C)." >&2; exit 1; fi
	rm -rf .data staticroot .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete
