# Sourced by deploy/quickstart.sh and tests/run.sh: installs packages and takes the pinned third-party sources.
# Everything it takes lies under build/deps, checked against the integrity hashes below. Bash only.

# --- pins -------------------------------------------------------------------------------------------------------------
# npm packages that carry sources: name, version, SHA-512 in npm's form, what is taken from it, where it goes.
readonly SQLITE_NPM=(better-sqlite3 12.11.1
  sha512-dq9AtApgg5PGFtBzPFSBl3HZQjHok5gaQCM6zh2Yk0aSmDCs1CbnVI8/HgASQkNKsWFpseIO9beg5xxpYhbIfA==)
readonly PROTOS_NPM=(google-gax 6.17.0
  sha512-qitOd0t2mqRFaP2KGRVL+/refKafCVwbXQVodICQX93x/WbKyopMz0r5mdBsEjwctQ22ITZyrQeabRddpFeHXQ==)
readonly BUF_NPM=(@bufbuild/buf-linux-x64 1.75.0
  sha512-YGGJAx0lpMCE7aMWjNOJcfoEaG/e+iYHnTC4SZ0P5eS4IffMryA9Z4/bb1m1wNXAEJ8ATFMEZOAk/5x9VE47ig==)

# Debian packages that building and serving need.
readonly SERVE_PACKAGES=(
  ca-certificates g++ cmake ninja-build
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc grpc-proto libabsl-dev
  libssl-dev libboost1.81-dev libyaml-cpp-dev libcli11-dev prometheus-cpp-dev
  python3 python3-venv)

# --- talking ----------------------------------------------------------------------------------------------------------
say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# --- packages ---------------------------------------------------------------------------------------------------------
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# missing_packages PACKAGE… prints those that are not installed. A tool that is on the PATH from elsewhere counts.
missing_packages() {
  local package
  for package in "$@"; do
    case "$package" in
      npm) command -v npm >/dev/null && continue ;;
      cmake | g++) command -v "$package" >/dev/null && continue ;;
      ninja-build) command -v ninja >/dev/null && continue ;;
      python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null && continue ;;
    esac
    installed "$package" || printf '%s\n' "$package"
  done
}

# install_packages PACKAGE… installs what is missing; with INSTALL=no it only says what that is, and fails.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "${INSTALL:-yes}" = yes ] || die "these packages are missing: ${missing[*]} (run without --no-install, or: apt-get install ${missing[*]})"
  command -v apt-get >/dev/null || die "this is not a Debian system; it lacks: ${missing[*]}"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "installing ${missing[*]} needs root or sudo"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local log="$BUILD/apt.log"
  mkdir -p "$BUILD"
  as_root apt-get update -qq >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are here"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "apt-get install failed; the whole log is $log"; }
}

# --- sources from npm -------------------------------------------------------------------------------------------------
# fetch_npm DIRECTORY NAME VERSION INTEGRITY PATH… unpacks the named paths of an npm package's tarball into DIRECTORY.
# An interrupted run leaves no half-filled directory: it is filled beside and renamed.
fetch_npm() {
  local directory=$1 name=$2 version=$3 integrity=$4
  shift 4
  [ -f "$directory/.done-$version" ] && return 0
  [ "${INSTALL:-yes}" = yes ] || command -v npm >/dev/null || die "npm is needed to take $name $version"
  say "taking $name $version"
  local scratch="$directory.part"
  rm -rf "$scratch" "$directory"
  mkdir -p "$scratch/tarball" "$scratch/content"
  (cd "$scratch/tarball" && npm pack --silent "$name@$version" >/dev/null) || die "npm could not take $name@$version"
  local tarball
  tarball=$(echo "$scratch"/tarball/*.tgz)
  local digest
  digest="sha512-$(openssl dgst -sha512 -binary "$tarball" | base64 -w0)"
  [ "$digest" = "$integrity" ] || die "$name@$version is not what was pinned: $digest"
  tar -xzf "$tarball" -C "$scratch/content" "$@"
  touch "$scratch/content/.done-$version"
  mv "$scratch/content" "$directory"
  rm -rf "$scratch"
}

fetch_sources() {
  fetch_npm "$BUILD/deps/sqlite" "${SQLITE_NPM[@]}" --strip-components=3 \
    package/deps/sqlite3/sqlite3.c package/deps/sqlite3/sqlite3.h package/deps/sqlite3/sqlite3ext.h
  fetch_npm "$BUILD/deps/protos" "${PROTOS_NPM[@]}" --strip-components=3 \
    package/build/protos/google/api/{annotations,http,httpbody,field_behavior}.proto \
    package/build/protos/google/rpc/{status,code,error_details}.proto
}

# --- building ---------------------------------------------------------------------------------------------------------
# configure CMAKE-ARGUMENT… makes $BUILD a build tree; without arguments it leaves an existing one as it is.
configure() {
  if [ ! -f "$BUILD/build.ninja" ] || [ $# -gt 0 ]; then
    cmake -S "$ROOT" -B "$BUILD" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" >"$BUILD/cmake.log" 2>&1 ||
      { tail -n 30 "$BUILD/cmake.log" >&2; die "cmake failed; the whole log is $BUILD/cmake.log"; }
  fi
}

# build TARGET… with Ninja's own progress line.
build() { NINJA_STATUS='[%f/%t, %es] ' ninja -C "$BUILD" "$@" >&2 || die "the build failed"; }
