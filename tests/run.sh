#!/usr/bin/env bash
# Every test of every language: see usage below. Works from a fresh checkout, needs no terminal, writes under build/ (and
# build-asan/, build-tsan/ for those runs) only.
set -euo pipefail

usage() {
  cat <<'END'
usage: tests/run.sh [--filter REGEX] [--no-install] [--full=asan|tsan|lint|fuzz|fault|soak|peers]

Without --full: sets up, builds once, runs all tests, and looks with clang at what changed since the branch began.

  --filter REGEX   only the tests whose names match
  --no-install     install nothing; say what is missing
  --full=lint      clang-tidy and thread-safety analysis over everything
  --full=asan      the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
  --full=tsan      the C++ tests of what knows no gRPC under ThreadSanitizer
  --full=fault     many faults at random places: 50 cut downloads, 200 deaths of a writing server, 2 000 failing disks
  --full=peers     figures beside those of Datasette, rqlite and PostgreSQL
END
}

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD="$ROOT/build"
# shellcheck source=deploy/setup.sh
. "$ROOT/deploy/setup.sh"
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME

# Plug-ins of the real grpc-gateway, to prove that it takes our protos; the last line that builds with Go 1.23.
readonly GATEWAY_VERSION=v2.27.2
readonly GO_TOOLS=(
  "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway@$GATEWAY_VERSION"
  "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2@$GATEWAY_VERSION")

# What --full=peers measures beside, alone: PostgreSQL from the distribution, rqlite from its Go module.
readonly PEER_PACKAGES=(postgresql-15)
readonly RQLITE=github.com/rqlite/rqlite/v10 RQLITE_VERSION=v10.2.7

