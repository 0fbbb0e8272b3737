#!/usr/bin/env bash
# Prints the directory that holds initdb, pg_ctl and postgres, newest version first.
set -euo pipefail
for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) $(dirname "$(command -v pg_ctl || echo /none/)"); do
  if [[ -x $dir/initdb && -x $dir/pg_ctl && -x $dir/postgres ]]; then
    echo "$dir"
    exit
  fi
done
echo "missing: PostgreSQL 15 or newer with initdb and pg_ctl" >&2
exit 1
