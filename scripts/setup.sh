#!/usr/bin/env bash
# Makes sure that what the checks need is there: Go, a C compiler (for the race
# detector), curl, Node and PostgreSQL. On Debian, as root, it installs what is
# missing; elsewhere it says in one line what to install, and fails.
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

# An older Go, from 1.21 on, fetches the version named in go.mod by itself.
command -v go >/dev/null || missing "Go 1.26 or newer (https://go.dev/dl)"
go version >/dev/null || missing "Go 1.26 or newer (https://go.dev/dl)"
command -v "$(go env CC)" >/dev/null || install gcc libc6-dev
command -v curl >/dev/null || install curl

node_is_new_enough || install nodejs npm
node_is_new_enough || missing "Node 20 or newer with npm (https://nodejs.org)"

if [[ -z ${TIDINGS_TEST_POSTGRES:-} ]]; then
  scripts/postgres-bin.sh >/dev/null 2>&1 || install postgresql
  scripts/postgres-bin.sh >/dev/null
fi

# npm ci starts from nothing each time; it runs only when the lockfile changed.
stamp=test/node/node_modules/.installed
if ! cmp -s test/node/package-lock.json "$stamp"; then
  (cd test/node && npm ci --no-audit --no-fund --loglevel=error >/dev/null) ||
    missing "the packages of test/node (npm ci failed, see above)"
  cp test/node/package-lock.json "$stamp"
fi
