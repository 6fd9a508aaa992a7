#!/bin/sh
# Prints the folder that holds bin/chronyd and bin/chronyc, for tests and the demonstration. Needs no root.
#
#   find-chrony.sh          the system's chrony if installed, else Debian's, unpacked into .cache
#   find-chrony.sh SUITE    the chrony of a Debian suite, e.g. trixie, unpacked into .cache
set -eu
umask 022

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cache=$(dirname -- "$(dirname -- "$here")")/.cache
suite=${1:-}
tools=$cache/chrony${suite:+-versions/$suite}
PATH=$PATH:/usr/sbin:/sbin

if [ ! -x "$tools/bin/chronyd" ] || [ ! -x "$tools/bin/chronyc" ]; then
  if [ -z "$suite" ] && command -v chronyd >/dev/null && command -v chronyc >/dev/null; then
    rm -rf "$tools"
    mkdir -p "$tools/bin"
    ln -s "$(command -v chronyd)" "$(command -v chronyc)" "$tools/bin"
  else
    # shellcheck disable=SC2086 # without a suite, no argument
    "$here/unpack-chrony.sh" "$tools" $suite || {
      echo "Tests need chronyd: install the package chrony, or run them on Debian or Ubuntu." >&2
      exit 1
    }
  fi
fi
echo "$tools"
