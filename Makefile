# Everything a contributor runs. Each target is one line of scripts/run (what the
# parts do) or scripts/need (what has to be installed); see the comments there.

.DEFAULT_GOAL := help
.PHONY: help check test lint bench build fuzz screenshots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## the quick part: gofmt, vet, unit tests; needs nothing but Go
	@scripts/run gofmt vet unit

test: ## everything: installs what is missing (root on Debian), lint, race, end to end, fuzz smoke
	@scripts/need
	@scripts/run lint race fuzz

lint: ## gofmt, vet, staticcheck, govulncheck over every module
	@scripts/run lint

bench: ## compare with baselines measured in the same run; writes bench/results.json
	go run ./bench

build: ## bin/postern, one static binary
	CGO_ENABLED=0 go build -trimpath -o bin/postern ./cmd/postern

fuzz: ## every fuzz target, longer: FUZZTIME=2m
	@FUZZTIME=$${FUZZTIME:-2m} scripts/run fuzz

screenshots: ## pictures of every page of the portal, below docs/screenshots; needs Chromium
	cd e2e && go test -count=1 -run '^TestStorybookForEverybody$$' . -args -pictures '$(CURDIR)/docs/screenshots'

clean: ## remove what the targets above have made
	rm -rf bin bench/results.json e2e/typescript/node_modules e2e/axe/node_modules e2e/python/.venv
