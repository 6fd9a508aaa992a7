#!/bin/sh
# Verifies that a published package was built from this source. Rebuilds the binary and the package in a temporary
# folder, and compares every file with the tarball, byte for byte. This covers the copy of the binary in the bundle.
#
#   verify-published.sh VERSION     that version of chrony-wasm, from the npm registry
#   verify-published.sh FILE.tgz    a tarball
set -eu
umask 022

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT INT TERM

fail() {
  echo "verify-published: $1" >&2
  exit 1
}
version_in() {
  node -p 'JSON.parse(fs.readFileSync(process.argv[1], "utf8")).version' "$1" 2>/dev/null || fail "$1 is not a valid package.json"
}

mkdir "$temp/published" "$temp/source" "$temp/made"
case ${1:-} in
'') fail 'missing argument: VERSION=0.1.0 or TARBALL=path' ;;
*.tgz) tarball=$1 ;;
*)
  tarball=$temp/$(cd "$temp" && npm pack --silent "chrony-wasm@$1") || fail "npm has no chrony-wasm $1"
  ;;
esac
tar -xzf "$tarball" -C "$temp/published" 2>/dev/null || fail "$tarball is not a package tarball"
published=$temp/published/package
[ -f "$published/package.json" ] || fail "$tarball is not a package tarball"
version=$(version_in "$published/package.json")
here=$(version_in "$root/package.json")
[ "$version" = "$here" ] ||
  fail "the package is version $version, but this is the source of $here; git checkout v$version"

# the lock file pins the installed packages, so node_modules needs no copy
tar -C "$root" --exclude-vcs --exclude=node_modules --exclude=.cache --exclude=./build --exclude=./dist -c . |
  tar -x -C "$temp/source"
ln -s "$root/node_modules" "$temp/source/node_modules"
cd "$temp/source"
rm wasm/libchrony.wasm
echo 'building the binary: some ten seconds'
make -s WASM=wasm/libchrony.wasm wasm-binary
echo 'building the package: some ten seconds'
npm run --silent build
tar -xzf "$(npm pack --silent)" -C "$temp/made"

(cd "$published" && sha256sum dist/libchrony.wasm dist/index.cjs)
diff -rq "$published" "$temp/made/package" | sed "s:$temp/made/package:rebuilt:g; s:$published:published:g" >"$temp/differences"
if [ -s "$temp/differences" ]; then
  cat "$temp/differences" >&2
  fail "the published package $version does NOT match this source"
fi
files=$(find "$published" -type f | wc -l)
echo "verify-published: all $files files of chrony-wasm $version match this source, including the binary"
