#!/usr/bin/env bash
# Types, lint, format and unit tests of the web app.
set -euo pipefail
cd "$(dirname "$0")/../web"
npm run --silent check
npm run --silent test
