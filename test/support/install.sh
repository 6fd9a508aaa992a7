#!/bin/sh
# Ensures that Debian packages are installed: as root it installs the missing ones, else it prints what to install.
set -eu

missing=
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "needed and not installed:$missing. Install with: sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# prints every fiftieth step, since the installation may take minutes
progress() {
  awk '/^(Get:|Unpacking|Setting up)/ && ++n % 50 == 0 { print "  " $0; fflush() }'
}
# reports failure through a file, since a pipe loses the exit status of apt-get
install() {
  # shellcheck disable=SC2086 # the names are words
  { apt-get install -y --no-install-recommends $missing 2>"$log" || echo failed >>"$log.failed"; } | progress
  [ ! -e "$log.failed" ]
}
log=$(mktemp)
trap 'rm -f "$log" "$log.failed"' EXIT
echo "installing Debian packages:$missing"
install || {
  # the package lists may be outdated or missing
  rm -f "$log.failed"
  apt-get update -qq 2>>"$log" && install || {
    tail -n 5 "$log" >&2
    echo "could not be installed:$missing. Is there a network, and room on the disk?" >&2
    exit 1
  }
}
