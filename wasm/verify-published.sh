#!/bin/sh
# Says whether a published package is what this source makes: builds the binary and the package anew in a temporary
# folder, and compares every file with those of the tarball, byte for byte. The bundle holds the binary, too.
#
#   verify-published.sh VERSION     the chrony-wasm of that version, from the npm registry
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
  node -p 'JSON.parse(fs.readFileSync(process.argv[1], "utf8")).version' "$1" 2>/dev/null || fail "$1 is no package.json"
}

mkdir "$temp/published" "$temp/source" "$temp/made"
case ${1:-} in
'') fail 'say which: VERSION=0.1.0 or TARBALL=path' ;;
*.tgz) tarball=$1 ;;
*)
  tarball=$temp/$(cd "$temp" && npm pack --silent "chrony-wasm@$1") || fail "npm has no chrony-wasm $1"
  ;;
esac
tar -xzf "$tarball" -C "$temp/published" 2>/dev/null || fail "$tarball is no tarball of a package"
published=$temp/published/package
[ -f "$published/package.json" ] || fail "$tarball is no tarball of a package"
version=$(version_in "$published/package.json")
here=$(version_in "$root/package.json")
[ "$version" = "$here" ] || fail "that is version $version, and this the source of $here; git checkout v$version"

# what was installed by the lock file is the same everywhere
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
diff -rq "$published" "$temp/made/package" | sed "s:$temp/made/package:what the source makes:g; s:$published:what is published:g" >"$temp/differences"
if [ -s "$temp/differences" ]; then
  cat "$temp/differences" >&2
  fail "the published package $version is NOT what this source makes"
fi
echo "verify-published: all $(find "$published" -type f | wc -l) files of chrony-wasm $version are what this source makes, the binary in them, too"
