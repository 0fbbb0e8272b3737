#!/usr/bin/env bash
# Builds the web app into web/dist, from where the binary takes it, if anything
# it is made of has changed since. dist/.built is as old as the build that ended whole:
# after one that was interrupted the next begins anew. Two at a time wait for each other.
set -euo pipefail
cd "$(dirname "$0")/../web"
exec 9>dist/.lock
flock 9
others=(-path ./node_modules -o -path ./dist -o -path ./journeys -o -path ./gallery)
if [[ -f dist/.built && -f dist/index.html && -z $(find . \( "${others[@]}" \) -prune -o -newer dist/.built -print -quit) ]]; then
  exit
fi
rm -f dist/.built
touch dist/.begun
log=$(mktemp)
trap 'rm -f "$log"' EXIT
npm run build >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
mv dist/.begun dist/.built
