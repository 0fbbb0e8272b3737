#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own and stops that again, however
# the command ends:
#
#   scripts/with-postgres.sh go test ./...
#
# The command finds a superuser's URL in TIDINGS_TEST_POSTGRES. If that is set
# already, its server is used and none is started.
set -euo pipefail

[[ $# -gt 0 ]] || { echo "usage: $0 COMMAND [ARGUMENT…]" >&2; exit 2; }
[[ -z ${TIDINGS_TEST_POSTGRES:-} ]] || exec "$@"

# Tests make and drop hundreds of databases, and stop processes but never the
# machine. With TIDINGS_TEST_SYNC=off their files are in memory where there is
# room, and syncs return at once where eatmydata is installed. Benchmarks and
# crash tests leave both as they are in earnest.
base=${TMPDIR:-/tmp}
unsynced=()
if [[ ${TIDINGS_TEST_SYNC:-} == off ]]; then
  memory=$("$(dirname "$0")/memory-dir.sh")
  base=${memory:-$base}
  ! command -v eatmydata >/dev/null || unsynced=(eatmydata)
fi

bin=$("$(dirname "$0")/postgres-bin.sh")
dir=$(mktemp -d "$base/tidings-postgres.XXXXXX")
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
child=

# PostgreSQL refuses to run as root.
as_server() { "$@"; }
if [[ $(id -u) == 0 ]]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$dir"
  as_server() { runuser -u "$user" -- "$@"; }
fi

stop() {
  local status=$?
  trap - EXIT INT TERM
  # The command runs in a process group of its own: nothing of it stays behind.
  [[ -z $child ]] || kill -TERM -- "-$child" 2>/dev/null || true
  if [[ -f $dir/data/postmaster.pid ]]; then
    as_server "$bin/pg_ctl" -D "$dir/data" -m fast -t 20 -w stop >/dev/null 2>&1 ||
      as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  rm -rf "$dir"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

cd "$dir" # a directory the server's user may enter
echo "$password" >"$dir/password"
chmod 644 "$dir/password"
# The password crosses the loopback only: deriving SCRAM's keys anew for each
# connection takes the race detector longer than many a test.
as_server "$bin/initdb" -D "$dir/data" -U postgres -E UTF8 --locale=C.UTF-8 -A password \
  --pwfile="$dir/password" --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }

# fsync and synchronous_commit stay on, as Tidings asks for them.
started=
for _ in 1 2 3 4 5; do
  port=$(free_port)
  if as_server "${unsynced[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w start >/dev/null 2>&1 \
    -o "-c listen_addresses=127.0.0.1 -p $port -k $dir -c max_connections=200 -c log_min_messages=fatal"; then
    started=yes
    break
  fi
done
[[ -n $started ]] || { cat "$dir/data/server.log" >&2; exit 1; }
cd "$OLDPWD"

export TIDINGS_TEST_POSTGRES="postgres://postgres:$password@127.0.0.1:$port/postgres?sslmode=disable"
set -m # gives the command its own process group
"$@" &
child=$!
set +m
status=0
wait "$child" || status=$?
child=
exit "$status"
