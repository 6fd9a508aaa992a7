#!/bin/sh
# Builds libchrony.wasm twice, in two temporary folders, the second time as if on another machine. Compares both with
# the committed binary.
set -eu
umask 022

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT INT TERM
chmod 711 "$temp"

copy_sources() {
  mkdir -p "$1/third_party"
  cp -R "$root/third_party/libchrony" "$1/third_party/"
  cp -R "$root/wasm" "$1/"
  rm "$1/wasm/libchrony.wasm"
}

# build FOLDER CORES PREFIX...: PREFIX is a command that runs make
build() {
  folder=$1
  cores=$2
  shift 2
  "$@" make -s -j "$cores" -C "$folder" -f wasm/build.mk WASM=rebuilt.wasm wasm-binary
}

# Simulates another machine: another user, home, temporary folder, umask, language, time zone and time; other times of
# the files, number of cores and order of Python's sets; and a longer path.
as_elsewhere() {
  "$root/test/support/unpack.sh" "$root/.cache/libfaketime" libfaketime
  "$root/test/support/unpack.sh" "$root/.cache/locales" locales
  faketime=$(find "$root/.cache/libfaketime/root" -name libfaketimeMT.so.1)
  mkdir -p "$elsewhere/home" "$elsewhere/tmp" "$elsewhere/locales"
  # the other user may not have access to our folders
  cp "$faketime" "$elsewhere/libfaketime.so"
  I18NPATH=$root/.cache/locales/root/usr/share/i18n \
    localedef -i tr_TR -f UTF-8 "$elsewhere/locales/tr_TR.UTF-8"
  find "$elsewhere" -exec touch -h -d 2001-02-03T04:05:06Z {} +

  user=
  if [ "$(id -u)" -eq 0 ]; then
    chown -R 65534:65534 "$elsewhere"
    user='setpriv --reuid=65534 --regid=65534 --clear-groups'
  fi
  # shellcheck disable=SC2086 # the words of a command
  (umask 077 && build "$elsewhere" 4 $user env -i PATH="$PATH" HOME="$elsewhere/home" TMPDIR="$elsewhere/tmp" \
    LOCPATH="$elsewhere/locales" LC_ALL=tr_TR.UTF-8 TZ=ELSEWHERE-13:45 \
    LD_PRELOAD="$elsewhere/libfaketime.so" FAKETIME=+4000d NO_FAKE_STAT=1 SOURCE_DATE_EPOCH=981173106 \
    EMCC_CORES=4 PYTHONHASHSEED=1)
}

describe() {
  printf '%-10s %6d bytes  SHA-256 %s\n' "$1" "$(wc -c <"$2")" "$(sha256sum "$2" | cut -d' ' -f1)"
}

emcc --version | sed -n 1p
clang-14 --version 2>/dev/null | sed -n 1p || true
wasm-opt --version

here=$temp/here
elsewhere=$temp/another/folder/with-a-longer-path
copy_sources "$here"
copy_sources "$elsewhere"
echo "building it here: some ten seconds"
build "$here" 1 env EMCC_CORES=1 PYTHONHASHSEED=0
echo "building it as if on another machine"
as_elsewhere

describe committed "$root/wasm/libchrony.wasm"
describe rebuilt "$here/rebuilt.wasm"
describe elsewhere "$elsewhere/rebuilt.wasm"
if ! cmp "$here/rebuilt.wasm" "$elsewhere/rebuilt.wasm"; then
  echo 'verify-wasm: the binary depends on the place, the time or the user of the build' >&2
  exit 1
elif ! cmp "$root/wasm/libchrony.wasm" "$here/rebuilt.wasm"; then
  echo 'verify-wasm: the committed binary does not match the sources; run make wasm and commit the result' >&2
  exit 1
fi
echo 'verify-wasm: the committed binary matches the sources'
