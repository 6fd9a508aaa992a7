#!/bin/bash
# Builds an image of this folder from a clone of HEAD, on a minimal Debian, and runs make targets in it. Uses Buildah and
# debootstrap, so it needs neither Docker nor an image registry. Needs root.
#
#   fresh.sh NAME.Dockerfile [TARGET...]     runs each target, e.g. demo 'test TESTS="test/unit test/integration/cli"'
#
# It uses namespaces and a temporary folder, so that no process, mount or image remains, even after a failure. Only the
# base image is kept, as a tarball in .cache.
set -euo pipefail
umask 022

root=$(cd "$(dirname "$0")/.." && pwd)
if [[ ${1:-} != --inside ]]; then
  [[ $(id -u) -eq 0 ]] || { echo 'fresh.sh: needs root to create namespaces: sudo make test-fresh' >&2; exit 1; }
  "$root/test/support/install.sh" debootstrap buildah
  temp=$(mktemp -d -p /var/tmp)
  unshare --mount --pid --fork --kill-child --mount-proc "$0" --inside "$temp" "$@" &
  machine=$!
  trap '{ kill -KILL $machine || true; wait $machine || true; } 2>/dev/null; rm -rf "$temp"' EXIT
  wait $machine
  exit
fi
temp=$2
dockerfile=docker/$3
shift 3

say() {
  echo "== $*"
}
image() {
  TMPDIR=$temp buildah --root "$temp/images" --runroot "$temp/run" --storage-driver overlay "$@"
}

# Makes a base image with the content of the official image of this name: Debian, Node.js, npm, and the user node.
make_base() {
  local version=${1#node:}
  say "debootstrap: Debian 12, Node.js ${version%%-*}"
  debootstrap --variant=minbase bookworm "$temp/base" http://deb.debian.org/debian >"$temp/log" ||
    { tail -n 5 "$temp/log" >&2; return 1; }
  npm install --global --silent --no-audit --no-fund --ignore-scripts --prefix "$temp/base/usr/local" \
    "node-linux-$(node -p process.arch)@${version%%-*}" npm@10
  chroot "$temp/base" useradd --create-home --shell /bin/bash node
  rm -rf "$temp"/base/var/cache/apt/archives/*.deb "$temp"/base/var/lib/apt/lists/*
  # Renaming makes sure that an existing tarball is complete.
  tar -C "$temp/base" -c . >"$2.new"
  mv "$2.new" "$2"
  rm -rf "$temp/base"
}

git clone --quiet --depth 1 "file://$root" "$temp/clone"
cd "$temp/clone"

base=$(sed -n 's/^FROM \(node:[^ ]*\).*/\1/p' "$dockerfile")
tarball=$root/.cache/images/${base#node:}.tar
mkdir -p "${tarball%/*}"
[[ -f $tarball ]] || make_base "$base" "$tarball"

container=$(image from scratch)
image add --quiet "$container" "$tarball" / >/dev/null
# Behind a proxy with its own certificate, npm in the container needs that certificate. It is not in /run, which some tests replace.
volume=()
if [[ -n ${NODE_EXTRA_CA_CERTS:-} ]]; then
  volume=(--volume "$NODE_EXTRA_CA_CERTS:/certificates.crt:ro")
  image config --env NODE_EXTRA_CA_CERTS=/certificates.crt "$container"
fi
image commit --quiet --rm "$container" "docker.io/library/$base" >/dev/null

say "docker build -f $dockerfile ."
image build --isolation chroot --pull-never --layers=false "${volume[@]}" --tag fresh -f "$dockerfile" .
container=$(image from --pull-never fresh)
for target in "$@"; do
  say "make $target"
  # Adds the same capabilities as docker/compose.yaml.
  image run --isolation chroot --cap-add CAP_SYS_ADMIN --cap-add CAP_NET_ADMIN "${volume[@]}" "$container" -- \
    sh -c "make $target"
done
