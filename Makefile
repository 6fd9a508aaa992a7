# chrony-wasm. The two most important commands: make demo, make test.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

include wasm/build.mk
include test/system/fuzz/fuzz.mk

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# Installs the development dependencies from the npm registry, as pinned by the lock file.
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
pack: build ## Create the npm package in build/
	mkdir -p build
	rm -f build/*.tgz
	npm pack --silent --pack-destination build

.PHONY: demo
demo: preflight-demo build ## Show the main features with a temporary chronyd
	node esbuild.config.mjs test/demo.ts
	node build/demo.js

# What tests need beside the npm packages: unit tests need nothing, the light folders a few tools, all others everything.
LIGHT_FOLDERS := $(foreach folder,client fleet health limits security,test/integration/$(folder) test/integration/$(folder)/%)
HEAVY_TESTS := $(if $(TESTS),$(filter-out test/unit test/unit/% $(LIGHT_FOLDERS),$(TESTS)),all)
LIGHT_TESTS := $(filter $(LIGHT_FOLDERS),$(TESTS))
TEST_NEEDS := $(if $(HEAVY_TESTS),build tools $(RUNTIMES) $(BUNDLERS) $(PROSE) $(EXAMPLES),$(if $(LIGHT_TESTS),build light-tools)) \
  node_modules/.package-lock.json
TEST_PARTS = npm $(if $(HEAVY_TESTS),chronyd prometheus runtimes bundlers prose examples apt $(TOOLS),$(if $(LIGHT_TESTS),chronyd apt $(LIGHT_TOOLS)))

.PHONY: test
test: preflight-test $(TEST_NEEDS) ## Run all tests, or only TESTS; TARBALL=path tests that package
	$(if $(TARBALL),CHRONY_WASM_TARBALL="$(abspath $(wildcard $(TARBALL)))") npx vitest run $(TESTS) --reporter=default --reporter=json --outputFile.json=build/test-results.json

# Print what will be downloaded, and fail early if something is missing that make cannot install.
.PHONY: preflight-demo preflight-test
preflight-demo:
	@test/support/preflight.sh demo npm chronyd
preflight-test:
	@test/support/preflight.sh test $(TEST_PARTS)

.PHONY: test-fresh
test-fresh: ## Run make demo and make test on a fresh Debian 12: docker/test.Dockerfile without Docker
	docker/fresh.sh test.Dockerfile demo 'test TESTS="$(TESTS)"'

.PHONY: build-fresh
build-fresh: ## Build the binary and the package on a fresh Debian 12: docker/build.Dockerfile without Docker
	docker/fresh.sh build.Dockerfile

.PHONY: test-runtimes
test-runtimes: build runtimes ## Test Unix sockets in every runtime, and write the results to src/README.md
	MEASURE_LATENCY=1 npx vitest run --no-file-parallelism --reporter=default --reporter=json --outputFile.json=build/runtimes.json \
	  test/integration/unix
	node test/system/runtimes/table.mjs build/runtimes.json src/README.md

.PHONY: bench
bench: build tools runtimes ## Run the benchmarks, and update test/bench/results.json and the tables; BENCH=name runs one
	node esbuild.config.mjs test/bench/bench.ts test/bench/programs/*.ts
	node build/bench.js $(BENCH)
	$(if $(BENCH),,node test/bench/table.mjs test/bench/results.json README.md)

.PHONY: pictures
pictures: build tools ## Take the README's screenshots, with a real chronyd
	node esbuild.config.mjs test/tooling/pictures/take.ts
	node build/take.js

.PHONY: readme-metrics
readme-metrics: node_modules/.package-lock.json ## Update the list of metrics in src/server/README.md
	node esbuild.config.mjs test/tooling/docs/put-metrics.ts
	node build/put-metrics.js

# A warning is an error, so everything public must be documented.
.PHONY: docs
docs: node_modules/.package-lock.json $(REFERENCE) ## Generate the API reference in build/docs
	test/tooling/reference/node_modules/.bin/typedoc --options test/tooling/reference/typedoc.json --logLevel Warn

.PHONY: graph
graph: node_modules/.package-lock.json ## Print the imports between the folders of src as a Mermaid graph
	@node esbuild.config.mjs test/tooling/graph/print.ts
	@node build/print.js

.PHONY: way
way: node_modules/.package-lock.json runtimes ## Print the files and functions that a request runs through
	@node esbuild.config.mjs test/tooling/graph/print-way.ts
	@node build/print-way.js

.PHONY: prose
prose: node_modules/.package-lock.json $(PROSE) ## Check the spelling and style of documents, comments and messages
	node test/tooling/prose/check.mjs

.PHONY: check
check: node_modules/.package-lock.json docs prose ## Check types, lint, format, prose, and that everything public is documented
	npm run --silent check
	npm run --silent lint

# Writes the results of the comparison to build/reliability/versions.json.
.PHONY: test-versions
test-versions: node_modules/.package-lock.json ## Compare every report with chronyc 4.0, 4.3, 4.6 and the newest version
	npx vitest run --config test/system/versions/vitest.config.ts --reporter=default --reporter=json --outputFile.json=build/versions.json
	node test/system/versions/figures.mjs build/versions.json build/reliability/versions.json

# The tools of the tests. Compilers: the C core and the verification of the binary. ip: tests with their own network.
# A terminal, shells and mandoc: the command line. A browser: the page. systemd: the check of its units. They are
# installed if this user may do so; otherwise the command to install them is printed. Prometheus is only unpacked,
# because installing it would start its service.
LIGHT_TOOLS := gcc iproute2 openssl
TOOLS := gcc g++ clang libclang-rt-14-dev valgrind iproute2 tmux zsh fish mandoc openssl chromium systemd emscripten
.PHONY: tools
tools:
	test/support/install.sh $(TOOLS)
	test/support/unpack.sh .cache/prometheus prometheus

.PHONY: light-tools
light-tools:
	test/support/install.sh $(LIGHT_TOOLS)

# All npm packages, for .ci/run, which installs them in parallel.
.PHONY: packages
packages: $(LOCK) $(RUNTIMES) $(BUNDLERS) $(EXAMPLES) $(PROSE) $(REFERENCE)

.PHONY: fuzz-smoke
fuzz-smoke: $(FUZZ_TARGET) ## Fuzz the C core for FUZZ_SECONDS (60), starting with the saved inputs
	test/system/fuzz/run.sh $(FUZZ_TARGET) $(FUZZ_SECONDS) "make $@"

.PHONY: fuzz
fuzz: $(FUZZ_TARGET) $(FUZZ_BUILD)/seeds ## Fuzz the C core for FUZZ_MINUTES (30), and save the inputs that increase the coverage
	test/system/fuzz/run.sh $(FUZZ_TARGET) $$((60 * $(FUZZ_MINUTES))) "make $@" $(FUZZ_BUILD)/seeds
	test/system/fuzz/keep.sh $(FUZZ_TARGET) $(FUZZ_BUILD)/grown $(FUZZ_BUILD)/seeds

.PHONY: fuzz-coverage
fuzz-coverage: $(FUZZ_TARGET)-coverage ## Print the lines of the C core that the saved inputs cover; fails below 95 %
	test/support/install.sh llvm-14
	test/system/fuzz/coverage.sh $(FUZZ_TARGET)-coverage $(CORE_SOURCES)

.PHONY: wasm
wasm: ## Rebuild wasm/libchrony.wasm
	test/support/install.sh emscripten
	$(MAKE) --no-print-directory WASM=wasm/libchrony.wasm wasm-binary

.PHONY: verify-wasm
verify-wasm: ## Rebuild the binary here and as if on another machine, and compare both with the committed one, byte for byte
	test/support/install.sh emscripten
	wasm/verify.sh

.PHONY: verify-published
verify-published: node_modules/.package-lock.json ## Compare npm's chrony-wasm VERSION, or a TARBALL, with a package rebuilt from this source
	@test/support/install.sh emscripten
	@wasm/verify-published.sh $(or $(TARBALL),$(VERSION))

.PHONY: verify-pack
verify-pack: pack ## Compare the package of make pack with a package rebuilt from this source
	@test/support/install.sh emscripten
	@wasm/verify-published.sh build/*.tgz

# The number of datagrams. A tenth of this number is sent over sockets.
FUZZ_DATAGRAMS ?= 1000000

.PHONY: fuzz-wasm
fuzz-wasm: node_modules/.package-lock.json tools ## Send FUZZ_DATAGRAMS (a million) random and mutated datagrams into the WebAssembly build
	CHRONY_FUZZ_DATAGRAMS=$(FUZZ_DATAGRAMS) npx vitest run --no-file-parallelism --disable-console-intercept=true test/system/fuzz-wasm

.PHONY: test-network
test-network: node_modules/.package-lock.json ## Measure how many calls succeed in a bad network, and compare with theory
	npx vitest run --config test/integration/network/measure.config.ts test/integration/network/network.measure.ts

.PHONY: test-forgery
test-forgery: node_modules/.package-lock.json tools ## Flood a client with forged replies, and count the accepted ones
	npx vitest run --config test/integration/network/measure.config.ts test/integration/network/forgery.measure.ts

.PHONY: test-life
test-life: build ## Test every event in the life of a chronyd under load, many times, and write the figures
	LIFE_ROUNDS=10 npx vitest run --no-file-parallelism test/integration/life

.PHONY: truth
truth: node_modules/.package-lock.json ## Check ten million intervals of a bounded clock against the true time, with chronyd 4.0 to 4.9
	test/support/install.sh gcc
	node esbuild.config.mjs test/integration/clock/truth-run.ts
	nice node build/truth-run.js

.PHONY: soak
soak: build ## Send a chronyd a million requests on one connection, and write the figures
	node esbuild.config.mjs test/integration/life/soak.ts
	nice node --expose-gc build/soak.js

.PHONY: load
load: build ## Test a server with many scrapers and viewers, and write the figures
	node esbuild.config.mjs test/integration/server/measure.ts
	nice node build/measure.js

.PHONY: soak-serve
soak-serve: build ## Test a server for an hour with hostile and honest clients, and write the figures
	node esbuild.config.mjs test/integration/server/serve-soak.ts
	node build/serve-soak.js

.PHONY: test-process
test-process: build tools runtimes ## Test limits and permissions of the system and Node.js, and write the figures
	PROCESS_FIGURES=1 npx vitest run --no-file-parallelism test/integration/limits test/system/package/permissions.test.ts

# npm also fails if the registry does not support audits. Its report then contains the reason.
.PHONY: audit
audit: ## Look for known vulnerabilities in the development dependencies; the package itself has no dependencies
	@{ npm audit --json 2>/dev/null || true; } | node test/tooling/audit/audit.mjs 'building and testing'
	@{ npm audit --json --prefix test/system/runtimes 2>/dev/null || true; } | node test/tooling/audit/audit.mjs "the tests' runtimes"
	@{ npm audit --json --prefix test/system/bundlers 2>/dev/null || true; } | node test/tooling/audit/audit.mjs "the tests' bundlers"
	@{ npm audit --json --prefix test/examples 2>/dev/null || true; } | node test/tooling/audit/audit.mjs "the examples"
	@{ npm audit --json --prefix test/tooling/prose 2>/dev/null || true; } | node test/tooling/audit/audit.mjs 'the checker of prose'
	@{ npm audit --json --prefix test/tooling/reference 2>/dev/null || true; } | node test/tooling/audit/audit.mjs 'the reference of the API'

.PHONY: sbom
sbom: node_modules/.package-lock.json ## Write the bill of materials of TARBALL, or of the package of make pack, to build/chrony-wasm.cdx.json
	mkdir -p build
	node test/tooling/release/sbom.mjs $(or $(TARBALL),build/*.tgz) >build/chrony-wasm.cdx.json

.PHONY: jsr
jsr: build ## Create the package for JSR in build/jsr, with the scope SCOPE
	node test/tooling/release/jsr.mjs $(SCOPE)

.PHONY: check-release
check-release: ## Check that package.json and CHANGELOG.md are ready for the release of TAG
	@node test/tooling/release/release.mjs $(TAG)

# Each target writes its figures to build/reliability. Some take many minutes.
.PHONY: reliability
reliability: fuzz fuzz-coverage fuzz-wasm test-network test-forgery truth test-life soak soak-serve test-process test-versions load ## Measure everything in test/reliability/README.md, and update that file
	node test/reliability/table.mjs build/reliability test/reliability/README.md

.PHONY: clean
clean: ## Remove everything that was built or downloaded
	rm -rf build dist .cache node_modules $(dir $(RUNTIMES) $(BUNDLERS) $(EXAMPLES) $(PROSE) $(REFERENCE))
