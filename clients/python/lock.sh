#!/usr/bin/env bash
# Writes the lock files again from requirements.in and requirements-dev.in, for every platform and Python from 3.10 on.
set -euo pipefail
readonly UV=0.13.8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${SLUICE_BUILD:-$here/../../build}
tools=$build/python-uv-$UV
[ -x "$tools/bin/uv" ] || { python3 -m venv --clear "$tools"; "$tools/bin/pip" install --quiet "uv==$UV"; }

cd "$here"
lock() {
  "$tools/bin/uv" pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
    --no-annotate --no-header --upgrade "$@"
}
lock requirements.in -o requirements.lock
lock --constraint requirements.lock requirements-dev.in -o requirements-dev.lock
