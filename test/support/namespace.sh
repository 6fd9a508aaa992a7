#!/bin/sh
# Runs a command in its own namespaces, with a private /run and port 323, beside the chronyd that the first argument
# selects. Must run under `unshare --mount --net --pid --fork`; everything ends with the command.
set -eu
case=$1 chronyd=$2
shift 2

mount -t tmpfs tmpfs /run
ip link set lo up

# chronyd runs as Debian's user _chrony, which exists only if the package is installed
if ! grep -q '^_chrony:' /etc/passwd; then
  for table in passwd group; do cp "/etc/$table" "/run/$table"; done
  echo '_chrony:x:64501:64501::/run/chrony:/usr/sbin/nologin' >>/run/passwd
  echo '_chrony:x:64501:' >>/run/group
  for table in passwd group; do mount --bind "/run/$table" "/etc/$table"; done
fi

start() {
  mkdir -m 0750 -p /run/chrony
  chown _chrony:_chrony /run/chrony
  printf '%s\n' 'port 0' 'pidfile /run/chrony/chronyd.pid' "$@" >/run/chrony.conf
  "$chronyd" -d -x -u _chrony -f /run/chrony.conf >/run/chronyd.log 2>&1 &
}
until_there() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$(dirname "$chronyd")/chronyc" -n -h "$1" tracking >/dev/null 2>&1 && return
    sleep 0.1
  done
  cat /run/chronyd.log >&2
  exit 1
}

case $case in
  both)
    start
    until_there 127.0.0.1
    ;;
  udp)
    start 'bindcmdaddress /'
    until_there 127.0.0.1
    ;;
  udp6)
    start 'bindcmdaddress 127.0.0.2' 'bindcmdaddress ::1' 'bindcmdaddress /'
    until_there ::1
    ;;
  left)
    # a killed chronyd has left its socket behind
    start
    until_there 127.0.0.1
    kill -9 $!
    mv /run/chrony/chronyd.sock /run/left.sock
    start 'bindcmdaddress /'
    until_there 127.0.0.1
    mv /run/left.sock /run/chrony/chronyd.sock
    ;;
  named)
    # /etc/hosts has a name for chronyd; other names go to a DNS server, if one runs, with a timeout of 2 s
    start 'bindcmdaddress /'
    until_there 127.0.0.1
    echo '127.0.0.1 chronyd.example' >/run/hosts
    printf '%s\n' 'nameserver 127.0.0.1' 'options timeout:2 attempts:1' >/run/resolv.conf
    for table in hosts resolv.conf; do mount --bind "/run/$table" "/etc/$table"; done
    ;;
esac
"$@"
