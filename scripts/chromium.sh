#!/usr/bin/env bash
# Prints the Chromium that the journeys are walked in: by day its headless shell,
# which draws the same pages with less work, but has no tabs for a middle click to
# open. FULL=1 wants the whole browser, as people have it; so do the pictures of docs/.
set -euo pipefail
if [[ -n ${TIDINGS_TEST_CHROMIUM:-} ]]; then
  printf '%s\n' "$TIDINGS_TEST_CHROMIUM"
elif [[ ! ${FULL:-}${DOCS:-} ]] && command -v chromium-headless-shell; then
  :
else
  command -v chromium
fi
