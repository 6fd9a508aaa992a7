# How the binary is built. Included by the Makefile; WASM says where it goes.
#
# With Debian 12's emscripten everybody gets the same bytes: nothing here depends on where, when or by whom
# it is built. Other versions make a binary that works, with other bytes.

CHRONY := third_party/libchrony
CORE_SOURCES := $(addprefix $(CHRONY)/, error.c field.c report.c session.c wire.c)
WASM_SOURCES := wasm/glue.c wasm/libc.c $(CORE_SOURCES)

WARNINGS := -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror

# The sources are handed to the linker as bitcode, so that it can inline the core's getters into the glue: reading a
# record takes a quarter of the time that it takes with -Os. (With -flto it would look for Emscripten's libraries as bitcode, too, and count all
# that it finds as linked.)
OPTIMIZE := -O3 -fno-unroll-loops -Xclang -emit-llvm-bc

# One page of memory to begin with, which holds fifty sessions; the limit keeps a fault from taking the
# machine's.
# time_t has 64 bits: wasm/time64.h.
EMCC_FLAGS := $(WARNINGS) $(OPTIMIZE) -I$(CHRONY) -include wasm/time64.h \
  -sSTANDALONE_WASM --no-entry \
  -sEXPORTED_FUNCTIONS=@wasm/exports.txt --js-library wasm/imports.js \
  -sREVERSE_DEPS=none -sSUPPORT_ERRNO=0 -sFILESYSTEM=0 \
  -sMALLOC=emmalloc -sTOTAL_STACK=16KB -sINITIAL_MEMORY=64KB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=64MB

.PHONY: wasm-binary
wasm-binary:
	emcc $(EMCC_FLAGS) -Wl,--trace -o $(WASM) $(WASM_SOURCES) | sed -n 's|^.*/\(lib[^/]*\.a(.*)\)$$|\1|p' | LC_ALL=C sort >$(WASM).linked
	@diff wasm/linked.txt $(WASM).linked || \
	  { echo 'other parts of libraries are linked than wasm/linked.txt names: change it, and wasm/notice.mjs where they are of others' >&2; exit 1; }
	@rm $(WASM).linked
	chmod 644 $(WASM)
