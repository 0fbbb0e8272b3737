#!/usr/bin/env bash
# Writes two bills of materials as CycloneDX JSON: bin/tidings.cdx.json, the
# modules linked into bin/tidings and the standard library, and
# bin/web.cdx.json, the packages that the web app is made of and built with.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 GOFLAGS=-trimpath
go tool -modfile=tools/go.mod cyclonedx-gomod bin -json -std -output bin/tidings.cdx.json bin/tidings

# npm names the web app after its directory, and asks for a version, which
# web/package.json does not have.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tidings-web"
cp web/package.json web/package-lock.json "$work/tidings-web"
(
  cd "$work/tidings-web"
  npm pkg set version=0.0.0
  npm sbom --sbom-format cyclonedx --package-lock-only
) >"$work/web.cdx.json"
mv "$work/web.cdx.json" bin/web.cdx.json
