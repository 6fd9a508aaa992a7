#!/bin/sh
# Unpacks a Debian package into FOLDER/root without installing it.
#
#   unpack.sh FOLDER PACKAGE                     from this machine's own apt sources
#   unpack.sh FOLDER PACKAGE SUITE               from a Debian suite, e.g. trixie; '' for the machine's own sources
#   unpack.sh FOLDER PACKAGE SUITE libraries     with the libraries that it links to, including the C library
#
# Needs no root. apt checks the signatures. Does nothing if FOLDER exists.
set -eu
umask 022

folder=$1
package=$2
suite=${3:-}
with_libraries=${4:-}
[ -d "$folder" ] && exit
# unpacked beside FOLDER and moved when complete, so that FOLDER is never incomplete, even with concurrent runs
new=$folder.unfinished.$$

fail() {
  log=$(tail -n 3 "$new/log" 2>/dev/null | tr '\n' ' ')
  rm -rf "$new"
  echo "$package${suite:+ of Debian $suite} could not be unpacked: $1. $log" >&2
  exit 1
}
command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "there is no apt-get to fetch it with"

rm -rf "$new"
mkdir -p "$new/apt/lists/partial" "$new/apt/archives/partial" "$new/debs" "$new/root"

# apt keeps its lists in /var/lib/apt, which belongs to root and is empty in a fresh container. In that case, and for
# another suite, apt gets separate lists in FOLDER.
own_lists="-o Dir::State::Lists=$new/apt/lists -o Dir::Cache=$new/apt -o Dir::Cache::Archives=$new/apt/archives
  -o Acquire::Languages=none -o Debug::NoLocking=1"
if [ -n "$suite" ]; then
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || fail "there are no keys to check it with; install the package debian-archive-keyring"
  echo "deb [arch=$(dpkg --print-architecture) signed-by=$keyring] http://deb.debian.org/debian $suite main" >"$new/apt/sources.list"
  # packages that are installed on this machine are irrelevant for another suite
  own_lists="$own_lists -o Dir::Etc::SourceList=$new/apt/sources.list -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::status=/dev/null"
fi

depends() {
  # shellcheck disable=SC2086 # the options are words
  apt-cache $lists depends --important "$@" 2>>"$new/log"
}
# The libraries that the package links to, directly and indirectly. Its other dependencies serve the installation.
libraries() {
  direct=$(depends "$package" | sed -n 's/^ *|*[A-Za-z]*Depends: \(lib[^<]*\)$/\1/p')
  [ -n "$direct" ] || return 1
  # shellcheck disable=SC2086 # the names are words
  depends --recurse $direct | grep '^lib' | sort -u
}
download() {
  all=
  [ -z "$with_libraries" ] || all=$(libraries) || return 1
  # shellcheck disable=SC2086 # the options and names are words
  (cd "$new/debs" && apt-get $lists -o APT::Sandbox::User= download "$package" $all) >>"$new/log" 2>&1
}
lists=
if [ -n "$suite" ] || ! download; then
  lists=$own_lists
  # shellcheck disable=SC2086
  apt-get $lists -o APT::Sandbox::User= update >>"$new/log" 2>&1 || fail "the list of packages could not be fetched"
  download || fail "it or its libraries could not be fetched"
fi
for deb in "$new"/debs/*.deb; do dpkg -x "$deb" "$new/root"; done
# only a failure needs the log, and the packages have been unpacked
rm -rf "$new/apt" "$new/debs" "$new/log"
# if a concurrent run was first, its result is the same
mv -T "$new" "$folder" 2>/dev/null || { rm -rf "$new"; [ -d "$folder" ]; }
