# chrony-wasm. The two commands to know: make demo, make test.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

include wasm/build.mk
include test/system/fuzz/fuzz.mk

.PHONY: help
help: ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# What the JavaScript side needs: from the npm registry, by the lock file.
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

# The same for a folder with packages of its own, which only some tests and checks need.
LOCK := node_modules/.package-lock.json
%/$(LOCK): %/package.json %/package-lock.json
	npm ci --no-audit --no-fund --ignore-scripts --prefix $*
	@touch $@
RUNTIMES := test/system/runtimes/$(LOCK)
BUNDLERS := test/system/bundlers/$(LOCK)
EXAMPLES := test/examples/$(LOCK)
PROSE := test/tooling/prose/$(LOCK)
REFERENCE := test/tooling/reference/$(LOCK)

.PHONY: runtimes bundlers
runtimes: $(RUNTIMES) ## Fetch Bun, Deno and other versions of Node.js
bundlers: $(BUNDLERS) ## Fetch bundlers, package managers and older versions of TypeScript

.PHONY: build
build: node_modules/.package-lock.json ## Bundle the package into dist/
	npm run --silent build

.PHONY: pack
pack: build ## Pack what is published into build/
	mkdir -p build
	rm -f build/*.tgz
	npm pack --silent --pack-destination build

.PHONY: demo
demo: preflight-demo build ## Show the main job against a real chronyd, started for it and stopped again
	node esbuild.config.mjs test/demo.ts
	node build/demo.js

# What tests need beyond what is built: some folders little, the unit tests nothing, the other ones everything.
LIGHT_FOLDERS := $(foreach folder,client fleet health limits security,test/integration/$(folder) test/integration/$(folder)/%)
HEAVY_TESTS := $(if $(TESTS),$(filter-out test/unit test/unit/% $(LIGHT_FOLDERS),$(TESTS)),all)
LIGHT_TESTS := $(filter $(LIGHT_FOLDERS),$(TESTS))
TEST_NEEDS := $(if $(HEAVY_TESTS),build tools $(RUNTIMES) $(BUNDLERS) $(PROSE) $(EXAMPLES),$(if $(LIGHT_TESTS),build light-tools)) \
  node_modules/.package-lock.json
TEST_PARTS = npm $(if $(HEAVY_TESTS),chronyd prometheus runtimes bundlers prose examples apt $(TOOLS),$(if $(LIGHT_TESTS),chronyd apt $(LIGHT_TOOLS)))

.PHONY: test
test: preflight-test $(TEST_NEEDS) ## Run every test, or those in TESTS; TARBALL=path tests that package
	$(if $(TARBALL),CHRONY_WASM_TARBALL="$(abspath $(wildcard $(TARBALL)))") npx vitest run $(TESTS) --reporter=default --reporter=json --outputFile.json=build/test-results.json

# Says what will be fetched before it is, and what is missing that cannot be.
.PHONY: preflight-demo preflight-test
preflight-demo:
	@test/support/preflight.sh demo npm chronyd
preflight-test:
	@test/support/preflight.sh test $(TEST_PARTS)

.PHONY: test-fresh
test-fresh: ## Run make demo and make test on a fresh Debian 12, made for it: docker/test.Dockerfile without Docker
	docker/fresh.sh test.Dockerfile demo 'test TESTS="$(TESTS)"'

.PHONY: build-fresh
build-fresh: ## Build the binary and the package on such a Debian: docker/build.Dockerfile without Docker
	docker/fresh.sh build.Dockerfile

.PHONY: test-runtimes
test-runtimes: build runtimes ## Test Unix sockets in every runtime, and put the results into src/README.md
	MEASURE_LATENCY=1 npx vitest run --no-file-parallelism --reporter=default --reporter=json --outputFile.json=build/runtimes.json \
	  test/integration/unix
	node test/system/runtimes/table.mjs build/runtimes.json src/README.md

.PHONY: bench
bench: build tools runtimes ## Measure, side by side, write test/bench/results.json and the tables; BENCH=name for one of them
	node esbuild.config.mjs test/bench/bench.ts test/bench/programs/*.ts
	node build/bench.js $(BENCH)
	$(if $(BENCH),,node test/bench/table.mjs test/bench/results.json README.md)

.PHONY: pictures
pictures: build tools ## Take the pictures of the README, of a real chronyd
	node esbuild.config.mjs test/tooling/pictures/take.ts
	node build/take.js

.PHONY: readme-metrics
readme-metrics: node_modules/.package-lock.json ## Put the list of metrics into src/server/README.md
	node esbuild.config.mjs test/tooling/docs/put-metrics.ts
	node build/put-metrics.js

# A warning is a failure: whatever is public is documented.
.PHONY: docs
docs: node_modules/.package-lock.json $(REFERENCE) ## Make the reference of the API in build/docs
	test/tooling/reference/node_modules/.bin/typedoc --options test/tooling/reference/typedoc.json --logLevel Warn

.PHONY: graph
graph: node_modules/.package-lock.json ## Print which part of the source imports which, for Mermaid
	@node esbuild.config.mjs test/tooling/graph/print.ts
	@node build/print.js

.PHONY: way
way: node_modules/.package-lock.json runtimes ## Print which files and functions a question runs through
	@node esbuild.config.mjs test/tooling/graph/print-way.ts
	@node build/print-way.js

.PHONY: prose
prose: node_modules/.package-lock.json $(PROSE) ## Check the spelling and style of documents, comments and messages
	node test/tooling/prose/check.mjs

.PHONY: check
check: node_modules/.package-lock.json docs prose ## Check types, lint, format, prose, and that everything public is documented
	npm run --silent check
	npm run --silent lint

# Writes what it compared to build/reliability/versions.json.
.PHONY: test-versions
test-versions: node_modules/.package-lock.json ## Compare every report with chronyc 4.0, 4.3, 4.6 and the newest
	npx vitest run --config test/system/versions/vitest.config.ts --reporter=default --reporter=json --outputFile.json=build/versions.json
	node test/system/versions/figures.mjs build/versions.json build/reliability/versions.json

# Compilers for the tests of the C core and of how the binary is verified, ip for those with a network of their own, for
# those of the command line a terminal, shells and what shows manual pages, and for those of the page a browser.
# Installed where we may, else said what to install; of systemd, what checks its units. And Prometheus, unpacked only:
# its service would be started.
LIGHT_TOOLS := gcc iproute2 openssl
TOOLS := gcc g++ clang libclang-rt-14-dev valgrind iproute2 tmux zsh fish mandoc openssl chromium systemd emscripten
.PHONY: tools
tools:
	test/support/install.sh $(TOOLS)
	test/support/unpack.sh .cache/prometheus prometheus

.PHONY: light-tools
light-tools:
	test/support/install.sh $(LIGHT_TOOLS)

# All that npm gets, for .ci/run: at once with make --jobs.
.PHONY: packages
packages: $(LOCK) $(RUNTIMES) $(BUNDLERS) $(EXAMPLES) $(PROSE) $(REFERENCE)

.PHONY: fuzz-smoke
fuzz-smoke: $(FUZZ_TARGET) ## Fuzz the C core for FUZZ_SECONDS (60), beginning with the kept inputs
	test/system/fuzz/run.sh $(FUZZ_TARGET) $(FUZZ_SECONDS) "make $@"

.PHONY: fuzz
fuzz: $(FUZZ_TARGET) $(FUZZ_BUILD)/seeds ## Fuzz the C core for FUZZ_MINUTES (30), and keep the inputs that reach more
	test/system/fuzz/run.sh $(FUZZ_TARGET) $$((60 * $(FUZZ_MINUTES))) "make $@" $(FUZZ_BUILD)/seeds
	test/system/fuzz/keep.sh $(FUZZ_TARGET) $(FUZZ_BUILD)/grown $(FUZZ_BUILD)/seeds

.PHONY: fuzz-coverage
fuzz-coverage: $(FUZZ_TARGET)-coverage ## Say which lines of the C core the kept inputs reach; at least 95 %
	test/support/install.sh llvm-14
	test/system/fuzz/coverage.sh $(FUZZ_TARGET)-coverage $(CORE_SOURCES)

.PHONY: wasm
wasm: ## Build wasm/libchrony.wasm anew
	test/support/install.sh emscripten
	$(MAKE) --no-print-directory WASM=wasm/libchrony.wasm wasm-binary

.PHONY: verify-wasm
verify-wasm: ## Build the binary here and as if on another machine, and compare with the committed one, byte for byte
	test/support/install.sh emscripten
	wasm/verify.sh

.PHONY: verify-published
verify-published: node_modules/.package-lock.json ## Compare npm's chrony-wasm VERSION, or a TARBALL, with what this source makes
	@test/support/install.sh emscripten
	@wasm/verify-published.sh $(or $(TARBALL),$(VERSION))

.PHONY: verify-pack
verify-pack: pack ## The same with the package that make pack has just packed
	@test/support/install.sh emscripten
	@wasm/verify-published.sh build/*.tgz

# How many datagrams; a tenth as many go over sockets.
FUZZ_DATAGRAMS ?= 1000000

.PHONY: fuzz-wasm
fuzz-wasm: node_modules/.package-lock.json tools ## Send FUZZ_DATAGRAMS (a million) random and mutated datagrams into the WebAssembly build
	CHRONY_FUZZ_DATAGRAMS=$(FUZZ_DATAGRAMS) npx vitest run --no-file-parallelism --disable-console-intercept=true test/system/fuzz-wasm

.PHONY: test-network
test-network: node_modules/.package-lock.json ## Measure how many calls get through a bad network, beside what theory says
	npx vitest run --config test/integration/network/measure.config.ts test/integration/network/network.measure.ts

.PHONY: test-forgery
test-forgery: node_modules/.package-lock.json tools ## Flood a client with forgeries, and count the answers
	npx vitest run --config test/integration/network/measure.config.ts test/integration/network/forgery.measure.ts

.PHONY: test-life
test-life: build ## Let everything happen to a chronyd under load, many times, and write the figures
	LIFE_ROUNDS=10 npx vitest run --no-file-parallelism test/integration/life

.PHONY: truth
truth: node_modules/.package-lock.json ## Check ten million intervals of a bounded clock against the true time, with chronyd 4.0 to 4.9
	test/support/install.sh gcc
	node esbuild.config.mjs test/integration/clock/truth-run.ts
	nice node build/truth-run.js

.PHONY: soak
soak: build ## Ask a chronyd a million times on one connection, and write the figures
	node esbuild.config.mjs test/integration/life/soak.ts
	nice node --expose-gc build/soak.js

.PHONY: load
load: build ## Have many scrape a server, and many look on, and write the figures
	node esbuild.config.mjs test/integration/server/measure.ts
	nice node build/measure.js

.PHONY: soak-serve
soak-serve: build ## Have hostile clients at a server for an hour, beside honest ones, and write the figures
	node esbuild.config.mjs test/integration/server/serve-soak.ts
	node build/serve-soak.js

.PHONY: test-process
test-process: build tools runtimes ## Test what the system and Node.js may refuse, and write the figures
	PROCESS_FIGURES=1 npx vitest run --no-file-parallelism test/integration/limits test/system/package/permissions.test.ts

# npm fails also where the registry answers no audits: then its report says so.
.PHONY: audit
audit: ## Look for known vulnerabilities in what is used to build and test; the package itself uses nothing
	@{ npm audit --json 2>/dev/null || true; } | node test/tooling/audit/audit.mjs 'building and testing'
	@{ npm audit --json --prefix test/system/runtimes 2>/dev/null || true; } | node test/tooling/audit/audit.mjs "the tests' runtimes"
	@{ npm audit --json --prefix test/system/bundlers 2>/dev/null || true; } | node test/tooling/audit/audit.mjs "the tests' bundlers"
	@{ npm audit --json --prefix test/examples 2>/dev/null || true; } | node test/tooling/audit/audit.mjs "the examples"
	@{ npm audit --json --prefix test/tooling/prose 2>/dev/null || true; } | node test/tooling/audit/audit.mjs 'the checker of prose'
	@{ npm audit --json --prefix test/tooling/reference 2>/dev/null || true; } | node test/tooling/audit/audit.mjs 'the reference of the API'

.PHONY: sbom
sbom: node_modules/.package-lock.json ## Write the bill of materials of TARBALL, or of what make pack has packed, to build/chrony-wasm.cdx.json
	mkdir -p build
	node test/tooling/release/sbom.mjs $(or $(TARBALL),build/*.tgz) >build/chrony-wasm.cdx.json

.PHONY: jsr
jsr: build ## Make the package for JSR in build/jsr, of the scope SCOPE
	node test/tooling/release/jsr.mjs $(SCOPE)

.PHONY: check-release
check-release: ## Check that TAG may be released: what package.json and CHANGELOG.md say of it
	@node test/tooling/release/release.mjs $(TAG)

# Each leaves its figures in build/reliability; some take many minutes.
.PHONY: reliability
reliability: fuzz fuzz-coverage fuzz-wasm test-network test-forgery truth test-life soak soak-serve test-process test-versions load ## Measure all that test/reliability/README.md has, and put it there
	node test/reliability/table.mjs build/reliability test/reliability/README.md

.PHONY: clean
clean: ## Remove everything that was built or fetched
	rm -rf build dist .cache node_modules $(dir $(RUNTIMES) $(BUNDLERS) $(EXAMPLES) $(PROSE) $(REFERENCE))