export INSTALL=yes
full='' filter=''
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) INSTALL=no ;;
    --full=*) full=${1#--full=} ;;
    --filter) [ $# -gt 1 ] || die "--filter needs a regular expression"; filter=$2; shift ;;
    --filter=*) filter=${1#--filter=} ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "unknown option $1" ;;
  esac
  shift
done

# --- phases -----------------------------------------------------------------------------------------------------------
phases=()
# phase NAME COMMAND… runs it and remembers how long it took.
phase() {
  local name=$1 started=$SECONDS
  shift
  say "$name"
  "$@"
  phases+=("$(printf '%-12s %5.1f min' "$name" "$(minutes $((SECONDS - started)))")")
}
minutes() { awk -v seconds="$1" 'BEGIN { printf "%.1f", seconds / 60 }'; }

install_all() {
  install_packages "${SERVE_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${SAMPLE_PACKAGES[@]}" "${FETCH_PACKAGES[@]}"
  install_go
  use_go
}

fetch_all() {
  fetch_sources
  fetch_buf
  go_tool "${GO_TOOLS[@]}"
}

# The Python client's tests and the README's examples use the same environment as quickstart.sh makes.
prepare_python() {
  [ -f "$ROOT/clients/python/requirements.lock" ] || return 0
  make_venv "$BUILD/venv" || die_with_log "$BUILD/venv.log" "the Python client could not be set up"
}

# test_tree TREE CTEST-ARGUMENT… runs the tests and leaves `passed`, `failed`.
passed=0 failed=0
test_tree() {
  local tree=$1 log="$1/ctest.log" counted
  shift
  [ -z "$filter" ] || set -- "$@" -R "$filter"
  ctest --test-dir "$tree" --output-on-failure --no-tests=error -j "$(nproc)" "$@" </dev/null 2>&1 | tee "$log" >&2 || true
  counted=$(sed -n 's/.* \([0-9]*\) tests\{0,1\} failed out of \([0-9]*\)$/\1 \2/p' "$log" | tail -n 1)
  [ -n "$counted" ] || counted='1 1'
  failed=${counted% *}
  passed=$((${counted#* } - failed))
}

# --- runs -------------------------------------------------------------------------------------------------------------
run_default() {
  phase install install_all
  phase fetch fetch_all
  phase python prepare_python
  phase configure configure "$BUILD" -DSLUICE_TESTS=ON
  phase build build "$BUILD"
  phase test test_tree "$BUILD"
}

run_lint() {
  export SLUICE_LINT=all
  phase install install_all
  phase fetch fetch_all
  phase configure configure "$BUILD" -DSLUICE_TESTS=ON
  # Analysis needs the generated headers, not the programs.
  phase build build "$BUILD" sluice_proto sluice_proto_grpc
  phase lint test_tree "$BUILD" -L lint
}

# sanitized NAME SANITIZERS makes a tree of its own, with the sources that the other one has.
sanitized() {
  phase install install_packages "${SERVE_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${SAMPLE_PACKAGES[@]}"
  phase fetch fetch_sources
  phase configure configure "$ROOT/build-$1" -DSLUICE_TESTS=ON "-DSLUICE_SANITIZE=$2" \
    "-DSLUICE_SQLITE_DIR=$BUILD/deps/sqlite" "-DSLUICE_GOOGLE_PROTOS_DIR=$BUILD/deps/protos"
}

run_asan() {
  # The distribution's gRPC and protobuf are not instrumented: containers that cross the border look overflown.
  export ASAN_OPTIONS=detect_container_overflow=0:detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  sanitized asan address,undefined
  phase build build "$ROOT/build-asan"
  phase test test_tree "$ROOT/build-asan"
}

# The distribution's gRPC is not instrumented, so its locks are invisible and every call looks like a race: only rooms
# without gRPC take part.
run_tsan() {
  local tests
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
  sanitized tsan thread
  tests=$(ctest --test-dir "$ROOT/build-tsan" --show-only=json-v1 | python3 "$ROOT/tests/support/tests_of_rooms.py" \
    server/base server/sqlite server/auth server/engine server/replication server/wire)
  [ -n "$tests" ] || die "no test is there for this run"
  # shellcheck disable=SC2086  # names of targets, one word each
  phase build build "$ROOT/build-tsan" $tests
  phase test test_tree "$ROOT/build-tsan" -R "^(${tests// /|})\$"
}

run_fault() {
  export SLUICE_FAULT_CUTS=${SLUICE_FAULT_CUTS:-50}
  export SLUICE_FAULT_KILLS=${SLUICE_FAULT_KILLS:-200}
  export SLUICE_OUTSIDE_LOCK_SECONDS=${SLUICE_OUTSIDE_LOCK_SECONDS:-60}
  export SLUICE_FAULT_SEEDS=${SLUICE_FAULT_SEEDS:-2000}
  phase install install_all
  phase fetch fetch_all
  phase configure configure "$BUILD" -DSLUICE_TESTS=ON
  phase build build "$BUILD" sluiced sluice engine_power_test
  phase fault test_tree "$BUILD" -R '^(fault\..*|engine_power_test|integration\.outside_lock)$'
}

# install_peers installs them without a cluster of PostgreSQL that would run from then on.
install_peers() {
  local folder=/etc/postgresql-common/createcluster.d
  install_all
  [ -n "$(missing_packages "${PEER_PACKAGES[@]}")" ] || return 0
  as_root mkdir -p "$folder"
  echo 'create_main_cluster = false' | as_root tee "$folder/sluice.conf" >/dev/null
  install_packages "${PEER_PACKAGES[@]}"
  as_root rm -f "$folder/sluice.conf"
}

# build_rqlited makes build/peers/rqlited-VERSION. Where the module cannot be had, the figures go without it.
build_rqlited() {
  local program="$BUILD/peers/rqlited-$RQLITE_VERSION" source="$BUILD/peers/rqlite"
  [ ! -x "$program" ] || return 0
  mkdir -p "$BUILD/peers"
  rm -rf "$source"
  if (compile_rqlited "$source" "$program.part") >"$BUILD/peers/rqlite.log" 2>&1; then
    mv "$program.part" "$program"
  else
    say "rqlite $RQLITE_VERSION cannot be had here, so it is left out: $BUILD/peers/rqlite.log"
  fi
  rm -rf "$source"
}

# compile_rqlited FOLDER PROGRAM. Its module replaces others, which `go install` refuses, so it is built where it is the main
# module; the Go that it wants is taken like a module where this one is older.
compile_rqlited() {
  export GOTOOLCHAIN=auto
  local told module
  cd "$BUILD/peers"
  told=$(go mod download -json "$RQLITE@$RQLITE_VERSION" 2>&1) || { printf '%s\n' "$told"; return 1; }
  module=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' <<<"$told")
  cp -r "$module" "$1" && chmod -R u+w "$1" && cd "$1" && CGO_ENABLED=1 go build -o "$2" ./cmd/rqlited
}

# Figures, not verdicts: it passes when all could be measured.
run_peers() {
  phase install install_peers
  phase fetch fetch_sources
  phase configure configure "$BUILD" -DSLUICE_TESTS=ON
  phase build build "$BUILD" sluiced bench_load bench_inserts
  phase rqlite build_rqlited
  phase datasette python3 "$ROOT/tests/bench/peers/beside_datasette.py" --build "$BUILD"
  phase inserts python3 "$ROOT/tests/bench/peers/beside_inserts.py" --build "$BUILD" \
    --rqlited "$BUILD/peers/rqlited-$RQLITE_VERSION"
  passed=1
}

not_there_yet() {
  printf 'error: --full=%s is not there yet; asan, tsan, lint, fault and peers are\n' "$1" >&2
  exit 2
}

case "$full" in
  '') run_default ;;
  asan | tsan | lint | fault | peers) "run_$full" ;;
  fuzz | soak) not_there_yet "$full" ;;
  *) usage >&2; die "unknown run --full=$full" ;;
esac

echo
printf '%s\n' "${phases[@]}" "$(printf '%-12s %5.1f min' all "$(minutes $SECONDS)")"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
