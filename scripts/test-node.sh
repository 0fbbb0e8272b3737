#!/usr/bin/env bash
# Drives the built server with unmodified DingTalk clients for Node.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ -x bin/tidings ]] || { echo "bin/tidings is missing: run make build first" >&2; exit 1; }
export TIDINGS_BIN=$PWD/bin/tidings
cd test/node
# The clients call Node APIs that have been deprecated since; their affair.
NODE_OPTIONS=--no-deprecation node --test wire.test.mjs fixedhost.test.mjs programs.test.mjs
