#!/usr/bin/env bash
# Builds Sluice on Debian 12 and serves SQLite databases: see usage below. Run it again at any time; it goes on where it
# was, and changes nothing outside build/ but the Debian packages that it lists and the server's own state.
set -euo pipefail

usage() {
  cat <<'END'
usage: deploy/quickstart.sh [--no-install] [PATH...]

Installs what building and serving need (apt and npm), builds into build/, and serves the databases at PATH: files or
folders. Without PATH it serves a copy of a real database, the EPSG registry of coordinate systems. Ctrl-C stops it.

  --no-install   install nothing; say what is missing
END
}

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD="$ROOT/build"
# shellcheck source=deploy/setup.sh
. "$ROOT/deploy/setup.sh"
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME

export INSTALL=yes
paths=()
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) INSTALL=no ;;
    -h | --help) usage; exit 0 ;;
    --) shift; paths+=("$@"); break ;;
    -*) usage >&2; die "unknown option $1" ;;
    *) paths+=("$1") ;;
  esac
  shift
done
for path in ${paths[@]+"${paths[@]}"}; do
  [ -e "$path" ] || die "$path is not there"
done

# build_programs makes the three programs; a tree that was configured before keeps its options.
build_programs() {
  if [ -f "$BUILD/CMakeCache.txt" ]; then configure "$BUILD"; else configure "$BUILD" -DSLUICE_TESTS=OFF; fi
  if [ ! -x "$BUILD/bin/sluiced" ]; then say "building with $(build_jobs) compilers at a time; some minutes"; fi
  build "$BUILD" sluiced sluice sluice-gateway
}

# sample_database prints the path of the sample: a copy that may be written, made once.
sample_database() {
  local original=/usr/share/proj/proj.db copy="$BUILD/quickstart/proj.db"
  if [ ! -f "$copy" ]; then
    [ -f "$original" ] || die "$original is not there although ${SAMPLE_PACKAGES[*]} is installed; name a PATH of your own"
    mkdir -p "$BUILD/quickstart"
    cp "$original" "$copy.part"
    chmod 644 "$copy.part"
    mv "$copy.part" "$copy"
  fi
  echo "$copy"
}

# free_ports PORT… prints for each port itself or, when it is taken, the next one that is free and nobody's else.
free_ports() {
  python3 - "$@" <<'END'
import socket, sys

def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

wanted = [int(port) for port in sys.argv[1:]]
chosen = [port if free(port) else None for port in wanted]
candidate = max(wanted) + 1
for index, port in enumerate(chosen):
    while port is None:
        if candidate > 65535:
            sys.exit("no free port from %d on" % (max(wanted) + 1))
        if free(candidate):
            port = candidate
        candidate += 1
    chosen[index] = port
print(*chosen)
END
}

# answers PORT asks whether the server on it is ready.
answers() {
  local line
  { exec {connection}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&"$connection"
  IFS= read -r -t 5 line <&"$connection" || line=''
  exec {connection}>&-
  [[ "$line" == HTTP/1.?\ 200* ]]
}

# runs PROCESS: whether it does; one that ended and is not yet reaped by its parent does not.
runs() {
  local stat=''
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$stat" ] && [[ "$stat" != *') Z '* ]]
}

# announce waits until the server (process $1) is ready, then says where it is. It ends when the server does.
announce() {
  local server=$1 waited=0
  trap '' PIPE
  until answers "$http"; do
    runs "$server" || return 0
    sleep 0.1
    waited=$((waited + 1))
    [ "$waited" -ne 300 ] || say "the server has not said it is ready for 30 s; still waiting (its log is above)"
  done
  local token="${XDG_STATE_HOME:-$HOME/.local/state}/sluice/admin-token"
  [ -z "${SLUICE_ADMIN_TOKEN:-}" ] || token='what SLUICE_ADMIN_TOKEN says'
  cat >&2 <<END

Sluice is serving. Ctrl-C stops it.

  gRPC             127.0.0.1:$grpc
  HTTP and page    http://127.0.0.1:$http/
  health, metrics  http://127.0.0.1:$admin/metrics
  admin token      $token

Three calls to try, in another terminal:

$(calls)

END
}

# calls prints one call for each door, that work as they are printed.
calls() {
  local program="$ROOT/build/bin/sluice" address='' database=proj
  [ "$grpc" = 7070 ] || address=" --address 127.0.0.1:$grpc"
  if [ "$sample" = yes ]; then
    echo "  $program$address query $database \"SELECT auth_name, code, name FROM crs_view LIMIT 3\""
    echo "  curl -s 'http://127.0.0.1:$http/v1/databases/$database/tables/crs_view/rows?page_size=3'"
  else
    echo "  $program$address ls"
    echo "  curl -s http://127.0.0.1:$http/v1/databases"
  fi
  [ -z "$python" ] || python_call
}

python_call() {
  local client="sluice.connect('127.0.0.1:$grpc')" rows
  if [ "$sample" = yes ]; then
    rows="$client.database('proj').query('SELECT code, name FROM crs_view LIMIT 3')"
  else
    rows="$client.databases()"
  fi
  printf '  %s -c "import sluice; print(*%s, sep=chr(10))"\n' "$python" "$rows"
}

sample=no
[ ${#paths[@]} -gt 0 ] || sample=yes
packages=("${SERVE_PACKAGES[@]}")
sources_are_here || packages+=("${FETCH_PACKAGES[@]}")
[ "$sample" = no ] || [ -f "$BUILD/quickstart/proj.db" ] || packages+=("${SAMPLE_PACKAGES[@]}")
install_packages "${packages[@]}"
fetch_sources
build_programs
python=''
if [ -f "$ROOT/clients/python/requirements.lock" ]; then
  if make_venv "$BUILD/venv"; then
    python="$BUILD/venv/bin/python"
  else
    say "the Python client could not be set up (see $BUILD/venv.log); all else works without it"
  fi
fi
[ "$sample" = no ] || paths=("$(sample_database)")
ports=$(free_ports 7070 7072 7071) || die "there are no free ports on 127.0.0.1"
read -r grpc http admin <<<"$ports"
[ "$ports" = '7070 7072 7071' ] || say "some of the ports 7070, 7072, 7071 are taken; using $ports"

# The server takes this process's place, so that signals and the exit status are its own.
(announce $$ &)
exec "$BUILD/bin/sluiced" --listen "127.0.0.1:$grpc" --http "127.0.0.1:$http" --admin-listen "127.0.0.1:$admin" -- "${paths[@]}"
