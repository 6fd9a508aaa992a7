#!/bin/sh
# Prints the folder that holds bin/chronyd and bin/chronyc, for tests and the demonstration.
#
# They are the system's where chrony is installed. Where it is not, Debian's package is unpacked into a cache
# in this checkout and never installed: installing it would replace and start the machine's time service.
# Needs no root.
set -eu
umask 022

cache=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)/.cache/chrony
tools=$cache/tools
PATH=$PATH:/usr/sbin:/sbin

if [ -x "$tools/bin/chronyd" ] && [ -x "$tools/bin/chronyc" ]; then
  echo "$tools"
  exit
fi
rm -rf "$cache"
mkdir -p "$tools/bin"

if command -v chronyd >/dev/null && command -v chronyc >/dev/null; then
  ln -s "$(command -v chronyd)" "$(command -v chronyc)" "$tools/bin"
  echo "$tools"
  exit
fi

fail() {
  rm -rf "$cache"
  echo "chronyd is not installed, and $1. Install the package chrony, or run this on Debian or Ubuntu." >&2
  exit 1
}
command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "there is no apt-get to fetch it with"

# apt keeps its lists in /var/lib/apt, which is root's and empty in a fresh container: then it gets lists of
# its own here
apt=$cache/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$cache/debs"
own_lists="-o Dir::State::Lists=$apt/lists -o Dir::Cache=$apt -o Dir::Cache::Archives=$apt/archives -o Debug::NoLocking=1 -o APT::Sandbox::User="
download() {
  # shellcheck disable=SC2086 # the options are words
  (cd "$cache/debs" && apt-get $lists download "$@") >>"$cache/log" 2>&1
}
lists="-o APT::Sandbox::User="
if ! download chrony; then
  lists=$own_lists
  # shellcheck disable=SC2086
  apt-get $lists update >>"$cache/log" 2>&1 || fail "Debian's package could not be fetched: $(tail -n 1 "$cache/log")"
  download chrony || fail "Debian's package could not be fetched: $(tail -n 1 "$cache/log")"
fi

unpack() {
  for deb in "$cache"/debs/*.deb; do dpkg -x "$deb" "$cache/root"; done
  rm "$cache"/debs/*.deb
}
missing_libraries() {
  for program in sbin/chronyd bin/chronyc; do
    LD_LIBRARY_PATH=$libraries ldd "$cache/root/usr/$program"
  done | grep -q 'not found'
}
dependencies=$(dpkg-deb -f "$cache"/debs/chrony_*.deb Depends)
unpack
libraries=$cache/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
if missing_libraries; then
  # what chrony links to, and what those link to
  direct=$(echo "$dependencies" | tr ', ' '\n' | grep '^lib' | grep -v '^libc6$')
  # shellcheck disable=SC2086
  all=$(apt-cache $lists depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances $direct | grep '^lib' | sort -u)
  # shellcheck disable=SC2086
  download $all || fail "the libraries it needs could not be fetched: $(tail -n 1 "$cache/log")"
  unpack
  missing_libraries && fail "libraries that it needs are missing"
fi
rm -rf "$apt" "$cache/debs"

for program in sbin/chronyd bin/chronyc; do
  name=$(basename "$program")
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "'$libraries'" "'$cache/root/usr/$program'" >"$tools/bin/$name"
  chmod 755 "$tools/bin/$name"
done
echo "$tools"
