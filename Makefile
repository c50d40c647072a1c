# make demo      set up everything and serve the demonstration at http://localhost:8000 (PORT= changes it)
# make reset     forget the demonstration's data; the next make demo starts afresh
# make test      install what the tests need and run all of them
# make check     style, types and the floor plan only
# make soak      the tests that take long, and all of them on PostgreSQL
# make bench     measurements
# make tour      renew the pictures in docs/tour
# make lock      renew requirements/*.txt
#
# PYTHON= names another Python (3.11 or newer).

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# Else every process here would compile what it imports again, where the machine says to keep nothing.
export PYTHONDONTWRITEBYTECODE :=
TEST_ENV := DJANGO_ALLOW_ASYNC_UNSAFE=true PYTHONWARNINGS=default
PYTEST = $(TEST_ENV) $(BIN)/python -m pytest
# Three on two cores: each waits for its database now and then.
CORES ?= 3
SHARED := -n $(CORES) --dist loadfile --no-loadscope-reorder
# Two of two, where two parts run at once: what answers within five seconds has to be let to.
BESIDE := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help demo reset test check soak tour bench lock assets machine

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Alongside needs Python 3.11 or newer, and there is no '$(PYTHON)' here. Install it, or name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Alongside needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Install a newer one, or name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv. Then run this again."; exit 1; }
	@echo "Making the virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Each list is installed once, and again when it changes. uv takes seconds where pip takes a minute.
$(VENV)/.installed-%: requirements/%.txt requirements/installer.txt | $(BIN)/python
	@echo "Installing requirements/$*.txt …"
	@$(BIN)/python -c 'import uv' 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt \
	  || echo "uv could not be installed; using pip, which takes a minute longer."
	@if $(BIN)/python -c 'import uv' 2>/dev/null; then \
	  $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --require-hashes -r $<; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<; \
	fi || { echo "The packages could not be installed: is there a network? Run this again when there is."; exit 1; }
	@touch $@

demo: $(VENV)/.installed-demo
	@DEMO=1 PORT=$(PORT) SITE_URL=http://localhost:$(PORT) $(BIN)/python manage.py demo

reset: $(VENV)/.installed-demo
	@DEMO=1 $(BIN)/python manage.py demo --reset

assets: $(VENV)/.installed-test
	@$(BIN)/python manage.py build_assets

machine: $(VENV)/.installed-test
	@$(BIN)/python -m tests.machine

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

# Every part runs even when one before it failed, so that one run says all that is wrong. What waits
# for something else runs beside what does not: the check while a database is migrated, the browser
# beside PostgreSQL. What these print comes after.
test: machine assets
	@failed=""; mkdir -p var; \
	$(MAKE) --no-print-directory check >var/check.log 2>&1 & check=$$!; \
	echo "== SQLite"; \
	$(PYTEST) $(SHARED) -m "not browser and not soak" || failed="$$failed sqlite"; \
	echo "== Style, types and the floor plan"; \
	wait $$check || failed="$$failed check"; cat var/check.log; \
	$(PYTEST) $(BESIDE) -m "browser and not soak" >var/browser.log 2>&1 & browser=$$!; \
	echo "== PostgreSQL and Redis"; \
	$(TEST_ENV) $(BIN)/python -m tests.servers -- $(BIN)/python -m pytest $(BESIDE) -m "not browser and not soak and not once" || failed="$$failed postgresql"; \
	echo "== Browser"; \
	wait $$browser || failed="$$failed browser"; cat var/browser.log; \
	if [ -n "$$failed" ]; then echo "Failed:$$failed"; exit 1; fi

# What is long: on SQLite what no database answers otherwise, and the rest on PostgreSQL; and there,
# too, what make test asks of SQLite alone.
soak: machine assets
	$(PYTEST) $(SHARED) -m "soak and once"
	$(TEST_ENV) $(BIN)/python -m tests.servers -- $(BIN)/python -m pytest $(SHARED) -m "soak and not once"
	$(TEST_ENV) $(BIN)/python -m tests.servers -- $(BIN)/python -m pytest $(SHARED) -m "once and not browser and not soak"

tour: machine assets
	$(TEST_ENV) $(BIN)/python -m tests.journeys.tour

bench: $(VENV)/.installed-test
	$(TEST_ENV) $(BIN)/python -m tests.servers -- $(BIN)/python -m bench

# make lock UPGRADE=--upgrade takes the newest versions that pyproject.toml allows.
LOCK = $(BIN)/python -m uv pip compile --quiet $(UPGRADE) --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --python-version 3.11
lock: $(VENV)/.installed-test
	$(LOCK) pyproject.toml -o requirements/demo.txt
	$(LOCK) pyproject.toml --extra test -c requirements/demo.txt -o requirements/test.txt
	$(LOCK) pyproject.toml --extra production -c requirements/demo.txt -o requirements/production.txt
	echo uv | $(LOCK) - -o requirements/installer.txt
