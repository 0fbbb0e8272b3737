# Where `make run` listens and keeps its data.
LISTEN ?= 127.0.0.1:8080
DATA   ?= tmp/demo
# Which Go packages test-go, chaos and bench look at.
GO_PACKAGES ?= ./...
export GO_PACKAGES
# One way to build for everything but the race detector's run: shared cache.
PLAIN := CGO_ENABLED=0 GOFLAGS=-trimpath

.DEFAULT_GOAL := help
.PHONY: help build run test test-go test-node fmt lint bench chaos setup clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/tidings
	@$(PLAIN) go build -o bin/tidings ./cmd/tidings

run: build ## build and start the demo (LISTEN=127.0.0.1:8080 DATA=tmp/demo)
	@bin/tidings demo --lively --listen $(LISTEN) --data $(DATA)

test: setup ## check everything: format, rooms, lint, both engines, Node client
	@scripts/with-postgres.sh scripts/test.sh

test-go: setup ## Go tests only, on both engines (GO_PACKAGES=./internal/inbox narrows)
	@STEPS=go scripts/with-postgres.sh scripts/test.sh

test-node: setup build ## the Node client's test only
	@STEPS=node scripts/test.sh

fmt: ## format all Go code
	@scripts/format.sh

lint: ## run the linters (GO_PACKAGES narrows)
	@scripts/lint.sh

bench: setup ## run the benchmarks
	@$(PLAIN) scripts/with-postgres.sh go test -run '^$$' -bench . -timeout 60m ./bench/...

chaos: setup ## run the crash tests at full length
	@$(PLAIN) TIDINGS_CHAOS_KILLS=200 TIDINGS_TEST_REQUIRE=1 scripts/with-postgres.sh \
		go test -count 1 -run Chaos -v -timeout 120m $(GO_PACKAGES)

setup:
	@scripts/setup.sh

clean: ## remove what building and testing left here
	@rm -rf bin tmp test/node/node_modules
