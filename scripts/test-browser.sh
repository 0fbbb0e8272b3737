#!/usr/bin/env bash
# Walks through the built app in a real browser. What is given is passed on to
# Playwright: scripts/test-browser.sh two.spec.ts
set -euo pipefail
cd "$(dirname "$0")/.."
[[ -x bin/tidings ]] || { echo "bin/tidings is missing: run make build first" >&2; exit 1; }
export TIDINGS_BIN=$PWD/bin/tidings
TIDINGS_TEST_CHROMIUM=$(scripts/chromium.sh)
export TIDINGS_TEST_CHROMIUM
go build -o tmp/openid ./test/openid/serve
export TIDINGS_OPENID=$PWD/tmp/openid
go run ./test/gallery >web/gallery/cards.json
cd web
npx playwright test "$@"
