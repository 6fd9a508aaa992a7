#!/bin/sh
# Builds libchrony.wasm from a copy of the sources in a temporary folder and compares it with the committed one.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT INT TERM

describe() {
  printf '%-10s %6d bytes  SHA-256 %s\n' "$1" "$(wc -c <"$2")" "$(sha256sum "$2" | cut -d' ' -f1)"
}

emcc --version | head -n 1
clang-14 --version 2>/dev/null | head -n 1 || true
wasm-opt --version

mkdir -p "$elsewhere/third_party" "$elsewhere/wasm"
cp -R "$root/third_party/libchrony" "$elsewhere/third_party/"
cp "$root"/wasm/* "$elsewhere/wasm/"
rm "$elsewhere/wasm/libchrony.wasm"
make -s -C "$elsewhere" -f wasm/build.mk WASM=rebuilt.wasm wasm-binary

describe committed "$root/wasm/libchrony.wasm"
describe rebuilt "$elsewhere/rebuilt.wasm"
if cmp "$root/wasm/libchrony.wasm" "$elsewhere/rebuilt.wasm"; then
  echo 'verify-wasm: the committed binary is what the sources make'
else
  echo 'verify-wasm: the committed binary differs from what the sources make; run make wasm and commit the result' >&2
  exit 1
fi
