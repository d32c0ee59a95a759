#!/usr/bin/env bash
# Writes clients/go/gen again from proto/. The generated code is committed, so only a change of the contract needs this.
# Needs protoc (3.21 or newer), Go, and the google/api protos that deploy/setup.sh puts under build/deps/protos.
set -euo pipefail

readonly PROTOC_GEN_GO=v1.36.10
readonly PROTOC_GEN_GO_GRPC=v1.5.1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${SLUICE_BUILD:-$root/build}
plugins=$build/go-plugins/$PROTOC_GEN_GO-$PROTOC_GEN_GO_GRPC

die() { printf 'error: %s\n' "$*" >&2; exit 1; }
[ -d "$build/deps/protos/google/api" ] || die "there is no $build/deps/protos: run deploy/quickstart.sh or tests/run.sh first"
command -v protoc >/dev/null || die "protoc is missing (Debian: protobuf-compiler)"

export GOTOOLCHAIN=local GOBIN=$plugins
[ -x "$plugins/protoc-gen-go" ] || go install "google.golang.org/protobuf/cmd/protoc-gen-go@$PROTOC_GEN_GO"
[ -x "$plugins/protoc-gen-go-grpc" ] || go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$PROTOC_GEN_GO_GRPC"

rm -rf "$here/gen/sluice"
mkdir -p "$here/gen"
(cd "$root/proto" && find sluice -name '*.proto' -print0 | sort -z | xargs -0 \
  protoc --proto_path=. --proto_path="$build/deps/protos" \
  --plugin="$plugins/protoc-gen-go" --plugin="$plugins/protoc-gen-go-grpc" \
  --go_out="$here" --go_opt=module=github.com/sluicedb/sluice/clients/go \
  --go-grpc_out="$here" --go-grpc_opt=module=github.com/sluicedb/sluice/clients/go)
echo "clients/go/gen is up to date"
