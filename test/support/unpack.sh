#!/bin/sh
# Prints the folder of a Debian package's files, which are unpacked into a cache in this checkout and never
# installed. Needs no root.
set -eu
umask 022

package=$1
cache=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)/.cache/$package
if [ -d "$cache/root" ]; then
  echo "$cache/root"
  exit
fi
rm -rf "$cache"

fail() {
  rm -rf "$cache"
  echo "Debian's package $package is needed, and $1" >&2
  exit 1
}
command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "there is no apt-get to fetch it with"

# apt's lists are root's and empty in a fresh container: then it gets lists of its own here
apt=$cache/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$cache/debs"
own_lists="-o Dir::State::Lists=$apt/lists -o Dir::Cache=$apt -o Dir::Cache::Archives=$apt/archives -o Debug::NoLocking=1 -o APT::Sandbox::User="
lists="-o APT::Sandbox::User="
download() {
  # shellcheck disable=SC2086 # the options are words
  (cd "$cache/debs" && apt-get $lists download "$package") >>"$cache/log" 2>&1
}
if ! download; then
  lists=$own_lists
  # shellcheck disable=SC2086
  apt-get $lists update >>"$cache/log" 2>&1 || fail "could not be fetched: $(tail -n 1 "$cache/log")"
  download || fail "could not be fetched: $(tail -n 1 "$cache/log")"
fi
dpkg -x "$cache"/debs/*.deb "$cache/unpacked"
rm -rf "$apt" "$cache/debs"
mv "$cache/unpacked" "$cache/root"
echo "$cache/root"
