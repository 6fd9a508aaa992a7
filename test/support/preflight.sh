#!/bin/sh
# Prints, before a long silent step, what make is about to fetch, the disk space and time needed, and what is already
# installed. Fails with one clear message if make cannot fetch a missing part. Prints nothing if nothing is missing.
#
#   preflight.sh NAME PART... [apt PACKAGE...]     NAME is the target of make; the parts are in the case below
set -eu

name=$1
shift
here=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$here"

fail() {
  echo "make $name: $1" >&2
  exit 1
}

first=20.19
command -v node >/dev/null || fail "there is no Node.js: install Node.js $first or later, from https://nodejs.org"
version=$(node -p process.versions.node)
node -e "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)" ||
  fail "Node.js $version is too old: install $first or later, from https://nodejs.org"
command -v npm >/dev/null || fail "there is no npm: it comes with Node.js, or in a package of its own"
[ -w . ] || fail "$here cannot be written to by $(id -un): make a clone that is yours"

megabytes=0
seconds=0
missing=
there=
# Arguments: the part, `yes` if it is installed, its size on disk in MB, and the seconds to fetch it on a fast network.
part() {
  if [ "$2" = yes ]; then
    there="$there
  there     $1"
  else
    missing="$missing
  to fetch  $1: about $3 MB"
    megabytes=$((megabytes + $3))
    seconds=$((seconds + $4))
  fi
}
# Prints `yes` if the packages were installed from the current lock file.
locked() {
  if [ -e "$1/node_modules/.package-lock.json" ] && [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
    echo yes
  fi
}
exists() {
  if [ -e "$1" ]; then echo yes; fi
}

while [ $# -gt 0 ]; do
  case $1 in
  npm) part "npm packages to build and test" "$(locked .)" 310 30 ;;
  chronyd)
    if command -v chronyd >/dev/null && command -v chronyc >/dev/null; then
      part "chronyd (this machine's)" yes
    else
      part "chronyd (Debian's, unpacked into .cache)" "$(exists .cache/chrony/bin/chronyd)" 25 10
    fi
    ;;
  prometheus) part "Prometheus (Debian's, unpacked into .cache)" "$(exists .cache/prometheus)" 95 15 ;;
  runtimes) part "Bun, Deno and Node.js 20 to 26" "$(locked test/system/runtimes)" 935 60 ;;
  bundlers) part "bundlers, package managers and older versions of TypeScript" "$(locked test/system/bundlers)" 185 20 ;;
  prose) part "the checker of prose" "$(locked test/tooling/prose)" 30 5 ;;
  examples) part "packages of the examples" "$(locked test/examples)" 10 5 ;;
  apt) break ;;
  *) fail "preflight.sh knows no $1" ;;
  esac
  shift
done
if [ $# -gt 0 ]; then
  shift
  packages=
  size=0
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
    packages="$packages $package"
    # sizes in MB, with dependencies
    case $package in
    emscripten) size=$((size + 1100)) ;;
    chromium) size=$((size + 700)) ;;
    clang | libclang-rt-14-dev) size=$((size + 250)) ;;
    *) size=$((size + 25)) ;;
    esac
  done
  if [ -z "$packages" ]; then
    part "Debian packages: $*" yes
  elif ! command -v apt-get >/dev/null; then
    fail "there is no apt-get to install with:$packages; use Debian 12, or a container (docker/compose.yaml)"
  elif [ "$(id -u)" -ne 0 ]; then
    fail "needed and not installed:$packages. Install with: sudo apt-get install --no-install-recommends$packages"
  else
    part "Debian packages:$packages" '' "$size" $((size / 15))
  fi
fi
[ -n "$missing" ] || exit 0

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
echo "make $name:$missing$there
  disk      $megabytes MB of $free MB free in $here
  time      about $((seconds / 60 + 1)) min on a fast network, before it begins"
[ "$free" -gt "$megabytes" ] ||
  fail "there is too little disk for that: free some, or make a clone on another disk"
