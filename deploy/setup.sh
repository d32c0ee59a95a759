# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are for those who source this file
# Sourced by deploy/quickstart.sh and tests/run.sh: installs packages, takes the pinned third-party sources, builds.
# Everything it takes lies under build/deps, checked against the integrity hashes below. Bash 5, with set -euo pipefail.
#
# It wants ROOT (the checkout) and BUILD (the build folder); INSTALL=no installs nothing.

# --- pins -------------------------------------------------------------------------------------------------------------
# npm packages that carry sources: name, version, SHA-512 in npm's form.
readonly SQLITE_NPM=(better-sqlite3 12.11.1
  sha512-dq9AtApgg5PGFtBzPFSBl3HZQjHok5gaQCM6zh2Yk0aSmDCs1CbnVI8/HgASQkNKsWFpseIO9beg5xxpYhbIfA==)
readonly PROTOS_NPM=(google-gax 6.17.0
  sha512-qitOd0t2mqRFaP2KGRVL+/refKafCVwbXQVodICQX93x/WbKyopMz0r5mdBsEjwctQ22ITZyrQeabRddpFeHXQ==)
readonly BUF_X64_NPM=(@bufbuild/buf-linux-x64 1.75.0
  sha512-YGGJAx0lpMCE7aMWjNOJcfoEaG/e+iYHnTC4SZ0P5eS4IffMryA9Z4/bb1m1wNXAEJ8ATFMEZOAk/5x9VE47ig==)
readonly BUF_ARM64_NPM=(@bufbuild/buf-linux-aarch64 1.75.0
  sha512-eX+XyokzJDqsNIFo8b1O3DBvbnksOozPJX4QVsNn61JqSUtWspyTNeYqwg8lRDancML+bDqZEDFPABjAsVCQGQ==)

# Debian packages that building and serving need, with the calls that quickstart.sh offers to try.
readonly SERVE_PACKAGES=(
  ca-certificates openssl curl g++ cmake ninja-build
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc grpc-proto libabsl-dev
  libssl-dev libzstd-dev libboost1.81-dev libyaml-cpp-dev libcli11-dev prometheus-cpp-dev
  python3 python3-venv)
# Only while pinned sources are still to be taken.
readonly FETCH_PACKAGES=(npm)
# Only to serve the sample.
readonly SAMPLE_PACKAGES=(proj-data)
# What the tests need beside.
readonly TEST_PACKAGES=(
  aria2 git wget zstd libgtest-dev libgmock-dev libbenchmark-dev clang-19 clang-tidy-19 clang-format-19 shellcheck)
# Go for the tests, where the machine has none of GO_VERSION_MIN or newer: from Debian's backports.
readonly GO_PACKAGES=(golang-1.23-go)
readonly GO_VERSION_MIN=1.23

# --- talking ----------------------------------------------------------------------------------------------------------
say() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
# die_with_log FILE MESSAGE shows the end of the log first.
die_with_log() {
  tail -n 30 "$1" >&2
  die "$2; the whole log is $1"
}

# --- packages ---------------------------------------------------------------------------------------------------------
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# missing_packages PACKAGE… prints those that are not installed. A tool that is on the PATH from elsewhere counts.
missing_packages() {
  local package
  for package in "$@"; do
    case "$package" in
      npm | cmake | curl | git | openssl | shellcheck) command -v "$package" >/dev/null && continue ;;
      g++) command -v g++ >/dev/null && continue ;;
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
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "${INSTALL:-yes}" = yes ] ||
    die "these packages are missing: ${missing[*]} (run without --no-install, or: apt-get install ${missing[*]})"
  can_install "${missing[@]}"
  say "installing Debian packages: ${missing[*]}"
  apt_update
  apt_install "${missing[@]}"
}

# can_install PACKAGE… ends with the reason when this machine cannot.
can_install() {
  command -v apt-get >/dev/null || die "this system has no apt-get, so install these by hand, then use --no-install: $*"
  grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release ||
    say "this is not Debian 12 (bookworm); its packages may have other names or be too old"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "installing needs root, or sudo, which is not here: apt-get install $*"
}

readonly APT_OPTIONS=(-qq -o DPkg::Lock::Timeout=600 -o APT::Sandbox::User=root)

# apt_update OPTION… brings the lists up to date; those that are here may do as well.
apt_update() {
  mkdir -p "$BUILD"
  as_root apt-get "${APT_OPTIONS[@]}" "$@" update >"$BUILD/apt.log" 2>&1 ||
    say "apt-get update failed (see $BUILD/apt.log); trying with the lists that are here"
}

