#!/usr/bin/env bash
# Makes sure that what building or checking needs is there. On Debian, as root,
# it installs what is missing; elsewhere it says in one line what to install,
# and fails.
#
#   scripts/setup.sh build    Go, Node and the packages of web/
#   scripts/setup.sh          these, a C compiler (for the race detector), curl,
#                             what tests of the disk need, PostgreSQL, Chromium,
#                             fonts, the packages of test/node
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  echo "missing: $1" >&2
  exit 1
}

# install PACKAGE… fetches Debian packages; what it prints is shown only when it fails.
install() {
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || missing "$* (install it, then run this again)"
  echo "installing $*"
  local log
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    missing "$* (apt-get could not install it)"
  fi
  rm -f "$log"
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)'
}

# packages DIR installs what DIR/package-lock.json names. npm ci starts from
# nothing each time; it runs only when the lockfile changed.
packages() {
  local stamp=$1/node_modules/.installed
  cmp -s "$1/package-lock.json" "$stamp" && return
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error >/dev/null) ||
    missing "the packages of $1 (npm ci failed, see above)"
  cp "$1/package-lock.json" "$stamp"
}

# An older Go, from 1.21 on, fetches the version named in go.mod by itself.
command -v go >/dev/null || missing "Go 1.26 or newer (https://go.dev/dl)"
go version >/dev/null || missing "Go 1.26 or newer (https://go.dev/dl)"
node_is_new_enough || install nodejs npm
node_is_new_enough || missing "Node 20 or newer with npm (https://nodejs.org)"
packages web
[[ ${1:-} != build ]] || exit 0

command -v "$(go env CC)" >/dev/null || install gcc libc6-dev
command -v curl >/dev/null || install curl

# Tests of the disk mount file systems of their own, which only root may.
if [[ ${TIDINGS_TEST_MOUNT:-} != off ]]; then
  [[ $(id -u) == 0 ]] || missing "root, to mount file systems (TIDINGS_TEST_MOUNT=off leaves these tests out)"
  PATH=$PATH:/usr/sbin:/sbin
  command -v xfs_io >/dev/null || install xfsprogs
  command -v mkfs.ext4 >/dev/null || install e2fsprogs
fi

# Tests of failing syncs attach strace to servers (TIDINGS_TEST_TRACE=off leaves them out).
if [[ ${TIDINGS_TEST_TRACE:-} != off ]]; then
  command -v strace >/dev/null || install strace
fi

if [[ -z ${TIDINGS_TEST_POSTGRES:-} ]]; then
  scripts/postgres-bin.sh >/dev/null 2>&1 || install postgresql
  scripts/postgres-bin.sh >/dev/null
  # Only makes the tests quicker: scripts/with-postgres.sh says how.
  command -v eatmydata >/dev/null || (install eatmydata) 2>/dev/null || true
fi

# The journeys in a browser, and the fonts their pictures need.
if [[ -z ${TIDINGS_TEST_CHROMIUM:-} ]]; then
  if [[ ! ${FULL:-}${DOCS:-} ]]; then
    # Not every Debian has it; then the whole browser does its work.
    command -v chromium-headless-shell >/dev/null || (install chromium-headless-shell) 2>/dev/null || true
  fi
  scripts/chromium.sh >/dev/null || install chromium
  for font in fonts-noto-cjk fonts-noto-color-emoji; do
    ! command -v dpkg >/dev/null || dpkg -s "$font" >/dev/null 2>&1 || install "$font"
  done
fi
packages test/node
