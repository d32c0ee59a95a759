#!/usr/bin/env bash
# Measures sluiced against the limits of this machine in the same run and prints tables of ratios (some minutes).
# Absolute figures of a small machine mean little; the ratios are what is aimed at. Nothing else should run meanwhile.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${SLUICE_BUILD:-$ROOT/build}
[ -x "$BUILD/bench/bench" ] || { echo "run ./tests/run.sh first: it builds the benchmark" >&2; exit 1; }
"$BUILD/bench/bench" "$BUILD/bin" "$BUILD/bench/bench_limits"
echo
"$BUILD/bench/bench_mixed" "$BUILD/bin" "$BUILD/bench/bench_limits"
echo
# A database over 1 GiB, where SQLite leaves out a page.
"$BUILD/bench/bench_snapshots" "$BUILD/bin" "$BUILD/bench/bench_limits" "${SLUICE_BENCH_MIB:-1100}"
exec "$BUILD/venv/bin/python" "$ROOT/tests/bench/queries.py" --build "$BUILD"
