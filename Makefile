# make app    create the environment, start the app, print its address
# make test   everything the tests need, ruff, then all tests on two cores; ARGS="tests/ecg -x" chooses
# make lock   requirements.lock anew, after a change of requirements.txt or requirements-train.txt
# All work from a fresh clone and do nothing twice. TORCH=default or TORCH=cpu chooses torch's build (install.py).

VENV := .venv
PY := $(VENV)/bin/python
WORKERS := --numprocesses 2 --dist loadfile --no-loadscope-reorder
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

.PHONY: app test lock browser clean

app: $(VENV)/.app
	@exec $(PY) app.py

test: $(VENV)/.test browser
	$(VENV)/bin/ruff check
	$(PY) -m pytest $(WORKERS) $(ARGS)

# Versions that still fit stay as they are.
lock: | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  requirements.txt requirements-train.txt --output-file requirements.lock

$(PY):
	@for python in python3.11 python3.12 python3.13 python3 python; do \
	  if $$python -c '$(SUITABLE)' 2>/dev/null; then exec $$python -m venv $(VENV); fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt install python3 python3-venv)." >&2; exit 1

$(VENV)/.app: requirements.lock install.py | $(PY)
	$(PY) install.py
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.app
	$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements-test.txt
	@touch $@

# The browser tests drive Debian's Chromium and skip with a reason where there is none.
browser:
	@if [ ! -x /usr/bin/chromium ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      chromium fonts-dejavu-core </dev/null \
	    || echo "chromium could not be installed: the browser tests will be skipped"; \
	  else echo "no /usr/bin/chromium and not root: the browser tests will be skipped"; fi; \
	fi

clean:
	rm -rf $(VENV)
