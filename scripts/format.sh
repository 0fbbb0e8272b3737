#!/usr/bin/env bash
# Formats all Go code; with --check it lists what is not formatted, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 GOFLAGS=-trimpath

gofumpt() {
  find . \( -name node_modules -o -name testdata -o -path ./tmp \) -prune -o -name '*.go' -print0 |
    xargs -0 -r go tool -modfile=tools/go.mod gofumpt "$@"
}

if [[ ${1:-} != --check ]]; then
  gofumpt -w
  exit
fi
unformatted=$(gofumpt -l)
[[ -z $unformatted ]] || { printf 'not formatted (make fmt does it):\n%s\n' "$unformatted"; exit 1; }
