#!/usr/bin/env bash
# Checks and tests the Python client in a virtual environment of its own, build/python-tests, made from the lock files.
# With SLUICE_ADDRESS set it also runs the README's programs against that server, which must serve the database proj.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${SLUICE_BUILD:-$here/../../build}
mkdir -p "$build"
venv=$(cd "$build" && pwd)/python-tests

stamp=$(cat "$here"/requirements*.lock | sha256sum)
if [ "$(cat "$venv/.locks" 2>/dev/null)" != "$stamp" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    -r "$here/requirements-dev.lock"
  printf '%s\n' "$stamp" >"$venv/.locks"
fi
# As a user installs it, so that a module left out of the package is missed.
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation \
  --force-reinstall "$here"

cd "$here"
"$venv/bin/mypy" --cache-dir "$venv/.mypy_cache"
"$venv/bin/python" -m pytest -p no:cacheprovider "$@"
