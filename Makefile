# Where `make run` listens and keeps its data.
LISTEN ?= 127.0.0.1:8080
DATA   ?= tmp/demo
# Which Go packages test-go, chaos and bench look at.
GO_PACKAGES ?= ./...
export GO_PACKAGES
# Which benchmarks make bench runs.
BENCH ?= .
# One way to build for everything but the race detector's run: shared cache.
PLAIN := CGO_ENABLED=0 GOFLAGS=-trimpath

.DEFAULT_GOAL := help
.PHONY: help build run test test-all test-go test-web test-node test-browser gallery pictures fmt lint sbom bench chaos setup clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/tidings with the web app inside
	@scripts/setup.sh build
	@scripts/web.sh
	@$(PLAIN) go build -o bin/tidings ./cmd/tidings

run: build ## build and start the demo (LISTEN=127.0.0.1:8080 DATA=tmp/demo)
	@bin/tidings demo --lively --listen $(LISTEN) --data $(DATA)

test: setup ## check everything: format, rooms, lint, both engines, Node client, browser
	@TIDINGS_TEST_SYNC=off scripts/with-postgres.sh scripts/test.sh

test-all: export FULL := 1
test-all: setup ## the same at full length, all on both engines and under the race detector, and fuzzing
	@scripts/with-postgres.sh scripts/test.sh

test-go: setup ## Go tests only, on both engines (GO_PACKAGES=./internal/inbox narrows)
	@STEPS=go THOROUGH=1 TIDINGS_TEST_SYNC=off scripts/with-postgres.sh scripts/test.sh

test-web: ## types, lint and unit tests of the web app only
	@scripts/setup.sh build
	@STEPS=web scripts/test.sh

test-node: setup build ## the Node client's test only
	@STEPS=node scripts/test.sh

test-browser: setup build ## the journeys in a browser only
	@STEPS=browser scripts/test.sh

gallery: ## show every card at its extremes, for work on cards (http://localhost:5173/gallery/)
	@scripts/setup.sh build
	@$(PLAIN) go run ./test/gallery > web/gallery/cards.json
	@cd web && npx vite --mode gallery

pictures: export DOCS := 1
pictures: setup build ## take the pictures of docs/ anew
	@$(PLAIN) go test ./test/gallery -run Pictures -update
	@scripts/test-browser.sh docs.spec.ts consoletour.spec.ts

fmt: ## format all Go and web code
	@scripts/format.sh
	@cd web && npm run --silent format

lint: ## run the linters (GO_PACKAGES narrows)
	@scripts/lint.sh

sbom: build ## write what the binary and its web app are made of into bin/*.cdx.json (CycloneDX)
	@scripts/sbom.sh

bench: setup ## run the benchmarks (BENCH=Nodes narrows, as -bench does)
	@$(PLAIN) scripts/with-postgres.sh go test -run '^$$' -bench '$(BENCH)' -timeout 60m ./bench/...

chaos: setup ## run the crash tests at full length
	@$(PLAIN) TIDINGS_CHAOS_KILLS=200 TIDINGS_CHAOS_FAULTS=100 TIDINGS_CHAOS_RESTARTS=30 TIDINGS_CHAOS_FILLS=30 \
		TIDINGS_CHAOS_CUTS=60 TIDINGS_CHAOS_SYNCS=50 TIDINGS_TEST_REQUIRE=1 scripts/with-postgres.sh \
		go test -count 1 -run Chaos -v -timeout 120m $(GO_PACKAGES)

setup:
	@scripts/setup.sh

clean: ## remove what building and testing left here
	@rm -rf bin tmp screenshots test/node/node_modules web/node_modules web/dist/index.html web/dist/console.html web/dist/oauth.html web/dist/setup.html web/dist/assets/build web/dist/.[a-z]*
