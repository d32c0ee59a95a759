#!/usr/bin/env bash
# Checks and tests the Go client with the machine's Go (1.23 or newer). With SLUICE_ADDRESS set it also runs the README's
# programs against that server, which must serve the database proj.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly

unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { printf 'not gofmt: %s\n' "$unformatted" >&2; exit 1; }
go vet ./...
go test -count=1 "$@" ./...
