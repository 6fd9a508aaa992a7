#!/bin/sh
# Unpacks Debian's chrony into a folder and never installs it: that would replace and start the machine's time
# service. Afterwards FOLDER/bin holds chronyd and chronyc. They run by the libraries, the C library and the
# loader that were unpacked with them, so they need not fit to this machine.
#
#   unpack-chrony.sh FOLDER          the chrony of this machine's own apt sources
#   unpack-chrony.sh FOLDER SUITE    the chrony of one of Debian's suites, e.g. trixie
#
# Needs no root. apt checks the signatures.
set -eu
umask 022

folder=$1
suite=${2:-}
# what is there is whole: nothing takes its place before it is
new=$folder.new

fail() {
  log=$(tail -n 3 "$new/log" 2>/dev/null | tr '\n' ' ')
  rm -rf "$new"
  echo "chrony${suite:+ of Debian $suite} could not be unpacked: $1. $log" >&2
  exit 1
}
command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "there is no apt-get to fetch it with"

rm -rf "$new"
mkdir -p "$new/apt/lists/partial" "$new/apt/archives/partial" "$new/debs" "$new/root" "$new/bin"

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
# Fetches chrony with what it links to, and what those link to. Its other dependencies are for its installation.
download() {
  direct=$(depends chrony | sed -n 's/^ *|*[A-Za-z]*Depends: \(lib[^<]*\)$/\1/p')
  [ -n "$direct" ] || return 1
  # shellcheck disable=SC2086 # the options and names are words
  all=$(depends --recurse $direct | grep '^lib' | sort -u)
  # shellcheck disable=SC2086
  (cd "$new/debs" && apt-get $lists -o APT::Sandbox::User= download chrony $all) >>"$new/log" 2>&1
}
lists=
if [ -n "$suite" ] || ! download; then
  lists=$own_lists
  # shellcheck disable=SC2086
  apt-get $lists -o APT::Sandbox::User= update >>"$new/log" 2>&1 || fail "the list of packages could not be fetched"
  download || fail "the package or its libraries could not be fetched"
fi
for deb in "$new"/debs/*.deb; do dpkg -x "$deb" "$new/root"; done

# Debian 13 moved the libraries from /lib into /usr/lib
loader=
libraries=
for place in usr/lib lib; do
  for path in "$new/root/$place"/*-linux-gnu*; do
    [ -d "$path" ] || continue
    relative=root/${path#"$new/root/"}
    libraries=${libraries:+$libraries:}$folder/$relative
    for file in "$path"/ld-linux*.so.* "$path"/ld64.so.*; do
      [ -x "$file" ] && loader=$folder/$relative/$(basename "$file")
    done
  done
done
[ -n "$loader" ] || fail "no loader came with the C library"

for program in sbin/chronyd bin/chronyc; do
  wrapper=$new/bin/$(basename "$program")
  cat >"$wrapper" <<END
#!/bin/sh
exec '$loader' --library-path '$libraries' '$folder/root/usr/$program' "\$@"
END
  chmod 755 "$wrapper"
done

rm -rf "$folder"
# the log is for failures, the rest has been unpacked
rm -rf "$new/apt" "$new/debs" "$new/log"
mv "$new" "$folder"
for program in chronyd chronyc; do
  "$folder/bin/$program" --version >/dev/null || { rm -rf "$folder"; fail "$program does not run"; }
done
