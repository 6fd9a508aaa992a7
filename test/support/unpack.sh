#!/bin/sh
# Unpacks one of Debian's packages into FOLDER/root, and never installs it.
#
#   unpack.sh FOLDER PACKAGE                     from this machine's own apt sources
#   unpack.sh FOLDER PACKAGE SUITE               from one of Debian's suites, e.g. trixie; '' for the same as above
#   unpack.sh FOLDER PACKAGE SUITE libraries     with the libraries that it links to, and the C library
#
# Needs no root. apt checks the signatures. Where FOLDER is there, nothing is done.
set -eu
umask 022

folder=$1
package=$2
suite=${3:-}
with_libraries=${4:-}
[ -d "$folder" ] && exit
# what is there is whole: nothing takes its place before it is, whoever else unpacks the same
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

# apt keeps its lists in /var/lib/apt, which is root's and empty in a fresh container: there, and for another
# suite, it gets lists of its own here
own_lists="-o Dir::State::Lists=$new/apt/lists -o Dir::Cache=$new/apt -o Dir::Cache::Archives=$new/apt/archives
  -o Acquire::Languages=none -o Debug::NoLocking=1"
if [ -n "$suite" ]; then
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || fail "there are no keys to check it with; install the package debian-archive-keyring"
  echo "deb [arch=$(dpkg --print-architecture) signed-by=$keyring] http://deb.debian.org/debian $suite main" >"$new/apt/sources.list"
  # what this machine has installed does not count there
  own_lists="$own_lists -o Dir::Etc::SourceList=$new/apt/sources.list -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::status=/dev/null"
fi

depends() {
  # shellcheck disable=SC2086 # the options are words
  apt-cache $lists depends --important "$@" 2>>"$new/log"
}
# What it links to, and what those link to. Its other dependencies are for its installation.
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
# the log is for failures, the rest has been unpacked
rm -rf "$new/apt" "$new/debs" "$new/log"
# whoever was first made the same
mv -T "$new" "$folder" 2>/dev/null || { rm -rf "$new"; [ -d "$folder" ]; }
