# make app    create the environment, start the app, print its address
# make test   everything the tests need, then all tests
# Both work from a fresh clone and do nothing twice.

VENV := .venv
PY := $(VENV)/bin/python
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

.PHONY: app test browser clean

app: $(VENV)/.app
	@exec $(PY) app.py

test: $(VENV)/.test browser
	$(PY) -m pytest $(ARGS)

$(PY):
	@for python in python3.11 python3.12 python3.13 python3 python; do \
	  if $$python -c '$(SUITABLE)' 2>/dev/null; then exec $$python -m venv $(VENV); fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt install python3 python3-venv)." >&2; exit 1

$(VENV)/.app: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
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
