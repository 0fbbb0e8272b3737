#!/usr/bin/env bash
# Builds the web app into web/dist, from where the binary takes it, if anything
# it is made of has changed since.
set -euo pipefail
cd "$(dirname "$0")/../web"
others=(-path ./node_modules -o -path ./dist -o -path ./journeys -o -path ./gallery)
if [[ -f dist/index.html && -z $(find . \( "${others[@]}" \) -prune -o -newer dist/index.html -print -quit) ]]; then
  exit
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
npm run build >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
