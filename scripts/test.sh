#!/usr/bin/env bash
# Every check there is, the quickest first. `make test` calls it once the tools
# and PostgreSQL are there.
#
#   GO_PACKAGES=./internal/inbox scripts/test.sh   narrows the Go tests
#   STEPS="format lint" scripts/test.sh            runs only these steps
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p tmp
log=tmp/test.log

# step NAME COMMAND… says what runs and how long it took. What the command
# printed is shown only when it failed.
step() {
  local name=$1 begin=$SECONDS
  shift
  [[ " ${STEPS:-$name} " == *" $name "* ]] || return 0
  printf '%-10s' "$name"
  if "$@" >"$log" 2>&1 </dev/null; then
    printf 'ok  %ds\n' $((SECONDS - begin))
  else
    printf 'FAILED after %ds\n\n' $((SECONDS - begin))
    cat "$log"
    printf '\n%s failed\n' "$name"
    exit 1
  fi
}

# Two build configurations and no more, since SQLite alone takes minutes to
# compile: that of the binary for everything but the race detector's run.
flags=${GOFLAGS:-}
export CGO_ENABLED=0 GOFLAGS="-trimpath $flags"

# A fresh clone compiles without the web app; the binary that is tested has it.
build() { go build ./... && scripts/web.sh && go build -o bin/tidings ./cmd/tidings; }

# -vet=off: lint has run all of vet. Without a limit of its own a hanging test
# would be found by nobody but the CI's clock. The race detector leaves SQLite
# out, which is C translated to Go: it guards its memory itself, what we share
# with it is copied, and watching it takes most of the time there is. The command
# line's tests start hundreds of processes that do one thing each: they run
# without the detector, which takes longer to start than most of them to end.
go_tests() {
  local all race=() plain=() package
  all=$(go list "${packages[@]}")
  for package in $all; do
    if [[ $package == */cmd/tidings ]]; then plain+=("$package"); else race+=("$package"); fi
  done
  export TIDINGS_TEST_REQUIRE=1
  if ((${#plain[@]})); then
    go test -shuffle=on -vet=off -timeout=20m "${plain[@]}"
  fi
  if ((${#race[@]})); then
    CGO_ENABLED=1 GOFLAGS=$flags \
      go test -race -gcflags='modernc.org/sqlite/lib=-race=false' -shuffle=on -vet=off -timeout=20m "${race[@]}"
  fi
}

# What is filled into templates is tried out anew each time, for a while.
fuzz() { go test -run '^$' -fuzz 'FuzzTemplate$' -fuzztime 20s ./internal/template; }

read -ra packages <<<"${GO_PACKAGES:-./...}"
step format scripts/format.sh --check
step archtest go test ./internal/archtest
step build build
step lint scripts/lint.sh
step web scripts/test-web.sh
step go go_tests
step fuzz fuzz
step node scripts/test-node.sh
step browser scripts/test-browser.sh
