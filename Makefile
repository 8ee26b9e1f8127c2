# Short names for the scripts, which have the details. No target needs make.

.DEFAULT_GOAL := help
.PHONY: help check test lint field bench build image fuzz screenshots generate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## gofmt, vet and unit tests; needs nothing but Go
	@scripts/test quick

test: ## all tests; installs missing programs (root on Debian)
	@scripts/test

lint: ## gofmt, vet, staticcheck, deadcode, gosec and govulncheck
	@scripts/test lint

field: ## the slow checks: next Go release, release files, longer fuzzing
	@scripts/test field

fuzz: ## every fuzz target for FUZZTIME (10m)
	@scripts/test fuzz

bench: ## measure against baselines in the same run; writes bench/results.json
	go run ./bench

build: ## build bin/postern, one static binary
	@scripts/build bin/postern

image: build ## build the container image postern:dev with docker
	docker build -f packaging/Dockerfile -t postern:dev bin

generate: ## write openapi.json again from the routes and the wire types
	go generate ./...

screenshots: ## take pictures of every portal page into docs/screenshots; needs Chromium
	cd e2e && go test -count=1 -timeout 30m -run '^TestStorybookAccessibility$$' . -args -pictures '$(CURDIR)/docs/screenshots'

clean: ## remove what these targets have built
	rm -rf bin dist bench/results.json e2e/*/node_modules e2e/*/.venv e2e/clients/*/node_modules e2e/clients/*/.venv