# apt_install ARGUMENT… with a line for each fifth of the way.
apt_install() {
  # Progress comes on a descriptor that the root shell opens, since sudo closes those of this one.
  # shellcheck disable=SC2016  # expanded by that shell
  local run='exec 3>&1 >>"$0" 2>&1; DEBIAN_FRONTEND=noninteractive exec apt-get -o APT::Status-Fd=3 "$@"'
  if ! as_root sh -c "$run" "$BUILD/apt.log" "${APT_OPTIONS[@]}" -y --no-install-recommends install "$@" | apt_progress; then
    die_with_log "$BUILD/apt.log" "apt-get could not install $*"
  fi
}

# apt_progress reads `dlstatus:…:percent:…` and `pmstatus:…:percent:…`; a fifth of the time is for taking.
apt_progress() {
  local kind percent shown=0
  while IFS=: read -r kind _ percent _; do
    percent=${percent%%.*}
    [[ "$percent" =~ ^[0-9]+$ ]] || continue
    case "$kind" in
      dlstatus) percent=$((percent / 5)) ;;
      pmstatus) percent=$((20 + percent * 4 / 5)) ;;
      *) continue ;;
    esac
    if [ "$percent" -ge $((shown + 20)) ]; then
      shown=$percent
      say "  packages: $percent %"
    fi
  done
}

