#!/bin/bash
# Plays the kept corpus in a target that records the executed lines of the core. Prints the lines not reached.
set -euo pipefail

target=$1
shift

work=$target-data
rm -rf "$work"
mkdir -p "$work"
LLVM_PROFILE_FILE=$work/raw "$target" -runs=0 test/system/fuzz/corpus >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; exit 1; }
llvm-profdata-14 merge -o "$work/merged" "$work/raw"
llvm-cov-14 export -format=lcov -instr-profile="$work/merged" "$target" "$@" >"$work/lcov"
node test/system/fuzz/coverage.mjs "$work/lcov"
