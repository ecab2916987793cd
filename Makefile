# Steward. `make help` lists what can be made.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
SWIFT_FLAGS ?= --explicit-target-dependency-import-check error
# Swift's own libraries go into the program: it runs where no Swift is installed, and faster (docs/benchmarks.md).
RELEASE_FLAGS ?= -c release --static-swift-stdlib $(SWIFT_FLAGS)
PYTHON := .venv/bin/python

.PHONY: help
help: ## List these targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: setup
setup: ## Install what is missing (Debian packages, .venv for the outside tests)
	@scripts/bootstrap

.PHONY: build
build: setup ## Build workflowd and workflowctl (debug)
	swift build $(SWIFT_FLAGS)

.PHONY: release
release: setup ## Build both programs optimised
	swift build $(RELEASE_FLAGS) --product workflowd
	swift build $(RELEASE_FLAGS) --product workflowctl

.PHONY: demo
demo: build ## Show the main job: a key charged, warned, suspended across a kill -9, restored (under two minutes)
	$(PYTHON) scripts/demo.py

.PHONY: test
test: build ## Run all tests: Swift, then those that drive the built programs from outside
	@set -o pipefail; swift test $(SWIFT_FLAGS) --no-parallel 2>&1 | tee .build/swift-test.log || { \
	  echo; echo "What failed, out of .build/swift-test.log:"; \
	  grep -E "recorded an issue|failed after|error:" .build/swift-test.log; exit 1; }
	$(PYTHON) -m pytest -q Tests/outside

.PHONY: test-release
test-release: release ## Run the tests from outside on the release build: what an optimiser does wrong shows nowhere else
	swift build $(RELEASE_FLAGS) --product enginebench
	STEWARD_BUILD=$(CURDIR)/.build/release $(PYTHON) -m pytest -q Tests/outside

.PHONY: test-optimised
test-optimised: setup ## Run the Swift tests in an optimised build, too (half an hour to build)
	swift test -c release -Xswiftc -enable-testing --no-parallel --scratch-path .build-optimised

ROUNDS ?= 200

.PHONY: crash
crash: release ## Kill the release build at random moments under load, ROUNDS=200 times (SEED=…), and audit the outcome
	STEWARD_BUILD=.build/release $(PYTHON) Tests/outside/crash_rounds.py --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

.PHONY: lint
lint: setup ## Check the formatting, strictly, and that the scripts compile (the tests lint what is in state-machines)
	swift format lint --strict --parallel --configuration .swift-format --recursive Package.swift Sources Tests
	$(PYTHON) -m compileall -q scripts Tests/outside

.PHONY: format
format: ## Rewrite the sources in the project's format
	swift format format --in-place --parallel --configuration .swift-format --recursive Package.swift Sources Tests

.PHONY: conformance
conformance: build ## Score the languages, the interpreter and the linter on the public suites (STEWARD_CONFORMANCE)
	$(PYTHON) scripts/conformance.py

.PHONY: bench
bench: release ## Measure; writes bench-data/report.json and a table, fails below the floors (BENCH=--long for the large ones)
	swift build $(RELEASE_FLAGS) --product corebench
	swift build $(RELEASE_FLAGS) --product enginebench
	$(PYTHON) scripts/bench.py $(BENCH)

SEEDS ?= 100
MINUTES ?= 60

.PHONY: simulate
simulate: setup ## Run SEEDS=100 seeds of the simulation under faults, beginning FROM=…; SEED=n replays one, with its trace
	swift build $(SWIFT_FLAGS) --product simulate
	.build/debug/simulate $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) $(if $(FROM),--from $(FROM)))

.PHONY: simulate-nightly
simulate-nightly: setup ## Run the simulation for MINUTES=60, with seeds that the clock decides
	swift build $(SWIFT_FLAGS) --product simulate
	.build/debug/simulate --minutes $(MINUTES) $(if $(FROM),--from $(FROM))

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= json yaml jsonpath jsonata intrinsic definition record

.PHONY: fuzz
fuzz: setup ## Fuzz what reads texts from outside, FUZZ_SECONDS=60 for each of FUZZ_TARGETS; findings go to bench-data/fuzz
	scripts/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

.PHONY: sanitize sanitize-thread sanitize-address
sanitize: sanitize-thread sanitize-address ## Run the tests and the programs under the thread and the address sanitizer (hours: for the night)

sanitize-thread: setup ## … under the thread sanitizer (PARTS="build planted tests programs")
	scripts/sanitize thread $(PARTS)

sanitize-address: setup ## … under the address sanitizer, which finds leaks, too
	scripts/sanitize address $(PARTS)

# Where the programs to install are; the tests install those that they test.
BUILT ?= .build/release

.PHONY: install
install: release ## Install both programs, the state machines and workflows under PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/steward
	install -m 755 $(BUILT)/workflowd $(BUILT)/workflowctl $(DESTDIR)$(PREFIX)/bin
	cp -R state-machines workflows $(DESTDIR)$(PREFIX)/share/steward
	sed 's|/usr/local|$(PREFIX)|' scripts/workflowd.service > $(DESTDIR)$(PREFIX)/share/steward/workflowd.service
	for shell in bash zsh fish; do \
	  $(BUILT)/workflowctl completion $$shell > $(DESTDIR)$(PREFIX)/share/steward/workflowctl.$$shell; done

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf .build .build-* .venv bench-data
