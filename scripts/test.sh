#!/usr/bin/env bash
# Every check, the quickest first. `make test` calls it once the tools and
# PostgreSQL are there, `make test-all` with FULL=1.
#
#   GO_PACKAGES=./internal/inbox scripts/test.sh   narrows the Go tests
#   STEPS="format lint" scripts/test.sh            runs only these steps
#   THOROUGH=1 scripts/test.sh                     Go tests on both engines and under the race detector
#   FULL=1 scripts/test.sh                         thorough, at full length, and fuzzing
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p tmp
log=tmp/test.log
full=${FULL:-}
thorough=${THOROUGH:-$full}

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

# What tests write is thrown away: in memory where there is room, but for FULL=1,
# which is for how it is in earnest. Another user's PostgreSQL has files there too.
memory=
if [[ ! $full ]]; then
  memory=$(scripts/memory-dir.sh)
fi
if [[ $memory ]]; then
  memory=$(mktemp -d "$memory/tidings-test.XXXXXX")
  trap 'rm -rf "$memory"' EXIT
  chmod 755 "$memory"
  export TMPDIR=$memory
fi

# Two build configurations and no more, since SQLite alone takes minutes to
# compile: that of the binary for everything but the race detector's run.
export CGO_ENABLED=0 GOFLAGS="-trimpath ${GOFLAGS:-}"

# A fresh clone compiles without the web app; the binary that is tested has it.
build() { go build ./... && scripts/web.sh && go build -o bin/tidings ./cmd/tidings; }

# What is made of goroutines is watched by the race detector for every change, the
# rest when it is thorough: watching all takes three times as long.
watched=' bus bus/postgres inbox live node notify queue store/sqlite task '

# longest_first puts the packages that take longest in front, so that none of them
# is left to run alone at the end.
longest_first() {
  awk '{ first = /\/(internal\/(server|directory|inbox|app|demo|media)|cmd\/tidings|test\/(chaos|clients))$/
         print (first ? 0 : 1), $0 }' | sort -s -k 1,1 | cut -d ' ' -f 2-
}

# The command line is not watched: its tests start hundreds of processes that do one
# thing each, and the detector takes longer to start than most of them to end. The
# detector leaves SQLite out, which is C translated to Go: it guards its memory itself,
# what we share with it is copied, and watching it takes most of the time there is.
# -vet=off: lint has run all of vet. -p=4: much of a package's time is waiting, for
# servers and disks, so two cores have work for more than two packages at a time.
go_tests() {
  local all race=() plain=() package flag=(-shuffle=on -vet=off -p=4) failed=
  if [[ $thorough ]]; then export TIDINGS_TEST_ENGINES=both; fi
  if [[ $full ]]; then flag+=(-timeout=60m); else flag+=(-short -timeout=20m); fi
  all=$(go list "${packages[@]}" | longest_first)
  while read -r package; do
    if [[ $package != */cmd/tidings ]] && { [[ $thorough ]] || [[ $watched == *" ${package##*/internal/} "* ]]; }; then
      race+=("$package")
    else
      plain+=("$package")
    fi
  done <<<"$all"
  export TIDINGS_TEST_REQUIRE=1
  # Side by side: the plain ones wait for servers most of the time.
  if ((${#plain[@]})); then
    go test "${flag[@]}" "${plain[@]}" &
  fi
  if ((${#race[@]})); then
    CGO_ENABLED=1 go test -race -gcflags='modernc.org/sqlite/lib=-race=false' "${flag[@]}" "${race[@]}" || failed=yes
  fi
  if ((${#plain[@]})); then
    wait $! || failed=yes
  fi
  [[ ! $failed ]]
}

# What is filled into templates is tried out anew each night.
fuzz() { go test -run '^$' -fuzz 'FuzzTemplate$' -fuzztime 60s ./internal/template; }

read -ra packages <<<"${GO_PACKAGES:-./...}"
step format scripts/format.sh --check
step archtest go test ./internal/archtest
step build build
step lint scripts/lint.sh
step web scripts/test-web.sh
step go go_tests
[[ ! $full ]] || step fuzz fuzz
step node scripts/test-node.sh
step browser scripts/test-browser.sh
