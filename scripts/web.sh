#!/usr/bin/env bash
# Builds the web app into web/dist, from where the binary takes it, if anything
# it is made of has changed since.
set -euo pipefail
cd "$(dirname "$0")/../web"
sources=(index.html package-lock.json vite.config.ts lingui.config.ts tsconfig.json inbox shared public)
if [[ -f dist/index.html && -z $(find "${sources[@]}" -newer dist/index.html -print -quit) ]]; then
  exit
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
npm run build >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
