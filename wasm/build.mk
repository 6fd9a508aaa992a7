# Builds the binary. Included by the Makefile. WASM is the path of the output.
#
# With Debian 12's emscripten the build is reproducible: the bytes depend neither on the place, nor on the time, nor on
# the user. Other versions of emscripten build a working binary with different bytes.

CHRONY := third_party/libchrony
CORE_SOURCES := $(addprefix $(CHRONY)/, error.c field.c report.c session.c wire.c)
WASM_SOURCES := wasm/glue.c wasm/libc.c $(CORE_SOURCES)

WARNINGS := -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror

# The linker gets the sources as bitcode, so that it can inline the core's getters into the glue: reading a record takes
# a quarter of the time that it takes with -Os. -flto is not used, because it would also use the bitcode of Emscripten's
# libraries, and list every object of them as linked.
OPTIMIZE := -O3 -fno-unroll-loops -Xclang -emit-llvm-bc

# The memory starts with one page, which is enough for fifty sessions. The maximum protects the machine's memory from a
# bug. wasm/time64.h makes time_t 64 bits long.
EMCC_FLAGS := $(WARNINGS) $(OPTIMIZE) -I$(CHRONY) -include wasm/time64.h \
  -sSTANDALONE_WASM --no-entry \
  -sEXPORTED_FUNCTIONS=@wasm/exports.txt --js-library wasm/imports.js \
  -sREVERSE_DEPS=none -sSUPPORT_ERRNO=0 -sFILESYSTEM=0 \
  -sMALLOC=emmalloc -sTOTAL_STACK=16KB -sINITIAL_MEMORY=64KB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=64MB

.PHONY: wasm-binary
wasm-binary:
	emcc $(EMCC_FLAGS) -Wl,--trace -o $(WASM) $(WASM_SOURCES) | sed -n 's|^.*/\(lib[^/]*\.a(.*)\)$$|\1|p' | LC_ALL=C sort >$(WASM).linked
	@diff wasm/linked.txt $(WASM).linked || \
	  { echo 'the linked objects differ from wasm/linked.txt: update it, and wasm/notice.mjs for a new library' >&2; \
	    exit 1; }
	@rm $(WASM).linked
	chmod 644 $(WASM)