# --- Go ---------------------------------------------------------------------------------------------------------------
# find_go prints the folder of the newest Go that is new enough; fails when there is none.
find_go() {
  local folder version
  for folder in "$(dirname "$(command -v go || echo /nowhere/go)")" /usr/local/go/bin /usr/lib/go-1.*/bin; do
    [ -x "$folder/go" ] || continue
    version=$(GOTOOLCHAIN=local "$folder/go" env GOVERSION 2>/dev/null) || continue
    if [ "$(printf '%s\n' "$GO_VERSION_MIN" "${version#go}" | sort -V | head -n 1)" = "$GO_VERSION_MIN" ]; then
      echo "$folder"
      return 0
    fi
  done
  return 1
}

# install_go takes Go from Debian's backports, with a list of sources of its own: /etc/apt stays as it is.
install_go() {
  find_go >/dev/null && return 0
  [ "${INSTALL:-yes}" = yes ] || die "the tests need Go $GO_VERSION_MIN or newer (run without --no-install, or put one on the PATH)"
  can_install "${GO_PACKAGES[@]}"
  local mirror suite own="$BUILD/apt"
  mirror=$(apt-get indextargets --format "\$(REPO_URI) \$(CODENAME)" 'Created-By: Packages' |
    awk '$2 !~ /-/ { print; exit }')
  suite="${mirror#* }-backports"
  mirror=${mirror% *}
  [ -n "$mirror" ] || die "no Debian mirror is among apt's sources; put Go $GO_VERSION_MIN or newer on the PATH"
  say "installing ${GO_PACKAGES[*]} from $mirror $suite"
  mkdir -p "$own/lists/partial"
  { cat /etc/apt/sources.list 2>/dev/null || true
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"; } >"$own/sources.list"
  local options=(-o "Dir::Etc::SourceList=$own/sources.list" -o "Dir::State::Lists=$own/lists")
  apt_update "${options[@]}"
  apt_install "${options[@]}" -t "$suite" "${GO_PACKAGES[@]}"
  find_go >/dev/null || die "Go was installed but is not where it should be; put $GO_VERSION_MIN or newer on the PATH"
}

# use_go lets everything that follows use that Go, with all that it takes and makes under build/go.
use_go() {
  PATH="$BUILD/go/bin:$(find_go):$PATH"
  export PATH GOPATH="$BUILD/go" GOBIN="$BUILD/go/bin" GOMODCACHE="$BUILD/go/pkg/mod" GOCACHE="$BUILD/go/cache"
  export GOTOOLCHAIN=local GOFLAGS="-modcacherw -buildvcs=false"
}

# go_tool MODULE/PATH@VERSION… builds programs into build/go/bin.
go_tool() {
  local tool name
  for tool in "$@"; do
    name=$(basename "${tool%@*}")
    [ -x "$GOBIN/$name" ] && [ -f "$GOBIN/.$name-${tool##*@}" ] && continue
    say "building $name ${tool##*@}"
    go install "$tool" >"$BUILD/go.log" 2>&1 || die_with_log "$BUILD/go.log" "go could not install $tool"
    touch "$GOBIN/.$name-${tool##*@}"
  done
}

# --- sources from npm -------------------------------------------------------------------------------------------------
# fetch_npm DIRECTORY NAME VERSION INTEGRITY TAR-ARGUMENT… unpacks the named paths of an npm package into DIRECTORY.
# An interrupted run leaves no half-filled directory: it is filled beside and renamed.
fetch_npm() {
  local directory=$1 name=$2 version=$3 integrity=$4 digest tarball
  shift 4
  [ -f "$directory/.done-$version" ] && return 0
  install_packages "${FETCH_PACKAGES[@]}"
  say "taking $name $version"
  local scratch="$directory.part"
  rm -rf "$scratch"
  mkdir -p "$scratch/tarball" "$scratch/content"
  (cd "$scratch/tarball" && npm pack --silent --cache "$scratch/cache" "$name@$version" >/dev/null 2>"$scratch/log") ||
    die_with_log "$scratch/log" "npm could not take $name@$version"
  tarball=$(echo "$scratch"/tarball/*.tgz)
  digest="sha512-$(openssl dgst -sha512 -binary "$tarball" | base64 -w0)"
  [ "$digest" = "$integrity" ] || die "$name@$version is not what was pinned: got $digest, expected $integrity"
  tar -xzf "$tarball" -C "$scratch/content" "$@"
  touch "$scratch/content/.done-$version"
  rm -rf "$directory"
  mv "$scratch/content" "$directory"
  rm -rf "$scratch"
}

# sources_are_here: whether nothing is to be taken any more.
sources_are_here() {
  [ -f "$BUILD/deps/sqlite/.done-${SQLITE_NPM[1]}" ] && [ -f "$BUILD/deps/protos/.done-${PROTOS_NPM[1]}" ]
}

fetch_sources() {
  fetch_npm "$BUILD/deps/sqlite" "${SQLITE_NPM[@]}" --strip-components=3 \
    package/deps/sqlite3/sqlite3.c package/deps/sqlite3/sqlite3.h package/deps/sqlite3/sqlite3ext.h
  fetch_npm "$BUILD/deps/protos" "${PROTOS_NPM[@]}" --strip-components=3 \
    package/build/protos/google/api/{annotations,http,httpbody,field_behavior}.proto \
    package/build/protos/google/rpc/{status,code,error_details}.proto
}

# fetch_buf takes buf into build/deps/buf/bin.
fetch_buf() {
  case "$(uname -m)" in
    x86_64) fetch_npm "$BUILD/deps/buf" "${BUF_X64_NPM[@]}" --strip-components=1 package/bin/buf ;;
    aarch64) fetch_npm "$BUILD/deps/buf" "${BUF_ARM64_NPM[@]}" --strip-components=1 package/bin/buf ;;
    *) die "there is no pinned buf for $(uname -m)" ;;
  esac
}

# --- building ---------------------------------------------------------------------------------------------------------
# configure TREE CMAKE-ARGUMENT… makes TREE a build tree, or brings one up to date.
configure() {
  local tree=$1
  shift
  mkdir -p "$tree"
  cmake -S "$ROOT" -B "$tree" -G Ninja "$@" >"$tree/cmake.log" 2>&1 ||
    die_with_log "$tree/cmake.log" "cmake failed"
}

# build_jobs prints how many compilers this machine can run: a core and 1.2 GiB of free memory each.
build_jobs() {
  local by_memory cores
  cores=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1258291) }' /proc/meminfo)
  [ "${by_memory:-1}" -lt "$cores" ] && cores=$by_memory
  [ "$cores" -ge 1 ] && echo "$cores" || echo 1
}

# build TREE TARGET… with Ninja's own progress line; what it prints when it has nothing to do is dropped.
build() {
  local tree=$1
  shift
  NINJA_STATUS='[%f/%t, %es] ' ninja -C "$tree" -j "$(build_jobs)" "$@" >&2 || die "the build failed"
}

# --- the Python client ------------------------------------------------------------------------------------------------
# make_venv FOLDER makes a virtual environment with the Python client and what it is locked to, and makes it again when
# the client's requirements change. The client itself is used where it lies, so it is always the checkout's. Fails, with
# a log beside the folder, when the packages cannot be had.
make_venv() {
  local folder=$1 client="$ROOT/clients/python" stamp
  local pip=("$folder/bin/pip" --disable-pip-version-check --no-input install)
  stamp=$(cat "$client/requirements.lock" "$client/pyproject.toml" | sha256sum | cut -c1-64)
  [ "$(cat "$folder/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
  say "making $folder with the Python client"
  rm -rf "$folder"
  { python3 -m venv "$folder" &&
    "${pip[@]}" -r "$client/requirements.lock" &&
    "${pip[@]}" --no-deps --no-build-isolation --editable "$client"; } >"$folder.log" 2>&1 || return 1
  echo "$stamp" >"$folder/.stamp"
}
