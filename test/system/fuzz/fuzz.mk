# Builds the fuzzing target and its first inputs. Included by the Makefile.

FUZZ := test/system/fuzz
FUZZ_BUILD := build/fuzz
FUZZ_TARGET := $(FUZZ_BUILD)/target
FUZZ_SECONDS ?= 60
FUZZ_MINUTES ?= 30

FUZZ_SOURCES := $(addprefix $(FUZZ)/, target.c client.c model.c record.c witness.c) \
  $(addprefix test/system/native/, fakes.c fields.c)
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(FUZZ_BUILD)/%.o)
FUZZ_HEADERS := $(CHRONY)/chrony.h $(CHRONY)/chrony_extensions.h $(wildcard test/system/native/*.h $(FUZZ)/*.h) $(FUZZ)/fuzz.mk wasm/build.mk
FUZZ_FLAGS := $(WARNINGS) -g -I$(CHRONY) -Itest/system/native
FUZZ_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_COVERAGE := -fsanitize=fuzzer -fprofile-instr-generate -fcoverage-mapping

# Coverage counts in the core and in the code that reads inputs, but not in the checks.
$(FUZZ_BUILD)/$(FUZZ)/target.o: FUZZ_SANITIZERS += -fsanitize=fuzzer

# Emscripten installs lld, which links in half the time.
FUZZ_LINK := clang $(FUZZ_SANITIZERS) -fsanitize=fuzzer $(if $(wildcard /usr/bin/ld.lld-14),-fuse-ld=lld) -Wl,--wrap=calloc

# The code around the core uses only the interface: it is not compiled again when a bug is planted in the core.
$(FUZZ_OBJECTS): $(FUZZ_BUILD)/%.o: %.c $(FUZZ_HEADERS) | fuzz-tools
	@mkdir -p $(@D)
	clang -O1 $(FUZZ_FLAGS) $(FUZZ_SANITIZERS) -c -o $@ $<

# The core is not optimized: the optimizer would turn branches into arithmetic, which the fuzzer does not see.
FUZZ_CORE := $(CORE_SOURCES:$(CHRONY)/%.c=$(dir $(FUZZ_TARGET))core/%.o)
$(FUZZ_CORE): $(dir $(FUZZ_TARGET))core/%.o: $(CHRONY)/%.c $(wildcard $(CHRONY)/*.h) $(FUZZ)/fuzz.mk wasm/build.mk | fuzz-tools
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) $(FUZZ_SANITIZERS) -fsanitize=fuzzer -c -o $@ $<

$(FUZZ_TARGET): $(FUZZ_OBJECTS) $(FUZZ_CORE)
	@mkdir -p $(@D)
	$(FUZZ_LINK) -o $@ $(FUZZ_OBJECTS) $(FUZZ_CORE) -lm

$(FUZZ_TARGET)-coverage: $(FUZZ_SOURCES) $(CORE_SOURCES) $(wildcard $(CHRONY)/*.h) $(FUZZ_HEADERS) | fuzz-tools
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) $(FUZZ_COVERAGE) -Wl,--wrap=calloc -o $@ $(FUZZ_SOURCES) $(CORE_SOURCES) -lm

# The first inputs: captured answers of real and mock servers, and random scripts.
$(FUZZ_BUILD)/seeds: node_modules/.package-lock.json $(wildcard $(FUZZ)/*.ts test/system/native/*.ts) | fuzz-tools
	rm -rf $@
	node esbuild.config.mjs $(FUZZ)/seeds.ts
	node build/seeds.js $@
	@touch $@

.PHONY: fuzz-tools
fuzz-tools:
	@test/support/install.sh gcc clang libclang-rt-14-dev
