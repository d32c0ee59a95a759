#!/usr/bin/env bash
# Writes clients/python/src/sluice/v1 again from proto/. The generated code is committed, so only a change of the contract
# needs this. Needs the google/api protos that deploy/setup.sh puts under build/deps/protos.
set -euo pipefail

# Its generated code runs with protobuf 6.31.1 and newer; a newer one here asks for newer ones of every user.
readonly GRPCIO_TOOLS=1.76.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${SLUICE_BUILD:-$root/build}
tools=$build/python-tools-$GRPCIO_TOOLS

die() { printf 'error: %s\n' "$*" >&2; exit 1; }
[ -d "$build/deps/protos/google/api" ] || die "there is no $build/deps/protos: run deploy/quickstart.sh or tests/run.sh first"
if [ ! -f "$tools/.done" ]; then
  python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet "grpcio-tools==$GRPCIO_TOOLS"
  touch "$tools/.done"
fi

out=$here/src
rm -f "$out"/sluice/v1/*_pb2.py "$out"/sluice/v1/*_pb2.pyi "$out"/sluice/v1/*_pb2_grpc.py
cd "$root/proto"
mapfile -t protos < <(find sluice -name '*.proto' | sort)
mapfile -t services < <(grep -l '^service ' "${protos[@]}")
compile() { "$tools/bin/python" -m grpc_tools.protoc --proto_path=. --proto_path="$build/deps/protos" "$@"; }
compile --python_out="$out" --pyi_out="$out" "${protos[@]}"
compile --grpc_python_out="$out" "${services[@]}"
echo "clients/python/src/sluice/v1 is up to date"
