#!/bin/bash
# Minimizes all inputs into the kept corpus: the fewest inputs with the same coverage.
set -euo pipefail

target=$1
shift

work=$(dirname "$target")
kept=test/system/fuzz/corpus
merged=$work/merged
rm -rf "$merged"
mkdir -p "$merged" "$kept"
"$target" -merge=1 -max_len=1024 "$merged" "$kept" "$@" >"$work/merge.log" 2>&1 ||
  { cat "$work/merge.log" >&2; exit 1; }
rm -rf "$kept"
mv "$merged" "$kept"
echo "$(find "$kept" -type f | wc -l) inputs kept, $(find "$kept" -type f -exec cat {} + | wc -c) bytes"
