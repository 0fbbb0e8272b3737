#!/usr/bin/env bash
# Runs golangci-lint, built from source at the version tools/go.mod names.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 GOFLAGS=-trimpath
read -ra packages <<<"${GO_PACKAGES:-./...}"
go tool -modfile=tools/go.mod golangci-lint run "${packages[@]}"
